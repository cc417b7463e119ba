/** @file signs.h  Heads that are classes of bytes and no words: digits, capitals, a colon between. Hyperscan
 * is at its best with words; a handful of classes beside them makes its pass two to three times as long (ADR
 * 36). So these are found here: 64 bytes at a time become sets of bits, a head is a few shifts of them, and
 * what the bits leave open is looked at byte by byte. */
#pragma once
#include "sallyport/base.h"

/** A head of classes; sp_sign_pattern says what it is. */
typedef enum sp_sign {
    SP_SIGN_NONE = 0,
    SP_SIGN_NUMBER, /**< the heads of all numbers (number.h) */
    SP_SIGN_IPV4,
    SP_SIGN_IPV6,
    SP_SIGN_MAC,
    SP_SIGN_ETHEREUM,
    SP_SIGN_BASE58,
    SP_SIGN_EXPIRY,
    SP_SIGN_EMAIL,
    SP_SIGN_E164,
    SP_SIGN_NORTH_AMERICAN,
    SP_SIGN_IBAN,
    SP_SIGN_STAR,
    SP_SIGN_COLONS,
    SP_SIGN_TOKEN, /**< sixteen letters and digits behind a blank or a quote, or the head of a UUID there */
    SP_SIGN_VALUE, /**< a value that a name is given begins; in one order with the heads of Hyperscan */
    SP_SIGN_LIMIT,
} sp_sign;

/** The regular expression whose matches end where the sign is seen, in Hyperscan's writing; of numbers there
 *  are several (sp_number_heads), so NULL, as of SP_SIGN_NONE. Case is not ignored. */
const char *sp_sign_pattern(sp_sign sign);

/** @param end  offset behind the head's last byte. */
typedef void sp_sign_seen(void *ctx, sp_sign sign, size_t end);

/** Blocks of which the marks are made at once. */
enum { SP_SIGN_BLOCKS = 8 };

/** Goes through a text once, from its start. */
typedef struct sp_signs {
    sp_bytes text;
    sp_sign_seen *seen;
    void *ctx;
    size_t at;             /* the next block begins here */
    size_t first, n_marks; /* `marks` are of so many blocks from here on, and before them of the one before */
    sp_marks marks[1 + SP_SIGN_BLOCKS];
    uint64_t values; /* of the block that was looked at last: values that were not told yet */
} sp_signs;

/** @param seen  called with `ctx` for each head, of one sign in order. Both borrowed, as is `text`. */
void sp_signs_init(sp_signs *s, sp_bytes text, sp_sign_seen *seen, void *ctx);
/** Goes on until every sign that ends at `to` or before it was seen; others than SP_SIGN_VALUE may be seen up
 * to 63 bytes further. Time is linear in the text. */
void sp_signs_upto(sp_signs *s, size_t to);
