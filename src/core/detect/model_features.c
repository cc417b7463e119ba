/* Words, and which stand beside each other. A word is a run of letters and digits, without case; of scripts
 * that put no blanks between words each character is one. A word counts whole and by its first five
 * characters, so that "instructions" and "Anweisungen" are met in their other forms too; pairs and triples
 * are of those beginnings. Width, style and what is invisible do not count. Punctuation is a word of its own:
 * it tells code and tables from speech, and a quoted word from a spoken one. */
#include "base/words.h"
#include "detect/model_ids.h"

/* Tokens of a full sentence: a step takes two at most. */
enum { FULL = SP_SENTENCE_TOKENS_MAX - 2 };

/* What a code point is to the reader of words. */
typedef enum cp_class { CP_BREAK = 0, CP_LETTER, CP_DIGIT, CP_ALONE, CP_MARK, CP_SKIP, CP_END } cp_class;

/* FNV-1a, one step per code point. */
static uint32_t spell(uint32_t h, uint32_t c)
{
    return (h ^ c) * SP_SPELL_PRIME;
}

/* ---- characters ---- */

/* Code point at `at`, and its bytes. A byte that begins no character stands for a break. */
static uint32_t decode(sp_bytes s, size_t at, size_t *n)
{
    const uint8_t *p = s.p + at;
    const size_t left = s.n - at;
    *n = 1;
    if (p[0] < 0x80) return p[0];
    if (p[0] >= 0xc2 && p[0] < 0xe0 && left > 1 && (p[1] & 0xc0) == 0x80) {
        *n = 2;
        return (uint32_t)(p[0] & 0x1f) << 6 | (p[1] & 0x3fu);
    }
    const size_t want = sp_utf8_sequence(s, at);
    if (want < 3) return 0;
    *n = want;
    uint32_t c = p[0] & (want == 3 ? 0x0fu : 0x07u);
    for (size_t i = 1; i < want; i++) c = c << 6 | (p[i] & 0x3fu);
    return c;
}

typedef struct cp_range {
    uint32_t first, last;
    cp_class class;
} cp_range;

/* Beyond ASCII and the first two-byte letters, in order; what is in none is a letter. */
static const cp_range ranges[] = {
    {0x00080, 0x000a9, CP_BREAK}, {0x000ab, 0x000ac, CP_BREAK}, {0x000ad, 0x000ad, CP_SKIP},
    {0x000ae, 0x000b4, CP_BREAK}, {0x000b6, 0x000b9, CP_BREAK}, {0x000bb, 0x000bf, CP_BREAK},
    {0x00300, 0x0036f, CP_SKIP},  {0x0060c, 0x0060d, CP_BREAK}, {0x00610, 0x0061a, CP_SKIP},
    {0x0061b, 0x0061b, CP_BREAK}, {0x0061f, 0x0061f, CP_BREAK}, {0x0064b, 0x0065f, CP_SKIP},
    {0x006d4, 0x006d4, CP_BREAK}, {0x00964, 0x00965, CP_BREAK}, {0x00e00, 0x00eff, CP_ALONE},
    {0x01000, 0x0109f, CP_ALONE}, {0x01780, 0x017ff, CP_ALONE}, {0x02000, 0x0200a, CP_BREAK},
    {0x0200b, 0x0200f, CP_SKIP},  {0x02010, 0x02029, CP_BREAK}, {0x0202a, 0x0202e, CP_SKIP},
    {0x0202f, 0x0205f, CP_BREAK}, {0x02060, 0x0206f, CP_SKIP},  {0x02070, 0x02bff, CP_BREAK},
    {0x03000, 0x03004, CP_BREAK}, {0x03008, 0x03020, CP_BREAK}, {0x03040, 0x09fff, CP_ALONE},
    {0x0ac00, 0x0d7af, CP_ALONE}, {0x0f900, 0x0faff, CP_ALONE}, {0x0fe00, 0x0fe0f, CP_SKIP},
    {0x0feff, 0x0feff, CP_SKIP},  {0x1f000, 0x1faff, CP_BREAK}, {0x20000, 0x3ffff, CP_ALONE},
    {0xe0000, 0xe01ef, CP_SKIP},
};

static cp_class class_beyond(uint32_t c)
{
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0] && ranges[i].first <= c; i++)
        if (c <= ranges[i].last) return ranges[i].class;
    return CP_LETTER;
}

/* What a plain character says of its sentence: bits that it takes, and bits that it gives. */
typedef struct plain_char {
    uint8_t class;
    bool is_odd;   /* goes on with a word, or may */
    bool is_token; /* a mark that counts as a word */
    bool may_end;  /* the sentence, at least before a blank */
    uint16_t takes, gives;
} plain_char;

enum {
    LAST = SP_SENTENCE_ASK | SP_SENTENCE_CALL | SP_SENTENCE_COLON, /* the last mark says them */
    CLOSES = SP_SENTENCE_CLOSES,
};

/* A sentence is closed when the last that stands in it, but for quotes and brackets, closes one. */
#define WORD(of)                                              \
    {                                                         \
        .class = (of), .is_odd = true, .takes = LAST | CLOSES \
    }
#define MARK                                                       \
    {                                                              \
        .class = CP_MARK, .is_token = true, .takes = LAST | CLOSES \
    }
#define WRAP                                              \
    {                                                     \
        .class = CP_MARK, .is_token = true, .takes = LAST \
    }
#define STOP(of, flag)                                                          \
    {                                                                           \
        .class = (of), .may_end = true, .takes = LAST, .gives = (flag) | CLOSES \
    }
#define LINE                               \
    {                                      \
        .class = CP_BREAK, .may_end = true \
    }

/* What is in no row parts words. */
static const plain_char plain_chars[256] = {
    ['0' ... '9'] = WORD(CP_DIGIT),
    ['A' ... 'Z'] = WORD(CP_LETTER),
    ['a' ... 'z'] = WORD(CP_LETTER),
    ['_'] = WORD(CP_LETTER),
    ['#' ... '&'] = MARK,
    ['('] = MARK,
    ['+'] = MARK,
    ['/'] = MARK,
    [';' ... '='] = MARK,
    ['@'] = MARK,
    ['[' ... '^'] = MARK,
    ['`'] = MARK,
    ['{' ... '~'] = MARK,
    ['"'] = WRAP,
    [')' ... '*'] = WRAP,
    ['>'] = WRAP,
    ['!'] = STOP(CP_MARK, SP_SENTENCE_CALL),
    ['?'] = STOP(CP_MARK, SP_SENTENCE_ASK),
    [':'] = {.class = CP_MARK, .is_token = true, .takes = LAST, .gives = SP_SENTENCE_COLON | CLOSES},
    ['.'] = {.class = CP_BREAK, .may_end = true, .gives = CLOSES},
    [','] = {.class = CP_BREAK, .takes = CLOSES},
    [0x7f] = {.class = CP_BREAK, .takes = CLOSES},
    ['\n'] = LINE,
    ['\r'] = LINE,
    [0x27] = {.class = CP_BREAK, .is_odd = true},
    [0x80 ... 0xff] = {.class = CP_BREAK, .is_odd = true},
};

/* Forms of ASCII that readers take for it: full width, tags, mathematical letters. Others stay. */
static uint32_t plain(uint32_t c)
{
    if (c >= 0xff01 && c <= 0xff5e) return c - 0xff01 + 0x21;
    if (c >= 0xe0020 && c <= 0xe007e) return c - 0xe0000;
    if (c >= 0x1d400 && c <= 0x1d6a3) return (uint32_t) "abcdefghijklmnopqrstuvwxyz"[(c - 0x1d400) % 26];
    if (c == 0x201c || c == 0x201d || c == 0x201e || c == 0xab || c == 0xbb || c == 0x300c || c == 0x300d)
        return '"';
    return c;
}

/* Without case: ASCII, Latin-1, Latin Extended-A, Greek, Cyrillic. */
static uint32_t lower(uint32_t c)
{
    if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + 32 : c;
    if (c >= 0xc0 && c <= 0xde) return c + 32;
    if (c >= 0x139 && c <= 0x148) return c + (c & 1);
    if (c >= 0x100 && c <= 0x17f) return c | 1;
    if (c >= 0x391 && c <= 0x3a9) return c + 32;
    if (c >= 0x410 && c <= 0x42f) return c + 32;
    if (c >= 0x400 && c <= 0x40f) return c + 80;
    return c;
}

/* Does a sentence begin with such a letter? */
static bool opens(uint32_t c)
{
    return lower(c) != c || c >= 0x590;
}

/* Does the character end a sentence wherever it stands? */
static bool is_full_stop(uint32_t c)
{
    if (c < 0x80) return c == '\n' || c == '\r';
    return c == 0x3002 || c == 0xff01 || c == 0xff1f || c == 0x0964 || c == 0x061f || c == 0x06d4;
}

static bool is_blank_at(sp_bytes s, size_t at)
{
    return at >= s.n || s.p[at] <= ' ' || s.p[at] == '"' || s.p[at] == 0x27 || s.p[at] == ')' ||
           s.p[at] == '*' || s.p[at] == '<' || s.p[at] >= 0x80;
}

/* ---- a sentence under way ---- */

typedef struct builder {
    sp_sentence *out;
    uint32_t n_shout;
    sp_tokens tokens;
} builder;

static void add_token(builder *b, uint32_t word, uint32_t stem, bool is_alone)
{
    sp_tokens *t = &b->tokens;
    t->n_later[t->n] = 0;
    t->words[t->n] = word;
    t->stems[1 + t->n] = stem;
    t->alone |= (uint64_t)is_alone << t->n;
    t->n++;
}

/* The stem of the last token, or that of the beginning. */
static uint32_t last_stem(const builder *b)
{
    return b->tokens.stems[b->tokens.n];
}

/* A word that is being spelled. */
typedef struct speller {
    uint32_t hash, stem; /* the stem is known when the word is that long */
    uint32_t n;
    bool is_upper, is_number; /* all of it */
} speller;

static void put_letter(speller *w, uint32_t c, bool is_digit)
{
    const uint32_t low = lower(c);
    if (w->n == 0) *w = (speller){SP_SPELL_BASE, 0, 0, true, true};
    w->hash = spell(w->hash, low);
    w->n++;
    w->is_upper = w->is_upper && low != c;
    w->is_number = w->is_number && is_digit;
    if (w->n == SP_SPELL_STEM) w->stem = w->hash;
}

/* The plain letters from `at` on, which are most of most texts.
 * @return where they end. */
static size_t put_plain(speller *w, sp_bytes s, size_t at)
{
    for (; at < s.n; at++) {
        const uint8_t c = s.p[at];
        const uint8_t low = c | 0x20;
        if (low < 'a' || low > 'z') break;
        w->hash = spell(w->hash, low);
        w->is_upper = w->is_upper && c != low;
        if (++w->n == SP_SPELL_STEM) w->stem = w->hash;
        w->is_number = false;
    }
    return at;
}

static void add_word(builder *b, const speller *w)
{
    const uint32_t stem = w->n > SP_SPELL_STEM ? w->stem : w->hash;
    b->n_shout += (uint32_t)(w->n > 2) & w->is_upper;
    add_token(b, w->is_number ? SP_TOKEN_NUMBER : w->hash, w->is_number ? SP_TOKEN_NUMBER : stem, false);
}

static void end_word(builder *b, speller *w)
{
    if (w->n == 0) return;
    add_word(b, w);
    w->n = 0;
}

/* An address of the web counts as one token, whatever it holds. */
static size_t skip_url(sp_bytes s, size_t at)
{
    while (at < s.n && s.p[at] > ' ' && s.p[at] != ')' && s.p[at] != '"' && s.p[at] != '>' && s.p[at] < 0x80)
        at++;
    return at;
}

static bool is_url_at(sp_bytes s, size_t at)
{
    return at > 0 && s.n - at > 2 && s.p[at] == ':' && s.p[at + 1] == '/' && s.p[at + 2] == '/';
}

static bool is_comment_at(sp_bytes s, size_t at)
{
    return s.n - at > 3 && memcmp(s.p + at, "<!--", 4) == 0;
}

static void note_char(builder *b, const plain_char *c)
{
    b->out->flags = (b->out->flags & ~(uint32_t)c->takes) | c->gives;
}

static void put_mark(builder *b, sp_bytes s, size_t at, uint32_t c)
{
    if (c == '<' && is_comment_at(s, at)) b->out->flags |= SP_SENTENCE_COMMENT;
    const uint32_t token = spell(SP_SPELL_BASE, c);
    if (token != last_stem(b)) add_token(b, token, token, false);
}

static void finish(builder *b)
{
    sp_sentence *s = b->out;
    s->n_tokens = b->tokens.n;
    sp_ids__add(s, &b->tokens);
    if (b->n_shout >= 3) s->flags |= SP_SENTENCE_SHOUT;
    const uint32_t read = 2 * SP_SENTENCE_COMMENT - 1; /* the others only say what sentence it is */
    for (uint32_t left = s->flags & read; left != 0; left &= left - 1) sp_ids__add_flag(s, left & (0 - left));
}

/* What a character beyond ASCII that is no letter says of its sentence; a mark that it shows was noted. */
static void note_end(builder *b, uint32_t raw)
{
    if (raw == 0xff1f || raw == 0x061f) b->out->flags |= SP_SENTENCE_ASK;
    if (is_full_stop(raw))
        b->out->flags |= SP_SENTENCE_CLOSES;
    else
        b->out->flags &= ~(uint32_t)SP_SENTENCE_CLOSES;
}

static bool ends_at(sp_bytes s, size_t at, uint32_t c)
{
    return (c == '.' || c == '?' || c == '!') && is_blank_at(s, at);
}

/* A word begins. */
static void note_word(builder *b, uint32_t c)
{
    b->out->flags &= ~(uint32_t)(LAST | CLOSES);
    if (b->tokens.n == 0 && opens(c)) b->out->flags |= SP_SENTENCE_OPENS;
}

/* Takes a character beyond ASCII, or one that shows a plain one.
 * @return where to go on; the sentence is over when `*is_over`. */
static size_t step_beyond(builder *b, speller *w, sp_bytes s, size_t at, bool *is_over)
{
    size_t n;
    const uint32_t raw = decode(s, at, &n);
    const uint32_t c = plain(raw);
    const cp_class class = c < 0x80 ? (cp_class)plain_chars[c].class : class_beyond(c);
    if (raw >= 0xe0020 && raw <= 0xe007e) b->out->flags |= SP_SENTENCE_TAGS;
    if (class == CP_LETTER || class == CP_DIGIT) {
        if (w->n == 0) note_word(b, c);
        put_letter(w, c, class == CP_DIGIT);
        return put_plain(w, s, at + n);
    }
    if (class == CP_SKIP) {
        b->out->flags |= SP_SENTENCE_HIDDEN;
        return at + n;
    }
    if (class == CP_BREAK && c == 0x27) return at + n; /* don't: one word */
    end_word(b, w);
    if (class == CP_ALONE) {
        const uint32_t token = spell(SP_SPELL_BASE, c);
        if (b->tokens.n == 0) b->out->flags |= SP_SENTENCE_OPENS;
        add_token(b, token, token, true);
    }
    if (class == CP_MARK) {
        note_char(b, &plain_chars[c]);
        if (plain_chars[c].is_token) put_mark(b, s, at, c);
    }
    if (raw != 0) note_end(b, raw);
    *is_over = is_full_stop(raw) || ends_at(s, at + n, c);
    return at + n;
}

/* The same of a plain character. */
static size_t step_plain(builder *b, speller *w, sp_bytes s, size_t at, bool *is_over)
{
    const uint8_t c = s.p[at];
    const plain_char *const is = &plain_chars[c];
    if (is->class == CP_LETTER || is->class == CP_DIGIT) {
        if (w->n == 0) note_word(b, c);
        put_letter(w, c, is->class == CP_DIGIT);
        return put_plain(w, s, at + 1);
    }
    if (c == 0x27) return at + 1; /* don't: one word */
    end_word(b, w);
    if (c == ':' && is_url_at(s, at)) {
        add_token(b, SP_TOKEN_URL, SP_TOKEN_URL, false);
        return skip_url(s, at);
    }
    note_char(b, is);
    if (is->is_token) put_mark(b, s, at, c);
    if (is->may_end) *is_over = c < ' ' || is_blank_at(s, at + 1);
    return at + 1;
}

/* ---- plain words, which are most of most texts ----
 * A word and the character behind it are taken at once and, but for what is rare, without a branch: how long
 * words are and what stands behind them is a coin's toss. */

/* Where words are from `base` on: see sp_words_at. */
typedef struct plain_window {
    size_t base;
    uint64_t words;
} plain_window;

/* A word that is too long to be spelled later, or a number. */
static void spell_now(sp_tokens *t, uint32_t n, const sp_plain_word *r, const uint8_t *p)
{
    uint32_t h = SP_SPELL_BASE, stem = 0;
    for (uint32_t i = 0; i < r->n; i++) {
        h = spell(h, lower(p[i]));
        if (i < SP_SPELL_STEM) stem = h;
    }
    t->n_later[n] = 0;
    t->words[n] = r->is_number ? SP_TOKEN_NUMBER : h;
    t->stems[1 + n] = r->is_number ? SP_TOKEN_NUMBER : stem;
}

/* What changes from word to word, apart from its sentence so that it stays in registers. */
typedef struct state {
    uint32_t n, flags, n_shout;
} state;

/* A word of `n` letters. */
static inline void take_run(state *to, sp_tokens *t, const uint8_t *p, uint32_t n)
{
    const sp_plain_word r = sp_plain_word_of(p, n);
    const uint32_t opens = (uint32_t)r.opens & (to->n == 0);
    to->flags = (to->flags & ~(uint32_t)(LAST | CLOSES)) | opens * SP_SENTENCE_OPENS;
    to->n_shout += (n > 2) & r.is_upper;
    t->n_later[to->n] = n;
    t->low[to->n] = (uint32_t)r.low;
    t->high[to->n] = (uint32_t)(r.low >> 32);
    t->words[to->n] = t->stems[1 + to->n] = 0;
    if ((n > SP_SPELL_CHARS) | r.is_number) spell_now(t, to->n, &r, p);
    to->n++;
}

/* The character behind it; a mark is written where it is none too, and then overwritten. */
static inline void take_char(state *to, sp_tokens *t, uint32_t c)
{
    const plain_char *const is = &plain_chars[c];
    const uint32_t mark = spell(SP_SPELL_BASE, c);
    const uint32_t is_mark = is->is_token & (mark != t->stems[to->n]);
    to->flags = (to->flags & ~(uint32_t)is->takes) | is->gives;
    t->n_later[to->n] = 0;
    t->words[to->n] = mark;
    t->stems[1 + to->n] = mark;
    to->n += is_mark;
}

/* Takes plain words and the plain characters behind them until the sentence is over, or is full, or there is
 * something else, or nearly the end of the text.
 * @return where to go on. */
static size_t take_plain(builder *b, plain_window *win, sp_bytes s, size_t at, bool *is_over)
{
    state to = {b->tokens.n, b->out->flags, b->n_shout};
    while (s.n - at > SP_WORD_BYTES && to.n < FULL && !*is_over) {
        if (at - win->base > SP_WORDS_BYTES - SP_WORD_BYTES) *win = (plain_window){at, sp_words_at(s, at)};
        const uint32_t n = (uint32_t)__builtin_ctzll(~(win->words >> (at - win->base)) | 1u << SP_WORD_BYTES);
        const size_t end = at + n;
        const uint8_t c = s.p[end];
        if ((n == SP_WORD_BYTES) | plain_chars[c].is_odd) break;
        if (c == ':' && is_url_at(s, end)) break;
        if (n > 0) take_run(&to, &b->tokens, s.p + at, n);
        take_char(&to, &b->tokens, c);
        if (c == '<' && is_comment_at(s, end)) to.flags |= SP_SENTENCE_COMMENT;
        if (plain_chars[c].may_end) *is_over = c < ' ' || is_blank_at(s, end + 1);
        at = end + 1;
    }
    b->tokens.n = to.n;
    b->out->flags = to.flags;
    b->n_shout = to.n_shout;
    return at;
}

/* Takes the character at `at` into the sentence.
 * @return where to go on; the sentence is over when `*is_over`. */
static size_t step(builder *b, speller *w, sp_bytes s, size_t at, bool *is_over)
{
    return s.p[at] < 0x80 ? step_plain(b, w, s, at, is_over) : step_beyond(b, w, s, at, is_over);
}

static void begin(builder *b, sp_sentence *out, size_t at)
{
    out->start = at;
    out->flags = out->n_tokens = out->n_ids = 0;
    b->out = out;
    b->n_shout = 0;
    b->tokens.n = 0;
    b->tokens.alone = 0;
    b->tokens.stems[0] = SP_TOKEN_START;
}

bool sp_sentences_next(sp_sentences *in, sp_sentence *out)
{
    builder b;
    speller w = {0, 0, 0, false, false};
    plain_window win = {in->at - SP_WORDS_BYTES, 0}; /* as one that was left behind */
    begin(&b, out, in->at);
    while (in->at < in->text.n) {
        bool is_over = false;
        const size_t at = in->at;
        if (w.n == 0) in->at = take_plain(&b, &win, in->text, at, &is_over);
        if (in->at == at && !is_over) in->at = step(&b, &w, in->text, at, &is_over);
        if (b.tokens.n >= FULL) is_over = true;
        if (!is_over) continue;
        end_word(&b, &w);
        if (b.tokens.n > 0) break;
        begin(&b, out, in->at);
    }
    end_word(&b, &w);
    out->end = in->at;
    if (b.tokens.n == 0) return false;
    finish(&b);
    return true;
}
