/** Classes of bytes as sets of bits, as many bytes at a time as the processor takes: what looks for patterns
 * of letters, digits and separators does so with shifts. What a set is stands once (classes_body.h); here is
 * what its words mean to each set of instructions. */
#include "sallyport/base.h"

#include <string.h>

enum { ALPHABET = 26, DECIMAL = 10, CASE_BIT = 0x20 };

#if defined(__x86_64__)
#include <immintrin.h>

/* A range of bytes is one signed comparison after it has been moved to the bottom of the signed range. */
#define BELOW(first) ((char)(0x80 - (first)))
#define TOP(n) ((char)(-128 + (n)))

/* ---- 16 bytes at a time, which every such processor has ---- */

typedef struct quarters {
    __m128i v[4];
} quarters;

#define EACH_QUARTER(to, expression) \
    for (unsigned i = 0; i < 4; i++) (to).v[i] = (expression)

static inline quarters quarters_at(const uint8_t *p)
{
    quarters x;
    EACH_QUARTER(x, _mm_loadu_si128((const __m128i *)(const void *)p + i));
    return x;
}

static inline quarters quarters_small(quarters x)
{
    EACH_QUARTER(x, _mm_or_si128(x.v[i], _mm_set1_epi8(CASE_BIT)));
    return x;
}

static inline quarters quarters_is(quarters x, char c)
{
    EACH_QUARTER(x, _mm_cmpeq_epi8(x.v[i], _mm_set1_epi8(c)));
    return x;
}

static inline quarters quarters_from(quarters x, char first, char n)
{
    EACH_QUARTER(x, _mm_cmplt_epi8(_mm_add_epi8(x.v[i], _mm_set1_epi8(BELOW(first))), _mm_set1_epi8(TOP(n))));
    return x;
}

static inline quarters quarters_or(quarters a, quarters b)
{
    EACH_QUARTER(a, _mm_or_si128(a.v[i], b.v[i]));
    return a;
}

static inline uint64_t quarters_bits(quarters x)
{
    uint64_t bits = 0;
    for (unsigned i = 0; i < 4; i++) bits |= (uint64_t)(uint32_t)_mm_movemask_epi8(x.v[i]) << 16 * i;
    return bits;
}

#define TARGET
#define NAMED(name) name##_by_16
#define BYTES quarters
#define SET quarters
#define LOAD quarters_at
#define SMALL quarters_small
#define IS quarters_is
#define FROM quarters_from
#define OR quarters_or
#define BITS quarters_bits
#define HIGH quarters_bits
#include "base/classes_body.h"

/* ---- 32 bytes at a time ---- */

typedef struct halves {
    __m256i low, high;
} halves;

#define AVX2 __attribute__((target("avx2"), always_inline)) static inline

AVX2 halves halves_at(const uint8_t *p)
{
    const __m256i *at = (const __m256i *)(const void *)p;
    return (halves){_mm256_loadu_si256(at), _mm256_loadu_si256(at + 1)};
}

AVX2 halves halves_small(halves x)
{
    const __m256i bit = _mm256_set1_epi8(CASE_BIT);
    return (halves){_mm256_or_si256(x.low, bit), _mm256_or_si256(x.high, bit)};
}

AVX2 halves halves_is(halves x, char c)
{
    const __m256i all = _mm256_set1_epi8(c);
    return (halves){_mm256_cmpeq_epi8(x.low, all), _mm256_cmpeq_epi8(x.high, all)};
}

AVX2 halves halves_from(halves x, char first, char n)
{
    const __m256i below = _mm256_set1_epi8(BELOW(first)), top = _mm256_set1_epi8(TOP(n));
    return (halves){_mm256_cmpgt_epi8(top, _mm256_add_epi8(x.low, below)),
                    _mm256_cmpgt_epi8(top, _mm256_add_epi8(x.high, below))};
}

AVX2 halves halves_or(halves a, halves b)
{
    return (halves){_mm256_or_si256(a.low, b.low), _mm256_or_si256(a.high, b.high)};
}

AVX2 uint64_t halves_bits(halves x)
{
    return (uint32_t)_mm256_movemask_epi8(x.low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(x.high) << 32;
}

#define TARGET __attribute__((target("avx2")))
#define NAMED(name) name##_by_32
#define BYTES halves
#define SET halves
#define LOAD halves_at
#define SMALL halves_small
#define IS halves_is
#define FROM halves_from
#define OR halves_or
#define BITS halves_bits
#define HIGH halves_bits
#include "base/classes_body.h"

/* ---- 64 bytes at a time, whose comparisons are sets of bits already ---- */

#define AVX512 __attribute__((target("avx512bw"), always_inline)) static inline

AVX512 __m512i whole_at(const uint8_t *p)
{
    return _mm512_loadu_si512(p);
}

AVX512 __m512i whole_small(__m512i x)
{
    return _mm512_or_si512(x, _mm512_set1_epi8(CASE_BIT));
}

AVX512 uint64_t whole_is(__m512i x, char c)
{
    return _mm512_cmpeq_epi8_mask(x, _mm512_set1_epi8(c));
}

AVX512 uint64_t whole_from(__m512i x, char first, char n)
{
    return _mm512_cmplt_epu8_mask(_mm512_sub_epi8(x, _mm512_set1_epi8(first)), _mm512_set1_epi8(n));
}

AVX512 uint64_t whole_high(__m512i x)
{
    return _mm512_movepi8_mask(x);
}

#define TARGET __attribute__((target("avx512bw")))
#define NAMED(name) name##_by_64
#define BYTES __m512i
#define SET uint64_t
#define LOAD whole_at
#define SMALL whole_small
#define IS whole_is
#define FROM whole_from
#define OR(a, b) ((a) | (b))
#define BITS(set) (set)
#define HIGH whole_high
#include "base/classes_body.h"

void sp_classes_64(sp_classes *out, const uint8_t *p, size_t n)
{
    if (__builtin_cpu_supports("avx512bw"))
        classes_by_64(out, p, n);
    else if (__builtin_cpu_supports("avx2"))
        classes_by_32(out, p, n);
    else
        classes_by_16(out, p, n);
}

void sp_marks_64(sp_marks *out, const uint8_t *p, size_t n)
{
    if (__builtin_cpu_supports("avx512bw"))
        marks_by_64(out, p, n);
    else if (__builtin_cpu_supports("avx2"))
        marks_by_32(out, p, n);
    else
        marks_by_16(out, p, n);
}

void sp_key_chars_64(sp_key_chars *out, const uint8_t *p)
{
    if (__builtin_cpu_supports("avx512bw"))
        key_chars_by_64(out, p);
    else if (__builtin_cpu_supports("avx2"))
        key_chars_by_32(out, p);
    else
        key_chars_by_16(out, p);
}
#else

/* ---- a byte at a time ---- */

typedef struct bytes_64 {
    uint8_t v[SP_BLOCK];
} bytes_64;

static bytes_64 bytes_at(const uint8_t *p)
{
    bytes_64 x;
    memcpy(x.v, p, sizeof x.v);
    return x;
}

static bytes_64 bytes_small(bytes_64 x)
{
    for (unsigned i = 0; i < SP_BLOCK; i++) x.v[i] |= CASE_BIT;
    return x;
}

static uint64_t bytes_from(bytes_64 x, uint8_t first, unsigned n)
{
    uint64_t bits = 0;
    for (unsigned i = 0; i < SP_BLOCK; i++) bits |= (uint64_t)((uint8_t)(x.v[i] - first) < n) << i;
    return bits;
}

#define TARGET
#define NAMED(name) name##_by_1
#define BYTES bytes_64
#define SET uint64_t
#define LOAD bytes_at
#define SMALL bytes_small
#define IS(x, c) bytes_from(x, c, 1)
#define FROM bytes_from
#define OR(a, b) ((a) | (b))
#define BITS(set) (set)
#define HIGH(x) bytes_from(x, 0x80, 0x80)
#include "base/classes_body.h"

void sp_classes_64(sp_classes *out, const uint8_t *p, size_t n)
{
    classes_by_1(out, p, n);
}

void sp_marks_64(sp_marks *out, const uint8_t *p, size_t n)
{
    marks_by_1(out, p, n);
}

void sp_key_chars_64(sp_key_chars *out, const uint8_t *p)
{
    key_chars_by_1(out, p);
}
#endif
