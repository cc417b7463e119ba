#!/usr/bin/env python3
"""How cost and memory grow with body size, open connections, workers and destinations, next to bare nginx.

    growth.py [--only body,connections,workers,destinations] [--pairs N] [--write]

Each point is taken in turns with bare nginx in the same minutes; least of the pairs, since what else runs only adds. Writes
build/bench/growth.json and a plot per subject beside it; --write puts the plots into docs/operate as well. A subject that was not
asked for keeps its points of before.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import time

import lib_bodies
import lib_plot
import lib_rig

FOLDER = lib_rig.BUILD / "bench"
DOCS = lib_rig.ROOT / "docs" / "operate"
SIDES = ("bare", "gateway")
SIZES = [1 << n for n in range(10, 23, 2)]  # bytes of a body: 1 KiB to 4 MiB
CONNECTIONS = (1, 4, 16, 64, 256, 1024, 4096)
WORKERS = (1, 2, 4)
DESTINATIONS = (10, 100, 1000)
SECONDS, CLIENTS = 0.8, 64


def say(text):
    print(text, file=sys.stderr, flush=True)


# ---- configurations ----


def roomy(config):
    """More connections than are asked for, from one address and by one key."""
    config["nginx"] = {**config.get("nginx", {}), "connections_per_address": 0}
    config["applications"]["bench"]["limits"] = {"concurrent": 60000}
    config["limits"] = {"memory": "4GiB", "memory_per_key": "4GiB"}


def with_workers(n):
    def change(config):
        roomy(config)
        config["nginx"]["workers"] = n

    return change


def with_destinations(n):
    """So many in all, each in a model of its own, all of them allowed to the application that asks."""

    def change(config):
        roomy(config)
        one = config["destinations"]["json"]
        for i in range(n - len(config["destinations"])):
            name = f"further-{i}"
            config["destinations"][name] = {**one, "model": name}
            config["models"][name] = {"destinations": [name]}
            config["applications"]["bench"]["models"].append(name)

    return change


# ---- points ----


def cost(rig, file, clients, pairs):
    """{side: microseconds of CPU per request}, the least of the pairs."""
    seen = {side: [] for side in SIDES}
    for i in range(pairs):
        for side in SIDES if i % 2 == 0 else SIDES[::-1]:
            told = rig.load(side, "json", clients, SECONDS, file)
            if told["bad"]:
                raise SystemExit(f"growth: {told['bad']} of {told['requests']} answers of {side} were bad")
            seen[side].append(told["all_us"])
    return {side: min(v) for side, v in seen.items()}


def resident(rig):
    return {side: lib_rig.resident_kib(rig.pid(side)) for side in SIDES}


def body_of(size):
    """One message of so many bytes, new in each request."""
    text = lib_bodies.prose(random.Random(size), max(size - 80, 100), lib_bodies.MARK)
    return {"model": "json", "messages": [{"role": "user", "content": text}]}


def grow_body(pairs):
    rig, out = lib_rig.Rig(FOLDER, roomy), []
    try:
        for size in SIZES:
            file = rig.request_file("growth", body_of(size))
            clients = CLIENTS if size <= 1 << 16 else 8
            before = resident(rig)
            out.append({"at": size, "us": cost(rig, file, clients, pairs), "clients": clients, "before_kib": before})
            out[-1]["kib"] = resident(rig)
            say(f"  body {size}: {out[-1]['us']}")
    finally:
        rig.stop()
    return out


def held(rig, side, n, file):
    """KiB of all processes with n streams open of which two events have come."""
    command = rig.load_command(side, "stalled", n, "hold", 0, file)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        if child.stdout.readline().strip() != "held":
            raise SystemExit(f"growth: {side} does not hold {n} streams")
        time.sleep(0.2)
        kib = lib_rig.resident_kib(rig.pid(side))
        child.stdin.close()
    return kib


def grow_connections(pairs):
    """Memory in processes that served nothing before, from few to many; then the cost of requests at so many clients."""
    rig, out = lib_rig.Rig(FOLDER, roomy), []
    try:
        stream = rig.request_file("held", lib_bodies.chat("stalled", True))
        base = resident(rig)
        for n in CONNECTIONS:
            out.append({"at": n, "base_kib": base, "kib": {side: held(rig, side, n, stream) for side in SIDES}})
            say(f"  {n} streams: {out[-1]['kib']}")
        chat = rig.request_file("growth", lib_bodies.chat("json"))
        for row in out:
            row["us"] = cost(rig, chat, row["at"], pairs)
            say(f"  {row['at']} clients: {row['us']}")
    finally:
        rig.stop()
    return out


def grow_workers(pairs):
    out = []
    for n in WORKERS:
        rig = lib_rig.Rig(FOLDER, with_workers(n))
        try:
            us = cost(rig, rig.request_file("growth", lib_bodies.chat("json")), CLIENTS, pairs)
            out.append({"at": n, "us": us, "kib": resident(rig)})
            say(f"  {n} workers: {out[-1]}")
        finally:
            rig.stop()
    return out


def reload_ms(rig, times=5):
    """Least time of `sallyport reload`: the file read and checked, the snapshot written, taken over by the workers."""
    took = []
    for i in range(times):
        rig.config["applications"]["bench"]["limits"]["concurrent"] -= 1
        rig.write_config()
        start = time.monotonic()
        rig.cli("reload")
        took.append((time.monotonic() - start) * 1e3)
    return min(took)


def snapshot_bytes(rig):
    return max(p.stat().st_size for p in (rig.folder / "state" / "snapshot").glob("*.snap"))


def grow_destinations(pairs):
    out = []
    for n in DESTINATIONS:
        rig = lib_rig.Rig(FOLDER, with_destinations(n))
        try:
            us = cost(rig, rig.request_file("growth", lib_bodies.chat("json")), CLIENTS, pairs)
            row = {"at": n, "us": us, "snapshot_bytes": snapshot_bytes(rig), "kib": resident(rig)}
            row["reload_ms"] = reload_ms(rig)
            out.append(row)
            say(f"  {n} destinations: {row}")
        finally:
            rig.stop()
    return out


SUBJECTS = {"body": grow_body, "connections": grow_connections, "workers": grow_workers, "destinations": grow_destinations}

# ---- plots ----


def sides(rows, field, scale=1.0):
    names = {"bare": "bare nginx", "gateway": "gateway"}
    return [(names[s], [(r["at"], r[field][s] * scale) for r in rows]) for s in ("gateway", "bare")]


def ratio(rows):
    return [("gateway : bare", [(r["at"], r["us"]["gateway"] / r["us"]["bare"]) for r in rows])]


def plot_body(rows):
    x, per_kib = "bytes of the body", [{**r, "us": {s: v * 1024 / r["at"] for s, v in r["us"].items()}} for r in rows]
    return [
        lib_plot.Panel("CPU per request", x, "µs", sides(rows, "us"), "xy"),
        lib_plot.Panel("CPU per KiB of body", x, "µs per KiB", sides(per_kib, "us"), "xy"),
        lib_plot.Panel("Ratio of CPU per request", x, "times", ratio(rows), "x"),
        lib_plot.Panel("Memory (PSS) of all processes after the load of this size", x, "MiB", sides(rows, "kib", 1 / 1024), "xy"),
    ]


def plot_connections(rows):
    each = [{**r, "each": {s: (r["kib"][s] - r["base_kib"][s]) / r["at"] for s in SIDES}} for r in rows if r["at"] >= 16]
    return [
        lib_plot.Panel("Memory (PSS) of all processes with so many streams open", "streams", "MiB", sides(rows, "kib", 1 / 1024), "xy"),
        lib_plot.Panel("The same per stream, beyond the idle processes", "streams", "KiB", sides(each, "each"), "x"),
        lib_plot.Panel("CPU per request, 1 KB, so many clients in a closed loop", "clients", "µs", sides(rows, "us"), "x"),
        lib_plot.Panel("Ratio of CPU per request", "clients", "times", ratio(rows), "x"),
    ]


def plot_workers(rows):
    return [
        lib_plot.Panel("Memory (PSS) of all processes after a load of 1 KB requests", "workers", "MiB", sides(rows, "kib", 1 / 1024)),
        lib_plot.Panel("CPU per request, 1 KB, 64 clients", "workers", "µs", sides(rows, "us")),
        lib_plot.Panel("Ratio of CPU per request", "workers", "times", ratio(rows)),
    ]


def plot_destinations(rows):
    x = "destinations"
    return [
        lib_plot.Panel("CPU per request, 1 KB, 64 clients", x, "µs", sides(rows, "us"), "x"),
        lib_plot.Panel("Ratio of CPU per request", x, "times", ratio(rows), "x"),
        lib_plot.Panel("Memory (PSS) of all processes after that load", x, "MiB", sides(rows, "kib", 1 / 1024), "x"),
        lib_plot.Panel("Snapshot", x, "KiB", [("snapshot", [(r["at"], r["snapshot_bytes"] / 1024) for r in rows])], "xy"),
        lib_plot.Panel("Time of a reload", x, "ms", [("sallyport reload", [(r["at"], r["reload_ms"]) for r in rows])], "xy"),
    ]


PLOTS = {"body": plot_body, "connections": plot_connections, "workers": plot_workers, "destinations": plot_destinations}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(SUBJECTS))
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = FOLDER / "growth.json"
    result = json.loads(file.read_text()) if file.exists() else {}
    for name in options.only.split(","):
        say(name)
        result[name] = {"load": os.getloadavg()[0], "rows": SUBJECTS[name](options.pairs)}
        file.write_text(json.dumps(result, indent=1) + "\n")
    for name, subject in result.items():
        text = lib_plot.svg(PLOTS[name](subject["rows"]))
        for folder in [FOLDER, DOCS] if options.write else [FOLDER]:
            (folder / f"growth-{name}.svg").write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
