/** @file snapshot_read.h  Shared by the readers of a snapshot file's sections. A failure sticks to the
 * reader's status; what is returned with one is harmless and not to be used. */
#pragma once
#include "policy_internal.h"

/** One byte, 0 or 1; else SP_ERANGE. */
bool sp_snapshot__bool(sp_reader *in);
sp_bits256 sp_snapshot__set(sp_reader *in);
/** With a level and an integrity that exist; else SP_ERANGE. */
sp_label sp_snapshot__label(sp_reader *in);
/** Length of a list, bounded by `max` and by what is left at `least_bytes` each, so that no count makes us
 * allocate more than the file could hold. 0 on failure. */
size_t sp_snapshot__count(sp_reader *in, size_t least_bytes, size_t max);
/** `n` zeroed objects in `mem`, or SP_ENOMEM; n 0 gives NULL and is no error. */
void *sp_snapshot__list(sp_reader *in, sp_mem *mem, size_t n, size_t size);
/** Names strictly ascending: what look-ups by bisection rely on, and no name twice. */
bool sp_snapshot__is_after(const sp_bytes *previous, sp_bytes name);

/** What labels and demands are made of: overdue and handling, requirements, transfers, finding rules,
 * sources. */
SP_NODISCARD sp_status sp_snapshot__read_tables(sp_snapshot *snapshot, sp_reader *in, sp_mem *mem);
