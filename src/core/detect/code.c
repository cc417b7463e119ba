/* Source code by evidence of several lines. Each line is compared with the cues that begin like it
 * (code_cues.c); what they weigh adds up per language and fades where prose follows. Three lines with three
 * different cues make it code. A line of prose that happens to begin like one does not, nor do settings and
 * logs, which have few lines of that sort; what a fence names is taken at its word. */
#include "detect/code_internal.h"

#include <string.h>

enum {
    NO = -1,
    LINE_MAX_BYTES = 200, /* of a line that are looked at */
    NEED = 14,            /* of weight, close together */
    LINES = 3,            /* with a cue */
    FADE_PROSE = 4,
    FADE_OTHER = 1,
    ENOUGH = 400, /* of weight: what follows would change nothing */
    FENCE = 8,
    FENCE_LINES = 2,
    CLOSE = 4, /* of weight between two languages that are about as likely */
};

static const struct {
    const char *name, *fences;
} languages[] = {
#define X(ID, name, fences) {name, fences},
    SP_LANGUAGES(X)
#undef X
};
_Static_assert(sizeof languages / sizeof languages[0] == SP_LANGUAGE_LIMIT, "a row for each language");
_Static_assert(SP_LANGUAGE_LIMIT <= 32, "sets of languages are 32 bits");

const char *sp_code_language_at(size_t i)
{
    return i < SP_LANGUAGE_LIMIT ? languages[i].name : NULL;
}

/* ---- lines ---- */

typedef struct language_state {
    uint32_t total; /* all over the text */
    uint32_t now;   /* what has not faded */
    uint64_t cues;  /* that make up `now`: a bit each, by their number */
    uint32_t lines; /* with one */
    size_t start;   /* of the first of them */
    bool is_met;
} language_state;

typedef struct look {
    const sp_code_index *index;
    language_state of[SP_LANGUAGE_LIMIT];
    size_t start, end;  /* of what is code; `start` is SIZE_MAX before there is any */
    size_t fence_lines; /* of the block at hand that hold something */
    uint32_t alive;     /* set of languages whose `now` is not 0 */
    int fence;          /* language of the block at hand, or NO */
    size_t fence_n;     /* signs that opened it; 0: in none */
    uint8_t fence_sign;
    bool is_named;  /* a fence or a first line said which */
    bool is_enough; /* of weight */
} look;

static void found(look *l, size_t start, size_t end)
{
    if (start < l->start) l->start = start;
    if (end > l->end) l->end = end;
}

static unsigned count_bits(uint64_t v)
{
    return (unsigned)__builtin_popcountll(v);
}

static void add(look *l, size_t language, unsigned weight, size_t cue, size_t at)
{
    language_state *s = &l->of[language];
    if (s->now == 0) {
        s->cues = s->lines = 0;
        s->start = at;
    }
    s->now += weight;
    s->total += weight;
    s->cues |= UINT64_C(1) << cue % 64;
    l->alive |= 1u << language;
    l->is_enough = l->is_enough || (s->is_met && s->total >= ENOUGH);
}

/* How a line is written, whatever it says. */
typedef struct line_look {
    uint32_t set;   /* of its signs */
    unsigned signs; /* that programs are full of */
    unsigned words; /* with blanks around */
    bool is_comment, ends_in_sign;
} line_look;

static line_look look_at(const sp_code_index *index, sp_bytes line)
{
    line_look k = {0};
    bool is_behind_blank = false;
    for (size_t i = 0; i < line.n; i++) {
        const uint8_t c = line.p[i];
        const uint32_t sign = index->sign_of[c];
        k.set |= sign;
        k.signs += (sign & SP_CODE_SIGNS) != 0;
        k.words += is_letter(c) & is_behind_blank;
        is_behind_blank = c == ' ';
    }
    const uint8_t first = line.p[0];
    k.is_comment =
        first == '#' || first == '*' || (first == '/' && line.n > 1) || (first == '-' && line.n > 1);
    k.ends_in_sign = (index->sign_of[line.p[line.n - 1]] & index->line_ends) != 0;
    return k;
}

/* What the cues say of a line: a set of languages. */
static uint32_t try_cues(look *l, sp_bytes line, uint32_t signs, size_t at)
{
    uint16_t lists[SP_CODE_LISTS];
    uint32_t met = 0;
    const uint64_t start = sp_code__start(line);
    sp_code__lists(lists, l->index, line);
    for (size_t k = 0; k < SP_CODE_LISTS; k++) {
        for (uint16_t i = lists[k]; i != 0; i = l->index->cues[i - 1].next) {
            const sp_code_cue *cue = &l->index->cues[i - 1];
            const sp_code_cues *group = &sp_code_groups[cue->group];
            if ((cue->signs & ~signs) != 0 || (start & cue->mask) != cue->start) continue;
            const sp_bytes rest = sp_bytes_sub(line, cue->same, line.n);
            if (!sp_code__fits(cue->line + cue->same, rest, group->languages == 1u << SP_LANGUAGE_SQL))
                continue;
            for (uint32_t left = group->languages; left != 0; left &= left - 1)
                add(l, (size_t)__builtin_ctz(left), group->weight, i, at);
            met |= group->languages;
        }
    }
    return met;
}

/* Languages of which the line has no cue fade: fast behind prose, not at all behind what looks like a
 * program.
 */
static void fade(look *l, uint32_t met, const line_look *k)
{
    const bool is_prose = k->words >= 4 && k->signs * 3 < k->words && !k->is_comment;
    const bool is_program = k->ends_in_sign || k->signs >= 2 || k->is_comment;
    if (l->fence_n > 0 || (is_program && !is_prose)) return;
    const uint32_t by = is_prose ? FADE_PROSE : FADE_OTHER;
    for (uint32_t left = l->alive & ~met; left != 0; left &= left - 1) {
        language_state *s = &l->of[__builtin_ctz(left)];
        s->now = s->now > by ? s->now - by : 0;
        if (s->now == 0) l->alive &= ~(left & -left);
    }
}

static void meet(look *l, language_state *s, size_t end)
{
    s->is_met = true;
    l->is_enough = l->is_enough || s->total >= ENOUGH;
    found(l, s->start, end);
}

static void settle(look *l, uint32_t met, size_t end)
{
    for (; met != 0; met &= met - 1) {
        language_state *s = &l->of[__builtin_ctz(met)];
        s->lines++;
        if (s->now < NEED || s->lines < LINES || count_bits(s->cues) < LINES) continue;
        meet(l, s, end);
    }
}

/* ---- blocks that name their language ---- */

/* The language that a word calls so, or NO. */
static int named(sp_bytes word)
{
    for (int i = 0; i < (int)SP_LANGUAGE_LIMIT; i++) {
        for (const char *f = languages[i].fences; *f != '\0';) {
            const size_t n = strcspn(f, " ");
            if (n == word.n && sp_bytes_eq_nocase(word, (sp_bytes){(const uint8_t *)f, n})) return i;
            f += n + (f[n] == ' ');
        }
    }
    return NO;
}

static bool is_of_fence(uint8_t c)
{
    return is_name(c) || c == '+' || c == '#';
}

/* "```python", "~~~~": begins a block, or ends one that as many signs or fewer began.
 * @return false: the line is none, or of the text in the block. */
static bool is_fence(look *l, sp_bytes line, size_t at)
{
    const uint8_t sign = line.p[0];
    size_t n = 0;
    if (sign != '`' && sign != '~') return false;
    while (n < line.n && line.p[n] == sign) n++;
    if (n < 3 || (l->fence_n > 0 && (sign != l->fence_sign || n < l->fence_n))) return false;
    const sp_bytes info = sp_bytes_sub(line, n, line.n);
    if (sign == '`' && info.n > 0 && memchr(info.p, sign, info.n) != NULL) return false; /* "```x```" */
    const bool is_end = l->fence_n > 0 && info.n == 0;
    if (is_end && l->fence != NO && l->fence_lines >= FENCE_LINES) meet(l, &l->of[l->fence], at);
    l->fence_n = is_end ? 0 : n;
    l->fence_sign = sign;
    l->fence = is_end ? NO : named(sp_bytes_sub(info, 0, sp_code__run(info, 0, is_of_fence)));
    l->fence_lines = 0;
    if (l->fence == NO) return true;
    l->is_named = true;
    l->of[l->fence].now = 0;
    add(l, (size_t)l->fence, FENCE, 0, at);
    return true;
}

static bool holds(sp_bytes line, sp_bytes word)
{
    for (size_t i = 0; i + word.n <= line.n; i++) {
        if (memcmp(line.p + i, word.p, word.n) == 0) return true;
    }
    return false;
}

/* "#!/usr/bin/env python3", as the first line. */
static void first_line(look *l, sp_bytes line)
{
    static const struct {
        const char *name;
        sp_language language;
    } interpreters[] = {{"python", SP_LANGUAGE_PYTHON},   {"bash", SP_LANGUAGE_SHELL},
                        {"node", SP_LANGUAGE_JAVASCRIPT}, {"perl", SP_LANGUAGE_PERL},
                        {"ruby", SP_LANGUAGE_RUBY},       {"php", SP_LANGUAGE_PHP},
                        {"lua", SP_LANGUAGE_LUA},         {"Rscript", SP_LANGUAGE_R},
                        {"pwsh", SP_LANGUAGE_POWERSHELL}, {"sh", SP_LANGUAGE_SHELL}};
    if (line.n < 3 || line.p[0] != '#' || line.p[1] != '!') return;
    for (size_t k = 0; k < sizeof interpreters / sizeof interpreters[0]; k++) {
        const sp_bytes name = sp_bytes_of(interpreters[k].name);
        if (!holds(line, name)) continue;
        add(l, interpreters[k].language, FENCE, 0, 0);
        add(l, interpreters[k].language, FENCE, 1, 0);
        l->of[interpreters[k].language].lines++;
        l->is_named = true;
        return;
    }
}

/* ---- the text ---- */

static void take_line(look *l, sp_bytes line, size_t at)
{
    if (is_fence(l, line, at)) return;
    l->fence_lines++;
    const line_look k = look_at(l->index, line);
    const uint32_t met = try_cues(l, line, k.set, at);
    settle(l, met, at + line.n);
    fade(l, met, &k);
}

/* Without blanks at both ends, as far as it is looked at. */
static sp_bytes trim(sp_bytes line)
{
    const size_t from = sp_code__run(line, 0, is_blank);
    line = sp_bytes_sub(line, from, line.n < from + LINE_MAX_BYTES ? line.n : from + LINE_MAX_BYTES);
    while (line.n > 0 && is_blank(line.p[line.n - 1])) line.n--;
    return line;
}

static void conclude(sp_code *out, const look *l)
{
    int best = NO;
    uint32_t second = 0;
    for (int i = 0; i < (int)SP_LANGUAGE_LIMIT; i++) {
        if (l->of[i].is_met && (best == NO || l->of[i].total > l->of[best].total)) best = i;
    }
    if (best == NO) return;
    for (int i = 0; i < (int)SP_LANGUAGE_LIMIT; i++) {
        if (i != best && l->of[i].total > second) second = l->of[i].total;
    }
    out->language = languages[best].name;
    out->confidence = l->is_named ? 95 : l->of[best].total < second + CLOSE ? 60 : 85;
    out->start = l->start;
    out->end = l->end;
}

/* Whether the text has as many lines as code has. */
static bool has_lines(sp_bytes text)
{
    size_t at = 0;
    for (unsigned i = 1; i < LINES; i++) {
        const uint8_t *newline = at < text.n ? memchr(text.p + at, '\n', text.n - at) : NULL;
        if (newline == NULL) return false;
        at = (size_t)(newline - text.p) + 1;
    }
    return true;
}

void sp_code__look(sp_code *out, const sp_code_index *index, sp_bytes text)
{
    *out = (sp_code){0};
    if (!has_lines(text)) return;
    look l = {.index = index, .start = SIZE_MAX, .fence = NO};
    for (size_t at = 0; at < text.n && !l.is_enough;) {
        const uint8_t *newline = memchr(text.p + at, '\n', text.n - at);
        const size_t end = newline != NULL ? (size_t)(newline - text.p) : text.n;
        const sp_bytes line = trim(sp_bytes_sub(text, at, end));
        if (at == 0) first_line(&l, line);
        if (line.n > 0) take_line(&l, line, (size_t)(line.p - text.p));
        at = end + 1;
    }
    conclude(out, &l);
}
