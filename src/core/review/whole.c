/* An answer that is one JSON document: collected, read once, every string of it scanned, then handed out byte
 * for byte, but for findings that policy masks. */
#include "review/review_internal.h"

#include <string.h>

static bool ends_with(sp_bytes s, sp_bytes end)
{
    return s.n >= end.n && sp_bytes_eq(sp_bytes_sub(s, s.n - end.n, s.n), end);
}

/* What a policy that masks may write anew: texts, and values of a tool call's arguments. */
static bool may_mask(const sp_review *review, const sp_leaf *leaf)
{
    const uint8_t cls = leaf->row->cls;
    if (!leaf->is_string || !sp_review__masks_any(review, cls == SP_LEAF_TEXT)) return false;
    return cls == SP_LEAF_TEXT || cls == SP_LEAF_CALL || cls == SP_LEAF_INPUT;
}

/* Where clients join texts over blocks, a passage may begin in the block before. */
static sp_status judge_passages(sp_review *review, const sp_leaf *leaf, const sp_sink *sink)
{
    const bool is_joined = review->table->joins != 0 && leaf->row->channel == review->table->joins;
    sp_passage_run own = {0};
    sp_passage_run *run = is_joined ? &review->passage_run : &own;
    if (review->options.passages == NULL) return SP_OK;
    sp_passages_join(run);
    review->found.n = 0;
    review->found.is_full = false;
    SP_TRY(sp_passages_feed(run, review->options.passages, leaf->text, true, &review->found));
    return sp_review__list(review, sp_review__place(leaf), 0, sink);
}

/* Each by itself, since what is found has to be found again in the body. */
static sp_status mask_leaf(sp_review *review, const sp_leaf *leaf)
{
    const bool is_json =
        leaf->row->cls == SP_LEAF_CALL && !ends_with(sp_bytes_of(leaf->row->path), SP_LIT("custom.input"));
    const sp_bytes raw = sp_bytes_sub(sp_buf_bytes(&review->out), leaf->inner.start, leaf->inner.end);
    sp_bytes by;
    review->masks.list.n = 0;
    if (leaf->row->cls == SP_LEAF_TEXT && sp_utf8_valid_prefix(leaf->text) != leaf->text.n)
        return SP_EUPSYNTAX;
    const sp_sink sink = {.masks = &review->masks, .is_shown = leaf->row->cls == SP_LEAF_TEXT};
    SP_TRY(sp_review__scan_levels(review, leaf->text, sp_review__place(leaf), &sink));
    if (sink.is_shown) SP_TRY(judge_passages(review, leaf, &sink));
    if (review->masks.list.n == 0) return SP_OK;
    SP_TRY(sp_review__mask_whole(review, raw, leaf->text, is_json, &by));
    return sp_review__edit(review, leaf->inner.start, leaf->inner.end, by);
}

static sp_status judge_leaf(sp_review *review, const sp_leaf *leaf, const sp_leaf *before)
{
    const uint8_t cls = leaf->row->cls;
    sp_review__note(review, leaf);
    if (cls == SP_LEAF_UNREADABLE && leaf->text.n > 0) return SP_EUPTYPE;
    if (cls == SP_LEAF_CALL && leaf->is_string) review->summary.n_tool_calls++;
    if (strcmp(leaf->row->path, "content[].type") == 0 && ends_with(leaf->text, SP_LIT("tool_use")))
        review->summary.n_tool_calls++;
    if (may_mask(review, leaf)) return mask_leaf(review, leaf);
    /* Text may be JSON that the client parses (structured output): what is escaped in there is read, too. */
    const bool has_escapes = leaf->text.n > 0 && memchr(leaf->text.p, '\\', leaf->text.n) != NULL;
    if (leaf->is_string && (cls == SP_LEAF_CALL || (cls == SP_LEAF_TEXT && has_escapes)))
        return sp_review__scan_levels(review, leaf->text, sp_review__place(leaf),
                                      &(sp_sink){.is_shown = cls == SP_LEAF_TEXT});
    sp_review__alone_leaf(review, leaf, before);
    return SP_OK;
}

/* ---- what clients join ---- */

/* Texts of one choice or block; of some, of all blocks. */
static bool is_same_text(const sp_review *review, const sp_leaf *a, const sp_leaf *b)
{
    const sp_answer_table *table = review->table;
    const size_t own = table->is_index_on_top ? 1 : 0; /* on top stands no index: a whole answer has one */
    if (a->row->channel != b->row->channel || a->hash != b->hash) return false;
    return a->index[own] == b->index[own] || (table->joins != 0 && a->row->channel == table->joins);
}

/* Bytes of one token are one string. */
static void add_joined(sp_review *review, const sp_leaf *leaf, const sp_leaf *before)
{
    const bool is_byte = leaf->row->cls == SP_LEAF_BYTES;
    const bool goes_on = is_byte && before != NULL && before->index[1] == leaf->index[1];
    if (!goes_on) sp_review__alone_begin(review, sp_review__place(leaf));
    if (is_byte)
        sp_buf_append_byte(&review->alone, sp_review__byte_of(leaf->text));
    else
        sp_buf_append(&review->alone, leaf->text);
}

static sp_status judge_joined(sp_review *review, sp_leaf *leaf, const sp_leaf *end)
{
    const sp_leaf *first = leaf, *before = NULL;
    review->alone.n = review->marks.n = 0;
    for (; leaf < end; leaf++) {
        if (leaf->is_first || !sp_review__is_joined(leaf) || !is_same_text(review, leaf, first)) continue;
        leaf->is_first = true;
        add_joined(review, leaf, before);
        before = leaf;
    }
    return before == first ? SP_OK : sp_review__scan_joined(review);
}

/* A pass over the leaves per text, so the number of texts has a bound; is_first: it was in one. */
static sp_status judge_all_joined(sp_review *review)
{
    sp_leaf *leaf = sp_review__leaf_at(review);
    const sp_leaf *end = leaf + sp_review__n_leaves(review);
    for (size_t n = 0; leaf < end; leaf++) {
        if (leaf->is_first || !sp_review__is_joined(leaf)) continue;
        if (n++ >= SP_CHANNELS_MAX) return SP_EUPSIZE;
        SP_TRY(judge_joined(review, leaf, end));
    }
    return SP_OK;
}

/* Leaves stand in the order of the body, so edits do. */
static sp_status write_body(sp_review *review)
{
    const sp_edit *edit = (const sp_edit *)(const void *)review->edits.p;
    const size_t n = review->edits.n / sizeof *edit;
    const sp_bytes body = sp_buf_bytes(&review->out), spliced = sp_buf_bytes(&review->spliced);
    size_t from = 0;
    if (n == 0) return SP_OK;
    review->rendered.n = 0;
    for (size_t i = 0; i < n; i++) {
        sp_buf_append(&review->rendered, sp_bytes_sub(body, from, edit[i].start));
        sp_buf_append(&review->rendered, sp_bytes_sub(spliced, edit[i].by, edit[i].by + edit[i].by_n));
        from = edit[i].end;
    }
    sp_buf_append(&review->rendered, sp_bytes_sub(body, from, body.n));
    const sp_buf was = review->out;
    review->out = review->rendered;
    review->rendered = was;
    return review->out.status;
}

static sp_status judge(sp_review *review)
{
    sp_json json;
    review->alone.n = review->marks.n = review->edits.n = review->spliced.n = 0;
    SP_TRY(sp_review__leaves(review, sp_buf_bytes(&review->out), &json));
    const sp_leaf *leaf = sp_review__leaf_at(review);
    for (size_t i = 0; i < sp_review__n_leaves(review); i++)
        SP_TRY(judge_leaf(review, &leaf[i], i > 0 ? &leaf[i - 1] : NULL));
    SP_TRY(sp_review__scan_alone(review));
    SP_TRY(judge_all_joined(review));
    SP_TRY(sp_review__tell_whole(review));
    return write_body(review);
}

static sp_status judge_all(sp_review *review)
{
    const sp_status status = judge(review);
    sp_review__leaves_forget(review);
    return status;
}

/* The body lies in the queue from the start, behind the wait for the outcome (sp_review_new). */
sp_status sp_review__whole_feed(sp_review *review, sp_bytes piece, bool is_last)
{
    if (piece.n > review->options.held_max - review->out.n) return SP_EUPSIZE;
    sp_buf_append(&review->out, piece);
    if (review->out.status != SP_OK) return review->out.status;
    if (!is_last) return SP_OK;
    review->is_input_over = true;
    return judge_all(review);
}
