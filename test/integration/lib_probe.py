"""Drives test/confine/probe.c: tries something from inside of a running process of a gateway."""

import errno
import mmap
import os
import shutil
import signal
import struct
import time

from lib_servers import ROOT

LIBRARY = ROOT / "build" / "test" / "confine" / "libsallyport-probe.so"
# The order is that of `tries` in probe.c.
WHAT = ["read", "write", "make", "link", "chmod", "connect", "listen", "socket", "fork", "exec", "signal", "setuid", "ptrace"]
WHAT += ["peek", "mount", "ring", "executable", "dumpable"]
ASKED, ANSWERED, REQUEST, RESULT, SIZE = 0, 4, struct.Struct("=4i"), 24, 28 + 512
PATH = 28
ENDED, WAIT_S = "ended", 20


class Probe:
    """Preloaded into a gateway that has not been started; its file lies in the state folder, as confined processes open
    none elsewhere."""

    def __init__(self, server):
        folder = server.state / "PROBE"
        folder.mkdir(parents=True)
        server.state.chmod(0o700)
        self.library = shutil.copy(LIBRARY, folder / "probe.so")
        control = folder / "probe.so.control"
        control.write_bytes(bytes(SIZE))
        with open(control, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), SIZE)
        self.number = 0
        server.env["LD_PRELOAD"] = f"{os.environ.get('LD_PRELOAD', '')} {self.library}".strip()

    def ask(self, process, what, *, path="", number=0, in_committer=False, awake=None):
        """@param awake  called over and over until the process has come by, e.g. a request to the gateway.
        @return "ok", the name of an errno, or ENDED when the process died of it."""
        self.number += 1
        REQUEST.pack_into(self.memory, 8, process.pid, int(in_committer), WHAT.index(what), number)
        self.memory[PATH:SIZE] = str(path).encode().ljust(SIZE - PATH, b"\0")
        struct.pack_into("=i", self.memory, ASKED, self.number)
        end = time.monotonic() + WAIT_S
        while struct.unpack_from("=i", self.memory, ANSWERED)[0] != self.number:
            if not is_alive(process.pid):
                return ENDED
            assert time.monotonic() < end, f"process {process.pid} does not come by"
            if awake:
                awake()
            time.sleep(0.005)
        code = struct.unpack_from("=i", self.memory, RESULT)[0]
        return errno.errorcode[code] if code else "ok"


def is_alive(pid):
    try:
        return open(f"/proc/{pid}/stat", encoding="ascii").read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


# What wakes nginx's master and the supervisor, and tells them nothing that they would act on.
WAKES = {"master": signal.SIGIO, "supervisor": signal.SIGCHLD}


def nudge(processes, role):
    os.kill(processes.by_name()[role].pid, WAKES[role])
