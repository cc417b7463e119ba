/** @file verdicts.h  What scans said of pieces of requests, for all processes of a gateway: an agent that
 *  sends its history again, to whichever worker, has it scanned once (docs/adr/0040-verdicts.md). Kept are
 *  keyed tags (history.h) and kinds with offsets, never content. Any number of processes and threads may use
 *  one table at a time, without a lock: each entry says whether it was read whole. */
#pragma once
#include "sallyport/history.h"

enum {
    SP_VERDICTS_BYTES = 13 << 20, /**< of a table: 131,072 pieces, at 4 KiB 512 MiB of histories */
};

/** A table as one process sees it. */
typedef struct sp_verdicts {
    struct sp_verdict_entry *entries; /**< the caller's memory */
    size_t n_sets;                    /**< a power of 2 */
} sp_verdicts;

/** @param table  `bytes` bytes, aligned for any object: all zero, or a table that was in use with the same
 *  key. The caller's. Pages that were never used need not exist.
 *  @return SP_OK, SP_ERANGE (a table of less than 4 KiB); then `*verdicts` is zeroed. */
SP_NODISCARD sp_status sp_verdicts_init(sp_verdicts *verdicts, void *table, size_t bytes);

/** @return false: nothing is known, `*out` is zeroed. */
bool sp_verdicts_find(sp_verdict *out, const sp_verdicts *verdicts, const uint8_t tag[SP_TAG_BYTES]);
/** Keeps a verdict that is known. Where another process writes at the same place it is not kept. */
void sp_verdicts_keep(const sp_verdicts *verdicts, const uint8_t tag[SP_TAG_BYTES], const sp_verdict *said);

/** What was said of each piece before, as parts of the request's text for sp_scan_parts; nothing where the
 * piece is new. @return SP_OK, SP_ENOMEM; then `*out` is empty. */
SP_NODISCARD sp_status sp_verdicts_look(sp_parts *out, const sp_verdicts *verdicts, const sp_pieces *pieces,
                                        sp_mem *mem);
/** Keeps what sp_scan_parts said of each. */
void sp_verdicts_learn(const sp_verdicts *verdicts, const sp_pieces *pieces, const sp_parts *parts);
