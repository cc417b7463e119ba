/** One try: parse, label, decide, record the intent, forward. A failover is the same again without the
 * candidates that failed: decided, recorded, given its own body and credential anew. What decides is in the
 * core; here it is asked and obeyed. */
#include "ngx_http_sallyport_known.h"
#include "ngx_http_sallyport_limit.h"
#include "ngx_http_sallyport_upstream.h"

#include "sallyport/declassify.h"

enum { UNSENT_MAX = 2 };

/* ---- body ---- */

static sp_status take_body(ngx_http_sallyport_exchange_t *x)
{
    ngx_http_request_t *r = x->r;

    if (r->request_body == NULL || r->request_body->temp_file != NULL) {
        return SP_EINTERNAL; /* body.c leaves nginx nothing to write; one on disk was spilled in the clear */
    }
    if (x->received.n == 0) {
        return SP_ESYNTAX;
    }
    x->body = (sp_bytes){x->received.p, x->received.n};
    ngx_http_sallyport_count(NGX_HTTP_SALLYPORT_M_BYTES_IN, x->body.n);
    return SP_OK;
}

/** The runs of the body as a chain: what is unchanged is sent from where it lies. */
static ngx_int_t replace_body(ngx_http_sallyport_exchange_t *x, const sp_chunks *body)
{
    ngx_http_request_t *r = x->r;
    ngx_chain_t **last = &r->request_body->bufs;

    for (size_t i = 0; i < body->n; i++) {
        ngx_buf_t *b = ngx_calloc_buf(r->pool);
        ngx_chain_t *cl = ngx_alloc_chain_link(r->pool);

        if (b == NULL || cl == NULL) {
            return NGX_ERROR;
        }
        b->pos = b->start = (u_char *)(uintptr_t)body->v[i].p; /* memory: only read */
        b->last = b->end = b->pos + body->v[i].n;
        b->memory = 1;
        b->last_buf = i + 1 == body->n;
        cl->buf = b;
        *last = cl;
        last = &cl->next;
    }
    *last = NULL;
    r->headers_in.content_length_n = (off_t)body->bytes; /* proxy_pass takes its Content-Length from here */
    r->headers_in.chunked = 0;
    return NGX_OK;
}

/* ---- forwarding ---- */

/** `@sp_try_NAME` while another candidate is left (its failures come back to `next`), else `@sp_last_NAME`.
 */
static ngx_int_t location_name(ngx_http_sallyport_exchange_t *x, ngx_str_t *name)
{
    const sp_bytes to = x->policy->snapshot.destinations[x->decision.destination].name;
    const char *prefix = x->decision.is_last ? "@sp_last_" : "@sp_try_";

    name->data = ngx_pnalloc(x->r->pool, ngx_strlen(prefix) + to.n);
    if (name->data == NULL) {
        return NGX_ERROR;
    }
    u_char *end = ngx_cpymem(ngx_cpymem(name->data, prefix, ngx_strlen(prefix)), to.p, to.n);
    name->len = (size_t)(end - name->data);
    return NGX_OK;
}

static sp_status rewrite_body(ngx_http_sallyport_exchange_t *x, sp_chunks *body)
{
    const sp_destination *to = &x->policy->snapshot.destinations[x->decision.destination];
    uint8_t canary[SP_CANARY_BYTES];
    bool has_canary;

    SP_TRY(ngx_http_sallyport_known_canary(x, canary, &has_canary));
    const sp_rewrite rewrite = {
        .model = to->model,
        .mark = {canary, has_canary ? sizeof canary : 0},
        .ask_usage = to->dialect == SP_DIALECT_OPENAI && x->request.is_stream && !x->request.asks_usage,
    };

    x->asked_usage = rewrite.ask_usage;
    return sp_request_rewrite(body, &x->request, &rewrite, &x->arena.mem);
}

/** The intent is durable: one sending, to exactly this destination. */
static ngx_int_t forward(ngx_http_sallyport_exchange_t *x)
{
    ngx_http_request_t *r = x->r;
    ngx_str_t name;
    sp_chunks body;

    if (rewrite_body(x, &body) != SP_OK || replace_body(x, &body) != NGX_OK ||
        location_name(x, &name) != NGX_OK) {
        return NGX_ERROR;
    }
    x->state = SALLYPORT_FORWARDED;
    x->is_admitted = true;
    x->was_no_http = x->was_stale = x->was_unsent = false;
    ngx_http_sallyport_count(NGX_HTTP_SALLYPORT_M_ATTEMPTS, 1);
    r->read_event_handler = ngx_http_block_reading;
    (void)ngx_http_named_location(
        r, &name); /* finalizes with 500 when the name is unknown: the next line is right either way */
    ngx_http_finalize_request(r, NGX_DONE);
    return NGX_OK;
}

static void refuse_now(ngx_http_sallyport_exchange_t *x, sp_status status)
{
    x->refusal = status;
    x->refusal_text = SP_BYTES_EMPTY;
    ngx_http_finalize_request(x->r, ngx_http_sallyport_send_error(x));
}

static void decide(ngx_http_sallyport_exchange_t *x, bool is_retry_denied);

/** Paused between the decision and its record: nothing was sent. Decided anew, which may find another
 * candidate.
 */
static bool is_stopped_meanwhile(ngx_http_sallyport_exchange_t *x)
{
    const sp_stop *stop = ngx_http_sallyport_stop_of(x, false);

    if (stop == NULL) {
        return false;
    }
    ngx_http_sallyport_stop_note(x, stop);
    ngx_http_sallyport_record_outcome(x, SP_ESTOPPED, NULL); /* leaves with what is recorded next */
    decide(x, false);
    return true;
}

static void intent_durable(ngx_http_sallyport_exchange_t *x, sp_status status)
{
    if (status == SP_OK && is_stopped_meanwhile(x)) {
        return;
    }
    ngx_http_sallyport_hold(x);
    if (status == SP_OK && forward(x) == NGX_OK) {
        return;
    }
    /* The intent may still reach the disk behind our back; its outcome follows it there. */
    ngx_http_sallyport_count(NGX_HTTP_SALLYPORT_M_UNRECORDED, status != SP_OK);
    const sp_status reason = status != SP_OK ? SP_ERECORD : ngx_http_sallyport_hold_refused(x);
    ngx_http_sallyport_record_outcome(x, reason, NULL);
    refuse_now(x, reason);
}

/* ---- deciding ---- */

/** The bit of the candidate that was taken. */
static uint32_t taken_bit(const ngx_http_sallyport_exchange_t *x)
{
    for (size_t i = 0; i < x->decision.n_candidates; i++) {
        if (x->decision.candidates[i].reason == SP_REASON_TAKEN) {
            return UINT32_C(1) << i;
        }
    }
    return 0;
}

/** Asks until the one that is taken still lets a try begin: another worker may have been quicker to probe it.
 * Each round takes a candidate out. */
static void ask(ngx_http_sallyport_exchange_t *x, sp_question *question)
{
    sp_decide(&x->decision, question);
    while (x->decision.outcome != SP_DENY && !ngx_http_sallyport_health_begin(x)) {
        question->away |= taken_bit(x);
        sp_decide(&x->decision, question);
    }
}

static void deny(ngx_http_sallyport_exchange_t *x, const sp_question *question)
{
    sp_buf text = SP_BUF_IN(&x->arena.mem);
    const sp_stop *stop = sp_decision_stop(&x->decision, question);

    if (stop) {
        ngx_http_sallyport_stop_note(x, stop);
    }
    if (x->decision.status == SP_EAWAY) {
        ngx_http_sallyport_count(NGX_HTTP_SALLYPORT_M_AWAY, 1);
        x->retry_after_s = ngx_http_sallyport_health_soonest(x);
    }
    sp_decision_sentence(&text, &x->decision, question);
    const sp_bytes sentence = sp_buf_bytes(&text);
    ngx_http_sallyport_refuse(x, x->decision.status, &sentence);
}

/** Says where in the body it went wrong; the diagnostic's text is static and quotes nothing. */
static void refuse_parse(ngx_http_sallyport_exchange_t *x, sp_status status)
{
    const sp_diag *diag = &x->reading.diag;
    sp_buf text = SP_BUF_IN(&x->arena.mem);

    sp_buf_append_str(&text, sp_error_get(status)->sentence);
    if (diag->at != SIZE_MAX) {
        sp_buf_append_str(&text, ": ");
        sp_buf_append_str(&text, diag->text);
        sp_buf_append_str(&text, ", at byte ");
        sp_buf_append_u64(&text, diag->at);
    }
    const sp_bytes sentence = sp_buf_bytes(&text);
    ngx_http_sallyport_refuse(x, status, &sentence);
}

/** A body that could not be read, or found no turn or no room. */
static void refuse_unread(ngx_http_sallyport_exchange_t *x, sp_status status)
{
    if (status == SP_ENOMEM) {
        status = ngx_http_sallyport_hold_refused(x);
    }
    ngx_http_sallyport_count(NGX_HTTP_SALLYPORT_M_LIMITED, status == SP_EBUSY);
    refuse_parse(x, status);
}

/** What is asked: of the original, and of what a declassifier made for one candidate where there is that; of
 * labels that hold at its second. @return false: that could not be found out, and the request is refused. */
static bool take_question(sp_question *question, ngx_http_sallyport_exchange_t *x)
{
    const ngx_http_sallyport_declassified_t *d = &x->declassified;
    const uint64_t now_s = ngx_http_sallyport_now_s();

    if (ngx_http_sallyport_label_renew(x, now_s) != SP_OK) {
        ngx_http_sallyport_declassify_undo(x);
        x->reading.diag.at = SIZE_MAX;
        refuse_unread(x, SP_ENOMEM);
        return false;
    }
    *question = (sp_question){
        .purpose = &x->purpose,
        .request = d->is_on ? &d->original.request : &x->request,
        .label = d->is_on ? &d->original.labelling.label : &x->labelling.label,
        .stops = &ngx_http_sallyport_worker.stops.list,
        .tried = x->tried,
        .away = ngx_http_sallyport_health_away(x),
        .is_key_gone = !ngx_http_sallyport_key_serves(x),
        .is_retry_denied = x->is_retry_denied,
        .opened = d->opened,
        .now_s = now_s,
    };
    if (d->is_on) {
        question->declassified = (sp_declassified){&x->request, &x->labelling.label, d->candidate};
    }
    return true;
}

static void admit(ngx_http_sallyport_exchange_t *x)
{
    const bool is_elsewhere = x->decision.outcome == SP_REROUTE;

    if (x->attempt == 1) {
        ngx_http_sallyport_count(is_elsewhere ? NGX_HTTP_SALLYPORT_M_REROUTED : NGX_HTTP_SALLYPORT_M_ALLOWED,
                                 1);
    }
    ngx_http_sallyport_count(NGX_HTTP_SALLYPORT_M_DECLASSIFIED, x->decision.outcome == SP_DECLASSIFY);
    x->state = SALLYPORT_RECORDING;
    ngx_http_sallyport_watch_client(x->r);
    ngx_http_sallyport_record_intent(x, intent_durable);
}

static void consider(ngx_http_sallyport_exchange_t *x);

/** A failure of the last try goes to the client as it is: so what only a declassifier could open counts too.
 */
static void look_further(ngx_http_sallyport_exchange_t *x, const sp_question *question)
{
    const ngx_http_sallyport_declassified_t *d = &x->declassified;
    const sp_labelling *original = d->is_on ? &d->original.labelling : &x->labelling;

    if (x->decision.is_last && sp_declassifier_is_left(&x->decision, question, original, d->refused)) {
        x->decision.is_last = false;
    }
}

/** Where the candidate that a body was made for is lost after all, what goes elsewhere is the original. */
static void conclude(ngx_http_sallyport_exchange_t *x)
{
    sp_question question;

    if (!take_question(&question, x)) {
        return;
    }
    ask(x, &question);
    if (x->declassified.is_on && x->decision.outcome != SP_DECLASSIFY) {
        ngx_http_sallyport_declassify_undo(x);
        if (x->decision.outcome == SP_DENY) {
            consider(x);
            return;
        }
    }
    x->attempt++;
    if (x->attempt == 1) {
        x->decide_us = (uint32_t)(ngx_http_sallyport_now_us() - x->arrived_us);
    }
    if (x->decision.outcome == SP_DENY) {
        deny(x, &question);
        return;
    }
    look_further(x, &question);
    admit(x);
}

/** The second question, of the new bytes. One that could not be read is no better than one that does not
 * flow; one that found no turn or no room says nothing of the policy, and is told as for any body. */
static void relabelled(ngx_http_sallyport_exchange_t *x)
{
    const sp_status status = x->reading.status;
    sp_question question;

    ngx_http_sallyport_hold(x);
    if (status == SP_EBUSY || status == SP_ENOMEM) {
        ngx_http_sallyport_declassify_undo(x);
        refuse_unread(x, status);
        return;
    }
    if (status == SP_OK) {
        if (!take_question(&question, x)) {
            return;
        }
        const uint8_t i = x->declassified.candidate;
        sp_decide(&x->decision, &question);
        if (x->decision.n_candidates > i && x->decision.candidates[i].reason != SP_REASON_FLOW) {
            x->declassified.opened |= UINT32_C(1) << i;
        }
        if (x->decision.outcome == SP_DECLASSIFY) {
            conclude(x);
            return;
        }
    }
    ngx_http_sallyport_declassify_undo(x);
    consider(x);
}

static void consider(ngx_http_sallyport_exchange_t *x)
{
    sp_question question;

    if (take_question(&question, x) && !ngx_http_sallyport_declassify(x, &question, relabelled)) {
        conclude(x);
    }
}

/** Each try is decided anew, of the body as it came. */
static void decide(ngx_http_sallyport_exchange_t *x, bool is_retry_denied)
{
    x->state = SALLYPORT_RECORDING; /* from here on nothing of an earlier try runs: a stop is asked about, not
                                       thrown in */
    ngx_http_sallyport_declassify_undo(x);
    x->declassified.refused = 0;
    x->is_retry_denied = is_retry_denied;
    consider(x);
}

static void labelled(ngx_http_sallyport_exchange_t *x)
{
    ngx_http_sallyport_hold(x);
    if (x->reading.status != SP_OK) {
        refuse_unread(x, x->reading.status);
        return;
    }
    decide(x, false);
}

void ngx_http_sallyport_attempt(ngx_http_sallyport_exchange_t *x)
{
    ngx_http_sallyport_hold(x);
    x->reading.status = take_body(x);
    if (x->reading.status != SP_OK) {
        x->reading.diag.at = SIZE_MAX;
        labelled(x);
        return;
    }
    ngx_http_sallyport_label(x, labelled);
}

/* ---- after a failure ---- */

/** What failed, from nginx's own view of the upstream: 504 is its time-out, all else a failure to get an
 * answer. */
static sp_status upstream_failure(const ngx_http_sallyport_exchange_t *x)
{
    const ngx_http_request_t *r = x->r;
    const bool is_timeout =
        r->upstream && r->upstream->state && r->upstream->state->status == NGX_HTTP_GATEWAY_TIME_OUT;
    if (x->was_no_http) {
        return SP_EUPTYPE;
    }
    return is_timeout ? SP_EUPTIMEOUT : SP_EUPSTREAM;
}

static void failure_durable(ngx_http_sallyport_exchange_t *x, sp_status status)
{
    if (status != SP_OK) {
        ngx_http_sallyport_count(NGX_HTTP_SALLYPORT_M_UNRECORDED, 1);
        x->refusal = SP_ERECORD;
    }
    ngx_http_finalize_request(x->r, ngx_http_sallyport_send_error(x));
}

/** The try was ended by a stop, not by its destination: told, or decided anew where that sends nothing twice.
 */
static void stop_ready(ngx_http_sallyport_exchange_t *x, bool may_go_on)
{
    x->is_try_stopped = false;
    if (may_go_on) {
        ngx_http_sallyport_record_outcome(x, SP_ESTOPPED, NULL);
        x->r->uri_changes = NGX_HTTP_MAX_URI_CHANGES + 1;
        decide(x, false);
        return;
    }
    ngx_http_sallyport_count(NGX_HTTP_SALLYPORT_M_STOPPED, 1);
    x->state = SALLYPORT_REFUSED;
    x->refusal = SP_ESTOPPED;
    x->refusal_text = ngx_http_sallyport_stop_text(x);
    ngx_http_sallyport_watch_client(x->r);
    ngx_http_sallyport_record_outcome(x, SP_ESTOPPED, failure_durable);
}

/** A try whose request reached nobody is made again, at the same destination on another connection, and
 * neither counts as a failure nor takes from the budget (RFC 9110 section 9.2.2: a request that is not
 * idempotent may be repeated where it is certain that it was not applied). */
static bool repeats_unsent(ngx_http_request_t *r)
{
    ngx_http_sallyport_exchange_t *x = ngx_http_sallyport_exchange_find(r);

    if (!x->was_unsent || x->n_unsent == UNSENT_MAX) {
        return false;
    }
    x->n_unsent++;
    ngx_http_sallyport_record_outcome(x, SP_EUPSTREAM, NULL);
    r->uri_changes = NGX_HTTP_MAX_URI_CHANGES + 1;
    decide(x, false);
    return true;
}

static void fail_ready(ngx_http_request_t *r)
{
    ngx_http_sallyport_exchange_t *x = ngx_http_sallyport_exchange_find(r);

    if (x->is_try_stopped) {
        stop_ready(x, false);
        return;
    }
    if (repeats_unsent(r)) {
        return;
    }
    ngx_http_sallyport_count(NGX_HTTP_SALLYPORT_M_UPSTREAM, 1);
    ngx_http_sallyport_health_heard(x);
    x->state = SALLYPORT_REFUSED;
    x->refusal = upstream_failure(x);
    x->refusal_text = SP_BYTES_EMPTY;
    ngx_http_sallyport_watch_client(r);
    ngx_http_sallyport_record_outcome(x, x->refusal, failure_durable);
}

/** Sent whole and not refused: the destination may have worked on it, and billed it. So too when the answer
 * broke in its head, behind a status line that was no refusal. */
static bool is_ambiguous(const ngx_http_request_t *r)
{
    const ngx_http_upstream_t *u = r->upstream;

    return u && u->request_body_sent && !sp_health_is_refusal((unsigned)u->headers_in.status_n);
}

static bool may_replay(const ngx_http_sallyport_exchange_t *x)
{
    const sp_snapshot *s = &x->policy->snapshot;

    for (size_t i = 0; i < s->n_models; i++) {
        if (sp_bytes_eq(s->models[i].name, x->request.model)) {
            return s->models[i].may_replay;
        }
    }
    return false;
}

static void next_ready(ngx_http_request_t *r)
{
    ngx_http_sallyport_exchange_t *x = ngx_http_sallyport_exchange_find(r);

    const bool may_go_on = !is_ambiguous(r) || may_replay(x);
    if (x->is_try_stopped) {
        stop_ready(x, may_go_on);
        return;
    }
    if (repeats_unsent(r)) {
        return;
    }
    if (!may_go_on) {
        fail_ready(r);
        return;
    }
    ngx_http_sallyport_count(NGX_HTTP_SALLYPORT_M_UPSTREAM, 1);
    ngx_http_sallyport_health_heard(x);
    /* Leaves in the same commit as the next intent. */
    ngx_http_sallyport_record_outcome(x, upstream_failure(x), NULL);
    x->tried |= taken_bit(x);
    r->uri_changes = NGX_HTTP_MAX_URI_CHANGES + 1; /* the candidates bound the tries */
    const bool may = ngx_http_sallyport_health_may_retry(x);
    ngx_http_sallyport_count(may ? NGX_HTTP_SALLYPORT_M_FAILOVERS : NGX_HTTP_SALLYPORT_M_DENIED, 1);
    decide(x, !may);
}

/** Only a try that was forwarded can fail: whoever comes here otherwise has found a way around the gate. */
static ngx_int_t after_failure(ngx_http_request_t *r, ngx_http_client_body_handler_pt then)
{
    const ngx_http_sallyport_exchange_t *x = ngx_http_sallyport_exchange_find(r);

    if (r != r->main || x == NULL || x->state != SALLYPORT_FORWARDED) {
        return NGX_HTTP_FORBIDDEN;
    }
    /* The body is there: this calls `then` at once and takes the reference that keeps the request while it
     * waits. */
    const ngx_int_t rc = ngx_http_read_client_request_body(r, then);
    return rc >= NGX_HTTP_SPECIAL_RESPONSE ? rc : NGX_DONE;
}

ngx_int_t ngx_http_sallyport_next_handler(ngx_http_request_t *r)
{
    return after_failure(r, next_ready);
}

ngx_int_t ngx_http_sallyport_fail_handler(ngx_http_request_t *r)
{
    return after_failure(r, fail_ready);
}

/** Stands before proxy_pass in every forwarding location: lets through exactly what was decided, recorded and
 * not yet sent. */
ngx_int_t ngx_http_sallyport_guard_handler(ngx_http_request_t *r)
{
    const ngx_http_sallyport_loc_conf_t *conf = ngx_http_get_module_loc_conf(r, ngx_http_sallyport_module);

    if (conf->destination.len == 0) {
        return NGX_DECLINED;
    }
    ngx_http_sallyport_exchange_t *x = ngx_http_sallyport_exchange_find(r);
    if (r != r->main || x == NULL || !x->is_admitted) {
        return NGX_HTTP_FORBIDDEN;
    }
    x->is_admitted = false;
    const sp_destination *to = &x->policy->snapshot.destinations[x->decision.destination];
    return sp_bytes_eq(to->name, ngx_http_sallyport_bytes(conf->destination)) ? NGX_DECLINED
                                                                              : NGX_HTTP_FORBIDDEN;
}
