/* sp_scan as a whole: order, overlaps, limits, memory, and texts made to be slow. Detectors have their own
 * test. */
#include "token_help.h"

#include <hs/hs.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

typedef struct fixture {
    sp_engine *engine;
    sp_scratch *scratch;
    sp_arena arena;
    sp_findings found;
} fixture;

static fixture shared;

static int group_set_up(void **state)
{
    (void)state;
    sp_diag diag;
    if (sp_engine_new(&shared.engine, &diag) != SP_OK) return -1;
    return sp_scratch_new(&shared.scratch, shared.engine) == SP_OK ? 0 : -1;
}

static int group_tear_down(void **state)
{
    (void)state;
    sp_scratch_free(shared.scratch);
    sp_engine_free(shared.engine);
    return 0;
}

static int set_up(void **state)
{
    sp_arena_init(&shared.arena, 8 << 20);
    shared.found = SP_FINDINGS_IN(&shared.arena.mem, 100);
    *state = &shared;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sp_arena_fini(&shared.arena);
    return 0;
}

static void scan(fixture *f, sp_bytes text)
{
    assert_int_equal(sp_scan(&f->found, f->engine, f->scratch, text), SP_OK);
}

static void check_finding(const sp_finding *f, sp_kind kind, uint32_t start, uint32_t end)
{
    assert_int_equal(f->kind, kind);
    assert_int_equal(f->start, start);
    assert_int_equal(f->end, end);
    assert_in_range(f->confidence, 1, 100);
    assert_int_equal(sp_row_at(f->detector)->kind, kind);
}

static void findings_come_in_order_of_start(void **state)
{
    fixture *f = *state;
    scan(f, SP_LIT("pay 4111 1111 1111 1111 or DE89370400440532013000, ask a@b.de, 078-05-1120"));
    assert_int_equal(f->found.n, 4);
    check_finding(&f->found.v[0], SP_KIND_CARD, 4, 23);
    check_finding(&f->found.v[1], SP_KIND_IBAN, 27, 49);
    check_finding(&f->found.v[2], SP_KIND_EMAIL, 55, 61);
    check_finding(&f->found.v[3], SP_KIND_US_SSN, 63, 74);
    assert_false(f->found.is_full);
}

static void nothing_is_found_in_nothing(void **state)
{
    fixture *f = *state;
    scan(f, SP_BYTES_EMPTY);
    scan(f, SP_LIT("plain words, 42 of them; see section 4.2"));
    assert_int_equal(f->found.n, 0);
    assert_null(f->found.v);
}

static void a_second_scan_appends(void **state)
{
    fixture *f = *state;
    scan(f, SP_LIT("a@b.de"));
    scan(f, SP_LIT("c@d.fr"));
    assert_int_equal(f->found.n, 2);
}

static void matches_touch_the_ends_of_the_text(void **state)
{
    fixture *f = *state;
    scan(f, SP_LIT("a@b.de"));
    scan(f, SP_LIT("4111111111111111"));
    assert_int_equal(f->found.n, 2);
    check_finding(&f->found.v[0], SP_KIND_EMAIL, 0, 6);
    check_finding(&f->found.v[1], SP_KIND_CARD, 0, 16);
}

static void different_kinds_may_overlap(void **state)
{
    fixture *f = *state;
    scan(f, SP_LIT("4111111111111111@example.com"));
    assert_int_equal(f->found.n, 2);
    check_finding(&f->found.v[0], SP_KIND_EMAIL, 0, 28);
    check_finding(&f->found.v[1], SP_KIND_CARD, 0, 16);
}

/* ---- the choice among overlaps, as values ---- */

static void the_leftmost_then_the_longest_stays(void **state)
{
    fixture *f = *state;
    sp_chooser c;
    memset(&c, 0, sizeof c);
    const sp_finding in[] = {{0, 10, 1, 50, 0, 0},
                             {0, 4, 1, 99, 1, 0},
                             {5, 30, 1, 99, 1, 0},
                             {10, 12, 1, 50, 0, 0},
                             {5, 6, 2, 50, 2, 0}};
    sp_findings sorted = SP_FINDINGS_IN(&f->arena.mem, 100);
    for (size_t i = 5; i-- > 0;) assert_int_equal(sp_findings__insert(&sorted, in[i]), SP_OK);
    for (size_t i = 0; i < 5; i++) assert_int_equal(sp_chooser_offer(&c, &f->found, sorted.v[i], 100), SP_OK);
    assert_int_equal(f->found.n, 3);
    assert_int_equal(f->found.v[0].start, 100);
    assert_int_equal(f->found.v[0].end, 110);
    assert_int_equal(f->found.v[1].kind, 2);
    assert_int_equal(f->found.v[2].start, 110);
}

static void offsets_beyond_their_width_are_refused(void **state)
{
    fixture *f = *state;
    sp_chooser c;
    memset(&c, 0, sizeof c);
    const sp_finding in = {0, 10, 1, 50, 0, 0};
    assert_int_equal(sp_chooser_offer(&c, &f->found, in, UINT32_MAX), SP_ERANGE);
    assert_int_equal(sp_chooser_offer(&c, &f->found, in, UINT32_MAX - 10), SP_OK);
}

/* ---- limits ---- */

static uint8_t *repeated(const char *unit, size_t n)
{
    uint8_t *text = malloc(n);
    assert_non_null(text);
    const size_t len = strlen(unit);
    for (size_t i = 0; i < n; i++) text[i] = (uint8_t)unit[i % len];
    return text;
}

/* The last is of another kind than the thousands before it and must not be lost. */
static void a_full_kind_does_not_hide_another(void **state)
{
    fixture *f = *state;
    enum { N = 1 << 20 };
    uint8_t *text = repeated("a@b.de, ", N);
    const sp_bytes card = SP_LIT(" 4111111111111111 ");
    memcpy(text + N - 24, card.p, card.n);
    scan(f, (sp_bytes){text, N});
    free(text);
    assert_true(f->found.is_full);
    assert_int_equal(f->found.n, 101);
    assert_int_equal(f->found.v[100].kind, SP_KIND_CARD);
}

static void a_pass_keeps_a_bounded_number_of_each_kind(void **state)
{
    fixture *f = *state;
    enum { N = 1 << 20 };
    uint8_t *text = repeated("a@b.de, 4111111111111111\n", N);
    f->found.limit = 1000000;
    scan(f, (sp_bytes){text, N});
    free(text);
    assert_true(f->found.is_full);
    assert_int_equal(f->found.n, 2 * SP_PASS_MAX);
}

/* A megabyte of each head, of each head with a separator, of each example: with anything quadratic in a
 * validator this test does not end in its time. What they cost is printed by
 * test/experiments/release_point/cost.c. */
/* What a mask left is no word for a number near by; what looks like one but is not hides no word. */
static void masks_are_no_evidence(void **state)
{
    fixture *f = *state;
    static const struct {
        const char *text;
        size_t n;
    } rows[] = {
        {"ssn 536228145", 1},
        {"[masked: us-ssn] 536228145", 0},
        {"[removed: us-ssn] 536228145", 0},
        {"[masked: SSN] 536228145", 1},
        {"[masked: my ssn 536228145", 1},
        {"[masked: the ssn is] 536228145", 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        f->found.n = 0;
        scan(f, sp_bytes_of(rows[i].text));
        if (f->found.n != rows[i].n) fail_msg("%s: %zu found", rows[i].text, f->found.n);
    }
}

/* ThreadSanitizer has nothing to find in one thread and takes ten times as long: there the texts are short.
 */
#ifdef __SANITIZE_THREAD__
enum { HEADS_BYTES = 1 << 16 };
#else
enum { HEADS_BYTES = 1 << 20 };
#endif

/* A text may be over the budget of work (ADR 43): then the scan ends, too. */
static void scan_ends(fixture *f, sp_bytes text)
{
    const sp_status status = sp_scan(&f->found, f->engine, f->scratch, text);
    assert_true(status == SP_OK || status == SP_EWORK);
}

static void texts_of_nothing_but_heads_end(void **state)
{
    fixture *f = *state;
    enum { N = HEADS_BYTES };
    static const char *const units[] = {"a",
                                        "4",
                                        "@",
                                        "@a",
                                        "a@a.",
                                        "+4",
                                        "+49 1 2 3 4 5 6 7 8 9 ",
                                        "4111-",
                                        "4111 ",
                                        "123-45-",
                                        "de12",
                                        "de12 ",
                                        "eyJ",
                                        "eyJ.",
                                        "eyJhbGciOiJIUzI1NiJ9.",
                                        "-eyJ",
                                        "ghp_",
                                        "ghp_/",
                                        "ghs_1_eyJ.",
                                        "xoxb-",
                                        "xoxb-/",
                                        "-xoxb-1",
                                        "-sk-ant-api03-",
                                        "-sk-proj-",
                                        "-sk-proj-aB1",
                                        "xoxb-1234567/",
                                        "sk-",
                                        "sk-.",
                                        "sk-ant-api03-.",
                                        "https://hooks.slack.com/services/T",
                                        "aws secret: ",
                                        "secret key",
                                        "-----BEGIN",
                                        "-----BEGIN PRIVATE KEY-----\n",
                                        "-----BEGIN PRIVATE KEY-----\na:\na:\na:\n",
                                        "LS0tLS1CRUdJTi",
                                        "LS0tLS1CRUdJTi=",
                                        "b3BlbnNzaC1rZXktdjE= ",
                                        "b3BlbnNzaC1rZXktdjE=b",
                                        "sp_",
                                        "sp_0 ",
                                        "\xc3",
                                        "\x80",
                                        "\xf0\x9f\x98\x80@a",
                                        "a@b\xc3\xa9",
                                        "AKIA",
                                        "AKIA ",
                                        "ssn 123456789 "};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        uint8_t *text = repeated(units[i], N);
        scan_ends(f, (sp_bytes){text, N});
        free(text);
    }
    for (size_t row = 0; sp_row_at(row) != NULL; row++) {
        for (const sp_example *e = examples_of(sp_row_at(row)); *e != NULL; e++) {
            uint8_t *text = repeated(*e, N / 8);
            scan_ends(f, (sp_bytes){text, N / 8});
            free(text);
            f->found.n = 0;
        }
        assert_true(f->arena.mem.used < 1 << 20);
        (void)tear_down(state);
        (void)set_up(state);
    }
}

static void any_bytes_are_safe(void **state)
{
    fixture *f = *state;
    uint8_t text[512];
    uint64_t x = 88172645463325252;
    for (int round = 0; round < 3000; round++) {
        for (size_t i = 0; i < sizeof text; i++) {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            text[i] = (uint8_t)x;
        }
        scan(f, (sp_bytes){text, sizeof text});
    }
    assert_true(f->found.n < 100);
}

/* ---- failing allocator ---- */

typedef struct failing {
    sp_arena arena;
    size_t left;
} failing;

static void *failing_alloc(void *ctx, size_t n)
{
    failing *a = ctx;
    if (a->left == 0) return NULL;
    a->left--;
    return sp_alloc_bytes(&a->arena.mem, n);
}

static void each_failed_allocation_is_reported(void **state)
{
    fixture *f = *state;
    uint8_t *text = repeated("a@b.de, ", 800);
    sp_status status = SP_ENOMEM;
    size_t n = 0;
    for (; status != SP_OK; n++) {
        failing a = {.left = n};
        sp_arena_init(&a.arena, 1 << 20);
        sp_mem mem = {failing_alloc, &a, 0, SIZE_MAX};
        sp_findings found = SP_FINDINGS_IN(&mem, 100);
        status = sp_scan(&found, f->engine, f->scratch, (sp_bytes){text, 800});
        assert_true(status == SP_OK ? found.n == 100 : status == SP_ENOMEM);
        sp_arena_fini(&a.arena);
    }
    assert_in_range(n, 3, 10);
    free(text);
}

/* Hyperscan takes its memory through hs_set_allocator; it must be restored before anything else is freed. */
static size_t hs_left;

static void *hs_failing_alloc(size_t n)
{
    if (hs_left == 0) return NULL;
    hs_left--;
    return malloc(n);
}

static void an_engine_without_memory_is_refused(void **state)
{
    (void)state;
    sp_status status = SP_ENOMEM;
    size_t n = 0;
    assert_int_equal(hs_set_allocator(hs_failing_alloc, free), HS_SUCCESS);
    for (; status != SP_OK && n < 20; n++) {
        sp_engine *engine = NULL;
        sp_scratch *scratch = NULL;
        hs_left = n;
        status = sp_engine_new(&engine, NULL);
        if (status == SP_OK) status = sp_scratch_new(&scratch, engine);
        assert_true(status == SP_OK || scratch == NULL);
        sp_scratch_free(scratch);
        sp_engine_free(engine);
    }
    assert_int_equal(hs_set_allocator(NULL, NULL), HS_SUCCESS);
    assert_in_range(n, 3, 19);
}

static void freeing_nothing_is_allowed(void **state)
{
    (void)state;
    sp_engine_free(NULL);
    sp_scratch_free(NULL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(findings_come_in_order_of_start),
        TEST(nothing_is_found_in_nothing),
        TEST(a_second_scan_appends),
        TEST(matches_touch_the_ends_of_the_text),
        TEST(different_kinds_may_overlap),
        TEST(the_leftmost_then_the_longest_stays),
        TEST(offsets_beyond_their_width_are_refused),
        TEST(a_full_kind_does_not_hide_another),
        TEST(a_pass_keeps_a_bounded_number_of_each_kind),
        TEST(masks_are_no_evidence),
        TEST(texts_of_nothing_but_heads_end),
        TEST(any_bytes_are_safe),
        TEST(each_failed_allocation_is_reported),
        cmocka_unit_test(an_engine_without_memory_is_refused),
        cmocka_unit_test(freeing_nothing_is_allowed),
    };
    return cmocka_run_group_tests(tests, group_set_up, group_tear_down);
}
