/* Memory of a test, for cmocka_unit_test_setup_teardown. */
#pragma once
#include "sallyport/base.h"

static sp_arena arena;

static inline int setup(void **state)
{
    (void)state;
    sp_arena_init(&arena, 64 << 20);
    return 0;
}

static inline int teardown(void **state)
{
    (void)state;
    sp_arena_fini(&arena);
    return 0;
}
