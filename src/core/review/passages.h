/** @file passages.h  Passages of the system text in an answer, however it is cut. Private to the review. */
#pragma once
#include "sallyport/review.h"

enum { SP_PASSAGE_WINDOW = SP_PASSAGE_WORDS - 1 };

struct sp_passages {
    uint64_t key;
    uint64_t last_power; /**< of the word that leaves a window */
    size_t n, mask;      /**< names in the table; its places, less one */
    uint64_t *table;     /**< 0: free */
};

/** How far a text of an answer is read. Zeroed: nothing of it. */
typedef struct sp_passage_run {
    uint64_t words[SP_PASSAGE_WINDOW], starts[SP_PASSAGE_WINDOW]; /**< the last ones, in a ring */
    uint64_t window;                                              /**< hash over them */
    uint64_t word, word_start; /**< the word at hand; 0: none. Where it began */
    uint64_t n_words, end;     /**< where the last whole word ended */
    uint64_t n_read;           /**< bytes of the text so far */
    uint64_t met_end;          /**< where the last window of the system text ended; 0: none yet */
    uint64_t before;           /**< bytes of it that stand in texts before the one at hand */
} sp_passage_run;

/** What is read from here on is another text, which clients join with those before: offsets are its own, and
 * a passage that began before it begins with it. */
static inline void sp_passages_join(sp_passage_run *run)
{
    run->before = run->n_read;
}

/** Reads the next piece; `is_last`: a word at its end is whole. Adds a finding per passage, when the window
 * that tells it is complete.
 *  @return SP_OK, SP_ENOMEM. */
SP_NODISCARD sp_status sp_passages_feed(sp_passage_run *run, const sp_passages *passages, sp_bytes piece,
                                        bool is_last, sp_findings *found);
