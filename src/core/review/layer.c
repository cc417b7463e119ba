/* The readings of a channel: its text as it stands, and what a client sees that takes it for JSON, one
 * reading per level of escapes, each fed with what the one below got new. A reading begins at the first
 * escape; before it both say the same, so it takes over what the one below holds back, and the context before
 * that. What is released is judged in every reading; an escape that is not complete holds what comes behind
 * it. */
#include "review/review_internal.h"

#include "detect/detect_internal.h"

#include <string.h>

/* A run of backslashes halves at each level: text that needs more was made to be unreadable. */
enum { LEVELS_MAX = 16 };

sp_status sp_review__layer_init(sp_review *review, sp_layer *layer)
{
    *layer = (sp_layer){.piece = SP_BUF_IN(review->mem),
                        .tail = SP_BUF_IN(review->mem),
                        .waiting = SP_BUF_IN(review->mem),
                        .escapes.list = SP_BUF_IN(review->mem)};
    return sp_tape_new(&layer->tape, review->options.engine, review->scratch, review->mem);
}

/* ---- offsets ---- */

/* Behind its end a reading goes on with an escape that is not complete. */
static uint64_t source(const sp_layer *layer, uint64_t at, bool is_end)
{
    if (at <= layer->end) return sp__escapes_source(&layer->escapes, at, is_end);
    return sp__escapes_source(&layer->escapes, layer->end, false) + (is_end ? layer->waiting.n : 0);
}

uint64_t sp_review__layer_source(sp_channel *channel, size_t level, uint64_t at, bool is_end)
{
    for (; level > 0; level--) at = source(sp_review__layer_at(channel, level), at, is_end);
    return at;
}

uint64_t sp_review__layers_judged(sp_channel *channel)
{
    uint64_t least = channel->text.judged;
    for (size_t level = 1; level < sp_review__n_layers(channel); level++) {
        const uint64_t judged = sp_review__layer_at(channel, level)->judged;
        const uint64_t at = sp_review__layer_source(channel, level, judged, false);
        if (at < least) least = at;
    }
    return least;
}

/* ---- feeding ---- */

/* Detectors look at some text before a match: the tail keeps as much of it as they may. */
static void drop_tail(sp_layer *layer)
{
    const size_t behind = (size_t)(layer->point - layer->tail_at);
    if (behind <= SP_CONTEXT_MAX) return;
    const size_t drop = sp_utf8_align(sp_buf_bytes(&layer->tail), behind - SP_CONTEXT_MAX);
    memmove(layer->tail.p, layer->tail.p + drop, layer->tail.n - drop);
    layer->tail.n -= drop;
    layer->tail_at += drop;
    sp__escapes_forget(&layer->escapes, layer->tail_at);
}

/* Takes the piece over from the event; the tape has seen it. */
static sp_status keep_tail(sp_layer *layer, uint64_t point)
{
    sp_buf_append(&layer->tail, sp_buf_bytes(&layer->piece));
    if (layer->tail.status != SP_OK) return layer->tail.status;
    layer->end += layer->piece.n;
    layer->piece.n = 0;
    SP_CHECK(point >= layer->point && point <= layer->end);
    layer->point = point;
    if (point > layer->judged) layer->judged = point;
    return SP_OK;
}

/* Findings in terms of the text; those that the reading below has told are left out. */
static void to_text(sp_review *review, sp_channel *channel, size_t level)
{
    const sp_layer *layer = sp_review__layer_at(channel, level);
    size_t n = 0;
    for (size_t i = 0; level > 0 && i < review->found.n; i++) {
        sp_finding one = review->found.v[i];
        if (one.start < layer->from) continue;
        one.end = (uint32_t)sp_review__layer_source(channel, level, one.end, true);
        one.start = (uint32_t)sp_review__layer_source(channel, level, one.start, false);
        review->found.v[n++] = one;
    }
    if (level > 0) review->found.n = n;
}

static sp_status feed_tape(sp_review *review, sp_channel *channel, size_t level, bool is_last)
{
    sp_layer *layer = sp_review__layer_at(channel, level);
    if (layer->piece.status != SP_OK) return layer->piece.status;
    uint64_t point = 0;
    review->found.n = 0;
    review->found.is_full = false;
    SP_TRY(sp_tape_feed(layer->tape, sp_buf_bytes(&layer->piece), is_last, &review->found, &point));
    SP_TRY(keep_tail(layer, point));
    to_text(review, channel, level);
    drop_tail(layer);
    const sp_sink sink = sp_review__sink(channel);
    const sp_status status = sp_review__list(review, sp_review__channel_place(channel), 0, &sink);
    return status == SP_ELEAK ? SP_OK : status;
}

/* Does the piece hold an escape, or (unless it is the last) the beginning of one? A backslash that is none
 * reads the same at each level. */
static bool has_escape(sp_review *review, sp_bytes piece, bool is_last)
{
    sp_escapes found = {.list = SP_BUF_IN(review->mem)};
    if (piece.n == 0 || memchr(piece.p, '\\', piece.n) == NULL) return false;
    review->decoded.n = 0;
    const size_t read = sp__escapes_read(&review->decoded, &found, piece, (sp_escape){0}, is_last);
    return read < piece.n || found.list.n > 0 || found.list.status != SP_OK;
}

/* The reading above `level`: begun when it is needed first, NULL while it is not. */
static sp_status reading_above(sp_review *review, sp_channel *channel, size_t level, bool is_last,
                               sp_layer **above)
{
    const sp_layer *layer = sp_review__layer_at(channel, level);
    *above = level + 1 < sp_review__n_layers(channel) ? sp_review__layer_at(channel, level + 1) : NULL;
    if (*above != NULL || !has_escape(review, sp_buf_bytes(&layer->piece), is_last)) return SP_OK;
    if (level + 1 >= LEVELS_MAX) return SP_EUPSYNTAX;
    *above = sp_alloc(review->mem, 1, sizeof **above);
    if (*above == NULL) return SP_ENOMEM;
    SP_TRY(sp_review__layer_init(review, *above));
    (*above)->escapes.origin.in = layer->tail_at;
    (*above)->from = layer->point - layer->tail_at;
    sp_buf_append(&(*above)->waiting, sp_buf_bytes(&layer->tail));
    sp_buf_append(&channel->deeper, (sp_bytes){(const uint8_t *)above, sizeof *above});
    return channel->deeper.status;
}

/* What is new below, resolved: the piece of this reading. */
static sp_status resolve(sp_layer *layer, sp_bytes fresh, bool is_last)
{
    sp_buf *waiting = &layer->waiting;
    sp_buf_append(waiting, fresh);
    if (waiting->status != SP_OK) return waiting->status;
    const sp_escape at = {.out = layer->end, .in = source(layer, layer->end, false)};
    const size_t read = sp__escapes_read(&layer->piece, &layer->escapes, sp_buf_bytes(waiting), at, is_last);
    waiting->n -= read;
    if (waiting->n > 0 && read > 0) memmove(waiting->p, waiting->p + read, waiting->n);
    return layer->piece.status != SP_OK ? layer->piece.status : layer->escapes.list.status;
}

sp_status sp_review__layers_feed(sp_review *review, sp_channel *channel, bool is_last)
{
    sp_layer *above;
    for (size_t level = 0; level < sp_review__n_layers(channel); level++) {
        SP_TRY(reading_above(review, channel, level, is_last, &above));
        if (above != NULL)
            SP_TRY(resolve(above, sp_buf_bytes(&sp_review__layer_at(channel, level)->piece), is_last));
        SP_TRY(feed_tape(review, channel, level, is_last));
    }
    return SP_OK;
}

/* ---- silence ---- */

/* What a reading holds back, as a client would read it if the text ended here. */
static sp_status held_text(sp_review *review, const sp_layer *layer, sp_bytes *text)
{
    sp_escapes ignored = {.list = SP_BUF_IN(review->mem)};
    *text = sp_buf_bytes(&layer->tail);
    if (layer->waiting.n == 0) return SP_OK;
    review->decoded.n = 0;
    sp_buf_append(&review->decoded, *text);
    (void)sp__escapes_read(&review->decoded, &ignored, sp_buf_bytes(&layer->waiting), (sp_escape){0}, true);
    *text = sp_buf_bytes(&review->decoded);
    return review->decoded.status != SP_OK ? review->decoded.status : ignored.list.status;
}

sp_status sp_review__layers_peek(sp_review *review, sp_channel *channel, bool is_end)
{
    sp_status result = SP_OK;
    for (size_t level = 0; level < sp_review__n_layers(channel); level++) {
        sp_bytes text;
        SP_TRY(held_text(review, sp_review__layer_at(channel, level), &text));
        const sp_status status = sp_review__peek(review, channel, level, text, is_end);
        if (status != SP_OK && status != SP_ELEAK) return status;
        if (status == SP_ELEAK) result = status;
    }
    return result;
}

/* What will be released although its tape has not told it yet: certain, since it starts before all that is
 * open. */
static sp_status mask_certain(sp_review *review, sp_channel *channel, size_t level, const sp_pass *pass)
{
    const sp_layer *layer = sp_review__layer_at(channel, level);
    const sp_sink sink = sp_review__sink(channel);
    for (size_t i = 0; i < pass->n && sink.masks != NULL; i++) {
        const uint64_t start = layer->tail_at + pass->v[i].start;
        if (start < layer->point || start >= layer->judged) continue;
        if (!sp_review__is_masked(review, pass->v[i].kind)) continue;
        const sp_mask mask = {sp_review__layer_source(channel, level, start, false),
                              sp_review__layer_source(channel, level, layer->tail_at + pass->v[i].end, true),
                              pass->v[i].kind};
        const sp_status status = sp_review__mask(sink.masks, mask, sink.fixed);
        if (status == SP_ELEAK && mask.start < channel->stop) channel->stop = mask.start;
        if (status != SP_OK && status != SP_ELEAK) return status;
    }
    return SP_OK;
}

static sp_status pause_layer(sp_review *review, sp_channel *channel, size_t level)
{
    sp_layer *layer = sp_review__layer_at(channel, level);
    const size_t from = (size_t)(layer->point - layer->tail_at);
    const sp_pass_in in = {sp_buf_bytes(&layer->tail), from, false, layer->tail_at, NULL};
    sp_pass pass;
    SP_TRY(sp_engine__pass(&pass, review->options.engine, review->scratch, &in));
    const uint64_t to = pass.pending < layer->tail.n ? layer->tail_at + pass.pending : layer->end;
    if (to > layer->judged) layer->judged = to;
    return mask_certain(review, channel, level, &pass);
}

sp_status sp_review__layers_pause(sp_review *review, sp_channel *channel)
{
    for (size_t level = 0; level < sp_review__n_layers(channel); level++)
        SP_TRY(pause_layer(review, channel, level));
    return SP_OK;
}
