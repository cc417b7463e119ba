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
    out->blank |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(x, _mm_set1_epi8(' '))) << at;
    out->d |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(lower, _mm_set1_epi8('d'))) << at;
    out->o |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(lower, _mm_set1_epi8('o'))) << at;
    out->t |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(lower, _mm_set1_epi8('t'))) << at;
}

/* Both halves of a block. */
typedef struct halves {
    __m256i low, high;
} halves;

#define AVX2 __attribute__((target("avx2"), always_inline)) static inline

AVX2 uint64_t bits_of(__m256i low, __m256i high)
{
    return (uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
}

AVX2 uint64_t are(halves x, char c)
{
    const __m256i all = _mm256_set1_epi8(c);
    return bits_of(_mm256_cmpeq_epi8(x.low, all), _mm256_cmpeq_epi8(x.high, all));
}

AVX2 __m256i is_of(__m256i x, const char four[4])
{
    return _mm256_or_si256(_mm256_or_si256(_mm256_cmpeq_epi8(x, _mm256_set1_epi8(four[0])),
                                           _mm256_cmpeq_epi8(x, _mm256_set1_epi8(four[1]))),
                           _mm256_or_si256(_mm256_cmpeq_epi8(x, _mm256_set1_epi8(four[2])),
                                           _mm256_cmpeq_epi8(x, _mm256_set1_epi8(four[3]))));
}

AVX2 uint64_t are_from(halves x, char first, char n)
{
    const __m256i below = _mm256_set1_epi8(BELOW(first)), top = _mm256_set1_epi8(TOP(n));
    return bits_of(_mm256_cmpgt_epi8(top, _mm256_add_epi8(x.low, below)),
                   _mm256_cmpgt_epi8(top, _mm256_add_epi8(x.high, below)));
}

__attribute__((target("avx2"))) static void classes_by_32(sp_classes *out, const uint8_t *p)
{
    const __m256i *at = (const __m256i *)(const void *)p, bit = _mm256_set1_epi8(CASE_BIT);
    const halves x = {_mm256_loadu_si256(at), _mm256_loadu_si256(at + 1)};
    const halves lower = {_mm256_or_si256(x.low, bit), _mm256_or_si256(x.high, bit)};
    out->alpha = are_from(lower, 'a', ALPHABET);
    out->digit = are_from(x, '0', DECIMAL);
    out->high = bits_of(x.low, x.high);
    out->line = are(x, '\n');
    out->escape = bits_of(is_of(x.low, "&%\\="), is_of(x.high, "&%\\="));
    out->bracket = bits_of(is_of(x.low, "([{<"), is_of(x.high, "([{<"));
    out->blank = are(x, ' ');
    out->d = are(lower, 'd');
    out->o = are(lower, 'o');
    out->t = are(lower, 't');
}

#define AVX512 __attribute__((target("avx512bw"), always_inline)) static inline

AVX512 uint64_t is(__m512i x, char c)
{
    return _mm512_cmpeq_epi8_mask(x, _mm512_set1_epi8(c));
}

AVX512 uint64_t is_from(__m512i x, char first, char n)
{
    return _mm512_cmplt_epu8_mask(_mm512_sub_epi8(x, _mm512_set1_epi8(first)), _mm512_set1_epi8(n));
}

__attribute__((target("avx512bw"))) static void classes_at_once(sp_classes *out, const uint8_t *p)
{
    const __m512i x = _mm512_loadu_si512(p), lower = _mm512_or_si512(x, _mm512_set1_epi8(CASE_BIT));
    out->alpha = is_from(lower, 'a', ALPHABET);
    out->digit = is_from(x, '0', DECIMAL);
    out->high = _mm512_movepi8_mask(x);
    out->line = is(x, '\n');
    out->escape = is(x, '&') | is(x, '%') | is(x, '\\') | is(x, '=');
    out->bracket = is(x, '(') | is(x, '[') | is(x, '{') | is(x, '<');
    out->blank = is(x, ' ');
    out->d = is(lower, 'd');
    out->o = is(lower, 'o');
    out->t = is(lower, 't');
}

void sp_classes_64(sp_classes *out, const uint8_t *p)
{
    if (__builtin_cpu_supports("avx512bw")) {
        classes_at_once(out, p);
        return;
    }
    if (__builtin_cpu_supports("avx2")) {
        classes_by_32(out, p);
        return;
    }
    *out = (sp_classes){0};
    for (unsigned at = 0; at < 64; at += 16) classes_16(out, p + at, at);
}
#else
void sp_classes_64(sp_classes *out, const uint8_t *p)
{
    *out = (sp_classes){0};
    for (unsigned i = 0; i < 64; i++) {
        const uint8_t c = p[i], lower = c | 0x20;
        const uint64_t bit = UINT64_C(1) << i;
        if (lower >= 'a' && lower <= 'z') out->alpha |= bit;
        if (c >= '0' && c <= '9') out->digit |= bit;
        if (c >= 0x80) out->high |= bit;
        if (c == '\n') out->line |= bit;
        if (c == '&' || c == '%' || c == '\\' || c == '=') out->escape |= bit;
        if (c == '(' || c == '[' || c == '{' || c == '<') out->bracket |= bit;
        if (c == ' ') out->blank |= bit;
        if (lower == 'd') out->d |= bit;
        if (lower == 'o') out->o |= bit;
        if (lower == 't') out->t |= bit;
    }
}
#endif
