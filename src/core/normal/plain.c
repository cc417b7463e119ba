/** Characters as a reader takes them. First what each is by itself: NFKC, what no screen shows, marks that
 * only decorate, text that a bidi control turns round. Then, word by word, letters that look like ASCII ones.
 *
 *  Three deviations from NFKC, each on purpose. What would become longer stays (so no view is longer than its
 *  text). Conjoining jamo are not composed: nothing that is looked for is written in them. Combining marks
 * that compose with no letter go, in the blocks that all scripts share; vowel signs of Indic scripts stay. */
#include "normal/normal_internal.h"

#include <utf8proc.h>

#include "normal/forms.h"

enum {
    N_FORMS = sizeof forms / sizeof forms[0],
    N_LOOKALIKES = sizeof lookalikes / sizeof lookalikes[0],
    RLO = 0x202e,     /* right-to-left override: what follows is shown back to front */
    PDF = 0x202c,     /* ends it; so does the end of a paragraph (UAX 9, X7 and X8) */
    EXPANDED_MAX = 18 /* characters of the longest compatibility mapping, U+FDFA */
};

static const struct form *find_form(uint32_t c)
{
    size_t low = 0, high = N_FORMS;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (forms[middle].last < c) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < N_FORMS && forms[low].first <= c ? &forms[low] : NULL;
}

static uint8_t form_of(const struct form *form, uint32_t c)
{
    return (uint8_t)(form->to + form->step * (c - form->first));
}

/* Whether the character at s[at] may change, by its first bytes: not Latin with accents (C3 to C5, but for
 * the long s), Cyrillic (D0 to D3), Han and Hangul (E4 to ED, but for EA below AC00); no continuation byte.
 */
static bool may_change(sp_bytes s, size_t at)
{
    const uint64_t leads = ~UINT64_C(0x3ff0000f0038); /* of C0..FF */
    const uint8_t c = s.p[at], next = at + 1 < s.n ? s.p[at + 1] : 0;
    if (c == 0xc5) return next == 0xbf;
    if (c == 0xea) return next < 0xb0;
    return c >= 0xc0 && (leads >> (c & 63) & 1) != 0;
}

/* The first character at or behind `at` that may change; s.n when there is none. */
static size_t find_change(sp_bytes s, size_t at)
{
    while ((at = sp_ascii_end(s, at)) < s.n) {
        for (; at < s.n && s.p[at] >= 0x80; at++) {
            if (may_change(s, at)) return at;
        }
    }
    return s.n;
}

/* Marks of the blocks that all scripts share: accents, overlays, enclosing ones. */
static bool is_mark(uint32_t c)
{
    return (c >= 0x300 && c <= 0x36f) || (c >= 0x1ab0 && c <= 0x1aff) || (c >= 0x1dc0 && c <= 0x1dff) ||
           (c >= 0x20d0 && c <= 0x20ff) || (c >= 0xfe20 && c <= 0xfe2f);
}

/* UTF-8 of what `c` is by NFKC and by itself, into out[4]; 0 when that is `c`, or longer. */
static size_t expand(uint8_t out[4], uint32_t c, size_t n)
{
    utf8proc_int32_t list[EXPANDED_MAX];
    const utf8proc_option_t apart = UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT;
    utf8proc_ssize_t count = utf8proc_decompose_char((utf8proc_int32_t)c, list, EXPANDED_MAX, apart, NULL);
    if (count <= 0 || count > EXPANDED_MAX) return 0;
    count = utf8proc_normalize_utf32(list, count, UTF8PROC_COMPOSE | UTF8PROC_STABLE);
    if (count <= 0 || (count == 1 && (uint32_t)list[0] == c)) return 0;
    size_t made = 0;
    for (utf8proc_ssize_t i = 0; i < count; i++) {
        uint32_t one = (uint32_t)list[i];
        const struct form *form = find_form(one);
        if (form != NULL) one = form_of(form, one);
        uint8_t utf8[4];
        const size_t length = sp_char_encode(utf8, one);
        if (one == 0 || is_mark(one) || made + length > n) return 0;
        memcpy(out + made, utf8, length);
        made += length;
    }
    return made;
}

/* What the character `c` of `n` bytes becomes, into out[4]. @return its bytes; SIZE_MAX: it stays. */
static size_t change(uint8_t out[4], uint32_t c, size_t n)
{
    if (c == UINT32_MAX) return SIZE_MAX;
    const struct form *form = find_form(c);
    if (form != NULL) {
        out[0] = form_of(form, c);
        return out[0] == 0 ? 0 : 1;
    }
    const size_t made = expand(out, c, n);
    return made > 0 ? made : SIZE_MAX;
}

static size_t char_before(sp_bytes s, size_t at)
{
    size_t start = at - 1;
    while (start > 0 && at - start < 4 && (s.p[start] & 0xc0) == 0x80) start--;
    return start;
}

/* A mark composes with the letter before it, if that stands as it was, or goes. */
static void weave_mark(sp_weaver *w, size_t at, size_t n, uint32_t mark)
{
    if (at > w->kept) {
        const size_t start = char_before(w->from, at);
        size_t length;
        const uint32_t base = sp_char_at(w->from, start, &length);
        utf8proc_int32_t pair[2] = {(utf8proc_int32_t)base, (utf8proc_int32_t)mark};
        const bool is_letter = base != UINT32_MAX && (base >= 0x80 || sp_ascii_is_alpha((uint8_t)base));
        if (is_letter && start >= w->kept && start + length == at &&
            utf8proc_normalize_utf32(pair, 2, UTF8PROC_COMPOSE | UTF8PROC_STABLE) == 1) {
            sp_weave_char(w, start, at + n - start, (uint32_t)pair[0]);
            return;
        }
    }
    sp_weave_drop(w, at, n);
}

/* Where the text ends that an override at `at` turns round. */
static size_t override_end(sp_bytes s, size_t at)
{
    while (at < s.n && s.p[at] != '\n') {
        size_t n;
        if (sp_char_at(s, at, &n) == PDF) break;
        at += n;
    }
    return at;
}

/* The text between an override and its end, back to front: one unit. What it becomes is written behind the
 * gap before it, where the weaver does not write. */
static size_t weave_override(sp_weaver *w, size_t at, size_t n)
{
    const size_t end = override_end(w->from, at + n);
    uint8_t *const tail = sp_weave_room(w, at, 0), *p = tail;
    if (tail == NULL) return w->from.n;
    for (size_t stop = end; stop > at + n;) {
        size_t start = char_before(w->from, stop), length;
        const uint32_t c = sp_char_at(w->from, start, &length);
        if (start + length != stop) start = stop - 1; /* no UTF-8: byte by byte */
        const size_t made = start + length != stop || is_mark(c) ? 0 : change(p, c, length);
        if (made == SIZE_MAX) {
            memcpy(p, w->from.p + start, stop - start);
            p += stop - start;
        } else {
            p += made;
        }
        stop = start;
    }
    sp_weave(w, at, end - at, (sp_bytes){tail, (size_t)(p - tail)});
    return end;
}

void sp_view__plain(sp_weaver *w)
{
    const sp_bytes s = w->from;
    for (size_t at = find_change(s, 0); at < s.n; at = find_change(s, at)) {
        size_t n;
        uint8_t out[4];
        const uint32_t c = sp_char_at(s, at, &n);
        if (c == RLO) {
            at = weave_override(w, at, n);
            continue;
        }
        if (c != UINT32_MAX && is_mark(c)) {
            weave_mark(w, at, n, c);
        } else {
            const size_t made = change(out, c, n);
            if (made != SIZE_MAX) sp_weave(w, at, n, (sp_bytes){out, made});
        }
        at += n;
    }
    sp_weave_end(w);
}

/* ---- letters that look like ASCII ones ---- */

static const struct lookalike *find_lookalike(uint32_t c)
{
    size_t low = 0, high = N_LOOKALIKES;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (lookalikes[middle].c < c) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < N_LOOKALIKES && lookalikes[low].c == c ? &lookalikes[low] : NULL;
}

static bool is_word(uint8_t c)
{
    return c >= 0x80 || sp_ascii_is_alnum(c);
}

/* What a word says of its letters. */
typedef struct word_kind {
    bool has_ascii, has_lookalike, has_weak, has_other;
} word_kind;

static word_kind look_at_word(sp_bytes s, size_t start, size_t end)
{
    word_kind kind = {0};
    for (size_t at = start, n; at < end; at += n) {
        const uint32_t c = sp_char_at(s, at, &n);
        if (c < 0x80) {
            kind.has_ascii = true;
            continue;
        }
        const struct lookalike *row = find_lookalike(c);
        kind.has_lookalike = kind.has_lookalike || row != NULL;
        kind.has_weak = kind.has_weak || (row != NULL && !row->is_strong);
        kind.has_other = kind.has_other || row == NULL;
    }
    return kind;
}

static void weave_word(sp_weaver *w, size_t start, size_t end)
{
    for (size_t at = start, n; at < end; at += n) {
        const uint32_t c = sp_char_at(w->from, at, &n);
        const struct lookalike *row = c < 0x80 ? NULL : find_lookalike(c);
        if (row != NULL) sp_weave_byte(w, at, n, (uint8_t)row->to);
    }
}

/* Mixed words have all their lookalikes replaced; words of one script only if they have nothing else. Either
 * way none is left that a second pass would replace. */
void sp_view__skeleton(sp_weaver *w)
{
    const sp_bytes s = w->from;
    size_t done = 0;
    for (size_t at = sp_ascii_end(s, 0); at < s.n; at = sp_ascii_end(s, done)) {
        size_t start = at, end = at;
        while (start > done && is_word(s.p[start - 1])) start--;
        while (end < s.n && is_word(s.p[end])) end++;
        const word_kind kind = look_at_word(s, start, end);
        const bool is_pure = !kind.has_weak && !kind.has_other;
        if (kind.has_lookalike && (kind.has_ascii || is_pure)) weave_word(w, start, end);
        done = end;
    }
    sp_weave_end(w);
}
