/** @file health.h  Probes of destinations that have `health.every`: a connection, with TLS its handshake, and
 * where the file names a path a GET, which carries no credential. Two failures in a row say that it is down,
 * a success that it is not: what is said is published with the next snapshot. One address at a time, in turn.
 * One object belongs to one thread and never blocks it. */
#pragma once
#include "control/files.h"
#include "control/resolve.h"

typedef struct spd_prober spd_prober;

enum { SPD_PROBES_MAX = 64 /**< at once; the others wait for their turn */ };

/** @param state  folder of the run, where `spd_probe_ca_path` lies. NULL without memory. */
spd_prober *spd_prober_new(const char *state);
void spd_prober_free(spd_prober *prober); /**< NULL allowed */

/** From now on the destinations of this configuration are probed, which has to live until the next call. What
 * is known of a name stays. */
SP_NODISCARD sp_status spd_prober_watch(spd_prober *prober, const spc_conf *conf);

/** Begins what is due, goes on with what is under way, ends what takes too long.
 *  @param addresses  one per destination, as of spd_resolver_addresses; NULL: none */
void spd_prober_tick(spd_prober *prober, const spc_addresses *addresses, uint64_t now_ms);
/** Descriptors to wait for; up to SPD_PROBES_MAX. After poll: spd_prober_tick. */
int spd_prober_fds(const spd_prober *prober, struct pollfd *fds);

/** Is any destination down, or not down any more, since the last call? */
bool spd_prober_take_changed(spd_prober *prober);
bool spd_prober_is_down(const spd_prober *prober, sp_bytes name);

/** Copy of the file of authorities of a destination, made by who may read the original (`sallyport run`):
 * STATE/ca-NAME.pem. @return SP_ERANGE when it does not fit. */
SP_NODISCARD sp_status spd_probe_ca_path(char out[SPD_PATH_MAX], const char *state, sp_bytes name);
