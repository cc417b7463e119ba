/** @file chores.h  What the ledger needs while workers write it: spare segments for them, and loss records
 * for what a dead one left open. In a process of its own: a segment of a gibibyte takes seconds to write or
 * to read, and a revocation may not wait for it. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "sallyport/ledger.h"

typedef struct spd_chores {
    pid_t pid;      /**< 0: none at work */
    spl_left *left; /**< shared with the child: how far it has looked */
} spd_chores;

/** @return SP_OK, SP_ENOMEM. */
SP_NODISCARD sp_status spd_chores_open(spd_chores *chores, sp_diag *diag);
/** Starts a round unless one is at work.
 *  @param folder  of the ledger.
 *  @return false: not started; try again at the next tick. */
bool spd_chores_start(spd_chores *chores, const char *folder, size_t segment_bytes, unsigned n_spares);
/** Waits for a round at work. Allowed on one that was never opened. */
void spd_chores_close(spd_chores *chores);
