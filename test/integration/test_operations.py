"""Calls that are no conversation: each is labelled, decided, recorded and reviewed by tables of its own."""

import base64
import json
import struct
import subprocess

import anthropic
import openai
import pytest

import lib_config
from lib_client import QUESTION, error_of
from lib_gateway import BUILD

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


# ---- vectors of texts: OpenAI ------------------------------------------------------------------------------

EMBED = "/v1/embeddings"


def test_texts_become_vectors(server, cloud):
    """The SDK asks for base64 by itself and reads it as numbers."""
    with server.openai() as client:
        raw = client.embeddings.with_raw_response.create(model="assistant", input=["one text", "another"], dimensions=4)
        plain = client.embeddings.create(model="assistant", input="one text", encoding_format="float")
    first, second = raw.parse().data
    assert len(first.embedding) == len(second.embedding) == 4 and first.embedding != second.embedding
    assert len(plain.data[0].embedding) == 8
    seen = [json.loads(s["body"]) for s in cloud.seen()]
    assert [s["model"] for s in seen] == ["gpt-cloud", "gpt-cloud"] and seen[0]["encoding_format"] == "base64"
    intent, outcome = records_of(server, raw.headers)
    assert (intent["operation"], intent["parameters"]) == ("embeddings", "dimensions=4;")
    assert (outcome["status"], outcome["tokens_in"] > 0, outcome["tokens_out"]) == ("ok", True, 0)


def test_the_vectors_that_came_are_those_that_were_sent(server, cloud):
    floats = [0.5, -1.0, 3.25]
    packed = base64.b64encode(struct.pack("<3f", *floats)).decode()
    cloud.always(body=json.dumps({"object": "list", "data": [{"object": "embedding", "index": 0, "embedding": packed}]}))
    with server.openai() as client:
        assert client.embeddings.create(model="assistant", input="x").data[0].embedding == floats


@pytest.mark.parametrize("text", [CARD, ["fine", CARD], "4111\u200b1111\u200b1111\u200b1111"])
def test_what_is_embedded_is_labelled(server, cloud, text):
    status, headers, _ = post(server, EMBED, {"model": "assistant", "input": text})
    assert status == 200 and intent_of(server, headers)["destination"] == "local"
    refused(server, EMBED, {"model": "cloud-only", "input": text}, 403, "no_destination_cleared")
    assert len(cloud.seen()) == 1


@pytest.mark.parametrize("tokens", [[1, 2, 3], [[1, 2], [3]]])
@pytest.mark.parametrize("path, field", [(EMBED, "input"), ("/v1/completions", "prompt")])
def test_tokens_are_content_that_nobody_reads(server, cloud, path, field, tokens):
    """Only a destination that is cleared for it gets it: here the self-hosted one."""
    refused(server, path, {"model": "cloud-only", field: tokens}, 403, "content_unreadable")
    assert cloud.seen() == []
    status, headers, _ = post(server, path, {"model": "assistant", field: tokens})
    assert status == 200 and intent_of(server, headers)["destination"] == "local"
    assert "unreadable" in intent_of(server, headers)["label"]


@pytest.mark.parametrize("tokens", [[1, "x"], ["x", [1]], [[[1]]], [], [1.5]])
def test_lists_that_servers_read_differently_are_refused(server, cloud, tokens):
    refused(server, EMBED, {"model": "assistant", "input": tokens}, 400, "field_invalid")
    assert cloud.seen() == []


def test_more_vectors_than_texts_are_withheld(server, cloud):
    vectors = [{"index": i, "embedding": [0.5]} for i in range(2)]
    cloud.always(body=json.dumps({"object": "list", "data": vectors}))
    refused(server, EMBED, {"model": "assistant", "input": "x"}, 502, "upstream_syntax")


def test_a_text_among_vectors_is_reviewed(server, cloud):
    cloud.always(body=json.dumps({"object": "list", "data": [{"index": 0, "embedding": [0.5], "input": MAIL}]}))
    refused(server, EMBED, {"model": "assistant", "input": "x"}, 403, "answer_withheld")


# ---- how a text goes on: OpenAI's older interface ----------------------------------------------------------

COMPLETE = "/v1/completions"


def test_a_text_goes_on(server, cloud):
    cloud.always(text="there was a mill.", usage={"input": 3, "output": 5})
    with server.openai() as client:
        raw = client.completions.with_raw_response.create(model="assistant", prompt=["Once", "Twice"], max_tokens=9)
    assert [c.text for c in raw.parse().choices] == ["there was a mill."] * 2
    intent, outcome = records_of(server, raw.headers)
    assert (intent["operation"], intent["parameters"]) == ("completions", "max_tokens=9;")
    assert (outcome["finish"], outcome["tokens_in"], outcome["tokens_out"]) == ("stop,stop", 3, 5)


def test_a_text_goes_on_in_a_stream(server, cloud):
    """Usage is asked for by the gateway, recorded, and kept from a client that did not ask."""
    cloud.always(text="there was a mill.", usage={"input": 3, "output": 5})
    with server.openai() as client:
        raw = client.completions.with_raw_response.create(model="assistant", prompt="Once", stream=True)
        chunks = list(raw.parse())
    assert "".join(c.choices[0].text for c in chunks) == "there was a mill."
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert json.loads(cloud.seen()[0]["body"])["stream_options"] == {"include_usage": True}
    outcome = records_of(server, raw.headers)[-1]
    assert (outcome["tokens_in"], outcome["tokens_out"]) == (3, 5)


@pytest.mark.parametrize("field", ["prompt", "suffix", "user", "stop"])
def test_what_goes_on_is_labelled(server, cloud, field):
    body = {"model": "cloud-only", "prompt": "Once", field: CARD}
    refused(server, COMPLETE, body, 403, "no_destination_cleared")
    assert cloud.seen() == []


@pytest.mark.parametrize("pieces", ["word", 1, 7])
def test_what_comes_back_is_reviewed(server, cloud, pieces):
    cloud.always(text=f"Please {MAIL} today.", pieces=pieces)
    refused(server, COMPLETE, {"model": "assistant", "prompt": "Once"}, 403, "answer_withheld")
    with server.openai() as client, pytest.raises(openai.APIError) as raised:
        got = []
        for chunk in client.completions.create(model="assistant", prompt="Once", stream=True):
            got.append(chunk.choices[0].text)
    assert raised.value.code == "answer_withheld" and "anna" not in "".join(got)


def test_a_prompt_that_comes_back_is_reviewed_too(server, cloud):
    body = {"model": "assistant", "prompt": MAIL + " ", "echo": True}
    refused(server, COMPLETE, body, 403, "answer_withheld")


# ---- the real model: the same calls, answered by weights and not by a script -------------------------------


def test_a_real_model_embeds_continues_and_counts(real_gateway):
    """Texts that may not leave go to it, and what it answers passes as it was: unchanged clients read it."""
    with real_gateway.openai() as client:
        near, same, far = client.embeddings.create(model="assistant", input=[CARD, CARD, "An old mill."]).data
        assert near.embedding == same.embedding != far.embedding and len(near.embedding) == 640
        raw = client.completions.with_raw_response.create(
            model="assistant", prompt=f"{CARD} was", max_tokens=6, temperature=0
        )
        whole = raw.parse()
        chunks = list(
            client.completions.create(
                model="assistant", prompt=f"{CARD} was", max_tokens=6, temperature=0, stream=True
            )
        )
    assert whole.choices[0].text == "".join(c.choices[0].text for c in chunks) != ""
    intent, outcome = records_of(real_gateway, raw.headers)
    assert (intent["operation"], intent["destination"]) == ("completions", "local")
    assert (outcome["tokens_in"], outcome["tokens_out"]) == (whole.usage.prompt_tokens, 6)
    with real_gateway.anthropic() as client:
        assert client.messages.count_tokens(**counted(CARD)).input_tokens > client.messages.count_tokens(**counted("x")).input_tokens


# ---- offline -----------------------------------------------------------------------------------------------


def test_explain_decides_any_operation(server):
    def explain(*options):
        command = [str(BUILD / "sallyport"), "explain", "--as", "desk", *options, "-c", str(server.file)]
        body = json.dumps({"model": "assistant", "input": [1, 2]})
        return subprocess.run(command, input=body, capture_output=True, text=True, env=server.env, timeout=60)

    done = explain("--operation", "embeddings")
    assert done.returncode == 0 and "to embeddings" in done.stdout and "local" in done.stdout
    assert explain().returncode != 0
    wrong = explain("--operation", "count-tokens")
    assert wrong.returncode != 0 and "no such operation in that dialect" in wrong.stderr
