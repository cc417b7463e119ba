/* Lists of the file, for people and for programs. */
#include "cli/entries.h"
#include "cli/table.h"
#include "control/process.h"

int cli_entries_list(const cli_entries *e, const cli_args *args, sp_mem *mem)
{
    const spc_conf *conf = NULL;
    sp_buf out = SP_BUF_IN(mem);
    const bool is_json = cli_has(args, "json");
    const uint64_t now_s = spd_wall_s();
    const int code = cli_conf(&conf, args, mem, false);
    if (code != CLI_OK) {
        return code;
    }
    if (is_json) {
        cli_json_open(&out, NULL, '{');
        cli_json_open(&out, e->name, '[');
    }
    for (size_t i = 0; i < e->count(conf); i++) {
        (is_json ? e->json : e->line)(&out, conf, i, now_s);
    }
    sp_buf_append_str(&out, is_json ? "]}\n" : "");
    return cli_flush(stdout, &out);
}

int cli_entries_show(const cli_entries *e, const cli_args *args, sp_mem *mem)
{
    const spc_conf *conf = NULL;
    size_t i = 0;
    sp_buf out = SP_BUF_IN(mem);
    const bool is_json = cli_has(args, "json");
    int code = cli_conf(&conf, args, mem, false);
    code = code == CLI_OK ? e->find(&i, conf, args->words[0]) : code;
    if (code != CLI_OK) {
        return code;
    }
    (is_json ? e->json : e->whole)(&out, conf, i, spd_wall_s());
    sp_buf_append_str(&out, is_json ? "\n" : "");
    return cli_flush(stdout, &out);
}
