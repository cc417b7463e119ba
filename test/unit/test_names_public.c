/* Public authorship: what only looks like it is told, whoever stands there; what is it is not. */
#include "engine_help.h"

#include "sallyport/normalise.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

enum { LIMIT = 50, WANTED_MAX = 4 };

typedef struct row {
    const char *text;
    const char *told[WANTED_MAX]; /* each is found, or a part of it */
} row;

#define PETER "Peter M\xc3\xbcller"
#define STREET          \
    "Hauptstra\xc3\x9f" \
    "e 5, 10115 Berlin"

#define NOTES " * talks went on in the large room\n * coffee was cold\n * somebody left early\n"

static const row private_rows[] = {
    {"* Based on last week's talks:\n* " PETER " will be dismissed\n* Anna Schmidt is on sick leave",
     {PETER, "Anna Schmidt"}},
    {"# Written warnings\n* " PETER ": late three times\n* Anna Schmidt: insulted Mr. John Miller",
     {PETER, "Anna Schmidt", "John Miller"}},
    {"* HR: written complaint from Mrs. Anna Schmidt about Mr. " PETER, {"Anna Schmidt", PETER}},
    {"# Credits\n" PETER " 500 EUR\nAnna Schmidt 300 EUR", {PETER, "Anna Schmidt"}},
    {"* Adapted from referral: patient lives at " STREET ", works at Siemens AG", {STREET, "Siemens AG"}},
    {"* Written by: nurse. Religion: katholisch; Adresse: " STREET, {"katholisch", STREET}},
    {"Sample tested-by: Dr. Eva Braun for patient " PETER ", HIV positive", {"Eva Braun", PETER}},
    {"Patient chart reviewed-by: Dr. Gregory House, patient Anna Schmidt", {"Gregory", "Anna Schmidt"}},
    {"Please send the supporting documentation for Mr. " PETER, {PETER}},
    {"Copyright dispute between Mrs. Anna Schmidt and Mr. " PETER, {"Anna Schmidt", PETER}},
    {"(c) 2 Zeugen: Herr " PETER " und Frau Anna Schmidt", {PETER, "Anna Schmidt"}},
    {"We met (with Mr. " PETER ") (#123)", {PETER}},
    {"2024-03-02 14:11 complaint of Mrs. Anna Schmidt <anna.schmidt@x.example> against Mr. " PETER,
     {"Anna Schmidt", PETER}},
    {"// Copyright (C) 2020\n// Patient: Anna Schmidt, HIV positive", {"Anna Schmidt"}},
    {"2024-03-02  Anna Schmidt <a.schmidt@x.example> reported " PETER, {"Anna Schmidt", PETER}},
    /* an address and a belief behind a true mark */
    {"/* Written by Maria Gonzalez, " STREET " */", {STREET}},
    {"# Authors:\n# Religion: katholisch", {"katholisch"}},
    /* what follows the list of names */
    {"Copyright (C) 2020 Maria Gonzalez was paid by Anna Schmidt", {"Anna Schmidt"}},
    {"* Reviewed-by: Anna Schmidt <a.schmidt@x.example>", {"Anna Schmidt"}},
    /* bullets, however many, and comments that are closed or were never opened */
    {NOTES NOTES NOTES NOTES " * Author: Anna Schmidt\n", {"Anna Schmidt"}},
    {"see /tmp/*\n" NOTES " * Thanks to Anna Schmidt", {"Anna Schmidt"}},
    {"/* a note */\n" NOTES " * Written by: Anna Schmidt", {"Anna Schmidt"}},
    {"/*\n" NOTES "and a line of prose\n * Author: Anna Schmidt", {"Anna Schmidt"}},
    {"/*\n" NOTES " */\n * Author: Anna Schmidt", {"Anna Schmidt"}},
    /* in a comment, but no credit */
    {"/*\n" NOTES " * Anna Schmidt was late again\n", {"Anna Schmidt"}},
    {"/*\n" NOTES " * Authors had lunch with Anna Schmidt\n", {"Anna Schmidt"}},
    {"/*\n" NOTES " * Author: nobody, ask Dr. Anna Schmidt\n", {"Anna Schmidt"}},
    {"/*\n * Customers:\n * Anna Schmidt <a.schmidt@x.example>\n", {"Anna Schmidt"}},
    /* headings, fields and items */
    {"# Minutes\n# Talk, with thanks to Anna Schmidt", {"Anna Schmidt"}},
    {"Summary: talk\nAuthor: Anna Schmidt", {"Anna Schmidt"}},
    {"(a) 2017 Maria Gonzalez\n(b) 2018 " PETER "\n(c) 2019 Anna Schmidt", {PETER, "Anna Schmidt"}},
    {"(c) 2019 Anna Schmidt was dismissed", {"Anna Schmidt"}},
    {"Copyright: see below\nstaff:\n  2019 Anna Schmidt", {"Anna Schmidt"}},
    {"Copyright: nobody\n  Anna Schmidt: 500 EUR", {"Anna Schmidt"}},
    {"Foundation, Inc., " STREET, {STREET}},
};

static const char *const public_rows[] = {
    "// Copyright (C) 2020 Maria Gonzalez",
    "/*\n * Copyright (c) 2003 by\n * Maria Gonzalez and Jan van der Meulen",
    "Signed-off-by: Maria Gonzalez <maria@example.org>",
    "* close the stream (Maria Gonzalez) [#1234](https://example.org/1234)",
    "1.\nMaintainer: Maria Gonzalez <maria@example.org>",
    "// Authors:\n//   Maria Gonzalez <maria@example.org>\n//   Jan van der Meulen",
    /* far below where the comment was opened */
    "/*\n" NOTES NOTES " *\n * Author: Maria Gonzalez\n */",
    "/*\n" NOTES NOTES NOTES NOTES " * Originally written by Maria Gonzalez and Jan van der Meulen,\n",
    "/*\n" NOTES NOTES " * Contributing Authors:\n *\n *   Maria Gonzalez\n *   Jan van der Meulen\n",
    "/*\n" NOTES " * Routines for tables Author - Maria Gonzalez\n",
    "/*\n*\n" NOTES "*   created by: Maria Gonzalez, updated by Jan van der Meulen\n",
    "/* Written 1995-1999 by Maria Gonzalez, of Leeds */",
    "// created: 2018sep03 Maria Gonzalez",
    "#\n# Code for quotas contributed by Maria Gonzalez <maria@example.org> June 1998.",
    "1.\n:author: Maria Gonzalez (first version)",
    "Home-page: https://example.org\nAuthor: Maria Gonzalez",
    "// Copyright (C) 1996-98 Maria Gonzalez, Jan van der Meulen",
    "// Copyright 2016\u20132021 Maria Gonzalez",
    "1.\n(c) Copyright 2000 Maria Gonzalez.",
    "1.\n(C) 2014 Maria Gonzalez",
    "Copyright:\n  1996, Maria Gonzalez\n  2004-2022 Jan van der Meulen <jan@example.org>\n",
};

static sp_findings scan(sp_arena *arena, const char *text)
{
    sp_findings found = SP_FINDINGS_IN(&arena->mem, LIMIT);
    const sp_scan_in in = {engine, scratch, {(const uint8_t *)text, strlen(text)}, {NULL, 0}, found.mem};
    assert_int_equal(sp_scan_disguised(&found, &in), SP_OK);
    sp_findings_settle(&found);
    return found;
}

static bool is_told(const sp_findings *found, const char *text, const char *value)
{
    const char *at = strstr(text, value);
    assert_non_null(at);
    const size_t start = (size_t)(at - text);
    for (size_t i = 0; i < found->n; i++) {
        if (found->v[i].start >= start && found->v[i].start < start + strlen(value)) return true;
    }
    return false;
}

static void who_is_written_about_is_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof private_rows / sizeof private_rows[0]; i++) {
        const row *r = &private_rows[i];
        sp_arena arena;
        sp_arena_init(&arena, 8 << 20);
        const sp_findings found = scan(&arena, r->text);
        for (size_t k = 0; k < WANTED_MAX && r->told[k] != NULL; k++) {
            if (!is_told(&found, r->text, r->told[k])) fail_msg("%s: %s is lost", r->text, r->told[k]);
        }
        sp_arena_fini(&arena);
    }
}

static void who_wrote_a_work_is_not_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof public_rows / sizeof public_rows[0]; i++) {
        sp_arena arena;
        sp_arena_init(&arena, 8 << 20);
        const sp_findings found = scan(&arena, public_rows[i]);
        for (size_t k = 0; k < found.n; k++) {
            if (found.v[k].kind == SP_KIND_PERSON) fail_msg("%s: a person is told", public_rows[i]);
        }
        sp_arena_fini(&arena);
    }
}

/* Scans a text as two parts, the second from `first` on. */
static void check_parts(const char *text, size_t first)
{
    const sp_bytes all = sp_bytes_of(text);
    sp_part parts[2] = {{.end = (uint32_t)first}, {.end = (uint32_t)all.n}};
    sp_arena arena;
    sp_arena_init(&arena, 8 << 20);
    sp_findings whole = SP_FINDINGS_IN(&arena.mem, LIMIT), found = SP_FINDINGS_IN(&arena.mem, LIMIT);
    assert_int_equal(sp_scan_whole(&whole, engine, scratch, all), SP_OK);
    assert_int_equal(sp_scan_parts(&found, engine, scratch, all, (sp_parts){parts, 2}), SP_OK);
    if (found.n != whole.n) fail_msg("%zu in parts, %zu in the whole: %s", found.n, whole.n, text);
    sp_arena_fini(&arena);
}

/* A line above is seen in part where a part of a text begins: it says no more there than in the whole. */
static void parts_say_what_the_whole_says(void **state)
{
    enum { GAP_MOST = 160 };
    static const struct {
        const char *head, *mark, *names;
    } rows[] = {
        {"/*\n * ", "Copyright (c) 2003 by\n", " * Maria Gonzalez and Jan van der Meulen\n"},
        {"Notes of ", "AUTHORS\n", "Maria Gonzalez <maria@example.org>\n"},
        {"1.\n", "/* Authors:\n", " * Maria Gonzalez\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (int gap = 0; gap < GAP_MOST; gap++) {
            char text[512], fill[GAP_MOST];
            memset(fill, ':', sizeof fill);
            const int first = snprintf(text, sizeof text, "%s%.*s%s", rows[i].head, gap, fill, rows[i].mark);
            (void)snprintf(&text[first], sizeof text - (size_t)first, "%s", rows[i].names);
            check_parts(text, (size_t)first);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_written_about_is_told),
        cmocka_unit_test(who_wrote_a_work_is_not_told),
        cmocka_unit_test(parts_say_what_the_whole_says),
    };
    return cmocka_run_group_tests(tests, engine_set_up, engine_tear_down);
}
