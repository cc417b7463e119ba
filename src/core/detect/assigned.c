/* Values that a name is given: in code, JSON, YAML, .env, properties, XML, URLs, headers, on command lines.
 * The name says whether the value may be a password (then much is one) or a key (then it has to look random).
 */
#include "detect/assigned_examples.h"
#include "detect/secret.h"

#include <hs/hs.h>

enum { NAME_MAX = 32, VALUE_MAX = 1200, SPACE_MAX = 12, PASSWORD_MAX = 128, SECRET_MIN = 12, TYPE_MAX = 24 };

/* How a value is written. */
typedef enum writing {
    WRITING_NONE = 0,
    WRITING_BARE,   /* up to a blank or a sign */
    WRITING_QUOTED, /* up to its quote */
} writing;

/* A name and its value. */
typedef struct assigned {
    size_t name, word_end, name_end; /* [name, name_end); the word that was found ends at word_end */
    size_t start, end;               /* the value */
    writing writing;
    bool is_compared; /* "password == value" */
    bool is_told;     /* "the password is value" */
    bool is_said;     /* … with a word for "is" */
    bool is_listed;   /* "'name', 'value'" in no call of its own */
    bool is_tight;    /* "NAME=value", "name: value", "--name value": as files and commands write it */
    bool is_free;  /* "name: value", "the password is value": no URL, no command whose signs would end it */
    bool is_alone; /* free, or the first on its line: signs in the value may belong to it */
} assigned;

static bool is_name(int c)
{
    return sp_is_base64url(c);
}

/* A letter beyond ASCII too. */
static bool is_name_or_wide(int c)
{
    return is_name(c) || c >= 0x80;
}

static bool is_blank(int c)
{
    return c == ' ' || c == '\t';
}

static bool is_quote(int c)
{
    return c == '"' || c == '\'' || c == '`';
}

/* All steps note in m->start how far they have read, since the value can begin nowhere before. */
static int look(sp_window *w, sp_match *m, size_t i)
{
    m->start = i;
    return sp_peek(w, i);
}

static size_t skip_blanks(sp_window *w, sp_match *m, size_t i)
{
    for (unsigned n = 0; n < SPACE_MAX && is_blank(look(w, m, i)); n++) i++;
    return i;
}

static size_t back_over_name(const sp_window *w, size_t i)
{
    const size_t floor = i > NAME_MAX ? i - NAME_MAX : 0;
    while (i > floor && is_name_or_wide(w->p[i - 1])) i--;
    return i;
}

static void read_name(assigned *a, sp_window *w, sp_match *m, size_t head_end)
{
    a->word_end = head_end;
    a->name = back_over_name(w, head_end);
    a->name_end = head_end;
    while (a->name_end - head_end < NAME_MAX && is_name(look(w, m, a->name_end))) a->name_end++;
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

/* `">`, `" value="`: between a name in XML and its value. */
static size_t skip_value_attribute(sp_window *w, sp_match *m, size_t i)
{
    const size_t at = skip_blanks(w, m, i);
    if (at == i || !sp_goes_on(w, at, "value=", true)) return 0;
    m->start = at + 6;
    return at + 6;
}

/* Does the name stand first on its line, as in files of settings without signs ("requirepass value")? */
static bool begins_line(const sp_window *w, size_t i)
{
    for (unsigned n = 0; n < SPACE_MAX && i > 0 && is_blank(w->p[i - 1]); n++) i--;
    return i == 0 || w->p[i - 1] == '\n';
}

/* "is" between a name and its value. */
static const char *const said[] = {
    "is",           "ist",          "lautet",       "est",
    "es",           "\xc3\xa8",     "\xc3\xa9",     "\xd1\x8d\xd1\x82\xd0\xbe",
    "jest",         "\xe6\x98\xaf", "\xe4\xb8\xba", "\xe3\x81\xaf",
    "\xeb\x8a\x94", "\xec\x9d\x80", NULL,
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
        if (is_glued || is_blank(after)) return end;
    }
    return 0;
}

/* What a password is for, between it and its sign: "password for the wiki: …", "Passwort von Anna ist …".
 * @return where the sign or the word for "is" stands, 0 if nothing of the sort. */
static size_t skip_purpose(sp_window *w, sp_match *m, size_t i)
{
    static const char *const words[] = {"for ",  "f\xc3\xbcr ", "von ", "of ", "to ",
                                        "pour ", "para ",       "per ", "de ", NULL};
    enum { PURPOSE_MAX = 48 };
    bool is_for = false;
    for (const char *const *word = words; *word != NULL && !is_for; word++)
        is_for = sp_goes_on(w, i, *word, true);
    for (const size_t limit = i + PURPOSE_MAX; is_for && i < limit; i++) {
        const int c = look(w, m, i);
        if (c == ':' || c == '=') return i;
        if (is_blank(c) && skip_said(w, i + 1, i) != 0) return i + 1;
        if (!is_name_or_wide(c) && !is_blank(c) && c != '.' && c != '@') return 0;
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

/* "password is …", "密码：…"; where a purpose stands between, *i goes behind it. @return where the value
 * begins, 0 if it is not said so. */
static size_t skip_saying(assigned *a, sp_window *w, sp_match *m, size_t *i, size_t after_name)
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
static size_t skip_operator(assigned *a, sp_window *w, sp_match *m)
{
    size_t i = a->name_end;
    bool is_closed = false;
    for (unsigned n = 0; n < 3; n++) {
        const int c = look(w, m, i);
        if (!is_quote(c) && c != ']' && c != '\\') break;
        is_closed = true;
        i++;
    }
    const size_t attribute = is_closed ? skip_value_attribute(w, m, i) : 0;
    if (attribute != 0) return attribute;
    const size_t after_name = i;
    i = skip_blanks(w, m, i);
    const size_t at_said = i;
    const size_t value = skip_saying(a, w, m, &i, after_name);
    if (value != 0) return value;
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
    if (i > after_name && !is_closed && (is_quote(c) || (is_value && begins_line(w, a->name)))) {
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
    a->is_tight = i == after_name && (c == ':' || !is_blank(next));
    i += next == '=' || next == '>' ? 2 : 1;
    a->is_told = is_for;
    i = skip_blanks(w, m, i);
    if (c != ':') return i;
    const size_t block = skip_block_sign(w, m, i);
    return block != i ? block : skip_type(w, m, i);
}

static bool ends_bare(int c)
{
    return c < 0 || sp_is_space(c) || is_quote(c) || c == ',' || c == ';' || c == '&' || c == '<' ||
           c == '>' || c == ')' || c == '(' || c == ']' || c == '}' || c == '|' || c == '\\';
}

/* Up to the quote that opened it. A line end comes first: that was no value. */
static void read_quoted(assigned *a, sp_window *w, size_t i, int quote)
{
    a->start = i;
    for (; i < a->start + VALUE_MAX; i++) {
        const int c = sp_peek(w, i);
        sp_charge(w, 1);
        if (c < 0 || c == '\n') return;
        if (c == quote || (c == '\\' && sp_peek(w, i + 1) == quote)) {
            a->writing = WRITING_QUOTED;
            a->end = i;
            return;
        }
    }
}

/* "password: **value**": the marks of Markdown are no part of it. */
static void trim_emphasis(assigned *a, const sp_window *w)
{
    if (a->start < 2 || w->p[a->start - 1] != '*' || w->p[a->start - 2] != '*') return;
    while (a->end > a->start && w->p[a->end - 1] == '*') a->end--;
}

static void read_bare(assigned *a, sp_window *w, size_t i)
{
    a->start = i;
    while (i < a->start + VALUE_MAX && !ends_bare(sp_peek(w, i))) i++;
    a->end = i;
    sp_charge(w, i - a->start);
    const int after = sp_peek(w, i);
    trim_emphasis(a, w);
    if (a->is_told && i > a->start && w->p[i - 1] == '.') a->end--; /* of the sentence */
    if (after != '(' && a->end > a->start) a->writing = WRITING_BARE;
}

/* ": ", "：" and the sign of a block, and nothing else between the name and its value. */
static bool is_behind_colon(const assigned *a, const sp_window *w, size_t value)
{
    size_t i = a->name_end;
    if (value >= i + 3 && sp_bytes_eq((sp_bytes){w->p + i, 3}, sp_bytes_of(wide_colon))) return true;
    if (w->p[i] != ':' || value < i + 2) return false;
    while (++i < value) {
        const int c = w->p[i];
        if (!sp_is_space(c) && c != '|' && c != '>' && c != '-') return false;
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
            return begins_line(w, i - word.n);
    }
    return begins_line(w, i);
}

static void note_surroundings(assigned *a, const sp_window *w, size_t value)
{
    a->is_free = a->is_told || is_behind_colon(a, w, value);
    a->is_alone = a->is_free || leads_line(w, a->name);
}

static void read_value(assigned *a, sp_window *w, sp_match *m, size_t i)
{
    int c = look(w, m, i);
    if ((sp_is_alpha(c) || c == '@') && is_quote(sp_peek(w, i + 1))) i++; /* b"…", r'…', @"…" */
    if (sp_peek(w, i) == '\\' && is_quote(sp_peek(w, i + 1))) i++;
    if (a->is_listed && sp_peek(w, i) == '\'' && sp_peek(w, i + 1) == '"') i++; /* '"value"' of Gradle */
    if (a->is_free && sp_goes_on(w, i, "**", false)) i += 2;
    c = sp_peek(w, i);
    m->start = is_quote(c) ? i + 1 : i;
    if (is_quote(c))
        read_quoted(a, w, i + 1, c);
    else
        read_bare(a, w, i);
}

static bool read_assigned(assigned *a, sp_window *w, size_t head_end, sp_match *m)
{
    *a = (assigned){0};
    m->start = head_end;
    read_name(a, w, m, head_end);
    const size_t i = skip_operator(a, w, m);
    if (i == 0) return false;
    note_surroundings(a, w, i);
    read_value(a, w, m, i);
    if (a->writing == WRITING_NONE || a->end <= a->start || w->ran_out) return false;
    m->end = a->end;
    const int before = sp_before(w, a->name);
    const bool is_route = before == '/' && is_quote(w->p[a->name_end]); /* '/forgot-password' => "…" */
    const bool is_label = is_quote(before) && w->p[i] == before && w->p[a->name_end] == ':';
    return !is_route && !is_label; /* label:"Password:",next:"…" */
}

/* ---- what names mean ---- */

/* Behind the word they say that it is something about a secret. */
static const char about[] =
    "name|type|file|path|url|uri|len|size|count|field|label|hint|prompt|text|input|error|msg|"
    "message|expir|valid|required|policy|rule|check|reset|change|forgot|confirm|manager|"
    "column|attr|param|regex|pattern|format|header|prefix|endpoint|scope|version|algo|"
    "index|info|status|class|style|enabled|disabled|visible|placeholder|description|"
    "encod|digest|_hash|-hash|hashed|hashes|salt|store|manage|provider|factory|arn|ref|"
    "_id|-id|ids|title|stream|ized|izer|ize|board|word_|public|color|colour|event|code_|length|"
    "lifetime|ttl|mgr|bits|sort|group|order|map|set|pair|error|exception|request|response";

static bool is_about(const assigned *a, const sp_window *w)
{
    return sp_has_word(w, a->word_end, a->name_end, about);
}

/* ---- passwords ---- */

/* What "pass" ends without being one: bypass, compass, highpass. */
static const char no_pass[] =
    "by|com|sur|tres|over|under|mini|band|low|high|multi|single|first|second|last|next";

/* What "pass" goes on with. */
static bool is_password_name(const assigned *a, const sp_window *w)
{
    const int c = a->word_end < a->name_end ? w->p[a->word_end] : -1;
    static const char rests[] = "word|wd|phrase|wort|code|key";
    const size_t most = a->word_end + 6 < a->name_end ? a->word_end + 6 : a->name_end;
    if (sp_has_word(w, a->word_end, most, rests)) return true;
    const size_t word = a->word_end >= 4 ? a->word_end - 4 : 0;
    const size_t before = word - a->name < 6 ? a->name : word - 6;
    if (word > a->name && sp_has_word(w, before, word, no_pass)) return false;
    return !sp_is_alpha(c) || (sp_is_upper(c) && !sp_is_upper(w->p[a->word_end - 1]));
}

/* Values that say that there is none, or what belongs there. */
static const char no_passwords[] =
    "password|passwd|passwort|secret|string|null|none|true|false|undefined|required|"
    "optional|encrypted|pass|user|text|input|prompt|default|value|empty|self|str|bytes|"
    "int|bool|char|void|return|enter|hidden|varchar|nil|stdin|basic|bearer|plain";

static bool is_whole_word(const sp_window *w, size_t start, size_t end, const char *words)
{
    for (const char *word = words; *word != '\0';) {
        size_t n = 0;
        while (word[n] != '\0' && word[n] != '|') n++;
        size_t k = 0;
        while (k < n && start + k < end && (w->p[start + k] | 0x20) == (uint8_t)word[k]) k++;
        if (k == n && start + n == end) return true;
        word += n + (word[n] == '|');
    }
    return false;
}

static bool has_sign(const sp_window *w, size_t start, size_t end)
{
    for (size_t i = start; i < end; i++) {
        const int c = w->p[i];
        if (c == '!' || c == '@' || c == '#' || c == '$' || c == '%' || c == '^' || c == '*' || c == '?' ||
            c == '+' || c == '~' || c == '&')
            return true;
    }
    return false;
}

static bool has_blank(const sp_window *w, size_t start, size_t end)
{
    for (size_t i = start; i < end; i++) {
        if (is_blank(w->p[i]) || w->p[i] < 0x20) return true;
    }
    return false;
}

/* Does nothing but a comment stand behind it? */
static bool ends_line(const assigned *a, sp_window *w)
{
    const size_t i = sp_skip(w, a->end, a->end + SPACE_MAX, is_blank);
    const int c = sp_peek(w, i);
    return c < 0 || c == '\n' || c == '\r' || (i > a->end && c == '#');
}

/* "DB_PASSWORD=value" or "db.password=value" alone on its line: a file of settings, in which there are no
 * variables to be meant. */
static bool is_setting(const assigned *a, sp_window *w)
{
    if (!a->is_tight || !ends_line(a, w)) return false;
    const bool is_dotted = a->name > 0 && w->p[a->name - 1] == '.';
    bool is_capital = true;
    for (size_t i = a->name; i < a->name_end; i++)
        is_capital = is_capital && (!sp_is_alpha(w->p[i]) || sp_is_upper(w->p[i]));
    return is_capital || is_dotted;
}

/* "password = Value123" alone on its line: INI, properties. A variable would have no capital and no such
 * number. */
static bool is_ini(const assigned *a, sp_window *w, const sp_look *look)
{
    if (look->digits == 0 || look->uppers + look->lowers == 0 || !begins_line(w, a->name)) return false;
    const bool is_mixed = look->uppers > 0 && look->lowers > 0;
    return (is_mixed || (look->n >= 8 && look->digits >= 2)) && ends_line(a, w);
}

/* "<password>value</password>", ";password=value;": nothing else could stand there. */
static bool is_field(const assigned *a, const sp_window *w)
{
    const int before = w->p[a->start - 1], after = a->end < w->n ? w->p[a->end] : -1;
    return (before == '>' && after == '<') || sp_before(w, a->name) == ';';
}

/* Said of a password that is not told. */
static const char states[] =
    "incorrect|required|disabled|protected|encrypted|optional|mandatory|undefined|not "
    "valid|mismatch|unchanged|"
    "verified|accepted|rejected|forgotten|confirmed|generated|available|password|passwort|plaintext|"
    "anything|whatever|something|nothing|wrongpassword|invalid|expired";

/* A word in quotes behind "the password is": it is meant as it stands. */
static bool is_word_told(const assigned *a, const sp_window *w, const sp_look *look)
{
    return a->is_said && a->writing == WRITING_QUOTED && look->n >= 8 && look->lowers == look->n &&
           !sp_has_word(w, a->start, a->end, states);
}

/* "the password is value", "PASSWORD 'value'", "requirepass value": in prose only what cannot be a word. */
static bool is_told_password(const assigned *a, const sp_window *w, const sp_look *look, bool signs)
{
    const int after = a->end < w->n ? w->p[a->end] : -1;
    const bool ends = a->writing == WRITING_QUOTED || after < 0 || sp_is_space(after) || after == ',' ||
                      after == ';' || after == '.';
    if (is_word_told(a, w, look)) return true;
    return ends && look->n >= 6 && (look->digits > 0 || signs) && look->uppers + look->lowers > 0;
}

static bool looks_like_password(const assigned *a, sp_window *w)
{
    if (a->end - a->start > PASSWORD_MAX) return false; /* before it is read: it may hold many heads */
    const sp_look look = sp_look_at(w, a->start, a->end);
    const bool signs = has_sign(w, a->start, a->end);
    const unsigned letters = look.uppers + look.lowers;
    if (look.n < 4 || look.distinct < 3 || a->is_listed) return false;
    if (a->is_compared && (a->writing == WRITING_BARE || (look.digits == 0 && !signs))) return false;
    if (a->is_told) return is_told_password(a, w, &look, signs);
    if (a->writing == WRITING_BARE && is_setting(a, w)) return look.n >= 6;
    if (a->writing == WRITING_BARE && look.n >= 6 && is_ini(a, w, &look)) return true;
    if (signs && look.n >= 6 && letters + look.digits > 0)
        return sp_is_alnum(w->p[a->end - 1]) || look.digits > 0 || look.n >= 8;
    if (!look.is_wordy) return look.n >= 6;
    const bool is_plain = look.others == 0 && look.n >= 6;
    if (a->writing == WRITING_BARE)
        return a->is_tight && (is_plain || is_field(a, w)) && look.n >= 6 && look.digits > 0 && letters > 0;
    if (look.digits > 0) return is_plain || (look.n >= 8 && letters > 0);
    return (is_plain || a->is_tight) && look.n >= 8 && !sp_is_upper(w->p[a->start]) &&
           look.uppers <= look.n / 2;
}

/* "*pass_data": a parameter in C, of which the type ends in "pass". */
static bool is_pointer(const sp_window *w, size_t start, size_t end)
{
    for (size_t i = start; i < end; i++) {
        if (!is_name(w->p[i]) && w->p[i] != '*') return false;
    }
    return true;
}

/* "^0.1.1", "0x08000000": a version, a number of a program. */
static bool is_number_of_code(const sp_window *w, size_t start, size_t end)
{
    const bool is_hexadecimal = end - start > 2 && w->p[start] == '0' && w->p[start + 1] == 'x';
    if (!is_hexadecimal && w->p[start] != '^' && w->p[start] != '~') return false;
    for (size_t i = start + 1 + is_hexadecimal; i < end; i++) {
        if (is_hexadecimal ? !sp_is_hex(w->p[i]) : !sp_is_digit(w->p[i]) && w->p[i] != '.') return false;
    }
    return true;
}

/* "challengePassword", "v8::Isolate::GetCurrent()": a name for one, or code. */
static bool is_name_of_one(const sp_window *w, size_t start, size_t end)
{
    if (sp_has_word(w, start, end, "::|()") || is_number_of_code(w, start, end)) return true;
    const sp_look look = sp_look_at(w, start, end);
    const bool is_camel = look.uppers > 0 && look.lowers > look.uppers && look.others + look.digits == 0;
    return is_camel && sp_has_word(w, start, end, "password|passwd");
}

/* What neither the look of the value nor the name excludes. */
static bool is_password(const assigned *a, const sp_window *w)
{
    const uint8_t first = w->p[a->start];
    if (has_blank(w, a->start, a->end) || first == '/' || first == '.') return false;
    if (first == '#' && (a->writing == WRITING_BARE || !sp_has_digit(w, a->start, a->end)))
        return false; /* "#id" */
    if (first == '!' && sp_is_alpha(w->p[a->end - 1]) && a->writing == WRITING_BARE)
        return false; /* "!vault" */
    if (first == '*' && a->writing == WRITING_BARE && is_pointer(w, a->start, a->end)) return false;
    if (is_about(a, w) || !is_password_name(a, w) || is_name_of_one(w, a->start, a->end)) return false;
    return !sp_is_stand_in(w, a->start, a->end) && !is_whole_word(w, a->start, a->end, no_passwords);
}

/* "user=", "port: ": the next field. In connection strings its name may be of two words. */
static bool begins_field(sp_window *w, size_t i, bool may_be_two)
{
    size_t end = sp_skip(w, i, i + NAME_MAX, is_name);
    if (may_be_two && end > i && sp_peek(w, end) == ' ') end = sp_skip(w, end + 1, end + NAME_MAX, is_name);
    const int sign = sp_peek(w, end);
    if (end == i || (sign != '=' && sign != ':')) return false;
    const int next = sp_peek(w, end + 1);
    return sign == ':' || (next != '=' && !ends_bare(next)); /* no padding of base 64 */
}

/* "</b>", "<br>", "<!--": `i` behind the first sign. */
static bool is_tag(sp_window *w, size_t i)
{
    const int c = sp_peek(w, i);
    if (c == '/' || c == '!') return true;
    const int after = sp_peek(w, sp_skip(w, i, i + NAME_MAX, sp_is_alpha));
    return sp_is_alpha(c) && (after == '>' || after == '/' || after == ' ');
}

/* Signs of HTML that end a text. */
static bool is_entity(sp_window *w, size_t i)
{
    static const char *const entities[] = {"&quot;", "&lt;", "&gt;", "&apos;", "&nbsp;", "&#", NULL};
    for (const char *const *entity = entities; *entity != NULL; entity++) {
        if (sp_goes_on(w, i, *entity, false)) return true;
    }
    return false;
}

/* Is the sign at `i`, which ends a bare value elsewhere, a part of a value that stands alone? */
static bool is_part(const assigned *a, sp_window *w, size_t i)
{
    const int c = sp_peek(w, i);
    if (c < 0 || sp_is_space(c)) return false;
    const int next = sp_peek(w, i + 1);
    if (next < 0 || sp_is_space(next) || is_quote(next)) return false;
    switch (c) {
    case '&':
        if (is_entity(w, i)) return false;
        return a->is_free || (next != '&' && !begins_field(w, i + 1, false));
    case '<':
        return !is_tag(w, i + 1);
    case ',':
        return !begins_field(w, i + 1, false);
    case ';':
        return !begins_field(w, i + 1, true);
    case '\\':
        return next != 'n' && next != 'r' && next != 't' && next != 'u' && next != '\\';
    case '(':
        return true;
    default:
        return sp_is_alnum(next);
    }
}

/* Nothing of a password may stay behind a mask: where it stands alone it goes on up to a blank, over signs
 * that would part it from others in a URL or a command. @return whether it did. */
static bool widen(assigned *a, sp_window *w)
{
    const size_t narrow = a->end, limit = a->start + PASSWORD_MAX;
    const int first = w->p[a->start];
    if (a->writing != WRITING_BARE || !a->is_alone || first == '$' || first == '{') return false;
    while (a->end < limit && (!ends_bare(sp_peek(w, a->end)) || is_part(a, w, a->end))) a->end++;
    while (a->end > narrow && ends_bare(w->p[a->end - 1])) a->end--;
    trim_emphasis(a, w);
    if (a->is_told && a->end > narrow && w->p[a->end - 1] == '.') a->end--;
    sp_charge(w, a->end - narrow);
    return a->end > narrow;
}

/* A value that is a password only with its signs: told, or alone on its line and no code. */
static bool is_wide_password(const assigned *a, sp_window *w)
{
    if (a->is_told) return looks_like_password(a, w);
    const sp_look look = sp_look_at(w, a->start, a->end);
    const bool is_mixed = look.uppers > 0 && look.lowers > 0;
    if (look.n < 8 || look.digits == 0 || look.uppers + look.lowers == 0 || look.distinct < 5) return false;
    if (sp_has_word(w, a->start, a->end, "->|=>|<<|>>|(|[|{|\\|\"")) return false;
    if (!is_mixed && !has_sign(w, a->start, a->end)) return false;
    return (a->is_free || a->is_tight || is_ini(a, w, &look)) && ends_line(a, w);
}

/* @return whether it is a password, up to a->end */
static bool judge_password(assigned *a, sp_window *w, sp_match *m)
{
    const bool is_narrow = looks_like_password(a, w) && is_password(a, w);
    if (!widen(a, w)) return is_narrow;
    m->end = a->end;
    return is_narrow || (is_wide_password(a, w) && is_password(a, w));
}

static void assigned_password(sp_window *w, size_t head_end, sp_match *m)
{
    assigned a;
    if (!read_assigned(&a, w, head_end, m)) return;
    if (judge_password(&a, w, m)) m->confidence = a.writing == WRITING_QUOTED ? 80 : 75;
}

/* ---- keys and tokens ---- */

/* What makes "key", "auth", "salt" the name of a secret. */
static const char of_keys[] =
    "api|secret|private|access|auth|encr|sign|master|licen|account|storage|admin|service|app|"
    "client|consumer|session|shared|webhook|crypt|hmac|jwt|aes|deploy|function|"
    "subscription|x-|rest|write|ingest|data|db|bot|project|security|server|cloud|user|host|device|provision|"
    "boot|read|team|org|partner|merchant|integration|live|test|prod|hook|bearer|refresh|sso|saml|oauth|sdk|"
    "dsn|maps|mail|sms|pay|push|chat|ai_|ai-";

/* "API key", "private key": the word before. */
static const char of_lone_key[] =
    "api |api-|access |secret |service |account |private |license |encryption |signing ";

static bool is_not_secret(const assigned *a, const sp_window *w)
{
    return sp_has_word(w, a->name, a->name_end,
                       "public|hash|digest|checksum|sha1|sha256|md5|commit|etag|integrity|csrf|"
                       "primary|foreign|cache|keyword|monkey|hotkey|tokeniz|fingerprint|keyid|"
                       "author|key_id|key-id");
}

static bool is_secret_name(const assigned *a, const sp_window *w)
{
    if (is_not_secret(a, w)) return false;
    if (a->word_end >= 4 && sp_has_word(w, a->word_end - 4, a->word_end, "_pat"))
        return a->word_end == a->name_end || !sp_is_alpha(w->p[a->word_end]);
    if (a->word_end - a->name == 3 && sp_has_word(w, a->name > 11 ? a->name - 11 : 0, a->name, of_lone_key))
        return true;
    return sp_has_word(w, a->name, a->name_end, "secret|token|cred|geheim|jeton") ||
           sp_has_word(w, a->name, a->word_end, of_keys);
}

/* A random value, or what may be a password where the name is "secret" itself. */
static bool is_secret_value(const assigned *a, sp_window *w)
{
    const sp_look look = sp_look_at(w, a->start, a->end);
    if (look.n < SECRET_MIN || (a->is_listed && a->writing == WRITING_BARE)) return false;
    const bool is_random = sp_is_uuid(w, a->start, a->end) || sp_is_opaque(&look, SP_REASON_NAMED);
    if (is_random && !sp_has_word(w, a->start, a->end, "://|(|\\")) /* no address, no regular expression */
        return !a->is_told || a->writing == WRITING_QUOTED ||
               (a->is_said && sp_is_opaque(&look, SP_REASON_NONE));
    if (a->is_told || a->name_end != a->word_end || !sp_has_word(w, a->name, a->name_end, "secret|auth"))
        return false;
    if (a->writing == WRITING_BARE) return is_setting(a, w) && sp_has_word(w, a->name, a->name_end, "secret");
    return has_sign(w, a->start, a->end) && looks_like_password(a, w);
}

/* "pd_key": a name that says key and not whose. Then the value has to look drawn from letters of both cases
 * and digits, as no digest and no identifier does. */
static bool is_key_by_value(const assigned *a, const sp_window *w)
{
    enum { KEY_MIN = 20, EACH_MIN = 3 };
    const sp_look look = sp_look_at(w, a->start, a->end);
    const bool is_mixed = look.digits >= EACH_MIN && look.uppers >= EACH_MIN && look.lowers >= EACH_MIN;
    return is_mixed && look.n >= KEY_MIN && look.turns * 4 >= look.n && look.others * 8 <= look.n &&
           !look.is_wordy && !is_not_secret(a, w) && sp_has_word(w, a->name, a->word_end, "key");
}

/* What neither the look of the value nor the name excludes. */
static bool is_secret(const assigned *a, const sp_window *w)
{
    if (has_blank(w, a->start, a->end) || sp_is_stand_in(w, a->start, a->end)) return false;
    if (sp_is_other(w, a->start, a->end)) return false;
    return !is_about(a, w) && (is_secret_name(a, w) || is_key_by_value(a, w));
}

static void assigned_secret(sp_window *w, size_t head_end, sp_match *m)
{
    assigned a;
    if (!read_assigned(&a, w, head_end, m) || !is_secret_value(&a, w)) return;
    if (is_secret(&a, w)) m->confidence = 80;
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
    while (i > floor && is_name(w->p[i - 1]) == wants_name) i--;
    return i;
}

/* `name: DB_PASSWORD` before `value: …`, `"key": "password",` before `"value": …`, `<key>Password</key>`
 * before
 * `<string>…`. @param i where the word that says value begins. */
static bool read_pair_name(assigned *a, const sp_window *w, size_t i)
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
static size_t word_end_in(const assigned *a, const sp_window *w, const char *words)
{
    for (size_t end = a->name_end; end > a->name; end--) {
        if (sp_has_word(w, a->name, end, words) && !sp_has_word(w, a->name, end - 1, words)) return end;
    }
    return 0;
}

static size_t skip_pair_sign(sp_window *w, sp_match *m, size_t i)
{
    for (const size_t limit = i + SPACE_MAX; i < limit; i++) {
        const int c = look(w, m, i);
        if (!is_blank(c) && c != ':' && c != '=') break;
    }
    return i;
}

/* The value behind a head that says value, and the name before it. */
static bool read_pair(assigned *a, sp_window *w, size_t head_end, sp_match *m, const char *words)
{
    size_t i = head_end;
    m->start = head_end;
    while (i > 0 && !sp_is_alpha(w->p[i - 1])) i--;
    while (i > 0 && sp_is_alpha(w->p[i - 1])) i--;
    *a = (assigned){.is_tight = true};
    if (!read_pair_name(a, w, i)) return false;
    a->word_end = word_end_in(a, w, words);
    if (a->word_end == 0) return false;
    const size_t value = skip_pair_sign(w, m, head_end);
    a->is_free = a->is_alone = is_blank(sp_before(w, value)); /* "value: …" */
    read_value(a, w, m, value);
    if (a->writing == WRITING_NONE || a->end <= a->start || w->ran_out) return false;
    m->end = a->end;
    return true;
}

static void paired_password(sp_window *w, size_t head_end, sp_match *m)
{
    assigned a;
    if (!read_pair(&a, w, head_end, m, "pass|pwd|kennwort|senha")) return;
    if (judge_password(&a, w, m)) m->confidence = 78;
}

static void paired_secret(sp_window *w, size_t head_end, sp_match *m)
{
    assigned a;
    if (!read_pair(&a, w, head_end, m, "secret|token|key|cred|auth") || !is_secret_value(&a, w)) return;
    if (is_secret(&a, w)) m->confidence = 78;
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
    assigned a;
    if (sp_is_alnum(sp_before(w, word_end - PW)) || !read_assigned(&a, w, word_end, m)) return;
    if (m->start < head_end) return;
    if (judge_password(&a, w, m)) m->confidence = 75;
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
        .longest = VALUE_MAX,
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
        .longest = VALUE_MAX,
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
        .longest = VALUE_MAX,
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
        .longest = VALUE_MAX,
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
        .longest = VALUE_MAX,
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
