/** @file model_ids.h  The tokens of a sentence, and the numbers of its features. Private to model_features.c.
 */
#pragma once
#include "base/lanes.h"
#include "detect/model_features.h"

enum { SP_TOKENS_ROOM = SP_SENTENCE_TOKENS_MAX + SP_LANES };

/** Tokens that are not spelled: any numbers, as far apart as hashes are. */
#define SP_TOKEN_START 0xb5297a4du
#define SP_TOKEN_NUMBER 0x68e31da4u
#define SP_TOKEN_URL 0x1b56c4e9u

/** The tokens of a sentence under way. */
typedef struct sp_tokens {
    uint32_t n;
    uint64_t alone;                                   /**< bit i: token i is a character that stands alone */
    uint32_t words[SP_TOKENS_ROOM];                   /**< hash of each */
    uint32_t stems[SP_STEMS_BEFORE + SP_TOKENS_ROOM]; /**< of its first characters, behind SP_TOKEN_START */
} sp_tokens;

/** No token yet. */
void sp_tokens__begin(sp_tokens *tokens);
/** Adds the features of `tokens` to `out->ids`, kind by kind. */
void sp_ids__add(sp_sentence *out, const sp_tokens *tokens);
/** Adds a feature of the sentence as a whole. */
void sp_ids__add_flag(sp_sentence *out, uint32_t flag);
