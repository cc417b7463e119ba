/** @file ngx_http_sallyport_limit.h  Private to the module: bodies on their way in (body.c), limits of
 * callers and the memory that is held for them (limit.c). */
#pragma once
#include "ngx_http_sallyport.h"

/* ---- bodies ---- */

/** Reads the body and calls `then` when it is whole. Returns what the content handler returns. A body that is
 * refused on the way leads to `sallyport oversize`, with the reason in x->refusal. */
ngx_int_t ngx_http_sallyport_body_read(ngx_http_sallyport_exchange_t *x,
                                       ngx_http_client_body_handler_pt then);
/** The request goes away: its timer and its memory too. */
void ngx_http_sallyport_body_forget(ngx_http_sallyport_exchange_t *x);
void ngx_http_sallyport_body_filter_init(void);

/* ---- connections (accept.c) ---- */

/** In a worker, once it is confined: connections of each address are counted, 0: they are not. */
ngx_int_t ngx_http_sallyport_accept_init(ngx_cycle_t *cycle, ngx_uint_t most);

/* ---- limits ---- */

ngx_int_t ngx_http_sallyport_limit_zone(ngx_conf_t *cf);
void ngx_http_sallyport_limit_init(void);
/** One more request of an identified caller. @return SP_OK, SP_ERATE, SP_EBUSY (no row is free). */
sp_status ngx_http_sallyport_limit_enter(ngx_http_sallyport_exchange_t *x);
/** Bytes of a body whose length was not declared. @return SP_OK, SP_ERATE. */
sp_status ngx_http_sallyport_limit_add(ngx_http_sallyport_exchange_t *x, size_t bytes);
/** The exchange ends. */
void ngx_http_sallyport_limit_leave(ngx_http_sallyport_exchange_t *x);
void ngx_http_sallyport_limit_headers(ngx_http_sallyport_exchange_t *x);
/** Whether `n` bytes more find room, in the worker and in the share of the key. */
bool ngx_http_sallyport_has_room(const ngx_http_sallyport_exchange_t *x, size_t n);
/** Counts anew what the exchange holds, and bounds what its arena may take until the next time: before and
 * after each step that takes much. */
void ngx_http_sallyport_hold(ngx_http_sallyport_exchange_t *x);
/** The arena said no: for want of room here (SP_EBUSY), or because the request is that large (SP_ENOMEM)?
 * Leaves room to record and answer it. */
sp_status ngx_http_sallyport_hold_refused(ngx_http_sallyport_exchange_t *x);
uint64_t ngx_http_sallyport_held(void);
