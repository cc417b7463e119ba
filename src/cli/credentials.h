/** @file credentials.h  Credentials of destinations on their way from environment or file to nginx: a memory
 * file that nginx inherits. They stand in no file of the state folder, no argument and no environment of a
 * child. */
#pragma once
#include "cli/environment.h"
#include "conf/conf.h"

typedef struct cli_credentials {
    int fd;        /**< the memory file; close-on-exec, so that only nginx is given it */
    uint8_t *file; /**< its pages, which this process alone can write: it is sealed against all other ways */
    uint8_t *text; /**< what it holds: `DESTINATION VALUE` lines; locked memory */
    size_t n;
    const cli_environment *environment; /**< where env: references are looked up; borrowed */
} cli_credentials;

/** @return CLI_OK or CLI_FAILED after a message. */
int cli_credentials_open(cli_credentials *out, const cli_environment *environment);
/** Wipes and closes. */
void cli_credentials_close(cli_credentials *c);

/** Resolves every reference of `conf` into the memory file.
 *  @param was      NULL, or receives the text before, to be given to cli_credentials_restore or
 * cli_credentials_forget.
 *  @param problems receives what is wrong, one line each; never a value.
 *  @return false when anything is wrong; nothing was changed then. */
bool cli_credentials_load(cli_credentials *c, const spc_conf *conf, cli_credentials *was, sp_buf *problems);
bool cli_credentials_differ(const cli_credentials *a, const cli_credentials *b);
/** Puts back what was there before a load. */
void cli_credentials_restore(cli_credentials *c, cli_credentials *was);
void cli_credentials_forget(cli_credentials *was);
