/* The reader of JSON on the hot path. It knows no errors: where anything is not as RFC 8259 has it, it gives
 * up, and yyjson says what is wrong. So a mistake in here can cost time, or be one of what it accepts; that
 * it accepts nothing else than yyjson is a law that fuzz_json holds. */
#include "parse/json_read.h"

#include <string.h>

#include "base/skip.h"

enum { BYTES_PER_NODE = 8, NODES_LEAST = 16 };

typedef struct reader {
    sp_bytes text;
    sp_mem *mem;
    size_t pos;
    sp_read out;
    uint8_t *
        decoded; /* where the next string with escapes is decoded to; all of them are shorter than the text */
    size_t depth;
    struct {
        uint32_t node, count; /* nodes right inside */
    } open[SP_DEPTH_MAX];
    sp_status status; /* why it stopped */
} reader;

static bool give_up(reader *r, sp_status why)
{
    r->status = why;
    return false;
}

/* ---- nodes ---- */

static bool grow(reader *r)
{
    sp_read *out = &r->out;
    const uint32_t cap = out->cap + out->cap / 2 + NODES_LEAST;
    sp_node *nodes = sp_alloc_bytes(r->mem, cap * sizeof *nodes);
    sp_span *spans = sp_alloc_bytes(r->mem, cap * sizeof *spans);
    if (nodes == NULL || spans == NULL) return give_up(r, SP_ENOMEM);
    memcpy(nodes, out->nodes, out->n * sizeof *nodes);
    memcpy(spans, out->spans, out->n * sizeof *spans);
    out->nodes = nodes;
    out->spans = spans;
    out->cap = cap;
    return true;
}

/* Appends a node, of a type and `n` bytes or members; counts it where it stands. */
static inline bool put(reader *r, uint64_t type, size_t n, const uint8_t *bytes, sp_span span)
{
    sp_read *out = &r->out;
    if (out->n == out->cap && !grow(r)) return false;
    const uint32_t at = out->n++;
    out->nodes[at] = (sp_node){.tag = (uint64_t)n << YYJSON_TAG_BIT | type, .uni.str = (const char *)bytes};
    out->spans[at] = span;
    return true;
}

/* ---- strings ---- */

/* From `at` on to a quote, a backslash, a control character, the end of the text, or what is no UTF-8. */
static inline size_t skip_text(sp_bytes s, size_t at, bool *is_ascii)
{
    for (;;) {
        at = sp_skip_short(s, at);
        if (at == s.n || s.p[at] < 0x80) return at;
        *is_ascii = false;
        size_t n;
        while (at < s.n && s.p[at] >= 0x80) {
            n = sp_utf8_sequence(s, at);
            if (n == 0) return at;
            at += n;
        }
    }
}

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The four digits of a \u at `at`; -1 if these are none. */
static int32_t read_unit(sp_bytes s, size_t at)
{
    int32_t unit = 0;
    if (s.n - at < 6 || s.p[at] != '\\' || s.p[at + 1] != 'u') return -1;
    for (size_t i = at + 2; i < at + 6; i++) {
        const int digit = hex_value(s.p[i]);
        if (digit < 0) return -1;
        unit = unit << 4 | digit;
    }
    return unit;
}

static uint8_t *write_utf8(uint8_t *to, uint32_t c)
{
    if (c < 0x80) {
        *to++ = (uint8_t)c;
    } else if (c < 0x800) {
        *to++ = (uint8_t)(0xc0 | c >> 6);
    } else if (c < 0x10000) {
        *to++ = (uint8_t)(0xe0 | c >> 12);
        *to++ = (uint8_t)(0x80 | (c >> 6 & 0x3f));
    } else {
        *to++ = (uint8_t)(0xf0 | c >> 18);
        *to++ = (uint8_t)(0x80 | (c >> 12 & 0x3f));
        *to++ = (uint8_t)(0x80 | (c >> 6 & 0x3f));
    }
    if (c >= 0x80) *to++ = (uint8_t)(0x80 | (c & 0x3f));
    return to;
}

/* A \u, or two that are one character. @return bytes read, 0: halves that do not belong together. */
static size_t read_unicode(sp_bytes s, size_t at, uint8_t **to, bool *is_ascii)
{
    const int32_t unit = read_unit(s, at);
    if (unit < 0 || (unit >= 0xdc00 && unit < 0xe000)) return 0;
    if (unit >= 0x80) *is_ascii = false;
    if (unit < 0xd800 || unit >= 0xe000) {
        *to = write_utf8(*to, (uint32_t)unit);
        return 6;
    }
    const int32_t low = read_unit(s, at + 6 <= s.n ? at + 6 : s.n);
    if (low < 0xdc00 || low >= 0xe000) return 0;
    *to = write_utf8(*to, 0x10000 + ((uint32_t)(unit - 0xd800) << 10 | (uint32_t)(low - 0xdc00)));
    return 12;
}

/* One escape at `at`. @return bytes read, 0: it is none. */
static size_t read_escape(sp_bytes s, size_t at, uint8_t **to, bool *is_ascii)
{
    static const char made['u' + 1] = {['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
                                       ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t'};
    if (s.n - at < 2 || s.p[at + 1] > 'u') return 0;
    if (s.p[at + 1] == 'u') return read_unicode(s, at, to, is_ascii);
    const char c = made[s.p[at + 1]];
    if (c == '\0') return 0;
    *(*to)++ = (uint8_t)c;
    return 2;
}

static uint64_t string_type(bool is_verbatim, bool is_ascii)
{
    return YYJSON_TYPE_STR | (is_verbatim ? (unsigned)YYJSON_SUBTYPE_NOESC : 0) |
           (is_ascii ? (unsigned)SP_JSON_ASCII : 0);
}

/* The string whose first escape stands at `at`. */
static bool read_escaped(reader *r, size_t at, bool is_ascii)
{
    const sp_bytes s = r->text;
    size_t from = r->pos + 1;
    if (r->decoded == NULL) r->decoded = sp_alloc_bytes(r->mem, s.n - r->pos);
    if (r->decoded == NULL) return give_up(r, SP_ENOMEM);
    uint8_t *to = r->decoded;
    for (;;) {
        memcpy(to, s.p + from, at - from);
        to += at - from;
        if (at == s.n) return give_up(r, SP_ESYNTAX);
        if (s.p[at] == '"') break;
        const size_t n = s.p[at] == '\\' ? read_escape(s, at, &to, &is_ascii) : 0;
        if (n == 0) return give_up(r, SP_ESYNTAX);
        from = at + n;
        at = skip_text(s, from, &is_ascii);
    }
    const uint8_t *const bytes = r->decoded;
    const sp_span span = {(uint32_t)r->pos, (uint32_t)at + 1};
    r->pos = at + 1;
    r->decoded = to;
    return put(r, string_type(false, is_ascii), (size_t)(to - bytes), bytes, span);
}

/* A string at its quote. */
static bool read_string(reader *r)
{
    bool is_ascii = true;
    const size_t start = r->pos + 1, at = skip_text(r->text, start, &is_ascii);
    if (at == r->text.n) return give_up(r, SP_ESYNTAX);
    if (r->text.p[at] == '\\') return read_escaped(r, at, is_ascii);
    if (r->text.p[at] != '"') return give_up(r, SP_ESYNTAX);
    const sp_span span = {(uint32_t)r->pos, (uint32_t)at + 1};
    r->pos = at + 1;
    return put(r, string_type(true, is_ascii), at - start, r->text.p + start, span);
}

/* ---- other scalars ---- */

/* The byte at `at`; behind the end 0, which is nothing that JSON has. */
static uint8_t byte_at(sp_bytes s, size_t at)
{
    return at < s.n ? s.p[at] : 0;
}

static size_t skip_digits(sp_bytes s, size_t at)
{
    while (byte_at(s, at) >= '0' && byte_at(s, at) <= '9') at++;
    return at;
}

/* RFC 8259 section 6. @return the end of the number at `at`, or `at`. */
static size_t number_end(sp_bytes s, size_t at)
{
    const size_t start = at, whole = at + (byte_at(s, at) == '-');
    at = skip_digits(s, whole);
    if (at == whole || (s.p[whole] == '0' && at > whole + 1)) return start;
    if (byte_at(s, at) == '.') {
        const size_t fraction = at + 1;
        at = skip_digits(s, fraction);
        if (at == fraction) return start;
    }
    if (byte_at(s, at) == 'e' || byte_at(s, at) == 'E') {
        const size_t digits = at + 1 + (byte_at(s, at + 1) == '+' || byte_at(s, at + 1) == '-');
        at = skip_digits(s, digits);
        if (at == digits) return start;
    }
    return at;
}

static bool read_number(reader *r)
{
    const size_t start = r->pos, end = number_end(r->text, start);
    if (end == start) return give_up(r, SP_ESYNTAX);
    r->pos = end;
    return put(r, YYJSON_TYPE_RAW, end - start, r->text.p + start, (sp_span){(uint32_t)start, (uint32_t)end});
}

static bool read_word(reader *r, sp_bytes word, unsigned type)
{
    const size_t start = r->pos;
    if (!sp_bytes_starts(sp_bytes_sub(r->text, start, r->text.n), word)) return give_up(r, SP_ESYNTAX);
    r->pos += word.n;
    return put(r, type, 0, NULL, (sp_span){(uint32_t)start, (uint32_t)r->pos});
}

/* ---- structure ---- */

static inline void skip_space(reader *r)
{
    while (r->pos < r->text.n) {
        const uint8_t c = r->text.p[r->pos];
        if (c != ' ' && c != '\n' && c != '\r' && c != '\t') return;
        r->pos++;
    }
}

static bool open_container(reader *r, unsigned type)
{
    if (r->depth == SP_DEPTH_MAX) return give_up(r, SP_ESYNTAX);
    r->open[r->depth].node = r->out.n;
    r->open[r->depth++].count = 0;
    return put(r, type, 0, NULL, (sp_span){(uint32_t)r->pos++, 0});
}

/* Its size is in members for an object; `ofs` leads to the node behind all that it holds. */
static void close_container(reader *r)
{
    r->depth--;
    const uint32_t at = r->open[r->depth].node;
    sp_node *v = &r->out.nodes[at];
    const bool is_object = v->tag == YYJSON_TYPE_OBJ;
    const size_t count = r->open[r->depth].count;
    if (is_object && count > r->out.most) r->out.most = count;
    v->tag |= (uint64_t)count << YYJSON_TAG_BIT;
    v->uni.ofs = (r->out.n - at) * sizeof *v;
    r->out.spans[at].end = (uint32_t)++r->pos;
}

static bool read_value(reader *r)
{
    switch (byte_at(r->text, r->pos)) {
    case '"':
        return read_string(r);
    case '{':
        return open_container(r, YYJSON_TYPE_OBJ);
    case '[':
        return open_container(r, YYJSON_TYPE_ARR);
    case 't':
        return read_word(r, SP_LIT("true"), YYJSON_TYPE_BOOL | (unsigned)YYJSON_SUBTYPE_TRUE);
    case 'f':
        return read_word(r, SP_LIT("false"), YYJSON_TYPE_BOOL);
    case 'n':
        return read_word(r, SP_LIT("null"), YYJSON_TYPE_NULL);
    default:
        return read_number(r);
    }
}

static bool is_in_object(const reader *r)
{
    return r->out.nodes[r->open[r->depth - 1].node].tag == YYJSON_TYPE_OBJ;
}

/* A member or an element of the innermost container, up to its value, which may be the start of another. */
static bool read_next(reader *r)
{
    r->open[r->depth - 1].count++;
    if (is_in_object(r)) {
        if (byte_at(r->text, r->pos) != '"') return give_up(r, SP_ESYNTAX);
        if (!read_string(r)) return false;
        skip_space(r);
        if (byte_at(r->text, r->pos) != ':') return give_up(r, SP_ESYNTAX);
        r->pos++;
        skip_space(r);
    }
    return read_value(r);
}

/* Behind a value: the ends of containers, then a comma. @return whether there is more to read; else status
 * says whether that was the end. */
static bool read_ends(reader *r)
{
    for (skip_space(r); r->depth > 0; skip_space(r)) {
        const uint8_t c = byte_at(r->text, r->pos);
        if (c == ',') {
            r->pos++;
            skip_space(r);
            return true;
        }
        if (c != (is_in_object(r) ? '}' : ']')) return give_up(r, SP_ESYNTAX);
        close_container(r);
    }
    return give_up(r, r->pos == r->text.n ? SP_OK : SP_ESYNTAX);
}

/* A container that was just opened is empty, or has a first node. */
static bool is_empty_here(reader *r)
{
    skip_space(r);
    return byte_at(r->text, r->pos) == (is_in_object(r) ? '}' : ']');
}

static void read_all(reader *r)
{
    skip_space(r);
    const uint8_t first = byte_at(r->text, r->pos);
    if (first != '{' && first != '[') {
        r->status = SP_ESYNTAX;
        return;
    }
    for (bool goes_on = read_value(r); goes_on;) {
        const size_t depth = r->depth;
        const bool is_opened = r->open[depth - 1].node + 1 == r->out.n;
        if (is_opened && !is_empty_here(r)) {
            goes_on = read_next(r);
        } else {
            goes_on = read_ends(r) && read_next(r);
        }
    }
}

sp_status sp__json_read(sp_read *out, sp_bytes text, sp_mem *mem)
{
    reader r; /* `open` is filled as it is used */
    r.text = text;
    r.mem = mem;
    r.pos = r.depth = 0;
    r.decoded = NULL;
    r.status = SP_ESYNTAX;
    r.out = (sp_read){.cap = (uint32_t)(text.n / BYTES_PER_NODE + NODES_LEAST)};
    r.out.nodes = sp_alloc_bytes(mem, r.out.cap * sizeof *r.out.nodes);
    r.out.spans = sp_alloc_bytes(mem, r.out.cap * sizeof *r.out.spans);
    if (r.out.nodes == NULL || r.out.spans == NULL) return SP_ENOMEM;
    read_all(&r);
    *out = r.out;
    return r.status;
}
