/** @file ngx_http_sallyport_told.h  Private to the module: what conversations were told, in a zone of all
 *  workers (told.c). docs/adr/0028-told.md. */
#pragma once
#include "ngx_http_sallyport.h"

ngx_int_t ngx_http_sallyport_told_zone(ngx_conf_t *cf);
/** In a worker. */
ngx_int_t ngx_http_sallyport_told_init(ngx_cycle_t *cycle);
void ngx_http_sallyport_told_fini(void);

/** Fills in recalled and question of x->reading, on the loop. @return SP_OK, SP_ENOMEM, SP_ECRYPTO. */
sp_status ngx_http_sallyport_told_recall(ngx_http_sallyport_exchange_t *x);
/** How the review of this answer is to remember it. */
sp_review_told ngx_http_sallyport_told_of(const ngx_http_sallyport_exchange_t *x);
/** Keeps what the review says that the client is told: before it is sent. */
void ngx_http_sallyport_told_keep(ngx_http_sallyport_exchange_t *x);
/** The same when no more text will leave: of texts as they stand. @return SP_OK, SP_ENOMEM, SP_EINTERNAL. */
sp_status ngx_http_sallyport_told_end(ngx_http_sallyport_exchange_t *x);
