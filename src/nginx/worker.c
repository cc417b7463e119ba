/** State of a worker process: compiled detectors, the policy snapshot that new requests get, the writer of
 * this worker's ledger segment. */
#include "ngx_http_sallyport_confine.h"
#include "ngx_http_sallyport_known.h"
#include "ngx_http_sallyport_limit.h"
#include "ngx_http_sallyport_told.h"

#include <malloc.h>
#include <sys/mman.h>

#include <openssl/rand.h>

enum {
    POLL_MS = 200,       /* a new snapshot (and so a revoked key) is seen within this time */
    SEALER_SECONDS = 60, /* one key exchange serves the blocks of a minute */
    /* glibc maps and faults larger ones anew: 2.9 times the cost of a 100 KB request (docs/adr) */
    UNREADY_SECONDS = 5, /* after a record that could not be made durable; then requests may try again */
    KEEP_ALLOCATIONS = 4 << 20,
    /* What a worker keeps of what it has freed: 64 requests of 100 KB, so that the heap does not go back to
     * the kernel and come again page by page with every turn of the load. */
    KEEP_HEAP = 64 << 20,
};

ngx_http_sallyport_worker_t ngx_http_sallyport_worker;

uint64_t ngx_http_sallyport_now_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail with a valid clock */
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

uint64_t ngx_http_sallyport_now_s(void)
{
    return sp_clock_now(&ngx_http_sallyport_worker.clock, (uint64_t)ngx_time(), ngx_current_msec);
}

/* ---- policy ---- */

static void detectors_release(ngx_http_sallyport_detectors_t *detectors)
{
    if (detectors == NULL || --detectors->refs != 0) {
        return;
    }
    sp_engine_free(detectors->engine);
    sp_custom_free(detectors->custom);
    free(detectors);
}

static sp_status detectors_make(ngx_http_sallyport_detectors_t *out, const sp_snapshot *s, sp_diag *diag)
{
    size_t bad;

    if (s->n_detectors > 0) {
        SP_TRY(sp_custom_new(&out->custom, s->detectors, s->n_detectors, &bad, diag));
    }
    return sp_engine_with(&out->engine, ngx_http_sallyport_worker.engine, out->custom);
}

/** Those of the policy that serves, where they are the same: compiling holds up the loop. */
static sp_status detectors_of(ngx_http_sallyport_policy_t *policy, sp_diag *diag)
{
    const ngx_http_sallyport_policy_t *now = ngx_http_sallyport_worker.policy;

    if (now && sp_bytes_eq(now->snapshot.detector_section, policy->snapshot.detector_section)) {
        policy->detectors = now->detectors;
        policy->detectors->refs++;
        return SP_OK;
    }
    policy->detectors = calloc(1, sizeof *policy->detectors);
    if (policy->detectors == NULL) {
        return SP_ENOMEM;
    }
    policy->detectors->refs = 1;
    return detectors_make(policy->detectors, &policy->snapshot, diag);
}

static void policy_free(ngx_http_sallyport_policy_t *policy)
{
    detectors_release(policy->detectors);
    sp_arena_fini(&policy->arena);
    if (policy->map) {
        (void)munmap(policy->map, policy->map_bytes);
    }
    free(policy);
}

void ngx_http_sallyport_policy_release(ngx_http_sallyport_policy_t *policy)
{
    if (--policy->refs == 0) {
        policy_free(policy);
    }
}

ngx_http_sallyport_policy_t *ngx_http_sallyport_policy_hold(void)
{
    ngx_http_sallyport_policy_t *policy = ngx_http_sallyport_worker.policy;
    if (policy) {
        policy->refs++;
    }
    return policy;
}

/** Maps and decodes. The file is never written in place (the daemon renames a new one over it), so the
 * mapping stays what was checked. */
static ngx_http_sallyport_policy_t *policy_read(int fd, const struct stat *info, ngx_log_t *log)
{
    ngx_http_sallyport_policy_t *policy = calloc(1, sizeof *policy);
    sp_diag diag = {0};

    if (policy == NULL) {
        return NULL;
    }
    policy->refs = 1;
    policy->inode = info->st_ino;
    policy->map_bytes = (size_t)info->st_size;
    sp_arena_init(&policy->arena, policy->map_bytes * 64 + (1 << 20));
    policy->map = policy->map_bytes ? mmap(NULL, policy->map_bytes, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
    if (policy->map == MAP_FAILED || policy->map == NULL) {
        ngx_log_error(NGX_LOG_ERR, log, ngx_errno, "sallyport: the snapshot cannot be mapped");
        policy->map = NULL;
        policy_free(policy);
        return NULL;
    }
    if (sp_snapshot_decode(&policy->snapshot, (sp_bytes){policy->map, policy->map_bytes}, &policy->arena.mem,
                           &diag) != SP_OK) {
        ngx_log_error(NGX_LOG_ERR, log, 0, "sallyport: the snapshot is refused: %s", diag.text);
        policy_free(policy);
        return NULL;
    }
    if (detectors_of(policy, &diag) != SP_OK) {
        ngx_log_error(NGX_LOG_ERR, log, 0, "sallyport: the snapshot's detectors are refused: %s", diag.text);
        policy_free(policy);
        return NULL;
    }
    return policy;
}

/** A file that was refused is looked at once; a number of an inode alone would come back with the next file.
 */
static bool was_refused(const struct stat *info)
{
    const struct stat *refused = &ngx_http_sallyport_worker.refused;
    return refused->st_ino == info->st_ino && refused->st_mtim.tv_sec == info->st_mtim.tv_sec &&
           refused->st_mtim.tv_nsec == info->st_mtim.tv_nsec && refused->st_size == info->st_size;
}

/** Takes over a new snapshot file if there is one. A bad file changes nothing: the last good one serves until
 * it expires. @return whether another one serves now. */
static bool policy_poll(ngx_log_t *log)
{
    ngx_http_sallyport_worker_t *w = &ngx_http_sallyport_worker;
    const char *path = ngx_http_sallyport_path(w->conf, &w->conf->snapshot);
    struct stat info;

    if (stat(path, &info) != 0 || (w->policy && w->policy->inode == info.st_ino) || was_refused(&info)) {
        return false;
    }
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        ngx_log_error(NGX_LOG_ERR, log, ngx_errno, "sallyport: open \"%s\" failed", path);
        return false;
    }
    ngx_http_sallyport_policy_t *fresh = fstat(fd, &info) == 0 ? policy_read(fd, &info, log) : NULL;
    (void)close(fd);
    if (fresh == NULL) {
        w->refused = info;
        return false;
    }
    if (w->policy && fresh->snapshot.generation < w->policy->snapshot.generation) {
        ngx_log_error(NGX_LOG_ERR, log, 0, "sallyport: a snapshot of an earlier generation is refused");
        w->refused = info;
        policy_free(fresh);
        return false;
    }
    if (w->policy) {
        ngx_http_sallyport_policy_release(w->policy);
    }
    w->policy = fresh;
    ngx_time_update(); /* the loop's clock stands still while detectors are compiled */
    (void)sp_clock_now(&w->clock, fresh->snapshot.created_s, ngx_current_msec);
    ngx_log_error(NGX_LOG_NOTICE, log, 0, "sallyport: generation %uL serves",
                  (uint64_t)fresh->snapshot.generation);
    return true;
}

static void poll_handler(ngx_event_t *event)
{
    const bool is_fresh = policy_poll(event->log);
    ngx_http_sallyport_stops_poll(event->log);
    if (is_fresh) {
        ngx_http_sallyport_stops_end_running();
    }
    if (!ngx_terminate) {
        ngx_add_timer(event, POLL_MS); /* also while a worker drains: what runs there can be stopped, too */
    }
}

bool ngx_http_sallyport_is_ready(void)
{
    const ngx_http_sallyport_worker_t *w = &ngx_http_sallyport_worker;
    spl_writer_stats stats = {0};

    if (w->writer) {
        spl_writer_get_stats(w->writer, &stats);
    }
    const bool can_record = stats.has_slot && ngx_http_sallyport_now_s() >= w->unready_until;
    return w->engine && can_record && w->stops.list.is_known && w->policy &&
           ngx_http_sallyport_now_s() < w->policy->snapshot.expires_s;
}

/* ---- ledger ---- */

static void submit_handler(ngx_event_t *event)
{
    ngx_http_sallyport_worker_t *w = &ngx_http_sallyport_worker;
    spl_batch *batches = w->submit_first;

    w->submit_first = NULL;
    w->submit_last = &w->submit_first;
    if (batches) {
        spl_writer_submit(w->writer, batches);
    }
}

void ngx_http_sallyport_submit(spl_batch *batch)
{
    ngx_http_sallyport_worker_t *w = &ngx_http_sallyport_worker;

    batch->next = NULL;
    w->batch_bytes += batch->arena.mem.used;
    *w->submit_last = batch;
    w->submit_last = &batch->next;
    if (ngx_exiting || ngx_terminate) {
        submit_handler(&w->submit_event); /* no further turn may come */
    } else {
        ngx_post_event(&w->submit_event, &ngx_posted_events);
    }
}

static void tell(ngx_http_sallyport_exchange_t *x)
{
    x->on_durable(x, x->turn.status);
}

/** A batch came back to the exchange that waited for it, which may be gone when its handler returns. */
static void wake(ngx_http_sallyport_exchange_t *x, sp_status status)
{
    x->pending = NULL;
    if (x->wait.timer_set) {
        ngx_del_timer(&x->wait);
    }
    x->turn.status = status;
    ngx_http_sallyport_turn(x, tell);
}

/** What was counted when it was handed over; the committer takes nothing from its arena. */
static void forget_batch(const spl_batch *batch)
{
    uint64_t *bytes = &ngx_http_sallyport_worker.batch_bytes;
    *bytes -= ngx_min(*bytes, batch->arena.mem.used);
}

static void writer_read_handler(ngx_event_t *event)
{
    spl_batch *batch = spl_writer_done(ngx_http_sallyport_worker.writer);

    while (batch) {
        spl_batch *next = batch->next;
        ngx_http_sallyport_exchange_t *x = batch->owner; /* now: waking its neighbour may have ended it */
        const sp_status status = batch->status;
        const bool is_waited_for = x && !ngx_http_sallyport_record_frame_done(x, batch, status);
        const bool has_moved = batch->has_moved;
        ngx_http_sallyport_record_known(batch);
        forget_batch(batch);
        spl_batch_free(batch);
        if (status != SP_OK && !has_moved) {
            ngx_http_sallyport_worker.unready_until = ngx_http_sallyport_now_s() + UNREADY_SECONDS;
        }
        if (is_waited_for && has_moved && ngx_http_sallyport_record_again(x)) {
            /* it waits on */
        } else if (is_waited_for) {
            wake(x, status);
        } else if (x) {
            ngx_http_sallyport_filter_resume(x);
        } else if (status != SP_OK) {
            ngx_log_error(NGX_LOG_ALERT, event->log, 0,
                          "sallyport: a record that nobody waited for could not be made durable");
        }
        batch = next;
    }
}

static ngx_int_t watch_writer(ngx_cycle_t *cycle)
{
    ngx_http_sallyport_worker_t *w = &ngx_http_sallyport_worker;
    ngx_connection_t *c = ngx_get_connection(spl_writer_fd(w->writer), cycle->log);

    if (c == NULL) {
        return NGX_ERROR;
    }
    c->read->handler = writer_read_handler;
    c->read->log = cycle->log;
    c->read->channel = 1; /* no "open socket left" at exit */
    c->log = cycle->log;
    w->writer_connection = c;
    return ngx_add_event(c->read, NGX_READ_EVENT, NGX_CLEAR_EVENT);
}

static ngx_int_t open_writer(ngx_cycle_t *cycle)
{
    ngx_http_sallyport_worker_t *w = &ngx_http_sallyport_worker;
    const ngx_time_t *now = ngx_timeofday();
    spl_writer_stats stats;
    sp_diag diag = {0};
    spl_writer_options options = {
        .folder = ngx_http_sallyport_path(w->conf, &w->conf->ledger),
        .slot = (uint32_t)ngx_worker,
        .segment_bytes = w->conf->segment,
        .created_ns = ((uint64_t)now->sec * 1000 + now->msec) * 1000000,
        .may_wait = true, /* nginx does not start a worker again that failed at its start */
    };

    if (RAND_bytes(options.random, sizeof options.random) != 1) {
        return NGX_ERROR;
    }
    if (spl_writer_open(&w->writer, &options, &diag) != SP_OK) {
        ngx_log_error(NGX_LOG_ALERT, cycle->log, 0, "sallyport: the ledger cannot be opened: %s", diag.text);
        return NGX_ERROR;
    }
    spl_writer_get_stats(w->writer, &stats);
    if (!stats.has_slot) {
        ngx_log_error(NGX_LOG_ALERT, cycle->log, 0,
                      "sallyport: the ledger cannot be opened: %s; requests are refused until it can",
                      diag.text);
    } else if (diag.text[0] != '\0') {
        ngx_log_error(
            NGX_LOG_ERR, cycle->log, 0,
            "sallyport: the ledger is damaged: %s; that chain is left as it is, another one is written",
            diag.text);
    }
    return watch_writer(cycle);
}

sp_sealer *ngx_http_sallyport_sealer(const sp_snapshot *snapshot)
{
    ngx_http_sallyport_worker_t *w = &ngx_http_sallyport_worker;
    uint8_t secret[32];

    if (w->has_sealer && ngx_http_sallyport_now_s() < w->sealer_until &&
        ngx_memcmp(w->sealer.recipient, snapshot->seal_key, 32) == 0) {
        return &w->sealer;
    }
    if (w->has_sealer) {
        if (ngx_memcmp(w->sealer.recipient, snapshot->seal_key, 32) != 0) {
            sp_history_forget(&w->history); /* what is sealed to another key is not what is asked for */
        }
        sp_sealer_fini(&w->sealer);
        w->has_sealer = false;
    }
    if (RAND_bytes(secret, sizeof secret) != 1) {
        return NULL;
    }
    w->has_sealer = sp_sealer_init(&w->sealer, snapshot->seal_key, secret) == SP_OK;
    w->sealer_until = ngx_http_sallyport_now_s() + SEALER_SECONDS;
    sp_wipe(secret, sizeof secret);
    return w->has_sealer ? &w->sealer : NULL;
}

/** Asking libcrypto costs half a microsecond and two system calls (has the process forked?), whatever is
 * asked for: it is asked for many at a time. The workers' generators differ: each fills its own after the
 * fork. */
ngx_int_t ngx_http_sallyport_random(void *out, size_t n)
{
    ngx_http_sallyport_worker_t *w = &ngx_http_sallyport_worker;

    if (n > sizeof w->random) {
        return RAND_bytes(out, (int)n) == 1 ? NGX_OK : NGX_ERROR;
    }
    if (n > w->n_random) {
        w->n_random = RAND_bytes(w->random, (int)sizeof w->random) == 1 ? sizeof w->random : 0;
        if (w->n_random == 0) {
            return NGX_ERROR;
        }
    }
    uint8_t *from = w->random + sizeof w->random - w->n_random;
    ngx_memcpy(out, from, n);
    sp_wipe(from, n);
    w->n_random -= n;
    return NGX_OK;
}

/* ---- life ---- */

static ngx_int_t open_engine(ngx_cycle_t *cycle)
{
    ngx_http_sallyport_worker_t *w = &ngx_http_sallyport_worker;
    sp_diag diag = {0};

    if (sp_engine_new(&w->engine, &diag) != SP_OK || sp_scratch_new(&w->tools.scratch, w->engine) != SP_OK) {
        ngx_log_error(NGX_LOG_ALERT, cycle->log, 0, "sallyport: the detectors cannot be compiled: %s",
                      diag.text);
        return NGX_ERROR;
    }
    return NGX_OK;
}

ngx_int_t ngx_http_sallyport_worker_init(ngx_cycle_t *cycle, ngx_http_sallyport_main_conf_t *conf)
{
    ngx_http_sallyport_worker_t *w = &ngx_http_sallyport_worker;

    *w = (ngx_http_sallyport_worker_t){.conf = conf, .stops.seen_fd = -1};
    sp_arena_init(&w->tools.work, 0);
    w->submit_last = &w->submit_first;
    w->submit_event.handler = submit_handler;
    w->submit_event.log = cycle->log;
    w->poll_event.handler = poll_handler;
    w->poll_event.log = cycle->log;
    w->poll_event.cancelable = 1; /* does not keep a worker from leaving */
    ngx_http_sallyport_limit_init();
    ngx_http_sallyport_turn_init(cycle);
    (void)mallopt(M_MMAP_THRESHOLD, KEEP_ALLOCATIONS);
    (void)mallopt(M_TRIM_THRESHOLD, KEEP_HEAP);
    if (open_engine(cycle) != NGX_OK || ngx_http_sallyport_known_init(cycle) != NGX_OK ||
        ngx_http_sallyport_told_init(cycle) != NGX_OK ||
        ngx_http_sallyport_confine_worker(cycle, conf) != NGX_OK || open_writer(cycle) != NGX_OK ||
        ngx_http_sallyport_aside_init(cycle) != NGX_OK ||
        ngx_http_sallyport_accept_init(cycle, (ngx_uint_t)conf->per_address) != NGX_OK) {
        return NGX_ERROR;
    }
    (void)policy_poll(cycle->log);
    ngx_http_sallyport_stops_init(cycle->log);
    ngx_add_timer(&w->poll_event, POLL_MS);
    return NGX_OK;
}

void ngx_http_sallyport_worker_fini(void)
{
    ngx_http_sallyport_worker_t *w = &ngx_http_sallyport_worker;

    ngx_http_sallyport_aside_fini();
    ngx_http_sallyport_stops_fini();
    if (w->writer) {
        submit_handler(&w->submit_event);
        spl_writer_close(w->writer);
    }
    if (w->has_sealer) {
        sp_sealer_fini(&w->sealer);
    }
    if (w->policy) {
        ngx_http_sallyport_policy_release(w->policy);
    }
    sp_arena_fini(&w->tools.work);
    ngx_http_sallyport_told_fini();
    ngx_http_sallyport_known_fini();
    sp_scratch_free(w->tools.scratch);
    sp_engine_free(w->engine);
    sp_wipe(w->random, sizeof w->random);
    *w = (ngx_http_sallyport_worker_t){0};
}
