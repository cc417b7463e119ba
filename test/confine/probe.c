/* Tries what a process of the gateway may do from inside of it: preloaded into the whole gateway (README.md),
 * it acts in the thread that comes through one of the calls below, behind all that this process did to
 * confine itself. What is tried, where, and what came of it stands in a file that the test maps too
 * (lib_probe.py). */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATH_BYTES = 512 };

/* `asked` is written last by the test, `answered` by the process. */
typedef struct control {
    _Atomic int32_t asked, answered;
    int32_t pid;       /* whom it concerns */
    int32_t is_thread; /* a thread that syncs files, and not the one that the process began with */
    int32_t what, number, result;
    char path[PATH_BYTES];
} control;

static control *shared;

/* ---- what can be tried: each returns 0 or an errno ---- */

static int result_of(long rc)
{
    return rc < 0 ? errno : 0;
}

static int open_as(const char *path, int flags)
{
    const int fd = open(path, flags | O_CLOEXEC, 0600);
    return fd < 0 ? errno : result_of(close(fd));
}

static int try_read(const control *c)
{
    return open_as(c->path, O_RDONLY);
}
static int try_write(const control *c)
{
    return open_as(c->path, O_WRONLY);
}
static int try_make(const control *c)
{
    const int made = open_as(c->path, O_WRONLY | O_CREAT);
    return made != 0 ? made : result_of(unlink(c->path));
}
static int try_link(const control *c)
{
    return symlink("/etc/passwd", c->path) < 0 ? errno : result_of(unlink(c->path));
}
static int try_chmod(const control *c)
{
    return result_of(chmod(c->path, (mode_t)c->number));
}

static int try_connect(const control *c)
{
    const struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_port = htons((uint16_t)c->number)};
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int got = fd < 0 ? errno : result_of(connect(fd, (const struct sockaddr *)&at, sizeof at));
    return fd < 0 ? got : close(fd) < 0 ? errno : got;
}

static int try_listen(const control *c)
{
    (void)c;
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int got = fd < 0 ? errno : result_of(listen(fd, 1)); /* the kernel picks a port */
    return fd < 0 ? got : close(fd) < 0 ? errno : got;
}

static int try_socket(const control *c)
{
    const int fd = socket(c->number, (c->number == AF_UNIX ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
    return fd < 0 ? errno : result_of(close(fd));
}

static int try_fork(const control *c)
{
    (void)c;
    const pid_t pid = fork();
    if (pid == 0) {
        _exit(0);
    }
    return pid < 0 ? errno : result_of(waitpid(pid, NULL, 0));
}

static int try_exec(const control *c)
{
    char *const argv[] = {(char[]){"true"}, NULL};
    return result_of(execv(c->path, argv));
}
static int try_signal(const control *c)
{
    return result_of(kill(c->number, 0));
}
/* Not setuid(3), which makes each thread do it and aborts where they do not agree. */
static int try_setuid(const control *c)
{
    return result_of(syscall(SYS_setuid, c->number));
}
static int try_ptrace(const control *c)
{
    return result_of(ptrace(PTRACE_ATTACH, c->number, NULL, NULL));
}

static int try_peek(const control *c)
{
    char byte;
    const struct iovec to = {&byte, 1}, from = {shared, 1};
    return result_of(process_vm_readv(c->number, &to, 1, &from, 1, 0));
}

static int try_mount(const control *c)
{
    return result_of(mount("none", c->path, "tmpfs", 0, NULL));
}

static int try_ring(const control *c)
{
    (void)c;
    return result_of(syscall(SYS_io_uring_setup, 1, NULL));
}

static int try_executable(const control *c)
{
    (void)c;
    /* cppcheck-suppress invalidFunctionArg ; MAP_ANONYMOUS wants -1 (mmap(2)) */
    void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? errno : result_of(munmap(p, 4096));
}

static int try_dumpable(const control *c)
{
    (void)c;
    return result_of(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
}

/* The order is that of lib_probe.WHAT. */
static int (*const tries[])(const control *) = {
    try_read,   try_write,  try_make,  try_link, try_chmod,      try_connect,
    try_listen, try_socket, try_fork,  try_exec, try_signal,     try_setuid,
    try_ptrace, try_peek,   try_mount, try_ring, try_executable, try_dumpable,
};

/* ---- where it happens ---- */

static void serve(bool is_thread)
{
    const int error = errno;
    const int32_t asked = shared != NULL ? atomic_load(&shared->asked) : 0;
    const bool is_main = syscall(SYS_gettid) == getpid();
    if (asked != 0 && asked != atomic_load(&shared->answered) && shared->pid == getpid() &&
        (shared->is_thread != 0) == is_thread && is_main != is_thread &&
        (size_t)shared->what < sizeof tries / sizeof tries[0]) {
        shared->result = tries[shared->what](shared);
        atomic_store(&shared->answered, asked);
    }
    errno = error;
}

/* dlsym gives an object pointer where a function is meant. */
static void find(void *to, const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);
    memcpy(to, &found, sizeof found);
}

int epoll_wait(int fd, struct epoll_event *events, int n, int timeout_ms)
{
    int (*real)(int, struct epoll_event *, int, int) = NULL;
    find(&real, "epoll_wait");
    const int got = real(fd, events, n, timeout_ms);
    serve(false);
    return got;
}

int poll(struct pollfd *fds, nfds_t n, int timeout_ms)
{
    int (*real)(struct pollfd *, nfds_t, int) = NULL;
    find(&real, "poll");
    const int got = real(fds, n, timeout_ms);
    serve(false);
    return got;
}

/* What poll is called where the length of the array is checked (_FORTIFY_SOURCE). */
int __poll_chk(struct pollfd *fds, nfds_t n, int timeout_ms, size_t bytes);
int __poll_chk(struct pollfd *fds, nfds_t n, int timeout_ms, size_t bytes)
{
    return n > bytes / sizeof *fds ? (errno = EINVAL, -1) : poll(fds, n, timeout_ms);
}

int sigsuspend(const sigset_t *set)
{
    int (*real)(const sigset_t *) = NULL;
    find(&real, "sigsuspend");
    const int got = real(set);
    serve(false);
    return got;
}

int fdatasync(int fd)
{
    int (*real)(int) = NULL;
    find(&real, "fdatasync");
    const int got = real(fd);
    serve(true);
    return got;
}

__attribute__((constructor)) static void begin(void)
{
    Dl_info own;
    char path[PATH_BYTES];
    if (dladdr((void *)(uintptr_t)&serve, &own) == 0 || own.dli_fname == NULL ||
        snprintf(path, sizeof path, "%s.control", own.dli_fname) >= (int)sizeof path) {
        return;
    }
    const int fd = open(path, O_RDWR | O_CLOEXEC);
    void *p = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    shared = p == MAP_FAILED ? NULL : p;
    if (fd >= 0) {
        (void)close(fd);
    }
}
