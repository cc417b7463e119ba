/* One segment, frame by frame: what holds, what is damaged, where it ends.
 *
 * The hard question is what a frame that does not hold means. Behind the last synced frame anything may lie:
 * the disk wrote some pages of a batch and not others when the power went; nobody was told that it is
 * durable, and it is cut at restart. In front of it the same bytes are damage. Four things tell: a closed
 * segment (shorter than it was pre-written) is durable as a whole; the next segment of the slot states where
 * this one ended; each frame carries the number of the last one that was durable when it was written, so any
 * later frame that holds convicts; and behind each sync the writer states in its lock's file how far it came,
 * which is never ahead (heads.c), so what does not hold in front of that convicts itself. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/ledger_internal.h"

enum {
    BLOCK_ID_AT =
        1, /* behind the version of a block's body; both survive erasure, so that it can still be named */
    BLOCK_KEPT_BYTES = 17,
    LOOK_BYTES = 256 << 10,
    LOOK_AGAIN_BYTES = 1 << 20,
};

/* What reading at one place gave. */
typedef enum outcome { HOLDS, NO_FRAME, BAD_BODY, TOO_SHORT, NO_READ } outcome;

/* ---- open, close ---- */

/* Without its header a segment can still be read: its name holds slot and the part of its id that frames
 * carry. */
static void header_from_name(spl__scan *scan)
{
    memset(&scan->header, 0, sizeof scan->header);
    spl__slot_of(scan->name, &scan->header.slot);
    if (sp_hex_decode(scan->header.id, 4, (sp_bytes){(const uint8_t *)scan->name + 26, 8}) != SP_OK) {
        memset(scan->header.id, 0, sizeof scan->header.id);
    }
    scan->is_headless = true;
    scan->is_chain_known = false;
}

static sp_status read_header(spl__scan *scan, sp_diag *diag)
{
    uint8_t bytes[SPL_HEADER_BYTES];
    struct stat st;
    size_t got = 0;
    if (fstat(scan->fd, &st) != 0 || spl__read_at(scan->fd, bytes, sizeof bytes, 0, &got) != 0) {
        return spl__fail_errno(diag, SP_ERECORD, scan->name, "cannot read it");
    }
    scan->file_bytes = (uint64_t)st.st_size;
    if (got == sizeof bytes && spl__header_parse(&scan->header, bytes) == SP_OK) {
        char name[SPL_NAME_BYTES];
        spl__name(name, &scan->header);
        /* A file under another's name would stand at another's place in the order. */
        if (strcmp(name, scan->name) == 0) {
            scan->is_closed = scan->file_bytes < scan->header.size_bytes;
            scan->is_chain_known = true;
            memcpy(scan->chain, scan->header.chain, sizeof scan->chain);
            return SP_OK;
        }
    }
    header_from_name(scan);
    return SP_OK;
}

sp_status spl__scan_open(spl__scan *scan, const char *folder, const char *name, sp_diag *diag)
{
    char path[SPL_PATH_MAX];
    memset(scan, 0, sizeof *scan);
    scan->folder = folder;
    (void)snprintf(scan->name, sizeof scan->name, "%s", name);
    scan->limit = UINT64_MAX;
    scan->quiet_at = UINT64_MAX;
    scan->offset = SPL_HEADER_BYTES;
    scan->fd = spl__path(path, folder, name) == 0 ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (scan->fd < 0) {
        return spl__fail_errno(diag, SP_ERECORD, name, "cannot open it");
    }
    sp_status status = read_header(scan, diag);
    if (status == SP_OK && spl__hasher_init(&scan->hasher) != SP_OK) {
        status = sp_fail(diag, SP_ECRYPTO, SIZE_MAX, "no SHA-256");
    }
    if (status != SP_OK) {
        spl__scan_close(scan);
    }
    return status;
}

void spl__scan_close(spl__scan *scan)
{
    if (scan->fd >= 0) {
        (void)close(scan->fd);
    }
    spl__hasher_fini(&scan->hasher);
    free(scan->store.p);
    free(scan->block_store.p);
    free(scan->blocks);
    scan->fd = -1;
    scan->store = scan->block_store = (spl__store){NULL, 0};
    scan->blocks = NULL;
    scan->n_listed = scan->blocks_cap = 0;
}

void spl__scan_bound(spl__scan *scan, const char *folder, const char *next_name)
{
    spl__scan next;
    if (spl__scan_open(&next, folder, next_name, NULL) != SP_OK) {
        return; /* told when it is that one's turn */
    }
    /* Of a header that is lost the name still holds the first four bytes of the id. */
    const size_t known = scan->is_headless ? 4 : sizeof scan->header.id;
    if (!next.is_headless && memcmp(next.header.previous, scan->header.id, known) == 0) {
        memcpy(scan->header.id, next.header.previous, sizeof scan->header.id);
        scan->limit = next.header.previous_end;
    }
    spl__scan_close(&next);
}

/* ---- one frame ---- */

static bool room(spl__store *store, size_t n)
{
    if (n <= store->cap) {
        return true;
    }
    uint8_t *grown = realloc(store->p, n + n / 2);
    if (grown == NULL) {
        return false;
    }
    store->p = grown;
    store->cap = n + n / 2;
    return true;
}

static bool all_zero(const uint8_t *p, size_t n)
{
    return n == 0 || (p[0] == 0 && memcmp(p, p + 1, n - 1) == 0);
}

/* Reads body and padding of a frame whose header is known. */
static outcome read_body(const spl__scan *scan, spl__store *store, spl__frame *frame)
{
    const size_t n = (size_t)spl__frame_bytes(frame->length) - SPL_FRAME_BYTES;
    size_t got = 0;
    if (frame->offset + SPL_FRAME_BYTES + n > scan->file_bytes) {
        return TOO_SHORT;
    }
    if (!room(store, n > 0 ? n : 1) ||
        spl__read_at(scan->fd, store->p, n, frame->offset + SPL_FRAME_BYTES, &got) != 0) {
        return NO_READ;
    }
    if (got < n) {
        return TOO_SHORT;
    }
    frame->body = (sp_bytes){store->p, frame->length};
    const bool holds =
        sp_crc32c(0, frame->body) == frame->body_crc && all_zero(store->p + frame->length, n - frame->length);
    return holds ? HOLDS : BAD_BODY;
}

static outcome read_frame(spl__scan *scan, spl__frame *frame)
{
    uint8_t head[SPL_FRAME_BYTES];
    size_t got = 0;
    memset(frame, 0, sizeof *frame);
    if (spl__read_at(scan->fd, head, sizeof head, scan->offset, &got) != 0) {
        return NO_READ;
    }
    if (got < sizeof head) {
        return TOO_SHORT;
    }
    const bool is_frame = spl__frame_parse(frame, head, scan->header.id);
    frame->offset = scan->offset;
    if (!is_frame || frame->seq <= scan->seq || (frame->seq != scan->seq + 1 && !scan->is_seq_lost)) {
        return NO_FRAME;
    }
    return read_body(scan, &scan->store, frame);
}

/* ---- looking ahead ---- */

/* Is there a frame header that holds in `bytes`? Its offset in `found` counts from their start. */
static bool look_in(const spl__scan *scan, sp_bytes bytes, uint64_t least_durable, spl__frame *found)
{
    for (size_t i = 0; i + SPL_FRAME_BYTES <= bytes.n; i += SPL_ALIGN) {
        if (bytes.p[i] == 'S' && spl__frame_parse(found, bytes.p + i, scan->header.id) &&
            found->seq > scan->seq && found->durable >= least_durable) {
            found->offset = i;
            return true;
        }
    }
    return false;
}

/* Finds the next frame header behind the present place. @return 1 found, 0 none, -1 cannot read. */
static int look_ahead(spl__scan *scan, uint64_t least_durable, uint64_t most_bytes, spl__frame *found)
{
    const uint64_t start = scan->offset + SPL_ALIGN;
    /* Behind an odd place (a file that was cut) frames still start at multiples. */
    uint64_t at = start / SPL_ALIGN * SPL_ALIGN;
    int rc = 0;
    uint8_t *bytes = malloc(LOOK_BYTES);
    if (bytes == NULL) {
        return -1;
    }
    while (rc == 0 && at - start < most_bytes) {
        size_t got = 0;
        if (spl__read_at(scan->fd, bytes, LOOK_BYTES, at, &got) != 0) {
            rc = -1;
        } else if (look_in(scan, (sp_bytes){bytes, got}, least_durable, found)) {
            found->offset += at;
            rc = 1;
        } else if (got < LOOK_BYTES) {
            break;
        }
        at += LOOK_BYTES - (SPL_FRAME_BYTES - SPL_ALIGN); /* a header may lie across the edge */
    }
    free(bytes);
    return rc;
}

/* ---- what holds ---- */

static bool list_block(spl__scan *scan, const spl__frame *frame)
{
    if (scan->n_listed == scan->blocks_cap) {
        const size_t more = scan->blocks_cap == 0 ? 64 : scan->blocks_cap * 2;
        spl__block *grown = reallocarray(scan->blocks, more, sizeof *grown);
        if (grown == NULL) {
            return false;
        }
        scan->blocks = grown;
        scan->blocks_cap = more;
    }
    spl__block *block = &scan->blocks[scan->n_listed++];
    memcpy(block->id, frame->body.p + BLOCK_ID_AT, sizeof block->id);
    block->offset = frame->offset;
    return true;
}

static const char *accept_block(spl__scan *scan, const spl__frame *frame)
{
    if (frame->length < BLOCK_KEPT_BYTES) {
        return "the block is too short";
    }
    const bool is_erased = (frame->flags & SPL_FLAG_ERASED) != 0;
    if (is_erased && !all_zero(frame->body.p + BLOCK_KEPT_BYTES, frame->length - BLOCK_KEPT_BYTES)) {
        return "the block is marked as erased and is not";
    }
    scan->n_blocks++;
    return list_block(scan, frame) ? NULL : "no memory";
}

static const char *accept_record(spl__scan *scan, const spl__frame *frame)
{
    uint8_t chain[SPL_CHAIN_BYTES], id[SP_REQUEST_ID_BYTES];
    if (frame->length < SPL_CHAIN_BYTES + 1 || frame->flags != 0) {
        return "the record is too short";
    }
    const sp_bytes leaf = sp_bytes_sub(frame->body, SPL_CHAIN_BYTES, frame->length);
    memcpy(chain, scan->chain, sizeof chain);
    if (spl__chain_step(&scan->hasher, chain, scan->leaf_hash, leaf) != SP_OK) {
        return "no SHA-256";
    }
    const bool holds = !scan->is_chain_known || memcmp(chain, frame->body.p, sizeof chain) == 0;
    (void)sp_leaf_request_id(id, leaf);
    scan->n_records++;
    scan->is_chain_known = true;
    memcpy(scan->chain, frame->body.p, sizeof scan->chain);
    if (!holds) {
        return "the chain does not hold: a record before it was changed, removed or put in";
    }
    return memcmp(id, frame->request_id, sizeof id) == 0 ? NULL : "frame and record name different requests";
}

static const char *accept_end(spl__scan *scan, const spl__frame *frame)
{
    spl__end end;
    scan->is_ended = true;
    scan->end_offset = frame->offset;
    if (frame->flags != 0 || spl__end_parse(&end, frame->body) != SP_OK) {
        return "the end frame is malformed";
    }
    /* Behind damage the counts are known to differ, and that was said already. */
    if (scan->has_gap) {
        return NULL;
    }
    const bool holds = end.n_records == scan->n_records && end.n_blocks == scan->n_blocks &&
                       memcmp(end.chain, scan->chain, sizeof end.chain) == 0;
    return holds ? NULL : "the end frame does not match what is in front of it";
}

static spl__step accept(spl__scan *scan, spl__frame *frame, spl__damage *damage)
{
    const char *wrong = NULL;
    if (scan->group_at == 0 || frame->durable != scan->group_durable) {
        scan->group_at = frame->offset;
        scan->group_durable = frame->durable;
    }
    switch (frame->type) {
    case SPL_RECORD:
        wrong = accept_record(scan, frame);
        break;
    case SPL_BLOCK:
        wrong = accept_block(scan, frame);
        break;
    default:
        wrong = accept_end(scan, frame);
        break;
    }
    scan->offset += spl__frame_bytes(frame->length);
    scan->seq = frame->seq;
    scan->is_seq_lost = false;
    if (frame->type != SPL_END) {
        memcpy(scan->last_id, frame->request_id, sizeof scan->last_id);
    }
    if (wrong != NULL) {
        scan->has_gap = true;
        *damage = (spl__damage){.offset = frame->offset, .has_id = frame->type != SPL_END, .what = wrong};
        memcpy(damage->request_id, frame->request_id, sizeof damage->request_id);
        return SPL_STEP_BAD;
    }
    return scan->is_ended ? SPL_STEP_ENDED : SPL_STEP_FRAME;
}

/* ---- what does not hold ---- */

/* The record that a frame with a damaged header belongs to. Best evidence: the leaf itself, when its checksum
 * still matches; then the frame behind it (blocks lie in front of their record); then what stands in the
 * header. */
static bool guess_id(spl__scan *scan, const spl__frame *next, bool has_next, uint8_t id[SP_REQUEST_ID_BYTES])
{
    enum { TYPE_AT = 4, LENGTH_AT = 12, ID_AT = 32, CRC_AT = 48 };
    uint8_t head[SPL_FRAME_BYTES];
    size_t got = 0;
    if (spl__read_at(scan->fd, head, sizeof head, scan->offset, &got) != 0 || got < sizeof head) {
        return false;
    }
    sp_reader length = sp_reader_of((sp_bytes){head + LENGTH_AT, 4});
    sp_reader crc = sp_reader_of((sp_bytes){head + CRC_AT, 4});
    spl__frame raw = {.offset = scan->offset, .length = sp_read_u32(&length), .body_crc = sp_read_u32(&crc)};
    if (raw.length <= SPL_BODY_MAX && read_body(scan, &scan->store, &raw) == HOLDS &&
        raw.length > SPL_CHAIN_BYTES &&
        sp_leaf_request_id(id, sp_bytes_sub(raw.body, SPL_CHAIN_BYTES, raw.length))) {
        return true;
    }
    if (has_next && next->type != SPL_END && head[TYPE_AT] == SPL_BLOCK) {
        memcpy(id, next->request_id, SP_REQUEST_ID_BYTES);
        return true;
    }
    memcpy(id, head + ID_AT, SP_REQUEST_ID_BYTES);
    return !all_zero(id, SP_REQUEST_ID_BYTES);
}

/* Behind the damage: with a header that holds, the next frame; else wherever the next header is; else where
 * the statement that convicts it ends: a writer that lives goes on there. */
static void go_on_behind(spl__scan *scan, const spl__frame *frame, outcome why, const spl__frame *next,
                         bool has_next)
{
    scan->has_gap = true;
    if (why == BAD_BODY) {
        scan->is_chain_known = scan->is_chain_known && frame->type == SPL_BLOCK;
        scan->offset += spl__frame_bytes(frame->length);
        scan->seq = frame->seq;
        scan->is_seq_lost = false;
        scan->is_ended = frame->type == SPL_END;
        scan->end_offset = frame->offset;
        return;
    }
    scan->is_chain_known = false;
    if (!has_next && scan->offset < scan->stated) {
        scan->offset = scan->stated;
        scan->is_seq_lost = true;
        return;
    }
    if (!has_next) {
        scan->is_ended = true;
        scan->end_offset = scan->offset;
        return;
    }
    scan->offset = next->offset;
    scan->seq = next->seq - 1;
}

static spl__step report(spl__scan *scan, const spl__frame *frame, outcome why, spl__damage *damage)
{
    spl__frame next = {0};
    *damage = (spl__damage){.offset = scan->offset};
    const int found = why == BAD_BODY ? 0 : look_ahead(scan, 0, UINT64_MAX, &next);
    if (found < 0) {
        return SPL_STEP_FAIL;
    }
    /* Behind what is stated there may be a torn tail: not every frame that holds there is the next one. */
    const bool has_next = found == 1 && (scan->offset >= scan->stated || next.offset < scan->stated);
    if (why == BAD_BODY || (why == TOO_SHORT && frame->seq == scan->seq + 1)) {
        damage->what = why == BAD_BODY ? "its checksum does not match" : "the file was cut inside of it";
        damage->has_id = frame->type != SPL_END;
        memcpy(damage->request_id, frame->request_id, sizeof damage->request_id);
    } else if (scan->offset + SPL_FRAME_BYTES > scan->file_bytes) {
        damage->what = "the file was cut behind it";
        damage->has_id = scan->seq > 0;
        memcpy(damage->request_id, scan->last_id, sizeof damage->request_id);
    } else {
        damage->what = has_next ? "its frame is damaged or missing" : "a frame is damaged or missing here";
        damage->has_id = guess_id(scan, &next, has_next, damage->request_id);
    }
    go_on_behind(scan, frame, why, &next, has_next);
    return SPL_STEP_BAD;
}

/* Does anything convict what lies at the present place? @return 1 yes, 0 no, -1 cannot read. */
static int is_convicted(spl__scan *scan)
{
    spl__frame later;
    scan->stated = 0;
    if (scan->is_closed || scan->limit != UINT64_MAX) {
        return 1;
    }
    /* Asked anew each time: this is the end of a segment that somebody may be writing. */
    scan->stated = spl__stated_end(scan->folder, scan->name);
    if (scan->offset < scan->stated || scan->is_seq_lost) {
        return scan->offset < scan->stated;
    }
    const uint64_t most = scan->quiet_at == scan->offset ? LOOK_AGAIN_BYTES : UINT64_MAX;
    return look_ahead(scan, scan->seq + 1, most, &later);
}

/* The end so far. Does something lie there that never became whole? */
static spl__step wait_here(spl__scan *scan)
{
    spl__frame later;
    uint8_t start[SPL_ALIGN];
    size_t got = 0;
    scan->quiet_at = scan->offset;
    const bool is_read = spl__read_at(scan->fd, start, sizeof start, scan->offset, &got) == 0;
    scan->is_torn = is_read && (!all_zero(start, got) || look_ahead(scan, 0, LOOK_AGAIN_BYTES, &later) == 1);
    return SPL_STEP_WAIT;
}

/* No frame holds here. Is it damage, or the end so far? */
static spl__step judge(spl__scan *scan, spl__frame *frame, spl__damage *damage)
{
    const int convicted = is_convicted(scan);
    if (convicted <= 0) {
        return convicted < 0 ? SPL_STEP_FAIL : wait_here(scan);
    }
    /* A writer may have finished this very frame, and later ones, since it was read. */
    const outcome again = read_frame(scan, frame);
    if (again == NO_READ) {
        return SPL_STEP_FAIL;
    }
    return again == HOLDS ? accept(scan, frame, damage) : report(scan, frame, again, damage);
}

spl__step spl__scan_next(spl__scan *scan, spl__frame *frame, spl__damage *damage)
{
    if (scan->is_headless && !scan->is_header_reported) {
        scan->is_header_reported = scan->has_gap = true;
        *damage = (spl__damage){.offset = 0, .what = "the header of the segment is damaged"};
        return SPL_STEP_BAD;
    }
    if (!scan->is_ended && scan->offset >= scan->limit) {
        scan->is_ended = true;
        scan->end_offset = scan->offset;
    }
    if (scan->is_ended) {
        return SPL_STEP_ENDED;
    }
    const outcome got = read_frame(scan, frame);
    if (got == NO_READ) {
        return SPL_STEP_FAIL;
    }
    return got == HOLDS ? accept(scan, frame, damage) : judge(scan, frame, damage);
}

sp_status spl__scan_end(spl__scan *scan)
{
    uint8_t head[SPL_FRAME_BYTES];
    spl__frame frame;
    spl__end end;
    size_t got = 0;
    if (scan->file_bytes < SPL_HEADER_BYTES + SPL_END_BYTES) {
        return SP_ECORRUPT;
    }
    const uint64_t at = scan->file_bytes - SPL_END_BYTES;
    if (spl__read_at(scan->fd, head, sizeof head, at, &got) != 0 || got < sizeof head ||
        !spl__frame_parse(&frame, head, scan->header.id) || frame.type != SPL_END) {
        return SP_ECORRUPT;
    }
    frame.offset = at;
    if (read_body(scan, &scan->store, &frame) != HOLDS || spl__end_parse(&end, frame.body) != SP_OK) {
        return SP_ECORRUPT;
    }
    scan->is_ended = true;
    scan->end_offset = at;
    scan->n_records = end.n_records;
    scan->n_blocks = end.n_blocks;
    scan->reason = end.reason;
    memcpy(scan->chain, end.chain, sizeof scan->chain);
    return SP_OK;
}

const spl__block *spl__scan_find(const spl__scan *scan, const uint8_t id[16])
{
    /* A record's blocks lie right in front of it, so the search from the end is short. */
    for (size_t i = scan->n_listed; i > 0; i--) {
        if (memcmp(scan->blocks[i - 1].id, id, 16) == 0) {
            return &scan->blocks[i - 1];
        }
    }
    return NULL;
}

sp_status spl__scan_block(spl__scan *scan, uint64_t offset, sp_bytes *body)
{
    uint8_t head[SPL_FRAME_BYTES];
    spl__frame frame;
    size_t got = 0;
    *body = SP_BYTES_EMPTY;
    if (spl__read_at(scan->fd, head, sizeof head, offset, &got) != 0 || got < sizeof head ||
        !spl__frame_parse(&frame, head, scan->header.id) || frame.type != SPL_BLOCK) {
        return SP_ECORRUPT;
    }
    if ((frame.flags & SPL_FLAG_ERASED) != 0) {
        return SP_ETRUNCATED;
    }
    frame.offset = offset;
    if (read_body(scan, &scan->block_store, &frame) != HOLDS) {
        return SP_ECORRUPT;
    }
    *body = frame.body;
    return SP_OK;
}

void spl__damage_text(char *out, size_t n, const char *name, const spl__damage *damage)
{
    char id[2 * SP_REQUEST_ID_BYTES + 1];
    sp_hex_encode(id, (sp_bytes){damage->request_id, sizeof damage->request_id});
    (void)snprintf(out, n, "%s, offset %llu, record %s: %s", name, (unsigned long long)damage->offset,
                   damage->has_id ? id : "unknown", damage->what);
}
