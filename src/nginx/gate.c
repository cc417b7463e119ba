/** The entry: what a request is for, who sends it, is its header fit to be judged. Only then its body is
 * read. */
#include "ngx_http_sallyport_confine.h"
#include "ngx_http_sallyport_limit.h"

/** Headers that carry a caller's credential. A request shows exactly one of them. */
static const char *const credential_headers[] = {"authorization", "x-api-key", "api-key", "x-goog-api-key"};

/** How often a header stands in the request, and its last value. */
static ngx_uint_t header_count(ngx_http_request_t *r, sp_bytes name, sp_bytes *value)
{
    ngx_http_sallyport_fields_t at = {&r->headers_in.headers.part, 0};
    const ngx_table_elt_t *h;
    ngx_uint_t n = 0;

    while ((h = ngx_http_sallyport_field(&at)) != NULL) {
        if (sp_bytes_eq_nocase(ngx_http_sallyport_bytes(h->key), name)) {
            *value = ngx_http_sallyport_bytes(h->value);
            n++;
        }
    }
    return n;
}

static ngx_uint_t header_find(ngx_http_request_t *r, const char *name, sp_bytes *value)
{
    return header_count(r, sp_bytes_of(name), value);
}

static bool carries_credential(const ngx_table_elt_t *h)
{
    for (size_t i = 0; i < sizeof credential_headers / sizeof credential_headers[0]; i++) {
        if (sp_bytes_eq_nocase(ngx_http_sallyport_bytes(h->key), sp_bytes_of(credential_headers[i]))) {
            return true;
        }
    }
    return false;
}

/** The buffers that they stand in go back to the heap as they are. Not those of TLS, which are libssl's. */
void ngx_http_sallyport_forget_key(ngx_http_request_t *r)
{
    ngx_http_sallyport_fields_t at = {&r->headers_in.headers.part, 0};
    ngx_table_elt_t *h;

    while ((h = ngx_http_sallyport_field(&at)) != NULL) {
        if (carries_credential(h)) {
            sp_wipe(h->value.data, h->value.len);
        }
    }
}

static sp_status find_route(ngx_http_sallyport_exchange_t *x)
{
    ngx_http_request_t *r = x->r;
    sp_bytes path =
        ngx_http_sallyport_bytes(r->unparsed_uri); /* as received: what is not an exact path is not served */
    sp_bytes ignored;
    const u_char *mark = ngx_strlchr(r->unparsed_uri.data, r->unparsed_uri.data + r->unparsed_uri.len, '?');

    if (mark) {
        path.n = (size_t)(mark - path.p);
    }
    const sp_status status = sp_route_find(&x->route, ngx_http_sallyport_bytes(r->method_name), path,
                                           ngx_http_sallyport_bytes(r->args));
    if (status == SP_OK && x->route.operation == SP_OP_MODELS &&
        header_find(r, "anthropic-version", &ignored)) {
        x->route.dialect =
            sp_dialect_get(SP_DIALECT_ANTHROPIC); /* both dialects list models at the same path */
    }
    return status;
}

/** The path alone as target, and one Host field that all programs read alike. An absolute target is what a
 * proxy is sent: this is none, and its host, named beside the Host field, would be a second one. */
static sp_status check_authority(ngx_http_request_t *r)
{
    sp_bytes host = SP_BYTES_EMPTY;

    if (r->host_start && r->stream == NULL) {
        return SP_EHTTP;
    }
    const ngx_uint_t n = header_find(r, "host", &host);
    return n > 1 || (n == 1 && !sp_authority_is_valid(host)) ? SP_EHTTP : SP_OK;
}

/** The caller's credential: one header, `Authorization` as a bearer token (RFC 6750), the others bare. */
static sp_status find_credential(ngx_http_request_t *r, sp_bytes *text)
{
    const sp_bytes scheme = SP_LIT("Bearer ");
    ngx_uint_t n = 0;
    bool is_bearer = false;

    for (size_t i = 0; i < sizeof credential_headers / sizeof credential_headers[0]; i++) {
        const ngx_uint_t here = header_find(r, credential_headers[i], text);
        n += here;
        is_bearer = is_bearer || (here && i == 0);
    }
    if (n != 1) {
        return n ? SP_ETWOKEYS : SP_ENOKEY;
    }
    if (!is_bearer) {
        return SP_OK;
    }
    if (!sp_bytes_eq_nocase(sp_bytes_sub(*text, 0, scheme.n), scheme)) {
        return SP_EBADKEY;
    }
    *text = sp_bytes_sub(*text, scheme.n, text->n);
    return SP_OK;
}

static sp_status identify(ngx_http_sallyport_exchange_t *x)
{
    sp_bytes text = SP_BYTES_EMPTY;

    if (x->policy == NULL) {
        return SP_ESNAPSHOT;
    }
    SP_TRY(find_credential(x->r, &text));
    SP_TRY(sp_key_identify(&x->key, &x->policy->snapshot, text, ngx_http_sallyport_now_s()));
    const sp_snapshot *snapshot = &x->policy->snapshot;
    sp_purpose_init(&x->purpose, snapshot, &snapshot->applications[x->key->application], x->key);
    ngx_http_sallyport_stops_expect(x);
    return SP_OK;
}

/** `application/json`, alone or with charset=utf-8: JSON on the wire is UTF-8 (RFC 8259 section 8.1). */
static bool is_json(sp_bytes type)
{
    static const char *const forms[] = {"application/json", "application/json; charset=utf-8",
                                        "application/json;charset=utf-8",
                                        "application/json; charset=\"utf-8\""};

    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (sp_bytes_eq_nocase(type, sp_bytes_of(forms[i]))) {
            return true;
        }
    }
    return false;
}

/** A header that goes on to the destination stands there once, or which of them it means would be anybody's
 * guess. */
static bool repeats_forwarded(ngx_http_sallyport_exchange_t *x)
{
    ngx_http_sallyport_fields_t at = {&x->r->headers_in.headers.part, 0};
    const ngx_table_elt_t *h;
    sp_bytes ignored;

    while ((h = ngx_http_sallyport_field(&at)) != NULL) {
        if (sp_dialect_forwards_header(x->route.dialect, ngx_http_sallyport_bytes(h->key)) &&
            header_count(x->r, ngx_http_sallyport_bytes(h->key), &ignored) > 1) {
            return true;
        }
    }
    return false;
}

/** nginx is told to show every header, or one of ours with a slip in its name would be missed. Of the others
 * those go on as before: not at all. hash 0 is how nginx marks a header as deleted; else
 * `$http_anthropic_beta` would find `anthropic_beta`. */
static void drop_odd_headers(ngx_http_request_t *r)
{
    ngx_http_sallyport_fields_t at = {&r->headers_in.headers.part, 0};
    ngx_table_elt_t *h;

    while ((h = ngx_http_sallyport_field(&at)) != NULL) {
        if (!sp_header_is_plain(ngx_http_sallyport_bytes(h->key))) {
            h->hash = 0;
        }
    }
}

/** What the caller says that its request is of. A header that reads like one of this family and is not known
 * is refused: it may be one of these with a slip in its name, and would be missed in the label. */
static sp_status take_purpose(ngx_http_sallyport_exchange_t *x)
{
    ngx_http_sallyport_fields_t at = {&x->r->headers_in.headers.part, 0};
    const ngx_table_elt_t *h;
    ngx_uint_t n_use_cases = 0, n_sources = 0, n_subjects = 0;

    while ((h = ngx_http_sallyport_field(&at)) != NULL) {
        const sp_bytes name = ngx_http_sallyport_bytes(h->key);
        const sp_bytes value = ngx_http_sallyport_bytes(h->value);
        if (!sp_header_is_ours(name)) {
            continue;
        }
        if (sp_bytes_eq_nocase(name, SP_LIT("x-sallyport-use-case")) && n_use_cases++ == 0) {
            SP_TRY(sp_purpose_declare(&x->purpose, value));
        } else if (sp_bytes_eq_nocase(name, SP_LIT("x-sallyport-sources")) && n_sources++ == 0) {
            SP_TRY(sp_purpose_draw_on(&x->purpose, value));
        } else if (sp_bytes_eq_nocase(name, SP_LIT("x-sallyport-subject")) && n_subjects++ == 0) {
            sp_purpose_serve(&x->purpose, value);
        } else {
            return SP_EHEADER;
        }
    }
    return SP_OK;
}

/** What else the header must say so that the body is what the parser sees. Length and transfer coding are
 * nginx's to check; that neither stands there twice is seen here again, whatever the version of nginx. */
static sp_status check_header(ngx_http_sallyport_exchange_t *x)
{
    ngx_http_request_t *r = x->r;
    sp_bytes value = SP_BYTES_EMPTY;

    drop_odd_headers(r);
    SP_TRY(take_purpose(x));
    const bool repeats_length =
        header_find(r, "content-length", &value) > 1 || header_find(r, "transfer-encoding", &value) > 1;
    if (repeats_length || repeats_forwarded(x)) {
        return SP_EHEADER;
    }
    if (header_find(r, "content-encoding", &value) && !sp_bytes_eq_nocase(value, SP_LIT("identity"))) {
        return SP_EENCODING;
    }
    if (header_find(r, "content-type", &value) != 1 || !is_json(value)) {
        return SP_EENCODING;
    }
    if (r->headers_in.content_length_n > (off_t)x->policy->snapshot.limits.body_bytes) {
        return SP_ESIZE;
    }
    return SP_OK;
}

/** Refused before the body was read: counted and logged, not recorded. Neither strangers nor a caller past
 * its limits may fill the ledger; of others only a body that is too large or too slow ends here. */
static ngx_int_t refuse_unread(ngx_http_sallyport_exchange_t *x, sp_status status)
{
    const ngx_int_t rc = ngx_http_discard_request_body(x->r);

    if (rc != NGX_OK) {
        return rc;
    }
    ngx_http_sallyport_count(x->key ? NGX_HTTP_SALLYPORT_M_REFUSED : NGX_HTTP_SALLYPORT_M_UNIDENTIFIED, 1);
    ngx_http_sallyport_count(NGX_HTTP_SALLYPORT_M_LIMITED, status == SP_ERATE || status == SP_EBUSY);
    x->refusal = status;
    (void)ngx_http_sallyport_hold_refused(x); /* where no room is left the error still needs some */
    return ngx_http_sallyport_send_error(x);
}

static void look_at_body(ngx_http_sallyport_exchange_t *x)
{
    if (x->refusal != SP_OK) {
        ngx_http_sallyport_refuse(x, x->refusal, NULL);
        return;
    }
    ngx_http_sallyport_attempt(x);
}

static void body_ready(ngx_http_request_t *r)
{
    ngx_http_sallyport_exchange_t *x = ngx_http_sallyport_exchange_find(r);

    if (ngx_http_sallyport_turn_waits(x, x->received.n, look_at_body)) {
        ngx_http_sallyport_watch_client(r);
    } else {
        look_at_body(x);
    }
}

/** GET and HEAD pages need no body. */
static ngx_int_t serve_page(ngx_http_sallyport_exchange_t *x)
{
    const ngx_int_t rc = ngx_http_discard_request_body(x->r);
    return rc == NGX_OK ? ngx_http_sallyport_serve(x) : rc;
}

ngx_int_t ngx_http_sallyport_gate_handler(ngx_http_request_t *r)
{
    if (r != r->main) {
        return NGX_HTTP_FORBIDDEN;
    }
    ngx_http_sallyport_exchange_t *x = ngx_http_sallyport_exchange_new(r);
    if (x == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    sp_status status = find_route(x);
    if (status == SP_OK) {
        status = check_authority(r);
    }
    if (status == SP_OK && !sp_operation_is_call(x->route.operation) && x->route.operation != SP_OP_MODELS) {
        return serve_page(x);
    }
    if (status == SP_OK) {
        status = identify(x);
    }
    if (status != SP_OK) {
        return refuse_unread(x, status);
    }
    if (x->route.operation == SP_OP_MODELS) {
        return serve_page(x);
    }
    ngx_http_sallyport_count(NGX_HTTP_SALLYPORT_M_REQUESTS, 1);
    status = ngx_http_sallyport_limit_enter(x);
    if (status != SP_OK) {
        return refuse_unread(x, status);
    }
    x->refusal = check_header(x);
    if (x->refusal == SP_ESIZE) {
        return refuse_unread(x, SP_ESIZE);
    }
    return ngx_http_sallyport_body_read(x, body_ready);
}

void ngx_http_sallyport_gate_route(ngx_http_sallyport_exchange_t *x)
{
    (void)find_route(x);
}

/** A body was refused on its way in. nginx itself refuses one that is declared or grows larger than the
 * limit, maybe before the gate was asked; its page would be HTML. */
ngx_int_t ngx_http_sallyport_oversize_handler(ngx_http_request_t *r)
{
    ngx_http_sallyport_exchange_t *x = ngx_http_sallyport_exchange_find(r);

    if (x == NULL) {
        x = ngx_http_sallyport_exchange_new(r);
    }
    if (r != r->main || x == NULL || x->state != SALLYPORT_ARRIVED) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    if (x->route.dialect == NULL) {
        (void)find_route(x); /* for the shape of the error: set whatever it says */
    }
    return refuse_unread(x, x->refusal != SP_OK ? x->refusal : SP_ESIZE);
}
