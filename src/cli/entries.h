/** @file entries.h  Commands that list the entries of a part of the file, and show one of them. */
#pragma once
#include "cli/cli.h"

typedef void cli_put_entry(sp_buf *out, const spc_conf *conf, size_t i, uint64_t now_s);

typedef struct cli_entries {
    const char *name; /**< of the list in JSON */
    size_t (*count)(const spc_conf *conf);
    /** @return CLI_OK and the index, else an exit code after a message with the nearest name. */
    int (*find)(size_t *out, const spc_conf *conf, const char *name);
    cli_put_entry *line, *whole, *json; /**< in the list; alone; for programs, either way */
} cli_entries;

/** All of them, a line each; with --json an object with the list. @return an exit code. */
int cli_entries_list(const cli_entries *entries, const cli_args *args, sp_mem *mem);
/** The one that the first word names. @return an exit code. */
int cli_entries_show(const cli_entries *entries, const cli_args *args, sp_mem *mem);
