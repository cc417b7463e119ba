/** The decision: which candidate, why, and the laws: pure, monotone, failover never reaches further. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fixture_policy.h"

enum {
    PII = 1 << SP_CAT_PII,
    PHI = 1 << SP_CAT_PHI,
    FIN = 1 << SP_CAT_FINANCIAL,
    RAW = 1 << SP_CAT_UNREADABLE
};

static sp_label label_of(uint8_t level, uint64_t categories)
{
    sp_label label = SP_LABEL_BOTTOM;
    label.level = level;
    label.categories = categories;
    return label;
}

typedef struct row {
    const char *name;
    uint8_t application, level;
    uint64_t categories;
    const char *model;
    uint8_t use; /* sp_field_kind of a use in the request + 1; 0 = none */
    uint32_t tried, away;
    sp_outcome outcome;
    sp_status status;
    int destination;
} row;

static const row rows[] = {
    {"a public question goes to the preferred cloud", APP_INTRANET, 0, 0, "assistant", 0, 0, 0, SP_ALLOW,
     SP_OK, CLOUD},
    {"an IBAN is too high for the first cloud, not for the second", APP_INTRANET, 2, FIN, "assistant", 0, 0,
     0, SP_REROUTE, SP_OK, CLOUD_EU},
    {"health data goes to the own model", APP_INTRANET, 1, PHI, "assistant", 0, 0, 0, SP_REROUTE, SP_OK,
     LOCAL},
    {"what only a cloud serves is refused", APP_INTRANET, 3, PII, "cloud-only", 0, 0, 0, SP_DENY, SP_EFLOW,
     -1},
    {"an unknown model is not found", APP_INTRANET, 0, 0, "gpt-9", 0, 0, 0, SP_DENY, SP_EMODEL, -1},
    {"a model of another application is forbidden", APP_AGENT, 0, 0, "eu", 0, 0, 0, SP_DENY, SP_EFORBIDDEN,
     -1},
    {"a model of another dialect is not served", APP_INTRANET, 0, 0, "claude", 0, 0, 0, SP_DENY, SP_EMODEL,
     -1},
    {"an unknown field goes where it is permitted", APP_INTRANET, 0, 0, "assistant", SP_FIELD_UNKNOWN + 1, 0,
     0, SP_REROUTE, SP_OK, LOCAL},
    {"an unknown field that nobody may have is refused", APP_INTRANET, 0, 0, "cloud-only",
     SP_FIELD_UNKNOWN + 1, 0, 0, SP_DENY, SP_EUNKNOWN, -1},
    {"state needs the application's permission first", APP_INTRANET, 0, 0, "assistant", SP_FIELD_STATE + 1, 0,
     0, SP_DENY, SP_ESTATE, -1},
    {"egress needs the application's permission first", APP_INTRANET, 0, 0, "assistant", SP_FIELD_EGRESS + 1,
     0, 0, SP_DENY, SP_EEGRESS, -1},
    {"unreadable content flows where a clearance names it", APP_INTRANET, 0, RAW, "assistant",
     SP_FIELD_UNREADABLE + 1, 0, 0, SP_REROUTE, SP_OK, LOCAL},
    {"unreadable content is named as the reason", APP_INTRANET, 0, RAW, "eu", SP_FIELD_UNREADABLE + 1, 0, 0,
     SP_DENY, SP_EUNREADABLE, -1},
    {"a failed candidate is passed over", APP_INTRANET, 0, 0, "assistant", 0, 1, 0, SP_ALLOW, SP_OK,
     CLOUD_EU},
    {"failover obeys the label", APP_INTRANET, 2, FIN, "assistant", 0, 2, 0, SP_REROUTE, SP_OK, LOCAL},
    {"when all have failed the destination is to blame", APP_INTRANET, 0, 0, "assistant", 0, 7, 0, SP_DENY,
     SP_EUPSTREAM, -1},
    {"one that is kept away from is passed over, which is no rule", APP_INTRANET, 0, 0, "assistant", 0, 0, 1,
     SP_ALLOW, SP_OK, CLOUD_EU},
    {"what is kept away from gives no way around the label", APP_INTRANET, 2, FIN, "assistant", 0, 0, 6,
     SP_DENY, SP_EAWAY, -1},
    {"when none may be tried now the caller is told so", APP_INTRANET, 0, 0, "assistant", 0, 0, 7, SP_DENY,
     SP_EAWAY, -1},
    {"one failed, the others are away: the failure counts", APP_INTRANET, 0, 0, "assistant", 0, 1, 6, SP_DENY,
     SP_EUPSTREAM, -1},
    {"the label refuses whoever is away", APP_INTRANET, 3, PII, "cloud-only", 0, 0, 1, SP_DENY, SP_EFLOW, -1},
};

static void ask(sp_decision *d, const row *r, const sp_snapshot *s)
{
    const sp_use use = {.kind = (uint8_t)(r->use - 1)};
    const sp_request request = {.dialect = sp_dialect_get(SP_DIALECT_OPENAI),
                                .model = sp_bytes_of(r->model),
                                .uses = (sp_use[]){use},
                                .n_uses = r->use ? 1 : 0};
    const sp_label label = label_of(r->level, r->categories);
    const sp_purpose purpose = fixture_purpose(s, &s->applications[r->application]);
    const sp_question q = {.purpose = &purpose,
                           .request = &request,
                           .label = &label,
                           .tried = r->tried,
                           .away = r->away,
                           .now_s = 1500};
    sp_decide(d, &q);
}

static void each_row_is_decided_as_it_says(void **state)
{
    (void)state;
    const sp_snapshot s = fixture_snapshot();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sp_decision d;
        ask(&d, &rows[i], &s);
        if (d.outcome != rows[i].outcome || d.status != rows[i].status) print_error("%s\n", rows[i].name);
        assert_int_equal(d.outcome, rows[i].outcome);
        assert_int_equal(d.status, rows[i].status);
        if (rows[i].destination >= 0) assert_int_equal(d.destination, rows[i].destination);
    }
}

static void reasons_name_what_refused(void **state)
{
    (void)state;
    const sp_snapshot s = fixture_snapshot();
    sp_decision d;
    ask(&d, &rows[2], &s);
    assert_int_equal(d.n_candidates, 3);
    assert_int_equal(d.candidates[0].reason, SP_REASON_FLOW);
    assert_int_equal(d.candidates[0].part, SP_PART_CATEGORIES);
    assert_int_equal(d.candidates[2].reason, SP_REASON_TAKEN);
    assert_true(d.is_last);
    ask(&d, &rows[0], &s);
    assert_false(d.is_last);
    assert_int_equal(d.candidates[1].reason, SP_REASON_NOT_REACHED);
}

/** An empty retry budget is a denial of what would be allowed, and never of something else. */
static void a_denied_retry_says_so(void **state)
{
    (void)state;
    sp_snapshot s = fixture_snapshot();
    const sp_request request = {.dialect = sp_dialect_get(SP_DIALECT_OPENAI), .model = SP_LIT("assistant")};
    const sp_label label = label_of(0, 0);
    const sp_purpose purpose = fixture_purpose(&s, &s.applications[0]);
    sp_question q = {.purpose = &purpose,
                     .request = &request,
                     .label = &label,
                     .tried = 1,
                     .is_retry_denied = true,
                     .now_s = 1500};
    sp_decision d;
    sp_decide(&d, &q);
    assert_int_equal(d.outcome, SP_DENY);
    assert_int_equal(d.status, SP_ERETRY);
    assert_int_equal(d.candidates[1].reason, SP_REASON_NOT_REACHED);
    q.tried = 7;
    sp_decide(&d, &q);
    assert_int_equal(d.status, SP_EUPSTREAM);
}

/** What the daemon's probes say counts like what requests say. */
static void a_destination_that_is_down_is_away(void **state)
{
    (void)state;
    sp_snapshot s = fixture_snapshot();
    sp_decision d;
    fixture_destinations[CLOUD].is_down = true;
    ask(&d, &rows[0], &s);
    assert_int_equal(d.candidates[0].reason, SP_REASON_AWAY);
    assert_int_equal(d.destination, CLOUD_EU);
    assert_int_equal(d.outcome, SP_ALLOW);
}

static void an_expired_or_zeroed_snapshot_refuses(void **state)
{
    (void)state;
    sp_snapshot s = fixture_snapshot();
    s.expires_s = 1500;
    sp_decision d;
    ask(&d, &rows[0], &s);
    assert_int_equal(d.outcome, SP_DENY);
    assert_int_equal(d.status, SP_ESNAPSHOT);
    const sp_decision zero = {0};
    assert_int_equal(zero.outcome, SP_DENY);
}

static void a_key_that_is_gone_gets_nothing(void **state)
{
    (void)state;
    const sp_snapshot s = fixture_snapshot();
    const sp_request request = {.dialect = sp_dialect_get(SP_DIALECT_OPENAI), .model = SP_LIT("assistant")};
    const sp_label label = SP_LABEL_BOTTOM;
    const sp_purpose purpose = fixture_purpose(&s, &s.applications[0]);
    sp_question q = {.purpose = &purpose, .request = &request, .label = &label, .now_s = 1500};
    sp_decision d;
    sp_decide(&d, &q);
    assert_int_equal(d.outcome, SP_ALLOW);
    q.is_key_gone = true;
    sp_decide(&d, &q);
    assert_int_equal(d.outcome, SP_DENY);
    assert_int_equal(d.status, SP_EBADKEY);
}

static uint64_t seed = 88172645463325252u;
static uint64_t any(void)
{
    seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
    return seed;
}

static sp_label any_label(void)
{
    sp_label label = label_of((uint8_t)(any() % 4), any() & any() & 0x7ff);
    if (any() % 3 == 0) label.residency = fixture_only(any() % 2 ? "DE" : "US");
    return label;
}

/** No atom turns a denial into an allowance, and no failover reaches a destination that the label alone would
 * not reach. */
static void decisions_are_monotone_and_failover_stays_inside(void **state)
{
    (void)state;
    const sp_snapshot s = fixture_snapshot();
    for (int i = 0; i < 100000; i++) {
        const sp_request request = {.dialect = sp_dialect_get(SP_DIALECT_OPENAI),
                                    .model = s.models[any() % 4].name};
        const sp_label low = any_label();
        const sp_label high = sp_label_join(low, any_label());
        const sp_purpose purpose = fixture_purpose(&s, &s.applications[0]);
        sp_question q = {.purpose = &purpose, .request = &request, .label = &low, .now_s = 1500};
        sp_decision below, above, retried, again;
        sp_decide(&below, &q);
        sp_decide(&again, &q);
        assert_memory_equal(&below, &again, sizeof below);
        q.label = &high;
        sp_decide(&above, &q);
        if (above.outcome != SP_DENY) assert_int_not_equal(below.outcome, SP_DENY);
        q.tried = (uint32_t)(any() % 8);
        q.away = (uint32_t)(any() % 8);
        sp_decide(&retried, &q);
        if (retried.outcome == SP_DENY) continue;
        assert_true(sp_label_flows(high, s.destinations[retried.destination].clearance, NULL));
        assert_int_not_equal(above.outcome, SP_DENY);
    }
}

/** Does the sentence for health data of the highest level hold this? */
static bool sentence_says(const sp_snapshot *s, const char *words)
{
    const sp_request request = {.dialect = sp_dialect_get(SP_DIALECT_OPENAI), .model = SP_LIT("cloud-only")};
    const sp_label label = label_of(3, PHI);
    const sp_purpose purpose = fixture_purpose(s, &s->applications[0]);
    const sp_question q = {.purpose = &purpose, .request = &request, .label = &label, .now_s = 1500};
    sp_arena arena;
    sp_arena_init(&arena, 1 << 16);
    sp_buf text = SP_BUF_IN(&arena.mem);
    sp_decision d;
    sp_decide(&d, &q);
    sp_decision_sentence(&text, &d, &q);
    sp_buf_append_byte(&text, 0);
    const bool is_said = strstr((const char *)text.p, words) != NULL;
    sp_arena_fini(&arena);
    return is_said;
}

static void sentences_say_what_would_be_allowed(void **state)
{
    (void)state;
    const sp_snapshot s = fixture_snapshot();
    assert_true(
        sentence_says(&s, "cloud is not cleared for its level (cleared for internal;pii;US;trusted)"));
    assert_true(sentence_says(&s, "Models that could take it: assistant."));
}

/** There its label would be another, which nobody has asked about. */
static void a_model_with_a_use_case_of_its_own_is_not_recommended(void **state)
{
    (void)state;
    const sp_snapshot s = fixture_snapshot();
    fixture_models[M_ASSISTANT].binds = (uint16_t)(s.applications[0].use_case + 1);
    assert_true(sentence_says(&s, "Models that could take it: assistant."));
    fixture_models[M_ASSISTANT].binds++;
    assert_true(sentence_says(&s, "Models that could take it: none."));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_is_decided_as_it_says),
        cmocka_unit_test(reasons_name_what_refused),
        cmocka_unit_test(a_denied_retry_says_so),
        cmocka_unit_test(a_destination_that_is_down_is_away),
        cmocka_unit_test(an_expired_or_zeroed_snapshot_refuses),
        cmocka_unit_test(a_key_that_is_gone_gets_nothing),
        cmocka_unit_test(decisions_are_monotone_and_failover_stays_inside),
        cmocka_unit_test(sentences_say_what_would_be_allowed),
        cmocka_unit_test(a_model_with_a_use_case_of_its_own_is_not_recommended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
