/** @file stop.h  Private to the module: the stop switch in a worker (stop.c). */
#pragma once
#include <ngx_config.h>
#include <ngx_core.h>

#include "sallyport/stop.h"

/** Bytes of the longest name in the folder of stops, with its slash and its end. */
#define NGX_HTTP_SALLYPORT_STOPS_NAME 32

typedef struct ngx_http_sallyport_exchange_s ngx_http_sallyport_exchange_t;

typedef struct {
    sp_stops list; /* zeroed: could not be read; everything is refused */
    sp_arena arena;
    struct stat file; /* what was read last; zeroed: nothing was there */
    bool has_polled;
    int seen_fd; /* where this worker says which generation it obeys; -1: none */
    char path[NGX_MAX_PATH], seen[NGX_MAX_PATH];
    ngx_queue_t exchanges;  /* all of this worker */
    uint64_t next_expiry_s; /* when the first of their keys expires; UINT64_MAX: none does */
} ngx_http_sallyport_stops_t;

void ngx_http_sallyport_stops_init(ngx_log_t *log);
void ngx_http_sallyport_stops_fini(void);
/** Takes over a changed list, and ends what it says has to end now; also what runs with a key that has
 * expired meanwhile. */
void ngx_http_sallyport_stops_poll(ngx_log_t *log);
/** The stop that a decided exchange falls under, or NULL. A key that serves no longer is one. */
const sp_stop *ngx_http_sallyport_stop_of(const ngx_http_sallyport_exchange_t *x, bool now_only);
/** The caller is known, and with him when his key expires. */
void ngx_http_sallyport_stops_expect(const ngx_http_sallyport_exchange_t *x);
/** Ends what the list, or a key that serves no longer, says has to end now. */
void ngx_http_sallyport_stops_end_running(void);
/** Does the caller's key still serve, by the newest snapshot? */
bool ngx_http_sallyport_key_serves(const ngx_http_sallyport_exchange_t *x);
/** Remembers which stop it was, for the record and the error. */
void ngx_http_sallyport_stop_note(ngx_http_sallyport_exchange_t *x, const sp_stop *stop);
/** The sentence for the caller, of the stop that was noted. */
sp_bytes ngx_http_sallyport_stop_text(ngx_http_sallyport_exchange_t *x);
/** Ends an answer that is under way: what waits is dropped, the outcome recorded, then the dialect's error.
 */
void ngx_http_sallyport_filter_stop(ngx_http_sallyport_exchange_t *x);
