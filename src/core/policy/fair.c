/* Start-time fair queueing. Of each caller the work that waits is a list in its order, so its tags grow along
 * it; the callers of which some waits are a heap by the first tag of each. */
#include "sallyport/fair.h"

/* ---- the heap ---- */

static bool is_next(const sp_fair *line, size_t a, size_t b)
{
    const sp_fair_place *x = line->rows[line->heap[a]].first, *y = line->rows[line->heap[b]].first;
    return x->tag != y->tag ? x->tag < y->tag : x->came < y->came;
}

static void put(sp_fair *line, size_t at, size_t row)
{
    line->heap[at] = row;
    line->rows[row].at = at;
}

static void swap(sp_fair *line, size_t a, size_t b)
{
    const size_t row = line->heap[a];
    put(line, a, line->heap[b]);
    put(line, b, row);
}

static void rise(sp_fair *line, size_t at)
{
    for (; at > 0 && is_next(line, at, (at - 1) / 2); at = (at - 1) / 2) swap(line, at, (at - 1) / 2);
}

static void sink(sp_fair *line, size_t at)
{
    for (;;) {
        size_t least = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < line->n_waiting_rows; child++)
            if (is_next(line, child, least)) least = child;
        if (least == at) return;
        swap(line, at, least);
        at = least;
    }
}

static void add_row(sp_fair *line, size_t row)
{
    put(line, line->n_waiting_rows, row);
    rise(line, line->n_waiting_rows++);
}

static void drop_row(sp_fair *line, size_t row)
{
    const size_t at = line->rows[row].at;
    const size_t last = line->heap[--line->n_waiting_rows];
    if (last == row) return;
    put(line, at, last);
    rise(line, at);
    sink(line, line->rows[last].at);
}

/* ---- the line ---- */

bool sp_fair_is_empty(const sp_fair *line)
{
    return line->n_waiting_rows == 0;
}

void sp_fair_join(sp_fair *line, sp_fair_place *place, size_t caller, uint64_t cost)
{
    const size_t index = caller < line->n_rows ? caller : 0;
    sp_fair_row *row = &line->rows[index];
    const uint64_t tag = row->end > line->now ? row->end : line->now;

    row->end = cost > UINT64_MAX - tag ? UINT64_MAX : tag + cost;
    *place = (sp_fair_place){
        .before = row->last, .tag = tag, .came = line->n_came++, .row = index, .is_waiting = true};
    row->last = place;
    if (place->before) {
        place->before->behind = place;
        return;
    }
    row->first = place;
    add_row(line, index);
}

void sp_fair_leave(sp_fair *line, sp_fair_place *place)
{
    if (!place->is_waiting) return;
    sp_fair_row *row = &line->rows[place->row];
    const bool was_first = row->first == place;
    if (was_first && row->last == place) drop_row(line, place->row); /* while its tag is there to compare */
    if (place->before) place->before->behind = place->behind;
    if (place->behind) place->behind->before = place->before;
    if (was_first) row->first = place->behind;
    if (row->last == place) row->last = place->before;
    place->is_waiting = false;
    if (was_first && row->first) sink(line, row->at); /* what follows has a later tag */
}

sp_fair_place *sp_fair_take(sp_fair *line)
{
    if (sp_fair_is_empty(line)) return NULL;
    sp_fair_place *place = line->rows[line->heap[0]].first;
    line->now = place->tag; /* the least that waits, and none that comes is less than the time */
    sp_fair_leave(line, place);
    return place;
}
