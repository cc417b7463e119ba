/** @file daemon.h  Private to sallyportd: one object, one thread, one loop. Nothing here serves a request:
 * workers go on without it until the snapshot expires.
 *
 *    main.c      options, start, loop          commands.c  what the control socket understands
 *    daemon.c    publishing, ticks             setup.c     a checked configuration and what is made from it
 *    state.c     the database                  resolve.c   addresses of destinations
 *    health.c    probes of destinations        fetch.c     one connection, one GET
 *    chores.c    spare segments, losses
 */
#pragma once
#include <sys/types.h>

#include "control/chores.h"
#include "control/health.h"
#include "control/setup.h"
#include "sallyport/clock.h"

enum {
    SPD_TICK_MS = 250,    /* a change by another process is seen within this time */
    SPD_CHORES_MS = 1000, /* between looks at the ledger: spare segments, what dead workers left */
    SPD_PREVIOUS_MS =
        60000, /* so long workers of an earlier wiring still get snapshots: they finish what they have */
    SPD_FIRST_NAMES_MS = 3000,  /* most that a start waits for names to be resolved */
    SPD_LEDGER_WAIT_MS = 15000, /* most that a start waits for workers of a run that was killed */
    SPD_CLOCK_BACK_S = 300,     /* a clock further behind what this state has seen is not believed */
};

typedef struct spd_options {
    const char *file;   /**< configuration, absolute */
    const char *state;  /**< state folder, absolute */
    const char *module; /**< nginx module, absolute */
    int ready_fd;       /**< -1: nobody waits */
    unsigned credentials_fd;
    spd_workers workers;
    bool is_unconfined;
    bool is_again; /**< started again under a running nginx: serve what was accepted last */
} spd_options;

typedef struct spd_daemon {
    spd_options options;
    spd_state *state;
    spd_resolver *resolver;
    spd_prober *prober;
    sp_clock clock; /* what publications are dated by: never goes back */
    spd_setup *current, *previous, *staged;
    spd_publication published; /* of the current one */
    uint64_t state_version, previous_until_ms, chores_at_ms, complained_ms;
    uint8_t seal_key[32];
    spd_chores chores;
    int listener;
    bool is_dirty; /* a publication is due */
} spd_daemon;

/** Opens everything, loads the configuration, recovers the ledger and publishes the first snapshot and
 * nginx.conf.
 *  @param problems  what was wrong, or is worth knowing, as people read it. */
SP_NODISCARD sp_status spd_daemon_open(spd_daemon *d, sp_buf *problems, sp_diag *diag);
void spd_daemon_close(spd_daemon *d);

/** What is due now. */
void spd_daemon_tick(spd_daemon *d);
/** Publishes now: current and, while it is kept, the previous configuration. A failure is logged and tried
 * again at the next tick. */
SP_NODISCARD sp_status spd_daemon_publish(spd_daemon *d, sp_diag *diag);
/** The configuration in `setup` is the current one from now on; the one before goes on for a while, for
 * workers of its wiring and to go back to. */
void spd_daemon_take(spd_daemon *d, spd_setup *setup);
void spd_daemon_drop_previous(spd_daemon *d); /**< allowed when there is none */

/** Answers one line of the control socket; `ctx` is the daemon. Commands:
 *    status          what is published
 *    refresh         publish now; replies when it is done
 *    stage FILE      read and check the text of FILE that lies in staged.yaml; nothing changes yet. Writes
 * nginx.conf.new and the snapshot of a new wiring commit          the staged configuration becomes the
 * current one; replies when it is published revert          back to the configuration before the last commit,
 * or forget the staged one */
void spd_command(void *ctx, sp_bytes line, sp_buf *reply);

/** What publications of this daemon need; addresses live in `mem`. */
SP_NODISCARD sp_status spd_daemon_world(spd_world *out, spd_daemon *d, const spd_setup *setup, sp_mem *mem);
/** Keeps the text of the current configuration for a start of the daemon under a running nginx. */
SP_NODISCARD sp_status spd_daemon_keep_accepted(const spd_daemon *d, sp_diag *diag);
