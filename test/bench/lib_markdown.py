"""The result of a run as the tables of docs/operate/cost.md."""

import lib_profile

STREAM_KIB_MOST = 40
OTHERS_MOST = 3


def _verdict(value, goal):
    return f"≤ {goal:g}: {'met' if value <= goal else 'missed'}"


def _us(value):
    return f"{value:.1f}" if value < 50 else f"{value:.0f}"


def _costs(rows):
    out = [
        "| | clients | bare µs | gateway µs | ratio | spread | loop | committer | aside | requests/s | p50 ms"
        " | p99 ms | goal |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|",
    ]
    before = None
    for r in rows:
        name = "" if r["name"] == before else r["name"]
        before = r["name"]
        ratio = f"**{r['ratio']:.1f}**" if r["goal"] else f"{r['ratio']:.1f}"
        roles = " | ".join(_us(r["roles_us"].get(role, 0)) for role in ("loop", "committer", "aside"))
        whole = [us / 1e3 for us in r["whole_us"]["gateway"]]
        out.append(
            f"| {name} | {r['clients']} | {_us(r['bare_us'])} | {_us(r['gateway_us'])} | {ratio}"
            f" | {r['ratio_least']:.1f}–{r['ratio_most']:.1f} | {roles} | {r['per_second']['gateway']:,.0f}"
            f" | {whole[0]:.1f} | {whole[1]:.1f} | {_verdict(r['ratio'], r['goal']) if r['goal'] else ''} |"
        )
    return out


def _fairness(rows):
    out = [
        "| flood | bare | flooded | gateway | flooded | gateway to bare, both flooded (spread) | goal |",
        "|---|--:|--:|--:|--:|--:|---|",
    ]
    for r in rows:
        ms = " | ".join(
            f"{r[k][side] / 1e3:.1f}" for side in ("bare", "gateway") for k in ("quiet_us", "flooded_us")
        )
        out.append(
            f"| {r['flood']} | {ms} | **{r['ratio']:.1f}** ({r['ratio_least']:.1f}–{r['ratio_most']:.1f})"
            f" | {_verdict(r['ratio'], OTHERS_MOST)} |"
        )
    return out


def _first(first):
    added, limit = first["added_us"][0], 500 + first["fdatasync_us"]["p50"]
    return [
        f"| first byte of a stream, {first['rate']} requests/s, open loop, p50 | {first['bare_us'][0]:.0f} µs"
        f" | {first['gateway_us'][0]:.0f} µs | **added {added:.0f} µs**; fdatasync alone in that run: p50"
        f" {first['fdatasync_us']['p50']:.0f}, p99 {first['fdatasync_us']['p99']:.0f}; {_verdict(added, round(limit))} |",
        f"| the same, p99 | {first['bare_us'][1] / 1e3:.1f} ms | {first['gateway_us'][1] / 1e3:.1f} ms | |",
    ]


def _memory(memory):
    more = memory["gateway"] - memory["body_kib"]
    return [
        f"| resident per open stream, {memory['body_kib']:.0f} KiB of it the body | {memory['bare']:.1f} KiB"
        f" | {memory['gateway']:.1f} KiB | beyond the body {_verdict(more, STREAM_KIB_MOST)} |"
    ]


def _durable(rows):
    for r in rows:
        if r["name"] == "chat 1 KB" and r["clients"] == 64:
            p50, p99, p999 = (us / 1e3 for us in r["whole_us"]["gateway"])
            yield (
                f"| durable requests a second, 1 KB, 64 clients | {r['per_second']['bare']:,.0f}"
                f" | {r['per_second']['gateway']:,.0f} | p50 {p50:.1f} ms, p99 {p99:.1f}, p999 {p999:.1f} |"
            )


def _profile(profiles):
    names = list(profiles)
    out = [f"| step | {' | '.join(names)} |", "|---|" + "--:|" * len(names)]
    for step in lib_profile.STEPS:
        out.append(f"| {step} | {' | '.join(_us(profiles[n]['steps_us'][step]) for n in names)} |")
    out.append(f"| **all** | {' | '.join('**' + _us(profiles[n]['all_us']) + '**' for n in names)} |")
    return out


def text(result):
    """Every table of what was measured, under the headings of the page."""
    out = [
        f"{result['machine']}; a run of {result['seconds'] / 60:.1f} minutes, load average {result['load']} at its end.",
        "",
        "## CPU per request",
        *_costs(result["costs"]),
    ]
    if result["fairness"]:
        out += ["", "## Others while one caller floods", *_fairness(result["fairness"])]
    if result["first"] and result["memory"]:
        out += ["", "## Time and memory", "| | bare | gateway | |", "|---|--:|--:|---|"]
        out += [*_first(result["first"]), *_memory(result["memory"]), *_durable(result["costs"])]
    if result.get("decision"):
        out += ["", "## The decision", *[f"    {line}" for line in result["decision"]]]
    if result.get("profile"):
        out += ["", "## Where each microsecond goes", *_profile(result["profile"])]
    return "\n".join(out) + "\n"
