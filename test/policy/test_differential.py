"""The policy core in C and the reference evaluator answer a million random questions alike, and of those answers none
opens a destination by one thing more, by a failure or by a lapse. `questions.c` makes worlds and questions and asks C.

    SALLYPORT_POLICY_SEED    another stream than the one that CI asks (1)
    test_differential.py SEED WORLD          asks the worlds of a seed up to one, as a failure names it
"""
import collections
import concurrent.futures
import copy
import json
import os
import subprocess
import sys
import time

import pytest

import bank
import reference as ref

pytestmark = pytest.mark.timeout(900)  # two minutes where nothing else runs
PROGRAM = bank.ROOT / "build" / "test" / "policy" / "policy_questions"
SEED = int(os.environ.get("SALLYPORT_POLICY_SEED", "1"))
CHUNKS, WORLDS = 52, 200  # of 100 questions each
AT_LEAST = 1_000_000
AT_ONCE = 2
CATEGORIES = {r[0]: int(r[1]) for r in bank.rows("categories.h")}
CATEGORY_OF = {int(r[1]): CATEGORIES[r[3]] for r in bank.rows("kinds.h")}
EVERY_KIND = bank.findings(bank.Names({}), {})

# Least shares, in percent of the questions: what is compared has all outcomes, and no kind of refusal is a rarity.
FLOORS = {
    "outcome allow": 10, "outcome reroute": 5, "outcome deny": 40,
    "status no_destination_cleared": 5, "status stopped": 3, "status use_case_refused": 0.5, "status source_refused": 0.5,
    "status reader_not_cleared": 1, "status not_permitted": 1, "status model_unknown": 0.5, "status key_invalid": 0.3,
    "status snapshot_expired": 0.5, "status upstream_failed": 0.5, "status upstream_away": 0.3, "status upstream_retry_denied": 0.5,
    "status provider_state_refused": 0.3, "status egress_refused": 0.3, "status field_unknown": 0.3, "status content_unreadable": 0.5,
    "part level": 3, "part categories": 3, "part requirement": 10, "part residency": 3,
    "reason permit": 1, "reason dialect": 3, "reason tried": 1, "reason away": 1, "reason address": 1, "reason not-reached": 10,
    "atom use-case": 50, "atom overdue": 5, "atom finding": 10, "atom source": 5, "atom floor": 3, "atom origin": 5, "atom told": 5, "atom use": 1,
    "answer": 10, "more": 50, "lost by more": 1, "lapsed": 20, "lost by a lapse": 0.3, "covered by a transfer": 0.3, "answer withheld": 0.3,
    "declassifier helps": 0.3,
}


class Difference(Exception):
    """What stands first in it is where."""


def worlds(seed, count):
    """What C says, world by world; the shipped rows of findings joined in, which the snapshot leaves out."""
    with subprocess.Popen([PROGRAM, str(seed), str(count)], stdout=subprocess.PIPE) as process:
        for line in process.stdout:
            world = json.loads(line)
            rows = world["snapshot"]["findings"]
            own = {r["kind"] for r in rows}
            rows += [r for r in EVERY_KIND if r["kind"] not in own]
            yield world
    assert process.returncode == 0


# ---- the same? ----

def same(what, by_c, by_reference):
    if by_c != by_reference:
        raise Difference(f"{what}: C says {by_c}, the reference {by_reference}")


def is_last(decision):
    """Would none be left, were the one that is taken to fail? With nothing taken, none is."""
    return not decision["destination"] or all(c["reason"] != "not-reached" for c in decision["candidates"])


def atoms_by_reference(snapshot, atoms):
    """As C lists them: what the rows of a kind bring is one atom, so is all that was told, and what a category carries stands by itself."""
    named = collections.defaultdict(list)
    for a in atoms:
        name = snapshot["findings"][a.name]["kind"] if a.source == "finding" else None if a.source == "told" else a.name
        kind = (a.source, name)
        named[kind].append(a.label)
    total = ref.join(*(a.label for a in atoms))
    for h in snapshot["handling"]:
        if h["category"] in total.categories:
            named["handling", h["category"]].append(ref.label_of(h))
    return {key: ref.join(*labels) for key, labels in named.items()}


def atoms_by_c(listed):
    """A kind of which no row fires brings nothing, and is listed all the same."""
    out = {}
    for source, name, label in listed:
        label = ref.label_of(label)
        key = {"detector": ("finding", int(name) if source == "detector" else None), "floor": ("floor", "application"),
               "use": ("use", "unreadable"), "told": ("told", None), "handling": ("handling", int(name) if source == "handling" else None)}.get(source, (source, name))
        if source != "detector" or label != ref.BOTTOM:
            out[key] = label
    return out


def withheld(snapshot, name):
    """Categories that may not stand in an answer to an application: of each kind with rows that, were all of them to fire,
    would make it more than the application may read."""
    reader = [snapshot["applications"][name]]
    most = {kind: ref.answer_label(snapshot, ref.BOTTOM, [{"kind": kind, "count": 1_000_000}]) for kind in CATEGORY_OF}
    return sorted({CATEGORY_OF[kind] for kind, label in most.items() if not ref.may_read(label, reader)})


def compare_answer(snapshot, withheld_of, exchange, label):
    """What the application may not read holds a finding that is withheld from it."""
    told = exchange["answer"]
    answered = ref.answer_label(snapshot, label, told["findings"])
    same("label of the answer", told["label"], ref.plain(answered))
    name = exchange["question"]["application"]
    reader = [snapshot["applications"][name]]
    is_more_than_may_be_read = ref.may_read(label, reader) and not ref.may_read(answered, reader)
    if is_more_than_may_be_read and not any(CATEGORY_OF[f["kind"]] in withheld_of[name] for f in told["findings"]):
        raise Difference(f"{name} may not read this answer, and nothing of it is withheld: {told}")
    return is_more_than_may_be_read


def helps(snapshot, q, candidates):
    """Of each candidate at which the flow refuses, the declassifier that passes the first question, or nothing."""
    refusing = [snapshot["destinations"][c["destination"]] for c in candidates if c["reason"] == "flow"]
    found = [ref.declassifier_for(snapshot, q, d) for d in refusing]
    return [d["name"] if d else "" for d in found]


def compare(snapshot, withheld_of, exchange):
    """Raises Difference. Returns the reference's answer."""
    q = exchange["question"]
    answer = ref.evaluate({**snapshot, "declassifiers": []}, q)
    same("label", exchange["label"], answer["label"] and ref.plain(answer["label"]))
    decision = answer["decision"]
    same("decision", exchange["decision"], {**decision, "is_last": is_last(decision)})
    if answer["label"]:
        same("atoms", atoms_by_c(exchange["atoms"]), atoms_by_reference(snapshot, answer["stated"]))
    same("declassifiers that help", exchange["helps"], helps(snapshot, q, decision["candidates"]))
    answer["is_withheld"] = "answer" in exchange and compare_answer(snapshot, withheld_of, exchange, answer["label"])
    return answer


# ---- what C says of more ----

def reached(exchange):
    return {c["destination"] for c in exchange["decision"]["candidates"] if c["reason"] in ("taken", "not-reached")}


def raises_the_label(less, more):
    if less["label"] and more["label"] and not ref.leq(less["label"], more["label"]):
        raise Difference(f"one thing more makes {ref.plain(less['label'])} {ref.plain(more['label'])}")


def declassifiable(exchange):
    """Where the flow does not refuse, or a declassifier passes the first question."""
    candidates, helps = exchange["decision"]["candidates"], iter(exchange["helps"])
    return {c["destination"] for c in candidates if c["reason"] != "dialect" and (c["reason"] != "flow" or next(helps))}


def opens_nothing(tally, name, before, after):
    less, more = reached(after), reached(before)
    for opened in (less - more, declassifiable(after) - declassifiable(before)):
        if opened:
            raise Difference(f"{name} opens {sorted(opened)}, which {before['question']} does not reach")
    tally[name] += 1
    tally["lost by " + name.replace("lapsed", "a lapse")] += less < more


def count(tally, exchange, answer):
    decision = answer["decision"]
    tally["questions"] += 1
    tally["outcome " + decision["outcome"]] += 1
    tally["status " + decision["status"]] += 1
    tally["answer"] += "answer" in exchange
    tally["declassifier helps"] += any(exchange["helps"])
    tally["answer withheld"] += answer["is_withheld"]
    for word in ({"reason " + c["reason"] for c in decision["candidates"]} | {"part " + c["part"] for c in decision["candidates"] if "part" in c}
                 | {"atom " + a.source for a in answer["atoms"]}):
        tally[word] += 1


def count_transfers(tally, snapshot, exchange, answer):
    """Of those that are taken, which touch more than the label allows?"""
    taken = answer["decision"]["destination"]
    if taken and not ref.touches(snapshot, snapshot["destinations"][taken]) <= answer["label"].residency:
        tally["covered by a transfer"] += 1


def ask_world(tally, world, before):
    """`before`: the exchanges of the world of which this one is a lapse."""
    snapshot, exchanges, answers = ref.prepared(world["snapshot"]), world["exchanges"], []
    same("withheld", world["withheld"], {name: withheld(snapshot, name) for name in snapshot["applications"]})
    for i, exchange in enumerate(exchanges):
        try:
            answers.append(compare(snapshot, world["withheld"], exchange))
            if exchange["is_more"]:
                raises_the_label(answers[i - 1], answers[i])
                opens_nothing(tally, "more", exchanges[i - 1], exchange)
            if world["is_lapsed"]:
                same("question", exchange["question"], before[i]["question"])
                opens_nothing(tally, "lapsed", before[i], exchange)
        except Difference as e:
            raise Difference(f"question {i}: {e}\nquestion: {json.dumps(exchange['question'])}") from None
        count(tally, exchange, answers[i])
        count_transfers(tally, snapshot, exchange, answers[i])


def ask(seed, count_of_worlds=WORLDS):
    """(what was counted, the first difference or None) of the worlds of a seed."""
    tally, before, started = collections.Counter(), None, time.process_time()
    for i, world in enumerate(worlds(seed, count_of_worlds)):
        try:
            ask_world(tally, world, before)
        except Difference as e:
            return tally, f"seed {seed}, world {i}, after {tally['questions']} questions: {e}\nworld: {json.dumps(world['snapshot'])}"
        before = world["exchanges"]
    tally["milliseconds"] = int(1000 * (time.process_time() - started))
    return tally, None


@pytest.fixture(scope="module")
def asked():
    """(what was counted, differences) of all. Two processes ask; the first difference ends it."""
    total, differences = collections.Counter(), []
    with concurrent.futures.ProcessPoolExecutor(AT_ONCE) as pool:
        for tally, difference in pool.map(ask, range(SEED, SEED + CHUNKS)):
            total += tally
            if difference:
                differences.append(difference)
                pool.shutdown(wait=False, cancel_futures=True)
                break
    return total, differences


def test_c_and_the_reference_agree_and_nothing_opens(asked):
    tally, differences = asked
    assert not differences, differences[0]
    assert tally["questions"] >= AT_LEAST
    print(f"{tally['questions']} questions, {1000 * tally['questions'] // tally['milliseconds']} a second on one core")


def test_the_questions_tell(asked):
    tally, differences = asked
    assert not differences
    shares = {name: 100 * tally[name] / tally["questions"] for name in sorted({*FLOORS, *tally} - {"questions", "milliseconds"})}
    print("\n".join(f"{name:32} {share:6.2f} %" for name, share in shares.items()))
    assert {name: shares[name] for name, least in FLOORS.items() if shares[name] < least} == {}


@pytest.mark.parametrize("alter", [
    lambda x: x["decision"].update(is_last=not x["decision"]["is_last"]), lambda x: x["decision"].update(status="internal"),
    lambda x: x["decision"]["candidates"].pop(), lambda x: x["label"].update(level=x["label"]["level"] + 1),
    lambda x: x["label"].update(residency=[]), lambda x: x["atoms"].pop()])
def test_what_is_said_otherwise_is_a_difference(alter):
    world = list(worlds(SEED, 1))[0]
    first = next(x for x in world["exchanges"] if x["label"] and x["decision"]["candidates"])
    world["exchanges"] = [first]
    first["is_more"] = False
    ask_world(collections.Counter(), copy.deepcopy(world), None)
    alter(first)
    with pytest.raises(Difference):
        ask_world(collections.Counter(), world, None)


def test_what_opens_is_a_difference():
    passed = next(x for x in list(worlds(SEED, 1))[0]["exchanges"] if reached(x))
    refused = {**passed, "decision": {"candidates": []}, "helps": []}
    opens_nothing(collections.Counter(), "more", passed, refused)
    with pytest.raises(Difference):
        opens_nothing(collections.Counter(), "more", refused, passed)
    with pytest.raises(Difference):
        raises_the_label({"label": ref.Label(1)}, {"label": ref.BOTTOM})


if __name__ == "__main__":
    print(ask(int(sys.argv[1]), int(sys.argv[2]) + 1)[1])
