/* Time that validity is judged by never goes back, whatever the wall clock does. */
#include "sallyport/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

static void the_clock_follows_or_goes_on(void **state)
{
    static const struct {
        const char *name;
        uint64_t wall_s, monotonic_ms, now_s;
    } steps[] = {
        {"the first reading is believed", 1000, 5000, 1000},
        {"it follows the wall clock", 1010, 15000, 1010},
        {"set back by an hour: it goes on", 1, 16000, 1011},
        {"and on", 5, 75500, 1070},
        {"parts of a second are not lost", 5, 75999, 1070},
        {"nor gained", 5, 76000, 1071},
        {"set right again: it follows", 1072, 76000, 1072},
        {"set forward by a day: it follows", 1072 + 86400, 77000, 1072 + 86400},
        {"and does not come back", 1074, 79000, 1072 + 86400 + 2},
        {"a monotonic clock that stands still", 1074, 79000, 1072 + 86400 + 2},
        {"or reads less is no reason to go back", 1074, 70000, 1072 + 86400},
    };
    sp_clock clock = {0};
    (void)state;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        const uint64_t now = sp_clock_now(&clock, steps[i].wall_s, steps[i].monotonic_ms);
        if (now != steps[i].now_s) fail_msg("%s: %llu", steps[i].name, (unsigned long long)now);
    }
}

static void it_never_goes_back(void **state)
{
    uint64_t random = 0x9e3779b97f4a7c15, monotonic_ms = 0, last = 0;
    sp_clock clock = {0};
    (void)state;
    for (size_t i = 0; i < 100000; i++) {
        random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
        monotonic_ms += random >> 54;
        const uint64_t now = sp_clock_now(&clock, (random >> 20) % 1000000, monotonic_ms);
        assert_true(now >= last);
        last = now;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_clock_follows_or_goes_on),
        cmocka_unit_test(it_never_goes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
