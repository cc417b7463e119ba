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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_cut_gives_the_same),
        cmocka_unit_test(test_without_a_finding_no_text_is_lost),
        cmocka_unit_test(test_with_a_finding_none_of_it_leaves),
        cmocka_unit_test(test_the_record_holds_what_came),
    };
    return cmocka_run_group_tests_name("review_splits", tests, set_up, tear_down);
}
