/* `sallyport version` and `sallyport completion`: scripts for shells, from the rows. */
#include <string.h>

#include "cli/cli.h"

static int cli_version_run(const cli_args *args)
{
    (void)puts(cli_has(args, "json") ? "{\"version\":\"0.1.0\"}" : "sallyport 0.1.0");
    return CLI_OK;
}

static const cli_option version_options[] = {CLI_OPTION_JSON, CLI_OPTIONS_END};

const cli_command cli_version = {
    .name = "version",
    .run = cli_version_run,
    .usage = "[--json]",
    .summary = "print the version",
    .help = "Example:\n    sallyport version --json\n",
    .options = version_options,
};

/* ---- bash ---- */

static void put_words(const cli_command *command)
{
    for (const cli_command *sub = command->subs; sub != NULL && sub->name != NULL; sub++) {
        (void)printf("%s ", sub->name);
    }
    for (const cli_option *row = command->options; row != NULL && row->name != NULL; row++) {
        (void)printf("--%s ", row->name);
        if (row->letter != 0) {
            (void)printf("-%c ", row->letter);
        }
    }
    (void)fputs("--help", stdout);
}

static void put_bash_case(const cli_command *command, const cli_command *parent)
{
    (void)printf("    %s%s%s) words='", parent != NULL ? parent->name : "", parent != NULL ? "-" : "",
                 command->name);
    put_words(command);
    (void)puts("' ;;");
}

static void put_bash(void)
{
    (void)fputs(
        "# bash completion of sallyport; written by `sallyport completion bash`\n_sallyport() {\n"
        "    local words='' command=${COMP_WORDS[1]} key current=${COMP_WORDS[COMP_CWORD]}\n"
        "    case ${COMP_WORDS[COMP_CWORD-1]} in\n"
        "    -c|--config|--module|--state) COMPREPLY=($(compgen -f -- \"$current\")); return ;;\n    esac\n"
        "    key=$command\n    case $command in\n    ",
        stdout);
    const char *separator = "";
    for (size_t i = 0; cli_commands[i] != NULL; i++) {
        if (cli_commands[i]->subs != NULL) {
            (void)printf("%s%s", separator, cli_commands[i]->name);
            separator = "|";
        }
    }
    (void)fputs(") [ \"$COMP_CWORD\" -gt 2 ] && key=$command-${COMP_WORDS[2]} ;;\n    esac\n"
                "    [ \"$COMP_CWORD\" -eq 1 ] && key=\n    case $key in\n    '') words='",
                stdout);
    for (size_t i = 0; cli_commands[i] != NULL; i++) {
        (void)printf("%s ", cli_commands[i]->name);
    }
    (void)puts("--help --version' ;;");
    for (size_t i = 0; cli_commands[i] != NULL; i++) {
        put_bash_case(cli_commands[i], NULL);
        for (const cli_command *sub = cli_commands[i]->subs; sub != NULL && sub->name != NULL; sub++) {
            put_bash_case(sub, cli_commands[i]);
        }
    }
    (void)fputs("    esac\n    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
                "    [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- \"$current\"))\n}\ncomplete -F "
                "_sallyport sallyport\n",
                stdout);
}

/* ---- zsh ---- */

/* In single quotes; a colon separates name and description, brackets end it. */
static void put_zsh_text(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'') {
            (void)fputs("'\\''", stdout);
        } else if (strchr(":[]\\", *text) != NULL) {
            (void)printf("\\%c", *text);
        } else {
            (void)putchar(*text);
        }
    }
}

static void put_zsh_arguments(const cli_command *command)
{
    (void)fputs("_arguments", stdout);
    for (const cli_option *row = command->options; row != NULL && row->name != NULL; row++) {
        (void)printf(" '--%s%s[", row->name, row->value != NULL ? "=" : "");
        put_zsh_text(row->doc);
        (void)fputs(row->value != NULL ? "]:file:_files'" : "]'", stdout);
        if (row->letter != 0) {
            (void)printf(" '-%c[", row->letter);
            put_zsh_text(row->doc);
            (void)fputs(row->value != NULL ? "]:file:_files'" : "]'", stdout);
        }
    }
    (void)puts(" '--help[this text]' '*:file:_files' ;;");
}

static void put_zsh_list(const cli_command *row)
{
    (void)printf("'%s:", row->name);
    put_zsh_text(row->summary);
    (void)fputs("' ", stdout);
}

static void put_zsh_subs(const cli_command *command)
{
    (void)printf("    %s)\n        if (( CURRENT == 3 )); then\n            list=(", command->name);
    for (const cli_command *sub = command->subs; sub->name != NULL; sub++) {
        put_zsh_list(sub);
    }
    (void)fputs(
        ")\n            _describe command list\n            return\n        fi\n        case $words[3] in\n",
        stdout);
    for (const cli_command *sub = command->subs; sub->name != NULL; sub++) {
        (void)printf("        %s) ", sub->name);
        put_zsh_arguments(sub);
    }
    (void)fputs("        esac ;;\n", stdout);
}

static void put_zsh(void)
{
    (void)fputs("#compdef sallyport\n# zsh completion of sallyport; written by `sallyport completion "
                "zsh`\n_sallyport() {\n"
                "    local -a list\n    if (( CURRENT == 2 )); then\n        list=(",
                stdout);
    for (size_t i = 0; cli_commands[i] != NULL; i++) {
        put_zsh_list(cli_commands[i]);
    }
    (void)fputs(")\n        _describe command list\n        return\n    fi\n    case $words[2] in\n", stdout);
    for (size_t i = 0; cli_commands[i] != NULL; i++) {
        const cli_command *command = cli_commands[i];
        if (command->subs == NULL) {
            (void)printf("    %s) ", command->name);
            put_zsh_arguments(command);
            continue;
        }
        put_zsh_subs(command);
    }
    (void)fputs("    esac\n}\n_sallyport \"$@\"\n", stdout);
}

static int cli_completion_run(const cli_args *args)
{
    if (strcmp(args->words[0], "bash") == 0) {
        put_bash();
        return CLI_OK;
    }
    if (strcmp(args->words[0], "zsh") == 0) {
        put_zsh();
        return CLI_OK;
    }
    return cli_misuse(args->command, "no such shell", args->words[0]);
}

const cli_command cli_completion = {
    .name = "completion",
    .run = cli_completion_run,
    .usage = "bash|zsh",
    .summary = "print a completion script for a shell",
    .help = "Example:\n    source <(sallyport completion bash)\n    sallyport completion zsh > "
            "~/.zfunc/_sallyport\n",
    .min_words = 1,
    .max_words = 1,
};
