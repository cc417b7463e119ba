/** @file policy_cases.h  Private to `policy test`: a decision in the words of a case's `expect`, and what of
 * it is not as expected. */
#pragma once
#include "cli/dry.h"
#include "conf/cases.h"

enum { CLI_DIFFERENCES_MAX = 8 + 64 }; /**< each key once, each line of `because` */

typedef struct cli_difference {
    const char *what; /**< the key of `expect` */
    sp_bytes expected, got;
} cli_difference;

typedef struct cli_differences {
    cli_difference v[CLI_DIFFERENCES_MAX];
    size_t n;
    sp_status status; /**< SP_ENOMEM sticks */
} cli_differences;

/** Compares what a case expects with what was decided; texts live in d->mem or are borrowed. */
void cli_case_compare(cli_differences *out, const spc_case *c, const cli_dry *d);
