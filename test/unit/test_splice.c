/* Edits at spans: the bytes outside of them are the bytes of the body, in order, and nothing else. */
#include "parse_help.h"

#include "sallyport/splice.h"

#define EDIT(s, e, text)                                 \
    {                                                    \
        {s, e},                                          \
        {                                                \
            (const uint8_t *)("" text), sizeof(text) - 1 \
        }                                                \
    }

static const struct {
    const char *name, *body;
    sp_edit edits[3];
    size_t n;
    sp_status status;
    const char *out;
} rows[] = {
    {"no edit", "abcdef", {{{0, 0}, {NULL, 0}}}, 0, SP_OK, "abcdef"},
    {"a replacement", "abcdef", {EDIT(1, 3, "XYZ")}, 1, SP_OK, "aXYZdef"},
    {"a removal", "abcdef", {EDIT(1, 3, "")}, 1, SP_OK, "adef"},
    {"an insertion", "abcdef", {EDIT(3, 3, "-")}, 1, SP_OK, "abc-def"},
    {"at both ends", "abcdef", {EDIT(0, 0, "<"), EDIT(6, 6, ">")}, 2, SP_OK, "<abcdef>"},
    {"spans that touch", "abcdef", {EDIT(1, 3, "1"), EDIT(3, 3, "2"), EDIT(3, 5, "3")}, 3, SP_OK, "a123f"},
    {"everything removed", "abc", {EDIT(0, 3, "")}, 1, SP_OK, ""},
    {"an empty body", "", {EDIT(0, 0, "x")}, 1, SP_OK, "x"},
    {"out of order", "abcdef", {EDIT(3, 4, ""), EDIT(1, 2, "")}, 2, SP_ERANGE, ""},
    {"an overlap", "abcdef", {EDIT(1, 4, ""), EDIT(3, 5, "")}, 2, SP_ERANGE, ""},
    {"an end before its start", "abcdef", {EDIT(3, 1, "")}, 1, SP_ERANGE, ""},
    {"beyond the body", "abcdef", {EDIT(5, 7, "")}, 1, SP_ERANGE, ""},
};

static void edits_and_nothing_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sp_arena arena;
        sp_arena_init(&arena, 1 << 16);
        sp_chunks out = {.n = 7};
        const sp_status status =
            sp_splice(&out, exact(&arena.mem, sp_bytes_of(rows[i].body)), rows[i].edits, rows[i].n);
        if (status != rows[i].status) fail_msg("%s: %d", rows[i].name, status);
        assert_bytes(join(&out, &arena.mem), sp_bytes_of(rows[i].out));
        sp_arena_fini(&arena);
    }
}

/* Up to three edits in order over n bytes. */
static size_t random_edits(sp_edit edits[4], size_t n, uint64_t *random)
{
    size_t n_edits = 0;
    for (uint32_t at = 0; n_edits < 3 && at <= n; n_edits++) {
        const uint32_t start = at + (uint32_t)(next_random(random) % (n - at + 1));
        const uint32_t end = start + (uint32_t)(next_random(random) % (n - start + 1));
        const sp_bytes insert = sp_bytes_sub(SP_LIT("0123456789"), 0, next_random(random) % 11);
        edits[n_edits] = (sp_edit){{start, end}, insert};
        at = end;
    }
    return n_edits;
}

/* The bytes outside of the spans are those of the body, one by one, and what was inserted stands between. */
static void assert_spliced(sp_bytes out, sp_bytes body, const sp_edit *edits, size_t n_edits)
{
    size_t from = 0;
    size_t to = 0;
    for (size_t i = 0; i < n_edits; i++) {
        for (; from < edits[i].span.start; from++, to++) assert_int_equal(out.p[to], body.p[from]);
        const sp_bytes inserted = sp_bytes_sub(out, to, to + edits[i].insert.n);
        assert_true(sp_bytes_eq(inserted, edits[i].insert));
        to += edits[i].insert.n;
        from = edits[i].span.end;
    }
    for (; from < body.n; from++, to++) assert_int_equal(out.p[to], body.p[from]);
    assert_int_equal(to, out.n);
}

static void all_other_bytes_stay_equal(void **state)
{
    (void)state;
    uint64_t random = 11;
    for (size_t round = 0; round < 2000; round++) {
        sp_arena arena;
        sp_arena_init(&arena, 1 << 16);
        uint8_t bytes[64];
        const sp_bytes body = {bytes, next_random(&random) % sizeof bytes};
        for (size_t i = 0; i < body.n; i++) bytes[i] = (uint8_t)('a' + next_random(&random) % 26);
        sp_edit edits[4];
        const size_t n_edits = random_edits(edits, body.n, &random);
        sp_chunks out;
        assert_int_equal(sp_splice(&out, body, edits, n_edits), SP_OK);
        assert_spliced(join(&out, &arena.mem), body, edits, n_edits);
        sp_arena_fini(&arena);
    }
}

static void too_many_runs_are_refused(void **state)
{
    (void)state;
    const sp_edit edits[] = {EDIT(1, 1, "x"), EDIT(2, 2, "x"), EDIT(3, 3, "x"), EDIT(4, 4, "x")};
    sp_chunks out;
    assert_int_equal(sp_splice(&out, SP_LIT("abcd"), edits, 4), SP_OK);
    assert_int_equal(out.n, SP_CHUNKS_MAX);
    assert_int_equal(sp_splice(&out, SP_LIT("abcde"), edits, 4), SP_ERANGE);
    assert_int_equal(out.n + out.bytes, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edits_and_nothing_else),
        cmocka_unit_test(all_other_bytes_stay_equal),
        cmocka_unit_test(too_many_runs_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
