"""A real gateway for a test: a folder, a configuration, `sallyport run`, keys, clients, checks at the end."""

import contextlib
import json
import os
import pathlib
import re
import socket
import subprocess
import time

import anthropic
import openai

import lib_config
from lib_servers import ASAN, BUILD, ROOT, Process, call

KEY = re.compile(r"\bsp_[0-9a-f]{16}_[A-Za-z0-9_-]{43}_[0-9a-f]{8}\b")
ALARM = re.compile(r"\[(alert|crit|emerg)\]|(Address|UndefinedBehavior|Leak|Thread)Sanitizer|runtime error:")
READY_S = 20


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def sanitizer_environment():
    """A stock nginx that loads an instrumented module needs the sanitizers loaded first, and cannot look for
    leaks: it does not free its own memory at the end."""
    if ASAN != "1":
        return {}
    names = ("libasan.so", "libubsan.so")
    found = [subprocess.check_output(["gcc", f"-print-file-name={n}"], text=True).strip() for n in names]
    return {
        "LD_PRELOAD": " ".join(found),
        "ASAN_OPTIONS": "detect_leaks=0:detect_odr_violation=0",
        "UBSAN_OPTIONS": "print_stacktrace=1",
    }


class Gateway:
    """`sallyport run` in a folder of its own. `config` is a dictionary or the text of the file; `listen` and
    `state` are filled in where a dictionary leaves them out."""

    def __init__(self, folder, config, env=None):
        self.folder = pathlib.Path(folder)
        self.file = self.folder / "sallyport.yaml"
        self.state = self.folder / "state"
        self.port = free_port()
        self.ca = None  # set to a PEM file when the client side speaks TLS
        self.env = {**os.environ, **(env or {})}
        self.prefix = []  # a command that runs `sallyport run`, in a place of its own
        self.keys, self.process, self.runs = {}, None, 0
        self.configure(config)

    @property
    def url(self):
        return f"http{'s' if self.ca else ''}://127.0.0.1:{self.port}"

    def configure(self, config):
        """Writes the file; a running gateway takes it at the next reload."""
        if isinstance(config, dict):
            own = {"listen": {"address": f"127.0.0.1:{self.port}"}, "state": str(self.state)}
            if ASAN == "nginx":
                own["nginx"] = {"binary": str(ROOT / "build" / "nginx-asan" / "nginx")}
            config = lib_config.merged(own, config)
        lib_config.write(self.file, config)

    def start(self, wait=True):
        self.runs += 1
        command = [*self.prefix, BUILD / "sallyport", "run", "-c", self.file]
        env = {**self.env, **sanitizer_environment()}
        self.process = Process(command, self.folder / f"run-{self.runs}.out", self._preloaded(env))
        if wait:
            self.wait_ready()
        return self

    def _preloaded(self, env):
        """With what a test preloads, behind the runtime of a sanitizer, which wants to be the first."""
        preloads = (sanitizer_environment().get("LD_PRELOAD"), self.env.get("LD_PRELOAD"))
        return {**env, "LD_PRELOAD": " ".join(filter(None, preloads))}

    def wait_ready(self, timeout_s=READY_S):
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            if self.process.child.poll() is not None:
                break
            try:
                if self.get("/readyz")[0] == 200:
                    return
            except OSError:
                pass  # nothing listens yet
            time.sleep(0.02)
        raise AssertionError(
            f"the gateway is not ready, exit {self.process.child.poll()}:\n{self.all_logs()[-6000:]}"
        )

    def wait_listening(self, timeout_s=READY_S):
        """For a gateway that was not started by `sallyport run`."""
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                if self.get("/readyz")[0] == 200:
                    return
            time.sleep(0.02)
        raise AssertionError(f"nobody listens:\n{self.all_logs()[-6000:]}")

    def stop(self):
        if self.process:
            code = self.process.stop(timeout_s=20)
            self.process = None
            assert code == 0, f"`sallyport run` ended with {code}:\n{self.all_logs()[-6000:]}"

    # ---- the command line ----

    def cli(self, *args, check=True):
        """Runs `sallyport COMMAND… -c FILE` and returns the finished process with its texts."""
        command = [str(BUILD / "sallyport"), *map(str, args), "-c", str(self.file)]
        env = self._preloaded(self.env) if "LD_PRELOAD" in self.env else self.env
        done = subprocess.run(command, capture_output=True, text=True, env=env, timeout=60)
        if check:
            assert (
                done.returncode == 0
            ), f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
        return done

    def cli_json(self, *args):
        return json.loads(self.cli(*args, "--json").stdout)

    def key(self, application="desk"):
        """The text of a key of that application; made once for each."""
        if application not in self.keys:
            self.keys[application] = self.new_key(application)
        return self.keys[application]

    def new_key(self, application):
        """A further key; returns when the gateway knows it."""
        text = KEY.search(self.cli("key", "create", application).stdout).group()
        end = time.monotonic() + 5
        while self.process and self.get("/v1/models", key=text)[0] == 401:
            assert time.monotonic() < end, "the gateway does not know a key that was made 5 s ago"
            time.sleep(0.02)
        return text

    def explain(self, request_id):
        return self.cli_json("explain", request_id)

    def records(self):
        """All tries of all requests, oldest first: one JSON object each."""
        return [r for r in self._listed() if r["outcome"] != "act"]

    def acts(self):
        """What operators did, as recorded, oldest first."""
        return [r for r in self._listed() if r["outcome"] == "act"]

    def _listed(self):
        listed = self.cli("audit", "list", "--last", "0", "--json").stdout
        return [json.loads(line) for line in listed.splitlines() if line]

    def record_kinds(self, request_id):
        """The records of one request in their order, each as (kind, status): [("intent", None), …]."""
        return [(r["kind"], r.get("status")) for r in self.explain(request_id)["records"]]

    def metrics(self):
        """Counters by name, as numbers."""
        lines = self.get("/metrics")[2].decode().splitlines()
        return {k: float(v) for k, v in (x.split() for x in lines if x and not x.startswith("#"))}

    def daemon_pid(self):
        """The process id of `sallyportd`: the child of `sallyport run` that is called so."""
        run = self.process.pid
        for pid in pathlib.Path(f"/proc/{run}/task/{run}/children").read_text().split():
            with contextlib.suppress(OSError):  # it may end while it is looked at
                if pathlib.Path(os.readlink(f"/proc/{pid}/exe")).name == "sallyportd":
                    return int(pid)
        raise AssertionError("`sallyport run` has no daemon")

    def verify(self, check=True):
        return self.cli("audit", "verify", check=check)

    # ---- clients ----

    def get(self, path, key=None, method="GET"):
        return call(
            self.port, method, path, None, {"authorization": "Bearer " + key} if key else {}, ca=self.ca
        )

    def post(self, path, body, key=None, headers=None):
        """One request as bytes or JSON, without any SDK: (status, headers, body)."""
        own = {"content-type": "application/json"}
        if key:
            own["authorization"] = "Bearer " + key
        return call(self.port, "POST", path, body, {**own, **(headers or {})}, ca=self.ca)

    def openai(self, application="desk", kind=openai.OpenAI, **options):
        return kind(base_url=self.url + "/v1", api_key=self.key(application), **options)

    def anthropic(self, application="desk", kind=anthropic.Anthropic, **options):
        return kind(base_url=self.url, api_key=self.key(application), **options)

    # ---- the end ----

    def logs(self):
        """Every log and output of this gateway, as (path, text)."""
        files = [*self.folder.glob("run-*.out"), *self.folder.rglob("*.log")]
        return [(f, f.read_text(errors="replace")) for f in files if f.is_file()]

    def all_logs(self):
        return "\n".join(f"== {f}\n{text}" for f, text in self.logs())

    def check_clean(self, expected=None):
        """What holds after each test: no alarm (but those of a pattern that the test expects) and no key in
        any log, and the records verify."""
        for path, text in self.logs():
            alarms = [line for line in text.splitlines() if ALARM.search(line)]
            alarms = [line for line in alarms if not (expected and re.search(expected, line))]
            assert not alarms, f"{path}:\n" + "\n".join(alarms[:20])
            assert not KEY.search(text), f"{path} holds an API key"
        verdict = self.verify(check=False)
        assert verdict.returncode == 0, f"the log does not verify:\n{verdict.stdout}{verdict.stderr}"
