/* What clearances are derived from: the jurisdictions that a destination touches, and what is known of it at
 * each time. Worked out once, so that a worker only looks for the phase of now. */
#include <stdlib.h>

#include "conf/resolve_internal.h"

/* ---- what a destination touches ---- */

static uint32_t copy_bit(sp_bytes name)
{
    static const struct {
        const char *name;
        uint32_t bit;
    } copies[] = {{"log", SPC_COUNTS_LOG},
                  {"cache", SPC_COUNTS_CACHE},
                  {"abuse-review", SPC_COUNTS_ABUSE_REVIEW},
                  {"telemetry", SPC_COUNTS_TELEMETRY},
                  {"failover", SPC_COUNTS_FAILOVER},
                  {"support", SPC_COUNTS_SUPPORT}};
    for (size_t i = 0; i < sizeof copies / sizeof copies[0]; i++) {
        if (sp_bytes_eq(name, sp_bytes_of(copies[i].name))) {
            return copies[i].bit;
        }
    }
    return 0;
}

static void resolve_copies(spc_resolver *r, spc_destination *d, uint32_t counts)
{
    for (size_t i = 0; i < d->copies.n; i++) {
        spc_copy *copy = &d->copies.v[i];
        const uint32_t bit = copy_bit(copy->name.v);
        copy->where = spc__jurisdictions(r, "copies.region", &copy->region);
        if (bit == 0) {
            spc__report(r, &copy->name,
                        &(spc_fault){.key = "copies",
                                     .is_quoted = true,
                                     .after = " is not a kind of copy",
                                     .help = "log, cache, abuse-review, telemetry, failover or support"});
        }
        if (counts & bit) {
            d->label.residency = sp_bits256_or(d->label.residency, copy->where);
        }
    }
}

static bool is_stated(const spc_statements *list, uint8_t fact)
{
    for (size_t i = 0; i < list->n; i++) {
        if (list->v[i].fact == fact) {
            return true;
        }
    }
    return false;
}

/* Nothing that is kept, and something that is: one of the two is wrong. */
static void check_retention(spc_resolver *r, const spc_destination *d, const spc_statements *facts)
{
    for (size_t i = 0; is_stated(facts, SP_FACT_ZERO_RETENTION) && i < d->copies.n; i++) {
        if (d->copies.v[i].retention.v.p != NULL) {
            spc__report(r, &d->copies.v[i].retention,
                        &(spc_fault){.key = "copies.retention",
                                     .is_quoted = true,
                                     .after = " contradicts the fact zero-retention",
                                     .help = "take back the fact, or the retention"});
        }
    }
}

static void resolve_touches(spc_resolver *r, spc_destination *d, const spc_vendor *vendor)
{
    const uint32_t counts = r->conf->residency.counts != 0 ? r->conf->residency.counts : SPC_COUNTS_ALL;
    d->label.residency = spc__jurisdictions(r, "jurisdictions", &d->jurisdictions);
    resolve_copies(r, d, counts);
    if (vendor != NULL && (counts & SPC_COUNTS_SEAT)) {
        d->label.residency = sp_bits256_or(d->label.residency, vendor->seat);
    }
    if (vendor != NULL && (counts & SPC_COUNTS_LAW)) {
        d->label.residency = sp_bits256_or(d->label.residency, vendor->law);
    }
}

/* ---- what is known of it, by time ---- */

/* One that names both any_of and all_of asks for both; one that names neither is stated, not followed. */
static bool follows(const spc_fact *own, sp_facts facts)
{
    const bool any = own->any == 0 || (own->any & facts) != 0;
    const bool all = (own->all & ~facts) == 0;
    return (own->any != 0 || own->all != 0) && any && all;
}

/* Facts that follow from others, to a fixed point: each round adds one at least, or is the last. */
static sp_facts closed(const spc_conf *conf, sp_facts facts)
{
    for (sp_facts before = ~facts; before != facts;) {
        before = facts;
        for (size_t i = 0; i < conf->facts.n; i++) {
            facts |= follows(&conf->facts.v[i], facts) ? SP_FACT_BIT(conf->facts.v[i].number) : 0;
        }
    }
    return facts;
}

/* The seconds at which something begins or ends. */
typedef struct times {
    uint64_t *v;
    size_t n;
} times;

static void note_span(times *t, const spc_span *span)
{
    t->v[t->n++] = span->from_s;
    t->v[t->n++] = span->until_s;
}

static int by_time(const void *a, const void *b)
{
    const uint64_t *x = a;
    const uint64_t *y = b;
    return *x < *y ? -1 : *x > *y;
}

static bool is_within(const spc_span *span, uint64_t second)
{
    return span->from_s <= second && second < span->until_s;
}

static sp_facts stated_at(const spc_statements *list, uint64_t second)
{
    sp_facts facts = 0;
    for (size_t i = 0; i < list->n; i++) {
        facts |= is_within(&list->v[i].span, second) ? SP_FACT_BIT(list->v[i].fact) : 0;
    }
    return facts;
}

/* An assessment rests on what is stated of the vendor: with the first statement that runs out it has to be
 * made again. */
bool spc_vendor_is_assessed(const spc_vendor *vendor, uint64_t second)
{
    for (size_t i = 0; i < vendor->facts.n; i++) {
        if (vendor->facts.v[i].span.until_s <= second) {
            return false;
        }
    }
    return is_within(&vendor->assessment, second);
}

static sp_facts facts_at(const spc_conf *conf, const spc_destination *d, const spc_vendor *vendor,
                         uint64_t second)
{
    sp_facts facts = stated_at(&d->facts, second);
    facts |= SP_FACT_BIT(d->tier == SP_TIER_CLOUD ? SP_FACT_CLOUD : SP_FACT_SELF_HOSTED);
    facts |= d->url.is_tls ? SP_FACT_BIT(SP_FACT_TLS) : 0;
    if (vendor != NULL) {
        facts |= stated_at(&vendor->facts, second);
        facts |= spc_vendor_is_assessed(vendor, second) ? SP_FACT_BIT(SP_FACT_ASSESSED) : 0;
    }
    return closed(conf, facts);
}

/* Facts are constant between the times, so a phase begins at each, unless it says what the one before says.
 */
static void fill_phases(spc_resolver *r, spc_destination *d, const spc_vendor *vendor, const times *t)
{
    d->phases = spc__new(r, t->n, sizeof *d->phases);
    for (size_t i = 0; i < t->n && d->phases != NULL; i++) {
        const sp_facts facts = facts_at(r->conf, d, vendor, t->v[i]);
        if (d->n_phases > 0 && d->phases[d->n_phases - 1].facts == facts) {
            continue;
        }
        d->phases[d->n_phases++] = (sp_phase){t->v[i], facts};
    }
}

static void resolve_phases(spc_resolver *r, spc_destination *d, const spc_vendor *vendor)
{
    const size_t n_vendor = vendor != NULL ? vendor->facts.n + 1 : 0;
    times t = {spc__new(r, 1 + 2 * (d->facts.n + n_vendor), sizeof *t.v), 0};
    if (t.v == NULL) {
        return;
    }
    t.v[t.n++] = 0;
    for (size_t i = 0; i < d->facts.n; i++) {
        note_span(&t, &d->facts.v[i].span);
    }
    for (size_t i = 0; i + 1 < n_vendor; i++) {
        note_span(&t, &vendor->facts.v[i].span);
    }
    if (vendor != NULL) {
        note_span(&t, &vendor->assessment);
    }
    qsort(t.v, t.n, sizeof *t.v, by_time);
    fill_phases(r, d, vendor, &t);
    if (d->n_phases > SP_PHASES_MAX) {
        spc__report(r, &d->name,
                    &(spc_fault){.key = "facts",
                                 .before = "more than 128 changes of what is known of it",
                                 .help = "remove statements that are long over"});
    }
}

static const spc_vendor *vendor_of(const spc_conf *conf, spc_destination *d)
{
    const spc_names_of vendors = {conf->vendors.v, conf->vendors.n, sizeof(spc_vendor), NULL, NULL};
    d->vendor_index = d->vendor.v.p != NULL ? spc__entry_find(&vendors, d->vendor.v) : -1;
    return d->vendor_index >= 0 ? &conf->vendors.v[d->vendor_index] : NULL;
}

void spc__resolve_clearance(spc_resolver *r, spc_destination *d)
{
    const spc_vendor *vendor = vendor_of(r->conf, d);
    spc__resolve_statements(r, &d->facts);
    resolve_touches(r, d, vendor);
    check_retention(r, d, &d->facts);
    if (vendor != NULL) {
        check_retention(r, d, &vendor->facts);
    }
    resolve_phases(r, d, vendor);
}
