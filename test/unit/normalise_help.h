/** @file normalise_help.h  What the tests of the normaliser share: a view that holds a text, and where it
 * says that the text came from. */
#pragma once
#include "parse_help.h"

#include <stdio.h>

#include "sallyport/normalise.h"

/** What is looked for among the views of a text, and what was found of it. */
typedef struct search {
    sp_bytes text, want;
    bool is_found;
    sp_range origin;   /**< of the first that was found */
    sp_range expected; /**< an origin that is preferred, as the same words may stand in the text twice */
    sp_view_kind kind;
    size_t n_views, shown;
    bool is_sound; /**< every view kept the rules that hold for all */
    bool is_quick; /**< do not ask that */
} search;

/** Windows are in order and inside of the view, origins inside of the text, in order where the view is. */
static inline bool view_is_sound(const search *s, const sp_view *view)
{
    size_t end = 0;
    for (size_t i = 0; i < view->n_windows; i++) {
        const sp_range w = view->windows[i];
        if (w.start < end || w.start > w.end || w.end > view->text.n) return false;
        end = w.end;
    }
    const size_t step = view->text.n / 64 + 1;
    for (size_t at = 0; at < view->text.n; at += step) {
        const sp_range o = sp_view_origin(view, at, at + 1);
        if (o.start >= o.end || o.end > s->text.n) return false;
    }
    return sp_view_origin(view, 0, view->text.n).end <= s->text.n;
}

static inline void look_in_window(search *s, const sp_view *view, sp_range window)
{
    const sp_bytes in = sp_bytes_sub(view->text, window.start, window.end);
    const uint8_t *p = in.p, *const end = in.p + in.n;
    while (p != NULL && (size_t)(end - p) >= s->want.n &&
           (p = memmem(p, (size_t)(end - p), s->want.p, s->want.n)) != NULL) {
        const size_t at = (size_t)(p - view->text.p);
        const sp_range origin = sp_view_origin(view, at, at + s->want.n);
        const bool is_expected = origin.start == s->expected.start && origin.end == s->expected.end;
        if (!s->is_found || is_expected) {
            s->origin = origin;
            s->kind = view->kind;
        }
        s->is_found = true;
        if (is_expected) return;
        p++;
    }
}

static inline sp_status look_in_view(void *ctx, const sp_view *view)
{
    search *s = ctx;
    s->n_views++;
    s->is_sound = s->is_quick || (s->is_sound && view_is_sound(s, view));
    for (size_t i = 0; i < view->n_windows; i++) {
        s->shown += view->windows[i].end - view->windows[i].start;
        if (s->want.n > 0) look_in_window(s, view, view->windows[i]);
    }
    return SP_OK;
}

/** Walks through the views of s->text. @param mem  receives what it takes. */
static inline sp_status search_views(search *s, sp_mem *mem)
{
    const sp_view_limits limits = sp_view_limits_of(s->text.n);
    s->is_found = false;
    s->is_sound = true;
    s->n_views = s->shown = 0;
    return sp_views_each(s->text, &limits, mem, look_in_view, s);
}
