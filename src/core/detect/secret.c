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

/* A segment between signs: is it a word, a number, a word with a short number behind it ("key2", "v10") or in
 * it ("Socks4Response", "Ed25519PrivateKey")? */
typedef struct segment {
    unsigned n, digits, letters, lowers, late; /* late: letters behind a digit */
    unsigned turns;
    bool is_inner;  /* a number, then letters */
    bool is_broken; /* a second number; or one of several digits and no letter before it, no capital behind */
} segment;

static bool is_wordy(const segment *s)
{
    enum { NUMBER_MAX = 3, INNER_MAX = 5, NAME_MAX = 32 };
    if (s->letters == 0 || s->digits == 0) return s->turns <= s->n / 4;
    if (s->turns > s->n / 4 + 1) return false;
    if (s->late == 0) return s->digits <= NUMBER_MAX;
    return s->is_inner && !s->is_broken && s->n <= NAME_MAX && s->digits <= INNER_MAX &&
           s->letters >= 2 * s->digits + 2 && s->lowers * 2 >= s->n && s->turns <= s->n / 8 + 1;
}

static void segment_add(segment *s, sort now, sort before)
{
    s->n++;
    s->digits += now == DIGIT;
    s->letters += now != DIGIT;
    s->lowers += now == LOWER;
    s->late += now != DIGIT && s->digits > 0;
    const bool is_behind = before == DIGIT && now != DIGIT;
    s->is_broken |= now == DIGIT && before != DIGIT && s->is_inner;
    s->is_broken |= is_behind && s->digits > 1 && (now == LOWER || s->letters == 1);
    s->is_inner |= is_behind;
    s->turns += before != OTHER && now != before && !(before == UPPER && now == LOWER);
}

/* All segments: how many letters of words there are, how much else ("k8s_service_account_token"). */
typedef struct parts_seen {
    unsigned letters, odd;
    bool is_long; /* something else is longer than abbreviations are */
} parts_seen;

static void parts_add(parts_seen *all, const segment *s)
{
    enum { WORD_MIN = 4, ODD_MAX = 8 };
    if (!is_wordy(s)) {
        all->odd += s->n;
        all->is_long = all->is_long || s->n > ODD_MAX;
    } else if (s->digits == 0 && s->n >= WORD_MIN) {
        all->letters += s->n;
    }
}

sp_look sp_look_at(const sp_window *w, size_t start, size_t end)
{
    sp_look look = {.is_hex = true};
    segment seg = {0};
    parts_seen parts = {0};
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
            parts_add(&parts, &seg);
            look.turns = (uint16_t)(look.turns + seg.turns);
            seg = (segment){0};
        } else {
            segment_add(&seg, now, before);
        }
        before = now;
    }
    parts_add(&parts, &seg);
    look.is_wordy = parts.odd == 0 || (!parts.is_long && parts.odd * 3 <= parts.letters);
    look.turns = (uint16_t)(look.turns + seg.turns);
    look.distinct = (uint16_t)sp_count_distinct(w, start, end);
    sp_charge(w, 4 * (end - start));
    return look;
}

/* Turns of a random text: of hexadecimal every second character, of other keys as many. One in five tells it
 * from words and dates. No language has many words of twenty letters. */
enum {
    TURNS_PER = 5,
    RANDOM_MIN = 16,
    NAMED_MIN = 10,
    DISTINCT_MIN = 6,
    LETTERS_MIN = 20,
    LONG_MIN = 24,
    HEX_MIN = 30
};

/* Letters only: one long run, or capitals strewn in. */
static bool are_letters_random(const sp_look *look)
{
    if (look->n < LETTERS_MIN || look->distinct < NAMED_MIN) return false;
    const bool is_strewn = look->uppers >= 3 && look->lowers >= 3 && look->turns * 4 >= look->n;
    return is_strewn || (look->others == 0 && (look->longest_word >= LETTERS_MIN || look->lowers == 0));
}

/* "ABCD-1234-123456-abcdef-12345678": each group might be a word or a number, all together are none. */
static bool is_grouped(const sp_look *look)
{
    return look->n >= LETTERS_MIN && look->digits >= 6 && look->longest_word <= 6 &&
           look->distinct >= NAMED_MIN;
}

bool sp_is_opaque(const sp_look *look, sp_reason reason)
{
    const unsigned letters = look->uppers + look->lowers;
    if (look->distinct < DISTINCT_MIN || look->others * 3 > look->n) return false;
    const unsigned digits_min = look->n >= LONG_MIN ? 1 : 2;
    if (look->digits >= digits_min && letters >= 2 && look->n >= RANDOM_MIN &&
        look->turns * TURNS_PER >= look->n)
        return !look->is_wordy;
    if (reason == SP_REASON_NONE) return false;
    if (look->is_hex && look->n >= HEX_MIN) return true;
    if (look->digits > 0 && letters > 0 && look->is_wordy) return is_grouped(look);
    if (look->digits > 0 && letters > 0) return look->n >= NAMED_MIN;
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

/* Which bytes stand in [start, end), as small letters. */
static sp_bits256 bytes_in(const sp_window *w, size_t start, size_t end)
{
    sp_bits256 seen = SP_BITS256_NONE;
    for (size_t i = start; i < end; i++) {
        const int c = w->p[i];
        sp_bits256_add(&seen, (uint8_t)(sp_is_upper(c) ? c + ('a' - 'A') : c));
    }
    return seen;
}

static bool are_all_in(const sp_bits256 *seen, const char *word, size_t n)
{
    size_t i = 0;
    while (i < n && sp_bits256_has(*seen, (uint8_t)word[i])) i++;
    return i == n;
}

static bool stands_in(const sp_window *w, size_t start, size_t end, const char *word, size_t n)
{
    sp_charge(w, end - start);
    for (size_t i = start; i + n <= end; i++) {
        if (word_at(w, i, end, word, n)) return true;
    }
    return false;
}

/* Most values lack a letter of each word: those are told without comparing. */
bool sp_has_word(const sp_window *w, size_t start, size_t end, const char *words)
{
    enum { WORD_COSTS = 2 };
    const sp_bits256 seen = bytes_in(w, start, end);
    sp_charge(w, end - start);
    for (const char *word = words; *word != '\0';) {
        const size_t n = strcspn(word, "|");
        sp_charge(w, WORD_COSTS);
        if (are_all_in(&seen, word, n) && stands_in(w, start, end, word, n)) return true;
        word += n + (word[n] == '|');
    }
    return false;
}

enum { DIGEST_NAME = 14, PUBLIC_HEAD = 20 };

/* What people write where a secret will stand. */
static const char stand_ins[] =
    "example|xxxx|changeme|change_me|change-me|replace|placeholder|your_|your-|yourp|"
    "yourk|yours|yourt|insert|dummy|todo|redacted|removed|hidden|****|....|${|$(|"
    "{{|}}|#{|env.|environ|getenv|process.|secrets.|config.|goes_here|-here|_here|"
    "secretkeyref|not_a_|notreal|not-real|fake_|undefined";

static bool is_reference_char(int c)
{
    return sp_is_alnum(c) || c == '_' || c == '.' || c == '>' || c == ':' || c == '(' || c == ')' ||
           c == '[' || c == ']' || c == '-' || c == '\'' || c == '"' || c == '{' || c == '}' || c == '/' ||
           c == '%';
}

bool sp_has_digit(const sp_window *w, size_t start, size_t end)
{
    for (size_t i = start; i < end; i++) {
        if (sp_is_digit(w->p[i])) return true;
    }
    return false;
}

/* "$PASSWORD", "%PASSWORD%", "@Value(…)", "<token>", "{{token}}": a name for what is elsewhere. Behind '$',
 * '%' and '@' passwords go on with signs and digits that names do not have. */
static bool is_reference(const sp_window *w, size_t start, size_t end)
{
    const int first = w->p[start];
    if (first == '<' || first == '&' || first == '{' || first == '[' || first == '(') return true;
    if (first != '$' && first != '%' && first != '@') return false;
    if (first == '$' && memchr(w->p + start, '/', end - start) != NULL) return true; /* "$HOST/login" */
    if (end - start > 1 && sp_is_digit(w->p[start + 1]) && first != '$') return false;
    for (size_t i = start + 1; i < end; i++) {
        if (!is_reference_char(w->p[i])) return false;
    }
    return first == '$' || end - start < 4 || w->p[end - 1] == first || w->p[start + 1] == '(' ||
           w->p[start + 1] == '{' || !sp_has_digit(w, start, end);
}

bool sp_is_stand_in(const sp_window *w, size_t start, size_t end)
{
    if (sp_has_word(w, start, end, stand_ins)) return true;
    const bool is_quoted = end - start > 1 && (w->p[start] == '\'' || w->p[start] == '"'); /* "'$PASSWORD'" */
    return is_reference(w, is_quoted ? start + 1 : start, end);
}

/* Heads of public keys in base 64: SubjectPublicKeyInfo of elliptic curves, RSA and Ed25519, OpenSSH's. */
static const char public_keys[] =
    "mfkwewyhkozizj0caq|mhyweayhkozizj0caq|miibijanbgkqhkig|miicijanbgkqhkig|"
    "migfma0gcsqgsib3|mcowbqydk2vw|aaaab3nzac1yc2e|aaaac3nzac1lzdi1|aaaae2vjzhnh";
static const char names_of_digests[] =
    "checksum|integrity|digest|sha1|sha256|sha384|sha512|sha-1|sha-256|sha-512|md5|blake2|crc32|h1:";

static bool has_form(const sp_window *w, size_t start, size_t end, const char *form)
{
    const size_t n = strlen(form);
    if (end - start < n) return false;
    for (size_t i = 0; i < n; i++) {
        if (form[i] == 'd' ? !sp_is_digit(w->p[start + i]) : w->p[start + i] != (uint8_t)form[i])
            return false;
    }
    return true;
}

/* "2025-01-29T00:00", "20250129T0000" */
static bool is_time(const sp_window *w, size_t start, size_t end)
{
    return has_form(w, start, end, "dddd-dd-dd") || has_form(w, start, end, "ddddddddTdd");
}

/* "appman18922506.auth0.com" */
static bool is_host(const sp_window *w, size_t start, size_t end)
{
    static const char tops[] = ".com|.net|.org|.io|.dev|.local|.internal|.cloud";
    enum { TOP_MAX = 9 };
    size_t dot = end;
    while (dot > start && end - dot < TOP_MAX && w->p[dot - 1] != '.') dot--;
    if (dot <= start + 1 || !sp_has_word(w, dot - 1, end, tops)) return false;
    for (size_t i = start; i < end; i++) {
        if (!sp_is_alnum(w->p[i]) && w->p[i] != '.' && w->p[i] != '-') return false;
    }
    return true;
}

bool sp_is_other(const sp_window *w, size_t start, size_t end)
{
    const size_t before = start > DIGEST_NAME ? start - DIGEST_NAME : 0;
    const size_t head = end - start > PUBLIC_HEAD ? start + PUBLIC_HEAD : end;
    const bool is_path =
        memchr(w->p + start, '/', end - start) != NULL && /* and no base 64, which has no dot */
        memchr(w->p + start, '.', end - start) != NULL;
    return is_path || is_time(w, start, end) || is_host(w, start, end) ||
           sp_has_word(w, before, start, names_of_digests) || sp_has_word(w, start, head, public_keys) ||
           sp_has_word(w, start, end, "://|::|()|25519"); /* Ed25519PrivateKey */
}

/* ---- a value behind the name of a service ---- */

/* As much as "adzuna, private access token for production: " needs. */
enum {
    REACH = 60,       /* bytes before a value in which its service is named */
    VALUE_REACH = 36, /* bytes behind a word that says key, in which a value begins */
    BEFORE = 16,
    KEY_MIN = 8,
    KEY_MAX = 1000,
    FORM_MAX = 28, /* longest form of a service */
    WORD_MAX = 32,
    SERVICE_COSTS = 16, /* a search for a service, and the letters of its name */
    PREFIX = 3,         /* bytes by which services are looked up; no '~' is among them */
};

static const char names_of_keys[] =
    "key|token|secret|passw|passph|pwd|auth|access|private|cred|license|client|apikey|login";
static const char names_of_hashes[] = "commit|sha|hash|digest|md5|checksum|revision|integrity|etag|image|"
                                      "layer|release|version|trace|span|_id|-id";

const sp_service *sp_service_at(size_t i)
{
    if (i < sp_services_a_to_m.n) return &sp_services_a_to_m.v[i];
    i -= sp_services_a_to_m.n;
    return i < sp_services_n_to_z.n ? &sp_services_n_to_z.v[i] : NULL;
}

static int lower(int c)
{
    return sp_is_upper(c) ? c + ('a' - 'A') : c;
}

/* End of the name at `i` if it stands there before `end`; a separator may part its words. 0: it does not. */
static size_t name_end(const char *word, const sp_window *w, size_t i, size_t end)
{
    for (; *word != '\0'; word++) {
        if (*word == '~') {
            if (i < end && !sp_is_alnum(w->p[i])) i++;
        } else if (i >= end || lower(w->p[i++]) != (uint8_t)*word) {
            return 0;
        }
    }
    return i;
}

/* Does one of the words stand at `i`? */
static bool starts_with_one(const sp_window *w, size_t i, const char *words)
{
    for (; *words != '\0'; words += strcspn(words, "|"), words += *words == '|') {
        if (word_at(w, i, w->n, words, strcspn(words, "|"))) return true;
    }
    return false;
}

/* May a name begin at `i`? */
static bool begins_name(const sp_window *w, size_t i)
{
    const int before = sp_before(w, i);
    return !sp_is_alpha(before) || (!sp_is_upper(before) && sp_is_upper(w->p[i]));
}

/* Does the name, which may begin there, stand as a word of its own: "ADZUNA_KEY", "adzunaKey", "myAdzuna",
 * "adzunatoken"? */
static bool is_name_alone(const sp_service *service, const sp_window *w, size_t start, size_t end)
{
    static const char keys[] = "key|token|secret|access|private|api";
    if (!service->is_common) return true;
    if (sp_is_digit(sp_before(w, start))) return false;
    const int after = end < w->n ? w->p[end] : -1;
    const bool ends = !sp_is_alnum(after) || (sp_is_upper(after) && !sp_is_upper(w->p[end - 1]));
    return ends || starts_with_one(w, end, keys);
}

static bool is_key_char(int c)
{
    static const sp_bits256 set = {{
        UINT64_C(0x03ffec7a00000000), /* ! # $ % & * + - . / 0-9 */
        UINT64_C(0x47fffffec7fffffe), /* A-Z ^ _ a-z ~ */
        0,
        0,
    }};
    return c >= 0 && sp_bits256_has(set, (uint8_t)c);
}

/* As far as the characters of keys go from `i` on. */
static size_t run_end(sp_window *w, size_t i)
{
    sp_value_memo *known = w->values;
    const size_t limit = i + KEY_MAX;
    const bool is_known = known != NULL && i >= known->run_from && i < known->run_to;
    const size_t from = !is_known ? i : known->run_to < limit ? known->run_to : limit;
    const size_t end = sp_skip(w, from, limit, is_key_char);
    if (known == NULL || (is_known && end <= known->run_to)) return end;
    if (!is_known) known->run_from = i;
    known->run_to = end;
    return end;
}

/* End of the key from `i` on: no sign of a sentence at its end, but padding. */
static size_t key_end(sp_window *w, size_t i)
{
    const size_t run = run_end(w, i);
    size_t end = run;
    while (end > i && !sp_is_base64url(w->p[end - 1])) end--;
    sp_charge(w, run - end);
    for (unsigned n = 0; n < 2 && sp_peek(w, end) == '='; n++) end++;
    return end;
}

/* Behind a word that says key, at `i`, and its signs; `i` if there is none. */
static size_t behind_word(sp_window *w, size_t i, size_t end)
{
    const size_t word = sp_skip(w, i, i + WORD_MAX, sp_is_alpha);
    if (word == i || word >= end || !sp_has_word(w, i, word, names_of_keys) || sp_is_alnum(w->p[word]))
        return i;
    i = word;
    while (i < end && !sp_is_alnum(w->p[i])) i++;
    return i;
}

/* Where a key may begin in the run of characters [i, end): behind words that say key, with their sign. */
static size_t key_start(sp_window *w, size_t i, size_t end)
{
    enum { WORDS_MAX = 8 }; /* "secret-access-key:"; a text may be nothing but such words */
    for (size_t n = 0; n < WORDS_MAX; n++) {
        const size_t next = behind_word(w, i, end);
        if (next == i) break;
        i = next;
    }
    return i;
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

/* How the name [start, end) and a value hang together. */
typedef struct sp_tie {
    bool is_named;    /* a word between them, or right before the name, says key, token, secret */
    bool is_assigned; /* '=' or ':' stands between them */
    bool is_close;    /* and nothing else */
    bool is_hash;     /* a word says commit, digest */
} sp_tie;

static sp_tie tie_of(const sp_window *w, size_t start, size_t end, size_t value)
{
    const size_t before = start > BEFORE ? start - BEFORE : 0;
    sp_tie tie = {.is_close = true};
    for (size_t i = end; i < value; i++) {
        tie.is_assigned = tie.is_assigned || w->p[i] == '=' || w->p[i] == ':';
        tie.is_close = tie.is_close && !sp_is_alnum(w->p[i]);
        if (w->p[i] == ':' && sp_before(w, i) == ':') return (sp_tie){0}; /* "AWS::KMS::Key" */
    }
    tie.is_named =
        sp_has_word(w, end, value, names_of_keys) || sp_has_word(w, before, start, "key|token|secret");
    tie.is_hash = sp_has_word(w, before, value, names_of_hashes);
    return tie;
}

/* Does the value [m->start, m->end), which looks so, belong to a service whose name is tied to it so? */
static bool is_key_of(const sp_service *service, const sp_tie *tie, const sp_window *w, const sp_match *m,
                      const sp_look *look)
{
    if (!tie->is_named && (service->is_common || tie->is_hash || !(tie->is_close || tie->is_assigned)))
        return false;
    if (form_fits(service->form, w, m->start, m->end)) return true;
    if (sp_is_uuid(w, m->start, m->end)) return look->digits > 0;
    const bool is_plain = tie->is_close && look->others == 0 && look->n >= LETTERS_MIN && look->digits >= 2;
    return sp_is_opaque(look, tie->is_named || is_plain ? SP_REASON_NAMED : SP_REASON_NONE);
}

/* The order of a service's word to the letters at `i`, over the first bytes. */
static int order_of(const sp_service *service, const sp_window *w, size_t i)
{
    int order = 0;
    for (size_t k = 0; k < PREFIX && order == 0; k++) order = (uint8_t)service->word[k] - lower(w->p[i + k]);
    return order;
}

static size_t first_service(const sp_window *w, size_t i)
{
    size_t low = 0, high = sp_services_a_to_m.n + sp_services_n_to_z.n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (order_of(sp_service_at(middle), w, i) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Is there a digit in [start, end)? Remembers how far there is none. */
static bool may_have_digit(const sp_window *w, size_t start, size_t end)
{
    sp_value_memo *known = w->values;
    const bool is_known = known != NULL && start >= known->bare_from && start <= known->bare_to;
    const size_t from = is_known ? known->bare_to : start;
    size_t i = from;
    while (i < end && !sp_is_digit(w->p[i])) i++;
    sp_charge(w, i > from ? i - from : 0);
    if (known == NULL || i < from) return i < end;
    if (!is_known) known->bare_from = start;
    known->bare_to = i;
    return i < end;
}

/* What costs little: long enough, and a digit in it, or letters only if there are many. */
static bool may_be_key(const sp_window *w, size_t start, size_t end)
{
    if (end - start < KEY_MIN) return false;
    if (may_have_digit(w, start, end)) return true;
    return end - start >= LETTERS_MIN && memchr(w->p + start, '_', end - start) == NULL;
}

/* The first service whose name may begin at `i`; SIZE_MAX: none. */
static size_t service_at(const sp_window *w, size_t i)
{
    if (!sp_is_alnum(w->p[i]) || !begins_name(w, i)) return SIZE_MAX;
    const size_t at = i % SP_VALUE_NAMES;
    if (w->values != NULL && w->values->names[at].behind == i + 1) return w->values->names[at].service;
    size_t service = first_service(w, i);
    if (sp_service_at(service) == NULL || order_of(sp_service_at(service), w, i) != 0) service = SIZE_MAX;
    sp_charge(w, SERVICE_COSTS);
    if (w->values == NULL) return service;
    w->values->names[at].behind = i + 1;
    w->values->names[at].service = service;
    return service;
}

/* Is a service named within reach before the value that it may belong to? @param look  NULL: whatever the
 * value looks like. */
static bool is_near_service(const sp_window *w, const sp_match *m, const sp_look *look)
{
    sp_charge(w, REACH);
    for (size_t i = m->start > REACH ? m->start - REACH : 0; i + PREFIX <= m->start; i++) {
        for (size_t s = service_at(w, i); s != SIZE_MAX && sp_service_at(s) != NULL; s++) {
            sp_charge(w, SERVICE_COSTS);
            const sp_service *service = sp_service_at(s);
            if (order_of(service, w, i) != 0) break;
            const size_t end = name_end(service->word, w, i, m->start);
            if (end == 0 || !is_name_alone(service, w, i, end)) continue;
            if (look == NULL) return true;
            const sp_tie tie = tie_of(w, i, end, m->start);
            if (is_key_of(service, &tie, w, m, look)) return true;
        }
    }
    return false;
}

/* What costs least is asked first: most heads have no key behind them. */
static bool is_service_key(const sp_window *w, const sp_match *m)
{
    enum { LONG = 128 }; /* what is longer is read only if it can matter: it may hold many heads */
    if (m->end - m->start > LONG && !is_near_service(w, m, NULL)) return false;
    const sp_look look = sp_look_at(w, m->start, m->end);
    if (look.n < KEY_MIN || look.distinct < 4) return false;
    const bool may_be = (look.n <= FORM_MAX && !look.is_wordy) || sp_is_opaque(&look, SP_REASON_NAMED) ||
                        sp_is_uuid(w, m->start, m->end);
    if (!may_be || !is_near_service(w, m, &look)) return false;
    if (m->start >= 3 && sp_has_word(w, m->start - 3, m->start, "{{ ")) return false; /* of a template */
    /* "MII": a certificate, DER in base 64 */
    return !sp_is_stand_in(w, m->start, m->end) && !sp_is_other(w, m->start, m->end) &&
           !sp_has_word(w, m->start, m->start + 3, "mii");
}

/* Is there nothing in the next bytes that sp_service_key could take: no digit before a sign that ends the
 * search, and no row of characters that is long enough without one? Where a row goes on behind the block, or
 * no block has arrived, only reading tells. */
static bool has_no_key(const sp_window *w, size_t at)
{
    _Static_assert(LETTERS_MIN - 2 == 18, "the rows below, less the two bytes that pad a key");
    sp_key_chars c;
    if (w->n - at < SP_BLOCK) return false;
    sp_key_chars_64(&c, w->p + at);
    const uint64_t inside = c.stop != 0 ? (c.stop & -c.stop) - 1 : UINT64_MAX;
    if (c.stop == 0 && ~c.key >> (VALUE_REACH + 1) == 0) return false;
    uint64_t row = c.key & inside;
    for (unsigned n = 1; n < 16; n *= 2) row &= row >> n;
    row &= row >> 2;
    return (c.digit & inside) == 0 && row == 0;
}

/* Not over the end of a line: a block of text that ends there would have to be read with the next one each
 * time (parts.c). A value on the next line has a sign before it, and what is before that is looked at. Heads
 * are words that say key, and signs that a value follows; one that ends inside of the value ("=a") is the
 * value's first byte. */
void sp_service_key(sp_window *w, size_t head_end, sp_match *m)
{
    const bool is_inside = head_end >= 2 && w->p[head_end - 2] == '=' && sp_is_alnum(w->p[head_end - 1]);
    const size_t first = is_inside ? head_end - 1 : head_end;
    if (has_no_key(w, first)) return;
    for (size_t i = first; i < head_end + VALUE_REACH;) {
        m->start = i;
        const int c = sp_peek(w, i);
        if (c < 0 || c == ';' || c == '}' || c == ')' || c == '\n' || c >= 0x80) return;
        if (!sp_is_alnum(c)) {
            i++;
            continue;
        }
        m->end = key_end(w, i);
        if (w->ran_out) return;
        const bool may_be = may_be_key(w, i, m->end);
        if (may_be) m->start = key_start(w, i, m->end);
        if (may_be && is_service_key(w, m)) {
            m->confidence = 85;
            return;
        }
        i = m->end > i ? m->end : i + 1;
    }
}

/* ---- a value right behind the name of a service ---- */

enum { TIE_MAX = 4, LINE_BEFORE = 100, TOKEN_LONG = 128 };

static bool is_tie(int c)
{
    return c == ' ' || c == '\t' || c == ':' || c == '=' || c == '(' || c == '|' || c == ',' || c == '"' ||
           c == '\'' || c == '`';
}

static bool is_token_char(int c)
{
    return sp_is_base64url(c) || c == '+' || c == '/' || c == '=';
}

static size_t back_over(const sp_window *w, size_t i, size_t most, bool (*is_class)(int c))
{
    const size_t floor = i > most ? i - most : 0;
    while (i > floor && is_class(w->p[i - 1])) i--;
    return i;
}

/* The service whose name is [start, end), NULL if there is none. */
static const sp_service *service_named(const sp_window *w, size_t start, size_t end)
{
    if (end - start < PREFIX) return NULL;
    for (size_t s = first_service(w, start); sp_service_at(s) != NULL; s++) {
        const sp_service *service = sp_service_at(s);
        if (order_of(service, w, start) != 0) return NULL;
        if (name_end(service->word, w, start, end) == end) return service;
    }
    return NULL;
}

/* The service that is named up to `end`, in one word or two: "zerobounce", "zero-bounce". */
static const sp_service *service_before(const sp_window *w, size_t end)
{
    const size_t start = back_over(w, end, WORD_MAX, sp_is_alnum);
    const sp_service *service = service_named(w, start, end);
    if (service != NULL || start < 2) return service;
    return service_named(w, back_over(w, start - 1, WORD_MAX, sp_is_alnum), end);
}

/* A list of checksums names what is summed: "SPEC CHECKSUMS:" or another digest stands on the line before.
 * @param value  where it begins: before SP_CONTEXT_MAX bytes of it a stream has nothing any more. */
static bool is_among_digests(const sp_window *w, size_t name, size_t value)
{
    size_t end = name;
    for (unsigned n = 0; n < WORD_MAX && end > 0 && w->p[end - 1] != '\n'; n++) end--;
    if (end == 0 || w->p[end - 1] != '\n') return false;
    const size_t context = value > SP_CONTEXT_MAX ? value - SP_CONTEXT_MAX : 0;
    const size_t floor = end > context + LINE_BEFORE ? end - LINE_BEFORE : context;
    size_t start = --end;
    while (start > floor && w->p[start - 1] != '\n') start--;
    if (sp_has_word(w, start, end, names_of_hashes)) return true;
    const size_t last = back_over(w, end, end - start, is_token_char);
    return sp_look_at(w, last, end).is_hex && end - last >= HEX_MIN;
}

/* Capitals, small letters and digits in turns, as no digest has them and no name. */
static bool is_mixed(const sp_look *look)
{
    enum { EACH_MIN = 3 };
    return look->n >= LETTERS_MIN && look->digits >= EACH_MIN && look->uppers >= EACH_MIN &&
           look->lowers >= EACH_MIN && look->turns * 4 >= look->n && !look->is_wordy;
}

/* Letters and digits that no words and no numbers are. */
static bool is_token_of(const sp_service *service, const sp_window *w, const sp_match *m)
{
    const sp_look look = sp_look_at(w, m->start, m->end);
    if (look.uppers + look.lowers < 2 || look.digits < 2 || look.n > TOKEN_LONG) return false;
    for (size_t i = m->start; i < m->end; i++) {
        if (!is_token_char(w->p[i])) return false; /* a name of a file, an address */
    }
    if (service->is_common) return is_mixed(&look); /* a word: what follows is a digest as well */
    return is_key_of(service, &(sp_tie){.is_close = true}, w, m, &look);
}

void sp_service_token(sp_window *w, size_t head_end, sp_match *m)
{
    m->start = back_over(w, head_end, RANDOM_MIN, sp_is_base64url);
    const size_t name = back_over(w, m->start, TIE_MAX, is_tie);
    const sp_service *service = name < m->start ? service_before(w, name) : NULL;
    if (service == NULL) return;
    m->end = key_end(w, m->start);
    if (w->ran_out || !is_token_of(service, w, m) || is_among_digests(w, name, m->start)) return;
    const sp_tie tie = tie_of(w, name, name, m->start);
    if (tie.is_hash || sp_is_stand_in(w, m->start, m->end) || sp_is_other(w, m->start, m->end)) return;
    m->confidence = 78;
}
