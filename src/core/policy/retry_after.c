/** Retry-After (RFC 9110 section 10.2.3): seconds, or a date. A recipient has to read three forms of date
 * (section 5.6.7), which are tables here: what stands between the numbers, and which number comes when. */
#include "sallyport/health.h"

#include <stddef.h>
#include <string.h>

enum { WAIT_MAX_S = 365 * 86400, FIFTY_YEARS_S = 50 * 31556952 };

typedef struct date {
    unsigned year, month, day, hour, minute, second; /* month 1..12 */
} date;

/** Number of days before 1970-01-01 counted from 0000-03-01, and of 400 years: the Gregorian calendar repeats
 * itself then. */
enum { DAYS_TO_1970 = 719468, DAYS_OF_ERA = 146097 };

/** Days since 1970. A year that begins in March has its leap day at its end (H. Hinnant, chrono-compatible
 * low-level date algorithms, 2014). The year is at least 1970. */
static uint64_t days_of(const date *d)
{
    const uint64_t year = d->month <= 2 ? d->year - 1 : d->year;
    const uint64_t era = year / 400, in_era = year % 400;
    const uint64_t month = d->month > 2 ? d->month - 3 : d->month + 9;
    const uint64_t in_year = (153 * month + 2) / 5 + d->day - 1;
    return era * DAYS_OF_ERA + in_era * 365 + in_era / 4 - in_era / 100 + in_year - DAYS_TO_1970;
}

static bool is_date(const date *d)
{
    return d->year >= 1970 && d->month >= 1 && d->day >= 1 && d->day <= 31 && d->hour <= 23 &&
           d->minute <= 59 && d->second <= 60; /* 60: a leap second */
}

/** 1..12, or 0. */
static unsigned month_of(sp_bytes name)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (unsigned i = 0; i < 12; i++) {
        if (name.n == 3 && memcmp(name.p, names + 3 * (size_t)i, 3) == 0) return i + 1;
    }
    return 0;
}

/** Where a mark of a form puts its number, and how many characters that has. */
static const struct {
    char mark;
    uint8_t digits;
    size_t offset;
} numbers[] = {
    {'1', 2, offsetof(date, day)},  {'3', 4, offsetof(date, year)},   {'4', 2, offsetof(date, year)},
    {'5', 2, offsetof(date, hour)}, {'6', 2, offsetof(date, minute)}, {'7', 2, offsetof(date, second)},
};

/** The number of a mark from the front of `at`, a blank in place of a leading zero where a form pads so.
 * @return false when no number of that length stands there. */
static bool take_number(date *d, size_t row, sp_bytes *at)
{
    uint64_t value = 0;
    const size_t n = numbers[row].digits;
    const size_t blank = n == 2 && at->n > 0 && at->p[0] == ' ';
    if (at->n < n || !sp_u64_parse(&value, sp_bytes_sub(*at, blank, n), 9999)) return false;
    const unsigned number = (unsigned)value;
    memcpy((char *)d + numbers[row].offset, &number, sizeof number);
    *at = sp_bytes_sub(*at, n, at->n);
    return true;
}

/** What one character of a form stands for, taken from the front of `at`. */
static bool take(date *d, char mark, sp_bytes *at)
{
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (numbers[i].mark == mark) return take_number(d, i, at);
    }
    if (mark == '2') {
        d->month = month_of(sp_bytes_sub(*at, 0, 3));
        *at = sp_bytes_sub(*at, 3, at->n);
        return d->month != 0;
    }
    if (mark == '*') {
        while (at->n > 0 && (at->p[0] | 0x20) >= 'a' && (at->p[0] | 0x20) <= 'z')
            *at = sp_bytes_sub(*at, 1, at->n);
        return true;
    }
    const bool is_there = at->n > 0 && at->p[0] == (uint8_t)mark;
    *at = sp_bytes_sub(*at, 1, at->n);
    return is_there;
}

static bool read_form(date *d, sp_bytes value, const char *form)
{
    *d = (date){0};
    for (; *form; form++) {
        if (!take(d, *form, &value)) return false;
    }
    return value.n == 0;
}

static uint64_t seconds_of(const date *d)
{
    return days_of(d) * 86400 + (uint64_t)d->hour * 3600 + (uint64_t)d->minute * 60 + d->second;
}

/** Two digits of a year mean this century, or the last one where that would lie more than 50 years ahead. */
static void place_year(date *d, uint64_t now_s)
{
    if (d->year >= 100) return;
    d->year += 2000;
    if (seconds_of(d) > now_s + FIFTY_YEARS_S) d->year -= 100;
}

/** In a form: 1 day, 2 name of the month, 3 year, 4 its last two digits, 5 hour, 6 minute, 7 second, `*` the
 * letters that follow; any other character stands for itself. */
static bool parse_date(uint64_t *at_s, sp_bytes value, uint64_t now_s)
{
    static const char *const forms[] = {
        "*, 1 2 3 5:6:7 GMT", /* IMF-fixdate: Sun, 06 Nov 1994 08:49:37 GMT */
        "*, 1-2-4 5:6:7 GMT", /* RFC 850:     Sunday, 06-Nov-94 08:49:37 GMT */
        "* 2 1 5:6:7 3",      /* asctime:     Sun Nov  6 08:49:37 1994 */
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        date d;
        if (!read_form(&d, value, forms[i])) continue;
        place_year(&d, now_s);
        if (!is_date(&d)) continue;
        *at_s = seconds_of(&d);
        return true;
    }
    return false;
}

bool sp_retry_after_parse(uint64_t *wait_s, sp_bytes value, uint64_t now_s)
{
    uint64_t at_s = 0;
    *wait_s = 0;
    if (value.n > 0 && value.p[0] >= '0' && value.p[0] <= '9') {
        size_t digits = 0;
        while (digits < value.n && value.p[digits] >= '0' && value.p[digits] <= '9') digits++;
        if (digits < value.n) return false;
        if (!sp_u64_parse(wait_s, value, WAIT_MAX_S)) *wait_s = WAIT_MAX_S;
        return true;
    }
    if (!parse_date(&at_s, value, now_s)) return false;
    *wait_s = at_s > now_s ? at_s - now_s : 0;
    if (*wait_s > WAIT_MAX_S) *wait_s = WAIT_MAX_S;
    return true;
}
