/* The nearest word: distances that are known, laws of a distance, and the bound of a third. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "conf/nearest.h"

static void distances_are_the_known_ones(void **state)
{
    static const struct {
        const char *a, *b;
        size_t want;
    } rows[] = {
        {"", "", 0},          {"", "abc", 3},           {"abc", "abc", 0},
        {"abc", "ab", 1},     {"ab", "abc", 1},         {"abc", "abd", 1},
        {"ab", "ba", 1},      {"abcd", "acbd", 1},      {"kitten", "sitting", 3},
        {"clod", "cloud", 1}, {"lissten", "listen", 1}, {"cluod", "cloud", 1},
        {"ca", "abc", 3}, /* restricted: no edit between a swap */
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const size_t got = spc_distance(sp_bytes_of(rows[i].a), sp_bytes_of(rows[i].b));
        if (got != rows[i].want) {
            fail_msg("%s to %s: %zu", rows[i].a, rows[i].b, got);
        }
    }
}

static void a_distance_is_symmetric_and_bounded_by_the_longer_word(void **state)
{
    static const char *const words[] = {"",      "a",          "level",     "levels",
                                        "evell", "categories", "residency", "-------"};
    const size_t n = sizeof words / sizeof words[0];
    (void)state;
    for (size_t i = 0; i < n * n; i++) {
        const sp_bytes a = sp_bytes_of(words[i / n]);
        const sp_bytes b = sp_bytes_of(words[i % n]);
        const size_t d = spc_distance(a, b);
        assert_int_equal(d, spc_distance(b, a));
        assert_true(d <= (a.n > b.n ? a.n : b.n));
        assert_int_equal(d == 0, sp_bytes_eq(a, b));
    }
}

static void words_that_are_too_long_are_compared_with_nothing(void **state)
{
    static const char text[SPC_NEAREST_MAX + 2] =
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const sp_bytes longest = {(const uint8_t *)text, SPC_NEAREST_MAX};
    const sp_bytes longer = {(const uint8_t *)text, SPC_NEAREST_MAX + 1};
    (void)state;
    assert_int_equal(spc_distance(longest, longest), 0);
    assert_int_equal(spc_distance(longer, longest), SIZE_MAX);
    spc_nearest nearest = SPC_NEAREST_TO(longer);
    spc_nearest_offer(&nearest, longer);
    assert_int_equal(nearest.best.n, 0);
}

static void the_best_of_the_offers_within_a_third_is_kept(void **state)
{
    static const struct {
        const char *word, *offers[4], *want;
    } rows[] = {
        {"categorys", {"categories", "clearance", "credential"}, "categories"},
        {"lvel", {"label", "level", NULL}, "level"},
        {"us", {"UK", "US", NULL}, ""},                 /* one edit is more than a third of two letters */
        {"abc", {"abd", NULL}, "abd"},                  /* exactly a third */
        {"model", {"models", "modes", NULL}, "models"}, /* the first of equals stays */
        {"", {"a", NULL}, ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        spc_nearest nearest = SPC_NEAREST_TO(sp_bytes_of(rows[i].word));
        for (size_t k = 0; rows[i].offers[k] != NULL; k++) {
            spc_nearest_offer(&nearest, sp_bytes_of(rows[i].offers[k]));
        }
        if (!sp_bytes_eq(nearest.best, sp_bytes_of(rows[i].want))) {
            fail_msg("%s: %.*s", rows[i].word, (int)nearest.best.n, (const char *)nearest.best.p);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances_are_the_known_ones),
        cmocka_unit_test(a_distance_is_symmetric_and_bounded_by_the_longer_word),
        cmocka_unit_test(words_that_are_too_long_are_compared_with_nothing),
        cmocka_unit_test(the_best_of_the_offers_within_a_third_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
