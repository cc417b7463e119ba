"""The YAML of a policy as the reference evaluator's snapshot, and the cases of `sallyport policy test` as its
questions. Reads what docs/adr/0027-framework.md writes; it compiles and does not check, beyond that a name it does not know
is an error.

    bank.py FILE CASES…         each case a line {"name", "snapshot", "question"}, for reference.py and for others
"""
import copy
import datetime
import functools
import json
import pathlib
import re
import sys

import yaml

import reference as ref

ROOT = pathlib.Path(__file__).parents[2]
TBL = ROOT / "src" / "core" / "tbl"
DAY = 86400
LEVELS = {"public": 0, "internal": 1, "confidential": 2, "restricted": 3}
SHIPPED_REQUIREMENTS = [
    "pii requires dpa", "phi requires baa and hipaa-eligible and zero-retention", "pci requires pci-dss",
    "credentials requires self-hosted", "confidential requires dpa and no-training", "restricted requires self-hosted",
    "in-house everywhere requires self-hosted", "critical-output everywhere requires model-promoted"]
MEANS_TOO = {"egress": ["server-tools"], "images": ["unreadable"]}  # words of `permits` that permit more than one use
GRANTED = ["tools", "images", "parameters"]  # by every destination
COUNTS = ["processing", "log", "cache", "abuse-review", "telemetry", "failover", "support", "seat", "law"]


class Core(yaml.SafeLoader):
    """YAML 1.2's core schema: dates and NO are texts."""


Core.yaml_implicit_resolvers = {}
for tag, pattern, starts in (("bool", r"true|false", "tf"), ("int", r"[-+]?[0-9]+", "-+0123456789"),
                             ("float", r"[-+]?[0-9]+\.[0-9]+", "-+0123456789"), ("null", r"null|~|", ["n", "~", ""])):
    Core.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(rf"^(?:{pattern})$"), list(starts))


def read(path):
    return yaml.load(pathlib.Path(path).read_text(encoding="utf-8"), Core)


@functools.cache
def rows(table):
    """The rows of a list in src/core/tbl: what stands in X(…), without quotes."""
    text = (TBL / table).read_text(encoding="utf-8")
    return [[cell.strip().strip('"') for cell in re.split(r",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", row)]
            for row in re.findall(r"^X\((.*)\)$", text, re.MULTILINE)]


def seconds(text):
    """A date, or a time in UTC, since 1970."""
    if text is None:
        return None
    when = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return int(when.replace(tzinfo=when.tzinfo or datetime.timezone.utc).timestamp())


def many(value):
    return [] if value is None else value if isinstance(value, list) else [value]


def listed(text):
    """The words of a part of a sentence."""
    return [w for w in re.split(r"[ ,]+", text) if w not in ("", "and")]


class Names:
    """What the names of a file mean."""

    def __init__(self, file):
        self.levels = LEVELS | file.get("levels", {})
        self.categories = {r[2]: int(r[1]) for r in rows("categories.h")} | file.get("categories", {})
        self.facts = {r[2]: int(r[1]) for r in rows("facts.h")} | {name: f["number"] for name, f in file.get("facts", {}).items()}
        self.kinds = {r[2]: int(r[1]) for r in rows("kinds.h")}
        self.places = {r[0]: int(r[1]) for r in rows("jurisdictions.h")}
        members = {r[0]: int(r[2]) for r in rows("jurisdictions.h")}
        self.groups = {name: [c for c, g in members.items() if g & bit] for name, bit in
                       (("EU", 1), ("EEA", 2), ("ADEQUATE", 4))} | file.get("residency", {}).get("groups", {})

    def where(self, value):
        """Numbers of jurisdictions; names of groups are taken apart."""
        if "*" in many(value):
            return sorted(ref.EVERYWHERE)
        out = set()
        for name in many(value):
            out |= set(self.where(self.groups[name])) if name in self.groups else {self.places[name]}
        return sorted(out)

    def label(self, row):
        out = {"level": self.levels[row.get("level", "public")],
               "categories": sorted(self.categories[c] for c in many(row.get("categories")))}
        if "residency" in row:
            out["residency"] = self.where(row["residency"])
        if "integrity" in row:
            out["integrity"] = row["integrity"]
        return out

    def clearance(self, row, left_out):
        """`all` is every category; a clearance that is left out is what `left_out` says."""
        if row is None:
            return left_out
        listed = list(range(64)) if row["categories"] == "all" else [self.categories[c] for c in many(row["categories"])]
        return {"level": self.levels[row["level"]], "categories": sorted(listed)}

    def statements(self, section):
        return [{"fact": self.facts[n], "from": seconds(f["from"]), "until": seconds(f["until"])}
                for n, f in (section or {}).items()]

    def requirement(self, text):
        """[LEVEL] [CATEGORY and CATEGORY] [on cloud | on self-hosted | everywhere] requires FACT and FACT"""
        when, _, needed = text.partition(" requires ")
        tiers = ["cloud"]
        for said, meant in ((" on cloud", ["cloud"]), (" on self-hosted", ["self-hosted"]), (" everywhere", ["cloud", "self-hosted"])):
            if when.endswith(said):
                when, tiers = when.removesuffix(said), meant
        words = listed(when)
        level = max([self.levels[w] for w in words if w in self.levels], default=0)
        return {"tiers": tiers, "level": level, "categories": sorted(self.categories[w] for w in words if w not in self.levels),
                "facts": sorted(self.facts[f] for f in listed(needed))}

    def transfer(self, text):
        """PLACES to PLACES [with FACT and FACT]"""
        places, _, needed = text.partition(" with ")
        source, _, target = places.partition(" to ")
        return {"from": self.where(listed(source)), "to": self.where(listed(target)), "facts": [self.facts[f] for f in listed(needed)]}


def requirements(names, file):
    """The file's, and the shipped ones whose condition it does not take over."""
    own = [names.requirement(text) for text in file.get("requirements", [])]
    def condition(r):
        return r["tiers"], r["level"], r["categories"]
    taken = [condition(r) for r in own]
    return [r for r in map(names.requirement, SHIPPED_REQUIREMENTS) if condition(r) not in taken] + own


def findings(names, file):
    own = [{"kind": names.kinds[f["kind"]], "at_least": f.get("at_least", 1), "confidence": f.get("confidence", 0), **names.label(f)}
           for f in file.get("findings", [])]
    by_id = {r[0]: int(r[1]) for r in rows("categories.h")}
    shipped = [{"kind": int(r[1]), "at_least": 1, "confidence": 0, "level": int(r[4]), "categories": [by_id[r[3]]] if r[3] in by_id else []}
               for r in rows("kinds.h") if r[3] != "OUTWARD" and (r[3] in by_id or int(r[4]) > 0)]  # others bring what a row says
    return [r for r in shipped if r["kind"] not in {f["kind"] for f in own}] + own


def permitted(row):
    words = many(row.get("permits"))
    return words + [more for word in words for more in MEANS_TOO.get(word, [])]


def destination(names, name, d, vendor):
    permits = permitted(d)
    readable = [c for c in range(64) if c != ref.UNREADABLE or "unreadable" in permits]
    stated = names.clearance(d.get("clearance"), {"level": 15, "categories": readable})
    if "unreadable" in permits:
        stated = {**stated, "categories": sorted({*stated["categories"], ref.UNREADABLE})}
    copies = {kind: names.where(c["region"]) for kind, c in d.get("copies", {}).items()}
    return {"name": name, "vendor": d["vendor"], "tier": d["tier"], "tls": d["base_url"].startswith("https://"), "dialect": d["dialect"],
            "stated": stated, "permits": GRANTED + permits, "statements": names.statements(d.get("facts")),
            "touches": {"processing": names.where(d["jurisdictions"]), "seat": names.where(vendor.get("legal_seat")),
                        "law": names.where(vendor.get("compelled_by")), **copies}}


def use_case(names, u):
    permits = {"permits": permitted(u)} if "permits" in u else {}
    return {**names.label(u), **permits, "review": seconds(u.get("review")), "criticality": u.get("criticality"), "tier": u.get("tier")}


def caller(names, a):
    """Floor and clearance of an application or a subject."""
    return {"floor": names.label(a["floor"]) if "floor" in a else None, "clearance": names.clearance(a.get("clearance"), None)}


def application(names, a):
    return {"use_case": a["use_case"], "models": a["models"], "user_text": a["user_text"], "permits": permitted(a),
            "declares": a.get("declares", []), "sources": a.get("sources", []), "endorsers": many(a.get("endorsers")), **caller(names, a)}


def endorser(e):
    return {"tools": many(e["tools"]), "values": many(e["words"]) if "words" in e else e["values"]}


def snapshot(file):
    names = Names(file)
    vendors, residency = file.get("vendors", {}), file.get("residency", {})
    overdue = {"level": max(names.levels, key=names.levels.get), "categories": ["in-house"]} | file.get("overdue", {})
    return {
        "assessment_life": file.get("vigilance", {}).get("assessment_days", 365) * DAY,
        "composites": [{"fact": f["number"], **{k: [names.facts[x] for x in f[k]] for k in ("any_of", "all_of") if k in f}}
                       for f in file.get("facts", {}).values()],
        "vendors": {n: {"assessed": seconds(v.get("assessed")), "statements": names.statements(v.get("facts"))} for n, v in vendors.items()},
        "destinations": {n: destination(names, n, d, vendors.get(d["vendor"], {})) for n, d in file["destinations"].items()},
        "counts": residency.get("counts") or COUNTS,
        "transfers": [names.transfer(x) for x in residency.get("transfers", [])],
        "requirements": requirements(names, file),
        "handling": [{"category": names.categories[c], **names.label(h)} for c, h in file.get("handling", {}).items()],
        "findings": findings(names, file),
        "sources": {n: names.label({"integrity": "untrusted"} | x) for n, x in file.get("sources", {}).items()},
        "use_cases": {n: use_case(names, u) for n, u in file["use_cases"].items()},
        "overdue": names.label(overdue),
        "models": file["models"],
        "endorsers": {n: endorser(e) for n, e in file.get("endorsers", {}).items()},
        "applications": {n: application(names, a) for n, a in file["applications"].items()},
        "subjects": {n: caller(names, x) for n, x in file.get("subjects", {}).items()},
        "declassifiers": [{"name": n, **x, "categories": [names.categories[c] for c in x["categories"]]}
                          for n, x in file.get("declassifiers", {}).items()]}


# ---- cases ----

def lapse(names, s, words, t):
    """`FACT of NAME`: a statement about a vendor or a destination that has run out at `t`."""
    fact, _, name = words.partition(" of ")
    holder = s["vendors"].get(name) or s["destinations"][name]
    found = [x for x in holder["statements"] if x["fact"] == names.facts[fact]]
    if not found:
        raise KeyError(f"nothing states {words}")
    for x in found:
        x["until"] = min(x["until"], t)


def said(turn, origin, content):
    """What stands beside calls and results: it matters whose it is, and not what."""
    return [{"turn": turn, "origin": origin}] if content else []


def result(turn, block, of, content, known):
    """A tool's result: one text, or what else stands there; `known` keys say no text of their own."""
    texts = [content] if isinstance(content, str) else [c["text"] for c in content if c["type"] == "text"]
    plain = len(texts) == 1 and (isinstance(content, str) or len(content) == 1)
    beside = ["unknown" for key in block if key not in known]
    return {"turn": turn, "origin": "tool", "answers": of, "beside": beside, **({"text": texts[0]} if plain else {}),
            **({"name": block["name"]} if "name" in block else {})}


def texts_of_message(turn, m):
    """As OpenAI and Anthropic write messages."""
    origin = {"user": "user", "assistant": "model", "system": "application", "developer": "application"}.get(m["role"], "unknown")
    blocks = m["content"] if isinstance(m.get("content"), list) else []
    if m["role"] == "tool":
        return [result(turn, m, m.get("tool_call_id"), m["content"], ("role", "content", "tool_call_id", "name"))]
    out = said(turn, origin, m.get("content"))
    out += [{"turn": turn, "origin": "model", "call": c["id"], "tool": c["function"]["name"]} for c in m.get("tool_calls", ())]
    out += [{"turn": turn, "origin": "model", "call": b["id"], "tool": b["name"]} for b in blocks if b["type"] == "tool_use"]
    return out + [result(turn, b, b["tool_use_id"], b["content"], ("type", "tool_use_id", "content")) for b in blocks
                  if b["type"] == "tool_result"]


def texts(request):
    """Who says what in a request, as the reference asks for it."""
    return [t for turn, m in enumerate(request["messages"], 1) for t in texts_of_message(turn, m)]


def question(names, s, given):
    now = seconds(given["at"])
    first = s["models"].get(given["model"], {}).get("destinations", [None])[0]
    return {"now": now, "application": given["application"], "model": given["model"], "subject": given.get("subject"),
            "use_cases": many(given.get("use_case")), "sources": many(given.get("sources")),
            "origins": given.get("origins", texts(given["request"]) if "request" in given else ["user"]),
            "uses": given.get("uses", []), "dialect": given.get("dialect", s["destinations"][first]["dialect"] if first else "openai"),
            "findings": [{**f, "kind": names.kinds[f["kind"]]} for f in given.get("findings", [])]}


def reasons(names, decision):
    """The status, and a line for each candidate: its name, what passed it over, and what it lacks."""
    fact = {number: name for name, number in names.facts.items()}
    yield [decision["status"]]
    for c in decision["candidates"]:
        words = [c["destination"], c.get("part", c["reason"]), *(fact[f] for f in c.get("missing", ()))]
        yield words + [c[k] for k in ("capability", "declassifier") if k in c]


def asked(names, compiled, given):
    """(snapshot, question) of a case."""
    s = copy.deepcopy(compiled) if "lapsed" in given else compiled
    q = question(names, s, given)
    for words in given.get("lapsed", []):
        lapse(names, s, words, q["now"])
    return s, q


def decide(names, compiled, given):
    """What the reference says: in the words of `expect`, with all reasons."""
    s, q = asked(names, compiled, given)
    out = ref.evaluate(s, q)
    label = out["label"]
    level, category = ({number: name for name, number in table.items()} for table in (names.levels, names.categories))
    return {"outcome": out["decision"]["outcome"], "destination": out["decision"]["destination"],
            "level": label and level[label.level], "integrity": label and ("trusted" if label.trusted else "untrusted"),
            "categories": label and {category[c] for c in label.categories},
            "because": list(reasons(names, out["decision"]))}


def differences(expect, got):
    """What is not as expected. `because` is a status, or a destination, what passed it over, and some of what it lacks."""
    for key in ("outcome", "destination", "level", "integrity"):
        if key in expect and expect[key] != got[key]:
            yield f"{key}: {got[key]}"
    if "categories" in expect and set(expect["categories"]) != got["categories"]:
        yield f"categories: {sorted(got['categories'] or ())}"
    for line in many(expect.get("because")):
        words = line.split()
        if not any(words[:2] == r[:2] and set(words[2:]) <= set(r[2:]) for r in got["because"]):
            yield f"because: {got['because']}"


def main():
    file = read(sys.argv[1])
    names, compiled = Names(file), snapshot(file)
    for case in (case for path in sys.argv[2:] for case in read(path)):
        s, q = asked(names, compiled, case["given"])
        print(json.dumps({"name": case["name"], "snapshot": s, "question": q}))


if __name__ == "__main__":
    main()
