/* An answer that is one JSON document: collected, read once, every string of it scanned, then handed out byte
 * for byte. */
#include "review/review_internal.h"

#include <string.h>

static bool ends_with(sp_bytes s, sp_bytes end)
{
    return s.n >= end.n && sp_bytes_eq(sp_bytes_sub(s, s.n - end.n, s.n), end);
}

static sp_status judge_leaf(sp_review *review, const sp_leaf *leaf, const sp_leaf *before)
{
    sp_review__note(review, leaf);
    if (leaf->row->cls == SP_LEAF_UNREADABLE && leaf->text.n > 0) return SP_EUPTYPE;
    if (leaf->row->cls == SP_LEAF_CALL && leaf->is_string) {
        review->summary.n_tool_calls++;
        return sp_review__scan_arguments(review, leaf->text, sp_review__place(leaf));
    }
    if (strcmp(leaf->row->path, "content[].type") == 0 && ends_with(leaf->text, SP_LIT("tool_use")))
        review->summary.n_tool_calls++;
    /* Text may be JSON that the client parses (structured output): what is escaped in there is read, too. */
    const bool is_text = leaf->row->cls == SP_LEAF_TEXT && leaf->text.n > 0;
    if (is_text && memchr(leaf->text.p, '\\', leaf->text.n) != NULL)
        return sp_review__scan_arguments(review, leaf->text, sp_review__place(leaf));
    sp_review__alone_leaf(review, leaf, before);
    return SP_OK;
}

static sp_status judge(sp_review *review)
{
    sp_json json;
    review->alone.n = review->marks.n = 0;
    SP_TRY(sp_review__leaves(review, sp_buf_bytes(&review->out), &json));
    const sp_leaf *leaf = sp_review__leaf_at(review);
    for (size_t i = 0; i < sp_review__n_leaves(review); i++)
        SP_TRY(judge_leaf(review, &leaf[i], i > 0 ? &leaf[i - 1] : NULL));
    return sp_review__scan_alone(review);
}

/* The body lies in the queue from the start, behind the wait for the outcome (sp_review_new). */
sp_status sp_review__whole_feed(sp_review *review, sp_bytes piece, bool is_last)
{
    if (piece.n > review->options.held_max - review->out.n) return SP_EUPSIZE;
    sp_buf_append(&review->out, piece);
    if (review->out.status != SP_OK) return review->out.status;
    if (!is_last) return SP_OK;
    review->is_input_over = true;
    return judge(review);
}
