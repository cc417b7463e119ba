/** Text encodings: hexadecimal, base64url, decimal, UTF-8. */
#include "sallyport/base.h"

#include <string.h>

void sp_hex_encode(char *out, sp_bytes s)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < s.n; i++) {
        out[2 * i] = digits[s.p[i] >> 4];
        out[2 * i + 1] = digits[s.p[i] & 15];
    }
    out[2 * s.n] = '\0';
}

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

sp_status sp_hex_decode(uint8_t *out, size_t n, sp_bytes hex)
{
    size_t digits;
    if (!sp_size_mul(&digits, n, 2) || hex.n != digits) return SP_ERANGE;
    for (size_t i = 0; i < n; i++) {
        const int high = hex_value(hex.p[2 * i]);
        const int low = hex_value(hex.p[2 * i + 1]);
        if (high < 0 || low < 0) return SP_ERANGE;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return SP_OK;
}

void sp_base64url_append(sp_buf *b, sp_bytes s)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint32_t bits = 0;
    unsigned n_bits = 0;
    for (size_t i = 0; i < s.n; i++) {
        bits = bits << 8 | s.p[i];
        for (n_bits += 8; n_bits >= 6; n_bits -= 6) {
            sp_buf_append_byte(b, (uint8_t)digits[bits >> (n_bits - 6) & 63]);
        }
    }
    if (n_bits) sp_buf_append_byte(b, (uint8_t)digits[bits << (6 - n_bits) & 63]);
}

static int base64url_value(uint8_t c)
{
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '-') return 62;
    return c == '_' ? 63 : -1;
}

sp_status sp_base64url_decode(uint8_t *out, size_t n, sp_bytes text)
{
    if (text.n != n / 3 * 4 + (n % 3 ? n % 3 + 1 : 0)) return SP_ERANGE;
    uint32_t bits = 0;
    unsigned n_bits = 0;
    size_t at = 0;
    for (size_t i = 0; i < text.n; i++) {
        const int value = base64url_value(text.p[i]);
        if (value < 0) return SP_ERANGE;
        bits = bits << 6 | (uint32_t)value;
        n_bits += 6;
        if (n_bits < 8) continue;
        n_bits -= 8;
        out[at++] = (uint8_t)(bits >> n_bits);
    }
    const uint32_t unused = bits & ((UINT32_C(1) << n_bits) - 1);
    return at == n && unused == 0 ? SP_OK : SP_ERANGE;
}

bool sp_u64_parse(uint64_t *out, sp_bytes text, uint64_t max)
{
    uint64_t v = 0;
    if (text.n == 0) return false;
    for (size_t i = 0; i < text.n; i++) {
        const uint8_t c = text.p[i];
        if (c < '0' || c > '9') return false;
        if (__builtin_mul_overflow(v, UINT64_C(10), &v) || __builtin_add_overflow(v, (uint64_t)(c - '0'), &v))
            return false;
    }
    if (v > max) return false;
    *out = v;
    return true;
}

/** Length of the sequence that `lead` begins, and the range of its second byte (RFC 3629 section 4); 0 =
 * never a lead. */
static size_t utf8_sequence(uint8_t lead, uint8_t *low, uint8_t *high)
{
    *low = 0x80;
    *high = 0xbf;
    if (lead < 0x80) return 1;
    if (lead < 0xc2) return 0; /* continuation or overlong */
    if (lead < 0xe0) return 2;
    if (lead == 0xe0) *low = 0xa0;  /* overlong */
    if (lead == 0xed) *high = 0x9f; /* surrogates */
    if (lead < 0xf0) return 3;
    if (lead == 0xf0) *low = 0x90;  /* overlong */
    if (lead == 0xf4) *high = 0x8f; /* above U+10FFFF */
    return lead < 0xf5 ? 4 : 0;
}

size_t sp_utf8_sequence(sp_bytes s, size_t at)
{
    uint8_t low, high;
    const size_t n = utf8_sequence(s.p[at], &low, &high);
    if (n == 0 || s.n - at < n) return 0;
    for (size_t i = 1; i < n; i++) {
        const uint8_t c = s.p[at + i];
        if (c < (i == 1 ? low : 0x80) || c > (i == 1 ? high : 0xbf)) return 0;
    }
    return n;
}

/** From `at` on, the first byte that is not ASCII: eight at a time, as most of what is read and written is.
 */
static size_t skip_ascii(sp_bytes s, size_t at)
{
    uint64_t eight;
    for (; s.n - at >= sizeof eight; at += sizeof eight) {
        memcpy(&eight, s.p + at, sizeof eight);
        if (eight & UINT64_C(0x8080808080808080)) break;
    }
    while (at < s.n && s.p[at] < 0x80) at++;
    return at;
}

size_t sp_utf8_valid_prefix(sp_bytes s)
{
    size_t at = 0, n = 0;
    while ((at = skip_ascii(s, at)) < s.n && (n = sp_utf8_sequence(s, at)) != 0) at += n;
    return at;
}
