/* Every detector by its own examples: a text in brackets must be found, exactly so and by that row; a text
 * without brackets must not be found by it. Rows with forms have theirs made (token_help.h). What is wrong
 * with a new row shows here without a new test. */
#include "engine_help.h"
#include "token_help.h"
#include "sallyport/label.h"
#include "sallyport/propose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* An example without its outer brackets. `start == end` if it has none. */
typedef struct plain {
    char text[2048];
    size_t n, start, end;
} plain;

static void plain_of(plain *out, const char *example)
{
    memset(out, 0, sizeof *out);
    for (const char *c = example; *c != '\0'; c++) {
        assert_true(out->n + 1 < sizeof out->text);
        if (*c == '[' && out->end == 0 && strchr(c, ']') != NULL)
            out->start = out->n;
        else if (*c == ']' && out->end == 0)
            out->end = out->n;
        else
            out->text[out->n++] = *c;
    }
}

/* Some rows no pass looks for unless it is asked to. */
static void pass_for(sp_pass *pass, fixture *f, const sp_row *r, const sp_pass_in *in)
{
    const sp_status status = r->is_asked   ? sp_engine__pass_addresses(pass, f->engine, f->scratch, in)
                             : in->is_last ? sp_engine__pass_whole(pass, f->engine, f->scratch, in)
                                           : sp_engine__pass(pass, f->engine, f->scratch, in);
    assert_int_equal(status, SP_OK);
}

/* Does the row itself find [start, end)? Other rows may find what they want. */
static size_t found_by(fixture *f, size_t row, const plain *p, bool *is_exact)
{
    sp_pass pass;
    const sp_pass_in in = {{(const uint8_t *)p->text, p->n}, 0, true, 0, NULL, NULL, NULL};
    pass_for(&pass, f, sp_row_at(row), &in);
    size_t n = 0;
    for (size_t i = 0; i < pass.n; i++) {
        if (pass.v[i].detector != row) continue;
        n++;
        *is_exact = *is_exact || (pass.v[i].start == p->start && pass.v[i].end == p->end);
    }
    return n;
}

static void check_example(fixture *f, size_t row, const char *example)
{
    plain p;
    plain_of(&p, example);
    bool is_exact = false;
    const size_t n = found_by(f, row, &p, &is_exact);
    if (p.end == 0 ? n != 0 : !is_exact)
        fail_msg("row %s, example: %s (%zu found)", sp_row_at(row)->name, example, n);
}

static void each_row_finds_what_its_examples_mark(void **state)
{
    for (size_t row = 0; sp_row_at(row) != NULL; row++) {
        unsigned n[2] = {0, 0};
        for (const sp_example *e = examples_of(sp_row_at(row)); *e != NULL; e++) {
            check_example(*state, row, *e);
            n[strchr(*e, '[') != NULL]++;
        }
        const bool is_credential = sp_kind_get(sp_row_at(row)->kind)->category == SP_CAT_CREDENTIALS;
        const unsigned least = is_credential ? MADE_EACH : 1;
        if (n[0] < least || n[1] < least)
            fail_msg("row %s needs %u examples of each sort", sp_row_at(row)->name, least);
    }
}

/* What stands around a match must not matter as long as it is no part of a word. */
static void examples_are_found_in_the_middle_of_text(void **state)
{
    static char text[4096];
    for (size_t row = 0; sp_row_at(row) != NULL; row++) {
        for (const sp_example *e = examples_of(sp_row_at(row)); *e != NULL; e++) {
            assert_in_range(snprintf(text, sizeof text, "Some prose goes before it: %s\nand some after.", *e),
                            1, 4095);
            check_example(*state, row, text);
        }
    }
}

static void rows_keep_their_own_declarations(void **state)
{
    (void)state;
    for (size_t row = 0; sp_row_at(row) != NULL; row++) {
        const sp_row *r = sp_row_at(row);
        assert_non_null(sp_kind_get(r->kind));
        assert_true(r->run < SP_RUN_LIMIT && r->head_max <= SP_CONTEXT_MAX);
        assert_in_range(r->longest, r->head_max, SP_SPAN_MAX);
        assert_in_range(r->least, 1, 100);
        for (size_t other = 0; other < row; other++) assert_string_not_equal(r->name, sp_row_at(other)->name);
        for (const sp_example *e = examples_of(r); *e != NULL; e++) {
            plain p;
            plain_of(&p, *e);
            assert_true(p.end - p.start <= r->longest);
        }
    }
}

/* Is a match that begins at `start` found, alive, or inside the open run when the text is cut at `cut`? */
static bool is_held(fixture *f, const sp_row *r, const plain *p, size_t cut)
{
    sp_pass pass;
    const sp_bytes text = {(const uint8_t *)p->text, cut};
    const sp_pass_in in = {text, 0, false, 0, NULL, NULL, NULL};
    pass_for(&pass, f, r, &in);
    if (sp_utf8_open(text) <= p->start) return true; /* a character that is cut is held whatever it is */
    return pass.n > 0 || pass.pending <= p->start || sp_run_open(r->run, text, r->head_max) <= p->start;
}

/* The promise that makes a stream sound: up to the last byte of its head a match lies in one open run of
 * its class. */
static void a_cut_match_is_held(void **state)
{
    for (size_t row = 0; sp_row_at(row) != NULL; row++) {
        const sp_row *r = sp_row_at(row);
        if (r->is_whole) continue;
        for (const sp_example *e = examples_of(r); *e != NULL; e++) {
            plain p;
            plain_of(&p, *e);
            size_t cut = p.start + 1;
            while (cut <= p.end && cut < p.n && is_held(*state, r, &p, cut)) cut++;
            if (cut <= p.end && cut < p.n) fail_msg("row %s, cut at %zu: %s", r->name, cut, *e);
        }
    }
}

static void all_kinds_have_a_detector(void **state)
{
    (void)state;
    for (size_t k = 0; sp_kind_at(k) != NULL; k++) {
        bool is_there = false;
        for (size_t row = 0; sp_row_at(row) != NULL; row++)
            is_there = is_there || sp_row_at(row)->kind == sp_kind_at(k)->kind;
        if (sp_kind_at(k)->kind == SP_KIND_SYSTEM_PROMPT) {
            assert_false(is_there); /* by comparison with the request: test_passages.c */
            continue;
        }
        if (is_there == sp_kind_is_proposal(sp_kind_at(k)->kind))
            fail_msg("%s is for detectors or for the small models, not both, not neither",
                     sp_kind_at(k)->name);
        assert_ptr_equal(sp_kind_get(sp_kind_at(k)->kind), sp_kind_at(k));
    }
    assert_null(sp_kind_get(SP_KIND_NONE));
    assert_null(sp_kind_get(SP_KIND_LIMIT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_finds_what_its_examples_mark),
        cmocka_unit_test(examples_are_found_in_the_middle_of_text),
        cmocka_unit_test(rows_keep_their_own_declarations),
        cmocka_unit_test(a_cut_match_is_held),
        cmocka_unit_test(all_kinds_have_a_detector),
    };
    return cmocka_run_group_tests(tests, engine_set_up, engine_tear_down);
}
