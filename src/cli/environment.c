#include "cli/environment.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "confine/confine.h"
#include "control/process.h"

static size_t count_moved(void)
{
    size_t n = 0;
    for (char **entry = environ; *entry != NULL; entry++) {
        n += spd_environment_keeps(*entry) ? 0 : strlen(*entry) + 1;
    }
    return n;
}

bool cli_environment_take(cli_environment *out)
{
    char **kept = environ;
    size_t at = 0;
    *out = (cli_environment){.n = count_moved()};
    if (out->n == 0) {
        return true;
    }
    out->text = spp_secret_new(out->n, &out->is_locked);
    if (out->text == NULL) {
        return false;
    }
    for (char **entry = environ; *entry != NULL; entry++) {
        const size_t n = strlen(*entry);
        if (spd_environment_keeps(*entry)) {
            *kept++ = *entry;
            continue;
        }
        memcpy(out->text + at, *entry, n + 1);
        at += n + 1;
        explicit_bzero(*entry, n); /* the kernel shows these very bytes */
    }
    *kept = NULL;
    return true;
}

const char *cli_environment_get(const cli_environment *e, const char *name)
{
    const size_t n = strlen(name);
    for (size_t at = 0; at < e->n; at += strlen(e->text + at) + 1) {
        if (strncmp(e->text + at, name, n) == 0 && e->text[at + n] == '=') {
            return e->text + at + n + 1;
        }
    }
    return getenv(name);
}

void cli_environment_wipe(cli_environment *e)
{
    spp_secret_free(e->text, e->n);
    *e = (cli_environment){0};
}
