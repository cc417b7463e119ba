/* Detectors of an organisation, compiled. A pattern is looked for whole by Hyperscan, which is dearer than
 * heads but asks nothing of who writes it; shapes go through the index of numbers like the built-in ones. */
#include "detect/check.h"
#include "detect/custom_internal.h"
#include "sallyport/label.h"

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

enum { CUSTOM_BYTES_MAX = 16 << 20, LEAST = 60 };

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
        return is_wrong(diag, "the pattern may match more than 127 bytes: give repetitions smaller bounds");
    return SP_OK;
}

/* Does it ask for the start or the end of a text? A stream has neither while it runs, and a request is many
 * texts. A quoted stretch (\\Q to \\E) is refused with them: what is in it could not be told. */
static bool has_anchor(const char *c)
{
    bool is_class = false;
    for (; *c != '\0'; c++) {
        if (*c == '\\' && c[1] != '\0') {
            c++;
            if (!is_class && strchr("AzZGQE", *c) != NULL) return true;
        } else if (is_class) {
            is_class = *c != ']';
        } else if (*c == '[') {
            is_class = true;
            c += c[1] == '^';
            c += c[1] == ']'; /* first in a class it is a character of it */
        } else if (*c == '^' || *c == '$') {
            return true;
        }
    }
    return false;
}

static sp_status judge_pattern(size_t *width, const char *pattern, sp_diag *diag)
{
    hs_expr_info_t *info = NULL;
    hs_compile_error_t *error = NULL;
    if (strlen(pattern) > SP_CUSTOM_PATTERN_MAX) return is_wrong(diag, "a pattern may have 1000 bytes");
    if (has_anchor(pattern))
        return is_wrong(diag, "the pattern has an anchor (^, $, \\A, \\z): it is looked for inside of texts; "
                              "\\b is the edge of a word");
    const hs_error_t rc = hs_expression_info(pattern, HS_FLAG_SOM_LEFTMOST, &info, &error);
    const sp_status status = rc == HS_SUCCESS ? judge_width(info, diag)
                             : error != NULL  ? is_wrong(diag, error->message)
                                              : is_wrong(diag, "the pattern is no regular expression");
    if (status == SP_OK && info->max_width > *width) *width = info->max_width;
    (void)hs_free_compile_error(error);
    free(info);
    return status;
}

static sp_status judge_terms(sp_custom *c, const sp_custom_detector *d, sp_diag *diag)
{
    for (size_t i = 0; i < d->n_terms; i++) {
        const size_t n = strlen(d->terms[i]);
        if (n == 0 || n > SP_CUSTOM_WIDTH_MAX) return is_wrong(diag, "a term has 1 to 127 bytes");
        if (strchr(d->terms[i], '\n') != NULL) return is_wrong(diag, "a term is of one line");
        if (n > c->width) c->width = n;
    }
    c->n_terms += d->n_terms;
    return c->n_terms <= SP_CUSTOM_TERMS_MAX ? SP_OK : is_wrong(diag, "all detectors may have 4096 terms");
}

/* What allows takes no part in the search. */
static sp_status judge_rule(sp_custom *c, const sp_custom_detector *d, sp_diag *diag)
{
    size_t width = 0;
    const size_t before = c->width;
    if ((d->pattern != NULL) + (d->n_terms > 0) != 1 || d->shapes != NULL || d->words != NULL)
        return is_wrong(diag, "one of values and a pattern has to be given");
    if (d->allows >= SP_CLASS_LIMIT) return is_wrong(diag, "there is no such class of findings");
    if (d->pattern != NULL) return judge_pattern(&width, d->pattern, diag);
    const sp_status status = judge_terms(c, d, diag);
    c->width = before;
    return status;
}

static sp_status fill_row(sp_custom *c, size_t i, sp_diag *diag)
{
    const sp_custom_detector *d = &c->v[i];
    sp_row *row = &c->rows[i];
    *row = (sp_row){.name = d->name, .shapes = d->shapes, .near = d->words, .sure = d->sure, .least = LEAST};
    if (d->allows != SP_KIND_NONE) return judge_rule(c, d, diag);
    c->n_sought++;
    const int n = (d->pattern != NULL) + (d->shapes != NULL) + (d->n_terms > 0);
    if (n != 1) return is_wrong(diag, "one of a pattern, shapes and terms has to be given");
    if (d->check != NULL && (row->check = check_of(d->check)) == NULL)
        return is_wrong(diag, "there is no such check: luhn, verhoeff, mod11-10, mod11-2, mod97");
    if (d->pattern != NULL) return judge_pattern(&c->width, d->pattern, diag);
    return judge_terms(c, d, diag);
}

static void fill_kind(sp_kind_info *kind, const sp_custom_detector *d)
{
    const sp_kind_info *shipped = sp_kind_get((sp_kind)d->kind);
    if (d->allows != SP_KIND_NONE) {
        *kind = (sp_kind_info){SP_KIND_OWN, d->name, SP_CAT_NONE, 0, d->meaning};
        return;
    }
    *kind = shipped != NULL ? *shipped
                            : (sp_kind_info){SP_KIND_OWN, d->name, d->category, d->level,
                                             d->meaning != NULL ? d->meaning : d->name};
}

/* Words of patterns and terms stand in the index of numbers too, so that one reading finds all. */
static sp_status add_words(sp_custom *c, size_t i, sp_diag *diag)
{
    const sp_custom_detector *d = &c->v[i];
    if (d->shapes != NULL || d->words == NULL) return SP_OK;
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

/* ---- compiling ---- */

static bool is_word_byte(uint8_t c)
{
    return sp_is_alnum(c) || c == '_' || c >= 0x80;
}

/* Every byte as itself. */
static const char *literal_of(const char *term, sp_mem *mem)
{
    static const char hex[] = "0123456789abcdef";
    const size_t n = strlen(term);
    char *out = sp_alloc(mem, 4 * n + 1, 1);
    for (size_t i = 0; out != NULL && i < n; i++) {
        const uint8_t c = (uint8_t)term[i];
        const char byte[] = {'\\', 'x', hex[c >> 4], hex[c & 15]};
        memcpy(out + 4 * i, byte, sizeof byte);
    }
    return out;
}

static sp_status put_terms(sp_expressions *e, sp_custom *c, size_t row)
{
    const sp_custom_detector *d = &c->v[row];
    for (size_t i = 0; i < d->n_terms; i++) {
        const char *literal = literal_of(d->terms[i], &c->arena.mem);
        const size_t n = strlen(d->terms[i]);
        if (literal == NULL) return SP_ENOMEM;
        c->terms[c->n_terms] =
            (sp_custom_term){(uint16_t)row, (uint8_t)n, is_word_byte((uint8_t)d->terms[i][0]),
                             is_word_byte((uint8_t)d->terms[i][n - 1])};
        sp_expressions_put(e, literal, d->is_exact ? 0 : HS_FLAG_CASELESS, c->n + c->n_terms++);
    }
    return SP_OK;
}

static size_t row_of(const sp_custom *c, size_t id)
{
    return id < c->n ? id : c->terms[id - c->n].row;
}

static sp_status compile_one(hs_database_t **out, sp_custom *c, const sp_expressions *e, size_t *bad,
                             sp_diag *diag)
{
    hs_compile_error_t *error = NULL;
    if (e->n == 0) return SP_OK;
    const hs_error_t rc = hs_compile_multi(e->v, e->flags, e->ids, e->n, HS_MODE_BLOCK, NULL, out, &error);
    *bad = error != NULL && error->expression >= 0 ? row_of(c, e->ids[error->expression]) : c->n;
    const sp_status status =
        rc == HS_SUCCESS ? SP_OK : is_wrong(diag, error != NULL ? error->message : "they do not compile");
    (void)hs_free_compile_error(error);
    return status;
}

static sp_status compile_heads(sp_custom *c, size_t *bad, sp_diag *diag)
{
    enum { MOST = 8 };
    const char *v[MOST];
    unsigned flags[MOST], ids[MOST];
    sp_expressions e = {v, flags, ids, 0};
    bool has_shapes = false;
    for (size_t i = 0; i < c->n; i++) has_shapes = has_shapes || c->v[i].shapes != NULL;
    for (size_t i = 0; has_shapes && sp_number_heads[i] != NULL && i < MOST; i++)
        sp_expressions_put(&e, sp_number_heads[i], 0, 0);
    return compile_one(&c->heads, c, &e, bad, diag);
}

static sp_status compile_all(sp_custom *c, size_t *bad, sp_diag *diag)
{
    sp_mem *mem = &c->arena.mem;
    const size_t most = c->n + c->n_terms;
    sp_expressions e = {sp_alloc(mem, most, sizeof *e.v), sp_alloc(mem, most, sizeof *e.flags),
                        sp_alloc(mem, most, sizeof *e.ids), 0};
    c->terms = sp_alloc(mem, c->n_terms + 1, sizeof *c->terms);
    if (e.v == NULL || e.flags == NULL || e.ids == NULL || c->terms == NULL) return SP_ENOMEM;
    c->n_terms = 0;
    for (size_t i = 0; i < c->n; i++) {
        if (c->v[i].allows != SP_KIND_NONE) continue;
        if (c->v[i].pattern != NULL) sp_expressions_put(&e, c->v[i].pattern, 0, i);
        SP_TRY(put_terms(&e, c, i));
    }
    SP_TRY(compile_one(&c->ends, c, &e, bad, diag));
    for (unsigned i = 0; i < e.n; i++) {
        if (e.ids[i] < c->n) e.flags[i] |= HS_FLAG_SOM_LEFTMOST; /* of a term its length says it */
    }
    SP_TRY(compile_one(&c->matches, c, &e, bad, diag));
    SP_TRY(compile_heads(c, bad, diag));
    e.n = 0;
    SP_TRY(sp_custom__allow(c, &e));
    SP_TRY(compile_one(&c->whole, c, &e, bad, diag));
    *bad = c->n;
    return sp_custom__fit(&c->own, c);
}

/* ---- copies ---- */

static const char *copy_text(const char *text, sp_mem *mem, bool *is_done)
{
    const size_t n = text != NULL ? strlen(text) + 1 : 0;
    char *out = n > 0 ? sp_alloc(mem, n, 1) : NULL;
    if (out != NULL) memcpy(out, text, n);
    *is_done = *is_done && (out != NULL || text == NULL);
    return out;
}

static bool copy_one(sp_custom_detector *d, sp_mem *mem)
{
    bool is_done = true;
    const char **const texts[] = {&d->name, &d->meaning, &d->pattern, &d->shapes, &d->check, &d->words};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        *texts[i] = copy_text(*texts[i], mem, &is_done);
    const char **terms = sp_alloc(mem, d->n_terms + 1, sizeof *terms);
    if (terms == NULL || !is_done) return false;
    for (size_t i = 0; i < d->n_terms; i++) terms[i] = copy_text(d->terms[i], mem, &is_done);
    d->terms = terms;
    return is_done;
}

static sp_status copy_all(sp_custom *c, const sp_custom_detector *v)
{
    sp_mem *mem = &c->arena.mem;
    c->v = sp_alloc(mem, c->n, sizeof *c->v);
    c->rows = sp_alloc(mem, c->n, sizeof *c->rows);
    c->row_list = sp_alloc(mem, c->n, sizeof *c->row_list);
    c->kinds = sp_alloc(mem, c->n, sizeof *c->kinds);
    if (c->v == NULL || c->rows == NULL || c->row_list == NULL || c->kinds == NULL) return SP_ENOMEM;
    memcpy(c->v, v, c->n * sizeof *v);
    for (size_t i = 0; i < c->n; i++) {
        c->row_list[i] = &c->rows[i];
        if (!copy_one(&c->v[i], mem)) return SP_ENOMEM;
        fill_kind(&c->kinds[i], &c->v[i]);
    }
    return SP_OK;
}

/* FNV-1a over all that is written, each text with its end. An address comes again when other detectors are
 * there; this does not, and equal detectors need not be told apart. */
static uint64_t serial_add(uint64_t h, const void *p, size_t n)
{
    const uint8_t *bytes = p;
    for (size_t i = 0; i < n; i++) h = (h ^ bytes[i]) * UINT64_C(0x100000001b3);
    return h;
}

static uint64_t serial_add_text(uint64_t h, const char *text)
{
    return text != NULL ? serial_add(h, text, strlen(text) + 1) : serial_add(h, "\xff", 1);
}

static uint64_t serial_of(const sp_custom *c)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < c->n; i++) {
        const sp_custom_detector *d = &c->v[i];
        const char *const texts[] = {d->name, d->pattern, d->shapes, d->check, d->words};
        const uint8_t rest[] = {d->is_exact,
                                d->sure,
                                d->kind,
                                d->category,
                                d->level,
                                (uint8_t)(d->allows & 0xff),
                                (uint8_t)(d->allows >> 8)};
        for (size_t k = 0; k < sizeof texts / sizeof texts[0]; k++) h = serial_add_text(h, texts[k]);
        for (size_t k = 0; k < d->n_terms; k++) h = serial_add_text(h, d->terms[k]);
        h = serial_add(serial_add(h, rest, sizeof rest), &d->n_terms, sizeof d->n_terms);
    }
    return h != 0 && h != UINT64_MAX ? h : 1; /* those two say that nothing fits */
}

static sp_status build(sp_custom *c, size_t *bad, sp_diag *diag)
{
    c->serial = serial_of(c);
    for (size_t i = 0; i < c->n; i++) {
        *bad = i;
        SP_TRY(fill_row(c, i, diag));
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
    c->n = n;
    sp_status status = copy_all(c, v);
    if (status == SP_OK) status = build(c, bad, diag);
    if (status == SP_OK)
        *out = c;
    else
        sp_custom_free(c);
    return status;
}

void sp_custom_free(sp_custom *custom)
{
    if (custom == NULL) return;
    sp_custom__work_fini(&custom->own);
    (void)hs_free_database(custom->ends);
    (void)hs_free_database(custom->matches);
    (void)hs_free_database(custom->heads);
    (void)hs_free_database(custom->whole);
    sp_arena arena = custom->arena; /* it holds `custom` */
    arena.mem.ctx = &arena;
    sp_arena_fini(&arena);
}
