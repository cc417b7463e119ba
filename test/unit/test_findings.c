/* Findings for people: which of those that overlap stays, and why a number was taken for one. */
#include "random_help.h"

#include "detect/detect_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* ---- the surest of those that overlap ---- */

enum { MOST = 6 };

/* `n` ends with the first finding of no length. */
typedef struct settle_case {
    const char *name;
    sp_finding given[MOST], stay[MOST];
} settle_case;

static const settle_case cases[] = {
    {"nothing of nothing", {{0}}, {{0}}},
    {"one stays", {{3, 9, 1, 50, 0, 0}}, {{3, 9, 1, 50, 0, 0}}},
    {"neighbours stay",
     {{0, 5, 1, 50, 0, 0}, {5, 9, 2, 90, 0, 0}},
     {{0, 5, 1, 50, 0, 0}, {5, 9, 2, 90, 0, 0}}},
    {"the surer stays", {{0, 9, 1, 60, 0, 0}, {4, 12, 2, 80, 0, 0}}, {{4, 12, 2, 80, 0, 0}}},
    {"the surer stays inside of another",
     {{0, 99, 1, 60, 0, 0}, {4, 12, 2, 80, 0, 0}},
     {{4, 12, 2, 80, 0, 0}}},
    {"of two as sure the longer", {{0, 9, 1, 80, 0, 0}, {4, 20, 2, 80, 0, 0}}, {{4, 20, 2, 80, 0, 0}}},
    {"of two as long the first", {{0, 9, 1, 80, 0, 0}, {4, 13, 2, 80, 0, 0}}, {{0, 9, 1, 80, 0, 0}}},
    {"of two at one place the first row", {{0, 9, 1, 80, 4, 0}, {0, 9, 2, 80, 3, 0}}, {{0, 9, 2, 80, 3, 0}}},
    {"who lost against a loser stays",
     {{0, 10, 1, 50, 0, 0}, {5, 15, 2, 70, 0, 0}, {12, 20, 3, 90, 0, 0}},
     {{0, 10, 1, 50, 0, 0}, {12, 20, 3, 90, 0, 0}}},
    {"hidden text yields to a value that is hidden there",
     {{0, 40, SP_KIND_HIDDEN_TEXT, 95, 0, 0}, {0, 40, SP_KIND_EMAIL, 60, 3, 1}},
     {{0, 40, SP_KIND_EMAIL, 60, 3, 1}}},
    {"what lies behind a heap is untouched",
     {{0, 10, 1, 50, 0, 0}, {5, 15, 2, 70, 0, 0}, {15, 16, 3, 1, 0, 0}},
     {{5, 15, 2, 70, 0, 0}, {15, 16, 3, 1, 0, 0}}},
};

static size_t count(const sp_finding *v)
{
    size_t n = 0;
    while (n < MOST && v[n].end > 0) n++;
    return n;
}

static void overlaps_are_settled_as_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        settle_case c = cases[i];
        sp_findings list = {.v = c.given, .n = count(c.given)};
        sp_findings_settle(&list);
        if (list.n != count(c.stay) || memcmp(list.v, c.stay, list.n * sizeof *list.v) != 0)
            fail_msg("%s", c.name);
    }
}

enum { RANDOM_N = 40, ROUNDS = 3000 };

static bool overlap(const sp_finding *a, const sp_finding *b)
{
    return a->start < b->end && b->start < a->end;
}

/* The rule in one sentence: it stays exactly when no surer one that overlaps it stays. */
static bool beats(const sp_finding *a, const sp_finding *b)
{
    const uint32_t a_length = a->end - a->start, b_length = b->end - b->start;
    const bool is_a_hidden = a->kind == SP_KIND_HIDDEN_TEXT, is_b_hidden = b->kind == SP_KIND_HIDDEN_TEXT;
    if (is_a_hidden != is_b_hidden) return is_b_hidden;
    if (a->confidence != b->confidence) return a->confidence > b->confidence;
    if (a_length != b_length) return a_length > b_length;
    if (a->start != b->start) return a->start < b->start;
    return a->detector < b->detector;
}

static bool has(const sp_findings *list, const sp_finding *f)
{
    for (size_t i = 0; i < list->n; i++) {
        if (memcmp(&list->v[i], f, sizeof *f) == 0) return true;
    }
    return false;
}

static void check_rule(const sp_finding *given, size_t n, const sp_findings *list)
{
    for (size_t i = 0; i < n; i++) {
        bool is_beaten = false;
        for (size_t k = 0; k < list->n; k++)
            is_beaten = is_beaten || (overlap(&list->v[k], &given[i]) && beats(&list->v[k], &given[i]));
        assert_int_equal(has(list, &given[i]), !is_beaten);
    }
    for (size_t k = 1; k < list->n; k++) assert_true(list->v[k - 1].end <= list->v[k].start);
}

static int by_start(const void *a, const void *b)
{
    const sp_finding *x = a, *y = b;
    if (x->start != y->start) return x->start < y->start ? -1 : 1;
    return x->end != y->end ? (x->end > y->end ? -1 : 1) : 0;
}

static void what_stays_is_what_nothing_surer_that_stays_overlaps(void **state)
{
    (void)state;
    uint64_t x = 1;
    for (int round = 0; round < ROUNDS; round++) {
        sp_finding given[RANDOM_N], v[RANDOM_N];
        for (int i = 0; i < RANDOM_N; i++) {
            const uint32_t start = next_random(&x) % 200, n = 1 + next_random(&x) % 20;
            given[i] = (sp_finding){start,
                                    start + n,
                                    (uint8_t)i,
                                    (uint8_t)(60 + next_random(&x) % 5),
                                    (uint16_t)i & (SP_DETECTORS_MAX - 1U),
                                    0};
        }
        qsort(given, RANDOM_N, sizeof *given, by_start);
        memcpy(v, given, sizeof v);
        sp_findings list = {.v = v, .n = RANDOM_N};
        sp_findings_settle(&list);
        check_rule(given, RANDOM_N, &list);
    }
}

/* ---- why ---- */

typedef struct fixture {
    sp_engine *engine;
    sp_scratch *scratch;
} fixture;

static int set_up(void **state)
{
    static fixture f;
    if (sp_engine_new(&f.engine, NULL) != SP_OK || sp_scratch_new(&f.scratch, f.engine) != SP_OK) return -1;
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    sp_scratch_free(f->scratch);
    sp_engine_free(f->engine);
    return 0;
}

static const struct {
    const char *text, *word; /* word NULL: none */
    sp_kind kind;
    uint8_t distance;
} reasons[] = {
    {"his SSN is 078-05-1120", "SSN", SP_KIND_US_SSN, 4},
    {"078-05-1120 (SSN)", "SSN", SP_KIND_US_SSN, 2},
    {"078-05-1120", NULL, SP_KIND_US_SSN, 0},
    {"SSN a@b.de", NULL, SP_KIND_EMAIL, 0},
};

static void the_word_that_names_a_number_is_told(void **state)
{
    const fixture *f = *state;
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        sp_arena arena;
        sp_arena_init(&arena, 1 << 20);
        sp_findings found = SP_FINDINGS_IN(&arena.mem, 10);
        sp_named_by why;
        const sp_bytes text = sp_bytes_of(reasons[i].text);
        assert_int_equal(sp_scan(&found, f->engine, f->scratch, text), SP_OK);
        assert_int_equal(found.n, 1);
        assert_int_equal(found.v[0].kind, reasons[i].kind);
        sp_finding_explain(&why, f->engine, text, &found.v[0]);
        const sp_bytes word = sp_bytes_sub(text, why.start, why.end);
        assert_true(sp_bytes_eq(word, sp_bytes_of(reasons[i].word)));
        assert_int_equal(why.distance, reasons[i].distance);
        assert_false(why.is_weak);
        sp_arena_fini(&arena);
    }
}

static void each_detector_can_be_read_about(void **state)
{
    (void)state;
    sp_detector d;
    size_t n = 0;
    for (; sp_detector_at(&d, n); n++) {
        assert_non_null(d.name);
        assert_non_null(sp_kind_get(d.kind));
        assert_true(d.head != NULL || d.shapes != NULL || d.forms != NULL || d.is_whole);
        assert_true(d.examples[0] != NULL || d.forms != NULL);
        assert_true(d.longest > 0);
    }
    assert_null(sp_row_at(n));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(overlaps_are_settled_as_the_table_says),
        cmocka_unit_test(what_stays_is_what_nothing_surer_that_stays_overlaps),
        cmocka_unit_test(each_detector_can_be_read_about),
        cmocka_unit_test_setup_teardown(the_word_that_names_a_number_is_told, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
