"""Destinations that fail: three with a server, a key and a clearance each, the ways to fail, and what holds of every try."""

import collections
import itertools
import json
import re
import socket
import threading

import lib_config
from lib_client import PATHS, body

# name: (tier, level, categories); the text flows to "mid" and "own" only.
CLEARANCES = {
    "low": ("cloud", "public", []),
    "mid": ("cloud", "internal", ["pii"]),
    "own": ("self-hosted", "restricted", ["all"]),
}
PUBLIC, PERSONAL = "What is the capital of France?", "Write to jane.doe@kaufhaus.de."
MAY = {PUBLIC: set(CLEARANCES), PERSONAL: {"mid", "own"}}

# What a destination does: an answer of the stand-in, or a fault of its own; may it be tried elsewhere at once?
Fault = collections.namedtuple("Fault", "answer is_safe")
FAULTS = {
    "refused": Fault(None, True),
    "500": Fault({"status": 500}, True),
    "503": Fault({"status": 503, "headers": {"retry-after": "7"}}, True),
    "429": Fault({"status": 429}, True),
    "529": Fault({"status": 529}, True),
    "slow": Fault({"delay_ms": 4000}, False),
    "garbage": Fault(b"\x16\x03 what?\r\n\r\n\x00\x00", False),
    "half-head": Fault(b"HTTP/1.1 200 OK\r\ncontent-ty", False),
    "nul-in-head": Fault(b"HTTP/1.1 200 OK\r\nx\0y: 1\r\n\r\n", False),
    "broken-500": Fault(b"HTTP/1.1 500 Broken\r\nx\0y: 1\r\n\r\n", True),
    "cut": Fault({"drop_before_head": True}, False),
    "reset": Fault({"drop_before_head": True, "drop": "rst"}, False),
}
ORDERS = list(itertools.permutations(CLEARANCES))


class Babbler:
    """A server that takes a request and answers with what is no HTTP: what the fault in the name of its model says."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d" % self.socket.getsockname()[1]
        self.got = []
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection:
                self.got.append(read_request(connection))
                fault = re.search(rb"model-of-[a-z]+-([a-z0-9-]+)", self.got[-1]).group(1).decode()
                connection.sendall(FAULTS[fault].answer)

    def stop(self):
        self.socket.close()


def read_request(connection):
    """Head and body of one request, as bytes."""
    raw = b""
    while b"\r\n\r\n" not in raw:
        piece = connection.recv(65536)
        if not piece:
            return raw
        raw += piece
    head, _, rest = raw.partition(b"\r\n\r\n")
    length = next(int(x.split(b":")[1]) for x in head.split(b"\r\n") if x.lower().startswith(b"content-length"))
    while len(rest) < length:
        rest += connection.recv(65536)
    return head + b"\r\n\r\n" + rest


def destination(name, url, dialect, **more):
    tier, level, categories = CLEARANCES[name]
    return {
        "vendor": name,
        "tier": tier,
        "dialect": dialect,
        "base_url": url + "/v1",
        "model": f"model-of-{name}",
        "jurisdictions": ["DE"],
        "credential": "env:KEY_OF_" + name.upper(),
        "clearance": {"level": level, "categories": categories},
        "timeouts": {"first_byte": "1s"},
        **more,
    }


def closed_port():
    """A port on which nobody listens, kept from others for as long as the socket lives."""
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    return sock, "http://127.0.0.1:%d" % sock.getsockname()[1]


def settings(destinations, orders, **more):
    """A configuration with a model for each order of destinations: NAME.NAME…, `once.` without replay."""
    models = {}
    for order in orders:
        models[".".join(order)] = {"destinations": list(order), "replay": True}
        models["once." + ".".join(order)] = {"destinations": list(order)}
    base = {"version": 1, "use_cases": {"helpdesk": {"owner": "x", "purpose": "y", "level": "public"}}}
    application = {"use_case": "helpdesk", "models": list(models), "user_text": "trusted"}
    base["vendors"] = {"mid": lib_config.vendor("dpa", legal_seat="DE")}
    return {**base, "destinations": destinations, "models": models, "applications": {"desk": application}, **more}


def keys(upstreams):
    return {"KEY_OF_" + name.upper(): server.key for name, server in upstreams.items()}


def post(server, model, text=PUBLIC, dialect="openai", **more):
    headers = {"anthropic-version": "2023-06-01"} if dialect == "anthropic" else None
    return server.post(PATHS[dialect], body(dialect, model, text, **more), server.key(), headers)


def check_own(upstreams):
    """Each server got its own credential and its own name of the model, once each, and nobody else's."""
    for name, upstream in upstreams.items():
        for seen in upstream.seen():
            everything = json.dumps(seen["headers"]) + seen["body"]
            assert everything.count("credential-of-") == 1 and upstream.key in everything
            assert everything.count("model-of-") == 1 and f"model-of-{name}" in everything
            assert "sp_" not in everything
            assert PERSONAL not in seen["body"] or name in MAY[PERSONAL]


def check_records(server, request_id, tries):
    """One intent and one outcome for each try, each naming its destination, in order."""
    records = server.explain(request_id)["records"]
    assert [(r["attempt"], r["destination"]) for r in records if r["kind"] == "intent"] == [
        (i + 1, name) for i, name in enumerate(tries)
    ]
    assert [(r["attempt"], r["destination"]) for r in records if r["kind"] == "outcome"] == [
        (i + 1, name) for i, name in enumerate(tries)
    ]
    return records


def check_tries(server, expected):
    """By request: one intent and one outcome for each try, in order. All at once: one look at the ledger."""
    rows = collections.defaultdict(list)
    for row in server.records():
        if row["request_id"] in expected and row["destination"]:
            rows[row["request_id"]].append((row["attempt"], row["destination"]))
            assert row["outcome"] in ("allow", "reroute", "failed"), row
    found = {k: sorted(v) for k, v in rows.items()}
    assert found == {k: [(i + 1, n) for i, n in enumerate(v)] for k, v in expected.items()}
