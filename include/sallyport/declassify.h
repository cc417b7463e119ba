/** @file declassify.h  Declassifiers: what a named one would take out of a label, and the work itself on the
 * body. Whether it worked is not believed: the new bytes are parsed, scanned and labelled again, and the
 * plain question is asked of that label (Myers & Liskov, SOSP 1997; docs/reference/policy.md). Pure
 * functions. */
#pragma once
#include "sallyport/policy.h"

/** What a declassifier would do for one destination. */
typedef struct sp_declassification {
    const sp_declassifier *declassifier; /**< NULL: none would help */
    sp_bits256 kinds;                    /**< set of sp_kind: findings of these are taken out */
    sp_bits256 own;                      /**< the same of detectors of the organisation, by their number */
    const sp_snapshot *snapshot;         /**< whose declassifier it is: names of `own` */
    uint8_t candidate; /**< of the model, for which it would be done; of sp_declassifier_next only */
} sp_declassification;

/** The first question: the first declassifier of the file that is for this destination, finds something to
 * take out, and without which the label would flow there. @param destination  row of the snapshot. */
sp_declassification sp_declassifier_find(const sp_question *question, const sp_labelling *labelling,
                                         uint16_t destination);

/** The same for the candidates of a decision: the first one, before the one that would be taken, that only
 * the flow refuses and a declassifier might open. @param refused  bit i: candidate i is not to be asked about
 * again. */
sp_declassification sp_declassifier_next(const sp_question *question, const sp_labelling *labelling,
                                         uint32_t refused);

/** Whether a declassifier might open another candidate if the one that `decision` takes fails: one that only
 * the flow refuses, and nothing of the moment keeps away. Then the try that begins is not the last one.
 * @param question  what `decision` answers. @param refused  as above. */
bool sp_declassifier_is_left(const sp_decision *decision, const sp_question *question,
                             const sp_labelling *labelling, uint32_t refused);

/** Does it take out findings of a class? */
static inline bool sp_declassification_has(const sp_declassification *what, unsigned class)
{
    return class < SP_CLASS_OWN ? sp_bits256_has(what->kinds, (uint8_t) class)
                                : sp_bits256_has(what->own, (uint8_t)(class - SP_CLASS_OWN));
}

/** The body with the findings of these kinds masked, or the texts that hold one dropped. Everything else
 * stays byte for byte. All of them or none: where one cannot be taken out (a key, a number, across texts, the
 * value of a header, beyond what is listed) nothing is done.
 *  @param out  the whole new body. @return SP_OK, SP_ENOMEM, SP_ERANGE (one could not be taken out, or there
 * is none). */
SP_NODISCARD sp_status sp_declassify(sp_buf *out, const sp_request *request, const sp_findings *findings,
                                     const sp_declassification *what);
