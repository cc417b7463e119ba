/* sp_views_each over any bytes: windows and origins lie where they say, what is changed once is not changed
 * again, memory keeps its bound, and a text is walked through or refused, nothing else. */
#include "normal/normal_internal.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_BYTES = 64 << 20, SLACK = 64 << 10, INFLATER = 48 << 10, SAMPLES = 64 };

static void require(bool holds)
{
    if (!holds) abort();
}

/* What a walk saw. */
typedef struct seen {
    sp_bytes text;
    sp_buf characters; /* the text after plain and skeleton */
    size_t decoded;    /* bytes of all decoded views */
    bool is_second;    /* the text is itself what these two made */
} seen;

static void check_windows(const sp_view *view)
{
    size_t end = 0;
    require(view->n_windows > 0);
    for (size_t i = 0; i < view->n_windows; i++) {
        const sp_range w = view->windows[i];
        require(w.start >= end && w.start <= w.end && w.end <= view->text.n);
        end = w.end;
    }
}

/* Origins are inside of the text, and in the order of the view where nothing is turned round. */
static void check_origins(const seen *s, const sp_view *view)
{
    const size_t step = view->text.n / SAMPLES + 1;
    sp_range last = {0, 0};
    bool is_turned = false;
    for (const sp_view *v = view; v != NULL; v = v->from)
        is_turned = is_turned || v->kind == SP_VIEW_REVERSED;
    for (size_t at = 0; at < view->text.n; at += step) {
        const sp_range o = sp_view_origin(view, at, at + 1);
        require(o.start < o.end && o.end <= s->text.n);
        require(is_turned || (o.start >= last.start && o.end >= last.end));
        last = o;
    }
    const sp_range all = sp_view_origin(view, 0, view->text.n);
    require(all.end <= s->text.n && all.start <= all.end);
}

static sp_status look(void *ctx, const sp_view *view)
{
    seen *s = ctx;
    check_windows(view);
    check_origins(s, view);
    const bool is_character = view->kind == SP_VIEW_PLAIN || view->kind == SP_VIEW_SKELETON;
    require(!(s->is_second && is_character && view->depth == 0));
    if (view->kind == SP_VIEW_DECODED) s->decoded += view->text.n;
    if (is_character && view->depth == 0) {
        s->characters.n = 0;
        sp_buf_append(&s->characters, view->text);
    }
    return SP_OK;
}

static void walk(seen *s, sp_mem *mem)
{
    const sp_view_limits limits = sp_view_limits_of(s->text.n);
    const size_t before = mem->used;
    const sp_status status = sp_views_each(s->text, &limits, mem, look, s);
    require(status == SP_OK || status == SP_ERANGE);
    /* What look() keeps for itself is at most twice the text and a buffer's first size. */
    require(mem->used - before <= 6 * s->text.n + SLACK + INFLATER + 4 * s->decoded + 256);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sp_arena arena;
    sp_arena_init(&arena, ARENA_BYTES);
    seen first = {.text = {data, size}, .characters = SP_BUF_IN(&arena.mem)};
    walk(&first, &arena.mem);
    /* Broken bytes may become a character when what stands between them goes. */
    const bool is_utf8 = sp_utf8_valid_prefix(first.text) == size;
    if (is_utf8 && first.characters.n > 0) {
        seen second = {
            .text = sp_buf_bytes(&first.characters), .characters = SP_BUF_IN(&arena.mem), .is_second = true};
        walk(&second, &arena.mem);
    }
    sp_arena_fini(&arena);
    return 0;
}
