"""Random policies as files, over few names so that their rows meet, and requests that are asked of them. All of it is a
function of the generator that is given."""
import datetime

import bank

LEVELS = ["public", "internal", "confidential", "restricted"]
CATEGORIES = ["pii", "phi", "pci", "financial", "legal", "credentials", "unreadable", "in-house", "critical-output", "own-a", "own-b"]
COUNTRIES = ["DE", "FR", "CH", "US", "CN", "GB"]
PLACES = [*COUNTRIES, "EEA", "EU", "ADEQUATE", "home"]
STATED = ["dpa", "baa", "scc", "transfer-assessment", "zero-retention", "no-training", "pci-dss", "hipaa-eligible", "model-promoted", "f1"]
COMPOSITE = ["f2", "f3"]
OURS = ["cloud", "self-hosted", "tls", "assessed"]
DESTINATIONS = ["d0", "d1", "d2", "d3", "d4"]
FOUND = {"email": [f"a{i}@example.org" for i in range(9)],
         "iban": ["DE89370400440532013000", "NL91ABNA0417164300", "AT611904300234573201"],
         "card": ["4111 1111 1111 1111", "5500-0000-0000-0004"]}
CONFIDENCE = {"email": 95, "iban": 95, "card": 90}
TOOLS, WORDS = ["t1", "t2", "t3"], ["open", "true", "in transit"]
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}


def some(r, values, least=0, most=2):
    return r.sample(list(values), r.randint(least, min(most, len(values))))


def maybe(r, chance, section):
    return section if r.random() < chance else {}


def day(r):
    return (datetime.date(2026, 1, 1) + datetime.timedelta(days=r.randint(0, 365))).isoformat()


def endorser(r):
    return {"tools": some(r, TOOLS, 1), **r.choice([{"values": r.choice(["any", "number", "integer", "boolean", "date"])}, {"words": some(r, WORDS, 1)}])}


def exchange(r, n):
    """A call and what may be its result."""
    call = {"id": f"c{r.choice([n, n, n, 0])}", "type": "function", "function": {"name": r.choice(TOOLS), "arguments": ""}}
    said = r.choice([*WORDS, "3", " 2.5e1 ", "2026-02-29", "2024-02-29", "3 and more", [{"type": "text", "text": "7"}],
                     [{"type": "text", "text": "7"}, {"type": "text", "text": "8"}]])
    result = {"role": "tool", "tool_call_id": f"c{r.choice([n, n, n, 0])}", "content": said, **maybe(r, 0.1, {"name": r.choice(TOOLS)}),
              **maybe(r, 0.1, {"surprise": True})}
    answer = {"role": "assistant", "content": "well"}
    return [*maybe(r, 0.9, [{"role": "assistant", "tool_calls": [call]}]), result, *maybe(r, 0.5, [answer])]


def label(r):
    return {"level": r.choice(LEVELS[:3]), **maybe(r, 0.5, {"categories": some(r, CATEGORIES, 1)}),
            **maybe(r, 0.3, {"residency": some(r, [*PLACES, "*"], 1, 3)})}


def clearance(r):
    return {"level": r.choice(LEVELS[1:]), "categories": r.choice(["all", some(r, CATEGORIES, 3, 9)])}


def statements(r, chance):
    """That hold from before the year or begin in it, and end in it or after."""
    out = {}
    for fact in STATED:
        begin, end = r.choice(["2025-01-01", day(r)]), r.choice(["2028-01-01", day(r)])
        if r.random() < chance and begin < end:
            out[fact] = {"evidence": "e", "source": "s", "signer": "j", "from": begin, "until": end}
    return out


def requirement(r):
    level = [r.choice(LEVELS[1:])] if r.random() < 0.5 else []
    condition = " ".join([*level, " and ".join(some(r, CATEGORIES, 1 - len(level)))]).strip()
    tier = r.choice(["", "", " on cloud", " on self-hosted", " everywhere"])
    return f"{condition}{tier} requires {' and '.join(some(r, STATED + COMPOSITE + OURS, 1))}"


def transfer(r):
    needs = r.choice(["", " with " + " and ".join(some(r, STATED + COMPOSITE, 1))])
    return f"{' '.join(some(r, PLACES, 1))} to {', '.join(some(r, PLACES, 1))}{needs}"


def distinct(make, n):
    return sorted({make() for _ in range(n)})


def destination(r):
    return {"vendor": r.choice(["v1", "v2"]), "tier": r.choice(["cloud", "self-hosted"]), "model": "x", "credential": "none",
            "dialect": r.choice(["openai"] * 9 + ["anthropic"]), "base_url": r.choice(["https://x.example/v1", "http://127.0.0.1:9/v1"]),
            "jurisdictions": some(r, COUNTRIES, 1), "facts": statements(r, 0.3), **maybe(r, 0.4, {"clearance": clearance(r)}),
            **maybe(r, 0.3, {"permits": some(r, ["unreadable", "unknown"], 1)}),
            **maybe(r, 0.4, {"copies": {k: {"region": some(r, COUNTRIES, 1)} for k in some(r, ["log", "support", "cache"], 1)}})}


def use_case(r):
    return {"owner": "o", "purpose": "p", **label(r), **maybe(r, 0.5, {"review": day(r)}),
            **maybe(r, 0.3, {"criticality": "business-critical"}), **maybe(r, 0.2, {"tier": "self-hosted-only"}),
            **maybe(r, 0.2, {"permits": some(r, ["parameters", "tools", "images", "unknown", "unreadable"], 0, 4)})}


def vendor(r):
    return {"legal_seat": r.choice(COUNTRIES), "compelled_by": some(r, COUNTRIES, 1), "facts": statements(r, 0.7),
            **maybe(r, 0.7, {"assessed": day(r)})}


def residency(r):
    return {"groups": {"home": some(r, COUNTRIES, 1, 4)}, "transfers": distinct(lambda: transfer(r), r.randint(0, 4)),
            **maybe(r, 0.5, {"counts": some(r, ["processing", "log", "support", "seat", "law"], 0, 4)})}


def finding(r):
    return {"kind": r.choice(list(FOUND)), "at_least": r.choice([1, 2, 3, 5]), "confidence": r.choice([0, 60, 96]), **label(r)}


def handling(r):
    return {c: {"level": r.choice(LEVELS), **maybe(r, 0.5, {"residency": some(r, PLACES, 1, 3)})} for c in some(r, ["own-a", "own-b", "pii"], 0, 3)}


def policy(r):
    return {
        "version": 1, "categories": {"own-a": 32, "own-b": 63}, "vendors": {v: vendor(r) for v in ("v1", "v2")},
        "facts": {"f1": {"number": 40}, "f2": {"number": 41, "any_of": some(r, STATED, 1, 3)},
                  "f3": {"number": 63, "all_of": some(r, [*STATED, "f2"], 1), **maybe(r, 0.3, {"any_of": some(r, STATED, 1)})}},
        "requirements": distinct(lambda: requirement(r), r.randint(0, 5)), "handling": handling(r), "residency": residency(r),
        "findings": [finding(r) for _ in range(r.randint(0, 4))],
        "sources": {s: label(r) | maybe(r, 0.6, {"integrity": r.choice(["trusted", "untrusted"])}) for s in ("s1", "s2")},
        "endorsers": {e: endorser(r) for e in ("e1", "e2", "e3")},
        "use_cases": {u: use_case(r) for u in ("u1", "u2", "u3")}, "destinations": {d: destination(r) for d in DESTINATIONS},
        "models": {"m": {"destinations": r.sample(DESTINATIONS, 5), **maybe(r, 0.3, {"use_case": "u3"})}},
        "applications": {"a": {"use_case": "u1", "models": ["m"], "user_text": r.choice(["trusted", "untrusted"]),
                               "declares": ["u2", "u3"], "sources": ["s1", "s2"], "endorsers": some(r, ("e1", "e2", "e3"), 0, 3), **maybe(r, 0.3, {"floor": label(r)}),
                               **maybe(r, 0.2, {"clearance": clearance(r)})}},
        **maybe(r, 0.3, {"vigilance": {"assessment_days": r.randint(30, 400)}}),
        **maybe(r, 0.5, {"overdue": r.choice([{"level": r.choice(LEVELS)}, {"categories": some(r, CATEGORIES, 1)}])})}


def given(r):
    """A request as a case gives it, with what its text holds."""
    counts = {kind: r.randint(1, len(FOUND[kind])) for kind in some(r, FOUND)}
    text = "; ".join(["hello", *(x for kind, n in counts.items() for x in FOUND[kind][:n])])
    out = {"application": "a", "model": "m", "at": day(r), "uses": [],
           "findings": [{"kind": kind, "count": n, "confidence": CONFIDENCE[kind]} for kind, n in counts.items()],
           "request": {"model": "m", "messages": [{"role": "user", "content": text}]},
           **maybe(r, 0.3, {"use_case": some(r, ["u2", "u3"], 1)}), **maybe(r, 0.4, {"sources": some(r, ["s1", "s2"], 1)})}
    if r.random() < 0.15:
        out["request"]["messages"][0]["content"] = [{"type": "text", "text": text}, IMAGE]
        out["uses"] += ["unreadable", "images"]
    if r.random() < 0.3:
        out["request"]["temperature"] = 1
        out["uses"].append("parameters")
    for n in range(r.choice([0, 0, 1, 2])):
        out["request"]["messages"] += exchange(r, n)
    if any("surprise" in m for m in out["request"]["messages"]):
        out["uses"].append("unknown")
    out["origins"] = bank.texts(out["request"])
    if r.random() < 0.1:
        out["request"]["surprise"] = 1  # what stands in it is text of unknown origin, in no message
        out["uses"].append("unknown")
        out["origins"].append({"origin": "unknown", "turn": 0})
    return out
