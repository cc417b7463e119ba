/* Answers of OpenAI chat completions: `chat.completion.chunk` in a stream, `chat.completion` whole, and
 * errors; with the fields that servers of that dialect add (vLLM, llama.cpp, Ollama, DeepSeek, OpenRouter).
 */
#include "review/review_internal.h"

#include <string.h>

/* Numbers of the texts that stream. */
enum {
    CH_CONTENT = 1,
    CH_REASONING,
    CH_REASONING_CONTENT,
    CH_REFUSAL,
    CH_TRANSCRIPT,
    CH_UNKNOWN,
    CH_DETAILS,
    CH_DETAILS_SUMMARY,
    CH_LOG_TOKEN,
    CH_LOG_BYTES,
    CH_LOG_REFUSAL_TOKEN,
    CH_LOG_REFUSAL_BYTES,
    CH_LOG_TOP,
    CH_LOG_REFUSAL_TOP
};

#define D "choices[].delta."
#define L "choices[].logprobs."
#define M "choices[].message."

/* In order of strcmp: '.' < '?' < '[' < '_' < letters.
 * The chosen tokens of logprobs repeat the text and are joined like it, and so are the first alternatives
 * (top_logprobs), the likeliest text. The others make no text: each is scanned by itself. An event with
 * logprobs is never cut, so its text and its tokens leave together. */
static const sp_leaf_row rows[] = {
    {"?", SP_LEAF_UNKNOWN, 0, 0},
    {"choices[].?", SP_LEAF_UNKNOWN, 0, 0},
    {D "?", SP_LEAF_WHOLE, CH_UNKNOWN, 0},
    {D "annotations[].?", SP_LEAF_UNKNOWN, 0, 0},
    {D "audio.?", SP_LEAF_UNKNOWN, 0, 0},
    {D "audio.data", SP_LEAF_UNREADABLE, 0, 0},
    {D "audio.transcript", SP_LEAF_TEXT, CH_TRANSCRIPT, 0},
    {D "content", SP_LEAF_TEXT, CH_CONTENT, 0},
    {D "function_call.?", SP_LEAF_CALL_PART, 0, 0},
    {D "function_call.arguments", SP_LEAF_CALL, 0, 0},
    {D "function_call.name", SP_LEAF_CALL_NAME, 0, 0},
    {D "reasoning", SP_LEAF_TEXT, CH_REASONING, 0},
    {D "reasoning_content", SP_LEAF_TEXT, CH_REASONING_CONTENT, 0},
    {D "reasoning_details[].?", SP_LEAF_WHOLE, CH_UNKNOWN, 0},
    {D "reasoning_details[].data", SP_LEAF_KNOWN, 0, 0},
    {D "reasoning_details[].format", SP_LEAF_KNOWN, 0, 0},
    {D "reasoning_details[].id", SP_LEAF_KNOWN, 0, 0},
    {D "reasoning_details[].index", SP_LEAF_KNOWN, 0, 0},
    {D "reasoning_details[].signature", SP_LEAF_KNOWN, 0, 0},
    {D "reasoning_details[].summary", SP_LEAF_WHOLE, CH_DETAILS_SUMMARY, 0},
    {D "reasoning_details[].text", SP_LEAF_WHOLE, CH_DETAILS, 0},
    {D "reasoning_details[].type", SP_LEAF_KNOWN, 0, 0},
    {D "refusal", SP_LEAF_TEXT, CH_REFUSAL, 0},
    {D "role", SP_LEAF_KNOWN, 0, 0},
    {D "tool_calls[].?", SP_LEAF_CALL_PART, 0, 0},
    {D "tool_calls[].custom.input", SP_LEAF_CALL, 0, 0},
    {D "tool_calls[].function.arguments", SP_LEAF_CALL, 0, 0},
    {D "tool_calls[].function.name", SP_LEAF_CALL_NAME, 0, 0},
    {D "tool_calls[].id", SP_LEAF_CALL_ID, 0, 0},
    {D "tool_calls[].index", SP_LEAF_CALL_PART, 0, 0},
    {D "tool_calls[].type", SP_LEAF_CALL_PART, 0, 0},
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
    {L "refusal[].?", SP_LEAF_UNKNOWN, 0, 0},
    {L "refusal[].bytes[]", SP_LEAF_BYTES, CH_LOG_REFUSAL_BYTES, 0},
    {L "refusal[].logprob", SP_LEAF_KNOWN, 0, 0},
    {L "refusal[].token", SP_LEAF_WHOLE, CH_LOG_REFUSAL_TOKEN, 0},
    {L "refusal[].top_logprobs[].bytes[]", SP_LEAF_BYTES, 0, 0},
    {L "refusal[].top_logprobs[].logprob", SP_LEAF_KNOWN, 0, 0},
    {L "refusal[].top_logprobs[].token", SP_LEAF_FIRST, CH_LOG_REFUSAL_TOP, 0},
    {M "?", SP_LEAF_UNKNOWN, 0, 0},
    {M "annotations[].?", SP_LEAF_UNKNOWN, 0, 0},
    {M "audio.?", SP_LEAF_UNKNOWN, 0, 0},
    {M "audio.data", SP_LEAF_UNREADABLE, 0, 0},
    {M "audio.transcript", SP_LEAF_TEXT, CH_TRANSCRIPT, 0},
    {M "content", SP_LEAF_TEXT, CH_CONTENT, 0},
    {M "function_call.?", SP_LEAF_CALL_PART, 0, 0},
    {M "function_call.arguments", SP_LEAF_CALL, 0, 0},
    {M "function_call.name", SP_LEAF_CALL_NAME, 0, 0},
    {M "reasoning", SP_LEAF_TEXT, CH_REASONING, 0},
    {M "reasoning_content", SP_LEAF_TEXT, CH_REASONING_CONTENT, 0},
    {M "refusal", SP_LEAF_TEXT, CH_REFUSAL, 0},
    {M "role", SP_LEAF_KNOWN, 0, 0},
    {M "tool_calls[].?", SP_LEAF_CALL_PART, 0, 0},
    {M "tool_calls[].custom.input", SP_LEAF_CALL, 0, 0},
    {M "tool_calls[].function.arguments", SP_LEAF_CALL, 0, 0},
    {M "tool_calls[].function.name", SP_LEAF_CALL_NAME, 0, 0},
    {M "tool_calls[].id", SP_LEAF_CALL_ID, 0, 0},
    {M "tool_calls[].index", SP_LEAF_CALL_PART, 0, 0},
    {M "tool_calls[].type", SP_LEAF_CALL_PART, 0, 0},
    {"created", SP_LEAF_KNOWN, 0, 0},
    SP_ANSWER_OPENAI_ERROR,
    {"id", SP_LEAF_KNOWN, 0, SP_INTO_ID},
    {"model", SP_LEAF_KNOWN, 0, SP_INTO_MODEL},
    {"obfuscation", SP_LEAF_KNOWN, 0, 0},
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

/* A chunk without choices that carries the usage is the one that a client gets only if it asked for it. */
static bool is_usage_event(const sp_node *root)
{
    const sp_node *choices = sp_json_find(root, SP_LIT("choices"));
    const sp_node *usage = sp_json_find(root, SP_LIT("usage"));
    return sp_json_type_of(choices) == SP_JSON_ARRAY && sp_json_count(choices) == 0 &&
           sp_json_type_of(usage) == SP_JSON_OBJECT;
}

/* SDKs look at the name for errors alone. */
bool sp_answer__openai_keeps_name(sp_bytes name)
{
    return sp_bytes_eq(name, SP_LIT("error"));
}

sp_status sp_answer__openai_classify(sp_review *review, sp_judgement *event)
{
    event->is_dropped = review->options.hide_usage && is_usage_event(event->json.root);
    const sp_leaf *leaf = sp_review__leaf_at(review);
    for (size_t i = 0; i < sp_review__n_leaves(review); i++) {
        if (sp_review__is_finish(&leaf[i])) {
            event->is_finish = true;
            SP_TRY(sp_review__closes(review, event, leaf[i].index[0]));
        } else if (leaf[i].row->cls == SP_LEAF_ERROR) {
            event->is_finish = event->closes_all = true;
        }
    }
    return SP_OK;
}

/* Repeats id, object, created, model and what else stood on top of the stream's events, so that clients that
 * check it go on. */
static void append_frame(sp_review *review, uint32_t choice)
{
    sp_buf *out = &review->out;
    sp_buf_append_str(out, "data: {");
    sp_buf_append(out, sp_buf_bytes(&review->head));
    sp_buf_append_str(out, "\"choices\":[{\"index\":");
    sp_buf_append_u64(out, choice);
    sp_buf_append_str(out, ",\"delta\":{");
}

static void append_piece(sp_review *review, const sp_channel *channel, sp_bytes raw)
{
    sp_buf *out = &review->out;
    const char *field = channel->row->path + sizeof D - 1;
    const bool is_transcript = channel->row->channel == CH_TRANSCRIPT;
    append_frame(review, channel->index[0]);
    sp_buf_append_byte(out, '"');
    sp_buf_append_str(out, is_transcript ? "audio\":{\"transcript" : field);
    sp_buf_append_str(out, "\":\"");
    sp_buf_append(out, raw);
    sp_buf_append_str(out, is_transcript ? "\"}}" : "\"}");
    sp_buf_append_str(out, ",\"finish_reason\":null}]}\n\n");
}

/* The same frame with the piece at the place that the call's row names. */
static void append_arguments(sp_review *review, const sp_call *call, sp_bytes raw)
{
    static const struct {
        const char *path, *before, *after;
    } forms[] = {
        {D "function_call.arguments", "\"function_call\":{\"arguments\":\"", "\"}"},
        {D "tool_calls[].function.arguments", ",\"function\":{\"arguments\":\"", "\"}}]"},
        {D "tool_calls[].custom.input", ",\"custom\":{\"input\":\"", "\"}}]"},
    };
    sp_buf *out = &review->out;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (strcmp(call->arguments->path, forms[i].path) != 0) continue;
        append_frame(review, call->index[0]);
        if (i > 0) {
            sp_buf_append_str(out, "\"tool_calls\":[{\"index\":");
            sp_buf_append_u64(out, call->index[1]);
        }
        sp_buf_append_str(out, forms[i].before);
        sp_buf_append(out, raw);
        sp_buf_append_str(out, forms[i].after);
        sp_buf_append_str(out, "},\"finish_reason\":null}]}\n\n");
    }
}

const sp_answer_table sp_answer__openai = {
    .repeats = 1u << CH_LOG_TOKEN | 1u << CH_LOG_REFUSAL_TOKEN,
    .rows = rows,
    .n_rows = sizeof rows / sizeof rows[0],
    .has_usage_event = true,
    .terminator = {(const uint8_t *)"[DONE]", 6},
    .keeps_name = sp_answer__openai_keeps_name,
    .classify = sp_answer__openai_classify,
    .append_piece = append_piece,
    .append_arguments = append_arguments,
};
