/** @file detector.h  The subcommand of `detector` that has a file of its own. */
#pragma once
#include "cli/cli.h"

/** `detector test`. @return an exit code. */
int cli__detector_test(const cli_args *args);
