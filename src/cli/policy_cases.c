/* A decision in the words of `expect`. `because` is a status, or a destination, what passed it over and some
 * of what it lacks: facts, or the kind of use. */
#include "cli/policy_cases.h"

#include <string.h>

#include "cli/table.h"

static const char *status_name(sp_status status)
{
    return status == SP_OK ? "ok" : sp_error_get(status)->name;
}

static void differ(cli_differences *out, const char *what, sp_bytes expected, sp_bytes got)
{
    if (out->n < CLI_DIFFERENCES_MAX) {
        out->v[out->n++] = (cli_difference){what, expected, got};
    }
}

static void compare_text(cli_differences *out, const char *what, const spc_text *expected, sp_bytes got)
{
    if (expected->v.p != NULL && !sp_bytes_eq(expected->v, got)) {
        differ(out, what, expected->v, got.n > 0 ? got : SP_LIT("none"));
    }
}

/* Facts and categories have commas between their names when people read them, blanks when they are compared.
 */
static sp_bytes text_of(cli_differences *out, const sp_buf *text)
{
    out->status = text->status != SP_OK ? text->status : out->status;
    return sp_buf_bytes(text);
}

/* ---- categories ---- */

static bool is_listed(const spc_texts *list, sp_bytes name)
{
    for (size_t i = 0; i < list->n; i++) {
        if (sp_bytes_eq(list->v[i].v, name)) {
            return true;
        }
    }
    return false;
}

static sp_bytes join(cli_differences *out, const spc_texts *list, sp_mem *mem)
{
    sp_buf text = SP_BUF_IN(mem);
    sp_buf_append_str(&text, list->n == 0 ? "-" : "");
    for (size_t i = 0; i < list->n; i++) {
        sp_buf_append_str(&text, i > 0 ? ", " : "");
        sp_buf_append(&text, list->v[i].v);
    }
    return text_of(out, &text);
}

/* What a case expects is the label of the request as it came, whatever was taken out of it then. */
static const sp_label *label_of(const cli_dry *d)
{
    return d->declassifier.n > 0 ? &d->label_before : &d->labelling.label;
}

static sp_bytes integrity_of(const sp_label *label)
{
    return label->integrity == SP_TRUSTED ? SP_LIT("trusted") : SP_LIT("untrusted");
}

static void compare_categories(cli_differences *out, const spc_texts *expected, const cli_dry *d)
{
    const uint64_t got = label_of(d)->categories;
    bool is_same = (size_t)__builtin_popcountll(got) == expected->n;
    for (uint64_t left = got; left != 0; left &= left - 1) {
        is_same = is_same && is_listed(expected, d->snapshot->names.category[__builtin_ctzll(left)]);
    }
    if (!is_same) {
        sp_buf text = SP_BUF_IN(d->mem);
        cli_put_categories(&text, got, &d->snapshot->names);
        differ(out, "categories", join(out, expected, d->mem), text_of(out, &text));
    }
}

/* ---- because ---- */

/* One line: its words with blanks between. */
static void put_candidate(sp_buf *out, const cli_dry *d, const sp_candidate *c)
{
    const bool is_flow = c->reason == SP_REASON_FLOW;
    sp_buf_append(out, d->snapshot->destinations[c->destination].name);
    sp_buf_append_byte(out, ' ');
    sp_buf_append_str(out, is_flow ? sp_label_part_name((sp_label_part)c->part)
                                   : sp_reason_name((sp_reason)c->reason));
    for (sp_facts left = is_flow ? c->missing : 0; left != 0; left &= left - 1) {
        sp_buf_append_byte(out, ' ');
        sp_buf_append(out, d->snapshot->names.fact[__builtin_ctzll(left)]);
    }
    if (c->reason == SP_REASON_PERMIT) {
        sp_buf_append_byte(out, ' ');
        sp_buf_append_str(out, cli_field_name(c->field));
    }
}

static sp_bytes next_word(sp_bytes *rest)
{
    size_t start = 0;
    while (start < rest->n && rest->p[start] == ' ') start++;
    size_t end = start;
    while (end < rest->n && rest->p[end] != ' ') end++;
    const sp_bytes word = sp_bytes_sub(*rest, start, end);
    *rest = sp_bytes_sub(*rest, end, rest->n);
    return word;
}

static bool has_word(sp_bytes line, sp_bytes word)
{
    for (sp_bytes w; (w = next_word(&line)).n > 0;) {
        if (sp_bytes_eq(w, word)) {
            return true;
        }
    }
    return false;
}

/* The first two words in their places, the others anywhere behind them. */
static bool is_reason(sp_bytes expected, sp_bytes got)
{
    for (unsigned i = 0; i < 2; i++) {
        if (!sp_bytes_eq(next_word(&expected), next_word(&got))) {
            return false;
        }
    }
    for (sp_bytes word; (word = next_word(&expected)).n > 0;) {
        if (!has_word(got, word)) {
            return false;
        }
    }
    return true;
}

typedef struct reasons {
    sp_bytes v[1 + SP_CANDIDATES_MAX];
    size_t n;
} reasons;

static void list_reasons(reasons *out, cli_differences *diff, const cli_dry *d)
{
    out->v[0] = sp_bytes_of(status_name(d->decision.status));
    out->n = 1;
    for (size_t i = 0; i < d->decision.n_candidates; i++) {
        sp_buf text = SP_BUF_IN(d->mem);
        put_candidate(&text, d, &d->decision.candidates[i]);
        out->v[out->n++] = text_of(diff, &text);
    }
}

static sp_bytes join_reasons(cli_differences *out, const reasons *r, sp_mem *mem)
{
    sp_buf text = SP_BUF_IN(mem);
    for (size_t i = 0; i < r->n; i++) {
        sp_buf_append_str(&text, i > 0 ? "; " : "");
        sp_buf_append(&text, r->v[i]);
    }
    return text_of(out, &text);
}

static void compare_because(cli_differences *out, const spc_texts *expected, const cli_dry *d)
{
    reasons got;
    list_reasons(&got, out, d);
    for (size_t i = 0; i < expected->n; i++) {
        bool is_there = false;
        for (size_t k = 0; k < got.n; k++) {
            is_there = is_there || is_reason(expected->v[i].v, got.v[k]);
        }
        if (!is_there) {
            differ(out, "because", expected->v[i].v, join_reasons(out, &got, d->mem));
        }
    }
}

void cli_case_compare(cli_differences *out, const spc_case *c, const cli_dry *d)
{
    const spc_expect *e = &c->expect;
    const bool is_sent = d->decision.outcome != SP_DENY;
    const bool is_labelled = d->labelling.n_atoms > 0;
    out->n = 0;
    out->status = SP_OK;
    compare_text(out, "outcome", &e->outcome, sp_bytes_of(sp_outcome_name((sp_outcome)d->decision.outcome)));
    compare_text(out, "destination", &e->destination,
                 is_sent ? d->snapshot->destinations[d->decision.destination].name : SP_BYTES_EMPTY);
    compare_text(out, "status", &e->status, sp_bytes_of(status_name(d->decision.status)));
    compare_text(out, "level", &e->level,
                 is_labelled ? d->snapshot->names.level[label_of(d)->level] : SP_BYTES_EMPTY);
    compare_text(out, "integrity", &e->integrity, is_labelled ? integrity_of(label_of(d)) : SP_BYTES_EMPTY);
    if (e->categories.at.line > 0) {
        compare_categories(out, &e->categories, d);
    }
    compare_because(out, &e->because, d);
}
