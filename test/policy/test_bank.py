"""Every case of examples/bank holds in the reference evaluator, and tells: the texts hold what the cases say that they
hold, and each part of the policy decides at least one of them."""
import copy
import json
import pathlib
import subprocess

import pytest

import bank

FOLDER = bank.ROOT / "examples" / "bank"
FILE = bank.read(FOLDER / "sallyport.yaml")
CASES = [case for path in sorted((FOLDER / "cases").glob("*.yaml")) for case in bank.read(path)]
NAMES, SNAPSHOT = bank.Names(FILE), bank.snapshot(FILE)
PROGRAM = bank.ROOT / "build" / "sallyport"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_case(case):
    assert list(bank.differences(case["expect"], bank.decide(NAMES, SNAPSHOT, case["given"]))) == []


def test_the_gateways_own_code_decides_alike():
    cases = sorted(map(str, (FOLDER / "cases").glob("*.yaml")))
    done = subprocess.run([PROGRAM, "policy", "test", "-c", FOLDER / "sallyport.yaml", *cases], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout.splitlines()[-1:]) == (0, [f"{len(CASES)} cases, 0 failed"]), done.stdout + done.stderr


def test_there_are_enough_cases_and_each_has_its_name():
    assert len(CASES) >= 100
    assert len({case["name"] for case in CASES}) == len(CASES)
    known = {"name", "given", "expect"}, {"application", "model", "text", "request", "at", "sources", "use_case", "subject", "lapsed",
                                           "findings", "uses"}, {"outcome", "destination", "level", "categories", "because", "integrity"}
    for case in CASES:
        assert set(case) == known[0] and set(case["given"]) <= known[1] and set(case["expect"]) <= known[2], case["name"]
        assert ("text" in case["given"]) != ("request" in case["given"]), case["name"]


def test_every_use_case_model_destination_and_source_is_in_a_case():
    asked = [case["given"] for case in CASES]
    assert set(FILE["applications"]) == {g["application"] for g in asked}
    assert set(FILE["models"]) <= {g["model"] for g in asked}
    assert set(FILE["sources"]) <= {n for g in asked for n in g.get("sources", [])}
    assert set(FILE["destinations"]) == {case["expect"].get("destination") for case in CASES} - {None}
    served = {FILE["applications"][g["application"]]["use_case"] for g in asked} | {g.get("use_case") for g in asked}
    assert set(FILE["use_cases"]) <= served | {FILE["models"].get(g["model"], {}).get("use_case") for g in asked}


def broken(file):
    """Names of the cases that fail under another policy."""
    compiled = bank.snapshot(file)
    return {c["name"] for c in CASES if any(bank.differences(c["expect"], bank.decide(NAMES, compiled, c["given"])))}


ROWS = [(section, i) for section in ("requirements", "findings", "transfers") for i in range(len((FILE["residency"] | FILE)[section]))]


@pytest.mark.parametrize("section, i", ROWS, ids=str)
def test_no_row_is_without_a_case(section, i):
    less = copy.deepcopy(FILE)
    del (less["residency"] if section == "transfers" else less)[section][i]
    assert broken(less)


def test_what_a_destination_touches_beside_its_region_decides_a_case():
    """A policy that counts regions alone lets through what this one does not."""
    less = copy.deepcopy(FILE)
    less["residency"]["counts"] = ["processing"]
    assert broken(less)


@pytest.mark.parametrize("section", ["handling", "declassifiers", "subjects", "endorsers"])
def test_no_entry_is_without_a_case(section):
    for name in FILE[section]:
        less = copy.deepcopy(FILE)
        less[section][name] = {"handling": {}, "subjects": {}, "endorsers": {"tools": ["none"], "values": "number"}}.get(section, {"does": "mask", "categories": [], "destinations": []})
        assert broken(less), name


@pytest.mark.parametrize("i", range(len(bank.SHIPPED_REQUIREMENTS)))
def test_no_shipped_requirement_is_without_a_case(i, monkeypatch):
    row = bank.SHIPPED_REQUIREMENTS[i]
    replaced = {"pii requires dpa", "confidential requires dpa and no-training"}
    monkeypatch.setattr(bank, "SHIPPED_REQUIREMENTS", [r for r in bank.SHIPPED_REQUIREMENTS if r != row])
    assert bool(broken(FILE)) == (row not in replaced)


def test_texts_hold_what_the_cases_say():
    """By the detectors themselves, of the program that `make` builds."""
    asked = {case["name"]: case["given"] for case in CASES if "text" in case["given"]}
    lines = "\n".join(json.dumps({"id": name, "text": g["text"]}) for name, g in asked.items())
    run = subprocess.run([PROGRAM, "scan", "--jsonl"], input=lines, capture_output=True, text=True, check=True)
    for line in run.stdout.splitlines():
        found = json.loads(line)
        kinds = [s["category"].replace("_", "-") for s in found["spans"]]
        said = {f["kind"]: f["count"] for f in asked[found["id"]].get("findings", [])}
        assert {k: kinds.count(k) for k in kinds} == said, found["id"]


def test_the_page_has_the_same_facts_and_requirements():
    page = (pathlib.Path(bank.ROOT) / "docs" / "reference" / "policy.md").read_text(encoding="utf-8")
    for name, number in bank.Names({}).facts.items():
        assert f"| {number} | `{name}`" in page
    for row in bank.SHIPPED_REQUIREMENTS:
        assert f"| `{row}` |" in page
    assert " ".join(bank.Names({}).groups["ADEQUATE"]) in page
