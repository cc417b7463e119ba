/** @file resolve.h  Addresses of destinations that are named by a host: asked for again when their time to
 * live is over (c-ares). A failure keeps the last addresses; it is asked again, later each time. One object
 * belongs to one thread. */
#pragma once
#include <poll.h>

#include "conf/conf.h"

typedef struct spd_resolver spd_resolver;

enum { SPD_RESOLVER_FDS = 16 };

/** @param servers  name servers as ADDRESS:PORT,...; NULL: those of the system. */
SP_NODISCARD sp_status spd_resolver_new(spd_resolver **out, const char *servers, sp_diag *diag);
void spd_resolver_free(spd_resolver *resolver); /**< NULL allowed */

/** From now on the hosts of this configuration are kept up to date. Hosts that were known before keep their
 * addresses. */
SP_NODISCARD sp_status spd_resolver_watch(spd_resolver *resolver, const spc_conf *conf);

/** Asks for what is due and looks after time-outs. */
void spd_resolver_tick(spd_resolver *resolver, uint64_t now_ms);
/** Descriptors to wait for; up to SPD_RESOLVER_FDS. */
int spd_resolver_fds(const spd_resolver *resolver, struct pollfd *fds);
/** What poll said of them. */
void spd_resolver_process(spd_resolver *resolver, const struct pollfd *fds, int n);

/** Has any watched host other addresses since the last call? */
bool spd_resolver_take_changed(spd_resolver *resolver);
/** Was each watched host answered for, or failed, at least once? */
bool spd_resolver_is_settled(const spd_resolver *resolver);

/** Addresses for each destination of `conf`, in its order, in `mem`; NULL when memory is short. Destinations
 * with an address in the file have none here. */
spc_addresses *spd_resolver_addresses(const spd_resolver *resolver, const spc_conf *conf, sp_mem *mem);
