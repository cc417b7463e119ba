/* Strict JSON over yyjson. Nearly everything is read by one quick pass (json_read.c). Where that gives up
 * yyjson decides what is JSON and decodes; one walk over its nodes, in document order, then finds the span of
 * each and the depth. A last one looks at the keys. All of them are loops: the depth of the input is never
 * the depth of the stack. */
#include "parse/json.h"
#include "parse/json_read.h"

#include <string.h>

enum {
    KEYS_BY_PAIRS = 12, /* up to here each key is compared with each; beyond they are sorted */
};

/* ---- memory: yyjson's allocator over sp_mem, which never takes back ---- */

static void *on_malloc(void *ctx, size_t n)
{
    return sp_alloc_bytes(ctx, n);
}

/* yyjson guesses the number of values from the length of the text and asks again when there are more. The old
 * storage stays with the arena; growth by half bounds what is lost to three times the final size. */
static void *on_realloc(void *ctx, void *old, size_t old_n, size_t n)
{
    if (n <= old_n) return old;
    void *p = sp_alloc_bytes(ctx, n);
    if (p != NULL && old_n > 0) memcpy(p, old, old_n);
    return p;
}

static void on_free(void *ctx, void *p)
{
    (void)ctx;
    (void)p;
}

static void *pool_alloc(void *ctx, size_t n)
{
    sp_pool *pool = ctx;
    /* mem.used counts what was asked for; the place is taken in steps that keep every object aligned. */
    const size_t step = _Alignof(max_align_t);
    if (n > pool->n) return NULL;
    const size_t rounded = (n + step - 1) / step * step;
    if (rounded > pool->n) return NULL;
    uint8_t *p = pool->p;
    pool->p += rounded;
    pool->n -= rounded;
    return p;
}

void sp_pool_init(sp_pool *pool, void *p, size_t n)
{
    *pool = (sp_pool){.mem = {.alloc = pool_alloc, .ctx = pool, .used = 0, .limit = n},
                      .start = p,
                      .p = p,
                      .size = n,
                      .n = n};
}

void sp_pool_reset(sp_pool *pool)
{
    sp_pool_init(pool, pool->start, pool->size);
}

/* ---- errors ---- */

/* A \u escape that starts or ends at `at` and names a surrogate: yyjson reports the place, not the reason. */
static bool is_surrogate_escape(sp_bytes text, size_t at)
{
    if (at + 4 > text.n || text.p[at] != '\\' || text.p[at + 1] != 'u') return false;
    const uint8_t hi = text.p[at + 2], lo = text.p[at + 3];
    const bool is_d = hi == 'd' || hi == 'D';
    return is_d && (lo == '8' || lo == '9' || (lo >= 'a' && lo <= 'f') || (lo >= 'A' && lo <= 'F'));
}

/* UTF-8 is judged first, over the whole text: yyjson stops at the first thing that it does not like, and
 * what it calls a bad string may be a bad byte or a bad escape. */
static sp_status fail_read(const yyjson_read_err *err, sp_bytes text, sp_diag *diag)
{
    if (err->code == YYJSON_READ_ERROR_MEMORY_ALLOCATION) {
        return sp_fail(diag, SP_ENOMEM, SIZE_MAX, "no memory left for the JSON of this request");
    }
    const size_t valid = sp_utf8_valid_prefix(text);
    if (valid < text.n) return sp_fail(diag, SP_EUTF8, valid, "invalid UTF-8");
    if (err->code == YYJSON_READ_ERROR_INVALID_STRING &&
        (is_surrogate_escape(text, err->pos) || (err->pos >= 6 && is_surrogate_escape(text, err->pos - 6)))) {
        return sp_fail(diag, SP_EUTF8, err->pos, "a surrogate without its other half");
    }
    /* The messages of yyjson are static and hold nothing of the input. */
    return sp_fail(diag, SP_ESYNTAX, err->pos, err->msg);
}

/* ---- spans ---- */

/* yyjson keeps no positions but for strings and numbers. Its nodes are in document order and the text is
 * known to be JSON, so one cursor over the text, moved from token to token, yields the span of each: only
 * the ends of strings with escapes need a search. */
typedef struct spanner {
    sp_bytes text;
    const sp_node *root;
    sp_span *spans;
    size_t pos;
    size_t depth;
    size_t most; /* members of the largest object */
    struct {
        uint32_t node, left; /* nodes that are still to come, keys counted */
    } open[SP_DEPTH_MAX];
} spanner;

/* The text was accepted, so a control character out here is one of JSON's four. */
static size_t skip_space(sp_bytes text, size_t pos)
{
    while (pos < text.n && (text.p[pos] == ' ' || (text.p[pos] >= '\t' && text.p[pos] <= '\r'))) pos++;
    return pos;
}

/* The closing quote of a string that has escapes: the first quote behind an even number of backslashes. */
static size_t find_quote(sp_bytes text, size_t pos)
{
    const size_t start = pos;
    for (;;) {
        const uint8_t *q = pos < text.n ? memchr(text.p + pos, '"', text.n - pos) : NULL;
        if (q == NULL) return text.n;
        pos = (size_t)(q - text.p);
        size_t slashes = 0;
        while (pos - slashes > start && text.p[pos - slashes - 1] == '\\') slashes++;
        if (slashes % 2 == 0) return pos;
        pos++;
    }
}

/* The length of a token: that of the decoded string when nothing in it is escaped, that of the token kept
 * for a number, else the length of the word. */
static size_t scalar_end(const spanner *s, const sp_node *v)
{
    const size_t n = (size_t)(v->tag >> YYJSON_TAG_BIT);
    switch (sp_json_type_of(v)) {
    case SP_JSON_STRING:
        return (sp_json_is_verbatim(v) ? s->pos + 1 + n : find_quote(s->text, s->pos + 1)) + 1;
    case SP_JSON_NUMBER:
        return s->pos + n;
    case SP_JSON_BOOL:
        return s->pos + (sp_json_is_true(v) ? 4 : 5);
    default:
        return s->pos + 4;
    }
}

/* Ends the containers whose last node was the one just passed. */
static void close_containers(spanner *s)
{
    while (s->depth > 0 && s->open[s->depth - 1].left == 0) {
        s->depth--;
        s->pos = skip_space(s->text, s->pos) + 1;
        s->spans[s->open[s->depth].node].end = (uint32_t)s->pos;
    }
}

/* A container opens here and gets its end when its last node has passed. The depth is checked before it is
 * used as an index. */
static sp_status span_node(spanner *s, uint32_t i, sp_diag *diag)
{
    const sp_node *v = s->root + i;
    s->spans[i].start = (uint32_t)s->pos;
    if (s->depth > 0) s->open[s->depth - 1].left--;
    if (sp_json_type_of(v) < SP_JSON_ARRAY) {
        s->pos = scalar_end(s, v);
        s->spans[i].end = (uint32_t)s->pos;
        return SP_OK;
    }
    if (s->depth == SP_DEPTH_MAX) return sp_fail(diag, SP_EDEPTH, s->pos, "nested too deeply");
    const bool is_object = sp_json_type_of(v) == SP_JSON_OBJECT;
    s->open[s->depth].node = i;
    const size_t n = sp_json_count(v);
    s->open[s->depth].left = (uint32_t)(is_object ? 2 * n : n);
    if (is_object && n > s->most) s->most = n;
    s->depth++;
    s->pos++;
    return SP_OK;
}

/* `*most` receives how many members the largest object has. */
static sp_status find_spans(sp_json *json, size_t *most, sp_span *spans, sp_diag *diag)
{
    spanner s; /* `open` is filled as it is used */
    s.text = json->text;
    s.root = json->root;
    s.spans = spans;
    s.depth = s.most = 0;
    s.pos = skip_space(s.text, 0);
    for (uint32_t i = 0; i < json->n_nodes; i++) {
        SP_TRY(span_node(&s, i, diag));
        close_containers(&s);
        s.pos = skip_space(s.text, s.pos);
        /* Between two nodes stands one comma or colon, or nothing behind an opening brace. */
        if (s.pos < s.text.n && (s.text.p[s.pos] == ',' || s.text.p[s.pos] == ':')) {
            s.pos = skip_space(s.text, s.pos + 1);
        }
    }
    SP_CHECK(s.depth == 0 && s.pos == s.text.n);
    json->spans = spans;
    *most = s.most;
    return SP_OK;
}

/* ---- repeated keys ---- */

typedef struct hashed_key {
    uint64_t hash;
    const sp_node *key;
} hashed_key;

/* FNV-1a: spreads ordinary keys. Whoever makes keys collide gains nothing: equal hashes are ordered by
 * their bytes. */
static uint64_t hash_key(sp_bytes s)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < s.n; i++) h = (h ^ s.p[i]) * UINT64_C(0x100000001b3);
    return h;
}

static int order_keys(const hashed_key *a, const hashed_key *b)
{
    if (a->hash != b->hash) return a->hash < b->hash ? -1 : 1;
    return sp_bytes_cmp(sp_json_bytes(a->key), sp_json_bytes(b->key));
}

static void sift_down(hashed_key *v, size_t i, size_t n)
{
    for (size_t child; (child = 2 * i + 1) < n; i = child) {
        if (child + 1 < n && order_keys(&v[child], &v[child + 1]) < 0) child++;
        if (order_keys(&v[i], &v[child]) >= 0) return;
        const hashed_key t = v[i];
        v[i] = v[child];
        v[child] = t;
    }
}

/* Heapsort: in place and n log n whatever the keys; qsort of the C library allocates. */
static void sort_keys(hashed_key *v, size_t n)
{
    for (size_t i = n / 2; i > 0; i--) sift_down(v, i - 1, n);
    for (size_t end = n; end > 1; end--) {
        const hashed_key t = v[0];
        v[0] = v[end - 1];
        v[end - 1] = t;
        sift_down(v, 0, end - 1);
    }
}

/* Sorted by hash, equal keys are neighbours. The later of two is reported: it is the one that surprises. */
static const sp_node *repeated_in_large(const sp_node *object, hashed_key *v)
{
    size_t n = 0;
    for (sp_each it = sp_each_of(object); sp_each_step(&it);) {
        v[n++] = (hashed_key){hash_key(sp_json_bytes(it.key)), it.key};
    }
    sort_keys(v, n);
    for (size_t i = 1; i < n; i++) {
        if (order_keys(&v[i - 1], &v[i]) == 0) return v[i].key > v[i - 1].key ? v[i].key : v[i - 1].key;
    }
    return NULL;
}

/* Objects of a request have a handful of members: comparing lengths first, this costs less than a hash. */
static const sp_node *repeated_in_small(const sp_node *object)
{
    const sp_node *seen[KEYS_BY_PAIRS] = {NULL};
    for (sp_each it = sp_each_of(object); sp_each_step(&it);) {
        const sp_bytes key = sp_json_bytes(it.key);
        for (uint32_t i = 0; i < it.index; i++) {
            const sp_bytes other = sp_json_bytes(seen[i]);
            if (other.n == key.n && sp_bytes_eq(other, key)) return it.key;
        }
        seen[it.index] = it.key;
    }
    return NULL;
}

/* The room for sorting is taken once, for the largest object, since an arena does not give back. */
static sp_status check_keys(const sp_json *json, size_t most, sp_mem *mem, sp_diag *diag)
{
    hashed_key *room = most > KEYS_BY_PAIRS ? sp_alloc(mem, most, sizeof *room) : NULL;
    if (most > KEYS_BY_PAIRS && room == NULL)
        return sp_fail(diag, SP_ENOMEM, SIZE_MAX, "no memory left for the keys");
    for (uint32_t i = 0; i < json->n_nodes; i++) {
        const sp_node *v = json->root + i;
        if (sp_json_type_of(v) != SP_JSON_OBJECT || sp_json_count(v) < 2) continue;
        const bool is_large = room != NULL && sp_json_count(v) > KEYS_BY_PAIRS;
        const sp_node *key = is_large ? repeated_in_large(v, room) : repeated_in_small(v);
        if (key != NULL) return sp_fail(diag, SP_EDUPKEY, sp_json_span(json, key).start, "a key is repeated");
    }
    return SP_OK;
}

/* ---- parse ---- */

static sp_status read_nodes(sp_json *json, sp_mem *mem, sp_diag *diag)
{
    const sp_bytes text = json->text;
    /* In situ on a copy: strings are decoded where they stand, which costs no second pool. */
    uint8_t *copy = sp_alloc_bytes(mem, text.n + YYJSON_PADDING_SIZE);
    if (copy == NULL) return sp_fail(diag, SP_ENOMEM, SIZE_MAX, "no memory left for a copy of the body");
    memcpy(copy, text.p, text.n);
    memset(copy + text.n, 0, YYJSON_PADDING_SIZE);
    const yyjson_alc alc = {.malloc = on_malloc, .realloc = on_realloc, .free = on_free, .ctx = mem};
    yyjson_read_err err = {0};
    const yyjson_doc *doc =
        yyjson_read_opts((char *)copy, text.n, YYJSON_READ_INSITU | YYJSON_READ_NUMBER_AS_RAW, &alc, &err);
    if (doc == NULL) return fail_read(&err, text, diag);
    json->root = doc->root;
    json->n_nodes = (uint32_t)doc->val_read;
    return SP_OK;
}

static sp_status read_by_yyjson(sp_json *json, size_t *most, sp_mem *mem, sp_diag *diag)
{
    SP_TRY(read_nodes(json, mem, diag));
    sp_span *spans = sp_alloc_bytes(mem, json->n_nodes * sizeof *spans);
    if (spans == NULL)
        return sp_fail(diag, SP_ENOMEM, SIZE_MAX, "no memory left for the spans of this request");
    return find_spans(json, most, spans, diag);
}

static sp_status read_tree(sp_json *json, size_t *most, sp_mem *mem, sp_diag *diag)
{
    sp_read read;
    const sp_status status = sp__json_read(&read, json->text, mem);
    if (status == SP_ENOMEM)
        return sp_fail(diag, SP_ENOMEM, SIZE_MAX, "no memory left for the JSON of this request");
    if (status != SP_OK) return read_by_yyjson(json, most, mem, diag);
    json->root = read.nodes;
    json->spans = read.spans;
    json->n_nodes = read.n;
    *most = read.most;
    return SP_OK;
}

static sp_status parse(sp_json *json, unsigned flags, sp_mem *mem, sp_diag *diag)
{
    if (json->text.n == 0) return sp_fail(diag, SP_ESYNTAX, 0, "the body is empty");
    if (json->text.n > SP_BODY_MAX)
        return sp_fail(diag, SP_ESIZE, SP_BODY_MAX, "larger than JSON is read here");
    size_t most = 0;
    if ((flags & SP_JSON_BY_YYJSON) != 0) {
        SP_TRY(read_by_yyjson(json, &most, mem, diag));
    } else {
        SP_TRY(read_tree(json, &most, mem, diag));
    }
    return (flags & SP_JSON_DUPLICATES) != 0 ? SP_OK : check_keys(json, most, mem, diag);
}

sp_status sp_json_parse_with(sp_json *out, sp_bytes text, unsigned flags, sp_mem *mem, sp_diag *diag)
{
    *out = (sp_json){.text = text};
    const sp_status status = parse(out, flags, mem, diag);
    if (status != SP_OK) *out = (sp_json){0};
    return status;
}

sp_status sp_json_parse(sp_json *out, sp_bytes text, sp_mem *mem, sp_diag *diag)
{
    return sp_json_parse_with(out, text, 0, mem, diag);
}

/* ---- values ---- */

const sp_node *sp_json_find(const sp_node *object, sp_bytes key)
{
    if (sp_json_type_of(object) != SP_JSON_OBJECT) return NULL;
    for (sp_each it = sp_each_of(object); sp_each_step(&it);) {
        if (sp_bytes_eq(sp_json_bytes(it.key), key)) return it.value;
    }
    return NULL;
}

const sp_node *sp_json_find2(const sp_node *object, sp_bytes key, sp_bytes inner)
{
    return sp_json_find(sp_json_find(object, key), inner);
}

sp_span sp_json_member_span(const sp_json *json, const sp_node *object, const sp_node *key)
{
    const sp_node *before = NULL;
    for (sp_each it = sp_each_of(object); sp_each_step(&it); before = it.value) {
        if (it.key != key) continue;
        const uint32_t end = sp_json_span(json, it.value).end;
        if (it.next != NULL)
            return (sp_span){sp_json_span(json, key).start, sp_json_span(json, it.next).start};
        if (before != NULL) return (sp_span){sp_json_span(json, before).end, end};
        return (sp_span){sp_json_span(json, key).start, end};
    }
    return (sp_span){0, 0};
}

/* ---- tokens ---- */

/* Digits from `pos` on. */
static size_t count_digits(sp_bytes s, size_t pos)
{
    const size_t start = pos;
    while (pos < s.n && s.p[pos] >= '0' && s.p[pos] <= '9') pos++;
    return pos - start;
}

bool sp_number_u64(uint64_t *out, sp_bytes token)
{
    return sp_u64_parse(out, token, (UINT64_C(1) << 53) - 1);
}

bool sp_number_is_plain(sp_bytes token)
{
    const size_t sign = token.n > 0 && token.p[0] == '-' ? 1 : 0;
    const sp_bytes digits = sp_bytes_sub(token, sign, token.n);
    const size_t whole = count_digits(digits, 0);
    if (whole == digits.n) {
        uint64_t value;
        return sp_number_u64(&value, digits) && (sign == 0 || value != 0);
    }
    if (whole == 0 || digits.p[whole] != '.') return false;
    const size_t fraction = count_digits(digits, whole + 1);
    if (fraction == 0 || whole + 1 + fraction != digits.n) return false;
    /* Leading zeros carry no precision: 0.1 has one digit, 0.00 none; 17 digits name a double exactly. */
    size_t leading = 0;
    while (leading < digits.n && (digits.p[leading] == '0' || digits.p[leading] == '.')) leading++;
    if (leading == digits.n) return sign == 0 && digits.n <= 18;
    const size_t significant = digits.n - leading - (leading <= whole ? 1 : 0);
    return significant <= 17 && digits.n <= 40;
}

/* What stands behind the `e` of a token; 0 without one. */
static int64_t exponent_of(sp_bytes token)
{
    enum { BEYOND = 1000000000 }; /* more than a body has digits */
    int64_t value = 0;
    size_t at = 0;
    while (at < token.n && token.p[at] != 'e' && token.p[at] != 'E') at++;
    const bool is_negative = at + 1 < token.n && token.p[at + 1] == '-';
    for (; at < token.n && value < BEYOND; at++) {
        if (token.p[at] >= '0' && token.p[at] <= '9') value = value * 10 + (token.p[at] - '0');
    }
    return is_negative ? -value : value;
}

/* The largest double is 1.7976931348623157e308; its digits, and nothing behind them, are still inside. */
static bool is_beyond_largest(sp_bytes token, size_t first)
{
    static const char largest[] = "17976931348623157";
    size_t n = 0;
    for (size_t i = first; i < token.n && token.p[i] != 'e' && token.p[i] != 'E'; i++) {
        if (token.p[i] == '.') continue;
        const char digit = n < sizeof largest - 1 ? largest[n] : '0';
        if (token.p[i] != (uint8_t)digit) return token.p[i] > (uint8_t)digit;
        n++;
    }
    return false;
}

bool sp_number_is_finite(sp_bytes token)
{
    enum { LARGEST_EXPONENT = 309 };
    const size_t sign = token.n > 0 && token.p[0] == '-' ? 1 : 0;
    const int64_t whole = (int64_t)count_digits(token, sign);
    size_t first = sign;
    while (first < token.n && (token.p[first] == '0' || token.p[first] == '.')) first++;
    if (first == token.n || token.p[first] == 'e' || token.p[first] == 'E') return true; /* zero */
    /* A whole part has no leading zero but when it is one: then the digits begin behind the point. */
    const int64_t digits = token.p[sign] != '0' ? whole : 2 - (int64_t)(first - sign);
    const int64_t exponent = digits + exponent_of(token);
    if (exponent != LARGEST_EXPONENT) return exponent < LARGEST_EXPONENT;
    return !is_beyond_largest(token, first);
}

/* How many raw and decoded bytes the unit at `pos` has. The token was accepted by the parser, so escapes
 * are whole. */
static void unit_at(sp_bytes raw, size_t pos, size_t *n_raw, size_t *n_decoded)
{
    *n_raw = 1;
    *n_decoded = 1;
    if (raw.p[pos] != '\\') return;
    *n_raw = 2;
    if (pos + 6 > raw.n || raw.p[pos + 1] != 'u') return;
    *n_raw = 6;
    uint8_t code[2];
    if (sp_hex_decode(code, 2, sp_bytes_sub(raw, pos + 2, pos + 6)) != SP_OK) return;
    const unsigned c = (unsigned)code[0] << 8 | code[1];
    *n_decoded = c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
    if (c >= 0xd800 && c < 0xdc00) {
        *n_raw = 12;
        *n_decoded = 4;
    }
}

sp_status sp_json_raw_offset(size_t *out, sp_bytes raw, size_t at, bool round_up)
{
    size_t pos = 0, decoded = 0;
    while (pos < raw.n && decoded < at) {
        size_t n_raw, n_decoded;
        unit_at(raw, pos, &n_raw, &n_decoded);
        if (decoded + n_decoded > at && !round_up) break;
        pos += n_raw;
        decoded += n_decoded;
    }
    if (decoded < at && pos >= raw.n) return SP_ERANGE;
    if (pos > raw.n) return SP_ERANGE;
    *out = pos;
    return SP_OK;
}
