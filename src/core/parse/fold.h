/** @file fold.h  Text as a reader takes it who minds neither width nor style nor what is invisible. Private
 * to the core. */
#pragma once
#include "parse/escape.h"

enum {
    SP_FOLD_AROUND = 256, /**< bytes on each side of what folds, or of a joint, that are looked at again: the
                             longest value that is spelled in one line, an address, has at most 254
                             (RFC 5321 section 4.5.3.1.3) */
};

/** Appends the surroundings of every character of `s` that folds, folded: full-width, mathematical and
 * circled letters and digits, digits of other scripts, blanks and hyphens of typographers become ASCII (as in
 * Unicode NFKC, UAX #15, where that says so); what is invisible is dropped. Surroundings that do not meet are
 * parted by a newline. Nothing is appended when nothing folds: the price of ordinary text is one look at its
 * bytes.
 * @param s  UTF-8; any bytes are safe. Takes at most s.n + s.n / SP_FOLD_AROUND bytes; failures stick in
 *           out->status. Letters of other scripts that only look alike (Cyrillic) stay as they are. */
void sp__fold(sp_buf *out, sp_bytes s);

/** Whether a character of `s` folds. */
bool sp__folds(sp_bytes s);

/** Appends all of `s` folded, for a text that comes in pieces.
 *  @param map  receives the characters that folded; failures stick in its list.
 *  @param at   where s.p[0] and the end of the result so far stand.
 *  @return bytes of `s` that were read: all but a UTF-8 sequence that is cut at its end. */
size_t sp__fold_read(sp_buf *out, sp_escapes *map, sp_bytes s, sp_escape at);

/** Appends what of one part of a text stands near its joints with the parts around it: all of a short part,
 * of a long one its end and, unless it is the first, its beginning, parted by a newline. Called for each part
 * in order, it makes a text in which a value stands whole that was split over them. Takes at most text.n + 1
 * bytes; failures stick in out->status. */
void sp__fold_join(sp_buf *out, sp_bytes text, bool is_first);
