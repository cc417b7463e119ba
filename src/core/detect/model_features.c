/* Words, and which stand beside each other. A word is a run of letters and digits, without case; of scripts
 * that put no blanks between words each character is one. A word counts whole and by its first five
 * characters, so that "instructions" and "Anweisungen" are met in their other forms too; pairs and triples
 * are of those beginnings. Width, style and what is invisible do not count. Punctuation is a word of its own:
 * it tells code and tables from speech, and a quoted word from a spoken one. */
#include "base/words.h"
#include "detect/model_ids.h"

enum {
    FULL = SP_SENTENCE_TOKENS_MAX - 2, /* tokens of a full sentence: a step takes two at most */
    STEM = 5,                          /* characters of a stem */
};

/* What a code point is to the reader of words. */
typedef enum cp_class { CP_BREAK = 0, CP_LETTER, CP_DIGIT, CP_ALONE, CP_MARK, CP_SKIP, CP_END } cp_class;

/* The hash of a mark, or of a character that stands alone: no word has it, since what has a ninth letter has
 * eight before. */
static uint32_t spell_alone(uint32_t c)
{
    return sp_spell(c, 1);
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

/* What may stand behind the mark that ends a sentence. */
static const bool is_before_blank[256] = {
    [0 ... ' '] = true, ['"'] = true, [0x27] = true,          [')'] = true,
    ['*'] = true,       ['<'] = true, [0x80 ... 0xff] = true,
};

static bool is_blank_at(sp_bytes s, size_t at)
{
    return at >= s.n || is_before_blank[s.p[at]];
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
    t->words[t->n] = word;
    t->stems[SP_STEMS_BEFORE + t->n] = stem;
    t->alone |= (uint64_t)is_alone << t->n;
    t->n++;
}

/* The stem of the last token, or that of the beginning. */
static uint32_t last_stem(const builder *b)
{
    return b->tokens.stems[SP_STEMS_BEFORE - 1 + b->tokens.n];
}

/* A word that is being spelled. */
typedef struct speller {
    sp_letters letters, stem; /* the stem is known when the word is that long */
    uint32_t n, n_bytes;
    bool is_upper, is_number; /* all of it */
} speller;

static void put_byte(speller *w, uint32_t byte)
{
    const uint64_t here = (uint64_t)byte << (w->n_bytes % 8 * 8);
    if (w->n_bytes < 8)
        w->letters.low |= here;
    else if (w->n_bytes < SP_WORD_BYTES)
        w->letters.high |= here;
    w->n_bytes++;
}

/* A character has been put. */
static void count_letter(speller *w)
{
    if (++w->n == STEM) w->stem = w->letters;
}

/* Bytes of UTF-8, but what tells words apart is all that they are read for. */
static void put_letter(speller *w, uint32_t c, bool is_digit)
{
    const uint32_t low = lower(c);
    if (w->n == 0) *w = (speller){.is_upper = true, .is_number = true};
    if (low < 0x80) {
        put_byte(w, low | 0x20);
    } else {
        if (low >= 0x10000) put_byte(w, 0x80 | (low >> 18));
        if (low >= 0x800) put_byte(w, 0x80 | (low >> 12 & 0x3f));
        put_byte(w, 0x80 | (low >> 6 & 0x3f));
        put_byte(w, 0x80 | (low & 0x3f));
    }
    w->is_upper = w->is_upper && low != c;
    w->is_number = w->is_number && is_digit;
    count_letter(w);
}

/* The plain letters from `at` on, which are most of most texts.
 * @return where they end. */
static size_t put_plain(speller *w, sp_bytes s, size_t at)
{
    for (; at < s.n; at++) {
        const uint8_t c = s.p[at];
        const uint8_t low = c | 0x20;
        if (low < 'a' || low > 'z') break;
        put_byte(w, low);
        w->is_upper = w->is_upper && c != low;
        w->is_number = false;
        count_letter(w);
    }
    return at;
}

static void add_word(builder *b, const speller *w)
{
    const sp_letters *const stem = w->n < STEM ? &w->letters : &w->stem;
    b->n_shout += (uint32_t)(w->n > 2) & w->is_upper;
    if (w->is_number)
        add_token(b, SP_TOKEN_NUMBER, SP_TOKEN_NUMBER, false);
    else
        add_token(b, sp_spell(w->letters.low, w->letters.high), sp_spell(stem->low, stem->high), false);
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
    const uint32_t token = spell_alone(c);
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
        const uint32_t token = spell_alone(c);
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
 * Where words are is known for 64 bytes at a time. What begins in the last of them waits for the next ones,
 * so that all of a word is seen. */

/* A stretch that is being taken, apart from its sentence so that it stays in registers. */
typedef struct stretch {
    uint32_t n, flags, n_shout; /* of the sentence */
    bool is_over;
    size_t at;
    size_t word;           /* where the last one begins; SIZE_MAX: there is none */
    uint32_t shout_before; /* it */
} stretch;

static void look(sp_window *win, sp_bytes s, size_t at)
{
    enum { LAST_START = SP_WORDS_BYTES - SP_WORD_BYTES };
    const size_t most = s.n - at - SP_WORD_BYTES; /* of a word that begins there, all is in the text */
    win->base = at;
    win->is = sp_words_at(s, at);
    win->starts = (win->is.words & ~(win->is.words << 1)) | win->is.others;
    win->reach = most < LAST_START ? most : LAST_START;
    win->starts &= (UINT64_C(1) << win->reach) - 1;
}

static bool is_word_char(uint8_t c)
{
    return plain_chars[c].class == CP_LETTER || plain_chars[c].class == CP_DIGIT;
}

static bool is_all(const uint8_t *p, uint32_t n, uint8_t first, uint8_t last)
{
    for (uint32_t i = 0; i < n; i++) {
        if (p[i] < first || p[i] > last) return false;
    }
    return true;
}

/* The word that begins at bit `i`; of a long one SP_WORD_BYTES are read. A number, or one in capitals, is
 * rare and shows in its first letters.
 * @return false: its end may lie behind the window. */
static inline bool take_word(stretch *to, sp_tokens *t, const sp_window *win, const uint8_t *p, uint32_t i)
{
    const uint64_t most = UINT64_C(1) << (SP_WORDS_BYTES - 1);
    const uint32_t n = (uint32_t)__builtin_ctzll(~(win->is.words >> i) | most);
    if (i + n >= SP_WORDS_BYTES - 1) return false;
    const sp_letters letters = sp_letters_of(p, n < SP_WORD_BYTES ? n : SP_WORD_BYTES);
    uint32_t word = sp_spell(letters.low, letters.high);
    uint32_t stem = sp_spell(letters.low & ((UINT64_C(1) << 8 * STEM) - 1), 0);
    to->flags &= ~(uint32_t)(LAST | CLOSES);
    if (to->n == 0 && is_all(p, 1, 'A', 'Z')) to->flags |= SP_SENTENCE_OPENS;
    to->shout_before = to->n_shout;
    if ((n > 2) & sp_letters_may_shout(p)) to->n_shout += is_all(p, n, 'A', 'Z');
    if (p[0] <= '9' && is_all(p, n, '0', '9')) word = stem = SP_TOKEN_NUMBER;
    t->words[to->n] = word;
    t->stems[SP_STEMS_BEFORE + to->n] = stem;
    to->n++;
    to->word = win->base + i;
    to->at = to->word + n;
    return true;
}

/* A mark, or what ends a sentence.
 * @return false: it is not plain. */
static inline bool take_other(stretch *to, sp_tokens *t, sp_bytes s, size_t at)
{
    const uint8_t c = s.p[at];
    const plain_char *const is = &plain_chars[c];
    if (is->is_odd || (c == ':' && is_url_at(s, at))) return false;
    const uint32_t mark = spell_alone(c);
    const uint32_t is_mark = is->is_token & (mark != t->stems[SP_STEMS_BEFORE - 1 + to->n]);
    t->words[to->n] = mark; /* written where it is none too, and then overwritten */
    t->stems[SP_STEMS_BEFORE + to->n] = mark;
    to->n += is_mark;
    to->flags = (to->flags & ~(uint32_t)is->takes) | is->gives;
    if (c == '<' && is_comment_at(s, at)) to->flags |= SP_SENTENCE_COMMENT;
    to->at = at + 1;
    to->is_over = is->may_end & ((c < ' ') | is_before_blank[s.p[at + 1]]);
    return true;
}

/* Where the other reader begins: a word goes on with what is odd behind it. */
static void give_back(stretch *to, sp_bytes s)
{
    const bool is_odd = to->at < s.n && plain_chars[s.p[to->at]].is_odd;
    if (!is_odd || to->word == SIZE_MAX || !is_word_char(s.p[to->at - 1])) return;
    to->n--;
    to->n_shout = to->shout_before;
    to->at = to->word;
}

/* Takes what begins in the window from `to->at` on, until the sentence is over, or nearly full.
 * @return false: the next is not plain, or the last that the sentence takes. */
static inline bool take_window(stretch *to, sp_tokens *t, const sp_window *win, sp_bytes s)
{
    uint64_t left = win->starts & ~UINT64_C(0) << (to->at - win->base);
    for (; left != 0 && to->n < FULL - 1; left &= left - 1) {
        const uint32_t i = (uint32_t)__builtin_ctzll(left);
        const size_t at = win->base + i;
        const bool is_other = win->is.others >> i & 1;
        if (is_other ? !take_other(to, t, s, at) : !take_word(to, t, win, s.p + at, i)) {
            to->at = at;
            return false;
        }
        if (to->is_over) return true;
    }
    const size_t end = win->base + (left == 0 ? win->reach : (size_t)__builtin_ctzll(left));
    if (to->at < end) to->at = end; /* blanks */
    return left == 0;
}

/* Takes plain words, and the plain characters between them.
 * @return false: the next is something else, or near the end of the text, or the sentence nearly full. */
static bool take_plain(builder *b, sp_sentences *in, bool *is_over)
{
    sp_window *const win = &in->window;
    stretch to = {b->tokens.n, b->out->flags, b->n_shout, false, in->at, SIZE_MAX, 0};
    bool is_plain = true;
    while (is_plain && !to.is_over) {
        is_plain = in->text.n - to.at > SP_WORD_BYTES;
        if (is_plain && to.at >= win->base + win->reach) look(win, in->text, to.at);
        if (is_plain) is_plain = take_window(&to, &b->tokens, win, in->text);
    }
    if (!is_plain) give_back(&to, in->text);
    b->tokens.n = to.n;
    b->out->flags = to.flags;
    b->n_shout = to.n_shout;
    in->at = to.at;
    *is_over = to.is_over;
    return is_plain;
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
    sp_tokens__begin(&b->tokens);
}

bool sp_sentences_next(sp_sentences *in, sp_sentence *out)
{
    builder b;
    speller w = {.n = 0};
    begin(&b, out, in->at);
    while (in->at < in->text.n) {
        bool is_over = false;
        const bool is_plain = w.n == 0 && take_plain(&b, in, &is_over);
        /* a long word may have been the last of the text */
        if (!is_plain && !is_over && in->at < in->text.n) in->at = step(&b, &w, in->text, in->at, &is_over);
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
