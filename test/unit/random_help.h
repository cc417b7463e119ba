/* Numbers that are the same in each run (Knuth's MMIX generator, its upper bits). */
#pragma once
#include <stdint.h>

/* From 0 to 2^31 - 1. */
static inline uint32_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*state >> 33);
}
