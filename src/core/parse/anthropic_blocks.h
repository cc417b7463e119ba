/* Content blocks of Anthropic messages, included once per place where they stand. BLOCK is the path of a
 * block there, B(x) names the tables of this inclusion, INNER is the union for blocks that stand inside of
 * a block (a tool result, a document). Own forms that nobody listed are UNKNOWN. */

#define CACHE_ROW SP_ROW("cache_control", STATE, SP_T_OBJECT, BLOCK ".cache_control")

static const sp_field B(text_rows)[] = {
    SP_ROW("text", TEXT, SP_T_STRING, BLOCK ".text", .part = SP_PART_TEXT),
    SP_ROW("citations", TEXT, SP_T_ARRAY, BLOCK ".citations", .who = SP_WHO_FOUND),
    CACHE_ROW,
};
static const sp_table B(text) = SP_TABLE(B(text_rows), BLOCK);

/* ---- sources of images and documents ---- */

static const sp_field B(base64_rows)[] = {
    SP_ROW("media_type", TEXT, SP_T_STRING, BLOCK ".source.media_type"),
    SP_ROW("data", UNREADABLE, SP_T_STRING, BLOCK ".source.data", .rule = SP_RULE_BYTES),
};
static const sp_table B(base64) = SP_TABLE(B(base64_rows), BLOCK ".source");
static const sp_field B(url_rows)[] = {
    SP_ROW("url", EGRESS, SP_T_STRING, BLOCK ".source.url", .rule = SP_RULE_URL, .also = SP_FIELD_UNREADABLE),
};
static const sp_table B(url) = SP_TABLE(B(url_rows), BLOCK ".source");
static const sp_field B(file_rows)[] = {
    SP_ROW("file_id", STATE, SP_T_STRING, BLOCK ".source.file_id", .also = SP_FIELD_UNREADABLE),
};
static const sp_table B(file) = SP_TABLE(B(file_rows), BLOCK ".source");
static const sp_field B(plain_rows)[] = {
    SP_ROW("media_type", TEXT, SP_T_STRING, BLOCK ".source.media_type"),
    SP_ROW("data", TEXT, SP_T_STRING, BLOCK ".source.data"),
};
static const sp_table B(plain) = SP_TABLE(B(plain_rows), BLOCK ".source");
static const sp_field B(content_rows)[] = {
    SP_ROW("content", TEXT, SP_T_TEXT_OR_LIST, BLOCK ".source.content", .table = INNER, .joins = true),
};
static const sp_table B(content) = SP_TABLE(B(content_rows), BLOCK ".source");
static const sp_variant B(source_forms)[] = {
    SP_FORM("base64", TEXT, SAME, &B(base64)),   SP_FORM("url", TEXT, SAME, &B(url)),
    SP_FORM("file", TEXT, SAME, &B(file)),       SP_FORM("text", TEXT, SAME, &B(plain)),
    SP_FORM("content", TEXT, SAME, &B(content)),
};
static const sp_table B(source) = SP_UNION(B(source_forms), "type", BLOCK ".source");

static const sp_field B(image_rows)[] = {
    SP_ROW("source", TEXT, SP_T_OBJECT, BLOCK ".source", .table = &B(source), .also = SP_FIELD_IMAGES),
    SP_ROW("transformations", TEXT, SP_T_OBJECT, BLOCK ".transformations"),
    CACHE_ROW,
};
static const sp_table B(image) = SP_TABLE(B(image_rows), BLOCK);
static const sp_field B(document_rows)[] = {
    SP_ROW("source", TEXT, SP_T_OBJECT, BLOCK ".source", .table = &B(source)),
    SP_ROW("title", TEXT, SP_T_STRING, BLOCK ".title"),
    SP_ROW("context", TEXT, SP_T_STRING, BLOCK ".context"),
    SP_ROW("citations", TEXT, SP_T_OBJECT, BLOCK ".citations"),
    CACHE_ROW,
};
static const sp_table B(document) = SP_TABLE(B(document_rows), BLOCK);
static const sp_field B(found_rows)[] = {
    SP_ROW("source", TEXT, SP_T_STRING, BLOCK ".source"),
    SP_ROW("title", TEXT, SP_T_STRING, BLOCK ".title"),
    SP_ROW("content", TEXT, SP_T_ARRAY, BLOCK ".content", .table = INNER, .joins = true),
    SP_ROW("citations", TEXT, SP_T_OBJECT, BLOCK ".citations"),
    CACHE_ROW,
};
static const sp_table B(found) = SP_TABLE(B(found_rows), BLOCK);

/* ---- thinking: signed, so whole or not at all; the text in it is looked at ---- */

static const sp_field B(thinking_rows)[] = {
    SP_ROW("thinking", OPAQUE, SP_T_STRING, BLOCK ".thinking", .rule = SP_RULE_QUIET),
    SP_ROW("signature", OPAQUE, SP_T_STRING, BLOCK ".signature", .rule = SP_RULE_QUIET),
    SP_ROW("data", OPAQUE, SP_T_STRING, BLOCK ".data", .rule = SP_RULE_QUIET),
};
static const sp_table B(thinking) = SP_TABLE(B(thinking_rows), BLOCK);
static const sp_field B(compaction_rows)[] = {
    SP_ROW("content", OPAQUE, SP_T_STRING, BLOCK ".content", .rule = SP_RULE_QUIET),
    SP_ROW("encrypted_content", OPAQUE, SP_T_STRING, BLOCK ".encrypted_content", .rule = SP_RULE_QUIET),
    SP_ROW("signature", OPAQUE, SP_T_STRING, BLOCK ".signature", .rule = SP_RULE_QUIET),
    SP_ROW("tool_changes", OPAQUE, SP_T_ARRAY, BLOCK ".tool_changes", .rule = SP_RULE_QUIET),
    CACHE_ROW,
};
static const sp_table B(compaction) = SP_TABLE(B(compaction_rows), BLOCK);

/* ---- tools: calls and results ---- */

static const sp_field B(use_rows)[] = {
    SP_ROW("id", TEXT, SP_T_STRING, BLOCK ".id", .part = SP_PART_ID),
    SP_ROW("name", TEXT, SP_T_STRING, BLOCK ".name", .part = SP_PART_NAME),
    SP_ROW("input", TEXT, SP_T_ANY, BLOCK ".input"),
    SP_ROW("caller", TEXT, SP_T_OBJECT, BLOCK ".caller"),
    SP_ROW("server_name", TEXT, SP_T_STRING, BLOCK ".server_name"),
    SP_ROW("toolset_name", TEXT, SP_T_STRING, BLOCK ".toolset_name"),
    CACHE_ROW,
};
static const sp_table B(use) = SP_TABLE(B(use_rows), BLOCK);
static const sp_field B(result_rows)[] = {
    SP_ROW("tool_use_id", TEXT, SP_T_STRING, BLOCK ".tool_use_id", .part = SP_PART_ID),
    SP_ROW("content", TEXT, SP_T_TEXT_OR_LIST, BLOCK ".content", .table = INNER, .joins = true,
           .part = SP_PART_TEXT),
    SP_ROW("is_error", TEXT, SP_T_BOOL, BLOCK ".is_error"),
    SP_ROW("toolset_name", TEXT, SP_T_STRING, BLOCK ".toolset_name"),
    CACHE_ROW,
};
static const sp_table B(result) = SP_TABLE(B(result_rows), BLOCK);
/* What tools of the provider gave back: plain fields of many forms, of which the encrypted ones are opaque
 * and files are state. */
static const sp_field B(output_rows)[] = {
    SP_ROW("file_id", STATE, SP_T_STRING, BLOCK ".content[].file_id", .also = SP_FIELD_UNREADABLE),
    SP_ROW("type", TEXT, SP_T_STRING, BLOCK ".content[].type"),
};
static const sp_table B(output) = SP_TABLE(B(output_rows), BLOCK ".content[]");
static const sp_field B(served_item_rows)[] = {
    SP_ROW("type", TEXT, SP_T_STRING, BLOCK ".content.type"),
    SP_ROW("title", TEXT, SP_T_STRING, BLOCK ".content.title"),
    SP_ROW("url", TEXT, SP_T_STRING, BLOCK ".content.url"),
    SP_ROW("page_age", TEXT, SP_T_STRING, BLOCK ".content.page_age"),
    SP_ROW("retrieved_at", TEXT, SP_T_STRING, BLOCK ".content.retrieved_at"),
    SP_ROW("error_code", TEXT, SP_T_STRING, BLOCK ".content.error_code"),
    SP_ROW("error_message", TEXT, SP_T_STRING, BLOCK ".content.error_message"),
    SP_ROW("encrypted_content", OPAQUE, SP_T_STRING, BLOCK ".content.encrypted_content"),
    SP_ROW("encrypted_stdout", OPAQUE, SP_T_STRING, BLOCK ".content.encrypted_stdout"),
    SP_ROW("stdout", TEXT, SP_T_STRING, BLOCK ".content.stdout"),
    SP_ROW("stderr", TEXT, SP_T_STRING, BLOCK ".content.stderr"),
    SP_ROW("return_code", TEXT, SP_T_INT, BLOCK ".content.return_code"),
    SP_ROW("tool_references", TEXT, SP_T_ARRAY, BLOCK ".content.tool_references"),
    SP_ROW("file_type", TEXT, SP_T_STRING, BLOCK ".content.file_type"),
    SP_ROW("is_file_update", TEXT, SP_T_BOOL, BLOCK ".content.is_file_update"),
    SP_ROW("lines", TEXT, SP_T_ARRAY, BLOCK ".content.lines"),
};
static const sp_table B(served_item) = SP_TABLE(B(served_item_rows), BLOCK ".content");
static const sp_field B(executed_rows)[] = {
    SP_ROW("stdout", TEXT, SP_T_STRING, BLOCK ".content.stdout"),
    SP_ROW("stderr", TEXT, SP_T_STRING, BLOCK ".content.stderr"),
    SP_ROW("encrypted_stdout", OPAQUE, SP_T_STRING, BLOCK ".content.encrypted_stdout"),
    SP_ROW("return_code", TEXT, SP_T_INT, BLOCK ".content.return_code"),
    SP_ROW("content", TEXT, SP_T_ARRAY, BLOCK ".content.content", .table = &B(output)),
};
static const sp_table B(executed) = SP_TABLE(B(executed_rows), BLOCK ".content");
static const sp_field B(fetched_rows)[] = {
    SP_ROW("url", TEXT, SP_T_STRING, BLOCK ".content.url"),
    SP_ROW("retrieved_at", TEXT, SP_T_STRING, BLOCK ".content.retrieved_at"),
    SP_ROW("content", TEXT, SP_T_OBJECT, BLOCK ".content.content", .table = INNER),
};
static const sp_table B(fetched) = SP_TABLE(B(fetched_rows), BLOCK ".content");
static const sp_variant B(served_forms)[] = {
    SP_FORM("web_search_result", TEXT, SAME, &B(served_item)),
    SP_FORM("web_search_tool_result_error", TEXT, SAME, &B(served_item)),
    SP_FORM("web_fetch_result", TEXT, SAME, &B(fetched)),
    SP_FORM("web_fetch_tool_result_error", TEXT, SAME, &B(served_item)),
    SP_FORM("code_execution_result", TEXT, SAME, &B(executed)),
    SP_FORM("encrypted_code_execution_result", TEXT, SAME, &B(executed)),
    SP_FORM("code_execution_tool_result_error", TEXT, SAME, &B(served_item)),
    SP_FORM("bash_code_execution_result", TEXT, SAME, &B(executed)),
    SP_FORM("bash_code_execution_tool_result_error", TEXT, SAME, &B(served_item)),
    SP_FORM("text_editor_code_execution_*", TEXT, SAME, NULL),
    SP_FORM("tool_search_tool_*", TEXT, SAME, NULL),
};
static const sp_table B(served) = SP_UNION(B(served_forms), "type", BLOCK ".content");
static const sp_field B(served_result_rows)[] = {
    SP_ROW("tool_use_id", TEXT, SP_T_STRING, BLOCK ".tool_use_id"),
    SP_ROW("content", TEXT, SP_T_ARRAY | SP_T_OBJECT, BLOCK ".content", .table = &B(served)),
    SP_ROW("caller", TEXT, SP_T_OBJECT, BLOCK ".caller"),
    CACHE_ROW,
};
static const sp_table B(served_result) = SP_TABLE(B(served_result_rows), BLOCK);

static const sp_field B(upload_rows)[] = {
    SP_ROW("file_id", STATE, SP_T_STRING, BLOCK ".file_id", .also = SP_FIELD_UNREADABLE),
    CACHE_ROW,
};
static const sp_table B(upload) = SP_TABLE(B(upload_rows), BLOCK);
static const sp_field B(reference_rows)[] = {
    SP_ROW("tool_name", TEXT, SP_T_STRING, BLOCK ".tool_name"),
    CACHE_ROW,
};
static const sp_table B(reference) = SP_TABLE(B(reference_rows), BLOCK);

static const sp_variant B(forms)[] = {
    SP_FORM("text", TEXT, SAME, &B(text)),
    SP_FORM("tool_use", TEXT, MODEL, &B(use), .part = SP_PART_CALL),
    SP_FORM("tool_result", TEXT, TOOL, &B(result), .part = SP_PART_RESULT),
    SP_FORM("thinking", OPAQUE, MODEL, &B(thinking)),
    SP_FORM("redacted_thinking", OPAQUE, MODEL, &B(thinking)),
    SP_FORM("image", TEXT, FOUND, &B(image)),
    SP_FORM("document", TEXT, FOUND, &B(document)),
    SP_FORM("search_result", TEXT, FOUND, &B(found)),
    SP_FORM("server_tool_use", TEXT, MODEL, &B(use), .part = SP_PART_SERVED),
    SP_FORM("mcp_tool_use", TEXT, MODEL, &B(use), .part = SP_PART_SERVED),
    SP_FORM("mcp_tool_result", TEXT, TOOL, &B(result)),
    SP_FORM("web_search_tool_result", TEXT, TOOL, &B(served_result)),
    SP_FORM("web_fetch_tool_result", TEXT, TOOL, &B(served_result)),
    SP_FORM("code_execution_tool_result", TEXT, TOOL, &B(served_result)),
    SP_FORM("bash_code_execution_tool_result", TEXT, TOOL, &B(served_result)),
    SP_FORM("text_editor_code_execution_tool_result", TEXT, TOOL, &B(served_result)),
    SP_FORM("tool_search_tool_result", TEXT, TOOL, &B(served_result)),
    SP_FORM("tool_reference", TEXT, SAME, &B(reference)),
    SP_FORM("container_upload", TEXT, FOUND, &B(upload)),
    SP_FORM("compaction", OPAQUE, MODEL, &B(compaction)),
};
static const sp_table B(blocks) = SP_UNION(B(forms), "type", BLOCK);

#undef CACHE_ROW
#undef BLOCK
#undef B
#undef INNER
