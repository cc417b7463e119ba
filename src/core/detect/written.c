/* Credentials where their place tells them: in an address, a header, a command, a file of a known format. */
#include "detect/secret.h"

#include <hs/hs.h>
#include <string.h>

/* ---- user and password in an address (RFC 3986, 3.2.1) ---- */

enum {
    SCHEME_MAX = 24,
    USERINFO_MAX = 256,
    URI_MAX = 1024,
    ADDRESS_SURE = 96, /* surer than an e-mail address: "password@host" within it is none */
};

static bool is_scheme(int c)
{
    return sp_is_alnum(c) || c == '+' || c == '-' || c == '.';
}

static bool ends_uri(int c)
{
    return c <= ' ' || c == '"' || c == '\'' || c == '<' || c == '>' || c == '`' || c == '|' || c == '\\' ||
           c == ')' || c == '}' || c == ']';
}

static bool is_in_uri(int c)
{
    return !ends_uri(c);
}

/* Where the scheme before "://" begins. */
static size_t scheme_start(const sp_window *w, size_t head_end)
{
    size_t i = head_end - 3;
    while (i > 0 && head_end - i < SCHEME_MAX && is_scheme(w->p[i - 1])) i--;
    while (i < head_end - 3 && !sp_is_alpha(w->p[i])) i++;
    return i;
}

/* The last '@' before the path; 0 if there is none. A password may hold one itself. */
static size_t userinfo_end(sp_window *w, size_t i)
{
    size_t at = 0;
    for (size_t k = i; k < i + USERINFO_MAX; k++) {
        const int c = sp_peek(w, k);
        if (c == '@') at = k;
        if (ends_uri(c) || c == '?' || c == '/' || c == ',' || c == '{' || c == '[') break;
    }
    return at;
}

/* What it costs to look through the names of stores. */
enum { STORES_COST = 64 };

static bool is_one_of(const sp_window *w, size_t start, size_t end, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (sp_bytes_eq_nocase((sp_bytes){w->p + start, end - start}, sp_bytes_of(*words))) return true;
    }
    return false;
}

static const char *const no_passwords[] = {"password",   "pass",   "passwd",        "pwd",  "token", "xxx",
                                           "***",        "user",   "username",      "pw",   "p",     "...",
                                           "mypassword", "mypass", "x-oauth-basic", "pswd", NULL};

/* "https://TOKEN@github.com": a token takes the place of user and password. */
static bool is_token_alone(const sp_window *w, size_t i, size_t at)
{
    enum { TOKEN_MIN = 20 };
    const sp_look look = sp_look_at(w, i, at);
    return look.n >= TOKEN_MIN && sp_is_opaque(&look, SP_REASON_NONE) && !sp_is_stand_in(w, i, at);
}

/* The password of the userinfo [i, at): more than a placeholder, and no path or port before an address. */
static bool has_password(const sp_window *w, size_t i, size_t at)
{
    const uint8_t *colon = memchr(w->p + i, ':', at - i);
    if (colon == NULL) return is_token_alone(w, i, at);
    const size_t start = (size_t)(colon - w->p) + 1;
    if (start >= at || is_one_of(w, start, at, no_passwords) || sp_is_stand_in(w, start, at)) return false;
    const sp_bytes user = {w->p + i, start - 1 - i}, password = {w->p + start, at - start};
    if (sp_bytes_eq(user, password) || password.n < 4) return false;
    return memchr(user.p, '/', user.n) == NULL && sp_count_distinct(w, start, at) >= 2;
}

static const char *const stores[] = {"postgres",
                                     "postgresql",
                                     "postgis",
                                     "mysql",
                                     "mysqlx",
                                     "mariadb",
                                     "mongodb",
                                     "mongodb+srv",
                                     "redis",
                                     "rediss",
                                     "amqp",
                                     "amqps",
                                     "mqtt",
                                     "mqtts",
                                     "mssql",
                                     "sqlserver",
                                     "oracle",
                                     "db2",
                                     "clickhouse",
                                     "cassandra",
                                     "neo4j",
                                     "neo4j+s",
                                     "bolt",
                                     "couchdb",
                                     "couchbase",
                                     "influxdb",
                                     "nats",
                                     "kafka",
                                     "smtp",
                                     "smtps",
                                     "imap",
                                     "imaps",
                                     "ldap",
                                     "ldaps",
                                     "ftp",
                                     "ftps",
                                     "sftp",
                                     "ssh",
                                     "smb",
                                     "cloudinary",
                                     "snowflake",
                                     "rabbitmq",
                                     "memcached",
                                     "elasticsearch",
                                     "es",
                                     "hdfs",
                                     "hive",
                                     "jdbc",
                                     "odbc",
                                     "cockroachdb",
                                     "timescaledb",
                                     "redshift",
                                     "trino",
                                     "presto",
                                     "postgresql+psycopg2",
                                     "mysql+pymysql",
                                     "postgresql+asyncpg",
                                     "mssql+pyodbc",
                                     "vertica",
                                     "teradata",
                                     NULL};

static void address(sp_window *w, size_t head_end, sp_match *m, bool wants_store)
{
    m->start = scheme_start(w, head_end);
    const size_t at = userinfo_end(w, head_end);
    if (at == 0 || m->start == head_end - 3) return;
    sp_charge(w, STORES_COST);
    if (is_one_of(w, m->start, head_end - 3, stores) != wants_store || !has_password(w, head_end, at)) return;
    m->end = at + 1;
    while (m->end < m->start + URI_MAX && !ends_uri(sp_peek(w, m->end))) m->end++;
    while (m->end > at + 1 && (w->p[m->end - 1] == '.' || w->p[m->end - 1] == ',' || w->p[m->end - 1] == ';'))
        m->end--;
    if (m->end > at + 1) m->confidence = ADDRESS_SURE;
}

static void store_address(sp_window *w, size_t head_end, sp_match *m)
{
    address(w, head_end, m, true);
}

static void web_address(sp_window *w, size_t head_end, sp_match *m)
{
    address(w, head_end, m, false);
}

/* ---- headers (RFC 6750, RFC 7617) ---- */

enum { HEADER_MAX = 4000 };

static bool is_credential_char(int c)
{
    return sp_is_base64url(c) || c == '.' || c == '~' || c == '+' || c == '/' || c == '=' || c == '%' ||
           c == ':';
}

/* Random characters behind a word that says what they are. */
static void named_value(sp_window *w, size_t i, sp_match *m, size_t least, uint8_t confidence)
{
    m->start = i;
    m->end = sp_skip(w, i, i + HEADER_MAX, is_credential_char);
    while (m->end > i && (w->p[m->end - 1] == '.' || w->p[m->end - 1] == ':')) m->end--;
    if (m->end - i < least || w->ran_out) return;
    const sp_look look = sp_look_at(w, i, m->end);
    const bool is_random = sp_is_uuid(w, i, m->end) || sp_is_opaque(&look, SP_REASON_NAMED);
    if (is_random && !sp_is_stand_in(w, i, m->end) && !sp_is_other(w, i, m->end)) m->confidence = confidence;
}

static void bearer(sp_window *w, size_t head_end, sp_match *m)
{
    named_value(w, head_end, m, 12, 85);
}

/* "Authorization: token …", "…: SSWS …", "…: GenieKey …", "…: …": the scheme is any word. */
static void authorization(sp_window *w, size_t head_end, sp_match *m)
{
    enum { WORD = 13 }; /* "authorization" */
    size_t i = head_end;
    if (sp_is_alpha(sp_before(w, head_end - WORD))) return;
    for (m->start = i; i < head_end + 8; m->start = ++i) {
        const int c = sp_peek(w, i);
        if (c != '"' && c != '\'' && c != ':' && c != ' ' && c != '=' && c != '>' && c != ',' && c != '`' &&
            c != ']')
            break;
    }
    if (i == head_end) return;
    const size_t word = sp_skip(w, i, i + 16, sp_is_alpha);
    if (sp_peek(w, word) == ' ' || sp_peek(w, word) == '=') i = word + 1;
    named_value(w, i, m, 16, 80);
}

static void okta_header(sp_window *w, size_t head_end, sp_match *m)
{
    m->start = head_end;
    m->end = sp_skip(w, head_end, head_end + 60, sp_is_base64url);
    if (m->end - head_end >= 40 && sp_goes_on(w, head_end, "00", false)) m->confidence = 95;
}

/* The value of a base64 digit; 64 for none. */
static unsigned digit_of(int c)
{
    if (sp_is_upper(c)) return (unsigned)(c - 'A');
    if (sp_is_alpha(c)) return (unsigned)(c - 'a') + 26;
    if (sp_is_digit(c)) return (unsigned)(c - '0') + 52;
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : 64;
}

/* Does [start, end) decode to "user:password", in print? */
static bool holds_pair(const sp_window *w, size_t start, size_t end)
{
    uint32_t bits = 0;
    unsigned n_bits = 0, n_colons = 0;
    for (size_t i = start; i < end && w->p[i] != '='; i++) {
        const unsigned d = digit_of(w->p[i]);
        if (d == 64) return false;
        bits = bits << 6 | d;
        n_bits += 6;
        if (n_bits < 8) continue;
        n_bits -= 8;
        const uint8_t c = (uint8_t)(bits >> n_bits);
        if (c < 0x20 || c >= 0x7f) return false;
        n_colons += c == ':';
    }
    return n_colons > 0;
}

static bool is_of_pair(int c)
{
    return sp_is_base64url(c) || c == '+' || c == '/';
}

static bool is_padded(int c)
{
    return is_of_pair(c) || c == '=';
}

/* `Basic dXNlcjpwYXNz`, `"auth": "dXNlcjpwYXNz"`, `_auth=dXNlcjpwYXNz`. */
static void basic(sp_window *w, size_t head_end, sp_match *m)
{
    size_t i = head_end;
    for (m->start = i; i < head_end + 6; m->start = ++i) {
        const int c = sp_peek(w, i);
        if (c != '"' && c != '\'' && c != ':' && c != ' ' && c != '=') break;
    }
    if (i == head_end && w->p[i - 1] == 'h') return; /* "_author" */
    const size_t end = sp_skip(w, i, i + HEADER_MAX, is_of_pair);
    if (!w->ran_out && !holds_pair(w, i, end)) return; /* before more is read: "_auth=_auth=" */
    m->end = sp_skip(w, end, i + HEADER_MAX, is_padded);
    if (m->end - i >= 8 && !w->ran_out && holds_pair(w, i, m->end)) m->confidence = 90;
}

/* ---- commands ---- */

/* `curl -u user:password`, `--user user:password`. */
static void command_user(sp_window *w, size_t head_end, sp_match *m)
{
    static const char *const commands[] = {"curl",   "wget", "http",  "smbclient",   "lftp",
                                           "rclone", "xh",   "https", "lwp-request", NULL};
    const int quote = sp_peek(w, head_end);
    m->start = quote == '"' || quote == '\'' ? head_end + 1 : head_end;
    if (!sp_has_context(w, head_end - 2, SP_CONTEXT_MAX - 16, commands)) return;
    m->end = m->start;
    while (m->end < m->start + USERINFO_MAX && !ends_uri(sp_peek(w, m->end))) m->end++;
    if (m->end <= m->start || w->ran_out) return;
    const bool is_key = w->p[m->end - 1] == ':'; /* `curl -u KEY:`, as APIs take a key for the user */
    if (is_key ? is_token_alone(w, m->start, m->end - 1) : has_password(w, m->start, m->end))
        m->confidence = 85;
    m->end -= is_key;
}

static const char *const p_commands[] = {"sshpass", "docker login", "psexec",    "mysql",    "mysqldump",
                                         "mariadb", "podman login", "helm",      "az login", "net use",
                                         "mongo",   "oc login",     "mongodump", "mongosh",  NULL};
static const char *const w_commands[] = {"ldapsearch", "ldapadd",    "ldapmodify",
                                         "ldapdelete", "ldappasswd", NULL};
static const char *const a_commands[] = {"redis-cli", NULL};

/* Commands whose option is a password, by its letter. */
static const char *const *commands_of(int letter)
{
    const int option = letter | 0x20;
    return option == 'a' ? a_commands : option == 'w' ? w_commands : p_commands;
}

/* A value of a command that is a password by its place: no number, no name, no path. */
static bool is_command_password(const sp_window *w, size_t start, size_t end, bool is_tight)
{
    const sp_look look = sp_look_at(w, start, end);
    if (look.n < 4 || is_one_of(w, start, end, no_passwords) || w->p[start] == '-') return false;
    if (is_tight && (look.uppers + look.lowers == 0 || memchr(w->p + start, '=', end - start) != NULL))
        return false;
    const bool is_more = look.digits > 0 || look.others > 0 || (look.uppers > 0 && look.lowers > 0);
    return is_more && !sp_is_stand_in(w, start, end);
}

/* The value at `i`, in quotes or not. */
static void command_value(sp_window *w, size_t i, sp_match *m, bool is_tight)
{
    const int quote = sp_peek(w, i);
    if (quote == '"' || quote == '\'') i++;
    m->start = i;
    m->end = sp_skip(w, i, i + USERINFO_MAX, is_in_uri);
    if (m->end > i && !w->ran_out && is_command_password(w, i, m->end, is_tight)) m->confidence = 75;
}

/* `sshpass -p secret`, `docker login -u x -p secret`, `redis-cli -a secret`. */
static void command_password(sp_window *w, size_t head_end, sp_match *m)
{
    enum { OPTION = 3 }; /* "-p " */
    m->start = head_end;
    const char *const *commands = commands_of(w->p[head_end - 2]);
    const size_t reach = sp_line_reach(w, head_end - OPTION, SP_CONTEXT_MAX - 16);
    if (sp_has_context(w, head_end - OPTION, reach, commands)) command_value(w, head_end, m, false);
}

static bool is_in_line(int c)
{
    return c >= ' ' && c != '|' && c != ';' && c != '`';
}

/* `mysql -u root -psecret shop`: the value stands right behind the option. */
static void tight_password(sp_window *w, size_t head_end, sp_match *m)
{
    enum { LINE_MAX_BYTES = 100 };
    m->start = head_end;
    for (size_t i = head_end; i < head_end + LINE_MAX_BYTES && is_in_line(sp_peek(w, i)); i++) {
        if (!sp_goes_on(w, i, " -p", false)) continue;
        const int c = sp_peek(w, i + 3);
        if (c > ' ' && c != '-') command_value(w, i + 3, m, true);
        return;
    }
}

/* `machine example.com login joe password secret` of .netrc, on one line or three. */
static void netrc(sp_window *w, size_t head_end, sp_match *m)
{
    static const char *const fields[] = {"login", NULL}, *const hosts[] = {"machine", "default", NULL};
    size_t i = head_end;
    for (m->start = i; i < head_end + 4 && sp_peek(w, i) == ' '; m->start = ++i) {
    }
    if (!sp_has_context(w, head_end - 9, 80, fields) || !sp_has_context(w, head_end - 9, 120 - 9, hosts))
        return;
    m->end = m->start;
    while (m->end < m->start + USERINFO_MAX && sp_peek(w, m->end) > ' ') m->end++;
    if (m->end - m->start < 4 || w->ran_out || is_one_of(w, m->start, m->end, no_passwords)) return;
    if (!sp_is_stand_in(w, m->start, m->end)) m->confidence = 85;
}

/* ---- Azure, pre-signed addresses ---- */

static bool is_signature(int c)
{
    return sp_is_base64(c) || c == '%';
}

/* AccountKey=, SharedAccessKey= of a connection string. */
static void azure_key(sp_window *w, size_t head_end, sp_match *m)
{
    m->start = head_end;
    m->end = sp_skip(w, head_end, head_end + 100, sp_is_base64);
    for (unsigned n = 0; n < 2 && sp_peek(w, m->end) == '='; n++) m->end++;
    const sp_look look = sp_look_at(w, head_end, m->end);
    if (look.n >= 40 && look.distinct >= 12 && !w->ran_out) m->confidence = 95;
}

/* sig= of a shared access signature: an HMAC-SHA-256 in base 64, its signs percent-encoded. */
static void azure_sas(sp_window *w, size_t head_end, sp_match *m)
{
    m->start = head_end;
    m->end = sp_skip(w, head_end, head_end + 100, is_signature);
    if (sp_peek(w, m->end) == '=') m->end++;
    const sp_look look = sp_look_at(w, head_end, m->end);
    if (look.n >= 43 && look.n <= 80 && look.distinct >= 16 && !w->ran_out) m->confidence = 88;
}

/* X-Amz-Signature=, X-Goog-Signature=: hexadecimal of an HMAC or an RSA signature. */
static void presigned(sp_window *w, size_t head_end, sp_match *m)
{
    m->start = head_end;
    m->end = sp_skip(w, head_end, head_end + 1100, sp_is_hex);
    const sp_look look = sp_look_at(w, head_end, m->end);
    if (look.n >= 64 && look.distinct >= 8 && !sp_is_alnum(sp_peek(w, m->end))) m->confidence = 88;
}

/* ---- hashes that have no word of their own ---- */

/* MySQL's: '*' and 40 capitals of hexadecimal, in quotes. */
static void mysql_hash(sp_window *w, size_t head_end, sp_match *m)
{
    m->start = head_end - 5;
    m->end = sp_skip(w, m->start + 1, m->start + 41, sp_is_hex);
    for (size_t i = m->start + 1; i < m->end; i++) {
        if (!sp_is_digit(w->p[i]) && !sp_is_upper(w->p[i])) return;
    }
    if (m->end != m->start + 41 || sp_is_alnum(sp_peek(w, m->end)) ||
        sp_count_distinct(w, m->start, m->end) < 9)
        return;
    if (!sp_is_alnum(sp_before(w, m->start))) m->confidence = 80;
}

/* {SSHA}… of LDAP (RFC 2307). */
static void ldap_hash(sp_window *w, size_t head_end, sp_match *m)
{
    m->start = head_end;
    m->end = sp_skip(w, head_end, head_end + 140, sp_is_base64);
    for (unsigned n = 0; n < 2 && sp_peek(w, m->end) == '='; n++) m->end++;
    if (m->end - head_end >= 24 && sp_count_distinct(w, m->start, m->end) >= 12 && !w->ran_out)
        m->confidence = 90;
}

/* user:1001:<LM>:<NT>::: of a dump of Windows' hashes; the head is the first colon of ":::" behind them. */
static void windows_hash(sp_window *w, size_t head_end, sp_match *m)
{
    enum { TAIL = 3, HASH = 32 };
    const size_t end = head_end - TAIL;
    m->start = head_end;
    if (end < 2 * HASH + 1) return;
    const size_t start = end - (2 * HASH + 1);
    for (size_t i = start; i < end; i++) {
        if (i == start + HASH ? w->p[i] != ':' : !sp_is_hex(w->p[i])) return;
    }
    m->start = start;
    m->end = end;
    if (start > 0 && w->p[start - 1] == ':') m->confidence = 92;
}

/* ---- calls: the password is told by its place among the arguments ---- */

enum { CALL_MAX = 200, PASSWORD_MAX = 128, PLAIN_SURE = 65, GIVEN_SURE = 82 };

/* Which argument of a call is a password. The heads of the row are these names. */
static const struct {
    const char *name;
    uint8_t nth;
} calls[] = {
    {"networkcredential(", 2},
    {"directoryentry(", 3},
    {"usernamepasswordcredentials(", 2},
    {"passwordauthentication(", 2},
    {"getconnection(", 3},
    {"basicauth(", 2},
    {"digestauth(", 2},
    {"basic_auth(", 2},
    {"plainauth(", 3},
    {"mysql_connect(", 3},
    {"mysqli_connect(", 3},
    {"mysqli(", 3},
    {"pdo(", 3},
    {"ftp_login(", 3},
    {"ldap_bind(", 3},
    {"simple_bind_s(", 2},
    {"oci_connect(", 2},
    {".login(", 2},
    {"auth=(", 2},
    {"setpassword(", 1},
    {"set_password(", 1},
    {"withpassword(", 1},
    {".password(", 1},
    {"convertto-securestring ", 1},
};

static unsigned argument_of(const sp_window *w, size_t head_end)
{
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        const sp_bytes name = sp_bytes_of(calls[i].name);
        if (head_end < name.n) continue;
        if (sp_bytes_eq_nocase((sp_bytes){w->p + head_end - name.n, name.n}, name)) return calls[i].nth;
    }
    return 0;
}

static bool is_quote(int c)
{
    return c == '"' || c == '\'';
}

/* Behind the comma that ends the argument at `i`; 0: there is none. */
static size_t next_argument(sp_window *w, size_t i, size_t limit)
{
    int quote = 0;
    unsigned depth = 0;
    for (; i < limit; i++) {
        const int c = sp_peek(w, i);
        if (c < 0 || (quote == 0 && (c == ';' || (c == ')' && depth == 0)))) return 0;
        if (quote == 0 && c == ',' && depth == 0) return i + 1;
        if (quote == 0 && is_quote(c))
            quote = c;
        else if (c == quote)
            quote = 0;
        if (quote == 0) depth += (unsigned)(c == '(') - (unsigned)(c == ')');
    }
    return 0;
}

/* Up to the quote that opened it, on its line; 0: it stays open. */
static size_t quoted_end(sp_window *w, size_t i, int quote)
{
    for (size_t at = i; at < i + PASSWORD_MAX; at++) {
        const int c = sp_peek(w, at);
        if (c == quote) return at;
        if (c < ' ') return 0;
    }
    return 0;
}

/* How sure a value is that stands where a password belongs: a plain word is one too, but may be the word for
 * it. 0: it is none. */
static uint8_t given_confidence(const sp_window *w, size_t start, size_t end)
{
    static const char *const words[] = {"secret", "changeit", "password:", "username",
                                        "string", "null",     NULL};
    const sp_look look = sp_look_at(w, start, end);
    if (look.n < 4 || look.n > PASSWORD_MAX || look.distinct < 3) return 0;
    const int first = w->p[start];
    if (first == '/' || first == '.' || first == '#' || sp_is_stand_in(w, start, end)) return 0;
    if (is_one_of(w, start, end, no_passwords) || is_one_of(w, start, end, words)) return 0;
    for (size_t i = start; i < end; i++) {
        if (w->p[i] <= ' ') return 0;
    }
    const bool is_more = look.digits > 0 || look.others > 0 || (look.uppers > 1 && look.lowers > 1);
    return is_more ? GIVEN_SURE : PLAIN_SURE;
}

static bool is_gap(int c)
{
    return sp_is_space(c);
}

/* `new NetworkCredential("joe", "Gr8twall")`, `conn.setPassword("Gr8twall")`. */
static void credential_call(sp_window *w, size_t head_end, sp_match *m)
{
    const size_t limit = head_end + CALL_MAX;
    size_t i = head_end;
    m->start = head_end;
    const unsigned nth = argument_of(w, head_end);
    for (unsigned k = 1; k < nth && i != 0; k++) i = next_argument(w, i, limit);
    if (i == 0 || nth == 0) return;
    i = sp_skip(w, i, limit, is_gap);
    if (sp_goes_on(w, i, "-string ", true)) i += 8;
    const int quote = sp_peek(w, i);
    if (!is_quote(quote)) return;
    const size_t end = quoted_end(w, i + 1, quote);
    if (end == 0 || w->ran_out) return;
    m->start = i + 1;
    m->end = end;
    m->confidence = given_confidence(w, m->start, m->end);
}

/* ---- connection strings of fields ("Connection String Syntax", ADO.NET; ODBC) ---- */

enum { FIELDS_MAX = 16, FIELD_MAX = 128, FIELD_NAME_MAX = 32 };

static bool is_in_field(int c)
{
    return c >= ' ' && c != ';' && c != '"' && c != '<';
}

static bool is_field_name(int c)
{
    return sp_is_alnum(c) || c == ' ' || c == '_' || c == '-';
}

static bool is_in_secret_field(int c)
{
    return is_in_field(c) && c != ' ' && c != '\'' && c != '&';
}

/* Goes from the value of a field to that of the next one. @return 0: no field follows. */
static size_t next_field(sp_window *w, size_t i, size_t *name)
{
    const size_t end = sp_skip(w, i, i + FIELD_MAX, is_in_field);
    if (end == i || sp_peek(w, end) != ';') return 0;
    *name = sp_skip(w, end + 1, end + 1 + FIELD_NAME_MAX, is_gap);
    const size_t name_end = sp_skip(w, *name, *name + FIELD_NAME_MAX, is_field_name);
    return name_end > *name && sp_peek(w, name_end) == '=' ? name_end + 1 : 0;
}

/* From the value of the first field up to the password: `Server=[db;User Id=sa;Password=Gr8twall]`. */
static void connection_fields(sp_window *w, size_t head_end, sp_match *m)
{
    m->start = head_end;
    size_t i = head_end;
    for (unsigned n = 0; n < FIELDS_MAX; n++) {
        size_t name = 0;
        i = next_field(w, i, &name);
        if (i == 0) return;
        if (!sp_goes_on(w, name, "password", true) && !sp_goes_on(w, name, "pwd", true)) continue;
        const size_t value = sp_skip(w, i, i + 4, is_gap);
        m->end = sp_skip(w, value, value + PASSWORD_MAX, is_in_secret_field);
        const uint8_t sure = m->end > value && !w->ran_out ? given_confidence(w, value, m->end) : 0;
        const bool is_code = sure == PLAIN_SURE && w->p[i - 2] == ' '; /* "server=a; password = next" */
        if (sure != 0 && !is_code) m->confidence = 86;
        return;
    }
}

/* ---- unseal keys of HashiCorp Vault ("Unseal Key 1: …", `vault operator unseal …`) ---- */

static void unseal_key(sp_window *w, size_t head_end, sp_match *m)
{
    enum { SHARE = 43, SHARE_HEX = 64 }; /* 33 bytes of a share: 44 of base 64, 66 of hexadecimal */
    m->start = head_end;
    size_t i = head_end;
    for (; i < head_end + 8; i++) {
        const int c = sp_peek(w, i), after = sp_peek(w, i + 1);
        if (c != ' ' && c != ':' && c != '=' && c != '"' &&
            !(sp_is_digit(c) && (after == ':' || after == '=')))
            break;
    }
    m->start = i;
    m->end = sp_skip(w, i, i + 100, sp_is_base64);
    if (sp_peek(w, m->end) == '=') m->end++;
    const sp_look look = sp_look_at(w, i, m->end);
    const bool is_share = look.n == SHARE || look.n == SHARE + 1 ||
                          (look.is_hex && look.n >= SHARE_HEX && look.n <= SHARE_HEX + 2);
    if (is_share && look.distinct >= 10 && look.digits > 0 && !w->ran_out) m->confidence = 92;
}

/* ---- rows ---- */

static const sp_example store_examples[] = {
    "url = '[postgres://shop:Gr8twall@db.example.com:5432/shop]'",
    "DATABASE_URL=[mysql://root:s3cr3t@10.0.0.1/app]\n",
    "[mongodb+srv://app:D1fficultP%40ss@cluster0.example.net/prod?retryWrites=true].",
    "broker: [amqps://svc:k3Lq9Zt2@mq.example.com:5671/vhost]",
    "(see [redis://:f00b4r99@cache:6379/0])",
    "MONGO=\"[mongodb+srv://app:hunter2@cluster0.example.net/prod]\"",
    "postgres://localhost:5432/shop",
    "postgres://shop@db.example.com/shop",
    "mongodb://user:password@localhost:27017",
    "mysql://root:${DB_PASSWORD}@db/app",
    "redis://cache:6379/0",
    "amqp://user:*****@example.com",
    NULL,
};

static const sp_example web_examples[] = {
    "curl [https://deploy:Gr8twall@api.example.com/v1] -o x",
    "remote = [https://joe:k3Lq9Zt2@git.example.com/shop.git]",
    "\"[http://admin:Sommer2024@10.1.1.1:8080/]\"",
    "[https://0a1b2c3d4e:x7y8z9w0@example.com/42]",
    "proxy: [http://svc:Pa55-w0rt@proxy.example.com:3128]",
    "git clone [https://Jd82kQpz71LmXv09Rt4x@git.example.com/shop.git]",
    "https://anna-maria-von-der-hausen@example.com/",
    "https://example.com:8080/a@b",
    "https://joe@example.com/",
    "https://user:password@example.com",
    "https://${USER}:${PASS}@example.com",
    "https://example.com/a:b@c",
    "https://{user}:{pass}@example.com",
    NULL,
};

static const sp_example bearer_examples[] = {
    "Authorization: Bearer [mF_9.B5f-4.1JqM]\n",
    "-H 'Authorization: Bearer [8d7f6a5s4d3f2g1h0j9k8l7]'",
    "\"Bearer [a8f5f167-f44f-4964-e6c9-98dee827110c]\"",
    "bearer [ZXhhb8PsZS90b2tlbi92YWx1ZQ]",
    "headers: { Authorization: `Bearer [Zx81kQpw7731mmNb]` }",
    "Authorization: Bearer <token>",
    "Authorization: Bearer ${TOKEN}",
    "Bearer authentication is used",
    "Bearer your-api-key-goes-here",
    "Bearer xxxxxxxxxxxxxxxxxxxxxxxx",
    NULL,
};

static const sp_example authorization_examples[] = {
    "Authorization: token [8d7f6a5s4d3f2g1h0j9k8l7]",
    "\"Authorization\": \"ApiKey [Zx81kQpw7731mmNbLp02]\"",
    "Authorization: GenieKey [a8f5f167-f44f-4964-e6c9-98dee827110c]",
    "authorization: [Zx81kQpw7731mmNbLp02]\n",
    "'Authorization': 'Key [Zx81kQpw7731mmNbLp02]'",
    "Authorization: token <token>",
    "Authorization header is missing",
    "Authorization: Basic",
    "authorization_endpoint: https",
    "Authorization: token $GITHUB_TOKEN",
    NULL,
};

static const sp_example okta_examples[] = {
    "Authorization: SSWS [00QCjAl4MlV-WPXM-ABCDEFGHIJKL-0HmjFx-vbGua]",
    "SSWS [00aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789_-ab]\n",
    "'SSWS [00aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789_-ab]'",
    "\"SSWS [00aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789_-ab]\"",
    "(SSWS [00aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789_-ab])",
    "SSWS token",
    "SSWS 00aBcDeFgH",
    "SSWS aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789_-ab01",
    "SSWS ${OKTA_TOKEN}",
    "ssws",
    NULL,
};

static const sp_example basic_examples[] = {
    "Authorization: Basic [ZGVwbG95Okdyb3Ryd2FsbA==]",
    "{\"auths\": {\"x\": {\"auth\": \"[ZGVwbG95Okdyb3Ryd2FsbA==]\"}}}",
    "_auth=[ZGVwbG95Okdyb3Ryd2FsbA==]\n",
    "'Basic [am9lOms3THE5WnQy]'",
    "basic [am9lOms3THE5WnQy]\n",
    "Basic authentication",
    "Basic ZGVwbG95",
    "Basic <credentials>",
    "\"auth\": \"oauth2\"",
    "Basic QUJDREVGR0hJSktM",
    NULL,
};

static const sp_example command_user_examples[] = {
    "curl -u [joe:k3Lq9Zt2] https://example.com",
    "curl --user '[deploy:Gr8twall]' x",
    "wget --user [joe:k3Lq9Zt2] x",
    "curl -X POST -u \"[svc:Pa55-w0rt]\" x",
    "curl -s --user [a1:b2c3d4] x",
    "curl -u [7d3f0c2b9e5a48d1b6f07c3e2a914d58]: https://api.example.com",
    "http -a [joe:Gr8twall] GET x",
    "curl --user=[joe:Gr8twall] x",
    "curl -u joe: https://example.com",
    "curl -u joe https://example.com",
    "curl -u user:password x",
    "curl -u $USER:$PASS x",
    "docker run -u 1000:1000 x",
    "curl -u \"joe:<password>\"",
    NULL,
};

static const sp_example command_password_examples[] = {
    "sshpass -p [k3Lq9Zt2] ssh x",
    "docker login -u joe -p [Gr8twall99] example.com",
    "sshpass -p '[Pa55-w0rt]' scp x",
    "PsExec \\\\host -u admin -p [Sommer2024] cmd",
    "mysql -u root -p [k3Lq9Zt2] shop",
    "redis-cli -h cache -a [k3Lq9Zt2] ping",
    "ldapsearch -x -D cn=admin -w '[Pa55-w0rt]' -b dc=x",
    "mysql -u root -p shop\nmkdir -p build/x64",
    "cp -a k3Lq9Zt2 x",
    "mkdir -p k3Lq9Zt2/x",
    "sshpass -p password ssh x",
    "docker login -u joe -p $PASS",
    "docker run -p 8080:80 x",
    "sshpass -p <password>",
    NULL,
};

static const sp_example tight_examples[] = {
    "mysqldump -uroot -p[Gr8twall99] shop",
    "mysql -h db -u shop -p'[k3Lq9Zt2]' shop",
    "$ sshpass -p[Pa55-w0rt] ssh joe@example.com",
    "mariadb -p[Sommer2024] -e 'select 1'",
    "| mysql --user=shop -p\"[x1y2z3w4]\"",
    "7z x -p[Gr8twall99] backup.7z",
    "mysql --host=x -port=3306",
    "mysql -u root -p",
    "mysql -u root -p$PASS shop",
    "mysql is a server; mkdir -pv a1b2c3",
    "mysql -u root -ppassword",
    NULL,
};

static const sp_example netrc_examples[] = {
    "machine example.com login joe password [k3Lq9Zt2]\n",
    "machine example.com\n  login joe\n  password [Gr8twall]\n",
    "default login anonymous password [joe4711]",
    "machine a.b login c password [hunter2] machine",
    "machine api.example.com login svc password  [Pa55-w0rt]",
    "machine example.com login joe",
    "login with your password now",
    "the machine has a password policy",
    "machine x login y password ${PASS}",
    "machine x login y password password",
    NULL,
};

static const sp_example azure_key_examples[] = {
    "AccountName=a;AccountKey=[Zm9vYmFyODgxMmtkTHFQdzB4VHRhYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5eg==];x",
    "SharedAccessKey=[Zm9vYmFyODgxMmtkTHFQdzB4VHRhYmNkZWZnaGlqa2xt=];EntityPath=q",
    "\"AccountKey=[Zm9vYmFyODgxMmtkTHFQdzB4VHRhYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5eg==]\"",
    "accountkey=[Zm9vYmFyODgxMmtkTHFQdzB4VHRhYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5eg==]\n",
    "Endpoint=x;SharedAccessKeyName=k;SharedAccessKey=[Zm9vYmFyODgxMmtkTHFQdzB4VHRhYmNkZWZnaGlqa2xt=]",
    "AccountKey=xxx;",
    "AccountKey=<key>;",
    "AccountKey=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa==",
    "AccountKey=${KEY}",
    "SharedAccessKeyName=RootManageSharedAccessKey",
    NULL,
};

static const sp_example azure_sas_examples[] = {
    "?sv=2020-08-04&sig=[Zm9vYmFyODgxMmtkTHFQdzB4VHRhYmNkZWZnaGlqa2xt%3D]&x",
    "&sig=[Zm9vYmFyODgxMmtkTHFQdzB4VHRhYmNkZWZnaGlqa2x%2Ft%3D]",
    "?sig=[Zm9vYmFyODgxMmtkTHFQdzB4VHRhYmNkZWZnaGlqa2xt=]&sv=2",
    "SharedAccessSignature sr=x&sig=[Zm9vYmFyODgxMmtkTHFQdzB4VHRhYmNkZWZnaGlqa2xt%3d]&se=1",
    "amp;sig=[Zm9vYmFyODgxMmtkTHFQdzB4VHRhYmNkZWZnaGlqa2xt%3D]'",
    "?sig=abc",
    "&sig=<signature>",
    "config=1",
    "&sig=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "sig=Zm9vYmFyODgxMmtkTHFQ",
    NULL,
};

#define HEX_64 "7d3f0c2b9e5a48d1b6f07c3e2a914d587d3f0c2b9e5a48d1b6f07c3e2a914d58"
static const sp_example presigned_examples[] = {
    "&X-Amz-Signature=[" HEX_64 "]",
    "&X-Goog-Signature=[" HEX_64 HEX_64 "]&x",
    "?X-Amz-Signature=[" HEX_64 "]\"",
    "x-amz-signature=[" HEX_64 "] ",
    "X-Amz-Signature=[" HEX_64 "]\n",
    "&X-Amz-Signature=7d3f0c2b9e5a48d1",
    "X-Amz-SignedHeaders=host",
    "&X-Amz-Signature=" HEX_64 "x",
    "X-Amz-Signature=<signature>",
    "X-Amz-Signature",
    NULL,
};

static const sp_example mysql_examples[] = {
    "IDENTIFIED BY PASSWORD '[*94BDCEBE19083CE2A1F959FD02F964C7AF4CFC29]'",
    "root:[*6BB4837EB74329105EE4568DDA7DC67ED2CA2AD9]\n",
    "([*94BDCEBE19083CE2A1F959FD02F964C7AF4CFC29])",
    "\"[*23AE809DDACAF96AF0FD78ED04B6A265E05AA257]\"",
    "x [*A4B6157319038724E3560894F7F932C8886EBFCF] y",
    "94BDCEBE19083CE2A1F959FD02F964C7AF4CFC29",
    "*94bdcebe19083ce2a1f959fd02f964c7af4cfc29",
    "*94BDCEBE19083CE2A1F959FD02F964C7AF4CFC29A",
    "*94BDCEBE19083CE2A1F959FD02F964C7AF4CFC2",
    "*0000000000000000000000000000000000000000",
    NULL,
};

static const sp_example ldap_examples[] = {
    "userPassword: {SSHA}[5UbWMMEV6fo2RsPmkkOZ8QnQ0NkR7cPV]\n",
    "{SHA}[W6ph5Mm5Pz8GgiULbPgzG37mj9g=]",
    "'{SSHA512}[Zm9vYmFyODgxMmtkTHFQdzB4VHRhYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5eg==]'",
    "{SSHA256}[Zm9vYmFyODgxMmtkTHFQdzB4VHRhYmNkZWZnaGlqa2xt]",
    "{ssha}[5UbWMMEV6fo2RsPmkkOZ8QnQ0NkR7cPV]",
    "{SSHA}",
    "{SHA} is a scheme",
    "{SSHA}aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "SSHA5UbWMMEV6fo2RsPmkkOZ8QnQ0NkR7cPV",
    "{SSHA}short",
    NULL,
};

static const sp_example windows_examples[] = {
    "Administrator:500:[aad3b435b51404eeaad3b435b51404ee:31d6cfe0d16ae931b73c59d7e0c089c0]:::",
    "joe:1001:[aad3b435b51404eeaad3b435b51404ee:8846f7eaee8fb117ad06bdd830b7586c]:::\n",
    "CORP\\\\joe:1105:[AAD3B435B51404EEAAD3B435B51404EE:8846F7EAEE8FB117AD06BDD830B7586C]:::",
    "x:1:[aad3b435b51404eeaad3b435b51404ee:0cb6948805f797bf2a82807973b89537]:::y",
    "Guest:501:[aad3b435b51404eeaad3b435b51404ee:31d6cfe0d16ae931b73c59d7e0c089c0]:::",
    "joe:1001:aad3b435b51404ee:8846f7eaee8fb117:::",
    "a:::b",
    "aad3b435b51404eeaad3b435b51404ee:31d6cfe0d16ae931b73c59d7e0c089c0",
    "xaad3b435b51404eeaad3b435b51404ee:31d6cfe0d16ae931b73c59d7e0c089c0:::",
    ":::",
    NULL,
};

static const sp_example call_examples[] = {
    "new System.Net.NetworkCredential(\"joe\", \"[Gr8twall99]\");",
    "requests.get(url, auth=('joe', '[k3Lq9Zt2]'))",
    "DriverManager.getConnection(\"jdbc:x\", \"sa\", \"[Tr0ub4dor]\")",
    "mysqli_connect('db', 'shop', '[Pa55-w0rt]', 'shop')",
    "smtp.PlainAuth(\"\", \"joe@example.com\", \"[Sommer2024]\", host)",
    "ds.setPassword(\"[x1y2z3w4]\");",
    "ConvertTo-SecureString -String \"[Winter2024!]\" -AsPlainText -Force",
    "server.login(\n    user(1, 2),\n    '[k3Lq9Zt2]')",
    "new NetworkCredential(user, password)",
    "requests.get(url, auth=('user', 'password'))",
    "client.login(\"joe\")",
    "ConvertTo-SecureString $password -AsPlainText",
    "ds.setPassword(\"${PASSWORD}\")",
    "getConnection(\"a\", \"b\", \"<password>\")",
    "form.password(\"Enter your password\")",
    NULL,
};

static const sp_example fields_examples[] = {
    "connectionString=\"Server=[db;User Id=sa;Password=Gr8twall99];Database=x\"",
    "Data Source=[db,1433; Initial Catalog=shop; User ID=joe; Pwd=k3Lq9Zt2]\"",
    "Driver=[{ODBC Driver 18};Server=db;UID=joe;PWD=Pa55-w0rt]\n",
    "uid=[joe;pwd=Sommer2024];",
    "'Provider=[SQLOLEDB.1;User ID=sa;password= sK!g2Ex_=jJ6]'",
    "Server=db;Database=shop;Trusted_Connection=True;",
    "Server=db;User Id=sa;Password=<password>;",
    "Server=db;User Id=sa;Password={0};",
    "server=example; password = next",
    "uid=1000 gid=1000",
    NULL,
};

static const sp_example unseal_examples[] = {
    "Unseal Key 1: [0tZn+7QQCxphpHwTm7/dC3LpP5JGIbYl3PK8Sy81R+P2]\n",
    "vault operator unseal [98m+o2ylRhVbOi+3o5ub6PbP343ocFUVORgSYeypMDjh]",
    "unseal key: [7d3f0c2b9e5a48d1b6f07c3e2a914d587d3f0c2b9e5a48d1b6f07c3e2a914d5801]",
    "\"Unseal Key 5: [Zm9vYmFyODgxMmtkTHFQdzB4VHRhYmNkZWZnaGlqa2xt]\"",
    "Unseal Key=[1tZn+7QQCxphpHwTm7/dC3LpP5JGIbYl3PK8Sy81R+Pq]",
    "vault operator unseal <key>",
    "Unseal Key 1: 0tZn+7QQCxphpHwTm7",
    "the unseal key is split among five",
    "vault operator unseal -reset",
    "Unseal Key 1: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    NULL,
};

#define CALLS                                                                                                \
    "(?:networkcredential|directoryentry|passwordcredentials|passwordauthentication|getconnection|basic_?"   \
    "auth|digestauth|plainauth|"                                                                             \
    "mysqli?_connect|mysqli|pdo|ftp_login|ldap_bind|simple_bind_s|oci_connect|\\.login|auth=|set_?password|" \
    "withpassword|\\.password)\\(|convertto-securestring "

#define WRITTEN(title, id, pattern, function, of_head, most, list)                                        \
    {                                                                                                     \
        .name = (title), .kind = SP_KIND_##id, .head = (pattern), .flags = HS_FLAG_CASELESS,              \
        .validate = (function), .head_max = (of_head), .longest = (most), .least = 60, .examples = (list) \
    }

#define SIGNED(title, id, seen, function, of_head, most, list)                         \
    {                                                                                  \
        .name = (title), .kind = SP_KIND_##id, .sign = (seen), .validate = (function), \
        .head_max = (of_head), .longest = (most), .least = 60, .examples = (list)      \
    }

/* Where `head_max` is 0 the head is what stands before the match and is no part of it. */
static const sp_row rows[] = {
    WRITTEN("store-address", CONNECTION_STRING, "://", store_address, 27, URI_MAX, store_examples),
    WRITTEN("web-address", BASIC_AUTH, "://", web_address, 27, URI_MAX, web_examples),
    WRITTEN("bearer-header", BEARER_TOKEN, "bearer ", bearer, 0, HEADER_MAX, bearer_examples),
    WRITTEN("authorization-header", BEARER_TOKEN, "authorization", authorization, 0, HEADER_MAX,
            authorization_examples),
    WRITTEN("okta-header", OKTA_TOKEN, "ssws ", okta_header, 0, 60, okta_examples),
    WRITTEN("basic-header", BASIC_AUTH, "basic |auth\"|_auth", basic, 0, HEADER_MAX, basic_examples),
    WRITTEN("command-user", BASIC_AUTH, " -u | --user[ =]| --proxy-user | -a | --auth ", command_user, 0,
            USERINFO_MAX, command_user_examples),
    WRITTEN("command-password", PASSWORD, " -p | -w | -a ", command_password, 0, USERINFO_MAX,
            command_password_examples),
    WRITTEN("command-tight-password", PASSWORD, "mysql|mariadb|sshpass|\\b7za? |\\b(?:un)?rar ",
            tight_password, 0, USERINFO_MAX, tight_examples),
    WRITTEN("netrc-password", PASSWORD, "password ", netrc, 0, USERINFO_MAX, netrc_examples),
    WRITTEN("azure-connection-key", AZURE_KEY, "accountkey=|sharedaccesskey=", azure_key, 0, 102,
            azure_key_examples),
    WRITTEN("azure-sas", AZURE_SAS, "[?&;]sig=", azure_sas, 0, 101, azure_sas_examples),
    WRITTEN("presigned-address", API_KEY, "(?:amz|goog)-signature=", presigned, 0, 1100, presigned_examples),
    SIGNED("mysql-hash", PASSWORD_HASH, SP_SIGN_STAR, mysql_hash, 5, 41, mysql_examples),
    WRITTEN("credential-call", PASSWORD, CALLS, credential_call, 0, PASSWORD_MAX, call_examples),
    WRITTEN("connection-fields", CONNECTION_STRING,
            "server=|data source=|user ?id=|\\buid=|provider=|driver=|hostname=", connection_fields, 0, 2800,
            fields_examples),
    WRITTEN("vault-unseal-key", VAULT_TOKEN, "unseal key|operator unseal ", unseal_key, 0, 101,
            unseal_examples),
    WRITTEN("ldap-hash", PASSWORD_HASH, "\\{s?sha(?:256|384|512)?\\}", ldap_hash, 0, 142, ldap_examples),
    SIGNED("windows-hash", PASSWORD_HASH, SP_SIGN_COLONS, windows_hash, 68, 68, windows_examples),
};

const sp_family sp_family_written = {rows, sizeof rows / sizeof rows[0]};
