/* Detectors of an organisation: what is refused, which match stays, checks and words, and any bytes. Examples
 * in YAML and their messages are tested through the program (test_detector.py). */
#include "sallyport/custom.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const sp_custom_detector wrong[] = {
    {.name = "neither"},
    {.name = "both", .pattern = "a", .shapes = "dddd"},
    {.name = "no expression", .pattern = "(a"},
    {.name = "without bound", .pattern = "a+"},
    {.name = "too wide", .pattern = "a{1,4097}"},
    {.name = "wider than a stream holds", .pattern = "a{1,128}"},
    {.name = "start of a text", .pattern = "^a"},
    {.name = "end of a text", .pattern = "a$"},
    {.name = "start of all", .pattern = "[]^]\\Aa"},
    {.name = "quoted", .pattern = "\\Qa\\E"},
    {.name = "term of nothing", .terms = (const char *const[]){""}, .n_terms = 1},
    {.name = "term of two lines", .terms = (const char *const[]){"a\nb"}, .n_terms = 1},
    {.name = "a rule of nothing", .allows = SP_KIND_EMAIL},
    {.name = "a rule of two sorts",
     .pattern = "a",
     .terms = (const char *const[]){"a"},
     .n_terms = 1,
     .allows = SP_KIND_EMAIL},
    {.name = "a rule of no class", .pattern = "a", .allows = SP_CLASS_LIMIT},
    {.name = "a rule of a class far beyond", .pattern = "a", .allows = UINT16_MAX},
    {.name = "a rule of shapes", .shapes = "ddd", .allows = SP_KIND_EMAIL},
    {.name = "a rule without bound", .pattern = "a+", .allows = SP_KIND_EMAIL},
    {.name = "a rule of the empty text", .pattern = "a?", .allows = SP_KIND_EMAIL},
    {.name = "a rule with an anchor", .pattern = "^a", .allows = SP_KIND_EMAIL},
    {.name = "a rule of an empty value",
     .terms = (const char *const[]){""},
     .n_terms = 1,
     .allows = SP_KIND_EMAIL},
    {.name = "terms and a pattern", .pattern = "a", .terms = (const char *const[]){"a"}, .n_terms = 1},
    {.name = "of nothing", .pattern = "a*"},
    {.name = "no shape", .shapes = "d!d"},
    {.name = "no check", .pattern = "a", .check = "luhnn"},
    {.name = "no word", .pattern = "a", .words = "b||c"},
    {.name = "long words", .shapes = "dddd", .words = "a b c d e f g"},
};

/* Behind one that is right, so that the number is seen to be its own. */
static void what_is_written_wrong_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        const sp_custom_detector v[] = {{.name = "right", .pattern = "x"}, wrong[i]};
        sp_custom *custom;
        sp_diag diag = {0};
        size_t bad;
        if (sp_custom_new(&custom, v, 2, &bad, &diag) != SP_ERANGE) fail_msg("%s", wrong[i].name);
        assert_null(custom);
        assert_int_equal(bad, 1);
        assert_true(diag.text[0] != '\0');
    }
}

static void there_are_at_least_one_and_at_most_256(void **state)
{
    (void)state;
    static sp_custom_detector v[SP_CUSTOM_MAX + 1];
    sp_custom *custom;
    size_t bad;
    for (size_t i = 0; i <= SP_CUSTOM_MAX; i++) v[i] = (sp_custom_detector){.name = "x", .pattern = "x"};
    assert_int_equal(sp_custom_new(&custom, v, 0, &bad, NULL), SP_ERANGE);
    assert_int_equal(sp_custom_new(&custom, v, SP_CUSTOM_MAX + 1, &bad, NULL), SP_ERANGE);
    assert_int_equal(sp_custom_new(&custom, v, SP_CUSTOM_MAX, &bad, NULL), SP_OK);
    sp_custom_free(custom);
    sp_custom_free(NULL);
}

static void each_check_has_a_name(void **state)
{
    (void)state;
    size_t n = 0;
    for (const char *name; (name = sp_custom_check_name(n)) != NULL; n++) {
        const sp_custom_detector d = {.name = "x", .pattern = "[0-9A-Za-z]{1,80}", .check = name};
        sp_custom *custom;
        size_t bad;
        assert_int_equal(sp_custom_new(&custom, &d, 1, &bad, NULL), SP_OK);
        sp_custom_free(custom);
    }
    assert_int_equal(n, 5);
}

/* ---- scans ---- */

static const sp_custom_detector own[] = {
    {.name = "pattern", .pattern = "x[0-9]{1,8}"},
    {.name = "alternatives", .pattern = "cd|abcde"},
    {.name = "checked", .pattern = "\\b[0-9]{11}\\b", .check = "luhn", .words = "card no|~number"},
    {.name = "shape", .shapes = "aa~dddd", .words = "plate"},
    {.name = "any letters", .pattern = "[A-Za-z]{3,5}!", .check = "verhoeff"},
};
enum { N_OWN = sizeof own / sizeof own[0], FOUND_MAX = 4 };

typedef struct scan_case {
    const char *text;
    sp_finding found[FOUND_MAX]; /* ended by one of no length */
} scan_case;

static const scan_case cases[] = {
    {"", {{0}}},
    {"x12345678 x1", {{0, 9, 0, 75, 0, 0}, {10, 12, 0, 75, 0, 0}}},
    {"x123456789", {{0, 9, 0, 75, 0, 0}}},
    {"abcde", {{0, 5, 0, 75, 1, 0}}},
    {"cdcd", {{0, 2, 0, 75, 1, 0}, {2, 4, 0, 75, 1, 0}}},
    {"card no 79927398713", {{8, 19, 0, 90, 2, 0}}},
    {"79927398713 (card no)", {{0, 11, 0, 88, 2, 0}}},
    {"number 79927398713", {{7, 18, 0, 75, 2, 0}}},
    {"card no 79927398710", {{0}}},
    {"79927398713", {{0}}},
    {"plate AB-1234, x1", {{6, 13, 0, 75, 3, 0}, {15, 17, 0, 75, 0, 0}}},
    {"plait AB-1234", {{0}}},
    {"wxyz!", {{0}}},
};

static size_t count(const sp_finding *v)
{
    size_t n = 0;
    while (n < FOUND_MAX && v[n].end > 0) n++;
    return n;
}

static sp_custom *make(void)
{
    sp_custom *custom;
    size_t bad;
    assert_int_equal(sp_custom_new(&custom, own, N_OWN, &bad, NULL), SP_OK);
    return custom;
}

static void texts_are_scanned_as_the_table_says(void **state)
{
    (void)state;
    sp_custom *custom = make();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sp_arena arena;
        sp_arena_init(&arena, 1 << 20);
        sp_findings found = SP_FINDINGS_IN(&arena.mem, 100);
        assert_int_equal(sp_custom_scan(&found, custom, sp_bytes_of(cases[i].text)), SP_OK);
        const size_t n = count(cases[i].found);
        if (found.n != n || (n > 0 && memcmp(found.v, cases[i].found, n * sizeof *found.v) != 0))
            fail_msg("%s: %zu found, %u..%u of %u, %u sure", cases[i].text, found.n,
                     found.n > 0 ? found.v[0].start : 0, found.n > 0 ? found.v[0].end : 0,
                     found.n > 0 ? found.v[0].detector : 0, found.n > 0 ? found.v[0].confidence : 0);
        sp_arena_fini(&arena);
    }
    sp_custom_free(custom);
}

static void no_more_are_kept_than_were_asked_for(void **state)
{
    (void)state;
    sp_custom *custom = make();
    sp_arena arena;
    sp_arena_init(&arena, 1 << 20);
    sp_findings found = SP_FINDINGS_IN(&arena.mem, 2);
    assert_int_equal(sp_custom_scan(&found, custom, SP_LIT("x1 x2 x3")), SP_OK);
    assert_int_equal(found.n, 2);
    assert_true(found.is_full);
    sp_arena_fini(&arena);
    sp_custom_free(custom);
}

static void findings_without_memory_are_reported(void **state)
{
    (void)state;
    sp_custom *custom = make();
    sp_mem none = {0};
    sp_findings found = SP_FINDINGS_IN(&none, 100);
    assert_int_equal(sp_custom_scan(&found, custom, SP_LIT("x1")), SP_ENOMEM);
    sp_custom_free(custom);
}

static void any_bytes_are_safe(void **state)
{
    (void)state;
    sp_custom *custom = make();
    uint8_t text[512];
    uint64_t x = 88172645463325252;
    for (int round = 0; round < 500; round++) {
        sp_arena arena;
        sp_arena_init(&arena, 1 << 20);
        sp_findings found = SP_FINDINGS_IN(&arena.mem, 1000);
        for (size_t i = 0; i < sizeof text; i++) {
            x = x * 6364136223846793005u + 1442695040888963407u;
            text[i] = round % 2 == 0 ? (uint8_t)(x >> 56) : (uint8_t) "x0123456789 AB-!cde"[(x >> 56) % 19];
        }
        assert_int_equal(sp_custom_scan(&found, custom, (sp_bytes){text, sizeof text}), SP_OK);
        for (size_t i = 0; i < found.n; i++) assert_true(found.v[i].end <= sizeof text);
        sp_arena_fini(&arena);
    }
    sp_custom_free(custom);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_wrong_is_named),
        cmocka_unit_test(there_are_at_least_one_and_at_most_256),
        cmocka_unit_test(each_check_has_a_name),
        cmocka_unit_test(texts_are_scanned_as_the_table_says),
        cmocka_unit_test(no_more_are_kept_than_were_asked_for),
        cmocka_unit_test(findings_without_memory_are_reported),
        cmocka_unit_test(any_bytes_are_safe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
