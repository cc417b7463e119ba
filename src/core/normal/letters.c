/** Letters as injections disguise them: digits and signs that stand for letters inside of words, accents that
 * no language has there; and ROT13. Views of their own: the same steps would break an identifier. */
#include "normal/normal_internal.h"

#include <utf8proc.h>

enum {
    WORD_MAX = 24,  /* bytes of a word: a longer one is a hash, a key, an identifier */
    HOST_MAX = 63,  /* bytes of a label, RFC 1035 2.3.4 */
    NUMBER_MAX = 3, /* digits: "45" for "as" */
    NEIGHBOURS = 2, /* words on each side of one that ends in digits */
    APART_MAX = 4,
    NEAR = NEIGHBOURS * 12 /* bytes that many words have */
};

/* What stands for a letter. 1 is an i but beside another one (letter_at). */
static uint8_t leet(uint8_t c)
{
    static const uint8_t letters[128] = {
        ['0'] = 'o', ['1'] = 'i', ['3'] = 'e', ['4'] = 'a', ['5'] = 's', ['6'] = 'b', ['7'] = 't',
        ['8'] = 'b', ['9'] = 'g', ['@'] = 'a', ['$'] = 's', ['!'] = 'i', ['|'] = 'l', ['+'] = 't',
    };
    return c < sizeof letters ? letters[c] : 0;
}

static bool is_inner(sp_bytes s, size_t at)
{
    return at < s.n && (s.p[at] >= 0x80 || sp_ascii_is_alnum(s.p[at]) || leet(s.p[at]) != 0);
}

static bool is_one(sp_bytes s, size_t at)
{
    return at < s.n && s.p[at] == '1';
}

/* Is the '@' at `at` that of an address: does a name of a host follow? */
static bool is_address(sp_bytes s, size_t at)
{
    size_t end = at + 1;
    while (end < s.n && end - at < HOST_MAX && sp_ascii_is_alnum(s.p[end])) end++;
    return end > at + 1 && end + 1 < s.n && s.p[end] == '.' && sp_ascii_is_alnum(s.p[end + 1]);
}

static uint8_t letter_at(sp_bytes s, size_t at)
{
    if (s.p[at] == '@' && is_address(s, at)) return 0;
    if (is_one(s, at) && (is_one(s, at + 1) || (at > 0 && is_one(s, at - 1)))) return 'l';
    return leet(s.p[at]);
}

/* The letter without its accents, if it is one of ASCII with some; else 0. */
static uint8_t bare_letter(uint32_t c)
{
    utf8proc_int32_t list[4];
    if (c < 0xc0 || c >= 0x2000) return 0;
    static const struct {
        uint16_t c;
        uint8_t to;
    } strokes[] = {{0xd8, 'O'},  {0xf8, 'o'},  {0x110, 'D'}, {0x111, 'd'}, {0x126, 'H'},
                   {0x127, 'h'}, {0x141, 'L'}, {0x142, 'l'}, {0x166, 'T'}, {0x167, 't'}};
    for (size_t i = 0; i < sizeof strokes / sizeof strokes[0]; i++) {
        if (strokes[i].c == c) return strokes[i].to;
    }
    const utf8proc_ssize_t n =
        utf8proc_decompose_char((utf8proc_int32_t)c, list, 4, UTF8PROC_DECOMPOSE, NULL);
    const bool is_ascii = n > 1 && n <= 4 && list[0] < 0x80 && sp_ascii_is_alpha((uint8_t)list[0]);
    return is_ascii ? (uint8_t)list[0] : 0;
}

/* Signs count inside of a word, not at its end: "all!" is no word with an i. */
static size_t word_end(sp_bytes s, size_t at)
{
    size_t end = at;
    while (is_inner(s, end)) end++;
    while (end > at && s.p[end - 1] < 0x80 && !sp_ascii_is_alnum(s.p[end - 1])) end--;
    return end;
}

/* What a word is to leet: a sign before a letter is what makes one; letters and digits behind them alone, as
 * in "uint8" and "sha256", are words of every text, and m3 if a neighbour is one; a short number between two
 * such words is a word too. */
typedef enum word_kind { WORD_PLAIN, WORD_NUMBER, WORD_MAYBE, WORD_LEET } word_kind;

static word_kind kind_of(sp_bytes s, size_t at, size_t end)
{
    bool has_letter = false, has_sign = false;
    if (end - at > WORD_MAX) return WORD_PLAIN;
    for (size_t i = at; i < end; i++) {
        const bool is_letter = s.p[i] >= 0x80 || sp_ascii_is_alpha(s.p[i]);
        if (s.p[i] >= 0x80 || (is_letter && has_sign)) return WORD_LEET;
        has_letter = has_letter || is_letter;
        has_sign = has_sign || leet(s.p[i]) != 0;
    }
    if (!has_sign) return WORD_PLAIN;
    return has_letter ? WORD_MAYBE : end - at <= NUMBER_MAX ? WORD_NUMBER : WORD_PLAIN;
}

/* Is one of the next words leet? */
static bool leet_follows(sp_bytes s, size_t at)
{
    for (int words = 0; words < NEIGHBOURS && at < s.n; words++) {
        const size_t start = at;
        while (at < s.n && at - start < APART_MAX && !is_inner(s, at)) at++;
        const size_t end = word_end(s, at);
        if (end > at && kind_of(s, at, end) == WORD_LEET) return true;
        at = end > at ? end : at + 1;
    }
    return false;
}

static void weave_word(sp_weaver *w, size_t at, size_t end)
{
    for (size_t n; at < end; at += n) {
        const uint32_t c = sp_char_at(w->from, at, &n);
        const uint8_t to = c < 0x80 ? letter_at(w->from, at) : bare_letter(c);
        if (to != 0) sp_weave_byte(w, at, n, to);
    }
}

/* Is the word to be read as leet? `is_near`: one before it is. */
static bool is_leet(sp_bytes s, size_t at, size_t end, bool is_near)
{
    switch (kind_of(s, at, end)) {
    case WORD_LEET:
        return true;
    case WORD_MAYBE:
        return is_near || leet_follows(s, end);
    case WORD_NUMBER:
        return is_near && leet_follows(s, end);
    default:
        return false;
    }
}

void sp_view__letters(sp_weaver *w)
{
    const sp_bytes s = w->from;
    size_t near = 0; /* up to here the last word that is leet is close */
    for (size_t at = 0; at < s.n && w->status == SP_OK;) {
        const size_t end = word_end(s, at);
        if (is_leet(s, at, end, at < near)) {
            weave_word(w, at, end);
            near = end + NEAR;
        }
        at = end > at ? end : at + 1;
    }
    sp_weave_end(w);
}

void sp_view__rot13(sp_weaver *w)
{
    for (size_t at = 0; at < w->from.n && w->status == SP_OK; at++) {
        const uint8_t c = w->from.p[at], first = c & 0x20 ? 'a' : 'A';
        if (sp_ascii_is_alpha(c)) sp_weave_byte(w, at, 1, (uint8_t)(first + (c - first + 13) % 26));
    }
    sp_weave_end(w);
}
