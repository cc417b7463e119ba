/* Lists of findings, and the choice among those that overlap. The rule is leftmost first, longest of one
 * start, per class: it needs to know only where the last kept one ended, so a stream that sees the text in
 * pieces chooses as a scan of the whole does. */
#include "detect/detect_internal.h"

#include <stdlib.h>
#include <string.h>

/* Doubles, since an arena does not take storage back. */
static sp_status findings_reserve(sp_findings *list, size_t n)
{
    if (list->cap - list->n >= n) return SP_OK;
    size_t cap = list->cap == 0 ? 8 : list->cap * 2;
    while (cap - list->n < n) cap *= 2;
    sp_finding *v = sp_alloc(list->mem, cap, sizeof *v);
    if (v == NULL) return SP_ENOMEM;
    if (list->n > 0) memcpy(v, list->v, list->n * sizeof *v);
    list->v = v;
    list->cap = cap;
    return SP_OK;
}

sp_status sp_findings__append(sp_findings *list, sp_finding f)
{
    SP_TRY(findings_reserve(list, 1));
    list->v[list->n++] = f;
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
    SP_TRY(findings_reserve(list, 1));
    size_t at = list->n;
    while (at > 0 && is_before(f, list->v[at - 1])) at--;
    memmove(&list->v[at + 1], &list->v[at], (list->n - at) * sizeof f);
    list->v[at] = f;
    list->n++;
    return SP_OK;
}

/* From the back, where there is room. */
sp_status sp_findings__merge(sp_findings *list, const sp_findings *more)
{
    size_t i = list->n, k = more->n;
    SP_TRY(findings_reserve(list, k));
    for (size_t to = i + k; k > 0; to--) {
        const bool is_more = i == 0 || !is_before(more->v[k - 1], list->v[i - 1]);
        list->v[to - 1] = is_more ? more->v[--k] : list->v[--i];
    }
    list->n += more->n;
    return SP_OK;
}

sp_status sp_chooser_offer(sp_chooser *c, sp_findings *out, sp_finding f, uint64_t shift)
{
    const uint64_t start = shift + f.start, end = shift + f.end;
    const unsigned class = sp_finding_class(&f);
    if (start < c->end[class]) return SP_OK;
    if (end > UINT32_MAX) return SP_ERANGE;
    c->end[class] = end;
    if (c->count[class] >= out->limit) {
        out->is_full = true;
        return SP_OK;
    }
    SP_TRY(findings_reserve(out, 1));
    c->count[class]++;
    f.start = (uint32_t)start;
    f.end = (uint32_t)end;
    out->v[out->n++] = f;
    return SP_OK;
}

/* ---- classes that were cut off ---- */

void sp_cut__begin(sp_cut *cut, const sp_pass *pass, size_t n)
{
    memset(cut, 0, sizeof *cut);
    if (!pass->is_full) return;
    uint32_t count[SP_CLASS_LIMIT] = {0};
    for (size_t i = 0; i < pass->n; i++) count[sp_finding_class(&pass->v[i])]++;
    for (size_t i = 0; i < n; i++) {
        const unsigned class = sp_finding_class(&pass->v[i]);
        if (count[class] >= SP_PASS_MAX) cut->left[class]++;
    }
}

bool sp_cut__is_due(sp_cut *cut, const sp_finding *found, bool counts)
{
    const unsigned class = sp_finding_class(found);
    if (cut->left[class] == 0) return false;
    cut->is_told[class] = cut->is_told[class] || counts;
    return --cut->left[class] == 0 && !cut->is_told[class];
}

sp_finding sp_cut__next(sp_cut *cut, sp_finding found, sp_finding weighed)
{
    return sp_cut__is_due(cut, &found, !sp_finding_is_allowed(&weighed)) ? found : weighed;
}

/* ---- the surest of those that overlap ---- */

/* How something is written says less than what is written there. */
static bool is_manner(const sp_finding *f)
{
    return f->kind == SP_KIND_HIDDEN_TEXT;
}

/* Order of qsort: the surest first; a total order, so that the choice depends on nothing else. */
static int by_rank(const void *a, const void *b)
{
    const sp_finding *x = a;
    const sp_finding *y = b;
    if (is_manner(x) != is_manner(y)) return is_manner(x) ? 1 : -1;
    const uint32_t x_length = x->end - x->start, y_length = y->end - y->start;
    if (x->confidence != y->confidence) return x->confidence > y->confidence ? -1 : 1;
    if (x_length != y_length) return x_length > y_length ? -1 : 1;
    if (x->start != y->start) return x->start < y->start ? -1 : 1;
    return (int)x->detector - (int)y->detector;
}

/* Puts `f` among those that stay, which lie by start and do not overlap. @return false: it overlaps one. */
static bool settle_one(sp_finding *kept, size_t n, sp_finding f)
{
    size_t low = 0, high = n; /* the first that begins at or behind f.start */
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (kept[middle].start < f.start)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < n && kept[low].start < f.end) return false;
    if (low > 0 && kept[low - 1].end > f.start) return false;
    memmove(&kept[low + 1], &kept[low], (n - low) * sizeof f);
    kept[low] = f;
    return true;
}

/* A heap of findings, each of which overlaps one before. Those that stay grow over those that were looked at.
 * @return how many stay, in front. */
static size_t settle_heap(sp_finding *heap, size_t n)
{
    size_t n_kept = 0;
    if (n > 1) qsort(heap, n, sizeof *heap, by_rank);
    for (size_t i = 0; i < n; i++) n_kept += settle_one(heap, n_kept, heap[i]);
    return n_kept;
}

void sp_findings_settle(sp_findings *list)
{
    size_t n_kept = 0, i = 0;
    while (i < list->n) {
        const size_t first = i;
        for (uint32_t end = 0; i < list->n && (i == first || list->v[i].start < end); i++) {
            if (list->v[i].end > end) end = list->v[i].end;
        }
        const size_t n = settle_heap(&list->v[first], i - first);
        memmove(&list->v[n_kept], &list->v[first], n * sizeof *list->v);
        n_kept += n;
    }
    list->n = n_kept;
}
