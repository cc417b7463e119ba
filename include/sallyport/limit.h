/** @file limit.h  How much a caller may ask for: requests and request bytes per minute, and requests at once.
 *
 *  A rate is a leaky bucket used as a meter, which is the generic cell rate algorithm (ITU-T I.371, annex A)
 * in other words: what was asked for fills the bucket, time drains it at the rate, and what would not fit is
 *  refused and fills nothing. A whole minute's worth may come at once. Levels are kept in 1/60,000,000 of a
 *  request or byte, so that a microsecond drains a whole number of them at any rate per minute: nothing is
 *  rounded, nothing drifts, and a level keeps its meaning when the rate is changed.
 *
 *  Pure values in memory of the caller's, who passes the time and keeps others out meanwhile (in the data
 * plane a zone that all workers share, under its mutex). A zeroed row is a free one. */
#pragma once
#include "sallyport/dialect.h"

enum {
    SP_CALLER_ID_BYTES = 8,
    SP_CALLERS_WINDOW = 64, /**< rows that a caller may lie in: bounds every search */
};

/** Of each key of an application; 0: no limit of that kind. */
typedef struct sp_rates {
    uint32_t requests_per_minute, concurrent;
    uint64_t bytes_per_minute; /**< at most SP_RATE_MAX */
} sp_rates;
#define SP_RATE_MAX (UINT64_C(1) << 36) /**< 64 GiB per minute: levels stay far below 2^64 */

/** What is known of one caller. Two levels and their time, requests under way. */
typedef struct sp_caller {
    uint8_t id[SP_CALLER_ID_BYTES];
    uint64_t at_us;           /**< when the levels were as they stand */
    uint64_t requests, bytes; /**< levels */
    uint64_t idle_us;         /**< when both have drained: then a free row says the same as this one */
    uint32_t under_way;
    uint32_t is_used;
} sp_caller;

/** What an answer says about the limits of its caller. */
typedef struct sp_allowance {
    uint64_t limit;     /**< requests per minute; 0: not limited, say nothing */
    uint64_t remaining; /**< whole requests that would fit now */
    uint64_t reset_us;  /**< until the bucket is empty */
    uint64_t wait_us;   /**< refused: until the same would fit, as far as that is known; else 0 */
} sp_allowance;

/** The caller's row: its own, or one that is free or idle, which it then owns with drained levels.
 *  @param n  rows, at least 1. Looks at no more than SP_CALLERS_WINDOW of them.
 *  @return NULL when all rows that it may lie in are in use: refuse then, an unknown level is no empty one.
 */
sp_caller *sp_caller_find(sp_caller *rows, size_t n, const uint8_t id[SP_CALLER_ID_BYTES], uint64_t now_us);

/** One more request of the caller, with `bytes` of body announced (0: unknown, see sp_caller_add). All limits
 * are judged before any level is changed. A body larger than a minute's worth fits when nothing else is in
 * the bucket, and fills it beyond its rim: the wait after it is longer.
 *  @return SP_OK: it is under way and needs sp_caller_leave; SP_ERATE: nothing has changed. */
SP_NODISCARD sp_status sp_caller_enter(sp_allowance *out, sp_caller *caller, const sp_rates *rates,
                                       uint64_t bytes, uint64_t now_us);
/** More of a body whose length was not announced. */
typedef struct sp_body_piece {
    uint64_t bytes, before; /**< of the piece; of the same body, already counted */
} sp_body_piece;
/** @return SP_OK: counted. SP_ERATE: end the request, the piece did not fit; what came before stays counted,
 * and the wait is for as much again. */
SP_NODISCARD sp_status sp_caller_add(sp_allowance *out, sp_caller *caller, const sp_rates *rates,
                                     sp_body_piece piece, uint64_t now_us);
/** `n` requests of the caller have ended. */
void sp_caller_leave(sp_caller *caller, uint32_t n);

/** Whole seconds to wait, as Retry-After says it (RFC 9110, 10.2.3): rounded up, 1 at least. */
uint64_t sp_allowance_retry_s(const sp_allowance *allowance);
/** A header field; the name is static text. */
typedef struct sp_allowance_field {
    const char *name;
    sp_bytes value;
} sp_allowance_field;
enum { SP_ALLOWANCE_FIELDS = 3 };
/** Limit, remaining and reset of requests under the names and in the notation of the dialect.
 *  @param now_s  since 1970. @param mem  the values live there.
 *  @return how many of `out` were filled: 0 without a limit, or when memory is short. */
size_t sp_allowance_fields(sp_allowance_field out[SP_ALLOWANCE_FIELDS], const sp_allowance *allowance,
                           sp_dialect_id dialect, uint64_t now_s, sp_mem *mem);
/** Whether a header of a destination belongs to the same family in any dialect: it speaks of the
 * organisation's account, and must not stand beside what is said of the caller's key. */
bool sp_allowance_hides(sp_bytes header_name);
/** A span of time as the OpenAI dialect writes it: "350ms", "12s", "1m0s"; rounded up. */
void sp_span_append(sp_buf *out, uint64_t us);
