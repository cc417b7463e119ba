"""An agent sends its whole history with each request: the detectors read it once, whichever worker it reaches
(docs/adr/0040-verdicts.md). That verdicts are those of a scan is in test/unit/test_history.c and test_verdicts.c."""

import os
import signal
import time

import pytest

import lib_config
from lib_privilege import Processes

NEW, KNOWN = "sallyport_text_scanned_bytes_total", "sallyport_text_known_bytes_total"
CARD = "4111 1111 1111 1111"
TURNS = 24


@pytest.fixture(scope="module")
def server(module_gateway, cloud_process):
    return module_gateway(lib_config.base(cloud_process), {"nginx": {"workers": 3}})


def history(name, turns, said=""):
    """Messages of five thousand bytes each: none is joined with its neighbour."""
    return [{"role": "user", "content": f"{name} {i}: " + "and so on, " * 460 + said} for i in range(turns)]


def send(server, messages):
    """Over a connection of its own, so that any worker may take it."""
    status, headers, answer = server.post(
        "/v1/chat/completions", {"model": "assistant", "messages": messages}, server.key()
    )
    assert status == 200, answer
    return server.explain(headers["x-sallyport-request-id"])["records"][0]


def read(server, messages):
    """(bytes of text that were read anew, bytes that were known) for a request."""
    before = server.metrics()
    send(server, messages)
    after = server.metrics()
    return after[NEW] - before[NEW], after[KNOWN] - before[KNOWN]


def test_a_history_is_read_once_by_all_workers_together(server):
    messages = history("once", TURNS)
    text = sum(len(m["content"]) for m in messages)
    new, known = read(server, messages)
    assert new >= text and known == 0
    for _ in range(12):
        new, known = read(server, messages)
        assert new < 200 and known >= text
    writers = [f for f in (server.state / "ledger").glob("*.seg") if f.stat().st_size > 0]
    assert len(writers) >= 2, "one worker alone was asked"


def test_what_is_new_of_a_history_is_read(server):
    messages = history("grows", TURNS)
    read(server, messages[:-1])
    new, known = read(server, messages)
    assert 5000 <= new < 6000 and known > 5000 * (TURNS - 1)


def test_a_known_history_has_the_label_that_it_had(server):
    messages = history("card", 3) + history("card", 1, f"card number {CARD}")
    first = send(server, messages)
    assert "pci" in first["label"] and first["tier"] == "self-hosted"
    for _ in range(12):
        again = send(server, messages)
        assert again["label"] == first["label"] and again["tier"] == first["tier"]


def workers(server):
    return {p.pid for p in Processes(server).workers}


def test_a_reload_forgets_nothing(server):
    messages = history("stays", TURNS)
    read(server, messages)
    old = workers(server)
    os.kill(Processes(server).master.pid, signal.SIGHUP)
    end = time.monotonic() + 20
    while workers(server) & old:
        assert time.monotonic() < end, "the old workers stay"
        time.sleep(0.05)
    new, known = read(server, messages)
    assert new < 200 and known > 5000 * TURNS
