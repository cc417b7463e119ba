/** @file judge.h  The small models as an engine holds them. Private to the core. */
#pragma once
#include "sallyport/judge.h"
#include "sallyport/patterns.h"

/** Immutable. */
typedef struct sp_judge {
    sp_scorer injection, use_case;
    sp_patterns *patterns;
} sp_judge;

/** Loads the files in the program, compiles the wordings. Free with sp_judge__fini, after a failure too.
 *  @return SP_OK, or what sp_model_load and sp_patterns_new return. */
SP_NODISCARD sp_status sp_judge__init(sp_judge *judge, sp_diag *diag);
/** Allowed on a zeroed one. */
void sp_judge__fini(sp_judge *judge);

/** How a text is judged. */
typedef struct sp_judge_in {
    sp_text_origin origin;
    sp_patterns_scratch *patterns;
    sp_scratch *scratch; /**< lends memory */
} sp_judge_in;

/** sp_judge_injection without an engine. */
SP_NODISCARD sp_status sp_judge__injection(sp_judgement *out, const sp_judge *judge, const sp_judge_in *in,
                                           sp_bytes text);
