/** @file model.h  Small models of our own over text: how likely it holds orders for an assistant that its
 * reader did not give, and which use case and level an undeclared request has.
 *
 *  A model is a file that the caller holds (share/models, docs/reference/models.md): weights of hashed words
 * and of words that stand beside each other, learnt by tools/train from text of this repository. Scoring is
 * one pass over the bytes, in time linear in them, without memory of its own, and gives the same answer on
 * every machine. A score proposes; policy decides, and a proposal may only raise (docs/reference/policy.md).
 */
#pragma once
#include "sallyport/base.h"

/** What a model was trained for; stands in its file. A larger one for the same task (ONNX) gets an `engine`
 * of its own there, and callers stay as they are. */
typedef enum sp_model_task { SP_MODEL_NONE = 0, SP_MODEL_INJECTION = 1, SP_MODEL_USE_CASE = 2 } sp_model_task;
/** How the weights are used. */
typedef enum sp_model_engine { SP_MODEL_ENGINE_NONE = 0, SP_MODEL_HASHED_LINEAR = 1 } sp_model_engine;

enum {
    SP_MODEL_HEADS_MAX = 32,  /**< judgements that one model makes of a text at once */
    SP_MODEL_NORMS = 256,     /**< lengths that have a norm of their own; longer ones take the last */
    SP_MODEL_NORM_STEP = 4,   /**< tokens that two such lengths lie apart */
    SP_MODEL_PARAMS_MAX = 16, /**< numbers that go with the weights: thresholds, found by training */
    SP_MODEL_BITS_MAX = 18,   /**< most buckets: two to the power of it */
    SP_MODEL_ONE = 1024,      /**< a margin of 1, the distance of what was learnt from the line between */
    SP_SCORE_ONE = 1000,      /**< scores are per mille; from 500 on the model says yes */
};

/** A loaded model: borrows the bytes of its file. Immutable, shared by all threads. The zero value knows no
 *  feature and no task, and scoring with it is SP_EINTERNAL. */
typedef struct sp_scorer {
    sp_model_task task;
    unsigned n_heads;
    unsigned n_params;
    unsigned bucket_bits;
    uint16_t norms[SP_MODEL_NORMS];     /**< 65535 / sqrt(tokens + a constant) */
    int32_t bias[SP_MODEL_HEADS_MAX];   /**< margins */
    uint32_t scale[SP_MODEL_HEADS_MAX]; /**< a weight of 1, in margins times 65536 */
    int32_t params[SP_MODEL_PARAMS_MAX];
    const uint8_t *prints; /**< per bucket four fingerprints of two bytes */
    const int8_t *weights; /**< per slot `n_heads` of them */
} sp_scorer;

/** Reads a model file and checks all of it, its SHA-256 too; any bytes are safe.
 *  @param file  borrowed: must stay as long as `*out`.
 *  @param diag  NULL, or receives what is wrong and where.
 *  @return SP_OK; SP_EVERSION (of another format or other features), SP_ETRUNCATED, SP_ECORRUPT (the digest),
 * SP_ERANGE, SP_ECRYPTO. `*out` is then zero. */
SP_NODISCARD sp_status sp_model_load(sp_scorer *out, sp_bytes file, sp_diag *diag);

/** Who wrote a text. The zero value says nothing of it. */
typedef enum sp_text_origin {
    SP_TEXT_UNKNOWN = 0,
    SP_TEXT_USER,      /**< whom the assistant serves: may ask for anything but to break its rules */
    SP_TEXT_UNTRUSTED, /**< result of a tool, retrieved page, attachment: has nothing to ask at all */
} sp_text_origin;

/** What the score rests on. */
typedef enum sp_injection_sort {
    SP_INJECTION_NONE = 0,
    SP_INJECTION_ATTACK,  /**< overrides rules, plays another role, asks for secrets or the prompt, abuses
                             tools */
    SP_INJECTION_REQUEST, /**< asks something of an assistant, in the midst of data */
    SP_INJECTION_ANSWER,  /**< says how the assistant has to answer, in the midst of data */
} sp_injection_sort;

/** Judgement of a text. */
typedef struct sp_injection {
    uint16_t score;    /**< per mille; from 500 on: yes, with the threshold that training set */
    uint8_t sort;      /**< sp_injection_sort of the strongest window */
    size_t start, end; /**< that window: one to three sentences of the text */
} sp_injection;

/** Scores a text window by window, each of one to three sentences: a sentence counts as much in a long
 * document as alone. Any bytes are safe; what is not UTF-8 parts words. About 5 us per KB.
 *  @param text  as the assistant reads it: decode disguises before.
 *  @return SP_OK; SP_EINTERNAL (no model for this task: refuse). */
SP_NODISCARD sp_status sp_model_score_injection(sp_injection *out, const sp_scorer *model, sp_bytes text,
                                                sp_text_origin origin);

/** The use cases that a proposal may name, in the order of the model's heads. */
typedef struct sp_use_case_info {
    const char *name;
    uint8_t level; /**< usual level: sp_level of label.h */
} sp_use_case_info;
/** Use case `i`, or NULL past the end of the list. */
const sp_use_case_info *sp_use_case_at(size_t i);

/** What a request that declares nothing looks like. */
typedef struct sp_proposal {
    uint8_t use_case; /**< number for sp_use_case_at */
    uint8_t level;    /**< least level that the text speaks for; errs upwards */
    uint16_t score;   /**< per mille: how far the use case is before the next one */
} sp_proposal;

/** Proposes use case and level of a request from the text that its user wrote.
 *  @return SP_OK; SP_EINTERNAL (no model for this task: refuse). */
SP_NODISCARD sp_status sp_model_propose(sp_proposal *out, const sp_scorer *model, sp_bytes text);
