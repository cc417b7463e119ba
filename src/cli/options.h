/** @file options.h  Reading a command line by its command's row. */
#pragma once
#include "cli/cli.h"

/** Reads what follows the command's name. @return CLI_OK, or CLI_USAGE after a message. */
int cli_parse(cli_args *out, const cli_command *command, int argc, char **argv);
