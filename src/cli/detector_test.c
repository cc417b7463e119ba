/* `sallyport detector test`: detectors of an organisation, tried before anybody relies on them. Their own
 * examples are run first, then texts. */
#include <string.h>

#include "cli/detector.h"
#include "conf/detectors.h"

typedef struct trial {
    const char *path; /* of the file of detectors */
    spc_detectors detectors;
    sp_custom *custom;
    sp_mem *mem;
    size_t n_examples, n_wrong, n_found;
} trial;

/* ---- the file ---- */

int cli__detector_problems(const spc_problems *problems, const char *path)
{
    sp_buf said = SP_BUF_IN(problems->mem);
    for (size_t i = 0; i < problems->n; i++) {
        spc_problem_append(&said, &problems->v[i], sp_bytes_of(path));
    }
    cli_write(stderr, sp_buf_bytes(&said));
    return problems->n_errors == 0 ? CLI_OK
                                   : cli_fail("these detectors cannot be used", path, "nothing was tried");
}

static int load(trial *t)
{
    sp_buf text = SP_BUF_IN(t->mem);
    spc_problems problems = {.mem = t->mem};
    int code = cli_read_file(&text, t->path, CLI__DETECTOR_FILE);
    if (code != CLI_OK) {
        return code;
    }
    const sp_status status = spc_detectors_read(&t->detectors, &problems, sp_buf_bytes(&text), NULL);
    if (status != SP_OK) {
        return cli_fail_status(status, t->path);
    }
    if (problems.n_errors == 0) {
        const sp_status compiled = spc_detectors_compile(&t->custom, &t->detectors, &problems);
        if (compiled != SP_OK) {
            return cli_fail_status(compiled, t->path);
        }
    }
    return cli__detector_problems(&problems, t->path);
}

/* ---- examples ---- */

static void say_wrong(void *context, const spc_detector *d, const spc_text *written, const char *what)
{
    trial *t = context;
    sp_buf said = SP_BUF_IN(t->mem);
    sp_buf_append_str(&said, t->path);
    sp_buf_append_byte(&said, ':');
    sp_buf_append_u64(&said, written->at.line);
    sp_buf_append_byte(&said, ':');
    sp_buf_append_u64(&said, written->at.column);
    sp_buf_append_str(&said, ": ");
    sp_buf_append(&said, d->name.v);
    sp_buf_append_str(&said, what);
    spc_quote(&said, written->v);
    sp_buf_append_byte(&said, '\n');
    cli_write_safe(stdout, sp_buf_bytes(&said), true);
    t->n_wrong++;
}

static int try_examples(trial *t)
{
    spc_trial examples = {&t->detectors, t->custom, say_wrong, t, t->mem, 0};
    const sp_status status = spc_detectors_try(&examples);
    t->n_examples = examples.n;
    return status == SP_OK ? CLI_OK : cli_fail_status(status, t->path);
}

/* ---- texts ---- */

void cli__detector_found(sp_buf *out, const spc_detector *d, const sp_finding *f, const scan_place *at,
                         const char *path)
{
    sp_buf_append_str(out, path);
    sp_buf_append_byte(out, ':');
    sp_buf_append_u64(out, at->line + 1);
    sp_buf_append_byte(out, ':');
    sp_buf_append_u64(out, at->column + 1);
    sp_buf_append_str(out, ": ");
    sp_buf_append(out, d->name.v);
    sp_buf_append_str(out, " (confidence ");
    sp_buf_append_u64(out, f->confidence);
    sp_buf_append_str(out, ") \"");
    sp_buf_append(out, sp_bytes_sub(at->text, f->start, f->end));
    sp_buf_append_str(out, "\" ");
    sp_buf_append(out, d->meaning.v);
    sp_buf_append_byte(out, '\n');
}

static int try_text(trial *t, const char *path)
{
    sp_buf text = SP_BUF_IN(t->mem), said = SP_BUF_IN(t->mem);
    sp_findings found = SP_FINDINGS_IN(t->mem, CLI__DETECTOR_FINDINGS);
    const int code = cli_read_file(&text, path, CLI__DETECTOR_TEXT);
    if (code != CLI_OK) {
        return code;
    }
    const sp_status status = sp_custom_scan(&found, t->custom, sp_buf_bytes(&text));
    if (status != SP_OK) {
        return cli_fail_status(status, path);
    }
    sp_findings_settle(&found);
    scan_place at = {.text = sp_buf_bytes(&text)};
    for (size_t i = 0; i < found.n; i++) {
        cli__scan_advance(&at, found.v[i].start);
        cli__detector_found(&said, &t->detectors.v[found.v[i].detector], &found.v[i], &at, path);
    }
    t->n_found += found.n;
    return cli_flush_safe(stdout, &said);
}

static int try_all(trial *t, const cli_args *args)
{
    int code = load(t);
    if (code != CLI_OK) {
        return code;
    }
    code = try_examples(t);
    for (int i = 1; i < args->n_words && code == CLI_OK; i++) {
        code = try_text(t, args->words[i]);
    }
    if (code != CLI_OK) {
        return code;
    }
    (void)printf("%zu detectors, %zu examples, %zu wrong; %zu found in %d texts\n", t->detectors.n,
                 t->n_examples, t->n_wrong, t->n_found, args->n_words - 1);
    return t->n_wrong == 0 ? CLI_OK : CLI_FAILED;
}

static int test(const cli_args *args, sp_mem *mem)
{
    trial t = {.path = args->words[0], .mem = mem};
    const int code = try_all(&t, args);
    sp_custom_free(t.custom);
    return code;
}

int cli__detector_test(const cli_args *args)
{
    return cli_with_memory(args, CLI_MEMORY_MAX, test);
}
