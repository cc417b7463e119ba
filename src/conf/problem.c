/* The list of problems and its two forms. Everything that comes from the file is escaped on its way in
 * (spc_quote), so that neither a terminal nor a JSON reader sees control characters of it. */
#include "conf/problem.h"

#include <stdlib.h>
#include <string.h>

enum { QUOTE_MAX = 60 };

/* Room for all at once: memory from an arena does not come back. */
static bool grow(spc_problems *problems)
{
    if (problems->v == NULL) {
        problems->v = sp_alloc(problems->mem, SPC_PROBLEMS_MAX, sizeof *problems->v);
    }
    return problems->v != NULL;
}

/* The caller's texts may be gone by the time of printing, hence copies. */
void spc_problems_add(spc_problems *problems, const spc_problem *problem)
{
    *(problem->severity == SPC_ERROR ? &problems->n_errors : &problems->n_warnings) += 1;
    if (problems->n == SPC_PROBLEMS_MAX) {
        return;
    }
    spc_problem copy = *problem;
    if (!grow(problems) || sp_bytes_copy(&copy.path, problem->path, problems->mem) != SP_OK ||
        sp_bytes_copy(&copy.what, problem->what, problems->mem) != SP_OK ||
        sp_bytes_copy(&copy.help, problem->help, problems->mem) != SP_OK ||
        sp_bytes_copy(&copy.nearest, problem->nearest, problems->mem) != SP_OK) {
        problems->status = SP_ENOMEM;
        return;
    }
    problems->v[problems->n++] = copy;
}

void spc_problems_report(spc_problems *problems, const spc_report *report)
{
    sp_buf what = SP_BUF_IN(problems->mem);
    sp_buf help = SP_BUF_IN(problems->mem);
    sp_buf_append_str(&what, report->before);
    if (report->quoted.p != NULL) {
        spc_quote(&what, report->quoted);
    }
    sp_buf_append_str(&what, report->after);
    if (report->nearest.n > 0) {
        sp_buf_append_str(&help, "did you mean ");
        spc_quote(&help, report->nearest);
        sp_buf_append_byte(&help, '?');
    } else {
        sp_buf_append_str(&help, report->help);
    }
    if (what.status != SP_OK || help.status != SP_OK) {
        problems->status = SP_ENOMEM;
        return;
    }
    const spc_problem problem = {.severity = (uint8_t)report->severity,
                                 .at = report->at,
                                 .path = report->path,
                                 .what = sp_buf_bytes(&what),
                                 .help = sp_buf_bytes(&help),
                                 .nearest = report->nearest};
    spc_problems_add(problems, &problem);
}

static int by_place(const void *a, const void *b)
{
    const spc_problem *x = a;
    const spc_problem *y = b;
    if (x->at.line != y->at.line) {
        return x->at.line < y->at.line ? -1 : 1;
    }
    if (x->at.column != y->at.column) {
        return x->at.column < y->at.column ? -1 : 1;
    }
    if (x->severity != y->severity) {
        return (int)x->severity - (int)y->severity;
    }
    return sp_bytes_cmp(x->what, y->what); /* qsort is not stable: equal places need an order of their own */
}

void spc_problems_sort(spc_problems *problems)
{
    if (problems->n > 1) {
        qsort(problems->v, problems->n, sizeof *problems->v, by_place);
    }
}

static const char *severity_name(uint8_t severity)
{
    return severity == SPC_ERROR ? "error" : "warning";
}

/* The form that editors and compilers' users click on: FILE:LINE:COLUMN. */
void spc_problem_append(sp_buf *out, const spc_problem *problem, sp_bytes file)
{
    sp_buf_append(out, file);
    if (problem->at.line > 0) {
        sp_buf_append_byte(out, ':');
        sp_buf_append_u64(out, problem->at.line);
        sp_buf_append_byte(out, ':');
        sp_buf_append_u64(out, problem->at.column);
    }
    sp_buf_append_str(out, ": ");
    sp_buf_append_str(out, severity_name(problem->severity));
    sp_buf_append_str(out, ": ");
    if (problem->path.n > 0) {
        sp_buf_append(out, problem->path);
        sp_buf_append_str(out, ": ");
    }
    sp_buf_append(out, problem->what);
    sp_buf_append_byte(out, '\n');
    if (problem->help.n > 0) {
        sp_buf_append_str(out, "    ");
        sp_buf_append(out, problem->help);
        sp_buf_append_byte(out, '\n');
    }
}

static void append_member(sp_buf *out, const char *name, sp_bytes value)
{
    sp_buf_append_str(out, ",\"");
    sp_buf_append_str(out, name);
    sp_buf_append_str(out, "\":\"");
    sp_buf_append_json(out, value);
    sp_buf_append_byte(out, '"');
}

static void append_object(sp_buf *out, const spc_problem *problem, sp_bytes file)
{
    sp_buf_append_str(out, "{\"file\":\"");
    sp_buf_append_json(out, file);
    sp_buf_append_str(out, "\",\"line\":");
    sp_buf_append_u64(out, problem->at.line);
    sp_buf_append_str(out, ",\"column\":");
    sp_buf_append_u64(out, problem->at.column);
    append_member(out, "severity", sp_bytes_of(severity_name(problem->severity)));
    append_member(out, "path", problem->path);
    append_member(out, "what", problem->what);
    append_member(out, "help", problem->help);
    append_member(out, "nearest", problem->nearest);
    sp_buf_append_byte(out, '}');
}

void spc_problems_append_json(sp_buf *out, const spc_problems *problems, sp_bytes file)
{
    sp_buf_append_byte(out, '[');
    for (size_t i = 0; i < problems->n; i++) {
        sp_buf_append_str(out, i > 0 ? ",\n " : "");
        append_object(out, &problems->v[i], file);
    }
    sp_buf_append_byte(out, ']');
}

void spc_quote(sp_buf *out, sp_bytes s)
{
    const sp_bytes head = sp_bytes_sub(s, 0, QUOTE_MAX);
    const size_t valid = sp_utf8_valid_prefix(head); /* never half a character */
    sp_buf_append_byte(out, '"');
    sp_buf_append_json(out, sp_bytes_sub(head, 0, valid));
    sp_buf_append_str(out, valid < s.n ? "…\"" : "\"");
}
