/* Answers without messages: a text that goes on, streamed and whole, and vectors. What is withheld or masked
 * is so however the stream is cut. */
#include "review_help.h"

#define HEAD                                                                                             \
    "\"id\":\"cmpl-7\",\"object\":\"text_completion\",\"created\":1764000000,\"model\":\"gpt-3.5-turbo-" \
    "instruct\""
#define CHUNK(i, s, logprobs, finish)                                                          \
    "data: {" HEAD ",\"choices\":[{\"text\":\"" s "\",\"index\":" #i ",\"logprobs\":" logprobs \
    ",\"finish_reason\":" finish "}]}\n\n"
#define TEXT(i, s) CHUNK(i, s, "null", "null")
#define FINISH(i) CHUNK(i, "", "null", "\"stop\"")
/* The old form: names are tokens. */
#define TOKEN(s, top)                                                                                     \
    CHUNK(0, s,                                                                                           \
          "{\"tokens\":[\"" s "\"],\"token_logprobs\":[-0.1],\"text_offset\":[4],\"top_logprobs\":[{" top \
          "}]}",                                                                                          \
          "null")
#define USAGE      \
    "data: {" HEAD \
    ",\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":7,\"total_tokens\":12}}\n\n"
#define DONE "data: [DONE]\n\n"

static const struct {
    const char *name, *stream;
    const char *text, *masked; /* of choice 0: with what is found withheld; with it masked, NULL: cut */
    sp_status verdict;
} streams[] = {
    {"a text", TEXT(0, "Once upon") TEXT(0, " a time") FINISH(0) USAGE DONE, "Once upon a time",
     "Once upon a time", SP_OK},
    {"an address over three events",
     TEXT(0, "to anna.b") TEXT(0, "erg@exam") TEXT(0, "ple.org now") FINISH(0) DONE, "to ",
     "to [masked: email] now", SP_ELEAK},
    {"an address at the end", TEXT(0, "to anna.berg") CHUNK(0, "@example.org", "null", "\"stop\"") DONE,
     "to ", "to [masked: email]", SP_ELEAK},
    {"an address with a text between",
     TEXT(0, "to anna.berg") TEXT(1, "x y ") TEXT(0, "@example.org ") FINISH(1) FINISH(0) DONE, "to ",
     "to [masked: email] ", SP_ELEAK},
    {"an address in escapes", TEXT(0, "to anna.b\\u0065rg\\u0040ex") TEXT(0, "ample.org ") FINISH(0) DONE,
     "to ", "to [masked: email] ", SP_ELEAK},
    {"tokens that repeat the text",
     TOKEN("All", "\"All\":-0.1,\"No\":-3") TOKEN(" fine ", "\" fine\":-0.1") FINISH(0) DONE, "All fine ",
     "All fine ", SP_OK},
    {"an address in tokens", TOKEN("to ", "") TOKEN("anna.berg", "") TOKEN("@example.org", "") FINISH(0) DONE,
     "to ", NULL, SP_ELEAK},
    {"a card in the likeliest tokens",
     TOKEN("a ", "\"4111\":-0.1,\"x\":-9") TOKEN("b ", "\"1111\":-0.1") TOKEN("c ", "\"1111\":-0.1")
         TOKEN("d ", "\"1111\":-0.1") FINISH(0) DONE,
     NULL, NULL, SP_ELEAK},
    {"an address in a token that was not chosen",
     TOKEN("a ", "\"a\":-0.1,\"anna.berg@example.org\":-3") FINISH(0) DONE, "", NULL, SP_ELEAK},
    {"an address in place of a number", TOKEN("a ", "\"a\":\"anna.berg@example.org\"") FINISH(0) DONE, "",
     NULL, SP_ELEAK},
    {"a number for a text", "data: {" HEAD ",\"choices\":[{\"index\":0,\"text\":4111111111111111}]}\n\n" DONE,
     "", NULL, SP_EUPSYNTAX},
    {"a message that nobody asked for",
     "data: {" HEAD
     ",\"choices\":[{\"index\":0,\"message\":{\"content\":\"anna.berg@example.org\"}}]}\n\n" DONE,
     "", NULL, SP_ELEAK},
};
enum { N_STREAMS = sizeof streams / sizeof streams[0] };

#define FOUND (SP_CAT_BIT(SP_CAT_PII) | SP_CAT_BIT(SP_CAT_PCI))

static sp_review_options options_as(const fixture *f, sp_operation operation, bool is_stream, bool masks)
{
    sp_review_options options = options_of(f, SP_DIALECT_OPENAI, is_stream);
    options.operation = operation;
    options.withhold = masks ? 0 : FOUND;
    options.mask = masks ? FOUND : 0;
    return options;
}

/* Bytes of the first piece, and of those that follow. */
typedef struct cuts {
    size_t first, step;
} cuts;

/* One run: what the client got goes to `out`. */
static sp_status run(const fixture *f, size_t i, bool masks, cuts c, sp_buf *out)
{
    const sp_review_options options = options_as(f, SP_OP_COMPLETE, true, masks);
    const sp_bytes all = sp_bytes_of(streams[i].stream);
    play p;
    play_begin(&p, &options);
    for (size_t at = 0, end = c.first; at < all.n || end == 0; at = end, end = at + c.step)
        play_feed(&p, f, sp_bytes_sub(all, at, end), end >= all.n);
    assert_true(p.is_end && p.n_outcome == 1);
    out->n = 0;
    sp_buf_append(out, sp_buf_bytes(&p.client));
    const sp_status verdict = p.verdict;
    play_end(&p);
    return verdict;
}

static void check_text(size_t i, bool masks, const sp_buf *client, sp_mem *mem)
{
    const char *expected = masks && streams[i].masked != NULL ? streams[i].masked : streams[i].text;
    texts got;
    texts_read(&got, sp_buf_bytes(client), mem);
    if (expected != NULL && strcmp(texts_get(&got, "0.text"), expected) != 0)
        fail_msg("%s: %s", streams[i].name, texts_get(&got, "0.text"));
    assert_int_equal(got.n_bad, 0);
    assert_false(has_bytes(sp_buf_bytes(client), "anna.berg") || has_bytes(sp_buf_bytes(client), "1111"));
}

static void check_stream(const fixture *f, size_t i, bool masks)
{
    sp_arena arena;
    sp_arena_init(&arena, MEMORY);
    const size_t n = strlen(streams[i].stream);
    sp_buf whole = SP_BUF_IN(&arena.mem), cut = SP_BUF_IN(&arena.mem);
    const sp_status verdict = run(f, i, masks, (cuts){n, n}, &whole);
    const sp_status expected = masks && streams[i].masked != NULL ? SP_OK : streams[i].verdict;
    if (verdict != expected) fail_msg("%s: %d", streams[i].name, (int)verdict);
    check_text(i, masks, &whole, &arena.mem);
    for (size_t at = 0; at <= n; at++) {
        const bool is_bytes = at == n; /* every byte by itself */
        const cuts c = is_bytes ? (cuts){1, 1} : (cuts){at, n};
        assert_int_equal(run(f, i, masks, c, &cut), verdict);
        if (!sp_bytes_eq(sp_buf_bytes(&whole), sp_buf_bytes(&cut)))
            fail_msg("%s: cut at %zu", streams[i].name, at);
    }
    sp_arena_fini(&arena);
}

static void texts_of_a_stream_are_held_masked_and_cut(void **state)
{
    for (size_t i = 0; i < N_STREAMS; i++) {
        check_stream(*state, i, false);
        check_stream(*state, i, true);
    }
}

/* ---- whole answers ---- */

static const struct {
    const char *name;
    sp_operation operation;
    const char *answer;
    uint32_t n_choices;
    const char *masked; /* NULL: cut in any case */
    sp_status verdict;
} wholes[] = {
    {"a text", SP_OP_COMPLETE,
     "{" HEAD ",\"choices\":[{\"index\":0,\"text\":\"fine\",\"finish_reason\":\"stop\"}]}", 1, "fine", SP_OK},
    {"an address", SP_OP_COMPLETE,
     "{" HEAD ",\"choices\":[{\"index\":0,\"text\":\"to anna.b\\u0065rg@example.org.\"}]}", 1,
     "to [masked: email].", SP_ELEAK},
    {"an address over tokens", SP_OP_COMPLETE,
     "{" HEAD ",\"choices\":[{\"index\":0,\"text\":\"x\",\"logprobs\":{\"tokens\":[\"anna.berg\",\"@exam\","
     "\"ple.org\"]}}]}",
     1, NULL, SP_ELEAK},
    {"a card over the likeliest tokens", SP_OP_COMPLETE,
     "{" HEAD
     ",\"choices\":[{\"index\":0,\"text\":\"x\",\"logprobs\":{\"top_logprobs\":[{\"4111\":-1,\"a\":-2},"
     "{\"1111\":-1},{\"1111\":-1},{\"1111\":-1}]}}]}",
     1, NULL, SP_ELEAK},
    {"more texts than asked for", SP_OP_COMPLETE,
     "{" HEAD ",\"choices\":[{\"index\":0,\"text\":\"a\"},{\"index\":1,\"text\":\"b\"}]}", 1, NULL,
     SP_EUPSYNTAX},
    {"a vector, though its digits read like a card", SP_OP_EMBED,
     "{\"object\":\"list\",\"data\":[{\"object\":\"embedding\",\"index\":0,\"embedding\":[4111111111111111,-"
     "0.5,1e-3]}],"
     "\"model\":\"m\",\"usage\":{\"prompt_tokens\":1,\"total_tokens\":1}}",
     1, "4111111111111111,-0.5,1e-3", SP_OK},
    {"a vector for each token", SP_OP_EMBED, "{\"data\":[{\"index\":0,\"embedding\":[[0.1],[0.2]]}]}", 1,
     "[[0.1],[0.2]]", SP_OK},
    {"a vector in base64", SP_OP_EMBED, "{\"data\":[{\"index\":0,\"embedding\":\"AACAPwAAAEA=\"}]}", 1,
     "AACAPwAAAEA=", SP_OK},
    {"a text for a vector", SP_OP_EMBED,
     "{\"data\":[{\"index\":0,\"embedding\":\"to anna.berg@example.org\"}]}", 1, NULL, SP_ELEAK},
    {"a text in a vector", SP_OP_EMBED,
     "{\"data\":[{\"index\":0,\"embedding\":[0.1,\"anna.berg@example.org\"]}]}", 1, NULL, SP_ELEAK},
    {"a text beside a vector", SP_OP_EMBED,
     "{\"data\":[{\"index\":0,\"embedding\":[0.1],\"text\":\"anna.berg@example.org\"}]}", 1, NULL, SP_ELEAK},
    {"more vectors than texts", SP_OP_EMBED,
     "{\"data\":[{\"index\":0,\"embedding\":[1]},{\"index\":1,\"embedding\":[1]}]}", 1, NULL, SP_EUPSYNTAX},
    {"an error that quotes", SP_OP_EMBED, "{\"error\":{\"message\":\"anna.berg@example.org is no model\"}}",
     1, NULL, SP_ELEAK},
};

static void whole_answers_are_read_by_their_table(void **state)
{
    for (size_t i = 0; i < 2 * sizeof wholes / sizeof wholes[0]; i++) {
        const size_t row = i / 2;
        const bool masks = i % 2 == 1 && wholes[row].masked != NULL;
        sp_review_options options = options_as(*state, wholes[row].operation, false, masks);
        options.n_choices = wholes[row].n_choices;
        play p;
        play_whole(&p, *state, &options, wholes[row].answer);
        if (p.verdict != (masks ? SP_OK : wholes[row].verdict))
            fail_msg("%s: %d", wholes[row].name, (int)p.verdict);
        if (p.verdict == SP_OK) assert_true(has_bytes(sp_buf_bytes(&p.client), wholes[row].masked));
        if (p.verdict != SP_OK) assert_int_equal(p.client.n, 0);
        play_end(&p);
    }
}

/* A batch of large vectors is no list of texts: memory stays near the body. */
static void vectors_take_no_room_of_texts(void **state)
{
    enum { N = 200000 };
    const fixture *f = *state;
    const sp_review_options options = options_as(f, SP_OP_EMBED, false, false);
    sp_review_options large = options;
    sp_review_summary s;
    play p;
    large.held_max = 16 << 20;
    play_begin(&p, &large);
    sp_buf body = SP_BUF_IN(&p.arena.mem);
    sp_buf_append_str(&body, "{\"data\":[{\"index\":0,\"embedding\":[0");
    for (size_t i = 0; i < N; i++) sp_buf_append_str(&body, ",-0.0218432143");
    sp_buf_append_str(&body, "]}],\"usage\":{\"prompt_tokens\":9,\"total_tokens\":9}}");
    const size_t before = p.arena.mem.used;
    play_feed(&p, f, sp_buf_bytes(&body), true);
    assert_int_equal(p.verdict, SP_OK);
    assert_true(p.arena.mem.used - before < 12 * body.n);
    sp_review_summarise(p.review, &s);
    assert_int_equal(s.tokens_in, 9);
    play_end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_of_a_stream_are_held_masked_and_cut),
        cmocka_unit_test(whole_answers_are_read_by_their_table),
        cmocka_unit_test(vectors_take_no_room_of_texts),
    };
    return cmocka_run_group_tests_name("completions", tests, set_up, tear_down);
}
