/** The exchange: state of one client request over all of its tries. Redirects to named locations zero r->ctx,
 * so it is found again through its pool cleanup, which also ends it: there, whatever happened, an owed
 * outcome is recorded. */
#include "ngx_http_sallyport_confine.h"
#include "ngx_http_sallyport_limit.h"

/* Parsing takes about 6 bytes per byte of a body, reviewing a whole answer up to 12 (measured). */
enum { ARENA_BYTES_MIN = 4 << 20, ARENA_PER_BYTE = 16 };

static size_t arena_limit(const ngx_http_sallyport_policy_t *policy)
{
    if (policy == NULL) {
        return ARENA_BYTES_MIN;
    }
    const sp_limits *limits = &policy->snapshot.limits;
    return ARENA_BYTES_MIN + ARENA_PER_BYTE * ((size_t)limits->body_bytes + limits->answer_bytes);
}

static void exchange_cleanup(void *data)
{
    ngx_http_sallyport_exchange_t *x = data;

    ngx_queue_remove(&x->link);
    ngx_http_sallyport_turn_forget(x);
    ngx_http_sallyport_aside_forget(x);
    ngx_http_sallyport_record_forget(x);
    if (x->owes_outcome) {
        ngx_http_sallyport_count(NGX_HTTP_SALLYPORT_M_ABORTED, 1);
        ngx_http_sallyport_record_outcome(x, x->verdict != SP_OK ? x->verdict : SP_EABORT, NULL);
    }
    if (x->policy) {
        ngx_http_sallyport_policy_release(x->policy);
    }
    ngx_http_sallyport_forget_key(x->r);
    ngx_http_sallyport_limit_leave(x);
    ngx_http_sallyport_body_forget(x);
    sp_arena_fini(&x->arena);
}

/** 48 bits of milliseconds, then random bits: sorts by time, cannot be guessed. */
static ngx_int_t make_id(ngx_http_sallyport_exchange_t *x)
{
    const ngx_time_t *now = ngx_timeofday();
    const uint64_t ms = (uint64_t)now->sec * 1000 + now->msec;

    if (ngx_http_sallyport_random(x->id, sizeof x->id) != NGX_OK) {
        return NGX_ERROR;
    }
    for (unsigned i = 0; i < 6; i++) {
        x->id[i] = (uint8_t)(ms >> (8 * (5 - i)));
    }
    sp_hex_encode((char *)x->id_text, (sp_bytes){x->id, sizeof x->id});
    return NGX_OK;
}

ngx_http_sallyport_exchange_t *ngx_http_sallyport_exchange_new(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t *cleanup = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_sallyport_exchange_t));
    if (cleanup == NULL) {
        return NULL;
    }
    ngx_http_sallyport_exchange_t *x = cleanup->data;
    ngx_memzero(x, sizeof *x);
    x->r = r;
    x->http_version = r->http_version;
    x->arrived_us = ngx_http_sallyport_now_us();
    x->policy = ngx_http_sallyport_policy_hold();
    x->arena_limit = arena_limit(x->policy);
    sp_arena_init(&x->arena, x->arena_limit);
    ngx_queue_insert_tail(&ngx_http_sallyport_worker.stops.exchanges, &x->link);
    cleanup->handler = exchange_cleanup;
    if (make_id(x) != NGX_OK) {
        return NULL;
    }
    ngx_http_set_ctx(r, x, ngx_http_sallyport_module);
    return x;
}

ngx_http_sallyport_exchange_t *ngx_http_sallyport_exchange_find(ngx_http_request_t *r)
{
    ngx_http_sallyport_exchange_t *x = ngx_http_get_module_ctx(r, ngx_http_sallyport_module);

    for (ngx_pool_cleanup_t *c = r->pool->cleanup; x == NULL && c; c = c->next) {
        if (c->handler == exchange_cleanup) {
            x = c->data;
            ngx_http_set_ctx(r, x, ngx_http_sallyport_module);
        }
    }
    return x;
}
