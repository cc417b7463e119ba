/** The walk through the views of a text. Steps in a row: each that changes something is shown, and those that
 * do not stand in the way of the next ones (the chain) are what the next are made of; the others (leaves) are
 * shown and forgotten. The last step decodes; what it made is walked through in the same way, until nothing
 * is left to decode or the limit of depth is reached.
 *
 *  Two buffers suffice: a step reads one and writes the other. What the links of the chain were is not needed
 * any more, only their maps are. */
#include "normal/normal_internal.h"

enum {
    DEPTH_MAX = 8, /* whatever the limits say */
    LINKS_MAX = 4 * (DEPTH_MAX + 1) + 1,
    BLOCKS_MIN = 24 /* a map has one at least; beside them a byte per byte of text */
};

static void reverse(sp_weaver *w);

/* In the order of sp_view_kind. */
static const struct step {
    sp_view_kind kind;
    uint32_t hints;
    void (*run)(sp_weaver *w);
    bool is_leaf;
    bool is_cut; /* only windows are kept */
} steps[] = {
    {SP_VIEW_PLAIN, SP_HINT_WIDE, sp_view__plain, false, false},
    {SP_VIEW_SKELETON, SP_HINT_WIDE, sp_view__skeleton, false, false},
    {SP_VIEW_SPELLED, SP_HINT_SPELLED, sp_view__spell, false, false},
    {SP_VIEW_SQUEEZED, SP_HINT_SPACED | SP_HINT_LINES, sp_view__squeeze, false, false},
    {SP_VIEW_DIGITS, SP_HINT_DIGITS, sp_view__join_digits, true, true},
    {SP_VIEW_LETTERS, SP_HINT_LEET | SP_HINT_ACCENTS, sp_view__letters, true, true},
    {SP_VIEW_ROT13, SP_HINT_ROT13, sp_view__rot13, true, true},
    {SP_VIEW_REVERSED, SP_HINT_REVERSED, reverse, true, false},
    {SP_VIEW_DECODED, SP_HINT_ESCAPES | SP_HINT_PACKED, sp_view__decode, false, true},
};

const char *sp_view_name(sp_view_kind kind)
{
    static const char *const names[SP_VIEW_KINDS] = {"text",   "plain",   "skeleton", "spelled",  "squeezed",
                                                     "digits", "letters", "rot13",    "reversed", "decoded"};
    return (unsigned)kind < SP_VIEW_KINDS ? names[kind] : "?";
}

sp_view_limits sp_view_limits_of(size_t n)
{
    enum { LEAST = 64 << 10 };
    return (sp_view_limits){.depth = 3, .inflated = 2 * n + LEAST, .shown = 8 * n + LEAST};
}

/* A walk under way. */
typedef struct walk {
    sp_workspace work;
    sp_view_fn *fn;
    void *ctx;
    size_t depth, shown_left;
    uint32_t unwanted;
    struct {
        uint8_t *p;
        size_t cap;
    } buffers[2];
    sp_range *windows; /* of the view at hand */
    size_t cap_windows;
    sp_view links[LINKS_MAX]; /* the chain; the first is the text */
    sp_view_map maps[LINKS_MAX], leaf;
    size_t n_links;
} walk;

/* ---- back to front ---- */

/* Characters, not bytes. What is no UTF-8 is turned byte by byte. */
static void reverse(sp_weaver *w)
{
    const sp_bytes s = w->from;
    for (size_t at = 0, n; at < s.n; at += n) {
        (void)sp_char_at(s, at, &n);
        memcpy(w->out + s.n - at - n, s.p + at, n);
    }
    w->n = s.n;
    w->map->is_reversed = true;
    w->map->view_n = w->map->from_n = s.n;
    w->has_changed = true;
}

/* ---- one step ---- */

static sp_view *last_link(walk *k)
{
    return &k->links[k->n_links - 1];
}

/* The buffer that the last link is not in, large enough to hold as much. NULL: no memory. */
static uint8_t *free_buffer(walk *k, size_t *which)
{
    const sp_bytes from = last_link(k)->text;
    *which = k->n_links > 1 && from.p == k->buffers[0].p ? 1 : 0;
    if (k->buffers[*which].cap >= from.n) return k->buffers[*which].p;
    k->buffers[*which].p = sp_alloc_bytes(k->work.mem, from.n);
    k->buffers[*which].cap = from.n;
    return k->buffers[*which].p;
}

/* What lies too deep, or is too much, is not looked at: the text is refused. */
static sp_status show(walk *k, const sp_view *view)
{
    size_t bytes = 0;
    if (view->depth > k->depth) return SP_ERANGE;
    for (size_t i = 0; i < view->n_windows; i++) bytes += view->windows[i].end - view->windows[i].start;
    if (bytes > k->shown_left) return SP_ERANGE;
    k->shown_left -= bytes;
    return k->fn(k->ctx, view);
}

static sp_view view_of(walk *k, const sp_weaver *w, const struct step *step)
{
    const sp_view *from = last_link(k);
    return (sp_view){.text = {w->out, w->n},
                     .from = from,
                     .map = w->map,
                     .windows = w->windows,
                     .n_windows = w->n_windows,
                     .kind = step->kind,
                     .depth = (uint8_t)(from->depth + (step->kind == SP_VIEW_DECODED))};
}

/* Runs a step over the last link; shows what it made; adds it to the chain unless it is a leaf. */
static sp_status take_step(walk *k, const struct step *step, bool *has_changed)
{
    size_t which;
    sp_weaver w = {.work = &k->work,
                   .map = step->is_leaf ? &k->leaf : &k->maps[k->n_links],
                   .from = last_link(k)->text,
                   .out = free_buffer(k, &which),
                   .cap = k->buffers[which].cap,
                   .windows = k->windows,
                   .cap_windows = k->cap_windows,
                   .is_cut = step->is_cut};
    *has_changed = false;
    if (w.out == NULL) return SP_ENOMEM;
    step->run(&w);
    k->buffers[which].p = w.out;
    k->buffers[which].cap = w.cap;
    k->windows = w.windows;
    k->cap_windows = w.cap_windows;
    SP_TRY(w.status);
    if (!w.has_changed) return SP_OK;
    *has_changed = true;
    const sp_range all = {0, w.n};
    sp_view view = view_of(k, &w, step);
    if (step->kind == SP_VIEW_REVERSED) {
        view.windows = &all;
        view.n_windows = 1;
    }
    SP_TRY(show(k, &view));
    if (step->is_leaf) {
        sp_map_reset(w.map, &k->work);
        return SP_OK;
    }
    view.windows = NULL; /* the next view has the list */
    view.n_windows = 0;
    SP_CHECK(k->n_links < LINKS_MAX);
    k->links[k->n_links++] = view;
    return SP_OK;
}

/* All steps over the last link. `*is_decoded`: there is something new to walk through. */
static sp_status take_steps(walk *k, bool *is_decoded)
{
    uint32_t hints = sp_normalise_hint(last_link(k)->text);
    *is_decoded = false;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        bool has_changed = false;
        if ((hints & steps[i].hints) == 0 || last_link(k)->text.n == 0) continue;
        if (steps[i].is_leaf && (k->unwanted >> steps[i].kind & 1) != 0) continue;
        SP_TRY(take_step(k, &steps[i], &has_changed));
        if (has_changed && !steps[i].is_leaf) {
            *is_decoded = steps[i].kind == SP_VIEW_DECODED;
            if (!*is_decoded) hints |= sp_normalise_hint(last_link(k)->text);
        }
    }
    return SP_OK;
}

static sp_status walk_all(walk *k)
{
    bool is_decoded = true;
    while (is_decoded) SP_TRY(take_steps(k, &is_decoded));
    return SP_OK;
}

sp_status sp_views_each(sp_bytes text, const sp_view_limits *limits, sp_mem *mem, sp_view_fn *fn, void *ctx)
{
    if (text.n > INT32_MAX) return SP_ERANGE;
    if (text.n == 0) return SP_OK;
    walk *k = sp_alloc(mem, 1, sizeof *k);
    if (k == NULL) return SP_ENOMEM;
    k->work = (sp_workspace){
        .mem = mem, .blocks_left = text.n / SP_MAP_BLOCK + BLOCKS_MIN, .inflated_left = limits->inflated};
    k->fn = fn;
    k->ctx = ctx;
    k->depth = limits->depth < DEPTH_MAX ? limits->depth : DEPTH_MAX;
    k->shown_left = limits->shown;
    k->unwanted = limits->unwanted;
    k->links[0] = (sp_view){.text = text, .kind = SP_VIEW_TEXT};
    k->n_links = 1;
    return walk_all(k);
}
