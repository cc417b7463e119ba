/** @file dialect.h  A dialect is a table: paths, headers, query parameters, fields of the request, channels
 * of the answer, the shape of an error; fields and channels for each operation that it has (ADR 19). A new
 * dialect is a new table (src/core/parse/<name>.c and a row in tbl/dialects.h), not new code. All tables are
 * static and const. */
#pragma once
#include "sallyport/request.h"

/** The name of a call ("generate"), or "unknown". */
const char *sp_operation_name(sp_operation operation);
/** The call with that name, or SP_OP_NONE. */
sp_operation sp_operation_find(sp_bytes name);
/** Whether it is sent on to a destination, and whether its answer may be a stream of events. */
bool sp_operation_is_call(sp_operation operation);
bool sp_operation_streams(sp_operation operation);

typedef enum sp_dialect_id {
    SP_DIALECT_NONE = 0,
    SP_DIALECT_OPENAI = 1,
    SP_DIALECT_ANTHROPIC = 2
} sp_dialect_id;

typedef struct sp_dialect
    sp_dialect; /**< opaque outside src/core; its parts are reached through the functions here */

/** The dialect with that id or name ("openai", "anthropic"), or NULL. */
const sp_dialect *sp_dialect_get(sp_dialect_id id);
const sp_dialect *sp_dialect_find(sp_bytes name);
const char *sp_dialect_name(const sp_dialect *dialect);
sp_dialect_id sp_dialect_id_of(const sp_dialect *dialect);
/** Whether the dialect has that call. */
bool sp_dialect_has(const sp_dialect *dialect, sp_operation operation);
/** Whether the dialect has that call. */
bool sp_dialect_has(const sp_dialect *dialect, sp_operation operation);

/** What a path means. `dialect` is the one whose error shape fits also where nothing is served. */
typedef struct sp_route {
    sp_operation operation;
    const sp_dialect *dialect;
    /** Path at a destination of the same dialect, behind its base URL, which ends in the version for every
     * dialect (https://api.anthropic.com/v1): "/chat/completions", "/messages". NULL if not forwarded. The
     * query, where there is one, goes along. */
    const char *upstream_path;
} sp_route;

/** Finds what `method path?query` asks for.
 *  @param path   the raw path as received, not decoded: only exact matches are served.
 *  @param query  raw, without '?'; every parameter must be in the route's list (Anthropic: `beta=true`).
 *  @return SP_OK, SP_EPATH, SP_EMETHOD, SP_EQUERY; out->dialect is set in every case, so that a refusal has a
 * shape. Where both dialects share a path (/v1/models, /) it is OpenAI's: a caller that sends
 * anthropic-version expects the other one. */
SP_NODISCARD sp_status sp_route_find(sp_route *out, sp_bytes method, sp_bytes path, sp_bytes query);

/** Whether `value` is what a Host field may hold: a name of letters, digits, '-', '.', '_', or an IPv6
 * address in brackets, and a port of at most five digits (RFC 9110 section 7.2, without percent encoding and
 * the marks that no host name of the Internet has). Nothing is decided by a host; one that programs may read
 * differently is refused. */
bool sp_authority_is_valid(sp_bytes value);

/** Whether a header's name reads like one of ours (`x-sallyport-…`): compared are its letters and digits
 * alone, and the `x` may be missing, so that `X_Sallyport_Use_Case` and `sallyport.usecase` are of the family
 * too. */
bool sp_header_is_ours(sp_bytes name);
/** Whether a header's name is of letters, digits and hyphens. Others are read in more than one way: programs
 * fold `_` and `.` to `-`, nginx for its `$http_NAME` among them, so none goes on. */
bool sp_header_is_plain(sp_bytes name);

/** Whether a request header goes on to a destination of this dialect (e.g. anthropic-version,
 * anthropic-beta). Names are compared without case. Credentials, Host, Content-Length, Accept-Encoding never
 * do. */
bool sp_dialect_forwards_header(const sp_dialect *dialect, sp_bytes name);
/** Whether an answer header goes back to the client (e.g. request-id, x-request-id, retry-after,
 * x-ratelimit-*, anthropic-ratelimit-*). */
bool sp_dialect_returns_header(const sp_dialect *dialect, sp_bytes name);

/** Appends an error body in the dialect's shape. `message` is text of ours; it is escaped. */
void sp_dialect_error_append(sp_buf *out, const sp_dialect *dialect, sp_status status, sp_bytes message,
                             sp_bytes request_id);
/** Appends the same as an event that ends a stream in this dialect (OpenAI: `data: {"error":...}`; Anthropic:
 * `event: error`). */
void sp_dialect_error_event_append(sp_buf *out, const sp_dialect *dialect, sp_status status, sp_bytes message,
                                   sp_bytes request_id);
/** Appends a model list in the dialect's shape. @param created_s  seconds since 1970. */
void sp_dialect_models_append(sp_buf *out, const sp_dialect *dialect, const sp_bytes *names, size_t n,
                              uint64_t created_s);
