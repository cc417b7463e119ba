/** Objects that all workers share. The zone belongs to the module as it was loaded: nginx compares the
 * module's address, so that a worker never meets what another program has laid out. */
#include "ngx_http_sallyport_shared.h"

#include <openssl/rand.h>

enum { SPARE_PAGES = 64 }; /* what the allocator of the zone keeps for itself */

/** A fresh mapping is zero. */
static void *make(ngx_slab_pool_t *pool, const ngx_http_sallyport_shared_t *shared)
{
    void *fresh = ngx_slab_alloc(pool, shared->bytes);

    if (fresh == NULL || (shared->key_bytes > 0 && RAND_bytes(fresh, (int)shared->key_bytes) != 1)) {
        return NULL;
    }
    return fresh;
}

static ngx_int_t zone_init(ngx_shm_zone_t *zone, void *old)
{
    ngx_http_sallyport_shared_t *shared = zone->data;
    ngx_slab_pool_t *pool = (ngx_slab_pool_t *)zone->shm.addr;

    if (old == NULL && !zone->shm.exists) {
        pool->data = make(pool, shared);
    }
    shared->pool = pool;
    shared->object = pool->data;
    return shared->object ? NGX_OK : NGX_ERROR;
}

ngx_int_t ngx_http_sallyport_shared_zone(ngx_conf_t *cf, ngx_http_sallyport_shared_t *shared)
{
    const size_t bytes = shared->bytes + SPARE_PAGES * ngx_pagesize;
    ngx_shm_zone_t *zone = ngx_shared_memory_add(cf, &shared->name, bytes, &ngx_http_sallyport_module);

    if (zone == NULL) {
        return NGX_ERROR;
    }
    zone->init = zone_init;
    zone->data = shared;
    return NGX_OK;
}
