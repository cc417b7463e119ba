/* Escapes of JSON in text that need not be JSON: what a reader that takes it for some would see. */
#include "parse/escape.h"

#include <string.h>

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The code unit of \uXXXX at s[at]; -1 when it is none. */
static int32_t code_unit(sp_bytes s, size_t at)
{
    if (at + 6 > s.n || s.p[at] != '\\' || s.p[at + 1] != 'u') return -1;
    int32_t unit = 0;
    for (size_t i = at + 2; i < at + 6; i++) {
        const int digit = hex_digit(s.p[i]);
        if (digit < 0) return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

static void append_utf8(sp_buf *out, uint32_t c)
{
    if (c < 0x80) {
        sp_buf_append_byte(out, (uint8_t)c);
    } else if (c < 0x800) {
        sp_buf_append_byte(out, (uint8_t)(0xc0 | c >> 6));
        sp_buf_append_byte(out, (uint8_t)(0x80 | (c & 0x3f)));
    } else if (c < 0x10000) {
        sp_buf_append_byte(out, (uint8_t)(0xe0 | c >> 12));
        sp_buf_append_byte(out, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
        sp_buf_append_byte(out, (uint8_t)(0x80 | (c & 0x3f)));
    } else {
        sp_buf_append_byte(out, (uint8_t)(0xf0 | c >> 18));
        sp_buf_append_byte(out, (uint8_t)(0x80 | (c >> 12 & 0x3f)));
        sp_buf_append_byte(out, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
        sp_buf_append_byte(out, (uint8_t)(0x80 | (c & 0x3f)));
    }
}

/* Resolves \uXXXX at s[at]; a lone surrogate becomes U+FFFD. @return bytes read. */
static size_t decode_unit(sp_buf *out, sp_bytes s, size_t at, int32_t unit)
{
    const bool is_high = unit >= 0xd800 && unit < 0xdc00;
    const int32_t low = is_high ? code_unit(s, at + 6) : -1;
    if (is_high && low >= 0xdc00 && low < 0xe000) {
        append_utf8(out, (uint32_t)(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00)));
        return 12;
    }
    append_utf8(out, unit >= 0xd800 && unit < 0xe000 ? 0xfffd : (uint32_t)unit);
    return 6;
}

/* Resolves the escape at s[at]; what is none stays as it is. @return bytes read. */
static size_t decode_escape(sp_buf *out, sp_bytes s, size_t at)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const int32_t unit = code_unit(s, at);
    if (unit >= 0) return decode_unit(out, s, at, unit);
    const char *p = at + 1 < s.n && s.p[at + 1] != '\0' ? strchr(from, s.p[at + 1]) : NULL;
    sp_buf_append_byte(out, p != NULL ? (uint8_t)to[p - from] : (uint8_t)'\\');
    return p != NULL ? 2 : 1;
}

void sp__escapes_resolve(sp_buf *out, sp_bytes s)
{
    for (size_t at = 0; at < s.n;) {
        const uint8_t *p = memchr(s.p + at, '\\', s.n - at);
        const size_t stop = p != NULL ? (size_t)(p - s.p) : s.n;
        sp_buf_append(out, sp_bytes_sub(s, at, stop));
        at = stop < s.n ? stop + decode_escape(out, s, stop) : stop;
    }
}
