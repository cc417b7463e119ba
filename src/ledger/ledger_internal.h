/** @file ledger_internal.h  What the files of the ledger share: the layout of a segment, files in the folder,
 * appending, scanning. Layout: docs/reference/record.md. All numbers big-endian. */
#pragma once
#include "sallyport/ledger.h"

enum {
    SPL_VERSION = 1,
    SPL_HEADER_BYTES = 4096,
    SPL_FRAME_BYTES = 56, /**< frame header in front of a body */
    SPL_CHAIN_BYTES = 32,
    SPL_END_BODY_BYTES = 56, /**< records, blocks, chain, reason */
    SPL_END_BYTES = SPL_FRAME_BYTES + SPL_END_BODY_BYTES,
    SPL_ALIGN = 8, /**< frames start at multiples */
    SPL_NAME_BYTES = 48,
    SPL_BODY_MAX = 1 << 30,     /**< larger lengths are damage, not frames */
    SPL_SEGMENT_MIN = 64 << 10, /**< least pre-written size */
    SPL_SLOT_STRIDE = 0x10000,  /**< a busy slot's next choice: slot + stride */
    SPL_SLOT_TRIES = 64,
    SPL_PATH_MAX = 4096,
    SPL_HEAD_BYTES = 147,                   /**< a row of heads, with its line feed */
    SPL_STATED_BYTES = SPL_HEAD_BYTES + 43, /**< what a writer states: such a row, and which file it is for */
    SPL_LOCK_NAME_BYTES = 32,
};
/** Slot of the segments that spl_recover writes: no worker has it. Its lock is that of recovery. When its
 * open segment is damaged the slot below it is written, and so on, SPL_SLOT_TRIES in all. */
#define SPL_SLOT_RECOVERY UINT32_C(0xffffffff)

static inline bool spl__is_own_slot(uint32_t slot)
{
    return slot > SPL_SLOT_RECOVERY - SPL_SLOT_TRIES;
}

typedef enum spl__type { SPL_NONE = 0, SPL_RECORD = 1, SPL_BLOCK = 2, SPL_END = 3 } spl__type;
enum { SPL_FLAG_ERASED = 1 }; /**< of a block frame: its body was overwritten with zeros */

/** Why a segment ended. */
typedef enum spl__reason {
    SPL_REASON_FULL = 1,
    SPL_REASON_STOPPED = 2,
    SPL_REASON_RECOVERED = 3
} spl__reason;

/** First 4 KiB of a segment. */
typedef struct spl__header {
    uint32_t slot;
    uint8_t id[16];
    uint64_t created_ns;
    uint64_t size_bytes;  /**< pre-written size; a shorter file was closed */
    uint8_t previous[16]; /**< id of the slot's segment before; zero: there was none */
    uint64_t
        previous_end;  /**< offset where the durable frames of that segment end, its end frame not counted */
    uint64_t n_before; /**< records of the slot in front of this segment */
    uint8_t chain[SPL_CHAIN_BYTES]; /**< after those records; zero for none */
} spl__header;

/** Header of a frame, and where its body is. */
typedef struct spl__frame {
    uint8_t type, flags;
    uint32_t length;  /**< of the body */
    uint64_t seq;     /**< number of the frame in its segment, from 1 */
    uint64_t durable; /**< last seq that was durable when this one was written */
    uint8_t request_id[SP_REQUEST_ID_BYTES];
    uint32_t body_crc;
    uint64_t offset; /**< where the frame starts */
    sp_bytes body;   /**< borrowed from the segment's buffer */
} spl__frame;

/** Bytes that a frame with that body takes, padding included. */
static inline uint64_t spl__frame_bytes(uint64_t body_bytes)
{
    return (SPL_FRAME_BYTES + body_bytes + SPL_ALIGN - 1) / SPL_ALIGN * SPL_ALIGN;
}

/* ---- format.c: bytes <-> structs, no files ---- */

void spl__header_encode(uint8_t out[SPL_HEADER_BYTES], const spl__header *header);
/** @return SP_OK, SP_ECORRUPT (checksum, magic), SP_EVERSION. */
SP_NODISCARD sp_status spl__header_parse(spl__header *out, const uint8_t in[SPL_HEADER_BYTES]);
/** `out` gets SPL_FRAME_BYTES. The body's checksum is in `frame`. */
void spl__frame_encode(uint8_t out[SPL_FRAME_BYTES], const spl__frame *frame, const uint8_t segment[16]);
/** The header alone. @return false: not a frame header of this segment. */
bool spl__frame_parse(spl__frame *out, const uint8_t in[SPL_FRAME_BYTES], const uint8_t segment[16]);
typedef struct spl__end {
    uint64_t n_records, n_blocks;
    uint8_t chain[SPL_CHAIN_BYTES];
    uint64_t reason;
} spl__end;
void spl__end_encode(uint8_t out[SPL_END_BODY_BYTES], const spl__end *end);
SP_NODISCARD sp_status spl__end_parse(spl__end *out, sp_bytes body);
/** `<created>-<slot>-<id>.seg`, hexadecimal: sorts by creation. */
void spl__name(char out[SPL_NAME_BYTES], const spl__header *header);

/* ---- hash.c: SHA-256 with a context that is made once ---- */

typedef struct spl__hasher {
    void *ctx; /**< EVP_MD_CTX */
} spl__hasher;
SP_NODISCARD sp_status spl__hasher_init(spl__hasher *hasher);
void spl__hasher_fini(spl__hasher *hasher);
/** chain = SHA-256(chain || leaf hash); `leaf_hash` receives SHA-256(0x00 || leaf). */
SP_NODISCARD sp_status spl__chain_step(spl__hasher *hasher, uint8_t chain[SPL_CHAIN_BYTES],
                                       uint8_t leaf_hash[32], sp_bytes leaf);
/** id of a slot's next segment: the first half of SHA-256(id || created). */
SP_NODISCARD sp_status spl__next_id(spl__hasher *hasher, uint8_t id[16], uint64_t created_ns);

/* ---- file.c: the folder ---- */

SP_NODISCARD int spl__path(char out[SPL_PATH_MAX], const char *folder, const char *name);
/** Whole writes and reads at an offset. @return 0, or -1 with errno; a short read sets errno to 0 and `*got`.
 */
int spl__write_at(int fd, const void *p, size_t n, uint64_t offset);
int spl__read_at(int fd, void *p, size_t n, uint64_t offset, size_t *got);
int spl__sync_folder(const char *folder);
/** Has it the form of a segment's name? */
bool spl__is_segment_name(const char *name);
/** Sorted names of the segments of a folder (malloc). @return -1 with errno. */
int spl__list(const char *folder, char (**names)[SPL_NAME_BYTES], size_t *n);
void spl__slot_of(const char *name, uint32_t *slot);
/** Name of the segment that follows the i-th in its slot, or NULL. */
const char *spl__next_of_slot(char (*names)[SPL_NAME_BYTES], size_t n, size_t i);
/** A new segment: header written and durable, name durable. Takes a spare of at least `min_bytes`, or
 * reserves `want_bytes`. header->size_bytes receives the size. @return fd, open for reading and writing, or
 * -1 with errno. */
int spl__create(const char *folder, spl__header *header, uint64_t min_bytes, uint64_t want_bytes);
/** `slot-<8 hexadecimal digits>.lock` */
void spl__lock_name(char out[SPL_LOCK_NAME_BYTES], uint32_t slot);
/** Which slot's is it? @return false: it is no lock's name. */
bool spl__is_lock_name(const char *name, uint32_t *slot);
/** Exclusive lock of a slot. @return fd that holds it, -1 with errno (EWOULDBLOCK: somebody has it). */
int spl__lock_slot(const char *folder, uint32_t slot);
uint64_t spl__now_ns(void);
/** Fills diag with "NAME: TEXT: strerror". */
sp_status spl__fail_errno(sp_diag *diag, sp_status status, const char *name, const char *text);

/* ---- scan.c: one segment, frame by frame ---- */

/** Where a block of the segment is. */
typedef struct spl__block {
    uint8_t id[16];
    uint64_t offset;
} spl__block;

/** Memory that grows and is used again. */
typedef struct spl__store {
    uint8_t *p;
    size_t cap;
} spl__store;

typedef struct spl__scan {
    const char *folder; /**< the caller's, as long as the scan is open */
    char name[SPL_NAME_BYTES];
    int fd;
    spl__header header;
    uint64_t file_bytes;
    bool is_closed;                       /**< shorter than it was pre-written: its end frame must be there */
    bool is_ended;                        /**< everything that counts was read */
    bool is_headless, is_header_reported; /**< the header is damaged; that was said */
    bool has_gap;                         /**< damage was met: counts are no longer exact */
    bool is_chain_known;                  /**< false behind damage until the next record states one */
    bool is_seq_lost; /**< behind damage whose frames could not be counted: any number fits */
    bool is_torn;     /**< something incomplete lies behind the last frame */
    uint64_t limit;   /**< durable end as the next segment states it; UINT64_MAX: no next segment */
    uint64_t stated;  /**< of an open segment: durable end as its writer stated it when that was last asked */
    uint64_t offset, seq; /**< next frame; last seq */
    uint64_t end_offset;  /**< when ended: where the frames that count end, the end frame not counted */
    uint64_t reason;      /**< enum spl__reason, once spl__scan_end has read it */
    uint64_t n_records, n_blocks;
    uint64_t group_at, group_durable; /**< where the frames start that were written with the last one */
    uint64_t quiet_at;                /**< offset behind which nothing was found at the last look */
    uint8_t chain[SPL_CHAIN_BYTES];
    uint8_t leaf_hash[32]; /**< of the last record */
    uint8_t last_id[SP_REQUEST_ID_BYTES];
    spl__hasher hasher;
    spl__store store, block_store; /**< body of the last frame; of the last spl__scan_block */
    spl__block *blocks;
    size_t n_listed, blocks_cap;
} spl__scan;

typedef enum spl__step {
    SPL_STEP_FRAME, /**< a record or block that holds */
    SPL_STEP_ENDED, /**< the segment is complete */
    SPL_STEP_WAIT,  /**< nothing more yet; is_torn says whether something incomplete lies there */
    SPL_STEP_BAD,   /**< damage, described; the next call goes on behind it */
    SPL_STEP_FAIL,  /**< cannot read the file, or no memory */
} spl__step;

/** What is wrong with a frame. */
typedef struct spl__damage {
    uint64_t offset;
    bool has_id;
    uint8_t request_id[SP_REQUEST_ID_BYTES];
    const char *what; /**< static */
} spl__damage;

/** Opens a segment file and reads its header. A damaged header is said at the first step. Keeps `folder`.
 *  @return SP_OK, SP_ERECORD, SP_ECRYPTO. */
SP_NODISCARD sp_status spl__scan_open(spl__scan *scan, const char *folder, const char *name, sp_diag *diag);
void spl__scan_close(spl__scan *scan);
/** Takes from the slot's next segment where this one ends; and its id, when its own header is lost. */
void spl__scan_bound(spl__scan *scan, const char *folder, const char *next_name);
/** Takes counts, chain and end from the end frame of a closed segment without reading what is in front of it.
 * @return SP_OK, SP_ECORRUPT. */
SP_NODISCARD sp_status spl__scan_end(spl__scan *scan);
spl__step spl__scan_next(spl__scan *scan, spl__frame *frame, spl__damage *damage);
/** The newest block frame with that id among those read so far, or NULL. */
const spl__block *spl__scan_find(const spl__scan *scan, const uint8_t id[16]);
/** Reads the body of the block frame at an offset found earlier; it does not disturb the last frame's.
 * @return SP_OK, SP_ETRUNCATED when erased, SP_ECORRUPT. */
SP_NODISCARD sp_status spl__scan_block(spl__scan *scan, uint64_t offset, sp_bytes *body);
/** Writes "file, offset, record id: what" into `out`. */
void spl__damage_text(char *out, size_t n, const char *name, const spl__damage *damage);

/* ---- append.c: the end of one slot's chain ---- */

/** Which file a statement was made in. A copy is another file. */
typedef struct spl__place {
    uint64_t inode;
    uint64_t born_ns; /**< 0 where the file system does not keep it */
} spl__place;

/** The state of a slot that is written. Not locked: one thread. */
typedef struct spl__tail {
    const char *folder;
    int head_fd;      /**< file that the slot's head is stated in (spl__head_open); -1: none */
    spl__place place; /**< of that file */
    int fd;           /**< -1: no usable segment; the next commit opens one */
    spl__header header;
    uint64_t want_bytes;  /**< size of new segments */
    uint32_t number;      /**< how many segments were opened: number of the one that is written */
    uint64_t offset, seq; /**< next frame; last seq */
    uint64_t durable_end, durable_seq;
    uint64_t n_records, n_blocks;   /**< of the segment, durable */
    uint8_t chain[SPL_CHAIN_BYTES]; /**< durable */
    uint64_t newest_ns; /**< creation of the newest segment when the slot was opened, later of the slot's own:
                           new ones come after */
    bool has_previous;
    uint8_t next_id[16];
    spl__hasher hasher;
    struct spl__gather *gather;
    uint64_t n_syncs, n_bytes, sync_us;
} spl__tail;

/** Continues a slot's chain behind its last segment (which is closed if it is still open: the caller holds
 * the slot's lock). */
SP_NODISCARD sp_status spl__tail_init(spl__tail *tail, const char *folder, uint32_t slot,
                                      const uint8_t random[16], sp_diag *diag);
/** Opens a segment with room for `bytes`. @return 0 or -1 with errno. */
int spl__tail_open_segment(spl__tail *tail, uint64_t created_ns, uint64_t bytes);
/** Commits batches: sets each status and seq. Returns when all are durable or failed. */
void spl__tail_commit(spl__tail *tail, spl_batch *batches);
/** Ends the open segment and frees. */
void spl__tail_fini(spl__tail *tail, spl__reason reason);
/** Closes a segment that a dead writer left open: cuts what is torn, writes the end frame. `scan` stands at
 * SPL_STEP_WAIT. */
SP_NODISCARD sp_status spl__close_left(spl__scan *scan, const char *folder, sp_diag *diag);

/* ---- own.c: the slot that no worker has ---- */

/** Where and when records of recovery's slot are written; `lock` holds the slot. */
typedef struct spl__own {
    const char *folder;
    const uint8_t *random; /**< 16 bytes */
    uint64_t now_ns;
    int lock;
    bool (*may_mark)(void *context); /**< asked when all is durable: does the segment end with RECOVERED,
                                        which settles what is older? NULL: it ends with STOPPED */
    void *context;
    sp_diag passed; /**< receives what is damaged in the first slot that was passed over; zeroed: none was */
} spl__own;
/** Writes a list of batches, which may be empty, into a segment of their own. @return SP_OK when all are
 * durable. */
SP_NODISCARD sp_status spl__own_commit(spl__own *own, spl_batch *first, sp_diag *diag);

/* ---- heads.c: how far each slot is known to reach ---- */

typedef struct spl__head {
    char name[SPL_NAME_BYTES]; /**< segment; `slot` is read from it */
    uint32_t slot;
    uint64_t offset;    /**< end of its durable frames, the end frame not counted */
    uint64_t n_records; /**< of the slot, up to there */
    uint8_t chain[SPL_CHAIN_BYTES];
} spl__head;

/** One row and a NUL. */
void spl__head_encode(char out[SPL_HEAD_BYTES + 1], const spl__head *head);
/** @return false: it is none, whole and unchanged. */
bool spl__head_parse(spl__head *out, sp_bytes row);
/** All rows of a text; `*out` is from malloc in every case. @return SP_OK, SP_ECORRUPT, SP_ENOMEM. */
SP_NODISCARD sp_status spl__heads_parse(spl__head **out, size_t *n, sp_bytes text);
/** What a writer puts into the file that it locks, and a NUL. */
void spl__stated_encode(char out[SPL_STATED_BYTES + 1], const spl__head *head, const spl__place *place);
/** @return false: it is none, whole and unchanged, or it was made in another file. */
bool spl__stated_parse(spl__head *out, sp_bytes text, const spl__place *place);
/** The tail states its durable end in `fd` from now on, the lock that the caller holds; -1: nowhere. */
void spl__head_open(spl__tail *tail, int fd);
/** States the durable end of the tail in its lock file. Best effort, and no sync: one that is behind is true
 * too. */
void spl__head_state(const spl__tail *tail);
/** How far the writer of a segment stated it to be durable. @return 0: nothing is known of it. */
uint64_t spl__stated_end(const char *folder, const char *segment);
