/* The table of words: open addressing over 32-bit hashes, a third full. Two words of one hash would share
 * what they are; the lists are fixed, so that this is found by their tests, not by users. In front of it a
 * filter of the words that make a line worth a look. */
#include "detect/names_words.h"

#include "detect/evidence.h"

#include <string.h>

enum { TABLE_BITS = 15, TABLE = 1 << TABLE_BITS, FILTER = 1 << 16, KNOWN = 1 << 17 };
enum {
    HOT = SP_WORD_GIVEN | SP_WORD_PLACE | SP_WORD_TITLE | SP_WORD_LEGAL | SP_CUE_STRONG | SP_WORD_PEOPLE,
};

typedef struct slot {
    uint32_t hash, flags;
} slot;

struct sp_words {
    slot v[TABLE];
    uint64_t hot[FILTER / 64];
    uint64_t known[KNOWN / 64]; /* nearly all that is asked for is in no list: the table need not be read */
    size_t n;
};

/* ---- letters ---- */

sp_glyph sp_glyph_at(const uint8_t *p, size_t i, size_t end)
{
    if (i >= end) return (sp_glyph){0, 0};
    const uint8_t c = p[i];
    if (c < 0x80) return (sp_glyph){c, 1};
    const size_t n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
    if (c < 0xc2 || i + n > end) return (sp_glyph){0, 1};
    uint32_t code = c & (0x7fu >> n);
    for (size_t k = 1; k < n; k++) code = code << 6 | (p[i + k] & 0x3f);
    return (sp_glyph){code, (uint8_t)n};
}

/* Vietnamese: U+1EA0 to U+1EF9 lie by base letter. */
static uint32_t fold_vietnamese(uint32_t c)
{
    if (c < 0x1eb8) return 'a';
    if (c < 0x1ec8) return 'e';
    if (c < 0x1ecc) return 'i';
    if (c < 0x1ee4) return 'o';
    return c < 0x1ef2 ? 'u' : 'y';
}

uint32_t sp_glyph_fold(uint32_t c)
{
    static const uint8_t greek[] = {0xb1, 0xb5, 0xb7, 0xb9}; /* accented alpha, epsilon, eta, iota */
    if (c >= 0x3ac && c <= 0x3af) return 0x300u + greek[c - 0x3ac];
    if (c == 0x3cc || c == 0x38c) return 0x3bf;
    if (c == 0x3cd || c == 0x3cb || c == 0x38e) return 0x3c5;
    if (c == 0x3ce || c == 0x38f) return 0x3c9;
    if (c == 0x386) return 0x3b1;
    if (c >= 0x388 && c <= 0x38a) return c == 0x388 ? 0x3b5 : c == 0x389 ? 0x3b7 : 0x3b9;
    if (c == 0x3c2) return 0x3c3; /* final sigma */
    if (c == 0x451) return 0x435; /* ё is written е */
    if (c == 0x60c || c == 0x61b || c == 0x61f || c == 0x6d4 || c == 0x964 || c == 0x965)
        return 0; /* Arabic comma, semicolon, question mark and full stop; danda */
    if (c == 0x5f3 || c == 0x5f4 || c == 0x5be) return 0; /* Hebrew geresh, gershayim, maqaf */
    if (c >= 0x1ea0 && c <= 0x1ef9) return fold_vietnamese(c);
    const bool is_sign = (c >= 0x2000 && c < 0x2e80) || (c >= 0x3000 && c < 0x3040) || c == 0x30fb;
    if (is_sign || (c >= 0xff00 && c < 0xff66) || c > 0x1ffff) return 0;
    return sp_evidence_fold(c);
}

bool sp_glyph_is_capital(uint32_t c)
{
    if (c < 0x80) return c >= 'A' && c <= 'Z';
    if (c < 0x100) return c >= 0xc0 && c <= 0xde && c != 0xd7;
    if (c < 0x139 || (c >= 0x14a && c < 0x179)) return (c & 1) == 0;
    if (c < 0x180) return (c & 1) == 1;
    if (c >= 0x370 && c < 0x400) return c == 0x386 || (c >= 0x388 && c <= 0x3ab && c != 0x390);
    if (c >= 0x400 && c < 0x530) return c < 0x430 || (c >= 0x460 && (c & 1) == 0);
    return c >= 0x1e00 && c < 0x1f00 && (c & 1) == 0;
}

/* ---- the table ---- */

uint32_t sp_word_hash(uint32_t h, const uint8_t *p, size_t start, size_t end)
{
    for (size_t i = start; i < end;) {
        const sp_glyph c = sp_glyph_at(p, i, end);
        const uint32_t folded = sp_glyph_fold(c.code);
        if (folded != 0) h = sp_word_hash_on(h, folded);
        i += c.n;
    }
    return h;
}

static size_t place_of(uint32_t hash)
{
    return (hash * 2654435761u) >> (32 - TABLE_BITS);
}

/* FNV mixes its low bits least in its last step; these are of the middle. */
static size_t bit_of(uint32_t hash)
{
    return (hash >> 8 ^ hash) & (FILTER - 1);
}

static size_t known_bit(uint32_t hash)
{
    return (hash >> 9 ^ hash) & (KNOWN - 1);
}

static sp_status add(sp_words *w, uint32_t hash, uint32_t flags)
{
    size_t at = place_of(hash);
    while (w->v[at].flags != 0 && w->v[at].hash != hash) at = (at + 1) & (TABLE - 1);
    if (w->v[at].flags == 0 && ++w->n > TABLE / 2) return SP_ERANGE;
    w->v[at].hash = hash;
    w->v[at].flags |= flags;
    w->known[known_bit(hash) >> 6] |= UINT64_C(1) << (known_bit(hash) & 63);
    if ((flags & (HOT | SP_KEY_NRP)) != 0) w->hot[bit_of(hash) >> 6] |= UINT64_C(1) << (bit_of(hash) & 63);
    return SP_OK;
}

/* A phrase is entered whole, and its first word as one that a phrase begins with. */
static sp_status add_phrase(sp_words *w, sp_bytes phrase, uint32_t flags)
{
    uint32_t h = SP_WORD_HASH;
    for (size_t at = 0; at < phrase.n;) {
        size_t end = at;
        while (end < phrase.n && phrase.p[end] != ' ') end++;
        h = sp_word_hash(h, phrase.p, at, end);
        if (end == phrase.n) break;
        if (at == 0) SP_TRY(add(w, h, SP_WORD_PHRASE));
        h = sp_word_hash_on(h, 0);
        at = end + 1;
    }
    return add(w, h, flags);
}

static sp_status add_list(sp_words *w, const char *list, uint32_t flags)
{
    for (;;) {
        const size_t n = strcspn(list, "|");
        if (n > 0) SP_TRY(add_phrase(w, (sp_bytes){(const uint8_t *)list, n}, flags));
        if (list[n] == '\0') return SP_OK;
        list += n + 1;
    }
}

static sp_status add_lists(sp_words *w, const char *const *lists, uint32_t flags)
{
    for (; *lists != NULL; lists++) SP_TRY(add_list(w, *lists, flags));
    return SP_OK;
}

/* Endings are entered by their letters from behind. */
static sp_status add_ending(sp_words *w, sp_bytes ending, uint32_t flags)
{
    uint32_t letters[16];
    size_t n = 0;
    for (size_t i = 0; i < ending.n && n < 16;) {
        const sp_glyph c = sp_glyph_at(ending.p, i, ending.n);
        letters[n++] = c.code;
        i += c.n;
    }
    uint32_t h = SP_ENDING_HASH;
    while (n > 0) h = sp_word_hash_on(h, letters[--n]);
    return add(w, h, flags);
}

static sp_status add_endings(sp_words *w, const char *list, uint32_t flags)
{
    for (;;) {
        const size_t n = strcspn(list, "|");
        SP_TRY(add_ending(w, (sp_bytes){(const uint8_t *)list, n}, flags));
        if (list[n] == '\0') return SP_OK;
        list += n + 1;
    }
}

sp_status sp_words_new(sp_words **out, sp_mem *mem)
{
    sp_words *w = sp_alloc(mem, 1, sizeof *w);
    if (w == NULL) return SP_ENOMEM;
    SP_TRY(add_lists(w, sp_names_given, SP_WORD_GIVEN));
    SP_TRY(add_list(w, sp_names_given_words, SP_WORD_NAME));
    SP_TRY(add_lists(w, sp_names_family, SP_WORD_FAMILY));
    SP_TRY(add_lists(w, sp_names_countries, SP_WORD_PLACE));
    SP_TRY(add_lists(w, sp_names_cities, SP_WORD_PLACE));
    SP_TRY(add_list(w, sp_names_place_words, SP_WORD_MAYBE_PLACE));
    for (const sp_word_list *l = sp_names_lists; l->words != NULL; l++)
        SP_TRY(add_list(w, l->words, l->flags));
    for (const sp_word_list *l = sp_names_script_lists; l->words != NULL; l++)
        SP_TRY(add_list(w, l->words, l->flags));
    SP_TRY(add_endings(w, sp_names_family_endings, SP_END_FAMILY));
    SP_TRY(add_endings(w, sp_names_street_endings, SP_END_STREET));
    SP_TRY(add_endings(w, sp_names_place_endings, SP_END_PLACE));
    *out = w;
    return SP_OK;
}

uint32_t sp_words_find(const sp_words *w, uint32_t hash)
{
    const size_t bit = known_bit(hash);
    if (((w->known[bit >> 6] >> (bit & 63)) & 1) == 0) return 0;
    size_t at = place_of(hash);
    while (w->v[at].flags != 0 && w->v[at].hash != hash) at = (at + 1) & (TABLE - 1);
    return w->v[at].flags;
}

bool sp_words_is_hot(const sp_words *w, uint32_t hash)
{
    const size_t bit = bit_of(hash);
    return ((w->hot[bit >> 6] >> (bit & 63)) & 1) != 0;
}
