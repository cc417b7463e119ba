/* Values without a form. What makes one a secret is that it looks drawn at random where a name says that it
 * is one. What is excluded is what stands for a secret in examples and code, and what only looks random:
 * digests, numbers of things. */
#include "detect/services.h"
#include "detect/token.h"

#include <string.h>

/* ---- how a value looks ---- */

typedef enum sort { OTHER = 0, DIGIT, UPPER, LOWER } sort;

static sort sort_of(int c)
{
    if (sp_is_digit(c)) return DIGIT;
    if (sp_is_upper(c)) return UPPER;
    return sp_is_alpha(c) ? LOWER : OTHER;
}

/* A segment between signs: is it a word, a number, a word with a short number behind it ("key2", "v10")? */
typedef struct segment {
    unsigned n, digits, letters, late; /* late: letters behind a digit */
    unsigned turns;
} segment;

static bool is_wordy(const segment *s)
{
    if (s->letters == 0 || s->digits == 0) return s->turns <= s->n / 4;
    return s->late == 0 && s->digits <= 3 && s->turns <= s->n / 4 + 1;
}

static void segment_add(segment *s, sort now, sort before)
{
    s->n++;
    s->digits += now == DIGIT;
    s->letters += now != DIGIT;
    s->late += now != DIGIT && s->digits > 0;
    s->turns += before != OTHER && now != before && !(before == UPPER && now == LOWER);
}

sp_look sp_look_at(const sp_window *w, size_t start, size_t end)
{
    sp_look look = {.is_wordy = true, .is_hex = true};
    segment seg = {0};
    sort before = OTHER;
    uint16_t word = 0;
    for (size_t i = start; i < end; i++) {
        const sort now = sort_of(w->p[i]);
        uint16_t *const counts[] = {&look.others, &look.digits, &look.uppers, &look.lowers};
        (*counts[now])++;
        look.n++;
        look.is_hex = look.is_hex && sp_is_hex(w->p[i]);
        word = now == LOWER ? (uint16_t)(word + 1) : now == UPPER;
        if (word > look.longest_word) look.longest_word = word;
        if (now == OTHER) {
            look.is_wordy = look.is_wordy && is_wordy(&seg);
            look.turns = (uint16_t)(look.turns + seg.turns);
            seg = (segment){0};
        } else {
            segment_add(&seg, now, before);
        }
        before = now;
    }
    look.is_wordy = look.is_wordy && is_wordy(&seg);
    look.turns = (uint16_t)(look.turns + seg.turns);
    look.distinct = (uint16_t)sp_count_distinct(w, start, end);
    return look;
}

/* Turns of a random text: of hexadecimal every second character, of other keys as many. One in five tells it
 * from words and dates. No language has many words of twenty letters. */
enum { TURNS_PER = 5, RANDOM_MIN = 16, NAMED_MIN = 10, DISTINCT_MIN = 6, LETTERS_MIN = 20, HEX_MIN = 30 };

/* Letters only: one long run, or capitals strewn in. */
static bool are_letters_random(const sp_look *look)
{
    if (look->n < LETTERS_MIN || look->distinct < NAMED_MIN) return false;
    const bool is_strewn = look->uppers >= 3 && look->lowers >= 3 && look->turns * 4 >= look->n;
    return is_strewn || (look->others == 0 && (look->longest_word >= LETTERS_MIN || look->lowers == 0));
}

bool sp_is_opaque(const sp_look *look, sp_reason reason)
{
    const unsigned letters = look->uppers + look->lowers;
    if (look->distinct < DISTINCT_MIN || look->others * 3 > look->n) return false;
    if (look->digits >= 2 && letters >= 2 && look->n >= RANDOM_MIN && look->turns * TURNS_PER >= look->n)
        return !look->is_wordy;
    if (reason == SP_REASON_NONE) return false;
    if (look->is_hex && look->n >= HEX_MIN) return true;
    if (look->digits > 0 && letters > 0) return look->n >= NAMED_MIN && !look->is_wordy;
    if (letters == 0) return look->digits >= RANDOM_MIN && look->others == 0;
    return are_letters_random(look);
}

bool sp_is_uuid(const sp_window *w, size_t start, size_t end)
{
    if (end - start != 36) return false;
    for (size_t i = 0; i < 36; i++) {
        const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (is_dash ? w->p[start + i] != '-' : !sp_is_alnum(w->p[start + i])) return false;
    }
    return true;
}

/* ---- words in it ---- */

static bool word_at(const sp_window *w, size_t i, size_t end, const char *word, size_t n)
{
    if (i + n > end) return false;
    for (size_t k = 0; k < n; k++) {
        const int c = w->p[i + k];
        if ((sp_is_upper(c) ? c + ('a' - 'A') : c) != (uint8_t)word[k]) return false;
    }
    return true;
}

bool sp_has_word(const sp_window *w, size_t start, size_t end, const char *words)
{
    for (const char *word = words; *word != '\0';) {
        const size_t n = strcspn(word, "|");
        for (size_t i = start; i + n <= end; i++) {
            if (word_at(w, i, end, word, n)) return true;
        }
        word += n + (word[n] == '|');
    }
    return false;
}

/* What people write where a secret will stand. */
static const char stand_ins[] =
    "example|xxxx|changeme|change_me|change-me|replace|placeholder|your_|your-|yourp|"
    "yourk|yours|yourt|insert|dummy|todo|redacted|removed|hidden|****|....|${|$(|"
    "{{|}}|#{|env.|environ|getenv|process.|secrets.|config.|goes_here|-here|_here|"
    "not_a_|notreal|not-real|fake_|undefined";

bool sp_is_stand_in(const sp_window *w, size_t start, size_t end)
{
    if (sp_has_word(w, start, end, stand_ins)) return true;
    const int first = w->p[start];
    return first == '<' || first == '$' || first == '%' || first == '@' || first == '&' || first == '{' ||
           first == '[' || first == '(';
}

/* ---- a value behind the name of a service ---- */

/* Bytes from a name to its key: as much as "private access token for production: " needs; words before it may
 * say what it is. */
enum { REACH = 44, BEFORE = 16, KEY_MAX = 1000, WORD_MAX = 32 };

static const char names_of_keys[] =
    "key|token|secret|passw|passph|pwd|auth|access|private|cred|license|client|apikey";
static const char names_of_hashes[] =
    "commit|sha|hash|digest|md5|checksum|revision|integrity|etag|image|layer";

const sp_service *sp_service_at(size_t i)
{
    if (i < sp_services_a_to_m.n) return &sp_services_a_to_m.v[i];
    i -= sp_services_a_to_m.n;
    return i < sp_services_n_to_z.n ? &sp_services_n_to_z.v[i] : NULL;
}

size_t sp_service_heads(const sp_service *service, char *out, size_t n, unsigned variant)
{
    static const char *const gaps[] = {"", "_"};
    const bool has_gap = strchr(service->word, '~') != NULL;
    if (variant >= (has_gap ? 2 : 1)) return 0;
    size_t at = 0;
    for (const char *c = service->word; *c != '\0' && at + 1 < n; c++) {
        if (*c != '~')
            out[at++] = *c;
        else if (gaps[variant][0] != '\0')
            out[at++] = gaps[variant][0];
    }
    out[at] = '\0';
    return at;
}

/* Where the name begins that ends at `head_end`. */
static size_t name_start(const sp_service *service, const sp_window *w, size_t head_end)
{
    size_t i = head_end;
    for (size_t k = strlen(service->word); k-- > 0 && i > 0;) {
        if (service->word[k] != '~' || !sp_is_alnum(w->p[i - 1])) i--;
    }
    return i;
}

/* Does the name stand as a word of its own: "ADZUNA_KEY", "adzunaKey", "myAdzuna", "adzunatoken"? */
static bool is_name_alone(const sp_service *service, sp_window *w, size_t start, size_t head_end)
{
    static const char *const keys[] = {"key", "token", "secret", "access", "private", "api"};
    const int before = sp_before(w, start);
    const bool begins = !sp_is_alpha(before) || (!sp_is_upper(before) && sp_is_upper(w->p[start]));
    if (!service->is_common || !begins) return begins;
    const int after = sp_peek(w, head_end);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (sp_goes_on(w, head_end, keys[i], true)) return !sp_is_digit(before);
    }
    const bool ends = !sp_is_alnum(after) || (sp_is_upper(after) && !sp_is_upper(w->p[head_end - 1]));
    return ends && !sp_is_digit(before);
}

static bool is_key_char(int c)
{
    return sp_is_base64url(c) || c == '.' || c == '+' || c == '/' || c == '~' || c == '%' || c == '!' ||
           c == '^' || c == '*' || c == '#' || c == '$' || c == '&';
}

/* End of the key from `i` on: no sign of a sentence at its end, but padding. */
static size_t key_end(sp_window *w, size_t i)
{
    size_t end = sp_skip(w, i, i + KEY_MAX, is_key_char);
    while (end > i && !sp_is_base64url(w->p[end - 1])) end--;
    for (unsigned n = 0; n < 2 && sp_peek(w, end) == '='; n++) end++;
    return end;
}

/* Where a key may begin in the run of characters [i, end): behind words that say key, with their sign. */
static size_t key_start(sp_window *w, size_t i, size_t end)
{
    for (;;) {
        const size_t word = sp_skip(w, i, i + WORD_MAX, sp_is_alpha);
        if (word == i || word >= end || !sp_has_word(w, i, word, names_of_keys) || sp_is_alnum(w->p[word]))
            return i;
        i = word;
        while (i < end && !sp_is_alnum(w->p[i])) i++;
    }
}

static unsigned number_at(const char **c)
{
    unsigned n = 0;
    for (; sp_is_digit(**c); (*c)++) n = n * 10 + (unsigned)(**c - '0');
    return n;
}

/* "w16", "n20-24": a class and how many of it. */
static bool form_fits(const char *form, const sp_window *w, size_t start, size_t end)
{
    if (form == NULL) return false;
    const char *c = form + 1;
    const unsigned least = number_at(&c);
    if (*c == '-') c++;
    const unsigned most = *c != '\0' ? number_at(&c) : least;
    for (size_t i = start; i < end; i++) {
        if (!sp_token_class(*form, w->p[i])) return false;
    }
    return end - start >= least && end - start <= most;
}

/* How a name [name, head_end) and a value at m->start hang together. */
typedef struct sp_tie {
    bool is_named;    /* a word between them, or right before the name, says key, token, secret */
    bool is_assigned; /* '=' or ':' stands between them */
    bool is_close;    /* and nothing else */
} sp_tie;

static sp_tie tie_of(const sp_window *w, size_t name, size_t head_end, size_t value)
{
    const size_t before = name > BEFORE ? name - BEFORE : 0;
    sp_tie tie = {.is_close = true};
    for (size_t i = head_end; i < value; i++) {
        tie.is_assigned = tie.is_assigned || w->p[i] == '=' || w->p[i] == ':';
        tie.is_close = tie.is_close && !sp_is_alnum(w->p[i]);
    }
    tie.is_named =
        sp_has_word(w, head_end, value, names_of_keys) || sp_has_word(w, before, name, "key|token|secret");
    return tie;
}

/* Is [m->start, m->end) a key of this service? */
static bool is_service_key(const sp_service *service, const sp_window *w, size_t head_end, const sp_match *m)
{
    const size_t n = m->end - m->start;
    if (n < 6) return false;
    const size_t name = name_start(service, w, head_end);
    const sp_tie tie = tie_of(w, name, head_end, m->start);
    if (!tie.is_named && (service->is_common || !(tie.is_close || tie.is_assigned))) return false;
    if (form_fits(service->form, w, m->start, m->end)) return true;
    const sp_look look = sp_look_at(w, m->start, m->end);
    if (sp_is_uuid(w, m->start, m->end)) return look.digits > 0;
    if (sp_has_word(w, m->start, m->start + 3, "mii")) return false; /* a certificate (DER in base 64) */
    const bool is_plain = tie.is_close && look.others == 0 && n >= LETTERS_MIN && look.digits >= 2;
    const sp_reason reason = tie.is_named || is_plain ? SP_REASON_NAMED : SP_REASON_NONE;
    if (!sp_is_opaque(&look, reason) || sp_is_stand_in(w, m->start, m->end)) return false;
    return tie.is_named || !sp_has_word(w, name > BEFORE ? name - BEFORE : 0, m->start, names_of_hashes);
}

void sp_service_find(const sp_service *service, sp_window *w, size_t head_end, sp_match *m)
{
    m->start = head_end;
    if (!is_name_alone(service, w, name_start(service, w, head_end), head_end)) return;
    unsigned lines = 0;
    for (size_t i = head_end; i < head_end + REACH;) {
        m->start = i;
        const int c = sp_peek(w, i);
        lines += c == '\n';
        if (c < 0 || c == ';' || c == '}' || c == ')' || c >= 0x80 || lines > 2) return;
        if (c == ':' && sp_peek(w, i + 1) == ':') return;
        if (c == '{' && service->is_common) return;
        if (!sp_is_alnum(c)) {
            i++;
            continue;
        }
        m->end = key_end(w, i);
        if (w->ran_out) return;
        m->start = key_start(w, i, m->end);
        if (is_service_key(service, w, head_end, m)) {
            m->confidence = 85;
            return;
        }
        i = m->end > i ? m->end : i + 1;
    }
}
