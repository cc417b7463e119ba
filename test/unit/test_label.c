/** The lattice laws over all atoms and their pairwise joins, and what flows where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sallyport/label.h"

enum { N_MAX = 1024 };
static sp_label points[N_MAX];
static size_t n_points;

static void add(sp_label label)
{
    assert_true(n_points < N_MAX);
    points[n_points++] = label;
}

/** Every atom: each level, each category, each single jurisdiction left out or left alone, each integrity,
 * bottom and top. */
static int make_points(void **state)
{
    (void)state;
    add(SP_LABEL_BOTTOM);
    add((sp_label){UINT64_MAX, SP_BITS256_NONE, SP_LEVEL_MAX, SP_UNTRUSTED});
    for (unsigned level = 0; level <= SP_LEVEL_MAX; level++) {
        sp_label a = SP_LABEL_BOTTOM;
        a.level = (uint8_t)level;
        add(a);
    }
    for (unsigned bit = 0; bit < 64; bit++) {
        sp_label a = SP_LABEL_BOTTOM;
        a.categories = SP_CAT_BIT(bit);
        add(a);
    }
    for (unsigned bit = 0; bit < 256; bit++) {
        sp_label only = SP_LABEL_BOTTOM;
        only.residency = SP_BITS256_NONE;
        sp_bits256_add(&only.residency, (uint8_t)bit);
        add(only);
        sp_label without = SP_LABEL_BOTTOM;
        without.residency.w[bit >> 6] &= ~(UINT64_C(1) << (bit & 63));
        add(without);
    }
    sp_label untrusted = SP_LABEL_BOTTOM;
    untrusted.integrity = SP_UNTRUSTED;
    add(untrusted);
    return 0;
}

static void join_is_a_least_upper_bound(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_points; i++) {
        const sp_label a = points[i];
        assert_true(sp_label_eq(sp_label_join(a, a), a));
        assert_true(sp_label_eq(sp_label_join(a, SP_LABEL_BOTTOM), a));
        for (size_t k = 0; k < n_points; k++) {
            const sp_label b = points[k];
            const sp_label ab = sp_label_join(a, b);
            assert_true(sp_label_eq(ab, sp_label_join(b, a)));
            assert_true(sp_label_leq(a, ab) && sp_label_leq(b, ab));
            assert_int_equal(sp_label_leq(a, b), sp_label_eq(ab, b));
            if (sp_label_leq(a, b) && sp_label_leq(b, a)) assert_true(sp_label_eq(a, b));
        }
    }
}

static uint64_t seed = 1;
static sp_label any_label(void)
{
    uint64_t r[7];
    for (size_t i = 0; i < 7; i++) {
        seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
        r[i] = seed;
    }
    return (sp_label){
        r[0], {{r[1], r[2], r[3], r[4]}}, (uint8_t)(r[5] % (SP_LEVEL_MAX + 1)), (uint8_t)(r[6] & 1)};
}

static void join_is_associative_and_least(void **state)
{
    (void)state;
    for (int i = 0; i < 200000; i++) {
        const sp_label a = i % 3 ? any_label() : points[(size_t)i % n_points];
        const sp_label b = any_label();
        const sp_label c = i % 2 ? any_label() : points[(size_t)(i * 7) % n_points];
        assert_true(
            sp_label_eq(sp_label_join(a, sp_label_join(b, c)), sp_label_join(sp_label_join(a, b), c)));
        if (sp_label_leq(a, c) && sp_label_leq(b, c)) assert_true(sp_label_leq(sp_label_join(a, b), c));
    }
}

/** What a join refuses to a destination, each part that alone is refused stays refused: no atom makes a label
 * flow further. */
static void adding_an_atom_never_opens_a_flow(void **state)
{
    (void)state;
    for (int i = 0; i < 200000; i++) {
        const sp_label data = any_label();
        const sp_label atom = points[(size_t)i % n_points];
        sp_label clearance = any_label();
        clearance.residency = (sp_bits256){{UINT64_C(1) << (i % 64), 0, 0, 0}};
        if (i % 2) clearance.categories = UINT64_MAX;
        if (sp_label_flows(sp_label_join(data, atom), clearance, NULL))
            assert_true(sp_label_flows(data, clearance, NULL));
    }
}

static void flow_names_the_first_part_that_refuses(void **state)
{
    (void)state;
    sp_label us = SP_LABEL_BOTTOM;
    us.residency = SP_BITS256_NONE;
    sp_bits256_add(&us.residency, (uint8_t)sp_jurisdiction_find(SP_LIT("US")));
    us.level = 1;
    us.categories = SP_CAT_BIT(SP_CAT_PII);
    sp_label data = SP_LABEL_BOTTOM;
    sp_label_part why = SP_PART_NONE;
    assert_true(sp_label_flows(data, us, &why));
    assert_int_equal(why, SP_PART_NONE);
    data.level = 2;
    assert_false(sp_label_flows(data, us, &why));
    assert_int_equal(why, SP_PART_LEVEL);
    data.level = 1;
    data.categories = SP_CAT_BIT(SP_CAT_PII) | SP_CAT_BIT(SP_CAT_PHI);
    assert_false(sp_label_flows(data, us, &why));
    assert_int_equal(why, SP_PART_CATEGORIES);
    data.categories = 0;
    assert_true(sp_jurisdiction_group(&data.residency, SP_LIT("EEA")));
    assert_false(sp_label_flows(data, us, &why));
    assert_int_equal(why, SP_PART_RESIDENCY);
    data.integrity = SP_UNTRUSTED; /* never blocks a destination */
    data.residency = SP_BITS256_ALL;
    assert_true(sp_label_flows(data, us, NULL));
}

static void zeroed_labels_refuse(void **state)
{
    (void)state;
    const sp_label zero = {0};
    assert_false(sp_label_flows(zero, SP_LABEL_BOTTOM, NULL));
    assert_false(sp_label_flows(SP_LABEL_BOTTOM, zero, NULL));
    assert_int_equal(zero.integrity, SP_UNTRUSTED);
}

static void labels_read_as_text(void **state)
{
    (void)state;
    sp_names names;
    sp_names_init(&names);
    sp_label label = SP_LABEL_BOTTOM;
    label.level = 3;
    label.categories = SP_CAT_BIT(SP_CAT_PII) | SP_CAT_BIT(SP_CAT_FINANCIAL) | SP_CAT_BIT(40);
    label.residency = SP_BITS256_NONE;
    sp_bits256_add(&label.residency, (uint8_t)sp_jurisdiction_find(SP_LIT("NO")));
    sp_bits256_add(&label.residency, (uint8_t)sp_jurisdiction_find(SP_LIT("DE")));
    static const sp_label nowhere = {0};
    sp_label eea = SP_LABEL_BOTTOM;
    assert_true(sp_jurisdiction_group(&eea.residency, SP_LIT("EEA")));
    const struct {
        sp_label label;
        const char *text;
    } rows[] = {
        {SP_LABEL_BOTTOM, "public;-;*;trusted"},
        {label, "restricted;pii,financial,40;DE,NO;trusted"},
        {nowhere, "public;-;-;untrusted"},
        {eea, "public;-;#30;trusted"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sp_arena arena;
        sp_arena_init(&arena, 4096);
        sp_buf out = SP_BUF_IN(&arena.mem);
        sp_label_append(&out, rows[i].label, &names);
        assert_true(sp_bytes_eq(sp_buf_bytes(&out), sp_bytes_of(rows[i].text)));
        sp_arena_fini(&arena);
    }
}

static void jurisdictions_have_distinct_fixed_bits(void **state)
{
    (void)state;
    assert_int_equal(sp_jurisdiction_find(SP_LIT("DE")), 56);
    assert_int_equal(sp_jurisdiction_find(SP_LIT("de")), -1);
    assert_int_equal(sp_jurisdiction_find(SP_LIT("XX")), -1);
    unsigned n = 0;
    for (unsigned bit = 0; bit < 256; bit++) {
        const char *code = sp_jurisdiction_code((uint8_t)bit);
        if (!*code) continue;
        assert_int_equal(sp_jurisdiction_find(sp_bytes_of(code)), (int)bit);
        n++;
    }
    assert_int_equal(n, 249);
    sp_bits256 set;
    assert_false(sp_jurisdiction_group(&set, SP_LIT("EUROPE")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(join_is_a_least_upper_bound),
        cmocka_unit_test(join_is_associative_and_least),
        cmocka_unit_test(adding_an_atom_never_opens_a_flow),
        cmocka_unit_test(flow_names_the_first_part_that_refuses),
        cmocka_unit_test(zeroed_labels_refuse),
        cmocka_unit_test(labels_read_as_text),
        cmocka_unit_test(jurisdictions_have_distinct_fixed_bits),
    };
    return cmocka_run_group_tests(tests, make_points, NULL);
}
