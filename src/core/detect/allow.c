/* What an organisation allows: values and patterns that a detector finds and that are known to be harmless
 * there. A rule speaks of what was found, whole, and of its kind: so it is asked when a finding is certain,
 * its answer depends on nothing else, and what another detector says of the same bytes stays. What is allowed
 * does not vanish: it is a finding of the rule, which brings no label and is recorded. */
#include "detect/custom_internal.h"

#include <stdlib.h>
#include <string.h>

/* ---- building ---- */

static int by_value(const void *a, const void *b)
{
    const sp_allowed *x = a;
    const sp_allowed *y = b;
    if (x->class != y->class) return x->class < y->class ? -1 : 1;
    if (x->value.n != y->value.n) return x->value.n < y->value.n ? -1 : 1;
    return memcmp(x->value.p, y->value.p, x->value.n);
}

/* The same, and of one value that several rules allow the first rule before the others. */
static int by_value_and_row(const void *a, const void *b)
{
    const int order = by_value(a, b);
    const uint16_t x = ((const sp_allowed *)a)->row, y = ((const sp_allowed *)b)->row;
    return order != 0 ? order : (x > y) - (x < y);
}

/* Each value once, so that the same rule is told of it whatever other rules there are. */
static void sort_values(sp_custom *c)
{
    size_t n = 0;
    qsort(c->allowed, c->n_allowed, sizeof *c->allowed, by_value_and_row);
    for (size_t i = 0; i < c->n_allowed; i++) {
        if (n == 0 || by_value(&c->allowed[n - 1], &c->allowed[i]) != 0) c->allowed[n++] = c->allowed[i];
    }
    c->n_allowed = n;
}

static void take_values(sp_custom *c, size_t row)
{
    const sp_custom_detector *d = &c->v[row];
    for (size_t i = 0; i < d->n_terms; i++)
        c->allowed[c->n_allowed++] = (sp_allowed){d->allows, (uint16_t)row, sp_bytes_of(d->terms[i])};
}

/* The pattern, for a whole text. */
static const char *whole_of(const char *pattern, sp_mem *mem)
{
    sp_buf out = SP_BUF_IN(mem);
    sp_buf_append_str(&out, "\\A(?:");
    sp_buf_append_str(&out, pattern);
    sp_buf_append_str(&out, ")\\z");
    sp_buf_append_byte(&out, '\0');
    return out.status == SP_OK ? (const char *)out.p : NULL;
}

static sp_status take_pattern(sp_custom *c, sp_expressions *e, size_t row)
{
    if (c->v[row].pattern == NULL) return SP_OK;
    const char *whole = whole_of(c->v[row].pattern, &c->arena.mem);
    if (whole == NULL) return SP_ENOMEM;
    sp_expressions_put(e, whole, HS_FLAG_SINGLEMATCH, row);
    return SP_OK;
}

sp_status sp_custom__allow(sp_custom *c, sp_expressions *patterns)
{
    size_t n_values = 0;
    for (size_t i = 0; i < c->n; i++) n_values += c->v[i].allows != SP_KIND_NONE ? c->v[i].n_terms : 0;
    c->allowed = sp_alloc(&c->arena.mem, n_values + 1, sizeof *c->allowed);
    if (c->allowed == NULL) return SP_ENOMEM;
    for (size_t i = 0; i < c->n; i++) {
        const unsigned class = c->v[i].allows;
        if (class == SP_KIND_NONE) continue;
        c->allows[class / 64] |= UINT64_C(1) << (class % 64);
        take_values(c, i);
        SP_TRY(take_pattern(c, patterns, i));
    }
    sort_values(c);
    return SP_OK;
}

/* ---- asking ---- */

/* The first rule whose pattern is the whole value. */
typedef struct asked {
    const sp_custom *custom;
    unsigned class;
    size_t row;
} asked;

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *ctx)
{
    (void)from, (void)to, (void)flags;
    asked *a = ctx;
    if (id < a->row && a->custom->v[id].allows == a->class) a->row = id;
    return 0;
}

size_t sp_custom__allowed_by(const sp_custom *c, sp_custom_work *work, unsigned class, sp_bytes value)
{
    if (class >= SP_CLASS_LIMIT || (c->allows[class / 64] >> (class % 64) & 1) == 0) return c->n;
    if (value.n == 0 || value.n > SP_CUSTOM_WIDTH_MAX) return c->n;
    const sp_allowed key = {(uint16_t) class, 0, value};
    const sp_allowed *known = bsearch(&key, c->allowed, c->n_allowed, sizeof key, by_value);
    if (known != NULL) return known->row;
    asked a = {c, class, c->n};
    if (c->whole == NULL || sp_custom__fit(work, c) != SP_OK) return c->n;
    const hs_error_t rc =
        hs_scan(c->whole, (const char *)value.p, (unsigned)value.n, 0, work->hs, on_match, &a);
    return rc == HS_SUCCESS ? a.row : c->n; /* what cannot be asked is not allowed */
}

bool sp_custom_allows(sp_custom *custom, unsigned class, sp_bytes value)
{
    return sp_custom__allowed_by(custom, &custom->own, class, value) < custom->n;
}
