/** @file splice.h  Changes to a body as edits at spans: all other bytes stay equal (test/unit/test_splice.c
 * holds it as a law). */
#pragma once
#include "sallyport/request.h"

typedef struct sp_edit {
    sp_span span;    /**< replaced; start == end inserts */
    sp_bytes insert; /**< may be empty */
} sp_edit;

/** Applies edits that are in order and do not overlap. @return SP_ERANGE when they are not or lie outside of
 * `body`, SP_ENOMEM. */
SP_NODISCARD sp_status sp_splice(sp_bytes *out, sp_bytes body, const sp_edit *edits, size_t n, sp_mem *mem);

/** What a destination needs changed in a request of its own dialect. */
typedef struct sp_rewrite {
    sp_bytes model; /**< the destination's name of the model, plain text; empty = leave */
    bool ask_usage; /**< OpenAI streams: add stream_options.include_usage */
} sp_rewrite;

/** The body as it goes to the destination; `*out` borrows the original when nothing changes. */
SP_NODISCARD sp_status sp_request_rewrite(sp_bytes *out, const sp_request *request, const sp_rewrite *rewrite,
                                          sp_mem *mem);
