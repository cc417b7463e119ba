/** Characters that were pulled apart: "i g n o r e", "4.1.1.1. .1": one separator behind each, whatever it
 * is; and texts broken into lines of a few characters. Every second character goes, so what is left is what
 * was there before, blanks between words included. */
#include "normal/normal_internal.h"

enum {
    CHAIN_MIN = 4, /* characters that begin a chain; fewer go on with one that ended close by */
    GAP_MAX = 3,
    LINE_MAX = 16 /* bytes of a line that is no line: with the hint's two line feeds in 17 bytes */
};

static bool is_word(uint8_t c)
{
    return c >= 0x80 || sp_ascii_is_alnum(c);
}

static bool is_separator(uint8_t c)
{
    return c < 0x80 && c > 0 && !sp_ascii_is_alnum(c) && c != '\n';
}

static size_t char_end(sp_bytes s, size_t at)
{
    size_t n;
    (void)sp_char_at(s, at, &n);
    return at + n;
}

/* Does the separator at `at` belong to a chain: does one character follow, and then the separator or no word?
 * @return where that character ends; 0: no. */
static size_t link_end(sp_bytes s, size_t at)
{
    if (at + 1 >= s.n || s.p[at + 1] == '\n') return 0;
    const size_t end = char_end(s, at + 1);
    const bool stands_alone = end >= s.n || s.p[end] == s.p[at] || !is_word(s.p[end]);
    return stands_alone ? end : 0;
}

/* Whether a chain of at least `least` characters begins with the one at `at`. Most of them are letters or
 * digits, else it is a drawing. */
static bool is_chain(sp_bytes s, size_t at, size_t least)
{
    size_t end = char_end(s, at), words = 1;
    if (end >= s.n || !is_separator(s.p[end])) return false;
    const uint8_t separator = s.p[end];
    for (size_t n = 1; n < least; n++) {
        if (end >= s.n || s.p[end] != separator) return false;
        words += end + 1 < s.n && is_word(s.p[end + 1]);
        end = link_end(s, end);
        if (end == 0) return false;
    }
    return words + 1 >= least;
}

/* A letter or digit of ASCII that another one follows begins no chain: what nearly all of a text is. Nor does
 * the end of a name in code. */
static bool may_begin(sp_bytes s, size_t at)
{
    if (at > 0 && s.p[at - 1] == '_') return false;
    return s.p[at] >= 0x80 || (at + 1 < s.n && is_separator(s.p[at + 1]));
}

/* Drops the separators of the chain at `at`. @return where it ends. */
static size_t weave_chain(sp_weaver *w, size_t at)
{
    const sp_bytes s = w->from;
    size_t end = char_end(s, at);
    const uint8_t separator = s.p[end];
    while (end < s.n && s.p[end] == separator) {
        const size_t next = link_end(s, end);
        if (next == 0) break;
        sp_weave_drop(w, end, 1);
        end = next;
    }
    return end;
}

/* ---- lines ---- */

static size_t line_before(sp_bytes s, size_t at)
{
    size_t n = 0;
    while (n <= LINE_MAX && n < at && s.p[at - 1 - n] != '\n') n++;
    return n;
}

static size_t line_behind(sp_bytes s, size_t at)
{
    size_t n = 0;
    while (n <= LINE_MAX && at + 1 + n < s.n && s.p[at + 1 + n] != '\n') n++;
    return n;
}

/* Code and lists: ends of statements and blocks, indentation. */
static bool is_layout(sp_bytes s, size_t at)
{
    static const bool ends[256] = {
        [';'] = true, ['{'] = true, ['}'] = true, [')'] = true, [','] = true, [':'] = true, ['>'] = true};
    static const bool starts[256] = {
        ['{'] = true, ['}'] = true, ['/'] = true, ['*'] = true, ['#'] = true, ['<'] = true};
    const uint8_t last = s.p[at - 1], next = s.p[at + 1];
    const bool is_indented = next == '\t' || (next == ' ' && at + 2 < s.n && s.p[at + 2] == ' ');
    return is_indented || ends[last] || starts[next];
}

/* Does a word end at `at` that is longer than what was broken would be? It may be packed. */
static bool is_behind_run(sp_bytes s, size_t at)
{
    size_t n = 0;
    while (n <= LINE_MAX && n < at && is_word(s.p[at - 1 - n])) n++;
    return n > LINE_MAX;
}

bool sp_view__is_break(sp_bytes s, size_t at)
{
    if (at == 0 || at + 1 >= s.n || s.p[at - 1] == '\n' || s.p[at + 1] == '\n' || is_layout(s, at))
        return false;
    const size_t above = line_before(s, at), below = line_behind(s, at);
    if (above > LINE_MAX && (below > LINE_MAX || is_behind_run(s, at))) return false;
    return above <= LINE_MAX || is_word(s.p[at - 1]);
}

void sp_view__squeeze(sp_weaver *w)
{
    const sp_bytes s = w->from;
    size_t chain_end = 0;
    bool after_chain = false;
    for (size_t at = 0; at < s.n && w->status == SP_OK;) {
        const bool is_close = after_chain && at - chain_end <= GAP_MAX;
        if (s.p[at] == '\n') {
            if (sp_view__is_break(s, at)) sp_weave_drop(w, at, 1);
            at++;
        } else if (!is_word(s.p[at]) && s.p[at] != '+') {
            at++;
        } else if (may_begin(s, at) && is_chain(s, at, is_close ? 2 : CHAIN_MIN)) {
            at = chain_end = weave_chain(w, at);
            after_chain = true;
        } else {
            do at++;
            while (at < s.n && is_word(s.p[at]));
        }
    }
    sp_weave_end(w);
}
