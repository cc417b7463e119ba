/** What all workers know of the destinations: one value of health.h per name, in a shared zone. It is keyed
 * by name and not by place in the snapshot, so that it survives reloads, with old and new workers at once,
 * and meets a destination that went and came back. Held under the zone's own lock, which nginx's master gives
 * back when a worker dies with it; sections are some hundred nanoseconds long. A name that finds no room is
 * not watched: it counts as well. */
#include "ngx_http_sallyport_upstream.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum {
    SLOTS = 2 * SP_DESTINATIONS_MAX,
    LOOK = 64, /* slots that a name may lie in, from its own place on; half of all are used at most */
    NAME_BYTES = 63,
    SPARE_PAGES = 32,    /* what the allocator of the zone keeps for itself */
    DOWN_HINT_MS = 5000, /* when to come back to a destination whose probes fail */
};

typedef struct {
    uint64_t used_ms;
    uint8_t n; /* 0: free */
    u_char name[NAME_BYTES];
    sp_health health;
} slot_t;

static slot_t *slots; /* of this process's mapping; set before workers are forked */
static ngx_slab_pool_t *slots_pool;
static const ngx_http_sallyport_main_conf_t *kept_conf; /* of the configuration that is being read */

static void load_kept(const ngx_http_sallyport_main_conf_t *conf);

static ngx_int_t zone_init(ngx_shm_zone_t *zone, void *old)
{
    ngx_slab_pool_t *pool = (ngx_slab_pool_t *)zone->shm.addr;

    if (old == NULL && !zone->shm.exists) {
        pool->data = ngx_slab_alloc(pool, sizeof(slot_t) * SLOTS); /* a new mapping is zero, page by page */
    }
    zone->data = old ? old : pool->data;
    slots = zone->data;
    slots_pool = pool;
    if (slots && old == NULL && !zone->shm.exists && !ngx_test_config) {
        load_kept(kept_conf);
    }
    return slots ? NGX_OK : NGX_ERROR;
}

ngx_int_t ngx_http_sallyport_health_zone(ngx_conf_t *cf, const ngx_http_sallyport_main_conf_t *conf)
{
    ngx_str_t name = ngx_string("sallyport_health");
    const size_t bytes = ngx_align(sizeof(slot_t) * SLOTS, ngx_pagesize) + SPARE_PAGES * ngx_pagesize;
    ngx_shm_zone_t *zone = ngx_shared_memory_add(cf, &name, bytes, &ngx_http_sallyport_module);

    if (zone == NULL) {
        return NGX_ERROR;
    }
    zone->init = zone_init;
    kept_conf = conf;
    return NGX_OK;
}

static uint64_t now_ms(void)
{
    return ngx_http_sallyport_now_us() / 1000;
}

/* ---- slots: the lock is held ---- */

static bool is_named(const slot_t *slot, sp_bytes name)
{
    return sp_bytes_eq((sp_bytes){slot->name, slot->n}, name);
}

/** Names are the configuration's, so a checksum spreads them well enough. */
static slot_t *slot_at(sp_bytes name, size_t i)
{
    return &slots[(sp_crc32c(0, name) + i) % SLOTS];
}

/** The slot of a name, or NULL when nothing was noted of it. */
static slot_t *slot_find(sp_bytes name)
{
    for (size_t i = 0; i < LOOK; i++) {
        slot_t *slot = slot_at(name, i);
        if (slot->n == 0 || is_named(slot, name)) {
            return slot->n ? slot : NULL;
        }
    }
    return NULL;
}

/** The same, made when it is missing: a free one, else the one that was used longest ago. */
static slot_t *slot_take(sp_bytes name, uint64_t now)
{
    slot_t *slot = slot_find(name);
    slot_t *oldest = NULL;

    for (size_t i = 0; slot == NULL && i < LOOK; i++) {
        slot_t *other = slot_at(name, i);
        if (other->n == 0 || oldest == NULL || other->used_ms < oldest->used_ms) {
            oldest = other;
        }
        slot = other->n == 0 ? other : NULL;
    }
    slot = slot ? slot : oldest;
    if (!is_named(slot, name)) {
        slot->health = (sp_health){0};
        ngx_memcpy(slot->name, name.p, name.n);
        slot->n = (uint8_t)name.n;
    }
    slot->used_ms = now;
    return slot;
}

/** Locks and returns the state of the destination of this try; NULL, and nothing is locked, when its name has
 * no room. */
static sp_health *lock_current(const ngx_http_sallyport_exchange_t *x, uint64_t now)
{
    const sp_bytes name = x->policy->snapshot.destinations[x->decision.destination].name;

    if (name.n == 0 || name.n > NAME_BYTES) {
        return NULL;
    }
    ngx_shmtx_lock(&slots_pool->mutex);
    return &slot_take(name, now)->health;
}

static void unlock(void)
{
    ngx_shmtx_unlock(&slots_pool->mutex);
}

static const sp_health_rules *rules_of(const ngx_http_sallyport_exchange_t *x)
{
    return &x->policy->snapshot.destinations[x->decision.destination].health;
}

/* ---- over a restart ---- */

/** STATE/circuits: what the last master knew of destinations that were left alone, so that a start in the
 * midst of an outage does not send them the whole load. Written by a master that ends; the next one takes
 * what is not over yet, and not for long, since rules may have changed and the destination may be back. An
 * older outage says nothing. Times are of one boot's clock. */
enum { BOOT_BYTES = 36, PATH_BYTES = 4096, KEPT_FRESH_MS = 10 * 60 * 1000, KEPT_MOST_MS = 60 * 1000 };

typedef struct {
    char magic[8];
    char boot[BOOT_BYTES]; /* the kernel's boot_id */
    uint32_t slot_bytes;
    uint32_t n;
    uint32_t crc; /* of the slots, which follow */
    uint64_t written_ms;
} kept_head_t;

static const char kept_magic[8] = "SPCIRC\0\2";

static bool kept_path(char out[PATH_BYTES], const ngx_http_sallyport_main_conf_t *conf, const char *name)
{
    const int n =
        snprintf(out, PATH_BYTES, "%.*s/%s", (int)conf->home.len, (const char *)conf->home.data, name);
    return conf->home.len > 0 && n > 0 && n < PATH_BYTES;
}

static bool fill_head(kept_head_t *head)
{
    const int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ngx_memzero(head, sizeof *head);
    ngx_memcpy(head->magic, kept_magic, sizeof head->magic);
    head->slot_bytes = sizeof(slot_t);
    const bool is_read = fd >= 0 && read(fd, head->boot, BOOT_BYTES) == BOOT_BYTES;
    if (fd >= 0) {
        (void)close(fd);
    }
    return is_read;
}

/** A time that is still to come, within what a start believes; 0: it is past. */
static uint64_t still_ms(uint64_t until_ms, uint64_t now)
{
    return until_ms > now ? ngx_min(until_ms, now + KEPT_MOST_MS) : 0;
}

static void take_slot(const slot_t *kept, uint64_t now)
{
    sp_health health = kept->health;

    if (kept->n == 0 || kept->n > NAME_BYTES) {
        return;
    }
    health.open_until_ms = still_ms(health.open_until_ms, now);
    health.wait_until_ms = still_ms(health.wait_until_ms, now);
    health.probe_until_ms = 0; /* whoever probed is gone */
    if (health.open_until_ms != 0 || health.wait_until_ms != 0) {
        slot_take((sp_bytes){kept->name, kept->n}, now)->health = health;
    }
}

static bool is_fresh(const kept_head_t *head, uint64_t now)
{
    return head->written_ms <= now && now - head->written_ms < KEPT_FRESH_MS;
}

/** Whatever bits a value holds is defined; a file that was cut or is of another boot counts for nothing. */
static void take_kept(int fd, uint64_t now)
{
    kept_head_t head, own;
    uint32_t crc = 0;
    slot_t slot;

    if (!fill_head(&own) || read(fd, &head, sizeof head) != (ssize_t)sizeof head || head.n > SLOTS) {
        return;
    }
    own.n = head.n;
    own.crc = head.crc;
    own.written_ms = head.written_ms;
    for (uint32_t i = 0; i < head.n; i++) {
        if (read(fd, &slot, sizeof slot) != (ssize_t)sizeof slot) {
            return;
        }
        crc = sp_crc32c(crc, (sp_bytes){(const uint8_t *)&slot, sizeof slot});
    }
    if (ngx_memcmp(&head, &own, sizeof head) != 0 || crc != head.crc || !is_fresh(&head, now)) {
        return;
    }
    for (uint32_t i = 0; i < head.n; i++) {
        const off_t at = (off_t)(sizeof head + i * sizeof slot);
        if (pread(fd, &slot, sizeof slot, at) == (ssize_t)sizeof slot) {
            take_slot(&slot, now);
        }
    }
}

static void load_kept(const ngx_http_sallyport_main_conf_t *conf)
{
    char path[PATH_BYTES];
    const int fd = kept_path(path, conf, "circuits") ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;

    if (fd < 0) {
        return;
    }
    take_kept(fd, now_ms());
    (void)close(fd); /* the file stays: a start that fails further on has not used it up */
}

static bool write_kept(int fd, uint64_t now)
{
    kept_head_t head;
    const bool is_filled = fill_head(&head);

    head.written_ms = now;
    if (!is_filled || lseek(fd, sizeof head, SEEK_SET) < 0) {
        return false;
    }
    for (size_t i = 0; i < SLOTS; i++) {
        const bool is_left_alone = sp_health_circuit(&slots[i].health, now) != SP_CIRCUIT_CLOSED ||
                                   sp_health_away_until(&slots[i].health, now) != 0;
        if (slots[i].n == 0 || !is_left_alone) {
            continue;
        }
        if (write(fd, &slots[i], sizeof slots[i]) != (ssize_t)sizeof slots[i]) {
            return false;
        }
        head.crc = sp_crc32c(head.crc, (sp_bytes){(const uint8_t *)&slots[i], sizeof slots[i]});
        head.n++;
    }
    return pwrite(fd, &head, sizeof head, 0) == (ssize_t)sizeof head;
}

/** Lost, it costs the first failures of the next start: no sync, no error. */
void ngx_http_sallyport_health_keep(const ngx_http_sallyport_main_conf_t *conf)
{
    char path[PATH_BYTES], fresh[PATH_BYTES];

    if (slots == NULL || !kept_path(path, conf, "circuits") || !kept_path(fresh, conf, "circuits.new")) {
        return;
    }
    const int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    const bool is_kept = fd >= 0 && write_kept(fd, now_ms()) && rename(fresh, path) == 0;

    if (fd >= 0) {
        (void)close(fd);
    }
    if (!is_kept) {
        (void)unlink(fresh);
    }
}

/* ---- what is asked before a decision ---- */

static uint64_t away_until(sp_bytes name, uint64_t now)
{
    const slot_t *slot = slot_find(name);
    return slot ? sp_health_away_until(&slot->health, now) : 0;
}

uint32_t ngx_http_sallyport_health_away(const ngx_http_sallyport_exchange_t *x)
{
    const sp_snapshot *s = &x->policy->snapshot;
    const int model = sp_model_find(s, x->request.model);
    const uint64_t now = now_ms();
    uint32_t away = 0;

    if (model < 0) {
        return 0;
    }
    const sp_model *m = &s->models[model];
    ngx_shmtx_lock(&slots_pool->mutex);
    for (size_t i = 0; i < m->n_destinations; i++) {
        if (away_until(s->destinations[m->destinations[i]].name, now)) {
            away |= UINT32_C(1) << i;
        }
    }
    unlock();
    return away;
}

uint32_t ngx_http_sallyport_health_soonest(const ngx_http_sallyport_exchange_t *x)
{
    const sp_decision *d = &x->decision;
    const uint64_t now = now_ms();
    uint64_t soonest = 0;

    ngx_shmtx_lock(&slots_pool->mutex);
    for (size_t i = 0; i < d->n_candidates; i++) {
        const sp_destination *to = &x->policy->snapshot.destinations[d->candidates[i].destination];
        if (d->candidates[i].reason != SP_REASON_AWAY) {
            continue;
        }
        const uint64_t until = to->is_down ? now + DOWN_HINT_MS : away_until(to->name, now);
        soonest = soonest == 0 || until < soonest ? until : soonest;
    }
    unlock();
    return soonest > now ? (uint32_t)((soonest - now + 999) / 1000) : 1;
}

bool ngx_http_sallyport_health_may_retry(const ngx_http_sallyport_exchange_t *x)
{
    const uint64_t now = now_ms();
    sp_health *health = lock_current(x, now);

    if (health == NULL) {
        return true;
    }
    const bool may = sp_health_take_retry(health, rules_of(x), now);
    unlock();
    return may;
}

/* ---- a try, from its beginning to its end ---- */

bool ngx_http_sallyport_health_begin(ngx_http_sallyport_exchange_t *x)
{
    const uint64_t now = now_ms();
    sp_health *health = lock_current(x, now);

    if (health == NULL) {
        return true;
    }
    const bool is_admitted = sp_health_begin(health, rules_of(x), now, &x->ticket);
    unlock();
    return is_admitted;
}

/** Its Retry-After, where it said that it is too busy or broken. */
static bool find_retry_after(const ngx_http_request_t *r, uint64_t *wait_s)
{
    ngx_http_sallyport_fields_t at = {&r->upstream->headers_in.headers.part, 0};
    const bool is_refusal = sp_health_is_refusal((unsigned)r->upstream->headers_in.status_n);
    const ngx_table_elt_t *h;

    while (is_refusal && (h = ngx_http_sallyport_field(&at)) != NULL) {
        if (sp_bytes_eq_nocase(ngx_http_sallyport_bytes(h->key), SP_LIT("retry-after"))) {
            return sp_retry_after_parse(wait_s, ngx_http_sallyport_bytes(h->value), (uint64_t)ngx_time());
        }
    }
    return false;
}

void ngx_http_sallyport_health_heard(ngx_http_sallyport_exchange_t *x)
{
    const ngx_http_request_t *r = x->r;
    uint64_t wait_s = 0;

    x->retry_after_s = 0;
    if (r->upstream == NULL || x->ticket.is_held == false) {
        return;
    }
    const unsigned status = (unsigned)r->upstream->headers_in.status_n;
    const bool is_good = status != 0 && !sp_health_is_refusal(status);
    const bool waits = find_retry_after(r, &wait_s);
    const uint64_t now = now_ms();
    sp_health *health = is_good || waits ? lock_current(x, now) : NULL;

    if (health == NULL) {
        return;
    }
    if (is_good) {
        sp_health_answered(health, &x->ticket, now);
    } else {
        sp_health_wait(health, rules_of(x), wait_s * 1000, now);
    }
    unlock();
    x->retry_after_s = (uint32_t)wait_s;
}

void ngx_http_sallyport_health_end(ngx_http_sallyport_exchange_t *x, sp_health_verdict verdict)
{
    const uint64_t now = now_ms();
    sp_circuit before, after;

    if (!x->ticket.is_held) {
        return;
    }
    if (x->was_stale) {
        verdict = SP_HEALTH_NOTHING; /* a destination may close what is idle */
    }
    sp_health *health = lock_current(x, now);
    if (health == NULL) {
        return;
    }
    before = sp_health_circuit(health, now);
    sp_health_end(health, rules_of(x), &x->ticket, verdict, now);
    after = sp_health_circuit(health, now);
    unlock();
    if (before != after && after == SP_CIRCUIT_OPEN) {
        const sp_bytes name = x->policy->snapshot.destinations[x->decision.destination].name;
        ngx_http_sallyport_count(NGX_HTTP_SALLYPORT_M_OPENED, 1);
        ngx_log_error(NGX_LOG_WARN, x->r->connection->log, 0,
                      "sallyport: destination %*s failed too often and is left alone for a while", name.n,
                      name.p);
    }
}

/* ---- metrics ---- */

ngx_http_sallyport_health_view_t ngx_http_sallyport_health_view(const sp_destination *destination)
{
    const uint64_t now = now_ms();
    ngx_http_sallyport_health_view_t view = {0};

    ngx_shmtx_lock(&slots_pool->mutex);
    const slot_t *slot = slot_find(destination->name);
    if (slot) {
        view.circuit = sp_health_circuit(&slot->health, now);
        view.away_ms = sp_health_away_until(&slot->health, now);
    }
    unlock();
    view.away_ms = view.away_ms > now ? view.away_ms - now : 0;
    return view;
}
