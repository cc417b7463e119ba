"""Connections of one address: bounded, and refused in a way that can be read; other addresses are served on."""

import contextlib
import json
import socket
import ssl
import time

import pytest

import lib_config
from lib_client import body
from test_exhaustion import answer_of
from test_http import own_headers

BOUND = 20


def connected(server, address):
    return socket.create_connection(("127.0.0.1", server.port), timeout=10, source_address=(address, 0))


def asked(server, sock):
    """The answer to one request on this connection."""
    text = json.dumps(body("openai", "cloud-only"))
    lines = [f"{k}: {v}" for k, v in {"host": "gateway", **own_headers(server, "openai")}.items()]
    head = "\r\n".join(["POST /v1/chat/completions HTTP/1.1", *lines, f"content-length: {len(text)}", "", ""])
    with contextlib.suppress(OSError):
        sock.sendall((head + text).encode())
    return answer_of(sock)


def refused(sock):
    """What a connection says by itself that is closed at once."""
    status, headers, text = answer_of(sock)
    return status, headers["retry-after"], json.loads(text)["error"]["code"]


def test_a_flood_of_connections_leaves_room_for_other_addresses(gateway, cloud):
    server = gateway(lib_config.base(cloud), {"nginx": {"connections_per_address": BOUND}})
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(connected(server, "127.0.0.2")) for _ in range(BOUND)]
        assert asked(server, held[0])[0] == 200  # all of them have been accepted
        for _ in range(50):
            with connected(server, "127.0.0.2") as further:
                assert refused(further) == (503, "1", "connections_too_many")
        with connected(server, "127.0.0.3") as other:
            assert asked(server, other)[0] == 200
        assert server.metrics()["sallyport_connections_refused_total"] == 50
        assert asked(server, held[-1])[0] == 200
        held[3].close()
        end = time.monotonic() + 5
        while True:  # what is closed makes room
            with connected(server, "127.0.0.2") as again:
                answer = asked(server, again)
                if answer and answer[0] == 200:
                    break
            assert time.monotonic() < end


def test_with_tls_it_is_closed_before_the_handshake(gateway, cloud, certificate):
    tls = {"listen": {"tls": {"certificate": str(certificate.cert), "key": str(certificate.key)}}}
    changes = {**tls, "nginx": {"connections_per_address": BOUND}}
    server = gateway(lib_config.base(cloud), changes, start=False)
    server.ca = certificate.cert
    server.start()
    context = ssl.create_default_context(cafile=certificate.cert)
    with contextlib.ExitStack() as stack:
        for _ in range(BOUND):
            sock = stack.enter_context(connected(server, "127.0.0.2"))
            stack.enter_context(context.wrap_socket(sock, server_hostname="localhost"))
        with connected(server, "127.0.0.2") as further, pytest.raises(OSError):
            context.wrap_socket(further, server_hostname="localhost")
        assert server.get("/readyz")[0] == 200


def test_without_a_bound_all_come_from_one_address(gateway, cloud):
    """Behind a load balancer."""
    server = gateway(lib_config.base(cloud), {"nginx": {"connections_per_address": 0}})
    with contextlib.ExitStack() as stack:
        socks = [stack.enter_context(connected(server, "127.0.0.2")) for _ in range(300)]
        assert [asked(server, sock)[0] for sock in (socks[0], socks[-1])] == [200, 200]
        assert server.metrics()["sallyport_connections_refused_total"] == 0
