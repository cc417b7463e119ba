/* The index of words, and reading the text around a candidate. A text becomes letters, folded so that
 * spelling does not matter, and letters become words; each run of up to SP_EVIDENCE_WORDS_MAX words is looked
 * up by its hash. Two entries of one hash (32 bits, a few thousand entries) would lend each other support:
 * sp_evidence_seal is no place to find that out, a test is. */
#include "detect/evidence.h"

#include <stdlib.h>
#include <string.h>

typedef struct sp_evidence_entry {
    uint32_t hash;
    uint16_t row;
    uint8_t weight;
} sp_evidence_entry;

/* ---- letters ---- */

/* Base letters of U+0100 to U+017F, which are most of what Latin has outside of Latin-1. */
static const char latin_a[] = "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllll"
                              "lllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
_Static_assert(sizeof latin_a == 129, "a letter for each of the block");
/* Base letters of U+00C0 to U+00FF; '.' for the two signs that are none. */
static const char latin_1[] = "aaaaaaaceeeeiiiidnooooo.ouuuuytsaaaaaaaceeeeiiiidnooooo.ouuuuyty";
_Static_assert(sizeof latin_1 == 65, "a letter for each of the block");

/* A letter as it is compared, 0 for what is none, and the bytes that it took. */
typedef struct letter {
    uint32_t c;
    uint8_t n;
} letter;

static uint32_t fold_cyrillic_or_greek(uint32_t c)
{
    if (c >= 0x391 && c <= 0x3a9) return c + 0x20;
    if (c >= 0x410 && c <= 0x42f) return c + 0x20;
    if (c >= 0x400 && c <= 0x40f) return c + 0x50;
    return c;
}

uint32_t sp_evidence_fold(uint32_t c)
{
    if (c < 0x80) return (c | 0x20) >= 'a' && (c | 0x20) <= 'z' ? c | 0x20 : 0;
    if (c < 0xc0) return 0;
    if (c < 0x100) return latin_1[c - 0xc0] == '.' ? 0 : (uint32_t)latin_1[c - 0xc0];
    if (c < 0x180) return (uint32_t)latin_a[c - 0x100];
    if (c >= 0x300 && c < 0x370) return 0;
    return c < 0x800 ? fold_cyrillic_or_greek(c) : c;
}

/* Bytes of a character that begins with `c`. */
static size_t length_of(uint8_t c)
{
    return c < 0xc2 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
}

/* The letter at `i` before `end`. Broken UTF-8 is a byte that is no letter. */
static letter letter_at(const uint8_t *p, size_t i, size_t end)
{
    const uint8_t c = p[i];
    if (c < 0x80) return (letter){sp_evidence_fold(c), 1};
    const size_t n = length_of(c);
    if (n == 1 || i + n > end) return (letter){0, 1};
    uint32_t code = c & (0x7fu >> n);
    for (size_t k = 1; k < n; k++) code = code << 6 | (p[i + k] & 0x3f);
    const bool is_sign = code >= 0x2000 && code < 0x2e80; /* punctuation, symbols */
    return (letter){is_sign || code == 0x3000 || code == 0xff1a ? 0 : sp_evidence_fold(code), (uint8_t)n};
}

/* The same where most of a text is ASCII. */
static inline letter letter_of(const uint8_t *p, size_t i, size_t end)
{
    if (p[i] >= 0x80) return letter_at(p, i, end);
    const uint8_t small = p[i] | 0x20;
    return (letter){small >= 'a' && small <= 'z' ? small : 0, 1};
}

static bool is_dense(uint32_t c)
{
    return c >= 0x800;
}

/* FNV-1a over code points. */
enum { HASH_START = 2166136261u, HASH_FACTOR = 16777619u };

static inline uint32_t hash_on(uint32_t h, uint32_t c)
{
    if (c < 0x80) return (h ^ c) * HASH_FACTOR;
    for (; c != 0; c >>= 8) h = (h ^ (c & 0xff)) * HASH_FACTOR;
    return h;
}

/* ---- words ---- */

typedef struct word {
    uint32_t start, end, hash;
} word;

/* `taxId`, `IDNumber`: a capital that follows a small letter begins a word, as does the last of several
 * capitals that a small letter follows. */
static bool begins_inside(const uint8_t *p, size_t i, size_t start, size_t end)
{
    if (i == start || !sp_is_upper(p[i]) || !sp_is_alpha(p[i - 1])) return false;
    if (!sp_is_upper(p[i - 1])) return true;
    return i + 1 < end && sp_is_alpha(p[i + 1]) && !sp_is_upper(p[i + 1]);
}

/* Small letters of ASCII, which most of a text is: none of them begins a word inside of another. */
static inline uint32_t hash_small(uint32_t h, const uint8_t *p, size_t *at, size_t end)
{
    size_t i = *at;
    for (; i < end && (uint8_t)(p[i] - 'a') < 26; i++) h = (h ^ p[i]) * HASH_FACTOR;
    *at = i;
    return h;
}

/* The next word from `*at` on; false at the end. A run of a script without spaces is one word. */
static bool next_word(word *out, const uint8_t *p, size_t *at, size_t end)
{
    size_t i = *at;
    letter l = {0, 0};
    while (i < end && (l = letter_of(p, i, end)).c == 0) i += l.n;
    if (i >= end) return false;
    const size_t start = i;
    const bool dense = is_dense(l.c);
    uint32_t h = HASH_START;
    if (!dense) h = hash_small(h, p, &i, end);
    while (i < end && (l = letter_of(p, i, end)).c != 0 && is_dense(l.c) == dense &&
           !begins_inside(p, i, start, end)) {
        h = hash_on(h, l.c);
        i += l.n;
        if (!dense) h = hash_small(h, p, &i, end);
    }
    *out = (word){(uint32_t)start, (uint32_t)i, h};
    *at = i;
    return true;
}

/* Of several words: the hashes of all, in order. */
static uint32_t hash_next(uint32_t h, uint32_t next)
{
    return (h << 5 | h >> 27) * 2654435761u ^ next;
}

/* ---- the index ---- */

static sp_status index_grow(sp_evidence_index *index, sp_mem *mem)
{
    if (index->n < index->cap) return SP_OK;
    const size_t cap = index->cap == 0 ? 512 : index->cap * 2;
    sp_evidence_entry *v = sp_alloc(mem, cap, sizeof *v);
    if (v == NULL) return SP_ENOMEM;
    if (index->n > 0) memcpy(v, index->v, index->n * sizeof *v);
    index->v = v;
    index->cap = cap;
    return SP_OK;
}

static sp_status add_one(sp_evidence_index *index, uint16_t row, sp_bytes text, sp_mem *mem)
{
    const bool is_weak = text.n > 0 && text.p[0] == '~';
    uint32_t h = 0;
    size_t at = is_weak ? 1 : 0, n_words = 0;
    word w;
    while (next_word(&w, text.p, &at, text.n)) {
        h = n_words++ > 0 ? hash_next(h, w.hash) : w.hash;
    }
    if (n_words == 0 || n_words > SP_EVIDENCE_WORDS_MAX) return SP_ERANGE;
    SP_TRY(index_grow(index, mem));
    index->v[index->n++] = (sp_evidence_entry){h, row, is_weak ? SP_WEIGHT_WEAK : SP_WEIGHT_STRONG};
    return SP_OK;
}

sp_status sp_evidence_add(sp_evidence_index *index, uint16_t row, const char *near, sp_mem *mem)
{
    if (near == NULL) return SP_OK;
    for (;;) {
        const char *end = near + strcspn(near, "|");
        SP_TRY(add_one(index, row, (sp_bytes){(const uint8_t *)near, (size_t)(end - near)}, mem));
        if (*end == '\0') return SP_OK;
        near = end + 1;
    }
}

static int by_hash(const void *a, const void *b)
{
    const sp_evidence_entry *x = a;
    const sp_evidence_entry *y = b;
    if (x->hash != y->hash) return x->hash < y->hash ? -1 : 1;
    return (int)x->row - (int)y->row;
}

void sp_evidence_seal(sp_evidence_index *index)
{
    if (index->n > 0) qsort(index->v, index->n, sizeof *index->v, by_hash);
    for (size_t i = 0; i < index->n; i++) {
        const uint32_t h = index->v[i].hash;
        index->seen[h >> 6 & 1023] |= UINT64_C(1) << (h & 63);
    }
}

/* The first entry of this hash, or index->n. */
static size_t first_of(const sp_evidence_index *index, uint32_t hash)
{
    size_t low = 0, high = index->n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (index->v[middle].hash < hash)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* ---- what speaks for whom ---- */

static sp_support *supports_slot(sp_supports *s, uint16_t row)
{
    for (size_t i = 0; i < s->n; i++) {
        if (s->v[i].row == row) return &s->v[i];
    }
    if (s->n == SP_SUPPORTS_MAX) return NULL;
    s->v[s->n] = (sp_support){.row = row, .distance = UINT8_MAX};
    return &s->v[s->n++];
}

/* A stronger word beats a nearer one. */
static void support(sp_supports *s, const sp_evidence_entry *e, sp_support found)
{
    sp_support *slot = supports_slot(s, e->row);
    if (slot == NULL || slot->weight > e->weight) return;
    if (slot->weight == e->weight && slot->distance <= found.distance) return;
    found.row = e->row;
    found.weight = e->weight;
    *slot = found;
}

/* Bytes of "[masked: ", the longest name of a kind, and "]". */
enum { MASK_MAX = 48 };

/* Where the candidate is, seen from the words. */
typedef struct place {
    const sp_evidence_index *index;
    sp_supports *out;
    const sp_window *w;
    size_t candidate; /* its start if the words stand before it, else its end */
    bool is_before;
    sp_evidence_last *last; /* NULL, or where entries are put instead of what they speak for */
} place;

/* A search in the index, and an entry that it finds there. */
enum { LOOK_UP_COSTS = 16, SUPPORT_COSTS = 8 };

/* The entries from `first` on speak for their rows. */
static void speak(const place *at, size_t first, uint32_t start, uint32_t end)
{
    const sp_evidence_entry *v = at->index->v;
    const size_t gap = at->is_before ? at->candidate - end : start - at->candidate + SP_EVIDENCE_BEHIND;
    const sp_support found = {
        .distance = gap < UINT8_MAX ? (uint8_t)gap : UINT8_MAX, .start = start, .end = end};
    size_t i = first;
    for (; i < at->index->n && v[i].hash == v[first].hash; i++) support(at->out, &v[i], found);
    sp_charge(at->w, LOOK_UP_COSTS + (i - first) * SUPPORT_COSTS);
}

static void look_up_listed(const place *at, word w)
{
    const size_t first = first_of(at->index, w.hash);
    if (first == at->index->n || at->index->v[first].hash != w.hash) {
        sp_charge(at->w, LOOK_UP_COSTS);
    } else if (at->last == NULL) {
        speak(at, first, w.start, w.end);
    } else {
        if (at->last->n_hits < SP_EVIDENCE_HITS)
            at->last->hits[at->last->n_hits] = (sp_evidence_hit){w.start, w.end, (uint32_t)first};
        at->last->n_hits++;
        sp_charge(at->w, LOOK_UP_COSTS);
    }
}

/* Of most words the bits say that they are in no list. */
static inline void look_up(const place *at, word w)
{
    if ((at->index->seen[w.hash >> 6 & 1023] >> (w.hash & 63) & 1) != 0) look_up_listed(at, w);
}

/* Characters of an entry that is found inside of a run: "마이넘버카드번호" has eight. */
enum { DENSE_MAX = 10 };

static void look_up_inside(const place *at, const uint8_t *p, word run)
{
    sp_charge(at->w, (size_t)(run.end - run.start) * DENSE_MAX);
    for (size_t i = run.start; i < run.end; i += letter_of(p, i, run.end).n) {
        uint32_t h = HASH_START;
        size_t k = i;
        for (unsigned n = 0; n < DENSE_MAX && k < run.end; n++) {
            const letter l = letter_of(p, k, run.end);
            h = hash_on(h, l.c);
            k += l.n;
            look_up(at, (word){(uint32_t)i, (uint32_t)k, h});
        }
    }
}

/* Where the name of a kind with its bracket, "us-ssn]", ends; `i` if there is none. Nothing else is hidden
 * so: words that somebody wrote into brackets of his own still count. */
static size_t skip_kind(const uint8_t *p, size_t i, size_t to)
{
    const size_t limit = to - i < MASK_MAX ? to : i + MASK_MAX;
    for (size_t k = i; k < limit; k++) {
        if (p[k] == ']') return k + 1;
        if (!sp_is_digit(p[k]) && p[k] != '-' && (p[k] < 'a' || p[k] > 'z')) break;
    }
    return i;
}

/* What masks and declassifiers leave, "[masked: us-ssn]", is no word of the text. @return where it ends, `i`
 * if there is none. */
static size_t skip_mask(const uint8_t *p, size_t i, size_t to)
{
    static const char *const marks[] = {"masked: ", "removed: "};
    for (size_t k = 0; k < sizeof marks / sizeof marks[0]; k++) {
        const sp_bytes mark = sp_bytes_of(marks[k]);
        if (to - i < mark.n || memcmp(p + i, mark.p, mark.n) != 0) continue;
        const size_t name = i + mark.n, end = skip_kind(p, name, to);
        return end != name ? end : i;
    }
    return i;
}

/* One more word: it may end what the last ones began. */
static void take_word(const place *at, sp_evidence_reader *r, word w)
{
    if (is_dense(letter_of(at->w->p, w.start, w.end).c)) look_up_inside(at, at->w->p, w);
    if (r->n_open == SP_EVIDENCE_WORDS_MAX) r->n_open--;
    for (size_t k = r->n_open; k-- > 0;) {
        r->open[k + 1].hash = hash_next(r->open[k].hash, w.hash);
        r->open[k + 1].start = r->open[k].start;
        look_up(at, (word){r->open[k + 1].start, w.end, r->open[k + 1].hash});
    }
    r->open[0].hash = w.hash;
    r->open[0].start = w.start;
    r->n_open++;
    look_up(at, w);
}

/* A mask of which the bracket is that far before `to` has ended there. */
enum { MASK_REACH = MASK_MAX + 16 };

static bool is_bracketed(const uint8_t *p, const word *w)
{
    return w->start > 0 && p[w->start - 1] == '[';
}

/* Is a word before `to` the same whatever is read behind? */
static bool is_settled(const sp_window *w, const word *found, size_t to)
{
    if (is_bracketed(w->p, found) && to - found->start < MASK_REACH) return false;
    return found->end < to || (w->p[to] < 0x80 && !sp_is_alpha(w->p[to]));
}

/* Reads on up to `to`. Where at->last is set, `r` and its hits are left as they were before the first word
 * that is not settled: it is read again next time. @return how many hits there are with it and what follows.
 */
static size_t read_on(const place *at, sp_evidence_reader *r, size_t to)
{
    const uint8_t *p = at->w->p;
    sp_evidence_reader kept = {.to = SIZE_MAX};
    size_t n_kept = 0;
    word w;
    sp_charge(at->w, (to - r->to) * 2);
    while (next_word(&w, p, &r->to, to)) {
        if (at->last != NULL && kept.to == SIZE_MAX && !is_settled(at->w, &w, to)) {
            kept = *r;
            kept.to = w.start;
            n_kept = at->last->n_hits;
        }
        const size_t behind = is_bracketed(p, &w) ? skip_mask(p, w.start, to) : w.start;
        if (behind != w.start) r->to = behind;
        if (behind == w.start && w.start != r->edge) take_word(at, r, w);
    }
    if (at->last == NULL) return 0;
    const size_t n = at->last->n_hits;
    r->to = to;
    if (kept.to == SIZE_MAX) return n;
    *r = kept;
    at->last->n_hits = n_kept;
    return n;
}

static void look_at(const place *at, size_t from, size_t to, size_t edge)
{
    sp_evidence_reader r = {.to = from, .edge = edge};
    (void)read_on(at, &r, to);
}

void sp_evidence_before(sp_supports *out, const sp_evidence_index *index, const sp_window *w, size_t start)
{
    const place at = {index, out, w, start, true, NULL};
    const bool is_cut = start >= SP_CONTEXT_MAX;
    const size_t from = is_cut ? start - SP_CONTEXT_MAX : 0;
    look_at(&at, is_cut ? skip_kind(w->p, from, start) : from, start, is_cut ? from : SIZE_MAX);
}

/* Where the words that count for a candidate begin. */
static size_t reach_of(size_t start)
{
    return start >= SP_CONTEXT_MAX ? start - SP_CONTEXT_MAX : 0;
}

/* Is there a letter, or the end of what a mask left, in [from, to)? */
static bool may_have_words(const uint8_t *p, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        if (p[i] >= 0x80 || p[i] == ']' || sp_is_alpha(p[i])) return true;
    }
    return false;
}

/* Does no character begin at `i`, or one before it, as broken UTF-8 does, go on behind it? */
static bool is_in_character(const sp_window *w, size_t i)
{
    enum { LONGEST = 4 };
    if (w->p[i] >= 0x80) return true;
    for (size_t k = 1; k < LONGEST && k <= i; k++) {
        if (length_of(w->p[i - k]) > k) return true;
    }
    return false;
}

/* Does `last` hold what stands before `start`, but for the distance? Not if words have come into reach, or
 * one that it holds has gone out of it, or what is cut at the edge is more than one word: the name of a kind
 * in its brackets, letters that are not ASCII. */
static bool still_holds(const sp_evidence_last *last, const sp_window *w, size_t start)
{
    enum { NEAR = 64 };
    if (!last->is_set || start < last->start || start - last->start > NEAR) return false;
    if (last->supports.n == SP_SUPPORTS_MAX || may_have_words(w->p, last->start, start)) return false;
    if (is_in_character(w, last->start)) return false;
    if (start < SP_CONTEXT_MAX) return true;
    const size_t before = reach_of(last->start), from = reach_of(start);
    if (is_in_character(w, from) || memchr(w->p + before, ']', from + NEAR - before) != NULL) return false;
    for (size_t i = 0; i < last->supports.n; i++) {
        if (last->supports.v[i].start <= from) return false;
    }
    return true;
}

/* Is what stands at `from` cut so that less of it says something else: in the name of a kind in its brackets,
 * or in letters that are not ASCII? */
static bool is_torn(const sp_window *w, size_t from, size_t start)
{
    const size_t n = start - from < MASK_REACH ? start - from : MASK_REACH;
    return is_in_character(w, from) || memchr(w->p + from, ']', n) != NULL;
}

/* The entries that were read and are out of reach. */
static void drop_hits(sp_evidence_last *last, size_t from)
{
    size_t n = 0;
    for (size_t i = 0; i < last->n_hits; i++) {
        if (last->hits[i].start > from) last->hits[n++] = last->hits[i];
    }
    last->n_hits = n;
}

/* The same as sp_evidence_before by what was read for candidates before. @return false: nothing is known of
 * it. */
static bool speak_again(const place *at, size_t start)
{
    sp_evidence_last *last = at->last;
    const bool is_cut = start >= SP_CONTEXT_MAX;
    const size_t from = is_cut ? start - SP_CONTEXT_MAX : 0;
    if (last->has_read && start < last->read_for) return false;
    if (is_in_character(at->w, start) || (is_cut && is_torn(at->w, from, start))) return false;
    if (!last->has_read || from > last->reader.to) {
        last->reader = (sp_evidence_reader){.to = from, .edge = is_cut ? from : SIZE_MAX};
        last->n_hits = 0;
    }
    if (is_cut) drop_hits(last, from);
    last->read_for = start;
    const size_t n = read_on(at, &last->reader, start);
    last->has_read = n <= SP_EVIDENCE_HITS;
    sp_charge(at->w, n);
    for (size_t i = 0; i < n && last->has_read; i++) {
        const sp_evidence_hit *hit = &last->hits[i];
        if (!is_cut || hit->start > from) speak(at, hit->first, hit->start, hit->end);
    }
    return last->has_read;
}

void sp_evidence_before_next(sp_supports *out, const sp_evidence_index *index, const sp_window *w,
                             size_t start, sp_evidence_last *last)
{
    sp_supports *held = &last->supports;
    if (still_holds(last, w, start)) {
        const size_t moved = start - last->start;
        for (size_t i = 0; i < held->n; i++) held->v[i].distance = (uint8_t)(held->v[i].distance + moved);
    } else {
        held->n = 0;
        last->has_read = last->has_read && last->is_set;
        const place at = {index, held, w, start, true, last};
        if (!speak_again(&at, start)) sp_evidence_before(held, index, w, start);
    }
    last->is_set = true;
    last->start = start;
    out->n = held->n;
    memcpy(out->v, held->v, held->n * sizeof held->v[0]);
}

void sp_evidence_after(sp_supports *out, const sp_evidence_index *index, sp_window *w, size_t end)
{
    const place at = {index, out, w, end, false, NULL};
    size_t to = end;
    while (to < end + SP_EVIDENCE_AHEAD && sp_peek(w, to) >= 0 && w->p[to] != '\n') to++;
    look_at(&at, end, to, SIZE_MAX);
}

void sp_evidence_heading(sp_supports *out, const sp_evidence_index *index, const sp_window *w, size_t from,
                         size_t to)
{
    const place at = {index, out, w, to, true, NULL};
    look_at(&at, from, to, SIZE_MAX);
}

void sp_supports_merge(sp_supports *to, const sp_supports *from)
{
    for (size_t i = 0; i < from->n; i++) {
        const sp_support *f = &from->v[i];
        support(to, &(sp_evidence_entry){0, f->row, f->weight}, *f);
    }
}

bool sp_is_wordless(sp_wordless *known, const sp_window *w, size_t from, size_t to)
{
    if (from < known->from || from > known->to) *known = (sp_wordless){from, from};
    while (known->to < to && w->p[known->to] < 0x80 && !sp_is_alpha(w->p[known->to])) known->to++;
    return known->to >= to;
}

const sp_support *sp_supports_find(const sp_supports *supports, uint16_t row)
{
    for (size_t i = 0; i < supports->n; i++) {
        if (supports->v[i].row == row) return &supports->v[i];
    }
    return NULL;
}
