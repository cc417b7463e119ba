/** @file canary.h  The canary of an application in a text of an answer, however it is cut. Private to the
 * review. */
#pragma once
#include "sallyport/review.h"

enum {
    SP_CANARY_LANES = 3,        /**< words of bits that the writings of a canary take */
    SP_CANARY_WRITTEN_MAX = 32, /**< letters and digits of the longest */
    SP_CANARY_GAP_MAX = 16,     /**< bytes that may stand between two of them */
};

/** How far a text of an answer is read. Zeroed: nothing of it. */
typedef struct sp_canary_run {
    uint64_t lanes[SP_CANARY_LANES]; /**< bit i: the text ends with the beginning of a writing up to i */
    uint64_t starts[SP_CANARY_WRITTEN_MAX]; /**< of the last letters and digits, in a ring */
    uint64_t n_letters, n_read;
    uint64_t last;   /**< end of the last letter or digit */
    uint64_t held;   /**< start of what may become a canary; the end of what was read, or more: nothing may */
    uint64_t before; /**< bytes that stand in texts before the one at hand; held counts from there */
    bool is_open_in_front; /**< what may become a canary began in those */
    uint64_t over_end;     /**< end of the last canary that did, in the text at hand; 0: none */
} sp_canary_run;

/** What is read from here on is another text, which clients join with those before: offsets are its own, and
 * a canary that began before it begins with it. */
static inline void sp_canary_join(sp_canary_run *run)
{
    run->before = run->n_read;
    run->over_end = 0;
    run->held = 0;
}

/** Reads the next piece and adds a finding for each canary that is complete.
 *  @return SP_OK, SP_ENOMEM. */
SP_NODISCARD sp_status sp_canary_feed(sp_canary_run *run, const sp_canary *canary, sp_bytes piece,
                                      sp_findings *found);

/** Is it a canary, and no passage? */
static inline bool sp_canary_is(const sp_finding *f)
{
    return f->kind == SP_KIND_SYSTEM_PROMPT && (f->confidence & 0x7f) == 100;
}
