/* Detectors of an organisation. A pattern is looked for whole by Hyperscan, which is dearer than heads but
 * asks nothing of who writes it; shapes go through the index of numbers like the built-in ones. */
#include "sallyport/custom.h"

#include "detect/check.h"
#include "detect/number.h"

#include <hs/hs.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* ---- checks by name ---- */

static bool is_all_digits(const uint8_t *chars, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!sp_is_digit(chars[i])) return false;
    }
    return n > 0;
}

/* Arithmetic over digits is asked about digits only: a pattern may let other things through. */
static bool check_luhn(const uint8_t *chars, size_t n)
{
    return is_all_digits(chars, n) && sp_luhn(chars, n);
}

static bool check_verhoeff(const uint8_t *chars, size_t n)
{
    return is_all_digits(chars, n) && sp_verhoeff(chars, n);
}

static bool check_mod11_10(const uint8_t *chars, size_t n)
{
    return is_all_digits(chars, n) && sp_mod11_10(chars, n);
}

static bool check_mod11_2(const uint8_t *chars, size_t n)
{
    return n > 1 && is_all_digits(chars, n - 1) && (sp_is_digit(chars[n - 1]) || chars[n - 1] == 'X') &&
           sp_mod11_2(chars, n);
}

static bool check_mod97(const uint8_t *chars, size_t n)
{
    return n > 4 && sp_mod97(chars, n);
}

static const struct {
    const char *name;
    sp_check *check;
} checks[] = {
    {"luhn", check_luhn},         /* ISO/IEC 7812-1 */
    {"verhoeff", check_verhoeff}, /* Verhoeff 1969 */
    {"mod11-10", check_mod11_10}, /* ISO/IEC 7064 */
    {"mod11-2", check_mod11_2},   /* ISO/IEC 7064 */
    {"mod97", check_mod97},       /* ISO/IEC 7064, as in an IBAN */
};
enum { N_CHECKS = sizeof checks / sizeof checks[0] };

const char *sp_custom_check_name(size_t i)
{
    return i < N_CHECKS ? checks[i].name : NULL;
}

static sp_check *check_of(const char *name)
{
    for (size_t i = 0; i < N_CHECKS; i++) {
        if (strcmp(checks[i].name, name) == 0) return checks[i].check;
    }
    return NULL;
}

/* ---- building ---- */

/* The match of a pattern that may still grow. */
typedef struct open_match {
    size_t start, end; /* equal: none */
} open_match;

struct sp_custom {
    sp_arena arena; /* holds this very object */
    const sp_custom_detector *v;
    sp_row *rows;
    const sp_row **row_list;
    open_match *open;
    size_t n;
    sp_number_index numbers;
    sp_number_memo *memo;
    hs_database_t *db;
    hs_scratch_t *hs;
};

enum { CUSTOM_BYTES_MAX = 4 << 20, LEAST = 60 };

static sp_status is_wrong(sp_diag *diag, const char *what)
{
    return sp_fail(diag, SP_ERANGE, SIZE_MAX, what);
}

/* A match without bound could not be held back by a stream, and one of nothing stands everywhere. */
static sp_status judge_width(const hs_expr_info_t *info, sp_diag *diag)
{
    if (info->min_width == 0)
        return is_wrong(diag, "the pattern matches nothing at all, so it matches everywhere");
    if (info->max_width == UINT_MAX)
        return is_wrong(diag, "the pattern has no bound: give each repetition one, as {1,64} instead of +");
    if (info->max_width > SP_CUSTOM_WIDTH_MAX)
        return is_wrong(diag, "the pattern may match more than 4096 bytes: give repetitions smaller bounds");
    return SP_OK;
}

static sp_status judge_pattern(const char *pattern, sp_diag *diag)
{
    hs_expr_info_t *info = NULL;
    hs_compile_error_t *error = NULL;
    if (strlen(pattern) > SP_CUSTOM_PATTERN_MAX) return is_wrong(diag, "a pattern may have 1000 bytes");
    const hs_error_t rc = hs_expression_info(pattern, HS_FLAG_SOM_LEFTMOST, &info, &error);
    const sp_status status = rc == HS_SUCCESS ? judge_width(info, diag)
                             : error != NULL  ? is_wrong(diag, error->message)
                                              : is_wrong(diag, "the pattern is no regular expression");
    (void)hs_free_compile_error(error);
    free(info);
    return status;
}

static sp_status fill_row(sp_row *row, const sp_custom_detector *d, sp_diag *diag)
{
    *row = (sp_row){.name = d->name, .shapes = d->shapes, .near = d->words, .sure = d->sure, .least = LEAST};
    if ((d->pattern == NULL) == (d->shapes == NULL))
        return is_wrong(diag, "either a pattern or shapes have to be given");
    if (d->check != NULL && (row->check = check_of(d->check)) == NULL)
        return is_wrong(diag, "there is no such check: luhn, verhoeff, mod11-10, mod11-2, mod97");
    return d->pattern != NULL ? judge_pattern(d->pattern, diag) : SP_OK;
}

/* Words of patterns stand in the index of numbers too, so that one reading finds all. */
static sp_status add_words(sp_custom *c, size_t i, sp_diag *diag)
{
    const sp_custom_detector *d = &c->v[i];
    if (d->pattern == NULL || d->words == NULL) return SP_OK;
    const sp_status status = sp_evidence_add(&c->numbers.evidence, (uint16_t)i, d->words, &c->arena.mem);
    return status == SP_ERANGE ? is_wrong(diag, "a word near by is none, or has more than six words")
                               : status;
}

static sp_status index_all(sp_custom *c, size_t *bad, sp_diag *diag)
{
    const sp_row *wrong = NULL;
    sp_status status = sp_number_index_init(&c->numbers, c->row_list, c->n, &c->arena.mem, &wrong);
    if (status != SP_OK) {
        *bad = wrong != NULL ? (size_t)(wrong - c->rows) : c->n;
        return status == SP_ERANGE ? is_wrong(diag, "a shape or a word is written wrong") : status;
    }
    for (size_t i = 0; i < c->n && status == SP_OK; i++) {
        *bad = i;
        status = add_words(c, i, diag);
    }
    sp_evidence_seal(&c->numbers.evidence);
    return status;
}

static sp_status compile_all(sp_custom *c, size_t *bad, sp_diag *diag)
{
    enum { MOST = SP_CUSTOM_MAX + 4 };
    const char *patterns[MOST];
    unsigned flags[MOST], ids[MOST], n = 0;
    for (size_t i = 0; i < c->n; i++) {
        if (c->v[i].pattern == NULL) continue;
        patterns[n] = c->v[i].pattern;
        flags[n] = HS_FLAG_SOM_LEFTMOST;
        ids[n++] = (unsigned)i;
    }
    for (size_t i = 0; sp_number_heads[i] != NULL && n < MOST; i++) {
        patterns[n] = sp_number_heads[i];
        flags[n] = 0;
        ids[n++] = (unsigned)c->n;
    }
    hs_compile_error_t *error = NULL;
    const hs_error_t rc = hs_compile_multi(patterns, flags, ids, n, HS_MODE_BLOCK, NULL, &c->db, &error);
    *bad = error != NULL && error->expression >= 0 ? ids[error->expression] : c->n;
    sp_status status =
        rc == HS_SUCCESS ? SP_OK : is_wrong(diag, error != NULL ? error->message : "they do not compile");
    (void)hs_free_compile_error(error);
    if (status == SP_OK && hs_alloc_scratch(c->db, &c->hs) != HS_SUCCESS) status = SP_ENOMEM;
    return status;
}

static sp_status build(sp_custom *c, size_t *bad, sp_diag *diag)
{
    c->rows = sp_alloc(&c->arena.mem, c->n, sizeof *c->rows);
    c->row_list = sp_alloc(&c->arena.mem, c->n, sizeof *c->row_list);
    c->open = sp_alloc(&c->arena.mem, c->n, sizeof *c->open);
    c->memo = sp_number_memo_new(&c->arena.mem);
    if (c->rows == NULL || c->row_list == NULL || c->open == NULL || c->memo == NULL) return SP_ENOMEM;
    for (size_t i = 0; i < c->n; i++) {
        *bad = i;
        c->row_list[i] = &c->rows[i];
        SP_TRY(fill_row(&c->rows[i], &c->v[i], diag));
    }
    SP_TRY(index_all(c, bad, diag));
    return compile_all(c, bad, diag);
}

sp_status sp_custom_new(sp_custom **out, const sp_custom_detector *v, size_t n, size_t *bad, sp_diag *diag)
{
    *out = NULL;
    *bad = n;
    if (n == 0 || n > SP_CUSTOM_MAX) return is_wrong(diag, "there may be 1 to 256 detectors");
    sp_arena arena;
    sp_arena_init(&arena, CUSTOM_BYTES_MAX);
    sp_custom *c = sp_alloc(&arena.mem, 1, sizeof *c);
    if (c == NULL) return sp_fail(diag, SP_ENOMEM, SIZE_MAX, "out of memory");
    c->arena = arena;
    c->arena.mem.ctx = &c->arena;
    c->v = v;
    c->n = n;
    const sp_status status = build(c, bad, diag);
    if (status == SP_OK)
        *out = c;
    else
        sp_custom_free(c);
    return status;
}

void sp_custom_free(sp_custom *custom)
{
    if (custom == NULL) return;
    (void)hs_free_scratch(custom->hs);
    (void)hs_free_database(custom->db);
    sp_arena arena = custom->arena; /* it holds `custom` */
    arena.mem.ctx = &arena;
    sp_arena_fini(&arena);
}

/* ---- scanning ---- */

typedef struct custom_pass {
    sp_custom *custom;
    sp_findings *out;
    sp_window window;
    size_t busy; /* end of the number before */
    sp_status status;
} custom_pass;

enum { CHECKED_MAX = 64 };

/* Letters in upper case and digits, as a check wants them; a longer match is none that a check is made for.
 */
static bool passes(const sp_row *row, sp_bytes match)
{
    uint8_t chars[CHECKED_MAX];
    size_t n = 0;
    if (row->check == NULL) return true;
    for (size_t i = 0; i < match.n; i++) {
        const uint8_t c = match.p[i];
        if (!sp_is_alnum(c)) continue;
        if (n == CHECKED_MAX) return false;
        chars[n++] = c >= 'a' && c <= 'z' ? (uint8_t)(c - ('a' - 'A')) : c;
    }
    return row->check(chars, n);
}

static uint8_t weigh(const custom_pass *p, const sp_row *row, const sp_match *m)
{
    static const sp_support right_there = {.weight = SP_WEIGHT_STRONG};
    sp_support found;
    sp_window w = p->window;
    if (row->near == NULL) return sp_number_sure(row, &right_there);
    const bool is_near = sp_number_support(&found, &p->custom->numbers, &w, m);
    return sp_number_sure(row, is_near ? &found : NULL);
}

static void keep(custom_pass *p, sp_finding f)
{
    if (f.confidence < LEAST || p->status != SP_OK) return;
    p->out->is_full = p->out->is_full || p->out->n >= p->out->limit;
    if (p->out->n < p->out->limit) p->status = sp_findings__insert(p->out, f);
}

static void close_match(custom_pass *p, size_t i)
{
    open_match *o = &p->custom->open[i];
    const sp_row *row = &p->custom->rows[i];
    const sp_bytes text = {p->window.p, p->window.n};
    if (o->end > o->start && passes(row, sp_bytes_sub(text, o->start, o->end))) {
        const sp_match m = {o->start, o->end, 0, (uint16_t)i};
        const uint8_t sure = weigh(p, row, &m);
        keep(p, (sp_finding){(uint32_t)o->start, (uint32_t)o->end, SP_KIND_NONE, sure,
                             (uint16_t)i & (SP_DETECTORS_MAX - 1U), 0});
    }
    *o = (open_match){0, 0};
}

/* Ends come in rising order; of one start the last is the longest. */
static void on_pattern(custom_pass *p, size_t i, size_t from, size_t to)
{
    open_match *o = &p->custom->open[i];
    const bool is_open = o->end > o->start;
    if (is_open && from > o->start && from < o->end) return;
    if (is_open && from >= o->end) close_match(p, i);
    *o = (open_match){from, to};
}

static void on_number(custom_pass *p, size_t head_end)
{
    sp_match m = {head_end, head_end, 0, 0};
    if (head_end <= p->busy) return;
    p->window.floor = p->busy;
    sp_number_find(&p->custom->numbers, p->custom->memo, &p->window, head_end, &m);
    if (m.confidence < LEAST || m.start < p->busy) return;
    p->busy = m.end;
    keep(p, (sp_finding){(uint32_t)m.start, (uint32_t)m.end, SP_KIND_NONE, m.confidence,
                         m.row & (SP_DETECTORS_MAX - 1U), 0});
}

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *ctx)
{
    (void)flags;
    custom_pass *p = ctx;
    if (id < p->custom->n)
        on_pattern(p, id, (size_t)from, (size_t)to);
    else
        on_number(p, (size_t)to);
    return p->status == SP_OK ? 0 : 1;
}

sp_status sp_custom_scan(sp_findings *out, sp_custom *custom, sp_bytes text)
{
    custom_pass p = {custom, out, {text.p, text.n, true, false, 0}, 0, SP_OK};
    if (text.n > UINT32_MAX) return SP_ERANGE;
    if (text.n == 0) return SP_OK;
    memset(custom->open, 0, custom->n * sizeof *custom->open);
    sp_number_forget(custom->memo);
    const hs_error_t rc =
        hs_scan(custom->db, (const char *)text.p, (unsigned)text.n, 0, custom->hs, on_match, &p);
    for (size_t i = 0; i < custom->n; i++) close_match(&p, i);
    if (p.status != SP_OK) return p.status;
    return rc == HS_SUCCESS ? SP_OK : SP_EINTERNAL;
}
