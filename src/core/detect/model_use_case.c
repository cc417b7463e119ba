/* Which use case a request that declares none looks like, and the least level that it speaks for. Use cases
 * compete, the highest margin wins; the level has heads of its own, one per step, that lean upwards: a level
 * that is called too low is the dangerous error. */
#include "detect/model_internal.h"

/* In the order of the model's heads; tools/train/data/use_cases.txt has the same names. Levels: 0 public,
 * 1 internal, 2 confidential, 3 restricted. */
static const sp_use_case_info use_cases[] = {
    {"contract_review", 2},  {"customer_data_analysis", 3},
    {"customer_support", 2}, {"data_engineering", 1},
    {"education", 0},        {"financial_modelling", 2},
    {"general_writing", 0},  {"hr", 3},
    {"legal_advice", 3},     {"marketing", 1},
    {"medical", 3},          {"meeting_notes", 1},
    {"opensource_code", 0},  {"proprietary_code", 2},
    {"public_knowledge", 0}, {"security_operations", 3},
    {"strategy", 3},         {"translation", 0},
};

enum {
    N_USE_CASES = sizeof use_cases / sizeof use_cases[0],
    N_STEPS = 3,
    KNOWN_LEAST = 4,                                  /* features of a text that speaks for a level */
    TOKENS_MAX = SP_MODEL_NORMS * SP_MODEL_NORM_STEP, /* what a request is about shows in its first pages */
};

const sp_use_case_info *sp_use_case_at(size_t i)
{
    return i < N_USE_CASES ? &use_cases[i] : NULL;
}

/* The text is one stretch: what a request is about is said all over it. */
static void sum_all(sp_sums *sums, const sp_scorer *model, sp_bytes text)
{
    memset(sums, 0, sizeof *sums);
    sp_sentences in = {.text = text};
    sp_sentence s;
    while (sums->n_tokens < TOKENS_MAX && sp_sentences_next(&in, &s)) sp_model__add(sums, model, &s);
}

/* The highest step whose head does not clearly say no: params[step] is how clear it has to be. Of a text of
 * which next to nothing is known, nothing is said. */
static uint8_t level_of(const sp_scorer *model, const sp_sums *sums)
{
    for (unsigned step = sums->n_known < KNOWN_LEAST ? 0 : N_STEPS; step > 0; step--) {
        const int32_t margin = sp_model__margin(model, sums, N_USE_CASES + step - 1);
        if (margin > model->params[step - 1]) return (uint8_t)step;
    }
    return 0;
}

sp_status sp_model_propose(sp_proposal *out, const sp_scorer *model, sp_bytes text)
{
    memset(out, 0, sizeof *out);
    if (model->task != SP_MODEL_USE_CASE || model->n_heads != N_USE_CASES + N_STEPS ||
        model->n_params != N_STEPS)
        return SP_EINTERNAL;
    sp_sums sums;
    sum_all(&sums, model, text);
    int32_t best = INT32_MIN, second = INT32_MIN;
    for (unsigned i = 0; i < N_USE_CASES; i++) {
        const int32_t margin = sp_model__margin(model, &sums, i);
        if (margin > best) {
            second = best;
            best = margin;
            out->use_case = (uint8_t)i;
        } else if (margin > second) {
            second = margin;
        }
    }
    out->level = level_of(model, &sums);
    out->score = sp_model__score(best - second);
    return SP_OK;
}
