"""Parts of the gateway that are away: the daemon dead, workers replaced again and again, nginx replaced under way, ten
thousand connections that do nothing. No request is lost, no stream cut, nothing grows."""

import contextlib
import os
import pathlib
import pwd
import re
import resource
import shutil
import signal
import socket
import subprocess
import threading
import time

import pytest

from lib_client import PATHS, Stream, body, error_of
from lib_disk import Disk
from lib_servers import ASAN, BUILD

MODEL = {"openai": "cloud-only", "anthropic": "claude-cloud-only"}


def post(server, dialect="openai", key=None, **more):
    own = {"anthropic-version": "2023-06-01"} if dialect == "anthropic" else {}
    return server.post(PATHS[dialect], body(dialect, MODEL[dialect], **more), key or server.key(), own)


def wait_until(true, timeout_s=10, why=lambda: "it did not come about"):
    end = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < end, why()
        time.sleep(0.05)


def children(pid):
    return [int(p) for p in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def master_of(server):
    return int((server.state / "nginx.pid").read_text())


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def resident_kib(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text()).group(1))


# ---- the daemon --------------------------------------------------------------------------------------------


def test_without_the_daemon_workers_go_on_until_the_snapshot_expires(gateway, cloud):
    """Its supervisor is stopped, so that nobody starts it again. A key that is revoked meanwhile goes on until the
    snapshot ends: the command says so. Then everything is refused, and readiness tells; with the daemon all of it
    comes back, and the key does not."""
    server = gateway(changes={"limits": {"snapshot_life": "10s"}})
    server.key()
    other = server.new_key("desk")
    run, daemon = server.process.pid, server.daemon_pid()
    os.kill(run, signal.SIGSTOP)
    os.kill(daemon, signal.SIGKILL)
    died = time.monotonic()
    try:
        assert post(server)[0] == 200 and post(server, "anthropic")[0] == 200
        said = server.cli("key", "revoke", other[3:19], "--reason", "test")
        assert "daemon" in said.stderr and "until" in said.stderr
        assert post(server, key=other)[0] == 200 and server.get("/readyz")[0] == 200
        wait_until(lambda: server.get("/readyz")[0] == 503, 15)
        assert time.monotonic() - died < 12
        seen = len(cloud.seen())
        for dialect in PATHS:
            status, headers, raw = post(server, dialect)
            assert (status, error_of(dialect, raw)[1]) == (503, "snapshot_expired") and headers["retry-after"]
        assert server.get("/healthz")[0] == 200 and len(cloud.seen()) == seen
    finally:
        os.kill(run, signal.SIGCONT)
    wait_until(lambda: server.get("/readyz")[0] == 200, 15)
    assert post(server)[0] == 200 and post(server, key=other)[0] == 401


# ---- reload ------------------------------------------------------------------------------------------------


class Load:
    """Threads that ask without a pause until they are told to stop; each answer is judged."""

    def __init__(self, server, streams=3, wholes=2):
        self.server, self.is_over, self.problems, self.count = server, threading.Event(), [], 0
        jobs = [self._stream] * streams + [self._whole] * wholes
        self.threads = [threading.Thread(target=self._run, args=(job,)) for job in jobs]
        for thread in self.threads:
            thread.start()

    def _run(self, job):
        while not self.is_over.is_set():
            try:
                job()
                self.count += 1
            except Exception as error:  # pylint: disable=broad-except  # whatever it is, the test has failed
                self.problems.append(repr(error))

    def _stream(self):
        got = Stream(self.server, body("openai", MODEL["openai"], stream=True))
        raw = got.all()
        assert got.status == 200 and raw.endswith(b"[DONE]\n\n") and raw.count(b"word") == 12, raw[-300:]

    def _whole(self):
        status, _, raw = post(self.server, "anthropic")
        assert status == 200, raw
        time.sleep(0.05)

    def stop(self):
        self.is_over.set()
        for thread in self.threads:
            thread.join(60)
        assert not self.problems, self.problems[:3]


def state_of(server):
    """(descriptors of master and daemon, their memory, the number of workers)"""
    pids = [master_of(server), server.daemon_pid()]
    return [descriptors(p) for p in pids], [resident_kib(p) for p in pids], len(children(pids[0]))


ROUNDS = 12 if ASAN else 50


def test_reloads_under_load_lose_nothing_and_leave_nothing(gateway, cloud):
    """Each with new workers, streams open over several of them."""
    server = gateway()
    server.key()
    words = [f"word{i} " for i in range(12)]
    cloud.always(pieces=words, text="".join(words), pause_ms=60)
    text = server.file.read_text()
    load, early = Load(server), None
    for i in range(ROUNDS):
        server.configure(text + f"\nlimits: {{body: {1 + i % 2}MiB}}\n")
        assert "with new workers" in server.cli("reload").stdout
        early = state_of(server) if i == 4 else early
    load.stop()
    assert load.count > ROUNDS
    wait_until(lambda: len(children(master_of(server))) == 1, 20)
    # A probe, or a call of the supervisor, may hold one for a moment.
    wait_until(lambda: all(b <= a for a, b in zip(early[0], state_of(server)[0])), why=lambda: (early, state_of(server)))
    late = state_of(server)
    if not ASAN:  # its runtime keeps what was freed
        assert all(b < a + (4 << 10) for a, b in zip(early[1], late[1])), (early, late)
    outcomes = [r["outcome"] for r in server.records()]
    assert set(outcomes) == {"allow"}


# ---- a worker leaves while an answer waits for its record -----------------------------------------------------


def test_a_worker_leaves_while_a_long_answer_waits_for_its_record(gateway, cloud, tmp_path):
    """More of an answer is under way to the ledger than may be, the disk is slow, and the worker is told to go: it
    goes when the answer is whole."""
    disk = Disk(tmp_path)
    server = gateway(changes={"nginx": {"binary": str(disk.nginx)}, "limits": {"record_wait": "20s"}})
    server.key()
    cloud.always(text="A refund is due within 14 days. " * 60_000, pieces=4000, pauses={"40": 500})
    got = Stream(server, body("openai", MODEL["openai"], stream=True))
    got.until(b"refund")
    disk.hang()
    old = children(master_of(server))[0]
    threading.Timer(2.5, disk.heal).start()
    time.sleep(1)  # now the answer waits
    os.kill(master_of(server), signal.SIGHUP)
    raw = got.all()
    assert raw.endswith(b"[DONE]\n\n")
    wait_until(lambda: old not in children(master_of(server)), 15)
    assert server.record_kinds(got.id)[-1] == ("outcome", "ok")
    assert post(server)[0] == 200


# ---- idle connections --------------------------------------------------------------------------------------

IDLE = 10_000
IDLE_KIB = 2  # of a worker's memory for one of them


def test_ten_thousand_idle_connections(gateway, cloud):
    """Half of them have asked once, half never; requests are served at once beside them. They are of one address,
    as behind a load balancer."""
    server = gateway(changes={"nginx": {"connections_per_address": 0}})
    server.key()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < IDLE + 1000:
        pytest.skip(f"the machine allows {hard} files to a process")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    worker = children(master_of(server))[0]
    before = resident_kib(worker)
    with contextlib.ExitStack() as stack:
        stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        for i in range(IDLE):
            sock = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=10))
            if i % 2:
                sock.sendall(b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n")
                assert sock.recv(4096).startswith(b"HTTP/1.1 200")
        wait_until(lambda: descriptors(worker) >= IDLE)
        each = (resident_kib(worker) - before) / IDLE
        print(f"{each:.2f} KiB per idle connection")
        began = time.monotonic()
        for _ in range(20):
            assert post(server)[0] == 200
        assert time.monotonic() - began < 4, "requests wait for the idle"
        assert ASAN or each < IDLE_KIB
    wait_until(lambda: descriptors(worker) < 1000)
    assert post(server)[0] == 200


# ---- nginx is replaced under way ---------------------------------------------------------------------------


def slots(server):
    return {p.name.split("-")[1] for p in (server.state / "ledger").glob("*.seg")}


class ByHand:
    """The daemon and nginx as docs/operate/nginx.md starts them, without `sallyport run`."""

    def __init__(self, server, cloud):
        self.server, self.conf = server, server.state / "nginx.conf"
        text = self.conf.read_text()
        self.fd = int(re.search(r"sallyport_credentials_fd (\d+);", text).group(1))
        module = re.search(r'load_module "([^"]+)"', text).group(1)
        lines = "".join(f"{name} {cloud.key}\n" for name in ("cloud", "cloud-anthropic", "local", "local-anthropic"))
        owner = pwd.getpwuid((server.state / "ledger").stat().st_uid)  # whom `run` has given it to
        self.user, as_user = owner.pw_name, ["--workers", f"{owner.pw_uid}:{owner.pw_gid}"]
        ready, say = os.pipe()
        os.set_inheritable(say, True)
        with open(server.state / "sallyportd.log", "ab") as log:
            self.daemon = subprocess.Popen(
                [BUILD / "sallyportd", "-c", server.file, "--state", server.state, "--module", module,
                 "--credentials-fd", str(self.fd), "--ready-fd", str(say), *(as_user if os.geteuid() == 0 else [])],
                pass_fds=[say], stdout=log, stderr=log, env=server.env,
            )  # fmt: skip
        os.close(say)
        assert os.read(ready, 4096)
        os.close(ready)
        self._start(lines)

    def _start(self, lines):
        """In the background: while its parent lives nginx takes USR2 for one that was meant for another."""
        conf = self.server.state / "nginx-by-hand.conf"
        conf.write_text(self.conf.read_text().replace("daemon off;", "daemon on;"))
        memory = os.memfd_create("credentials")
        os.write(memory, lines.encode())
        keep = os.dup(self.fd) if _is_open(self.fd) else None
        os.dup2(memory, self.fd, inheritable=True)
        os.close(memory)
        nginx = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin:/sbin")  # execve wants the whole path
        user = ["-g", f"user {self.user} {self.user};"] if os.geteuid() == 0 else []
        (self.server.state / "nginx.pid").unlink(missing_ok=True)
        state = str(self.server.state)
        command = [nginx, "-p", state, "-e", state + "/nginx.log", *user, "-c", str(conf)]
        subprocess.run(command, pass_fds=[self.fd], check=True, timeout=20)
        os.close(self.fd)
        if keep is not None:
            os.dup2(keep, self.fd)
            os.close(keep)
        self.server.wait_listening()

    def stop(self):
        for name in ("nginx.pid", "nginx.pid.oldbin"):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                os.kill(int((self.server.state / name).read_text()), signal.SIGTERM)
        self.daemon.terminate()
        self.daemon.wait(10)


def _is_open(fd):
    try:
        os.fstat(fd)
        return True
    except OSError:
        return False


def test_nginx_is_upgraded_without_a_cut(gateway, cloud):
    """USR2, WINCH, QUIT: the workers of two masters live side by side, each with a chain of its own."""
    server = gateway()
    server.key()
    server.stop()
    hand = ByHand(server, cloud)
    words = [f"word{i} " for i in range(12)]
    cloud.always(pieces=words, text="".join(words), pause_ms=60)
    try:
        load, old = Load(server), master_of(server)
        time.sleep(0.5)
        os.kill(old, signal.SIGUSR2)
        wait_until((server.state / "nginx.pid.oldbin").exists)
        wait_until(lambda: (server.state / "nginx.pid").exists() and master_of(server) != old)
        new = master_of(server)
        wait_until(lambda: children(new))
        wait_until(lambda: {"00000000", "00010000"} <= slots(server))  # one chain for each of the two
        os.kill(old, signal.SIGWINCH)
        wait_until(lambda: not [c for c in children(old) if c != new], 30)
        os.kill(old, signal.SIGQUIT)
        wait_until(lambda: not pathlib.Path(f"/proc/{old}").exists(), 30)
        time.sleep(0.5)
        load.stop()
        assert load.count > 10 and post(server)[0] == 200
        assert {r["outcome"] for r in server.records()} == {"allow"}
    finally:
        hand.stop()


if ASAN:  # a stock nginx loads no sanitized module: under a sanitizer this is no test, and a skipped one would be a failed one
    del test_nginx_is_upgraded_without_a_cut
