/* Examples of detectors: tried whenever the detectors are read, so that one which does not do what its own
 * examples say finds nothing that anybody would rely on. */
#include "conf/detectors.h"

#include <string.h>

enum { FINDINGS_MAX = 10000 };

/* An example without the first pair of brackets; `start == end`: it has none. */
typedef struct example {
    sp_buf text;
    size_t start, end;
} example;

static void take_example(example *out, sp_bytes written, sp_mem *mem)
{
    const uint8_t *open = written.n > 0 ? memchr(written.p, '[', written.n) : NULL;
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
static sp_status find(const spc_trial *t, size_t row, const example *e, bool *is_exact, size_t *n)
{
    sp_findings found = SP_FINDINGS_IN(t->mem, FINDINGS_MAX);
    SP_TRY(e->text.status);
    SP_TRY(sp_custom_scan(&found, t->custom, sp_buf_bytes(&e->text)));
    *is_exact = false;
    *n = 0;
    for (size_t i = 0; i < found.n; i++) {
        const sp_finding *f = &found.v[i];
        *n += f->detector == row;
        *is_exact = *is_exact || (f->detector == row && f->start == e->start && f->end == e->end);
    }
    return SP_OK;
}

static sp_status try_example(spc_trial *t, size_t row, const spc_text *written, bool is_near_miss)
{
    example e;
    size_t n;
    bool is_exact;
    const spc_detector *d = &t->detectors->v[row];
    take_example(&e, written->v, t->mem);
    SP_TRY(find(t, row, &e, &is_exact, &n));
    t->n++;
    if (!is_near_miss && e.end == e.start) {
        t->wrong(t->context, d, written, ": no brackets say what is to be found in ");
    } else if (!is_near_miss && !is_exact) {
        t->wrong(t->context, d, written, n == 0 ? ": does not find " : ": finds something else in ");
    } else if (is_near_miss && n > 0) {
        t->wrong(t->context, d, written, ": finds something in the near miss ");
    }
    return SP_OK;
}

sp_status spc_detectors_try(spc_trial *t)
{
    for (size_t row = 0; row < t->detectors->n; row++) {
        const spc_detector *d = &t->detectors->v[row];
        for (size_t i = 0; i < d->examples.n; i++) {
            SP_TRY(try_example(t, row, &d->examples.v[i], false));
        }
        for (size_t i = 0; i < d->near_misses.n; i++) {
            SP_TRY(try_example(t, row, &d->near_misses.v[i], true));
        }
    }
    return SP_OK;
}

/* ---- as problems ---- */

sp_status spc_detectors_compile(sp_custom **out, const spc_detectors *detectors, spc_problems *problems)
{
    size_t bad;
    sp_diag diag = {0};
    *out = NULL;
    if (detectors->n == 0) {
        return SP_OK;
    }
    const sp_custom_detector *v = spc_detectors_compiled(detectors, problems->mem);
    if (v == NULL) {
        return SP_ENOMEM;
    }
    const sp_status status = sp_custom_new(out, v, detectors->n, &bad, &diag);
    if (status != SP_ERANGE) {
        return status;
    }
    sp_bytes said; /* the problem outlives the words */
    SP_TRY(
        sp_bytes_copy(&said, (sp_bytes){(const uint8_t *)diag.text, strlen(diag.text) + 1}, problems->mem));
    spc_detectors_blame(detectors, problems, bad, (const char *)said.p);
    return problems->status;
}

static void report(void *context, const spc_detector *detector, const spc_text *written, const char *what)
{
    spc_problems *problems = context;
    sp_buf path = SP_BUF_IN(problems->mem);
    sp_buf_append_str(&path, "detectors.");
    sp_buf_append(&path, detector->name.v);
    sp_buf_append_str(&path, what);
    path.n -= path.n > 0; /* the blank before what is quoted is the report's */
    spc_problems_report(problems, &(spc_report){.at = written->at,
                                                .path = sp_buf_bytes(&path),
                                                .quoted = written->v,
                                                .help = "try it: sallyport detector test FILE.yaml"});
}

sp_status spc_detectors_check(const spc_detectors *detectors, spc_problems *problems)
{
    spc_trial trial = {.detectors = detectors, .wrong = report, .context = problems, .mem = problems->mem};
    SP_TRY(spc_detectors_compile(&trial.custom, detectors, problems));
    const sp_status status = trial.custom != NULL ? spc_detectors_try(&trial) : SP_OK;
    sp_custom_free(trial.custom);
    return status != SP_OK ? status : problems->status;
}
