/* Credentials that their place alone tells: phrases of words that hold a wallet, sessions in cookies, users
 * with passwords in the connection strings of Go and Oracle. */
#include "detect/secret.h"

#include <hs/hs.h>

/* ---- phrases (BIP 39): 12 to 24 words behind a word that calls them so ---- */

enum { WORDS_MIN = 12, WORDS_MAX = 24, WORD_MIN = 3, WORD_MAX = 8, PHRASE_GAP = 8, PHRASE_MAX = 216 };

static bool is_small(int c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_phrase_gap(int c)
{
    return c == ' ' || c == ':' || c == '=' || c == '"' || c == '\'' || c == '`' || c == '>';
}

/* Where the phrase begins: behind signs and the words for "is" and "phrase". */
static size_t phrase_start(sp_window *w, size_t i)
{
    for (unsigned n = 0; n < 3; n++) {
        i = sp_skip(w, i, i + PHRASE_GAP, is_phrase_gap);
        if (sp_goes_on(w, i, "is", true))
            i += 2;
        else if (sp_goes_on(w, i, "phrase", true))
            i += 6;
        else
            break;
    }
    return i;
}

/* Words of a list are three to eight letters long: a sentence of as many words has shorter ones and longer.
 * The list itself is not needed, since a word before says what follows. */
static void seed_phrase(sp_window *w, size_t head_end, sp_match *m)
{
    m->start = head_end;
    size_t i = phrase_start(w, head_end);
    if (i == head_end || w->ran_out) return;
    m->start = i;
    unsigned n = 0;
    for (size_t end = 0; n < WORDS_MAX; i = end + 1) {
        end = sp_skip(w, i, i + WORD_MAX + 1, is_small);
        if (end - i < WORD_MIN || end - i > WORD_MAX) break;
        n++;
        m->end = end;
        if (sp_peek(w, end) != ' ') break;
    }
    const int after = sp_peek(w, m->end);
    const bool is_whole = after < 0 || after == '\n' || after == '\r' || after == '"' || after == '\'' ||
                          after == '`' || after == '<' || after == '.' || after == ';';
    if (w->ran_out || n < WORDS_MIN || n % 3 != 0 || !is_whole) return;
    if (sp_count_distinct(w, m->start, m->end) >= WORDS_MIN) m->confidence = 88;
}

/* ---- sessions ("Cookie: PHPSESSID=…") ---- */

static bool is_session_char(int c)
{
    return sp_is_base64url(c) || c == '%' || c == '.' || c == '+' || c == '/';
}

static void session(sp_window *w, size_t head_end, sp_match *m)
{
    enum { SESSION_MAX = 1000, SESSION_MIN = 20 };
    m->start = head_end;
    m->end = sp_skip(w, head_end, head_end + SESSION_MAX, is_session_char);
    if (w->ran_out || m->end - head_end < SESSION_MIN) return;
    const sp_look look = sp_look_at(w, m->start, m->end);
    if (sp_is_opaque(&look, SP_REASON_NONE) && !sp_is_stand_in(w, m->start, m->end)) m->confidence = 80;
}

/* ---- "user:password@tcp(host)", "thin:user/password@host", "sqlplus user/password@db" ---- */

enum { PART_MAX = 64, GIVEN_MIN = 6, SAID_MAX = 80, KEY_MIN = 16 };

static bool is_part(int c)
{
    return c > ' ' && c < 0x7f && c != '"' && c != '\'' && c != '`' && c != '@' && c != '/' && c != ':' &&
           c != '<' && c != '{' && c != '$' && c != '%';
}

/* More than the word for it: a digit or a sign among letters. */
static bool is_given(const sp_window *w, const sp_match *m)
{
    const sp_look look = sp_look_at(w, m->start, m->end);
    return look.n >= GIVEN_MIN && look.distinct >= 4 && look.uppers + look.lowers > 0 &&
           look.digits + look.others > 0 && !sp_is_stand_in(w, m->start, m->end);
}

/* What a stream holds back with the word that follows (runs.c). */
static bool is_go_part(int c)
{
    return sp_is_base64url(c) || c == '.' || c == '+' || c == '*' || c == '$';
}

static void go_address(sp_window *w, size_t head_end, sp_match *m)
{
    enum { HEAD = 5 }; /* "@tcp(" */
    const size_t end = head_end - HEAD;
    m->start = end;
    while (m->start > 0 && end - m->start < PART_MAX && is_go_part(w->p[m->start - 1])) m->start--;
    m->end = end;
    const bool has_user = m->start > 1 && w->p[m->start - 1] == ':' && is_part(w->p[m->start - 2]);
    if (has_user && is_given(w, m)) m->confidence = 88;
}

static void oracle_user(sp_window *w, size_t head_end, sp_match *m)
{
    m->start = head_end;
    const size_t user = sp_skip(w, head_end, head_end + PART_MAX, is_part);
    if (user == head_end || sp_peek(w, user) != '/') return;
    m->start = user + 1;
    m->end = sp_skip(w, m->start, m->start + PART_MAX, is_part);
    if (sp_peek(w, m->end) == '@' && !w->ran_out && is_given(w, m)) m->confidence = 85;
}

/* ---- a value before the word that says what it is: "Use 7d3f… as the API key" ---- */

static bool is_value(int c)
{
    return c > ' ' && c < 0x7f && c != '"' && c != '\'' && c != '`' && c != '<' && c != '{' && c != '$' &&
           c != '(';
}

static bool is_saying(int c)
{
    return sp_is_base64url(c) || c == ' ' || c == '\'';
}

/* "as the wiki's password": one of the words in the rest of the sentence. */
static bool is_said_as(sp_window *w, size_t i, const char *words)
{
    enum { SAYING_MAX = 40 };
    if (!sp_goes_on(w, i, " as ", true)) return false;
    const size_t end = sp_skip(w, i + 4, i + SAYING_MAX, is_saying);
    return !w->ran_out && sp_has_word(w, i, end, words);
}

static bool read_said(sp_window *w, size_t head_end, sp_match *m, const char *words)
{
    const int quote = sp_peek(w, head_end);
    const bool is_quoted = quote == '"' || quote == '\'' || quote == '`';
    m->start = head_end + is_quoted;
    m->end = sp_skip(w, m->start, m->start + SAID_MAX, is_value);
    const size_t behind = is_quoted && sp_peek(w, m->end) == quote ? m->end + 1 : m->end;
    return m->end >= m->start + GIVEN_MIN && is_said_as(w, behind, words) &&
           !sp_is_other(w, m->start, m->end);
}

static void said_password(sp_window *w, size_t head_end, sp_match *m)
{
    if (!read_said(w, head_end, m, "password|passwort|passcode") || !is_given(w, m)) return;
    const sp_look look = sp_look_at(w, m->start, m->end);
    if (look.digits > 0 && !look.is_wordy) m->confidence = 78; /* "use version2 as the password scheme" */
}

static void said_key(sp_window *w, size_t head_end, sp_match *m)
{
    if (!read_said(w, head_end, m, "token|api key|api-key|secret")) return;
    const sp_look look = sp_look_at(w, m->start, m->end);
    const bool is_random =
        look.n >= KEY_MIN && (sp_is_opaque(&look, SP_REASON_NAMED) || sp_is_uuid(w, m->start, m->end));
    if (is_random && !sp_is_stand_in(w, m->start, m->end)) m->confidence = 78;
}

/* ---- user and password as a pair: "Login: joe / Gr8twall99" ---- */

static bool is_of_user(int c)
{
    return sp_is_base64url(c) || c == '.' || c == '@';
}

static void login_pair(sp_window *w, size_t head_end, sp_match *m)
{
    m->start = head_end;
    size_t i = sp_skip(w, head_end, head_end + PART_MAX, is_of_user);
    if (i < head_end + 2) return;
    if (sp_peek(w, i) == ' ') i++;
    if (sp_peek(w, i) != '/' && sp_peek(w, i) != ':') return;
    i++;
    m->start = sp_peek(w, i) == ' ' ? i + 1 : i;
    m->end = sp_skip(w, m->start, m->start + PART_MAX, is_value);
    while (m->end > m->start && (w->p[m->end - 1] == '.' || w->p[m->end - 1] == ',')) m->end--;
    const sp_look look = sp_look_at(w, m->start, m->end);
    const bool is_strong =
        look.n >= 8 && look.digits > 0 && !look.is_wordy && !sp_is_other(w, m->start, m->end);
    if (is_strong && !w->ran_out && is_given(w, m)) m->confidence = 76;
}

/* ---- rows ---- */

#define TWELVE "ladder orbit velvet canyon mango puzzle drift ember socket walnut hazard lunar"

static const sp_example phrase_examples[] = {
    "MNEMONIC=\"[" TWELVE "]\"",
    "mnemonic: [" TWELVE "]\n",
    "My seed phrase is: [" TWELVE "].",
    "recovery phrase: '[" TWELVE " " TWELVE "]'",
    "<mnemonic>[" TWELVE "]</mnemonic>",
    "the mnemonic is a list of words that you should write down and keep in a safe place",
    "mnemonic: ladder orbit velvet canyon",
    "mnemonic: " TWELVE " extra",
    "the words: " TWELVE,
    "MNEMONIC=${MNEMONIC}",
    NULL,
};

static const sp_example session_examples[] = {
    "Cookie: PHPSESSID=[aq8yylw7ph5n6rnuyug1s4jstx]; theme=dark",
    "Set-Cookie: JSESSIONID=[36998252D572DD7DF79D82A5D04395D6]; Path=/",
    "sessionid=[YfKhsAv82eHBdoAprQUejr9gJEBlI2y2]\n",
    "cookie: connect.sid=[s%3APnQjh-rjOy7XD9mayuolQtVn4PxnUniz.8IDyahM9xiRaFy9v]",
    "_session_id=[72eb4204b008ec2166e0f28f015cd160];",
    "sessionid=<session>",
    "PHPSESSID=abc",
    "session_id = request.session_id",
    "JSESSIONID=XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX",
    "sessionid=user-session-of-this-browser",
    NULL,
};

static const sp_example go_examples[] = {
    "dsn := \"shop:[k3Lq9Zt2]@tcp(db:3306)/shop?parseTime=true\"",
    "root:[Gr8twall99]@tcp(127.0.0.1)/app",
    "DSN=svc:[Pa55-w0rt]@tcp(db)/x\n",
    "'anna:[Sommer2024]@tcp(10.0.0.1:3306)/'",
    "mysql: u:[x1y2z3w4]@tcp([::1]:3306)/db",
    "user:password@tcp(localhost)/db",
    "%s:%s@tcp(%s)/%s",
    "user@tcp(db)/x",
    "root:@tcp(db)/x",
    "${USER}:${PASS1}@tcp(db)/x",
    NULL,
};

static const sp_example oracle_examples[] = {
    "jdbc:oracle:thin:scott/[k3Lq9Zt2]@//db:1521/x",
    "url=jdbc:oracle:thin:shop/[Gr8twall99]@db:1521:orcl",
    "sqlplus scott/[Pa55-w0rt]@orcl",
    "$ sqlplus system/[Sommer2024!]@//db/x",
    "'jdbc:oracle:thin:a/[x1y2z3w4]@h:1521:s'",
    "jdbc:oracle:thin:@//db:1521/x",
    "sqlplus scott/tiger@orcl",
    "sqlplus / as sysdba",
    "jdbc:oracle:thin:${USER}/${PASS1}@db",
    "sqlplus scott/<password1>@orcl",
    NULL,
};

static const sp_example said_password_examples[] = {
    "Use [Gr8twall99] as the password for the wiki.",
    "please use '[k3Lq9Zt2]' as your password",
    "set [Pa55-w0rt!] as password",
    "Try [Sommer2024] as the wiki password",
    "enter \"[x1y2z3w4]\" as the admin password",
    "use it as the password",
    "use version2 of the password as a hint",
    "use ${PASS1} as the password",
    "Use <password1> as the password",
    "using sha256 for the file as the password says",
    NULL,
};

static const sp_example said_key_examples[] = {
    "Use [4f8a2c91d07b4e3f9a6c5d18e2b7f034] as the adzuna token until Friday.",
    "use `[Xk28dLmQpz71JvR0tW93]` as your API key",
    "try [a8f5f167-f44f-4964-e6c9-98dee827110c] as the access token",
    "Using [k29dj3md8shq7wbz4x0n] as client secret",
    "set [Zq8w3Lx91kVbN7tY2p4R] as the API key",
    "use it as the token",
    "use access_token_of_the_user as the token",
    "use 4f8a2c91d07b4e3f9a6c5d18e2b7f034 as the digest",
    "use <token-4f8a2c91d07b4e3f> as the token",
    "use the parser as a token source",
    NULL,
};

static const sp_example pair_examples[] = {
    "Login: joe / [Gr8twall99]\n",
    "credentials: joe:[k3Lq9Zt2]",
    "user/password: joe/[Pa55-w0rt!]\n",
    "Zugangsdaten: anna@example.com / [Sommer2024!]",
    "Creds: admin/[x1y2z3w4].",
    "login: joe",
    "login: user/password",
    "credentials: see docs/setup2.md",
    "login: 12:30:45",
    "credentials: aws/session-token-provider2",
    NULL,
};

#define HELD(title, id, pattern, function, of_head, most, list)                                           \
    {                                                                                                     \
        .name = (title), .kind = SP_KIND_##id, .head = (pattern), .flags = HS_FLAG_CASELESS,              \
        .validate = (function), .head_max = (of_head), .longest = (most), .least = 60, .examples = (list) \
    }

static const sp_row rows[] = {
    HELD("seed-phrase", PRIVATE_KEY, "mnemonic|seed phrase|recovery phrase|seed_phrase", seed_phrase, 0,
         PHRASE_MAX, phrase_examples),
    HELD("session-cookie", BEARER_TOKEN, "sessid=|sessionid=|session_id=|connect\\.sid=|_session=|aspxauth=",
         session, 0, 1000, session_examples),
    HELD("go-database-password", PASSWORD, "@tcp\\(", go_address, PART_MAX + 5, PART_MAX + 5, go_examples),
    HELD("said-password", PASSWORD, "\\b(?:use|using|try|set|enter) ", said_password, 0, SAID_MAX,
         said_password_examples),
    HELD("said-key", API_KEY, "\\b(?:use|using|try|set|enter) ", said_key, 0, SAID_MAX, said_key_examples),
    HELD("login-pair", PASSWORD,
         "\\blogin: |credentials: |\\bcreds: |user(?:name)?/pass(?:word)?: |zugangsdaten: |identifiants ?: |"
         "credenciales: ",
         login_pair, 0, PART_MAX, pair_examples),
    HELD("oracle-password", PASSWORD, "oracle:thin:|sqlplus ", oracle_user, 0, PART_MAX, oracle_examples),
};

const sp_family sp_family_held = {rows, sizeof rows / sizeof rows[0]};
