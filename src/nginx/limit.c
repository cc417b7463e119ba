/** Limits of callers, and memory that is held for them. Rates and requests under way lie in a zone that all
 * workers share and a reload keeps; memory is a worker's own. What a process has under way is kept per
 * process too: when it dies, whoever takes its slot gives that back. */
#include "ngx_http_sallyport_limit.h"
#include "ngx_http_sallyport_shared.h"

enum {
    CALLERS = 4096,
    REFUSAL_ROOM = 256 << 10, /* to record and answer what found no room */
};

typedef struct {
    sp_caller rows[CALLERS];
    uint16_t of_process[NGX_MAX_PROCESSES][CALLERS]; /* under way, by process slot */
} callers_t;

static ngx_http_sallyport_shared_t zone = {
    .name = ngx_string("sallyport_callers"),
    .bytes = sizeof(callers_t), /* most process slots are never used, and so cost nothing */
};
static callers_t *callers; /* of this worker */

static struct {
    uint64_t all, of_caller[CALLERS];
} held; /* bytes, in this worker */

/* ---- the zone ---- */

ngx_int_t ngx_http_sallyport_limit_zone(ngx_conf_t *cf)
{
    return ngx_http_sallyport_shared_zone(cf, &zone);
}

/** Nobody else has this process's slot. What stands there was left by one that died before its requests
 * ended.
 */
void ngx_http_sallyport_limit_init(void)
{
    callers = zone.object;
    uint16_t *mine = callers->of_process[ngx_process_slot];

    ngx_memzero(&held, sizeof held);
    ngx_shmtx_lock(&zone.pool->mutex);
    for (size_t i = 0; i < CALLERS; i++) {
        if (mine[i]) {
            sp_caller_leave(&callers->rows[i], mine[i]);
            mine[i] = 0;
        }
    }
    ngx_shmtx_unlock(&zone.pool->mutex);
}

/* ---- rates ---- */

sp_status ngx_http_sallyport_limit_enter(ngx_http_sallyport_exchange_t *x)
{
    const off_t declared = x->r->headers_in.content_length_n;
    const uint64_t bytes = declared > 0 ? (uint64_t)declared : 0;
    const uint64_t now_us = ngx_http_sallyport_now_us();
    sp_status status = SP_EBUSY;

    ngx_shmtx_lock(&zone.pool->mutex);
    sp_caller *caller = sp_caller_find(callers->rows, CALLERS, x->key->id, now_us);
    if (caller) {
        status = sp_caller_enter(&x->allowance, caller, &x->purpose.application->rates, bytes, now_us);
    }
    if (status == SP_OK) {
        x->caller = (ngx_uint_t)(caller - callers->rows) + 1;
        callers->of_process[ngx_process_slot][x->caller - 1]++;
    }
    ngx_shmtx_unlock(&zone.pool->mutex);
    return status;
}

sp_status ngx_http_sallyport_limit_add(ngx_http_sallyport_exchange_t *x, size_t bytes)
{
    sp_allowance allowance;

    if (x->purpose.application->rates.bytes_per_minute == 0) {
        return SP_OK;
    }
    ngx_shmtx_lock(&zone.pool->mutex);
    const sp_body_piece piece = {bytes, x->received.n};
    const sp_status status =
        sp_caller_add(&allowance, &callers->rows[x->caller - 1], &x->purpose.application->rates, piece,
                      ngx_http_sallyport_now_us());
    ngx_shmtx_unlock(&zone.pool->mutex);
    if (status != SP_OK) {
        x->allowance = allowance;
    }
    return status;
}

void ngx_http_sallyport_limit_leave(ngx_http_sallyport_exchange_t *x)
{
    if (x->caller == 0) {
        return;
    }
    held.all -= x->held;
    held.of_caller[x->caller - 1] -= x->held;
    ngx_shmtx_lock(&zone.pool->mutex);
    callers->of_process[ngx_process_slot][x->caller - 1]--;
    sp_caller_leave(&callers->rows[x->caller - 1], 1);
    ngx_shmtx_unlock(&zone.pool->mutex);
    x->caller = 0;
}

/** What is said of the caller's own limit; the destination's word on its account is dropped then
 * (sp_allowance_hides). */
void ngx_http_sallyport_limit_headers(ngx_http_sallyport_exchange_t *x)
{
    sp_allowance_field fields[SP_ALLOWANCE_FIELDS];
    const size_t n = sp_allowance_fields(fields, &x->allowance, sp_dialect_id_of(x->route.dialect),
                                         (uint64_t)ngx_time(), &x->arena.mem);

    for (size_t i = 0; i < n; i++) {
        (void)ngx_http_sallyport_header_push(x->r, fields[i].name, fields[i].value);
    }
}

/* ---- memory ---- */

static uint64_t less(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

static uint64_t room(const ngx_http_sallyport_exchange_t *x)
{
    const sp_limits *limits = &x->policy->snapshot.limits;
    const uint64_t all = less(limits->memory_bytes, held.all + ngx_http_sallyport_worker.batch_bytes);
    const uint64_t own = less(limits->caller_memory_bytes, held.of_caller[x->caller - 1]);
    return ngx_min(all, own);
}

bool ngx_http_sallyport_has_room(const ngx_http_sallyport_exchange_t *x, size_t n)
{
    return x->caller && n <= room(x);
}

/** An answer that is whole when it leaves lies in the request's pool once more. */
static uint64_t holds(const ngx_http_sallyport_exchange_t *x)
{
    return x->received.room + x->arena.mem.used + (x->answer == SALLYPORT_ANSWER_WHOLE ? x->bytes_out : 0);
}

void ngx_http_sallyport_hold(ngx_http_sallyport_exchange_t *x)
{
    if (x->caller == 0) {
        return;
    }
    const uint64_t now = holds(x);
    held.all += now - x->held;
    held.of_caller[x->caller - 1] += now - x->held;
    x->held = now;
    x->arena.mem.limit = (size_t)ngx_min((uint64_t)x->arena_limit, x->arena.mem.used + room(x));
}

sp_status ngx_http_sallyport_hold_refused(ngx_http_sallyport_exchange_t *x)
{
    const bool is_ours = x->caller && x->arena.mem.limit < x->arena_limit;

    x->arena.mem.limit = x->arena.mem.used + REFUSAL_ROOM;
    return is_ours ? SP_EBUSY : SP_ENOMEM;
}

uint64_t ngx_http_sallyport_held(void)
{
    return held.all + ngx_http_sallyport_worker.batch_bytes;
}
