/* The built-in detectors for targets that scan: compiled before the first input, which would else take longer
 * than any. */
#pragma once
#include "detect/detect_internal.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static sp_engine *engine;
static sp_scratch *scratch;

static inline void require(bool holds)
{
    if (!holds) abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    require(sp_engine_new(&engine, NULL) == SP_OK);
    require(sp_scratch_new(&scratch, engine) == SP_OK);
    return 0;
}
