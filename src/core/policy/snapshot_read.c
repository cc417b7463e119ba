/** What every section of a snapshot file is read with. */
#include "snapshot_read.h"

bool sp_snapshot__bool(sp_reader *in)
{
    const uint8_t byte = sp_read_u8(in);
    if (in->status == SP_OK && byte > 1) in->status = SP_ERANGE;
    return byte == 1;
}

sp_bits256 sp_snapshot__set(sp_reader *in)
{
    sp_bits256 set;
    for (size_t i = 0; i < 4; i++) set.w[i] = sp_read_u64(in);
    return set;
}

sp_label sp_snapshot__label(sp_reader *in)
{
    sp_label label = {.categories = sp_read_u64(in)};
    label.residency = sp_snapshot__set(in);
    label.level = sp_read_u8(in);
    label.integrity = sp_read_u8(in);
    const bool is_valid = label.level <= SP_LEVEL_MAX && label.integrity <= SP_TRUSTED;
    if (in->status == SP_OK && !is_valid) in->status = SP_ERANGE;
    return label;
}

size_t sp_snapshot__count(sp_reader *in, size_t least_bytes, size_t max)
{
    const size_t n = sp_read_u32(in);
    if (in->status == SP_OK && (n > max || n > sp_reader_left(in) / least_bytes)) in->status = SP_ERANGE;
    return in->status == SP_OK ? n : 0;
}

void *sp_snapshot__list(sp_reader *in, sp_mem *mem, size_t n, size_t size)
{
    void *p = n ? sp_alloc(mem, n, size) : NULL;
    if (n && !p) in->status = SP_ENOMEM;
    return p;
}

bool sp_snapshot__is_after(const sp_bytes *previous, sp_bytes name)
{
    return name.n && (!previous || sp_bytes_cmp(*previous, name) < 0);
}
