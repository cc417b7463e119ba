"""What nginx refuses by itself, before it asks anybody: the error is JSON in the dialect's shape all the same, where
nginx allows it. Where it closes without an answer, the test says so."""

import http.client
import json
import re
import socket

import pytest

from lib_client import PATHS, error_of


@pytest.fixture(scope="module")
def server(module_gateway):
    return module_gateway(changes={"listen": {"timeouts": {"header": "1s", "body": "1s"}}})


def ask(server, data, method="POST"):
    """Bytes as they are: (status, headers, body), or None when the connection was closed without an answer."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as sock:
        sock.sendall(data)
        response = http.client.HTTPResponse(sock, method=method)
        try:
            response.begin()
        except (http.client.HTTPException, ConnectionError):
            return None
        return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()


def check(result, dialect, status, code):
    got, headers, raw = result
    assert (got, error_of(dialect, raw)[1]) == (status, code)
    assert headers["content-type"] == "application/json" and b"nginx" not in raw and b"<html" not in raw
    assert headers["x-sallyport-request-id"] == error_of(dialect, raw)[3]
    assert re.fullmatch("[0-9a-f]{32}", headers["x-sallyport-request-id"])


LINES = {
    "no method": b"/v1/chat/completions HTTP/1.1\r\nhost: a\r\n\r\n",
    "a method in small letters": b"post /v1/messages HTTP/1.1\r\nhost: a\r\n\r\n",
    "no path": b"POST v1/messages HTTP/1.1\r\nhost: a\r\n\r\n",
    "no protocol that is known": b"POST /v1/messages SPDY/1.1\r\nhost: a\r\n\r\n",
    "a NUL in the path": b"POST /v1/\x00messages HTTP/1.1\r\nhost: a\r\n\r\n",
    "a TLS handshake": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "garbage": b"\xff\xfe\xfd\r\n\r\n",
}


@pytest.mark.parametrize("how", LINES)
def test_a_request_line_that_is_none(server, cloud, how):
    """Whose dialect it would have been is not known."""
    check(ask(server, LINES[how]), "openai", 400, "http_malformed")


def head(dialect, *lines, start="POST {} HTTP/1.1"):
    return "\r\n".join([start.format(PATHS[dialect]), *lines, "", ""]).encode("latin-1")


HEADERS = {
    "no host": (head("openai", "a: b"), 400, "http_malformed"),
    "two hosts": (head("openai", "host: a", "host: b"), 400, "http_malformed"),
    "a length that is none": (head("anthropic", "host: a", "content-length: 1x"), 400, "http_malformed"),
    "two lengths": (head("anthropic", "host: a", "content-length: 1", "content-length: 2"), 400, "http_malformed"),
    "a length and chunks": (
        head("openai", "host: a", "content-length: 2", "transfer-encoding: chunked"), 400, "http_malformed"),
    "a coding that is unknown": (head("anthropic", "host: a", "transfer-encoding: gzip"), 501, "http_malformed"),
    "a line without a colon": (head("anthropic", "host: a", "x-y\x00: b"), 400, "http_malformed"),
    "a header line above the limit": (head("anthropic", "host: a", "x: " + "y" * 20_000), 431, "http_malformed"),
    "headers above the limit": (
        head("openai", "host: a", *[f"x{i}: " + "y" * 8000 for i in range(12)]), 431, "http_malformed"),
    "a path above the limit": (
        head("openai", "host: a", start="POST /v1/chat/completions?" + "y" * 20_000 + " HTTP/1.1"), 414, "http_malformed"),
    "TRACE": (head("anthropic", "host: a", start="TRACE {} HTTP/1.1"), 405, "method_refused"),
    "CONNECT": (head("openai", "host: a", start="CONNECT evil.example:443 HTTP/1.1"), 400, "http_malformed"),
    "HTTP/2.0 in a line of HTTP/1": (head("openai", "host: a", start="POST {} HTTP/2.0"), 505, "http_malformed"),
    "the page of errors itself": (head("openai", "host: a", start="POST /sallyport/page HTTP/1.1"), 404, "path_unknown"),
    "the page of errors, escaped": (head("openai", "host: a", start="POST /sallyport/%70age HTTP/1.1"), 404, "path_unknown"),
}  # fmt: skip


@pytest.mark.parametrize("how", HEADERS)
def test_a_header_that_is_none(server, cloud, how):
    data, status, code = HEADERS[how]
    dialect = "anthropic" if b"/v1/messages" in data else "openai"
    check(ask(server, data), dialect, status, code)
    assert cloud.seen() == []


@pytest.mark.parametrize("chunk", [b"zz\r\n", b"-1\r\n", b"fffffffffffffffff\r\n"])
def test_chunks_that_are_none(server, cloud, chunk):
    lines = ["host: a", "content-type: application/json", "authorization: Bearer " + server.key()]
    data = head("anthropic", *lines, "transfer-encoding: chunked") + chunk
    check(ask(server, data), "anthropic", 400, "http_malformed")
    assert cloud.seen() == []


def test_a_header_that_does_not_come_is_closed_without_an_answer(server):
    """nginx sends no 408 for a header: it resets."""
    assert ask(server, b"POST /v1/messages HTTP/1.1\r\nhos") is None


def test_http_09_is_answered_without_a_header(server):
    """A page as HTTP/0.9 has it; nothing of a model can be asked for in it."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as sock:
        sock.sendall(b"GET /v1/models\r\n")
        got = b""
        while piece := sock.recv(4096):
            got += piece
    assert json.loads(got)["error"]["code"] in ("key_missing", "http_malformed")
