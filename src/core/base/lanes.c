/** Lists of hashes, eight at a time where the processor can: features of the small models, and their weights.
 */
#include "base/lanes.h"

enum { SLOTS = 4, PRINTS_BYTES = 2 * SLOTS };

/* ---- one at a time ---- */

/* From the last tokens to the first, kind by kind: what is written behind the end of a list is overwritten by
 * the next one, which begins there. Lists that begin with a later token are shifted. */
static void join_by_1(uint32_t *const *out, const sp_token_hashes *t, size_t n)
{
    for (size_t i = n; i-- > 0;) {
        const uint32_t *const s = t->stems + i;
        const uint32_t last = s[0] * SP_JOIN_LAST, next = s[1] * SP_JOIN_LAST;
        const uint32_t first = s[-1] * SP_JOIN_FIRST;
        out[SP_OF_WORD][i] = t->words[i] * SP_JOIN_LAST;
        out[SP_OF_STEM][i] = s[0] == t->words[i] ? 0 : last + SP_OF_STEM * SP_JOIN_KIND;
        out[SP_OF_PAIR][i] = last + s[-1] * SP_JOIN_BEFORE + SP_OF_PAIR * SP_JOIN_KIND;
        out[SP_OF_TRIPLE][i] = next + s[0] * SP_JOIN_BEFORE + first + SP_OF_TRIPLE * SP_JOIN_KIND;
        out[SP_OF_NEAR][i] = next + first + SP_OF_NEAR * SP_JOIN_KIND;
        out[SP_OF_FAR][i] = s[2] * SP_JOIN_LAST + first + SP_OF_NEAR * SP_JOIN_KIND;
    }
}

/* The four fingerprints of a bucket, the first in the highest bits: one load, as compilers see. */
static inline uint64_t read_four(const uint8_t *p)
{
    return (uint64_t)p[0] << 56 | (uint64_t)p[1] << 48 | (uint64_t)p[2] << 40 | (uint64_t)p[3] << 32 |
           (uint64_t)p[4] << 24 | (uint64_t)p[5] << 16 | (uint64_t)p[6] << 8 | (uint64_t)p[7];
}

/* All four of a bucket are compared at once, and without a branch: whether a hash is found is a coin's toss,
 * and a wrong guess of the processor costs more than all the rest. */
static size_t find_by_1(uint32_t *slots, const uint8_t *prints, unsigned bits, const uint32_t *ids,
                        size_t n_ids)
{
    const uint64_t ones = UINT64_C(0x0001000100010001), tops = ones << 15;
    const unsigned shift = 32 - bits;
    size_t n = 0;
    for (size_t i = 0; i < n_ids; i++) {
        const uint32_t bucket = ids[i] >> shift;
        const uint16_t low = (uint16_t)ids[i];
        const uint16_t print = (uint16_t)(low + (low == 0)); /* 0 is an empty slot */
        const uint64_t differs = read_four(prints + (size_t)bucket * PRINTS_BYTES) ^ (print * ones);
        const uint64_t is_zero = (differs - ones) & ~differs & tops;
        const unsigned from_last = (unsigned)__builtin_ctzll(is_zero | UINT64_C(1) << 63) / 16;
        slots[n] = bucket * SLOTS + (SLOTS - 1 - from_last);
        n += is_zero != 0;
    }
    return n;
}

static void add_by_1(int32_t *sums, const int8_t *rows, unsigned width, const uint32_t *at, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const int8_t *row = rows + (size_t)at[i] * width;
        for (size_t h = 0; h < width; h++) sums[h] += row[h];
    }
}

/* ---- several ---- */

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2"))) static

AVX2 inline __m256i load_8(const uint32_t *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

AVX2 inline void store_8(uint32_t *p, __m256i v)
{
    _mm256_storeu_si256((__m256i *)(void *)p, v);
}

AVX2 inline __m256i times_8(const uint32_t *p, uint32_t by)
{
    return _mm256_mullo_epi32(load_8(p), _mm256_set1_epi32((int)by));
}

AVX2 inline __m256i of_kind_8(__m256i v, sp_feature_kind kind)
{
    return _mm256_add_epi32(v, _mm256_set1_epi32((int)(kind * SP_JOIN_KIND)));
}

/* The same as join_by_1. */
AVX2 void join_by_8(uint32_t *const *out, const sp_token_hashes *t, size_t n)
{
    for (size_t i = (n + SP_LANES - 1) / SP_LANES * SP_LANES; i > 0;) {
        i -= SP_LANES;
        const uint32_t *const s = t->stems + i;
        const __m256i last = times_8(s, SP_JOIN_LAST), next = times_8(s + 1, SP_JOIN_LAST);
        const __m256i first = times_8(s - 1, SP_JOIN_FIRST);
        const __m256i pair = _mm256_add_epi32(last, times_8(s - 1, SP_JOIN_BEFORE));
        const __m256i near_by = _mm256_add_epi32(next, first);
        const __m256i triple = _mm256_add_epi32(near_by, times_8(s, SP_JOIN_BEFORE));
        const __m256i far = _mm256_add_epi32(times_8(s + 2, SP_JOIN_LAST), first);
        const __m256i is_same = _mm256_cmpeq_epi32(load_8(s), load_8(t->words + i));
        store_8(out[SP_OF_WORD] + i, times_8(t->words + i, SP_JOIN_LAST));
        store_8(out[SP_OF_STEM] + i, _mm256_andnot_si256(is_same, of_kind_8(last, SP_OF_STEM)));
        store_8(out[SP_OF_PAIR] + i, of_kind_8(pair, SP_OF_PAIR));
        store_8(out[SP_OF_TRIPLE] + i, of_kind_8(triple, SP_OF_TRIPLE));
        store_8(out[SP_OF_NEAR] + i, of_kind_8(near_by, SP_OF_NEAR));
        store_8(out[SP_OF_FAR] + i, of_kind_8(far, SP_OF_NEAR));
    }
}

/* Byte positions that bring the lanes of four whose bits are set to the front. */
#define LANE(i) 4 * (i), 4 * (i) + 1, 4 * (i) + 2, 4 * (i) + 3
static const uint8_t fronts[16][16] = {
    {0},
    {LANE(0)},
    {LANE(1)},
    {LANE(0), LANE(1)},
    {LANE(2)},
    {LANE(0), LANE(2)},
    {LANE(1), LANE(2)},
    {LANE(0), LANE(1), LANE(2)},
    {LANE(3)},
    {LANE(0), LANE(3)},
    {LANE(1), LANE(3)},
    {LANE(0), LANE(1), LANE(3)},
    {LANE(2), LANE(3)},
    {LANE(0), LANE(2), LANE(3)},
    {LANE(1), LANE(2), LANE(3)},
    {LANE(0), LANE(1), LANE(2), LANE(3)},
};
static const uint8_t n_set[16] = {0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4};

AVX2 inline int64_t bucket_at(const uint8_t *prints, uint32_t bucket)
{
    int64_t four;
    memcpy(&four, prints + (size_t)bucket * PRINTS_BYTES, sizeof four);
    return four;
}

/* The fingerprints of four ids, each four times, as they stand in the file. */
AVX2 inline __m256i prints_of(__m128i ids)
{
    const __m256i wide = _mm256_cvtepu32_epi64(_mm_and_si128(ids, _mm_set1_epi32(0xffff)));
    const __m256i is_zero = _mm256_cmpeq_epi64(wide, _mm256_setzero_si256());
    const __m256i four = _mm256_set1_epi64x(0x0001000100010001),
                  nine = _mm256_set1_epi64x(0x0809080908090809);
    return _mm256_shuffle_epi8(_mm256_sub_epi64(wide, is_zero), _mm256_blend_epi32(four, nine, 0xcc));
}

/* The same as find_by_1, four ids at a time: of `n_ids` as many as are a multiple of it. */
AVX2 size_t find_by_4(uint32_t *slots, const uint8_t *prints, unsigned bits, const uint32_t *ids,
                      size_t n_ids)
{
    const __m256i marks = _mm256_set1_epi64x(0x0007000600050004); /* 4 and the slot */
    const __m256i evens = _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6);
    const __m128i shift = _mm_cvtsi32_si128((int)(32 - bits));
    size_t n = 0;
    for (size_t i = 0; i + 4 <= n_ids; i += 4) {
        const __m128i id = _mm_loadu_si128((const __m128i *)(const void *)(ids + i));
        const __m128i bucket = _mm_srl_epi32(id, shift);
        uint32_t b[4];
        _mm_storeu_si128((__m128i *)(void *)b, bucket);
        const __m256i have = _mm256_setr_epi64x(bucket_at(prints, b[0]), bucket_at(prints, b[1]),
                                                bucket_at(prints, b[2]), bucket_at(prints, b[3]));
        __m256i hit = _mm256_and_si256(_mm256_cmpeq_epi16(have, prints_of(id)), marks);
        hit = _mm256_max_epi16(hit, _mm256_srli_epi64(hit, 32));
        hit = _mm256_max_epi16(hit, _mm256_srli_epi64(hit, 16));
        const __m256i packed = _mm256_permutevar8x32_epi32(hit, evens);
        const __m128i mark = _mm_and_si128(_mm256_castsi256_si128(packed), _mm_set1_epi32(7));
        const __m128i is_known = _mm_slli_epi32(mark, 29); /* the 4 to the top */
        const unsigned known = (unsigned)_mm_movemask_ps(_mm_castsi128_ps(is_known));
        const __m128i slot = _mm_sub_epi32(_mm_add_epi32(_mm_slli_epi32(bucket, 2), mark), _mm_set1_epi32(4));
        const __m128i front = _mm_loadu_si128((const __m128i *)(const void *)fronts[known]);
        _mm_storeu_si128((__m128i *)(void *)(slots + n), _mm_shuffle_epi8(slot, front));
        n += n_set[known];
    }
    return n;
}

AVX2 void add_by_8(int32_t *sums, const int8_t *rows, unsigned width, const uint32_t *at, size_t n)
{
    for (size_t h = 0; h < width; h += SP_LANES) {
        __m256i sum = _mm256_loadu_si256((const __m256i *)(const void *)(sums + h));
        for (size_t i = 0; i < n; i++) {
            const int8_t *const row = rows + (size_t)at[i] * width + h;
            const __m128i eight = _mm_loadl_epi64((const __m128i *)(const void *)row);
            sum = _mm256_add_epi32(sum, _mm256_cvtepi8_epi32(eight));
        }
        _mm256_storeu_si256((__m256i *)(void *)(sums + h), sum);
    }
}

static bool has_lanes(void)
{
    return __builtin_cpu_supports("avx2");
}
#else
static bool has_lanes(void)
{
    return false;
}
#define join_by_8 join_by_1
#define find_by_4 find_by_1
#define add_by_8 add_by_1
#endif

void sp_lanes_join(uint32_t *const *out, const sp_token_hashes *tokens, size_t n)
{
    if (has_lanes())
        join_by_8(out, tokens, n);
    else
        join_by_1(out, tokens, n);
}

size_t sp_slots_find(uint32_t *slots, const uint8_t *prints, unsigned bits, const uint32_t *hashes, size_t n)
{
    const size_t in_fours = has_lanes() ? n / SLOTS * SLOTS : 0;
    const size_t found = in_fours > 0 ? find_by_4(slots, prints, bits, hashes, in_fours) : 0;
    return found + find_by_1(slots + found, prints, bits, hashes + in_fours, n - in_fours);
}

void sp_rows_add(int32_t *sums, const int8_t *rows, unsigned width, const uint32_t *at, size_t n)
{
    if (has_lanes())
        add_by_8(sums, rows, width, at, n);
    else
        add_by_1(sums, rows, width, at, n);
}
