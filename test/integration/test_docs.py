"""The documents do what they say: shell examples that are marked ```sh run are run, each document in a folder
of its own that looks like a fresh checkout after `make`; links and headings lead somewhere; tests that are
named exist, are run, and speak of what they are named for; manual pages are whole."""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest

from lib_servers import BUILD, ROOT

BLOCK = re.compile(r"^```sh run\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
NAMED_TEST = re.compile(r"`((?:test|fuzz)_[a-z0-9_]+(?:\.py|\.c)?)`")
DOCUMENTS = sorted(
    p for p in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("test/**/*.md")] if p.is_file()
)


def blocks_of(document):
    return BLOCK.findall(document.read_text(encoding="utf-8"))


RUNNABLE = [d for d in DOCUMENTS if blocks_of(d)]


def name_of(document):
    return str(document.relative_to(ROOT))


def checkout(folder):
    """What an example may touch: copies of the examples, links to the programs."""
    for name in ("examples", "share", "tour"):
        if (ROOT / name).exists():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "build").mkdir()
    for program in ("sallyport", "sallyportd", "ngx_http_sallyport_module.so"):
        (folder / "build" / program).symlink_to(BUILD / program)


def run(script, folder):
    """The block in a shell that stops at the first failure; the environment holds no credential."""
    env = {"PATH": f"{BUILD}:{os.environ['PATH']}", "HOME": str(folder), "LANG": "C.UTF-8"}
    command = ["bash", "-euo", "pipefail", "-c", script]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("document", RUNNABLE, ids=name_of)
def test_examples_run(document, tmp_path):
    checkout(tmp_path)
    for script in blocks_of(document):
        done = run(script, tmp_path)
        assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"


def test_the_readme_has_an_example():
    assert ROOT / "README.md" in RUNNABLE


def test_an_example_that_fails_is_noticed(tmp_path):
    checkout(tmp_path)
    assert run("build/sallyport check -c nowhere.yaml\necho unreached", tmp_path).returncode == 1
    assert "unreached" not in run("false | cat\necho unreached", tmp_path).stdout


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_links_lead_somewhere(document):
    targets = [
        t
        for t in LINK.findall(document.read_text(encoding="utf-8"))
        if "://" not in t and not t.startswith("mailto:")
    ]
    missing = [t for t in targets if not (document.parent / t).exists()]
    assert not missing, f"{name_of(document)} links to {missing}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_anchors_are_headings(document):
    text = document.read_text(encoding="utf-8")
    for target, anchor in re.findall(r"\]\(([^)#\s]*)#([^)\s]+)\)", text):
        if "://" not in target:
            there = (document.parent / target).read_text(encoding="utf-8") if target else text
            words = [h.lower() for h in re.findall(r"^#+ (.+)$", there, re.MULTILINE)]
            headings = {re.sub(r"[^\w\- ]", "", w).strip().replace(" ", "-") for w in words}
            assert anchor in headings, f"{name_of(document)} links to {target}#{anchor}"


def sources_of_tests():
    """Each test by the name that documents call it by."""
    sources = {p.name: p for p in (ROOT / "test").rglob("*.py")}
    programs = list((ROOT / "test").rglob("*.c"))
    return {**sources, **{p.name: p for p in programs}, **{p.stem: p for p in programs}}


TESTS = sources_of_tests()


def is_run(path):
    """A program in the table of its folder, a Python file with a test in it."""
    if path.suffix == ".py":
        return bool(re.search(r"^(async )?def test_", path.read_text(encoding="utf-8"), re.MULTILINE))
    table = (path.parent / "meson.build").read_text(encoding="utf-8")
    return f"'{path.stem.removeprefix('fuzz_')}'" in table


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_promised_tests_exist_and_are_run(document):
    """Each invariant and each threat names the test that fails without its control."""
    named = set(NAMED_TEST.findall(document.read_text(encoding="utf-8")))
    assert len(named) > 5 or document.name not in ("ARCHITECTURE.md", "SECURITY.md")
    missing = sorted(name for name in named if name not in TESTS or not is_run(TESTS[name]))
    assert not missing, f"{name_of(document)} promises {missing}"


def promises():
    """Rows of tables that name tests and functions: (row, names of tests, functions)."""
    for document in DOCUMENTS:
        for row in re.findall(r"^\|.*\|$", document.read_text(encoding="utf-8"), re.MULTILINE):
            functions = re.findall(r"`((?:sp|spl|spc|spd)_[a-z0-9_]+)`", row)
            if functions and NAMED_TEST.search(row):
                yield row, NAMED_TEST.findall(row), functions


def test_promised_tests_speak_of_their_functions():
    rows = list(promises())
    assert rows
    for row, names, functions in rows:
        text = "".join(TESTS[name].read_text(encoding="utf-8") for name in names)
        silent = [f for f in functions if not re.search(rf"\b{f}\b", text)]
        assert not silent, f"{row}\nno test of it mentions {silent}"


# ---- manual pages ----

MANUALS = sorted((ROOT / "docs" / "man").glob("*.[1-8]"))


@pytest.mark.parametrize("page", MANUALS, ids=lambda page: page.name)
def test_manual_pages_are_well_formed(page):
    groff = shutil.which("groff")
    if not groff:
        pytest.skip("groff is not installed")
    command = [groff, "-man", "-Tutf8", "-ww", "-z", page]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    text = page.read_text(encoding="utf-8")
    assert text.count("\n.SH NAME\n") == 1 and f".TH {page.stem}".lower() in text.lower()


def test_manual_pages_refer_to_pages_that_exist():
    for page in MANUALS:
        for name, section in re.findall(
            r"^\.BR (\S+) \((\d)\)", page.read_text(encoding="utf-8"), re.MULTILINE
        ):
            plain = name.replace("\\-", "-")
            named = page.parent / f"{plain}.{section}"
            assert named.exists() or plain == "nginx", f"{page.name} refers to {plain}({section})"


def test_the_manual_of_the_daemon_has_each_of_its_options():
    done = subprocess.run([BUILD / "sallyportd"], capture_output=True, text=True, timeout=60)
    options = re.findall(r"-{1,2}[a-z][a-z-]*", done.stderr.splitlines()[0].split("sallyportd", 1)[1])
    page = (ROOT / "docs" / "man" / "sallyportd.8").read_text(encoding="utf-8").replace("\\-", "-")
    assert len(options) >= 6 and done.returncode == 2
    assert [o for o in options if not re.search(rf"^\.B.*{o}\b", page, re.MULTILINE)] == []


def test_the_manual_of_the_file_has_each_part_of_it():
    schema = json.loads((ROOT / "share" / "sallyport.schema.json").read_text(encoding="utf-8"))
    page = (ROOT / "docs" / "man" / "sallyport.yaml.5").read_text(encoding="utf-8")
    assert [p for p in schema["properties"] if f"\n.B {p}\n" not in page] == []


def test_the_example_in_the_manual_of_the_file_is_accepted(tmp_path):
    page = (ROOT / "docs" / "man" / "sallyport.yaml.5").read_text(encoding="utf-8")
    example = page.split(".SH EXAMPLE\n.nf\n")[1].split("\n.fi")[0].replace("\\-", "-")
    (tmp_path / "sallyport.yaml").write_text(example + "\n", encoding="utf-8")
    command = [BUILD / "sallyport", "check", "--strict"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


# ---- controls and what would miss them ---------------------------------------------------------------------


def test_each_threat_has_a_control_that_can_be_taken_out():
    """Whether a test then fails, `make mutants` tells; here only that its table is about the code as it is."""
    sys.path.insert(0, str(ROOT / "test" / "mutants"))
    import mutants  # pylint: disable=import-outside-toplevel

    rows = mutants.rows()
    assert [problem for row in rows for problem in mutants.problems_of(row)] == []
    assert [t for t in mutants.threats() if not any(t.startswith(row["threat"]) for row in rows)] == []
