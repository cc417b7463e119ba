/* Requests: what is refused and where, which text is a segment with which role and origin, which field
 * needs whose agreement, blocks. */
#include "parse_help.h"

#include "parse/dialect_internal.h"

static sp_status parse_as(sp_request *r, const char *dialect, sp_bytes body, sp_arena *arena, sp_diag *diag)
{
    sp_arena_init(arena, (size_t)256 << 20);
    return sp_request_parse(r, sp_dialect_find(sp_bytes_of(dialect)), exact(&arena->mem, body), &arena->mem,
                            diag);
}

#define BYTES(s)                               \
    {                                          \
        (const uint8_t *)("" s), sizeof(s) - 1 \
    }
#define O "openai"
#define A "anthropic"
#define O_MESSAGES "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]"
#define O_WITH(members) "{\"model\":\"m\"," O_MESSAGES members "}"
#define A_WITH(members) "{\"model\":\"m\",\"max_tokens\":9," O_MESSAGES members "}"
#define SCHEMA(values) \
    ",\"tools\":[{\"type\":\"function\",\"function\":{\"parameters\":{\"enum\":[" values "]}}}]"
#define O_PART(part) "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[" part "]}]}"
#define A_BLOCK(block) \
    "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":[" block "]}]}"

/* ---- what is refused ---- */

static const struct {
    const char *name, *dialect;
    sp_bytes body;
    sp_status status;
} refusals[] = {
    {"the least request", O, BYTES(O_WITH("")), SP_OK},
    {"the least request", A, BYTES(A_WITH("")), SP_OK},
    {"no model", O, BYTES("{" O_MESSAGES "}"), SP_EMISSING},
    {"model null", O, BYTES("{\"model\":null," O_MESSAGES "}"), SP_EMISSING},
    {"model a number", O, BYTES("{\"model\":4," O_MESSAGES "}"), SP_EFIELD},
    {"model empty", O, BYTES("{\"model\":\"\"," O_MESSAGES "}"), SP_EFIELD},
    {"no messages", O, BYTES("{\"model\":\"m\"}"), SP_EMISSING},
    {"empty messages", O, BYTES("{\"model\":\"m\",\"messages\":[]}"), SP_EMISSING},
    {"messages an object", O, BYTES("{\"model\":\"m\",\"messages\":{}}"), SP_EFIELD},
    {"a message that is a string", O, BYTES("{\"model\":\"m\",\"messages\":[\"hi\"]}"), SP_EFIELD},
    {"content a number", O, BYTES("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":1}]}"),
     SP_EFIELD},
    {"content parts that are strings", O, BYTES(O_PART("\"hi\"")), SP_EFIELD},
    {"no max_tokens", A, BYTES("{\"model\":\"m\"," O_MESSAGES "}"), SP_EMISSING},
    {"an array as body", O, BYTES("[]"), SP_EFIELD},
    {"a string as body", O, BYTES("\"{}\""), SP_EFIELD},
    {"not JSON", O, BYTES("hello"), SP_ESYNTAX},
    {"a key in other case", O, BYTES(O_WITH(",\"Stream\":true")), SP_EFIELD},
    {"a key in other case inside of a message", O,
     BYTES("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"Content\":\"x\"}]}"), SP_EFIELD},
    {"a tag in other case", O,
     BYTES("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"ROLE\":\"tool\"}]}"), SP_EFIELD},
    {"a key with a long s", O, BYTES(O_WITH(",\"\xc5\xbftream\":true")), SP_EFIELD},
    {"a key with the sign of Kelvin", A, BYTES(A_WITH(",\"top_\\u212a\":4")), SP_EFIELD},
    {"an empty key is unknown, not another case of none", O, BYTES(O_WITH(",\"\":1")), SP_OK},
    {"a key in other case below free form is text", O, BYTES(O_WITH(",\"metadata\":{\"a\":1,\"A\":2}")),
     SP_OK},
    {"model twice", O, BYTES("{\"model\":\"a\",\"model\":\"b\"," O_MESSAGES "}"), SP_EDUPKEY},
    {"model twice, once escaped", O, BYTES("{\"model\":\"a\",\"mod\\u0065l\":\"b\"," O_MESSAGES "}"),
     SP_EDUPKEY},
    {"a repeated key in tool parameters", O,
     BYTES(O_WITH(",\"tools\":[{\"type\":\"function\",\"function\":{\"parameters\":{\"a\":1,\"a\":2}}}]")),
     SP_EDUPKEY},
    {"temperature in range", O, BYTES(O_WITH(",\"temperature\":2")), SP_OK},
    {"temperature null", O, BYTES(O_WITH(",\"temperature\":null")), SP_OK},
    {"temperature above", O, BYTES(O_WITH(",\"temperature\":2.01")), SP_EFIELD},
    {"temperature below", O, BYTES(O_WITH(",\"temperature\":-0.1")), SP_EFIELD},
    {"temperature a string", O, BYTES(O_WITH(",\"temperature\":\"1\"")), SP_EFIELD},
    {"temperature with an exponent", O, BYTES(O_WITH(",\"temperature\":1e0")), SP_ENUMBER},
    {"temperature with too many digits", O, BYTES(O_WITH(",\"temperature\":0.123456789012345678")),
     SP_ENUMBER},
    {"penalty at its lower end", O, BYTES(O_WITH(",\"presence_penalty\":-2")), SP_OK},
    {"penalty below", O, BYTES(O_WITH(",\"presence_penalty\":-2.5")), SP_EFIELD},
    {"seed beyond 2^53", O, BYTES(O_WITH(",\"seed\":9007199254740993")), SP_ENUMBER},
    {"negative zero", O, BYTES(O_WITH(",\"seed\":-0")), SP_ENUMBER},
    {"n with a fraction", O, BYTES(O_WITH(",\"n\":1.5")), SP_EFIELD},
    {"n zero", O, BYTES(O_WITH(",\"n\":0")), SP_EFIELD},
    {"stream a string", O, BYTES(O_WITH(",\"stream\":\"true\"")), SP_EFIELD},
    {"stream_options a bool", O, BYTES(O_WITH(",\"stream_options\":true")), SP_EFIELD},
    {"include_usage a number", O, BYTES(O_WITH(",\"stream_options\":{\"include_usage\":1}")), SP_EFIELD},
    {"an odd number in a tool's schema is text", O,
     BYTES(O_WITH(SCHEMA("1e5,9007199254740993,0.10,-0,1e-999"))), SP_OK},
    {"the largest double in a tool's schema is text", O, BYTES(O_WITH(SCHEMA("1.7976931348623157E+308"))),
     SP_OK},
    {"a number in a tool's schema that no double holds", O, BYTES(O_WITH(SCHEMA("1e400"))), SP_ENUMBER},
    {"one that no double holds in a string is text", O, BYTES(O_WITH(SCHEMA("\"[1e400]\""))), SP_OK},
    {"a model that goes on behind a NUL", O, BYTES(O_WITH(",\"model\\u0000x\":1")), SP_EFIELD},
    {"an unknown key that goes on behind a NUL", O, BYTES(O_WITH(",\"x\\u0000model\":1")), SP_OK},
    {"temperature above 1", A, BYTES(A_WITH(",\"temperature\":1.5")), SP_EFIELD},
    {"thinking budget with an exponent", A,
     BYTES(A_WITH(",\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":1e3}")), SP_ENUMBER},
};

static void refuses_what_does_not_fit_the_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        sp_arena arena;
        sp_request r;
        sp_diag diag = {0};
        const sp_status status = parse_as(&r, refusals[i].dialect, refusals[i].body, &arena, &diag);
        if (status != refusals[i].status)
            fail_msg("%s: %d at %zu %s", refusals[i].name, status, diag.at, diag.text);
        if (status != SP_OK) {
            assert_int_equal(diag.code, status);
            assert_null(r.segments);
            assert_null(r.dialect);
        }
        sp_arena_fini(&arena);
    }
}

static void a_refusal_tells_the_position_and_no_text_of_the_client(void **state)
{
    (void)state;
    sp_arena arena;
    sp_request r;
    sp_diag diag = {0};
    const sp_bytes body = SP_LIT(O_WITH(",\"temperature\":\"secret\""));
    assert_int_equal(parse_as(&r, O, body, &arena, &diag), SP_EFIELD);
    assert_memory_equal(body.p + diag.at, "\"secret\"", 8);
    assert_string_equal(diag.text, "temperature: wrong type");
    sp_arena_fini(&arena);
}

/* ---- segments: place, role, origin, kind ---- */

static const struct {
    const char *dialect;
    sp_bytes body; /* holds the word "canary" in one string, key or number 4242 */
    const char *place;
    sp_role role;
    sp_origin origin;
    sp_field_kind kind;
} canaries[] = {
    {O, BYTES("{\"model\":\"canary\"," O_MESSAGES "}"), "model", SP_ROLE_NONE, SP_ORIGIN_APPLICATION,
     SP_FIELD_TEXT},
    {O, BYTES("{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":\"canary\"}]}"),
     "messages[0].content", SP_ROLE_SYSTEM, SP_ORIGIN_APPLICATION, SP_FIELD_TEXT},
    {O, BYTES("{\"model\":\"m\",\"messages\":[{\"content\":\"canary\",\"role\":\"developer\"}]}"),
     "messages[0].content", SP_ROLE_SYSTEM, SP_ORIGIN_APPLICATION, SP_FIELD_TEXT},
    {O,
     BYTES("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"\"},{\"role\":\"user\","
           "\"content\":\"can\\u0061ry\"}]}"),
     "messages[1].content", SP_ROLE_USER, SP_ORIGIN_USER, SP_FIELD_TEXT},
    {O, BYTES("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"\",\"name\":\"canary\"}]}"),
     "messages[0].name", SP_ROLE_USER, SP_ORIGIN_USER, SP_FIELD_TEXT},
    {O,
     BYTES("{\"model\":\"m\",\"messages\":[{\"role\":\"tool\",\"tool_call_id\":\"1\",\"content\":\"canary\"}]"
           "}"),
     "messages[0].content", SP_ROLE_TOOL, SP_ORIGIN_TOOL, SP_FIELD_TEXT},
    {O,
     BYTES("{\"model\":\"m\",\"messages\":[{\"role\":\"function\",\"name\":\"f\",\"content\":\"canary\"}]}"),
     "messages[0].content", SP_ROLE_TOOL, SP_ORIGIN_TOOL, SP_FIELD_TEXT},
    {O, BYTES("{\"model\":\"m\",\"messages\":[{\"role\":\"assistant\",\"refusal\":\"canary\"}]}"),
     "messages[0].refusal", SP_ROLE_ASSISTANT, SP_ORIGIN_MODEL, SP_FIELD_TEXT},
    {O,
     BYTES("{\"model\":\"m\",\"messages\":[{\"role\":\"assistant\",\"content\":\"\",\"reasoning_content\":"
           "\"canary\"}]}"),
     "messages[0].reasoning_content", SP_ROLE_ASSISTANT, SP_ORIGIN_MODEL, SP_FIELD_TEXT},
    {O,
     BYTES("{\"model\":\"m\",\"messages\":[{\"role\":\"assistant\",\"function_call\":{\"name\":\"f\","
           "\"arguments\":\"canary\"}}]}"),
     "messages[0].function_call.arguments", SP_ROLE_ASSISTANT, SP_ORIGIN_MODEL, SP_FIELD_TEXT},
    {O,
     BYTES("{\"model\":\"m\",\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"1\",\"type\":"
           "\"function\","
           "\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"canary\\\":1}\"}}]}]}"),
     "messages[0].tool_calls[0].function.arguments", SP_ROLE_ASSISTANT, SP_ORIGIN_MODEL, SP_FIELD_TEXT},
    {O,
     BYTES("{\"model\":\"m\",\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"1\",\"type\":"
           "\"custom\","
           "\"custom\":{\"name\":\"f\",\"input\":\"canary\"}}]}]}"),
     "messages[0].tool_calls[0].custom.input", SP_ROLE_ASSISTANT, SP_ORIGIN_MODEL, SP_FIELD_TEXT},
    {O, BYTES(O_PART("{\"type\":\"text\",\"text\":\"canary\"}")), "messages[0].content[0].text", SP_ROLE_USER,
     SP_ORIGIN_USER, SP_FIELD_TEXT},
    {O, BYTES(O_PART("{\"type\":\"hologram\",\"light\":{\"canary\":1}}")), "messages[0].content[0].?",
     SP_ROLE_USER, SP_ORIGIN_UNKNOWN, SP_FIELD_UNKNOWN},
    {O, BYTES(O_PART("{\"type\":\"canary\"}")), "messages[0].content[0].?", SP_ROLE_USER, SP_ORIGIN_UNKNOWN,
     SP_FIELD_UNKNOWN},
    {O, BYTES(O_PART("{\"type\":\"text\",\"text\":\"x\",\"canary\":1}")), "messages[0].content[0].?",
     SP_ROLE_USER, SP_ORIGIN_UNKNOWN, SP_FIELD_UNKNOWN},
    {O, BYTES(O_PART("{\"type\":\"image_url\",\"image_url\":{\"url\":\"canary\"}}")),
     "messages[0].content[0].image_url.url", SP_ROLE_USER, SP_ORIGIN_USER, SP_FIELD_EGRESS},
    {O, BYTES("{\"model\":\"m\",\"messages\":[{\"role\":\"canary\",\"content\":\"x\"}]}"), "messages[0].?",
     SP_ROLE_NONE, SP_ORIGIN_UNKNOWN, SP_FIELD_UNKNOWN},
    {O,
     BYTES(O_WITH(",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{"
                  "\"canary\":{}}}}]")),
     "tools[0].function.parameters", SP_ROLE_NONE, SP_ORIGIN_APPLICATION, SP_FIELD_TEXT},
    {O,
     BYTES(O_WITH(",\"tools\":[{\"type\":\"custom\",\"custom\":{\"name\":\"f\",\"format\":{\"grammar\":"
                  "\"canary\"}}}]")),
     "tools[0].custom.format", SP_ROLE_NONE, SP_ORIGIN_APPLICATION, SP_FIELD_TEXT},
    {O, BYTES(O_WITH(",\"tools\":[{\"type\":\"web_search\",\"q\":\"canary\"}]")), "tools[0].?", SP_ROLE_NONE,
     SP_ORIGIN_UNKNOWN, SP_FIELD_UNKNOWN},
    {O, BYTES(O_WITH(",\"functions\":[{\"name\":\"f\",\"description\":\"canary\"}]")),
     "functions[0].description", SP_ROLE_NONE, SP_ORIGIN_APPLICATION, SP_FIELD_TEXT},
    {O,
     BYTES(O_WITH(
         ",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"schema\":{\"canary\":1}}}")),
     "response_format", SP_ROLE_NONE, SP_ORIGIN_APPLICATION, SP_FIELD_TEXT},
    {O, BYTES(O_WITH(",\"stop\":[\"a\",\"canary\"]")), "stop", SP_ROLE_NONE, SP_ORIGIN_APPLICATION,
     SP_FIELD_TEXT},
    {O, BYTES(O_WITH(",\"logit_bias\":{\"canary\":-100}")), "logit_bias", SP_ROLE_NONE, SP_ORIGIN_APPLICATION,
     SP_FIELD_TEXT},
    {O, BYTES(O_WITH(",\"prediction\":{\"type\":\"content\",\"content\":\"canary\"}")), "prediction.content",
     SP_ROLE_USER, SP_ORIGIN_USER, SP_FIELD_TEXT},
    {O, BYTES(O_WITH(",\"metadata\":{\"k\":\"canary\"}")), "metadata", SP_ROLE_NONE, SP_ORIGIN_APPLICATION,
     SP_FIELD_TEXT},
    {O, BYTES(O_WITH(",\"user\":\"canary\"")), "user", SP_ROLE_NONE, SP_ORIGIN_APPLICATION, SP_FIELD_TEXT},
    {O, BYTES(O_WITH(",\"service_tier\":\"canary\"")), "service_tier", SP_ROLE_NONE, SP_ORIGIN_APPLICATION,
     SP_FIELD_PARAMETER},
    {O, BYTES(O_WITH(",\"canary\":1")), "?", SP_ROLE_NONE, SP_ORIGIN_UNKNOWN, SP_FIELD_UNKNOWN},
    {O, BYTES(O_WITH(",\"x\":[[{\"y\":\"canary\"}]]")), "?", SP_ROLE_NONE, SP_ORIGIN_UNKNOWN,
     SP_FIELD_UNKNOWN},
    {O, BYTES(O_WITH(",\"web_search_options\":{\"user_location\":{\"city\":\"canary\"}}")),
     "web_search_options", SP_ROLE_NONE, SP_ORIGIN_APPLICATION, SP_FIELD_SERVER_TOOLS},
    {A, BYTES(A_WITH(",\"system\":\"canary\"")), "system", SP_ROLE_SYSTEM, SP_ORIGIN_APPLICATION,
     SP_FIELD_TEXT},
    {A, BYTES(A_WITH(",\"system\":[{\"type\":\"text\",\"text\":\"canary\"}]")), "system[0].text",
     SP_ROLE_SYSTEM, SP_ORIGIN_APPLICATION, SP_FIELD_TEXT},
    {A,
     BYTES("{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"system\",\"content\":\"canary\"}]}"),
     "messages[0].content", SP_ROLE_SYSTEM, SP_ORIGIN_APPLICATION, SP_FIELD_TEXT},
    {A, BYTES(A_BLOCK("{\"type\":\"tool_result\",\"tool_use_id\":\"1\",\"content\":\"canary\"}")),
     "messages[0].content[0].content", SP_ROLE_TOOL, SP_ORIGIN_TOOL, SP_FIELD_TEXT},
    {A,
     BYTES(A_BLOCK("{\"type\":\"tool_result\",\"content\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":"
                   "\"text\",\"text\":\"canary\"}]}")),
     "messages[0].content[0].content[1].text", SP_ROLE_TOOL, SP_ORIGIN_TOOL, SP_FIELD_TEXT},
    {A,
     BYTES(A_BLOCK("{\"type\":\"tool_result\",\"content\":[{\"type\":\"search_result\",\"content\":[{"
                   "\"type\":\"text\",\"text\":"
                   "\"canary\"}]}]}")),
     "messages[0].content[0].content[0].text", SP_ROLE_TOOL, SP_ORIGIN_TOOL, SP_FIELD_TEXT},
    {A,
     BYTES(A_BLOCK("{\"type\":\"document\",\"source\":{\"type\":\"text\",\"media_type\":\"text/"
                   "plain\",\"data\":\"canary\"}}")),
     "messages[0].content[0].source.data", SP_ROLE_USER, SP_ORIGIN_TOOL, SP_FIELD_TEXT},
    {A,
     BYTES(A_BLOCK(
         "{\"type\":\"document\",\"title\":\"canary\",\"source\":{\"type\":\"content\",\"content\":\"x\"}}")),
     "messages[0].content[0].title", SP_ROLE_USER, SP_ORIGIN_TOOL, SP_FIELD_TEXT},
    {A,
     BYTES(A_BLOCK("{\"type\":\"document\",\"source\":{\"type\":\"content\",\"content\":[{\"type\":\"text\","
                   "\"text\":\"canary\"}]}}")),
     "messages[0].content[0].content[0].text", SP_ROLE_USER, SP_ORIGIN_TOOL, SP_FIELD_TEXT},
    {A,
     BYTES(A_BLOCK("{\"type\":\"tool_use\",\"id\":\"1\",\"name\":\"n\",\"input\":{\"a\":{\"canary\":1}}}")),
     "messages[0].content[0].input", SP_ROLE_ASSISTANT, SP_ORIGIN_MODEL, SP_FIELD_TEXT},
    /* What a tool gave back is no model's turn, however it is written. */
    {O,
     BYTES("{\"model\":\"m\",\"messages\":[{\"role\":\"tool\",\"tool_call_id\":\"1\",\"reasoning_content\":"
           "\"canary\"}]}"),
     "messages[0].reasoning_content", SP_ROLE_ASSISTANT, SP_ORIGIN_TOOL, SP_FIELD_TEXT},
    {A,
     BYTES(A_BLOCK("{\"type\":\"tool_result\",\"content\":[{\"type\":\"tool_use\",\"id\":\"1\",\"name\":"
                   "\"canary\"}]}")),
     "messages[0].content[0].content[0].name", SP_ROLE_ASSISTANT, SP_ORIGIN_TOOL, SP_FIELD_TEXT},
    {A,
     BYTES(
         A_BLOCK("{\"type\":\"tool_result\",\"content\":[{\"type\":\"text\",\"text\":\"x\",\"canary\":1}]}")),
     "messages[0].content[0].content[0].?", SP_ROLE_TOOL, SP_ORIGIN_UNKNOWN, SP_FIELD_UNKNOWN},
    {A, BYTES(A_BLOCK("{\"type\":\"thinking\",\"thinking\":\"canary\",\"signature\":\"s\"}")),
     "messages[0].content[0].thinking", SP_ROLE_ASSISTANT, SP_ORIGIN_MODEL, SP_FIELD_OPAQUE},
    {A,
     BYTES(A_BLOCK("{\"type\":\"web_search_tool_result\",\"tool_use_id\":\"1\",\"content\":[{\"type\":\"web_"
                   "search_result\","
                   "\"title\":\"canary\",\"encrypted_content\":\"e\"}]}")),
     "messages[0].content[0].content.title", SP_ROLE_TOOL, SP_ORIGIN_TOOL, SP_FIELD_TEXT},
    {A,
     BYTES(A_BLOCK("{\"type\":\"web_fetch_tool_result\",\"content\":{\"type\":\"web_fetch_result\","
                   "\"content\":{\"type\":\"document\","
                   "\"source\":{\"type\":\"text\",\"data\":\"canary\"}}}}")),
     "messages[0].content[0].content[0].source.data", SP_ROLE_TOOL, SP_ORIGIN_TOOL, SP_FIELD_TEXT},
    {A,
     BYTES(A_BLOCK("{\"type\":\"code_execution_tool_result\",\"content\":{\"type\":\"code_execution_result\","
                   "\"stdout\":\"canary\"}}")),
     "messages[0].content[0].content.stdout", SP_ROLE_TOOL, SP_ORIGIN_TOOL, SP_FIELD_TEXT},
    {A, BYTES(A_WITH(",\"tools\":[{\"name\":\"n\",\"input_schema\":{\"properties\":{\"canary\":{}}}}]")),
     "tools[0].input_schema", SP_ROLE_NONE, SP_ORIGIN_APPLICATION, SP_FIELD_TEXT},
    {A, BYTES(A_WITH(",\"tools\":[{\"type\":\"bash_canary\",\"name\":\"bash\"}]")), NULL, SP_ROLE_NONE,
     SP_ORIGIN_APPLICATION, SP_FIELD_TEXT},
    {A, BYTES(A_WITH(",\"metadata\":{\"user_id\":\"{\\\"account\\\":\\\"can\\\\u0061ry\\\"}\"}")),
     "metadata.user_id", SP_ROLE_NONE, SP_ORIGIN_APPLICATION, SP_FIELD_TEXT},
    {A, BYTES(A_WITH(",\"mcp_servers\":[{\"url\":\"https://x\",\"name\":\"canary\"}]")), "mcp_servers",
     SP_ROLE_NONE, SP_ORIGIN_APPLICATION, SP_FIELD_SERVER_TOOLS},
    {A, BYTES(A_WITH(",\"inference_geo\":\"canary\"")), "?", SP_ROLE_NONE, SP_ORIGIN_UNKNOWN,
     SP_FIELD_UNKNOWN},
};

static void check_canary(size_t i)
{
    sp_arena arena;
    sp_request r;
    sp_diag diag = {0};
    if (parse_as(&r, canaries[i].dialect, canaries[i].body, &arena, &diag) != SP_OK)
        fail_msg("row %zu: %s", i, diag.text);
    const bool is_part = canaries[i].place == NULL;
    const sp_segment *s = find_segment(&r, is_part ? "bash_canary" : "canary");
    if (s == NULL) fail_msg("row %zu: not a segment", i);
    sp_buf place = SP_BUF_IN(&arena.mem);
    sp_place_append(&place, s->place);
    if (!is_part && !sp_bytes_eq(sp_buf_bytes(&place), sp_bytes_of(canaries[i].place))) {
        fail_msg("row %zu: at %.*s", i, (int)place.n, (const char *)place.p);
    }
    if (s->role != canaries[i].role || s->origin != canaries[i].origin || s->kind != canaries[i].kind) {
        fail_msg("row %zu: role %u origin %u kind %u", i, s->role, s->origin, s->kind);
    }
    /* The segment leads back to its bytes. */
    sp_span span;
    assert_int_equal(sp_segment_map(&span, &r, s, 0, s->text_end - s->text_start), SP_OK);
    assert_memory_equal(r.body.p + span.start, is_part ? "bash" : "can", 3);
    assert_ptr_equal(sp_segment_at(&r, s->text_start), s);
    sp_arena_fini(&arena);
}

static void every_text_is_a_segment_with_its_place_role_and_origin(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof canaries / sizeof canaries[0]; i++) check_canary(i);
}

/* Spelled otherwise, or split over the parts of a message: the same to a model. */
static const struct {
    const char *name, *dialect;
    sp_bytes body;
    const char *seen; /* the text of a segment, or NULL: no more segments than without */
} respelled[] = {
    {"full width", O, BYTES(O_PART("{\"type\":\"text\",\"text\":\"ada＠b.org\"}")), "ada@b.org"},
    {"full width by escape", O, BYTES(O_PART("{\"type\":\"text\",\"text\":\"ada\\uff20b.org\"}")),
     "ada@b.org"},
    {"full width by an escape in prose", O,
     BYTES(O_PART("{\"type\":\"text\",\"text\":\"see ada\\\\uff20b.org\"}")), "see ada@b.org"},
    {"in a name", O, BYTES(O_WITH(",\"metadata\":{\"ada＠b.org\":\"x\"}")), "ada@b.org"},
    {"in JSON in a string", O,
     BYTES(O_PART("{\"type\":\"text\",\"text\":\"{\\\"a\\\":\\\"ada\\\\u200b@b.org\\\"}\"}")), "ada@b.org"},
    {"over two parts", O,
     BYTES(O_PART("{\"type\":\"text\",\"text\":\"ada@\"},{\"type\":\"text\",\"text\":\"b.org\"}")),
     "ada@b.org"},
    {"over two parts with another between them", O,
     BYTES(O_PART(
         "{\"type\":\"text\",\"text\":\"ada@\"},{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:,x\"}},"
         "{\"type\":\"text\",\"text\":\"\"},{\"type\":\"text\",\"text\":\"b.org\"}")),
     "ada@b.org"},
    {"over two parts and respelled", O,
     BYTES(O_PART("{\"type\":\"text\",\"text\":\"ada\"},{\"type\":\"text\",\"text\":\"＠b.org\"}")),
     "ada@b.org"},
    {"over two blocks of a system prompt", A,
     BYTES(A_WITH(
         ",\"system\":[{\"type\":\"text\",\"text\":\"ada@\"},{\"type\":\"text\",\"text\":\"b.org\"}]")),
     "ada@b.org"},
    {"over two blocks of a tool's result", A,
     BYTES(A_BLOCK(
         "{\"type\":\"tool_result\",\"tool_use_id\":\"t\",\"content\":[{\"type\":\"text\",\"text\":\"ada@\"},"
         "{\"type\":\"text\",\"text\":\"b.org\"}]}")),
     "ada@b.org"},
    {"one part is joined to nothing", O, BYTES(O_PART("{\"type\":\"text\",\"text\":\"ada@b.org\"}")), NULL},
    {"what folds to nothing of interest", O, BYTES(O_PART("{\"type\":\"text\",\"text\":\"Müller 你好\"}")),
     NULL},
};

static void what_is_respelled_or_split_stands_once_more(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof respelled / sizeof respelled[0]; i++) {
        sp_arena arena;
        sp_arena_init(&arena, 64 << 20);
        sp_request r;
        const sp_dialect *dialect = sp_dialect_find(sp_bytes_of(respelled[i].dialect));
        assert_int_equal(sp_request_parse(&r, dialect, respelled[i].body, &arena.mem, NULL), SP_OK);
        size_t n_resolved = 0;
        for (size_t s = 0; s < r.n_segments; s++) {
            sp_span span;
            if (!r.segments[s].resolved) continue;
            n_resolved++;
            const sp_segment *segment = &r.segments[s];
            assert_int_equal(sp_segment_map(&span, &r, segment, 0, segment->text_end - segment->text_start),
                             SP_OK);
            assert_true(span.end > span.start);
        }
        const bool is_seen = respelled[i].seen != NULL && find_segment(&r, respelled[i].seen) != NULL;
        if (is_seen != (respelled[i].seen != NULL) || (n_resolved > 0) != is_seen)
            fail_msg("%s", respelled[i].name);
        sp_arena_fini(&arena);
    }
}

/* A model, or a client that cuts the JSON out of the prose, reads what the escapes say. */
static void escapes_in_prose_are_resolved_level_by_level(void **state)
{
    static const char *const texts[] = {
        "Result: {\\\"k\\\":\\\"\\\\u0063anary\\\"} thanks",
        "```json\\n{\\\"k\\\":\\\"\\\\u0063anary\\\"}\\n```",
        "{\\\"k\\\":\\\"\\\\u0063anary\\\"}.",
        "twice: \\\\\\\\u0063anary",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        sp_arena arena;
        sp_arena_init(&arena, 1 << 20);
        sp_buf body = SP_BUF_IN(&arena.mem);
        sp_buf_append_str(&body, "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"");
        sp_buf_append_str(&body, texts[i]);
        sp_buf_append_str(&body, "\"}]}");
        sp_request r;
        assert_int_equal(
            sp_request_parse(&r, sp_dialect_get(SP_DIALECT_OPENAI), sp_buf_bytes(&body), &arena.mem, NULL),
            SP_OK);
        bool found = false;
        for (size_t k = 0; k < r.n_segments; k++) {
            const sp_segment *s = &r.segments[k];
            const sp_bytes text = sp_bytes_sub(r.text, s->text_start, s->text_end);
            if (memmem(text.p, text.n, "canary", 6) == NULL) continue;
            found = true;
            sp_span span;
            assert_int_equal(sp_segment_map(&span, &r, s, 0, 1), SP_OK);
            assert_true(span.start > 0 && span.end <= r.body.n);
        }
        if (!found) fail_msg("row %zu: not found", i);
        assert_int_equal(r.n_uses, 0);
        sp_arena_fini(&arena);
    }
}

static void numbers_are_segments_everywhere(void **state)
{
    (void)state;
    static const sp_bytes bodies[] = {
        BYTES(O_WITH(",\"seed\":4111111111111111")),
        BYTES(O_WITH(",\"x\":{\"y\":4111111111111111}")),
        BYTES(O_WITH(",\"tools\":[{\"type\":\"function\",\"function\":{\"parameters\":{\"const\":"
                     "4111111111111111}}}]")),
        BYTES(O_WITH(",\"metadata\":{\"a\":\"[4111111111111111]\"}")),
    };
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        sp_arena arena;
        sp_request r;
        assert_int_equal(parse_as(&r, O, bodies[i], &arena, NULL), SP_OK);
        const sp_segment *s = find_segment(&r, "4111111111111111");
        assert_non_null(s);
        assert_int_equal(s->form, SP_FORM_NUMBER);
        sp_arena_fini(&arena);
    }
}

static void bytes_of_images_are_not_text(void **state)
{
    (void)state;
    static const struct {
        const char *dialect;
        sp_bytes body;
    } rows[] = {
        {O,
         BYTES(O_PART("{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,canary\"}}"))},
        {O, BYTES(O_PART(
                "{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"canary\",\"format\":\"wav\"}}"))},
        {O, BYTES(O_PART("{\"type\":\"file\",\"file\":{\"file_data\":\"canary\"}}"))},
        {A, BYTES(A_BLOCK("{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"media_type\":\"image/"
                          "png\",\"data\":\"canary\"}}"))},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sp_arena arena;
        sp_request r;
        assert_int_equal(parse_as(&r, rows[i].dialect, rows[i].body, &arena, NULL), SP_OK);
        for (size_t at = 0; at + 6 <= r.text.n; at++) assert_memory_not_equal(r.text.p + at, "canary", 6);
        assert_true(r.n_uses == 1 || (r.n_uses == 2 && r.uses[0].kind == SP_FIELD_IMAGES));
        assert_int_equal(r.uses[r.n_uses - 1].kind, SP_FIELD_UNREADABLE);
        sp_arena_fini(&arena);
    }
}

/* ---- uses ---- */

#define KIND(k) (1u << SP_FIELD_##k)

static const struct {
    const char *name, *dialect;
    sp_bytes body;
    unsigned kinds; /* set of kinds that are used */
} uses[] = {
    {"plain text", O, BYTES(O_WITH(",\"temperature\":1,\"tools\":[]")), KIND(PARAMETER) | KIND(TOOLS)},
    {"store false", O, BYTES(O_WITH(",\"store\":false")), 0},
    {"store null", O, BYTES(O_WITH(",\"store\":null")), 0},
    {"store true", O, BYTES(O_WITH(",\"store\":true")), KIND(STATE)},
    {"prompt_cache_key", O, BYTES(O_WITH(",\"prompt_cache_key\":\"k\"")), KIND(STATE)},
    {"web search", O, BYTES(O_WITH(",\"web_search_options\":{}")), KIND(SERVER_TOOLS)},
    {"a spoken answer", O, BYTES(O_WITH(",\"audio\":{\"voice\":\"alloy\",\"format\":\"wav\"}")),
     KIND(UNREADABLE)},
    {"an unknown key", O, BYTES(O_WITH(",\"top_k\":4")), KIND(UNKNOWN)},
    {"an unknown key that is null", O, BYTES(O_WITH(",\"top_k\":null")), KIND(UNKNOWN)},
    {"an image by URL", O, BYTES(O_PART("{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://x/y\"}}")),
     KIND(EGRESS) | KIND(UNREADABLE) | KIND(IMAGES)},
    {"an image inline", O,
     BYTES(O_PART("{\"type\":\"image_url\",\"image_url\":{\"url\":\"DATA:image/png;base64,aa\"}}")),
     KIND(UNREADABLE) | KIND(IMAGES)},
    {"a stored file", O, BYTES(O_PART("{\"type\":\"file\",\"file\":{\"file_id\":\"f\"}}")),
     KIND(STATE) | KIND(UNREADABLE)},
    {"a part without a type", O, BYTES(O_PART("{\"text\":\"x\"}")), KIND(UNKNOWN)},
    {"a part with an empty type", O, BYTES(O_PART("{\"type\":\"\",\"text\":\"x\"}")), KIND(UNKNOWN)},
    {"a part whose type is a number", O, BYTES(O_PART("{\"type\":1,\"text\":\"x\"}")), KIND(UNKNOWN)},
    {"earlier audio", O,
     BYTES("{\"model\":\"m\",\"messages\":[{\"role\":\"assistant\",\"audio\":{\"id\":\"a\"}}]}"),
     KIND(STATE) | KIND(UNREADABLE)},
    {"plain text", A, BYTES(A_WITH(",\"tools\":[{\"name\":\"n\",\"input_schema\":{}}],\"system\":\"s\"")),
     KIND(TOOLS)},
    {"an image by URL", A,
     BYTES(A_BLOCK("{\"type\":\"image\",\"source\":{\"type\":\"url\",\"url\":\"https://x\"}}")),
     KIND(EGRESS) | KIND(UNREADABLE) | KIND(IMAGES)},
    {"a stored image", A,
     BYTES(A_BLOCK("{\"type\":\"image\",\"source\":{\"type\":\"file\",\"file_id\":\"f\"}}")),
     KIND(STATE) | KIND(UNREADABLE) | KIND(IMAGES)},
    {"a PDF", A, BYTES(A_BLOCK("{\"type\":\"document\",\"source\":{\"type\":\"base64\",\"data\":\"aa\"}}")),
     KIND(UNREADABLE)},
    {"an image inside of a tool result", A,
     BYTES(A_BLOCK("{\"type\":\"tool_result\",\"content\":[{\"type\":\"image\",\"source\":{\"type\":"
                   "\"base64\",\"data\":\"aa\"}}]}")),
     KIND(UNREADABLE) | KIND(IMAGES)},
    {"an unknown source", A, BYTES(A_BLOCK("{\"type\":\"image\",\"source\":{\"type\":\"dream\"}}")),
     KIND(UNKNOWN) | KIND(IMAGES)},
    {"thinking", A, BYTES(A_BLOCK("{\"type\":\"thinking\",\"thinking\":\"t\",\"signature\":\"s\"}")),
     KIND(OPAQUE)},
    {"redacted thinking", A, BYTES(A_BLOCK("{\"type\":\"redacted_thinking\",\"data\":\"s\"}")), KIND(OPAQUE)},
    {"a cached block", A,
     BYTES(A_BLOCK("{\"type\":\"text\",\"text\":\"t\",\"cache_control\":{\"type\":\"ephemeral\"}}")),
     KIND(STATE)},
    {"a container", A, BYTES(A_WITH(",\"container\":\"c\"")), KIND(STATE)},
    {"MCP servers", A, BYTES(A_WITH(",\"mcp_servers\":[{\"url\":\"u\"}]")), KIND(SERVER_TOOLS)},
    {"a search by the provider", A,
     BYTES(A_WITH(",\"tools\":[{\"type\":\"web_search_20250305\",\"name\":\"web_search\"}]")),
     KIND(SERVER_TOOLS) | KIND(TOOLS)},
    {"code run by the provider", A,
     BYTES(A_WITH(",\"tools\":[{\"type\":\"code_execution_20250825\",\"name\":\"c\"}]")),
     KIND(SERVER_TOOLS) | KIND(TOOLS)},
    {"a shell run by the client", A,
     BYTES(A_WITH(",\"tools\":[{\"type\":\"bash_20250124\",\"name\":\"bash\"}]")), KIND(TOOLS)},
    {"an unknown tool", A, BYTES(A_WITH(",\"tools\":[{\"type\":\"teleport\",\"name\":\"t\"}]")),
     KIND(UNKNOWN) | KIND(TOOLS)},
    {"a tool whose type is empty", A, BYTES(A_WITH(",\"tools\":[{\"type\":\"\",\"name\":\"t\"}]")),
     KIND(UNKNOWN) | KIND(TOOLS)},
    {"a tool whose type is null", A, BYTES(A_WITH(",\"tools\":[{\"type\":null,\"name\":\"t\"}]")),
     KIND(TOOLS)},
    {"an unknown block", A, BYTES(A_BLOCK("{\"type\":\"hologram\"}")), KIND(UNKNOWN)},
};

static void names_each_field_that_needs_an_agreement(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof uses / sizeof uses[0]; i++) {
        sp_arena arena;
        sp_request r;
        sp_diag diag = {0};
        if (parse_as(&r, uses[i].dialect, uses[i].body, &arena, &diag) != SP_OK)
            fail_msg("%s: %s", uses[i].name, diag.text);
        unsigned kinds = 0;
        for (size_t k = 0; k < r.n_uses; k++) {
            kinds |= 1u << r.uses[k].kind;
            assert_true(r.uses[k].raw_end > r.uses[k].raw_start);
        }
        if (kinds != uses[i].kinds) fail_msg("%s, %s: %x", uses[i].dialect, uses[i].name, kinds);
        sp_arena_fini(&arena);
    }
}

/* ---- JSON inside of strings ---- */

static sp_bytes nest(sp_mem *mem, size_t levels)
{
    sp_bytes inner = SP_LIT("{\"k\":\"can\\u0061ry\"}");
    for (size_t i = 1; i < levels; i++) {
        sp_buf b = SP_BUF_IN(mem);
        sp_buf_append_str(&b, "{\"k\":\"");
        sp_buf_append_json(&b, inner);
        sp_buf_append_str(&b, "\"}");
        inner = sp_buf_bytes(&b);
    }
    sp_buf body = SP_BUF_IN(mem);
    sp_buf_append_str(&body, "{\"model\":\"m\"," O_MESSAGES ",\"user\":\"");
    sp_buf_append_json(&body, inner);
    sp_buf_append_str(&body, "\"}");
    return sp_buf_bytes(&body);
}

static void json_in_strings_is_read_down_to_the_limit_and_unreadable_below(void **state)
{
    (void)state;
    for (size_t levels = 1; levels <= SP_NEST_MAX + 1; levels++) {
        sp_arena arena, memory;
        sp_arena_init(&memory, 1 << 20);
        sp_request r;
        assert_int_equal(parse_as(&r, O, nest(&memory.mem, levels), &arena, NULL), SP_OK);
        const bool is_read = levels <= SP_NEST_MAX;
        assert_int_equal(find_segment(&r, "canary") != NULL, is_read);
        assert_int_equal(r.n_uses, is_read ? 0 : 1);
        if (!is_read) assert_int_equal(r.uses[0].kind, SP_FIELD_UNREADABLE);
        sp_arena_fini(&arena);
        sp_arena_fini(&memory);
    }
}

static void repeated_keys_in_nested_json_are_all_seen(void **state)
{
    (void)state;
    sp_arena arena;
    sp_request r;
    assert_int_equal(parse_as(&r, O,
                              SP_LIT(O_WITH(",\"user\":\"{\\\"a\\\":\\\"one\\\",\\\"a\\\":\\\"two\\\"}\"")),
                              &arena, NULL),
                     SP_OK);
    assert_non_null(find_segment(&r, "one"));
    assert_non_null(find_segment(&r, "two"));
    sp_arena_fini(&arena);
}

static void nested_json_that_is_too_deep_is_unreadable_if_it_can_hide_something(void **state)
{
    (void)state;
    sp_arena arena, memory;
    sp_arena_init(&memory, 1 << 20);
    for (int hides = 0; hides < 2; hides++) {
        sp_buf body = SP_BUF_IN(&memory.mem);
        sp_buf_append_str(&body, "{\"model\":\"m\"," O_MESSAGES ",\"user\":\"");
        for (size_t i = 0; i <= SP_DEPTH_MAX; i++) sp_buf_append_byte(&body, '[');
        if (hides) sp_buf_append_str(&body, "\\\"\\\\u0041\\\"");
        for (size_t i = 0; i <= SP_DEPTH_MAX; i++) sp_buf_append_byte(&body, ']');
        sp_buf_append_str(&body, "\"}");
        sp_request r;
        assert_int_equal(parse_as(&r, O, sp_buf_bytes(&body), &arena, NULL), SP_OK);
        assert_int_equal(r.n_uses, hides);
        sp_arena_fini(&arena);
    }
    sp_arena_fini(&memory);
}

static const struct {
    const char *name;
    sp_bytes text; /* as it stands between the quotes of "user" */
    bool is_found; /* the word that is hidden by an escape is a segment */
    bool is_unreadable;
} strings[] = {
    {"an object", BYTES("{\\\"a\\\":\\\"c\\\\u0061nary\\\"}"), true, false},
    {"white space around", BYTES(" [\\\"c\\\\u0061nary\\\"]\\n\\t"), true, false},
    {"lines", BYTES("{\\\"n\\\":1}\\n{\\\"a\\\":\\\"c\\\\u0061nary\\\"}"), true, false},
    {"lines, one of which is no JSON", BYTES("{\\\"n\\\":1}\\nhello\\n\\n [\\\"c\\\\u0061nary\\\"] \\n{ }"),
     true, false},
    {"half a surrogate", BYTES("[\\\"\\\\ud800\\\",\\\"c\\\\u0061nary\\\"]"), false, true},
    {"half a surrogate in a line", BYTES("[1]\\n[\\\"\\\\ud800\\\"]\\n[\\\"c\\\\u0061nary\\\"]"), true, true},
    {"no JSON", BYTES("{ c\\\\u0061nary }"), false, false},
    {"a string of JSON that is no container", BYTES("\\\"c\\\\u0061nary\\\""), false, false},
};

static void what_escapes_hide_in_strings_is_seen_or_said_to_be_unreadable(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++) {
        sp_arena arena, memory;
        sp_arena_init(&memory, 1 << 20);
        sp_buf body = SP_BUF_IN(&memory.mem);
        sp_buf_append_str(&body, "{\"model\":\"m\"," O_MESSAGES ",\"user\":\"");
        sp_buf_append(&body, strings[i].text);
        sp_buf_append_str(&body, "\"}");
        sp_request r;
        assert_int_equal(parse_as(&r, O, sp_buf_bytes(&body), &arena, NULL), SP_OK);
        const sp_segment *s = find_segment(&r, "canary");
        if ((s != NULL) != strings[i].is_found) fail_msg("%s: found %d", strings[i].name, s != NULL);
        if (r.n_uses != (strings[i].is_unreadable ? 1 : 0))
            fail_msg("%s: %zu uses", strings[i].name, r.n_uses);
        if (s != NULL) {
            sp_span span;
            assert_int_equal(sp_segment_map(&span, &r, s, 0, 6), SP_OK);
            assert_bytes(sp_bytes_sub(r.body, span.start, span.end), SP_LIT("c\\\\u0061nary"));
        }
        sp_arena_fini(&arena);
        sp_arena_fini(&memory);
    }
}

/* ---- values by name, parameters, blocks ---- */

static void values_by_name(void **state)
{
    (void)state;
    sp_arena arena;
    sp_request r;
    const sp_bytes body = SP_LIT(
        "{\"model\":\"g\\u0070t\",\"max_tokens\":5,\"max_completion_tokens\":7,\"stream\":true,"
        "\"stream_options\":{\"include_usage\":true},\"tools\":[{\"type\":\"function\",\"function\":{"
        "\"name\":\"f\"}}],"
        "\"temperature\":0.50,\"service_tier\":\"auto\",\"reasoning_effort\":\"low\",\"n\":null," O_MESSAGES
        " }");
    assert_int_equal(parse_as(&r, O, body, &arena, NULL), SP_OK);
    assert_bytes(r.model, SP_LIT("gpt"));
    assert_bytes(sp_bytes_sub(body, r.model_span.start, r.model_span.end), SP_LIT("\"g\\u0070t\""));
    assert_true(r.is_stream && r.asks_usage && r.has_tools);
    assert_int_equal(r.max_tokens, 7);
    assert_bytes(sp_bytes_sub(body, r.stream_options.start, r.stream_options.end),
                 SP_LIT("{\"include_usage\":true}"));
    assert_bytes(sp_bytes_sub(body, r.include_usage.start, r.include_usage.end), SP_LIT("true"));
    assert_int_equal(body.p[r.object_end], '}');
    assert_int_equal(r.object_end, body.n - 1);
    assert_bytes(r.parameters, SP_LIT("stream=true;stream_options.include_usage=true;max_tokens=5;max_"
                                      "completion_tokens=7;temperature=0.50;"));
    sp_arena_fini(&arena);
    assert_int_equal(parse_as(&r, A,
                              SP_LIT(A_WITH(",\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":1024}")),
                              &arena, NULL),
                     SP_OK);
    assert_false(r.is_stream || r.asks_usage || r.has_tools);
    assert_int_equal(r.max_tokens, 9);
    assert_int_equal(r.stream_options.end, 0);
    assert_bytes(r.parameters, SP_LIT("max_tokens=9;thinking.budget_tokens=1024;"));
    sp_arena_fini(&arena);
}

static void blocks_follow_messages_and_cover_the_body(void **state)
{
    (void)state;
    static const char *const parts[] = {
        " {\"model\":\"m\",\"max_tokens\":9, \"stream\":false,\n \"messages\": [ ",
        "{\"role\":\"user\",\"content\":\"one\"}",
        " ,\n {\"role\":\"assistant\",\"content\":\"two\"}",
        ",{\"role\":\"user\",\"content\":\"three\"}",
        "] , \"system\":\"a prompt of the system, which makes a block with what is before it\"}\n",
    };
    sp_arena arena, memory;
    sp_arena_init(&memory, 1 << 16);
    sp_buf body = SP_BUF_IN(&memory.mem);
    for (size_t i = 0; i < 5; i++) sp_buf_append_str(&body, parts[i]);
    sp_request r;
    assert_int_equal(parse_as(&r, A, sp_buf_bytes(&body), &arena, NULL), SP_OK);
    assert_int_equal(r.n_blocks, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_bytes(sp_bytes_sub(r.body, r.blocks[i].start, r.blocks[i].end), sp_bytes_of(parts[i]));
    }
    assert_int_equal(find_segment(&r, "two")->block, 2);
    assert_int_equal(find_segment(&r, "three")->block, 3);
    sp_arena_fini(&arena);
    sp_arena_fini(&memory);
}

static void the_next_turn_repeats_the_blocks_of_the_last(void **state)
{
    (void)state;
    sp_arena a, b;
    sp_request first, second;
    assert_int_equal(
        parse_as(&first, O,
                 SP_LIT("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"q\"}],\"n\":1}"), &a,
                 NULL),
        SP_OK);
    assert_int_equal(parse_as(&second, O,
                              SP_LIT("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"q\"},{"
                                     "\"role\":\"user\",\"content\":\"r\"}],"
                                     "\"n\":1}"),
                              &b, NULL),
                     SP_OK);
    for (size_t i = 0; i < 2; i++) {
        assert_bytes(sp_bytes_sub(first.body, first.blocks[i].start, first.blocks[i].end),
                     sp_bytes_sub(second.body, second.blocks[i].start, second.blocks[i].end));
    }
    sp_arena_fini(&a);
    sp_arena_fini(&b);
}

/* ---- memory ---- */

static void survives_each_failing_allocation(void **state)
{
    (void)state;
    const sp_bytes body = SP_LIT(O_WITH(",\"user\":\"{\\\"a\\\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,"
                                        "18,19,20]}\",\"store\":true,\"x\":1,\"n\":1"));
    sp_status status = SP_ENOMEM;
    size_t fail_at = 0;
    while (status != SP_OK) {
        failing f;
        sp_request r;
        sp_diag diag = {0};
        failing_init(&f, ++fail_at);
        status = sp_request_parse(&r, sp_dialect_get(SP_DIALECT_OPENAI), body, &f.mem, &diag);
        assert_true(status == SP_OK || status == SP_ENOMEM);
        if (status != SP_OK) {
            assert_null(r.segments);
            assert_int_equal(diag.code, SP_ENOMEM);
        }
        sp_arena_fini(&f.arena);
    }
    assert_true(fail_at > 8);
}

static void takes_no_more_memory_than_it_says(void **state)
{
    (void)state;
    sp_arena arena, memory;
    sp_arena_init(&memory, (size_t)64 << 20);
    sp_arena_init(&arena, (size_t)64 << 20);
    sp_buf body = SP_BUF_IN(&memory.mem);
    sp_buf_append_str(&body, "{\"model\":\"m\",\"messages\":[");
    for (size_t i = 0; i < 80; i++) {
        sp_buf_append_str(&body, i == 0 ? "" : ",");
        sp_buf_append_str(&body, "{\"role\":\"user\",\"content\":\"");
        for (size_t k = 0; k < 100; k++) sp_buf_append_str(&body, "plain prose ");
        sp_buf_append_str(&body, "\"}");
    }
    sp_buf_append_str(&body, "]}");
    sp_request r;
    assert_int_equal(
        sp_request_parse(&r, sp_dialect_get(SP_DIALECT_OPENAI), sp_buf_bytes(&body), &arena.mem, NULL),
        SP_OK);
    assert_true(arena.mem.used <= 6 * body.n + (16 << 10));
    sp_arena_fini(&arena);
    sp_arena_fini(&memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_does_not_fit_the_table),
        cmocka_unit_test(a_refusal_tells_the_position_and_no_text_of_the_client),
        cmocka_unit_test(every_text_is_a_segment_with_its_place_role_and_origin),
        cmocka_unit_test(what_is_respelled_or_split_stands_once_more),
        cmocka_unit_test(escapes_in_prose_are_resolved_level_by_level),
        cmocka_unit_test(numbers_are_segments_everywhere),
        cmocka_unit_test(bytes_of_images_are_not_text),
        cmocka_unit_test(names_each_field_that_needs_an_agreement),
        cmocka_unit_test(json_in_strings_is_read_down_to_the_limit_and_unreadable_below),
        cmocka_unit_test(repeated_keys_in_nested_json_are_all_seen),
        cmocka_unit_test(nested_json_that_is_too_deep_is_unreadable_if_it_can_hide_something),
        cmocka_unit_test(what_escapes_hide_in_strings_is_seen_or_said_to_be_unreadable),
        cmocka_unit_test(values_by_name),
        cmocka_unit_test(blocks_follow_messages_and_cover_the_body),
        cmocka_unit_test(the_next_turn_repeats_the_blocks_of_the_last),
        cmocka_unit_test(survives_each_failing_allocation),
        cmocka_unit_test(takes_no_more_memory_than_it_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
