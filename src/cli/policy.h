/** @file policy.h  Private to `sallyport policy`, `use-case` and `vendor`: what a security architect works
 * with. */
#pragma once
#include "cli/cli.h"

int cli__policy_check(const cli_args *args);
int cli__policy_test(const cli_args *args);
int cli__policy_try(const cli_args *args);
int cli__policy_migrate(const cli_args *args);
