/* Dialects as tables: found by id and name, consistent in themselves; errors, error events and model lists
 * in their shape. */
#include "parse_help.h"

#include "parse/dialect_internal.h"

static void found_by_id_and_name(void **state)
{
    (void)state;
    assert_string_equal(sp_dialect_name(sp_dialect_get(SP_DIALECT_OPENAI)), "openai");
    assert_string_equal(sp_dialect_name(sp_dialect_get(SP_DIALECT_ANTHROPIC)), "anthropic");
    assert_ptr_equal(sp_dialect_find(SP_LIT("anthropic")), sp_dialect_get(SP_DIALECT_ANTHROPIC));
    assert_null(sp_dialect_find(SP_LIT("OpenAI")));
    assert_null(sp_dialect_find(SP_LIT("")));
    assert_null(sp_dialect_get(SP_DIALECT_NONE));
    assert_null(sp_dialect_get((sp_dialect_id)99));
    assert_string_equal(sp_dialect_name(NULL), "");
    assert_int_equal(sp_dialect_id_of(NULL), SP_DIALECT_NONE);
}

/* ---- the tables themselves ---- */

static const sp_table *seen[512];
static size_t n_seen;

static void check_table(const sp_table *table);

static void check_field(const sp_table *table, const sp_field *f)
{
    assert_true(f->name.n > 0);
    assert_non_null(f->path);
    assert_true(f->types != 0);
    assert_true(f->min <= f->max || f->max == 0);
    /* A place never names a key of the client, so every path ends in the name of its row. */
    const sp_bytes path = sp_bytes_of(f->path);
    assert_true(path.n >= f->name.n);
    assert_bytes(sp_bytes_sub(path, path.n - f->name.n, path.n), f->name);
    for (size_t i = 0; i < table->n_fields; i++) {
        if (&table->fields[i] != f && sp_bytes_eq(table->fields[i].name, f->name))
            fail_msg("%s twice", f->path);
    }
    if (f->rule == SP_RULE_TEXTS) {
        assert_true(f->table->n_fields == 0 && f->types == SP_T_TEXT_OR_LIST && f->max > 0);
    } else if (f->table != NULL) {
        assert_true((f->types & (SP_T_ARRAY | SP_T_OBJECT)) != 0);
        check_table(f->table);
    }
}

static void check_table(const sp_table *table)
{
    for (size_t i = 0; i < n_seen; i++) {
        if (seen[i] == table) return;
    }
    assert_true(n_seen < sizeof seen / sizeof seen[0]);
    seen[n_seen++] = table;
    assert_true((table->n_fields > 0) != (table->n_variants > 0));
    assert_int_equal(table->tag.n > 0, table->n_variants > 0);
    assert_non_null(table->path);
    assert_non_null(table->unknown);
    for (size_t i = 0; i < table->n_fields; i++) check_field(table, &table->fields[i]);
    for (size_t i = 0; i < table->n_variants; i++) {
        if (table->variants[i].table != NULL) check_table(table->variants[i].table);
    }
}

static void tables_are_consistent(void **state)
{
    (void)state;
    for (sp_dialect_id id = SP_DIALECT_OPENAI; id <= SP_DIALECT_ANTHROPIC; id++) {
        for (sp_operation op = SP_OP_NONE; op < SP_OP_CALLS_END; op++) {
            n_seen = 0;
            const sp_table *table = sp__request_table(sp_dialect_get(id), op);
            assert_true(table == NULL || sp_operation_is_call(op));
            assert_int_equal(sp_dialect_has(sp_dialect_get(id), op), table != NULL);
            if (table == NULL) continue;
            assert_string_equal(table->path, "");
            assert_true(table->n_fields <= 64);
            check_table(table);
            assert_true(n_seen > (op == SP_OP_GENERATE ? 10 : 0));
        }
    }
}

/* ---- answers of the gateway ---- */

static void errors_in_the_shape_of_each(void **state)
{
    (void)state;
    static const struct {
        sp_dialect_id id;
        sp_status status;
        const char *text;
    } rows[] = {
        {SP_DIALECT_OPENAI, SP_EFLOW,
         "{\"error\":{\"message\":\"say \\\"no\\\"\",\"type\":\"permission_error\",\"param\":null,"
         "\"code\":\"no_destination_cleared\",\"request_id\":\"r1\"}}"},
        {SP_DIALECT_OPENAI, SP_EBADKEY,
         "{\"error\":{\"message\":\"say \\\"no\\\"\",\"type\":\"authentication_error\",\"param\":null,"
         "\"code\":\"key_invalid\",\"request_id\":\"r1\"}}"},
        {SP_DIALECT_OPENAI, SP_EUPSTREAM,
         "{\"error\":{\"message\":\"say \\\"no\\\"\",\"type\":\"server_error\",\"param\":null,"
         "\"code\":\"upstream_failed\",\"request_id\":\"r1\"}}"},
        {SP_DIALECT_ANTHROPIC, SP_EFLOW,
         "{\"type\":\"error\",\"error\":{\"type\":\"permission_error\",\"message\":\"say \\\"no\\\"\","
         "\"code\":\"no_destination_cleared\"},\"request_id\":\"r1\"}"},
        {SP_DIALECT_ANTHROPIC, SP_ESIZE,
         "{\"type\":\"error\",\"error\":{\"type\":\"request_too_large\",\"message\":\"say \\\"no\\\"\","
         "\"code\":\"limit_size\"},\"request_id\":\"r1\"}"},
        {SP_DIALECT_ANTHROPIC, SP_EBUSY,
         "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"say \\\"no\\\"\","
         "\"code\":\"busy\"},\"request_id\":\"r1\"}"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sp_arena arena;
        sp_arena_init(&arena, 1 << 16);
        sp_buf out = SP_BUF_IN(&arena.mem), event = SP_BUF_IN(&arena.mem), want = SP_BUF_IN(&arena.mem);
        const sp_dialect *dialect = sp_dialect_get(rows[i].id);
        sp_dialect_error_append(&out, dialect, rows[i].status, SP_LIT("say \"no\""), SP_LIT("r1"));
        assert_bytes(sp_buf_bytes(&out), sp_bytes_of(rows[i].text));
        sp_dialect_error_event_append(&event, dialect, rows[i].status, SP_LIT("say \"no\""), SP_LIT("r1"));
        sp_buf_append_str(&want, rows[i].id == SP_DIALECT_OPENAI ? "data: " : "event: error\ndata: ");
        sp_buf_append_str(&want, rows[i].text);
        sp_buf_append_str(&want, "\n\n");
        assert_bytes(sp_buf_bytes(&event), sp_buf_bytes(&want));
        sp_arena_fini(&arena);
    }
}

static void every_error_is_json_in_every_dialect(void **state)
{
    (void)state;
    for (size_t i = 0; sp_error_at(i) != NULL; i++) {
        for (sp_dialect_id id = SP_DIALECT_OPENAI; id <= SP_DIALECT_ANTHROPIC; id++) {
            sp_arena arena;
            sp_arena_init(&arena, 1 << 16);
            sp_buf out = SP_BUF_IN(&arena.mem);
            sp_dialect_error_append(&out, sp_dialect_get(id), sp_error_at(i)->status, SP_LIT("a\nb\x01\\"),
                                    SP_LIT("\""));
            sp_json json;
            assert_int_equal(sp_json_parse(&json, sp_buf_bytes(&out), &arena.mem, NULL), SP_OK);
            const sp_node *error = sp_json_find(json.root, SP_LIT("error"));
            assert_bytes(sp_json_bytes(sp_json_find(error, SP_LIT("code"))),
                         sp_bytes_of(sp_error_at(i)->name));
            assert_bytes(sp_json_bytes(sp_json_find(error, SP_LIT("message"))), SP_LIT("a\nb\x01\\"));
            sp_arena_fini(&arena);
        }
    }
}

static void model_lists_in_the_shape_of_each(void **state)
{
    (void)state;
    static const sp_bytes names[] = {SP_LIT("a\"b"), SP_LIT("c")};
    static const struct {
        sp_dialect_id id;
        size_t n;
        uint64_t created_s;
        const char *text;
    } rows[] = {
        {SP_DIALECT_OPENAI, 0, 7, "{\"object\":\"list\",\"data\":[]}"},
        {SP_DIALECT_OPENAI, 2, 7,
         "{\"object\":\"list\",\"data\":[{\"id\":\"a\\\"b\",\"object\":\"model\",\"created\":7,\"owned_by\":"
         "\"sallyport\"},"
         "{\"id\":\"c\",\"object\":\"model\",\"created\":7,\"owned_by\":\"sallyport\"}]}"},
        {SP_DIALECT_ANTHROPIC, 0, 7, "{\"data\":[],\"has_more\":false,\"first_id\":null,\"last_id\":null}"},
        {SP_DIALECT_ANTHROPIC, 2, 951827696,
         "{\"data\":[{\"type\":\"model\",\"id\":\"a\\\"b\",\"display_name\":\"a\\\"b\",\"created_at\":\"2000-"
         "02-29T12:34:56Z\"},"
         "{\"type\":\"model\",\"id\":\"c\",\"display_name\":\"c\",\"created_at\":\"2000-02-29T12:34:56Z\"}],"
         "\"has_more\":false,"
         "\"first_id\":\"a\\\"b\",\"last_id\":\"c\"}"},
        {SP_DIALECT_ANTHROPIC, 1, 0,
         "{\"data\":[{\"type\":\"model\",\"id\":\"a\\\"b\",\"display_name\":\"a\\\"b\",\"created_at\":\"1970-"
         "01-01T00:00:00Z\"}],"
         "\"has_more\":false,\"first_id\":\"a\\\"b\",\"last_id\":\"a\\\"b\"}"},
        {SP_DIALECT_ANTHROPIC, 1, 4107542399,
         "{\"data\":[{\"type\":\"model\",\"id\":\"a\\\"b\",\"display_name\":\"a\\\"b\",\"created_at\":\"2100-"
         "02-28T23:59:59Z\"}],"
         "\"has_more\":false,\"first_id\":\"a\\\"b\",\"last_id\":\"a\\\"b\"}"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sp_arena arena;
        sp_arena_init(&arena, 1 << 16);
        sp_buf out = SP_BUF_IN(&arena.mem);
        sp_dialect_models_append(&out, sp_dialect_get(rows[i].id), names, rows[i].n, rows[i].created_s);
        assert_bytes(sp_buf_bytes(&out), sp_bytes_of(rows[i].text));
        sp_arena_fini(&arena);
    }
}

static void a_failed_allocation_sticks_in_the_buffer(void **state)
{
    (void)state;
    sp_status status = SP_ENOMEM;
    for (size_t fail_at = 1; status != SP_OK; fail_at++) {
        failing f;
        failing_init(&f, fail_at);
        sp_buf out = SP_BUF_IN(&f.mem);
        sp_dialect_error_event_append(&out, sp_dialect_get(SP_DIALECT_ANTHROPIC), SP_EFLOW, SP_LIT("no"),
                                      SP_LIT("r"));
        sp_dialect_models_append(&out, sp_dialect_get(SP_DIALECT_OPENAI), &SP_LIT("m"), 1, 0);
        status = out.status;
        assert_true(status == SP_OK || status == SP_ENOMEM);
        sp_arena_fini(&f.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(found_by_id_and_name),
        cmocka_unit_test(tables_are_consistent),
        cmocka_unit_test(errors_in_the_shape_of_each),
        cmocka_unit_test(every_error_is_json_in_every_dialect),
        cmocka_unit_test(model_lists_in_the_shape_of_each),
        cmocka_unit_test(a_failed_allocation_sticks_in_the_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
