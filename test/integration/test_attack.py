"""Ways around the gateway that were tried and that hold: each test failed before what closes it."""

import json
import socket
import threading

import pytest

SECRET = "AKIAIOSFODNN7EXAMPLF"
ESCAPED = "".join(f"\\u{ord(c):04x}" for c in SECRET)
WAIT_S = 2


class Upstream:
    """A destination that answers each request with the same bytes and keeps what it is sent after them."""

    def __init__(self, answer):
        self.answer, self.after = answer, b""
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.socket.getsockname()[1]}/v1"

    def serve(self):
        connection, _ = self.socket.accept()
        with connection:
            connection.settimeout(WAIT_S)
            request = b""
            while not request.endswith(b"}"):
                request += connection.recv(65536)
            connection.sendall(self.answer)
            try:
                while piece := connection.recv(65536):
                    self.after += piece
            except (TimeoutError, ConnectionResetError):
                pass  # the gateway keeps or cuts the connection; nothing more came

    def close(self):
        self.thread.join(3 * WAIT_S)
        self.socket.close()


def ask(stream=False):
    return {"model": "cloud-only", "stream": stream, "messages": [{"role": "user", "content": "hello"}]}


def whole(content):
    choice = {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}
    body = {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
    return json.dumps(body)


def test_switching_protocols_opens_no_tunnel(gateway):
    """nginx joins client and upstream after `Upgrade` and 101: bytes would pass both ways unread."""
    switch = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n"
    upstream = Upstream((switch + SECRET).encode())
    server = gateway(changes={"destinations": {"cloud": {"base_url": upstream.url}}})
    body = json.dumps(ask()).encode()
    head = (
        "POST /v1/chat/completions HTTP/1.1\r\nhost: gateway\r\ncontent-type: application/json\r\n"
        f"authorization: Bearer {server.key()}\r\nconnection: upgrade\r\nupgrade: h2c\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    )
    answer = b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=3 * WAIT_S) as client:
        client.sendall(head.encode() + body)
        client.settimeout(WAIT_S)
        try:
            answer = client.recv(65536)
            client.sendall(b"past the gate")
            while piece := client.recv(65536):
                answer += piece
        except (TimeoutError, OSError):
            pass  # the gateway keeps or cuts the connection
    upstream.close()
    assert SECRET.encode() not in answer
    assert upstream.after == b""
    assert answer.startswith(b"HTTP/1.1 502 ") and b"upstream_type" in answer


def test_answer_in_another_charset_is_refused(gateway, cloud):
    """UTF-7 writes ASCII in other ASCII: a client that obeys the charset reads what nobody reviewed."""
    cloud.always(body=whole("+AEEASwBJAEE-"), content_type="application/json; charset=utf-7")
    server = gateway()
    status, _, body = server.post("/v1/chat/completions", ask(), server.key())
    assert status == 502 and json.loads(body)["error"]["code"] == "upstream_type"
    cloud.always(body=whole("fine"), content_type="application/json; charset=UTF-8")
    assert server.post("/v1/chat/completions", ask(), server.key())[0] == 200


@pytest.mark.parametrize("text", ['{"key":"%s"}' % ESCAPED, 'Here: {"key":"%s"} is it' % ESCAPED])
def test_escapes_in_text_hide_nothing(gateway, cloud, text):
    """Structured output is JSON in the text of the answer; the client parses it."""
    cloud.always(body=whole(text))
    server = gateway()
    status, _, body = server.post("/v1/chat/completions", ask(), server.key())
    assert status == 403 and json.loads(body)["error"]["code"] == "answer_withheld"
    cloud.always(body=whole('{"path":"C:\\\\temp\\u0041"}'))
    assert server.post("/v1/chat/completions", ask(), server.key())[0] == 200


def test_custom_tool_input_is_judged_in_one(gateway, cloud):
    """The input of a custom tool call streams in pieces like arguments do."""
    custom = {"name": "run", "input": "key " + SECRET[:10]}
    first = {"index": 0, "id": "c", "type": "custom", "custom": custom}
    calls = [first, {"index": 0, "custom": {"input": SECRET[10:]}}]
    events = [{"index": 0, "delta": {"tool_calls": [c]}, "finish_reason": None} for c in calls]
    events.append({"index": 0, "delta": {}, "finish_reason": "tool_calls"})
    head = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    raw = [f"data: {json.dumps({**head, 'choices': [e]})}\n\n" for e in events]
    cloud.always(raw_events=[*raw, "data: [DONE]\n\n"])
    server = gateway()
    body = server.post("/v1/chat/completions", ask(stream=True), server.key())[2]
    assert b"answer_withheld" in body
    assert SECRET[10:].encode() not in body and SECRET[:10].encode() not in body


@pytest.mark.parametrize("other", ["reasoning_content", "refusal"])
@pytest.mark.parametrize("cut", [4, 10, 19])
def test_a_text_that_pauses_gives_no_piece_of_a_finding(gateway, cloud, other, cut):
    """Another text of the choice speaks in the middle of a key; then the first one goes on."""
    deltas = [{"content": "key " + SECRET[:cut]}, {other: "hm "}, {"content": SECRET[cut:] + " ok"}]
    head = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    events = [{**head, "choices": [{"index": 0, "delta": d, "finish_reason": None}]} for d in deltas]
    cloud.always(raw_events=[*(f"data: {json.dumps(e)}\n\n" for e in events), "data: [DONE]\n\n"])
    server = gateway()
    body = server.post("/v1/chat/completions", ask(stream=True), server.key())[2]
    assert b"answer_withheld" in body and b"hm " in body
    assert SECRET[:4].encode() not in body and SECRET[cut:].encode() not in body


def test_a_header_of_the_answer_gives_no_secret(gateway, cloud):
    """Headers that a dialect passes are the destination's text like any other."""
    cloud.always(body=whole("fine"), headers={"x-request-id": SECRET, "openai-version": "2020-10-01"})
    server = gateway()
    status, headers, _ = server.post("/v1/chat/completions", ask(), server.key())
    assert status == 200 and headers["openai-version"] == "2020-10-01"
    assert "x-request-id" not in headers


FORWARDED = {
    "x-client-request-id": ("/v1/chat/completions", "cloud-only"),
    "anthropic-beta": ("/v1/messages", "claude-cloud-only"),
}


@pytest.mark.parametrize("name", FORWARDED)
def test_a_header_that_goes_on_is_looked_at(gateway, cloud, name):
    """Headers of the caller that the dialect forwards reach the destination: they are content."""
    path, model = FORWARDED[name]
    server = gateway()
    body = {"model": model, "max_tokens": 9, "messages": [{"role": "user", "content": "hello"}]}
    for value, expected in (("a-1", 200), ("a " + SECRET, 403)):
        more = {"anthropic-version": "2023-06-01", name: value}
        status, headers, text = server.post(path, body, server.key(), more)
        assert status == expected, text
    assert "credentials" in headers["x-sallyport-label"]
    assert len(cloud.seen()) == 1


@pytest.mark.parametrize("text", ['Result: {"k":"%s"} thanks', '```json\n{"k":"%s"}\n```'])
def test_escapes_in_the_prose_of_a_request_hide_nothing(gateway, cloud, text):
    """A model reads \\u0041 as A, and so does a client that cuts the JSON out."""
    server = gateway()
    body = {"model": "cloud-only", "messages": [{"role": "user", "content": text % ESCAPED}]}
    status, headers, answer = server.post("/v1/chat/completions", body, server.key())
    assert status == 403 and "credentials" in headers["x-sallyport-label"], answer
    assert cloud.seen() == []
