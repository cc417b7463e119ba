/* Answers of OpenAI's older interface, `text_completion` in a stream and whole, and errors; with the fields
 * that servers of that dialect add (vLLM, llama.cpp). */
#include "review/review_internal.h"

/* Numbers of the texts that stream. */
enum { CH_TEXT = 1, CH_LOG_TOKEN, CH_LOG_BYTES, CH_LOG_TOP, CH_NAMED };

#define L "choices[].logprobs."

/* In order of strcmp. The chosen tokens (`tokens`, or `content` as in chat) repeat the text and are joined
 * like it, and so are the first alternatives, which here are names of `top_logprobs`. */
static const sp_leaf_row rows[] = {
    {"?", SP_LEAF_UNKNOWN, 0, 0},
    {"choices[].?", SP_LEAF_UNKNOWN, 0, 0},
    {"choices[].finish_reason", SP_LEAF_FINISH, 0, 0},
    {"choices[].index", SP_LEAF_KNOWN, 0, 0},
    {L "?", SP_LEAF_UNKNOWN, 0, 0},
    {L "content[].?", SP_LEAF_UNKNOWN, 0, 0},
    {L "content[].bytes[]", SP_LEAF_BYTES, CH_LOG_BYTES, 0},
    {L "content[].logprob", SP_LEAF_KNOWN, 0, 0},
    {L "content[].token", SP_LEAF_WHOLE, CH_LOG_TOKEN, 0},
    {L "content[].top_logprobs[].bytes[]", SP_LEAF_BYTES, 0, 0},
    {L "content[].top_logprobs[].logprob", SP_LEAF_KNOWN, 0, 0},
    {L "content[].top_logprobs[].token", SP_LEAF_FIRST, CH_LOG_TOP, 0},
    {L "text_offset[]", SP_LEAF_KNOWN, 0, 0},
    {L "token_logprobs[]", SP_LEAF_KNOWN, 0, 0},
    {L "tokens[]", SP_LEAF_WHOLE, CH_LOG_TOKEN, 0},
    {L "top_logprobs[].?", SP_LEAF_FIRST, CH_NAMED, 0},
    {"choices[].stop_reason", SP_LEAF_KNOWN, 0, 0},
    {"choices[].text", SP_LEAF_TEXT, CH_TEXT, 0},
    {"created", SP_LEAF_KNOWN, 0, 0},
    SP_ANSWER_OPENAI_ERROR,
    {"id", SP_LEAF_KNOWN, 0, SP_INTO_ID},
    {"model", SP_LEAF_KNOWN, 0, SP_INTO_MODEL},
    {"object", SP_LEAF_KNOWN, 0, 0},
    {"service_tier", SP_LEAF_KNOWN, 0, 0},
    {"system_fingerprint", SP_LEAF_KNOWN, 0, SP_INTO_VERSION},
    {"usage.?", SP_LEAF_UNKNOWN, 0, 0},
    {"usage.completion_tokens", SP_LEAF_KNOWN, 0, SP_INTO_TOKENS_OUT},
    {"usage.prompt_tokens", SP_LEAF_KNOWN, 0, SP_INTO_TOKENS_IN},
    {"usage.prompt_tokens_details.?", SP_LEAF_UNKNOWN, 0, 0},
    {"usage.prompt_tokens_details.cached_tokens", SP_LEAF_KNOWN, 0, SP_INTO_TOKENS_CACHED},
    {"usage.total_tokens", SP_LEAF_KNOWN, 0, 0},
};

/* Repeats what stands on top of the stream's events, so that clients that check it go on. */
static void append_piece(sp_review *review, const sp_channel *channel, sp_bytes raw)
{
    sp_buf *out = &review->out;
    sp_buf_append_str(out, "data: {");
    sp_buf_append(out, sp_buf_bytes(&review->head));
    sp_buf_append_str(out, "\"choices\":[{\"index\":");
    sp_buf_append_u64(out, channel->index[0]);
    sp_buf_append_str(out, ",\"text\":\"");
    sp_buf_append(out, raw);
    sp_buf_append_str(out, "\",\"logprobs\":null,\"finish_reason\":null}]}\n\n");
}

const sp_answer_table sp_answer__completions = {
    .repeats = 1u << CH_LOG_TOKEN,
    .rows = rows,
    .n_rows = sizeof rows / sizeof rows[0],
    .has_usage_event = true,
    .terminator = {(const uint8_t *)"[DONE]", 6},
    .keeps_name = sp_answer__openai_keeps_name,
    .classify = sp_answer__openai_classify,
    .append_piece = append_piece,
};
