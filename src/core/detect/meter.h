/** @file meter.h  What a scan may cost. Time per byte differs by a factor of a hundred between prose and a
 * text that is nothing but heads of values with words beside them. Validators charge what they do where it is
 * done; the pass looks at the sum after each head, and a scan that is over ends with SP_EWORK (ADR 43). Units
 * are counted and no clock is read: the same text is refused on each machine and each time. */
#pragma once
#include "sallyport/base.h"

/** A unit is a byte that was looked at or as much work as that, about a nanosecond. Each text may cost the
 * base, and so much per byte that is passed over. The dearest texts of everyday, lists of accounts and
 *  tables of digits, take a quarter of it at most (test_meter). Detectors of an organisation have a share
 * besides (custom_pass.c). */
enum { SP_WORK_BASE = 1 << 18, SP_WORK_PER_BYTE = 512 };

/** The work of one scan, or of one stream: over all its passes. */
typedef struct sp_meter {
    uint64_t used, allowed;
} sp_meter;

/** Nothing was done yet. */
#define SP_METER_NEW ((sp_meter){0, SP_WORK_BASE})

/** A pass begins over `n` bytes: they may cost so much more. */
static inline void sp_meter_allow(sp_meter *meter, size_t n)
{
    meter->allowed += (uint64_t)n * SP_WORK_PER_BYTE;
}

/** Work was done: so many bytes were looked at, or as much as that. */
static inline void sp_meter_charge(sp_meter *meter, size_t units)
{
    meter->used += units;
}

static inline bool sp_meter_is_over(const sp_meter *meter)
{
    return meter->used > meter->allowed;
}
