/** @file setup.h  A configuration that was read and checked, and what is made from it: snapshot, nginx.conf.
 *  Immutable once loaded. The bytes that were checked are kept, so that a daemon that starts again serves
 * what was accepted, not what lies in the file by then. */
#pragma once
#include "conf/conf.h"
#include "control/files.h"
#include "control/state.h"

typedef struct spd_setup {
    sp_arena arena;
    const spc_conf *conf;
    sp_bytes path; /**< of the file, for messages */
    sp_bytes file; /**< its text */
    spc_problems problems;
    uint8_t wiring[32]; /**< what only a reload of nginx can change */
    char wiring_text[65];
} spd_setup;

/** Reads and checks `path`. @param problems  receives the problems as people read them, one or two lines
 * each, also warnings.
 *  @return SP_OK, SP_EFIELD (see problems), SP_EBUSY (the file changed while it was read), SP_ENOMEM. */
SP_NODISCARD sp_status spd_setup_load(spd_setup **out, const char *path, sp_buf *problems);
/** Where `sallyport run` leaves the text of a configuration that it has checked, in the state folder: the
 * daemon reads nothing outside of that, neither the file nor what it names. */
#define SPD_STAGED "staged.yaml"

/** The same from a text that was accepted before; relative paths start at the folder of `path`. */
SP_NODISCARD sp_status spd_setup_accepted(spd_setup **out, const char *path, const char *accepted,
                                          sp_buf *problems);
void spd_setup_free(spd_setup *setup); /**< NULL allowed */

/** Compares the numbers of configured levels and categories with those that the state remembers, and lets it
 * remember the new ones: a number never gets another name. All or nothing.
 *  @param problems  receives each clash as FILE:LINE:COLUMN. @return SP_OK, SP_EFIELD on a clash, or a
 * failure of the database. */
SP_NODISCARD sp_status spd_setup_names(const spd_setup *setup, spd_state *state, sp_buf *problems);

/** What a publication takes besides the setup. */
typedef struct spd_world {
    spd_state *state_db;
    uint64_t now_s;                 /**< since 1970; never less than before */
    const char *state;              /**< folder */
    const spc_addresses *addresses; /**< one per destination */
    const bool *down;               /**< one per destination: do its probes fail? */
    uint8_t seal_key[32];
    const char *module;
    unsigned credentials_fd;
    spd_workers workers;
} spd_world;

typedef struct spd_publication {
    uint64_t generation, expires_s, now_s;
} spd_publication;

/** Makes a snapshot of the next generation and puts it where nginx of this wiring looks for it.
 *  @return SP_OK, SP_EINTERNAL, SP_ERANGE, SP_ENOMEM, or a failure of the database; with diag. The last
 * snapshot then stays. */
SP_NODISCARD sp_status spd_publish(spd_publication *out, const spd_setup *setup, const spd_world *world,
                                   sp_diag *diag);

/** Writes STATE/`name` with the text of nginx.conf. */
SP_NODISCARD sp_status spd_write_nginx_conf(const spd_setup *setup, const spd_world *world, const char *name,
                                            sp_diag *diag);

/** STATE/snapshot/WIRING.snap */
SP_NODISCARD sp_status spd_snapshot_path(char out[SPD_PATH_MAX], const char *state, const spd_setup *setup);
