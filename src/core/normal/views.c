/** The walk through the views of a text: of the stretches that the hint asks about, one after the other,
 * since most of a text is not disguised. Steps in a row: each that changes something is shown, and those that
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
    BLOCKS_MIN = 24, /* a map has one at least; beside them a byte per byte of text */
    STRIDE = 448, /* bytes that are asked about at a time, with OVERLAP before them: what two of them share */
    OVERLAP = 64,
    MARGIN = 128 /* bytes around that belong to them, and as many again up to white space: the words that name
                    a value stand no further off */
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

/* Where views are worth making; all of a text lie in order, apart. */
typedef struct stretch {
    sp_range at;
    uint32_t hints;
} stretch;

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
    struct {
        stretch *v;
        size_t n, cap;
    } stretches;
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

/* All steps over the last link that the hints ask for. `*is_decoded`: there is something new to walk through.
 */
static sp_status take_steps(walk *k, uint32_t hints, bool *is_decoded)
{
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

static sp_status walk_all(walk *k, uint32_t hints)
{
    bool is_decoded = true;
    while (is_decoded) {
        SP_TRY(take_steps(k, hints, &is_decoded));
        if (is_decoded) hints = sp_normalise_hint(last_link(k)->text);
    }
    return SP_OK;
}

/* ---- stretches ---- */

static bool is_white(uint8_t c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* Never inside of a character, and between words where there are any. */
static size_t begin_before(sp_bytes s, size_t at)
{
    if (at <= 2 * (size_t)MARGIN) return 0;
    size_t start = at - MARGIN;
    while (start > at - 2 * (size_t)MARGIN && !is_white(s.p[start - 1])) start--;
    while (start > 0 && (s.p[start] & 0xc0) == 0x80) start--;
    return start;
}

static size_t end_behind(sp_bytes s, size_t at)
{
    if (s.n - at <= 2 * (size_t)MARGIN) return s.n;
    size_t end = at + MARGIN;
    while (end < at + 2 * (size_t)MARGIN && !is_white(s.p[end])) end++;
    while (end < s.n && (s.p[end] & 0xc0) == 0x80) end++;
    return end;
}

static sp_status add_stretch(walk *k, stretch one)
{
    stretch *last = k->stretches.n > 0 ? &k->stretches.v[k->stretches.n - 1] : NULL;
    if (last != NULL && one.at.start <= last->at.end) {
        last->at.end = one.at.end;
        last->hints |= one.hints;
        return SP_OK;
    }
    if (k->stretches.n == k->stretches.cap) {
        const size_t cap = k->stretches.cap > 0 ? 2 * k->stretches.cap : 8;
        stretch *v = sp_alloc(k->work.mem, cap, sizeof *v);
        if (v == NULL) return SP_ENOMEM;
        if (k->stretches.n > 0) memcpy(v, k->stretches.v, k->stretches.n * sizeof *v);
        k->stretches.v = v;
        k->stretches.cap = cap;
    }
    k->stretches.v[k->stretches.n++] = one;
    return SP_OK;
}

/* Hints that a view which is wanted waits for. */
static uint32_t wanted_hints(uint32_t unwanted)
{
    uint32_t hints = 0;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if (!steps[i].is_leaf || (unwanted >> steps[i].kind & 1) == 0) hints |= steps[i].hints;
    }
    return hints;
}

/* The end of what is asked about from `at` on; what is left over at the end of the text is asked with it. */
static size_t stride_end(sp_bytes text, size_t at)
{
    return text.n - at > 2 * (size_t)STRIDE ? at + STRIDE : text.n;
}

static sp_status find_stretches(walk *k, sp_bytes text)
{
    const uint32_t wanted = wanted_hints(k->unwanted);
    for (size_t at = 0, end; at < text.n; at = end) {
        end = stride_end(text, at);
        const size_t start = at > OVERLAP ? at - OVERLAP : 0;
        const uint32_t hints = sp_normalise_hint(sp_bytes_sub(text, start, end)) & wanted;
        if (hints == 0) continue;
        SP_TRY(add_stretch(k, (stretch){{begin_before(text, start), end_behind(text, end)}, hints}));
    }
    return SP_OK;
}

/* ---- the walk ---- */

/* Buffers as large as the longest stretch: an arena takes nothing back. */
static sp_status reserve(walk *k)
{
    size_t longest = 0;
    for (size_t i = 0; i < k->stretches.n; i++) {
        const size_t n = k->stretches.v[i].at.end - k->stretches.v[i].at.start;
        if (n > longest) longest = n;
    }
    for (size_t i = 0; i < 2; i++) {
        k->buffers[i].p = sp_alloc_bytes(k->work.mem, longest);
        if (k->buffers[i].p == NULL) return SP_ENOMEM;
        k->buffers[i].cap = longest;
    }
    return SP_OK;
}

static sp_status walk_stretch(walk *k, sp_bytes text, const stretch *s)
{
    k->links[0] = (sp_view){
        .text = sp_bytes_sub(text, s->at.start, s->at.end), .base = s->at.start, .kind = SP_VIEW_TEXT};
    k->n_links = 1;
    SP_TRY(walk_all(k, s->hints));
    for (size_t i = 0; i < k->n_links; i++) sp_map_reset(&k->maps[i], &k->work);
    return SP_OK;
}

sp_status sp_views_each(sp_bytes text, const sp_view_limits *limits, sp_mem *mem, sp_view_fn *fn, void *ctx)
{
    if (text.n > INT32_MAX) return SP_ERANGE;
    walk *k = sp_alloc(mem, 1, sizeof *k);
    if (k == NULL) return SP_ENOMEM;
    k->work = (sp_workspace){
        .mem = mem, .blocks_left = text.n / SP_MAP_BLOCK + BLOCKS_MIN, .inflated_left = limits->inflated};
    k->fn = fn;
    k->ctx = ctx;
    k->depth = limits->depth < DEPTH_MAX ? limits->depth : DEPTH_MAX;
    k->shown_left = limits->shown;
    k->unwanted = limits->unwanted;
    SP_TRY(find_stretches(k, text));
    if (k->stretches.n == 0) return SP_OK;
    SP_TRY(reserve(k));
    for (size_t i = 0; i < k->stretches.n; i++) SP_TRY(walk_stretch(k, text, &k->stretches.v[i]));
    return SP_OK;
}
