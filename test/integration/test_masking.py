"""Findings in answers that policy masks instead of cutting, through the whole gateway and into the SDKs.

The splits of streams are tried in test/unit/test_review_mask.c; here it is the way through: configuration, snapshot,
filter, record, header.
"""

import json

import pytest

import lib_config
from lib_client import Stream, ask, body, data_of, refused, sdk
from test_stream import MODEL, TOOLS, both, content, outcome

ADDRESS = "anna.berg@example.org"
CARD = "4111 1111 1111 1111"
TEXT = f"Write to {ADDRESS} or pay with {CARD}, please."
MASKED = "Write to [masked: email] or pay with [masked: card], please."
CALL = {"name": "mail", "arguments": {"to": [ADDRESS], "body": '{"card": "' + CARD + '"}', "n": 17}}


@pytest.fixture(scope="module")
def server(module_gateway, cloud_process):
    return module_gateway(lib_config.base(cloud_process), {"review": {"mask": ["pii", "pci"]}})


@both
@pytest.mark.parametrize("pieces", ["char", "word", 9])
def test_a_stream_is_masked(server, cloud, dialect, pieces):
    cloud.always(text=TEXT, pieces=pieces, packet_bytes=70)
    got = Stream(server, body(dialect, MODEL[dialect], stream=True), dialect)
    raw = got.all()
    assert content(dialect, raw) == MASKED
    record = outcome(server, got)
    assert (record["status"], record["n_masked"]) == ("ok", 2)
    assert {a["kind"] for a in record["atoms"]} == {"email", "card"}


@both
def test_a_whole_answer_is_masked_and_says_so(server, cloud, dialect):
    cloud.always(text=TEXT)
    got = ask(server, dialect, body(dialect, MODEL[dialect]))
    assert got.text == MASKED
    assert got.headers["x-sallyport-masked"] == "2"
    cloud.always(text="Nothing to hide.")
    assert "x-sallyport-masked" not in ask(server, dialect, body(dialect, MODEL[dialect])).headers


@both
@pytest.mark.parametrize("is_stream", [False, True])
def test_arguments_stay_json(server, cloud, dialect, is_stream):
    cloud.always(tool_calls=[CALL, {**CALL, "id": "call_b"}], tool_pieces=5)
    fields = body(dialect, MODEL[dialect], stream=is_stream, tools=TOOLS[dialect])
    if is_stream:
        got = Stream(server, fields, dialect)
        calls = streamed_arguments(dialect, got.all())
    else:
        calls = whole_arguments(server, dialect, fields)
    assert calls == [{"to": ["[masked: email]"], "body": '{"card": "[masked: card]"}', "n": 17}] * 2


def streamed_arguments(dialect, raw):
    pieces = {}
    for data in data_of(raw):
        if dialect == "openai":
            for call in (c for choice in data["choices"] for c in choice["delta"].get("tool_calls") or []):
                pieces[call["index"]] = pieces.get(call["index"], "") + call["function"].get("arguments", "")
        elif data["type"] == "content_block_delta" and data["delta"]["type"] == "input_json_delta":
            pieces[data["index"]] = pieces.get(data["index"], "") + data["delta"]["partial_json"]
    return [json.loads(text) for _, text in sorted(pieces.items())]


def whole_arguments(server, dialect, fields):
    with sdk(server, dialect) as client:
        if dialect == "openai":
            calls = client.chat.completions.create(**fields).choices[0].message.tool_calls
            return [json.loads(call.function.arguments) for call in calls]
        return [block.input for block in client.messages.create(**fields).content if block.type == "tool_use"]


def test_what_cannot_be_masked_is_withheld(server, cloud):
    cloud.always(thinking={"text": f"It is {ADDRESS} then.", "signature": "c2ln"}, text="So.")
    got = Stream(server, body("anthropic", MODEL["anthropic"], stream=True), "anthropic")
    raw = got.all().decode()
    assert ADDRESS not in raw and "answer_withheld" in raw
    assert outcome(server, got)["status"] == "answer_withheld"


@both
def test_credentials_still_cut(server, cloud, dialect):
    cloud.always(text=f"{ADDRESS} has AKIAQYLPMN5HFIQR7XYA as key")
    got = Stream(server, body(dialect, MODEL[dialect], stream=True), dialect)
    raw = got.all().decode()
    assert "AKIA" not in raw and "[masked: email]" in raw and "answer_withheld" in raw


KEY = "AKIAQYLPMN5HFIQR7XYA"
DISGUISES = {
    "base64": "QUtJQVFZTFBNTjVISEhGUFpBTTI=",
    "zero width": "\u200b".join(KEY),
    "percent": "".join(f"%{ord(c):02x}" for c in KEY),
    "entities": "".join(f"&#{ord(c)};" for c in KEY),
}


@pytest.fixture(scope="module")
def lenient(module_gateway, cloud_process):
    return module_gateway(lib_config.base(cloud_process), {"review": {"withhold": [], "mask": ["credentials"]}})


@both
@pytest.mark.parametrize("how", DISGUISES)
def test_a_whole_answer_is_looked_at_in_disguise(lenient, server, cloud, dialect, how):
    """Masked or withheld, whichever policy says; a stream is looked at as it stands."""
    said = f"The key id is {DISGUISES[how]}, thanks."
    cloud.always(text=said)
    got = ask(lenient, dialect, body(dialect, MODEL[dialect]))
    assert got.text == "The key id is [masked: aws-access-key], thanks."
    assert [a["kind"] for a in lenient.explain(got.id)["records"][-1]["atoms"]] == ["aws-access-key"]
    assert refused(server, dialect, body(dialect, MODEL[dialect])).code == "answer_withheld"


@both
@pytest.mark.parametrize("is_stream", [False, True])
def test_arguments_are_looked_at_in_disguise(lenient, cloud, dialect, is_stream):
    """They leave when they are complete, in a stream as well."""
    cloud.always(tool_calls=[{"name": "mail", "arguments": {"body": f"id {DISGUISES['base64']} so"}}], tool_pieces=5)
    fields = body(dialect, MODEL[dialect], stream=is_stream, tools=TOOLS[dialect])
    calls = streamed_arguments(dialect, Stream(lenient, fields, dialect).all()) if is_stream else whole_arguments(lenient, dialect, fields)
    assert calls == [{"body": "id [masked: aws-access-key] so"}]
