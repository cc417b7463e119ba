/** @file cli.h  What the commands of `sallyport` share: the table of commands, options, errors, the place of
 * a run. A command is a row: dispatch, --help, the nearest word, manual pages and completions all come from
 * it. */
#pragma once
#include <limits.h>
#include <stdio.h>

#include "conf/conf.h"

/** Exit codes, the same for every command. */
enum {
    CLI_OK = 0,
    CLI_FAILED = 1, /**< failed, refused, or the check said no */
    CLI_USAGE = 2,  /**< the command line is wrong; nothing was done */
};

/** An option. `--name`, with `value` also `--name VALUE` and `--name=VALUE`; `letter` as `-l`. */
typedef struct cli_option {
    const char *name;  /**< NULL ends a list */
    char letter;       /**< 0: none */
    const char *value; /**< NULL: a flag; else what stands in usage, e.g. "FILE" */
    const char *doc;   /**< half a sentence, lower case, no full stop */
} cli_option;

enum { CLI_OPTIONS_MAX = 16 };

struct cli_command;

/** A command line that was read. Everything is borrowed from argv. */
typedef struct cli_args {
    const struct cli_command *command;
    const char *values[CLI_OPTIONS_MAX]; /**< by row of command->options; NULL: not given; "" for a flag */
    char **words;                        /**< what is no option, in order; ended by NULL */
    int n_words;
} cli_args;

/** What a command does with memory. @return an exit code. */
typedef int cli_work(const cli_args *args, sp_mem *mem);

typedef struct cli_command {
    const char *name;                 /**< NULL ends a list */
    int (*run)(const cli_args *args); /**< @return an exit code */
    cli_work *work;                   /**< instead of it, within CLI_MEMORY_MAX; neither: its `subs` act */
    const char *usage;                /**< what follows the name, e.g. "ID [--json]" */
    const char *summary;              /**< one line for the list of commands */
    const char *help;                 /**< paragraphs with at least one example */
    const char *exits;                /**< NULL: the exit codes mean what they mean for most */
    const cli_option *options;        /**< NULL: none. --help is always there */
    const struct cli_command *subs;   /**< NULL: none; else a list, e.g. of `audit list`, `audit show` */
    int min_words, max_words;         /**< words besides options; max -1: any */
} cli_command;

/* One row each; cli_commands (main.c) lists them in the order of the manual. */
extern const cli_command cli_run, cli_check, cli_reload, cli_destination, cli_key, cli_scan, cli_detector,
    cli_explain, cli_policy, cli_audit, cli_pause, cli_resume, cli_stops, cli_status, cli_use_case,
    cli_vendor, cli_version, cli_help, cli_completion;
extern const cli_command *const cli_commands[]; /**< ended by NULL */

/** The value of an option, "" for a given flag, NULL when it was not given or the command has none of that
 * name. */
const char *cli_value(const cli_args *args, const char *name);
static inline bool cli_has(const cli_args *args, const char *name)
{
    return cli_value(args, name) != NULL;
}

/* ---- memory ---- */

/** Far above what a configuration of the largest size and its names take. */
enum { CLI_MEMORY_MAX = 256 << 20 };

/** Does `work` in an arena of at most `limit` bytes, which goes when it returns: nothing in it may be kept.
 *  @return what `work` returns. */
int cli_with_memory(const cli_args *args, size_t limit, cli_work *work);

/* ---- options ---- */

/* Options that several commands have, to be written into their lists. */
#define CLI_OPTION_CONF                                                             \
    {                                                                               \
        "config", 'c', "FILE", "the configuration file (default: ./sallyport.yaml)" \
    }
#define CLI_OPTION_STATE                                                                      \
    {                                                                                         \
        "state", 0, "DIR", "the state folder (default: the one that the configuration names)" \
    }
#define CLI_OPTION_JSON               \
    {                                 \
        "json", 0, NULL, "print JSON" \
    }
#define CLI_OPTIONS_END     \
    {                       \
        NULL, 0, NULL, NULL \
    }

/* ---- messages ---- */

/** `sallyport: WHAT: WHERE: ADVICE` on stderr; NULL parts are left out. @return CLI_FAILED, so that one can
 * `return cli_fail(...)`. */
int cli_fail(const char *what, const char *where, const char *advice);
/** The same for a wrong command line; points at --help of the command (NULL: of the program). @return
 * CLI_USAGE. */
int cli_misuse(const cli_command *command, const char *what, const char *where);
/** A name that is not there, with the one that was probably meant; `nearest` may be empty. @return
 * CLI_FAILED. */
int cli_fail_name(const char *what, const char *name, sp_bytes nearest);
/** The sentence of a status, for people. @return CLI_FAILED. */
int cli_fail_status(sp_status status, const char *where);

typedef enum cli_colour { CLI_PLAIN = 0, CLI_BOLD, CLI_DIM, CLI_RED, CLI_GREEN, CLI_YELLOW } cli_colour;
/** The escape sequence that begins a colour (CLI_PLAIN ends it), or "" when `out` is no terminal or NO_COLOR
 * is set. */
const char *cli_colour_code(FILE *out, cli_colour colour);

/** Writes bytes as they are. */
void cli_write(FILE *out, sp_bytes s);
/** Writes text of somebody else: control characters and broken UTF-8 are shown as \xNN, so that nothing can
 * write to the terminal. Newlines stay when `lines`. */
void cli_write_safe(FILE *out, sp_bytes s, bool lines);
/** Writes a buffer and reports its failure and that of the stream. @return CLI_OK or CLI_FAILED with a
 * message. */
int cli_flush(FILE *out, const sp_buf *b);
/** The same for lines that hold words of somebody else (cli_write_safe). */
int cli_flush_safe(FILE *out, const sp_buf *b);

/* ---- the place of a run ---- */

/** Where a run keeps its things; needs a command with CLI_OPTION_CONF and CLI_OPTION_STATE. */
typedef struct cli_place {
    const spc_conf *conf; /**< NULL when --state named the folder and no -c was given */
    sp_names names; /**< of levels and categories: the configuration's, else the shipped ones and those that
                       the state remembers */
    char state[PATH_MAX];
    char ledger[PATH_MAX];   /**< state/ledger */
    char seal_key[PATH_MAX]; /**< state/seal.key: 32 raw bytes, the private X25519 key that opens payloads */
} cli_place;

/** Loads the configuration of -c (or ./sallyport.yaml) and prints every problem on stderr; warnings only with
 * `show_warnings`.
 *  @return CLI_OK or CLI_FAILED after a message. `*out` lives in `mem`. */
int cli_conf(const spc_conf **out, const cli_args *args, sp_mem *mem, bool show_warnings);
/** The file that -c names, or ./sallyport.yaml. */
const char *cli_conf_path(const cli_args *args);
/** The place that -c or --state name, whether it exists or not. @return CLI_OK or CLI_FAILED after a message.
 */
int cli_place_name(cli_place *out, const cli_args *args, sp_mem *mem);
/** The same; the state folder has to exist. @return CLI_OK or CLI_FAILED after a message. */
int cli_place_find(cli_place *out, const cli_args *args, sp_mem *mem);
/** Reads 32 raw bytes of the private key; the caller wipes them. @return CLI_OK or CLI_FAILED after a
 * message. */
int cli_seal_key(uint8_t secret[32], const cli_place *place);

/** Reads a file, or standard input when `path` is "-", up to `max` bytes, into `out`. @return CLI_OK or
 * CLI_FAILED after a message. */
int cli_read_file(sp_buf *out, const char *path, size_t max);
