"""Credentials wherever they are left: every service and every form of the tables in each context of `lib_contexts`, and
what names them without holding any. The floors are below what is measured (docs/reference/detection.md)."""

import collections

import pytest

import lib_contexts
import lib_credentials
from lib_credentials import is_found, scan

# A column that is called "key" may hold identifiers.
NOT_TOLD = {"csv"}
# A name and a value, and no word for key: only names that are no words beside, or values that no digest is like.
BARE = {"message", "list", "javascript call", "python call"}
FLOOR_OF_FORMS, FLOOR_OF_SERVICE, FLOOR_OF_SHORT, FLOOR_OF_EACH, FLOOR_OF_BARE, MOST_FLAGGED = 0.985, 0.85, 0.70, 0.90, 0.60, 0.015


@pytest.fixture(scope="module")
def detectors():
    return lib_credentials.detectors()


def shares(rows, flags, column):
    """Per context (0) or row (1) the share that is found; prints what falls short."""
    n, found, missed = collections.Counter(), collections.Counter(), {}
    for row, seen in zip(rows, flags):
        n[row[column]] += 1
        found[row[column]] += is_found(row[3], seen)
        if not is_found(row[3], seen):
            missed.setdefault(row[column], row[2])
    out = {name: found[name] / n[name] for name in n}
    for name in sorted(missed, key=out.get)[:20]:
        print(f"{out[name]:.3f} {name}: {missed[name]!r}")
    return out


def test_every_service_is_found_in_every_context(detectors):
    rows = [row for row in lib_contexts.of_services(seed=1) if row[0] not in NOT_TOLD]
    flags = scan([text for _, _, text, _ in rows], detectors)
    for context, share in shares(rows, flags, 0).items():
        assert share >= (FLOOR_OF_BARE if context in BARE else FLOOR_OF_EACH), context
    told = [(row, seen) for row, seen in zip(rows, flags) if row[0] not in BARE]
    of_service = shares([row for row, _ in told], [seen for _, seen in told], 1)
    assert len(of_service) >= 1000
    short = {name for name, form in lib_contexts.services() if form}  # keys of eight to twenty characters
    for name, share in of_service.items():
        assert share >= (FLOOR_OF_SHORT if name in short else FLOOR_OF_SERVICE), name


def test_every_form_is_found_in_every_context(detectors):
    rows = lib_contexts.of_forms(detectors, seed=1)
    flags = scan([text for _, _, text, _ in rows], detectors)
    assert min(shares(rows, flags, 0).values()) >= FLOOR_OF_FORMS


def test_code_manuals_and_lock_files_hold_none(detectors):
    rows = lib_contexts.of_clean(seed=3, rounds=40)
    flagged = [(what, text, seen) for (what, text), seen in zip(rows, scan([text for _, text in rows], detectors)) if seen]
    print(len(flagged), "of", len(rows), flagged[:10])
    assert len(flagged) <= len(rows) * MOST_FLAGGED, flagged[:10]
