/* Command lines from the tables, and the memory in which a command works on what they ask. Options may stand
 * anywhere; `--` ends them. */
#include "cli/options.h"

#include <string.h>

#include "conf/nearest.h"

enum { WORDS_MAX = 4096 };

const char *cli_value(const cli_args *args, const char *name)
{
    const cli_option *rows = args->command->options;
    for (int i = 0; rows != NULL && rows[i].name != NULL; i++) {
        if (strcmp(rows[i].name, name) == 0) {
            return args->values[i];
        }
    }
    return NULL;
}

int cli_with_memory(const cli_args *args, size_t limit, cli_work *work)
{
    sp_arena arena;
    sp_arena_init(&arena, limit);
    const int code = work(args, &arena.mem);
    sp_arena_fini(&arena);
    return code;
}

typedef struct parse {
    cli_args *out;
    int argc, at;
    char **argv;
} parse;

/* The row of an option, by name or letter; -1 when there is none. */
static int find_row(const cli_command *command, sp_bytes name, char letter)
{
    const cli_option *rows = command->options;
    for (int i = 0; rows != NULL && rows[i].name != NULL; i++) {
        const bool is_it =
            letter != 0 ? rows[i].letter == letter : sp_bytes_eq(sp_bytes_of(rows[i].name), name);
        if (is_it) {
            return i;
        }
    }
    return -1;
}

static int misuse_option(const cli_command *command, const char *given, sp_bytes name)
{
    static const char help[] = "help";
    char text[256];
    spc_nearest nearest = SPC_NEAREST_TO(name);
    for (const cli_option *row = command->options; row != NULL && row->name != NULL; row++) {
        spc_nearest_offer(&nearest, sp_bytes_of(row->name));
    }
    spc_nearest_offer(&nearest, sp_bytes_of(help));
    if (nearest.best.n == 0) {
        return cli_misuse(command, "unknown option", given);
    }
    (void)snprintf(text, sizeof text, "%.120s (did you mean --%.*s?)", given, (int)nearest.best.n,
                   (const char *)nearest.best.p);
    return cli_misuse(command, "unknown option", text);
}

/* `value` is what stood behind `=` or the letter, or NULL. */
static int take_option(parse *p, int row, const char *given, const char *value)
{
    const cli_option *option = &p->out->command->options[row];
    if (option->value == NULL && value != NULL) {
        return cli_misuse(p->out->command, "this option takes no value", given);
    }
    if (option->value != NULL && value == NULL && p->at + 1 >= p->argc) {
        return cli_misuse(p->out->command, "this option needs a value", given);
    }
    if (option->value != NULL && value == NULL) {
        value = p->argv[++p->at];
    }
    p->out->values[row] = option->value == NULL ? "" : value;
    return CLI_OK;
}

static int parse_long(parse *p, const char *text)
{
    const char *equals = strchr(text, '=');
    const sp_bytes name = {(const uint8_t *)text + 2,
                           equals != NULL ? (size_t)(equals - text) - 2 : strlen(text) - 2};
    const int row = find_row(p->out->command, name, 0);
    return row < 0 ? misuse_option(p->out->command, text, name)
                   : take_option(p, row, text, equals != NULL ? equals + 1 : NULL);
}

/* -c FILE or -cFILE; letters are not put together. */
static int parse_short(parse *p, const char *text)
{
    const int row = find_row(p->out->command, SP_BYTES_EMPTY, text[1]);
    return row < 0 ? misuse_option(p->out->command, text, sp_bytes_of(text + 1))
                   : take_option(p, row, text, text[2] != '\0' ? text + 2 : NULL);
}

static int check_words(const cli_args *args)
{
    const cli_command *command = args->command;
    if (args->n_words < command->min_words) {
        return cli_misuse(command, "something is missing", command->usage);
    }
    if (command->max_words >= 0 && args->n_words > command->max_words) {
        return cli_misuse(command, "too many words", args->words[command->max_words]);
    }
    return CLI_OK;
}

int cli_parse(cli_args *out, const cli_command *command, int argc, char **argv)
{
    static char *words[WORDS_MAX + 1]; /* one command line per process */
    parse p = {.out = out, .argc = argc, .argv = argv};
    bool is_ended = false;
    *out = (cli_args){.command = command, .words = words};
    for (; p.at < argc; p.at++) {
        char *text = argv[p.at];
        int code = CLI_OK;
        if (!is_ended && strcmp(text, "--") == 0) {
            is_ended = true;
        } else if (!is_ended && strncmp(text, "--", 2) == 0) {
            code = parse_long(&p, text);
        } else if (!is_ended && text[0] == '-' && text[1] != '\0') {
            code = parse_short(&p, text);
        } else if (out->n_words < WORDS_MAX) {
            words[out->n_words++] = text;
        }
        if (code != CLI_OK) {
            return code;
        }
    }
    words[out->n_words] = NULL;
    return check_words(out);
}
