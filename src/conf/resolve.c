/* Cross references and rules between settings. Every reference was read as a text with its place; here it
 * gets its index, or a problem at that place with the nearest name that exists. */
#include "conf/resolve.h"

#include <stdlib.h>
#include <string.h>

#include "conf/checks.h"
#include "conf/nearest.h"
#include "sallyport/request.h"

typedef struct resolver {
    spc_conf *conf;
    spc_problems *problems;
    sp_mem *mem;
    const char *section; /* where we are, for messages: SECTION.ENTRY */
    sp_bytes entry;
} resolver;

/* A rule that was broken: `"TEXT" AFTER`, or BEFORE alone. */
typedef struct fault {
    const char *key;
    const char *before, *after, *help;
    sp_bytes nearest;
    bool is_quoted;
} fault;

static void report(resolver *r, const spc_text *text, const fault *f)
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
static void *allocate(resolver *r, size_t n, size_t size)
{
    void *p = sp_alloc(r->mem, n, size);
    if (p == NULL && n > 0) {
        r->problems->status = SP_ENOMEM;
    }
    return p;
}

/* ---- names of levels and categories ---- */

/* Empty names are numbers without one. */
static int find_name(const sp_bytes *names, size_t n, sp_bytes name, spc_nearest *nearest)
{
    for (size_t i = 0; i < n; i++) {
        if (names[i].n > 0 && sp_bytes_eq(names[i], name)) {
            return (int)i;
        }
        if (names[i].n > 0 && nearest != NULL) {
            spc_nearest_offer(nearest, names[i]);
        }
    }
    return -1;
}

/* What is wrong with an own name and its number, or NULL. `taken` has a bit for each number that an own name
 * has. */
static const fault *number_fault(const spc_number *own, int shipped, uint64_t taken)
{
    static const fault moved = {
        .is_quoted = true, .after = " is a shipped name with another number", .help = "choose another name"};
    static const fault shared = {.is_quoted = true,
                                 .after = " has a number that another name has too",
                                 .help = "give it a number of its own"};
    if (shipped >= 0 && (uint64_t)shipped != own->value) {
        return &moved;
    }
    return (taken >> own->value) & 1 ? &shared : NULL;
}

/* Own names over the shipped ones. A shipped name keeps its number: detectors and records count on it. */
static void resolve_numbers(resolver *r, const spc_numbers *numbers, sp_bytes *names, size_t n_names)
{
    sp_bytes *shipped = allocate(r, n_names, sizeof *shipped);
    if (shipped == NULL) {
        return;
    }
    memcpy(shipped, names, n_names * sizeof *names);
    uint64_t taken = 0;
    for (size_t i = 0; i < numbers->n; i++) {
        const spc_number *own = &numbers->v[i];
        const fault *f = number_fault(own, find_name(shipped, n_names, own->name.v, NULL), taken);
        if (f != NULL) {
            report(r, &own->name, f);
        }
        if (((taken >> own->value) & 1) == 0) {
            names[own->value] = own->name.v;
        }
        taken |= UINT64_C(1) << own->value;
    }
}

static void resolve_names(resolver *r)
{
    spc_conf *conf = r->conf;
    sp_names_init(&conf->names);
    r->section = "levels";
    resolve_numbers(r, &conf->levels, conf->names.level, SP_LEVEL_MAX + 1);
    r->section = "categories";
    resolve_numbers(r, &conf->categories, conf->names.category, 64);
}

/* ---- labels ---- */

/* On failure level 0: the configuration is refused anyway, and a low level cannot hide a further problem. */
static uint8_t resolve_level(resolver *r, const char *key, const spc_text *text)
{
    if (text->v.p == NULL) {
        return 0; /* was refused while reading */
    }
    spc_nearest nearest = SPC_NEAREST_TO(text->v);
    const int level = find_name(r->conf->names.level, SP_LEVEL_MAX + 1, text->v, &nearest);
    if (level < 0) {
        report(r, text,
               &(fault){.key = key,
                        .is_quoted = true,
                        .after = " is not a level",
                        .nearest = nearest.best,
                        .help = "use a shipped level or name it under levels"});
        return 0;
    }
    return (uint8_t)level;
}

static uint64_t resolve_category(resolver *r, const char *key, const spc_text *text)
{
    spc_nearest nearest = SPC_NEAREST_TO(text->v);
    const int bit = find_name(r->conf->names.category, 64, text->v, &nearest);
    if (bit < 0) {
        report(r, text,
               &(fault){.key = key,
                        .is_quoted = true,
                        .after = " is not a category",
                        .nearest = nearest.best,
                        .help = "use a shipped category or name it under categories"});
        return 0;
    }
    return SP_CAT_BIT(bit);
}

static uint64_t resolve_categories(resolver *r, const char *key, const spc_texts *texts)
{
    uint64_t set = 0;
    for (size_t i = 0; i < texts->n; i++) {
        set |= resolve_category(r, key, &texts->v[i]);
    }
    return set;
}

/* The numbers that have a name. `all` means these, so that a category that is added later is not cleared by
 * an old word. */
static uint64_t named_categories(const sp_names *names)
{
    uint64_t set = 0;
    for (unsigned i = 0; i < 64; i++) {
        set |= names->category[i].n > 0 ? SP_CAT_BIT(i) : 0;
    }
    return set;
}

static bool is_all(const spc_texts *texts)
{
    return texts->n == 1 && sp_bytes_eq(texts->v[0].v, SP_LIT("all"));
}

/* The one wrong code that many people are sure of. */
static const char *jurisdiction_help(sp_bytes text)
{
    if (sp_bytes_eq_nocase(text, SP_LIT("UK"))) {
        return "ISO 3166-1 calls the United Kingdom GB";
    }
    return "use ISO 3166-1 alpha-2 codes in capitals, EU, EEA, or \"*\"";
}

/* The code or group in capitals when that is one; empty when not. */
static sp_bytes in_capitals(resolver *r, sp_bytes text)
{
    sp_bits256 group;
    sp_buf capitals = SP_BUF_IN(r->mem);
    for (size_t i = 0; i < text.n && text.n <= 3; i++) {
        const uint8_t c = text.p[i];
        sp_buf_append_byte(&capitals, c >= 'a' && c <= 'z' ? (uint8_t)(c - 'a' + 'A') : c);
    }
    const sp_bytes word = sp_buf_bytes(&capitals);
    const bool is_known = sp_jurisdiction_find(word) >= 0 || sp_jurisdiction_group(&group, word);
    return is_known ? word : SP_BYTES_EMPTY;
}

static void resolve_jurisdiction(resolver *r, const char *key, const spc_text *text, sp_bits256 *set)
{
    sp_bits256 group = SP_BITS256_NONE;
    const int bit = sp_jurisdiction_find(text->v);
    if (bit >= 0) {
        sp_bits256_add(set, (uint8_t)bit);
    } else if (sp_jurisdiction_group(&group, text->v)) {
        *set = sp_bits256_or(*set, group);
    } else {
        report(r, text,
               &(fault){.key = key,
                        .is_quoted = true,
                        .after = " is not a jurisdiction",
                        .help = jurisdiction_help(text->v),
                        .nearest = in_capitals(r, text->v)});
    }
}

static sp_bits256 resolve_jurisdictions(resolver *r, const char *key, const spc_texts *texts)
{
    sp_bits256 set = SP_BITS256_NONE;
    for (size_t i = 0; i < texts->n; i++) {
        resolve_jurisdiction(r, key, &texts->v[i], &set);
    }
    return set;
}

/* ---- destinations ---- */

bool spc_is_exposed(const spc_destination *destination)
{
    return !destination->url.is_tls && !destination->url.is_loopback;
}

/* nginx compares certificates with names only (X509_check_host), so https:// to an address could never
 * connect. */
static void resolve_url(resolver *r, spc_destination *d)
{
    if (d->base_url.v.p == NULL || spc_url_parse(&d->url, d->base_url.v) != NULL) {
        return; /* reported by its check */
    }
    if (d->url.is_tls && d->url.address.family != 0) {
        report(r, &d->base_url,
               &(fault){.key = "base_url",
                        .before = "https:// to an address in digits",
                        .help = "use the host name that its certificate is for: nginx verifies names only"});
    }
    if (spc_is_exposed(d) && !d->plain_http) {
        report(r, &d->base_url,
               &(fault){.key = "base_url",
                        .before = "http:// to a host that is not loopback",
                        .help = "use https://, or add plain_http: true if the way there is safe"});
    }
    if (!d->url.is_tls && d->ca.v.p != NULL) {
        report(r, &d->ca,
               &(fault){.key = "ca",
                        .before = "a CA for a destination without TLS",
                        .help = "remove ca, or use https://"});
    }
}

static void resolve_destination(resolver *r, spc_destination *d)
{
    spc_credential_kind kind = SPC_CREDENTIAL_NONE;
    r->entry = d->name.v;
    resolve_url(r, d);
    if (d->credential.v.p != NULL &&
        spc_credential_parse(&kind, &d->credential_value, d->credential.v) == NULL) {
        d->credential_kind = (uint8_t)kind;
    }
    d->label.level = resolve_level(r, "clearance.level", &d->clearance.level);
    d->label.categories = is_all(&d->clearance.categories)
                              ? named_categories(&r->conf->names)
                              : resolve_categories(r, "clearance.categories", &d->clearance.categories);
    if (d->permits & SP_PERMIT(SP_FIELD_UNREADABLE)) {
        d->label.categories |= SP_CAT_BIT(SP_CAT_UNREADABLE); /* decisions know it as a category only */
    }
    d->label.residency = resolve_jurisdictions(r, "jurisdictions", &d->jurisdictions);
    d->label.integrity = SP_TRUSTED;
}

/* ---- references ---- */

/* Maps are arrays of structs that begin with their name. */
typedef struct names_of {
    const void *v;
    size_t n, size;
    const char *noun, *section;
} names_of;

/* spc_text is the first member of each struct that stands in a map (conf.h), so the struct's address is its
 * name's. */
static sp_bytes name_at(const names_of *list, size_t i)
{
    return ((const spc_text *)(const void *)((const uint8_t *)list->v + i * list->size))->v;
}

static int find_entry(const names_of *list, sp_bytes name)
{
    for (size_t i = 0; i < list->n; i++) {
        if (sp_bytes_eq(name_at(list, i), name)) {
            return (int)i;
        }
    }
    return -1;
}

/* Only for a name that is not there: with a thousand names and a thousand references that are right, looking
 * for the nearest beside each would be nearly all of the time that a file takes. */
static sp_bytes nearest_entry(const names_of *list, sp_bytes name)
{
    spc_nearest nearest = SPC_NEAREST_TO(name);
    for (size_t i = 0; i < list->n; i++) {
        spc_nearest_offer(&nearest, name_at(list, i));
    }
    return nearest.best;
}

static names_of destinations_of(const spc_conf *conf)
{
    return (names_of){conf->destinations.v, conf->destinations.n, sizeof(spc_destination),
                      " is not a destination", "add it under destinations"};
}

static names_of models_of(const spc_conf *conf)
{
    return (names_of){conf->models.v, conf->models.n, sizeof(spc_model), " is not a model",
                      "add it under models"};
}

static names_of use_cases_of(const spc_conf *conf)
{
    return (names_of){conf->use_cases.v, conf->use_cases.n, sizeof(spc_use_case), " is not a use case",
                      "add it under use_cases"};
}

static names_of applications_of(const spc_conf *conf)
{
    return (names_of){conf->applications.v, conf->applications.n, sizeof(spc_application), NULL, NULL};
}

int spc_destination_find(const spc_conf *conf, sp_bytes name)
{
    const names_of list = destinations_of(conf);
    return find_entry(&list, name);
}

int spc_model_find(const spc_conf *conf, sp_bytes name)
{
    const names_of list = models_of(conf);
    return find_entry(&list, name);
}

int spc_use_case_find(const spc_conf *conf, sp_bytes name)
{
    const names_of list = use_cases_of(conf);
    return find_entry(&list, name);
}

int spc_application_find(const spc_conf *conf, sp_bytes name)
{
    const names_of list = applications_of(conf);
    return find_entry(&list, name);
}

/* A name that was refused while reading has no text and no second problem. */
static uint16_t resolve_reference(resolver *r, const char *key, const spc_text *text, const names_of *list)
{
    const int at = text->v.p != NULL ? find_entry(list, text->v) : 0;
    if (at < 0) {
        report(r, text,
               &(fault){.key = key,
                        .is_quoted = true,
                        .after = list->noun,
                        .help = list->section,
                        .nearest = nearest_entry(list, text->v)});
    }
    return (uint16_t)(at < 0 ? 0 : at);
}

static void resolve_model(resolver *r, spc_model *model)
{
    const names_of destinations = destinations_of(r->conf);
    r->entry = model->name.v;
    for (size_t i = 0; i < model->destination_names.n; i++) {
        model->destinations[i] =
            resolve_reference(r, "destinations", &model->destination_names.v[i], &destinations);
    }
}

static void resolve_use_case(resolver *r, spc_use_case *use_case)
{
    r->entry = use_case->name.v;
    use_case->label = (sp_label){
        .level = resolve_level(r, "level", &use_case->level),
        .categories = resolve_categories(r, "categories", &use_case->categories),
        .residency = resolve_jurisdictions(r, "residency", &use_case->residency),
        .integrity = SP_TRUSTED,
    };
}

/* Keys that do not parse were reported by their row's check and are not in the list. */
static void resolve_keys(resolver *r, spc_application *application, uint16_t index)
{
    application->keys = allocate(r, application->key_texts.n, sizeof *application->keys);
    for (size_t i = 0; i < application->key_texts.n && application->keys != NULL; i++) {
        if (spc_key_parse(&application->keys[i], application->key_texts.v[i].v) == NULL) {
            application->keys[i].application = index;
        }
    }
}

/* Else the largest bodies that limits.body admits could pass only where their length is announced. */
static void check_rates(resolver *r, const spc_application *application)
{
    const uint64_t rate = application->rates.bytes_per_minute;
    if (rate > 0 && rate < r->conf->limits.body_bytes) {
        report(r, &application->name,
               &(fault){.key = "limits.request_bytes_per_minute",
                        .before = "is smaller than limits.body",
                        .help = "allow at least one largest body per minute"});
    }
}

static void resolve_application(resolver *r, uint16_t index)
{
    spc_application *application = &r->conf->applications.v[index];
    const names_of models = models_of(r->conf);
    const names_of use_cases = use_cases_of(r->conf);
    r->entry = application->name.v;
    application->use_case_index = resolve_reference(r, "use_case", &application->use_case, &use_cases);
    application->models = allocate(r, application->model_names.n, sizeof *application->models);
    for (size_t i = 0; i < application->model_names.n && application->models != NULL; i++) {
        application->models[i] = resolve_reference(r, "models", &application->model_names.v[i], &models);
    }
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

static void check_key_ids(resolver *r)
{
    key_place *places = allocate(r, count_keys(r->conf), sizeof *places);
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
            report(r, places[i].text,
                   &(fault){.key = "keys",
                            .before = "another key has this id",
                            .help = "make a new key with sallyport key create"});
        }
    }
}

/* ---- listen and the whole ---- */

/* Without TLS the callers' API keys and prompts would cross the network in the clear: loopback only, no
 * switch for it. */
static void resolve_listen(resolver *r)
{
    spc_listen *listen = &r->conf->listen;
    r->section = "listen";
    r->entry = SP_BYTES_EMPTY;
    if (listen->address.v.p == NULL || spc_listen_parse(&listen->where, listen->address.v) != NULL) {
        return;
    }
    listen->where.is_tls = listen->tls.certificate.v.p != NULL;
    if (!listen->where.is_tls && !listen->where.is_loopback) {
        report(r, &listen->address,
               &(fault){.key = "address",
                        .is_quoted = true,
                        .after = " is not loopback, and there is no certificate",
                        .help = "add tls: {certificate: FILE, key: FILE}, or listen on 127.0.0.1"});
    }
}

/* A segment has to hold at least one record with the largest body and answer, sealed and encoded. */
static void check_segment(resolver *r)
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
        report(r, &whole,
               &(fault){.key = "segment",
                        .before = "a segment cannot hold a record of the largest request",
                        .help = "make audit.segment at least twice limits.body"});
    }
}

/* Withheld is the stronger of the two, but who writes both means one of them. */
static void check_mask(resolver *r)
{
    const spc_texts *mask = &r->conf->review.mask;
    for (size_t i = 0; i < mask->n; i++) {
        for (size_t j = 0; j < r->conf->review.withhold.n; j++) {
            if (!sp_bytes_eq(mask->v[i].v, r->conf->review.withhold.v[j].v)) continue;
            report(r, &mask->v[i],
                   &(fault){.key = "mask",
                            .is_quoted = true,
                            .after = " is withheld as well",
                            .help = "leave it in one of the two lists"});
        }
    }
}

/* Names first: everything after them looks levels and categories up. */
sp_status spc_resolve(spc_conf *conf, spc_problems *problems)
{
    resolver r = {.conf = conf, .problems = problems, .mem = problems->mem};
    resolve_names(&r);
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
        resolve_use_case(&r, &conf->use_cases.v[i]);
    }
    r.section = "applications";
    for (size_t i = 0; i < conf->applications.n; i++) {
        resolve_application(&r, (uint16_t)i);
    }
    check_key_ids(&r);
    r.section = "review";
    r.entry = SP_BYTES_EMPTY;
    conf->withhold = resolve_categories(&r, "withhold", &conf->review.withhold);
    conf->mask = resolve_categories(&r, "mask", &conf->review.mask);
    check_mask(&r);
    check_segment(&r);
    return problems->status;
}
