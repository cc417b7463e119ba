/** @file ngx_http_sallyport_turn.h  Private to the module: whose turn it is on the event loop (turn.c).
 * docs/adr/0023-fair-turns.md. */
#pragma once
#include <ngx_config.h>
#include <ngx_core.h>

#include "sallyport/fair.h"
#include "nginx/stop.h"

typedef void (*ngx_http_sallyport_then_pt)(ngx_http_sallyport_exchange_t *x);

/** Of one exchange. */
typedef struct {
    sp_fair_place place;
    ngx_http_sallyport_then_pt then;
    size_t taken;     /* bytes, in this turn */
    sp_status status; /* of the record that it waited for */
} ngx_http_sallyport_turn_t;

void ngx_http_sallyport_turn_init(ngx_cycle_t *cycle);
/** Whether work of the exchange, as dear as `bytes` of a body, has to wait for its turn. true: `then` is
 * called when that comes; one that waits already goes on waiting for what it waited for. false: it may go on,
 * since it is its turn or nobody else is there. */
bool ngx_http_sallyport_turn_waits(ngx_http_sallyport_exchange_t *x, size_t bytes,
                                   ngx_http_sallyport_then_pt then);
/** Calls `then` now or when its turn comes, in place of what it may have waited for. */
void ngx_http_sallyport_turn(ngx_http_sallyport_exchange_t *x, ngx_http_sallyport_then_pt then);
/** The exchange ends. */
void ngx_http_sallyport_turn_forget(ngx_http_sallyport_exchange_t *x);
