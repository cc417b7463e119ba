/* The reader of event streams: the first byte says how large pieces are, the rest is the stream. Whole and in
 * pieces the same blocks come out; put together they are the input; each byte of data stands where its runs
 * say. */
#include "review/sse.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { EVENT_MAX = 1 << 16, MEMORY = 64 << 20 };

static void require(bool holds)
{
    if (!holds) abort();
}

static void check_runs(const sp_sse_event *event)
{
    for (size_t at = 0; at < event->data.n; at++) {
        if (event->data.p[at] != '\n')
            require(event->raw.p[sp_sse_raw_offset(event, at)] == event->data.p[at]);
    }
}

/* What a client is given, and all bytes. Blocks without data are left out: a cut CR LF makes one. */
typedef struct result {
    sp_buf events, raw;
    sp_status status;
} result;

/* Without its end: a CR LF that is cut leaves its LF to the next block. */
static void note_line(result *r, const sp_sse_event *event, sp_span span)
{
    require(span.start < span.end && span.end <= event->raw.n);
    sp_bytes line = sp_bytes_sub(event->raw, span.start, span.end);
    while (line.n > 0 && (line.p[line.n - 1] == '\n' || line.p[line.n - 1] == '\r')) line.n--;
    sp_write_bytes32(&r->events, line);
}

static void note(result *r, const sp_sse_event *event)
{
    sp_buf_append(&r->raw, event->raw);
    check_runs(event);
    if (!event->has_data) return;
    sp_write_bytes32(&r->events, event->name);
    sp_write_bytes32(&r->events, event->data);
    for (size_t i = 0; i < event->n_others; i++) note_line(r, event, event->others[i]);
}

static void feed(result *r, sp_sse *sse, sp_bytes piece, bool is_last)
{
    r->status = sp_sse_feed(sse, piece);
    bool found = true;
    while (r->status == SP_OK && found) {
        sp_sse_event event;
        r->status = sp_sse_next(sse, is_last, &event, &found);
        if (r->status == SP_OK && found) note(r, &event);
    }
}

static result run(sp_bytes stream, size_t step, sp_mem *mem)
{
    sp_sse sse;
    result r = {.events = SP_BUF_IN(mem), .raw = SP_BUF_IN(mem)};
    sp_sse_init(&sse, mem, EVENT_MAX);
    for (size_t at = 0; r.status == SP_OK && (at < stream.n || at == 0); at += step) {
        feed(&r, &sse, sp_bytes_sub(stream, at, at + step), at + step >= stream.n);
    }
    require(r.status != SP_OK || sp_sse_waiting(&sse) == 0);
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1) return 0;
    const sp_bytes stream = {data + 1, size - 1};
    sp_arena arena;
    sp_arena_init(&arena, MEMORY);
    const result whole = run(stream, stream.n + 1, &arena.mem);
    const result cut = run(stream, 1 + data[0] % 32, &arena.mem);
    require(whole.status == cut.status && (whole.status == SP_OK || whole.status == SP_EUPSIZE));
    if (whole.status == SP_OK) {
        require(sp_bytes_eq(sp_buf_bytes(&whole.events), sp_buf_bytes(&cut.events)));
        require(sp_bytes_eq(sp_buf_bytes(&whole.raw), stream) && sp_bytes_eq(sp_buf_bytes(&cut.raw), stream));
    }
    sp_arena_fini(&arena);
    return 0;
}
