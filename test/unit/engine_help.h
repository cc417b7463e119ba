/** @file engine_help.h  The built-in detectors, compiled once for all tests of a program. */
#pragma once
#include "sallyport/detect.h"

/** What tests may take from their state, where they do not keep another one there. */
typedef struct fixture {
    sp_engine *engine;
    sp_scratch *scratch;
} fixture;

static sp_engine *engine;
static sp_scratch *scratch;

/** For cmocka_run_group_tests. */
static inline int engine_set_up(void **state)
{
    static fixture f;
    if (sp_engine_new(&engine, NULL) != SP_OK || sp_scratch_new(&scratch, engine) != SP_OK) return -1;
    f = (fixture){engine, scratch};
    *state = &f;
    return 0;
}

static inline int engine_tear_down(void **state)
{
    (void)state;
    sp_scratch_free(scratch);
    sp_engine_free(engine);
    return 0;
}
