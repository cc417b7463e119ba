#!/usr/bin/env python3
"""Takes controls out, one at a time, and wants the tests that SECURITY.md names to fail.

    test/mutants/mutants.py [--list] [WORD...]     all, or those whose threat, file or tests hold a word

Works in a copy (build/mutants) of what is committed, with the parts that setup made. A mutant lives when all of its
tests pass: then a threat has a control that nothing tests. Tests that do not pass with the control in place, or that
are none, kill nothing. The last line counts; the exit status is 1 if one lives.
"""
import os
import pathlib
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[2]
COPY = ROOT / "build" / "mutants"
TABLE = ROOT / "test" / "mutants" / "mutants.toml"
SHARED_PARTS = ("venv", "servers", "deps")
LONGEST_S = 900
PASSED, FAILED = 0, 1  # of pytest, as of our own: 2 to 5 say that nothing was tested


def rows():
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))["mutant"]


def threats():
    """First cells of the table of threats."""
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8").split("## Threats, controls, tests")[1]
    lines = [line for line in text.split("\n## ")[0].splitlines() if line.startswith("| ")]
    return [line.split("|")[1].strip() for line in lines[1:]]


def problems_of(row):
    """What is wrong with a row before it is tried: the code that it takes out has moved, or the threat."""
    found = (ROOT / row["file"]).read_text(encoding="utf-8").count(row["was"])
    if found != 1:
        yield f"{row['file']}: `{row['was'].strip()}` stands there {found} times, not once"
    if sum(threat.startswith(row["threat"]) for threat in threats()) != 1:
        yield f"SECURITY.md has not one threat that begins with `{row['threat']}`"


def run(command, log):
    """@return the exit status; a command that never ends has failed as well."""
    with open(log, "ab") as out:
        try:
            return subprocess.run(
                command, cwd=COPY, stdin=subprocess.DEVNULL, stdout=out, stderr=out, timeout=LONGEST_S, check=False
            ).returncode
        except subprocess.TimeoutExpired:
            return 1


def copy_tree():
    if not COPY.exists():
        subprocess.run(["git", "clone", "-q", str(ROOT), str(COPY)], check=True)
    head = subprocess.run(["git", "-C", ROOT, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    for step in (["fetch", "-q", "origin"], ["reset", "-q", "--hard", head.stdout.strip()]):
        subprocess.run(["git", "-C", COPY, *step], check=True)
    (COPY / "build").mkdir(exist_ok=True)
    for name in SHARED_PARTS:
        place = COPY / "build" / name
        if not place.exists():
            place.symlink_to(ROOT / "build" / name)


def command_of(test):
    if not test.startswith("test/"):
        return [str(COPY / "build" / "test" / "unit" / test)]
    path, _, selected = test.partition(":")
    python = str(COPY / "build" / "venv" / "bin" / "python")
    return [python, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--timeout=180", path, "-k", selected]


def fails(test, log):
    """Did it run and fail? A unit test may end by a signal."""
    status = run(command_of(test), log)
    if test.startswith("test/") and status not in (PASSED, FAILED):
        raise SystemExit(f"{test}: no test ran (status {status}); the output is in {log}")
    return status != PASSED


def check_whole(chosen):
    """Each test has to pass while nothing is taken out."""
    log = COPY / "build" / "whole.log"
    log.unlink(missing_ok=True)
    if run(["tools/build.sh", "release", "tests"], log) != 0:
        sys.exit(f"the copy does not build: {log}")
    for test in sorted({test for _, row in chosen for test in row["tests"]}):
        if fails(test, log):
            sys.exit(f"{test} fails with every control in place: {log}")


def try_one(row, number):
    """@return what became of it."""
    log = COPY / "build" / f"mutant-{number}.log"
    log.unlink(missing_ok=True)
    file = COPY / row["file"]
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(row["was"], row["becomes"]), encoding="utf-8")
    try:
        if run(["tools/build.sh", "release", "tests"], log) != 0:
            return "does not build"
        killer = next((test for test in row["tests"] if fails(test, log)), None)
    finally:
        file.write_text(text, encoding="utf-8")
    return f"killed by {killer}" if killer else "LIVES"


def main():
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    chosen = [(i, row) for i, row in enumerate(rows()) if not words or any(word in str(row) for word in words)]
    problems = [problem for _, row in chosen for problem in problems_of(row)]
    if problems:
        sys.exit("\n".join(problems))
    if "--list" in sys.argv:
        print("\n".join(f"{row['threat']}: {row['file']}: {', '.join(row['tests'])}" for _, row in chosen))
        return 0
    copy_tree()
    check_whole(chosen)
    bad = 0
    for number, row in chosen:
        said = try_one(row, number)
        bad += not said.startswith("killed")
        print(f"{row['threat']} ({row['file']}): {said}", flush=True)
        if not said.startswith("killed"):
            print(f"   the output is in {os.path.relpath(COPY, ROOT)}/build/mutant-{number}.log")
    print(f"{len(chosen) - bad} killed, {bad} live or do not build")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
