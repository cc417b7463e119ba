/* The canary of an application in an answer: found in each writing, however it is cut, and masked before any
 * of it has left; where fewer characters are the same, or others stand between them, nothing is. */
#include "review_cut_help.h"

#define CANARY "3f9ac2d81b04e7a6"
#define MASK "[masked: system-prompt-leak]"

typedef struct row {
    const char *name;
    const char *text, *got; /* without escapes; got NULL: the text itself */
    uint32_t n_found;
} row;

static const row rows[] = {
    {"as it is", "Rules (ref " CANARY ") end", "Rules (ref " MASK ") end", 1},
    {"at the end", "Rules (ref " CANARY, "Rules (ref " MASK, 1},
    {"within a word", "xyz" CANARY "ff00", "xyz" MASK "ff00", 1},
    {"twice", CANARY " and " CANARY ".", MASK " and " MASK ".", 2},
    {"behind its own beginning", "3f9ac2d8 3f9a" CANARY " so", "3f9ac2d8 3f9a" MASK " so", 1},
    {"in capitals", "ref 3F9AC2D81B04E7A6 so", "ref " MASK " so", 1},
    {"spaced", "ref 3 f 9 a c 2 d 8 1 b 0 4 e 7 a 6 so", "ref " MASK " so", 1},
    {"in groups, as a list", "ref 3f9a\tc2d8 - 1b04 - **e7a6** so", "ref " MASK "** so", 1},
    {"backwards", "ref 6a7e40b18d2ca9f3 so", "ref " MASK " so", 1},
    {"rotated", "ref 3s9np2q81o04r7n6 so", "ref " MASK " so", 1},
    {"in hexadecimal", "ref 33 66 39 61 63 32 64 38 31 62 30 34 65 37 61 36 so", "ref " MASK " so", 1},
    {"in base 64, alone", "ref M2Y5YWMyZDgxYjA0ZTdhNg== so", "ref " MASK "g== so", 1},
    {"in base 64, behind a byte", "ref IDNmOWFjMmQ4MWIwNGU3YTY= so", "ref ID" MASK "Y= so", 1},
    {"in base 64, behind two", "ref ICAzZjlhYzJkODFiMDRlN2E2 so", "ref ICA" MASK " so", 1},
    {"its beginning", "ref 3f9ac2d81b04e7a so", NULL, 0},
    {"another end", "ref 3f9ac2d81b04e7a7 so", NULL, 0},
    {"its end", "ref f9ac2d81b04e7a6 so", NULL, 0},
    {"its digits in another order", "ref 3f9ac2d81b04e76a so", NULL, 0},
    {"too far apart", "ref 3f9ac2d8                 1b04e7a6 so", NULL, 0},
    {"letters between", "ref 3f9ac2d8 and 1b04e7a6 so", NULL, 0},
    {"nothing", "", NULL, 0},
};

typedef enum policy { NOTHING = 0, WITHHOLDS, PASSES } policy;

typedef struct setting {
    sp_arena arena;
    sp_canary *canary;
} setting;

static void begin(setting *s)
{
    sp_arena_init(&s->arena, 1 << 16);
    assert_int_equal(sp_canary_new(&s->canary, (const uint8_t *)CANARY, &s->arena.mem), SP_OK);
    assert_true(s->arena.mem.used <= 1536);
}

static sp_review_options options_with(const fixture *f, const setting *s, bool is_stream, policy what)
{
    sp_review_options options = options_of(f, SP_DIALECT_OPENAI, is_stream);
    options.canary = s->canary;
    if (what == WITHHOLDS) sp_bits256_add(&options.kinds.withheld, SP_KIND_SYSTEM_PROMPT);
    if (what == PASSES) sp_bits256_add(&options.kinds.passed, SP_KIND_SYSTEM_PROMPT);
    return options;
}

static void check(const row *r, const play *p, const char *got, size_t step)
{
    sp_review_summary s;
    const char *want = r->got != NULL ? r->got : r->text;
    sp_review_summarise(p->review, &s);
    if (p->verdict != SP_OK || s.n_findings != r->n_found || (got != NULL && strcmp(got, want) != 0))
        fail_msg("%s, in steps of %zu: verdict %d, %zu found: \"%s\"", r->name, step, p->verdict,
                 s.n_findings, got != NULL ? got : "");
    for (size_t i = 0; i < s.n_findings; i++) {
        assert_int_equal(s.findings[i].finding.kind, SP_KIND_SYSTEM_PROMPT);
        assert_int_equal(s.findings[i].finding.confidence, 100);
    }
}

static void streams_are_masked_however_they_are_cut(void **state)
{
    const fixture *f = *state;
    setting s;
    begin(&s);
    const sp_review_options options = options_with(f, &s, true, NOTHING);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (size_t step = 1; step < 40; step++) {
            play p;
            texts got;
            play_begin(&p, &options);
            const char *text = play_cut(&p, &got, f, rows[i].text, step);
            check(&rows[i], &p, text, step);
            play_end(&p);
        }
    }
    sp_arena_fini(&s.arena);
}

/* What may become a canary stays behind while a model is silent. */
static void a_silence_lets_nothing_out(void **state)
{
    static const row split = {"over a silence", "", "ref " MASK " so", 1};
    const fixture *f = *state;
    setting s;
    begin(&s);
    const sp_review_options options = options_with(f, &s, true, NOTHING);
    for (size_t at = 1; at < sizeof CANARY - 1; at++) {
        play p;
        texts got;
        play_begin(&p, &options);
        sp_buf stream = SP_BUF_IN(&p.arena.mem);
        append_piece(&stream, SP_LIT("ref "));
        append_piece(&stream, (sp_bytes){(const uint8_t *)CANARY, at});
        sp_buf_append_str(&stream, REASONING(0, "well "));
        append_piece(&stream, sp_bytes_of(&CANARY[at]));
        append_cut(&stream, " so", 3);
        const char *text = play_text(&p, &got, f, &stream);
        check(&split, &p, text, at);
        play_end(&p);
    }
    sp_arena_fini(&s.arena);
}

/* ---- over text blocks, which clients join ---- */

typedef struct blocks {
    const char *name;
    const char *text[3];
    const char *got[3];
    policy policy;
    uint32_t n_found;
    sp_status verdict;
} blocks;

static const blocks block_rows[] = {
    {"over two", {"ref 3f9ac2d8", "1b04e7a6 ok"}, {"ref ", ""}, NOTHING, 1, SP_ELEAK},
    {"over three", {"ref 3f9a", "c2d8 1b", "04e7a6 ok"}, {"ref ", "", ""}, NOTHING, 1, SP_ELEAK},
    {"with an empty one between",
     {"ref 3f9ac2d8", "", "1b04e7a6 ok"},
     {"ref ", "", ""},
     NOTHING,
     1,
     SP_ELEAK},
    {"behind one", {"ref ", "3f9ac2d81b04e7a6 ok"}, {"ref ", MASK " ok"}, NOTHING, 1, SP_OK},
    {"behind its own beginning",
     {"ref 3f9a", "3f9ac2d81b04e7a6 ok"},
     {"ref 3f9a", MASK " ok"},
     NOTHING,
     1,
     SP_OK},
    {"another end", {"ref 3f9ac2d8", "1b04e7a7 ok"}, {"ref 3f9ac2d8", "1b04e7a7 ok"}, NOTHING, 0, SP_OK},
    {"its beginning and no more", {"ref 3f9ac2d8", "1b04"}, {"ref 3f9ac2d8", "1b04"}, NOTHING, 0, SP_OK},
    {"its beginning and an empty one", {"ref 3f9ac2d8", ""}, {"ref 3f9ac2d8", ""}, NOTHING, 0, SP_OK},
    {"policy lets it leave",
     {"ref 3f9ac2d8", "1b04e7a6 ok"},
     {"ref 3f9ac2d8", "1b04e7a6 ok"},
     PASSES,
     1,
     SP_OK},
    {"policy withholds it", {"ref 3f9ac2d8", "1b04e7a6 ok"}, {"ref ", ""}, WITHHOLDS, 1, SP_ELEAK},
};

static void append_block_event(sp_buf *out, const char *type, size_t block, const char *rest)
{
    char line[256];
    snprintf(line, sizeof line, "event: %s\ndata: {\"type\":\"%s\",\"index\":%zu%s}\n\n", type, type, block,
             rest);
    sp_buf_append_str(out, line);
}

static void append_block(sp_buf *out, const char *text, size_t block, size_t step)
{
    char rest[128];
    const size_t n = strlen(text);
    append_block_event(out, "content_block_start", block,
                       ",\"content_block\":{\"type\":\"text\",\"text\":\"\"}");
    for (size_t at = 0; at < n; at += step) {
        const size_t left = n - at;
        snprintf(rest, sizeof rest, ",\"delta\":{\"type\":\"text_delta\",\"text\":\"%.*s\"}",
                 (int)(left < step ? left : step), text + at);
        append_block_event(out, "content_block_delta", block, rest);
    }
    append_block_event(out, "content_block_stop", block, "");
}

static void stream_blocks(const fixture *f, const setting *s, const blocks *r, size_t step)
{
    sp_review_options options = options_with(f, s, true, r->policy);
    sp_review_summary summary;
    texts got;
    play p;
    options.dialect = sp_dialect_get(SP_DIALECT_ANTHROPIC);
    play_begin(&p, &options);
    sp_buf stream = SP_BUF_IN(&p.arena.mem);
    sp_buf_append_str(&stream, MESSAGE_START);
    for (size_t i = 0; i < 3 && r->text[i] != NULL; i++) append_block(&stream, r->text[i], i, step);
    sp_buf_append_str(&stream, MESSAGE_DELTA("end_turn") MESSAGE_STOP);
    play_feed(&p, f, sp_buf_bytes(&stream), true);
    texts_read(&got, sp_buf_bytes(&p.client), &p.arena.mem);
    sp_review_summarise(p.review, &summary);
    if (p.verdict != r->verdict || summary.n_findings != r->n_found)
        fail_msg("%s, in steps of %zu: verdict %d, %zu found", r->name, step, p.verdict, summary.n_findings);
    for (size_t i = 0; i < 3 && r->text[i] != NULL; i++) {
        char name[16];
        snprintf(name, sizeof name, "%zu.text", i);
        const char *text = texts_get(&got, name);
        if (strcmp(text, r->got[i]) != 0)
            fail_msg("%s, in steps of %zu: block %zu is \"%s\"", r->name, step, i, text);
    }
    play_end(&p);
}

static void blocks_are_read_as_one(void **state)
{
    setting s;
    begin(&s);
    for (size_t i = 0; i < sizeof block_rows / sizeof block_rows[0]; i++) {
        for (size_t step = 1; step < 24; step++) stream_blocks(*state, &s, &block_rows[i], step);
    }
    sp_arena_fini(&s.arena);
}

static void play_answer(play *p, const fixture *f, const sp_review_options *options, const char *text)
{
    play_begin(p, options);
    sp_buf answer = SP_BUF_IN(&p->arena.mem);
    sp_buf_append_str(&answer, "{\"choices\":[{\"message\":{\"content\":\"");
    sp_buf_append_json(&answer, sp_bytes_of(text));
    sp_buf_append_str(&answer, "\"}}]}");
    play_feed(p, f, sp_buf_bytes(&answer), true);
}

static void whole_answers_are_masked(void **state)
{
    const fixture *f = *state;
    setting s;
    begin(&s);
    const sp_review_options options = options_with(f, &s, false, NOTHING);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        play p;
        play_answer(&p, f, &options, rows[i].text);
        check(&rows[i], &p, NULL, 0);
        if (rows[i].got != NULL) assert_true(has_bytes(sp_buf_bytes(&p.client), rows[i].got));
        play_end(&p);
    }
    sp_arena_fini(&s.arena);
}

static void arguments_of_calls_are_masked(void **state)
{
    const fixture *f = *state;
    setting s;
    begin(&s);
    const sp_review_options options = options_with(f, &s, true, NOTHING);
    play p;
    play_whole(&p, f, &options,
               ROLE(0) CALL_BEGIN(0, 0, "call_1", "get") CALL_MORE(0, 0, "{\\\"q\\\":\\\"a " CANARY "\\\"}")
                   FINISH(0, "tool_calls") DONE);
    assert_int_equal(p.verdict, SP_OK);
    assert_false(has_bytes(sp_buf_bytes(&p.client), CANARY));
    assert_true(has_bytes(sp_buf_bytes(&p.client), "a " MASK));
    play_end(&p);
    sp_arena_fini(&s.arena);
}

static void policy_may_say_otherwise(void **state)
{
    const fixture *f = *state;
    setting s;
    begin(&s);
    for (unsigned is_stream = 0; is_stream < 2; is_stream++) {
        for (policy what = WITHHOLDS; what <= PASSES; what++) {
            const sp_review_options options = options_with(f, &s, is_stream, what);
            play p;
            if (is_stream)
                play_whole(&p, f, &options, CONTENT(0, "ref " CANARY " so") FINISH(0, "stop") DONE);
            else
                play_answer(&p, f, &options, "ref " CANARY " so");
            assert_int_equal(p.verdict, what == WITHHOLDS ? SP_ELEAK : SP_OK);
            assert_int_equal(has_bytes(sp_buf_bytes(&p.client), CANARY), what == PASSES);
            play_end(&p);
        }
    }
    sp_arena_fini(&s.arena);
}

/* Equal for all who have the key, another one for another application. */
static void each_application_has_its_own(void **state)
{
    static const char *const names[] = {"desk", "desk", "desks", ""};
    uint8_t texts_of[4][SP_CANARY_BYTES];
    uint8_t key[32] = {1, 2, 3}, long_name[256] = {0};
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(sp_canary_text(texts_of[i], key, sp_bytes_of(names[i])), SP_OK);
        for (size_t k = 0; k < SP_CANARY_BYTES; k++)
            assert_non_null(strchr("0123456789abcdef", texts_of[i][k]));
    }
    assert_memory_equal(texts_of[0], texts_of[1], SP_CANARY_BYTES);
    assert_memory_not_equal(texts_of[0], texts_of[2], SP_CANARY_BYTES);
    assert_memory_not_equal(texts_of[0], texts_of[3], SP_CANARY_BYTES);
    key[31] = 1;
    assert_int_equal(sp_canary_text(texts_of[1], key, sp_bytes_of("desk")), SP_OK);
    assert_memory_not_equal(texts_of[0], texts_of[1], SP_CANARY_BYTES);
    assert_int_equal(sp_canary_text(texts_of[1], key, (sp_bytes){long_name, 256}), SP_ERANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_are_masked_however_they_are_cut),
        cmocka_unit_test(a_silence_lets_nothing_out),
        cmocka_unit_test(blocks_are_read_as_one),
        cmocka_unit_test(whole_answers_are_masked),
        cmocka_unit_test(arguments_of_calls_are_masked),
        cmocka_unit_test(policy_may_say_otherwise),
        cmocka_unit_test(each_application_has_its_own),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
