/* Writes a judged event into the queue: as it came, or with the part of its texts cut out that is held back.
 * Cuts are splices of raw bytes at offsets mapped from the decoded text, so an escape or a surrogate pair is
 * never split; all other bytes stay. */
#include "review/review_internal.h"

#include <string.h>

/* Edits are written in order of place; a usage member may stand before the texts or behind them. Two at one
 * place keep their order: what is put in front, then what is cut. */
sp_status sp_review__edit(sp_review *review, size_t start, size_t end, sp_bytes by)
{
    sp_buf *edits = &review->edits;
    const sp_edit edit = {start, end, review->spliced.n, by.n};
    sp_buf_append(&review->spliced, by);
    sp_buf_append(edits, (sp_bytes){(const uint8_t *)&edit, sizeof edit});
    if (edits->status != SP_OK || review->spliced.status != SP_OK) return SP_ENOMEM;
    sp_edit *v = (sp_edit *)(void *)edits->p;
    for (size_t i = edits->n / sizeof edit - 1; i > 0 && v[i - 1].start > v[i].start; i--) {
        const sp_edit later = v[i - 1];
        v[i - 1] = v[i];
        v[i] = later;
    }
    return SP_OK;
}

/* ---- texts ---- */

static bool is_text_leaf(const sp_leaf *leaf)
{
    return leaf->channel != NULL && leaf->row->cls == SP_LEAF_TEXT;
}

static sp_bytes raw_of(const sp_judgement *event, const sp_leaf *leaf)
{
    return sp_bytes_sub(event->sse->data, leaf->inner.start, leaf->inner.end);
}

/* Up to where the channel's text may stand in the queue. An event that may not be altered takes all of it and
 * waits in the queue. */
static uint64_t limit_of(const sp_judgement *event, const sp_channel *channel)
{
    return event->is_whole ? channel->text.end : channel->release;
}

/* How many raw bytes of `raw` yield its text up to `limit`, both counted in the channel's text from `start`.
 */
static sp_status raw_cut(size_t *out, sp_bytes raw, uint64_t start, uint64_t limit)
{
    *out = 0;
    if (raw.n == 0 || limit <= start) return SP_OK;
    return sp_json_raw_offset(out, raw, (size_t)(limit - start), false) == SP_OK ? SP_OK : SP_EINTERNAL;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The same with findings replaced: the whole string is written anew. */
static sp_status splice_masked(sp_review *review, const sp_judgement *event, const sp_leaf *leaf)
{
    sp_channel *channel = leaf->channel;
    const uint64_t limit = limit_of(event, channel), start = leaf->start, end = start + leaf->text.n;
    const sp_piece carry = {sp_buf_bytes(&channel->carry), channel->out, false};
    const sp_piece own = {raw_of(event, leaf), start, false};
    sp_buf *out = &review->rendered;
    out->n = 0;
    if (leaf->is_first)
        SP_TRY(sp_review__render(out, &channel->masks, carry, channel->out, least(limit, start)));
    SP_TRY(sp_review__render(out, &channel->masks, own, start, least(limit, end)));
    SP_TRY(sp_review__tell_raw(review, channel, sp_buf_bytes(out)));
    return sp_review__edit(review, leaf->inner.start, leaf->inner.end, sp_buf_bytes(out));
}

/* Arguments that are kept back leave with the last piece of their call; until then their pieces are empty. */
static sp_status splice_arguments(sp_review *review, const sp_leaf *leaf)
{
    sp_call *call = leaf->call;
    const bool is_due = call->is_complete && !call->is_written;
    const sp_bytes by = is_due ? sp_buf_bytes(&call->raw) : SP_BYTES_EMPTY;
    SP_TRY(sp_review__edit(review, leaf->inner.start, leaf->inner.end, by));
    return is_due ? sp_review__call_written(review, call) : SP_OK;
}

/* What was held back goes in front of the text, as far as it may; what may not go yet is cut off. */
static sp_status splice_text(sp_review *review, const sp_judgement *event, sp_leaf *leaf)
{
    sp_channel *channel = leaf->channel;
    const uint64_t limit = limit_of(event, channel), start = leaf->start, end = start + leaf->text.n;
    const bool has_masks = sp_review__has_masks(&channel->masks, channel->out);
    if (leaf->is_first) {
        const sp_bytes carry = sp_buf_bytes(&channel->carry);
        SP_TRY(raw_cut(&channel->sent, carry, channel->out, limit < start ? limit : start));
        const bool is_spliced = channel->sent > 0 && !has_masks;
        const sp_bytes front = sp_bytes_sub(carry, 0, channel->sent);
        if (is_spliced) SP_TRY(sp_review__edit(review, leaf->inner.start, leaf->inner.start, front));
        if (is_spliced) SP_TRY(sp_review__tell_raw(review, channel, front));
    }
    SP_TRY(raw_cut(&leaf->kept, raw_of(event, leaf), start, limit < end ? limit : end));
    if (has_masks) return splice_masked(review, event, leaf);
    const size_t n_told = limit > start ? (size_t)(limit - start) : 0;
    SP_TRY(sp_review__tell(review, channel, sp_bytes_sub(leaf->text, 0, n_told)));
    const size_t cut = leaf->inner.start + leaf->kept;
    return cut < leaf->inner.end ? sp_review__edit(review, cut, leaf->inner.end, SP_BYTES_EMPTY) : SP_OK;
}

static void drop_front(sp_buf *b, size_t n)
{
    if (n > 0) memmove(b->p, b->p + n, b->n - n);
    b->n -= n;
}

/* After the event was written: what it did not take of this leaf is held back. */
static sp_status hold_rest(const sp_judgement *event, sp_leaf *leaf)
{
    sp_channel *channel = leaf->channel;
    const sp_bytes raw = raw_of(event, leaf);
    if (leaf->is_first) drop_front(&channel->carry, channel->sent);
    sp_buf_append(&channel->carry, sp_bytes_sub(raw, leaf->kept, raw.n));
    if (limit_of(event, channel) > channel->out) channel->out = limit_of(event, channel);
    return channel->carry.status;
}

/* An event of ours, since the last one of the channel may have said more than its text (a role, usage, a
 * finish). */
static sp_status flush_up_to(sp_review *review, sp_channel *channel, uint64_t limit)
{
    size_t cut = 0;
    SP_TRY(raw_cut(&cut, sp_buf_bytes(&channel->carry), channel->out, limit));
    if (cut == 0) return SP_OK;
    const sp_piece carry = {sp_buf_bytes(&channel->carry), channel->out, false};
    review->rendered.n = 0;
    SP_TRY(sp_review__render(&review->rendered, &channel->masks, carry, channel->out, limit));
    if (review->rendered.n > 0) review->table->append_piece(review, channel, sp_buf_bytes(&review->rendered));
    SP_TRY(sp_review__tell_raw(review, channel, sp_buf_bytes(&review->rendered)));
    drop_front(&channel->carry, cut);
    channel->out = limit;
    return review->out.status;
}

sp_status sp_review__flush(sp_review *review, sp_channel *channel)
{
    return flush_up_to(review, channel, channel->release);
}

sp_status sp_review__flush_held(sp_review *review, sp_channel *channel)
{
    if (channel->release == channel->text.end) return SP_OK;
    const sp_wait wait = {.kind = SP_WAIT_TEXT,
                          .at = sp_review__queue_end(review),
                          .channel = channel,
                          .text_end = channel->text.end};
    SP_TRY(sp_review__wait(review, wait));
    return flush_up_to(review, channel, channel->text.end);
}

/* ---- the event ---- */

static void append_member(sp_buf *head, const sp_judgement *event, sp_bytes name, const sp_node *value)
{
    const sp_span span = sp_json_span(&event->json, value);
    sp_buf_append_byte(head, '"');
    sp_buf_append(head, name);
    sp_buf_append_str(head, "\":");
    sp_buf_append(head, sp_bytes_sub(event->sse->data, span.start, span.end));
    sp_buf_append_byte(head, ',');
}

/* Members of the event that one of ours would repeat: all on top that name the answer, none that hold a part
 * of it. */
static sp_status note_head(sp_review *review, const sp_judgement *event)
{
    static const sp_bytes names[] = {
        {(const uint8_t *)"id", 2},
        {(const uint8_t *)"object", 6},
        {(const uint8_t *)"created", 7},
        {(const uint8_t *)"model", 5},
        {(const uint8_t *)"service_tier", 12},
        {(const uint8_t *)"system_fingerprint", 18},
    };
    review->head.n = 0;
    for (sp_each it = sp_each_of(event->json.root); sp_each_step(&it);) {
        const sp_bytes name = sp_json_bytes(it.key);
        const sp_json_type type = sp_json_type_of(it.value);
        if (type != SP_JSON_STRING && type != SP_JSON_NUMBER) continue;
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
            if (sp_bytes_eq(name, names[i])) append_member(&review->head, event, name, it.value);
        }
    }
    return review->head.status;
}

/* The member with its comma: a client that did not ask for usage does not know the field at all. */
static sp_status cut_usage(sp_review *review, const sp_judgement *event)
{
    if (!review->options.hide_usage || !review->table->has_usage_event || event->json.root == NULL)
        return SP_OK;
    for (sp_each it = sp_each_of(event->json.root); sp_each_step(&it);) {
        if (!sp_bytes_eq(sp_json_bytes(it.key), SP_LIT("usage"))) continue;
        const sp_span span = sp_json_member_span(&event->json, event->json.root, it.key);
        return sp_review__edit(review, span.start, span.end, SP_BYTES_EMPTY);
    }
    return SP_OK;
}

/* The wait stands in front of the event. One for the finish, one per text that is not judged to its end. */
static sp_status add_waits(sp_review *review, const sp_judgement *event)
{
    const uint64_t at = sp_review__queue_end(review);
    if (event->is_finish) SP_TRY(sp_review__wait(review, (sp_wait){.kind = SP_WAIT_FINISH, .at = at}));
    for (size_t i = 0; event->is_whole && i < sp_review__n_channels(review); i++) {
        sp_channel *channel = sp_review__channel_at(review, i);
        if (!channel->is_touched) continue;
        channel->out = channel->row->cls == SP_LEAF_TEXT ? channel->out : channel->text.end;
        if (channel->release == channel->text.end) continue;
        const sp_wait wait = {
            .kind = SP_WAIT_TEXT, .at = at, .channel = channel, .text_end = channel->text.end};
        SP_TRY(sp_review__wait(review, wait));
    }
    return SP_OK;
}

/* raw[from, to) without the lines that no client needs; data lines are among neither. */
static void append_kept(sp_review *review, const sp_sse_event *sse, size_t from, size_t to)
{
    const bool drops_name = !review->table->keeps_name(sse->name);
    const sp_span name = drops_name ? sse->name_line : (sp_span){0, 0};
    for (size_t i = 0; i <= sse->n_others && from < to; i++) {
        const sp_span line = i < sse->n_others ? sse->others[i] : (sp_span){(uint32_t)to, (uint32_t)to};
        if (name.start >= from && name.start < line.start && name.end <= to) {
            sp_buf_append(&review->out, sp_bytes_sub(sse->raw, from, name.start));
            from = name.end;
        }
        if (line.start < from || line.end > to) continue;
        sp_buf_append(&review->out, sp_bytes_sub(sse->raw, from, line.start));
        from = line.end;
    }
}

/* The raw bytes of the block with the edits in them; data may stand in several lines, so each offset is
 * mapped. */
static sp_status write_event(sp_review *review, const sp_sse_event *sse)
{
    const sp_edit *edit = (const sp_edit *)(const void *)review->edits.p;
    const sp_bytes spliced = sp_buf_bytes(&review->spliced);
    size_t from = 0;
    for (size_t i = 0; i < review->edits.n / sizeof *edit; i++) {
        const size_t start = sp_sse_raw_offset(sse, edit[i].start);
        append_kept(review, sse, from, start);
        sp_buf_append(&review->out, sp_bytes_sub(spliced, edit[i].by, edit[i].by + edit[i].by_n));
        from = edit[i].end > edit[i].start ? sp_sse_raw_offset(sse, edit[i].end) : start;
    }
    append_kept(review, sse, from, sse->raw.n);
    return review->out.status;
}

/* What streams but is never altered. */
static sp_status tell_fixed(sp_review *review, const sp_leaf *leaf)
{
    const bool is_fixed = leaf->channel != NULL && leaf->row->cls == SP_LEAF_WHOLE;
    return is_fixed ? sp_review__tell(review, leaf->channel, leaf->text) : SP_OK;
}

/* Of an event with something that may not leave only the texts before it go out, in events of ours; the rest
 * of it does not. */
static sp_status emit_safe_part(sp_review *review, const sp_judgement *event)
{
    sp_leaf *leaf = sp_review__leaf_at(review);
    for (size_t i = 0; i < sp_review__n_leaves(review); i++) {
        if (is_text_leaf(&leaf[i])) sp_buf_append(&leaf[i].channel->carry, raw_of(event, &leaf[i]));
    }
    for (size_t i = 0; i < sp_review__n_leaves(review); i++) {
        if (!is_text_leaf(&leaf[i])) continue;
        if (leaf[i].channel->carry.status != SP_OK) return leaf[i].channel->carry.status;
        SP_TRY(sp_review__flush(review, leaf[i].channel));
    }
    return SP_ELEAK;
}

sp_status sp_review__emit(sp_review *review, const sp_judgement *event)
{
    sp_leaf *leaf = sp_review__leaf_at(review);
    const size_t n = sp_review__n_leaves(review);
    bool is_head = false; /* may an event of ours have to follow this one? */
    for (size_t i = 0; i < n; i++) is_head = is_head || is_text_leaf(&leaf[i]) || leaf[i].call != NULL;
    if (is_head) SP_TRY(note_head(review, event));
    if (event->is_leak) return emit_safe_part(review, event);
    if (event->is_dropped) return SP_OK;
    SP_TRY(add_waits(review, event));
    for (size_t i = 0; i < n; i++) {
        if (is_text_leaf(&leaf[i])) SP_TRY(splice_text(review, event, &leaf[i]));
        if (leaf[i].call != NULL) SP_TRY(splice_arguments(review, &leaf[i]));
        SP_TRY(tell_fixed(review, &leaf[i]));
    }
    SP_TRY(cut_usage(review, event));
    SP_TRY(write_event(review, event->sse));
    for (size_t i = 0; i < n; i++) {
        if (is_text_leaf(&leaf[i])) SP_TRY(hold_rest(event, &leaf[i]));
    }
    return SP_OK;
}
