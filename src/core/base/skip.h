/** @file skip.h  The first step of sp_skip_plain in line: most strings of a request end within it. Private to
 *  the core. */
#pragma once
#include "sallyport/base.h"

#if defined(__x86_64__)
#include <immintrin.h>

/** Of 16 bytes, a bit for each at which sp_skip_plain stops. As signed bytes control characters and what is
 * beyond ASCII are those below a blank. */
static inline unsigned sp__stops_in_16(const uint8_t *p)
{
    const __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
    const __m128i quotes = _mm_cmpeq_epi8(x, _mm_set1_epi8('"'));
    const __m128i slashes = _mm_cmpeq_epi8(x, _mm_set1_epi8('\\'));
    const __m128i odd = _mm_cmplt_epi8(x, _mm_set1_epi8(' '));
    return (unsigned)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quotes, slashes), odd));
}
#endif

/** sp_skip_plain. */
static inline size_t sp_skip_short(sp_bytes s, size_t at)
{
#if defined(__x86_64__)
    if (s.n - at >= 16) {
        const unsigned stops = sp__stops_in_16(s.p + at);
        if (stops != 0) return at + (size_t)__builtin_ctz(stops);
        at += 16;
    }
#endif
    return sp_skip_plain(s, at);
}
