/** @file check.h  A configuration that was read and judged: what `check` and `policy check` begin with. */
#pragma once
#include "cli/cli.h"

typedef struct cli_checked {
    const char *path;
    const spc_conf *conf; /**< NULL: it has errors */
    spc_problems problems;
    bool is_valid; /**< no errors, and with --strict no warnings */
} cli_checked;

/** Reads the file of -c. @return CLI_OK, also when it has errors; CLI_FAILED after a message. */
int cli_check_read(cli_checked *out, const cli_args *args, sp_mem *mem);
/** Appends every problem, and how many there are. */
void cli_check_append(sp_buf *out, const cli_checked *c);
/** The same as an object whose end is left to the caller: further members may follow. */
void cli_check_append_json(sp_buf *out, const cli_checked *c);
/** Writes what was appended. @return CLI_FAILED also when the file is not valid. */
int cli_check_end(const cli_checked *c, const sp_buf *out);
