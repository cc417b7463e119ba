/* A wall clock that a test sets, preloaded into the whole gateway (README.md): every process sees the real
 * one moved by the seconds that stand in a shared file. The clock that nobody sets (CLOCK_MONOTONIC) is left
 * alone. */
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const _Atomic int64_t unmoved;
static const _Atomic int64_t *moved_by = &unmoved;

/* Beside the library; mapped when the program starts, since a confined process opens no such file. */
__attribute__((constructor)) static void map_control(void)
{
    char path[PATH_MAX + 8];
    Dl_info self;
    if (dladdr((void *)map_control, &self) == 0) {
        return;
    }
    (void)snprintf(path, sizeof path, "%s.moved", self.dli_fname);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    void *p = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *moved_by, PROT_READ, MAP_SHARED, fd, 0);
    if (p != MAP_FAILED) {
        moved_by = p;
    }
    if (fd >= 0) {
        (void)close(fd);
    }
}

int clock_gettime(clockid_t id, struct timespec *now)
{
    static int (*real)(clockid_t, struct timespec *);
    if (real == NULL) {
        *(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
    }
    const int rc = real(id, now);
    if (rc == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) {
        now->tv_sec += (time_t)atomic_load(moved_by);
    }
    return rc;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    struct timespec exact;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &exact) != 0) {
        return -1;
    }
    *now = (struct timeval){exact.tv_sec, exact.tv_nsec / 1000};
    return 0;
}

time_t time(time_t *out)
{
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0) {
        return (time_t)-1;
    }
    if (out != NULL) {
        *out = now.tv_sec;
    }
    return now.tv_sec;
}
