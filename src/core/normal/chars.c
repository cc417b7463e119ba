/** Characters: UTF-8, and classes of ASCII. */
#include "normal/normal_internal.h"

uint32_t sp_char_at(sp_bytes s, size_t at, size_t *n)
{
    const uint8_t lead = s.p[at];
    *n = 1;
    if (lead < 0x80) return lead;
    const size_t length = sp_utf8_sequence(s, at);
    if (length == 0) return UINT32_MAX;
    uint32_t c = lead & (0x7fU >> length);
    for (size_t i = 1; i < length; i++) c = c << 6 | (s.p[at + i] & 0x3f);
    *n = length;
    return c;
}

size_t sp_char_encode(uint8_t *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (uint8_t)c;
        return 1;
    }
    const size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--) {
        out[i] = (uint8_t)(0x80 | (c & 0x3f));
        c >>= 6;
    }
    const uint8_t leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    out[0] = (uint8_t)(leads[n] | c);
    return n;
}

size_t sp_ascii_end(sp_bytes s, size_t at)
{
    uint64_t word;
    while (at + sizeof word <= s.n) {
        memcpy(&word, s.p + at, sizeof word);
        if ((word & UINT64_C(0x8080808080808080)) != 0) break;
        at += sizeof word;
    }
    while (at < s.n && s.p[at] < 0x80) at++;
    return at;
}

int sp_hex_value(uint8_t c)
{
    if (sp_ascii_is_digit(c)) return c - '0';
    const uint8_t lower = c | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool sp_is_text(sp_bytes s)
{
    size_t odd = 0;
    for (size_t at = 0; at < s.n;) {
        const size_t n = sp_utf8_sequence(s, at);
        if (n == 0) return false;
        const uint8_t c = s.p[at];
        odd += (c < ' ' && c != '\n' && c != '\r' && c != '\t') || c == 0x7f;
        at += n;
    }
    return s.n > 0 && odd * 10 <= s.n;
}
