/** @file check.h  Arithmetic that numbers prove themselves by. All take letters in upper case and digits
 * without separators, as sp_check does. */
#pragma once
#include "detect/detect_internal.h"

/** Digit `i` as a number. */
static inline unsigned sp_digit(const uint8_t *chars, size_t i)
{
    return (unsigned)(chars[i] - '0');
}
/** `n` digits from `i` on as a number. */
unsigned sp_digits(const uint8_t *chars, size_t i, size_t n);
/** 0 to 9, A = 10 to Z = 35. */
unsigned sp_alnum_value(uint8_t c);
/** Sum of digit i times weight i modulo `mod`; a weight is a character, '0' to '9' and 'A' = 10 on. Letters
 * count as sp_alnum_value says. As many characters as there are weights. */
unsigned sp_weighted(const uint8_t *chars, const char *weights, unsigned mod);
/** Verhoeff's check (J. Verhoeff, 1969) over all digits, the last one being the check digit. */
bool sp_verhoeff(const uint8_t *chars, size_t n);
/** ISO/IEC 7064 MOD 11,10 over all digits, the last one being the check digit. */
bool sp_mod11_10(const uint8_t *chars, size_t n);
/** ISO/IEC 7064 MOD 11-2 over digits; the last one may be 'X'. */
bool sp_mod11_2(const uint8_t *chars, size_t n);
/** Is there such a day? `year` with its century; 0: unknown, so February has 29 days. */
bool sp_is_day(unsigned year, unsigned month, unsigned day);
/** The same of six digits from `i` on: "yymmdd" or "ddmmyy". */
bool sp_is_yymmdd(const uint8_t *chars, size_t i);
bool sp_is_ddmmyy(const uint8_t *chars, size_t i);
/** Are all characters the same? No authority gives that out. */
bool sp_is_uniform(const uint8_t *chars, size_t n);
/** Not all the same, and Luhn holds (sp_luhn). */
bool sp_is_luhn(const uint8_t *chars, size_t n);
