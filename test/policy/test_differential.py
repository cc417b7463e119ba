"""The policy core in C and the reference evaluator answer a million random questions alike, with persons and what
declassifiers make, and of those answers none opens a destination by one thing more, by a failure or by a lapse. `questions.c` makes worlds and questions and asks C.

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
CATEGORY_OF = {int(r[1]): CATEGORIES.get(r[3]) for r in bank.rows("kinds.h")}  # None: it has none
EVERY_KIND = bank.findings(bank.Names({}), {})
PASSING = {"taken": "none", "not-reached": "none"}
WHOSE_FLOOR = {"0": "application", "1": "subject"}  # by their numbers in records

# Least shares, in percent of the questions: what is compared has all outcomes, and no kind of refusal is a rarity.
FLOORS = {
    "outcome allow": 10, "outcome reroute": 5, "outcome deny": 40,
    "status no_destination_cleared": 5, "status stopped": 3, "status use_case_refused": 0.5, "status source_refused": 0.5,
    "status reader_not_cleared": 1, "status not_permitted": 1, "status model_unknown": 0.5, "status key_invalid": 0.3,
    "status snapshot_expired": 0.5, "status upstream_failed": 0.5, "status upstream_away": 0.3, "status upstream_retry_denied": 0.5,
    "status provider_state_refused": 0.3, "status egress_refused": 0.3, "status field_unknown": 0.2, "status content_unreadable": 0.5,
    "part level": 3, "part categories": 3, "part requirement": 10, "part residency": 3,
    "reason permit": 1, "reason dialect": 3, "reason tried": 1, "reason away": 1, "reason address": 1, "reason not-reached": 8,
    "atom use-case": 50, "atom overdue": 5, "atom finding": 10, "atom source": 5, "atom floor": 3, "atom origin": 5, "atom endorser": 1, "atom told": 5, "atom use": 1,
    "answer": 10, "more": 50, "lost by more": 1, "lapsed": 20, "lost by a lapse": 0.3, "covered by a transfer": 0.3, "answer withheld": 0.3,
    "person": 15, "person raises the label": 2, "person may not read": 1,
    "outcome declassify": 0.5, "first question yes": 1.5, "second question yes": 0.8, "second question no": 0.4, "nothing made": 0.1,
    "work, all": 1, "work, not all": 0.5, "opened and kept away": 0.2, "opened by another than the first": 0.5,
    "full list": 0.3, "declassified, else refused": 0.3, "refused for what else keeps it away": 0.05,
}


class Difference(Exception):
    """What stands first in it is where."""


def whole(snapshot):
    """With the shipped rows of findings joined in, which C leaves out."""
    rows = snapshot["findings"]
    own = {r["kind"] for r in rows}
    return {**snapshot, "findings": rows + [r for r in EVERY_KIND if r["kind"] not in own]}


def worlds(seed, count):
    """What C says, world by world."""
    with subprocess.Popen([PROGRAM, str(seed), str(count)], stdout=subprocess.PIPE) as process:
        for line in process.stdout:
            world = json.loads(line)
            yield {**world, "snapshot": whole(world["snapshot"])}
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
        kind = ("finding" if a.source == "order" else a.source, name)
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
        key = {"detector": ("finding", int(name) if source == "detector" else None), "floor": ("floor", WHOSE_FLOOR.get(name)),
               "use": ("use", "unreadable"), "told": ("told", None), "handling": ("handling", int(name) if source == "handling" else None)}.get(source, (source, name))
        if source != "detector" or label != ref.BOTTOM:
            out[key] = label
    return out


def readers(snapshot, application, subject):
    return snapshot["applications"][application], snapshot["subjects"].get(subject, {})


def withheld(snapshot):
    """Of each application and person, what may not stand in an answer: the categories of each kind with rows that, were all
    of them to fire, would make it more than they may read, or the kind where it has none."""
    most = {kind: ref.answer_label(snapshot, ref.BOTTOM, [{"kind": kind, "count": 1_000_000}]) for kind in CATEGORY_OF}

    def of(application, person):
        kinds = {kind for kind, label in most.items() if not ref.may_read(label, readers(snapshot, application, person))}
        return {"categories": sorted({CATEGORY_OF[kind] for kind in kinds} - {None}), "kinds": sorted(kind for kind in kinds if CATEGORY_OF[kind] is None)}

    return {a: {p: of(a, p) for p in [*snapshot["subjects"], ""]} for a in snapshot["applications"]}


def compare_answer(snapshot, withheld_of, exchange, label):
    """What they may not read holds a finding that is withheld from them."""
    told, q = exchange["answer"], exchange["question"]
    answered = ref.answer_label(snapshot, label, told["findings"], told["is_full"])
    same("label of the answer", told["label"], ref.plain(answered))
    person = q.get("subject") if q.get("subject") in snapshot["subjects"] else ""
    reader = readers(snapshot, q["application"], person)
    is_more_than_may_be_read = ref.may_read(label, reader) and not ref.may_read(answered, reader)
    of = withheld_of[q["application"]][person]
    if is_more_than_may_be_read and not any(CATEGORY_OF[f["kind"]] in of["categories"] or f["kind"] in of["kinds"] for f in told["findings"]):
        raise Difference(f"{q['application']} and {person} may not read this answer, and nothing of it is withheld: {told}")
    return is_more_than_may_be_read


def seconds_by_reference(snapshot, q, among, plain, candidates):
    """Of each candidate at which the flow refuses the request as it came: which declassifier passes the first question, what
    it would take out, the label of what it made, and what the second question gives."""
    for before, c in zip(plain, candidates):
        d = snapshot["destinations"][c["destination"]]
        if before["reason"] != "flow":
            continue
        found = ref.first_question(snapshot, q, d, among)
        if not found:
            yield {}
            continue
        new = ref.transformed(snapshot, q, *found)
        yield {"by": found[0]["name"], "kinds": sorted(found[1]), "passes": "declassifier" in c,
               **({"label": ref.plain(ref.join(*(a.label for a in ref.atoms_of(snapshot, new))))} if new else {}),
               **({"reason": PASSING.get(c["reason"], c["reason"])} if "declassifier" in c else {})}


def as_asked_in_order(snapshot, q, label, decision):
    """What the gateway says of it: behind the candidate that is taken it asks about no declassifier, but for an earlier try."""
    taken, out = False, []
    for c in decision["candidates"]:
        is_asked = c["destination"] in q["tried"] or not taken and c["reason"] != "not-reached"
        as_it_stands = ref.judge(snapshot, q, snapshot["destinations"][c["destination"]], label) if "declassifier" in c and not is_asked else {}
        out.append({k: v for k, v in {**c, **as_it_stands}.items() if k != "declassifier"})
        taken = taken or c["reason"] == "taken"
    out = {**decision, "candidates": out}
    return {**out, "is_last": is_last(out)}


def compare_declassifying(snapshot, q, exchange, answer):
    """The request as it came, the questions about each candidate, and where it ends."""
    decision, plain, retried = answer["decision"], answer["decision"], answer["decision"]
    if "plain" in exchange:
        plain = ref.evaluate({**snapshot, "declassifiers": []}, q)["decision"]
        same("decision of the request as it came", exchange["plain"], {**plain, "is_last": is_last(plain)})
        retried = ref.evaluate(snapshot, {**q, "is_retry_denied": False})["decision"] if q["is_retry_denied"] else decision
    same("declassifiers", exchange["seconds"],
         list(seconds_by_reference(snapshot, q, answer["openers"], plain["candidates"], retried["candidates"])))
    same("decision", exchange["decision"], as_asked_in_order(snapshot, q, answer["label"], decision))


def compare(snapshot, withheld_of, exchange):
    """Raises Difference. Returns the reference's answer."""
    q = {**exchange["question"], "transformed": exchange.get("transformed", {})}
    answer = ref.evaluate(snapshot, q)
    same("label", exchange["label"], answer["label"] and ref.plain(answer["label"]))
    if answer["label"]:
        same("atoms", atoms_by_c(exchange["atoms"]), atoms_by_reference(snapshot, answer["stated"]))
    compare_declassifying(snapshot, q, exchange, answer)
    answer["is_withheld"] = "answer" in exchange and compare_answer(snapshot, withheld_of, exchange, answer["label"])
    return answer


# ---- what C says of more ----

def as_it_came(exchange):
    return exchange.get("plain", exchange["decision"])["candidates"]


def reached(exchange):
    return {c["destination"] for c in as_it_came(exchange) if c["reason"] in ("taken", "not-reached")}


def raises_the_label(less, more):
    if less["label"] and more["label"] and not ref.leq(less["label"], more["label"]):
        raise Difference(f"one thing more makes {ref.plain(less['label'])} {ref.plain(more['label'])}")


def declassifiable(exchange):
    """Where the flow does not refuse, or a declassifier passes the first question."""
    seconds = iter(exchange["seconds"])
    return {c["destination"] for c in as_it_came(exchange) if c["reason"] != "dialect" and (c["reason"] != "flow" or next(seconds))}


def opens_nothing(tally, name, before, after):
    less, more = reached(after), reached(before)
    for opened in (less - more, declassifiable(after) - declassifiable(before)):
        if opened:
            raise Difference(f"{name} opens {sorted(opened)}, which {before['question']} does not reach")
    tally[name] += 1
    tally["lost by " + name.replace("lapsed", "a lapse")] += less < more


def words_of_persons(snapshot, exchange, answer):
    """Whether somebody is named whom the policy knows, and what comes of it."""
    q = exchange["question"]
    if q.get("subject") not in snapshot["subjects"]:
        return
    others = ref.join(*(a.label for a in answer["atoms"] if (a.source, a.name) != ("floor", "subject")))
    yield "person"
    if answer["label"] and answer["label"] != others:
        yield "person raises the label"
    if answer["decision"]["status"] == "reader_not_cleared" and ref.may_read(answer["label"], readers(snapshot, q["application"], "")):
        yield "person may not read"


def words_of_declassifying(exchange):
    """What the questions about declassifiers came to, and what those did that were asked."""
    made, decision = exchange.get("transformed", {}), exchange["decision"]
    for s in filter(None, exchange["seconds"]):
        yield "first question yes"
        yield "second question yes" if s["passes"] else "second question no" if "label" in s else "nothing made"
        if "label" in s:
            yield "work, not all" if s["by"] in made else "work, all"
        if s.get("reason", "none") != "none":
            yield "opened and kept away"
        if s["by"] != "c00":
            yield "opened by another than the first"
    if exchange["question"].get("is_full"):
        yield "full list"
    if "plain" in exchange and decision["status"] != exchange["plain"]["status"]:
        yield "declassified, else refused" if decision["status"] == "ok" else "refused for what else keeps it away"


def count(tally, snapshot, exchange, answer):
    decision = answer["decision"]
    tally["questions"] += 1
    tally["outcome " + decision["outcome"]] += 1
    tally["status " + decision["status"]] += 1
    tally["answer"] += "answer" in exchange
    for word in {*words_of_persons(snapshot, exchange, answer), *words_of_declassifying(exchange)}:
        tally[word] += 1
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
    same("withheld", world["withheld"], withheld(snapshot))
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
        count(tally, snapshot, exchange, answers[i])
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


@pytest.mark.parametrize("alter", [
    lambda s, x: s.update(passes=False), lambda s, x: s.update(by="c99"), lambda s, x: s["kinds"].append(9), lambda s, x: s["label"].update(level=9),
    lambda s, x: s.update(reason="away"), lambda s, x: s.clear(), lambda s, x: x["plain"].update(outcome="declassify")])
def test_a_second_question_answered_otherwise_is_a_difference(alter):
    world, x, s = next((w, x, s) for w in worlds(SEED, WORLDS) for x in w["exchanges"] for s in x["seconds"] if s.get("reason") == "none")
    snapshot = ref.prepared(world["snapshot"])
    compare(snapshot, world["withheld"], x)
    alter(s, x)
    with pytest.raises(Difference):
        compare(snapshot, world["withheld"], x)


def test_what_opens_is_a_difference():
    passed = next(x for x in list(worlds(SEED, 1))[0]["exchanges"] if reached(x))
    refused = {**passed, "decision": {"candidates": []}, "seconds": []}
    opens_nothing(collections.Counter(), "more", passed, refused)
    with pytest.raises(Difference):
        opens_nothing(collections.Counter(), "more", refused, passed)
    with pytest.raises(Difference):
        raises_the_label({"label": ref.Label(1)}, {"label": ref.BOTTOM})


if __name__ == "__main__":
    print(ask(int(sys.argv[1]), int(sys.argv[2]) + 1)[1])
