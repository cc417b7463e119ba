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
    for (size_t i = 0; i < 64; i++) sp_write_bytes16(b, names->fact[i]);
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
    sp_write_u8(b, d->n_phases);
    for (size_t i = 0; i < d->n_phases; i++) {
        sp_write_u64(b, d->phases[i].from_s);
        sp_write_u64(b, d->phases[i].facts);
    }
}

static void write_model(sp_buf *b, const sp_model *m)
{
    sp_write_bytes16(b, m->name);
    sp_write_u8(b, m->may_replay);
    sp_write_u16(b, m->binds);
    sp_write_u8(b, m->n_destinations);
    for (size_t i = 0; i < m->n_destinations; i++) sp_write_u16(b, m->destinations[i]);
}

static void write_use_case(sp_buf *b, const sp_use_case *u)
{
    sp_write_bytes16(b, u->name);
    sp_write_bytes16(b, u->owner);
    sp_write_bytes16(b, u->purpose);
    write_label(b, &u->label);
    sp_write_u64(b, u->review_s);
    sp_write_u32(b, u->permits);
}

static void write_rows(sp_buf *b, uint16_t n, const uint16_t *rows)
{
    sp_write_u16(b, n);
    for (size_t i = 0; i < n; i++) sp_write_u16(b, rows[i]);
}

static void write_declassifier(sp_buf *b, const sp_declassifier *d)
{
    sp_write_bytes16(b, d->name);
    sp_write_u64(b, d->categories);
    sp_write_u8(b, d->does);
    write_rows(b, d->n_destinations, d->destinations);
}

static void write_words(sp_buf *b, uint16_t n, const sp_bytes *words)
{
    sp_write_u16(b, n);
    for (size_t i = 0; i < n; i++) sp_write_bytes16(b, words[i]);
}

static void write_endorser(sp_buf *b, const sp_endorser *e)
{
    sp_write_bytes16(b, e->name);
    sp_write_u8(b, e->values);
    write_words(b, e->n_tools, e->tools);
    write_words(b, e->n_words, e->words);
}

static void write_hosts(sp_buf *b, const sp_host_list *hosts)
{
    sp_write_u8(b, hosts->is_given);
    sp_write_u32(b, (uint32_t)hosts->n);
    for (size_t i = 0; i < hosts->n; i++) sp_write_bytes16(b, hosts->v[i]);
}

static void write_application(sp_buf *b, const sp_application *a)
{
    sp_write_bytes16(b, a->name);
    sp_write_u16(b, a->use_case);
    sp_write_u32(b, a->permits);
    sp_write_u8(b, a->user_text);
    sp_write_u8(b, a->has_canary);
    write_hosts(b, &a->images);
    write_hosts(b, &a->links);
    sp_write_u32(b, a->rates.requests_per_minute);
    sp_write_u32(b, a->rates.concurrent);
    sp_write_u64(b, a->rates.bytes_per_minute);
    write_rows(b, a->n_models, a->models);
    write_rows(b, a->n_declares, a->declares);
    write_rows(b, a->n_sources, a->sources);
    write_rows(b, a->n_endorsers, a->endorsers);
    write_label(b, &a->floor);
    write_label(b, &a->reader);
}

static void write_key(sp_buf *b, const sp_key *k)
{
    sp_buf_append(b, (sp_bytes){k->id, sizeof k->id});
    sp_buf_append(b, (sp_bytes){k->hash, sizeof k->hash});
    sp_write_u16(b, k->application);
    sp_write_u16(b, k->binds);
    sp_write_u8(b, k->is_revoked);
    sp_write_u64(b, k->expires_s);
}

static void write_set(sp_buf *b, sp_bits256 set)
{
    for (size_t i = 0; i < 4; i++) sp_write_u64(b, set.w[i]);
}

static void write_requirement(sp_buf *b, const sp_requirement *r)
{
    sp_write_u64(b, r->categories);
    sp_write_u64(b, r->facts);
    sp_write_u8(b, r->level);
    sp_write_u8(b, r->tiers);
}

static void write_transfer(sp_buf *b, const sp_transfer *t)
{
    write_set(b, t->from);
    write_set(b, t->to);
    sp_write_u64(b, t->facts);
}

static void write_finding_rule(sp_buf *b, const sp_finding_rule *r)
{
    sp_write_u16(b, r->kind);
    sp_write_u8(b, r->confidence);
    sp_write_u32(b, r->at_least);
    write_label(b, &r->label);
}

static void write_source(sp_buf *b, const sp_source *s)
{
    sp_write_bytes16(b, s->name);
    write_label(b, &s->label);
}

static void write_subject(sp_buf *b, const sp_subject *s)
{
    sp_write_bytes16(b, s->name);
    write_label(b, &s->floor);
    write_label(b, &s->reader);
}

static void write_kinds(sp_buf *b, const sp_kind_actions *kinds)
{
    write_set(b, kinds->withheld);
    write_set(b, kinds->masked);
    write_set(b, kinds->passed);
    write_set(b, kinds->echoed);
    sp_write_u32(b, (uint32_t)kinds->n_hosts);
    for (size_t i = 0; i < kinds->n_hosts; i++) sp_write_bytes16(b, kinds->hosts[i]);
}

/** A text that is not there is an empty one: none of them may be empty. */
static void write_detector(sp_buf *b, const sp_custom_detector *d)
{
    const char *const texts[] = {d->name, d->meaning, d->pattern, d->shapes, d->check, d->words};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) sp_write_bytes16(b, sp_bytes_of(texts[i]));
    sp_write_u8(b, d->sure);
    sp_write_u8(b, d->kind);
    sp_write_u8(b, d->category);
    sp_write_u8(b, d->level);
    sp_write_u8(b, d->is_exact);
    sp_write_u16(b, d->allows);
    sp_write_u32(b, (uint32_t)d->n_terms);
    for (size_t i = 0; i < d->n_terms; i++) sp_write_bytes16(b, sp_bytes_of(d->terms[i]));
}

/** What labels and demands are made of. */
static void write_tables(sp_buf *b, const sp_snapshot *s)
{
    write_label(b, &s->overdue);
    sp_write_u64(b, s->handled);
    for (size_t i = 0; i < 64; i++) {
        if ((s->handled >> i) & 1) write_label(b, &s->handling[i]);
    }
    sp_write_u32(b, (uint32_t)s->n_requirements);
    for (size_t i = 0; i < s->n_requirements; i++) write_requirement(b, &s->requirements[i]);
    sp_write_u32(b, (uint32_t)s->n_transfers);
    for (size_t i = 0; i < s->n_transfers; i++) write_transfer(b, &s->transfers[i]);
    sp_write_u32(b, (uint32_t)s->n_detectors);
    for (size_t i = 0; i < s->n_detectors; i++) write_detector(b, &s->detectors[i]);
    sp_write_u32(b, (uint32_t)s->n_finding_rules);
    for (size_t i = 0; i < s->n_finding_rules; i++) write_finding_rule(b, &s->finding_rules[i]);
    sp_write_u32(b, (uint32_t)s->n_sources);
    for (size_t i = 0; i < s->n_sources; i++) write_source(b, &s->sources[i]);
    sp_write_u32(b, (uint32_t)s->n_subjects);
    for (size_t i = 0; i < s->n_subjects; i++) write_subject(b, &s->subjects[i]);
}

static void write_lists(sp_buf *b, const sp_snapshot *s)
{
    sp_write_u32(b, (uint32_t)s->n_destinations);
    for (size_t i = 0; i < s->n_destinations; i++) write_destination(b, &s->destinations[i]);
    sp_write_u32(b, (uint32_t)s->n_models);
    for (size_t i = 0; i < s->n_models; i++) write_model(b, &s->models[i]);
    sp_write_u32(b, (uint32_t)s->n_use_cases);
    for (size_t i = 0; i < s->n_use_cases; i++) write_use_case(b, &s->use_cases[i]);
    sp_write_u32(b, (uint32_t)s->n_declassifiers);
    for (size_t i = 0; i < s->n_declassifiers; i++) write_declassifier(b, &s->declassifiers[i]);
    sp_write_u32(b, (uint32_t)s->n_endorsers);
    for (size_t i = 0; i < s->n_endorsers; i++) write_endorser(b, &s->endorsers[i]);
    sp_write_u32(b, (uint32_t)s->n_applications);
    for (size_t i = 0; i < s->n_applications; i++) write_application(b, &s->applications[i]);
    sp_write_u32(b, (uint32_t)s->n_keys);
    for (size_t i = 0; i < s->n_keys; i++) write_key(b, &s->keys[i]);
}

sp_status sp_snapshot_encode(sp_buf *out, const sp_snapshot *s)
{
    const size_t lists[] = {s->n_destinations, s->n_models, s->n_use_cases, s->n_applications, s->n_sources};
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
    sp_write_u64(out, s->echoed);
    write_kinds(out, &s->kinds);
    sp_buf_append(out, (sp_bytes){s->seal_key, sizeof s->seal_key});
    write_tables(out, s);
    write_lists(out, s);
    uint8_t *hash = sp_buf_reserve(out, SNAPSHOT_HASH_BYTES);
    if (!hash) return out->status;
    if (!SHA256(out->p + start, out->n - start, hash)) return SP_ECRYPTO;
    out->n += SNAPSHOT_HASH_BYTES;
    return SP_OK;
}
