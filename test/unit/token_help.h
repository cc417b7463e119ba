/** @file token_help.h  Examples made from the form of a token (detect/token.h): filled at random, and
 * spoiled. */
#pragma once
#include "detect/token.h"

#include <stdio.h>
#include <string.h>

enum { MADE_MAX = 2000, TOKEN_MAX = MADE_MAX - 16, MADE_EACH = 5 };

typedef struct made {
    char text[2 * MADE_EACH][MADE_MAX];
    sp_example list[2 * MADE_EACH + 1];
} made;

/* Made values are the same in each run. */
static inline unsigned made_random(unsigned *seed)
{
    *seed = *seed * 1103515245u + 12345u;
    return *seed >> 16;
}

static inline char made_char(char sort, unsigned *seed)
{
    for (;;) {
        const int c = ' ' + 1 + (int)(made_random(seed) % 94);
        const bool is_mark = c == '[' || c == ']' || c == '\'' || c == '.' || c == '=' || c == '$';
        if (!is_mark && sp_token_class(sort, c)) return (char)c;
    }
}

/* A token of this form. `same` != 0 fills all classes with one character each; receives where the class
 * stands that has the most characters. */
static inline size_t made_token(char *out, const sp_token *t, unsigned *seed, bool same, size_t *longest)
{
    size_t n = 0, most = 0;
    for (size_t k = 0; k < t->n; k++) {
        const sp_token_part *p = &t->parts[k];
        if (p->text != NULL) {
            const size_t word = p->sort == '(' ? strcspn(p->text, "|)") : p->n;
            memcpy(out + n, p->text, word);
            n += word;
            continue;
        }
        if (p->min >= most) {
            most = p->min;
            *longest = n;
        }
        const char first = made_char(p->sort, seed);
        for (size_t i = 0; i < p->min; i++) out[n++] = same ? first : made_char(p->sort, seed);
    }
    out[n] = '\0';
    return n;
}

/* Ranges ask for a digit: one is put where the class takes it. */
static inline void made_digit(char *token, const sp_token *t, size_t longest)
{
    const char sort = t->parts[t->n - 1].sort;
    if (sp_token_class(sort, '7')) token[longest] = '7';
}

static inline void make_true(made *m, const sp_token *t, unsigned *seed)
{
    static const char *const around[MADE_EACH][2] = {
        {"x [", "] y"}, {"\"[", "]\""}, {"k: [", "]\n"}, {"'[", "]'"}, {"\t[", "]\r\n"}};
    char token[TOKEN_MAX];
    for (size_t i = 0; i < MADE_EACH; i++) {
        size_t longest = 0;
        made_token(token, t, seed, false, &longest);
        made_digit(token, t, longest);
        snprintf(m->text[i], MADE_MAX, "%s%s%s", around[i][0], token, around[i][1]);
    }
}

/* Too short, broken in the middle, of one character, inside a longer word, with another word. */
static inline void make_misses(made *m, const sp_token *t, unsigned *seed)
{
    char token[TOKEN_MAX];
    size_t longest = 0;
    const size_t n = made_token(token, t, seed, false, &longest);
    snprintf(m->text[5], MADE_MAX, "%.*s%s", (int)longest, token, token + longest + 1);
    snprintf(m->text[6], MADE_MAX, "%.*s %s", (int)longest + 1, token, token + longest + 2);
    snprintf(m->text[8], MADE_MAX, "q7%s", token);
    const sp_token_part *word = &t->parts[t->anchor];
    char *at = memmem(token, n, word->text, word->n);
    at[0] = at[0] == 'Z' ? 'Y' : 'Z';
    snprintf(m->text[9], MADE_MAX, "%s", token);
    made_token(token, t, seed, true, &longest);
    snprintf(m->text[7], MADE_MAX, "%s", token);
}

/* The examples of a row: its own, or made from its first form; valid until the next call. */
static inline const sp_example *examples_of(const sp_row *row)
{
    static made m;
    if (row->examples != NULL) return row->examples;
    sp_token t;
    unsigned seed = (unsigned)strlen(row->name) + (unsigned)row->name[0];
    if (sp_token_parse(&t, row->forms) == NULL) return NULL;
    make_true(&m, &t, &seed);
    make_misses(&m, &t, &seed);
    for (size_t i = 0; i < (size_t)2 * MADE_EACH; i++) m.list[i] = m.text[i];
    m.list[(size_t)2 * MADE_EACH] = NULL;
    return m.list;
}
