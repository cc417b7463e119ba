/** @file propose.h  What the small models say of the texts of a request (judge.h), as findings of kinds of
 * their own: orders for the model in texts that nobody vouches for, what a request is about that declares
 * no use case, and source code (code.h). They count like findings, by the rows of the policy
 * (docs/reference/policy.md), and can only raise a label. */
#pragma once
#include "sallyport/policy.h"

/** Of which request, under which policy. All borrowed. */
typedef struct sp_propose_in {
    const sp_purpose *purpose;
    const sp_request *request;
    sp_parts parts; /**< as sp_scan_parts left them, none: one text. What was judged before is not judged
                       again, and what is judged now is kept there */
} sp_propose_in;

/** Appends at most one finding for each part and origin, and those of what the newest texts of the user are
 *  about; and one for the newest text that is source code, where the policy has a row for that (3 us per KB
 *  of prose, at worst 60, of the newest 256 KiB of all texts). 8 us per KB of text that nobody vouches for
 * and that is new; 8 us per KB of up to 8 KiB of an undeclared request, where the policy has a row for what
 * it may be about.
 *  @return SP_OK, SP_ENOMEM, SP_ERANGE, SP_EINTERNAL: refuse. */
SP_NODISCARD sp_status sp_propose(sp_findings *out, const sp_propose_in *in, const sp_engine *engine,
                                  sp_scratch *scratch);

/** Whether a kind is one of these: it brings a level and categories only where the policy has a row, and no
 *  declassifier takes it out. */
bool sp_kind_is_proposal(sp_kind kind);
/** Whether a text with it is untrusted, whatever vouches for it. */
bool sp_kind_is_untrusted(sp_kind kind);
