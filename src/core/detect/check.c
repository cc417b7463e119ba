/* Check digits and dates. */
#include "detect/check.h"

unsigned sp_digits(const uint8_t *chars, size_t i, size_t n)
{
    unsigned value = 0;
    for (size_t k = 0; k < n; k++) value = value * 10 + sp_digit(chars, i + k);
    return value;
}

unsigned sp_alnum_value(uint8_t c)
{
    return sp_is_digit(c) ? (unsigned)(c - '0') : (unsigned)(c - 'A') + 10;
}

unsigned sp_weighted(const uint8_t *chars, const char *weights, unsigned mod)
{
    unsigned sum = 0;
    for (size_t i = 0; weights[i] != '\0'; i++)
        sum += sp_alnum_value(chars[i]) * sp_alnum_value((uint8_t)weights[i]);
    return sum % mod;
}

bool sp_verhoeff(const uint8_t *chars, size_t n)
{
    /* Multiplication in the dihedral group D5 by rule, the permutation by table. */
    static const uint8_t permuted[8][10] = {
        {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 5, 7, 6, 2, 8, 3, 0, 9, 4}, {5, 8, 0, 3, 7, 9, 6, 1, 4, 2},
        {8, 9, 1, 6, 0, 4, 3, 5, 2, 7}, {9, 4, 5, 3, 1, 2, 6, 8, 7, 0}, {4, 2, 8, 6, 5, 7, 3, 9, 0, 1},
        {2, 7, 9, 3, 8, 0, 6, 4, 1, 5}, {7, 0, 4, 6, 9, 1, 3, 2, 5, 8},
    };
    unsigned c = 0;
    for (size_t i = 0; i < n; i++) {
        const unsigned d = permuted[i % 8][sp_digit(chars, n - 1 - i)];
        const unsigned turn = c < 5 ? c + d % 5 : c + 5 - d % 5;
        c = (c < 5) == (d < 5) ? turn % 5 : turn % 5 + 5;
    }
    return c == 0;
}

bool sp_mod11_10(const uint8_t *chars, size_t n)
{
    unsigned p = 10;
    for (size_t i = 0; i + 1 < n; i++) {
        unsigned s = (p + sp_digit(chars, i)) % 10;
        if (s == 0) s = 10;
        p = s * 2 % 11;
    }
    return (p + sp_digit(chars, n - 1)) % 10 == 1;
}

bool sp_mod11_2(const uint8_t *chars, size_t n)
{
    unsigned p = 0;
    for (size_t i = 0; i + 1 < n; i++) p = (p + sp_digit(chars, i)) * 2 % 11;
    const unsigned last = chars[n - 1] == 'X' ? 10 : sp_digit(chars, n - 1);
    return (p + last) % 11 == 1;
}

bool sp_is_day(unsigned year, unsigned month, unsigned day)
{
    static const uint8_t days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12 || day < 1 || day > days[month - 1]) return false;
    const bool is_leap = year == 0 || (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
    return month != 2 || day < 29 || is_leap;
}

bool sp_is_yymmdd(const uint8_t *chars, size_t i)
{
    return sp_is_day(0, sp_digits(chars, i + 2, 2), sp_digits(chars, i + 4, 2));
}

bool sp_is_ddmmyy(const uint8_t *chars, size_t i)
{
    return sp_is_day(0, sp_digits(chars, i + 2, 2), sp_digits(chars, i, 2));
}

bool sp_is_uniform(const uint8_t *chars, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        if (chars[i] != chars[0]) return false;
    }
    return true;
}

bool sp_is_luhn(const uint8_t *chars, size_t n)
{
    return !sp_is_uniform(chars, n) && sp_luhn(chars, n);
}
