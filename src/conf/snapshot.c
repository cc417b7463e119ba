/* From the file's terms to the snapshot's: destinations keep the file's order, models are sorted by name,
 * keys by id. */
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "conf/allow.h"

typedef struct builder {
    const spc_conf *conf;
    const spc_live *live;
    sp_snapshot *out;
    sp_mem *mem;
    uint16_t *model_rank, *source_rank; /* index in the file -> index in the snapshot */
} builder;

/* count 0 gives NULL, which is no failure. */
static sp_status allocate(builder *b, void *list, size_t n, size_t size)
{
    void *p = sp_alloc(b->mem, n, size);
    memcpy(list, &p, sizeof p);
    return p == NULL && n > 0 ? SP_ENOMEM : SP_OK;
}

/* An empty list has no place, which qsort may not be given. */
static void sort(void *list, size_t n, size_t size, int (*order)(const void *, const void *))
{
    if (n > 0) {
        qsort(list, n, size, order);
    }
}

/* ---- destinations ---- */

/* A host that is an address needs no resolver and is never passed over. */
static void fill_addresses(builder *b, sp_destination *to, size_t index)
{
    const spc_url *url = &b->conf->destinations.v[index].url;
    if (url->address.family != 0) {
        to->addresses[0] = url->address;
        to->n_addresses = 1;
        return;
    }
    if (b->live->addresses == NULL) {
        return;
    }
    const spc_addresses *from = &b->live->addresses[index];
    to->n_addresses = from->n < SP_ADDRESSES_MAX ? from->n : SP_ADDRESSES_MAX;
    memcpy(to->addresses, from->v, to->n_addresses * sizeof *to->addresses);
    for (size_t i = 0; i < to->n_addresses; i++) {
        to->addresses[i].port = url->port; /* a resolver knows hosts, not ports */
    }
}

/* A probe reports when its answer begins, so its lease is what the time-outs give it until then. The rows
 * bound every value below the width of its field. */
static sp_health_rules health_of(const spc_destination *d)
{
    return (sp_health_rules){
        .failures = (uint16_t)d->breaker.failures,
        .share = (uint8_t)d->breaker.share,
        .least = (uint16_t)d->breaker.least,
        .open_ms = (uint32_t)d->breaker.open_ms,
        .open_max_ms = (uint32_t)d->breaker.open_max_ms,
        .probe_ms = (uint32_t)(d->timeouts.connect_ms + d->timeouts.first_byte_ms),
        .wait_max_ms = (uint32_t)d->breaker.wait_max_ms,
        .retry_share = (uint8_t)d->retries.share,
        .retry_floor = (uint16_t)d->retries.floor,
    };
}

static sp_status build_destinations(builder *b)
{
    const spc_destinations *from = &b->conf->destinations;
    sp_destination *to = NULL;
    SP_TRY(allocate(b, &to, from->n, sizeof *to));
    for (size_t i = 0; i < from->n; i++) {
        const spc_destination *d = &from->v[i];
        to[i] = (sp_destination){
            .name = d->name.v,
            .vendor = d->vendor.v,
            .region = d->region.v,
            .model = d->model.v,
            .base_path = d->url.path,
            .host = d->url.host,
            .clearance = d->label,
            .phases = d->phases,
            .n_phases = (uint8_t)d->n_phases, /* bounded when it was resolved */
            .permits = d->permits,
            .tier = d->tier,
            .dialect = d->dialect,
            .is_tls = d->url.is_tls,
            .is_down = b->live->down != NULL && b->live->down[i],
            .health = health_of(d),
        };
        fill_addresses(b, &to[i], i);
    }
    b->out->destinations = to;
    b->out->n_destinations = from->n;
    return SP_OK;
}

/* ---- models ---- */

static int by_name(const void *a, const void *b)
{
    const spc_model *const *x = a;
    const spc_model *const *y = b;
    return sp_bytes_cmp((*x)->name.v, (*y)->name.v);
}

static void fill_model(sp_model *to, const spc_model *from)
{
    to->name = from->name.v;
    to->may_replay = from->replay;
    to->binds = (uint16_t)(from->use_case_index + 1);
    to->n_destinations = (uint8_t)from->destination_names.n; /* at most SP_CANDIDATES_MAX by its row */
    memcpy(to->destinations, from->destinations, to->n_destinations * sizeof *to->destinations);
}

/* model_rank keeps where each model went, for the applications' lists. */
static sp_status build_models(builder *b)
{
    const spc_models *from = &b->conf->models;
    const spc_model **sorted = NULL;
    sp_model *to = NULL;
    SP_TRY(allocate(b, &sorted, from->n, sizeof *sorted));
    SP_TRY(allocate(b, &to, from->n, sizeof *to));
    SP_TRY(allocate(b, &b->model_rank, from->n, sizeof *b->model_rank));
    for (size_t i = 0; i < from->n; i++) {
        sorted[i] = &from->v[i];
    }
    qsort(sorted, from->n, sizeof *sorted, by_name);
    for (size_t i = 0; i < from->n; i++) {
        fill_model(&to[i], sorted[i]);
        b->model_rank[sorted[i] - from->v] = (uint16_t)i;
    }
    b->out->models = to;
    b->out->n_models = from->n;
    return SP_OK;
}

/* ---- use cases and applications ---- */

static sp_status build_use_cases(builder *b)
{
    const spc_use_cases *from = &b->conf->use_cases;
    sp_use_case *to = NULL;
    SP_TRY(allocate(b, &to, from->n, sizeof *to));
    for (size_t i = 0; i < from->n; i++) {
        const spc_use_case *u = &from->v[i];
        to[i] = (sp_use_case){.name = u->name.v,
                              .owner = u->owner.v,
                              .purpose = u->purpose.v,
                              .label = u->label,
                              .review_s = u->review_s,
                              .permits = u->permits};
    }
    b->out->use_cases = to;
    b->out->n_use_cases = from->n;
    return SP_OK;
}

static int by_number(const void *a, const void *b)
{
    const uint16_t *x = a;
    const uint16_t *y = b;
    return (int)*x - (int)*y;
}

/* Rows in ascending order, by the snapshot's numbers where `rank` translates the file's. */
static sp_status build_rows(builder *b, const uint16_t **to, const uint16_t *from, size_t n,
                            const uint16_t *rank)
{
    uint16_t *rows = NULL;
    SP_TRY(allocate(b, &rows, n, sizeof *rows));
    for (size_t i = 0; i < n; i++) {
        rows[i] = rank != NULL ? rank[from[i]] : from[i];
    }
    sort(rows, n, sizeof *rows, by_number);
    *to = rows;
    return SP_OK;
}

static sp_status build_names_of_hosts(builder *b, const sp_bytes **to, const spc_texts *from)
{
    sp_bytes *hosts = NULL;
    SP_TRY(allocate(b, &hosts, from->n, sizeof *hosts));
    for (size_t i = 0; i < from->n; i++) {
        hosts[i] = from->v[i].v;
    }
    *to = hosts;
    return SP_OK;
}

/* Without the key any host will do; an empty list has none. */
static sp_status build_host_list(builder *b, sp_host_list *to, const spc_texts *from)
{
    to->n = from->n;
    to->is_given = from->at.line > 0;
    return build_names_of_hosts(b, &to->v, from);
}

static sp_status build_application(builder *b, sp_application *to, const spc_application *from)
{
    *to = (sp_application){
        .name = from->name.v,
        .use_case = from->use_case_index,
        .n_models = (uint16_t)from->model_names.n,
        .n_declares = (uint16_t)from->declare_names.n,
        .n_sources = (uint16_t)from->source_names.n,
        .n_endorsers = (uint16_t)from->endorser_names.n,
        .floor = from->floor.label,
        .reader = from->reader,
        .permits = from->permits,
        .user_text = from->user_text,
        .has_canary = from->canary,
        .rates = {.requests_per_minute = (uint32_t)from->rates.requests_per_minute,
                  .concurrent = (uint32_t)from->rates.concurrent,
                  .bytes_per_minute = from->rates.bytes_per_minute},
    };
    SP_TRY(build_rows(b, &to->models, from->models, to->n_models, b->model_rank));
    SP_TRY(build_rows(b, &to->declares, from->declares, to->n_declares, NULL));
    SP_TRY(build_rows(b, &to->endorsers, from->endorsers, to->n_endorsers, NULL));
    SP_TRY(build_host_list(b, &to->images, &from->image_hosts));
    SP_TRY(build_host_list(b, &to->links, &from->link_hosts));
    return build_rows(b, &to->sources, from->sources, to->n_sources, b->source_rank);
}

static sp_status build_applications(builder *b)
{
    const spc_applications *from = &b->conf->applications;
    sp_application *to = NULL;
    SP_TRY(allocate(b, &to, from->n, sizeof *to));
    for (size_t i = 0; i < from->n; i++) {
        SP_TRY(build_application(b, &to[i], &from->v[i]));
    }
    b->out->applications = to;
    b->out->n_applications = from->n;
    return SP_OK;
}

/* ---- keys ---- */

static int by_id(const void *a, const void *b)
{
    const sp_key *x = a;
    const sp_key *y = b;
    return memcmp(x->id, y->id, sizeof x->id);
}

static size_t count_keys(const builder *b)
{
    size_t n = b->live->n_keys;
    for (size_t i = 0; i < b->conf->applications.n; i++) {
        n += b->conf->applications.v[i].key_texts.n;
    }
    return n;
}

/* An application that was taken out of the file loses its keys with the next snapshot, and so does a use case
 * those that are bound to it: without it they would be worth more than they were made for. */
static size_t take_state_keys(const builder *b, sp_key *to)
{
    size_t n = 0;
    for (size_t i = 0; i < b->live->n_keys; i++) {
        const spc_state_key *from = &b->live->keys[i];
        const int application = spc_application_find(b->conf, from->application);
        const int use_case = from->use_case.n > 0 ? spc_use_case_find(b->conf, from->use_case) : -1;
        if (application >= 0 && (use_case >= 0 || from->use_case.n == 0)) {
            to[n] = from->key;
            to[n].application = (uint16_t)application;
            to[n++].binds = (uint16_t)(use_case + 1);
        }
    }
    return n;
}

/* An id of the database, whoever owns it there, hides the same id of the file. */
static bool is_in_state(const builder *b, const sp_key *key)
{
    for (size_t i = 0; i < b->live->n_keys; i++) {
        if (by_id(&b->live->keys[i].key, key) == 0) {
            return true;
        }
    }
    return false;
}

static size_t take_file_keys(const builder *b, sp_key *to, const spc_application *application)
{
    size_t n = 0;
    for (size_t k = 0; k < application->key_texts.n; k++) {
        if (!is_in_state(b, &application->keys[k])) {
            to[n++] = application->keys[k];
        }
    }
    return n;
}

/* Twins would make the owner of a key depend on the order of a sort: no snapshot then. */
static sp_status build_keys(builder *b)
{
    sp_key *to = NULL;
    const size_t room = count_keys(b);
    if (room == 0) {
        return SP_OK;
    }
    SP_TRY(allocate(b, &to, room, sizeof *to));
    size_t n = take_state_keys(b, to);
    for (size_t i = 0; i < b->conf->applications.n; i++) {
        n += take_file_keys(b, to + n, &b->conf->applications.v[i]);
    }
    qsort(to, n, sizeof *to, by_id);
    for (size_t i = 1; i < n; i++) {
        if (by_id(&to[i - 1], &to[i]) == 0) {
            return SP_ERANGE;
        }
    }
    b->out->keys = to;
    b->out->n_keys = n;
    return SP_OK;
}

/* ---- the whole ---- */

static void fill_head(builder *b)
{
    const spc_limits *limits = &b->conf->limits;
    sp_snapshot *out = b->out;
    out->generation = b->live->generation;
    out->created_s = b->live->now_s;
    out->expires_s = b->live->now_s + limits->snapshot_life_ms / 1000;
    out->names = b->conf->names;
    out->withhold = b->conf->withhold;
    out->mask = b->conf->mask;
    out->echoed = b->conf->echoed;
    out->kinds = b->conf->kinds;
    memcpy(out->seal_key, b->live->seal_key, sizeof out->seal_key);
    /* The rows bound each of them below 2^32. */
    out->limits = (sp_limits){
        .body_bytes = (uint32_t)limits->body_bytes,
        .answer_bytes = (uint32_t)limits->answer_bytes,
        .held_bytes = (uint32_t)limits->held_bytes,
        .findings = (uint32_t)limits->findings,
        .record_wait_ms = (uint32_t)limits->record_wait_ms,
        .label_wait_ms = (uint32_t)limits->label_wait_ms,
        .body_rate = (uint32_t)limits->body_rate,
        .memory_bytes = limits->memory_bytes,
        .caller_memory_bytes = limits->caller_memory_bytes,
    };
}

/* ---- what labels and demands are made of ---- */

static int by_source_name(const void *a, const void *b)
{
    const spc_data_source *const *x = a;
    const spc_data_source *const *y = b;
    return sp_bytes_cmp((*x)->name.v, (*y)->name.v);
}

static sp_status build_sources(builder *b)
{
    const spc_data_sources *from = &b->conf->sources;
    const spc_data_source **sorted = NULL;
    sp_source *to = NULL;
    SP_TRY(allocate(b, &sorted, from->n, sizeof *sorted));
    SP_TRY(allocate(b, &to, from->n, sizeof *to));
    SP_TRY(allocate(b, &b->source_rank, from->n, sizeof *b->source_rank));
    for (size_t i = 0; i < from->n; i++) {
        sorted[i] = &from->v[i];
    }
    sort(sorted, from->n, sizeof *sorted, by_source_name);
    for (size_t i = 0; i < from->n; i++) {
        to[i] = (sp_source){sorted[i]->name.v, sorted[i]->brings.label};
        b->source_rank[sorted[i] - from->v] = (uint16_t)i;
    }
    b->out->sources = to;
    b->out->n_sources = from->n;
    return SP_OK;
}

static int by_subject_name(const void *a, const void *b)
{
    const sp_subject *x = a;
    const sp_subject *y = b;
    return sp_bytes_cmp(x->name, y->name);
}

static sp_status build_subjects(builder *b)
{
    const spc_subjects *from = &b->conf->subjects;
    sp_subject *to = NULL;
    SP_TRY(allocate(b, &to, from->n, sizeof *to));
    for (size_t i = 0; i < from->n; i++) {
        to[i] = (sp_subject){from->v[i].name.v, from->v[i].floor.label, from->v[i].reader};
    }
    sort(to, from->n, sizeof *to, by_subject_name);
    b->out->subjects = to;
    b->out->n_subjects = from->n;
    return SP_OK;
}

static int by_kind(const void *a, const void *b)
{
    const sp_finding_rule *x = a;
    const sp_finding_rule *y = b;
    return (int)x->kind - (int)y->kind;
}

static sp_status build_finding_rules(builder *b)
{
    const spc_findings *from = &b->conf->findings;
    sp_finding_rule *to = NULL;
    SP_TRY(allocate(b, &to, from->n, sizeof *to));
    for (size_t i = 0; i < from->n; i++) {
        to[i] = (sp_finding_rule){.kind = from->v[i].number,
                                  .confidence = (uint8_t)from->v[i].confidence,
                                  .at_least = (uint32_t)from->v[i].at_least,
                                  .label = from->v[i].brings.label};
    }
    sort(to, from->n, sizeof *to, by_kind);
    b->out->finding_rules = to;
    b->out->n_finding_rules = from->n;
    return SP_OK;
}

static sp_status build_detectors(builder *b)
{
    b->out->detectors = spc_allow_compiled(b->conf, b->live->now_s, &b->out->n_detectors, b->mem);
    return b->out->detectors == NULL && b->out->n_detectors > 0 ? SP_ENOMEM : SP_OK;
}

static sp_status build_declassifiers(builder *b)
{
    const spc_declassifiers *from = &b->conf->declassifiers;
    sp_declassifier *to = NULL;
    SP_TRY(allocate(b, &to, from->n, sizeof *to));
    for (size_t i = 0; i < from->n; i++) {
        const spc_declassifier *d = &from->v[i];
        to[i] = (sp_declassifier){.name = d->name.v,
                                  .categories = d->categories,
                                  .does = d->does,
                                  .n_destinations = (uint16_t)d->destination_names.n};
        SP_TRY(build_rows(b, &to[i].destinations, d->destinations, to[i].n_destinations, NULL));
    }
    b->out->declassifiers = to;
    b->out->n_declassifiers = from->n;
    return SP_OK;
}

static sp_status build_words(builder *b, const sp_bytes **to, uint16_t *n, const spc_texts *from)
{
    sp_bytes *words = NULL;
    SP_TRY(allocate(b, &words, from->n, sizeof *words));
    for (size_t i = 0; i < from->n; i++) {
        words[i] = from->v[i].v;
    }
    *to = words;
    *n = (uint16_t)from->n; /* at most SP_ENDORSER_WORDS_MAX by its row */
    return SP_OK;
}

static sp_status build_endorsers(builder *b)
{
    const spc_endorsers *from = &b->conf->endorsers;
    sp_endorser *to = NULL;
    SP_TRY(allocate(b, &to, from->n, sizeof *to));
    for (size_t i = 0; i < from->n; i++) {
        to[i] = (sp_endorser){.name = from->v[i].name.v, .values = from->v[i].values};
        SP_TRY(build_words(b, &to[i].tools, &to[i].n_tools, &from->v[i].tools));
        SP_TRY(build_words(b, &to[i].words, &to[i].n_words, &from->v[i].words));
    }
    b->out->endorsers = to;
    b->out->n_endorsers = from->n;
    return SP_OK;
}

static sp_status build_tables(builder *b)
{
    const spc_framework *f = &b->conf->framework;
    sp_requirement *requirements = NULL;
    SP_TRY(allocate(b, &requirements, f->n_requirements, sizeof *requirements));
    for (size_t i = 0; i < f->n_requirements; i++) {
        requirements[i] = f->requirements[i].rule;
    }
    b->out->requirements = requirements;
    b->out->n_requirements = f->n_requirements;
    b->out->transfers = f->transfers;
    b->out->n_transfers = f->n_transfers;
    b->out->handled = f->handled;
    b->out->handling = f->handling;
    b->out->overdue = f->overdue;
    SP_TRY(build_declassifiers(b));
    SP_TRY(build_endorsers(b));
    SP_TRY(build_names_of_hosts(b, &b->out->kinds.hosts, &b->conf->review.hosts));
    b->out->kinds.n_hosts = b->conf->review.hosts.n;
    SP_TRY(build_detectors(b));
    SP_TRY(build_finding_rules(b));
    SP_TRY(build_subjects(b));
    return build_sources(b);
}

static sp_status build(builder *b)
{
    if (b->live->generation == 0) {
        return SP_ERANGE;
    }
    fill_head(b);
    SP_TRY(build_tables(b));
    SP_TRY(build_destinations(b));
    SP_TRY(build_models(b));
    SP_TRY(build_use_cases(b));
    SP_TRY(build_applications(b));
    return build_keys(b);
}

/* Built aside, so that a failure leaves the zeroed snapshot, which refuses everything. */
sp_status spc_conf_to_snapshot(sp_snapshot *out, const spc_conf *conf, const spc_live *live, sp_mem *mem)
{
    sp_snapshot snapshot = {0};
    builder b = {.conf = conf, .live = live, .out = &snapshot, .mem = mem};
    const sp_status status = build(&b);
    *out = status == SP_OK ? snapshot : (sp_snapshot){0};
    return status;
}
