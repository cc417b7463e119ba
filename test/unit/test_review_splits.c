/* Laws of a reviewed stream: whatever the pieces in which it arrives, the client gets the same bytes and the
 * record the same summary; without a finding no text is lost or changed; with one none of it leaves. */
#include "review_help.h"
#include "review_streams.h"

enum { RANDOM_RUNS = 60, PIECES_MAX = 12 };

#define WITHHELD (SP_CAT_BIT(SP_CAT_PII) | SP_CAT_BIT(SP_CAT_PCI))

static sp_review_options recorded_options(const fixture *f, const recorded *r)
{
    sp_review_options options = options_of(f, r->dialect, true);
    options.hide_usage = r->hides_usage;
    options.withhold = WITHHELD;
    return options;
}

/* What a run ends with: the client's bytes, then verdict and summary. */
static void result_of(play *p, sp_buf *out)
{
    sp_buf_append(out, sp_buf_bytes(&p->client));
    sp_buf_append_str(out, "\n=> ");
    play_describe(p, out);
}

static void assert_same(const recorded *r, sp_bytes expected, play *p, const char *cuts)
{
    sp_buf got = SP_BUF_IN(&p->arena.mem);
    result_of(p, &got);
    if (sp_bytes_eq(expected, sp_buf_bytes(&got))) return;
    fail_msg("%s, cut at %s\n--- expected\n%.*s\n--- got\n%.*s", r->name, cuts, (int)expected.n,
             (const char *)expected.p, (int)got.n, (const char *)got.p);
}

static void run_cut_once(const fixture *f, const recorded *r, size_t at, sp_bytes expected)
{
    const sp_review_options options = recorded_options(f, r);
    const sp_bytes all = sp_bytes_of(r->stream);
    char cuts[24];
    play p;
    play_begin(&p, &options);
    play_feed(&p, f, sp_bytes_sub(all, 0, at), false);
    play_feed(&p, f, sp_bytes_sub(all, at, all.n), true);
    snprintf(cuts, sizeof cuts, "%zu", at);
    assert_same(r, expected, &p, cuts);
    play_end(&p);
}

static void run_cut_at_random(const fixture *f, const recorded *r, uint64_t *random, sp_bytes expected)
{
    const sp_review_options options = recorded_options(f, r);
    const sp_bytes all = sp_bytes_of(r->stream);
    char cuts[256] = "";
    play p;
    play_begin(&p, &options);
    for (size_t at = 0, i = 0; at < all.n || i == 0; i++) {
        const size_t most = all.n / (1 + random_next(random) % PIECES_MAX) + 1;
        const size_t n = 1 + random_next(random) % most;
        const size_t end = at + n < all.n ? at + n : all.n;
        play_feed(&p, f, sp_bytes_sub(all, at, end), end == all.n);
        if (strlen(cuts) < 230) snprintf(cuts + strlen(cuts), 24, "%zu ", end);
        at = end;
    }
    assert_same(r, expected, &p, cuts);
    play_end(&p);
}

static void run_byte_by_byte(const fixture *f, const recorded *r, sp_bytes expected)
{
    const sp_review_options options = recorded_options(f, r);
    const sp_bytes all = sp_bytes_of(r->stream);
    play p;
    play_begin(&p, &options);
    for (size_t at = 0; at < all.n; at++) play_feed(&p, f, sp_bytes_sub(all, at, at + 1), at + 1 == all.n);
    assert_same(r, expected, &p, "every byte");
    play_end(&p);
}

static void test_every_cut_gives_the_same(void **state)
{
    const fixture *f = *state;
    uint64_t random = 0x9e3779b97f4a7c15;
    for (size_t i = 0; i < N_RECORDED; i++) {
        const recorded *r = &recorded_streams[i];
        const sp_review_options options = recorded_options(f, r);
        play p;
        play_whole(&p, f, &options, r->stream);
        if (p.verdict != r->verdict)
            fail_msg("%s: verdict %d, got\n%.*s", r->name, p.verdict, (int)p.client.n,
                     (const char *)p.client.p);
        assert_true(p.is_end);
        sp_buf expected = SP_BUF_IN(&p.arena.mem);
        result_of(&p, &expected);
        for (size_t at = 0; at <= strlen(r->stream); at++) run_cut_once(f, r, at, sp_buf_bytes(&expected));
        for (size_t run = 0; run < RANDOM_RUNS; run++)
            run_cut_at_random(f, r, &random, sp_buf_bytes(&expected));
        run_byte_by_byte(f, r, sp_buf_bytes(&expected));
        play_end(&p);
    }
}

static void assert_same_texts(const recorded *r, texts *sent, texts *got)
{
    assert_int_equal(got->n_bad, 0);
    for (size_t i = 0; i < sent->n; i++) {
        const char *text = texts_get(got, sent->name[i]);
        if (strcmp(text, texts_get(sent, sent->name[i])) == 0) continue;
        fail_msg("%s, %s: \"%s\" was to be \"%s\"", r->name, sent->name[i], text,
                 texts_get(sent, sent->name[i]));
    }
    assert_string_equal((const char *)got->order.p, (const char *)sent->order.p);
}

static void test_without_a_finding_no_text_is_lost(void **state)
{
    const fixture *f = *state;
    for (size_t i = 0; i < N_RECORDED; i++) {
        const recorded *r = &recorded_streams[i];
        if (r->verdict != SP_OK) continue;
        const sp_review_options options = recorded_options(f, r);
        play p;
        texts sent, got;
        play_whole(&p, f, &options, r->stream);
        texts_read(&sent, sp_bytes_of(r->stream), &p.arena.mem);
        texts_read(&got, sp_buf_bytes(&p.client), &p.arena.mem);
        /* The last event may lack its blank line in both; nobody reads it then. */
        assert_same_texts(r, &sent, &got);
        assert_int_equal(p.n_outcome, 1);
        play_end(&p);
    }
}

/* Any run of digits of the card, the address, or its second half must not be there, however it is spelled. */
static void test_with_a_finding_none_of_it_leaves(void **state)
{
    static const char *parts[] = {"41", "1111", "anna", "berg", "b\\u0065rg", "example", "exam", "ple.org"};
    const fixture *f = *state;
    size_t n = 0;
    for (size_t i = 0; i < N_RECORDED; i++) {
        const recorded *r = &recorded_streams[i];
        if (r->verdict != SP_ELEAK) continue;
        const sp_review_options options = recorded_options(f, r);
        play p;
        texts got;
        play_whole(&p, f, &options, r->stream);
        texts_read(&got, sp_buf_bytes(&p.client), &p.arena.mem);
        assert_int_equal(got.n_bad, 0);
        for (size_t t = 0; t < got.n; t++) {
            for (size_t k = 0; k < sizeof parts / sizeof parts[0]; k++)
                assert_null(strstr(texts_get(&got, got.name[t]), parts[k]));
        }
        for (size_t k = 2; k < sizeof parts / sizeof parts[0]; k++) {
            if (has_bytes(sp_buf_bytes(&p.client), parts[k])) fail_msg("%s: %s left", r->name, parts[k]);
        }
        assert_true(has_bytes(sp_buf_bytes(&p.client), "answer_withheld"));
        assert_int_equal(p.n_outcome, 1);
        n++;
        play_end(&p);
    }
    assert_true(n >= 10);
}

/* The record holds what came, byte for byte, up to where the answer was cut. */
static void test_the_record_holds_what_came(void **state)
{
    const fixture *f = *state;
    for (size_t i = 0; i < N_RECORDED; i++) {
        const recorded *r = &recorded_streams[i];
        const sp_review_options options = recorded_options(f, r);
        play p;
        play_whole(&p, f, &options, r->stream);
        assert_true(sp_bytes_eq(sp_buf_bytes(&p.record), sp_bytes_of(r->stream)));
        play_end(&p);
    }
}

/* ---- a text over blocks: clients join them ---- */

static void append_block(sp_buf *stream, unsigned index, sp_bytes text)
{
    char head[200];
    snprintf(
        head, sizeof head,
        "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":%u,\"content_block\":"
        "{\"type\":\"text\",\"text\":\"\"}}\n\n",
        index);
    sp_buf_append_str(stream, head);
    snprintf(head, sizeof head,
             "event: content_block_delta\ndata: "
             "{\"type\":\"content_block_delta\",\"index\":%u,\"delta\":{\"type\":"
             "\"text_delta\",\"text\":\"",
             index);
    sp_buf_append_str(stream, head);
    sp_buf_append(stream, text);
    snprintf(head, sizeof head,
             "\"}}\n\nevent: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":%u}\n\n",
             index);
    sp_buf_append_str(stream, head);
}

/* The text in three blocks that end at `i`, `k` and its end. The play has begun. */
static void play_blocks(play *p, const fixture *f, sp_bytes text, size_t i, size_t k)
{
    sp_buf stream = SP_BUF_IN(&p->arena.mem);
    sp_buf_append_str(&stream, MESSAGE_START);
    append_block(&stream, 0, sp_bytes_sub(text, 0, i));
    append_block(&stream, 1, sp_bytes_sub(text, i, k));
    append_block(&stream, 2, sp_bytes_sub(text, k, text.n));
    sp_buf_append_str(&stream, MESSAGE_DELTA("end_turn") MESSAGE_STOP);
    play_feed(p, f, sp_buf_bytes(&stream), true);
}

static void joined_blocks(play *p, char *out, size_t size)
{
    texts got;
    texts_read(&got, sp_buf_bytes(&p->client), &p->arena.mem);
    assert_int_equal(got.n_bad, 0);
    snprintf(out, size, "%s%s%s", texts_get(&got, "0.text"), texts_get(&got, "1.text"),
             texts_get(&got, "2.text"));
}

typedef struct blocks_row {
    const char *text, *never; /* NULL: all of it leaves */
} blocks_row;

static void run_blocks(const fixture *f, const blocks_row *row, size_t i, size_t k)
{
    sp_review_options options = options_of(f, SP_DIALECT_ANTHROPIC, true);
    options.withhold = WITHHELD | SP_CAT_BIT(SP_CAT_CREDENTIALS);
    char got[256];
    play p;
    play_begin(&p, &options);
    play_blocks(&p, f, sp_bytes_of(row->text), i, k);
    joined_blocks(&p, got, sizeof got);
    const bool is_right = row->never == NULL ? p.verdict == SP_OK && strcmp(got, row->text) == 0
                                             : p.verdict == SP_ELEAK && strstr(got, row->never) == NULL;
    if (!is_right) fail_msg("%s at %zu and %zu: %d, %s", row->text, i, k, p.verdict, got);
    play_end(&p);
}

/* Wherever its blocks end: nothing of a value leaves, and other texts are whole. */
static void test_a_text_over_blocks_is_one_text(void **state)
{
    static const blocks_row rows[] = {
        {"the key is AKIAQ3EGRZTV5NKWXJ2M.", "A"},
        {"card 4111 1111 1111 1111.", "4"},
        {"write to anna.berg@example.org, please", "anna"},
        {"at 41 and at 4111 it ends as 11 or so.", NULL},
        {"ask bob@work or AKIA", NULL},
    };
    const fixture *f = *state;
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        const size_t n = strlen(rows[r].text);
        for (size_t at = 0; at < (n + 1) * (n + 1); at++) {
            const size_t i = at / (n + 1), k = at % (n + 1);
            if (i <= k) run_blocks(f, &rows[r], i, k);
        }
    }
}

/* With a call between its blocks the last word of a text goes at once; what has begun as a finding does not.
 */
static void test_a_call_between_blocks(void **state)
{
    const fixture *f = *state;
    sp_review_options options = options_of(f, SP_DIALECT_ANTHROPIC, true);
    options.withhold = SP_CAT_BIT(SP_CAT_CREDENTIALS);
    static const struct {
        const char *first;
        bool waits;
    } rows[] = {{"Let me look", false}, {"the key is AKIAQ3EGRZ", true}};
    for (size_t r = 0; r < 2; r++) {
        play p;
        play_begin(&p, &options);
        sp_buf stream = SP_BUF_IN(&p.arena.mem);
        sp_buf_append_str(&stream, MESSAGE_START);
        append_block(&stream, 0, sp_bytes_of(rows[r].first));
        sp_buf_append_str(&stream, TOOL_START(1, "f"));
        play_feed(&p, f, sp_buf_bytes(&stream), false);
        assert_int_equal(has_bytes(sp_buf_bytes(&p.client), "\"content_block_stop\""), !rows[r].waits);
        stream.n = 0;
        sp_buf_append_str(&stream, INPUT(1, "{}") BLOCK_STOP(1));
        append_block(&stream, 2, SP_LIT("TV5NKWXJ2M"));
        play_feed(&p, f, sp_buf_bytes(&stream), false);
        assert_int_equal(p.verdict, rows[r].waits ? SP_ELEAK : SP_OK);
        assert_false(has_bytes(sp_buf_bytes(&p.client), "AKIA"));
        play_end(&p);
    }
}

/* What a block's end holds back is bounded like all that is held: with too much behind it, it is let go. */
static void test_the_end_of_a_block_is_not_held_for_ever(void **state)
{
    const fixture *f = *state;
    sp_review_options options = options_of(f, SP_DIALECT_ANTHROPIC, true);
    options.withhold = SP_CAT_BIT(SP_CAT_CREDENTIALS);
    options.held_max = 2000;
    play p;
    play_begin(&p, &options);
    sp_buf stream = SP_BUF_IN(&p.arena.mem);
    sp_buf_append_str(&stream, MESSAGE_START);
    append_block(&stream, 0, SP_LIT("A sentence ends with its full stop."));
    append_block(&stream, 1, SP_LIT(" It ends with AKIAQ3EGRZ"));
    sp_buf_append_str(&stream, THINKING_START(2));
    play_feed(&p, f, sp_buf_bytes(&stream), false);
    assert_true(has_bytes(sp_buf_bytes(&p.client), "\"stop.\""));
    assert_false(has_bytes(sp_buf_bytes(&p.client), "AKIAQ3EGRZ"));
    for (size_t i = 0; i < 40; i++) play_feed(&p, f, SP_LIT(THINKING(2, "so it goes. ")), false);
    assert_true(has_bytes(sp_buf_bytes(&p.client), "AKIAQ3EGRZ"));
    assert_true(has_bytes(sp_buf_bytes(&p.client), "so it goes"));
    play_feed(&p, f, SP_LIT(BLOCK_STOP(2) MESSAGE_DELTA("end_turn") MESSAGE_STOP), true);
    assert_int_equal(p.verdict, SP_OK);
    play_end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_cut_gives_the_same),
        cmocka_unit_test(test_without_a_finding_no_text_is_lost),
        cmocka_unit_test(test_with_a_finding_none_of_it_leaves),
        cmocka_unit_test(test_the_record_holds_what_came),
        cmocka_unit_test(test_a_text_over_blocks_is_one_text),
        cmocka_unit_test(test_a_call_between_blocks),
        cmocka_unit_test(test_the_end_of_a_block_is_not_held_for_ever),
    };
    return cmocka_run_group_tests_name("review_splits", tests, set_up, tear_down);
}
