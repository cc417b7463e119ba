/* Start-time fair queueing: the tags. Whoever holds the line keeps it sorted by them. */
#include "sallyport/fair.h"

uint64_t sp_fair_join(sp_fair *line, size_t caller, uint64_t cost)
{
    uint64_t *end = &line->end[caller < line->n ? caller : 0];
    const uint64_t tag = *end > line->now ? *end : line->now;
    *end = cost > UINT64_MAX - tag ? UINT64_MAX : tag + cost;
    return tag;
}

void sp_fair_take(sp_fair *line, uint64_t tag)
{
    if (tag > line->now) line->now = tag;
}
