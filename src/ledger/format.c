/* The bytes of a segment: header, frame headers, end frames. No files here. */
#include <stdio.h>
#include <string.h>

#include "ledger/ledger_internal.h"

enum {
    HEADER_CRC_AT = SPL_HEADER_BYTES - 4,
    FRAME_CRC_AT = SPL_FRAME_BYTES - 4,
};

/* Line ends and a byte above 127 show a file that was mangled as text (as in PNG). */
static const uint8_t segment_magic[8] = {0x89, 'S', 'P', 'L', '\r', '\n', 0x1a, '\n'};
static const uint32_t frame_magic = 0x53504c46; /* "SPLF" */

/* A buffer over fixed storage: it never grows, since what is written is known to fit. */
static sp_buf over(uint8_t *p, size_t n)
{
    return (sp_buf){.p = p, .n = 0, .cap = n, .mem = NULL, .status = SP_OK};
}

static void put(sp_buf *b, const uint8_t *p, size_t n)
{
    sp_buf_append(b, (sp_bytes){p, n});
}

static void take(uint8_t *out, sp_reader *in, size_t n)
{
    const sp_bytes raw = sp_read_raw(in, n);
    if (raw.n == n) {
        memcpy(out, raw.p, n);
    }
}

void spl__header_encode(uint8_t out[SPL_HEADER_BYTES], const spl__header *header)
{
    memset(out, 0, SPL_HEADER_BYTES);
    sp_buf b = over(out, SPL_HEADER_BYTES);
    put(&b, segment_magic, sizeof segment_magic);
    sp_write_u16(&b, SPL_VERSION);
    sp_write_u16(&b, SPL_HEADER_BYTES);
    sp_write_u32(&b, header->slot);
    put(&b, header->id, sizeof header->id);
    sp_write_u64(&b, header->created_ns);
    sp_write_u64(&b, header->size_bytes);
    put(&b, header->previous, sizeof header->previous);
    sp_write_u64(&b, header->previous_end);
    sp_write_u64(&b, header->n_before);
    put(&b, header->chain, sizeof header->chain);
    b.n = HEADER_CRC_AT;
    sp_write_u32(&b, sp_crc32c(0, (sp_bytes){out, HEADER_CRC_AT}));
}

sp_status spl__header_parse(spl__header *out, const uint8_t in[SPL_HEADER_BYTES])
{
    uint8_t magic[sizeof segment_magic] = {0};
    sp_reader r = sp_reader_of((sp_bytes){in, SPL_HEADER_BYTES});
    sp_reader crc = sp_reader_of((sp_bytes){in + HEADER_CRC_AT, 4});
    memset(out, 0, sizeof *out);
    take(magic, &r, sizeof magic);
    const uint16_t version = sp_read_u16(&r);
    const uint16_t bytes = sp_read_u16(&r);
    if (memcmp(magic, segment_magic, sizeof magic) != 0 ||
        sp_read_u32(&crc) != sp_crc32c(0, (sp_bytes){in, HEADER_CRC_AT})) {
        return SP_ECORRUPT;
    }
    if (version != SPL_VERSION || bytes != SPL_HEADER_BYTES) {
        return SP_EVERSION;
    }
    out->slot = sp_read_u32(&r);
    take(out->id, &r, sizeof out->id);
    out->created_ns = sp_read_u64(&r);
    out->size_bytes = sp_read_u64(&r);
    take(out->previous, &r, sizeof out->previous);
    out->previous_end = sp_read_u64(&r);
    out->n_before = sp_read_u64(&r);
    take(out->chain, &r, sizeof out->chain);
    return r.status;
}

/* Every frame names its segment, so that what an earlier use of the same disk space left behind is never
 * taken for a frame. */
void spl__frame_encode(uint8_t out[SPL_FRAME_BYTES], const spl__frame *frame, const uint8_t segment[16])
{
    sp_buf b = over(out, SPL_FRAME_BYTES);
    sp_write_u32(&b, frame_magic);
    sp_write_u8(&b, frame->type);
    sp_write_u8(&b, frame->flags);
    sp_write_u16(&b, 0);
    put(&b, segment, 4);
    sp_write_u32(&b, frame->length);
    sp_write_u64(&b, frame->seq);
    sp_write_u64(&b, frame->durable);
    put(&b, frame->request_id, sizeof frame->request_id);
    sp_write_u32(&b, frame->body_crc);
    sp_write_u32(&b, sp_crc32c(0, (sp_bytes){out, FRAME_CRC_AT}));
}

bool spl__frame_parse(spl__frame *out, const uint8_t in[SPL_FRAME_BYTES], const uint8_t segment[16])
{
    uint8_t part[4] = {0};
    sp_reader r = sp_reader_of((sp_bytes){in, SPL_FRAME_BYTES});
    memset(out, 0, sizeof *out);
    const uint32_t magic = sp_read_u32(&r);
    out->type = sp_read_u8(&r);
    out->flags = sp_read_u8(&r);
    const uint16_t reserved = sp_read_u16(&r);
    take(part, &r, sizeof part);
    if (magic != frame_magic || memcmp(part, segment, sizeof part) != 0) {
        return false;
    }
    out->length = sp_read_u32(&r);
    out->seq = sp_read_u64(&r);
    out->durable = sp_read_u64(&r);
    take(out->request_id, &r, sizeof out->request_id);
    out->body_crc = sp_read_u32(&r);
    const uint32_t crc = sp_read_u32(&r);
    const bool is_known = out->type >= SPL_RECORD && out->type <= SPL_END && reserved == 0 &&
                          (out->flags & ~SPL_FLAG_ERASED) == 0 && out->length <= SPL_BODY_MAX;
    return is_known && r.status == SP_OK && crc == sp_crc32c(0, (sp_bytes){in, FRAME_CRC_AT});
}

void spl__end_encode(uint8_t out[SPL_END_BODY_BYTES], const spl__end *end)
{
    sp_buf b = over(out, SPL_END_BODY_BYTES);
    sp_write_u64(&b, end->n_records);
    sp_write_u64(&b, end->n_blocks);
    put(&b, end->chain, sizeof end->chain);
    sp_write_u64(&b, end->reason);
}

sp_status spl__end_parse(spl__end *out, sp_bytes body)
{
    sp_reader r = sp_reader_of(body);
    memset(out, 0, sizeof *out);
    out->n_records = sp_read_u64(&r);
    out->n_blocks = sp_read_u64(&r);
    take(out->chain, &r, sizeof out->chain);
    out->reason = sp_read_u64(&r);
    return sp_reader_end(&r);
}

void spl__name(char out[SPL_NAME_BYTES], const spl__header *header)
{
    char id[9];
    sp_hex_encode(id, (sp_bytes){header->id, 4});
    (void)snprintf(out, SPL_NAME_BYTES, "%016llx-%08x-%s.seg", (unsigned long long)header->created_ns,
                   (unsigned)header->slot, id);
}
