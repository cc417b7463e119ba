/** @file exchange.h  A question, and all that the policy core answers: by the functions that the gateway
 * calls, and in the order in which it calls them (src/nginx/gate.c, attempt.c). */
#pragma once
#include "ask.h"
#include "sallyport/declassify.h"

/** What became of one candidate at which the flow refuses. */
typedef struct second {
    sp_declassification what; /**< the first question; `declassifier` is NULL: none would help */
    bool is_made;             /**< something could be taken out, so there is a second question */
    bool passes;              /**< the second question */
    uint8_t reason;           /**< sp_reason of the candidate, judged by what was made */
    sp_label label;           /**< of what was made */
} second;

typedef struct exchange {
    ask ask;
    sp_purpose purpose;
    sp_labelling labelling;
    sp_decision plain;                 /**< of the request as it came */
    sp_decision decision;              /**< as the gateway ends: after what declassifiers made */
    second seconds[SP_CANDIDATES_MAX]; /**< by candidate of `plain` */
    bool has_label;
} exchange;

/** Puts `x->ask`. @param mem  as long as the answer is used. */
void exchange_put(exchange *x, sp_mem *mem);
/** Destinations that pass, plainly or by what a declassifier made: a bit by row of the snapshot. */
uint32_t exchange_reached(const exchange *x);
/** Those where the flow does not refuse, or the first question is answered yes: before any work is done, and
 * whatever else is in the way. */
uint32_t exchange_openable(const exchange *x);

/** What parsing and scanning find in what a declassifier made. */
typedef struct made {
    sp_finding findings[ASK_FINDINGS];
    size_t n_findings;
    sp_use uses[ASK_USES + 1];
    sp_request request;
} made;

/** As `work` of the question says. @return false: nothing is made, since one of the findings cannot be taken
 * out. */
bool exchange_make(made *out, const ask *q, const sp_declassification *what);
/** Did it take out all that it is for, and nothing else happen? */
bool exchange_is_ideal(const ask *q, const second *s);
/** A reason without what became of the candidates before: NONE for TAKEN and NOT_REACHED. */
uint8_t exchange_by_itself(uint8_t reason);

void exchange_write_decision(const char *key, const exchange *x, const sp_decision *d);
/** Writes `transformed`: what was made by those that did less than they are for, or more. Of the others the
 * evaluator knows. */
void exchange_write_made(const exchange *x);
