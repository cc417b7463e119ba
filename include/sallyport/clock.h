/** @file clock.h  The time that validity is judged by (snapshots, keys): it never goes back. A clock that is
 *  set back does not make valid again what had expired; one that is set forward expires what it says. Pure:
 *  the caller reads the clocks. */
#pragma once
#include "sallyport/base.h"

/** The latest instant that is believed, and when that was. Zeroed: none yet. */
typedef struct sp_clock {
    uint64_t wall_s;       /**< since 1970 */
    uint64_t monotonic_ms; /**< of a clock that is never set */
} sp_clock;

/** The time now: the wall clock's, or, when that lies behind, the latest instant believed plus what has
 * passed since by the other clock. Remembers it. Also called with a time that somebody trusted has seen (a
 * snapshot's creation), to begin from there.
 *  @return seconds since 1970; never less than from an earlier call with a smaller `monotonic_ms`. */
uint64_t sp_clock_now(sp_clock *clock, uint64_t wall_s, uint64_t monotonic_ms);
