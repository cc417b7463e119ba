/* A text scanned in parts, some of them known: the findings are those of one scan, bit for bit. */
#include "engine_help.h"
#include "random_help.h"

#include "detect/detect_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { TEXT_MAX = 64 << 10, PARTS_MAX = 64, LIMIT = 50 };

/* Compares with sp_scan_whole; afterwards `parts` hold what may be kept. */
static void check(sp_bytes text, sp_part *parts, size_t n)
{
    sp_arena arena;
    sp_arena_init(&arena, 8 << 20);
    sp_findings whole = SP_FINDINGS_IN(&arena.mem, LIMIT), found = SP_FINDINGS_IN(&arena.mem, LIMIT);
    assert_int_equal(sp_scan_whole(&whole, engine, scratch, text), SP_OK);
    assert_int_equal(sp_scan_parts(&found, engine, scratch, text, (sp_parts){parts, n}), SP_OK);
    assert_int_equal(found.n, whole.n);
    assert_int_equal(found.is_full, whole.is_full);
    for (size_t i = 0; i < whole.n; i++) assert_memory_equal(&found.v[i], &whole.v[i], sizeof whole.v[i]);
    sp_arena_fini(&arena);
}

static void check_twice(sp_bytes text, sp_part *parts, size_t n)
{
    check(text, parts, n);
    check(text, parts, n);
}

/* ---- pieces of text by hand ---- */

typedef struct two {
    const char *name, *first, *second;
    bool keeps_first; /* its verdict does not depend on what follows */
} two;

#define LINE " * what this file does is explained here\n"
#define PAD "it goes on like that"
#define LONG LINE LINE LINE LINE LINE

static const two pairs[] = {
    {"plain text", "nothing to see\n", "here either\n", true},
    {"a finding in each", "write to a@example.com\n", "or to b@example.com\n", true},
    {"a word before the newline decides about a number behind it", "my social security number is\n",
     "536221234\n", true},
    {"a key that begins in one and ends in the other", "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n",
     "MIIEowIBAAKCAQEAabcdefabcdefabcdefabcdefabcdef\n-----END RSA PRIVATE KEY-----\n", false},
    {"a key that never ends", "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n", "prose\n", false},
    {"an address at the end", "mail me: someone@example.com\n", ".org\n", true},
    {"who wrote a work, far below where its comment was opened", "/*\n" LONG, " * Author: Maria Gonzalez\n",
     true},
    {"the same in what may be bullets", "* talks\n" LONG, " * Author: Maria Gonzalez\n", true},
    {"an empty first part", "", "a@example.com\n", false},
};

static void two_parts_say_what_one_text_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        char text[512];
        print_message("# %s\n", pairs[i].name);
        const int n = snprintf(text, sizeof text, "%s%s", pairs[i].first, pairs[i].second);
        sp_part parts[2] = {{.end = (uint32_t)strlen(pairs[i].first)}, {.end = (uint32_t)n}};
        check_twice((sp_bytes){(const uint8_t *)text, (size_t)n}, parts, 2);
        assert_int_equal(parts[0].verdict.is_known, pairs[i].keeps_first);
    }
}

/* What was said of the second part of one text may not be said of it below other lines. */
static void a_part_that_depends_on_lines_far_above_is_not_kept(void **state)
{
    (void)state;
    static const char text[] = "/*\n" LONG " * Author: Maria Gonzalez\n * " PAD "\n" LINE;
    const size_t first = sizeof "/*\n" LONG - 1;
    sp_part parts[2] = {{.end = (uint32_t)first}, {.end = sizeof text - 1}};
    check_twice((sp_bytes){(const uint8_t *)text, sizeof text - 1}, parts, 2);
    assert_true(parts[0].verdict.is_known);
    assert_false(parts[1].verdict.is_known);
}

static void a_part_with_many_findings_is_not_kept(void **state)
{
    (void)state;
    const sp_bytes text = SP_LIT("a@example.com b@example.com c@example.com d@example.com e@example.com\n");
    sp_part part = {.end = (uint32_t)text.n};
    check_twice(text, &part, 1);
    assert_false(part.verdict.is_known);
}

/* The bound of a pass is of the whole text: only a scan of the whole knows what it loses. */
static void thousands_of_findings_in_parts_are_those_of_the_whole(void **state)
{
    (void)state;
    enum { N = 5000, EACH = 15 };
    char *text = malloc(N * EACH + 1);
    sp_part *parts = calloc(N / 4, sizeof *parts);
    size_t n = 0;
    assert_true(text != NULL && parts != NULL);
    for (size_t i = 0; i < N; i++) n += (size_t)sprintf(text + n, "u%04zu@ex.org\n", i);
    for (size_t i = 0; i < N / 4; i++) parts[i].end = (uint32_t)(n / (N / 4) * (i + 1));
    check_twice((sp_bytes){(const uint8_t *)text, n}, parts, N / 4);
    free(parts);
    free(text);
}

static void parts_that_do_not_cover_the_text_are_refused(void **state)
{
#ifndef SP_DEBUG
    sp_findings found = {0};
    sp_part part = {.end = 2};
    assert_int_equal(sp_scan_parts(&found, engine, scratch, SP_LIT("text\n"), (sp_parts){&part, 1}),
                     SP_EINTERNAL);
#endif
    (void)state;
}

/* ---- random texts ---- */

static const char *const pieces[] = {
    "the ",
    "report ",
    "\n",
    "\n",
    "a.b@example.com",
    " ",
    "4111 1111 1111 1111",
    "DE89 3704 0044 0532 0130 00",
    "card number ",
    "passport ",
    "ssn: ",
    "078-05-1120",
    "+49 30 901820",
    "-----BEGIN RSA PRIVATE KEY-----\n",
    "MIIEowIBAAKCAQEA1234567890abcdefghijklmnopqrstuvwxyz\n",
    "-----END RSA PRIVATE KEY-----\n",
    "ghp_",
    "0123456789abcdefABCDEF0123456789abcd",
    "AKIAIOSFODNN7EXAMPLE",
    "https://",
    "x@",
    ".com",
    "10.0.0.1",
    "\xc3\xa9",
    "\n/*\n",
    "\n * ",
    "\n * Author: ",
    "\n * Maria Gonzalez",
    "\n# ",
    "\n# Written by Maria Gonzalez",
    "\nCopyright: 2019 Jan van der Meulen\n 2020 Maria Gonzalez\n",
};

/* Text of a few hundred pieces, cut behind some of its newlines. */
static size_t random_text(uint64_t *rng, char *text, sp_part *parts, size_t *n_parts)
{
    size_t n = 0;
    const size_t want = 1 + next_random(rng) % 300;
    *n_parts = 0;
    for (size_t i = 0; i < want; i++) {
        const char *piece = pieces[next_random(rng) % (sizeof pieces / sizeof pieces[0])];
        n += (size_t)sprintf(text + n, "%s", piece);
        if (text[n - 1] == '\n' && *n_parts + 1 < PARTS_MAX && next_random(rng) % 3 == 0)
            parts[(*n_parts)++] = (sp_part){.end = (uint32_t)n};
    }
    n += (size_t)sprintf(text + n, "\n");
    parts[(*n_parts)++] = (sp_part){.end = (uint32_t)n};
    return n;
}

static void random_parts_say_what_one_text_says(void **state)
{
    (void)state;
    static char text[TEXT_MAX];
    static sp_part parts[PARTS_MAX];
    uint64_t rng = 20261128;
    size_t n_parts, n_known = 0;
    for (unsigned round = 0; round < 3000; round++) {
        const size_t n = random_text(&rng, text, parts, &n_parts);
        check_twice((sp_bytes){(const uint8_t *)text, n}, parts, n_parts);
        for (size_t i = 0; i < n_parts; i++) n_known += parts[i].verdict.is_known;
    }
    assert_true(n_known > 3000); /* or nothing was tested */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_parts_say_what_one_text_says),
        cmocka_unit_test(a_part_that_depends_on_lines_far_above_is_not_kept),
        cmocka_unit_test(a_part_with_many_findings_is_not_kept),
        cmocka_unit_test(thousands_of_findings_in_parts_are_those_of_the_whole),
        cmocka_unit_test(parts_that_do_not_cover_the_text_are_refused),
        cmocka_unit_test(random_parts_say_what_one_text_says),
    };
    return cmocka_run_group_tests(tests, engine_set_up, engine_tear_down);
}
