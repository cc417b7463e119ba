/* Quantities: what is read, what is refused and as what, and that printing and reading agree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "conf/quantity.h"

static void quantities_are_read_or_refused_as_what_they_are(void **state)
{
    static const struct {
        const char *text;
        spc_unit_kind kind;
        spc_quantity_fault fault;
        uint64_t value;
        const char *unit;
    } rows[] = {
        {"30s", SPC_UNIT_TIME, SPC_QUANTITY_OK, 30000, "s"},
        {"250ms", SPC_UNIT_TIME, SPC_QUANTITY_OK, 250, "ms"},
        {"10min", SPC_UNIT_TIME, SPC_QUANTITY_OK, 600000, "min"},
        {"2h", SPC_UNIT_TIME, SPC_QUANTITY_OK, 7200000, "h"},
        {"0ms", SPC_UNIT_TIME, SPC_QUANTITY_OK, 0, "ms"},
        {"007s", SPC_UNIT_TIME, SPC_QUANTITY_OK, 7000, "s"},
        {"8MiB", SPC_UNIT_SIZE, SPC_QUANTITY_OK, 8 << 20, "MiB"},
        {"64KiB", SPC_UNIT_SIZE, SPC_QUANTITY_OK, 64 << 10, "KiB"},
        {"1GiB", SPC_UNIT_SIZE, SPC_QUANTITY_OK, 1 << 30, "GiB"},
        {"512B", SPC_UNIT_SIZE, SPC_QUANTITY_OK, 512, "B"},
        {"18446744073709551615ms", SPC_UNIT_TIME, SPC_QUANTITY_OK, UINT64_MAX, "ms"},
        {"18446744073709551616ms", SPC_UNIT_TIME, SPC_QUANTITY_RANGE, 0, "ms"},
        {"18446744073709551615s", SPC_UNIT_TIME, SPC_QUANTITY_RANGE, 0, "s"},
        {"17179869184GiB", SPC_UNIT_SIZE, SPC_QUANTITY_RANGE, 0, "GiB"},
        {"30", SPC_UNIT_TIME, SPC_QUANTITY_BARE, 0, ""},
        {"", SPC_UNIT_TIME, SPC_QUANTITY_NUMBER, 0, ""},
        {"s", SPC_UNIT_TIME, SPC_QUANTITY_NUMBER, 0, "s"},
        {"-1s", SPC_UNIT_TIME, SPC_QUANTITY_NUMBER, 0, "-1s"},
        {"+1s", SPC_UNIT_TIME, SPC_QUANTITY_NUMBER, 0, "+1s"},
        {" 1s", SPC_UNIT_TIME, SPC_QUANTITY_NUMBER, 0, " 1s"},
        {"1 s", SPC_UNIT_TIME, SPC_QUANTITY_UNIT, 0, " s"},
        {"1.5s", SPC_UNIT_TIME, SPC_QUANTITY_UNIT, 0, ".5s"},
        {"1e3s", SPC_UNIT_TIME, SPC_QUANTITY_UNIT, 0, "e3s"},
        {"1S", SPC_UNIT_TIME, SPC_QUANTITY_UNIT, 0, "S"},
        {"1m", SPC_UNIT_TIME, SPC_QUANTITY_UNIT, 0, "m"},
        {"1MiB", SPC_UNIT_TIME, SPC_QUANTITY_UNIT, 0, "MiB"},
        {"8MB", SPC_UNIT_SIZE, SPC_QUANTITY_UNIT, 0, "MB"},
        {"8mib", SPC_UNIT_SIZE, SPC_QUANTITY_UNIT, 0, "mib"},
        {"1s", SPC_UNIT_SIZE, SPC_QUANTITY_UNIT, 0, "s"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t value = 0;
        sp_bytes unit = SP_BYTES_EMPTY;
        const spc_quantity_fault fault =
            spc_quantity_parse(&value, &unit, sp_bytes_of(rows[i].text), rows[i].kind);
        const bool is_unit = sp_bytes_eq(unit, sp_bytes_of(rows[i].unit));
        if (fault != rows[i].fault || value != rows[i].value || !is_unit) {
            fail_msg("\"%s\": fault %d, value %llu", rows[i].text, fault, (unsigned long long)value);
        }
    }
}

static void printing_takes_the_largest_unit_that_divides(void **state)
{
    static const struct {
        uint64_t value;
        spc_unit_kind kind;
        const char *want;
    } rows[] = {
        {600000, SPC_UNIT_TIME, "10min"}, {1500, SPC_UNIT_TIME, "1500ms"}, {90000, SPC_UNIT_TIME, "90s"},
        {3600000, SPC_UNIT_TIME, "1h"},   {0, SPC_UNIT_TIME, "0ms"},       {8 << 20, SPC_UNIT_SIZE, "8MiB"},
        {1025, SPC_UNIT_SIZE, "1025B"},   {0, SPC_UNIT_SIZE, "0B"},        {1 << 30, SPC_UNIT_SIZE, "1GiB"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sp_arena arena;
        sp_arena_init(&arena, 4096);
        sp_buf text = SP_BUF_IN(&arena.mem);
        spc_quantity_append(&text, rows[i].value, rows[i].kind);
        assert_int_equal(text.status, SP_OK);
        if (!sp_bytes_eq(sp_buf_bytes(&text), sp_bytes_of(rows[i].want))) {
            fail_msg("%s: %.*s", rows[i].want, (int)text.n, (const char *)text.p);
        }
        sp_arena_fini(&arena);
    }
}

static void what_is_printed_is_read_back(void **state)
{
    uint64_t value = 1;
    (void)state;
    for (unsigned i = 0; i < 2000; i++) {
        sp_arena arena;
        sp_arena_init(&arena, 4096);
        sp_buf text = SP_BUF_IN(&arena.mem);
        const spc_unit_kind kind = i % 2 == 0 ? SPC_UNIT_TIME : SPC_UNIT_SIZE;
        uint64_t back = ~value;
        spc_quantity_append(&text, value, kind);
        assert_int_equal(spc_quantity_parse(&back, NULL, sp_buf_bytes(&text), kind), SPC_QUANTITY_OK);
        assert_true(back == value);
        sp_arena_fini(&arena);
        value = value * UINT64_C(6364136223846793005) + 1442695040888963407u;
        value >>= i % 60;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantities_are_read_or_refused_as_what_they_are),
        cmocka_unit_test(printing_takes_the_largest_unit_that_divides),
        cmocka_unit_test(what_is_printed_is_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
