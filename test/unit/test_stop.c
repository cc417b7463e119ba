/** The list of what is paused: one way to write it, nothing else is read, and what cannot be read stops
 * everything. What a decision makes of it: a stop only ever takes away. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/sha.h>

#include "fixture_policy.h"

static sp_stop stop_of(sp_stop_kind kind, const char *name)
{
    return (sp_stop){.kind = (uint8_t)kind,
                     .since_s = 1764345600,
                     .name = sp_bytes_of(name),
                     .by = SP_LIT("alice"),
                     .reason = SP_LIT("incident 17")};
}

static void with_sum(sp_buf *out, const char *body)
{
    uint8_t hash[SHA256_DIGEST_LENGTH];
    char hex[65];
    assert_non_null(SHA256((const uint8_t *)body, strlen(body), hash));
    sp_hex_encode(hex, (sp_bytes){hash, sizeof hash});
    sp_buf_append_str(out, body);
    sp_buf_append_str(out, "sum\t");
    sp_buf_append_str(out, hex);
    sp_buf_append_byte(out, '\n');
}

#define HEAD "sallyport-stops 1\n"
#define GEN HEAD "generation\t7\n"

static const struct {
    const char *name, *body;
    sp_status status;
    size_t n;
} texts[] = {
    {"nothing is paused", GEN, SP_OK, 0},
    {"one stop", GEN "destination\tcloud\t1\talice\tnow\twhy not\n", SP_OK, 1},
    {"all has no name", GEN "all\t-\t1\talice\tlater\twhy\n", SP_OK, 1},
    {"kinds are in order", GEN "all\t-\t1\ta\tlater\tw\nmodel\tm\t1\ta\tlater\tw\n", SP_OK, 2},
    {"kinds out of order", GEN "model\tm\t1\ta\tlater\tw\nall\t-\t1\ta\tlater\tw\n", SP_ECORRUPT, 0},
    {"the same twice", GEN "model\tm\t1\ta\tlater\tw\nmodel\tm\t1\ta\tnow\tw\n", SP_ECORRUPT, 0},
    {"another version", "sallyport-stops 2\ngeneration\t7\n", SP_EVERSION, 0},
    {"no generation", HEAD, SP_ECORRUPT, 0},
    {"a generation with a leading zero", HEAD "generation\t07\n", SP_ECORRUPT, 0},
    {"a kind that is not known", GEN "planet\tm\t1\ta\tlater\tw\n", SP_ECORRUPT, 0},
    {"all with a name", GEN "all\tm\t1\ta\tlater\tw\n", SP_ECORRUPT, 0},
    {"a model without a name", GEN "model\t\t1\ta\tlater\tw\n", SP_ECORRUPT, 0},
    {"no reason", GEN "model\tm\t1\ta\tlater\t\n", SP_ECORRUPT, 0},
    {"a reason that writes to the terminal", GEN "model\tm\t1\ta\tlater\tw\x1b[2J\n", SP_ECORRUPT, 0},
    {"a reason with C1 controls", GEN "model\tm\t1\ta\tlater\tw\xc2\x9b\n", SP_ECORRUPT, 0},
    {"broken UTF-8", GEN "model\tm\t1\ta\tlater\tw\xff\n", SP_ECORRUPT, 0},
    {"a field too many", GEN "model\tm\t1\ta\tlater\tw\tx\n", SP_ECORRUPT, 0},
    {"a field too few", GEN "model\tm\t1\tlater\tw\n", SP_ECORRUPT, 0},
    {"neither now nor later", GEN "model\tm\t1\ta\tsoon\tw\n", SP_ECORRUPT, 0},
    {"a line that does not end", GEN "model\tm\t1\ta\tlater\tw", SP_ECORRUPT, 0},
};

static void only_what_the_encoder_writes_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        sp_arena arena;
        sp_stops stops;
        sp_diag diag;
        sp_arena_init(&arena, 1 << 20);
        sp_buf file = SP_BUF_IN(&arena.mem), again = SP_BUF_IN(&arena.mem);
        with_sum(&file, texts[i].body);
        const sp_status status = sp_stops_decode(&stops, sp_buf_bytes(&file), &arena.mem, &diag);
        if (status != texts[i].status || stops.n != texts[i].n) print_error("%s\n", texts[i].name);
        assert_int_equal(status, texts[i].status);
        assert_int_equal(stops.n, texts[i].n);
        assert_int_equal(stops.is_known, status == SP_OK);
        if (status == SP_OK) {
            assert_int_equal(sp_stops_encode(&again, &stops), SP_OK);
            assert_true(sp_bytes_eq(sp_buf_bytes(&file), sp_buf_bytes(&again)));
        }
        sp_arena_fini(&arena);
    }
}

static void every_changed_byte_and_every_cut_is_seen(void **state)
{
    (void)state;
    sp_arena arena;
    sp_stops stops;
    sp_diag diag;
    sp_arena_init(&arena, 64 << 20);
    sp_buf file = SP_BUF_IN(&arena.mem);
    with_sum(&file, GEN "destination\tcloud\t1764345600\talice\tnow\tkey found\n");
    for (size_t i = 0; i < file.n; i++) {
        const sp_bytes cut = {file.p, i};
        assert_int_not_equal(sp_stops_decode(&stops, cut, &arena.mem, &diag), SP_OK);
        file.p[i] ^= 1;
        assert_int_not_equal(sp_stops_decode(&stops, sp_buf_bytes(&file), &arena.mem, &diag), SP_OK);
        assert_false(stops.is_known);
        file.p[i] ^= 1;
    }
    assert_int_equal(sp_stops_decode(&stops, sp_buf_bytes(&file), &arena.mem, &diag), SP_OK);
    sp_arena_fini(&arena);
}

static void what_is_out_of_bounds_is_not_written(void **state)
{
    (void)state;
    static char long_text[SP_STOP_REASON_MAX + 2];
    sp_arena arena;
    sp_arena_init(&arena, 1 << 20);
    sp_buf out = SP_BUF_IN(&arena.mem);
    memset(long_text, 'a', SP_STOP_REASON_MAX + 1);
    sp_stop bad = stop_of(SP_STOP_MODEL, "m");
    bad.reason = sp_bytes_of(long_text);
    sp_stops stops = {.is_known = true, .v = &bad, .n = 1};
    assert_int_equal(sp_stops_encode(&out, &stops), SP_ERANGE);
    bad = stop_of(SP_STOP_ALL, "m");
    assert_int_equal(sp_stops_encode(&out, &stops), SP_ERANGE);
    bad = stop_of(SP_STOP_NONE, "m");
    assert_int_equal(sp_stops_encode(&out, &stops), SP_ERANGE);
    assert_int_equal(sp_stops_encode(&out, &(sp_stops){0}), SP_ERANGE);
    assert_int_equal(out.n, 0);
    sp_arena_fini(&arena);
}

static void a_list_that_is_not_known_stops_everything(void **state)
{
    (void)state;
    const sp_stops unknown = {0}, none = {.is_known = true};
    const sp_stop_target nothing = {0};
    assert_non_null(sp_stops_find(&unknown, &nothing, false));
    assert_null(sp_stops_find(&unknown, &nothing, true)); /* but ends nothing that runs */
    assert_null(sp_stops_find(&none, &nothing, false));
}

static void names_match_their_own_kind_only(void **state)
{
    (void)state;
    const sp_stop v[] = {stop_of(SP_STOP_APPLICATION, "desk"), stop_of(SP_STOP_MODEL, "m")};
    const sp_stops stops = {.is_known = true, .v = v, .n = 2};
    const sp_stop_target rows[] = {{.use_case = SP_LIT("desk")},
                                   {.destination = SP_LIT("m")},
                                   {.application = SP_LIT("des")},
                                   {.model = SP_LIT("")}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_null(sp_stops_find(&stops, &rows[i], false));
    assert_ptr_equal(sp_stops_find(&stops, &(sp_stop_target){.application = SP_LIT("desk")}, false), &v[0]);
    assert_ptr_equal(sp_stops_find(&stops, &(sp_stop_target){.model = SP_LIT("m")}, false), &v[1]);
    assert_null(sp_stops_find(&stops, &(sp_stop_target){.model = SP_LIT("m")}, true)); /* it is for later */
}

/* ---- the decision ---- */

static void ask(sp_decision *d, const sp_question *q)
{
    sp_decide(d, q);
}

static const struct {
    const char *name;
    sp_stop_kind kind;
    const char *stopped, *model;
    sp_status status;
    int destination;
} rows[] = {
    {"a destination leaves the next candidate", SP_STOP_DESTINATION, "cloud", "assistant", SP_OK, CLOUD_EU},
    {"the only destination refuses", SP_STOP_DESTINATION, "cloud", "cloud-only", SP_ESTOPPED, -1},
    {"another destination changes nothing", SP_STOP_DESTINATION, "local", "cloud-only", SP_OK, CLOUD},
    {"a model", SP_STOP_MODEL, "assistant", "assistant", SP_ESTOPPED, -1},
    {"another model", SP_STOP_MODEL, "assistant", "cloud-only", SP_OK, CLOUD},
    {"an application", SP_STOP_APPLICATION, "intranet", "assistant", SP_ESTOPPED, -1},
    {"another application", SP_STOP_APPLICATION, "agent", "assistant", SP_OK, CLOUD},
    {"a use case", SP_STOP_USE_CASE, "writing", "assistant", SP_ESTOPPED, -1},
    {"everything", SP_STOP_ALL, "", "assistant", SP_ESTOPPED, -1},
    {"what does not exist yet changes nothing", SP_STOP_DESTINATION, "mars", "assistant", SP_OK, CLOUD},
};

static void each_kind_is_obeyed(void **state)
{
    (void)state;
    const sp_snapshot s = fixture_snapshot();
    const sp_label label = SP_LABEL_BOTTOM;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const sp_stop stop = stop_of(rows[i].kind, rows[i].stopped);
        const sp_stops stops = {.is_known = true, .v = &stop, .n = 1};
        const sp_request request = {.dialect = sp_dialect_get(SP_DIALECT_OPENAI),
                                    .model = sp_bytes_of(rows[i].model)};
        const sp_purpose purpose = fixture_purpose(&s, &s.applications[APP_INTRANET]);
        const sp_question q = {
            .purpose = &purpose, .request = &request, .label = &label, .stops = &stops, .now_s = 1500};
        sp_decision d;
        ask(&d, &q);
        if (d.status != rows[i].status) print_error("%s\n", rows[i].name);
        assert_int_equal(d.status, rows[i].status);
        if (rows[i].destination >= 0) assert_int_equal(d.destination, rows[i].destination);
        assert_true((sp_decision_stop(&d, &q) == &stop) == (rows[i].status == SP_ESTOPPED));
    }
}

static void the_sentence_says_what_since_when_and_why(void **state)
{
    (void)state;
    const sp_snapshot s = fixture_snapshot();
    const sp_label label = SP_LABEL_BOTTOM;
    const sp_stop stop = stop_of(SP_STOP_DESTINATION, "cloud");
    const sp_stops stops = {.is_known = true, .v = &stop, .n = 1};
    const sp_request request = {.dialect = sp_dialect_get(SP_DIALECT_OPENAI), .model = SP_LIT("cloud-only")};
    const sp_purpose purpose = fixture_purpose(&s, &s.applications[APP_INTRANET]);
    sp_question q = {
        .purpose = &purpose, .request = &request, .label = &label, .stops = &stops, .now_s = 1500};
    sp_arena arena;
    sp_arena_init(&arena, 1 << 16);
    sp_buf text = SP_BUF_IN(&arena.mem), unknown = SP_BUF_IN(&arena.mem);
    sp_decision d;
    ask(&d, &q);
    assert_int_equal(d.candidates[0].reason, SP_REASON_STOPPED);
    sp_decision_sentence(&text, &d, &q);
    sp_buf_append_byte(&text, 0);
    assert_non_null(
        strstr((const char *)text.p, "destination cloud is paused since 2025-11-28T16:00:00Z: incident 17"));
    assert_non_null(strstr((const char *)text.p, "Models that could take it: assistant, eu."));
    q.stops = &(sp_stops){0};
    ask(&d, &q);
    assert_int_equal(d.status, SP_ESTOPPED);
    sp_decision_sentence(&unknown, &d, &q);
    sp_buf_append_byte(&unknown, 0);
    assert_non_null(strstr((const char *)unknown.p, "everything is paused: the gateway cannot read"));
    sp_arena_fini(&arena);
}

static uint64_t seed = 88172645463325252u;
static uint64_t any(void)
{
    seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
    return seed;
}

static sp_stops any_stops(sp_stop *v, const sp_snapshot *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n_destinations; i++)
        if (any() % 3 == 0) v[n++] = (sp_stop){.kind = SP_STOP_DESTINATION, .name = s->destinations[i].name};
    for (size_t i = 0; i < s->n_models; i++)
        if (any() % 8 == 0) v[n++] = (sp_stop){.kind = SP_STOP_MODEL, .name = s->models[i].name};
    if (any() % 16 == 0) v[n++] = (sp_stop){.kind = SP_STOP_APPLICATION, .name = s->applications[0].name};
    return (sp_stops){.is_known = true, .v = v, .n = n};
}

/** With stops a request is refused, or goes where it could have gone had the candidates before failed. */
static void a_stop_never_makes_a_destination_reachable(void **state)
{
    (void)state;
    const sp_snapshot s = fixture_snapshot();
    for (int i = 0; i < 100000; i++) {
        sp_stop v[16];
        const sp_stops stops = any_stops(v, &s);
        sp_label label = SP_LABEL_BOTTOM;
        label.level = (uint8_t)(any() % 4);
        label.categories = any() & any() & 0x7ff;
        const sp_request request = {.dialect = sp_dialect_get(SP_DIALECT_OPENAI),
                                    .model = s.models[any() % 4].name};
        const sp_purpose purpose = fixture_purpose(&s, &s.applications[0]);
        sp_question q = {.purpose = &purpose,
                         .request = &request,
                         .label = &label,
                         .tried = (uint32_t)(any() % 8),
                         .now_s = 1500};
        sp_decision free, stopped;
        ask(&free, &q);
        q.stops = &stops;
        ask(&stopped, &q);
        if (stopped.outcome == SP_DENY) continue;
        assert_int_not_equal(free.outcome, SP_DENY);
        const sp_destination *to = &s.destinations[stopped.destination];
        assert_true(sp_label_flows(label, to->clearance, NULL));
        assert_null(sp_stops_get(&stops, SP_STOP_DESTINATION, to->name));
        for (size_t c = 0; c < free.n_candidates; c++) {
            if (free.candidates[c].destination != stopped.destination) continue;
            assert_true(free.candidates[c].reason == SP_REASON_TAKEN ||
                        free.candidates[c].reason == SP_REASON_NOT_REACHED);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_the_encoder_writes_is_read),
        cmocka_unit_test(every_changed_byte_and_every_cut_is_seen),
        cmocka_unit_test(what_is_out_of_bounds_is_not_written),
        cmocka_unit_test(a_list_that_is_not_known_stops_everything),
        cmocka_unit_test(names_match_their_own_kind_only),
        cmocka_unit_test(each_kind_is_obeyed),
        cmocka_unit_test(the_sentence_says_what_since_when_and_why),
        cmocka_unit_test(a_stop_never_makes_a_destination_reachable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
