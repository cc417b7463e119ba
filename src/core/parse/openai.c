/* OpenAI chat completions, completions and embeddings as tables: fields of the request, headers both ways,
 * errors, model list. Source: the provider's API reference and the types of its official Python SDK. What is
 * not here is UNKNOWN on purpose: `moderation` calls another model at the provider, and extensions of other
 * servers (top_k, min_p ...) belong to destinations that permit unknown fields. */
#include "parse/dialect_internal.h"

/* ---- parts of a message ---- */

#define PART "messages[].content[]"
#define CACHE_ROW SP_ROW("prompt_cache_breakpoint", STATE, SP_T_OBJECT, PART ".prompt_cache_breakpoint")

static const sp_field part_text_rows[] = {
    SP_ROW("text", TEXT, SP_T_STRING, PART ".text", .part = SP_PART_TEXT),
    CACHE_ROW,
};
static const sp_table part_text = SP_TABLE(part_text_rows, PART);

static const sp_field image_url_rows[] = {
    SP_ROW("url", EGRESS, SP_T_STRING, PART ".image_url.url", .rule = SP_RULE_URL,
           .also = SP_FIELD_UNREADABLE),
    SP_ROW("detail", TEXT, SP_T_STRING, PART ".image_url.detail"),
};
static const sp_table image_url = SP_TABLE(image_url_rows, PART ".image_url");
static const sp_field part_image_rows[] = {
    SP_ROW("image_url", TEXT, SP_T_OBJECT, PART ".image_url", .table = &image_url, .also = SP_FIELD_IMAGES),
    CACHE_ROW,
};
static const sp_table part_image = SP_TABLE(part_image_rows, PART);

static const sp_field input_audio_rows[] = {
    SP_ROW("data", UNREADABLE, SP_T_STRING, PART ".input_audio.data", .rule = SP_RULE_BYTES),
    SP_ROW("format", TEXT, SP_T_STRING, PART ".input_audio.format"),
};
static const sp_table input_audio = SP_TABLE(input_audio_rows, PART ".input_audio");
static const sp_field part_audio_rows[] = {
    SP_ROW("input_audio", TEXT, SP_T_OBJECT, PART ".input_audio", .table = &input_audio),
    CACHE_ROW,
};
static const sp_table part_audio = SP_TABLE(part_audio_rows, PART);

static const sp_field file_rows[] = {
    SP_ROW("file_data", UNREADABLE, SP_T_STRING, PART ".file.file_data", .rule = SP_RULE_BYTES),
    SP_ROW("file_id", STATE, SP_T_STRING, PART ".file.file_id", .also = SP_FIELD_UNREADABLE),
    SP_ROW("filename", TEXT, SP_T_STRING, PART ".file.filename"),
};
static const sp_table file = SP_TABLE(file_rows, PART ".file");
static const sp_field part_file_rows[] = {
    SP_ROW("file", TEXT, SP_T_OBJECT, PART ".file", .table = &file),
    CACHE_ROW,
};
static const sp_table part_file = SP_TABLE(part_file_rows, PART);

static const sp_field part_refusal_rows[] = {
    SP_ROW("refusal", TEXT, SP_T_STRING, PART ".refusal"),
};
static const sp_table part_refusal = SP_TABLE(part_refusal_rows, PART);

static const sp_variant part_forms[] = {
    SP_FORM("text", TEXT, SAME, &part_text),         SP_FORM("image_url", TEXT, SAME, &part_image),
    SP_FORM("input_audio", TEXT, SAME, &part_audio), SP_FORM("file", TEXT, FOUND, &part_file),
    SP_FORM("refusal", TEXT, SAME, &part_refusal),
};
static const sp_table parts = SP_UNION(part_forms, "type", PART);

/* ---- tool calls of an earlier answer ---- */

#define CALL "messages[].tool_calls[]"

static const sp_field call_function_rows[] = {
    SP_ROW("name", TEXT, SP_T_STRING, CALL ".function.name", .part = SP_PART_NAME),
    SP_ROW("arguments", TEXT, SP_T_STRING | SP_T_OBJECT, CALL ".function.arguments"),
};
static const sp_table call_function = SP_TABLE(call_function_rows, CALL ".function");
static const sp_field call_custom_rows[] = {
    SP_ROW("name", TEXT, SP_T_STRING, CALL ".custom.name", .part = SP_PART_NAME),
    SP_ROW("input", TEXT, SP_T_STRING, CALL ".custom.input"),
};
static const sp_table call_custom = SP_TABLE(call_custom_rows, CALL ".custom");

static const sp_field call_rows[] = {
    SP_ROW("id", TEXT, SP_T_STRING, CALL ".id", .part = SP_PART_ID),
    SP_ROW("index", TEXT, SP_T_INT, CALL ".index"), /* clients send back what they gathered from a stream */
    SP_ROW("function", TEXT, SP_T_OBJECT, CALL ".function", .table = &call_function),
    SP_ROW("custom", TEXT, SP_T_OBJECT, CALL ".custom", .table = &call_custom),
};
static const sp_table call = SP_TABLE(call_rows, CALL);
static const sp_variant call_forms[] = {
    SP_FORM("function", TEXT, MODEL, &call, .part = SP_PART_CALL),
    SP_FORM("custom", TEXT, MODEL, &call, .part = SP_PART_CALL),
    SP_FORM("", TEXT, MODEL, &call, .part = SP_PART_CALL),
};
static const sp_table calls = SP_UNION(call_forms, "type", CALL);

/* ---- messages ---- */

static const sp_field message_call_rows[] = {
    SP_ROW("name", TEXT, SP_T_STRING, "messages[].function_call.name"),
    SP_ROW("arguments", TEXT, SP_T_STRING, "messages[].function_call.arguments"),
};
static const sp_table message_call = SP_TABLE(message_call_rows, "messages[].function_call");

static const sp_field message_audio_rows[] = {
    SP_ROW("id", STATE, SP_T_STRING, "messages[].audio.id", .also = SP_FIELD_UNREADABLE),
};
static const sp_table message_audio = SP_TABLE(message_audio_rows, "messages[].audio");

/* One set of rows for all roles: a row in the wrong role is refused by the provider, and read all the
 * same. */
static const sp_field message_rows[] = {
    SP_ROW("content", TEXT, SP_T_TEXT_OR_LIST, "messages[].content", .table = &parts, .joins = true,
           .part = SP_PART_TEXT),
    SP_ROW("name", TEXT, SP_T_STRING, "messages[].name", .part = SP_PART_NAME),
    SP_ROW("tool_calls", TEXT, SP_T_ARRAY, "messages[].tool_calls", .table = &calls),
    SP_ROW("tool_call_id", TEXT, SP_T_STRING, "messages[].tool_call_id", .part = SP_PART_ID),
    SP_ROW("refusal", TEXT, SP_T_STRING, "messages[].refusal"),
    SP_ROW("reasoning_content", TEXT, SP_T_STRING, "messages[].reasoning_content", .who = SP_WHO_MODEL),
    SP_ROW("function_call", TEXT, SP_T_OBJECT, "messages[].function_call", .table = &message_call),
    SP_ROW("audio", TEXT, SP_T_OBJECT, "messages[].audio", .table = &message_audio),
    SP_ROW("annotations", TEXT, SP_T_ARRAY, "messages[].annotations", .who = SP_WHO_FOUND),
};
static const sp_table message = SP_TABLE(message_rows, "messages[]");
static const sp_variant message_forms[] = {
    SP_FORM("system", TEXT, SYSTEM, &message),
    SP_FORM("developer", TEXT, SYSTEM, &message),
    SP_FORM("user", TEXT, USER, &message),
    SP_FORM("assistant", TEXT, MODEL, &message),
    SP_FORM("tool", TEXT, TOOL, &message, .part = SP_PART_RESULT),
    SP_FORM("function", TEXT, TOOL, &message), /* answers no call by an id */
};
static const sp_table messages = SP_UNION(message_forms, "role", "messages[]");

/* ---- tools ---- */

static const sp_field tool_function_rows[] = {
    SP_ROW("name", TEXT, SP_T_STRING, "tools[].function.name"),
    SP_ROW("description", TEXT, SP_T_STRING, "tools[].function.description"),
    SP_ROW("parameters", TEXT, SP_T_OBJECT, "tools[].function.parameters"),
    SP_ROW("strict", TEXT, SP_T_BOOL, "tools[].function.strict"),
};
static const sp_table tool_function = SP_TABLE(tool_function_rows, "tools[].function");
static const sp_field tool_custom_rows[] = {
    SP_ROW("name", TEXT, SP_T_STRING, "tools[].custom.name"),
    SP_ROW("description", TEXT, SP_T_STRING, "tools[].custom.description"),
    SP_ROW("format", TEXT, SP_T_OBJECT, "tools[].custom.format"),
};
static const sp_table tool_custom = SP_TABLE(tool_custom_rows, "tools[].custom");
static const sp_field tool_rows[] = {
    SP_ROW("function", TEXT, SP_T_OBJECT, "tools[].function", .table = &tool_function),
    SP_ROW("custom", TEXT, SP_T_OBJECT, "tools[].custom", .table = &tool_custom),
};
static const sp_table tool = SP_TABLE(tool_rows, "tools[]");
static const sp_variant tool_forms[] = {
    SP_FORM("function", TEXT, SAME, &tool),
    SP_FORM("custom", TEXT, SAME, &tool),
};
static const sp_table tools = SP_UNION(tool_forms, "type", "tools[]");

static const sp_field function_rows[] = {
    SP_ROW("name", TEXT, SP_T_STRING, "functions[].name"),
    SP_ROW("description", TEXT, SP_T_STRING, "functions[].description"),
    SP_ROW("parameters", TEXT, SP_T_OBJECT, "functions[].parameters"),
};
static const sp_table functions = SP_TABLE(function_rows, "functions[]");

/* ---- the request ---- */

static const sp_field stream_option_rows[] = {
    SP_ROW("include_usage", PARAMETER, SP_T_BOOL, "stream_options.include_usage",
           .mark = SP_MARK_INCLUDE_USAGE),
    SP_ROW("include_obfuscation", PARAMETER, SP_T_BOOL, "stream_options.include_obfuscation"),
};
static const sp_table stream_options = SP_TABLE(stream_option_rows, "stream_options");

static const sp_field prediction_rows[] = {
    SP_ROW("type", TEXT, SP_T_STRING, "prediction.type"),
    SP_ROW("content", TEXT, SP_T_TEXT_OR_LIST, "prediction.content"),
};
static const sp_table prediction = SP_TABLE(prediction_rows, "prediction");

#define STREAM_ROWS                                                                                  \
    SP_ROW("stream", PARAMETER, SP_T_BOOL, "stream", .mark = SP_MARK_STREAM),                        \
        SP_ROW("stream_options", PARAMETER, SP_T_OBJECT, "stream_options", .table = &stream_options, \
               .mark = SP_MARK_STREAM_OPTIONS)
#define SAMPLING_ROWS                                                                                  \
    SP_ROW("temperature", PARAMETER, SP_T_NUMBER, "temperature", .min = 0, .max = 2),                  \
        SP_ROW("top_p", PARAMETER, SP_T_NUMBER, "top_p", .min = 0, .max = 1),                          \
        SP_ROW("frequency_penalty", PARAMETER, SP_T_NUMBER, "frequency_penalty", .min = -2, .max = 2), \
        SP_ROW("presence_penalty", PARAMETER, SP_T_NUMBER, "presence_penalty", .min = -2, .max = 2),   \
        SP_ROW("n", PARAMETER, SP_T_INT, "n", .min = 1, .max = 128, .mark = SP_MARK_N),                \
        SP_ROW("seed", PARAMETER, SP_T_INT, "seed")
/* Token ids: below 2^31 everywhere. */
#define TEXTS_ROW(NAME, ELEMENTS)                                                                 \
    SP_ROW(NAME, TEXT, SP_T_TEXT_OR_LIST, NAME, .table = (ELEMENTS), .min = 0, .max = 2147483647, \
           .who = SP_WHO_USER, .rule = SP_RULE_TEXTS, .mark = SP_MARK_TEXTS, .is_required = true)

static const sp_field request_rows[] = {
    SP_ROW("model", TEXT, SP_T_STRING, "model", .mark = SP_MARK_MODEL, .is_required = true),
    SP_ROW("messages", TEXT, SP_T_ARRAY, "messages", .table = &messages, .mark = SP_MARK_MESSAGES,
           .is_required = true),
    STREAM_ROWS,
    SP_ROW("max_tokens", PARAMETER, SP_T_INT, "max_tokens", .min = 1, .max = 1e9, .mark = SP_MARK_MAX_TOKENS),
    SP_ROW("max_completion_tokens", PARAMETER, SP_T_INT, "max_completion_tokens", .min = 1, .max = 1e9,
           .mark = SP_MARK_MAX_COMPLETION),
    SAMPLING_ROWS,
    SP_ROW("logprobs", PARAMETER, SP_T_BOOL, "logprobs"),
    SP_ROW("top_logprobs", PARAMETER, SP_T_INT, "top_logprobs", .min = 0, .max = 20),
    SP_ROW("parallel_tool_calls", PARAMETER, SP_T_BOOL, "parallel_tool_calls"),
    SP_ROW("reasoning_effort", PARAMETER, SP_T_STRING, "reasoning_effort"),
    SP_ROW("verbosity", PARAMETER, SP_T_STRING, "verbosity"),
    SP_ROW("service_tier", PARAMETER, SP_T_STRING, "service_tier"),
    SP_ROW("modalities", PARAMETER, SP_T_ARRAY, "modalities"),
    SP_ROW("tools", TEXT, SP_T_ARRAY, "tools", .table = &tools, .mark = SP_MARK_TOOLS,
           .also = SP_FIELD_TOOLS),
    SP_ROW("tool_choice", TEXT, SP_T_STRING | SP_T_OBJECT, "tool_choice"),
    SP_ROW("functions", TEXT, SP_T_ARRAY, "functions", .table = &functions, .mark = SP_MARK_FUNCTIONS,
           .also = SP_FIELD_TOOLS),
    SP_ROW("function_call", TEXT, SP_T_STRING | SP_T_OBJECT, "function_call"),
    SP_ROW("response_format", TEXT, SP_T_OBJECT, "response_format"),
    SP_ROW("stop", TEXT, SP_T_TEXT_OR_LIST, "stop"),
    SP_ROW("logit_bias", TEXT, SP_T_OBJECT, "logit_bias"),
    SP_ROW("prediction", TEXT, SP_T_OBJECT, "prediction", .table = &prediction, .who = SP_WHO_USER),
    SP_ROW("metadata", TEXT, SP_T_OBJECT, "metadata"),
    SP_ROW("user", TEXT, SP_T_STRING, "user"),
    SP_ROW("safety_identifier", TEXT, SP_T_STRING, "safety_identifier"),
    SP_ROW("store", STATE, SP_T_BOOL, "store", .rule = SP_RULE_IF_TRUE),
    SP_ROW("prompt_cache_key", STATE, SP_T_STRING, "prompt_cache_key"),
    SP_ROW("prompt_cache_options", STATE, SP_T_OBJECT, "prompt_cache_options"),
    SP_ROW("prompt_cache_retention", STATE, SP_T_STRING, "prompt_cache_retention"),
    SP_ROW("web_search_options", SERVER_TOOLS, SP_T_OBJECT, "web_search_options"),
    /* Asks for a spoken answer: no detector can read that on its way back. */
    SP_ROW("audio", UNREADABLE, SP_T_OBJECT, "audio"),
};
static const sp_table request = {SP_ROWS(request_rows), .path = "", .unknown = "?"};

static const sp_table prompt_elements = {.path = "prompt[]", .unknown = "prompt[].?"};
static const sp_field completion_rows[] = {
    SP_ROW("model", TEXT, SP_T_STRING, "model", .mark = SP_MARK_MODEL, .is_required = true),
    TEXTS_ROW("prompt", &prompt_elements),
    SP_ROW("suffix", TEXT, SP_T_STRING, "suffix", .who = SP_WHO_USER),
    STREAM_ROWS,
    SP_ROW("max_tokens", PARAMETER, SP_T_INT, "max_tokens", .min = 0, .max = 1e9, .mark = SP_MARK_MAX_TOKENS),
    SAMPLING_ROWS,
    SP_ROW("best_of", PARAMETER, SP_T_INT, "best_of", .min = 0, .max = 128),
    SP_ROW("logprobs", PARAMETER, SP_T_INT, "logprobs", .min = 0, .max = 20),
    SP_ROW("echo", PARAMETER, SP_T_BOOL, "echo"),
    SP_ROW("stop", TEXT, SP_T_TEXT_OR_LIST, "stop"),
    SP_ROW("logit_bias", TEXT, SP_T_OBJECT, "logit_bias"),
    SP_ROW("user", TEXT, SP_T_STRING, "user"),
};
static const sp_table completion = {SP_ROWS(completion_rows), .path = "", .unknown = "?"};

static const sp_table input_elements = {.path = "input[]", .unknown = "input[].?"};
static const sp_field embedding_rows[] = {
    SP_ROW("model", TEXT, SP_T_STRING, "model", .mark = SP_MARK_MODEL, .is_required = true),
    TEXTS_ROW("input", &input_elements),
    SP_ROW("dimensions", PARAMETER, SP_T_INT, "dimensions", .min = 1, .max = 65536),
    SP_ROW("encoding_format", PARAMETER, SP_T_STRING, "encoding_format"),
    SP_ROW("user", TEXT, SP_T_STRING, "user"),
};
static const sp_table embedding = {SP_ROWS(embedding_rows), .path = "", .unknown = "?"};

/* ---- headers ---- */

static const sp_bytes forwards[] = {
    SP_NAME("accept"),
    SP_NAME("content-type"),
    SP_NAME("x-client-request-id"),
};
/* The organisation and project of the gateway's account are nobody's business. */
static const sp_bytes returns[] = {
    SP_NAME("content-type"), SP_NAME("openai-processing-ms"), SP_NAME("openai-version"),
    SP_NAME("retry-after"),  SP_NAME("retry-after-ms"),       SP_NAME("x-ratelimit-*"),
    SP_NAME("x-request-id"), SP_NAME("x-should-retry"),
};

/* ---- answers of the gateway ---- */

static const char *error_type(uint16_t http)
{
    switch (http) {
    case 401:
        return "authentication_error";
    case 403:
        return "permission_error";
    case 404:
        return "not_found_error";
    case 429:
        return "requests"; /* as the provider's own: which limit it was */
    default:
        return http < 500 ? "invalid_request_error" : "server_error";
    }
}

static void error_append(sp_buf *out, const sp_dialect_error *error)
{
    sp_buf_append_str(out, "{\"error\":{\"message\":\"");
    sp_buf_append_json(out, error->message);
    sp_buf_append_str(out, "\",\"type\":\"");
    sp_buf_append_str(out, error_type(error->info->http));
    sp_buf_append_str(out, "\",\"param\":null,\"code\":\"");
    sp_buf_append_str(out, error->info->name);
    sp_buf_append_str(out, "\",\"request_id\":\"");
    sp_buf_append_json(out, error->request_id);
    sp_buf_append_str(out, "\"}}");
}

static void models_append(sp_buf *out, const sp_bytes *names, size_t n, uint64_t created_s)
{
    sp_buf_append_str(out, "{\"object\":\"list\",\"data\":[");
    for (size_t i = 0; i < n; i++) {
        sp_buf_append_str(out, i == 0 ? "{\"id\":\"" : ",{\"id\":\"");
        sp_buf_append_json(out, names[i]);
        sp_buf_append_str(out, "\",\"object\":\"model\",\"created\":");
        sp_buf_append_u64(out, created_s);
        sp_buf_append_str(out, ",\"owned_by\":\"sallyport\"}");
    }
    sp_buf_append_str(out, "]}");
}

const sp_dialect sp__openai = {
    .id = SP_DIALECT_OPENAI,
    .name = "openai",
    .requests = {[SP_OP_GENERATE] = &request, [SP_OP_EMBED] = &embedding, [SP_OP_COMPLETE] = &completion},
    .forwards = forwards,
    .n_forwards = sizeof forwards / sizeof forwards[0],
    .returns = returns,
    .n_returns = sizeof returns / sizeof returns[0],
    .event_prefix = "data: ",
    .error_append = error_append,
    .models_append = models_append,
};
