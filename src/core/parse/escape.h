/** @file escape.h  Escapes of JSON, resolved wherever they stand. Private to the core. */
#pragma once
#include "sallyport/base.h"

/** Appends `s` with every escape of RFC 8259 section 7 resolved; what is none stays as it is, a lone
 * surrogate becomes U+FFFD. Never longer than `s`; as long only if nothing was resolved. `s` may lie in
 * `out`, if there is room for it without growing. Failures stick in out->status. */
void sp__escapes_resolve(sp_buf *out, sp_bytes s);
