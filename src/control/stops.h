/** @file stops.h  The stop switch on disk, STATE/stops: `current` (sallyport/stop.h) is the truth,
 * `seen/PID` says which generation a worker obeys; every change is logged (acts.h). Whoever changes it needs
 * nothing but the folder: no daemon, no database. */
#pragma once
#include "control/files.h"
#include "sallyport/stop.h"

/** Makes the folder with an empty list at the first start. One that is there stays as it is: a list that is
 *  missing from it was lost, and then everything is refused. @return SP_OK, SP_EINTERNAL with diag. */
SP_NODISCARD sp_status spd_stops_make(const char *state, sp_diag *diag);

/** Reads the list. @return SP_OK, or why not, with diag; `*out` is then zeroed, which stops everything. */
SP_NODISCARD sp_status spd_stops_read(sp_stops *out, const char *state, sp_mem *mem, sp_diag *diag);

typedef enum spd_stop_action {
    SPD_STOP_PAUSE = 1,
    SPD_STOP_RESUME,
    SPD_STOP_RESET, /**< a new list in place of one that cannot be read: all is paused in it */
} spd_stop_action;
const char *spd_stop_action_name(spd_stop_action action);

typedef struct spd_stop_change {
    spd_stop_action action;
    sp_stop stop; /**< RESUME: kind and name count; by, reason and since_s (now) go into the log */
} spd_stop_change;

/** Changes the list under a lock: durable when it returns. What pauses is in force before it is logged, what
 *  resumes is logged before it is in force. @param out  the new list, in `mem`.
 *  @return SP_OK; SP_EMISSING: nothing of that name is paused; SP_EBUSY: in force, but not logged;
 *  SP_ERANGE: too many stops, or a text out of bounds; SP_ECORRUPT or SP_EVERSION: the list cannot be read;
 *  SP_EINTERNAL, SP_ENOMEM. With diag. */
SP_NODISCARD sp_status spd_stops_change(sp_stops *out, const char *state, const spd_stop_change *change,
                                        sp_mem *mem, sp_diag *diag);

/** Workers of the gateway on this state folder, draining ones included, and how many obey `generation` or a
 * later one. */
typedef struct spd_stops_workers {
    bool is_running; /**< nginx is alive */
    unsigned all, obeying;
} spd_stops_workers;
spd_stops_workers spd_stops_look(const char *state, uint64_t generation);
/** Waits until all obey, at most `wait_ms`. @return what was seen last. */
spd_stops_workers spd_stops_wait(const char *state, uint64_t generation, unsigned wait_ms);
