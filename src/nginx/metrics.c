/** Counters in a shared zone, summed over all workers by using the same cells. The zone survives a reload:
 * old and new workers count on. */
#include "ngx_http_sallyport.h"

enum { ZONE_PAGES = 8 };

static const struct {
    const char *name, *type, *help;
} rows[] = {
#define X(ID, name, type, help) {name, type, help},
#include "tbl/metrics.h"
};

static ngx_atomic_t *cells; /* of this process's mapping; set before workers are forked */

static ngx_int_t zone_init(ngx_shm_zone_t *zone, void *old)
{
    ngx_slab_pool_t *pool = (ngx_slab_pool_t *)zone->shm.addr;

    if (old == NULL && !zone->shm.exists) {
        pool->data = ngx_slab_calloc(pool, sizeof(ngx_atomic_t) * NGX_HTTP_SALLYPORT_N_METRICS);
    }
    zone->data = old ? old : pool->data;
    cells = zone->data;
    return cells ? NGX_OK : NGX_ERROR;
}

ngx_int_t ngx_http_sallyport_metrics_zone(ngx_conf_t *cf, ngx_http_sallyport_main_conf_t *conf)
{
    ngx_str_t name = ngx_string("sallyport_metrics");

    conf->metrics = ngx_shared_memory_add(cf, &name, ZONE_PAGES * ngx_pagesize, &ngx_http_sallyport_module);
    if (conf->metrics == NULL) {
        return NGX_ERROR;
    }
    conf->metrics->init = zone_init;
    return NGX_OK;
}

void ngx_http_sallyport_count(ngx_uint_t metric, ngx_uint_t n)
{
    (void)ngx_atomic_fetch_add(&cells[metric], (ngx_atomic_int_t)n);
}

static void append_row(sp_buf *out, const char *name, const char *type, const char *help, uint64_t value)
{
    sp_buf_append_str(out, "# HELP ");
    sp_buf_append_str(out, name);
    sp_buf_append_byte(out, ' ');
    sp_buf_append_str(out, help);
    sp_buf_append_str(out, "\n# TYPE ");
    sp_buf_append_str(out, name);
    sp_buf_append_byte(out, ' ');
    sp_buf_append_str(out, type);
    sp_buf_append_byte(out, '\n');
    sp_buf_append_str(out, name);
    sp_buf_append_byte(out, ' ');
    sp_buf_append_u64(out, value);
    sp_buf_append_byte(out, '\n');
}

void ngx_http_sallyport_metrics_append(sp_buf *out)
{
    const ngx_http_sallyport_policy_t *policy = ngx_http_sallyport_worker.policy;

    for (size_t i = 0; i < NGX_HTTP_SALLYPORT_N_METRICS; i++) {
        append_row(out, rows[i].name, rows[i].type, rows[i].help, (uint64_t)cells[i]);
    }
    append_row(out, "sallyport_snapshot_generation", "gauge",
               "policy generation that new requests get in the worker that answered",
               policy ? policy->snapshot.generation : 0);
    append_row(out, "sallyport_snapshot_expires_seconds", "gauge",
               "when that snapshot expires, in seconds since 1970", policy ? policy->snapshot.expires_s : 0);
    append_row(out, "sallyport_stops", "gauge", "what is paused now, in the worker that answered",
               ngx_http_sallyport_worker.stops.list.n);
    append_row(out, "sallyport_stops_generation", "gauge",
               "generation of the list of stops in that worker; 0 when it cannot be read and all is refused",
               ngx_http_sallyport_worker.stops.list.generation);
    append_row(out, "sallyport_ready", "gauge", "1 when the worker that answered can decide and record",
               ngx_http_sallyport_is_ready());
}
