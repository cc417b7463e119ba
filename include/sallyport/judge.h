/** @file judge.h  What the shipped small models (model.h) and the wordings of attacks (patterns.h) say of a
 *  text, disguised or not. Both are in the engine (detect.h): the models' files are part of the program, and
 *  sp_engine_new refuses them when their digests are wrong. A judgement proposes, policy decides. */
#pragma once
#include "sallyport/detect.h"
#include "sallyport/model.h"

/** How likely a text holds orders for the assistant that whom it serves did not give. */
typedef struct sp_judgement {
    uint16_t score;    /**< per mille; from 500 on: yes */
    uint8_t sort;      /**< sp_injection_sort; NONE: a wording alone, or nothing */
    bool is_disguised; /**< seen only where a disguise is undone */
    uint32_t families; /**< wordings that were met: set of 1 << sp_attack_family */
    size_t start, end; /**< bytes of the text: the sentences that decide it */
} sp_judgement;

/** Judges a text sentence by sentence, never as a whole: about 8 us per KB, more where something in it is
 *  disguised. A text that hides more than is undone (sp_view_limits_of) is judged to be an attack.
 *  @param scratch  lends its memory (sp_scratch_work) to what undoes disguises, where there are some.
 *  @return SP_OK, SP_ENOMEM, SP_ERANGE (4 GiB or more), SP_EINTERNAL: refuse. */
SP_NODISCARD sp_status sp_judge_injection(sp_judgement *out, const sp_engine *engine, sp_scratch *scratch,
                                          sp_bytes text, sp_text_origin origin);

/** What a request that declares nothing looks like, by the text that its user wrote: 8 us per KB, of the
 *  first 1024 tokens. @return SP_OK, SP_EINTERNAL. */
SP_NODISCARD sp_status sp_judge_use_case(sp_proposal *out, const sp_engine *engine, sp_bytes text);
