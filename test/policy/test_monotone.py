"""Adding to a question, or taking from a world, opens no destination: asked of the policy core in C by itself, millions of
times (docs/reference/policy.md, theorems 4 to 8). `monotone.c` asks; this counts, and shows that it can fail.

    SALLYPORT_POLICY_SEED    another stream than the one that CI asks (1)
"""
import collections
import concurrent.futures
import json
import os
import subprocess

import pytest

import bank
import reference as ref
from test_differential import whole

PROGRAM = bank.ROOT / "build" / "test" / "policy" / "policy_monotone"
SEED = int(os.environ.get("SALLYPORT_POLICY_SEED", "1"))
AT_ONCE, WORLDS = 2, 1000  # of 1,800 cases each
AT_LEAST = 1_000_000
# Least share of the cases, in percent, in which a destination is lost by it. A text only makes a label untrusted.
FLOORS = {"use case": 3, "source": 5, "finding": 2, "findings": 3, "use": 4, "text": 0, "tried": 3, "away": 3, "stop": 4, "told": 3, "person": 2,
          "bound key": 0.5, "key": 1, "full list": 0.1, "lapse": 1, "review": 2, "end": 5, "requirement": 2, "clearance": 5, "failure": 8}
CIRCUMSTANCES = ["tried", "away", "stop", "key", "failure", "end", "text"]  # change no label, no fact and no clearance


def run(seed, *backwards):
    """(exit status, what was counted or the case that does not hold)."""
    done = subprocess.run([PROGRAM, str(seed), str(WORLDS), *backwards], capture_output=True, text=True, timeout=170)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


@pytest.fixture(scope="module")
def counted():
    total = collections.defaultdict(lambda: [0, 0, 0])
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for status, said in pool.map(run, range(SEED, SEED + AT_ONCE)):
            assert status == 0, json.dumps(said)
            for name, numbers in said.items():
                total[name] = [a + b for a, b in zip(total[name], numbers)]
    return total


def test_nothing_more_and_nothing_less_opens(counted):
    assert sum(cases for cases, _, _ in counted.values()) >= AT_LEAST


def test_the_cases_tell(counted):
    for name, (cases, lost, excepted) in sorted(counted.items()):
        print(f"{name:12} {cases:9} cases, lost in {100 * lost / cases:5.2f} %, {excepted} by a declassifier that fails")
    assert set(counted) == set(FLOORS)
    assert {name: (cases, lost) for name, (cases, lost, _) in counted.items() if 100 * lost < FLOORS[name] * cases} == {}


def test_only_what_changes_who_is_first_lets_one_in(counted):
    """Where a declassifier fails, a later one may be asked for more and not for less (what stands in front of theorem 1)."""
    assert [name for name in CIRCUMSTANCES if counted[name][2]] == []
    assert sum(excepted for _, _, excepted in counted.values()) < sum(cases for cases, _, _ in counted.values()) / 10_000


def test_a_case_that_does_not_hold_can_be_read():
    """More taken for less: the first case ends it, and the evaluator reads both questions and finds the same."""
    status, said = run(SEED, "backwards")
    assert (status, said["broken"]) == (1, "it opens a destination")
    reached = []
    for side in (said["less"], said["more"]):
        snapshot = whole(side["snapshot"])
        by_reference = ref.evaluate(snapshot, side["question"])["decision"]
        assert {k: side["decision"][k] for k in ("outcome", "status", "destination")} == {
            k: by_reference[k] for k in ("outcome", "status", "destination")}
        reached.append(ref.reachable(snapshot, side["question"]))
    assert not reached[1] <= reached[0]
