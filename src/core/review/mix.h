/** @file mix.h  A number spread over all of its bits. Private to the review. */
#pragma once
#include <stdint.h>

/** One-to-one, so that numbers which differ little differ everywhere. Behind a key that nobody knows who
 * writes texts, and for tables that nobody else reads: no hash that may be shown. */
static inline uint64_t sp_review__mix(uint64_t x)
{
    x ^= x >> 32;
    x *= UINT64_C(0xd6e8feb86659fd93);
    x ^= x >> 32;
    return x;
}
