/* The small checks that validators are made of, as tables: checksums, numbering plans, domains, runs,
 * context words. */
#include "detect/detect_internal.h"
#include "detect/phone_plan.h"
#include "detect/top_domains.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static sp_bytes bytes(const char *s)
{
    return sp_bytes_of(s);
}

/* ---- checksums ---- */

static void luhn_agrees_with_published_test_numbers(void **state)
{
    (void)state;
    static const char *const good[] = {"4111111111111111",
                                       "378282246310005",
                                       "6011111111111117",
                                       "5555 5555 5555 4444",
                                       "30569309025904",
                                       "3530111333300000",
                                       "0"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(sp_luhn((const uint8_t *)good[i], strlen(good[i])));
    assert_false(sp_luhn((const uint8_t *)"4111111111111112", 16));
}

/* Luhn catches every change of one digit and each swap of neighbours but 09 and 90 (ISO/IEC 7812-1). */
static void luhn_catches_every_single_change(void **state)
{
    (void)state;
    uint8_t n[] = "4539578763621486";
    assert_true(sp_luhn(n, 16));
    for (size_t i = 0; i < 16; i++) {
        const uint8_t was = n[i];
        for (int d = '0'; d <= '9'; d++) {
            n[i] = (uint8_t)d;
            assert_true(sp_luhn(n, 16) == (d == was));
        }
        n[i] = was;
    }
}

static void mod97_agrees_with_the_registry_and_catches_every_change(void **state)
{
    (void)state;
    static const char *const good[] = {
        "DE89370400440532013000", "GB82WEST12345698765432",          "NO9386011117947",
        "de89370400440532013000", "MT84MALT011000012345MTLCAST001S", "DE89 3704 0044 0532 0130 00"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        uint8_t iban[40];
        const size_t n = strlen(good[i]);
        memcpy(iban, good[i], n);
        assert_true(sp_mod97(iban, n));
        for (size_t k = 0; k < n; k++) {
            if (!sp_is_digit(iban[k])) continue;
            const uint8_t was = iban[k];
            iban[k] = was == '9' ? '0' : (uint8_t)(was + 1);
            assert_false(sp_mod97(iban, n));
            iban[k] = was;
        }
    }
}

/* ---- numbering plans ---- */

static void numbers_follow_their_plans(void **state)
{
    (void)state;
    static const struct {
        const char *digits;
        bool is_plausible;
    } cases[] = {
        {"4930901820", true},
        {"14155552671", true},
        {"442079460958", true},
        {"33173830733", true},
        {"420601123456", true},
        {"85223456789", true},
        {"8613800138000", true},
        {"390612345678", true},
        {"493090", false},
        {"1415555267", false},
        {"11155552671", false},
        {"14151552671", false},
        {"999123456789", false},
        {"214123456789", false},
        {"0123456789", false},
        {"1234567890123456", false},
        {"3317383073", false},
        {"43123456789012345", false},
        {"", false},
        {"1", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (sp_phone_plausible(bytes(cases[i].digits)) != cases[i].is_plausible)
            fail_msg("%s", cases[i].digits);
    }
}

static void domains_end_in_known_names(void **state)
{
    (void)state;
    static const char *const yes[] = {"de",       "DE",   "com", "CoM",      "museum",
                                      "xn--p1ai", "test", "zw",  "internal", "edu"};
    static const char *const no[] = {"", "d", "xx", "png", "comm", "co", "xn--", "smod", "eu2", "c1"};
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
        if (!sp_is_top_domain(bytes(yes[i]))) fail_msg("%s", yes[i]);
    }
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++) {
        if (strcmp(no[i], "co") != 0 && sp_is_top_domain(bytes(no[i]))) fail_msg("%s", no[i]);
    }
    assert_true(sp_is_top_domain(SP_LIT("co")));
}

/* ---- windows ---- */

static void asking_past_the_end_is_noticed_only_while_more_may_come(void **state)
{
    (void)state;
    sp_window w = {(const uint8_t *)"ab", 2, false, false, 0, NULL, NULL};
    assert_int_equal(sp_peek(&w, 1), 'b');
    assert_false(w.ran_out);
    assert_int_equal(sp_peek(&w, 2), -1);
    assert_true(w.ran_out);
    w = (sp_window){(const uint8_t *)"ab", 2, true, false, 0, NULL, NULL};
    assert_int_equal(sp_peek(&w, 9), -1);
    assert_false(w.ran_out);
    assert_int_equal(sp_before(&w, 0), -1);
    assert_int_equal(sp_before(&w, 1), 'a');
}

static void skipping_stops_at_the_class_the_limit_and_the_end(void **state)
{
    (void)state;
    sp_window w = {(const uint8_t *)"123a5", 5, false, false, 0, NULL, NULL};
    assert_int_equal(sp_skip(&w, 0, 5, sp_is_digit), 3);
    assert_int_equal(sp_skip(&w, 0, 2, sp_is_digit), 2);
    assert_int_equal(sp_skip(&w, 4, 5, sp_is_digit), 5);
    assert_false(w.ran_out);
    assert_int_equal(sp_skip(&w, 4, 9, sp_is_digit), 5);
    assert_true(w.ran_out);
}

static void a_word_goes_on_or_differs_before_the_end(void **state)
{
    (void)state;
    sp_window w = {(const uint8_t *)"say Hello", 9, false, false, 0, NULL, NULL};
    assert_true(sp_goes_on(&w, 4, "Hello", false));
    assert_true(sp_goes_on(&w, 4, "hello", true));
    assert_false(sp_goes_on(&w, 4, "hello", false));
    assert_false(w.ran_out);
    assert_false(sp_goes_on(&w, 4, "Hello!", false));
    assert_true(w.ran_out);
}

static void context_words_stand_alone_within_reach(void **state)
{
    (void)state;
    static const char *const words[] = {"ssn", "social security", "ss#", "\xd0\xba\xd0\xb0\xd1\x80\xd1\x82",
                                        NULL};
    static const struct {
        const char *text;
        bool has_it;
    } cases[] = {
        {"my SSN is ", true},
        {"ssn:", true},
        {"Social Security number: ", true},
        {"ss# ", true},
        {"lessns ", false},
        {"ssns ", false},
        {"assn ", false},
        {"", false},
        {"ssn 23456789 123456789 123456789 ", false},
        {"\xd0\xba\xd0\xb0\xd1\x80\xd1\x82\xd0\xb0 ", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const sp_window w = {
            (const uint8_t *)cases[i].text, strlen(cases[i].text), true, false, 0, NULL, NULL};
        if (sp_has_context(&w, w.n, 24, words) != cases[i].has_it) fail_msg("%s", cases[i].text);
    }
}

static void distinct_and_mixed_tell_keys_from_placeholders(void **state)
{
    (void)state;
    const sp_window w = {(const uint8_t *)"xxxxxxAb1", 9, true, false, 0, NULL, NULL};
    assert_int_equal(sp_count_distinct(&w, 0, 6), 1);
    assert_int_equal(sp_count_distinct(&w, 0, 9), 4);
    assert_true(sp_is_mixed(&w, 0, 9));
    assert_false(sp_is_mixed(&w, 0, 8));
    assert_false(sp_is_mixed(&w, 0, 6));
}

/* ---- runs ---- */

static void the_open_run_is_the_last_word_or_line(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t most, word, line;
    } cases[] = {
        {"", 10, 0, 0},
        {"one two", 10, 4, 0},
        {"one two ", 10, 8, 0},
        {"one two", 2, 5, 5},
        {"a\nbc d", 10, 5, 2},
        {"x\n", 10, 2, 2},
        {"(see a@b.de", 10, 5, 1},
        {"say \"abc", 10, 5, 0},
        {"\xc3\xa9"
         "ab",
         10, 2, 0},
        {"ab\xc3\xa9", 10, 4, 0},
        {"one two", 0, 7, 7},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(sp_run_open(SP_RUN_WORD, bytes(cases[i].text), cases[i].most), cases[i].word);
        assert_int_equal(sp_run_open(SP_RUN_LINE, bytes(cases[i].text), cases[i].most), cases[i].line);
    }
}

static void a_cut_utf8_sequence_is_seen(void **state)
{
    (void)state;
    static const char text[] = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z"; /* 1, 2, 3, 4 and 1 bytes */
    static const size_t starts[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10};
    for (size_t n = 0; n <= 11; n++) {
        const bool is_cut = n > 0 && n < 11 && ((uint8_t)text[n] & 0xc0) == 0x80;
        assert_int_equal(sp_utf8_open((sp_bytes){(const uint8_t *)text, n}), is_cut ? starts[n] : n);
        assert_int_equal(sp_utf8_align((sp_bytes){(const uint8_t *)text, 11}, n), n < 11 ? starts[n] : n);
    }
}

static void bytes_that_lead_nothing_hold_nothing(void **state)
{
    (void)state;
    static const char *const texts[] = {"\x80",      "\x80\x80\x80\x80", "a\xff",       "a\xc0",
                                        "a\xc1\x80", "\xf5\x80",         "\xc3\xa9\xa9"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_int_equal(sp_utf8_open(bytes(texts[i])), strlen(texts[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(luhn_agrees_with_published_test_numbers),
        cmocka_unit_test(luhn_catches_every_single_change),
        cmocka_unit_test(mod97_agrees_with_the_registry_and_catches_every_change),
        cmocka_unit_test(numbers_follow_their_plans),
        cmocka_unit_test(domains_end_in_known_names),
        cmocka_unit_test(asking_past_the_end_is_noticed_only_while_more_may_come),
        cmocka_unit_test(skipping_stops_at_the_class_the_limit_and_the_end),
        cmocka_unit_test(a_word_goes_on_or_differs_before_the_end),
        cmocka_unit_test(context_words_stand_alone_within_reach),
        cmocka_unit_test(distinct_and_mixed_tell_keys_from_placeholders),
        cmocka_unit_test(the_open_run_is_the_last_word_or_line),
        cmocka_unit_test(a_cut_utf8_sequence_is_seen),
        cmocka_unit_test(bytes_that_lead_nothing_hold_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
