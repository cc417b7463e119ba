/* Cross references and rules between settings. Every reference was read as a text with its place; here it
 * gets its index, or a problem at that place with the nearest name that exists. */
#include "conf/resolve.h"

#include <stdlib.h>
#include <string.h>

#include "conf/checks.h"
#include "conf/resolve_internal.h"
#include "sallyport/request.h"

void spc__report(spc_resolver *r, const spc_text *text, const spc_fault *f)
{
    sp_buf path = SP_BUF_IN(r->mem);
    sp_buf_append_str(&path, r->section);
    if (r->entry.n > 0) {
        sp_buf_append_byte(&path, '.');
        sp_buf_append(&path, r->entry);
    }
    sp_buf_append_str(&path, r->section != NULL && f->key != NULL ? "." : "");
    sp_buf_append_str(&path, f->key);
    if (path.status != SP_OK) {
        r->problems->status = SP_ENOMEM;
        return;
    }
    spc_problems_report(r->problems, &(spc_report){.at = text->at,
                                                   .path = sp_buf_bytes(&path),
                                                   .before = f->before,
                                                   .quoted = f->is_quoted ? text->v : SP_BYTES_EMPTY,
                                                   .after = f->after,
                                                   .help = f->help,
                                                   .nearest = f->nearest});
}

/* NULL for n 0 as well, which is no failure; the caller's loop then has nothing to do. */
void *spc__new(spc_resolver *r, size_t n, size_t size)
{
    void *p = sp_alloc(r->mem, n, size);
    if (p == NULL && n > 0) {
        r->problems->status = SP_ENOMEM;
    }
    return p;
}

static void resolve_names(spc_resolver *r)
{
    spc_conf *conf = r->conf;
    sp_names_init(&conf->names);
    r->section = "levels";
    spc__resolve_numbers(r, &conf->levels, conf->names.level, SP_LEVEL_MAX + 1);
    r->section = "categories";
    spc__resolve_numbers(r, &conf->categories, conf->names.category, 64);
}

/* ---- destinations ---- */

bool spc_is_exposed(const spc_destination *destination)
{
    return !destination->url.is_tls && !destination->url.is_loopback;
}

/* nginx compares certificates with names only (X509_check_host), so https:// to an address could never
 * connect. */
static void resolve_url(spc_resolver *r, spc_destination *d)
{
    if (d->base_url.v.p == NULL || spc_url_parse(&d->url, d->base_url.v) != NULL) {
        return; /* reported by its check */
    }
    if (d->url.is_tls && d->url.address.family != 0) {
        spc__report(
            r, &d->base_url,
            &(spc_fault){.key = "base_url",
                         .before = "https:// to an address in digits",
                         .help = "use the host name that its certificate is for: nginx verifies names only"});
    }
    if (spc_is_exposed(d) && !d->plain_http) {
        spc__report(r, &d->base_url,
                    &(spc_fault){.key = "base_url",
                                 .before = "http:// to a host that is not loopback",
                                 .help = "use https://, or add plain_http: true if the way there is safe"});
    }
    if (!d->url.is_tls && d->ca.v.p != NULL) {
        spc__report(r, &d->ca,
                    &(spc_fault){.key = "ca",
                                 .before = "a CA for a destination without TLS",
                                 .help = "remove ca, or use https://"});
    }
}

/* A clearance may be left out: then nothing is bounded by it. Categories that requirements alone decide are
 * in each: no list of an older file can know them. */
static sp_label stated_clearance(spc_resolver *r, const spc_clearance *clearance)
{
    sp_label label = {.level = SP_LEVEL_MAX, .integrity = SP_TRUSTED};
    label.categories = ~SP_CAT_BIT(SP_CAT_UNREADABLE); /* which is had by name only */
    if (clearance->level.at.line > 0) {
        label.level = spc__level(r, "clearance.level", &clearance->level);
        label.categories = spc__categories_or_all(r, "clearance.categories", &clearance->categories) |
                           SP_CATEGORIES_REQUIRED;
    }
    return label;
}

static void resolve_destination(spc_resolver *r, spc_destination *d)
{
    spc_credential_kind kind = SPC_CREDENTIAL_NONE;
    r->entry = d->name.v;
    resolve_url(r, d);
    if (d->credential.v.p != NULL &&
        spc_credential_parse(&kind, &d->credential_value, d->credential.v) == NULL) {
        d->credential_kind = (uint8_t)kind;
    }
    d->label = stated_clearance(r, &d->clearance);
    if (d->permits & SP_PERMIT(SP_FIELD_UNREADABLE)) {
        d->label.categories |= SP_CAT_BIT(SP_CAT_UNREADABLE); /* decisions know it as a category only */
    }
    spc__resolve_clearance(r, d);
}

/* ---- references ---- */

static spc_names_of destinations_of(const spc_conf *conf)
{
    return (spc_names_of){conf->destinations.v, conf->destinations.n, sizeof(spc_destination),
                          " is not a destination", "add it under destinations"};
}

static spc_names_of models_of(const spc_conf *conf)
{
    return (spc_names_of){conf->models.v, conf->models.n, sizeof(spc_model), " is not a model",
                          "add it under models"};
}

static spc_names_of use_cases_of(const spc_conf *conf)
{
    return (spc_names_of){conf->use_cases.v, conf->use_cases.n, sizeof(spc_use_case), " is not a use case",
                          "add it under use_cases"};
}

static spc_names_of applications_of(const spc_conf *conf)
{
    return (spc_names_of){conf->applications.v, conf->applications.n, sizeof(spc_application), NULL, NULL};
}

int spc_destination_find(const spc_conf *conf, sp_bytes name)
{
    const spc_names_of list = destinations_of(conf);
    return spc__entry_find(&list, name);
}

int spc_model_find(const spc_conf *conf, sp_bytes name)
{
    const spc_names_of list = models_of(conf);
    return spc__entry_find(&list, name);
}

int spc_use_case_find(const spc_conf *conf, sp_bytes name)
{
    const spc_names_of list = use_cases_of(conf);
    return spc__entry_find(&list, name);
}

int spc_application_find(const spc_conf *conf, sp_bytes name)
{
    const spc_names_of list = applications_of(conf);
    return spc__entry_find(&list, name);
}

static void resolve_model(spc_resolver *r, spc_model *model)
{
    const spc_names_of destinations = destinations_of(r->conf);
    r->entry = model->name.v;
    for (size_t i = 0; i < model->destination_names.n; i++) {
        model->destinations[i] =
            spc__reference(r, "destinations", &model->destination_names.v[i], &destinations);
    }
    const spc_names_of use_cases = use_cases_of(r->conf);
    model->use_case_index =
        model->use_case.v.p != NULL ? spc__reference(r, "use_case", &model->use_case, &use_cases) : -1;
}

static void resolve_keys(spc_resolver *r, spc_application *application, uint16_t index)
{
    application->keys = spc__new(r, application->key_texts.n, sizeof *application->keys);
    for (size_t i = 0; i < application->key_texts.n && application->keys != NULL; i++) {
        if (spc_key_parse(&application->keys[i], application->key_texts.v[i].v) == NULL) {
            application->keys[i].application = index;
        }
    }
}

/* Else the largest bodies that limits.body admits could pass only where their length is announced. */
static void check_rates(spc_resolver *r, const spc_application *application)
{
    const uint64_t rate = application->rates.bytes_per_minute;
    if (rate > 0 && rate < r->conf->limits.body_bytes) {
        spc__report(r, &application->name,
                    &(spc_fault){.key = "limits.request_bytes_per_minute",
                                 .before = "is smaller than limits.body",
                                 .help = "allow at least one largest body per minute"});
    }
}

/* Rows of what a list of names names; NULL when it is empty. */
static uint16_t *resolve_rows(spc_resolver *r, const char *key, const spc_texts *names,
                              const spc_names_of *list)
{
    uint16_t *rows = spc__new(r, names->n, sizeof *rows);
    for (size_t i = 0; i < names->n && rows != NULL; i++) {
        rows[i] = spc__reference(r, key, &names->v[i], list);
    }
    return rows;
}

static void resolve_declassifier(spc_resolver *r, spc_declassifier *d)
{
    const spc_names_of destinations = destinations_of(r->conf);
    r->entry = d->name.v;
    d->categories = spc__categories(r, "categories", &d->category_names);
    d->destinations = resolve_rows(r, "destinations", &d->destination_names, &destinations);
}

/* A list of words goes with `values: words`, which is what nothing said means, and with no other. */
static void check_endorser(spc_resolver *r, const spc_endorser *e)
{
    r->entry = e->name.v;
    if (e->values == SP_VALUES_WORDS && e->words.at.line == 0) {
        spc__report(
            r, &e->name,
            &(spc_fault){.key = "words",
                         .before = "it does not say what its results may be",
                         .help = "list the words, or say another kind of value, such as values: number"});
    }
    if (e->values != SP_VALUES_WORDS && e->values != SP_VALUES_NONE && e->words.n > 0) {
        spc__report(r, &e->words.v[0],
                    &(spc_fault){.key = "words",
                                 .before = "a list of words beside another kind of value",
                                 .help = "leave out either words or values"});
    }
}

/* Without one, nothing is bounded. What nobody can read is a matter of where it is sent, not of who gets it.
 */
static sp_label reader_clearance(spc_resolver *r, const spc_clearance *clearance)
{
    sp_label label = stated_clearance(r, clearance);
    label.categories |= SP_CAT_BIT(SP_CAT_UNREADABLE);
    return label;
}

static void resolve_subject(spc_resolver *r, spc_subject *subject)
{
    r->entry = subject->name.v;
    subject->reader = reader_clearance(r, &subject->clearance);
    spc__resolve_floor(r, &subject->floor);
}

static void resolve_application(spc_resolver *r, uint16_t index)
{
    spc_application *application = &r->conf->applications.v[index];
    const spc_names_of models = models_of(r->conf);
    const spc_names_of use_cases = use_cases_of(r->conf);
    const spc_names_of sources = {r->conf->sources.v, r->conf->sources.n, sizeof(spc_data_source),
                                  " is not a data source", "add it under sources"};
    const spc_names_of endorsers = {r->conf->endorsers.v, r->conf->endorsers.n, sizeof(spc_endorser),
                                    " is not an endorser", "add it under endorsers"};
    r->entry = application->name.v;
    application->use_case_index = spc__reference(r, "use_case", &application->use_case, &use_cases);
    application->models = resolve_rows(r, "models", &application->model_names, &models);
    application->declares = resolve_rows(r, "declares", &application->declare_names, &use_cases);
    application->sources = resolve_rows(r, "sources", &application->source_names, &sources);
    application->endorsers = resolve_rows(r, "endorsers", &application->endorser_names, &endorsers);
    application->reader = reader_clearance(r, &application->clearance);
    spc__resolve_floor(r, &application->floor);
    resolve_keys(r, application, index);
    check_rates(r, application);
}

/* ---- key ids are unique over all applications ---- */

typedef struct key_place {
    const uint8_t *id;
    const spc_text *text;
    sp_bytes application;
} key_place;

static int by_id(const void *a, const void *b)
{
    const key_place *x = a;
    const key_place *y = b;
    const int order = memcmp(x->id, y->id, SP_KEY_ID_BYTES);
    if (order != 0) {
        return order;
    }
    return x->text->at.line < y->text->at.line ? -1 : x->text->at.line > y->text->at.line;
}

static size_t count_keys(const spc_conf *conf)
{
    size_t n = 0;
    for (size_t i = 0; i < conf->applications.n; i++) n += conf->applications.v[i].key_texts.n;
    return n;
}

/* @return the place behind the last one written. */
static key_place *gather_keys(key_place *out, const spc_application *application)
{
    for (size_t k = 0; k < application->key_texts.n && application->keys != NULL; k++) {
        *out++ = (key_place){application->keys[k].id, &application->key_texts.v[k], application->name.v};
    }
    return out;
}

static void check_key_ids(spc_resolver *r)
{
    key_place *places = spc__new(r, count_keys(r->conf), sizeof *places);
    if (places == NULL) {
        return;
    }
    key_place *end = places;
    for (size_t i = 0; i < r->conf->applications.n; i++) {
        end = gather_keys(end, &r->conf->applications.v[i]);
    }
    const size_t n = (size_t)(end - places);
    qsort(places, n, sizeof *places, by_id);
    for (size_t i = 1; i < n; i++) {
        if (memcmp(places[i].id, places[i - 1].id, SP_KEY_ID_BYTES) == 0) {
            r->entry = places[i].application;
            spc__report(r, places[i].text,
                        &(spc_fault){.key = "keys",
                                     .before = "another key has this id",
                                     .help = "make a new key with sallyport key create"});
        }
    }
}

/* ---- listen and the whole ---- */

/* Without TLS the callers' API keys and prompts would cross the network in the clear: loopback only, no
 * switch for it. */
static void resolve_listen(spc_resolver *r)
{
    spc_listen *listen = &r->conf->listen;
    r->section = "listen";
    r->entry = SP_BYTES_EMPTY;
    if (listen->address.v.p == NULL || spc_listen_parse(&listen->where, listen->address.v) != NULL) {
        return;
    }
    listen->where.is_tls = listen->tls.certificate.v.p != NULL;
    if (!listen->where.is_tls && !listen->where.is_loopback) {
        spc__report(r, &listen->address,
                    &(spc_fault){.key = "address",
                                 .is_quoted = true,
                                 .after = " is not loopback, and there is no certificate",
                                 .help = "add tls: {certificate: FILE, key: FILE}, or listen on 127.0.0.1"});
    }
}

/* A segment has to hold at least one record with the largest body and answer, sealed and encoded. */
static void check_segment(spc_resolver *r)
{
    const spc_conf *conf = r->conf;
    const uint64_t slack = 64 << 10;
    if (conf->audit.segment_bytes == 0 || conf->limits.body_bytes == 0) {
        return; /* reported while reading */
    }
    if (conf->audit.segment_bytes < conf->limits.body_bytes + conf->limits.body_bytes / 4 + slack) {
        r->section = "audit";
        r->entry = SP_BYTES_EMPTY;
        const spc_text whole = {.at = {1, 1}}; /* either setting may be a default that stands nowhere */
        spc__report(r, &whole,
                    &(spc_fault){.key = "segment",
                                 .before = "a segment cannot hold a record of the largest request",
                                 .help = "make audit.segment at least twice limits.body"});
    }
}

/* Names first: everything after them looks levels and categories up. */
sp_status spc_resolve(spc_conf *conf, spc_problems *problems)
{
    spc_resolver r = {.conf = conf, .problems = problems, .mem = problems->mem};
    resolve_names(&r);
    spc__resolve_facts(&r);
    spc__resolve_vendors(&r);
    spc__resolve_labels(&r);
    resolve_listen(&r);
    r.section = "destinations";
    for (size_t i = 0; i < conf->destinations.n; i++) {
        resolve_destination(&r, &conf->destinations.v[i]);
    }
    r.section = "models";
    for (size_t i = 0; i < conf->models.n; i++) {
        resolve_model(&r, &conf->models.v[i]);
    }
    r.section = "use_cases";
    for (size_t i = 0; i < conf->use_cases.n; i++) {
        spc__resolve_use_case(&r, &conf->use_cases.v[i]);
    }
    r.section = "declassifiers";
    for (size_t i = 0; i < conf->declassifiers.n; i++) {
        resolve_declassifier(&r, &conf->declassifiers.v[i]);
    }
    r.section = "endorsers";
    for (size_t i = 0; i < conf->endorsers.n; i++) {
        check_endorser(&r, &conf->endorsers.v[i]);
    }
    r.section = "subjects";
    for (size_t i = 0; i < conf->subjects.n; i++) {
        resolve_subject(&r, &conf->subjects.v[i]);
    }
    r.section = "applications";
    for (size_t i = 0; i < conf->applications.n; i++) {
        resolve_application(&r, (uint16_t)i);
    }
    check_key_ids(&r);
    spc__resolve_sentences(&r);
    spc__resolve_review(&r);
    check_segment(&r);
    return problems->status;
}
