/* `sallyport check`: everything that is wrong with a configuration, and what comes from its tables: the JSON
 * Schema and the manual. */
#include "cli/check.h"

/* "1 error", "2 errors" */
static void append_count(sp_buf *out, size_t n, const char *noun)
{
    sp_buf_append_u64(out, n);
    sp_buf_append_byte(out, ' ');
    sp_buf_append_str(out, noun);
    sp_buf_append_str(out, n == 1 ? "" : "s");
}

static void append_contents(sp_buf *out, const spc_conf *conf)
{
    append_count(out, conf->destinations.n, "destination");
    sp_buf_append_str(out, ", ");
    append_count(out, conf->models.n, "model");
    sp_buf_append_str(out, ", ");
    append_count(out, conf->use_cases.n, "use case");
    sp_buf_append_str(out, ", ");
    append_count(out, conf->applications.n, "application");
}

void cli_check_append(sp_buf *out, const cli_checked *c)
{
    const spc_problems *problems = &c->problems;
    const sp_bytes file = sp_bytes_of(c->path);
    for (size_t i = 0; i < problems->n; i++) {
        spc_problem_append(out, &problems->v[i], file);
    }
    const size_t n_all = problems->n_errors + problems->n_warnings;
    if (n_all > problems->n) {
        append_count(out, n_all - problems->n, "problem");
        sp_buf_append_str(out, " not shown\n");
    }
    sp_buf_append(out, file);
    sp_buf_append_str(out, ": ");
    append_count(out, problems->n_errors, "error");
    sp_buf_append_str(out, ", ");
    append_count(out, problems->n_warnings, "warning");
    if (c->conf != NULL) {
        sp_buf_append_str(out, "; ");
        append_contents(out, c->conf);
    }
    sp_buf_append_byte(out, '\n');
}

void cli_check_append_json(sp_buf *out, const cli_checked *c)
{
    const sp_bytes file = sp_bytes_of(c->path);
    sp_buf_append_str(out, "{\"file\":\"");
    sp_buf_append_json(out, file);
    sp_buf_append_str(out, c->is_valid ? "\",\"valid\":true" : "\",\"valid\":false");
    sp_buf_append_str(out, ",\"errors\":");
    sp_buf_append_u64(out, c->problems.n_errors);
    sp_buf_append_str(out, ",\"warnings\":");
    sp_buf_append_u64(out, c->problems.n_warnings);
    sp_buf_append_str(out, ",\"problems\":");
    spc_problems_append_json(out, &c->problems, file);
}

int cli_check_read(cli_checked *out, const cli_args *args, sp_mem *mem)
{
    *out = (cli_checked){.path = cli_conf_path(args), .problems = {.mem = mem}};
    const sp_status status = spc_conf_load(&out->conf, &out->problems, out->path);
    if (status != SP_OK && status != SP_EFIELD) {
        return cli_fail_status(status, out->path);
    }
    const bool is_strict = cli_has(args, "strict");
    out->is_valid = status == SP_OK && !(is_strict && out->problems.n_warnings > 0);
    return CLI_OK;
}

int cli_check_end(const cli_checked *c, const sp_buf *out)
{
    const int code = cli_flush(stdout, out);
    return code == CLI_OK && !c->is_valid ? CLI_FAILED : code;
}

static int check_file(const cli_args *args, sp_mem *mem)
{
    cli_checked c;
    sp_buf out = SP_BUF_IN(mem);
    const int code = cli_check_read(&c, args, mem);
    if (code != CLI_OK) {
        return code;
    }
    if (cli_has(args, "json")) {
        cli_check_append_json(&out, &c);
        sp_buf_append_str(&out, "}\n");
    } else {
        cli_check_append(&out, &c);
    }
    return cli_check_end(&c, &out);
}

static int print_generated(const cli_args *args, sp_mem *mem)
{
    sp_buf out = SP_BUF_IN(mem);
    if (cli_has(args, "print-schema") && cli_has(args, "print-manual")) {
        return cli_misuse(args->command, "--print-schema and --print-manual exclude each other", NULL);
    }
    if (cli_has(args, "print-schema")) {
        spc_schema_append(&out);
    } else {
        spc_manual_append(&out);
    }
    return cli_flush(stdout, &out);
}

static int check_run(const cli_args *args)
{
    const bool is_print = cli_has(args, "print-schema") || cli_has(args, "print-manual");
    return cli_with_memory(args, CLI_MEMORY_MAX, is_print ? print_generated : check_file);
}

static const cli_option check_options[] = {
    CLI_OPTION_CONF,
    CLI_OPTION_JSON,
    {"strict", 0, NULL, "treat warnings as errors"},
    {"print-schema", 0, NULL, "print the JSON Schema of the file instead"},
    {"print-manual", 0, NULL, "print the reference manual of the file instead"},
    CLI_OPTIONS_END,
};

const cli_command cli_check = {
    .name = "check",
    .run = check_run,
    .usage = "[-c FILE] [--json] [--strict]",
    .summary = "check the configuration file",
    .help = "Reads the configuration file and everything that it names, and prints all problems at once: "
            "file, line, column, what is\n"
            "wrong, what to do. Nothing is changed and no credential is read. Exit status 0: valid; 1: "
            "errors, or warnings with\n"
            "--strict; 2: wrong command line.\n"
            "\n"
            "    sallyport check -c sallyport.yaml\n"
            "    sallyport check --json | jq '.problems[].what'\n"
            "    sallyport check --print-schema > sallyport.schema.json\n",
    .options = check_options,
    .max_words = 0,
};
