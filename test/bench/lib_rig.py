"""The rig of the benchmark: gateway, bare nginx, upstream and load, each on its core, and what they cost."""

import json
import os
import pathlib
import re
import resource
import shutil
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
HERE = pathlib.Path(__file__).resolve().parent
KINDS = ("json", "stream", "paced", "stalled")  # the upstream's ports, in its order
KEY = re.compile(r"\bsp_[0-9a-f]{16}_[A-Za-z0-9_-]{43}_[0-9a-f]{8}\b")
CORES = sorted(os.sched_getaffinity(0))
GATEWAY_CORE, LOAD_CORE = CORES[0], CORES[-1]
TICK_NS = 10**9 // os.sysconf("SC_CLK_TCK")


def free_ports(n):
    socks = [socket.create_server(("127.0.0.1", 0)) for _ in range(n)]
    ports = [s.getsockname()[1] for s in socks]
    for s in socks:
        s.close()
    return ports


def on_core(core, command):
    return ["taskset", "-c", str(core), *map(str, command)]


def compile_c(name, folder):
    """The two ends are not part of the product: built here, with what built the product."""
    out = folder / name
    command = [
        os.environ.get("CC", "cc"),
        "-std=gnu11",
        "-D_GNU_SOURCE",
        "-O2",
        "-Wall",
        "-o",
        out,
        HERE / f"{name}.c",
    ]
    subprocess.run(list(map(str, command)), check=True)
    return out


# ---- what processes cost ----


def tree(pid):
    """A process and all that descend from it."""
    pids = [pid]
    for p in pids:
        for task in pathlib.Path(f"/proc/{p}/task").glob("*/children"):
            try:
                pids += [int(child) for child in task.read_text().split()]
            except (FileNotFoundError, ProcessLookupError):
                continue  # that thread has ended
    return pids


def role_of(pid, tid):
    """Threads of a worker bear their role as their name."""
    title = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    if title.startswith("nginx: worker"):
        return "loop" if pid == tid else pathlib.Path(f"/proc/{pid}/task/{tid}/comm").read_text().strip()
    return (
        "nginx master"
        if title.startswith("nginx") or "nginx: master" in title
        else ("sallyportd" if "sallyportd" in title else "supervisor")
    )


def cpu(pid):
    """Nanoseconds by role, of every thread of the tree; children that have ended count with their parent."""
    spent = {}
    for p in tree(pid):
        try:
            stat = pathlib.Path(f"/proc/{p}/stat").read_text().rsplit(")", 1)[1].split()
            ended = (int(stat[13]) + int(stat[14])) * TICK_NS
            spent[role_of(p, p)] = spent.get(role_of(p, p), 0) + ended
            for tid in os.listdir(f"/proc/{p}/task"):
                ran = int(pathlib.Path(f"/proc/{p}/task/{tid}/schedstat").read_text().split()[0])
                role = role_of(p, int(tid))
                spent[role] = spent.get(role, 0) + ran
        except (FileNotFoundError, ProcessLookupError):
            continue  # ended meanwhile: its parent has its time
    return spent


def resident_kib(pid):
    total = 0
    for p in tree(pid):
        try:
            text = pathlib.Path(f"/proc/{p}/smaps_rollup").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue  # ended, or ends: it holds nothing
        total += int(re.search(r"Pss:\s+(\d+)", text).group(1))
    return total


def threads_of(pid, role):
    return [int(t) for p in tree(pid) for t in os.listdir(f"/proc/{p}/task") if role_of(p, int(t)) == role]


# ---- the parts ----


class Part:
    """A child on a core of its own, output in a file, ended by its own process id."""

    def __init__(self, name, folder, core, command, env=None):
        self.log = folder / f"{name}.log"
        with open(self.log, "wb") as out:
            self.child = subprocess.Popen(
                on_core(core, command),
                stdout=out,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env=env,
            )
        self.pid = self.child.pid

    def wait_for(self, port, timeout_s=60):
        end = time.monotonic() + timeout_s
        while time.monotonic() < end and self.child.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                time.sleep(0.02)
        raise SystemExit(f"bench: nothing listens at {port}:\n{self.log.read_text(errors='replace')[-3000:]}")

    def stop(self):
        self.child.terminate()
        try:
            self.child.wait(20)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


def configuration(folder, port, ports):
    """One destination for each kind of answer; everything may flow there, so that every control runs to its
    end. Written as JSON, which is YAML too."""
    names = KINDS
    destination = {
        "vendor": "bench",
        "tier": "self-hosted",
        "dialect": "openai",
        "model": "bench-1",
        "region": "here",
        "jurisdictions": ["DE"],
        "credential": "none",
        "clearance": {"level": "restricted", "categories": "all"},
    }
    return {
        "version": 1,
        "listen": {"address": f"127.0.0.1:{port}"},
        "state": str(folder / "state"),
        "destinations": {
            n: {**destination, "base_url": f"http://127.0.0.1:{p}/v1"} for n, p in zip(names, ports)
        },
        "models": {n: {"destinations": [n]} for n in names},
        "use_cases": {"bench": {"owner": "bench", "purpose": "Measuring", "level": "internal"}},
        "applications": {"bench": {"use_case": "bench", "models": list(names), "user_text": "untrusted"}},
    }


def bare_configuration(generated, folder, listen, ports):
    """The generated nginx.conf without the module and its directives; the rest is the same."""
    head = generated[: generated.index("    upstream ")]
    kept = [line for line in head.splitlines() if not re.match(r"\s*(load_module|sallyport_)", line)]
    text = "\n".join(kept).replace(str(folder / "state"), str(folder / "bare")) + "\n"
    location = generated[generated.index("location @sp_last_json {") :]
    settings = [x for x in location[: location.index("}")].splitlines() if re.match(r"\s*proxy_(?!pass)", x)]
    for name, port, to in zip(KINDS, listen, ports):
        text += f"    upstream {name} {{\n        server 127.0.0.1:{to};\n        keepalive 64;\n    }}\n"
        text += f"    server {{\n        listen 127.0.0.1:{port};\n        location / {{\n"
        text += (
            "\n".join(settings) + f"\n            proxy_pass http://{name}$request_uri;\n        }}\n    }}\n"
        )
    return text + "}\n"


class Rig:
    """Everything that runs; `ports[side][kind]` is where a kind of answer is asked for. `change` is called with the
    configuration before it is written."""

    def __init__(self, folder, change=None, with_bare=True):
        self.folder, self.change = folder, change
        shutil.rmtree(folder / "state", ignore_errors=True)
        for sub in ("state", "bare"):
            (folder / sub).mkdir(parents=True, exist_ok=True)
        self.load_program = compile_c("load", folder)
        upstream = compile_c("upstream", folder)
        self.parts = []
        resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
        to = free_ports(len(KINDS))
        try:
            self._start("upstream", LOAD_CORE, [upstream, *to], to[0])
            self._start_gateway(to)
            if with_bare:
                self._start_bare(to)
        except BaseException:
            self.stop()
            raise

    def _start(self, name, core, command, port):
        part = Part(name, self.folder, core, command)
        self.parts.append(part)
        part.wait_for(port)
        return part

    def _start_gateway(self, to):
        (port,) = free_ports(1)
        self.file = self.folder / "sallyport.json"
        self.config = configuration(self.folder, port, to)
        if self.change:
            self.change(self.config)
        self.write_config()
        self.gateway = self._start("gateway", GATEWAY_CORE, [BUILD / "sallyport", "run", "-c", self.file], port)
        self.key, self.other_key = self.new_key(), self.new_key()
        self.port = {"gateway": dict.fromkeys(KINDS, port)}
        time.sleep(1)  # until the worker has taken over the snapshot with the key

    def write_config(self):
        """As `config` is now; a running gateway takes it at the next reload."""
        self.file.write_text(json.dumps(self.config, indent=1))

    def cli(self, *args):
        """What the command line prints."""
        return subprocess.check_output([str(BUILD / "sallyport"), *args, "-c", str(self.file)], text=True)

    def new_key(self):
        return KEY.search(self.cli("key", "create", "bench")).group()

    def _start_bare(self, to):
        listen = free_ports(len(KINDS))
        conf = self.folder / "bare" / "nginx.conf"
        generated = (self.folder / "state" / "nginx.conf").read_text()
        conf.write_text(bare_configuration(generated, self.folder, listen, to))
        user = ["-g", "user root;"] if os.geteuid() == 0 else []
        command = [
            "nginx",
            "-p",
            self.folder / "bare",
            "-e",
            self.folder / "bare" / "error.log",
            "-c",
            conf,
            *user,
        ]
        self.bare = self._start("bare", GATEWAY_CORE, command, listen[0])
        self.port["bare"] = dict(zip(KINDS, listen))

    def pid(self, side):
        return (self.gateway if side == "gateway" else self.bare).pid

    def request_file(self, name, body, key=None):
        """The whole request, header included."""
        data = json.dumps(body, separators=(",", ":")).encode()
        head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key or self.key}\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
        path = self.folder / f"{name}.request"
        path.write_bytes(head.encode() + data)
        return path

    def load_command(self, side, kind, connections, seconds, rate, file):
        args = [self.load_program, self.port[side][kind], connections, seconds, rate, file]
        return on_core(LOAD_CORE, args)

    def load(self, side, kind, connections, seconds, file, rate=0):
        """One run: what the client saw, and microseconds of CPU per request by role."""
        before = cpu(self.pid(side))
        command = self.load_command(side, kind, connections, seconds, rate, file)
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise SystemExit(f"bench: {side}, {kind}, {connections} connections: {done.stderr}")
        seen = json.loads(done.stdout)
        after = cpu(self.pid(side))
        seen["cpu_us"] = {r: (n - before.get(r, 0)) / 1e3 / seen["requests"] for r, n in after.items()}
        seen["all_us"] = sum(seen["cpu_us"].values())
        self.trim()
        return seen

    def trim(self):
        """The ledger of the bench would fill the disk: all but its newest segments go, between two runs."""
        for path in sorted((self.folder / "state" / "ledger").glob("*.seg"))[:-4]:
            path.unlink()

    def stop(self):
        for part in reversed(self.parts):
            part.stop()


def sync_us(folder, n=200):
    """p50 and p99 of fdatasync after 4 KiB into a file that was written before, on the gateway's core."""
    old = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {GATEWAY_CORE})
    path = folder / "sync.bin"
    path.write_bytes(bytes(4 << 20))
    fd = os.open(path, os.O_RDWR)
    os.fsync(fd)
    times = []
    for i in range(n):
        os.pwrite(fd, bytes([i & 255]) * 4096, i * 4096)
        start = time.perf_counter()
        os.fdatasync(fd)
        times.append((time.perf_counter() - start) * 1e6)
    os.close(fd)
    path.unlink()
    os.sched_setaffinity(0, old)
    times.sort()
    return {"p50": times[n // 2], "p99": times[n * 99 // 100]}
