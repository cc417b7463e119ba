/** @file dry.h  A decision without a gateway: the snapshot of a configuration, and the same functions that
 * workers call, in the same order. Sends nothing, records nothing. */
#pragma once
#include "cli/cli.h"
#include "sallyport/declassify.h"

/** One request, and what comes of it. What is above `purpose` is the caller's to fill in; all is borrowed. */
typedef struct cli_dry {
    sp_mem *mem;
    const sp_snapshot *snapshot;
    const sp_engine *engine;
    sp_scratch *scratch;
    const sp_application *application;
    const sp_dialect *dialect;
    sp_operation operation;
    sp_bytes body;
    sp_bytes use_cases, sources, subject; /**< as the headers name them; `p` NULL: no such header */
    uint64_t now_s;
    /* found */
    sp_purpose purpose;
    sp_request request;
    sp_findings findings, proposals;
    sp_labelling labelling;
    sp_decision decision;
    sp_bytes declassifier; /**< which made what was decided; empty: none */
    sp_label label_before; /**< of the original then */
    sp_diag diag;          /**< where and why the body was refused; `at` SIZE_MAX: nowhere in it */
} cli_dry;

/** The snapshot of a configuration that never expires; every destination counts as one that has an address.
 *  @return SP_OK, SP_ENOMEM, SP_ERANGE. */
SP_NODISCARD sp_status cli_dry_snapshot(sp_snapshot *out, const spc_conf *conf, uint64_t now_s, sp_mem *mem);

/** Detectors as a worker has them: the built-in ones and the organisation's. Zeroed: none. */
typedef struct cli_detectors {
    sp_engine *built_in, *engine; /**< `engine` is to be used */
    sp_custom *custom;            /**< NULL: there are none */
    sp_scratch *scratch;
} cli_detectors;
/** Compiles them; end with cli_detectors_free in every case. @param v  `n` of the organisation. @return
 * CLI_OK, or CLI_FAILED after a message. */
int cli_detectors_new(cli_detectors *out, const sp_custom_detector *v, size_t n);
void cli_detectors_free(cli_detectors *detectors);

/** Decides. @return SP_OK: `decision` is the policy's, whether it allows or denies; else why the request was
 * refused before (its names, its body), with `decision` a denial of that status. */
SP_NODISCARD sp_status cli_dry_decide(cli_dry *d);

/** Asks the second question with what a declassifier makes, and keeps the decision. @return whether it was
 * allowed so. */
typedef bool cli_declassify_fn(void *context, const sp_question *question, const sp_declassification *what);
/** Goes through the declassifiers that might open a candidate, as workers do, until `try` succeeds. @return
 * whether it did; else the plain question is left to be decided. */
bool cli_dry_declassify(const sp_question *question, const sp_labelling *labelling, cli_declassify_fn *try,
                        void *context);

/** The question of the request as it is here, for sentences about a denial. */
sp_question cli_dry_question(const cli_dry *d);
