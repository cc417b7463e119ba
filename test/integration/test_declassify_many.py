"""What a declassifier makes of a body is made once, however many candidates it might open."""

import json

import pytest

import lib_config
from lib_client import body

N = 31
PII = " Write to jane.doe@kaufhaus.de."
QUIET = "Nothing to see here. " * 5000


@pytest.fixture(scope="module")
def server(module_gateway, cloud_process):
    """Each cloud destination could be opened by the declassifier, and lacks another permission."""
    base = lib_config.base(cloud_process)
    cloud = {**base["destinations"]["cloud"], "clearance": {"level": "internal", "categories": []}}
    names = [f"cloud-{i}" for i in range(N)]
    changes = {
        "destinations": {**{name: cloud for name in names}, "local": {"permits": ["unknown"]}},
        "models": {"one": {"destinations": [*names[:1], "local"]}, "many": {"destinations": [*names, "local"]}},
        "applications": {"desk": {"models": ["one", "many"]}},
        "findings": [{"kind": "email", "level": "internal", "categories": ["pii"]}],
        "limits": {"body": "4MiB", "answer": "64KiB"},
        "declassifiers": {"mask-pii": {"does": "mask", "categories": ["pii"], "destinations": names}},
    }
    return module_gateway(lib_config.merged(base, changes))


def ask(server, model, text):
    """(destination, microseconds until it was decided)"""
    fields = {**body("openai", model, text), "unheard_of": 1}
    status, headers, answer = server.post("/v1/chat/completions", fields, server.key())
    assert status == 200, answer
    request_id = headers["x-sallyport-request-id"]
    intent = next(r for r in server.explain(request_id)["records"] if r["kind"] == "intent")
    return headers["x-sallyport-destination"], intent["decide_us"]


def test_it_is_made_once_for_all_candidates(server, cloud):
    """As a share of a request with one candidate: it was ten, making it anew for each of them."""
    took = {m: min(ask(server, m, QUIET + PII)[1] for _ in range(5)) for m in ("one", "many")}
    assert took["many"] < 4 * took["one"]
    assert ask(server, "many", QUIET + PII)[0] == "local"
    assert json.loads(cloud.seen()[-1]["body"])["messages"][0]["content"] == QUIET + PII


def test_a_large_one_is_held_once(server, cloud):
    """31 of it would be more than an exchange may hold: aside the loop too there is but one."""
    assert ask(server, "many", 35 * QUIET + PII)[0] == "local"


def turns(cloud, *behind):
    """Four clouds that a declassifier opens, two by the one, two by the other; one that needs none; `behind`."""
    base = lib_config.base(cloud)
    bare = {**base["destinations"]["cloud"], "clearance": {"level": "internal", "categories": []}}
    names = ["a", "b", "c", "d"]
    changes = {
        "destinations": {name: {**bare, "model": name} for name in names},
        "models": {
            "turns": {"destinations": [*names, *behind]},
            "back": {"destinations": ["local", "a"]},
        },
        "applications": {"desk": {"models": ["turns", "back"]}},
        "findings": [{"kind": "email", "level": "internal", "categories": ["pii"]}],
        "declassifiers": {
            "mask": {"does": "mask", "categories": ["pii"], "destinations": ["a", "c"]},
            "drop": {"does": "drop", "categories": ["pii"], "destinations": ["b", "d"]},
        },
    }
    return lib_config.merged(base, changes)


def test_each_declassifier_makes_its_own(gateway, cloud):
    """Two of them, in turn by candidate, and the tries of a failover: each destination gets what it may have."""
    server = gateway(turns(cloud, "local"))
    cloud.script(then="default", by_model={name: {"status": 503} for name in "abcd"})
    status, headers, _ = server.post("/v1/chat/completions", body("openai", "turns", "Hi." + PII), server.key())
    assert (status, headers["x-sallyport-destination"]) == (200, "local")
    assert "x-sallyport-declassified" not in headers
    masked, dropped = "Hi. Write to [masked: email].", "[removed: email]"
    sent = [json.loads(s["body"])["messages"][0]["content"] for s in cloud.seen()]
    assert sent == [masked, dropped, masked, dropped, "Hi." + PII]
    intents = [r for r in server.explain(headers["x-sallyport-request-id"])["records"] if r["kind"] == "intent"]
    assert [r["declassifier"] for r in intents] == ["mask", "drop", "mask", "drop", ""]
    assert [r["label_before"] for r in intents[:4]] == ["internal;pii;*;trusted"] * 4


def post(server, model, **more):
    fields = {**body("openai", model, "Hi." + PII), **more}
    return server.post("/v1/chat/completions", fields, server.key())


def test_what_only_a_declassifier_opens_is_a_candidate_for_failover(gateway, cloud):
    """No candidate is left as it is, so a try was taken for the last one, and its failure handed to the client."""
    server = gateway(turns(cloud))
    cloud.script(then="default", by_model={name: {"status": 503} for name in "abc"})
    status, headers, _ = post(server, "turns")
    assert (status, headers["x-sallyport-destination"], headers["x-sallyport-declassified"]) == (200, "d", "drop")
    assert len(cloud.seen()) == 4
    cloud.reset()
    cloud.script(then="default", by_model={"gemma-3-270m": {"status": 503}})
    status, headers, _ = post(server, "back")
    assert (status, headers["x-sallyport-destination"], headers["x-sallyport-declassified"]) == (200, "a", "mask")
    cloud.reset()
    cloud.script(then="default", by_model={name: {"status": 503} for name in "abcd"})
    status, headers, answer = post(server, "turns")
    assert status == 503 and headers["x-sallyport-destination"] == "d"  # the last one's own, as before
    assert len(cloud.seen()) == 4
