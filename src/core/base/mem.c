/** Memory with a hard limit, and the arena over malloc. The only file of the core that calls malloc. */
#include "sallyport/base.h"

#include <stdlib.h>
#include <string.h>

void *sp_alloc_bytes(sp_mem *mem, size_t n)
{
    size_t used;
    if (n == 0 || !sp_size_add(&used, mem->used, n) || used > mem->limit) return NULL;
    void *p = mem->alloc(mem->ctx, n);
    if (p) mem->used = used;
    return p;
}

void *sp_alloc(sp_mem *mem, size_t count, size_t size)
{
    size_t n;
    if (!sp_size_mul(&n, count, size)) return NULL;
    void *p = sp_alloc_bytes(mem, n);
    if (p) memset(p, 0, n);
    return p;
}

sp_status sp_bytes_copy(sp_bytes *out, sp_bytes s, sp_mem *mem)
{
    *out = SP_BYTES_EMPTY;
    if (s.n == 0) return SP_OK;
    uint8_t *p = sp_alloc_bytes(mem, s.n);
    if (!p) return SP_ENOMEM;
    memcpy(p, s.p, s.n);
    *out = (sp_bytes){p, s.n};
    return SP_OK;
}

/* ---- arena: each block has room for half of what was taken before; under ASan a block per object ---- */

typedef struct sp_arena_block {
    struct sp_arena_block *next;
    size_t n, cap;
    _Alignas(max_align_t) uint8_t data[];
} sp_arena_block;

enum {
    BLOCK_FIRST = 4096 - sizeof(sp_arena_block) - 16,
    BLOCK_LAST = 256 << 10,
    ALIGN = _Alignof(max_align_t)
};

#if defined(__SANITIZE_ADDRESS__)
#define OBJECT_PER_BLOCK 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define OBJECT_PER_BLOCK 1
#endif
#endif
#ifndef OBJECT_PER_BLOCK
#define OBJECT_PER_BLOCK 0
#endif

static sp_arena_block *block_add(sp_arena *arena, size_t least)
{
    size_t cap = least;
    if (!OBJECT_PER_BLOCK) {
        const size_t half = arena->mem.used / 2;
        const size_t usual = half < BLOCK_FIRST ? BLOCK_FIRST : half > BLOCK_LAST ? BLOCK_LAST : half;
        if (cap < usual) cap = usual;
    }
    size_t n;
    if (!sp_size_add(&n, sizeof(sp_arena_block), cap)) return NULL;
    sp_arena_block *block = malloc(n);
    if (!block) return NULL;
    *block = (sp_arena_block){.next = arena->head, .n = 0, .cap = cap};
    arena->head = block;
    return block;
}

static void *arena_alloc(void *ctx, size_t n)
{
    sp_arena *arena = ctx;
    size_t aligned;
    if (!sp_size_add(&aligned, n, ALIGN - 1)) return NULL;
    aligned &= ~(size_t)(ALIGN - 1);
    sp_arena_block *block = arena->head;
    if (OBJECT_PER_BLOCK) aligned = n; /* exact, so that the byte behind it is poisoned */
    if (OBJECT_PER_BLOCK || !block || block->cap - block->n < aligned) block = block_add(arena, aligned);
    if (!block) return NULL;
    void *p = block->data + block->n;
    block->n += aligned;
    return p;
}

void sp_arena_init(sp_arena *arena, size_t limit)
{
    *arena = (sp_arena){.mem = {.alloc = arena_alloc, .ctx = arena, .used = 0, .limit = limit}, .head = NULL};
}

void sp_arena_reset(sp_arena *arena, size_t most)
{
    sp_arena_block *kept = NULL, *next;
    for (sp_arena_block *block = arena->head; block; block = next) {
        next = block->next;
        if (OBJECT_PER_BLOCK || block->cap > most || (kept && kept->cap >= block->cap)) {
            free(block);
            continue;
        }
        free(kept);
        kept = block;
    }
    if (kept) {
        kept->next = NULL;
        kept->n = 0;
    }
    arena->head = kept;
    arena->mem.used = 0;
}

void sp_arena_fini(sp_arena *arena)
{
    sp_arena_block *block = arena->head;
    while (block) {
        sp_arena_block *next = block->next;
        free(block);
        block = next;
    }
    arena->head = NULL;
    arena->mem.used = 0;
}
