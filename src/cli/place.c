/* Where a run keeps its things, and files that commands read. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "control/files.h"
#include "control/state.h"

static const char default_file[] = "sallyport.yaml";

const char *cli_conf_path(const cli_args *args)
{
    const char *path = cli_value(args, "config");
    return path != NULL ? path : default_file;
}

int cli_conf(const spc_conf **out, const cli_args *args, sp_mem *mem, bool show_warnings)
{
    const char *path = cli_conf_path(args);
    spc_problems problems = {.mem = mem};
    sp_buf text = SP_BUF_IN(mem);
    const sp_status status = spc_conf_load(out, &problems, path);
    for (size_t i = 0; i < problems.n; i++) {
        if (problems.v[i].severity == SPC_ERROR || show_warnings) {
            spc_problem_append(&text, &problems.v[i], sp_bytes_of(path));
        }
    }
    cli_write(stderr, sp_buf_bytes(&text));
    if (status == SP_OK) {
        return CLI_OK;
    }
    return status == SP_EFIELD ? cli_fail("the configuration is refused", path, NULL)
                               : cli_fail_status(status, path);
}

/* Names that records of this state may use, also those that no configuration has any more. */
static void remember_names(cli_place *place, sp_mem *mem)
{
    spd_state *state = NULL;
    sp_diag diag = {0};
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/state.db", place->state) >= (int)sizeof path ||
        access(path, F_OK) != 0 || spd_state_open(&state, place->state, &diag) != SP_OK) {
        return; /* records then show numbers: no reason to show none */
    }
    if (spd_state_names(state, &place->names, mem) != SP_OK) {
        (void)cli_fail("the names of this state cannot be read", spd_state_error(state), NULL);
    }
    spd_state_close(state);
}

int cli_place_name(cli_place *out, const cli_args *args, sp_mem *mem)
{
    const char *state = cli_value(args, "state");
    sp_bytes path = sp_bytes_of(state);
    *out = (cli_place){0};
    sp_names_init(&out->names);
    if (state == NULL || cli_has(args, "config")) {
        const int code = cli_conf(&out->conf, args, mem, false);
        if (code != CLI_OK) {
            return code;
        }
        out->names = out->conf->names;
    }
    if (state == NULL && spc_conf_path(&path, out->conf, out->conf->state.v, mem) != SP_OK) {
        return cli_fail_status(SP_ENOMEM, NULL);
    }
    const int n = snprintf(out->state, sizeof out->state, "%.*s", (int)path.n, (const char *)path.p);
    if (n <= 0 || (size_t)n >= sizeof out->state ||
        spd_path_join(out->ledger, out->state, "ledger") != SP_OK ||
        spd_path_join(out->seal_key, out->state, "seal.key") != SP_OK) {
        return cli_fail("the path of the state folder is empty or too long", NULL, NULL);
    }
    return CLI_OK;
}

int cli_place_find(cli_place *out, const cli_args *args, sp_mem *mem)
{
    struct stat info;
    const int code = cli_place_name(out, args, mem);
    if (code != CLI_OK) {
        return code;
    }
    if (stat(out->state, &info) != 0 || !S_ISDIR(info.st_mode)) {
        return cli_fail("there is no state folder", out->state,
                        "start `sallyport run` once, or name the folder with --state");
    }
    remember_names(out, mem);
    return CLI_OK;
}

int cli_seal_key(uint8_t secret[32], const cli_place *place)
{
    (void)mlock(
        secret,
        32); /* where the limit allows none, the key lies in memory like before: for this command only */
    if (spd_file_read(secret, 32, place->seal_key) != SP_OK) {
        return cli_fail("the private key that opens payloads cannot be read", place->seal_key,
                        "it is made at the first start; only the user who runs the gateway may read it");
    }
    return CLI_OK;
}

int cli_read_file(sp_buf *out, const char *path, size_t max)
{
    const bool is_stdin = strcmp(path, "-") == 0;
    const int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : 1;
    while (n > 0 && out->n <= max) {
        uint8_t *room = sp_buf_reserve(out, 1 << 16);
        n = room == NULL ? 0 : read(fd, room, 1 << 16);
        out->n += n > 0 ? (size_t)n : 0;
    }
    const int error = errno;
    if (fd > STDIN_FILENO) {
        (void)close(fd);
    }
    if (n < 0) {
        return cli_fail("cannot be read", path, strerrordesc_np(error));
    }
    if (out->status != SP_OK || out->n > max) {
        return cli_fail("too large", path, NULL);
    }
    return CLI_OK;
}
