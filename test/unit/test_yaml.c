/* The part of YAML that is read: the core schema's view of plain scalars, places, and everything that is
 * refused because readers differ on it. */
#include "conf_help.h"
#include "conf/document.h"

static void plain_scalars_are_what_the_core_schema_says(void **state)
{
    static const struct {
        const char *text;
        spc_scalar_kind kind;
        bool is_null;
    } rows[] = {
        {"", SPC_SCALAR_TEXT, true},
        {"~", SPC_SCALAR_TEXT, true},
        {"null", SPC_SCALAR_TEXT, true},
        {"NULL", SPC_SCALAR_TEXT, true},
        {"nULL", SPC_SCALAR_TEXT, false},
        {"true", SPC_SCALAR_BOOL, false},
        {"False", SPC_SCALAR_BOOL, false},
        {"tRUE", SPC_SCALAR_TEXT, false},
        {"NO", SPC_SCALAR_TEXT, false},
        {"yes", SPC_SCALAR_TEXT, false},
        {"on", SPC_SCALAR_TEXT, false},
        {"y", SPC_SCALAR_TEXT, false},
        {"0", SPC_SCALAR_INT, false},
        {"-12", SPC_SCALAR_INT, false},
        {"+12", SPC_SCALAR_INT, false},
        {"0o17", SPC_SCALAR_INT, false},
        {"0o18", SPC_SCALAR_TEXT, false},
        {"0xfF", SPC_SCALAR_INT, false},
        {"0x", SPC_SCALAR_TEXT, false},
        {"017", SPC_SCALAR_INT, false},
        {"1_000", SPC_SCALAR_TEXT, false},
        {"1.5", SPC_SCALAR_FLOAT, false},
        {".5", SPC_SCALAR_FLOAT, false},
        {"5.", SPC_SCALAR_FLOAT, false},
        {".", SPC_SCALAR_TEXT, false},
        {"1e3", SPC_SCALAR_FLOAT, false},
        {"1e", SPC_SCALAR_TEXT, false},
        {"1e+3", SPC_SCALAR_FLOAT, false},
        {"e3", SPC_SCALAR_TEXT, false},
        {".inf", SPC_SCALAR_FLOAT, false},
        {"-.INF", SPC_SCALAR_FLOAT, false},
        {".NaN", SPC_SCALAR_FLOAT, false},
        {"inf", SPC_SCALAR_TEXT, false},
        {"1:30", SPC_SCALAR_TEXT, false},
        {"2026-11-24", SPC_SCALAR_TEXT, false},
        {"8MiB", SPC_SCALAR_TEXT, false},
        {"-", SPC_SCALAR_TEXT, false},
        {"+.", SPC_SCALAR_TEXT, false},
        {"0b1", SPC_SCALAR_TEXT, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool is_null = !rows[i].is_null;
        const spc_scalar_kind kind = spc_scalar_classify(sp_bytes_of(rows[i].text), &is_null);
        if (kind != rows[i].kind || is_null != rows[i].is_null) {
            fail_msg("\"%s\": kind %d, null %d", rows[i].text, kind, is_null);
        }
    }
}

/* The tree in one line: {key@L:C=value …} [a b] "text" ~ */
static void append_tree(sp_buf *out, const spc_node *node)
{
    static const char *const brackets[][2] = {[SPC_NODE_LIST] = {"[", "]"}, [SPC_NODE_MAP] = {"{", "}"}};
    if (node->kind == SPC_NODE_NULL || node->kind == SPC_NODE_SCALAR) {
        const bool is_quoted = node->kind == SPC_NODE_SCALAR && node->scalar == SPC_SCALAR_TEXT;
        sp_buf_append_str(out, node->kind == SPC_NODE_NULL ? "~" : is_quoted ? "'" : "");
        sp_buf_append(out, node->kind == SPC_NODE_NULL ? SP_BYTES_EMPTY : node->text);
        sp_buf_append_str(out, is_quoted ? "'" : "");
        return;
    }
    sp_buf_append_str(out, brackets[node->kind][0]);
    for (const spc_node *child = node->child; child != NULL; child = child->next) {
        sp_buf_append_str(out, child == node->child ? "" : " ");
        if (node->kind == SPC_NODE_MAP) {
            sp_buf_append(out, child->key);
            sp_buf_append_byte(out, '@');
            sp_buf_append_u64(out, child->key_at.line);
            sp_buf_append_byte(out, ':');
            sp_buf_append_u64(out, child->key_at.column);
            sp_buf_append_byte(out, '=');
        }
        append_tree(out, child);
    }
    sp_buf_append_str(out, brackets[node->kind][1]);
}

typedef struct outcome {
    const char *name, *file, *tree, *problems;
} outcome;

static void check_outcomes(const outcome *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        sp_arena arena;
        sp_arena_init(&arena, HELP_MEMORY);
        spc_problems problems = {.mem = &arena.mem};
        const spc_node *root = NULL;
        sp_buf tree = SP_BUF_IN(&arena.mem);
        assert_int_equal(spc_document_read(&root, &problems, sp_bytes_of(rows[i].file)), SP_OK);
        if (root != NULL) {
            append_tree(&tree, root);
        }
        sp_buf_append_byte(&tree, '\0');
        const char *said = help_problems(&problems, "f");
        if (strcmp((const char *)tree.p, rows[i].tree) != 0 || strcmp(said, rows[i].problems) != 0) {
            fail_msg("%s:\n%s\n%s", rows[i].name, (const char *)tree.p, said);
        }
        sp_arena_fini(&arena);
    }
}

static void trees_keep_order_kinds_and_places(void **state)
{
    static const outcome rows[] = {
        {"block and flow", "a: 1\nb: [x, 'true', true, ]\nc:\n  d: {e: ~}\n",
         "{a@1:1=1 b@2:1=['x' 'true' true] c@3:1={d@4:3={e@4:7=~}}}", ""},
        {"columns count characters", "ä: {ü: 1}\n", "{ä@1:1={ü@1:5=1}}", ""},
        {"Norway", "[NO, no, yes]\n", "['NO' 'no' 'yes']", ""},
        {"quotes make text", "['12', \"null\", '']\n", "['12' 'null' '']", ""},
        {"the version that it is", "%YAML 1.2\n---\na: b\n", "{a@3:1='b'}", ""},
        {"a byte order mark",
         "\xef\xbb\xbf"
         "a: b\n",
         "{a@1:2='b'}", ""},
        {"folded text", "a: >-\n  x\n  y\n", "{a@1:1='x y'}", ""},
        {"an empty key", "'': 1\n", "{@1:1=1}", ""},
    };
    (void)state;
    check_outcomes(rows, sizeof rows / sizeof rows[0]);
}

static void what_readers_take_differently_is_refused(void **state)
{
    static const outcome rows[] = {
        {"an anchor", "a: &x 1\n", "{a@1:1=1}",
         "f:1:4: error: anchors are not read here\n    remove the & and write the value where it is used\n"},
        {"an alias", "a: &x 1\nb: *x\n", "{a@1:1=1}",
         "f:1:4: error: anchors are not read here\n    remove the & and write the value where it is used\n"
         "f:2:4: error: aliases are not read here\n    write the value out\n"},
        {"a tag", "a: !!str 1\n", "{a@1:1=1}",
         "f:1:4: error: tags are not read here\n    remove the ! and what belongs to it; quote text\n"},
        {"a tag on a map", "a: !x {}\n", "{a@1:1={}}",
         "f:1:4: error: tags are not read here\n    remove the ! and what belongs to it; quote text\n"},
        {"a tag on a key", "!x a: 1\n", "{a@1:1=1}",
         "f:1:1: error: tags are not read here\n    remove the ! and what belongs to it; quote text\n"},
        {"a merge key", "a: {<<: {b: 1}}\n", "{a@1:1={}}",
         "f:1:5: error: merge keys are not read here\n    write the keys out\n"},
        {"a key that only looks like one", "a: {'<<': 1}\n", "{a@1:1={<<@1:5=1}}", ""},
        {"a repeated key", "a: 1\nb: 2\na: 3\n", "{a@1:1=1 b@2:1=2}",
         "f:3:1: error: this key is already there, in line 1\n    keep one of the two\n"},
        {"a repeated key in other quotes", "{a: 1, \"\\x61\": 2}\n", "{a@1:2=1}",
         "f:1:8: error: this key is already there, in line 1\n    keep one of the two\n"},
        {"a list as key", "? [a]\n: 1\n", "", "f:1:3: error: a key must be a word\n    write KEY: VALUE\n"},
        {"an alias as key", "a: &x b\n*x : 1\n", "",
         "f:1:4: error: anchors are not read here\n    remove the & and write the value where it is used\n"
         "f:2:1: error: a key must be a word\n    write KEY: VALUE\n"},
        {"two documents", "a: 1\n---\nb: 2\n", "",
         "f:2:1: error: a second document begins\n    keep one document in the file\n"},
        {"another version", "%YAML 1.1\n---\na: b\n", "{a@3:1='b'}",
         "f:1:1: error: the file says that it is not YAML 1.2\n    remove the %YAML line\n"},
        {"a tag directive", "%TAG ! tag:x,2026:\n---\na: b\n", "{a@3:1='b'}",
         "f:1:1: error: tags are not read here\n    remove the %TAG line\n"},
        {"an open bracket", "a: [1\nb: 2\n", "",
         "f:2:2: error: not YAML: did not find expected ',' or ']'\n"
         "    check indentation, quotes and brackets here and on the line before\n"},
        {"a tab as indentation", "a:\n\tb: 1\n", "",
         "f:2:1: error: not YAML: found character that cannot start any token\n"
         "    check indentation, quotes and brackets here and on the line before\n"},
        {"invalid UTF-8", "a: \xff\n", "",
         "f: error: not YAML: invalid leading UTF-8 octet\n"
         "    the file must be UTF-8 text without control characters\n"},
        {"a control character", "a: \x01\n", "",
         "f: error: not YAML: control characters are not allowed\n"
         "    the file must be UTF-8 text without control characters\n"},
        {"nothing", "", "", "f:1:1: error: the file is empty\n    start from examples/sallyport.yaml\n"},
        {"a comment", "# a\n", "",
         "f:1:1: error: the file is empty\n    start from examples/sallyport.yaml\n"},
        {"deep nesting", "[[[[[[[[[[[[[[1]]]]]]]]]]]]]]\n", "",
         "f:1:14: error: nested too deeply\n    no setting lies that deep; check the indentation\n"},
    };
    (void)state;
    check_outcomes(rows, sizeof rows / sizeof rows[0]);
}

static void bounds_hold(void **state)
{
    sp_arena arena;
    (void)state;
    sp_arena_init(&arena, (size_t)512 << 20);
    spc_problems problems = {.mem = &arena.mem};
    const spc_node *root = NULL;
    sp_buf text = SP_BUF_IN(&arena.mem);
    for (unsigned i = 0; i <= SPC_KEYS_MAX; i++) {
        sp_buf_append_byte(&text, 'k');
        sp_buf_append_u64(&text, i);
        sp_buf_append_str(&text, ": 1\n");
    }
    assert_int_equal(spc_document_read(&root, &problems, sp_buf_bytes(&text)), SP_OK);
    assert_null(root);
    assert_string_equal(
        help_problems(&problems, "f"),
        "f:8193:1: error: too many keys in one map\n    split the estate over several gateways\n");
    const sp_bytes huge = {sp_alloc(&arena.mem, SPC_FILE_MAX + 1, 1), SPC_FILE_MAX + 1};
    spc_problems again = {.mem = &arena.mem};
    assert_int_equal(spc_document_read(&root, &again, huge), SP_OK);
    assert_null(root);
    assert_int_equal(again.n_errors, 1);
    sp_arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_scalars_are_what_the_core_schema_says),
        cmocka_unit_test(trees_keep_order_kinds_and_places),
        cmocka_unit_test(what_readers_take_differently_is_refused),
        cmocka_unit_test(bounds_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
