/* What the normaliser costs, and what it finds.
 *
 *   bench_normalise FILE [ROUNDS]   least time of the hint and of all views over a text, and per kind of view
 *   bench_normalise --find          reads pairs from stdin (u32 little-endian length, bytes: a text; likewise
 * what is looked for, in any case) and answers each with a line: the kind of the first view that holds it and
 * the stretch of the text that it came from, "-" when no view does; "!" when the text is refused */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sallyport/normalise.h"

enum { ARENA_BYTES = 512 << 20, ROUNDS = 200, FILE_MAX = 64 << 20 };

static void must(bool holds, const char *what)
{
    if (holds) return;
    (void)fprintf(stderr, "bench_normalise: %s\n", what);
    exit(EXIT_FAILURE);
}

static double now_ns(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* ---- finding ---- */

typedef struct search {
    sp_bytes want;
    sp_view_kind kind;
    sp_range origin;
} search;

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

/* Where in the window what is looked for stands, in any case; NULL: nowhere. */
static const uint8_t *find_nocase(sp_bytes in, sp_bytes want)
{
    for (size_t at = 0; at + want.n <= in.n; at++) {
        size_t n = 0;
        while (n < want.n && lower(in.p[at + n]) == lower(want.p[n])) n++;
        if (n == want.n) return in.p + at;
    }
    return NULL;
}

static sp_status look(void *ctx, const sp_view *view)
{
    search *s = ctx;
    for (size_t i = 0; i < view->n_windows && s->kind == SP_VIEW_TEXT; i++) {
        const sp_range in = view->windows[i];
        const uint8_t *p = find_nocase(sp_bytes_sub(view->text, in.start, in.end), s->want);
        if (p == NULL) continue;
        const size_t at = (size_t)(p - view->text.p);
        s->kind = view->kind;
        s->origin = sp_view_origin(view, at, at + s->want.n);
    }
    return SP_OK;
}

static bool read_bytes(sp_bytes *out, sp_mem *mem)
{
    uint8_t head[4];
    if (fread(head, 1, sizeof head, stdin) != sizeof head) return false;
    const size_t n = head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16 | (size_t)head[3] << 24;
    must(n <= FILE_MAX, "a text is too long");
    uint8_t *p = sp_alloc_bytes(mem, n + 1);
    must(p != NULL && fread(p, 1, n, stdin) == n, "a text is cut off");
    *out = (sp_bytes){p, n};
    return true;
}

static bool answer(sp_arena *arena)
{
    sp_bytes text;
    search s = {.kind = SP_VIEW_TEXT};
    if (!read_bytes(&text, &arena->mem)) return false;
    must(read_bytes(&s.want, &arena->mem), "a text has nothing to look for");
    const sp_view_limits limits = sp_view_limits_of(text.n);
    const sp_status status = sp_views_each(text, &limits, &arena->mem, look, &s);
    if (status != SP_OK) {
        (void)printf("! %s\n", sp_error_get(status)->name);
    } else if (s.kind == SP_VIEW_TEXT) {
        (void)printf("-\n");
    } else {
        (void)printf("%s %zu %zu\n", sp_view_name(s.kind), s.origin.start, s.origin.end);
    }
    return true;
}

static void answer_all(void)
{
    sp_arena arena;
    for (bool goes_on = true; goes_on;) {
        sp_arena_init(&arena, ARENA_BYTES);
        goes_on = answer(&arena);
        sp_arena_fini(&arena);
    }
}

/* ---- timing ---- */

/* Time between a view and the one before it: what making it took. */
typedef struct tally {
    double last_ns, ns[SP_VIEW_KINDS];
    size_t shown[SP_VIEW_KINDS], n[SP_VIEW_KINDS];
} tally;

static sp_status count(void *ctx, const sp_view *view)
{
    tally *t = ctx;
    const double now = now_ns();
    t->ns[view->kind] += now - t->last_ns;
    t->n[view->kind]++;
    for (size_t i = 0; i < view->n_windows; i++)
        t->shown[view->kind] += view->windows[i].end - view->windows[i].start;
    t->last_ns = now_ns();
    return SP_OK;
}

static sp_bytes read_file(const char *path)
{
    FILE *in = fopen(path, "rb");
    must(in != NULL, "the file cannot be opened");
    uint8_t *p = malloc(FILE_MAX);
    must(p != NULL, "no memory");
    const size_t n = fread(p, 1, FILE_MAX, in);
    (void)fclose(in);
    return (sp_bytes){p, n};
}

static void print_views(const tally *t, size_t n)
{
    for (size_t i = 0; i < SP_VIEW_KINDS; i++) {
        if (t->n[i] == 0) continue;
        (void)printf("  %-9s %3zu views, %9zu bytes shown, %9.1f us, %8.0f MB/s\n",
                     sp_view_name((sp_view_kind)i), t->n[i], t->shown[i], t->ns[i] / 1e3,
                     (double)n * (double)t->n[i] / t->ns[i] * 1e3);
    }
}

static void measure(sp_bytes text, long rounds)
{
    double hint_ns = 1e18, all_ns = 1e18;
    volatile uint32_t hints = 0;
    tally best = {0};
    sp_status status = SP_OK;
    size_t used = 0;
    for (long i = 0; i < rounds; i++) {
        sp_arena arena;
        sp_arena_init(&arena, ARENA_BYTES);
        const sp_view_limits limits = sp_view_limits_of(text.n);
        tally t = {.last_ns = now_ns()};
        hints = sp_normalise_hint(text);
        const double start = now_ns();
        if (start - t.last_ns < hint_ns) hint_ns = start - t.last_ns;
        t.last_ns = start;
        status = sp_views_each(text, &limits, &arena.mem, count, &t);
        const double took = now_ns() - start;
        used = arena.mem.used;
        if (took < all_ns) best = t;
        if (took < all_ns) all_ns = took;
        sp_arena_fini(&arena);
    }
    (void)printf(
        "%zu bytes, hints %#x, status %d, %.2f x memory: hint %.1f us, %.2f GB/s; views %.1f us, %.2f ns/B\n",
        text.n, hints, status, (double)used / (double)text.n, hint_ns / 1e3, (double)text.n / hint_ns,
        all_ns / 1e3, all_ns / (double)text.n);
    print_views(&best, text.n);
}

int main(int argc, char **argv)
{
    must(argc >= 2, "usage: bench_normalise FILE [ROUNDS] | --find");
    if (strcmp(argv[1], "--find") == 0) {
        answer_all();
        return EXIT_SUCCESS;
    }
    const long rounds = argc > 2 ? strtol(argv[2], NULL, 10) : ROUNDS;
    const sp_bytes text = read_file(argv[1]);
    must(text.n > 0, "the file is empty");
    measure(text, rounds < 1 ? 1 : rounds);
    free((void *)(uintptr_t)text.p);
    return EXIT_SUCCESS;
}
