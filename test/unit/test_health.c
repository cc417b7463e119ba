/** Circuit breaker, Retry-After, retry budget: stories as tables, and what holds after any walk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sallyport/health.h"

static const sp_health_rules rules = {
    .failures = 3,
    .share = 50,
    .least = 10,
    .open_ms = 1000,
    .open_max_ms = 4000,
    .probe_ms = 500,
    .wait_max_ms = 60000,
    .retry_share = 20,
    .retry_floor = 1,
};

/** One line of a story: at a time, something happens; then the circuit has a state and may be tried or not.
 */
typedef struct line {
    uint64_t at_ms;
    char what;  /* b begin, G good, B busy, F failed, N nothing (all: end of the try begun last),
                   a answer begins, w wait of 2 s, s swap the two tickets, - nothing happens */
    char state; /* c closed, h half-open, o open */
    bool may_be_tried;
} line;

typedef struct story {
    const char *name;
    line lines[24];
} story;

static const story stories[] = {
    {"failures in a row open it; it stays open for its time",
     {{0, 'b', 'c', true},
      {0, 'F', 'c', true},
      {0, 'b', 'c', true},
      {0, 'F', 'c', true},
      {0, 'b', 'c', true},
      {0, 'F', 'o', false},
      {999, '-', 'o', false},
      {1000, '-', 'h', true}}},
    {"an answer in between starts the count anew",
     {{0, 'b', 'c', true},
      {0, 'F', 'c', true},
      {0, 'b', 'c', true},
      {0, 'F', 'c', true},
      {0, 'b', 'c', true},
      {0, 'G', 'c', true},
      {0, 'b', 'c', true},
      {0, 'F', 'c', true},
      {0, 'b', 'c', true},
      {0, 'F', 'c', true}}},
    {"neither busy nor nothing is a failure",
     {{0, 'b', 'c', true},
      {0, 'B', 'c', true},
      {0, 'b', 'c', true},
      {0, 'N', 'c', true},
      {0, 'b', 'c', true},
      {0, 'B', 'c', true},
      {0, 'b', 'c', true},
      {0, 'B', 'c', true}}},
    {"a good probe closes it",
     {{0, 'b', 'c', true},
      {0, 'F', 'c', true},
      {0, 'b', 'c', true},
      {0, 'F', 'c', true},
      {0, 'b', 'c', true},
      {0, 'F', 'o', false},
      {1000, 'b', 'h', false},
      {1100, 'G', 'c', true}}},
    {"a probe that is told to wait has met a living destination",
     {{0, 'b', 'c', true},
      {0, 'F', 'c', true},
      {0, 'b', 'c', true},
      {0, 'F', 'c', true},
      {0, 'b', 'c', true},
      {0, 'F', 'o', false},
      {1000, 'b', 'h', false},
      {1100, 'w', 'h', false},
      {1100, 'B', 'c', false},
      {3100, '-', 'c', true}}},
    {"an answer that begins closes it; when it breaks off later that is a failure of its own",
     {{0, 'b', 'c', true},
      {0, 'F', 'c', true},
      {0, 'b', 'c', true},
      {0, 'F', 'c', true},
      {0, 'b', 'c', true},
      {0, 'F', 'o', false},
      {1000, 'b', 'h', false},
      {1100, 'a', 'c', true},
      {9000, 'F', 'c', true}}},
    {"each failed probe doubles the time, up to the bound",
     {{0, 'b', 'c', true},
      {0, 'F', 'c', true},
      {0, 'b', 'c', true},
      {0, 'F', 'c', true},
      {0, 'b', 'c', true},
      {0, 'F', 'o', false},
      {1000, 'b', 'h', false},
      {1000, 'F', 'o', false},
      {2999, '-', 'o', false},
      {3000, 'b', 'h', false},
      {3000, 'F', 'o', false},
      {6999, '-', 'o', false},
      {7000, 'b', 'h', false},
      {7000, 'F', 'o', false},
      {10999, '-', 'o', false},
      {11000, '-', 'h', true}}},
    {"a probe that says nothing leaves the next request to be the probe",
     {{0, 'b', 'c', true},
      {0, 'F', 'c', true},
      {0, 'b', 'c', true},
      {0, 'F', 'c', true},
      {0, 'b', 'c', true},
      {0, 'F', 'o', false},
      {1000, 'b', 'h', false},
      {1001, 'N', 'h', true},
      {1001, 'b', 'h', false}}},
    {"a probe that never reports back blocks no longer than its lease",
     {{0, 'b', 'c', true},
      {0, 'F', 'c', true},
      {0, 'b', 'c', true},
      {0, 'F', 'c', true},
      {0, 'b', 'c', true},
      {0, 'F', 'o', false},
      {1000, 'b', 'h', false},
      {1499, '-', 'h', false},
      {1500, 'b', 'h', false},
      {1501, 's', 'h', false},
      {1501, 'F', 'h', false},
      {1502, 's', 'h', false},
      {1502, 'G', 'c', true}}},
    {"a try from before the opening says nothing after it",
     {{0, 'b', 'c', true},
      {0, 's', 'c', true},
      {0, 'b', 'c', true},
      {0, 'F', 'c', true},
      {0, 'b', 'c', true},
      {0, 'F', 'c', true},
      {0, 'b', 'c', true},
      {0, 'F', 'o', false},
      {500, 's', 'o', false},
      {500, 'G', 'o', false}}},
    {"it asked to wait", {{0, 'w', 'c', false}, {1999, '-', 'c', false}, {2000, 'b', 'c', true}}},
};

static sp_health_verdict verdict_of(char what)
{
    const char *at = strchr("NGBF", what);
    return (sp_health_verdict)(at - "NGBF");
}

static void step(sp_health *h, sp_health_ticket tickets[2], const line *l)
{
    sp_health_ticket swap;
    switch (l->what) {
    case 'b':
        assert_true(sp_health_begin(h, &rules, l->at_ms, &tickets[0]));
        break;
    case 'a':
        sp_health_answered(h, &tickets[0], l->at_ms);
        break;
    case 'w':
        sp_health_wait(h, &rules, 2000, l->at_ms);
        break;
    case 's':
        swap = tickets[0], tickets[0] = tickets[1], tickets[1] = swap;
        break;
    case '-':
        break;
    default:
        sp_health_end(h, &rules, &tickets[0], verdict_of(l->what), l->at_ms);
        assert_false(tickets[0].is_held);
    }
}

/** When a probe's lease ended, the story begins another try; the first one's ticket moves to the side. */
static void stories_end_as_they_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof stories / sizeof stories[0]; i++) {
        sp_health h = {0};
        sp_health_ticket tickets[2] = {{0}};
        for (const line *l = stories[i].lines; l->what; l++) {
            if (l->what == 'b' && tickets[0].is_held) tickets[1] = tickets[0];
            step(&h, tickets, l);
            const char state_now = "cho"[sp_health_circuit(&h, l->at_ms)];
            const bool may = sp_health_away_until(&h, l->at_ms) == 0;
            if (state_now != l->state || may != l->may_be_tried)
                print_error("%s: line %d\n", stories[i].name, (int)(l - stories[i].lines) + 1);
            assert_int_equal(state_now, l->state);
            assert_int_equal(may, l->may_be_tried);
        }
    }
}

static void fail_once(sp_health *h, const sp_health_rules *r, uint64_t now, sp_health_verdict verdict)
{
    sp_health_ticket t;
    if (sp_health_begin(h, r, now, &t)) sp_health_end(h, r, &t, verdict, now);
}

static void a_share_of_failures_opens_it_when_there_are_enough(void **state)
{
    (void)state;
    sp_health_rules r = rules;
    sp_health h = {0};
    r.failures = 0;
    for (unsigned i = 0; i < 9; i++) fail_once(&h, &r, i, SP_HEALTH_FAILED);
    assert_int_equal(sp_health_circuit(&h, 9), SP_CIRCUIT_CLOSED);
    fail_once(&h, &r, 9, SP_HEALTH_FAILED);
    assert_int_equal(sp_health_circuit(&h, 9), SP_CIRCUIT_OPEN);
    /* 49 of 100 is below the share; failures that have left the window do not count */
    h = (sp_health){0};
    for (unsigned i = 0; i < 98; i++) fail_once(&h, &r, 100, i % 2 ? SP_HEALTH_FAILED : SP_HEALTH_GOOD);
    h = (sp_health){0};
    for (unsigned i = 0; i < 9; i++) fail_once(&h, &r, 0, SP_HEALTH_FAILED);
    fail_once(&h, &r, 10000, SP_HEALTH_FAILED);
    assert_int_equal(sp_health_circuit(&h, 10000), SP_CIRCUIT_CLOSED);
}

/** A long calm forgets how often it was opened before. */
static void the_doubling_starts_anew_after_a_calm_window(void **state)
{
    (void)state;
    sp_health h = {0};
    uint64_t now = 0;
    for (unsigned i = 0; i < 3; i++) fail_once(&h, &rules, now, SP_HEALTH_FAILED);
    now = 1000;
    fail_once(&h, &rules, now, SP_HEALTH_GOOD);
    for (unsigned i = 0; i < 3; i++) fail_once(&h, &rules, now + 1, SP_HEALTH_FAILED);
    assert_int_equal(sp_health_away_until(&h, now + 1), now + 1 + 2000);
    now += 2001;
    fail_once(&h, &rules, now, SP_HEALTH_GOOD);
    now += 10001;
    for (unsigned i = 0; i < 3; i++) fail_once(&h, &rules, now, SP_HEALTH_FAILED);
    assert_int_equal(sp_health_away_until(&h, now), now + 1000);
}

static void retries_are_a_share_of_tries_and_a_floor(void **state)
{
    (void)state;
    sp_health h = {0};
    unsigned taken = 0;
    for (unsigned i = 0; i < 1000; i++) {
        sp_health_ticket t;
        assert_true(sp_health_begin(&h, &rules, 5000, &t));
        taken += sp_health_take_retry(&h, &rules, 5000);
    }
    assert_int_equal(taken, 200 + 10);
    /* the window passes, and the floor is there again */
    assert_false(sp_health_take_retry(&h, &rules, 5000));
    taken = 0;
    for (unsigned i = 0; i < 100; i++) taken += sp_health_take_retry(&h, &rules, 15000);
    assert_int_equal(taken, 10);
    const sp_health_rules none = {0};
    assert_false(sp_health_take_retry(&h, &none, 50000));
}

static void a_wait_is_bounded_and_never_shortened(void **state)
{
    (void)state;
    sp_health h = {0};
    sp_health_wait(&h, &rules, UINT64_C(1) << 40, 10);
    assert_int_equal(sp_health_away_until(&h, 10), 10 + 60000);
    sp_health_wait(&h, &rules, 5, 20);
    assert_int_equal(sp_health_away_until(&h, 20), 10 + 60000);
}

static const struct {
    sp_status status;
    unsigned upstream;
    sp_health_verdict verdict;
} judged[] = {
    {SP_OK, 200, SP_HEALTH_GOOD},          {SP_OK, 400, SP_HEALTH_GOOD},
    {SP_OK, 429, SP_HEALTH_BUSY},          {SP_OK, 500, SP_HEALTH_FAILED},
    {SP_OK, 529, SP_HEALTH_FAILED},        {SP_EUPSTREAM, 0, SP_HEALTH_FAILED},
    {SP_EUPSTREAM, 502, SP_HEALTH_FAILED}, {SP_EUPSTREAM, 429, SP_HEALTH_BUSY},
    {SP_EUPSTREAM, 200, SP_HEALTH_FAILED}, {SP_EUPTIMEOUT, 504, SP_HEALTH_FAILED},
    {SP_EUPTYPE, 302, SP_HEALTH_FAILED},   {SP_EUPTYPE, 429, SP_HEALTH_BUSY},
    {SP_EUPSYNTAX, 200, SP_HEALTH_FAILED}, {SP_EUPAUTH, 401, SP_HEALTH_GOOD},
    {SP_EUPSIZE, 200, SP_HEALTH_GOOD},     {SP_ELEAK, 200, SP_HEALTH_GOOD},
    {SP_EABORT, 200, SP_HEALTH_NOTHING},   {SP_ERECORD, 0, SP_HEALTH_NOTHING},
    {SP_ENOMEM, 0, SP_HEALTH_NOTHING},
};

static void outcomes_say_what_they_say_of_the_destination(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof judged / sizeof judged[0]; i++)
        assert_int_equal(sp_health_judge(judged[i].status, judged[i].upstream), judged[i].verdict);
}

/* Sun, 06 Nov 1994 08:49:37 GMT is 784111777 (RFC 9110's own example). */
static const struct {
    const char *value;
    uint64_t now_s, wait_s;
    bool is_read;
} waits[] = {
    {"0", 0, 0, true},
    {"120", 0, 120, true},
    {"99999999999999999999999999", 0, UINT64_C(365) * 86400, true},
    {"Sun, 06 Nov 1994 08:49:37 GMT", 784111700, 77, true},
    {"Sunday, 06-Nov-94 08:49:37 GMT", 784111700, 77, true},
    {"Sun Nov  6 08:49:37 1994", 784111700, 77, true},
    {"Sun, 06 Nov 1994 08:49:37 GMT", 1800000000, 0, true},
    {"Thu, 29 Feb 2024 00:00:00 GMT", 1709164799, 1, true},
    {"Fri, 01 Mar 2024 00:00:00 GMT", 1709164800, 86400, true},
    {"Thu, 01 Jan 1970 00:00:00 GMT", 0, 0, true},
    {"Friday, 31-Dec-99 23:59:59 GMT", 4102444700, 99, true},
    {"Fri, 31 Dec 9999 23:59:59 GMT", 0, UINT64_C(365) * 86400, true},
    {"", 0, 0, false},
    {" 5", 0, 0, false},
    {"5 ", 0, 0, false},
    {"5.5", 0, 0, false},
    {"-5", 0, 0, false},
    {"1e3", 0, 0, false},
    {"soon", 0, 0, false},
    {"Sun, 06 Nov 1994 08:49:37", 0, 0, false},
    {"Sun, 06 Nov 1994 08:49:37 GMT ", 0, 0, false},
    {"Sun, 06 nov 1994 08:49:37 GMT", 0, 0, false},
    {"Sun, 32 Nov 1994 08:49:37 GMT", 0, 0, false},
    {"Sun, 06 Nov 1994 24:49:37 GMT", 0, 0, false},
    {"Sun, 06 Nov 1894 08:49:37 GMT", 0, 0, false},
    {"Sun, 06 Nov 1994 08:49:37 CET", 0, 0, false},
};

static void retry_after_is_read_in_all_its_forms(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
        uint64_t wait_s = 7;
        const bool is_read = sp_retry_after_parse(&wait_s, sp_bytes_of(waits[i].value), waits[i].now_s);
        if (is_read != waits[i].is_read || wait_s != waits[i].wait_s)
            print_error("%s: %llu\n", waits[i].value, (unsigned long long)wait_s);
        assert_int_equal(is_read, waits[i].is_read);
        assert_int_equal(wait_s, waits[i].wait_s);
    }
    for (size_t n = 0; n < 29; n++) { /* no prefix of a date is one */
        uint64_t wait_s;
        const sp_bytes whole = SP_LIT("Sun, 06 Nov 1994 08:49:37 GMT");
        assert_false(sp_retry_after_parse(&wait_s, sp_bytes_sub(whole, 0, n), 0));
    }
}

static uint64_t seed = 88172645463325252u;
static uint64_t any(void)
{
    seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
    return seed;
}

enum { TRIES = 8 };

/** One step of a walk: time passes, and something happens to one of the tries. */
static void walk_step(sp_health *h, sp_health_ticket *tickets, uint64_t *now)
{
    sp_health_ticket *t = &tickets[any() % TRIES];
    *now += any() % 4 ? any() % 50 : any() % 3000;
    switch (any() % 4) {
    case 0:
    case 1:
        if (!t->is_held) {
            const bool is_admitted = sp_health_begin(h, &rules, *now, t);
            assert_int_equal(is_admitted, t->is_held);
        }
        return;
    case 2:
        sp_health_end(h, &rules, t, (sp_health_verdict)(any() % 4), *now);
        return;
    default:
        if (any() % 8 == 0) sp_health_wait(h, &rules, any() % 5000, *now);
        if (any() % 4 == 0) sp_health_answered(h, t, *now);
    }
}

static unsigned probes_under_way(const sp_health *h, const sp_health_ticket *tickets)
{
    unsigned n = 0;
    for (size_t i = 0; i < TRIES; i++)
        n += tickets[i].is_held && tickets[i].is_probe && tickets[i].round == h->round;
    return n;
}

/** Whatever happens: never two probes at once, an open circuit is tried by nobody, and no wait is longer than
 * its bound: left alone it comes back. */
static void no_walk_breaks_what_must_hold(void **state)
{
    (void)state;
    for (unsigned walk = 0; walk < 300; walk++) {
        sp_health h = {0};
        sp_health_ticket tickets[TRIES] = {{0}};
        uint64_t now = any() % 100000;
        for (unsigned i = 0; i < 500; i++) {
            walk_step(&h, tickets, &now);
            const uint64_t until = sp_health_away_until(&h, now);
            sp_health copy = h;
            sp_health_ticket t;
            assert_true(probes_under_way(&h, tickets) <= 1);
            assert_int_equal(sp_health_begin(&copy, &rules, now, &t), until == 0);
            assert_int_equal(t.is_held, until == 0);
            assert_true(until == 0 || (until > now && until <= now + rules.wait_max_ms));
            assert_int_equal(sp_health_away_until(&h, now + rules.wait_max_ms), 0);
        }
    }
}

/** A worker may die while it writes: no bits make a function misbehave, or keep a destination away for ever.
 */
static void any_bits_are_a_health(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 100000; i++) {
        sp_health h;
        sp_health_ticket t = {0};
        for (size_t at = 0; at < sizeof h; at += sizeof seed) {
            const uint64_t bits = any() >> any() % 64;
            memcpy((char *)&h + at, &bits, sizeof h - at < sizeof bits ? sizeof h - at : sizeof bits);
        }
        const uint64_t now = any() >> (any() % 32 + 16);
        if (sp_health_take_retry(&h, &rules, now) && sp_health_begin(&h, &rules, now, &t))
            sp_health_answered(&h, &t, now);
        sp_health_end(&h, &rules, &t, (sp_health_verdict)(any() % 4), now);
        (void)sp_health_circuit(&h, now);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stories_end_as_they_say),
        cmocka_unit_test(a_share_of_failures_opens_it_when_there_are_enough),
        cmocka_unit_test(the_doubling_starts_anew_after_a_calm_window),
        cmocka_unit_test(retries_are_a_share_of_tries_and_a_floor),
        cmocka_unit_test(a_wait_is_bounded_and_never_shortened),
        cmocka_unit_test(outcomes_say_what_they_say_of_the_destination),
        cmocka_unit_test(retry_after_is_read_in_all_its_forms),
        cmocka_unit_test(no_walk_breaks_what_must_hold),
        cmocka_unit_test(any_bits_are_a_health),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
