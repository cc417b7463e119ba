/* A stream is judged block by block, whatever pieces it comes in: what leaves and when the answer is cut
 * depends on the blocks alone. */
#include "review/review_internal.h"

/* Blocks of other kinds may stand between two of text for long; then the first is taken as it is. */
static void let_texts_go(sp_review *review)
{
    for (size_t i = 0; i < sp_review__n_channels(review); i++) {
        sp_channel *channel = sp_review__channel_at(review, i);
        if (channel->hold != UINT64_MAX) sp_review__let_go(channel);
    }
}

/* After each block, so that a large piece of many blocks is no more than they are one by one. */
static sp_status check_held(sp_review *review)
{
    if (sp_review__held(review) <= review->options.held_max) return SP_OK;
    let_texts_go(review);
    return sp_review__held(review) > review->options.held_max ? SP_EUPSIZE : SP_OK;
}

static sp_status read_blocks(sp_review *review, bool is_last)
{
    while (!review->is_input_over) {
        sp_sse_event event;
        bool found;
        SP_TRY(sp_sse_next(&review->sse, is_last, &event, &found));
        if (!found) break;
        SP_TRY(sp_review__event(review, &event));
        SP_TRY(check_held(review));
    }
    if (!is_last || review->is_input_over) return SP_OK;
    /* Where an answer is framed by its connection's end, one that broke off looks like one that is over: only
     * the dialect's last event tells, or an error of the destination, behind which nothing follows. */
    review->is_input_over = true;
    if (!review->summary.has_error) return sp_review__abandon_all(review);
    return sp_review__close_all(review);
}

sp_status sp_review__stream_feed(sp_review *review, sp_bytes piece, bool is_last)
{
    SP_TRY(sp_sse_feed(&review->sse, piece));
    return read_blocks(review, is_last);
}
