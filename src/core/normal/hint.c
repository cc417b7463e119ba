/** Which views are worth making: sets of bits over 64 bytes at a time, and shifts of them. What is asked of a
 *  number of bytes is asked of every 64 that begin at a multiple of 32, so that no edge hides it. */
#include "normal/normal_internal.h"

enum {
    BLOCK = 64,
    HALF = BLOCK / 2,
    ACCENTS_HIGH = 18,  /* bytes beyond ASCII in 64: nine accents; French has two, Vietnamese reaches it */
    ACCENTS_ALPHA = 12, /* beside letters of ASCII */
    LINES_MIN = 3,
    DIGITS_MIN = 8,
    LEET_MIN = 2,
    APART = 4,    /* characters between two spelled digits, of a password say */
    SAMPLED = 2,  /* words of 32 bytes that are looked up: a third of them, in prose */
    LONG_RUN = 20 /* a packed run without any digit: rare, and names in code are shorter */
};

/* A pass under way. */
typedef struct pass {
    sp_bytes text;
    uint32_t hints;
    sp_classes last; /* of the block before */
    size_t run;      /* letters and digits up to the block's start */
    bool run_has_digit;
} pass;

/* Has the set `n` members? Mostly it has none, and counting bits is a call on processors of old. */
static bool has(uint64_t set, unsigned n)
{
    while (set != 0 && --n > 0) set &= set - 1;
    return set != 0;
}

/* ---- windows of 64 bytes ---- */

/* Three of four characters, each between two others, are letters or digits. */
static bool are_spaced(uint64_t word)
{
    const uint64_t a = word & ~(word << 1) & ~(word >> 1), b = a >> 2, c = a >> 4, d = a >> 6;
    return ((a & b & (c | d)) | (c & d & (a | b))) != 0;
}

static bool are_grouped(uint64_t digit)
{
    const uint64_t starts = digit & ~(digit << 1), apart = digit << 2 | digit << 3 | digit << 4;
    return (starts & apart) != 0 && has(digit, DIGITS_MIN);
}

static uint32_t look_at_window(const sp_classes *c)
{
    uint32_t hints = 0;
    if (are_spaced(c->alpha | c->digit)) hints |= SP_HINT_SPACED;
    if (has(c->high, ACCENTS_HIGH) && has(c->alpha, ACCENTS_ALPHA)) hints |= SP_HINT_ACCENTS;
    if (c->digit == 0) return hints;
    if (are_grouped(c->digit)) hints |= SP_HINT_DIGITS;
    if (has(c->digit & c->alpha << 1 & c->alpha >> 1, LEET_MIN)) hints |= SP_HINT_LEET;
    return hints;
}

static sp_classes half_window(const sp_classes *a, const sp_classes *b)
{
    return (sp_classes){.alpha = a->alpha >> HALF | b->alpha << HALF,
                        .digit = a->digit >> HALF | b->digit << HALF,
                        .high = a->high >> HALF | b->high << HALF,
                        .line = a->line >> HALF | b->line << HALF};
}

/* ---- single places ---- */

/* Line feeds that break a line of text, among those of the window at `at`: code and lists are full of others.
 */
static void look_at_lines(pass *p, uint64_t line, size_t at)
{
    uint64_t set = line & ~(line << 1);
    unsigned n = 0;
    if ((p->hints & SP_HINT_LINES) != 0 || !has(set, LINES_MIN)) return;
    for (; set != 0; set &= set - 1) n += sp_view__is_break(p->text, at + (size_t)__builtin_ctzll(set));
    if (n >= LINES_MIN) p->hints |= SP_HINT_LINES;
}

static void look_at_escapes(pass *p, uint64_t set, size_t at)
{
    for (; set != 0 && (p->hints & SP_HINT_ESCAPES) == 0; set &= set - 1) {
        if (sp_escape_is_at(p->text, at + (size_t)__builtin_ctzll(set))) p->hints |= SP_HINT_ESCAPES;
    }
}

/* The word of ASCII letters and what is beyond ASCII at `at`, if it is short enough to be known. */
static sp_word_class word_at(sp_bytes s, size_t at, size_t *end)
{
    size_t n = 0;
    uint8_t value;
    while (n <= 8 && at + n < s.n && (s.p[at + n] >= 0x80 || sp_ascii_is_alnum(s.p[at + n]))) n++;
    *end = at + n;
    return sp_word_get(s, at, n, &value);
}

/* Does another digit follow, if need be behind characters by themselves? "one of them" is no number. */
static bool goes_on(sp_bytes s, size_t at)
{
    for (int i = 0; i < APART; i++) {
        size_t start = at, end;
        while (start < s.n && start - at < 3 && s.p[start] < 0x80 && !sp_ascii_is_alnum(s.p[start])) start++;
        if (start >= s.n) return false;
        if (word_at(s, start, &end) == SP_WORD_DIGIT) return true;
        if (end > start + 1) return false;
        at = end;
    }
    return false;
}

static void look_at_word(pass *p, size_t at, size_t end)
{
    uint8_t value;
    switch (sp_word_get(p->text, at, end - at, &value)) {
    case SP_WORD_DIGIT:
        if (goes_on(p->text, end)) p->hints |= SP_HINT_SPELLED;
        break;
    case SP_WORD_ROT13:
        p->hints |= SP_HINT_ROT13;
        break;
    case SP_WORD_REVERSED:
        p->hints |= SP_HINT_REVERSED;
        break;
    default:
        break;
    }
}

/* The first words that begin in each half: of a row of spelled digits, which fills a half, one is among them.
 */
static void sample_words(pass *p, uint64_t word, uint64_t starts, size_t at)
{
    for (unsigned half = 0; half < BLOCK; half += HALF) {
        uint64_t set = starts >> half & UINT32_MAX;
        for (int i = 0; i < SAMPLED && set != 0; set &= set - 1) {
            const unsigned bit = half + (unsigned)__builtin_ctzll(set);
            const uint64_t behind = ~(word >> bit);
            size_t n = behind != 0 ? (size_t)__builtin_ctzll(behind) : BLOCK, end = at + bit + n;
            if (bit + n >= BLOCK) (void)word_at(p->text, at + bit, &end);
            i += n > 1; /* "D E eight nine" */
            look_at_word(p, at + bit, end);
        }
    }
}

/* "dot" by its o, between blanks; "[at" and its like by their brackets. */
static void look_at_signs(pass *p, const sp_classes *c, uint64_t word, size_t at)
{
    const sp_bytes s = p->text;
    for (uint64_t set = c->bracket & (c->alpha >> 1 | UINT64_C(1) << 63); set != 0; set &= set - 1) {
        const size_t bracket = at + (size_t)__builtin_ctzll(set);
        size_t end;
        if (word_at(s, bracket + 1, &end) == SP_WORD_SIGN) p->hints |= SP_HINT_SPELLED;
    }
    /* A word of three with an o in the middle; at the edges of the block any o. */
    const uint64_t three = word << 1 & word >> 1 & ~(word << 2) & ~(word >> 2);
    for (uint64_t set = c->o & (three | UINT64_C(3) | UINT64_C(3) << 62); set != 0; set &= set - 1) {
        const size_t middle = at + (size_t)__builtin_ctzll(set);
        if (middle < 1 || middle + 1 >= s.n) continue;
        if ((s.p[middle - 1] | 0x20) == 'd' && (s.p[middle + 1] | 0x20) == 't') p->hints |= SP_HINT_SPELLED;
    }
}

/* ---- packed runs ---- */

static void end_run(pass *p)
{
    const size_t least = p->run_has_digit ? SP_PACKED_MIN : LONG_RUN;
    if (p->run >= least) p->hints |= SP_HINT_PACKED;
    p->run = 0;
    p->run_has_digit = false;
}

/* Runs of SP_PACKED_MIN letters and digits and more: those inside of the block, and what crosses its edges.
 */
static void look_at_runs(pass *p, uint64_t word, uint64_t digit)
{
    if (word == UINT64_MAX) {
        p->run += BLOCK;
        p->run_has_digit = p->run_has_digit || digit != 0;
        return;
    }
    const unsigned head = (unsigned)__builtin_ctzll(~word), tail = (unsigned)__builtin_clzll(~word);
    const uint64_t first = (UINT64_C(1) << head) - 1, last = tail > 0 ? UINT64_MAX << (BLOCK - tail) : 0;
    p->run += head;
    p->run_has_digit = p->run_has_digit || (digit & first) != 0;
    end_run(p);
    uint64_t long_runs = word & word >> 1;
    long_runs &= long_runs >> 2;
    long_runs &= long_runs >> 4;
    long_runs &= long_runs >> (SP_PACKED_MIN - 8); /* bit i: SP_PACKED_MIN begin at i */
    const uint64_t longer = long_runs & long_runs >> (LONG_RUN - SP_PACKED_MIN);
    if (longer != 0 || (long_runs != 0 && digit != 0)) p->hints |= SP_HINT_PACKED;
    p->run = tail;
    p->run_has_digit = (digit & last) != 0;
}

/* ---- the pass ---- */

static void look_at_block(pass *p, const uint8_t *bytes, size_t at)
{
    const sp_classes c = sp_classes_64(bytes);
    const uint64_t word = c.alpha | c.digit | c.high;
    const sp_classes half = half_window(&p->last, &c);
    p->hints |= look_at_window(&c) | look_at_window(&half) | (c.high != 0 ? SP_HINT_WIDE : 0);
    look_at_lines(p, c.line, at);
    if (at >= HALF) look_at_lines(p, half.line, at - HALF);
    if (c.escape != 0) look_at_escapes(p, c.escape, at);
    const uint64_t before = (p->last.alpha | p->last.digit | p->last.high) >> (BLOCK - 1);
    sample_words(p, word, word & ~(word << 1 | before), at);
    if ((p->hints & SP_HINT_SPELLED) == 0) look_at_signs(p, &c, word, at);
    if ((p->hints & SP_HINT_PACKED) == 0) look_at_runs(p, c.alpha | c.digit, c.digit);
    p->last = c;
}

uint32_t sp_normalise_hint(sp_bytes text)
{
    pass p = {.text = text};
    size_t at = 0;
    for (; text.n - at >= BLOCK; at += BLOCK) look_at_block(&p, text.p + at, at);
    uint8_t rest[BLOCK] = {0};
    if (at < text.n) memcpy(rest, text.p + at, text.n - at);
    look_at_block(&p, rest, at); /* empty: the window across the last edge, and the last run */
    return p.hints;
}
