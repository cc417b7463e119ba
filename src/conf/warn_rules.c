/* What is in order and has no effect, or less than it reads like: rows that others make idle, names that
 * nobody may say, residencies that fit no transfer or each other. docs/reference/policy.md lists them. */
#include "conf/resolve_internal.h"
#include "conf/warn_internal.h"
#include "sallyport/label.h"

/* ---- findings ---- */

/* Does `by` fire wherever `row` does, and bring no less? */
static bool is_idle_beside(const spc_finding *row, const spc_finding *by)
{
    return by->number == row->number && by->at_least <= row->at_least && by->confidence <= row->confidence &&
           sp_label_leq(row->brings.label, by->brings.label);
}

/* Of two that say the same the earlier one stays. */
static bool is_idle(const spc_findings *rows, size_t i)
{
    for (size_t k = 0; k < rows->n; k++) {
        const bool is_mutual = is_idle_beside(&rows->v[k], &rows->v[i]);
        if (k != i && is_idle_beside(&rows->v[i], &rows->v[k]) && (!is_mutual || k < i)) {
            return true;
        }
    }
    return false;
}

static void warn_of_findings(const spc_outlook *o)
{
    const spc_findings *rows = &o->conf->findings;
    for (size_t i = 0; i < rows->n; i++) {
        const spc_text whole = {SP_LIT("findings"), rows->v[i].at.at};
        if (is_idle(rows, i)) {
            spc__warn(o->problems, &(spc_warning){.entry = &whole,
                                                  .what = "changes nothing: another row fires wherever this "
                                                          "one does, and brings no less, for ",
                                                  .quoted = rows->v[i].kind.v,
                                                  .help = "remove it, or let it bring more"});
        }
    }
}

/* ---- what nothing can reach ---- */

static bool has_row(const uint16_t *rows, size_t n, size_t row)
{
    for (size_t i = 0; i < n; i++) {
        if (rows[i] == row) {
            return true;
        }
    }
    return false;
}

static bool is_source_named(const spc_conf *conf, size_t row)
{
    for (size_t i = 0; i < conf->applications.n; i++) {
        const spc_application *a = &conf->applications.v[i];
        if (has_row(a->sources, a->source_names.n, row)) {
            return true;
        }
    }
    return false;
}

static bool is_use_case_named(const spc_conf *conf, size_t row)
{
    for (size_t i = 0; i < conf->applications.n; i++) {
        const spc_application *a = &conf->applications.v[i];
        if (a->use_case_index == row || has_row(a->declares, a->declare_names.n, row)) {
            return true;
        }
    }
    for (size_t i = 0; i < conf->models.n; i++) {
        if (conf->models.v[i].use_case_index == (int)row) {
            return true;
        }
    }
    return false;
}

static void warn_of_unreachable(const spc_outlook *o)
{
    const spc_conf *conf = o->conf;
    for (size_t i = 0; i < conf->sources.n; i++) {
        if (!is_source_named(conf, i)) {
            spc__warn(o->problems,
                      &(spc_warning){.section = "sources",
                                     .entry = &conf->sources.v[i].name,
                                     .what = "no application may name this source",
                                     .help = "list it under an application's sources, or remove it"});
        }
    }
    for (size_t i = 0; i < conf->use_cases.n; i++) {
        if (!is_use_case_named(conf, i)) {
            spc__warn(o->problems,
                      &(spc_warning){.section = "use_cases",
                                     .entry = &conf->use_cases.v[i].name,
                                     .what = "no application or model is of this use case, and none may "
                                             "declare it",
                                     .help = "list it under an application's declares, or remove it, unless "
                                             "a key is made for it (key create --use-case)"});
        }
    }
}

/* ---- residencies ---- */

/* The first transfer that begins partly in this residency and partly outside, so that it does not apply, and
 * leads where no other one does that applies; -1: none. */
static int missed_transfer(const spc_framework *f, sp_bits256 residency)
{
    sp_bits256 reached = residency;
    for (size_t i = 0; i < f->n_transfers; i++) {
        if (sp_bits256_subset(f->transfers[i].from, residency)) {
            reached = sp_bits256_or(reached, f->transfers[i].to);
        }
    }
    for (size_t i = 0; i < f->n_transfers; i++) {
        const sp_transfer *t = &f->transfers[i];
        if (!sp_bits256_subset(t->from, residency) && !sp_bits256_subset(t->to, reached) &&
            !sp_bits256_is_empty(sp_bits256_and(t->from, residency))) {
            return (int)i;
        }
    }
    return -1;
}

/* `of`: whose residency it is. */
static void warn_of_residency(const spc_outlook *o, const spc_warning *of, sp_bits256 residency)
{
    const int missed = missed_transfer(&o->conf->framework, residency);
    spc_warning w = *of;
    if (missed >= 0) {
        w.what = "a transfer says nothing of it, since it begins in other places too: ";
        w.quoted = o->conf->residency.transfer_texts.v[missed].v;
        w.help = "name all of the places where it begins, or write one that begins in fewer";
        spc__warn(o->problems, &w);
    }
}

static void warn_of_floor(const spc_outlook *o, const char *section, const spc_text *name,
                          const spc_label *floor)
{
    warn_of_residency(
        o,
        &(spc_warning){
            .section = section, .entry = name, .key = "floor.residency", .at = floor->residency.at},
        floor->label.residency);
}

static void warn_of_residencies(const spc_outlook *o)
{
    const spc_conf *conf = o->conf;
    for (size_t i = 0; i < conf->use_cases.n; i++) {
        const spc_use_case *u = &conf->use_cases.v[i];
        warn_of_residency(
            o,
            &(spc_warning){
                .section = "use_cases", .entry = &u->name, .key = "residency", .at = u->residency.at},
            u->label.residency);
    }
    for (size_t i = 0; i < conf->sources.n; i++) {
        const spc_data_source *s = &conf->sources.v[i];
        warn_of_residency(
            o,
            &(spc_warning){
                .section = "sources", .entry = &s->name, .key = "residency", .at = s->brings.residency.at},
            s->brings.label.residency);
    }
    for (size_t i = 0; i < conf->applications.n; i++) {
        warn_of_floor(o, "applications", &conf->applications.v[i].name, &conf->applications.v[i].floor);
    }
    for (size_t i = 0; i < conf->subjects.n; i++) {
        warn_of_floor(o, "subjects", &conf->subjects.v[i].name, &conf->subjects.v[i].floor);
    }
}

/* ---- handling ---- */

static sp_bits256 places_of(const spc_handling *h)
{
    return h->carries.label.residency;
}

/* The first earlier one with no jurisdiction in common; NULL: none. */
static const spc_handling *apart_from(const spc_handlings *all, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (sp_bits256_is_empty(sp_bits256_and(places_of(&all->v[k]), places_of(&all->v[i])))) {
            return &all->v[k];
        }
    }
    return NULL;
}

static void warn_of_handlings(const spc_outlook *o)
{
    const spc_handlings *all = &o->conf->handling;
    for (size_t i = 0; i < all->n; i++) {
        const spc_handling *other = apart_from(all, i);
        const spc_warning of = {.section = "handling",
                                .entry = &all->v[i].name,
                                .key = "residency",
                                .at = all->v[i].carries.residency.at};
        spc_warning w = of;
        warn_of_residency(o, &of, places_of(&all->v[i]));
        if (other != NULL) {
            w.what = "data of this category may be nowhere where it is also of ";
            w.quoted = other->name.v;
            w.help = "give both a jurisdiction in common, if data of both is to be sent anywhere";
            spc__warn(o->problems, &w);
        }
    }
}

/* ---- echoes ---- */

/* What acts on a reader is masked in texts that clients show, whether policy says so or not. */
static bool is_held(const spc_conf *conf, const sp_kind_info *kind)
{
    const uint8_t number = (uint8_t)kind->kind;
    return kind->category == SP_CAT_OUTWARD || sp_bits256_has(conf->kinds.withheld, number) ||
           sp_bits256_has(conf->kinds.masked, number) ||
           ((conf->withhold | conf->mask) & sp_kind_categories(kind)) != 0;
}

/* Detectors of the file have no act but that of their category. */
static bool is_category_held(const spc_conf *conf, uint64_t category)
{
    const sp_kind_info *kind;
    bool is_any = ((conf->withhold | conf->mask) & category) != 0;
    for (size_t i = 0; !is_any && (kind = sp_kind_at(i)) != NULL; i++) {
        is_any = (sp_kind_categories(kind) & category) != 0 && is_held(conf, kind);
    }
    return is_any;
}

static bool is_name_held(const spc_conf *conf, sp_bytes name)
{
    spc_nearest nearest = SPC_NEAREST_TO(name);
    const int category = spc__name_find(conf->names.category, 64, name, NULL);
    const sp_kind_info *kind = category < 0 ? spc__kind(name, &nearest) : NULL;
    return category >= 0 ? is_category_held(conf, SP_CAT_BIT(category)) : kind == NULL || is_held(conf, kind);
}

static void warn_of_echoes(const spc_outlook *o)
{
    const spc_texts *echoes = &o->conf->review.echoes;
    for (size_t i = 0; i < echoes->n; i++) {
        const spc_text whole = {SP_LIT("review.echoes"), echoes->v[i].at};
        if (!is_name_held(o->conf, echoes->v[i].v)) {
            spc__warn(o->problems, &(spc_warning){.entry = &whole,
                                                  .what = "changes nothing: it is neither withheld nor "
                                                          "masked, so all of it leaves: ",
                                                  .quoted = echoes->v[i].v,
                                                  .help = "remove it, or add it to withhold or mask"});
        }
    }
}

void spc__warn_of_rules(const spc_outlook *o)
{
    warn_of_echoes(o);
    warn_of_findings(o);
    warn_of_unreachable(o);
    warn_of_residencies(o);
    warn_of_handlings(o);
}
