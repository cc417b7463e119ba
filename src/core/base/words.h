/** @file words.h  Plain words, which most texts consist of: runs of ASCII letters, digits and `_`. Inline,
 * since each is asked for once per word; without a branch that depends on the bytes. Private to the core.
 */
#pragma once
#include "sallyport/base.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum {
    SP_WORD_BYTES = 16,  /**< that are read of a word */
    SP_WORDS_BYTES = 64, /**< of which it is known at a time where words are */
};

/** A plain word. */
typedef struct sp_plain_word {
    uint32_t n;               /**< bytes */
    bool opens;               /**< with a capital */
    bool is_upper, is_number; /**< all of it */
    uint64_t low;             /**< the first eight bytes without case, the first lowest */
} sp_plain_word;

#if defined(__x86_64__)
/* A range of bytes is one signed comparison after it has been moved to the bottom of the signed range. */
#define SP_BELOW(first) ((char)(0x80 - (first)))
#define SP_TOP(n) ((char)(-128 + (n)))

static inline __m128i sp_word__letters(__m128i x)
{
    const __m128i small = _mm_or_si128(x, _mm_set1_epi8(0x20));
    return _mm_cmplt_epi8(_mm_add_epi8(small, _mm_set1_epi8(SP_BELOW('a'))), _mm_set1_epi8(SP_TOP(26)));
}

static inline __m128i sp_word__digits(__m128i x)
{
    return _mm_cmplt_epi8(_mm_add_epi8(x, _mm_set1_epi8(SP_BELOW('0'))), _mm_set1_epi8(SP_TOP(10)));
}

static inline uint32_t sp_word__bits(const uint8_t *p)
{
    const __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
    const __m128i is_under = _mm_cmpeq_epi8(x, _mm_set1_epi8('_'));
    const __m128i is_any = _mm_or_si128(sp_word__letters(x), sp_word__digits(x));
    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(is_any, is_under));
}

/** The word of `n` bytes, below SP_WORD_BYTES, at `p`, where so many can be read. */
static inline sp_plain_word sp_plain_word_of(const uint8_t *p, uint32_t n)
{
    enum { TO_TOP = 2 }; /* shifts the bit of the case to the top of its byte */
    const __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p), letter = sp_word__letters(x);
    const uint32_t digits = (uint32_t)_mm_movemask_epi8(sp_word__digits(x)), here = (1u << n) - 1;
    const uint32_t upper =
        (uint32_t)_mm_movemask_epi8(letter) & ~(uint32_t)_mm_movemask_epi8(_mm_slli_epi16(x, TO_TOP));
    const __m128i low = _mm_or_si128(x, _mm_and_si128(letter, _mm_set1_epi8(0x20)));
    return (sp_plain_word){n, upper & here & 1, (upper & here) == here, (digits & here) == here,
                           (uint64_t)_mm_cvtsi128_si64(low)};
}
#else
static inline bool sp_word__is_letter(uint8_t c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static inline bool sp_word__is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static inline uint32_t sp_word__bits(const uint8_t *p)
{
    uint32_t bits = 0;
    for (uint32_t i = 0; i < SP_WORD_BYTES; i++) {
        const bool is_any = sp_word__is_letter(p[i]) || sp_word__is_digit(p[i]) || p[i] == '_';
        bits |= (uint32_t)is_any << i;
    }
    return bits;
}

/** The word of `n` bytes, below SP_WORD_BYTES, at `p`, where so many can be read. */
static inline sp_plain_word sp_plain_word_of(const uint8_t *p, uint32_t n)
{
    sp_plain_word w = {n, p[0] >= 'A' && p[0] <= 'Z', true, true, 0};
    for (uint32_t i = 0; i < n; i++) {
        w.is_upper = w.is_upper && p[i] >= 'A' && p[i] <= 'Z';
        w.is_number = w.is_number && sp_word__is_digit(p[i]);
    }
    for (uint32_t i = 0; i < 8; i++) {
        const uint8_t small = sp_word__is_letter(p[i]) ? p[i] | 0x20 : p[i];
        w.low |= (uint64_t)small << (8 * i);
    }
    return w;
}
#endif

/** Where words are in the SP_WORDS_BYTES from `at` on: bit i says that byte at + i belongs to one. Of the
 * last bytes of the text, fewer than SP_WORD_BYTES, it says no. */
static inline uint64_t sp_words_at(sp_bytes s, size_t at)
{
    uint64_t words = 0;
    for (uint32_t i = 0; i < SP_WORDS_BYTES && s.n - at >= i + SP_WORD_BYTES; i += SP_WORD_BYTES)
        words |= (uint64_t)sp_word__bits(s.p + at + i) << i;
    return words;
}
