"""Each case that is a request, against a real gateway: refused, or inspected, or passed by the permission that is named; and
whatever was forwarded is read alike by three readers, and as the gateway recorded it."""

import re

import pytest

import casefile
import wire
from conftest import parameters, sent_model
from readers import quote

CASES = [case for case in casefile.load() if case.answer is None]
REQUEST_ID = re.compile(rb"(?i)\r\nx-sallyport-request-id: ([0-9a-f]{32})")


def send(site, case, profile):
    """The answers to a case under a profile, in order."""
    site.reset()
    is_h2 = bool(case.headers or case.frames)
    gateway = site.gateway(profile, tls=is_h2)
    key, host = gateway.key("attacker"), f"127.0.0.1:{gateway.port}"
    if is_h2:
        return [wire.exchange_h2(gateway.port, gateway.ca, frames_of(case, key, host))]
    if case.send is not None:
        return wire.exchange(gateway.port, wire.fill(case.send, key, host))
    return [wire.post(gateway.port, case.path, case.body, key, case.dialect)]


def frames_of(case, key, host):
    """A case as frames: its own, or those of a plain request."""

    def filled(fields):
        return [(name, wire.fill(value, key, host)) for name, value in fields]

    if case.frames:
        return [
            (f["type"], f["stream"], f["flags"], filled(f["headers"]) if f["headers"] else wire.fill(f["payload"], key, host))
            for f in case.frames
        ]
    last = [] if case.trailers else ["END_STREAM"]
    frames = [("HEADERS", 1, ["END_HEADERS"], filled(case.headers)), ("DATA", 1, last, case.body)]
    return frames + ([("HEADERS", 1, ["END_HEADERS", "END_STREAM"], filled(case.trailers))] if case.trailers else [])


# ---- what must come of it ----


def check_refused(site, case, answers, words):
    assert not site.arrived("cloud") and not site.arrived("local"), "it was forwarded"
    status = answers[0].status if answers else 0
    if words and words[0].endswith("xx"):
        assert status // 100 == int(words[0][0]), f"status {status}"
    elif words:
        assert status == int(words[0])
    else:
        assert status == 0 or status >= 400, f"status {status}"


def check_inspected(site, case, answers, words):
    assert len(site.arrived("cloud")) == case.cloud, "it reached the cloud"
    for arrived in site.arrived("cloud"):
        assert case.canary not in arrived.raw
    assert len(site.arrived("local")) == 1 and answers[-1].status == 200, f"status {answers[-1].status}: {answers[-1].body[:300]}"


def check_dropped(site, case, answers, words):
    assert [a.status for a in answers] == [200], answers
    assert len(site.arrived("cloud")) == 1 and not site.arrived("local")
    assert case.canary.lower() not in site.arrived("cloud")[0].raw.lower()


def check_forwarded(site, case, answers, words):
    assert [a.status for a in answers] == [200], answers
    assert len(site.arrived("cloud")) == 1 and not site.arrived("local")
    if case.body is not None:
        assert same_but_model(case, site), site.arrived("cloud")[0].body


def same_but_model(case, site):
    """Byte for byte, but for the model's name."""
    name = b'"model":"%b"' % sent_model("cloud", case.dialect).encode()
    spelled = rb'"model"\s*:\s*"(assistant|claude)"'
    expected = re.sub(spelled, lambda m: m[0].replace(m[1], name[9:-1]), case.body, count=1)
    return site.arrived("cloud")[0].body == expected


def check_permission(site, case, answers, words):
    check_refused(site, case, answers, ["4xx"])
    permitted = send(site, case, words[0])
    check_forwarded(site, case, permitted, [])
    return permitted


CHECKS = {
    "refused": check_refused,
    "inspected": check_inspected,
    "dropped": check_dropped,
    "forwarded": check_forwarded,
    "permission": check_permission,
}


def check_expected(site, case, answers):
    """One of the alternatives must hold; the last one's complaint is the one shown."""
    alternatives = case.expect.split(" or ")
    for alternative in alternatives[:-1]:
        kind, *words = alternative.split()
        try:
            return CHECKS[kind](site, case, answers, words)
        except AssertionError:
            continue
    kind, *words = alternatives[-1].split()
    return CHECKS[kind](site, case, answers, words)


# ---- what was forwarded has one reading, and it is the gateway's ----


def intents(gateway, answers):
    """What the gateway recorded before it forwarded, in the order of the answers."""
    ids = [match[1].decode() for a in answers if (match := REQUEST_ID.search(a.head))]
    return [r for i in ids for r in gateway.explain(i)["records"] if r["kind"] == "intent" and r["outcome"] != "deny"]


def check_forwarded_alike(site, readers, gateway, answers):
    """What reached a destination has one reading, and it is the one that was recorded."""
    arrived = [a for tier in site.upstreams for a in site.arrived(tier)]
    recorded = intents(gateway, answers) if arrived else []
    assert len(recorded) == len(arrived), "one durable intent for each request that left"
    told = sorted((quote(r["destination_model"]), r["is_stream"]) for r in recorded)
    read = []
    for one in arrived:
        model, stream, _ = readers.agreed(one.body).split(" ")
        read.append((model, stream == "true"))
    assert sorted(read) == told, "the destination reads another model or another form of answer than was recorded"


@pytest.mark.parametrize("case", parameters(CASES))
def test_request(site, readers, case):
    answers = send(site, case, case.profile)
    final = check_expected(site, case, answers) or answers
    profile = case.expect.split()[1] if case.expect.startswith("permission") else case.profile
    gateway = site.gateway(profile, tls=bool(case.headers or case.frames))
    check_forwarded_alike(site, readers, gateway, final)
