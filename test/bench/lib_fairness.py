"""What others feel while one caller floods: the time of their requests at a fixed rate, with and without the flood, at
the gateway and at bare nginx, in turns."""

import json
import statistics
import subprocess

import lib_bodies

RATE, CONNECTIONS = 100, 8  # of the others: 1 KB chats
SLOWEST = "@a"  # what detectors take longest over, and find nothing in


def _large(model):
    return {"model": model, "messages": [{"role": "user", "content": SLOWEST * (4 * 1024 * 1024 - 100)}]}


# name: (the upstream's kind, connections, body)
FLOODS = {
    "requests": ("json", 64, lambda: lib_bodies.chat("json")),
    "streams": ("stream", 64, lambda: lib_bodies.chat("stream", True)),
    "bodies of 8 MiB": ("json", 4, lambda: _large("json")),
}


def _others(rig, side, file, seconds):
    return rig.load(side, "json", CONNECTIONS, seconds, file, RATE)["whole_us"]


def _flooded(rig, side, flood, others, seconds):
    kind, connections, file = flood
    command = rig.load_command(side, kind, connections, seconds + 2, 0, file)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        seen = _others(rig, side, others, seconds)
        said = json.loads(child.communicate(timeout=60)[0])
    return seen, said["requests"] / said["seconds"]


def measure(rig, pairs, seconds, names=tuple(FLOODS)):
    """[{flood, quiet_us, flooded_us: {side: p99}, ratio, ratio_least, ratio_most, flood_per_second}]; ratio: gateway to bare,
    both under the flood."""
    others = rig.request_file("others", lib_bodies.chat("json"), rig.other_key)
    out = []
    for name in names:
        kind, connections, make = FLOODS[name]
        flood = (kind, connections, rig.request_file("flood", make()))
        quiet, flooded, rate = ({"bare": [], "gateway": []} for _ in range(3))
        for i in range(pairs):
            for side in ("bare", "gateway") if i % 2 == 0 else ("gateway", "bare"):
                quiet[side].append(_others(rig, side, others, seconds)[1])
                seen, per_second = _flooded(rig, side, flood, others, seconds)
                flooded[side].append(seen[1])
                rate[side].append(per_second)
        ratios = [g / b for g, b in zip(flooded["gateway"], flooded["bare"])]
        out.append(
            {
                "flood": name,
                "quiet_us": {s: statistics.median(v) for s, v in quiet.items()},
                "flooded_us": {s: statistics.median(v) for s, v in flooded.items()},
                "flood_per_second": {s: statistics.median(v) for s, v in rate.items()},
                "ratio": statistics.median(ratios),
                "ratio_least": min(ratios),
                "ratio_most": max(ratios),
            }
        )
    return out


def text(rows):
    """Lines of the table; none when nothing was measured."""
    if not rows:
        return []
    head = f"p99 of others (1 KB, {RATE}/s) while one caller floods, ms"
    out = ["", f"{head:<52} {'bare':>8} {'flooded':>8} {'ours':>8} {'flooded':>8}  ours : bare, both flooded"]
    for r in rows:
        ms = [r[k][side] / 1e3 for side in ("bare", "gateway") for k in ("quiet_us", "flooded_us")]
        met = "met" if r["ratio"] <= 3 else "missed"
        out.append(
            f"  {r['flood']:<50} {ms[0]:>8.2f} {ms[1]:>8.2f} {ms[2]:>8.2f} {ms[3]:>8.2f}"
            f"  {r['ratio']:.2f} ({r['ratio_least']:.2f}-{r['ratio_most']:.2f})  goal <= 3  {met}"
        )
    return out
