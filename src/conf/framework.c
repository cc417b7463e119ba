/* The framework's tables: facts and statements, vendors, labels. Dates become seconds, names numbers. */
#include "conf/detectors.h"
#include "conf/date.h"
#include "conf/nearest.h"
#include "conf/resolve_internal.h"

enum { DAY_S = 86400 };

/* ---- facts ---- */

static sp_facts fact_set(spc_resolver *r, const char *key, const spc_texts *names)
{
    sp_facts set = 0;
    for (size_t i = 0; i < names->n; i++) {
        const int fact = spc__fact(r, key, &names->v[i]);
        set |= fact >= 0 ? SP_FACT_BIT(fact) : 0;
    }
    return set;
}

/* All names first: an own fact may follow from a later one. */
void spc__resolve_facts(spc_resolver *r)
{
    const spc_facts *facts = &r->conf->facts;
    spc_numbers numbers = {spc__new(r, facts->n, sizeof *numbers.v), 0};
    r->section = "facts";
    for (size_t i = 0; i < facts->n && numbers.v != NULL; i++) {
        if (facts->v[i].number >= SP_FACTS_OWN) { /* else it was refused while reading */
            numbers.v[numbers.n++] = (spc_number){facts->v[i].name, facts->v[i].number};
        }
    }
    spc__resolve_numbers(r, &numbers, r->conf->names.fact, 64);
    for (size_t i = 0; i < facts->n; i++) {
        spc_fact *fact = &facts->v[i];
        r->entry = fact->name.v;
        fact->any = fact_set(r, "any_of", &fact->any_of);
        fact->all = fact_set(r, "all_of", &fact->all_of);
    }
}

static bool follows_from_others(const spc_conf *conf, int fact)
{
    for (size_t i = 0; i < conf->facts.n; i++) {
        const spc_fact *own = &conf->facts.v[i];
        if (own->number == (uint64_t)fact) {
            return own->any != 0 || own->all != 0;
        }
    }
    return false;
}

/* ---- statements ---- */

/* A date that was refused while reading is 0. */
static uint64_t seconds_of(const spc_text *date)
{
    uint64_t seconds = 0;
    return date->v.p != NULL && spc_date_parse(&seconds, date->v) ? seconds : 0;
}

static void check_statement(spc_resolver *r, const spc_statement *s, int fact)
{
    if (fact >= 0 && (SP_FACTS_OURS & SP_FACT_BIT(fact))) {
        spc__report(r, &s->name,
                    &(spc_fault){.key = "facts",
                                 .is_quoted = true,
                                 .after = " is a fact that the gateway states itself",
                                 .help = "remove it"});
    }
    if (fact >= 0 && follows_from_others(r->conf, fact)) {
        spc__report(r, &s->name,
                    &(spc_fault){.key = "facts",
                                 .is_quoted = true,
                                 .after = " follows from other facts",
                                 .help = "state those"});
    }
    if (s->span.until_s != 0 && s->span.from_s >= s->span.until_s) {
        spc__report(r, &s->until,
                    &(spc_fault){.key = "facts.until",
                                 .is_quoted = true,
                                 .after = " is not after `from`",
                                 .help = "the fact would never hold"});
    }
}

void spc__resolve_statements(spc_resolver *r, spc_statements *list)
{
    for (size_t i = 0; i < list->n; i++) {
        spc_statement *s = &list->v[i];
        const int fact = spc__fact(r, "facts", &s->name);
        s->fact = (uint8_t)(fact >= 0 ? fact : 0);
        s->span = (spc_span){seconds_of(&s->from), seconds_of(&s->until)};
        check_statement(r, s, fact);
    }
}

static void resolve_vendor(spc_resolver *r, spc_vendor *v)
{
    const spc_texts seat = {&v->legal_seat, v->legal_seat.v.p != NULL, v->legal_seat.at};
    r->entry = v->name.v;
    v->seat = spc__jurisdictions(r, "legal_seat", &seat);
    v->law = spc__jurisdictions(r, "compelled_by", &v->compelled_by);
    spc__resolve_statements(r, &v->facts);
    if (v->assessed.v.p != NULL) {
        v->assessment.from_s = seconds_of(&v->assessed);
        v->assessment.until_s = v->assessment.from_s + r->conf->vigilance.assessment_days * DAY_S;
    }
}

void spc__resolve_vendors(spc_resolver *r)
{
    spc_conf *conf = r->conf;
    r->section = "residency.groups";
    for (size_t i = 0; i < conf->residency.groups.n; i++) {
        spc_group *group = &conf->residency.groups.v[i];
        r->entry = group->name.v;
        group->set = spc__jurisdictions(r, NULL, &group->members);
    }
    r->section = "vendors";
    for (size_t i = 0; i < conf->vendors.n; i++) {
        resolve_vendor(r, &conf->vendors.v[i]);
    }
}

/* ---- labels ---- */

/* How messages name the parts of a label that stands below an entry. */
typedef struct label_keys {
    const char *level, *categories, *residency;
} label_keys;
static const label_keys own_keys = {"level", "categories", "residency"};
static const label_keys floor_keys = {"floor.level", "floor.categories", "floor.residency"};

/* Integrity is only lowered where a setting says so. */
static sp_label resolve_label(spc_resolver *r, const label_keys *keys, const spc_label *l)
{
    sp_label label = SP_LABEL_BOTTOM;
    if (l->level.v.p != NULL) {
        label.level = spc__level(r, keys->level, &l->level);
    }
    label.categories = spc__categories(r, keys->categories, &l->categories);
    if (l->residency.n > 0) {
        label.residency = spc__jurisdictions(r, keys->residency, &l->residency);
    }
    return label;
}

void spc__resolve_floor(spc_resolver *r, spc_label *floor)
{
    floor->label = resolve_label(r, &floor_keys, floor);
}

static void resolve_handling(spc_resolver *r)
{
    spc_conf *conf = r->conf;
    spc_framework *f = &conf->framework;
    r->section = "handling";
    r->entry = SP_BYTES_EMPTY;
    f->handling = conf->handling.n > 0 ? spc__new(r, 64, sizeof *f->handling) : NULL;
    for (size_t i = 0; f->handling != NULL && i < 64; i++) {
        f->handling[i] = SP_LABEL_BOTTOM;
    }
    for (size_t i = 0; f->handling != NULL && i < conf->handling.n; i++) {
        spc_handling *h = &conf->handling.v[i];
        const spc_texts name = {&h->name, 1, h->name.at};
        r->entry = SP_BYTES_EMPTY;
        const uint64_t category = spc__categories(r, NULL, &name);
        r->entry = h->name.v;
        if (category != 0) {
            f->handled |= category;
            h->carries.label = resolve_label(r, &own_keys, &h->carries);
            f->handling[__builtin_ctzll(category)] = h->carries.label;
        }
    }
}

const sp_kind_info *spc__kind(sp_bytes name, spc_nearest *nearest)
{
    const sp_kind_info *kind;
    for (size_t i = 0; (kind = sp_kind_at(i)) != NULL; i++) {
        if (sp_bytes_eq(name, sp_bytes_of(kind->name))) {
            return kind;
        }
        spc_nearest_offer(nearest, sp_bytes_of(kind->name));
    }
    return NULL;
}

uint16_t spc__class(const spc_conf *conf, sp_bytes name, spc_nearest *nearest)
{
    const sp_kind_info *kind = spc__kind(name, nearest);
    if (kind != NULL) {
        return (uint16_t)kind->kind;
    }
    for (size_t i = 0; i < conf->detectors.n; i++) {
        const spc_detector *d = &conf->detectors.v[i];
        if (d->kind.v.p == NULL && sp_bytes_eq(name, d->name.v)) {
            return (uint16_t)(SP_CLASS_OWN + i);
        }
        spc_nearest_offer(nearest, d->kind.v.p == NULL ? d->name.v : SP_BYTES_EMPTY);
    }
    return SP_KIND_NONE;
}

static void resolve_finding(spc_resolver *r, spc_finding *rule)
{
    spc_nearest nearest = SPC_NEAREST_TO(rule->kind.v);
    rule->number = spc__class(r->conf, rule->kind.v, &nearest);
    r->entry = SP_BYTES_EMPTY;
    if (rule->kind.v.p != NULL && rule->number == SP_KIND_NONE) {
        spc__report(r, &rule->kind,
                    &(spc_fault){.key = "kind",
                                 .is_quoted = true,
                                 .after = " is not a kind of finding",
                                 .nearest = nearest.best,
                                 .help = "see docs/reference/tables.md"});
    }
    rule->brings.label = resolve_label(r, &own_keys, &rule->brings);
    if (rule->at_least > r->conf->limits.findings) {
        spc__report(r, &rule->at,
                    &(spc_fault){.key = "at_least",
                                 .before = "a rule that asks for more findings than limits.findings lists",
                                 .help = "raise limits.findings, or lower at_least"});
    }
}

/* Unless said: the highest level that has a name, and only at home. */
static void resolve_overdue(spc_resolver *r)
{
    spc_conf *conf = r->conf;
    sp_label *overdue = &conf->framework.overdue;
    r->section = "overdue";
    r->entry = SP_BYTES_EMPTY;
    *overdue = resolve_label(r, &own_keys, &conf->overdue);
    if (conf->overdue.level.v.p == NULL) {
        for (size_t i = 0; i <= SP_LEVEL_MAX; i++) {
            overdue->level = conf->names.level[i].n > 0 ? (uint8_t)i : overdue->level;
        }
    }
    if (conf->overdue.categories.at.line == 0) {
        overdue->categories = SP_CAT_BIT(SP_CAT_IN_HOUSE);
    }
}

static bool is_any_about(const spc_problems *problems, sp_bytes section)
{
    for (size_t i = 0; i < problems->n; i++) {
        if (sp_bytes_starts(problems->v[i].path, section)) {
            return true;
        }
    }
    return false;
}

/* Compiled only where nothing else is wrong with them: what was not read would be missed. */
static void resolve_detectors(spc_resolver *r)
{
    if (is_any_about(r->problems, SP_LIT("detectors"))) {
        return;
    }
    spc_detectors_resolve(&r->conf->detectors, &r->conf->names, r->problems);
    if (!is_any_about(r->problems, SP_LIT("detectors")) && r->conf->detectors.n > 0) {
        const sp_status status = spc_detectors_check(&r->conf->detectors, r->problems);
        r->problems->status = r->problems->status == SP_OK ? status : r->problems->status;
    }
}

void spc__resolve_labels(spc_resolver *r)
{
    spc_conf *conf = r->conf;
    resolve_handling(r);
    resolve_detectors(r);
    spc__resolve_allows(r);
    r->section = "findings";
    for (size_t i = 0; i < conf->findings.n; i++) {
        resolve_finding(r, &conf->findings.v[i]);
    }
    r->section = "sources";
    for (size_t i = 0; i < conf->sources.n; i++) {
        spc_data_source *source = &conf->sources.v[i];
        r->entry = source->name.v;
        source->brings.label = resolve_label(r, &own_keys, &source->brings);
        source->brings.label.integrity = source->brings.integrity;
    }
    resolve_overdue(r);
}

void spc__resolve_use_case(spc_resolver *r, spc_use_case *u)
{
    r->entry = u->name.v;
    u->label = (sp_label){
        .level = spc__level(r, "level", &u->level),
        .categories = spc__categories(r, "categories", &u->categories),
        .residency = spc__jurisdictions(r, "residency", &u->residency),
        .integrity = SP_TRUSTED,
    };
    u->label.categories |= u->tier == SPC_TIER_RULE_SELF_HOSTED ? SP_CAT_BIT(SP_CAT_IN_HOUSE) : 0;
    u->label.categories |=
        u->criticality == SPC_CRITICALITY_BUSINESS ? SP_CAT_BIT(SP_CAT_CRITICAL_OUTPUT) : 0;
    u->review_s = seconds_of(&u->review);
}
