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
     .example = "staff-number"},
    {"meaning", TEXT_AT(spc_detector, meaning), .is_required = true, .min = 1, .max = LINE_MAX_BYTES,
     .check = spc_check_line, .example = "number of an employee"},
    {"kind", TEXT_AT(spc_detector, kind), .example = "us-ssn"},
    {"category", TEXT_AT(spc_detector, category), .example = "hr"},
    {"level", TEXT_AT(spc_detector, level), .example = "confidential"},
    {"pattern", TEXT_AT(spc_detector, pattern), .min = 1, .max = SP_CUSTOM_PATTERN_MAX,
     .check = spc_check_line, .example = "'\\bEMP-[0-9]{6}\\b'"},
    {"shapes", TEXTS_AT(spc_detector, shapes), .is_short = true, .max = LISTED_MAX, .check = spc_check_line,
     .example = "ddd~ddd"},
    {"check", TEXT_AT(spc_detector, check), .example = "luhn"},
    {"words", TEXTS_AT(spc_detector, words), .is_short = true, .max = LISTED_MAX, .check = spc_check_line,
     .example = "[staff no, personnel number]"},
    {"confidence", COUNT_AT(spc_detector, confidence), .max = 100, .def = "0", .example = "90"},
    {"examples", TEXTS_AT(spc_detector, examples), .is_required = true, .is_short = true, .min = 1,
     .max = LISTED_MAX, .example = "['badge [EMP-004711]']"},
    {"near_misses", TEXTS_AT(spc_detector, near_misses), .is_required = true, .is_short = true, .min = 1,
     .max = LISTED_MAX, .example = "['EMP-47']"},
    {0},
};
static const spc_table detector_table = {detector_rows, sizeof(spc_detector), "detector", false};

/* A map of names, as the configuration has its entries. */
static const spc_row file_rows[] = {
    {"detectors", LIST_AT(spc_detectors, v), .is_required = true, .min = 1, .max = SP_CUSTOM_MAX,
     .table = &detector_table, .example = "[{name: ..., meaning: ..., pattern: ...}]"},
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

static void check_kind(spc_problems *problems, const spc_detector *d)
{
    const sp_kind_info *kind;
    spc_nearest nearest = SPC_NEAREST_TO(d->kind.v);
    for (size_t i = 0; (kind = sp_kind_at(i)) != NULL; i++) {
        if (sp_bytes_eq(sp_bytes_of(kind->name), d->kind.v)) {
            return;
        }
        spc_nearest_offer(&nearest, sp_bytes_of(kind->name));
    }
    complain(problems, &d->kind, "detectors.kind", " is no kind (sallyport detector list)", nearest.best);
}

/* A shipped kind brings its label; one of its own needs both parts of it. */
static void check_label(spc_problems *problems, const spc_detector *d)
{
    sp_names names;
    sp_names_init(&names);
    spc_nearest category = SPC_NEAREST_TO(d->category.v), level = SPC_NEAREST_TO(d->level.v);
    if (d->kind.v.p != NULL && (d->category.v.p != NULL || d->level.v.p != NULL)) {
        complain(problems, &d->kind, "detectors.kind", " brings its own category and level", SP_BYTES_EMPTY);
    } else if (d->kind.v.p != NULL) {
        check_kind(problems, d);
    } else if (d->category.v.p == NULL || d->level.v.p == NULL) {
        complain(problems, &d->name, "detectors", " needs a kind, or a category and a level", SP_BYTES_EMPTY);
    } else if (spc__name_find(names.category, 64, d->category.v, &category) < 0) {
        complain(problems, &d->category, "detectors.category", " is no category", category.best);
    } else if (spc__name_find(names.level, SP_LEVEL_MAX + 1, d->level.v, &level) < 0) {
        complain(problems, &d->level, "detectors.level", " is no level", level.best);
    }
}

static void check_unique(spc_problems *problems, const spc_detectors *all, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (sp_bytes_eq(all->v[k].name.v, all->v[i].name.v)) {
            complain(problems, &all->v[i].name, "detectors.name", " is there twice", SP_BYTES_EMPTY);
            return;
        }
    }
}

sp_status spc_detectors_read(spc_detectors *out, spc_problems *problems, sp_bytes file)
{
    const spc_node *root = NULL;
    *out = (spc_detectors){0};
    SP_TRY(spc_document_read(&root, problems, file));
    if (root == NULL) {
        return SP_OK;
    }
    SP_TRY(spc_table_read(out, &file_table, root, problems));
    for (size_t i = 0; i < out->n && problems->n_errors == 0; i++) {
        check_label(problems, &out->v[i]);
        check_unique(problems, out, i);
    }
    spc_problems_sort(problems);
    return problems->status;
}

/* ---- for the core ---- */

/* NULL for what was not written. */
static const char *text_of(const spc_text *text, sp_mem *mem)
{
    sp_buf out = SP_BUF_IN(mem);
    if (text->v.p == NULL) {
        return NULL;
    }
    sp_buf_append(&out, text->v);
    sp_buf_append_byte(&out, '\0');
    return (const char *)out.p;
}

static const char *list_of(const spc_texts *texts, char separator, sp_mem *mem)
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
    sp_buf_append_byte(&out, '\0');
    return (const char *)out.p;
}

sp_custom_detector *spc_detectors_compiled(const spc_detectors *detectors, sp_mem *mem)
{
    sp_custom_detector *v = sp_alloc(mem, detectors->n, sizeof *v);
    for (size_t i = 0; v != NULL && i < detectors->n; i++) {
        const spc_detector *d = &detectors->v[i];
        v[i] = (sp_custom_detector){
            .name = text_of(&d->name, mem),
            .pattern = text_of(&d->pattern, mem),
            .shapes = list_of(&d->shapes, ' ', mem),
            .check = text_of(&d->check, mem),
            .words = list_of(&d->words, '|', mem),
            .sure = (uint8_t)d->confidence,
        };
    }
    return v;
}

void spc_detectors_blame(const spc_detectors *detectors, spc_problems *problems, size_t bad, const char *what)
{
    const spc_detector *d = bad < detectors->n ? &detectors->v[bad] : NULL;
    const spc_text *text = d == NULL                ? NULL
                           : d->pattern.v.p != NULL ? &d->pattern
                           : d->shapes.n > 0        ? &d->shapes.v[0]
                                                    : &d->name;
    spc_problems_report(problems,
                        &(spc_report){.at = text != NULL ? text->at : (spc_mark){0, 0},
                                      .path = SP_LIT("detectors"),
                                      .quoted = d != NULL ? d->name.v : (sp_bytes){NULL, 0},
                                      .after = d != NULL ? " cannot be used" : "they cannot be used",
                                      .help = what});
}
