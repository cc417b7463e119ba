/* Heads that are words: small regular expressions, multiplied out. A word is the end of a head, back to where
 * its bytes are certain; what stands before is compared where the word was found. Several lanes may share a
 * word, which then is looked for once. */
#include "detect/heads.h"
#include "detect/detect_internal.h"

#include <stdlib.h>
#include <string.h>

enum {
    SYMBOLS_MAX = 64,     /* of a head */
    SPELLINGS_MAX = 4096, /* of a pattern */
    DEPTH_MAX = 8,
    AT_ONCE = 16, /* lanes whose heads end at one place */
    ANY = 256,    /* any byte but a line feed; less is a byte */
    EDGE = 257,   /* a word begins or ends here */
    SET = 1024    /* and more: any byte of a set, by number */
};
enum { WORK_MAX = 16 << 20, SETS_MAX = 64 };

/* One way to write a pattern. */
typedef struct spelling {
    uint16_t n;
    bool has_letters, has_exact; /* letters, and such whose case counts whatever the row says */
    uint16_t at[SYMBOLS_MAX];
} spelling;

typedef struct spellings {
    spelling *v;
    size_t n, cap;
} spellings;

/* Bytes, as bits. */
typedef struct sp_head_set {
    uint64_t bits[4];
} set;

typedef struct sets {
    set v[SETS_MAX];
    size_t n;
} sets;

typedef struct parser {
    const char *p;
    sp_mem *mem;
    sets *sets;
    sp_status status; /* the first thing that went wrong */
    unsigned depth;
    bool is_caseless;
    bool is_exact; /* in a group in which case counts */
    bool is_utf8;  /* a class is of characters, not of bytes */
} parser;

/* One head of a lane. */
struct sp_head {
    uint16_t lane;
    bool is_caseless;
    bool has_edge, has_edge_behind;
    uint16_t n, n_word; /* symbols, and how many of them, at the end, are the word */
    const uint16_t *at;
};
typedef struct sp_head head;

/* ---- patterns ---- */

static void fail(parser *p, sp_status status)
{
    if (p->status == SP_OK) p->status = status;
}

/* Room for one more, zeroed; NULL if there is none. */
static spelling *add(parser *p, spellings *list)
{
    if (list->n == SPELLINGS_MAX) fail(p, SP_EINTERNAL);
    if (p->status != SP_OK) return NULL;
    if (list->n == list->cap) {
        const size_t cap = list->cap == 0 ? 4 : list->cap * 4;
        spelling *v = sp_alloc(p->mem, cap, sizeof *v);
        if (v == NULL) {
            fail(p, SP_ENOMEM);
            return NULL;
        }
        if (list->n > 0) memcpy(v, list->v, list->n * sizeof *v);
        list->v = v;
        list->cap = cap;
    }
    return &list->v[list->n++];
}

static void add_symbol(parser *p, spellings *list, unsigned symbol)
{
    spelling *s = add(p, list);
    if (s == NULL) return;
    s->n = 1;
    s->at[0] = (uint16_t)symbol;
    if (symbol > UINT8_MAX || !sp_is_alpha((int)symbol)) return;
    s->has_letters = !p->is_exact;
    s->has_exact = p->is_exact;
}

static void add_all(parser *p, spellings *list, const spellings *more)
{
    for (size_t i = 0; i < more->n; i++) {
        spelling *s = add(p, list);
        if (s == NULL) return;
        *s = more->v[i];
    }
}

/* `a` with `b` behind it. */
static void add_joined(parser *p, spellings *list, const spelling *a, const spelling *b)
{
    spelling *s = add(p, list);
    if (s == NULL) return;
    *s = *a;
    if (a->n + b->n > SYMBOLS_MAX) {
        fail(p, SP_EINTERNAL);
        return;
    }
    memcpy(s->at + a->n, b->at, b->n * sizeof s->at[0]);
    s->n = (uint16_t)(a->n + b->n);
    s->has_letters = a->has_letters || b->has_letters;
    s->has_exact = a->has_exact || b->has_exact;
}

/* Each of `a` with each of `b` behind it. */
static spellings multiply(parser *p, const spellings *a, const spellings *b)
{
    spellings all = {0};
    for (size_t i = 0; i < a->n && p->status == SP_OK; i++) {
        for (size_t k = 0; k < b->n; k++) add_joined(p, &all, &a->v[i], &b->v[k]);
    }
    return all;
}

static unsigned hex_digit(parser *p)
{
    const char c = *p->p;
    if (c != '\0') p->p++;
    if (c >= '0' && c <= '9') return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'f') return (unsigned)(c - 'a') + 10;
    fail(p, SP_EINTERNAL);
    return 0;
}

/* A byte as it is written, or EDGE. */
static unsigned symbol(parser *p)
{
    const uint8_t c = (uint8_t)*p->p;
    if (c == '\0') {
        fail(p, SP_EINTERNAL);
        return 0;
    }
    p->p++;
    if (c != '\\') return c;
    const uint8_t escaped = (uint8_t)*p->p;
    if (escaped != '\0') p->p++;
    if (escaped == 'b') return EDGE;
    if (escaped == 'x') {
        const unsigned high = hex_digit(p);
        return high << 4 | hex_digit(p);
    }
    if (escaped == '\0' || sp_is_alnum(escaped)) fail(p, SP_EINTERNAL);
    return escaped;
}

static void add_range(parser *p, spellings *list)
{
    const unsigned first = symbol(p);
    unsigned last = first;
    if (p->p[0] == '-' && p->p[1] != ']') {
        p->p++;
        last = symbol(p);
    }
    if (first > UINT8_MAX || last > UINT8_MAX || (p->is_utf8 && last > 0x7f)) fail(p, SP_EINTERNAL);
    for (unsigned c = first; c <= last; c++) add_symbol(p, list, c);
}

/* A character of several bytes, written as it is. */
static void add_character(parser *p, spellings *list)
{
    spelling *s = add(p, list);
    if (s == NULL) return;
    do s->at[s->n++] = (uint8_t)*p->p++;
    while (((uint8_t)*p->p & 0xc0) == 0x80 && s->n < 4);
}

static spellings class(parser *p)
{
    spellings all = {0};
    if (*p->p == '^' || *p->p == ']') fail(p, SP_EINTERNAL);
    while (*p->p != ']' && p->status == SP_OK) {
        if (p->is_utf8 && (uint8_t)*p->p >= 0x80)
            add_character(p, &all);
        else
            add_range(p, &all);
    }
    if (p->status == SP_OK) p->p++;
    return all;
}

static spellings alternatives(parser *p);

static spellings group(parser *p)
{
    const bool was_exact = p->is_exact;
    if (strncmp(p->p, "?:", 2) == 0) p->p += 2;
    if (strncmp(p->p, "?-i:", 4) == 0) {
        p->p += 4;
        p->is_exact = true;
    }
    if (++p->depth > DEPTH_MAX) fail(p, SP_EINTERNAL);
    const spellings all = alternatives(p);
    p->depth--;
    p->is_exact = was_exact;
    if (*p->p != ')') fail(p, SP_EINTERNAL);
    if (p->status == SP_OK) p->p++;
    return all;
}

static spellings atom(parser *p)
{
    spellings one = {0};
    switch (*p->p) {
    case '(':
        p->p++;
        return group(p);
    case '[':
        p->p++;
        return class(p);
    case '.':
        p->p++;
        add_symbol(p, &one, ANY);
        break;
    case '*':
    case '+':
    case '?':
    case '^':
    case '$':
        fail(p, SP_EINTERNAL);
        break;
    default:
        add_symbol(p, &one, symbol(p));
    }
    return one;
}

static unsigned decimal(parser *p)
{
    unsigned n = 0;
    if (*p->p < '0' || *p->p > '9') fail(p, SP_EINTERNAL);
    for (; *p->p >= '0' && *p->p <= '9' && n < SYMBOLS_MAX; p->p++) n = n * 10 + (unsigned)(*p->p - '0');
    return n;
}

/* How often what stood before is there: once, unless it is said. */
static void repetition(parser *p, unsigned *least, unsigned *most)
{
    *least = *most = 1;
    if (*p->p == '?') {
        p->p++;
        *least = 0;
    } else if (*p->p == '{' && p->p[1] >= '0' && p->p[1] <= '9') {
        p->p++;
        *least = *most = decimal(p);
        if (*p->p == ',') {
            p->p++;
            *most = decimal(p);
        }
        if (*p->p != '}') fail(p, SP_EINTERNAL);
        if (p->status == SP_OK) p->p++;
    }
}

static void set_put(set *s, unsigned c)
{
    s->bits[c / 64] |= UINT64_C(1) << c % 64;
}

static bool set_has(const set *s, uint8_t c)
{
    return (s->bits[c / 64] >> c % 64 & 1) != 0;
}

/* Bytes of which several may follow one another are one symbol: multiplied out they would be too many. What
 * is no choice among bytes stays as it is. */
static spellings as_set(parser *p, const spellings *one)
{
    spellings all = {0};
    set s = {{0}};
    for (size_t i = 0; i < one->n; i++) {
        const unsigned c = one->v[i].at[0];
        if (one->v[i].n != 1 || c > UINT8_MAX) return *one;
        set_put(&s, c);
        if (p->is_caseless && !p->is_exact && sp_is_alpha((int)c)) set_put(&s, c ^ 0x20);
    }
    if (p->sets->n == SETS_MAX) fail(p, SP_EINTERNAL);
    if (p->status != SP_OK) return all;
    p->sets->v[p->sets->n] = s;
    add_symbol(p, &all, SET + (unsigned)p->sets->n++);
    return all;
}

static spellings sequence(parser *p)
{
    spellings all = {0};
    (void)add(p, &all);
    while (*p->p != '\0' && *p->p != '|' && *p->p != ')' && p->status == SP_OK) {
        unsigned least, most;
        spellings one = atom(p);
        repetition(p, &least, &most);
        if (most > 1 && one.n > 1) one = as_set(p, &one);
        spellings power = all;
        all = (spellings){0};
        for (unsigned k = 0; k <= most && p->status == SP_OK; k++) {
            if (k > 0) power = multiply(p, &power, &one);
            if (k >= least) add_all(p, &all, &power);
        }
    }
    return all;
}

static spellings alternatives(parser *p)
{
    spellings all = sequence(p);
    while (*p->p == '|' && p->status == SP_OK) {
        p->p++;
        const spellings more = sequence(p);
        add_all(p, &all, &more);
    }
    return all;
}

/* ---- heads ---- */

typedef struct head_list {
    head *v;
    size_t n, cap;
    sets sets;
} head_list;

static uint16_t small(unsigned symbol)
{
    return (uint16_t)(symbol >= 'A' && symbol <= 'Z' ? symbol + ('a' - 'A') : symbol);
}

/* The symbols of `s` without the edges around them become a head. */
static sp_status head_of(head *out, const sp_head_source *source, const spelling *s, sp_mem *mem)
{
    const uint16_t *at = s->at;
    size_t n = s->n, n_word = 0;
    const bool is_caseless = (source->flags & HS_FLAG_CASELESS) != 0 && !s->has_exact;
    if (is_caseless != ((source->flags & HS_FLAG_CASELESS) != 0) && s->has_letters) return SP_EINTERNAL;
    *out = (head){.lane = source->lane, .is_caseless = is_caseless};
    out->has_edge = n > 0 && at[0] == EDGE;
    at += out->has_edge;
    n -= out->has_edge;
    out->has_edge_behind = n > 0 && at[n - 1] == EDGE;
    n -= out->has_edge_behind;
    uint16_t *own = sp_alloc(mem, n, sizeof *own);
    if (n == 0 || own == NULL) return n == 0 ? SP_EINTERNAL : SP_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        if (at[i] == EDGE) return SP_EINTERNAL;
        own[i] = out->is_caseless ? small(at[i]) : at[i];
        n_word = own[i] > UINT8_MAX ? 0 : n_word + 1;
    }
    out->at = own;
    out->n = (uint16_t)n;
    out->n_word = (uint16_t)n_word;
    return n_word > 0 ? SP_OK : SP_EINTERNAL;
}

static sp_status list_grow(head_list *list, size_t n, sp_mem *mem)
{
    if (list->n + n <= list->cap) return SP_OK;
    const size_t cap = (list->n + n) * 2;
    head *v = sp_alloc(mem, cap, sizeof *v);
    if (v == NULL) return SP_ENOMEM;
    if (list->n > 0) memcpy(v, list->v, list->n * sizeof *v);
    list->v = v;
    list->cap = cap;
    return SP_OK;
}

/* @param work  for what is not kept. */
static sp_status add_source(head_list *list, const sp_head_source *source, sp_mem *mem, sp_mem *work)
{
    if (source->flags != 0 && source->flags != HS_FLAG_CASELESS && source->flags != HS_FLAG_UTF8)
        return SP_EINTERNAL;
    parser p = {.p = source->pattern,
                .mem = work,
                .sets = &list->sets,
                .is_caseless = source->flags == HS_FLAG_CASELESS,
                .is_utf8 = source->flags == HS_FLAG_UTF8};
    const spellings all = alternatives(&p);
    SP_TRY(p.status);
    if (*p.p != '\0') return SP_EINTERNAL;
    SP_TRY(list_grow(list, all.n, work));
    for (size_t i = 0; i < all.n; i++) SP_TRY(head_of(&list->v[list->n++], source, &all.v[i], mem));
    return SP_OK;
}

/* ---- words ---- */

static int compare_words(const head *a, const head *b)
{
    if (a->is_caseless != b->is_caseless) return (int)a->is_caseless - (int)b->is_caseless;
    if (a->n_word != b->n_word) return (int)a->n_word - (int)b->n_word;
    return memcmp(a->at + a->n - a->n_word, b->at + b->n - b->n_word, a->n_word * sizeof a->at[0]);
}

/* Order of qsort: heads of one word stand together, by lane. */
static int by_word(const void *a, const void *b)
{
    const head *x = a;
    const head *y = b;
    const int words = compare_words(x, y);
    return words != 0 ? words : (int)x->lane - (int)y->lane;
}

/* What Hyperscan is given. */
typedef struct words {
    const char **text;
    size_t *n;
    unsigned *flags, *id;
    unsigned count;
} words;

static sp_status words_add(words *w, const head *h, sp_mem *work)
{
    char *text = (char *)sp_alloc_bytes(work, h->n_word);
    if (text == NULL) return SP_ENOMEM;
    for (size_t i = 0; i < h->n_word; i++) text[i] = (char)h->at[h->n - h->n_word + i];
    w->text[w->count] = text;
    w->n[w->count] = h->n_word;
    w->flags[w->count] = h->is_caseless ? HS_FLAG_CASELESS : 0;
    w->id[w->count] = w->count;
    w->count++;
    return SP_OK;
}

/* @param first  room for one more than there are heads. */
static sp_status words_collect(words *w, uint32_t *first, const head_list *list, sp_mem *work)
{
    w->text = sp_alloc(work, list->n, sizeof *w->text);
    w->n = sp_alloc(work, list->n, sizeof *w->n);
    w->flags = sp_alloc(work, list->n, sizeof *w->flags);
    w->id = sp_alloc(work, list->n, sizeof *w->id);
    if (w->text == NULL || w->n == NULL || w->flags == NULL || w->id == NULL) return SP_ENOMEM;
    for (size_t i = 0; i < list->n; i++) {
        if (i > 0 && compare_words(&list->v[i - 1], &list->v[i]) == 0) continue;
        first[w->count] = (uint32_t)i;
        SP_TRY(words_add(w, &list->v[i], work));
    }
    first[w->count] = (uint32_t)list->n;
    return SP_OK;
}

static sp_status compile(sp_heads *out, const words *w)
{
    hs_compile_error_t *error = NULL;
    const hs_error_t rc =
        hs_compile_lit_multi(w->text, w->flags, w->id, w->n, w->count, HS_MODE_BLOCK, NULL, &out->db, &error);
    (void)hs_free_compile_error(error);
    return rc == HS_SUCCESS ? SP_OK : SP_EINTERNAL;
}

static sp_status make(sp_heads *out, head_list *list, sp_mem *mem, sp_mem *work)
{
    words w = {0};
    if (list->n == 0) return SP_EINTERNAL;
    qsort(list->v, list->n, sizeof *list->v, by_word);
    head *own = sp_alloc(mem, list->n, sizeof *own);
    uint32_t *first = sp_alloc(mem, list->n + 1, sizeof *first);
    set *own_sets = sp_alloc(mem, list->sets.n + 1, sizeof *own_sets);
    if (own == NULL || first == NULL || own_sets == NULL) return SP_ENOMEM;
    memcpy(own, list->v, list->n * sizeof *own);
    memcpy(own_sets, list->sets.v, list->sets.n * sizeof *own_sets);
    SP_TRY(words_collect(&w, first, list, work));
    out->v = own;
    out->first = first;
    out->sets = own_sets;
    return compile(out, &w);
}

sp_status sp_heads_init(sp_heads *out, const sp_head_source *v, size_t n, sp_mem *mem, size_t *bad)
{
    head_list list = {0};
    sp_status status = SP_OK;
    sp_arena work;
    sp_arena_init(&work, WORK_MAX);
    *out = (sp_heads){0};
    for (*bad = 0; *bad < n; ++*bad) {
        status = add_source(&list, &v[*bad], mem, &work.mem);
        if (status != SP_OK) break;
    }
    if (status == SP_OK) status = make(out, &list, mem, &work.mem);
    sp_arena_fini(&work);
    return status;
}

void sp_heads_fini(sp_heads *heads)
{
    (void)hs_free_database(heads->db);
    heads->db = NULL;
}

/* ---- a pass ---- */

typedef struct scan_state {
    const sp_heads *heads;
    sp_bytes text;
    sp_head_seen *seen;
    void *ctx;
    size_t to; /* heads of these lanes were told there */
    unsigned n;
    uint16_t lanes[AT_ONCE];
} scan_state;

static bool is_word(uint8_t c)
{
    return sp_is_alnum(c) || c == '_';
}

/* Does a word begin or end between byte `i - 1` and byte `i`? */
static bool is_edge(sp_bytes text, size_t i)
{
    const bool before = i > 0 && is_word(text.p[i - 1]);
    return before != (i < text.n && is_word(text.p[i]));
}

static bool is_symbol(const sp_heads *heads, const head *h, uint16_t symbol, uint8_t c)
{
    if (symbol >= SET) return set_has(&heads->sets[symbol - SET], c);
    return symbol == ANY ? c != '\n' : symbol == (h->is_caseless ? small(c) : c);
}

/* Does what is before the word stand at `p`? From its end, where most differ. */
static bool is_before_word(const sp_heads *heads, const head *h, const uint8_t *p)
{
    size_t i = (size_t)h->n - h->n_word;
    while (i > 0 && is_symbol(heads, h, h->at[i - 1], p[i - 1])) i--;
    return i == 0;
}

/* The word of a head ends at `to`: does the head? */
static bool is_head(const sp_heads *heads, const head *h, sp_bytes text, size_t to)
{
    if (to < h->n) return false;
    if (h->has_edge && !is_edge(text, to - h->n)) return false;
    if (h->has_edge_behind && !is_edge(text, to)) return false;
    return h->n == h->n_word || is_before_word(heads, h, text.p + to - h->n);
}

/* Several heads of a lane may end at one place. */
static bool is_news(scan_state *s, uint16_t lane, size_t to)
{
    if (to != s->to) {
        s->to = to;
        s->n = 0;
    }
    for (unsigned i = 0; i < s->n; i++) {
        if (s->lanes[i] == lane) return false;
    }
    if (s->n < AT_ONCE) s->lanes[s->n++] = lane;
    return true;
}

static int on_word(unsigned word, unsigned long long from, unsigned long long to, unsigned flags, void *ctx)
{
    (void)from;
    (void)flags;
    scan_state *s = ctx;
    const head *end = &s->heads->v[s->heads->first[word + 1]];
    for (const head *h = &s->heads->v[s->heads->first[word]]; h < end; h++) {
        if (!is_head(s->heads, h, s->text, (size_t)to) || !is_news(s, h->lane, (size_t)to)) continue;
        if (!s->seen(s->ctx, h->lane, (size_t)to)) return 1;
    }
    return 0;
}

sp_status sp_heads_scan(const sp_heads *heads, hs_scratch_t *hs, sp_bytes text, sp_head_seen *seen, void *ctx)
{
    scan_state s;
    s.heads = heads;
    s.text = text;
    s.seen = seen;
    s.ctx = ctx;
    s.to = 0;
    s.n = 0;
    const hs_error_t rc = hs_scan(heads->db, (const char *)text.p, (unsigned)text.n, 0, hs, on_word, &s);
    return rc == HS_SUCCESS || rc == HS_SCAN_TERMINATED ? SP_OK : SP_EINTERNAL;
}
