"""Answers as they stream: whatever the chunks, what leaves when, what never leaves.

One gateway in front of the stand-in, whose script decides events, pieces, packets and pauses
(test/servers/README.md). Nothing here depends on what a model says.
"""

import asyncio
import json
import socket
import time

import anthropic
import openai
import pytest

import lib_config
from lib_client import Stream, ask, body, data_of, events, sdk
from lib_servers import ASAN

AT_ONCE_S = 0.5 if ASAN else 0.25  # the promise is 50 ms; a shared machine needs room
AWS_KEY = "AKIAQYLPMN5HFIQR7XYA"
TEXT = 'A refund is due within 14 days; write to the desk — it\'s closed on Sundays. 日本語 \U0001f600 "quoted" \\ end.'
MODEL = {"openai": "cloud-only", "anthropic": "claude-cloud-only"}
LAST = {"openai": "[DONE]", "anthropic": '{"type":"message_stop"}'}
TOOL = {"name": "read_file", "arguments": {"path": "src/core/label.c", "lines": [1, 20]}}
TOOLS = {
    "openai": [{"type": "function", "function": {"name": "read_file", "parameters": {"type": "object"}}}],
    "anthropic": [{"name": "read_file", "input_schema": {"type": "object"}}],
}

both = pytest.mark.parametrize("dialect", ["openai", "anthropic"])


@pytest.fixture(scope="module")
def server(module_gateway, cloud_process):
    """lib_config.base; the Anthropic destination may have signed thinking sent back to it."""
    changes = {"destinations": {"cloud-anthropic": {"permits": ["opaque"]}}}
    return module_gateway(lib_config.base(cloud_process), changes)


def stream(server, dialect, **more):
    return Stream(server, body(dialect, MODEL[dialect], stream=True, **more), dialect)


def content(dialect, raw, field="content"):
    """The text that a client puts together of a stream; `field` of OpenAI's delta."""
    if dialect == "openai":
        return "".join(c["delta"].get(field) or "" for d in data_of(raw) for c in d.get("choices", []))
    return "".join(d["delta"].get("text", "") for d in data_of(raw) if d["type"] == "content_block_delta")


def outcome(server, stream):
    return server.explain(stream.id)["records"][-1]


# ---- chunks ------------------------------------------------------------------------------------------------

CHUNKINGS = {
    "an event per character": {"pieces": "char"},
    "an event per word": {"pieces": "word"},
    "several events in a packet": {"pieces": "char", "events_per_packet": 7},
    "all in one packet": {"events_per_packet": 10000},
    "split inside of events": {"packet_bytes": 13},
    "a byte per packet": {"pieces": 9, "packet_bytes": 1},
    "CRLF": {"newline": "\r\n", "packet_bytes": 17},
    "CR": {"newline": "\r"},
    "closed instead of chunked": {"framing": "close"},
    "a comment between": {"insert": {"2": ": keep-alive\n\n"}},
}


@both
@pytest.mark.parametrize("chunking", CHUNKINGS)
def test_the_text_is_the_same_whatever_the_chunks(server, cloud, dialect, chunking):
    cloud.always(text=TEXT, **CHUNKINGS[chunking])
    got = stream(server, dialect)
    raw = got.all()
    assert got.status == 200 and got.headers["content-type"].startswith("text/event-stream")
    assert content(dialect, raw) == TEXT
    assert events(raw)[-1][1] == LAST[dialect]
    record = outcome(server, got)
    assert (record["kind"], record["status"]) == ("outcome", "ok") and record["tokens_out"] > 0


@both
def test_sdks_read_it_sync_and_async(server, cloud, dialect):
    cloud.always(text=TEXT, pieces="char", packet_bytes=50)
    fields = body(dialect, MODEL[dialect], stream=True)
    assert ask(server, dialect, fields).text == TEXT

    async def read():
        kind = openai.AsyncOpenAI if dialect == "openai" else anthropic.AsyncAnthropic
        async with sdk(server, dialect, kind=kind) as client:
            create = client.chat.completions.create if dialect == "openai" else client.messages.create
            out = [e async for e in await create(**fields)]
        if dialect == "openai":
            return "".join(c.choices[0].delta.content or "" for c in out if c.choices)
        deltas = [e.delta for e in out if e.type == "content_block_delta"]
        return "".join(d.text for d in deltas if d.type == "text_delta")

    assert asyncio.run(read()) == TEXT


# ---- at once -----------------------------------------------------------------------------------------------


def first_text_event(dialect):
    """Index of the first event with text: after the role, or after message_start, block start and ping."""
    return 1 if dialect == "openai" else 3


@both
def test_an_event_is_not_held_for_the_next(server, cloud, dialect):
    """The upstream pauses 5 s after its first text: what of it is safe is at the client at once."""
    after = first_text_event(dialect) + 1
    cloud.always(pieces=["You are ent", "itled to it."], pauses={str(after): 5000})
    got = stream(server, dialect)
    assert got.until(b"You are ") < AT_ONCE_S
    assert b"itled" not in got.bytes
    began = time.monotonic()
    assert content(dialect, got.all()) == "You are entitled to it." and time.monotonic() - began > 3


@both
def test_headers_do_not_wait_for_text(server, cloud, dialect):
    cloud.always(pauses={"1": 1000})
    got = stream(server, dialect)
    assert got.status == 200 and time.monotonic() - got.started < 0.9
    got.all()


# ---- usage -------------------------------------------------------------------------------------------------


def test_usage_is_asked_for_and_taken_out(server, cloud):
    cloud.always(text="Red, green, blue.", usage={"input": 11, "output": 7})
    got = stream(server, "openai")
    raw = got.all()
    assert json.loads(cloud.seen()[0]["body"])["stream_options"] == {"include_usage": True}
    assert b"usage" not in raw and all(d["choices"] for d in data_of(raw))
    record = outcome(server, got)
    assert (record["tokens_in"], record["tokens_out"]) == (11, 7)


def test_usage_that_the_client_asked_for_stays(server, cloud):
    cloud.always(text="Red, green, blue.", usage={"input": 11, "output": 7})
    got = stream(server, "openai", stream_options={"include_usage": True})
    usage = [d["usage"] for d in data_of(got.all()) if d.get("usage")]
    assert [(u["prompt_tokens"], u["completion_tokens"]) for u in usage] == [(11, 7)]
    assert cloud.seen()[0]["body"].count("include_usage") == 1


@pytest.mark.parametrize("options", [{"include_usage": False}, {"include_obfuscation": False}, {}, None])
def test_usage_joins_the_options_that_are_there(server, cloud, options):
    got = stream(server, "openai", stream_options=options)
    assert b"usage" not in got.all()
    wanted = {**(options or {}), "include_usage": True}
    assert json.loads(cloud.seen()[0]["body"])["stream_options"] == wanted


# ---- the other channels ------------------------------------------------------------------------------------


@pytest.mark.parametrize("field, key", [("reasoning_content", "reasoning"), ("refusal", "refusal")])
def test_reasoning_and_refusal_pass(server, cloud, field, key):
    more = {"text": "So be it."} if key == "reasoning" else {}
    cloud.always(pieces="char", **{key: "Let me think about 42."}, **more)
    raw = stream(server, "openai").all()
    assert content("openai", raw, field) == "Let me think about 42."
    assert content("openai", raw) == more.get("text", "")


def test_logprobs_pass_with_their_text(server, cloud):
    cloud.always(text="Red, green, blue.", logprobs=True)
    raw = stream(server, "openai", logprobs=True, top_logprobs=1).all()
    choices = [c for d in data_of(raw) for c in d["choices"]]
    tokens = [t["token"] for c in choices for t in ((c.get("logprobs") or {}).get("content") or [])]
    assert "".join(tokens) == content("openai", raw) == "Red, green, blue."


def test_several_choices_keep_apart(server, cloud):
    cloud.always(choices=[{"text": "one two three"}, {"text": "vier fünf sechs"}], pieces="char")
    raw = stream(server, "openai", n=2).all()
    texts = ["", ""]
    for d in data_of(raw):
        for c in d["choices"]:
            texts[c["index"]] += c["delta"].get("content") or ""
    assert texts == ["one two three", "vier fünf sechs"]


def test_signed_thinking_passes_unaltered(server, cloud):
    """Signature and thinking are the provider's, byte for byte, and may be sent back."""
    signature = "EqQBCkYIBxgCKkD" + "x" * 80 + "=="
    thought = "They want three colours; jane.doe@kaufhaus.de asked."
    cloud.always(thinking={"text": thought, "signature": signature}, text="Red.", pieces=5)
    with sdk(server, "anthropic").messages.stream(**body("anthropic", MODEL["anthropic"])) as got:
        message = got.get_final_message()
    block = message.content[0]
    assert (block.type, block.thinking, block.signature) == ("thinking", thought, signature)
    back = [
        {"role": "user", "content": "Three colours?"},
        {"role": "assistant", "content": [b.model_dump() for b in message.content]},
    ]
    back[1]["content"] = [{k: v for k, v in b.items() if v is not None} for b in back[1]["content"]]
    cloud.reset()
    fields = {
        **body("anthropic", MODEL["anthropic"]),
        "messages": [*back, {"role": "user", "content": "More."}],
    }
    ask(server, "anthropic", fields)
    assert signature in cloud.seen()[0]["body"] and thought in cloud.seen()[0]["body"]


def test_redacted_thinking_passes(server, cloud):
    cloud.always(thinking={"redacted": "EmwKAhgBEgy" + "A" * 60}, text="Red.")
    raw = stream(server, "anthropic").all()
    (block,) = [
        d["content_block"] for d in data_of(raw) if d["type"] == "content_block_start" and d["index"] == 0
    ]
    assert block == {"type": "redacted_thinking", "data": "EmwKAhgBEgy" + "A" * 60}


# ---- tool calls --------------------------------------------------------------------------------------------


def is_call(dialect, data):
    if dialect == "openai":
        return any(c["delta"].get("tool_calls") for c in data.get("choices", []))
    is_start = data["type"] == "content_block_start" and data["content_block"]["type"] == "tool_use"
    return is_start or (data["type"] == "content_block_delta" and data["delta"]["type"] == "input_json_delta")


@both
def test_a_tool_call_leaves_whole(server, cloud, dialect):
    """The upstream pauses in the middle of the arguments: until they are complete no piece of the call is out."""
    first = first_text_event(dialect)
    cloud.always(tool_calls=[TOOL], tool_pieces=7, pauses={str(first + 3): 700})
    got = stream(server, dialect, tools=TOOLS[dialect])
    raw = got.all()
    came = [
        at
        for at, piece in got.pieces
        if b"read_file" in piece or b"src/c" in piece or b"partial_json" in piece
    ]
    assert min(came) > 0.65
    calls = [d for d in data_of(raw) if is_call(dialect, d)]
    assert len(calls) > 3, "released whole, not put together: the events are the provider's"
    kinds = [r["kind"] for r in server.explain(got.id)["records"]]
    assert kinds == ["intent", "answer", "outcome"]
    assert server.explain(got.id)["records"][1]["n_tool_calls"] == 1


@both
def test_sdks_put_tool_calls_together(server, cloud, dialect):
    cloud.always(tool_calls=[TOOL, {**TOOL, "id": "call_b"}], packet_bytes=11)
    fields = body(dialect, MODEL[dialect], tools=TOOLS[dialect])
    if dialect == "openai":
        with sdk(server, dialect).chat.completions.stream(**fields) as got:
            calls = got.get_final_completion().choices[0].message.tool_calls
        inputs, ids = [json.loads(c.function.arguments) for c in calls], [c.id for c in calls]
    else:
        with sdk(server, dialect).messages.stream(**fields) as got:
            calls = [b for b in got.get_final_message().content if b.type == "tool_use"]
        inputs, ids = [c.input for c in calls], [c.id for c in calls]
    assert inputs == [TOOL["arguments"]] * 2 and ids[1] == "call_b"


@both
def test_text_before_a_tool_call_does_not_wait_for_it(server, cloud, dialect):
    """The call's arguments take a second; the text before it is out at once."""
    events_before = {"openai": 1 + 2 + 1, "anthropic": 3 + 2 + 2 + 1}[dialect]
    cloud.always(
        text="Let me look. ",
        pieces=["Let me ", "look."],
        tool_calls=[TOOL],
        pauses={str(events_before + 2): 1000},
    )
    got = stream(server, dialect, tools=TOOLS[dialect])
    assert got.until(b"look.") < 0.9
    assert got.until(b"read_file") > 0.9
    got.all()


# ---- leaks -------------------------------------------------------------------------------------------------

ESCAPED = "".join(f"\\u{ord(c):04x}" for c in AWS_KEY)


def leaks(dialect):
    """Where an answer can carry a key, as answers of the stand-in."""
    out = {
        "in one piece": {"text": f"Use {AWS_KEY} now."},
        "a character per event": {"text": f"Use {AWS_KEY} now.", "pieces": "char"},
        "over two events": {"pieces": ["Use AKIAQYLPM", "N5HFIQR7XYA now."]},
        "over three packets": {"text": f"Use {AWS_KEY} now.", "packet_bytes": 40},
        "at the very end": {"text": f"Use {AWS_KEY}", "pieces": "char"},
        "in tool arguments": {
            "tool_calls": [{"name": "put", "arguments": {"key": AWS_KEY}}],
            "tool_pieces": 5,
        },
        "in escaped tool arguments": {
            "tool_calls": [{"name": "put", "arguments": '{"key": "' + ESCAPED + '"}'}]
        },
    }
    if dialect == "openai":
        chunk = '{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":%s,"finish_reason":null}]}'
        escaped = chunk % ('{"content":"Use ' + ESCAPED + ' now."}')
        out |= {
            "in escapes of the event": {"raw_events": [f"data: {escaped}\n\n", "data: [DONE]\n\n"]},
            "in reasoning": {"reasoning": f"The key is {AWS_KEY} I think.", "text": "So.", "pieces": "char"},
            "in a refusal": {"refusal": f"I will not say {AWS_KEY} at all.", "pieces": "char"},
            "in the second choice": {"choices": [{"text": "fine"}, {"text": f"Use {AWS_KEY} now."}]},
            "in logprobs alone": {"text": f"Use {AWS_KEY} now.", "logprobs": True, "pieces": "char"},
            "in an unknown field": {
                "raw_events": [f'data: {chunk % json.dumps({"aside": AWS_KEY})}\n\n', "data: [DONE]\n\n"]
            },
        }
    else:
        out |= {
            "in thinking": {
                "thinking": {"text": f"The key is {AWS_KEY} I think.", "signature": "c2ln"},
                "text": "So.",
                "pieces": 4,
            }
        }
    return out


CASES = [(dialect, name) for dialect in ("openai", "anthropic") for name in leaks(dialect)]


@pytest.mark.parametrize("dialect, where", CASES)
def test_a_leak_is_cut(server, cloud, dialect, where):
    answer = leaks(dialect)[where]
    cloud.always(**answer)
    more = {"n": 2} if "choices" in answer else {}
    got = stream(server, dialect, tools=TOOLS[dialect], **more)
    raw = got.all()
    # Nothing of the key but a beginning that prose has as well, in no channel and no form.
    text = raw.decode()
    assert "QYLPMN5" not in text.replace('"', "") and "HFIQR7" not in text
    shown = "".join(content(dialect, raw, f) for f in ("content", "reasoning_content", "refusal"))
    assert "QYLP" not in shown and ESCAPED[:30] not in text
    name, data = events(raw)[-1]
    error = json.loads(data)
    if dialect == "openai":
        assert name is None and error["error"]["code"] == "answer_withheld"
        assert "[DONE]" not in text
    else:
        assert name == "error" and error["type"] == "error" and error["error"]["code"] == "answer_withheld"
        assert "message_stop" not in text
    record = outcome(server, got)
    assert (record["kind"], record["status"], record["http_status"]) == ("outcome", "answer_withheld", 200)
    assert [a["kind"] for a in record["atoms"]] and {a["kind"] for a in record["atoms"]} == {"aws-access-key"}


@both
def test_what_was_before_the_leak_is_out(server, cloud, dialect):
    cloud.always(text=f"Take it from the safe: {AWS_KEY} is it.", pieces="char")
    assert content(dialect, stream(server, dialect).all()) == "Take it from the safe: "


@both
def test_an_answer_that_leaks_stops_the_upstream(server, cloud, dialect):
    """No more tokens are made for nobody."""
    cloud.always(text=f"Use {AWS_KEY} now. " + "and on " * 200, pause_ms=20)
    stream(server, dialect).all()
    time.sleep(0.5)
    assert cloud.seen()[0]["peer_left"]


# ---- ends that are none ------------------------------------------------------------------------------------


def test_comments_of_the_destination_stay_here(server, cloud):
    """They keep connections alive and say nothing to a client: one of ours takes their place."""
    cloud.always(text="one two", insert={"2": f": {AWS_KEY}\nid: {AWS_KEY}\n\n"})
    raw = stream(server, "openai").all()
    assert content("openai", raw) == "one two" and b": keep-alive\n\n" in raw
    assert AWS_KEY.encode() not in raw and b"id: " not in raw


@both
@pytest.mark.parametrize("how", ["fin", "rst"])
def test_an_upstream_that_dies_gives_an_error_event(server, cloud, dialect, how):
    cloud.always(text="one two three four", drop=how, drop_after=first_text_event(dialect) + 2, pause_ms=30)
    got = stream(server, dialect)
    raw = got.all()
    assert content(dialect, raw).startswith("one")
    name, data = events(raw)[-1]
    assert json.loads(data)["error"]["code"] == "upstream_failed" and LAST[dialect] not in raw.decode()
    assert name == (None if dialect == "openai" else "error")
    assert outcome(server, got)["status"] == "upstream_failed"


@both
def test_a_last_event_that_is_missing_is_not_made_up(server, cloud, dialect):
    """An end in good order without the dialect's last event: the destination broke off, and its finish is not
    told."""
    cloud.always(text="one two", skip_end=True)
    got = stream(server, dialect)
    raw = got.all()
    assert content(dialect, raw).startswith("one") and LAST[dialect] not in raw.decode()
    assert json.loads(events(raw)[-1][1])["error"]["code"] == "upstream_failed"
    assert b'"stop"' not in raw and b"end_turn" not in raw
    assert outcome(server, got)["status"] == "upstream_failed"


@both
def test_an_error_event_of_the_upstream_passes_reviewed(server, cloud, dialect):
    cloud.always(
        text="one two three four",
        error_event={"at": first_text_event(dialect) + 2, "message": "overloaded, try later"},
    )
    got = stream(server, dialect)
    raw = got.all()
    assert b"overloaded, try later" in raw and LAST[dialect] not in raw.decode()
    record = outcome(server, got)
    assert (record["kind"], record["status"]) == ("outcome", "upstream_failed")


@both
def test_a_client_that_leaves_is_noticed(server, cloud, dialect):
    """The upstream's connection is closed within a second, and the outcome says who left."""
    cloud.always(text="and on " * 400, pause_ms=25)
    got = stream(server, dialect)
    got.until(b'"on ')
    got.leave()
    left = time.monotonic()
    while not cloud.seen()[0]["peer_left"]:
        assert time.monotonic() - left < 1, "the upstream goes on for nobody"
        time.sleep(0.02)
    time.sleep(0.1)
    record = outcome(server, got)
    assert (record["kind"], record["status"]) == ("outcome", "client_left")
    assert 0 < record["bytes_out"] < 200_000


@both
def test_a_client_that_leaves_before_the_answer_is_noticed(server, cloud, dialect):
    cloud.always(delay_ms=5000)
    fields = json.dumps(body(dialect, MODEL[dialect])).encode()
    path = "/v1/chat/completions" if dialect == "openai" else "/v1/messages"
    head = (
        f"POST {path} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\nx-api-key: {server.key()}\r\n"
    )
    head += "anthropic-version: 2023-06-01\r\n" if dialect == "anthropic" else ""
    with socket.create_connection(("127.0.0.1", server.port)) as sock:
        sock.sendall(f"{head}content-length: {len(fields)}\r\n\r\n".encode() + fields)
        end = time.monotonic() + 3
        while not cloud.seen():
            assert time.monotonic() < end
            time.sleep(0.01)
    time.sleep(1)
    last = server.records()[-1]
    assert (last["outcome"], last["status"]) == ("failed", "client_left")


# ---- long answers ------------------------------------------------------------------------------------------


@both
def test_a_long_answer_streams_through(server, cloud, dialect):
    """300 KB in pieces of a word: nothing is lost, and what is recorded is what came."""
    text = "A refund is due within 14 days. " * 10000
    cloud.always(text=text, pieces=64, events_per_packet=20)
    got = stream(server, dialect)
    assert content(dialect, got.all()) == text
    shown = server.cli_json("audit", "show", got.id, "--payload")
    assert content(dialect, shown["answer"].encode()) == text
    assert cloud.seen()[0]["bytes_sent"] == outcome(server, got)["bytes_in"]


def test_an_answer_longer_than_a_segment(gateway, cloud):
    """5 MB into segments of 1 MiB: each record stands with its blocks, the log verifies, the content is whole."""
    server = gateway(changes={"audit": {"segment": "1MiB"}, "limits": {"body": "256KiB"}})
    text = "A refund is due within 14 days. " * 160_000
    cloud.always(text=text, pieces=4000)
    got = stream(server, "openai")
    assert content("openai", got.all()) == text
    kinds = [r["kind"] for r in server.explain(got.id)["records"]]
    assert kinds[0] == "intent" and kinds[-1] == "outcome" and kinds.count("answer") > 64
    assert len(list((server.state / "ledger").glob("*.seg"))) > 4
    assert content("openai", server.cli_json("audit", "show", got.id, "--payload")["answer"].encode()) == text
    server.verify()
