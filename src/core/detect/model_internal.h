/** @file model_internal.h  A loaded model at work: the sums of a sentence. Private to the core. */
#pragma once
#include "detect/model_features.h"
#include "sallyport/model.h"

/** What the heads of a model say of a stretch of text: sums of weights, and how long it is. Sums of stretches
 * that stand behind each other add up. */
typedef struct sp_sums {
    int32_t v[SP_MODEL_HEADS_MAX]; /**< behind those of the heads stands noise */
    uint32_t n_tokens;
    uint32_t n_known; /**< features that were learnt */
} sp_sums;

/** Adds the weights of a sentence's features to `*sums`. */
void sp_model__add(sp_sums *sums, const sp_scorer *model, const sp_sentence *sentence);
/** The margin of head `head` over the stretch, SP_MODEL_ONE to the one: above 0 the head says yes. */
int32_t sp_model__margin(const sp_scorer *model, const sp_sums *sums, unsigned head);
/** sp_model_score_injection of a part of a text with `around` further bytes (below 4 GiB): its threshold is
 * that of a text so long. */
SP_NODISCARD sp_status sp_model__score_part(sp_injection *out, const sp_scorer *model, sp_bytes text,
                                            sp_text_origin origin, size_t around);
/** Per mille of a margin: 500 at 0, towards 0 and SP_SCORE_ONE without reaching them. */
uint16_t sp_model__score(int32_t margin);
