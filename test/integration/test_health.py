"""Probes of destinations by the daemon: what is down is passed over before a request finds out, and taken again
by itself; and names that move are followed under load."""

import contextlib
import json
import os
import random
import shutil
import socket
import ssl
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

import lib_config
from lib_client import body
from lib_gateway import free_port
from lib_servers import Cloud


class Health(BaseHTTPRequestHandler):
    """Answers probes as the server's `status` says; keeps what came."""

    def do_GET(self):
        self.server.got.append((self.path, dict(self.headers)))
        self.send_response(self.server.status)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_):
        pass


class Probed:
    def __init__(self, port=0, certificate=None):
        self.server = ThreadingHTTPServer(("127.0.0.1", port), Health)
        self.server.status, self.server.got = 200, []
        self.scheme = "https" if certificate else "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate.cert, certificate.key)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.port = self.server.server_address[1]

    def url(self, host="127.0.0.1"):
        return f"{self.scheme}://{host}:{self.port}"

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def probed():
    made = []

    def make(*args, **more):
        made.append(Probed(*args, **more))
        return made[-1]

    yield make
    for server in made:
        server.stop()


def until(what, timeout_s=20):
    end = time.monotonic() + timeout_s
    while not what():
        assert time.monotonic() < end, "it does not come"
        time.sleep(0.05)


def is_down(server, name="cloud"):
    return server.metrics()[f'sallyport_destination_down{{destination="{name}"}}'] == 1


def ask(server, model="assistant"):
    status, headers, raw = server.post("/v1/chat/completions", body("openai", model), server.key())
    return status, headers.get("x-sallyport-destination"), raw


def watched(url, **health):
    return {"destinations": {"cloud": {"base_url": url + "/v1", "health": {"every": "200ms", **health}}}}


def test_what_its_probes_call_down_is_passed_over_and_taken_again(gateway, probed):
    """By the status of a GET, which carries no credential."""
    target = probed()
    server = gateway(changes=watched(target.url(), path="/ready?x=1"))
    until(lambda: len(target.server.got) > 2)
    assert not is_down(server)
    target.server.status = 500
    until(lambda: is_down(server))
    assert ask(server)[:2] == (200, "local")
    status, _, raw = ask(server, "cloud-only")
    assert (status, json.loads(raw)["error"]["code"]) == (503, "upstream_away")
    target.server.status = 204
    until(lambda: not is_down(server))
    path, headers = target.server.got[0]
    assert path == "/ready?x=1" and {k.lower() for k in headers} == {"host", "user-agent"}
    assert not [h for _, h in target.server.got if server_key_in(h)]


def server_key_in(headers):
    return "cloud-standin-key" in json.dumps(headers)


def test_a_connection_is_enough_where_no_path_is_named(gateway, probed):
    port = free_port()
    server = gateway(changes=watched(f"http://127.0.0.1:{port}"))
    until(lambda: is_down(server))
    probed(port)
    until(lambda: not is_down(server))


def test_a_reload_keeps_what_is_known(gateway, cloud):
    changes = watched(f"http://127.0.0.1:{free_port()}")
    server = gateway(changes=changes)
    until(lambda: is_down(server))
    config = lib_config.merged(lib_config.base(cloud), changes)
    server.configure(lib_config.merged(config, {"limits": {"body": "1MiB"}}))
    server.cli("reload")
    assert is_down(server)


def test_certificates_are_verified(gateway, probed, certificate, tmp_path):
    """With the destination's own authority it is there; with the system's it is not."""
    target = probed(certificate=certificate)
    own = watched(target.url("localhost"), path="/h")
    own["destinations"]["cloud"]["ca"] = str(certificate.cert)
    server = gateway(changes=own)
    until(lambda: len(target.server.got) > 2)
    assert not is_down(server)
    server = gateway(changes=watched(target.url("localhost"), path="/h"))
    seen = len(target.server.got)
    until(lambda: is_down(server))
    assert seen >= 3


# ---- names that move ----


class Names:
    """A name server for one name: each answer holds the addresses of now and may be kept for a second."""

    def __init__(self, name, addresses):
        self.name, self.addresses = name, addresses
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.host = f"127.53.{os.getpid() >> 8 & 255}.{os.getpid() & 255 or 1}"  # tests may run beside others
        self.socket.bind((self.host, 53))
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                query, peer = self.socket.recvfrom(4096)
            except OSError:
                return
            self.socket.sendto(self.reply(query), peer)

    def reply(self, query):
        """RFC 1035: header, the question as it came, and an A record for each address (none for AAAA)."""
        end = query.index(b"\0", 12) + 5
        wants_a = struct.unpack(">H", query[end - 4 : end - 2])[0] == 1
        addresses = self.addresses if wants_a else []
        header = query[:2] + struct.pack(">HHHHH", 0x8580, 1, len(addresses), 0, 0)
        records = [struct.pack(">HHHIH", 0xC00C, 1, 1, 1, 4) + socket.inet_aton(a) for a in addresses]
        return header + query[12:end] + b"".join(records)

    def stop(self):
        self.socket.close()


def port_of_all(hosts):
    """One that is free at each of these addresses, below those that the kernel gives to connections."""
    for port in random.sample(range(20_000, 30_000), 100):
        with contextlib.ExitStack() as stack:
            try:
                for host in hosts:
                    stack.enter_context(socket.create_server((host, port)))
            except OSError:
                continue
            return port
    raise AssertionError(f"no port is free at all of {hosts}")


def may_mount():
    return os.geteuid() == 0 and shutil.which("unshare") and os.path.exists("/etc/resolv.conf")


@pytest.mark.skipif(not may_mount(), reason="a name server of its own needs a mount namespace")
def test_a_name_that_moves_is_followed_under_load(gateway, cloud, tmp_path):
    """No request fails while the address changes, and the old one is not used any more."""
    port = port_of_all(["127.0.0.2", "127.0.0.3"])
    both = [
        Cloud(tmp_path / host, options=["--host", host, "--port", str(port)]) for host in ("127.0.0.2", "127.0.0.3")
    ]
    names = Names("model.test", ["127.0.0.2"])
    resolv = tmp_path / "resolv.conf"
    resolv.write_text(f"nameserver {names.host}\n", encoding="utf-8")
    place = {"base_url": f"http://model.test:{port}/v1", "plain_http": True}
    server = gateway(changes={"destinations": {"cloud": place}}, start=False)
    mount = f"mount --bind {resolv} /etc/resolv.conf && exec \"$@\""
    server.prefix = ["unshare", "--mount", "--propagation", "private", "sh", "-c", mount, "sh"]
    try:
        server.start()
        server.key()
        statuses, is_over = [], threading.Event()

        def load():
            while not is_over.is_set():
                statuses.append(ask(server, "cloud-only")[0])

        threads = [threading.Thread(target=load) for _ in range(4)]
        for thread in threads:
            thread.start()
        until(lambda: len(both[0].seen()) > 20)
        assert not both[1].seen()
        names.addresses = ["127.0.0.3"]
        until(lambda: len(both[1].seen()) > 20)
        before = len(both[0].seen())
        until(lambda: len(both[1].seen()) > 100)
        is_over.set()
        for thread in threads:
            thread.join()
        assert set(statuses) == {200} and len(both[0].seen()) == before
    finally:
        names.stop()
        server.stop()
        for upstream in both:
            upstream.stop()


# ---- the command ----


def test_the_command_says_what_the_gateway_knows(gateway, cloud):
    """One word for each destination, the same as JSON, by name; also over TLS; and when nothing runs."""
    server = gateway(changes=watched(f"http://127.0.0.1:{free_port()}"))
    until(lambda: is_down(server))
    listed = {d["name"]: d for d in server.cli_json("destination", "list")["destinations"]}
    assert listed["cloud"]["state"] == "down" and listed["local"]["state"] == "ready"
    assert listed["local"]["circuit"] == "closed" and listed["local"]["addresses"] == 1
    lines = [x.split() for x in server.cli("destination", "list").stdout.splitlines()]
    assert ["cloud", "cloud", "down"] in lines and ["local", "self-hosted", "ready"] in lines
    assert server.cli_json("destination", "show", "cloud") == listed["cloud"]
    refused = server.cli("destination", "show", "clod", check=False)
    assert refused.returncode == 1 and "no such destination" in refused.stderr
    server.stop()
    silent = server.cli("destination", "list", check=False)
    assert silent.returncode == 1 and "no gateway answers" in silent.stderr


def test_the_command_speaks_tls_and_wants_the_gateways_own_certificate(gateway, cloud, certificate):
    tls = {"certificate": str(certificate.cert), "key": str(certificate.key)}
    server = gateway(changes={"listen": {"tls": tls}}, start=False)
    server.ca = str(certificate.cert)
    server.start()
    assert {d["state"] for d in server.cli_json("destination", "list")["destinations"]} == {"ready"}
