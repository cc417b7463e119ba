"""A disk that does what a test wants: nginx with fdatasync(2) under control.

disk = Disk(folder)                     compiles the shim, writes a wrapper around nginx
gateway(changes={"nginx": {"binary": str(disk.nginx)}})
disk.hang() / disk.fail() / disk.slow(0.3) / disk.heal()
"""

import contextlib
import os
import shutil
import subprocess

from lib_servers import ASAN, ROOT

SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The first word of the file CONTROL: "hang", "fail", or milliseconds. No file: a disk like any other. */
static int control(char *text, size_t n)
{
    const int fd = open(CONTROL, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    const ssize_t got = read(fd, text, n - 1);
    close(fd);
    text[got > 0 ? got : 0] = '\0';
    return got > 0;
}

int fdatasync(int fd)
{
    char text[32];
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    while (control(text, sizeof text) && strcmp(text, "hang") == 0) usleep(5000);
    if (control(text, sizeof text) && strcmp(text, "fail") == 0) { errno = EIO; return -1; }
    if (control(text, sizeof text)) usleep((useconds_t)atoi(text) * 1000);
    return real(fd);
}
"""


class Disk:
    def __init__(self, folder):
        self.control = folder / "disk-control"
        source, shim, self.nginx = folder / "disk.c", folder / "disk.so", folder / "nginx-with-disk"
        source.write_text(SHIM)
        define = f'-DCONTROL="{self.control}"'
        subprocess.run(["gcc", "-shared", "-fPIC", "-O1", define, source, "-o", shim, "-ldl"], check=True)
        real = (
            ROOT / "build" / "nginx-asan" / "nginx"
            if ASAN == "nginx"
            else shutil.which("nginx", path=os.defpath + ":/usr/sbin:/sbin")
        )
        self.nginx.write_text(
            f'#!/bin/sh\nLD_PRELOAD="${{LD_PRELOAD:+$LD_PRELOAD }}{shim}" exec {real} "$@"\n'
        )
        self.nginx.chmod(0o755)

    def _say(self, text):
        fresh = self.control.with_suffix(".new")
        fresh.write_text(text)
        os.replace(fresh, self.control)

    def hang(self):
        self._say("hang")

    def fail(self):
        self._say("fail")

    def slow(self, seconds):
        self._say(str(int(seconds * 1000)))

    def heal(self):
        with contextlib.suppress(FileNotFoundError):
            self.control.unlink()
