"""What runs during the tour: the two upstreams and the gateway, each ended by its own process id."""

import concurrent.futures
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "test" / "integration"))

from lib_servers import Cloud, LocalModel, Process, call  # noqa: E402  (the tests start the same upstreams)

FOLDER = ROOT / "build" / "tour"
PROGRAM = ROOT / "build" / "sallyport"
PORTS = {"gateway": 18080, "cloud": 18081, "model": 18082}  # as tour/sallyport.yaml has them
CLOUD_KEY = "tour-cloud-key"
READY_S = 15
KEY = re.compile(r"\bsp_[0-9a-f]{16}_[A-Za-z0-9_-]{43}_[0-9a-f]{8}\b")
PROVIDERS = {
    "openai": {"url": "https://api.openai.com/v1", "variable": "OPENAI_API_KEY", "model": "gpt-4o-mini"},
    "anthropic": {
        "url": "https://api.anthropic.com/v1",
        "variable": "ANTHROPIC_API_KEY",
        "model": "claude-haiku-4-5",
    },
}


class TourError(Exception):
    """Something that the tour cannot go on without; the message is for the user."""


def free_port(wanted):
    """`wanted` if nothing listens there, else any free one."""
    for port in (wanted, 0):
        with socket.socket() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                sock.bind(("127.0.0.1", port))
            except OSError:
                continue
            return sock.getsockname()[1]
    raise TourError("no free port on 127.0.0.1")


def use_provider(text, name, model):
    """The configuration with the user's own provider as the cloud of its dialect."""
    provider = PROVIDERS[name]
    entry = {"openai": "cloud", "anthropic": "cloud-messages"}[name]
    head, section, rest = text.partition(f"\n  {entry}:\n")
    part, end, tail = rest.partition("\n  cloud-messages:\n" if entry == "cloud" else "\n  local:\n")
    part = part.replace("vendor: cloud stand-in", f"vendor: {name}")
    part = re.sub(r"base_url: .*", f"base_url: {provider['url']}", part)
    part = re.sub(r"model: .*", f"model: {json.dumps(model or provider['model'])}", part, count=1)
    part = part.replace("env:TOUR_CLOUD_KEY", "env:" + provider["variable"])
    return head + section + part + end + tail


class World:
    """Both upstreams, the gateway and the callers' keys. `end` stops what was started."""

    def __init__(self, provider=None, model=None):
        self.provider, self.model_name = provider, model
        self.cloud = self.model = self.process = None
        self.keys = {}
        self.ports = {name: free_port(port) for name, port in PORTS.items()}
        self.file = FOLDER / "sallyport.yaml"

    def start(self):
        if not PROGRAM.exists():
            raise TourError("build/sallyport is missing: run make")
        self._make_folder()
        self._write_configuration()
        with concurrent.futures.ThreadPoolExecutor(3) as pool:  # the weights take seconds to load
            jobs = [pool.submit(job) for job in (self._start_cloud, self._start_model, self._start_gateway)]
            problems = [job.exception() for job in jobs if job.exception()]
        if problems:
            raise TourError(str(problems[0]))
        self._make_keys()

    def _make_folder(self):
        """A new folder for each run: an old log would only confuse. The one of the last run is kept beside it."""
        if FOLDER.exists():
            kept = FOLDER.with_name("tour.last")
            subprocess.run(["rm", "-rf", str(kept)], check=True)
            FOLDER.rename(kept)
        FOLDER.mkdir(parents=True)

    def _write_configuration(self):
        text = (ROOT / "tour" / "sallyport.yaml").read_text(encoding="utf-8")
        for name, port in PORTS.items():
            text = re.sub(rf"(127\.0\.0\.1:){port}\b", rf"\g<1>{self.ports[name]}", text)
        if self.provider:
            text = use_provider(text, self.provider, self.model_name)
        self.file.write_text(text, encoding="utf-8")

    def _start_cloud(self):
        options = ["--port", str(self.ports["cloud"]), "--print"]
        self.cloud = Cloud(FOLDER / "cloud.out", CLOUD_KEY, options)

    def _start_model(self):
        self.model = LocalModel(FOLDER / "model.out", ["--port", str(self.ports["model"])])

    def _start_gateway(self):
        env = {**os.environ, "TOUR_CLOUD_KEY": CLOUD_KEY}
        self.process = Process([PROGRAM, "run", "-c", self.file], FOLDER / "run.out", env)
        end = time.monotonic() + READY_S
        while time.monotonic() < end and self.process.child.poll() is None:
            try:
                if call(self.ports["gateway"], "GET", "/readyz")[0] == 200:
                    return
            except OSError:
                pass  # nothing listens yet
            time.sleep(0.02)
        raise TourError(f"the gateway did not become ready:\n{self.process.output()[-3000:]}")

    def cli(self, *args, check=True, file=None):
        command = [str(PROGRAM), *args, "-c", str(file or self.file)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        if check and done.returncode != 0:
            raise TourError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done

    def _make_keys(self):
        for application in ("helpdesk", "legal-desk", "developers"):
            self.keys[application] = KEY.search(self.cli("key", "create", application).stdout).group()
        end = time.monotonic() + 5
        for key in self.keys.values():
            headers = {"authorization": "Bearer " + key}
            while call(self.ports["gateway"], "GET", "/v1/models", headers=headers)[0] != 200:
                if time.monotonic() > end:
                    raise TourError("the gateway does not know a key that was made 5 s ago")
                time.sleep(0.02)

    def records(self, request_id):
        """The records of one request, as `sallyport explain` has them."""
        value = json.loads(self.cli("explain", request_id, "--json").stdout)
        return value["records"] if isinstance(value, dict) else value

    def all_records(self):
        lines = self.cli("audit", "list", "--json").stdout.splitlines()
        return [json.loads(line) for line in lines if line.strip()]

    def end(self):
        for part in (self.process, self.cloud, self.model):
            if part:
                part.stop()
