/** Which views are worth making: sets of bits over 64 bytes at a time, and shifts of them, with the blocks
 *  before and behind at hand. What is asked of a number of bytes is asked of every 64 that begin at a
 * multiple of 32, so that no edge hides it. Few branches: what text makes of them nobody foresees. Only what
 * the sets name is read byte by byte. */
#include "normal/normal_internal.h"

enum {
    BLOCK = SP_BLOCK,
    BATCH = 8, /* blocks whose classes are made at once */
    HALF = BLOCK / 2,
    ACCENTS_HIGH = 18,  /* bytes beyond ASCII in 64: nine accents; French has two, Vietnamese reaches it */
    ACCENTS_ALPHA = 12, /* beside letters of ASCII */
    LINES_MIN = 3,
    DIGITS_MIN = 8,
    LEET_MIN = 2,
    APART = 4,     /* characters between two spelled digits, of a password say */
    WORD_BYTES = 8 /* of a known word at most */
};

/* A pass under way. */
typedef struct pass {
    sp_bytes text;
    uint32_t hints;
    const sp_classes *last, *now, *next; /* of three blocks in a row */
    uint64_t words[3];                   /* theirs: ASCII letters and digits, and all beyond ASCII */
    size_t taken, made;                  /* of `all`, with the two before them */
    sp_classes *all;                     /* 2 + BATCH */
} pass;

/* Has the set `n` members? Mostly it has none, and counting bits is a call on processors of old. */
static bool has(uint64_t set, unsigned n)
{
    while (set != 0 && --n > 0) set &= set - 1;
    return set != 0;
}

/* Bit i: of the byte `n` behind byte i, 0 < n < 64; `next` is of the block behind. */
static uint64_t ahead(uint64_t set, uint64_t next, unsigned n)
{
    return set >> n | next << (BLOCK - n);
}

/* Bit i: of the byte before byte i; `last` is of the block before. */
static uint64_t behind(uint64_t set, uint64_t last)
{
    return set << 1 | last >> (BLOCK - 1);
}

static size_t first_of(uint64_t set)
{
    return (size_t)__builtin_ctzll(set);
}

/* ---- windows of 64 bytes ---- */

/* Are there groups of digits, with up to three bytes between two that are no letters, that are longer
 * together than digits alone could be? */
static bool are_grouped(uint64_t digit, uint64_t alpha)
{
    const uint64_t starts = digit & ~(digit << 1), apart = digit << 2 | digit << 3 | digit << 4;
    if ((starts & apart) == 0 || !has(digit, DIGITS_MIN)) return false;
    const uint64_t gap = ~(digit | alpha), one = digit << 1 & gap, two = one << 1 & gap;
    const uint64_t back = digit >> 1 & gap, back_two = back >> 1 & gap, back_three = back_two >> 1 & gap;
    /* what is at most three bytes long: the first byte of it and the last, and what is between */
    const uint64_t closed = one & (back | back_two | back_three);
    uint64_t run = digit | closed | (closed << 1 & two) | (closed << 2 & two << 1 & gap);
    run &= run >> 1;
    run &= run >> 2;
    run &= run >> 4;
    return (run & run >> 1) != 0;
}

/* Groups of digits in the window at `at`; dates, tables and numbers in names have some, too. */
static void look_at_groups(pass *p, uint64_t digit, uint64_t alpha, size_t at)
{
    if (!are_grouped(digit, alpha) || (p->hints & SP_HINT_DIGITS) != 0) return;
    const size_t end = p->text.n - at < BLOCK ? p->text.n : at + BLOCK;
    if (sp_view__has_groups(p->text, at, end)) p->hints |= SP_HINT_DIGITS;
}

static uint32_t look_at_window(uint64_t alpha, uint64_t digit, uint64_t high)
{
    uint32_t hints = 0;
    if (high != 0 && has(high, ACCENTS_HIGH) && has(alpha, ACCENTS_ALPHA)) hints |= SP_HINT_ACCENTS;
    if (has(digit & alpha << 1 & alpha >> 1, LEET_MIN)) hints |= SP_HINT_LEET;
    return hints;
}

/* Line feeds that break a line of text, among those of the window at `at`: code and lists are full of others.
 */
static void look_at_lines(pass *p, uint64_t line, size_t at)
{
    uint64_t set = line & ~(line << 1);
    unsigned n = 0;
    if (!has(set, LINES_MIN) || (p->hints & SP_HINT_LINES) != 0) return;
    for (; set != 0; set &= set - 1) n += sp_view__is_break(p->text, at + first_of(set));
    if (n >= LINES_MIN) p->hints |= SP_HINT_LINES;
}

/* The window of this block, and the one between the last block and this. */
static void look_at_windows(pass *p, size_t at)
{
    const sp_classes *a = p->last, *b = p->now;
    p->hints |= look_at_window(b->alpha, b->digit, b->high);
    p->hints |= look_at_window(ahead(a->alpha, b->alpha, HALF), ahead(a->digit, b->digit, HALF),
                               ahead(a->high, b->high, HALF));
    look_at_lines(p, b->line, at);
    look_at_groups(p, b->digit, b->alpha, at);
    if (at < BLOCK) return;
    look_at_lines(p, ahead(a->line, b->line, HALF), at - HALF);
    look_at_groups(p, ahead(a->digit, b->digit, HALF), ahead(a->alpha, b->alpha, HALF), at - HALF);
}

/* ---- single places ---- */

/* Three of four characters, each between two others, are letters or digits. */
static bool are_spaced(const pass *p)
{
    const uint64_t word = p->now->alpha | p->now->digit, next = p->next->alpha | p->next->digit;
    const uint64_t last = p->last->alpha | p->last->digit;
    const uint64_t alone = word & ~behind(word, last) & ~ahead(word, next, 1);
    const uint64_t alone_next = next & ~behind(next, word) & ~(next >> 1);
    const uint64_t b = ahead(alone, alone_next, 2), c = ahead(alone, alone_next, 4),
                   d = ahead(alone, alone_next, 6);
    return ((alone & b & (c | d)) | (c & d & (alone | b))) != 0;
}

static void look_at_escapes(pass *p, size_t at)
{
    /* No code goes on with a blank; "a = b & c" does. */
    uint64_t set = p->now->escape & ~ahead(p->now->blank, p->next->blank, 1);
    for (; set != 0 && (p->hints & SP_HINT_ESCAPES) == 0; set &= set - 1) {
        if (sp_escape_is_at(p->text, at + first_of(set))) p->hints |= SP_HINT_ESCAPES;
    }
}

/* Runs of SP_PACKED_MIN letters and digits and more, each where it begins. */
static void look_at_runs(pass *p, size_t at)
{
    const uint64_t word = p->now->alpha | p->now->digit;
    uint64_t set = word, next = p->next->alpha | p->next->digit;
    /* Bit i: 2, 4, 8, and in the end SP_PACKED_MIN begin at i. Of `next` the first ones are right. */
    for (unsigned n = 1; n < 8; n *= 2) {
        set &= ahead(set, next, n);
        next &= next >> n;
    }
    set &= ahead(set, next, SP_PACKED_MIN - 8) & ~behind(word, p->last->alpha | p->last->digit);
    for (; set != 0 && (p->hints & SP_HINT_PACKED) == 0; set &= set - 1) {
        if (sp_packed_may_be_at(p->text, at + first_of(set))) p->hints |= SP_HINT_PACKED;
    }
}

/* ---- words ---- */

/* The word of ASCII letters and what is beyond ASCII at `at`, if it is short enough to be known. */
static sp_word_class word_at(sp_bytes s, size_t at, size_t *end)
{
    size_t n = 0;
    uint8_t value;
    while (n <= WORD_BYTES && at + n < s.n && (s.p[at + n] >= 0x80 || sp_ascii_is_alnum(s.p[at + n]))) n++;
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

static void look_at_digit_words(pass *p, uint64_t starts, size_t at)
{
    for (; starts != 0 && (p->hints & SP_HINT_SPELLED) == 0; starts &= starts - 1) {
        size_t end;
        const bool is_digit = word_at(p->text, at + first_of(starts), &end) == SP_WORD_DIGIT;
        if (is_digit && goes_on(p->text, end)) p->hints |= SP_HINT_SPELLED;
    }
}

/* The first two of each half. */
static uint64_t sample(uint64_t starts)
{
    uint64_t low = starts & UINT32_MAX, high = starts & ~(uint64_t)UINT32_MAX;
    low &= low - 1;
    low &= low - 1;
    high &= high - 1;
    high &= high - 1;
    return starts & ~(low | high);
}

/* The first two words that begin in each half, a third of prose: of a row of spelled digits, which fills a
 * half, one is among them. Not characters by themselves: "D E eight nine". And words in brackets: "[at". */
static void look_at_words(pass *p, const uint8_t *bytes, size_t at)
{
    const uint64_t word = p->words[1], next = p->words[2];
    const uint64_t starts = sample(word & ~behind(word, p->words[0]) & ahead(word, next, 1));
    const unsigned found = sp_word_classes(bytes, starts, word, next);
    if ((found >> SP_WORD_ROT13 & 1) != 0) p->hints |= SP_HINT_ROT13;
    if ((found >> SP_WORD_REVERSED & 1) != 0) p->hints |= SP_HINT_REVERSED;
    if ((found >> SP_WORD_DIGIT & 1) != 0) look_at_digit_words(p, starts, at);
    const uint64_t bracketed = behind(p->now->bracket, p->last->bracket) & p->now->alpha;
    const unsigned signs = sp_word_classes(bytes, bracketed, word, next);
    if ((signs >> SP_WORD_SIGN & 1) != 0) p->hints |= SP_HINT_SPELLED;
}

/* "dot" by itself, and whatever letters stand around. */
static bool has_dot(const pass *p)
{
    const uint64_t word = p->words[1], next = p->words[2];
    const uint64_t dot = p->now->o & behind(p->now->d, p->last->d) & ahead(p->now->t, p->next->t, 1);
    if (dot == 0) return false;
    const uint64_t before = behind(behind(word, p->words[0]), p->words[0] << 1);
    return (dot & ~before & ~ahead(word, next, 2)) != 0;
}

/* ---- the pass ---- */

/* @param n  blocks that may be read at `bytes`, of which the first is taken. */
static void take_block(pass *p, const uint8_t *bytes, size_t n)
{
    if (p->taken == p->made) {
        p->all[0] = p->all[p->made - 2];
        p->all[1] = p->all[p->made - 1];
        p->taken = 2;
        p->made = 2 + (n < BATCH ? n : BATCH);
        sp_classes_64(p->all + 2, bytes, p->made - 2);
    }
    p->next = &p->all[p->taken++];
    p->now = p->next - 1;
    p->last = p->next - 2;
    p->words[0] = p->words[1];
    p->words[1] = p->words[2];
    p->words[2] = p->next->alpha | p->next->digit | p->next->high;
}

/* @param bytes  of the block, and WORD_BYTES more. */
static void look_at_block(pass *p, const uint8_t *bytes, size_t at)
{
    look_at_windows(p, at);
    if (p->now->high != 0) p->hints |= SP_HINT_WIDE;
    if (are_spaced(p)) p->hints |= SP_HINT_SPACED;
    if (p->now->escape != 0) look_at_escapes(p, at);
    look_at_words(p, bytes, at);
    if (has_dot(p)) p->hints |= SP_HINT_SPELLED;
    look_at_runs(p, at);
}

/* The last bytes of the text, less than two blocks, with zeros behind them. p->next is the first of them when
 * there are blocks before it. */
static void look_at_rest(pass *p, size_t at)
{
    uint8_t rest[2 * BLOCK + WORD_BYTES] = {0};
    const size_t n = p->text.n - at;
    memcpy(rest, p->text.p + at, n);
    if (p->text.n < BLOCK) take_block(p, rest, 1);
    take_block(p, rest + BLOCK, 1);
    look_at_block(p, rest, at);
    if (n <= BLOCK) return;
    take_block(p, (const uint8_t[BLOCK]){0}, 1);
    look_at_block(p, rest + BLOCK, at + BLOCK);
}

uint32_t sp_normalise_hint(sp_bytes text)
{
    sp_classes all[2 + BATCH];
    pass p = {.text = text, .all = all, .taken = 2, .made = 2};
    size_t at = 0;
    if (text.n == 0) return 0;
    all[0] = all[1] = (sp_classes){0};
    if (text.n >= BLOCK) take_block(&p, text.p, text.n / BLOCK);
    for (; text.n - at >= 2 * (size_t)BLOCK; at += BLOCK) {
        take_block(&p, text.p + at + BLOCK, (text.n - at) / BLOCK - 1);
        look_at_block(&p, text.p + at, at);
    }
    look_at_rest(&p, at);
    return p.hints;
}
