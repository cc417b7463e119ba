/** @file dialect.h  A dialect is a table: paths, headers, query parameters, fields of the request, channels
 * of the answer, the shape of an error. A new dialect is a new table (src/core/parse/<name>.c and a row in
 * tbl/dialects.h), not new code. All tables are static and const. */
#pragma once
#include "sallyport/request.h"

typedef enum sp_operation {
    SP_OP_NONE = 0,
    SP_OP_GENERATE, /**< a model call with a body: parse, label, decide, record, forward */
    SP_OP_MODELS,   /**< list of what this caller may use; answered by the gateway */
    SP_OP_ROOT,     /**< HEAD or GET /: liveness probe of SDKs */
    SP_OP_HEALTH,   /**< /healthz: the process answers */
    SP_OP_READY,    /**< /readyz: can decide and can record */
    SP_OP_METRICS,  /**< /metrics: Prometheus text format 0.0.4 */
} sp_operation;

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
