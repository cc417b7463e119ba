"""What each process is refused, tried from inside of the running one (test/confine): with the bounds that it got from a real
configuration, by code in its own threads. test_confine.c tries the library, test_privilege.py reads what the kernel says."""

import contextlib
import http.client
import itertools
import os
import pathlib
import tempfile
import time

import pytest

import lib_config
from lib_client import PATHS, body
from lib_privilege import Processes
from lib_probe import ENDED, Probe, nudge
from lib_servers import ASAN, Cloud

ROLES = ["worker", "committer", "daemon", "master", "supervisor"]
SYSTEM_TEMPORARY = pathlib.Path(tempfile.gettempdir())
OK, ANY = "ok", None  # ANY: not tried, as it would change the process or mean nothing


def same(worker, *others):
    """The committer is a thread of the worker: what holds for one holds for the other."""
    return dict(zip(ROLES, (worker, worker, *others)))


# name: (what, path, number, what comes of it by role, what a worker gets that is not confined).
# What ends a process is tried in few of them, as each start takes its time: the list of such calls is one for all,
# and what ends the supervisor comes last.
# Paths are relative to the gateway's folder; numbers are named where they are known at the run only.
TRIES = {
    "reads the seal key": ("read", "state/seal.key", 0, same("EACCES", OK, OK, OK), ANY),
    "reads the configuration": ("read", "sallyport.yaml", 0, same("EACCES", "EACCES", OK, OK), OK),
    "writes the configuration": ("write", "sallyport.yaml", 0, same("EACCES", "EACCES", "EACCES", "EACCES"), OK),
    "reads the system's users": ("read", "/etc/passwd", 0, same("EACCES", OK, OK, OK), OK),
    "makes a file outside": ("make", "open/made", 0, same("EACCES", "EACCES", "EACCES", "EACCES"), OK),
    "makes a file in the ledger": ("make", "state/ledger/made", 0, same(OK, OK, OK, OK), OK),
    "makes a link in the ledger": ("link", "state/ledger/link", 0, same("EPERM", "EPERM", "EACCES", "EACCES"), OK),
    "opens its configuration to all": ("chmod", "sallyport.yaml", 0o666, same("EPERM", OK, OK, OK), ANY),
    "reads a supervisor's memory": ("read", "/proc/{supervisor}/mem", 0, same("EACCES", "EACCES", "EACCES", ANY), ANY),
    "reads the daemon's memory": ("read", "/proc/{daemon}/mem", 0, same("EACCES", ANY, "EACCES", "EACCES"), ANY),
    "reads a worker's memory": ("read", "/proc/{worker}/mem", 0, same(ANY, "EACCES", "EACCES", "EACCES"), ANY),
    "reads another's environment": ("read", "/proc/{other}/environ", 0, same("EACCES", "EACCES", "EACCES", "EACCES"), ANY),
    "connects to a destination": ("connect", "", "destination", same(OK, OK, OK, OK), OK),
    "connects elsewhere": ("connect", "", "elsewhere", same("EACCES", OK, OK, OK), OK),
    "listens": ("listen", "", 0, same("EPERM", OK, OK, OK), OK),
    "opens a socket of this machine": ("socket", "", 1, same("EPERM", OK, OK, OK), OK),
    "sends datagrams": ("socket", "", 2, same("EPERM", OK, OK, OK), OK),
    "talks to the kernel": ("socket", "", 16, same("EPERM", "EPERM", OK, OK), OK),
    "signals the supervisor": ("signal", "", "supervisor", same("EPERM", "EPERM", OK, OK), ANY),
    "changes its user": ("setuid", "", "user", same("EPERM", "EPERM", OK, OK), ANY),
    "makes executable memory": ("executable", "", 0, same("EPERM", "EPERM", OK, OK), OK),
    "becomes dumpable": ("dumpable", "", 0, same("EPERM", "EPERM", ANY, ANY), ANY),
    "forks": ("fork", "", 0, same(ENDED, OK, OK, OK), OK),
    "runs a program": ("exec", "/bin/true", 0, same(ENDED, ENDED, ANY, ANY), ANY),
    "traces another": ("ptrace", "", "other", same(ENDED, ENDED, ANY, ENDED), ANY),
    "looks into another": ("peek", "", "other", same(ENDED, ANY, ENDED, ANY), ANY),
    "mounts": ("mount", "open", 0, same(ENDED, ANY, ENDED, ANY), ANY),
    "opens a ring": ("ring", "", 0, same(ENDED, ANY, ANY, ANY), ANY),
}


class Tried:
    """A gateway with the probe in each of its processes."""

    def __init__(self, server, folder):
        self.server, self.folder = server, server.folder
        self.probe = Probe(server)
        self.elsewhere = Cloud(folder / "elsewhere")
        open_to_all = self.folder / "open"
        open_to_all.mkdir()
        open_to_all.chmod(0o777)
        server.start()
        # That nothing but the confinement keeps workers away.
        for part in itertools.takewhile(lambda part: part != SYSTEM_TEMPORARY, (self.folder, *self.folder.parents)):
            part.chmod(part.stat().st_mode | 0o011)
        (self.folder / "sallyport.yaml").chmod(0o666)

    def ask(self):
        """A request, which wakes a worker and its committer."""
        with contextlib.suppress(OSError, http.client.HTTPException):  # the worker may end of what it tries
            self.server.post(PATHS["openai"], body("openai", "cloud-only"), self.server.key())

    def awake(self, role, processes):
        by_role = {"worker": self.ask, "committer": self.ask, "daemon": None}
        return by_role.get(role, lambda: nudge(processes, role))

    def outcome(self, role, name):
        what, path, number, _, _ = TRIES[name]
        processes = self.settled()
        pids = {name: process.pid for name, process in processes.by_name().items()}
        target = "worker" if role == "committer" else role
        pids["other"] = pids["daemon" if target == "worker" else "worker"]
        numbers = pids | {"user": os.geteuid(), "destination": self.server.destination_port, "elsewhere": self.elsewhere.port}
        return self.probe.ask(
            processes.by_name()[target],
            what,
            path=self.folder / path.format(**pids) if path else "",
            number=numbers.get(number, number),
            in_committer=role == "committer",
            awake=self.awake(role, processes),
        )

    def settled(self):
        """All processes, when each is there: after a try that ended one."""
        self.server.wait_ready()
        end = time.monotonic() + 20
        while True:
            with contextlib.suppress(StopIteration, IndexError, OSError):
                found = Processes(self.server)
                if found.workers and self.server.get("/readyz")[0] == 200:
                    return found
            assert time.monotonic() < end, "a process is not started again"
            time.sleep(0.02)


@pytest.fixture(scope="module")
def tried(module_gateway, cloud_process, tmp_path_factory):
    """`tried(confine)`: a gateway, confined as shipped or not at all."""
    made = []

    def make(confine):
        config = lib_config.merged(lib_config.base(cloud_process), {"processes": {"confine": confine}})
        server = module_gateway(config, start=False, alarms=r"exited on signal 31|is not on this process's list|sallyportd")
        server.destination_port = cloud_process.port
        made.append(Tried(server, tmp_path_factory.mktemp("tried")))
        return made[-1]

    yield make
    for one in made:
        one.elsewhere.stop()
        if one.server.process.child.poll() is not None:  # ended by what it tried
            one.server.process = None


@pytest.fixture(scope="module")
def confined(tried):
    return tried("strict")


@pytest.mark.parametrize("role", ROLES)
def test_each_process_is_refused_what_it_does_not_need(confined, role):
    wanted = {name: row[3][role] for name, row in TRIES.items() if row[3][role] is not ANY}
    assert {name: confined.outcome(role, name) for name in wanted} == wanted


def test_without_confinement_a_worker_could(tried):
    """What the rows above show is the work of the confinement: the same process without it is not refused."""
    bare = tried("off")
    wanted = {name: row[4] for name, row in TRIES.items() if row[4] is not ANY}
    assert {name: bare.outcome("worker", name) for name in wanted} == wanted


if ASAN:  # a sanitized build has no lists, and a run-time that does other things
    del test_each_process_is_refused_what_it_does_not_need, test_without_confinement_a_worker_could
