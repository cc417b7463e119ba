/** @file policy_internal.h  Shared inside policy/: the snapshot file's constants, the decision for one
 * model. */
#pragma once
#include "sallyport/policy.h"

enum {
    SNAPSHOT_VERSION = 3,
    SNAPSHOT_HASH_BYTES = 32, /**< SHA-256 over all before it, at the end */
    SNAPSHOT_NAME_MAX = 255,
    SNAPSHOT_TEXT_MAX = 1024,
};
#define SNAPSHOT_MAGIC SP_LIT("SPSNAP\r\n")

/** The stop that a request falls under if it were for `model` and went to `destination`; either may be empty.
 * NULL: none. */
const sp_stop *sp_decide__stop(const sp_question *question, sp_bytes model, sp_bytes destination);
/** Decides for `model` of the snapshot instead of the one that the request names. */
void sp_decide__model(sp_decision *out, const sp_question *question, const sp_model *model);
