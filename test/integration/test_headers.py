"""Names of header fields with a slip in them: what reads like one of ours is refused, what nginx would leave out by
itself goes nowhere. Byte for byte over HTTP/1, and over HTTP/2."""

import json
import os
import re
import socket
import subprocess

import pytest

import lib_config
from lib_client import body
from lib_http2 import Http2
from lib_servers import NGINX


@pytest.fixture(scope="module")
def server(module_gateway, cloud_process):
    return module_gateway(lib_config.base(cloud_process))


@pytest.fixture(scope="module")
def tls_server(module_gateway, cloud_process, certificate):
    tls = {"listen": {"tls": {"certificate": str(certificate.cert), "key": str(certificate.key)}}}
    gateway = module_gateway(lib_config.base(cloud_process), tls, start=False)
    gateway.ca = certificate.cert
    return gateway.start()


SLIPS = [
    "x_sallyport_use_case", "X-Sallyport_Use-Case", "x.sallyport.use.case", "x-sallyport.use-case",
    "X~Sallyport~Use~Case", "sallyport-use-case", "xsallyport-use-case", "X_SALLYPORT_SUBJECT", "x-sallyport",
]  # fmt: skip
ODD = ["anthropic_beta", "Anthropic.Version", "OpenAI_Beta", "x_client_request_id", "x-note_a", "a.b", "_x", ".x"]


def wire(server, *lines, path="/v1/chat/completions", dialect="openai", model="assistant"):
    """(status, body) of a request with these header lines, as they stand."""
    data = json.dumps(body(dialect, model, "Hello")).encode()
    head = [f"POST {path} HTTP/1.1", "Host: gateway", f"Authorization: Bearer {server.key()}", "Connection: close"]
    head += ["Content-Type: application/json", f"Content-Length: {len(data)}", *lines]
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as sock:
        sock.sendall("\r\n".join([*head, "", ""]).encode("latin-1") + data)
        answer = b"".join(iter(lambda: sock.recv(65536), b""))
    return int(answer.split(b" ", 2)[1]), answer


@pytest.mark.parametrize("name", SLIPS)
def test_a_slip_in_the_marks_between_is_refused_too(server, cloud, name):
    """nginx by itself leaves such a header out: the label would be lower than the caller meant."""
    status, answer = wire(server, f"{name}: strategy")
    assert status == 400 and b"header_invalid" in answer
    assert cloud.seen() == []


def test_a_blank_in_a_name_is_refused(server, cloud):
    assert wire(server, "X Sallyport Use Case: strategy")[0] == 400
    assert wire(server, "X-Sallyport-Use-Case : strategy")[0] == 400
    assert cloud.seen() == []


@pytest.mark.parametrize("dialect, path, model", [
    ("openai", "/v1/chat/completions", "assistant"), ("anthropic", "/v1/messages", "claude"),
])  # fmt: skip
def test_no_odd_name_goes_on(server, cloud, dialect, path, model):
    """`$http_anthropic_beta` would find `anthropic_beta`, which nobody has scanned; and what some read as a length
    or a coding is none here."""
    lines = ["anthropic-version: 2023-06-01", *(f"{name}: smuggled" for name in ODD)]
    lines += ["Content_Length: 3", "Transfer_Encoding: chunked", "Content.Length: 3", "Content_Encoding: gzip"]
    status, answer = wire(server, *lines, path=path, dialect=dialect, model=model)
    assert status == 200, answer
    seen = cloud.seen()[-1]
    assert not [h for h in seen["headers"] if "smuggled" in h[1] or "_" in h[0] or "." in h[0]]
    assert json.loads(seen["body"])["messages"]


def test_an_odd_name_beside_the_right_one_changes_nothing(server, cloud):
    assert wire(server, "x_client_request_id: smuggled", "X-Client-Request-Id: mine")[0] == 200
    assert [v for k, v in cloud.seen()[-1]["headers"] if k.lower() == "x-client-request-id"] == ["mine"]


@pytest.mark.parametrize("name", ["x-sallyport_use_case", "x.sallyport.use-case"])
def test_a_slip_over_http2_is_refused_too(tls_server, cloud, name):
    client = Http2(tls_server)
    stream = client.ask(body("openai", "assistant", "Hello"), extra=[(name, "strategy")])
    client.until(lambda: stream in client.ended)
    assert client.headers[stream][":status"] == "400"
    assert cloud.seen() == []


def test_an_odd_name_over_http2_does_not_go_on(tls_server, cloud):
    client = Http2(tls_server)
    odd = [("x_client_request_id", "smuggled"), ("content_length", "3")]
    stream = client.ask(body("openai", "assistant", "Hello"), extra=odd)
    client.until(lambda: stream in client.ended)
    assert client.headers[stream][":status"] == "200"
    assert not [h for h in cloud.seen()[-1]["headers"] if "smuggled" in h[1] or "_" in h[0]]


def test_an_nginx_that_hides_headers_is_not_started(gateway, cloud):
    """A configuration of one's own: the test of it says what is missing."""
    server = gateway(lib_config.base(cloud))
    nginx = NGINX
    text = re.sub(r"    sallyport_credentials_fd .*\n", "", (server.state / "nginx.conf").read_text())
    for line, is_good in [("", True), ("underscores_in_headers on;", False), ("ignore_invalid_headers off;", False)]:
        own = server.folder / "own.conf"
        own.write_text(text.replace(line, ""))
        command = [nginx, "-t", "-p", server.folder, "-e", server.folder / "own.txt", "-c", own]
        tried = subprocess.run(command, capture_output=True, text=True, timeout=20)
        assert (tried.returncode == 0) == is_good, tried.stderr
        assert is_good or "has to see every header" in tried.stderr
