/* Laws of streams: whatever the cuts, a tape finds what a scan of the whole finds, releases no byte of a
 * finding before it is reported, never goes back, and holds little. */
#include "token_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { TEXT_MAX = 40000, LIMIT = 2000 };

typedef struct fixture {
    sp_engine *engine;
    sp_scratch *scratch;
    uint64_t random;
    uint8_t text[TEXT_MAX];
    size_t n;
} fixture;

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    sp_diag diag;
    if (f == NULL || sp_engine_new(&f->engine, &diag) != SP_OK ||
        sp_scratch_new(&f->scratch, f->engine) != SP_OK)
        return -1;
    f->random = 0x9e3779b97f4a7c15;
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    sp_scratch_free(f->scratch);
    sp_engine_free(f->engine);
    free(f);
    return 0;
}

/* xorshift64*: the same numbers in each run. */
static size_t below(fixture *f, size_t n)
{
    f->random ^= f->random >> 12;
    f->random ^= f->random << 25;
    f->random ^= f->random >> 27;
    return (size_t)((f->random * UINT64_C(0x2545f4914f6cdd1d)) >> 33) % n;
}

static void add(fixture *f, const char *s)
{
    for (; *s != '\0' && f->n < TEXT_MAX; s++) {
        if (*s != '[' && *s != ']') f->text[f->n++] = (uint8_t)*s;
    }
}

/* ---- the law ---- */

/* One channel while it is fed, next to what a scan of the whole text has found. */
typedef struct channel {
    fixture *f;
    sp_tape *tape;
    const sp_findings *whole;
    sp_findings found;
    size_t fed;
    uint64_t release;
    size_t held_max;
} channel;

/* Only where the text is UTF-8 there are boundaries. */
static bool is_boundary(const fixture *f, uint64_t at)
{
    if (sp_utf8_valid_prefix((sp_bytes){f->text, f->n}) < f->n) return true;
    return at >= f->n || (f->text[at] & 0xc0) != 0x80;
}

static void feed(channel *c, size_t end)
{
    uint64_t release = 0;
    const size_t n = end - c->fed;
    uint8_t *piece = malloc(n > 0 ? n : 1); /* of its own size: a byte read past its end shows under ASan */
    assert_non_null(piece);
    memcpy(piece, c->f->text + c->fed, n);
    assert_int_equal(sp_tape_feed(c->tape, (sp_bytes){piece, n}, end == c->f->n, &c->found, &release), SP_OK);
    free(piece);
    c->fed = end;
    assert_true(release >= c->release && release <= c->fed);
    assert_true(is_boundary(c->f, release));
    c->release = release;
    if (c->fed - release > c->held_max) c->held_max = (size_t)(c->fed - release);
    /* What was reported is what the whole scan has first; what was not reported has not been touched. */
    assert_true(c->found.n <= c->whole->n);
    if (c->found.n < c->whole->n) assert_true(c->whole->v[c->found.n].start >= release);
}

/* Cuts the text at the given offsets and checks the law. @return the most that was held. */
static size_t check_cuts(fixture *f, const sp_findings *whole, const size_t *cuts, size_t n_cuts)
{
    sp_arena arena;
    sp_arena_init(&arena, 4 << 20);
    channel c = {.f = f, .whole = whole, .found = SP_FINDINGS_IN(&arena.mem, LIMIT)};
    assert_int_equal(sp_tape_new(&c.tape, f->engine, f->scratch, &arena.mem), SP_OK);
    for (size_t i = 0; i < n_cuts; i++) {
        if (cuts[i] < f->n) feed(&c, cuts[i]);
    }
    feed(&c, f->n);
    assert_int_equal(c.release, f->n);
    assert_int_equal(c.found.n, whole->n);
    if (whole->n > 0) assert_memory_equal(c.found.v, whole->v, whole->n * sizeof *whole->v);
    sp_arena_fini(&arena);
    return c.held_max;
}

static void scan_whole(fixture *f, sp_arena *arena, sp_findings *out)
{
    sp_arena_init(arena, 4 << 20);
    *out = SP_FINDINGS_IN(&arena->mem, LIMIT);
    assert_int_equal(sp_scan(out, f->engine, f->scratch, (sp_bytes){f->text, f->n}), SP_OK);
}

static void check_all_two_part_splits(fixture *f)
{
    sp_arena arena;
    sp_findings whole;
    scan_whole(f, &arena, &whole);
    for (size_t cut = 0; cut <= f->n; cut++) assert_true(check_cuts(f, &whole, &cut, 1) <= SP_TAPE_HOLD_MAX);
    sp_arena_fini(&arena);
}

/* Pieces of 1 to `most` bytes. */
static size_t check_random_splits(fixture *f, size_t rounds, size_t most)
{
    static size_t cuts[TEXT_MAX];
    size_t held = 0;
    sp_arena arena;
    sp_findings whole;
    scan_whole(f, &arena, &whole);
    for (size_t r = 0; r < rounds; r++) {
        size_t n = 0;
        for (size_t at = 1 + below(f, most); at < f->n; at += 1 + below(f, most)) cuts[n++] = at;
        const size_t most_held = check_cuts(f, &whole, cuts, n);
        held = most_held > held ? most_held : held;
    }
    sp_arena_fini(&arena);
    return held;
}

/* ---- texts ---- */

static const char *const joints[] = {"",         " ", "\n", ", ", ".",  "-", "=", "/", "\xe3\x80\x82",
                                     "\xc3\xa9", "a", "7",  "\"", "\\n"};

/* Examples of all rows in random order with random joints: near matches next to matches. */
static void text_of_examples(fixture *f, size_t most)
{
    size_t n_rows = 0;
    while (sp_row_at(n_rows) != NULL) n_rows++;
    for (f->n = 0; f->n < most;) {
        const sp_example *examples = examples_of(sp_row_at(below(f, n_rows)));
        size_t n = 0;
        while (examples[n] != NULL) n++;
        add(f, examples[below(f, n)]);
        add(f, joints[below(f, sizeof joints / sizeof joints[0])]);
    }
}

/* Bytes of heads and their surroundings: what a fuzzer would try first. */
static void text_of_parts(fixture *f, size_t most)
{
    static const char *const parts[] = {"@",
                                        "a@b.",
                                        "de",
                                        "+",
                                        "+49",
                                        "4111 ",
                                        "4111-1111",
                                        "078-05-1120",
                                        "eyJ",
                                        ".",
                                        "eyJhbGciOiJIUzI1NiJ9.",
                                        "sk-",
                                        "sk-ant-api03-",
                                        "ghp_",
                                        "xoxb-",
                                        "AKIA",
                                        "-----BEGIN",
                                        "-----BEGIN PRIVATE KEY-----\n",
                                        "-----END",
                                        " ",
                                        "  ",
                                        "\n",
                                        "aws secret ",
                                        "DE89",
                                        "0",
                                        "x",
                                        "Z",
                                        "_",
                                        "\xf0\x9f\x98\x80",
                                        "\xc3",
                                        "\x80",
                                        "https:",
                                        "//hooks.slack.com/services/T",
                                        "LS0tLS1CRUdJTi",
                                        "ssn ",
                                        "AAAAAAAAAAAAAAAAAAAA",
                                        "b3BlbnNzaC1rZXktdjE",
                                        "sp_",
                                        "=",
                                        "9",
                                        "012345678",
                                        "abcdef0123456789"};
    for (f->n = 0; f->n < most;) add(f, parts[below(f, sizeof parts / sizeof parts[0])]);
}

static const char prose[] = "The committee met on the third of May and read the report of the treasurer "
                            "aloud; nobody objected, although two members "
                            "(who had come late) asked for the figures of 2024 and 2025 to be shown side by "
                            "side. Section 4.2 says \"as soon as practical\", "
                            "which is not a date. Gr\xc3\xb6\xc3\x9f"
                            "ere Ausgaben, e.g. 1,250.00 for chairs, were put off until the autumn.\n\n"
                            "\xe5\xa7\x94\xe5\x91\x98\xe4\xbc\x9a\xe5\x9c\xa8\xe4\xba\x94\xe6\x9c\x88\xe5\xbc"
                            "\x80\xe4\xbc\x9a\xe3\x80\x82 "
                            "for (int i = 0; i < n; i++) { total += price[i] * count[i]; }\n";

/* ---- tests ---- */

static void every_two_part_split_gives_the_same(void **state)
{
    fixture *f = *state;
    for (int round = 0; round < 6; round++) {
        text_of_examples(f, 700);
        check_all_two_part_splits(f);
        text_of_parts(f, 300);
        check_all_two_part_splits(f);
    }
    f->n = 0;
    add(f, prose);
    check_all_two_part_splits(f);
}

static void every_example_gives_the_same_at_every_split(void **state)
{
    fixture *f = *state;
    for (size_t row = 0; sp_row_at(row) != NULL; row++) {
        for (const sp_example *e = examples_of(sp_row_at(row)); *e != NULL; e++) {
            f->n = 0;
            add(f, "so: ");
            add(f, *e);
            add(f, " and more\n");
            check_all_two_part_splits(f);
            (void)check_random_splits(f, 1, 1);
        }
    }
}

/* Signs are no part of a word, but of runs that words are: a number begins behind each of them. */
static void a_number_behind_a_sign_is_found_at_every_split(void **state)
{
    fixture *f = *state;
    for (const char *sign = "$*%+-./:@#&=~"; *sign != '\0'; sign++) {
        const char before[] = {'F', 'a', 'x', ':', ' ', '3', *sign, '\0'};
        f->n = 0;
        add(f, before);
        add(f, "1 73 83 07 33 and so on");
        check_all_two_part_splits(f);
    }
}

static void random_splits_give_the_same(void **state)
{
    fixture *f = *state;
    for (size_t round = 0; round < 60; round++) {
        if (round % 2 == 0)
            text_of_examples(f, 3000);
        else
            text_of_parts(f, 2000);
        (void)check_random_splits(f, 2, 1 + below(f, 60));
        (void)check_random_splits(f, 1, 1);
    }
}

static void prose_holds_no_more_than_the_last_word(void **state)
{
    fixture *f = *state;
    f->n = 0;
    for (int i = 0; i < 8; i++) add(f, prose);
    assert_in_range(check_random_splits(f, 20, 30), 1, 14);
    assert_in_range(check_random_splits(f, 2, 1), 1, 14);
}

static void a_key_longer_than_any_is_found_and_bounded(void **state)
{
    fixture *f = *state;
    f->n = 0;
    add(f, "-----BEGIN PRIVATE KEY-----\n");
    while (f->n < 38000) add(f, "MC4CAQAwBQYDK2VwBCIEIHVzMC4CAQAwBQYDK2VwBCIEIHVzMC4CAQAwBQYDK2Vw\n");
    sp_arena arena;
    sp_findings whole;
    scan_whole(f, &arena, &whole);
    assert_int_equal(whole.n, 1);
    assert_in_range(whole.v[0].end, SP_SPAN_MAX - 80, SP_SPAN_MAX);
    sp_arena_fini(&arena);
    assert_in_range(check_random_splits(f, 4, 900), SP_SPAN_MAX - 1000, SP_TAPE_HOLD_MAX);
    f->n = 0;
    add(f, "eyJhbGciOiJIUzI1NiJ9.");
    while (f->n < 38000) add(f, "eyJzdWIiOiIxMjM0NTY3ODkwIn0");
    assert_in_range(check_random_splits(f, 4, 900), 7000, SP_TAPE_HOLD_MAX);
}

/* The memory of a channel of ten megabytes is that of its first pieces. */
static void a_long_channel_does_not_grow_the_arena(void **state)
{
    fixture *f = *state;
    f->n = 0;
    while (f->n < 32000) add(f, prose);
    sp_arena arena;
    sp_arena_init(&arena, 1 << 20);
    sp_tape *tape;
    assert_int_equal(sp_tape_new(&tape, f->engine, f->scratch, &arena.mem), SP_OK);
    sp_findings found = SP_FINDINGS_IN(&arena.mem, 10);
    uint64_t release = 0;
    size_t used = 0;
    for (size_t i = 0; i < 320; i++) {
        assert_int_equal(sp_tape_feed(tape, (sp_bytes){f->text, f->n}, false, &found, &release), SP_OK);
        if (i == 1) used = arena.mem.used;
    }
    assert_true(release > 10000000);
    assert_int_equal(arena.mem.used, used);
    assert_in_range(used, 1, 102400);
    sp_arena_fini(&arena);
}

static void small_pieces_need_little_memory(void **state)
{
    fixture *f = *state;
    f->n = 0;
    add(f, prose);
    sp_arena arena;
    sp_arena_init(&arena, 1 << 20);
    sp_tape *tape;
    assert_int_equal(sp_tape_new(&tape, f->engine, f->scratch, &arena.mem), SP_OK);
    sp_findings found = SP_FINDINGS_IN(&arena.mem, 10);
    uint64_t release = 0;
    for (size_t i = 0; i + 5 < f->n; i += 5) {
        assert_int_equal(sp_tape_feed(tape, (sp_bytes){f->text + i, 5}, false, &found, &release), SP_OK);
    }
    assert_in_range(arena.mem.used, 1, 2048);
    sp_arena_fini(&arena);
}

static void a_tape_ends_once(void **state)
{
    fixture *f = *state;
    sp_arena arena;
    sp_arena_init(&arena, 1 << 20);
    sp_tape *tape;
    assert_int_equal(sp_tape_new(&tape, f->engine, f->scratch, &arena.mem), SP_OK);
    sp_findings found = SP_FINDINGS_IN(&arena.mem, 10);
    uint64_t release = 7;
    assert_int_equal(sp_tape_feed(tape, SP_BYTES_EMPTY, false, &found, &release), SP_OK);
    assert_int_equal(release, 0);
    assert_int_equal(sp_tape_feed(tape, SP_LIT("write to a@b.d"), false, &found, &release), SP_OK);
    assert_int_equal(release, 9);
    assert_int_equal(sp_tape_feed(tape, SP_LIT("e"), true, &found, &release), SP_OK);
    assert_int_equal(release, 15);
    assert_int_equal(found.n, 1);
    assert_int_equal(found.v[0].start, 9);
    assert_int_equal(sp_tape_feed(tape, SP_LIT("x"), true, &found, &release), SP_EINTERNAL);
    sp_arena_fini(&arena);
}

/* Above the limit a kind is no longer listed; the others are. */
static void the_limit_counts_per_kind_over_the_channel(void **state)
{
    fixture *f = *state;
    sp_arena arena;
    sp_arena_init(&arena, 1 << 20);
    sp_tape *tape;
    assert_int_equal(sp_tape_new(&tape, f->engine, f->scratch, &arena.mem), SP_OK);
    sp_findings found = SP_FINDINGS_IN(&arena.mem, 2);
    uint64_t release = 0;
    for (int i = 0; i < 5; i++) {
        assert_false(i < 2 && found.is_full);
        assert_int_equal(sp_tape_feed(tape, SP_LIT("a@b.de, "), false, &found, &release), SP_OK);
    }
    assert_int_equal(sp_tape_feed(tape, SP_LIT("4111111111111111"), true, &found, &release), SP_OK);
    assert_true(found.is_full);
    assert_int_equal(found.n, 3);
    assert_int_equal(found.v[2].kind, SP_KIND_CARD);
    sp_arena_fini(&arena);
}

/* ---- failing allocator ---- */

typedef struct failing {
    sp_arena arena;
    size_t left;
} failing;

static void *failing_alloc(void *ctx, size_t n)
{
    failing *a = ctx;
    if (a->left == 0) return NULL;
    a->left--;
    return sp_alloc_bytes(&a->arena.mem, n);
}

static sp_status run_with(fixture *f, sp_mem *mem, size_t *n_found)
{
    sp_tape *tape;
    sp_findings found = SP_FINDINGS_IN(mem, 100);
    uint64_t release;
    SP_TRY(sp_tape_new(&tape, f->engine, f->scratch, mem));
    SP_TRY(sp_tape_feed(tape, (sp_bytes){f->text, f->n / 2}, false, &found, &release));
    SP_TRY(sp_tape_feed(tape, (sp_bytes){f->text + f->n / 2, f->n - f->n / 2}, true, &found, &release));
    *n_found = found.n;
    return SP_OK;
}

static void each_failed_allocation_is_reported(void **state)
{
    fixture *f = *state;
    f->n = 0;
    for (int i = 0; i < 30; i++)
        add(f, "a@b.de and prose to make it long enough that the buffer has to grow, ");
    sp_status status = SP_ENOMEM;
    size_t n_found = 0, n = 0;
    for (; status != SP_OK; n++) {
        failing a = {.left = n};
        sp_arena_init(&a.arena, 1 << 20);
        sp_mem mem = {failing_alloc, &a, 0, SIZE_MAX};
        status = run_with(f, &mem, &n_found);
        assert_true(status == SP_OK || status == SP_ENOMEM);
        sp_arena_fini(&a.arena);
    }
    assert_int_equal(n_found, 30);
    assert_in_range(n, 5, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_two_part_split_gives_the_same),
        cmocka_unit_test(every_example_gives_the_same_at_every_split),
        cmocka_unit_test(a_number_behind_a_sign_is_found_at_every_split),
        cmocka_unit_test(random_splits_give_the_same),
        cmocka_unit_test(prose_holds_no_more_than_the_last_word),
        cmocka_unit_test(a_key_longer_than_any_is_found_and_bounded),
        cmocka_unit_test(a_long_channel_does_not_grow_the_arena),
        cmocka_unit_test(small_pieces_need_little_memory),
        cmocka_unit_test(a_tape_ends_once),
        cmocka_unit_test(the_limit_counts_per_kind_over_the_channel),
        cmocka_unit_test(each_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
