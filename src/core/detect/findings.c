/* Lists of findings, and the choice among those that overlap. The rule is leftmost first, longest of one
 * start, per kind: it needs to know only where the last kept one ended, so a stream that sees the text in
 * pieces chooses as a scan of the whole does. */
#include "detect/detect_internal.h"

#include <string.h>

/* Doubles, since an arena does not take storage back. */
static sp_status findings_grow(sp_findings *list)
{
    if (list->n < list->cap) return SP_OK;
    const size_t cap = list->cap == 0 ? 8 : list->cap * 2;
    sp_finding *v = sp_alloc(list->mem, cap, sizeof *v);
    if (v == NULL) return SP_ENOMEM;
    if (list->n > 0) memcpy(v, list->v, list->n * sizeof *v);
    list->v = v;
    list->cap = cap;
    return SP_OK;
}

/* By start; of one start the longer, then the surer first. The rest of the order only makes it total. */
static bool is_before(sp_finding a, sp_finding b)
{
    if (a.start != b.start) return a.start < b.start;
    if (a.end != b.end) return a.end > b.end;
    if (a.confidence != b.confidence) return a.confidence > b.confidence;
    return a.detector < b.detector;
}

sp_status sp_findings__insert(sp_findings *list, sp_finding f)
{
    SP_TRY(findings_grow(list));
    size_t at = list->n;
    while (at > 0 && is_before(f, list->v[at - 1])) at--;
    memmove(&list->v[at + 1], &list->v[at], (list->n - at) * sizeof f);
    list->v[at] = f;
    list->n++;
    return SP_OK;
}

sp_status sp_chooser_offer(sp_chooser *c, sp_findings *out, sp_finding f, uint64_t shift)
{
    const uint64_t start = shift + f.start, end = shift + f.end;
    if (start < c->end[f.kind]) return SP_OK;
    if (end > UINT32_MAX) return SP_ERANGE;
    c->end[f.kind] = end;
    if (c->count[f.kind] >= out->limit) {
        out->is_full = true;
        return SP_OK;
    }
    SP_TRY(findings_grow(out));
    c->count[f.kind]++;
    f.start = (uint32_t)start;
    f.end = (uint32_t)end;
    out->v[out->n++] = f;
    return SP_OK;
}
