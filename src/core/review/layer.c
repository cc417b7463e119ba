/* The readings of a channel: its text as it stands; what a client sees that takes it for JSON, one reading
 * per level of escapes; what a reader sees who minds neither width nor style (folded); and the text behind
 * the one that clients put in front of it (joined). Each is fed with what the one below got new. A reading
 * begins at the first escape, or at the first character that folds; before it both say the same, so it takes
 * over what the one below holds back, and the context before that. What is released is judged in every
 * reading; an escape that is not complete holds what comes behind it. */
#include "review/review_internal.h"

#include "detect/detect_internal.h"
#include "parse/fold.h"

#include <string.h>

/* A run of backslashes halves at each level: text that needs more was made to be unreadable. */
enum { LEVELS_MAX = 16 };

sp_status sp_review__layer_init(sp_review *review, sp_layer *layer, bool is_shown)
{
    *layer = (sp_layer){.piece = SP_BUF_IN(review->mem),
                        .tail = SP_BUF_IN(review->mem),
                        .waiting = SP_BUF_IN(review->mem),
                        .escapes.list = SP_BUF_IN(review->mem),
                        .tells_addresses = is_shown && sp_review__tells_addresses(review)};
    SP_TRY(sp_tape_new(&layer->tape, review->options.engine, review->scratch, review->mem));
    if (layer->tells_addresses) sp_tape_tell_addresses(layer->tape);
    return SP_OK;
}

/* ---- offsets ---- */

/* Behind its end a reading goes on with an escape that is not complete. */
static uint64_t source(const sp_layer *layer, uint64_t at, bool is_end)
{
    if (layer->reading == SP_READ_JOINED) return at > layer->joint ? at - layer->joint : 0;
    if (at <= layer->end) return sp__escapes_source(&layer->escapes, at, is_end);
    return sp__escapes_source(&layer->escapes, layer->end, false) + (is_end ? layer->waiting.n : 0);
}

static uint64_t text_offset(sp_channel *channel, size_t number, uint64_t at)
{
    while (number > 0) {
        const sp_layer *layer = sp_review__layer_at(channel, number);
        at = source(layer, at, false);
        number = layer->below;
    }
    return at;
}

/* A span of a reading in terms of the text. @return false: it lies in what clients put in front of it. */
static bool to_text(sp_channel *channel, size_t number, sp_mask *span, bool *is_over_joint)
{
    *is_over_joint = false;
    while (number > 0) {
        const sp_layer *layer = sp_review__layer_at(channel, number);
        if (layer->reading == SP_READ_JOINED) {
            if (span->end <= layer->joint) return false;
            *is_over_joint = span->start < layer->joint;
        }
        span->start = source(layer, span->start, false);
        span->end = source(layer, span->end, true);
        number = layer->below;
    }
    return true;
}

uint64_t sp_review__layers_judged(sp_channel *channel)
{
    uint64_t least = channel->text.judged;
    if (channel->canary != NULL && channel->canary->held < least) least = channel->canary->held;
    for (size_t number = 1; number < sp_review__n_layers(channel); number++) {
        const uint64_t at = text_offset(channel, number, sp_review__layer_at(channel, number)->judged);
        if (at < least) least = at;
    }
    return least;
}

/* ---- findings ---- */

/* A canary is read on from block to block in the text itself, without a reading of its own. */
static bool began_in_front(const sp_channel *channel, size_t number, const sp_finding *f)
{
    return number == 0 && channel->canary != NULL && sp_canary_is(f) && f->start == 0 &&
           f->end <= channel->canary->over_end;
}

/* Findings in terms of the text; those that the reading below has told are left out. They are in order of
 * their starts, so those over the joint come first. @return how many those are. */
static size_t to_texts(sp_findings *found, sp_channel *channel, size_t number)
{
    const uint64_t from = sp_review__layer_at(channel, number)->from;
    size_t n = 0, n_over = 0;
    for (size_t i = 0; i < found->n; i++) {
        sp_finding one = found->v[i];
        sp_mask span = {.start = one.start, .end = one.end};
        bool is_over;
        if (one.start < from || !to_text(channel, number, &span, &is_over)) continue;
        one.start = (uint32_t)span.start;
        one.end = (uint32_t)span.end;
        found->v[n++] = one;
        if (is_over || began_in_front(channel, number, &one)) n_over = n;
    }
    found->n = n;
    return n_over;
}

/* Nobody sees the text as a reading has it that resolves escapes or folds. */
static bool is_as_it_stands(sp_channel *channel, size_t number)
{
    bool stands = true;
    for (; number > 0 && stands; number = sp_review__layer_at(channel, number)->below)
        stands = sp_review__layer_at(channel, number)->reading == SP_READ_JOINED;
    return stands;
}

/* Of a finding over the joint the first part has left, and the rest alone is nothing that a mask could stand
 * for: it may not leave. */
sp_status sp_review__layer_list(sp_review *review, sp_channel *channel, size_t number)
{
    sp_findings *found = &review->found;
    const sp_place place = sp_review__channel_place(channel);
    if (!is_as_it_stands(channel, number)) sp_review__drop_outward(review);
    const size_t n_over = to_texts(found, channel, number), n = found->n;
    const sp_sink sink = sp_review__sink(channel);
    sp_status over = SP_OK;
    if (n_over > 0) {
        const sp_sink fixed = {.stop = sink.stop, .is_shown = sink.is_shown};
        found->n = n_over;
        over = sp_review__list(review, place, 0, &fixed);
        if (over != SP_OK && over != SP_ELEAK) return over;
        found->n = n - n_over;
        memmove(found->v, found->v + n_over, found->n * sizeof *found->v);
    }
    SP_TRY(sp_review__list(review, place, 0, &sink));
    return over;
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

/* Compares the piece with the system text of the request. Texts that clients show, as they stand. */
static sp_status feed_passages(sp_review *review, sp_channel *channel, size_t number, bool is_last)
{
    if (review->options.passages == NULL || number > 0 || channel->row->cls != SP_LEAF_TEXT) return SP_OK;
    if (channel->passages == NULL) {
        channel->passages = sp_alloc(review->mem, 1, sizeof *channel->passages);
        if (channel->passages == NULL) return SP_ENOMEM;
    }
    return sp_passages_feed(channel->passages, review->options.passages, sp_buf_bytes(&channel->text.piece),
                            is_last, &review->found);
}

/* Looks for the canary in the text as it stands. */
static sp_status feed_canary(sp_review *review, sp_channel *channel, size_t number, bool is_last)
{
    if (review->options.canary == NULL || number > 0) return SP_OK;
    if (channel->canary == NULL) {
        channel->canary = sp_alloc(review->mem, 1, sizeof *channel->canary);
        if (channel->canary == NULL) return SP_ENOMEM;
    }
    SP_TRY(sp_canary_feed(channel->canary, review->options.canary, sp_buf_bytes(&channel->text.piece),
                          &review->found));
    if (!is_last) return SP_OK;
    channel->canary->held = UINT64_MAX;
    channel->canary->is_open_in_front = false;
    return SP_OK;
}

static sp_status feed_tape(sp_review *review, sp_channel *channel, size_t number, bool is_last)
{
    sp_layer *layer = sp_review__layer_at(channel, number);
    if (layer->piece.status != SP_OK) return layer->piece.status;
    uint64_t point = 0;
    review->found.n = 0;
    review->found.is_full = false;
    SP_TRY(sp_tape_feed(layer->tape, sp_buf_bytes(&layer->piece), is_last, &review->found, &point));
    SP_TRY(feed_passages(review, channel, number, is_last));
    SP_TRY(feed_canary(review, channel, number, is_last));
    SP_TRY(keep_tail(layer, point));
    sp_review__sift(review, sp_buf_bytes(&layer->tail), layer->tail_at);
    const sp_status status = sp_review__layer_list(review, channel, number);
    drop_tail(layer);
    return status == SP_ELEAK ? SP_OK : status;
}

/* Does the piece hold an escape, or (unless it is the last) the beginning of one? A backslash that is none
 * reads the same at each number. */
static bool has_escape(sp_review *review, sp_bytes piece, bool is_last)
{
    sp_escapes found = {.list = SP_BUF_IN(review->mem)};
    if (piece.n == 0 || memchr(piece.p, '\\', piece.n) == NULL) return false;
    review->decoded.n = 0;
    const size_t read = sp__escapes_read(&review->decoded, &found, piece, (sp_escape){0}, is_last);
    return read < piece.n || found.list.n > 0 || found.list.status != SP_OK;
}

/* A new reading, made of reading `below`. */
static sp_status new_reading(sp_review *review, sp_channel *channel, size_t below, sp_reading reading,
                             sp_layer **out)
{
    sp_layer *from = sp_review__layer_at(channel, below);
    sp_layer *layer = sp_alloc(review->mem, 1, sizeof *layer);
    if (layer == NULL) return SP_ENOMEM;
    SP_TRY(sp_review__layer_init(review, layer, reading == SP_READ_JOINED && from->tells_addresses));
    layer->reading = (uint8_t)reading;
    layer->below = below;
    layer->depth = (uint8_t)(from->depth + (reading == SP_READ_ESCAPES));
    from->above[reading] = sp_review__n_layers(channel);
    sp_buf_append(&channel->deeper, (sp_bytes){(const uint8_t *)&layer, sizeof layer});
    *out = layer;
    return channel->deeper.status;
}

/* Is the piece the first one for which this reading says something else? */
static bool begins(sp_review *review, const sp_layer *layer, sp_reading reading, bool is_last)
{
    const sp_bytes piece = sp_buf_bytes(&layer->piece);
    if (layer->reading == SP_READ_FOLDED || layer->above[reading] != 0) return false;
    return reading == SP_READ_FOLDED ? sp__folds(piece) : has_escape(review, piece, is_last);
}

static sp_status begin_above(sp_review *review, sp_channel *channel, size_t number, sp_reading reading)
{
    const sp_layer *layer = sp_review__layer_at(channel, number);
    sp_layer *above;
    if (reading == SP_READ_ESCAPES && layer->depth + 1 >= LEVELS_MAX) return SP_EUPSYNTAX;
    SP_TRY(new_reading(review, channel, number, reading, &above));
    above->escapes.origin.in = layer->tail_at;
    above->from = layer->point - layer->tail_at;
    sp_buf_append(&above->waiting, sp_buf_bytes(&layer->tail));
    return above->waiting.status;
}

sp_status sp_review__layers_join(sp_review *review, sp_channel *channel, sp_channel *before)
{
    const size_t joined = before->text.above[SP_READ_JOINED];
    const sp_layer *front = sp_review__layer_at(before, joined);
    sp_layer *layer;
    SP_TRY(new_reading(review, channel, 0, SP_READ_JOINED, &layer));
    layer->joint = front->tail.n;
    layer->from = front->point - front->tail_at;
    sp_buf_append(&layer->waiting, sp_buf_bytes(&front->tail));
    return layer->waiting.status;
}

/* What is new below, as this reading has it: its piece. */
static sp_status resolve(sp_layer *layer, sp_bytes fresh, bool is_last)
{
    sp_buf *waiting = &layer->waiting;
    sp_buf_append(waiting, fresh);
    if (waiting->status != SP_OK) return waiting->status;
    const sp_bytes text = sp_buf_bytes(waiting);
    size_t read = text.n;
    if (layer->reading == SP_READ_JOINED) {
        sp_buf_append(&layer->piece, text);
    } else {
        const sp_escape at = {.out = layer->end, .in = source(layer, layer->end, false)};
        read = layer->reading == SP_READ_FOLDED
                   ? sp__fold_read(&layer->piece, &layer->escapes, text, at)
                   : sp__escapes_read(&layer->piece, &layer->escapes, text, at, is_last);
    }
    waiting->n -= read;
    if (waiting->n > 0 && read > 0) memmove(waiting->p, waiting->p + read, waiting->n);
    return layer->piece.status != SP_OK ? layer->piece.status : layer->escapes.list.status;
}

/* The readings made of reading `number` get what it got new. */
static sp_status feed_above(sp_review *review, sp_channel *channel, size_t number, bool is_last)
{
    for (sp_reading reading = SP_READ_ESCAPES; reading < SP_READ_LIMIT; reading++) {
        const sp_layer *layer = sp_review__layer_at(channel, number);
        if (reading != SP_READ_JOINED && begins(review, layer, reading, is_last))
            SP_TRY(begin_above(review, channel, number, reading));
        if (layer->above[reading] == 0) continue;
        sp_layer *above = sp_review__layer_at(channel, layer->above[reading]);
        SP_TRY(resolve(above, sp_buf_bytes(&layer->piece), is_last));
    }
    return SP_OK;
}

sp_status sp_review__layers_feed(sp_review *review, sp_channel *channel, bool is_last)
{
    for (size_t number = 0; number < sp_review__n_layers(channel); number++) {
        SP_TRY(feed_above(review, channel, number, is_last));
        SP_TRY(feed_tape(review, channel, number, is_last));
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
    if (layer->reading == SP_READ_ESCAPES)
        (void)sp__escapes_read(&review->decoded, &ignored, sp_buf_bytes(&layer->waiting), (sp_escape){0},
                               true);
    else
        sp_buf_append(&review->decoded, sp_buf_bytes(&layer->waiting));
    *text = sp_buf_bytes(&review->decoded);
    return review->decoded.status != SP_OK ? review->decoded.status : ignored.list.status;
}

sp_status sp_review__layers_peek(sp_review *review, sp_channel *channel, bool is_end)
{
    sp_status result = SP_OK;
    for (size_t number = 0; number < sp_review__n_layers(channel); number++) {
        sp_bytes text;
        SP_TRY(held_text(review, sp_review__layer_at(channel, number), &text));
        const sp_status status = sp_review__peek(review, channel, number, text, is_end);
        if (status != SP_OK && status != SP_ELEAK) return status;
        if (status == SP_ELEAK) result = status;
    }
    return result;
}

/* What will be released although its tape has not told it yet: certain, since it starts before all that is
 * open. */
static sp_status mask_certain(sp_review *review, sp_channel *channel, size_t number, const sp_pass *pass)
{
    const sp_layer *layer = sp_review__layer_at(channel, number);
    const sp_sink sink = sp_review__sink(channel);
    const sp_bytes tail = sp_buf_bytes(&layer->tail);
    for (size_t i = 0; i < pass->n && sink.masks != NULL; i++) {
        const uint64_t start = layer->tail_at + pass->v[i].start;
        if (start < layer->point || start >= layer->judged) continue;
        sp_finding one = sp_engine__weigh(review->options.engine, review->scratch, tail, pass->v[i]);
        sp_review__note_echo(review, tail, &one, 0);
        if (!sp_review__is_masked(review, &one, sink.is_shown)) continue;
        if (sp_review__is_outward(one.kind) && !is_as_it_stands(channel, number)) continue;
        if (sp_review__is_allowed(review, tail, &one, 0)) continue;
        sp_mask mask = sp_review__mask_of(review, &one);
        mask.start = start;
        mask.end += layer->tail_at;
        bool is_over;
        if (!to_text(channel, number, &mask, &is_over)) continue;
        const sp_status status = is_over ? SP_ELEAK : sp_review__mask(sink.masks, mask, sink.fixed);
        if (status == SP_ELEAK && mask.start < channel->stop) channel->stop = mask.start;
        if (status != SP_OK && status != SP_ELEAK) return status;
    }
    return SP_OK;
}

static sp_status pause_layer(sp_review *review, sp_channel *channel, size_t number)
{
    sp_layer *layer = sp_review__layer_at(channel, number);
    const size_t from = (size_t)(layer->point - layer->tail_at);
    const sp_pass_in in = {sp_buf_bytes(&layer->tail), from, false, layer->tail_at, NULL, NULL, NULL};
    sp_pass pass;
    SP_TRY(layer->tells_addresses
               ? sp_engine__pass_addresses(&pass, review->options.engine, review->scratch, &in)
               : sp_engine__pass(&pass, review->options.engine, review->scratch, &in));
    if (pass.is_full)
        return SP_OK; /* some were not kept, so nothing more is certain: it waits for the tape */
    const uint64_t to = pass.pending < layer->tail.n ? layer->tail_at + pass.pending : layer->end;
    if (to > layer->judged) layer->judged = to;
    return mask_certain(review, channel, number, &pass);
}

sp_status sp_review__layers_pause(sp_review *review, sp_channel *channel)
{
    for (size_t number = 0; number < sp_review__n_layers(channel); number++)
        SP_TRY(pause_layer(review, channel, number));
    return SP_OK;
}
