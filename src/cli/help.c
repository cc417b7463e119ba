/* --help and manual pages, from the rows. */
#include "cli/help.h"

#include <string.h>

static const char exit_codes[] =
    "Exit codes: 0 done; 1 failed, refused or not in order; 2 the command line is wrong, nothing was done.\n";

/* ---- --help ---- */

int cli_help_program(FILE *out)
{
    const char *bold = cli_colour_code(out, CLI_BOLD), *plain = cli_colour_code(out, CLI_PLAIN);
    (void)fprintf(out,
                  "%sSallyport%s: a security gateway for language models. It labels each request by what it "
                  "holds and sends it\n"
                  "only where that may go.\n\nusage: sallyport COMMAND [...]\n\n",
                  bold, plain);
    for (size_t i = 0; cli_commands[i] != NULL; i++) {
        (void)fprintf(out, "    %s%-11s%s %s\n", bold, cli_commands[i]->name, plain,
                      cli_commands[i]->summary);
    }
    (void)fprintf(out,
                  "\n`sallyport COMMAND --help` says more about one. To begin:\n"
                  "    cp examples/sallyport.yaml . && sallyport check && sallyport run\n\n%s",
                  exit_codes);
    return CLI_OK;
}

/* How an option looks: "-c, --config FILE". */
static int name_option(char out[64], const cli_option *option)
{
    return snprintf(out, 64, "%c%c%s--%s%s%s", option->letter ? '-' : ' ',
                    option->letter ? option->letter : ' ', option->letter ? ", " : "  ", option->name,
                    option->value != NULL ? " " : "", option->value != NULL ? option->value : "");
}

static void print_options(FILE *out, const cli_command *command)
{
    char name[64];
    for (const cli_option *row = command->options; row != NULL && row->name != NULL; row++) {
        (void)name_option(name, row);
        (void)fprintf(out, "    %-24s %s\n", name, row->doc);
    }
    (void)fprintf(out, "    %-24s %s\n", "-h, --help", "this text");
}

static const char *usage_of(const cli_command *command)
{
    return command->usage != NULL ? command->usage : "";
}

/* Where the usage is longer than its column, the summary stands below it. */
static void print_sub(FILE *out, const cli_command *sub)
{
    enum { NAME_WIDTH = 10, USAGE_WIDTH = 34 };
    const char *usage = usage_of(sub);
    (void)fprintf(out, "    %-*s %-*s", NAME_WIDTH, sub->name, USAGE_WIDTH, usage);
    if (strlen(usage) > USAGE_WIDTH) (void)fprintf(out, "\n    %*s %*s", NAME_WIDTH, "", USAGE_WIDTH, "");
    (void)fprintf(out, " %s\n", sub->summary);
}

int cli_help_command(FILE *out, const cli_command *command, const cli_command *parent)
{
    (void)fprintf(out, "usage: sallyport %s%s%s %s\n\n%s\n", parent != NULL ? parent->name : "",
                  parent != NULL ? " " : "", command->name, usage_of(command),
                  command->help != NULL ? command->help : command->summary);
    for (const cli_command *sub = command->subs; sub != NULL && sub->name != NULL; sub++) {
        print_sub(out, sub);
    }
    (void)fprintf(out, "%soptions:\n", command->subs != NULL ? "\n" : "");
    print_options(out, command);
    if (command->exits != NULL) {
        (void)fprintf(out, "\nExit codes: %s\n", command->exits);
    } else {
        (void)fprintf(out, "\n%s", exit_codes);
    }
    return CLI_OK;
}

/* ---- man(7) ---- */

/* A character beyond ASCII by its number, since readers of roff differ in what else they take. @return how
 * many bytes it has. */
static size_t put_roff_character(FILE *out, const char *text)
{
    const size_t n = sp_utf8_sequence(sp_bytes_of(text), 0);
    uint32_t code = (uint8_t)text[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        code = code << 6 | ((uint8_t)text[i] & 0x3f);
    }
    (void)fprintf(out, "\\[u%04X]", code);
    return n > 0 ? n : 1;
}

/* Text of ours; a line that starts with a dot or quote would be a request, and a hyphen is a minus. */
static void put_roff(FILE *out, const char *text)
{
    bool is_line_start = true;
    for (; *text != '\0'; text++) {
        if (is_line_start && (*text == '.' || *text == '\'')) {
            (void)fputs("\\&", out);
        }
        if (*text == '\\') {
            (void)fputs("\\e", out);
        } else if (*text == '-') {
            (void)fputs("\\-", out);
        } else if ((uint8_t)*text >= 0x80) {
            text += put_roff_character(out, text) - 1;
        } else {
            (void)fputc(*text, out);
        }
        is_line_start = *text == '\n';
    }
}

static void put_section(FILE *out, const char *title)
{
    (void)fprintf(out, ".SH %s\n", title);
}

/* As it stands: help texts are laid out for 100 columns. */
static void put_block(FILE *out, const char *text)
{
    (void)fputs(".nf\n", out);
    put_roff(out, text);
    (void)fputs("\n.fi\n", out);
}

static void put_synopsis(FILE *out, const cli_command *command, const cli_command *parent)
{
    (void)fprintf(out, ".B sallyport %s%s%s\n", parent != NULL ? parent->name : "", parent != NULL ? " " : "",
                  command->name);
    put_roff(out, usage_of(command));
    (void)fputs("\n.br\n", out);
}

static void put_man_options(FILE *out, const cli_command *command)
{
    char name[64];
    for (const cli_option *row = command->options; row != NULL && row->name != NULL; row++) {
        (void)name_option(name, row);
        (void)fputs(".TP\n.B ", out);
        put_roff(out, name + strspn(name, " "));
        (void)fputc('\n', out);
        put_roff(out, row->doc);
        (void)fputc('\n', out);
    }
}

static void put_ending(FILE *out, const char *exits)
{
    put_section(out, "EXIT STATUS");
    if (exits != NULL) {
        put_block(out, exits);
        return;
    }
    (void)fputs(".TP\n.B 0\ndone\n.TP\n.B 1\nfailed, refused or not in order\n.TP\n.B 2\nthe command line is "
                "wrong; nothing was done\n",
                out);
}

static void man_command(FILE *out, const cli_command *command)
{
    put_section(out, "SYNOPSIS");
    if (command->subs == NULL) {
        put_synopsis(out, command, NULL);
    }
    for (const cli_command *sub = command->subs; sub != NULL && sub->name != NULL; sub++) {
        put_synopsis(out, sub, command);
    }
    put_section(out, "DESCRIPTION");
    put_block(out, command->help != NULL ? command->help : command->summary);
    for (const cli_command *sub = command->subs; sub != NULL && sub->name != NULL; sub++) {
        (void)fprintf(out, ".SS sallyport %s %s\n", command->name, sub->name);
        put_block(out, sub->help != NULL ? sub->help : sub->summary);
        put_man_options(out, sub);
    }
    if (command->options != NULL) {
        put_section(out, "OPTIONS");
        put_man_options(out, command);
    }
    put_ending(out, command->exits);
    put_section(out, "SEE ALSO");
    (void)fputs(".BR sallyport (1)\n", out);
}

static void man_program(FILE *out)
{
    put_section(out, "SYNOPSIS");
    (void)fputs(".B sallyport\n.I COMMAND\n[...]\n", out);
    put_section(out, "DESCRIPTION");
    (void)fputs("A security gateway for language models: it labels each request by what it holds and sends "
                "it only where that may go.\n"
                "Each command has a page of its own.\n",
                out);
    for (size_t i = 0; cli_commands[i] != NULL; i++) {
        (void)fprintf(out, ".TP\n.B %s\n%s\n", cli_commands[i]->name, cli_commands[i]->summary);
    }
    put_ending(out, NULL);
    put_section(out, "ENVIRONMENT");
    (void)fputs(".TP\n.B SALLYPORT_MODULE\nthe nginx module, when it is not beside the program\n.TP\n.B "
                "NO_COLOR\nno colours, also on a terminal\n",
                out);
    put_section(out, "FILES");
    (void)fputs(".TP\n.I ./sallyport.yaml\nthe configuration, unless \\-c names another\n", out);
}

int cli_man_page(FILE *out, const cli_command *command)
{
    const char *name = command != NULL ? command->name : "";
    (void)fprintf(out, ".\\\" Written by `sallyport help --man %s`: change the command's row instead.\n",
                  name);
    (void)fprintf(out, ".TH SALLYPORT%s%s 1 \"\" \"sallyport 0.1.0\"\n", command != NULL ? "-" : "", name);
    put_section(out, "NAME");
    (void)fprintf(out, "sallyport%s%s \\- %s\n", command != NULL ? "\\-" : "", name,
                  command != NULL ? command->summary : "security gateway for language models");
    if (command != NULL) {
        man_command(out, command);
    } else {
        man_program(out);
    }
    return CLI_OK;
}

/* ---- the command ---- */

static int cli_help_run(const cli_args *args)
{
    const cli_command *command = args->n_words > 0 ? cli_find_command(args->words[0]) : NULL;
    if (args->n_words > 0 && command == NULL) {
        return cli_misuse_word(NULL, args->words[0]);
    }
    if (cli_has(args, "man")) {
        return cli_man_page(stdout, command);
    }
    if (command == NULL) {
        return cli_help_program(stdout);
    }
    const cli_command *sub = args->n_words > 1 ? cli_find_sub(command, args->words[1]) : NULL;
    if (args->n_words > 1 && sub == NULL) {
        return command->subs != NULL ? cli_misuse_word(command, args->words[1])
                                     : cli_misuse(command, "no such subcommand", args->words[1]);
    }
    return sub != NULL ? cli_help_command(stdout, sub, command) : cli_help_command(stdout, command, NULL);
}

static const cli_option options[] = {
    {"man", 0, NULL, "print a manual page"},
    CLI_OPTIONS_END,
};

const cli_command cli_help = {
    .name = "help",
    .run = cli_help_run,
    .usage = "[COMMAND [SUBCOMMAND]] [--man]",
    .summary = "say what a command does",
    .help = "The same as `sallyport COMMAND --help`; with --man as a manual page.\n\nExample:\n    sallyport "
            "help key create\n"
            "    sallyport help --man run | man -l -\n",
    .options = options,
    .max_words = 2,
};
