/* Changes to the configuration file: made in memory, checked, shown, and only then put in the file's place.
 */
#include "cli/edit_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/table.h"
#include "conf/document.h"
#include "control/files.h"
#include "control/process.h"

/* ---- what to write ---- */

int cli_edit_want(const cli_args *args, const char *const *options)
{
    char option[64];
    for (; *options != NULL; options++) {
        if (!cli_has(args, *options)) {
            (void)snprintf(option, sizeof option, "--%s", *options);
            return cli_misuse(args->command, "something is missing", option);
        }
    }
    return CLI_OK;
}

static void add_pair(spc_change *change, const char *key, const sp_buf *value)
{
    if (change->n_pairs < SPC_PAIRS_MAX) {
        change->pairs[change->n_pairs++] = (spc_pair){key, sp_buf_bytes(value)};
    }
}

void cli_edit_text(spc_change *change, const cli_args *args, const char *option, const char *key, sp_mem *mem)
{
    const char *text = cli_value(args, option);
    sp_buf value = SP_BUF_IN(mem);
    if (text != NULL) {
        spc_scalar_append(&value, sp_bytes_of(text));
        add_pair(change, key, &value);
    }
}

void cli_edit_list(spc_change *change, const cli_args *args, const char *option, const char *key, sp_mem *mem)
{
    const char *text = cli_value(args, option);
    sp_buf value = SP_BUF_IN(mem);
    if (text == NULL) {
        return;
    }
    sp_buf_append_byte(&value, '[');
    for (const char *at = text; *at != '\0';) {
        const size_t n = strcspn(at, ",");
        sp_buf_append_str(&value, at != text ? ", " : "");
        spc_scalar_append(&value, (sp_bytes){(const uint8_t *)at, n});
        at += n + (at[n] == ',');
    }
    sp_buf_append_byte(&value, ']');
    add_pair(change, key, &value);
}

/* ---- the file ---- */

/* The file itself, not a link to it: a rename would put the new file in the link's place. */
typedef struct target {
    char path[PATH_MAX];
    sp_bytes folder;
    sp_bytes before, after;
} target;

static int read_target(target *t, const cli_args *args, sp_mem *mem)
{
    sp_buf text = SP_BUF_IN(mem);
    const char *given = cli_conf_path(args);
    if (realpath(given, t->path) == NULL) {
        return cli_fail("cannot be read", given, strerrordesc_np(errno));
    }
    const int code = cli_read_file(&text, t->path, SPC_FILE_MAX);
    const char *slash = strrchr(t->path, '/');
    t->folder = (sp_bytes){(const uint8_t *)t->path, slash == t->path ? 1 : (size_t)(slash - t->path)};
    t->before = sp_buf_bytes(&text);
    return code;
}

/* Whether the file as it would be is one that could run. */
static int check_result(const spc_conf **conf, const target *t, sp_mem *mem)
{
    spc_problems problems = {.mem = mem};
    sp_buf said = SP_BUF_IN(mem);
    const sp_status status =
        spc_conf_parse(conf, &problems, &(spc_source){t->after, t->folder, spd_wall_s()});
    for (size_t i = 0; i < problems.n; i++) {
        if (problems.v[i].severity == SPC_ERROR) {
            spc_problem_append(&said, &problems.v[i], sp_bytes_of(t->path));
        }
    }
    cli_write(stderr, sp_buf_bytes(&said));
    if (status == SP_EFIELD) {
        return cli_fail("the file would have these errors, so it is left as it is", t->path, NULL);
    }
    return status == SP_OK ? CLI_OK : cli_fail_status(status, t->path);
}

static int replace(const target *t)
{
    sp_diag diag = {0};
    const sp_status status = spd_file_replace(t->path, t->before, t->after, &diag);
    if (status == SP_EBUSY) {
        return cli_fail("somebody changed the file meanwhile, so it is left as it is", t->path, "try again");
    }
    return status == SP_OK ? CLI_OK : cli_fail(diag.text, NULL, NULL);
}

/* @param seen  what somebody who looked at the result has to say. */
static int show(const target *t, const cli_args *args, bool is_written, sp_buf *seen)
{
    sp_buf diff = SP_BUF_IN(seen->mem), out = SP_BUF_IN(seen->mem);
    cli_diff_append(&diff, t->path, t->before, t->after);
    if (!cli_has(args, "json")) {
        sp_buf_append_str(&diff, diff.n == 0 ? "nothing changes\n" : "");
        const int code = cli_flush(stdout, &diff);
        return code == CLI_OK && seen->n > 0 ? cli_flush_safe(stdout, seen) : code;
    }
    cli_json_open(&out, NULL, '{');
    cli_json_text(&out, "file", sp_bytes_of(t->path));
    cli_json_bool(&out, "changes", diff.n > 0);
    cli_json_bool(&out, "written", is_written);
    cli_json_text(&out, "diff", sp_buf_bytes(&diff));
    sp_buf_append_str(&out, seen->n > 0 ? "," : "");
    sp_buf_append(&out, sp_buf_bytes(seen));
    sp_buf_append_str(&out, "}\n");
    out.status = diff.status != SP_OK ? diff.status : out.status;
    return cli_flush(stdout, &out);
}

int cli_edit_by(const cli_args *args, const cli_edit *edit, sp_mem *mem)
{
    target t;
    const spc_conf *conf = NULL;
    sp_buf seen = SP_BUF_IN(mem);
    int code = read_target(&t, args, mem);
    if (code != CLI_OK) {
        return code;
    }
    const sp_status status = edit->change(&t.after, t.before, edit->context, mem);
    if (status != SP_OK) {
        return status == SP_EFIELD ? cli_fail("the file is written in a way that this command cannot change",
                                              t.path, "change it by hand")
                                   : cli_fail_status(status, t.path);
    }
    const bool is_written = !cli_has(args, "dry-run") && !sp_bytes_eq(t.before, t.after);
    code = check_result(&conf, &t, mem);
    code = code == CLI_OK && edit->look != NULL
               ? edit->look(&seen, conf, cli_has(args, "json"), edit->context)
               : code;
    code = code == CLI_OK && is_written ? replace(&t) : code;
    return code == CLI_OK ? show(&t, args, is_written, &seen) : code;
}

static sp_status change_map(sp_bytes *out, sp_bytes file, void *context, sp_mem *mem)
{
    return spc_edit(out, file, context, mem);
}

int cli_edit_conf(const cli_args *args, const spc_change *change, sp_mem *mem)
{
    spc_change copy = *change;
    return cli_edit_by(args, &(cli_edit){.change = change_map, .context = &copy}, mem);
}
