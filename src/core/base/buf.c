/** Growing buffer with a sticky status. */
#include "sallyport/base.h"

#include <string.h>

enum { CAP_FIRST = 64 };

/** Capacity that holds `need`, by doubling; 0 on overflow. */
static size_t cap_for(size_t cap, size_t need)
{
    size_t next = cap ? cap : CAP_FIRST;
    while (next < need) {
        if (!sp_size_mul(&next, next, 2)) return 0;
    }
    return next;
}

uint8_t *sp_buf_grow(sp_buf *b, size_t n)
{
    if (b->status != SP_OK) return NULL;
    size_t need;
    if (!sp_size_add(&need, b->n, n)) {
        b->status = SP_ENOMEM;
        return NULL;
    }
    const size_t cap = cap_for(b->cap, need);
    uint8_t *p = cap ? sp_alloc_bytes(b->mem, cap) : NULL;
    if (!p) {
        b->status = SP_ENOMEM;
        return NULL;
    }
    if (b->n) memcpy(p, b->p, b->n);
    b->p = p;
    b->cap = cap;
    return b->p + b->n;
}

void sp_buf_append(sp_buf *b, sp_bytes s)
{
    if (s.n == 0) return;
    uint8_t *p = sp_buf_reserve(b, s.n);
    if (!p) return;
    memcpy(p, s.p, s.n);
    b->n += s.n;
}

void sp_buf_append_byte(sp_buf *b, uint8_t c)
{
    uint8_t *p = sp_buf_reserve(b, 1);
    if (!p) return;
    *p = c;
    b->n++;
}

void sp_buf_append_str(sp_buf *b, const char *s)
{
    sp_buf_append(b, sp_bytes_of(s));
}

void sp_buf_append_u64(sp_buf *b, uint64_t v)
{
    uint8_t digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (uint8_t)('0' + v % 10);
        v /= 10;
    } while (v);
    sp_buf_append(b, (sp_bytes){digits + at, sizeof digits - at});
}

/** Appends the JSON escape of a byte that needs one. */
static void append_escape(sp_buf *b, uint8_t c)
{
    static const char hex[] = "0123456789abcdef";
    switch (c) {
    case '"':
        sp_buf_append_str(b, "\\\"");
        return;
    case '\\':
        sp_buf_append_str(b, "\\\\");
        return;
    case '\n':
        sp_buf_append_str(b, "\\n");
        return;
    case '\r':
        sp_buf_append_str(b, "\\r");
        return;
    case '\t':
        sp_buf_append_str(b, "\\t");
        return;
    default:
        break;
    }
    const uint8_t escape[6] = {'\\', 'u', '0', '0', (uint8_t)hex[c >> 4], (uint8_t)hex[c & 15]};
    sp_buf_append(b, (sp_bytes){escape, sizeof escape});
}

void sp_buf_append_json(sp_buf *b, sp_bytes s)
{
    size_t plain = 0; /* start of the run that needs no escape */
    for (size_t i = 0; i < s.n; i++) {
        const uint8_t c = s.p[i];
        if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f) continue;
        sp_buf_append(b, sp_bytes_sub(s, plain, i));
        append_escape(b, c);
        plain = i + 1;
    }
    sp_buf_append(b, sp_bytes_sub(s, plain, s.n));
}

/* ---- time ---- */

static void append_padded(sp_buf *out, uint64_t v, uint64_t least)
{
    for (; least > v && least > 1; least /= 10) sp_buf_append_byte(out, '0');
    sp_buf_append_u64(out, v);
}

/* RFC 3339 in UTC. The calendar by years that start in March, so that the leap day is the last of its year
 * (H. Hinnant, "chrono-compatible low-level date algorithms"). */
void sp_buf_append_time(sp_buf *out, uint64_t s)
{
    const uint64_t days = s / 86400 + 719468, era = days / 146097, day_of_era = days % 146097;
    const uint64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const uint64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const uint64_t from_march = (5 * day_of_year + 2) / 153;
    const uint64_t day = day_of_year - (153 * from_march + 2) / 5 + 1;
    const uint64_t month = from_march < 10 ? from_march + 3 : from_march - 9;
    append_padded(out, year_of_era + era * 400 + (month <= 2 ? 1 : 0), 1000);
    sp_buf_append_byte(out, '-');
    append_padded(out, month, 10);
    sp_buf_append_byte(out, '-');
    append_padded(out, day, 10);
    sp_buf_append_byte(out, 'T');
    append_padded(out, s % 86400 / 3600, 10);
    sp_buf_append_byte(out, ':');
    append_padded(out, s % 3600 / 60, 10);
    sp_buf_append_byte(out, ':');
    append_padded(out, s % 60, 10);
    sp_buf_append_byte(out, 'Z');
}
