/** @file lanes.h  Lists of hashes, several at a time where the processor can (AVX2), with the same result
 *  everywhere. Private to the core.
 *
 *  Of each list as many numbers are read and written as make a multiple of SP_LANES: it has room for them,
 * and what stands there behind its end means nothing.
 */
#pragma once
#include "sallyport/base.h"

enum { SP_LANES = 8 /**< numbers at a time */ };

/** The hash of up to sixteen bytes, the first in the lowest byte of `low`, 0 behind the last: all of its bits
 * depend on all of them, so that sums of multiples of hashes tell features apart. */
static inline uint32_t sp_spell(uint64_t low, uint64_t high)
{
    uint64_t h = low * UINT64_C(0x9e3779b97f4a7c15) + high * UINT64_C(0xd6e8feb86659fd93);
    h = (h ^ h >> 32) * UINT64_C(0xa0761d6478bd642f);
    return (uint32_t)(h >> 32);
}

/** Tokens, by their hashes. */
typedef struct sp_token_hashes {
    const uint32_t *words;
    const uint32_t *stems; /**< SP_STEMS_BEFORE more stand in front */
} sp_token_hashes;

enum { SP_STEMS_BEFORE = 3 };

/** The kinds of features of a token. */
typedef enum sp_feature_kind {
    SP_OF_WORD,   /**< the word */
    SP_OF_STEM,   /**< its stem; 0, which is no feature, of a word that is its own */
    SP_OF_PAIR,   /**< its stem and the one before */
    SP_OF_TRIPLE, /**< and the one before that: from the second token on */
    SP_OF_NEAR,   /**< its stem and the second before, from the second token on */
    SP_OF_FAR,    /**< its stem and the third before, the same feature: from the third token on */
    SP_OF_LIMIT
} sp_feature_kind;

/** What hashes are multiplied with before they are added: the stem or word itself, the stem before, one
 * before that, and the kind. */
#define SP_JOIN_LAST 0x9e3779b1u
#define SP_JOIN_BEFORE 0x85ebca77u
#define SP_JOIN_FIRST 0x27d4eb2fu
#define SP_JOIN_KIND 0xc2b2ae3du

/** Lists of features of `n` tokens.
 *  @param out  where each begins: it has room for `n` and SP_LANES more, and what is behind its end may be
 * overlapped by later kinds. */
void sp_lanes_join(uint32_t *const *out, const sp_token_hashes *tokens, size_t n);

/** Finds hashes in buckets of four slots: the upper `bits` choose the bucket, the lower 16 are the
 * fingerprint, 1 instead of 0, since 0 is an empty slot; of equal fingerprints in a bucket the last one
 * counts.
 *  @param slots   receives those that are found, in order; has room for `n` + 1.
 *  @param prints  fingerprints, big-endian: 8 bytes per bucket.
 *  @param bits    1 to 31.
 *  @return how many. */
size_t sp_slots_find(uint32_t *slots, const uint8_t *prints, unsigned bits, const uint32_t *hashes, size_t n);
/** Adds rows of signed bytes.
 *  @param sums   as many as `width` is, rounded up to SP_LANES; those behind it are left with noise.
 *  @param rows   7 bytes more than the rows can be read there. */
void sp_rows_add(int32_t *sums, const int8_t *rows, unsigned width, const uint32_t *at, size_t n);
