/* Case files: their rows, and what rows cannot say: names that have to be those of the configuration. */
#include "conf/cases.h"

#include <string.h>

#include "conf/checks.h"
#include "conf/date.h"
#include "conf/nearest.h"
#include "conf/read.h"
#include "conf/resolve_internal.h"
#include "conf/rows_internal.h"

enum { CASES_MAX = 100000, LISTED_MAX = 64, FINDINGS_MAX = 100000 };

/* ---- rows ---- */

IS_MAP(spc_case_findings);
IS_MAP(spc_cases);

static const spc_row finding_rows[] = {
    {"kind", TEXT_AT(spc_case_finding, kind), .is_required = true, .example = "iban"},
    {"count", COUNT_AT(spc_case_finding, count), .max = FINDINGS_MAX, .def = "1", .example = "1"},
    {"confidence", COUNT_AT(spc_case_finding, confidence), .max = 100, .def = "100", .example = "90"},
    {"is_placed", BOOL_AT(spc_case_finding, is_placed), .def = "true", .example = "true"},
    {0},
};
static const spc_table finding_table = {finding_rows, sizeof(spc_case_finding), "finding", false};

#define NAMES_AT(f, text) TEXTS_AT(spc_given, f), .is_short = true, .max = LISTED_MAX, .example = text
static const spc_row given_rows[] = {
    {"application", TEXT_AT(spc_given, application), .is_required = true, .example = "chat"},
    {"model", TEXT_AT(spc_given, model), .is_required = true, .example = "assistant"},
    {"subject", TEXT_AT(spc_given, subject), .example = "alice@corp.example"},
    {"text", TEXT_AT(spc_given, text), .example = "\"Shorten this.\""},
    {"request", .type = SPC_TYPE_TREE, .offset = offsetof(spc_given, request),
     .example = "{model: assistant, messages: [{role: user, content: \"Shorten this.\"}]}"},
    {"at", TEXT_AT(spc_given, at), .check = spc_check_date, .example = "2026-06-15"},
    {"use_case", NAMES_AT(use_case, "contract-review")},
    {"sources", NAMES_AT(sources, "[crm]")},
    {"lapsed", NAMES_AT(lapsed, "[dpa of acme]")},
    {"findings", LIST_AT(spc_given, findings), .max = LISTED_MAX, .table = &finding_table,
     .example = "[{kind: iban, count: 1}]"},
    {"uses", NAMES_AT(uses, "[state]")},
    {"origins", NAMES_AT(origins, "[user, tool]")},
    {0},
};
static const spc_table given_table = {given_rows, sizeof(spc_given), NULL, false};

static const spc_row expect_rows[] = {
    {"outcome", TEXT_AT(spc_expect, outcome), .example = "allow"},
    {"destination", TEXT_AT(spc_expect, destination), .example = "cloud"},
    {"level", TEXT_AT(spc_expect, level), .example = "internal"},
    {"categories", TEXTS_AT(spc_expect, categories), .is_short = true, .max = LISTED_MAX, .example = "[pii]"},
    {"integrity", TEXT_AT(spc_expect, integrity), .example = "untrusted"},
    {"status", TEXT_AT(spc_expect, status), .example = "no_destination_cleared"},
    {"because", TEXTS_AT(spc_expect, because), .is_short = true, .max = LISTED_MAX,
     .example = "[no_destination_cleared, cloud requirement dpa]"},
    {0},
};
static const spc_table expect_table = {expect_rows, sizeof(spc_expect), NULL, false};

static const spc_row case_rows[] = {
    {"name", TEXT_AT(spc_case, name), .is_required = true, .min = 1, .max = LINE_MAX_BYTES,
     .check = spc_check_line, .example = "an account makes a question confidential"},
    {"given", RECORD_AT(spc_case, given), .is_required = true, .table = &given_table,
     .example = "{application: chat, model: assistant, text: \"Hello\"}"},
    {"expect", RECORD_AT(spc_case, expect), .is_required = true, .table = &expect_table,
     .example = "{outcome: allow}"},
    {0},
};
static const spc_table case_table = {case_rows, sizeof(spc_case), "case", false};

/* A file is a list; it is read as the one key of a map. */
static const spc_row file_rows[] = {
    {"cases", LIST_AT(spc_cases, v), .min = 1, .max = CASES_MAX, .table = &case_table,
     .example = "[{name: …, given: {…}, expect: {…}}]"},
    {0},
};
static const spc_table file_table = {file_rows, sizeof(spc_cases), NULL, false};
_Static_assert(offsetof(spc_cases, v) == 0, "the list is the whole of it");

/* ---- names ---- */

typedef struct checker {
    const spc_conf *conf;
    spc_problems *problems;
    uint64_t now_s;
} checker;

typedef struct fault {
    const char *key, *after, *help;
    sp_bytes nearest;
} fault;

static void complain(checker *k, const spc_text *text, const fault *f)
{
    spc_problems_report(k->problems, &(spc_report){.at = text->at,
                                                   .path = sp_bytes_of(f->key),
                                                   .quoted = text->v,
                                                   .after = f->after,
                                                   .help = f->help,
                                                   .nearest = f->nearest});
}

static const char *const outcomes[] = {"allow", "declassify", "reroute", "deny"};

static bool is_outcome(sp_bytes word, spc_nearest *nearest)
{
    for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++) {
        if (sp_bytes_eq(word, sp_bytes_of(outcomes[i]))) {
            return true;
        }
        spc_nearest_offer(nearest, sp_bytes_of(outcomes[i]));
    }
    return false;
}

static bool is_status(sp_bytes word, spc_nearest *nearest)
{
    const sp_error_info *row;
    for (size_t i = 0; (row = sp_error_at(i)) != NULL; i++) {
        if (sp_bytes_eq(word, sp_bytes_of(row->name))) {
            return true;
        }
        spc_nearest_offer(nearest, sp_bytes_of(row->name));
    }
    return sp_bytes_eq(word, SP_LIT("ok"));
}

static bool is_destination(const spc_conf *conf, sp_bytes word, spc_nearest *nearest)
{
    for (size_t i = 0; i < conf->destinations.n; i++) {
        spc_nearest_offer(nearest, conf->destinations.v[i].name.v);
    }
    return spc_destination_find(conf, word) >= 0;
}

/* ---- given ---- */

static void check_application(checker *k, const spc_given *g)
{
    spc_nearest nearest = SPC_NEAREST_TO(g->application.v);
    if (g->application.v.p == NULL || spc_application_find(k->conf, g->application.v) >= 0) {
        return;
    }
    for (size_t i = 0; i < k->conf->applications.n; i++) {
        spc_nearest_offer(&nearest, k->conf->applications.v[i].name.v);
    }
    complain(k, &g->application,
             &(fault){"cases.given.application", " is no application of the configuration",
                      "only applications have keys", nearest.best});
}

static bool states(const spc_statements *list, sp_bytes fact, spc_nearest *nearest)
{
    for (size_t i = 0; list != NULL && i < list->n; i++) {
        if (sp_bytes_eq(list->v[i].name.v, fact)) {
            return true;
        }
        spc_nearest_offer(nearest, list->v[i].name.v);
    }
    return false;
}

/* FACT of NAME; nothing is taken away that nobody states, or a slip would make the case say nothing. */
static void check_lapse(checker *k, const spc_text *text, spc_lapse *out)
{
    static const char of[] = " of ";
    const uint8_t *at = memmem(text->v.p, text->v.n, of, sizeof of - 1);
    const size_t n = at != NULL ? (size_t)(at - text->v.p) : text->v.n;
    *out = (spc_lapse){.fact = sp_bytes_sub(text->v, 0, n),
                       .of = sp_bytes_sub(text->v, n + sizeof of - 1, text->v.n)};
    spc_nearest nearest = SPC_NEAREST_TO(out->fact);
    const spc_statements *list = at != NULL ? spc_statements_of(k->conf, out->of) : NULL;
    if (list == NULL) {
        complain(
            k, text,
            &(fault){"cases.given.lapsed", " names no vendor and no destination", "write FACT of NAME", {0}});
    } else if (!states(list, out->fact, &nearest)) {
        complain(k, text,
                 &(fault){"cases.given.lapsed", " is stated nowhere", "see its `facts`", nearest.best});
    }
}

static void check_given(checker *k, spc_given *g, const spc_text *at)
{
    const bool has_text = g->text.v.p != NULL;
    check_application(k, g);
    if (has_text == (g->request != NULL)) {
        const spc_text place = {.at = at->at};
        complain(k, &place, &(fault){"cases.given", "either a text or a request has to be given", NULL, {0}});
    }
    g->at_s = k->now_s;
    (void)(g->at.v.p != NULL && spc_date_parse(&g->at_s, g->at.v));
    spc_lapse *lapses = sp_alloc(k->problems->mem, g->lapsed.n, sizeof *lapses);
    if (lapses == NULL && g->lapsed.n > 0) {
        k->problems->status = SP_ENOMEM;
        return;
    }
    for (size_t i = 0; i < g->lapsed.n; i++) {
        check_lapse(k, &g->lapsed.v[i], &lapses[i]);
        lapses[i].at_s = g->at_s;
    }
    g->lapses = (spc_lapses){lapses, g->lapsed.n};
}

/* ---- expect ---- */

static void check_word(checker *k, const spc_text *text, bool is_known, const fault *f)
{
    if (text->v.p != NULL && !is_known) {
        complain(k, text, f);
    }
}

/* The first word says what the rest is of; what it lacks is compared, not looked up: it may be a fact, a kind
 * of use or a declassifier. */
static void check_because(checker *k, const spc_text *text)
{
    const uint8_t *blank = memchr(text->v.p, ' ', text->v.n);
    const sp_bytes word = sp_bytes_sub(text->v, 0, blank != NULL ? (size_t)(blank - text->v.p) : text->v.n);
    spc_nearest nearest = SPC_NEAREST_TO(word);
    if (!is_status(word, &nearest) && !is_destination(k->conf, word, &nearest)) {
        complain(k, text,
                 &(fault){"cases.expect.because", " begins with no status and no destination", NULL,
                          nearest.best});
    }
}

static void check_label(checker *k, const spc_expect *e)
{
    const sp_names *names = &k->conf->names;
    spc_nearest level = SPC_NEAREST_TO(e->level.v);
    const bool is_level = spc__name_find(names->level, SP_LEVEL_MAX + 1, e->level.v, &level) >= 0;
    check_word(k, &e->level, is_level, &(fault){"cases.expect.level", " is not a level", NULL, level.best});
    const bool is_trust =
        sp_bytes_eq(e->integrity.v, SP_LIT("trusted")) || sp_bytes_eq(e->integrity.v, SP_LIT("untrusted"));
    check_word(k, &e->integrity, is_trust,
               &(fault){"cases.expect.integrity", " is no integrity", "write trusted or untrusted", {0}});
    for (size_t i = 0; i < e->categories.n; i++) {
        const spc_text *category = &e->categories.v[i];
        spc_nearest nearest = SPC_NEAREST_TO(category->v);
        const bool is_known = spc__name_find(names->category, 64, category->v, &nearest) >= 0;
        check_word(k, category, is_known,
                   &(fault){"cases.expect.categories", " is not a category", NULL, nearest.best});
    }
}

static void check_expect(checker *k, const spc_expect *e, const spc_text *at)
{
    spc_nearest outcome = SPC_NEAREST_TO(e->outcome.v);
    spc_nearest status = SPC_NEAREST_TO(e->status.v);
    spc_nearest destination = SPC_NEAREST_TO(e->destination.v);
    const bool is_outcome_known = is_outcome(e->outcome.v, &outcome);
    const bool is_status_known = is_status(e->status.v, &status);
    const bool is_known = is_destination(k->conf, e->destination.v, &destination);
    check_word(k, &e->outcome, is_outcome_known,
               &(fault){"cases.expect.outcome", " is not an outcome", "allow, declassify, reroute or deny",
                        outcome.best});
    check_word(
        k, &e->status, is_status_known,
        &(fault){"cases.expect.status", " is not a status", "see docs/reference/tables.md", status.best});
    check_word(k, &e->destination, is_known,
               &(fault){"cases.expect.destination", " is no destination of the configuration", NULL,
                        destination.best});
    check_label(k, e);
    for (size_t i = 0; i < e->because.n; i++) {
        check_because(k, &e->because.v[i]);
    }
    const bool is_empty = e->outcome.v.p == NULL && e->status.v.p == NULL && e->destination.v.p == NULL &&
                          e->level.v.p == NULL && e->integrity.v.p == NULL && e->categories.at.line == 0 &&
                          e->because.n == 0;
    if (is_empty) {
        const spc_text place = {.at = at->at};
        complain(k, &place,
                 &(fault){"cases.expect", "nothing is expected", "a case has to say something", {0}});
    }
}

/* ---- the file ---- */

sp_status spc_cases_read(spc_cases *out, spc_problems *problems, const spc_conf *conf, const spc_source *file)
{
    const spc_node *root = NULL;
    checker k = {conf, problems, file->now_s};
    *out = (spc_cases){0};
    SP_TRY(spc_document_read(&root, problems, file->bytes));
    if (root == NULL) {
        return SP_OK;
    }
    spc_node list = *root;
    list.key = SP_LIT("cases");
    list.next = NULL;
    const spc_node whole = {.kind = SPC_NODE_MAP, .child = &list, .at = root->at};
    SP_TRY(spc_table_read(out, &file_table, &whole, problems));
    for (size_t i = 0; i < out->n && problems->n_errors == 0; i++) {
        check_given(&k, &out->v[i].given, &out->v[i].at);
        check_expect(&k, &out->v[i].expect, &out->v[i].at);
    }
    spc_problems_sort(problems);
    return problems->status;
}
