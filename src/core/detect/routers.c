/* Passwords in the configuration of network devices and daemons, whose lines have words and no signs ("enable
 * password …", "snmp-server community … RO"), in files of few fields (.pgpass, ipsec.secrets), and lists of
 * recovery codes. */
#include "detect/secret.h"

#include <hs/hs.h>
#include <string.h>

enum { WORD_MAX = 128, HOST_MAX = 64, LINE_BEFORE = 100 };

static bool is_in_word(int c)
{
    return c > ' ' && c != '"' && c != '\'' && c != ';' && c != '<' && c != '>';
}

static bool is_in_quotes(int c)
{
    return c >= ' ' && c != '"';
}

/* The word or the quoted text at `i`. @return false: nothing, or it has not arrived. */
static bool read_word(sp_window *w, size_t i, sp_match *m)
{
    const bool is_quoted = sp_peek(w, i) == '"';
    m->start = i + is_quoted;
    m->end = sp_skip(w, m->start, m->start + WORD_MAX, is_quoted ? is_in_quotes : is_in_word);
    if (is_quoted && sp_peek(w, m->end) != '"') return false;
    return m->end > m->start && !w->ran_out;
}

/* More than a word of the manual: letters, and a digit, a sign or both cases. */
static bool is_given(const sp_window *w, const sp_match *m, unsigned least)
{
    const sp_look look = sp_look_at(w, m->start, m->end);
    const int first = w->p[m->start];
    if (look.n < least || look.distinct < 4 || look.uppers + look.lowers == 0) return false;
    if (first == '-' || first == '/' || first == '.' || first == '$') return false;
    const bool is_more = look.digits > 0 || (look.uppers > 1 && look.lowers > 1) ||
                         sp_has_word(w, m->start, m->end, "!|@|#|%|^|&|*|?|+");
    return is_more && !sp_is_stand_in(w, m->start, m->end) && !sp_is_other(w, m->start, m->end);
}

/* ---- where it stands on its line ---- */

static bool is_host(int c)
{
    return sp_is_alnum(c) || c == '.' || c == '*' || c == '_' || c == '-';
}

static bool begins_line(const sp_window *w, size_t i)
{
    return i == 0 || w->p[i - 1] == '\n';
}

static bool is_line_end(int c)
{
    return c < 0 || c == '\n' || c == '\r';
}

/* Where the host that ends at `end` begins, the first of its line; SIZE_MAX: it is not, or there is none. */
static size_t host_start(const sp_window *w, size_t end)
{
    size_t i = end;
    while (i > 0 && end - i < HOST_MAX && is_host(w->p[i - 1])) i--;
    sp_charge(w, end - i);
    const size_t host = i;
    if (i > 0 && w->p[i - 1] == '[') i--;
    return host < end && begins_line(w, i) ? host : SIZE_MAX;
}

/* Does the line of `at` begin with one of the words, behind blanks and a prompt? It has to be within reach.
 */
static bool line_begins_with(sp_window *w, size_t at, const char *const *words)
{
    size_t i = at - sp_line_reach(w, at, LINE_BEFORE);
    if (!begins_line(w, i)) return false;
    while (i < at && sp_is_space(w->p[i])) i++;
    size_t prompt = i; /* "r1(config)# " */
    while (prompt < at && w->p[prompt] != ' ') prompt++;
    if (prompt < at && prompt > i && (w->p[prompt - 1] == '#' || w->p[prompt - 1] == '>')) i = prompt + 1;
    sp_charge(w, LINE_BEFORE);
    for (; *words != NULL; words++) {
        const size_t n = strlen(*words);
        if (n <= at - i && memcmp(w->p + i, *words, n) == 0) return true;
    }
    return false;
}

/* ---- lines of words ---- */

/* With what lines begin that set a password; elsewhere "key 0" and "server key" are words of a text. */
static const char *const of_devices[] = {"enable ",
                                         "username ",
                                         "radius-server ",
                                         "tacacs-server ",
                                         "crypto isakmp ",
                                         "set psksecret ",
                                         "set password ",
                                         "set passwd ",
                                         "wpa-psk ",
                                         "masterauth ",
                                         "requirepass ",
                                         "rootpw ",
                                         "d-i ",
                                         "option rpcd ",
                                         "psk=",
                                         "--requirepass ",
                                         "--masterauth ",
                                         "redis-server ",
                                         NULL};

/* Behind the value: the end of the line, or for whom it is. */
static bool ends_setting(sp_window *w, size_t i)
{
    if (sp_peek(w, i) == '"') i++;
    return is_line_end(sp_peek(w, i)) || sp_goes_on(w, i, " address ", false) ||
           sp_goes_on(w, i, " hostname ", false) || sp_goes_on(w, i, " port ", false) ||
           sp_goes_on(w, i, " --", false);
}

static void device_password(sp_window *w, size_t head_end, sp_match *m)
{
    m->start = head_end;
    if (!line_begins_with(w, head_end, of_devices) || !read_word(w, head_end, m) || !is_given(w, m, 6))
        return;
    const bool is_method = sp_goes_on(w, m->start, "wpa", true) || sp_goes_on(w, m->start, "aes", true);
    if (!is_method && ends_setting(w, m->end) && !w->ran_out) m->confidence = 78;
}

/* `snmpwalk -v2c -c …`, or a line of a daemon or a router. */
static void community(sp_window *w, size_t head_end, sp_match *m)
{
    static const char *const settings[] = {
        "snmp-server community ", "rocommunity ", "rwcommunity ", "com2sec ", "set snmp community ", NULL};
    static const char *const commands[] = {"snmpwalk",    "snmpget",   "snmpbulkwalk",  "snmpbulkget",
                                           "snmpgetnext", "snmptable", "snmpset",       "snmptrap",
                                           "snmpstatus",  "snmpdf",    "snmptranslate", NULL};
    m->start = head_end;
    const bool is_option = sp_before(w, head_end - 1) == 'c' && sp_before(w, head_end - 2) == '-';
    if (is_option) {
        sp_charge(w, LINE_BEFORE);
        if (!sp_has_context(w, head_end, sp_line_reach(w, head_end, LINE_BEFORE), commands)) return;
    } else if (!line_begins_with(w, head_end, settings)) {
        return;
    }
    if (read_word(w, head_end, m) && is_given(w, m, 4)) m->confidence = 75;
}

/* Cisco's type 7: two digits say where in a fixed text the letters are hidden that the rest is; what comes
 * out has to be in print. */
static bool is_type_7(const sp_window *w, const sp_match *m)
{
    static const char key[] = "dsfd;kfoA,.iyewrkldJKDHSUBsgvca69834ncxv9873254k;fg87";
    enum { KEY = sizeof key - 1, DIGITS_MIN = 8, SALT_MAX = 52 };
    const size_t n = m->end - m->start;
    const uint8_t *p = w->p + m->start;
    if (n < DIGITS_MIN || n % 2 != 0 || !sp_is_digit(p[0]) || !sp_is_digit(p[1])) return false;
    const size_t salt = (size_t)(p[0] - '0') * 10 + (size_t)(p[1] - '0');
    for (size_t i = 2; i < n; i += 2) {
        uint8_t c[1];
        if (salt > SALT_MAX || sp_hex_decode(c, 1, (sp_bytes){p + i, 2}) != SP_OK) return false;
        c[0] ^= (uint8_t)key[(salt + i / 2 - 1) % KEY];
        if (c[0] < ' ' || c[0] >= 0x7f) return false;
    }
    return true;
}

static void type_7(sp_window *w, size_t head_end, sp_match *m)
{
    if (read_word(w, head_end, m) && is_type_7(w, m)) m->confidence = 90;
}

/* ---- files of few fields ---- */

static bool is_in_field(int c)
{
    return c > ' ' && c != ':' && c != '"' && c != '\'' && c != ',';
}

/* Does a ':' stand in it that no backslash takes for a part of the field? */
static bool has_colon(const sp_window *w, size_t start, size_t end)
{
    for (size_t i = start; i < end; i++) {
        if (w->p[i] == ':' && (i == start || w->p[i - 1] != '\\')) return true;
    }
    return false;
}

/* Where the host before the port begins that the head is, SIZE_MAX if it is none or not the first of its
 * line. Any port (":*:") is that of any host, or of one that is no word. */
static size_t pg_host(sp_window *w, size_t head_end)
{
    static const char *const here[] = {"localhost:", NULL};
    const bool is_any = w->p[head_end - 2] == '*';
    const size_t end = head_end - (is_any ? 3 : 6), host = host_start(w, end);
    if (host == SIZE_MAX || !is_any || (end - host == 1 && w->p[host] == '*')) return host;
    return sp_has_word(w, host, end, ".") || line_begins_with(w, head_end, here) ? host : SIZE_MAX;
}

/* host:port:database:user:password of .pgpass, the head being the port: a line of five fields. */
static void pgpass(sp_window *w, size_t head_end, sp_match *m)
{
    enum { FIELD_MAX = 64 };
    m->start = head_end;
    const size_t host = pg_host(w, head_end);
    if (host == SIZE_MAX) return;
    size_t i = head_end, user = i;
    for (unsigned n = 0; n < 2; n++) {
        user = i;
        const size_t end = sp_skip(w, i, i + FIELD_MAX / 2, is_in_field);
        if (end == i || sp_peek(w, end) != ':') return;
        i = end + 1;
    }
    const sp_look look = sp_look_at(w, user, i);
    if (look.uppers + look.lowers == 0 && w->p[user] != '*') return; /* a port: a line of connections */
    const size_t end = sp_skip(w, i, i + FIELD_MAX, is_in_word);
    if (!is_line_end(sp_peek(w, end)) || has_colon(w, i, end) || w->ran_out) return;
    if (i - host > SP_CONTEXT_MAX) return; /* nothing before that may be looked at */
    m->start = i;
    m->end = end;
    if (is_given(w, m, 4)) m->confidence = 85;
}

/* Before `"user" * "`, which ends at `i`: does the first quote begin the line? */
static bool is_pppd_user(const sp_window *w, size_t i)
{
    const size_t end = i;
    while (i > 0 && end - i < HOST_MAX && is_in_quotes(w->p[i - 1])) i--;
    sp_charge(w, end - i);
    return i > 0 && i < end && w->p[i - 1] == '"' && begins_line(w, i - 1);
}

/* `: PSK "secret"`, `Cleartext-Password := "secret"`, `"user" * "secret" *`: the head has the opening quote.
 * Of the last all four fields are needed: else it is a product of two. */
static void quoted_secret(sp_window *w, size_t head_end, sp_match *m)
{
    enum { PPPD_HEAD = 5 };
    m->start = head_end;
    const bool is_pppd = w->p[head_end - 3] == '*';
    if (is_pppd && !is_pppd_user(w, head_end - PPPD_HEAD)) return;
    m->end = sp_skip(w, head_end, head_end + WORD_MAX, is_in_quotes);
    if (sp_peek(w, m->end) != '"' || w->ran_out) return;
    if (is_pppd && !sp_goes_on(w, m->end, "\" *", false) && !sp_goes_on(w, m->end, "\" \"*\"", false)) return;
    if (!w->ran_out && is_given(w, m, 6)) m->confidence = 82;
}

/* Is the host of a mail relay before ":587 "? A file of code with the number of a line is written so too, and
 * so is any address in a log. */
static bool is_relay(sp_window *w, size_t head_end, bool has_address)
{
    enum { RELAY_HEAD = 5 };
    size_t end = head_end - RELAY_HEAD;
    end -= end > 0 && w->p[end - 1] == ']';
    const size_t host = host_start(w, end);
    if (host == SIZE_MAX) return false;
    if (has_address) return true;
    const char *const *const files =
        (const char *const[]){".js", ".ts", ".jsx", ".tsx",  ".go",  ".py", ".rs", ".rb",
                              ".c",  ".cc", ".h",   ".java", ".php", ".cs", NULL};
    sp_charge(w, RELAY_HEAD);
    for (const char *const *file = files; *file != NULL; file++) {
        const size_t n = strlen(*file);
        if (n < end - host && memcmp(w->p + end - n, *file, n) == 0) return false;
    }
    return sp_goes_on(w, host, "smtp", true) || sp_goes_on(w, host, "mail", true) ||
           sp_goes_on(w, host, "relay", true);
}

/* `[smtp.example.com]:587 user:secret` of a mail relay. */
static void relay(sp_window *w, size_t head_end, sp_match *m)
{
    m->start = head_end;
    const size_t user = sp_skip(w, head_end, head_end + WORD_MAX / 2, is_in_field);
    if (user == head_end || sp_peek(w, user) != ':') return;
    if (!is_relay(w, head_end, sp_has_word(w, head_end, user, "@"))) return;
    if (sp_has_word(w, head_end, user, "error|time|status|state|code|reason|warn")) return; /* a log */
    if (read_word(w, user + 1, m) && is_line_end(sp_peek(w, m->end)) && !w->ran_out && is_given(w, m, 6))
        m->confidence = 82;
}

/* ---- recovery codes: what lets one in without the second factor ---- */

enum { CODE_MIN = 8, CODE_MAX = 24, GAP_MAX = 48, CODES_MAX = 16 };

static bool is_code_char(int c)
{
    return sp_is_alnum(c) || c == '-';
}

static bool is_code_gap(int c)
{
    return sp_is_space(c) || c == ':' || c == '*' || c == '`' || c == ',' || c == '.' || c == ')' || c == '|';
}

/* What may be a code at `i`: letters of one case and digits, in groups or not. @return its end, 0: none. */
static size_t code_end(sp_window *w, size_t i)
{
    const size_t end = sp_skip(w, i, i + CODE_MAX + 1, is_code_char);
    if (end - i < CODE_MIN || end - i > CODE_MAX || w->p[end - 1] == '-') return 0;
    const sp_look look = sp_look_at(w, i, end);
    return look.distinct >= 4 && look.uppers * look.lowers == 0 ? end : 0;
}

/* Behind blanks, and "1.", "-" and the like of a list. */
static size_t next_code(sp_window *w, size_t i)
{
    for (unsigned n = 0; n < 3; n++) {
        i = sp_skip(w, i, i + GAP_MAX, is_code_gap);
        const size_t number = sp_skip(w, i, i + 2, sp_is_digit);
        const int after = sp_peek(w, number);
        if (number > i && (after == '.' || after == ')')) {
            i = number + 1;
        } else if (sp_peek(w, i) == '-' && sp_peek(w, i + 1) == ' ') {
            i += 2;
        } else {
            break;
        }
    }
    return i;
}

static bool is_in_remark(int c)
{
    return sp_is_alpha(c) || c == ' ' || c == '(' || c == ')' || c == ',' || c == '\'' || c == '*' ||
           c == '-';
}

/* "error-recovery codes" are those of errors. */
static bool is_of_errors(const sp_window *w, size_t head_end)
{
    static const char *const errors[] = {"error", "errors", NULL};
    enum { HEAD_MAX = 16, ERROR_MAX = 8 };
    sp_charge(w, HEAD_MAX + ERROR_MAX);
    return sp_has_context(w, head_end, HEAD_MAX + ERROR_MAX, errors);
}

/* Where the first code stands: behind a colon or on a line further down, with a few words before that ("(keep
 * them safe):"). @return 0: none. `*is_close`: nothing but a colon stands between. */
static size_t first_code(sp_window *w, size_t i, bool *is_close)
{
    i += sp_peek(w, i) == 's' || sp_peek(w, i) == 'S';
    *is_close = sp_peek(w, i) == ':';
    i = sp_skip(w, i, i + GAP_MAX, is_in_remark);
    const int c = sp_peek(w, i);
    if (c != ':' && c != '\n' && c != '\r') return 0;
    i = next_code(w, i);
    const size_t end = code_end(w, i);
    return end != 0 && sp_has_digit(w, i, end) ? i : 0;
}

static void recovery_codes(sp_window *w, size_t head_end, sp_match *m)
{
    enum { WORD_LONG = 5 };
    m->start = head_end;
    bool is_close;
    size_t i = first_code(w, head_end, &is_close), length = 0;
    if (i == 0 || is_of_errors(w, head_end)) return;
    const size_t start = i;
    unsigned n = 0;
    for (; n < CODES_MAX; n++) {
        const size_t end = code_end(w, i);
        if (end == 0 || (n > 0 && end - i != length)) break;
        length = end - i;
        m->end = end;
        i = next_code(w, end);
    }
    m->start = start;
    const sp_look look = sp_look_at(w, m->start, m->end);
    const bool is_one = is_close && look.uppers + look.lowers > 1 && look.digits > 1 && !look.is_wordy;
    if (w->ran_out || look.longest_word > WORD_LONG) return; /* "release2024" */
    if (n == 1 ? is_one : look.digits > n) m->confidence = 80;
}

/* ---- rows ---- */

static const sp_example device_examples[] = {
    "\nenable password [Gr8twall99]\n",
    "\nenable secret 0 [k3Lq9Zt2]\n",
    "\nradius-server host 10.0.0.1 key 0 [Sommer2024]\n",
    "\ncrypto isakmp key [x1y2z3w4] address 10.0.0.1",
    "\nmasterauth [Pa55w0rt99]\n",
    "\nd-i passwd/root-password password [Fluss7Pferd]\n",
    "network={\n  psk=\"[Gr8twall99]\"\n}",
    "\nr1(config)# enable password [Gr8twall99]\n",
    "enable password is required",
    "enable secret <password1>",
    "masterauth password",
    "requirepass foobared",
    "rootpw --plaintext $PASS1",
    "Deleting key 0 cache12\n",
    "the server key abc12345 was rotated\n",
    "\nset the server key abc12345\n",
    "\nuser deletes key 0 cache12\n",
    "gpg key 0 expires2025\n",
    "WPA-PSK AES128\n",
    "wpa-psk AES128\n",
    "psk=WPA2-PSK\n",
    "enable password rotation2 for all\n",
    NULL,
};

static const sp_example type_7_examples[] = {
    "enable password 7 [08065E161D0E041B1E]\n",
    "username joe password 7 [1212563B0352361078]\n",
    "tacacs-server key 7 [0635002C414B1B4B51]",
    " ip ospf message-digest-key 1 md5 7 [021E5542591C5C3618]\n",
    " key-string 7 [133516475E1B54383F]\n",
    "password 7 times",
    "enable password 7 08065E161D0E041B1",
    "key 7 99FFFFFFFF",
    "password 7 00FFFFFFFFFF",
    "md5 7 d41d8cd98f00b204e9800998ecf8427e",
    NULL,
};

static const sp_example community_examples[] = {
    "\nsnmp-server community [Gr8twall] RO\n",
    "\nrocommunity [mon1tor99] 10.0.0.0/8\n",
    "snmpwalk -v2c -c [k3Lq9Zt2] switch1",
    "\ncom2sec readonly default [x1y2z3w4]\n",
    "\nset snmp community [Pa55w0rt] authorization read-only",
    "snmp-server community public RO",
    "rocommunity public\n",
    "snmpwalk -v2c -c private switch1",
    "snmp-server community <string1>",
    "the snmp community of this site",
    "mytool -v 1 -c config1.yaml",
    "SNMP community string1\n",
    "set community events2024\n",
    "mysnmptool -v 1 -c config1.yaml",
    NULL,
};

static const sp_example pgpass_examples[] = {
    "\ndb.example.com:5432:shop:joe:[k3Lq9Zt2]\n",
    "\n*:*:*:postgres:[Gr8twall]\n",
    "\nlocalhost:5432:*:app:[Pa55-w0rt]\n",
    "\n10.0.0.1:5433:shop:joe:[Sommer2024!]",
    "# pass\ndb:6432:x:y:[x1y2z3w4]\n",
    "db:5432:shop",
    "db:5432:shop:joe:${PASS}",
    "10.0.0.1:5432: connection refused",
    "localhost:5432:a:b:c d",
    "*:*:*:x:<password>",
    "arn:aws:lambda:*:1234:function:my-func2\n",
    "arn:aws:logs:*:1234:log-group:/aws/lambda/shop2\n",
    "cpe:2.3:a:yoast:seo:*:*:*:*:*:wordpress:*:*\n",
    "sshd:*:22:22:sshd:/var/empty2\n",
    "_apt:*:18375:0:99999:7:14::\n",
    "acl:*:*:read:topic123\n",
    "port 10.0.0.2:5432:10.0.0.9:51234:ESTABLISHED\n",
    "10.0.0.2:5432:10.0.0.9:51234:ESTABLISHED2\n",
    "see db:5432:shop:joe:k3Lq9Zt2\n",
    "db:5432:shop:joe:/run/x2\n",
    NULL,
};

static const sp_example quoted_examples[] = {
    "\n10.0.0.1 10.0.0.2 : PSK \"[k3Lq9Zt2]\"\n",
    "\njoe : EAP \"[Gr8twall99]\"\n",
    "\njoe Cleartext-Password := \"[Pa55-w0rt]\"\n",
    "\n\"joe\" * \"[Sommer2024]\" *\n",
    "\n: XAUTH \"[x1y2z3w4]\"",
    ": PSK \"secret\"",
    "joe : EAP \"<password1>\"",
    "Cleartext-Password := \"hello\"",
    "\"a\" * \"b\"",
    ": RSA \"key1.pem\"",
    "SELECT \"qty\" * \"price_2024\" FROM t\n",
    "\"a\" * \"b12345!\"\n",
    "f(\"a\" * \"b12345!\" * 2)\n",
    NULL,
};

static const sp_example relay_examples[] = {
    "\nsmtp.example.com:587 joe:[k3Lq9Zt2]\n",
    "\nsmtp.example.com:587 joe@example.com:[Gr8twall99]\n",
    "\nmail.example.com:465 joe:[Pa55-w0rt]",
    "\nrelay.example.com:587\tjoe:[Sommer2024]\n",
    "\nmail:465 a:[x1y2z3w4]\n",
    "smtp.example.com:587 is open",
    "example.com:587 joe:${PASS1}",
    "example.com:465 joe:password",
    "at 10:587 a:b",
    "example.com:587",
    "app.js:465 TypeError:Cannot2read\n",
    "src/app.ts:587 error:TS2345\n",
    "main.go:587 component:HTTP2Server\n",
    "mailer.go:587 component:HTTP2Server\n",
    "host:587 time:12:30pm\n",
    "host:587 time:12x30pm\n",
    "smtp.example.com:587 error:TS2345\n",
    "see smtp.example.com:587 joe:k3Lq9Zt2\n",
    NULL,
};

static const sp_example codes_examples[] = {
    "Your recovery codes:\n[7f3k9-2mq8x\nb84nd-1zc6p]\n",
    "Backup codes: [4821-9035 1170-6624]",
    "recovery codes\n\n1. [k29dj3md8s\n2. 4x0n7wbz1q]\n",
    "GitHub recovery code: [a8f5f-167f4]",
    "2FA backup codes (keep them safe):\n- [83610274\n- 59017462]\n",
    "recovery codes are shown once",
    "backup code: 12345678",
    "recovery codes: see chapter-12",
    "backup codes = { 1, 2 }",
    "recovery codes version-2-of-2024",
    "The recovery code in commit a1b2c3d4e5 was broken",
    "Error recovery code at 0x7f3a2b10",
    "backup code to branch release2024\n",
    "error-recovery codes: ECONN12345 EPIPE67890\n",
    "backup codes on a branch:\nrelease2024 release2025\n",
    "recovery code for joe: k29dj3md8s\n",
    NULL,
};

#define LINE(title, id, pattern, function, most, list, says)                                     \
    {                                                                                            \
        .name = (title), .kind = SP_KIND_##id, .head = (pattern), .flags = HS_FLAG_CASELESS,     \
        .validate = (function), .head_max = 0, .longest = (most), .least = 60, .source = (says), \
        .examples = (list)                                                                       \
    }

static const sp_row rows[] = {
    LINE("device-password", PASSWORD,
         "enable password |enable secret |password 0 |secret 0 |key 0 |-server key |isakmp key |psksecret |"
         "wpa-psk |masterauth |requirepass |rootpw --plaintext |-password password |option rpcd password |"
         "\\bpsk=|set password enc |set passwd enc |set psksecret enc ",
         device_password, WORD_MAX, device_examples,
         "Cisco IOS Security Command Reference; redis.conf; Debian preseed; FortiOS CLI Reference"),
    LINE("cisco-type-7", PASSWORD, "password 7 |secret 7 |key 7 |md5 7 |key-string 7 ", type_7, WORD_MAX,
         type_7_examples, "Cisco IOS Security Command Reference, service password-encryption"),
    LINE("snmp-community", PASSWORD,
         "snmp-server community |rocommunity |rwcommunity |com2sec readonly default |com2sec notconfiguser "
         "default |set snmp community |"
         "-v2c -c |-v 2c -c |-v1 -c |-v 1 -c ",
         community, WORD_MAX, community_examples, "RFC 3584; snmpd.conf(5)"),
    LINE("pgpass", PASSWORD, ":(?:5432|5433|6432|\\*):", pgpass, 64, pgpass_examples,
         "https://www.postgresql.org/docs/current/libpq-pgpass.html"),
    LINE("quoted-secret", PASSWORD, ": (?:psk|eap|xauth) \"|-password := \"|\" \\* \"", quoted_secret,
         WORD_MAX, quoted_examples, "ipsec.secrets(5); pppd(8), chap-secrets; users(5) of FreeRADIUS"),
    LINE("mail-relay-password", PASSWORD, ":587 |:465 |:587\t|:465\t", relay, WORD_MAX, relay_examples,
         "Postfix SASL Howto, smtp_sasl_password_maps"),
    LINE("recovery-codes", PASSWORD, "(?:recovery|backup|scratch|rescue) codes?", recovery_codes,
         CODES_MAX *(CODE_MAX + GAP_MAX), codes_examples,
         "https://docs.github.com/authentication/securing-your-account-with-two-factor-authentication-2fa"),
};

const sp_family sp_family_routers = {rows, sizeof rows / sizeof rows[0]};
