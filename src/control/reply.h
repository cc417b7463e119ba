/** @file reply.h  Replies of the control sockets: one JSON object in one line, written piece by piece. */
#pragma once
#include "sallyport/base.h"

/** {"ok":true or {"ok":false; then members; then spd_reply_end. */
void spd_reply_begin(sp_buf *reply, bool is_ok);
void spd_reply_text(sp_buf *reply, const char *name, sp_bytes text);
void spd_reply_number(sp_buf *reply, const char *name, uint64_t value);
void spd_reply_bool(sp_buf *reply, const char *name, bool value);
void spd_reply_end(sp_buf *reply);
/** A whole refusal: {"ok":false,"message":...}. */
void spd_reply_refuse(sp_buf *reply, const char *message);

/** Members of a reply that was read; a missing one or another type gives the zero value. Texts live in `mem`.
 */
bool spd_reply_is_ok(sp_bytes reply);
sp_bytes spd_reply_get_text(sp_bytes reply, const char *name, sp_mem *mem);
uint64_t spd_reply_get_number(sp_bytes reply, const char *name);
bool spd_reply_get_bool(sp_bytes reply, const char *name);
