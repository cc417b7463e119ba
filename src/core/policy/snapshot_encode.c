/** Snapshot to bytes: sections in a fixed order, each list behind its count, SHA-256 at the end. The order
 * here is the format; snapshot_decode.c reads it back line by line. */
#include "policy_internal.h"

#include <openssl/sha.h>

static void write_label(sp_buf *b, const sp_label *label)
{
    sp_write_u64(b, label->categories);
    for (size_t i = 0; i < 4; i++) sp_write_u64(b, label->residency.w[i]);
    sp_write_u8(b, label->level);
    sp_write_u8(b, label->integrity);
}

static void write_names(sp_buf *b, const sp_names *names)
{
    for (size_t i = 0; i <= SP_LEVEL_MAX; i++) sp_write_bytes16(b, names->level[i]);
    for (size_t i = 0; i < 64; i++) sp_write_bytes16(b, names->category[i]);
}

static void write_limits(sp_buf *b, const sp_limits *limits)
{
    sp_write_u32(b, limits->body_bytes);
    sp_write_u32(b, limits->answer_bytes);
    sp_write_u32(b, limits->held_bytes);
    sp_write_u32(b, limits->findings);
    sp_write_u32(b, limits->record_wait_ms);
    sp_write_u32(b, limits->body_rate);
    sp_write_u64(b, limits->memory_bytes);
    sp_write_u64(b, limits->caller_memory_bytes);
    sp_write_u32(b, limits->label_wait_ms);
}

static void write_health(sp_buf *b, const sp_health_rules *r)
{
    sp_write_u16(b, r->failures);
    sp_write_u8(b, r->share);
    sp_write_u16(b, r->least);
    sp_write_u32(b, r->open_ms);
    sp_write_u32(b, r->open_max_ms);
    sp_write_u32(b, r->probe_ms);
    sp_write_u32(b, r->wait_max_ms);
    sp_write_u8(b, r->retry_share);
    sp_write_u16(b, r->retry_floor);
}

static void write_destination(sp_buf *b, const sp_destination *d)
{
    const sp_bytes texts[] = {d->name, d->vendor, d->region, d->model, d->base_path, d->host};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) sp_write_bytes16(b, texts[i]);
    write_label(b, &d->clearance);
    sp_write_u32(b, d->permits);
    sp_write_u8(b, d->tier);
    sp_write_u8(b, d->dialect);
    sp_write_u8(b, d->is_tls);
    sp_write_u8(b, d->is_down);
    write_health(b, &d->health);
    sp_write_u8(b, d->n_addresses);
    for (size_t i = 0; i < d->n_addresses; i++) {
        sp_write_u8(b, d->addresses[i].family);
        sp_buf_append(b, (sp_bytes){d->addresses[i].ip, sizeof d->addresses[i].ip});
        sp_write_u16(b, d->addresses[i].port);
    }
}

static void write_model(sp_buf *b, const sp_model *m)
{
    sp_write_bytes16(b, m->name);
    sp_write_u8(b, m->may_replay);
    sp_write_u8(b, m->n_destinations);
    for (size_t i = 0; i < m->n_destinations; i++) sp_write_u16(b, m->destinations[i]);
}

static void write_use_case(sp_buf *b, const sp_use_case *u)
{
    sp_write_bytes16(b, u->name);
    sp_write_bytes16(b, u->owner);
    sp_write_bytes16(b, u->purpose);
    write_label(b, &u->label);
}

static void write_application(sp_buf *b, const sp_application *a)
{
    sp_write_bytes16(b, a->name);
    sp_write_u16(b, a->use_case);
    sp_write_u32(b, a->permits);
    sp_write_u8(b, a->user_text);
    sp_write_u32(b, a->rates.requests_per_minute);
    sp_write_u32(b, a->rates.concurrent);
    sp_write_u64(b, a->rates.bytes_per_minute);
    sp_write_u16(b, a->n_models);
    for (size_t i = 0; i < a->n_models; i++) sp_write_u16(b, a->models[i]);
}

static void write_key(sp_buf *b, const sp_key *k)
{
    sp_buf_append(b, (sp_bytes){k->id, sizeof k->id});
    sp_buf_append(b, (sp_bytes){k->hash, sizeof k->hash});
    sp_write_u16(b, k->application);
    sp_write_u8(b, k->is_revoked);
    sp_write_u64(b, k->expires_s);
}

static void write_lists(sp_buf *b, const sp_snapshot *s)
{
    sp_write_u32(b, (uint32_t)s->n_destinations);
    for (size_t i = 0; i < s->n_destinations; i++) write_destination(b, &s->destinations[i]);
    sp_write_u32(b, (uint32_t)s->n_models);
    for (size_t i = 0; i < s->n_models; i++) write_model(b, &s->models[i]);
    sp_write_u32(b, (uint32_t)s->n_use_cases);
    for (size_t i = 0; i < s->n_use_cases; i++) write_use_case(b, &s->use_cases[i]);
    sp_write_u32(b, (uint32_t)s->n_applications);
    for (size_t i = 0; i < s->n_applications; i++) write_application(b, &s->applications[i]);
    sp_write_u32(b, (uint32_t)s->n_keys);
    for (size_t i = 0; i < s->n_keys; i++) write_key(b, &s->keys[i]);
}

sp_status sp_snapshot_encode(sp_buf *out, const sp_snapshot *s)
{
    const size_t lists[] = {s->n_destinations, s->n_models, s->n_use_cases, s->n_applications};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        if (lists[i] > UINT16_MAX) return SP_ERANGE; /* indexes are uint16 */
    }
    if (s->n_keys > UINT32_MAX) return SP_ERANGE;
    const size_t start = out->n;
    sp_buf_append(out, SNAPSHOT_MAGIC);
    sp_write_u16(out, SNAPSHOT_VERSION);
    sp_write_u64(out, s->generation);
    sp_write_u64(out, s->created_s);
    sp_write_u64(out, s->expires_s);
    write_names(out, &s->names);
    write_limits(out, &s->limits);
    sp_write_u64(out, s->withhold);
    sp_write_u64(out, s->mask);
    sp_buf_append(out, (sp_bytes){s->seal_key, sizeof s->seal_key});
    write_lists(out, s);
    uint8_t *hash = sp_buf_reserve(out, SNAPSHOT_HASH_BYTES);
    if (!hash) return out->status;
    if (!SHA256(out->p + start, out->n - start, hash)) return SP_ECRYPTO;
    out->n += SNAPSHOT_HASH_BYTES;
    return SP_OK;
}
