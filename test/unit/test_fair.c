/* Who is next: nobody waits for more than one piece of work of each other caller. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sallyport/fair.h"

enum { CALLERS = 8, WAITING = 256 };

/* What waits, with its place in it, as the data plane keeps it. */
typedef struct guest {
    sp_fair_place place;
    size_t caller, number; /* of its caller's */
} guest;

/* A line and all that may wait in it. */
typedef struct hall {
    sp_fair_row rows[CALLERS];
    size_t heap[CALLERS];
    sp_fair line;
    guest guests[WAITING];
    size_t n, n_of[CALLERS];
} hall;

static void open_hall(hall *h)
{
    memset(h, 0, sizeof *h);
    h->line = (sp_fair){.rows = h->rows, .heap = h->heap, .n_rows = CALLERS};
}

static guest *join(hall *h, size_t caller, uint64_t cost)
{
    guest *g = &h->guests[h->n++];
    assert_true(h->n <= WAITING);
    g->caller = caller;
    g->number = h->n_of[caller]++;
    sp_fair_join(&h->line, &g->place, caller, cost);
    return g;
}

static guest *take_guest(hall *h)
{
    return (guest *)(void *)sp_fair_take(&h->line); /* its first member */
}

static size_t take(hall *h)
{
    const guest *g = take_guest(h);
    assert_non_null(g);
    return g->caller;
}

static void one_caller_is_served_in_order(void **state)
{
    (void)state;
    hall h;
    open_hall(&h);
    assert_true(sp_fair_is_empty(&h.line));
    assert_null(sp_fair_take(&h.line));
    for (size_t i = 0; i < 10; i++) join(&h, 1, 10 * (10 - i));
    for (size_t i = 0; i < 10; i++) {
        const guest *g = take_guest(&h);
        assert_int_equal(g->number, i);
        assert_false(g->place.is_waiting);
    }
    assert_true(sp_fair_is_empty(&h.line));
}

static void equals_are_served_as_they_came(void **state)
{
    (void)state;
    hall h;
    open_hall(&h);
    const size_t order[] = {5, 2, 7, 1, 3};
    for (size_t i = 0; i < 5; i++) join(&h, order[i], 100);
    for (size_t i = 0; i < 5; i++) assert_int_equal(take(&h), order[i]);
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

static void who_leaves_is_not_served(void **state)
{
    (void)state;
    hall h;
    open_hall(&h);
    guest *all[6];
    for (size_t i = 0; i < 6; i++) all[i] = join(&h, 1 + i / 3, 100); /* three of 1, three of 2 */
    const size_t leaving[] = {0, 4, 5};                               /* first, middle, last of its caller */
    for (size_t i = 0; i < 3; i++) sp_fair_leave(&h.line, &all[leaving[i]]->place);
    sp_fair_leave(&h.line, &all[0]->place); /* twice is once */
    assert_ptr_equal(take_guest(&h), all[3]);
    assert_ptr_equal(take_guest(&h), all[1]);
    assert_ptr_equal(take_guest(&h), all[2]);
    assert_true(sp_fair_is_empty(&h.line));
    sp_fair_leave(&h.line, &all[1]->place); /* nor who was served */
    join(&h, 1, 1);
    assert_int_equal(take(&h), 1);
}

/* A hall, and what has been seen of it. */
typedef struct watch {
    hall h;
    uint32_t seed;
    size_t n_waiting, next_of[CALLERS];
    bool may_leave;
    size_t passed[CALLERS][CALLERS]; /* how often the first has waited while the second was served */
} watch;

static void serve_one(watch *w)
{
    const guest *g = take_guest(&w->h);
    assert_non_null(g);
    w->n_waiting--;
    assert_true(g->number >= w->next_of[g->caller]); /* others of it may have left */
    w->next_of[g->caller] = g->number + 1;
    for (size_t other = 0; other < CALLERS; other++) {
        const bool waits = w->h.rows[other].first != NULL && other != g->caller;
        w->passed[other][g->caller] = waits ? w->passed[other][g->caller] + 1 : 0;
        w->passed[g->caller][other] = 0;
        assert_true(w->may_leave || w->passed[other][g->caller] <= 2);
    }
}

static void do_something(watch *w)
{
    hall *h = &w->h;
    w->seed = w->seed * 1664525 + 1013904223;
    const uint32_t dice = w->seed >> 24;
    if (dice < 140 && h->n < WAITING) {
        join(h, (w->seed >> 16) % CALLERS, 10);
        w->n_waiting++;
    } else if (dice < 170 && h->n > 0 && w->may_leave) {
        guest *g = &h->guests[(w->seed >> 8) % h->n];
        w->n_waiting -= g->place.is_waiting;
        sp_fair_leave(&h->line, &g->place);
    } else if (w->n_waiting > 0) {
        serve_one(w);
    }
    assert_int_equal(sp_fair_is_empty(&h->line), w->n_waiting == 0);
}

/* Whatever comes and goes: the order of each caller is kept, each that waits is served once and nobody else,
 * and with equal costs nobody is passed over more than twice in a row by the same other caller, unless it has
 * left its places. */
static void laws_hold_whatever_comes(void **state)
{
    (void)state;
    watch w = {.seed = 1};
    for (size_t round = 0; round < 300; round++) {
        w = (watch){.seed = w.seed, .may_leave = round % 2};
        open_hall(&w.h);
        for (size_t step = 0; step < 400; step++) do_something(&w);
        while (w.n_waiting > 0) serve_one(&w);
        assert_null(take_guest(&w.h));
    }
}

static void an_unknown_caller_and_a_vast_cost_are_taken(void **state)
{
    (void)state;
    hall h;
    guest *a, *b, *c, *d;
    open_hall(&h);
    sp_fair_join(&h.line, &(a = &h.guests[0])->place, CALLERS + 5, UINT64_MAX);
    sp_fair_join(&h.line, &(b = &h.guests[1])->place, 0, 5);
    sp_fair_join(&h.line, &(c = &h.guests[2])->place, 0, 5);
    sp_fair_join(&h.line, &(d = &h.guests[3])->place, 1, 5);
    assert_int_equal(b->place.tag, UINT64_MAX);
    guest *const order[] = {a, d, b, c};
    for (size_t i = 0; i < 4; i++) assert_ptr_equal(take_guest(&h), order[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_caller_is_served_in_order),
        cmocka_unit_test(equals_are_served_as_they_came),
        cmocka_unit_test(who_comes_behind_a_flood_is_next),
        cmocka_unit_test(a_flood_is_not_starved),
        cmocka_unit_test(shares_are_equal_in_cost_not_in_number),
        cmocka_unit_test(who_leaves_is_not_served),
        cmocka_unit_test(laws_hold_whatever_comes),
        cmocka_unit_test(an_unknown_caller_and_a_vast_cost_are_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
