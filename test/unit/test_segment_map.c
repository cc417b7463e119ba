/* Spans through two levels of escaping, as a law: for random strings in random spellings, nested twice,
 * what a mapped span holds decodes to exactly the part of the text that was asked for, grown to whole
 * characters where the question cut one. */
#include "parse_help.h"

#include <stdio.h>

#include "parse/json.h"

/* ---- a writer that spells each character in one of the ways that JSON allows ---- */

static size_t write_utf8(uint8_t *to, uint32_t c)
{
    if (c < 0x80) {
        to[0] = (uint8_t)c;
        return 1;
    }
    const size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const uint8_t lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = n - 1; i > 0; i--, c >>= 6) to[i] = (uint8_t)(0x80 | (c & 0x3f));
    to[0] = (uint8_t)(lead[n] | c);
    return n;
}

static void append_escape(sp_buf *b, uint32_t unit, uint64_t *random)
{
    char text[7];
    (void)snprintf(text, sizeof text, next_random(random) % 2 == 0 ? "\\u%04x" : "\\u%04X",
                   (unsigned)unit & 0xffff);
    sp_buf_append_str(b, text);
}

static void append_character(sp_buf *b, uint32_t c, uint64_t *random)
{
    static const char shorts[][2] = {{'"', '"'},  {'\\', '\\'}, {'/', '/'},  {'\b', 'b'},
                                     {'\f', 'f'}, {'\n', 'n'},  {'\r', 'r'}, {'\t', 't'}};
    const bool must = c < 0x20 || c == '"' || c == '\\';
    const uint64_t way = next_random(random) % 4;
    for (size_t i = 0; way < 2 && i < sizeof shorts / sizeof shorts[0]; i++) {
        if ((uint32_t)shorts[i][0] != c) continue;
        sp_buf_append_byte(b, '\\');
        sp_buf_append_byte(b, (uint8_t)shorts[i][1]);
        return;
    }
    if (must || way == 2) {
        if (c >= 0x10000) append_escape(b, 0xd800 + ((c - 0x10000) >> 10), random);
        append_escape(b, c >= 0x10000 ? 0xdc00 + ((c - 0x10000) & 0x3ff) : c, random);
        return;
    }
    uint8_t bytes[4];
    sp_buf_append(b, (sp_bytes){bytes, write_utf8(bytes, c)});
}

static uint32_t random_character(uint64_t *random)
{
    static const uint32_t picks[] = {'@', '"', '\\', '/',  '\n', '\t',   'a',    'b',     ' ',
                                     '{', '}', 0,    0x7f, 0xe9, 0x20ac, 0xfeff, 0x1f600, 0x10ffff};
    return picks[next_random(random) % (sizeof picks / sizeof picks[0])];
}

/* Spells the characters of UTF-8 text anew. */
static void append_spelled(sp_buf *b, sp_bytes text, uint64_t *random)
{
    for (size_t i = 0; i < text.n;) {
        const uint8_t lead = text.p[i];
        const size_t n = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        uint32_t c = n == 1 ? lead : lead & (0x7fu >> n);
        for (size_t k = 1; k < n; k++) c = c << 6 | (text.p[i + k] & 0x3f);
        append_character(b, c, random);
        i += n;
    }
}

static sp_bytes random_text(sp_mem *mem, uint64_t *random)
{
    sp_buf b = SP_BUF_IN(mem);
    sp_buf_append_byte(&b, '<'); /* so that it never looks like JSON itself */
    for (size_t n = next_random(random) % 20; n > 0; n--) {
        uint8_t bytes[4];
        sp_buf_append(&b, (sp_bytes){bytes, write_utf8(bytes, random_character(random))});
    }
    return sp_buf_bytes(&b);
}

/* {"k":"..."} around a text, in a random spelling. */
static sp_bytes wrap(sp_mem *mem, const char *before, sp_bytes text, const char *after, uint64_t *random)
{
    sp_buf b = SP_BUF_IN(mem);
    sp_buf_append_str(&b, before);
    append_spelled(&b, text, random);
    sp_buf_append_str(&b, after);
    assert_int_equal(b.status, SP_OK);
    return sp_buf_bytes(&b);
}

/* ---- the law ---- */

/* Decodes part of a body as the inside of a string, `levels` times. */
static sp_bytes decode(sp_mem *mem, sp_bytes raw, size_t levels)
{
    for (size_t i = 0; i < levels; i++) {
        sp_buf quoted = SP_BUF_IN(mem);
        sp_buf_append_byte(&quoted, '"');
        sp_buf_append(&quoted, raw);
        sp_buf_append_byte(&quoted, '"');
        sp_json json;
        assert_int_equal(sp_json_parse(&json, sp_buf_bytes(&quoted), mem, NULL), SP_OK);
        raw = sp_json_bytes(json.root);
    }
    return raw;
}

static bool is_continuation(sp_bytes s, size_t at)
{
    return at < s.n && (s.p[at] & 0xc0) == 0x80;
}

static void check_span(const sp_request *r, const sp_segment *s, size_t levels, sp_span asked, sp_mem *mem)
{
    const sp_bytes text = sp_bytes_sub(r->text, s->text_start, s->text_end);
    sp_span span, whole_span, whole = asked;
    assert_int_equal(sp_segment_map(&span, r, s, asked.start, asked.end), SP_OK);
    assert_true(span.start <= span.end && span.end <= r->body.n);
    if (asked.start == asked.end) return;
    while (is_continuation(text, whole.start)) whole.start--;
    while (is_continuation(text, whole.end)) whole.end++;
    assert_int_equal(sp_segment_map(&whole_span, r, s, whole.start, whole.end), SP_OK);
    assert_bytes(decode(mem, sp_bytes_sub(r->body, whole_span.start, whole_span.end), levels),
                 sp_bytes_sub(text, whole.start, whole.end));
    /* Where the question cuts a character that is spelled as an escape, the answer holds all of it; one that
     * stands there as UTF-8 is cut where it was asked to. */
    if (span.start != whole_span.start) assert_true(is_continuation(r->body, span.start));
    if (span.end != whole_span.end) assert_true(is_continuation(r->body, span.end));
}

static void check_text(uint64_t *random, size_t levels)
{
    sp_arena arena;
    sp_arena_init(&arena, (size_t)64 << 20);
    const sp_bytes text = random_text(&arena.mem, random);
    sp_bytes inner = text;
    for (size_t i = 1; i < levels; i++) inner = wrap(&arena.mem, " { \"k\" : [1, \"", inner, "\"] }", random);
    const sp_bytes body = wrap(&arena.mem, "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"",
                               inner, "\"}]}", random);
    sp_request r;
    assert_int_equal(sp_request_parse(&r, sp_dialect_get(SP_DIALECT_OPENAI), body, &arena.mem, NULL), SP_OK);
    const sp_segment *s = NULL;
    for (size_t i = 0; i < r.n_segments; i++) {
        if (sp_bytes_eq(sp_bytes_sub(r.text, r.segments[i].text_start, r.segments[i].text_end), text))
            s = &r.segments[i];
    }
    assert_non_null(s);
    for (uint32_t start = 0; start <= text.n; start++) {
        for (uint32_t end = start; end <= text.n; end++)
            check_span(&r, s, levels, (sp_span){start, end}, &arena.mem);
    }
    sp_span span;
    assert_int_equal(sp_segment_map(&span, &r, s, 0, (uint32_t)text.n + 1), SP_ERANGE);
    assert_int_equal(sp_segment_map(&span, &r, s, 1, 0), SP_ERANGE);
    sp_arena_fini(&arena);
}

static void what_a_span_holds_decodes_to_what_was_asked_for(void **state)
{
    (void)state;
    uint64_t random = 4;
    for (size_t i = 0; i < 150; i++) check_text(&random, 1 + i % 3);
}

static const struct {
    const char *raw;
    size_t at;
    size_t down, up;
} offsets[] = {
    {"abc", 0, 0, 0},
    {"abc", 3, 3, 3},
    {"\\u0040x", 0, 0, 0},
    {"\\u0040x", 1, 6, 6},
    {"\\u20acx", 1, 0, 6},
    {"\\u20acx", 3, 6, 6},
    {"\\ud83d\\ude00x", 2, 0, 12},
    {"\\ud83d\\ude00x", 4, 12, 12},
    {"a\\/b", 1, 1, 1},
    {"a\\/b", 2, 3, 3},
    {"\\\\\\\\u0041", 1, 2, 2},
    {"\\\\\\\\u0041", 2, 4, 4},
    {"\\u00e9", 1, 0, 6},
    {"", 0, 0, 0},
};

static void offsets_never_cut_an_escape(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof offsets / sizeof offsets[0]; i++) {
        size_t down, up;
        assert_int_equal(sp_json_raw_offset(&down, sp_bytes_of(offsets[i].raw), offsets[i].at, false), SP_OK);
        assert_int_equal(sp_json_raw_offset(&up, sp_bytes_of(offsets[i].raw), offsets[i].at, true), SP_OK);
        if (down != offsets[i].down || up != offsets[i].up) fail_msg("row %zu: %zu %zu", i, down, up);
    }
    size_t out;
    assert_int_equal(sp_json_raw_offset(&out, SP_LIT("ab"), 3, false), SP_ERANGE);
    assert_int_equal(sp_json_raw_offset(&out, SP_LIT("ab"), 3, true), SP_ERANGE);
}

static void the_segment_at_an_offset_is_the_one_that_holds_it(void **state)
{
    (void)state;
    sp_arena arena;
    sp_arena_init(&arena, 1 << 20);
    sp_request r;
    const sp_bytes body = SP_LIT("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"\"},{"
                                 "\"role\":\"user\",\"content\":\"two\"}],\"n\":1}");
    assert_int_equal(sp_request_parse(&r, sp_dialect_get(SP_DIALECT_OPENAI), body, &arena.mem, NULL), SP_OK);
    for (size_t i = 0; i < r.n_segments; i++) {
        for (uint32_t at = r.segments[i].text_start; at <= r.segments[i].text_end; at++) {
            assert_ptr_equal(sp_segment_at(&r, at), &r.segments[i]);
        }
        assert_int_equal(r.text.p[r.segments[i].text_end], '\n');
    }
    assert_null(sp_segment_at(&r, (uint32_t)r.text.n));
    sp_arena_fini(&arena);
}

static void a_place_reads_like_a_path(void **state)
{
    (void)state;
    static const struct {
        sp_place place;
        const char *text;
    } rows[] = {
        {{"messages[].content[].text", {3, 0, 9, 9}}, "messages[3].content[0].text"},
        {{"a[][][][][]", {1, 2, 3, 4}}, "a[1][2][3][4][]"},
        {{"model", {0}}, "model"},
        {{NULL, {0}}, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sp_arena arena;
        sp_arena_init(&arena, 1 << 12);
        sp_buf out = SP_BUF_IN(&arena.mem);
        sp_place_append(&out, rows[i].place);
        assert_bytes(sp_buf_bytes(&out), sp_bytes_of(rows[i].text));
        sp_arena_fini(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_span_holds_decodes_to_what_was_asked_for),
        cmocka_unit_test(offsets_never_cut_an_escape),
        cmocka_unit_test(the_segment_at_an_offset_is_the_one_that_holds_it),
        cmocka_unit_test(a_place_reads_like_a_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
