/* Classes of bytes and the small checks that validators share. ASCII only and without a locale: a token's
 * alphabet is fixed. */
#include "detect/detect_internal.h"

static int lower(int c)
{
    return sp_is_upper(c) ? c + ('a' - 'A') : c;
}

bool sp_goes_on(sp_window *w, size_t i, const char *word, bool nocase)
{
    for (; *word != '\0'; word++, i++) {
        const int c = sp_peek(w, i);
        if ((nocase ? lower(c) : c) != (uint8_t)*word) return false;
    }
    return true;
}

/* Does `word` stand at `i`, whole, before `end`? Words that begin or end outside ASCII have no such
 * boundary in their scripts. */
static bool is_word_at(const sp_window *w, size_t i, size_t end, const char *word)
{
    if (sp_is_alnum((uint8_t)*word) && sp_is_alnum(sp_before(w, i))) return false;
    for (; *word != '\0'; word++, i++) {
        if (i >= end || lower(w->p[i]) != (uint8_t)*word) return false;
    }
    return i >= end || !sp_is_alpha(w->p[i]) || !sp_is_alnum(w->p[i - 1]);
}

static void add_either_case(sp_bits256 *set, uint8_t c)
{
    sp_bits256_add(set, c);
    if (c >= 'a' && c <= 'z') sp_bits256_add(set, (uint8_t)(c - ('a' - 'A')));
}

/* Bytes with which the words begin, in either case, and those that come second. */
static void heads_of(sp_bits256 heads[2], const char *const *words)
{
    heads[0] = heads[1] = SP_BITS256_NONE;
    for (; *words != NULL; words++) {
        add_either_case(&heads[0], (uint8_t)(*words)[0]);
        if ((*words)[1] == '\0')
            heads[1] = SP_BITS256_ALL;
        else
            add_either_case(&heads[1], (uint8_t)(*words)[1]);
    }
}

bool sp_has_context(const sp_window *w, size_t at, size_t reach, const char *const *words)
{
    sp_bits256 heads[2]; /* few bytes begin one of them, and fewer go on so */
    heads_of(heads, words);
    for (size_t i = at > reach ? at - reach : 0; i < at; i++) {
        if (!sp_bits256_has(heads[0], w->p[i])) continue;
        if (i + 1 < at && !sp_bits256_has(heads[1], w->p[i + 1])) continue;
        for (const char *const *word = words; *word != NULL; word++) {
            if (is_word_at(w, i, at, *word)) return true;
        }
    }
    return false;
}

size_t sp_line_reach(const sp_window *w, size_t at, size_t most)
{
    size_t n = 0;
    while (n < most && n < at && (w->p[at - n - 1] != '\n' || sp_before(w, at - n - 1) == '\\')) n++;
    sp_charge(w, n);
    return n;
}

unsigned sp_count_distinct(const sp_window *w, size_t start, size_t end)
{
    sp_bits256 seen = SP_BITS256_NONE;
    for (size_t i = start; i < end && i < w->n; i++) sp_bits256_add(&seen, w->p[i]);
    unsigned n = 0;
    for (size_t i = 0; i < 4; i++) n += (unsigned)__builtin_popcountll(seen.w[i]);
    return n;
}

bool sp_is_mixed(const sp_window *w, size_t start, size_t end)
{
    bool has_digit = false, has_upper = false, has_lower = false;
    for (size_t i = start; i < end && i < w->n; i++) {
        has_digit = has_digit || sp_is_digit(w->p[i]);
        has_upper = has_upper || sp_is_upper(w->p[i]);
        has_lower = has_lower || (sp_is_alpha(w->p[i]) && !sp_is_upper(w->p[i]));
    }
    return has_digit && has_upper && has_lower;
}

bool sp_luhn(const uint8_t *p, size_t n)
{
    unsigned sum = 0;
    bool is_second = false;
    for (size_t i = n; i-- > 0;) {
        if (!sp_is_digit(p[i])) continue;
        const unsigned d = (unsigned)(p[i] - '0') * (is_second ? 2 : 1);
        sum += d > 9 ? d - 9 : d;
        is_second = !is_second;
    }
    return sum % 10 == 0;
}

/* A letter counts as two digits, A = 10 to Z = 35, whatever its case. */
static unsigned mod97_step(unsigned sum, uint8_t c)
{
    if (sp_is_digit(c)) return (sum * 10 + (unsigned)(c - '0')) % 97;
    if (sp_is_alpha(c)) return (sum * 100 + (unsigned)(lower(c) - 'a' + 10)) % 97;
    return sum;
}

bool sp_mod97(const uint8_t *p, size_t n)
{
    unsigned sum = 0;
    for (size_t i = 4; i < n; i++) sum = mod97_step(sum, p[i]);
    for (size_t i = 0; i < 4 && i < n; i++) sum = mod97_step(sum, p[i]);
    return sum == 1;
}
