/* The instant that is believed only moves forward: with the wall clock while that is ahead, else with the
 * clock that nobody sets. */
#include "sallyport/clock.h"

enum { MS_PER_S = 1000 };

uint64_t sp_clock_now(sp_clock *clock, uint64_t wall_s, uint64_t monotonic_ms)
{
    const uint64_t passed_ms = monotonic_ms > clock->monotonic_ms ? monotonic_ms - clock->monotonic_ms : 0;
    const uint64_t expected = clock->wall_s + (clock->wall_s > 0 ? passed_ms / MS_PER_S : 0);
    if (wall_s < expected) {
        return expected; /* the anchor stays, so that parts of a second are not lost */
    }
    *clock = (sp_clock){wall_s, monotonic_ms};
    return wall_s;
}
