#!/usr/bin/env python3
"""What a request costs in the gateway, next to bare nginx with the same nginx.conf and the same upstream.

    bench.py [--quick] [--json | --markdown] [--only NAME[,NAME]] [--no-profile]

CPU of every process of the gateway (nginx's master and workers with all threads, sallyportd and the
children that it ended, the supervisor), per request. The two sides take turns, so that noise of the machine
meets both; a row is the median of the pairs, with the least and the greatest ratio. The gateway runs on the
first core, load and upstream on the last. Everything is written to build/bench: result.json, table.txt,
profile.txt, tables.md.
"""

import argparse
import json
import platform
import statistics
import subprocess
import sys
import time

import lib_bodies
import lib_fairness
import lib_markdown
import lib_profile
import lib_rig

FOLDER = lib_rig.BUILD / "bench"
RATE, RATE_CONNECTIONS = 200, 200
HELD_STREAMS = 500
# name: kind of answer, body, goal of the ratio at 64 clients
SCENARIOS = {
    "chat 1 KB": ("json", lambda: lib_bodies.chat("json"), 2),
    "agent 100 KB, repeated": ("json", lambda: lib_bodies.agent("json", False), 3),
    "agent 100 KB, all new": ("json", lambda: lib_bodies.agent("json", True), 6),
    "one message of 100 KB": ("json", lambda: lib_bodies.single("json"), None),
    "50 events, full speed": ("stream", lambda: lib_bodies.chat("stream", True), 2),
    "50 events, one in 5 ms": ("paced", lambda: lib_bodies.chat("paced", True), 2),
}
CLIENTS = (64, 8, 1)


def say(text):
    print(text, file=sys.stderr, flush=True)


def median(values):
    return statistics.median(values)


# ---- measuring ----


def measure_pairs(rig, kind, file, clients, plan):
    """`plan.pairs` times bare and gateway, in turns that change places."""
    rows = {"bare": [], "gateway": []}
    for i in range(plan.pairs):
        for side in ("bare", "gateway") if i % 2 == 0 else ("gateway", "bare"):
            rows[side].append(rig.load(side, kind, clients, plan.seconds, file))
    return rows


def row_of(name, clients, goal, rows):
    bare, gateway = ([r["all_us"] for r in rows[side]] for side in ("bare", "gateway"))
    ratios = [g / b for g, b in zip(gateway, bare)]
    roles = {
        k: median([r["cpu_us"].get(k, 0) for r in rows["gateway"]]) for k in rows["gateway"][0]["cpu_us"]
    }
    return {
        "name": name,
        "clients": clients,
        "goal": goal if clients == 64 else None,
        "bare_us": median(bare),
        "gateway_us": median(gateway),
        "bare_min_us": min(bare),
        "gateway_min_us": min(gateway),
        "ratio": median(ratios),
        "ratio_least": min(ratios),
        "ratio_most": max(ratios),
        "roles_us": roles,
        "bad": sum(r["bad"] for side in rows.values() for r in side),
        "per_second": {side: median([r["requests"] / r["seconds"] for r in rows[side]]) for side in rows},
        "whole_us": {side: [median(p) for p in zip(*(r["whole_us"] for r in rows[side]))] for side in rows},
    }


def measure_costs(rig, plan):
    out = []
    for name, (kind, make, goal) in SCENARIOS.items():
        if name not in plan.wanted(SCENARIOS):
            continue
        file = rig.request_file(name.replace(" ", "-"), make())
        for clients in plan.clients:
            row = row_of(name, clients, goal, measure_pairs(rig, kind, file, clients, plan))
            out.append(row)
            say(
                f"  {name}, {clients} clients: {row['ratio']:.2f} x"
                f" ({row['gateway_us']:.0f} of {row['bare_us']:.0f} us)"
            )
    return out


def measure_first(rig, plan):
    """Time to the first byte of a paced stream, at a fixed rate; each pair next to the disk's fdatasync."""
    file = rig.request_file("first", lib_bodies.chat("paced", True))
    added, syncs, sides = [], [], {"bare": [], "gateway": []}
    for _ in range(plan.first_pairs):
        syncs.append(lib_rig.sync_us(rig.folder))
        for side in sides:
            sides[side].append(
                rig.load(side, "paced", RATE_CONNECTIONS, plan.first_seconds, file, RATE)["first_us"]
            )
        added.append([g - b for g, b in zip(sides["gateway"][-1], sides["bare"][-1])])
    return {
        "rate": RATE,
        "fdatasync_us": {k: median([s[k] for s in syncs]) for k in ("p50", "p99")},
        "bare_us": [median(p) for p in zip(*sides["bare"])],
        "gateway_us": [median(p) for p in zip(*sides["gateway"])],
        "added_us": [median(p) for p in zip(*added)],
        "added_least_us": [min(p) for p in zip(*added)],
    }


def held_kib(rig, side, file):
    """What an open stream adds to the resident memory; proportional: shared pages count once."""
    command = rig.load_command(side, "stalled", HELD_STREAMS, "hold", 0, file)
    before = lib_rig.resident_kib(rig.pid(side))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        child.stdout.readline()
        time.sleep(0.2)
        after = lib_rig.resident_kib(rig.pid(side))
        child.stdin.close()
    return (after - before) / HELD_STREAMS


def measure_memory(rig):
    """In processes that have served nothing yet: memory used again would hide what a stream takes."""
    body = lib_bodies.chat("stalled", True)
    file = rig.request_file("held", body)
    out = {side: held_kib(rig, side, file) for side in ("bare", "gateway")}
    return {"streams": HELD_STREAMS, "body_kib": len(json.dumps(body)) / 1024, **out}


# ---- saying ----


def goal_text(value, goal):
    return "" if goal is None else f"<= {goal:g}  {'met' if value <= goal else 'missed'}"


def table(result):
    first, memory = result["first"], result["memory"]
    out = [
        f"{result['machine']}; {result['seconds']:.0f} s in all; load average {result['load']}",
        "",
        f"{'CPU per request':<24} {'clients':>7} {'bare us':>8} {'ours us':>8} {'ratio':>6} {'spread':>11}"
        f" {'loop':>7} {'commit':>7} {'aside':>6} {'other':>6} {'rps':>7} {'p50 ms':>7} {'p99 ms':>7}  goal",
    ]
    for r in result["costs"]:
        loop, committer, aside = (r["roles_us"].get(role, 0) for role in ("loop", "committer", "aside"))
        out.append(
            f"{r['name']:<24} {r['clients']:>7} {r['bare_us']:>8.1f} {r['gateway_us']:>8.1f}"
            f" {r['ratio']:>6.2f}"
            f" {r['ratio_least']:>5.2f}-{r['ratio_most']:<5.2f} {loop:>7.1f} {committer:>7.1f}"
            f" {aside:>6.1f} {sum(r['roles_us'].values()) - loop - committer - aside:>6.1f} {r['per_second']['gateway']:>7.0f}"
            f" {r['whole_us']['gateway'][0] / 1e3:>7.2f} {r['whole_us']['gateway'][1] / 1e3:>7.2f}"
            f"  {goal_text(r['ratio'], r['goal'])}{'  ' + str(r['bad']) + ' BAD ANSWERS' if r['bad'] else ''}"
        )
    if first:
        limit = 500 + first["fdatasync_us"]["p50"]
        out += [
            "",
            f"first byte of a stream, {first['rate']} requests/s, open loop: "
            f"bare p50 {first['bare_us'][0]:.0f} us, p99 {first['bare_us'][1]:.0f}; "
            f"ours p50 {first['gateway_us'][0]:.0f}, p99 {first['gateway_us'][1]:.0f}",
            f"  added: p50 {first['added_us'][0]:.0f} us, p99 {first['added_us'][1]:.0f}; "
            f"this run's fdatasync alone: "
            f"p50 {first['fdatasync_us']['p50']:.0f}, p99 {first['fdatasync_us']['p99']:.0f};"
            f" goal p50 {goal_text(first['added_us'][0], round(limit))}",
        ]
    if memory:
        more = memory["gateway"] - memory["body_kib"]
        out += [
            "",
            f"resident per open stream, {memory['streams']} streams: bare {memory['bare']:.1f} KiB, "
            f"ours {memory['gateway']:.1f}, of these {memory['body_kib']:.1f} the body; "
            f"goal {goal_text(more, 40)}",
        ]
    for r in result["costs"]:
        if r["name"] == "chat 1 KB" and r["clients"] == 64:
            p = [x / 1e3 for x in r["whole_us"]["gateway"]]
            out += [
                "",
                f"durable requests per second, 64 clients: {r['per_second']['gateway']:.0f} (bare "
                f"{r['per_second']['bare']:.0f}); p50 {p[0]:.2f} ms, p99 {p[1]:.2f}, p999 {p[2]:.2f}",
            ]
    out += lib_fairness.text(result["fairness"])
    return "\n".join(out) + "\n"


def machine():
    model = "unknown processor"
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        model = next((line.split(":", 1)[1].strip() for line in info if line.startswith("model name")), model)
    return f"{model}, {len(lib_rig.CORES)} cores, Linux {platform.release()}"


class Plan:
    """How long and how often; a whole run takes about seven minutes, a quick one less than one."""

    def __init__(self, args):
        quick = args.quick
        self.only = args.only.split(",") if args.only else None
        self.clients = CLIENTS[:1] if quick else CLIENTS
        self.pairs = 1 if quick else 5
        self.seconds = 0.5 if quick else 0.8
        self.first_pairs = 1 if quick else 3
        self.first_seconds = 1.5 if quick else 3
        self.flood_pairs = 1 if quick else 3
        self.flood_seconds = 2 if quick else 4
        self.profile = not args.no_profile and not quick

    def wanted(self, names):
        return [n for n in names if self.only is None or any(part in n for part in self.only)]


def measure_decision():
    """Lines of bench_decide: the largest model and tables, and loading them."""
    program = lib_rig.BUILD / "test" / "bench" / "bench_decide"
    return subprocess.check_output([program, "2000"], text=True).splitlines()


def run(plan):
    start = time.monotonic()
    rig = lib_rig.Rig(FOLDER)
    try:
        result = {"machine": machine(), "memory": None, "first": None, "fairness": []}
        if not plan.only:
            say("memory of open streams")
            result["memory"] = measure_memory(rig)
        say("CPU per request")
        result["costs"] = measure_costs(rig, plan)
        if not plan.only:
            say("time to the first byte")
            result["first"] = measure_first(rig, plan)
        floods = plan.wanted(lib_fairness.FLOODS)
        if floods:
            say("others while one caller floods")
            result["fairness"] = lib_fairness.measure(rig, plan.flood_pairs, plan.flood_seconds, floods)
        if plan.profile and result["costs"]:
            say("where each microsecond goes")
            result["profile"] = lib_profile.measure(rig, SCENARIOS, plan.only)
    finally:
        rig.stop()
    if not plan.only:
        say("the decision")
        result["decision"] = measure_decision()
    with open("/proc/loadavg", encoding="ascii") as f:
        result["load"] = f.read().split()[0]
    result["seconds"] = time.monotonic() - start
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--quick", action="store_true", help="one short pair each: says that it runs, not what it costs"
    )
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help="the result as JSON instead of a table")
    shape.add_argument("--markdown", action="store_true", help="the tables of docs/operate/cost.md")
    parser.add_argument("--only", help="scenarios and floods whose names hold one of these texts, nothing else")
    parser.add_argument("--no-profile", action="store_true")
    args = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    result = run(Plan(args))
    text = table(result) + "".join(line + "\n" for line in result.get("decision", []))
    (FOLDER / "result.json").write_text(json.dumps(result, indent=1) + "\n")
    (FOLDER / "table.txt").write_text(text)
    profile = lib_profile.text(result.get("profile"))
    (FOLDER / "profile.txt").write_text(profile)
    markdown = lib_markdown.text(result)
    (FOLDER / "tables.md").write_text(markdown)
    print(json.dumps(result, indent=1) if args.json else markdown if args.markdown else text + profile)
    return 1 if any(r["bad"] for r in result["costs"]) else 0


if __name__ == "__main__":
    sys.exit(main())
