/* The pass over a text: where a line may hold a name, and what the judges make of such a line. Words with a
 * capital are proposed sixteen bytes at a time; a word costs a hash and a bit, which nearly all fail. */
#include "detect/names_words.h"

#include <string.h>

enum { WINDOW_BEFORE = 192, WINDOW = 1536, OVERLAP_TOKS = 32, WORD_MAX = 64 };
enum { ANY_KEY = SP_KEY_PERSON | SP_KEY_PLACE | SP_KEY_ORG | SP_KEY_ADDRESS };
enum { ANY_CUE = SP_CUE_PERSON | SP_CUE_ORG | SP_CUE_ADDRESS };

/* ---- is it worth a look? ---- */

static inline bool is_ascii_letter(int c)
{
    return (unsigned)((c | 0x20) - 'a') < 26;
}

static inline bool is_letter(int c)
{
    return is_ascii_letter(c) || c >= 0x80;
}

/* The word at `i`, as it is looked up. */
typedef struct word {
    size_t end;
    uint32_t hash;
} word;

static word word_at(sp_bytes text, size_t i)
{
    const size_t most = i + WORD_MAX < text.n ? i + WORD_MAX : text.n;
    word w = {i, SP_WORD_HASH};
    while (w.end < most) {
        const uint8_t c = text.p[w.end];
        if (is_ascii_letter(c)) {
            w.hash = sp_word_hash_on(w.hash, c | 0x20u);
            w.end++;
            continue;
        }
        if (c < 0x80) break;
        const sp_glyph wide = sp_glyph_at(text.p, w.end, text.n);
        const uint32_t folded = sp_glyph_fold(wide.code);
        if (folded == 0) break;
        w.hash = sp_word_hash_on(w.hash, folded);
        w.end += wide.n;
    }
    return w;
}

/* What the word is that ends right before `end`. */
static uint32_t flags_before(const sp_words *words, sp_bytes text, size_t end)
{
    size_t start = end;
    while (start > 0 && end - start < WORD_MAX && is_letter(text.p[start - 1])) start--;
    if (start == end) return 0;
    return sp_words_find(words, sp_word_hash(SP_WORD_HASH, text.p, start, end));
}

static int byte_at(sp_bytes text, size_t i)
{
    return i < text.n ? text.p[i] : -1;
}

static bool begins_word(int c)
{
    return sp_is_upper(c) || c >= 0xc3;
}

/* `"name": "X`, `Name: X`, `<name>X`: is X behind the name of a field? */
static bool is_value(const sp_words *words, sp_bytes text, size_t i)
{
    size_t k = i;
    while (k > 0 && i - k < 6 && (text.p[k - 1] == ' ' || text.p[k - 1] == '"' || text.p[k - 1] == '\'')) k--;
    if (k == 0 || (text.p[k - 1] != ':' && text.p[k - 1] != '=' && text.p[k - 1] != '>')) return false;
    k--;
    while (k > 0 && i - k < 12 && (text.p[k - 1] == ' ' || text.p[k - 1] == '"' || text.p[k - 1] == '\''))
        k--;
    return (flags_before(words, text, k) & (ANY_KEY | SP_KEY_NRP)) != 0;
}

/* "Park 12, 3…": a number and a comma behind a word, as addresses have them. */
static bool is_before_number(sp_bytes text, size_t end)
{
    size_t i = end;
    if (byte_at(text, i) == ',') i++;
    if (byte_at(text, i) != ' ' || !sp_is_digit(byte_at(text, i + 1))) return false;
    const size_t start = ++i;
    while (sp_is_digit(byte_at(text, i)) && i - start < 6) i++;
    if (sp_is_alpha(byte_at(text, i))) i++;
    return byte_at(text, i) == ',' || i - start >= 4 || byte_at(text, i) == '/';
}

/* A street's word or ending with a number behind it. */
static bool is_street(uint32_t flags, sp_bytes text, size_t i, size_t end)
{
    static const char *const endings[] = {"str",   "gatan", "gata", "straat", "laan", "weg", "platz", "allee",
                                          "gasse", "vej",   "gade", "veien",  "katu", "tie", "vagen", "gen"};
    if (byte_at(text, end) == '.') end++;
    if (byte_at(text, end) != ' ' || !sp_is_digit(byte_at(text, end + 1))) return false;
    if ((flags & (SP_WORD_STREET | SP_WORD_STREET_LAST)) != 0) return true;
    const size_t stop = text.p[end - 1] == '.' ? end - 1 : end;
    for (size_t k = 0; k < sizeof endings / sizeof endings[0]; k++) {
        const size_t n = strlen(endings[k]);
        if (stop - i > n + 1 && memcmp(text.p + stop - n, endings[k], n) == 0) return true;
    }
    const bool is_strasse = end - i > 7 && memcmp(text.p + end - 2, "se", 2) == 0;
    return is_strasse || (end - i > 6 && text.p[end - 1] == 'e' && text.p[end - 2] == 0x9f);
}

/* A word whose flags alone make its line worth it. */
static bool is_hot_word(uint32_t flags, sp_bytes text, size_t i, size_t end)
{
    if ((flags & (SP_WORD_GIVEN | SP_WORD_PLACE | SP_CUE_STRONG | SP_WORD_PEOPLE)) != 0) return true;
    const int next = byte_at(text, end);
    if ((flags & SP_KEY_NRP) != 0 && (next == ':' || next == '"' || next == ' ')) return true;
    if ((flags & SP_WORD_TITLE) != 0 && (next == '.' || next == ' ')) return true;
    return (flags & SP_WORD_LEGAL) != 0 && i > 1 && text.p[i - 1] == ' ' &&
           (is_letter(text.p[i - 2]) || text.p[i - 2] == ',');
}

/* Two words with capitals: is the second a family name, or does a word stand before that leads to a name? */
static bool is_hot_pair(const sp_words *words, uint32_t flags, sp_bytes text, size_t i, size_t end)
{
    const word second = word_at(text, end + 1);
    const uint32_t next = sp_words_find(words, second.hash);
    if (byte_at(text, end + 2) == '.' && sp_is_upper(byte_at(text, end + 3)))
        return true; /* "S.A.", "J.R." */
    if ((flags & SP_WORD_COMMON) == 0 && (next & SP_WORD_ORG) != 0) return true;
    if ((flags & (SP_WORD_NAME | SP_WORD_PHRASE)) != 0 || (next & (SP_WORD_FAMILY | SP_WORD_LEGAL)) != 0)
        return true;
    if (i > 1 && text.p[i - 1] == ' ') {
        if (sp_is_digit(text.p[i - 2]) || (text.p[i - 2] == ',' && i > 2 && sp_is_digit(text.p[i - 3])))
            return true;
        return (flags_before(words, text, i - 1) & ANY_CUE) != 0;
    }
    return false;
}

/* Scripts with names of their own: Greek to Arabic, and from Indic on; signs and emoji are none. */
static bool is_other_script(uint8_t c)
{
    return (c >= 0xcd && c < 0xe1) || (c >= 0xe3 && c <= 0xed);
}

/* Where a value may stand: not behind a blank that a word stands before. */
static bool may_be_value(sp_bytes text, size_t i)
{
    if (i < 2) return false;
    const uint8_t before = text.p[i - 1] == ' ' ? text.p[i - 2] : text.p[i - 1];
    return before == ':' || before == '=' || before == '"' || before == '\'' || before == '>';
}

/* "Park 12", "Park, 12": seldom, so that it may be looked at closely. */
static bool is_number_next(sp_bytes text, size_t end)
{
    size_t i = end;
    if (byte_at(text, i) == ',' || byte_at(text, i) == '.') i++;
    return byte_at(text, i) == ' ' && sp_is_digit(byte_at(text, i + 1));
}

static bool is_hot(const sp_words *words, sp_bytes text, size_t i)
{
    const uint8_t c = text.p[i];
    if (c == '@') return i > 0 && sp_is_alnum(text.p[i - 1]) && sp_is_alnum(byte_at(text, i + 1));
    if (c >= 0x80 && is_other_script(c)) return true;
    const word w = word_at(text, i);
    const bool is_pair = byte_at(text, w.end) == ' ' && begins_word(byte_at(text, w.end + 1));
    const bool has_number = is_number_next(text, w.end);
    if (may_be_value(text, i) && is_value(words, text, i)) return true;
    if (!is_pair && !has_number && !sp_words_is_hot(words, w.hash)) return false;
    const uint32_t flags = sp_words_find(words, w.hash);
    if (is_hot_word(flags, text, i, w.end)) return true;
    if (is_pair && is_hot_pair(words, flags, text, i, w.end)) return true;
    return has_number && (is_before_number(text, w.end) || is_street(flags, text, i, w.end));
}

/* ---- a line ---- */

typedef struct pass {
    const sp_words *words;
    sp_bytes text;
    sp_findings *out;
    size_t from;  /* no finding begins before */
    size_t floor; /* where the last one ended */
    uint16_t first_row;
    sp_meter *meter;
    sp_look_back look;
} pass;

/* What begins names: a capital, a number, a script without capitals, a small word for a title or a street. */
static bool may_begin(const sp_line *line, size_t i)
{
    const sp_tok *t = &line->t[i];
    if (t->shape == SP_SHAPE_MARK) return false;
    return t->shape != SP_SHAPE_LOWER || sp_line_is_script(line, i) ||
           (t->flags & (SP_WORD_TITLE | SP_WORD_STREET | SP_WORD_PLACE_FIRST | SP_WORD_PEOPLE)) != 0;
}

/* What all judges look at from one word on, and more where it is compared with the lists of names of the
 * East; a byte of a line that becomes words. */
enum { JUDGES_COST = 96, EAST_COSTS = 800, LINE_COSTS = 11 };

/* Of what the judges say the surest, of two as sure the first. */
static sp_named judge(pass *s, sp_line *line, size_t i)
{
    static sp_named (*const judges[])(const sp_line *, size_t) = {sp_address_at,      sp_organization_at,
                                                                  sp_person_at,       sp_location_at,
                                                                  sp_name_of_east_at, sp_conviction_at};
    sp_named best = {0};
    const uint8_t shape = line->t[i].shape;
    if (sp_line_is_script(line, i) || (shape == SP_SHAPE_NUMBER && sp_line_is_script(line, i + 1))) {
        sp_meter_charge(s->meter, JUDGES_COST);
        sp_line_look_before(line, i);
        return sp_name_of_script_at(line, i);
    }
    const bool is_east = (shape == SP_SHAPE_HAN || shape == SP_SHAPE_HANGUL) && line->t[i].letters > 1;
    sp_meter_charge(s->meter, JUDGES_COST + (is_east ? EAST_COSTS : 0));
    sp_line_look_before(line, i);
    for (size_t k = 0; k < sizeof judges / sizeof judges[0]; k++) {
        const sp_named one = judges[k](line, i);
        if (one.confidence > best.confidence) best = one;
    }
    return best;
}

/* Number of the kind's row in names_rows.c. */
static unsigned row_of(uint8_t kind)
{
    return kind == SP_KIND_NRP ? SP_KIND_ORGANIZATION - SP_KIND_PERSON + 1 : (unsigned)kind - SP_KIND_PERSON;
}

/* Is this kind of name public in such a list? Of addresses and convictions nothing is. */
static bool is_public_kind(uint8_t kind, sp_public_kinds kinds)
{
    if (kind == SP_KIND_ORGANIZATION) return true;
    return kinds == SP_PUBLIC_LICENCE
               ? kind == SP_KIND_LOCATION
               : kind == SP_KIND_PERSON || (kind == SP_KIND_LOCATION && kinds == SP_PUBLIC_OWNERS);
}

/* Is this name one of those who wrote a work?
 * @param list  of the line, which begins at `start`; {0}: not asked yet. */
static bool is_public(pass *s, size_t start, const sp_named *one, sp_public_names *list)
{
    const size_t shift = s->look.text.n - s->text.n;
    if (one->kind == SP_KIND_ADDRESS) return sp_address_is_printed(&s->look, shift + one->start);
    if (one->kind == SP_KIND_NRP) return false;
    if (list->until == 0) *list = sp_names_public(&s->look, shift + start, shift + start);
    while (list->until <= shift + one->start) {
        const size_t seen = list->until;
        *list = sp_names_public(&s->look, shift + start, seen);
        if (list->until <= seen) list->from = list->until = SIZE_MAX; /* a mark without names */
    }
    return is_public_kind(one->kind, list->kinds) && shift + one->start >= list->from &&
           shift + one->end <= list->until;
}

/* @param start  where the line, or what is seen of it, begins. */
static sp_status judge_line(pass *s, sp_line *line, size_t start, size_t until)
{
    sp_public_names list = {0};
    for (size_t i = 0; i < line->n;) {
        const sp_tok *t = &line->t[i];
        if (t->start >= until) break;
        sp_named one = {0};
        if (t->start >= s->floor && may_begin(line, i)) one = judge(s, line, i);
        if (one.confidence == 0) {
            i++;
            continue;
        }
        i = one.next;
        if (one.start < s->from || one.end - one.start > SP_NAME_MAX) continue;
        s->floor = one.end;
        if (is_public(s, start, &one, &list)) continue;
        const unsigned row = s->first_row + row_of(one.kind);
        const sp_finding f = {.start = one.start,
                              .end = one.end,
                              .kind = one.kind,
                              .confidence = one.confidence,
                              .detector = row & (SP_DETECTORS_MAX - 1U)};
        SP_TRY(sp_findings__insert(s->out, f));
    }
    return SP_OK;
}

/* Start of the window for what was proposed at `i`: of its line, or of a word not too far before. */
static size_t window_start(const pass *s, size_t i)
{
    const size_t least = i > s->from + WINDOW_BEFORE ? i - WINDOW_BEFORE : s->from;
    size_t at = i;
    while (at > least && s->text.p[at - 1] != '\n') at--;
    if (at == s->from || s->text.p[at - 1] == '\n') return at;
    while (at < i && s->text.p[at] != ' ') at++;
    return at < i ? at : i;
}

/* Up to where findings may begin that are judged in this window: behind that the next one sees more. */
static size_t window_end(const sp_line *line, size_t end, bool is_cut)
{
    return is_cut && line->n > OVERLAP_TOKS ? line->t[line->n - OVERLAP_TOKS].start : end;
}

/* How far a line was read that goes on to `end`: where it is full, to its last token. */
static size_t bytes_read(const sp_line *line, size_t end)
{
    return line->n == SP_TOKS_MAX ? line->t[line->n - 1].end : end;
}

/* Judges the line around `i`. @param next  receives where to go on, behind `i`. */
static sp_status look(pass *s, size_t i, size_t *next)
{
    sp_line line;
    const size_t most = s->text.n - i > WINDOW ? i + WINDOW : s->text.n;
    const uint8_t *newline = memchr(s->text.p + i, '\n', most - i);
    const size_t end = newline != NULL ? (size_t)(newline - s->text.p) : most;
    const bool is_long = newline == NULL && most < s->text.n;
    size_t start = window_start(s, i);
    sp_line_read(&line, s->words, s->text, start, end);
    sp_meter_charge(s->meter, (bytes_read(&line, end) - start) * LINE_COSTS);
    *next = window_end(&line, end, is_long || line.n == SP_TOKS_MAX);
    if (*next <= i) { /* what stands before takes all of it */
        start = i;
        sp_line_read(&line, s->words, s->text, start, end);
        sp_meter_charge(s->meter, (bytes_read(&line, end) - start) * LINE_COSTS);
        *next = window_end(&line, end, is_long || line.n == SP_TOKS_MAX);
    }
    if (*next <= i) *next = i + 1;
    SP_TRY(judge_line(s, &line, start, *next));
    if (s->floor < *next) s->floor = *next; /* what begins before has been judged */
    return sp_meter_is_over(s->meter) ? SP_EWORK : SP_OK;
}

sp_status sp_names_scan(sp_findings *out, const sp_words *words, const sp_pass_in *in, uint16_t first_row)
{
    const sp_bytes text = in->text;
    const size_t from = in->from;
    pass s = {words, text, out, from, from, first_row, in->meter, {.text = text, .meter = in->meter}};
    if (in->around != NULL) {
        s.look.text = in->around->text;
        s.look.near = s.look.text.n - text.n;
    }
    sp_capitals all = {.text = text, .end = from};
    size_t i = from;
    while ((i = sp_capitals_next(&all, i)) < text.n) {
        if (i < s.floor || !is_hot(words, text, i)) {
            i++;
            continue;
        }
        size_t next = i + 1;
        SP_TRY(look(&s, i, &next));
        i = next;
    }
    if (in->around != NULL) in->around->is_needed = s.look.is_far;
    return SP_OK;
}
