/* What the destination reports of its answer. */
#include "review/review_internal.h"

/* Kept only as far as a report of this kind reasonably goes; a stream repeats it in each event. */
static void note_text(sp_buf *into, sp_bytes text)
{
    const sp_bytes kept = sp_bytes_sub(text, 0, SP_REPORTED_MAX);
    if (sp_bytes_eq(kept, sp_buf_bytes(into))) return;
    into->n = 0;
    sp_buf_append(into, kept);
}

/* Counts grow while a stream runs, and its last report may leave out what an earlier one said: the largest
 * holds. */
static void note_count(sp_review *review, uint64_t *into, sp_bytes number)
{
    uint64_t count;
    if (!sp_number_u64(&count, number)) return;
    review->summary.has_usage = true;
    if (count > *into) *into = count;
}

/* One per choice, in the order in which they finished; beyond the bound nobody reads them. */
static void note_finish(sp_review *review, sp_bytes reason)
{
    if (review->finish.n + 1 + reason.n > SP_REPORTED_MAX) return;
    if (review->finish.n > 0) sp_buf_append_byte(&review->finish, ',');
    sp_buf_append(&review->finish, reason);
}

void sp_review__note(sp_review *review, const sp_leaf *leaf)
{
    if (sp_review__is_finish(leaf)) note_finish(review, leaf->text);
    if (leaf->row->cls == SP_LEAF_ERROR && leaf->text.n > 0) review->summary.has_error = true;
    switch ((sp_leaf_into)leaf->row->into) {
    case SP_INTO_NOTHING:
        return;
    case SP_INTO_MODEL:
        note_text(&review->model, leaf->text);
        return;
    case SP_INTO_ID:
        note_text(&review->id, leaf->text);
        return;
    case SP_INTO_VERSION:
        note_text(&review->version, leaf->text);
        return;
    case SP_INTO_TOKENS_IN:
        note_count(review, &review->summary.tokens_in, leaf->text);
        return;
    case SP_INTO_TOKENS_OUT:
        note_count(review, &review->summary.tokens_out, leaf->text);
        return;
    case SP_INTO_TOKENS_CACHED:
        note_count(review, &review->summary.tokens_cached, leaf->text);
        return;
    }
}

void sp_review_summarise(const sp_review *review, sp_review_summary *out)
{
    *out = review->summary;
    out->engine = review->options.engine;
    for (size_t i = 0; i < sp_review__n_channels(review); i++)
        out->n_masked += sp_review__channel_at(review, i)->masks.n_written;
    out->model = sp_buf_bytes(&review->model);
    out->answer_id = sp_buf_bytes(&review->id);
    out->version = sp_buf_bytes(&review->version);
    out->finish = sp_buf_bytes(&review->finish);
    out->findings = (const sp_review_finding *)(const void *)review->listed.p;
    out->n_findings = review->listed.n / sizeof(sp_review_finding);
    out->has_more = out->n_findings >= SP_LISTED_MAX;
}
