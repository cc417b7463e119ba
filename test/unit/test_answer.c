/* The tables of answers: sorted, whole, and no place of an answer is left unread, be it named or not. */
#include "review/review_internal.h"

#include "review_help.h"

static const struct {
    sp_dialect_id dialect;
    sp_operation operation;
    const sp_answer_table *table;
} forms[] = {
    {SP_DIALECT_OPENAI, SP_OP_GENERATE, &sp_answer__openai},
    {SP_DIALECT_OPENAI, SP_OP_EMBED, &sp_answer__embeddings},
    {SP_DIALECT_OPENAI, SP_OP_COMPLETE, &sp_answer__completions},
    {SP_DIALECT_ANTHROPIC, SP_OP_GENERATE, &sp_answer__anthropic},
    {SP_DIALECT_ANTHROPIC, SP_OP_COUNT, &sp_answer__anthropic_count},
};
enum { N_FORMS = sizeof forms / sizeof forms[0] };

static void test_each_operation_of_a_dialect_has_one(void **state)
{
    (void)state;
    size_t n = 0;
    for (sp_dialect_id id = SP_DIALECT_OPENAI; id <= SP_DIALECT_ANTHROPIC; id++) {
        for (sp_operation op = SP_OP_NONE; op <= SP_OP_METRICS; op++) {
            const sp_answer_table *table = sp_answer__table(sp_dialect_get(id), op);
            assert_int_equal(table != NULL, sp_dialect_has(sp_dialect_get(id), op));
            n += table != NULL;
        }
    }
    assert_int_equal(n, N_FORMS);
    for (size_t t = 0; t < N_FORMS; t++) {
        assert_ptr_equal(sp_answer__table(sp_dialect_get(forms[t].dialect), forms[t].operation),
                         forms[t].table);
    }
}

static void test_rows_are_sorted_and_cover_all(void **state)
{
    (void)state;
    for (size_t t = 0; t < N_FORMS; t++) {
        for (size_t i = 0; i < forms[t].table->n_rows; i++) {
            const sp_leaf_row *row = &forms[t].table->rows[i];
            if (i > 0 && strcmp(row[-1].path, row->path) >= 0)
                fail_msg("%s stands behind %s", row->path, row[-1].path);
        }
        assert_string_equal(forms[t].table->rows[0].path, "?");
    }
}

/* Each "?" row covers what stands beside named rows, so a container with a named row has one, or one above it
 * has. */
static void test_texts_that_stream_have_a_channel(void **state)
{
    (void)state;
    for (size_t t = 0; t < N_FORMS; t++) {
        for (size_t i = 0; i < forms[t].table->n_rows; i++) {
            const sp_leaf_row *row = &forms[t].table->rows[i];
            const bool streams =
                row->cls == SP_LEAF_TEXT || row->cls == SP_LEAF_WHOLE || row->cls == SP_LEAF_FIRST;
            if (streams != (row->channel != 0) && row->cls != SP_LEAF_BYTES) fail_msg("%s", row->path);
        }
    }
}

/* A document that holds `value` at the row's place; a "?" becomes a key of nobody, with the value two levels
 * down. */
static void append_document(sp_buf *out, const char *path, const char *value)
{
    char closing[64];
    size_t n = 0;
    for (const char *p = path; *p != '\0';) {
        const size_t key_n = strcspn(p, ".[");
        if (*p == '[') {
            sp_buf_append_byte(out, '[');
            closing[n++] = ']';
            p += 2;
        } else if (*p == '?') {
            sp_buf_append_str(out, "{\"nobody\":[{\"knows\":");
            closing[n++] = '}';
            closing[n++] = ']';
            closing[n++] = '}';
            p++;
        } else {
            sp_buf_append_str(out, "{\"");
            sp_buf_append(out, (sp_bytes){(const uint8_t *)p, key_n});
            sp_buf_append_str(out, "\":");
            closing[n++] = '}';
            p += key_n;
        }
        if (*p == '.') p++;
    }
    sp_buf_append_str(out, value);
    while (n > 0) sp_buf_append_byte(out, (uint8_t)closing[--n]);
}

static const char *const last_event[] = {
    [SP_DIALECT_OPENAI] = "\n\ndata: [DONE]\n\n",
    [SP_DIALECT_ANTHROPIC] = "\n\ndata: {\"type\":\"message_stop\"}\n\n",
};

static sp_status verdict_at(const fixture *f, size_t t, const char *path, const char *value, bool is_stream)
{
    sp_review_options options = options_of(f, forms[t].dialect, is_stream);
    options.operation = forms[t].operation;
    options.withhold = SP_CAT_BIT(SP_CAT_PII);
    play p;
    play_begin(&p, &options);
    sp_buf document = SP_BUF_IN(&p.arena.mem);
    if (is_stream) sp_buf_append_str(&document, "data: ");
    append_document(&document, path, value);
    if (is_stream) sp_buf_append_str(&document, last_event[forms[t].dialect]);
    play_feed(&p, f, sp_buf_bytes(&document), true);
    const sp_status verdict = p.verdict;
    if (has_bytes(sp_buf_bytes(&p.client), "anna"))
        fail_msg("%s left: %.*s", path, (int)document.n, (const char *)document.p);
    if (verdict == SP_EUPSYNTAX)
        fail_msg("%s is not read: %.*s", path, (int)document.n, (const char *)document.p);
    play_end(&p);
    return verdict;
}

/* The member that numbers choices has to be a number, and is no place for a text. */
static bool is_index(const sp_leaf_row *row)
{
    const size_t n = strlen(row->path);
    return n >= 5 && strcmp(row->path + n - 5, "index") == 0;
}

static void check_place(const fixture *f, size_t t, const sp_leaf_row *row)
{
    const sp_status expected = row->cls == SP_LEAF_UNREADABLE ? SP_EUPTYPE : SP_ELEAK;
    for (int is_stream = 0; is_stream <= sp_operation_streams(forms[t].operation); is_stream++) {
        const sp_status verdict =
            verdict_at(f, t, row->path, "\"to anna.b\\u0065rg@example.org\"", is_stream);
        if (verdict != expected) fail_msg("%s (stream %d): %d", row->path, is_stream, verdict);
    }
}

static void test_every_place_is_read(void **state)
{
    for (size_t t = 0; t < N_FORMS; t++) {
        for (size_t i = 0; i < forms[t].table->n_rows; i++) {
            if (!is_index(&forms[t].table->rows[i])) check_place(*state, t, &forms[t].table->rows[i]);
        }
    }
}

/* Where a row is a string, an object or array of that name is as unknown as any other. */
static void check_other_types(const fixture *f, size_t t, const sp_leaf_row *row)
{
    static const char *const values[] = {"[\"anna.berg@example.org\"]", "{\"anna.berg@example.org\":1}",
                                         "{\"text\":{\"x\":\"anna.berg@example.org\"}}"};
    for (size_t v = 0; v < 3; v++) {
        const sp_status verdict =
            verdict_at(f, t, row->path, values[v], (v & 1) && sp_operation_streams(forms[t].operation));
        if (verdict != SP_ELEAK && verdict != SP_EUPTYPE)
            fail_msg("%s: %s: %d", row->path, values[v], verdict);
    }
}

static void test_values_of_another_type_are_read(void **state)
{
    for (size_t t = 0; t < N_FORMS; t++) {
        for (size_t i = 0; i < forms[t].table->n_rows; i++) {
            if (!is_index(&forms[t].table->rows[i])) check_other_types(*state, t, &forms[t].table->rows[i]);
        }
    }
}

static void test_keys_and_numbers_that_nobody_knows_are_read(void **state)
{
    const fixture *f = *state;
    for (size_t t = 0; t < N_FORMS; t++) {
        assert_int_equal(verdict_at(f, t, "anna-berg@example-org", "{\"mail anna.berg@example.org\":true}",
                                    sp_operation_streams(forms[t].operation)),
                         SP_ELEAK);
        assert_int_equal(
            verdict_at(f, t, "choices[].delta.content[].x", "{\"to anna.berg@example.org\":null}", false),
            SP_ELEAK);
    }
    sp_review_options options = options_of(f, SP_DIALECT_OPENAI, true);
    options.withhold = SP_CAT_BIT(SP_CAT_PCI);
    play p;
    play_whole(&p, f, &options,
               "data: {\"choices\":[{\"index\":0,\"delta\":{\"pan\":4111111111111111}}]}\n\n");
    assert_int_equal(p.verdict, SP_ELEAK);
    play_end(&p);
    play_whole(&p, f, &options, "data: {\"choices.?\":[4111111111111111]}\n\n");
    assert_int_equal(p.verdict, SP_ELEAK);
    play_end(&p);
    /* Known names are known only whole: with a NUL, a letter more or less they are anybody's. */
    static const char *const keys[] = {
        "id\\u0000", "id\\u0000xxxxxxxxxxxxxxxxxxxxxxxx", "i", "ids", "model.", "choices[]", ""};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        char stream[128];
        snprintf(stream, sizeof stream, "data: {\"%s\":4111111111111111}\n\n", keys[i]);
        play_whole(&p, f, &options, stream);
        assert_int_equal(p.verdict, SP_ELEAK);
        play_end(&p);
    }
}

/* A key that reads like the path of a text must not be joined with it: a client sees the texts apart. */
static void test_a_key_that_looks_like_a_path_joins_no_text(void **state)
{
    const fixture *f = *state;
    sp_review_options options = options_of(f, SP_DIALECT_OPENAI, true);
    options.withhold = SP_CAT_BIT(SP_CAT_PII);
    play p;
    play_whole(&p, f, &options,
               "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"anna.berg\"},\"delta.content\":\" "
               "and \"}]}\n\n"
               "data: {\"choices\":[{\"index\":0,\"delta.content\":\" and "
               "\",\"delta\":{\"content\":\"@example.org\"}}]}\n\ndata: [DONE]\n\n");
    assert_int_equal(p.verdict, SP_ELEAK);
    assert_false(has_bytes(sp_buf_bytes(&p.client), "anna"));
    play_end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_operation_of_a_dialect_has_one),
        cmocka_unit_test(test_rows_are_sorted_and_cover_all),
        cmocka_unit_test(test_texts_that_stream_have_a_channel),
        cmocka_unit_test(test_every_place_is_read),
        cmocka_unit_test(test_values_of_another_type_are_read),
        cmocka_unit_test(test_keys_and_numbers_that_nobody_knows_are_read),
        cmocka_unit_test(test_a_key_that_looks_like_a_path_joins_no_text),
    };
    return cmocka_run_group_tests_name("answer", tests, set_up, tear_down);
}
