/** @file policy_again.h  Private to `policy try`: a recorded request, decided again under another policy. */
#pragma once
#include "cli/cli.h"
#include "sallyport/record.h"

/** How a request ended, as far as the policy goes. */
typedef struct cli_ending {
    sp_bytes destination; /**< empty: it was refused */
    sp_status status;     /**< SP_OK, or why */
    uint8_t tier;         /**< sp_tier of the destination */
} cli_ending;

/** What a record says of that. @return false: it is no decision of a policy: a further try, another kind of
 * record, a body or key that was refused, a circumstance, a model that no configuration had, or what was
 * sent was made by a declassifier: then only that was recorded. */
bool cli_ending_of(cli_ending *out, const sp_record *record);

/** What the request has to be again: findings by kind and number, use cases and sources by name, unreadable
 * content; what it needed permission for, where it lacked one; where circumstances kept it from then.
 *  @return SP_OK: `*out` is what the policy says, be it a refusal; SP_ENOMEM. */
SP_NODISCARD sp_status cli_decide_again(cli_ending *out, const sp_snapshot *snapshot, const sp_record *record,
                                        uint64_t now_s, sp_mem *mem);
