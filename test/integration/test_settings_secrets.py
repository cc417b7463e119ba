"""Secrets in files of settings: what share of those that `lib_settings` makes is found in each format, and what is
flagged that is none. The floors are below what is measured (docs/reference/detection.md), not above."""

import collections
import json
import subprocess

import pytest

import lib_settings
from lib_servers import BUILD

PROGRAM = str(BUILD / "sallyport")
ROUNDS = 20
FLOOR_OF_EACH, FLOOR, MOST_FLAGGED = 0.85, 0.95, 0.01


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
    covered = sum(max(0, min(end, f["end"]) - max(start, f["start"])) for f in flags)
    return covered * 2 >= end - start


def test_secrets_in_settings_are_found(kinds):
    rows = lib_settings.settings(seed=1, rounds=ROUNDS)
    n, found, missed = collections.Counter(), collections.Counter(), []
    flagged = right = 0
    for (name, text, spans), flags in zip(rows, scan([text for _, text, _ in rows], kinds)):
        for span in spans:
            n[name] += 1
            found[name] += is_found(span, flags)
            if not is_found(span, flags):
                missed.append((name, text[span[0]:span[1]], text))
        flagged += len(flags)
        right += sum(any(f["start"] < end and start < f["end"] for start, end in spans) for f in flags)
    shares = {name: found[name] / n[name] for name in n}
    print({name: round(share, 3) for name, share in shares.items()})
    print("recall", sum(found.values()) / sum(n.values()), "precision", right / flagged)
    assert min(shares.values()) >= FLOOR_OF_EACH, (shares, missed[:20])
    assert sum(found.values()) / sum(n.values()) >= FLOOR, (shares, missed[:20])
    assert right / flagged >= 1 - MOST_FLAGGED


def test_placeholders_and_digests_are_no_secrets(kinds):
    rows = lib_settings.negatives(seed=2, rounds=ROUNDS)
    flagged = [(what, text) for (what, text), flags in zip(rows, scan([text for _, text in rows], kinds)) if flags]
    print(len(flagged), "of", len(rows))
    assert len(flagged) <= len(rows) * MOST_FLAGGED, flagged[:20]
