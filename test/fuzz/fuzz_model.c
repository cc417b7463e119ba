/* Models and texts from outside. A file is accepted or refused, as it is and with the digest that goes with
 * it; an accepted one scores any text within its bounds. The input is a file and behind its last zero byte a
 * text. */
#include <stdlib.h>
#include <string.h>

#include <openssl/sha.h>

#include "detect/model_features.h"
#include "sallyport/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
    if (!holds) abort();
}

static void check_text(sp_bytes text)
{
    sp_sentences in = {.text = text};
    sp_sentence s;
    size_t at = 0;
    while (sp_sentences_next(&in, &s)) {
        must(s.start >= at && s.end > s.start && s.end <= text.n);
        must(s.n_tokens <= SP_SENTENCE_TOKENS_MAX && s.n_ids <= SP_SENTENCE_IDS_MAX);
        at = s.end;
    }
}

static void check_scores(const sp_scorer *model, sp_bytes text)
{
    sp_injection found;
    sp_proposal guess;
    for (sp_text_origin origin = SP_TEXT_UNKNOWN; origin <= SP_TEXT_UNTRUSTED; origin++) {
        if (sp_model_score_injection(&found, model, text, origin) != SP_OK) continue;
        must(found.score < SP_SCORE_ONE && found.start <= found.end && found.end <= text.n);
    }
    if (sp_model_propose(&guess, model, text) == SP_OK)
        must(sp_use_case_at(guess.use_case) != NULL && guess.level <= 3 && guess.score < SP_SCORE_ONE);
}

static void check_file(sp_bytes file, sp_bytes text)
{
    sp_scorer model;
    sp_diag diag;
    if (sp_model_load(&model, file, &diag) == SP_OK)
        check_scores(&model, text);
    else
        must(model.task == SP_MODEL_NONE && diag.text[0] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size > 0 ? memrchr(data, 0, size) : NULL;
    const size_t n = end != NULL ? (size_t)(end - data) : 0;
    const sp_bytes text = {data + n, size - n};
    check_text(text);
    uint8_t *copy = malloc(n + SHA256_DIGEST_LENGTH);
    if (copy == NULL) return 0;
    if (n > 0) memcpy(copy, data, n);
    check_file((sp_bytes){copy, n}, text);
    (void)SHA256(copy, n, copy + n);
    check_file((sp_bytes){copy, n + SHA256_DIGEST_LENGTH}, text);
    free(copy);
    return 0;
}
