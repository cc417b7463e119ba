"""The classification framework through the whole gateway: facts that lapse, requirements, declared use cases, data
sources, rules about findings, handling, reviews, the read side.

What a table means is tried in test/unit and test/policy; here it is the way through: file, snapshot, header, record.
"""

import datetime
import json
import time

import pytest

import lib_config
from lib_client import body

PII = "Write to jane.doe@kaufhaus.de."
LONG_AGO, FAR_AHEAD = "2020-01-01", "2100-01-01"


def stated(until=FAR_AHEAD):
    return {"evidence": "contract", "source": "legal", "signer": "j.doe", "from": LONG_AGO, "until": until}


def second(ahead_s):
    """A second of the near future, as the file writes it."""
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=ahead_s)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ"), int(at.timestamp())


FRAMEWORK = {
    "categories": {"pii-eu": 32, "works-council": 33},
    "facts": {"transfer-basis": {"number": 40, "any_of": ["scc", "dpf"]}},
    "requirements": ["works-council requires private-link"],
    "handling": {"pii-eu": {"level": "internal", "residency": ["EEA"]}},
    "residency": {"transfers": ["EEA to US with transfer-basis"]},
    "findings": [
        {"kind": "email", "level": "internal"},
        {"kind": "email", "at_least": 5, "level": "confidential", "categories": ["pii"]},
    ],
    "sources": {
        "wiki": {"level": "public", "integrity": "trusted"},
        "crm": {"level": "confidential", "categories": ["pii"]},
    },
    "subjects": {
        "clerk@kaufhaus.de": {"clearance": {"level": "internal", "categories": ["pii"]}},
        "insider@kaufhaus.de": {"floor": {"level": "restricted"}},
    },
    "use_cases": {
        "strategy": {"owner": "o", "purpose": "p", "level": "public", "tier": "self-hosted-only"},
        "trading": {"owner": "o", "purpose": "p", "level": "public", "criticality": "business-critical"},
        "eu-people": {"owner": "o", "purpose": "p", "level": "public", "categories": ["pii-eu"]},
        "council": {"owner": "o", "purpose": "p", "level": "public", "categories": ["works-council"]},
        "stale": {"owner": "o", "purpose": "p", "level": "public", "review": "2024-02-29"},
    },
    "applications": {
        "desk": {
            "declares": ["strategy", "trading", "eu-people", "council", "stale"],
            "sources": ["wiki", "crm"],
        },
        "low": {
            "use_case": "helpdesk",
            "models": ["assistant", "local-only"],
            "user_text": "trusted",
            "clearance": {"level": "internal", "categories": []},
        },
        "high": {
            "use_case": "helpdesk",
            "models": ["assistant"],
            "user_text": "trusted",
            "floor": {"level": "restricted"},
        },
    },
}


def config(cloud, *facts, **more):
    base = lib_config.merged(lib_config.base(cloud), FRAMEWORK)
    base["vendors"]["stand-in"] = {"legal_seat": "US", "facts": {name: stated() for name in facts}}
    base["destinations"]["cloud"]["clearance"]["categories"] = ["pii", "pii-eu", "works-council"]
    base["models"]["bound"] = {"destinations": ["cloud", "local"], "use_case": "strategy"}
    base["applications"]["desk"]["models"] = [*base["applications"]["desk"]["models"], "bound"]
    return lib_config.merged(base, more)


@pytest.fixture(scope="module")
def server(module_gateway, cloud_process):
    return module_gateway(config(cloud_process, "dpa"))


def send(server, text="Hello", model="assistant", application="desk", **headers):
    """(status, destination or error code, id) of a request."""
    named = {"x-sallyport-" + k.replace("_", "-"): v for k, v in headers.items()}
    fields = body("openai", model, text)
    status, got, answer = server.post("/v1/chat/completions", fields, server.key(application), named)
    told = got.get("x-sallyport-destination") if status == 200 else json.loads(answer)["error"]["code"]
    return status, told, got["x-sallyport-request-id"]


def decision(server, request_id):
    """The record that says why."""
    return next(r for r in server.explain(request_id)["records"] if r["kind"] in ("intent", "refusal"))


# ---- use cases ----


@pytest.mark.parametrize(
    "use_case, destination",
    [("strategy", "local"), ("eu-people", "local"), ("council", "local"), ("stale", "local")],
)
def test_a_declared_use_case_raises(server, cloud, use_case, destination):
    assert send(server)[:2] == (200, "cloud")
    status, told, request_id = send(server, use_case=use_case)
    assert (status, told) == (200, destination)
    record = decision(server, request_id)
    assert record["use_case"] == "helpdesk," + use_case
    assert use_case in [a["place"] for a in record["atoms"] if a["source"] == "use-case"]


def test_what_the_business_relies_on_needs_a_promoted_model(server, cloud):
    status, told, request_id = send(server, use_case="trading")
    assert (status, told) == (403, "no_destination_cleared")
    assert decision(server, request_id)["missing"] == "cloud: model-promoted; local: model-promoted"


@pytest.mark.parametrize("value", ["contracts", "strategi", "", "strategy,", "strategy, strategy,nope", "Strategy"])
def test_what_may_not_be_declared_is_refused(server, cloud, value):
    status, told, request_id = send(server, use_case=value)
    assert (status, told) == (403, "use_case_refused")
    assert [kind for kind, _ in server.record_kinds(request_id)] == ["refusal"]
    assert cloud.seen() == []


@pytest.mark.parametrize("name", ["usecase", "use-cases", "source", "label", "destination", "request-id"])
def test_a_slip_in_a_header_is_refused(server, cloud, name):
    assert send(server, **{name: "strategy"})[:2] == (400, "header_invalid")
    assert cloud.seen() == []


def test_a_key_binds_a_use_case(server, cloud):
    made = server.cli("key", "create", "desk", "--use-case", "strategy").stdout.split()[0]
    listed = [k for k in server.cli_json("key", "list")["keys"] if k["use_case"] == "strategy"]
    assert len(listed) == 1 and listed[0]["application"] == "desk"
    end = time.monotonic() + 5
    while server.get("/v1/models", key=made)[0] == 401:
        assert time.monotonic() < end
        time.sleep(0.02)
    status, headers, _ = server.post("/v1/chat/completions", body("openai", "assistant", "Hello"), made)
    assert (status, headers["x-sallyport-destination"]) == (200, "local")
    record = decision(server, headers["x-sallyport-request-id"])
    assert record["use_case"] == "helpdesk,strategy"
    wrong = server.cli("key", "create", "desk", "--use-case", "strategi", check=False)
    assert wrong.returncode == 1 and "did you mean strategy?" in wrong.stderr


def test_a_model_binds_a_use_case(server, cloud):
    assert send(server, model="bound")[:2] == (200, "local")


def test_these_headers_stay_here(server, cloud):
    send(server, use_case="strategy", sources="wiki")
    assert not [name for name, _ in cloud.seen()[-1]["headers"] if name.lower().startswith("x-sallyport")]


# ---- sources, findings, floors, overdue reviews ----


def test_a_source_brings_its_label(server, cloud):
    assert send(server, sources="wiki")[:2] == (200, "cloud")
    status, told, request_id = send(server, sources="wiki, crm")
    assert (status, told) == (200, "local")
    record = decision(server, request_id)
    assert record["sources"] == "wiki,crm"
    assert record["label"].endswith(";untrusted")
    assert send(server, sources="hr")[:2] == (403, "source_refused")


def test_many_findings_are_more_than_one(server, cloud):
    one = " ".join(f"p{i}@kaufhaus.de" for i in range(4))
    assert send(server, one)[:2] == (200, "cloud")
    assert send(server, one + " p5@kaufhaus.de")[:2] == (200, "local")


def test_a_floor_holds_for_each_request(server, cloud):
    assert send(server, application="high")[:2] == (200, "local")


def test_an_overdue_review_says_so(server, cloud):
    _, _, request_id = send(server, use_case="stale")
    overdue = [a for a in decision(server, request_id)["atoms"] if a["source"] == "overdue"]
    assert [(a["place"], a["level"]) for a in overdue] == [("stale", 3)]


# ---- the read side ----


def test_what_may_not_be_read_is_not_sent(server, cloud):
    assert send(server, application="low")[:2] == (200, "cloud")
    cloud.reset()
    iban = "Pay to DE89 3704 0044 0532 0130 00."
    status, told, request_id = send(server, iban, "local-only", "low")
    assert (status, told) == (403, "reader_not_cleared")
    assert [kind for kind, _ in server.record_kinds(request_id)] == ["refusal"]
    assert cloud.seen() == []


# ---- persons ----


def test_a_person_is_bounded_beside_the_application(server, cloud):
    assert send(server, subject="nobody@kaufhaus.de")[:2] == (200, "cloud")
    assert send(server, subject="clerk@kaufhaus.de")[:2] == (200, "cloud")
    status, told, request_id = send(server, sources="crm", subject="clerk@kaufhaus.de")
    assert (status, told) == (403, "reader_not_cleared")
    assert decision(server, request_id)["subject"] == "clerk@kaufhaus.de"
    assert send(server, sources="crm")[:2] == (200, "local")


def test_a_persons_floor_holds(server, cloud):
    status, told, request_id = send(server, subject="insider@kaufhaus.de")
    assert (status, told) == (200, "local")
    floors = [(a["kind"], a["level"]) for a in decision(server, request_id)["atoms"] if a["source"] == "floor"]
    assert floors == [(1, 3)]


# ---- declassifying ----

CARD = "4111 1111 1111 1111"
DECLASSIFIERS = {
    "mask-pii": {"does": "mask", "categories": ["pii"], "destinations": ["cloud"]},
    "drop-cards": {"does": "drop", "categories": ["pci"], "destinations": ["cloud"]},
}


@pytest.fixture(scope="module")
def masking(module_gateway, cloud_process):
    changes = {
        "destinations": {"cloud": {"clearance": {"level": "internal", "categories": []}}},
        "findings": [{"kind": "email", "level": "internal", "categories": ["pii"]}],
        "declassifiers": DECLASSIFIERS,
    }
    return module_gateway(lib_config.merged(config(cloud_process), changes))


def sent(cloud):
    return json.loads(cloud.seen()[-1]["body"])["messages"][0]["content"]


def test_what_is_masked_may_go_where_it_could_not(masking, cloud):
    status, told, request_id = send(masking, PII)
    assert (status, told) == (200, "cloud")
    assert sent(cloud) == "Write to [masked: email]."
    record = decision(masking, request_id)
    assert (record["outcome"], record["declassifier"]) == ("declassify", "mask-pii")
    assert record["label_before"] == "internal;pii;*;trusted" and record["label"] == "public;-;*;trusted"
    assert record["candidates"][0]["reason"] == "taken"


def test_what_is_dropped_may_too(masking, cloud):
    assert send(masking, f"Pay with {CARD}.")[:2] == (200, "cloud")
    assert sent(cloud) == "[removed: card]"


@pytest.mark.parametrize(
    "text, reads",
    [
        ("a \\u006aane.doe@kaufhaus.de b", "[masked: email]"),  # written in escapes: where it ends nobody can say
        ("\"jane.doe@kaufhaus.de\"\n", '"[masked: email]"\n'),
        ('{"to": "jane.doe@kaufhaus.de", "n": 1}', '{"to": "[masked: email]", "n": 1}'),
        ("ä jane.doe@kaufhaus.de ö max@kaufhaus.de", "ä [masked: email] ö [masked: email]"),
    ],
)
def test_masked_in_escapes_and_in_strings_in_strings(masking, cloud, text, reads):
    """JSON stays JSON at every depth, and everything beside the finding stays as it was."""
    status, told, _ = send(masking, text)
    if told == "cloud":
        assert sent(cloud) == reads
    else:  # where it cannot be taken out exactly, the original stays in the house
        assert (status, told, sent(cloud)) == (200, "local", text)


def test_one_declassifier_is_not_enough_for_two_kinds(masking, cloud):
    """Each alone leaves what the other one takes out: the original goes where it may."""
    text = f"{PII} Pay with {CARD}."
    assert send(masking, text)[:2] == (200, "local")
    assert sent(cloud) == text


def test_what_it_cannot_take_out_changes_nothing(masking, cloud):
    """A finding in a key stands in no text."""
    fields = body("openai", "assistant", "Hello")
    fields["metadata"] = {"jane.doe@kaufhaus.de": "x"}
    status, headers, _ = masking.post("/v1/chat/completions", fields, masking.key())
    assert (status, headers["x-sallyport-destination"]) == (200, "local")
    assert "x-sallyport-declassified" not in headers
    assert json.loads(cloud.seen()[-1]["body"])["metadata"] == fields["metadata"]


def test_a_finding_across_parts_is_not_taken_out_by_half(masking, cloud):
    """What is read of two texts together leads to the first alone: the rest of the number would leave."""
    parts = [{"type": "text", "text": "card 4"}, {"type": "text", "text": "111111111111111"}]
    status, told, _ = send(masking, parts)
    assert (status, told) == (200, "local")
    assert sent(cloud) == parts


def test_a_flood_of_findings_hides_none(gateway, cloud):
    """More findings than are listed: the real ones behind them count all the same."""
    rules = [{"kind": "email", "level": "internal"}, {"kind": "email", "at_least": 5, "confidence": 60, "level": "confidential"}]
    server = gateway(lib_config.merged(config(cloud, "dpa"), {"limits": {"findings": 10}, "findings": rules}))
    fakes = " ".join(f"x{i}@a.zzqq" for i in range(9))
    assert send(server, fakes)[:2] == (200, "cloud")
    real = " ".join(f"p{i}@kaufhaus.de" for i in range(6))
    assert send(server, fakes + " y@a.zzqq z@a.zzqq " + real)[:2] == (200, "local")


def test_failover_sends_the_original(gateway, cloud):
    changes = {
        "destinations": {"cloud": {"clearance": {"level": "internal", "categories": []}}},
        "findings": [{"kind": "email", "level": "internal", "categories": ["pii"]}],
        "declassifiers": DECLASSIFIERS,
    }
    server = gateway(lib_config.merged(config(cloud), changes))
    cloud.script(then="default", by_model={"gpt-cloud": {"status": 503}})
    status, told, request_id = send(server, PII)
    assert (status, told) == (200, "local")
    bodies = [json.loads(s["body"])["messages"][0]["content"] for s in cloud.seen()]
    assert bodies == ["Write to [masked: email].", PII]
    intents = [r for r in server.explain(request_id)["records"] if r["kind"] == "intent"]
    assert [r["declassifier"] for r in intents] == ["mask-pii", ""]


def test_a_large_body_is_declassified_aside(masking, cloud):
    text = "Nothing to see here. " * 30000 + PII
    assert send(masking, text)[:2] == (200, "cloud")
    assert sent(cloud) == text.replace("jane.doe@kaufhaus.de", "[masked: email]")


# ---- facts ----


def generation_of(server):
    return json.loads(server.cli("status", "--json", check=False).stdout)["generation"]


def test_a_requirement_says_what_is_missing(server, cloud):
    _, _, request_id = send(server, use_case="council")
    assert decision(server, request_id)["missing"] == "cloud: private-link"


def test_a_transfer_opens_with_its_basis(gateway, cloud):
    server = gateway(config(cloud, "dpa", "dpf"))
    assert send(server, use_case="eu-people")[:2] == (200, "cloud")


def test_a_fact_lapses_at_its_second_without_a_reload(gateway, cloud):
    until, lapse_s = second(7)
    changes = {
        "vendors": {"stand-in": {"facts": {"dpa": stated(until)}}},
        "findings": [{"kind": "email", "level": "internal", "categories": ["pii"]}],
        "nginx": {"workers": 2},
    }
    server = gateway(lib_config.merged(config(cloud), changes))
    send(server)  # makes the key, and with it a new generation
    generation = generation_of(server)
    seen = []
    while time.time() < lapse_s + 2:
        before = time.time()
        destination = send(server, PII)[1]
        seen.append((before, time.time(), destination))
        time.sleep(0.02)
    assert {d for _, end, d in seen if end < lapse_s} == {"cloud"}
    assert {d for begin, _, d in seen if begin >= lapse_s + 0.05} == {"local"}
    assert generation_of(server) == generation


def two_clouds(cloud, *facts):
    """The model's first destination is silent for longer than it may be; what takes over is decided then."""
    first = {**lib_config.base(cloud)["destinations"]["cloud"], "vendor": "first", "timeouts": {"first_byte": "6s"}}
    return {
        "vendors": {"first": {"legal_seat": "US", "facts": {name: stated() for name in facts}}},
        "destinations": {"first": {**first, "model": "first"}},
        "models": {"assistant": {"destinations": ["first", "cloud", "local"], "replay": True}},
    }


@pytest.mark.parametrize("overdue, added", [
    ({"level": "restricted", "categories": ["in-house"]}, ["overdue"]),
    ({"level": "public", "categories": ["pii-eu"]}, ["overdue", "handling"]),
])  # fmt: skip
def test_a_review_that_falls_due_during_a_try_counts_for_the_next(gateway, cloud, overdue, added):
    review, _ = second(4)
    due = {"owner": "o", "purpose": "p", "level": "public", "review": review}
    changes = {"use_cases": {"due": due}, "applications": {"desk": {"declares": ["due"]}}, "overdue": overdue}
    server = gateway(lib_config.merged(lib_config.merged(config(cloud, "dpa"), two_clouds(cloud, "dpa")), changes))
    cloud.script(then="default", by_model={"first": {"delay_ms": 30000}})
    status, told, request_id = send(server, use_case="due")
    assert (status, told) == (200, "local")
    first, then = [r for r in server.explain(request_id)["records"] if r["kind"] == "intent"]
    assert [first["destination"], then["destination"]] == ["first", "local"]
    sources = [{a["source"] for a in r["atoms"]} for r in (first, then)]
    assert sources[1] - sources[0] == set(added) and first["label"] == "public;-;*;trusted"


def test_failover_is_decided_anew_at_its_own_time(gateway, cloud):
    """The second cloud's agreement ends while the first one is awaited: the try goes past it."""
    until, _ = second(4)
    changes = {
        "vendors": {"stand-in": {"facts": {"dpa": stated(until)}}},
        "findings": [{"kind": "email", "level": "internal", "categories": ["pii"]}],
    }
    server = gateway(lib_config.merged(lib_config.merged(config(cloud), two_clouds(cloud, "dpa")), changes))
    cloud.script(then="default", by_model={"first": {"delay_ms": 30000}})
    status, told, request_id = send(server, PII)
    assert (status, told) == (200, "local")
    intents = [r for r in server.explain(request_id)["records"] if r["kind"] == "intent"]
    assert [r["destination"] for r in intents] == ["first", "local"]
    assert intents[0]["missing"] == "" and intents[1]["missing"] == "cloud: dpa"
