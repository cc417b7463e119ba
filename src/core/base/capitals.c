/** Where words with a capital begin, as many bytes at a time as the processor takes. */
#include "sallyport/base.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

static bool is_upper(int c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_small(int c)
{
    return c >= 0x80 || (c >= 'a' && c <= 'z');
}

/* A capital before a small letter, or the first byte of a letter beyond ASCII, behind what is no letter; or
 * '@'. What is all capitals is mostly a constant of a program. */
static bool is_proposed(sp_bytes text, size_t i)
{
    const uint8_t c = text.p[i];
    if (c == '@') return true;
    const int before = i > 0 ? text.p[i - 1] : '\n', next = i + 1 < text.n ? text.p[i + 1] : '\n';
    return (is_upper(c) ? is_small(next) : c >= 0xc3) && !is_small(before | 0x20);
}

#if defined(__x86_64__)
enum { STEP = 32 };

__attribute__((target("avx2"))) static inline __m256i is_between(__m256i x, uint8_t low, uint8_t high)
{
    const __m256i from_low = _mm256_sub_epi8(x, _mm256_set1_epi8((char)low));
    return _mm256_cmpeq_epi8(_mm256_min_epu8(from_low, _mm256_set1_epi8((char)(high - low))), from_low);
}

__attribute__((target("avx2"))) static inline __m256i load(const uint8_t *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

/* Bytes from 0x80 on are those below zero; from 0xc3 on, of these, those above -0x3e. */
__attribute__((target("avx2"))) static inline unsigned proposed_in_32(const uint8_t *p)
{
    const __m256i x = load(p), before = load(p - 1), next = load(p + 1), zero = _mm256_setzero_si256();
    const __m256i small = _mm256_or_si256(is_between(next, 'a', 'z'), _mm256_cmpgt_epi8(zero, next));
    const __m256i capital = _mm256_and_si256(is_between(x, 'A', 'Z'), small);
    const __m256i begins = _mm256_or_si256(capital, is_between(x, 0xc3, 0xff));
    const __m256i folded = _mm256_or_si256(before, _mm256_set1_epi8(0x20));
    const __m256i letter = _mm256_or_si256(is_between(folded, 'a', 'z'), _mm256_cmpgt_epi8(zero, before));
    const __m256i at = _mm256_cmpeq_epi8(x, _mm256_set1_epi8('@'));
    return (unsigned)_mm256_movemask_epi8(_mm256_or_si256(_mm256_andnot_si256(letter, begins), at));
}

/* Whole steps. @return how far it went: to bits, or to where less than a step is left. */
__attribute__((target("avx2"))) static size_t skip_by_32(sp_capitals *p, size_t i)
{
    for (; i + STEP + 1 <= p->text.n; i += STEP) {
        p->bits = proposed_in_32(p->text.p + i);
        if (p->bits != 0) break;
    }
    return i;
}

static bool has_steps(void)
{
    return __builtin_cpu_supports("avx2");
}
#else
enum { STEP = 32 };

static size_t skip_by_32(sp_capitals *p, size_t i)
{
    (void)p;
    return i;
}

static bool has_steps(void)
{
    return false;
}
#endif

/* The bits of the next bytes, one by one. */
static void fill(sp_capitals *p, size_t i)
{
    const size_t n = p->text.n - i < STEP ? p->text.n - i : STEP;
    for (size_t k = 0; k < n; k++) p->bits |= (uint64_t)is_proposed(p->text, i + k) << k;
}

size_t sp_capitals_next(sp_capitals *p, size_t i)
{
    if (i < p->end) {
        p->bits = i > p->at ? p->bits >> (i - p->at) << (i - p->at) : p->bits;
        if (p->bits != 0) return p->at + (size_t)__builtin_ctzll(p->bits);
        i = p->end;
    }
    while (i < p->text.n) {
        p->bits = 0;
        if (i > 0 && has_steps()) i = skip_by_32(p, i);
        if (p->bits == 0 && i < p->text.n) fill(p, i);
        p->at = i;
        p->end = p->text.n - i < STEP ? p->text.n : i + STEP;
        if (p->bits != 0) return i + (size_t)__builtin_ctzll(p->bits);
        i += STEP;
    }
    return p->text.n;
}
