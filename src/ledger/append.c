/* The end of one slot's chain: batches in, durable frames out.
 *
 * Invariants: everything in front of `durable_end` is on the disk and chained by `chain`; nothing is reported
 * as durable before fdatasync returned. After a write or a sync that failed the file is not touched again
 * (the kernel may have dropped the pages and say so only once), and the next segment states where the durable
 * part of it ended. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "ledger/ledger_internal.h"

enum {
    GATHER_FRAMES = 300,
    GATHER_PIECES = 3 * GATHER_FRAMES, /* header, body, padding; below IOV_MAX */
    HEAD_BYTES = SPL_FRAME_BYTES + SPL_CHAIN_BYTES,
    COPY_BYTES = 64 << 10,
};

static const uint8_t padding[SPL_ALIGN];

/* Collects pieces of frames for one pwritev; bodies are written from where they are. */
typedef struct spl__gather {
    struct iovec pieces[GATHER_PIECES];
    uint8_t heads[GATHER_FRAMES][HEAD_BYTES];
    int n_pieces, n_heads;
    int fd;
    const uint8_t *segment; /* id, 16 bytes */
    uint64_t offset;        /* where the first piece goes */
    uint64_t bytes;         /* in pieces */
    bool has_failed;
} spl__gather;

/* What a group of batches changes; taken over by the tail when it is durable. */
typedef struct group {
    uint64_t seq, n_records, n_blocks;
    uint8_t chain[SPL_CHAIN_BYTES];
} group;

/* ---- gather ---- */

static int write_pieces(int fd, struct iovec *pieces, int n, uint64_t offset)
{
    while (n > 0) {
        ssize_t done = pwritev(fd, pieces, n, (off_t)offset);
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done <= 0) {
            return -1;
        }
        offset += (uint64_t)done;
        while (n > 0 && (size_t)done >= pieces->iov_len) {
            done -= (ssize_t)pieces->iov_len;
            pieces++;
            n--;
        }
        if (n > 0) {
            pieces->iov_base = (uint8_t *)pieces->iov_base + done;
            pieces->iov_len -= (size_t)done;
        }
    }
    return 0;
}

static void gather_flush(spl__gather *g)
{
    if (!g->has_failed && write_pieces(g->fd, g->pieces, g->n_pieces, g->offset) != 0) {
        g->has_failed = true;
    }
    g->offset += g->bytes;
    g->n_pieces = g->n_heads = 0;
    g->bytes = 0;
}

static void gather_piece(spl__gather *g, const void *p, size_t n)
{
    if (n > 0) {
        /* pwritev does not write to its source; the struct just has no const. */
        g->pieces[g->n_pieces++] = (struct iovec){.iov_base = (void *)(uintptr_t)p, .iov_len = n};
        g->bytes += n;
    }
}

/* Adds a frame: `prefix` (in the header's buffer) and `rest` are its body. */
static void gather_frame(spl__gather *g, spl__frame *frame, sp_bytes prefix, sp_bytes rest)
{
    if (g->n_heads == GATHER_FRAMES) {
        gather_flush(g);
    }
    uint8_t *head = g->heads[g->n_heads++];
    frame->length = (uint32_t)(prefix.n + rest.n);
    frame->body_crc = sp_crc32c(sp_crc32c(0, prefix), rest);
    spl__frame_encode(head, frame, g->segment);
    if (prefix.n > 0) {
        memcpy(head + SPL_FRAME_BYTES, prefix.p, prefix.n);
    }
    gather_piece(g, head, SPL_FRAME_BYTES + prefix.n);
    gather_piece(g, rest.p, rest.n);
    gather_piece(g, padding, (size_t)(spl__frame_bytes(frame->length) - SPL_FRAME_BYTES - frame->length));
}

/* ---- batches ---- */

/* Bytes that a batch takes in a segment; 0: it is malformed and cannot be written. */
static uint64_t batch_bytes(const spl_batch *batch)
{
    sp_reader in = sp_reader_of(sp_buf_bytes(&batch->blocks));
    uint64_t bytes = spl__frame_bytes(SPL_CHAIN_BYTES + batch->leaf.n);
    if (batch->leaf.status != SP_OK || batch->blocks.status != SP_OK || batch->leaf.n == 0 ||
        batch->leaf.n > SP_LEAF_MAX) {
        return 0;
    }
    while (sp_reader_left(&in) > 0) {
        const sp_bytes body = sp_read_bytes32(&in, SPL_BODY_MAX);
        bytes += spl__frame_bytes(body.n);
        if (body.n == 0) {
            return 0;
        }
    }
    return sp_reader_end(&in) == SP_OK ? bytes : 0;
}

static sp_status put_batch(spl__tail *tail, group *g, spl_batch *batch)
{
    sp_reader in = sp_reader_of(sp_buf_bytes(&batch->blocks));
    uint8_t leaf_hash[32];
    spl__frame frame = {.type = SPL_BLOCK, .durable = tail->durable_seq};
    (void)sp_leaf_request_id(frame.request_id, sp_buf_bytes(&batch->leaf));
    while (sp_reader_left(&in) > 0) {
        const sp_bytes body = sp_read_bytes32(&in, SPL_BODY_MAX);
        frame.seq = ++g->seq;
        g->n_blocks++;
        gather_frame(tail->gather, &frame, SP_BYTES_EMPTY, body);
    }
    SP_TRY(spl__chain_step(&tail->hasher, g->chain, leaf_hash, sp_buf_bytes(&batch->leaf)));
    frame.type = SPL_RECORD;
    frame.seq = batch->seq = ++g->seq;
    g->n_records++;
    gather_frame(tail->gather, &frame, (sp_bytes){g->chain, sizeof g->chain}, sp_buf_bytes(&batch->leaf));
    /* The chain's bytes were copied into the header's buffer, so the next record may change them. */
    return SP_OK;
}

static uint64_t elapsed_us(const struct timespec *from)
{
    struct timespec to;
    if (clock_gettime(CLOCK_MONOTONIC, &to) != 0) {
        return 0;
    }
    return (uint64_t)((to.tv_sec - from->tv_sec) * 1000000 + (to.tv_nsec - from->tv_nsec) / 1000);
}

static bool sync_file(spl__tail *tail)
{
    struct timespec start = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &start);
    const bool is_done = fdatasync(tail->fd) == 0;
    tail->sync_us += elapsed_us(&start);
    tail->n_syncs++;
    return is_done;
}

static void abandon(spl__tail *tail)
{
    (void)close(
        tail->fd); /* what this says about earlier writes was said by fdatasync, or nobody relies on it */
    tail->fd = -1;
}

/* Field by field: to zero the whole of it would cost more than a small record. */
static void gather_start(spl__tail *tail)
{
    spl__gather *g = tail->gather;
    g->n_pieces = g->n_heads = 0;
    g->fd = tail->fd;
    g->segment = tail->header.id;
    g->offset = tail->offset;
    g->bytes = 0;
    g->has_failed = false;
}

/* Writes [first, end) and makes them durable together. */
static bool write_group(spl__tail *tail, spl_batch *first, const spl_batch *end)
{
    group g = {.seq = tail->seq, .n_records = tail->n_records, .n_blocks = tail->n_blocks};
    memcpy(g.chain, tail->chain, sizeof g.chain);
    gather_start(tail);
    for (spl_batch *b = first; b != end; b = b->next) {
        if (put_batch(tail, &g, b) != SP_OK) {
            return false;
        }
    }
    gather_flush(tail->gather);
    if (tail->gather->has_failed || !sync_file(tail)) {
        return false;
    }
    tail->n_bytes += tail->gather->offset - tail->offset;
    tail->offset = tail->durable_end = tail->gather->offset;
    tail->seq = tail->durable_seq = g.seq;
    tail->n_records = g.n_records;
    tail->n_blocks = g.n_blocks;
    memcpy(tail->chain, g.chain, sizeof tail->chain);
    spl__head_state(tail);
    return true;
}

/* ---- segments ---- */

static int put_end(int fd, const spl__header *header, uint64_t offset, uint64_t seq, const spl__end *end)
{
    uint8_t bytes[SPL_END_BYTES];
    spl__end_encode(bytes + SPL_FRAME_BYTES, end);
    const spl__frame frame = {
        .type = SPL_END,
        .length = SPL_END_BODY_BYTES,
        .seq = seq,
        .durable = seq - 1,
        .body_crc = sp_crc32c(0, (sp_bytes){bytes + SPL_FRAME_BYTES, SPL_END_BODY_BYTES}),
    };
    spl__frame_encode(bytes, &frame, header->id);
    if (spl__write_at(fd, bytes, sizeof bytes, offset) != 0 || fdatasync(fd) != 0) {
        return -1;
    }
    /* Only behind a durable end frame: a segment that is shorter than it was pre-written counts as complete.
     */
    return ftruncate(fd, (off_t)(offset + sizeof bytes));
}

static void close_segment(spl__tail *tail, spl__reason reason)
{
    spl__end end = {.n_records = tail->n_records, .n_blocks = tail->n_blocks, .reason = reason};
    memcpy(end.chain, tail->chain, sizeof end.chain);
    /* Without its end frame the segment is one that was abandoned: its durable end is known to the next one.
     */
    (void)put_end(tail->fd, &tail->header, tail->offset, tail->seq + 1, &end);
    abandon(tail);
}

int spl__tail_open_segment(spl__tail *tail, uint64_t created_ns, uint64_t bytes)
{
    const uint64_t least = SPL_HEADER_BYTES + bytes + SPL_END_BYTES + SPL_ALIGN;
    spl__header header = {.slot = tail->header.slot, .created_ns = created_ns};
    if (header.created_ns <= tail->newest_ns) {
        header.created_ns = tail->newest_ns + 1; /* the order of the segments holds whatever the clock does */
    }
    if (spl__next_id(&tail->hasher, tail->next_id, header.created_ns) != SP_OK) {
        errno = EIO;
        return -1;
    }
    memcpy(header.id, tail->next_id, sizeof header.id);
    if (tail->has_previous) {
        memcpy(header.previous, tail->header.id, sizeof header.previous);
        header.previous_end = tail->durable_end;
        header.n_before = tail->header.n_before + tail->n_records;
        memcpy(header.chain, tail->chain, sizeof header.chain);
    }
    tail->fd = spl__create(tail->folder, &header, least > SPL_SEGMENT_MIN ? least : SPL_SEGMENT_MIN,
                           tail->want_bytes);
    if (tail->fd < 0) {
        return -1;
    }
    tail->header = header;
    tail->newest_ns = header.created_ns;
    tail->has_previous = true;
    tail->number++;
    tail->offset = tail->durable_end = SPL_HEADER_BYTES;
    tail->seq = tail->durable_seq = tail->n_records = tail->n_blocks = 0;
    return 0;
}

static spl_batch *fail_until(spl_batch *batch, const spl_batch *end)
{
    for (; batch != end; batch = batch->next) {
        batch->status = SP_ERECORD;
    }
    return batch;
}

/* Does the batch name blocks of a segment that is no longer written? A segment is complete in itself: its
 * records name no block of another. */
static bool is_elsewhere(const spl__tail *tail, const spl_batch *batch)
{
    return batch->segment != 0 && (tail->fd < 0 || batch->segment != tail->number);
}

/* How many of the batches fit into what is left of the segment. @return the first that does not. */
static spl_batch *fitting(const spl__tail *tail, spl_batch *batches)
{
    uint64_t end = tail->offset + SPL_END_BYTES + SPL_ALIGN;
    spl_batch *b = batches;
    for (; b != NULL; b = b->next) {
        const uint64_t bytes = batch_bytes(b);
        if (bytes == 0 || is_elsewhere(tail, b) || end + bytes > tail->header.size_bytes) {
            break;
        }
        end += bytes;
    }
    return b;
}

void spl__tail_commit(spl__tail *tail, spl_batch *batches)
{
    while (batches != NULL) {
        const uint64_t bytes = batch_bytes(batches);
        if (bytes == 0 || is_elsewhere(tail, batches)) {
            batches->status = SP_ERECORD;
            batches->has_moved = bytes != 0;
            batches = batches->next;
            continue;
        }
        if (tail->fd < 0 && spl__tail_open_segment(tail, spl__now_ns(), bytes) != 0) {
            (void)fail_until(batches, NULL);
            return;
        }
        spl_batch *const end = fitting(tail, batches);
        if (end == batches) {
            close_segment(tail, SPL_REASON_FULL);
            continue;
        }
        const bool is_durable = write_group(tail, batches, end);
        if (!is_durable) {
            abandon(tail);
            batches = fail_until(batches, end);
            continue;
        }
        for (; batches != end; batches = batches->next) {
            batches->status = SP_OK;
            batches->segment = tail->number;
        }
    }
}

/* ---- where a slot goes on ---- */

/* The frames that were written last may be those whose sync failed; the kernel then shows what it has
 * dropped, and says so to nobody a second time. Written once more they are synced, or their sync fails anew.
 */
static int write_again(const spl__scan *scan, int fd)
{
    uint8_t bytes[COPY_BYTES];
    uint64_t at = scan->group_at;
    while (at != 0 && at < scan->offset) {
        const uint64_t left = scan->offset - at;
        size_t got = 0;
        if (spl__read_at(fd, bytes, left < COPY_BYTES ? (size_t)left : COPY_BYTES, at, &got) != 0 ||
            got == 0 || spl__write_at(fd, bytes, got, at) != 0) {
            return -1;
        }
        at += got;
    }
    return 0;
}

sp_status spl__close_left(spl__scan *scan, const char *folder, sp_diag *diag)
{
    char path[SPL_PATH_MAX];
    /* RECOVERED in recovery's own slot is the mark of a recovery that was finished: this one was not. */
    spl__end end = {
        .n_records = scan->n_records,
        .n_blocks = scan->n_blocks,
        .reason = spl__is_own_slot(scan->header.slot) ? SPL_REASON_STOPPED : SPL_REASON_RECOVERED,
    };
    memcpy(end.chain, scan->chain, sizeof end.chain);
    const int fd =
        spl__path(path, folder, scan->name) == 0 ? open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW) : -1;
    if (fd < 0) {
        return spl__fail_errno(diag, SP_ERECORD, scan->name, "cannot open it for writing");
    }
    /* What was read may be in the kernel's cache only. An end frame says that all in front of it is durable,
     * and one that reached the disk alone would make damage of what was never confirmed to anyone. */
    const int synced = write_again(scan, fd) == 0 ? fdatasync(fd) : -1;
    const int rc = synced == 0 ? put_end(fd, &scan->header, scan->offset, scan->seq + 1, &end) : synced;
    const sp_status status = rc == 0 && fsync(fd) == 0
                                 ? SP_OK
                                 : spl__fail_errno(diag, SP_ERECORD, scan->name, "cannot close the segment");
    (void)close(fd);
    return status;
}

static void continue_from(spl__tail *tail, const spl__scan *scan)
{
    tail->header = scan->header;
    tail->has_previous = true;
    tail->durable_end = scan->end_offset;
    tail->n_records = scan->n_records;
    memcpy(tail->chain, scan->chain, sizeof tail->chain);
}

/* Reads a segment that is still open to its end, and closes it: whoever wrote it is gone. */
static sp_status read_open(spl__tail *tail, spl__scan *scan, sp_diag *diag)
{
    spl__frame frame;
    spl__damage damage;
    spl__step step;
    do {
        step = spl__scan_next(scan, &frame, &damage);
    } while (step == SPL_STEP_FRAME);
    if (step == SPL_STEP_BAD) {
        char text[256];
        spl__damage_text(text, sizeof text, scan->name, &damage);
        return sp_fail(diag, SP_ECORRUPT, (size_t)damage.offset, text);
    }
    if (step == SPL_STEP_FAIL) {
        return spl__fail_errno(diag, SP_ERECORD, scan->name, "cannot read it");
    }
    if (step == SPL_STEP_WAIT) {
        scan->end_offset = scan->offset;
        return spl__close_left(scan, tail->folder, diag);
    }
    return SP_OK;
}

/* Where the slot's last segment ended. A closed one is believed by its end frame: damage inside it is for
 * `verify` to tell, and no reason to stop recording. */
static sp_status read_last(spl__tail *tail, const char *name, sp_diag *diag)
{
    spl__scan scan;
    SP_TRY(spl__scan_open(&scan, tail->folder, name, diag));
    const sp_status status =
        scan.is_closed && spl__scan_end(&scan) == SP_OK ? SP_OK : read_open(tail, &scan, diag);
    if (status == SP_OK) {
        continue_from(tail, &scan);
    }
    spl__scan_close(&scan);
    return status;
}

sp_status spl__tail_init(spl__tail *tail, const char *folder, uint32_t slot, const uint8_t random[16],
                         sp_diag *diag)
{
    char(*names)[SPL_NAME_BYTES] = NULL;
    size_t n = 0;
    sp_status status = SP_OK;
    *tail = (spl__tail){.folder = folder, .fd = -1, .head_fd = -1, .header.slot = slot};
    memcpy(tail->next_id, random, sizeof tail->next_id);
    if (spl__list(folder, &names, &n) != 0) {
        return spl__fail_errno(diag, SP_ERECORD, folder, "cannot list the ledger folder");
    }
    tail->newest_ns = n > 0 ? strtoull(names[n - 1], NULL, 16) : 0;
    for (size_t i = n; i > 0; i--) {
        uint32_t of_name;
        spl__slot_of(names[i - 1], &of_name);
        if (of_name == slot) {
            status = read_last(tail, names[i - 1], diag);
            break;
        }
    }
    free(names);
    tail->gather = malloc(sizeof *tail->gather);
    if (status == SP_OK && (tail->gather == NULL || spl__hasher_init(&tail->hasher) != SP_OK)) {
        status = sp_fail(diag, SP_ENOMEM, SIZE_MAX, "no memory for a ledger writer");
    }
    if (status != SP_OK) {
        spl__tail_fini(tail, SPL_REASON_STOPPED);
    }
    return status;
}

void spl__tail_fini(spl__tail *tail, spl__reason reason)
{
    if (tail->fd >= 0) {
        close_segment(tail, reason);
    }
    spl__hasher_fini(&tail->hasher);
    free(tail->gather);
    tail->gather = NULL;
}
