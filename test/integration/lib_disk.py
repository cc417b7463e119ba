"""A disk that does what a test wants: nginx with fdatasync(2) under control.

disk = Disk(folder)                     compiles the shim, writes a wrapper around nginx
gateway(changes={"nginx": {"binary": str(disk.nginx)}})
disk.hang() / disk.fail() / disk.slow(0.3) / disk.heal()
"""

import subprocess

from lib_servers import NGINX

SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The first word of the file CONTROL: "hang", "fail", or milliseconds; empty: a disk like any other. It is mapped when the
 * program starts: a worker, which inherits the mapping, may open no such file. */
static const volatile char *control = "";

__attribute__((constructor)) static void map_control(void)
{
    const int fd = open(CONTROL, O_RDONLY | O_CLOEXEC);
    void *p = fd < 0 ? MAP_FAILED : mmap(NULL, 32, PROT_READ, MAP_SHARED, fd, 0);
    if (p != MAP_FAILED) control = p;
    if (fd >= 0) close(fd);
}

static int is(const char *word) { return strcmp((const char *)control, word) == 0; }

int fdatasync(int fd)
{
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    while (is("hang")) usleep(5000);
    if (is("fail")) { errno = EIO; return -1; }
    if (control[0]) usleep((useconds_t)atoi((const char *)control) * 1000);
    return real(fd);
}
"""
CONTROL_BYTES = 32


class Disk:
    def __init__(self, folder):
        self.control = folder / "disk-control"
        self._say("")
        source, shim, self.nginx = folder / "disk.c", folder / "disk.so", folder / "nginx-with-disk"
        source.write_text(SHIM)
        define = f'-DCONTROL="{self.control}"'
        subprocess.run(["gcc", "-shared", "-fPIC", "-O1", define, source, "-o", shim, "-ldl"], check=True)
        self.nginx.write_text(
            f'#!/bin/sh\nLD_PRELOAD="${{LD_PRELOAD:+$LD_PRELOAD }}{shim}" exec {NGINX} "$@"\n'
        )
        self.nginx.chmod(0o755)

    def _say(self, text):
        with open(self.control, "r+b" if self.control.exists() else "w+b") as file:
            file.write(text.encode().ljust(CONTROL_BYTES, b"\0"))

    def hang(self):
        self._say("hang")

    def fail(self):
        self._say("fail")

    def slow(self, seconds):
        self._say(str(int(seconds * 1000)))

    def heal(self):
        self._say("")
