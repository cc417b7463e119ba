"""The disk fails, is slow, or loses its power (test/faults): the gateway refuses within its bound, recovers by itself,
and what left or was answered is recorded."""

import contextlib
import errno
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

import pytest

from lib_client import PATHS, body
from lib_servers import ROOT

sys.path.append(str(ROOT / "test" / "faults"))
from lib_faults import ENTRY, MAGIC, SYNC, WRITE, EverythingLost, Faults, entries  # noqa: E402

BOUND_S = 1
EXPECTED = "could not be made durable|exited on signal 9"  # alarms that the tests cause


def post(server, text, key=None):
    return server.post(PATHS["openai"], body("openai", "cloud-only", text), key or server.key())


@pytest.fixture
def faulty(gateway):
    """(gateway, its disk): every process of it on a disk that obeys."""
    changes = {"limits": {"record_wait": f"{BOUND_S}s", "body": "256KiB"}, "audit": {"segment": "1MiB"}}
    server = gateway(changes=changes, start=False, alarms=EXPECTED)
    faults = Faults(server.state).keep_journal()
    server.env |= faults.env
    server.start()
    server.key()
    yield server, faults
    faults.heal()


def recovers(server, text):
    end = time.monotonic() + 10
    while post(server, text)[0] != 200:
        assert time.monotonic() < end, "it does not recover by itself"
        time.sleep(0.05)


@pytest.mark.parametrize("operation", [WRITE, SYNC])
@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, errno.EROFS])
def test_whichever_write_fails_first_nothing_leaves_unrecorded(faulty, cloud, operation, error):
    """From the n-th on, until a request needs no n-th: answered whole, or refused by us within the bound."""
    server, faults = faulty
    statuses = []
    for nth in range(1, 12):
        faults.fail(operation, error, nth, lasting=True)
        began = time.monotonic()
        statuses.append(post(server, f"mark-{nth}")[0])
        assert time.monotonic() - began < BOUND_S + 2
        failed = faults.heal()
        recovers(server, f"after-{nth}")
        if statuses[-1] == 200 and not failed:
            break
    else:
        raise AssertionError("there is a write behind all that were failed")
    assert statuses[0] == 503 and set(statuses) <= {200, 503} and 200 in statuses
    seen = len(cloud.seen())
    server.stop()
    server.start()
    tries = server.records()
    assert "open" not in {t["outcome"] for t in tries}
    assert len([t for t in tries if t["outcome"] in ("allow", "lost")]) >= seen


def test_a_sync_of_two_seconds_is_refused_within_the_bound(faulty, cloud):
    server, faults = faulty
    faults.slow(SYNC, 2)
    began = time.monotonic()
    assert post(server, "slow")[0] == 503
    assert time.monotonic() - began < BOUND_S + 1
    assert cloud.seen() == []
    faults.heal()
    recovers(server, "again")


def descendants(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        found = [int(p) for p in file.read().split()]
    return found + [d for p in found for d in descendants(p)]


def kill_all(server):
    for pid in [server.process.pid, *descendants(server.process.pid)]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    server.process.child.wait(10)
    server.process = None
    time.sleep(0.2)  # the last of them are gone: nobody holds what they held


def cut_power(server, faults):
    kill_all(server)
    return faults.cut(EverythingLost())


def test_a_journal_with_a_part_of_an_entry_is_read(tmp_path):
    """A process was killed while it wrote the entry; others went on behind it."""
    journal = tmp_path / "journal"
    first, torn, last = (ENTRY.pack(MAGIC, ord("w"), 2, 0, 6, 0, n, 9) + b"/xolddat" for n in range(3))
    for length in range(len(torn)):
        journal.write_bytes(first + torn[:length] + last)
        assert [offset for _, _, _, offset, _, _ in entries(journal)] == [0, 2]


class OnlyTheNewestSectorReached:
    """In place of a random.Random: of what no sync covers only the first part of each file's newest write is there."""

    def __init__(self):
        self.is_first = True

    def choice(self, options):
        if "some" not in options:
            return options[-1]
        self.is_first = True  # the next file
        return "some"

    def randint(self, _least, most):
        first, self.is_first = self.is_first, False
        return most if first else 0


def test_recovery_vouches_for_nothing_that_was_not_synced(faulty):
    """Killed between write and sync; at the next start the disk syncs nothing; then the power goes. The frames that
    recovery read were in the cache: an end frame behind them would make them damage."""
    server, faults = faulty
    assert post(server, "before")[0] == 200
    faults.fail(SYNC, errno.EIO, lasting=True)
    assert post(server, "never confirmed " * 200)[0] == 503
    kill_all(server)
    for nth in range(1, 12):  # until it is the sync behind what recovery read
        faults.fail(SYNC, errno.EIO, nth, lasting=True)
        server.start(wait=False)
        server.process.child.wait(20)
        server.process = None
        if "cannot close the segment" in server.all_logs():
            break
    assert faults.heal() > 0 and "cannot close the segment" in server.all_logs()
    faults.cut(OnlyTheNewestSectorReached())
    server.start()
    server.verify()
    assert [r["outcome"] for r in server.records()] == ["allow"]


def test_what_was_answered_survives_a_power_cut(faulty):
    """All that no sync covers is lost, of files and of names. The last record is the first of a new segment: its name
    has to be as durable as its content. (Once a second the daemon syncs that folder too: the cut comes at once.)"""
    server, faults = faulty
    revoked = server.new_key("desk")
    server.cli("key", "revoke", revoked.split("_")[1], "--reason", "a test")
    ids, before = [], set((server.state / "ledger").glob("*.seg"))
    while set((server.state / "ledger").glob("*.seg")) == before:
        status, headers, _ = post(server, f"{len(ids)} " + "of no harm " * 15_000)
        assert status == 200 and len(ids) < 40
        ids.append(headers["x-sallyport-request-id"])
    cut_power(server, faults)
    server.start()
    assert {r["request_id"] for r in server.records() if r["outcome"] == "allow"} >= set(ids)
    assert server.get("/v1/models", key=revoked)[0] == 401
    assert server.get("/v1/models", key=server.key())[0] == 200


# ---- a file system that the kernel makes read-only ----


def sh(*command):
    return subprocess.run([str(c) for c in command], check=True, capture_output=True, text=True, timeout=30).stdout.strip()


def may_mount():
    return os.geteuid() == 0 and os.path.exists("/dev/loop-control") and shutil.which("mkfs.ext4")


class Ext4:
    """A file system of its own, which does what disks that die make of ext4: it becomes read-only at an error."""

    def __init__(self, image):
        self.image, self.place = image, None
        with open(image, "wb") as file:
            file.truncate(64 << 20)
        sh("mkfs.ext4", "-q", image)

    def mount(self, place, options="rw"):
        self.place = place
        sh("mount", "-o", f"loop,errors=remount-ro,{options}", self.image, place)

    def fail(self):
        """From now on, also for files that are open for writing."""
        device = sh("losetup", "--noheadings", "--output", "NAME", "--associated", self.image).splitlines()[0]
        trigger = pathlib.Path("/sys/fs/ext4") / os.path.basename(device) / "trigger_fs_error"
        trigger.write_text("a test", encoding="ascii")

    def repair(self):
        self.unmount()
        subprocess.run(["e2fsck", "-y", self.image], check=False, capture_output=True, timeout=30)  # 1: it mended

    def unmount(self):
        if self.place:
            sh("umount", self.place)
            self.place = None


@pytest.fixture
def ext4(tmp_path):
    disk = Ext4(tmp_path / "disk")
    yield disk
    disk.unmount()


@pytest.mark.skipif(not may_mount(), reason="a file system of its own needs root and loop devices")
def test_a_file_system_that_became_read_only(ext4, gateway, cloud):
    """Refused within the bound, a worker that starts meanwhile included; no start on a disk that cannot be written;
    and once it is mended everything that was answered is there."""
    limits = {"record_wait": f"{BOUND_S}s", "body": "256KiB"}
    changes = {"limits": limits, "audit": {"segment": "1MiB"}, "nginx": {"workers": 1}}
    server = gateway(changes=changes, start=False, alarms=EXPECTED + "|the ledger cannot be opened")
    server.state.mkdir()
    ext4.mount(server.state)
    server.start()
    ids = [post(server, f"before {n}")[1]["x-sallyport-request-id"] for n in range(3)]
    ext4.fail()
    refused_within_bound(server)
    master = int((server.state / "nginx.pid").read_text())
    (worker,) = descendants(master)
    os.kill(worker, signal.SIGKILL)
    until_listening(server, lambda: descendants(master) not in ([], [worker]))
    refused_within_bound(server)
    assert server.get("/readyz")[0] == 503
    assert len(cloud.seen()) == len(ids)
    kill_all(server)
    ext4.repair()
    ext4.mount(server.state, "ro")
    server.start(wait=False)
    assert server.process.child.wait(20) != 0
    server.process = None
    assert "Read-only file system" in server.all_logs()
    ext4.repair()
    ext4.mount(server.state)
    server.start()
    recovers(server, "after")
    server.verify()
    assert {r["request_id"] for r in server.records() if r["outcome"] == "allow"} >= set(ids)
    server.stop()


def until_listening(server, holds):
    end = time.monotonic() + 10
    while not holds() or not answers(server):
        assert time.monotonic() < end, "no worker took the place of the one that was killed"
        time.sleep(0.05)


def answers(server):
    with contextlib.suppress(OSError):
        return server.get("/healthz")[0] > 0
    return False


def refused_within_bound(server):
    began = time.monotonic()
    assert post(server, "while read-only")[0] == 503
    assert time.monotonic() - began < BOUND_S + 2


# ---- damage ----

FIRST_FRAME = 4096  # of a segment, behind its header


def listed(server):
    """The requests that can be read, though the ledger is damaged."""
    done = server.cli("audit", "list", "--last", "0", "--json", check=False)
    assert done.returncode == 1 and "the ledger is damaged" in done.stderr
    return [json.loads(line)["request_id"] for line in done.stdout.splitlines()]


def test_a_damaged_open_segment_is_kept_and_told(gateway):
    """What is there stays as it is, `audit verify` names the place, what can be read has an end, and the gateway serves
    on, also when it meets the damage again."""
    server = gateway()
    for n in range(3):
        assert post(server, f"before {n}")[0] == 200
    before = [r["request_id"] for r in server.records()]
    kill_all(server)
    (path,) = (server.state / "ledger").glob("*-00000000-*.seg")
    whole = path.read_bytes()
    damaged = bytearray(whole)
    damaged[FIRST_FRAME + 100] ^= 0xFF
    path.write_bytes(damaged)
    for n in range(2):
        server.start()
        assert post(server, f"behind {n}")[0] == 200
        server.stop()
        assert path.read_bytes() == damaged
        told = server.verify(check=False)
        assert told.returncode == 1 and f"{path.name}, offset {FIRST_FRAME}" in told.stdout + told.stderr
        seen = listed(server)
        assert seen[: len(before)] == before and len(seen) == len(before) + n + 1
    assert "that chain is left as it is, another one is written" in server.all_logs()
    path.write_bytes(whole)  # put back, all of it verifies
    server.verify()
    assert len(server.records()) == len(before) + 2


@pytest.mark.parametrize("how", ["flipped", "zeros"])
def test_damage_in_what_was_synced_last_is_no_torn_tail(gateway, how):
    """Nothing is written behind it: that it was durable is known from what its writer stated."""
    server = gateway(changes={"nginx": {"workers": 1}})
    for n in range(3):
        assert post(server, f"before {n}")[0] == 200
    before = [r["request_id"] for r in server.records()]
    kill_all(server)
    (path,) = (server.state / "ledger").glob("*-00000000-*.seg")
    whole = path.read_bytes()
    last = whole.rindex(b"SPLF\1")
    damaged = bytearray(whole)
    if how == "flipped":
        damaged[last + 100] ^= 1
    else:
        damaged[last + 100 :] = bytes(len(whole) - last - 100)
    path.write_bytes(damaged)
    server.start()
    assert post(server, "behind")[0] == 200
    server.stop()
    assert path.read_bytes() == damaged
    told = server.verify(check=False)
    assert told.returncode == 1 and f"{path.name}, offset {last}, record {before[-1]}: " in told.stdout + told.stderr
    assert listed(server)[: len(before)] == before
    path.write_bytes(whole)
    server.verify()
    assert [r["request_id"] for r in server.records()][: len(before)] == before
