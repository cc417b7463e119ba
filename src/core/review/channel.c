/* A channel is a text of the answer that comes in pieces. Its tape says up to where it is judged. A channel
 * may fall silent for a while (reasoning, then content, then a tool call): its last word then goes, so that
 * it does not come late, unless it may be the beginning of a finding. Where it ends it is settled. Its tape
 * keeps what it knows, so that a text which goes on is still seen as one. */
#include "review/review_internal.h"

#include <string.h>

enum { CONSTANT_MAX = 256 }; /* longest string that is taken for a constant when it repeats */

/* A text belongs to a field of a choice or block. Positions deeper down (tokens of logprobs) follow each
 * other in one text. */
static bool is_same(const sp_channel *channel, const sp_leaf *leaf)
{
    return channel->row->channel == leaf->row->channel && channel->index[0] == leaf->index[0] &&
           channel->hash == leaf->hash;
}

/* A passage may begin in the block before. */
static sp_status join_passages(sp_review *review, sp_channel *channel, const sp_channel *before)
{
    if (before->passages == NULL) return SP_OK;
    channel->passages = sp_alloc(review->mem, 1, sizeof *channel->passages);
    if (channel->passages == NULL) return SP_ENOMEM;
    *channel->passages = *before->passages;
    sp_passages_join(channel->passages);
    return SP_OK;
}

/* So may the canary, in whatever writing. */
static sp_status join_canary(sp_review *review, sp_channel *channel, const sp_channel *before)
{
    if (before->canary == NULL) return SP_OK;
    channel->canary = sp_alloc(review->mem, 1, sizeof *channel->canary);
    if (channel->canary == NULL) return SP_ENOMEM;
    *channel->canary = *before->canary;
    sp_canary_join(channel->canary);
    return SP_OK;
}

/* The text of a block goes on where that of the block before ended. */
static sp_status join_blocks(sp_review *review, sp_channel *channel)
{
    const uint8_t joins = review->table->joins;
    if (joins == 0 || channel->row->channel != joins) return SP_OK;
    for (size_t i = sp_review__n_channels(review); i-- > 0;) {
        sp_channel *before = sp_review__channel_at(review, i);
        if (before->row->channel != joins) continue;
        before->is_continued = true;
        channel->front = before;
        SP_TRY(join_passages(review, channel, before));
        SP_TRY(join_canary(review, channel, before));
        return sp_review__layers_join(review, channel, before);
    }
    return SP_OK;
}

static sp_status new_channel(sp_review *review, const sp_leaf *leaf, sp_channel **out)
{
    if (sp_review__n_channels(review) >= SP_CHANNELS_MAX) return SP_EUPSIZE;
    sp_channel *channel = sp_alloc(review->mem, 1, sizeof *channel);
    if (channel == NULL) return SP_ENOMEM;
    *channel = (sp_channel){.row = leaf->row,
                            .hash = leaf->hash,
                            .stop = UINT64_MAX,
                            .hold = UINT64_MAX,
                            .deeper = SP_BUF_IN(review->mem),
                            .last = SP_BUF_IN(review->mem),
                            .carry = SP_BUF_IN(review->mem),
                            .masks.list = SP_BUF_IN(review->mem)};
    memcpy(channel->index, leaf->index, sizeof channel->index);
    SP_TRY(sp_review__layer_init(review, &channel->text, leaf->row->cls == SP_LEAF_TEXT));
    SP_TRY(join_blocks(review, channel));
    sp_buf_append(&review->channels, (sp_bytes){(const uint8_t *)&channel, sizeof channel});
    *out = channel;
    return review->channels.status;
}

/* The newest first: streams go on with what they spoke of last. */
sp_status sp_review__channel(sp_review *review, const sp_leaf *leaf, sp_channel **out)
{
    for (size_t i = sp_review__n_channels(review); i-- > 0;) {
        sp_channel *channel = sp_review__channel_at(review, i);
        if (!is_same(channel, leaf)) continue;
        *out = channel;
        return SP_OK;
    }
    return new_channel(review, leaf, out);
}

/* Everything up to `point` is judged, but nothing at or behind the first finding that may not leave ever is.
 * What was judged before may have left; it cannot be called back. */
static void judge_up_to(sp_channel *channel, uint64_t point)
{
    if (channel->stop < channel->release) channel->stop = channel->release;
    if (point > channel->stop) point = channel->stop;
    if (point > channel->hold) point = channel->hold;
    if (point > channel->release) channel->release = point;
}

void sp_review__let_go(sp_channel *channel)
{
    channel->hold = UINT64_MAX;
    judge_up_to(channel, channel->text.end);
}

static void let_fronts_go(const sp_channel *channel)
{
    for (sp_channel *front = channel->front; front != NULL; front = front->front) sp_review__let_go(front);
}

/* What the texts in front hold back goes when it is judged together with what follows it. A finding over the
 * joint is one at the start of this text. */
static void judge_front(sp_channel *channel)
{
    const size_t joined = channel->text.above[SP_READ_JOINED];
    if (joined == 0 || channel->stop == 0) return;
    if (channel->canary != NULL && channel->canary->is_open_in_front) return;
    const sp_layer *layer = sp_review__layer_at(channel, joined);
    if (layer->judged >= layer->joint) let_fronts_go(channel);
}

static void judge_readings(sp_channel *channel)
{
    judge_up_to(channel, sp_review__layers_judged(channel));
    judge_front(channel);
}

sp_status sp_review__channel_feed(sp_review *review, sp_channel *channel, bool is_last)
{
    SP_TRY(sp_review__layers_feed(review, channel, is_last));
    if (is_last && !channel->is_continued) channel->hold = UINT64_MAX;
    judge_readings(channel);
    return SP_OK;
}

/* The tape is not told: for it the text goes on. What it would say if the text ended is found by a scan of
 * what it holds back. */
sp_status sp_review__channel_settle(sp_review *review, sp_channel *channel)
{
    if (channel->stop != UINT64_MAX || channel->is_continued) return SP_OK;
    sp_status status = SP_OK;
    if (channel->release < channel->text.end && channel->hold == UINT64_MAX)
        status = sp_review__layers_peek(review, channel, true);
    sp_review__let_go(channel);
    if (channel->stop == UINT64_MAX) let_fronts_go(channel);
    return status == SP_ELEAK ? SP_OK : status;
}

/* A text that falls silent may go on. What could still become a finding stays behind; the rest of its last
 * word goes. */
sp_status sp_review__channel_pause(sp_review *review, sp_channel *channel)
{
    if (channel->release == channel->text.end || channel->stop != UINT64_MAX) return SP_OK;
    if (channel->paused == channel->text.end) return SP_OK;
    channel->paused = channel->text.end;
    const sp_status status = sp_review__layers_peek(review, channel, false);
    if (status != SP_OK && status != SP_ELEAK) return status;
    SP_TRY(sp_review__layers_pause(review, channel));
    judge_readings(channel);
    return SP_OK;
}

/* What is a finding if the text ends here is one, whatever follows: it is masked now, or cuts. The last word
 * stays behind. */
sp_status sp_review__channel_hold(sp_review *review, sp_channel *channel)
{
    if (channel->release == channel->text.end || channel->stop != UINT64_MAX) return SP_OK;
    const sp_status status = sp_review__layers_peek(review, channel, true);
    judge_up_to(channel, channel->release); /* a finding at its start stands behind what has left */
    channel->hold = channel->release;
    return status == SP_ELEAK ? SP_OK : status;
}

/* A block of another kind comes: the last word of the texts before it goes, unless it may become a finding
 * together with a text behind that block. */
sp_status sp_review__pause_held(sp_review *review)
{
    for (size_t i = 0; i < sp_review__n_channels(review); i++) {
        sp_channel *channel = sp_review__channel_at(review, i);
        if (channel->hold == UINT64_MAX || channel->is_continued) continue;
        SP_TRY(sp_review__layers_pause(review, channel));
        if (sp_review__layers_judged(channel) < channel->text.end) continue;
        sp_review__let_go(channel);
        judge_front(channel);
    }
    return SP_OK;
}

/* In fields that no table knows a string may be a constant ("type") or a text that streams. The first one
 * waits until the second shows which: an equal string is no continuation. Joined, constants would read as one
 * word without end and hold the stream for ever. */
sp_status sp_review__channel_advance(sp_review *review, sp_channel *channel)
{
    const sp_bytes piece = sp_buf_bytes(&channel->text.piece);
    const bool is_unknown = channel->row->cls != SP_LEAF_FIRST /* tokens repeat and are no constants */
                            && channel->row->path[strlen(channel->row->path) - 1] == '?';
    if (!is_unknown || piece.n > CONSTANT_MAX) return sp_review__channel_feed(review, channel, false);
    if (piece.n > 0 && sp_bytes_eq(piece, sp_buf_bytes(&channel->last))) {
        channel->text.piece.n = 0;
        return sp_review__channel_settle(review, channel);
    }
    channel->last.n = 0;
    sp_buf_append(&channel->last, piece);
    if (channel->last.status != SP_OK) return channel->last.status;
    return sp_review__channel_feed(review, channel, false);
}
