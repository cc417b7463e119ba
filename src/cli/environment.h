/** @file environment.h  The environment of `sallyport run`, out of the sight of /proc/PID/environ. Any
 * variable may hold a credential, now or after a reload, so all but those that children may see are moved
 * into locked memory and wiped where they stood. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

typedef struct cli_environment {
    char *text; /**< NAME=VALUE, each ended by a NUL; from spp_secret_new */
    size_t n;
    bool is_locked;
} cli_environment;

/** Moves it: afterwards getenv finds only what spd_environment_keeps. Single-threaded, once. @return false
 * when there is no memory; nothing was moved then. */
bool cli_environment_take(cli_environment *out);
/** @return the value, or NULL: also one that was kept. Borrowed. */
const char *cli_environment_get(const cli_environment *e, const char *name);
void cli_environment_wipe(cli_environment *e);
