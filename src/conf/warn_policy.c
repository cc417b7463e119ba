/* Rules that are valid and probably not meant, and what will stop to hold soon. */
#include "conf/date.h"
#include "conf/warn_internal.h"

enum { DAY_S = 86400 };

/* ---- facts that are missing ---- */

/* Said once for a destination: all that those who may use it would need, but for what no evidence makes true.
 */
void spc__warn_of_facts(const spc_outlook *o, uint16_t destination)
{
    spc_posture posture;
    spc_posture_of(&posture, o, destination);
    sp_buf names = SP_BUF_IN(o->problems->mem);
    const spc_destination *d = &o->conf->destinations.v[destination];
    if (posture.lacking != 0) {
        sp_facts_append(&names, posture.lacking, &o->conf->names);
        spc__warn(o->problems, &(spc_warning){.section = "destinations",
                                              .entry = &d->name,
                                              .key = "facts",
                                              .what = "what its users need is not known of it: ",
                                              .quoted = sp_buf_bytes(&names),
                                              .help = "state these facts with their evidence, here or of its "
                                                      "vendor; until then those requests pass it over"});
    }
}

/* ---- requirements ---- */

/* Now or later, by what is stated already. */
static bool meets(const spc_outlook *o, const sp_destination *d, sp_facts facts)
{
    if ((facts & ~sp_destination_facts(d, o->now_s)) == 0) {
        return true;
    }
    for (size_t i = 0; i < d->n_phases; i++) {
        if (d->phases[i].from_s > o->now_s && (facts & ~d->phases[i].facts) == 0) {
            return true;
        }
    }
    return false;
}

/* One on cloud that asks for self-hosting says "never", and means it. */
static bool is_met(const spc_outlook *o, const sp_requirement *rule)
{
    if (rule->tiers == 1 << SP_TIER_CLOUD && (rule->facts & SP_FACT_BIT(SP_FACT_SELF_HOSTED))) {
        return true;
    }
    for (size_t i = 0; i < o->snapshot->n_destinations; i++) {
        const sp_destination *d = &o->snapshot->destinations[i];
        if (((rule->tiers >> d->tier) & 1) && meets(o, d, rule->facts)) {
            return true;
        }
    }
    return false;
}

/* Does `by` apply wherever `rule` does, and ask for all that it asks for? */
static bool is_implied(const sp_requirement *rule, const sp_requirement *by)
{
    return by->level <= rule->level && (by->categories & ~rule->categories) == 0 &&
           (rule->tiers & ~by->tiers) == 0 && (rule->facts & ~by->facts) == 0;
}

/* Of two that say the same the earlier one stays. */
static const spc_requirement *implying(const spc_framework *f, size_t i)
{
    for (size_t k = 0; k < f->n_requirements; k++) {
        const bool is_mutual = is_implied(&f->requirements[k].rule, &f->requirements[i].rule);
        if (k != i && is_implied(&f->requirements[i].rule, &f->requirements[k].rule) &&
            (!is_mutual || k < i)) {
            return &f->requirements[k];
        }
    }
    return NULL;
}

static void warn_of_requirement(const spc_outlook *o, size_t i)
{
    const spc_requirement *r = &o->conf->framework.requirements[i];
    const spc_requirement *by = implying(&o->conf->framework, i);
    const spc_text whole = {SP_LIT("requirements"), r->text.at};
    if (r->is_shipped) {
        return;
    }
    if (by != NULL) {
        spc__warn(o->problems,
                  &(spc_warning){.entry = &whole,
                                 .what = "changes nothing: another one asks for all of this already: ",
                                 .quoted = by->is_shipped ? SP_LIT("a shipped requirement") : by->text.v,
                                 .help = "remove it, or ask for more"});
    }
    if (r->replaces) {
        spc__warn(o->problems,
                  &(spc_warning){.entry = &whole,
                                 .what = "takes the place of a shipped requirement of the same condition",
                                 .help = "docs/reference/policy.md lists what that one asks for and why"});
    }
    if (!is_met(o, &r->rule)) {
        spc__warn(o->problems, &(spc_warning){.entry = &whole,
                                              .what = "no destination meets this requirement, so what falls "
                                                      "under it is refused there",
                                              .help = "state the facts of a destination or its vendor, if "
                                                      "they hold"});
    }
}

/* ---- what lapses ---- */

static bool is_soon(const spc_outlook *o, uint64_t second)
{
    return second > o->now_s && second - o->now_s <= o->conf->vigilance.warn_days * DAY_S;
}

/* Of an entry: something of it ends, or has ended, on a day. */
static void warn_of_end(const spc_outlook *o, const spc_warning *of, uint64_t second)
{
    sp_buf day = SP_BUF_IN(o->problems->mem);
    spc_warning w = *of;
    spc_date_append(&day, second);
    w.quoted = sp_buf_bytes(&day);
    spc__warn(o->problems, &w);
}

static void warn_of_statements(const spc_outlook *o, const spc_warning *of, const spc_statements *list)
{
    for (size_t i = 0; i < list->n; i++) {
        const spc_statement *s = &list->v[i];
        spc_warning w = *of;
        w.key = "facts";
        w.at = s->until.at;
        w.what = o->now_s >= s->span.until_s ? "a fact has lapsed on " : "a fact lapses on ";
        w.help = "renew it with new evidence; the clearance falls by itself";
        if (o->now_s >= s->span.until_s || is_soon(o, s->span.until_s)) {
            warn_of_end(o, &w, s->span.until_s);
        }
    }
}

static void warn_of_vendor(const spc_outlook *o, const spc_vendor *v)
{
    const spc_warning of = {.section = "vendors", .entry = &v->name};
    const uint64_t until_s = v->assessment.until_s;
    warn_of_statements(o, &of, &v->facts);
    if (until_s == 0 || (o->now_s < until_s && !is_soon(o, until_s))) {
        return;
    }
    spc_warning w = of;
    w.key = "assessed";
    w.at = v->assessed.at;
    w.what = o->now_s >= until_s ? "its assessment is too old since " : "its assessment is too old from ";
    w.help = "assess it again";
    warn_of_end(o, &w, until_s);
}

static void warn_of_review(const spc_outlook *o, const spc_use_case *u)
{
    const bool is_over = u->review_s != 0 && o->now_s >= u->review_s;
    if (!is_over && !is_soon(o, u->review_s)) {
        return;
    }
    warn_of_end(o,
                &(spc_warning){.section = "use_cases",
                               .entry = &u->name,
                               .key = "review",
                               .at = u->review.at,
                               .what = is_over ? "its review is overdue since " : "its review is due by ",
                               .help = is_over ? "until it is reviewed its requests have the label `overdue`"
                                               : "review it, then move the date"},
                u->review_s);
}

/* ---- endorsers ---- */

static bool is_named_by(const spc_application *application, uint16_t endorser)
{
    for (size_t i = 0; i < application->endorser_names.n; i++) {
        if (application->endorsers[i] == endorser) {
            return true;
        }
    }
    return false;
}

static bool is_named(const spc_conf *conf, uint16_t endorser)
{
    for (size_t i = 0; i < conf->applications.n; i++) {
        if (is_named_by(&conf->applications.v[i], endorser)) {
            return true;
        }
    }
    return false;
}

static void warn_of_endorser(const spc_outlook *o, uint16_t index)
{
    if (!is_named(o->conf, index)) {
        spc__warn(o->problems,
                  &(spc_warning){.section = "endorsers",
                                 .entry = &o->conf->endorsers.v[index].name,
                                 .what = "no application names this endorser",
                                 .help = "list it under an application's endorsers, or remove it"});
    }
}

void spc__warn_of_policy(const spc_outlook *o)
{
    const spc_conf *conf = o->conf;
    for (size_t i = 0; i < conf->endorsers.n; i++) {
        warn_of_endorser(o, (uint16_t)i);
    }
    for (size_t i = 0; i < conf->framework.n_requirements; i++) {
        warn_of_requirement(o, i);
    }
    for (size_t i = 0; i < conf->vendors.n; i++) {
        warn_of_vendor(o, &conf->vendors.v[i]);
    }
    for (size_t i = 0; i < conf->destinations.n; i++) {
        warn_of_statements(o,
                           &(spc_warning){.section = "destinations", .entry = &conf->destinations.v[i].name},
                           &conf->destinations.v[i].facts);
    }
    for (size_t i = 0; i < conf->use_cases.n; i++) {
        warn_of_review(o, &conf->use_cases.v[i]);
    }
}
