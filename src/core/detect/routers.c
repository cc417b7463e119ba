/* Passwords in the configuration of network devices and daemons, whose lines have words and no signs ("enable
 * password …", "snmp-server community … RO"), in files of few fields (.pgpass, ipsec.secrets), and lists of
 * recovery codes. */
#include "detect/secret.h"

#include <hs/hs.h>

enum { WORD_MAX = 128 };

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

/* ---- lines of words ---- */

static void device_password(sp_window *w, size_t head_end, sp_match *m)
{
    if (read_word(w, head_end, m) && is_given(w, m, 6)) m->confidence = 78;
}

static void community(sp_window *w, size_t head_end, sp_match *m)
{
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

/* host:port:database:user:password of .pgpass, the head being the port. */
static void pgpass(sp_window *w, size_t head_end, sp_match *m)
{
    enum { FIELD_MAX = 64 };
    size_t i = head_end;
    for (unsigned n = 0; n < 2; n++) {
        m->start = i;
        const size_t end = sp_skip(w, i, i + FIELD_MAX / 2, is_in_field);
        if (end == i || sp_peek(w, end) != ':') return;
        i = end + 1;
    }
    m->start = i;
    m->end = sp_skip(w, i, i + FIELD_MAX, is_in_word);
    const int after = sp_peek(w, m->end);
    const bool ends = after < 0 || after == '\n' || after == '\r';
    if (ends && sp_count_distinct(w, i, m->end) >= 4 && !w->ran_out && !sp_is_stand_in(w, i, m->end))
        m->confidence = 85;
}

/* `: PSK "secret"`, `Cleartext-Password := "secret"`, `"user" * "secret" *`: the head has the opening quote.
 */
static void quoted_secret(sp_window *w, size_t head_end, sp_match *m)
{
    m->start = head_end;
    m->end = sp_skip(w, head_end, head_end + WORD_MAX, is_in_quotes);
    if (sp_peek(w, m->end) == '"' && !w->ran_out && is_given(w, m, 6)) m->confidence = 82;
}

/* `[smtp.example.com]:587 user:secret` of a mail relay. */
static void relay(sp_window *w, size_t head_end, sp_match *m)
{
    m->start = head_end;
    const size_t user = sp_skip(w, head_end, head_end + WORD_MAX / 2, is_in_field);
    if (user > head_end && sp_peek(w, user) == ':' && read_word(w, user + 1, m) && is_given(w, m, 6))
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

/* Where the first code stands: behind a few words ("(keep them safe):"). */
static size_t first_code(sp_window *w, size_t i, sp_match *m)
{
    for (const size_t limit = i + GAP_MAX; i < limit;) {
        m->start = i = next_code(w, i);
        const size_t end = code_end(w, i);
        if (end != 0 && sp_has_digit(w, i, end)) return i;
        const size_t word = sp_skip(w, i, i + CODE_MAX, sp_is_alnum);
        i = word > i ? word : i + 1;
        const int c = sp_peek(w, i - 1);
        if (c < 0 || c == '=' || c == '{' || c == '<') return 0;
    }
    return 0;
}

static void recovery_codes(sp_window *w, size_t head_end, sp_match *m)
{
    m->start = head_end;
    size_t i = first_code(w, head_end, m), length = 0;
    if (i == 0) return;
    m->start = i;
    unsigned n = 0;
    for (; n < CODES_MAX; n++) {
        const size_t end = code_end(w, i);
        if (end == 0 || (n > 0 && end - i != length)) break;
        length = end - i;
        m->end = end;
        i = next_code(w, end);
    }
    const sp_look look = sp_look_at(w, m->start, m->end);
    const bool is_one = look.uppers + look.lowers > 1 && look.digits > 1 && !look.is_wordy;
    if (!w->ran_out && (n == 1 ? is_one : look.digits > n)) m->confidence = 80;
}

/* ---- rows ---- */

static const sp_example device_examples[] = {
    "enable password [Gr8twall99]\n",
    "enable secret 0 [k3Lq9Zt2]\n",
    "radius-server host 10.0.0.1 key 0 [Sommer2024]\n",
    "crypto isakmp key [x1y2z3w4] address 10.0.0.1",
    "masterauth [Pa55w0rt99]\n",
    "d-i passwd/root-password password [Fluss7Pferd]\n",
    "network={\n  psk=\"[Gr8twall99]\"\n}",
    "enable password is required",
    "enable secret <password1>",
    "masterauth password",
    "requirepass foobared",
    "rootpw --plaintext $PASS1",
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
    "snmp-server community [Gr8twall] RO\n",
    "rocommunity [mon1tor99] 10.0.0.0/8\n",
    "snmpwalk -v2c -c [k3Lq9Zt2] switch1",
    "com2sec readonly default [x1y2z3w4]\n",
    "set snmp community [Pa55w0rt] authorization read-only",
    "snmp-server community public RO",
    "rocommunity public\n",
    "snmpwalk -v2c -c private switch1",
    "snmp-server community <string1>",
    "the snmp community of this site",
    NULL,
};

static const sp_example pgpass_examples[] = {
    "db.example.com:5432:shop:joe:[k3Lq9Zt2]\n",
    "*:*:*:postgres:[Gr8twall]\n",
    "localhost:5432:*:app:[Pa55-w0rt]\n",
    "10.0.0.1:5433:shop:joe:[Sommer2024!]",
    "# pass\ndb:6432:x:y:[x1y2z3w4]\n",
    "db:5432:shop",
    "db:5432:shop:joe:${PASS}",
    "10.0.0.1:5432: connection refused",
    "localhost:5432:a:b:c d",
    "*:*:*:x:<password>",
    NULL,
};

static const sp_example quoted_examples[] = {
    "10.0.0.1 10.0.0.2 : PSK \"[k3Lq9Zt2]\"\n",
    "joe : EAP \"[Gr8twall99]\"\n",
    "joe Cleartext-Password := \"[Pa55-w0rt]\"\n",
    "\"joe\" * \"[Sommer2024]\" *\n",
    ": XAUTH \"[x1y2z3w4]\"",
    ": PSK \"secret\"",
    "joe : EAP \"<password1>\"",
    "Cleartext-Password := \"hello\"",
    "\"a\" * \"b\"",
    ": RSA \"key1.pem\"",
    NULL,
};

static const sp_example relay_examples[] = {
    "smtp.example.com:587 joe:[k3Lq9Zt2]\n",
    "smtp.example.com:587 joe@example.com:[Gr8twall99]\n",
    "mail.example.com:465 joe:[Pa55-w0rt]",
    "relay.example.com:587\tjoe:[Sommer2024]\n",
    "mail:465 a:[x1y2z3w4]\n",
    "smtp.example.com:587 is open",
    "example.com:587 joe:${PASS1}",
    "example.com:465 joe:password",
    "at 10:587 a:b",
    "example.com:587",
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
         "enable password |enable secret |password 0 |secret 0 |key 0 |server key |isakmp key |psksecret |"
         "wpa-psk |masterauth |requirepass |rootpw --plaintext |-password password |option rpcd password |"
         "\\bpsk=|set password enc |set passwd enc |set psksecret enc ",
         device_password, WORD_MAX, device_examples,
         "Cisco IOS Security Command Reference; redis.conf; Debian preseed; FortiOS CLI Reference"),
    LINE("cisco-type-7", PASSWORD, "password 7 |secret 7 |key 7 |md5 7 |key-string 7 ", type_7, WORD_MAX,
         type_7_examples, "Cisco IOS Security Command Reference, service password-encryption"),
    LINE("snmp-community", PASSWORD,
         "snmp-server community |rocommunity |rwcommunity |com2sec readonly default |com2sec notconfiguser "
         "default |snmp community |set "
         "community |"
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
