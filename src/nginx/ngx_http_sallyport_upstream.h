/** @file ngx_http_sallyport_upstream.h  The side of the destinations: what all workers know of their health
 * (health.c), their addresses and TLS sessions (peer.c), connections that are kept (fresh.c). */
#pragma once
#include "ngx_http_sallyport.h"

/* ---- health (sallyport/health.h), shared by all workers ---- */

typedef struct {
    sp_circuit circuit;
    uint64_t away_ms; /* how long it is still kept away from; 0: not */
} ngx_http_sallyport_health_view_t;

ngx_int_t ngx_http_sallyport_health_zone(ngx_conf_t *cf, const ngx_http_sallyport_main_conf_t *conf);
/** A master that ends notes which destinations are left alone, for the next one. */
void ngx_http_sallyport_health_keep(const ngx_http_sallyport_main_conf_t *conf);
ngx_http_sallyport_health_view_t ngx_http_sallyport_health_view(const sp_destination *destination);

/** Candidates of the requested model that may not be tried now, a bit each. */
uint32_t ngx_http_sallyport_health_away(const ngx_http_sallyport_exchange_t *x);
/** In how many seconds the first of those that the decision passed over as away may be tried; at least 1. */
uint32_t ngx_http_sallyport_health_soonest(const ngx_http_sallyport_exchange_t *x);
/** May a request whose try failed be tried elsewhere? Takes it from the budget of the one that failed. */
bool ngx_http_sallyport_health_may_retry(const ngx_http_sallyport_exchange_t *x);
/** A try at the decided destination begins. @return false when it went away meanwhile. */
bool ngx_http_sallyport_health_begin(ngx_http_sallyport_exchange_t *x);
/** The header of its answer is here, or none will come: takes note of what it says of the destination. */
void ngx_http_sallyport_health_heard(ngx_http_sallyport_exchange_t *x);
/** The try is over; once per try. */
void ngx_http_sallyport_health_end(ngx_http_sallyport_exchange_t *x, sp_health_verdict verdict);

/* ---- balancers ---- */

/** Of one upstream block. */
typedef struct {
    ngx_str_t destination;
    ngx_uint_t turn; /* of this worker: spreads requests over the addresses */
#if (NGX_HTTP_SSL)
    ngx_ssl_session_t *session; /* of this worker; NULL until the destination has given one */
#endif
    ngx_http_upstream_init_pt init_upstream; /* of what stands before `sallyport_fresh` */
    ngx_http_upstream_init_peer_pt init_peer;
} ngx_http_sallyport_srv_conf_t;

void *ngx_http_sallyport_peer_conf(ngx_conf_t *cf);
char *ngx_http_sallyport_peer(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_sallyport_fresh(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
