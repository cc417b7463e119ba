/** Letters as injections disguise them: digits and signs that stand for letters inside of words, accents that
 * no language has there; and ROT13. Views of their own: the same steps would break an identifier. */
#include "normal/normal_internal.h"

#include <utf8proc.h>

enum {
    WORD_MAX = 24,  /* bytes of a word: a longer one is a hash, a key, an identifier */
    NEIGHBOURS = 2, /* words on each side of one that ends in digits */
    APART_MAX = 4,
    NEAR = NEIGHBOURS * 12 /* bytes that many words have */
};

/* What stands for a letter. 1 is an i but beside an l or another 1 (letter_at). */
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

static bool is_el(sp_bytes s, size_t at)
{
    return at < s.n && (s.p[at] == 'l' || s.p[at] == 'L' || s.p[at] == '1');
}

static uint8_t letter_at(sp_bytes s, size_t at)
{
    const bool beside_el = is_el(s, at + 1) || (at > 0 && is_el(s, at - 1));
    return s.p[at] == '1' && beside_el ? 'l' : leet(s.p[at]);
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
 * in "uint8" and "sha256", are words of every text, and m3 if its neighbour is one. */
typedef enum word_kind { WORD_PLAIN, WORD_MAYBE, WORD_LEET } word_kind;

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
    return has_letter && has_sign ? WORD_MAYBE : WORD_PLAIN;
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

void sp_letters(sp_weaver *w)
{
    const sp_bytes s = w->from;
    size_t near = 0; /* up to here the last word that is leet is close */
    for (size_t at = 0; at < s.n && w->status == SP_OK;) {
        const size_t end = word_end(s, at);
        const word_kind kind = kind_of(s, at, end);
        if (kind == WORD_LEET || (kind == WORD_MAYBE && (at < near || leet_follows(s, end)))) {
            weave_word(w, at, end);
            near = end + NEAR;
        }
        at = end > at ? end : at + 1;
    }
    sp_weave_end(w);
}

void sp_rot13(sp_weaver *w)
{
    for (size_t at = 0; at < w->from.n && w->status == SP_OK; at++) {
        const uint8_t c = w->from.p[at], first = c & 0x20 ? 'a' : 'A';
        if (sp_ascii_is_alpha(c)) sp_weave_byte(w, at, 1, (uint8_t)(first + (c - first + 13) % 26));
    }
    sp_weave_end(w);
}
