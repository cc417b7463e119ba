/* Tables: what heads a column says what stands in it, in the last row as in the first; and what is no table.
 */
#include "engine_help.h"

#include "detect/columns.h"
#include "detect/detect_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { TEXT_MAX = 64 << 10, ROWS = 50 };

static sp_arena arena;
static char text[TEXT_MAX];

static int set_up(void **state)
{
    (void)state;
    sp_arena_init(&arena, 8 << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sp_arena_fini(&arena);
    return 0;
}

typedef sp_status scan_with(sp_findings *, const sp_engine *, sp_scratch *, sp_bytes);

/* How often each kind is found. */
static void count(unsigned by_kind[SP_KIND_LIMIT], scan_with *scan)
{
    sp_findings found = SP_FINDINGS_IN(&arena.mem, 1000);
    memset(by_kind, 0, SP_KIND_LIMIT * sizeof *by_kind);
    assert_int_equal(scan(&found, engine, scratch, sp_bytes_of(text)), SP_OK);
    for (size_t i = 0; i < found.n; i++) by_kind[found.v[i].kind]++;
}

/* ---- tables of each sort ---- */

static const struct {
    const char *name, *head, *open, *sign, *close, *end;
} tables[] = {
    {"CSV", "id,name,ssn,date of birth,account number\n", "", ",", "\n", ""},
    {"CSV of Windows", "id;name;ssn;date_of_birth;account_number\r\n", "", ";", "\r\n", ""},
    {"TSV", "id\tname\tssn\tdateOfBirth\taccountNumber\n", "", "\t", "\n", ""},
    {"Markdown", "| id | name | SSN | date of birth | account number |\n|---|---|---|---|---|\n", "| ", " | ",
     " |\n", ""},
    {"SQL", "INSERT INTO people (id, name, ssn, date_of_birth, account_number) VALUES\n", "('", "', '",
     "'),\n", ";\n"},
    {"quoted CSV", "\"id\",\"name\",\"ssn\",\"date of birth\",\"account number\"\n", "\"", "\",\"", "\"\n",
     ""},
};

/* Rows of numbers that nothing but the header tells, most of them far enough below for it to be out of reach.
 */
static size_t write_table(size_t i, unsigned rows)
{
    const char *sign = tables[i].sign;
    size_t n = (size_t)snprintf(text, TEXT_MAX, "%s", tables[i].head);
    for (unsigned r = 0; r < rows; r++) {
        n += (size_t)snprintf(text + n, TEXT_MAX - n, "%s%u%sQ. Doe%s4%02u27%04u", tables[i].open, r + 1,
                              sign, sign, r + 10, r + 1000);
        n += (size_t)snprintf(text + n, TEXT_MAX - n, "%s19%02u-03-17%s9%03u4410%02u%s", sign, 50 + r % 50,
                              sign, r + 100, r + 10, tables[i].close);
    }
    return n + (size_t)snprintf(text + n, TEXT_MAX - n, "%s", tables[i].end);
}

static void each_row_is_found_as_its_column_says(void **state)
{
    (void)state;
    unsigned n[SP_KIND_LIMIT];
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        write_table(i, ROWS);
        count(n, sp_scan_whole);
        if (n[SP_KIND_US_SSN] != ROWS || n[SP_KIND_DATE_OF_BIRTH] != ROWS ||
            n[SP_KIND_US_BANK_ACCOUNT] != ROWS)
            fail_msg("%s: %u, %u, %u", tables[i].name, n[SP_KIND_US_SSN], n[SP_KIND_DATE_OF_BIRTH],
                     n[SP_KIND_US_BANK_ACCOUNT]);
    }
}

/* A stream has let the header go: what it finds may not hang on where it was cut. */
static void a_stream_knows_no_columns(void **state)
{
    (void)state;
    unsigned n[SP_KIND_LIMIT];
    write_table(2, ROWS);
    count(n, sp_scan);
    assert_true(n[SP_KIND_US_SSN] < 5);
}

static void a_table_ends_where_its_lines_do(void **state)
{
    (void)state;
    unsigned n[SP_KIND_LIMIT];
    static const struct {
        const char *before, *row;
        bool is_near; /* no filler between them */
    } behind[] = {
        {"\n", "402271111,19,3,4,5\n", false},            /* an empty line */
        {"and so on\n", "402271111,19\n", false},         /* a line of prose, and other cells */
        {"a,b,c,d\n", "402271111,402271112,3,4\n", true}, /* another table */
    };
    char filler[256];
    memset(filler, '.', sizeof filler);
    filler[sizeof filler - 2] = '\n';
    filler[sizeof filler - 1] = '\0';
    for (size_t i = 0; i < sizeof behind / sizeof behind[0]; i++) {
        const size_t at = write_table(0, ROWS);
        (void)snprintf(text + at, TEXT_MAX - at, "%s%s%s", behind[i].before, behind[i].is_near ? "" : filler,
                       behind[i].row);
        count(n, sp_scan_whole);
        if (n[SP_KIND_US_SSN] != ROWS) fail_msg("row %zu: %u", i, n[SP_KIND_US_SSN]);
    }
}

/* A head of more cells than are kept, a comma in quotes, a title of the table. */
static void heads_of_other_shapes(void **state)
{
    (void)state;
    static const char *const heads[] = {
        "\"Name, first\",born in,ssn,place\n",
        "Report of the staff, May, London, York\nname,born in,ssn,place\n",
    };
    unsigned n[SP_KIND_LIMIT];
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        size_t at = (size_t)snprintf(text, TEXT_MAX, "%s", heads[i]);
        for (unsigned r = 0; r < ROWS; r++)
            at += (size_t)snprintf(text + at, TEXT_MAX - at, "\"Doe, J\",1,4022711%02u,2\n", r + 10);
        count(n, sp_scan_whole);
        if (n[SP_KIND_US_SSN] != ROWS) fail_msg("row %zu: %u", i, n[SP_KIND_US_SSN]);
    }
    size_t at = 0;
    for (unsigned c = 0; c < SP_COLUMNS_MAX + 6; c++)
        at += (size_t)snprintf(text + at, TEXT_MAX - at, "%s,", c == SP_COLUMNS_MAX + 5 ? "ssn" : "x");
    text[at - 1] = '\n';
    for (unsigned r = 0; r < ROWS; r++) {
        for (unsigned c = 0; c < SP_COLUMNS_MAX + 6; c++)
            at += (size_t)snprintf(text + at, TEXT_MAX - at, "%s,",
                                   c == SP_COLUMNS_MAX - 1 ? "402271110" : "y");
        text[at - 1] = '\n';
    }
    count(n, sp_scan_whole);
    assert_true(n[SP_KIND_US_SSN] < 5); /* as far as the word itself reaches */
}

/* Lines of prose and of numbers head nothing. */
static void other_lines_are_no_headers(void **state)
{
    (void)state;
    static const char *const heads[] = {
        "Dear Anna, the ssn that you asked for is the one that we spoke of last week\n",
        "7,ssn 4,11\n",
        "f(ssn, {name}, 3)\n",
    };
    unsigned n[SP_KIND_LIMIT];
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        size_t at = (size_t)snprintf(text, TEXT_MAX, "%s", heads[i]);
        for (unsigned r = 0; r < ROWS; r++)
            at += (size_t)snprintf(text + at, TEXT_MAX - at, "x,402271111%s\n", i > 0 ? ",z" : "");
        count(n, sp_scan_whole);
        if (n[SP_KIND_US_SSN] > 8) fail_msg("row %zu: %u", i, n[SP_KIND_US_SSN]);
    }
}

/* ---- the reader ---- */

static void heads_are_those_of_their_columns(void **state)
{
    (void)state;
    static const struct {
        const char *text, *value, *head;
    } cases[] = {
        {"a,b\n1,22\n", "22", "b"},
        {"a,b\n1,22\n", "1", "a"},
        {"a;b c\n1;22\n", "22", "b c"},
        {"a\tb\n\t22\n", "22", "b"},
        {"| a | b |\n|--|--|\n| 1 | 22 |\n", "22", " b "},
        {"a,b\n\"1,5\",22\n", "22", "b"},
        {"insert into t (a, b) values (1, 22), (3, 44)\n", "44", " b"},
        {"insert into t (a, b) values (f(1, 2), 33)\n", "33", " b"},
        {"INSERT INTO t (a, b) VALUES\n  ('x, y', 22),\n (3, 44);\n", "44", " b"},
        {"a,b\n1,2,3\n4,55\n", "55", ""},
        {"a,b\n", "b", ""},
        {"a b\n1 22\n", "22", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sp_columns columns;
        const sp_window w = {
            (const uint8_t *)cases[i].text, strlen(cases[i].text), true, false, 0, NULL, NULL};
        const size_t at = (size_t)(strstr(cases[i].text, cases[i].value) - cases[i].text);
        sp_columns_begin(&columns, 0);
        const sp_column_head head = sp_columns_find(&columns, &w, at);
        const size_t n = strlen(cases[i].head);
        if (head.end - head.start != n || memcmp(cases[i].text + head.start, cases[i].head, n) != 0)
            fail_msg("case %zu: %.*s", i, (int)(head.end - head.start), cases[i].text + head.start);
    }
}

/* Any bytes are safe, asked at any place in rising order. */
static void any_bytes_are_safe(void **state)
{
    (void)state;
    static const char of[] = "a,1;\n|\t\"'(){} insert into values\r\xe3";
    uint64_t rng = 52;
    for (unsigned round = 0; round < 2000; round++) {
        size_t n = 0;
        if (round % 3 == 0) n = (size_t)snprintf(text, TEXT_MAX, "insert into t (a,b,c) values");
        for (; n < 400; n++) {
            rng = rng * 6364136223846793005u + 1442695040888963407u;
            text[n] = of[(rng >> 33) % (sizeof of - 1)];
        }
        uint8_t *copy = malloc(n); /* of its size, so that a sanitizer sees its end */
        assert_non_null(copy);
        memcpy(copy, text, n);
        const sp_window w = {copy, n, true, false, 0, NULL, NULL};
        sp_columns columns;
        sp_columns_begin(&columns, 0);
        for (size_t at = 0; at < n; at++) {
            const sp_column_head head = sp_columns_find(&columns, &w, at);
            assert_true(head.start <= head.end && head.end <= n && (head.end == 0 || head.end < at));
            if (copy[at] == ',') (void)sp_columns_part(&columns, &w, at);
        }
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_row_is_found_as_its_column_says, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_stream_knows_no_columns, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_table_ends_where_its_lines_do, set_up, tear_down),
        cmocka_unit_test_setup_teardown(heads_of_other_shapes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(other_lines_are_no_headers, set_up, tear_down),
        cmocka_unit_test(heads_are_those_of_their_columns),
        cmocka_unit_test(any_bytes_are_safe),
    };
    return cmocka_run_group_tests(tests, engine_set_up, engine_tear_down);
}
