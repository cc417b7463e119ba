/** @file cases.h  Case files of `sallyport policy test`: a list of {name, given, expect}, read by the rows
 * that the configuration is read by, so that mistakes are named with their place. */
#pragma once
#include "conf/lapse.h"

struct spc_node;

/** What a detector would find: for an evaluator that has none. */
typedef struct spc_case_finding {
    spc_text at, kind; /**< `at`: the place; without text */
    uint64_t count, confidence;
    bool is_placed;
} spc_case_finding;
typedef struct spc_case_findings {
    spc_case_finding *v;
    size_t n;
} spc_case_findings;

typedef struct spc_given {
    spc_text application, model, subject, at, text;
    const struct spc_node *request; /**< NULL: `text` is given */
    spc_texts use_case, sources, lapsed;
    spc_case_findings findings; /**< this and the next two: for evaluators without detectors and parser */
    spc_texts uses, origins;
    /* derived */
    uint64_t at_s; /**< since 1970 */
    spc_lapses lapses;
} spc_given;

/** Only what was written is compared. */
typedef struct spc_expect {
    spc_text outcome, destination, level, integrity, status;
    spc_texts categories; /**< at.line 0: not written */
    spc_texts because;
} spc_expect;

typedef struct spc_case {
    spc_text at; /**< the place; without text */
    spc_text name;
    spc_given given;
    spc_expect expect;
} spc_case;

typedef struct spc_cases {
    spc_case *v;
    size_t n;
} spc_cases;

/** Reads a case file and looks each name up in the configuration that it is about.
 *  @param file  its bytes; now_s: the time of cases that give none. @return SP_OK (look at
 * problems->n_errors), SP_ENOMEM. */
SP_NODISCARD sp_status spc_cases_read(spc_cases *out, spc_problems *problems, const spc_conf *conf,
                                      const spc_source *file);

/** The dialect of a case's request: that of the first destination of its model; openai for no model. */
sp_dialect_id spc_case_dialect(const spc_case *c, const spc_conf *conf);
/** Appends the body of its request: `request` as JSON, or `text` as the one message of a user. */
void spc_case_body_append(sp_buf *out, const spc_case *c, sp_dialect_id dialect);

/** Appends a tree as JSON. */
void spc_node_append_json(sp_buf *out, const struct spc_node *node);
