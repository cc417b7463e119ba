"""Starts the programs that tests talk to and ends them by their own process id."""

import http.client
import json
import os
import pathlib
import shutil
import signal
import ssl
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
ASAN = os.environ.get(
    "SALLYPORT_ASAN", ""
)  # "1": our programs under ASan and UBSan; "nginx": all of nginx too
BUILD = ROOT / "build" / "asan" if ASAN else ROOT / "build"
NGINX = (
    ROOT / "build" / "nginx-asan" / "nginx"
    if ASAN == "nginx"
    else shutil.which("nginx", path=os.defpath + ":/usr/sbin:/sbin")
)  # which the gateway runs, for wrappers around it
SERVERS = ROOT / "test" / "servers"
INSTALLED = ROOT / "build" / "servers"  # where setup.sh puts the weights and node
CLOUD_KEY = "cloud-standin-key"


class Process:
    """A child whose output goes to a file; it is ready when it has announced what it is asked to."""

    def __init__(self, command, log, env=None, **user):
        self.log = pathlib.Path(log)
        self.command = [str(c) for c in command]
        with open(self.log, "wb") as out:
            self.child = subprocess.Popen(
                self.command,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=env,
                stdin=subprocess.DEVNULL,
                **user,
            )

    @property
    def pid(self):
        return self.child.pid

    def output(self):
        return self.log.read_text(errors="replace")

    def announced(self, word, timeout_s=30):
        """The rest of the first line that starts with `word`."""
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            for line in self.output().splitlines():
                if line.startswith(word + " "):
                    return line[len(word) + 1 :].strip()
            if self.child.poll() is not None:
                break
            time.sleep(0.01)
        raise AssertionError(
            f"{self.command} did not say {word!r}, exit {self.child.poll()}:\n{self.output()[-4000:]}"
        )

    def stop(self, timeout_s=10, number=signal.SIGTERM):
        """Asks, waits, then insists; the exit code."""
        if self.child.poll() is None:
            self.child.send_signal(number)
            try:
                self.child.wait(timeout_s)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
                raise AssertionError(
                    f"{self.command} did not end within {timeout_s} s of signal {number}"
                ) from None
        return self.child.returncode


def connect(port, timeout_s=30, ca=None):
    if ca is None:
        return http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)
    context = ssl.create_default_context(cafile=ca)
    return http.client.HTTPSConnection("127.0.0.1", port, timeout=timeout_s, context=context)


def call(port, method, path, body=None, headers=None, timeout_s=30, ca=None):
    """One HTTP exchange on a connection of its own, over TLS when there is a `ca`: (status, headers with
    lower-case names, body)."""
    connection = connect(port, timeout_s, ca)
    try:
        data = json.dumps(body).encode() if isinstance(body, (dict, list)) else body
        connection.request(method, path, data, headers or {})
        response = connection.getresponse()
        return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()
    finally:
        connection.close()


class Cloud:
    """The stand-in of a cloud provider: what it shall answer, and what reached it."""

    def __init__(self, log, key=CLOUD_KEY, options=()):
        self.key = key
        self.process = Process([sys.executable, SERVERS / "cloud_standin.py", "--key", key, *options], log)
        self.port = int(self.process.announced("listening"))
        self.control = int(self.process.announced("control"))
        self.url = f"http{'s' if '--cert' in options else ''}://127.0.0.1:{self.port}"

    def script(self, *answers, then="default", by_model=None):
        """The next requests get `answers` in order; test/servers/README.md lists the keys of an answer."""
        script = {"answers": list(answers), "then": then, "by_model": by_model or {}}
        status, _, body = call(self.control, "POST", "/__script", script)
        assert status == 200, body.decode()

    def always(self, **answer):
        """Each request gets this answer."""
        self.script(answer, then="repeat")

    def seen(self):
        """What reached the provider: one record for each request, oldest first."""
        return json.loads(call(self.control, "GET", "/__seen")[2])

    def reset(self):
        self.script()
        call(self.control, "DELETE", "/__seen")

    def stop(self):
        self.process.stop()


class LocalModel:
    """The self-hosted server: a real small model."""

    model = "gemma-3-270m"

    def __init__(self, log, options=()):
        node = INSTALLED / "bin" / "node"
        assert node.exists(), "the model server is not installed: run test/servers/setup.sh"
        command = [node, SERVERS / "local_model.mjs", "--servers", INSTALLED, "--print", *options]
        self.process = Process(command, log)
        self.port = int(self.process.announced("listening", timeout_s=60))
        self.url = f"http://127.0.0.1:{self.port}"

    def received(self):
        """The lines that say what reached the model."""
        return [x for x in self.process.output().splitlines() if x.startswith("self-hosted model received:")]

    def stop(self):
        self.process.stop()
