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

/* ---- a text in pieces ---- */

static bool are_hex(sp_bytes s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (hex_digit(s.p[i]) < 0) return false;
    }
    return true;
}

/* Could s[at..], which is shorter than six bytes, become \uXXXX? */
static bool may_become_unit(sp_bytes s, size_t at)
{
    const sp_bytes rest = sp_bytes_sub(s, at, s.n);
    if (rest.n >= 6 || (rest.n > 0 && rest.p[0] != '\\') || (rest.n > 1 && rest.p[1] != 'u')) return false;
    return are_hex(sp_bytes_sub(rest, 2, rest.n));
}

/* Could the escape at s[at] read differently if more text came? A high surrogate waits for its low one. */
static bool is_open(sp_bytes s, size_t at)
{
    if (may_become_unit(s, at)) return true;
    const int32_t unit = code_unit(s, at);
    return unit >= 0xd800 && unit < 0xdc00 && may_become_unit(s, at + 6);
}

static void note(sp_escapes *map, sp_escape escape)
{
    sp_buf_append(&map->list, (sp_bytes){(const uint8_t *)&escape, sizeof escape});
}

size_t sp__escapes_read(sp_buf *out, sp_escapes *map, sp_bytes s, sp_escape at, bool is_last)
{
    const size_t before = out->n;
    for (size_t i = 0; i < s.n;) {
        const uint8_t *p = memchr(s.p + i, '\\', s.n - i);
        const size_t stop = p != NULL ? (size_t)(p - s.p) : s.n;
        sp_buf_append(out, sp_bytes_sub(s, i, stop));
        if (stop == s.n) break;
        if (!is_last && is_open(s, stop)) return stop;
        const size_t made_at = out->n, read = decode_escape(out, s, stop);
        const size_t made = out->n - made_at;
        if (read != made)
            note(map, (sp_escape){at.out + made_at - before, at.in + stop, (uint8_t)read, (uint8_t)made});
        i = stop + read;
    }
    return s.n;
}

/* The last escape that begins at or before `out`, or the origin. */
static sp_escape escape_before(const sp_escapes *map, uint64_t out)
{
    const sp_escape *v = (const sp_escape *)(const void *)map->list.p;
    size_t low = 0, high = map->list.n / sizeof *v;
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        if (v[mid].out <= out)
            low = mid + 1;
        else
            high = mid;
    }
    return low > 0 ? v[low - 1] : map->origin;
}

uint64_t sp__escapes_source(const sp_escapes *map, uint64_t out, bool is_end)
{
    if (is_end && out > map->origin.out) {
        const sp_escape e = escape_before(map, out - 1);
        if (out - 1 < e.out + e.made) return e.in + e.read;
        return e.in + e.read + (out - (e.out + e.made));
    }
    const sp_escape e = escape_before(map, out);
    if (out < e.out + e.made) return e.in;
    return e.in + e.read + (out - (e.out + e.made));
}

void sp__escapes_forget(sp_escapes *map, uint64_t out)
{
    const sp_escape *v = (const sp_escape *)(const void *)map->list.p;
    const size_t n = map->list.n / sizeof *v;
    size_t done = 0;
    while (done < n && v[done].out + v[done].made <= out) done++;
    if (done == 0) return;
    const sp_escape last = v[done - 1];
    map->origin = (sp_escape){.out = last.out + last.made, .in = last.in + last.read};
    map->list.n -= done * sizeof *v;
    if (map->list.n > 0) memmove(map->list.p, map->list.p + done * sizeof *v, map->list.n);
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
