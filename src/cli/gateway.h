/** @file gateway.h  The running gateway, as its own pages show it. */
#pragma once
#include "cli/cli.h"
#include "control/fetch.h"

/** The gateway of a configuration, with what it is known by. */
typedef struct cli_gateway {
    const spc_url *where;
    spd_trust *trust; /**< NULL: it speaks no TLS */
} cli_gateway;

/** Reads the certificate that the gateway has to show. @param conf  outlives `*out`.
 *  @return CLI_OK, or CLI_FAILED after a message that names the file; then there is nothing to close. */
int cli_gateway_open(cli_gateway *out, const spc_conf *conf, sp_mem *mem);
void cli_gateway_close(cli_gateway *gateway);
/** Asks for one of its pages: `/readyz`, `/metrics`. @param out  receives the body.
 *  @return the status of the answer; 0: none came within 5 s. */
unsigned cli_gateway_get(sp_buf *out, const cli_gateway *gateway, const char *path);

/** What its workers know of a destination, together. */
typedef struct cli_destination_state {
    uint64_t circuit; /**< sp_circuit */
    uint64_t away_s;  /**< how long it is still kept away from */
    uint64_t down, addresses;
} cli_destination_state;

/** From the text of `/metrics`; what is not there is 0. */
cli_destination_state cli_destination_state_of(sp_bytes metrics, sp_bytes name, sp_mem *mem);
/** The one word that says whether requests go there now: `ready`, `away`, `probing`, `down`, `no-address`. */
const char *cli_destination_word(const cli_destination_state *s);
