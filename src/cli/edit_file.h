/** @file edit_file.h  Commands that change the configuration file: the difference is shown, the result is
 * checked before it takes the file's place. */
#pragma once
#include "cli/cli.h"
#include "conf/edit.h"

#define CLI_OPTION_DRY_RUN                                                  \
    {                                                                       \
        "dry-run", 'n', NULL, "only print what would change; write nothing" \
    }

/** Each of these options has to be there; the list ends in NULL. @return CLI_OK, CLI_USAGE after a message.
 */
int cli_edit_want(const cli_args *args, const char *const *options);
/** Adds KEY: TEXT to a change, TEXT as a scalar; nothing when the option was not given. */
void cli_edit_text(spc_change *change, const cli_args *args, const char *option, const char *key,
                   sp_mem *mem);
/** The same, for names with commas between: as a list. */
void cli_edit_list(spc_change *change, const cli_args *args, const char *option, const char *key,
                   sp_mem *mem);

/** Makes the change in the file of -c, or shows it (--dry-run, --json). Refused when the result has errors,
 * which are printed, and when somebody changed the file meanwhile. @return an exit code. */
int cli_edit_conf(const cli_args *args, const spc_change *change, sp_mem *mem);

/** A change to the file of -c that is no spc_change. */
typedef struct cli_edit {
    /** What the file becomes. @return as spc_edit. */
    sp_status (*change)(sp_bytes *out, sp_bytes file, void *context, sp_mem *mem);
    /** NULL, or looks at the good result before it takes the file's place, and appends what there is to say:
     * lines, or with `is_json` members of the object that is printed. @return an exit code. */
    int (*look)(sp_buf *out, const spc_conf *conf, bool is_json, void *context);
    void *context;
} cli_edit;
/** As cli_edit_conf. */
int cli_edit_by(const cli_args *args, const cli_edit *edit, sp_mem *mem);

/** Appends what differs, as `diff -u` writes it. */
void cli_diff_append(sp_buf *out, const char *path, sp_bytes before, sp_bytes after);
