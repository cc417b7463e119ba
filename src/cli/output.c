/* Messages and text for terminals. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

static void write_part(const char *text)
{
    if (text != NULL) {
        (void)fputs(": ", stderr);
        cli_write_safe(stderr, sp_bytes_of(text), false);
    }
}

static void write_message(const char *what, const char *where, const char *advice)
{
    (void)fprintf(stderr, "%ssallyport%s", cli_colour_code(stderr, CLI_RED),
                  cli_colour_code(stderr, CLI_PLAIN));
    write_part(what);
    write_part(where);
    write_part(advice);
    (void)fputc('\n', stderr);
}

int cli_fail(const char *what, const char *where, const char *advice)
{
    write_message(what, where, advice);
    return CLI_FAILED;
}

/* The command whose list holds it as a subcommand; NULL: it is none. */
static const cli_command *parent_of(const cli_command *command)
{
    for (size_t i = 0; cli_commands[i] != NULL; i++) {
        for (const cli_command *sub = cli_commands[i]->subs; sub != NULL && sub->name != NULL; sub++) {
            if (sub == command) return cli_commands[i];
        }
    }
    return NULL;
}

int cli_misuse(const cli_command *command, const char *what, const char *where)
{
    char advice[128] = "see sallyport --help";
    if (command != NULL) {
        const cli_command *parent = parent_of(command);
        (void)snprintf(advice, sizeof advice, "see sallyport help %s%s%s", parent != NULL ? parent->name : "",
                       parent != NULL ? " " : "", command->name);
    }
    write_message(what, where, advice);
    return CLI_USAGE;
}

int cli_fail_name(const char *what, const char *name, sp_bytes nearest)
{
    char advice[128];
    (void)snprintf(advice, sizeof advice, "did you mean %.*s?", (int)nearest.n, (const char *)nearest.p);
    return cli_fail(what, name, nearest.n > 0 && nearest.n < 64 ? advice : NULL);
}

int cli_fail_status(sp_status status, const char *where)
{
    return cli_fail(sp_error_get(status)->sentence, where, NULL);
}

const char *cli_colour_code(FILE *out, cli_colour colour)
{
    static const char *const codes[] = {
        [CLI_PLAIN] = "\033[0m", [CLI_BOLD] = "\033[1m",   [CLI_DIM] = "\033[2m",
        [CLI_RED] = "\033[31m",  [CLI_GREEN] = "\033[32m", [CLI_YELLOW] = "\033[33m",
    };
    const char *no_color = getenv("NO_COLOR"); /* no-color.org: present and not empty */
    const bool is_plain = (no_color != NULL && no_color[0] != '\0') || isatty(fileno(out)) == 0;
    return is_plain ? "" : codes[colour];
}

void cli_write(FILE *out, sp_bytes s)
{
    if (s.n > 0) {
        (void)fwrite(s.p, 1, s.n, out);
    }
}

/* C0, DEL, and C1 in UTF-8 (0xc2 0x80..0x9f): what a terminal obeys instead of showing. */
static bool is_command(sp_bytes rest, bool lines)
{
    const uint8_t c = rest.p[0];
    if (c == '\n' && lines) {
        return false;
    }
    return (c < 0x20 && c != '\t') || c == 0x7f || (c == 0xc2 && rest.n > 1 && rest.p[1] < 0xa0);
}

void cli_write_safe(FILE *out, sp_bytes s, bool lines)
{
    while (s.n > 0) {
        const sp_bytes good = sp_bytes_sub(s, 0, sp_utf8_valid_prefix(s));
        size_t n = 0;
        while (n < good.n && !is_command(sp_bytes_sub(good, n, good.n), lines)) {
            n++;
        }
        cli_write(out, sp_bytes_sub(good, 0, n));
        if (n < s.n) {
            (void)fprintf(out, "\\x%02x", s.p[n]);
            n += n < good.n && s.p[n] == 0xc2 ? 2 : 1;
        }
        s = sp_bytes_sub(s, n, s.n);
    }
}

int cli_flush(FILE *out, const sp_buf *b)
{
    if (b->status != SP_OK) {
        return cli_fail_status(b->status, NULL);
    }
    cli_write(out, sp_buf_bytes(b));
    if (fflush(out) != 0 || ferror(out) != 0) {
        return cli_fail("output cannot be written", NULL, NULL);
    }
    return CLI_OK;
}

int cli_flush_safe(FILE *out, const sp_buf *b)
{
    const sp_buf nothing = {.status = b->status};
    if (b->status == SP_OK) {
        cli_write_safe(out, sp_buf_bytes(b), true);
    }
    return cli_flush(out, &nothing);
}
