/** @file runs.h  Classes of runs: maximal stretches of text in which the head of a match lies.
 *  A stream may release everything before the run that is still open at its end: a head that is cut there
 *  begins in it. */
#pragma once
#include "sallyport/base.h"

typedef enum sp_run {
    SP_RUN_WORD =
        0, /**< letters, digits and the punctuation of addresses and tokens; no space, quote or bracket */
    SP_RUN_LINE,   /**< everything but a line feed */
    SP_RUN_NUMBER, /**< digits, capitals and what parts the groups of a number */
    SP_RUN_LIMIT,
} sp_run;

/** Start of the run of this class that reaches to the end of `text`, but no further back than `most`
 *  bytes: text.n when the last byte closes the run, or `most` is 0. */
size_t sp_run_open(sp_run run, sp_bytes text, size_t most);

/** Start of a UTF-8 sequence that is cut off at the end of `text`; text.n when there is none. Also when
 *  text before it is invalid. */
size_t sp_utf8_open(sp_bytes text);
/** The largest offset up to `at` that is not inside a UTF-8 sequence. */
size_t sp_utf8_align(sp_bytes text, size_t at);
