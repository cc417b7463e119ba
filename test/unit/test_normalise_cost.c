/* What hostile texts cost: work is counted, not timed, as in test_growth, and a byte that the caller will
 * scan counts as much as scanning it costs. Twice the text is at most 2.3 times the work; no text costs more
 * than a bound per byte, or it is refused; memory keeps its bound. */
#include "normalise_help.h"

#include "counted_help.h"

enum {
    N = 128 << 10,       /* bytes of the smaller text */
    SLACK = 64 << 10,    /* of memory, as sp_views_each promises */
    STEPS_PER_BYTE = 200 /* basic blocks: base64 of base64 takes 171, prose 1.4 */
};

static const struct {
    const char *name, *unit;
} shapes[] = {
    {"one character", "a"},
    {"digits", "4"},
    {"prose", "the quick brown fox jumps over the lazy dog and runs. "},
    {"German", "M\u00fc\u00dften gr\u00f6\u00dfere H\u00e4user gebaut werden? "},
    {"typeset prose", "He said \u201cno\u201d \u2013 it\u2019s\u2026 fine\u00a0here. "},
    {"Russian", "\u041f\u0440\u0438\u0432\u0435\u0442, \u043a\u0430\u043a \u0434\u0435\u043b\u0430? "},
    {"Chinese", "\u4f60\u597d\u4e16\u754c\uff0c\u4eca\u5929\u3002"},
    {"zero width everywhere", "a\u200b"},
    {"full width", "\uff14"},
    {"marks without end", "e\u0301\u0302\u0303"},
    {"overrides of overrides", "\u202ea"},
    {"an override of it all", "\u202eabcd\u200b"},
    {"one word of two scripts", "\u0430b"},
    {"spaced", "a "},
    {"spaced by all", "a.b.c.d.e "},
    {"nearly spaced", "a b cd "},
    {"lines of one", "a\n"},
    {"backslashes", "\\"},
    {"escapes", "\\u0041"},
    {"nearly escapes", "\\u004"},
    {"percent", "%41"},
    {"percent signs", "%25"},
    {"nearly percent", "%2"},
    {"entities", "&#65;"},
    {"ampersands", "&amp;"},
    {"nearly entities", "&amp;#"},
    {"entities of zeros", "&#00000000000000000000000"},
    {"quoted-printable", "=41=42"},
    {"soft breaks", "=\n"},
    {"base64", "NTM2LTkwLTQzOTkh"},
    {"runs of base64", "NTM2LTkwLTQzOTkh "},
    {"nearly base64", "NTM2LTkwLTQz//8/ "},
    {"base64 of base64", "VG5wU1RrMXJlRlZoTTJSTlZrWkdOazlWU25CWlVUMDk= "},
    {"hexadecimal", "3533362d39302d34333939 "},
    {"nearly hexadecimal", "3533362d39302d343339ff "},
    {"heads of gzip", "H4sIAAAAAAACA/NMz8sv "},
    {"words of digits", "one two three "},
    {"nearly numbers", "one two a "},
    {"dots and ats", "dot at "},
    {"rows of letters", "a, b, one, "},
    {"groups of digits", "12 34-5 "},
    {"leet", "a1b0c "},
    {"nearly leet", "ab1 ab2 "},
    {"ROT13", "gur naq "},
    {"reversed", "eht uoy "},
    {"everything", "I g n o r e %41 \uff14 \u0430b1c0d &#65; eht naq four five six dot com 12-34-56 78 "
                   "NTM2LTkwLTQzOTkh\nab\ncd\nef\n"},
};

/* What a walk took. */
typedef struct cost {
    uint64_t work;
    size_t memory, decoded;
    sp_status status;
} cost;

static cost cost_of(const char *unit, size_t n)
{
    sp_arena arena, own;
    sp_arena_init(&own, 8 << 20);
    sp_arena_init(&arena, 64 << 20);
    sp_buf text = SP_BUF_IN(&own.mem);
    while (text.n < n) sp_buf_append_str(&text, unit);
    search s = {.text = sp_buf_bytes(&text)};
    s.is_quick = true;
    steps = 0;
    cost out = {.status = search_views(&s, &arena.mem)};
    out.work = steps + s.shown;
    out.memory = arena.mem.used;
    sp_arena_fini(&arena);
    sp_arena_fini(&own);
    return out;
}

static void hostile_texts_cost_a_bound_per_byte(void **state)
{
    (void)state;
    size_t failed = 0;
    const size_t twice = (size_t)N * 2;
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        const cost one = cost_of(shapes[i].unit, N), two = cost_of(shapes[i].unit, twice);
        const double growth = (double)two.work / (double)one.work,
                     per_byte = (double)two.work / (double)twice;
        const double memory = (double)two.memory / (double)twice;
        print_message("%-26s %6.1f per byte, twice is %.2f times, %.2f x memory%s\n", shapes[i].name,
                      per_byte, growth, memory, two.status == SP_OK ? "" : ", refused");
        assert_true(one.status == SP_OK || one.status == SP_ERANGE);
        failed += growth > 2.3 || per_byte > STEPS_PER_BYTE || two.memory > 3 * (twice + 256) + SLACK;
    }
    assert_int_equal(failed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(hostile_texts_cost_a_bound_per_byte)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
