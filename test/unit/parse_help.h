/** @file parse_help.h  What the tests of src/core/parse and transform share: bytes of literals, an
 * allocator that fails at the nth call, a random source that is the same in every run. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sallyport/dialect.h"
#include "sallyport/splice.h"

/** An arena whose nth allocation (counted from 1) and all later ones fail; 0 never fails. */
typedef struct failing {
    sp_arena arena;
    sp_mem mem; /**< pass &failing.mem */
    size_t calls, fail_at;
} failing;

static inline void *failing_alloc(void *ctx, size_t n)
{
    failing *f = ctx;
    f->calls++;
    if (f->fail_at != 0 && f->calls >= f->fail_at) return NULL;
    return sp_alloc_bytes(&f->arena.mem, n);
}

static inline void failing_init(failing *f, size_t fail_at)
{
    *f = (failing){.fail_at = fail_at};
    sp_arena_init(&f->arena, (size_t)256 << 20);
    f->mem = (sp_mem){.alloc = failing_alloc, .ctx = f, .limit = (size_t)256 << 20};
}

/** xorshift64: no seed from outside, so that a failure comes again. */
static inline uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static inline void assert_bytes(sp_bytes got, sp_bytes want)
{
    assert_int_equal(got.n, want.n);
    if (want.n > 0) assert_memory_equal(got.p, want.p, want.n);
}

/** The bytes as a malloc-sized copy in `mem`, so that ASan sees a read past the end. */
static inline sp_bytes exact(sp_mem *mem, sp_bytes s)
{
    sp_bytes copy;
    assert_int_equal(sp_bytes_copy(&copy, s, mem), SP_OK);
    return copy;
}

/** Runs as one, in `mem`. */
static inline sp_bytes join(const sp_chunks *chunks, sp_mem *mem)
{
    sp_buf out = SP_BUF_IN(mem);
    for (size_t i = 0; i < chunks->n; i++) {
        assert_true(chunks->v[i].n > 0);
        sp_buf_append(&out, chunks->v[i]);
    }
    assert_int_equal(out.status, SP_OK);
    assert_int_equal(out.n, chunks->bytes);
    return sp_buf_bytes(&out);
}

/** Whether the decoded text of some segment is `text`. */
static inline const sp_segment *find_segment(const sp_request *r, const char *text)
{
    for (size_t i = 0; i < r->n_segments; i++) {
        const sp_bytes s = sp_bytes_sub(r->text, r->segments[i].text_start, r->segments[i].text_end);
        if (sp_bytes_eq(s, sp_bytes_of(text))) return &r->segments[i];
    }
    return NULL;
}
