/** @file scan_question.h  What a line of `scan --jsonl` asks. Any bytes are safe. */
#pragma once
#include "sallyport/base.h"

#include <yyjson.h>

/** A line that was read. Zeroed: none. */
typedef struct scan_question {
    yyjson_doc *doc; /**< holds the others; of malloc */
    yyjson_val *id;  /**< text or number; NULL: none was given */
    sp_bytes text;   /**< UTF-8 */
} scan_question;

/** Why a line is refused. */
typedef struct scan_refusal {
    const char *what;   /**< never NULL */
    const char *detail; /**< what JSON lacks at `at`; NULL: it is JSON, but no question */
    size_t at;          /**< byte of the line */
} scan_refusal;

/** Reads a line: an object with a text and at most one id, each there once. Half of a surrogate pair counts
 * as U+FFFD, one character as it was.
 *  @param out  to be ended with cli__scan_question_free, also after a failure.
 *  @param mem  takes eight times the line at most, and nothing where no half stands.
 *  @return false: it is refused, and `*why` says why. */
bool cli__scan_question_read(scan_question *out, scan_refusal *why, sp_bytes line, sp_mem *mem);
/** Allowed on a zeroed one. */
void cli__scan_question_free(scan_question *question);

/** Appends the line with U+FFFD for each half of a pair, as an escape. A line without is appended as it is.
 */
void cli__scan_mend(sp_buf *out, sp_bytes line);
