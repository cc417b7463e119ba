/* Sets of bits and lists of hashes as each set of instructions makes them: a processor runs one, so the
 * others are asked here by name. All of them say the same. */
#include "base/classes.c" /* NOLINT(bugprone-suspicious-include): its variants are static */
#undef AVX2
#include "base/lanes.c" /* NOLINT(bugprone-suspicious-include): likewise */

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

enum { BLOCKS = 3, N = 8 * SP_LANES, ROUNDS = 2000, BITS = 6, WIDTH = 19 };

static uint32_t seed = 7;

static uint32_t any(void)
{
    seed = seed * 1664525u + 1013904223u;
    return seed >> 8 ^ seed << 16;
}

#if defined(__x86_64__)
typedef struct sets {
    sp_classes classes[BLOCKS];
    sp_marks marks[BLOCKS];
    sp_key_chars keys;
} sets;

#define SETS_BY(lanes)                                          \
    static void sets_by_##lanes(sets *out, const uint8_t *text) \
    {                                                           \
        classes_by_##lanes(out->classes, text, BLOCKS);         \
        marks_by_##lanes(out->marks, text, BLOCKS);             \
        key_chars_by_##lanes(&out->keys, text);                 \
    }
SETS_BY(16)
SETS_BY(32)
SETS_BY(64)

static void sets_of_bits_are_the_same(void **state)
{
    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint8_t text[BLOCKS * SP_BLOCK];
        sets by_16, other;
        for (size_t i = 0; i < sizeof text; i++) text[i] = (uint8_t)(round % 2 == 0 ? any() : any() % 128);
        sets_by_16(&by_16, text);
        if (__builtin_cpu_supports("avx2")) {
            sets_by_32(&other, text);
            assert_memory_equal(&other, &by_16, sizeof other);
        }
        if (__builtin_cpu_supports("avx512bw")) {
            sets_by_64(&other, text);
            assert_memory_equal(&other, &by_16, sizeof other);
        }
    }
}

/* Some words are their own stems. What stands behind the last token is the same for all. */
static void features_are_the_same(void **state)
{
    (void)state;
    if (!has_lanes()) return;
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint32_t words[N + SP_LANES] = {0}, stems[SP_STEMS_BEFORE + N + SP_LANES] = {0};
        uint32_t one[SP_OF_LIMIT][N + SP_LANES], several[SP_OF_LIMIT][N + SP_LANES];
        uint32_t *to_one[SP_OF_LIMIT], *to_several[SP_OF_LIMIT];
        for (size_t i = 0; i < sizeof stems / sizeof stems[0]; i++) stems[i] = any();
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
            words[i] = any() % 3 == 0 ? stems[SP_STEMS_BEFORE + i] : any();
        for (size_t k = 0; k < SP_OF_LIMIT; k++) to_one[k] = one[k], to_several[k] = several[k];
        const sp_token_hashes tokens = {words, stems + SP_STEMS_BEFORE};
        join_by_1(to_one, &tokens, N);
        join_by_8(to_several, &tokens, N);
        for (size_t k = 0; k < SP_OF_LIMIT; k++)
            assert_memory_equal(several[k], one[k], N * sizeof one[k][0]);
    }
}

/* Buckets with empty slots, and with the same fingerprint twice. */
static void slots_and_sums_are_the_same(void **state)
{
    (void)state;
    static uint8_t prints[(1 << BITS) * PRINTS_BYTES];
    static int8_t rows[(1 << BITS) * SLOTS * WIDTH + SP_LANES];
    if (!has_lanes()) return;
    for (size_t i = 0; i < sizeof rows; i++) rows[i] = (int8_t)any();
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint32_t ids[N], one[N + 1], several[N + 1];
        int32_t sums[2][WIDTH + SP_LANES] = {{0}};
        for (size_t i = 0; i < sizeof prints; i++) prints[i] = i % 2 == 0 ? 0 : (uint8_t)(any() % 5);
        for (size_t i = 0; i < N; i++) ids[i] = any() << (32 - BITS) | any() % 6;
        const size_t n = find_by_1(one, prints, BITS, ids, N);
        assert_true(n > 0 && n < N);
        assert_int_equal(find_by_4(several, prints, BITS, ids, N), n);
        assert_memory_equal(several, one, n * sizeof *one);
        add_by_1(sums[0], rows, WIDTH, one, n);
        add_by_8(sums[1], rows, WIDTH, one, n);
        assert_memory_equal(sums[1], sums[0], WIDTH * sizeof sums[0][0]);
    }
}
#endif

int main(void)
{
#if defined(__x86_64__)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_of_bits_are_the_same),
        cmocka_unit_test(features_are_the_same),
        cmocka_unit_test(slots_and_sums_are_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
#else
    return 0; /* there is but one */
#endif
}
