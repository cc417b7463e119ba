"""The wall clock is set back and forth under a running gateway: what had expired stays so, what is valid goes on.

Every process of the gateway sees the clock that the test sets (test/faults/clock.c); the test itself sees the real one.
"""

import json
import mmap
import os
import shutil
import signal
import struct
import time

import pytest

from lib_client import PATHS, body
from lib_servers import ROOT

LIBRARY = ROOT / "build" / "test" / "faults" / "libsallyport-clock.so"
LIFE_S = 10  # the shortest that a snapshot may have
HOUR, DAY = 3600, 86400


class Clock:
    def __init__(self, state):
        work = state / "CLOCK"
        work.mkdir(parents=True)
        state.chmod(0o700)
        library = shutil.copy(LIBRARY, work / "clock.so")
        control = work / "clock.so.moved"
        control.write_bytes(bytes(8))
        with open(control, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 8)
        self.env = {"LD_PRELOAD": f"{os.environ.get('LD_PRELOAD', '')} {library}".strip()}

    def move(self, seconds):
        """From now on the clock is that far from the real one."""
        struct.pack_into("=q", self.memory, 0, seconds)


@pytest.fixture
def moved(gateway):
    """(gateway, its clock)"""
    server = gateway(changes={"limits": {"snapshot_life": f"{LIFE_S}s"}}, start=False)
    clock = Clock(server.state)
    server.env |= clock.env
    server.start()
    server.key()
    yield server, clock


def ask(server):
    return server.post(PATHS["openai"], body("openai", "cloud-only", "What time is it?"), server.key())


def reason(answer):
    return "ok" if answer[0] == 200 else json.loads(answer[2])["error"]["code"]


def until(server, wanted, seconds):
    end = time.monotonic() + seconds
    while (got := reason(ask(server))) != wanted:
        assert time.monotonic() < end, f"still {got}"
        time.sleep(0.1)


def test_a_clock_that_is_set_back_revives_no_snapshot(moved):
    """Nobody makes new ones: the last one expires, and stays expired whatever the clock says."""
    server, clock = moved
    daemon = server.daemon_pid()
    os.kill(daemon, signal.SIGSTOP)
    try:
        until(server, "snapshot_expired", LIFE_S + 10)
        for back in (HOUR, DAY):
            clock.move(-back)
            time.sleep(0.5)
            assert reason(ask(server)) == "snapshot_expired"
    finally:
        os.kill(daemon, signal.SIGCONT)
    until(server, "ok", 10)


@pytest.mark.parametrize("back", [HOUR, DAY])
def test_service_goes_on_when_the_clock_is_set_back(moved, back):
    """Longer than a snapshot lives: the daemon goes on making them, and workers go on believing them."""
    server, clock = moved
    clock.move(-back)
    end = time.monotonic() + LIFE_S + 5
    while time.monotonic() < end:
        assert reason(ask(server)) == "ok"
        time.sleep(0.5)


def test_a_clock_that_is_set_forward_expires_and_recovers(moved):
    """All that was valid for less than a day is over at once; the daemon makes a new snapshot by itself."""
    server, clock = moved
    daemon = server.daemon_pid()
    os.kill(daemon, signal.SIGSTOP)
    try:
        clock.move(DAY)
        until(server, "snapshot_expired", 5)
    finally:
        os.kill(daemon, signal.SIGCONT)
    until(server, "ok", 10)
    clock.move(0)
    end = time.monotonic() + LIFE_S + 5
    while time.monotonic() < end:
        assert reason(ask(server)) == "ok"
        time.sleep(0.5)
