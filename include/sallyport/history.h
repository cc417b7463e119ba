/** @file history.h  Requests in pieces, each with a keyed tag, and where a worker has stored the pieces that
 *  it has seen: the same piece from the same API key is not sealed again (docs/adr/0014-history.md), nor
 *  scanned again (verdicts.h). Remembered are tags, never content. One thread at a time. */
#pragma once
#include "sallyport/detect.h"
#include "sallyport/record.h"

enum {
    SP_TAG_BYTES = 16,
    SP_HISTORY_BYTES = 5 << 20, /**< of the table of a worker: 65,536 pieces, at 4 KiB 256 MiB of histories */
    SP_PIECE_LEAST = 4096, /**< blocks are joined up to this size: to seal and frame a small one costs more
                              than its content */
    SP_PIECES_MAX = 896,   /**< a leaf has room for them beside all else at its longest */
};

/** A run of a request's body that is sealed, remembered and scanned as one: one or more of its blocks. */
typedef struct sp_piece {
    uint32_t start, end;           /**< in the body */
    uint32_t text_start, text_end; /**< of its segments, in sp_request.text */
    uint32_t n_segments;
    uint32_t state; /**< sp_block.state of its first block */
    uint8_t tag[SP_TAG_BYTES];
} sp_piece;

/** All pieces of a request, in order: its body. */
typedef struct sp_pieces {
    const sp_request *request; /**< borrowed; NULL: there are none */
    sp_piece *v;
    size_t n;
} sp_pieces;

typedef struct sp_history {
    struct sp_history_entry *entries;
    size_t n_sets; /**< a power of 2 */
    uint8_t key[32];
    void *mac; /**< libcrypto context */
} sp_history;

/** @param table  `bytes` zeroed bytes, aligned for any object: the caller's, until sp_history_fini. Pages
 * that were never used need not exist.
 *  @param key    32 random bytes, the same for all whose tags shall meet; the caller's own.
 *  @return SP_OK, SP_ERANGE (a table of less than 4 KiB), SP_ECRYPTO; then `*history` is zeroed. */
SP_NODISCARD sp_status sp_history_init(sp_history *history, void *table, size_t bytes, const uint8_t key[32]);
/** Wipes table and key. Allowed on a zeroed one. */
void sp_history_fini(sp_history *history);
/** Everything is new again. */
void sp_history_forget(sp_history *history);

/** Cuts a request that was parsed into pieces, at most SP_PIECES_MAX, the same ones wherever its messages are
 * the same. Tags are zero yet. @return SP_OK, SP_ENOMEM; then `*out` is zeroed. */
SP_NODISCARD sp_status sp_history_cut(sp_pieces *out, const sp_request *request, sp_mem *mem);
/** Who sent a request, and what looks at it. */
typedef struct sp_seen_by {
    const uint8_t *scope; /**< SP_KEY_ID_BYTES: the API key's id */
    uint64_t detectors;   /**< sp_engine_serial */
} sp_seen_by;
/** Computes the tags. Under one key pieces have equal tags if they are seen by the same, are read the same
 *  way, stand behind the same SP_PART_CONTEXT bytes of text and hold the same bytes; else not, but for a
 *  chance below 2^-80 that no caller can influence. @return SP_OK, SP_ECRYPTO. */
SP_NODISCARD sp_status sp_history_tag(sp_history *history, sp_pieces *pieces, const sp_seen_by *by);
/** Where a piece is stored in that segment of the ledger (spl_batch.segment); NULL: it is not known to be.
 * Borrowed until the next call that is not sp_history_find. */
const sp_block_ref *sp_history_find(sp_history *history, const uint8_t tag[SP_TAG_BYTES], uint32_t segment);
/** Notes that a piece is durable. Only then may another record rely on it. */
void sp_history_keep(sp_history *history, const uint8_t tag[SP_TAG_BYTES], const sp_block_ref *ref,
                     uint32_t segment);
