"""What operators do stands in the chain: each pause and resume a record, once, whoever of the gateway was away when it
was done; and a record that is taken out shows."""

import errno
import json
import os
import signal
import sys
import time

import pytest

from lib_client import PATHS, body
from lib_servers import ROOT

sys.path.append(str(ROOT / "test" / "faults"))
from lib_faults import SYNC, WRITE, Faults  # noqa: E402

END_BYTES = 112  # of an end frame
REASON = "key found in a public repository"


def post(server):
    return server.post(PATHS["openai"], body("openai", "cloud-only", "hello"), server.key())[0]


def pause(server, check=True):
    return server.cli("pause", "destination", "cloud", "--reason", REASON, check=check)


def resume(server):
    server.cli("resume", "destination", "cloud", "--reason", "mended")


def acts(server, n, timeout_s=20):
    """Waits until that many acts are recorded; what they were."""
    end = time.monotonic() + timeout_s
    while len(found := server.acts()) < n:
        assert time.monotonic() < end, f"{len(found)} of {n} acts are recorded"
        time.sleep(0.05)
    return [a["act"] for a in found]


def until_there(path, timeout_s=10):
    end = time.monotonic() + timeout_s
    while not path.exists():
        assert time.monotonic() < end, f"{path} is not written"
        time.sleep(0.01)


BOTH = ["pause destination cloud", "resume destination cloud"]


def test_pause_and_resume_are_records(gateway):
    server = gateway()
    pause(server)
    resume(server)
    assert acts(server, 2) == BOTH
    first = server.acts()[0]
    assert first["act_reason"] == REASON and first["act_operator"]
    for command in (["list", "--outcome", "act"], ["show", first["request_id"]], ["tail"]):
        shown = server.cli("audit", *command).stdout
        assert "pause destination cloud" in shown and REASON in shown and first["act_operator"] in shown
    refused = server.cli("explain", first["request_id"], check=False)
    assert refused.returncode == 1 and "no request" in refused.stderr
    server.verify()


def segments_of_acts(server):
    """Segments of the slot that is no worker's and that hold something."""
    return sorted((server.state / "ledger").glob("*-ffffffff-*.seg"))


def test_a_record_that_is_taken_out_shows(gateway):
    server = gateway(unclean=True)
    pause(server)
    acts(server, 1)
    resume(server)
    acts(server, 2)
    server.stop()
    server.verify()
    segments_of_acts(server)[-1].unlink()
    damaged = server.verify(check=False)
    assert damaged.returncode == 1 and "ffffffff" in damaged.stdout + damaged.stderr


def test_a_record_that_is_changed_shows(gateway):
    server = gateway(unclean=True)
    pause(server)
    acts(server, 1)
    server.stop()
    path = segments_of_acts(server)[-1]
    path.write_bytes(path.read_bytes().replace(b"pause destination", b"raise destination"))
    damaged = server.verify(check=False)
    assert damaged.returncode == 1 and path.name in damaged.stdout + damaged.stderr


def reopen(path):
    """As it was before its end frame: the daemon was killed in front of that."""
    data = path.read_bytes()
    whole = int.from_bytes(data[40:48], "big")
    path.write_bytes(data[:-END_BYTES] + bytes(whole - len(data) + END_BYTES))


def listed(server):
    """The acts that can be read, though the ledger is damaged."""
    done = server.cli("audit", "list", "--last", "0", "--json", check=False)
    assert done.returncode == 1 and "the ledger is damaged" in done.stderr
    rows = (json.loads(line) for line in done.stdout.splitlines())
    return [row["act"] for row in rows if row["outcome"] == "act"]


def test_damage_where_acts_are_recorded_keeps_none_from_being_recorded(gateway):
    """That chain stays as it is; another one is written, and when the file is put back all of it verifies."""
    server = gateway()
    pause(server)
    acts(server, 1)
    server.stop()
    path = segments_of_acts(server)[-1]
    whole = path.read_bytes()
    reopen(path)
    damaged = bytearray(path.read_bytes())
    damaged[damaged.index(b"pause destination")] ^= 1
    path.write_bytes(damaged)
    server.start()
    resume(server)
    end = time.monotonic() + 20
    while listed(server) != BOTH[1:]:
        assert time.monotonic() < end, f"{listed(server)} can be read"
        time.sleep(0.05)
    assert list((server.state / "ledger").glob("*-fffffffe-*.seg"))
    assert path.read_bytes() == damaged
    assert "that chain is left as it is, another one is written" in server.all_logs()
    server.stop()
    path.write_bytes(whole)
    server.verify()
    assert [a["act"] for a in server.acts()] == BOTH


def test_without_the_daemon_a_pause_holds_and_its_record_follows(gateway):
    server = gateway()
    assert post(server) == 200
    daemon = server.daemon_pid()
    os.kill(daemon, signal.SIGSTOP)
    pause(server)
    assert post(server) == 503
    assert server.acts() == []
    os.kill(daemon, signal.SIGKILL)
    assert acts(server, 1) == BOTH[:1]
    resume(server)
    assert post(server) == 200
    assert acts(server, 2) == BOTH


def test_killed_between_record_and_mark_nothing_is_recorded_twice(gateway):
    """A state of just then: the records are there, the mark is that of before."""
    server = gateway()
    mark = server.state / "acts.mark"
    pause(server)
    acts(server, 1)
    until_there(mark)  # it is written behind the record
    old = mark.read_bytes()
    resume(server)
    acts(server, 2)
    for i, before in enumerate((old, None, b"nonsense")):
        daemon = server.daemon_pid()
        os.kill(daemon, signal.SIGSTOP)
        mark.unlink(missing_ok=True)
        if before is not None:
            mark.write_bytes(before)
        os.kill(daemon, signal.SIGKILL)
        pause(server)
        resume(server)
        assert acts(server, 2 * i + 4) == BOTH * (i + 2)
    server.stop()
    server.start()
    time.sleep(1.5)  # a round of the daemon's chores and more: nothing is added
    assert acts(server, 8) == BOTH * 4
    server.verify()


@pytest.mark.parametrize("operation", [WRITE, SYNC])
@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO])
def test_on_a_disk_that_refuses_a_pause_holds_and_its_record_follows(gateway, operation, error):
    """That of the gateway: the command itself runs on one that does not refuse. Where nothing can be written no worker
    can say that it obeys, so the command fails; they do."""
    server = gateway(start=False, alarms="could not be made durable|exited on signal 9")
    faults = Faults(server.state)
    clean = dict(server.env)
    server.env |= faults.env
    server.start()
    assert post(server) == 200
    server.env = clean
    faults.fail(operation, error, 1, lasting=True)
    done = pause(server, check=False)
    assert done.returncode == (operation == WRITE) and "is paused" in done.stdout
    assert post(server) == 503
    time.sleep(1.5)  # the daemon tries, and fails
    assert server.acts() == []
    assert faults.heal() > 0
    assert acts(server, 1) == BOTH[:1]
    status, _, answer = server.post(PATHS["openai"], body("openai", "cloud-only", "hello"), server.key())
    assert status == 503 and b'"stopped"' in answer
    server.stop()
    server.verify()
    assert "cannot be recorded" in "".join(text for _, text in server.logs())
