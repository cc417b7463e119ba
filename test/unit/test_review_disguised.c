/* What takes whole lines (names) and what is disguised in an answer is found where the whole of it is there
 * before any of it leaves: texts of whole answers, and arguments of tool calls, streamed or not. What stands
 * there is masked, and nothing around it. */
#include "review_help.h"
#include "review_streams.h"

#include "sallyport/label.h"

/* Texts as they stand in JSON, and as the client joins them. */
typedef struct row {
    const char *name, *text, *got;
    sp_kind kind;
    uint32_t n_masked;
} row;

static const row rows[] = {
    {"a key in base 64", "the key id is QUtJQVFZTFBNTjVISEhGUFpBTTI=, thanks",
     "the key id is [masked: aws-access-key], thanks", SP_KIND_AWS_ACCESS_KEY, 1},
    {"a number in hexadecimal", "my ssn is 3533362d39302d34333939, thanks",
     "my ssn is [masked: us-ssn], thanks", SP_KIND_US_SSN, 1},
    {"an address with a percent sign", "mail anna%40example.org now", "mail [masked: email] now",
     SP_KIND_EMAIL, 1},
    {"an address with references", "mail anna&#64;example&period;org now", "mail [masked: email] now",
     SP_KIND_EMAIL, 1},
    {"letters that look like others", "mail j\xd0\xb0ne@ex\xd0\xb0mple.org now", "mail [masked: email] now",
     SP_KIND_EMAIL, 1},
    {"digits apart", "card number 4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1, thanks",
     "card number [masked: card], thanks", SP_KIND_CARD, 1},
    {"digits as words", "card four one one one one one one one one one one one one one one one it is",
     "card [masked: card] it is", SP_KIND_CARD, 1},
    {"behind an escape of JSON", "a\\n\\\"b\\\" QUtJQVFZTFBNTjVISEhGUFpBTTI= c",
     "a\n\"b\" [masked: aws-access-key] c", SP_KIND_AWS_ACCESS_KEY, 1},
    {"a sequence as people write it", "print('\\\\x1b[2J') or \\\\u202e", "print('\\x1b[2J') or \\u202e",
     SP_KIND_NONE, 0},
    {"a name behind a title", "Dear Ms Anna Schmidt, thanks", "Dear Ms [masked: person], thanks",
     SP_KIND_PERSON, 1},
    {"text that is packed and says nothing", "see SGVsbG8gd29ybGQsIGhvdyBhcmUgeW91Pw== there",
     "see SGVsbG8gd29ybGQsIGhvdyBhcmUgeW91Pw== there", SP_KIND_NONE, 0},
};

static sp_review_options options_with(const fixture *f, sp_dialect_id dialect, bool is_stream)
{
    sp_review_options options = options_of(f, dialect, is_stream);
    options.looks_at_whole = true;
    options.withhold = 0;
    options.mask = SP_CAT_BIT(SP_CAT_CREDENTIALS) | SP_CAT_BIT(SP_CAT_PII) | SP_CAT_BIT(SP_CAT_PCI);
    return options;
}

static void check(const row *r, play *p, sp_bytes got)
{
    sp_review_summary s;
    sp_review_summarise(p->review, &s);
    bool is_found = r->kind == SP_KIND_NONE;
    for (size_t i = 0; i < s.n_findings; i++) is_found = is_found || s.findings[i].finding.kind == r->kind;
    if (p->verdict != SP_OK || !is_found || s.n_masked != r->n_masked ||
        !sp_bytes_eq(got, sp_bytes_of(r->got)))
        fail_msg("%s: verdict %d, %u masked, %zu found: \"%.*s\"", r->name, p->verdict, s.n_masked,
                 s.n_findings, (int)got.n, (const char *)got.p);
}

static void texts_of_whole_answers(void **state)
{
    const fixture *f = *state;
    for (size_t i = 0; i < 2 * sizeof rows / sizeof rows[0]; i++) {
        const bool is_openai = i % 2 == 0;
        const sp_review_options options =
            options_with(f, is_openai ? SP_DIALECT_OPENAI : SP_DIALECT_ANTHROPIC, false);
        sp_json json;
        play p;
        play_begin(&p, &options);
        sp_buf body = SP_BUF_IN(&p.arena.mem);
        sp_buf_append_str(&body, is_openai ? "{\"choices\":[{\"message\":{\"content\":\""
                                           : "{\"content\":[{\"type\":\"text\",\"text\":\"");
        sp_buf_append_str(&body, rows[i / 2].text);
        sp_buf_append_str(&body, is_openai ? "\"}}]}" : "\"}]}");
        play_feed(&p, f, sp_buf_bytes(&body), true);
        assert_int_equal(p.verdict, SP_OK);
        assert_int_equal(sp_json_parse(&json, sp_buf_bytes(&p.client), &p.arena.mem, NULL), SP_OK);
        sp_each it = sp_each_of(sp_json_find(json.root, sp_bytes_of(is_openai ? "choices" : "content")));
        assert_true(sp_each_step(&it));
        check(&rows[i / 2], &p,
              sp_json_bytes(is_openai ? sp_json_find2(it.value, SP_LIT("message"), SP_LIT("content"))
                                      : sp_json_find(it.value, SP_LIT("text"))));
        play_end(&p);
    }
}

/* They leave when they are complete, so a stream looks at all of them. */
static void arguments_of_calls(void **state)
{
    static const char stream[] =
        ROLE(0) CALL_BEGIN(0, 0, "c", "write") CALL_MORE(0, 0, "{\\\"id\\\":\\\"QUtJQVFZTFBNTj")
            CALL_MORE(0, 0, "VISEhGUFpBTTI=\\\"}") FINISH(0, "tool_calls") DONE;
    static const char answer[] =
        "{\"choices\":[{\"message\":{\"tool_calls\":[{\"id\":\"c\",\"function\":{\"name\":\"write\","
        "\"arguments\":\"{\\\"id\\\":\\\"QUtJQVFZTFBNTjVISEhGUFpBTTI=\\\"}\"}}]}}]}";
    const fixture *f = *state;
    for (unsigned is_stream = 0; is_stream < 2; is_stream++) {
        for (unsigned cuts = 0; cuts < 2; cuts++) {
            sp_review_options options = options_with(f, SP_DIALECT_OPENAI, is_stream);
            if (cuts) options.withhold = SP_CAT_BIT(SP_CAT_CREDENTIALS);
            play p;
            play_whole(&p, f, &options, is_stream ? stream : answer);
            assert_int_equal(p.verdict, cuts ? SP_ELEAK : SP_OK);
            assert_false(has_bytes(sp_buf_bytes(&p.client), "QUtJQVFZTFBNTj"));
            assert_int_equal(has_bytes(sp_buf_bytes(&p.client), "[masked: aws-access-key]"), !cuts);
            play_end(&p);
        }
    }
}

/* Nobody has seen all of it: the answer does not leave. */
static void what_hides_more_than_is_undone(void **state)
{
    const fixture *f = *state;
    const sp_review_options options = options_with(f, SP_DIALECT_OPENAI, false);
    play p;
    play_begin(&p, &options);
    sp_buf text = SP_BUF_IN(&p.arena.mem), body = SP_BUF_IN(&p.arena.mem);
    sp_buf_append_str(&text, "these are some words that nobody has to hide from anyone here");
    for (unsigned i = 0; i < 6; i++) {
        sp_buf packed = SP_BUF_IN(&p.arena.mem);
        sp_buf_append_str(&packed, "and these are words: ");
        sp_base64url_append(&packed, sp_buf_bytes(&text));
        text = packed;
    }
    sp_buf_append_str(&body, "{\"choices\":[{\"message\":{\"content\":\"");
    sp_buf_append(&body, sp_buf_bytes(&text));
    sp_buf_append_str(&body, "\"}}]}");
    play_feed(&p, f, sp_buf_bytes(&body), true);
    assert_int_equal(p.verdict, SP_EUPTYPE);
    assert_int_equal(p.client.n, 0);
    play_end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_of_whole_answers),
        cmocka_unit_test(arguments_of_calls),
        cmocka_unit_test(what_hides_more_than_is_undone),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
