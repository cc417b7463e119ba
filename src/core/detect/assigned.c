/* Values that a name is given: in code, JSON, YAML, .env, properties, XML, URLs, headers, on command lines.
 * The name says whether the value may be a password (then much is one) or a key (then it has to look random).
 */
#include "detect/assigned_examples.h"
#include "detect/assigned.h"

#include <hs/hs.h>

enum { TYPE_MAX = 24 };

/* All steps note in m->start how far they have read, since the value can begin nowhere before. */
static int look(sp_window *w, sp_match *m, size_t i)
{
    m->start = i;
    return sp_peek(w, i);
}

static size_t skip_blanks(sp_window *w, sp_match *m, size_t i)
{
    for (unsigned n = 0; n < SP_GAP_MAX && sp_is_blank(look(w, m, i)); n++) i++;
    return i;
}

static size_t back_over_name(const sp_window *w, size_t i)
{
    const size_t floor = i > SP_NAME_MAX ? i - SP_NAME_MAX : 0;
    while (i > floor && sp_is_name_or_wide(w->p[i - 1])) i--;
    return i;
}

static void read_name(sp_assigned *a, sp_window *w, sp_match *m, size_t head_end)
{
    a->word_end = head_end;
    a->name = back_over_name(w, head_end);
    a->name_end = head_end;
    while (a->name_end - head_end < SP_NAME_MAX && sp_is_base64url(look(w, m, a->name_end))) a->name_end++;
}

/* `password: str = "x"`, `secret: Optional[str] = "x"`: the value stands behind the type. */
static size_t skip_type(sp_window *w, sp_match *m, size_t i)
{
    size_t at = i;
    for (; at < i + TYPE_MAX; at++) {
        const int c = look(w, m, at);
        if (!sp_is_alpha(c) && c != '[' && c != ']') break;
    }
    if (at == i) return i;
    at = skip_blanks(w, m, at);
    if (look(w, m, at) != '=') return i;
    return skip_blanks(w, m, at + 1);
}

/* `" value="`, `" type="hidden" value="`: between a name in XML and HTML and its value. */
static size_t skip_value_attribute(sp_window *w, sp_match *m, size_t i)
{
    enum { ATTRIBUTES_MAX = 3, ATTRIBUTE_MAX = 20 };
    for (unsigned n = 0; n < ATTRIBUTES_MAX; n++) {
        const size_t at = skip_blanks(w, m, i);
        if (at == i) return 0;
        if (sp_goes_on(w, at, "value=", true)) {
            m->start = at + 6;
            return at + 6;
        }
        for (i = at; i < at + ATTRIBUTE_MAX && sp_is_name_or_wide(look(w, m, i));) i++;
        if (look(w, m, i) != '=' || look(w, m, i + 1) != '"') return 0;
        for (i += 2; i < at + ATTRIBUTE_MAX && sp_is_name_or_wide(look(w, m, i));) i++;
        if (look(w, m, i) != '"') return 0;
        i++;
    }
    return 0;
}

/* "is" between a name and its value. */
static const char *const said[] = {
    "is", "ist", "lautet", "est", "es", "è",  "é",  "это", "jest", "är", "είναι", "adalah", "là",
    "هو", "هي",  "הוא",    "היא", "है",  "คือ", "是", "为",  "為",   "は", "는",    "은",     NULL,
};

/* Behind the word for "is" at `i` and its colon, 0 if none stands there. Chinese, Japanese and Korean need no
 * blanks. */
static size_t skip_said(sp_window *w, size_t i, size_t after_name)
{
    for (const char *const *word = said; *word != NULL; word++) {
        const bool is_glued = (uint8_t) * *word >= 0xe0;
        if ((!is_glued && i == after_name) || !sp_goes_on(w, i, *word, true)) continue;
        const size_t end = i + sp_bytes_of(*word).n;
        const int after = sp_peek(w, end);
        if (after == ':') return end + 1;
        if (is_glued || sp_is_blank(after)) return end;
    }
    return 0;
}

/* What a password is for, between it and its sign: "password for the wiki: …", "Passwort von Anna ist …".
 * @return where the sign or the word for "is" stands, 0 if nothing of the sort. */
static size_t skip_purpose(sp_window *w, sp_match *m, size_t i)
{
    static const char *const words[] = {
        "for ", "für ", "von ", "of ",   "to ",  "pour ", "para ", "per ", "de ", "du ", "del ", "da ", "do ",
        "od ",  "dla ", "za ",  "voor ", "för ", "til ",  "от ",   "для ", "к ",  "до ", "на ",  "за ", NULL};
    enum { PURPOSE_MAX = 48 };
    bool is_for = false;
    for (const char *const *word = words; *word != NULL && !is_for; word++)
        is_for = sp_goes_on(w, i, *word, true);
    for (const size_t limit = i + PURPOSE_MAX; is_for && i < limit; i++) {
        const int c = look(w, m, i);
        if (c == ':' || c == '=') return i;
        if (sp_is_blank(c) && skip_said(w, i + 1, i) != 0) return i + 1;
        if (!sp_is_name_or_wide(c) && !sp_is_blank(c) && c != '.' && c != '@') return 0;
    }
    return 0;
}

/* "：" as Chinese and Japanese write it. */
static const char wide_colon[] = "\xef\xbc\x9a";

/* `password: |`, `token: >-`: the value of YAML stands on the next line. */
static size_t skip_block_sign(sp_window *w, sp_match *m, size_t i)
{
    size_t at = i;
    const int c = look(w, m, at);
    if (c != '|' && c != '>') return i;
    if (look(w, m, ++at) == '-') at++;
    return look(w, m, at) == '\n' ? skip_blanks(w, m, at + 1) : i;
}

/* `<token>` and its value on the next line. */
static size_t skip_line_end(sp_window *w, sp_match *m, size_t i)
{
    const size_t at = look(w, m, i) == '\r' ? i + 1 : i;
    return look(w, m, at) == '\n' ? skip_blanks(w, m, at + 1) : i;
}

/* ---- values in the next cell, tag or line ---- */

/* Behind the tag of HTML at `i`, `i` if none of those that texts are marked with stands there. */
static size_t skip_tag(sp_window *w, sp_match *m, size_t i)
{
    enum { TAG_MAX = 24 };
    static const char *const tags[] = {"b>",  "strong", "code", "em>",  "i>",  "span", "tt>",
                                       "kbd", "td",     "th",   "dd",   "dt",  "p>",   "br",
                                       "div", "label",  "pre",  "samp", "li>", NULL};
    if (look(w, m, i) != '<') return i;
    const size_t name = i + 1 + (look(w, m, i + 1) == '/');
    for (const char *const *tag = tags; *tag != NULL; tag++) {
        if (!sp_goes_on(w, name, *tag, true)) continue;
        for (size_t at = name; at < name + TAG_MAX; at++) {
            const int c = look(w, m, at);
            if (c == '>') return at + 1;
            if (c < ' ' || c == '<') return i;
        }
    }
    return i;
}

/* Behind tags, blanks and one end of a line: "</td>\n  <td><code>". */
static size_t skip_tags(sp_window *w, sp_match *m, size_t i)
{
    enum { TAGS_MAX = 4, REACH = 48 };
    const size_t from = i;
    for (unsigned n = 0; n < TAGS_MAX && i < from + REACH; n++) {
        const size_t end = skip_tag(w, m, i);
        if (end == i) break;
        i = skip_blanks(w, m, end);
        if (look(w, m, i) == '\n') i = skip_blanks(w, m, i + 1);
    }
    return i;
}

/* Does the name stand first in its line or cell, but for words ("Admin password") and the signs of a list, of
 * Markdown and of a tag? */
static bool begins_cell(const sp_window *w, size_t i)
{
    enum { BEFORE_MAX = 24 };
    for (unsigned n = 0; n < BEFORE_MAX && i > 0; n++, i--) {
        const int c = w->p[i - 1];
        if (c == '|' || c == '\n') return true;
        if (!sp_is_name_or_wide(c) && !sp_is_blank(c) && c != '*' && c != '`' && c != '>' && c != '.')
            return false;
    }
    return i == 0;
}

/* "<th>Admin password": does the name stand first in its element, but for words? */
static bool begins_element(const sp_window *w, size_t i)
{
    enum { BEFORE_MAX = 24 };
    const size_t floor = i > BEFORE_MAX ? i - BEFORE_MAX : 0;
    while (i > floor && (sp_is_name_or_wide(w->p[i - 1]) || w->p[i - 1] == ' ')) i--;
    return sp_before(w, i) == '>';
}

/* "### Password": is the name in a heading of Markdown? */
static bool is_heading(const sp_window *w, size_t i)
{
    enum { BEFORE_MAX = 24 };
    const size_t floor = i > BEFORE_MAX ? i - BEFORE_MAX : 0;
    while (i > floor && (sp_is_name_or_wide(w->p[i - 1]) || w->p[i - 1] == ' ')) i--;
    return sp_before(w, i) == '#';
}

/* "–", "—", "→" or a hyphen among blanks. @return behind it, 0 if there is none. */
static size_t skip_dash(sp_window *w, size_t i)
{
    static const char *const dashes[] = {"- ", "– ", "— ", "→ ", NULL};
    for (const char *const *dash = dashes; *dash != NULL; dash++) {
        if (sp_goes_on(w, i, *dash, false)) return i + sp_bytes_of(*dash).n;
    }
    return 0;
}

/* "| Password | value |", "<td>Password</td><td>value</td>", "Password - value". @return where the value
 * begins, 0 if nothing of the sort. */
static size_t skip_apart(sp_assigned *a, sp_window *w, sp_match *m, size_t i, size_t after_name)
{
    const int c = look(w, m, i);
    size_t value = 0;
    if (c == '|' && begins_cell(w, a->name)) {
        value = look(w, m, i + 1) == '|' ? i + 2 : i + 1;
        const int first = look(w, m, value);
        if (i == after_name && first != ' ' && first != '`') return 0; /* "a|b" */
    } else if (c == '<' && begins_element(w, a->name)) {
        value = skip_tags(w, m, i);
        if (value == i) return 0;
        if (look(w, m, value) == ':') value++;
    } else if (c == '\n' && is_heading(w, a->name)) {
        a->is_below = true;
        value = i + 1;
        if (look(w, m, value) == '\n') value++;
    } else if (i > after_name && begins_cell(w, a->name)) {
        value = skip_dash(w, i);
    }
    if (value == 0) return 0;
    a->is_apart = true;
    return skip_blanks(w, m, value);
}

/* Behind "**", "*", "__" that close what is emphasised together with its colon: "**Password:** value". */
static size_t skip_emphasis(sp_window *w, sp_match *m, size_t i)
{
    size_t at = i;
    while (at < i + 3 && (look(w, m, at) == '*' || look(w, m, at) == '_')) at++;
    const int c = at > i ? look(w, m, at) : -1;
    return sp_is_blank(c) || c == '\n' || c == '`' ? at : i;
}

/* Behind a colon at the end of its line: the value may stand alone on the next line or the one after. */
static size_t skip_lines(sp_assigned *a, sp_window *w, sp_match *m, size_t i)
{
    const size_t at = look(w, m, i) == '\r' ? i + 1 : i;
    if (look(w, m, at) != '\n' || !begins_cell(w, a->name)) return i;
    a->is_apart = a->is_below = true;
    i = skip_blanks(w, m, at + 1);
    return look(w, m, i) == '\n' ? skip_blanks(w, m, i + 1) : i;
}

/* What may still stand behind a colon and its blanks: the sign of a block, tags, an end of line, a type. */
static size_t skip_behind_colon(sp_assigned *a, sp_window *w, sp_match *m, size_t i)
{
    const size_t block = skip_block_sign(w, m, i);
    if (block != i) return block;
    const size_t tags = skip_tags(w, m, i);
    if (tags != i) {
        a->is_apart = true;
        return tags;
    }
    const size_t below = skip_lines(a, w, m, i);
    return below != i ? below : skip_type(w, m, i);
}

/* Behind signs that close a name: quotes, brackets, the marks of Markdown that were opened before it, and
 * what it is for in brackets: "Password (wiki): value". */
static size_t skip_closers(const sp_assigned *a, sp_window *w, sp_match *m, bool *is_closed)
{
    enum { CLOSERS = 3, BRACKET_MAX = 24 };
    size_t i = a->name_end;
    for (unsigned n = 0; n < CLOSERS; n++, i++) {
        const int c = look(w, m, i);
        if (c == '*') continue;
        if (!sp_is_quote(c) && c != ']' && c != '\\') break;
        *is_closed = true;
    }
    if (*is_closed || look(w, m, i) != ' ' || look(w, m, i + 1) != '(' || !begins_cell(w, a->name)) return i;
    for (size_t at = i + 2; at < i + BRACKET_MAX; at++) {
        const int c = look(w, m, at);
        if (c == ')') return look(w, m, at + 1) == ':' ? at + 1 : i;
        if (!sp_is_name_or_wide(c) && c != ' ' && c != '.') break;
    }
    return i;
}

/* "password is …", "密码：…"; where a purpose stands between, *i goes behind it. @return where the value
 * begins, 0 if it is not said so. */
static size_t skip_saying(sp_assigned *a, sp_window *w, sp_match *m, size_t *i, size_t after_name)
{
    if (*i > after_name) {
        const size_t sign = skip_purpose(w, m, *i);
        if (sign != 0) *i = sign;
    }
    if (sp_goes_on(w, *i, wide_colon, false)) {
        a->is_tight = true;
        return skip_blanks(w, m, *i + sizeof wide_colon - 1);
    }
    const size_t value = skip_said(w, *i, after_name);
    if (value == 0) return 0;
    a->is_told = a->is_said = true;
    return skip_blanks(w, m, value);
}

/* What parts a name from its value. @return where the value or its quote begins, 0 if nothing of the sort. */
static size_t skip_operator(sp_assigned *a, sp_window *w, sp_match *m)
{
    bool is_closed = false;
    size_t i = skip_closers(a, w, m, &is_closed);
    const size_t attribute = is_closed ? skip_value_attribute(w, m, i) : 0;
    if (attribute != 0) return attribute;
    const size_t after_name = i;
    i = skip_blanks(w, m, i);
    const size_t at_said = i;
    const size_t value = skip_saying(a, w, m, &i, after_name);
    if (value != 0) return value;
    const size_t apart = i == at_said ? skip_apart(a, w, m, i, after_name) : 0;
    if (apart != 0) return apart;
    const bool is_for = i != at_said;
    const int c = look(w, m, i);
    if (c == '>' && i == after_name) {
        a->is_tight = true;
        return skip_line_end(w, m, i + 1);
    }
    if (c == ',' && is_closed) {
        a->is_listed = a->name < 2 || w->p[a->name - 2] != '(';
        return skip_blanks(w, m, i + 1);
    }
    const bool is_value = c != '=' && c != ':' && c != '-' && c != '|' && c != '&' && c != '<' && c != '>';
    if (i > after_name && !is_closed && (sp_is_quote(c) || (is_value && sp_begins_line(w, a->name)))) {
        a->is_told = true;
        return i;
    }
    const bool is_option = w->p[a->name] == '-' && w->p[a->name + 1] == '-';
    if (is_option && i > after_name && c != '=' && c != '-') {
        a->is_tight = true;
        return i;
    }
    if (c != '=' && c != ':') return 0;
    const int next = look(w, m, i + 1);
    if (sp_before(w, a->name) == '{' && (next == '?' || next == '+')) return 0; /* "${NAME:?message}" */
    if (c == '=' && next == '=') a->is_compared = true;
    if (c == ':' && (next == ':' || sp_before(w, a->name) == ':')) return 0; /* "AWS::KMS::Key", an ARN */
    a->is_tight = i == after_name && (c == ':' || !sp_is_blank(next));
    i += next == '=' || next == '>' ? 2 : 1;
    a->is_told = is_for;
    i = skip_blanks(w, m, c == ':' ? skip_emphasis(w, m, i) : i);
    return c == ':' ? skip_behind_colon(a, w, m, i) : i;
}

/* Up to the quote that opened it. A line end comes first: that was no value. */
static void read_quoted(sp_assigned *a, sp_window *w, size_t i, int quote)
{
    a->start = i;
    for (; i < a->start + SP_VALUE_MAX; i++) {
        const int c = sp_peek(w, i);
        sp_charge(w, 1);
        if (c < 0 || c == '\n') return;
        if (c == quote || (c == '\\' && sp_peek(w, i + 1) == quote)) {
            a->writing = SP_WRITING_QUOTED;
            a->end = i;
            return;
        }
    }
}

static void read_bare(sp_assigned *a, sp_window *w, size_t i)
{
    a->start = i;
    while (i < a->start + SP_VALUE_MAX && !sp_ends_bare(sp_peek(w, i))) i++;
    a->end = i;
    sp_charge(w, i - a->start);
    const int after = sp_peek(w, i);
    sp_trim_emphasis(a, w);
    if (a->is_told && i > a->start && w->p[i - 1] == '.') a->end--; /* of the sentence */
    if (after != '(' && a->end > a->start) a->writing = SP_WRITING_BARE;
}

/* ": ", "：" and the sign of a block, and nothing else between the name and its value. */
static bool is_behind_colon(const sp_assigned *a, const sp_window *w, size_t value)
{
    size_t i = a->name_end;
    if (value >= i + 3 && sp_bytes_eq((sp_bytes){w->p + i, 3}, sp_bytes_of(wide_colon))) return true;
    while (i + 1 < value && w->p[i] == '*') i++;
    if (w->p[i] != ':' || value < i + 2) return false;
    while (++i < value) {
        const int c = w->p[i];
        if (!sp_is_space(c) && c != '|' && c != '>' && c != '-' && c != '*' && c != '_') return false;
    }
    return true;
}

/* The first on its line but for "export", "set", the sign of a list or the rest of its own name. */
static bool leads_line(const sp_window *w, size_t i)
{
    enum { DEPTH_MAX = 4 };
    static const char *const leads[] = {"export ", "set ", "ENV ", "- ", NULL};
    for (unsigned n = 0; n < DEPTH_MAX && sp_before(w, i) == '.'; n++) i = back_over_name(w, i - 1);
    for (const char *const *lead = leads; *lead != NULL; lead++) {
        const sp_bytes word = sp_bytes_of(*lead);
        if (i >= word.n && sp_bytes_eq((sp_bytes){w->p + i - word.n, word.n}, word))
            return sp_begins_line(w, i - word.n);
    }
    return sp_begins_line(w, i);
}

static void note_surroundings(sp_assigned *a, const sp_window *w, size_t value)
{
    a->is_free = !a->is_apart && (a->is_told || is_behind_colon(a, w, value));
    a->is_alone = a->is_free || a->is_below || (!a->is_apart && leads_line(w, a->name));
}

static void read_value(sp_assigned *a, sp_window *w, sp_match *m, size_t i)
{
    int c = look(w, m, i);
    if ((sp_is_alpha(c) || c == '@') && sp_is_quote(sp_peek(w, i + 1))) i++; /* b"…", r'…', @"…" */
    if (sp_peek(w, i) == '\\' && sp_is_quote(sp_peek(w, i + 1))) i++;
    if (a->is_listed && sp_peek(w, i) == '\'' && sp_peek(w, i + 1) == '"') i++; /* '"value"' of Gradle */
    if (a->is_free && sp_goes_on(w, i, "**", false)) i += 2;
    c = sp_peek(w, i);
    m->start = sp_is_quote(c) ? i + 1 : i;
    if (sp_is_quote(c))
        read_quoted(a, w, i + 1, c);
    else
        read_bare(a, w, i);
}

/* Is nothing else on the line of the value? */
static bool is_whole_line(const sp_assigned *a, sp_window *w)
{
    const int after = sp_peek(w, a->end + (a->writing == SP_WRITING_QUOTED));
    return after < 0 || after == '\n' || after == '\r';
}

bool sp_assigned__read(sp_assigned *a, sp_window *w, size_t head_end, sp_match *m)
{
    *a = (sp_assigned){0};
    m->start = head_end;
    read_name(a, w, m, head_end);
    const size_t i = skip_operator(a, w, m);
    if (i == 0) return false;
    note_surroundings(a, w, i);
    read_value(a, w, m, i);
    if (a->writing == SP_WRITING_NONE || a->end <= a->start || w->ran_out) return false;
    if (a->is_below && !is_whole_line(a, w)) return false;
    m->end = a->end;
    const int before = sp_before(w, a->name);
    const bool is_route = before == '/' && sp_is_quote(w->p[a->name_end]); /* '/forgot-password' => "…" */
    const bool is_label = sp_is_quote(before) && w->p[i] == before && w->p[a->name_end] == ':';
    return !is_route && !is_label; /* label:"Password:",next:"…" */
}

static void assigned_password(sp_window *w, size_t head_end, sp_match *m)
{
    sp_assigned a;
    if (!sp_assigned__read(&a, w, head_end, m)) return;
    if (sp_assigned__is_password(&a, w, m)) m->confidence = a.writing == SP_WRITING_QUOTED ? 80 : 75;
}

static void assigned_secret(sp_window *w, size_t head_end, sp_match *m)
{
    sp_assigned a;
    if (!sp_assigned__read(&a, w, head_end, m)) return;
    if (sp_assigned__is_secret(&a, w)) m->confidence = 80;
}

/* ---- name and value as fields of their own ---- */

enum { PAIR_GAP_MAX = 40, PAIR_NAME_MAX = 64, LABEL_GAP_MAX = 6 };

static bool is_label_word(const sp_window *w, size_t start, size_t end)
{
    static const char *const labels[] = {"name", "key", "field", "variable", NULL};
    for (const char *const *label = labels; *label != NULL; label++) {
        if (sp_bytes_eq_nocase((sp_bytes){w->p + start, end - start}, sp_bytes_of(*label))) return true;
    }
    return false;
}

static size_t back_over(const sp_window *w, size_t i, size_t most, bool wants_name)
{
    const size_t floor = i > most ? i - most : 0;
    while (i > floor && sp_is_base64url(w->p[i - 1]) == wants_name) i--;
    return i;
}

/* `name: DB_PASSWORD` before `value: …`, `"key": "password",` before `"value": …`, `<key>Password</key>`
 * before
 * `<string>…`. @param i where the word that says value begins. */
static bool read_pair_name(sp_assigned *a, const sp_window *w, size_t i)
{
    size_t end = back_over(w, i, PAIR_GAP_MAX, false);
    size_t start = back_over(w, end, PAIR_NAME_MAX, true);
    if (sp_before(w, start) == '/' && is_label_word(w, start, end)) { /* "</key>" */
        end = back_over(w, start, 2, false);
        start = back_over(w, end, PAIR_NAME_MAX, true);
    }
    const size_t label_end = back_over(w, start, LABEL_GAP_MAX, false);
    const size_t label = back_over(w, label_end, (size_t)LABEL_GAP_MAX * 2, true);
    const bool is_named = sp_has_word(w, label_end, start, ":|=|>");
    if (!is_named || end == start || !is_label_word(w, label, label_end)) return false;
    a->name = start;
    a->name_end = end;
    return true;
}

/* Where the last of the words ends in the name. 0: none is in it. */
static size_t word_end_in(const sp_assigned *a, const sp_window *w, const char *words)
{
    for (size_t end = a->name_end; end > a->name; end--) {
        if (sp_has_word(w, a->name, end, words) && !sp_has_word(w, a->name, end - 1, words)) return end;
    }
    return 0;
}

static size_t skip_pair_sign(sp_window *w, sp_match *m, size_t i)
{
    for (const size_t limit = i + SP_GAP_MAX; i < limit; i++) {
        const int c = look(w, m, i);
        if (!sp_is_blank(c) && c != ':' && c != '=') break;
    }
    return i;
}

/* The value behind a head that says value, and the name before it. */
static bool read_pair(sp_assigned *a, sp_window *w, size_t head_end, sp_match *m, const char *words)
{
    size_t i = head_end;
    m->start = head_end;
    while (i > 0 && !sp_is_alpha(w->p[i - 1])) i--;
    while (i > 0 && sp_is_alpha(w->p[i - 1])) i--;
    *a = (sp_assigned){.is_tight = true};
    if (!read_pair_name(a, w, i)) return false;
    a->word_end = word_end_in(a, w, words);
    if (a->word_end == 0) return false;
    const size_t value = skip_pair_sign(w, m, head_end);
    a->is_free = a->is_alone = sp_is_blank(sp_before(w, value)); /* "value: …" */
    read_value(a, w, m, value);
    if (a->writing == SP_WRITING_NONE || a->end <= a->start || w->ran_out) return false;
    m->end = a->end;
    return true;
}

static void paired_password(sp_window *w, size_t head_end, sp_match *m)
{
    sp_assigned a;
    if (!read_pair(&a, w, head_end, m, "pass|pwd|kennwort|senha")) return;
    if (sp_assigned__is_password(&a, w, m)) m->confidence = 78;
}

static void paired_secret(sp_window *w, size_t head_end, sp_match *m)
{
    sp_assigned a;
    if (!read_pair(&a, w, head_end, m, "secret|token|key|cred|auth")) return;
    if (sp_assigned__is_secret(&a, w)) m->confidence = 78;
}

/* ---- "pw" ---- */

/* "pw: value", "PW=value", "pw is value": a head of its own, since two letters alone are in many words. */
static void short_password(sp_window *w, size_t head_end, sp_match *m)
{
    enum { PW = 2 };
    size_t word_end = head_end;
    while (word_end > 0 && !sp_is_alpha(w->p[word_end - 1])) word_end--;
    if (w->p[head_end - 1] == 's') word_end = head_end - 3; /* "pw is" */
    m->start = head_end;
    sp_assigned a;
    if (sp_is_alnum(sp_before(w, word_end - PW)) || !sp_assigned__read(&a, w, word_end, m)) return;
    if (m->start < head_end) return;
    if (sp_assigned__is_password(&a, w, m)) m->confidence = 75;
}

/* ---- rows ---- */

/* How a value that has its name in a field of its own begins. */
#define PAIRS "value:|value=|value =|value\"|<value>|<string>"

static const sp_row rows[] = {
    {
        .name = "assigned-password",
        .kind = SP_KIND_PASSWORD,
        .head = "pass|pwd|bindpw|identified "
                "by|kennwort|contrase(?:\xc3\xb1|n)a|senha|clave|mot.?de.?passe|wachtwoord|has(?:l|"
                "\\xc5\\x82)o|heslo|"
                "parola|l\xc3\xb6senord|salasana|adgangskode|jelsz\xc3\xb3|\xc5\x9fifre|"
                "\xe3\x83\x91\xe3\x82\xb9\xe3\x83\xaf\xe3\x83\xbc\xe3\x83\x89|"
                "\xeb\xb9\x84\xeb\xb0\x80\xeb\xb2\x88\xed\x98\xb8|"
                "\\xd0\\xbf\\xd0\\xb0\\xd1\\x80\\xd0\\xbe\\xd0\\xbb\\xd1\\x8c|\\xe5\\xaf\\x86\\xe7\\xa0\\x81|"
                "\\xe5\\x8f\\xa3\\xe4\\xbb\\xa4",
        .flags = HS_FLAG_CASELESS,
        .validate = assigned_password,
        .head_max = 0, /* its head is the name before it, which is no part of the match */
        .longest = SP_VALUE_MAX,
        .least = 60,
        .examples = password_examples,
    },
    {
        .name = "assigned-secret",
        .kind = SP_KIND_API_KEY,
        .head = "secret|token|key|cred|auth|_pat|geheim|jeton",
        .flags = HS_FLAG_CASELESS,
        .validate = assigned_secret,
        .head_max = 0,
        .longest = SP_VALUE_MAX,
        .least = 60,
        .examples = secret_examples,
    },
    {
        .name = "paired-password",
        .kind = SP_KIND_PASSWORD,
        .head = PAIRS,
        .flags = HS_FLAG_CASELESS,
        .validate = paired_password,
        .head_max = 0,
        .longest = SP_VALUE_MAX,
        .least = 60,
        .examples = paired_password_examples,
    },
    {
        .name = "paired-secret",
        .kind = SP_KIND_API_KEY,
        .head = PAIRS,
        .flags = HS_FLAG_CASELESS,
        .validate = paired_secret,
        .head_max = 0,
        .longest = SP_VALUE_MAX,
        .least = 60,
        .examples = paired_secret_examples,
    },
    {
        .name = "short-password",
        .kind = SP_KIND_PASSWORD,
        .head = "pw:|pw=|pw =|pw is",
        .flags = HS_FLAG_CASELESS,
        .validate = short_password,
        .head_max = 0,
        .longest = SP_VALUE_MAX,
        .least = 60,
        .examples = short_examples,
    },
    {
        .name = "service-key",
        .kind = SP_KIND_API_KEY,
        .head = "key|token|secret|pass|access|private|cred|license|auth",
        .sign = SP_SIGN_VALUE,
        .flags = HS_FLAG_CASELESS,
        .validate = sp_service_key,
        .head_max = 1, /* where the value is its last byte */
        .longest = 1002,
        .least = 60,
        .examples = service_examples,
    },
    {
        .name = "service-token",
        .kind = SP_KIND_API_KEY,
        .sign = SP_SIGN_TOKEN,
        .validate = sp_service_token,
        .head_max = 16,
        .longest = 1002,
        .least = 60,
        .examples = token_examples,
    },
};

const sp_family sp_family_secrets = {rows, sizeof rows / sizeof rows[0]};
