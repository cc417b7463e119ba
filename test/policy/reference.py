#!/usr/bin/env python3
"""The reference evaluator: docs/reference/policy.md as it reads, with sets for bits and no thought for speed.

It shares no line with the C code, so that the two can be compared. Facts, categories, levels, jurisdictions and
kinds are the numbers of src/core/tbl; names of destinations, models, use cases and so on are texts. A question and
what it is asked of are JSON (read in `main`; the keys are those that the functions look up):

    reference.py < cases        each line {"snapshot": …, "question": …}, each answer a line of its own; a line without
                                a snapshot asks the one before
"""
import collections
import datetime
import json
import re
import sys
from typing import NamedTuple

EVERYWHERE = frozenset(range(256))
UNREADABLE, IN_HOUSE, CRITICAL_OUTPUT = 10, 11, 12
INJECTION, JAILBREAK, PROPOSALS = 238, 239, range(238, 255)  # kinds that the small models say
MARKS = frozenset({IN_HOUSE, CRITICAL_OUTPUT})  # no stated list of categories speaks of them
CLOUD, SELF_HOSTED, TLS, ASSESSED = 36, 37, 38, 39
CAPABILITIES = frozenset({"state", "egress", "unknown", "opaque", "tools", "server-tools", "images", "parameters"})
OF_APPLICATION = frozenset({"state", "egress", "server-tools"})  # act beyond the request, so it has to agree too
ASKED_OF_USE_CASES = CAPABILITIES | {"unreadable"}  # which at a destination is a matter of its categories
MOST_USE_CASES, MOST_SOURCES = 7, 16  # of application, key and header; of a header
MOST_CALLS, MOST_ID, MOST_VALUE = 16384, 256, 64  # calls and results of a request; bytes of an id, of a value
STATUS_OF_CAPABILITY = {"state": "provider_state_refused", "egress": "egress_refused", "server-tools": "egress_refused",
                        "unknown": "field_unknown", "opaque": "content_unreadable", "images": "content_unreadable",
                        "unreadable": "content_unreadable"}


class Label(NamedTuple):
    level: int = 0
    categories: frozenset = frozenset()
    residency: frozenset = EVERYWHERE
    trusted: bool = True


BOTTOM = Label()


class Atom(NamedTuple):
    label: Label
    source: str  # use-case, overdue, finding, order, source, floor, told, origin, endorser, use
    name: object


def label_of(row):
    """What a row states; what it leaves out is neutral, but for trust: `integrity` is stated where it is untrusted."""
    where = row.get("residency", "*")
    return Label(row.get("level", 0), frozenset(row.get("categories", ())),
                 EVERYWHERE if where == "*" else frozenset(where), row.get("integrity", "trusted") == "trusted")


# ---- labels ----

def join(*labels):
    total = BOTTOM
    for l in labels:
        where = total.residency if l.residency is EVERYWHERE else total.residency & l.residency  # the same, sooner
        total = Label(max(total.level, l.level), total.categories | l.categories, where, total.trusted and l.trusted)
    return total


def leq(a, b):
    return (a.level <= b.level and a.categories <= b.categories and a.residency >= b.residency
            and (a.trusted or not b.trusted))


def close(snapshot, label):
    """Joins in the handling of each category that is there."""
    rows = [h for h in snapshot.get("handling", ()) if h["category"] in label.categories]
    return join(label, *(Label(h.get("level", 0), frozenset(), label_of(h).residency) for h in rows))


# ---- a snapshot that is asked often ----

def prepared(snapshot):
    """The same, to be asked often and not changed: facts at a time are worked out once."""
    return {**snapshot, "known": {}}


# ---- facts over time ----

def statements(snapshot, d):
    return snapshot.get("vendors", {}).get(d["vendor"], {}).get("statements", []) + d.get("statements", [])


def own_facts(snapshot, d, t):
    """What the gateway states itself."""
    own = {CLOUD if d["tier"] == "cloud" else SELF_HOSTED}
    if d["tls"]:
        own.add(TLS)
    vendor = snapshot.get("vendors", {}).get(d["vendor"], {})
    assessed = vendor.get("assessed")
    if assessed is not None and assessed <= t < assessed + snapshot["assessment_life"]:
        if all(t < s["until"] for s in vendor.get("statements", [])):
            own.add(ASSESSED)
    return own


def compose(snapshot, known):
    """The least set that holds what is known and every composite fact that it gives."""
    known = set(known)
    while True:
        more = set()
        for c in snapshot.get("composites", ()):
            any_of, all_of = set(c.get("any_of", ())), set(c.get("all_of", ()))
            if (any_of or all_of) and (not any_of or any_of & known) and all_of <= known:
                more.add(c["fact"])
        if more <= known:
            return frozenset(known)
        known |= more


def facts(snapshot, d, t):
    known = snapshot.get("known", {})
    if (d["name"], t) not in known:
        known[d["name"], t] = facts_worked_out(snapshot, d, t)
    return known[d["name"], t]


def facts_worked_out(snapshot, d, t):
    stated = {s["fact"] for s in statements(snapshot, d) if s["from"] <= t < s["until"]}
    return compose(snapshot, stated | own_facts(snapshot, d, t))


def phases(snapshot, d):
    """[(from, facts)]: what holds before everything, and from each time at which it changes."""
    times = {0}
    for s in statements(snapshot, d):
        times |= {s["from"], s["until"]}
    assessed = snapshot.get("vendors", {}).get(d["vendor"], {}).get("assessed")
    if assessed is not None:
        times |= {assessed, assessed + snapshot["assessment_life"]}
    out = []
    for t in sorted(times):
        if not out or out[-1][1] != facts(snapshot, d, t):
            out.append((t, facts(snapshot, d, t)))
    return out


# ---- does a label flow to a destination? ----

def matches(r, label):
    return r["level"] <= label.level and frozenset(r["categories"]) <= label.categories


def missing(snapshot, label, d, t):
    """Facts that matched requirements of its tier ask for and that it has not."""
    needed = set()
    for r in snapshot.get("requirements", ()):
        if d["tier"] in r["tiers"] and matches(r, label):
            needed |= set(r["facts"])
    return needed - facts(snapshot, d, t)


def touches(snapshot, d):
    return frozenset(j for kind in ["processing", *snapshot["counts"]] for j in d["touches"].get(kind, ()))


def covered(snapshot, label, d, t):
    out = set()
    for x in snapshot.get("transfers", ()):
        if frozenset(x["from"]) <= label.residency and frozenset(x["facts"]) <= facts(snapshot, d, t):
            out |= set(x["to"])
    return out


def within(label, clearance):
    """A clearance that somebody stated of a destination."""
    return label.level <= clearance["level"] and label.categories - MARKS <= frozenset(clearance["categories"])


def may_read(label, who):
    """Within the clearance of a reader; that something could not be inspected is a matter of sending."""
    seen = label._replace(categories=label.categories - {UNREADABLE})
    return all(within(seen, w["clearance"]) for w in who if w.get("clearance"))


def refusal(snapshot, label, d, t):
    """(part, missing facts) of the first part that refuses, or (None, {})."""
    if label.level > d["stated"]["level"]:
        return "level", set()
    if not within(label, d["stated"]):
        return "categories", set()
    if missing(snapshot, label, d, t):
        return "requirement", missing(snapshot, label, d, t)
    where = touches(snapshot, d)
    if not where or not where - covered(snapshot, label, d, t) <= label.residency:
        return "residency", set()
    return None, set()


def flows(snapshot, label, d, t):
    return refusal(snapshot, label, d, t)[0] is None


# ---- the label of a request ----

def once(names):
    return list(dict.fromkeys(n for n in names if n is not None))


def names_in(header):
    """What a header names: its text with commas between, or a list."""
    return once(n.strip(" \t") for n in header.split(",")) if isinstance(header, str) else once(header)


def use_cases_of_caller(snapshot, q):
    app = snapshot["applications"][q["application"]]
    return once([app["use_case"], q.get("key", {}).get("use_case"), *names_in(q.get("use_cases", ()))])


def use_cases(snapshot, q):
    """Of application, key, header and model, each once."""
    return once([*use_cases_of_caller(snapshot, q), snapshot["models"].get(q["model"], {}).get("use_case")])


def use_case_atoms(snapshot, q):
    for name in use_cases(snapshot, q):
        u = snapshot["use_cases"][name]
        marks = set()
        if u.get("criticality") == "business-critical":
            marks.add(CRITICAL_OUTPUT)
        if u.get("tier") == "self-hosted-only":
            marks.add(IN_HOUSE)
        yield Atom(join(label_of(u), Label(categories=frozenset(marks))), "use-case", name)
        if u.get("review") is not None and q["now"] >= u["review"]:
            yield Atom(label_of(snapshot["overdue"]), "overdue", name)


def counted(row, findings):
    return [f for f in findings if f["kind"] == row["kind"] and f.get("confidence", 100) >= row["confidence"]]


def finding_atoms(snapshot, findings, is_full=False):
    """`is_full`: there are more than are listed, so nobody can say how many."""
    kinds = {f["kind"] for f in findings}
    for i, row in enumerate(snapshot["findings"]):
        if row["kind"] in kinds and (is_full or sum(f.get("count", 1) for f in counted(row, findings)) >= row["at_least"]):
            yield Atom(label_of(row), "finding", i)
    for kind in sorted(kinds & {INJECTION, JAILBREAK}):
        yield Atom(Label(trusted=False), "order", kind)


# ---- who vouches for a text ----

def texts_of(q):
    """Each text of the request, in order: a text by its origin alone stands in a message of its own."""
    return [{"turn": i + 1, **({"origin": t} if isinstance(t, str) else t)} for i, t in enumerate(q.get("origins", ()))]


def is_date(text):
    try:
        return bool(re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text)) and bool(datetime.date.fromisoformat(text))
    except ValueError:
        return False


def is_value(values, text):
    """All of a result is one; blanks around it do not count."""
    text = text.strip(" \t\r\n")
    if len(text.encode()) > MOST_VALUE:
        return False
    if isinstance(values, list):
        return text in values
    integer = "-?(0|[1-9][0-9]*)"
    return {"number": lambda: bool(re.fullmatch(integer + r"(\.[0-9]+)?([eE][+-]?[0-9]+)?", text)),
            "integer": lambda: bool(re.fullmatch(integer, text)),
            "boolean": lambda: text in ("true", "false"), "date": lambda: is_date(text)}[values]()


def vouches(endorser, tool, result):
    if tool not in endorser["tools"]:
        return False
    if endorser["values"] == "any":
        return "unknown" not in result.get("beside", ())
    return "text" in result and not result.get("beside") and is_value(endorser["values"], result["text"])


def endorsed(snapshot, app, texts):
    """{place of a result: name of the endorser}: where its id is of one call before it, of no other, and of no other result."""
    by_id = collections.defaultdict(list)
    for i, t in enumerate(texts):
        if 0 < len((t.get("call") or t.get("answers") or "").encode()) <= MOST_ID:
            by_id[t.get("call") or t.get("answers")].append(i)
    if sum("call" in t or "answers" in t for t in texts) > MOST_CALLS:
        return {}
    out = {}
    for places in by_id.values():
        if ["call" if "call" in texts[i] else "answer" for i in places] != ["call", "answer"]:
            continue
        tool, result = texts[places[0]].get("tool"), texts[places[1]]
        if tool and result.get("name", tool) == tool:
            names = [n for n in app.get("endorsers", ()) if vouches(snapshot["endorsers"][n], tool, result)]
            out |= {places[1]: names[0]} if names else {}
    return out


def is_vouched(app, origin):
    return origin == "application" or (origin in ("user", "model") and app["user_text"] == "trusted")


def trust_atoms(snapshot, app, texts):
    by = endorsed(snapshot, app, texts)
    said = [(t["turn"], origin) for i, t in enumerate(texts) if i not in by for origin in [t["origin"], *t.get("beside", ())]]
    first = min((turn for turn, origin in said if not is_vouched(app, origin)), default=None)
    for origin in dict.fromkeys(origin for turn, origin in said
                                if not is_vouched(app, origin) or (origin == "model" and first is not None and turn >= first)):
        yield Atom(Label(trusted=False), "origin", origin)
    for name in dict.fromkeys(by.values()):
        yield Atom(BOTTOM, "endorser", name)


def stated_atoms(snapshot, q):
    """Before what their categories carry is joined in."""
    app = snapshot["applications"][q["application"]]
    subject = snapshot.get("subjects", {}).get(q.get("subject"), {})
    out = list(use_case_atoms(snapshot, q))
    out += finding_atoms(snapshot, q.get("findings", ()), q.get("is_full", False))
    out += [Atom(label_of(snapshot["sources"][n]), "source", n) for n in names_in(q.get("sources", ()))]
    out += [Atom(label_of(who["floor"]), "floor", name) for name, who in
            (("application", app), ("subject", subject)) if who.get("floor")]
    out += [Atom(label_of(l), "told", i) for i, l in enumerate(q.get("told", ()))]
    out += trust_atoms(snapshot, app, texts_of(q))
    if "unreadable" in q.get("uses", ()):
        out.append(Atom(Label(categories=frozenset({UNREADABLE})), "use", "unreadable"))
    return out


def closed(snapshot, atoms):
    return [a._replace(label=close(snapshot, a.label)) for a in atoms]


def atoms_of(snapshot, q):
    return closed(snapshot, stated_atoms(snapshot, q))


# ---- declassifying ----

def removable(snapshot, declassifier, atom):
    row = snapshot["findings"][atom.name] if atom.source == "finding" else {"kind": 0, "categories": ()}
    categories = () if row["kind"] in PROPOSALS else row["categories"]
    return bool(categories) and set(categories) <= set(declassifier["categories"])


def openers(snapshot, atoms):
    """[(declassifier, label without the atoms that it removes, kinds of which it removes some)], of those that remove any."""
    out = []
    for declassifier in snapshot.get("declassifiers", ()):
        gone = [a for a in atoms if removable(snapshot, declassifier, a)]
        kinds = {snapshot["findings"][a.name]["kind"] for a in gone}
        if kinds:
            out.append((declassifier, join(*(a.label for a in atoms if a not in gone)), kinds))
    return out


def transformed(snapshot, q, declassifier, kinds):
    """The request that it leaves: what `q` says that the new bytes hold or, unsaid, all but what it removes. None where it
    removes nothing, since one of those cannot be taken out."""
    findings = q.get("findings", ())
    if q.get("is_full") or not all(f.get("is_placed", True) for f in findings if f["kind"] in kinds):
        return None
    left = {"findings": [f for f in findings if f["kind"] not in kinds]}
    return {**q, **q.get("transformed", {}).get(declassifier["name"], left)}


# ---- the decision ----

def lacks(permits, uses, asked):
    """The first of the uses that is asked for and not permitted, or None."""
    return next((u for u in uses if u in asked and u not in permits), None)


def judge(snapshot, q, d, label):
    """A candidate by itself: rules first, then circumstances."""
    part, lacking = refusal(snapshot, label, d, q["now"])
    ungranted = lacks(d["permits"], q.get("uses", ()), CAPABILITIES)
    if d["dialect"] != q["dialect"]:
        return {"reason": "dialect"}
    if part:
        return {"reason": "flow", "part": part, **({"missing": sorted(lacking)} if lacking else {})}
    if ungranted:
        return {"reason": "permit", "capability": ungranted}
    if d["name"] in q.get("stops", {}).get("destinations", ()):
        return {"reason": "stopped"}
    if d["name"] in q.get("tried", ()):
        return {"reason": "tried"}
    if not d.get("has_address", True):
        return {"reason": "address"}
    if d.get("is_down", False) or d["name"] in q.get("away", ()):
        return {"reason": "away"}
    return {"reason": "none"}


def first_question(snapshot, q, d, among):
    """(the first declassifier among `openers` that passes it for a destination, kinds that it takes out), or None."""
    return next(((x, kinds) for x, rest, kinds in among
                 if d["name"] in x["destinations"] and flows(snapshot, rest, d, q["now"])), None)


def judge_declassified(snapshot, q, d, label, among):
    """As it stands; where only the label refuses, as the first declassifier that opens it would leave it."""
    plain = judge(snapshot, q, d, label)
    found = first_question(snapshot, q, d, among) if plain["reason"] == "flow" else None
    if found is None:
        return plain
    declassifier, kinds = found
    new = transformed(snapshot, q, declassifier, kinds)
    again = new and join(*(a.label for a in atoms_of(snapshot, new)))
    second = judge(snapshot, new, d, again) if new else plain
    if second["reason"] in ("flow", "permit") or refused_to_caller(snapshot, new, again):
        return plain  # it did not do its work, or that was not all: no second one is tried
    if q.get("is_retry_denied") and d["name"] not in q.get("tried", ()):
        return plain  # nothing more is made for a request that goes nowhere
    return {**second, "declassifier": declassifier["name"]}


CLOSENESS = ["dialect", "flow", "unreadable", "permit", "stopped", "address", "away", "tried"]
STATUS_OF_REASON = {"dialect": "model_unknown", "flow": "no_destination_cleared", "unreadable": "content_unreadable",
                    "stopped": "stopped", "address": "upstream_failed", "tried": "upstream_failed", "away": "upstream_away"}


def refused_status(snapshot, q, label, candidates):
    """The reason of the candidate that came closest; the first of equals."""
    readable = label._replace(categories=label.categories - {UNREADABLE})
    def kind(c):
        d = snapshot["destinations"][c["destination"]]
        only_unreadable = UNREADABLE in label.categories and flows(snapshot, readable, d, q["now"])
        return "unreadable" if c["reason"] == "flow" and only_unreadable else c["reason"]
    if not candidates:
        return "model_unknown"
    closest = max(candidates, key=lambda c: CLOSENESS.index(kind(c)))
    if closest["reason"] == "permit":
        return STATUS_OF_CAPABILITY.get(closest["capability"], "not_permitted")
    return STATUS_OF_REASON[kind(closest)]


def deny(status, candidates=()):
    return {"outcome": "deny", "status": status, "destination": None, "candidates": list(candidates)}


def choose(snapshot, q, label, among):
    """The candidates of the model in order; the first that passes is taken."""
    candidates, taken = [], None
    for name in snapshot["models"][q["model"]]["destinations"]:
        c = {"destination": name, **judge_declassified(snapshot, q, snapshot["destinations"][name], label, among)}
        if c["reason"] == "none":
            c["reason"] = "not-reached" if taken else "taken"
            taken = taken or c
        candidates.append(c)
    if not taken:
        return deny(refused_status(snapshot, q, label, candidates), candidates)
    if q.get("is_retry_denied"):
        taken["reason"] = "not-reached"
        return deny("upstream_retry_denied", candidates)
    passed_over = {c["reason"] for c in candidates[:candidates.index(taken)]}
    outcome = ("declassify" if "declassifier" in taken else
               "reroute" if passed_over & {"flow", "permit", "stopped"} else "allow")
    return {"outcome": outcome, "status": "ok", "destination": taken["destination"], "candidates": candidates}


def refused_to_caller(snapshot, q, label):
    """The status of a use that this caller may not make, or of a label that it may not read, or None."""
    app = snapshot["applications"][q["application"]]
    subject = snapshot.get("subjects", {}).get(q.get("subject"), {})
    cases = [snapshot["use_cases"][n] for n in use_cases(snapshot, q)]
    for permits, asked in [(app["permits"], OF_APPLICATION), *((u.get("permits", ASKED_OF_USE_CASES), ASKED_OF_USE_CASES) for u in cases)]:
        refused = lacks(permits, q.get("uses", ()), asked)
        if refused:
            return STATUS_OF_CAPABILITY.get(refused, "not_permitted")
    return None if may_read(label, (app, subject)) else "reader_not_cleared"


def refused_before(snapshot, q, label):
    """The status of what refuses the request whatever destinations there are, or None."""
    app = snapshot["applications"][q["application"]]
    cases, stops = use_cases(snapshot, q), q.get("stops", {})
    if stops.get("all") or q["application"] in stops.get("applications", ()) or set(cases) & set(stops.get("use_cases", ())):
        return "stopped"
    if q["model"] not in snapshot["models"]:
        return "model_unknown"
    if q["model"] not in app["models"]:
        return "not_permitted"
    refused = refused_to_caller(snapshot, q, label)
    return refused or ("stopped" if q["model"] in stops.get("models", ()) else None)


def refused_name(snapshot, q):
    """The status of a header that names what its application may not, or too much; or None."""
    app = snapshot["applications"][q["application"]]
    declared, sources = set(names_in(q.get("use_cases", ()))), set(names_in(q.get("sources", ())))
    if not declared <= set(app.get("declares", ())) or len(use_cases_of_caller(snapshot, q)) > MOST_USE_CASES:
        return "use_case_refused"
    return None if sources <= set(app.get("sources", ())) and len(sources) <= MOST_SOURCES else "source_refused"


def evaluate(snapshot, q):
    """{label, atoms, stated, openers, decision}: the label is None where the request has none, and there are no atoms; `stated`
    are the atoms before what their categories carry is joined in."""
    early = ("snapshot_expired" if q["now"] >= snapshot.get("expires", float("inf")) else
             "key_invalid" if q.get("is_key_gone") else refused_name(snapshot, q))
    if early:
        return {"label": None, "atoms": [], "stated": [], "openers": [], "decision": deny(early)}
    stated = stated_atoms(snapshot, q)
    atoms = closed(snapshot, stated)
    label, among = join(*(a.label for a in atoms)), openers(snapshot, atoms)
    status = refused_before(snapshot, q, label)
    return {"label": label, "atoms": atoms, "stated": stated, "openers": among,
            "decision": deny(status) if status else choose(snapshot, q, label, among)}


def reachable(snapshot, q):
    """The destinations that would be taken were they alone: what the theorems speak of."""
    out = evaluate(snapshot, {**q, "is_retry_denied": False})["decision"]
    return {c["destination"] for c in out["candidates"] if c["reason"] in ("taken", "not-reached")}


def answer_label(snapshot, label, findings, is_full=False):
    """Of an answer: the label of its request, and what review found."""
    return join(label, *(close(snapshot, a.label) for a in finding_atoms(snapshot, findings, is_full)))


def answer(snapshot, q, findings):
    """(label of the answer, whether this caller may have it)."""
    label = answer_label(snapshot, evaluate(snapshot, q)["label"], findings)
    return label, may_read(label, (snapshot["applications"][q["application"]], snapshot.get("subjects", {}).get(q.get("subject"), {})))


# ---- JSON ----

def plain(label):
    where = "*" if label.residency == EVERYWHERE else sorted(label.residency)
    return {"level": label.level, "categories": sorted(label.categories), "residency": where,
            "integrity": "trusted" if label.trusted else "untrusted"}


def answer_to(snapshot, q):
    out = evaluate(snapshot, q)
    return {"label": out["label"] and plain(out["label"]), "decision": out["decision"],
            "atoms": [{"label": plain(a.label), "source": a.source, "name": a.name} for a in out["atoms"]]}


def main():
    snapshot = None
    for line in sys.stdin:
        case = json.loads(line)
        snapshot = case.get("snapshot", snapshot)
        print(json.dumps(answer_to(snapshot, case["question"])), flush=True)


if __name__ == "__main__":
    main()
