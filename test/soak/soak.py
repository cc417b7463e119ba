#!/usr/bin/env python3
"""Half an hour at about half of what the machine serves: does anything grow that should not?

    soak.py [--seconds N] [--rate PER_SECOND] [--keep]

Every five seconds the memory, descriptors and threads of each process are read, what the zones have left, and what was served; every
minute the policy is reloaded and a key is made, used and revoked. In the end a line is laid through each series after the
warm-up; what it grows by over the rest of the run has to stay below BOUNDS. Writes build/soak/result.json and soak.svg; exit 1 when
something grew, an answer was not the expected one, or the ledger does not verify. README.md says more.
"""

import argparse
import contextlib
import json
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "bench"), str(HERE.parent / "integration")]

import lib_plot  # noqa: E402
import lib_rig  # noqa: E402
import mix  # noqa: E402
from lib_servers import call  # noqa: E402

FOLDER = lib_rig.BUILD / "soak"
SAMPLE_S, CHANGE_S, CALIBRATION_S = 5, 60, 10
WARM_UP = 0.2  # of the run: pools, tables and caches fill; stated in the plot
MIB = 1024  # the kernel tells KiB
# Judged is memory that no file backs: the share of a library in a proportional set size rises when another program that has it loaded ends.
# What a series may grow by from the end of the warm-up to the end, by its line: a part of its median, and at least so much.
BOUNDS = {"anonymous": (0.03, 1 * MIB), "descriptors": (0.1, 4), "threads": (0, 0.5), "zone": (0, 0.5), "held": (0.5, 4 * MIB)}
ZONE = re.compile(r'sallyport_zone_free_bytes\{zone="sallyport_(\w+)"\}')


def say(text):
    print(text, file=sys.stderr, flush=True)


# ---- what runs ----


def configured(config):
    """A destination more, which may not see secrets; bodies above the limit are refused; a segment is closed every few seconds."""
    narrow = {**config["destinations"]["json"], "clearance": {"level": "internal", "categories": ["pii"]}}
    config["destinations"]["narrow"] = narrow
    config["models"]["narrow"] = {"destinations": ["narrow"]}
    config["applications"]["bench"]["models"].append("narrow")
    config["limits"] = {"body": f"{mix.BODY_LIMIT}B"}


class Clients:
    """The mix in a process of its own; `told` is what it said last."""

    def __init__(self, rig, rate, seconds):
        command = [sys.executable, HERE / "mix.py", rig.port["gateway"]["json"], rate, seconds, rig.key]
        self.told = {"sent": {}, "good": {}, "bad": {}, "again": 0, "late": 0}
        self.child = subprocess.Popen(lib_rig.on_core(lib_rig.LOAD_CORE, command), stdout=subprocess.PIPE, text=True)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.child.stdout:
            self.told = json.loads(line)

    def end(self):
        """Waits for the end that was set. @return what was served in all."""
        code = self.child.wait()
        self.reader.join()
        if code != 0:
            raise SystemExit(f"soak: the clients ended with {code}")
        return self.told

    def stop(self):
        self.child.kill()
        self.child.wait()


def served_per_second(rig):
    told = Clients(rig, 0, CALIBRATION_S).end()
    if told["bad"]:
        raise SystemExit(f"soak: answers that were not expected before it began: {told['bad']}")
    return sum(told["sent"].values()) / CALIBRATION_S


class Changes:
    """What an operator does meanwhile: every minute a policy that differs, and a key that comes and goes."""

    def __init__(self, rig):
        self.rig, self.n, self.wrong = rig, 0, []

    def _status(self, key):
        headers = {"authorization": "Bearer " + key}
        return call(self.rig.port["gateway"]["json"], "GET", "/v1/models", None, headers)[0]

    def _await(self, key, status):
        end = time.monotonic() + 10
        while self._status(key) != status:
            if time.monotonic() > end:
                self.wrong.append(f"change {self.n}: a key does not get {status} within 10 s")
                return
            time.sleep(0.05)

    def once(self):
        self.n += 1
        self.rig.config["applications"]["bench"]["limits"] = {"concurrent": 1000 + self.n}
        self.rig.write_config()
        self.rig.cli("reload")
        key = self.rig.new_key()
        self._await(key, 200)
        self.rig.cli("key", "revoke", key.split("_")[1], "--reason", "the soak")
        self._await(key, 401)


# ---- samples ----


def processes(pid):
    """{name: pid} of the gateway; workers that are ending after a reload are told apart by a number."""
    out = {}
    for p in lib_rig.tree(pid):
        try:
            name = lib_rig.role_of(p, p).replace("loop", "worker")
        except (FileNotFoundError, ProcessLookupError):
            continue
        out[name if name not in out else f"{name} {p}"] = p
    return out


def memory_of(pid):
    """KiB: proportional set size, and the part of it that no file and no zone backs."""
    text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    return [int(re.search(rf"^{name}:\s+(\d+)", text, re.M).group(1)) for name in ("Pss", "Pss_Anon")]


def on_disk(folder):
    """Bytes that its files take; one that is renamed or removed meanwhile is counted next time."""
    total = 0
    for path in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):
            total += path.stat().st_blocks * 512
    return total


def sample(rig, start, clients):
    out = {"s": time.monotonic() - start, "processes": {}, "load": os.getloadavg()[0], "told": clients.told}
    for name, pid in processes(rig.gateway.pid).items():
        try:
            pss, anonymous = memory_of(pid)
            counts = [len(os.listdir(f"/proc/{pid}/{what}")) for what in ("fd", "task")]
        except (FileNotFoundError, ProcessLookupError):
            continue  # a child of the daemon that was there for a moment
        out["processes"][name] = {"pid": pid, "memory": pss, "anonymous": anonymous, "descriptors": counts[0], "threads": counts[1]}
    lines = call(rig.port["gateway"]["json"], "GET", "/metrics")[2].decode().splitlines()
    metrics = {k: float(v) for k, v in (x.split() for x in lines if not x.startswith("#"))}
    out["zones"] = {m[1]: v for k, v in metrics.items() if (m := ZONE.fullmatch(k))}
    out["held"] = metrics["sallyport_held_bytes"] / 1024
    out["ledger"] = on_disk(rig.folder / "state" / "ledger")
    out["cpu_s"] = sum(lib_rig.cpu(rig.gateway.pid).values()) / 1e9
    return out


# ---- the verdict ----


def started_again(samples):
    """Roles whose process is not the one that it was at first: one that died took what it had piled up with it."""
    first, last = samples[0]["processes"], samples[-1]["processes"]
    return [name for name in first if last.get(name, {}).get("pid") != first[name]["pid"]]


def slope(points):
    """Theil and Sen: the median of the slopes of all pairs, which a few outliers do not move."""
    pairs = [(b[1] - a[1]) / (b[0] - a[0]) for i, a in enumerate(points) for b in points[i + 1 :] if b[0] > a[0]]
    return statistics.median(pairs) if pairs else 0.0


def series_of(samples):
    """{(what, of which): [(s, value)]} of the processes that are there in most samples."""
    out = {}
    for x in samples:
        for name, values in x["processes"].items():
            for what in ("anonymous", "descriptors", "threads"):
                out.setdefault((what, name), []).append((x["s"], values[what]))
        for name, free in x["zones"].items():
            out.setdefault(("zone", name), []).append((x["s"], -free))
        out.setdefault(("held", "worker"), []).append((x["s"], x["held"]))
    return {k: v for k, v in out.items() if len(v) > len(samples) / 2}


def growth(samples):
    """A row for each series: median, what it grew by by its line, the bound, whether that holds."""
    rest = [x for x in samples if x["s"] >= WARM_UP * samples[-1]["s"]]
    rows = []
    for (what, name), points in series_of(rest).items():
        part, least = BOUNDS[what]
        middle = statistics.median(y for _, y in points)
        grown = slope(points) * (points[-1][0] - points[0][0])
        bound = max(abs(middle) * part, least)
        rows.append({"what": what, "of": name, "median": middle, "grown": grown, "bound": bound, "holds": grown <= bound})
    return rows


def self_test():
    """The verdict says red on a leak of 4 KiB a second under noise, green on the noise alone."""
    def samples(leak):
        noise = [((i * 7919) % 101 - 50) * 20 for i in range(360)]
        one = {"pid": 1, "descriptors": 9, "threads": 3}
        return [{"s": 5 * i, "processes": {"worker": {"anonymous": 60000 + n + leak * 5 * i, **one}}, "zones": {}, "held": 0}
                for i, n in enumerate(noise)]

    assert all(r["holds"] for r in growth(samples(0)))
    assert started_again(samples(0)) == []
    assert started_again([{"processes": {"worker": {"pid": 1}}}, {"processes": {"worker": {"pid": 2}}}]) == ["worker"]
    assert [r["what"] for r in growth(samples(4)) if not r["holds"]] == ["anonymous"]


# ---- saying ----


def plot(result):
    samples = result["samples"]
    minutes = [x["s"] / 60 for x in samples]
    names = [n for what, n in series_of(samples) if what == "anonymous"]

    def lines(what, scale=1.0):
        return [(n, [(x["s"] / 60, x["processes"][n][what] * scale) for x in samples if n in x["processes"]]) for n in names]

    rates = [(b["s"] / 60, (sum(b["told"]["sent"].values()) - sum(a["told"]["sent"].values())) / (b["s"] - a["s"]))
             for a, b in zip(samples, samples[1:])]
    marks = ((WARM_UP * minutes[-1], "judged from here"),)
    zones = [(n, [(x["s"] / 60, x["zones"][n] / 1024) for x in samples]) for n in samples[0]["zones"]]
    panels = [
        ("Memory (PSS) of each process", "MiB", lines("memory", 1 / MIB)),
        ("Of it what no file and no zone backs", "MiB", lines("anonymous", 1 / MIB)),
        ("Descriptors", "open", lines("descriptors")),
        ("Threads", "running", lines("threads")),
        ("Free in the shared zones", "KiB", zones),
        ("Held by requests under way, at the moment of the sample", "MiB", [("worker", [(x["s"] / 60, x["held"] / 1024) for x in samples])]),
        ("Requests", "per second", [("sent", rates)]),
        ("Ledger", "GB on disk", [("all segments", [(x["s"] / 60, x["ledger"] / 1e9) for x in samples])]),
        ("Load average of the machine", "1 minute", [("all that runs", [(x["s"] / 60, x["load"]) for x in samples])]),
    ]
    return lib_plot.svg([lib_plot.Panel(t, "minutes", y, series, marks=marks, points=False) for t, y, series in panels])


def table(result):
    out = [f"{result['machine']}", f"{result['seconds']:.0f} s at {result['rate']:.0f} requests a second", ""]
    out.append(f"{'grew by, after the warm-up':<32} {'median':>12} {'grown':>10} {'bound':>10}")
    for r in result["growth"]:
        out.append(f"{r['what'] + ' of ' + r['of']:<32} {abs(r['median']):>12.1f} {r['grown']:>10.1f} {r['bound']:>10.1f}"
                   f"  {'ok' if r['holds'] else 'GREW'}")
    told = result["samples"][-1]["told"]
    out += ["", *(f"{kind:<32} {told['good'].get(kind, 0):>12} of {n}" for kind, n in told["sent"].items())]
    out.append(f"asked again on a fresh connection: {told['again']}; not sent, too many under way: {told['late']}")
    out += [f"NOT EXPECTED {what}: {n}" for what, n in told["bad"].items()] + result["wrong"]
    out.append("soak: " + ("ok" if result["holds"] else "FAILED"))
    return "\n".join(out) + "\n"


# ---- the run ----


def observe(rig, rate, seconds):
    clients, changes, samples = Clients(rig, rate, seconds), Changes(rig), []
    start = time.monotonic()
    try:
        while clients.child.poll() is None:
            samples.append(sample(rig, start, clients))
            (FOLDER / "samples.json").write_text(json.dumps(samples))  # of a run that is broken off, too
            if samples[-1]["s"] > (changes.n + 0.5) * CHANGE_S and samples[-1]["s"] < seconds - SAMPLE_S:
                changes.once()
            time.sleep(max(0, start + SAMPLE_S * len(samples) - time.monotonic()))
        clients.end()
    finally:
        clients.stop()
    samples[-1]["told"] = clients.told
    return samples, changes


def run(options):
    rig = lib_rig.Rig(FOLDER, configured, with_bare=False)
    try:
        most = served_per_second(rig)
        rate = options.rate or most / 2
        say(f"soak: {most:.0f} requests a second are served, {rate:.0f} are asked for {options.seconds} s")
        samples, changes = observe(rig, rate, options.seconds)
        verdict = subprocess.run([lib_rig.BUILD / "sallyport", "audit", "verify", "-c", rig.file], capture_output=True, text=True)
    finally:
        rig.stop()
    wrong = changes.wrong + ([] if verdict.returncode == 0 else [f"the ledger does not verify: {verdict.stderr}"])
    wrong += [f"{name} is not the process that it was" for name in started_again(samples)]
    rows = growth(samples)
    holds = not wrong and not samples[-1]["told"]["bad"] and all(r["holds"] for r in rows)
    cores, cpu = len(lib_rig.CORES), samples[-1]["cpu_s"] - samples[0]["cpu_s"]
    return {
        "machine": f"{cores} cores, Linux {platform.release()}, load average {samples[-1]['load']:.1f}",
        "seconds": options.seconds, "served_per_second": most, "rate": rate, "changes": changes.n,
        "cpu_share": cpu / (samples[-1]["s"] - samples[0]["s"]), "verify": verdict.stdout.strip(),
        "growth": rows, "wrong": wrong, "holds": holds, "samples": samples,
    }  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=int(os.environ.get("SALLYPORT_SOAK_SECONDS", "1800")))
    parser.add_argument("--rate", type=float, help="instead of half of what ten seconds show to be served")
    parser.add_argument("--keep", action="store_true", help="leave the state and its ledger in build/soak")
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args()
    self_test()
    if options.self_test:
        return 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    result = run(options)
    (FOLDER / "result.json").write_text(json.dumps(result, indent=1) + "\n")
    (FOLDER / "soak.svg").write_text(plot(result))
    print(table(result), end="")
    if result["holds"] and not options.keep:
        shutil.rmtree(FOLDER / "state")
    return 0 if result["holds"] else 1


if __name__ == "__main__":
    sys.exit(main())
