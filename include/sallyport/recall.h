/** @file recall.h  What a request holds of what was told before: which of its texts are, or begin as, an
 * answer that was given (told.h). In two steps, so that nothing is hashed while a shared table is locked. */
#pragma once
#include "sallyport/policy.h"
#include "sallyport/told.h"

/** Texts that the table may have, each by the tags that say so. */
typedef struct sp_recall {
    const sp_request *request; /**< borrowed */
    sp_buf tags;               /**< sp_told_tag */
    sp_buf segments;           /**< uint32_t: the segment that a tag is of */
    size_t at;                 /**< tags that were asked for */
    /** The text that the request's answer answers: the longest of the last message that is not the model's or
     * the application's. Borrowed; empty when there is none. */
    sp_bytes before;
} sp_recall;

/** Looks at the text of every segment: of the answers in it, and of all others that are no shorter than
 * SP_TOLD_ALONE, since an answer may come back in anybody's name. Needs no lock. Most of the time it reads
 * the ends of a text and nothing else.
 *  @return SP_OK, SP_ENOMEM, SP_ECRYPTO. */
SP_NODISCARD sp_status sp_recall_look(sp_recall *out, sp_told *told, const sp_told_scope *scope,
                                      const sp_request *request, sp_mem *mem);
/** Finds the next of them, and joins their labels into `*out`, which is zeroed before the first. Under the
 * table's lock, so only some at a time; does not hash, cannot fail. @return whether there are more. */
bool sp_recall_find(sp_recalled *out, sp_told *told, sp_recall *recall);
