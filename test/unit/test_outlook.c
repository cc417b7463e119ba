/* How destinations stand at a second: what is known, what ends next, what is lacking and for whom. */
#include "conf/outlook.h"
#include "conf_help.h"

static const char file[] =
    "version: 1\n"
    "facts: {basis: {number: 40, any_of: [scc, dpf]}}\n"
    "vendors:\n"
    "  acme:\n"
    "    legal_seat: US\n"
    "    assessed: 2026-06-01\n"
    "    facts:\n"
    "      scc: {evidence: e, source: s, signer: g, from: 2026-01-01, until: 2027-06-01}\n"
    "      dpf: {evidence: e, source: s, signer: g, from: 2026-01-01, until: 2027-03-01}\n"
    "      soc2-type2: {evidence: e, source: s, signer: g, from: 2027-02-01, until: 2028-01-01}\n"
    "destinations:\n"
    "  cloud: {vendor: acme, tier: cloud, dialect: openai, base_url: 'https://h.example/', model: m,\n"
    "          jurisdictions: [US], credential: none}\n"
    "  home: {vendor: own, tier: self-hosted, dialect: openai, base_url: 'https://l.example/', model: m,\n"
    "         jurisdictions: [DE], credential: none, clearance: {level: internal, categories: all}}\n"
    "models: {both: {destinations: [cloud, home]}, rented: {destinations: cloud}}\n"
    "use_cases:\n"
    "  open: {owner: o, purpose: p, level: public}\n"
    "  people: {owner: o, purpose: p, level: internal, categories: [pii]}\n"
    "  board: {owner: o, purpose: p, level: confidential, tier: self-hosted-only}\n"
    "  stale: {owner: o, purpose: p, level: public, review: 2026-01-01}\n"
    "overdue: {level: internal, categories: [phi]}\n"
    "applications:\n"
    "  web: {use_case: open, models: [both], user_text: trusted}\n"
    "  desk: {use_case: people, models: [both, rented], user_text: trusted}\n"
    "  exec: {use_case: board, models: [both], user_text: trusted}\n"
    "  old: {use_case: stale, models: [rented], user_text: trusted}\n";

enum { CLOUD = 0, HOME = 1 };

typedef struct fixture {
    sp_arena arena;
    spc_outlook o;
} fixture;

static void look(fixture *f, uint64_t now_s)
{
    sp_arena_init(&f->arena, HELP_MEMORY);
    const spc_conf *conf = help_valid(&f->arena.mem, sp_bytes_of(file));
    assert_int_equal(spc_outlook_init(&f->o, conf, now_s, &f->arena.mem), SP_OK);
}

static void known_facts_and_the_next_that_ends(void **state)
{
    fixture f;
    spc_posture p;
    (void)state;
    look(&f, CONF_NOW);
    spc_posture_of(&p, &f.o, CLOUD);
    assert_true(p.known ==
                (SP_FACT_BIT(SP_FACT_SCC) | SP_FACT_BIT(SP_FACT_DPF) | SP_FACT_BIT(40) |
                 SP_FACT_BIT(SP_FACT_CLOUD) | SP_FACT_BIT(SP_FACT_TLS) | SP_FACT_BIT(SP_FACT_ASSESSED)));
    /* soc2-type2 begins on 2027-02-01 and ends nothing; with dpf the assessment ends, the basis does not. */
    assert_int_equal(p.lapse_s, 1803859200); /* 2027-03-01 */
    assert_true(p.lapsing == (SP_FACT_BIT(SP_FACT_DPF) | SP_FACT_BIT(SP_FACT_ASSESSED)));
    sp_arena_fini(&f.arena);
}

static void what_begins_later_can_end_too(void **state)
{
    fixture f;
    spc_posture p;
    (void)state;
    look(&f, 1811808000); /* 2027-06-01: scc has just ended */
    spc_posture_of(&p, &f.o, CLOUD);
    assert_int_equal(p.lapse_s, 1830297600); /* 2028-01-01 */
    assert_true(p.lapsing == SP_FACT_BIT(SP_FACT_SOC2_TYPE2));
    spc_posture_of(&p, &f.o, HOME);
    assert_true(p.lapse_s == 0 && p.lapsing == 0);
    sp_arena_fini(&f.arena);
}

static void what_users_lack_and_what_no_file_can_state(void **state)
{
    fixture f;
    spc_posture p;
    (void)state;
    look(&f, CONF_NOW);
    spc_posture_of(&p, &f.o, CLOUD);
    /* pii asks for dpa; confidential for dpa and no-training; the overdue label for what phi needs */
    assert_true(p.lacking ==
                (SP_FACT_BIT(SP_FACT_DPA) | SP_FACT_BIT(SP_FACT_NO_TRAINING) | SP_FACT_BIT(SP_FACT_BAA) |
                 SP_FACT_BIT(SP_FACT_HIPAA_ELIGIBLE) | SP_FACT_BIT(SP_FACT_ZERO_RETENTION)));
    assert_true(p.never == SP_FACT_BIT(SP_FACT_SELF_HOSTED));
    spc_posture_of(&p, &f.o, HOME);
    assert_true(p.lacking == 0 && p.never == 0);
    sp_arena_fini(&f.arena);
}

static void where_requests_go_by_their_least_label(void **state)
{
    static const struct {
        const char *application;
        int model, reached;
        bool lacks_of_cloud;
    } rows[] = {
        {"web", 0, CLOUD, false},
        {"desk", 0, HOME, true},
        {"desk", 1, -1, true},
        {"exec", 0, -1, true}, /* home is cleared for internal */
    };
    fixture f;
    (void)state;
    look(&f, CONF_NOW);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const int index = spc_application_find(f.o.conf, sp_bytes_of(rows[i].application));
        const spc_application *a = &f.o.conf->applications.v[index];
        assert_int_equal(spc_reached(&f.o, a, &f.o.conf->models.v[rows[i].model]), rows[i].reached);
        assert_true((spc_lacking(&f.o, a, CLOUD) != 0) == rows[i].lacks_of_cloud);
    }
    assert_true(spc_leads_to(&f.o.conf->models.v[0], HOME) && !spc_leads_to(&f.o.conf->models.v[1], HOME));
    sp_arena_fini(&f.arena);
}

static void without_memory_there_is_no_outlook(void **state)
{
    fixture f;
    sp_arena small;
    spc_outlook o;
    (void)state;
    look(&f, CONF_NOW);
    sp_arena_init(&small, 64);
    assert_int_equal(spc_outlook_init(&o, f.o.conf, CONF_NOW, &small.mem), SP_ENOMEM);
    sp_arena_fini(&small);
    sp_arena_fini(&f.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_facts_and_the_next_that_ends),
        cmocka_unit_test(what_begins_later_can_end_too),
        cmocka_unit_test(what_users_lack_and_what_no_file_can_state),
        cmocka_unit_test(where_requests_go_by_their_least_label),
        cmocka_unit_test(without_memory_there_is_no_outlook),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
