"""Secrets where people leave them besides settings: pairs, commands, notes, columns, devices, and words of many languages
(`lib_places`). The floors are below what is measured (docs/reference/detection.md)."""

import collections
import json
import subprocess

import pytest

import lib_places
from lib_servers import BUILD

PROGRAM = str(BUILD / "sallyport")
ROUNDS = 8
FLOOR, FLOOR_OF_LANGUAGES, FLOOR_OF_LANGUAGE, MOST_WRONG = 0.85, 0.92, 0.65, 0.02
# Of each sort at least: what follows a word, a sign or an identifier is told; what nothing names is not.
FLOORS = {"pairs aws": 0.99, "pairs twilio": 0.95, "columns first row": 0.9, "columns all rows": 0.8, "formats wallets": 0.95,
          "formats pgpass": 0.9, "formats cisco": 0.85, "formats codes": 0.85, "commands curl": 0.8, "commands tokens": 0.9,
          "notes markdown": 0.85, "notes cells": 0.75, "notes html": 0.8}


def run(*args, text=""):
    done = subprocess.run([PROGRAM, *args], input=text, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def kinds():
    detectors = json.loads(run("detector", "list", "--json"))["detectors"]
    return {d["kind"].replace("-", "_") for d in detectors if d["category"] == "credentials"}


def scan(texts, kinds):
    """Per text the spans of credentials."""
    rows = "".join(json.dumps({"id": i, "text": text}) + "\n" for i, text in enumerate(texts))
    answers = [json.loads(line) for line in run("scan", "--jsonl", text=rows).splitlines()]
    return [[s for s in answer["spans"] if s["category"] in kinds] for answer in answers]


def is_found(span, flags):
    start, end = span
    return sum(max(0, min(end, f["end"]) - max(start, f["start"])) for f in flags) * 2 >= end - start


def shares(rows, flags):
    """Per sort the share that is found, and what share of the flags is of no secret but an identifier's."""
    n, found, missed = collections.Counter(), collections.Counter(), collections.Counter()
    wrong = flagged = 0
    for (sort, template, _, spans), seen in zip(rows, flags):
        for span in spans:
            n[sort] += 1
            found[sort] += is_found(span, seen)
            missed[template] += not is_found(span, seen)
        ours = [f for f in seen if f["category"] not in ("aws_access_key", "twilio_key")]
        flagged += len(ours)
        wrong += sum(not any(f["start"] < end and start < f["end"] for start, end in spans) for f in ours)
    print(missed.most_common(30))
    out = {sort: found[sort] / n[sort] for sort in n}
    print({sort: round(share, 3) for sort, share in out.items()}, wrong, "of", flagged)
    return out, sum(found.values()) / sum(n.values()), wrong / flagged


def test_secrets_are_found_where_people_leave_them(kinds):
    rows = lib_places.places(seed=1, rounds=ROUNDS)
    of_each, all_of_them, wrong = shares(rows, scan([row[2] for row in rows], kinds))
    for sort, floor in FLOORS.items():
        assert of_each[sort] >= floor, sort
    assert all_of_them >= FLOOR
    assert wrong <= MOST_WRONG


def test_the_words_of_many_languages_name_them(kinds):
    rows = lib_places.languages(seed=2, rounds=3)
    of_each, all_of_them, wrong = shares(rows, scan([row[2] for row in rows], kinds))
    assert min(of_each.values()) >= FLOOR_OF_LANGUAGE, of_each
    assert all_of_them >= FLOOR_OF_LANGUAGES
    assert wrong <= MOST_WRONG


def test_what_looks_like_it_is_left_alone(kinds):
    rows = lib_places.clean(seed=3, rounds=30)
    flagged = [(what, text) for (what, text), flags in zip(rows, scan([text for _, text in rows], kinds)) if flags]
    print(len(flagged), "of", len(rows), flagged[:10])
    assert len(flagged) <= len(rows) * MOST_WRONG, flagged[:20]
