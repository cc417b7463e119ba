/** Pieces of requests that were seen before: verdicts in a zone of all workers, which a reload keeps and
 * nobody writes to a disk, with the key that makes tags; references of this worker. A worker that reads a
 * verdict reads what another one of the same program found in the same bytes: the zone belongs to the module
 * as it was loaded, and the tag says which detectors looked. */
#include "ngx_http_sallyport_known.h"

#include <stdlib.h>

#include <openssl/rand.h>

#include "sallyport/verdicts.h"

enum { SPARE_PAGES = 64 }; /* what the allocator of the zone keeps for itself */

typedef struct {
    uint8_t key[32];
    uint8_t pad[32]; /* entries begin at a line of the cache */
    uint8_t table[SP_VERDICTS_BYTES];
} shared_t;

static shared_t *shared;     /* of this process's mapping; set before workers are forked */
static sp_verdicts verdicts; /* of this worker */

/* ---- life ---- */

/** A fresh mapping is zero, and what is never written of it costs nothing. */
static ngx_int_t zone_init(ngx_shm_zone_t *zone, void *old)
{
    ngx_slab_pool_t *pool = (ngx_slab_pool_t *)zone->shm.addr;

    if (old == NULL && !zone->shm.exists) {
        shared_t *fresh = ngx_slab_alloc(pool, sizeof(shared_t));
        if (fresh == NULL || RAND_bytes(fresh->key, sizeof fresh->key) != 1) {
            return NGX_ERROR;
        }
        pool->data = fresh;
    }
    zone->data = old ? old : pool->data;
    shared = zone->data;
    return shared ? NGX_OK : NGX_ERROR;
}

ngx_int_t ngx_http_sallyport_known_zone(ngx_conf_t *cf)
{
    ngx_str_t name = ngx_string("sallyport_verdicts");
    ngx_shm_zone_t *zone = ngx_shared_memory_add(cf, &name, sizeof(shared_t) + SPARE_PAGES * ngx_pagesize,
                                                 &ngx_http_sallyport_module);

    if (zone == NULL) {
        return NGX_ERROR;
    }
    zone->init = zone_init;
    return NGX_OK;
}

/** Pages of the table come into being as they are used. */
ngx_int_t ngx_http_sallyport_known_init(ngx_cycle_t *cycle)
{
    ngx_http_sallyport_worker_t *w = &ngx_http_sallyport_worker;

    w->history_table = calloc(1, SP_HISTORY_BYTES);
    if (w->history_table == NULL ||
        sp_history_init(&w->history, w->history_table, SP_HISTORY_BYTES, shared->key) != SP_OK ||
        sp_verdicts_init(&verdicts, shared->table, sizeof shared->table) != SP_OK) {
        ngx_log_error(NGX_LOG_ALERT, cycle->log, 0, "sallyport: the table of known blocks cannot be made");
        return NGX_ERROR;
    }
    return NGX_OK;
}

void ngx_http_sallyport_known_fini(void)
{
    ngx_http_sallyport_worker_t *w = &ngx_http_sallyport_worker;

    sp_history_fini(&w->history);
    free(w->history_table);
}

/* ---- a request ---- */

static void count(const sp_parts *parts)
{
    uint64_t known = 0, all = 0;

    for (size_t i = 0; i < parts->n; i++) {
        const uint64_t n = parts->v[i].end - all;
        known += parts->v[i].verdict.is_known ? n : 0;
        all = parts->v[i].end;
    }
    ngx_http_sallyport_count(NGX_HTTP_SALLYPORT_M_TEXT_KNOWN, known);
    ngx_http_sallyport_count(NGX_HTTP_SALLYPORT_M_TEXT_NEW, all - known);
}

sp_status ngx_http_sallyport_known_look(ngx_http_sallyport_exchange_t *x)
{
    const sp_seen_by by = {x->key->id, sp_engine_serial(x->policy->detectors->engine)};

    SP_TRY(sp_history_tag(&ngx_http_sallyport_worker.history, &x->pieces, &by));
    SP_TRY(sp_verdicts_look(&x->reading.parts, &verdicts, &x->pieces, &x->arena.mem));
    count(&x->reading.parts);
    return SP_OK;
}

sp_status ngx_http_sallyport_known_canary(const ngx_http_sallyport_exchange_t *x,
                                          uint8_t out[SP_CANARY_BYTES], bool *has)
{
    const sp_application *application = x->purpose.application;

    *has = application && application->has_canary;
    return *has ? sp_canary_text(out, shared->key, application->name) : SP_OK;
}

void ngx_http_sallyport_known_learn(const ngx_http_sallyport_exchange_t *x)
{
    sp_verdicts_learn(&verdicts, &x->pieces, &x->reading.parts);
}
