/* Answers of Anthropic messages: the events of a stream, the whole message, and errors. A stream is a row of
 * content blocks, each opened, filled by deltas and closed; the index of the block stands on top of its
 * events. */
#include "review/review_internal.h"

#include <string.h>

enum { CH_TEXT = 1, CH_THINKING, CH_SIGNATURE, CH_DATA, CH_UNKNOWN };

#define B "content_block."

/* In order of strcmp. Thinking is signed: its events pass as they are or the answer is cut, so its row is
 * WHOLE, and so are those of what signs it. */
static const sp_leaf_row rows[] = {
    {"?", SP_LEAF_UNKNOWN, 0, 0},
    {"content[].?", SP_LEAF_UNKNOWN, 0, 0},
    {"content[].data", SP_LEAF_KNOWN, 0, 0},
    {"content[].id", SP_LEAF_KNOWN, 0, 0},
    {"content[].input.?", SP_LEAF_INPUT, 0, 0},
    {"content[].name", SP_LEAF_KNOWN, 0, 0},
    {"content[].signature", SP_LEAF_KNOWN, 0, 0},
    {"content[].text", SP_LEAF_TEXT, CH_TEXT, 0},
    {"content[].thinking", SP_LEAF_WHOLE, CH_THINKING, 0},
    {"content[].type", SP_LEAF_KNOWN, 0, 0},
    {B "?", SP_LEAF_UNKNOWN, 0, 0},
    {B "data", SP_LEAF_WHOLE, CH_DATA, 0},
    {B "id", SP_LEAF_KNOWN, 0, 0},
    {B "input.?", SP_LEAF_UNKNOWN, 0, 0},
    {B "name", SP_LEAF_KNOWN, 0, 0},
    {B "signature", SP_LEAF_WHOLE, CH_SIGNATURE, 0},
    {B "text", SP_LEAF_TEXT, CH_TEXT, 0},
    {B "thinking", SP_LEAF_WHOLE, CH_THINKING, 0},
    {B "type", SP_LEAF_KNOWN, 0, 0},
    {"delta.?", SP_LEAF_WHOLE, CH_UNKNOWN, 0},
    {"delta.citation.?", SP_LEAF_UNKNOWN, 0, 0},
    {"delta.data", SP_LEAF_WHOLE, CH_DATA, 0},
    {"delta.partial_json", SP_LEAF_CALL, 0, 0},
    {"delta.signature", SP_LEAF_WHOLE, CH_SIGNATURE, 0},
    {"delta.stop_reason", SP_LEAF_FINISH, 0, 0},
    {"delta.stop_sequence", SP_LEAF_KNOWN, 0, 0},
    {"delta.text", SP_LEAF_TEXT, CH_TEXT, 0},
    {"delta.thinking", SP_LEAF_WHOLE, CH_THINKING, 0},
    {"delta.type", SP_LEAF_KNOWN, 0, 0},
    {"error.?", SP_LEAF_ERROR, 0, 0},
    {"error.message", SP_LEAF_ERROR, 0, 0},
    {"error.type", SP_LEAF_ERROR, 0, 0},
    {"id", SP_LEAF_KNOWN, 0, SP_INTO_ID},
    {"index", SP_LEAF_KNOWN, 0, 0},
    {"message.?", SP_LEAF_UNKNOWN, 0, 0},
    {"message.id", SP_LEAF_KNOWN, 0, SP_INTO_ID},
    {"message.model", SP_LEAF_KNOWN, 0, SP_INTO_MODEL},
    {"message.role", SP_LEAF_KNOWN, 0, 0},
    {"message.stop_reason", SP_LEAF_KNOWN, 0, 0},
    {"message.stop_sequence", SP_LEAF_KNOWN, 0, 0},
    {"message.type", SP_LEAF_KNOWN, 0, 0},
    {"message.usage.?", SP_LEAF_UNKNOWN, 0, 0},
    {"message.usage.cache_read_input_tokens", SP_LEAF_KNOWN, 0, SP_INTO_TOKENS_CACHED},
    {"message.usage.input_tokens", SP_LEAF_KNOWN, 0, SP_INTO_TOKENS_IN},
    {"message.usage.output_tokens", SP_LEAF_KNOWN, 0, SP_INTO_TOKENS_OUT},
    {"model", SP_LEAF_KNOWN, 0, SP_INTO_MODEL},
    {"request_id", SP_LEAF_KNOWN, 0, 0},
    {"role", SP_LEAF_KNOWN, 0, 0},
    {"stop_reason", SP_LEAF_FINISH, 0, 0},
    {"stop_sequence", SP_LEAF_KNOWN, 0, 0},
    {"type", SP_LEAF_KNOWN, 0, 0},
    {"usage.?", SP_LEAF_UNKNOWN, 0, 0},
    {"usage.cache_read_input_tokens", SP_LEAF_KNOWN, 0, SP_INTO_TOKENS_CACHED},
    {"usage.input_tokens", SP_LEAF_KNOWN, 0, SP_INTO_TOKENS_IN},
    {"usage.output_tokens", SP_LEAF_KNOWN, 0, SP_INTO_TOKENS_OUT},
};

/* What follows from the type of an event. An unknown type opens and closes nothing; its strings are scanned
 * like any others. */
typedef struct lifecycle {
    sp_bytes type;
    sp_status (*act)(sp_review *review, sp_judgement *event, uint32_t index);
} lifecycle;

static bool ends_with(sp_bytes s, sp_bytes end)
{
    return s.n >= end.n && sp_bytes_eq(sp_bytes_sub(s, s.n - end.n, s.n), end);
}

/* What became of a block, in review->blocks. */
enum { BLOCK_NONE = 0, BLOCK_OPEN, BLOCK_OVER };

/* Block `index` has to be in state `from`. */
static sp_status step_block(sp_review *review, uint32_t index, uint8_t from, uint8_t to)
{
    sp_buf *blocks = &review->blocks;
    while (blocks->n <= index && blocks->status == SP_OK) sp_buf_append_byte(blocks, BLOCK_NONE);
    if (blocks->status != SP_OK) return blocks->status;
    if (blocks->p[index] != from) return SP_EUPSYNTAX;
    blocks->p[index] = to;
    return SP_OK;
}

/* What is behind a block's end has been let go, and clients would still join it; a block that never began
 * has no place of its own in what they join. */
static sp_status on_delta(sp_review *review, sp_judgement *event, uint32_t index)
{
    (void)event;
    return step_block(review, index, BLOCK_OPEN, BLOCK_OPEN);
}

/* The types tool_use, server_tool_use and mcp_tool_use have arguments that stream; others of the name are
 * held just as well. */
static sp_status on_block_start(sp_review *review, sp_judgement *event, uint32_t index)
{
    SP_TRY(step_block(review, index, BLOCK_NONE, BLOCK_OPEN));
    const sp_node *type = sp_json_find2(event->json.root, SP_LIT("content_block"), SP_LIT("type"));
    if (!sp_bytes_eq(sp_json_bytes(type), SP_LIT("text"))) SP_TRY(sp_review__pause_held(review));
    if (!ends_with(sp_json_bytes(type), SP_LIT("tool_use"))) return SP_OK;
    const uint32_t call_index[SP_PATH_INDEX_MAX] = {index};
    sp_call *call;
    return sp_review__call(review, "delta.partial_json", call_index, &call);
}

static sp_status on_block_stop(sp_review *review, sp_judgement *event, uint32_t index)
{
    SP_TRY(step_block(review, index, BLOCK_OPEN, BLOCK_OVER));
    const sp_leaf *leaf = sp_review__leaf_at(review);
    for (size_t i = 0; i < sp_review__n_leaves(review); i++) {
        if (leaf[i].channel != NULL && leaf[i].text.n > 0) return SP_EUPSYNTAX; /* no text ends a block */
    }
    return sp_review__closes(review, event, index);
}

static sp_status on_message_stop(sp_review *review, sp_judgement *event, uint32_t index)
{
    (void)review;
    (void)index;
    event->is_finish = event->is_end = event->closes_all = true;
    return SP_OK;
}

static sp_status on_error(sp_review *review, sp_judgement *event, uint32_t index)
{
    (void)review;
    (void)index;
    event->is_finish = event->closes_all = true;
    return SP_OK;
}

static const lifecycle types[] = {
    {{(const uint8_t *)"content_block_start", 19}, on_block_start},
    {{(const uint8_t *)"content_block_delta", 19}, on_delta},
    {{(const uint8_t *)"content_block_stop", 18}, on_block_stop},
    {{(const uint8_t *)"message_stop", 12}, on_message_stop},
    {{(const uint8_t *)"error", 5}, on_error},
};

static sp_status classify(sp_review *review, sp_judgement *event)
{
    const sp_bytes type = sp_json_bytes(sp_json_find(event->json.root, SP_LIT("type")));
    /* SDKs go by either; an event that reads differently by name and by type has no one meaning. */
    if (event->sse->name.n > 0 && !sp_bytes_eq(event->sse->name, type)) return SP_EUPSYNTAX;
    const sp_leaf *leaf = sp_review__leaf_at(review);
    for (size_t i = 0; i < sp_review__n_leaves(review); i++) {
        if (!sp_review__is_finish(&leaf[i]) && leaf[i].row->cls != SP_LEAF_ERROR) continue;
        event->is_finish = event->closes_all = true;
    }
    uint64_t index = 0;
    const sp_node *node = sp_json_find(event->json.root, SP_LIT("index"));
    if (node != NULL && (!sp_number_u64(&index, sp_json_bytes(node)) || index > SP_INDEX_MAX))
        return SP_EUPSYNTAX;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (sp_bytes_eq(type, types[i].type)) return types[i].act(review, event, (uint32_t)index);
    }
    return SP_OK;
}

static void append_delta(sp_review *review, uint32_t index, const char *delta, sp_bytes raw)
{
    sp_buf *out = &review->out;
    sp_buf_append_str(out, "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":");
    sp_buf_append_u64(out, index);
    sp_buf_append_str(out, ",\"delta\":{\"type\":\"");
    sp_buf_append_str(out, delta);
    sp_buf_append(out, raw);
    sp_buf_append_str(out, "\"}}\n\n");
}

static void append_piece(sp_review *review, const sp_channel *channel, sp_bytes raw)
{
    append_delta(review, channel->index[0], "text_delta\",\"text\":\"", raw);
}

static void append_arguments(sp_review *review, const sp_call *call, sp_bytes raw)
{
    append_delta(review, call->index[0], "input_json_delta\",\"partial_json\":\"", raw);
}

/* It equals the type of the event (classify). */
static bool keeps_name(sp_bytes name)
{
    (void)name;
    return true;
}

const sp_answer_table sp_answer__anthropic = {
    .rows = rows,
    .n_rows = sizeof rows / sizeof rows[0],
    .joins = CH_TEXT,
    .is_index_on_top = true,
    .keeps_name = keeps_name,
    .classify = classify,
    .append_piece = append_piece,
    .append_arguments = append_arguments,
};

/* ---- how many tokens a conversation takes: a number, and no text. It is no usage: nothing was billed, so
 * the record does not count it as tokens of a request. ---- */

static const sp_leaf_row count_rows[] = {
    {"?", SP_LEAF_UNKNOWN, 0, 0},
    {"context_management.?", SP_LEAF_UNKNOWN, 0, 0},
    {"context_management.original_input_tokens", SP_LEAF_KNOWN, 0, 0},
    {"error.?", SP_LEAF_ERROR, 0, 0},
    {"error.message", SP_LEAF_ERROR, 0, 0},
    {"error.type", SP_LEAF_ERROR, 0, 0},
    {"input_tokens", SP_LEAF_KNOWN, 0, 0},
    {"request_id", SP_LEAF_KNOWN, 0, 0},
    {"type", SP_LEAF_KNOWN, 0, 0},
};

const sp_answer_table sp_answer__anthropic_count = {
    .rows = count_rows,
    .n_rows = sizeof count_rows / sizeof count_rows[0],
    .keeps_name = keeps_name,
    .classify = classify,
};
