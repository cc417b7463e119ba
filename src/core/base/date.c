/** Times as text: RFC 3339, UTC. */
#include "sallyport/base.h"

static void put_digits(sp_buf *out, uint64_t v, unsigned width)
{
    char text[20];
    for (unsigned i = width; i > 0; i--) {
        text[i - 1] = (char)('0' + v % 10);
        v /= 10;
    }
    sp_buf_append(out, (sp_bytes){(const uint8_t *)text, width});
}

/* Proleptic Gregorian calendar from days since 1970-01-01 (algorithm: Howard Hinnant, "chrono-compatible
 * low-level date algorithms", civil_from_days); years that fit 64 bits of nanoseconds end in 2554. */
static void put_date(sp_buf *out, uint64_t days)
{
    const uint64_t z = days + 719468, era = z / 146097, doe = z % 146097;
    const uint64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    const uint64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    const uint64_t mp = (5 * doy + 2) / 153;
    const uint64_t month = mp < 10 ? mp + 3 : mp - 9;
    put_digits(out, yoe + era * 400 + (month <= 2), 4);
    sp_buf_append_byte(out, '-');
    put_digits(out, month, 2);
    sp_buf_append_byte(out, '-');
    put_digits(out, doy - (153 * mp + 2) / 5 + 1, 2);
}

static void put_second(sp_buf *out, uint64_t at_s)
{
    const uint64_t of_day = at_s % 86400;
    put_date(out, at_s / 86400);
    sp_buf_append_byte(out, 'T');
    put_digits(out, of_day / 3600, 2);
    sp_buf_append_byte(out, ':');
    put_digits(out, of_day / 60 % 60, 2);
    sp_buf_append_byte(out, ':');
    put_digits(out, of_day % 60, 2);
}

void sp_time_append(sp_buf *out, uint64_t at_ns)
{
    put_second(out, at_ns / 1000000000);
    sp_buf_append_byte(out, '.');
    put_digits(out, at_ns % 1000000000 / 1000, 6);
    sp_buf_append_byte(out, 'Z');
}

void sp_date_append(sp_buf *out, uint64_t at_s)
{
    static const uint64_t last_s = UINT64_MAX / 1000000000; /* the end of what sp_time_append can say */
    put_second(out, at_s < last_s ? at_s : last_s);
    sp_buf_append_byte(out, 'Z');
}
