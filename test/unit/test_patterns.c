/* Wordings of attacks: each row finds its example, alone and in a page, and leaves its near miss alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <hs/hs.h>

#include "detect/patterns_internal.h"

static sp_patterns *patterns;
static sp_patterns_scratch *scratch;

static sp_pattern_hits scan(sp_bytes text)
{
    sp_pattern_hits hits;
    assert_int_equal(sp_patterns_scan(&hits, patterns, scratch, text), SP_OK);
    return hits;
}

static void each_row_finds_its_example(void **state)
{
    (void)state;
    for (size_t i = 0; sp_pattern_row_at(i) != NULL; i++) {
        const sp_pattern_row *row = sp_pattern_row_at(i);
        char page[1024];
        print_message("  %s\n", row->name);
        const sp_pattern_hits alone = scan(sp_bytes_of(row->hit));
        assert_true(alone.families & UINT32_C(1) << row->family);
        assert_true(alone.score >= row->score && alone.end > 0);
        (void)snprintf(page, sizeof page, "The station is near.\n%s\nBoats carry wood.\n", row->hit);
        assert_int_equal(scan(sp_bytes_of(page)).families, alone.families);
    }
}

static void each_row_leaves_its_near_miss_alone(void **state)
{
    (void)state;
    for (size_t i = 0; sp_pattern_row_at(i) != NULL; i++) {
        const sp_pattern_row *row = sp_pattern_row_at(i);
        print_message("  %s\n", row->name);
        assert_int_equal(scan(sp_bytes_of(row->near_miss)).families, 0);
    }
}

static void rows_are_complete(void **state)
{
    (void)state;
    uint32_t families = 0;
    for (size_t i = 0; sp_pattern_row_at(i) != NULL; i++) {
        const sp_pattern_row *row = sp_pattern_row_at(i);
        families |= UINT32_C(1) << row->family;
        assert_true(row->score > 0 && row->score < 1000 && row->languages[0] != '\0');
        for (size_t k = 0; k < i; k++) assert_string_not_equal(sp_pattern_row_at(k)->name, row->name);
    }
    assert_int_equal(families, (1u << SP_ATTACK_LIMIT) - 1);
    for (unsigned f = 0; f < SP_ATTACK_LIMIT; f++)
        assert_non_null(sp_attack_family_name((sp_attack_family)f));
    assert_null(sp_attack_family_name(SP_ATTACK_LIMIT));
}

static void nothing_is_found_in_nothing(void **state)
{
    (void)state;
    assert_int_equal(scan(SP_BYTES_EMPTY).families, 0);
    assert_int_equal(scan(SP_LIT("\xff\xfe\x80 plain")).families, 0);
}

/* What the build made is what the rows say. */
static void the_database_in_the_program_is_that_of_the_rows(void **state)
{
    (void)state;
    const char *rows[SP_PATTERN_ROWS_MAX];
    unsigned flags[SP_PATTERN_ROWS_MAX], ids[SP_PATTERN_ROWS_MAX];
    const unsigned count = sp_patterns__collect(rows, flags, ids);
    const hs_platform_info_t any = {0};
    hs_database_t *made = NULL, *db = NULL;
    hs_compile_error_t *error = NULL;
    char *bytes = NULL;
    size_t n = 0;
    /* or each start compiles, and takes a quarter of a second */
    assert_int_equal(hs_deserialize_database((const char *)sp_patterns__made, sp_patterns__made_n, &made),
                     HS_SUCCESS);
    assert_int_equal(hs_compile_multi(rows, flags, ids, count, HS_MODE_BLOCK, &any, &db, &error), HS_SUCCESS);
    assert_int_equal(hs_serialize_database(db, &bytes, &n), HS_SUCCESS);
    assert_int_equal(n, sp_patterns__made_n);
    assert_memory_equal(bytes, sp_patterns__made, n);
    free(bytes);
    (void)hs_free_database(db);
    (void)hs_free_database(made);
}

static void what_hyperscan_does_not_take_is_compiled(void **state)
{
    (void)state;
    uint8_t *other = malloc(sp_patterns__made_n);
    assert_non_null(other);
    memcpy(other, sp_patterns__made, sp_patterns__made_n);
    other[4] ^= 1; /* the version */
    const sp_bytes none[] = {SP_BYTES_EMPTY, {sp_patterns__made, 100}, {other, sp_patterns__made_n}};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        sp_patterns *own;
        sp_patterns_scratch *own_scratch;
        sp_pattern_hits hits;
        assert_int_equal(sp_patterns__new_of(&own, NULL, none[i]), SP_OK);
        assert_int_equal(sp_patterns_scratch_new(&own_scratch, own), SP_OK);
        const sp_bytes text = sp_bytes_of(sp_pattern_row_at(0)->hit);
        assert_int_equal(sp_patterns_scan(&hits, own, own_scratch, text), SP_OK);
        assert_int_equal(hits.families, scan(text).families);
        sp_patterns_scratch_free(own_scratch);
        sp_patterns_free(own);
    }
    free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_finds_its_example),
        cmocka_unit_test(each_row_leaves_its_near_miss_alone),
        cmocka_unit_test(rows_are_complete),
        cmocka_unit_test(nothing_is_found_in_nothing),
        cmocka_unit_test(the_database_in_the_program_is_that_of_the_rows),
        cmocka_unit_test(what_hyperscan_does_not_take_is_compiled),
    };
    sp_diag diag;
    if (sp_patterns_new(&patterns, &diag) != SP_OK || sp_patterns_scratch_new(&scratch, patterns) != SP_OK) {
        (void)fprintf(stderr, "the rows do not compile: %s\n", diag.text);
        return 1;
    }
    const int failed = cmocka_run_group_tests_name("patterns", tests, NULL, NULL);
    sp_patterns_scratch_free(scratch);
    sp_patterns_free(patterns);
    return failed;
}
