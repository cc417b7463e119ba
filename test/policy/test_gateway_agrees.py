"""The whole way of C (file, snapshot, detectors, label, decision) against the reference evaluator: random policies and
requests, at random days. `sallyport explain --as` decides, under a clock that the test sets (test/faults/clock.c)."""
import json
import os
import random
import shutil
import struct
import subprocess
import time

import pytest
import yaml

import bank
import random_policies
import reference

PROGRAM = bank.ROOT / "build" / "sallyport"
CLOCK = bank.ROOT / "build" / "test" / "faults" / "libsallyport-clock.so"
POLICIES, REQUESTS = int(os.environ.get("SALLYPORT_POLICIES", 120)), 3
LISTED = 16  # residencies of more are counted


class Gateway:
    """A configuration and a clock of its own."""

    def __init__(self, folder):
        self.file = folder / "sallyport.yaml"
        self.clock = shutil.copy(CLOCK, folder / "clock.so")
        self.moved = folder / "clock.so.moved"

    def decide(self, given):
        self.moved.write_bytes(struct.pack("q", bank.seconds(given["at"]) - int(time.time())))
        named = [x for option, key in (("--use-case", "use_case"), ("--sources", "sources")) if key in given
                 for x in (option, ",".join(given[key]))]
        run = subprocess.run([PROGRAM, "explain", "--as", given["application"], "--json", "-c", self.file, *named], capture_output=True,
                             text=True, input=json.dumps(given["request"]), env={**os.environ, "LD_PRELOAD": str(self.clock)})
        assert run.stdout, run.stderr
        return json.loads(run.stdout)["records"][0]


def as_recorded(names, label):
    """A label as records write it."""
    def name(table, number):
        return next(n for n, x in table.items() if x == number)
    n = len(label.residency)
    where = ("*" if label.residency == reference.EVERYWHERE else f"#{n}" if n > LISTED else
             ",".join(sorted(name(names.places, j) for j in label.residency)) or "-")
    categories = ",".join(name(names.categories, c) for c in sorted(label.categories)) or "-"
    return ";".join([name(names.levels, label.level), categories, where, "trusted" if label.trusted else "untrusted"])


def by_reference(names, snapshot, given):
    """What a record of this decision says."""
    out = reference.evaluate(*bank.asked(names, snapshot, given))
    decision, fact = out["decision"], {number: name for name, number in names.facts.items()}
    missing = [f"{c['destination']}: {', '.join(fact[f] for f in c['missing'])}" for c in decision["candidates"] if "missing" in c]
    return {"outcome": decision["outcome"], "destination": decision["destination"], "label": as_recorded(names, out["label"]),
            "candidates": [(c["destination"], c["reason"], c.get("part", "")) for c in decision["candidates"]], "missing": "; ".join(missing)}


def by_gateway(record):
    return {"outcome": record["outcome"], "destination": record["destination"] if record["outcome"] != "deny" else None,
            "label": record["label"], "candidates": [(c["destination"], c["reason"], c["part"]) for c in record["candidates"]],
            "missing": record.get("missing", "")}


@pytest.mark.parametrize("tenth", range(10))
def test_random_policies_decide_alike(tenth, tmp_path):
    gateway, outcomes = Gateway(tmp_path), set()
    for seed in range(tenth, POLICIES, 10):
        r = random.Random(seed)
        file = random_policies.policy(r)
        gateway.file.write_text(yaml.safe_dump(file, sort_keys=False, width=1 << 20), encoding="utf-8")
        names, snapshot = bank.Names(file), bank.snapshot(file)
        for _ in range(REQUESTS):
            given = random_policies.given(r)
            expected = by_reference(names, snapshot, {**given, "dialect": "openai"})
            assert by_gateway(gateway.decide(given)) == expected, (seed, given, gateway.file.read_text(encoding="utf-8"))
            outcomes.add(expected["outcome"])
    assert len(outcomes) > 1
