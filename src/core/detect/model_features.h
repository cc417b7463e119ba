/** @file model_features.h  Text as the numbers that models weigh: sentence by sentence, what words it has and
 *  which stand beside each other. Private to the core.
 *
 *  The feature with which a weight was learnt and the one that is looked up are computed by this code alone:
 *  training calls it too (build/test/models/model_tool). Who changes what it says raises
 *  SP_FEATURES_VERSION, so that models learnt before are refused, and trains anew (docs/reference/models.md).
 */
#pragma once
#include "base/words.h"

enum {
    SP_FEATURES_VERSION = 2,
    SP_SENTENCE_TOKENS_MAX = 64, /**< a longer sentence is cut: what is judged stays near to what it says */
    SP_SENTENCE_IDS_MAX = SP_SENTENCE_TOKENS_MAX * 7 + 16,
};

/** What a sentence has beside its words. */
typedef enum sp_sentence_flag {
    SP_SENTENCE_HIDDEN = 1 << 0, /**< characters that nobody sees */
    SP_SENTENCE_TAGS = 1 << 1,  /**< letters of the tag block (U+E0020 to U+E007E), read as what they spell */
    SP_SENTENCE_SHOUT = 1 << 2, /**< three words or more in capitals alone */
    SP_SENTENCE_ASK = 1 << 3,   /**< ends with a question mark */
    SP_SENTENCE_CALL = 1 << 4,  /**< ends with an exclamation mark */
    SP_SENTENCE_COLON = 1 << 5, /**< ends with a colon: what it speaks of follows */
    SP_SENTENCE_COMMENT = 1 << 6, /**< an HTML comment opens in it */
    SP_SENTENCE_OPENS = 1 << 7,   /**< begins as a sentence does: a capital, or a letter without case */
    SP_SENTENCE_CLOSES = 1 << 8,  /**< ends as a sentence does, not where a line is broken */
} sp_sentence_flag;

/** One sentence: [start, end) of the text. */
typedef struct sp_sentence {
    size_t start, end;
    uint32_t flags;
    uint32_t n_tokens;
    uint32_t n_ids;
    uint32_t ids[SP_SENTENCE_IDS_MAX];
} sp_sentence;

/** What is known of the SP_WORDS_BYTES bytes from `base` on. */
typedef struct sp_window {
    size_t base, reach; /**< what begins before base + reach is seen whole */
    sp_words is;
    uint64_t starts; /**< of words, and all others, before `reach` */
} sp_window;

/** Goes through the sentences of a text, once. Any bytes are safe; what is no UTF-8 parts words. Zero but for
 * the text at the beginning. */
typedef struct sp_sentences {
    sp_bytes text;
    size_t at;
    sp_window window;
} sp_sentences;

/** The next sentence with at least one token. Time is linear in the bytes that it reads.
 *  @return false at the end of the text; `*out` then holds nothing. */
SP_NODISCARD bool sp_sentences_next(sp_sentences *in, sp_sentence *out);
