/** @file date.h  Days and seconds, as RFC 3339 writes them: 2027-01-31, 2027-01-31T18:00:00Z. */
#pragma once
#include "sallyport/base.h"

/** Seconds since 1970, UTC; of a day its first one. @param out  left alone on failure.
 *  @return false: no such text, no such day or time, another zone, a leap second, or before 1970. */
SP_NODISCARD bool spc_date_parse(uint64_t *out, sp_bytes text);
/** Appends the day of a second, UTC; years up to 9999. */
void spc_date_append(sp_buf *out, uint64_t seconds);
