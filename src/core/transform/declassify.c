/* The work of a declassifier on a body: findings masked, or texts dropped, at their spans. All other bytes
 * stay as they came. */
#include "sallyport/declassify.h"

#include <stdlib.h>

/* What stands at `span` gives way to a name. */
typedef struct cut {
    sp_span span;
    const char *name;
} cut;

typedef struct cuts {
    cut *v;
    size_t n;
} cuts;

/* Names need no escape in JSON, at whatever depth of strings in strings, so the place stays a string. Keys
 * and numbers are no such place, nor what was read in one. A finding across two texts is in neither, and what
 * was read of several texts together leads to the first of them alone. */
static bool can_cut(const sp_request *r, const sp_segment *s, const sp_finding *f)
{
    if (s == NULL || s->joined || f->end > s->text_end) return false;
    while (s->form == SP_FORM_STRING && s->parent != 0) s = &r->segments[s->parent - 1];
    return s->form == SP_FORM_STRING;
}

/* What a further reading shows once more is cut where it stands. Not so what was read over the joint of two
 * texts where the first is dropped whole: the rest of it would stay in the second. */
static bool is_cut_elsewhere(const sp_request *r, const sp_findings *findings, size_t i, sp_does does)
{
    const sp_segment *s = sp_segment_at(r, findings->v[i].start);
    if (s != NULL && s->joined && does == SP_DOES_DROP) return false;
    return sp_finding_is_repeated(r, findings, i, true);
}

static bool span_of(sp_span *out, const sp_request *r, const sp_finding *f, sp_does does)
{
    const sp_segment *s = sp_segment_at(r, f->start);
    if (!can_cut(r, s, f)) return false;
    const bool is_whole = does == SP_DOES_DROP;
    const uint32_t start = is_whole ? 0 : f->start - s->text_start;
    const uint32_t end = is_whole ? s->text_end - s->text_start : f->end - s->text_start;
    return sp_segment_map(out, r, s, start, end) == SP_OK;
}

static int by_start(const void *a, const void *b)
{
    const cut *x = a;
    const cut *y = b;
    if (x->span.start != y->span.start) return x->span.start < y->span.start ? -1 : 1;
    return x->span.end > y->span.end ? -1 : x->span.end < y->span.end; /* the longer one first */
}

/* In order of place; one that begins inside of another one widens that. */
static void settle(cuts *c)
{
    size_t kept = 0;
    if (c->n == 0) return;
    qsort(c->v, c->n, sizeof *c->v, by_start);
    for (size_t i = 1; i < c->n; i++) {
        cut *last = &c->v[kept];
        if (c->v[i].span.start < last->span.end) {
            if (c->v[i].span.end > last->span.end) last->span.end = c->v[i].span.end;
        } else {
            c->v[++kept] = c->v[i];
        }
    }
    c->n = kept + 1;
}

/* The name of a kind, or of a detector of the organisation. */
static const char *name_of(const sp_declassification *what, const sp_finding *f)
{
    const unsigned class = sp_finding_class(f);
    const sp_kind_info *info = class < SP_CLASS_OWN ? sp_kind_get((sp_kind) class) : NULL;
    const bool is_own =
        what->snapshot != NULL && class >= SP_CLASS_OWN && class - SP_CLASS_OWN < what->snapshot->n_detectors;
    if (is_own) return what->snapshot->detectors[class - SP_CLASS_OWN].name;
    return info != NULL ? info->name : "finding";
}

static void put_name(sp_buf *out, const char *name, sp_does does)
{
    sp_buf_append_str(out, does == SP_DOES_DROP ? "[removed: " : "[masked: ");
    sp_buf_append_str(out, name);
    sp_buf_append_byte(out, ']');
}

sp_status sp_declassify(sp_buf *out, const sp_request *r, const sp_findings *findings,
                        const sp_declassification *what)
{
    const sp_does does = (sp_does)what->declassifier->does;
    if (findings->n == 0 || findings->is_full) return SP_ERANGE; /* some are not known: none is taken out */
    cuts c = {sp_alloc(out->mem, findings->n, sizeof *c.v), 0};
    size_t at = 0;
    if (c.v == NULL) return SP_ENOMEM;
    for (size_t i = 0; i < findings->n; i++) {
        const sp_finding *f = &findings->v[i];
        sp_span span;
        if (!sp_declassification_has(what, sp_finding_class(f))) continue;
        if (span_of(&span, r, f, does)) {
            c.v[c.n++] = (cut){span, name_of(what, f)};
        } else if (!is_cut_elsewhere(r, findings, i, does)) {
            return SP_ERANGE;
        }
    }
    if (c.n == 0) return SP_ERANGE;
    settle(&c);
    for (size_t i = 0; i < c.n; i++) {
        sp_buf_append(out, sp_bytes_sub(r->body, at, c.v[i].span.start));
        put_name(out, c.v[i].name, does);
        at = c.v[i].span.end;
    }
    sp_buf_append(out, sp_bytes_sub(r->body, at, r->body.n));
    return out->status;
}
