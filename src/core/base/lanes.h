/** @file lanes.h  Lists of hashes, several at a time where the processor can (AVX2), with the same result
 *  everywhere. Private to the core.
 *
 *  Of each list as many numbers are read and written as make a multiple of SP_LANES: it has room for them,
 * and what stands there behind its end means nothing.
 */
#pragma once
#include "sallyport/base.h"

enum {
    SP_LANES = 8,       /**< numbers at a time */
    SP_SPELL_CHARS = 8, /**< letters of a word that is spelled with others */
    SP_SPELL_STEM = 5,  /**< letters of its stem */
};

/** FNV-1a of 32 bits, one step per code point. */
#define SP_SPELL_BASE 0x811c9dc5u
#define SP_SPELL_PRIME 0x01000193u

/** Spreads what differs in some bits over all. */
static inline uint32_t sp_mix(uint32_t h)
{
    h ^= h >> 16;
    h *= 0x7feb352du;
    h ^= h >> 15;
    h *= 0x846ca68bu;
    return h ^ (h >> 16);
}

/** Words of up to SP_SPELL_CHARS letters, the first in the lowest byte of `low`. */
typedef struct sp_spelling {
    const uint32_t *n; /**< letters; 0 keeps what stands in the lists of hashes */
    const uint32_t *low, *high;
} sp_spelling;

/** Hashes of `n` words, and of their first SP_SPELL_STEM letters. */
void sp_lanes_spell(uint32_t *words, uint32_t *stems, const sp_spelling *letters, size_t n);
/** Multiplies each. */
void sp_lanes_scale(uint32_t *out, const uint32_t *in, uint32_t by, size_t n);
/** sp_mix of the sums of two lists and a constant. */
void sp_lanes_mix(uint32_t *out, const uint32_t *a, const uint32_t *b, uint32_t more, size_t n);

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
