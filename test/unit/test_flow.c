/** What a label reaches: facts by time, requirements, transfers; and that nothing but a fact ever opens a
 * destination. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture_framework.h"

static sp_label label_of(uint8_t level, uint64_t categories)
{
    sp_label label = SP_LABEL_BOTTOM;
    label.level = level;
    label.categories = categories;
    return label;
}

static bool reaches(const sp_snapshot *s, sp_label label, size_t destination, uint64_t now_s)
{
    sp_flow flow;
    sp_flow_init(&flow, s, &label, now_s);
    return sp_flow_reaches(&flow, &s->destinations[destination], NULL);
}

static sp_obstacle obstacle(const sp_snapshot *s, sp_label label, size_t destination, uint64_t now_s)
{
    sp_flow flow;
    sp_obstacle why;
    sp_flow_init(&flow, s, &label, now_s);
    assert_false(sp_flow_reaches(&flow, &s->destinations[destination], &why));
    return why;
}

static void facts_hold_from_a_second_until_a_second(void **state)
{
    (void)state;
    const sp_snapshot s = fixture_framework();
    const sp_label phi = label_of(1, C(PHI));
    assert_false(reaches(&s, phi, CLOUD, BAA_FROM - 1));
    assert_true(reaches(&s, phi, CLOUD, BAA_FROM));
    assert_true(reaches(&s, phi, CLOUD, BAA_UNTIL - 1));
    assert_false(reaches(&s, phi, CLOUD, BAA_UNTIL));
    assert_true(reaches(&s, phi, LOCAL, 0)); /* what is asked of clouds is asked of clouds alone */
    assert_int_equal(obstacle(&s, phi, CLOUD, 0).part, SP_PART_REQUIREMENT);
    assert_true(obstacle(&s, phi, CLOUD, 0).missing == F(BAA));
}

static void a_destination_of_which_nothing_is_known_has_no_facts(void **state)
{
    (void)state;
    const sp_snapshot s = fixture_framework();
    fixture_destinations[CLOUD].n_phases = 0;
    assert_true(sp_destination_facts(&s.destinations[CLOUD], UINT64_MAX) == 0);
    assert_false(reaches(&s, label_of(0, C(PHI)), CLOUD, BAA_FROM));
    assert_true(reaches(&s, label_of(0, 0), CLOUD, BAA_FROM));
    fixture_destinations[LOCAL].phases = &(sp_phase){5, F(SELF_HOSTED)};
    assert_false(reaches(&s, label_of(0, C(IN_HOUSE)), LOCAL, 4)); /* before its first phase */
    assert_true(reaches(&s, label_of(0, C(IN_HOUSE)), LOCAL, 5));
}

static void a_condition_is_a_level_and_categories_together(void **state)
{
    (void)state;
    const sp_snapshot s = fixture_framework();
    assert_true(reaches(&s, label_of(1, C(PII)), CLOUD, 0));
    assert_true(reaches(&s, label_of(2, 0), CLOUD, 0));
    assert_false(reaches(&s, label_of(2, C(PII)), CLOUD, 0));
    assert_false(reaches(&s, label_of(3, C(PII)), CLOUD, 0)); /* at least */
    assert_true(reaches(&s, label_of(2, C(PII)), CLOUD, SCC_FROM));
    assert_true(obstacle(&s, label_of(2, C(PII) | C(PHI)), CLOUD, 0).missing == (F(SCC) | F(BAA)));
}

static void in_house_is_at_home_only(void **state)
{
    (void)state;
    const sp_snapshot s = fixture_framework();
    for (uint64_t now = 1000; now < 2000; now += 50) {
        assert_false(reaches(&s, label_of(0, C(IN_HOUSE)), CLOUD, now));
        assert_false(reaches(&s, label_of(0, C(IN_HOUSE)), CLOUD_EU, now));
        assert_true(reaches(&s, label_of(0, C(IN_HOUSE)), LOCAL, now));
    }
}

static void a_transfer_adds_places_while_its_facts_hold(void **state)
{
    (void)state;
    const sp_snapshot s = fixture_framework();
    sp_label german = label_of(0, 0), french = label_of(0, 0), both = label_of(0, 0);
    german.residency = fixture_only("DE");
    french.residency = fixture_only("FR");
    both.residency = sp_bits256_or(german.residency, french.residency);
    assert_false(reaches(&s, german, CLOUD, SCC_FROM - 1));
    assert_true(reaches(&s, german, CLOUD, SCC_FROM));
    assert_true(reaches(&s, both, CLOUD, SCC_FROM));
    assert_false(reaches(&s, french, CLOUD, SCC_FROM)); /* `from` is not within what it allows */
    assert_int_equal(obstacle(&s, french, CLOUD, SCC_FROM).part, SP_PART_RESIDENCY);
    german.residency = SP_BITS256_NONE;
    assert_false(reaches(&s, german, CLOUD, SCC_FROM));
}

static void stated_clearances_only_lower(void **state)
{
    (void)state;
    const sp_snapshot s = fixture_framework();
    fixture_destinations[CLOUD].clearance.level = 1;
    assert_int_equal(obstacle(&s, label_of(2, 0), CLOUD, SCC_FROM).part, SP_PART_LEVEL);
    fixture_destinations[CLOUD].clearance.categories &= ~C(PHI);
    assert_int_equal(obstacle(&s, label_of(0, C(PHI)), CLOUD, BAA_FROM).part, SP_PART_CATEGORIES);
    fixture_destinations[CLOUD].clearance.categories |= C(PHI);
    assert_false(reaches(&s, label_of(0, C(PHI)), CLOUD, 0)); /* stated is not known */
}

/* ---- laws, over random policies ---- */

static uint64_t seed = 88172645463325252U;
static uint64_t any(void)
{
    seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
    return seed;
}

enum { N_RULES = 12, N_PHASES = 5, N_PLACES = 6 };

/** A policy over few categories, facts and places, so that everything meets everything. */
typedef struct world {
    sp_requirement requirements[N_RULES];
    sp_transfer transfers[3];
    sp_phase phases[N_PHASES];
    sp_destination destination;
    sp_snapshot snapshot;
} world;

static sp_bits256 any_places(void)
{
    return (sp_bits256){{any() & ((1 << N_PLACES) - 1), 0, 0, 0}};
}

static sp_label any_label(void)
{
    const sp_bits256 places = sp_bits256_or(any_places(), any_places());
    return (sp_label){any() & any() & 0xff, places, (uint8_t)(any() % 4), SP_TRUSTED};
}

static void make_world(world *w)
{
    *w = (world){.snapshot = {.requirements = w->requirements,
                              .n_requirements = any() % (N_RULES + 1),
                              .transfers = w->transfers,
                              .n_transfers = any() % 4}};
    for (size_t i = 0; i < N_RULES; i++)
        w->requirements[i] = (sp_requirement){any() & any() & any() & 0xff, any() & any() & any() & 0xff,
                                              (uint8_t)(any() % 4), (uint8_t)(any() & 6)};
    for (size_t i = 0; i < 3; i++)
        w->transfers[i] = (sp_transfer){any_places(), any_places(), any() & any() & 0xff};
    for (size_t i = 0; i < N_PHASES; i++) w->phases[i] = (sp_phase){10 * i, (any() | any()) & 0xff};
    w->destination = (sp_destination){.clearance = any_label(),
                                      .phases = w->phases,
                                      .n_phases = (uint8_t)(any() % (N_PHASES + 1)),
                                      .tier = (uint8_t)(1 + any() % 2)};
    w->destination.clearance.categories |= any() & 0xff;
    w->destination.clearance.residency = sp_bits256_and(any_places(), any_places());
}

static bool reaches_here(const world *w, sp_label label, uint64_t now_s)
{
    sp_flow flow;
    sp_flow_init(&flow, &w->snapshot, &label, now_s);
    return sp_flow_reaches(&flow, &w->destination, NULL);
}

/** A join never opens, a fact that lapses never opens, a further requirement never opens. */
static void nothing_but_a_fact_opens_a_destination(void **state)
{
    (void)state;
    size_t n_open = 0;
    for (int i = 0; i < 1000000; i++) {
        world w;
        make_world(&w);
        const sp_label low = any_label();
        const sp_label high = sp_label_join(low, any_label());
        const uint64_t now = any() % 60;
        const bool is_open = reaches_here(&w, low, now);
        n_open += is_open;
        if (is_open) continue;
        assert_false(reaches_here(&w, high, now));
        for (size_t k = 0; k < N_PHASES; k++) w.phases[k].facts &= any();
        assert_false(reaches_here(&w, low, now));
        if (w.snapshot.n_requirements < N_RULES) w.snapshot.n_requirements++;
        assert_false(reaches_here(&w, low, now));
    }
    assert_true(n_open > 50000); /* the law was tried where it says something */
}

/** The rules of docs/reference/policy.md once more, in sets and loops, without what makes them quick. */
static bool reaches_by_the_book(const world *w, sp_label label, uint64_t now_s)
{
    const sp_destination *d = &w->destination;
    sp_facts facts = 0;
    sp_bits256 allowed = label.residency;
    for (size_t i = 0; i < d->n_phases && d->phases[i].from_s <= now_s; i++) facts = d->phases[i].facts;
    for (size_t i = 0; i < w->snapshot.n_requirements; i++) {
        const sp_requirement *r = &w->requirements[i];
        const bool applies = ((r->tiers >> d->tier) & 1) && r->level <= label.level &&
                             (r->categories & label.categories) == r->categories;
        if (applies && (r->facts & facts) != r->facts) return false;
    }
    for (size_t i = 0; i < w->snapshot.n_transfers; i++) {
        const sp_transfer *t = &w->transfers[i];
        if (sp_bits256_subset(t->from, label.residency) && (t->facts & facts) == t->facts)
            allowed = sp_bits256_or(allowed, t->to);
    }
    return label.level <= d->clearance.level && (label.categories & ~d->clearance.categories) == 0 &&
           !sp_bits256_is_empty(label.residency) && !sp_bits256_is_empty(d->clearance.residency) &&
           sp_bits256_subset(d->clearance.residency, allowed);
}

static void the_quick_way_is_the_way_of_the_book(void **state)
{
    (void)state;
    for (int i = 0; i < 1000000; i++) {
        world w;
        make_world(&w);
        const sp_label label = any_label();
        const uint64_t now = any() % 60;
        assert_int_equal(reaches_here(&w, label, now), reaches_by_the_book(&w, label, now));
    }
}

static uint8_t part_with(const sp_flow *flow, world *w, sp_facts facts)
{
    sp_obstacle why;
    w->phases[0].facts = facts;
    (void)sp_flow_reaches(flow, &w->destination, &why);
    return why.part;
}

/** `missing` is exactly what would have to be known: with it the requirements hold, without any one of it
 * they do not. */
static void missing_facts_are_all_and_only_those_that_miss(void **state)
{
    (void)state;
    size_t n = 0;
    for (int i = 0; i < 200000; i++) {
        world w;
        sp_flow flow;
        sp_obstacle why;
        make_world(&w);
        const sp_label label = any_label();
        sp_flow_init(&flow, &w.snapshot, &label, 25);
        (void)sp_flow_reaches(&flow, &w.destination, &why);
        if (why.part != SP_PART_REQUIREMENT) continue;
        const sp_facts all = sp_destination_facts(&w.destination, 25) | why.missing;
        w.destination.n_phases = 1;
        n++;
        assert_int_not_equal(part_with(&flow, &w, all), SP_PART_REQUIREMENT);
        for (sp_facts left = why.missing; left != 0; left &= left - 1)
            assert_int_equal(part_with(&flow, &w, all & ~(left & -left)), SP_PART_REQUIREMENT);
    }
    assert_true(n > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(facts_hold_from_a_second_until_a_second),
        cmocka_unit_test(a_destination_of_which_nothing_is_known_has_no_facts),
        cmocka_unit_test(a_condition_is_a_level_and_categories_together),
        cmocka_unit_test(in_house_is_at_home_only),
        cmocka_unit_test(a_transfer_adds_places_while_its_facts_hold),
        cmocka_unit_test(stated_clearances_only_lower),
        cmocka_unit_test(nothing_but_a_fact_opens_a_destination),
        cmocka_unit_test(the_quick_way_is_the_way_of_the_book),
        cmocka_unit_test(missing_facts_are_all_and_only_those_that_miss),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
