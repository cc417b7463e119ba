/* `sallyport`: finds the row of the command and runs it. */
#include <errno.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/help.h"
#include "cli/options.h"
#include "conf/nearest.h"
#include "confine/confine.h"

const cli_command *const cli_commands[] = {
    &cli_run,      &cli_check,   &cli_reload,  &cli_status,     &cli_destination, &cli_key,   &cli_scan,
    &cli_detector, &cli_explain, &cli_policy,  &cli_use_case,   &cli_vendor,      &cli_audit, &cli_pause,
    &cli_resume,   &cli_stops,   &cli_version, &cli_completion, &cli_help,        NULL,
};

const cli_command *cli_find_command(const char *name)
{
    for (size_t i = 0; cli_commands[i] != NULL; i++) {
        if (strcmp(cli_commands[i]->name, name) == 0) {
            return cli_commands[i];
        }
    }
    return NULL;
}

const cli_command *cli_find_sub(const cli_command *command, const char *name)
{
    for (const cli_command *sub = command->subs; sub != NULL && sub->name != NULL; sub++) {
        if (strcmp(sub->name, name) == 0) {
            return sub;
        }
    }
    return NULL;
}

int cli_misuse_word(const cli_command *command, const char *word)
{
    char text[256];
    spc_nearest nearest = SPC_NEAREST_TO(sp_bytes_of(word));
    if (command == NULL) {
        for (size_t i = 0; cli_commands[i] != NULL; i++) {
            spc_nearest_offer(&nearest, sp_bytes_of(cli_commands[i]->name));
        }
    } else {
        for (const cli_command *sub = command->subs; sub->name != NULL; sub++) {
            spc_nearest_offer(&nearest, sp_bytes_of(sub->name));
        }
    }
    if (nearest.best.n == 0) {
        return cli_misuse(command, "unknown command", word);
    }
    (void)snprintf(text, sizeof text, "%.120s (did you mean %.*s?)", word, (int)nearest.best.n,
                   (const char *)nearest.best.p);
    return cli_misuse(command, "unknown command", text);
}

static bool asks_help(int argc, char **argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            return true;
        }
    }
    return false;
}

/* `run` confines itself later, by its configuration. */
static int confine(const cli_command *command)
{
    return command == &cli_run || spp_confine_calls(SPP_COMMAND)
               ? CLI_OK
               : cli_fail("the filter of system calls cannot be loaded", NULL, strerrordesc_np(errno));
}

static int run_command(const cli_command *command, const cli_command *parent, int argc, char **argv)
{
    cli_args args;
    if (asks_help(argc, argv)) {
        return cli_help_command(stdout, command, parent);
    }
    int code = cli_parse(&args, command, argc, argv);
    code = code == CLI_OK ? confine(command) : code;
    if (code != CLI_OK) {
        return code;
    }
    return command->run != NULL ? command->run(&args) : cli_with_memory(&args, CLI_MEMORY_MAX, command->work);
}

static bool does(const cli_command *command)
{
    return command->run != NULL || command->work != NULL;
}

/* A command with subcommands: the first word is one of them. */
static int dispatch(const cli_command *command, int argc, char **argv)
{
    if (command->subs == NULL || argc == 0 || (argv[0][0] == '-' && does(command))) {
        return does(command) || asks_help(argc, argv) ? run_command(command, NULL, argc, argv)
                                                      : cli_misuse(command, "what of it", command->usage);
    }
    if (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0) {
        return cli_help_command(stdout, command, NULL);
    }
    const cli_command *sub = cli_find_sub(command, argv[0]);
    return sub != NULL ? run_command(sub, command, argc - 1, argv + 1) : cli_misuse_word(command, argv[0]);
}

static int finish(int code)
{
    if (fflush(stdout) != 0 || ferror(stdout) != 0) {
        return cli_fail("output cannot be written", NULL, NULL);
    }
    return code;
}

int main(int argc, char **argv)
{
    if (!spp_harden()) {
        return cli_fail("the kernel refuses to harden this process", NULL, strerrordesc_np(errno));
    }
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        return finish(cli_help_program(stdout) != CLI_OK || argc < 2 ? CLI_USAGE : CLI_OK);
    }
    if (strcmp(argv[1], "--version") == 0) {
        return finish(dispatch(&cli_version, argc - 2, argv + 2));
    }
    const cli_command *command = cli_find_command(argv[1]);
    return finish(command != NULL ? dispatch(command, argc - 2, argv + 2) : cli_misuse_word(NULL, argv[1]));
}
