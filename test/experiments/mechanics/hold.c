/* Header and body filter: the end of an answer leaves when its outcome is durable.
 *
 * A plain answer is kept whole, header included, so that it can still become an error. Of a stream every
 * complete event leaves at once, until one that states a finish ("finish_reason"), one that must not leave
 * ("LEAK"), or the end. */
#include "mechanics.h"

#define NGX_HTTP_MECHANICS_HELD_MAX (1024 * 1024)

static ngx_http_output_header_filter_pt ngx_http_next_header_filter;
static ngx_http_output_body_filter_pt ngx_http_next_body_filter;

static ngx_int_t ngx_http_mechanics_header_filter(ngx_http_request_t *r)
{
    static u_char sse[] = "text/event-stream";
    const ngx_str_t *type = &r->headers_out.content_type;
    ngx_http_mechanics_state_t *state = r == r->main ? ngx_http_mechanics_state_find(r) : NULL;

    /* What was never forwarded has nothing to hide, and a refusal because the ledger is dead must not wait
     * for it. */
    if (state == NULL || !state->is_forwarded) {
        return ngx_http_next_header_filter(r);
    }

    ngx_http_set_ctx(r, state, ngx_http_mechanics_module);
    r->filter_need_in_memory = 1;

    state->is_stream = type->len >= sizeof(sse) - 1 && ngx_strncasecmp(type->data, sse, sizeof(sse) - 1) == 0;

    ngx_http_clear_content_length(r);
    ngx_http_clear_accept_ranges(r);

    if (state->is_stream) {
        return ngx_http_next_header_filter(r);
    }

    state->is_header_held = 1;
    return NGX_OK;
}

static ngx_int_t ngx_http_mechanics_held_append(ngx_http_request_t *r, ngx_http_mechanics_state_t *state,
                                                const u_char *data, size_t len)
{
    if (len == 0) {
        return NGX_OK; /* a special buffer has no data pointer */
    }

    if (state->held_bytes + len > NGX_HTTP_MECHANICS_HELD_MAX) {
        return NGX_ERROR;
    }

    if (state->held_bytes + len > state->held_size) {
        const size_t size = ngx_max(2 * state->held_size, state->held_bytes + len + 4096);
        u_char *p = ngx_palloc(r->pool, size);

        if (p == NULL) {
            return NGX_ERROR;
        }

        if (state->held != NULL) {
            ngx_memcpy(p, state->held, state->held_bytes);
            ngx_pfree(r->pool, state->held);
        }
        state->held = p;
        state->held_size = size;
    }

    ngx_memcpy(state->held + state->held_bytes, data, len);
    state->held_bytes += len;

    return NGX_OK;
}

/* The unbuffered upstream takes length 0 for a complete answer: it ends the request cleanly and, as keepalive
   is 0, closes the connection, so that no more tokens are made. */
static void ngx_http_mechanics_upstream_end(ngx_http_request_t *r)
{
    if (r->upstream != NULL && r->upstream->cleanup != NULL) {
        r->upstream->length = 0;
        r->upstream->keepalive = 0;
    }
}

/* What was not released is replaced by an error of ours, and nothing of the upstream's follows. */
static ngx_int_t ngx_http_mechanics_cut(ngx_http_request_t *r, ngx_http_mechanics_state_t *state,
                                        ngx_uint_t status, const char *why)
{
    u_char text[128];
    u_char *last;

    last = ngx_snprintf(
        text, sizeof(text),
        state->is_stream ? "event: error\ndata: {\"error\":\"%s\"}\n\n" : "{\"error\":\"%s\"}", why);

    state->is_cut = 1;
    state->held_bytes = state->is_stream ? state->safe_bytes : 0;
    ngx_http_mechanics_upstream_end(r);

    if (!state->is_stream) {
        r->headers_out.status = status;
        r->headers_out.status_line.len = 0;
        ngx_str_set(&r->headers_out.content_type, "application/json");
        r->headers_out.content_type_len = r->headers_out.content_type.len;
    }

    return ngx_http_mechanics_held_append(r, state, text, (size_t)(last - text));
}

static ngx_int_t ngx_http_mechanics_finish(ngx_http_mechanics_state_t *state, const char *how)
{
    return state->outcome == NGX_HTTP_MECHANICS_OPEN ? ngx_http_mechanics_outcome_submit(state, how) : NGX_OK;
}

/* Takes everything over (as a copy): upstream's one buffer must be free again when we return, however long we
 * hold. */
static ngx_int_t ngx_http_mechanics_collect(ngx_http_request_t *r, ngx_http_mechanics_state_t *state,
                                            ngx_chain_t *in)
{
    for (/* void */; in != NULL; in = in->next) {
        ngx_buf_t *b = in->buf;

        if (!state->is_cut &&
            ngx_http_mechanics_held_append(r, state, b->pos, (size_t)(b->last - b->pos)) != NGX_OK) {
            return NGX_ERROR;
        }

        b->pos = b->last;
        state->is_flush |= b->flush;
        state->is_last |= b->last_buf;
    }

    return NGX_OK;
}

/* An upstream that broke off is told apart from one that has ended by this alone: it is finalized, and what
   comes is a flush without data and without last_buf. No last_buf will follow, so we make one: without it an
   HTTP/1 client sees a cut body, and HTTP/2 resets the stream and drops what it has not sent. */
static unsigned ngx_http_mechanics_is_broken_off(ngx_http_request_t *r, ngx_chain_t *in)
{
    return in != NULL && in->next == NULL && in->buf->flush && !in->buf->last_buf &&
           ngx_buf_size(in->buf) == 0 && r->upstream != NULL && r->upstream->cleanup == NULL;
}

static ngx_int_t ngx_http_mechanics_review_event(ngx_http_request_t *r, ngx_http_mechanics_state_t *state,
                                                 u_char *event, size_t len)
{
    if (ngx_strnstr(event, "LEAK", len) != NULL) {
        return ngx_http_mechanics_cut(r, state, 0, "leak") == NGX_OK
                   ? ngx_http_mechanics_finish(state, "leak")
                   : NGX_ERROR;
    }

    if (ngx_strnstr(event, "finish_reason", len) != NULL) {
        return ngx_http_mechanics_finish(state, "finished");
    }

    return NGX_OK;
}

/* Moves the release point over complete events, and stops at the first one that has to wait. */
static ngx_int_t ngx_http_mechanics_review_events(ngx_http_request_t *r, ngx_http_mechanics_state_t *state)
{
    while (!state->is_cut) {
        u_char *event = state->held + state->safe_bytes;
        u_char *end = ngx_strnstr(event, "\n\n", state->held_bytes - state->safe_bytes);

        if (end == NULL) {
            return NGX_OK;
        }

        end += 2;
        if (ngx_http_mechanics_review_event(r, state, event, (size_t)(end - event)) != NGX_OK) {
            return NGX_ERROR;
        }

        if (state->outcome == NGX_HTTP_MECHANICS_WAITING) {
            return NGX_OK;
        }

        state->safe_bytes = (size_t)(end - state->held);
    }

    return NGX_OK;
}

static ngx_int_t ngx_http_mechanics_review(ngx_http_request_t *r, ngx_http_mechanics_state_t *state,
                                           unsigned is_broken_off)
{
    if (state->outcome == NGX_HTTP_MECHANICS_FAILED && !state->is_cut) {
        return ngx_http_mechanics_cut(r, state, NGX_HTTP_SERVICE_UNAVAILABLE, "not recorded");
    }

    if (state->is_stream && state->outcome != NGX_HTTP_MECHANICS_WAITING &&
        ngx_http_mechanics_review_events(r, state) != NGX_OK) {
        return NGX_ERROR;
    }

    if (is_broken_off && !state->is_last) {
        state->is_last = 1;
        if (!state->is_cut && state->outcome == NGX_HTTP_MECHANICS_OPEN &&
            ngx_http_mechanics_cut(r, state, NGX_HTTP_BAD_GATEWAY, "broken off") != NGX_OK) {
            return NGX_ERROR;
        }
        return ngx_http_mechanics_finish(state, "broken-off");
    }

    return state->is_last ? ngx_http_mechanics_finish(state, "complete") : NGX_OK;
}

static ngx_int_t ngx_http_mechanics_send_header(ngx_http_request_t *r, ngx_http_mechanics_state_t *state)
{
    if (!state->is_header_held) {
        return NGX_OK;
    }

    state->is_header_held = 0;
    r->headers_out.content_length_n = (off_t)state->held_bytes;

    return ngx_http_next_header_filter(r);
}

/* Sends `len` of the held bytes, a flush, the last flag, in one buffer of ours. */
static ngx_int_t ngx_http_mechanics_send(ngx_http_request_t *r, ngx_http_mechanics_state_t *state, size_t len,
                                         unsigned is_last)
{
    ngx_chain_t *out = ngx_chain_get_free_buf(r->pool, &state->free);

    if (out == NULL) {
        return NGX_ERROR;
    }

    ngx_buf_t *b = out->buf;

    if ((size_t)(b->end - b->start) < len) {
        b->start = ngx_palloc(r->pool, len);
        if (b->start == NULL) {
            return NGX_ERROR;
        }
        b->end = b->start + len;
    }

    b->pos = b->start;
    b->last = b->start;
    if (len > 0) {
        b->last = ngx_cpymem(b->pos, state->held, len);
        state->held_bytes -= len;
        ngx_memmove(state->held, state->held + len, state->held_bytes);
    }

    b->temporary = len > 0;
    b->flush = 1;
    b->last_buf = is_last & 1;
    b->tag = (ngx_buf_tag_t)&ngx_http_mechanics_module;

    state->safe_bytes = 0;
    state->is_flush = 0;
    state->is_last_sent = is_last & 1;

    const ngx_int_t rc = ngx_http_next_body_filter(r, out);

    ngx_chain_update_chains(r->pool, &state->free, &state->busy, &out, b->tag);

    return rc;
}

/* Nothing of ours to add: whoever is below may still hold something. An empty call to an idle chain is an
 * alert. */
static ngx_int_t ngx_http_mechanics_pass(ngx_http_request_t *r, ngx_http_mechanics_state_t *state)
{
    if (state->busy == NULL && !r->buffered && !(r->connection->buffered & ~NGX_HTTP_MECHANICS_BUFFERED)) {
        return NGX_OK;
    }

    return ngx_http_next_body_filter(r, NULL);
}

static ngx_int_t ngx_http_mechanics_emit(ngx_http_request_t *r, ngx_http_mechanics_state_t *state)
{
    const ngx_uint_t is_waiting = state->outcome == NGX_HTTP_MECHANICS_WAITING;
    const ngx_uint_t is_ending = (state->is_last || state->is_cut) && !is_waiting;
    size_t len = state->safe_bytes;

    if (is_waiting) {
        r->connection->buffered |= NGX_HTTP_MECHANICS_BUFFERED;
    } else {
        r->connection->buffered &= (unsigned)~NGX_HTTP_MECHANICS_BUFFERED & 0xff;
    }

    if (is_ending) {
        len = state->held_bytes;
    }

    if (!state->is_stream && !is_ending) {
        return NGX_OK;
    }

    const ngx_int_t rc = ngx_http_mechanics_send_header(r, state);
    if (rc == NGX_ERROR || rc > NGX_OK) {
        return NGX_ERROR;
    }

    if (len == 0 && !state->is_flush && !(state->is_last && is_ending)) {
        return ngx_http_mechanics_pass(r, state);
    }

    return ngx_http_mechanics_send(r, state, len, state->is_last && is_ending);
}

static ngx_int_t ngx_http_mechanics_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_http_mechanics_state_t *state = ngx_http_get_module_ctx(r, ngx_http_mechanics_module);

    if (state == NULL || state->is_last_sent) {
        return ngx_http_next_body_filter(r, in);
    }

    const unsigned is_broken_off = ngx_http_mechanics_is_broken_off(r, in);

    if (ngx_http_mechanics_collect(r, state, in) != NGX_OK ||
        ngx_http_mechanics_review(r, state, is_broken_off) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_mechanics_emit(r, state);
}

ngx_int_t ngx_http_mechanics_filter_init(ngx_conf_t *cf)
{
    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_mechanics_header_filter;

    ngx_http_next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = ngx_http_mechanics_body_filter;

    return NGX_OK;
}
