/** @file health.h  Is a destination worth a try now? A circuit breaker, the wait that it asked for
 * (Retry-After) and a budget of retries, as values without clock, lock or memory of their own: the caller
 * passes the time and keeps the value where all workers see it (src/nginx/health.c). Whatever bits a value
 * holds, every function is defined: a process may die while it writes one. A zeroed value is a destination of
 * which nothing is known: it may be tried. What may go where is never decided here, only what is tried first.
 *
 * Times are milliseconds of one clock that does not jump (CLOCK_MONOTONIC), shared by all who use a value. */
#pragma once
#include "sallyport/base.h"

enum {
    SP_HEALTH_SLICES = 10,
    SP_HEALTH_SLICE_MS = 1000, /**< the window is ten seconds, as in Finagle and Linkerd */
};

/** What opens a circuit and for how long, and what may be retried. Zeroed: never opens, no retry. */
typedef struct sp_health_rules {
    uint16_t failures; /**< in a row, which open the circuit; 0: no number does */
    uint8_t share;     /**< percent of the tries of the window that failed, which open it; 0: no share does */
    uint16_t least;    /**< tries in the window below which the share says nothing */
    uint32_t open_ms;  /**< first time of keeping away; doubles with each opening in a row */
    uint32_t open_max_ms;
    uint32_t probe_ms;    /**< lease of a probe: one that has not reported by then no longer counts */
    uint32_t wait_max_ms; /**< most that a Retry-After keeps it away */
    uint8_t retry_share; /**< failures that may be tried elsewhere: percent of its tries of the window, … */
    uint16_t retry_floor; /**< … and so many a second */
} sp_health_rules;

typedef struct sp_health_slice {
    uint32_t begun, ended, failed, retried;
} sp_health_slice;

/** One destination as seen by all workers. */
typedef struct sp_health {
    uint64_t open_until_ms;  /**< 0: closed; past: half-open */
    uint64_t probe_until_ms; /**< lease of the probe under way; past: none */
    uint64_t wait_until_ms;  /**< it asked to be left alone until then */
    uint64_t closed_at_ms;   /**< when a probe last closed the circuit */
    uint64_t newest;         /**< number of the newest slice: time / SP_HEALTH_SLICE_MS */
    uint32_t in_a_row;       /**< failures */
    uint32_t openings;       /**< in a row: doubles the time */
    uint32_t round;          /**< changes with each opening and probe: tells late reports */
    sp_health_slice slices[SP_HEALTH_SLICES];
} sp_health;

typedef enum sp_circuit { SP_CIRCUIT_CLOSED = 0, SP_CIRCUIT_HALF_OPEN = 1, SP_CIRCUIT_OPEN = 2 } sp_circuit;
const char *sp_circuit_name(sp_circuit circuit); /**< "closed", "half-open", "open" */

/** What a try says about its destination. */
typedef enum sp_health_verdict {
    SP_HEALTH_NOTHING = 0, /**< nothing: the client left, the gateway failed */
    SP_HEALTH_GOOD,        /**< it answered, whatever it said of the request */
    SP_HEALTH_BUSY,        /**< it works and wants fewer requests (429) */
    SP_HEALTH_FAILED,
} sp_health_verdict;

/** Held by a try from its beginning to its end. Zeroed: none is held. */
typedef struct sp_health_ticket {
    uint32_t round;
    bool is_held, is_probe;
} sp_health_ticket;

/** Does a destination's HTTP status say that it failed, so that the next one may be asked: 429 or 5xx? Behind
 * anything else, and where none came (0), the request may have been worked on. That a 502 or 504 of somebody
 * in front of it can hide the same is the risk of asking at all, and taken (ADR 11). */
bool sp_health_is_refusal(unsigned upstream);
/** What the outcome of a try says: `status` as it is recorded, `upstream` the HTTP status of the destination
 * (0: none came). 5xx, a connection that failed or broke, a time-out, and an answer that is none count as
 * failures; a refused credential does not: it is the gateway's fault, and no pause mends it. */
sp_health_verdict sp_health_judge(sp_status status, unsigned upstream);

sp_circuit sp_health_circuit(const sp_health *health, uint64_t now_ms);
/** 0: it may be tried now. Else when to ask again, later than now_ms. While the probe of a half-open circuit
 * is under way that is a second from now, since it will report by itself. */
uint64_t sp_health_away_until(const sp_health *health, uint64_t now_ms);

/** A try begins. Closed: admitted. Half-open: the first one is the probe, and no other is admitted before it
 * has reported or its lease is over. @return false when it is away; `*ticket` is then zeroed. */
SP_NODISCARD bool sp_health_begin(sp_health *health, const sp_health_rules *rules, uint64_t now_ms,
                                  sp_health_ticket *ticket);
/** A good answer begins: a probe closes the circuit now, not when a long stream has ended. */
void sp_health_answered(sp_health *health, sp_health_ticket *ticket, uint64_t now_ms);
/** A try ended; gives the ticket back. Reports of tries that began before the circuit opened change nothing.
 */
void sp_health_end(sp_health *health, const sp_health_rules *rules, sp_health_ticket *ticket,
                   sp_health_verdict verdict, uint64_t now_ms);
/** It asked to be left alone for `wait_ms`; bounded by rules->wait_max_ms. Never shortens an earlier wait. */
void sp_health_wait(sp_health *health, const sp_health_rules *rules, uint64_t wait_ms, uint64_t now_ms);
/** May a request whose try here failed be tried elsewhere? Counts it when it may. At most retry_share percent
 * of the tries that began here in the window, and retry_floor a second: the retry budget of Finagle
 * (com.twitter.finagle.service.RetryBudget: 20 %, 10 a second, over 10 s) and of Envoy
 * (config.cluster.v3.CircuitBreakers.Thresholds.RetryBudget: 20 % and at least 3). */
SP_NODISCARD bool sp_health_take_retry(sp_health *health, const sp_health_rules *rules, uint64_t now_ms);

/** The value of a Retry-After field (RFC 9110 section 10.2.3): delay-seconds, or a date in any of the three
 * forms of section 5.6.7.
 *  @param wait_s  receives the seconds from `now_s` (since 1970); 0 for a date that is past; at most a year.
 *  @return false when it is neither; `*wait_s` is then 0. */
SP_NODISCARD bool sp_retry_after_parse(uint64_t *wait_s, sp_bytes value, uint64_t now_s);
