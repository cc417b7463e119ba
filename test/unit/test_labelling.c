/** From use cases, sources, floors, findings and reviews to a label; who may say what a request is of; and
 * who may be handed it. */
#include "arena_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture_framework.h"
#include "sallyport/propose.h"

static sp_labelling label_at(const sp_purpose *purpose, const sp_findings *findings, uint64_t now_s)
{
    const sp_request request = {.dialect = sp_dialect_get(SP_DIALECT_OPENAI)};
    const sp_findings none = {0};
    const sp_evidence evidence = {purpose, &request, findings ? findings : &none, now_s, NULL, NULL};
    sp_labelling l;
    assert_int_equal(sp_label_request(&l, &evidence, &arena.mem), SP_OK);
    sp_label joined = SP_LABEL_BOTTOM; /* a label is what its atoms say, and nothing else */
    for (size_t i = 0; i < l.n_atoms; i++) joined = sp_label_join(joined, l.atoms[i].label);
    assert_true(sp_label_eq(joined, l.label));
    return l;
}

/** `n` findings of a kind, all of one confidence. */
static sp_findings found(uint8_t kind, uint8_t confidence, size_t n)
{
    sp_finding *v = sp_alloc(&arena.mem, n, sizeof *v);
    for (size_t i = 0; i < n; i++) v[i] = (sp_finding){.kind = kind, .confidence = confidence};
    return (sp_findings){.v = v, .n = n};
}

static const sp_atom *atom_of(const sp_labelling *l, sp_atom_source source)
{
    for (size_t i = 0; i < l->n_atoms; i++) {
        if (l->atoms[i].source == source) return &l->atoms[i];
    }
    return NULL;
}

/* ---- purposes ---- */

static void a_header_declares_what_the_application_may_declare(void **state)
{
    (void)state;
    const sp_snapshot s = fixture_framework();
    sp_purpose p = fixture_purpose(&s, &s.applications[APP_INTRANET]);
    assert_int_equal(sp_purpose_declare(&p, SP_LIT(" contracts ,writing")), SP_OK);
    assert_int_equal(p.n_use_cases, 2); /* `writing` is the application's already */
    assert_int_equal(p.use_cases[1].row, 1);
    assert_int_equal(p.use_cases[1].binding, SP_BINDS_HEADER);
    static const char *const wrong[] = {
        "contract", "Contracts", "contracts,,writing", "contracts,", "contracts, ", ",",
        " ",        "",          "contracts;writing"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        sp_purpose q = fixture_purpose(&s, &s.applications[APP_INTRANET]);
        assert_int_equal(sp_purpose_declare(&q, sp_bytes_of(wrong[i])), SP_EUSECASE);
        assert_int_equal(sp_purpose_draw_on(&q, sp_bytes_of(wrong[i])), SP_ESOURCE);
    }
    sp_purpose other = fixture_purpose(&s, &s.applications[APP_CONTRACTS]);
    assert_int_equal(sp_purpose_declare(&other, SP_LIT("writing")), SP_EUSECASE);
    assert_int_equal(sp_purpose_draw_on(&other, SP_LIT("crm")), SP_ESOURCE);
}

static void key_model_and_header_join_what_they_bind(void **state)
{
    (void)state;
    const sp_snapshot s = fixture_framework();
    sp_key key = {.binds = 2};
    sp_purpose by_key, by_model = fixture_purpose(&s, &s.applications[APP_INTRANET]);
    sp_purpose_init(&by_key, &s, &s.applications[APP_INTRANET], &key);
    sp_purpose_bind(&by_model, SP_BINDS_MODEL, s.models[M_CLOUD_ONLY].binds);
    sp_purpose_bind(&by_model, SP_BINDS_MODEL, s.models[M_EU].binds); /* none */
    sp_purpose by_header = fixture_purpose(&s, &s.applications[APP_INTRANET]);
    assert_int_equal(sp_purpose_declare(&by_header, SP_LIT("contracts")), SP_OK);
    const sp_purpose *all[] = {&by_key, &by_model, &by_header};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(all[i]->n_use_cases, 2);
        const sp_label label = label_at(all[i], NULL, 1000).label;
        assert_int_equal(label.level, 2);
        assert_true(label.categories == C(LEGAL));
    }
}

/** A model's use case always finds room: a header cannot push it out. */
static void a_header_cannot_fill_the_list(void **state)
{
    (void)state;
    sp_snapshot s = fixture_framework();
    sp_use_case many[20];
    uint16_t rows[20];
    for (uint16_t i = 0; i < 20; i++) {
        many[i] =
            (sp_use_case){.name = {(const uint8_t *)"abcdefghijklmnopqrst" + i, 1}, .label = SP_LABEL_BOTTOM};
        rows[i] = i;
    }
    many[19].label.level = 3;
    s.use_cases = many, s.n_use_cases = 20;
    fixture_applications[APP_INTRANET].declares = rows, fixture_applications[APP_INTRANET].n_declares = 20;
    sp_purpose p = fixture_purpose(&s, &s.applications[APP_INTRANET]);
    assert_int_equal(sp_purpose_declare(&p, SP_LIT("b,c,d,e,f,g")), SP_OK);
    assert_int_equal(sp_purpose_declare(&p, SP_LIT("h")), SP_EUSECASE);
    assert_int_equal(sp_purpose_declare(&p, SP_LIT("g, b")), SP_OK); /* said again: no more than before */
    sp_purpose_bind(&p, SP_BINDS_MODEL, 20);
    assert_int_equal(label_at(&p, NULL, 1000).label.level, 3);
}

/** A source that is named twice is one of those that a request may name. */
static void a_header_names_so_many_sources(void **state)
{
    (void)state;
    sp_snapshot s = fixture_framework();
    sp_source many[SP_SOURCES_MAX + 1];
    uint16_t rows[SP_SOURCES_MAX + 1];
    for (size_t i = 0; i <= SP_SOURCES_MAX; i++) {
        many[i] =
            (sp_source){.name = {(const uint8_t *)"abcdefghijklmnopq" + i, 1}, .label = SP_LABEL_BOTTOM};
        rows[i] = (uint16_t)i;
    }
    s.sources = many, s.n_sources = SP_SOURCES_MAX + 1;
    fixture_applications[APP_INTRANET].sources = rows;
    fixture_applications[APP_INTRANET].n_sources = SP_SOURCES_MAX + 1;
    sp_purpose p = fixture_purpose(&s, &s.applications[APP_INTRANET]);
    assert_int_equal(sp_purpose_draw_on(&p, SP_LIT("a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,a,p")), SP_OK);
    assert_int_equal(p.n_sources, SP_SOURCES_MAX);
    assert_int_equal(sp_purpose_draw_on(&p, SP_LIT("q")), SP_ESOURCE);
}

/* ---- labels ---- */

static void sources_and_floor_join_in(void **state)
{
    (void)state;
    const sp_snapshot s = fixture_framework();
    fixture_applications[APP_INTRANET].floor.level = 1;
    sp_purpose p = fixture_purpose(&s, &s.applications[APP_INTRANET]);
    assert_int_equal(label_at(&p, NULL, 1000).label.level, 1);
    assert_int_equal(sp_purpose_draw_on(&p, SP_LIT("wiki")), SP_OK);
    assert_int_equal(label_at(&p, NULL, 1000).label.integrity, SP_TRUSTED);
    assert_int_equal(sp_purpose_draw_on(&p, SP_LIT("crm, crm")), SP_OK);
    assert_int_equal(p.n_sources, 2);
    const sp_labelling l = label_at(&p, NULL, 1000);
    assert_int_equal(l.label.level, 2);
    assert_true(l.label.categories == C(PII));
    assert_int_equal(l.label.integrity, SP_UNTRUSTED);
    assert_non_null(atom_of(&l, SP_ATOM_SOURCE));
    assert_int_equal(atom_of(&l, SP_ATOM_FLOOR)->label.level, 1);
}

/** One e-mail is not five hundred customers. */
static void rules_count_findings_that_are_sure_enough(void **state)
{
    (void)state;
    static const struct {
        size_t n;
        uint8_t confidence, level;
        uint64_t categories;
    } rows[] = {{1, 0, 1, 0}, {2, 100, 1, 0}, {3, 50, 2, C(PII)}, {3, 49, 1, 0}, {500, 90, 2, C(PII)}};
    const sp_snapshot s = fixture_framework();
    const sp_purpose p = fixture_purpose(&s, &s.applications[APP_INTRANET]);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const sp_findings f = found(SP_KIND_EMAIL, rows[i].confidence, rows[i].n);
        const sp_labelling l = label_at(&p, &f, 1000);
        assert_int_equal(l.label.level, rows[i].level);
        assert_true(l.label.categories == rows[i].categories);
        const sp_atom *atom = atom_of(&l, SP_ATOM_DETECTOR);
        assert_int_equal(atom->count, rows[i].n);
        assert_true(sp_bits256_has(atom->rules, 0));
        assert_int_equal(sp_bits256_has(atom->rules, 1), rows[i].categories != 0);
    }
}

/** A list that is full hides how many there are: then each rule of what is there fires. */
static void what_is_not_listed_counts_as_enough(void **state)
{
    (void)state;
    const sp_snapshot s = fixture_framework();
    const sp_purpose p = fixture_purpose(&s, &s.applications[APP_INTRANET]);
    sp_findings f = found(SP_KIND_EMAIL, 1, 1);
    assert_int_equal(label_at(&p, &f, 1000).label.level, 1);
    f.is_full = true;
    assert_int_equal(label_at(&p, &f, 1000).label.level, 2);
    const sp_review_finding one = {.finding = {.kind = SP_KIND_EMAIL, .confidence = 1}};
    sp_review_summary answer = {.findings = &one, .n_findings = 1};
    const sp_label request = SP_LABEL_BOTTOM;
    assert_int_equal(sp_label_answer(&p, &request, &answer).level, 1);
    answer.has_more = true;
    assert_int_equal(sp_label_answer(&p, &request, &answer).level, 2);
}

static void a_kind_without_rules_means_what_it_is_shipped_with(void **state)
{
    (void)state;
    const sp_snapshot s = fixture_framework();
    const sp_purpose p = fixture_purpose(&s, &s.applications[APP_INTRANET]);
    for (size_t i = 0; sp_kind_at(i); i++) {
        const sp_kind_info *kind = sp_kind_at(i);
        if (kind->kind == SP_KIND_EMAIL) continue;
        const sp_findings f = found((uint8_t)kind->kind, 1, 1);
        const sp_label label = label_at(&p, &f, 1000).label;
        assert_int_equal(label.level, kind->level);
        assert_int_equal(label.integrity, sp_kind_is_untrusted(kind->kind) ? SP_UNTRUSTED : SP_TRUSTED);
        if (kind->category == SP_CAT_OUTWARD)
            assert_int_equal(label.categories, 0); /* it is of no label */
        else
            assert_int_equal(label.categories, sp_kind_categories(kind));
        if (sp_kind_is_proposal(kind->kind)) assert_true(kind->level == 0 && label.categories == 0);
    }
}

static void a_category_brings_what_it_carries(void **state)
{
    (void)state;
    sp_snapshot s = fixture_framework();
    fixture_use_cases[0].label.categories = C(HR);
    const sp_purpose p = fixture_purpose(&s, &s.applications[APP_INTRANET]);
    const sp_labelling l = label_at(&p, NULL, 1000);
    const sp_bits256 germany = fixture_only("DE");
    assert_int_equal(l.label.level, 2);
    assert_true(sp_bits256_subset(l.label.residency, germany));
    assert_int_equal(atom_of(&l, SP_ATOM_HANDLING)->kind, SP_CAT_HR);
}

static void a_review_is_overdue_from_its_second_on(void **state)
{
    (void)state;
    const sp_snapshot s = fixture_framework();
    const sp_purpose p = fixture_purpose(&s, &s.applications[APP_CONTRACTS]);
    const sp_labelling before = label_at(&p, NULL, REVIEW - 1);
    assert_int_equal(before.label.level, 2);
    assert_true(before.until_s == REVIEW); /* whoever goes on with it asks again from there on */
    const sp_labelling l = label_at(&p, NULL, REVIEW);
    assert_true(l.until_s == UINT64_MAX);
    assert_int_equal(l.label.level, 3);
    assert_true(l.label.categories & C(IN_HOUSE));
    assert_int_equal(atom_of(&l, SP_ATOM_OVERDUE)->row, 1);
    const sp_purpose undated = fixture_purpose(&s, &s.applications[APP_INTRANET]);
    const sp_labelling never = label_at(&undated, NULL, UINT64_MAX);
    assert_null(atom_of(&never, SP_ATOM_OVERDUE));
    assert_true(never.until_s == UINT64_MAX);
}

/* ---- what was told before ---- */

static void what_was_told_joins_in_with_what_its_categories_carry(void **state)
{
    (void)state;
    const sp_snapshot s = fixture_framework();
    const sp_purpose p = fixture_purpose(&s, &s.applications[APP_INTRANET]);
    const sp_request request = {.dialect = sp_dialect_get(SP_DIALECT_OPENAI)};
    const sp_findings none = {0};
    sp_recalled told = {.label = SP_LABEL_BOTTOM, .place = {"messages[].content", {3}}};
    const sp_evidence evidence = {&p, &request, &none, 1000, &told, NULL};
    told.label.categories = C(HR);
    sp_labelling l;
    assert_int_equal(sp_label_request(&l, &evidence, &arena.mem), SP_OK);
    assert_null(atom_of(&l, SP_ATOM_TOLD)); /* nothing came back */
    told.count = 2;
    assert_int_equal(sp_label_request(&l, &evidence, &arena.mem), SP_OK);
    const sp_atom *atom = atom_of(&l, SP_ATOM_TOLD);
    assert_non_null(atom);
    assert_int_equal(atom->count, 2);
    assert_int_equal(atom->place.index[0], 3);
    assert_true(l.label.categories & C(HR));
    assert_int_equal(atom_of(&l, SP_ATOM_HANDLING)->kind, SP_CAT_HR);
}

/* ---- the read side, and stops ---- */

static void what_may_not_be_handed_back_is_not_sent(void **state)
{
    (void)state;
    const sp_snapshot s = fixture_framework();
    const sp_request request = {.dialect = sp_dialect_get(SP_DIALECT_OPENAI), .model = SP_LIT("assistant")};
    const sp_purpose p = fixture_purpose(&s, &s.applications[APP_INTRANET]);
    sp_label label = SP_LABEL_BOTTOM;
    const sp_question q = {.purpose = &p, .request = &request, .label = &label, .now_s = 1500};
    sp_decision d;
    fixture_applications[APP_INTRANET].reader = (sp_label){.categories = C(PII), .level = 1};
    label.level = 1, label.categories = C(PII);
    sp_decide(&d, &q);
    assert_int_equal(d.status, SP_OK);
    label.level = 2;
    sp_decide(&d, &q);
    assert_int_equal(d.status, SP_EREADER);
    assert_int_equal(d.n_candidates, 0);
    label.level = 0, label.categories = C(HR);
    sp_decide(&d, &q);
    assert_int_equal(d.status, SP_EREADER);
}

/** By what the policy says of a kind, not by what the kind is shipped with: all of its rows, since an answer
 * leaves before all of it is counted. */
static void what_an_application_may_not_read_is_withheld(void **state)
{
    (void)state;
    sp_snapshot s = fixture_framework();
    const sp_purpose p = fixture_purpose(&s, &s.applications[APP_INTRANET]);
    fixture_applications[APP_INTRANET].reader = (sp_label){.categories = C(FINANCIAL), .level = 2};
    assert_true(sp_reader_lacks(&p).categories ==
                (C(PII) | C(PHI) | C(PCI) | C(CREDENTIALS) | C(LEGAL) | C(EXPORT) | C(SOURCE)));
    sp_finding_rule rules[SP_KIND_LIMIT] = {{SP_KIND_IBAN, 0, 1, SP_LABEL_BOTTOM},
                                            {SP_KIND_IBAN, 0, 50, SP_LABEL_BOTTOM}};
    rules[0].label.level = 1, rules[1].label.level = 3;
    s.finding_rules = rules, s.n_finding_rules = 2;
    assert_true(sp_reader_lacks(&p).categories & C(FINANCIAL));
    const sp_kind_info *kind;
    for (size_t i = 0; (kind = sp_kind_at(i)) != NULL; i++) {
        if (kind->category == SP_CAT_FINANCIAL && kind->kind != SP_KIND_IBAN)
            rules[s.n_finding_rules++] = (sp_finding_rule){(uint8_t)kind->kind, 0, 1, SP_LABEL_BOTTOM};
    }
    rules[1].label.level = 0;
    fixture_applications[APP_INTRANET].reader.categories = 0;
    assert_false(sp_reader_lacks(&p).categories &
                 C(FINANCIAL)); /* no row says that an account is financial */
    rules[1].label.categories = C(HR);
    fixture_applications[APP_INTRANET].reader = (sp_label){.categories = C(HR), .level = 1};
    assert_true(sp_reader_lacks(&p).categories & C(FINANCIAL)); /* HR carries level 2 */
}

/* No category withholds a kind that has none: it is named itself. */
static void a_kind_without_a_category_is_withheld_by_itself(void **state)
{
    (void)state;
    sp_snapshot s = fixture_framework();
    const sp_purpose p = fixture_purpose(&s, &s.applications[APP_INTRANET]);
    fixture_applications[APP_INTRANET].reader = (sp_label){.categories = C(FINANCIAL), .level = 1};
    assert_false(sp_bits256_has(sp_reader_lacks(&p).kinds, SP_KIND_MARKING_INTERNAL));
    assert_true(sp_bits256_has(sp_reader_lacks(&p).kinds, SP_KIND_MARKING_CONFIDENTIAL));
    const sp_finding_rule rules[] = {{SP_KIND_MARKING_INTERNAL, 0, 1, {.categories = C(HR)}},
                                     {SP_KIND_MARKING_CONFIDENTIAL, 0, 1, {.level = 1}}};
    s.finding_rules = rules, s.n_finding_rules = 2;
    assert_true(sp_bits256_has(sp_reader_lacks(&p).kinds, SP_KIND_MARKING_INTERNAL));
    assert_false(sp_bits256_has(sp_reader_lacks(&p).kinds, SP_KIND_MARKING_CONFIDENTIAL));
    assert_false(sp_bits256_has(sp_reader_lacks(&p).kinds, SP_KIND_EMAIL)); /* its category does */
}

/* Only where both may read everything is there nothing to ask. */
static void who_may_read_all_lacks_nothing(void **state)
{
    (void)state;
    sp_snapshot s = fixture_framework();
    sp_purpose p = fixture_purpose(&s, &s.applications[APP_INTRANET]);
    const sp_label all = {.categories = UINT64_MAX, .level = SP_LEVEL_MAX};
    sp_subject subject = {.reader = all};
    fixture_applications[APP_INTRANET].reader = all;
    assert_true(sp_reader_lacks(&p).categories == 0);
    assert_true(sp_bits256_is_empty(sp_reader_lacks(&p).kinds));
    p.subject = &subject;
    assert_true(sp_reader_lacks(&p).categories == 0);
    subject.reader.categories &= ~C(FINANCIAL);
    assert_true(sp_reader_lacks(&p).categories == C(FINANCIAL));
    subject.reader = all;
    fixture_applications[APP_INTRANET].reader.level = 0;
    assert_true(sp_reader_lacks(&p).categories & C(PII));
}

static void each_use_case_in_force_can_be_paused(void **state)
{
    (void)state;
    const sp_snapshot s = fixture_framework();
    const sp_request request = {.dialect = sp_dialect_get(SP_DIALECT_OPENAI), .model = SP_LIT("assistant")};
    const sp_stop stop = {.kind = SP_STOP_USE_CASE, .name = SP_LIT("contracts"), .reason = SP_LIT("x")};
    const sp_stops stops = {.is_known = true, .v = &stop, .n = 1};
    const sp_label label = SP_LABEL_BOTTOM;
    sp_purpose p = fixture_purpose(&s, &s.applications[APP_INTRANET]);
    const sp_question q = {
        .purpose = &p, .request = &request, .label = &label, .stops = &stops, .now_s = 1500};
    sp_decision d;
    sp_decide(&d, &q);
    assert_int_equal(d.status, SP_OK);
    assert_int_equal(sp_purpose_declare(&p, SP_LIT("contracts")), SP_OK);
    sp_decide(&d, &q);
    assert_int_equal(d.status, SP_ESTOPPED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_header_declares_what_the_application_may_declare, setup, teardown),
        cmocka_unit_test_setup_teardown(key_model_and_header_join_what_they_bind, setup, teardown),
        cmocka_unit_test_setup_teardown(a_header_cannot_fill_the_list, setup, teardown),
        cmocka_unit_test_setup_teardown(a_header_names_so_many_sources, setup, teardown),
        cmocka_unit_test_setup_teardown(sources_and_floor_join_in, setup, teardown),
        cmocka_unit_test_setup_teardown(rules_count_findings_that_are_sure_enough, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_not_listed_counts_as_enough, setup, teardown),
        cmocka_unit_test_setup_teardown(a_kind_without_rules_means_what_it_is_shipped_with, setup, teardown),
        cmocka_unit_test_setup_teardown(a_category_brings_what_it_carries, setup, teardown),
        cmocka_unit_test_setup_teardown(a_review_is_overdue_from_its_second_on, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_told_joins_in_with_what_its_categories_carry, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_may_not_be_handed_back_is_not_sent, setup, teardown),
        cmocka_unit_test_setup_teardown(who_may_read_all_lacks_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(what_an_application_may_not_read_is_withheld, setup, teardown),
        cmocka_unit_test_setup_teardown(a_kind_without_a_category_is_withheld_by_itself, setup, teardown),
        cmocka_unit_test_setup_teardown(each_use_case_in_force_can_be_paused, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
