/** What is recorded of an exchange, and waiting for it. A wait has a bound: past it the record counts as not
 * written and the request is refused. */
#include "ngx_http_sallyport.h"

enum {
    LEAF_ROOM = 4 * SP_LEAF_MAX,
    BLOCK_ROOM = 256, /* of a block frame beside its ciphertext */
    BLOCK_LEAST = 4096,
    ATOM_TEXT_MAX = 256,
};

/* ---- waiting ---- */

static void wait_handler(ngx_event_t *event)
{
    ngx_http_sallyport_exchange_t *x = event->data;
    ngx_connection_t *c = x->r->connection;

    x->pending->owner = NULL; /* comes back later, to nobody */
    x->pending = NULL;
    x->on_durable(x, SP_ERECORD);
    ngx_http_run_posted_requests(c);
}

/** A client that leaves must be noticed while nothing is read from it. Its end may have come together with
 * the body; then no further event will, and the handler has to be called by us. HTTP/2 streams are told by
 * their connection. */
void ngx_http_sallyport_watch_client(ngx_http_request_t *r)
{
    ngx_event_t *rev = r->connection->read;

    r->write_event_handler = ngx_http_request_empty_handler;
    r->read_event_handler = ngx_http_test_reading;
    if (r->stream) {
        return;
    }
    if (rev->timer_set) {
        ngx_del_timer(rev);
    }
    if (rev->ready) {
        ngx_post_event(rev, &ngx_posted_events);
    } else if (ngx_handle_read_event(rev, 0) != NGX_OK) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0, "sallyport: a waiting client cannot be watched");
    }
}

void ngx_http_sallyport_record_forget(ngx_http_sallyport_exchange_t *x)
{
    if (x->pending) {
        x->pending->owner = NULL;
        x->pending = NULL;
    }
    if (x->wait.timer_set) {
        ngx_del_timer(&x->wait);
    }
}

/** Submits and, when somebody waits, starts the clock. The timer also keeps a leaving worker alive until the
 * wait is over. */
static void commit(ngx_http_sallyport_exchange_t *x, spl_batch *batch, ngx_http_sallyport_durable_pt then)
{
    if (then) {
        batch->owner = x;
        x->pending = batch;
        x->on_durable = then;
        x->wait.handler = wait_handler;
        x->wait.data = x;
        x->wait.log = x->r->connection->log;
        ngx_add_timer(&x->wait, x->policy->snapshot.limits.record_wait_ms);
    }
    ngx_http_sallyport_submit(batch);
}

/* ---- the record of an exchange ---- */

static uint32_t since(const ngx_http_sallyport_exchange_t *x, uint64_t at_us)
{
    const uint64_t us = at_us > x->arrived_us ? at_us - x->arrived_us : 0;
    return us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
}

static uint64_t now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static sp_bytes place_text(sp_place place, sp_mem *mem)
{
    sp_buf text = SP_BUF_IN(mem);
    if (place.path) {
        sp_place_append(&text, place);
    }
    return sp_bytes_sub(sp_buf_bytes(&text), 0, ATOM_TEXT_MAX);
}

static void fill_atoms(sp_record *record, const sp_labelling *labelling, sp_mem *mem)
{
    sp_record_atom *atoms = labelling->n_atoms ? sp_alloc(mem, labelling->n_atoms, sizeof *atoms) : NULL;
    if (atoms == NULL) {
        return;
    }
    for (size_t i = 0; i < labelling->n_atoms; i++) {
        const sp_atom *a = &labelling->atoms[i];
        atoms[i] = (sp_record_atom){
            .source = a->source,
            .kind = a->kind,
            .confidence = a->confidence,
            .level = a->label.level,
            .count = a->count,
            .start = a->start,
            .end = a->end,
            .place = place_text(a->place, mem),
        };
    }
    record->atoms = atoms;
    record->n_atoms = labelling->n_atoms;
}

static void fill_findings(sp_record *record, const sp_review_summary *summary, sp_mem *mem)
{
    sp_record_atom *atoms = summary->n_findings ? sp_alloc(mem, summary->n_findings, sizeof *atoms) : NULL;
    if (atoms == NULL) {
        return;
    }
    for (size_t i = 0; i < summary->n_findings; i++) {
        const sp_review_finding *f = &summary->findings[i];
        const sp_kind_info *info = sp_kind_get((sp_kind)f->finding.kind);
        atoms[i] = (sp_record_atom){
            .source = SP_ATOM_DETECTOR,
            .kind = f->finding.kind,
            .confidence = f->finding.confidence,
            .level = info ? info->level : 0,
            .count = 1,
            .start = f->finding.start,
            .end = f->finding.end,
            .place = place_text(f->place, mem),
        };
    }
    record->atoms = atoms;
    record->n_atoms = summary->n_findings;
}

static void fill_candidates(sp_record *record, const ngx_http_sallyport_exchange_t *x, sp_mem *mem)
{
    const sp_decision *d = &x->decision;
    sp_record_candidate *list = d->n_candidates ? sp_alloc(mem, d->n_candidates, sizeof *list) : NULL;
    if (list == NULL) {
        return;
    }
    for (size_t i = 0; i < d->n_candidates; i++) {
        const sp_candidate *c = &d->candidates[i];
        const sp_destination *to = &x->policy->snapshot.destinations[c->destination];
        list[i] = (sp_record_candidate){.destination = to->name,
                                        .reason = c->reason,
                                        .part = c->part,
                                        .field = c->field,
                                        .tier = to->tier};
    }
    record->candidates = list;
    record->n_candidates = d->n_candidates;
}

static void fill_destination(sp_record *record, const ngx_http_sallyport_exchange_t *x)
{
    if (x->decision.outcome == SP_DENY) {
        return;
    }
    const sp_destination *to = &x->policy->snapshot.destinations[x->decision.destination];
    record->destination = to->name;
    record->destination_model = to->model;
    record->region = to->region;
    record->tier = to->tier;
}

/** The model as asked for is text of the client: recorded only when it is a configured name. */
static sp_bytes configured_model(const ngx_http_sallyport_exchange_t *x)
{
    const sp_snapshot *s = &x->policy->snapshot;
    for (size_t i = 0; i < s->n_models; i++) {
        if (sp_bytes_eq(s->models[i].name, x->request.model)) {
            return s->models[i].name;
        }
    }
    return SP_BYTES_EMPTY;
}

static void fill_caller(sp_record *record, const ngx_http_sallyport_exchange_t *x)
{
    if (x->key == NULL) {
        return;
    }
    ngx_memcpy(record->key_id, x->key->id, sizeof record->key_id);
    record->application = x->application->name;
    record->use_case = x->policy->snapshot.use_cases[x->application->use_case].name;
}

/** What all kinds of record share. */
static sp_record common(const ngx_http_sallyport_exchange_t *x, sp_record_kind kind)
{
    sp_record record = {
        .kind = (uint8_t)kind,
        .attempt = x->attempt,
        .at_ns = now_ns(),
        .generation = x->policy->snapshot.generation,
        .dialect = (uint8_t)sp_dialect_id_of(x->route.dialect),
        .label = x->labelling.label,
        .outcome = x->decision.outcome,
    };
    ngx_memcpy(record.request_id, x->id, sizeof record.request_id);
    fill_caller(&record, x);
    fill_destination(&record, x);
    return record;
}

static void fill_request(sp_record *record, const ngx_http_sallyport_exchange_t *x, sp_mem *mem)
{
    record->model = configured_model(x);
    record->is_stream = x->request.is_stream;
    record->parameters = x->request.parameters;
    record->blocks = x->blocks;
    record->n_blocks = x->n_blocks;
    record->decide_us = x->decide_us;
    record->bytes_in = x->body.n;
    fill_atoms(record, &x->labelling, mem);
    fill_candidates(record, x, mem);
}

/* ---- blocks ---- */

/** Seals one block into the batch: a length, then the frame's body. */
static sp_status seal_block(spl_batch *batch, sp_block_ref *ref, sp_sealer *sealer, sp_block_random *random,
                            sp_bytes plain)
{
    const size_t at = batch->blocks.n;

    sp_write_u32(&batch->blocks, 0);
    SP_TRY(sp_block_seal(&batch->blocks, ref, sealer, random, plain));
    const size_t n = batch->blocks.n - at - 4;
    for (size_t i = 0; i < 4; i++) {
        batch->blocks.p[at + i] = (uint8_t)(n >> (8 * (3 - i)));
    }
    return batch->blocks.status;
}

/** Joins the request's blocks from the front until each has BLOCK_LEAST bytes: to seal and frame a small one
 * costs more than its content. A history that grows at its end is cut at the same places each time. Blocks
 * beyond the maximum share the last one. */
static size_t join_blocks(sp_block *out, const sp_block *blocks, size_t n_blocks)
{
    size_t n = 0;

    for (size_t i = 0; i < n_blocks; i++) {
        if (n && (n == SP_RECORD_BLOCKS_MAX || out[n - 1].end - out[n - 1].start < BLOCK_LEAST)) {
            out[n - 1].end = blocks[i].end;
        } else {
            out[n++] = blocks[i];
        }
    }
    return n;
}

/** Seals the request's blocks, for each try anew: a record and its blocks lie in one segment, and a later try
 * may open the next. A body that did not parse is one block. */
static sp_status seal_request(ngx_http_sallyport_exchange_t *x, spl_batch *batch)
{
    const sp_block whole = {0, (uint32_t)x->body.n};
    const sp_request *request = &x->request;
    const size_t most = request->n_blocks ? request->n_blocks : 1;
    sp_block *blocks = sp_alloc(&x->arena.mem, most, sizeof *blocks);
    sp_sealer *sealer = ngx_http_sallyport_sealer(&x->policy->snapshot);

    if (blocks == NULL) {
        return SP_ENOMEM;
    }
    const size_t n = join_blocks(blocks, request->n_blocks ? request->blocks : &whole, most);
    sp_block_ref *refs = sp_alloc(&x->arena.mem, n, sizeof *refs);
    sp_block_random *random = sp_alloc(&x->arena.mem, n, sizeof *random);

    if (refs == NULL || random == NULL) {
        return SP_ENOMEM;
    }
    if (sealer == NULL || ngx_http_sallyport_random(random, n * sizeof *random) != NGX_OK) {
        return SP_ECRYPTO;
    }
    for (size_t i = 0; i < n; i++) {
        const sp_bytes plain = sp_bytes_sub(x->body, blocks[i].start, blocks[i].end);
        SP_TRY(seal_block(batch, &refs[i], sealer, &random[i], plain));
    }
    x->blocks = refs;
    x->n_blocks = n;
    return SP_OK;
}

/** Seals what came since the last record: a record names its own block, so that those of all records in their
 * order are the bytes of the destination, once. */
static sp_status seal_answer(const ngx_http_sallyport_exchange_t *x, spl_batch *batch, sp_block_ref *ref,
                             size_t *n)
{
    const sp_bytes plain = x->review ? sp_review_take_answer(x->review) : SP_BYTES_EMPTY;
    sp_sealer *sealer = ngx_http_sallyport_sealer(&x->policy->snapshot);
    sp_block_random random;

    *n = plain.n > 0;
    if (plain.n == 0) {
        return SP_OK;
    }
    if (sealer == NULL || ngx_http_sallyport_random(&random, sizeof random) != NGX_OK) {
        return SP_ECRYPTO;
    }
    return seal_block(batch, ref, sealer, &random, plain);
}

static spl_batch *batch_new(size_t payload, size_t n_blocks)
{
    spl_batch *batch = spl_batch_new(2 * payload + 2 * n_blocks * BLOCK_ROOM + LEAF_ROOM);
    if (batch) {
        (void)sp_buf_reserve(&batch->blocks,
                             payload +
                                 n_blocks * BLOCK_ROOM); /* one allocation; a failure shows when written */
    }
    return batch;
}

/* ---- the kinds ---- */

/** A record that could not even be built is one that is not durable. */
static void give_up(ngx_http_sallyport_exchange_t *x, spl_batch *batch, sp_status status,
                    ngx_http_sallyport_durable_pt then)
{
    ngx_log_error(NGX_LOG_ALERT, x->r->connection->log, 0, "sallyport: a record cannot be built: %s",
                  sp_error_get(status)->name);
    spl_batch_free(batch);
    if (then) {
        then(x, SP_ERECORD);
    }
}

static void record_request(ngx_http_sallyport_exchange_t *x, sp_record_kind kind,
                           ngx_http_sallyport_durable_pt then)
{
    spl_batch *batch = batch_new(x->body.n, x->request.n_blocks + 1);
    if (batch == NULL) {
        give_up(x, NULL, SP_ENOMEM, then);
        return;
    }
    sp_status status = x->body.n ? seal_request(x, batch) : SP_OK;
    if (status == SP_OK) {
        sp_record record = common(x, kind);
        fill_request(&record, x, &batch->arena.mem);
        record.status = kind == SP_RECORD_REFUSAL ? (int32_t)x->refusal : SP_OK;
        record.http_status = kind == SP_RECORD_REFUSAL ? sp_error_get(x->refusal)->http : 0;
        status = sp_record_encode(&batch->leaf, &record);
    }
    if (status != SP_OK) {
        give_up(x, batch, status, then);
        return;
    }
    x->owes_outcome = kind == SP_RECORD_INTENT;
    commit(x, batch, then);
}

void ngx_http_sallyport_record_intent(ngx_http_sallyport_exchange_t *x, ngx_http_sallyport_durable_pt then)
{
    record_request(x, SP_RECORD_INTENT, then);
}

void ngx_http_sallyport_record_refusal(ngx_http_sallyport_exchange_t *x, ngx_http_sallyport_durable_pt then)
{
    record_request(x, SP_RECORD_REFUSAL, then);
}

static void fill_summary(sp_record *record, const ngx_http_sallyport_exchange_t *x, sp_mem *mem)
{
    sp_review_summary summary = {0};

    if (x->review == NULL) {
        return;
    }
    sp_review_summarise(x->review, &summary);
    record->answer_model = summary.model;
    record->answer_id = summary.answer_id;
    record->answer_version = summary.version;
    record->finish = summary.finish;
    record->tokens_in = summary.tokens_in;
    record->tokens_out = summary.tokens_out;
    record->tokens_cached = summary.tokens_cached;
    record->n_events = summary.n_events;
    record->n_tool_calls = summary.n_tool_calls;
    record->bytes_in = summary.bytes_in;
    fill_findings(record, &summary, mem);
    if (record->kind == SP_RECORD_OUTCOME) {
        ngx_http_sallyport_count(NGX_HTTP_SALLYPORT_M_TOKENS_IN, summary.tokens_in);
        ngx_http_sallyport_count(NGX_HTTP_SALLYPORT_M_TOKENS_OUT, summary.tokens_out);
        ngx_http_sallyport_count(NGX_HTTP_SALLYPORT_M_BYTES_OUT, summary.bytes_in);
    }
}

static uint16_t upstream_status(const ngx_http_request_t *r)
{
    return r->upstream && r->upstream->state ? (uint16_t)r->upstream->state->status : 0;
}

static void fill_answer(sp_record *record, const ngx_http_sallyport_exchange_t *x, sp_status status,
                        sp_mem *mem)
{
    record->status = (int32_t)status;
    record->is_stream = x->answer == SALLYPORT_ANSWER_STREAM;
    record->upstream_status = upstream_status(x->r);
    record->http_status =
        (uint16_t)(x->is_header_held || x->answer == SALLYPORT_ANSWER_NONE
                       ? (status == SP_OK ? x->r->headers_out.status : sp_error_get(status)->http)
                       : x->r->headers_out.status);
    record->bytes_out = x->bytes_out;
    record->upstream_first_us = x->first_byte_us ? since(x, x->first_byte_us) : 0;
    record->total_us = since(x, ngx_http_sallyport_now_us());
    fill_summary(record, x, mem);
}

static void record_answer(ngx_http_sallyport_exchange_t *x, sp_record_kind kind, sp_status answer_status,
                          ngx_http_sallyport_durable_pt then)
{
    const size_t waiting = x->review ? sp_review_answer_waiting(x->review) : 0;
    spl_batch *batch = batch_new(waiting, 1);
    if (batch == NULL) {
        give_up(x, NULL, SP_ENOMEM, then);
        return;
    }
    sp_block_ref block;
    size_t n_blocks = 0;
    sp_status status = seal_answer(x, batch, &block, &n_blocks);
    if (status == SP_OK) {
        sp_record record = common(x, kind);
        record.blocks = &block;
        record.n_blocks = n_blocks;
        fill_answer(&record, x, answer_status, &batch->arena.mem);
        status = sp_record_encode(&batch->leaf, &record);
    }
    if (status != SP_OK) {
        give_up(x, batch, status, then);
        return;
    }
    commit(x, batch, then);
}

void ngx_http_sallyport_record_answer(ngx_http_sallyport_exchange_t *x, ngx_http_sallyport_durable_pt then)
{
    record_answer(x, SP_RECORD_ANSWER, SP_OK, then);
}

void ngx_http_sallyport_record_outcome(ngx_http_sallyport_exchange_t *x, sp_status status,
                                       ngx_http_sallyport_durable_pt then)
{
    x->owes_outcome = false;
    record_answer(x, SP_RECORD_OUTCOME, status, then);
}
