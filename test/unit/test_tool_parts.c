/* Which calls of tools and which results a request holds: ids, names and texts by their segments, and what
 * only looks like one. */
#include "parse_help.h"

#define BYTES(s)                               \
    {                                          \
        (const uint8_t *)("" s), sizeof(s) - 1 \
    }
#define O(messages) "openai", BYTES("{\"model\":\"m\",\"messages\":[" messages "]}")
#define A(messages) "anthropic", BYTES("{\"model\":\"m\",\"max_tokens\":9,\"messages\":[" messages "]}")
#define O_CALLS(calls) "{\"role\":\"assistant\",\"tool_calls\":[" calls "]}"
#define O_CALL(id, name) \
    "{\"id\":\"" id "\",\"type\":\"function\",\"function\":{\"name\":\"" name "\",\"arguments\":\"\"}}"
#define O_RESULT(id, content) "{\"role\":\"tool\",\"tool_call_id\":\"" id "\",\"content\":" content "}"
#define TEXT(s) "{\"type\":\"text\",\"text\":\"" s "\"}"
#define A_TURN(role, blocks) "{\"role\":\"" role "\",\"content\":[" blocks "]}"
#define A_USE(id, name) "{\"type\":\"tool_use\",\"id\":\"" id "\",\"name\":\"" name "\",\"input\":{}}"
#define A_RESULT(id, content) "{\"type\":\"tool_result\",\"tool_use_id\":\"" id "\",\"content\":" content "}"

/* `call ID NAME` or `result ID NAME TEXT` each; `-` is none, `*` several; `+` at the end: not plain. */
static const struct {
    const char *name, *dialect;
    sp_bytes body;
    const char *parts;
} rows[] = {
    {"no tools", O("{\"role\":\"user\",\"content\":\"1\"}"), ""},
    {"a call and its result", O(O_CALLS(O_CALL("c1", "f")) "," O_RESULT("c1", "\"3\"")),
     "call c1 f;result c1 - 3;"},
    {"a key that is spelled otherwise is the same key",
     O(O_CALLS(
         O_CALL("c1", "f")) ",{\"role\":\"tool\",\"tool\\u005fcall_id\":\"c\\u0031\",\"content\":\"3\"}"),
     "call c1 f;result c1 - 3;"},
    {"a call without its type, and a custom one",
     O(O_CALLS("{\"id\":\"c1\",\"function\":{\"name\":\"f\"}},{\"id\":\"c2\",\"type\":\"custom\",\"custom\":{"
               "\"name\":\"g\",\"input\":\"x\"}}")),
     "call c1 f;call c2 g;"},
    {"a call that names two tools",
     O(O_CALLS(
         "{\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":\"f\"},\"custom\":{\"name\":\"g\"}"
         "}")),
     "call c1 *;"},
    {"a call without a name", O(O_CALLS("{\"id\":\"c1\",\"type\":\"function\"}")), "call c1 -;"},
    {"a call without an id is none", O(O_CALLS("{\"type\":\"function\",\"function\":{\"name\":\"f\"}}")), ""},
    {"a call that is not in a model's turn",
     O("{\"role\":\"user\",\"content\":\"x\",\"tool_calls\":[" O_CALL("c1", "f") "]}"), "call c1 *;"},
    {"a call that stands in a result",
     O("{\"role\":\"tool\",\"tool_call_id\":\"c1\",\"content\":\"3\",\"tool_calls\":[" O_CALL("c2",
                                                                                              "f") "]}"),
     "result c1 - 3+;call c2 *;"},
    {"a result with the tool's name",
     O("{\"role\":\"tool\",\"tool_call_id\":\"c1\",\"content\":\"3\",\"name\":\"f\"}"), "result c1 f 3;"},
    {"a result of one part", O(O_RESULT("c1", "[" TEXT("3") "]")), "result c1 - 3;"},
    {"a result of two parts", O(O_RESULT("c1", "[" TEXT("3") "," TEXT("4") "]")), "result c1 - *+;"},
    {"a result of a part and an image without words",
     O(O_RESULT("c1", "[" TEXT("3") ",{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:,x\"}}]")),
     "result c1 - 3+;"},
    {"a result with a text beside it",
     O("{\"role\":\"tool\",\"tool_call_id\":\"c1\",\"content\":\"3\",\"refusal\":\"no\"}"),
     "result c1 - 3+;"},
    {"a result with a field that nobody knows",
     O("{\"role\":\"tool\",\"tool_call_id\":\"c1\",\"content\":\"3\",\"x\":true}"), "result c1 - 3+;"},
    {"a result that is JSON", O(O_RESULT("c1", "\"{\\\"a\\\":1}\"")), "result c1 - {\"a\":1}+;"},
    {"a result without content", O("{\"role\":\"tool\",\"tool_call_id\":\"c1\"}"), "result c1 - -+;"},
    {"a result without an id is none", O("{\"role\":\"tool\",\"content\":\"3\"}"), ""},
    {"an old function's answer is none", O("{\"role\":\"function\",\"name\":\"f\",\"content\":\"3\"}"), ""},
    {"a call and its result",
     A(A_TURN("assistant", A_USE("t1", "f")) "," A_TURN("user", A_RESULT("t1", "\"3\""))),
     "call t1 f;result t1 - 3;"},
    {"a result of one block", A(A_TURN("user", A_RESULT("t1", "[" TEXT("3") "]"))), "result t1 - 3;"},
    {"a result that says whether it is an error",
     A(A_TURN("user",
              "{\"type\":\"tool_result\",\"tool_use_id\":\"t1\",\"content\":\"3\",\"is_error\":true}")),
     "result t1 - 3;"},
    {"two results and what the user says",
     A(A_TURN("user", A_RESULT("t1", "\"3\"") "," A_RESULT("t2", "\"4\"") "," TEXT("go on"))),
     "result t1 - 3;result t2 - 4;"},
    {"a result of a block and an image without words",
     A(A_TURN("user",
              A_RESULT("t1", "[" TEXT("3") ",{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"data\":"
                                           "\"AA\"}}]"))),
     "result t1 - 3+;"},
    {"a result that is kept at the provider",
     A(A_TURN("user", "{\"type\":\"tool_result\",\"tool_use_id\":\"t1\",\"content\":\"3\",\"cache_control\":{"
                      "\"type\":\"ephemeral\"}}")),
     "result t1 - 3+;"},
    {"a result in a result", A(A_TURN("user", A_RESULT("t1", "[" A_RESULT("t2", "\"3\"") "]"))),
     "result * - 3+;"},
    {"a call in a result", A(A_TURN("user", A_RESULT("t1", "[" A_USE("t2", "f") "]"))),
     "result t1 - -+;call t2 *;"},
    {"a result in a document",
     A(A_TURN("user", "{\"type\":\"document\",\"source\":{\"type\":\"content\",\"content\":[" A_RESULT(
                          "t1", "\"3\"") "]}}")),
     ""},
    {"a result in a model's turn", A(A_TURN("assistant", A_RESULT("t1", "\"3\""))), ""},
    {"a call in a user's turn", A(A_TURN("user", A_USE("t1", "f"))), "call t1 *;"},
    {"calls that the provider answers",
     A(A_TURN("assistant",
              "{\"type\":\"server_tool_use\",\"id\":\"t1\",\"name\":\"f\"},{\"type\":\"mcp_tool_use\","
              "\"id\":\"t2\",\"name\":\"f\"}")),
     "call t1 *;call t2 *;"},
};

static void put_said(sp_buf *out, const sp_request *r, uint32_t said)
{
    sp_buf_append_byte(out, ' ');
    if (said == 0 || said == SP_SEVERAL) {
        sp_buf_append_byte(out, said == 0 ? '-' : '*');
        return;
    }
    assert_true(said <= r->n_segments);
    const sp_segment *s = &r->segments[said - 1];
    sp_buf_append(out, sp_bytes_sub(r->text, s->text_start, s->text_end));
}

static void put_part(sp_buf *out, const sp_request *r, const sp_tool_part *t)
{
    assert_true(t->first <= t->end && t->end <= r->n_segments);
    sp_buf_append_str(out, t->is_result ? "result" : "call");
    put_said(out, r, t->id);
    put_said(out, r, t->name);
    if (t->is_result) put_said(out, r, t->text);
    if (t->is_result && !t->is_plain) sp_buf_append_byte(out, '+');
    sp_buf_append_byte(out, ';');
}

static void calls_and_results_are_told_apart_from_what_looks_like_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sp_arena arena;
        sp_arena_init(&arena, 64 << 20);
        sp_request r;
        const sp_dialect *dialect = sp_dialect_find(sp_bytes_of(rows[i].dialect));
        const sp_bytes body = exact(&arena.mem, rows[i].body);
        assert_int_equal(sp_request_parse(&r, dialect, body, &arena.mem, NULL), SP_OK);
        sp_buf parts = SP_BUF_IN(&arena.mem);
        for (size_t k = 0; k < r.n_tool_parts; k++) put_part(&parts, &r, &r.tool_parts[k]);
        if (!sp_bytes_eq(sp_buf_bytes(&parts), sp_bytes_of(rows[i].parts)))
            fail_msg("%s, %s: %.*s", rows[i].dialect, rows[i].name, (int)parts.n, (const char *)parts.p);
        sp_arena_fini(&arena);
    }
}

static void each_allocation_may_fail(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const sp_dialect *dialect = sp_dialect_find(sp_bytes_of(rows[i].dialect));
        sp_status status = SP_ENOMEM;
        for (size_t n = 1; status != SP_OK; n++) {
            failing f;
            sp_request r;
            failing_init(&f, n);
            status = sp_request_parse(&r, dialect, rows[i].body, &f.mem, NULL);
            if (status != SP_OK) assert_true(status == SP_ENOMEM && r.tool_parts == NULL);
            sp_arena_fini(&f.arena);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_and_results_are_told_apart_from_what_looks_like_them),
        cmocka_unit_test(each_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
