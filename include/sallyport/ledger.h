/** @file ledger.h  Segment files: append with group commit, read, verify, recover. The only part of the
 * library with files and a thread. Nothing but fdatasync returned counts as durable. Format:
 * docs/reference/record.md. */
#pragma once
#include "sallyport/record.h"

/** One submission: a leaf and the block frames that it names, made durable together. The caller allocates
 * with spl_batch_new and gets it back through spl_writer_done. A leaf may name blocks of an earlier batch
 * instead of bringing them, as long as both lie in one segment: see `segment`. */
typedef struct spl_batch {
    struct spl_batch *next;
    void *owner; /**< the caller's: what waits for it; may be set to NULL while in flight by the thread that
                    owns the writer's loop */
    sp_status status; /**< after completion: SP_OK = durable; SP_ERECORD = it is not and must be treated as
                         never written */
    uint64_t seq;     /**< after completion: number of the record frame in its segment */
    uint32_t segment; /**< which of the writer's segments, counted from 1. Before: 0, or the one that holds
                         the blocks which the leaf names and the batch does not bring. After completion with
                         SP_OK: where it lies */
    bool has_moved;   /**< after completion: nothing was written, since `segment` was closed before its turn.
                         No failure: bring all blocks and submit anew */
    void *note;       /**< the caller's */
    sp_buf leaf;      /**< in the batch's own memory */
    sp_buf blocks;    /**< block frame bodies, each behind a u32 length */
    sp_arena arena;
} spl_batch;
/** @param bytes_max  memory of leaf and blocks; buffers grow by doubling and keep the old storage, so reserve
 * what is known (sp_buf_reserve).
 *  @return NULL without memory. */
spl_batch *spl_batch_new(size_t bytes_max);
void spl_batch_free(spl_batch *batch); /**< NULL allowed */

typedef struct spl_writer spl_writer;

typedef struct spl_writer_options {
    const char *folder; /**< ledger folder; must exist; files are made 0600 */
    uint32_t slot; /**< worker number below 0x10000, part of the file name. While another writer holds it (an
                      older worker that still serves after a reload) slot + 0x10000, + 0x20000 ... is taken:
                      each slot is one chain */
    size_t segment_bytes; /**< pre-written size of a segment; a record that does not fit opens the next one */
    uint64_t created_ns;
    uint8_t random[16]; /**< segment id */
    bool may_wait;      /**< a disk that refuses is no failure: what is submitted fails until it has let the
                           writer have a slot and a segment, which is tried with each batch and each second */
} spl_writer_options;

/** Opens a segment (claims a pre-written spare or writes one) and starts the committer thread. Call in the
 * process that will use it, after fork.
 *  @return SP_OK, with a diag text when `may_wait` and it waits (has_slot of the stats is false), or when a
 * slot was passed over since its open segment is damaged: it stays as it is, and another chain is written.
 * SP_ERECORD with diag. */
SP_NODISCARD sp_status spl_writer_open(spl_writer **out, const spl_writer_options *options, sp_diag *diag);
/** Commits what waits, ends the thread, closes the segment with an end frame, frees. Batches not yet taken
 * back are freed. NULL allowed. */
void spl_writer_close(spl_writer *writer);
/** Hands over batches (a list through `next`) of one event-loop turn. Never blocks on I/O; any thread.
 * Ownership moves until spl_writer_done. */
void spl_writer_submit(spl_writer *writer, spl_batch *batches);
/** Descriptor that becomes readable when batches are done (eventfd, non-blocking). */
int spl_writer_fd(const spl_writer *writer);
/** Clears the descriptor and returns the completed batches in order of submission, or NULL. */
spl_batch *spl_writer_done(spl_writer *writer);
/** Figures for /metrics: syncs, records, bytes, microseconds in fdatasync. */
typedef struct spl_writer_stats {
    uint64_t n_syncs, n_records, n_bytes, sync_us, n_failed;
    bool is_failing; /**< the last batch was not made durable; each further one is tried anew */
    bool has_slot;   /**< false: it waits for the disk, and nothing can be recorded */
} spl_writer_stats;
void spl_writer_get_stats(spl_writer *writer, spl_writer_stats *out);

/** One frame while reading. */
typedef struct spl_entry {
    const char *file; /**< name of the segment file */
    uint64_t offset, seq;
    uint8_t leaf_hash[32];
    sp_bytes leaf; /**< borrowed until the next call */
} spl_entry;

/** A slot that does not reach what it is known to have reached. */
typedef struct spl_cut {
    uint32_t slot;
    char segment[48];                     /**< file that is missing, or is not what it was */
    uint64_t offset, n_records;           /**< known: end in that file, and records of the slot up to there */
    uint64_t found_offset, found_records; /**< found; 0 when the file is missing */
} spl_cut;

/** What `audit verify` found. */
typedef struct spl_verdict {
    uint64_t n_segments, n_records, n_blocks, n_erased;
    uint64_t n_torn; /**< tails without a complete frame, cut at restart: no error */
    uint64_t n_bad;
    char first_bad[256]; /**< file, offset, record id and what is wrong with the first bad frame */
    uint64_t n_heads;    /**< slots that were compared with what is known of their end */
    uint64_t n_cut;      /**< of these, how many miss something that was durable; counted in n_bad as well */
    spl_cut first_cut;
} spl_verdict;

typedef struct spl_reader spl_reader;
/** Opens all segments of a folder in order of creation, read-only. */
SP_NODISCARD sp_status spl_reader_open(spl_reader **out, const char *folder, sp_diag *diag);
void spl_reader_close(spl_reader *reader);
/** Next record frame whose checksum and chain hold. @return SP_OK, SP_ETRUNCATED at the end (call again later
 * to follow a live log), SP_ECORRUPT: damage that is not a torn tail, or a file that cannot be read; diag
 * names it; the next call goes on behind it. SP_ERECORD, SP_ENOMEM: give up. */
SP_NODISCARD sp_status spl_reader_next(spl_reader *reader, spl_entry *entry, sp_diag *diag);
/** The body of the block frame with that id in the segment of the last entry. Borrowed until the next call;
 * the entry stays valid.
 *  @return SP_OK, SP_ETRUNCATED when it was erased, SP_ERANGE when there is none, SP_ECORRUPT. */
SP_NODISCARD sp_status spl_reader_block(spl_reader *reader, const uint8_t id[16], sp_bytes *body);
/** Checks every frame, the chain in and across segments and each block's salted hash. No key needed. Also of
 * a log that is being written.
 *  @param heads  text that spl_heads_collect made, read before the call: what was durable then has to be
 * there. Empty: of a slot's end is known what its writer states in the folder itself, which a copy of the
 * folder does not have.
 *  @return SP_OK, SP_ECORRUPT when n_bad is not 0, SP_ERECORD when the folder cannot be read, SP_ENOMEM. */
SP_NODISCARD sp_status spl_verify(spl_verdict *out, const char *folder, sp_bytes heads);
/** How far each slot is known to reach: the heads that are `known`, each followed by what its writer states
 * now if that continues it. Reads a small file per slot; when a slot went to another segment, its header. For
 * a place that writers cannot change.
 *  @param out  receives the text, a row per slot (docs/reference/record.md); equal to `known` when nothing is
 * new.
 *  @return SP_OK. SP_ECORRUPT, diag says which: with `out`, a slot goes on without records that it held, and
 * its known head stays; without, `known` is damaged. SP_ERECORD, SP_ENOMEM. */
SP_NODISCARD sp_status spl_heads_collect(sp_buf *out, const char *folder, sp_bytes known, sp_diag *diag);
/** After a stop: cuts torn tails, closes open segments, writes a loss record for each intent without outcome.
 * Before any writer is open.
 *  @param n_lost  receives how many.
 *  @return SP_OK. SP_EBUSY: a writer runs. SP_ECORRUPT, diag names the first damage: it did not
 * keep the rest from being recovered, nor losses from being recorded; an open segment with damage is left as
 * it is, and its slot is not written any more. SP_ERECORD, SP_ENOMEM. */
SP_NODISCARD sp_status spl_recover(const char *folder, uint64_t now_ns, const uint8_t random[16],
                                   uint32_t *n_lost, sp_diag *diag);
/** What spl_recover_left found, and how far it has looked; zeroed at the start. */
typedef struct spl_left {
    uint64_t newest_ns; /**< creation of the newest segment at the last look */
    uint32_t n_writers; /**< alive at the last look */
    uint32_t dead;      /**< checksum of the names of dead writers' segments that are settled */
    uint32_t n_lost;    /**< loss records written by the last call */
} spl_left;
/** The same for writers that are gone while others run: what a living writer may still write, one that drains
 * included, is left alone. Cheap when nothing changed: it lists the folder and tries the locks. Else it reads
 * what the dead wrote since the last spl_recover.
 *  @param left  updated; pass it again.
 *  @return as spl_recover; SP_EBUSY: not now (another recovery runs, a segment was opened meanwhile): call
 * again. */
SP_NODISCARD sp_status spl_recover_left(spl_left *left, const char *folder, uint64_t now_ns,
                                        const uint8_t random[16], sp_diag *diag);
/** Writes records that are no request's, each once: what the slot of recovery holds already is passed over,
 * and the second of two with one id, so that a caller that was stopped before it could note what it had
 * written calls again with the same.
 *  @param batches  the caller's; `status` receives SP_OK for each that is durable, from now or from before.
 *  @param known  request id of a record behind which all of them lie, if it is there, or NULL: the search
 * goes back no further.
 *  @return SP_OK: all are durable; diag's code is SP_ECORRUPT when they are in another chain, since the open
 * segment of the slot is damaged: it stays as it is. SP_EBUSY: a recovery runs, call again. SP_ECORRUPT,
 * SP_ERECORD, SP_ENOMEM. */
SP_NODISCARD sp_status spl_own_append(const char *folder, spl_batch *const *batches, size_t n,
                                      const uint8_t known[SP_REQUEST_ID_BYTES], sp_diag *diag);
/** Pre-writes spare segments until there are `n`. */
SP_NODISCARD sp_status spl_spares(const char *folder, size_t segment_bytes, unsigned n, sp_diag *diag);
