"""Fair turns: while one caller floods, the requests of others are not behind its backlog. The worker is stopped while a
flood and, last of all, another's request come, so that it finds both in one turn of its loop; what it took first is
said by the order of the records, never by a clock."""

import contextlib
import json
import os
import pathlib
import signal
import socket
import threading
import time

import pytest

import lib_config
from lib_client import body
from lib_frames import DATA, END_HEADERS, END_STREAM, HEADERS, Wire, frame, request
from test_exhaustion import answer_of, chunk, opened, worker_of
from test_http import head_of
from test_turns import HELD, until

FLOOD = 48
LOOKED_S = 0.5  # a worker looks at the list of stops every 200 ms
REQUESTS = "sallyport_requests_total"
PAUSE = ("pause", "application", "desk", "--now", "--reason", "test")
TEXT = json.dumps(body("openai", "cloud-only")).encode()
OTHER = json.dumps(body("openai", "local-only")).encode()


@pytest.fixture(scope="module")
def server(module_gateway, cloud_process):
    return module_gateway(lib_config.base(cloud_process))


def exported(server):
    return [json.loads(line)["record"] for line in server.cli("audit", "export").stdout.splitlines()]


def known(server):
    """Both callers have been there, the other one last, so that the worker is not alone with one of them; how many
    records there are by now."""
    for application in ("desk", "legal"):
        assert server.post("/v1/chat/completions", OTHER, server.key(application))[0] == 200
    return len(exported(server))


@contextlib.contextmanager
def stopped(server):
    """The worker does nothing meanwhile."""
    pid = worker_of(server)
    os.kill(pid, signal.SIGSTOP)
    try:
        until(lambda: pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T")
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def headed(stack, server, text, n=1, application="desk"):
    """Connections of which the worker has read the header of a request with that body, and waits for the body."""
    head = head_of(server, "openai", content_length=len(text), authorization="Bearer " + server.key(application))
    before = server.metrics()[REQUESTS]
    socks = [stack.enter_context(opened(server, head)) for _ in range(n)]
    until(lambda: server.metrics()[REQUESTS] == before + n)
    return socks


def order(server, n_before, kind):
    """Whose records of that kind came in which order."""
    return [r["application"] for r in exported(server)[n_before:] if r["kind"] == kind]


def statuses(socks):
    return [answer_of(sock)[0] for sock in socks]


def test_a_request_is_not_behind_a_flood_s(server, cloud):
    """Forty-eight of one caller are ready, then one of another: it is the second that is decided."""
    n = known(server)
    with contextlib.ExitStack() as stack:
        flood = headed(stack, server, TEXT, FLOOD)
        (other,) = headed(stack, server, OTHER, 1, "legal")
        with stopped(server):
            for sock in flood:
                sock.sendall(TEXT)
            other.sendall(OTHER)
        assert statuses([*flood, other]) == [200] * (FLOOD + 1)
    intents = order(server, n, "intent")
    assert len(intents) == FLOOD + 1 and intents.index("legal") == 1


def test_nor_behind_one_of_many_streams(module_gateway, cloud, certificate):
    """The same with HTTP/2, where one connection brings the whole flood at once."""
    tls = {"listen": {"tls": {"certificate": str(certificate.cert), "key": str(certificate.key)}}}
    server = module_gateway(lib_config.base(cloud), tls, start=False)
    server.ca = certificate.cert
    server.start()
    with Wire(server) as flood, Wire(server) as other:
        head, theirs = request(server), request(server, application="legal")
        n = known(server)
        with stopped(server):
            ids = range(1, 2 * FLOOD, 2)
            flood.send(b"".join(frame(HEADERS, END_HEADERS, s, head) + frame(DATA, END_STREAM, s, TEXT) for s in ids))
            other.send(frame(HEADERS, END_HEADERS, 1, theirs) + frame(DATA, END_STREAM, 1, OTHER))
        until(lambda: other.listen(0.05) or (DATA, 1) in {(kind, stream) for kind, stream, _ in other.heard})
        until(lambda: flood.listen(0.05) or len({s for k, s, _ in flood.heard if k == DATA}) == FLOOD)
    intents = order(server, n, "intent")
    assert len(intents) == FLOOD + 1 and intents.index("legal") == 1


# ---- streams -----------------------------------------------------------------------------------------------

STREAMS, EVENTS = 8, 400


def event(text):
    delta = {"id": "a", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": text}}]}
    return b"data: " + json.dumps(delta).encode() + b"\n\n"


END = b'data: {"id":"a","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"


class Destination:
    """Takes connections and sends what the test says."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def taken(self, stack):
        """The next connection, with its request read: what is closed with bytes unread is reset."""
        sock = stack.enter_context(self.listener.accept()[0])
        got = b""
        while not got.endswith(b"}"):
            got += sock.recv(1 << 16)
        return sock


def text_of(answer):
    """Of a stream that has come to its end."""
    data = [line[6:] for line in answer.split(b"\n") if line.startswith(b"data: ")]
    assert data[-1] == b"[DONE]"
    return "".join(json.loads(x)["choices"][0]["delta"].get("content", "") for x in data[:-1])


@pytest.fixture
def destination():
    destination = Destination()
    yield destination
    destination.listener.close()


def test_nor_behind_what_streams_have_sent(gateway, cloud, destination):
    """Eight streams of one caller have 40 KiB each to be reviewed, then the request of another is ready: it is decided
    before one of them is through."""
    own = {"credential": "env:" + lib_config.CLOUD_VARIABLE}
    server = gateway(lib_config.base(destination, cloud), {"destinations": {"local": own}})
    with contextlib.ExitStack() as stack:
        asked = json.dumps(body("openai", "cloud-only", stream=True)).encode()
        streams = headed(stack, server, asked, STREAMS)
        upstreams = []
        for sock in streams:
            sock.sendall(asked)
            upstreams.append(destination.taken(stack))
            upstreams[-1].sendall(HEAD + event("a") * 2)
            assert sock.recv(1, socket.MSG_PEEK) == b"H"
        n = known(server)
        (other,) = headed(stack, server, OTHER, 1, "legal")
        with stopped(server):
            for sock in upstreams:
                sock.sendall(event("and so on") * EVENTS + END)
                sock.close()
            other.sendall(OTHER)
        answers = [answer_of(sock) for sock in [*streams, other]]
    assert [a[0] for a in answers] == [200] * (STREAMS + 1)
    assert {text_of(a[2]) for a in answers[:-1]} == {"aa" + "and so on" * EVENTS}
    came = [(r["kind"], r["application"]) for r in exported(server)[n:]]
    assert came.count(("outcome", "desk")) == STREAMS
    assert came.index(("intent", "legal")) < came.index(("outcome", "desk"))


# ---- while it waits for its turn ---------------------------------------------------------------------------


def test_who_leaves_leaves_the_line(server, cloud):
    """Nothing of those that left stays behind, and who stayed is answered."""
    known(server)
    with contextlib.ExitStack() as stack:
        (other,) = headed(stack, server, OTHER, 1, "legal")
        with contextlib.ExitStack() as leaving:
            flood = headed(leaving, server, TEXT, FLOOD)
            with stopped(server):
                for sock in flood:
                    sock.sendall(TEXT)
                leaving.close()
                other.sendall(OTHER)
        assert statuses([other]) == [200]
    until(lambda: server.metrics()[HELD] < 1 << 20)
    assert server.verify().returncode == 0


def test_a_stop_holds_for_what_waits(server, cloud):
    """Paused while they wait for their turn: none is sent."""
    stops = server.state / "stops" / "current"
    known(server)
    with contextlib.ExitStack() as stack:
        flood = headed(stack, server, TEXT, FLOOD)
        with stopped(server):
            for sock in flood:
                sock.sendall(TEXT)
            cloud.reset()
            before = stops.stat().st_mtime_ns
            pausing = threading.Thread(target=server.cli, args=PAUSE)
            pausing.start()
            until(lambda: stops.stat().st_mtime_ns != before)
            time.sleep(LOOKED_S)  # it is due to look, and does so before it takes a turn
        pausing.join()
        try:
            answers = [answer_of(sock) for sock in flood]
        finally:
            server.cli("resume", "application", "desk", "--reason", "test")
    assert [a[0] for a in answers] == [503] * FLOOD and cloud.seen() == []


def test_a_reload_answers_what_waits(server, cloud):
    """The worker that leaves does so when all that waited for their turn are through."""
    known(server)
    with contextlib.ExitStack() as stack:
        flood = headed(stack, server, TEXT, FLOOD)
        (other,) = headed(stack, server, OTHER, 1, "legal")
        with stopped(server):
            leaving = worker_of(server)
            for sock in flood:
                sock.sendall(TEXT)
            other.sendall(OTHER)
            os.kill(leaving, signal.SIGQUIT)
        assert statuses([*flood, other]) == [200] * (FLOOD + 1)
    until(lambda: not os.path.exists(f"/proc/{leaving}"))
    until(lambda: server.get("/readyz")[0] == 200)


# ---- no room -----------------------------------------------------------------------------------------------


def call_event(arguments):
    function = {"name": "f", "arguments": arguments}
    call = {"index": 0, "id": "c", "type": "function", "function": function}
    return b"data: " + json.dumps({"id": "a", "choices": [{"index": 0, "delta": {"tool_calls": [call]}}]}).encode() + b"\n\n"


def fill(stack, server):
    """Bodies without their ends, in smaller and smaller pieces, until the key has no room left."""
    for size in (4 << 20, 512 << 10, 64 << 10, 8 << 10):
        for _ in range(64):
            head = head_of(server, "openai", transfer_encoding="chunked")
            sock = stack.enter_context(opened(server, head, chunk(b"{" * size)))
            sock.settimeout(0.2)
            with contextlib.suppress(TimeoutError):
                assert answer_of(sock)[0] == 503
                break


def test_a_stream_that_finds_no_room_ends_in_an_error(gateway, cloud, destination):
    """The key's memory is used up while a tool call comes, which is held until it is whole: the client is told, the
    outcome says why, and nothing of the call has left."""
    own = {"credential": "env:" + lib_config.CLOUD_VARIABLE}
    limits = {"memory_per_key": "64MiB", "held": "16MiB"}
    server = gateway(lib_config.base(destination, cloud), {"destinations": {"local": own}, "limits": limits})
    with contextlib.ExitStack() as stack:
        asked = json.dumps(body("openai", "cloud-only", stream=True)).encode()
        (sock,) = headed(stack, server, asked)
        sock.sendall(asked)
        upstream = destination.taken(stack)
        upstream.sendall(HEAD + event("a") * 2)
        assert sock.recv(1, socket.MSG_PEEK) == b"H"
        fill(stack, server)
        with contextlib.suppress(ConnectionError):
            for _ in range(256):
                upstream.sendall(call_event("canary" * 3000))
        status, headers, answer = answer_of(sock)
    assert status == 200 and b"canary" not in answer and b"[DONE]" not in answer
    assert json.loads(answer.rstrip().rsplit(b"data: ", 1)[1])["error"]["code"] == "busy"
    assert server.record_kinds(headers["x-sallyport-request-id"])[-1] == ("outcome", "busy")
