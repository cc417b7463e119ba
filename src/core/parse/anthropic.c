/* Anthropic messages as a table: fields of the request, headers both ways, errors, model list. Source: the
 * provider's API reference and the types of its official Python SDK, beta included. What is not here is
 * UNKNOWN on purpose: `inference_geo` moves the place of processing, `fallbacks` names other models; both
 * are decisions of the gateway. */
#include "parse/dialect_internal.h"

/* ---- content blocks, in a message and inside of a block; deeper ones share the path of the latter ---- */

static const sp_table inner_blocks;

#define BLOCK "messages[].content[].content[]"
#define B(x) inner_##x
#define INNER (&inner_blocks)
#include "parse/anthropic_blocks.h"

#define BLOCK "messages[].content[]"
#define B(x) outer_##x
#define INNER (&inner_blocks)
#include "parse/anthropic_blocks.h"

static const sp_field message_rows[] = {
    SP_ROW("content", TEXT, SP_T_TEXT_OR_LIST, "messages[].content", .table = &outer_blocks, .joins = true),
    SP_ROW("output_config", TEXT, SP_T_OBJECT, "messages[].output_config"),
};
static const sp_table message = SP_TABLE(message_rows, "messages[]");
static const sp_variant message_forms[] = {
    SP_FORM("user", TEXT, USER, &message),
    SP_FORM("assistant", TEXT, MODEL, &message),
    SP_FORM("system", TEXT, SYSTEM, &message),
};
static const sp_table messages = SP_UNION(message_forms, "role", "messages[]");

/* ---- system ---- */

static const sp_field system_text_rows[] = {
    SP_ROW("text", TEXT, SP_T_STRING, "system[].text"),
    SP_ROW("citations", TEXT, SP_T_ARRAY, "system[].citations"),
    SP_ROW("cache_control", STATE, SP_T_OBJECT, "system[].cache_control"),
};
static const sp_table system_text = SP_TABLE(system_text_rows, "system[]");
static const sp_variant system_forms[] = {
    SP_FORM("text", TEXT, SAME, &system_text),
};
static const sp_table system_blocks = SP_UNION(system_forms, "type", "system[]");

/* ---- tools ---- */

static const sp_field tool_rows[] = {
    SP_ROW("name", TEXT, SP_T_STRING, "tools[].name"),
    SP_ROW("description", TEXT, SP_T_STRING, "tools[].description"),
    SP_ROW("input_schema", TEXT, SP_T_OBJECT, "tools[].input_schema"),
    SP_ROW("input_examples", TEXT, SP_T_ARRAY, "tools[].input_examples"),
    SP_ROW("allowed_callers", TEXT, SP_T_ARRAY, "tools[].allowed_callers"),
    SP_ROW("strict", TEXT, SP_T_BOOL, "tools[].strict"),
    SP_ROW("defer_loading", TEXT, SP_T_BOOL, "tools[].defer_loading"),
    SP_ROW("eager_input_streaming", TEXT, SP_T_BOOL, "tools[].eager_input_streaming"),
    SP_ROW("max_characters", TEXT, SP_T_INT, "tools[].max_characters"),
    SP_ROW("display_width_px", TEXT, SP_T_INT, "tools[].display_width_px"),
    SP_ROW("display_height_px", TEXT, SP_T_INT, "tools[].display_height_px"),
    SP_ROW("display_number", TEXT, SP_T_INT, "tools[].display_number"),
    SP_ROW("enable_zoom", TEXT, SP_T_BOOL, "tools[].enable_zoom"),
    SP_ROW("cache_control", STATE, SP_T_OBJECT, "tools[].cache_control"),
};
static const sp_table tool = SP_TABLE(tool_rows, "tools[]");
/* The provider itself runs the SERVER_TOOLS; the others are run by the client. */
static const sp_variant tool_forms[] = {
    SP_FORM("", TEXT, SAME, &tool),
    SP_FORM("custom", TEXT, SAME, &tool),
    SP_FORM("bash_*", TEXT, SAME, &tool),
    SP_FORM("text_editor_*", TEXT, SAME, &tool),
    SP_FORM("computer_*", TEXT, SAME, &tool),
    SP_FORM("memory_*", TEXT, SAME, &tool),
    SP_FORM("tool_search_tool_*", TEXT, SAME, &tool),
    SP_FORM("web_search_*", SERVER_TOOLS, SAME, NULL),
    SP_FORM("web_fetch_*", SERVER_TOOLS, SAME, NULL),
    SP_FORM("code_execution_*", SERVER_TOOLS, SAME, NULL),
    SP_FORM("advisor_*", SERVER_TOOLS, SAME, NULL),
    SP_FORM("mcp_toolset", SERVER_TOOLS, SAME, NULL),
};
static const sp_table tools = SP_UNION(tool_forms, "type", "tools[]");

/* ---- the request ---- */

static const sp_field thinking_rows[] = {
    SP_ROW("type", PARAMETER, SP_T_STRING, "thinking.type"),
    SP_ROW("budget_tokens", PARAMETER, SP_T_INT, "thinking.budget_tokens", .min = 0, .max = 1e9),
    SP_ROW("display", PARAMETER, SP_T_STRING, "thinking.display"),
    SP_ROW("block_binding", TEXT, SP_T_OBJECT, "thinking.block_binding"),
};
static const sp_table thinking = SP_TABLE(thinking_rows, "thinking");

static const sp_field metadata_rows[] = {
    SP_ROW("user_id", TEXT, SP_T_STRING, "metadata.user_id"),
};
static const sp_table metadata = SP_TABLE(metadata_rows, "metadata");

static const sp_field output_rows[] = {
    SP_ROW("effort", PARAMETER, SP_T_STRING, "output_config.effort"),
    SP_ROW("format", TEXT, SP_T_OBJECT, "output_config.format"),
    SP_ROW("task_budget", TEXT, SP_T_OBJECT, "output_config.task_budget"),
};
static const sp_table output_config = SP_TABLE(output_rows, "output_config");

/* What a conversation consists of: in each of its operations. */
#define CONVERSATION_ROWS                                                                                  \
    SP_ROW("model", TEXT, SP_T_STRING, "model", .mark = SP_MARK_MODEL, .is_required = true),               \
        SP_ROW("messages", TEXT, SP_T_ARRAY, "messages", .table = &messages, .mark = SP_MARK_MESSAGES,     \
               .is_required = true),                                                                       \
        SP_ROW("system", TEXT, SP_T_TEXT_OR_LIST, "system", .table = &system_blocks, .who = SP_WHO_SYSTEM, \
               .mark = SP_MARK_SYSTEM, .joins = true)
#define SHAPE_ROWS                                                                            \
    SP_ROW("thinking", PARAMETER, SP_T_OBJECT, "thinking", .table = &thinking),               \
        SP_ROW("output_config", TEXT, SP_T_OBJECT, "output_config", .table = &output_config), \
        SP_ROW("speed", PARAMETER, SP_T_STRING, "speed"),                                     \
        SP_ROW("tools", TEXT, SP_T_ARRAY, "tools", .table = &tools, .mark = SP_MARK_TOOLS,    \
               .also = SP_FIELD_TOOLS),                                                       \
        SP_ROW("tool_choice", TEXT, SP_T_OBJECT, "tool_choice"),                              \
        SP_ROW("output_format", TEXT, SP_T_OBJECT, "output_format"),                          \
        SP_ROW("context_management", TEXT, SP_T_OBJECT, "context_management"),                \
        SP_ROW("cache_control", STATE, SP_T_OBJECT, "cache_control"),                         \
        SP_ROW("mcp_servers", SERVER_TOOLS, SP_T_ARRAY, "mcp_servers")

static const sp_field request_rows[] = {
    CONVERSATION_ROWS,
    SP_ROW("max_tokens", PARAMETER, SP_T_INT, "max_tokens", .min = 0, .max = 1e9, .mark = SP_MARK_MAX_TOKENS,
           .is_required = true),
    SP_ROW("stream", PARAMETER, SP_T_BOOL, "stream", .mark = SP_MARK_STREAM),
    SP_ROW("temperature", PARAMETER, SP_T_NUMBER, "temperature", .min = 0, .max = 1),
    SP_ROW("top_p", PARAMETER, SP_T_NUMBER, "top_p", .min = 0, .max = 1),
    SP_ROW("top_k", PARAMETER, SP_T_INT, "top_k", .min = 0, .max = 1e9),
    SHAPE_ROWS,
    SP_ROW("service_tier", PARAMETER, SP_T_STRING, "service_tier"),
    SP_ROW("stop_sequences", TEXT, SP_T_ARRAY, "stop_sequences"),
    SP_ROW("metadata", TEXT, SP_T_OBJECT, "metadata", .table = &metadata),
    SP_ROW("container", STATE, SP_T_STRING | SP_T_OBJECT, "container"),
    SP_ROW("diagnostics", STATE, SP_T_OBJECT, "diagnostics"),
    SP_ROW("thread", STATE, SP_T_OBJECT, "thread"),
};
static const sp_table request = {SP_ROWS(request_rows), .path = "", .unknown = "?"};

/* To count takes what the conversation is, and nothing of how an answer would be made. */
static const sp_field count_rows[] = {CONVERSATION_ROWS, SHAPE_ROWS};
static const sp_table count = {SP_ROWS(count_rows), .path = "", .unknown = "?"};

/* ---- headers ---- */

static const sp_bytes forwards[] = {
    SP_NAME("accept"),
    SP_NAME("anthropic-beta"),
    SP_NAME("anthropic-version"),
    SP_NAME("content-type"),
};
static const sp_bytes returns[] = {
    SP_NAME("anthropic-ratelimit-*"), SP_NAME("content-type"),   SP_NAME("request-id"),
    SP_NAME("retry-after"),           SP_NAME("retry-after-ms"), SP_NAME("x-should-retry"),
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
    case 413:
        return "request_too_large";
    case 429:
        return "rate_limit_error";
    case 503:
        return "overloaded_error";
    case 504:
        return "timeout_error";
    default:
        return http < 500 ? "invalid_request_error" : "api_error";
    }
}

static void error_append(sp_buf *out, const sp_dialect_error *error)
{
    sp_buf_append_str(out, "{\"type\":\"error\",\"error\":{\"type\":\"");
    sp_buf_append_str(out, error_type(error->info->http));
    sp_buf_append_str(out, "\",\"message\":\"");
    sp_buf_append_json(out, error->message);
    sp_buf_append_str(out, "\",\"code\":\"");
    sp_buf_append_str(out, error->info->name);
    sp_buf_append_str(out, "\"},\"request_id\":\"");
    sp_buf_append_json(out, error->request_id);
    sp_buf_append_str(out, "\"}");
}

static void append_quoted(sp_buf *out, const sp_bytes *name)
{
    if (name == NULL) {
        sp_buf_append_str(out, "null");
        return;
    }
    sp_buf_append_byte(out, '"');
    sp_buf_append_json(out, *name);
    sp_buf_append_byte(out, '"');
}

static void models_append(sp_buf *out, const sp_bytes *names, size_t n, uint64_t created_s)
{
    sp_buf_append_str(out, "{\"data\":[");
    for (size_t i = 0; i < n; i++) {
        sp_buf_append_str(out, i == 0 ? "{\"type\":\"model\",\"id\":" : ",{\"type\":\"model\",\"id\":");
        append_quoted(out, &names[i]);
        sp_buf_append_str(out, ",\"display_name\":");
        append_quoted(out, &names[i]);
        sp_buf_append_str(out, ",\"created_at\":\"");
        sp_buf_append_time(out, created_s);
        sp_buf_append_str(out, "\"}");
    }
    sp_buf_append_str(out, "],\"has_more\":false,\"first_id\":");
    append_quoted(out, n > 0 ? &names[0] : NULL);
    sp_buf_append_str(out, ",\"last_id\":");
    append_quoted(out, n > 0 ? &names[n - 1] : NULL);
    sp_buf_append_byte(out, '}');
}

const sp_dialect sp__anthropic = {
    .id = SP_DIALECT_ANTHROPIC,
    .name = "anthropic",
    .requests = {[SP_OP_GENERATE] = &request, [SP_OP_COUNT] = &count},
    .forwards = forwards,
    .n_forwards = sizeof forwards / sizeof forwards[0],
    .returns = returns,
    .n_returns = sizeof returns / sizeof returns[0],
    .event_prefix = "event: error\ndata: ",
    .error_append = error_append,
    .models_append = models_append,
};
