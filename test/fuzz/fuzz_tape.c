/* A tape against a scan of the whole: the first byte says how large pieces are, the rest is the text. The
 * findings must be equal, and no byte of a finding may be released before it is reported. */
#include "engine_help.h"

#include <string.h>

enum { LIMIT = 512 };

/* Pieces of 1 to `most` bytes, in an order that the seed gives. */
typedef struct cutter {
    uint32_t seed;
    size_t most;
} cutter;

static size_t next_piece(cutter *c)
{
    c->seed = c->seed * 1664525 + 1013904223;
    return 1 + (c->seed >> 8) % c->most;
}

static void run_tape(sp_bytes text, cutter c, const sp_findings *whole, sp_mem *mem)
{
    sp_tape *tape;
    sp_findings found = SP_FINDINGS_IN(mem, LIMIT);
    uint64_t release = 0, before = 0;
    require(sp_tape_new(&tape, engine, scratch, mem) == SP_OK);
    for (size_t at = 0, end = 0; at < text.n || end == 0; at = end) {
        end = at + next_piece(&c);
        const bool is_last = end >= text.n;
        require(sp_tape_feed(tape, sp_bytes_sub(text, at, end), is_last, &found, &release) == SP_OK);
        require(release >= before && release <= text.n && (!is_last || release == text.n));
        require(found.n <= whole->n && (end > text.n ? text.n : end) - release <= SP_TAPE_HOLD_MAX);
        if (found.n < whole->n) require(whole->v[found.n].start >= release);
        before = release;
    }
    require(found.n == whole->n &&
            (found.n == 0 || memcmp(found.v, whole->v, found.n * sizeof *found.v) == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1) return 0;
    const sp_bytes text = {data + 1, size - 1};
    sp_arena arena;
    sp_arena_init(&arena, 32 << 20);
    sp_findings whole = SP_FINDINGS_IN(&arena.mem, LIMIT);
    require(sp_scan(&whole, engine, scratch, text) == SP_OK);
    run_tape(text, (cutter){data[0], 1 + data[0] % 64}, &whole, &arena.mem);
    run_tape(text, (cutter){data[0], 1 + size}, &whole, &arena.mem);
    sp_arena_fini(&arena);
    return 0;
}
