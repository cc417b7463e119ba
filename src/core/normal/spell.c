/** What people spell: digits as words, "at" and "dot" in addresses; and digits in groups that no format has.
 */
#include "normal/normal_internal.h"

#include "normal/words.h"

enum {
    SPELLED_MIN = 3, /* digits as words that make a row of them a number */
    APART_MAX = 3,   /* separators between two of a row */
    DIGITS_MIN = 8,  /* no identifier that is looked for has fewer */
    DIGITS_MAX = 40  /* nor more: IBANs have 34 characters */
};

/* Eight bytes at `at`, the first lowest; zeros behind the end. */
static uint64_t eight_at(sp_bytes s, size_t at)
{
    uint64_t eight = 0;
    if (s.n - at >= sizeof eight) {
        memcpy(&eight, s.p + at, sizeof eight);
    } else {
        memcpy(&eight, s.p + at, s.n - at);
    }
    return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? eight : __builtin_bswap64(eight);
}

/* Lower case, of ASCII: the bit of the case, where the uppermost one is not set. */
static uint64_t lower_of(uint64_t eight)
{
    return eight | (UINT64_C(0x2020202020202020) & ~((eight & UINT64_C(0x8080808080808080)) >> 2));
}

sp_word_class sp_word_get(sp_bytes s, size_t at, size_t n, uint8_t *value)
{
    if (n < 2 || n > sizeof(uint64_t)) return SP_WORD_NONE;
    const uint64_t key = lower_of(eight_at(s, at)) & UINT64_MAX >> (64 - 8 * n);
    const uint8_t slot = word_slots[key * WORD_FACTOR >> WORD_SHIFT];
    if (slot == 0 || words[slot - 1].key != key) return SP_WORD_NONE;
    *value = words[slot - 1].value;
    return words[slot - 1].kind;
}

unsigned sp_word_classes(const uint8_t *block, uint64_t starts, uint64_t word, uint64_t next)
{
    enum { TOO_LONG = 9 };
    static const uint64_t masks[TOO_LONG + 1] = {
        0,
        0xff,
        0xffff,
        0xffffff,
        0xffffffff,
        UINT64_C(0xffffffffff),
        UINT64_C(0xffffffffffff),
        UINT64_C(0xffffffffffffff),
        UINT64_MAX,
        0, /* no word has this key */
    };
    unsigned found = 0;
    /* No branch but that of the loop: whether a word is known, or how long it is, nobody foresees. */
    for (; starts != 0; starts &= starts - 1) {
        const unsigned bit = (unsigned)__builtin_ctzll(starts);
        const uint64_t row = word >> bit | next << 1 << (63 - bit);
        const unsigned n = (unsigned)__builtin_ctzll(~row | 1U << TOO_LONG);
        const uint64_t key = lower_of(eight_at((sp_bytes){block + bit, sizeof key}, 0)) & masks[n];
        const uint8_t slot = word_slots[key * WORD_FACTOR >> WORD_SHIFT];
        const struct word_row *known = &words[slot - (slot != 0)];
        found |= (unsigned)(known->key == key) << known->kind;
    }
    return found;
}

static bool is_word(uint8_t c)
{
    return c >= 0x80 || sp_ascii_is_alnum(c);
}

static size_t word_end(sp_bytes s, size_t at)
{
    while (at < s.n && is_word(s.p[at])) at++;
    return at;
}

static bool is_apart(uint8_t c)
{
    return c == ' ' || c == ',' || c == '\n' || c == '\t';
}

static size_t apart_end(sp_bytes s, size_t at)
{
    while (at < s.n && is_apart(s.p[at])) at++;
    return at;
}

/* ---- rows of spelled digits ---- */

/* A member of a row: a digit or a sign as a word, or a character by itself. */
typedef struct token {
    size_t start, end;
    uint8_t made; /* 0: stays as it is */
    bool is_digit;
} token;

/* The token at `at`. @return false: what stands there cannot be part of a row. */
static bool token_at(sp_bytes s, size_t at, token *t)
{
    *t = (token){.start = at, .end = at};
    if (at >= s.n) return false;
    if (!is_word(s.p[at])) {
        t->end = at + 1;
        return !is_apart(s.p[at]);
    }
    t->end = word_end(s, at);
    uint8_t value = 0;
    const sp_word_class kind = sp_word_get(s, at, t->end - at, &value);
    t->is_digit = kind == SP_WORD_DIGIT;
    t->made = t->is_digit ? (uint8_t)('0' + value) : kind == SP_WORD_SIGN ? value : 0;
    return t->made != 0 || t->end == at + 1;
}

/* The token behind `t`. @return false when the row ends with `t`. */
static bool next_token(sp_bytes s, const token *t, token *next)
{
    const size_t at = apart_end(s, t->end);
    return at - t->end <= APART_MAX && token_at(s, at, next);
}

/* Where the row that begins with `t` ends, and how many digits it spells. */
static size_t row_end(sp_bytes s, token t, size_t *spelled)
{
    *spelled = t.is_digit;
    token next;
    while (next_token(s, &t, &next)) {
        t = next;
        *spelled += t.is_digit;
    }
    return t.end;
}

/* Between two members: one separator, or one and a comma, goes; of three the middle one was a character. */
static void weave_apart(sp_weaver *w, size_t start, size_t end)
{
    const size_t keep = end - start >= 3 ? start + 1 : SIZE_MAX;
    for (size_t at = start; at < end; at++) {
        if (at != keep) sp_weave_drop(w, at, 1);
    }
}

static void weave_row(sp_weaver *w, token t, size_t end)
{
    for (;;) {
        if (t.made != 0) sp_weave_byte(w, t.start, t.end - t.start, t.made);
        if (t.end >= end) return;
        token next;
        if (!next_token(w->from, &t, &next)) return;
        weave_apart(w, t.end, next.start);
        t = next;
    }
}

/* ---- "jane dot roe at example dot com" ---- */

/* A sign at `at`, with the brackets and blanks around it. */
typedef struct sign {
    size_t start, end;
    uint8_t c;
    bool is_bracketed;
} sign;

static bool is_bracket(uint8_t c)
{
    return c == '(' || c == '[' || c == '{' || c == '<';
}

/* The word [at, end) is "dot" or "at", between words. */
static bool sign_at(sp_bytes s, size_t at, size_t end, sign *out)
{
    uint8_t c = 0;
    if (sp_word_get(s, at, end - at, &c) != SP_WORD_SIGN || (c != '.' && c != '@')) return false;
    *out = (sign){.start = at, .end = end, .c = c};
    if (at > 0 && end < s.n && is_bracket(s.p[at - 1]) && !is_word(s.p[end]) && !is_apart(s.p[end])) {
        out->is_bracketed = true;
        out->start--;
        out->end++;
    }
    const bool has_blanks =
        out->start > 1 && out->end + 1 < s.n && s.p[out->start - 1] == ' ' && s.p[out->end] == ' ';
    if (has_blanks) {
        out->start--;
        out->end++;
    }
    if (!has_blanks && !out->is_bracketed) return false;
    return out->start > 0 && out->end < s.n && is_word(s.p[out->start - 1]) && is_word(s.p[out->end]);
}

/* "at" is a word of every sentence: it is a sign where a name of a host follows. */
static bool host_follows(sp_bytes s, size_t at)
{
    const size_t end = word_end(s, at);
    if (end < s.n && s.p[end] == '.') return end + 1 < s.n && is_word(s.p[end + 1]);
    size_t next = end;
    while (next < s.n && next - end < 2 && (s.p[next] == ' ' || is_bracket(s.p[next]))) next++;
    sign dot;
    return next > end && sign_at(s, next, word_end(s, next), &dot) && dot.c == '.';
}

static void weave_sign(sp_weaver *w, size_t at, size_t end)
{
    sign found;
    if (!sign_at(w->from, at, end, &found) || found.start < w->kept) return;
    if (found.c == '@' && !found.is_bracketed && !host_follows(w->from, found.end)) return;
    sp_weave_byte(w, found.start, found.end - found.start, found.c);
}

void sp_view__spell(sp_weaver *w)
{
    const sp_bytes s = w->from;
    size_t known = 0; /* up to here no row spells a number: no part of it does */
    for (size_t at = 0; at < s.n && w->status == SP_OK;) {
        token t;
        if (!is_word(s.p[at]) && s.p[at] != '+') {
            at++;
            continue;
        }
        size_t spelled = 0, end = word_end(s, at);
        if (at >= known && token_at(s, at, &t)) known = row_end(s, t, &spelled);
        if (spelled >= SPELLED_MIN) {
            weave_row(w, t, known);
            end = known;
        } else {
            weave_sign(w, at, end);
        }
        at = end > at ? end : at + 1;
    }
    sp_weave_end(w);
}

/* ---- digits in groups ---- */

static bool is_between(uint8_t c)
{
    return c == ' ' || c == '.' || c == '-' || c == '_' || c == '/' || c == ',' || c == '\n' || c == '\t' ||
           c == '(' || c == ')';
}

/* The end of the groups that begin at `at`, and how many digits they have. */
static size_t groups_end(sp_bytes s, size_t at, size_t *digits)
{
    *digits = 0;
    for (;;) {
        while (at < s.n && sp_ascii_is_digit(s.p[at])) {
            at++;
            ++*digits;
        }
        size_t next = at;
        while (next < s.n && next - at <= APART_MAX && is_between(s.p[next])) next++;
        if (next == at || next - at > APART_MAX || next >= s.n || !sp_ascii_is_digit(s.p[next])) return at;
        at = next;
    }
}

bool sp_view__has_groups(sp_bytes s, size_t start, size_t end)
{
    const sp_bytes part = sp_bytes_sub(s, start, end);
    for (size_t at = 0; at < part.n; at++) {
        size_t digits;
        if (!sp_ascii_is_digit(part.p[at])) continue;
        const size_t first = at;
        at = groups_end(part, first, &digits);
        if (digits >= DIGITS_MIN && at - first > digits) return true;
    }
    return false;
}

void sp_view__join_digits(sp_weaver *w)
{
    const sp_bytes s = w->from;
    for (size_t at = 0; at < s.n && w->status == SP_OK;) {
        if (!sp_ascii_is_digit(s.p[at])) {
            at++;
            continue;
        }
        size_t digits;
        const size_t end = groups_end(s, at, &digits);
        const bool is_number = digits >= DIGITS_MIN && digits <= DIGITS_MAX;
        for (; at < end; at++) {
            if (is_number && !sp_ascii_is_digit(s.p[at])) sp_weave_drop(w, at, 1);
        }
    }
    sp_weave_end(w);
}
