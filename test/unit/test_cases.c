/* Case files: what is read, which mistakes are named and where, bodies, and what lapses. */
#include "conf/cases.h"
#include "conf/document.h"
#include "conf_help.h"

#include <stdio.h>

static const char config[] =
    "version: 1\n"
    "categories: {works-council: 32}\n"
    "vendors:\n"
    "  acme: {legal_seat: US, facts: {dpa: {evidence: e, source: s, signer: g, from: 2026-01-01, until: "
    "2028-01-01},\n"
    "         scc: {evidence: e, source: s, signer: g, from: 2027-06-01, until: 2028-01-01}}}\n"
    "destinations:\n"
    "  cloud: {vendor: acme, tier: cloud, dialect: openai, base_url: 'https://h.example/', model: m,\n"
    "          jurisdictions: [US], credential: none,\n"
    "          facts: {baa: {evidence: e, source: s, signer: g, from: 2026-01-01, until: 2028-01-01}}}\n"
    "  home: {vendor: own, tier: self-hosted, dialect: anthropic, base_url: 'https://l.example/', model: m,\n"
    "         jurisdictions: [DE], credential: none}\n"
    "models: {assistant: {destinations: [cloud, home]}, claude: {destinations: [home]}}\n"
    "use_cases: {open: {owner: o, purpose: p, level: public}}\n"
    "applications: {web: {use_case: open, models: [assistant], user_text: trusted}}\n";

typedef struct fixture {
    sp_arena arena;
    const spc_conf *conf;
    spc_problems problems;
    spc_cases cases;
} fixture;

static void read_cases(fixture *f, const char *text)
{
    sp_arena_init(&f->arena, HELP_MEMORY);
    f->conf = help_valid(&f->arena.mem, sp_bytes_of(config));
    f->problems = (spc_problems){.mem = &f->arena.mem};
    const spc_source source = {.bytes = sp_bytes_of(text), .now_s = CONF_NOW};
    assert_int_equal(spc_cases_read(&f->cases, &f->problems, f->conf, &source), SP_OK);
}

static void a_case_is_read_whole(void **state)
{
    fixture f;
    (void)state;
    read_cases(&f,
               "- name: one\n"
               "  given: {application: web, model: assistant, text: \"a\", at: 2026-06-15, sources: crm,\n"
               "          use_case: [x, y], lapsed: [dpa of acme, baa of cloud], uses: [state],\n"
               "          findings: [{kind: iban}], origins: [user]}\n"
               "  expect: {outcome: deny, destination: cloud, level: internal, categories: [], status: ok,\n"
               "           because: cloud level}\n"
               "- name: two\n"
               "  given: {application: web, model: assistant, text: \"\"}\n"
               "  expect: {outcome: allow}\n");
    assert_int_equal(f.problems.n_errors, 0);
    assert_int_equal(f.cases.n, 2);
    const spc_case *one = &f.cases.v[0];
    const spc_case *two = &f.cases.v[1];
    assert_true(one->at.at.line == 1 && two->at.at.line == 7 && sp_bytes_eq(two->name.v, SP_LIT("two")));
    assert_int_equal(one->given.at_s, 1781481600); /* 2026-06-15 */
    assert_int_equal(two->given.at_s, CONF_NOW);
    assert_true(one->given.use_case.n == 2 && one->given.sources.n == 1 && one->given.request == NULL);
    assert_int_equal(one->given.lapses.n, 2);
    assert_true(sp_bytes_eq(one->given.lapses.v[1].fact, SP_LIT("baa")));
    assert_true(sp_bytes_eq(one->given.lapses.v[1].of, SP_LIT("cloud")));
    assert_int_equal(one->given.lapses.v[1].at_s, one->given.at_s);
    assert_true(one->given.findings.n == 1 && one->given.findings.v[0].count == 1 &&
                one->given.findings.v[0].confidence == 100 && one->given.findings.v[0].is_placed);
    assert_true(one->expect.categories.at.line > 0 && one->expect.categories.n == 0);
    assert_true(two->expect.categories.at.line == 0 && two->expect.level.v.p == NULL);
    sp_arena_fini(&f.arena);
}

#define GIVEN "- name: n\n  given: {application: web, model: assistant, text: a"
#define EXPECT "}\n  expect: {outcome: allow"

static void mistakes_are_named_with_their_place(void **state)
{
    static const char *const rows[][2] = {
        {"- nmae: n\n  given: {}\n  expect: {}\n",
         "1:3: error: cases: unknown key \"nmae\"\n    did you mean \"name\"?"},
        {GIVEN ", sorces: [a]" EXPECT "}\n",
         "2:56: error: cases.given: unknown key \"sorces\"\n    did you mean \"sources\"?"},
        {GIVEN EXPECT ", becuase: x}\n",
         "3:28: error: cases.expect: unknown key \"becuase\"\n    did you mean \"because\"?"},
        {GIVEN ", findings: [{knd: iban}]" EXPECT "}\n", "error: cases.given.findings: unknown key \"knd\""},
        {GIVEN ", at: 2026-02-30" EXPECT "}\n",
         "2:60: error: cases.given.at: \"2026-02-30\" is not valid here"},
        {"- name: n\n  given: {application: wep, model: a, text: a" EXPECT "}\n",
         "2:24: error: cases.given.application: \"wep\" is no application of the configuration\n    did you "
         "mean \"web\"?"},
        {"- name: n\n  given: {application: web, model: a" EXPECT "}\n",
         "1:3: error: cases.given: either a text or a request"},
        {GIVEN ", request: {}" EXPECT "}\n", "1:3: error: cases.given: either a text or a request"},
        {GIVEN ", lapsed: [dpo of acme]" EXPECT "}\n",
         "\"dpo of acme\" is stated nowhere\n    did you mean \"dpa\"?"},
        {GIVEN ", lapsed: [dpa of acne]" EXPECT "}\n", "\"dpa of acne\" names no vendor and no destination"},
        {GIVEN ", lapsed: [dpa]" EXPECT "}\n", "\"dpa\" names no vendor and no destination"},
        {GIVEN "}\n  expect: {outcome: alow}\n",
         "3:21: error: cases.expect.outcome: \"alow\" is not an outcome\n    did you mean \"allow\"?"},
        {GIVEN EXPECT ", destination: clowd}\n",
         "\"clowd\" is no destination of the configuration\n    did you mean \"cloud\"?"},
        {GIVEN EXPECT ", level: internl}\n", "\"internl\" is not a level\n    did you mean \"internal\"?"},
        {GIVEN EXPECT ", categories: [pii, works-counsel]}\n",
         "\"works-counsel\" is not a category\n    did you mean \"works-council\"?"},
        {GIVEN EXPECT ", integrity: trust}\n", "\"trust\" is no integrity\n    write trusted or untrusted"},
        {GIVEN EXPECT ", status: stoped}\n", "\"stoped\" is not a status\n    did you mean \"stopped\"?"},
        {GIVEN EXPECT ", because: clod level}\n",
         "begins with no status and no destination\n    did you mean \"cloud\"?"},
        {GIVEN "}\n  expect: {}\n", "1:3: error: cases.expect: nothing is expected"},
        {"name: n\n", "1:1: error: cases: a map stands here\n    write a list"},
        {"[]\n", "nothing is listed"},
        {"", "the file is empty"},
        {"- &a {}\n", "anchors are not read here"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        fixture f;
        read_cases(&f, rows[i][0]);
        const char *said = help_problems(&f.problems, "f");
        if (strstr(said, rows[i][1]) == NULL) fail_msg("row %zu: %s", i, said);
        sp_arena_fini(&f.arena);
    }
}

static void bodies_are_those_of_the_dialect(void **state)
{
    static const struct {
        const char *given, *body;
        sp_dialect_id dialect;
    } rows[] = {
        {"model: assistant, text: \"say \\\"hi\\\"\"",
         "{\"model\":\"assistant\",\"messages\":[{\"role\":\"user\",\"content\":\"say \\\"hi\\\"\"}]}",
         SP_DIALECT_OPENAI},
        {"model: nobodys, text: x",
         "{\"model\":\"nobodys\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}", SP_DIALECT_OPENAI},
        {"model: claude, text: x",
         "{\"model\":\"claude\",\"max_tokens\":1024,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}",
         SP_DIALECT_ANTHROPIC},
        {"model: assistant, request: {a: [true, False, null, ~, -1.5e+3, 0, 12, text, \"12\", {}], "
         "\"b\\\"\": []}",
         "{\"a\":[true,false,null,null,-1.5e+3,0,12,\"text\",\"12\",{}],\"b\\\"\":[]}", SP_DIALECT_OPENAI},
        {"model: assistant, request: [+1, .5, 1., 0x1f, 007, .inf, 1e, -, -0]",
         "[\"+1\",\".5\",\"1.\",\"0x1f\",\"007\",\".inf\",\"1e\",\"-\",-0]", SP_DIALECT_OPENAI},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[512];
        fixture f;
        (void)snprintf(text, sizeof text, "- name: n\n  given: {application: web, %s" EXPECT "}\n",
                       rows[i].given);
        read_cases(&f, text);
        assert_int_equal(f.problems.n_errors, 0);
        sp_buf body = SP_BUF_IN(&f.arena.mem);
        assert_int_equal(spc_case_dialect(&f.cases.v[0], f.conf), rows[i].dialect);
        spc_case_body_append(&body, &f.cases.v[0], rows[i].dialect);
        assert_string_equal(help_string(&f.arena.mem, sp_buf_bytes(&body)), rows[i].body);
        sp_arena_fini(&f.arena);
    }
}

static sp_facts facts_with(const spc_lapses *lapses, uint64_t now_s)
{
    sp_arena arena;
    sp_snapshot snapshot;
    const spc_conf *conf = NULL;
    const spc_live live = {.generation = 1, .now_s = now_s};
    sp_arena_init(&arena, HELP_MEMORY);
    spc_problems problems = {.mem = &arena.mem};
    const spc_source source = {sp_bytes_of(config), SP_LIT("/etc/sallyport"), now_s};
    assert_int_equal(spc_conf_parse_as_if(&conf, &problems, &source, lapses), SP_OK);
    assert_int_equal(spc_conf_to_snapshot(&snapshot, conf, &live, &arena.mem), SP_OK);
    const sp_facts facts = sp_destination_facts(&snapshot.destinations[0], now_s);
    sp_arena_fini(&arena);
    return facts;
}

static void what_lapses_is_not_known_from_then_on(void **state)
{
    const spc_lapse dpa = {SP_LIT("dpa"), SP_LIT("acme"), CONF_NOW};
    const spc_lapse both[] = {dpa, {SP_LIT("baa"), SP_LIT("cloud"), CONF_NOW}};
    const spc_lapse later = {SP_LIT("scc"), SP_LIT("acme"), CONF_NOW};  /* has not begun */
    const spc_lapse past = {SP_LIT("dpa"), SP_LIT("acme"), 1900000000}; /* is over by then */
    const spc_lapse nobodys[] = {{SP_LIT("dpa"), SP_LIT("nobody"), CONF_NOW},
                                 {SP_LIT("dpf"), SP_LIT("acme"), CONF_NOW}};
    const sp_facts always = SP_FACT_BIT(SP_FACT_CLOUD) | SP_FACT_BIT(SP_FACT_TLS);
    const sp_facts stated = SP_FACT_BIT(SP_FACT_DPA) | SP_FACT_BIT(SP_FACT_BAA);
    const sp_facts baa = SP_FACT_BIT(SP_FACT_BAA);
    (void)state;
    assert_true(facts_with(&(spc_lapses){NULL, 0}, CONF_NOW) == (always | stated));
    assert_true(facts_with(&(spc_lapses){&dpa, 1}, CONF_NOW) == (always | baa));
    assert_true(facts_with(&(spc_lapses){&dpa, 1}, CONF_NOW - 1) == (always | stated));
    assert_true(facts_with(&(spc_lapses){both, 2}, CONF_NOW) == always);
    assert_true(facts_with(&(spc_lapses){&later, 1}, CONF_NOW) == (always | stated));
    assert_true(facts_with(&(spc_lapses){&past, 1}, CONF_NOW) == (always | stated));
    assert_true(facts_with(&(spc_lapses){nobodys, 2}, CONF_NOW) == (always | stated));
}

static void memory_that_runs_out_is_said(void **state)
{
    static const char text[] = GIVEN ", lapsed: [dpa of acme], sources: [a, b]" EXPECT "}\n";
    fixture f;
    bool has_passed = false;
    (void)state;
    read_cases(&f, text);
    for (size_t limit = 64; !has_passed; limit += 64) {
        sp_arena small;
        sp_arena_init(&small, limit);
        spc_problems problems = {.mem = &small.mem};
        const spc_source source = {.bytes = sp_bytes_of(text), .now_s = CONF_NOW};
        const sp_status status = spc_cases_read(&f.cases, &problems, f.conf, &source);
        assert_true(status == SP_OK || status == SP_ENOMEM);
        has_passed = status == SP_OK && problems.n_errors == 0;
        assert_true(status != SP_OK || has_passed);
        sp_arena_fini(&small);
    }
    sp_arena_fini(&f.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_case_is_read_whole),
        cmocka_unit_test(mistakes_are_named_with_their_place),
        cmocka_unit_test(bodies_are_those_of_the_dialect),
        cmocka_unit_test(what_lapses_is_not_known_from_then_on),
        cmocka_unit_test(memory_that_runs_out_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
