/** Packed runs: hexadecimal, base32, base64 in either alphabet (RFC 4648), with the line breaks of MIME, and
 * what is deflated inside. A run is decoded only if text comes out: a hash, a key or an identifier that fits
 * an alphabet gives no UTF-8, mostly within the first bytes. */
#include "normal/normal_internal.h"

/* An alphabet: so many bits a character, so many characters until bits and bytes meet. */
typedef struct alphabet {
    const uint8_t *values;
    uint8_t bits, group;
} alphabet;

/* whole: what each byte is in each alphabet, one more; 0: nothing. */
#define LETTERS(first, value)                                                                            \
    [first] = (value) + 1, (value) + 2, (value) + 3, (value) + 4, (value) + 5, (value) + 6, (value) + 7, \
    (value) + 8, (value) + 9, (value) + 10, (value) + 11, (value) + 12, (value) + 13, (value) + 14,      \
    (value) + 15, (value) + 16, (value) + 17, (value) + 18, (value) + 19, (value) + 20, (value) + 21,    \
    (value) + 22, (value) + 23, (value) + 24, (value) + 25, (value) + 26
static const uint8_t base64[256] = {
    LETTERS('A', 0), LETTERS('a', 26), ['0'] = 53, 54,        55, 56, 57, 58, 59, 60, 61, 62,
    ['+'] = 63,      ['-'] = 63,       ['/'] = 64, ['_'] = 64};
static const uint8_t base32[256] = {LETTERS('A', 0), ['2'] = 27, 28, 29, 30, 31, 32};
static const uint8_t hexadecimal[256] = {['0'] = 1, 2,  3,  4,  5,  6,          7,  8,  9,  10, ['A'] = 11,
                                         12,        13, 14, 15, 16, ['a'] = 11, 12, 13, 14, 15, 16};

/* In the order in which they are tried: each holds the characters of those before it, or nearly. */
static const alphabet alphabets[] = {{hexadecimal, 4, 2}, {base32, 5, 8}, {base64, 6, 4}};

enum { GROUP_BYTES_MAX = 5, PROBE = 24, MIME_LINE_MIN = 60 };

/* A run, and how far it has been decoded. */
typedef struct run {
    const alphabet *a;
    sp_bytes s;
    size_t start, end; /* of what is decoded; padding follows */
    size_t at;
    bool is_utf16; /* every second byte is 0 and means nothing */
} run;

/* Decodes the next group into out[GROUP_BYTES_MAX]. @return its bytes; 0 at the end. */
static size_t next_group(run *r, uint8_t *out)
{
    uint32_t bits = 0;
    unsigned n_bits = 0, n_chars = 0;
    size_t made = 0;
    for (; r->at < r->end && n_chars < r->a->group; r->at++) {
        const uint8_t value = r->a->values[r->s.p[r->at]];
        if (value == 0) continue; /* a line break */
        n_chars++;
        bits = bits << r->a->bits | (value - 1U);
        n_bits += r->a->bits;
        if (n_bits < 8) continue;
        n_bits -= 8;
        const uint8_t byte = (uint8_t)(bits >> n_bits);
        if (byte != 0 || !r->is_utf16) out[made++] = byte;
    }
    return made;
}

/* sp_source_fn over a run; whole groups, so up to four bytes less than asked for. */
static size_t next_bytes(void *ctx, uint8_t *out, size_t n)
{
    run *r = ctx;
    if (n == 0) r->at = r->start;
    size_t made = 0;
    while (made + GROUP_BYTES_MAX <= n && r->at < r->end) made += next_group(r, out + made);
    return made;
}

/* ---- what a run holds ---- */

static bool is_deflated(const uint8_t *p, size_t n)
{
    if (n < 8) return false;
    if (p[0] == 0x1f && p[1] == 0x8b && p[2] == 8) return true;
    return p[0] == 0x78 && (p[0] << 8 | p[1]) % 31 == 0;
}

/* Text in UTF-16 of ASCII, as PowerShell takes it. */
static bool is_utf16(const uint8_t *p, size_t n)
{
    size_t zeros[2] = {0};
    for (size_t i = 0; i < n; i++) zeros[i & 1] += p[i] == 0;
    return n >= 8 && zeros[0] + zeros[1] == n / 2 && (zeros[0] == 0 || zeros[1] == 0);
}

/* May the text go on like this? The last sequence may be cut. */
static bool may_be_text(const uint8_t *p, size_t n)
{
    const size_t valid = sp_utf8_valid_prefix((sp_bytes){p, n});
    return n - valid < 4 && valid > 0 && sp_is_text((sp_bytes){p, valid});
}

/* Weaves a run; what it holds lies in `text`, behind the gap. All groups are of one length, but for the last,
 * and where line breaks or the zeros of UTF-16 stand between: then group by group. */
static void weave_groups(sp_weaver *w, run *r, sp_bytes text, size_t behind)
{
    uint8_t unused[GROUP_BYTES_MAX];
    const size_t n = r->a->group, bytes = n * r->a->bits / 8, whole = (r->end - r->start) / n;
    const bool is_even = !r->is_utf16 && text.n == (r->end - r->start) * r->a->bits / 8 && whole > 0;
    size_t made_at = is_even ? whole * bytes : 0;
    if (is_even) sp_weave_units(w, r->start, n, whole, sp_bytes_sub(text, 0, made_at));
    r->at = is_even ? r->start + whole * n : r->start;
    if (r->at == r->end && behind > r->end) sp_weave_drop(w, r->end, behind - r->end);
    while (r->at < r->end) {
        const size_t at = r->at, made = next_group(r, unused);
        const size_t stop = r->at < r->end ? r->at : behind;
        sp_weave(w, at, stop - at, sp_bytes_sub(text, made_at, made_at + made));
        made_at += made;
    }
}

/* Weaves the run if it holds text. */
static bool weave_run(sp_weaver *w, run *r, size_t behind)
{
    uint8_t probe[PROBE + GROUP_BYTES_MAX];
    (void)next_bytes(r, NULL, 0);
    const size_t n = next_bytes(r, probe, sizeof probe);
    if (is_deflated(probe, n)) {
        sp_bytes made;
        sp_view__inflate(w, r->start, next_bytes, r, &made);
        if (made.n > 0) sp_weave(w, r->start, behind - r->start, made);
        return made.n > 0;
    }
    r->is_utf16 = is_utf16(probe, n);
    if (!r->is_utf16 && !may_be_text(probe, n)) return false;
    uint8_t *room = sp_weave_room(w, r->start, 0);
    if (room == NULL) return false;
    size_t made = 0;
    r->at = r->start;
    while (r->at < r->end) made += next_group(r, room + made);
    if (!sp_is_text((sp_bytes){room, made})) return false;
    weave_groups(w, r, (sp_bytes){room, made}, behind);
    return true;
}

/* ---- where a run is ---- */

/* Does a line end at `at`, and the next one hold nothing but more of the run? The words of a sentence do not.
 */
static bool is_line_end(sp_bytes s, size_t at, size_t *next)
{
    *next = at;
    if (*next < s.n && s.p[*next] == '\r') (*next)++;
    if (*next >= s.n || s.p[*next] != '\n') return false;
    (*next)++;
    size_t end = *next;
    while (end < s.n && base64[s.p[end]] != 0) end++;
    return end > *next && (end == s.n || s.p[end] != ' ');
}

/* The end of the run at `at`; long lines go on in the next.
 * @param before  receives where the line before the last one ends; the same when there is but one. */
static size_t run_end(sp_bytes s, size_t at, size_t *before)
{
    *before = SIZE_MAX;
    for (size_t line = at;;) {
        while (at < s.n && base64[s.p[at]] != 0) at++;
        size_t next;
        if (at - line < MIME_LINE_MIN || !is_line_end(s, at, &next)) break;
        *before = at;
        line = at = next;
    }
    if (*before == SIZE_MAX) *before = at;
    return at;
}

static bool fits(const alphabet *a, sp_bytes s, size_t start, size_t end)
{
    size_t n = 0;
    for (size_t i = start; i < end; i++) {
        if (a->values[s.p[i]] != 0) {
            n++;
        } else if (s.p[i] != '\n' && s.p[i] != '\r') {
            return false;
        }
    }
    /* Characters that are left over must make at least one byte. */
    return n >= SP_PACKED_MIN && (n % a->group == 0 || n % a->group * a->bits >= 8);
}

/* Where the padding behind a run ends. */
static size_t padding_end(sp_bytes s, size_t end)
{
    size_t behind = end;
    while (behind < s.n && behind - end < 6 && s.p[behind] == '=') behind++;
    return behind;
}

static bool try_run(sp_weaver *w, size_t start, size_t end)
{
    const size_t behind = padding_end(w->from, end);
    for (size_t i = 0; i < sizeof alphabets / sizeof alphabets[0]; i++) {
        run r = {.a = &alphabets[i], .s = w->from, .start = start, .end = end};
        if (fits(r.a, w->from, start, end) && weave_run(w, &r, behind)) return true;
        if (w->status != SP_OK) return false;
    }
    return false;
}

size_t sp_view__unpack(sp_weaver *w, size_t at)
{
    size_t before, end = run_end(w->from, at, &before);
    if (end - at < SP_PACKED_MIN) return end;
    if (try_run(w, at, end) || w->status != SP_OK) return padding_end(w->from, end);
    if (before < end) { /* a word may stand alone on the line behind it */
        end = before;
        if (try_run(w, at, end) || w->status != SP_OK) return end;
    }
    /* A path or a label may stand before it. */
    size_t last = end;
    while (last > at && sp_ascii_is_alnum(w->from.p[last - 1])) last--;
    const bool may_be = last > at && end - last >= SP_PACKED_MIN;
    return may_be && try_run(w, last, end) ? padding_end(w->from, end) : end;
}

/* ---- what may be a run ---- */

enum { FIRST = 8 }; /* bytes by which most names in code are known to be no text */

/* Does what begins at `start` look like text in an alphabet? */
static bool may_hold_text(sp_bytes s, size_t start, size_t end)
{
    for (size_t i = 0; i < sizeof alphabets / sizeof alphabets[0]; i++) {
        const alphabet *a = &alphabets[i];
        uint8_t probe[FIRST + GROUP_BYTES_MAX];
        size_t stop = start;
        while (stop < end && a->values[s.p[stop]] != 0) stop++;
        if (stop < end) continue;
        run r = {.a = a, .s = s, .start = start, .end = end, .at = start};
        const size_t n = next_bytes(&r, probe, sizeof probe);
        if (is_deflated(probe, n) || is_utf16(probe, n) || may_be_text(probe, n)) return true;
    }
    return false;
}

bool sp_packed_may_be_at(sp_bytes s, size_t at)
{
    size_t start = at, end = at;
    while (start > 0 && at - start < MIME_LINE_MIN && base64[s.p[start - 1]] != 0) start--;
    while (end < s.n && end - start < MIME_LINE_MIN && base64[s.p[end]] != 0) end++;
    /* Cut off before it, or a line of many, which may begin anywhere in what was packed. */
    if (start == 0 || end - start >= MIME_LINE_MIN) return true;
    return may_hold_text(s, start, end) || (start < at && may_hold_text(s, at, end));
}
