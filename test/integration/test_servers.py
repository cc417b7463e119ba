"""The two upstreams speak their protocols: checked with the providers' own SDKs, with no gateway between.

A stand-in that is wrong in the same way as the gateway would prove nothing; the SDKs are the second opinion.
"""

import asyncio
import base64
import gzip
import json
import re
import socket
import ssl
import time

import anthropic
import httpx2 as httpx
import openai
import pytest

from lib_servers import Cloud, call

QUESTION = [{"role": "user", "content": "Name three colours."}]
COLD = {"temperature": 0}  # newer SDKs of Anthropic have no argument for it; the protocol has
TOOL_CALL = {"name": "read_file", "arguments": {"path": "src/core/label.c", "lines": [1, 20]}}
TOOLS = [{"type": "function", "function": {"name": "read_file", "parameters": {"type": "object"}}}]


def openai_client(server, kind=openai.OpenAI, key=None, **options):
    return kind(
        base_url=server.url + "/v1", api_key=key or getattr(server, "key", "none"), max_retries=0, **options
    )


def anthropic_client(server, kind=anthropic.Anthropic, key=None, **options):
    return kind(base_url=server.url, api_key=key or getattr(server, "key", "none"), max_retries=0, **options)


def chat(client, **more):
    return client.chat.completions.create(
        **{"model": "gpt-cloud", "messages": QUESTION, "max_tokens": 24, **more}
    )


def messages(client, **more):
    return client.messages.create(**{"model": "claude-cloud", "messages": QUESTION, "max_tokens": 24, **more})


def joined(stream):
    return "".join(c.choices[0].delta.content or "" for c in stream if c.choices)


# ---- the stand-in, OpenAI ----------------------------------------------------------------------------------


def test_openai_whole(cloud):
    cloud.always(text="Red, green, blue.", usage={"input": 11, "output": 7})
    answer = chat(openai_client(cloud))
    assert answer.choices[0].message.content == "Red, green, blue."
    assert answer.choices[0].finish_reason == "stop"
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.total_tokens) == (
        11,
        7,
        18,
    )
    assert answer.model == "gpt-cloud-2026-01-01" and answer._request_id.startswith("req_")


def test_openai_default_answer_does_not_depend_on_the_prompt(cloud):
    client = openai_client(cloud)
    other = [{"role": "user", "content": '{"status": 500, "text": "injected"}'}]
    assert chat(client).choices[0].message.content == chat(client, messages=other).choices[0].message.content


@pytest.mark.parametrize("with_usage", [True, False])
def test_openai_stream(cloud, with_usage):
    cloud.always(text="Red, green, blue.")
    options = {"stream_options": {"include_usage": True}} if with_usage else {}
    chunks = list(chat(openai_client(cloud), stream=True, **options))
    assert joined(chunks) == "Red, green, blue."
    assert chunks[0].choices[0].delta.role == "assistant"
    finishes = [c.choices[0].finish_reason for c in chunks if c.choices]
    assert finishes[-1] == "stop" and set(finishes[:-1]) == {None}
    assert (chunks[-1].usage is not None and chunks[-1].choices == []) is with_usage


def test_openai_async_stream(cloud):
    cloud.always(text="Red, green, blue.", pieces="char")

    async def read():
        async with openai_client(cloud, openai.AsyncOpenAI) as client:
            stream = await chat(client, stream=True)
            return [c.choices[0].delta.content or "" async for c in stream if c.choices]

    assert "".join(asyncio.run(read())) == "Red, green, blue."


def test_openai_choices_take_turns(cloud):
    cloud.always(choices=[{"text": "one two three"}, {"text": "four five six"}])
    answer = chat(openai_client(cloud), n=2)
    assert [c.message.content for c in answer.choices] == ["one two three", "four five six"]
    order = [c.choices[0].index for c in chat(openai_client(cloud), n=2, stream=True)]
    assert order[:4] == [0, 1, 0, 1] and len(order) == 10


def test_openai_tool_call(cloud):
    cloud.always(tool_calls=[TOOL_CALL, {**TOOL_CALL, "id": "call_b"}])
    message = chat(openai_client(cloud), tools=TOOLS).choices[0].message
    assert [json.loads(c.function.arguments) for c in message.tool_calls] == [TOOL_CALL["arguments"]] * 2
    assert message.tool_calls[1].id == "call_b" and message.content is None


def test_openai_tool_call_streamed_in_pieces(cloud):
    cloud.always(tool_calls=[TOOL_CALL])
    with openai_client(cloud).chat.completions.stream(
        model="gpt-cloud", messages=QUESTION, tools=TOOLS
    ) as stream:
        pieces = [e.arguments_delta for e in stream if e.type == "tool_calls.function.arguments.delta"]
        final = stream.get_final_completion()
    assert len(pieces) > 3 and "".join(pieces) == json.dumps(TOOL_CALL["arguments"])
    assert final.choices[0].finish_reason == "tool_calls"
    assert final.choices[0].message.tool_calls[0].function.name == "read_file"


def test_openai_side_channels(cloud):
    cloud.always(text="Blue.", reasoning="The sky is blue.", logprobs=True)
    choice = chat(openai_client(cloud), logprobs=True).choices[0]
    assert (
        choice.logprobs.content[0].token == "Blue." and choice.message.reasoning_content == "The sky is blue."
    )
    chunks = [c.choices[0] for c in chat(openai_client(cloud), logprobs=True, stream=True)]
    assert "".join(getattr(c.delta, "reasoning_content", None) or "" for c in chunks) == "The sky is blue."
    assert any(c.logprobs and c.logprobs.content for c in chunks)


def test_openai_refusal(cloud):
    cloud.always(refusal="I cannot help with that.")
    assert chat(openai_client(cloud)).choices[0].message.refusal == "I cannot help with that."
    deltas = [c.choices[0].delta.refusal or "" for c in chat(openai_client(cloud), stream=True)]
    assert "".join(deltas) == "I cannot help with that."


@pytest.mark.parametrize(
    "status, kind",
    [
        (429, openai.RateLimitError),
        (500, openai.InternalServerError),
        (403, openai.PermissionDeniedError),
        (404, openai.NotFoundError),
    ],
)
def test_openai_errors(cloud, status, kind):
    cloud.always(status=status, error={"message": "as scripted"}, headers={"retry-after": "7"})
    with pytest.raises(kind) as caught:
        chat(openai_client(cloud))
    assert (
        caught.value.body["message"] == "as scripted" and caught.value.response.headers["retry-after"] == "7"
    )


def test_openai_key_is_required(cloud):
    with pytest.raises(openai.AuthenticationError) as caught:
        chat(openai_client(cloud, key="wrong"))
    assert caught.value.code == "invalid_api_key"


def test_openai_rejects_what_the_provider_rejects(cloud):
    with pytest.raises(openai.BadRequestError):
        chat(openai_client(cloud), messages=[])
    with pytest.raises(openai.BadRequestError):
        openai_client(cloud).completions.create(model="gpt-cloud", prompt="")
    with pytest.raises(openai.BadRequestError):
        openai_client(cloud).embeddings.create(model="gpt-cloud", input=[])
    with pytest.raises(openai.NotFoundError):
        openai_client(cloud).moderations.create(model="gpt-cloud", input="x")


def test_openai_error_in_mid_stream(cloud):
    cloud.always(text="one two three", error_event={"at": 3, "message": "the engine failed"})
    with pytest.raises(openai.APIError, match="the engine failed"):
        joined(chat(openai_client(cloud), stream=True))


def test_openai_models(cloud):
    assert "gpt-cloud" in [m.id for m in openai_client(cloud).models.list()]


# ---- the stand-in, Anthropic -------------------------------------------------------------------------------


def test_anthropic_whole(cloud):
    cloud.always(text="Red, green, blue.", usage={"input": 11, "output": 7})
    answer = messages(anthropic_client(cloud))
    assert answer.content[0].text == "Red, green, blue." and answer.stop_reason == "end_turn"
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (11, 7)
    assert answer._request_id.startswith("req_") and answer.model == "claude-cloud-20260101"


def test_anthropic_stream(cloud):
    cloud.always(text="Red, green, blue.", usage={"input": 11, "output": 7})
    with anthropic_client(cloud).messages.stream(
        model="claude-cloud", max_tokens=9, messages=QUESTION
    ) as stream:
        assert "".join(stream.text_stream) == "Red, green, blue."
        final = stream.get_final_message()
    assert final.stop_reason == "end_turn" and (final.usage.input_tokens, final.usage.output_tokens) == (
        11,
        7,
    )


def test_anthropic_async_stream_with_tools_in_pieces(cloud):
    cloud.always(text="I look.", tool_calls=[TOOL_CALL])

    async def read():
        async with anthropic_client(cloud, anthropic.AsyncAnthropic) as client:
            async with client.messages.stream(
                model="claude-cloud", max_tokens=9, messages=QUESTION
            ) as stream:
                pieces = [e.partial_json async for e in stream if e.type == "input_json"]
                return pieces, await stream.get_final_message()

    pieces, final = asyncio.run(read())
    assert len(pieces) > 3 and final.content[1].input == TOOL_CALL["arguments"]
    assert final.stop_reason == "tool_use"


def test_anthropic_thinking_keeps_its_signature(cloud):
    cloud.always(text="Blue.", thinking={"text": "The sky is blue.", "signature": "c2lnbmVk"})
    whole = messages(anthropic_client(cloud))
    assert (whole.content[0].thinking, whole.content[0].signature) == ("The sky is blue.", "c2lnbmVk")
    with anthropic_client(cloud).messages.stream(
        model="claude-cloud", max_tokens=9, messages=QUESTION
    ) as stream:
        streamed = stream.get_final_message()
    assert (streamed.content[0].thinking, streamed.content[0].signature) == ("The sky is blue.", "c2lnbmVk")
    assert streamed.content[1].text == "Blue."


def test_anthropic_redacted_thinking(cloud):
    cloud.always(text="Blue.", thinking={"redacted": "b3BhcXVl"})
    assert messages(anthropic_client(cloud)).content[0].data == "b3BhcXVl"


@pytest.mark.parametrize(
    "status, kind",
    [
        (429, anthropic.RateLimitError),
        (529, anthropic.InternalServerError),
        (400, anthropic.BadRequestError),
        (413, anthropic.APIStatusError),
    ],
)
def test_anthropic_errors(cloud, status, kind):
    cloud.always(status=status, error={"message": "as scripted"})
    with pytest.raises(kind) as caught:
        messages(anthropic_client(cloud))
    assert caught.value.status_code == status and caught.value.body["error"]["message"] == "as scripted"


def test_anthropic_error_in_mid_stream(cloud):
    cloud.always(text="one two", error_event={"at": 4, "message": "Overloaded"})
    with pytest.raises(anthropic.APIStatusError, match="Overloaded"):
        list(messages(anthropic_client(cloud), stream=True))


def test_anthropic_key_is_required(cloud):
    with pytest.raises(anthropic.AuthenticationError):
        messages(anthropic_client(cloud, key="wrong"))


def test_anthropic_accepts_a_bearer_token(cloud):
    client = anthropic.Anthropic(base_url=cloud.url, auth_token=cloud.key, max_retries=0)
    assert messages(client).stop_reason == "end_turn"


def test_anthropic_version_is_required(cloud):
    body = {"model": "claude-cloud", "max_tokens": 5, "messages": QUESTION}
    status, _, answer = call(cloud.port, "POST", "/v1/messages", body, {"x-api-key": cloud.key})
    assert status == 400 and json.loads(answer)["error"]["message"] == "anthropic-version: header is required"


def test_anthropic_models_and_count(cloud):
    client = anthropic_client(cloud)
    assert "claude-cloud" in [m.id for m in client.models.list()]
    assert client.messages.count_tokens(model="claude-cloud", messages=QUESTION).input_tokens > 0


# ---- the stand-in, what a script can do to the wire --------------------------------------------------------


def raw(server, body, path="/v1/chat/completions"):
    """All bytes of an answer as they come, chunked framing included, and the sizes of the reads."""
    data = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {server.key}\r\nanthropic-version: 1\r\n"
        f"content-length: {len(data)}\r\nconnection: close\r\n\r\n"
    ).encode()
    reads = []
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as sock:
        sock.sendall(head + data)
        while True:
            got = sock.recv(65536)
            if not got:
                return b"".join(reads), reads
            reads.append(got)


STREAM = {"model": "gpt-cloud", "messages": QUESTION, "stream": True}


def data_of(answer):
    """The events' bytes without the chunked framing."""
    body, out = answer.split(b"\r\n\r\n", 1)[1], b""
    while body:
        size, _, body = body.partition(b"\r\n")
        out, body = out + body[: int(size, 16)], body[int(size, 16) + 2 :]
    return out


def test_packets_may_split_events_and_lines_may_end_in_crlf(cloud):
    cloud.script(
        {"text": "a b"},
        {"text": "a b", "packet_bytes": 3},
        {"text": "a b", "events_per_packet": 100},
        {"text": "a b", "newline": "\r\n"},
    )
    plain, in_threes, at_once, crlf = (raw(cloud, STREAM)[0] for _ in range(4))

    def without_number(answer):  # of the request, which makes the ids differ
        return re.sub(rb"chatcmpl-\d+", b"", data_of(answer))

    assert without_number(in_threes) == without_number(plain) == without_number(at_once)
    assert in_threes.count(b"\r\n3\r\n") > 50 and at_once.split(b"\r\n\r\n", 1)[1].count(b"data: ") == 5
    assert without_number(crlf) == without_number(plain).replace(b"\n", b"\r\n")
    cloud.always(text="a b", newline="\r\n", packet_bytes=1)
    assert joined(chat(openai_client(cloud), stream=True)) == "a b"


def test_pause_lets_the_first_event_out(cloud):
    cloud.always(text="a b", pauses={"2": 400})
    start, at = time.monotonic(), []
    for _ in chat(openai_client(cloud), stream=True):
        at.append(time.monotonic() - start)
    assert at[1] < 0.3 < 0.4 <= at[2]


@pytest.mark.parametrize("how", ["fin", "rst"])
def test_drop_in_mid_stream(cloud, how):
    cloud.always(text="one two three", drop_after=3, drop=how)
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError, openai.APIConnectionError)):
        joined(chat(openai_client(cloud), stream=True))


def test_drop_before_the_head(cloud):
    cloud.always(drop_before_head=True)
    with pytest.raises(openai.APIConnectionError):
        chat(openai_client(cloud))


def test_gzip_though_nobody_asked(cloud):
    cloud.always(text="Blue.", gzip=True)
    assert chat(openai_client(cloud)).choices[0].message.content == "Blue."
    assert joined(chat(openai_client(cloud), stream=True)) == "Blue."
    head, body = raw(cloud, {**STREAM, "stream": False})[0].split(b"\r\n\r\n", 1)
    assert b"content-encoding: gzip" in head and b"Blue." in gzip.decompress(body)


def test_redirect_wrong_type_and_foreign_headers(cloud):
    cloud.script(
        {"status": 302, "headers": {"location": "http://127.0.0.1:9/"}, "body": ""},
        {"content_type": "text/html", "body": "<p>no</p>"},
        {"headers": {"X-Accel-Redirect": "/etc"}},
    )
    moved, html, accel = (raw(cloud, {**STREAM, "stream": False})[0] for _ in range(3))
    assert moved.startswith(b"HTTP/1.1 302 ") and b"location: http://127.0.0.1:9/\r\n" in moved
    assert b"content-type: text/html" in html and html.endswith(b"<p>no</p>")
    assert b"x-accel-redirect: /etc" in accel


def test_inserted_and_raw_events(cloud):
    cloud.script({"text": "a", "insert": {"0": ": ping\n\n"}}, {"raw_events": ["data: {\"x\":1}\n\n"]})
    assert data_of(raw(cloud, STREAM)[0]).startswith(b": ping\n\ndata: ")
    assert data_of(raw(cloud, STREAM)[0]) == b'data: {"x":1}\n\n'


def test_a_secret_may_be_split_over_events(cloud):
    cloud.always(pieces=["Key AKIA", "IOSFODNN", "7EXAMPLE."])
    pieces = [c.choices[0].delta.content for c in chat(openai_client(cloud), stream=True)][1:4]
    assert pieces == ["Key AKIA", "IOSFODNN", "7EXAMPLE."]


def test_everything_that_arrived_is_kept(cloud):
    body = b'{"model":"gpt-cloud", "messages":[{"role":"user","content":"\\u00e9\xc3\xa9"}],"x":1}'
    headers = {"Authorization": "Bearer " + cloud.key, "X-Odd": "yes"}
    call(cloud.port, "POST", "/v1/chat/completions?beta=true", body, headers)
    call(cloud.port, "GET", "/nowhere", None, {})
    first, second = cloud.seen()
    assert base64.b64decode(first["body_base64"]) == body and ["X-Odd", "yes"] in first["headers"]
    assert (first["target"], first["status"]) == ("/v1/chat/completions?beta=true", 200)
    assert (second["path"], second["status"]) == ("/nowhere", 401)


def test_a_leaving_client_is_noticed(cloud):
    cloud.always(text="one two three", pauses={"2": 20000})
    stream = chat(openai_client(cloud), stream=True)
    next(iter(stream))
    stream.close()
    end = time.monotonic() + 5
    while not cloud.seen()[0]["peer_left"]:
        assert time.monotonic() < end, "the stand-in did not notice"
        time.sleep(0.02)


def test_unknown_wish_in_a_script_is_refused(cloud):
    with pytest.raises(AssertionError, match="unknown txet"):
        cloud.script({"txet": "typo"})


def test_answers_by_model_and_in_order(cloud):
    cloud.script({"text": "first"}, {"text": "second"}, by_model={"gpt-cloud-mini": {"text": "mini"}})
    client = openai_client(cloud)
    got = [
        chat(client, model=m).choices[0].message.content for m in ("gpt-cloud", "gpt-cloud-mini", "gpt-cloud")
    ]
    assert got == ["first", "mini", "second"]


def test_connections_are_kept_and_answers_are_quick(cloud):
    client = openai_client(cloud)
    chat(client)
    start = time.monotonic()
    for _ in range(20):
        chat(client)
    per_request_ms = (time.monotonic() - start) / 20 * 1000
    assert len({r["connection"] for r in cloud.seen()}) == 1
    assert per_request_ms < 30, "a delayed acknowledgement (40 ms) is in the way"


# ---- the self-hosted model ---------------------------------------------------------------------------------


def test_model_openai_whole(local_model):
    answer = chat(openai_client(local_model), max_tokens=8, temperature=0)
    assert answer.choices[0].message.content and answer.choices[0].finish_reason in ("length", "stop")
    assert 0 < answer.usage.completion_tokens <= 8 and answer.usage.prompt_tokens > 5


def test_model_openai_stream_equals_whole(local_model):
    client = openai_client(local_model)
    whole = chat(client, max_tokens=12, temperature=0)
    chunks = list(
        chat(client, max_tokens=12, temperature=0, stream=True, stream_options={"include_usage": True})
    )
    assert joined(chunks) == whole.choices[0].message.content
    assert chunks[-1].usage.total_tokens == whole.usage.total_tokens and len(chunks) > 4


def test_model_openai_without_usage_and_async(local_model):
    async def read():
        async with openai_client(local_model, openai.AsyncOpenAI) as client:
            return [c async for c in await chat(client, max_tokens=6, stream=True)]

    chunks = asyncio.run(read())
    assert all(c.usage is None for c in chunks) and joined(chunks)


def test_model_anthropic(local_model):
    client = anthropic_client(local_model)
    whole = messages(client, max_tokens=8, system="Be brief.", extra_body=COLD)
    with client.messages.stream(
        model="m", max_tokens=8, system="Be brief.", messages=QUESTION, extra_body=COLD
    ) as stream:
        assert "".join(stream.text_stream) == whole.content[0].text != ""
        assert stream.get_final_message().usage.output_tokens == whole.usage.output_tokens


def test_model_seed_is_honoured(local_model):
    client = openai_client(local_model)
    texts = {chat(client, max_tokens=10, temperature=1, seed=7).choices[0].message.content for _ in range(2)}
    assert len(texts) == 1


def test_model_stop(local_model):
    client = openai_client(local_model)
    whole = chat(client, max_tokens=16, temperature=0).choices[0].message.content
    word = whole.split()[2]
    stopped = chat(client, max_tokens=16, temperature=0, stop=word).choices[0]
    assert stopped.message.content == whole[: whole.index(word)] and stopped.finish_reason == "stop"
    answer = messages(anthropic_client(local_model), max_tokens=16, stop_sequences=[word], extra_body=COLD)
    assert (answer.stop_reason, answer.stop_sequence) == ("stop_sequence", word)


def test_model_refuses_what_it_cannot_do(local_model):
    image = [
        {
            "role": "user",
            "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}],
        }
    ]
    long = [{"role": "user", "content": "word " * 6000}]
    for wrong in ({"messages": image}, {"messages": []}, {"messages": long}, {"n": 2}):
        with pytest.raises(openai.BadRequestError):
            chat(openai_client(local_model), **wrong)
    with pytest.raises(anthropic.BadRequestError):
        anthropic_client(local_model).messages.create(model="m", max_tokens=0, messages=QUESTION)


def test_model_answers_one_at_a_time(local_model):
    async def ask_three():
        async with openai_client(local_model, openai.AsyncOpenAI) as client:
            return await asyncio.gather(*[chat(client, max_tokens=6, temperature=0) for _ in range(3)])

    assert len({a.choices[0].message.content for a in asyncio.run(ask_three())}) == 1


def test_model_lists_itself_and_is_healthy(local_model):
    assert [m.id for m in openai_client(local_model).models.list()] == [local_model.model]
    assert [m.id for m in anthropic_client(local_model).models.list()] == [local_model.model]
    assert call(local_model.port, "GET", "/health")[0] == 200


def test_stand_in_over_tls(tmp_path, certificate):
    server = Cloud(tmp_path / "out", options=["--cert", certificate.cert, "--key-file", certificate.key])
    try:
        with httpx.Client(verify=ssl.create_default_context(cafile=certificate.cert)) as http:
            client = openai_client(server, http_client=http)
            assert joined(chat(client, stream=True))
        assert server.seen()[0]["tls"] == "TLSv1.3"
    finally:
        server.stop()
