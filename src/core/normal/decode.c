/** Encodings of single characters - entities, percent, escapes, quoted-printable - and, through
 * sp_view__unpack, packed runs: decoded where they stand, so that the words around them still say what they
 * are.
 *
 *  The same encoding over itself is one code: "&amp;#51;" and "%2541" are read to their end, as are
 * backslashes in front of a u. What is nested otherwise takes another pass (views.c). */
#include "normal/normal_internal.h"

/* A code at some place: `in` bytes mean the character `c`; in 0: there is none. `c` SIZE_MAX: nothing. */
typedef struct code {
    size_t in;
    uint32_t c;
} code;

static const code NO_CODE = {0, 0};
enum { C_NOTHING = UINT32_MAX };

static uint8_t peek(sp_bytes s, size_t at)
{
    return at < s.n ? s.p[at] : 0;
}

/* ---- numbers ---- */

/* Digits of a base from `at` on, at most `most` of significance; `*end` receives where they end. UINT32_MAX:
 * none, or beyond Unicode. */
static uint32_t number_at(sp_bytes s, size_t at, unsigned base, size_t most, size_t *end)
{
    uint32_t v = 0;
    size_t n = 0;
    *end = at;
    while (peek(s, *end) == '0') (*end)++;
    for (; n < most; n++, (*end)++) {
        const int digit = sp_hex_value(peek(s, *end));
        if (digit < 0 || (unsigned)digit >= base) break;
        v = v * base + (unsigned)digit;
    }
    return *end == at || v > 0x10ffff ? UINT32_MAX : v;
}

/* Exactly `n` hexadecimal digits at `at`, or -1. */
static int64_t hex_at(sp_bytes s, size_t at, size_t n)
{
    int64_t v = 0;
    for (size_t i = at; i < at + n; i++) {
        const int digit = sp_hex_value(peek(s, i));
        if (digit < 0) return -1;
        v = v * 16 + digit;
    }
    return v;
}

/* A code of a character, unless it is one that means nothing in a text. */
static code code_of(size_t in, uint32_t c)
{
    const bool is_control = c < ' ' && c != '\n' && c != '\r' && c != '\t';
    if (is_control || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) return NO_CODE;
    return (code){in, c};
}

/* ---- entities (HTML 5, 13.5: those of ASCII, and what hides) ---- */

static const struct {
    const char *name;
    uint16_t c;
} entities[] = {
    {"Hat", '^'},    {"NewLine", '\n'}, {"Tab", '\t'},   {"apos", '\''},  {"ast", '*'},    {"bsol", '\\'},
    {"colon", ':'},  {"comma", ','},    {"commat", '@'}, {"dash", '-'},   {"dollar", '$'}, {"equals", '='},
    {"excl", '!'},   {"grave", '`'},    {"gt", '>'},     {"hyphen", '-'}, {"lbrace", '{'}, {"lbrack", '['},
    {"lcub", '{'},   {"lowbar", '_'},   {"lpar", '('},   {"lsqb", '['},   {"lt", '<'},     {"mdash", '-'},
    {"minus", '-'},  {"nbsp", ' '},     {"ndash", '-'},  {"num", '#'},    {"percnt", '%'}, {"period", '.'},
    {"plus", '+'},   {"quest", '?'},    {"quot", '"'},   {"rbrace", '}'}, {"rbrack", ']'}, {"rcub", '}'},
    {"rpar", ')'},   {"rsqb", ']'},     {"semi", ';'},   {"shy", 0xad},   {"sol", '/'},    {"verbar", '|'},
    {"zwj", 0x200d}, {"zwnj", 0x200c},
};

static code named_entity(sp_bytes s, size_t start, size_t at)
{
    for (size_t i = 0; i < sizeof entities / sizeof entities[0]; i++) {
        if ((uint8_t)entities[i].name[0] != peek(s, at)) continue;
        const sp_bytes name = sp_bytes_of(entities[i].name), rest = sp_bytes_sub(s, at, s.n);
        if (!sp_bytes_starts(rest, name) || peek(s, at + name.n) != ';') continue;
        return code_of(at + name.n + 1 - start, entities[i].c);
    }
    return NO_CODE;
}

/* "&", any number of "amp;", and what they stand for in the end. Numbers may do without their semicolon, as
 * in every browser. */
static code entity_at(sp_bytes s, size_t start)
{
    size_t at = start + 1;
    while (sp_bytes_starts(sp_bytes_sub(s, at, s.n), SP_LIT("amp;"))) at += 4;
    if (peek(s, at) == '#') {
        const bool is_hex = (peek(s, at + 1) | 0x20) == 'x';
        size_t end;
        const uint32_t c = number_at(s, at + 1 + is_hex, is_hex ? 16 : 10, 7, &end);
        if (c != UINT32_MAX) return code_of(end + (peek(s, end) == ';') - start, c);
    } else {
        const code named = named_entity(s, start, at);
        if (named.in > 0) return named;
    }
    return at > start + 1 ? (code){at - start, '&'} : NO_CODE;
}

/* ---- percent (RFC 3986 2.1), and %uXXXX ---- */

/* The byte of "%XX", of "%25XX", and so on. `*end` receives where it ends. @return -1: none. */
static int percent_byte(sp_bytes s, size_t at, size_t *end)
{
    if (peek(s, at) != '%') return -1;
    size_t digits = at + 1;
    while (peek(s, digits) == '2' && peek(s, digits + 1) == '5' && hex_at(s, digits + 2, 2) >= 0) digits += 2;
    *end = digits + 2;
    return (int)hex_at(s, digits, 2);
}

/* Bytes beyond ASCII belong together; one that is no UTF-8 is Latin-1. */
static code percent_at(sp_bytes s, size_t at)
{
    if ((peek(s, at + 1) | 0x20) == 'u') {
        const int64_t unit = hex_at(s, at + 2, 4);
        return unit < 0 ? NO_CODE : code_of(6, (uint32_t)unit);
    }
    uint8_t utf8[4] = {0};
    size_t end = at, first_end = at;
    for (size_t n = 0; n < sizeof utf8; n++) {
        const int byte = percent_byte(s, end, &end);
        if (byte < 0) break;
        utf8[n] = (uint8_t)byte;
        if (n == 0) first_end = end;
        size_t length;
        const uint32_t c = sp_char_at((sp_bytes){utf8, n + 1}, 0, &length);
        if (c != UINT32_MAX && length == n + 1) return code_of(end - at, c);
    }
    return first_end > at ? code_of(first_end - at, utf8[0]) : NO_CODE;
}

/* ---- escapes of programming languages ---- */

/* The backslashes before a letter are one: each layer of strings doubles them. */
static size_t behind_slashes(sp_bytes s, size_t at)
{
    while (peek(s, at) == '\\') at++;
    return at;
}

static code surrogates_at(sp_bytes s, size_t start, size_t low_at, uint32_t high)
{
    const size_t letter = behind_slashes(s, low_at);
    const int64_t low = letter > low_at && peek(s, letter) == 'u' ? hex_at(s, letter + 1, 4) : -1;
    if (low < 0xdc00 || low > 0xdfff) return NO_CODE;
    return code_of(letter + 5 - start, 0x10000 + ((high - 0xd800) << 10) + (uint32_t)(low - 0xdc00));
}

static code braced_at(sp_bytes s, size_t start, size_t open)
{
    size_t end;
    const uint32_t c = number_at(s, open + 1, 16, 6, &end);
    return c != UINT32_MAX && peek(s, end) == '}' ? code_of(end + 1 - start, c) : NO_CODE;
}

/* \uXXXX \u{X} \UXXXXXXXX \xXX \x{X} and \OOO. Not \n and its like: they hide nothing. Of several backslashes
 * the first is asked, so that a long row of them is read once. */
static code backslash_at(sp_bytes s, size_t start)
{
    if (start > 0 && s.p[start - 1] == '\\') return NO_CODE;
    const size_t letter = behind_slashes(s, start);
    const uint8_t kind = peek(s, letter);
    if ((kind == 'u' || kind == 'x') && peek(s, letter + 1) == '{') return braced_at(s, start, letter + 1);
    const size_t digits = kind == 'u' ? 4 : kind == 'x' ? 2 : kind == 'U' ? 8 : 0;
    if (digits > 0) {
        const int64_t c = hex_at(s, letter + 1, digits);
        if (c < 0 || c > 0x10ffff) return NO_CODE;
        if (c >= 0xd800 && c < 0xdc00) return surrogates_at(s, start, letter + 1 + digits, (uint32_t)c);
        return code_of(letter + 1 + digits - start, (uint32_t)c);
    }
    size_t end;
    if (kind < '0' || kind > '3') return NO_CODE;
    const uint32_t c = number_at(sp_bytes_sub(s, 0, letter + 3), letter, 8, 3, &end);
    return end == letter + 3 && c < 0x80 ? code_of(end - start, c) : NO_CODE;
}

/* ---- quoted-printable (RFC 2045 6.7) ---- */

static int quoted_byte(sp_bytes s, size_t at)
{
    const uint8_t a = peek(s, at + 1), b = peek(s, at + 2);
    const bool is_lower = a > 'Z' || b > 'Z'; /* the RFC asks for capitals, and code is full of x=ab */
    return peek(s, at) == '=' && !is_lower ? (int)hex_at(s, at + 1, 2) : -1;
}

/* A soft line break, or bytes: at least two together, since "=20" alone is more often a number. */
static code quoted_at(sp_bytes s, size_t at)
{
    if (peek(s, at + 1) == '\n') return (code){2, C_NOTHING};
    if (peek(s, at + 1) == '\r' && peek(s, at + 2) == '\n') return (code){3, C_NOTHING};
    const bool is_paired = quoted_byte(s, at + 3) >= 0 || (at >= 3 && quoted_byte(s, at - 3) >= 0);
    if (!is_paired) return NO_CODE;
    uint8_t utf8[4] = {0};
    for (size_t n = 0; n < sizeof utf8; n++) {
        const int byte = quoted_byte(s, at + 3 * n);
        if (byte < 0) break;
        utf8[n] = (uint8_t)byte;
        size_t length;
        const uint32_t c = sp_char_at((sp_bytes){utf8, n + 1}, 0, &length);
        if (c != UINT32_MAX && length == n + 1) return code_of(3 * length, c);
    }
    return quoted_byte(s, at) >= 0 ? code_of(3, utf8[0]) : NO_CODE;
}

/* ---- all of them ---- */

static code code_at(sp_bytes s, size_t at)
{
    switch (s.p[at]) {
    case '&':
        return entity_at(s, at);
    case '%':
        return percent_at(s, at);
    case '\\':
        return backslash_at(s, at);
    case '=':
        return quoted_at(s, at);
    default:
        return NO_CODE;
    }
}

bool sp_escape_is_at(sp_bytes s, size_t at)
{
    return code_at(s, at).in > 0;
}

static bool is_packed_byte(uint8_t c)
{
    return sp_ascii_is_alnum(c) || c == '+' || c == '/' || c == '-' || c == '_';
}

void sp_view__decode(sp_weaver *w)
{
    const sp_bytes s = w->from;
    for (size_t at = 0; at < s.n && w->status == SP_OK;) {
        if (is_packed_byte(s.p[at])) {
            at = sp_view__unpack(w, at);
            continue;
        }
        const code found = code_at(s, at);
        if (found.c == C_NOTHING) {
            sp_weave_drop(w, at, found.in);
        } else if (found.in > 0) {
            sp_weave_char(w, at, found.in, found.c);
        }
        const size_t slashes = s.p[at] == '\\' ? behind_slashes(s, at) - at : 1;
        at += found.in > 0 ? found.in : slashes;
    }
    sp_weave_end(w);
}
