/** Cursors over binary data. Big-endian throughout: what we store is compared and read by people. */
#include "sallyport/base.h"

sp_reader sp_reader_of(sp_bytes s)
{
    return (sp_reader){s.p, s.n ? s.p + s.n : s.p, SP_OK}; /* the empty run may be NULL */
}

size_t sp_reader_left(const sp_reader *in)
{
    return in->status == SP_OK ? (size_t)(in->end - in->p) : 0;
}

sp_bytes sp_read_raw(sp_reader *in, size_t n)
{
    if (in->status == SP_OK && (size_t)(in->end - in->p) < n) in->status = SP_ETRUNCATED;
    if (in->status != SP_OK || n == 0) return SP_BYTES_EMPTY;
    const sp_bytes out = {in->p, n};
    in->p += n;
    return out;
}

static uint64_t read_uint(sp_reader *in, size_t n)
{
    const sp_bytes raw = sp_read_raw(in, n);
    uint64_t v = 0;
    for (size_t i = 0; i < raw.n; i++) v = v << 8 | raw.p[i];
    return v;
}

uint8_t sp_read_u8(sp_reader *in)
{
    return (uint8_t)read_uint(in, 1);
}

uint16_t sp_read_u16(sp_reader *in)
{
    return (uint16_t)read_uint(in, 2);
}

uint32_t sp_read_u32(sp_reader *in)
{
    return (uint32_t)read_uint(in, 4);
}

uint64_t sp_read_u64(sp_reader *in)
{
    return read_uint(in, 8);
}

static sp_bytes read_counted(sp_reader *in, size_t n, size_t max)
{
    if (in->status == SP_OK && n > max) in->status = SP_ERANGE;
    return sp_read_raw(in, n);
}

sp_bytes sp_read_bytes16(sp_reader *in, size_t max)
{
    return read_counted(in, sp_read_u16(in), max);
}

sp_bytes sp_read_bytes32(sp_reader *in, size_t max)
{
    return read_counted(in, sp_read_u32(in), max);
}

sp_status sp_reader_end(const sp_reader *in)
{
    if (in->status != SP_OK) return in->status;
    return in->p == in->end ? SP_OK : SP_ETRUNCATED;
}

static void store_uint(uint8_t *p, uint64_t v, size_t n)
{
    for (size_t i = 0; i < n; i++) p[i] = (uint8_t)(v >> (8 * (n - 1 - i)));
}

static void write_uint(sp_buf *b, uint64_t v, size_t n)
{
    uint8_t *p = sp_buf_reserve(b, n);
    if (!p) return;
    store_uint(p, v, n);
    b->n += n;
}

void sp_write_u8(sp_buf *b, uint8_t v)
{
    write_uint(b, v, 1);
}

void sp_write_u16(sp_buf *b, uint16_t v)
{
    write_uint(b, v, 2);
}

void sp_write_u32(sp_buf *b, uint32_t v)
{
    write_uint(b, v, 4);
}

void sp_write_u64(sp_buf *b, uint64_t v)
{
    write_uint(b, v, 8);
}

void sp_write_u32_at(sp_buf *b, size_t at, uint32_t v)
{
    if (b->status == SP_OK && b->n >= 4 && at <= b->n - 4) store_uint(b->p + at, v, 4);
}

static void write_counted(sp_buf *b, sp_bytes s, size_t width, size_t max)
{
    if (s.n > max) {
        if (b->status == SP_OK) b->status = SP_ERANGE;
        return;
    }
    write_uint(b, s.n, width);
    sp_buf_append(b, s);
}

void sp_write_bytes16(sp_buf *b, sp_bytes s)
{
    write_counted(b, s, 2, UINT16_MAX);
}

void sp_write_bytes32(sp_buf *b, sp_bytes s)
{
    write_counted(b, s, 4, UINT32_MAX);
}
