/** The classes of bytes of which detectors make their heads, as sets of bits (classes.c has those of
 * normalisation). */
#include "sallyport/base.h"

#if defined(__x86_64__)
#include <immintrin.h>

/* A range of bytes is one signed comparison after it has been moved to the bottom of the signed range. */
#define BELOW(first) ((char)(0x80 - (first)))
#define TOP(n) ((char)(-128 + (n)))

enum { CASE_BIT = 0x20, TO_TOP = 2 /* shifts the bit of the case to the top of its byte */ };

#define IS(c) _mm_cmpeq_epi8(x, _mm_set1_epi8(c))
#define BITS(v) ((uint64_t)(uint32_t)_mm_movemask_epi8(v) << at)

static inline void marks_16(sp_marks *m, const uint8_t *p, unsigned at)
{
    const __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
    const __m128i small = _mm_or_si128(x, _mm_set1_epi8(CASE_BIT));
    const __m128i letter = _mm_add_epi8(small, _mm_set1_epi8(BELOW('a')));
    const __m128i digit = _mm_add_epi8(x, _mm_set1_epi8(BELOW('0')));
    const uint64_t alpha = BITS(_mm_cmplt_epi8(letter, _mm_set1_epi8(TOP(26))));
    m->digit |= BITS(_mm_cmplt_epi8(digit, _mm_set1_epi8(TOP(10))));
    m->alpha |= alpha;
    m->upper |= alpha & ~BITS(_mm_slli_epi16(x, TO_TOP));
    m->dot |= BITS(IS('.'));
    m->colon |= BITS(IS(':'));
    m->dash |= BITS(IS('-'));
    m->blank |= BITS(IS(' '));
    m->equals |= BITS(IS('='));
    m->quote |= BITS(_mm_or_si128(IS('"'), IS('\'')));
    m->star |= BITS(IS('*'));
    m->join |= BITS(_mm_or_si128(IS('@'), IS('+')));
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

AVX2 uint64_t are_either(halves x, char c, char d)
{
    const __m256i one = _mm256_set1_epi8(c), two = _mm256_set1_epi8(d);
    return bits_of(_mm256_or_si256(_mm256_cmpeq_epi8(x.low, one), _mm256_cmpeq_epi8(x.low, two)),
                   _mm256_or_si256(_mm256_cmpeq_epi8(x.high, one), _mm256_cmpeq_epi8(x.high, two)));
}

AVX2 uint64_t are_from(halves x, char first, char n)
{
    const __m256i below = _mm256_set1_epi8(BELOW(first)), top = _mm256_set1_epi8(TOP(n));
    return bits_of(_mm256_cmpgt_epi8(top, _mm256_add_epi8(x.low, below)),
                   _mm256_cmpgt_epi8(top, _mm256_add_epi8(x.high, below)));
}

__attribute__((target("avx2"))) static void marks_by_32(sp_marks *m, const uint8_t *p)
{
    const __m256i *at = (const __m256i *)(const void *)p, bit = _mm256_set1_epi8(CASE_BIT);
    const halves x = {_mm256_loadu_si256(at), _mm256_loadu_si256(at + 1)};
    const halves small = {_mm256_or_si256(x.low, bit), _mm256_or_si256(x.high, bit)};
    m->digit = are_from(x, '0', 10);
    m->alpha = are_from(small, 'a', 26);
    m->upper = m->alpha & ~bits_of(_mm256_slli_epi16(x.low, TO_TOP), _mm256_slli_epi16(x.high, TO_TOP));
    m->dot = are(x, '.');
    m->colon = are(x, ':');
    m->dash = are(x, '-');
    m->blank = are(x, ' ');
    m->equals = are(x, '=');
    m->quote = are_either(x, '"', '\'');
    m->star = are(x, '*');
    m->join = are_either(x, '@', '+');
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

__attribute__((target("avx512bw"))) static void marks_at_once(sp_marks *m, const uint8_t *p)
{
    const __m512i x = _mm512_loadu_si512(p), bit = _mm512_set1_epi8(CASE_BIT);
    m->digit = is_from(x, '0', 10);
    m->alpha = is_from(_mm512_or_si512(x, bit), 'a', 26);
    m->upper = is_from(x, 'A', 26);
    m->dot = is(x, '.');
    m->colon = is(x, ':');
    m->dash = is(x, '-');
    m->blank = is(x, ' ');
    m->equals = is(x, '=');
    m->quote = is(x, '"') | is(x, '\'');
    m->star = is(x, '*');
    m->join = is(x, '@') | is(x, '+');
}

void sp_marks_64(sp_marks *m, const uint8_t *p)
{
    if (__builtin_cpu_supports("avx512bw")) {
        marks_at_once(m, p);
        return;
    }
    if (__builtin_cpu_supports("avx2")) {
        marks_by_32(m, p);
        return;
    }
    *m = (sp_marks){0};
    for (unsigned at = 0; at < 64; at += 16) marks_16(m, p + at, at);
}
#else
void sp_marks_64(sp_marks *m, const uint8_t *p)
{
    *m = (sp_marks){0};
    for (unsigned i = 0; i < 64; i++) {
        const uint8_t c = p[i], small = c | 0x20;
        const uint64_t bit = UINT64_C(1) << i;
        m->digit |= c >= '0' && c <= '9' ? bit : 0;
        m->alpha |= small >= 'a' && small <= 'z' ? bit : 0;
        m->upper |= c >= 'A' && c <= 'Z' ? bit : 0;
        m->dot |= c == '.' ? bit : 0;
        m->colon |= c == ':' ? bit : 0;
        m->dash |= c == '-' ? bit : 0;
        m->blank |= c == ' ' ? bit : 0;
        m->equals |= c == '=' ? bit : 0;
        m->quote |= c == '"' || c == '\'' ? bit : 0;
        m->star |= c == '*' ? bit : 0;
        m->join |= c == '@' || c == '+' ? bit : 0;
    }
}
#endif
