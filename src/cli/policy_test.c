/* `sallyport policy test`: what a policy is meant to decide, written down as cases and decided by the code of
 * the gateway. */
#include "cli/policy.h"
#include "cli/policy_cases.h"
#include "cli/table.h"
#include "control/process.h"

enum { CASE_BYTES = 256 << 20, FILE_BYTES = 4 << 20 };

typedef struct tester {
    const cli_args *args;
    sp_mem *mem;
    const spc_conf *conf;
    sp_snapshot snapshot; /* of `conf`, for cases in which nothing has lapsed */
    sp_bytes text;        /* of the configuration, for the others */
    cli_detectors detectors;
    uint64_t now_s;
    bool is_json;
    size_t n_cases, n_failed;
    sp_buf out; /* what failed */
} tester;

/* One case file. */
typedef struct case_file {
    const char *path;
    spc_cases cases;
} case_file;

/* ---- printing ---- */

static void put_place(sp_buf *out, const case_file *file, const spc_case *c)
{
    sp_buf_append_str(out, file->path);
    sp_buf_append_byte(out, ':');
    sp_buf_append_u64(out, c->at.at.line);
    sp_buf_append_str(out, ": ");
    sp_buf_append(out, c->name.v);
    sp_buf_append_byte(out, '\n');
}

static void put_failure(sp_buf *out, const case_file *file, const spc_case *c, const cli_differences *diff)
{
    put_place(out, file, c);
    for (size_t i = 0; i < diff->n; i++) {
        sp_buf_append_str(out, "    ");
        sp_buf_append_str(out, diff->v[i].what);
        sp_buf_append_str(out, ": expected ");
        sp_buf_append(out, diff->v[i].expected);
        sp_buf_append_str(out, ", got ");
        sp_buf_append(out, diff->v[i].got);
        sp_buf_append_byte(out, '\n');
    }
}

static void put_json_failure(sp_buf *out, const case_file *file, const spc_case *c,
                             const cli_differences *diff)
{
    cli_json_open(out, NULL, '{');
    cli_json_text(out, "file", sp_bytes_of(file->path));
    cli_json_number(out, "line", c->at.at.line);
    cli_json_text(out, "name", c->name.v);
    cli_json_open(out, "differences", '[');
    for (size_t i = 0; i < diff->n; i++) {
        cli_json_open(out, NULL, '{');
        cli_json_text(out, "what", sp_bytes_of(diff->v[i].what));
        cli_json_text(out, "expected", diff->v[i].expected);
        cli_json_text(out, "got", diff->v[i].got);
        sp_buf_append_byte(out, '}');
    }
    sp_buf_append_str(out, "]}");
}

/* ---- one case ---- */

/* The configuration as it would be with what has lapsed. */
static sp_status take_lapses(cli_dry *d, sp_snapshot *room, const tester *t, const spc_given *g)
{
    spc_problems problems = {.mem = d->mem};
    const spc_conf *conf = NULL;
    const spc_source source = {t->text, t->conf->folder, g->at_s};
    d->snapshot = &t->snapshot;
    if (g->lapses.n == 0) {
        return SP_OK;
    }
    SP_TRY(spc_conf_parse_as_if(&conf, &problems, &source, &g->lapses));
    d->snapshot = room;
    return cli_dry_snapshot(room, conf, g->at_s, d->mem);
}

/* As headers name them: commas between. */
static sp_bytes names_of(const spc_texts *list, sp_mem *mem, sp_status *status)
{
    sp_buf text = SP_BUF_IN(mem);
    for (size_t i = 0; i < list->n; i++) {
        sp_buf_append_str(&text, i > 0 ? "," : "");
        sp_buf_append(&text, list->v[i].v);
    }
    *status = text.status != SP_OK ? text.status : *status;
    return sp_buf_bytes(&text);
}

static sp_status ask(cli_dry *d, sp_snapshot *room, const tester *t, const spc_case *c)
{
    const spc_given *g = &c->given;
    const sp_dialect_id dialect = spc_case_dialect(c, t->conf);
    sp_buf body = SP_BUF_IN(d->mem);
    sp_status status = SP_OK;
    SP_TRY(take_lapses(d, room, t, g));
    d->application = &d->snapshot->applications[spc_application_find(t->conf, g->application.v)];
    d->dialect = sp_dialect_get(dialect);
    d->operation = SP_OP_GENERATE;
    d->use_cases = names_of(&g->use_case, d->mem, &status);
    d->sources = names_of(&g->sources, d->mem, &status);
    d->subject = g->subject.v;
    d->now_s = g->at_s;
    spc_case_body_append(&body, c, dialect);
    d->body = sp_buf_bytes(&body);
    return body.status != SP_OK ? body.status : status;
}

static sp_status run_case(tester *t, const case_file *file, const spc_case *c, sp_mem *mem)
{
    sp_snapshot room;
    cli_differences diff;
    cli_dry d = {.mem = mem, .engine = t->detectors.engine, .scratch = t->detectors.scratch};
    SP_TRY(ask(&d, &room, t, c));
    const sp_status status = cli_dry_decide(&d);
    if (status == SP_ENOMEM) {
        return status;
    }
    cli_case_compare(&diff, c, &d);
    t->n_failed += diff.n > 0;
    if (diff.n > 0) {
        t->is_json ? put_json_failure(&t->out, file, c, &diff) : put_failure(&t->out, file, c, &diff);
    }
    return diff.status;
}

/* ---- files ---- */

static int run_file(tester *t, const case_file *file)
{
    for (size_t i = 0; i < file->cases.n; i++) {
        sp_arena arena;
        sp_arena_init(&arena, CASE_BYTES);
        const sp_status status = run_case(t, file, &file->cases.v[i], &arena.mem);
        sp_arena_fini(&arena);
        if (status != SP_OK) {
            return cli_fail_status(status, file->path);
        }
        t->n_cases++;
    }
    return CLI_OK;
}

static int read_file(case_file *out, const tester *t)
{
    sp_buf text = SP_BUF_IN(t->mem), said = SP_BUF_IN(t->mem);
    spc_problems problems = {.mem = t->mem};
    const int code = cli_read_file(&text, out->path, FILE_BYTES);
    if (code != CLI_OK) {
        return code;
    }
    const spc_source source = {.bytes = sp_buf_bytes(&text), .now_s = t->now_s};
    const sp_status status = spc_cases_read(&out->cases, &problems, t->conf, &source);
    for (size_t i = 0; i < problems.n; i++) {
        spc_problem_append(&said, &problems.v[i], sp_bytes_of(out->path));
    }
    cli_write(stderr, sp_buf_bytes(&said));
    if (status != SP_OK) {
        return cli_fail_status(status, out->path);
    }
    return problems.n_errors == 0 ? CLI_OK : cli_fail("these are no cases", out->path, "nothing was decided");
}

/* All of them before any case is decided: a mistake in the last file shows at once. */
static int read_files(case_file *files, const tester *t)
{
    int code = CLI_OK;
    for (int i = 0; i < t->args->n_words; i++) {
        files[i].path = t->args->words[i];
        const int one = read_file(&files[i], t);
        code = code == CLI_OK ? one : code;
    }
    return code;
}

static int load(tester *t)
{
    const char *path = cli_conf_path(t->args);
    sp_buf text = SP_BUF_IN(t->mem);
    int code = cli_conf(&t->conf, t->args, t->mem, false);
    code = code == CLI_OK ? cli_read_file(&text, path, FILE_BYTES) : code;
    if (code != CLI_OK) {
        return code;
    }
    t->text = sp_buf_bytes(&text);
    const sp_status status = cli_dry_snapshot(&t->snapshot, t->conf, t->now_s, t->mem);
    return status == SP_OK ? CLI_OK : cli_fail_status(status, path);
}

static void put_end(tester *t)
{
    if (t->is_json) {
        sp_buf_append_byte(&t->out, ']');
        cli_json_number(&t->out, "cases", t->n_cases);
        cli_json_number(&t->out, "failed", t->n_failed);
        sp_buf_append_str(&t->out, "}\n");
        return;
    }
    sp_buf_append_u64(&t->out, t->n_cases);
    sp_buf_append_str(&t->out, t->n_cases == 1 ? " case, " : " cases, ");
    sp_buf_append_u64(&t->out, t->n_failed);
    sp_buf_append_str(&t->out, " failed\n");
}

static int run_files(tester *t, const case_file *files)
{
    int code = cli_detectors_new(&t->detectors, t->snapshot.detectors, t->snapshot.n_detectors);
    if (t->is_json) {
        cli_json_open(&t->out, NULL, '{');
        cli_json_open(&t->out, "failures", '[');
    }
    for (int i = 0; i < t->args->n_words && code == CLI_OK; i++) {
        code = run_file(t, &files[i]);
    }
    cli_detectors_free(&t->detectors);
    put_end(t);
    if (code == CLI_OK) {
        code = t->is_json ? cli_flush(stdout, &t->out) : cli_flush_safe(stdout, &t->out);
    }
    return code == CLI_OK && t->n_failed > 0 ? CLI_FAILED : code;
}

static int test(const cli_args *args, sp_mem *mem)
{
    tester t = {.args = args,
                .mem = mem,
                .now_s = spd_wall_s(),
                .is_json = cli_has(args, "json"),
                .out = SP_BUF_IN(mem)};
    case_file *files = sp_alloc(mem, (size_t)args->n_words, sizeof *files);
    if (files == NULL) {
        return cli_fail_status(SP_ENOMEM, NULL);
    }
    int code = load(&t);
    code = code == CLI_OK ? read_files(files, &t) : code;
    return code == CLI_OK ? run_files(&t, files) : code;
}

int cli__policy_test(const cli_args *args)
{
    return cli_with_memory(args, CLI_MEMORY_MAX, test);
}
