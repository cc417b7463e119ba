"""`sallyport detector`: the list, the page of one, the nearest name."""

import json
import subprocess

import pytest

from lib_servers import BUILD

PROGRAM = str(BUILD / "sallyport")


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
        assert d["head"] or d["shapes"], d["name"]
        assert d["examples"] and 0 < d["longest"] <= 16000


def test_each_finds_its_own_examples(listed):
    """Through the program: what stands in brackets is found as its kind, by it or by another one of that kind."""
    rows, places = [], {}
    for d in listed:
        for i, example in enumerate(d["examples"]):
            start, end = example.index("["), example.index("]") - 1
            name = f"{d['name']} {i}"
            rows.append(json.dumps({"id": name, "text": example.replace("[", "", 1).replace("]", "", 1)}))
            places[name] = (d["kind"], start, end)
    command = [PROGRAM, "scan", "--jsonl", "--kind", ",".join(sorted({d["kind"] for d in listed}))]
    done = subprocess.run(command, input="\n".join(rows), capture_output=True, text=True, check=True, timeout=60)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(rows)
    for answer in answers:
        kind, start, end = places[answer["id"]]
        spans = [(s["start"], s["end"]) for s in answer["spans"] if s["category"] == kind.replace("-", "_")]
        assert any(a <= start and end <= b for a, b in spans), answer["id"]


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
