/** @file ngx_http_sallyport_known.h  Private to the module: pieces of requests that were seen before. Where
 *  they are stored a worker knows for itself, since its segment of the ledger is its own; what scans said of
 *  them all workers know (known.c). docs/adr/0014-history.md, docs/adr/0040-verdicts.md. */
#pragma once
#include "ngx_http_sallyport.h"

ngx_int_t ngx_http_sallyport_known_zone(ngx_conf_t *cf);
/** In a worker, behind its engine. */
ngx_int_t ngx_http_sallyport_known_init(ngx_cycle_t *cycle);
void ngx_http_sallyport_known_fini(void);

/** Computes the tags of x->pieces and fills in x->reading.parts. On the loop. @return SP_OK, SP_ENOMEM,
 *  SP_ECRYPTO. */
sp_status ngx_http_sallyport_known_look(ngx_http_sallyport_exchange_t *x);
/** What an answer is compared with of its request's system text; this worker remembers the last ones.
 *  @return SP_OK, SP_ENOMEM. */
sp_status ngx_http_sallyport_known_passages(ngx_http_sallyport_exchange_t *x, sp_passages **out);
/** The canary of the caller's application, when it has one: `*has` says so. Keyed by what lies in the zone:
 *  another one after a restart. @return SP_OK, SP_ERANGE, SP_ECRYPTO. */
sp_status ngx_http_sallyport_known_canary(const ngx_http_sallyport_exchange_t *x,
                                          uint8_t out[SP_CANARY_BYTES], bool *has);
/** Keeps what was said of them. On the loop. */
void ngx_http_sallyport_known_learn(const ngx_http_sallyport_exchange_t *x);
