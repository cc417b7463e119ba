/** @file policy_internal.h  Shared inside policy/: the snapshot file's constants, the decision for one
 * model. */
#pragma once
#include "sallyport/policy.h"

enum {
    SNAPSHOT_VERSION = 7,
    SNAPSHOT_HASH_BYTES = 32, /**< SHA-256 over all before it, at the end */
    SNAPSHOT_NAME_MAX = 255,
    SNAPSHOT_TEXT_MAX = 1024,
    SNAPSHOT_DETECTOR_MAX = 32767, /**< words of a detector, all of them */
};
#define SNAPSHOT_MAGIC SP_LIT("SPSNAP\r\n")

/** Which results of tools somebody vouches for.
 *  @param by  by part of the request: 1 + place in the application's list of endorsers of the first who does,
 * or 0. Lives in `mem`; NULL: nobody vouches for any. @return SP_OK, SP_ENOMEM. O(parts x log parts). */
SP_NODISCARD sp_status sp_endorse__results(const uint8_t **by, const sp_purpose *purpose,
                                           const sp_request *request, sp_mem *mem);

/** The stop that a request falls under if it were for `model` and went to `destination`; either may be empty.
 * NULL: none. */
const sp_stop *sp_decide__stop(const sp_question *question, sp_bytes model, sp_bytes destination);
/** Decides for `model` of the snapshot instead of the one that the request names. */
void sp_decide__model(sp_decision *out, const sp_question *question, const sp_model *model);
