/* Detectors for credentials of no particular service: JSON web tokens, private keys, and the keys of this
 * gateway. */
#include "detect/detect_internal.h"

#include <string.h>

/* Is there a byte of a token before it? Then the head is the middle of something else. Asked where a
 * validator reads far: without it a text of nothing but heads would be read again from each of them. */
static bool is_continued(const sp_window *w, size_t start)
{
    const int before = sp_before(w, start);
    return sp_is_base64url(before) || before == '+' || before == '/';
}

/* ---- JSON web tokens (RFC 7519, compact serialisation of RFC 7515 and RFC 7516) ---- */

enum { JWT_MAX = 8192, JWT_HEADER_MAX = 2048, JWT_ODD_MAX = 256 };

/* The value of a base64 or base64url digit. */
static unsigned digit_value(uint8_t c)
{
    if (sp_is_upper(c)) return (unsigned)(c - 'A');
    if (sp_is_alpha(c)) return (unsigned)(c - 'a') + 26;
    if (sp_is_digit(c)) return (unsigned)(c - '0') + 52;
    return c == '-' || c == '+' ? 62 : 63;
}

/* Decodes as much of the text as fills `n` bytes; @return how many there were. Lenient about the bits left
 * over. */
static size_t base64_prefix(uint8_t *out, size_t n, sp_bytes text)
{
    size_t done = 0;
    for (size_t i = 0; i + 1 < text.n && done < n; i++) {
        if (i % 4 == 3) continue;
        const unsigned shift = (unsigned)(i % 4) * 2 + 2;
        out[done++] =
            (uint8_t)((digit_value(text.p[i]) << shift) | (digit_value(text.p[i + 1]) >> (6 - shift)));
    }
    return done;
}

static bool has_text(sp_bytes s, sp_bytes word)
{
    for (size_t i = 0; i + word.n <= s.n; i++) {
        if (memcmp(s.p + i, word.p, word.n) == 0) return true;
    }
    return false;
}

typedef enum jwt_header { JWT_NONE, JWT_ODD, JWT_HEADER } jwt_header;

/* A header names its algorithm (RFC 7515, 4.1.1); one that only names others of the registered parameters
 * (IANA, JSON Web Signature and Encryption Header Parameters), and near its front, is odd. Not parsed
 * strictly: what a lenient reader of tokens takes is a token. */
static jwt_header header_of(sp_bytes text)
{
    static const char *const names[] = {"\"typ\"", "\"kid\"",   "\"jwk\"", "\"jku\"", "\"enc\"", "\"x5",
                                        "\"cty\"", "\"crit\"",  "\"zip\"", "\"epk\"", "\"apu\"", "\"apv\"",
                                        "\"tag\"", "\"p2s\"",   "\"p2c\"", "\"iss\"", "\"sub\"", "\"aud\"",
                                        "\"b64\"", "\"nonce\"", "\"ppt\""};
    uint8_t json[JWT_HEADER_MAX];
    const size_t n = base64_prefix(json, sizeof json, text);
    if (n < 8 || json[0] != '{' || json[n - 1] != '}') return JWT_NONE;
    if (has_text((sp_bytes){json, n}, SP_LIT("\"alg\""))) return JWT_HEADER;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (has_text((sp_bytes){json, n < JWT_ODD_MAX ? n : JWT_ODD_MAX}, sp_bytes_of(names[i])))
            return JWT_ODD;
    }
    return JWT_NONE;
}

/* Three parts (signed) or five (encrypted); a token longer than JWT_MAX is cut there and still found. */
static void jwt(sp_window *w, size_t head_end, sp_match *m)
{
    m->start = head_end - 3;
    if (is_continued(w, m->start)) return;
    const size_t limit = m->start + JWT_MAX;
    size_t i = sp_skip(w, head_end, m->start + JWT_HEADER_MAX, sp_is_base64url);
    if (sp_peek(w, i) != '.') return;
    const jwt_header header = header_of((sp_bytes){w->p + m->start, i - m->start});
    if (header == JWT_NONE || (header == JWT_ODD && !sp_goes_on(w, i + 1, "ey", false))) return;
    unsigned n_parts = 1;
    size_t part = i;
    while (n_parts < 5 && i < limit && sp_peek(w, i) == '.') {
        part = i + 1;
        i = sp_skip(w, part, limit, sp_is_base64url);
        n_parts++;
    }
    if (n_parts == 2 && i < limit) return;
    if (n_parts == 3 && i < limit && i - part < 20) return; /* no signature: opens nothing */
    m->end = i;
    m->confidence = 97;
}

/* ---- private keys (RFC 7468, OpenSSH, OpenPGP armour of RFC 9580) ---- */

enum { PEM_LABEL_MAX = 40, PEM_TOKEN_MIN = 16 };

static bool is_label(int c)
{
    return sp_is_upper(c) || sp_is_digit(c) || c == ' ';
}

/* After "-----BEGIN" or "-----END": " RSA PRIVATE KEY-----". @return the end of the line's dashes, 0 if it
 * is no such label. */
static size_t pem_label(sp_window *w, size_t i)
{
    const size_t end = sp_skip(w, i, i + PEM_LABEL_MAX, is_label);
    if (!sp_goes_on(w, end, "-----", false)) return 0;
    return has_text((sp_bytes){w->p + i, end - i}, SP_LIT("PRIVATE KEY")) ? end + 5 : 0;
}

/* What stands between the parts of a key: line ends, also as escapes, quotes and signs of code that puts
 * lines together. */
static size_t pem_gap(sp_window *w, size_t i, size_t limit)
{
    while (i < limit) {
        const int c = sp_peek(w, i);
        if (c == '\\' && (sp_peek(w, i + 1) == 'n' || sp_peek(w, i + 1) == 'r'))
            i++;
        else if (!sp_is_space(c) && c != '"' && c != '\'' && c != '+' && c != ',' && c != '>')
            break;
        i++;
    }
    return i;
}

/* End of base 64 with its padding. */
static size_t base64_end(sp_window *w, size_t i, size_t limit)
{
    i = sp_skip(w, i, limit, sp_is_base64);
    if (i < limit && sp_peek(w, i) == '=') i++;
    if (i < limit && sp_peek(w, i) == '=') i++;
    return i;
}

static bool is_line(int c)
{
    return c >= 0 && c != '\n';
}

static bool is_field_name(int c)
{
    return sp_is_alpha(c) || c == '-';
}

/* One part from `i` on: a header field ("Proc-Type: 4,ENCRYPTED"), or a line of base 64; a short one only
 * if the end follows.
 * @return its end, or `i` if there is none. */
static size_t pem_part(sp_window *w, size_t i, size_t limit)
{
    const size_t name = sp_skip(w, i, i + 24 < limit ? i + 24 : limit, is_field_name);
    if (name > i && sp_peek(w, name) == ':')
        return sp_skip(w, name, name + 120 < limit ? name + 120 : limit, is_line);
    const size_t checksum = sp_peek(w, i) == '=' ? 1 : 0; /* OpenPGP's last line */
    const size_t end = base64_end(w, i + checksum, limit);
    if (end - i >= PEM_TOKEN_MIN || end == limit) return end;
    return sp_goes_on(w, pem_gap(w, end, limit), "-----END", false) ? end : i;
}

/* End of the key whose header line ends at `i`: of its last line if that comes before `limit`, else of its
 * last part. */
static size_t pem_body(sp_window *w, size_t i, size_t limit)
{
    for (size_t next = 0; i < limit; i = next) {
        const size_t part = pem_gap(w, i, limit);
        if (sp_goes_on(w, part, "-----END", false)) {
            const size_t end = pem_label(w, part + 8);
            return end != 0 && end <= limit ? end : i;
        }
        next = pem_part(w, part, limit);
        if (next == part) return i;
    }
    return i;
}

/* Whose key it is, by its label. */
typedef enum armour {
    ARMOUR_PKCS, /* and all that have no kind of their own */
    ARMOUR_OPENSSH,
    ARMOUR_PGP,
} armour;

static armour armour_of(sp_bytes label)
{
    if (has_text(label, SP_LIT("OPENSSH"))) return ARMOUR_OPENSSH;
    return has_text(label, SP_LIT("PGP")) ? ARMOUR_PGP : ARMOUR_PKCS;
}

/* The header line is enough; the body belongs to it as far as it is there. */
static void armoured_key(sp_window *w, size_t head_end, sp_match *m, armour wanted)
{
    m->start = head_end - 10;
    const size_t label = pem_label(w, head_end);
    if (label == 0 || armour_of((sp_bytes){w->p + head_end, label - head_end}) != wanted) return;
    m->end = pem_body(w, label, m->start + SP_SPAN_MAX);
    m->confidence = 98;
}

static void pem_key(sp_window *w, size_t head_end, sp_match *m)
{
    armoured_key(w, head_end, m, ARMOUR_PKCS);
}

static void openssh_key(sp_window *w, size_t head_end, sp_match *m)
{
    armoured_key(w, head_end, m, ARMOUR_OPENSSH);
}

static void pgp_key(sp_window *w, size_t head_end, sp_match *m)
{
    armoured_key(w, head_end, m, ARMOUR_PGP);
}

/* Google's key files hold the PEM in a field: "private_key": "-----BEGIN … */
static void service_account(sp_window *w, size_t head_end, sp_match *m)
{
    static const char *const owners[] = {"service_account", "private_key_id", NULL};
    m->start = head_end - 10;
    if (!sp_has_context(w, m->start, SP_CONTEXT_MAX, owners)) return;
    armoured_key(w, head_end, m, ARMOUR_PKCS);
    if (m->confidence != 0) m->confidence = 99; /* says more than that it is a key */
}

/* ---- keys of PuTTY: "PuTTY-User-Key-File-3: ssh-ed25519", fields, "Private-Lines: 1", base 64 ---- */

/* Up to the MAC if there is one, else up to an empty line. */
static size_t putty_end(sp_window *w, size_t i, size_t limit)
{
    static const char mac[] = "Private-MAC: ";
    for (; i < limit && sp_peek(w, i) >= 0; i++) {
        if (sp_goes_on(w, i, mac, false)) return sp_skip(w, i + sizeof mac - 1, limit, sp_is_hex);
        if (sp_goes_on(w, i, "\n\n", false)) return i;
    }
    return i;
}

static void putty_key(sp_window *w, size_t head_end, sp_match *m)
{
    enum { FILE_MAX = 4000 };
    m->start = head_end - 20;
    if (!sp_is_digit(sp_peek(w, head_end))) return;
    const size_t limit = m->start + FILE_MAX;
    size_t i = head_end;
    while (i < limit && sp_peek(w, i) >= 0 && !sp_goes_on(w, i, "Private-Lines", false)) {
        if (sp_goes_on(w, i++, "PuTTY-User-Key-File-", false)) return; /* that one is a file of its own */
    }
    if (i == limit || sp_peek(w, i) < 0) return;
    m->end = putty_end(w, i, limit);
    m->confidence = 97;
}

/* The same in base 64 once more, as Kubernetes secrets and CI variables hold it: "LS0tLS1CRUdJTi" is
 * "-----BEGIN". */
static void pem_key_encoded(sp_window *w, size_t head_end, sp_match *m)
{
    m->start = head_end - 14;
    if (is_continued(w, m->start)) return;
    m->end = base64_end(w, head_end, m->start + SP_SPAN_MAX);
    uint8_t text[64];
    const size_t n = base64_prefix(text, sizeof text, (sp_bytes){w->p + m->start, m->end - m->start});
    if (has_text((sp_bytes){text, n}, SP_LIT("PRIVATE KEY"))) m->confidence = 96;
}

/* "openssh-key-v1" in base 64, without its header line. */
static void openssh_body(sp_window *w, size_t head_end, sp_match *m)
{
    m->start = head_end - 19;
    if (is_continued(w, m->start)) return;
    const size_t limit = m->start + SP_SPAN_MAX;
    const size_t line = base64_end(w, head_end, limit);
    m->end = pem_body(w, line, limit);
    if (m->end - m->start >= 60) m->confidence = 96;
}

/* ---- keys of this gateway: sp_<16 hex>_<43 base64url>_<8 hex>, the last the CRC-32 of what is before its
 * underscore ---- */

enum { OWN_ID = 3, OWN_SECRET = 20, OWN_CRC = 64, OWN_END = 72 };

static void own_key(sp_window *w, size_t head_end, sp_match *m)
{
    m->start = head_end - OWN_ID;
    m->end = m->start + OWN_END;
    if (sp_skip(w, head_end, m->start + 19, sp_is_hex) != m->start + 19) return;
    if (sp_skip(w, m->start + 19, m->end, sp_is_base64url) != m->end || sp_is_base64url(sp_peek(w, m->end)))
        return;
    const uint8_t *p = w->p + m->start;
    if (p[OWN_SECRET - 1] != '_' || p[OWN_CRC - 1] != '_') return;
    uint8_t crc[4];
    if (sp_hex_decode(crc, sizeof crc, (sp_bytes){p + OWN_CRC, 8}) != SP_OK) return;
    sp_reader in = sp_reader_of((sp_bytes){crc, sizeof crc});
    if (sp_read_u32(&in) == sp_crc32(0, (sp_bytes){p, OWN_CRC - 1})) m->confidence = 99;
}

/* ---- rows ---- */

static const sp_example jwt_examples[] = {
    ("Bearer "
     "[eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_"
     "XgL0n3I9PlFUP0THsR8U]"),
    ("[eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..48V1_ALb6US04U3b.5eym8TW_"
     "c8SuK0ltJ3rpYIzOeDQz7TALvtu6UG9oMo4vpzs9tX_EFShS8iB7j6ji.XFBoMYUZodetZdvTiFvSkQ]."),
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0",
    "eyJmb28iOiJiYXIiLCJhIjoxfQ.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxMjM0NTY3ODkwIn0.",
    "eyJ, eyJhbGciOiJIUzI1NiJ9",
    ("/eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_"
     "XgL0n3I9PlFUP0THsR8U"),
    "[eyJhbGciOiAiUlMyNTYiLCAia2lkIjogIjEifQ.eyJzdWIiOiAiYSJ9.Akm-T59sqw6pYexd0Fo8wxT_EQqM4M6BS0TJ8hryKqw]",
    "token=[eyJhbGciOiAiRVMyNTYifQ.eyJpc3MiOiAieCJ9.o-EIekdL3MM4VmDFpHltv3Sf0XVWKwe_Sd7g6gB7kUJ]\n",
    ("[eyJ0eXAiOiJKV1QiLCJraWQiOiIxIn0.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_"
     "XgL0n3I9PlFUP0THsR8U]"),
    "eyJ0eXAiOiJKV1QiLCJraWQiOiIxIn0.AbCzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    "'[eyJ0eXAiOiAiSldUIiwgImFsZyI6ICJIUzUxMiJ9.eyJuIjogMX0.4sm2g6mZx9NewtllCyjBG_kdtcYgRMFn4EuQLlp1WZQ]'",
    NULL,
};

static const sp_example pem_examples[] = {
    "[-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIE\nzIbO\n-----END PRIVATE KEY-----]\nbye",
    "[-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4\n\nMC4CAQAwBQYDK2Vw\n-----END RSA PRIVATE KEY-----]",
    "\"[-----BEGIN DSA PRIVATE KEY-----\\nMC4CAQAwBQYDK2VwBCIE\\n-----END DSA PRIVATE KEY-----]\\n\"",
    "look for [-----BEGIN PRIVATE KEY-----] in your files",
    "[-----BEGIN EC PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIE] and no end",
    "-----BEGIN CERTIFICATE-----\nMC4CAQAwBQYDK2VwBCIE\n-----END CERTIFICATE-----",
    "-----BEGIN PUBLIC KEY-----",
    "-----END PRIVATE KEY-----",
    "----------",
    "-----BEGIN RSA PUBLIC KEY-----\nMC4CAQAwBQYDK2VwBCIE",
    NULL,
};

static const sp_example openssh_pem_examples[] = {
    "\"[-----BEGIN OPENSSH PRIVATE KEY-----\\nb3BlbnNzaC1rZXkAAAAA\\n-----END OPENSSH PRIVATE KEY-----]\\n\"",
    ("[-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXkAAAAA\nMC4CAQAwBQYDK2Vw\n-----END OPENSSH PRIVATE "
     "KEY-----]\n"),
    "'[-----BEGIN OPENSSH PRIVATE KEY-----]'",
    "x: [-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXkAAAAA] and no end",
    "key=[-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXkAAAAA\n-----END OPENSSH PRIVATE KEY-----]",
    "-----BEGIN OPENSSH PUBLIC KEY-----",
    "-----BEGIN RSA PRIVATE KEY-----\nMC4CAQAwBQYDK2Vw",
    "-----END OPENSSH PRIVATE KEY-----",
    "BEGIN OPENSSH PRIVATE KEY",
    "----BEGIN OPENSSH PRIVATE KEY----",
    NULL,
};

static const sp_example pgp_examples[] = {
    "[-----BEGIN PGP PRIVATE KEY-----\n\nlQOYBF0wJx4BCADLxU\n=AbCd\n-----END PGP PRIVATE KEY-----]",
    "[-----BEGIN PGP PRIVATE KEY BLOCK-----\nlQOYBF0wJx4BCADL\n-----END PGP PRIVATE KEY BLOCK-----]",
    "[-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQOYBF0wJx4BCADLxU]\n\n(the rest is missing)",
    ("[-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: 1\n\nlQOYBF0wJx4BCADLxU\n-----END PGP PRIVATE KEY "
     "BLOCK-----]."),
    "\"[-----BEGIN PGP PRIVATE KEY BLOCK-----]\"",
    "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nlQOYBF0wJx4BCADLxU",
    "-----BEGIN PGP MESSAGE-----\n\nlQOYBF0wJx4BCADLxU",
    "-----BEGIN PGP SIGNATURE-----",
    "-----END PGP PRIVATE KEY BLOCK-----",
    "-----BEGIN EC PRIVATE KEY-----",
    NULL,
};

static const sp_example service_account_examples[] = {
    ("\"type\": \"service_account\", \"private_key\": \"[-----BEGIN PRIVATE "
     "KEY-----\\nMC4CAQAwBQYDK2VwBCIE\\n-----END "
     "PRIVATE KEY-----]\\n\""),
    ("\"private_key_id\": \"0a1b2c3d4e5f\",\n\"private_key\": \"[-----BEGIN PRIVATE "
     "KEY-----\\nMC4CAQAwBQYDK2VwBCIE\\n"
     "-----END PRIVATE KEY-----]\\n\""),
    "service_account [-----BEGIN RSA PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIE]",
    "{'type':'service_account','private_key':'[-----BEGIN PRIVATE KEY-----]'}",
    ("private_key_id: 1\nprivate_key: |\n  [-----BEGIN PRIVATE KEY-----\n  MC4CAQAwBQYDK2VwBCIE\n  "
     "-----END PRIVATE KEY-----]"),
    "\"private_key\": \"-----BEGIN PRIVATE KEY-----\\nMC4CAQAwBQYDK2VwBCIE\"",
    "service_account -----BEGIN CERTIFICATE-----",
    "service_account",
    "service_account -----BEGIN OPENSSH PRIVATE KEY-----",
    "private_key_id -----BEGIN PUBLIC KEY-----",
    NULL,
};

static const sp_example putty_examples[] = {
    ("[PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\nPublic-Lines: 1\nAAAA\nPrivate-Lines: "
     "1\nAAAB\nPrivate-MAC: 0a]"),
    "[PuTTY-User-Key-File-3: ssh-ed25519\nPrivate-Lines: 1\nAAAAIFhK]\n\nbye",
    "x\n[PuTTY-User-Key-File-3: ssh-ed25519\nComment: c\nPrivate-Lines: 1\nAAAAIFhK\nPrivate-MAC: 11]\n\n",
    "\"[PuTTY-User-Key-File-2: ssh-dss\nPrivate-Lines: 1\nAAAAFQ==]\n\n\"",
    "> [PuTTY-User-Key-File-2: ssh-dss\nPrivate-Lines: 2\nAAAA\nFQ==]\n\n",
    "PuTTY-User-Key-File-2: ssh-rsa\nPublic-Lines: 1\nAAAA\n",
    "PuTTY-User-Key-File-",
    "PuTTY-User-Key-File-x: Private-Lines",
    "PuTTY-User-Key: Private-Lines: 1",
    "Private-Lines: 1\nAAAA",
    NULL,
};

static const sp_example pem_encoded_examples[] = {
    "tls.key: [LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk1DNENBUUF3QlFZREsyVndCQ0lFSUE9PQo=]",
    "AAAA/LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk1DNENBUUF3QlFZREsyVndCQ0lFSUE9PQo=",
    "tls.crt: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1DNENBUUF3QlFZREsyVndCQ0lFSUE9PQo=",
    "key: [LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQpNQzRDQVFBd0JRWURLMlZ3QkNJRUlIVno=]",
    "'[LS0tLS1CRUdJTiBFQyBQUklWQVRFIEtFWS0tLS0tCk1DNENBUUF3QlFZREsyVndCQ0lFSUhWeg==]'",
    "x [LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk1DNENBUUF3QlFZREsyVndCQ0lFSUhWeg==] y",
    "K=[LS0tLS1CRUdJTiBFTkNSWVBURUQgUFJJVkFURSBLRVktLS0tLQpNQzRDQVFBd0JRWURLMlZ3QkNJRUlIVno=]\n",
    "LS0tLS1CRUdJTiBQVUJMSUMgS0VZLS0tLS0KTUM0Q0FRQXdCUVlESzJWd0JDSUVJSFZ6",
    "LS0tLS1CRUdJTiBSU0EgUFVCTElDIEtFWS0tLS0tCk1DNENBUUF3QlFZREsyVndCQ0lFSUhWeg==",
    "LS0tLS1CRUdJTi",
    NULL,
};

static const sp_example openssh_examples[] = {
    ("key: "
     "'[b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\nQyNTUxOQAAACAxSChbEXO6D]'"),
    "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUA",
    "AAAA+b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\nQyNTUxOQAAACAxSChbEXO6D",
    "[b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAAByi4Xhg6R1KQ608e9zSv3VzHd]",
    "'[b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAAB9EJw9O3rurZ92zjXFyZAQiHd]'",
    "k: [b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABXrvrQlY0o8XGrOeBn48jU6nO]\n",
    "x [b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABpEo0d6sTpaHIC8CTfHGP4iIY] y",
    "b3BlbnNzaC1rZXktdjE",
    "b3BlbnNzaC1rZXktdjIdXq8vs8ialvuJ4apG1fna88RCsXNcc8P2XGrXi5pWDZRM9H820dFqNpomBDy",
    "xb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAAB",
    NULL,
};

static const sp_example own_key_examples[] = {
    "Authorization: Bearer [sp_0123456789abcdef_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8_8bb031de]",
    "sp_0123456789abcdef_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8_8bb031df",
    "sp_0123456789abcdef",
    "sp_0123456789abcdef_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8_8bb031dea",
    "[sp_a7462667a4084485_ODQBtepCWhGQ1OI85uN5cFm6DH9z2N-4JKpSIQjpwl6_0fcea5b9]",
    "'[sp_d336de7daecd3ada_gvT8ILKL3MvQHqP0t2GkntNbT9cNsvOjc2DiDXinrsA_7e6f44dc]'",
    "k: [sp_54c24026cdea5b9a_KGTUGKi42-41ibOs3Ok-nFcyHAambRglpPA_3WQwdtJ_2e485551]\n",
    "x [sp_c1d0e2adcd93c0a5_6uL3Nf3zKynrcqVJOYssSeNSgZWTJW_75poT4I84mjH_1c5380d0] y",
    "sp_b29ee11b922ce1e6_p8TH5NrKWFf44Uuvkx0rGqIqMxkgTqKSsnyQKnwqQL2_b49320ag",
    "sp_number_find and sp_peek",
    NULL,
};

static const sp_row rows[] = {
    {
        .name = "json-web-token",
        .kind = SP_KIND_JWT,
        .head = "\\beyJ",
        .validate = jwt,
        .head_max = 3,
        .longest = JWT_MAX,
        .least = 60,
        .examples = jwt_examples,
    },
    {
        .name = "private-key",
        .kind = SP_KIND_PRIVATE_KEY,
        .head = "-----BEGIN",
        .validate = pem_key,
        .head_max = 10,
        .longest = SP_SPAN_MAX,
        .least = 60,
        .examples = pem_examples,
    },
    {
        .name = "openssh-private-key",
        .kind = SP_KIND_SSH_KEY,
        .head = "-----BEGIN",
        .validate = openssh_key,
        .head_max = 10,
        .longest = SP_SPAN_MAX,
        .least = 60,
        .examples = openssh_pem_examples,
    },
    {
        .name = "pgp-private-key",
        .kind = SP_KIND_PGP_KEY,
        .head = "-----BEGIN",
        .validate = pgp_key,
        .head_max = 10,
        .longest = SP_SPAN_MAX,
        .least = 60,
        .examples = pgp_examples,
    },
    {
        .name = "gcp-service-account",
        .kind = SP_KIND_GCP_SERVICE_ACCOUNT,
        .head = "-----BEGIN",
        .validate = service_account,
        .head_max = 10,
        .longest = SP_SPAN_MAX,
        .least = 60,
        .examples = service_account_examples,
    },
    {
        .name = "putty-private-key",
        .kind = SP_KIND_SSH_KEY,
        .head = "PuTTY-User-Key-File-",
        .validate = putty_key,
        .head_max = 20,
        .longest = 4000,
        .least = 60,
        .examples = putty_examples,
    },
    {
        .name = "private-key-base64",
        .kind = SP_KIND_PRIVATE_KEY,
        .head = "\\bLS0tLS1CRUdJTi",
        .validate = pem_key_encoded,
        .head_max = 14,
        .longest = SP_SPAN_MAX,
        .least = 60,
        .examples = pem_encoded_examples,
    },
    {
        .name = "openssh-private-key-body",
        .kind = SP_KIND_SSH_KEY,
        .head = "\\bb3BlbnNzaC1rZXktdjE",
        .validate = openssh_body,
        .head_max = 19,
        .longest = SP_SPAN_MAX,
        .least = 60,
        .examples = openssh_examples,
    },
    {
        .name = "sallyport-key",
        .kind = SP_KIND_SALLYPORT_KEY,
        .head = "\\bsp_",
        .validate = own_key,
        .head_max = 3,
        .longest = OWN_END,
        .least = 60,
        .examples = own_key_examples,
    },
};

const sp_family sp_family_tokens = {rows, sizeof rows / sizeof rows[0]};
