/** The destination's answer on its way to the client. The review (core) says what may leave and what must be
 * durable first; here bytes are handed in and out. Of a stream the header leaves at once and events as they
 * are reviewed; of a whole answer nothing leaves before the verdict, so that it can still become an error of
 * ours. While a gate is shut the bit in c->buffered keeps the request alive. */
#include "ngx_http_sallyport_upstream.h"
#include "ngx_http_sallyport_known.h"
#include "ngx_http_sallyport_limit.h"
#include "ngx_http_sallyport_told.h"

enum { OUT_BUFFER_MIN = 1024, OUT_WAITING_MOST = 64 << 10, ANSWER_FRAME_BYTES = 64 << 10 };

static ngx_http_output_header_filter_pt next_header_filter;
static ngx_http_output_body_filter_pt next_body_filter;

static void gate_durable(ngx_http_sallyport_exchange_t *x, sp_status status);

/** The exchange whose destination's answer this is; NULL for all else: other locations, answers of our own.
 */
static ngx_http_sallyport_exchange_t *answering(ngx_http_request_t *r)
{
    const ngx_http_sallyport_loc_conf_t *conf = ngx_http_get_module_loc_conf(r, ngx_http_sallyport_module);

    if (r != r->main || conf->destination.len == 0 || r->upstream == NULL) {
        return NULL;
    }
    ngx_http_sallyport_exchange_t *x = ngx_http_sallyport_exchange_find(r);
    return x && x->state == SALLYPORT_FORWARDED ? x : NULL;
}

/* ---- header ---- */

static bool type_is(const ngx_http_request_t *r, const char *type)
{
    const sp_bytes have = ngx_http_sallyport_bytes(r->headers_out.content_type);
    const size_t n = ngx_strlen(type);
    return sp_bytes_eq_nocase(sp_bytes_sub(have, 0, n), (sp_bytes){(const u_char *)type, n}) &&
           (have.n == n || have.p[n] == ';' || have.p[n] == ' ');
}

/** Any other charset would have the client read other text than was reviewed (UTF-7 hides ASCII in ASCII). */
static bool is_utf8(const ngx_http_request_t *r)
{
    const sp_bytes charset = ngx_http_sallyport_bytes(r->headers_out.charset);
    return charset.n == 0 || sp_bytes_eq_nocase(charset, SP_LIT("utf-8"));
}

/** Can it be reviewed, and as what? Otherwise why not, in *status. */
static ngx_http_sallyport_answer_t classify(const ngx_http_request_t *r, sp_status *status)
{
    const ngx_uint_t code = r->headers_out.status;

    if (code == NGX_HTTP_UNAUTHORIZED || code == NGX_HTTP_FORBIDDEN) {
        *status = SP_EUPAUTH;
        return SALLYPORT_ANSWER_BAD;
    }
    const bool is_redirect = code >= NGX_HTTP_SPECIAL_RESPONSE && code < NGX_HTTP_BAD_REQUEST;
    if (is_redirect || code < NGX_HTTP_OK || !is_utf8(r) || !ngx_http_sallyport_input_is_framed(r) ||
        (r->headers_out.content_encoding && r->headers_out.content_encoding->hash)) {
        *status = SP_EUPTYPE;
        return SALLYPORT_ANSWER_BAD;
    }
    if (code < NGX_HTTP_SPECIAL_RESPONSE && type_is(r, "text/event-stream")) {
        return SALLYPORT_ANSWER_STREAM;
    }
    if (type_is(r, "application/json")) {
        return SALLYPORT_ANSWER_WHOLE;
    }
    *status = SP_EUPTYPE;
    return SALLYPORT_ANSWER_BAD;
}

/** Would the value of a header say something that an answer may not? Values are short; one that cannot be
 * judged does not pass. */
static bool is_clean(ngx_http_sallyport_exchange_t *x, const ngx_table_elt_t *h)
{
    ngx_http_sallyport_worker_t *w = &ngx_http_sallyport_worker;
    sp_findings found = SP_FINDINGS_IN(&x->arena.mem, 1);
    const sp_bytes value = ngx_http_sallyport_bytes(h->value);
    return sp_scan(&found, x->policy->detectors->engine, w->tools.scratch, value) == SP_OK && found.n == 0;
}

/** Drops the destination's headers: all, or those that its dialect does not list or that a detector knows. */
static void drop_headers(ngx_http_sallyport_exchange_t *x, bool all)
{
    ngx_http_sallyport_fields_t at = {&x->r->headers_out.headers.part, 0};
    ngx_table_elt_t *h;

    while ((h = ngx_http_sallyport_field(&at)) != NULL) {
        const sp_bytes name = ngx_http_sallyport_bytes(h->key);
        const bool is_hidden = x->allowance.limit && sp_allowance_hides(name);
        if (all || is_hidden || !sp_dialect_returns_header(x->route.dialect, name) || !is_clean(x, h)) {
            h->hash = 0;
        }
    }
}

/** Tells nginx that the destination's answer is complete: it ends the try cleanly and closes the connection,
 * so that no more tokens are made. */
static void stop_upstream(ngx_http_request_t *r)
{
    if (r->upstream && r->upstream->cleanup) {
        r->upstream->length = 0;
        r->upstream->keepalive = 0;
    }
}

/** Whose failure it was: a finding or what nobody has looked through, the gateway's credential, the
 * destination. */
static ngx_uint_t metric_of(sp_status verdict)
{
    switch (verdict) {
    case SP_ELEAK:
    case SP_EWORK:
        return NGX_HTTP_SALLYPORT_M_WITHHELD;
    case SP_ESTOPPED:
        return NGX_HTTP_SALLYPORT_M_STOPPED;
    case SP_EUPAUTH:
        return NGX_HTTP_SALLYPORT_M_UPAUTH;
    default:
        return NGX_HTTP_SALLYPORT_M_UPSTREAM;
    }
}

/** The first failure of an answer is its verdict. A refused credential is the operator's to mend: it is
 * logged as an error. */
static void note_verdict(ngx_http_sallyport_exchange_t *x, sp_status verdict)
{
    if (verdict == SP_OK || x->verdict != SP_OK) {
        return;
    }
    x->verdict = verdict;
    ngx_http_sallyport_count(metric_of(verdict), 1);
    const ngx_uint_t level = verdict == SP_EUPAUTH ? NGX_LOG_ERR : NGX_LOG_NOTICE;
    ngx_log_error(level, x->r->connection->log, 0, "sallyport: answer of %s cut: %s", x->id_text,
                  sp_error_get(verdict)->name);
    stop_upstream(x->r);
}

/** What an answer is compared with of what it was asked with: the request as it was sent, so that what a
 * declassifier took out is new. The end of a request's id is random. */
static sp_status read_question(ngx_http_sallyport_exchange_t *x, sp_review_options *options)
{
    uint64_t key = 0;
    sp_passages *passages = NULL;
    sp_echoes *echoes = NULL;

    memcpy(&key, x->id + sizeof x->id - sizeof key, sizeof key);
    SP_TRY(ngx_http_sallyport_known_passages(x, &passages));
    SP_TRY(sp_echoes_new(&echoes, &x->request, &x->findings, key, &x->arena.mem));
    options->passages = passages;
    options->echoes = echoes;
    return SP_OK;
}

static void read_hosts(const ngx_http_sallyport_exchange_t *x, sp_review_options *options)
{
    const sp_application *application = x->purpose.application;

    if (application) {
        options->images = application->images;
        options->links = application->links;
    }
}

static sp_status read_canary(ngx_http_sallyport_exchange_t *x, sp_review_options *options)
{
    uint8_t text[SP_CANARY_BYTES];
    bool has_canary;
    sp_canary *canary = NULL;

    SP_TRY(ngx_http_sallyport_known_canary(x, text, &has_canary));
    if (has_canary) {
        SP_TRY(sp_canary_new(&canary, text, &x->arena.mem));
    }
    options->canary = canary;
    return SP_OK;
}

static sp_status start_review(ngx_http_sallyport_exchange_t *x)
{
    const sp_snapshot *s = &x->policy->snapshot;
    const bool is_stream = x->answer == SALLYPORT_ANSWER_STREAM;
    const sp_lacks lacks = sp_reader_lacks(&x->purpose);
    sp_review_options options = {
        .dialect = x->route.dialect,
        .operation = x->route.operation,
        .engine = x->policy->detectors->engine,
        .is_stream = is_stream,
        .hide_usage = is_stream && x->asked_usage,
        .withhold = s->withhold | (lacks.categories & ~s->mask),
        .mask = s->mask,
        .echoed = s->echoed,
        .lacks = lacks.categories,
        .lacks_kinds = lacks.kinds,
        .kinds = s->kinds,
        .looks_at_whole = true,
        .n_choices = x->request.n_choices,
        .held_max = is_stream ? s->limits.held_bytes : s->limits.answer_bytes,
        .request_id = {x->id_text, sizeof x->id_text - 1},
        .told = ngx_http_sallyport_told_of(x),
    };

    SP_TRY(read_question(x, &options));
    SP_TRY(read_canary(x, &options));
    read_hosts(x, &options);
    return sp_review_new(&x->review, &options, &x->arena.mem);
}

/** nginx has one time-out for all reads of an answer. From its header on another one holds: what nginx looks
 * at is replaced by a copy, for this request alone. Without memory the first one goes on. */
static void limit_idle(const ngx_http_request_t *r)
{
    const ngx_http_sallyport_loc_conf_t *conf = ngx_http_get_module_loc_conf(r, ngx_http_sallyport_module);
    ngx_http_upstream_t *u = r->upstream;

    if (u == NULL || conf->idle_timeout == NGX_CONF_UNSET_MSEC ||
        conf->idle_timeout == u->conf->read_timeout) {
        return;
    }
    ngx_http_upstream_conf_t *own = ngx_palloc(r->pool, sizeof *own);
    if (own) {
        *own = *u->conf;
        own->read_timeout = conf->idle_timeout;
        u->conf = own;
    }
}

static ngx_int_t header_filter(ngx_http_request_t *r)
{
    ngx_http_sallyport_exchange_t *x = answering(r);

    if (x == NULL) {
        return next_header_filter(r);
    }
    ngx_http_sallyport_hold(x);
    x->first_byte_us = ngx_http_sallyport_now_us();
    ngx_http_sallyport_health_heard(x);
    limit_idle(r);
    x->out_last = &x->out;
    r->filter_need_in_memory = 1;
    r->allow_ranges = 0;
    r->upstream->upgrade = 0; /* after a 101 nginx would join both connections, past every filter */
    if (ngx_http_sallyport_input_watch(x) != NGX_OK) {
        return NGX_ERROR;
    }
    sp_status verdict = SP_OK;
    x->answer = classify(r, &verdict);
    r->http_version = x->http_version; /* or the client would get a body without a header */
    if (x->answer != SALLYPORT_ANSWER_BAD) {
        verdict = start_review(x);
    }
    if (verdict != SP_OK) {
        x->answer = SALLYPORT_ANSWER_BAD;
    }
    note_verdict(x, verdict);
    drop_headers(x, false);
    r->headers_out.status_line.len = 0; /* its phrase is text of the destination's */
    ngx_http_clear_content_length(r);
    ngx_http_clear_accept_ranges(r);
    ngx_http_clear_last_modified(r);
    ngx_http_clear_location(r);
    ngx_http_clear_etag(r);
    if (x->answer == SALLYPORT_ANSWER_STREAM) {
        ngx_http_sallyport_own_headers(x);
        return next_header_filter(r);
    }
    x->is_header_held = true;
    return NGX_OK;
}

/* ---- output ---- */

/** A buffer of ours with room for n bytes, from those that the client has taken. */
static ngx_chain_t *out_buffer(ngx_http_sallyport_exchange_t *x, size_t n)
{
    ngx_chain_t *cl = ngx_chain_get_free_buf(x->r->pool, &x->free);

    if (cl == NULL) {
        return NULL;
    }
    ngx_buf_t *b = cl->buf;
    if ((size_t)(b->end - b->start) < n) {
        const size_t size = ngx_max(n, (size_t)OUT_BUFFER_MIN);
        b->start = ngx_palloc(x->r->pool, size);
        if (b->start == NULL) {
            return NULL;
        }
        b->end = b->start + size;
    }
    b->pos = b->last = b->start;
    b->temporary = n > 0;
    b->flush = 1;
    b->last_buf = 0;
    b->tag = (ngx_buf_tag_t)&ngx_http_sallyport_module;
    cl->next = NULL;
    return cl;
}

static ngx_int_t out_append(ngx_http_sallyport_exchange_t *x, sp_bytes bytes, bool is_last)
{
    ngx_chain_t *cl = out_buffer(x, bytes.n);

    if (cl == NULL) {
        return NGX_ERROR;
    }
    if (bytes.n) {
        cl->buf->last = ngx_cpymem(cl->buf->pos, bytes.p, bytes.n);
    }
    cl->buf->last_buf = is_last;
    *x->out_last = cl;
    x->out_last = &cl->next;
    x->bytes_out += bytes.n;
    return NGX_OK;
}

/** An answer that was altered says so. A stream has sent its header before anybody knows. */
static void tell_masked(ngx_http_sallyport_exchange_t *x)
{
    sp_review_summary summary = {0};
    sp_buf number = SP_BUF_IN(&x->arena.mem);

    sp_review_summarise(x->review, &summary);
    if (summary.n_masked) {
        sp_buf_append_u64(&number, summary.n_masked);
        (void)ngx_http_sallyport_header_push(x->r, "x-sallyport-masked", sp_buf_bytes(&number));
    }
}

/** The verdict is there and durable: the held header leaves, as it came or as an error of ours. */
static ngx_int_t send_held_header(ngx_http_sallyport_exchange_t *x, size_t body_bytes)
{
    if (x->verdict != SP_OK) {
        drop_headers(x, true);
        ngx_http_sallyport_error_headers(x, x->verdict, body_bytes);
    } else {
        x->r->headers_out.content_length_n = (off_t)body_bytes;
        tell_masked(x);
    }
    ngx_http_sallyport_own_headers(x);
    x->is_header_held = false;
    return next_header_filter(x->r);
}

/** What an error says beyond its sentence: who stopped the answer, and why. */
static sp_bytes why_of(ngx_http_sallyport_exchange_t *x, sp_status status)
{
    return status == SP_ESTOPPED ? ngx_http_sallyport_stop_text(x) : SP_BYTES_EMPTY;
}

/** A whole answer at its end: header, then body. */
static ngx_int_t finish_whole(ngx_http_sallyport_exchange_t *x, sp_bytes body)
{
    if (x->verdict != SP_OK) {
        body = ngx_http_sallyport_error_body(x, x->verdict, why_of(x, x->verdict));
    }
    const ngx_int_t rc = send_held_header(x, body.n);
    if (rc == NGX_ERROR || rc > NGX_OK) {
        return NGX_ERROR;
    }
    return out_append(x, body, false);
}

/** Hands on what may leave, and the end of the answer once. */
static ngx_int_t send_out(ngx_http_sallyport_exchange_t *x)
{
    ngx_http_request_t *r = x->r;
    ngx_connection_t *c = r->connection;

    if (x->is_ended && x->is_fed_last && !x->is_last_sent && !x->gate_is_shut) {
        x->is_last_sent = true;
        if (out_append(x, SP_BYTES_EMPTY, true) != NGX_OK) {
            return NGX_ERROR;
        }
    }
    if (x->out == NULL && x->busy == NULL && !r->buffered && !(c->buffered & ~NGX_HTTP_SALLYPORT_BUFFERED)) {
        return NGX_OK; /* nothing waits anywhere below */
    }
    ngx_chain_t *out = x->out;
    x->out = NULL;
    x->out_last = &x->out;
    const ngx_int_t rc = next_body_filter(r, out);
    ngx_chain_update_chains(r->pool, &x->free, &x->busy, &out, (ngx_buf_tag_t)&ngx_http_sallyport_module);
    return rc;
}

/* ---- review ---- */

/** An error of the destination in its stream is handed on like all that was reviewed; the try has failed. */
static sp_status outcome_of(const ngx_http_sallyport_exchange_t *x)
{
    sp_review_summary summary = {0};

    if (x->verdict != SP_OK || x->answer != SALLYPORT_ANSWER_STREAM) {
        return x->verdict;
    }
    sp_review_summarise(x->review, &summary);
    return summary.has_error ? SP_EUPSTREAM : SP_OK;
}

/** Records what the gate waits for. Batches come back in order: when this one does, so have the parts before
 * it. */
static void shut_gate(ngx_http_sallyport_exchange_t *x, sp_gate gate)
{
    x->gate_is_shut = true;
    x->r->connection->buffered |= NGX_HTTP_SALLYPORT_BUFFERED;
    if (gate == SP_GATE_OUTCOME) {
        ngx_http_sallyport_record_outcome(x, outcome_of(x), gate_durable);
    } else {
        ngx_http_sallyport_record_answer(x, gate_durable);
    }
}

static ngx_int_t take_step(ngx_http_sallyport_exchange_t *x, const sp_review_step *step)
{
    note_verdict(x, step->verdict);
    ngx_http_sallyport_told_keep(x);
    x->is_ended = x->is_ended || step->is_end;
    if (x->answer == SALLYPORT_ANSWER_WHOLE) {
        if (step->is_end && finish_whole(x, step->release) != NGX_OK) {
            return NGX_ERROR;
        }
    } else if (step->release.n && out_append(x, step->release, false) != NGX_OK) {
        return NGX_ERROR;
    }
    if (step->gate != SP_GATE_NONE && !x->gate_is_shut) {
        shut_gate(x, step->gate);
    }
    return NGX_OK;
}

/** Long answers are sealed while they stream; what they hand out meanwhile does not wait for it. */
static void seal_long_answer(ngx_http_sallyport_exchange_t *x)
{
    const bool is_long = sp_review_answer_waiting(x->review) >= ANSWER_FRAME_BYTES;

    if (is_long && !x->gate_is_shut && x->owes_outcome && ngx_http_sallyport_record_has_room(x)) {
        ngx_http_sallyport_record_answer(x, NULL);
    }
}

static ngx_int_t feed(ngx_http_sallyport_exchange_t *x, sp_bytes piece, bool is_last);

/** No room is left for the answer: a whole one becomes an error, a stream ends in one. */
static ngx_int_t starve(ngx_http_sallyport_exchange_t *x, bool is_last)
{
    const sp_status reason = ngx_http_sallyport_hold_refused(x);
    sp_review_step step = {0};

    ngx_http_sallyport_count(NGX_HTTP_SALLYPORT_M_LIMITED, 1);
    note_verdict(x, reason);
    if (x->is_header_held) {
        x->answer = SALLYPORT_ANSWER_BAD;
        return feed(x, SP_BYTES_EMPTY, is_last);
    }
    x->is_fed_last = true;
    const sp_status status = sp_review_break(x->review, reason, why_of(x, reason), &step);
    return status == SP_OK ? take_step(x, &step) : NGX_ERROR;
}

static ngx_int_t feed(ngx_http_sallyport_exchange_t *x, sp_bytes piece, bool is_last)
{
    sp_review_step step = {0};

    if (x->answer == SALLYPORT_ANSWER_BAD) { /* dropped; at its end the outcome, then our error */
        stop_upstream(x->r);
        if (is_last && !x->gate_is_shut && !x->is_ended) {
            shut_gate(x, SP_GATE_OUTCOME);
        }
        return NGX_OK;
    }
    if (x->is_ended || (piece.n == 0 && !is_last)) {
        return NGX_OK;
    }
    const sp_status status =
        sp_review_feed(x->review, ngx_http_sallyport_worker.tools.scratch, piece, is_last, &step);
    if (status == SP_ENOMEM) {
        return starve(x, is_last);
    }
    if (status != SP_OK) {
        return NGX_ERROR;
    }
    seal_long_answer(x);
    return take_step(x, &step);
}

/** The destination broke off: its try is finalized, and what comes is a flush without data and without
 * last_buf. No last_buf will follow, so we make one: without it an HTTP/1 client sees a cut body, and HTTP/2
 * resets the stream and drops what it has not sent. */
static bool is_broken_off(const ngx_http_request_t *r, const ngx_chain_t *in)
{
    return in && in->next == NULL && in->buf->flush && !in->buf->last_buf && ngx_buf_size(in->buf) == 0 &&
           r->upstream && r->upstream->cleanup == NULL;
}

static ngx_int_t break_off(ngx_http_sallyport_exchange_t *x)
{
    sp_review_step step = {0};

    x->is_fed_last = true;
    if (x->is_ended) {
        return NGX_OK;
    }
    if (x->answer == SALLYPORT_ANSWER_BAD) {
        return feed(x, SP_BYTES_EMPTY, true);
    }
    const sp_status why = x->is_timed_out ? SP_EUPTIMEOUT : SP_EUPSTREAM;
    if (sp_review_break(x->review, why, SP_BYTES_EMPTY, &step) != SP_OK) {
        return NGX_ERROR;
    }
    return take_step(x, &step);
}

/** What the client has not taken yet. */
static size_t out_waiting(const ngx_http_sallyport_exchange_t *x)
{
    size_t n = 0;

    for (const ngx_chain_t *cl = x->busy; cl; cl = cl->next) {
        n += (size_t)ngx_buf_size(cl->buf);
    }
    for (const ngx_chain_t *cl = x->out; cl; cl = cl->next) {
        n += (size_t)ngx_buf_size(cl->buf);
    }
    return n;
}

static bool is_client_behind(const ngx_http_sallyport_exchange_t *x)
{
    return x->review && !x->is_ended && out_waiting(x) >= OUT_WAITING_MOST;
}

/** An answer that comes faster than it can be recorded has to wait: what is not taken from the upstream's
 * buffer keeps nginx from reading on. */
static bool is_record_behind(ngx_http_sallyport_exchange_t *x)
{
    return x->review && !x->gate_is_shut && !x->is_ended && !ngx_http_sallyport_record_has_room(x) &&
           sp_review_answer_waiting(x->review) >= ANSWER_FRAME_BYTES;
}

static ngx_int_t feed_buffer(ngx_http_sallyport_exchange_t *x, ngx_buf_t *b)
{
    const sp_bytes piece = {b->pos, ngx_buf_in_memory(b) ? (size_t)(b->last - b->pos) : 0};

    b->pos = b->last;
    if (x->is_fed_last) {
        return NGX_OK;
    }
    if (b->last_buf && x->is_broken) {
        return NGX_OK; /* the end of what came, not of an answer: break_off follows */
    }
    x->is_fed_last = b->last_buf;
    return feed(x, piece, b->last_buf);
}

/** No part was recorded within the bound: the answer cannot be finished, so it is cut. */
static void full_too_long(ngx_event_t *event)
{
    ngx_http_sallyport_exchange_t *x = event->data;
    ngx_connection_t *c = x->r->connection;

    ngx_http_sallyport_count(NGX_HTTP_SALLYPORT_M_UNRECORDED, 1);
    ngx_log_error(NGX_LOG_ERR, c->log, 0, "sallyport: %s is cut: its answer is not recorded in time",
                  x->id_text);
    x->is_full = false;
    x->is_frame_lost = true;
    x->is_dead = true;
    x->verdict = x->verdict != SP_OK ? x->verdict : SP_ERECORD;
    x->r->write_event_handler(x->r); /* the body filter fails, which ends the request */
    ngx_http_run_posted_requests(c);
}

/** Waits for a part of the answer like for any record: with a bound, which also keeps a leaving worker. */
static void wait_for_room(ngx_http_sallyport_exchange_t *x)
{
    x->r->connection->buffered |= NGX_HTTP_SALLYPORT_BUFFERED;
    if (x->is_full) {
        return; /* the clock runs since the first that found no room */
    }
    x->is_full = true;
    x->wait.handler = full_too_long;
    x->wait.data = x;
    x->wait.log = x->r->connection->log;
    ngx_add_timer(&x->wait, x->policy->snapshot.limits.record_wait_ms);
}

/** Its turn has come: the filters are called with nothing, and go on where they were. */
static void take_turn(ngx_http_sallyport_exchange_t *x)
{
    x->r->write_event_handler(x->r);
}

/** To review is most of the work. What is dropped anyhow waits for nobody. */
static bool waits_for_turn(ngx_http_sallyport_exchange_t *x)
{
    if (x->in == NULL || x->is_ended || x->is_fed_last || x->answer == SALLYPORT_ANSWER_BAD) {
        return false;
    }
    return ngx_http_sallyport_turn_waits(x, (size_t)ngx_buf_size(x->in->buf), take_turn);
}

/** Takes over what waits in x->in, as far as it may; each buffer counts for its turn. */
static ngx_int_t feed_chain(ngx_http_sallyport_exchange_t *x)
{
    while (x->in) {
        ngx_chain_t *cl = x->in;
        if (waits_for_turn(x)) {
            x->r->connection->buffered |= NGX_HTTP_SALLYPORT_BUFFERED;
            return NGX_OK;
        }
        if (is_client_behind(x)) {
            return NGX_OK; /* nginx's send_timeout runs */
        }
        if (is_record_behind(x)) {
            wait_for_room(x);
            return NGX_OK;
        }
        if (feed_buffer(x, cl->buf) != NGX_OK) {
            return NGX_ERROR;
        }
        x->in = cl->next;
        ngx_free_chain(x->r->pool, cl);
    }
    return NGX_OK;
}

/** A part of the answer is recorded: there is room for the next. */
void ngx_http_sallyport_filter_resume(ngx_http_sallyport_exchange_t *x)
{
    ngx_connection_t *c = x->r->connection;

    if (!x->is_full) {
        return;
    }
    x->is_full = false;
    if (x->wait.timer_set) {
        ngx_del_timer(&x->wait);
    }
    ngx_http_set_log_request(c->log, x->r);
    x->r->write_event_handler(x->r); /* calls the filters with nothing: feed_chain goes on */
    ngx_http_run_posted_requests(c);
}

/** What came before the destination broke off is judged first. */
static ngx_int_t take_input(ngx_http_sallyport_exchange_t *x, ngx_chain_t *in)
{
    if (is_broken_off(x->r, in)) {
        x->is_broken = true;
    } else if (in && ngx_chain_add_copy(x->r->pool, &x->in, in) != NGX_OK) {
        return NGX_ERROR;
    }
    if (!x->gate_is_shut) {
        x->r->connection->buffered &= (unsigned char)~NGX_HTTP_SALLYPORT_BUFFERED;
    }
    const ngx_int_t rc = feed_chain(x);
    return rc == NGX_OK && x->is_broken && x->in == NULL && !x->is_fed_last ? break_off(x) : rc;
}

static ngx_int_t body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_http_sallyport_exchange_t *x = answering(r);

    if (x == NULL || x->answer == SALLYPORT_ANSWER_NONE) {
        return next_body_filter(r, in);
    }
    if (x->is_dead) {
        return NGX_ERROR;
    }
    bool is_left;
    ngx_int_t rc;
    do {
        x->is_filtering = true;
        ngx_http_sallyport_hold(x);
        rc = take_input(x, in);
        ngx_http_sallyport_hold(x);
        x->is_filtering = false;
        if (rc != NGX_OK || x->is_dead) {
            x->is_dead = true; /* the connection is cut; the outcome is recorded when the request goes */
            return NGX_ERROR;
        }
        is_left = x->in && is_client_behind(x);
        rc = send_out(x);
        in = NULL;
    } while (is_left && rc != NGX_ERROR && !is_client_behind(x)); /* it took all: no event would call again */
    return rc;
}

/** The outcome could not be recorded: nothing that states a finish may leave. What is still held becomes an
 * error, a running stream is cut. */
static void gate_failed(ngx_http_sallyport_exchange_t *x)
{
    ngx_http_sallyport_count(NGX_HTTP_SALLYPORT_M_UNRECORDED, 1);
    x->is_ended = true;
    if (x->is_header_held) {
        x->verdict = SP_ERECORD;
        x->is_dead = finish_whole(x, SP_BYTES_EMPTY) != NGX_OK;
    } else {
        x->is_dead = true;
    }
    stop_upstream(x->r);
}

static void gate_passed(ngx_http_sallyport_exchange_t *x)
{
    sp_review_step step = {0};

    if (x->answer == SALLYPORT_ANSWER_BAD) {
        x->is_ended = true;
        x->is_dead = finish_whole(x, SP_BYTES_EMPTY) != NGX_OK;
    } else if (sp_review_pass(x->review, ngx_http_sallyport_worker.tools.scratch, &step) != SP_OK) {
        x->is_dead = true;
    } else {
        x->is_dead = take_step(x, &step) != NGX_OK;
    }
}

static void gate_durable(ngx_http_sallyport_exchange_t *x, sp_status status)
{
    ngx_http_request_t *r = x->r;

    x->gate_is_shut = false;
    r->connection->buffered &= (unsigned char)~NGX_HTTP_SALLYPORT_BUFFERED;
    if (status == SP_OK && !x->is_frame_lost) {
        gate_passed(x);
    } else {
        gate_failed(x);
    }
    if (x->is_filtering) {
        return; /* the record failed at once; the filter goes on from here */
    }
    r->write_event_handler(r); /* calls the filters with nothing: what may leave now leaves */
}

/** Where the outcome is under way already it stays what it is: the answer was complete. */
void ngx_http_sallyport_filter_stop(ngx_http_sallyport_exchange_t *x)
{
    ngx_http_request_t *r = x->r;
    ngx_connection_t *c = r->connection;
    sp_review_step step = {0};

    if (x->is_ended || x->is_dead || x->answer == SALLYPORT_ANSWER_BAD) {
        return;
    }
    x->is_fed_last = true; /* what is not taken yet is dropped */
    if (x->is_full) {
        x->is_full = false; /* its clock is that of the outcome now */
        ngx_del_timer(&x->wait);
    }
    const sp_status status = sp_review_break(x->review, SP_ESTOPPED, why_of(x, SP_ESTOPPED), &step);
    if (status != SP_OK || take_step(x, &step) != NGX_OK) {
        x->is_dead = true;
    }
    stop_upstream(r);
    r->write_event_handler(r);
    ngx_http_run_posted_requests(c);
}

void ngx_http_sallyport_filter_init(void)
{
    next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = header_filter;
    next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = body_filter;
}
