/* Heads of classes. Sets of bits say where one may be: a shift looks back, so that a block needs nothing but
 * the one before it, and the first bytes of a text stand behind zeroes, which are no class. What is left is a
 * hundredth of the bytes and is looked at one by one. */
#include "detect/signs.h"
#include "detect/detect_internal.h"

#include <string.h>

enum { BLOCK = SP_BLOCK, NEAR = 3 };

const char *sp_sign_pattern(sp_sign sign)
{
    static const char *const patterns[SP_SIGN_LIMIT] = {
        [SP_SIGN_IPV4] = "[0-9]\\.[0-9]+\\.[0-9]",
        [SP_SIGN_IPV6] = "[0-9a-fA-F]:[0-9a-fA-F]{0,4}:[0-9a-fA-F]",
        [SP_SIGN_MAC] = "[:-][0-9a-fA-F]{2}[:-][0-9a-fA-F]{2}[:-]",
        [SP_SIGN_ETHEREUM] = "\\b0x[0-9a-fA-F]{12}",
        [SP_SIGN_BASE58] = "\\b[13][1-9A-HJ-NP-Za-km-z]{25}",
        [SP_SIGN_EXPIRY] = "\\b[01][0-9]/",
        [SP_SIGN_EMAIL] = "[A-Za-z0-9_%+-]@[A-Za-z0-9]",
        [SP_SIGN_E164] = "\\+[1-9]",
        [SP_SIGN_NORTH_AMERICAN] = "\\b[2-9][0-9]{2}[-. )]",
        [SP_SIGN_IBAN] = "\\b[A-Za-z]{2}[0-9]{2}",
        [SP_SIGN_STAR] = "\\*[0-9A-Fa-f]{4}",
        [SP_SIGN_COLONS] = "[0-9a-fA-F]:::",
        [SP_SIGN_TOKEN] = "[ \"'](?:[A-Za-z0-9]{16}|[A-Za-z0-9]{8}-[A-Za-z0-9]{4}-)",
        [SP_SIGN_VALUE] = "[=:] [\"']|=[\"']|[A-Za-z]=[A-Za-z0-9]",
    };
    return patterns[sign];
}

/* ---- what bytes are ---- */

/* The marks of the blocks from s->at on, of as many as there is room for. Zeroes behind the end of a text are
 * no class. */
static void read_marks(sp_signs *s)
{
    const size_t n = (s->text.n - s->at) / BLOCK;
    if (s->n_marks != 0) s->marks[0] = s->marks[s->n_marks];
    s->first = s->at;
    if (n > 0) {
        s->n_marks = n < SP_SIGN_BLOCKS ? n : SP_SIGN_BLOCKS;
        sp_marks_64(s->marks + 1, s->text.p + s->at, s->n_marks);
        return;
    }
    uint8_t last[BLOCK] = {0};
    memcpy(last, s->text.p + s->at, s->text.n - s->at);
    s->n_marks = 1;
    sp_marks_64(s->marks + 1, last, 1);
}

/* Bit i: the byte that stands `k` before byte i is of the class (1 <= k < 64). */
static inline uint64_t back(uint64_t now, uint64_t before, unsigned k)
{
    return now << k | before >> (BLOCK - k);
}

/* The classes of bytes that stand `k` before those of the block `m`, of which `b` is the one before. */
#define BACK(class, k) back(m->class, b->class, (k))

/* ---- one byte ---- */

/* Byte `i`, 0 behind the end. */
static inline uint8_t byte_at(sp_bytes text, size_t i)
{
    return i < text.n ? text.p[i] : 0;
}

static bool is_word(int c)
{
    return sp_is_alnum(c) || c == '_';
}

/* Does a word begin at `i`? */
static bool is_edge(sp_bytes text, size_t i)
{
    return i == 0 || !is_word(text.p[i - 1]);
}

static bool is_capital_or_digit(int c)
{
    return sp_is_digit(c) || sp_is_upper(c);
}

static bool is_base58(int c)
{
    return sp_is_alnum(c) && c != '0' && c != 'O' && c != 'I' && c != 'l';
}

/* Are the `n` bytes from `i` on of a class? */
static bool are_all(sp_bytes text, size_t i, size_t n, bool (*is_class)(int c))
{
    size_t k = 0;
    while (k < n && is_class(byte_at(text, i + k))) k++;
    return k == n;
}

static inline void tell(const sp_signs *s, sp_sign sign, size_t end)
{
    s->seen(s->ctx, sign, end);
}

/* The digit behind the one at `i`, next to it or behind a separator or "\) "; 0: there is none. */
static size_t next_digit(sp_bytes text, size_t i)
{
    const uint8_t c = byte_at(text, i + 1);
    if (sp_is_digit(c)) return i + 1;
    if (c != ' ' && c != '.' && c != '/' && c != '-' && c != ')') return 0;
    const uint8_t d = byte_at(text, i + 2);
    if (sp_is_digit(d)) return i + 2;
    return c == ')' && d == ' ' && sp_is_digit(byte_at(text, i + 3)) ? i + 3 : 0;
}

/* Six digits, of which `n` end at `i`. */
static void tell_six_digits(const sp_signs *s, size_t i, size_t n)
{
    for (; n < 6; n++) {
        i = next_digit(s->text, i);
        if (i == 0) return;
    }
    tell(s, SP_SIGN_NUMBER, i + 1);
}

/* The digit at `i` begins a word. */
static void at_first_digit(const sp_signs *s, size_t i)
{
    const uint8_t first = s->text.p[i];
    size_t n = 1;
    while (n < 6 && sp_is_digit(byte_at(s->text, i + n))) n++;
    const uint8_t next = byte_at(s->text, i + n);
    if ((first == '1' || first == '3') && (n == 6 || sp_is_alpha(next)) && are_all(s->text, i, 26, is_base58))
        tell(s, SP_SIGN_BASE58, i + 26);
    if (n == 1 && first == '0' && next == 'x' && are_all(s->text, i + 2, 12, sp_is_hex))
        tell(s, SP_SIGN_ETHEREUM, i + 14);
    if (n < 6 && sp_is_upper(next) && are_all(s->text, i + n + 1, 2, is_capital_or_digit))
        tell(s, SP_SIGN_NUMBER, i + n + 3);
    if (n == 2 && first <= '1' && next == '/') tell(s, SP_SIGN_EXPIRY, i + 3);
    if (n == 3 && first >= '2' && (next == '-' || next == '.' || next == ' ' || next == ')'))
        tell(s, SP_SIGN_NORTH_AMERICAN, i + 4);
    tell_six_digits(s, i + n - 1, n);
}

/* A dot and a digit before it stand before the digit at `i`. */
static void at_dotted(const sp_signs *s, size_t i)
{
    size_t k = i - 2;
    while (k > 0 && sp_is_digit(s->text.p[k - 1])) k--;
    if (k >= 2 && s->text.p[k - 1] == '.' && sp_is_digit(s->text.p[k - 2])) tell(s, SP_SIGN_IPV4, i + 1);
}

static void at_colon(const sp_signs *s, size_t i)
{
    const uint8_t *p = s->text.p;
    if (i >= 3 && p[i - 1] == ':' && p[i - 2] == ':' && sp_is_hex(p[i - 3])) tell(s, SP_SIGN_COLONS, i + 1);
    if (!sp_is_hex(byte_at(s->text, i + 1))) return;
    size_t k = i;
    while (k > 0 && i - k < 4 && sp_is_hex(p[k - 1])) k--;
    if (k >= 2 && p[k - 1] == ':' && sp_is_hex(p[k - 2])) tell(s, SP_SIGN_IPV6, i + 2);
}

/* A colon or a dash, and others three and six bytes before it. */
static void at_third_gap(const sp_signs *s, size_t i)
{
    if (are_all(s->text, i - 2, 2, sp_is_hex) && are_all(s->text, i - 5, 2, sp_is_hex))
        tell(s, SP_SIGN_MAC, i + 1);
}

/* A letter or digit behind '@' or '+'. */
static void at_joined(const sp_signs *s, size_t i)
{
    const uint8_t *p = s->text.p;
    if (p[i - 1] == '+') {
        if (p[i] >= '1' && p[i] <= '9') tell(s, SP_SIGN_E164, i + 1);
    } else if (i >= 2 && (is_word(p[i - 2]) || p[i - 2] == '%' || p[i - 2] == '+' || p[i - 2] == '-')) {
        tell(s, SP_SIGN_EMAIL, i + 1);
    }
}

/* ---- a block ---- */

/* The offset of the first of `bits`, which is taken out. */
static inline size_t take(const sp_signs *s, uint64_t *bits)
{
    const size_t i = s->at + (size_t)__builtin_ctzll(*bits);
    *bits &= *bits - 1;
    return i;
}

/* Where a number's second digit or capital stands, or what tells that its first digit stands alone: the first
 * digit is one byte before `bits[0]`, two before `bits[1]`, three before `bits[2]`. Of a digit that nothing
 * follows, as most of code are, there is no bit. */
typedef struct firsts {
    uint64_t bits[3];
} firsts;

static firsts first_digits(const sp_marks *m, const sp_marks *b)
{
    const uint64_t joined = (m->digit | m->alpha) & BACK(digit, 1) & ~(BACK(alpha, 2) | BACK(digit, 2));
    const uint64_t parted = m->digit & BACK(gap, 1);
    return (firsts){{
        joined,
        parted & BACK(digit, 2) & ~(BACK(alpha, 3) | BACK(digit, 3)),
        parted & BACK(gap, 2) & BACK(digit, 3) & ~(BACK(alpha, 4) | BACK(digit, 4)),
    }};
}

/* A digit behind a capital, with a blank or a dash between them or not, and one more of either. */
static uint64_t behind_capitals(const sp_marks *m, const sp_marks *b)
{
    const uint64_t capital = BACK(upper, 2) | ((BACK(blank, 2) | BACK(dash, 2)) & BACK(upper, 3));
    return (m->digit | m->upper) & BACK(digit, 1) & capital;
}

/* Numbers are told in order of their ends: a head that begins with digits ends at no capital that follows one
 * of an earlier digit. */
static void look_at_numbers(const sp_signs *s, const sp_marks *m, const sp_marks *b)
{
    const firsts first = first_digits(m, b);
    const uint64_t behind = behind_capitals(m, b);
    for (uint64_t bits = behind | first.bits[0] | first.bits[1] | first.bits[2]; bits != 0;) {
        const uint64_t bit = bits & -bits;
        const size_t i = take(s, &bits);
        if ((behind & bit) != 0) tell(s, SP_SIGN_NUMBER, i + 1);
        for (size_t k = 0; k < 3; k++) {
            if ((first.bits[k] & bit) != 0 && is_edge(s->text, i - k - 1)) at_first_digit(s, i - k - 1);
        }
    }
}

static void look_at_digits(const sp_signs *s, const sp_marks *m, const sp_marks *b)
{
    look_at_numbers(s, m, b);
    for (uint64_t bits = m->digit & BACK(dot, 1) & BACK(digit, 2); bits != 0;) at_dotted(s, take(s, &bits));
    const uint64_t letters = BACK(alpha, 2) & BACK(alpha, 3) & ~(BACK(alpha, 4) | BACK(digit, 4));
    for (uint64_t bits = m->digit & BACK(digit, 1) & letters; bits != 0;) {
        const size_t i = take(s, &bits);
        if (is_edge(s->text, i - 3)) tell(s, SP_SIGN_IBAN, i + 1);
    }
}

/* Colons with another one up to four hexadecimal digits before; and what three pairs of these stand between.
 */
static void look_at_separators(const sp_signs *s, const sp_marks *m, const sp_marks *b)
{
    const uint64_t near = BACK(colon, 1) | BACK(colon, 2) | BACK(colon, 3) | BACK(colon, 4) | BACK(colon, 5);
    for (uint64_t bits = m->colon & near; bits != 0;) at_colon(s, take(s, &bits));
    const uint64_t now = m->colon | m->dash, before = b->colon | b->dash;
    const uint64_t third = now & back(now, before, 3) & back(now, before, 6);
    for (uint64_t bits = third; bits != 0;) at_third_gap(s, take(s, &bits));
}

/* Bit i: sixteen bytes of a class end at byte i. The longer runs of the block before it need no third one:
 * what looks at them is less than a block away. */
static uint64_t sixteen(uint64_t now, uint64_t before)
{
    for (unsigned n = 1; n < 16; n *= 2) {
        now &= back(now, before, n);
        before &= before << n;
    }
    return now;
}

/* A blank or quote, and behind it what a token begins with. */
static void look_at_tokens(const sp_signs *s, const sp_marks *m, const sp_marks *b)
{
    const uint64_t now = m->blank | m->quote, before = b->blank | b->quote;
    const uint64_t tokens = sixteen(m->alpha | m->digit, b->alpha | b->digit) & back(now, before, 16);
    const uint64_t uuids = m->dash & BACK(dash, 5) & back(now, before, 14);
    for (uint64_t bits = tokens | uuids; bits != 0;) {
        const uint64_t bit = bits & -bits;
        const size_t i = take(s, &bits);
        const bool is_token = (tokens & bit) != 0;
        if (is_token || (are_all(s->text, i - 13, 8, sp_is_alnum) && are_all(s->text, i - 4, 4, sp_is_alnum)))
            tell(s, SP_SIGN_TOKEN, i + 1);
    }
}

static uint64_t of_values(const sp_marks *m, const sp_marks *b)
{
    const uint64_t parted = BACK(blank, 1) & (BACK(equals, 2) | BACK(colon, 2));
    const uint64_t quoted = m->quote & (BACK(equals, 1) | parted);
    return quoted | ((m->alpha | m->digit) & BACK(equals, 1) & BACK(alpha, 2));
}

static void look_at_block(sp_signs *s)
{
    if (s->at == s->first + s->n_marks * BLOCK) read_marks(s);
    const sp_marks *b = &s->marks[(s->at - s->first) / BLOCK], *m = b + 1;
    const uint64_t alnum = m->alpha | m->digit;
    if ((m->digit | b->digit >> (BLOCK - NEAR)) != 0) look_at_digits(s, m, b);
    if ((m->colon | m->dash) != 0) look_at_separators(s, m, b);
    for (uint64_t bits = alnum & BACK(join, 1); bits != 0;) at_joined(s, take(s, &bits));
    for (uint64_t bits = alnum & BACK(star, 1); bits != 0;) {
        const size_t i = take(s, &bits);
        if (are_all(s->text, i, 4, sp_is_hex)) tell(s, SP_SIGN_STAR, i + 4);
    }
    look_at_tokens(s, m, b);
    s->values = of_values(m, b);
    s->at += BLOCK;
}

/* ---- the whole ---- */

/* Values of the block that is done, up to `to`. */
static void tell_values(sp_signs *s, size_t to)
{
    while (s->values != 0) {
        const size_t end = s->at - BLOCK + (size_t)__builtin_ctzll(s->values) + 1;
        if (end > to) return;
        s->values &= s->values - 1;
        tell(s, SP_SIGN_VALUE, end);
    }
}

void sp_signs_init(sp_signs *s, sp_bytes text, sp_sign_seen *seen, void *ctx)
{
    /* by hand: the marks are many, and all but the first are written before they are read */
    s->text = text;
    s->seen = seen;
    s->ctx = ctx;
    s->at = s->first = s->n_marks = 0;
    s->marks[0] = (sp_marks){0};
    s->values = 0;
}

void sp_signs_upto(sp_signs *s, size_t to)
{
    tell_values(s, to);
    while (s->at < to && s->at < s->text.n) {
        look_at_block(s);
        tell_values(s, to);
    }
}
