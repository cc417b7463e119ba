/* Masking: what policy replaces is replaced wherever it stands, however the answer is cut into events and
 * pieces; all around it stays; JSON stays JSON; where nothing can be replaced the answer is cut. */
#include "review_help.h"
#include "review_streams.h"

#include "parse/escape.h"
#include "sallyport/custom.h"

enum { RANDOM_RUNS = 40, ROUNDS = 400, TEXT_MAX = 600, OUT_MAX = 16 << 10 };

#define MASKED (SP_CAT_BIT(SP_CAT_PII) | SP_CAT_BIT(SP_CAT_PCI) | SP_CAT_BIT(SP_CAT_FINANCIAL))

static sp_review_options mask_options(const fixture *f, sp_dialect_id dialect, bool is_stream)
{
    sp_review_options options = options_of(f, dialect, is_stream);
    options.mask = MASKED;
    options.withhold = SP_CAT_BIT(SP_CAT_CREDENTIALS);
    return options;
}

/* ---- streams ---- */

typedef struct masked {
    const char *name;
    sp_dialect_id dialect;
    const char *stream;
    const char *channel, *text; /* what the client joins */
    uint32_t n_masked;
    sp_status verdict;
} masked;

static const masked streams[] = {
    {"an address in one event", SP_DIALECT_OPENAI,
     ROLE(0) CONTENT(0, "Write to anna.berg@example.org today") FINISH(0, "stop") DONE, "0.content",
     "Write to [masked: email] today", 1, SP_OK},
    {"addresses that follow each other without a space", SP_DIALECT_OPENAI,
     ROLE(0) CONTENT(0, "x@a.org.anna.b") CONTENT(0, "erg@example.org x@a.organna@example.org")
         FINISH(0, "stop") DONE,
     "0.content", "[masked: email].[masked: email] x@[masked: email]", 3, SP_OK},
    {"an address over four events", SP_DIALECT_OPENAI,
     ROLE(0) CONTENT(0, "Write to an") CONTENT(0, "na.berg") CONTENT(0, "@example") CONTENT(0, ".org today")
         FINISH(0, "stop") DONE,
     "0.content", "Write to [masked: email] today", 1, SP_OK},
    {"an address at the end", SP_DIALECT_OPENAI,
     ROLE(0) CONTENT(0, "anna.berg") CONTENT(0, "@example.org") FINISH(0, "stop") DONE, "0.content",
     "[masked: email]", 1, SP_OK},
    {"two of them and a card", SP_DIALECT_OPENAI,
     ROLE(0) CONTENT(0, "a@example.org, b@exam") CONTENT(0, "ple.org; 4111 1111 1111") CONTENT(0, " 1111.")
         FINISH(0, "stop") DONE,
     "0.content", "[masked: email], [masked: email]; [masked: card].", 3, SP_OK},
    {"an address in escapes of the event", SP_DIALECT_OPENAI,
     ROLE(0) CONTENT(0, "caf\\u00e9 \\u0061nna.b\\u0065rg@example.org \\ud83d\\ude00") FINISH(0, "stop") DONE,
     "0.content", "caf\xc3\xa9 [masked: email] \xf0\x9f\x98\x80", 1, SP_OK},
    {"an address in escapes of the text, which is JSON", SP_DIALECT_OPENAI,
     ROLE(0) CONTENT(0, "{\\\"to\\\":\\\"anna.b\\\\u00") CONTENT(0, "65rg@example.org\\\",\\\"n\\\":1}")
         FINISH(0, "stop") DONE,
     "0.content", "{\"to\":\"[masked: email]\",\"n\":1}", 1, SP_OK},
    {"reasoning and content", SP_DIALECT_OPENAI,
     ROLE(0) REASONING(0, "It is anna.berg@") REASONING(0, "example.org") CONTENT(0, "Done. ")
         FINISH(0, "stop") DONE,
     "0.reasoning_content", "It is [masked: email]", 1, SP_OK},
    {"arguments of a call", SP_DIALECT_OPENAI,
     ROLE(0) CALL_BEGIN(0, 0, "call_A", "mail") CALL_MORE(0, 0, "{\\\"to\\\":\\\"anna.berg@")
         CALL_MORE(0, 0, "example.org\\\",\\\"n\\\":2}") FINISH(0, "tool_calls") DONE,
     "0.call0", "{\"to\":\"[masked: email]\",\"n\":2}", 1, SP_OK},
    {"arguments that hold nothing", SP_DIALECT_OPENAI,
     ROLE(0) CALL_BEGIN(0, 0, "call_A", "mail") CALL_MORE(0, 0, "{\\\"to\\\":") CALL_MORE(0, 0, "\\\"x\\\"}")
         FINISH(0, "tool_calls") DONE,
     "0.call0", "{\"to\":\"x\"}", 0, SP_OK},
    {"two calls, the first one masked", SP_DIALECT_OPENAI,
     ROLE(0) CALL_BEGIN(0, 0, "call_A", "mail") CALL_MORE(0, 0, "[\\\"a@example.org\\\"]")
         CALL_BEGIN(0, 1, "call_B", "mail") CALL_MORE(0, 1, "{}") FINISH(0, "tool_calls") DONE,
     "0.call0", "[\"[masked: email]\"]", 1, SP_OK},
    {"two whole calls in one event with the finish", SP_DIALECT_OPENAI,
     CHUNK(
         0,
         "{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"[1]\"}},"
         "{\"index\":1,\"id\":\"b\",\"function\":{\"name\":\"f\",\"arguments\":\"[\\\"a@example.org\\\"]\"}}"
         "]}",
         "\"tool_calls\"") DONE,
     "0.call1", "[\"[masked: email]\"]", 1, SP_OK},
    {"JSON in a string of arguments", SP_DIALECT_OPENAI,
     ROLE(0) CALL_BEGIN(0, 0, "c", "f")
         CALL_MORE(0, 0, "{\\\"body\\\":\\\"{\\\\\\\"to\\\\\\\":\\\\\\\"a@exam")
             CALL_MORE(0, 0, "ple.org\\\\\\\"}\\\"}") FINISH(0, "tool_calls") DONE,
     "0.call0", "{\"body\":\"{\\\"to\\\":\\\"[masked: email]\\\"}\"}", 1, SP_OK},
    {"a card as a number of arguments cannot be masked", SP_DIALECT_OPENAI,
     ROLE(0) CALL_BEGIN(0, 0, "c", "f") CALL_MORE(0, 0, "{\\\"card\\\":4111111111111111}")
         FINISH(0, "tool_calls") DONE,
     "0.call0", "", 0, SP_ELEAK},
    {"a card as a number in JSON in a string of arguments", SP_DIALECT_OPENAI,
     ROLE(0) CALL_BEGIN(0, 0, "c", "f") CALL_MORE(
         0, 0, "{\\\"body\\\":\\\"{\\\\\\\"card\\\\\\\":4111111111111111}\\\"}") FINISH(0, "tool_calls") DONE,
     "0.call0", "", 0, SP_ELEAK},
    {"an address as a key of arguments", SP_DIALECT_OPENAI,
     ROLE(0) CALL_BEGIN(0, 0, "c", "f") CALL_MORE(0, 0, "{\\\"a@example.org\\\":1}") FINISH(0, "tool_calls")
         DONE,
     "0.call0", "", 0, SP_ELEAK},
    {"arguments that are no JSON", SP_DIALECT_OPENAI,
     ROLE(0) CALL_BEGIN(0, 0, "c", "f") CALL_MORE(0, 0, "{\\\"to\\\":\\\"a@example.org") FINISH(0, "length")
         DONE,
     "0.call0", "", 0, SP_ELEAK},
    {"logprobs cannot be masked", SP_DIALECT_OPENAI,
     ROLE(0) TOKEN("a@example", "97") TOKEN(".org", "46") TOKEN(" so", "32") FINISH(0, "stop") DONE,
     "0.content", "", 0, SP_ELEAK},
    {"a name of a call cannot be masked", SP_DIALECT_OPENAI,
     ROLE(0) CALL_BEGIN(0, 0, "c", "a@example.org") FINISH(0, "tool_calls") DONE, "0.call0", "", 0, SP_ELEAK},
    {"what is withheld cuts all the same", SP_DIALECT_OPENAI,
     ROLE(0) CONTENT(0, "a@example.org and AKIAIOSFODNN7EXAMPLF ok") FINISH(0, "stop") DONE, "0.content",
     "[masked: email] and ", 1, SP_ELEAK},
    {"anthropic text and input", SP_DIALECT_ANTHROPIC,
     MESSAGE_START TEXT_START(0) TEXT(0, "To anna.berg") TEXT(0, "@example.org") BLOCK_STOP(0)
         TOOL_START(1, "mail") INPUT(1, "{\\\"iban\\\":\\\"DE8937040044") INPUT(1, "0532013000\\\"}")
             BLOCK_STOP(1) MESSAGE_DELTA("tool_use") MESSAGE_STOP,
     "1.partial_json", "{\"iban\":\"[masked: iban]\"}", 2, SP_OK},
    {"an address with blanks of no width", SP_DIALECT_OPENAI,
     ROLE(0) CONTENT(0, "to anna.b\xe2\x80\x8b") CONTENT(0, "erg@ex\\u200b")
         CONTENT(0, "ample.org\xe2\x80\x8b now") FINISH(0, "stop") DONE,
     "0.content", "to [masked: email]\xe2\x80\x8b now", 1, SP_OK},
    {"a card number of full width", SP_DIALECT_OPENAI,
     ROLE(0) CONTENT(0, "it is \xef\xbc\x94\\uff11") CONTENT(0, "11 1111 11\xe2\x80\x8b")
         CONTENT(0, "11 111\xf0\x9d\x9f\x8f.") FINISH(0, "stop") DONE,
     "0.content", "it is [masked: card].", 1, SP_OK},
    {"a second block, the first one ends in a letter", SP_DIALECT_ANTHROPIC,
     MESSAGE_START TEXT_START(0) TEXT(0, "x") BLOCK_STOP(0) TEXT_START(1) TEXT(1, " anna.berg@ex")
         TEXT(1, "ample.org, it is") BLOCK_STOP(1) MESSAGE_DELTA("end_turn") MESSAGE_STOP,
     "1.text", " [masked: email], it is", 1, SP_OK},
    {"what two blocks make together cannot be masked", SP_DIALECT_ANTHROPIC,
     MESSAGE_START TEXT_START(0) TEXT(0, "It is anna.berg") BLOCK_STOP(0) TEXT_START(1) TEXT(1, "@ex")
         TEXT(1, "ample.org, it is") BLOCK_STOP(1) MESSAGE_DELTA("end_turn") MESSAGE_STOP,
     "1.text", "", 0, SP_ELEAK},
    {"signed thinking cannot be masked", SP_DIALECT_ANTHROPIC,
     MESSAGE_START THINKING_START(0) THINKING(0, "a@example.org it is") SIGNATURE(0, "c2ln") BLOCK_STOP(0)
         MESSAGE_DELTA("end_turn") MESSAGE_STOP,
     "0.thinking", "", 0, SP_ELEAK},
};

static void check(const masked *row, play *p, const char *cuts)
{
    texts got;
    sp_review_summary s;
    texts_read(&got, sp_buf_bytes(&p->client), &p->arena.mem);
    sp_review_summarise(p->review, &s);
    const char *text = texts_get(&got, row->channel);
    if (p->verdict != row->verdict || strcmp(text, row->text) != 0 || s.n_masked != row->n_masked)
        fail_msg("%s, cut at %s: verdict %d, %u masked, %s: \"%s\"\n%.*s", row->name, cuts, p->verdict,
                 s.n_masked, row->channel, text, (int)p->client.n, (const char *)p->client.p);
    assert_int_equal(got.n_bad, 0);
    assert_true(p->is_end);
    assert_false(has_bytes(sp_buf_bytes(&p->client), "example"));
    assert_false(has_bytes(sp_buf_bytes(&p->client), "1111"));
}

static void run_pieces(const fixture *f, const masked *row, const size_t *ends, size_t n)
{
    const sp_review_options options = mask_options(f, row->dialect, true);
    const sp_bytes all = sp_bytes_of(row->stream);
    char cuts[32];
    play p;
    play_begin(&p, &options);
    for (size_t i = 0; i < n; i++)
        play_feed(&p, f, sp_bytes_sub(all, i > 0 ? ends[i - 1] : 0, ends[i]), i + 1 == n);
    snprintf(cuts, sizeof cuts, "%zu, ... (%zu pieces)", ends[0], n);
    check(row, &p, cuts);
    play_end(&p);
}

static void test_streams_are_masked_however_they_are_cut(void **state)
{
    uint64_t random = 0x2545f4914f6cdd1d;
    for (size_t i = 0; i < sizeof streams / sizeof streams[0]; i++) {
        const size_t n = strlen(streams[i].stream);
        for (size_t at = 0; at <= n; at++) run_pieces(*state, &streams[i], (size_t[]){at, n}, 2);
        for (size_t run = 0; run < RANDOM_RUNS; run++) {
            size_t ends[64], k = 0;
            for (size_t at = 1 + random_next(&random) % 60; at < n && k < 63;
                 at += 1 + random_next(&random) % (n / 8))
                ends[k++] = at;
            ends[k++] = n;
            run_pieces(*state, &streams[i], ends, k);
        }
    }
}

/* ---- whole answers ---- */

static void test_whole_answers_are_masked(void **state)
{
    static const struct {
        const char *name;
        sp_dialect_id dialect;
        const char *answer, *got;
        uint32_t n_masked;
    } rows[] = {
        {"text", SP_DIALECT_OPENAI,
         "{\"choices\":[{\"message\":{ \"content\" : \"to \\u0061@example.org \\u0041\"}}]}",
         "{\"choices\":[{\"message\":{ \"content\" : \"to [masked: email] \\u0041\"}}]}", 1},
        {"nothing to mask", SP_DIALECT_OPENAI, "{\"choices\":[{\"message\":{\"content\":\"a \\u0041\"}}]}",
         "{\"choices\":[{\"message\":{\"content\":\"a \\u0041\"}}]}", 0},
        {"arguments", SP_DIALECT_OPENAI,
         "{\"choices\":[{\"message\":{\"content\":\"a@example.org\",\"tool_calls\":[{\"id\":\"c\","
         "\"function\":"
         "{\"name\":\"f\",\"arguments\":\"{\\\"to\\\":\\\"a@example.org\\\"}\"}}]}}]}",
         "{\"choices\":[{\"message\":{\"content\":\"[masked: "
         "email]\",\"tool_calls\":[{\"id\":\"c\",\"function\":"
         "{\"name\":\"f\",\"arguments\":\"{\\\"to\\\":\\\"[masked: email]\\\"}\"}}]}}]}",
         2},
        {"a number of arguments", SP_DIALECT_OPENAI,
         "{\"choices\":[{\"message\":{\"tool_calls\":[{\"function\":{\"arguments\":\"[4111111111111111]\"}}]}"
         "}]}",
         NULL, 0},
        {"an id", SP_DIALECT_OPENAI, "{\"id\":\"a@example.org\"}", NULL, 0},
        {"a field that nobody knows", SP_DIALECT_OPENAI,
         "{\"choices\":[{\"message\":{\"mood\":\"a@example.org\"}}]}", NULL, 0},
        {"input", SP_DIALECT_ANTHROPIC,
         "{\"content\":[{\"type\":\"tool_use\",\"input\":{\"to\":[\"a@example.org\"],\"n\":1}}]}",
         "{\"content\":[{\"type\":\"tool_use\",\"input\":{\"to\":[\"[masked: email]\"],\"n\":1}}]}", 1},
        {"a key of input", SP_DIALECT_ANTHROPIC,
         "{\"content\":[{\"type\":\"tool_use\",\"input\":{\"a@example.org\":1}}]}", NULL, 0},
        {"a number of input", SP_DIALECT_ANTHROPIC,
         "{\"content\":[{\"type\":\"tool_use\",\"input\":{\"n\":4111111111111111}}]}", NULL, 0},
        {"thinking", SP_DIALECT_ANTHROPIC,
         "{\"content\":[{\"type\":\"thinking\",\"thinking\":\"a@example.org\",\"signature\":\"c2ln\"}]}",
         NULL, 0},
    };
    const fixture *f = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const sp_review_options options = mask_options(f, rows[i].dialect, false);
        sp_review_summary s;
        play p;
        play_whole(&p, f, &options, rows[i].answer);
        sp_review_summarise(p.review, &s);
        const sp_bytes got = rows[i].got != NULL ? sp_bytes_of(rows[i].got) : SP_BYTES_EMPTY;
        if (p.verdict != (rows[i].got != NULL ? SP_OK : SP_ELEAK) || s.n_masked != rows[i].n_masked ||
            !sp_bytes_eq(sp_buf_bytes(&p.client), got))
            fail_msg("%s: verdict %d, %u masked: %.*s", rows[i].name, p.verdict, s.n_masked, (int)p.client.n,
                     (const char *)p.client.p);
        play_end(&p);
    }
}

/* ---- random texts ---- */

static const char *const words[] = {
    "a@example.org",
    "4111 1111 1111 1111",
    "DE89370400440532013000",
    "anna.berg@",
    "example.org",
    "4111",
    " ",
    " ",
    " ",
    ", ",
    "caf\xc3\xa9",
    "\\u0061",
    "\\",
    "\\\\",
    "\\n",
    "\"",
    "{\"to\":\"",
    "\"}",
    "word",
    "\n",
    "\t",
    "+4930901820",
    "1111 1111",
    ".",
    "@",
    "\xf0\x9f\x98\x80",
    "\\u0040example",
    "a\\u0040example.org",
};

static void random_text(sp_buf *out, uint64_t *random)
{
    const size_t n = 1 + random_next(random) % 24;
    for (size_t i = 0; i < n && out->n < TEXT_MAX; i++)
        sp_buf_append_str(out, words[random_next(random) % (sizeof words / sizeof words[0])]);
}

/* The whole answer says what a stream has to say, whatever its events and pieces. */
static void whole_text(const fixture *f, sp_bytes text, sp_buf *out, sp_status *verdict)
{
    const sp_review_options options = mask_options(f, SP_DIALECT_OPENAI, false);
    sp_json json;
    play p;
    play_begin(&p, &options);
    sp_buf body = SP_BUF_IN(&p.arena.mem);
    sp_buf_append_str(&body, "{\"choices\":[{\"message\":{\"content\":");
    sp_buf_append_byte(&body, '"');
    sp_buf_append_json(&body, text);
    sp_buf_append_str(&body, "\"}}]}");
    play_feed(&p, f, sp_buf_bytes(&body), true);
    *verdict = p.verdict;
    if (p.verdict == SP_OK) {
        assert_int_equal(sp_json_parse(&json, sp_buf_bytes(&p.client), &p.arena.mem, NULL), SP_OK);
        const sp_node *choices = sp_json_find(json.root, SP_LIT("choices"));
        sp_each it = sp_each_of(choices);
        assert_true(sp_each_step(&it));
        sp_buf_append(out, sp_json_bytes(sp_json_find2(it.value, SP_LIT("message"), SP_LIT("content"))));
    }
    play_end(&p);
}

static void append_event(sp_buf *out, sp_bytes text)
{
    sp_buf_append_str(out, "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"");
    sp_buf_append_json(out, text);
    sp_buf_append_str(out, "\"}}]}\n\n");
}

static void stream_text(const fixture *f, sp_bytes text, uint64_t *random, sp_buf *out, sp_status *verdict)
{
    const sp_review_options options = mask_options(f, SP_DIALECT_OPENAI, true);
    texts got;
    play p;
    play_begin(&p, &options);
    sp_buf stream = SP_BUF_IN(&p.arena.mem);
    for (size_t at = 0; at < text.n;) {
        size_t end = at + 1 + random_next(random) % 12;
        end = end < text.n ? sp_utf8_valid_prefix(sp_bytes_sub(text, at, end)) + at : text.n;
        if (end == at)
            end = at + 4 < text.n ? sp_utf8_valid_prefix(sp_bytes_sub(text, at, at + 4)) + at : text.n;
        append_event(&stream, sp_bytes_sub(text, at, end));
        at = end;
    }
    sp_buf_append_str(&stream, FINISH(0, "stop") DONE);
    for (size_t at = 0; at < stream.n;) {
        const size_t end = at + 1 + random_next(random) % 200;
        play_feed(&p, f, sp_bytes_sub(sp_buf_bytes(&stream), at, end), end >= stream.n);
        at = end;
    }
    *verdict = p.verdict;
    texts_read(&got, sp_buf_bytes(&p.client), &p.arena.mem);
    assert_int_equal(got.n_bad, 0);
    sp_buf_append_str(out, texts_get(&got, "0.content"));
    play_end(&p);
}

/* No kind that is masked is found in what left, at any level of escapes. */
static void assert_clean(const fixture *f, sp_bytes text, sp_mem *mem)
{
    for (;;) {
        sp_findings found = SP_FINDINGS_IN(mem, 100);
        sp_buf resolved = SP_BUF_IN(mem);
        assert_int_equal(sp_scan(&found, f->engine, f->scratch, text), SP_OK);
        if (found.n > 0) fail_msg("%.*s", (int)text.n, (const char *)text.p);
        sp__escapes_resolve(&resolved, text);
        if (resolved.n == text.n) return;
        text = sp_buf_bytes(&resolved);
    }
}

static void test_random_texts_are_masked_alike(void **state)
{
    const fixture *f = *state;
    uint64_t random = 0x9e3779b97f4a7c15;
    size_t n_masked = 0;
    for (size_t round = 0; round < ROUNDS; round++) {
        sp_arena arena;
        sp_status whole_verdict, verdict;
        sp_arena_init(&arena, MEMORY);
        sp_buf text = SP_BUF_IN(&arena.mem), whole = SP_BUF_IN(&arena.mem);
        random_text(&text, &random);
        whole_text(f, sp_buf_bytes(&text), &whole, &whole_verdict);
        assert_int_equal(whole_verdict, SP_OK);
        for (size_t run = 0; run < 8; run++) {
            sp_buf streamed = SP_BUF_IN(&arena.mem);
            stream_text(f, sp_buf_bytes(&text), &random, &streamed, &verdict);
            if (verdict != SP_OK || !sp_bytes_eq(sp_buf_bytes(&streamed), sp_buf_bytes(&whole)))
                fail_msg("round %zu, verdict %d\n  text  %.*s\n  whole %.*s\n  got   %.*s", round, verdict,
                         (int)text.n, (const char *)text.p, (int)whole.n, (const char *)whole.p,
                         (int)streamed.n, (const char *)streamed.p);
        }
        assert_clean(f, sp_buf_bytes(&whole), &arena.mem);
        n_masked += has_bytes(sp_buf_bytes(&whole), "[masked: ");
        sp_arena_fini(&arena);
    }
    assert_true(n_masked > ROUNDS / 4);
}

/* What several detectors say of one span has the name of the lowest class, whichever of them is surer. */
static void test_one_span_has_one_name(void **state)
{
    static const sp_custom_detector own = {.name = "staff-mail",
                                           .pattern = "anna\\.berg@example\\.org",
                                           .sure = 100,
                                           .category = SP_CAT_PII,
                                           .level = 1};
    const fixture *f = *state;
    size_t bad;
    sp_custom *custom;
    sp_engine *engine;
    play p;
    texts got;
    assert_int_equal(sp_custom_new(&custom, &own, 1, &bad, NULL), SP_OK);
    assert_int_equal(sp_engine_with(&engine, f->engine, custom), SP_OK);
    sp_review_options options = mask_options(f, SP_DIALECT_OPENAI, true);
    options.engine = engine;
    play_whole(&p, f, &options,
               ROLE(0) CONTENT(0, "Write to anna.berg@example.org today") FINISH(0, "stop") DONE);
    assert_int_equal(p.verdict, SP_OK);
    texts_read(&got, sp_buf_bytes(&p.client), &p.arena.mem);
    assert_string_equal(texts_get(&got, "0.content"), "Write to [masked: email] today");
    play_end(&p);
    sp_engine_free(engine);
    sp_custom_free(custom);
}

/* A tool call behind the text makes it pause: what is allowed then goes as it stands, what is not is masked.
 */
static void test_what_is_allowed_stays_when_a_stream_pauses(void **state)
{
    static const char *const inside[] = {"10.1.2.3"};
    static const sp_custom_detector own = {
        .name = "ip:inside", .terms = inside, .n_terms = 1, .allows = SP_KIND_IP};
    static const struct {
        const char *stream, *text;
    } rows[] = {
        {CONTENT(0, "(see 10.1.2.3)") FINISH(0, "stop") DONE, "(see 10.1.2.3)"},
        {CONTENT(0, "(see 10.1.2.3)") CALL_BEGIN(0, 0, "a", "f") CALL_MORE(0, 0, "{}") FINISH(0, "tool_calls")
             DONE,
         "(see 10.1.2.3)"},
        {CONTENT(0, "(see 10.9.8.7)") CALL_BEGIN(0, 0, "a", "f") CALL_MORE(0, 0, "{}") FINISH(0, "tool_calls")
             DONE,
         "(see [masked: ip])"},
    };
    const fixture *f = *state;
    size_t bad;
    sp_custom *custom;
    sp_engine *engine;
    assert_int_equal(sp_custom_new(&custom, &own, 1, &bad, NULL), SP_OK);
    assert_int_equal(sp_engine_with(&engine, f->engine, custom), SP_OK);
    sp_review_options options = mask_options(f, SP_DIALECT_OPENAI, true);
    options.engine = engine;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        play p;
        texts got;
        play_whole(&p, f, &options, rows[i].stream);
        assert_int_equal(p.verdict, SP_OK);
        texts_read(&got, sp_buf_bytes(&p.client), &p.arena.mem);
        assert_string_equal(texts_get(&got, "0.content"), rows[i].text);
        play_end(&p);
    }
    sp_engine_free(engine);
    sp_custom_free(custom);
}

/* Of a kind without a category the reader's clearance says by kind that it may not leave; masked it may. */
static void test_a_kind_that_the_reader_lacks_cuts(void **state)
{
    static const struct {
        bool lacks, masks;
        sp_status verdict;
        const char *text;
    } rows[] = {
        {false, false, SP_OK, "Notes of May:\n\nCONFIDENTIAL\n\nThe end."},
        {true, false, SP_ELEAK, NULL},
        {true, true, SP_OK, "Notes of May:\n\n[masked: marking-confidential]\n\nThe end."},
    };
    const fixture *f = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sp_review_options options = options_of(f, SP_DIALECT_OPENAI, true);
        play p;
        texts got;
        if (rows[i].lacks) sp_bits256_add(&options.lacks_kinds, SP_KIND_MARKING_CONFIDENTIAL);
        if (rows[i].masks) sp_bits256_add(&options.kinds.masked, SP_KIND_MARKING_CONFIDENTIAL);
        play_whole(&p, f, &options,
                   ROLE(0) CONTENT(0, "Notes of May:\\n\\nCONFIDENTIAL\\n\\nThe end.") FINISH(0, "stop")
                       DONE);
        assert_int_equal(p.verdict, rows[i].verdict);
        texts_read(&got, sp_buf_bytes(&p.client), &p.arena.mem);
        if (rows[i].text != NULL) assert_string_equal(texts_get(&got, "0.content"), rows[i].text);
        if (rows[i].text == NULL) assert_false(has_bytes(sp_buf_bytes(&p.client), "CONFIDENTIAL"));
        play_end(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_streams_are_masked_however_they_are_cut),
        cmocka_unit_test(test_whole_answers_are_masked),
        cmocka_unit_test(test_random_texts_are_masked_alike),
        cmocka_unit_test(test_one_span_has_one_name),
        cmocka_unit_test(test_a_kind_that_the_reader_lacks_cuts),
        cmocka_unit_test(test_what_is_allowed_stays_when_a_stream_pauses),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
