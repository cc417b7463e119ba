#!/usr/bin/env python3
"""Kills parts of a gateway under load at random moments, cuts its power, starts it again, and checks that nothing left
unrecorded and that nothing recorded was lost. README.md says what is checked.

    chaos.py [--rounds 100] [--seed N] [--resume] [--life N] | --self-test

A *life* is one start of `sallyport run`; it takes kills of workers, of the daemon and of nginx until a kill ends it. Each kill is
a round. --resume goes on where a run in build/chaos ended, or broke off; --life repeats the choices of one life.
"""

import argparse
import collections
import contextlib
import errno
import json
import os
import pathlib
import random
import shutil
import signal
import struct
import sys
import tempfile
import time
import traceback

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "test" / "integration"), str(ROOT / "test" / "faults")]

import lib_config  # noqa: E402
from lib_faults import CREATE, RENAME, SYNC, WRITE, Faults  # noqa: E402
from lib_gateway import Gateway  # noqa: E402
from lib_load import HANGS_S, KEYS, PERSONAL, PROVIDERS, Broken, Load, Providers, check_own, marker_of  # noqa: E402
from test_seal_reader import BLOCK, END, FRAME_HEADER_BYTES, HEADER_BYTES, INTENT, RECORD, crc32c, open_block  # noqa: E402

WORK = ROOT / "build" / "chaos"
# What is killed, and how often in proportion; the first three do not end the life.
TARGETS = {"worker": 5, "daemon": 3, "master": 2, "supervisor": 2, "power": 4}
GOES_ON = {"worker", "daemon", "master"}
# What the disk does meanwhile, in one round of two: operations, errno (None: it is slow), in proportion.
DISKS = {
    "full": (WRITE | CREATE, errno.ENOSPC, 4),
    "bad-write": (WRITE, errno.EIO, 3),
    "bad-sync": (SYNC, errno.EIO, 3),
    "read-only": (WRITE | CREATE | RENAME, errno.EROFS, 3),
    "slow": (SYNC, None, 1),
}
SLOW_S, RECORD_WAIT_S, NTH_MOST = 2, 1, 40
LIFE_ROUNDS = 4
TAIL_LINES = 30  # of logs, when something failed
LIVES_OF_A_STATE = 12  # then a fresh one, so that a check stays short
CHANGES = {"audit": {"segment": "1MiB"}, "limits": {"body": "256KiB", "record_wait": f"{RECORD_WAIT_S}s"}, "nginx": {"workers": 2}}


# ---- processes ----


def children(pid):
    """All descendants of a process that are alive, the deepest last."""
    out = []
    with contextlib.suppress(OSError):
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                out += [int(child), *children(int(child))]
    return out


def is_alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def kill(pid):
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def wait_gone(pids):
    end = time.monotonic() + HANGS_S
    while any(map(is_alive, pids)):
        if time.monotonic() > end:
            raise Broken(f"processes {[p for p in pids if is_alive(p)]} outlive their run by {HANGS_S} s")
        time.sleep(0.01)


# ---- what was recorded, read by other code than the gateway's ----


def frames(path):
    """(type, request id, body) of each frame, up to the first place that holds none: a write that failed or was cut off leaves a part of
    one, and nothing behind it counts. That nothing counts less than it should is for `audit verify` to say."""
    data, at = path.read_bytes(), HEADER_BYTES
    while data[at : at + 4] == b"SPLF":
        head, kind, n = data[at : at + FRAME_HEADER_BYTES], data[at + 4], struct.unpack_from(">I", data, at + 12)[0]
        crc_body, crc_head = struct.unpack_from(">II", head, FRAME_HEADER_BYTES - 8)
        body = data[at + FRAME_HEADER_BYTES : at + FRAME_HEADER_BYTES + n]
        if crc_head != crc32c(head[:-4]) or crc_body != crc32c(body):
            return
        yield kind, head[32:48], body
        at = (at + FRAME_HEADER_BYTES + n + 7) & ~7


class Recorded:
    """Markers whose intent is in the ledger, by the sealed blocks opened with the private key, and the request of each."""

    def __init__(self):
        self.read, self.markers = set(), {}

    def update(self, state):
        secret = (state / "seal.key").read_bytes()
        for path in sorted((state / "ledger").glob("*.seg")):
            if path not in self.read:
                is_ended, markers = self._markers(path, secret)
                self.markers |= markers
                self.read |= {path} if is_ended else set()
        return self.markers

    @staticmethod
    def _markers(path, secret):
        """Whether nothing will be added to the segment, and its markers with the id of the request of each."""
        blocks, intents, kind = {}, set(), None
        for kind, request, data in frames(path):
            if kind == BLOCK:
                blocks.setdefault(request, []).append(data)
            elif kind == RECORD and data[32 + 3] == INTENT:
                intents.add(request)
        texts = ((r, open_block(b, secret)) for r in intents for b in blocks.get(r, []))
        markers = {marker_of(text): request.hex() for request, text in texts}
        markers.pop(None, None)
        return kind == END, markers


# ---- one state: several lives ----


class World:
    """A gateway's state, the disk that it lives on, and the providers with their own logs."""

    def __init__(self, folder):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.providers = Providers(folder)
        self.server = Gateway(folder, lib_config.merged(self.providers.settings(), CHANGES))
        self.faults = Faults(self.server.state).keep_journal()
        self.server.env |= {**self.providers.environment(), **self.faults.env}
        self.recorded, self.revoked, self.pids, self.losses = Recorded(), [], [], 0
        self.told = []  # what was done in the life that runs
        self.server.start()
        self.key = self.server.key()

    def disturb(self, chance):
        """The disk begins to misbehave. @return how."""
        name = chance.choices(list(DISKS), [share for _, _, share in DISKS.values()])[0]
        operations, error, _ = DISKS[name]
        if error is None:
            self.faults.slow(operations, SLOW_S)
        else:
            self.faults.fail(operations, error, chance.randint(1, NTH_MOST), lasting=chance.random() < 0.7)
        return name

    def await_service(self, load):
        """With a disk that works and providers that answer each of them is asked again, by itself."""
        self.server.wait_ready(HANGS_S)
        end, before = time.monotonic() + HANGS_S, {p: load.n_good(p) for p in PROVIDERS}
        while any(load.n_good(p) == n for p, n in before.items()):
            if time.monotonic() > end:
                raise Broken(f"not both providers serve {HANGS_S} s after all works again: {before}")
            time.sleep(0.02)
        self.verify()

    def note_pids(self):
        self.pids = [self.server.process.pid, *children(self.server.process.pid)]

    def pid_of(self, target, chance):
        """None when it is being started again."""
        if target == "supervisor":
            return self.server.process.pid
        if target == "daemon":
            with contextlib.suppress(AssertionError):
                return self.server.daemon_pid()
            return None
        master = self.nginx_pid()
        if target == "master" or master is None:
            return master
        workers = [p for p in children(master) if is_alive(p)]
        return chance.choice(workers) if workers else None

    def nginx_pid(self):
        """A full disk may have kept nginx from writing it."""
        with contextlib.suppress(OSError, ValueError):
            return int((self.server.state / "nginx.pid").read_text())
        return None

    def strike(self, target, chance):
        """One kill. @return whether the run goes on."""
        self.note_pids()
        if target == "power":
            for pid in self.pids:
                kill(pid)
        else:
            pid = self.pid_of(target, chance)
            if pid:
                kill(pid)
        return target in GOES_ON

    def await_end(self):
        """All of the run has to end by itself after the kill of its supervisor."""
        self.server.process.child.wait(HANGS_S)
        wait_gone(self.pids)
        self.server.process = None

    def revoke_one(self):
        key = self.server.new_key("desk")
        self.server.cli("key", "revoke", key.split("_")[1], "--reason", "a test")
        self.revoked.append(key)

    def verify(self):
        """Also while records are being written: nothing is damaged, and nothing was cut off."""
        verdict = self.server.verify(check=False)
        if verdict.returncode != 0:
            raise Broken(f"the log does not verify:\n{verdict.stdout}{verdict.stderr}")

    def check(self, load):
        """After a start, with no request under way."""
        self.verify()
        tries = self.server.records()
        still_open = [t["request_id"] for t in tries if t["outcome"] == "open"]
        if still_open:
            raise Broken(f"tries without an end: {still_open[:5]}")
        self.check_seen(tries)
        self.check_answers(tries, {m: said[1:] for m, said in load.items() if said[0] == 200})
        for key in self.revoked[-3:]:
            if self.server.get("/v1/models", key=key)[0] != 401:
                raise Broken("a revoked key serves again")
        self.losses, self.failed = (sum(t["outcome"] == word for t in tries) for word in ("lost", "failed"))
        return len(tries)

    def check_seen(self, tries):
        """What reached a destination was intended there, once for each try."""
        recorded = self.recorded.update(self.server.state)
        arrived = self.providers.seen()
        unrecorded = {m for _, m in arrived} - recorded.keys()
        if unrecorded:
            raise Broken(f"reached a destination and is not recorded: {sorted(unrecorded)[:5]}")
        intended = collections.Counter((t["destination"], t["request_id"]) for t in tries)
        more = [(d, m, n) for (d, m), n in arrived.items() if n > intended[d, recorded[m]]]
        if more:
            raise Broken(f"reached a destination more often than it was tried: {more[:5]}")

    def check_answers(self, tries, answered):
        """What was answered whole is recorded, with its outcome, of the destination that the answer names."""
        missing = answered.keys() - self.recorded.markers.keys()
        if missing:
            raise Broken(f"was answered and is not recorded: {sorted(missing)[:5]}")
        ended = {(t["request_id"], t["destination"]) for t in tries if t["outcome"] in ("allow", "reroute")}
        without_end = set(answered.values()) - ended
        if without_end:
            raise Broken(f"was answered whole, and its outcome is not: {sorted(without_end)[:5]}")

    def close(self):
        if self.server.process:
            self.note_pids()
            for pid in self.pids:
                kill(pid)
            self.server.process.child.wait()
        self.providers.stop()


# ---- rounds ----


def strike(world, target, load, chance):
    """One round: a kill, in half of them on a disk that misbehaves, and in half with a first provider that fails.
    @return (whether the run goes on, what was done)."""
    disk = world.disturb(chance) if chance.random() < 0.5 else None
    ailment = world.providers.ail(chance) if chance.random() < 0.5 else None
    time.sleep(chance.uniform(0.02, 0.6))
    goes_on = world.strike(target, chance)
    if disk and goes_on:
        time.sleep(chance.uniform(0, 0.4))
    if not goes_on:
        world.await_end()
    failed = world.faults.heal()
    world.providers.heal()
    if goes_on:
        world.await_service(load)
    what = f"{target}/{disk}({failed})" if disk else target
    return goes_on, f"{what}+{ailment}" if ailment else what


def live(world, life, seed):
    """One life. @return (rounds, what was done)."""
    chance = random.Random(f"{seed}-{life}")
    load = Load(world.server, world.key, f"{life}")
    told, rounds, is_running = [], 0, True
    world.told = told
    try:
        if chance.random() < 0.3:
            world.revoke_one()
            told.append("revoke")
        while is_running:
            target = chance.choices(list(TARGETS), list(TARGETS.values()))[0]
            rounds += 1
            if rounds == LIFE_ROUNDS and target in GOES_ON:
                target = "power"
            is_running, what = strike(world, target, load, chance)
            told.append(what)
    finally:
        world.faults.heal()
        world.providers.heal()
        done = load.stop()
    if load.unanswered:
        raise Broken(f"neither answered nor refused within its bound: {load.unanswered[:5]}")
    if target == "power":
        told[-1] += " (%d writes, %d names not synced)" % world.faults.cut(chance)
    world.server.start()
    n = world.check(done)
    return rounds, f"{' '.join(told)}: {n} tries, {world.failed} failed, {world.losses} lost"


def load_progress():
    try:
        return json.loads((WORK / "progress.json").read_text())
    except (OSError, ValueError):
        return None


def save_progress(progress):
    fresh = WORK / "progress.new"
    fresh.write_text(json.dumps(progress))
    fresh.replace(WORK / "progress.json")


# ---- failures ----


def words_of(error):
    """What failed and where, also when the error says nothing itself."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    text = str(error) or frame.line
    return f"{type(error).__name__}: {text}\nchaos: at {pathlib.Path(frame.filename).name}:{frame.lineno} in {frame.name}: {frame.line}"


def last_words(folder):
    """The ends of what the newest run of a gateway said, and of nginx's log."""
    runs = sorted(folder.glob("run-*.out"), key=lambda p: int(p.stem.split("-")[1]))
    for path in [*runs[-1:], *sorted(folder.rglob("error.log"))]:
        yield f"== the end of {path.relative_to(folder)}"
        yield from path.read_text(errors="replace").splitlines()[-TAIL_LINES:]


def keep(world, name):
    """Ends what runs and puts its folder where nothing removes it. @return the folder."""
    world.close()
    kept = WORK / f"failed-{name}"
    shutil.rmtree(kept, ignore_errors=True)
    return world.server.folder.rename(kept)


def report(error, world, progress):
    """What was wrong comes last: a log that is cut at its front still says it."""
    traceback.print_exception(error)
    kept = keep(world, f"{progress['seed']}-{progress['life']}") if world else None
    print("\n".join(last_words(kept)) if kept else "chaos: there was no gateway yet")
    if world and world.told:
        print(f"chaos: done in that life: {' '.join(world.told)}")
    print(f"chaos: again: test/chaos/chaos.py --seed {progress['seed']} --life {progress['life']}; the state is kept in {kept}")
    print(f"chaos: FAILED in life {progress['life']} of seed {progress['seed']}: {words_of(error)}", flush=True)


def self_test():
    """A bare assertion is told with its line, and with the end of the newest run."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for n, said in ((2, "of the second"), (10, "line\n" * 50 + "of the tenth")):
            (folder / f"run-{n}.out").write_text(said)
        told = list(last_words(folder))
        assert told[0].endswith("run-10.out") and told[-1] == "of the tenth" and len(told) == 1 + TAIL_LINES
    try:
        assert folder.exists()
    except AssertionError as error:
        words = words_of(error)
        assert words.count("assert folder.exists()") == 2 and "chaos.py:" in words and "in self_test" in words
    self_test_of_what_is_seen()


def self_test_of_what_is_seen():
    """The first provider's key or body at the second is told, and so is content that the first may not have."""
    own = {"headers": [["x-api-key", KEYS["second"]]]}
    own["body"] = json.dumps({"model": "second-openai-text", "m": "mark-1-end"})
    assert check_own("second", own) == ("second-openai-text", "mark-1-end")
    personal = {"headers": [["x-api-key", KEYS["first"]]], "body": json.dumps({"model": "first-openai-text", "m": PERSONAL})}
    foreign = {**own, "headers": [*own["headers"], ["x-api-key", KEYS["first"]]]}
    for provider, request in (("first", own), ("second", foreign), ("first", personal)):
        try:
            check_own(provider, request)
        except Broken:
            continue
        raise AssertionError(f"nobody sees that this reached {provider}: {request}")


# ---- all of it ----


def run(options):
    WORK.mkdir(parents=True, exist_ok=True)
    progress = load_progress() if options.resume else None
    if progress is None or progress["rounds"] >= options.rounds:
        seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1 << 32)
        progress = {"seed": seed, "life": options.life or 0, "rounds": 0}
    print(f"chaos: seed {progress['seed']}, from life {progress['life']}, round {progress['rounds']}", flush=True)
    world, lives = None, 0
    try:
        while progress["rounds"] < options.rounds:
            if world is None:
                world = World(WORK / f"state-{progress['life']}")
            rounds, told = live(world, progress["life"], progress["seed"])
            progress["rounds"] += rounds
            print(f"chaos: {progress['rounds']}/{options.rounds} life {progress['life']}: {told}", flush=True)
            progress["life"] += 1
            lives += 1
            save_progress(progress)
            if options.life is not None:
                break
            if lives % LIVES_OF_A_STATE == 0:
                world.close()
                shutil.rmtree(world.server.folder)
                world = None
    except Exception as error:  # whatever it is, the life that it happened in has to be known
        report(error, world, progress)
        world = None
        return 1
    finally:
        if world is not None:
            world.close()
    print(f"chaos: ok, {progress['rounds']} rounds")
    return 0


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--life", type=int)
    parser.add_argument("--self-test", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    asked = arguments()
    sys.exit(self_test() if asked.self_test else run(asked))
