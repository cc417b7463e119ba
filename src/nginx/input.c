/** Below the filters: how the destination's bytes are framed, and how they end. nginx ends a request at once
 * when a body's framing breaks, so that nobody is told and nothing is recorded in time; and it keeps to
 * itself whether a destination broke off or fell silent. Both are seen here, where nginx calls the proxy. */
#include "ngx_http_sallyport.h"

/** What nginx would have called; ours stands before it. */
typedef struct ngx_http_sallyport_input_s {
    ngx_int_t (*init)(void *data);
    ngx_int_t (*filter)(void *data, ssize_t bytes);
    void *ctx;
    void (*finalize)(ngx_http_request_t *r, ngx_int_t rc);
} input_t;

bool ngx_http_sallyport_input_is_framed(const ngx_http_request_t *r)
{
    const ngx_http_upstream_headers_in_t *in = &r->upstream->headers_in;
    const bool is_number = in->content_length == NULL || in->content_length_n >= 0; /* -1: none, or chunked */

    if (in->transfer_encoding == NULL) {
        return is_number;
    }
    const sp_bytes coding = ngx_http_sallyport_bytes(in->transfer_encoding->value);
    return in->content_length == NULL && sp_bytes_eq_nocase(coding, SP_LIT("chunked"));
}

/** A framing that is broken ends the body here: to nginx in good order, to the filter as broken off. */
static ngx_int_t input_filter(void *data, ssize_t bytes)
{
    ngx_http_sallyport_exchange_t *x = data;
    ngx_http_upstream_t *u = x->r->upstream;

    if (x->input->filter(x->input->ctx, bytes) == NGX_OK) {
        return NGX_OK;
    }
    ngx_log_error(NGX_LOG_NOTICE, x->r->connection->log, 0, "sallyport: %s: the body's framing is broken",
                  x->id_text);
    x->is_broken = true;
    u->length = 0;
    u->keepalive = 0;
    return NGX_OK;
}

/** The proxy chooses its filter by the header of the answer; ours takes the place in front of it. */
static ngx_int_t input_filter_init(void *data)
{
    ngx_http_sallyport_exchange_t *x = data;
    ngx_http_upstream_t *u = x->r->upstream;
    const ngx_int_t rc = x->input->init(x->input->ctx);

    x->input->filter = u->input_filter;
    u->input_filter = input_filter;
    return rc;
}

/** Called before the filters hear of the end. */
static void finalize(ngx_http_request_t *r, ngx_int_t rc)
{
    ngx_http_sallyport_exchange_t *x = ngx_http_sallyport_exchange_find(r);

    x->is_timed_out = rc == NGX_HTTP_GATEWAY_TIME_OUT;
    x->input->finalize(r, rc);
}

ngx_int_t ngx_http_sallyport_input_watch(ngx_http_sallyport_exchange_t *x)
{
    ngx_http_upstream_t *u = x->r->upstream;

    x->input = ngx_palloc(x->r->pool, sizeof *x->input);
    if (x->input == NULL) {
        return NGX_ERROR;
    }
    *x->input = (input_t){
        .init = u->input_filter_init,
        .filter = u->input_filter,
        .ctx = u->input_filter_ctx,
        .finalize = u->finalize_request,
    };
    u->input_filter_init = input_filter_init;
    u->input_filter_ctx = x;
    u->finalize_request = finalize;
    return NGX_OK;
}
