"""The documents do what they say: shell examples that are marked ```sh run are run, each document in a folder of
its own that looks like a fresh checkout after `make`; links lead somewhere; tests named in tables exist."""

import os
import re
import shutil
import subprocess

import pytest

from lib_servers import BUILD, ROOT

BLOCK = re.compile(r"^```sh run\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
NAMED_TEST = re.compile(r"`((?:test|fuzz)_[a-z0-9_]+(?:\.py)?)`")
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


@pytest.mark.parametrize("name", ["ARCHITECTURE.md", "SECURITY.md"])
def test_promised_tests_exist(name):
    """Each invariant and each threat names the test that fails without its control."""
    named = set(NAMED_TEST.findall((ROOT / name).read_text(encoding="utf-8")))
    there = {p.name for p in (ROOT / "test").rglob("*.py")} | {p.stem for p in (ROOT / "test").rglob("*.c")}
    assert len(named) > 5 and named <= there, f"{name} promises {sorted(named - there)}"
