/** The request's body on its way in. A request body filter takes each piece as nginx has unpacked it (length,
 * chunks, HTTP/2 frames) into memory of ours that grows with what has come, never with what was announced; so
 * nginx keeps no body, neither in memory nor in a file. A body that grows past the limit is refused at that
 * piece, one that comes too slowly when its time is up. */
#include "ngx_http_sallyport_limit.h"

enum {
    ROOM_FIRST = 4 << 10,
    ROOM_DECLARED =
        256 << 10,    /* a declared length up to this is taken at its word: no copying while it grows */
    GRACE_MS = 10000, /* before the least rate counts: what a congested path recovers in */
    LOOK_MS = 1000,
};

static ngx_http_request_body_filter_pt next_filter;

/* ---- growing ---- */

static size_t room_for(const ngx_http_sallyport_exchange_t *x, size_t need)
{
    const off_t declared = x->r->headers_in.content_length_n;
    size_t room = x->received.room ? x->received.room : ROOM_FIRST;

    if (x->received.room == 0 && declared > 0 && declared <= ROOM_DECLARED) {
        room = (size_t)declared;
    }
    while (room < need) {
        room *= 2; /* need is bounded by the limit on bodies, far below overflow */
    }
    return room;
}

static sp_status resize(ngx_http_sallyport_exchange_t *x, size_t room)
{
    if (room > x->received.room && !ngx_http_sallyport_has_room(x, room - x->received.room)) {
        return SP_EBUSY;
    }
    u_char *p = realloc(x->received.p, room);

    if (p == NULL) {
        return SP_EBUSY;
    }
    x->received.p = p;
    x->received.room = room;
    ngx_http_sallyport_hold(x);
    return SP_OK;
}

static sp_status take(ngx_http_sallyport_exchange_t *x, sp_bytes piece)
{
    ngx_http_sallyport_received_t *in = &x->received;

    if (piece.n == 0) {
        return SP_OK;
    }
    if (piece.n > x->policy->snapshot.limits.body_bytes - in->n) {
        return SP_ESIZE;
    }
    if (x->r->headers_in.content_length_n < 0 || x->r->headers_in.chunked) {
        SP_TRY(ngx_http_sallyport_limit_add(x, piece.n));
    }
    if (in->n + piece.n > in->room) {
        SP_TRY(resize(x, room_for(x, in->n + piece.n)));
    }
    in->n = (size_t)(ngx_http_sallyport_copy(in->p + in->n, piece) - in->p);
    return SP_OK;
}

/** Pieces are taken and count as read. Only the last buffer goes on, empty: what nginx keeps of a body it may
 * write to a file. */
static ngx_int_t filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_http_sallyport_exchange_t *x = ngx_http_get_module_ctx(r, ngx_http_sallyport_module);
    ngx_chain_t *last = NULL;

    if (r != r->main || x == NULL || !x->received.is_open) {
        return next_filter(r, in);
    }
    for (ngx_chain_t *cl = in; cl; cl = cl->next) {
        ngx_buf_t *b = cl->buf;
        const sp_status status = take(x, (sp_bytes){b->pos, (size_t)(b->last - b->pos)});
        b->pos = b->last;
        if (status != SP_OK) {
            x->refusal = status;
            return NGX_HTTP_REQUEST_ENTITY_TOO_LARGE; /* whatever it was: leads to `sallyport oversize` */
        }
        last = b->last_buf ? cl : last;
    }
    return next_filter(r, last);
}

void ngx_http_sallyport_body_filter_init(void)
{
    next_filter = ngx_http_top_request_body_filter;
    ngx_http_top_request_body_filter = filter;
}

/* ---- the least rate ---- */

/** Bytes that have to be here by now. Chunk headers and extensions are none: only the body's own count. */
static bool is_slow(const ngx_http_sallyport_exchange_t *x)
{
    const uint64_t ms = (ngx_http_sallyport_now_us() - x->arrived_us) / 1000;
    return ms > GRACE_MS && x->received.n < (ms - GRACE_MS) * x->policy->snapshot.limits.body_rate / 1000;
}

static void look(ngx_event_t *event)
{
    ngx_http_sallyport_exchange_t *x = event->data;
    ngx_http_request_t *r = x->r;
    ngx_connection_t *c = r->connection;

    ngx_http_set_log_request(c->log, r);
    if (!is_slow(x)) {
        ngx_add_timer(event, LOOK_MS);
        return;
    }
    x->refusal = SP_ESLOW;
    r->read_event_handler = ngx_http_block_reading;
    ngx_http_finalize_request(r, NGX_HTTP_REQUEST_ENTITY_TOO_LARGE);
    ngx_http_run_posted_requests(c);
}

/* ---- from the gate ---- */

static void ready(ngx_http_request_t *r)
{
    ngx_http_sallyport_exchange_t *x = ngx_http_sallyport_exchange_find(r);
    ngx_http_sallyport_received_t *in = &x->received;

    in->is_open = false;
    if (in->timer.timer_set) {
        ngx_del_timer(&in->timer);
    }
    if (in->n && in->n < in->room) {
        (void)resize(x, in->n); /* gives back; if that fails, the larger room serves as well */
    }
    in->then(r);
}

ngx_int_t ngx_http_sallyport_body_read(ngx_http_sallyport_exchange_t *x, ngx_http_client_body_handler_pt then)
{
    ngx_http_sallyport_received_t *in = &x->received;

    in->is_open = true;
    in->then = then;
    const ngx_int_t rc = ngx_http_read_client_request_body(x->r, ready);
    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        in->is_open = false;
        return rc;
    }
    if (rc == NGX_AGAIN && in->is_open) {
        in->timer.handler = look;
        in->timer.data = x;
        in->timer.log = x->r->connection->log;
        ngx_add_timer(&in->timer, GRACE_MS);
    }
    return NGX_DONE;
}

void ngx_http_sallyport_body_forget(ngx_http_sallyport_exchange_t *x)
{
    ngx_http_sallyport_received_t *in = &x->received;

    in->is_open = false;
    if (in->timer.timer_set) {
        ngx_del_timer(&in->timer);
    }
    free(in->p);
    *in = (ngx_http_sallyport_received_t){0};
}
