/* Words around candidates: of candidates that follow one another in a text each finds what it would find by
 * itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "detect/evidence.h"

enum { TEXT_MAX = 600, ROUNDS = 30000 };

static const char *const rows[] = {
    "ssn|social security number|~number",
    "tax id|tax|~id|id number",
    "nhs|nhs no|~no",
    "us ssn|masked",
    "身份证号|身份证|~号",
    "주민등록번호|등록 번호",
    "numéro de tva|tva|~numéro",
    "a b c d e f|b c|~c",
};

/* Words, parts of them, and what masks leave; most are cut somewhere. */
static const char *const pieces[] = {
    "ssn",
    "SSN",
    "social security number",
    "taxId",
    "tax_id",
    "IDNumber",
    "nhs no.",
    "a b c d e f ",
    "b c",
    "身份证号",
    "我的身份证",
    "号",
    "주민등록번호",
    "등록 번호",
    "번호",
    "numéro de TVA",
    "é",
    "ä",
    "[masked: us-ssn]",
    "[masked: ",
    "us-ssn]",
    "[us-ssn]",
    "[removed: nhs-1-2]",
    "[",
    "]",
    " ",
    " ",
    " ",
    "-",
    "\n",
    "1",
    "23 ",
    "456-78",
    "x",
    "xXx",
    "\xe8\xba",
    "\xff",
    ": ",
    "0 ",
    "the number of ",
};

static uint32_t next(uint64_t *x)
{
    *x = *x * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*x >> 33);
}

static size_t mix(uint8_t *text, uint64_t *x)
{
    const size_t n_pieces = sizeof pieces / sizeof pieces[0], most = 20 + next(x) % (TEXT_MAX - 60);
    const size_t first = next(x) % n_pieces, of = 1 + next(x) % n_pieces;
    size_t n = 0;
    while (n < most) {
        const sp_bytes piece = sp_bytes_of(pieces[(first + next(x) % of) % n_pieces]);
        memcpy(text + n, piece.p, piece.n);
        n += piece.n;
    }
    return n;
}

static void check(const sp_supports *found, const sp_supports *wanted, const sp_window *w, size_t start)
{
    bool is_same = found->n == wanted->n;
    for (size_t i = 0; i < wanted->n && is_same; i++) {
        const sp_support *b = &wanted->v[i], *a = sp_supports_find(found, b->row);
        is_same = a != NULL && a->weight == b->weight && a->distance == b->distance && a->start == b->start &&
                  a->end == b->end;
    }
    if (!is_same)
        fail_msg("at %zu of \"%.*s\": %zu rows, not %zu", start, (int)w->n, (const char *)w->p, found->n,
                 wanted->n);
}

/* Candidates are numbers, or capitals and digits. */
static bool may_begin(const uint8_t *p, size_t i)
{
    return sp_is_alnum(p[i]) && (i == 0 || !sp_is_alnum(p[i - 1]));
}

static void each_candidate_finds_what_it_would_by_itself(void **state)
{
    const sp_evidence_index *index = *state;
    uint64_t x = 1;
    for (size_t round = 0; round < ROUNDS; round++) {
        uint8_t text[TEXT_MAX];
        const size_t n = mix(text, &x), step = 1 + next(&x) % 60;
        const sp_window w = {text, n, true, false, 0, NULL, NULL};
        sp_evidence_last last = {.is_set = false};
        for (size_t start = next(&x) % step; start < n; start += 1 + next(&x) % step) {
            sp_supports found = {.n = 0}, wanted = {.n = 0};
            if (next(&x) % 32 == 0) start = next(&x) % n;
            while (start < n && !may_begin(text, start)) start++;
            if (start == n) break;
            sp_evidence_before_next(&found, index, &w, start, &last);
            sp_evidence_before(&wanted, index, &w, start);
            check(&found, &wanted, &w, start);
        }
    }
}

static void many_entries_are_found_too(void **state)
{
    const sp_evidence_index *index = *state;
    uint8_t text[TEXT_MAX];
    for (size_t i = 0; i < TEXT_MAX; i++) text[i] = i % 2 == 0 ? 'c' : ' ';
    const sp_window w = {text, TEXT_MAX, true, false, 0, NULL, NULL};
    sp_evidence_last last = {.is_set = false};
    for (size_t start = 1; start < TEXT_MAX; start += 5) {
        sp_supports found = {.n = 0}, wanted = {.n = 0};
        sp_evidence_before_next(&found, index, &w, start, &last);
        sp_evidence_before(&wanted, index, &w, start);
        check(&found, &wanted, &w, start);
    }
}

/* Each byte is read once, not by each candidate in whose reach it lies. */
static void reading_costs_what_the_text_is_long(void **state)
{
    const sp_evidence_index *index = *state;
    uint8_t text[TEXT_MAX];
    for (size_t i = 0; i < TEXT_MAX; i++) text[i] = (uint8_t) "the word 1 "[i % 11];
    sp_meter meter = SP_METER_NEW;
    const sp_window w = {text, TEXT_MAX, true, false, 0, &meter, NULL};
    sp_evidence_last last = {.is_set = false};
    sp_supports found = {.n = 0};
    for (size_t start = 9; start < TEXT_MAX; start += 11)
        sp_evidence_before_next(&found, index, &w, start, &last);
    assert_in_range(meter.used, 1, TEXT_MAX * 2);
}

int main(void)
{
    static sp_evidence_index index;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(each_candidate_finds_what_it_would_by_itself, &index),
        cmocka_unit_test_prestate(many_entries_are_found_too, &index),
        cmocka_unit_test_prestate(reading_costs_what_the_text_is_long, &index),
    };
    sp_arena arena;
    sp_arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (sp_evidence_add(&index, (uint16_t)i, rows[i], &arena.mem) != SP_OK) return 1;
    }
    sp_evidence_seal(&index);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    sp_arena_fini(&arena);
    return failed;
}
