/* The queue between what is judged and what is released. Bytes leave in order; waits stand in it, each with a
 * reason, and the first one whose reason still holds is where a release ends. Gates are opened only at a
 * wait: for a complete tool call, and once for the finish. */
#include "review/review_internal.h"

#include <string.h>

uint64_t sp_review__queue_end(const sp_review *review)
{
    return review->out_at + review->out.n;
}

static sp_wait *first_wait(const sp_review *review)
{
    const sp_list *waits = &review->waits;
    return waits->first < waits->bytes.n ? (sp_wait *)(void *)(waits->bytes.p + waits->first) : NULL;
}

/* Room of the waits that are over is used again before more is taken. */
sp_status sp_review__wait(sp_review *review, sp_wait wait)
{
    sp_list *waits = &review->waits;
    if (waits->first > 0 && waits->first * 2 >= waits->bytes.n) {
        waits->bytes.n -= waits->first;
        memmove(waits->bytes.p, waits->bytes.p + waits->first, waits->bytes.n);
        waits->first = 0;
    }
    sp_buf_append(&waits->bytes, (sp_bytes){(const uint8_t *)&wait, sizeof wait});
    return waits->bytes.status;
}

/* The finish of an answer that was cut is never told. */
static bool is_over(const sp_review *review, const sp_wait *wait)
{
    switch ((sp_wait_kind)wait->kind) {
    case SP_WAIT_TEXT:
        return wait->channel->release >= wait->text_end;
    case SP_WAIT_CALL:
        return wait->call->is_complete && wait->call->is_recorded;
    case SP_WAIT_FINISH:
        return review->is_outcome_passed && review->verdict == SP_OK;
    }
    return false;
}

static bool is_complete_call(const sp_wait *wait)
{
    return wait->kind == SP_WAIT_CALL && wait->call->is_complete;
}

/* The first wait whose reason still holds; those in front of it are done with. Waits behind it may be over as
 * well: bytes leave in order. */
static const sp_wait *skip_waits(sp_review *review)
{
    while (first_wait(review) != NULL && is_over(review, first_wait(review)))
        review->waits.first += sizeof(sp_wait);
    return first_wait(review);
}

/* A complete call only waits for its gate: what is behind it is not held for a reason of its own. */
size_t sp_review__held(sp_review *review)
{
    const sp_wait *wait = skip_waits(review);
    if (review->gate != SP_GATE_NONE) return (size_t)(sp_review__queue_end(review) - review->given);
    if (wait == NULL) return 0;
    const sp_wait *end = wait + (review->waits.bytes.n - review->waits.first) / sizeof *wait;
    while (wait < end && (is_over(review, wait) || is_complete_call(wait))) wait++;
    return wait == end ? 0 : (size_t)(sp_review__queue_end(review) - wait->at);
}

/* What the last step lent was sent. Only what is held moves, and most of the time nothing is. */
void sp_review__queue_tidy(sp_review *review)
{
    const size_t done = (size_t)(review->given - review->out_at);
    if (done == 0) return;
    memmove(review->out.p, review->out.p + done, review->out.n - done);
    review->out.n -= done;
    review->out_at = review->given;
}

static void release_up_to(sp_review *review, uint64_t limit, sp_review_step *step)
{
    if (limit <= review->given) return;
    step->release.p = review->out.p + (review->given - review->out_at);
    step->release.n = (size_t)(limit - review->given);
    review->given = limit;
}

/* What stands behind `limit` will never leave. */
static void drop_from(sp_review *review, uint64_t limit)
{
    review->out.n = (size_t)(limit - review->out_at);
    review->waits.first = review->waits.bytes.n;
}

/* A stream has begun and can only end with an event that says why. Of a whole answer nothing has left: the
 * caller answers instead. */
static sp_status end_with_error(sp_review *review, sp_review_step *step)
{
    const sp_error_info *info = sp_error_get(review->verdict);
    if (review->options.is_stream) {
        const sp_bytes why = review->why.n > 0 ? review->why : sp_bytes_of(info->sentence);
        sp_dialect_error_event_append(&review->out, review->options.dialect, review->verdict, why,
                                      review->options.request_id);
    }
    if (review->out.status != SP_OK) return review->out.status;
    step->is_end = true;
    release_up_to(review, sp_review__queue_end(review), step);
    return SP_OK;
}

/* The input is over: all that may leave before the outcome leaves; then the outcome's gate. */
static void open_outcome(sp_review *review, uint64_t limit, sp_review_step *step)
{
    release_up_to(review, limit, step);
    if (review->verdict != SP_OK) drop_from(review, limit);
    step->gate = review->gate = SP_GATE_OUTCOME;
    step->verdict = review->verdict;
}

/* The rest, once: the finish that waited, or the error. Later calls get empty steps. */
static sp_status step_after_outcome(sp_review *review, sp_review_step *step)
{
    step->verdict = review->verdict;
    if (review->is_ended) {
        step->is_end = true;
        return SP_OK;
    }
    review->is_ended = true;
    if (review->verdict != SP_OK) return end_with_error(review, step);
    SP_CHECK(skip_waits(review) == NULL);
    step->is_end = true;
    release_up_to(review, sp_review__queue_end(review), step);
    return SP_OK;
}

/* In order: a closed gate lets nothing by; a complete call opens a gate; the end of the input opens the last
 * one; else what is judged goes. */
sp_status sp_review__step(sp_review *review, sp_review_step *step)
{
    *step = (sp_review_step){.gate = review->gate};
    if (review->gate == SP_GATE_OUTCOME) step->verdict = review->verdict;
    if (review->gate != SP_GATE_NONE) return SP_OK;
    if (review->is_outcome_passed) return step_after_outcome(review, step);
    if (review->verdict == SP_ESTOPPED) { /* not even what was judged: a tool call that waited is dropped */
        open_outcome(review, review->given, step);
        return SP_OK;
    }
    const sp_wait *wait = skip_waits(review);
    const uint64_t limit = wait != NULL ? wait->at : sp_review__queue_end(review);
    if (wait != NULL && is_complete_call(wait)) {
        sp_review__calls_recorded(review);
        release_up_to(review, limit, step);
        step->gate = review->gate = SP_GATE_ANSWER;
    } else if (review->is_input_over) {
        open_outcome(review, limit, step);
    } else {
        release_up_to(review, limit, step);
    }
    return SP_OK;
}
