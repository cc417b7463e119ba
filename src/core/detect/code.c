/* Source code by evidence of several lines. Each line is compared with the cues that begin like it
 * (code_cues.c); what they weigh adds up per language and fades where prose follows. Three lines with three
 * different cues make it code. A line of prose that happens to begin like one does not, nor do settings and
 * logs, which have few lines of that sort; what a fence names is taken at its word. */
#include "detect/code_internal.h"

#include <string.h>

enum {
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

/* ---- cues ---- */

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(uint8_t c)
{
    return (uint8_t)((c | 0x20) - 'a') < 26;
}

static bool is_name(uint8_t c)
{
    return is_letter(c) || is_digit(c) || c == '_';
}

static bool is_path(uint8_t c)
{
    return is_name(c) || c == '.' || c == ':' || c == '/' || c == '-' || c == '*' || c == '@';
}

static size_t run(sp_bytes line, size_t i, bool (*is_class)(uint8_t))
{
    const size_t from = i;
    while (i < line.n && is_class(line.p[i])) i++;
    return i - from;
}

enum { NO = -1 };

/* Bytes of the line that one character of a cue takes; NO: it does not fit. */
static int step(char cue, sp_bytes line, size_t i, bool nocase)
{
    size_t n;
    switch (cue) {
    case ' ':
        return (int)run(line, i, is_blank);
    case '~':
        n = run(line, i, is_blank);
        return n > 0 ? (int)n : NO;
    case '^':
        n = run(line, i, is_blank);
        return i + n == line.n ? (int)n : NO;
    case '%':
        n = i < line.n && is_digit(line.p[i]) ? 0 : run(line, i, is_name);
        return n > 0 ? (int)n : NO;
    case '&':
        n = run(line, i, is_path);
        return n > 0 ? (int)n : NO;
    default:
        if (i >= line.n) return NO;
        if (line.p[i] == (uint8_t)cue) return 1;
        return nocase && is_letter((uint8_t)cue) && (line.p[i] | 0x20) == (uint8_t)cue ? 1 : NO;
    }
}

/* Only the last run of any characters is tried longer: what stood before it fits as it is. */
bool sp_code__fits(const char *cue, sp_bytes line, bool nocase)
{
    const char *behind_any = NULL;
    size_t i = 0, any = 0;
    while (*cue != '\0') {
        if (*cue == '`') {
            behind_any = ++cue;
            any = i;
            continue;
        }
        const int n = step(*cue, line, i, nocase);
        if (n != NO) {
            i += (size_t)n;
            cue++;
            continue;
        }
        if (behind_any == NULL || any >= line.n) return false;
        cue = behind_any;
        i = ++any;
    }
    return true;
}

/* Cues by their first character, those that begin with a name under 0. Letters count as small ones. */
typedef struct cue_index {
    uint16_t first[128]; /* 1 + number of a cue; 0: none */
    uint16_t n;
    struct {
        const char *line;
        uint16_t next;
        uint8_t group;
    } cues[SP_CODE_CUES_MAX];
} cue_index;

static uint8_t key_of(uint8_t c)
{
    return is_letter(c) ? c | 0x20 : c < 128 ? c : 1;
}

static void index_cues(cue_index *index)
{
    memset(index->first, 0, sizeof index->first);
    index->n = 0;
    for (size_t g = 0; g < sp_code_n_groups; g++) {
        for (const char *const *line = sp_code_groups[g].lines; *line != NULL; line++) {
            const char c = **line;
            const uint8_t key = c == '%' || c == '&' || c == '`' ? 0 : key_of((uint8_t)c);
            if (index->n == SP_CODE_CUES_MAX) return;
            index->cues[index->n].line = *line;
            index->cues[index->n].next = index->first[key];
            index->cues[index->n].group = (uint8_t)g;
            index->first[key] = ++index->n;
        }
    }
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
    cue_index index;
    language_state of[SP_LANGUAGE_LIMIT];
    size_t start, end;  /* of what is code; `start` is SIZE_MAX before there is any */
    size_t fence_lines; /* of the block at hand that hold something */
    int fence;          /* language of the block at hand, or NO */
    bool is_fenced;     /* in a block, whether it names a language or not */
    bool is_named;      /* a fence or a first line said which */
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
}

/* What the cues of one list say of a line: a set of languages. */
static uint32_t try_cues(look *l, uint16_t first, sp_bytes line, size_t at)
{
    uint32_t met = 0;
    for (uint16_t i = first; i != 0; i = l->index.cues[i - 1].next) {
        const sp_code_cues *cue = &sp_code_groups[l->index.cues[i - 1].group];
        const bool nocase = cue->languages == 1u << SP_LANGUAGE_SQL;
        if (!sp_code__fits(l->index.cues[i - 1].line, line, nocase)) continue;
        for (uint32_t left = cue->languages; left != 0; left &= left - 1)
            add(l, (size_t)__builtin_ctz(left), cue->weight, i, at);
        met |= cue->languages;
    }
    return met;
}

/* How a line is written, whatever it says. */
typedef struct line_look {
    unsigned signs; /* that programs are full of */
    unsigned words; /* with blanks around */
    bool is_comment, ends_in_sign;
} line_look;

static line_look look_at(sp_bytes line)
{
    line_look k = {0};
    for (size_t i = 0; i < line.n; i++) {
        const uint8_t c = line.p[i];
        k.signs += c != 0 && c < 128 && strchr("{}()[]=<>;_$&|+*\\/\"`#@", c) != NULL;
        k.words += is_letter(c) && i > 0 && line.p[i - 1] == ' ';
    }
    const uint8_t first = line.p[0], last = line.p[line.n - 1];
    k.is_comment =
        first == '#' || first == '*' || (first == '/' && line.n > 1) || (first == '-' && line.n > 1);
    k.ends_in_sign = strchr("{};),([:", last) != NULL;
    return k;
}

/* Languages of which the line has no cue fade: fast behind prose, not at all behind what looks like a
 * program.
 */
static void fade(look *l, uint32_t met, const line_look *k)
{
    const bool is_prose = k->words >= 4 && k->signs * 3 < k->words && !k->is_comment;
    const bool is_program = k->ends_in_sign || k->signs >= 2 || k->is_comment;
    if (l->is_fenced || (is_program && !is_prose)) return;
    const uint32_t by = is_prose ? FADE_PROSE : FADE_OTHER;
    for (size_t i = 0; i < SP_LANGUAGE_LIMIT; i++) {
        language_state *s = &l->of[i];
        if ((met >> i & 1) == 0) s->now = s->now > by ? s->now - by : 0;
    }
}

static void settle(look *l, uint32_t met, size_t end)
{
    for (; met != 0; met &= met - 1) {
        language_state *s = &l->of[__builtin_ctz(met)];
        s->lines++;
        if (s->now < NEED || s->lines < LINES || count_bits(s->cues) < LINES) continue;
        s->is_met = true;
        found(l, s->start, end);
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

/* "```python", "~~~": begins or ends a block. @return false: the line is none. */
static bool is_fence(look *l, sp_bytes line, size_t at)
{
    if (line.n < 3 || (line.p[0] != '`' && line.p[0] != '~')) return false;
    if (line.p[1] != line.p[0] || line.p[2] != line.p[0]) return false;
    const size_t word_end = 3 + run(sp_bytes_sub(line, 3, line.n), 0, is_of_fence);
    const sp_bytes word = sp_bytes_sub(line, 3, word_end);
    const bool is_end = l->is_fenced && line.n == 3;
    if (is_end && l->fence != NO && l->fence_lines >= FENCE_LINES) {
        l->of[l->fence].is_met = true;
        found(l, l->of[l->fence].start, at);
    }
    l->is_fenced = !is_end;
    l->fence = is_end ? NO : named(word);
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
    const uint8_t first = line.p[0];
    const uint8_t key = key_of(first);
    const size_t end = at + line.n;
    uint32_t met = key != 0 ? try_cues(l, l->index.first[key], line, at) : 0;
    met |= try_cues(l, l->index.first[0], line, at);
    settle(l, met, end);
    const line_look k = look_at(line);
    fade(l, met, &k);
}

/* Without blanks at both ends, as far as it is looked at. */
static sp_bytes trim(sp_bytes line)
{
    const size_t from = run(line, 0, is_blank);
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

static bool is_enough(const look *l)
{
    for (size_t i = 0; i < SP_LANGUAGE_LIMIT; i++) {
        if (l->of[i].is_met && l->of[i].total >= ENOUGH) return true;
    }
    return false;
}

void sp_code_look(sp_code *out, sp_bytes text)
{
    look l = {.start = SIZE_MAX, .fence = NO};
    *out = (sp_code){0};
    index_cues(&l.index);
    for (size_t at = 0; at < text.n && !is_enough(&l);) {
        const uint8_t *newline = memchr(text.p + at, '\n', text.n - at);
        const size_t end = newline != NULL ? (size_t)(newline - text.p) : text.n;
        const sp_bytes line = trim(sp_bytes_sub(text, at, end));
        if (at == 0) first_line(&l, line);
        if (line.n > 0) take_line(&l, line, (size_t)(line.p - text.p));
        at = end + 1;
    }
    conclude(out, &l);
}
