/* What a call is depends on its operation: which fields it takes, which of them nobody can read, how its
 * answer is read. */
#include "parse_help.h"

#include "sallyport/history.h"
#include "sallyport/review.h"

static sp_status parse_as(sp_request *r, sp_dialect_id dialect, sp_operation operation, const char *body,
                          sp_arena *arena)
{
    sp_arena_init(arena, (size_t)64 << 20);
    const sp_parse_in in = {sp_dialect_get(dialect), operation, exact(&arena->mem, sp_bytes_of(body)), NULL};
    return sp_request_parse_with(r, &in, &arena->mem, NULL);
}

/* ---- names ---- */

static void names_are_found_again(void **state)
{
    (void)state;
    size_t n = 0;
    for (sp_operation op = SP_OP_NONE; op <= SP_OP_METRICS; op++) {
        if (!sp_operation_is_call(op)) {
            assert_string_equal(sp_operation_name(op), "unknown");
            assert_false(sp_operation_streams(op));
            continue;
        }
        assert_int_equal(sp_operation_find(sp_bytes_of(sp_operation_name(op))), op);
        n++;
    }
    assert_true(n > 0);
    assert_int_equal(sp_operation_find(SP_LIT("unknown")), SP_OP_NONE);
    assert_int_equal(sp_operation_find(SP_LIT("")), SP_OP_NONE);
}

/* ---- requests ---- */

#define KIND(K) (1u << SP_FIELD_##K)
#define COUNT SP_DIALECT_ANTHROPIC, SP_OP_COUNT
#define EMBED(INPUT) SP_DIALECT_OPENAI, SP_OP_EMBED, "{\"model\":\"m\",\"input\":" INPUT "}"
#define COMPLETE(PROMPT) SP_DIALECT_OPENAI, SP_OP_COMPLETE, "{\"model\":\"m\",\"prompt\":" PROMPT "}"
#define SAYS "\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]"

static const struct {
    const char *name;
    sp_dialect_id dialect;
    sp_operation operation;
    const char *body;
    sp_status status;
    unsigned kinds; /* set of kinds that are used */
} requests[] = {
    {"a conversation is counted", COUNT, "{\"model\":\"m\"," SAYS "}", SP_OK, 0},
    {"with all that it takes", COUNT,
     "{\"model\":\"m\"," SAYS ",\"system\":\"s\",\"tools\":[{\"name\":\"n\",\"input_schema\":{}}],"
     "\"tool_choice\":{\"type\":\"auto\"},\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":1024}}",
     SP_OK, KIND(PARAMETER) | KIND(TOOLS)},
    {"no answer, so no length of one", COUNT, "{\"model\":\"m\"," SAYS ",\"max_tokens\":1}", SP_OK,
     KIND(UNKNOWN)},
    {"nor a stream", COUNT, "{\"model\":\"m\"," SAYS ",\"stream\":true}", SP_OK, KIND(UNKNOWN)},
    {"nor where it would be kept", COUNT, "{\"model\":\"m\"," SAYS ",\"container\":\"c\"}", SP_OK,
     KIND(UNKNOWN)},
    {"an image is as unreadable as ever", COUNT,
     "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image\",\"source\":"
     "{\"type\":\"base64\",\"data\":\"aa\"}}]}]}",
     SP_OK, KIND(UNREADABLE) | KIND(IMAGES)},
    {"servers act for the provider as ever", COUNT, "{\"model\":\"m\"," SAYS ",\"mcp_servers\":[]}", SP_OK,
     KIND(SERVER_TOOLS)},
    {"nothing to count", COUNT, "{\"model\":\"m\",\"messages\":[]}", SP_EMISSING, 0},
    {"no messages", COUNT, "{\"model\":\"m\"}", SP_EMISSING, 0},
    {"no model", COUNT, "{" SAYS "}", SP_EMISSING, 0},
    {"a key twice", COUNT, "{\"model\":\"m\"," SAYS ",\"mod\\u0065l\":\"m\"}", SP_EDUPKEY, 0},
    {"a text is embedded", EMBED("\"x\""), SP_OK, 0},
    {"texts are", EMBED("[\"x\",\"y\"]"), SP_OK, 0},
    {"with all that it takes",
     EMBED("\"x\",\"dimensions\":256,\"encoding_format\":\"base64\",\"user\":\"u\""), SP_OK, KIND(PARAMETER)},
    {"tokens stand for a text that nobody reads", EMBED("[1,2,3]"), SP_OK, KIND(UNREADABLE)},
    {"so do lists of them", EMBED("[[1,2],[3]]"), SP_OK, KIND(UNREADABLE)},
    {"a text among tokens", EMBED("[1,\"x\"]"), SP_EFIELD, 0},
    {"tokens among texts", EMBED("[\"x\",1]"), SP_EFIELD, 0},
    {"tokens in a list among texts", EMBED("[\"x\",[1]]"), SP_EFIELD, 0},
    {"a text in a list of tokens", EMBED("[[1,\"x\"]]"), SP_EFIELD, 0},
    {"lists too deep", EMBED("[[[1]]]"), SP_EFIELD, 0},
    {"a token that is no integer", EMBED("[1.5]"), SP_EFIELD, 0},
    {"a token below 0", EMBED("[-1]"), SP_EFIELD, 0},
    {"a token that no vocabulary has", EMBED("[4111111111111111]"), SP_EFIELD, 0},
    {"a token with an exponent", EMBED("[1e3]"), SP_ENUMBER, 0},
    {"no texts", EMBED("[]"), SP_EFIELD, 0},
    {"a list of no tokens", EMBED("[[]]"), SP_EFIELD, 0},
    {"nothing", EMBED("[null]"), SP_EFIELD, 0},
    {"an object", EMBED("[{\"text\":\"x\"}]"), SP_EFIELD, 0},
    {"a number", EMBED("7"), SP_EFIELD, 0},
    {"no input", EMBED("null"), SP_EMISSING, 0},
    {"messages are no input", EMBED("\"x\"," SAYS), SP_OK, KIND(UNKNOWN)},
    {"a stream of vectors", EMBED("\"x\",\"stream\":true"), SP_OK, KIND(UNKNOWN)},
    {"a text goes on", COMPLETE("\"x\""), SP_OK, 0},
    {"with all that it takes",
     COMPLETE("[\"x\"],\"suffix\":\"s\",\"echo\":true,\"best_of\":2,\"n\":2,\"logprobs\":5,\"max_tokens\":0,"
              "\"stop\":[\"e\"],\"user\":\"u\",\"logit_bias\":{\"50256\":-100},\"seed\":7"),
     SP_OK, KIND(PARAMETER)},
    {"tokens stand for a prompt", COMPLETE("[1,2,3]"), SP_OK, KIND(UNREADABLE)},
    {"so do lists of them", COMPLETE("[[1,2,3]]"), SP_OK, KIND(UNREADABLE)},
    {"too many choices", COMPLETE("\"x\",\"n\":129"), SP_EFIELD, 0},
    {"how likely, as chat asks it", COMPLETE("\"x\",\"logprobs\":true"), SP_EFIELD, 0},
    {"no prompt", SP_DIALECT_OPENAI, SP_OP_COMPLETE, "{\"model\":\"m\"}", SP_EMISSING, 0},
    {"an operation of another dialect", SP_DIALECT_OPENAI, SP_OP_COUNT, "{\"model\":\"m\"," SAYS "}",
     SP_EINTERNAL, 0},
    {"no operation", SP_DIALECT_OPENAI, SP_OP_NONE, "{\"model\":\"m\"," SAYS "}", SP_EINTERNAL, 0},
    {"an operation of the gateway", SP_DIALECT_OPENAI, SP_OP_MODELS, "{\"model\":\"m\"," SAYS "}",
     SP_EINTERNAL, 0},
};

static void each_takes_its_own_fields(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        sp_arena arena;
        sp_request r;
        unsigned kinds = 0;
        const sp_status status =
            parse_as(&r, requests[i].dialect, requests[i].operation, requests[i].body, &arena);
        for (size_t k = 0; k < r.n_uses; k++) kinds |= 1u << r.uses[k].kind;
        if (status != requests[i].status || kinds != requests[i].kinds)
            fail_msg("%s: status %d, uses %x", requests[i].name, (int)status, kinds);
        if (status == SP_OK) {
            assert_int_equal(r.operation, requests[i].operation);
            assert_false(r.is_stream);
        }
        sp_arena_fini(&arena);
    }
}

/* A user speaks in each of them, and each has its place. */
static void texts_have_a_place_each(void **state)
{
    (void)state;
    sp_arena arena;
    sp_request r;
    sp_buf place;
    assert_int_equal(parse_as(&r, EMBED("[\"first\",\"s\\u0065cond\"]"), &arena), SP_OK);
    place = SP_BUF_IN(&arena.mem);
    const sp_segment *s = find_segment(&r, "second");
    assert_non_null(s);
    sp_place_append(&place, s->place);
    assert_bytes(sp_buf_bytes(&place), SP_LIT("input[1]"));
    assert_true(s->role == SP_ROLE_USER && s->origin == SP_ORIGIN_USER && s->kind == SP_FIELD_TEXT);
    sp_arena_fini(&arena);
    assert_int_equal(parse_as(&r, COMPLETE("\"{\\\"a\\\":\\\"b\\\\u0065\\\"}\",\"suffix\":\"end\""), &arena),
                     SP_OK);
    assert_non_null(find_segment(&r, "be")); /* JSON inside of it is read as anywhere */
    assert_non_null(find_segment(&r, "end"));
    sp_arena_fini(&arena);
}

/* Each text has its answers, and no more than those may come. */
static void answers_are_counted_by_texts(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        sp_dialect_id dialect;
        sp_operation operation;
        const char *body;
        uint32_t n;
    } rows[] = {
        {"one text", EMBED("\"x\""), 1},
        {"three texts", EMBED("[\"x\",\"y\",\"z\"]"), 3},
        {"one of tokens", EMBED("[1,2,3]"), 1},
        {"two of tokens", EMBED("[[1,2,3],[4]]"), 2},
        {"one prompt, thrice", COMPLETE("\"x\",\"n\":3"), 3},
        {"two prompts, thrice", COMPLETE("[\"x\",\"y\"],\"n\":3"), 6},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sp_arena arena;
        sp_request r;
        assert_int_equal(parse_as(&r, rows[i].dialect, rows[i].operation, rows[i].body, &arena), SP_OK);
        if (r.n_choices != rows[i].n) fail_msg("%s: %u", rows[i].name, r.n_choices);
        sp_arena_fini(&arena);
    }
}

/* ---- what was seen before ---- */

/* The same bytes read by another table may hold something else: they are not known from there. These are made
 * so that both readings are as long and have as many segments: only the operation tells them apart. */
static void a_known_block_is_known_to_its_operation_alone(void **state)
{
    (void)state;
    static uint64_t table[(64 << 10) / 8];
    static const uint8_t key[32] = {7}, scope[SP_KEY_ID_BYTES] = {1};
    static const sp_operation operations[] = {SP_OP_EMBED, SP_OP_COMPLETE, SP_OP_COMPLETE};
    const char *body = "{\"model\":\"m\",\"input\":\"x\",\"prompt\":\"y\",\"encoding_format\":\"float\","
                       "\"stream_options\":{}}";
    sp_history history;
    sp_arena arena[3];
    sp_request r[3];
    sp_pieces pieces[3];
    assert_int_equal(sp_history_init(&history, table, sizeof table, key), SP_OK);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(parse_as(&r[i], SP_DIALECT_OPENAI, operations[i], body, &arena[i]), SP_OK);
        assert_int_equal(sp_history_cut(&pieces[i], &r[i], &arena[i].mem), SP_OK);
        assert_int_equal(sp_history_tag(&history, &pieces[i], &(sp_seen_by){scope, 1}), SP_OK);
        assert_int_equal(pieces[i].n, 1);
    }
    assert_int_equal(r[0].n_segments, r[1].n_segments);
    assert_int_equal(r[0].text.n, r[1].text.n);
    assert_memory_not_equal(pieces[0].v[0].tag, pieces[1].v[0].tag, SP_TAG_BYTES);
    assert_memory_equal(pieces[1].v[0].tag, pieces[2].v[0].tag, SP_TAG_BYTES);
    for (size_t i = 0; i < 3; i++) sp_arena_fini(&arena[i]);
    sp_history_fini(&history);
}

/* ---- answers ---- */

static void what_has_no_stream_is_not_answered_by_one(void **state)
{
    (void)state;
    sp_arena arena;
    sp_review *review;
    sp_arena_init(&arena, 1 << 20);
    sp_review_options options = {.dialect = sp_dialect_get(SP_DIALECT_ANTHROPIC), .is_stream = true};
    assert_int_equal(sp_review_new(&review, &options, &arena.mem), SP_EINTERNAL);
    assert_null(review);
    options.operation = SP_OP_COUNT;
    assert_int_equal(sp_review_new(&review, &options, &arena.mem), SP_EUPTYPE);
    assert_null(review);
    options.is_stream = false;
    assert_int_equal(sp_review_new(&review, &options, &arena.mem), SP_OK);
    sp_arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_found_again),
        cmocka_unit_test(each_takes_its_own_fields),
        cmocka_unit_test(texts_have_a_place_each),
        cmocka_unit_test(answers_are_counted_by_texts),
        cmocka_unit_test(a_known_block_is_known_to_its_operation_alone),
        cmocka_unit_test(what_has_no_stream_is_not_answered_by_one),
    };
    return cmocka_run_group_tests_name("operations", tests, NULL, NULL);
}
