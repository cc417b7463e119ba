/** @file help.h  Texts that come from the table of commands: --help, manual pages, completions. */
#pragma once
#include "cli/cli.h"

const cli_command *cli_find_command(const char *name); /**< NULL: no such one */
const cli_command *cli_find_sub(const cli_command *command, const char *name);
/** Says that there is no such command (`command` NULL) or subcommand, and the nearest one. @return CLI_USAGE.
 */
int cli_misuse_word(const cli_command *command, const char *word);

int cli_help_program(FILE *out);
/** @param parent  NULL unless `command` is a subcommand. */
int cli_help_command(FILE *out, const cli_command *command, const cli_command *parent);
/** Manual page in man(7) of one command with its subcommands, or of the program (`command` NULL). */
int cli_man_page(FILE *out, const cli_command *command);
