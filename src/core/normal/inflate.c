/** What gzip and zlib packed. Twice over: once to learn how much it is, with what has been seen counted
 * against the limits before any of it is kept, and once more into place. */
#include "normal/normal_internal.h"

#define ZLIB_CONST
#include <zlib.h>

enum { CHUNK = 1024, WINDOW_BITS = 15 + 32 /* any window, either header (zlib.h, inflateInit2) */ };

/* zlib never frees in between, and the arena goes as a whole. */
static void *take(void *ctx, unsigned count, unsigned size)
{
    return sp_alloc(ctx, count, size);
}

static void give_back(void *ctx, void *p)
{
    (void)ctx;
    (void)p;
}

/* One inflater for a walk: 40 KiB. NULL: w->status says why. */
static z_stream *inflater(sp_weaver *w)
{
    z_stream *z = w->work->inflater;
    if (z != NULL) return inflateReset(z) == Z_OK ? z : NULL;
    z = sp_alloc(w->work->mem, 1, sizeof *z);
    if (z != NULL) {
        z->zalloc = take;
        z->zfree = give_back;
        z->opaque = w->work->mem;
    }
    if (z == NULL || inflateInit2(z, WINDOW_BITS) != Z_OK) {
        w->status = SP_ENOMEM;
        return NULL;
    }
    w->work->inflater = z;
    return z;
}

/* Inflates into out[n], or, when `out` is NULL, only counts, to `n` at most. @return the bytes; SIZE_MAX when
 * it is no whole stream, n + 1 when there are more. */
static size_t run(z_stream *z, sp_source_fn *next, void *ctx, uint8_t *out, size_t n)
{
    uint8_t in[CHUNK] = {0}, aside[CHUNK] = {0};
    size_t made = 0;
    z->avail_in = 0;
    for (;;) {
        if (z->avail_in == 0) {
            z->next_in = in;
            z->avail_in = (unsigned)next(ctx, in, sizeof in);
        }
        const size_t room = out == NULL || n - made > CHUNK ? CHUNK : n - made;
        z->next_out = out == NULL ? aside : out + made;
        z->avail_out = (unsigned)room;
        const int status = inflate(z, Z_NO_FLUSH);
        made += room - z->avail_out;
        if (made > n) return n + 1;
        if (status == Z_STREAM_END) return made;
        /* Nothing to read, or no room: Z_BUF_ERROR. */
        if (status != Z_OK) return SIZE_MAX;
    }
}

/* A source begins anew when it is asked for no bytes. */
static void rewind_source(sp_source_fn *next, void *ctx)
{
    (void)next(ctx, NULL, 0);
}

void sp_view__inflate(sp_weaver *w, size_t at, sp_source_fn *next, void *ctx, sp_bytes *made)
{
    *made = SP_BYTES_EMPTY;
    z_stream *z = inflater(w);
    if (z == NULL) return;
    sp_workspace *work = w->work;
    rewind_source(next, ctx);
    const size_t n = run(z, next, ctx, NULL, work->inflated_left);
    const size_t seen = n == SIZE_MAX ? (size_t)z->total_out : n;
    if (seen > work->inflated_left) {
        w->status = SP_ERANGE;
        return;
    }
    work->inflated_left -= seen;
    if (n == SIZE_MAX || n == 0) return;
    work->blocks_left += n / SP_MAP_BLOCK + 1;
    uint8_t *room = sp_weave_room(w, at, n);
    z = inflater(w);
    if (room == NULL || z == NULL) return;
    rewind_source(next, ctx);
    if (run(z, next, ctx, room, n) == n && sp_is_text((sp_bytes){room, n})) *made = (sp_bytes){room, n};
}
