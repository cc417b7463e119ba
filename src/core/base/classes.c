/** Classes of bytes as sets of bits, as many bytes at a time as the processor takes: what looks for patterns
 * of letters, digits and separators does so with shifts. */
#include "sallyport/base.h"

#if defined(__x86_64__)
#include <immintrin.h>

/* A range of bytes is one signed comparison after it has been moved to the bottom of the signed range. */
#define BELOW(first) ((char)(0x80 - (first)))
#define TOP(n) ((char)(-128 + (n)))

enum { ALPHABET = 26, DECIMAL = 10, CASE_BIT = 0x20 };

static inline void classes_16(sp_classes *out, const uint8_t *p, unsigned at)
{
    const __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
    const __m128i lower = _mm_or_si128(x, _mm_set1_epi8(CASE_BIT));
    const __m128i alpha =
        _mm_cmplt_epi8(_mm_add_epi8(lower, _mm_set1_epi8(BELOW('a'))), _mm_set1_epi8(TOP(ALPHABET)));
    const __m128i digit =
        _mm_cmplt_epi8(_mm_add_epi8(x, _mm_set1_epi8(BELOW('0'))), _mm_set1_epi8(TOP(DECIMAL)));
    const __m128i pair =
        _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8('&')), _mm_cmpeq_epi8(x, _mm_set1_epi8('%')));
    const __m128i other =
        _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8('\\')), _mm_cmpeq_epi8(x, _mm_set1_epi8('=')));
    const __m128i bracket = _mm_or_si128(
        _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8('(')), _mm_cmpeq_epi8(x, _mm_set1_epi8('['))),
        _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8('{')), _mm_cmpeq_epi8(x, _mm_set1_epi8('<'))));
    out->alpha |= (uint64_t)(uint32_t)_mm_movemask_epi8(alpha) << at;
    out->digit |= (uint64_t)(uint32_t)_mm_movemask_epi8(digit) << at;
    out->high |= (uint64_t)(uint32_t)_mm_movemask_epi8(x) << at;
    out->line |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(x, _mm_set1_epi8('\n'))) << at;
    out->escape |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_or_si128(pair, other)) << at;
    out->bracket |= (uint64_t)(uint32_t)_mm_movemask_epi8(bracket) << at;
    out->o |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(lower, _mm_set1_epi8('o'))) << at;
}

__attribute__((target("avx2"))) static inline uint64_t bits_32(__m256i x)
{
    return (uint32_t)_mm256_movemask_epi8(x);
}

__attribute__((target("avx2"))) static inline __m256i is_32(__m256i x, char c)
{
    return _mm256_cmpeq_epi8(x, _mm256_set1_epi8(c));
}

__attribute__((target("avx2"))) static inline void classes_32(sp_classes *out, const uint8_t *p, unsigned at)
{
    const __m256i x = _mm256_loadu_si256((const __m256i *)(const void *)p);
    const __m256i lower = _mm256_or_si256(x, _mm256_set1_epi8(CASE_BIT));
    const __m256i alpha = _mm256_cmpgt_epi8(_mm256_set1_epi8(TOP(ALPHABET)),
                                            _mm256_add_epi8(lower, _mm256_set1_epi8(BELOW('a'))));
    const __m256i digit =
        _mm256_cmpgt_epi8(_mm256_set1_epi8(TOP(DECIMAL)), _mm256_add_epi8(x, _mm256_set1_epi8(BELOW('0'))));
    const __m256i escape = _mm256_or_si256(_mm256_or_si256(is_32(x, '&'), is_32(x, '%')),
                                           _mm256_or_si256(is_32(x, '\\'), is_32(x, '=')));
    const __m256i bracket = _mm256_or_si256(_mm256_or_si256(is_32(x, '('), is_32(x, '[')),
                                            _mm256_or_si256(is_32(x, '{'), is_32(x, '<')));
    out->alpha |= bits_32(alpha) << at;
    out->digit |= bits_32(digit) << at;
    out->high |= bits_32(x) << at;
    out->line |= bits_32(is_32(x, '\n')) << at;
    out->escape |= bits_32(escape) << at;
    out->bracket |= bits_32(bracket) << at;
    out->o |= bits_32(is_32(lower, 'o')) << at;
}

__attribute__((target("avx2"))) static sp_classes by_32(const uint8_t *p)
{
    sp_classes out = {0};
    classes_32(&out, p, 0);
    classes_32(&out, p + 32, 32);
    return out;
}

sp_classes sp_classes_64(const uint8_t *p)
{
    if (__builtin_cpu_supports("avx2")) return by_32(p);
    sp_classes out = {0};
    for (unsigned at = 0; at < 64; at += 16) classes_16(&out, p + at, at);
    return out;
}
#else
sp_classes sp_classes_64(const uint8_t *p)
{
    sp_classes out = {0};
    for (unsigned i = 0; i < 64; i++) {
        const uint8_t c = p[i], lower = c | 0x20;
        const uint64_t bit = UINT64_C(1) << i;
        if (lower >= 'a' && lower <= 'z') out.alpha |= bit;
        if (c >= '0' && c <= '9') out.digit |= bit;
        if (c >= 0x80) out.high |= bit;
        if (c == '\n') out.line |= bit;
        if (c == '&' || c == '%' || c == '\\' || c == '=') out.escape |= bit;
        if (c == '(' || c == '[' || c == '{' || c == '<') out.bracket |= bit;
        if (lower == 'o') out.o |= bit;
    }
    return out;
}
#endif
