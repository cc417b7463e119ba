/* Words, and which stand beside each other. A word is a run of letters and digits, without case; of scripts
 * that put no blanks between words each character is one. A word counts whole and by its first five
 * characters, so that "instructions" and "Anweisungen" are met in their other forms too; pairs and triples
 * are of those beginnings. Width, style and what is invisible do not count. Punctuation is a word of its own:
 * it tells code and tables from speech, and a quoted word from a spoken one. */
#include "detect/model_features.h"

enum { STEM_CHARS = 5 };

/* What a code point is to the reader of words. */
typedef enum cp_class { CP_BREAK = 0, CP_LETTER, CP_DIGIT, CP_ALONE, CP_MARK, CP_SKIP, CP_END } cp_class;

/* The kinds of feature: each hashes apart from the others. */
enum { OF_WORD = 1, OF_STEM, OF_PAIR, OF_TRIPLE, OF_NEAR, OF_FOUR, OF_FLAG };

/* Tokens that are not spelled: no word has these hashes, since hashes of words are mixed from 0x811c9dc5. */
enum { TOKEN_START = 1, TOKEN_NUMBER = 2, TOKEN_URL = 3, TOKEN_NONE = 4 };

static uint32_t mix(uint32_t h)
{
    h ^= h >> 16;
    h *= 0x7feb352du;
    h ^= h >> 15;
    h *= 0x846ca68bu;
    return h ^ (h >> 16);
}

/* FNV-1a, one step per code point. */
static uint32_t spell(uint32_t h, uint32_t c)
{
    return (h ^ c) * 0x01000193u;
}

static uint32_t join(uint32_t kind, uint32_t a, uint32_t b)
{
    return mix(a * 0x9e3779b1u + b * 0x85ebca77u + kind * 0xc2b2ae3du);
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

static cp_class class_ascii(uint32_t c)
{
    const uint32_t low = c | 0x20;
    if (low >= 'a' && low <= 'z') return CP_LETTER;
    if (c >= '0' && c <= '9') return CP_DIGIT;
    if (c == '_') return CP_LETTER;
    if (c <= ' ' || c == ',' || c == '.' || c == 0x27 || c == '-' || c == 0x7f) return CP_BREAK;
    return CP_MARK;
}

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
    uint32_t before[3]; /* the stems in front, the nearest first */
    uint32_t n_shout;
} builder;

static void add_id(builder *b, uint32_t id)
{
    if (b->out->n_ids < SP_SENTENCE_IDS_MAX) b->out->ids[b->out->n_ids++] = id;
}

static void add_token(builder *b, uint32_t word, uint32_t stem, bool is_alone)
{
    const uint32_t *before = b->before;
    const uint32_t pair = join(OF_PAIR, before[0], stem);
    add_id(b, join(OF_WORD, word, 0));
    if (stem != word) add_id(b, join(OF_STEM, stem, 0));
    add_id(b, pair);
    if (before[1] != TOKEN_NONE) {
        add_id(b, join(OF_TRIPLE, before[1], pair));
        add_id(b, join(OF_NEAR, before[1], stem));
    }
    if (before[2] != TOKEN_NONE) {
        add_id(b, join(OF_NEAR, before[2], stem));
        if (is_alone) add_id(b, join(OF_FOUR, join(OF_PAIR, before[2], before[1]), pair));
    }
    b->before[2] = b->before[1];
    b->before[1] = b->before[0];
    b->before[0] = stem;
    b->out->n_tokens++;
}

/* A word that is being spelled. */
typedef struct speller {
    uint32_t hash, stem;
    uint32_t n, n_upper;
    bool is_number;
} speller;

static void put_letter(speller *w, uint32_t c, bool is_digit)
{
    const uint32_t low = lower(c);
    if (w->n == 0) *w = (speller){0x811c9dc5u, 0, 0, 0, true};
    w->hash = spell(w->hash, low);
    w->n++;
    w->n_upper += low != c;
    w->is_number = w->is_number && is_digit;
    if (w->n == STEM_CHARS) w->stem = w->hash;
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
        w->n_upper += c != low;
        if (++w->n == STEM_CHARS) w->stem = w->hash;
        w->is_number = false;
    }
    return at;
}

static void end_word(builder *b, speller *w)
{
    if (w->n == 0) return;
    b->n_shout += w->n > 2 && w->n_upper == w->n;
    const uint32_t stem = w->n > STEM_CHARS ? w->stem : w->hash;
    if (w->is_number)
        add_token(b, TOKEN_NUMBER, TOKEN_NUMBER, false);
    else
        add_token(b, w->hash, stem, false);
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

/* What marks say about the sentence, the last one counting for its end. */
static void note_mark(builder *b, sp_bytes s, size_t at, uint32_t c)
{
    const uint32_t ends = SP_SENTENCE_ASK | SP_SENTENCE_CALL | SP_SENTENCE_COLON;
    b->out->flags &= ~ends;
    if (c == '?') b->out->flags |= SP_SENTENCE_ASK;
    if (c == '!') b->out->flags |= SP_SENTENCE_CALL;
    if (c == ':') b->out->flags |= SP_SENTENCE_COLON;
    if (c == '<' && is_comment_at(s, at)) b->out->flags |= SP_SENTENCE_COMMENT;
}

static void put_mark(builder *b, sp_bytes s, size_t at, uint32_t c)
{
    note_mark(b, s, at, c);
    const uint32_t token = spell(0x811c9dc5u, c);
    if (c != '?' && c != '!' && token != b->before[0]) add_token(b, token, token, false);
}

static void finish(builder *b)
{
    sp_sentence *s = b->out;
    if (b->n_shout >= 3) s->flags |= SP_SENTENCE_SHOUT;
    for (uint32_t f = 1; f <= SP_SENTENCE_COMMENT; f <<= 1)
        if (s->flags & f) add_id(b, join(OF_FLAG, f, 0));
}

/* The sentence is closed when the last that stands in it, but for quotes and brackets, closes one. */
static void note_end(builder *b, uint32_t c)
{
    const bool is_wrap = c == '"' || c == 0x27 || c == ')' || c == '*' || c == '>' || c == '-';
    const bool closes = c == '.' || c == '?' || c == '!' || c == ':' || (c > ' ' && is_full_stop(c));
    if (closes)
        b->out->flags |= SP_SENTENCE_CLOSES;
    else if (!is_wrap)
        b->out->flags &= ~(uint32_t)SP_SENTENCE_CLOSES;
}

/* Takes the character at `at` into the sentence.
 * @return where to go on; the sentence is over when `*is_over`. */
static size_t step(builder *b, speller *w, sp_bytes s, size_t at, bool *is_over)
{
    size_t n;
    const uint32_t raw = decode(s, at, &n);
    const uint32_t c = plain(raw);
    const cp_class class = c < 0x80 ? class_ascii(c) : class_beyond(c);
    if (raw >= 0xe0020 && raw <= 0xe007e) b->out->flags |= SP_SENTENCE_TAGS;
    if (class == CP_LETTER || class == CP_DIGIT) {
        if (w->n == 0)
            b->out->flags &=
                ~(uint32_t)(SP_SENTENCE_ASK | SP_SENTENCE_CALL | SP_SENTENCE_COLON | SP_SENTENCE_CLOSES);
        if (w->n == 0 && b->out->n_tokens == 0 && opens(c)) b->out->flags |= SP_SENTENCE_OPENS;
        put_letter(w, c, class == CP_DIGIT);
        return put_plain(w, s, at + n);
    }
    if (class == CP_SKIP) {
        b->out->flags |= SP_SENTENCE_HIDDEN;
        return at + n;
    }
    if (class == CP_BREAK && c == 0x27) return at + n; /* don't: one word */
    end_word(b, w);
    if (is_url_at(s, at)) {
        add_token(b, TOKEN_URL, TOKEN_URL, false);
        return skip_url(s, at);
    }
    if (class == CP_ALONE) {
        const uint32_t token = spell(0x811c9dc5u, c);
        if (b->out->n_tokens == 0) b->out->flags |= SP_SENTENCE_OPENS;
        add_token(b, token, token, true);
    }
    if (class == CP_MARK) put_mark(b, s, at, c);
    if (raw == 0xff1f || raw == 0x061f) b->out->flags |= SP_SENTENCE_ASK;
    if (raw > ' ') note_end(b, raw);
    *is_over = is_full_stop(raw) || ((c == '.' || c == '?' || c == '!') && is_blank_at(s, at + n));
    return at + n;
}

static void begin(builder *b, sp_sentence *out, size_t at)
{
    out->start = at;
    out->flags = out->n_tokens = out->n_ids = 0;
    *b = (builder){out, {TOKEN_START, TOKEN_NONE, TOKEN_NONE}, 0};
}

bool sp_sentences_next(sp_sentences *in, sp_sentence *out)
{
    builder b;
    speller w = {0, 0, 0, 0, false};
    begin(&b, out, in->at);
    while (in->at < in->text.n) {
        bool is_over = false;
        in->at = step(&b, &w, in->text, in->at, &is_over);
        if (out->n_tokens >= SP_SENTENCE_TOKENS_MAX - 2) is_over = true;
        if (!is_over) continue;
        end_word(&b, &w);
        if (out->n_tokens > 0) break;
        begin(&b, out, in->at);
    }
    end_word(&b, &w);
    out->end = in->at;
    if (out->n_tokens == 0) return false;
    finish(&b);
    return true;
}
