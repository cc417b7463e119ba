"""Where each microsecond goes: samples of perf, grouped into the steps of a request. Samples of the kernel
are told apart by the system call that they came through, those of ours by the folder of their function."""

import collections
import re
import shutil
import subprocess
import time

import lib_rig

CLIENTS, SECONDS, HERTZ = 64, 2, 4000
ROLES = ("loop", "committer", "aside")
PROFILED = ("chat 1 KB", "agent 100 KB, repeated", "agent 100 KB, all new", "one message of 100 KB", "50 events, full speed")
# the steps, and what architecture.md allots them (us at 1 KB, at 100 KB all new)
STEPS = {
    "kernel: network": None,
    "kernel: other": None,
    "nginx": (17, 50),
    "glue": None,
    "parse": (1, 35),
    "scan": (6, 90),
    "label, decide": (1, 3),
    "record, seal": (2, 25),
    "review": None,
    "memory, copies": None,
    "commit: write": None,
    "commit: sync": (5, 60),
    "commit: other": None,
    "not resolved": None,
}
FOLDERS = {
    "parse": "parse",
    "transform": "parse",
    "detect": "scan",
    "label": "label, decide",
    "policy": "label, decide",
    "record": "record, seal",
    "review": "review",
    "nginx": "glue",
    "ledger": "commit: other",
    "base": "memory, copies",
}
LIBRARIES = (
    ("libcrypto", "record, seal"),
    ("libhs", "scan"),
    ("libc.so", "memory, copies"),
    ("nginx", "nginx"),
)
NETWORK = re.compile(
    r"sys_(recv|send|writev|readv|epoll|accept|connect|socket|close|shutdown|ioctl|getsockopt)"
)
FRAME = re.compile(r"^\s+[0-9a-f]+ (.*) \((.*)\)$")


def folders_of_functions():
    """Function -> step, from the debug information of the module."""
    module = lib_rig.BUILD / "ngx_http_sallyport_module.so"
    named = subprocess.run(["nm", "-l", str(module)], capture_output=True, text=True, check=True).stdout
    found = {}
    for line in named.splitlines():
        match = re.match(r"[0-9a-f]+ [tT] (\S+)\t(\S+):\d+$", line)
        if not match:
            continue
        folder = re.search(r"src/(?:core/)?(\w+)/[^/]*$", match.group(2))
        found[match.group(1).split(".")[0]] = (
            FOLDERS.get(folder.group(1), "glue") if folder else "parse"
        )  # yyjson
    return found


def step_of(frames, is_request, functions):
    """frames: innermost first, each (symbol, object); is_request: of a thread that serves requests, not of the committer."""
    symbol, dso = frames[0]
    symbol = symbol.split(".")[0]
    if "kernel" in dso or dso.startswith("["):
        calls = " ".join(s for s, _ in frames)
        if not is_request:
            return (
                "commit: sync"
                if "sync" in calls
                else "commit: write"
                if "write" in calls
                else "commit: other"
            )
        return (
            "kernel: network"
            if NETWORK.search(calls) or "tcp" in calls or "softirq" in calls
            else "kernel: other"
        )
    if not is_request:
        return "commit: other"
    if "sallyport" in dso:
        return functions.get(symbol, "not resolved")
    return next((step for name, step in LIBRARIES if name in dso), "not resolved")


def samples(data):
    """(thread, frames) of each sample."""
    shown = ["perf", "script", "-i", str(data), "-F", "tid,ip,sym,dso"]
    text = subprocess.run(shown, capture_output=True, text=True, check=True).stdout
    for block in text.split("\n\n"):
        lines = block.strip("\n").splitlines()
        frames = [m.groups() for m in map(FRAME.match, lines[1:]) if m]
        if frames:
            yield int(lines[0].split()[0]), frames


def profile(rig, kind, file, functions):
    """Microseconds per request by step, and the dearest functions."""
    roles = {tid: role for role in ROLES for tid in lib_rig.threads_of(rig.pid("gateway"), role)}
    data = rig.folder / "perf.data"
    threads = ",".join(map(str, sorted(roles)))
    watch = ["perf", "record", "-q", "-e", "cpu-clock", "-F", HERTZ, "-g", "-o", data, "-t", threads]
    with subprocess.Popen(
        list(map(str, watch)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as perf:
        time.sleep(0.3)
        seen = rig.load("gateway", kind, CLIENTS, SECONDS, file)
        perf.send_signal(2)
    counts = {role: collections.Counter() for role in ROLES}
    dear = collections.Counter()
    for tid, frames in samples(data):
        role = roles[tid]
        counts[role][step_of(frames, role != "committer", functions)] += 1
        dear[(role, frames[0][0])] += 1
    data.unlink()
    out = {step: 0.0 for step in STEPS}
    scale = {role: seen["cpu_us"].get(role, 0) / max(1, counts[role].total()) for role in ROLES}
    for role in ROLES:
        for step, n in counts[role].items():
            out[step] += n * scale[role]
    top = [[symbol, n * scale[role]] for (role, symbol), n in dear.most_common(18)]
    return {"steps_us": out, "all_us": seen["all_us"], "functions_us": top, "samples": dear.total()}


def measure(rig, scenarios, only):
    if not shutil.which("perf") or not shutil.which("nm"):
        return None
    functions = folders_of_functions()
    out = {}
    for name in PROFILED:
        if only and not any(part in name for part in only):
            continue
        kind, make, _ = scenarios[name]
        out[name] = profile(rig, kind, rig.request_file("profile", make()), functions)
    return out


def text(profiles):
    if not profiles:
        return "\nno profile: perf (Debian: linux-perf) or nm is missing, or it was not asked for\n"
    names = list(profiles)
    lines = [
        "",
        f"where each microsecond goes, {CLIENTS} clients (perf counts too: sums are a little higher)",
    ]
    lines.append(f"{'':<18}" + "".join(f"{n:>26}" for n in names) + f"{'budget 1 KB / 100 KB new':>28}")
    for step, budget in STEPS.items():
        row = "".join(f"{profiles[n]['steps_us'][step]:>26.1f}" for n in names)
        lines.append(f"{step:<18}{row}" + (f"{f'{budget[0]} / {budget[1]}':>28}" if budget else ""))
    lines.append(f"{'all':<18}" + "".join(f"{profiles[n]['all_us']:>26.1f}" for n in names))
    for n in names:
        lines += ["", f"dearest functions, {n}:"]
        lines += [f"  {us:>7.1f} us  {symbol}" for symbol, us in profiles[n]["functions_us"]]
    return "\n".join(lines) + "\n"
