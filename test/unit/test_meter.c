/* What a scan may cost: texts made to keep the detectors busy end with SP_EWORK, whichever way they are
 * scanned, and lists of everyday do not come near. */
#include "engine_help.h"
#include "detect/detect_internal.h"
#include "sallyport/custom.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { N = 256 << 10, LIMIT = 100, MEMORY = 64 << 20, HEADROOM = 4 };

static uint8_t text[N];

/* Each value reads on over all that follow it. */
static const char hostile[] = "_auth=";

static sp_bytes fill(const char *unit, size_t size)
{
    const size_t n = strlen(unit);
    for (size_t i = 0; i < size; i++) text[i] = (uint8_t)unit[i % n];
    return (sp_bytes){text, size};
}

static void a_hostile_text_is_not_looked_through(void **state)
{
    (void)state;
    sp_arena arena;
    sp_arena_init(&arena, MEMORY);
    sp_findings found = SP_FINDINGS_IN(&arena.mem, LIMIT);
    const sp_bytes all = fill(hostile, N);
    for (unsigned again = 0; again < 2; again++) {
        assert_int_equal(sp_scan(&found, engine, scratch, all), SP_EWORK);
        assert_int_equal(sp_scan_whole(&found, engine, scratch, all), SP_EWORK);
    }
    const sp_scan_in in = {engine, scratch, all, {NULL, 0}, &arena.mem};
    assert_int_equal(sp_scan_disguised(&found, &in), SP_EWORK);
    /* What is short may cost what it costs, and what follows is another scan. */
    assert_int_equal(sp_scan(&found, engine, scratch, fill(hostile, 512)), SP_OK);
    assert_int_equal(sp_scan(&found, engine, scratch, fill("the quick brown fox ", N)), SP_OK);
    sp_arena_fini(&arena);
}

/* The work of all parts is one: messages without number cost no more than one. */
static void parts_are_charged_together(void **state)
{
    (void)state;
    enum { PART = 8000, PARTS = N / PART };
    static sp_part parts[PARTS];
    sp_arena arena;
    sp_arena_init(&arena, MEMORY);
    sp_findings found = SP_FINDINGS_IN(&arena.mem, LIMIT);
    const sp_bytes all = {fill(hostile, (size_t)PART * PARTS).p, (size_t)PART * PARTS};
    for (size_t i = 0; i < PARTS; i++) {
        text[(i + 1) * PART - 1] = '\n';
        parts[i] = (sp_part){.end = (uint32_t)((i + 1) * PART)};
    }
    assert_int_equal(sp_scan_parts(&found, engine, scratch, all, (sp_parts){parts, PARTS}), SP_EWORK);
    assert_false(parts[PARTS - 1].verdict.is_known);
    sp_arena_fini(&arena);
}

/* A stream is charged over all its pieces, and lets nothing go once it is over. */
static void a_stream_ends(void **state)
{
    (void)state;
    enum { PIECE = 10000 };
    sp_arena arena;
    sp_arena_init(&arena, MEMORY);
    sp_findings found = SP_FINDINGS_IN(&arena.mem, LIMIT);
    const sp_bytes all = fill(hostile, N);
    sp_tape *tape;
    uint64_t release = 0;
    size_t n_fed = 0;
    sp_status status = sp_tape_new(&tape, engine, scratch, &arena.mem);
    for (; (n_fed + 1) * PIECE < N && status == SP_OK; n_fed++)
        status = sp_tape_feed(tape, sp_bytes_sub(all, n_fed * PIECE, (n_fed + 1) * PIECE), false, &found,
                              &release);
    assert_int_equal(status, SP_EWORK);
    assert_true(n_fed > 0 && release <= (n_fed - 1) * PIECE);
    sp_arena_fini(&arena);
}

/* ---- lists of everyday ---- */

static uint32_t seed;

static unsigned any(unsigned n)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % n;
}

static const char *hex(void)
{
    static char v[33];
    for (size_t i = 0; i < 32; i++) v[i] = "0123456789abcdef"[any(16)];
    return v;
}

typedef int one_line(char *to, size_t room);

static int matrix(char *to, size_t room)
{
    return snprintf(to, room, "%u %u %u %u %u %u %u %u ", any(10), any(10), any(2), any(10), any(10), any(10),
                    any(10), any(10));
}

static int integers(char *to, size_t room)
{
    return snprintf(to, room, "%u %u %u %u %u %u\n", any(999), any(999), any(9), any(99999), any(999),
                    any(99));
}

static int csv(char *to, size_t room)
{
    return snprintf(to, room, "%u,%u.%u,%u,%u,%u\n", any(99999), any(999), any(999), any(9), any(999999),
                    any(99));
}

static int card(char *to, size_t room)
{
    return snprintf(to, room, "4%03u %04u %04u %04u\n", any(1000), any(10000), any(10000), any(10000));
}

static int mail(char *to, size_t room)
{
    return snprintf(to, room, "user%u.name@host%u.example.org\n", any(99999), any(999));
}

static int account(char *to, size_t room)
{
    return snprintf(to, room, "id: %u tax id: %u account: %u customer no %u\n", 100000000 + any(1 << 20),
                    1000000000 + any(1 << 20), any(99999999), any(999999));
}

static int person(char *to, size_t room)
{
    return snprintf(to, room, "Anna Weber,ssn %03u-%02u-%04u,Main Street %u,+49 30 %u\n", 1 + any(700),
                    any(99), any(9999), any(99), 1000000 + any(9000000));
}

static int log_line(char *to, size_t room)
{
    return snprintf(to, room, "2026-11-%02uT10:%02u:05.123Z 10.0.%u.%u GET /v1/items/%u 200 %u\n",
                    1 + any(28), any(60), any(256), any(256), any(99999), any(9999));
}

static int stamp(char *to, size_t room)
{
    return snprintf(to, room, "%u %u\n", 1700000000 + any(1 << 24), any(9));
}

static int secret(char *to, size_t room)
{
    static const char *const names[] = {"password", "token", "secret", "api_key", "auth", "key"};
    return snprintf(to, room, "  %s: \"%s\"\n", names[any(6)], hex());
}

static int variable(char *to, size_t room)
{
    static const char *const names[] = {"DB_PASSWORD", "AWS_SECRET", "API_TOKEN", "APP_KEY", "MAIL_HOST"};
    return snprintf(to, room, "%s=%.*s\n", names[any(5)], 4 + (int)any(28), hex());
}

static int dump(char *to, size_t room)
{
    return snprintf(to, room, "%08x  %.2s %.2s %.2s %.2s  %.2s %.2s %.2s %.2s\n", any(1 << 20), hex(), hex(),
                    hex(), hex(), hex(), hex(), hex(), hex());
}

static int chinese(char *to, size_t room)
{
    return snprintf(to, room,
                    "\u5f20\u4f1f\u5148\u751f\u4f4f\u5728\u5317\u4eac\u5e02\u671d\u9633\u533a%u\u53f7\uff0c"
                    "\u7535\u8bdd\u662f138%08u\u3002",
                    any(99), any(99999999));
}

static int russian(char *to, size_t room)
{
    return snprintf(
        to, room,
        "\u0418\u0432\u0430\u043d \u041f\u0435\u0442\u0440\u043e\u0432 \u0436\u0438\u0432\u0451\u0442 "
        "\u0432 \u041c\u043e\u0441\u043a\u0432\u0435, \u0434\u043e\u043c %u. ",
        any(99));
}

/* Digits of one place behind a word: pedigrees, marks, surveys. */
static int digits_behind(char *to, size_t room, const char *word, size_t n)
{
    int at = snprintf(to, room, "%s", word);
    for (size_t i = 0; i < n && at > 0 && (size_t)at < room; i++)
        at += snprintf(to + at, room - (size_t)at, " %u", any(6));
    return at > 0 && (size_t)at + 1 < room ? at + snprintf(to + at, room - (size_t)at, "\n") : -1;
}

static int pedigree(char *to, size_t room)
{
    return digits_behind(to, room, "FAM1 IND1", 40);
}

static int marks(char *to, size_t room)
{
    return digits_behind(to, room, "Tom", 20);
}

static int answers(char *to, size_t room)
{
    return digits_behind(to, room, "\u56de\u7b54", 30);
}

static one_line *const lists[] = {pedigree, marks,    answers, matrix,  integers, csv,
                                  card,     mail,     account, person,  log_line, stamp,
                                  secret,   variable, dump,    chinese, russian};

static size_t fill_list(one_line *line)
{
    size_t at = 0;
    for (char one[512];;) {
        const int n = line(one, sizeof one);
        if (n <= 0 || at + (size_t)n > N) return at;
        memcpy(text + at, one, (size_t)n);
        at += (size_t)n;
    }
}

static void lists_of_everyday_take_a_quarter(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        seed = 20261129;
        const size_t n = fill_list(lists[i]);
        sp_meter meter = SP_METER_NEW;
        sp_pass pass;
        assert_int_equal(sp_engine__pass_whole(&pass, engine, scratch,
                                               &(sp_pass_in){{text, n}, 0, true, 0, NULL, &meter, NULL}),
                         SP_OK);
        print_message("%6.1f of %d per byte: %.40s\n", (double)meter.used / (double)n, SP_WORK_PER_BYTE,
                      (const char *)text);
        assert_true(n > N / 2 && meter.used > 0);
        assert_true(meter.used * HEADROOM <= meter.allowed);
    }
}

/* More than are listed are found without end, and that is no reason to refuse. */
static void a_list_of_addresses_is_scanned(void **state)
{
    (void)state;
    sp_arena arena;
    sp_arena_init(&arena, MEMORY);
    sp_findings found = SP_FINDINGS_IN(&arena.mem, LIMIT);
    seed = 1;
    const sp_bytes all = {text, fill_list(mail)};
    const sp_scan_in in = {engine, scratch, all, {NULL, 0}, &arena.mem};
    assert_int_equal(sp_scan_disguised(&found, &in), SP_OK);
    assert_true(found.is_full && found.n >= LIMIT);
    sp_arena_fini(&arena);
}

/* ---- detectors of an organisation ---- */

static int base64(char *to, size_t room)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    enum { COLUMNS = 76 };
    if (room < COLUMNS + 2) return 0;
    for (size_t i = 0; i < COLUMNS; i++) to[i] = alphabet[any(64)];
    memcpy(to + COLUMNS, "\n", 2);
    return COLUMNS + 1;
}

/* Each takes any word, and where `is_beside` only if its own one stands beside it. */
static sp_custom *any_words(size_t n, bool is_beside)
{
    static sp_custom_detector v[SP_CUSTOM_MAX];
    static char words[SP_CUSTOM_MAX][32];
    size_t bad;
    sp_diag diag = {0};
    sp_custom *custom;
    for (size_t i = 0; i < n; i++) {
        (void)snprintf(words[i], sizeof words[i], "badge%zu", i);
        v[i] = (sp_custom_detector){
            .name = words[i], .pattern = "[a-zA-Z0-9]{8,60}", .words = is_beside ? words[i] : NULL};
    }
    assert_int_equal(sp_custom_new(&custom, v, n, &bad, &diag), SP_OK);
    return custom;
}

typedef struct beside {
    sp_custom *custom;
    sp_engine *engine;
    sp_scratch *scratch;
    sp_arena arena;
    sp_findings found;
} beside;

static void begin_beside(beside *b, size_t rows, bool is_beside)
{
    sp_arena_init(&b->arena, MEMORY);
    b->found = SP_FINDINGS_IN(&b->arena.mem, LIMIT);
    b->custom = any_words(rows, is_beside);
    assert_int_equal(sp_engine_with(&b->engine, engine, b->custom), SP_OK);
    assert_int_equal(sp_scratch_new(&b->scratch, b->engine), SP_OK);
}

static void end_beside(beside *b)
{
    sp_scratch_free(b->scratch);
    sp_engine_free(b->engine);
    sp_custom_free(b->custom);
    sp_arena_fini(&b->arena);
}

static sp_status scan_beside(size_t rows, bool is_beside, sp_bytes all)
{
    beside b;
    begin_beside(&b, rows, is_beside);
    const sp_status status = sp_scan(&b.found, b.engine, b.scratch, all);
    end_beside(&b);
    return status;
}

static sp_status stream_beside(size_t rows, sp_bytes all, size_t piece)
{
    beside b;
    sp_tape *tape;
    uint64_t release = 0;
    begin_beside(&b, rows, true);
    sp_status status = sp_tape_new(&tape, b.engine, b.scratch, &b.arena.mem);
    for (size_t at = 0; at < all.n && status == SP_OK; at += piece)
        status =
            sp_tape_feed(tape, sp_bytes_sub(all, at, at + piece), at + piece >= all.n, &b.found, &release);
    end_beside(&b);
    return status;
}

/* Each has a share of its own, which no other detector may spend; and there is an end to that. */
static void each_detector_of_an_organisation_has_a_share(void **state)
{
    (void)state;
    enum { SOME = N / 4, FEW = N / 16 };
    static const size_t rows[] = {1, 12, 32};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        seed = 7;
        (void)fill_list(base64);
        assert_int_equal(scan_beside(rows[i], true, (sp_bytes){text, SOME}), SP_OK);
        assert_int_equal(scan_beside(rows[i], true, fill(hostile, SOME)), SP_EWORK);
    }
    seed = 7;
    (void)fill_list(base64);
    for (size_t piece = 16; piece <= 4096; piece *= 4)
        assert_int_equal(stream_beside(12, (sp_bytes){text, FEW}, piece), SP_OK);
    assert_int_equal(scan_beside(SP_CUSTOM_MAX, true, (sp_bytes){text, SOME}), SP_EWORK);
}

/* A match is dear to find, however little is asked of it then: 0.2 us a byte of base64, of each detector. */
static void a_match_of_a_pattern_is_charged(void **state)
{
    (void)state;
    enum { SOME = N / 16 };
    seed = 7;
    (void)fill_list(base64);
    assert_int_equal(scan_beside(32, false, (sp_bytes){text, SOME}), SP_OK);
    assert_int_equal(scan_beside(48, false, (sp_bytes){text, SOME}), SP_EWORK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hostile_text_is_not_looked_through),
        cmocka_unit_test(parts_are_charged_together),
        cmocka_unit_test(a_stream_ends),
        cmocka_unit_test(lists_of_everyday_take_a_quarter),
        cmocka_unit_test(a_list_of_addresses_is_scanned),
        cmocka_unit_test(each_detector_of_an_organisation_has_a_share),
        cmocka_unit_test(a_match_of_a_pattern_is_charged),
    };
    return cmocka_run_group_tests(tests, engine_set_up, engine_tear_down);
}
