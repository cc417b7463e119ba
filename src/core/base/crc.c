/** Cyclic redundancy checks. CRC-32C uses the instruction of SSE 4.2 where the build targets it, since it
 * runs over every byte of the ledger; otherwise both are computed a nibble at a time from 16-entry tables. */
#include "sallyport/base.h"

#include <string.h>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

static const uint32_t table_iso[16] = {
    0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
    0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
};
static const uint32_t table_castagnoli[16] = {
    0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
    0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9, 0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
};

static uint32_t crc_by_nibble(uint32_t crc, sp_bytes s, const uint32_t table[16])
{
    crc = ~crc;
    for (size_t i = 0; i < s.n; i++) {
        crc ^= s.p[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return ~crc;
}

uint32_t sp_crc32(uint32_t crc, sp_bytes s)
{
    return crc_by_nibble(crc, s, table_iso);
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t crc32c_hardware(uint32_t crc, sp_bytes s)
{
    uint64_t state = ~crc;
    size_t i = 0;
    for (; s.n - i >= 8; i += 8) {
        uint64_t word;
        memcpy(&word, s.p + i, sizeof word);
        state = _mm_crc32_u64(state, word);
    }
    for (; i < s.n; i++) state = _mm_crc32_u8((uint32_t)state, s.p[i]);
    return ~(uint32_t)state;
}
#endif

uint32_t sp_crc32c(uint32_t crc, sp_bytes s)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2")) return crc32c_hardware(crc, s);
#endif
    return crc_by_nibble(crc, s, table_castagnoli);
}
