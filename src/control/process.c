#include "control/process.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Names that end in = are whole names; the others are beginnings. */
static const char *const kept[] = {
    "PATH=",
    "HOME=",
    "TZ=",
    "LANG=",
    "LC_",
    "LD_PRELOAD=",
    "ASAN_OPTIONS=",
    "UBSAN_OPTIONS=",
    "LSAN_OPTIONS=",
    "TSAN_OPTIONS=",
    "SSL_CERT_FILE=",
    "SSL_CERT_DIR=",
    "RES_OPTIONS=",
};

bool spd_environment_keeps(const char *entry)
{
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        if (strncmp(entry, kept[i], strlen(kept[i])) == 0) {
            return true;
        }
    }
    return false;
}

char **spd_environment(void)
{
    static char **made;
    size_t n = 0, used = 0;
    if (made != NULL) {
        return made;
    }
    while (environ[n] != NULL) {
        n++;
    }
    made = calloc(n + 1, sizeof *made);
    for (size_t i = 0; made != NULL && i < n; i++) {
        if (spd_environment_keeps(environ[i])) {
            made[used++] = environ[i];
        }
    }
    return made;
}

static struct timespec now_of(clockid_t clock)
{
    struct timespec now = {0};
    (void)clock_gettime(clock, &now); /* cannot fail with a valid clock */
    return now;
}

uint64_t spd_monotonic_ms(void)
{
    const struct timespec now = now_of(CLOCK_MONOTONIC);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t spd_wall_s(void)
{
    return (uint64_t)now_of(CLOCK_REALTIME).tv_sec;
}

uint64_t spd_wall_ns(void)
{
    const struct timespec now = now_of(CLOCK_REALTIME);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

void spd_log(const char *level, const char *format, ...)
{
    char line[1024], when[32];
    struct tm parts;
    va_list rest;
    const time_t now = (time_t)spd_wall_s();
    (void)strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &parts));
    va_start(rest, format);
    (void)vsnprintf(line, sizeof line, format, rest);
    va_end(rest);
    for (char *p = line; *p != '\0'; p++) {
        if ((unsigned char)*p < 0x20 || *p == 0x7f) {
            *p = ' '; /* one message, one line */
        }
    }
    (void)fprintf(stderr, "%s sallyportd[%d]: [%s] %s\n", when, (int)getpid(), level, line);
}
