"""Calls that are no conversation: each is labelled, decided, recorded and reviewed by tables of its own."""

import anthropic
import pytest

import lib_config
from lib_client import QUESTION, error_of

MAIL = "mail to anna.berg@example.org"
CARD = "card 4111 1111 1111 1111"


@pytest.fixture(scope="module")
def server(module_gateway, cloud_process):
    """lib_config.base; answers may not hold data of persons; a destination that failed once is left alone."""
    config = lib_config.base(cloud_process)
    config["review"] = {"withhold": ["pii"]}
    for destination in config["destinations"].values():
        destination["breaker"] = {"failures": 1, "retry_after": "60s"}
    return module_gateway(config)


def records_of(server, headers):
    return server.explain(headers["x-sallyport-request-id"])["records"]


def intent_of(server, headers):
    return next(r for r in records_of(server, headers) if r["kind"] == "intent")


def refused(server, path, body, status, code, dialect="openai"):
    """Refused so; returns the headers."""
    got, headers, raw = post(server, path, body)
    assert (got, error_of(dialect, raw)[1]) == (status, code), raw
    return headers


def post(server, path, body):
    return server.post(path, body, server.key(), {"anthropic-version": "2023-06-01"})


# ---- how many tokens: Anthropic ----------------------------------------------------------------------------

COUNT = "/v1/messages/count_tokens"


def counted(text, model="claude", **more):
    return {"model": model, "messages": [{"role": "user", "content": text}], **more}


def test_tokens_are_counted(server, cloud):
    with server.anthropic() as client:
        raw = client.messages.with_raw_response.count_tokens(**counted(QUESTION), system="Be brief.")
    assert raw.parse().input_tokens > 0
    (seen,) = cloud.seen()
    assert seen["path"] == COUNT and '"model":"claude-cloud"' in seen["body"].replace(": ", ":")
    intent, outcome = records_of(server, raw.headers)
    assert (intent["operation"], intent["destination"]) == ("count-tokens", "cloud-anthropic")
    assert (outcome["kind"], outcome["status"], outcome["tokens_in"]) == ("outcome", "ok", 0)


def test_what_is_counted_is_labelled(server, cloud):
    """A card is no data for the cloud, whatever is asked about it."""
    status, headers, _ = post(server, COUNT, counted(CARD))
    assert status == 200 and intent_of(server, headers)["destination"] == "local-anthropic"
    refused(server, COUNT, counted(CARD, "claude-cloud-only"), 403, "no_destination_cleared", "anthropic")
    assert len(cloud.seen()) == 1


def test_a_count_has_no_answer_to_shape(server, cloud):
    refused(server, COUNT, counted("x", stream=True), 403, "field_unknown", "anthropic")
    assert cloud.seen() == []


def test_a_server_that_cannot_count_is_not_left_alone(server, cloud):
    cloud.always(status=404, error={"message": "no such path"})
    with server.anthropic(max_retries=0) as client, pytest.raises(anthropic.NotFoundError) as raised:
        client.messages.count_tokens(**counted(QUESTION))
    outcome = records_of(server, raised.value.response.headers)[-1]
    assert (outcome["status"], outcome["upstream_status"]) == ("ok", 404)
    cloud.reset()
    assert post(server, COUNT, counted(QUESTION, "claude-cloud-only"))[0] == 200


def test_the_answer_to_a_count_is_reviewed(server, cloud):
    cloud.always(body='{"input_tokens":3,"note":"%s"}' % MAIL)
    refused(server, COUNT, counted(QUESTION), 403, "answer_withheld", "anthropic")


def test_a_stream_is_no_answer_to_a_count(server, cloud):
    cloud.always(stream=True, text="x")
    refused(server, COUNT, counted(QUESTION), 502, "upstream_type", "anthropic")
