/** Answers of our own: errors in the dialect's shape, the model list, liveness, readiness, metrics. */
#include "ngx_http_sallyport_limit.h"

ngx_int_t ngx_http_sallyport_header_push(ngx_http_request_t *r, const char *name, sp_bytes value)
{
    ngx_table_elt_t *h = ngx_list_push(&r->headers_out.headers);

    if (h == NULL) {
        return NGX_ERROR;
    }
    ngx_memzero(h, sizeof *h);
    h->hash = 1;
    h->key.data = (u_char *)(uintptr_t)name; /* static text: nginx reads it only */
    h->key.len = ngx_strlen(name);
    h->value.len = value.n;
    h->value.data = ngx_pnalloc(r->pool, value.n ? value.n : 1);
    if (h->value.data == NULL) {
        h->hash = 0;
        return NGX_ERROR;
    }
    (void)ngx_http_sallyport_copy(h->value.data, value);
    return NGX_OK;
}

/** x-sallyport-*: the request id always; use case, label and destination once they are known. A header that
 * finds no memory is left out. */
void ngx_http_sallyport_own_headers(ngx_http_sallyport_exchange_t *x)
{
    ngx_http_request_t *r = x->r;
    sp_buf label = SP_BUF_IN(&x->arena.mem);

    (void)ngx_http_sallyport_header_push(r, "x-sallyport-request-id",
                                         (sp_bytes){x->id_text, sizeof x->id_text - 1});
    if (x->purpose.application) {
        (void)ngx_http_sallyport_header_push(
            r, "x-sallyport-use-case", x->policy->snapshot.use_cases[x->purpose.application->use_case].name);
    }
    if (x->labelling.n_atoms) {
        sp_label_append(&label, x->labelling.label, &x->policy->snapshot.names);
        (void)ngx_http_sallyport_header_push(r, "x-sallyport-label", sp_buf_bytes(&label));
    }
    if (x->declassified.is_on) {
        (void)ngx_http_sallyport_header_push(r, "x-sallyport-declassified", x->declassified.here->by->name);
    }
    ngx_http_sallyport_limit_headers(x);
    if (x->decision.outcome != SP_DENY) {
        (void)ngx_http_sallyport_header_push(r, "x-sallyport-destination",
                                             x->policy->snapshot.destinations[x->decision.destination].name);
    }
}

sp_bytes ngx_http_sallyport_error_body(ngx_http_sallyport_exchange_t *x, sp_status status, sp_bytes text)
{
    sp_buf body = SP_BUF_IN(&x->arena.mem);
    const sp_dialect *dialect = x->route.dialect ? x->route.dialect : sp_dialect_get(SP_DIALECT_OPENAI);

    sp_dialect_error_append(&body, dialect, status,
                            text.n ? text : sp_bytes_of(sp_error_get(status)->sentence),
                            (sp_bytes){x->id_text, sizeof x->id_text - 1});
    return sp_buf_bytes(&body);
}

/** When to come back: as the key's limit has it, also in milliseconds, which SDKs read first; what the
 * destination that failed last has asked for; else a second for what passes. */
static void push_retry_after(ngx_http_sallyport_exchange_t *x, sp_status status)
{
    const bool is_ours = status == SP_ERATE;
    sp_buf seconds = SP_BUF_IN(&x->arena.mem);
    sp_buf ms = SP_BUF_IN(&x->arena.mem);

    if (is_ours) {
        sp_buf_append_u64(&ms, x->allowance.wait_us ? x->allowance.wait_us / 1000 + 1 : 1000);
        (void)ngx_http_sallyport_header_push(x->r, "retry-after-ms", sp_buf_bytes(&ms));
    } else if (x->retry_after_s == 0 && sp_error_get(status)->http != NGX_HTTP_SERVICE_UNAVAILABLE) {
        return;
    }
    const uint64_t asked = x->retry_after_s ? x->retry_after_s : 1;
    sp_buf_append_u64(&seconds, is_ours ? sp_allowance_retry_s(&x->allowance) : asked);
    (void)ngx_http_sallyport_header_push(x->r, "retry-after", sp_buf_bytes(&seconds));
}

/** What SDKs do by default is retry 408, 409, 429 and 5xx; x-should-retry tells them not to where a
 * repetition cannot help. After a slow body or past a rate it can. */
void ngx_http_sallyport_error_headers(ngx_http_sallyport_exchange_t *x, sp_status status, size_t body_bytes)
{
    const sp_error_info *info = sp_error_get(status);
    ngx_http_request_t *r = x->r;

    r->headers_out.status = info->http;
    r->headers_out.status_line.len = 0;
    r->headers_out.content_length_n = (off_t)body_bytes;
    ngx_str_set(&r->headers_out.content_type, "application/json");
    r->headers_out.content_type_len = r->headers_out.content_type.len;
    r->headers_out.charset.len = 0;
    const bool is_later = info->http == NGX_HTTP_REQUEST_TIME_OUT || info->http == NGX_HTTP_TOO_MANY_REQUESTS;
    if (!is_later && (info->cls == SP_CLASS_CALLER || info->cls == SP_CLASS_POLICY)) {
        (void)ngx_http_sallyport_header_push(r, "x-should-retry", SP_LIT("false"));
    }
    if (status == SP_ERATE || info->cls != SP_CLASS_POLICY) {
        push_retry_after(x, status);
    }
}

/** Header is prepared: sends it and the body, which must live as long as the request. */
static ngx_int_t send_body(ngx_http_request_t *r, sp_bytes body)
{
    ngx_int_t rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }
    ngx_buf_t *b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_ERROR;
    }
    b->pos = b->start = (u_char *)(uintptr_t)body.p; /* memory: only read */
    b->last = b->end = b->pos + body.n;
    b->memory = body.n != 0;
    b->last_buf = 1;
    b->last_in_chain = 1;
    ngx_chain_t out = {.buf = b, .next = NULL};
    return ngx_http_output_filter(r, &out);
}

ngx_int_t ngx_http_sallyport_send_page(ngx_http_sallyport_exchange_t *x, ngx_uint_t status, const char *type,
                                       sp_bytes body)
{
    ngx_http_request_t *r = x->r;

    x->state = SALLYPORT_REFUSED;
    r->headers_out.status = status;
    r->headers_out.content_length_n = (off_t)body.n;
    r->headers_out.content_type.data = (u_char *)(uintptr_t)type;
    r->headers_out.content_type.len = ngx_strlen(type);
    r->headers_out.content_type_len = r->headers_out.content_type.len;
    ngx_http_sallyport_own_headers(x);
    return send_body(r, body);
}

ngx_int_t ngx_http_sallyport_send_error(ngx_http_sallyport_exchange_t *x)
{
    const sp_bytes body = ngx_http_sallyport_error_body(x, x->refusal, x->refusal_text);

    x->state = SALLYPORT_REFUSED;
    if (body.n == 0) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    ngx_log_error(NGX_LOG_NOTICE, x->r->connection->log, 0, "sallyport: %s refused: %s", x->id_text,
                  sp_error_get(x->refusal)->name);
    ngx_http_sallyport_error_headers(x, x->refusal, body.n);
    if (x->refusal_http) {
        x->r->headers_out.status = x->refusal_http;
    }
    ngx_http_sallyport_own_headers(x);
    return send_body(x->r, body);
}

static void refusal_durable(ngx_http_sallyport_exchange_t *x, sp_status status)
{
    if (status != SP_OK) {
        ngx_http_sallyport_count(NGX_HTTP_SALLYPORT_M_UNRECORDED, 1);
        x->refusal = SP_ERECORD;
        x->refusal_text = SP_BYTES_EMPTY;
    }
    ngx_http_finalize_request(x->r, ngx_http_sallyport_send_error(x));
}

void ngx_http_sallyport_refuse(ngx_http_sallyport_exchange_t *x, sp_status status, const sp_bytes *text)
{
    x->state = SALLYPORT_REFUSED;
    x->refusal = status;
    x->refusal_text = text ? *text : SP_BYTES_EMPTY;
    ngx_http_sallyport_count(NGX_HTTP_SALLYPORT_M_REFUSED, 1);
    ngx_http_sallyport_count(NGX_HTTP_SALLYPORT_M_STOPPED, status == SP_ESTOPPED);
    ngx_http_sallyport_watch_client(x->r);
    ngx_http_sallyport_record_refusal(x, refusal_durable);
}

/* ---- in place of nginx's own pages, which are HTML ---- */

/** What nginx refuses before any handler of ours is asked. The rest of the request is not read: where it ends
 * is not known. */
static const struct {
    ngx_int_t nginx; /* its status */
    ngx_uint_t http; /* what the client gets */
    sp_status status;
} page_errors[] = {
    {NGX_HTTP_NOT_ALLOWED, NGX_HTTP_NOT_ALLOWED, SP_EMETHOD}, /* TRACE, CONNECT */
    {NGX_HTTP_REQUEST_URI_TOO_LARGE, NGX_HTTP_REQUEST_URI_TOO_LARGE, SP_EHTTP},
    {431, 431, SP_EHTTP}, /* RFC 6585, 5; nginx.conf makes it of nginx's own 494 */
    {NGX_HTTP_NOT_IMPLEMENTED, NGX_HTTP_NOT_IMPLEMENTED, SP_EHTTP}, /* an unknown transfer coding */
    {NGX_HTTP_VERSION_NOT_SUPPORTED, NGX_HTTP_VERSION_NOT_SUPPORTED, SP_EHTTP},
    {NGX_HTTP_SERVICE_UNAVAILABLE, NGX_HTTP_SERVICE_UNAVAILABLE, SP_EBUSY},
    {NGX_HTTP_INTERNAL_SERVER_ERROR, NGX_HTTP_INTERNAL_SERVER_ERROR, SP_EINTERNAL},
};

ngx_int_t ngx_http_sallyport_page_handler(ngx_http_request_t *r)
{
    const ngx_int_t code = (ngx_int_t)r->err_status;

    if (!r->internal) {
        return ngx_http_sallyport_gate_handler(r); /* a client has asked for the path: there is no such one */
    }
    ngx_http_sallyport_exchange_t *x = ngx_http_sallyport_exchange_find(r);
    x = x ? x : ngx_http_sallyport_exchange_new(r);
    if (x == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    ngx_http_sallyport_gate_route(x);
    x->refusal = SP_EHTTP;
    for (size_t i = 0; i < sizeof page_errors / sizeof page_errors[0]; i++) {
        if (page_errors[i].nginx == code) {
            x->refusal = page_errors[i].status;
            x->refusal_http = page_errors[i].http;
        }
    }
    x->refusal_text = SP_BYTES_EMPTY;
    x->verdict = x->verdict != SP_OK ? x->verdict : x->refusal; /* of an exchange that owes an outcome */
    r->err_status = 0;
    r->keepalive = 0;
    ngx_http_sallyport_count(NGX_HTTP_SALLYPORT_M_UNIDENTIFIED, x->key == NULL);
    return ngx_http_sallyport_send_error(x);
}

/* ---- pages ---- */

static ngx_int_t send_models(ngx_http_sallyport_exchange_t *x)
{
    const sp_snapshot *s = &x->policy->snapshot;
    sp_buf body = SP_BUF_IN(&x->arena.mem);
    sp_bytes *names = x->purpose.application->n_models
                          ? sp_alloc(&x->arena.mem, x->purpose.application->n_models, sizeof *names)
                          : NULL;

    if (x->purpose.application->n_models && names == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    for (size_t i = 0; i < x->purpose.application->n_models; i++) {
        names[i] = s->models[x->purpose.application->models[i]].name;
    }
    sp_dialect_models_append(&body, x->route.dialect, names, x->purpose.application->n_models, s->created_s);
    return body.status == SP_OK
               ? ngx_http_sallyport_send_page(x, NGX_HTTP_OK, "application/json", sp_buf_bytes(&body))
               : NGX_HTTP_INTERNAL_SERVER_ERROR;
}

static ngx_int_t send_ready(ngx_http_sallyport_exchange_t *x)
{
    if (ngx_http_sallyport_is_ready()) {
        return ngx_http_sallyport_send_page(x, NGX_HTTP_OK, "text/plain", SP_LIT("ready\n"));
    }
    return ngx_http_sallyport_send_page(
        x, NGX_HTTP_SERVICE_UNAVAILABLE, "text/plain",
        SP_LIT("not ready: no valid snapshot, no ledger, or no list of stops that can be "
               "read; the error log says which\n"));
}

static ngx_int_t send_metrics(ngx_http_sallyport_exchange_t *x)
{
    sp_buf body = SP_BUF_IN(&x->arena.mem);

    ngx_http_sallyport_metrics_append(&body);
    return body.status == SP_OK ? ngx_http_sallyport_send_page(x, NGX_HTTP_OK, "text/plain; version=0.0.4",
                                                               sp_buf_bytes(&body))
                                : NGX_HTTP_INTERNAL_SERVER_ERROR;
}

ngx_int_t ngx_http_sallyport_serve(ngx_http_sallyport_exchange_t *x)
{
    switch (x->route.operation) {
    case SP_OP_MODELS:
        return send_models(x);
    case SP_OP_ROOT:
        return ngx_http_sallyport_send_page(x, NGX_HTTP_OK, "text/plain", SP_LIT("sallyport\n"));
    case SP_OP_HEALTH:
        return ngx_http_sallyport_send_page(x, NGX_HTTP_OK, "text/plain", SP_LIT("ok\n"));
    case SP_OP_READY:
        return send_ready(x);
    case SP_OP_METRICS:
        return send_metrics(x);
    default: /* calls are forwarded */
        break;
    }
    return NGX_HTTP_INTERNAL_SERVER_ERROR;
}
