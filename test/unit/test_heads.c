/* Heads that are words: what they are made of finds where heads end as Hyperscan does that is given the
 * patterns themselves. */
#include "detect/detect_internal.h"
#include "detect/heads.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SOURCES_MAX = 600, TEXT_MAX = 400, ROUNDS = 20000 };

/* Shapes that rows use or may use. */
static const sp_head_source shapes[] = {
    {"abc", 0, 0},
    {"\\babc", 0, 0},
    {"abc\\b", 0, 0},
    {"\\ba\\b", HS_FLAG_CASELESS, 0},
    {"\\b_\\b", 0, 0},
    {"\\b-a", 0, 0},
    {"a(?:b|cc?)d", 0, 0},
    {"ab|b|cab", HS_FLAG_CASELESS, 0},
    {"(?:a|\\bb)c", 0, 0},
    {"a.c", HS_FLAG_CASELESS, 0},
    {"a.{0,3}b.?c", 0, 0},
    {"a{2,3}b{2}", 0, 0},
    {"[a-c][.\\-_]", 0, 0},
    {"[\\]-]a", 0, 0},
    {"\\x61\\x1b?b", 0, 0},
    {"\\xc2[\\x9b\\x9d]", 0, 0},
    {"b\xc3\xa4z", HS_FLAG_CASELESS, 0},
    {"A[A-Z]c", HS_FLAG_CASELESS, 0},
    {"A[a-z]c", 0, 0},
    {"ab|(?-i:\\bCb\\b)|(?-i:A)_", HS_FLAG_CASELESS, 0},
    {"[ä.c]a|bä", HS_FLAG_UTF8, 0},
    {"[a-c.]{2,12}-|A [b_]{1,3}c", 0, 0},
    {"\\b[b-c]{1,16}a_", HS_FLAG_CASELESS, 0},
    {"(?-i:[b-c]{1,16}a)|(?:b|c){2}_", HS_FLAG_CASELESS, 0},
};
enum { N_SHAPES = sizeof shapes / sizeof shapes[0] };

/* Both ways to look, and where heads end by each. */
typedef struct fixture {
    sp_head_source source[SOURCES_MAX];
    size_t n;
    sp_arena arena;
    sp_heads heads;
    hs_scratch_t *scratch, *wanted_scratch;
    hs_database_t *wanted_db;
    uint8_t seen[SOURCES_MAX][TEXT_MAX + 1], wanted[SOURCES_MAX][TEXT_MAX + 1];
    size_t last;
} fixture;

static bool on_head(void *ctx, uint16_t lane, size_t end)
{
    fixture *f = ctx;
    assert_in_range(end, 1, TEXT_MAX);
    assert_true(end >= f->last);
    f->last = end;
    f->seen[lane][end]++;
    return true;
}

static int on_match(unsigned lane, unsigned long long from, unsigned long long to, unsigned flags, void *ctx)
{
    (void)from;
    (void)flags;
    ((fixture *)ctx)->wanted[lane][to] = 1;
    return 0;
}

static void compile(fixture *f)
{
    const char *text[SOURCES_MAX];
    unsigned flags[SOURCES_MAX], lane[SOURCES_MAX];
    size_t bad;
    for (size_t i = 0; i < f->n; i++) {
        f->source[i].lane = (uint16_t)i;
        text[i] = f->source[i].pattern;
        flags[i] = f->source[i].flags;
        lane[i] = (unsigned)i;
    }
    sp_arena_init(&f->arena, 8 << 20);
    assert_int_equal(sp_heads_init(&f->heads, f->source, f->n, &f->arena.mem, &bad), SP_OK);
    assert_int_equal(hs_alloc_scratch(f->heads.db, &f->scratch), HS_SUCCESS);
    hs_compile_error_t *error = NULL;
    assert_int_equal(
        hs_compile_multi(text, flags, lane, (unsigned)f->n, HS_MODE_BLOCK, NULL, &f->wanted_db, &error),
        HS_SUCCESS);
    assert_int_equal(hs_alloc_scratch(f->wanted_db, &f->wanted_scratch), HS_SUCCESS);
}

static void release(fixture *f)
{
    (void)hs_free_scratch(f->scratch);
    (void)hs_free_scratch(f->wanted_scratch);
    (void)hs_free_database(f->wanted_db);
    sp_heads_fini(&f->heads);
    sp_arena_fini(&f->arena);
    free(f);
}

static fixture *of_shapes(void)
{
    fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    memcpy(f->source, shapes, sizeof shapes);
    f->n = N_SHAPES;
    compile(f);
    return f;
}

static fixture *of_rows(void)
{
    fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    const sp_row *row;
    for (size_t i = 0; (row = sp_row_at(i)) != NULL; i++) {
        if (row->head == NULL) continue;
        assert_true(f->n < SOURCES_MAX);
        f->source[f->n++] = (sp_head_source){row->head, row->flags, 0};
    }
    compile(f);
    return f;
}

static void check(fixture *f, sp_bytes text)
{
    memset(f->seen, 0, sizeof f->seen);
    memset(f->wanted, 0, sizeof f->wanted);
    f->last = 0;
    assert_int_equal(sp_heads_scan(&f->heads, f->scratch, text, on_head, f), SP_OK);
    assert_int_equal(
        hs_scan(f->wanted_db, (const char *)text.p, (unsigned)text.n, 0, f->wanted_scratch, on_match, f),
        HS_SUCCESS);
    for (size_t i = 0; i < f->n; i++) {
        if (memcmp(f->seen[i], f->wanted[i], sizeof f->seen[i]) != 0)
            fail_msg("%s in \"%.*s\"", f->source[i].pattern, (int)text.n, (const char *)text.p);
    }
}

static uint32_t next(uint64_t *x)
{
    *x = *x * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*x >> 33);
}

static void heads_of_every_shape_end_where_patterns_do(void **state)
{
    (void)state;
    static const char chars[] = "aaabbbcccABC__--. d\n\x1b\xc2\x9b\xc3\xa4]";
    fixture *f = of_shapes();
    uint64_t x = 1;
    for (size_t round = 0; round < ROUNDS; round++) {
        uint8_t text[24];
        const size_t n = 1 + next(&x) % sizeof text;
        for (size_t i = 0; i < n; i++) text[i] = (uint8_t)chars[next(&x) % (sizeof chars - 1)];
        check(f, (sp_bytes){text, n});
    }
    release(f);
}

/* Parts of patterns and of examples, in any order. */
static size_t mix(uint8_t *text, const fixture *f, uint64_t *x)
{
    static const char between[] = " _-.\nax\"";
    size_t n = 0;
    while (n < TEXT_MAX - 100) {
        const char *p = f->source[next(x) % f->n].pattern;
        const size_t all = strlen(p), from = next(x) % 4 == 0 ? next(x) % all : 0;
        for (size_t i = from; i < all && i < from + 40 && p[i] != '|' && p[i] != ')'; i++) {
            if (p[i] == '\\' && p[i + 1] == 'b')
                i++;
            else if (p[i] != '(' && p[i] != '\\')
                text[n++] = (uint8_t)(next(x) % 8 == 0 ? p[i] ^ 0x20 : p[i]);
        }
        if (next(x) % 2 == 0) text[n++] = (uint8_t)between[next(x) % (sizeof between - 1)];
    }
    return n;
}

static void heads_of_rows_end_where_their_patterns_do(void **state)
{
    (void)state;
    fixture *f = of_rows();
    uint64_t x = 2;
    for (size_t round = 0; round < ROUNDS / 20; round++) {
        uint8_t text[TEXT_MAX];
        check(f, (sp_bytes){text, mix(text, f, &x)});
    }
    const sp_row *row;
    for (size_t i = 0; (row = sp_row_at(i)) != NULL; i++) {
        for (const sp_example *e = row->examples; e != NULL && *e != NULL; e++) {
            const sp_bytes text = sp_bytes_of(*e);
            check(f, (sp_bytes){text.p, text.n < TEXT_MAX ? text.n : TEXT_MAX});
        }
    }
    release(f);
}

static void what_is_not_understood_is_refused(void **state)
{
    (void)state;
    static const char *const patterns[] = {
        "",
        "a*",
        "a+",
        "(a",
        "a)",
        "[a",
        "[^a]",
        "^a",
        "a$",
        "a|",
        "a.",
        "a.?",
        "a\\",
        "\\d",
        "a\\bb",
        "a{2",
        "a{2,",
        "\\xg0",
        "?a",
        "[\\b]a",
        "\\b",
        "[]a]",
        "(?i)a",
        "a{1,70}b{70}",
        "(?:(?:(?:(?:(?:(?:(?:(?:(?:a)))))))))",
        "[a-z][a-z][a-z]",
        "a[bc]{2}",
    };
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        const sp_head_source two[] = {{"ab", 0, 0}, {patterns[i], 0, 1}};
        sp_arena arena;
        sp_heads heads;
        size_t bad;
        sp_arena_init(&arena, 8 << 20);
        if (sp_heads_init(&heads, two, 2, &arena.mem, &bad) != SP_EINTERNAL || bad != 1)
            fail_msg("%s", patterns[i]);
        sp_heads_fini(&heads);
        sp_arena_fini(&arena);
    }
}

static void what_hyperscan_would_read_otherwise_is_refused(void **state)
{
    (void)state;
    static const sp_head_source sources[] = {
        {"a(?-i:B)", HS_FLAG_CASELESS, 0},
        {"[a-ä]", HS_FLAG_UTF8, 0},
        {"ab", HS_FLAG_DOTALL, 0},
        {"ab", HS_FLAG_UTF8 | HS_FLAG_CASELESS, 0},
    };
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
        sp_arena arena;
        sp_heads heads;
        size_t bad;
        sp_arena_init(&arena, 8 << 20);
        assert_int_equal(sp_heads_init(&heads, &sources[i], 1, &arena.mem, &bad), SP_EINTERNAL);
        assert_int_equal(bad, 0);
        sp_arena_fini(&arena);
    }
}

static void memory_may_run_out(void **state)
{
    (void)state;
    sp_status status = SP_ENOMEM;
    for (size_t limit = 0; status == SP_ENOMEM; limit += 64) {
        sp_arena arena;
        sp_heads heads;
        size_t bad;
        sp_arena_init(&arena, limit);
        status = sp_heads_init(&heads, shapes, N_SHAPES, &arena.mem, &bad);
        assert_true(status == SP_OK || heads.db == NULL);
        sp_heads_fini(&heads);
        sp_arena_fini(&arena);
    }
    assert_int_equal(status, SP_OK);
}

static bool refuse(void *ctx, uint16_t lane, size_t end)
{
    (void)lane;
    (void)end;
    ++*(size_t *)ctx;
    return false;
}

static void who_has_seen_enough_is_asked_no_more(void **state)
{
    (void)state;
    fixture *f = of_shapes();
    size_t n = 0;
    assert_int_equal(sp_heads_scan(&f->heads, f->scratch, sp_bytes_of("abc abc abc"), refuse, &n), SP_OK);
    assert_int_equal(n, 1);
    release(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_of_every_shape_end_where_patterns_do),
        cmocka_unit_test(heads_of_rows_end_where_their_patterns_do),
        cmocka_unit_test(what_is_not_understood_is_refused),
        cmocka_unit_test(what_hyperscan_would_read_otherwise_is_refused),
        cmocka_unit_test(memory_may_run_out),
        cmocka_unit_test(who_has_seen_enough_is_asked_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
