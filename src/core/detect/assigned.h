/** @file assigned.h  A name and the value that it is given: assigned.c, assigned_words.c and secret_columns.c
 * read them, assigned_judge.c says whether the value is a secret. */
#pragma once
#include "detect/secret.h"

enum {
    SP_NAME_MAX = 32,      /**< bytes of a name on either side of the word that was found */
    SP_VALUE_MAX = 1200,   /**< of a value */
    SP_PASSWORD_MAX = 128, /**< of a password */
    SP_GAP_MAX = 12,       /**< blanks in a row */
};

/** How a value is written. */
typedef enum sp_writing {
    SP_WRITING_NONE = 0,
    SP_WRITING_BARE,   /**< up to a blank or a sign */
    SP_WRITING_QUOTED, /**< up to its quote */
} sp_writing;

/** A name and its value. */
typedef struct sp_assigned {
    size_t name, word_end, name_end; /**< [name, name_end); the word that was found ends at word_end */
    size_t start, end;               /**< the value */
    sp_writing writing;
    bool is_compared; /**< "password == value" */
    bool is_told;     /**< "the password is value" */
    bool is_said;     /**< … with a word for "is" */
    bool is_listed;   /**< "'name', 'value'" in no call of its own */
    bool is_tight;    /**< "NAME=value", "name: value", "--name value": as files and commands write it */
    bool is_free;  /**< "name: value", "the password is value": no URL, no command whose signs would end it */
    bool is_alone; /**< free, or the first on its line: signs in the value may belong to it */
    bool is_apart; /**< in the next cell, tag or line: nothing but its look tells that it is a value */
    bool is_below; /**< … in a line further down, so it has to be all that stands there */
    bool is_meant; /**< the words before it say that it is one, whatever else is in the name */
} sp_assigned;

/** Reads the name around the word that ends at head_end, and what it is given (as sp_validate). @return
 * false: nothing, or it has not arrived. */
bool sp_assigned__read(sp_assigned *a, sp_window *w, size_t head_end, sp_match *m);
/** Is the value a password, by its look and its name? It may be longer than what was read: then a->end and
 *  m->end move. */
bool sp_assigned__is_password(sp_assigned *a, sp_window *w, sp_match *m);
/** Is the value a key, a token or another secret that looks drawn at random? */
bool sp_assigned__is_secret(const sp_assigned *a, sp_window *w);

static inline bool sp_is_name_or_wide(int c)
{
    return sp_is_base64url(c) || c >= 0x80;
}

static inline bool sp_is_blank(int c)
{
    return c == ' ' || c == '\t';
}

static inline bool sp_is_quote(int c)
{
    return c == '"' || c == '\'' || c == '`';
}

/** Does a bare value end at `c`? */
static inline bool sp_ends_bare(int c)
{
    return c < 0 || sp_is_space(c) || sp_is_quote(c) || c == ',' || c == ';' || c == '&' || c == '<' ||
           c == '>' || c == ')' || c == '(' || c == ']' || c == '}' || c == '|' || c == '\\';
}

/** Does the name stand first on its line, as in files of settings without signs ("requirepass value")? */
static inline bool sp_begins_line(const sp_window *w, size_t i)
{
    for (unsigned n = 0; n < SP_GAP_MAX && i > 0 && sp_is_blank(w->p[i - 1]); n++) i--;
    return i == 0 || w->p[i - 1] == '\n';
}

/** "password: **value**": the marks of Markdown are no part of the value. */
static inline void sp_trim_emphasis(sp_assigned *a, const sp_window *w)
{
    if (a->start < 2 || w->p[a->start - 1] != '*' || w->p[a->start - 2] != '*') return;
    while (a->end > a->start && w->p[a->end - 1] == '*') a->end--;
}
