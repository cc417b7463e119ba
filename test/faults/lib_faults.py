"""Drives faults.c: what shall fail, and the power cut."""

import contextlib
import mmap
import os
import pathlib
import shutil
import struct

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIBRARY = ROOT / "build" / "test" / "faults" / "libsallyport-faults.so"
WRITE, SYNC, CREATE, RENAME = 1, 2, 4, 8
ENTRY = struct.Struct("=4sIIIIIQQ")
CONTROL = struct.Struct("=6i")
SECTOR = 512


class Faults:
    """The disk below the state folder, for processes with the environment `env`. Control and journal lie in that folder
    too, as confined processes open them nowhere else; what is below FAULTS is not on the disk that is played."""

    def __init__(self, state):
        self.folder, work = pathlib.Path(state), pathlib.Path(state) / "FAULTS"
        work.mkdir(parents=True)
        self.folder.chmod(0o700)
        self.journal, control = work / "journal", work / "control"
        control.write_bytes(bytes(CONTROL.size))
        with open(control, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), CONTROL.size)
        self.library = shutil.copy(LIBRARY, work / "faults.so")  # what it reads lies beside it
        self._configure(control, "")
        self.env = {"LD_PRELOAD": f"{os.environ.get('LD_PRELOAD', '')} {self.library}".strip()}

    def _configure(self, control, journal):
        pathlib.Path(f"{self.library}.conf").write_text(f"{self.folder}\n{control}\n{journal}\n")

    def keep_journal(self):
        """From now on started processes keep the journal that a cut needs."""
        self._configure(self.journal.with_name("control"), self.journal)
        return self

    def fail(self, operations, error, nth=1, lasting=False):
        """The nth of these operations from now fails with that errno; `lasting`: each one after it too."""
        CONTROL.pack_into(self.memory, 0, operations, nth, error, int(lasting), 0, 0)

    def slow(self, operations, seconds):
        CONTROL.pack_into(self.memory, 0, operations, 0, 0, 0, int(seconds * 1000), 0)

    def heal(self):
        """@return how many operations failed."""
        failed = CONTROL.unpack_from(self.memory)[5]
        CONTROL.pack_into(self.memory, 0, 0, 0, 0, 0, 0, 0)
        return failed

    def cut(self, chance):
        """After all processes are gone: takes back what was not durable. `chance`: a random.Random.
        @return (writes, names) that were not covered by a sync."""
        taken = Cut(entries(self.journal)).play(chance)
        self.journal.unlink(missing_ok=True)
        return taken


class EverythingLost:
    """In place of a random.Random: nothing reached the disk but what a sync covers."""

    @staticmethod
    def choice(options):
        return options[0]

    @staticmethod
    def randint(least, _most):
        return least


MAGIC = b"FLTJ"


def whole_end(data, at):
    """Where the entry at `at` ends, when there is one, and behind it another, a part of one, or nothing; else None."""
    if data[at : at + 4] != MAGIC:
        return None
    _, _, n_path, n_other, n_old, *_ = ENTRY.unpack_from(data, at)
    end = at + ENTRY.size + n_path + n_other + n_old
    return end if data[end : end + 1] in (b"", MAGIC[:1]) and end <= len(data) else None


def entries(journal):
    """(type, path, other path, offset, size before, old bytes) of each entry. A process that was killed while it wrote
    one left a part of it, and never made the change that it was to announce."""
    data, at = journal.read_bytes(), 0
    while at + ENTRY.size <= len(data):
        if whole_end(data, at) is None:
            at = data.find(MAGIC, at + 1)
            if at < 0:
                return
            continue
        _, kind, n_path, n_other, n_old, _, offset, size = ENTRY.unpack_from(data, at)
        at += ENTRY.size
        path, other = data[at : at + n_path].decode(), data[at + n_path : at + n_path + n_other].decode()
        at += n_path + n_other
        yield chr(kind), path, other, offset, size, data[at : at + n_old]
        at += n_old


class Cut:
    """What is not durable at the end of a journal."""

    def __init__(self, journal):
        self.writes, self.names = {}, {}  # by path; by folder
        for entry in journal:
            self._read(*entry)

    def _pending(self, path):
        return self.names.setdefault(os.path.dirname(path), [])

    def _read(self, kind, path, other, offset, size, old):
        if kind in "wt":
            self.writes.setdefault(path, []).append((offset, size, old))
        elif kind == "s":
            self.writes.pop(path, None)
        elif kind == "d":
            self.names.pop(path, None)
        elif kind == "c":
            self.writes.pop(path, None)
            self._pending(path).append((kind, path, None))
        elif kind == "r":
            self.writes[other] = self.writes.pop(path, [])
            self._pending(other).append((kind, path, other))
        elif kind == "u":
            pending = self._pending(path)
            if offset and pending and pending[-1][:2] == ("u", path):
                pending[-1][2].append((offset, old))
            else:
                pending.append(("u", path, [(offset, old)]))

    def play(self, chance):
        n_writes = sum(map(len, self.writes.values()))
        n_names = sum(map(len, self.names.values()))
        for path, writes in sorted(self.writes.items()):
            if writes and os.path.exists(path):
                _undo_writes(path, writes, chance)
        for _, pending in sorted(self.names.items()):
            kept = chance.randint(0, len(pending))
            for change in reversed(pending[kept:]):
                _undo_name(*change)
        return n_writes, n_names


def _undo_writes(path, writes, chance):
    """Sector by sector the newest few of the writes are taken back: all, none, or some at random."""
    how = chance.choice(["all", "some", "some", "none"])
    if how == "none":
        return
    kept = {}  # of each sector, how many of the writes reached the disk
    final = os.path.getsize(path)
    sizes = [size for _, size, _ in writes] + [final]
    size = sizes[0] if how == "all" else chance.choice(sizes)
    with open(path, "r+b") as file:
        for number in range(len(writes) - 1, -1, -1):
            offset, _, old = writes[number]
            for start in range(offset - offset % SECTOR, offset + len(old), SECTOR):
                if start not in kept:
                    kept[start] = 0 if how == "all" else chance.randint(0, len(writes))
                if number >= kept[start]:
                    first, last = max(start, offset), min(start + SECTOR, offset + len(old))
                    file.seek(first)
                    file.write(old[first - offset : last - offset])
        file.truncate(size)


def _undo_name(kind, path, more):
    with contextlib.suppress(FileNotFoundError):
        if kind == "c":
            os.unlink(path)
        elif kind == "r":
            os.rename(more, path)
        else:
            with open(path, "wb") as file:
                for offset, old in more:
                    file.seek(offset)
                    file.write(old)
