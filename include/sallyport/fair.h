/** @file fair.h  Who is next, where one works and many wait: start-time fair queueing (Goyal, Vin, Cheng
 * 1996). Each piece of work gets a tag when it comes: the time of the line, or where the work of the same
 * caller that came before it ends if that is later. Whoever has the least tag is next. So a caller who brings
 * much waits behind its own, and one who brings little waits for at most one piece of work of each other
 * caller. Times are sums of costs, in any unit that is one for all; they are no clock. Pure values; one
 * thread. */
#pragma once
#include "sallyport/base.h"

/** A line. Zeroed but for the two that the caller gives is an empty one. */
typedef struct sp_fair {
    uint64_t now;  /**< tag of the work that was taken last */
    uint64_t *end; /**< of each caller: where its work ends; zeroed at first */
    size_t n;      /**< callers */
} sp_fair;

/** The tag of work that comes now. `caller` below line->n, any other counts as the first. `cost` saturates.
 */
uint64_t sp_fair_join(sp_fair *line, size_t caller, uint64_t cost);
/** Work with this tag, the least of those that wait, is taken. */
void sp_fair_take(sp_fair *line, uint64_t tag);
