"""TLS on both sides: the destination's certificate is verified against the name that the entry says, and what
is not is refused before a byte of the request leaves."""

import json
import shutil
import socket
import ssl
import threading

import pytest

import lib_config
from lib_certificates import DAY, NOW, certificate_of
from lib_client import Stream, ask, body, error_of
from lib_servers import Cloud

DIALECTS = ["openai", "anthropic"]
MODEL = {"openai": "cloud-only", "anthropic": "claude-cloud-only"}
both = pytest.mark.parametrize("dialect", DIALECTS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture(scope="module")
def good(folder):
    return certificate_of(folder, "good", ["localhost"])


@pytest.fixture(scope="module")
def secure_process(folder, good, tmp_path_factory):
    """The stand-in over TLS, as `localhost`."""
    options = ["--cert", str(good[0]), "--key-file", str(good[1])]
    server = Cloud(tmp_path_factory.mktemp("secure") / "out", options=options)
    yield server
    server.stop()


@pytest.fixture
def secure(secure_process):
    secure_process.reset()
    return secure_process


def config(secure, ca):
    """lib_config.base, its cloud over TLS at https://localhost; `ca` of each destination."""
    base = lib_config.base(secure)
    for destination in base["destinations"].values():
        destination["base_url"] = f"https://localhost:{secure.port}/v1"
        if ca:
            destination["ca"] = str(ca)
    return base


# ---- towards destinations ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server(module_gateway, secure_process, good):
    return module_gateway(config(secure_process, good[0]))


@both
@pytest.mark.parametrize("stream", [False, True])
def test_a_verified_destination(server, secure, dialect, stream):
    ask(server, dialect, body(dialect, MODEL[dialect], stream=stream))
    (seen,) = secure.seen()
    assert seen["tls"] and dict(seen["headers"])["Host"] == f"localhost:{secure.port}"


def test_connections_are_kept(server, secure):
    for _ in range(3):
        ask(server, "openai", body("openai", MODEL["openai"]))
    assert {s["connection"] for s in secure.seen()[1:]} <= {secure.seen()[0]["connection"]}


def refuse(server, dialect, secure):
    """502 of ours, recorded as a failure of the destination; no request was seen there."""
    headers = {"anthropic-version": "2023-06-01"} if dialect == "anthropic" else {}
    path = "/v1/chat/completions" if dialect == "openai" else "/v1/messages"
    status, headers, raw = server.post(path, body(dialect, MODEL[dialect]), server.key(), headers)
    assert (status, error_of(dialect, raw)[1]) == (502, "upstream_failed")
    kinds = server.record_kinds(headers["x-sallyport-request-id"])
    assert kinds == [("intent", None), ("outcome", "upstream_failed")]
    assert secure.seen() == []


@both
def test_another_authority_is_refused(gateway, folder, secure, dialect):
    other, _ = certificate_of(folder, "other", ["localhost"])
    refuse(gateway(config(secure, other)), dialect, secure)


def test_the_system_s_authorities_do_not_know_it(gateway, secure):
    refuse(gateway(config(secure, None)), "openai", secure)


@pytest.mark.parametrize("how", ["another name", "expired"])
def test_a_certificate_that_is_not_its(gateway, folder, tmp_path, how):
    hosts, until = (["other.example"], NOW + DAY) if how == "another name" else (["localhost"], NOW - DAY)
    cert, key = certificate_of(folder, how.replace(" ", "-"), hosts, until)
    bad = Cloud(tmp_path / "bad.out", options=["--cert", str(cert), "--key-file", str(key)])
    try:
        refuse(gateway(config(bad, cert)), "openai", bad)
    finally:
        bad.stop()


def test_an_old_protocol_is_refused(gateway, secure, good):
    """A destination that speaks nothing newer than TLS 1.1, as seen from its socket."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*good)
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        changes = {
            "destinations": {"cloud": {"base_url": f"https://localhost:{listener.getsockname()[1]}/v1"}}
        }
        changes["destinations"]["cloud"]["timeouts"] = {"connect": "2s"}
        server = gateway(config(secure, good[0]), changes)
        errors = []
        thread = _in_thread(_handshake, context, listener, errors)
        refuse(server, "openai", secure)
        thread.join(5)
    assert len(errors) == 1 and isinstance(errors[0], ssl.SSLError), errors


def test_the_name_is_indicated(gateway, secure, good):
    """SNI: the handshake says which host is meant."""
    names = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*good)
    context.sni_callback = lambda sock, name, ctx: names.append(name)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        changes = {
            "destinations": {"cloud": {"base_url": f"https://localhost:{listener.getsockname()[1]}/v1"}}
        }
        server = gateway(config(secure, good[0]), changes)
        thread = _in_thread(_handshake, context, listener, [])
        refuse(server, "openai", secure)
        thread.join(5)
    assert names == ["localhost"]


def _in_thread(call, *args):
    thread = threading.Thread(target=call, args=args)
    thread.start()
    return thread


def _handshake(context, listener, errors):
    """One handshake; then the connection is closed, whatever came of it."""
    listener.settimeout(5)
    connection, _ = listener.accept()
    with connection:
        try:
            context.wrap_socket(connection, server_side=True).close()
        except (ssl.SSLError, OSError) as error:
            errors.append(error)


# ---- plain HTTP --------------------------------------------------------------------------------------------


def check_of(gateway, cloud, changes):
    return gateway(lib_config.base(cloud), changes, start=False).cli("check", check=False)


@pytest.mark.parametrize("host", ["10.1.2.3", "models.example", "0.0.0.0", "[2001:db8::1]"])
def test_plain_http_is_for_loopback(gateway, cloud, host):
    entry = {"base_url": f"http://{host}:8000/v1"}
    done = check_of(gateway, cloud, {"destinations": {"local": entry}})
    assert done.returncode == 1 and "destinations.local.base_url" in done.stdout + done.stderr
    done = check_of(gateway, cloud, {"destinations": {"local": {**entry, "plain_http": True}}})
    assert done.returncode == 0 and "without TLS" in done.stdout + done.stderr


# ---- towards clients ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tls_server(module_gateway, cloud_process, certificate):
    tls = {"listen": {"tls": {"certificate": str(certificate.cert), "key": str(certificate.key)}}}
    server = module_gateway(lib_config.base(cloud_process), tls, start=False)
    server.ca = certificate.cert
    return server.start()


@both
def test_clients_over_tls(tls_server, cloud, dialect):
    got = Stream(tls_server, body(dialect, MODEL[dialect], stream=True), dialect)
    assert b"refund" in got.all() and len(cloud.seen()) == 1


def test_plain_http_on_the_tls_port_is_refused(tls_server, cloud):
    tls_server.key()
    with socket.create_connection(("127.0.0.1", tls_server.port), timeout=5) as sock:
        data = json.dumps(body("openai", MODEL["openai"])).encode()
        head = (
            f"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {tls_server.key()}\r\n"
        )
        sock.sendall(
            f"{head}content-type: application/json\r\ncontent-length: {len(data)}\r\n\r\n".encode() + data
        )
        assert b"400" in sock.recv(4096).split(b"\r\n")[0]
    assert cloud.seen() == []


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_versions(tls_server, certificate, version):
    context = ssl.create_default_context(cafile=certificate.cert)
    context.minimum_version = context.maximum_version = version
    with socket.create_connection(("127.0.0.1", tls_server.port), timeout=5) as sock:
        with context.wrap_socket(sock, server_hostname="localhost") as secured:
            assert secured.version() == version.name.replace("_", ".")


def test_old_tls_versions_are_refused(tls_server):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with socket.create_connection(("127.0.0.1", tls_server.port), timeout=5) as sock:
        with pytest.raises(ssl.SSLError, match="(?i)version|alert"):
            context.wrap_socket(sock)


@pytest.mark.parametrize("name", ["certificate", "key"])
def test_a_file_that_cannot_be_read_is_named(gateway, certificate, name):
    """By `check` and by `run`, before anything is made."""
    gone = certificate.cert.parent / "gone.pem"
    tls = {"certificate": str(certificate.cert), "key": str(certificate.key), name: str(gone)}
    server = gateway(changes={"listen": {"tls": tls}}, start=False, unclean=True)
    for command in ("check", "run"):
        done = server.cli(command, check=False)
        said = done.stdout + done.stderr
        assert done.returncode == 1 and "who may read it" in said
        assert f'{server.file}:' in said and f'listen.tls.{name}: "{gone}" is not a file that can be read' in said
    assert not server.state.exists()


@pytest.mark.parametrize("case", ["certificate", "key", "of another"])
def test_run_says_what_to_do_about_files_that_nginx_cannot_use(gateway, certificate, tmp_path, case):
    nonsense = tmp_path / "nonsense.pem"
    nonsense.write_text("nonsense\n")
    nonsense.chmod(0o600)
    named = {case: nonsense} if case != "of another" else {"key": certificate_of(tmp_path, "other", ["localhost"])[1]}
    tls = {"certificate": str(certificate.cert), "key": str(certificate.key)}
    tls.update({name: str(file) for name, file in named.items()})
    done = gateway(changes={"listen": {"tls": tls}}, start=False, unclean=True).cli("run", check=False)
    assert done.returncode == 1 and tls[next(iter(named))] in done.stderr
    assert "listen.tls has to name two PEM files" in done.stderr


def test_a_reload_says_what_to_do_about_them(gateway, certificate, tmp_path):
    mine = [tmp_path / "mine.crt", tmp_path / "mine.key"]
    for copy, original in zip(mine, certificate):
        shutil.copy(original, copy)
    server = gateway(changes={"listen": {"tls": {"certificate": str(mine[0]), "key": str(mine[1])}}}, start=False)
    server.ca = certificate.cert
    server.start()
    mine[1].write_text("nonsense\n")
    done = server.cli("reload", check=False)
    assert done.returncode == 1 and str(mine[1]) in done.stderr
    assert "listen.tls has to name two PEM files" in done.stderr and "nothing was changed" in done.stderr
    assert server.get("/readyz")[0] == 200


def test_a_certificate_that_is_none_does_not_look_like_a_gateway_that_is_away(gateway, certificate, tmp_path):
    """The commands that ask the gateway know it by that file. They name it, instead of advising a start."""
    mine = tmp_path / "mine.crt"
    shutil.copy(certificate.cert, mine)
    server = gateway(changes={"listen": {"tls": {"certificate": str(mine), "key": str(certificate.key)}}}, start=False)
    server.ca = certificate.cert
    server.start()
    mine.write_text("nonsense\n")
    said = f"the certificate of the gateway cannot be read: {mine}: listen.tls.certificate has to name a PEM file"
    listed = server.cli("destination", "list", check=False)
    assert listed.returncode == 1 and said in listed.stderr and "sallyport run" not in listed.stderr
    for more in ([], ["--json"]):
        status = server.cli("status", *more, check=False)
        assert status.returncode == 1 and status.stderr.count(said) == 1 and "not running" not in status.stdout
    seen = json.loads(status.stdout)
    assert seen["gateway"] == "unknown" and seen["running"] and seen["daemon"]
    shutil.copy(certificate.cert, mine)
    assert server.cli_json("status")["gateway"] == "ready"


def test_anything_but_loopback_needs_tls(gateway, cloud):
    done = check_of(gateway, cloud, {"listen": {"address": "0.0.0.0:8443"}})
    assert done.returncode == 1 and "listen.address" in done.stdout + done.stderr
