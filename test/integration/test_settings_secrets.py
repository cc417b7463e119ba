"""Secrets in files of settings: what share of those that `lib_settings` makes is found in each format, and what is
flagged that is none. The floors are below what is measured (docs/reference/detection.md), not above."""

import collections

import pytest

import lib_credentials
import lib_settings
from lib_credentials import is_found, scan

ROUNDS = 20
FLOOR_OF_EACH, FLOOR, MOST_FLAGGED = 0.85, 0.95, 0.01


@pytest.fixture(scope="module")
def detectors():
    return lib_credentials.detectors()


def test_secrets_in_settings_are_found(detectors):
    rows = lib_settings.settings(seed=1, rounds=ROUNDS)
    n, found, missed = collections.Counter(), collections.Counter(), []
    flagged = right = 0
    for (name, text, spans), flags in zip(rows, scan([text for _, text, _ in rows], detectors)):
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


def test_placeholders_and_digests_are_no_secrets(detectors):
    rows = lib_settings.negatives(seed=2, rounds=ROUNDS)
    flagged = [(what, text) for (what, text), flags in zip(rows, scan([text for _, text in rows], detectors)) if flags]
    print(len(flagged), "of", len(rows))
    assert len(flagged) <= len(rows) * MOST_FLAGGED, flagged[:20]
