/* What texts of the file may look like. The character sets are closed lists, chosen so that no accepted text
 * means anything to nginx's configuration, to HTTP header fields or to a terminal. */
#include "conf/checks.h"

#include <arpa/inet.h>
#include <string.h>

enum {
    NAME_MAX_BYTES = 63,
    USER_MAX_BYTES = 32,
    MODEL_MAX_BYTES = 127,
    HOST_MAX_BYTES = 253,
    PATH_MAX_BYTES = 1024,
    TOOL_MAX_BYTES = 128,
};

#define DIGITS "0123456789"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

static bool is_in(uint8_t c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

/* Closed sets: what is not listed is refused. */
static bool is_all_in(sp_bytes s, const char *set)
{
    for (size_t i = 0; i < s.n; i++) {
        if (!is_in(s.p[i], set)) {
            return false;
        }
    }
    return true;
}

static size_t find_byte(sp_bytes s, uint8_t c)
{
    size_t i = 0;
    while (i < s.n && s.p[i] != c) {
        i++;
    }
    return i;
}

const char *spc_check_name(sp_bytes text)
{
    if (text.n == 0 || text.n > NAME_MAX_BYTES) {
        return "a name has 1 to 63 characters";
    }
    if (!is_in(text.p[0], LOWER DIGITS) || !is_all_in(text, LOWER DIGITS "._-")) {
        return "a name is made of a-z, 0-9, `.`, `_` and `-`, and begins with a letter or digit";
    }
    return NULL;
}

/* It becomes an argument of nginx: letters alone keep it from being anything else. */
const char *spc_check_user(sp_bytes text)
{
    if (text.n == 0 || text.n > USER_MAX_BYTES || !is_in(text.p[0], LOWER "_") ||
        !is_all_in(text, LOWER DIGITS "_-")) {
        return "a user's name is made of a-z, 0-9, `_` and `-`, has at most 32 characters and begins with a "
               "letter or `_`";
    }
    return NULL;
}

const char *spc_check_model_name(sp_bytes text)
{
    if (text.n == 0 || text.n > MODEL_MAX_BYTES) {
        return "a model name has 1 to 127 characters";
    }
    if (!is_in(text.p[0], LOWER UPPER DIGITS) || !is_all_in(text, LOWER UPPER DIGITS "._:/@-")) {
        return "a model name is made of letters, digits and `._:/@-`, and begins with a letter or digit";
    }
    return NULL;
}

/* C0, DEL and C1 (in UTF-8): any of them could end a line or move a terminal's cursor. */
static bool has_control(sp_bytes text)
{
    for (size_t i = 0; i < text.n; i++) {
        const bool is_c1 =
            text.p[i] == 0xc2 && i + 1 < text.n && text.p[i + 1] < 0xa0; /* U+0080..U+009F in UTF-8 */
        if (text.p[i] < 0x20 || text.p[i] == 0x7f || is_c1) {
            return true;
        }
    }
    return false;
}

const char *spc_check_probe_path(sp_bytes text)
{
    if (text.n > 0 && text.p[0] != '/') {
        return "a path begins with `/`";
    }
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] <= ' ' || text.p[i] > '~' || text.p[i] == '#') {
            return "the path of a probe is made of visible ASCII characters, without `#`";
        }
    }
    return NULL;
}

/* Such texts go to records, reports and terminals. */
const char *spc_check_line(sp_bytes text)
{
    if (sp_utf8_valid_prefix(text) != text.n) {
        return "the text is not UTF-8";
    }
    return has_control(text) ? "the text holds control characters" : NULL;
}

const char *spc_check_host_pattern(sp_bytes text)
{
    const sp_bytes name = sp_bytes_starts(text, SP_LIT("*.")) ? sp_bytes_sub(text, 2, text.n) : text;
    if (name.n == 0 || name.n > HOST_MAX_BYTES) {
        return "a host has 1 to 253 characters";
    }
    if (!is_all_in(name, LOWER DIGITS ".-") || !is_in(name.p[0], LOWER DIGITS) ||
        !is_in(name.p[name.n - 1], LOWER DIGITS)) {
        return "a host is made of a-z, 0-9, `.` and `-`, with `*.` in front or not";
    }
    return NULL;
}

const char *spc_check_tool(sp_bytes text)
{
    if (text.n == 0 || text.n > TOOL_MAX_BYTES) {
        return "the name of a tool has 1 to 128 characters";
    }
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] <= ' ' || text.p[i] > '~') {
            return "the name of a tool is made of visible ASCII characters";
        }
    }
    return NULL;
}

/* The gateway cuts blanks before it compares: with one at its end a value could never be met. */
const char *spc_check_value(sp_bytes text)
{
    if (text.n == 0 || text.n > SP_ENDORSED_BYTES) {
        return "a value has 1 to 64 bytes";
    }
    if (text.p[0] == ' ' || text.p[text.n - 1] == ' ') {
        return "a value has no blank at its ends";
    }
    return spc_check_line(text);
}

const char *spc_check_path(sp_bytes text)
{
    if (text.n == 0 || text.n > PATH_MAX_BYTES) {
        return "a path has 1 to 1024 bytes";
    }
    if (has_control(text) || sp_utf8_valid_prefix(text) != text.n) {
        return "the path holds control characters or is not UTF-8";
    }
    for (size_t i = 0; i < text.n; i++) {
        if (is_in(text.p[i], "\"'\\$`;{}")) {
            return "the path holds one of \" ' \\ $ ` ; { }, which nginx would read as more than a path";
        }
    }
    return NULL;
}

/* ---- hosts and ports ---- */

/* inet_pton is strict: four decimal parts, no octal, no short forms, no zone. */
static bool parse_ip(sp_address *out, sp_bytes host, int family)
{
    char text[INET6_ADDRSTRLEN + 1] = {0};
    if (host.n == 0 || host.n > INET6_ADDRSTRLEN) {
        return false;
    }
    memcpy(text, host.p, host.n);
    out->family = family == AF_INET ? 4 : 6;
    return inet_pton(family, text, out->ip) == 1;
}

/* RFC 1122, 3.2.1.3 (127.0.0.0/8) and RFC 4291, 2.5.3 (::1). IPv4-mapped forms do not count. */
static bool is_loopback(const sp_address *address)
{
    static const uint8_t six[16] = {[15] = 1};
    return address->family == 4 ? address->ip[0] == 127
                                : address->family == 6 && memcmp(address->ip, six, sizeof six) == 0;
}

/* RFC 1123 labels, lower case: one spelling per host. A name whose last label is all digits is refused, since
 * resolvers take forms such as 127.1 or 0x7f000001 for addresses. */
static bool is_host_name(sp_bytes host)
{
    size_t start = 0;
    if (host.n == 0 || host.n > HOST_MAX_BYTES || !is_all_in(host, LOWER DIGITS ".-")) {
        return false;
    }
    sp_bytes label = SP_BYTES_EMPTY;
    while (start <= host.n) {
        const size_t end = start + find_byte(sp_bytes_sub(host, start, host.n), '.');
        label = sp_bytes_sub(host, start, end);
        if (label.n == 0 || label.n > 63 || label.p[0] == '-' || label.p[label.n - 1] == '-') {
            return false;
        }
        start = end + 1;
    }
    return !is_in(label.p[0], DIGITS);
}

static const char *parse_host(spc_url *out, sp_bytes host, bool is_bracketed)
{
    out->host = host;
    if (is_bracketed) {
        if (!is_all_in(host, DIGITS "abcdefABCDEF:.") || !parse_ip(&out->address, host, AF_INET6)) {
            return "what stands in brackets is not an IPv6 address";
        }
        out->is_loopback = is_loopback(&out->address);
        return NULL;
    }
    if (parse_ip(&out->address, host, AF_INET)) {
        out->is_loopback = is_loopback(&out->address);
        return NULL;
    }
    out->address = (sp_address){0};
    out->is_loopback = sp_bytes_eq(host, SP_LIT("localhost"));
    return is_host_name(host)
               ? NULL
               : "the host is neither a lower-case host name nor an IPv4 address nor an [IPv6] address";
}

/* No leading zero: one spelling per port. */
static const char *parse_port(spc_url *out, sp_bytes text)
{
    uint64_t port = 0;
    if (text.n > 5 || !sp_u64_parse(&port, text, UINT16_MAX) || port == 0 || text.p[0] == '0') {
        return "the port is not a number from 1 to 65535";
    }
    out->port = (uint16_t)port;
    out->address.port = out->port;
    return NULL;
}

/* HOST, HOST:PORT, [IPv6], [IPv6]:PORT. The port is out->port when none is given. */
static const char *parse_authority(spc_url *out, sp_bytes text)
{
    const bool is_bracketed = text.n > 0 && text.p[0] == '[';
    const size_t host_start = is_bracketed ? 1 : 0;
    const size_t host_end = find_byte(text, is_bracketed ? ']' : ':');
    if (is_bracketed && host_end == text.n) {
        return "a bracket is not closed";
    }
    const char *fault = parse_host(out, sp_bytes_sub(text, host_start, host_end), is_bracketed);
    if (fault != NULL) {
        return fault;
    }
    const sp_bytes rest = sp_bytes_sub(text, host_end + host_start, text.n);
    if (rest.n == 0) {
        out->address.port = out->port;
        return NULL;
    }
    return rest.p[0] == ':' ? parse_port(out, sp_bytes_sub(rest, 1, rest.n))
                            : "something stands between the host and the port";
}

/* ---- URLs ---- */

/* Servers and proxies resolve `..` and `//` differently, so neither may stand in a path that we extend. */
static bool has_dot_segment(sp_bytes path)
{
    for (size_t start = 0; start < path.n;) {
        const size_t end = start + 1 + find_byte(sp_bytes_sub(path, start + 1, path.n), '/');
        const sp_bytes segment = sp_bytes_sub(path, start + 1, end);
        const bool is_last = end >= path.n;
        if ((segment.n == 0 && !is_last) || sp_bytes_eq(segment, SP_LIT(".")) ||
            sp_bytes_eq(segment, SP_LIT(".."))) {
            return true;
        }
        start = end;
    }
    return false;
}

/* No percent signs: decoding is another thing that servers do differently. */
static const char *parse_url_path(spc_url *out, sp_bytes path)
{
    if (path.n > PATH_MAX_BYTES || !is_all_in(path, LOWER UPPER DIGITS "._~/-")) {
        return "the path holds characters other than letters, digits and `._~/-`";
    }
    if (has_dot_segment(path)) {
        return "the path holds an empty segment, `.` or `..`";
    }
    const bool has_slash = path.n > 0 && path.p[path.n - 1] == '/';
    out->path = sp_bytes_sub(path, 0, path.n - (has_slash ? 1 : 0));
    return NULL;
}

/* RFC 3986 narrowed: no userinfo, query or fragment; the scheme in lower case. */
static const char *parse_url(spc_url *out, sp_bytes text)
{
    const bool is_tls = sp_bytes_starts(text, SP_LIT("https://"));
    if (!is_tls && !sp_bytes_starts(text, SP_LIT("http://"))) {
        return "the URL begins with neither https:// nor http://";
    }
    const sp_bytes rest = sp_bytes_sub(text, is_tls ? 8 : 7, text.n);
    if (find_byte(rest, '?') < rest.n || find_byte(rest, '#') < rest.n) {
        return "a base URL has no query and no fragment";
    }
    const size_t authority_end = find_byte(rest, '/');
    const sp_bytes authority = sp_bytes_sub(rest, 0, authority_end);
    if (find_byte(authority, '@') < authority.n) {
        return "a base URL holds no user and no password";
    }
    out->is_tls = is_tls;
    out->port = is_tls ? 443 : 80;
    const char *fault = parse_authority(out, authority);
    return fault != NULL ? fault : parse_url_path(out, sp_bytes_sub(rest, authority_end, rest.n));
}

const char *spc_url_parse(spc_url *out, sp_bytes text)
{
    *out = (spc_url){0};
    const char *fault = parse_url(out, text);
    if (fault != NULL) {
        *out = (spc_url){0};
    }
    return fault;
}

const char *spc_check_url(sp_bytes text)
{
    spc_url url;
    return spc_url_parse(&url, text);
}

const char *spc_listen_parse(spc_url *out, sp_bytes text)
{
    *out = (spc_url){0};
    const char *fault = parse_authority(out, text);
    if (fault == NULL && out->port == 0) {
        fault = "the port is missing";
    }
    if (fault == NULL && out->address.family == 0 && !out->is_loopback) {
        fault = "the host is not an address of this machine in digits";
    }
    if (fault != NULL) {
        *out = (spc_url){0};
    }
    return fault;
}

const char *spc_check_listen(sp_bytes text)
{
    spc_url where;
    return spc_listen_parse(&where, text);
}

/* ---- credentials and keys ---- */

/* What is neither word nor known scheme is most likely the secret itself, so no message repeats it. */
const char *spc_credential_parse(spc_credential_kind *kind, sp_bytes *value, sp_bytes text)
{
    *kind = SPC_CREDENTIAL_NONE;
    *value = SP_BYTES_EMPTY;
    if (sp_bytes_eq(text, SP_LIT("none"))) {
        return NULL;
    }
    const sp_bytes rest = sp_bytes_sub(text, 4, text.n);
    if (sp_bytes_starts(text, SP_LIT("env:"))) {
        if (rest.n == 0 || is_in(rest.p[0], DIGITS) || !is_all_in(rest, UPPER LOWER DIGITS "_")) {
            return "what follows env: is not the name of an environment variable";
        }
        *kind = SPC_CREDENTIAL_ENV;
        *value = rest;
        return NULL;
    }
    if (!sp_bytes_starts(text, SP_LIT("file:"))) {
        return "a credential is given by reference, never itself";
    }
    const sp_bytes path = sp_bytes_sub(text, 5, text.n);
    const char *fault = spc_check_path(path);
    if (fault == NULL) {
        *kind = SPC_CREDENTIAL_FILE;
        *value = path;
    }
    return fault;
}

const char *spc_check_credential(sp_bytes text)
{
    spc_credential_kind kind;
    sp_bytes value;
    return spc_credential_parse(&kind, &value, text);
}

/* A hash, never a secret: reading the file must not be enough to call the gateway. */
const char *spc_key_parse(sp_key *out, sp_bytes text)
{
    const size_t id_digits = (size_t)2 * SP_KEY_ID_BYTES;
    *out = (sp_key){0};
    sp_key key = {0};
    if (text.n != id_digits + 1 + 64 || text.p[id_digits] != ':' || !is_all_in(text, DIGITS "abcdef:") ||
        sp_hex_decode(key.id, SP_KEY_ID_BYTES, sp_bytes_sub(text, 0, id_digits)) != SP_OK ||
        sp_hex_decode(key.hash, sizeof key.hash, sp_bytes_sub(text, id_digits + 1, text.n)) != SP_OK) {
        return "a key is 16 hexadecimal digits, a colon and 64 hexadecimal digits, in lower case";
    }
    *out = key;
    return NULL;
}

const char *spc_check_key(sp_bytes text)
{
    sp_key key;
    return spc_key_parse(&key, text);
}
