"""`sallyport detector`: the list, the page of one, the nearest name."""

import json
import pathlib
import subprocess

import pytest

from lib_servers import BUILD

PROGRAM = str(BUILD / "sallyport")
ROOT = pathlib.Path(__file__).parents[2]


def detector(*args, **options):
    command = [PROGRAM, "detector", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **options)


@pytest.fixture(scope="module")
def listed():
    return json.loads(detector("list", "--json").stdout)["detectors"]


def test_the_list_has_a_line_for_each(listed):
    done = detector("list")
    assert done.returncode == 0 and [line.split()[0] for line in done.stdout.splitlines()] == [d["name"] for d in listed]
    assert len(listed) > 15 and len({d["name"] for d in listed}) == len(listed)


def test_each_says_what_it_means_and_how_it_is_told(listed):
    for d in listed:
        assert d["kind"] and d["meaning"] and d["category"] and d["level"] and d["run"] in {"word", "line", "number"}
        assert d["head"] or d["shapes"] or d["forms"] or d["is_whole"], d["name"]
        assert (d["examples"] or d["forms"]) and 0 < d["longest"] <= 16000


def unfound(examples, kinds):
    """Names of examples of which what stands in brackets is not found as its kind, all of it, when these are looked for."""
    command = [PROGRAM, "scan", "--jsonl", "--kind", ",".join(sorted(kinds))]
    rows = "\n".join(json.dumps({"id": name, "text": e["text"]}) for name, e in examples.items())
    done = subprocess.run(command, input=rows, capture_output=True, text=True, check=True, timeout=60)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [a["id"] for a in answers] == list(examples)
    return {
        a["id"]
        for a in answers
        for e in [examples[a["id"]]]
        if not any(
            s["category"] == e["kind"].replace("-", "_") and s["start"] <= e["start"] and e["end"] <= s["end"]
            for s in a["spans"]
        )
    }


def test_each_finds_its_own_examples(listed):
    """Through the program, by it or by another one of that kind. Where a surer kind takes the place, as long as nothing else is looked for."""
    examples = {}
    for d in listed:
        for i, example in enumerate(d["examples"]):
            text = example.replace("[", "", 1).replace("]", "", 1)
            start, end = example.index("["), example.index("]") - 1
            examples[f"{d['name']} {i}"] = {"text": text, "kind": d["kind"], "start": start, "end": end}
    taken = unfound(examples, {d["kind"] for d in listed})
    assert len(taken) < len(examples) / 20
    for kind in sorted({examples[name]["kind"] for name in taken}):
        assert unfound({n: examples[n] for n in taken if examples[n]["kind"] == kind}, [kind]) == set()


def test_the_page_of_one():
    done = detector("show", "us-ssn")
    assert done.returncode == 0 and done.stdout.startswith("us-ssn: US social security number")
    for word in ["pii, restricted", "ddd-dd-dddd=85", "social security", "SSA", "078-05-1120", "finds not", "check digit", "dropped"]:
        assert word in done.stdout


def test_the_page_of_a_kind_has_all_its_detectors(listed):
    done = detector("show", "private-key", "--json")
    names = [d["name"] for d in json.loads(done.stdout)["detectors"]]
    assert names == [d["name"] for d in listed if d["kind"] == "private-key"] and len(names) > 1


@pytest.mark.parametrize("word, said", [("us-snn", "did you mean us-ssn?"), ("zzzzzzzzzz", "detector list")])
def test_a_typing_error_gets_the_nearest_name(word, said):
    done = detector("show", word)
    assert done.returncode == 1 and said in done.stderr and done.stdout == ""


def test_show_needs_a_name_and_the_command_a_word():
    assert detector("show").returncode == 2 and detector().returncode == 2


# ---- detectors of one's own ----

ONE = {
    "name": "staff-number",
    "meaning": "number of an employee",
    "category": "hr",
    "level": "confidential",
    "pattern": r"\bEMP-[0-9]{6}\b",
    "examples": ["badge [EMP-004711]"],
    "near_misses": ["EMP-4711"],
}


def without(key, **more):
    return {**{k: v for k, v in ONE.items() if k != key}, **more}


def try_file(folder, detectors, *texts):
    """JSON is YAML."""
    path = folder / "own.yaml"
    path.write_text(json.dumps({"detectors": detectors}))
    return detector("test", path, *texts)


def test_the_example_file_holds_and_finds(tmp_path):
    (tmp_path / "letter.txt").write_text("Dear EMP-123456,\nyour membership 798 765 432 9 and 7987654329x\n")
    done = detector("test", ROOT / "examples" / "detectors.yaml", tmp_path / "letter.txt")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].endswith(':1:6: staff-number (confidence 75) "EMP-123456" number of an employee')
    assert ":2:17: member-number (confidence 90)" in lines[1] and '"798 765 432 9"' in lines[1]
    assert lines[2] == "2 detectors, 9 examples, 0 wrong; 2 found in 1 texts"


@pytest.mark.parametrize(
    "own, said",
    [
        (without("pattern", pattern="[0-9]+x"), "has no bound"),
        (without("pattern", pattern="a{1,5000}"), "more than 127 bytes"),
        (without("pattern", pattern="a?"), "matches nothing at all"),
        (without("pattern", pattern="(a"), "Missing close parenthesis"),
        (without("pattern", pattern="a" * 1001), "pattern"),
        (without("pattern", pattern=r"(a)\1"), "staff-number"),
        (without("pattern"), "one of a pattern, shapes and terms"),
        (without("x", shapes="dddd"), "one of a pattern, shapes and terms"),
        (without("pattern", shapes="d!d"), "a shape or a word is written wrong"),
        (without("x", check="lun"), "there is no such check: luhn"),
        (without("x", words=["one two three four five six seven"]), "more than six words"),
        (without("x", words=["+"]), "a word near by is none"),
        (without("category", category="hrr"), "is no category"),
        (without("level", level="confidental"), 'did you mean "confidential"?'),
        (without("level"), "needs a kind, or a category and a level"),
        (without("x", kind="us-ssn"), "brings its own category and level"),
        ({**{k: v for k, v in ONE.items() if k not in ("category", "level")}, "kind": "us-sn"}, 'did you mean "us-ssn"?'),
        (without("examples"), "examples"),
        (without("near_misses"), "near_misses"),
        (without("x", patern="x"), 'did you mean "pattern"?'),
    ],
)
def test_a_detector_that_is_written_wrong_is_named_with_its_place(tmp_path, own, said):
    done = try_file(tmp_path, [own])
    assert done.returncode == 1 and said in done.stderr and "own.yaml:1:" in done.stderr and done.stdout == ""


@pytest.mark.parametrize(
    "own, said",
    [
        (without("examples", examples=["badge [EMP-47]"]), "does not find"),
        (without("examples", examples=["badge [EMP-00471]1"]), "finds something else in"),
        (without("examples", examples=["badge EMP-004711"]), "no brackets"),
        (without("near_misses", near_misses=["EMP-004711"]), "finds something in the near miss"),
    ],
)
def test_an_example_that_does_not_hold_is_named(tmp_path, own, said):
    done = try_file(tmp_path, [own])
    assert done.returncode == 1 and said in done.stdout and "1 wrong" in done.stdout and ":1:" in done.stdout


def test_two_of_one_name_are_refused(tmp_path):
    assert "is there twice" in try_file(tmp_path, [ONE, ONE]).stderr


@pytest.mark.parametrize(
    "check, good, bad",
    [
        ("luhn", "79927398713", "79927398710"),
        ("verhoeff", "2363", "2364"),
        ("mod11-10", "07945", "07946"),
        ("mod11-2", "0000000121032683", "0000000121032684"),
        ("mod97", "DE89370400440532013000", "DE88370400440532013000"),
    ],
)
def test_checks_by_name(tmp_path, check, good, bad):
    own = without("pattern", pattern=r"\b[0-9A-Z]{4,40}\b", check=check, examples=[f"x [{good}]"], near_misses=[f"x {bad}"])
    done = try_file(tmp_path, [own])
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_check_over_letters_that_it_knows_nothing_of_says_no(tmp_path):
    own = without("pattern", pattern=r"\b[A-Z]{4,80}\b", check="verhoeff", examples=["[ABCD]"], near_misses=["ABCD"])
    assert "0 found" in try_file(tmp_path, [own]).stdout


def test_words_are_asked_for_and_a_kind_may_be_a_shipped_one(tmp_path):
    own = {**{k: v for k, v in ONE.items() if k not in ("category", "level")}, "kind": "us-ssn"}
    own.update(pattern="[0-9]{5}", words=["badge"], confidence=88, examples=["Badge: [12345]"], near_misses=["room 12345"])
    assert try_file(tmp_path, [own]).returncode == 0


def test_the_longest_match_of_a_pattern_is_found(tmp_path):
    own = without("pattern", pattern="x[0-9]{1,8}", examples=["ax[x12345678]9", "[x1]x"], near_misses=["x"])
    done = try_file(tmp_path, [own])
    assert done.returncode == 0, done.stdout + done.stderr
