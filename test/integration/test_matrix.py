"""Tier x dialect x streaming x control, through the providers' own SDKs with their default retries.

Self-hosted rows run on the real model server. Two kinds of row cannot: a real small model does not say a secret
when it is told to, and does not tell what headers reached it. There the stand-in plays a self-hosted
destination (`leaky`), and the test says so by the name of its model.
"""

import base64
import json

import anthropic
import openai
import pytest

import lib_config
from lib_client import QUESTION, ask, body, refused
from lib_servers import CLOUD_KEY

TIERS = ["cloud", "self-hosted"]
DIALECTS = ["openai", "anthropic"]

# The model whose only destination is of that tier.
ONLY = {
    ("cloud", "openai"): "cloud-only",
    ("self-hosted", "openai"): "local-only",
    ("cloud", "anthropic"): "claude-cloud-only",
    ("self-hosted", "anthropic"): "claude-local-only",
}
# Played by the stand-in in both tiers: what answers must say is scripted.
SCRIPTED = {
    **{k: v for k, v in ONLY.items() if k[0] == "cloud"},
    ("self-hosted", "openai"): "leaky",
    ("self-hosted", "anthropic"): "claude-leaky",
}
BOTH = {"openai": "assistant", "anthropic": "claude"}
# Too high for the one destination of the model.
UNCLEARED = {
    **{k: v for k, v in ONLY.items() if k[0] == "cloud"},
    ("self-hosted", "openai"): "small",
    ("self-hosted", "anthropic"): "claude-small",
}
IBAN = "The refund goes to DE89 3704 0044 0532 0130 00."
EMAIL = "Write to jane.doe@kaufhaus.de, please."
AWS_KEY = "AKIAQYLPMN5HFIQR7XYA"
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(40)).decode()


def config(cloud, local):
    """lib_config.base on the real model, with a destination that is cleared for nothing (`small`), one that
    says what a test wants (`leaky`), and one that may keep and fetch (`keeping`)."""
    base = lib_config.base(cloud, local)
    destinations, models, more = base["destinations"], base["models"], {}
    for end, prefix in (("", ""), ("-anthropic", "claude-")):
        destinations["local" + end]["permits"] = ["unknown"]
        small = {**destinations["local" + end], "clearance": {"level": "public", "categories": []}}
        leaky = {**destinations["cloud" + end], "tier": "self-hosted", "jurisdictions": ["DE"]}
        more |= {"small" + end: small, "leaky" + end: leaky}
        models |= {
            prefix + "small": {"destinations": ["small" + end]},
            prefix + "leaky": {"destinations": ["leaky" + end]},
        }
    for end, prefix in (("", ""), ("-anthropic", "claude-")):
        more["keeping" + end] = {**destinations["cloud" + end], "permits": ["state", "egress"]}
        models[prefix + "keeping"] = {"destinations": ["keeping" + end]}
    applications = base["applications"]
    applications["desk"]["models"] = list(models)
    applications["inside"] = {**applications["desk"], "models": ["local-only", "claude-local-only"]}
    applications["outside"] = {**applications["desk"], "models": ["cloud-only", "claude-cloud-only"]}
    applications["keeper"] = {**applications["desk"], "permits": ["state", "egress"]}
    return lib_config.merged(base, {"destinations": more})


@pytest.fixture(scope="module")
def server(module_gateway, cloud_process, local_model):
    return module_gateway(config(cloud_process, local_model))


pytestmark = [
    pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"]),
    pytest.mark.parametrize("dialect", DIALECTS),
]
by_tier = pytest.mark.parametrize("tier", TIERS)


def destination(tier, dialect, name=None):
    return (name or ("cloud" if tier == "cloud" else "local")) + (
        "-anthropic" if dialect == "anthropic" else ""
    )


def expected_body(sent, model, dialect, stream):
    """What a destination has to get: the client's bytes but for the model's name, and the question for usage."""
    asked = json.loads(sent)["model"].encode()
    assert sent.count(b'"' + asked + b'"') == 1
    out = sent.replace(b'"' + asked + b'"', b'"' + model.encode() + b'"')
    if dialect == "openai" and stream:
        assert out.endswith(b"}")
        out = out[:-1] + b',"stream_options":{"include_usage":true}}'
    return out


def check_seen(server, cloud, answer, dialect, stream):
    """The one request that reached the stand-in: exact bytes, the gateway's credential, nobody else's."""
    (seen,) = cloud.seen()
    model = "gpt-cloud" if dialect == "openai" else "claude-cloud"
    assert base64.b64decode(seen["body_base64"]) == expected_body(answer.sent, model, dialect, stream)
    everything = json.dumps(seen["headers"]) + seen["target"] + seen["body"]
    assert not any(key in everything for key in server.keys.values())
    assert CLOUD_KEY in json.dumps(seen["headers"])
    names = {name.lower() for name, _ in seen["headers"]}
    assert not [n for n in names if n.startswith("x-stainless")] and "cookie" not in names


def check_headers(answer, place, label):
    assert answer.headers["x-sallyport-destination"] == place
    assert answer.headers["x-sallyport-label"] == label
    assert answer.headers["x-sallyport-use-case"] == "helpdesk"
    assert CLOUD_KEY not in json.dumps(answer.headers) + answer.text
    assert "openai-organization" not in answer.headers and "anthropic-organization-id" not in answer.headers


def check_allowed(server, answer, tier, outcome="allow"):
    intent, end = server.explain(answer.id)["records"]
    assert (intent["kind"], intent["tier"], intent["outcome"]) == ("intent", tier, outcome)
    assert (end["kind"], end["status"], end["http_status"]) == ("outcome", "ok", 200)
    assert end["tokens_in"] > 0 and intent["label"] == answer.headers["x-sallyport-label"]
    return intent, end


def ask_tier(server, tier, cloud, local_model, dialect, fields):
    """Asks, and checks which of the two upstreams it reached."""
    before = len(local_model.received())
    answer = ask(server, dialect, fields)
    assert len(cloud.seen()) == (1 if tier == "cloud" else 0)
    assert len(local_model.received()) - before == (0 if tier == "cloud" else 1)
    return answer


def check_refused(server, cloud, local_model, dialect, fields, code, application="desk"):
    """Refused once, with the SDK's default retries on: one decision, one record, nothing forwarded."""
    before, local_before = server.metrics(), len(local_model.received())
    refusal = refused(server, dialect, fields, application)
    after = server.metrics()
    kind = openai.PermissionDeniedError if dialect == "openai" else anthropic.PermissionDeniedError
    assert isinstance(refusal.error, kind)
    assert (refusal.status, refusal.kind, refusal.code) == (403, "permission_error", code)
    assert refusal.headers["x-should-retry"] == "false" and "x-sallyport-destination" not in refusal.headers
    assert refusal.headers["x-sallyport-use-case"] == "helpdesk"
    counted = {n: after[n] - before[n] for n in after if n.endswith("_total") and after[n] != before[n]}
    assert counted.pop("sallyport_request_bytes_total") > 0
    text = [counted.pop(n, 0) for n in ("sallyport_text_scanned_bytes_total", "sallyport_text_known_bytes_total")]
    assert sum(text) > 0
    assert counted == {"sallyport_requests_total": 1, "sallyport_refused_total": 1}
    (record,) = server.explain(refusal.id)["records"]
    assert (record["kind"], record["status"], record["http_status"]) == ("refusal", code, 403)
    assert record["application"] == application and record["dialect"] == dialect
    assert [r["request_id"] for r in server.records()[-1:]] == [refusal.id]
    assert cloud.seen() == [] and len(local_model.received()) == local_before
    return refusal, record


# ---- allowed -----------------------------------------------------------------------------------------------


@by_tier
def test_allowed(server, cloud, local_model, tier, dialect, stream):
    fields = body(dialect, ONLY[tier, dialect], stream=stream)
    answer = ask_tier(server, tier, cloud, local_model, dialect, fields)
    assert answer.finish in ("stop", "length", "end_turn", "max_tokens")
    check_headers(answer, destination(tier, dialect), "public;-;*;trusted")
    check_allowed(server, answer, tier)
    if tier == "cloud":
        assert "refund" in answer.text
        check_seen(server, cloud, answer, dialect, stream)


def test_allowed_where_the_stand_in_is_self_hosted(server, cloud, dialect, stream):
    """What the real model cannot tell: exact bytes and headers at a self-hosted destination."""
    answer = ask(server, dialect, body(dialect, SCRIPTED["self-hosted", dialect], stream=stream))
    check_headers(answer, destination(None, dialect, "leaky"), "public;-;*;trusted")
    check_seen(server, cloud, answer, dialect, stream)
    check_allowed(server, answer, "self-hosted")


# ---- labelled up -------------------------------------------------------------------------------------------


def test_labelled_up_and_still_cleared_for_the_cloud(server, cloud, local_model, dialect, stream):
    answer = ask_tier(
        server, "cloud", cloud, local_model, dialect, body(dialect, BOTH[dialect], EMAIL, stream)
    )
    check_headers(answer, destination("cloud", dialect), "internal;pii;*;trusted")
    check_seen(server, cloud, answer, dialect, stream)
    intent, _ = check_allowed(server, answer, "cloud")
    (atom,) = [a for a in intent["atoms"] if a["source"] == "detector"]
    assert (atom["kind"], atom["count"], atom["place"]) == ("email", 1, "messages[0].content")
    assert answer.sent[atom["start"] : atom["end"]] == b"jane.doe@kaufhaus.de"


def test_labelled_up_and_rerouted_to_self_hosted(server, cloud, local_model, dialect, stream):
    answer = ask_tier(
        server, "self-hosted", cloud, local_model, dialect, body(dialect, BOTH[dialect], IBAN, stream)
    )
    check_headers(answer, destination("self-hosted", dialect), "confidential;financial;*;trusted")
    intent, _ = check_allowed(server, answer, "self-hosted", "reroute")
    reasons = [(c["destination"], c["reason"], c["part"]) for c in intent["candidates"]]
    cloud_name, local_name = destination("cloud", dialect), destination("self-hosted", dialect)
    assert reasons == [(cloud_name, "flow", "level"), (local_name, "taken", "")]


# ---- refused -----------------------------------------------------------------------------------------------


@by_tier
def test_no_destination_cleared(server, cloud, local_model, tier, dialect, stream):
    fields = body(dialect, UNCLEARED[tier, dialect], IBAN, stream)
    refusal, record = check_refused(server, cloud, local_model, dialect, fields, "no_destination_cleared")
    assert record["label"] == refusal.headers["x-sallyport-label"] == "confidential;financial;*;trusted"
    assert [(c["reason"], c["part"], c["tier"]) for c in record["candidates"]] == [("flow", "level", tier)]
    assert ONLY["self-hosted", dialect] in refusal.message, "says what would be allowed"
    assert "DE89" not in str(refusal.error)


@by_tier
def test_caller_without_the_right(server, cloud, local_model, tier, dialect, stream):
    application = "inside" if tier == "cloud" else "outside"
    fields = body(dialect, ONLY[tier, dialect], stream=stream)
    refusal, record = check_refused(server, cloud, local_model, dialect, fields, "not_permitted", application)
    assert (
        record["candidates"] == []
        and ONLY["cloud" if tier != "cloud" else "self-hosted", dialect] in refusal.message
    )


def image(dialect):
    if dialect == "openai":
        return [
            {"type": "text", "text": QUESTION},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64," + PNG}},
        ]
    return [{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}}]


def test_unreadable_content_does_not_reach_the_cloud(server, cloud, local_model, dialect, stream):
    fields = body(dialect, ONLY["cloud", dialect], image(dialect), stream)
    _, record = check_refused(server, cloud, local_model, dialect, fields, "content_unreadable")
    assert record["label"].split(";")[1] == "unreadable"


def test_unreadable_content_goes_to_the_tier_that_policy_names(server, cloud, local_model, dialect, stream):
    """The real model reads no images: its own error, which nobody else says, comes back reviewed and recorded
    like an answer."""
    error = openai.BadRequestError if dialect == "openai" else anthropic.BadRequestError
    with pytest.raises(error, match="this model reads text only") as raised:
        ask(server, dialect, body(dialect, BOTH[dialect], image(dialect), stream))
    headers = raised.value.response.headers
    assert headers["x-sallyport-destination"] == destination("self-hosted", dialect)
    assert cloud.seen() == []
    intent, end = server.explain(headers["x-sallyport-request-id"])["records"]
    assert (intent["outcome"], intent["tier"]) == ("reroute", "self-hosted")
    assert (end["status"], end["http_status"], end["upstream_status"]) == ("ok", 400, 400)


STATE = {
    "openai": {"store": True},
    "anthropic": {"system": [{"type": "text", "text": "Be short.", "cache_control": {"type": "ephemeral"}}]},
}
EGRESS = {
    "openai": {"web_search_options": {}},
    "anthropic": {"tools": [{"type": "web_search_20250305", "name": "web_search"}]},
}


@by_tier
def test_provider_state(server, cloud, local_model, tier, dialect, stream):
    fields = body(dialect, ONLY[tier, dialect], stream=stream, **STATE[dialect])
    check_refused(server, cloud, local_model, dialect, fields, "provider_state_refused")


@by_tier
def test_egress(server, cloud, local_model, tier, dialect, stream):
    fields = body(dialect, ONLY[tier, dialect], stream=stream, **EGRESS[dialect])
    check_refused(server, cloud, local_model, dialect, fields, "egress_refused")


@pytest.mark.parametrize("use, code", [(STATE, "provider_state_refused"), (EGRESS, "egress_refused")])
def test_state_and_egress_need_two_to_agree(server, cloud, local_model, dialect, stream, use, code):
    """The application's entry and the destination's: either alone is a refusal, both let it pass as it is."""
    keeping = "keeping" if dialect == "openai" else "claude-keeping"
    for application, model in (("keeper", ONLY["cloud", dialect]), ("desk", keeping)):
        fields = body(dialect, model, stream=stream, **use[dialect])
        check_refused(server, cloud, local_model, dialect, fields, code, application)
    answer = ask(server, dialect, body(dialect, keeping, stream=stream, **use[dialect]), "keeper")
    check_headers(answer, destination(None, dialect, "keeping"), "public;-;*;trusted")
    check_seen(server, cloud, answer, dialect, stream)


def test_unknown_field_does_not_reach_the_cloud(server, cloud, local_model, dialect, stream):
    fields = body(dialect, ONLY["cloud", dialect], stream=stream, frobnicate="on")
    _, record = check_refused(server, cloud, local_model, dialect, fields, "field_unknown")
    assert [c["reason"] for c in record["candidates"]] == ["permit"]


def test_unknown_field_goes_where_policy_says(server, cloud, local_model, dialect, stream):
    fields = body(dialect, BOTH[dialect], stream=stream, frobnicate="on")
    answer = ask_tier(server, "self-hosted", cloud, local_model, dialect, fields)
    check_allowed(server, answer, "self-hosted", "reroute")


# ---- an answer that leaks ----------------------------------------------------------------------------------


@by_tier
def test_answer_that_leaks_is_cut(server, cloud, tier, dialect, stream):
    """Both tiers are the stand-in here: it says what it is told to."""
    cloud.always(text=f"Use the key {AWS_KEY} for the upload.", pieces="char")
    fields = body(dialect, SCRIPTED[tier, dialect], stream=stream)
    name = "cloud" if tier == "cloud" else "leaky"
    if not stream:
        refusal = refused(server, dialect, fields)
        assert (refusal.status, refusal.code) == (403, "answer_withheld")
        assert refusal.headers["x-should-retry"] == "false"
        assert refusal.headers["x-sallyport-destination"] == destination(None, dialect, name)
        request_id, status, text = refusal.id, 403, str(refusal.error)
    else:
        with pytest.raises((openai.APIError, anthropic.APIError), match="may not leave") as raised:
            ask(server, dialect, fields)
        inner = raised.value.body if dialect == "openai" else raised.value.body["error"]
        assert inner["code"] == "answer_withheld"
        request_id = (inner if dialect == "openai" else raised.value.body)["request_id"]
        status, text = 200, str(raised.value)
    assert AWS_KEY not in text and len(cloud.seen()) == 1, "the SDK's own retries do not ask again"
    intent, end = server.explain(request_id)["records"]
    assert (intent["tier"], end["status"], end["http_status"]) == (tier, "answer_withheld", status)
    (atom,) = end["atoms"]
    assert atom["kind"] == "aws-access-key"
