/** @file socket.h  The control sockets of a run (STATE/run.sock, STATE/daemon.sock): one line in, one line of
 * JSON out, connection closed. Only the user who runs the gateway (and root) is answered: folder 0700, socket
 * 0600, and the peer's user id is checked. */
#pragma once
#include "sallyport/base.h"

enum { SPD_LINE_MAX = 8192, SPD_REPLY_MAX = 4 << 20 };

/** A listening socket STATE/NAME; an old one of that name is replaced. @return the descriptor, or -1 with
 * diag. */
int spd_listen(const char *state, const char *name, sp_diag *diag);

/** Answers one line (without its newline); appends one line of JSON without newline. */
typedef void (*spd_answer_fn)(void *ctx, sp_bytes line, sp_buf *reply);

/** Accepts one connection of a listening socket and answers it. A peer that is slow or sends too much is
 * dropped within a second. */
void spd_serve(int listener, spd_answer_fn answer, void *ctx);

/** Asks STATE/NAME one line and waits for the reply (without its newline).
 *  @return SP_OK, SP_EUPSTREAM (nobody listens there), SP_EUPTIMEOUT, SP_EUPSIZE, SP_ENOMEM. */
SP_NODISCARD sp_status spd_ask(sp_buf *reply, const char *state, const char *name, const char *line,
                               unsigned timeout_ms);
