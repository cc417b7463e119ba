/** @file model_ids.h  The tokens of a sentence, and the numbers of its features. Private to model_features.c.
 */
#pragma once
#include "base/lanes.h"
#include "detect/model_features.h"

enum { SP_TOKENS_ROOM = SP_SENTENCE_TOKENS_MAX + SP_LANES };

/** Tokens that are not spelled: no word has these hashes, since hashes of words are mixed from another. */
enum { SP_TOKEN_START = 1, SP_TOKEN_NUMBER = 2, SP_TOKEN_URL = 3 };

/** The tokens of a sentence under way. */
typedef struct sp_tokens {
    uint32_t n;
    uint64_t alone;                     /**< bit i: token i is a character that stands alone */
    uint32_t words[SP_TOKENS_ROOM];     /**< hash of each */
    uint32_t stems[1 + SP_TOKENS_ROOM]; /**< of its first characters, behind SP_TOKEN_START */
    /** Short plain words are spelled together, when the sentence is whole: until then their hashes are 0.
     * How many letters such a word has, and 0 of another token; then the letters, the first the lowest. */
    uint32_t n_later[SP_TOKENS_ROOM], low[SP_TOKENS_ROOM], high[SP_TOKENS_ROOM];
} sp_tokens;

/** Spells what was left for later, and adds the features of `tokens` to `out->ids`, kind by kind. What stands
 * in lists behind their end is overwritten. */
void sp_ids__add(sp_sentence *out, sp_tokens *tokens);
/** Adds a feature of the sentence as a whole. */
void sp_ids__add_flag(sp_sentence *out, uint32_t flag);
