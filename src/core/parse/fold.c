/* Characters that a reader takes for ASCII, or does not see. A table over ranges instead of all of Unicode's
 * compatibility mappings: detectors look for ASCII, so only what maps there matters. */
#include "parse/fold.h"

#include <string.h>

/* Code points first..last become `to` + their offset, which starts anew every `period`; period 0: all become
 * `to`, or nothing when that is 0. A period of 52 is the alphabet in both cases. */
typedef struct fold_row {
    uint32_t first, last;
    uint8_t to, period;
} fold_row;

enum { ALPHABET = 26 };

/* In order, without overlaps. Source: Unicode 15.1, UnicodeData.txt (decompositions <wide>, <font>, <circle>,
 * <super>, <sub>, <noBreak>; decimal digits) and DerivedCoreProperties.txt (Default_Ignorable_Code_Point). */
static const fold_row rows[] = {
    {0x00a0, 0x00a0, ' ', 0},                               /* no-break space */
    {0x00ad, 0x00ad, 0, 0},                                 /* soft hyphen */
    {0x00b2, 0x00b3, '2', 10},                              /* superscripts */
    {0x00b9, 0x00b9, '1', 0},    {0x017f, 0x017f, 's', 0},  /* long s */
    {0x034f, 0x034f, 0, 0},                                 /* combining grapheme joiner */
    {0x061c, 0x061c, 0, 0},                                 /* Arabic letter mark */
    {0x0660, 0x0669, '0', 10},                              /* Arabic-Indic digits */
    {0x06f0, 0x06f9, '0', 10},   {0x0966, 0x096f, '0', 10}, /* Devanagari */
    {0x09e6, 0x09ef, '0', 10},                              /* Bengali */
    {0x115f, 0x1160, 0, 0},                                 /* Hangul fillers */
    {0x17b4, 0x17b5, 0, 0},      {0x180b, 0x180f, 0, 0},    /* Mongolian selectors */
    {0x2000, 0x200a, ' ', 0},                               /* typographers' blanks */
    {0x200b, 0x200f, 0, 0},                                 /* zero width, marks of direction */
    {0x2010, 0x2015, '-', 0},                               /* hyphens and dashes */
    {0x2024, 0x2024, '.', 0},    {0x202a, 0x202e, 0, 0},    /* embeddings and overrides */
    {0x202f, 0x202f, ' ', 0},    {0x205f, 0x205f, ' ', 0},
    {0x2060, 0x206f, 0, 0}, /* word joiner, isolates */
    {0x2070, 0x2070, '0', 0},    {0x2074, 0x2079, '4', 10},
    {0x2080, 0x2089, '0', 10}, /* subscripts */
    {0x2102, 0x2102, 'C', 0},  /* letterlike symbols: the holes of the mathematical alphabets */
    {0x210a, 0x210a, 'g', 0},    {0x210b, 0x210d, 'H', 0},
    {0x210e, 0x210e, 'h', 0},    {0x2110, 0x2111, 'I', 0},
    {0x2112, 0x2112, 'L', 0},    {0x2113, 0x2113, 'l', 0},
    {0x2115, 0x2115, 'N', 0},    {0x2119, 0x211b, 'P', 3},
    {0x211c, 0x211d, 'R', 0},    {0x2124, 0x2124, 'Z', 0},
    {0x2128, 0x2128, 'Z', 0},    {0x212a, 0x212a, 'K', 0},
    {0x212c, 0x212d, 'B', 2},    {0x212f, 0x212f, 'e', 0},
    {0x2130, 0x2131, 'E', 2},    {0x2133, 0x2133, 'M', 0},
    {0x2134, 0x2134, 'o', 0},    {0x2139, 0x2139, 'i', 0},
    {0x2212, 0x2212, '-', 0},  /* minus */
    {0x2460, 0x2468, '1', 10}, /* circled */
    {0x24b6, 0x24e9, 'A', 52},   {0x24ea, 0x24ea, '0', 0},
    {0x3000, 0x3000, ' ', 0},    {0x3164, 0x3164, 0, 0},
    {0xfe00, 0xfe0f, 0, 0},   /* variation selectors */
    {0xfe52, 0xfe52, '.', 0}, /* small forms */
    {0xfe55, 0xfe55, ':', 0},    {0xfe58, 0xfe58, '-', 0},
    {0xfe62, 0xfe62, '+', 0},    {0xfe63, 0xfe63, '-', 0},
    {0xfe6b, 0xfe6b, '@', 0},    {0xfeff, 0xfeff, 0, 0}, /* byte order mark */
    {0xff01, 0xff5e, '!', 94},                           /* full width */
    {0xff61, 0xff61, '.', 0},    {0xffa0, 0xffa0, 0, 0},
    {0x1d400, 0x1d6a3, 'A', 52},                           /* mathematical alphabets */
    {0x1d7ce, 0x1d7ff, '0', 10},                           /* and digits */
    {0x1fbf0, 0x1fbf9, '0', 10}, {0xe0001, 0xe001f, 0, 0}, /* tags: ASCII that no screen shows */
    {0xe0020, 0xe007e, ' ', 95}, {0xe007f, 0xe007f, 0, 0},
    {0xe0100, 0xe01ef, 0, 0},
};

static const fold_row *find_row(uint32_t c)
{
    size_t low = 0, high = sizeof rows / sizeof rows[0];
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (rows[middle].last < c) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    const bool is_row = low < sizeof rows / sizeof rows[0] && rows[low].first <= c;
    return is_row ? &rows[low] : NULL;
}

/* The code point at `at` and how many bytes it has; what is no UTF-8 is one byte and no character. */
static uint32_t code_at(sp_bytes s, size_t at, size_t *n)
{
    const uint8_t lead = s.p[at];
    const size_t length = lead < 0xc2 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 1;
    *n = 1;
    if (lead < 0x80) return lead;
    if (length == 1 || s.n - at < length) return UINT32_MAX;
    uint32_t c = lead & (0x7fU >> length);
    for (size_t i = 1; i < length; i++) {
        if ((s.p[at + i] & 0xc0) != 0x80) return UINT32_MAX;
        c = c << 6 | (s.p[at + i] & 0x3f);
    }
    *n = length;
    return c;
}

/* First bytes of characters that fold. Not among them: Latin letters with accents, Greek, Cyrillic, Hebrew,
 * Han, Hangul; and continuation bytes. */
static bool may_fold(uint8_t c)
{
    const uint64_t leads = UINT64_C(0x9800f0b002024); /* of C0..FF: C2 C5 CD D8 D9 DB E0-E3 EF F0 F3 */
    return c >= 0xc0 && (leads >> (c & 63) & 1) != 0;
}

/* ASCII eight bytes at a time: nearly all of what is looked at. */
static size_t skip_ascii(sp_bytes s, size_t at)
{
    uint64_t word;
    while (at + sizeof word <= s.n) {
        memcpy(&word, s.p + at, sizeof word);
        if ((word & UINT64_C(0x8080808080808080)) != 0) break;
        at += sizeof word;
    }
    while (at < s.n && s.p[at] < 0x80) at++;
    return at;
}

/* The first character at or behind `at` that folds; s.n when none does. */
static size_t find_folding(sp_bytes s, size_t at)
{
    while ((at = skip_ascii(s, at)) < s.n) {
        while (at < s.n && s.p[at] >= 0x80 && !may_fold(s.p[at])) at++;
        if (at == s.n || s.p[at] < 0x80) continue;
        size_t n;
        if (find_row(code_at(s, at, &n)) != NULL) return at;
        at += n;
    }
    return s.n;
}

/* Appends what the character at s[at], which folds, becomes. @return its bytes. */
static size_t append_one(sp_buf *out, sp_bytes s, size_t at)
{
    size_t n;
    const uint32_t c = code_at(s, at, &n);
    const fold_row *row = find_row(c);
    if (row == NULL || row->to == 0) return n;
    const uint32_t i = row->period == 0 ? 0 : (c - row->first) % row->period;
    const bool is_lower = row->period == 2 * ALPHABET && i >= ALPHABET;
    sp_buf_append_byte(out, (uint8_t)(is_lower ? 'a' + i - ALPHABET : row->to + i));
    return n;
}

static void append_folded(sp_buf *out, sp_bytes s)
{
    for (size_t at = 0; at < s.n;) {
        const size_t stop = find_folding(s, at);
        sp_buf_append(out, sp_bytes_sub(s, at, stop));
        at = stop < s.n ? stop + append_one(out, s, stop) : stop;
    }
}

bool sp__folds(sp_bytes s)
{
    return find_folding(s, 0) < s.n;
}

/* Where a sequence begins that is cut off at the end; s.n when there is none. */
static size_t cut_sequence(sp_bytes s)
{
    for (size_t back = 1; back <= 3 && back <= s.n; back++) {
        const uint8_t c = s.p[s.n - back];
        if (c < 0x80) return s.n;
        if (c < 0xc0) continue;
        const size_t length = c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 1;
        return length > back ? s.n - back : s.n;
    }
    return s.n;
}

size_t sp__fold_read(sp_buf *out, sp_escapes *map, sp_bytes s, sp_escape at)
{
    const size_t before = out->n;
    s.n = cut_sequence(s);
    for (size_t i = 0; i < s.n;) {
        const size_t stop = find_folding(s, i);
        sp_buf_append(out, sp_bytes_sub(s, i, stop));
        if (stop == s.n) break;
        const size_t made_at = out->n, read = append_one(out, s, stop);
        const sp_escape one = {at.out + made_at - before, at.in + stop, (uint8_t)read,
                               (uint8_t)(out->n - made_at)};
        sp_buf_append(&map->list, (sp_bytes){(const uint8_t *)&one, sizeof one});
        i = stop + read;
    }
    return s.n;
}

static bool is_white(uint8_t c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static bool is_inside(sp_bytes s, size_t at)
{
    return at < s.n && (s.p[at] & 0xc0) == 0x80;
}

/* Where surroundings that begin near `at` start: SP_FOLD_AROUND bytes before, and from there on back to white
 * space, as far again, so that nothing is cut out of a longer word; never inside of a UTF-8 sequence. */
static size_t around_start(sp_bytes s, size_t at)
{
    size_t start = at > SP_FOLD_AROUND ? at - SP_FOLD_AROUND : 0;
    const size_t floor = start > SP_FOLD_AROUND ? start - SP_FOLD_AROUND : 0;
    while (start > floor && !is_white(s.p[start - 1])) start--;
    while (start > 0 && is_inside(s, start)) start--;
    return start;
}

/* Where surroundings that end near `at` end, likewise. */
static size_t around_end(sp_bytes s, size_t at)
{
    size_t end = s.n - at > SP_FOLD_AROUND ? at + SP_FOLD_AROUND : s.n;
    const size_t ceiling = s.n - end > SP_FOLD_AROUND ? end + SP_FOLD_AROUND : s.n;
    while (end < ceiling && !is_white(s.p[end])) end++;
    while (is_inside(s, end)) end++;
    return end;
}

/* The end of the piece that begins around `*at`: the surroundings of what folds close by belong to it. What
 * lies within SP_FOLD_AROUND is certain to be close, so that ends are looked for once per gap, not at each
 * character of a text in which all of them fold. `*at` becomes the first that folds behind the piece. */
static size_t chain_end(sp_bytes s, size_t *at)
{
    for (;;) {
        size_t last = *at, next = find_folding(s, last + 1);
        while (next < s.n && next - last < SP_FOLD_AROUND) {
            last = next;
            next = find_folding(s, last + 1);
        }
        const size_t end = around_end(s, last);
        *at = next;
        if (next >= end) return end;
    }
}

void sp__fold(sp_buf *out, sp_bytes s)
{
    size_t done = 0, at = find_folding(s, 0);
    while (at < s.n) {
        size_t start = around_start(s, at);
        if (start < done) start = done;
        if (start > done && done > 0) sp_buf_append_byte(out, '\n');
        const size_t end = chain_end(s, &at);
        append_folded(out, sp_bytes_sub(s, start, end));
        done = end;
    }
}

void sp__fold_join(sp_buf *out, sp_bytes text, bool is_first)
{
    const size_t head = is_first ? 0 : around_end(text, 0), tail = around_start(text, text.n);
    if (head >= tail) {
        sp_buf_append(out, text);
        return;
    }
    sp_buf_append(out, sp_bytes_sub(text, 0, head));
    if (head > 0) sp_buf_append_byte(out, '\n');
    sp_buf_append(out, sp_bytes_sub(text, tail, text.n));
}
