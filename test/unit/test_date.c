/** Days of the calendar: against the C library for each day of 130 years, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "conf/date.h"

static void each_day_reads_back(void **state)
{
    (void)state;
    sp_arena arena;
    for (uint64_t day = 0; day < UINT64_C(130) * 366; day++) {
        const time_t second = (time_t)day * 86400 + 43200;
        struct tm tm;
        char text[16];
        uint64_t back = 1;
        assert_non_null(gmtime_r(&second, &tm));
        assert_int_equal(strftime(text, sizeof text, "%Y-%m-%d", &tm), 10);
        assert_true(spc_date_parse(&back, sp_bytes_of(text)));
        assert_int_equal(back, day * 86400);
        sp_arena_init(&arena, 4096);
        sp_buf out = SP_BUF_IN(&arena.mem);
        spc_date_append(&out, (uint64_t)second);
        assert_true(sp_bytes_eq(sp_buf_bytes(&out), sp_bytes_of(text)));
        sp_arena_fini(&arena);
    }
}

static void what_is_no_day_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        "2026-1-01",
                                        "2026-01-1",
                                        "2026-00-10",
                                        "2026-13-01",
                                        "2026-02-29",
                                        "2100-02-29",
                                        "2026-04-31",
                                        "2026-01-00",
                                        "1969-12-31",
                                        "2026/01/01",
                                        "20260101",
                                        "2026-01-01Z",
                                        "2026-0a-01",
                                        "-026-01-01",
                                        "2026-01-01T24:00:00Z",
                                        "2026-01-01T23:60:00Z",
                                        "2026-01-01T23:59:60Z",
                                        "2026-01-01T10:00:00",
                                        "2026-01-01T10:00:00+01:00",
                                        "2026-01-01 10:00:00Z",
                                        "2026-01-01T1:00:00ZZ"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        uint64_t out = 7;
        assert_false(spc_date_parse(&out, sp_bytes_of(wrong[i])));
        assert_int_equal(out, 7);
    }
    uint64_t out = 0;
    assert_true(spc_date_parse(&out, SP_LIT("2000-02-29")) && spc_date_parse(&out, SP_LIT("9999-12-31")));
    assert_true(spc_date_parse(&out, SP_LIT("1970-01-02T01:02:03Z")));
    assert_int_equal(out, 86400 + 3723);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_day_reads_back),
        cmocka_unit_test(what_is_no_day_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
