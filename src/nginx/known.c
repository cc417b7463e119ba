/** Pieces of requests that were seen before: verdicts in a zone of all workers, which a reload keeps and
 * nobody writes to a disk, with the key that makes tags; references of this worker. A worker that reads a
 * verdict reads what another one of the same program found in the same bytes: the zone belongs to the module
 * as it was loaded, and the tag says which detectors looked. */
#include "ngx_http_sallyport_known.h"
#include "ngx_http_sallyport_shared.h"

#include <stdlib.h>

#include "sallyport/verdicts.h"

enum { KEY_BYTES = 32 };

typedef struct {
    uint8_t key[KEY_BYTES];
    uint8_t pad[32]; /* entries begin at a line of the cache */
    uint8_t table[SP_VERDICTS_BYTES];
} shared_t;

static ngx_http_sallyport_shared_t zone = {
    .name = ngx_string("sallyport_verdicts"),
    .bytes = sizeof(shared_t),
    .key_bytes = KEY_BYTES,
};
static sp_verdicts verdicts; /* of this worker */
static sp_shelf shelf;       /* likewise: system texts */

/* ---- life ---- */

ngx_int_t ngx_http_sallyport_known_zone(ngx_conf_t *cf)
{
    return ngx_http_sallyport_shared_zone(cf, &zone);
}

/** Pages of the table come into being as they are used. */
ngx_int_t ngx_http_sallyport_known_init(ngx_cycle_t *cycle)
{
    ngx_http_sallyport_worker_t *w = &ngx_http_sallyport_worker;
    shared_t *shared = zone.object;
    uint64_t key;

    if (ngx_http_sallyport_random(&key, sizeof key) != NGX_OK) {
        ngx_log_error(NGX_LOG_ALERT, cycle->log, 0, "sallyport: no random bytes");
        return NGX_ERROR;
    }
    sp_shelf_init(&shelf, key);
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

    sp_shelf_fini(&shelf);
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

sp_status ngx_http_sallyport_known_passages(ngx_http_sallyport_exchange_t *x, sp_passages **out)
{
    return sp_shelf_passages(out, &shelf, x->key->id, &x->request, &x->arena.mem);
}

sp_status ngx_http_sallyport_known_canary(const ngx_http_sallyport_exchange_t *x,
                                          uint8_t out[SP_CANARY_BYTES], bool *has)
{
    const sp_application *application = x->purpose.application;
    const shared_t *shared = zone.object;

    *has = application && application->has_canary;
    return *has ? sp_canary_text(out, shared->key, application->name) : SP_OK;
}

void ngx_http_sallyport_known_learn(const ngx_http_sallyport_exchange_t *x)
{
    sp_verdicts_learn(&verdicts, &x->pieces, &x->reading.parts);
}
