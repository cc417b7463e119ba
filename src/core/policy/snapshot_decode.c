/** Bytes to snapshot. Whoever could write the file could also write policy, so the hash guards against
 * accidents, and every index, length and range is checked all the same: a worker must not trust more than it
 * must. Reads in the order that snapshot_encode.c writes. */
#include "snapshot_read.h"

#include <string.h>

#include <openssl/sha.h>

static void read_names(sp_names *names, sp_reader *in)
{
    for (size_t i = 0; i <= SP_LEVEL_MAX; i++) names->level[i] = sp_read_bytes16(in, SNAPSHOT_NAME_MAX);
    for (size_t i = 0; i < 64; i++) names->category[i] = sp_read_bytes16(in, SNAPSHOT_NAME_MAX);
    for (size_t i = 0; i < 64; i++) names->fact[i] = sp_read_bytes16(in, SNAPSHOT_NAME_MAX);
}

static sp_limits read_limits(sp_reader *in)
{
    sp_limits limits = {0};
    limits.body_bytes = sp_read_u32(in);
    limits.answer_bytes = sp_read_u32(in);
    limits.held_bytes = sp_read_u32(in);
    limits.findings = sp_read_u32(in);
    limits.record_wait_ms = sp_read_u32(in);
    limits.body_rate = sp_read_u32(in);
    limits.memory_bytes = sp_read_u64(in);
    limits.caller_memory_bytes = sp_read_u64(in);
    limits.label_wait_ms = sp_read_u32(in);
    return limits;
}

static sp_status read_address(sp_address *a, sp_reader *in)
{
    a->family = sp_read_u8(in);
    const sp_bytes ip = sp_read_raw(in, sizeof a->ip);
    if (ip.n) memcpy(a->ip, ip.p, ip.n);
    a->port = sp_read_u16(in);
    if (in->status != SP_OK) return in->status;
    return (a->family == 4 || a->family == 6) && a->port != 0 ? SP_OK : SP_ERANGE;
}

static void read_health(sp_health_rules *r, sp_reader *in)
{
    r->failures = sp_read_u16(in);
    r->share = sp_read_u8(in);
    r->least = sp_read_u16(in);
    r->open_ms = sp_read_u32(in);
    r->open_max_ms = sp_read_u32(in);
    r->probe_ms = sp_read_u32(in);
    r->wait_max_ms = sp_read_u32(in);
    r->retry_share = sp_read_u8(in);
    r->retry_floor = sp_read_u16(in);
}

/** Ascending in time, so that the last one that has begun is the one of now. */
static sp_status read_phases(sp_destination *d, sp_reader *in, sp_mem *mem)
{
    const size_t n = sp_read_u8(in);
    if (in->status == SP_OK && n > SP_PHASES_MAX) return SP_ERANGE;
    sp_phase *list = sp_snapshot__list(in, mem, in->status == SP_OK ? n : 0, sizeof *list);
    for (size_t i = 0; i < n && in->status == SP_OK; i++) {
        list[i].from_s = sp_read_u64(in);
        list[i].facts = sp_read_u64(in);
        if (i && list[i].from_s <= list[i - 1].from_s) return SP_ERANGE;
    }
    d->phases = list;
    d->n_phases = (uint8_t)n;
    return in->status;
}

static sp_status read_destination(sp_destination *d, sp_reader *in, sp_mem *mem)
{
    sp_bytes *const texts[] = {&d->name, &d->vendor, &d->region, &d->model, &d->base_path, &d->host};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        *texts[i] = sp_read_bytes16(in, SNAPSHOT_TEXT_MAX);
    d->clearance = sp_snapshot__label(in);
    d->permits = sp_read_u32(in);
    d->tier = sp_read_u8(in);
    d->dialect = sp_read_u8(in);
    d->is_tls = sp_snapshot__bool(in);
    d->is_down = sp_snapshot__bool(in);
    read_health(&d->health, in);
    d->n_addresses = sp_read_u8(in);
    if (in->status != SP_OK) return in->status;
    const bool is_tier = d->tier == SP_TIER_CLOUD || d->tier == SP_TIER_SELF_HOSTED;
    const bool is_dialect = d->dialect == SP_DIALECT_OPENAI || d->dialect == SP_DIALECT_ANTHROPIC;
    if (!is_tier || !is_dialect) return SP_ERANGE;
    if (d->n_addresses > SP_ADDRESSES_MAX || d->name.n == 0) return SP_ERANGE;
    for (size_t i = 0; i < d->n_addresses; i++) SP_TRY(read_address(&d->addresses[i], in));
    return read_phases(d, in, mem);
}

static sp_status read_destinations(sp_snapshot *s, sp_reader *in, sp_mem *mem)
{
    const size_t n = sp_snapshot__count(in, 64, SP_DESTINATIONS_MAX);
    sp_destination *list = sp_snapshot__list(in, mem, n, sizeof *list);
    for (size_t i = 0; i < n && in->status == SP_OK; i++) SP_TRY(read_destination(&list[i], in, mem));
    s->destinations = list;
    s->n_destinations = n;
    return in->status;
}

static sp_status read_model(sp_model *m, const sp_snapshot *s, sp_reader *in)
{
    m->name = sp_read_bytes16(in, SNAPSHOT_NAME_MAX);
    m->may_replay = sp_snapshot__bool(in);
    m->binds = sp_read_u16(in);
    m->n_destinations = sp_read_u8(in);
    if (m->n_destinations > SP_CANDIDATES_MAX) return SP_ERANGE;
    for (size_t i = 0; i < m->n_destinations; i++) {
        m->destinations[i] = sp_read_u16(in);
        if (m->destinations[i] >= s->n_destinations) return SP_ERANGE;
    }
    return in->status;
}

static sp_status read_models(sp_snapshot *s, sp_reader *in, sp_mem *mem)
{
    const size_t n = sp_snapshot__count(in, 4, UINT16_MAX);
    sp_model *list = sp_snapshot__list(in, mem, n, sizeof *list);
    for (size_t i = 0; i < n && in->status == SP_OK; i++) {
        SP_TRY(read_model(&list[i], s, in));
        if (!sp_snapshot__is_after(i ? &list[i - 1].name : NULL, list[i].name)) return SP_ERANGE;
    }
    s->models = list;
    s->n_models = n;
    return in->status;
}

static sp_status read_use_cases(sp_snapshot *s, sp_reader *in, sp_mem *mem)
{
    const size_t n = sp_snapshot__count(in, 6, UINT16_MAX);
    sp_use_case *list = sp_snapshot__list(in, mem, n, sizeof *list);
    for (size_t i = 0; i < n && in->status == SP_OK; i++) {
        list[i].name = sp_read_bytes16(in, SNAPSHOT_NAME_MAX);
        list[i].owner = sp_read_bytes16(in, SNAPSHOT_TEXT_MAX);
        list[i].purpose = sp_read_bytes16(in, SNAPSHOT_TEXT_MAX);
        list[i].label = sp_snapshot__label(in);
        list[i].review_s = sp_read_u64(in);
        list[i].permits = sp_read_u32(in);
    }
    s->use_cases = list;
    s->n_use_cases = n;
    return in->status;
}

/** Rows of another list, ascending. */
typedef struct rows {
    const uint16_t *v;
    uint16_t n;
} rows;

static rows read_rows(sp_reader *in, size_t below, sp_mem *mem)
{
    const size_t n = sp_read_u16(in);
    if (in->status == SP_OK && n > below) in->status = SP_ERANGE;
    uint16_t *list = sp_snapshot__list(in, mem, in->status == SP_OK ? n : 0, sizeof *list);
    for (size_t i = 0; i < n && in->status == SP_OK; i++) {
        list[i] = sp_read_u16(in);
        if (in->status == SP_OK && (list[i] >= below || (i && list[i] <= list[i - 1])))
            in->status = SP_ERANGE;
    }
    return in->status == SP_OK ? (rows){list, (uint16_t)n} : (rows){0};
}

static sp_status read_declassifiers(sp_snapshot *s, sp_reader *in, sp_mem *mem)
{
    const size_t n = sp_snapshot__count(in, 13, SP_DECLASSIFIERS_MAX);
    sp_declassifier *list = sp_snapshot__list(in, mem, n, sizeof *list);
    for (size_t i = 0; i < n && in->status == SP_OK; i++) {
        list[i].name = sp_read_bytes16(in, SNAPSHOT_NAME_MAX);
        list[i].categories = sp_read_u64(in);
        list[i].does = sp_read_u8(in);
        const rows destinations = read_rows(in, s->n_destinations, mem);
        list[i].destinations = destinations.v, list[i].n_destinations = destinations.n;
        if (in->status == SP_OK && list[i].does != SP_DOES_MASK && list[i].does != SP_DOES_DROP)
            return SP_ERANGE;
    }
    s->declassifiers = list;
    s->n_declassifiers = n;
    return in->status;
}

/** A list of words that are not empty. */
static sp_status read_words(const sp_bytes **out, uint16_t *n_out, sp_reader *in, sp_mem *mem)
{
    const size_t n = sp_read_u16(in);
    if (in->status == SP_OK && n > SP_ENDORSER_WORDS_MAX) return SP_ERANGE;
    sp_bytes *list = sp_snapshot__list(in, mem, in->status == SP_OK ? n : 0, sizeof *list);
    for (size_t i = 0; i < n && in->status == SP_OK; i++) {
        list[i] = sp_read_bytes16(in, SNAPSHOT_NAME_MAX);
        if (in->status == SP_OK && list[i].n == 0) return SP_ERANGE;
    }
    *out = list;
    *n_out = (uint16_t)n;
    return in->status;
}

/** What vouches for anything says so by its number alone: one of a list has a list. */
static sp_status read_endorser(sp_endorser *e, sp_reader *in, sp_mem *mem)
{
    e->name = sp_read_bytes16(in, SNAPSHOT_NAME_MAX);
    e->values = sp_read_u8(in);
    if (in->status == SP_OK && (e->values == SP_VALUES_NONE || e->values > SP_VALUES_WORDS)) return SP_ERANGE;
    SP_TRY(read_words(&e->tools, &e->n_tools, in, mem));
    SP_TRY(read_words(&e->words, &e->n_words, in, mem));
    const bool has_words = e->n_words > 0;
    return e->n_tools > 0 && has_words == (e->values == SP_VALUES_WORDS) ? SP_OK : SP_ERANGE;
}

static sp_status read_endorsers(sp_snapshot *s, sp_reader *in, sp_mem *mem)
{
    const size_t n = sp_snapshot__count(in, 7, SP_ENDORSERS_MAX);
    sp_endorser *list = sp_snapshot__list(in, mem, n, sizeof *list);
    for (size_t i = 0; i < n && in->status == SP_OK; i++) SP_TRY(read_endorser(&list[i], in, mem));
    s->endorsers = list;
    s->n_endorsers = n;
    return in->status;
}

static void read_application_rows(sp_application *a, const sp_snapshot *s, sp_reader *in, sp_mem *mem)
{
    const rows models = read_rows(in, s->n_models, mem);
    const rows declares = read_rows(in, s->n_use_cases, mem);
    const rows sources = read_rows(in, s->n_sources, mem);
    a->models = models.v, a->n_models = models.n;
    a->declares = declares.v, a->n_declares = declares.n;
    a->sources = sources.v, a->n_sources = sources.n;
    const rows endorsers = read_rows(in, s->n_endorsers, mem);
    if (endorsers.n > SP_ENDORSERS_NAMED) in->status = SP_ERANGE;
    a->endorsers = endorsers.v, a->n_endorsers = endorsers.n;
}

static sp_status read_names_of_hosts(const sp_bytes **out, size_t *n_out, sp_reader *in, sp_mem *mem)
{
    const size_t n = sp_snapshot__count(in, 3, SP_HOSTS_MAX);
    sp_bytes *list = sp_snapshot__list(in, mem, n, sizeof *list);
    for (size_t i = 0; i < n && in->status == SP_OK; i++) {
        list[i] = sp_read_bytes16(in, SNAPSHOT_TEXT_MAX);
        if (in->status == SP_OK && list[i].n == 0) return SP_ERANGE;
    }
    *out = list;
    *n_out = n;
    return in->status;
}

/** Without a list none is in it. */
static sp_status read_hosts(sp_host_list *hosts, sp_reader *in, sp_mem *mem)
{
    hosts->is_given = sp_snapshot__bool(in);
    SP_TRY(read_names_of_hosts(&hosts->v, &hosts->n, in, mem));
    return hosts->is_given || hosts->n == 0 ? SP_OK : SP_ERANGE;
}

static sp_status read_applications(sp_snapshot *s, sp_reader *in, sp_mem *mem)
{
    const size_t n = sp_snapshot__count(in, 40, UINT16_MAX);
    sp_application *list = sp_snapshot__list(in, mem, n, sizeof *list);
    for (size_t i = 0; i < n && in->status == SP_OK; i++) {
        sp_application *a = &list[i];
        a->name = sp_read_bytes16(in, SNAPSHOT_NAME_MAX);
        a->use_case = sp_read_u16(in);
        a->permits = sp_read_u32(in);
        a->user_text = sp_read_u8(in);
        a->has_canary = sp_snapshot__bool(in);
        SP_TRY(read_hosts(&a->images, in, mem));
        SP_TRY(read_hosts(&a->links, in, mem));
        a->rates.requests_per_minute = sp_read_u32(in);
        a->rates.concurrent = sp_read_u32(in);
        a->rates.bytes_per_minute = sp_read_u64(in);
        if (in->status == SP_OK && (a->use_case >= s->n_use_cases || a->user_text > SP_TRUSTED))
            return SP_ERANGE;
        if (a->rates.bytes_per_minute > SP_RATE_MAX) return SP_ERANGE;
        read_application_rows(a, s, in, mem);
        a->floor = sp_snapshot__label(in);
        a->reader = sp_snapshot__label(in);
    }
    s->applications = list;
    s->n_applications = n;
    return in->status;
}

static void read_fixed(uint8_t *out, size_t n, sp_reader *in)
{
    const sp_bytes raw = sp_read_raw(in, n);
    if (raw.n) memcpy(out, raw.p, n);
}

static sp_status read_keys(sp_snapshot *s, sp_reader *in, sp_mem *mem)
{
    const size_t n = sp_snapshot__count(in, SP_KEY_ID_BYTES + 43, UINT32_MAX);
    sp_key *list = sp_snapshot__list(in, mem, n, sizeof *list);
    for (size_t i = 0; i < n && in->status == SP_OK; i++) {
        sp_key *k = &list[i];
        read_fixed(k->id, sizeof k->id, in);
        read_fixed(k->hash, sizeof k->hash, in);
        k->application = sp_read_u16(in);
        k->binds = sp_read_u16(in);
        k->is_revoked = sp_snapshot__bool(in);
        k->expires_s = sp_read_u64(in);
        if (in->status == SP_OK && (k->application >= s->n_applications || k->binds > s->n_use_cases))
            return SP_ERANGE;
        if (i && memcmp(list[i - 1].id, k->id, sizeof k->id) >= 0) return SP_ERANGE;
    }
    s->keys = list;
    s->n_keys = n;
    return in->status;
}

/** A model's use case can be judged only when the use cases are there. */
static sp_status check_bindings(const sp_snapshot *s)
{
    for (size_t i = 0; i < s->n_models; i++) {
        if (s->models[i].binds > s->n_use_cases) return SP_ERANGE;
    }
    return SP_OK;
}

static sp_status read_kinds(sp_kind_actions *kinds, sp_reader *in, sp_mem *mem)
{
    kinds->withheld = sp_snapshot__set(in);
    kinds->masked = sp_snapshot__set(in);
    kinds->passed = sp_snapshot__set(in);
    kinds->echoed = sp_snapshot__set(in);
    return read_names_of_hosts(&kinds->hosts, &kinds->n_hosts, in, mem);
}

static sp_status read_head(sp_snapshot *s, sp_reader *in, sp_mem *mem)
{
    s->generation = sp_read_u64(in);
    s->created_s = sp_read_u64(in);
    s->expires_s = sp_read_u64(in);
    read_names(&s->names, in);
    s->limits = read_limits(in);
    s->withhold = sp_read_u64(in);
    s->mask = sp_read_u64(in);
    s->echoed = sp_read_u64(in);
    SP_TRY(read_kinds(&s->kinds, in, mem));
    read_fixed(s->seal_key, sizeof s->seal_key, in);
    return in->status;
}

static sp_status read_all(sp_snapshot *s, sp_reader *in, sp_mem *mem)
{
    SP_TRY(read_head(s, in, mem));
    SP_TRY(sp_snapshot__read_tables(s, in, mem));
    SP_TRY(read_destinations(s, in, mem));
    SP_TRY(read_models(s, in, mem));
    SP_TRY(read_use_cases(s, in, mem));
    SP_TRY(check_bindings(s));
    SP_TRY(read_declassifiers(s, in, mem));
    SP_TRY(read_endorsers(s, in, mem));
    SP_TRY(read_applications(s, in, mem));
    SP_TRY(read_keys(s, in, mem));
    return sp_reader_end(in);
}

/** Magic, then hash, then version: a file of another version is told apart from a damaged one. */
static sp_status check_frame(sp_bytes file, sp_bytes *body, sp_diag *diag)
{
    const sp_bytes magic = SNAPSHOT_MAGIC;
    if (file.n < magic.n + 2 + SNAPSHOT_HASH_BYTES)
        return sp_fail(diag, SP_ETRUNCATED, file.n, "the snapshot file is too short");
    if (!sp_bytes_starts(file, magic)) return sp_fail(diag, SP_ECORRUPT, 0, "this is not a snapshot file");
    uint8_t hash[SNAPSHOT_HASH_BYTES];
    const size_t n = file.n - SNAPSHOT_HASH_BYTES;
    if (!SHA256(file.p, n, hash)) return sp_fail(diag, SP_ECRYPTO, SIZE_MAX, "SHA-256 failed");
    if (memcmp(hash, file.p + n, sizeof hash) != 0)
        return sp_fail(diag, SP_ECORRUPT, n, "the snapshot's hash does not match");
    sp_reader in = sp_reader_of(sp_bytes_sub(file, magic.n, n));
    if (sp_read_u16(&in) != SNAPSHOT_VERSION)
        return sp_fail(diag, SP_EVERSION, magic.n, "the snapshot has another version");
    *body = (sp_bytes){in.p, sp_reader_left(&in)};
    return SP_OK;
}

sp_status sp_snapshot_decode(sp_snapshot *out, sp_bytes file, sp_mem *mem, sp_diag *diag)
{
    *out = (sp_snapshot){0};
    sp_bytes body = SP_BYTES_EMPTY;
    SP_TRY(check_frame(file, &body, diag));
    sp_snapshot snapshot = {0};
    sp_reader in = sp_reader_of(body);
    const sp_status status = read_all(&snapshot, &in, mem);
    if (status != SP_OK)
        return sp_fail(diag, status, (size_t)(in.p - file.p), "the snapshot's content is out of range");
    *out = snapshot;
    return SP_OK;
}
