/** @file mask.h  Findings that are replaced instead of withheld. Private to the review. */
#pragma once
#include "sallyport/review.h"

/** What is replaced in a text: spans of the text as it stands, by start, then the longest, then the lowest
 * class. */
typedef struct sp_mask {
    uint64_t start, end;
    uint16_t class;   /**< sp_finding_class */
    const char *name; /**< of what was found there */
} sp_mask;

typedef struct sp_masks {
    sp_buf list; /**< sp_mask; none is inside of another */
    size_t next; /**< of the list: not written yet */
    uint64_t to; /**< end of what the last one that was written stands for */
    uint32_t n_written;
} sp_masks;

/** Where findings of a scan go. */
typedef struct sp_sink {
    uint64_t *stop;  /**< NULL, or lowered to the start of the first finding that may not leave */
    sp_masks *masks; /**< NULL: nothing can be replaced here, so what would be masked may not leave */
    uint64_t fixed;  /**< text before this offset cannot be replaced any more */
    bool is_shown;   /**< clients show the text to somebody */
} sp_sink;

/** Adds a mask. @return SP_OK, also when it lies inside of another; SP_ELEAK when it starts before `fixed`;
 * SP_ENOMEM. */
SP_NODISCARD sp_status sp_review__mask(sp_masks *masks, sp_mask mask, uint64_t fixed);
/** Whether something of the text from `from` on is replaced. */
bool sp_review__has_masks(const sp_masks *masks, uint64_t from);
/** A string as it stands in JSON: raw.p[0] is at offset `start` of its text. */
typedef struct sp_piece {
    sp_bytes raw;
    uint64_t start;
    bool is_plain; /**< raw is the text itself, without escapes */
} sp_piece;
/** Appends the text [from, to) of a piece as it may leave. */
SP_NODISCARD sp_status sp_review__render(sp_buf *out, sp_masks *masks, sp_piece piece, uint64_t from,
                                         uint64_t to);
/** Whether JSON is still JSON of the same form, where strings may differ, and so in strings that hold JSON.
 */
SP_NODISCARD sp_status sp_review__same_shape(sp_review *review, sp_bytes before, sp_bytes after);
/** Judges the raw text of a string that is complete, whose text is `text`, with its masks in
 * review->masks. @param is_json  it holds the arguments of a tool call. @param out  receives the raw text as
 * it may leave, in review->rendered. */
SP_NODISCARD sp_status sp_review__mask_whole(sp_review *review, sp_bytes raw, sp_bytes text, bool is_json,
                                             sp_bytes *out);
