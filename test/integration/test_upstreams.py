"""Destinations that misbehave: whatever bytes they send, the client gets an answer that is one, the outcome is
recorded once and says what it was, the worker lives, and the next caller gets what is theirs.

The upstream is a raw socket that sends what each case says (test/servers/raw_upstream.py)."""

import json
import sys
import time

import pytest

import lib_config
from lib_client import PATHS, Stream, body, data_of, error_of
from lib_servers import ASAN, SERVERS, call

sys.path.insert(0, str(SERVERS))
from raw_upstream import FIN, HOLD, RST, RawUpstream  # noqa: E402

MODEL = {"openai": "cloud-only", "anthropic": "claude-cloud-only"}
LAST = {"openai": b"[DONE]", "anthropic": b"message_stop"}
POISON = "POISON-of-another-caller"
both = pytest.mark.parametrize("dialect", ["openai", "anthropic"])
ANSWER_S = 8  # time-outs of the destinations here are 1 s
HELD = 16 << 10  # limits.held of the gateway here


@pytest.fixture(scope="module")
def upstream():
    raw = RawUpstream()
    yield raw
    raw.stop()


class _At:
    def __init__(self, raw):
        self.url = raw.url


@pytest.fixture(scope="module")
def gateway_process(module_gateway, upstream):
    config = lib_config.base(_At(upstream))
    for destination in config["destinations"].values():
        destination["timeouts"] = {"connect": "500ms", "first_byte": "1s", "idle": "1s"}
    return module_gateway(config, {"limits": {"held": f"{HELD >> 10}KiB", "answer": "256KiB"}})


@pytest.fixture
def server(gateway_process, upstream):
    """Behind each test: the worker is the same, and serves."""
    upstream.reset()
    worker = worker_of(gateway_process)
    yield gateway_process
    upstream.reset()
    for dialect in PATHS:
        upstream.always(*good(dialect, False))
        status, _, raw = post(gateway_process, dialect)
        assert status == 200 and text_of(dialect, json.loads(raw)) == "fine"
    assert worker_of(gateway_process) == worker


def worker_of(server):
    master = int((server.state / "nginx.pid").read_text())
    with open(f"/proc/{master}/task/{master}/children", encoding="ascii") as children:
        (worker,) = [int(pid) for pid in children.read().split()]
    return worker


# ---- answers as a destination ought to give them -----------------------------------------------------------


def whole(dialect, text="fine"):
    usage = {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4}
    value = {
        "openai": {
            "id": "c", "object": "chat.completion", "created": 1, "model": "m", "usage": usage,
            "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        },
        "anthropic": {
            "id": "m", "type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn",
            "content": [{"type": "text", "text": text}], "usage": {"input_tokens": 3, "output_tokens": 1},
        },
    }[dialect]  # fmt: skip
    return json.dumps(value).encode()


def text_of(dialect, value):
    return value["choices"][0]["message"]["content"] if dialect == "openai" else value["content"][0]["text"]


def event(value):
    name = f"event: {value['type']}\n" if "type" in value else ""
    return f"{name}data: {json.dumps(value)}\n\n".encode()


def delta(dialect, text):
    if dialect == "openai":
        return event({"id": "c", "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]})
    return event({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}})


def start(dialect):
    if dialect == "openai":
        return event({"id": "c", "choices": [{"index": 0, "delta": {"role": "assistant"}, "finish_reason": None}]})
    message = {"id": "m", "type": "message", "role": "assistant", "model": "m", "content": [], "usage": {}}
    block = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
    return event({"type": "message_start", "message": message}) + event(block)


def end(dialect):
    if dialect == "openai":
        finish = event({"id": "c", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        return finish + b"data: [DONE]\n\n"
    stop = event({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 1}})
    return event({"type": "content_block_stop", "index": 0}) + stop + event({"type": "message_stop"})


def head(kind, *lines, status="200 OK"):
    media = "text/event-stream" if kind else "application/json"
    return "\r\n".join([f"HTTP/1.1 {status}", f"content-type: {media}", *lines, "", ""]).encode()


def chunk(data):
    return b"%x\r\n%b\r\n" % (len(data), data)


CHUNKED = "transfer-encoding: chunked"


def sized(data, stream=False, n=None):
    return head(stream, f"content-length: {len(data) if n is None else n}") + data


def events(dialect, text="fine"):
    return start(dialect) + delta(dialect, text) + end(dialect)


def good(dialect, stream):
    if not stream:
        return (sized(whole(dialect)),)
    return (head(True, CHUNKED) + chunk(events(dialect)) + b"0\r\n\r\n",)


# ---- asking ------------------------------------------------------------------------------------------------


def post(server, dialect, stream=False):
    own = {"content-type": "application/json", "authorization": "Bearer " + server.key()}
    own |= {"anthropic-version": "2023-06-01"} if dialect == "anthropic" else {}
    fields = body(dialect, MODEL[dialect], stream=stream)
    return call(server.port, "POST", PATHS[dialect], fields, own, timeout_s=ANSWER_S)


def outcome(server, request_id):
    """The one outcome of the one intent, with what was recorded of the answer between them."""
    records = server.explain(request_id)["records"]
    kinds = [r["kind"] for r in records]
    assert kinds[0] == "intent" and kinds[-1] == "outcome" and set(kinds[1:-1]) <= {"answer"}, kinds
    return records[-1]


def check_refused(server, dialect, code, result):
    """An error of ours in the place of a whole answer, and a record that says the same."""
    status, headers, raw = result
    assert error_of(dialect, raw)[1] == code and POISON.encode() not in raw
    assert headers["content-type"] == "application/json" and int(headers["content-length"]) == len(raw)
    record = outcome(server, headers["x-sallyport-request-id"])
    assert (record["status"], record["http_status"]) == (code, status) and status in (502, 504)


def check_cut(server, dialect, code, got):
    """A stream that had begun: it ends in good order with an error event in the dialect."""
    raw = got.all()
    assert data_of(raw)[-1]["error"]["code"] == code and LAST[dialect] not in raw, raw[-400:]
    record = outcome(server, got.id)
    assert (record["status"], record["http_status"]) == (code, 200)


# ---- what is no answer, whole ------------------------------------------------------------------------------

HUGE = b"x-a: " + b"a" * (64 << 10)
WHOLE = {
    "garbage": ([b"\x00\x16\x03garbage\xff\xfe\r\n\r\n{}", FIN], "upstream_type"),
    "text of another protocol": ([b"220 smtp.example.com ESMTP\r\n", FIN], "upstream_type"),
    "an answer of HTTP/0.9": ([b'{"id":"c"}', FIN], "upstream_type"),
    "nothing": ([FIN], "upstream_failed"),
    "a reset": ([RST], "upstream_failed"),
    "half a status line": ([b"HTTP/1.1 2", FIN], "upstream_failed"),
    "half a header": ([b"HTTP/1.1 200 OK\r\ncontent-ty", FIN], "upstream_failed"),
    "an endless header line": ([b"HTTP/1.1 200 OK\r\n" + HUGE, HOLD], "upstream_failed"),
    "a huge header": ([b"HTTP/1.1 200 OK\r\n" + b"x-a: " + b"b" * 900 + b"\r\n", (b"x-a: " + b"b" * 900 + b"\r\n") * 64, HOLD],
                      "upstream_failed"),
    "a header line that is none": ([b"HTTP/1.1 200 OK\r\ncontent-type\x00: application/json\r\n\r\n{}", FIN], "upstream_failed"),
    "two lengths": ([head(False, "content-length: 2", "content-length: 20") + b"{}", FIN], "upstream_failed"),
    "a length and chunks": ([head(False, "content-length: 2", CHUNKED) + chunk(b"{}") + b"0\r\n\r\n", FIN], "upstream_type"),
    "a length that is none": ([head(False, "content-length: 2x") + b"{}", FIN], "upstream_type"),
    "a chunk size that is none": ([head(False, CHUNKED) + b"zz\r\n{}\r\n0\r\n\r\n", FIN], "upstream_failed"),
    "chunks that end early": ([head(False, CHUNKED) + chunk(b'{"id":'), FIN], "upstream_failed"),
    "a coding that is unknown": ([head(False, "transfer-encoding: gzip, chunked") + chunk(b"{}") + b"0\r\n\r\n", FIN], "upstream_type"),
    "silence": ([HOLD], "upstream_timeout"),
    "silence in the header": ([b"HTTP/1.1 200 OK\r\n", HOLD], "upstream_timeout"),
    "silence in the body": ([head(False, "content-length: 20") + b'{"id":', HOLD], "upstream_timeout"),
    "another type": ([b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 4\r\n\r\n<p/>"], "upstream_type"),
    "no type": ([b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"], "upstream_type"),
    "another charset": ([b"HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-7\r\ncontent-length: 2\r\n\r\n{}"],
                        "upstream_type"),
    "gzip that nobody asked for": ([head(False, "content-encoding: gzip", "content-length: 4") + b"\x1f\x8b\x08\x00"], "upstream_type"),
    "a length that is too long": ([head(False, "content-length: 9999") + b"{}", FIN], "upstream_failed"),
    "a length that is too short": ([head(False, "content-length: 9") + b'{"id":"c","x":"y"}', FIN], "upstream_syntax"),
    "no length, half a body": ([head(False) + b'{"id":', FIN], "upstream_syntax"),
    "an empty body": ([head(False, "content-length: 0")], "upstream_syntax"),
    "100 and then the answer": ([b"HTTP/1.1 100 Continue\r\n\r\n" + sized(b"{}"), FIN], "upstream_type"),
    "a flood of 1xx": ([b"HTTP/1.1 102 Processing\r\n\r\n" * 1000, FIN], "upstream_type"),
    "101": ([head(False, "upgrade: h2c", "connection: upgrade", status="101 Switching Protocols") + b"{}", HOLD], "upstream_type"),
    "204 with a body": ([head(False, "content-length: 2", status="204 No Content") + b"{}", FIN], "upstream_syntax"),
    "304 with a body": ([head(False, "content-length: 2", status="304 Not Modified") + b"{}", FIN], "upstream_type"),
    "a status of two digits": ([b"HTTP/1.1 20 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}", FIN], "upstream_type"),
    "an answer above the limit": ([head(False) + b'{"x":"' + b"y" * (300 << 10), b"y" * 100_000, HOLD], "upstream_size"),
}  # fmt: skip


# Framing of which a newer nginx (the one of the sanitizers) says itself that it is none; Debian's lets it through.
REFUSED_BY_NGINX = {"a length and chunks", "a length that is none", "a coding that is unknown"}


def whole_case(how):
    steps, code = WHOLE[how]
    return steps, "upstream_failed" if ASAN == "nginx" and how in REFUSED_BY_NGINX else code


@both
@pytest.mark.parametrize("how", WHOLE)
def test_what_is_no_answer_becomes_an_error(server, upstream, dialect, how):
    steps, code = whole_case(how)
    upstream.answer(*steps)
    check_refused(server, dialect, code, post(server, dialect))
    assert len(upstream.seen) == 1


@both
@pytest.mark.parametrize("how", [k for k in WHOLE if WHOLE[k][1] == "upstream_type" or "header" in k or k == "silence"])
def test_what_is_no_stream_becomes_an_error(server, upstream, dialect, how):
    steps, code = whole_case(how)
    upstream.answer(*steps)
    check_refused(server, dialect, code, post(server, dialect, stream=True))


# ---- streams that go wrong ---------------------------------------------------------------------------------



def begun(d):
    return start(d) + delta(d, "one ") + delta(d, "two ")


STREAMS = {
    "closed between events, framed by the close": (lambda d: [head(True) + begun(d), 0.1, FIN], "upstream_failed"),
    "closed without its last event, in good order": (
        lambda d: [head(True, CHUNKED) + chunk(begun(d)) + b"0\r\n\r\n"], "upstream_failed"),
    "closed between chunks": (lambda d: [head(True, CHUNKED) + chunk(begun(d)), FIN], "upstream_failed"),
    "reset": (lambda d: [head(True, CHUNKED) + chunk(begun(d)), 0.1, RST], "upstream_failed"),
    "half an event, then the end": (
        lambda d: [head(True, CHUNKED) + chunk(begun(d) + delta(d, "three")[:-20]) + b"0\r\n\r\n"], "upstream_syntax"),
    "half an event, then closed": (
        lambda d: [head(True, CHUNKED) + chunk(begun(d) + delta(d, "three")[:-20]), FIN], "upstream_failed"),
    "silence between events": (lambda d: [head(True, CHUNKED) + chunk(begun(d)), HOLD], "upstream_timeout"),
    "silence in an event": (lambda d: [head(True, CHUNKED) + chunk(begun(d)) + b"ff\r\ndata: {", HOLD], "upstream_timeout"),
    "an endless line": (lambda d: [head(True) + begun(d) + b"data: " + b"x" * (2 * HELD), HOLD], "upstream_size"),
    "an endless comment": (lambda d: [head(True) + begun(d) + b":" + b"x" * (2 * HELD), HOLD], "upstream_size"),
    "an event of many lines": (lambda d: [head(True) + begun(d) + b"data:\n" * HELD, HOLD], "upstream_size"),
    "an event that is no JSON": (lambda d: [head(True) + begun(d) + b"data: garbage\n\n", HOLD], "upstream_syntax"),
    "bytes that are no text": (lambda d: [head(True) + begun(d) + b"data: {\"\xff\xfe\":1}\n\n", HOLD], "upstream_syntax"),
    "a chunk size that is none": (lambda d: [head(True, CHUNKED) + chunk(begun(d)) + b"zz\r\n", HOLD], "upstream_failed"),
    "a length that is too long": (lambda d: [sized(begun(d), True, 99999), FIN], "upstream_failed"),
}  # fmt: skip


@both
@pytest.mark.parametrize("how", STREAMS)
def test_a_stream_that_goes_wrong_ends_with_an_error_event(server, upstream, dialect, how):
    make, code = STREAMS[how]
    upstream.answer(*make(dialect))
    got = Stream(server, body(dialect, MODEL[dialect], stream=True), dialect)
    assert got.status == 200
    check_cut(server, dialect, code, got)
    wait_until(lambda: HOLD not in make(dialect) or upstream.seen[0].left_after is not None)


def wait_until(true, timeout_s=5):
    limit = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < limit, "it did not come about"
        time.sleep(0.01)


# ---- odd, but an answer ------------------------------------------------------------------------------------


def one_by_one(data):
    return head(True, CHUNKED) + b"".join(chunk(data[i : i + 1]) for i in range(len(data))) + b"0\r\n\r\n"


ODD = {
    "a byte per chunk": lambda d: [one_by_one(events(d))],
    "a byte per packet": lambda d: [head(True), *(x for b in events(d) for x in (bytes([b]), 0.0005)), FIN],
    "framed by the close": lambda d: [head(True) + events(d), FIN],
    "a length that fits": lambda d: [sized(events(d), True)],
    "trailers": lambda d: [
        head(True, CHUNKED, "trailer: x-poison") + chunk(events(d)) + f"0\r\nx-poison: {POISON}\r\n\r\n".encode()
    ],
    "chunk extensions": lambda d: [
        head(True, CHUNKED) + b'%x;a="b"\r\n' % len(events(d)) + events(d) + b"\r\n0;c\r\n\r\n"
    ],
    "comments": lambda d: [head(True) + b": wait\n\n" + events(d).replace(b"\n\n", b"\n\n: on\n\n"), FIN],
    "more behind the last event": lambda d: [head(True) + events(d) + delta(d, POISON), FIN],
    "silence behind the last event": lambda d: [head(True, CHUNKED) + chunk(events(d)), HOLD],
    "closed behind the last event": lambda d: [head(True, CHUNKED) + chunk(events(d)), FIN],
}


@both
@pytest.mark.parametrize("how", ODD)
def test_an_odd_stream_is_an_answer(server, upstream, dialect, how):
    upstream.answer(*ODD[how](dialect))
    got = Stream(server, body(dialect, MODEL[dialect], stream=True), dialect)
    raw = got.all()
    assert b"fine" in raw and LAST[dialect] in raw and POISON.encode() not in raw
    assert POISON not in json.dumps(got.headers) and got.response.headers.get("x-poison") is None
    record = outcome(server, got.id)
    assert (record["status"], record["http_status"]) == ("ok", 200)


ODD_WHOLE = {
    "trailers": lambda d: [head(False, CHUNKED) + chunk(whole(d)) + f"0\r\nx-poison: {POISON}\r\n\r\n".encode()],
    "a byte per packet": lambda d: [head(False), *(x for b in whole(d) for x in (bytes([b]), 0.0005)), FIN],
    "framed by the close": lambda d: [head(False) + whole(d), FIN],
    "a header in pieces": lambda d: [*(x for b in head(False) for x in (bytes([b]), 0.001)), whole(d), FIN],
    "HTTP/1.0": lambda d: [sized(whole(d)).replace(b"HTTP/1.1", b"HTTP/1.0"), FIN],
    "lines that end in LF": lambda d: [head(False).replace(b"\r\n", b"\n") + whole(d), FIN],
}


@both
@pytest.mark.parametrize("how", ODD_WHOLE)
def test_an_odd_whole_answer_is_one(server, upstream, dialect, how):
    upstream.answer(*ODD_WHOLE[how](dialect))
    status, headers, raw = post(server, dialect)
    assert status == 200 and text_of(dialect, json.loads(raw)) == "fine" and POISON not in json.dumps(headers)
    assert outcome(server, headers["x-sallyport-request-id"])["status"] == "ok"


# ---- one answer per request, whatever is on the connection --------------------------------------------------

POISONED = sized(whole("openai", POISON))
SPLITS = {
    "two answers at once": lambda d: [sized(whole(d)) + POISONED],
    "two answers, chunked": lambda d: [head(False, CHUNKED) + chunk(whole(d)) + b"0\r\n\r\n" + POISONED],
    "the second a moment later": lambda d: [sized(whole(d)), 0.05, POISONED],
    "bytes behind the answer": lambda d: [sized(whole(d)) + b"HTTP/1.1 200 OK\r\ncontent-type: application/"],
    "bytes behind 204": lambda d: [head(False, status="204 No Content") + POISONED],
    "bytes behind a refused answer": lambda d: [head(False, "content-length: 2", status="302 Found") + b"{}" + POISONED],
}


@both
@pytest.mark.parametrize("how", SPLITS)
def test_a_second_answer_reaches_nobody(server, upstream, dialect, how):
    """Response splitting: what stands behind an answer is thrown away with its connection."""
    upstream.answer(*SPLITS[how](dialect))
    first = post(server, dialect)
    assert POISON.encode() not in first[2]
    time.sleep(0.15)  # what came late lies in the idle connection now
    for _ in range(3):
        upstream.answer(*good("openai", False))
        status, _, raw = post(server, "openai")
        assert status == 200 and text_of("openai", json.loads(raw)) == "fine"
    assert upstream.seen[1].connection != upstream.seen[0].connection


@both
def test_a_second_stream_reaches_nobody(server, upstream, dialect):
    upstream.answer(good(dialect, True)[0] + head(True) + delta(dialect, POISON))
    got = Stream(server, body(dialect, MODEL[dialect], stream=True), dialect)
    assert POISON.encode() not in got.all()
    upstream.answer(*good(dialect, False))
    assert POISON.encode() not in post(server, dialect)[2]


@both
def test_a_connection_that_was_good_serves_again(server, upstream, dialect):
    """The other side of the tests above: without a reason a connection is not given up."""
    upstream.always(*good(dialect, False))
    for _ in range(3):
        assert post(server, dialect)[0] == 200
        time.sleep(0.05)
    assert {s.connection for s in upstream.seen} == {upstream.seen[0].connection}
