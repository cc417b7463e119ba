/** Limits of callers: the bucket against the cell rate algorithm's other form, long runs without drift, what
 * a refusal leaves alone, and the table that never forgets a caller who still owes time. */
#include "random_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sallyport/limit.h"

#define MINUTE_US UINT64_C(60000000)

static const uint8_t an_id[SP_CALLER_ID_BYTES] = {1, 2, 3, 4, 5, 6, 7, 8};

static sp_caller *fresh(sp_caller *row, uint64_t now_us)
{
    *row = (sp_caller){0};
    sp_caller *c = sp_caller_find(row, 1, an_id, now_us);
    assert_ptr_equal(c, row);
    return c;
}

/* A request of no length that has ended at once. */
static bool asks(sp_caller *c, const sp_rates *rates, uint64_t now_us)
{
    sp_allowance a;
    const bool is_let = sp_caller_enter(&a, c, rates, 0, now_us) == SP_OK;
    if (is_let) sp_caller_leave(c, 1);
    return is_let;
}

/* ---- the rate ---- */

static void a_minutes_worth_at_once_then_one_by_one(void **state)
{
    (void)state;
    sp_caller row;
    const sp_rates rates = {.requests_per_minute = 60};
    sp_caller *c = fresh(&row, 1000);
    for (int i = 0; i < 60; i++) assert_true(asks(c, &rates, 1000));
    assert_false(asks(c, &rates, 1000));
    assert_false(asks(c, &rates, 1000 + 999999));
    assert_true(asks(c, &rates, 1000 + 1000000));
    assert_false(asks(c, &rates, 1000 + 1000000));
}

/* Virtual scheduling (ITU-T I.371, figure A.1): a theoretical arrival time, here in 1/rate microseconds. */
typedef struct model {
    unsigned __int128 tat;
    uint64_t rate;
} model;

static bool model_asks(model *m, uint64_t now_us)
{
    const unsigned __int128 now = (unsigned __int128)now_us * m->rate;
    const unsigned __int128 tat = m->tat > now ? m->tat : now;
    if (tat - now > (unsigned __int128)(m->rate - 1) * MINUTE_US) return false;
    m->tat = tat + MINUTE_US;
    return true;
}

static void decides_as_virtual_scheduling_does(void **state)
{
    (void)state;
    static const uint32_t rates_of[] = {1, 2, 7, 59, 60, 61, 600, 999983, 10000000};
    uint64_t seed = 1;
    for (size_t r = 0; r < sizeof rates_of / sizeof rates_of[0]; r++) {
        const sp_rates rates = {.requests_per_minute = rates_of[r]};
        sp_caller row;
        sp_caller *c = fresh(&row, 0);
        c->requests = (rates.requests_per_minute - UINT64_C(1)) * MINUTE_US; /* room for one more */
        model m = {.tat = c->requests, .rate = rates_of[r]};
        uint64_t now = 0, n_refused = 0;
        const uint64_t step = 4 * MINUTE_US / rates_of[r] / 3 + 2;
        for (int i = 0; i < 200000; i++) {
            now += next_random(&seed) % 1000 == 0 ? 20 * step : next_random(&seed) % step;
            const bool is_let = asks(c, &rates, now);
            assert_int_equal(is_let, model_asks(&m, now));
            n_refused += !is_let;
        }
        assert_true(n_refused > 1000);
    }
}

/* How many get through until `end` for one who asks at every moment. */
static uint64_t get_through(const sp_rates *rates, uint64_t end)
{
    sp_caller row;
    sp_caller *c = fresh(&row, 0);
    uint64_t n = 0, now = 0;
    while (now <= end) {
        sp_allowance a;
        const bool is_let = sp_caller_enter(&a, c, rates, 0, now) == SP_OK;
        sp_caller_leave(c, is_let);
        n += is_let;
        now += a.wait_us;
    }
    return n;
}

/* The first minute's worth and then the rate, to the last request, for a week. */
static void nothing_drifts(void **state)
{
    (void)state;
    static const uint32_t rates_of[] = {7, 11, 61};
    const uint64_t minutes = UINT64_C(7) * 24 * 60;
    for (size_t r = 0; r < sizeof rates_of / sizeof rates_of[0]; r++) {
        const sp_rates rates = {.requests_per_minute = rates_of[r]};
        assert_int_equal(get_through(&rates, minutes * MINUTE_US), rates_of[r] * (minutes + 1));
    }
}

static void a_wait_is_exactly_long_enough(void **state)
{
    (void)state;
    const sp_rates rates = {.requests_per_minute = 7, .bytes_per_minute = 1000};
    uint64_t seed = 2, now = 0;
    sp_caller row;
    sp_caller *c = fresh(&row, 0);
    for (int i = 0; i < 20000; i++) {
        const uint64_t bytes = next_random(&seed) % 1500;
        sp_allowance a;
        now += next_random(&seed) % MINUTE_US / 8;
        if (sp_caller_enter(&a, c, &rates, bytes, now) == SP_OK) {
            sp_caller_leave(c, 1);
            continue;
        }
        assert_true(a.wait_us > 0);
        const uint64_t enough = now + a.wait_us;
        assert_int_equal(sp_caller_enter(&a, c, &rates, bytes, enough - 1), SP_ERATE);
        assert_int_equal(a.wait_us, 1);
        assert_int_equal(sp_caller_enter(&a, c, &rates, bytes, enough), SP_OK);
        sp_caller_leave(c, 1);
        now = enough;
    }
}

static void a_refusal_costs_nothing(void **state)
{
    (void)state;
    const sp_rates rates = {.requests_per_minute = 10, .concurrent = 1, .bytes_per_minute = 100};
    sp_caller row;
    sp_allowance a;
    sp_caller *c = fresh(&row, 0);
    assert_int_equal(sp_caller_enter(&a, c, &rates, 60, 0), SP_OK);
    const sp_caller before = *c;
    assert_int_equal(sp_caller_enter(&a, c, &rates, 10, 0), SP_ERATE); /* one at once */
    assert_int_equal(a.wait_us, 0);
    assert_int_equal(sp_allowance_retry_s(&a), 1);
    assert_int_equal(sp_caller_enter(&a, c, &rates, 50, 0), SP_ERATE);
    assert_memory_equal(c, &before, sizeof before);
    sp_caller_leave(c, 1);
    assert_int_equal(sp_caller_enter(&a, c, &rates, 40, 0), SP_OK);
    sp_caller_leave(c, 1);
    sp_caller_leave(c, 5); /* never below none */
    assert_int_equal(c->under_way, 0);
}

/* ---- bytes ---- */

static void a_body_larger_than_a_minutes_worth_passes_alone(void **state)
{
    (void)state;
    const sp_rates rates = {.bytes_per_minute = 1000};
    sp_caller row;
    sp_allowance a;
    sp_caller *c = fresh(&row, 0);
    assert_int_equal(sp_caller_enter(&a, c, &rates, 3000, 0), SP_OK);
    assert_int_equal(sp_caller_enter(&a, c, &rates, 1, 0), SP_ERATE);
    assert_int_equal(a.wait_us, 2 * MINUTE_US + MINUTE_US / 1000);
    assert_int_equal(sp_caller_enter(&a, c, &rates, 3000, 3 * MINUTE_US - 1), SP_ERATE);
    assert_int_equal(sp_caller_enter(&a, c, &rates, 3000, 3 * MINUTE_US), SP_OK);
}

static void pieces_cost_what_the_whole_costs(void **state)
{
    (void)state;
    const sp_rates rates = {.bytes_per_minute = 1000};
    sp_caller rows[2];
    sp_allowance a;
    sp_caller *whole = fresh(&rows[0], 0), *pieces = fresh(&rows[1], 0);
    assert_int_equal(sp_caller_enter(&a, whole, &rates, 900, 7), SP_OK);
    assert_int_equal(sp_caller_enter(&a, pieces, &rates, 0, 7), SP_OK);
    for (uint64_t i = 0; i < 9; i++) {
        assert_int_equal(sp_caller_add(&a, pieces, &rates, (sp_body_piece){100, 100 * i}, 7), SP_OK);
    }
    assert_int_equal(whole->bytes, pieces->bytes);
    assert_int_equal(sp_caller_add(&a, pieces, &rates, (sp_body_piece){101, 0}, 7), SP_ERATE);
    assert_int_equal(a.wait_us, MINUTE_US / 1000);
    assert_int_equal(sp_caller_add(&a, pieces, &rates, (sp_body_piece){101, 800}, 7), SP_ERATE);
    assert_int_equal(a.wait_us, 801 * MINUTE_US / 1000); /* for the whole body anew */
    assert_int_equal(whole->bytes, pieces->bytes);
    assert_int_equal(sp_caller_add(&a, pieces, &rates, (sp_body_piece){SP_RATE_MAX + 1, 0}, 7), SP_ERATE);
    assert_int_equal(sp_caller_add(&a, pieces, &rates, (sp_body_piece){1, UINT64_MAX}, 7), SP_ERATE);
    assert_int_equal(sp_caller_enter(&a, pieces, &rates, UINT64_MAX, 7), SP_ERATE);
}

/* The largest of everything stays inside 64 bits. */
static void the_largest_rate_counts_right(void **state)
{
    (void)state;
    const sp_rates rates = {.requests_per_minute = UINT32_MAX, .bytes_per_minute = SP_RATE_MAX};
    sp_caller row;
    sp_allowance a;
    sp_caller *c = fresh(&row, 0);
    assert_int_equal(sp_caller_enter(&a, c, &rates, SP_RATE_MAX, 0), SP_OK);
    assert_int_equal(sp_caller_enter(&a, c, &rates, SP_RATE_MAX, MINUTE_US - 1), SP_ERATE);
    assert_int_equal(a.wait_us, 1);
    assert_int_equal(sp_caller_enter(&a, c, &rates, SP_RATE_MAX, MINUTE_US), SP_OK);
    assert_int_equal(sp_caller_enter(&a, c, &rates, SP_RATE_MAX, UINT64_MAX), SP_OK);
}

/* ---- changes ---- */

static void a_level_keeps_its_meaning_when_the_rate_changes(void **state)
{
    (void)state;
    sp_caller row;
    sp_allowance a;
    sp_caller *c = fresh(&row, 0);
    const sp_rates wide = {.requests_per_minute = 100}, narrow = {.requests_per_minute = 10}, none = {0};
    for (int i = 0; i < 15; i++) assert_true(asks(c, &wide, 0));
    assert_int_equal(sp_caller_enter(&a, c, &narrow, 0, 0), SP_ERATE);
    assert_int_equal(a.wait_us, 6 * MINUTE_US / 10);
    assert_int_equal(a.remaining, 0);
    assert_int_equal(sp_caller_enter(&a, c, &wide, 0, 0), SP_OK);
    assert_int_equal(a.remaining, 84);
    assert_int_equal(sp_caller_enter(&a, c, &none, 1 << 30, 0), SP_OK);
    assert_int_equal(a.limit, 0);
    assert_int_equal(c->requests, 0);
}

/* Workers read their clocks before they hold the mutex. */
static void time_that_runs_back_drains_nothing(void **state)
{
    (void)state;
    const sp_rates rates = {.requests_per_minute = 2};
    sp_caller row;
    sp_caller *c = fresh(&row, MINUTE_US);
    assert_true(asks(c, &rates, MINUTE_US));
    assert_true(asks(c, &rates, MINUTE_US - 100));
    assert_false(asks(c, &rates, MINUTE_US - 50));
    assert_false(asks(c, &rates, MINUTE_US + MINUTE_US / 2 - 1));
    assert_true(asks(c, &rates, MINUTE_US + MINUTE_US / 2));
}

/* ---- the table ---- */

#define N_ROWS UINT64_C(128)

static void make_id(uint8_t id[SP_CALLER_ID_BYTES], uint64_t n)
{
    memcpy(id, &n, sizeof n);
}

static void a_full_table_forgets_nobody(void **state)
{
    (void)state;
    static sp_caller rows[N_ROWS];
    const sp_rates rates = {.requests_per_minute = 1};
    uint8_t id[SP_CALLER_ID_BYTES];
    size_t n_known = 0, n_refused = 0;
    memset(rows, 0, sizeof rows);
    for (uint64_t i = 1; i <= 4 * N_ROWS; i++) {
        make_id(id, i);
        sp_caller *c = sp_caller_find(rows, N_ROWS, id, 0);
        n_refused += c == NULL;
        if (c) {
            assert_true(asks(c, &rates, 0));
            n_known++;
        }
    }
    assert_int_equal(n_known, N_ROWS);
    assert_int_equal(n_refused, 3 * N_ROWS);
    /* Those that have a row are past their limit, the others have none. */
    for (uint64_t i = 1; i <= 4 * N_ROWS; i++) {
        make_id(id, i);
        sp_caller *c = sp_caller_find(rows, N_ROWS, id, MINUTE_US - 1);
        assert_true(c == NULL || !asks(c, &rates, MINUTE_US - 1));
    }
    make_id(id, 9 * N_ROWS);
    assert_non_null(sp_caller_find(rows, N_ROWS, id, MINUTE_US)); /* all have drained: any row will do */
}

static void one_who_has_a_request_under_way_keeps_the_row(void **state)
{
    (void)state;
    sp_caller rows[1] = {0};
    const sp_rates none = {0};
    uint8_t id[SP_CALLER_ID_BYTES];
    sp_allowance a;
    make_id(id, 1);
    sp_caller *c = sp_caller_find(rows, 1, id, 0);
    assert_int_equal(sp_caller_enter(&a, c, &none, 0, 0), SP_OK);
    make_id(id, 2);
    assert_null(sp_caller_find(rows, 1, id, 100 * MINUTE_US));
    sp_caller_leave(c, 1);
    assert_ptr_equal(sp_caller_find(rows, 1, id, 100 * MINUTE_US), rows);
}

/* Look-ups against a plain list, while rows are taken over all the time. */
static void a_caller_has_one_row(void **state)
{
    (void)state;
    static sp_caller rows[N_ROWS];
    const sp_rates rates = {.requests_per_minute = 1000};
    uint64_t seed = 3, now = 0;
    memset(rows, 0, sizeof rows);
    for (int i = 0; i < 50000; i++) {
        uint8_t id[SP_CALLER_ID_BYTES];
        now += next_random(&seed) % 3000;
        make_id(id, next_random(&seed) % 200);
        sp_caller *c = sp_caller_find(rows, N_ROWS, id, now);
        if (c) (void)asks(c, &rates, now);
        size_t n = 0;
        for (size_t k = 0; k < N_ROWS; k++) n += rows[k].is_used && memcmp(rows[k].id, id, sizeof id) == 0;
        assert_int_equal(n, c != NULL);
    }
}

/* ---- what answers say ---- */

static void assert_span(uint64_t us, const char *expected)
{
    sp_arena arena;
    sp_arena_init(&arena, 4096);
    sp_buf b = SP_BUF_IN(&arena.mem);
    sp_span_append(&b, us);
    sp_buf_append_byte(&b, '\0');
    assert_int_equal(b.status, SP_OK);
    assert_string_equal((const char *)b.p, expected);
    sp_arena_fini(&arena);
}

static void spans_round_up(void **state)
{
    (void)state;
    assert_span(0, "0ms");
    assert_span(1, "1ms");
    assert_span(350000, "350ms");
    assert_span(999001, "1s");
    assert_span(1000001, "2s");
    assert_span(59999999, "1m0s");
    assert_span(60 * MINUTE_US + 1, "60m1s");
    assert_int_equal(sp_allowance_retry_s(&(sp_allowance){.wait_us = 1000001}), 2);
    assert_int_equal(sp_allowance_retry_s(&(sp_allowance){.wait_us = 1000000}), 1);
}

static void assert_field(const sp_allowance_field *f, const char *name, const char *value)
{
    assert_string_equal(f->name, name);
    assert_true(sp_bytes_eq(f->value, sp_bytes_of(value)));
}

static void each_dialect_has_its_names(void **state)
{
    (void)state;
    sp_arena arena;
    sp_allowance_field f[SP_ALLOWANCE_FIELDS];
    const sp_allowance a = {.limit = 60, .remaining = 12, .reset_us = 47500000};
    sp_arena_init(&arena, 4096);
    assert_int_equal(sp_allowance_fields(f, &a, SP_DIALECT_OPENAI, 1700000000, &arena.mem), 3);
    assert_field(&f[0], "x-ratelimit-limit-requests", "60");
    assert_field(&f[1], "x-ratelimit-remaining-requests", "12");
    assert_field(&f[2], "x-ratelimit-reset-requests", "48s");
    assert_int_equal(sp_allowance_fields(f, &a, SP_DIALECT_ANTHROPIC, 1700000000, &arena.mem), 3);
    assert_field(&f[0], "anthropic-ratelimit-requests-limit", "60");
    assert_field(&f[1], "anthropic-ratelimit-requests-remaining", "12");
    assert_field(&f[2], "anthropic-ratelimit-requests-reset", "2023-11-14T22:14:08Z");
    assert_int_equal(sp_allowance_fields(f, &a, SP_DIALECT_NONE, 0, &arena.mem), 0);
    assert_int_equal(sp_allowance_fields(f, &(sp_allowance){0}, SP_DIALECT_OPENAI, 0, &arena.mem), 0);
    arena.mem.limit = arena.mem.used;
    assert_int_equal(sp_allowance_fields(f, &a, SP_DIALECT_OPENAI, 0, &arena.mem), 0);
    sp_arena_fini(&arena);
    assert_true(sp_allowance_hides(SP_LIT("X-RateLimit-Remaining-Tokens")));
    assert_true(sp_allowance_hides(SP_LIT("anthropic-ratelimit-tokens-reset")));
    assert_false(sp_allowance_hides(SP_LIT("retry-after")));
    assert_false(sp_allowance_hides(SP_LIT("x-ratelimit")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_minutes_worth_at_once_then_one_by_one),
        cmocka_unit_test(decides_as_virtual_scheduling_does),
        cmocka_unit_test(nothing_drifts),
        cmocka_unit_test(a_wait_is_exactly_long_enough),
        cmocka_unit_test(a_refusal_costs_nothing),
        cmocka_unit_test(a_body_larger_than_a_minutes_worth_passes_alone),
        cmocka_unit_test(pieces_cost_what_the_whole_costs),
        cmocka_unit_test(the_largest_rate_counts_right),
        cmocka_unit_test(a_level_keeps_its_meaning_when_the_rate_changes),
        cmocka_unit_test(time_that_runs_back_drains_nothing),
        cmocka_unit_test(a_full_table_forgets_nobody),
        cmocka_unit_test(one_who_has_a_request_under_way_keeps_the_row),
        cmocka_unit_test(a_caller_has_one_row),
        cmocka_unit_test(spans_round_up),
        cmocka_unit_test(each_dialect_has_its_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
