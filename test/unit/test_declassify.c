/** Declassifiers: which one would help, and what it makes of a body: JSON, with the finding gone and all else
 * as it was. */
#include "arena_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fixture_framework.h"
#include "parse/json.h"
#include "sallyport/declassify.h"

static sp_engine *engine;
static sp_scratch *scratch;

static int start(void **state)
{
    (void)state;
    assert_int_equal(sp_engine_new(&engine, NULL), SP_OK);
    assert_int_equal(sp_scratch_new(&scratch, engine), SP_OK);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    sp_scratch_free(scratch);
    sp_engine_free(engine);
    return 0;
}

static sp_status read_body(sp_request *r, sp_findings *found, sp_bytes body)
{
    const sp_dialect *dialect = sp_dialect_get(SP_DIALECT_OPENAI);
    *found = SP_FINDINGS_IN(&arena.mem, 1000);
    assert_int_equal(sp_request_parse(r, dialect, body, &arena.mem, NULL), SP_OK);
    const sp_scan_in in = {engine, scratch, r->text, {NULL, 0}, &arena.mem};
    return sp_scan_disguised(found, &in);
}

#define SAYS(CONTENT) \
    "{\"model\":\"assistant\",\"messages\":[{\"role\":\"user\",\"content\":" CONTENT "}],\"n\":1}"
#define A_LINE "It was a dark and stormy night, and the rain fell in torrents upon all of the roofs. "
#define FAR A_LINE A_LINE A_LINE A_LINE A_LINE A_LINE A_LINE A_LINE
#define EMAIL ((sp_bits256){{UINT64_C(1) << SP_KIND_EMAIL, 0, 0, 0}})

static const sp_declassifier mask = {.does = SP_DOES_MASK};
static const sp_declassifier drop = {.does = SP_DOES_DROP};

static const struct {
    const char *name, *before, *after;
    const sp_declassifier *with;
} rows[] = {
    {"one", SAYS("\"to j.doe@kaufhaus.de now\""), SAYS("\"to [masked: email] now\""), &mask},
    {"two", SAYS("\"a@kaufhaus.de b@kaufhaus.de\""), SAYS("\"[masked: email] [masked: email]\""), &mask},
    {"among escapes", SAYS("\"\\u00e4\\n\\\"j.doe@kaufhaus.de\\\"\""),
     SAYS("\"\\u00e4\\n\\\"[masked: email]\\\"\""), &mask},
    {"with an escape inside", SAYS("\"j.d\\u006fe@kaufhaus.de.\""), SAYS("\"[masked: email].\""), &mask},
    {"in a string in a string", SAYS("\"{\\\"to\\\":\\\"j.doe@kaufhaus.de\\\"}\""),
     SAYS("\"{\\\"to\\\":\\\"[masked: email]\\\"}\""), &mask},
    {"in base64", SAYS("\"pay am9obi5kb2VAa2F1ZmhhdXMuZGU= now\""), SAYS("\"pay [masked: email] now\""),
     &mask},
    {"in percent encoding", SAYS("\"to j.doe%40kaufhaus.de now\""), SAYS("\"to [masked: email] now\""),
     &mask},
    /* What the parser reads once more, folded, leads to the whole of its text. */
    {"in full width", SAYS("\"to \xef\xbd\x8a.doe\xef\xbc\xa0kaufhaus.de now\""), SAYS("\"[masked: email]\""),
     &mask},
    {"with zero width inside", SAYS("\"to j\xe2\x80\x8b.doe@kauf\xe2\x80\x8bhaus.de now\""),
     SAYS("\"[masked: email]\""), &mask},
    {"dropped", SAYS("\"to j.doe@kaufhaus.de now\""), SAYS("\"[removed: email]\""), &drop},
    {"far from the joint with the next text",
     SAYS("[{\"type\":\"text\",\"text\":\"j.doe@kaufhaus.de " FAR "\"},{\"type\":\"text\",\"text\":\" b\"}]"),
     SAYS("[{\"type\":\"text\",\"text\":\"[removed: email]\"},{\"type\":\"text\",\"text\":\" b\"}]"), &drop},
    {"one message of two dropped", SAYS("\"j.doe@kaufhaus.de\"},{\"role\":\"user\",\"content\":\" b\""),
     SAYS("\"[removed: email]\"},{\"role\":\"user\",\"content\":\" b\""), &drop},
    {"twice in a text that is dropped", SAYS("\"a@kaufhaus.de b@kaufhaus.de\""), SAYS("\"[removed: email]\""),
     &drop},
};

static void a_finding_gives_way_and_nothing_else_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sp_request r, again;
        sp_findings found, left;
        sp_buf out = SP_BUF_IN(&arena.mem);
        const sp_declassification what = {.declassifier = rows[i].with, .kinds = EMAIL};
        assert_int_equal(read_body(&r, &found, sp_bytes_of(rows[i].before)), SP_OK);
        if (sp_declassify(&out, &r, &found, &what) != SP_OK) fail_msg("%s: refused", rows[i].name);
        if (!sp_bytes_eq(sp_buf_bytes(&out), sp_bytes_of(rows[i].after)))
            fail_msg("%s: %.*s", rows[i].name, (int)out.n, (const char *)out.p);
        assert_int_equal(read_body(&again, &left, sp_buf_bytes(&out)), SP_OK);
        assert_int_equal(left.n, 0);
    }
}

static void what_is_no_text_is_left(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        SAYS("\"nothing\""),
        SAYS("[{\"type\":\"text\",\"text\":\"to j.doe@kauf\"},{\"type\":\"text\",\"text\":\"haus.de now\"}]"),
        "{\"model\":\"assistant\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],"
        "\"metadata\":{\"j.doe@kaufhaus.de\":\"x\"}}",
        "{\"model\":\"assistant\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],"
        "\"metadata\":{\"j\\\\u002edoe@kaufhaus.de\":\"x\"}}", /* in escapes of a key */
    };
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        sp_request r;
        sp_findings found;
        sp_buf out = SP_BUF_IN(&arena.mem);
        const sp_declassification what = {.declassifier = &mask, .kinds = EMAIL};
        assert_int_equal(read_body(&r, &found, sp_bytes_of(bodies[i])), SP_OK);
        assert_int_equal(sp_declassify(&out, &r, &found, &what), SP_ERANGE);
    }
}

/** All that was found or nothing: one that cannot be taken out would leave with the rest. */
static void all_are_taken_out_or_none(void **state)
{
    (void)state;
    sp_request r;
    sp_findings found;
    sp_buf out = SP_BUF_IN(&arena.mem);
    const sp_declassification what = {.declassifier = &mask, .kinds = EMAIL};
    const sp_bytes body =
        SP_LIT("{\"model\":\"assistant\",\"messages\":[{\"role\":\"user\",\"content\":\"a@kaufhaus.de\"}],"
               "\"metadata\":{\"b@kaufhaus.de\":\"x\"}}");
    assert_int_equal(read_body(&r, &found, body), SP_OK);
    assert_int_equal(found.n, 2);
    assert_int_equal(sp_declassify(&out, &r, &found, &what), SP_ERANGE);
    assert_int_equal(read_body(&r, &found, SP_LIT(SAYS("\"a@kaufhaus.de\""))), SP_OK);
    found.is_full = true;
    assert_int_equal(sp_declassify(&out, &r, &found, &what), SP_ERANGE);
}

/** A text that is dropped takes along the beginning of what the next one goes on with: the rest would leave,
 * and nobody could see any more what it was. The same finding whole, elsewhere, is no excuse. */
static void nothing_is_dropped_beside_what_is_read_over_a_joint(void **state)
{
    (void)state;
    sp_request r;
    sp_findings found;
    sp_buf out = SP_BUF_IN(&arena.mem);
    const sp_declassification what = {.declassifier = &drop, .kinds = EMAIL};
    const sp_bytes body = SP_LIT(SAYS("[{\"type\":\"text\",\"text\":\"j.doe@kaufhaus.de or j.doe@kauf\"},"
                                      "{\"type\":\"text\",\"text\":\"haus.de now\"}]"));
    assert_int_equal(read_body(&r, &found, body), SP_OK);
    assert_int_equal(sp_declassify(&out, &r, &found, &what), SP_ERANGE);
}

/** Other kinds stay. */
static void only_its_kinds_are_taken_out(void **state)
{
    (void)state;
    sp_request r;
    sp_findings found;
    sp_buf out = SP_BUF_IN(&arena.mem);
    const sp_declassification what = {.declassifier = &mask, .kinds = EMAIL};
    const sp_bytes body = SP_LIT(SAYS("\"4111 1111 1111 1111 a@kaufhaus.de\""));
    assert_int_equal(read_body(&r, &found, body), SP_OK);
    assert_int_equal(sp_declassify(&out, &r, &found, &what), SP_OK);
    assert_true(sp_bytes_eq(sp_buf_bytes(&out), SP_LIT(SAYS("\"4111 1111 1111 1111 [masked: email]\""))));
}

/* ---- which one ---- */

static sp_atom atom(sp_atom_source source, uint8_t kind, uint8_t level, uint64_t categories)
{
    sp_atom a = {.label = SP_LABEL_BOTTOM, .source = (uint8_t)source, .kind = kind, .count = 1};
    a.label.level = level;
    a.label.categories = categories;
    return a;
}

static sp_declassification find(const sp_snapshot *s, sp_atom *atoms, size_t n, uint16_t destination)
{
    const sp_purpose purpose = fixture_purpose(s, &s->applications[0]);
    const sp_label label = SP_LABEL_BOTTOM;
    const sp_question q = {.purpose = &purpose, .label = &label, .now_s = 1000};
    const sp_labelling l = {.atoms = atoms, .n_atoms = n};
    return sp_declassifier_find(&q, &l, destination);
}

static void it_helps_only_where_what_is_left_flows(void **state)
{
    (void)state;
    const sp_snapshot s = fixture_framework();
    sp_atom email = atom(SP_ATOM_DETECTOR, SP_KIND_EMAIL, 2, C(PII));
    sp_atom card = atom(SP_ATOM_DETECTOR, SP_KIND_CARD, 2, C(PCI));
    sp_atom both = atom(SP_ATOM_DETECTOR, SP_KIND_IBAN, 2, C(PII) | C(FINANCIAL));
    sp_atom nothing = atom(SP_ATOM_DETECTOR, SP_KIND_IBAN, 2, 0);
    sp_atom by_use_case = atom(SP_ATOM_USE_CASE, 1, 2, C(PII));
    sp_atom house = atom(SP_ATOM_USE_CASE, 1, 0, C(IN_HOUSE));
    fixture_destinations[CLOUD].clearance.level = 1;
    const sp_declassification found = find(&s, (sp_atom[]){email}, 1, CLOUD);
    assert_ptr_equal(found.declassifier, &fixture_declassifiers[0]);
    assert_true(sp_bits256_has(found.kinds, SP_KIND_EMAIL));
    assert_ptr_equal(find(&s, (sp_atom[]){card}, 1, CLOUD).declassifier, &fixture_declassifiers[1]);
    assert_null(find(&s, (sp_atom[]){email, card}, 2, CLOUD).declassifier); /* one is left whichever it is */
    assert_null(find(&s, (sp_atom[]){both}, 1, CLOUD).declassifier);
    assert_null(find(&s, (sp_atom[]){nothing}, 1, CLOUD).declassifier);
    assert_null(find(&s, (sp_atom[]){by_use_case}, 1, CLOUD).declassifier);
    assert_null(find(&s, (sp_atom[]){email, house}, 2, CLOUD).declassifier);
    assert_null(find(&s, (sp_atom[]){email}, 1, LOCAL).declassifier); /* not for this one */
    assert_null(find(&s, NULL, 0, CLOUD).declassifier);
}

/** Three addresses are of `pii`, and one is at level 1 all the same: what fewer are refused for, more are. */
static void each_rule_is_taken_out_by_itself(void **state)
{
    (void)state;
    const sp_snapshot s = fixture_framework();
    sp_atom one = atom(SP_ATOM_DETECTOR, SP_KIND_EMAIL, 1, 0);
    sp_atom three = atom(SP_ATOM_DETECTOR, SP_KIND_EMAIL, 2, C(PII));
    sp_bits256_add(&one.rules, 0);
    sp_bits256_add(&three.rules, 0), sp_bits256_add(&three.rules, 1);
    fixture_destinations[CLOUD].clearance.level = 0;
    assert_null(find(&s, &one, 1, CLOUD).declassifier);
    assert_null(find(&s, &three, 1, CLOUD).declassifier);
    fixture_destinations[CLOUD].clearance.level = 1;
    assert_ptr_equal(find(&s, &three, 1, CLOUD).declassifier, &fixture_declassifiers[0]);
    assert_true(sp_bits256_has(find(&s, &three, 1, CLOUD).kinds, SP_KIND_EMAIL));
}

/** What a category carried goes with it. */
static void handling_goes_with_its_category(void **state)
{
    (void)state;
    sp_snapshot s = fixture_framework();
    s.handled = C(PII);
    fixture_handling[SP_CAT_PII] = SP_LABEL_BOTTOM;
    fixture_handling[SP_CAT_PII].residency = fixture_only("CN");
    sp_atom atoms[] = {atom(SP_ATOM_DETECTOR, SP_KIND_EMAIL, 0, C(PII)),
                       atom(SP_ATOM_HANDLING, SP_CAT_PII, 0, 0)};
    atoms[1].label = fixture_handling[SP_CAT_PII];
    assert_ptr_equal(find(&s, atoms, 2, CLOUD).declassifier, &fixture_declassifiers[0]);
}

/** The second question alone opens: a candidate is judged by what was made, every other by the original. */
static void the_second_question_decides(void **state)
{
    (void)state;
    const sp_snapshot s = fixture_framework();
    const sp_purpose purpose = fixture_purpose(&s, &s.applications[0]);
    const sp_request request = {.dialect = sp_dialect_get(SP_DIALECT_OPENAI), .model = SP_LIT("assistant")};
    sp_label before = SP_LABEL_BOTTOM, after = SP_LABEL_BOTTOM;
    sp_decision d;
    sp_question q = {.purpose = &purpose, .request = &request, .label = &before, .now_s = 1000};
    fixture_destinations[CLOUD].clearance.level = fixture_destinations[CLOUD_EU].clearance.level = 1;
    before.level = 2;
    sp_decide(&d, &q);
    assert_int_equal(d.destination, LOCAL);
    q.declassified = (sp_declassified){&request, &after, 1};
    sp_decide(&d, &q);
    assert_int_equal(d.outcome, SP_DECLASSIFY);
    assert_int_equal(d.destination, CLOUD_EU);
    assert_int_equal(d.candidates[0].reason, SP_REASON_FLOW);
    after.level = 2; /* it did not do its work */
    sp_decide(&d, &q);
    assert_int_equal(d.outcome, SP_REROUTE);
    assert_int_equal(d.destination, LOCAL);
    before.level = 0; /* nothing kept it away: then it is no declassifying */
    sp_decide(&d, &q);
    assert_int_equal(d.outcome, SP_ALLOW);
}

/** What was made is asked for by the same caller: what he may not ask for opens nothing, nor what he may not
 * read. */
static void what_is_made_is_asked_of_the_caller(void **state)
{
    (void)state;
    const sp_snapshot s = fixture_framework();
    const sp_purpose purpose = fixture_purpose(&s, &s.applications[0]);
    sp_use egress = {.kind = SP_FIELD_EGRESS};
    sp_request after = {.dialect = sp_dialect_get(SP_DIALECT_OPENAI), .model = SP_LIT("cloud-only")};
    const sp_request request = after;
    sp_label before = SP_LABEL_BOTTOM, label = SP_LABEL_BOTTOM;
    sp_decision d;
    const sp_question q = {.purpose = &purpose,
                           .request = &request,
                           .label = &before,
                           .declassified = {&after, &label, 0},
                           .now_s = 1000};
    fixture_destinations[CLOUD].clearance.level = 1;
    fixture_destinations[CLOUD].permits |= SP_PERMIT(SP_FIELD_EGRESS);
    before.level = 2;
    sp_decide(&d, &q);
    assert_int_equal(d.outcome, SP_DECLASSIFY);
    after.uses = &egress, after.n_uses = 1;
    sp_decide(&d, &q);
    assert_int_equal(d.status, SP_EFLOW);
    after.n_uses = 0;
    fixture_applications[0].reader = SP_LABEL_BOTTOM;
    fixture_applications[0].reader.level = 2;
    sp_decide(&d, &q);
    assert_int_equal(d.outcome, SP_DECLASSIFY);
    label.categories = C(FINANCIAL);
    fixture_destinations[CLOUD].clearance.categories |= C(FINANCIAL);
    sp_decide(&d, &q);
    assert_int_equal(d.status, SP_EFLOW);
}

/** What is in the way beside the label stays there, whatever the new bytes hold. */
static void nothing_but_the_flow_gives_way(void **state)
{
    (void)state;
    const sp_snapshot s = fixture_framework();
    const sp_purpose purpose = fixture_purpose(&s, &s.applications[0]);
    sp_use unknown = {.kind = SP_FIELD_UNKNOWN};
    const sp_request after = {.dialect = sp_dialect_get(SP_DIALECT_OPENAI), .model = SP_LIT("cloud-only")};
    sp_request before = after;
    const sp_label label = SP_LABEL_BOTTOM;
    sp_decision d;
    const sp_question q = {.purpose = &purpose,
                           .request = &before,
                           .label = &label,
                           .declassified = {&after, &label, 0},
                           .now_s = 1000};
    sp_decide(&d, &q);
    assert_int_equal(d.outcome, SP_ALLOW);
    before.uses = &unknown, before.n_uses = 1;
    sp_decide(&d, &q);
    assert_int_equal(d.candidates[0].reason, SP_REASON_PERMIT);
    assert_int_equal(d.status, SP_EUNKNOWN);
}

/** Not the flow is what keeps a candidate away whose second question was passed, but what else does; and
 * nothing that is not there is ever sent. */
static void what_was_opened_is_judged_by_the_moment(void **state)
{
    (void)state;
    const sp_snapshot s = fixture_framework();
    const sp_purpose purpose = fixture_purpose(&s, &s.applications[0]);
    const sp_request request = {.dialect = sp_dialect_get(SP_DIALECT_OPENAI), .model = SP_LIT("cloud-only")};
    sp_label label = SP_LABEL_BOTTOM;
    sp_decision d;
    sp_question q = {.purpose = &purpose, .request = &request, .label = &label, .opened = 1, .now_s = 1000};
    fixture_destinations[CLOUD].clearance.level = 1;
    label.level = 2;
    sp_decide(&d, &q);
    assert_int_equal(d.status, SP_EFLOW);
    q.away = 1;
    sp_decide(&d, &q);
    assert_int_equal(d.status, SP_EAWAY);
    assert_true(d.candidates[0].part == 0 && d.candidates[0].missing == 0);
    q.tried = 1;
    sp_decide(&d, &q);
    assert_int_equal(d.status, SP_EUPSTREAM);
    q.opened = 0;
    sp_decide(&d, &q);
    assert_int_equal(d.status, SP_EFLOW);
}

/** In the order of the candidates, each once, none behind the one that is taken. */
static void the_next_one_is_asked_in_order(void **state)
{
    (void)state;
    const sp_snapshot s = fixture_framework();
    const sp_purpose purpose = fixture_purpose(&s, &s.applications[0]);
    const sp_request request = {.dialect = sp_dialect_get(SP_DIALECT_OPENAI), .model = SP_LIT("assistant")};
    sp_atom email = atom(SP_ATOM_DETECTOR, SP_KIND_EMAIL, 2, C(PII));
    const sp_labelling l = {.label = email.label, .atoms = &email, .n_atoms = 1};
    const sp_question q = {.purpose = &purpose, .request = &request, .label = &l.label, .now_s = 1500};
    fixture_destinations[CLOUD].clearance.level = fixture_destinations[CLOUD_EU].clearance.level = 1;
    assert_int_equal(sp_declassifier_next(&q, &l, 0).candidate, 0);
    assert_int_equal(sp_declassifier_next(&q, &l, 1).candidate, 1);
    assert_null(sp_declassifier_next(&q, &l, 3).declassifier);
    fixture_destinations[CLOUD].clearance.level = 3; /* taken as it is */
    assert_null(sp_declassifier_next(&q, &l, 0).declassifier);
}

/** What a declassifier might open counts as another candidate: but not one that is away, failed, or was
 * refused by the second question already. */
static void what_might_be_opened_is_left(void **state)
{
    (void)state;
    const sp_snapshot s = fixture_framework();
    const sp_purpose purpose = fixture_purpose(&s, &s.applications[0]);
    const sp_request request = {.dialect = sp_dialect_get(SP_DIALECT_OPENAI), .model = SP_LIT("assistant")};
    sp_atom email = atom(SP_ATOM_DETECTOR, SP_KIND_EMAIL, 2, C(PII));
    const sp_labelling l = {.label = email.label, .atoms = &email, .n_atoms = 1};
    const sp_label after = SP_LABEL_BOTTOM;
    sp_question q = {.purpose = &purpose, .request = &request, .label = &l.label, .now_s = 1500};
    sp_decision d;
    fixture_destinations[CLOUD].clearance.level = fixture_destinations[CLOUD_EU].clearance.level = 1;
    q.declassified = (sp_declassified){&request, &after, 0};
    sp_decide(&d, &q);
    assert_int_equal(d.destination, CLOUD);
    assert_true(sp_declassifier_is_left(&d, &q, &l, 0)); /* CLOUD_EU */
    assert_false(sp_declassifier_is_left(&d, &q, &l, 2));
    q.away = 2;
    assert_false(sp_declassifier_is_left(&d, &q, &l, 0));
    q.away = 0;
    q.declassified.request =
        NULL; /* the other way round: one that needs none is taken, one before it fails */
    sp_decide(&d, &q);
    assert_int_equal(d.destination, LOCAL);
    assert_true(d.is_last && sp_declassifier_is_left(&d, &q, &l, 0));
    q.tried = 3;
    assert_false(sp_declassifier_is_left(&d, &q, &l, 0));
    q.tried = 0;
    q.is_retry_denied = true;
    assert_false(sp_declassifier_is_left(&d, &q, &l, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_finding_gives_way_and_nothing_else_does, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_no_text_is_left, setup, teardown),
        cmocka_unit_test_setup_teardown(all_are_taken_out_or_none, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_is_dropped_beside_what_is_read_over_a_joint, setup, teardown),
        cmocka_unit_test_setup_teardown(only_its_kinds_are_taken_out, setup, teardown),
        cmocka_unit_test(it_helps_only_where_what_is_left_flows),
        cmocka_unit_test(each_rule_is_taken_out_by_itself),
        cmocka_unit_test(handling_goes_with_its_category),
        cmocka_unit_test(the_second_question_decides),
        cmocka_unit_test(nothing_but_the_flow_gives_way),
        cmocka_unit_test(what_is_made_is_asked_of_the_caller),
        cmocka_unit_test(what_was_opened_is_judged_by_the_moment),
        cmocka_unit_test(the_next_one_is_asked_in_order),
        cmocka_unit_test(what_might_be_opened_is_left),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
