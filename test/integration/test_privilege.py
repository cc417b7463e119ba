"""Each process has what it needs and no more (docs/reference/processes.md): what the kernel says of the running ones.
What each role is refused is tried in test/unit/test_confine.c, with the same library in the same roles."""

import itertools
import os
import pathlib
import pwd
import re
import shutil
import subprocess
import tempfile

import pytest

import lib_config
from lib_gateway import KEY, Gateway
from lib_privilege import WORKERS_USER, Proc, Processes, is_root
from lib_servers import ASAN, BUILD, Cloud, Process

ROLES = ["supervisor", "daemon", "master", "worker"]
# Linux's numbers, include/uapi/linux/capability.h.
CAPABILITIES = {"chown": 0, "dac_override": 1, "fowner": 3, "kill": 5, "setgid": 6, "setuid": 7}
CAPABILITIES |= {"net_bind_service": 10, "ipc_lock": 14, "sys_resource": 24}
OF_DAEMON = {"chown", "dac_override", "fowner", "ipc_lock"}
SYSTEM_TEMPORARY = pathlib.Path(tempfile.gettempdir())


def chat(server, text="Hello", model="assistant", key=None):
    body = {"model": model, "messages": [{"role": "user", "content": text}]}
    return server.post("/v1/chat/completions", body, key=key or server.key())


@pytest.fixture(scope="module")
def running(module_gateway):
    server = module_gateway()
    assert chat(server)[0] == 200
    return server


@pytest.mark.parametrize("role", ROLES)
def test_no_process_gains_rights_or_dumps_core(running, role):
    process = Processes(running).by_name()[role]
    status = process.status()
    assert status["NoNewPrivs"] == "1"
    assert status["CoreDumping"] == "0"
    limits = process.bytes("limits").decode()
    assert re.search(r"^Max core file size\s+0\s+0\s", limits, re.M)


@pytest.mark.parametrize("role", ROLES)
def test_no_process_can_be_looked_into_by_its_own_user(running, role):
    """What is not dumpable belongs to root in /proc, so that no other process of its user reads its memory."""
    process = Processes(running).by_name()[role]
    assert (process.folder / "mem").stat().st_uid == 0
    uid = int(process.status()["Uid"].split()[0])
    if uid != 0:
        looked = subprocess.run(
            ["setpriv", f"--reuid={uid}", "--clear-groups", "head", "-c1", process.folder / "environ"],
            capture_output=True,
        )
        assert looked.returncode != 0 and b"Permission denied" in looked.stderr


@pytest.mark.parametrize("role", ROLES)
def test_system_calls_are_filtered(running, role):
    status = Processes(running).by_name()[role].status()
    assert status["Seccomp"] == "2", "a filter"
    # A worker is started by a master, which was started by the supervisor: each adds its own.
    wanted = {"supervisor": 1, "daemon": 2, "master": 1, "worker": 2}[role]
    assert int(status["Seccomp_filters"]) >= wanted


def test_all_threads_of_a_worker_are_confined(running):
    worker = Processes(running).worker
    threads = list((worker.folder / "task").iterdir())
    assert len(threads) == 3, "the loop, the committer, the thread aside"
    for thread in threads:
        lines = dict(re.split(r":\s*", x, maxsplit=1) for x in (thread / "status").read_text().splitlines())
        assert (lines["Seccomp"], lines["NoNewPrivs"]) == ("2", "1")
        assert lines["Seccomp_filters"] == worker.status()["Seccomp_filters"]


def test_the_logs_say_what_holds(running):
    logs = running.all_logs()
    assert len(re.findall(r"sallyport: worker confined by seccomp", logs)) >= 1
    assert "confined by seccomp" in logs.replace("worker confined", "")


@pytest.mark.parametrize("role", ROLES)
def test_who_runs_as_whom(running, role):
    process = Processes(running).by_name()[role]
    status = process.status()
    worker = pwd.getpwnam(WORKERS_USER)
    uid = worker.pw_uid if is_root() and role == "worker" else os.geteuid()
    gid = worker.pw_gid if is_root() and role == "worker" else os.getegid()
    assert {int(x) for x in status["Uid"].split()} == {uid}
    assert {int(x) for x in status["Gid"].split()} == {gid}
    held = {n for n, bit in CAPABILITIES.items() if int(status["CapEff"], 16) >> bit & 1}
    every = sum(1 << bit for bit in CAPABILITIES.values())
    assert int(status["CapEff"], 16) & ~every == 0 and int(status["CapPrm"], 16) & ~every == 0
    wanted = {"worker": set(), "daemon": OF_DAEMON}.get(role, set(CAPABILITIES))
    ours = int(Proc(os.getpid()).status()["CapEff"], 16)
    assert held == {n for n in wanted if ours >> CAPABILITIES[n] & 1}
    if is_root():
        assert int(status["CapBnd"], 16) & ~every == 0, "nor by exec"


def test_a_worker_has_the_descriptors_that_it_needs(running):
    worker = Processes(running).worker
    allowed = r"socket:|anon_inode:|/dev/null$|{0}/(ledger/|stops/seen/|nginx\.log$|error\.log$)|{0}$".format(
        re.escape(str(running.state))
    )
    odd = [target for target in worker.descriptors().values() if not re.match(allowed, target)]
    assert not odd
    assert not any("memfd" in target for target in worker.descriptors().values())


@pytest.mark.parametrize("role", ["supervisor", "daemon", "master"])
def test_nobody_keeps_the_seal_key_open(running, role):
    opened = Processes(running).by_name()[role].descriptors().values()
    assert not any("seal.key" in target for target in opened)


@pytest.mark.parametrize("role", ["daemon", "worker"])
def test_no_memory_is_both_written_and_run(running, role):
    maps = Processes(running).by_name()[role].maps()
    assert not [row for row in maps if "w" in row[2] and "x" in row[2]]


@pytest.mark.parametrize("role", ["supervisor", "master", "worker"])
def test_credentials_lie_in_locked_memory(running, role):
    if ASAN:
        return  # its runtime makes locking a no-op; test_confine looks at the calls
    process = Processes(running).by_name()[role]
    assert int(process.status()["VmLck"].split()[0]) > 0
    smaps = process.bytes("smaps").decode()
    locked = [x for x in re.split(r"^(?=[0-9a-f]+-[0-9a-f]+ )", smaps, flags=re.M) if " lo " in x]
    assert locked and all(" dd" in x for x in locked), "locked, and left out of dumps"


def test_the_memory_file_of_credentials_cannot_be_written_by_who_inherits_it(running):
    master = Processes(running).master
    fd = next(n for n, target in master.descriptors().items() if "memfd:sallyport-credentials" in target)
    with pytest.raises(PermissionError), open(master.folder / "fd" / str(fd), "r+b") as file:
        file.write(b"x")


def test_the_environment_of_the_run_is_not_to_be_seen(running, cloud):
    environ = Processes(running).supervisor.bytes("environ")
    assert cloud.key.encode() not in environ and lib_config.CLOUD_VARIABLE.encode() not in environ
    assert b"PATH=" in environ


def test_a_reload_may_name_another_variable_of_the_environment(gateway, cloud):
    """The variables are kept, though nobody sees them."""
    server = gateway(env={"OTHER_KEY": "wrong-key"})
    assert chat(server, model="cloud-only")[0] == 200
    config = lib_config.base(cloud)
    config["destinations"]["cloud"]["credential"] = "env:OTHER_KEY"
    server.configure(config)
    server.cli("reload")
    assert chat(server, model="cloud-only")[0] == 502, "the provider refuses the other key"
    config["destinations"]["cloud"]["credential"] = "env:" + lib_config.CLOUD_VARIABLE
    server.configure(config)
    server.cli("reload")
    assert chat(server, model="cloud-only")[0] == 200


def test_new_workers_may_connect_to_a_new_port(gateway, cloud, tmp_path):
    """A destination on another port is new wiring: new workers, with another list of ports."""
    server = gateway()
    other = Cloud(tmp_path / "other")
    try:
        config = lib_config.base(cloud)
        config["destinations"]["cloud"]["base_url"] = other.url + "/v1"
        server.configure(config)
        server.cli("reload")
        assert chat(server, model="cloud-only")[0] == 200 and other.seen()
    finally:
        other.stop()


def test_who_runs_does_not_change_by_reload(gateway, cloud):
    server = gateway()
    config = lib_config.base(cloud)
    config["processes"] = {"user": "nobody"}
    server.configure(config)
    done = server.cli("reload", check=False)
    assert done.returncode != 0 and "`processes` has changed" in done.stdout + done.stderr
    assert chat(server)[0] == 200


def test_confinement_can_be_switched_off_and_says_so(gateway):
    server = gateway(changes={"processes": {"confine": "off"}})
    assert chat(server)[0] == 200
    processes = Processes(server)
    assert {p.status()["Seccomp"] for p in processes.by_name().values()} == {"0"}
    assert processes.supervisor.status()["NoNewPrivs"] == "1"
    assert "processes are not confined" in server.all_logs()


def test_the_state_of_another_workers_user_is_taken_over(gateway, cloud):
    """As after an update from a version, or a configuration, whose workers ran as somebody else."""
    server = gateway(changes={"processes": {"user": "nobody"}})
    assert chat(server)[0] == 200
    server.stop()
    server.configure(lib_config.base(cloud))
    server.start()
    assert chat(server)[0] == 200
    assert server.verify().returncode == 0


def test_a_user_that_does_not_exist_is_an_error(gateway):
    server = gateway(changes={"processes": {"user": "nobody-of-that-name"}}, start=False)
    done = subprocess.run(
        [BUILD / "sallyport", "run", "-c", server.file], capture_output=True, text=True, env=server.env, timeout=30
    )
    if is_root():
        assert done.returncode == 1 and "there is no user to run workers as" in done.stderr
    else:
        assert "there is no user" not in done.stderr


NEEDED = {"sallyport", "sallyportd", "ngx_http_sallyport_module.so"}


class Unprivileged(Gateway):
    """A gateway that user nobody starts, from programs and a folder of its own."""

    def __init__(self, folder, config, env):
        super().__init__(folder, config, env)
        user = pwd.getpwnam("nobody")
        self.user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self.bin = shutil.copytree(BUILD, folder / "bin", ignore=lambda _, names: set(names) - NEEDED)
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, user.pw_uid, user.pw_gid)

    def start(self, wait=True):
        command = [self.bin / "sallyport", "run", "-c", self.file]
        self.process = Process(command, self.folder / "run-1.out", self.env, **self.user)
        self.wait_ready()
        return self

    def new_key(self, application):
        command = [self.bin / "sallyport", "key", "create", application, "-c", self.file]
        return KEY.search(subprocess.check_output(command, text=True, **self.user)).group()


def test_everything_works_without_root(tmp_path, cloud):
    """As a user of one's own; where the tests themselves run so, all of them show it."""
    if not is_root():
        return
    for part in itertools.takewhile(lambda part: part != SYSTEM_TEMPORARY, (tmp_path, *tmp_path.parents)):
        part.chmod(0o711)
    (tmp_path / "own").mkdir()
    server = Unprivileged(tmp_path / "own", lib_config.base(cloud), {lib_config.CLOUD_VARIABLE: cloud.key})
    try:
        server.start()
        assert chat(server)[0] == 200
        for process in Processes(server).by_name().values():
            status = process.status()
            assert {int(x) for x in status["Uid"].split()} == {server.user["user"]}
            assert int(status["CapEff"], 16) == 0 and status["Seccomp"] == "2"
    finally:
        server.stop()


if ASAN:  # a sanitized build has no lists, and a run-time that does other things; what is left holds in it too
    del test_system_calls_are_filtered, test_all_threads_of_a_worker_are_confined
    del test_no_memory_is_both_written_and_run, test_everything_works_without_root
