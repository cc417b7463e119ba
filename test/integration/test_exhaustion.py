"""Bodies and headers that are made to exhaust the gateway: memory grows with what has come and is bounded, what is
slow is ended, and nothing of it reaches a file or a destination."""

import contextlib
import http.client
import json
import os
import pathlib
import selectors
import socket
import ssl
import time

import httpx
import pytest

import lib_config
from lib_client import PATHS, body, error_of
from test_http import fields, head_of, own_headers

MIB = 1 << 20


def worker_of(server):
    master = (server.state / "nginx.pid").read_text().strip()
    (worker,) = pathlib.Path(f"/proc/{master}/task/{master}/children").read_text().split()
    return int(worker)


def memory(pid):
    """Private memory that a process has asked for and what of all its memory is there, in bytes."""
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    rows = dict(line.split(":", 1) for line in lines if ":" in line)
    return {name: int(rows[name].split()[0]) << 10 for name in ("VmData", "VmRSS", "VmHWM")}


def files_of(pid):
    """What its descriptors name."""
    folder = pathlib.Path(f"/proc/{pid}/fd")
    out = []
    for entry in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):
            out.append(os.readlink(entry))
    return out


def answer_of(sock):
    """(status, headers, body) of what comes back, or None when the connection ended without an answer."""
    response = http.client.HTTPResponse(sock, method="POST")
    try:
        response.begin()
        return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()
    except (http.client.HTTPException, ConnectionError):
        return None


def opened(server, head, data=b""):
    sock = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    sock.sendall(head.encode("latin-1") + data)
    return sock


def chunk(data, extension=b""):
    return b"%x%s\r\n%s\r\n" % (len(data), extension, data)


@pytest.fixture(scope="module")
def server(module_gateway, cloud_process):
    """lib_config.base, nothing else."""
    return module_gateway(lib_config.base(cloud_process))


# ---- bodies grow as they come ------------------------------------------------------------------------------


@pytest.mark.parametrize("announced", ["length", "chunks"])
def test_memory_follows_what_has_come(server, cloud, announced):
    """Sixty bodies of 8 MiB are announced and one byte of each sent: nobody sets half a gigabyte aside."""
    more = {"content_length": 8 * MIB} if announced == "length" else {"transfer_encoding": "chunked"}
    head = head_of(server, "openai", **more)
    pid = worker_of(server)
    before = memory(pid)["VmData"]
    with contextlib.ExitStack() as stack:
        for _ in range(60):
            stack.enter_context(opened(server, head, b"{" if announced == "length" else chunk(b"{")))
        assert server.get("/readyz")[0] == 200
        time.sleep(0.2)
        assert memory(pid)["VmData"] - before < 30 * MIB
    assert cloud.seen() == []


@pytest.mark.parametrize("size", [1, 7, 4096, 65536, 65537])
def test_a_body_in_chunks_is_the_body(server, cloud, size):
    """Every cut gives the same bytes at the destination."""
    n = {1: 3000, 7: 20000}.get(size, MIB)
    plain = json.dumps(fields("openai", content="word " * (n // 5))).encode()
    sent = b"".join(chunk(plain[i : i + size]) for i in range(0, len(plain), size)) + b"0\r\n\r\n"
    with opened(server, head_of(server, "openai", transfer_encoding="chunked"), sent) as sock:
        assert answer_of(sock)[0] == 200
    (seen,) = cloud.seen()
    got = json.loads(seen["body"])
    assert got["messages"] == json.loads(plain)["messages"]


def test_a_body_in_pieces_is_the_body(server, cloud):
    plain = json.dumps(fields("openai", content="word " * 200_000)).encode()
    with opened(server, head_of(server, "openai", content_length=len(plain))) as sock:
        for at in range(0, len(plain), 99_991):
            sock.sendall(plain[at : at + 99_991])
            time.sleep(0.005)
        assert answer_of(sock)[0] == 200
    (seen,) = cloud.seen()
    assert json.loads(seen["body"])["messages"] == json.loads(plain)["messages"]


def test_a_body_over_http2_is_the_body(module_gateway, cloud_process, cloud, certificate):
    """With and without a length, larger than any window."""
    tls = {"listen": {"tls": {"certificate": str(certificate.cert), "key": str(certificate.key)}}}
    server = module_gateway(lib_config.base(cloud_process), tls, start=False)
    server.ca = certificate.cert
    server.start()
    plain = json.dumps(fields("openai", content="word " * 600_000)).encode()
    trust = ssl.create_default_context(cafile=certificate.cert)
    headers = own_headers(server, "openai")
    with httpx.Client(http2=True, http1=False, verify=trust, base_url=server.url, timeout=30) as client:
        parts = (plain[i : i + 10_007] for i in range(0, len(plain), 10_007))
        for content in (plain, parts):
            answer = client.post(PATHS["openai"], content=content, headers=headers)
            assert (answer.http_version, answer.status_code) == ("HTTP/2", 200)
        too_large = (b"x" * 65536 for _ in range(200))
        answer = client.post(PATHS["openai"], content=too_large, headers=headers)
        assert answer.status_code == 413 and error_of("openai", answer.content)[1] == "limit_size"
    assert [json.loads(s["body"])["messages"] for s in cloud.seen()] == [json.loads(plain)["messages"]] * 2


def test_a_body_is_refused_as_soon_as_it_is_too_large(server, cloud):
    """Its end is never sent."""
    with opened(server, head_of(server, "openai", transfer_encoding="chunked")) as sock:
        for _ in range(129):
            sock.sendall(chunk(b"x" * 65536))
        status, headers, text = answer_of(sock)
    assert (status, error_of("openai", text)[1]) == (413, "limit_size") and cloud.seen() == []
    assert headers["x-should-retry"] == "false"


def test_no_body_reaches_a_file(server, cloud):
    """Nor is a file opened for one: the folder for them stays empty while 4 MiB wait for the rest."""
    head = head_of(server, "openai", content_length=8 * MIB)
    with opened(server, head, b"{" + b" " * 4 * MIB):
        assert server.get("/readyz")[0] == 200
        time.sleep(0.3)
        assert not [f for f in files_of(worker_of(server)) if "nginx-body" in f]
        assert list((server.state / "nginx-body").iterdir()) == []
    assert cloud.seen() == []


# ---- what is slow is ended ---------------------------------------------------------------------------------


def trickle(socks, pieces, seconds):
    """Sends a piece to each socket every quarter of a second; returns {name: seconds until it had something to
    say}, and the answers."""
    started, said, answers = time.monotonic(), {}, {}
    with selectors.DefaultSelector() as selector:
        for name, sock in socks.items():
            selector.register(sock, selectors.EVENT_READ, name)
        while time.monotonic() - started < seconds and len(said) < len(socks):
            for name in socks.keys() - said.keys():
                with contextlib.suppress(OSError):
                    socks[name].sendall(pieces[name])
            for key, _ in selector.select(0.25):
                selector.unregister(key.fileobj)
                said[key.data] = time.monotonic() - started
                answers[key.data] = answer_of(key.fileobj)
    return said, answers


def test_a_slow_body_is_ended(server, cloud):
    """A byte now and then, chunk extensions without end, and nothing at all: 408. One that is faster than the
    least rate goes on."""
    length = head_of(server, "openai", content_length=MIB)
    chunked = head_of(server, "openai", transfer_encoding="chunked")
    pieces = {"byte": b" ", "chunks": chunk(b" "), "extension": b"x" * 200, "silent": b"", "steady": b" " * 600}
    with contextlib.ExitStack() as stack:
        socks = {
            "byte": stack.enter_context(opened(server, length, b"{")),
            "chunks": stack.enter_context(opened(server, chunked, chunk(b"{"))),
            "extension": stack.enter_context(opened(server, chunked, b"5;")),
            "silent": stack.enter_context(opened(server, length)),
            "steady": stack.enter_context(opened(server, length, b"{")),
        }
        said, answers = trickle(socks, pieces, 14)
    assert said.keys() == pieces.keys() - {"steady"}
    assert min(said.values()) >= 9.5
    for status, headers, text in answers.values():
        assert (status, error_of("openai", text)[1]) == (408, "body_slow")
        assert "x-should-retry" not in headers
    assert cloud.seen() == []


def test_a_slow_header_is_ended(server):
    """The whole header has its time, however its bytes are spread over it."""
    head = f"POST {PATHS['openai']} HTTP/1.1\r\nhost: gateway\r\nx-a: "
    with opened(server, head) as one, opened(server, "") as none:
        said, _ = trickle({"one": one, "none": none}, {"one": b"a", "none": b""}, 14)
    assert said.keys() == {"one", "none"} and min(said.values()) >= 9.5
