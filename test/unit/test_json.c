/* Strict JSON: what is refused and where, spans of every value, repeated keys in bounded time, numbers
 * that all parsers read alike. */
#include "parse_help.h"

#include <stdio.h>

#include "parse/json_read.h"

static sp_status parse_in(sp_json *json, sp_bytes text, sp_arena *arena, sp_diag *diag)
{
    sp_arena_init(arena, (size_t)512 << 20);
    return sp_json_parse(json, exact(&arena->mem, text), &arena->mem, diag);
}

/* ---- what is refused ---- */

#define BYTES(s)                               \
    {                                          \
        (const uint8_t *)("" s), sizeof(s) - 1 \
    }

static const struct {
    const char *name;
    sp_bytes text;
    sp_status status;
    size_t at; /* SIZE_MAX: not looked at */
} refusals[] = {
    {"an object passes", BYTES("{\"a\":1}"), SP_OK, SIZE_MAX},
    {"white space around passes", BYTES(" \t\r\n[] \n"), SP_OK, SIZE_MAX},
    {"a scalar passes", BYTES("\"x\""), SP_OK, SIZE_MAX},
    {"NUL inside of a string passes as an escape", BYTES("\"a\\u0000b\""), SP_OK, SIZE_MAX},
    {"the same key in two objects passes", BYTES("{\"a\":{\"a\":1},\"b\":{\"a\":1}}"), SP_OK, SIZE_MAX},
    {"keys that differ behind a NUL pass", BYTES("{\"a\\u0000b\":1,\"a\\u0000c\":1}"), SP_OK, SIZE_MAX},
    {"a huge number passes as a token", BYTES("[1e999999,123456789012345678901234567890]"), SP_OK, SIZE_MAX},
    {"empty text", BYTES(""), SP_ESYNTAX, 0},
    {"only white space", BYTES("  "), SP_ESYNTAX, SIZE_MAX},
    {"trailing bytes", BYTES("{} x"), SP_ESYNTAX, 3},
    {"a second value", BYTES("{}{}"), SP_ESYNTAX, 2},
    {"a trailing NUL", BYTES("{}\0"), SP_ESYNTAX, 2},
    {"a raw NUL inside of a string", BYTES("\"a\0b\""), SP_ESYNTAX, 2},
    {"a raw newline inside of a string", BYTES("\"a\nb\""), SP_ESYNTAX, 2},
    {"a trailing comma", BYTES("[1,]"), SP_ESYNTAX, SIZE_MAX},
    {"a comment", BYTES("[1/**/]"), SP_ESYNTAX, SIZE_MAX},
    {"NaN", BYTES("[NaN]"), SP_ESYNTAX, 1},
    {"Infinity", BYTES("[-Infinity]"), SP_ESYNTAX, SIZE_MAX},
    {"a leading zero", BYTES("[01]"), SP_ESYNTAX, SIZE_MAX},
    {"a plus sign", BYTES("[+1]"), SP_ESYNTAX, 1},
    {"a hexadecimal number", BYTES("[0x10]"), SP_ESYNTAX, SIZE_MAX},
    {"a bare point", BYTES("[1.]"), SP_ESYNTAX, SIZE_MAX},
    {"an unquoted key", BYTES("{a:1}"), SP_ESYNTAX, 1},
    {"single quotes", BYTES("{'a':1}"), SP_ESYNTAX, 1},
    {"an unknown escape", BYTES("\"\\x41\""), SP_ESYNTAX, SIZE_MAX},
    {"an open string", BYTES("\"abc"), SP_ESYNTAX, SIZE_MAX},
    {"an open object", BYTES("{\"a\":1"), SP_ESYNTAX, SIZE_MAX},
    {"a byte order mark", BYTES("\xef\xbb\xbf{}"), SP_ESYNTAX, SIZE_MAX},
    {"form feed as white space", BYTES("\f{}"), SP_ESYNTAX, 0},
    {"a repeated key", BYTES("{\"a\":1,\"b\":2,\"a\":3}"), SP_EDUPKEY, 13},
    {"a repeated key that is escaped", BYTES("{\"a\":1,\"\\u0061\":3}"), SP_EDUPKEY, 7},
    {"a repeated empty key", BYTES("{\"\":1,\"\":3}"), SP_EDUPKEY, 6},
    {"a repeated key deep down", BYTES("[[{\"x\":{\"k\":1,\"k\":1}}]]"), SP_EDUPKEY, 14},
    {"a byte that is no UTF-8", BYTES("\"\xff\""), SP_EUTF8, 1},
    {"an overlong form", BYTES("\"\xc0\xaf\""), SP_EUTF8, 1},
    {"an encoded surrogate", BYTES("\"\xed\xa0\x80\""), SP_EUTF8, 1},
    {"beyond U+10FFFF", BYTES("\"\xf4\x90\x80\x80\""), SP_EUTF8, 1},
    {"a cut sequence", BYTES("\"\xe2\x82\""), SP_EUTF8, 1},
    {"a lone high surrogate", BYTES("\"\\ud800\""), SP_EUTF8, SIZE_MAX},
    {"a lone high surrogate before another escape", BYTES("\"\\ud800\\n\""), SP_EUTF8, SIZE_MAX},
    {"two high surrogates", BYTES("\"\\ud800\\ud800\""), SP_EUTF8, SIZE_MAX},
    {"a lone low surrogate", BYTES("\"\\udc00\""), SP_EUTF8, SIZE_MAX},
    {"a lone low surrogate as key", BYTES("{\"\\uDFFF\":1}"), SP_EUTF8, SIZE_MAX},
};

static void refuses_what_parsers_read_differently(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        sp_arena arena;
        sp_json json;
        sp_diag diag = {0};
        const sp_status status = parse_in(&json, refusals[i].text, &arena, &diag);
        if (status != refusals[i].status)
            fail_msg("%s: %d at %zu %s", refusals[i].name, status, diag.at, diag.text);
        if (refusals[i].at != SIZE_MAX && diag.at != refusals[i].at)
            fail_msg("%s: at %zu", refusals[i].name, diag.at);
        if (status != SP_OK) {
            assert_null(json.root);
            assert_int_equal(diag.code, status);
        }
        sp_arena_fini(&arena);
    }
}

static void refuses_nesting_above_the_limit(void **state)
{
    (void)state;
    for (size_t depth = SP_DEPTH_MAX; depth <= SP_DEPTH_MAX + 1; depth++) {
        uint8_t text[2 * (SP_DEPTH_MAX + 1)];
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        sp_arena arena;
        sp_json json;
        sp_diag diag = {0};
        const sp_status status = parse_in(&json, (sp_bytes){text, 2 * depth}, &arena, &diag);
        assert_int_equal(status, depth == SP_DEPTH_MAX ? SP_OK : SP_EDEPTH);
        if (depth > SP_DEPTH_MAX) assert_int_equal(diag.at, SP_DEPTH_MAX);
        sp_arena_fini(&arena);
    }
}

static void refuses_a_million_open_brackets_without_a_deep_stack(void **state)
{
    (void)state;
    static uint8_t text[1 << 20];
    memset(text, '[', sizeof text);
    sp_arena arena;
    sp_json json;
    assert_int_equal(parse_in(&json, (sp_bytes){text, sizeof text}, &arena, NULL), SP_ESYNTAX);
    sp_arena_fini(&arena);
}

static void refuses_more_than_the_bound(void **state)
{
    (void)state;
    sp_json json;
    sp_arena arena;
    sp_arena_init(&arena, 1 << 20);
    const uint8_t byte = '[';
    assert_int_equal(sp_json_parse(&json, (sp_bytes){&byte, SP_BODY_MAX + 1}, &arena.mem, NULL), SP_ESIZE);
    sp_arena_fini(&arena);
}

/* ---- repeated keys among many ---- */

static size_t write_keys(char *to, size_t n, size_t repeat)
{
    size_t at = 0;
    to[at++] = '{';
    for (size_t i = 0; i < n; i++) {
        const size_t name = i == n - 1 ? repeat : i;
        at += (size_t)sprintf(to + at, "%s\"k%zu\":0", i == 0 ? "" : ",", name);
    }
    to[at++] = '}';
    return at;
}

static void finds_a_repeated_key_among_any_number(void **state)
{
    (void)state;
    static char text[4 << 20];
    static const size_t sizes[] = {2, 3, 11, 12, 13, 14, 40, 1000, 100000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        for (size_t repeat = 0; repeat < 2; repeat++) {
            /* The last key is new, or the same as the one in the middle. */
            const size_t n = write_keys(text, sizes[i],
                                        repeat == 0 ? sizes[i] : sizes[i] / 2 - 1 + (sizes[i] == 2 ? 0 : 1));
            sp_arena arena;
            sp_json json;
            const sp_status status = parse_in(&json, (sp_bytes){(const uint8_t *)text, n}, &arena, NULL);
            assert_int_equal(status, repeat == 0 ? SP_OK : SP_EDUPKEY);
            sp_arena_fini(&arena);
        }
    }
}

static void finds_a_repeated_key_wherever_it_is_sorted(void **state)
{
    (void)state;
    static char text[4096];
    for (size_t n = 3; n < 30; n++) {
        for (size_t repeat = 0; repeat + 1 < n; repeat++) {
            const size_t length = write_keys(text, n, repeat);
            sp_arena arena;
            sp_json json;
            sp_diag diag;
            const sp_status status =
                parse_in(&json, (sp_bytes){(const uint8_t *)text, length}, &arena, &diag);
            assert_int_equal(status, SP_EDUPKEY);
            /* The later of the two is named: it is the last member. */
            assert_null(memchr(text + diag.at, ',', length - diag.at));
            sp_arena_fini(&arena);
        }
    }
}

static void lets_repeated_keys_pass_on_request(void **state)
{
    (void)state;
    sp_arena arena;
    sp_json json;
    sp_arena_init(&arena, 1 << 20);
    const sp_bytes text = SP_LIT("{\"a\":1,\"a\":2}");
    assert_int_equal(sp_json_parse_with(&json, text, SP_JSON_DUPLICATES, &arena.mem, NULL), SP_OK);
    assert_int_equal(sp_json_count(json.root), 2);
    sp_arena_fini(&arena);
}

/* ---- spans ---- */

static void knows_the_span_of_each_value(void **state)
{
    (void)state;
    static const char text[] = " { \"k\\\"1\" : [ 1 , -2.5e3,\"x\" ,\"\\\\\", true,false , null,{ } ,[ ]] , "
                               "\"o\":{\"p\":\"\\u0040\"} } ";
    static const char *const tokens[] = {
        NULL,
        "\"k\\\"1\"",
        "[ 1 , -2.5e3,\"x\" ,\"\\\\\", true,false , null,{ } ,[ ]]",
        "1",
        "-2.5e3",
        "\"x\"",
        "\"\\\\\"",
        "true",
        "false",
        "null",
        "{ }",
        "[ ]",
        "\"o\"",
        "{\"p\":\"\\u0040\"}",
        "\"p\"",
        "\"\\u0040\"",
    };
    sp_arena arena;
    sp_json json;
    assert_int_equal(parse_in(&json, sp_bytes_of(text), &arena, NULL), SP_OK);
    assert_int_equal(json.n_nodes, sizeof tokens / sizeof tokens[0]);
    assert_int_equal(json.spans[0].start, 1);
    assert_int_equal(json.spans[0].end, sizeof text - 2);
    for (uint32_t i = 1; i < json.n_nodes; i++) {
        assert_bytes(sp_bytes_sub(json.text, json.spans[i].start, json.spans[i].end), sp_bytes_of(tokens[i]));
    }
    const sp_node *p = sp_json_find2(json.root, SP_LIT("o"), SP_LIT("p"));
    assert_bytes(sp_json_bytes(p), SP_LIT("@"));
    assert_false(sp_json_is_verbatim(p));
    const sp_span inner = sp_json_inner(&json, p);
    assert_bytes(sp_bytes_sub(json.text, inner.start, inner.end), SP_LIT("\\u0040"));
    sp_arena_fini(&arena);
}

static void accessors_take_any_node_and_none(void **state)
{
    (void)state;
    sp_arena arena;
    sp_json json;
    assert_int_equal(parse_in(&json, SP_LIT("[\"s\",12,true,null,{}]"), &arena, NULL), SP_OK);
    static const sp_json_type types[] = {SP_JSON_STRING, SP_JSON_NUMBER, SP_JSON_BOOL, SP_JSON_NULL,
                                         SP_JSON_OBJECT};
    sp_each it = sp_each_of(json.root);
    for (size_t i = 0; sp_each_step(&it); i++) {
        assert_int_equal(it.index, i);
        assert_null(it.key);
        assert_int_equal(sp_json_type_of(it.value), types[i]);
        assert_int_equal(sp_json_is_true(it.value), i == 2);
        assert_null(sp_json_find(it.value, SP_LIT("x")));
    }
    assert_int_equal(it.index, 4);
    assert_int_equal(sp_json_type_of(NULL), SP_JSON_NONE);
    assert_int_equal(sp_json_bytes(NULL).n, 0);
    assert_int_equal(sp_json_count(NULL), 0);
    assert_null(sp_json_first(NULL));
    assert_null(sp_json_find(NULL, SP_LIT("x")));
    assert_null(sp_json_find2(json.root, SP_LIT("x"), SP_LIT("y")));
    assert_false(sp_json_is_true(NULL));
    assert_false(sp_json_is_verbatim(NULL));
    sp_each none = sp_each_of(NULL);
    assert_false(sp_each_step(&none));
    sp_arena_fini(&arena);
}

static const struct {
    const char *text, *key, *rest;
} removals[] = {
    {"{\"a\":1}", "a", "{}"},
    {"{ \"a\" : 1 }", "a", "{  }"},
    {"{\"a\":1,\"b\":[2]}", "a", "{\"b\":[2]}"},
    {"{\"a\":1, \"b\" : [2] }", "b", "{\"a\":1 }"},
    {"{\"a\":1 , \"b\":2 , \"c\":3}", "b", "{\"a\":1 , \"c\":3}"},
};

static void removes_a_member_with_its_comma(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof removals / sizeof removals[0]; i++) {
        sp_arena arena;
        sp_json json;
        assert_int_equal(parse_in(&json, sp_bytes_of(removals[i].text), &arena, NULL), SP_OK);
        sp_span span = {0, 0};
        for (sp_each it = sp_each_of(json.root); sp_each_step(&it);) {
            if (!sp_bytes_eq(sp_json_bytes(it.key), sp_bytes_of(removals[i].key))) continue;
            span = sp_json_member_span(&json, json.root, it.key);
        }
        sp_buf rest = SP_BUF_IN(&arena.mem);
        sp_buf_append(&rest, sp_bytes_sub(json.text, 0, span.start));
        sp_buf_append(&rest, sp_bytes_sub(json.text, span.end, json.text.n));
        assert_bytes(sp_buf_bytes(&rest), sp_bytes_of(removals[i].rest));
        const sp_span none = sp_json_member_span(&json, json.root, json.root);
        assert_int_equal(none.end, 0);
        sp_arena_fini(&arena);
    }
}

/* ---- numbers ---- */

static const struct {
    const char *token;
    bool is_plain;
} numbers[] = {
    {"0", true},
    {"1", true},
    {"-1", true},
    {"0.7", true},
    {"-0.5", true},
    {"1.0", true},
    {"0.0", true},
    {"100", true},
    {"9007199254740991", true},
    {"-9007199254740991", true},
    {"0.12345678901234567", true},
    {"123456.12345678901", true},
    {"9007199254740992", false},
    {"-9007199254740992", false},
    {"18446744073709551616", false},
    {"-0", false},
    {"-0.0", false},
    {"1e2", false},
    {"1E2", false},
    {"1.5e-3", false},
    {"1e400", false},
    {"0.123456789012345678", false},
    {"1.00000000000000000000001", false},
    {"123456789.1234567890", false},
    {"", false},
    {"-", false},
    {"1.", false},
    {".5", false},
    {"0.000000000000000000000000000000000000000000001", false},
    {"1 ", false},
    {"abc", false},
};

static const struct {
    const char *token;
    bool is_finite;
} doubles[] = {
    {"0", true},
    {"-0", true},
    {"0.0", true},
    {"0e999999999999", true},
    {"0.000e400", true},
    {"1e308", true},
    {"-1E+308", true},
    {"1e309", false},
    {"1e400", false},
    {"-1e400", false},
    {"1.7976931348623157e308", true},
    {"1.7976931348623157000e+308", true},
    {"17976931348623157e292", true},
    {"0.17976931348623157e309", true},
    {"1.7976931348623158e308", false},
    {"1.79769313486231570001e308", false},
    {"1.8e308", false},
    {"2e308", false},
    {"0.000001e314", true},
    {"0.000001e316", false},
    {"0.1e309", true},
    {"0.1e310", false},
    {"1000e305", true},
    {"1000e306", false},
    {"1e-999999999999", true},
    {"1e999999999999", false},
    {"1e99999999999999999999999", false},
    {"123456789012345678901234567890", true},
};

static void tells_numbers_that_no_double_holds(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof doubles / sizeof doubles[0]; i++) {
        if (sp_number_is_finite(sp_bytes_of(doubles[i].token)) != doubles[i].is_finite)
            fail_msg("%s", doubles[i].token);
    }
    char digits[400];
    memset(digits, '9', sizeof digits);
    assert_true(sp_number_is_finite((sp_bytes){(const uint8_t *)digits, 308}));
    assert_false(sp_number_is_finite((sp_bytes){(const uint8_t *)digits, 309}));
    assert_false(sp_number_is_finite((sp_bytes){(const uint8_t *)digits, 400}));
}

static void tells_numbers_that_all_parsers_read_alike(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (sp_number_is_plain(sp_bytes_of(numbers[i].token)) != numbers[i].is_plain)
            fail_msg("%s", numbers[i].token);
    }
    uint64_t value = 7;
    assert_true(sp_number_u64(&value, SP_LIT("9007199254740991")));
    assert_int_equal(value, UINT64_C(9007199254740991));
    assert_false(sp_number_u64(&value, SP_LIT("9007199254740992")));
    assert_false(sp_number_u64(&value, SP_LIT("-1")));
    assert_false(sp_number_u64(&value, SP_LIT("1.0")));
}

/* ---- memory ---- */

static void survives_each_failing_allocation(void **state)
{
    (void)state;
    static char text[8192];
    const size_t n = write_keys(text, 200, 200);
    sp_status status = SP_ENOMEM;
    size_t fail_at = 0;
    while (status != SP_OK) {
        failing f;
        sp_json json;
        sp_diag diag;
        failing_init(&f, ++fail_at);
        status = sp_json_parse(&json, (sp_bytes){(const uint8_t *)text, n}, &f.mem, &diag);
        assert_true(status == SP_OK || status == SP_ENOMEM);
        if (status != SP_OK) assert_null(json.root);
        sp_arena_fini(&f.arena);
    }
    assert_true(fail_at > 3);
}

static void a_pool_starts_anew_at_each_reset(void **state)
{
    (void)state;
    static _Alignas(max_align_t) uint8_t room[4096];
    sp_pool pool;
    sp_pool_init(&pool, room, sizeof room);
    for (size_t i = 0; i < 1000; i++) {
        sp_json json;
        sp_pool_reset(&pool);
        assert_int_equal(
            sp_json_parse(&json, SP_LIT("{\"choices\":[{\"delta\":{\"content\":\"hi\"}}]}"), &pool.mem, NULL),
            SP_OK);
        assert_int_equal(sp_json_count(json.root), 1);
    }
    sp_status status = SP_OK;
    for (size_t i = 0; i < 100 && status == SP_OK; i++) {
        sp_json json;
        status = sp_json_parse(&json, SP_LIT("[1,2,3]"), &pool.mem, NULL);
    }
    assert_int_equal(status, SP_ENOMEM);
}

/* ---- the quick reader and yyjson ---- */

static const char *const documents[] = {
    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"a longer text of plain "
    "letters\"}],\"n\":1}",
    "[[],{},[[]],[{}],\"\",0,-0,-1.5e+10,1E5,2e-3,true,false,null]",
    " { \"a\" : [ 1 , 2 ] ,\r\n\t\"b\" : { \"c\" : \"d\" } } ",
    "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\u20ac\\ud83d\\ude00\\u0000 and sixteen bytes behind it\"]",
    "[\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80 and plain\",\"sixteen letters "
    "\xc3\xa9\",\"\xe4\xb8\xad\xe6\x96\x87\"]",
    "{\"k\":1,\"\\u006b\":2}",
    "[\"\\\\u0041\\\\\\\\\",\"{\\\"a\\\":\\\"b\\\"}\"]",
};

static bool is_same_tree(const sp_json *a, const sp_json *b)
{
    if (a->n_nodes != b->n_nodes) return false;
    for (uint32_t i = 0; i < a->n_nodes; i++) {
        const sp_node *x = a->root + i, *y = b->root + i;
        const bool is_same = (x->tag & ~(uint64_t)SP_JSON_ASCII) == y->tag &&
                             sp_bytes_eq(sp_json_bytes(x), sp_json_bytes(y)) &&
                             (sp_json_type_of(x) < SP_JSON_ARRAY || x->uni.ofs == y->uni.ofs) &&
                             a->spans[i].start == b->spans[i].start && a->spans[i].end == b->spans[i].end;
        if (!is_same) return false;
    }
    return true;
}

static void reads_alike(sp_bytes text)
{
    sp_arena arena;
    sp_json quick, slow;
    sp_diag a = {0}, b = {0};
    const sp_status status = parse_in(&quick, text, &arena, &a);
    assert_int_equal(sp_json_parse_with(&slow, text, SP_JSON_BY_YYJSON, &arena.mem, &b), status);
    assert_true(a.at == b.at && strcmp(a.text, b.text) == 0);
    if (!is_same_tree(&quick, &slow)) fail_msg("read differently: %.*s", (int)text.n, (const char *)text.p);
    sp_arena_fini(&arena);
}

static void both_readers_read_the_same(void **state)
{
    (void)state;
    static const char odd[] = "\"\\{}[],:0e.-+ntu \x80\xc3\xe2\xf0\xff\x1f\n";
    uint32_t seed = 1;
    for (size_t round = 0; round < 40000; round++) {
        const char *from = documents[round % (sizeof documents / sizeof documents[0])];
        uint8_t text[256];
        size_t n = strlen(from);
        memcpy(text, from, n);
        for (size_t edits = round / 7 % 4; edits > 0; edits--) {
            seed = seed * 1664525 + 1013904223;
            const size_t at = (seed >> 8) % n;
            text[at] = (uint8_t)odd[(seed >> 24) % (sizeof odd - 1)];
            if (seed % 5 == 0) n = at + 1;
        }
        reads_alike((sp_bytes){text, n});
    }
}

static void the_quick_reader_reads_what_is_usual(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof documents / sizeof documents[0]; i++) {
        sp_arena arena;
        sp_read read;
        sp_arena_init(&arena, 1 << 20);
        assert_int_equal(sp__json_read(&read, sp_bytes_of(documents[i]), &arena.mem), SP_OK);
        sp_arena_fini(&arena);
    }
}

static void knows_what_is_ascii(void **state)
{
    (void)state;
    sp_arena arena;
    sp_json json;
    const sp_bytes text = SP_LIT("[\"a\",\"\\n\",\"\\u007f\",\"\\u0080\",\"\xc3\xa9\",\"a\\n\xc3\xa9\"]");
    assert_int_equal(parse_in(&json, text, &arena, NULL), SP_OK);
    for (uint32_t i = 1; i < json.n_nodes; i++) assert_int_equal(sp_json_is_ascii(json.root + i), i <= 3);
    sp_arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_parsers_read_differently),
        cmocka_unit_test(both_readers_read_the_same),
        cmocka_unit_test(the_quick_reader_reads_what_is_usual),
        cmocka_unit_test(knows_what_is_ascii),
        cmocka_unit_test(refuses_nesting_above_the_limit),
        cmocka_unit_test(refuses_a_million_open_brackets_without_a_deep_stack),
        cmocka_unit_test(refuses_more_than_the_bound),
        cmocka_unit_test(finds_a_repeated_key_among_any_number),
        cmocka_unit_test(finds_a_repeated_key_wherever_it_is_sorted),
        cmocka_unit_test(lets_repeated_keys_pass_on_request),
        cmocka_unit_test(knows_the_span_of_each_value),
        cmocka_unit_test(accessors_take_any_node_and_none),
        cmocka_unit_test(removes_a_member_with_its_comma),
        cmocka_unit_test(tells_numbers_that_no_double_holds),
        cmocka_unit_test(tells_numbers_that_all_parsers_read_alike),
        cmocka_unit_test(survives_each_failing_allocation),
        cmocka_unit_test(a_pool_starts_anew_at_each_reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
