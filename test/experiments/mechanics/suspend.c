/* Decide, suspend until the intent is durable, go on in a named location; guard; failover is the same again.
 */
#include "mechanics.h"

static void ngx_http_mechanics_cleanup(void *data);
static void ngx_http_mechanics_suspend(ngx_http_request_t *r);
static void ngx_http_mechanics_intent_done(void *data, int is_durable);
static void ngx_http_mechanics_outcome_done(void *data, int is_durable);
static void ngx_http_mechanics_timeout(ngx_event_t *ev);

ngx_http_mechanics_state_t *ngx_http_mechanics_state_find(ngx_http_request_t *r)
{
    for (ngx_pool_cleanup_t *cln = r->pool->cleanup; cln != NULL; cln = cln->next) {
        if (cln->handler == ngx_http_mechanics_cleanup) {
            return cln->data;
        }
    }

    return NULL;
}

static ngx_http_mechanics_state_t *ngx_http_mechanics_state_new(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t *cln = ngx_pool_cleanup_add(r->pool, 0);
    ngx_http_mechanics_state_t *state = ngx_pcalloc(r->pool, sizeof(*state));

    if (cln == NULL || state == NULL) {
        return NULL;
    }

    state->request = r;
    state->timer.data = state;
    state->timer.handler = ngx_http_mechanics_timeout;
    state->timer.log = r->connection->log;

    cln->handler = ngx_http_mechanics_cleanup;
    cln->data = state;

    return state;
}

static mech_op *ngx_http_mechanics_op_new(void)
{
    mech_op *op = malloc(sizeof(*op));

    if (op != NULL) {
        op->data = NULL;
        op->done = NULL;
        op->len = 0;
    }
    return op;
}

/* "intent|outcome PATH TRY DESTINATION HOW": the path is the test's name for the request. */
static void ngx_http_mechanics_op_add(mech_op *op, const char *kind, ngx_http_mechanics_state_t *state,
                                      const char *how)
{
    u_char *p = (u_char *)op->text;

    op->len = (size_t)(ngx_snprintf(p + op->len, sizeof(op->text) - op->len, "%s %V %ui %V %s\n", kind,
                                    &state->request->uri, state->tries, &state->destination, how) -
                       p);
}

static void ngx_http_mechanics_op_submit(ngx_http_mechanics_state_t *state, mech_op *op)
{
    ngx_http_mechanics_main_conf_t *mcf;

    mcf = ngx_http_get_module_main_conf(state->request, ngx_http_mechanics_module);
    mech_committer_submit(mcf->committer, op);
}

/* As op_submit, and the request waits: no longer than the timer. */
static void ngx_http_mechanics_op_wait(ngx_http_mechanics_state_t *state, mech_op *op,
                                       void (*done)(void *, int))
{
    state->op = op;
    op->data = state;
    op->done = done;

    ngx_add_timer(&state->timer, NGX_HTTP_MECHANICS_WAIT_MS);
    ngx_http_mechanics_op_submit(state, op);
}

static void ngx_http_mechanics_op_detach(ngx_http_mechanics_state_t *state)
{
    if (state->op != NULL) {
        state->op->data = NULL;
        state->op = NULL;
    }
    if (state->timer.timer_set) {
        ngx_del_timer(&state->timer);
    }
}

/* Runs when the request ends, however it ends. After a client's abort no filter is called again: this is the
   only place where the outcome can still be recorded. */
static void ngx_http_mechanics_cleanup(void *data)
{
    ngx_http_mechanics_state_t *state = data;

    ngx_http_mechanics_op_detach(state);

    if (!state->is_intent_open) {
        return;
    }

    mech_op *op = ngx_http_mechanics_op_new();

    if (op == NULL) {
        ngx_log_error(NGX_LOG_ALERT, ngx_cycle->log, 0, "mechanics: no memory for an outcome");
        return;
    }

    ngx_http_mechanics_op_add(op, "outcome", state, state->is_sent ? "aborted" : "unsent");
    ngx_http_mechanics_op_submit(state, op);
}

ngx_int_t ngx_http_mechanics_decide_handler(ngx_http_request_t *r)
{
    if (r != r->main || r->method != NGX_HTTP_POST) {
        return NGX_HTTP_NOT_ALLOWED;
    }

    if (ngx_http_mechanics_state_find(r) == NULL && ngx_http_mechanics_state_new(r) == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    /* In a second try the body is there and the callback runs at once. */
    const ngx_int_t rc = ngx_http_read_client_request_body(r, ngx_http_mechanics_suspend);

    return rc >= NGX_HTTP_SPECIAL_RESPONSE ? rc : NGX_DONE;
}

/* The first part of a body lies in the header's buffer, the rest in another one: flatten. */
static ngx_int_t ngx_http_mechanics_body_copy(ngx_http_request_t *r, ngx_http_mechanics_state_t *state)
{
    size_t size = 0;
    u_char *p;

    if (r->request_body == NULL || r->request_body->temp_file != NULL) {
        return NGX_ERROR;
    }

    for (ngx_chain_t *cl = r->request_body->bufs; cl != NULL; cl = cl->next) {
        size += (size_t)ngx_buf_size(cl->buf);
    }

    p = ngx_pnalloc(r->pool, size + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    state->body.data = p;
    state->body.len = size;

    for (ngx_chain_t *cl = r->request_body->bufs; cl != NULL; cl = cl->next) {
        p = ngx_cpymem(p, cl->buf->pos, (size_t)ngx_buf_size(cl->buf));
    }

    return NGX_OK;
}

/* Each try sends its own body: "DESTINATION:" and what the client sent. */
static ngx_int_t ngx_http_mechanics_body_replace(ngx_http_request_t *r, ngx_http_mechanics_state_t *state)
{
    const size_t size = state->destination.len + 1 + state->body.len;
    ngx_buf_t *b = ngx_create_temp_buf(r->pool, size);
    ngx_chain_t *cl = ngx_alloc_chain_link(r->pool);

    if (b == NULL || cl == NULL) {
        return NGX_ERROR;
    }

    b->last = ngx_cpymem(b->last, state->destination.data, state->destination.len);
    *b->last++ = ':';
    b->last = ngx_cpymem(b->last, state->body.data, state->body.len);
    b->last_buf = 1;

    cl->buf = b;
    cl->next = NULL;
    r->request_body->bufs = cl;
    r->headers_in.content_length_n = (off_t)size; /* proxy_pass takes its Content-Length from here */

    return NGX_OK;
}

/* A client that leaves must be noticed while nothing is read from it. Its end may have come together with the
   body; then no further event will, and the handler has to be called by us. HTTP/2 streams are told by their
   connection. */
static ngx_int_t ngx_http_mechanics_watch_client(ngx_http_request_t *r)
{
    ngx_event_t *rev = r->connection->read;

    r->write_event_handler = ngx_http_request_empty_handler;
    r->read_event_handler = ngx_http_test_reading;

    if (r->stream != NULL) {
        return NGX_OK;
    }

    if (rev->timer_set) {
        ngx_del_timer(rev);
    }

    if (rev->ready) {
        ngx_post_event(rev, &ngx_posted_events);
        return NGX_OK;
    }

    return ngx_handle_read_event(rev, 0);
}

/* Body callback. Nothing is admitted here: only intent_done does that. */
static void ngx_http_mechanics_suspend(ngx_http_request_t *r)
{
    ngx_http_mechanics_state_t *state = ngx_http_mechanics_state_find(r);
    ngx_http_mechanics_loc_conf_t *lcf = ngx_http_get_module_loc_conf(r, ngx_http_mechanics_module);
    mech_op *op = ngx_http_mechanics_op_new();

    if (op == NULL || (state->tries == 0 && ngx_http_mechanics_body_copy(r, state) != NGX_OK) ||
        ngx_http_mechanics_watch_client(r) != NGX_OK) {
        free(op);
        ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return;
    }

    if (state->is_intent_open) {
        ngx_http_mechanics_op_add(op, "outcome", state, "failed-over");
    }

    state->tries++;
    state->destination = lcf->destination;
    state->location = lcf->location;
    state->is_admitted = 0;
    state->is_sent = 0;
    state->is_intent_open = 1;

    ngx_http_mechanics_op_add(op, "intent", state, "-");
    ngx_http_mechanics_op_wait(state, op, ngx_http_mechanics_intent_done);
}

/* The committer's answer, on the loop, in no handler of the connection: whatever happens to the request must
   be followed by run_posted_requests, and after it `r` and `state` may be gone. */
static void ngx_http_mechanics_intent_done(void *data, int is_durable)
{
    ngx_http_mechanics_state_t *state = data;
    ngx_http_request_t *r = state->request;
    ngx_connection_t *c = r->connection;

    ngx_http_mechanics_op_detach(state);
    ngx_http_set_log_request(c->log, r);

    if (!is_durable || ngx_http_mechanics_body_replace(r, state) != NGX_OK) {
        ngx_http_finalize_request(r, NGX_HTTP_SERVICE_UNAVAILABLE);
        ngx_http_run_posted_requests(c);
        return;
    }

    state->is_admitted = 1;

    /* named_location takes a reference and runs the phases; DONE gives back the one of the body's reading. */
    ngx_http_named_location(r, &state->location);
    ngx_http_finalize_request(r, NGX_DONE);
    ngx_http_run_posted_requests(c);
}

/* One durable intent admits one sending, to its destination, and nothing else. */
ngx_int_t ngx_http_mechanics_guard_handler(ngx_http_request_t *r)
{
    ngx_http_mechanics_loc_conf_t *lcf = ngx_http_get_module_loc_conf(r, ngx_http_mechanics_module);

    if (lcf->guard.len == 0) {
        return NGX_DECLINED;
    }

    ngx_http_mechanics_state_t *state = r == r->main ? ngx_http_mechanics_state_find(r) : NULL;

    if (state == NULL || !state->is_admitted || state->destination.len != lcf->guard.len ||
        ngx_memcmp(state->destination.data, lcf->guard.data, lcf->guard.len) != 0) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0, "mechanics: no durable intent for \"%V\"",
                      &lcf->guard);
        return NGX_HTTP_FORBIDDEN;
    }

    state->is_admitted = 0;
    state->is_sent = 1;
    state->is_forwarded = 1;

    return NGX_DECLINED;
}

ngx_int_t ngx_http_mechanics_fail_handler(ngx_http_request_t *r)
{
    static ngx_str_t type = ngx_string("application/json");
    static ngx_str_t text = ngx_string("{\"error\":\"every destination failed\"}");
    ngx_http_complex_value_t cv;

    ngx_memzero(&cv, sizeof(cv));
    cv.value = text;

    return ngx_http_send_response(r, NGX_HTTP_BAD_GATEWAY, &type, &cv);
}

ngx_int_t ngx_http_mechanics_outcome_submit(ngx_http_mechanics_state_t *state, const char *how)
{
    mech_op *op = ngx_http_mechanics_op_new();

    if (op == NULL) {
        return NGX_ERROR;
    }

    state->outcome = NGX_HTTP_MECHANICS_WAITING;
    state->is_intent_open = 0;
    ngx_http_mechanics_op_add(op, "outcome", state, how);
    ngx_http_mechanics_op_wait(state, op, ngx_http_mechanics_outcome_done);

    return NGX_OK;
}

/* Lets the filter go on. The handler in place knows how: the upstream's while it still sends, else the
 * writer. */
static void ngx_http_mechanics_outcome_done(void *data, int is_durable)
{
    ngx_http_mechanics_state_t *state = data;
    ngx_http_request_t *r = state->request;
    ngx_connection_t *c = r->connection;

    ngx_http_mechanics_op_detach(state);
    ngx_http_set_log_request(c->log, r);

    state->outcome = is_durable ? NGX_HTTP_MECHANICS_DURABLE : NGX_HTTP_MECHANICS_FAILED;

    r->write_event_handler(r);
    ngx_http_run_posted_requests(c);
}

/* The wait was too long: the op goes its way alone. */
static void ngx_http_mechanics_timeout(ngx_event_t *ev)
{
    ngx_http_mechanics_state_t *state = ev->data;

    ngx_log_error(NGX_LOG_ERR, ev->log, 0, "mechanics: the record was not durable in time");

    if (state->outcome == NGX_HTTP_MECHANICS_WAITING) {
        ngx_http_mechanics_outcome_done(state, 0);
        return;
    }

    ngx_http_mechanics_intent_done(state, 0);
}
