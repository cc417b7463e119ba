/** @file counted_help.h  Work that is counted: a step at each basic block of a core that was compiled with
 *  -fsanitize-coverage=trace-pc, and what the C library searches, compares and copies by 16 bytes. For a
 * program of one file, linked with --wrap for the four. */
#pragma once
#include <stddef.h>
#include <stdint.h>

static uint64_t steps;

void __sanitizer_cov_trace_pc(void);
void *__real_memchr(const void *s, int c, size_t n);
void *__wrap_memchr(const void *s, int c, size_t n);
int __real_memcmp(const void *a, const void *b, size_t n);
int __wrap_memcmp(const void *a, const void *b, size_t n);
void *__real_memcpy(void *to, const void *from, size_t n);
void *__wrap_memcpy(void *to, const void *from, size_t n);
void *__real_memmove(void *to, const void *from, size_t n);
void *__wrap_memmove(void *to, const void *from, size_t n);

void __sanitizer_cov_trace_pc(void)
{
    steps++;
}

void *__wrap_memchr(const void *s, int c, size_t n)
{
    const uint8_t *found = __real_memchr(s, c, n);
    steps += (found != NULL ? (size_t)(found - (const uint8_t *)s) : n) / 16;
    return __real_memchr(s, c, n);
}

int __wrap_memcmp(const void *a, const void *b, size_t n)
{
    steps += n / 16;
    return __real_memcmp(a, b, n);
}

void *__wrap_memcpy(void *to, const void *from, size_t n)
{
    steps += n / 16;
    return __real_memcpy(to, from, n);
}

void *__wrap_memmove(void *to, const void *from, size_t n)
{
    steps += n / 16;
    return __real_memmove(to, from, n);
}
