/* A line as tokens: words, numbers, marks; and what judges ask about them. */
#include "detect/names_words.h"

#include <string.h>

/* ---- tokens ---- */

static bool is_han(uint32_t c)
{
    return (c >= 0x2e80 && c < 0xac00) || (c >= 0xf900 && c < 0xfb00) || (c >= 0x20000 && c < 0x30000);
}

static bool is_hangul(uint32_t c)
{
    return c >= 0xac00 && c < 0xd7a4;
}

static sp_tok_shape script_of(uint32_t code)
{
    if (is_han(code)) return SP_SHAPE_HAN;
    return is_hangul(code) ? SP_SHAPE_HANGUL : SP_SHAPE_LOWER;
}

/* "O'Brien", "Jean-Pierre", "S.p.A.": a mark inside of a word, with a letter on its other side. */
static size_t joint(const uint8_t *p, size_t i, size_t end, size_t start)
{
    const sp_glyph c = sp_glyph_at(p, i, end);
    const bool is_dot = c.code == '.' && (i - start == 1 || (i >= 2 && p[i - 2] == '.'));
    if (c.code != '-' && c.code != '\'' && c.code != 0x2019 && !is_dot) return 0;
    const sp_glyph next = sp_glyph_at(p, i + c.n, end);
    const bool is_letter = sp_glyph_fold(next.code) != 0 && script_of(next.code) == SP_SHAPE_LOWER;
    return is_letter && (c.code != '\'' || i - start < 12) ? c.n : 0;
}

/* A capital behind a small letter, but for "McCoy", "DeVito", "LaRue". */
static bool has_hump(const uint8_t *p, size_t start, size_t end)
{
    for (size_t i = start + 1; i < end; i++) {
        const bool is_prefix =
            i <= start + 3 && (p[start] == 'M' || p[start] == 'D' || p[start] == 'L' || p[start] == 'V');
        if (sp_is_upper(p[i]) && sp_is_alpha(p[i - 1]) && !(is_prefix && p[i - 1] >= 'a')) return true;
    }
    return false;
}

/* A word from `i` on. */
static void read_word(sp_tok *t, const uint8_t *p, size_t i, size_t end)
{
    const sp_glyph first = sp_glyph_at(p, i, end);
    const sp_tok_shape script = script_of(first.code);
    size_t n_letters = 0, n_capitals = 0;
    t->start = (uint32_t)i;
    while (i < end) {
        const sp_glyph c = sp_glyph_at(p, i, end);
        if (sp_glyph_fold(c.code) != 0 && script_of(c.code) == script) {
            n_letters++;
            n_capitals += sp_glyph_is_capital(c.code);
            i += c.n;
            continue;
        }
        const size_t n = script == SP_SHAPE_LOWER ? joint(p, i, end, t->start) : 0;
        if (n == 0) break;
        i += n;
    }
    t->end = (uint32_t)i;
    t->letters = n_letters < UINT8_MAX ? (uint8_t)n_letters : UINT8_MAX;
    t->shape = (uint8_t)script;
    if (sp_glyph_is_capital(first.code))
        t->shape = n_letters > 1 && n_capitals == n_letters ? SP_SHAPE_UPPER : SP_SHAPE_CAP;
    if (t->shape == SP_SHAPE_CAP && has_hump(p, t->start, i)) t->flags = SP_WORD_CAMEL;
}

static bool is_number_part(const uint8_t *p, size_t i, size_t end)
{
    if (sp_is_digit(p[i])) return true;
    const bool is_next_digit = i + 1 < end && sp_is_digit(p[i + 1]);
    if (p[i] == '-' || p[i] == '/') return is_next_digit;
    const bool is_letter = sp_is_alpha(p[i]) && sp_is_digit(p[i - 1]);
    return is_letter && (i + 1 == end || !sp_is_alnum(p[i + 1]));
}

static void read_number(sp_tok *t, const uint8_t *p, size_t i, size_t end)
{
    t->start = (uint32_t)i;
    t->shape = SP_SHAPE_NUMBER;
    while (i < end && is_number_part(p, i, end)) i++;
    t->end = (uint32_t)i;
    t->letters = i - t->start < UINT8_MAX ? (uint8_t)(i - t->start) : UINT8_MAX;
}

static bool is_blank(uint32_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == 0xa0 || c == 0x3000;
}

static void read_token(sp_tok *t, const sp_words *words, const uint8_t *p, size_t i, size_t end)
{
    const sp_glyph c = sp_glyph_at(p, i, end);
    if (sp_glyph_fold(c.code) != 0) {
        read_word(t, p, i, end);
        t->flags |= sp_words_find(words, sp_word_hash(SP_WORD_HASH, p, t->start, t->end));
        return;
    }
    if (c.code < 0x80 && sp_is_digit((int)c.code)) {
        read_number(t, p, i, end);
        return;
    }
    t->start = (uint32_t)i;
    t->end = (uint32_t)i + c.n;
    t->c = p[i];
}

/* What marks say about a line as a whole. */
static void sum_up(sp_line *line)
{
    size_t n_separators = 0;
    for (size_t i = 0; i < line->n; i++) {
        const uint8_t c = line->t[i].c;
        line->has_mail = line->has_mail || c == '@';
        n_separators += c == ';' || c == '|' || c == '\t';
    }
    line->is_table = n_separators >= 2;
}

void sp_line_read(sp_line *line, const sp_words *words, sp_bytes text, size_t from, size_t to)
{
    bool is_apart = false;
    line->words = words;
    line->p = text.p;
    line->n = 0;
    line->has_mail = line->is_table = false;
    line->before_of = SIZE_MAX;
    for (size_t i = from; i < to && line->n < SP_TOKS_MAX;) {
        const sp_glyph c = sp_glyph_at(text.p, i, to);
        if (is_blank(c.code)) {
            is_apart = true;
            i += c.n;
            continue;
        }
        sp_tok *t = &line->t[line->n++];
        *t = (sp_tok){.is_apart = is_apart};
        read_token(t, words, text.p, i, to);
        is_apart = false;
        i = t->end;
    }
    sum_up(line);
}

/* ---- questions ---- */

bool sp_line_is(const sp_line *line, size_t i, char c)
{
    return i < line->n && line->t[i].shape == SP_SHAPE_MARK && line->t[i].c == (uint8_t)c;
}

bool sp_line_has(const sp_line *line, size_t i, uint32_t flags)
{
    return i < line->n && (line->t[i].flags & flags) != 0;
}

bool sp_line_is_cap(const sp_line *line, size_t i)
{
    return i < line->n && (line->t[i].shape == SP_SHAPE_CAP || line->t[i].shape == SP_SHAPE_UPPER);
}

static bool is_word(const sp_line *line, size_t i)
{
    return i < line->n && line->t[i].shape != SP_SHAPE_MARK && line->t[i].shape != SP_SHAPE_NUMBER;
}

uint32_t sp_line_phrase(const sp_line *line, size_t first, size_t last)
{
    uint32_t h = SP_WORD_HASH;
    if (first == last) return line->t[first].flags;
    for (size_t i = first; i <= last; i++) {
        if (!is_word(line, i)) return 0;
        if (i > first) h = sp_word_hash_on(h, 0);
        h = sp_word_hash(h, line->p, line->t[i].start, line->t[i].end);
    }
    return sp_words_find(line->words, h);
}

static bool is_one_of(const sp_line *line, size_t i, const char *marks)
{
    if (i >= line->n || line->t[i].shape != SP_SHAPE_MARK) return false;
    while (*marks != '\0' && (uint8_t)*marks != line->t[i].c) marks++;
    return *marks != '\0';
}

/* Where the words before `i` end, as an index past the last; `is_key`: a colon or a sign of equality stands
 * between. */
static size_t skip_back(const sp_line *line, size_t i, bool *is_key)
{
    *is_key = false;
    while (i > 0 && is_one_of(line, i - 1, "\"'`>*_[({")) i--;
    if (i > 0 && is_one_of(line, i - 1, ":=\xef\xe3|\t")) {
        *is_key = true;
        while (i > 0 && is_one_of(line, i - 1, ":=\xef\xe3|\t>")) i--;
        while (i > 0 && is_one_of(line, i - 1, "\"'`*]")) i--;
    }
    return i;
}

/* All flags of the one to four words that end before `i`; of fields only where one is. */
static uint32_t before_of(const sp_line *line, size_t i)
{
    enum { KEYS = SP_KEY_PERSON | SP_KEY_PLACE | SP_KEY_ORG | SP_KEY_ADDRESS };
    bool is_key;
    uint32_t flags = 0;
    size_t end = skip_back(line, i, &is_key);
    if (!is_key && end > 0 && sp_line_is(line, end - 1, ',')) end--; /* "Regards, Anna" */
    for (size_t n = 1; n <= 4 && n <= end; n++) {
        if (!is_word(line, end - n)) break;
        flags |= sp_line_phrase(line, end - n, end - 1);
    }
    return is_key ? flags : flags & ~(KEYS | SP_KEY_NRP);
}

uint32_t sp_line_before(const sp_line *line, size_t i, uint32_t wanted)
{
    return (i == line->before_of ? line->before : before_of(line, i)) & wanted;
}

void sp_line_look_before(sp_line *line, size_t i)
{
    line->before = before_of(line, i);
    line->before_of = i;
}

bool sp_line_ends(const sp_line *line, size_t i, uint32_t ending)
{
    enum { ENDING_MAX = 9 };
    const sp_tok *t = &line->t[i];
    uint32_t h = SP_ENDING_HASH;
    size_t at = t->end;
    for (unsigned n = 0; n < ENDING_MAX && at > t->start; n++) {
        while (--at > t->start && (line->p[at] & 0xc0) == 0x80) {
        }
        const uint32_t letter = sp_glyph_fold(sp_glyph_at(line->p, at, t->end).code);
        h = sp_word_hash_on(h, letter);
        if (at > t->start && (sp_words_find(line->words, h) & ending) != 0) return true;
    }
    return false;
}

bool sp_line_is_word(const sp_line *line, size_t i, const char *words)
{
    if (!is_word(line, i)) return false;
    const sp_bytes word = {line->p + line->t[i].start, line->t[i].end - line->t[i].start};
    for (;;) {
        size_t n = 0;
        while (words[n] != '|' && words[n] != '\0') n++;
        if (n == word.n && sp_bytes_eq_nocase(word, (sp_bytes){(const uint8_t *)words, n})) return true;
        if (words[n] == '\0') return false;
        words += n + 1;
    }
}

/* A word that goes on a chain: behind one blank, or behind the dot of an initial. */
static bool goes_on(const sp_line *line, size_t i)
{
    return i < line->n && (line->t[i].is_apart || line->t[i - 1].c == '.');
}

size_t sp_line_chain(const sp_line *line, size_t i, size_t most)
{
    size_t end = i, n = 0;
    while (n < most && sp_line_is_cap(line, i)) {
        n++;
        end = ++i;
        const bool is_initial = line->t[i - 1].letters == 1;
        if (is_initial && sp_line_is(line, i, '.') && !line->t[i].is_apart) i++;
        if (!goes_on(line, i)) break;
        size_t k = i;
        while (k < i + 3 && sp_line_has(line, k, SP_WORD_PARTICLE) && line->t[k].shape == SP_SHAPE_LOWER) k++;
        if (k > i && sp_line_is_cap(line, k)) i = k;
    }
    return end;
}
