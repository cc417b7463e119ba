"""Rule 3: no path, failover included, delivers a label to a lower clearance.

Four destinations of different clearance and credential, each a stand-in server of its own; a model for every
order of two and three of them; the first of each order fails in every way that a destination can fail. What
counts is what each server saw, and what the records say.
"""

import itertools
import json

import pytest

import lib_config
from lib_client import body, error_of
from lib_servers import Cloud

# Name: (tier, level, categories). What may arrive where, by rising clearance.
CLEARANCES = {
    "open": ("cloud", "public", []),
    "plain": ("cloud", "internal", ["pii"]),
    "books": ("cloud", "confidential", ["pii", "financial"]),
    "inside": ("self-hosted", "restricted", ["all"]),
}
# Name of a label: (text, destinations to which it may flow).
TEXTS = {
    "public": ("What is the capital of France?", {"open", "plain", "books", "inside"}),
    "pii": ("Write to jane.doe@kaufhaus.de.", {"plain", "books", "inside"}),
    "financial": ("Pay to DE89 3704 0044 0532 0130 00.", {"books", "inside"}),
    "credentials": ("The key is AKIAQYLPMN5HFIQR7XYA.", {"inside"}),
}
FAILURES = {
    "503": {"status": 503},
    "500": {"status": 500},
    "429": {"status": 429},
    "closed before an answer": {"drop_before_head": True},
    "reset before an answer": {"drop_before_head": True, "drop": "rst"},
}
# After these the request has been sent whole, so another try may repeat work: only where the model says so.
AMBIGUOUS = {"closed before an answer", "reset before an answer"}

ORDERS = [*itertools.permutations(CLEARANCES, 2), *itertools.permutations(CLEARANCES, 3)]


@pytest.fixture(scope="module")
def upstreams(tmp_path_factory):
    """A server for each destination, each with a key of its own."""
    folder = tmp_path_factory.mktemp("upstreams")
    servers = {name: Cloud(folder / name, key=f"credential-of-{name}") for name in CLEARANCES}
    yield servers
    for server in servers.values():
        server.stop()


def config(upstreams):
    destinations, models = {}, {}
    for name, (tier, level, categories) in CLEARANCES.items():
        destinations[name] = {
            "vendor": name,
            "tier": tier,
            "dialect": "openai",
            "base_url": upstreams[name].url + "/v1",
            "model": "model-of-" + name,
            "jurisdictions": ["DE"],
            "credential": "env:KEY_OF_" + name.upper(),
            "clearance": {"level": level, "categories": categories},
            **lib_config.PATIENT,
        }
    for order in ORDERS:
        models[".".join(order)] = {"destinations": list(order), "replay": True}
        models["once." + ".".join(order)] = {"destinations": list(order)}
    base = lib_config.base(upstreams["open"])
    application = {"use_case": "helpdesk", "models": list(models), "user_text": "trusted"}
    base["vendors"] = {name: lib_config.vendor("dpa", "no-training", legal_seat="DE") for name in CLEARANCES}
    return {**base, "destinations": destinations, "models": models, "applications": {"desk": application}}


@pytest.fixture(scope="module")
def server(module_gateway, upstreams):
    env = {"KEY_OF_" + name.upper(): upstream.key for name, upstream in upstreams.items()}
    return module_gateway(config(upstreams), env=env)


@pytest.fixture(autouse=True)
def fresh(upstreams):
    for upstream in upstreams.values():
        upstream.reset()


def post(server, order, text, prefix=""):
    fields = body("openai", prefix + ".".join(order), text)
    return server.post("/v1/chat/completions", fields, server.key())


def check_each_got_its_own(upstreams):
    """Each server got the model's name as it calls it and its own credential: nobody else's, in no form."""
    for name, upstream in upstreams.items():
        for seen in upstream.seen():
            assert json.loads(seen["body"])["model"] == "model-of-" + name
            assert dict(seen["headers"])["Authorization"] == "Bearer " + upstream.key
            everything = json.dumps(seen["headers"]) + seen["body"]
            assert everything.count("credential-of-") == 1 and everything.count("model-of-") == 1
            assert "sp_" not in everything


def arrived(upstreams):
    return {name for name, upstream in upstreams.items() if upstream.seen()}


def check_records(server, request_id, tries, allowed):
    """One intent and one outcome for each try, each decided anew, none outside of what the label allows."""
    records = server.explain(request_id)["records"]
    intents = [r for r in records if r["kind"] == "intent"]
    assert [r["destination"] for r in intents] == tries and {*tries} <= allowed
    assert len([r for r in records if r["kind"] == "outcome"]) == len(tries)
    assert len({r["label"] for r in intents}) <= 1
    for number, intent in enumerate(intents):
        reasons = {c["destination"]: c["reason"] for c in intent["candidates"]}
        assert reasons[tries[number]] == "taken"
        assert all(reasons[earlier] == "tried" for earlier in tries[:number])
        assert {n for n, reason in reasons.items() if reason == "flow"} == {*reasons} - allowed
    return records


@pytest.mark.parametrize("label", TEXTS)
@pytest.mark.parametrize("order", ORDERS, ids=".".join)
def test_no_label_flows_up_when_all_fail(server, upstreams, order, label):
    """Every destination fails: each allowed one is tried once, in order; no other one sees anything."""
    text, allowed = TEXTS[label]
    for upstream in upstreams.values():
        upstream.always(status=503)
    status, headers, raw = post(server, order, text)
    tries = [name for name in order if name in allowed]
    assert arrived(upstreams) == {*tries}
    assert all(len(upstreams[name].seen()) == 1 for name in tries)
    check_each_got_its_own(upstreams)
    if not tries:
        assert (status, error_of("openai", raw)[1]) == (403, "no_destination_cleared")
        assert server.record_kinds(headers["x-sallyport-request-id"]) == [
            ("refusal", "no_destination_cleared")
        ]
        return
    assert status in (502, 503)
    check_records(server, headers["x-sallyport-request-id"], tries, allowed)


@pytest.mark.parametrize("how", FAILURES)
@pytest.mark.parametrize("order", [o for o in ORDERS if len(o) == 2], ids=".".join)
def test_the_next_one_gets_its_own_request(server, upstreams, order, how):
    """The first fails, the second answers: with its own body, its own credential, its own record."""
    first, second = order
    upstreams[first].always(**FAILURES[how])
    upstreams[second].always(text="here I am")
    for label, (text, allowed) in TEXTS.items():
        status, headers, raw = post(server, order, text)
        tries = [name for name in order if name in allowed]
        if second not in allowed and first in allowed:
            assert status in (429, 500, 502, 503), label
        elif not tries:
            assert status == 403, label
        else:
            assert status == 200 and b"here I am" in raw, label
            assert headers["x-sallyport-destination"] == second
        if tries:
            check_records(server, headers["x-sallyport-request-id"], tries, allowed)
    check_each_got_its_own(upstreams)
    for name in upstreams:
        forbidden = [text for text, allowed in TEXTS.values() if name not in allowed]
        assert not [s for s in upstreams[name].seen() for text in forbidden if text in s["body"]]


@pytest.mark.parametrize("how", FAILURES)
def test_a_whole_request_is_repeated_only_where_the_model_says_so(server, upstreams, how):
    """`replay` is off by default: what may have been worked on is not sent twice."""
    order = ("plain", "inside")
    upstreams["plain"].always(**FAILURES[how])
    status, headers, _ = post(server, order, "hello", prefix="once.")
    tries = ["plain"] if how in AMBIGUOUS else ["plain", "inside"]
    assert arrived(upstreams) == {*tries} and status == (502 if how in AMBIGUOUS else 200)
    check_records(server, headers["x-sallyport-request-id"], tries, TEXTS["public"][1])


def test_an_answer_that_began_is_never_tried_elsewhere(server, upstreams):
    upstreams["plain"].always(text="one two three", drop="fin", drop_after=2, pause_ms=50)
    fields = body("openai", "plain.inside", "hello", stream=True)
    status, _, raw = server.post("/v1/chat/completions", fields, server.key())
    assert status == 200 and b"upstream_failed" in raw and arrived(upstreams) == {"plain"}


def test_a_destination_that_nobody_hears_is_passed_over(gateway, upstreams):
    """Nothing listens: the next candidate gets the request, whole and once."""
    changed = config(upstreams)
    changed["destinations"]["plain"]["base_url"] = "http://127.0.0.1:9/v1"
    env = {"KEY_OF_" + name.upper(): upstream.key for name, upstream in upstreams.items()}
    server = gateway(changed, env=env)
    status, headers, _ = post(server, ("plain", "inside"), "hello")
    assert (status, headers["x-sallyport-destination"]) == (200, "inside") and arrived(upstreams) == {
        "inside"
    }
    check_records(server, headers["x-sallyport-request-id"], ["plain", "inside"], TEXTS["public"][1])
    status, headers, _ = post(server, ("plain", "open"), TEXTS["pii"][0])
    assert status == 502 and arrived(upstreams) == {"inside"}


def test_each_try_is_recorded_with_its_content(gateway, upstreams):
    """Segments are small, requests large: sooner or later two tries of one request lie in different segments,
    and each record still has its blocks beside it."""
    changes = {"audit": {"segment": "1MiB"}, "limits": {"body": "256KiB"}}
    env = {"KEY_OF_" + name.upper(): upstream.key for name, upstream in upstreams.items()}
    server = gateway(config(upstreams), changes, env=env)
    upstreams["plain"].always(status=503)
    for i in range(24):
        assert post(server, ("plain", "inside"), f"{i}: " + "of no harm " * 18_000)[0] == 200
    assert len(list((server.state / "ledger").glob("*.seg"))) > 3
    server.verify()
    assert {(r["attempt"], r["destination"]) for r in server.records()} == {(1, "plain"), (2, "inside")}
