/** A decision can be made again: from a snapshot file, a request body and a time, the whole path of the core
 * gives the same label, the same decision and the same leaf, bit for bit, in another process, with other
 * memory. The hashes below were made by the first run; a change of theirs is a change of the format or of a
 * rule, and has to be meant. */
#include "parse_help.h"

#include "fixture_policy.h"
#include "sallyport/record.h"

typedef struct row {
    uint8_t application;
    sp_dialect_id dialect;
    const char *body, *label, *destination, *leaf_hash;
} row;

static const row rows[] = {
    {APP_INTRANET, SP_DIALECT_OPENAI,
     "{\"model\":\"assistant\",\"messages\":[{\"role\":\"user\",\"content\":\"What is the capital of "
     "France?\"}]}",
     "public;-;*;trusted", "cloud", "c71451c0"},
    {APP_INTRANET, SP_DIALECT_OPENAI,
     "{\"model\":\"assistant\",\"messages\":[{\"role\":\"user\",\"content\":\"Refund to DE89 3704 0044 0532 "
     "0130 00 please\"}]}",
     "confidential;financial;*;trusted", "cloud-eu", "4f2f9f28"},
    {APP_CONTRACTS, SP_DIALECT_OPENAI,
     "{\"model\":\"assistant\",\"messages\":[{\"role\":\"user\",\"content\":\"Review this clause.\"}]}",
     "confidential;legal;*;untrusted", "local", "1f598837"},
    {APP_INTRANET, SP_DIALECT_OPENAI,
     "{\"model\":\"cloud-only\",\"messages\":[{\"role\":\"user\",\"content\":\"k = AKIAQYLPMN5HFIQR7XYA\"}]}",
     "restricted;credentials;*;trusted", "", "d488a104"},
    {APP_INTRANET, SP_DIALECT_ANTHROPIC,
     "{\"model\":\"claude\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"tool_"
     "result\",\"tool_use_id\":\"t\","
     "\"content\":\"mail j\\u0040example.org\"}]}]}",
     "internal;pii;*;untrusted", "claude", "596c2c50"},
    {APP_INTRANET, SP_DIALECT_OPENAI,
     "{\"model\":\"assistant\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_"
     "url\":{\"url\":"
     "\"data:image/png;base64,iVBORw0KGgo=\"}}]}]}",
     "public;unreadable;*;trusted", "local", "6b5bcc3f"},
};

static sp_engine *engine;
static sp_bytes snapshot_file;
static sp_arena file_arena;

static int setup(void **state)
{
    (void)state;
    const sp_snapshot s = fixture_snapshot();
    sp_arena_init(&file_arena, 1 << 20);
    sp_buf file = SP_BUF_IN(&file_arena.mem);
    if (sp_engine_new(&engine, NULL) != SP_OK || sp_snapshot_encode(&file, &s) != SP_OK) return -1;
    snapshot_file = sp_buf_bytes(&file);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sp_engine_free(engine);
    sp_arena_fini(&file_arena);
    return 0;
}

/** What one run of the path says, in the caller's arena. */
typedef struct run {
    sp_bytes label, destination, leaf;
} run;

/** One run of the path, up to the decision. */
typedef struct made {
    sp_snapshot snapshot;
    sp_purpose purpose;
    sp_request request;
    sp_labelling labelling;
    sp_decision decision;
    sp_decided decided;
} made;

static void make(made *m, const row *r, sp_mem *mem)
{
    sp_scratch *scratch;
    sp_findings findings = SP_FINDINGS_IN(mem, 100);
    const sp_dialect *dialect = sp_dialect_get(r->dialect);
    assert_int_equal(sp_snapshot_decode(&m->snapshot, snapshot_file, mem, NULL), SP_OK);
    assert_int_equal(sp_request_parse(&m->request, dialect, sp_bytes_of(r->body), mem, NULL), SP_OK);
    assert_int_equal(sp_scratch_new(&scratch, engine), SP_OK);
    assert_int_equal(sp_scan(&findings, engine, scratch, m->request.text), SP_OK);
    sp_scratch_free(scratch);
    const sp_application *application = &m->snapshot.applications[r->application];
    m->purpose = fixture_purpose(&m->snapshot, application);
    const sp_evidence evidence = {&m->purpose, &m->request, &findings, 1500, NULL, NULL};
    assert_int_equal(sp_label_request(&m->labelling, &evidence, mem), SP_OK);
    const sp_question q = {
        .purpose = &m->purpose, .request = &m->request, .label = &m->labelling.label, .now_s = 1500};
    sp_decide(&m->decision, &q);
    m->decided = (sp_decided){.snapshot = &m->snapshot,
                              .purpose = &m->purpose,
                              .dialect = dialect,
                              .operation = SP_OP_GENERATE,
                              .request = &m->request,
                              .labelling = &m->labelling,
                              .decision = &m->decision};
}

static run decide(const row *r, sp_mem *mem)
{
    made m;
    make(&m, r, mem);
    sp_buf label = SP_BUF_IN(mem), leaf = SP_BUF_IN(mem);
    sp_record record = {
        .kind = m.decision.outcome == SP_DENY ? SP_RECORD_REFUSAL : SP_RECORD_INTENT,
        .attempt = 1,
        .at_ns = 1500,
    };
    assert_int_equal(sp_record_of_decision(&record, &m.decided, mem), SP_OK);
    assert_int_equal(record.n_candidates, m.decision.n_candidates);
    assert_int_equal(record.n_atoms, m.labelling.n_atoms);
    assert_int_equal(sp_record_encode(&leaf, &record), SP_OK);
    sp_label_append(&label, m.labelling.label, &m.snapshot.names);
    return (run){sp_buf_bytes(&label), record.destination, sp_buf_bytes(&leaf)};
}

/** A record without its reasons is none: whichever allocation fails, it is told. */
static void reasons_that_find_no_memory_are_told(void **state)
{
    (void)state;
    sp_arena arena;
    made m;
    sp_arena_init(&arena, 64 << 20);
    make(&m, &rows[1], &arena.mem);
    assert_true(m.labelling.n_atoms > 1 && m.decision.n_candidates > 1);
    sp_status status = SP_ENOMEM;
    size_t at;
    for (at = 1; status != SP_OK; at++) {
        failing f;
        sp_record record = {0};
        failing_init(&f, at);
        status = sp_record_of_decision(&record, &m.decided, &f.mem);
        assert_true(status == SP_OK || status == SP_ENOMEM);
        sp_arena_fini(&f.arena);
        assert_true(at < 100);
    }
    assert_true(at > 3);
    sp_arena_fini(&arena);
}

static void each_row_is_decided_again_bit_for_bit(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sp_arena first, second;
        sp_arena_init(&first, 64 << 20);
        sp_arena_init(&second, 64 << 20);
        const run a = decide(&rows[i], &first.mem);
        const run b = decide(&rows[i], &second.mem);
        uint8_t hash[32];
        char hex[65];
        assert_int_equal(sp_leaf_hash(hash, a.leaf), SP_OK);
        sp_hex_encode(hex, (sp_bytes){hash, 4});
        if (!sp_bytes_eq(a.label, sp_bytes_of(rows[i].label)) || strcmp(hex, rows[i].leaf_hash) != 0) {
            print_error("row %zu: label %.*s, leaf hash %s\n", i, (int)a.label.n, (const char *)a.label.p,
                        hex);
        }
        assert_true(sp_bytes_eq(a.leaf, b.leaf));
        assert_true(sp_bytes_eq(a.label, sp_bytes_of(rows[i].label)));
        assert_true(sp_bytes_eq(a.destination, sp_bytes_of(rows[i].destination)));
        assert_string_equal(hex, rows[i].leaf_hash);
        sp_arena_fini(&first);
        sp_arena_fini(&second);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_is_decided_again_bit_for_bit),
        cmocka_unit_test(reasons_that_find_no_memory_are_told),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
