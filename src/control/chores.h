/** @file chores.h  What the ledger needs while workers write it: spare segments for them, loss records for
 * what a dead one left open, records of what operators did, and a note outside of it of how far it reaches
 * (STATE/heads). In a process of its own: a segment of a gibibyte takes seconds to write or to read, and a
 * revocation may not wait for it.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "control/acts.h"
#include "sallyport/ledger.h"

/** What one round tells the next. */
typedef struct spd_looked {
    spl_left left;
    bool has_told_heads; /**< that they do not go on; told once */
    spd_acts_seen acts;
} spd_looked;

typedef struct spd_chores {
    pid_t pid;        /**< 0: none at work */
    spd_looked *seen; /**< shared with the child */
} spd_chores;

/** @return SP_OK, SP_ENOMEM. */
SP_NODISCARD sp_status spd_chores_open(spd_chores *chores, sp_diag *diag);
/** Starts a round unless one is at work.
 *  @param state  the folder that holds `ledger` and `heads`.
 *  @return false: not started; try again at the next tick. */
bool spd_chores_start(spd_chores *chores, const char *state, size_t segment_bytes, unsigned n_spares);
/** Writes STATE/heads when there is something new, or no such file. A failure is logged. */
bool spd_heads_keep(spd_looked *seen, const char *state);
/** Waits for a round at work. Allowed on one that was never opened.
 *  @param state  NULL, or where to note a last time how far the ledger reaches: writers have ended by now. */
void spd_chores_close(spd_chores *chores, const char *state);
