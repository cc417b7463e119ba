#include "control/reply.h"

#include <yyjson.h>

void spd_reply_begin(sp_buf *reply, bool is_ok)
{
    sp_buf_append_str(reply, is_ok ? "{\"ok\":true" : "{\"ok\":false");
}

static void append_name(sp_buf *reply, const char *name)
{
    sp_buf_append_str(reply, ",\"");
    sp_buf_append_str(reply, name);
    sp_buf_append_str(reply, "\":");
}

void spd_reply_text(sp_buf *reply, const char *name, sp_bytes text)
{
    append_name(reply, name);
    sp_buf_append_byte(reply, '"');
    sp_buf_append_json(reply, text);
    sp_buf_append_byte(reply, '"');
}

void spd_reply_number(sp_buf *reply, const char *name, uint64_t value)
{
    append_name(reply, name);
    sp_buf_append_u64(reply, value);
}

void spd_reply_bool(sp_buf *reply, const char *name, bool value)
{
    append_name(reply, name);
    sp_buf_append_str(reply, value ? "true" : "false");
}

void spd_reply_end(sp_buf *reply)
{
    sp_buf_append_byte(reply, '}');
}

void spd_reply_refuse(sp_buf *reply, const char *message)
{
    spd_reply_begin(reply, false);
    spd_reply_text(reply, "message", sp_bytes_of(message));
    spd_reply_end(reply);
}

/* ---- reading ---- */

static yyjson_doc *parse(sp_bytes reply)
{
    /* yyjson changes its input only in situ, which is not asked for */
    return yyjson_read((const char *)reply.p, reply.n, 0);
}

bool spd_reply_get_bool(sp_bytes reply, const char *name)
{
    yyjson_doc *doc = parse(reply);
    const bool value = yyjson_get_bool(yyjson_obj_get(yyjson_doc_get_root(doc), name));
    yyjson_doc_free(doc);
    return value;
}

bool spd_reply_is_ok(sp_bytes reply)
{
    return spd_reply_get_bool(reply, "ok");
}

uint64_t spd_reply_get_number(sp_bytes reply, const char *name)
{
    yyjson_doc *doc = parse(reply);
    const uint64_t value = yyjson_get_uint(yyjson_obj_get(yyjson_doc_get_root(doc), name));
    yyjson_doc_free(doc);
    return value;
}

sp_bytes spd_reply_get_text(sp_bytes reply, const char *name, sp_mem *mem)
{
    sp_bytes out = SP_BYTES_EMPTY;
    yyjson_doc *doc = parse(reply);
    yyjson_val *value = yyjson_obj_get(yyjson_doc_get_root(doc), name);
    const char *text = yyjson_get_str(value);
    if (text != NULL &&
        sp_bytes_copy(&out, (sp_bytes){(const uint8_t *)text, yyjson_get_len(value)}, mem) != SP_OK) {
        out = SP_BYTES_EMPTY;
    }
    yyjson_doc_free(doc);
    return out;
}
