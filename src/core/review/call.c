/* Tool calls. A call is released whole: its first event begins a wait in the queue, and the wait ends when
 * the call is complete, judged and recorded. Arguments are JSON inside of a JSON string that comes in pieces,
 * and may hold JSON in a string again; rather than trust that they parse, each level of escapes is resolved
 * and scanned. That sees what any reader of them can decode, finished or not. */
#include "parse/escape.h"
#include "review/review_internal.h"

#include <string.h>

enum { LEVELS_MAX = 16 };

static sp_call *call_at(const sp_review *review, size_t i)
{
    return ((sp_call **)(void *)review->calls.p)[i];
}

static size_t n_calls(const sp_review *review)
{
    return review->calls.n / sizeof(sp_call *);
}

/* ---- arguments ---- */

/* Findings of a level in terms of the text. */
static void to_text(sp_review *review, const sp_escapes *maps, unsigned level)
{
    for (size_t i = 0; i < review->found.n; i++) {
        uint64_t start = review->found.v[i].start, end = review->found.v[i].end;
        for (unsigned l = level; l > 0; l--) {
            start = sp__escapes_source(&maps[l - 1], start, false);
            end = sp__escapes_source(&maps[l - 1], end, true);
        }
        review->found.v[i].start = (uint32_t)start;
        review->found.v[i].end = (uint32_t)end;
    }
}

/* The maps of all levels are kept for the next text. */
static sp_status begin_maps(sp_review *review)
{
    if (review->maps == NULL) {
        review->maps = sp_alloc(review->mem, LEVELS_MAX, sizeof *review->maps);
        for (unsigned l = 0; review->maps != NULL && l < LEVELS_MAX; l++)
            review->maps[l] = (sp_escapes){.list = SP_BUF_IN(review->mem)};
    }
    for (unsigned l = 0; review->maps != NULL && l < LEVELS_MAX; l++) review->maps[l].list.n = 0;
    return review->maps != NULL ? SP_OK : SP_ENOMEM;
}

/* Levels are kept one after the other in review->decoded; each is made from the one before, until there is
 * nothing to resolve. A run of backslashes halves at each level, so what needs more levels than LEVELS_MAX
 * was made to be unreadable. */
sp_status sp_review__scan_levels(sp_review *review, sp_bytes text, sp_place place, const sp_sink *sink)
{
    sp_buf *levels = &review->decoded;
    const unsigned read_at = sink->is_shown ? 0 : 1; /* arguments are read once their strings are decoded */
    if (text.n == 0) return SP_OK;
    SP_TRY(begin_maps(review));
    levels->n = 0;
    sp_buf_append(levels, text);
    size_t start = 0;
    for (unsigned level = 0; level < LEVELS_MAX; level++) {
        const size_t end = levels->n;
        /* Room first: resolving never makes a text longer, so what is read stays where it is. */
        if (sp_buf_reserve(levels, end - start) == NULL) return levels->status;
        const sp_bytes from = {levels->p + start, end - start};
        const bool tells_addresses = level == 0 && sink->is_shown && sp_review__tells_addresses(review);
        SP_TRY(sp_review__find(review, from,
                               (sp_find){tells_addresses, level == 0 && review->options.looks_at_whole}));
        if (level > read_at) sp_review__drop_outward(review);
        to_text(review, review->maps, level);
        SP_TRY(sp_review__list(review, place, 0, sink));
        SP_TRY(sp_review__find_folded(review, from));
        sp_review__drop_outward(review);
        to_text(review, review->maps, level);
        SP_TRY(sp_review__list(review, place, 0, sink));
        (void)sp__escapes_read(levels, &review->maps[level], from, (sp_escape){0}, true);
        if (levels->n - end == from.n) return levels->status;
        if (review->maps[level].list.status != SP_OK) return review->maps[level].list.status;
        start = end;
    }
    return SP_EUPSYNTAX;
}

/* ---- calls ---- */

/* Arguments are JSON, but for those of calls whose input is plain text. */
static bool has_json(const sp_call *call)
{
    const char *path = call->arguments->path;
    const size_t n = strlen(path), tail = strlen("custom.input");
    return n < tail || strcmp(path + n - tail, "custom.input") != 0;
}

/* With a policy that masks the arguments lie in call->raw, and become there what may leave. */
static sp_status mask_call(sp_review *review, sp_call *call, sp_place place)
{
    sp_bytes out;
    review->masks.list.n = 0;
    SP_TRY(sp_review__scan_levels(review, sp_buf_bytes(&call->text), place,
                                  &(sp_sink){.masks = &review->masks}));
    if (call->arguments == NULL || review->masks.list.n == 0) return SP_OK;
    SP_TRY(sp_review__mask_whole(review, sp_buf_bytes(&call->raw), sp_buf_bytes(&call->text), has_json(call),
                                 &out));
    call->raw.n = 0;
    sp_buf_append(&call->raw, out);
    return call->raw.status;
}

static sp_status judge_call(sp_review *review, sp_call *call)
{
    const sp_place place = {call->path, {call->index[0], call->index[1], call->index[2], call->index[3]}};
    if (call->text.status != SP_OK) return call->text.status;
    SP_TRY(sp_review__scan(review, sp_buf_bytes(&call->name), (sp_place){"tool call name", {0}}));
    SP_TRY(sp_review__scan(review, sp_buf_bytes(&call->id), (sp_place){"tool call id", {0}}));
    if (!sp_review__masks_any(review, false))
        return sp_review__scan_levels(review, sp_buf_bytes(&call->text), place, &(sp_sink){0});
    return mask_call(review, call, place);
}

static void recycle(sp_review *review, sp_buf *spare, sp_buf *used)
{
    if (used->cap > spare->cap) *spare = *used;
    *used = SP_BUF_IN(review->mem);
}

sp_status sp_review__call_written(sp_review *review, sp_call *call)
{
    call->is_written = true;
    recycle(review, &review->spare_raw, &call->raw);
    return review->out.status;
}

/* The buffers go to the next call, so that a long row of calls takes no more memory than the longest. What
 * was kept back of the arguments leaves with the event at hand, if that has a piece of them (emit.c). */
static sp_status complete(sp_review *review, sp_call *call)
{
    SP_TRY(judge_call(review, call));
    SP_TRY(sp_review__tell_call(review, call));
    call->is_complete = true;
    recycle(review, &review->spare, &call->text);
    if (call->arguments == NULL || call->is_touched || call->raw.n == 0) return SP_OK;
    review->table->append_arguments(review, call, sp_buf_bytes(&call->raw));
    return sp_review__call_written(review, call);
}

sp_status sp_review__calls_complete(sp_review *review, uint32_t index, uint32_t below)
{
    for (size_t i = 0; i < n_calls(review); i++) {
        sp_call *call = call_at(review, i);
        if (call->is_complete || call->index[1] >= below || (index != UINT32_MAX && call->index[0] != index))
            continue;
        SP_TRY(complete(review, call));
    }
    return SP_OK;
}

/* What the destination said of calls that it did not finish: judged, so that the record tells of it, and
 * never released. */
sp_status sp_review__calls_abandon(sp_review *review)
{
    for (size_t i = 0; i < n_calls(review); i++) {
        if (!call_at(review, i)->is_complete) SP_TRY(judge_call(review, call_at(review, i)));
    }
    return SP_OK;
}

/* A call that begins ends those before it in its choice. */
static sp_status new_call(sp_review *review, const char *path, const uint32_t *index, sp_call **out)
{
    if (n_calls(review) >= SP_CALLS_MAX) return SP_EUPSIZE;
    SP_TRY(sp_review__calls_complete(review, index[0], index[1]));
    sp_call *call = sp_alloc(review->mem, 1, sizeof *call);
    if (call == NULL) return SP_ENOMEM;
    *call = (sp_call){.path = path,
                      .text = review->spare,
                      .raw = review->spare_raw,
                      .name = SP_BUF_IN(review->mem),
                      .id = SP_BUF_IN(review->mem)};
    call->text.n = call->raw.n = 0;
    review->spare = review->spare_raw = SP_BUF_IN(review->mem);
    memcpy(call->index, index, sizeof call->index);
    sp_buf_append(&review->calls, (sp_bytes){(const uint8_t *)&call, sizeof call});
    if (review->calls.status != SP_OK) return review->calls.status;
    review->summary.n_tool_calls++;
    *out = call;
    return sp_review__wait(review,
                           (sp_wait){.kind = SP_WAIT_CALL, .at = sp_review__queue_end(review), .call = call});
}

/* The calls of a choice come one after the other: a piece of one that is complete has no place any more. */
sp_status sp_review__call(sp_review *review, const char *path, const uint32_t *index, sp_call **out)
{
    for (size_t i = n_calls(review); i-- > 0;) {
        sp_call *call = call_at(review, i);
        if (call->index[0] != index[0]) continue;
        if (call->index[1] == index[1] && !call->is_complete) {
            *out = call;
            return SP_OK;
        }
        if (call->index[1] >= index[1]) return SP_EUPSYNTAX;
    }
    return new_call(review, path, index, out);
}

void sp_review__calls_recorded(sp_review *review)
{
    for (size_t i = 0; i < n_calls(review); i++) {
        if (call_at(review, i)->is_complete) call_at(review, i)->is_recorded = true;
    }
}
