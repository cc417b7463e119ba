/* `sallyport reload`: asks the running supervisor to take a changed file. */
#include <stdlib.h>

#include "cli/cli.h"
#include "control/reply.h"
#include "control/socket.h"

enum { RELOAD_MS = 60000 };

static int judge(const cli_args *args, sp_bytes reply, const char *path, sp_mem *mem)
{
    const bool is_taken = spd_reply_is_ok(reply);
    if (cli_has(args, "json")) {
        cli_write(stdout, reply);
        (void)putchar('\n');
        return is_taken ? CLI_OK : CLI_FAILED;
    }
    cli_write_safe(stderr, spd_reply_get_text(reply, "problems", mem), true);
    if (is_taken) {
        (void)printf("generation %llu serves%s\n",
                     (unsigned long long)spd_reply_get_number(reply, "generation"),
                     spd_reply_get_bool(reply, "workers_replaced") ? ", with new workers" : "");
        return CLI_OK;
    }
    sp_buf message = SP_BUF_IN(mem);
    sp_buf_append(&message, spd_reply_get_text(reply, "message", mem));
    sp_buf_append_byte(&message, '\0');
    return cli_fail(message.status == SP_OK ? (const char *)message.p : "refused", path,
                    "nothing was changed");
}

static int reload(const cli_args *args, sp_mem *mem)
{
    cli_place place;
    char path[PATH_MAX], line[PATH_MAX + 16];
    sp_buf reply = SP_BUF_IN(mem);
    const int code = cli_place_find(&place, args, mem);
    if (code != CLI_OK) {
        return code;
    }
    if (realpath(cli_conf_path(args), path) == NULL) {
        return cli_fail("there is no configuration", cli_conf_path(args), "name it with -c FILE");
    }
    (void)snprintf(line, sizeof line, "reload %s", path);
    const sp_status status = spd_ask(&reply, place.state, "run.sock", line, RELOAD_MS);
    if (status == SP_EUPSTREAM) {
        return cli_fail("no `sallyport run` serves this state folder", place.state, "start it");
    }
    return status == SP_OK ? judge(args, sp_buf_bytes(&reply), path, mem)
                           : cli_fail("no answer from `sallyport run`", place.state, "its messages say why");
}

static const cli_option options[] = {CLI_OPTION_JSON, CLI_OPTION_CONF, CLI_OPTION_STATE, CLI_OPTIONS_END};

const cli_command cli_reload = {
    .name = "reload",
    .work = reload,
    .usage = "[-c FILE] [--state DIR] [--json]",
    .summary = "let a running gateway take a changed file",
    .help = "New requests are decided by the new file when the command ends; streams under way go on by the "
            "old one. A file that is\n"
            "not in order changes nothing, and everything that is wrong with it is said, with line and "
            "column. Credentials of files\n"
            "are read again; the environment is the one in which the gateway was started.\n\n"
            "Example:\n    sallyport check -c sallyport.yaml && sallyport reload -c sallyport.yaml\n",
    .options = options,
};
