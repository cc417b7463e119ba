/* Changes to the text of a file: the least of it, comments and order kept, and nothing else touched. */
#include "conf/edit.h"
#include "conf/document.h"
#include "conf_help.h"

#define PATH(...) .path = {__VA_ARGS__}
#define KEY(s) SP_LIT(s)

typedef struct row {
    const char *name, *file, *expected; /* expected NULL: it cannot be done */
    spc_change change;
} row;

#define ONE(k, v) .pairs = {{k, SP_LIT(v)}}, .n_pairs = 1
#define TWO(k, v, l, w) .pairs = {{k, SP_LIT(v)}, {l, SP_LIT(w)}}, .n_pairs = 2

static const row rows[] = {
    {"a value is replaced, its comment stays",
     "u:\n  a:\n    review: 2026-01-01   # soon\n    owner: o\n",
     "u:\n  a:\n    review: 2027-01-01   # soon\n    owner: o\n",
     {PATH(KEY("u"), KEY("a")), .n_path = 2, ONE("review", "2027-01-01")}},
    {"a quoted value is replaced with its quotes",
     "u: {a: {p: \"x: y\", q: 1}}\n",
     "u: {a: {p: z, q: 1}}\n",
     {PATH(KEY("u"), KEY("a")), .n_path = 2, ONE("p", "z")}},
    {"characters are not bytes",
     "u: {ä: {ö: 'ü', b: 1}, a: {é: 'ß', p: old, q: x}}\n",
     "u: {ä: {ö: 'ü', b: 1}, a: {é: 'ß', p: new, q: x}}\n",
     {PATH(KEY("u"), KEY("a")), .n_path = 2, ONE("p", "new")}},
    {"a key goes behind the last one of its map, behind its comment",
     "u:\n  a:\n    owner: o  # who\n    purpose: p # why\n\n# next\n  b: {owner: x}\n",
     "u:\n  a:\n    owner: o  # who\n    purpose: p # why\n    review: 2027-01-01\n\n# next\n  b: {owner: "
     "x}\n",
     {PATH(KEY("u"), KEY("a")), .n_path = 2, ONE("review", "2027-01-01")}},
    {"or into its brackets",
     "u:\n  a: {owner: o}  # who\n",
     "u:\n  a: {owner: o, review: x, approver: y}  # who\n",
     {PATH(KEY("u"), KEY("a")), .n_path = 2, TWO("review", "x", "approver", "y")}},
    {"brackets over several lines",
     "u:\n  a: {owner: o,\n      purpose: p\n  }\n",
     "u:\n  a: {owner: o,\n      purpose: p, review: x\n  }\n",
     {PATH(KEY("u"), KEY("a")), .n_path = 2, ONE("review", "x")}},
    {"an entry looks as the one before it: in lines",
     "u:\n    a:\n       owner: o\nother: 1\n",
     "u:\n    a:\n       owner: o\n    b:\n       owner: p\n       level: q\nother: 1\n",
     {PATH(KEY("u"), KEY("b")), .n_path = 2, TWO("owner", "p", "level", "q")}},
    {"or in brackets",
     "u:\n  a: {owner: o}\nother: 1\n",
     "u:\n  a: {owner: o}\n  b: {owner: p, level: q}\nother: 1\n",
     {PATH(KEY("u"), KEY("b")), .n_path = 2, TWO("owner", "p", "level", "q")}},
    {"or all in one line",
     "u: {a: {owner: o}}\n",
     "u: {a: {owner: o}, b: {owner: p, level: q}}\n",
     {PATH(KEY("u"), KEY("b")), .n_path = 2, TWO("owner", "p", "level", "q")}},
    {"what is missing on the way is made",
     "v:\n  acme:\n    legal_seat: US\n",
     "v:\n  acme:\n    legal_seat: US\n    facts:\n      dpa: {from: x, until: y}\n",
     {PATH(KEY("v"), KEY("acme"), KEY("facts"), KEY("dpa")), .n_path = 4, TWO("from", "x", "until", "y")}},
    {"in brackets too",
     "v: {acme: {legal_seat: US}}\n",
     "v: {acme: {legal_seat: US, facts: {dpa: {from: x, until: y}}}}\n",
     {PATH(KEY("v"), KEY("acme"), KEY("facts"), KEY("dpa")), .n_path = 4, TWO("from", "x", "until", "y")}},
    {"an empty map gets its first entry",
     "v:\n  acme: {facts: {}, x: 1}\n",
     "v:\n  acme: {facts: {dpa: {from: x}}, x: 1}\n",
     {PATH(KEY("v"), KEY("acme"), KEY("facts"), KEY("dpa")), .n_path = 4, ONE("from", "x")}},
    {"so does one that nothing stands behind",
     "v:\n  acme:\n    facts:   # none yet\n    x: 1\n",
     "v:\n  acme:\n    facts: {dpa: {from: x}}   # none yet\n    x: 1\n",
     {PATH(KEY("v"), KEY("acme"), KEY("facts"), KEY("dpa")), .n_path = 4, ONE("from", "x")}},
    {"a value that was forgotten is filled in",
     "u: {a: {owner: o}}\nb:\n  review:   # when?\n",
     "u: {a: {owner: o}}\nb:\n  review: x   # when?\n",
     {PATH(KEY("b")), .n_path = 1, ONE("review", "x")}},
    {"a file without a newline at its end",
     "u:\n  a:\n    owner: o",
     "u:\n  a:\n    owner: o\n    review: x",
     {PATH(KEY("u"), KEY("a")), .n_path = 2, ONE("review", "x")}},
    {"a text in lines is the last entry",
     "u:\n  a:\n    purpose: |\n      one\n      two\nb: 1\n",
     "u:\n  a:\n    purpose: |\n      one\n      two\n    review: x\nb: 1\n",
     {PATH(KEY("u"), KEY("a")), .n_path = 2, ONE("review", "x")}},
    {"a list is replaced whole",
     "u: {a: {categories: [pii, hr], owner: o}}\n",
     "u: {a: {categories: [], owner: o}}\n",
     {PATH(KEY("u"), KEY("a")), .n_path = 2, ONE("categories", "[]")}},
    {"lines that end as elsewhere",
     "u:\r\n  a:\r\n    owner: o # x\r\n    purpose: p\r\nb: 1\r\n",
     "u:\r\n  a:\r\n    owner: q # x\r\n    purpose: p\r\nb: 1\r\n",
     {PATH(KEY("u"), KEY("a")), .n_path = 2, ONE("owner", "q")}},
    {"a value that is no scalar of one piece breaks nothing else",
     "u: {a: {owner: o}}\n",
     NULL,
     {PATH(KEY("u"), KEY("a")), .n_path = 2, ONE("owner", "x}, b: {y: z")}},
    {"a way through a scalar",
     "u: {a: text}\n",
     NULL,
     {PATH(KEY("u"), KEY("a")), .n_path = 2, ONE("owner", "x")}},
    {"a file that is none", "u: {a: [\n", NULL, {PATH(KEY("u"), KEY("a")), .n_path = 2, ONE("owner", "x")}},
    {"an empty file", "", NULL, {PATH(KEY("u"), KEY("a")), .n_path = 2, ONE("owner", "x")}},
};

static void files_change_where_they_have_to(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sp_arena arena;
        sp_bytes out = SP_BYTES_EMPTY;
        sp_arena_init(&arena, HELP_MEMORY);
        const sp_status status = spc_edit(&out, sp_bytes_of(rows[i].file), &rows[i].change, &arena.mem);
        const char *got = help_string(&arena.mem, out);
        if (rows[i].expected == NULL ? status != SP_EFIELD : strcmp(got, rows[i].expected) != 0)
            fail_msg("%s: status %d\n%s", rows[i].name, (int)status, got);
        sp_arena_fini(&arena);
    }
}

/* ---- lists ---- */

typedef struct list_row {
    const char *name, *file, *item,
        *expected; /* item NULL: `b` is removed; expected NULL: it cannot be done */
} list_row;

#define BLOCK_ITEM \
    "d:\n    - name: b   # why\n      pattern: '\\bx'\n\n      # these\n      e:\n        - '[x]'\n"

static const list_row list_rows[] = {
    {"a list that is not there is made, with the words and comments of its entry", "v: 1   # one\n",
     BLOCK_ITEM,
     "v: 1   # one\nd:\n  - name: b   # why\n    pattern: '\\bx'\n\n    # these\n    e:\n      - '[x]'\n"},
    {"behind the last one, at its column", "d:\n- name: a # first\n  e: [x]\n# next\nv: 1\n", BLOCK_ITEM,
     "d:\n- name: a # first\n  e: [x]\n- name: b   # why\n  pattern: '\\bx'\n\n  # these\n  e:\n    - "
     "'[x]'\n# "
     "next\nv: 1\n"},
    {"one in brackets below lines", "d:\n  - {name: a}\nv: 1\n", "d: [{name: b, e: ['[x]']}]\n",
     "d:\n  - {name: a}\n  - {name: b, e: ['[x]']}\nv: 1\n"},
    {"lines into brackets are written anew", "d: [{name: a}] # ours\n", BLOCK_ITEM,
     "d: [{name: a}, {name: b, pattern: \"\\\\bx\", e: [\"[x]\"]}] # ours\n"},
    {"a list without entries", "d: [] # none\nv: 1\n", "d: [{name: b, n: 7, t: true, u: ~}]\n",
     "d: # none\n  - {name: b, n: 7, t: true, u: ~}\nv: 1\n"},
    {"a key without a list", "d: # none\nv: 1\n", "d: [{name: b}]\n", "d: # none\n  - {name: b}\nv: 1\n"},
    {"a file in brackets", "{v: 1}\n", "d: [{name: b, u: ~, n: 7}]\n",
     "{v: 1, d: [{name: b, u: null, n: 7}]}\n"},
    {"and one that has it", "{d: [], v: 1}\n", "d: [{name: b}]\n", "{d: [{name: b}], v: 1}\n"},
    {"and one with nothing in it", "{d: , v: 1}\n", "d: [{name: b}]\n", "{d: [{name: b}] , v: 1}\n"},
    {"a file without a newline at its end", "v: 1", "d: [{name: b}]\n", "v: 1\nd:\n  - {name: b}"},
    {"lines that end as elsewhere", "v: 1\r\n", "d:\n- name: b\n  e: x\n",
     "v: 1\r\nd:\r\n  - name: b\r\n    e: x\r\n"},
    {"a map is no list", "d: {a: 1}\n", "d: [{name: b}]\n", NULL},
    {"a file that is none", "d: [\n", "d: [{name: b}]\n", NULL},
    {"lines go, those around them stay",
     "d:\n  - name: a\n  # of b\n  - name: b\n    e: x # why\n\n  - name: c\n", NULL,
     "d:\n  - name: a\n  # of b\n\n  - name: c\n"},
    {"the last one leaves brackets", "d: # ours\n- e: x\n  name: b\nv: 1\n", NULL, "d: [] # ours\nv: 1\n"},
    {"out of brackets: the first", "d: [{name: b}, {name: c}]\n", NULL, "d: [{name: c}]\n"},
    {"the last", "d: [{name: a}, {name: b}]\n", NULL, "d: [{name: a}]\n"},
    {"the only one", "d: [{name: b}]\n", NULL, "d: []\n"},
    {"one that is not there", "d: [{name: a}]\n", NULL, NULL},
    {"a dash on a line of its own", "d:\n  -\n    name: b\n", NULL, NULL},
};

static sp_status edit_list(sp_bytes *out, const list_row *one, sp_mem *mem)
{
    spc_problems problems = {.mem = mem};
    const spc_node *root = NULL;
    if (one->item == NULL) return spc_edit_remove(out, sp_bytes_of(one->file), SP_LIT("d"), SP_LIT("b"), mem);
    assert_int_equal(spc_document_read(&root, &problems, sp_bytes_of(one->item)), SP_OK);
    const spc_item item = {sp_bytes_of(one->item), root->child->child};
    return spc_edit_append(out, sp_bytes_of(one->file), SP_LIT("d"), &item, mem);
}

static void lists_get_entries_and_lose_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof list_rows / sizeof list_rows[0]; i++) {
        sp_arena arena;
        sp_bytes out = SP_BYTES_EMPTY;
        const list_row *one = &list_rows[i];
        sp_arena_init(&arena, HELP_MEMORY);
        const sp_status status = edit_list(&out, one, &arena.mem);
        const char *got = help_string(&arena.mem, out);
        if (one->expected == NULL ? status != SP_EFIELD : status != SP_OK || strcmp(got, one->expected) != 0)
            fail_msg("%s: status %d\n%s", one->name, (int)status, got);
        sp_arena_fini(&arena);
    }
}

static void a_scalar_reads_as_its_text(void **state)
{
    static const char *const texts[][2] = {
        {"legal", "legal"},
        {"j.doe@corp.example", "j.doe@corp.example"},
        {"2027-01-31", "2027-01-31"},
        {"contract 17, annex 2", "\"contract 17, annex 2\""},
        {"a: b", "\"a: b\""},
        {"", "\"\""},
        {"true", "\"true\""},
        {"12", "\"12\""},
        {"~", "\"~\""},
        {"- x", "\"- x\""},
        {" x", "\" x\""},
        {"x ", "\"x \""},
        {"say \"hi\" \\", "\"say \\\"hi\\\" \\\\\""},
        {"Grüße", "\"Grüße\""},
        {"a#b", "\"a#b\""},
        {"{x}", "\"{x}\""},
        {"2027-01-31T18:00:00Z", "\"2027-01-31T18:00:00Z\""},
        {"@x", "\"@x\""},
        {"null", "\"null\""},
        {"1.5e3", "\"1.5e3\""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        sp_arena arena;
        sp_arena_init(&arena, HELP_MEMORY);
        sp_buf scalar = SP_BUF_IN(&arena.mem), file = SP_BUF_IN(&arena.mem);
        spc_scalar_append(&scalar, sp_bytes_of(texts[i][0]));
        assert_string_equal(help_string(&arena.mem, sp_buf_bytes(&scalar)), texts[i][1]);
        sp_buf_append_str(&file, "k: {v: ");
        sp_buf_append(&file, sp_buf_bytes(&scalar));
        sp_buf_append_str(&file, "}\n");
        const spc_node *root = NULL;
        spc_problems problems = {.mem = &arena.mem};
        assert_int_equal(spc_document_read(&root, &problems, sp_buf_bytes(&file)), SP_OK);
        assert_true(problems.n_errors == 0 && root->child->child->scalar == SPC_SCALAR_TEXT);
        assert_true(sp_bytes_eq(root->child->child->text, sp_bytes_of(texts[i][0])));
        sp_arena_fini(&arena);
    }
}

static void memory_that_runs_out_is_said(void **state)
{
    sp_status status = SP_ENOMEM;
    (void)state;
    for (size_t limit = 64; status == SP_ENOMEM; limit += 64) {
        sp_arena arena;
        sp_bytes out;
        sp_arena_init(&arena, limit);
        status = spc_edit(&out, sp_bytes_of(rows[4].file), &rows[4].change, &arena.mem);
        sp_arena_fini(&arena);
    }
    assert_int_equal(status, SP_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_change_where_they_have_to),
        cmocka_unit_test(lists_get_entries_and_lose_them),
        cmocka_unit_test(a_scalar_reads_as_its_text),
        cmocka_unit_test(memory_that_runs_out_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
