/* Chains of rows by hash; free rows are a chain of their own. */
#include "sallyport/tally.h"

#include <string.h>

enum { ROWS_MAX = 1 << 24, NETWORK_BYTES = 8 };

sp_status sp_tally_init(sp_tally *tally, uint32_t n, uint64_t seed, sp_mem *mem)
{
    *tally = (sp_tally){0};
    if (n == 0 || n > ROWS_MAX) return SP_ERANGE;
    sp_tally_row *rows = sp_alloc(mem, n, sizeof *rows);
    uint32_t *heads = sp_alloc(mem, n, sizeof *heads);
    if (rows == NULL || heads == NULL) return SP_ENOMEM;
    memset(heads, 0, n * sizeof *heads);
    for (uint32_t i = 0; i < n; i++) rows[i] = (sp_tally_row){.next = i + 1 < n ? i + 2 : 0};
    *tally = (sp_tally){.rows = rows, .heads = heads, .n = n, .free = 1, .seed = seed};
    return SP_OK;
}

void sp_tally_id(uint8_t id[SP_TALLY_ID_BYTES], unsigned family, sp_bytes address)
{
    memset(id, 0, SP_TALLY_ID_BYTES);
    id[SP_TALLY_ID_BYTES - 1] = (uint8_t)family;
    if (family == 4 && address.n == 4) memcpy(id, address.p, 4);
    if (family == 6 && address.n == 16) memcpy(id, address.p, NETWORK_BYTES);
}

/* The finalizer of splitmix64 over both halves: a few addresses more or less in a chain do no harm. */
static uint32_t *chain_of(const sp_tally *tally, const uint8_t id[SP_TALLY_ID_BYTES])
{
    uint64_t h = tally->seed, half;
    for (size_t i = 0; i < SP_TALLY_ID_BYTES; i += sizeof half) {
        memcpy(&half, id + i, sizeof half);
        h ^= half;
        h = (h ^ (h >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        h = (h ^ (h >> 27)) * UINT64_C(0x94d049bb133111eb);
        h ^= h >> 31;
    }
    return &tally->heads[h % tally->n];
}

static uint32_t add(sp_tally *tally, uint32_t *chain, const uint8_t id[SP_TALLY_ID_BYTES])
{
    const uint32_t at = tally->free;
    if (at == 0) return 0;
    sp_tally_row *row = &tally->rows[at - 1];
    tally->free = row->next;
    memcpy(row->id, id, SP_TALLY_ID_BYTES);
    row->count = 1;
    row->next = *chain;
    *chain = at;
    return at;
}

uint32_t sp_tally_enter(sp_tally *tally, const uint8_t id[SP_TALLY_ID_BYTES], uint32_t most)
{
    if (tally->n == 0 || most == 0) return 0;
    uint32_t *chain = chain_of(tally, id);
    for (uint32_t at = *chain; at != 0; at = tally->rows[at - 1].next) {
        sp_tally_row *row = &tally->rows[at - 1];
        if (memcmp(row->id, id, SP_TALLY_ID_BYTES) != 0) continue;
        if (row->count >= most) return 0;
        row->count++;
        return at;
    }
    return add(tally, chain, id);
}

void sp_tally_leave(sp_tally *tally, uint32_t row)
{
    if (row == 0 || row > tally->n) return;
    sp_tally_row *gone = &tally->rows[row - 1];
    if (gone->count > 1) {
        gone->count--;
        return;
    }
    uint32_t *link = chain_of(tally, gone->id);
    while (*link != 0 && *link != row) link = &tally->rows[*link - 1].next;
    if (*link == 0) return; /* given back before */
    *link = gone->next;
    *gone = (sp_tally_row){.next = tally->free};
    tally->free = row;
}
