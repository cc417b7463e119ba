/** A world as test/policy/reference.py takes it: what was stated, not what follows from it. */
#include "json.h"
#include "world.h"

static const sp_permits granted_anyway =
    SP_PERMIT(SP_FIELD_TOOLS) | SP_PERMIT(SP_FIELD_IMAGES) | SP_PERMIT(SP_FIELD_PARAMETER);

static void write_statements(const statements *s)
{
    json_open("statements", '[');
    for (size_t i = 0; i < s->n; i++) {
        json_open(NULL, '{');
        json_number("fact", s->v[i].fact);
        json_number("from", s->v[i].from_s);
        json_number("until", s->v[i].until_s);
        json_close('}');
    }
    json_close(']');
}

static const char *name_of_vendor(size_t row)
{
    return row == 0 ? "v0" : "v1";
}

static void write_vendors(const world *w)
{
    json_open("vendors", '{');
    for (size_t i = 0; i < WORLD_VENDORS; i++) {
        json_open(name_of_vendor(i), '{');
        write_statements(&w->vendors[i].stated);
        if (w->vendors[i].is_assessed) json_number("assessed", w->vendors[i].assessed_s);
        json_close('}');
    }
    json_close('}');
}

void world_open_row(sp_bytes name)
{
    char key[8] = "";
    memcpy(key, name.p, name.n < sizeof key ? name.n : sizeof key - 1);
    json_open(key, '{');
}

static void write_clearance(const char *key, const sp_label *label)
{
    json_open(key, '{');
    json_number("level", label->level);
    json_bits("categories", label->categories & ~SP_CATEGORIES_REQUIRED);
    json_close('}');
}

static const char *name_of_tier(uint8_t tier)
{
    return tier == SP_TIER_CLOUD ? "cloud" : "self-hosted";
}

static void write_destination(const world *w, size_t row)
{
    const sp_destination *d = &w->destinations[row];
    const stated_destination *s = &w->stated_destinations[row];
    world_open_row(d->name);
    json_text("name", d->name);
    json_text("vendor", sp_bytes_of(name_of_vendor(s->vendor)));
    json_text("tier", sp_bytes_of(name_of_tier(d->tier)));
    json_text("dialect", sp_bytes_of(sp_dialect_name(sp_dialect_get(d->dialect))));
    json_flag("tls", d->is_tls);
    json_flag("is_down", d->is_down);
    json_flag("has_address", d->n_addresses > 0);
    json_permits("permits", d->permits | granted_anyway);
    write_clearance("stated", &d->clearance);
    write_statements(&s->stated);
    json_open("touches", '{');
    for (size_t i = 0; i < WORLD_COPIES; i++) json_places(world_copies[i], s->touches[i]);
    json_close('}');
    json_close('}');
}

static void write_facts(const world *w)
{
    json_number("assessment_life", w->assessment_life_s);
    json_open("counts", '[');
    for (size_t i = 0; i < WORLD_COPIES; i++) {
        if ((w->counts >> i) & 1) json_text(NULL, sp_bytes_of(world_copies[i]));
    }
    json_close(']');
    json_open("composites", '[');
    json_open(NULL, '{');
    json_number("fact", SP_FACTS_OWN);
    json_bits("any_of", w->any_of);
    json_close('}');
    json_open(NULL, '{');
    json_number("fact", SP_FACTS_OWN + 1);
    json_bits("all_of", w->all_of);
    json_close('}');
    json_close(']');
}

static void write_names(const char *key, const sp_bytes *names, size_t n)
{
    json_open(key, '[');
    for (size_t i = 0; i < n; i++) json_text(NULL, names[i]);
    json_close(']');
}

static void write_models(const world *w)
{
    json_open("models", '{');
    for (size_t i = 0; i < WORLD_MODELS; i++) {
        const sp_model *m = &w->models[i];
        sp_bytes names[SP_CANDIDATES_MAX];
        for (size_t k = 0; k < m->n_destinations; k++) names[k] = w->destinations[m->destinations[k]].name;
        world_open_row(m->name);
        write_names("destinations", names, m->n_destinations);
        if (m->binds) json_text("use_case", w->use_cases[m->binds - 1].name);
        json_close('}');
    }
    json_close('}');
}

static void write_use_cases(const world *w)
{
    json_open("use_cases", '{');
    for (size_t i = 0; i < w->snapshot.n_use_cases; i++) {
        const sp_use_case *u = &w->use_cases[i];
        const stated_use_case *s = &w->stated_use_cases[i];
        world_open_row(u->name);
        json_label_members(&s->label);
        json_text("criticality", s->is_critical ? SP_LIT("business-critical") : SP_LIT("low"));
        json_text("tier", s->is_self_hosted_only ? SP_LIT("self-hosted-only") : SP_LIT("cloud-allowed"));
        if (u->review_s) json_number("review", u->review_s);
        if (u->permits) json_permits("permits", u->permits);
        json_close('}');
    }
    json_close('}');
}

static void write_application(const world *w, size_t row)
{
    const sp_application *a = &w->applications[row];
    sp_bytes models[WORLD_MODELS], declares[WORLD_USE_CASES], sources[WORLD_SOURCES];
    for (size_t i = 0; i < a->n_models; i++) models[i] = w->models[a->models[i]].name;
    for (size_t i = 0; i < a->n_declares; i++) declares[i] = w->use_cases[a->declares[i]].name;
    for (size_t i = 0; i < a->n_sources; i++) sources[i] = w->sources[a->sources[i]].name;
    sp_bytes endorsers[WORLD_ENDORSERS];
    for (size_t i = 0; i < a->n_endorsers; i++) endorsers[i] = w->endorsers[a->endorsers[i]].name;
    world_open_row(a->name);
    json_text("use_case", w->use_cases[a->use_case].name);
    write_names("models", models, a->n_models);
    write_names("declares", declares, a->n_declares);
    write_names("sources", sources, a->n_sources);
    write_names("endorsers", endorsers, a->n_endorsers);
    json_text("user_text", a->user_text == SP_TRUSTED ? SP_LIT("trusted") : SP_LIT("untrusted"));
    json_permits("permits", a->permits);
    if (!sp_label_eq(a->floor, SP_LABEL_BOTTOM)) json_label("floor", &a->floor);
    if (w->has_reader[row]) write_clearance("clearance", &a->reader);
    json_close('}');
}

static void write_subjects(const world *w)
{
    json_open("subjects", '{');
    for (size_t i = 0; i < w->snapshot.n_subjects; i++) {
        const sp_subject *p = &w->subjects[i];
        world_open_row(p->name);
        if (!sp_label_eq(p->floor, SP_LABEL_BOTTOM)) json_label("floor", &p->floor);
        if (w->has_personal_reader[i]) write_clearance("clearance", &p->reader);
        json_close('}');
    }
    json_close('}');
}

static void write_requirements(const sp_snapshot *s)
{
    json_open("requirements", '[');
    for (size_t i = 0; i < s->n_requirements; i++) {
        const sp_requirement *r = &s->requirements[i];
        json_open(NULL, '{');
        json_open("tiers", '[');
        for (unsigned tier = SP_TIER_CLOUD; tier < SP_TIERS; tier++) {
            if ((r->tiers >> tier) & 1) json_text(NULL, sp_bytes_of(name_of_tier((uint8_t)tier)));
        }
        json_close(']');
        json_number("level", r->level);
        json_bits("categories", r->categories);
        json_bits("facts", r->facts);
        json_close('}');
    }
    json_close(']');
}

static void write_transfers(const sp_snapshot *s)
{
    json_open("transfers", '[');
    for (size_t i = 0; i < s->n_transfers; i++) {
        json_open(NULL, '{');
        json_places("from", s->transfers[i].from);
        json_places("to", s->transfers[i].to);
        json_bits("facts", s->transfers[i].facts);
        json_close('}');
    }
    json_close(']');
}

static void write_rows_of_labels(const sp_snapshot *s)
{
    json_open("findings", '[');
    for (size_t i = 0; i < s->n_finding_rules; i++) {
        const sp_finding_rule *rule = &s->finding_rules[i];
        json_open(NULL, '{');
        json_number("kind", rule->kind);
        json_number("at_least", rule->at_least);
        json_number("confidence", rule->confidence);
        json_number("level", rule->label.level);
        json_bits("categories", rule->label.categories);
        json_close('}');
    }
    json_close(']');
    json_open("handling", '[');
    for (uint64_t left = s->handled; left != 0; left &= left - 1) {
        const unsigned category = (unsigned)__builtin_ctzll(left);
        json_open(NULL, '{');
        json_number("category", category);
        json_number("level", s->handling[category].level);
        json_places("residency", s->handling[category].residency);
        json_close('}');
    }
    json_close(']');
    json_label("overdue", &s->overdue);
}

static void write_sources(const sp_snapshot *s)
{
    json_open("sources", '{');
    for (size_t i = 0; i < s->n_sources; i++) {
        world_open_row(s->sources[i].name);
        json_label_members(&s->sources[i].label);
        json_close('}');
    }
    json_close('}');
}

static void write_declassifiers(const world *w)
{
    json_open("declassifiers", '[');
    for (size_t i = 0; i < w->snapshot.n_declassifiers; i++) {
        const sp_declassifier *d = &w->declassifiers[i];
        sp_bytes names[WORLD_DESTINATIONS];
        for (size_t k = 0; k < d->n_destinations; k++) names[k] = w->destinations[d->destinations[k]].name;
        json_open(NULL, '{');
        json_text("name", d->name);
        json_bits("categories", d->categories);
        write_names("destinations", names, d->n_destinations);
        json_close('}');
    }
    json_close(']');
}

static void write_endorsers(const sp_snapshot *s)
{
    static const char *const values[] = {[SP_VALUES_ANY] = "any",
                                         [SP_VALUES_NUMBER] = "number",
                                         [SP_VALUES_INTEGER] = "integer",
                                         [SP_VALUES_BOOLEAN] = "boolean",
                                         [SP_VALUES_DATE] = "date"};
    json_open("endorsers", '{');
    for (size_t i = 0; i < s->n_endorsers; i++) {
        const sp_endorser *e = &s->endorsers[i];
        world_open_row(e->name);
        write_names("tools", e->tools, e->n_tools);
        if (e->values == SP_VALUES_WORDS) {
            write_names("values", e->words, e->n_words);
        } else {
            json_text("values", sp_bytes_of(values[e->values]));
        }
        json_close('}');
    }
    json_close('}');
}

void world_write(const world *w)
{
    const sp_snapshot *s = &w->snapshot;
    json_open("snapshot", '{');
    json_number("expires", s->expires_s);
    write_facts(w);
    write_vendors(w);
    json_open("destinations", '{');
    for (size_t i = 0; i < s->n_destinations; i++) write_destination(w, i);
    json_close('}');
    write_requirements(s);
    write_transfers(s);
    write_rows_of_labels(s);
    write_sources(s);
    write_declassifiers(w);
    write_endorsers(s);
    write_use_cases(w);
    write_subjects(w);
    write_models(w);
    json_open("applications", '{');
    for (size_t i = 0; i < s->n_applications; i++) write_application(w, i);
    json_close('}');
    json_close('}');
}
