/** @file splice.h  Changes to a body as edits at spans: all other bytes stay equal (test/unit/test_splice.c
 * holds it as a law). */
#pragma once
#include "sallyport/request.h"

typedef struct sp_edit {
    sp_span span;    /**< replaced; start == end inserts */
    sp_bytes insert; /**< may be empty */
} sp_edit;

/** A body as runs that follow each other: unchanged ones of the original, and what was put in. */
enum { SP_CHUNKS_MAX = 8 };
typedef struct sp_chunks {
    sp_bytes v[SP_CHUNKS_MAX]; /**< none is empty */
    size_t n, bytes;
} sp_chunks;

/** Applies edits that are in order and do not overlap. Nothing is copied: `*out` borrows from `body` and
 * edits.
 * @return SP_ERANGE when they are not, lie outside of `body`, or make more than SP_CHUNKS_MAX runs; `*out` is
 * then empty. */
SP_NODISCARD sp_status sp_splice(sp_chunks *out, sp_bytes body, const sp_edit *edits, size_t n);

/** What a destination needs changed in a request of its own dialect. */
typedef struct sp_rewrite {
    sp_bytes model; /**< the destination's name of the model, plain text; empty = leave */
    bool ask_usage; /**< OpenAI streams: add stream_options.include_usage */
    sp_bytes
        mark; /**< put behind the longest system text, as ` (ref MARK)`; empty, or no such text: nothing */
} sp_rewrite;

/** The body as it goes to the destination; `*out` borrows the original and lives in `mem`. */
SP_NODISCARD sp_status sp_request_rewrite(sp_chunks *out, const sp_request *request,
                                          const sp_rewrite *rewrite, sp_mem *mem);
