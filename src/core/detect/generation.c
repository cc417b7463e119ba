/* What an engine looks for, as a number: FNV-1a (Fowler, Noll, Vo) over all that its rows say. Validators are
 * code, and the same within one program. */
#include "detect/detect_internal.h"

#define FNV_BASIS UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

static uint64_t add_byte(uint64_t hash, uint8_t byte)
{
    return (hash ^ byte) * FNV_PRIME;
}

/* With its end, so that neighbours keep apart. */
static uint64_t add_text(uint64_t hash, const char *s)
{
    for (; s != NULL && *s != '\0'; s++) hash = add_byte(hash, (uint8_t)*s);
    return add_byte(hash, '\0');
}

static uint64_t add_row(uint64_t hash, const sp_row *row)
{
    const char *const texts[] = {row->name, row->head, row->shapes, row->forms, row->near};
    const uint8_t numbers[] = {row->sure, row->least, row->kind, row->run};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) hash = add_text(hash, texts[i]);
    for (size_t i = 0; i < sizeof numbers; i++) hash = add_byte(hash, numbers[i]);
    return hash;
}

uint64_t sp_engine_generation(const sp_engine *engine)
{
    uint64_t hash = FNV_BASIS;
    for (size_t i = 0; i < sp_engine__n_rows(engine); i++) hash = add_row(hash, sp_row_at(i));
    return hash;
}
