/* Masking: a finding that policy lets a client know of, but not read, is replaced by a text that names its
 * kind. Masks are spans of a text; where they overlap, one text stands for all, and it is the first one's.
 * The text says nothing of the length, needs no escape in JSON, and no detector has a bracket inside of a
 * match, so what stands around it cannot become a finding with it. */
#include "review/review_internal.h"

#include <string.h>

static sp_mask *masks_at(const sp_masks *masks)
{
    return (sp_mask *)(void *)masks->list.p;
}

static size_t n_masks(const sp_masks *masks)
{
    return masks->list.n / sizeof(sp_mask);
}

/* As none is inside of another, their ends are in order like their starts: of those that start at or before
 * the new one, the last reaches farthest. */
sp_status sp_review__mask(sp_masks *masks, sp_mask mask, uint64_t fixed)
{
    sp_mask *v = masks_at(masks);
    size_t n = n_masks(masks), at = n;
    while (at > 0 && v[at - 1].start > mask.start) at--;
    if (at > 0 && v[at - 1].end >= mask.end) {
        const bool is_same = v[at - 1].start == mask.start && v[at - 1].end == mask.end;
        if (is_same && mask.class < v[at - 1].class) v[at - 1] = mask;
        return SP_OK;
    }
    if (mask.start < fixed) return SP_ELEAK;
    size_t first = at, last = at; /* [first, last) lie inside of the new one */
    while (first > masks->next && v[first - 1].start == mask.start) first--;
    while (last < n && v[last].end <= mask.end) last++;
    if (first == last) {
        sp_buf_append(&masks->list, (sp_bytes){(const uint8_t *)&mask, sizeof mask});
        if (masks->list.status != SP_OK) return masks->list.status;
        v = masks_at(masks);
        memmove(v + at + 1, v + at, (n - at) * sizeof *v);
        last++;
        n++;
    }
    v[first] = mask;
    memmove(v + first + 1, v + last, (n - last) * sizeof *v);
    masks->list.n -= (last - first - 1) * sizeof *v;
    return SP_OK;
}

bool sp_review__has_masks(const sp_masks *masks, uint64_t from)
{
    return masks->next < n_masks(masks) || masks->to > from;
}

/* ---- writing ---- */

static sp_status append_between(sp_buf *out, const sp_piece *piece, uint64_t from, uint64_t to)
{
    size_t start = (size_t)(from - piece->start), end = (size_t)(to - piece->start);
    if (!piece->is_plain) {
        SP_TRY(sp_json_raw_offset(&start, piece->raw, start, false));
        SP_TRY(sp_json_raw_offset(&end, piece->raw, end, false));
    }
    sp_buf_append(out, sp_bytes_sub(piece->raw, start, end));
    return out->status;
}

static void append_mask(sp_buf *out, const char *name)
{
    sp_buf_append_str(out, "[masked: ");
    sp_buf_append_str(out, name);
    sp_buf_append_byte(out, ']');
}

/* Masks that begin inside of what the last one stands for go with it. */
static void widen(sp_masks *masks)
{
    const sp_mask *v = masks_at(masks);
    for (; masks->next < n_masks(masks) && v[masks->next].start < masks->to; masks->next++) {
        if (v[masks->next].end > masks->to) masks->to = v[masks->next].end;
    }
}

sp_status sp_review__render(sp_buf *out, sp_masks *masks, sp_piece piece, uint64_t from, uint64_t to)
{
    while (from < to) {
        widen(masks);
        if (masks->to > from) {
            from = masks->to < to ? masks->to : to;
            continue;
        }
        const sp_mask *next = masks->next < n_masks(masks) ? masks_at(masks) + masks->next : NULL;
        const uint64_t stop = next != NULL && next->start < to ? next->start : to;
        SP_TRY(append_between(out, &piece, from, stop));
        from = stop;
        if (next == NULL || stop == to) continue;
        append_mask(out, next->name);
        masks->to = next->end;
        masks->next++;
        masks->n_written++;
    }
    return out->status;
}

/* ---- JSON stays JSON ---- */

enum { NESTED_MAX = 8, POOL_USUAL = 8, POOL_MOST = 128, POOL_LEAST = 4096 };

static sp_status same(sp_pool *pool, const sp_node *a, const sp_node *b, unsigned depth);

static bool may_hold_json(sp_bytes text)
{
    size_t at = 0;
    while (at < text.n && (text.p[at] == ' ' || (text.p[at] >= '\t' && text.p[at] <= '\r'))) at++;
    return at < text.n && (text.p[at] == '{' || text.p[at] == '[');
}

/* A string that held JSON has to hold it still. */
static sp_status same_string(sp_pool *pool, sp_bytes a, sp_bytes b, unsigned depth)
{
    sp_json before, after;
    if (!may_hold_json(a)) return SP_OK;
    if (depth == 0) return SP_ELEAK;
    const sp_status status = sp_json_parse(&before, a, &pool->mem, NULL);
    if (status != SP_OK) return status == SP_ENOMEM ? status : SP_OK;
    SP_TRY(sp_json_parse(&after, b, &pool->mem, NULL));
    return same(pool, before.root, after.root, depth - 1);
}

static sp_status same_members(sp_pool *pool, const sp_node *a, const sp_node *b, unsigned depth)
{
    sp_each x = sp_each_of(a), y = sp_each_of(b);
    while (sp_each_step(&x)) {
        if (!sp_each_step(&y) || !sp_bytes_eq(sp_json_bytes(x.key), sp_json_bytes(y.key))) return SP_ELEAK;
        SP_TRY(same(pool, x.value, y.value, depth));
    }
    return sp_each_step(&y) ? SP_ELEAK : SP_OK;
}

/* Recursion is bounded by SP_DEPTH_MAX per document, and by NESTED_MAX documents. */
static sp_status same(sp_pool *pool, const sp_node *a, const sp_node *b, unsigned depth)
{
    const sp_json_type type = sp_json_type_of(a);
    if (type != sp_json_type_of(b)) return SP_ELEAK;
    if (type == SP_JSON_STRING) return same_string(pool, sp_json_bytes(a), sp_json_bytes(b), depth);
    if (type == SP_JSON_NUMBER) return sp_bytes_eq(sp_json_bytes(a), sp_json_bytes(b)) ? SP_OK : SP_ELEAK;
    return type >= SP_JSON_ARRAY ? same_members(pool, a, b, depth) : SP_OK;
}

static sp_status compare(sp_pool *pool, sp_bytes before, sp_bytes after)
{
    sp_json a, b;
    sp_pool_reset(pool);
    SP_TRY(sp_json_parse(&a, before, &pool->mem, NULL));
    SP_TRY(sp_json_parse(&b, after, &pool->mem, NULL));
    return same(pool, a.root, b.root, NESTED_MAX);
}

/* What does not parse, or parses otherwise than before, may not leave. The pool grows like that of events. */
sp_status sp_review__same_shape(sp_review *review, sp_bytes before, sp_bytes after)
{
    const size_t n = before.n + after.n;
    size_t size = review->shapes.size;
    for (;;) {
        const sp_status status = size > 0 ? compare(&review->shapes, before, after) : SP_ENOMEM;
        if (status == SP_OK || status == SP_EINTERNAL) return status;
        if (status != SP_ENOMEM) return SP_ELEAK;
        if (size > n * POOL_MOST + POOL_LEAST) return SP_ENOMEM;
        size = size > 0 ? size * 2 : n * POOL_USUAL + POOL_LEAST;
        void *p = sp_alloc_bytes(review->mem, size);
        if (p == NULL) return SP_ENOMEM;
        sp_pool_init(&review->shapes, p, size);
    }
}

/* ---- strings that are complete ---- */

static sp_status render_all(sp_buf *out, sp_masks *masks, sp_piece piece, size_t n)
{
    out->n = 0;
    masks->next = 0;
    masks->to = 0;
    masks->n_written = 0;
    return sp_review__render(out, masks, piece, 0, n);
}

/* Arguments are read again as they will leave: what is still found in there was not to be replaced. */
static sp_status check_arguments(sp_review *review, sp_bytes text)
{
    const sp_place place = {"arguments", {0}};
    SP_TRY(render_all(&review->after, &review->masks, (sp_piece){text, 0, true}, text.n));
    SP_TRY(sp_review__same_shape(review, text, sp_buf_bytes(&review->after)));
    return sp_review__scan_levels(review, sp_buf_bytes(&review->after), place, &(sp_sink){0});
}

sp_status sp_review__mask_whole(sp_review *review, sp_bytes raw, sp_bytes text, bool is_json, sp_bytes *out)
{
    *out = raw;
    if (n_masks(&review->masks) == 0) return SP_OK;
    if (is_json) SP_TRY(check_arguments(review, text));
    SP_TRY(render_all(&review->rendered, &review->masks, (sp_piece){raw, 0, false}, text.n));
    review->summary.n_masked += review->masks.n_written;
    *out = sp_buf_bytes(&review->rendered);
    return SP_OK;
}
