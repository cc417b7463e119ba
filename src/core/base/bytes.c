/** Runs of bytes, checked sizes, wiping. */
#include "sallyport/base.h"

#include <string.h>

sp_bytes sp_bytes_of(const char *s)
{
    if (!s) return SP_BYTES_EMPTY;
    return (sp_bytes){(const uint8_t *)s, strlen(s)};
}

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

bool sp_bytes_eq_nocase(sp_bytes a, sp_bytes b)
{
    if (a.n != b.n) return false;
    for (size_t i = 0; i < a.n; i++) {
        if (lower(a.p[i]) != lower(b.p[i])) return false;
    }
    return true;
}

int sp_bytes_cmp(sp_bytes a, sp_bytes b)
{
    const size_t n = a.n < b.n ? a.n : b.n;
    const int order = n ? memcmp(a.p, b.p, n) : 0;
    if (order != 0) return order;
    return (a.n > b.n) - (a.n < b.n);
}

bool sp_bytes_starts(sp_bytes s, sp_bytes prefix)
{
    return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

sp_bytes sp_bytes_sub(sp_bytes s, size_t start, size_t end)
{
    if (end > s.n) end = s.n;
    if (start >= end) return SP_BYTES_EMPTY;
    return (sp_bytes){s.p + start, end - start};
}

bool sp_equal_secret(const uint8_t *a, const uint8_t *b, size_t n)
{
    volatile uint8_t differ = 0; /* volatile: no early exit may be optimised in */
    for (size_t i = 0; i < n; i++) differ = (uint8_t)(differ | (a[i] ^ b[i]));
    return differ == 0;
}

void sp_wipe(void *p, size_t n)
{
    if (n == 0) return;
    memset(p, 0, n);
    __asm__ __volatile__("" : : "r"(p) : "memory"); /* the stores count as read, so they stay */
}

bool sp_size_add(size_t *out, size_t a, size_t b)
{
    size_t sum;
    if (__builtin_add_overflow(a, b, &sum)) return false;
    *out = sum;
    return true;
}

bool sp_size_mul(size_t *out, size_t a, size_t b)
{
    size_t product;
    if (__builtin_mul_overflow(a, b, &product)) return false;
    *out = product;
    return true;
}
