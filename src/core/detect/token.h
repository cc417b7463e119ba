/** @file token.h  Tokens that a service makes: a fixed word and random characters behind it, seldom before
 * it. As numbers have shapes (number.h), tokens have *forms*; a generic matcher reads them, so that a row of
 * a service is a name, a kind and a form.
 *
 *  A **form** is written with everything standing for itself but for these:
 *
 *      {w36} {w20-40}   so many characters of a class
 *      (live|test)      one of these
 *      <T3B>            the word that is looked for, if the form does not begin with it
 *
 *  Classes: `d` digit, `h` and `x` hexadecimal (small, any), `l` small letter, `u` capital, `a` letter, `n`
 *  small letter or digit, `N` capital or digit, `w` letter or digit, `s` base64url, `b` base64, `t` either
 *  base 64 with `=` and `.`, `p` `s` and `.`, `z` that and `~`, `r` `p` and `%`, `c` letters and digits of
 *  crypt(5) (`.`, `/`), `e` what a PHC string is made of, `g` all that prints but quotes, `k` base 58. Forms
 * of a row are parted by blanks. What stands before the word is read backwards; all parts are greedy, so no
 * part may begin with what the one before takes. */
#pragma once
#include "detect/detect_internal.h"

enum {
    SP_TOKEN_PARTS = 14, /**< of a form */
    SP_TOKEN_WORD = 48,  /**< bytes of the word that is looked for */
    SP_TOKEN_LONGEST = 2400,
};

/** A part of a form. */
typedef struct sp_token_part {
    const char *text;  /**< a word, or words between '|'; NULL: a class */
    uint16_t n;        /**< bytes of `text` */
    uint16_t min, max; /**< characters of the class */
    char sort;         /**< the class; '(' for one of several words, '\'' for a word */
} sp_token_part;

/** A form, parsed. */
typedef struct sp_token {
    sp_token_part parts[SP_TOKEN_PARTS];
    uint8_t n, anchor; /**< how many there are, and which one is looked for */
} sp_token;

/** Forms of all rows. Immutable once built. */
typedef struct sp_token_index {
    sp_token *v; /**< those of a row stand together */
    size_t n, cap;
    uint32_t *first; /**< per row where its forms begin; one more than there are rows */
    const sp_row *const *rows;
} sp_token_index;

/** @param rows  all rows of the engine, `n` of them; those with a form are taken in. Borrowed.
 *  @param bad   receives the row that is written wrong.
 *  @return SP_OK, SP_ENOMEM, SP_ERANGE (a form is written wrong). */
SP_NODISCARD sp_status sp_token_index_init(sp_token_index *index, const sp_row *const *rows, size_t n,
                                           sp_mem *mem, const sp_row **bad);

/** One form. @return what follows it, NULL where it is written wrong. */
const char *sp_token_parse(sp_token *out, const char *form);

/** The Hyperscan pattern of the word of a form: its bytes as they are. NULL when there is no memory. */
const char *sp_token_head(const sp_token *token, sp_mem *mem);

/** Is `c` of the class? */
bool sp_token_class(char sort, int c);

/** The validator of a row with forms (as sp_validate). */
void sp_token_find(const sp_token_index *index, uint16_t row, sp_window *w, size_t head_end, sp_match *m);
