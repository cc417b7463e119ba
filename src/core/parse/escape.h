/** @file escape.h  Escapes of JSON, resolved wherever they stand: what a reader that takes the text for JSON
 *  would see. What is no escape of RFC 8259 section 7 stays as it is, a lone surrogate becomes U+FFFD, so the
 *  result is never longer than the text. Private to the core. */
#pragma once
#include "sallyport/base.h"

/** An escape that was resolved: `read` bytes at offset `in` of the text made `made` bytes at `out`. With both
 * lengths 0 it is a place where text and result begin together. */
typedef struct sp_escape {
    uint64_t out, in;
    uint8_t read, made;
} sp_escape;

/** Where the bytes of a result came from. Escapes are in order; what lies between them was copied. */
typedef struct sp_escapes {
    sp_escape origin; /**< the last place that is known before the first escape */
    sp_buf list;      /**< sp_escape */
} sp_escapes;

/** Appends `s` resolved. As long as `s` only if nothing was resolved. `s` may lie in `out`, if there is room
 * for it without growing. Failures stick in out->status. */
void sp__escapes_resolve(sp_buf *out, sp_bytes s);

/** The same for a text that comes in pieces.
 *  @param map      receives the escapes; failures stick in its list.
 *  @param at       where s.p[0] and the end of the result so far stand.
 *  @param is_last  nothing follows `s`; else it is read up to the first escape that could read differently if
 *                  the text goes on.
 *  @return bytes of `s` that were read. */
size_t sp__escapes_read(sp_buf *out, sp_escapes *map, sp_bytes s, sp_escape at, bool is_last);

/** Offset in the text of what made the byte at `out`; with `is_end`, the end of what made the byte before it.
 *  O(log n). */
uint64_t sp__escapes_source(const sp_escapes *map, uint64_t out, bool is_end);

/** Forgets escapes whose result lies before `out`. */
void sp__escapes_forget(sp_escapes *map, uint64_t out);
