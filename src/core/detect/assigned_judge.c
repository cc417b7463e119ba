/* Is the value that a name is given a secret? The name says whether it may be a password (then much is one)
 * or a key (then it has to look random); what stands for a secret, or is the name of one, is none. */
#include "detect/assigned.h"

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

static bool is_about(const sp_assigned *a, const sp_window *w)
{
    return sp_has_word(w, a->word_end, a->name_end, about);
}

enum { SECRET_MIN = 12 };

/* ---- passwords ---- */

/* What "pass" ends without being one: bypass, compass, highpass. */
static const char no_pass[] =
    "by|com|sur|tres|over|under|mini|band|low|high|multi|single|first|second|last|next";

/* What "pass" goes on with. */
static bool is_password_name(const sp_assigned *a, const sp_window *w)
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
        if (sp_is_blank(w->p[i]) || w->p[i] < 0x20) return true;
    }
    return false;
}

/* Words in another writing: "введите", "8文字以上". */
static bool is_wide_word(const sp_window *w, size_t start, size_t end)
{
    bool is_wide = false;
    for (size_t i = start; i < end; i++) {
        if (sp_is_alpha(w->p[i])) return false;
        is_wide = is_wide || w->p[i] >= 0x80;
    }
    return is_wide && !has_sign(w, start, end);
}

/* Does nothing but a comment stand behind it? */
static bool ends_line(const sp_assigned *a, sp_window *w)
{
    const size_t i = sp_skip(w, a->end, a->end + SP_GAP_MAX, sp_is_blank);
    const int c = sp_peek(w, i);
    return c < 0 || c == '\n' || c == '\r' || (i > a->end && c == '#');
}

/* "DB_PASSWORD=value" or "db.password=value" alone on its line: a file of settings, in which there are no
 * variables to be meant. */
static bool is_setting(const sp_assigned *a, sp_window *w)
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
static bool is_ini(const sp_assigned *a, sp_window *w, const sp_look *look)
{
    if (look->digits == 0 || look->uppers + look->lowers == 0 || !sp_begins_line(w, a->name)) return false;
    const bool is_mixed = look->uppers > 0 && look->lowers > 0;
    return (is_mixed || (look->n >= 8 && look->digits >= 2)) && ends_line(a, w);
}

/* "<password>value</password>", ";password=value;": nothing else could stand there. */
static bool is_field(const sp_assigned *a, const sp_window *w)
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
static bool is_word_told(const sp_assigned *a, const sp_window *w, const sp_look *look)
{
    return a->is_said && a->writing == SP_WRITING_QUOTED && look->n >= 8 && look->lowers == look->n &&
           !sp_has_word(w, a->start, a->end, states);
}

/* "password: copper-harbor-42" and nothing else on its line: small words, and a number at the end. */
static bool is_worded_password(const sp_assigned *a, sp_window *w, const sp_look *look)
{
    if (!a->is_free || look->n < 10 || look->digits < 2 || look->lowers < 6 || look->uppers > 0) return false;
    return sp_is_digit(w->p[a->end - 1]) && sp_is_digit(w->p[a->end - 2]) && ends_line(a, w) &&
           !sp_has_word(w, a->start, a->end, "sha|aes|utf|rsa|key|secret|user|test|version|.|/|:");
}

/* "the password is value", "PASSWORD 'value'", "requirepass value": in prose only what cannot be a word. */
static bool is_told_password(const sp_assigned *a, const sp_window *w, const sp_look *look, bool signs)
{
    const int after = a->end < w->n ? w->p[a->end] : -1;
    const bool ends = a->writing == SP_WRITING_QUOTED || after < 0 || sp_is_space(after) || after == ',' ||
                      after == ';' || after == '.';
    if (is_word_told(a, w, look)) return true;
    return ends && look->n >= 6 && (look->digits > 0 || signs) && look->uppers + look->lowers > 0;
}

/* In a table or below its name a value is told from a description by its look alone: letters and digits, and
 * no words with a number behind, unless a sign stands in it. */
static bool is_apart_password(const sp_assigned *a, sp_window *w, const sp_look *look, bool signs)
{
    const int after = sp_peek(w, a->end);
    const bool ends =
        a->writing == SP_WRITING_QUOTED || after < 0 || sp_is_space(after) || after == '|' || after == '<';
    if (w->p[a->start] == '-') return false; /* an option */
    if (!ends || look->n < 8 || look->distinct < 5 || look->digits == 0) return false;
    return look->uppers + look->lowers > 0 && (!look->is_wordy || signs);
}

static bool looks_like_password(const sp_assigned *a, sp_window *w)
{
    if (a->end - a->start > SP_PASSWORD_MAX) return false; /* before it is read: it may hold many heads */
    const sp_look look = sp_look_at(w, a->start, a->end);
    const bool signs = has_sign(w, a->start, a->end);
    const unsigned letters = look.uppers + look.lowers;
    if (look.n < 4 || look.distinct < 3 || a->is_listed) return false;
    if (a->is_apart) return is_apart_password(a, w, &look, signs);
    if (a->is_compared && (a->writing == SP_WRITING_BARE || (look.digits == 0 && !signs))) return false;
    if (a->is_told) return is_told_password(a, w, &look, signs);
    if (a->writing == SP_WRITING_BARE && is_setting(a, w)) return look.n >= 6;
    if (a->writing == SP_WRITING_BARE && look.n >= 6 && is_ini(a, w, &look)) return true;
    if (signs && look.n >= 6 && letters + look.digits > 0)
        return sp_is_alnum(w->p[a->end - 1]) || look.digits > 0 || look.n >= 8;
    if (!look.is_wordy) return look.n >= 6;
    const bool is_plain = look.others == 0 && look.n >= 6;
    if (a->writing == SP_WRITING_BARE && is_worded_password(a, w, &look)) return true;
    if (a->writing == SP_WRITING_BARE)
        return a->is_tight && (is_plain || is_field(a, w)) && look.n >= 6 && look.digits > 0 && letters > 0;
    if (look.digits > 0) return is_plain || (look.n >= 8 && letters > 0);
    return (is_plain || a->is_tight) && look.n >= 8 && !sp_is_upper(w->p[a->start]) &&
           look.uppers <= look.n / 2;
}

/* "*pass_data": a parameter in C, of which the type ends in "pass". */
static bool is_pointer(const sp_window *w, size_t start, size_t end)
{
    for (size_t i = start; i < end; i++) {
        if (!sp_is_base64url(w->p[i]) && w->p[i] != '*') return false;
    }
    return true;
}

/* "^0.1.1", "v1.2.3", "0x08000000": a version, a number of a program. */
static bool is_number_of_code(const sp_window *w, size_t start, size_t end)
{
    const bool is_hexadecimal = end - start > 2 && w->p[start] == '0' && w->p[start + 1] == 'x';
    if (!is_hexadecimal && w->p[start] != '^' && w->p[start] != '~' && w->p[start] != 'v') return false;
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
static bool is_password(const sp_assigned *a, const sp_window *w)
{
    const uint8_t first = w->p[a->start];
    if (has_blank(w, a->start, a->end) || first == '/' || first == '.') return false;
    if (first == '#' && (a->writing == SP_WRITING_BARE || !sp_has_digit(w, a->start, a->end)))
        return false; /* "#id" */
    if (first == '!' && sp_is_alpha(w->p[a->end - 1]) && a->writing == SP_WRITING_BARE)
        return false; /* "!vault" */
    if (first == '*' && a->writing == SP_WRITING_BARE && is_pointer(w, a->start, a->end)) return false;
    if (is_about(a, w) || (!a->is_meant && !is_password_name(a, w)) || is_name_of_one(w, a->start, a->end))
        return false;
    if (is_wide_word(w, a->start, a->end)) return false;
    return !sp_is_stand_in(w, a->start, a->end) && !is_whole_word(w, a->start, a->end, no_passwords);
}

/* "user=", "port: ": the next field. In connection strings its name may be of two words. */
static bool begins_field(sp_window *w, size_t i, bool may_be_two)
{
    size_t end = sp_skip(w, i, i + SP_NAME_MAX, sp_is_base64url);
    if (may_be_two && end > i && sp_peek(w, end) == ' ')
        end = sp_skip(w, end + 1, end + SP_NAME_MAX, sp_is_base64url);
    const int sign = sp_peek(w, end);
    if (end == i || (sign != '=' && sign != ':')) return false;
    const int next = sp_peek(w, end + 1);
    return sign == ':' || (next != '=' && !sp_ends_bare(next)); /* no padding of base 64 */
}

/* "</b>", "<br>", "<!--": `i` behind the first sign. */
static bool is_tag(sp_window *w, size_t i)
{
    const int c = sp_peek(w, i);
    if (c == '/' || c == '!') return true;
    const int after = sp_peek(w, sp_skip(w, i, i + SP_NAME_MAX, sp_is_alpha));
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
static bool is_part(const sp_assigned *a, sp_window *w, size_t i)
{
    const int c = sp_peek(w, i);
    if (c < 0 || sp_is_space(c)) return false;
    const int next = sp_peek(w, i + 1);
    if (next < 0 || sp_is_space(next) || sp_is_quote(next)) return false;
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
static bool widen(sp_assigned *a, sp_window *w)
{
    const size_t narrow = a->end, limit = a->start + SP_PASSWORD_MAX;
    const int first = w->p[a->start];
    if (a->writing != SP_WRITING_BARE || !a->is_alone || first == '$' || first == '{') return false;
    while (a->end < limit && (!sp_ends_bare(sp_peek(w, a->end)) || is_part(a, w, a->end))) a->end++;
    while (a->end > narrow && sp_ends_bare(w->p[a->end - 1])) a->end--;
    sp_trim_emphasis(a, w);
    if (a->is_told && a->end > narrow && w->p[a->end - 1] == '.') a->end--;
    sp_charge(w, a->end - narrow);
    return a->end > narrow;
}

/* A value that is a password only with its signs: told, or alone on its line and no code. */
static bool is_wide_password(const sp_assigned *a, sp_window *w)
{
    if (a->is_told) return looks_like_password(a, w);
    const sp_look look = sp_look_at(w, a->start, a->end);
    const bool is_mixed = look.uppers > 0 && look.lowers > 0;
    if (look.n < 8 || look.digits == 0 || look.uppers + look.lowers == 0 || look.distinct < 5) return false;
    if (sp_has_word(w, a->start, a->end, "->|=>|<<|>>|(|[|{|\\|\"")) return false;
    if (!is_mixed && !has_sign(w, a->start, a->end)) return false;
    return (a->is_free || a->is_tight || is_ini(a, w, &look)) && ends_line(a, w);
}

bool sp_assigned__is_password(sp_assigned *a, sp_window *w, sp_match *m)
{
    const bool is_narrow = looks_like_password(a, w) && is_password(a, w);
    if (!widen(a, w)) return is_narrow;
    m->end = a->end;
    return is_narrow || (is_wide_password(a, w) && is_password(a, w));
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

static bool is_not_secret(const sp_assigned *a, const sp_window *w)
{
    return sp_has_word(w, a->name, a->name_end,
                       "public|hash|digest|checksum|sha1|sha256|md5|commit|etag|integrity|csrf|"
                       "primary|foreign|cache|keyword|monkey|hotkey|tokeniz|fingerprint|keyid|"
                       "author|key_id|key-id");
}

static bool is_secret_name(const sp_assigned *a, const sp_window *w)
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
static bool is_secret_value(const sp_assigned *a, sp_window *w)
{
    const sp_look look = sp_look_at(w, a->start, a->end);
    if (look.n < SECRET_MIN || (a->is_listed && a->writing == SP_WRITING_BARE)) return false;
    const bool is_random = sp_is_uuid(w, a->start, a->end) || sp_is_opaque(&look, SP_REASON_NAMED);
    if (is_random && !sp_has_word(w, a->start, a->end, "://|(|\\")) /* no address, no regular expression */
        return !a->is_told || a->writing == SP_WRITING_QUOTED ||
               (a->is_said && sp_is_opaque(&look, SP_REASON_NONE));
    if (a->is_told || a->name_end != a->word_end || !sp_has_word(w, a->name, a->name_end, "secret|auth"))
        return false;
    if (a->writing == SP_WRITING_BARE)
        return is_setting(a, w) && sp_has_word(w, a->name, a->name_end, "secret");
    return has_sign(w, a->start, a->end) && looks_like_password(a, w);
}

/* "pd_key": a name that says key and not whose. Then the value has to look drawn from letters of both cases
 * and digits, as no digest and no identifier does. */
static bool is_key_by_value(const sp_assigned *a, const sp_window *w)
{
    enum { KEY_MIN = 20, EACH_MIN = 3 };
    const sp_look look = sp_look_at(w, a->start, a->end);
    const bool is_mixed = look.digits >= EACH_MIN && look.uppers >= EACH_MIN && look.lowers >= EACH_MIN;
    return is_mixed && look.n >= KEY_MIN && look.turns * 4 >= look.n && look.others * 8 <= look.n &&
           !look.is_wordy && !is_not_secret(a, w) && sp_has_word(w, a->name, a->word_end, "key");
}

/* What neither the look of the value nor the name excludes. */
static bool is_secret(const sp_assigned *a, const sp_window *w)
{
    if (has_blank(w, a->start, a->end) || sp_is_stand_in(w, a->start, a->end)) return false;
    if (sp_is_other(w, a->start, a->end)) return false;
    return !is_about(a, w) && (a->is_meant || is_secret_name(a, w) || is_key_by_value(a, w));
}

bool sp_assigned__is_secret(const sp_assigned *a, sp_window *w)
{
    return is_secret_value(a, w) && is_secret(a, w);
}
