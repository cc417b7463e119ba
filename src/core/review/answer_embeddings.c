/* Answers of OpenAI embeddings: lists of numbers, and errors. What a vector says no detector can tell
 * (SECURITY.md); that it is one is checked, and its number is bounded by the texts that were given. */
#include "review/review_internal.h"

/* In order of strcmp. A vector in base64 is a string and scanned as such. */
static const sp_leaf_row rows[] = {
    {"?", SP_LEAF_UNKNOWN, 0, 0},
    {"created", SP_LEAF_KNOWN, 0, 0},
    {"data[].?", SP_LEAF_UNKNOWN, 0, 0},
    {"data[].embedding", SP_LEAF_VECTOR, 0, 0},
    {"data[].index", SP_LEAF_KNOWN, 0, 0},
    {"data[].object", SP_LEAF_KNOWN, 0, 0},
    SP_ANSWER_OPENAI_ERROR,
    {"id", SP_LEAF_KNOWN, 0, SP_INTO_ID},
    {"model", SP_LEAF_KNOWN, 0, SP_INTO_MODEL},
    {"object", SP_LEAF_KNOWN, 0, 0},
    {"usage.?", SP_LEAF_UNKNOWN, 0, 0},
    {"usage.completion_tokens", SP_LEAF_KNOWN, 0, SP_INTO_TOKENS_OUT},
    {"usage.prompt_tokens", SP_LEAF_KNOWN, 0, SP_INTO_TOKENS_IN},
    {"usage.total_tokens", SP_LEAF_KNOWN, 0, 0},
};

const sp_answer_table sp_answer__embeddings = {
    .rows = rows,
    .n_rows = sizeof rows / sizeof rows[0],
    .keeps_name = sp_answer__openai_keeps_name,
    .classify = sp_answer__openai_classify,
};
