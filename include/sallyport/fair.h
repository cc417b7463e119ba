/** @file fair.h  Who is next, where one works and many wait: start-time fair queueing (Goyal, Vin, Cheng
 * 1996). Each piece of work gets a tag when it comes: the time of the line, or where the work of the same
 * caller that came before it ends if that is later. Whoever has the least tag is next, of equals who came
 * first. So a caller who brings much waits behind its own, in its order, and one who brings little waits for
 * at most one piece of work of each other caller. Times are sums of costs, in any unit that is one for all;
 * they are no clock. What waits is linked through memory of its owner: a line holds as much as there is of
 * that, and grows by nothing. One thread. */
#pragma once
#include "sallyport/base.h"

/** A place in a line; zeroed: in none. Lies in what waits, and stays where it is while it waits. */
typedef struct sp_fair_place {
    struct sp_fair_place *before, *behind; /**< of the same caller */
    uint64_t tag, came;                    /**< came: how many had come to the line before */
    size_t row;
    bool is_waiting;
} sp_fair_place;

/** One caller. */
typedef struct sp_fair_row {
    sp_fair_place *first, *last; /**< NULL: nothing of it waits */
    uint64_t end;                /**< where its work ends */
    size_t at;                   /**< while something waits: its index in the heap */
} sp_fair_row;

/** A line. Zeroed but for what the caller gives is an empty one. */
typedef struct sp_fair {
    sp_fair_row *rows; /**< n_rows of them, zeroed at first; the caller's */
    size_t *heap; /**< room for n_rows; the caller's. Rows of which something waits, the next one first */
    size_t n_rows, n_waiting_rows;
    uint64_t now; /**< tag of the work that was taken last */
    uint64_t n_came;
} sp_fair;

bool sp_fair_is_empty(const sp_fair *line);
/** Takes a place, that of nothing which waits already. `caller` below line->n_rows, any other counts as the
 * first. `cost` saturates. O(log callers). */
void sp_fair_join(sp_fair *line, sp_fair_place *place, size_t caller, uint64_t cost);
/** Who is next leaves the line for its turn. @return NULL: nobody waits. O(log callers). */
sp_fair_place *sp_fair_take(sp_fair *line);
/** Leaves without a turn; nothing when it does not wait. What it would have cost stays counted: whoever
 * leaves has had its place. O(log callers). */
void sp_fair_leave(sp_fair *line, sp_fair_place *place);
