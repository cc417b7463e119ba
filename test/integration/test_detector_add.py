"""Detectors of one's own are put into the configuration, told of and taken out again; a gateway has them after its reload."""

import json
import subprocess

import pytest

import lib_config
from lib_client import ask
from lib_servers import BUILD, ROOT
from test_own_detectors import intent, said

BASE = (ROOT / "examples" / "sallyport.yaml").read_text()
WAY = ["--meaning", "number of an employee", "--category", "hr", "--level", "confidential"]
PATTERN = ["--pattern", r"\bEMP-[0-9]{6}\b"]
TRIED = ["badge [EMP-004711] was lost", "it's EMP-4711"]
SECTION = r"""detectors:
  - name: staff-number
    meaning: number of an employee
    category: hr
    level: confidential
    pattern: '\bEMP-[0-9]{6}\b'
    examples: ["badge [EMP-004711] was lost"]
    near_misses: ["it's EMP-4711"]
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "sallyport.yaml"
    path.write_text(BASE)
    assert subprocess.run([str(BUILD / "sallyport"), "check", "-c", str(path)], timeout=60).returncode == 0
    return path


def detector(*args, stdin=None):
    command = [str(BUILD / "sallyport"), "detector", *[str(a) for a in args]]
    return subprocess.run(command, capture_output=True, text=True, input=stdin, timeout=60)


def test_options_become_lines_and_comments_stay(file, tmp_path):
    (tmp_path / "letter.txt").write_text("Dear EMP-123456,\nand EMP-12")
    args = ["add", "staff-number", *WAY, *PATTERN, *TRIED, "-c", file, "--try", tmp_path / "letter.txt"]
    dry = detector(*args, "--dry-run")
    assert (dry.returncode, dry.stderr) == (0, "") and file.read_text() == BASE
    done = detector(*args)
    assert done.stdout == dry.stdout and "+    pattern: '\\bEMP-[0-9]{6}\\b'\n" in done.stdout
    found = f'{tmp_path}/letter.txt:1:6: staff-number (confidence 75) "EMP-123456" number of an employee'
    assert [line for line in done.stdout.splitlines() if "letter" in line] == [found]
    assert file.read_text() == BASE + SECTION


def test_a_file_brings_its_words_and_comments_and_remove_takes_them(file):
    example = ROOT / "examples" / "detectors.yaml"
    assert detector("add", "--from", example, "-c", file).returncode == 0
    written = file.read_text()
    assert "# ten digits, parted or not" in written and written.startswith(BASE + "detectors:\n  - name: staff-number")
    told = json.loads(detector("list", "-c", file, "--json").stdout)["detectors"]
    own = [d for d in told if d["origin"] == "configuration"]
    assert [(d["name"], d["category"], d["level"]) for d in own] == [
        ("staff-number", "hr", "confidential"),
        ("member-number", "phi", "restricted"),
    ]
    assert own[1]["check"] == "luhn" and own[1]["words"][0] == "member no" and len(own[1]["near_misses"]) == 2
    assert all(d["origin"] == "shipped" for d in told if d not in own) and len(told) > 400
    line = 1 + written[: written.index("name: member-number")].count("\n")
    assert f"(…{line})".replace("…", f"{file}:") in detector("list", "-c", file).stdout.splitlines()[-1]
    page = detector("show", "member-number", "-c", file).stdout
    assert "ddd~ddd~ddd~d" in page and f"{file}:{line}" in page and "invoice 7987654329" in page
    assert detector("show", "member-number").returncode == 1
    assert detector("remove", "member-number", "-c", file).returncode == 0
    assert "member-number" not in file.read_text() and "staff-number" in file.read_text()
    done = json.loads(detector("remove", "staff-number", "-c", file, "--json").stdout)
    assert done["written"] and file.read_text() == BASE + "detectors: []\n"
    again = json.loads(detector("add", "--from", "-", "-c", file, "--json", stdin=example.read_text()).stdout)
    assert again["changes"] and file.read_text() == written


@pytest.mark.parametrize(
    "args, said",
    [
        ([*WAY, *PATTERN, "[EMP-12]", "x"], 'does not find: "[EMP-12]"'),
        ([*WAY, *PATTERN, "[EMP-123456]", "EMP-123456"], "finds something in the near miss"),
        ([*WAY, *PATTERN, "[EMP-123456]"], "near_misses"),
        ([*WAY, *PATTERN, "x"], "examples"),
        ([*WAY, "--pattern", "EMP-[0-9]+", *TRIED], "has no bound"),
        ([*WAY, *PATTERN, "--check", "lun", *TRIED], "there is no such check: luhn"),
        ([*WAY[:-1], "confidentl", *PATTERN, *TRIED], 'did you mean "confidential"?'),
        ([*WAY[:-2], *PATTERN, *TRIED], "needs a kind, or a category and a level"),
    ],
)
def test_one_that_does_not_do_leaves_the_file_as_it_is(file, args, said):
    done = detector("add", "x", *args, "-c", file)
    assert done.returncode == 1 and said in done.stderr and f"{file}:" in done.stderr
    assert "left as it is" in done.stderr and file.read_text() == BASE and done.stdout == ""


def test_a_file_is_judged_by_its_own_lines(file, tmp_path):
    (tmp_path / "own.yaml").write_text(SECTION.replace("confidential", "confidentl"))
    done = detector("add", "--from", tmp_path / "own.yaml", "-c", file)
    assert done.returncode == 1 and f"{tmp_path}/own.yaml:5:12: error" in done.stderr and file.read_text() == BASE


def test_names_that_are_there_or_are_not(file):
    args = ["add", "staff-number", *WAY, *PATTERN, *TRIED, "-c", file]
    assert detector(*args).returncode == 0
    assert "is there twice" in detector(*args).stderr
    assert "did you mean staff-number?" in detector("remove", "staff-numbr", "-c", file).stderr
    assert "did you mean staff-number?" in detector("show", "staff-numbr", "-c", file).stderr
    file.write_text(file.read_text() + "findings: [{kind: staff-number, at_least: 2, level: restricted}]\n")
    done = detector("remove", "staff-number", "-c", file)
    assert done.returncode == 1 and "findings" in done.stderr and "staff-number" in file.read_text()


def test_blanks_behind_commas_are_no_part_of_a_word(file):
    args = ["--meaning", "a project", "--category", "legal", "--level", "confidential", "--terms", "Nordlicht, Project Falcon ,Ada"]
    done = detector("add", "project", *args, "the [Nordlicht] plan", "on [Project Falcon]", "north light", "-c", file)
    assert (done.returncode, done.stderr) == (0, "") and "terms: [Nordlicht, Project Falcon, Ada]" in file.read_text()


def test_help_keeps_its_columns():
    lines = detector("--help").stdout.splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("    add "))
    assert lines[at].endswith("--from FILE") and lines[at + 1].strip() == "put detectors of your own into the configuration"
    assert lines[at + 1].index("put") == next(line for line in lines if line.startswith("    list ")).index("one line")


@pytest.mark.parametrize("args", [["add"], ["add", "x"], ["add", "x", "--from", "y"], ["remove"]])
def test_a_command_line_that_says_too_little(args):
    assert detector(*args).returncode == 2


def test_a_gateway_has_it_after_its_reload(gateway, cloud):
    server = gateway(lib_config.base(cloud))
    cloud.always(text="Fine.")

    def tier():
        return intent(server, ask(server, "openai", said("openai", "who has EMP-004711?")).id)["tier"]

    assert tier() == "cloud"
    for args, expected in [(["add", "staff-number", *WAY, *PATTERN, *TRIED], "self-hosted"), (["remove", "staff-number"], "cloud")]:
        assert detector(*args, "-c", server.file).returncode == 0
        server.cli("reload")
        assert tier() == expected
