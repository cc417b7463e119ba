"""What the kernel says of the processes of a run, and what of the state folder workers may reach."""

import os
import pathlib
import pwd
import re
import stat

WORKERS_USER = "www-data"


def is_root():
    return os.geteuid() == 0


def workers_group():
    """The group of the workers' user, when the gateway is started by root; else no group at all."""
    return pwd.getpwnam(WORKERS_USER).pw_gid if is_root() else -1


def group_bits(state, path):
    """What that group may do with a path of the state folder."""
    inside = path.relative_to(state).parts
    if inside in ((), ("snapshot",), ("stops",)):
        return stat.S_IXGRP
    is_read = inside[0] == "snapshot" or inside == ("stops", "current")
    return stat.S_IRGRP if is_read else 0


class Proc:
    """/proc/PID."""

    def __init__(self, pid):
        self.pid = int(pid)
        self.folder = pathlib.Path(f"/proc/{self.pid}")

    def status(self):
        lines = (self.folder / "status").read_text().splitlines()
        return dict(re.split(r":\s*", line, maxsplit=1) for line in lines)

    def bytes(self, name):
        return (self.folder / name).read_bytes()

    def children(self):
        found = self.folder / "task" / str(self.pid) / "children"
        return [Proc(pid) for pid in found.read_text().split()]

    def command(self):
        return self.bytes("cmdline").replace(b"\0", b" ").decode().strip()

    def descriptors(self):
        return {int(link.name): os.readlink(link) for link in (self.folder / "fd").iterdir()}

    def maps(self):
        """(start, end, rights, name) of each mapping."""
        rows = (line.split(maxsplit=5) for line in (self.folder / "maps").read_text().splitlines())
        return [
            (*(int(x, 16) for x in r[0].split("-")), r[1], r[5] if len(r) > 5 else "") for r in rows
        ]

    def memory(self):
        """All that can be read of its memory, one piece per mapping."""
        with open(self.folder / "mem", "rb", buffering=0) as mem:
            for start, end, rights, name in self.maps():
                if rights[0] == "r" and not name.startswith(("[vvar", "[vdso", "[vsyscall")):
                    try:
                        mem.seek(start)
                        yield mem.read(end - start)
                    except OSError:
                        pass  # a page of a file that has become shorter


class Processes:
    """The processes of a running gateway by role."""

    def __init__(self, server):
        self.supervisor = Proc(server.process.pid)
        children = self.supervisor.children()
        self.daemon = next(p for p in children if p.command().split()[0].endswith("sallyportd"))
        self.master = next(p for p in children if "master process" in p.command())
        self.workers = self.master.children()

    @property
    def worker(self):
        return self.workers[0]

    def by_name(self):
        return {
            "supervisor": self.supervisor,
            "daemon": self.daemon,
            "master": self.master,
            "worker": self.worker,
        }
