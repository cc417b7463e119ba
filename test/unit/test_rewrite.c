/* What a destination needs changed: its own name of the model, usage in a stream. Everything else goes as
 * it came. */
#include "parse_help.h"

#include "sallyport/splice.h"

#define M "\"messages\":[{\"role\":\"user\",\"content\":\"h\\u0069\"}]"

static const struct {
    const char *name;
    sp_dialect_id dialect;
    const char *body, *model;
    bool ask_usage;
    const char *out; /* NULL: the body itself */
} rows[] = {
    {"nothing", SP_DIALECT_OPENAI, "{\"model\":\"m\"," M "}", "", false, NULL},
    {"the same model", SP_DIALECT_OPENAI, "{\"model\":\"\\u006d\"," M "}", "m", false, NULL},
    {"another model", SP_DIALECT_OPENAI, "{ \"model\" : \"m\" ," M ",\"x\":1e5 }", "gpt-9", false,
     "{ \"model\" : \"gpt-9\" ," M ",\"x\":1e5 }"},
    {"a model that needs escapes", SP_DIALECT_OPENAI, "{\"model\":\"m\"," M "}", "a\"b\\c", false,
     "{\"model\":\"a\\\"b\\\\c\"," M "}"},
    {"the model behind the messages", SP_DIALECT_OPENAI, "{" M ",\"model\":\"m\"}", "n", false,
     "{" M ",\"model\":\"n\"}"},
    {"usage of a stream", SP_DIALECT_OPENAI, "{\"model\":\"m\"," M ",\"stream\":true }\n", "", true,
     "{\"model\":\"m\"," M ",\"stream\":true ,\"stream_options\":{\"include_usage\":true}}\n"},
    {"usage and model", SP_DIALECT_OPENAI, "{\"stream\":true," M ",\"model\":\"m\"}", "n", true,
     "{\"stream\":true," M ",\"model\":\"n\",\"stream_options\":{\"include_usage\":true}}"},
    {"usage before the model", SP_DIALECT_OPENAI,
     "{\"stream\":true,\"stream_options\":{ }," M ",\"model\":\"m\"}", "n", true,
     "{\"stream\":true,\"stream_options\":{\"include_usage\":true}," M ",\"model\":\"n\"}"},
    {"usage that is asked for already", SP_DIALECT_OPENAI,
     "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":true}," M "}", "", true, NULL},
    {"usage that was declined", SP_DIALECT_OPENAI,
     "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\": false }," M "}", "", true,
     "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\": true }," M "}"},
    {"usage that is null", SP_DIALECT_OPENAI,
     "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":null}," M "}", "", true,
     "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":true}," M "}"},
    {"options that are null", SP_DIALECT_OPENAI,
     "{\"model\":\"m\",\"stream\":true,\"stream_options\":null," M "}", "", true,
     "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":true}," M "}"},
    {"options with another member", SP_DIALECT_OPENAI,
     "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_obfuscation\":false }," M "}", "", true,
     "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_obfuscation\":false "
     ",\"include_usage\":true}," M "}"},
    {"usage without a stream", SP_DIALECT_OPENAI, "{\"model\":\"m\",\"stream\":false," M "}", "", true, NULL},
    {"usage where it is given anyway", SP_DIALECT_ANTHROPIC,
     "{\"model\":\"m\",\"max_tokens\":1,\"stream\":true," M "}", "", true, NULL},
    {"another model there", SP_DIALECT_ANTHROPIC, "{\"model\":\"m\",\"max_tokens\":1,\"stream\":true," M "}",
     "claude", true, "{\"model\":\"claude\",\"max_tokens\":1,\"stream\":true," M "}"},
};

static void parse(sp_request *r, size_t i, sp_arena *arena)
{
    sp_diag diag = {0};
    sp_arena_init(arena, 1 << 20);
    if (sp_request_parse(r, sp_dialect_get(rows[i].dialect), sp_bytes_of(rows[i].body), &arena->mem, &diag) !=
        SP_OK) {
        fail_msg("%s: %s", rows[i].name, diag.text);
    }
}

static void changes_what_was_asked_and_nothing_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sp_arena arena;
        sp_request r;
        parse(&r, i, &arena);
        sp_chunks chunks;
        const sp_rewrite rewrite = {.model = sp_bytes_of(rows[i].model), .ask_usage = rows[i].ask_usage};
        assert_int_equal(sp_request_rewrite(&chunks, &r, &rewrite, &arena.mem), SP_OK);
        const sp_bytes out = join(&chunks, &arena.mem);
        if (rows[i].out == NULL) {
            assert_int_equal(chunks.n, 1);
            assert_ptr_equal(chunks.v[0].p, r.body.p);
            assert_int_equal(out.n, r.body.n);
        } else if (!sp_bytes_eq(out, sp_bytes_of(rows[i].out))) {
            fail_msg("%s: %.*s", rows[i].name, (int)out.n, (const char *)out.p);
        }
        sp_arena_fini(&arena);
    }
}

/* What was written is read back as it was meant. */
static void the_rewritten_body_says_what_was_asked(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sp_arena arena;
        sp_request before, after;
        parse(&before, i, &arena);
        sp_chunks chunks;
        const sp_rewrite rewrite = {.model = sp_bytes_of(rows[i].model), .ask_usage = rows[i].ask_usage};
        assert_int_equal(sp_request_rewrite(&chunks, &before, &rewrite, &arena.mem), SP_OK);
        const sp_bytes out = join(&chunks, &arena.mem);
        assert_int_equal(sp_request_parse(&after, before.dialect, out, &arena.mem, NULL), SP_OK);
        assert_bytes(after.model, rewrite.model.n > 0 ? rewrite.model : before.model);
        const bool asks = rewrite.ask_usage && before.is_stream && rows[i].dialect == SP_DIALECT_OPENAI;
        assert_int_equal(after.asks_usage, asks || before.asks_usage);
        assert_int_equal(after.n_uses, before.n_uses);
        sp_arena_fini(&arena);
    }
}

#define ASK "{\"role\":\"user\",\"content\":\"system\"}"

/* A mark stands at the end of the longest system text, whatever its form; where there is none, nothing does.
 */
static void marks_the_system_text(void **state)
{
    static const struct {
        sp_dialect_id dialect;
        const char *body, *out; /* NULL: the body itself */
    } marked[] = {
        {SP_DIALECT_OPENAI,
         "{\"messages\":[{\"role\":\"system\",\"content\":\"Be\\u0020kind\\n\"}," ASK "],\"model\":\"m\"}",
         "{\"messages\":[{\"role\":\"system\",\"content\":\"Be\\u0020kind\\n (ref 3f9a)\"}," ASK
         "],\"model\":\"n\"}"},
        {SP_DIALECT_OPENAI,
         "{\"model\":\"m\",\"messages\":[{\"role\":\"developer\",\"content\":[{\"type\":\"text\",\"text\":"
         "\"Be.\"},{\"type\":\"text\",\"text\":\"Be kind.\"}]}," ASK "]}",
         "{\"model\":\"n\",\"messages\":[{\"role\":\"developer\",\"content\":[{\"type\":\"text\",\"text\":"
         "\"Be.\"},{\"type\":\"text\",\"text\":\"Be kind. (ref 3f9a)\"}]}," ASK "]}"},
        {SP_DIALECT_ANTHROPIC, "{\"model\":\"m\",\"max_tokens\":1,\"system\":\"Be.\",\"messages\":[" ASK "]}",
         "{\"model\":\"n\",\"max_tokens\":1,\"system\":\"Be. (ref 3f9a)\",\"messages\":[" ASK "]}"},
        {SP_DIALECT_ANTHROPIC,
         "{\"model\":\"m\",\"max_tokens\":1,\"messages\":[" ASK "],\"system\":[{\"type\":\"text\",\"text\":"
         "\"Be.\"}]}",
         "{\"model\":\"n\",\"max_tokens\":1,\"messages\":[" ASK "],\"system\":[{\"type\":\"text\",\"text\":"
         "\"Be. (ref 3f9a)\"}]}"},
        {SP_DIALECT_OPENAI, "{\"model\":\"n\",\"messages\":[" ASK "]}", NULL},
        {SP_DIALECT_OPENAI, "{\"model\":\"n\",\"messages\":[{\"role\":\"system\",\"content\":\"\"}," ASK "]}",
         NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof marked / sizeof marked[0]; i++) {
        sp_arena arena;
        sp_request r;
        sp_chunks chunks;
        sp_arena_init(&arena, 1 << 20);
        assert_int_equal(sp_request_parse(&r, sp_dialect_get(marked[i].dialect), sp_bytes_of(marked[i].body),
                                          &arena.mem, NULL),
                         SP_OK);
        const sp_rewrite rewrite = {.model = SP_LIT("n"), .mark = SP_LIT("3f9a")};
        assert_int_equal(sp_request_rewrite(&chunks, &r, &rewrite, &arena.mem), SP_OK);
        const sp_bytes out = join(&chunks, &arena.mem);
        assert_bytes(out, sp_bytes_of(marked[i].out != NULL ? marked[i].out : marked[i].body));
        sp_arena_fini(&arena);
    }
}

static void survives_each_failing_allocation(void **state)
{
    (void)state;
    sp_arena arena;
    sp_request r;
    parse(&r, 6, &arena);
    sp_status status = SP_ENOMEM;
    size_t fail_at = 0;
    while (status != SP_OK) {
        failing f;
        sp_chunks out;
        failing_init(&f, ++fail_at);
        const sp_rewrite rewrite = {.model = SP_LIT("n"), .ask_usage = true, .mark = SP_LIT("3f9a")};
        status = sp_request_rewrite(&out, &r, &rewrite, &f.mem);
        assert_true(status == SP_OK || status == SP_ENOMEM);
        if (status != SP_OK) assert_int_equal(out.n, 0);
        sp_arena_fini(&f.arena);
    }
    assert_true(fail_at > 1);
    sp_arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_what_was_asked_and_nothing_else),
        cmocka_unit_test(the_rewritten_body_says_what_was_asked),
        cmocka_unit_test(marks_the_system_text),
        cmocka_unit_test(survives_each_failing_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
