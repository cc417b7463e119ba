/** What is recorded of an exchange, and waiting for it. A wait has a bound: past it the record counts as not
 * written and the request is refused. */
#include "ngx_http_sallyport_told.h"
#include "ngx_http_sallyport_upstream.h"

enum {
    LEAF_ROOM = 4 * SP_LEAF_MAX,
    LEAF_USUAL = 1024,
    BLOCK_ROOM = 256, /* of a block frame beside its ciphertext */
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
    for (size_t i = 0; i < NGX_HTTP_SALLYPORT_FRAMES_MAX; i++) {
        if (x->frames[i]) {
            x->frames[i]->owner = NULL;
        }
    }
    if (x->wait.timer_set) {
        ngx_del_timer(&x->wait);
    }
}

/* ---- parts of an answer: nobody waits, but one that is lost must be known before the end is handed out ----
 */

bool ngx_http_sallyport_record_has_room(const ngx_http_sallyport_exchange_t *x)
{
    for (size_t i = 0; i < NGX_HTTP_SALLYPORT_FRAMES_MAX; i++) {
        if (x->frames[i] == NULL) {
            return true;
        }
    }
    return false;
}

static void keep_frame(ngx_http_sallyport_exchange_t *x, spl_batch *batch)
{
    for (size_t i = 0; i < NGX_HTTP_SALLYPORT_FRAMES_MAX; i++) {
        if (x->frames[i] == NULL) {
            x->frames[i] = batch;
            batch->owner = x;
            return;
        }
    }
}

bool ngx_http_sallyport_record_frame_done(ngx_http_sallyport_exchange_t *x, const spl_batch *batch,
                                          sp_status status)
{
    for (size_t i = 0; i < NGX_HTTP_SALLYPORT_FRAMES_MAX; i++) {
        if (x->frames[i] == batch) {
            x->frames[i] = NULL;
            x->is_frame_lost = x->is_frame_lost || status != SP_OK;
            return true;
        }
    }
    return false;
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
        if (!x->wait.timer_set) { /* set: the same record for the second time */
            ngx_add_timer(&x->wait, x->policy->snapshot.limits.record_wait_ms);
        }
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

/** What all kinds of record share. */
static sp_record common(const ngx_http_sallyport_exchange_t *x, sp_record_kind kind)
{
    sp_record record = {
        .kind = (uint8_t)kind,
        .attempt = x->attempt,
        .at_ns = now_ns(),
        .decide_us = x->decide_us,
    };
    ngx_memcpy(record.request_id, x->id, sizeof record.request_id);
    if (x->key) {
        ngx_memcpy(record.key_id, x->key->id, sizeof record.key_id);
    }
    return record;
}

static sp_decided decided(const ngx_http_sallyport_exchange_t *x)
{
    const bool is_declassified = x->declassified.is_on;

    return (sp_decided){
        .declassifier = is_declassified ? x->declassified.here->by->name : SP_BYTES_EMPTY,
        .label_before = is_declassified ? &x->declassified.original.labelling.label : NULL,
        .snapshot = &x->policy->snapshot,
        .purpose = &x->purpose,
        .dialect = x->route.dialect,
        .operation = x->route.operation,
        .request = &x->request,
        .labelling = &x->labelling,
        .decision = &x->decision,
    };
}

/** A record whose reasons found no memory is none: the caller gives up. */
static sp_status fill_request(sp_record *record, const ngx_http_sallyport_exchange_t *x, sp_mem *mem)
{
    const sp_decided of = decided(x);
    SP_TRY(sp_record_of_decision(record, &of, mem));
    record->bytes_in = x->body.n;
    if (record->kind == SP_RECORD_REFUSAL) {
        record->status = (int32_t)x->refusal;
        record->http_status = sp_error_get(x->refusal)->http;
        record->total_us = since(x, ngx_http_sallyport_now_us());
    }
    return sp_record_of_stop(record, record->status == SP_ESTOPPED ? &x->stop : NULL, mem);
}

/* ---- blocks ---- */

/** Seals one block into the batch: a length, then the frame's body. */
static sp_status seal_block(spl_batch *batch, sp_block_ref *ref, sp_sealer *sealer, sp_block_random *random,
                            sp_bytes plain)
{
    const size_t at = batch->blocks.n;

    sp_write_u32(&batch->blocks, 0);
    SP_TRY(sp_block_seal(&batch->blocks, ref, sealer, random, plain));
    sp_write_u32_at(&batch->blocks, at, (uint32_t)(batch->blocks.n - at - 4));
    return batch->blocks.status;
}

/** The block of a body that did not parse, or a piece of one that did. */
static sp_bytes piece_bytes(const ngx_http_sallyport_exchange_t *x, size_t i)
{
    return x->pieces.n ? sp_bytes_sub(x->body, x->pieces.v[i].start, x->pieces.v[i].end) : x->body;
}

/** What a record brings and what it only names. */
typedef struct {
    sp_block_ref *refs; /* of all blocks, in the memory of the exchange; those that are known are filled in */
    bool *is_known;
    size_t n, n_new, bytes_new;
    sp_sealer *sealer;
    uint32_t segment; /* where the known ones lie; 0: there are none */
} ngx_http_sallyport_blocks_t;

/** A block that this worker made durable in the segment that it writes is named, not stored again. Looked up
 * for each try anew. */
static sp_status find_blocks(ngx_http_sallyport_blocks_t *out, ngx_http_sallyport_exchange_t *x,
                             bool may_name)
{
    ngx_http_sallyport_worker_t *w = &ngx_http_sallyport_worker;

    *out = (ngx_http_sallyport_blocks_t){.n = x->pieces.n ? x->pieces.n : x->body.n > 0};
    if (out->n == 0) {
        return SP_OK;
    }
    out->sealer =
        ngx_http_sallyport_sealer(&x->policy->snapshot); /* first: it forgets what another key sealed */
    if (out->sealer == NULL) {
        return SP_ECRYPTO;
    }
    out->refs = sp_alloc(&x->arena.mem, out->n, sizeof *out->refs);
    out->is_known = sp_alloc(&x->arena.mem, out->n, sizeof *out->is_known);
    if (out->refs == NULL || out->is_known == NULL) {
        return SP_ENOMEM;
    }
    for (size_t i = 0; i < out->n; i++) {
        const sp_block_ref *known =
            may_name && x->pieces.n ? sp_history_find(&w->history, x->pieces.v[i].tag, w->segment) : NULL;
        if (known) {
            out->refs[i] = *known;
            out->is_known[i] = true;
            out->segment = w->segment;
        } else {
            out->n_new++;
            out->bytes_new += piece_bytes(x, i).n;
        }
    }
    return SP_OK;
}

/** Blocks that a batch brings, for the table of known ones once it is durable. */
typedef struct {
    size_t n;
    struct {
        uint8_t tag[SP_TAG_BYTES];
        sp_block_ref ref;
    } v[];
} ngx_http_sallyport_note_t;

static ngx_http_sallyport_note_t *note_new(spl_batch *batch, size_t n)
{
    ngx_http_sallyport_note_t *note;
    return sp_alloc_bytes(&batch->arena.mem, sizeof *note + n * sizeof note->v[0]);
}

void ngx_http_sallyport_record_known(const spl_batch *batch)
{
    const ngx_http_sallyport_note_t *note = batch->note;
    ngx_http_sallyport_worker_t *w = &ngx_http_sallyport_worker;

    if (batch->status != SP_OK) {
        return;
    }
    w->segment = batch->segment;
    for (size_t i = 0; note && i < note->n; i++) {
        sp_history_keep(&w->history, note->v[i].tag, &note->v[i].ref, batch->segment);
    }
}

/** Seals what is new. */
static sp_status seal_request(ngx_http_sallyport_exchange_t *x, spl_batch *batch,
                              const ngx_http_sallyport_blocks_t *blocks)
{
    ngx_http_sallyport_note_t *note = note_new(batch, blocks->n_new);
    sp_block_random random;

    if (note == NULL) {
        return SP_ENOMEM;
    }
    note->n = 0;
    for (size_t i = 0; i < blocks->n; i++) {
        if (blocks->is_known[i]) {
            continue;
        }
        if (ngx_http_sallyport_random(&random, sizeof random) != NGX_OK) {
            return SP_ECRYPTO;
        }
        SP_TRY(seal_block(batch, &blocks->refs[i], blocks->sealer, &random, piece_bytes(x, i)));
        if (x->pieces.n) {
            ngx_memcpy(note->v[note->n].tag, x->pieces.v[i].tag, SP_TAG_BYTES);
            note->v[note->n++].ref = blocks->refs[i];
        }
    }
    batch->note = note;
    batch->segment = blocks->segment;
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
        /* one allocation each; a failure shows when written */
        (void)sp_buf_reserve(&batch->blocks, payload + n_blocks * BLOCK_ROOM);
        (void)sp_buf_reserve(&batch->leaf, LEAF_USUAL);
    }
    return batch;
}

/* ---- the kinds ---- */

/** A record that could not even be built is one that is not durable. */
static void give_up(const ngx_http_sallyport_exchange_t *x, spl_batch *batch, sp_status status)
{
    ngx_log_error(NGX_LOG_ALERT, x->r->connection->log, 0, "sallyport: a record cannot be built: %s",
                  sp_error_get(status)->name);
    spl_batch_free(batch);
}

static sp_status build_request(spl_batch *batch, ngx_http_sallyport_exchange_t *x, sp_record_kind kind,
                               const ngx_http_sallyport_blocks_t *blocks)
{
    sp_record record = common(x, kind);

    SP_TRY(seal_request(x, batch, blocks));
    record.blocks = blocks->refs;
    record.n_blocks = blocks->n;
    SP_TRY(fill_request(&record, x, &batch->arena.mem));
    return sp_record_encode(&batch->leaf, &record);
}

static sp_status submit_request(ngx_http_sallyport_exchange_t *x, sp_record_kind kind, bool may_name,
                                ngx_http_sallyport_durable_pt then)
{
    ngx_http_sallyport_blocks_t blocks;
    sp_status status = find_blocks(&blocks, x, may_name);
    spl_batch *batch = status == SP_OK ? batch_new(blocks.bytes_new, blocks.n_new + 1) : NULL;

    if (batch) {
        status = build_request(batch, x, kind, &blocks);
    } else if (status == SP_OK) {
        status = SP_ENOMEM;
    }
    if (status != SP_OK) {
        give_up(x, batch, status);
        return SP_ERECORD;
    }
    x->owes_outcome = kind == SP_RECORD_INTENT;
    x->pending_kind = (uint8_t)kind;
    commit(x, batch, then);
    return SP_OK;
}

static void record_request(ngx_http_sallyport_exchange_t *x, sp_record_kind kind,
                           ngx_http_sallyport_durable_pt then)
{
    if (submit_request(x, kind, true, then) != SP_OK && then) {
        then(x, SP_ERECORD);
    }
}

bool ngx_http_sallyport_record_again(ngx_http_sallyport_exchange_t *x)
{
    x->pending = NULL;
    return submit_request(x, (sp_record_kind)x->pending_kind, false, x->on_durable) == SP_OK;
}

void ngx_http_sallyport_record_intent(ngx_http_sallyport_exchange_t *x, ngx_http_sallyport_durable_pt then)
{
    record_request(x, SP_RECORD_INTENT, then);
}

void ngx_http_sallyport_record_refusal(ngx_http_sallyport_exchange_t *x, ngx_http_sallyport_durable_pt then)
{
    record_request(x, SP_RECORD_REFUSAL, then);
}

static sp_status fill_summary(sp_record *record, const ngx_http_sallyport_exchange_t *x, sp_mem *mem)
{
    sp_review_summary summary = {0};

    if (x->review == NULL) {
        return SP_OK;
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
    record->n_masked = summary.n_masked;
    record->bytes_in = summary.bytes_in;
    record->answer_label = sp_label_answer(&x->purpose, &x->labelling.label, &summary);
    return sp_record_of_findings(record, &summary, mem);
}

static void count_answer(const sp_record *record)
{
    ngx_http_sallyport_count(NGX_HTTP_SALLYPORT_M_TOKENS_IN, record->tokens_in);
    ngx_http_sallyport_count(NGX_HTTP_SALLYPORT_M_TOKENS_OUT, record->tokens_out);
    ngx_http_sallyport_count(NGX_HTTP_SALLYPORT_M_BYTES_OUT, record->bytes_in);
}

static uint16_t upstream_status(const ngx_http_request_t *r)
{
    return r->upstream && r->upstream->state ? (uint16_t)r->upstream->state->status : 0;
}

static uint16_t client_status(const ngx_http_sallyport_exchange_t *x, sp_status status)
{
    const bool is_ours = status != SP_OK && (x->is_header_held || x->answer == SALLYPORT_ANSWER_NONE);
    return (uint16_t)(is_ours ? sp_error_get(status)->http : x->r->headers_out.status);
}

static void fill_answer(sp_record *record, const ngx_http_sallyport_exchange_t *x, sp_status status)
{
    const sp_decided of = decided(x);

    sp_record_of_parties(record, &of);
    record->status = (int32_t)status;
    record->upstream_status = upstream_status(x->r);
    record->http_status = client_status(x, status);
    record->bytes_out = x->bytes_out;
    record->upstream_first_us = x->first_byte_us ? since(x, x->first_byte_us) : 0;
    record->total_us = since(x, ngx_http_sallyport_now_us());
}

/** Builds and submits. `is_whole` false: without content and findings, which is what remains to be said when
 * they could not be recorded. */
static sp_status submit_answer(ngx_http_sallyport_exchange_t *x, sp_record record, bool is_whole,
                               ngx_http_sallyport_durable_pt then)
{
    const size_t waiting = is_whole && x->review ? sp_review_answer_waiting(x->review) : 0;
    spl_batch *batch = batch_new(waiting, 1);
    sp_block_ref block;
    sp_status status = batch ? SP_OK : SP_ENOMEM;

    if (status == SP_OK && is_whole) {
        record.blocks = &block;
        status = seal_answer(x, batch, &block, &record.n_blocks);
        status = status == SP_OK ? fill_summary(&record, x, &batch->arena.mem) : status;
    }
    if (status == SP_OK && record.status == SP_ESTOPPED) {
        status = sp_record_of_stop(&record, &x->stop, &batch->arena.mem);
    }
    status = status == SP_OK ? sp_record_encode(&batch->leaf, &record) : status;
    if (status != SP_OK) {
        give_up(x, batch, status);
        return SP_ERECORD;
    }
    if (record.kind == SP_RECORD_OUTCOME) {
        x->owes_outcome = false;
        count_answer(&record);
    } else if (then == NULL) {
        keep_frame(x, batch);
    }
    commit(x, batch, then);
    return SP_OK;
}

void ngx_http_sallyport_record_answer(ngx_http_sallyport_exchange_t *x, ngx_http_sallyport_durable_pt then)
{
    sp_record record = common(x, SP_RECORD_ANSWER);

    fill_answer(&record, x, SP_OK);
    if (submit_answer(x, record, true, then) == SP_OK) {
        return;
    }
    x->is_frame_lost = true;
    if (then) {
        then(x, SP_ERECORD);
    }
}

/** An outcome that cannot be built is still owed: the caller is told, the answer is not finished, and the end
 * of the exchange records what can be said. So it is where the answer cannot be remembered. */
void ngx_http_sallyport_record_outcome(ngx_http_sallyport_exchange_t *x, sp_status status,
                                       ngx_http_sallyport_durable_pt then)
{
    sp_record record = common(x, SP_RECORD_OUTCOME);

    fill_answer(&record, x, status);
    ngx_http_sallyport_health_end(x, sp_health_judge(status, record.upstream_status));
    if (ngx_http_sallyport_told_end(x) == SP_OK && submit_answer(x, record, true, then) == SP_OK) {
        return;
    }
    if (then) {
        x->verdict = x->verdict != SP_OK ? x->verdict : SP_ERECORD;
        then(x, SP_ERECORD);
        return;
    }
    record.status = SP_ERECORD;
    (void)submit_answer(x, record, false, NULL);
}
