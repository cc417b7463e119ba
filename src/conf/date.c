/* Days to seconds and back, in the proleptic Gregorian calendar, by counting whole years and months: the
 * years between 1970 and 9999 are few enough. */
#include "conf/date.h"

#include "conf/checks.h"

enum { DAY_S = 86400, YEAR_FIRST = 1970, YEAR_LAST = 9999, DAY_BYTES = 10, SECOND_BYTES = 20 };

static bool is_leap(unsigned year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned days_of_month(unsigned year, unsigned month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return (unsigned)days[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
}

/* Leap years up to and with `year`. */
static unsigned leaps(unsigned year)
{
    return year / 4 - year / 100 + year / 400;
}

static uint64_t days_before_year(unsigned year)
{
    return (uint64_t)(year - YEAR_FIRST) * 365 + leaps(year - 1) - leaps(YEAR_FIRST - 1);
}

static bool read_digits(unsigned *out, sp_bytes text, size_t from, size_t to)
{
    *out = 0;
    for (size_t i = from; i < to; i++) {
        if (text.p[i] < '0' || text.p[i] > '9') {
            return false;
        }
        *out = *out * 10 + (text.p[i] - '0');
    }
    return true;
}

static bool parse_day(uint64_t *out, sp_bytes text)
{
    unsigned year, month, day;
    if (text.n != DAY_BYTES || text.p[4] != '-' || text.p[7] != '-' || !read_digits(&year, text, 0, 4) ||
        !read_digits(&month, text, 5, 7) || !read_digits(&day, text, 8, 10)) {
        return false;
    }
    if (year < YEAR_FIRST || month < 1 || month > 12 || day < 1 || day > days_of_month(year, month)) {
        return false;
    }
    uint64_t days = days_before_year(year) + day - 1;
    for (unsigned m = 1; m < month; m++) {
        days += days_of_month(year, m);
    }
    *out = days * DAY_S;
    return true;
}

/* Of `Thh:mm:ssZ`. */
static bool parse_time(uint64_t *out, sp_bytes text)
{
    unsigned hour, minute, second;
    if (text.n != SECOND_BYTES - DAY_BYTES || text.p[0] != 'T' || text.p[3] != ':' || text.p[6] != ':' ||
        text.p[9] != 'Z') {
        return false;
    }
    if (!read_digits(&hour, text, 1, 3) || !read_digits(&minute, text, 4, 6) ||
        !read_digits(&second, text, 7, 9) || hour > 23 || minute > 59 || second > 59) {
        return false;
    }
    *out = ((uint64_t)hour * 60 + minute) * 60 + second;
    return true;
}

bool spc_date_parse(uint64_t *out, sp_bytes text)
{
    uint64_t day = 0;
    uint64_t time = 0;
    if (!parse_day(&day, sp_bytes_sub(text, 0, DAY_BYTES)) ||
        (text.n > DAY_BYTES && !parse_time(&time, sp_bytes_sub(text, DAY_BYTES, text.n)))) {
        return false;
    }
    *out = day + time;
    return true;
}

static void append_padded(sp_buf *out, unsigned number, unsigned width)
{
    for (unsigned least = width == 4 ? 1000 : 10; least > 1 && number < least; least /= 10) {
        sp_buf_append_byte(out, '0');
    }
    sp_buf_append_u64(out, number);
}

void spc_date_append(sp_buf *out, uint64_t seconds)
{
    uint64_t days = seconds / DAY_S;
    unsigned year = YEAR_FIRST;
    unsigned month = 1;
    while (year < YEAR_LAST && days_before_year(year + 1) <= days) {
        year++;
    }
    days -= days_before_year(year);
    while (month < 12 && days >= days_of_month(year, month)) {
        days -= days_of_month(year, month++);
    }
    append_padded(out, year, 4);
    sp_buf_append_byte(out, '-');
    append_padded(out, month, 2);
    sp_buf_append_byte(out, '-');
    append_padded(out, (unsigned)days + 1, 2);
}

const char *spc_check_date(sp_bytes text)
{
    uint64_t ignored;
    return spc_date_parse(&ignored, text)
               ? NULL
               : "write a day from 1970 on, or a second in UTC: 2027-01-31, 2027-01-31T18:00:00Z";
}
