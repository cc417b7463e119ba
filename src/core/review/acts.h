/** @file acts.h  What becomes of a finding in an answer. Private to the review. */
#pragma once
#include "review/mask.h"

/** Of findings in review->found the highest bit of `confidence`, which is at most 100, says that they are
 * echoes; of those that are listed a field does. */
enum { SP_REVIEW_ECHO = 0x80 };
static inline bool sp_review__is_echo(const sp_finding *f)
{
    return (f->confidence & SP_REVIEW_ECHO) != 0;
}
/** Says so where it is one. @param text  what was scanned, from offset `at` on; what is not in it is new. */
void sp_review__note_echo(const sp_review *review, sp_bytes text, sp_finding *f, uint64_t at);

/** Whether findings like this one cut, or are replaced. @param is_shown  the text is one that clients show.
 */
bool sp_review__is_withheld(const sp_review *review, const sp_finding *f, bool is_shown);
bool sp_review__is_masked(const sp_review *review, const sp_finding *f, bool is_shown);
/** What stands for a finding, at its span. */
sp_mask sp_review__mask_of(const sp_review *review, const sp_finding *f);
bool sp_review__masks_any(const sp_review *review, bool is_shown);
/** May what review->found had no room for be something that is acted on? */
bool sp_review__may_hide(const sp_review *review, bool is_shown);
/** Does it act on its reader, so that it counts only where it stands as it is? */
bool sp_review__is_outward(uint8_t kind);
/** Does policy list hosts, so that an address at another one counts whatever it carries? */
bool sp_review__tells_addresses(const sp_review *review);
/** Is it an address at a host that policy lists for what it was found as? @param text  what was scanned, from
 * offset `at` on. */
bool sp_review__is_allowed(const sp_review *review, sp_bytes text, const sp_finding *f, uint64_t at);
/** Takes these out of review->found, and says of the others which are echoes. */
void sp_review__sift(sp_review *review, sp_bytes text, uint64_t at);
/** Takes out what acts on a reader, of a reading that none sees. */
void sp_review__drop_outward(sp_review *review);
