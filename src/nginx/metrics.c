/** Counters in a shared zone, summed over all workers by using the same cells. The zone survives a reload:
 * old and new workers count on. */
#include "ngx_http_sallyport_upstream.h"
#include "ngx_http_sallyport_limit.h"

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

static void append_help(sp_buf *out, const char *name, const char *help)
{
    sp_buf_append_str(out, "# HELP ");
    sp_buf_append_str(out, name);
    sp_buf_append_byte(out, ' ');
    sp_buf_append_str(out, help);
    sp_buf_append_str(out, "\n# TYPE ");
    sp_buf_append_str(out, name);
    sp_buf_append_str(out, " gauge\n");
}

/** A name of the configuration is made of letters, digits, dot, underscore and hyphen: nothing to escape. */
static void append_of(sp_buf *out, const char *name, const sp_destination *d, uint64_t value)
{
    sp_buf_append_str(out, name);
    sp_buf_append_str(out, "{destination=\"");
    sp_buf_append(out, d->name);
    sp_buf_append_str(out, "\"} ");
    sp_buf_append_u64(out, value);
    sp_buf_append_byte(out, '\n');
}

static uint64_t circuit_of(const sp_destination *d)
{
    return ngx_http_sallyport_health_view(d).circuit;
}

static uint64_t away_of(const sp_destination *d)
{
    return (ngx_http_sallyport_health_view(d).away_ms + 999) / 1000;
}

static uint64_t down_of(const sp_destination *d)
{
    return d->is_down;
}

static uint64_t addresses_of(const sp_destination *d)
{
    return d->n_addresses;
}

/** Gauges with a value per destination. */
static const struct {
    const char *name, *help;
    uint64_t (*value)(const sp_destination *d);
} gauges[] = {
    {"sallyport_destination_circuit", "0 closed, 1 half-open: one request probes it, 2 open: left alone",
     circuit_of},
    {"sallyport_destination_away_seconds", "how long it is still kept away from, 0 when it is not", away_of},
    {"sallyport_destination_down", "1 while the daemon's probes of it fail", down_of},
    {"sallyport_destination_addresses", "addresses that its name has now", addresses_of},
};

static void append_destinations(sp_buf *out, const sp_snapshot *s)
{
    for (size_t i = 0; i < sizeof gauges / sizeof gauges[0]; i++) {
        append_help(out, gauges[i].name, gauges[i].help);
        for (size_t k = 0; k < s->n_destinations; k++) {
            append_of(out, gauges[i].name, &s->destinations[k], gauges[i].value(&s->destinations[k]));
        }
    }
}

/** The count of free pages is one word that a zone's allocator keeps: it is read without the zone's lock. */
static void append_zone(sp_buf *out, const char *name, const ngx_shm_zone_t *zone)
{
    const ngx_slab_pool_t *pool = (const ngx_slab_pool_t *)zone->shm.addr;

    if (zone->tag != &ngx_http_sallyport_module) {
        return; /* of nginx itself */
    }
    sp_buf_append_str(out, name);
    sp_buf_append_str(out, "{zone=\"");
    sp_buf_append(out, (sp_bytes){zone->shm.name.data, zone->shm.name.len});
    sp_buf_append_str(out, "\"} ");
    sp_buf_append_u64(out, (uint64_t)pool->pfree * ngx_pagesize);
    sp_buf_append_byte(out, '\n');
}

/** What the module's own zones have left, so that one which fills up is seen before it is full. */
static void append_zones(sp_buf *out)
{
    static const char name[] = "sallyport_zone_free_bytes";
    const volatile ngx_list_part_t *part = &ngx_cycle->shared_memory.part;

    append_help(out, name, "bytes of whole free pages in a zone that the workers share");
    for (; part; part = part->next) {
        const ngx_shm_zone_t *zones = part->elts;
        for (ngx_uint_t i = 0; i < part->nelts; i++) {
            append_zone(out, name, &zones[i]);
        }
    }
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
    append_row(out, "sallyport_held_bytes", "gauge",
               "bytes that requests under way hold in the worker that answered", ngx_http_sallyport_held());
    append_row(out, "sallyport_ready", "gauge", "1 when the worker that answered can decide and record",
               ngx_http_sallyport_is_ready());
    append_zones(out);
    if (policy) {
        append_destinations(out, &policy->snapshot);
    }
}
