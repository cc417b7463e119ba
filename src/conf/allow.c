/* Rules of what is harmless though a detector finds it: their rows, what rows cannot say, and their examples.
 */
#include "conf/allow.h"

#include <string.h>

#include "conf/checks.h"
#include "conf/date.h"
#include "conf/detectors.h"
#include "conf/resolve_internal.h"
#include "conf/rows_internal.h"
#include "sallyport/label.h"
#include "sallyport/propose.h"

enum {
    KINDS_MAX = 16,
    LISTED_MAX = 200,
    VALUES_MAX = 1024,
    BROAD_PERCENT = 20, /* a pattern that allows more of a kind's own examples is probably not meant */
};

/* ---- rows ---- */

IS_MAP(spc_allows);

static const spc_row allow_rows[] = {
    {"name", TEXT_AT(spc_allow, name), .is_required = true, .check = spc_check_name,
     .pattern = SPC_PATTERN_NAME, .example = "test-cards",
     .doc = "What it is called: records say `allowed_by` with it."},
    {"reason", TEXT_AT(spc_allow, reason), .is_required = true, .min = 1, .max = LINE_MAX_BYTES,
     .check = spc_check_line, .example = "numbers that networks publish for tests",
     .doc = "Why what it allows is harmless, for people."},
    {"kinds", TEXTS_AT(spc_allow, kinds), .is_required = true, .is_short = true, .min = 1, .max = KINDS_MAX,
     .check = spc_check_name, .pattern = SPC_PATTERN_NAME, .example = "[card]",
     .doc =
         "As what it has to be found: kinds (docs/reference/tables.md), or names of `detectors` that have no "
         "`kind`. What else is found at the same place stays."},
    {"values", TEXTS_AT(spc_allow, values), .is_short = true, .min = 1, .max = VALUES_MAX,
     .check = spc_check_line, .example = "['4111 1111 1111 1111']",
     .doc = "Values as they stand in the text, byte by byte, at most 127 bytes each. One of `values` and "
            "`pattern` is given."},
    {"pattern", TEXT_AT(spc_allow, pattern), .min = 1, .max = SP_CUSTOM_PATTERN_MAX, .check = spc_check_line,
     .example = "'[a-z.]{1,40}@corp\\.example'",
     .doc = "Or a regular expression that the whole value has to match; no anchors, each repetition with a "
            "bound, 127 bytes at most."},
    {"examples", TEXTS_AT(spc_allow, examples), .is_short = true, .max = LISTED_MAX, .check = spc_check_line,
     .example = "[anna@corp.example]", .doc = "Values that the pattern has to allow; it needs one at least."},
    {"near_misses", TEXTS_AT(spc_allow, near_misses), .is_short = true, .max = LISTED_MAX,
     .check = spc_check_line, .example = "[anna@corp.example.org]",
     .doc = "Values that it must not allow; a pattern needs one at least."},
    {"until", TEXT_AT(spc_allow, until), .check = spc_check_date, .example = "2027-06-30",
     .doc = "From when on it allows nothing. Without it, it has no end."},
    {"credentials", BOOL_AT(spc_allow, covers_credentials), .def = "false", .example = "true",
     .doc =
         "Whether it may speak of kinds of the category `credentials`. Without it such a rule is refused."},
    {0},
};
const spc_table spc__allow_table = {allow_rows, sizeof(spc_allow), "rule", false};

/* ---- for the core ---- */

/* NULL where there is no memory: of half a pattern, or half a name, nobody may know. */
static const char *end_text(sp_buf *out)
{
    sp_buf_append_byte(out, '\0');
    return out->status == SP_OK ? (const char *)out->p : NULL;
}

static const char *text_of(sp_bytes text, sp_mem *mem)
{
    sp_buf out = SP_BUF_IN(mem);
    sp_buf_append(&out, text);
    return end_text(&out);
}

static const char *name_of(const spc_allow *a, size_t kind, sp_mem *mem)
{
    sp_buf out = SP_BUF_IN(mem);
    sp_buf_append(&out, a->kinds.v[kind].v);
    sp_buf_append_byte(&out, ':');
    sp_buf_append(&out, a->name.v);
    return end_text(&out);
}

static bool is_over(const spc_allow *a, uint64_t now_s)
{
    return a->until_s != 0 && now_s >= a->until_s;
}

/* @return false: no memory. */
static bool put_rule(sp_custom_detector *to, const spc_allow *a, sp_mem *mem)
{
    const char **values = sp_alloc(mem, a->values.n + 1, sizeof *values);
    bool is_done = values != NULL;
    for (size_t i = 0; is_done && i < a->values.n; i++) {
        values[i] = text_of(a->values.v[i].v, mem);
        is_done = values[i] != NULL;
    }
    const char *pattern = a->pattern.v.p != NULL ? text_of(a->pattern.v, mem) : NULL;
    const char *reason = text_of(a->reason.v, mem);
    is_done = is_done && reason != NULL && (pattern != NULL || a->pattern.v.p == NULL);
    for (size_t i = 0; is_done && i < a->kinds.n; i++) {
        to[i] = (sp_custom_detector){.name = name_of(a, i, mem),
                                     .meaning = reason,
                                     .pattern = pattern,
                                     .terms = values,
                                     .n_terms = a->values.n,
                                     .is_exact = true,
                                     .allows = a->classes[i]};
        is_done = to[i].name != NULL;
    }
    return is_done;
}

static size_t count_rows(const spc_conf *conf, uint64_t now_s)
{
    size_t n = conf->detectors.n;
    for (size_t i = 0; i < conf->allows.n; i++) {
        n += is_over(&conf->allows.v[i], now_s) ? 0 : conf->allows.v[i].kinds.n;
    }
    return n;
}

sp_custom_detector *spc_allow_compiled(const spc_conf *conf, uint64_t now_s, size_t *n, sp_mem *mem)
{
    *n = count_rows(conf, now_s);
    sp_custom_detector *v = *n > 0 ? sp_alloc(mem, *n, sizeof *v) : NULL;
    const sp_custom_detector *own =
        conf->detectors.n > 0 ? spc_detectors_compiled(&conf->detectors, mem) : NULL;
    if (v == NULL || (own == NULL && conf->detectors.n > 0)) {
        return NULL;
    }
    if (own != NULL) {
        memcpy(v, own, conf->detectors.n * sizeof *v);
    }
    size_t at = conf->detectors.n;
    for (size_t i = 0; i < conf->allows.n; i++) {
        const spc_allow *a = &conf->allows.v[i];
        if (is_over(a, now_s)) {
            continue;
        }
        if (!put_rule(&v[at], a, mem)) {
            return NULL;
        }
        at += a->kinds.n;
    }
    return v;
}

/* ---- what rows cannot say ---- */

static void complain(spc_resolver *r, const spc_text *text, const spc_report *words)
{
    spc_report report = *words;
    report.at = text->at;
    report.quoted = text->v;
    if (report.path.p == NULL) {
        report.path = SP_LIT("allow");
    }
    spc_problems_report(r->problems, &report);
}

static void resolve_kind(spc_resolver *r, spc_allow *a, size_t i)
{
    const spc_text *name = &a->kinds.v[i];
    spc_nearest nearest = SPC_NEAREST_TO(name->v);
    const uint16_t class = spc__class(r->conf, name->v, &nearest);
    const sp_kind_info *kind = class < SP_CLASS_OWN ? sp_kind_get((sp_kind) class) : NULL;
    const uint8_t category = kind != NULL ? kind->category
                             : class >= SP_CLASS_OWN
                                 ? r->conf->detectors.v[class - SP_CLASS_OWN].category_number
                                 : SP_CAT_NONE;
    a->classes[i] = class;
    if (class == SP_KIND_NONE) {
        complain(r, name,
                 &(spc_report){.path = SP_LIT("allow.kinds"),
                               .after = " is no kind, nor a detector of this file without one",
                               .nearest = nearest.best});
    } else if (kind != NULL && sp_kind_is_proposal(kind->kind)) {
        complain(r, name,
                 &(spc_report){.path = SP_LIT("allow.kinds"),
                               .after = " is what a small model says of a text, not a value"});
    } else if (category == SP_CAT_CREDENTIALS && !a->covers_credentials) {
        complain(r, name,
                 &(spc_report){.path = SP_LIT("allow.kinds"),
                               .after = " is a credential",
                               .help = "say credentials: true if these really open nothing"});
    }
}

static void check_rule(spc_resolver *r, const spc_allow *a)
{
    const bool is_pattern = a->pattern.v.p != NULL;
    if (is_pattern == (a->values.n > 0)) {
        complain(r, &a->name, &(spc_report){.after = " needs one of values and a pattern"});
    } else if (is_pattern && (a->examples.n == 0 || a->near_misses.n == 0)) {
        complain(r, &a->name, &(spc_report){.after = " has a pattern, so it needs examples and near_misses"});
    }
}

static void resolve_rule(spc_resolver *r, size_t i)
{
    spc_allow *a = &r->conf->allows.v[i];
    a->classes = spc__new(r, a->kinds.n, sizeof *a->classes);
    for (size_t k = 0; a->classes != NULL && k < a->kinds.n; k++) {
        resolve_kind(r, a, k);
    }
    for (size_t k = 0; k < i; k++) {
        if (sp_bytes_eq(r->conf->allows.v[k].name.v, a->name.v)) {
            complain(r, &a->name, &(spc_report){.after = " is there twice"});
        }
    }
    if (a->until.v.p != NULL && !spc_date_parse(&a->until_s, a->until.v)) {
        a->until_s = 1; /* refused while it was read */
    }
    check_rule(r, a);
}

/* ---- examples ---- */

typedef struct rule_trial {
    spc_resolver *r;
    const spc_allow *rule;
    sp_custom *custom;
} rule_trial;

static bool allows(const rule_trial *t, size_t kind, sp_bytes value)
{
    return sp_custom_allows(t->custom, t->rule->classes[kind], value);
}

static void try_examples(const rule_trial *t)
{
    const spc_allow *a = t->rule;
    for (size_t i = 0; i < a->examples.n; i++) {
        if (!allows(t, 0, a->examples.v[i].v)) {
            complain(t->r, &a->examples.v[i],
                     &(spc_report){.path = SP_LIT("allow.examples"),
                                   .after = " is not allowed by its rule",
                                   .help = "the pattern has to match the whole value"});
        }
    }
    for (size_t i = 0; i < a->near_misses.n; i++) {
        if (allows(t, 0, a->near_misses.v[i].v)) {
            complain(t->r, &a->near_misses.v[i],
                     &(spc_report){.path = SP_LIT("allow.near_misses"), .after = " is allowed by its rule"});
        }
    }
}

/* What stands in the brackets of a shipped example. */
static sp_bytes value_of(const char *example)
{
    const char *open = strchr(example, '[');
    const char *close = open != NULL ? strchr(open, ']') : NULL;
    return close != NULL ? (sp_bytes){(const uint8_t *)open + 1, (size_t)(close - open) - 1} : SP_BYTES_EMPTY;
}

static void warn_if_broad(const rule_trial *t, size_t kind)
{
    sp_detector d;
    size_t n = 0, n_allowed = 0;
    for (size_t i = 0; sp_detector_at(&d, i); i++) {
        for (const char *const *e = d.examples; d.kind == t->rule->classes[kind] && *e != NULL; e++) {
            const sp_bytes value = value_of(*e);
            n += value.n > 0;
            n_allowed += value.n > 0 && allows(t, kind, value);
        }
    }
    if (n_allowed * 100 > n * BROAD_PERCENT) {
        complain(t->r, &t->rule->kinds.v[kind],
                 &(spc_report){.severity = SPC_WARNING,
                               .path = SP_LIT("allow.kinds"),
                               .before = "the rule allows much of what is found as ",
                               .help = "it allows more than a fifth of the examples that the kind is shipped "
                                       "with: is it meant so wide?"});
    }
}

/* The problem outlives the words. */
static sp_status complain_why(spc_resolver *r, const spc_text *text, spc_report *report, const sp_diag *diag)
{
    sp_bytes said;
    SP_TRY(sp_bytes_copy(&said, (sp_bytes){(const uint8_t *)diag->text, strlen(diag->text) + 1}, r->mem));
    report->help = (const char *)said.p;
    complain(r, text, report);
    return SP_OK;
}

/* A rule that is compiled with the wrong words is named at its pattern or its first value. */
static sp_status compile(sp_custom **out, spc_resolver *r, const spc_allow *a)
{
    size_t bad;
    sp_diag diag = {0};
    sp_custom_detector *v = sp_alloc(r->mem, a->kinds.n, sizeof *v);
    if (v == NULL || !put_rule(v, a, r->mem)) {
        return SP_ENOMEM;
    }
    const sp_status status = sp_custom_new(out, v, a->kinds.n, &bad, &diag);
    if (status != SP_ERANGE) {
        return status;
    }
    spc_report report = {.after = " cannot be used"};
    return complain_why(r, a->pattern.v.p != NULL ? &a->pattern : &a->values.v[0], &report, &diag);
}

static sp_status try_rule(spc_resolver *r, const spc_allow *a)
{
    rule_trial t = {r, a, NULL};
    SP_TRY(compile(&t.custom, r, a));
    if (t.custom == NULL) {
        return SP_OK;
    }
    try_examples(&t);
    for (size_t k = 0; k < a->kinds.n && a->pattern.v.p != NULL; k++) {
        warn_if_broad(&t, k);
    }
    sp_custom_free(t.custom);
    return SP_OK;
}

/* All of them and the detectors, as a worker takes them: what each keeps may still be too much together. */
static sp_status compile_together(spc_resolver *r)
{
    size_t n, bad;
    sp_diag diag = {0};
    sp_custom *custom = NULL;
    const sp_custom_detector *v = spc_allow_compiled(r->conf, 0, &n, r->mem);
    if (v == NULL) {
        return SP_ENOMEM;
    }
    const sp_status status = sp_custom_new(&custom, v, n, &bad, &diag);
    sp_custom_free(custom);
    if (status == SP_OK) {
        return SP_OK;
    }
    if (diag.text[0] == '\0') {
        (void)sp_fail(&diag, status, SIZE_MAX, "they take more memory than detectors may");
    }
    spc_report report = {.before = "detectors and rules cannot be used together, beginning with "};
    return complain_why(r, &r->conf->allows.v[0].name, &report, &diag);
}

static void note(spc_resolver *r, sp_status status)
{
    r->problems->status = r->problems->status == SP_OK ? status : r->problems->status;
}

/* Each by itself: what is wrong with one has its place. */
void spc__resolve_allows(spc_resolver *r)
{
    const spc_allows *allows = &r->conf->allows;
    if (r->problems->n_errors > 0 || allows->n == 0) {
        return; /* kinds may be names of detectors that were refused */
    }
    for (size_t i = 0; i < allows->n; i++) {
        resolve_rule(r, i);
    }
    if (count_rows(r->conf, 0) > SP_CUSTOM_MAX) {
        complain(r, &allows->v[0].name,
                 &(spc_report){.before = "detectors and kinds of rules are more than 256, beginning with "});
    }
    for (size_t i = 0; i < allows->n && r->problems->n_errors == 0; i++) {
        note(r, try_rule(r, &allows->v[i]));
    }
    if (r->problems->n_errors == 0) {
        note(r, compile_together(r));
    }
}
