/* The hint against its own description, read byte by byte: on texts made of what it looks for, with every
 * piece at every place of a block, and on sources. */
#include "parse_help.h"

#include <stdio.h>
#include <stdlib.h>

#include "normal/normal_internal.h"

enum { TEXTS = 30000, TEXT_MAX = 400, WINDOW = 64, HALF = 32, FILE_MAX = 256 << 10 };

static bool is_alpha_at(sp_bytes s, size_t at)
{
    return at < s.n && sp_ascii_is_alpha(s.p[at]);
}

static bool is_one_of(const char *set, uint8_t c)
{
    return c != '\0' && strchr(set, c) != NULL;
}

static bool is_digit_at(sp_bytes s, size_t at)
{
    return at < s.n && sp_ascii_is_digit(s.p[at]);
}

/* `at` may be one before the text: SIZE_MAX. */
static bool is_alnum_at(sp_bytes s, size_t at)
{
    return at < s.n && sp_ascii_is_alnum(s.p[at]);
}

static bool is_word_at(sp_bytes s, size_t at)
{
    return at < s.n && (s.p[at] >= 0x80 || sp_ascii_is_alnum(s.p[at]));
}

static size_t word_end(sp_bytes s, size_t at)
{
    while (is_word_at(s, at)) at++;
    return at;
}

static sp_word_class class_at(sp_bytes s, size_t at)
{
    uint8_t value;
    return sp_word_get(s, at, word_end(s, at) - at, &value);
}

/* ---- what the hint says of a window ---- */

/* Eight digits and more, at most three characters between two of them, and somewhere some. */
static bool has_number(sp_bytes s)
{
    size_t digits = 0, gaps = 0, gap = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (is_digit_at(s, i)) {
            gaps += gap > 0;
            digits++;
            gap = 0;
        } else if (digits > 0 && is_one_of(" .-_/,\n\t()", s.p[i]) && gap < 3) {
            gap++;
        } else {
            digits = gaps = gap = 0;
        }
        if (digits >= 8 && gaps > 0) return true;
    }
    return false;
}

static uint32_t of_window(sp_bytes s)
{
    size_t high = 0, alpha = 0, leet = 0;
    for (size_t i = 0; i < s.n; i++) {
        high += s.p[i] >= 0x80;
        alpha += is_alpha_at(s, i);
        if (!is_digit_at(s, i)) continue;
        leet += i > 0 && is_alpha_at(s, i - 1) && is_alpha_at(s, i + 1);
    }
    return (high >= 18 && alpha >= 12 ? SP_HINT_ACCENTS : 0) | (leet >= 2 ? SP_HINT_LEET : 0) |
           (has_number(s) ? SP_HINT_DIGITS : 0);
}

static bool has_short_lines(sp_bytes s, size_t start, size_t end)
{
    size_t breaks = 0;
    for (size_t at = start; at < end; at++) {
        const bool is_first = at == start || s.p[at - 1] != '\n';
        breaks += s.p[at] == '\n' && is_first && sp_view__is_break(s, at);
    }
    return breaks >= 3;
}

/* ---- what it says of words ---- */

static bool digit_follows(sp_bytes s, size_t at)
{
    for (int apart = 0; apart < 4; apart++) {
        size_t start = at;
        while (start < s.n && start < at + 3 && !is_word_at(s, start)) start++;
        if (start >= s.n) return false;
        if (class_at(s, start) == SP_WORD_DIGIT) return true;
        at = word_end(s, start);
        if (at > start + 1) return false;
    }
    return false;
}

static uint32_t of_word(sp_bytes s, size_t at)
{
    const sp_word_class c = class_at(s, at);
    if (c == SP_WORD_DIGIT) return digit_follows(s, word_end(s, at)) ? SP_HINT_SPELLED : 0;
    return c == SP_WORD_ROT13 ? SP_HINT_ROT13 : c == SP_WORD_REVERSED ? SP_HINT_REVERSED : 0;
}

/* The first two words of two bytes and more that begin here. */
static uint32_t of_words(sp_bytes s, size_t start, size_t end)
{
    uint32_t hints = 0;
    size_t n = 0;
    for (size_t at = start; at < end && n < 2; at++) {
        if (!is_word_at(s, at) || is_word_at(s, at - 1) || !is_word_at(s, at + 1)) continue;
        hints |= of_word(s, at);
        n++;
    }
    return hints;
}

/* ---- what it says of places ---- */

static bool is_alone(sp_bytes s, size_t at)
{
    return is_alnum_at(s, at) && !is_alnum_at(s, at - 1) && !is_alnum_at(s, at + 1);
}

static bool is_sign(sp_bytes s, size_t at)
{
    const bool is_bracketed = at > 0 && is_one_of("([{<", s.p[at - 1]) && is_alpha_at(s, at);
    if (is_bracketed && class_at(s, at) == SP_WORD_SIGN) return true;
    return word_end(s, at) == at + 3 && !is_word_at(s, at - 1) && (s.p[at] | 0x20) == 'd' &&
           (s.p[at + 1] | 0x20) == 'o' && (s.p[at + 2] | 0x20) == 't';
}

static bool is_long_run(sp_bytes s, size_t at)
{
    size_t n = 0;
    while (n < SP_PACKED_MIN && is_alnum_at(s, at + n)) n++;
    return n == SP_PACKED_MIN && !is_alnum_at(s, at - 1);
}

static uint32_t of_place(sp_bytes s, size_t at)
{
    uint32_t hints = 0;
    size_t alone = 0;
    for (size_t i = 0; i < 4; i++) alone += is_alone(s, at + 2 * i);
    if (s.p[at] >= 0x80) hints |= SP_HINT_WIDE;
    if (alone >= 3) hints |= SP_HINT_SPACED;
    if (sp_escape_is_at(s, at)) hints |= SP_HINT_ESCAPES;
    if (is_sign(s, at)) hints |= SP_HINT_SPELLED;
    if (is_long_run(s, at) && sp_packed_may_be_at(s, at)) hints |= SP_HINT_PACKED;
    return hints;
}

static uint32_t plain_hint(sp_bytes s)
{
    uint32_t hints = 0;
    for (size_t at = 0; at < s.n; at++) hints |= of_place(s, at);
    for (size_t at = 0; at < s.n; at += HALF) {
        const size_t end = at + WINDOW < s.n ? at + WINDOW : s.n;
        hints |= of_window(sp_bytes_sub(s, at, end));
        hints |= of_words(s, at, at + HALF < end ? at + HALF : end);
        if (has_short_lines(s, at, end)) hints |= SP_HINT_LINES;
    }
    return hints;
}

static void assert_same(sp_bytes s)
{
    const uint32_t got = sp_normalise_hint(s), expected = plain_hint(s);
    if (got != expected) fail_msg("%#x, not %#x: %.*s", got, expected, (int)s.n, (const char *)s.p);
}

/* ---- texts ---- */

static const char *const pieces[] = {
    "a",
    "b ",
    "i.",
    " ",
    "  ",
    "\n",
    "\n\n",
    "x\ny\nz\nu\n",
    "12",
    "3",
    "45-",
    "6 7",
    "2021-05-03",
    "(800)",
    "&",
    "&amp;",
    "&#65;",
    "%41",
    "%",
    "% ",
    "\\",
    "\\u0041",
    "=",
    "= ",
    "=\n",
    "=41=42",
    "dot",
    "DOT",
    "(dot)",
    "[at",
    "<at>",
    " at ",
    "d",
    "o",
    "t",
    "one",
    "two ",
    "Three",
    "fuenf",
    "f\u00fcnf ",
    " nine, ",
    "gur",
    " naq ",
    "eht ",
    "DNA",
    "erongi",
    "e",
    "\u00e9",
    "\u1ea1n",
    "\u4f60",
    "w0r1d",
    "h4x0r ",
    "l33t",
    "p4ssw0rd",
    "identifier",
    "getElementById",
    "SGVsbG8gd29ybGQ",
    "NTM2LTkwLTQzOTk",
    "=",
    "48656c6c6f20",
    "ABCDEFGHIJKLMNOP",
    "/",
    "_",
    "+",
    "-",
    "H4sIAAAAAAAAA",
    "{",
    "};\n",
    "\t",
    "of them ",
    "ignore all ",
    "zero",
    "punkt ",
    "(",
};

static sp_bytes make_text(uint8_t *out, uint64_t *rng)
{
    enum { N_PIECES = sizeof pieces / sizeof pieces[0] };
    const size_t limit = next_random(rng) % TEXT_MAX, kinds = 1 + next_random(rng) % 12;
    const size_t first = next_random(rng) % N_PIECES;
    size_t n = 0;
    for (;;) {
        /* A few neighbours of the list, now and then any: so that what takes several comes about. */
        const size_t near = first + next_random(rng) % kinds, any = next_random(rng);
        const char *piece = pieces[(any % 8 == 0 ? any / 8 : near) % N_PIECES];
        if (n + strlen(piece) > limit) return (sp_bytes){out, n};
        for (; *piece != '\0'; piece++) out[n++] = (uint8_t)*piece;
    }
}

/* In memory that ends with the text: reading on is an error that sanitizers see. */
static void assert_same_in_own_memory(sp_bytes s)
{
    uint8_t *own = malloc(s.n + (s.n == 0));
    assert_non_null(own);
    memcpy(own, s.p, s.n);
    assert_same((sp_bytes){own, s.n});
    free(own);
}

static void is_as_described(void **state)
{
    (void)state;
    uint64_t rng = 7;
    uint8_t text[TEXT_MAX];
    uint32_t seen = 0, missing = 0;
    for (size_t i = 0; i < TEXTS; i++) {
        const sp_bytes s = make_text(text, &rng);
        assert_same_in_own_memory(s);
        seen |= sp_normalise_hint(s);
        missing |= ~sp_normalise_hint(s);
    }
    assert_int_equal(seen, 2 * SP_HINT_REVERSED - 1); /* each was said, and each was not */
    assert_int_equal(missing & seen, seen);
}

static void assert_same_around(const char *piece, const char *fill)
{
    const size_t n = strlen(piece);
    for (size_t before = 0; before < 2 * WINDOW + 2; before++) {
        uint8_t text[TEXT_MAX];
        for (size_t i = 0; i < sizeof text; i++) text[i] = (uint8_t)fill[i % strlen(fill)];
        for (size_t i = 0; i < n; i++) text[before + i] = (uint8_t)piece[i];
        assert_same((sp_bytes){text, before + n + before % 3 * HALF});
    }
}

static void is_the_same_at_every_place(void **state)
{
    (void)state;
    static const char *const fills[] = {" ", "x", "the word ", "7"};
    for (size_t f = 0; f < sizeof fills / sizeof fills[0]; f++) {
        for (size_t p = 0; p < sizeof pieces / sizeof pieces[0]; p++) assert_same_around(pieces[p], fills[f]);
    }
}

static void is_as_described_of_sources(void **state)
{
    (void)state;
    static const char *const files[] = {"src/core/normal/packed.c", "src/core/normal/words.h",
                                        "docs/reference/detection.md", "test/unit/test_normalise.c",
                                        "LICENSE"};
    enum { STRIDE = 300 };
    const char *root = getenv("SALLYPORT_SOURCE_ROOT"); /* set by Meson; else the test runs at the root */
    if (root == NULL) root = ".";
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char path[512];
        (void)snprintf(path, sizeof path, "%s/%s", root, files[i]);
        FILE *in = fopen(path, "rb");
        assert_non_null(in);
        uint8_t *p = malloc(FILE_MAX);
        assert_non_null(p);
        const size_t n = fread(p, 1, FILE_MAX, in);
        (void)fclose(in);
        assert_true(n > STRIDE);
        for (size_t at = 0; at + STRIDE <= n; at += STRIDE / 2) assert_same((sp_bytes){p + at, STRIDE});
        free(p);
    }
}

/* Names and numbers of code ask for nothing; what they look like does. */
static void code_asks_for_no_view(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t hints;
    } rows[] = {
        {"el = document.getElementById(name);", 0},     {"key NTM2LTkwLTQzOTkh", SP_HINT_PACKED},
        {"key 3533362d39302d34333939", SP_HINT_PACKED}, {"id d41d8cd98f00b204e9800998ecf8427e", 0},
        {"int v[] = {0x1234, 0x5678, 0x9012};", 0},     {"call 1234 5678", SP_HINT_DIGITS},
        {"int d1 = 20, d2 = 300, d3 = 4;", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const uint32_t hints = sp_normalise_hint(sp_bytes_of(rows[i].text));
        const uint32_t asked = hints & (SP_HINT_PACKED | SP_HINT_DIGITS);
        if (asked != rows[i].hints) fail_msg("%#x of %s", hints, rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(code_asks_for_no_view),
        cmocka_unit_test(is_as_described),
        cmocka_unit_test(is_the_same_at_every_place),
        cmocka_unit_test(is_as_described_of_sources),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
