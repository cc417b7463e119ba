/** Passing over what a text mostly consists of, as many bytes at a time as the processor takes. */
#include "base/skip.h"

#if defined(__x86_64__)
#include <immintrin.h>

__attribute__((target("avx2"))) static inline unsigned stops_in_32(const uint8_t *p)
{
    const __m256i x = _mm256_loadu_si256((const __m256i *)(const void *)p);
    const __m256i quotes = _mm256_cmpeq_epi8(x, _mm256_set1_epi8('"'));
    const __m256i slashes = _mm256_cmpeq_epi8(x, _mm256_set1_epi8('\\'));
    const __m256i odd = _mm256_cmpgt_epi8(_mm256_set1_epi8(' '), x);
    return (unsigned)_mm256_movemask_epi8(_mm256_or_si256(_mm256_or_si256(quotes, slashes), odd));
}

/* Whole steps of 32 bytes. @return where there is something else, or less than a step is left. */
__attribute__((target("avx2"))) static const uint8_t *skip_by_32(const uint8_t *p, const uint8_t *end)
{
    for (; end - p >= 32; p += 32) {
        const unsigned stops = stops_in_32(p);
        if (stops != 0) return p + __builtin_ctz(stops);
    }
    return p;
}

static const uint8_t *skip_by_16(const uint8_t *p, const uint8_t *end)
{
    for (; end - p >= 16; p += 16) {
        const unsigned stops = sp__stops_in_16(p);
        if (stops != 0) return p + __builtin_ctz(stops);
    }
    return p;
}

static const uint8_t *skip_steps(const uint8_t *p, const uint8_t *end)
{
    return end - p >= 32 && __builtin_cpu_supports("avx2") ? skip_by_32(p, end) : skip_by_16(p, end);
}

static const uint8_t *skip_line_steps(const uint8_t *p, const uint8_t *end)
{
    for (; end - p >= 16; p += 16) {
        const __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
        const __m128i lf = _mm_cmpeq_epi8(x, _mm_set1_epi8('\n')),
                      cr = _mm_cmpeq_epi8(x, _mm_set1_epi8('\r'));
        const unsigned stops = (unsigned)_mm_movemask_epi8(_mm_or_si128(lf, cr));
        if (stops != 0) return p + __builtin_ctz(stops);
    }
    return p;
}
#else
static const uint8_t *skip_steps(const uint8_t *p, const uint8_t *end)
{
    (void)end;
    return p;
}

static const uint8_t *skip_line_steps(const uint8_t *p, const uint8_t *end)
{
    (void)end;
    return p;
}
#endif

size_t sp_skip_plain(sp_bytes s, size_t at)
{
    if (at == s.n) return at;
    const uint8_t *const end = s.p + s.n, *p = skip_steps(s.p + at, end);
    while (p < end && *p >= ' ' && *p < 0x80 && *p != '"' && *p != '\\') p++;
    return (size_t)(p - s.p);
}

size_t sp_skip_line(sp_bytes s, size_t at)
{
    if (at == s.n) return at;
    const uint8_t *const end = s.p + s.n, *p = skip_line_steps(s.p + at, end);
    while (p < end && *p != '\n' && *p != '\r') p++;
    return (size_t)(p - s.p);
}
