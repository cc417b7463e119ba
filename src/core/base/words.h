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

/** What is where in SP_WORDS_BYTES bytes: bit i speaks of byte i. */
typedef struct sp_words {
    uint64_t words;  /**< letters, digits and `_` */
    uint64_t others; /**< what is no word, no blank, no comma and no hyphen; ends of lines are some */
} sp_words;

/** Bytes of a word, the first in the lowest byte of `low`, 0 behind the last. */
typedef struct sp_letters {
    uint64_t low, high;
} sp_letters;

static inline uint64_t sp_word__eight(const uint8_t *p)
{
    return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 |
           (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 | (uint64_t)p[7] << 56;
}

#define SP_FF(n) ((n) < 8 ? (UINT64_C(1) << (n) % 8 * 8) - 1 : ~UINT64_C(0))
#define SP_BOTH(n)                           \
    {                                        \
        SP_FF(n), SP_FF((n) < 8 ? 0 : (n)-8) \
    }
static const sp_letters sp_word__masks[SP_WORD_BYTES + 1] = {
    SP_BOTH(0),  SP_BOTH(1),  SP_BOTH(2),  SP_BOTH(3),  SP_BOTH(4),  SP_BOTH(5),
    SP_BOTH(6),  SP_BOTH(7),  SP_BOTH(8),  SP_BOTH(9),  SP_BOTH(10), SP_BOTH(11),
    SP_BOTH(12), SP_BOTH(13), SP_BOTH(14), SP_BOTH(15), SP_BOTH(16),
};

/** The word of `n` bytes, at most SP_WORD_BYTES, at `p`, where so many can be read. Without case; `_` is
 * 0x7f. */
static inline sp_letters sp_letters_of(const uint8_t *p, uint32_t n)
{
    const uint64_t small = UINT64_C(0x2020202020202020);
    const sp_letters *const here = &sp_word__masks[n];
    return (sp_letters){(sp_word__eight(p) | small) & here->low,
                        (sp_word__eight(p + 8) | small) & here->high};
}

/** Are the first three bytes at `p` capitals, or what is near them? */
static inline bool sp_letters_may_shout(const uint8_t *p)
{
    return ((p[0] | p[1] | p[2]) & 0x20) == 0;
}

#if defined(__x86_64__)
/* A range of bytes is one signed comparison after it has been moved to the bottom of the signed range. */
static inline __m128i sp_word__in(__m128i x, char first, char n)
{
    const __m128i moved = _mm_add_epi8(x, _mm_set1_epi8((char)(0x80 - first)));
    return _mm_cmplt_epi8(moved, _mm_set1_epi8((char)(-128 + n)));
}

/* Adds what the SP_WORD_BYTES at `p` are, from bit `i` on. */
static inline void sp_word__add(sp_words *to, const uint8_t *p, uint32_t i)
{
    const __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
    const __m128i letters = sp_word__in(_mm_or_si128(x, _mm_set1_epi8(0x20)), 'a', 26);
    const __m128i is_under = _mm_cmpeq_epi8(x, _mm_set1_epi8('_'));
    const __m128i is_line =
        _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8('\n')), _mm_cmpeq_epi8(x, _mm_set1_epi8('\r')));
    const __m128i words = _mm_or_si128(_mm_or_si128(letters, is_under), sp_word__in(x, '0', 10));
    const __m128i is_low = _mm_cmpeq_epi8(_mm_min_epu8(x, _mm_set1_epi8(' ')), x);
    const __m128i is_comma =
        _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8(',')), _mm_cmpeq_epi8(x, _mm_set1_epi8('-')));
    const __m128i blanks = _mm_or_si128(_mm_andnot_si128(is_line, is_low), is_comma);
    to->words |= (uint64_t)(uint32_t)_mm_movemask_epi8(words) << i;
    to->others |= (uint64_t)((uint32_t)_mm_movemask_epi8(_mm_or_si128(words, blanks)) ^ 0xffff) << i;
}
#else
static inline void sp_word__add(sp_words *to, const uint8_t *p, uint32_t i)
{
    for (uint32_t k = 0; k < SP_WORD_BYTES; k++) {
        const uint8_t c = p[k], small = c | 0x20;
        const bool is_word = (small >= 'a' && small <= 'z') || (c >= '0' && c <= '9') || c == '_';
        const bool is_shown = (c > ' ' && c != ',' && c != '-') || c == '\n' || c == '\r';
        to->words |= (uint64_t)is_word << (i + k);
        to->others |= (uint64_t)(is_shown && !is_word) << (i + k);
    }
}
#endif

/** What is where in the SP_WORDS_BYTES from `at` on, of which the text has SP_WORD_BYTES at least; nothing is
 * behind its end. */
static inline sp_words sp_words_at(sp_bytes s, size_t at)
{
    sp_words to = {0, 0};
    const size_t left = s.n - at;
    for (uint32_t i = 0; i < SP_WORDS_BYTES && i < left; i += SP_WORD_BYTES) {
        if (left >= i + SP_WORD_BYTES) {
            sp_word__add(&to, s.p + at + i, i);
        } else { /* the last ones, some of which were seen */
            const size_t seen = i + SP_WORD_BYTES - left;
            sp_words last = {0, 0};
            sp_word__add(&last, s.p + s.n - SP_WORD_BYTES, 0);
            to.words |= last.words >> seen << i;
            to.others |= last.others >> seen << i;
        }
    }
    return to;
}
