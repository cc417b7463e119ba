/** Random organisations. Every table is drawn from a handful of values, since two labels of 64 categories and
 * 256 places would never meet. What is known of a destination is worked out from what is stated of it, second
 * by second, as docs/reference/policy.md defines it: the core gets phases, the reference the statements. */
#include "world.h"

#include <stdlib.h>

const char *const world_copies[] = {"processing", "log", "law"};
const uint8_t world_kinds[] = {SP_KIND_EMAIL,          SP_KIND_IBAN,      SP_KIND_CARD,
                               SP_KIND_AWS_ACCESS_KEY, SP_KIND_INJECTION, SP_KIND_TOPIC_HR};
const uint8_t world_uses[] = {SP_FIELD_STATE,        SP_FIELD_EGRESS, SP_FIELD_UNKNOWN,
                              SP_FIELD_UNREADABLE,   SP_FIELD_OPAQUE, SP_FIELD_TOOLS,
                              SP_FIELD_SERVER_TOOLS, SP_FIELD_IMAGES, SP_FIELD_PARAMETER};
_Static_assert(sizeof world_kinds == WORLD_KINDS && sizeof world_uses == WORLD_USES,
               "lists and their lengths");

enum { ANY_OF = SP_FACTS_OWN, ALL_OF };
static const uint8_t categories[] = {
    SP_CAT_PII,        SP_CAT_PCI,      SP_CAT_CREDENTIALS,     SP_CAT_FINANCIAL,
    SP_CAT_UNREADABLE, SP_CAT_IN_HOUSE, SP_CAT_CRITICAL_OUTPUT, 33};
static const uint8_t places[] = {0, 1, 77, 255};
static const uint8_t statable[] = {SP_FACT_DPA, SP_FACT_SCC, SP_FACT_NO_TRAINING, SP_FACT_MODEL_PROMOTED};
static const uint8_t askable[] = {
    SP_FACT_DPA, SP_FACT_SCC, SP_FACT_MODEL_PROMOTED, SP_FACT_SELF_HOSTED, SP_FACT_TLS, SP_FACT_ASSESSED,
    ANY_OF,      ALL_OF};

/** Categories that no clearance of a reader is asked about. */
static const uint64_t not_of_readers = SP_CATEGORIES_REQUIRED | SP_CAT_BIT(SP_CAT_UNREADABLE);

/* ---- chance ---- */

uint64_t dice_any(dice *d)
{
    uint64_t z = d->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint32_t dice_below(dice *d, uint32_t n)
{
    return (uint32_t)((dice_any(d) >> 32) * n >> 32);
}

bool dice_chance(dice *d, uint32_t percent)
{
    return dice_below(d, 100) < percent;
}

static uint64_t bits_of(dice *d, const uint8_t *list, size_t n, uint32_t percent)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < n; i++) bits |= dice_chance(d, percent) ? UINT64_C(1) << list[i] : 0;
    return bits;
}
#define SOME(d, list, percent) bits_of(d, list, sizeof(list), percent)

static uint8_t one_of(dice *d, const uint8_t *list, size_t n)
{
    return list[dice_below(d, (uint32_t)n)];
}

static sp_bits256 some_places(dice *d, uint32_t percent)
{
    sp_bits256 set = SP_BITS256_NONE;
    for (size_t i = 0; i < sizeof places; i++) {
        if (dice_chance(d, percent)) sp_bits256_add(&set, places[i]);
    }
    return set;
}

static sp_bits256 one_or_more_places(dice *d, uint32_t percent)
{
    sp_bits256 set = some_places(d, percent);
    sp_bits256_add(&set, one_of(d, places, sizeof places));
    return set;
}

sp_label world_label(dice *d)
{
    sp_label label = SP_LABEL_BOTTOM;
    label.level = (uint8_t)dice_below(d, 3);
    label.categories = SOME(d, categories, 10);
    if (dice_chance(d, 20)) label.residency = some_places(d, 70);
    if (dice_chance(d, 20)) label.integrity = SP_UNTRUSTED;
    return label;
}

sp_bytes world_name(sp_mem *mem, char letter, size_t row)
{
    uint8_t *p = sp_alloc_bytes(mem, 3);
    if (!p) abort();
    p[0] = (uint8_t)letter, p[1] = (uint8_t)('0' + row / 10), p[2] = (uint8_t)('0' + row % 10);
    return (sp_bytes){p, 3};
}

/* ---- what is stated, and what is known from it ---- */

static void state_some(statements *s, dice *d)
{
    for (size_t i = 0; i < sizeof statable; i++) {
        if (!dice_chance(d, 70)) continue;
        const uint64_t from_s = dice_below(d, 15);
        s->v[s->n++] = (statement){statable[i], from_s, from_s + 1 + dice_below(d, WORLD_END_S)};
    }
}

static void lapse_some(statements *s, dice *d)
{
    for (size_t i = 0; i < s->n; i++) {
        statement *x = &s->v[i];
        if (dice_chance(d, 70))
            x->until_s = x->from_s + 1 + dice_below(d, (uint32_t)(x->until_s - x->from_s));
    }
}

static sp_facts stated_at(const statements *s, uint64_t t)
{
    sp_facts facts = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (s->v[i].from_s <= t && t < s->v[i].until_s) facts |= SP_FACT_BIT(s->v[i].fact);
    }
    return facts;
}

static bool is_assessed(const world *w, const vendor *v, uint64_t t)
{
    for (size_t i = 0; i < v->stated.n; i++) {
        if (t >= v->stated.v[i].until_s) return false;
    }
    return v->is_assessed && v->assessed_s <= t && t < v->assessed_s + w->assessment_life_s;
}

static sp_facts facts_at(const world *w, size_t row, uint64_t t)
{
    const stated_destination *s = &w->stated_destinations[row];
    const vendor *v = &w->vendors[s->vendor];
    const sp_destination *d = &w->destinations[row];
    sp_facts facts = stated_at(&s->stated, t) | stated_at(&v->stated, t);
    facts |= SP_FACT_BIT(d->tier == SP_TIER_CLOUD ? SP_FACT_CLOUD : SP_FACT_SELF_HOSTED);
    if (d->is_tls) facts |= SP_FACT_BIT(SP_FACT_TLS);
    if (is_assessed(w, v, t)) facts |= SP_FACT_BIT(SP_FACT_ASSESSED);
    if (facts & w->any_of) facts |= SP_FACT_BIT(ANY_OF); /* 41 may build on 40, not the other way round */
    if ((w->all_of & ~facts) == 0) facts |= SP_FACT_BIT(ALL_OF);
    return facts;
}

/** A phase wherever the facts of a second are not those of the one before. */
static void fill_phases(world *w, size_t row)
{
    stated_destination *s = &w->stated_destinations[row];
    sp_destination *d = &w->destinations[row];
    const uint64_t end_s = 2 * (uint64_t)WORLD_END_S; /* an assessment may end as late */
    d->phases = s->phases;
    d->n_phases = 0;
    for (uint64_t t = 0; t < end_s; t++) {
        const sp_facts facts = facts_at(w, row, t);
        if (d->n_phases == 0 || s->phases[d->n_phases - 1].facts != facts)
            s->phases[d->n_phases++] = (sp_phase){t, facts};
    }
}

/* ---- tables ---- */

static void make_vendors(world *w)
{
    w->assessment_life_s = 10 + dice_below(&w->dice, 30);
    w->any_of = SOME(&w->dice, statable, 40) | SP_FACT_BIT(SP_FACT_SCC);
    w->all_of = SOME(&w->dice, askable, 20) | SP_FACT_BIT(dice_chance(&w->dice, 50) ? ANY_OF : SP_FACT_DPA);
    w->all_of &= ~SP_FACT_BIT(ALL_OF);
    for (size_t i = 0; i < WORLD_VENDORS; i++) {
        state_some(&w->vendors[i].stated, &w->dice);
        w->vendors[i].is_assessed = dice_chance(&w->dice, 70);
        w->vendors[i].assessed_s = dice_below(&w->dice, 15);
    }
}

static void make_destination(world *w, size_t row)
{
    static const uint8_t levels[] = {1, 2, 3, 3, 15, 15};
    dice *r = &w->dice;
    stated_destination *s = &w->stated_destinations[row];
    sp_destination *d = &w->destinations[row];
    *d = (sp_destination){.name = world_name(w->mem, 'd', row),
                          .tier = dice_chance(r, 60) ? SP_TIER_CLOUD : SP_TIER_SELF_HOSTED,
                          .dialect = dice_chance(r, 90) ? SP_DIALECT_OPENAI : SP_DIALECT_ANTHROPIC,
                          .is_tls = dice_chance(r, 80),
                          .is_down = dice_chance(r, 4),
                          .n_addresses = dice_chance(r, 95)};
    for (size_t i = 0; i < WORLD_USES; i++) d->permits |= dice_chance(r, 70) ? SP_PERMIT(world_uses[i]) : 0;
    d->clearance.level = one_of(r, levels, sizeof levels);
    d->clearance.categories = SOME(r, categories, dice_chance(r, 60) ? 100 : 70) | SP_CATEGORIES_REQUIRED;
    s->vendor = (uint8_t)dice_below(r, WORLD_VENDORS);
    state_some(&s->stated, r);
    for (size_t i = 0; i < WORLD_COPIES; i++) {
        s->touches[i] = some_places(r, 20);
        if (i == 0 && dice_chance(r, 97)) sp_bits256_add(&s->touches[i], one_of(r, places, sizeof places));
        if ((w->counts >> i) & 1)
            d->clearance.residency = sp_bits256_or(d->clearance.residency, s->touches[i]);
    }
}

static void make_destinations(world *w)
{
    sp_snapshot *s = &w->snapshot;
    s->n_destinations = dice_chance(&w->dice, 4) ? WORLD_DESTINATIONS : 2 + dice_below(&w->dice, 4);
    s->destinations = w->destinations;
    w->counts = (uint8_t)(1 | dice_below(&w->dice, 1 << WORLD_COPIES));
    for (size_t i = 0; i < s->n_destinations; i++) make_destination(w, i);
}

/** The first names few, the second all, the last some or none. */
static void make_models(world *w)
{
    static const uint8_t percent[WORLD_MODELS] = {60, 100, 30};
    sp_snapshot *s = &w->snapshot;
    s->models = w->models, s->n_models = WORLD_MODELS;
    for (size_t i = 0; i < WORLD_MODELS; i++) {
        sp_model *m = &w->models[i];
        const uint16_t first = (uint16_t)dice_below(&w->dice, (uint32_t)s->n_destinations);
        *m = (sp_model){.name = world_name(w->mem, 'm', i)};
        for (size_t k = 0; k < s->n_destinations; k++) {
            const uint16_t row = (uint16_t)((first + k) % s->n_destinations);
            if (dice_chance(&w->dice, percent[i])) m->destinations[m->n_destinations++] = row;
        }
        if (dice_chance(&w->dice, 30))
            m->binds = (uint16_t)(1 + dice_below(&w->dice, (uint32_t)s->n_use_cases));
    }
}

static void make_use_case(world *w, size_t row)
{
    dice *r = &w->dice;
    stated_use_case *s = &w->stated_use_cases[row];
    *s = (stated_use_case){world_label(r), dice_chance(r, 10), dice_chance(r, 10)};
    if (dice_chance(r, 60)) s->label.level = 0;
    if (dice_chance(r, 50)) s->label.residency = SP_BITS256_ALL;
    s->label.categories &= ~SP_CATEGORIES_REQUIRED;
    sp_use_case *u = &w->use_cases[row];
    *u = (sp_use_case){.name = world_name(w->mem, 'u', row), .label = s->label};
    u->label.categories |= (s->is_critical ? SP_CAT_BIT(SP_CAT_CRITICAL_OUTPUT) : 0) |
                           (s->is_self_hosted_only ? SP_CAT_BIT(SP_CAT_IN_HOUSE) : 0);
    if (dice_chance(r, 40)) u->review_s = 1 + dice_below(r, 2 * WORLD_END_S);
    if (!dice_chance(r, 25)) return;
    for (size_t i = 0; i < WORLD_USES; i++) u->permits |= dice_chance(r, 75) ? SP_PERMIT(world_uses[i]) : 0;
}

static void make_use_cases_and_sources(world *w)
{
    sp_snapshot *s = &w->snapshot;
    const bool is_wide = dice_chance(&w->dice, 10);
    s->use_cases = w->use_cases, s->n_use_cases = is_wide ? WORLD_USE_CASES : 3;
    s->sources = w->sources, s->n_sources = is_wide ? WORLD_SOURCES : 3;
    for (size_t i = 0; i < s->n_use_cases; i++) make_use_case(w, i);
    for (size_t i = 0; i < s->n_sources; i++)
        w->sources[i] = (sp_source){world_name(w->mem, 's', i), world_label(&w->dice)};
}

/** Rows of a list that an application has: ascending. */
static uint16_t some_rows(uint16_t *rows, dice *d, size_t n, uint32_t percent)
{
    uint16_t taken = 0;
    for (size_t i = 0; i < n; i++) {
        if (dice_chance(d, percent)) rows[taken++] = (uint16_t)i;
    }
    return taken;
}

static const sp_label reads_all = {~UINT64_C(0), SP_BITS256_ALL, SP_LEVEL_MAX, SP_TRUSTED};

static sp_label some_reader(dice *d)
{
    sp_label reader = reads_all;
    reader.level = (uint8_t)(1 + dice_below(d, 3));
    reader.categories = SOME(d, categories, 85) | not_of_readers;
    return reader;
}

const sp_bytes world_tools[WORLD_TOOLS] = {SP_LIT("look_up"), SP_LIT("count"), SP_LIT("browse")};
static const sp_bytes words[] = {SP_LIT("open"), SP_LIT("true"), SP_LIT("in transit")};

/** Of one tool or two that stand beside each other, for any kind of value. */
static void make_endorsers(world *w)
{
    dice *r = &w->dice;
    sp_snapshot *s = &w->snapshot;
    s->endorsers = w->endorsers, s->n_endorsers = dice_below(r, WORLD_ENDORSERS + 1);
    for (size_t i = 0; i < s->n_endorsers; i++) {
        const uint32_t first = dice_below(r, WORLD_TOOLS - 1);
        const uint8_t values = (uint8_t)(SP_VALUES_ANY + dice_below(r, SP_VALUES_WORDS));
        w->endorsers[i] = (sp_endorser){.name = world_name(w->mem, 'e', i),
                                        .tools = &world_tools[first],
                                        .words = values == SP_VALUES_WORDS ? words : NULL,
                                        .n_tools = (uint16_t)(1 + dice_below(r, 2)),
                                        .n_words = values == SP_VALUES_WORDS ? 3 : 0,
                                        .values = values};
    }
}

static void make_application(world *w, size_t row)
{
    dice *r = &w->dice;
    const sp_snapshot *s = &w->snapshot;
    sp_application *a = &w->applications[row];
    *a = (sp_application){.name = world_name(w->mem, 'a', row),
                          .use_case = (uint16_t)dice_below(r, (uint32_t)s->n_use_cases),
                          .models = w->app_models[row],
                          .declares = w->app_declares[row],
                          .sources = w->app_sources[row],
                          .floor = dice_chance(r, 15) ? world_label(r) : SP_LABEL_BOTTOM,
                          .reader = reads_all,
                          .user_text = dice_chance(r, 70) ? SP_TRUSTED : SP_UNTRUSTED};
    const uint32_t named = dice_chance(r, 50) ? 100 : 75;
    a->n_models = some_rows(w->app_models[row], r, WORLD_MODELS, 90);
    a->n_declares = some_rows(w->app_declares[row], r, s->n_use_cases, named);
    a->n_sources = some_rows(w->app_sources[row], r, s->n_sources, named);
    a->endorsers = w->app_endorsers[row];
    a->n_endorsers = some_rows(w->app_endorsers[row], r, s->n_endorsers, 75);
    for (size_t i = 0; i < WORLD_USES; i++) a->permits |= dice_chance(r, 75) ? SP_PERMIT(world_uses[i]) : 0;
    w->has_reader[row] = dice_chance(r, 30);
    if (w->has_reader[row]) a->reader = some_reader(r);
}

static void make_subjects(world *w)
{
    w->snapshot.subjects = w->subjects, w->snapshot.n_subjects = WORLD_SUBJECTS;
    for (size_t i = 0; i < WORLD_SUBJECTS; i++) {
        const bool has_floor = i != 1;
        w->has_personal_reader[i] = i != 0;
        w->subjects[i] = (sp_subject){world_name(w->mem, 'p', i), SP_LABEL_BOTTOM, reads_all};
        if (has_floor) w->subjects[i].floor = world_label(&w->dice);
        if (w->has_personal_reader[i]) w->subjects[i].reader = some_reader(&w->dice);
    }
}

static void make_demands(world *w)
{
    dice *r = &w->dice;
    sp_snapshot *s = &w->snapshot;
    s->requirements = w->requirements, s->n_requirements = dice_below(r, WORLD_ROWS);
    for (size_t i = 0; i < s->n_requirements; i++) {
        const uint8_t tiers = dice_chance(r, 60) ? 1 << SP_TIER_CLOUD : dice_chance(r, 50) ? 6 : 4;
        w->requirements[i] =
            (sp_requirement){SOME(r, categories, 8), SOME(r, statable, 20), (uint8_t)dice_below(r, 3), tiers};
        w->requirements[i].facts |= SP_FACT_BIT(one_of(r, askable, sizeof askable));
    }
    s->transfers = w->transfers, s->n_transfers = dice_below(r, WORLD_ROWS);
    for (size_t i = 0; i < s->n_transfers; i++) {
        w->transfers[i] =
            (sp_transfer){one_or_more_places(r, 20), one_or_more_places(r, 30), SOME(r, askable, 10)};
    }
}

static void make_rows_of_labels(world *w)
{
    dice *r = &w->dice;
    sp_snapshot *s = &w->snapshot;
    s->finding_rules = w->finding_rules;
    for (size_t kind = 0; kind < WORLD_KINDS; kind++) {
        for (uint32_t i = dice_below(r, 4); i > 0; i--) {
            sp_finding_rule *rule = &w->finding_rules[s->n_finding_rules++];
            *rule = (sp_finding_rule){world_kinds[kind], dice_chance(r, 50) ? 60 : 0, 1 + dice_below(r, 3),
                                      world_label(r)};
            rule->label.residency = SP_BITS256_ALL, rule->label.integrity = SP_TRUSTED;
            if (rule->label.level == 0) rule->label.categories |= SP_CAT_BIT(SP_CAT_PII);
        }
    }
    s->handling = w->handling;
    for (size_t i = 0; i < 64; i++) w->handling[i] = SP_LABEL_BOTTOM;
    s->handled = SOME(r, categories, 15);
    for (uint64_t left = s->handled; left != 0; left &= left - 1) {
        sp_label *h = &w->handling[__builtin_ctzll(left)];
        h->level = (uint8_t)dice_below(r, 3);
        if (dice_chance(r, 50)) h->residency = one_or_more_places(r, 60);
    }
    s->overdue = world_label(r);
}

static void make_declassifiers(world *w)
{
    dice *r = &w->dice;
    sp_snapshot *s = &w->snapshot;
    s->declassifiers = w->declassifiers, s->n_declassifiers = dice_below(r, WORLD_DECLASSIFIERS + 1);
    for (size_t i = 0; i < s->n_declassifiers; i++) {
        w->declassifiers[i] = (sp_declassifier){.name = world_name(w->mem, 'c', i),
                                                .categories = SOME(r, categories, 60),
                                                .does = SP_DOES_MASK,
                                                .destinations = w->declassified_for[i]};
        w->declassifiers[i].n_destinations = some_rows(w->declassified_for[i], r, s->n_destinations, 80);
    }
}

/* ---- what is taken from a world ---- */

static void fall_due(world *w)
{
    for (size_t i = 0; i < w->snapshot.n_use_cases; i++) {
        sp_use_case *u = &w->use_cases[i];
        const uint64_t due_s = 1 + dice_below(&w->dice, WORLD_END_S);
        if (u->review_s == 0 || due_s < u->review_s) u->review_s = due_s;
    }
}

static void ask_more_of_destinations(world *w)
{
    sp_requirement *r = &w->requirements[w->snapshot.n_requirements++];
    *r = (sp_requirement){SOME(&w->dice, categories, 8),
                          SP_FACT_BIT(one_of(&w->dice, askable, sizeof askable)),
                          (uint8_t)dice_below(&w->dice, 3), 6};
}

static void lower(sp_label *clearance, dice *d)
{
    const uint8_t level = (uint8_t)dice_below(d, 4);
    if (dice_chance(d, 50)) return;
    if (level < clearance->level) clearance->level = level;
    clearance->categories &= SOME(d, categories, 80) | not_of_readers;
}

static void clear_for_less(world *w)
{
    for (size_t i = 0; i < w->snapshot.n_destinations; i++) lower(&w->destinations[i].clearance, &w->dice);
    for (size_t i = 0; i < WORLD_APPLICATIONS; i++) {
        lower(&w->applications[i].reader, &w->dice);
        w->has_reader[i] = true;
    }
    for (size_t i = 0; i < WORLD_SUBJECTS; i++) {
        lower(&w->subjects[i].reader, &w->dice);
        w->has_personal_reader[i] = true;
    }
}

static void fail_some(world *w)
{
    for (size_t i = 0; i < w->snapshot.n_destinations; i++) {
        if (dice_chance(&w->dice, 30)) w->destinations[i].is_down = true;
        if (dice_chance(&w->dice, 30)) w->destinations[i].n_addresses = 0;
    }
}

static void lapse(world *w)
{
    for (size_t i = 0; i < WORLD_VENDORS; i++) lapse_some(&w->vendors[i].stated, &w->dice);
    for (size_t i = 0; i < w->snapshot.n_destinations; i++)
        lapse_some(&w->stated_destinations[i].stated, &w->dice);
}

static void take_away(world *w, world_change change)
{
    switch (change) {
    case WORLD_LAPSED:
        lapse(w);
        break;
    case WORLD_OVERDUE:
        fall_due(w);
        break;
    case WORLD_ENDING:
        w->snapshot.expires_s = 1 + dice_below(&w->dice, WORLD_END_S);
        break;
    case WORLD_ASKING:
        ask_more_of_destinations(w);
        break;
    case WORLD_GUARDED:
        clear_for_less(w);
        break;
    case WORLD_FAILING:
        fail_some(w);
        break;
    case WORLD_AS_IT_IS:
    case WORLD_CHANGES:
        break;
    }
}

void world_make(world *w, uint64_t seed, world_change change, sp_mem *mem)
{
    *w = (world){.dice = {seed}, .mem = mem};
    w->snapshot.expires_s = WORLD_END_S;
    make_vendors(w);
    make_destinations(w);
    make_use_cases_and_sources(w);
    make_models(w);
    make_endorsers(w);
    w->snapshot.applications = w->applications, w->snapshot.n_applications = WORLD_APPLICATIONS;
    for (size_t i = 0; i < WORLD_APPLICATIONS; i++) make_application(w, i);
    make_subjects(w);
    make_demands(w);
    make_rows_of_labels(w);
    make_declassifiers(w);
    take_away(w, change);
    for (size_t i = 0; i < w->snapshot.n_destinations; i++) fill_phases(w, i);
}
