"""Clients that misbehave: whatever they do, memory is bounded, others are served, and the outcome is recorded."""

import json
import pathlib
import socket
import struct
import time

import h2.errors
import pytest

import lib_config
from lib_client import PATHS, Stream, body, data_of
from lib_http2 import Http2
from lib_servers import ASAN

SEND_S = 2  # listen.timeouts.send of the gateways here
LONG = "A refund is due within 14 days. "


@pytest.fixture(scope="module")
def server(module_gateway):
    return module_gateway(changes={"listen": {"timeouts": {"send": f"{SEND_S}s"}}})


def worker_of(server):
    master = int((server.state / "nginx.pid").read_text())
    with open(f"/proc/{master}/task/{master}/children", encoding="ascii") as children:
        (worker,) = [int(pid) for pid in children.read().split()]
    return worker


def resident_kib(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(text.split("VmRSS:")[1].split()[0])


@pytest.fixture(autouse=True)
def the_worker_lives(server, cloud):
    worker = worker_of(server)
    yield
    cloud.reset()
    assert server.post(PATHS["openai"], fields(), server.key())[0] == 200
    assert worker_of(server) == worker


def fields(**more):
    return body("openai", "cloud-only", **more)


def request_of(server, value, *lines, version="HTTP/1.1"):
    data = json.dumps(value).encode()
    head = [f"POST {PATHS['openai']} {version}", "host: gateway", "content-type: application/json"]
    head += ["authorization: Bearer " + server.key(), f"content-length: {len(data)}", *lines, "", ""]
    return "\r\n".join(head).encode(), data


def connect(server, receive_buffer=None):
    sock = socket.socket()
    if receive_buffer:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    sock.settimeout(10)
    sock.connect(("127.0.0.1", server.port))
    return sock


def read_until(sock, wanted):
    got = b""
    while wanted not in got:
        piece = sock.recv(1 << 14)
        assert piece, f"ended without {wanted!r}: {got[-300:]!r}"
        got += piece
    return got


def read_all(sock):
    got = b""
    while piece := sock.recv(1 << 16):
        got += piece
    return got


def id_of(got):
    return got.split(b"x-sallyport-request-id: ")[1][:32].decode()


def wait_until(true, timeout_s=5):
    end = time.monotonic() + timeout_s
    while not (value := true()):
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.02)
    return value


def outcome(server, request_id):
    """Waits for the one outcome of the one intent."""

    def records():
        found = server.explain(request_id)["records"]
        return found if found[-1]["kind"] == "outcome" else None

    found = wait_until(records)
    assert [r["kind"] for r in found].count("intent") == [r["kind"] for r in found].count("outcome") == 1
    return found[-1]


# ---- slow ones ---------------------------------------------------------------------------------------------


def test_a_client_that_stops_reading_is_cut(server, cloud):
    """What it does not take stays at the destination; after the time-out both ends are closed. The others notice
    nothing of it."""
    cloud.always(text=LONG * 600_000, pieces=16_000)  # more than the buffers of the kernel
    head, data = request_of(server, fields(stream=True))
    before = resident_kib(worker_of(server))
    with connect(server, receive_buffer=4096) as sock:
        sock.sendall(head + data)
        request_id = id_of(read_until(sock, b"refund"))
        cloud.script()
        began = time.monotonic()
        assert server.post(PATHS["openai"], fields(), server.key())[0] == 200
        assert time.monotonic() - began < 1, "another caller waits for the slow one"
        wait_until(lambda: server.record_kinds(request_id)[-1] == ("outcome", "client_left"), SEND_S + 6)
        if not ASAN:
            assert resident_kib(worker_of(server)) - before < 8 << 10
        assert cloud.seen()[0]["bytes_sent"] < 15 << 20
    assert outcome(server, request_id)["status"] == "client_left"


def test_a_client_that_sends_a_byte_at_a_time(server, cloud):
    head, data = request_of(server, fields(), "connection: close")
    with connect(server) as sock:
        for byte in head:
            sock.sendall(bytes([byte]))
            time.sleep(0.002)
        for byte in data:
            sock.sendall(bytes([byte]))
            time.sleep(0.002)
        got = read_all(sock)
    assert got.startswith(b"HTTP/1.1 200") and outcome(server, id_of(got))["status"] == "ok"


# ---- those that go -----------------------------------------------------------------------------------------


def leave_by_reset(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


@pytest.mark.parametrize("how", [socket.socket.close, leave_by_reset])
@pytest.mark.parametrize("stream", [False, True])
def test_a_client_that_leaves_ends_the_destination_s_work(server, cloud, how, stream):
    cloud.always(text="and on " * 400, pause_ms=25) if stream else cloud.always(delay_ms=20_000)
    head, data = request_of(server, fields(stream=stream))
    sock = connect(server)
    sock.sendall(head + data)
    if stream:
        request_id = id_of(read_until(sock, b"and"))
    wait_until(cloud.seen)
    time.sleep(0.05)
    how(sock)
    left = time.monotonic()
    wait_until(lambda: cloud.seen()[0]["peer_left"], 1)
    assert time.monotonic() - left < 1
    request_id = request_id if stream else server.records()[-1]["request_id"]
    assert outcome(server, request_id)["status"] == "client_left"


@pytest.mark.parametrize("stream", [False, True])
def test_a_client_that_closes_its_sending_side_has_left(server, cloud, stream):
    """nginx takes the end of the input of a waiting client as its leaving, for nothing on the wire tells it from
    one: an answer that may be recorded as delivered to nobody is not worth the tokens. So half-closing clients
    have to keep their side open."""
    cloud.always(text="and on " * 400, pause_ms=25, delay_ms=300)
    head, data = request_of(server, fields(stream=stream))
    with connect(server) as sock:
        sock.sendall(head + data)
        sock.shutdown(socket.SHUT_WR)
        read_all(sock)
    record = wait_until(lambda: [r for r in server.records() if r["status"] == "client_left"])[-1]
    assert [k for k, _ in server.record_kinds(record["request_id"])] in (["intent", "outcome"], ["intent"])


# ---- other ways to speak HTTP/1 ----------------------------------------------------------------------------


def test_two_requests_at_once_are_answered_in_order(server, cloud):
    cloud.script({"text": "the first"}, {"text": "the second"})
    first, second = (request_of(server, fields(content=c)) for c in ("one", "two"))
    last = second[0].replace(b"host:", b"connection: close\r\nhost:")
    with connect(server) as sock:
        sock.sendall(first[0] + first[1] + last + second[1])
        got = read_all(sock)
    assert got.count(b"HTTP/1.1 200") == 2 and got.index(b"the first") < got.index(b"the second")
    assert ["one" in s["body"] for s in cloud.seen()] == [True, False]


def test_expect_100_continue(server, cloud):
    head, data = request_of(server, fields(), "expect: 100-continue", "connection: close")
    with connect(server) as sock:
        sock.sendall(head)
        assert read_until(sock, b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(data)
        assert b"200 OK" in read_all(sock)
    assert "expect" not in {n.lower() for n, _ in cloud.seen()[0]["headers"]}


@pytest.mark.parametrize("stream", [False, True])
def test_a_client_of_http_1_0(server, cloud, stream):
    """No chunks, and the end of the connection is the end of the answer."""
    cloud.always(text="Red, green, blue.")
    head, data = request_of(server, fields(stream=stream), version="HTTP/1.0")
    with connect(server) as sock:
        sock.sendall(head + data)
        got = read_all(sock)
    assert got.startswith(b"HTTP/1.1 200") and b"blue" in got and b"chunked" not in got
    assert outcome(server, id_of(got))["status"] == "ok"
    assert not stream or b"[DONE]" in got


# ---- HTTP/2 ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tls_server(module_gateway, cloud_process, certificate):
    tls = {"listen": {"tls": {"certificate": str(certificate.cert), "key": str(certificate.key)}}}
    gateway = module_gateway(lib_config.base(cloud_process), tls, start=False)
    gateway.ca = certificate.cert
    return gateway.start()


def test_a_hundred_streams_on_one_connection(tls_server, cloud):
    cloud.always(text="Red, green, blue.", pause_ms=5)
    client = Http2(tls_server)
    ids = [client.ask(fields(stream=True)) for _ in range(100)]
    client.until(lambda: client.ended == set(ids))
    assert all(client.headers[i][":status"] == "200" and client.data[i].endswith(b"[DONE]\n\n") for i in ids)
    requests = {client.headers[i]["x-sallyport-request-id"] for i in ids}
    assert len(requests) == 100
    recorded = {r["request_id"]: r["outcome"] for r in tls_server.records()}
    assert {recorded[i] for i in requests} == {"allow"}


def test_a_stream_that_is_reset_ends_alone(tls_server, cloud):
    """RST_STREAM in mid-stream: its destination is let go, its neighbour goes on."""
    cloud.always(text="and on " * 60, pause_ms=25)
    client = Http2(tls_server)
    left, stays = client.ask(fields(stream=True)), client.ask(fields(stream=True))
    client.until(lambda: b"and" in client.data.get(left, b"") and b"and" in client.data.get(stays, b""))
    client.h2.reset_stream(left, h2.errors.ErrorCodes.CANCEL)
    client.flush()
    wait_until(lambda: sum(s["peer_left"] for s in cloud.seen()) == 1, 1)
    client.until(lambda: stays in client.ended)
    assert client.data[stays].endswith(b"[DONE]\n\n")
    assert outcome(tls_server, client.headers[left]["x-sallyport-request-id"])["status"] == "client_left"
    assert outcome(tls_server, client.headers[stays]["x-sallyport-request-id"])["status"] == "ok"


def test_goaway_ends_what_is_under_way_in_order(tls_server, cloud):
    """A client that says GOAWAY still gets the answers that it has asked for."""
    cloud.always(text="Red, green, blue.", pause_ms=30)
    client = Http2(tls_server)
    asked = client.ask(fields(stream=True))
    client.until(lambda: asked in client.headers)
    client.h2.close_connection()
    client.sock.sendall(client.h2.data_to_send())
    client.sock.settimeout(3)
    raw = b""
    try:
        while piece := client.sock.recv(1 << 16):
            raw += piece
    except TimeoutError:
        pass
    record = outcome(tls_server, client.headers[asked]["x-sallyport-request-id"])
    assert record["status"] == ("ok" if b"[DONE]" in raw else "client_left")


def test_streams_beside_a_slow_one(server, cloud):
    """The streams of others go on while one client does not read."""
    cloud.always(text=LONG * 60_000, pieces=4000)
    head, data = request_of(server, fields(stream=True))
    with connect(server, receive_buffer=4096) as sock:
        sock.sendall(head + data)
        read_until(sock, b"refund")
        cloud.always(text="Red, green, blue.", pause_ms=20)
        for _ in range(5):
            got = Stream(server, fields(stream=True))
            assert data_of(got.all()) and b"[DONE]" in got.bytes
