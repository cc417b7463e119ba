/* Heads of classes: the signs of a text are what Hyperscan finds with their patterns, wherever a text is cut
 * into blocks. */
#include "random_help.h"

#include "detect/number.h"
#include "detect/signs.h"

#include <hs/hs.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { TEXT_MAX = 400, ROUNDS = 20000 };

/* Per sign the ends of its heads. */
typedef struct ends {
    uint8_t at[SP_SIGN_LIMIT][TEXT_MAX + 1];
    size_t last[SP_SIGN_LIMIT];
    bool is_in_order;
} ends;

static void on_sign(void *ctx, sp_sign sign, size_t end)
{
    ends *e = ctx;
    assert_in_range(end, 1, TEXT_MAX);
    e->is_in_order = e->is_in_order && end >= e->last[sign];
    e->last[sign] = end;
    e->at[sign][end] = 1;
}

static int on_match(unsigned sign, unsigned long long from, unsigned long long to, unsigned flags, void *ctx)
{
    (void)from;
    (void)flags;
    ((ends *)ctx)->at[sign][to] = 1;
    return 0;
}

typedef struct patterns {
    hs_database_t *db;
    hs_scratch_t *scratch;
} patterns;

static int compile(void **state)
{
    static patterns p;
    const char *text[SP_SIGN_LIMIT + 8];
    unsigned flags[SP_SIGN_LIMIT + 8] = {0}, sign[SP_SIGN_LIMIT + 8], n = 0;
    for (unsigned i = SP_SIGN_NONE + 1; i < SP_SIGN_LIMIT; i++) {
        if (i == SP_SIGN_NUMBER) continue;
        sign[n] = i;
        text[n++] = sp_sign_pattern((sp_sign)i);
    }
    for (size_t i = 0; sp_number_heads[i] != NULL; i++) {
        sign[n] = SP_SIGN_NUMBER;
        text[n++] = sp_number_heads[i];
    }
    hs_compile_error_t *error = NULL;
    if (hs_compile_multi(text, flags, sign, n, HS_MODE_BLOCK, NULL, &p.db, &error) != HS_SUCCESS) return -1;
    *state = &p;
    return hs_alloc_scratch(p.db, &p.scratch) == HS_SUCCESS ? 0 : -1;
}

static int release(void **state)
{
    patterns *p = *state;
    (void)hs_free_scratch(p->scratch);
    (void)hs_free_database(p->db);
    return 0;
}

static void check(const patterns *p, sp_bytes text)
{
    static ends seen, wanted;
    memset(&seen, 0, sizeof seen);
    memset(&wanted, 0, sizeof wanted);
    seen.is_in_order = true;
    sp_signs signs;
    sp_signs_init(&signs, text, on_sign, &seen);
    sp_signs_upto(&signs, text.n);
    assert_int_equal(hs_scan(p->db, (const char *)text.p, (unsigned)text.n, 0, p->scratch, on_match, &wanted),
                     0);
    assert_true(seen.is_in_order);
    for (unsigned sign = 0; sign < SP_SIGN_LIMIT; sign++) {
        for (size_t end = 0; end <= text.n; end++) {
            if (seen.at[sign][end] != wanted.at[sign][end])
                fail_msg("sign %u at %zu of \"%.*s\"", sign, end, (int)text.n, (const char *)text.p);
        }
    }
}

static sp_marks marks_by_definition(const uint8_t *p)
{
    sp_marks m = {0};
    for (unsigned i = 0; i < 64; i++) {
        const struct {
            uint64_t *bits;
            const char *of;
        } classes[] = {
            {&m.digit, "0123456789"},
            {&m.dot, "."},
            {&m.colon, ":"},
            {&m.dash, "-"},
            {&m.blank, " "},
            {&m.equals, "="},
            {&m.star, "*"},
            {&m.join, "@+"},
            {&m.gap, " .-/)"},
            {&m.quote, "\"'"},
            {&m.upper, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
            {&m.alpha, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"},
        };
        for (size_t k = 0; k < sizeof classes / sizeof classes[0]; k++) {
            if (p[i] != 0 && strchr(classes[k].of, p[i]) != NULL) *classes[k].bits |= UINT64_C(1) << i;
        }
    }
    return m;
}

static void marks_are_what_bytes_are(void **state)
{
    (void)state;
    uint64_t seed = 3;
    uint8_t text[3 * SP_BLOCK + 16];
    for (size_t round = 0; round < 4000; round++) {
        for (size_t i = 0; i < sizeof text; i++)
            text[i] =
                (uint8_t)(round < 4 ? round * 64 + i : next_random(&seed) % (round % 2 == 0 ? 256 : 128));
        const uint8_t *p = text + round % 16;
        sp_marks seen[3];
        sp_marks_64(seen, p, 3);
        for (size_t k = 0; k < 3; k++) {
            const sp_marks wanted = marks_by_definition(p + k * SP_BLOCK);
            assert_memory_equal(&seen[k], &wanted, sizeof wanted);
        }
    }
}

/* Few different bytes at a time, so that what heads are made of stands side by side. */
static void signs_are_what_the_patterns_say(void **state)
{
    static const char *const alphabets[] = {
        "0123456789. -/)", "12 AB-Zz_",  "1.",          "0fA:-x",        "xX0123456789abcdefABCDEF_ ",
        "13aZlO0I5",       "01/29 _a",   "a1@+%-_.b",   "23 -.)(_4a",    "deDE89 _",
        "*aF0 -",          "a0F: \"'=_", "= \"':a1Z _", "\x80\xff\n1A:",
    };
    uint64_t seed = 11;
    uint8_t text[TEXT_MAX];
    for (size_t round = 0; round < ROUNDS; round++) {
        const char *alphabet = alphabets[round % (sizeof alphabets / sizeof alphabets[0])];
        const size_t n = 1 + next_random(&seed) % TEXT_MAX, n_letters = strlen(alphabet);
        for (size_t i = 0; i < n; i++)
            text[i] = next_random(&seed) % 24 == 0 ? (uint8_t)next_random(&seed)
                                                   : (uint8_t)alphabet[next_random(&seed) % n_letters];
        check(*state, (sp_bytes){text, n});
    }
}

/* Heads whose bytes lie in two blocks, and such as end with the text. */
static void signs_are_seen_wherever_they_stand(void **state)
{
    static const char *const heads[] = {
        "123456", "1) 2 3-4.5/6", "12ABC",   "A-1B",
        "1.22.3", "a:bcde:f",     ":00-aa:", "0x0123456789ab",
        "12/",    "a@b",          "+4",      "212-",
        "de44",   "*0aFf",        "0:::",    "= \"",
        ": '",    "='",           "a=1",     "1BoatSLRHtKNngkdXEeobR76b53LETtpyT",
    };
    uint8_t text[TEXT_MAX];
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        const size_t n = strlen(heads[i]);
        for (size_t at = 0; at + n <= 140; at++) {
            memset(text, ' ', sizeof text);
            memcpy(text + at, heads[i], n);
            check(*state, (sp_bytes){text, at + n});
            check(*state, (sp_bytes){text, at + n + 70});
            for (size_t cut = 1; cut < n && at % 8 == 0; cut++) check(*state, (sp_bytes){text, at + cut});
        }
    }
}

typedef struct log {
    size_t upto, n, last;
} log_of_values;

static void on_value(void *ctx, sp_sign sign, size_t end)
{
    log_of_values *seen = ctx;
    if (sign != SP_SIGN_VALUE) return;
    assert_true(end <= seen->upto && end > seen->last);
    seen->last = end;
    seen->n++;
}

/* What stands between values may be looked at by others in turn. */
static void values_are_told_no_earlier_than_asked_for(void **state)
{
    (void)state;
    uint8_t text[TEXT_MAX];
    for (size_t i = 0; i < TEXT_MAX; i++) text[i] = (uint8_t) "a=1 "[i % 4];
    for (size_t step = 1; step < 150; step++) {
        log_of_values seen = {0, 0, 0};
        sp_signs signs;
        sp_signs_init(&signs, (sp_bytes){text, TEXT_MAX}, on_value, &seen);
        for (size_t to = 0; to < TEXT_MAX; to += step) {
            seen.upto = to;
            sp_signs_upto(&signs, to);
            assert_int_equal(seen.n, (to + 1) / 4);
        }
        seen.upto = TEXT_MAX;
        sp_signs_upto(&signs, TEXT_MAX);
        assert_int_equal(seen.n, TEXT_MAX / 4);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_are_what_bytes_are),
        cmocka_unit_test(signs_are_what_the_patterns_say),
        cmocka_unit_test(signs_are_seen_wherever_they_stand),
        cmocka_unit_test(values_are_told_no_earlier_than_asked_for),
    };
    return cmocka_run_group_tests(tests, compile, release);
}
