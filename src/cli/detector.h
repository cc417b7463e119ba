/** @file detector.h  What the files of `detector` share. */
#pragma once
#include "cli/cli.h"
#include "cli/scan_internal.h"
#include "conf/framework.h"

/** `detector test`, `add`, `remove`. @return an exit code. */
int cli__detector_test(const cli_args *args);
int cli__detector_add(const cli_args *args, sp_mem *mem);
int cli__detector_remove(const cli_args *args, sp_mem *mem);

/** Bytes of a file of detectors, and of a text that they are tried on; findings of one that are shown. */
enum {
    CLI__DETECTOR_FILE = 1 << 20,
    CLI__DETECTOR_TEXT = CLI_MEMORY_MAX / 8,
    CLI__DETECTOR_FINDINGS = 10000,
};

/** Prints what is wrong with a file of detectors. @return CLI_FAILED after a message if any of it is an
 * error. */
int cli__detector_problems(const spc_problems *problems, const char *path);
/** Appends a line that says what one of them finds, the value whole. @param at  moved to where it begins. */
void cli__detector_found(sp_buf *out, const spc_detector *d, const sp_finding *f, const scan_place *at,
                         const char *path);

/* ---- list and show ---- */

/** How sure a finding is where its detector does not say: with a check, and without (number.c). */
enum { CLI__SURE_CHECKED = 90, CLI__SURE_BARE = 75 };
/** Widths of columns. */
enum { CLI__NAME_WIDTH = 26, CLI__KIND_WIDTH = 24, CLI__CHECK_WIDTH = 7 };
/** One of the configuration at `path`, whose names these are: as an object, a line, a page. */
void cli__own_json(sp_buf *out, const spc_detector *d, const sp_names *names);
void cli__own_line(sp_buf *out, const spc_detector *d, const char *path);
void cli__own_page(sp_buf *out, const spc_detector *d, const sp_names *names, const char *path);
