/** Lists of hashes, eight at a time where the processor can: features of the small models, and their weights.
 */
#include "base/lanes.h"

enum { SLOTS = 4, PRINTS_BYTES = 2 * SLOTS };

/* ---- one at a time ---- */

static void spell_by_1(uint32_t *words, uint32_t *stems, const sp_spelling *s, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        const uint64_t letters = (uint64_t)s->high[k] << 32 | s->low[k];
        uint32_t h = SP_SPELL_BASE;
        for (uint32_t i = 0; i < s->n[k]; i++) {
            h = (h ^ (uint8_t)(letters >> (8 * i))) * SP_SPELL_PRIME;
            if (i < SP_SPELL_STEM) stems[k] = h;
        }
        if (s->n[k] > 0) words[k] = h;
    }
}

static void scale_by_1(uint32_t *out, const uint32_t *in, uint32_t by, size_t n)
{
    for (size_t i = 0; i < n; i++) out[i] = in[i] * by;
}

static void mix_by_1(uint32_t *out, const uint32_t *a, const uint32_t *b, uint32_t more, size_t n)
{
    for (size_t i = 0; i < n; i++) out[i] = sp_mix(a[i] + b[i] + more);
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

AVX2 inline __m256i mix_8(__m256i h)
{
    h = _mm256_xor_si256(h, _mm256_srli_epi32(h, 16));
    h = _mm256_mullo_epi32(h, _mm256_set1_epi32((int)0x7feb352d));
    h = _mm256_xor_si256(h, _mm256_srli_epi32(h, 15));
    h = _mm256_mullo_epi32(h, _mm256_set1_epi32((int)0x846ca68b));
    return _mm256_xor_si256(h, _mm256_srli_epi32(h, 16));
}

/* One letter more of eight words: of those that are longer than `i`. */
AVX2 inline __m256i spell_8(__m256i h, __m256i letters, __m256i n, int i)
{
    const __m256i c = _mm256_and_si256(_mm256_srli_epi32(letters, i % 4 * 8), _mm256_set1_epi32(0xff));
    const __m256i next = _mm256_mullo_epi32(_mm256_xor_si256(h, c), _mm256_set1_epi32((int)SP_SPELL_PRIME));
    return _mm256_blendv_epi8(h, next, _mm256_cmpgt_epi32(n, _mm256_set1_epi32(i)));
}

AVX2 void spell_by_8(uint32_t *words, uint32_t *stems, const sp_spelling *s, size_t n)
{
    for (size_t k = 0; k < n; k += SP_LANES) {
        const __m256i many = load_8(s->n + k), low = load_8(s->low + k), high = load_8(s->high + k);
        const __m256i is_word = _mm256_cmpgt_epi32(many, _mm256_setzero_si256());
        __m256i h = _mm256_set1_epi32((int)SP_SPELL_BASE);
        for (int i = 0; i < 4; i++) h = spell_8(h, low, many, i);
        h = spell_8(h, high, many, 4);
        store_8(stems + k, _mm256_blendv_epi8(load_8(stems + k), h, is_word));
        for (int i = SP_SPELL_STEM; i < SP_SPELL_CHARS; i++) h = spell_8(h, high, many, i);
        store_8(words + k, _mm256_blendv_epi8(load_8(words + k), h, is_word));
    }
}

AVX2 void scale_by_8(uint32_t *out, const uint32_t *in, uint32_t by, size_t n)
{
    const __m256i factor = _mm256_set1_epi32((int)by);
    for (size_t i = 0; i < n; i += SP_LANES) store_8(out + i, _mm256_mullo_epi32(load_8(in + i), factor));
}

AVX2 void mix_by_8(uint32_t *out, const uint32_t *a, const uint32_t *b, uint32_t add, size_t n)
{
    const __m256i more = _mm256_set1_epi32((int)add);
    for (size_t i = 0; i < n; i += SP_LANES) {
        const __m256i sum = _mm256_add_epi32(load_8(a + i), load_8(b + i));
        store_8(out + i, mix_8(_mm256_add_epi32(sum, more)));
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
#define spell_by_8 spell_by_1
#define scale_by_8 scale_by_1
#define mix_by_8 mix_by_1
#define find_by_4 find_by_1
#define add_by_8 add_by_1
#endif

void sp_lanes_spell(uint32_t *words, uint32_t *stems, const sp_spelling *letters, size_t n)
{
    if (has_lanes())
        spell_by_8(words, stems, letters, n);
    else
        spell_by_1(words, stems, letters, n);
}

void sp_lanes_scale(uint32_t *out, const uint32_t *in, uint32_t by, size_t n)
{
    if (has_lanes())
        scale_by_8(out, in, by, n);
    else
        scale_by_1(out, in, by, n);
}

void sp_lanes_mix(uint32_t *out, const uint32_t *a, const uint32_t *b, uint32_t more, size_t n)
{
    if (has_lanes())
        mix_by_8(out, a, b, more, n);
    else
        mix_by_1(out, a, b, more, n);
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
