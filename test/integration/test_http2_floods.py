"""HTTP/2 that no client sends: floods of frames and streams. The connection is ended after a bounded amount of
them, the worker's memory is bounded, others are answered meanwhile, and what was decided has an outcome."""

import json
import struct
import time

import pytest

import lib_config
from lib_client import body
from lib_frames import (
    CANCEL,
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
    HEADERS,
    INITIAL_WINDOW,
    PING,
    PRIORITY,
    RST,
    SETTINGS,
    Wire,
    field,
    frame,
    indexed,
    request,
)
from lib_servers import ASAN
from test_exhaustion import memory, worker_of

MIB = 1 << 20
TEXT = json.dumps(body("openai", "cloud-only")).encode()


@pytest.fixture(scope="module")
def server(module_gateway, cloud_process, certificate):
    tls = {"listen": {"tls": {"certificate": str(certificate.cert), "key": str(certificate.key)}}}
    server = module_gateway(lib_config.base(cloud_process), tls, start=False)
    server.ca = certificate.cert
    server.start()
    return server


def odd(first=1):
    return iter(range(first, 1 << 31, 2))


# ---- the floods: each yields bytes, a few KiB at a time ----------------------------------------------------


def reset_without_body(server):
    """Rapid reset (CVE-2023-44487): a request that is given up as soon as it was made."""
    head, streams = request(server), odd()
    while True:
        yield b"".join(
            frame(HEADERS, END_HEADERS, s, head) + frame(RST, 0, s, CANCEL)
            for s in (next(streams) for _ in range(32))
        )


def reset_with_body(server):
    head, streams = request(server), odd()
    while True:
        yield b"".join(
            frame(HEADERS, END_HEADERS, s, head) + frame(DATA, END_STREAM, s, TEXT) + frame(RST, 0, s, CANCEL)
            for s in (next(streams) for _ in range(32))
        )


def made_to_be_reset(server):
    """The gateway is made to reset what it has begun (CVE-2025-8671): a window update of nothing."""
    head, streams = request(server), odd()
    while True:
        yield b"".join(
            frame(HEADERS, END_HEADERS, s, head) + frame(8, 0, s, struct.pack(">I", 0))
            for s in (next(streams) for _ in range(32))
        )


def continuation(server):
    """A header without end (CVE-2024-27316)."""
    yield frame(HEADERS, 0, 1, request(server))
    n = 0
    while True:
        yield b"".join(frame(CONTINUATION, 0, 1, field(b"x-%d" % (n + i), b"a")) for i in range(64))
        n += 64


def empty_continuation(server):
    yield frame(HEADERS, 0, 1, request(server))
    while True:
        yield frame(CONTINUATION, 0, 1) * 256


def settings(_):
    while True:
        yield frame(SETTINGS, 0, 0, struct.pack(">HI", INITIAL_WINDOW, 65535) * 8) * 64


def ping(_):
    while True:
        yield frame(PING, 0, 0, b"12345678") * 256


def empty_data(server):
    yield frame(HEADERS, END_HEADERS, 1, request(server))
    while True:
        yield frame(DATA, 0, 1) * 256


def priority(_):
    """A chain of streams that depend on each other."""
    streams = odd(3)
    while True:
        yield b"".join(
            frame(PRIORITY, 0, s, struct.pack(">IB", s - 2, 16)) for s in (next(streams) for _ in range(128))
        )


def unknown_frames(_):
    while True:
        yield frame(77, 0, 0, b"x" * 64) * 64


def hpack_bomb(server):
    """A field of 4,000 bytes, named again and again by a byte each."""
    streams = odd()
    yield frame(HEADERS, END_HEADERS, next(streams), request(server) + field(b"x-bomb", b"a" * 3900, is_kept=True))
    while True:
        yield frame(HEADERS, END_HEADERS, next(streams), request(server) + indexed(62) * 10_000)


def hpack_index(server):
    """An entry of the dynamic table that is not there."""
    streams = odd()
    while True:
        yield frame(HEADERS, END_HEADERS, next(streams), request(server) + indexed((1 << 28) - 1))


FLOODS = [
    reset_without_body,
    reset_with_body,
    made_to_be_reset,
    continuation,
    empty_continuation,
    settings,
    ping,
    empty_data,
    priority,
    unknown_frames,
    hpack_bomb,
    hpack_index,
]
MOST_BYTES = 64 * MIB  # nginx ends a connection at 8 MiB of frames that carry nothing, and after 1,000 requests


def outcomes_are_whole(server):
    """Whether each try that was recorded has its outcome."""
    return "open" not in {r["outcome"] for r in server.records()}


@pytest.mark.parametrize("flood", FLOODS, ids=lambda f: f.__name__)
def test_a_flood_ends_its_connection(server, cloud, flood):
    pid = worker_of(server)
    assert server.post("/v1/chat/completions", TEXT, server.key())[0] == 200
    before = memory(pid)["VmRSS"]
    n = 0
    with Wire(server) as wire:
        for piece in flood(server):
            if not wire.send(piece) or wire.sent > MOST_BYTES:
                break
            if n % 64 == 0:
                assert server.get("/readyz")[0] == 200
            n += 1
        wire.listen(2)
        assert wire.is_ended, f"{wire.sent} bytes were taken, and the connection goes on"
    assert ASAN or memory(pid)["VmRSS"] - before < 48 * MIB  # a sanitizer's runtime keeps what was freed
    assert server.post("/v1/chat/completions", TEXT, server.key())[0] == 200
    end = time.monotonic() + 20
    while not outcomes_are_whole(server):
        assert time.monotonic() < end
        time.sleep(0.1)


def test_a_window_that_stays_shut_is_ended(gateway, cloud, certificate):
    """A client that takes nothing: its answer waits within bounds, then its time is up, and that is recorded."""
    tls = {"certificate": str(certificate.cert), "key": str(certificate.key)}
    server = gateway(
        lib_config.base(cloud), {"listen": {"tls": tls, "timeouts": {"send": "1s"}}}, start=False
    )
    server.ca = certificate.cert
    server.start()
    cloud.always(text="and on " * 1000)
    asked = json.dumps(body("openai", "cloud-only", stream=True)).encode()
    with Wire(server, struct.pack(">HI", INITIAL_WINDOW, 0)) as wire:
        for stream in range(1, 11, 2):
            wire.send(frame(HEADERS, END_HEADERS, stream, request(server)) + frame(DATA, END_STREAM, stream, asked))
        end = time.monotonic() + 20
        while not (len(server.records()) == 5 and outcomes_are_whole(server)):
            assert time.monotonic() < end
            assert server.get("/readyz")[0] == 200
            wire.listen(0.1)
        assert DATA not in {kind for kind, _, payload in wire.heard if payload}
    assert server.metrics()["sallyport_held_bytes"] < MIB
