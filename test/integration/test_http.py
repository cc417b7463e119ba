"""What is not exactly a request of a dialect is refused in the dialect's shape, and nothing is forwarded."""

import http.client
import json
import re
import socket
import ssl
import time

import anthropic
import httpx
import openai
import pytest

import lib_config
from lib_client import PATHS, ask, body, error_of, sdk
from lib_servers import CLOUD_KEY, call

DIALECTS = ["openai", "anthropic"]
MODEL = {"openai": "cloud-only", "anthropic": "claude-cloud-only"}
both = pytest.mark.parametrize("dialect", DIALECTS)


@pytest.fixture(scope="module")
def server(module_gateway, cloud_process):
    """lib_config.base, nothing else."""
    return module_gateway(lib_config.base(cloud_process))


def fields(dialect, **more):
    return body(dialect, MODEL[dialect], **more)


def own_headers(server, dialect):
    own = {"authorization": "Bearer " + server.key(), "content-type": "application/json"}
    return {**own, "anthropic-version": "2023-06-01"} if dialect == "anthropic" else own


def raw(server, head, data=b"", timeout_s=10, method="POST"):
    """Bytes as they are, over a connection of their own: (status, headers, body), or None when it was closed."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=timeout_s) as sock:
        sock.sendall(head.encode("latin-1") + data)
        response = http.client.HTTPResponse(sock, method=method)
        try:
            response.begin()
        except (http.client.HTTPException, ConnectionError):
            return None
        return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()


def head_of(server, dialect, line=None, drop=(), **more):
    """The header of a request; `more` names further fields, `drop` leaves some out."""
    headers = {
        "host": "gateway",
        **own_headers(server, dialect),
        **{k.replace("_", "-"): v for k, v in more.items()},
    }
    lines = [f"{k}: {v}" for k, v in headers.items() if k not in drop]
    return "\r\n".join([line or f"POST {PATHS[dialect]} HTTP/1.1", *lines, "connection: close", "", ""])


def check(result, cloud, dialect, status, code):
    """Refused so, in the dialect's shape, with an id, not to be repeated; and nothing was forwarded."""
    got, headers, text = result
    kind, word, message, request_id = error_of(dialect, text)
    assert (got, word) == (status, code), message
    assert headers["content-type"] == "application/json"
    assert headers["x-sallyport-request-id"] == request_id and re.fullmatch("[0-9a-f]{32}", request_id)
    assert headers["x-should-retry"] == "false" and kind
    assert cloud.seen() == []
    return message


# ---- paths and methods -------------------------------------------------------------------------------------

PATHS_UNKNOWN = [
    "/v1/chat/completions/",
    "/v1//chat/completions",
    "//v1/chat/completions",
    "/v1/./chat/completions",
    "/v1/x/../chat/completions",
    "/V1/chat/completions",
    "/v1/chat/%63ompletions",
    "/v1%2fchat/completions",
    "/v1/chat/completions;a=b",
    "/v1/completions/",
    "/v1/responses",
    "/v1/embeddings/x",
    "/v1/files",
    "/v1/models/cloud-only",
    "/v1/proxy/chat/completions",
    "/chat/completions",
    "/metrics/",
    "/index.html",
    "/@sp_last_cloud",
]
PATHS_UNKNOWN_ANTHROPIC = [
    "/v1/messages/count_tokens/",
    "/v1/messages/batches",
    "/v1/messages/",
    "/v1/messages/../models",
]


@pytest.mark.parametrize("path", PATHS_UNKNOWN + PATHS_UNKNOWN_ANTHROPIC)
def test_a_path_is_exact_or_unknown(server, cloud, path):
    dialect = "anthropic" if path.startswith("/v1/messages/") else "openai"
    data = json.dumps(fields(dialect)).encode()
    head = head_of(server, dialect, f"POST {path} HTTP/1.1", content_length=len(data))
    check(raw(server, head, data), cloud, dialect, 404, "path_unknown")


@pytest.mark.parametrize(
    "path", ["/v1/chat/completions%00", "/v1/chat/completions\x00", "v1/chat/completions"]
)
def test_a_target_that_is_none(server, cloud, path):
    """nginx refuses it before anybody asks for a dialect."""
    data = json.dumps(fields("openai")).encode()
    result = raw(server, head_of(server, "openai", f"POST {path} HTTP/1.1", content_length=len(data)), data)
    assert (result is None or result[0] == 400) and cloud.seen() == []


@pytest.mark.parametrize(
    "target", ["http://gateway/v1/chat/completions", "http://evil.example/v1/chat/completions", "http://gateway"]
)
def test_an_absolute_target_is_refused(server, cloud, target):
    """It is what a proxy is sent: the gateway is none, and the host in there would be a second one."""
    data = json.dumps(fields("openai")).encode()
    head = head_of(server, "openai", f"POST {target} HTTP/1.1", content_length=len(data))
    code = (405, "method_refused") if target == "http://gateway" else (400, "http_malformed")
    check(raw(server, head, data), cloud, "openai", *code)


@both
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "post", "PROPFIND"])
def test_a_method_is_the_path_s_or_refused(server, cloud, dialect, method):
    result = raw(server, head_of(server, dialect, f"{method} {PATHS[dialect]} HTTP/1.1"), method=method)
    assert cloud.seen() == []
    if method in ("HEAD", "post"):  # no body to look at; nginx itself refuses what is no method
        assert result[0] == (405 if method == "HEAD" else 400)
        return
    check(result, cloud, dialect, 405, "method_refused")


@pytest.mark.parametrize("method", ["TRACE", "CONNECT"])
def test_methods_of_proxies_are_refused(server, cloud, method):
    target = "evil.example:443" if method == "CONNECT" else "/v1/chat/completions"
    result = raw(server, head_of(server, "openai", f"{method} {target} HTTP/1.1"))
    assert result is None or result[0] in (400, 405)
    assert cloud.seen() == []


@pytest.mark.parametrize("query", ["?api_key=sk-1", "?beta=true", "?", "?model=other"])
def test_a_query_is_known_or_refused_openai(server, cloud, query):
    status, headers, text = server.post(PATHS["openai"] + query, fields("openai"), server.key())
    if query == "?":
        assert status == 200 and cloud.seen()[0]["target"] == PATHS["openai"]  # an empty query is none
        return
    check((status, headers, text), cloud, "openai", 400, "query_unknown")


@pytest.mark.parametrize("query", ["?beta=false", "?beta=true&x=1", "?BETA=true", "?beta=tru%65"])
def test_a_query_is_known_or_refused_anthropic(server, cloud, query):
    result = call(
        server.port, "POST", PATHS["anthropic"] + query, fields("anthropic"), own_headers(server, "anthropic")
    )
    check(result, cloud, "anthropic", 400, "query_unknown")


def test_the_beta_query_passes(server, cloud):
    with server.anthropic() as client:
        answer = client.beta.messages.create(**fields("anthropic"), betas=["context-1m-2025-08-07"])
    assert answer.stop_reason == "end_turn"
    (seen,) = cloud.seen()
    assert dict(seen["headers"])["anthropic-beta"] == "context-1m-2025-08-07"
    assert seen["path"] == "/v1/messages"


def test_a_known_query_goes_along(server, cloud):
    path = PATHS["anthropic"] + "?beta=true"
    assert call(server.port, "POST", path, fields("anthropic"), own_headers(server, "anthropic"))[0] == 200
    assert [seen["target"] for seen in cloud.seen()] == ["/v1/messages?beta=true"]


# ---- credentials -------------------------------------------------------------------------------------------


@both
def test_no_credential(server, cloud, dialect):
    headers = {k: v for k, v in own_headers(server, dialect).items() if k != "authorization"}
    before = server.metrics()["sallyport_unidentified_total"]
    check(
        call(server.port, "POST", PATHS[dialect], fields(dialect), headers),
        cloud,
        dialect,
        401,
        "key_missing",
    )
    assert server.metrics()["sallyport_unidentified_total"] == before + 1


@both
@pytest.mark.parametrize(
    "key", ["sk-not-ours", "", "sp_0011223344556677_" + "A" * 43 + "_00000000", "A" * 5000]
)
def test_a_key_that_is_not_known(server, cloud, dialect, key):
    records = len(server.records())
    headers = {**own_headers(server, dialect), "authorization": "Bearer " + key}
    check(
        call(server.port, "POST", PATHS[dialect], fields(dialect), headers),
        cloud,
        dialect,
        401,
        "key_invalid",
    )
    assert len(server.records()) == records, "strangers are counted, not recorded"


def test_a_key_with_one_wrong_digit(server, cloud):
    key = server.key()
    for at in (5, 25, len(key) - 1):
        wrong = key[:at] + ("0" if key[at] != "0" else "1") + key[at + 1 :]
        check(server.post(PATHS["openai"], fields("openai"), wrong), cloud, "openai", 401, "key_invalid")


@pytest.mark.parametrize("scheme", ["Basic", "Token", ""])
def test_a_scheme_that_is_not_bearer(server, cloud, scheme):
    headers = {**own_headers(server, "openai"), "authorization": f"{scheme} {server.key()}".strip()}
    check(
        call(server.port, "POST", PATHS["openai"], fields("openai"), headers),
        cloud,
        "openai",
        401,
        "key_invalid",
    )


TWICE = ["x-api-key", "api-key", "x-goog-api-key", "X-Api-Key"]


@both
@pytest.mark.parametrize("name", TWICE)
def test_two_credentials(server, cloud, dialect, name):
    headers = {**own_headers(server, dialect), name: server.key()}
    check(
        call(server.port, "POST", PATHS[dialect], fields(dialect), headers), cloud, dialect, 400, "key_twice"
    )


def test_one_credential_twice(server, cloud):
    data = json.dumps(fields("openai")).encode()
    head = head_of(server, "openai", content_length=len(data)).replace(
        "\r\nhost", f"\r\nAuthorization: Bearer {server.key()}\r\nhost", 1
    )
    assert head.lower().count("authorization") == 2
    result = raw(server, head, data)
    assert result[0] == 400 and cloud.seen() == []


@both
@pytest.mark.parametrize("name", ["authorization", "x-api-key"])
def test_either_header_identifies_in_either_dialect(server, cloud, dialect, name):
    headers = {k: v for k, v in own_headers(server, dialect).items() if k != "authorization"}
    headers[name] = server.key() if name != "authorization" else "bearer " + server.key()
    assert call(server.port, "POST", PATHS[dialect], fields(dialect), headers)[0] == 200
    assert len(cloud.seen()) == 1


# ---- the body's header -------------------------------------------------------------------------------------


@both
@pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "identity, gzip", "zstd"])
def test_a_coded_body(server, cloud, dialect, coding):
    headers = {**own_headers(server, dialect), "content-encoding": coding}
    check(
        call(server.port, "POST", PATHS[dialect], fields(dialect), headers),
        cloud,
        dialect,
        415,
        "encoding_refused",
    )


@both
@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/json; charset=latin-1",
        "application/jsonp",
        "multipart/form-data",
        "application/json, text/plain",
    ],
)
def test_a_body_of_another_type(server, cloud, dialect, kind):
    headers = {**own_headers(server, dialect), "content-type": kind}
    check(
        call(server.port, "POST", PATHS[dialect], fields(dialect), headers),
        cloud,
        dialect,
        415,
        "encoding_refused",
    )


def test_a_header_that_goes_on_stands_once(server, cloud):
    data = json.dumps(fields("anthropic")).encode()
    head = head_of(server, "anthropic", content_length=len(data), anthropic_beta="a")
    twice = head.replace("anthropic-beta: a", "anthropic-beta: a\r\nAnthropic-Beta: b")
    check(raw(server, twice, data), cloud, "anthropic", 400, "header_invalid")
    assert raw(server, head, data)[0] == 200


@pytest.mark.parametrize("kind", ["application/json;charset=utf-8", "Application/JSON"])
def test_json_by_its_other_names(server, cloud, kind):
    headers = {**own_headers(server, "openai"), "content-type": kind}
    assert call(server.port, "POST", PATHS["openai"], fields("openai"), headers)[0] == 200


SMUGGLED = {
    "two lengths": ("content-length: {n}\r\ncontent-length: {n}", False),
    "two lengths that differ": ("content-length: {n}\r\ncontent-length: 5", False),
    "a list of lengths": ("content-length: {n}, {n}", False),
    "a signed length": ("content-length: +{n}", False),
    "a length in hex": ("content-length: 0x{n:x}", False),
    "length and chunked": ("content-length: {n}\r\ntransfer-encoding: chunked", True),
    "chunked and length": ("transfer-encoding: chunked\r\ncontent-length: 4", True),
    "chunked twice": ("transfer-encoding: chunked\r\ntransfer-encoding: chunked", True),
    "identity, then chunked": ("transfer-encoding: identity, chunked", True),
    "another coding": ("transfer-encoding: gzip, chunked", True),
    "a coding nobody knows": ("transfer-encoding: xchunked", True),
    "a space before the colon": ("transfer-encoding : chunked", True),
    "a folded line": ("transfer-encoding:\r\n chunked", True),
}


@pytest.mark.parametrize("how", SMUGGLED)
def test_a_length_is_one(server, cloud, how):
    """Whatever two parsers could read differently is refused; the connection does not go on behind it."""
    lines, chunked = SMUGGLED[how]
    data = json.dumps(fields("openai")).encode()
    if chunked:
        data = b"%x\r\n%s\r\n0\r\n\r\n" % (len(data), data)
    head = head_of(server, "openai").replace("\r\nconnection: close", "\r\n" + lines.format(n=len(data)))
    result = raw(server, head, data)
    assert result is None or result[0] in (400, 411, 415, 501), result
    assert cloud.seen() == []


def test_a_chunked_body_is_a_body(server, cloud):
    data = json.dumps(fields("openai")).encode()
    head = head_of(server, "openai", transfer_encoding="chunked")
    chunks = b"".join(
        b"%x\r\n%s\r\n" % (len(data[i : i + 7]), data[i : i + 7]) for i in range(0, len(data), 7)
    )
    status, _, _ = raw(server, head, chunks + b"0\r\n\r\n")
    assert status == 200
    (seen,) = cloud.seen()
    assert seen["body"] == data.decode().replace("cloud-only", "gpt-cloud")
    assert dict(seen["headers"])["Content-Length"] == str(seen["body_bytes"])


def test_pipelined_requests_are_each_judged(server, cloud):
    """Two in one packet: the second one's refusal is its own, and only the first is forwarded."""
    good, bad = (
        json.dumps(fields("openai", content=c)).encode() for c in ("fine", "DE89 3704 0044 0532 0130 00")
    )
    heads = [head_of(server, "openai", content_length=len(d)) for d in (good, bad)]
    first = heads[0].replace("connection: close", "connection: keep-alive")
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as sock:
        sock.sendall(first.encode() + good + heads[1].encode() + bad)
        got = b""
        while piece := sock.recv(1 << 16):
            got += piece
    assert re.findall(rb"HTTP/1.1 (\d+)", got) == [b"200", b"403"]
    assert len(cloud.seen()) == 1 and "fine" in cloud.seen()[0]["body"]


@both
@pytest.mark.parametrize(
    "host", ["a/../b", "x/#@y", "gateway:99999999", "évil", "user@gateway", "a b", "a, b", "gateway\r\nhost: other"]
)
def test_a_host_that_reads_in_two_ways_is_refused(server, cloud, dialect, host):
    """CVE-2026-49468: nothing is decided by the host, and one that is none is no request."""
    data = json.dumps(fields(dialect)).encode()
    head = head_of(server, dialect, content_length=len(data)).replace("host: gateway", "host: " + host)
    check(raw(server, head, data), cloud, dialect, 400, "http_malformed")


def test_the_host_decides_nothing(server, cloud):
    data = json.dumps(fields("openai")).encode()
    head = head_of(server, "openai", content_length=len(data)).replace("host: gateway", "host: evil.example")
    assert raw(server, head, data)[0] == 200
    assert dict(cloud.seen()[0]["headers"])["Host"] == f"127.0.0.1:{cloud.port}"


def test_headers_of_the_caller_do_not_travel(server, cloud):
    """What a proxy or a browser adds, and what names somebody, is dropped."""
    sent = {
        "cookie": "session=canary-1",
        "x-forwarded-for": "10.9.8.7",
        "x-real-ip": "10.9.8.7",
        "openai-organization": "org-canary",
        "openai-project": "proj-canary",
        "user-agent": "canary-agent",
        "proxy-authorization": "Basic canary",
        "x-accel-redirect": "/@sp_last_local",
        "x-stainless-os": "canary",
        "referer": "http://canary/",
    }
    status, headers, _ = server.post(PATHS["openai"], fields("openai"), server.key(), sent)
    assert status == 200 and headers["x-sallyport-destination"] == "cloud"
    text = json.dumps(cloud.seen()[0]["headers"])
    assert "canary" not in text and "10.9.8.7" not in text and "sallyport-" not in text
    assert {n.lower() for n, _ in cloud.seen()[0]["headers"]} == {
        "host", "accept", "accept-encoding", "content-type", "content-length", "user-agent", "authorization",
    }  # fmt: skip


# ---- answers that are none ---------------------------------------------------------------------------------

BAD_ANSWERS = {
    "a redirect": (
        {"status": 302, "headers": {"location": "http://evil.example/"}, "body": "{}"},
        "upstream_type",
    ),
    "another type": ({"content_type": "text/html", "body": "<p>hello</p>"}, "upstream_type"),
    "compressed": ({"gzip": True}, "upstream_type"),
    "no JSON": ({"body": "not { json"}, "upstream_syntax"),
    "a duplicate key": ({"body": '{"id":"a","id":"b"}'}, "upstream_syntax"),
    "credential refused": (
        {"status": 401, "error": {"message": "Incorrect API key provided: " + CLOUD_KEY}},
        "upstream_auth",
    ),
    "access refused": ({"status": 403, "error": {"message": "project " + CLOUD_KEY}}, "upstream_auth"),
    "cut in the middle": ({"drop": "fin"}, "upstream_failed"),
    "no answer": ({"drop_before_head": True, "drop": "rst"}, "upstream_failed"),
}


@both
@pytest.mark.parametrize("how", BAD_ANSWERS)
def test_an_answer_that_cannot_be_reviewed(server, cloud, dialect, how):
    answer, code = BAD_ANSWERS[how]
    cloud.always(**answer)
    status, headers, text = call(
        server.port, "POST", PATHS[dialect], fields(dialect), own_headers(server, dialect)
    )
    assert status == 502 and error_of(dialect, text)[1] == code
    everything = json.dumps(headers) + text.decode()
    assert CLOUD_KEY not in everything and "evil" not in everything and "location" not in headers
    assert headers["content-type"] == "application/json" and "content-encoding" not in headers
    records = server.explain(headers["x-sallyport-request-id"])["records"]
    assert [r["kind"] for r in records] == ["intent", "outcome"]
    assert (records[1]["status"], records[1]["http_status"]) == (code, 502)


@both
@pytest.mark.parametrize("how", ["another type", "compressed", "a redirect"])
def test_a_stream_that_is_none(server, cloud, dialect, how):
    answer, code = BAD_ANSWERS[how]
    cloud.always(**answer)
    result = call(
        server.port, "POST", PATHS[dialect], fields(dialect, stream=True), own_headers(server, dialect)
    )
    assert result[0] == 502 and error_of(dialect, result[2])[1] == code


@both
def test_x_accel_is_ignored(server, cloud, dialect):
    cloud.always(
        text="Red.", headers={"X-Accel-Redirect": "/metrics", "X-Accel-Limit-Rate": "1", "Set-Cookie": "a=b"}
    )
    status, headers, text = call(
        server.port, "POST", PATHS[dialect], fields(dialect), own_headers(server, dialect)
    )
    assert status == 200 and b"Red." in text and "set-cookie" not in headers
    assert not [name for name in headers if name.startswith("x-accel")]


@both
@pytest.mark.parametrize("status", [400, 404, 422])
def test_an_error_of_the_provider_is_handed_on(server, cloud, dialect, status):
    cloud.always(status=status, error={"message": "messages: at least one is required"})
    error = openai.APIStatusError if dialect == "openai" else anthropic.APIStatusError
    with pytest.raises(error, match="at least one is required") as raised:
        ask(server, dialect, fields(dialect))
    assert raised.value.status_code == status and len(cloud.seen()) == 1


@both
def test_an_error_of_the_provider_that_leaks_is_cut(server, cloud, dialect):
    cloud.always(status=400, error={"message": "no such key: AKIAQYLPMN5HFIQR7XYA"})
    status, _, text = call(server.port, "POST", PATHS[dialect], fields(dialect), own_headers(server, dialect))
    assert status == 403 and error_of(dialect, text)[1] == "answer_withheld" and b"AKIAQ" not in text


# ---- pages -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path, text", [("/", b"sallyport\n"), ("/healthz", b"ok\n"), ("/readyz", b"ready\n")]
)
def test_pages(server, cloud, path, text):
    status, headers, got = server.get(path)
    assert (status, got) == (200, text) and headers["content-type"] == "text/plain"
    status, headers, got = server.get(path, method="HEAD")
    assert (status, got, headers["content-length"]) == (200, b"", str(len(text)))
    assert server.get(path, method="POST")[0] == 405
    assert cloud.seen() == []


LINE = re.compile(r"([a-z_:][a-z0-9_:]*)(\{[^}]*\})? (-?[0-9.e+]+|NaN|[+-]Inf)")


def test_metrics_are_in_prometheus_form(server):
    """The text format 0.0.4: HELP and TYPE once before each family, counters end in _total, no duplicates."""
    ask(server, "openai", fields("openai"))
    status, headers, text = server.get("/metrics")
    assert status == 200 and headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = text.decode().splitlines(keepends=True)
    assert all(line.endswith("\n") for line in lines)
    helped, typed, seen = set(), {}, set()
    for line in (x.rstrip("\n") for x in lines):
        if line.startswith("# HELP "):
            name, words = line[7:].split(" ", 1)
            assert name not in helped and words
            helped.add(name)
        elif line.startswith("# TYPE "):
            name, kind = line[7:].split(" ")
            assert name in helped and name not in typed and kind in ("counter", "gauge", "histogram")
            typed[name] = kind
        else:
            sample = LINE.fullmatch(line)
            assert sample, line
            assert sample[1] in typed and (sample[1], sample[2]) not in seen
            assert (typed[sample[1]] == "counter") == sample[1].endswith("_total")
            seen.add((sample[1], sample[2]))
    assert set(typed) == helped and server.metrics()["sallyport_requests_total"] >= 1


def test_metrics_tell_what_the_zones_have_left(server):
    """Nothing is allocated in them after the start: what requests need lies in tables of a fixed size."""
    before = {k: v for k, v in server.metrics().items() if k.startswith("sallyport_zone_free_bytes")}
    assert {f'sallyport_zone_free_bytes{{zone="sallyport_{z}"}}' for z in ("metrics", "callers", "health", "told", "verdicts")} == set(before)
    assert all(free > 0 and free % 4096 == 0 for free in before.values())
    ask(server, "openai", fields("openai"))
    assert before.items() <= server.metrics().items()


MODELS = {"desk": lib_config.MODELS, "reader": ["local-only"]}


@pytest.mark.parametrize("application", MODELS)
@both
def test_models_are_those_of_the_caller(server, cloud, application, dialect):
    with sdk(server, dialect, application) as client:
        listed = list(client.models.list())
    assert sorted(m.id for m in listed) == sorted(MODELS[application])
    if dialect == "anthropic":
        assert {m.type for m in listed} == {"model"} and all(m.created_at.year >= 2024 for m in listed)
    else:
        assert {m.object for m in listed} == {"model"}
    assert cloud.seen() == []


@both
def test_models_are_for_callers(server, cloud, dialect):
    headers = {"anthropic-version": "2023-06-01"} if dialect == "anthropic" else {}
    check(call(server.port, "GET", "/v1/models", None, headers), cloud, dialect, 401, "key_missing")


# ---- HTTP/2 ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tls_server(module_gateway, cloud_process, certificate):
    """Client side TLS, and so HTTP/2."""
    tls = {"listen": {"tls": {"certificate": str(certificate.cert), "key": str(certificate.key)}}}
    server = module_gateway(lib_config.base(cloud_process), tls, start=False)
    server.ca = certificate.cert
    return server.start()


def http2_client(server, certificate):
    trust = ssl.create_default_context(cafile=certificate.cert)
    return httpx.Client(http2=True, http1=False, verify=trust, base_url=server.url)


@pytest.fixture
def http2(tls_server, certificate):
    with http2_client(tls_server, certificate) as client:
        yield client


@both
@pytest.mark.parametrize("stream", [False, True])
def test_http2(tls_server, http2, cloud, dialect, stream):
    cloud.always(text="Red, green, blue.")
    answer = http2.post(
        PATHS[dialect], json=fields(dialect, stream=stream), headers=own_headers(tls_server, dialect)
    )
    assert (answer.http_version, answer.status_code) == ("HTTP/2", 200)
    assert "blue" in answer.text and len(cloud.seen()) == 1
    records = tls_server.explain(answer.headers["x-sallyport-request-id"])["records"]
    assert [r["kind"] for r in records] == ["intent", "outcome"]


@both
def test_http2_refuses_alike(tls_server, http2, cloud, dialect):
    def post(path, headers=None, **more):
        answer = http2.post(path, headers={**own_headers(tls_server, dialect), **(headers or {})}, **more)
        return answer.status_code, answer.headers, answer.content

    path, given = PATHS[dialect], fields(dialect)
    check(post(path + "?x=1", json=given), cloud, dialect, 400, "query_unknown")
    check(post(path, {"x-api-key": tls_server.key()}, json=given), cloud, dialect, 400, "key_twice")
    check(post(path, {"content-encoding": "gzip"}, json=given), cloud, dialect, 415, "encoding_refused")
    check(post(path, content=b'{"model": 1, "model": 2}'), cloud, dialect, 400, "json_duplicate_key")


def test_http2_client_that_leaves(tls_server, cloud, certificate):
    cloud.always(text="and on " * 400, pause_ms=25)
    given = {"json": fields("openai", stream=True), "headers": own_headers(tls_server, "openai")}
    with http2_client(tls_server, certificate) as client, client.stream(
        "POST", PATHS["openai"], **given
    ) as got:
        request_id = got.headers["x-sallyport-request-id"]
        next(got.iter_bytes())
    left = time.monotonic()
    while not cloud.seen()[0]["peer_left"]:
        assert time.monotonic() - left < 1, "the upstream goes on for nobody"
        time.sleep(0.02)
    time.sleep(0.1)
    assert tls_server.record_kinds(request_id)[-1] == ("outcome", "client_left")
