/** @file bench_help.h  What the programs of this folder share: files, the clock, and one way out. */
#pragma once
#include "sallyport/base.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { BENCH_FILE_MAX = 8 << 20 };

/** Ends the program where something does not hold: a number that is measured anyway would be none. */
static inline void must(bool holds, const char *what)
{
    if (holds) return;
    (void)fprintf(stderr, "%s: %s\n", program_invocation_short_name, what);
    exit(EXIT_FAILURE);
}

/** The whole of a file of at most BENCH_FILE_MAX bytes; its memory is never given back. */
static inline sp_bytes read_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    must(f != NULL, path);
    uint8_t *p = malloc(BENCH_FILE_MAX);
    must(p != NULL, "out of memory");
    const size_t n = fread(p, 1, BENCH_FILE_MAX, f);
    must(feof(f) || getc(f) == EOF, "a file of more than 8 MiB");
    (void)fclose(f);
    return (sp_bytes){p, n};
}

/** Processor time of this thread, in microseconds. */
static inline double now_us(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/** Order of qsort for doubles. */
static inline int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}
