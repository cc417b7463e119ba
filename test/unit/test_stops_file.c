/** The stop switch on disk: what is changed is durable, in order, and logged; what was lost is not made up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "control/stops.h"

typedef struct place {
    char folder[64], state[96];
    sp_arena arena;
} place;

static int setup(void **state)
{
    place *p = calloc(1, sizeof *p);
    *state = p;
    if (p == NULL) return -1;
    (void)snprintf(p->folder, sizeof p->folder, "/tmp/test_stops.XXXXXX");
    if (mkdtemp(p->folder) == NULL) return -1;
    (void)snprintf(p->state, sizeof p->state, "%s/state", p->folder);
    sp_arena_init(&p->arena, 16 << 20);
    return mkdir(p->state, 0700);
}

static int teardown(void **state)
{
    place *p = *state;
    char command[128];
    (void)snprintf(command, sizeof command, "rm -rf '%s'", p->folder);
    const int code = system(command); /* NOLINT(cert-env33-c): a folder of ours */
    sp_arena_fini(&p->arena);
    free(p);
    return code;
}

static spd_stop_change change_of(spd_stop_action action, sp_stop_kind kind, const char *name, uint64_t at_s)
{
    return (spd_stop_change){action,
                             {.kind = (uint8_t)kind,
                              .since_s = at_s,
                              .name = sp_bytes_of(name),
                              .by = SP_LIT("alice"),
                              .reason = SP_LIT("incident \"17\"")}};
}

static sp_status apply(place *p, sp_stops *out, spd_stop_change change)
{
    sp_diag diag = {0};
    return spd_stops_change(out, p->state, &change, &p->arena.mem, &diag);
}

static void pauses_are_kept_in_order_and_taken_back_one_by_one(void **state)
{
    place *p = *state;
    sp_stops stops, read;
    sp_diag diag = {0};
    assert_int_equal(apply(p, &stops, change_of(SPD_STOP_PAUSE, SP_STOP_DESTINATION, "b", 5)), SP_OK);
    assert_int_equal(apply(p, &stops, change_of(SPD_STOP_PAUSE, SP_STOP_ALL, "", 6)), SP_OK);
    assert_int_equal(apply(p, &stops, change_of(SPD_STOP_PAUSE, SP_STOP_DESTINATION, "a", 7)), SP_OK);
    assert_int_equal(apply(p, &stops, change_of(SPD_STOP_PAUSE, SP_STOP_DESTINATION, "b", 8)), SP_OK);
    assert_int_equal(spd_stops_read(&read, p->state, &p->arena.mem, &diag), SP_OK);
    assert_int_equal(read.n, 3);
    assert_int_equal(read.generation, 5);
    assert_int_equal(read.v[0].kind, SP_STOP_ALL);
    assert_int_equal(read.v[2].since_s, 5); /* paused again: since the first time */
    assert_int_equal(apply(p, &stops, change_of(SPD_STOP_RESUME, SP_STOP_ALL, "", 9)), SP_OK);
    assert_int_equal(stops.n, 2);
    assert_int_equal(apply(p, &stops, change_of(SPD_STOP_RESUME, SP_STOP_ALL, "", 9)), SP_EMISSING);
}

static void every_change_is_logged(void **state)
{
    place *p = *state;
    sp_stops stops;
    char path[160], line[1024];
    assert_int_equal(apply(p, &stops, change_of(SPD_STOP_PAUSE, SP_STOP_MODEL, "m", 1764345600)), SP_OK);
    assert_int_equal(apply(p, &stops, change_of(SPD_STOP_RESUME, SP_STOP_MODEL, "m", 1764345601)), SP_OK);
    (void)snprintf(path, sizeof path, "%s/acts.log", p->state);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    assert_non_null(strstr(line, "{\"kind\":\"act\",\"request_id\":\""));
    assert_non_null(strstr(line, "\"at\":\"2025-11-28T16:00:00.000000Z\""));
    assert_non_null(strstr(line, "\"generation\":2,\"stopped_reason\":\"incident \\\"17\\\"\","
                                 "\"act\":\"pause model m\",\"act_operator\":\"alice\",\"leaf\":\""));
    assert_non_null(fgets(line, sizeof line, file));
    assert_non_null(strstr(line, "\"act\":\"resume model m\""));
    assert_int_equal(fclose(file), 0);
}

/** Pausing must not fail for a log that cannot be written; resuming without one must. */
static void without_a_log_a_pause_holds_and_nothing_is_resumed(void **state)
{
    place *p = *state;
    sp_stops stops;
    sp_diag diag = {0};
    char path[160];
    assert_int_equal(spd_stops_make(p->state, &diag), SP_OK);
    (void)snprintf(path, sizeof path, "%s/acts.log", p->state);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(apply(p, &stops, change_of(SPD_STOP_PAUSE, SP_STOP_ALL, "", 6)), SP_EBUSY);
    assert_int_equal(apply(p, &stops, change_of(SPD_STOP_RESUME, SP_STOP_ALL, "", 7)), SP_EINTERNAL);
    assert_int_equal(spd_stops_read(&stops, p->state, &p->arena.mem, &diag), SP_OK);
    assert_int_equal(stops.n, 1);
}

static void a_lost_list_is_not_made_up_but_replaced_by_a_stop_of_all(void **state)
{
    place *p = *state;
    sp_stops stops;
    sp_diag diag = {0};
    char path[160];
    assert_int_equal(apply(p, &stops, change_of(SPD_STOP_PAUSE, SP_STOP_MODEL, "m", 6)), SP_OK);
    (void)snprintf(path, sizeof path, "%s/stops/current", p->state);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(spd_stops_make(p->state, &diag), SP_OK); /* the next start */
    assert_int_equal(spd_stops_read(&stops, p->state, &p->arena.mem, &diag), SP_ECORRUPT);
    assert_false(stops.is_known);
    assert_int_equal(apply(p, &stops, change_of(SPD_STOP_PAUSE, SP_STOP_MODEL, "x", 7)), SP_ECORRUPT);
    assert_int_equal(apply(p, &stops, change_of(SPD_STOP_RESET, SP_STOP_ALL, "", 1764345600)), SP_OK);
    assert_int_equal(stops.n, 1);
    assert_int_equal(stops.v[0].kind, SP_STOP_ALL);
    assert_int_equal(stops.generation, 1764345600);
}

static void no_more_than_the_most_is_paused(void **state)
{
    place *p = *state;
    sp_stops stops;
    char name[16];
    for (unsigned i = 0; i < SP_STOPS_MAX; i++) {
        (void)snprintf(name, sizeof name, "m%u", i);
        assert_int_equal(apply(p, &stops, change_of(SPD_STOP_PAUSE, SP_STOP_MODEL, name, 6)), SP_OK);
        sp_arena_fini(&p->arena);
        sp_arena_init(&p->arena, 16 << 20);
    }
    assert_int_equal(apply(p, &stops, change_of(SPD_STOP_PAUSE, SP_STOP_MODEL, "more", 6)), SP_ERANGE);
}

static void without_a_gateway_nobody_is_waited_for(void **state)
{
    place *p = *state;
    const spd_stops_workers workers = spd_stops_wait(p->state, 1, 5000);
    assert_false(workers.is_running);
    assert_int_equal(workers.all, 0);
    assert_string_equal(spd_stop_action_name(SPD_STOP_RESET), "reset");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(pauses_are_kept_in_order_and_taken_back_one_by_one, setup, teardown),
        cmocka_unit_test_setup_teardown(every_change_is_logged, setup, teardown),
        cmocka_unit_test_setup_teardown(without_a_log_a_pause_holds_and_nothing_is_resumed, setup, teardown),
        cmocka_unit_test_setup_teardown(a_lost_list_is_not_made_up_but_replaced_by_a_stop_of_all, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(no_more_than_the_most_is_paused, setup, teardown),
        cmocka_unit_test_setup_teardown(without_a_gateway_nobody_is_waited_for, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
