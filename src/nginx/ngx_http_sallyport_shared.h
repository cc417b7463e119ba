/** @file ngx_http_sallyport_shared.h  Private to the module: one object in memory of all workers, which a
 *  reload keeps and nobody writes to a disk. A file that has one describes it in a static variable. */
#pragma once
#include "ngx_http_sallyport.h"

typedef struct {
    ngx_str_t name;        /**< of the zone: unique in nginx */
    size_t bytes;          /**< of the object; those of its pages that are never written cost nothing */
    size_t key_bytes;      /**< at its front that are random; all others are zero at first */
    ngx_slab_pool_t *pool; /**< of this process's mapping, for its lock; nginx's master gives that back when a
                                worker dies with it */
    void *object;          /**< both are set before workers are forked */
} ngx_http_sallyport_shared_t;

/** While the configuration is read. @param shared  static: nginx comes back to it when the zone is made. */
ngx_int_t ngx_http_sallyport_shared_zone(ngx_conf_t *cf, ngx_http_sallyport_shared_t *shared);
