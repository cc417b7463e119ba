/* What hostile texts cost the detectors: a text that is nothing but heads takes no more than a bound of work
 * per byte. Work is counted, not timed, as in test_growth; four steps are about a nanosecond. Hyperscan's own
 * pass is not counted: that is what prose costs, 2 to 4 ns per byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "counted_help.h"
#include "engine_help.h"
#include "detect/detect_internal.h"
#include "hunt_help.h"

enum {
    N = 64 << 10,     /* bytes of a text */
    STEPS_MAX = 1600, /* basic blocks per byte */
    HUNTED = 4 << 10,
    HUNT_ROUNDS = 1000,
    STEPS_PER_UNIT = 8,
    UNCHARGED_MAX = 400,
};

static const char *const units[] = {
    "1 2 3 4 5 6 7 8 9 ",
    "12 34 56 78 90 ",
    "3 ",
    "4111 ",
    "4111",
    "4",
    "1,2,",
    "ssn,tax id\n402271111,402271112\n",
    "123-45-",
    "1.2.3.4 ",
    "1/2/",
    "(1) 2 ",
    "A1 ",
    "X509 ",
    "AB 12 34 ",
    "A1B2C3D4 ",
    "123456 ",
    "1234567890 ",
    "4111 1111 1111 1112 ",
    "DE89370400440532013001 ",
    "ssn 1 2 3 4 5 6 7 8 9 ",
    "id tax id ssn 12 34 56 78 ",
    "\u8eab\u4efd\u8bc1\u53f7 1 2 3 4 5 6 ",
    "ssn tax id vat pan a 1 2 3 4 5 6 7 8 9 1 2 3 4 5 6 7 8 9 1 2 3 4 5 6 7 8 9 ",
    "123.45,17,2026-11-29,1034,99.5\n",
    "2026-11-29T10:34:05.123Z 10.0.0.1 200 5123 0.004\n",
    "00000010  7f 45 4c 46 02 01 01 00  00 00 00 00 00 00 00 00\n",
    "LS0tLS1CRUdJTi=",
    "LS0tLS1CRUdJTi",
    "-----BEGIN ",
    "-----BEGIN PRIVATE KEY-----\n",
    " -p ",
    " -u a:",
    "curl -u a:",
    "1BoatSLRHtKNngkdXEeobR76b53LETtpyT ",
    "@a",
    "a@a.",
    "a::1:",
    "aa:bb:",
    "0x0x",
    "+1",
    "200-",
    "01/",
    "*1234 ",
    "://",
    "a=b&",
    "x=\"",
    ": \"",
    "password=a ",
    "aws secret: ",
    "pass ",
    "token: ",
    "key ",
    "PuTTY-User-Key-File-3",
    "key1",
    "pass1",
    "password1",
    "secret1_",
    "sk-",
    "ghp_",
    "eyJ.",
    "eyJhbGciOiJIUzI1NiJ9.",
    "https://hooks.slack.com/services/T",
    " href=//a ",
    "<a href=//a ",
    "<<<<<< href=//a ",
    "<a'> href='//a'",
    ",'//a'",
    ", //a ",
    "1x, //a ",
    "]( //a ",
    "]://a ",
    "]:\n>//a ",
    "TFMwdExTMUNSVWRKVGlCUVVrbFdRVlJGSUV0RldTMHRMUzB0",
};

/* Texts of these bytes in no order. */
static const char *const alphabets[] = {"0123456789 ", "01 ", "123456789 -./", "A1 ", "Ab1 ", "a1 -p=:"};

static uint8_t text[N];

/* Steps of one pass over `text`, for each of its bytes. */
static double cost_of_text(const char *name)
{
    sp_arena arena;
    sp_arena_init(&arena, SIZE_MAX / 2);
    sp_findings findings = SP_FINDINGS_IN(&arena.mem, 1000);
    steps = 0;
    assert_int_equal(sp_scan_for(&findings, engine, scratch, (sp_bytes){text, N}, SP_ASK_ADDRESSES), SP_OK);
    const double per_byte = (double)steps / N;
    sp_arena_fini(&arena);
    print_message("%9.1f per byte: %.40s\n", per_byte, name);
    return per_byte;
}

static void hostile_texts_cost_a_bound_per_byte(void **state)
{
    (void)state;
    size_t failed = 0;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        const size_t n = strlen(units[i]);
        for (size_t k = 0; k < N; k++) text[k] = (uint8_t)units[i][k % n];
        failed += cost_of_text(units[i]) > STEPS_MAX;
    }
    assert_int_equal(failed, 0);
}

static void texts_without_order_do_too(void **state)
{
    (void)state;
    size_t failed = 0;
    uint32_t seed = 1;
    for (size_t i = 0; i < sizeof alphabets / sizeof alphabets[0]; i++) {
        const size_t n = strlen(alphabets[i]);
        for (size_t k = 0; k < N; k++) {
            seed = seed * 1664525u + 1013904223u;
            text[k] = (uint8_t)alphabets[i][(seed >> 16) % n];
        }
        failed += cost_of_text(alphabets[i]) > STEPS_MAX;
    }
    assert_int_equal(failed, 0);
}

/* ---- what is charged is what is done ---- */

/* One pass with all detectors over the first `n` bytes. */
static sp_status metered(sp_meter *meter, size_t n)
{
    sp_pass pass;
    *meter = SP_METER_NEW;
    steps = 0;
    return sp_engine__pass_whole(&pass, engine, scratch,
                                 &(sp_pass_in){{text, n}, 0, true, 0, NULL, meter, NULL});
}

/* Looks for dear texts from one seed on. @return how many cost more than was charged for them. */
static size_t hunt(uint32_t seed, size_t n_rounds, bool by_excess)
{
    size_t failed = 0;
    hunt_begin(seed);
    for (size_t i = 0; i < n_rounds; i++) {
        hunt_unit u = hunt_next();
        sp_meter meter;
        hunt_fill(text, HUNTED, &u);
        const sp_status status = metered(&meter, HUNTED);
        assert_true(status == SP_OK || status == SP_EWORK);
        const double each = (double)steps / HUNTED, charged = (double)meter.used / HUNTED;
        const double excess = each - charged * STEPS_PER_UNIT;
        u.cost = by_excess ? excess : each;
        hunt_keep(&u);
        if (excess <= UNCHARGED_MAX) continue;
        print_message("%9.1f steps, %7.1f charged per byte, seed %u: %s\n", each, charged, (unsigned)seed,
                      hunt_name(&u));
        failed++;
    }
    for (size_t i = 0; i < HUNT_KEPT; i++)
        print_message("%9.1f per byte: %s\n", hunt_kept[i].cost, hunt_name(&hunt_kept[i]));
    return failed;
}

/* Holds each dear text to what was charged for it: the steps that nobody charged are no more than what any
 * text costs. Else there is a text that the budget does not see. */
static void no_text_costs_more_than_it_is_charged(void **state)
{
    (void)state;
    static const uint32_t seeds[] = {1, 2, 3};
    const char *rounds = getenv("SALLYPORT_HUNT_ROUNDS"), *seed = getenv("SALLYPORT_HUNT_SEED");
    const size_t n_rounds = rounds != NULL ? strtoul(rounds, NULL, 10) : HUNT_ROUNDS;
    const bool by_excess = getenv("SALLYPORT_HUNT_EXCESS") != NULL;
    if (seed != NULL) {
        assert_int_equal(hunt((uint32_t)strtoul(seed, NULL, 10), n_rounds, by_excess), 0);
        return;
    }
    for (size_t i = 0; i < sizeof seeds / sizeof seeds[0]; i++)
        assert_int_equal(hunt(seeds[i], n_rounds, i + 1 == sizeof seeds / sizeof seeds[0] || by_excess), 0);
}

int main(void)
{
    const struct CMUnitTest bounds[] = {cmocka_unit_test(hostile_texts_cost_a_bound_per_byte),
                                        cmocka_unit_test(texts_without_order_do_too)};
    const int failed = cmocka_run_group_tests(bounds, engine_set_up, engine_tear_down);
#ifndef __SANITIZE_ADDRESS__ /* what a sanitizer adds counts as steps, and is charged to nobody */
    const struct CMUnitTest charges[] = {cmocka_unit_test(no_text_costs_more_than_it_is_charged)};
    return failed + cmocka_run_group_tests(charges, engine_set_up, engine_tear_down);
#else
    (void)no_text_costs_more_than_it_is_charged;
    return failed;
#endif
}
