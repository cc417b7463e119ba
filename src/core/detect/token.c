/* Tokens by form. Hyperscan finds the word; what stands before it is read backwards, what follows it
 * forwards, and a token that goes on on either side is another one. */
#include "detect/token.h"

#include <string.h>

/* How sure a form is: with its checksum, with a checksum that does not hold (one altered character, and the
 * others still tell), and where there is none. */
enum { PROVEN = 99, UNPROVEN = 65, FORMED = 90 };

/* ---- parsing ---- */

static const char *parse_count(uint16_t *out, const char *c)
{
    unsigned n = 0;
    if (!sp_is_digit(*c)) return NULL;
    for (; sp_is_digit(*c) && n <= SP_TOKEN_LONGEST; c++) n = n * 10 + (unsigned)(*c - '0');
    if (n > SP_TOKEN_LONGEST) return NULL;
    *out = (uint16_t)n;
    return c;
}

/* "{w36}", "{w20-40}", behind its brace. */
static const char *parse_class(sp_token_part *part, const char *c)
{
    if (strchr("dhxluanNwsbtprzcegk", *c) == NULL || *c == '\0') return NULL;
    part->sort = *c;
    c = parse_count(&part->min, c + 1);
    part->max = part->min;
    if (c != NULL && *c == '-') c = parse_count(&part->max, c + 1);
    return c != NULL && *c == '}' && part->max >= part->min && part->max > 0 ? c + 1 : NULL;
}

/* What stands up to `end`, behind its bracket. */
static const char *parse_until(sp_token_part *part, const char *c, char end)
{
    const char *close = strchr(c, end);
    if (close == NULL || close == c || close - c > 300) return NULL;
    part->text = c;
    part->n = (uint16_t)(close - c);
    return close + 1;
}

static const char *parse_part(sp_token_part *part, const char *c)
{
    part->sort = *c;
    switch (*c) {
    case '{':
        return parse_class(part, c + 1);
    case '(':
        return parse_until(part, c + 1, ')');
    case '<':
        return parse_until(part, c + 1, '>');
    default:
        part->sort = '\'';
        part->text = c;
        part->n = (uint16_t)strcspn(c, "{(< ");
        return c + part->n;
    }
}

const char *sp_token_parse(sp_token *out, const char *form)
{
    *out = (sp_token){.n = 0};
    bool has_anchor = false;
    while (*form != '\0' && *form != ' ') {
        if (out->n == SP_TOKEN_PARTS) return NULL;
        sp_token_part *part = &out->parts[out->n];
        form = parse_part(part, form);
        if (form == NULL) return NULL;
        if (part->sort == '<') {
            part->sort = '\'';
            out->anchor = out->n;
            has_anchor = true;
        }
        out->n++;
    }
    const sp_token_part *anchor = &out->parts[out->anchor];
    if (out->n < 2 || anchor->sort != '\'' || anchor->n < 2 || anchor->n > SP_TOKEN_WORD) return NULL;
    if (has_anchor && out->anchor == 0) return NULL;
    return *form == ' ' ? form + 1 : form;
}

/* A word as short as "sk_" ends many others ("task_"): Hyperscan looks whether it begins one. Longer ones may
 * stand behind an escape ("\nghp_"), which it takes for a letter. */
enum { SHORT = 3 };

const char *sp_token_head(const sp_token *token, sp_mem *mem)
{
    const sp_token_part *word = &token->parts[token->anchor];
    char *head = (char *)sp_alloc_bytes(mem, (size_t)word->n * 2 + 3);
    if (head == NULL) return NULL;
    size_t n = 0;
    if (word->n <= SHORT && token->anchor == 0 && sp_is_alnum(word->text[0])) {
        head[n++] = '\\';
        head[n++] = 'b';
    }
    for (size_t i = 0; i < word->n; i++) {
        if (!sp_is_alnum(word->text[i])) head[n++] = '\\';
        head[n++] = word->text[i];
    }
    head[n] = '\0';
    return head;
}

static sp_status index_grow(sp_token_index *index, sp_mem *mem)
{
    if (index->n < index->cap) return SP_OK;
    const size_t cap = index->cap == 0 ? 256 : index->cap * 2;
    sp_token *v = sp_alloc(mem, cap, sizeof *v);
    if (v == NULL) return SP_ENOMEM;
    if (index->n > 0) memcpy(v, index->v, index->n * sizeof *v);
    index->v = v;
    index->cap = cap;
    return SP_OK;
}

static sp_status add_forms(sp_token_index *index, const char *forms, sp_mem *mem)
{
    while (forms != NULL && *forms != '\0') {
        SP_TRY(index_grow(index, mem));
        forms = sp_token_parse(&index->v[index->n], forms);
        if (forms == NULL) return SP_ERANGE;
        index->n++;
    }
    return SP_OK;
}

sp_status sp_token_index_init(sp_token_index *index, const sp_row *const *rows, size_t n, sp_mem *mem,
                              const sp_row **bad)
{
    *index = (sp_token_index){.rows = rows};
    index->first = sp_alloc(mem, n + 1, sizeof *index->first);
    if (index->first == NULL) return SP_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        *bad = rows[i];
        index->first[i] = (uint32_t)index->n;
        SP_TRY(add_forms(index, rows[i]->forms, mem));
    }
    index->first[n] = (uint32_t)index->n;
    return SP_OK;
}

/* ---- matching ---- */

bool sp_token_class(char sort, int c)
{
    switch (sort) {
    case 'd':
        return sp_is_digit(c);
    case 'h':
        return sp_is_hex(c) && !sp_is_upper(c);
    case 'x':
        return sp_is_hex(c);
    case 'l':
        return sp_is_alpha(c) && !sp_is_upper(c);
    case 'u':
        return sp_is_upper(c);
    case 'a':
        return sp_is_alpha(c);
    case 'n':
        return sp_is_alnum(c) && !sp_is_upper(c);
    case 'N':
        return sp_is_upper(c) || sp_is_digit(c);
    case 'w':
        return sp_is_alnum(c);
    case 's':
        return sp_is_base64url(c);
    case 'b':
        return sp_is_base64(c);
    case 't':
        return sp_is_base64(c) || sp_is_base64url(c) || c == '=' || c == '.';
    case 'z':
        return sp_is_base64url(c) || c == '.' || c == '~';
    case 'r':
        return sp_is_base64url(c) || c == '.' || c == '%';
    case 'g':
        return c > ' ' && c < 0x7f && c != '"' && c != '\'';
    case 'c':
        return sp_is_alnum(c) || c == '.' || c == '/';
    case 'k':
        return sp_is_alnum(c) && c != '0' && c != 'O' && c != 'I' && c != 'l';
    case 'e':
        return sp_is_base64(c) || sp_is_base64url(c) || c == '.' || c == '$' || c == '=' || c == ',' ||
               c == '@' || c == ':';
    default:
        return sp_is_base64url(c) || c == '.';
    }
}

/* What is known of the characters of classes: enough to tell a key from a placeholder. */
typedef struct sight {
    sp_bits256 seen;
    unsigned n;
    bool has_digit, has_upper, has_lower, is_open; /* is_open: a class may be longer or shorter */
} sight;

static void sight_add(sight *s, uint8_t c)
{
    sp_bits256_add(&s->seen, c);
    s->n++;
    s->has_digit = s->has_digit || sp_is_digit(c);
    s->has_upper = s->has_upper || sp_is_upper(c);
    s->has_lower = s->has_lower || (sp_is_alpha(c) && !sp_is_upper(c));
}

/* A quarter of the characters differ, up to eight of them; one whose length says little has a digit besides
 * letters, as "sk_live_your_key_goes_here" has not. */
static bool looks_random(const sight *s)
{
    unsigned n_distinct = 0;
    for (size_t i = 0; i < 4; i++) n_distinct += (unsigned)__builtin_popcountll(s->seen.w[i]);
    const unsigned need = s->n / 4 < 8 ? s->n / 4 : 8;
    return n_distinct >= need && (!s->is_open || s->has_digit);
}

/* One of the words between '|' at `i`: its length, 0 if none is there. */
static size_t one_of(sp_window *w, size_t i, const sp_token_part *part)
{
    for (size_t at = 0; at < part->n;) {
        size_t n = 0;
        bool fits = true;
        for (; at + n < part->n && part->text[at + n] != '|'; n++)
            fits = fits && sp_peek(w, i + n) == (uint8_t)part->text[at + n];
        if (fits) return n;
        at += n + 1;
    }
    return 0;
}

/* Reads a part from `i` on. @return its end, SIZE_MAX where it is not. */
static size_t part_forward(sp_window *w, size_t i, const sp_token_part *part, sight *s)
{
    if (part->sort == '\'' || part->sort == '(') {
        const size_t n = one_of(w, i, part);
        return n > 0 ? i + n : SIZE_MAX;
    }
    const size_t start = i;
    for (; i < start + part->max && sp_token_class(part->sort, sp_peek(w, i)); i++) sight_add(s, w->p[i]);
    s->is_open = s->is_open || part->min != part->max;
    return i - start >= part->min ? i : SIZE_MAX;
}

/* The same backwards from `i`; words stand before the one that is looked for only as such. */
static size_t part_backward(const sp_window *w, size_t i, const sp_token_part *part, sight *s)
{
    if (part->sort == '\'') {
        if (i < part->n || memcmp(w->p + i - part->n, part->text, part->n) != 0) return SIZE_MAX;
        return i - part->n;
    }
    const size_t end = i;
    for (; i > 0 && end - i < part->max && sp_token_class(part->sort, w->p[i - 1]); i--)
        sight_add(s, w->p[i - 1]);
    return end - i >= part->min ? i : SIZE_MAX;
}

/* "\nghp_", "%3Dghp_": the letter before is part of an escape. */
static bool is_escape(const sp_window *w, size_t start)
{
    const int before = sp_before(w, start);
    if (start >= 2 && w->p[start - 2] == '\\') return before == 'n' || before == 'r' || before == 't';
    return start >= 3 && w->p[start - 3] == '%' && sp_is_hex(w->p[start - 2]) && sp_is_hex(before);
}

static bool is_continued(const sp_window *w, size_t start, const sp_token_part *first)
{
    const int before = sp_before(w, start);
    const bool is_class = first->text == NULL && sp_token_class(first->sort, before);
    return (is_class || sp_is_alnum(before) || before == '_') && !is_escape(w, start);
}

static bool goes_on(sp_window *w, size_t end, const sp_token_part *last)
{
    const int c = sp_peek(w, end);
    if (sp_is_alnum(c) || c == '_') return true;
    return last->text == NULL && c != '.' && c != '~' && sp_token_class(last->sort, c);
}

/* Where the token begins whose word ends at `head_end`; SIZE_MAX: it is none. */
static size_t token_start(const sp_token *t, const sp_window *w, size_t head_end, sight *s)
{
    size_t i = head_end;
    for (size_t k = t->anchor + 1u; k-- > 0 && i != SIZE_MAX;) i = part_backward(w, i, &t->parts[k], s);
    return i == SIZE_MAX || is_continued(w, i, &t->parts[0]) ? SIZE_MAX : i;
}

/* Where it ends; SIZE_MAX: it is none. */
static size_t token_end(const sp_token *t, sp_window *w, size_t head_end, sight *s)
{
    size_t i = head_end;
    for (size_t k = t->anchor + 1u; k < t->n && i != SIZE_MAX; k++) i = part_forward(w, i, &t->parts[k], s);
    return i == SIZE_MAX || goes_on(w, i, &t->parts[t->n - 1]) || !looks_random(s) ? SIZE_MAX : i;
}

/* A form of which nothing is there, and a character of a class. */
enum { FORM_COSTS = 4, CHAR_COSTS = 2 };

void sp_token_find(const sp_token_index *index, uint16_t row, sp_window *w, size_t head_end, sp_match *m)
{
    const sp_row *r = index->rows[row];
    bool has_start = false;
    for (size_t i = index->first[row]; i < index->first[row + 1]; i++) {
        sight s = {.seen = SP_BITS256_NONE};
        const size_t start = token_start(&index->v[i], w, head_end, &s);
        sp_charge(w, FORM_COSTS + (size_t)CHAR_COSTS * s.n);
        if (start == SIZE_MAX || start < w->floor) continue;
        if (!has_start || start < m->start) m->start = start;
        has_start = true;
        const unsigned n_before = s.n;
        const size_t end = token_end(&index->v[i], w, head_end, &s);
        sp_charge(w, (size_t)CHAR_COSTS * (s.n - n_before));
        if (end == SIZE_MAX || w->ran_out || (m->confidence != 0 && end <= m->end)) continue;
        const sp_bytes token = {w->p + start, end - start};
        m->start = start;
        m->end = end;
        m->confidence = r->proof == NULL ? FORMED : r->proof(token) ? PROVEN : UNPROVEN;
        if (m->confidence == FORMED && r->sure != 0) m->confidence = r->sure;
    }
}
