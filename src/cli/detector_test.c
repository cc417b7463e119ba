/* `sallyport detector test`: detectors of an organisation, tried before anybody relies on them. Their own
 * examples are run first, then texts. */
#include <string.h>

#include "cli/detector.h"
#include "cli/scan_internal.h"
#include "conf/detectors.h"

enum { FILE_BYTES = 1 << 20, TEST_FINDINGS_MAX = 10000 };

typedef struct trial {
    const char *path; /* of the file of detectors */
    spc_detectors detectors;
    sp_custom *custom;
    sp_mem *mem;
    size_t n_examples, n_wrong, n_found;
} trial;

/* ---- the file ---- */

static int print_problems(const trial *t, const spc_problems *problems)
{
    sp_buf said = SP_BUF_IN(t->mem);
    for (size_t i = 0; i < problems->n; i++) {
        spc_problem_append(&said, &problems->v[i], sp_bytes_of(t->path));
    }
    cli_write(stderr, sp_buf_bytes(&said));
    return problems->n_errors == 0 ? CLI_OK
                                   : cli_fail("these detectors cannot be used", t->path, "nothing was tried");
}

static int compile(trial *t, spc_problems *problems)
{
    size_t bad;
    sp_diag diag = {0};
    const sp_custom_detector *v = spc_detectors_compiled(&t->detectors, t->mem);
    if (v == NULL) {
        return cli_fail_status(SP_ENOMEM, t->path);
    }
    const sp_status status = sp_custom_new(&t->custom, v, t->detectors.n, &bad, &diag);
    if (status == SP_ERANGE) {
        spc_detectors_blame(&t->detectors, problems, bad, diag.text);
        return print_problems(t, problems);
    }
    return status == SP_OK ? CLI_OK : cli_fail_status(status, t->path);
}

static int load(trial *t)
{
    sp_buf text = SP_BUF_IN(t->mem);
    spc_problems problems = {.mem = t->mem};
    int code = cli_read_file(&text, t->path, FILE_BYTES);
    if (code != CLI_OK) {
        return code;
    }
    const sp_status status = spc_detectors_read(&t->detectors, &problems, sp_buf_bytes(&text));
    if (status != SP_OK) {
        return cli_fail_status(status, t->path);
    }
    code = print_problems(t, &problems);
    return code == CLI_OK ? compile(t, &problems) : code;
}

/* ---- examples ---- */

/* An example without the first pair of brackets; `start == end`: it has none. */
typedef struct example {
    sp_buf text;
    size_t start, end;
} example;

static void take_example(example *out, sp_bytes written, sp_mem *mem)
{
    const uint8_t *open = memchr(written.p, '[', written.n);
    const size_t from = open != NULL ? (size_t)(open - written.p) : written.n;
    const uint8_t *close = open != NULL ? memchr(open, ']', written.n - from) : NULL;
    *out = (example){.text = SP_BUF_IN(mem)};
    if (close == NULL) {
        sp_buf_append(&out->text, written);
        return;
    }
    const size_t to = (size_t)(close - written.p);
    sp_buf_append(&out->text, sp_bytes_sub(written, 0, from));
    sp_buf_append(&out->text, sp_bytes_sub(written, from + 1, to));
    sp_buf_append(&out->text, sp_bytes_sub(written, to + 1, written.n));
    out->start = from;
    out->end = to - 1;
}

/* Does detector `row` find exactly [start, end)? `*n` receives how much it finds. */
static int find(trial *t, size_t row, const example *e, bool *is_exact, size_t *n)
{
    sp_findings found = SP_FINDINGS_IN(t->mem, TEST_FINDINGS_MAX);
    const sp_status status = sp_custom_scan(&found, t->custom, sp_buf_bytes(&e->text));
    *is_exact = false;
    *n = 0;
    for (size_t i = 0; i < found.n; i++) {
        const sp_finding *f = &found.v[i];
        *n += f->detector == row;
        *is_exact = *is_exact || (f->detector == row && f->start == e->start && f->end == e->end);
    }
    return status == SP_OK ? CLI_OK : cli_fail_status(status, t->path);
}

static void say_wrong(trial *t, const spc_detector *d, const spc_text *written, const char *what)
{
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

static int try_example(trial *t, size_t row, const spc_text *written, bool is_near_miss)
{
    example e;
    size_t n;
    bool is_exact;
    const spc_detector *d = &t->detectors.v[row];
    take_example(&e, written->v, t->mem);
    const int code = find(t, row, &e, &is_exact, &n);
    t->n_examples++;
    if (code == CLI_OK && !is_near_miss && e.end == e.start) {
        say_wrong(t, d, written, ": no brackets say what is to be found in ");
    } else if (code == CLI_OK && !is_near_miss && !is_exact) {
        say_wrong(t, d, written, n == 0 ? ": does not find " : ": finds something else in ");
    } else if (code == CLI_OK && is_near_miss && n > 0) {
        say_wrong(t, d, written, ": finds something in the near miss ");
    }
    return code;
}

static int try_examples(trial *t)
{
    int code = CLI_OK;
    for (size_t row = 0; row < t->detectors.n && code == CLI_OK; row++) {
        const spc_detector *d = &t->detectors.v[row];
        for (size_t i = 0; i < d->examples.n && code == CLI_OK; i++) {
            code = try_example(t, row, &d->examples.v[i], false);
        }
        for (size_t i = 0; i < d->near_misses.n && code == CLI_OK; i++) {
            code = try_example(t, row, &d->near_misses.v[i], true);
        }
    }
    return code;
}

/* ---- texts ---- */

static void print_found(const trial *t, const sp_finding *f, const scan_place *at, const char *path)
{
    const spc_detector *d = &t->detectors.v[f->detector];
    cli_write_safe(stdout, sp_bytes_of(path), false);
    (void)printf(":%zu:%zu: ", at->line + 1, at->column + 1);
    cli_write_safe(stdout, d->name.v, false);
    (void)printf(" (confidence %u) \"", f->confidence);
    cli_write_safe(stdout, sp_bytes_sub(at->text, f->start, f->end), false);
    (void)printf("\" ");
    cli_write_safe(stdout, d->meaning.v, false);
    (void)printf("\n");
}

static int try_text(trial *t, const char *path)
{
    sp_buf text = SP_BUF_IN(t->mem);
    sp_findings found = SP_FINDINGS_IN(t->mem, TEST_FINDINGS_MAX);
    const int code = cli_read_file(&text, path, CLI_MEMORY_MAX / 8);
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
        print_found(t, &found.v[i], &at, path);
    }
    t->n_found += found.n;
    return CLI_OK;
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
