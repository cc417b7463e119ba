/** @file explain.h  Private to `sallyport explain`: records told to people, whether they come from the ledger
 * or were decided just now. */
#pragma once
#include "cli/cli.h"
#include "sallyport/record.h"

/** Records of one request, in order. */
typedef struct cli_story {
    const sp_record *records;
    size_t n;
    const sp_names *names;
    bool is_dry; /**< decided offline: nothing was sent or recorded */
} cli_story;

/** Appends the whole why, for people. Texts of others are made safe when it is written (cli_write_safe). */
void cli_story_append(sp_buf *out, const cli_story *story);
/** Appends {"records":[...]}, each as sp_record_json_append has it. */
void cli_story_append_json(sp_buf *out, const cli_story *story);

/** The command, which `policy explain` is too. */
int cli_explain_run(const cli_args *args);
extern const cli_option cli_explain_options[];

/** `explain --as APPLICATION`: decides a request of standard input by the same code as the gateway. */
int cli_explain_offline(const cli_args *args, sp_mem *mem);
/** Writes a story as the options ask for. */
int cli_story_print(const cli_args *args, const cli_story *story, sp_mem *mem);
