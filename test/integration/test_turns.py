"""Large bodies are labelled aside: nobody waits for another's, each caller gets its turn, who waits too long is
refused, and what is said of them is what a look at the whole in one go says."""

import contextlib
import json
import pathlib
import time

import pytest

import lib_config
from lib_client import body
from test_exhaustion import answer_of, opened
from test_http import head_of
from test_replay import DECIDED, WHERE, decide_again

MIB = 1 << 20
SLOW = "@a"  # what takes detectors longest and is nothing: 80 us per KiB
IBAN = "DE89 3704 0044 0532 0130 00"
HELD = "sallyport_held_bytes"


@pytest.fixture(scope="module")
def server(module_gateway, cloud_process):
    return module_gateway(lib_config.base(cloud_process), {"limits": {"memory_per_key": "512MiB"}})


def large(n=8 * MIB, unit=SLOW, model="cloud-only"):
    """A body of just below n bytes."""
    return json.dumps(body("openai", model, unit * ((n - 200) // len(unit)))).encode()


def until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def unread(server, sock):
    """Bytes that have left the client and that no worker has read yet."""
    ours, theirs = f"0100007F:{sock.getsockname()[1]:04X}", f"0100007F:{server.port:04X}"
    rows = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]]
    queues = [r[4].split(":") for r in rows if (r[1], r[2]) == (theirs, ours)]
    unsent = [r[4].split(":") for r in rows if (r[1], r[2]) == (ours, theirs)]
    return int(queues[0][1], 16) + int(unsent[0][0], 16)


def all_but_last(stack, server, texts, application="desk"):
    """Connections on which all of each body but its last byte has been sent and read."""
    socks = []
    for text in texts:
        head = head_of(server, "openai", content_length=len(text), authorization="Bearer " + server.key(application))
        socks.append(stack.enter_context(opened(server, head, text[:-1])))
    until(lambda: sum(unread(server, sock) for sock in socks) == 0)
    return socks


def test_nobody_waits_for_a_large_body(server, cloud):
    """While one is labelled, the worker answers others: by their number, not by the clock."""
    n, before = 0, server.metrics()["sallyport_allowed_total"]
    key = server.key("legal")  # to make one takes as long as a label
    with contextlib.ExitStack() as stack:
        (sock,) = all_but_last(stack, server, [large()])
        sock.sendall(b"}")
        while server.metrics()["sallyport_allowed_total"] == before:
            assert server.post("/v1/chat/completions", body("openai", "cloud-only"), key)[0] == 403
            n += 1
        assert answer_of(sock)[0] == 200
    assert n > 5


def test_each_caller_gets_its_turn(server, cloud):
    """Behind six of one caller the one of another is second, not seventh: the first was under way already."""
    with contextlib.ExitStack() as stack:
        flood = all_but_last(stack, server, [large(4 * MIB)] * 6)
        (other,) = all_but_last(stack, server, [large(4 * MIB, model="local-only")], "legal")
        for sock in flood:
            sock.sendall(b"}")
        other.sendall(b"}")
        assert [answer_of(sock)[0] for sock in [other, *flood]] == [200] * 7
    models = [json.loads(s["body"])["model"] for s in cloud.seen()]
    assert len(models) == 7 and models.index("gemma-3-270m") <= 2


def test_who_leaves_takes_its_body_along(server, cloud):
    """Under way or waiting for its turn; the next one is served, and nothing stays behind."""
    with contextlib.ExitStack() as stack:
        for sock in all_but_last(stack, server, [large()] * 3):
            sock.sendall(b"}")
    assert server.post("/v1/chat/completions", large(MIB), server.key())[0] == 200
    until(lambda: server.metrics()[HELD] < MIB)


def test_who_waits_too_long_is_refused(gateway, cloud):
    changes = {"limits": {"memory_per_key": "512MiB", "label_wait": "10ms"}}
    server = gateway(lib_config.base(cloud), changes)
    with contextlib.ExitStack() as stack:
        socks = all_but_last(stack, server, [large()] * 3)
        for sock in socks:
            sock.sendall(b"}")
        answers = [answer_of(sock) for sock in socks]
    assert sorted(a[0] for a in answers) == [200, 503, 503]
    refused = [a for a in answers if a[0] == 503]
    assert {json.loads(a[2])["error"]["code"] for a in refused} == {"busy"}
    assert {a[1]["retry-after"] for a in refused} == {"1"}
    for answer in refused:
        assert server.record_kinds(answer[1]["x-sallyport-request-id"]) == [("refusal", "busy")]


def several(n, content):
    messages = [{"role": "user", "content": content.replace("{i}", str(i))} for i in range(n)]
    return {"model": "assistant", "messages": messages}


LARGE = {
    "near misses": several(1, "4111 1111 1111 1112 " * 20_000 + IBAN),
    "tiny messages": several(20_000, "{i}") | {"user": IBAN},
    "messages": several(200, "message {i} to a{i}@example.org " + "and words " * 150),
    "invisible": several(1, "\u200b".join(IBAN) + "\u200b" * 200_000),
    "escapes": several(1, "\\u0041\\n" * 50_000 + IBAN.replace("8", "\\u0038")),
    "nested": several(1, json.dumps({"a": ["x" * 100] * 3000, "b": IBAN})),
}


@pytest.mark.parametrize("name", LARGE)
def test_the_record_is_that_of_one_turn(server, cloud, name):
    """What was labelled aside is labelled again offline, in one go: both say the same of it."""
    text = json.dumps(LARGE[name]).encode()
    assert len(text) > 256 << 10
    status, headers, _ = server.post("/v1/chat/completions", text, server.key())
    assert status == 200
    shown = server.cli_json("audit", "show", headers["x-sallyport-request-id"], "--payload")
    recorded = shown["records"][0]
    again = decide_again(server, "desk", "openai", shown["request"].encode())
    assert shown["request"].encode() == text and recorded["kind"] == "intent"
    assert {k: again[k] for k in DECIDED | WHERE} == {k: recorded[k] for k in DECIDED | WHERE}
    assert [a for a in recorded["atoms"] if a["source"] == "detector"]
