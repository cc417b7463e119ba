/* One event is judged. The order matters: what other channels hold back has to stand in the queue before this
 * event; a call's wait before its first event; and nothing of the event is queued before all of it was
 * judged. */
#include "review/review_internal.h"

#include <string.h>

/* ---- what belongs to which text ---- */

/* A string of a row that streams; a number or a key there is no piece of the text. */
bool sp_review__is_joined(const sp_leaf *leaf)
{
    if (leaf->is_key) return leaf->row->cls == SP_LEAF_FIRST && leaf->index[2] == 0;
    switch (leaf->row->cls) {
    case SP_LEAF_TEXT:
    case SP_LEAF_WHOLE:
        return leaf->is_string;
    case SP_LEAF_FIRST:
        return leaf->is_string && leaf->index[2] == 0;
    case SP_LEAF_BYTES:
        return !leaf->is_string && leaf->row->channel != 0;
    default:
        return false;
    }
}

static bool is_of_call(const sp_leaf *leaf)
{
    const uint8_t cls = leaf->row->cls;
    return cls == SP_LEAF_CALL || cls == SP_LEAF_CALL_NAME || cls == SP_LEAF_CALL_ID ||
           cls == SP_LEAF_CALL_PART;
}

/* A byte of a text as logprobs give it. Detectors look for ASCII; what is none only has to end a word. */
uint8_t sp_review__byte_of(sp_bytes number)
{
    uint64_t value;
    return sp_number_u64(&value, number) && value < 0x80 ? (uint8_t)value : (uint8_t)'?';
}

/* Collects the piece; the tape sees it later, when all of the event is known, and once per channel: a scan of
 * few bytes costs as much as one of many. */
static sp_status join(sp_review *review, sp_judgement *event, sp_leaf *leaf)
{
    SP_TRY(sp_review__channel(review, leaf, &leaf->channel));
    sp_channel *channel = leaf->channel;
    if (channel->is_continued && leaf->text.n > 0)
        return SP_EUPSYNTAX; /* no order in which they are joined */
    leaf->is_first = !channel->is_touched;
    if (leaf->text.n > 0)
        channel->row = leaf->row; /* several rows may feed one text: the last one names its place */
    leaf->start = channel->text.end + channel->text.piece.n;
    channel->is_touched = true;
    if (leaf->row->cls == SP_LEAF_BYTES)
        sp_buf_append_byte(&channel->text.piece, sp_review__byte_of(leaf->text));
    else
        sp_buf_append(&channel->text.piece, leaf->text);
    if (leaf->row->cls != SP_LEAF_TEXT && leaf->text.n > 0) event->is_whole = true;
    return channel->text.piece.status;
}

static bool has_unknown_row(const sp_leaf *leaf)
{
    return leaf->row->path[strlen(leaf->row->path) - 1] == '?';
}

/* Bytes of one token follow each other and make one string. */
static void alone_byte(sp_review *review, const sp_leaf *leaf, bool is_next)
{
    if (!is_next) sp_review__alone_begin(review, sp_review__place(leaf));
    sp_buf_append_byte(&review->alone, sp_review__byte_of(leaf->text));
}

void sp_review__alone_leaf(sp_review *review, const sp_leaf *leaf, const sp_leaf *before)
{
    const bool is_byte = leaf->row->cls == SP_LEAF_BYTES && !leaf->is_string && !leaf->is_key;
    if (is_byte) {
        alone_byte(review, leaf, before != NULL && before->row == leaf->row);
        return;
    }
    if (before != NULL && before->row->cls == SP_LEAF_BYTES) sp_buf_append_byte(&review->alone, '\n');
    if (leaf->is_string || has_unknown_row(leaf))
        sp_review__alone(review, leaf->text, sp_review__place(leaf));
}

/* A number where the dialect has a text: a client may show it, and nothing here would have read it. */
static bool is_misplaced_number(const sp_leaf *leaf)
{
    const bool is_number = !leaf->is_string && !leaf->is_key;
    return is_number &&
           (leaf->row->cls == SP_LEAF_TEXT || (is_of_call(leaf) && leaf->row->cls != SP_LEAF_CALL_PART));
}

/* What is joined, what is scanned by itself, what the summary wants to know. Arguments of calls are scanned
 * when their call is complete. */
static sp_status sort_leaves(sp_review *review, sp_judgement *event)
{
    sp_leaf *leaf = sp_review__leaf_at(review);
    for (size_t i = 0; i < sp_review__n_leaves(review); i++) {
        if (leaf[i].row->cls == SP_LEAF_UNREADABLE && leaf[i].text.n > 0) return SP_EUPTYPE;
        if (is_misplaced_number(&leaf[i])) return SP_EUPSYNTAX;
        sp_review__note(review, &leaf[i]);
        if (sp_review__is_joined(&leaf[i]))
            SP_TRY(join(review, event, &leaf[i]));
        else if (!is_of_call(&leaf[i]) || leaf[i].row->cls == SP_LEAF_CALL_PART || !leaf[i].is_string)
            sp_review__alone_leaf(review, &leaf[i], i > 0 ? &leaf[i - 1] : NULL);
    }
    return SP_OK;
}

/* ---- what was held back by others ---- */

/* What becomes of a text to which an event adds nothing. */
typedef enum rest { REST_PAUSE, REST_BLOCK_END, REST_END } rest;

static sp_status come_to_rest(sp_review *review, sp_channel *channel, rest how)
{
    const bool is_joined = review->table->joins != 0 && channel->row->channel == review->table->joins;
    if (how == REST_PAUSE) return sp_review__channel_pause(review, channel);
    if (how == REST_END || !is_joined) return sp_review__channel_settle(review, channel);
    return sp_review__channel_hold(review, channel);
}

/* Channels of choice `index` to which this event adds nothing come to rest; texts among them are sent on, and
 * of a block that is over the rest stands in the queue, before the event that ends it. UINT32_MAX: of all
 * choices. */
static sp_status settle_others(sp_review *review, uint32_t index, rest how)
{
    for (size_t i = 0; i < sp_review__n_channels(review); i++) {
        sp_channel *channel = sp_review__channel_at(review, i);
        if (channel->text.piece.n > 0 || (index != UINT32_MAX && channel->index[0] != index)) continue;
        if (channel->release == channel->text.end && channel->carry.n == 0) continue;
        if (how == REST_PAUSE && channel->hold != UINT64_MAX) continue;
        SP_TRY(come_to_rest(review, channel, how));
        SP_TRY(sp_review__flush(review, channel));
        if (channel->stop != UINT64_MAX) return SP_ELEAK;
        if (how == REST_BLOCK_END) SP_TRY(sp_review__flush_held(review, channel));
    }
    return SP_OK;
}

/* A text or a tool call that begins or goes on ends the silence of its choice: its other texts come to rest.
 */
static sp_status settle_silent(sp_review *review)
{
    const sp_leaf *leaf = sp_review__leaf_at(review);
    uint32_t last = UINT32_MAX;
    for (size_t i = 0; i < sp_review__n_leaves(review); i++) {
        const uint8_t cls = leaf[i].row->cls;
        const bool speaks =
            leaf[i].is_string && leaf[i].text.n > 0 && (cls == SP_LEAF_TEXT || is_of_call(&leaf[i]));
        if (!speaks || leaf[i].index[0] == last) continue;
        last = leaf[i].index[0];
        SP_TRY(settle_others(review, last, REST_PAUSE));
    }
    return SP_OK;
}

/* The texts of what is finished, before the event that says so: that one waits for the outcome, they need
 * not. */
static sp_status settle_closing(sp_review *review, const sp_judgement *event)
{
    if (event->closes_all) return settle_others(review, UINT32_MAX, REST_END);
    const uint32_t *index = (const uint32_t *)(const void *)review->closing.p;
    for (uint32_t i = 0; i < event->closes; i++) SP_TRY(settle_others(review, index[i], REST_BLOCK_END));
    return SP_OK;
}

/* ---- tool calls ---- */

/* Clients join the pieces of these; all other parts stand for themselves. */
static sp_buf *part_of(sp_call *call, uint8_t cls)
{
    switch (cls) {
    case SP_LEAF_CALL:
        return &call->text;
    case SP_LEAF_CALL_NAME:
        return &call->name;
    case SP_LEAF_CALL_ID:
        return &call->id;
    default:
        return NULL;
    }
}

/* A policy that masks has to see arguments as a whole before any of them stand in the queue. */
static sp_status note_arguments(sp_review *review, const sp_judgement *event, sp_leaf *leaf, sp_call *call)
{
    if (!sp_review__masks_any(review, false)) return SP_OK;
    leaf->call = call;
    call->arguments = leaf->row;
    call->is_touched = true;
    sp_buf_append(&call->raw, sp_bytes_sub(event->sse->data, leaf->inner.start, leaf->inner.end));
    return call->raw.status;
}

/* A call begins with its first part that says anything: an id, a name, a piece of the arguments. */
static sp_status gather_calls(sp_review *review, const sp_judgement *event)
{
    sp_leaf *leaf = sp_review__leaf_at(review);
    for (size_t i = 0; i < sp_review__n_leaves(review); i++) {
        if (!is_of_call(&leaf[i]) || !leaf[i].is_string || leaf[i].text.n == 0) continue;
        sp_call *call;
        SP_TRY(sp_review__call(review, leaf[i].row->path, leaf[i].index, &call));
        if (leaf[i].row->cls == SP_LEAF_CALL) SP_TRY(note_arguments(review, event, &leaf[i], call));
        sp_buf *into = part_of(call, leaf[i].row->cls);
        if (into == NULL) continue;
        sp_buf_append(into, leaf[i].text);
        if (into->status != SP_OK) return into->status;
    }
    return SP_OK;
}

static sp_status complete_closing(sp_review *review, const sp_judgement *event)
{
    if (event->closes_all) return sp_review__calls_complete(review, UINT32_MAX, UINT32_MAX);
    const uint32_t *index = (const uint32_t *)(const void *)review->closing.p;
    for (uint32_t i = 0; i < event->closes; i++)
        SP_TRY(sp_review__calls_complete(review, index[i], UINT32_MAX));
    return SP_OK;
}

sp_status sp_review__closes(sp_review *review, sp_judgement *event, uint32_t index)
{
    event->closes++;
    sp_buf_append(&review->closing, (sp_bytes){(const uint8_t *)&index, sizeof index});
    return review->closing.status;
}

static bool is_closing(const sp_review *review, const sp_judgement *event, uint32_t index)
{
    const uint32_t *closing = (const uint32_t *)(const void *)review->closing.p;
    for (uint32_t i = 0; i < event->closes; i++) {
        if (closing[i] == index) return true;
    }
    return event->closes_all;
}

/* ---- texts ---- */

/* A text that ends in this event is judged to its end, so that nothing of it has to follow. */
static sp_status feed_touched(sp_review *review, sp_judgement *event)
{
    for (size_t i = 0; i < sp_review__n_channels(review); i++) {
        sp_channel *channel = sp_review__channel_at(review, i);
        if (!channel->is_touched) continue;
        SP_TRY(sp_review__channel_advance(review, channel));
        if (is_closing(review, event, channel->index[0])) SP_TRY(sp_review__channel_settle(review, channel));
        /* What may not be altered cannot be masked. */
        const bool is_fixed = event->is_whole && sp_review__has_masks(&channel->masks, channel->out);
        if (channel->stop != UINT64_MAX || is_fixed) event->is_leak = true;
        if (channel->text.end - channel->text.point > review->options.held_max) return SP_EUPSIZE;
    }
    return SP_OK;
}

/* Also after a failure: the review is asked for its summary, and may have to end in order. */
static void end_event(sp_review *review)
{
    for (size_t i = 0; i < sp_review__n_channels(review); i++) {
        sp_channel *channel = sp_review__channel_at(review, i);
        channel->is_touched = false;
        channel->text.piece.n = 0;
    }
    sp_leaf *leaf = sp_review__leaf_at(review);
    for (size_t i = 0; i < sp_review__n_leaves(review); i++) {
        if (leaf[i].call != NULL) leaf[i].call->is_touched = false;
    }
    sp_review__leaves_forget(review);
}

static sp_status judge_json(sp_review *review, sp_judgement *event)
{
    SP_TRY(sp_review__leaves(review, event->sse->data, &event->json));
    SP_TRY(sort_leaves(review, event));
    SP_TRY(sp_review__scan_alone(review));
    SP_TRY(review->table->classify(review, event));
    SP_TRY(settle_silent(review));
    SP_TRY(settle_closing(review, event));
    SP_TRY(gather_calls(review, event));
    SP_TRY(complete_closing(review, event));
    SP_TRY(feed_touched(review, event));
    return sp_review__emit(review, event);
}

/* ---- blocks that hold no JSON ---- */

static sp_bytes trimmed(sp_bytes s)
{
    while (s.n > 0 && s.p[s.n - 1] == ' ') s.n--;
    return s;
}

/* `[DONE]`: what is still held back goes out before it, then it waits for the outcome like all that says
 * "finished". */
static sp_status judge_terminator(sp_review *review, sp_judgement *event)
{
    SP_TRY(sp_review__scan_alone(review));
    event->is_finish = event->is_end = true;
    SP_TRY(sp_review__close_all(review));
    return sp_review__emit(review, event);
}

/* A block without data gives a client of a model nothing to read, so nothing of it passes. A comment keeps
 * connections alive: one of ours takes its place. The rest of a line end goes the way of its line. */
static sp_status judge_silent(sp_review *review, sp_judgement *event)
{
    if (review->last_cr != SP_CR_NONE && sp_bytes_eq(event->sse->raw, SP_LIT("\n"))) {
        if (review->last_cr == SP_CR_SENT) sp_buf_append_byte(&review->out, '\n');
        return review->out.status;
    }
    event->is_dropped = true;
    if (event->sse->has_comment) sp_buf_append_str(&review->out, ": keep-alive\n\n");
    return review->out.status;
}

static sp_status judge(sp_review *review, sp_judgement *event)
{
    const sp_bytes terminator = review->table->terminator;
    if (!event->sse->has_data) return judge_silent(review, event);
    review->summary.n_events++;
    if (terminator.n > 0 && sp_bytes_eq(trimmed(event->sse->data), terminator))
        return judge_terminator(review, event);
    return judge_json(review, event);
}

/* A CR may end a block before the LF that goes with it has come (sse.c). Nothing is read behind the last
 * event, so the LF is written here; and what belongs to an event that was dropped is dropped. */
static bool ends_with_cr(const sp_sse_event *sse)
{
    return sse->raw.n > 0 && sse->raw.p[sse->raw.n - 1] == '\r';
}

sp_status sp_review__event(sp_review *review, const sp_sse_event *sse)
{
    sp_judgement event = {.sse = sse};
    review->alone.n = review->marks.n = review->closing.n = review->edits.n = review->spliced.n = 0;
    if (review->table->keeps_name(sse->name)) sp_review__alone(review, sse->name, (sp_place){"event", {0}});
    const sp_status status = judge(review, &event);
    review->last_cr = !ends_with_cr(sse) ? SP_CR_NONE : event.is_dropped ? SP_CR_DROPPED : SP_CR_SENT;
    end_event(review);
    if (status != SP_OK || !event.is_end) return status;
    review->is_input_over = true;
    if (ends_with_cr(sse)) sp_buf_append_byte(&review->out, '\n');
    return sp_review__close_all(review);
}

/* Here tapes report what they were still unsure of, so that the summary is complete. */
static sp_status close_channels(sp_review *review)
{
    for (size_t i = 0; i < sp_review__n_channels(review); i++) {
        sp_channel *channel = sp_review__channel_at(review, i);
        if (channel->is_closed) continue;
        channel->is_closed = true;
        SP_TRY(sp_review__channel_feed(review, channel, true));
        SP_TRY(sp_review__flush(review, channel));
        if (channel->stop != UINT64_MAX) return SP_ELEAK;
    }
    return SP_OK;
}

sp_status sp_review__close_all(sp_review *review)
{
    SP_TRY(sp_review__calls_complete(review, UINT32_MAX, UINT32_MAX));
    return close_channels(review);
}

sp_status sp_review__abandon_all(sp_review *review)
{
    SP_TRY(sp_review__calls_abandon(review));
    SP_TRY(close_channels(review));
    return SP_EUPSTREAM;
}
