/* Detectors of an organisation: their rows, and what rows cannot say. */
#include "conf/detectors.h"

#include <string.h>

#include "conf/checks.h"
#include "conf/nearest.h"
#include "conf/read.h"
#include "conf/resolve_internal.h"
#include "conf/rows_internal.h"
#include "sallyport/label.h"

enum { LISTED_MAX = 200 };

/* ---- rows ---- */

IS_MAP(spc_detectors);

static const spc_row detector_rows[] = {
    {"name", TEXT_AT(spc_detector, name), .is_required = true, .check = spc_check_name,
     .pattern = SPC_PATTERN_NAME, .example = "staff-number",
     .doc = "What it is called: in records, in answers that are masked, in `findings`."},
    {"meaning", TEXT_AT(spc_detector, meaning), .is_required = true, .min = 1, .max = LINE_MAX_BYTES,
     .check = spc_check_line, .example = "number of an employee", .doc = "What it finds, for people."},
    {"kind", TEXT_AT(spc_detector, kind), .check = spc_check_name, .pattern = SPC_PATTERN_NAME,
     .example = "us-ssn",
     .doc = "A shipped kind that it finds more of (docs/reference/tables.md). Else it needs `category` and "
            "`level`."},
    {"category", TEXT_AT(spc_detector, category), .check = spc_check_name, .pattern = SPC_PATTERN_NAME,
     .example = "hr", .doc = "The category that a finding brings."},
    {"level", TEXT_AT(spc_detector, level), .check = spc_check_name, .pattern = SPC_PATTERN_NAME,
     .example = "confidential", .doc = "The least level that a finding brings."},
    {"pattern", TEXT_AT(spc_detector, pattern), .min = 1, .max = SP_CUSTOM_PATTERN_MAX,
     .check = spc_check_line, .example = "'\\bEMP-[0-9]{6}\\b'",
     .doc = "A regular expression that matches 1 to 127 bytes, looked for in each line; no anchors, each "
            "repetition with a bound. One of `pattern`, `shapes` and `terms` is given."},
    {"shapes", TEXTS_AT(spc_detector, shapes), .is_short = true, .min = 1, .max = LISTED_MAX,
     .check = spc_check_line, .example = "ddd~ddd",
     .doc = "What a number looks like: `d` digit, `a` letter, `x` either, `~` a separator or none."},
    {"terms", TEXTS_AT(spc_detector, terms), .is_short = true, .min = 1, .max = SP_CUSTOM_TERMS_MAX,
     .check = spc_check_line, .example = "[Nordlicht, Project Falcon]",
     .doc = "Words or phrases that are found as they stand, as whole words: a dictionary. All detectors "
            "together may have 4,096."},
    {"exact_case", BOOL_AT(spc_detector, is_exact), .def = "false", .example = "true",
     .doc = "Whether capitals of `terms` count. Without it those of A to Z do not; those of other letters "
            "always do."},
    {"check", TEXT_AT(spc_detector, check), .check = spc_check_name, .pattern = SPC_PATTERN_NAME,
     .example = "luhn",
     .doc = "What has to hold besides: `luhn`, `verhoeff`, `mod11-10`, `mod11-2` or `mod97`."},
    {"words", TEXTS_AT(spc_detector, words), .is_short = true, .min = 1, .max = LISTED_MAX,
     .check = spc_check_line, .example = "[staff no, personnel number]",
     .doc = "One of them has to stand near by; behind a `~` such as fit other things too."},
    {"confidence", COUNT_AT(spc_detector, confidence), .max = 100, .def = "0", .example = "90",
     .doc = "How sure a finding is, in percent, less with the distance of a word. 0: 90 with a check, else "
            "75. Below 60 nothing is found."},
    {"examples", TEXTS_AT(spc_detector, examples), .is_required = true, .is_short = true, .min = 1,
     .max = LISTED_MAX, .example = "['badge [EMP-004711]']",
     .doc = "Texts in which exactly what stands in brackets has to be found: else the file is refused."},
    {"near_misses", TEXTS_AT(spc_detector, near_misses), .is_required = true, .is_short = true, .min = 1,
     .max = LISTED_MAX, .example = "['EMP-47']", .doc = "Texts in which nothing may be found."},
    {0},
};
const spc_table spc__detector_table = {detector_rows, sizeof(spc_detector), "detector", false};

/* A map of names, as the configuration has its entries. */
static const spc_row file_rows[] = {
    {"detectors", LIST_AT(spc_detectors, v), .is_required = true, .min = 1, .max = SP_CUSTOM_MAX,
     .table = &spc__detector_table, .example = "[{name: ..., meaning: ..., pattern: ...}]"},
    {0},
};
static const spc_table file_table = {file_rows, sizeof(spc_detectors), NULL, false};
_Static_assert(offsetof(spc_detectors, v) == 0, "the list is the whole of it");

/* ---- names ---- */

static void complain(spc_problems *problems, const spc_text *text, const char *key, const char *after,
                     sp_bytes nearest)
{
    spc_problems_report(
        problems,
        &(spc_report){
            .at = text->at, .path = sp_bytes_of(key), .quoted = text->v, .after = after, .nearest = nearest});
}

static void resolve_kind(spc_problems *problems, spc_detector *d)
{
    const sp_kind_info *kind;
    spc_nearest nearest = SPC_NEAREST_TO(d->kind.v);
    for (size_t i = 0; (kind = sp_kind_at(i)) != NULL; i++) {
        if (sp_bytes_eq(sp_bytes_of(kind->name), d->kind.v)) {
            d->kind_number = (uint8_t)kind->kind;
            return;
        }
        spc_nearest_offer(&nearest, sp_bytes_of(kind->name));
    }
    complain(problems, &d->kind, "detectors.kind", " is no kind (sallyport detector list)", nearest.best);
}

/* A shipped kind brings its label; one of its own needs both parts of it. */
static void resolve_label(spc_problems *problems, spc_detector *d, const sp_names *names)
{
    spc_nearest category = SPC_NEAREST_TO(d->category.v), level = SPC_NEAREST_TO(d->level.v);
    if (d->kind.v.p != NULL && (d->category.v.p != NULL || d->level.v.p != NULL)) {
        complain(problems, &d->kind, "detectors.kind", " brings its own category and level", SP_BYTES_EMPTY);
        return;
    }
    if (d->kind.v.p != NULL) {
        resolve_kind(problems, d);
        return;
    }
    if (d->category.v.p == NULL || d->level.v.p == NULL) {
        complain(problems, &d->name, "detectors", " needs a kind, or a category and a level", SP_BYTES_EMPTY);
        return;
    }
    const int category_at = spc__name_find(names->category, 64, d->category.v, &category);
    const int level_at = spc__name_find(names->level, SP_LEVEL_MAX + 1, d->level.v, &level);
    if (category_at < 0) {
        complain(problems, &d->category, "detectors.category", " is no category", category.best);
    } else if (level_at < 0) {
        complain(problems, &d->level, "detectors.level", " is no level", level.best);
    } else {
        d->category_number = (uint8_t)category_at;
        d->level_number = (uint8_t)level_at;
    }
}

/* Rules and records know it by its name. */
static void check_name(spc_problems *problems, const spc_detectors *all, size_t i)
{
    const sp_kind_info *kind;
    for (size_t k = 0; (kind = sp_kind_at(k)) != NULL; k++) {
        if (sp_bytes_eq(sp_bytes_of(kind->name), all->v[i].name.v)) {
            complain(problems, &all->v[i].name, "detectors.name", " is the name of a shipped kind",
                     SP_BYTES_EMPTY);
            return;
        }
    }
    for (size_t k = 0; k < i; k++) {
        if (sp_bytes_eq(all->v[k].name.v, all->v[i].name.v)) {
            complain(problems, &all->v[i].name, "detectors.name", " is there twice", SP_BYTES_EMPTY);
            return;
        }
    }
}

void spc_detectors_resolve(spc_detectors *detectors, const sp_names *names, spc_problems *problems)
{
    for (size_t i = 0; i < detectors->n; i++) {
        resolve_label(problems, &detectors->v[i], names);
        check_name(problems, detectors, i);
    }
}

sp_status spc_detectors_read(spc_detectors *out, spc_problems *problems, sp_bytes file, const sp_names *names)
{
    const spc_node *root = NULL;
    sp_names shipped;
    *out = (spc_detectors){0};
    SP_TRY(spc_document_read(&root, problems, file));
    if (root == NULL) {
        return SP_OK;
    }
    SP_TRY(spc_table_read(out, &file_table, root, problems));
    sp_names_init(&shipped);
    if (problems->n_errors == 0) {
        spc_detectors_resolve(out, names != NULL ? names : &shipped, problems);
    }
    spc_problems_sort(problems);
    return problems->status;
}

/* ---- for the core ---- */

/* A text of C, NULL for what was not written. `*is_done` is cleared where there is no memory: what is only
 * part of a pattern, or lacks its check, would find something else. */
static const char *end_text(sp_buf *out, bool *is_done)
{
    sp_buf_append_byte(out, '\0');
    *is_done = *is_done && out->status == SP_OK;
    return out->status == SP_OK ? (const char *)out->p : NULL;
}

static const char *text_of(const spc_text *text, sp_mem *mem, bool *is_done)
{
    sp_buf out = SP_BUF_IN(mem);
    if (text->v.p == NULL) {
        return NULL;
    }
    sp_buf_append(&out, text->v);
    return end_text(&out, is_done);
}

static const char *list_of(const spc_texts *texts, char separator, sp_mem *mem, bool *is_done)
{
    sp_buf out = SP_BUF_IN(mem);
    if (texts->n == 0) {
        return NULL;
    }
    for (size_t i = 0; i < texts->n; i++) {
        if (i > 0) {
            sp_buf_append_byte(&out, (uint8_t)separator);
        }
        sp_buf_append(&out, texts->v[i].v);
    }
    return end_text(&out, is_done);
}

static void take_terms(sp_custom_detector *to, const spc_texts *from, sp_mem *mem, bool *is_done)
{
    const char **terms = sp_alloc(mem, from->n + 1, sizeof *terms);
    for (size_t i = 0; terms != NULL && i < from->n; i++) {
        terms[i] = text_of(&from->v[i], mem, is_done);
    }
    to->terms = terms;
    to->n_terms = from->n;
    *is_done = *is_done && terms != NULL;
}

sp_custom_detector *spc_detectors_compiled(const spc_detectors *detectors, sp_mem *mem)
{
    bool is_done = true;
    sp_custom_detector *v = sp_alloc(mem, detectors->n, sizeof *v);
    for (size_t i = 0; v != NULL && i < detectors->n; i++) {
        const spc_detector *d = &detectors->v[i];
        v[i] = (sp_custom_detector){
            .name = text_of(&d->name, mem, &is_done),
            .meaning = text_of(&d->meaning, mem, &is_done),
            .pattern = text_of(&d->pattern, mem, &is_done),
            .shapes = list_of(&d->shapes, ' ', mem, &is_done),
            .check = text_of(&d->check, mem, &is_done),
            .words = list_of(&d->words, '|', mem, &is_done),
            .is_exact = d->is_exact,
            .sure = (uint8_t)d->confidence,
            .kind = d->kind_number,
            .category = d->category_number,
            .level = d->level_number,
        };
        take_terms(&v[i], &d->terms, mem, &is_done);
    }
    return is_done ? v : NULL;
}

void spc_detectors_blame(const spc_detectors *detectors, spc_problems *problems, size_t bad, const char *what)
{
    const spc_detector *d = bad < detectors->n ? &detectors->v[bad] : NULL;
    const spc_text *text = d == NULL                ? NULL
                           : d->pattern.v.p != NULL ? &d->pattern
                           : d->shapes.n > 0        ? &d->shapes.v[0]
                           : d->terms.n > 0         ? &d->terms.v[0]
                                                    : &d->name;
    spc_problems_report(problems,
                        &(spc_report){.at = text != NULL ? text->at : (spc_mark){0, 0},
                                      .path = SP_LIT("detectors"),
                                      .quoted = d != NULL ? d->name.v : (sp_bytes){NULL, 0},
                                      .after = d != NULL ? " cannot be used" : "they cannot be used",
                                      .help = what});
}
