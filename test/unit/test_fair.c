/* Who is next: nobody waits for more than one piece of work of each other caller. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sallyport/fair.h"

enum { CALLERS = 8, WAITING = 256 };

/* A line and what waits in it, as the data plane keeps it. */
typedef struct hall {
    uint64_t end[CALLERS];
    sp_fair line;
    struct {
        uint64_t tag;
        size_t caller;
    } v[WAITING];
    size_t n;
} hall;

static void open_hall(hall *h)
{
    memset(h, 0, sizeof *h);
    h->line = (sp_fair){.end = h->end, .n = CALLERS};
}

static void join(hall *h, size_t caller, uint64_t cost)
{
    const uint64_t tag = sp_fair_join(&h->line, caller, cost);
    size_t at = h->n++;
    for (; at > 0 && h->v[at - 1].tag > tag; at--) h->v[at] = h->v[at - 1];
    h->v[at].tag = tag;
    h->v[at].caller = caller;
}

static size_t take(hall *h)
{
    const size_t caller = h->v[0].caller;
    sp_fair_take(&h->line, h->v[0].tag);
    h->n--;
    memmove(h->v, h->v + 1, h->n * sizeof h->v[0]);
    return caller;
}

static void one_caller_is_served_in_order(void **state)
{
    (void)state;
    hall h;
    open_hall(&h);
    const uint64_t first = sp_fair_join(&h.line, 1, 10), second = sp_fair_join(&h.line, 1, 10);
    assert_int_equal(first, 0);
    assert_int_equal(second, 10);
}

static void who_comes_behind_a_flood_is_next(void **state)
{
    (void)state;
    hall h;
    open_hall(&h);
    for (size_t i = 0; i < 100; i++) join(&h, 1, 8 << 20);
    assert_int_equal(take(&h), 1);
    join(&h, 2, 100);
    assert_int_equal(take(&h), 2);
    join(&h, 2, 100);
    join(&h, 3, 8 << 20);
    const size_t a = take(&h), b = take(&h), c = take(&h);
    assert_true((a == 2 || a == 3 || a == 1) && a != b && b != c && a != c); /* each once, the flood too */
}

static void a_flood_is_not_starved(void **state)
{
    (void)state;
    hall h;
    size_t flood = 0;
    open_hall(&h);
    for (size_t i = 0; i < 20; i++) join(&h, 1, 100);
    join(&h, 2, 100);
    for (size_t i = 0; i < 40; i++) { /* as often as it is served, the other comes again */
        const size_t who = take(&h);
        flood += who == 1;
        if (who == 2) join(&h, 2, 100);
    }
    assert_in_range(flood, 19, 20);
}

static void shares_are_equal_in_cost_not_in_number(void **state)
{
    (void)state;
    hall h;
    size_t served[CALLERS] = {0};
    open_hall(&h);
    for (size_t i = 0; i < 100; i++) {
        join(&h, 1, 1000);
        join(&h, 2, 100);
    }
    for (size_t i = 0; i < 55; i++) served[take(&h)]++;
    assert_in_range(served[1], 4, 6);
    assert_in_range(served[2], 49, 51);
}

static void an_unknown_caller_and_a_vast_cost_are_taken(void **state)
{
    (void)state;
    hall h;
    open_hall(&h);
    assert_int_equal(sp_fair_join(&h.line, CALLERS + 5, UINT64_MAX), 0);
    assert_int_equal(sp_fair_join(&h.line, 0, 5), UINT64_MAX);
    assert_int_equal(sp_fair_join(&h.line, 0, 5), UINT64_MAX);
    assert_int_equal(sp_fair_join(&h.line, 1, 5), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_caller_is_served_in_order),
        cmocka_unit_test(who_comes_behind_a_flood_is_next),
        cmocka_unit_test(a_flood_is_not_starved),
        cmocka_unit_test(shares_are_equal_in_cost_not_in_number),
        cmocka_unit_test(an_unknown_caller_and_a_vast_cost_are_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
