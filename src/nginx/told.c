/** What conversations were told, for all workers: the table of told.h in a zone that a reload keeps and
 * nobody writes to a disk, with a key of its own that was made with it. Held under the zone's own lock, which
 * nginx's master gives back when a worker dies with it; nothing is hashed meanwhile. */
#include "ngx_http_sallyport_told.h"

#include "ngx_http_sallyport_shared.h"

typedef struct {
    uint8_t key[SP_TOLD_KEY_BYTES];
    uint8_t pad[32]; /* entries are lines of the cache */
    uint8_t table[SP_TOLD_BYTES];
} shared_t;

static ngx_http_sallyport_shared_t zone = {
    .name = ngx_string("sallyport_told"),
    .bytes = sizeof(shared_t),
    .key_bytes = SP_TOLD_KEY_BYTES,
};
static sp_told told; /* of this worker */

/* ---- life ---- */

ngx_int_t ngx_http_sallyport_told_zone(ngx_conf_t *cf)
{
    return ngx_http_sallyport_shared_zone(cf, &zone);
}

ngx_int_t ngx_http_sallyport_told_init(ngx_cycle_t *cycle)
{
    shared_t *shared = zone.object;

    if (sp_told_init(&told, shared->table, sizeof shared->table, shared->key) != SP_OK) {
        ngx_log_error(NGX_LOG_ALERT, cycle->log, 0,
                      "sallyport: the table of what was told cannot be used: libcrypto failed");
        return NGX_ERROR;
    }
    return NGX_OK;
}

void ngx_http_sallyport_told_fini(void)
{
    sp_told_fini(&told);
}

/* ---- a request ---- */

/** What a declassifier made of a body holds what the original held, elsewhere (label.c). */
sp_status ngx_http_sallyport_told_recall(ngx_http_sallyport_exchange_t *x)
{
    ngx_http_sallyport_reading_t *reading = &x->reading;
    sp_recall recall;

    if (x->declassified.is_on) {
        return SP_OK;
    }
    SP_TRY(sp_told_scope_of(&reading->scope, &told, x->purpose.application->name));
    SP_TRY(sp_recall_look(&recall, &told, &reading->scope, &x->request, &x->arena.mem));
    reading->question = recall.before;
    bool has_more = recall.tags.n > 0;
    while (has_more) {
        ngx_shmtx_lock(&zone.pool->mutex);
        has_more = sp_recall_find(&reading->recalled, &told, &recall);
        ngx_shmtx_unlock(&zone.pool->mutex);
    }
    return SP_OK;
}

/* ---- an answer ---- */

/** Texts that are kept before the others have their turn at the lock: 0.3 us each. */
enum { KEPT_AT_ONCE = 256 };

/** What it answers is the request as the client sent it, and will send it again. */
sp_review_told ngx_http_sallyport_told_of(const ngx_http_sallyport_exchange_t *x)
{
    return (sp_review_told){&told, &x->reading.scope, x->reading.question};
}

/** A label that says nothing, or no more than that a model said it, need not be kept. */
static bool says_something(const ngx_http_sallyport_exchange_t *x, sp_label label)
{
    if (x->purpose.application->user_text != SP_TRUSTED) {
        label.integrity = SP_TRUSTED;
    }
    return !sp_label_eq(label, SP_LABEL_BOTTOM);
}

void ngx_http_sallyport_told_keep(ngx_http_sallyport_exchange_t *x)
{
    sp_review_summary summary = {0};
    size_t n = 0;
    const sp_told_tag *tags = x->review ? sp_review_take_told(x->review, &n) : NULL;

    if (n == 0) {
        return;
    }
    sp_review_summarise(x->review, &summary);
    const sp_label label = sp_label_answer(&x->purpose, &x->labelling.label, &summary);
    if (!says_something(x, label)) {
        return;
    }
    for (size_t done = 0; done < n;) {
        const size_t end = n - done < KEPT_AT_ONCE ? n : done + KEPT_AT_ONCE;
        ngx_shmtx_lock(&zone.pool->mutex);
        for (; done < end; done++) {
            sp_told_keep(&told, &tags[done], &label);
        }
        ngx_shmtx_unlock(&zone.pool->mutex);
    }
}

sp_status ngx_http_sallyport_told_end(ngx_http_sallyport_exchange_t *x)
{
    const sp_status status = x->review ? sp_review_end_told(x->review) : SP_OK;

    ngx_http_sallyport_told_keep(x);
    return status;
}
