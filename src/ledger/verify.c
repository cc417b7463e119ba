/* Is everything that the ledger says still what was written? Frames, chain within and across segments, and
 * each block against the salted hash that its record commits to. No key is needed. What only an outside
 * witness can tell, that the newest records of a slot were cut off cleanly, is told by the Merkle log on top
 * (docs/adr/0006-storage.md). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/ledger_internal.h"

enum { ARENA_BYTES = 4 << 20 };

/* End of a slot's last segment seen so far. */
typedef struct slot_end {
    uint32_t slot;
    bool is_exact; /* no damage: chain, end and count can be compared */
    uint8_t id[16];
    uint64_t end, n_records;
    uint8_t chain[SPL_CHAIN_BYTES];
} slot_end;

typedef struct verifier {
    spl_verdict *out;
    const char *folder;
    char (*names)[SPL_NAME_BYTES];
    size_t n_names;
    slot_end *slots;
    size_t n_slots;
    /* Blocks since the last record, as their frames say. */
    sp_block_ref *pending;
    bool *pending_erased;
    size_t n_pending, pending_cap;
    bool is_out_of_memory;
} verifier;

static void bad(verifier *v, const char *name, const spl__damage *damage)
{
    if (v->out->n_bad++ == 0) {
        spl__damage_text(v->out->first_bad, sizeof v->out->first_bad, name, damage);
    }
}

static void bad_record(verifier *v, const char *name, const spl__frame *frame, const char *what)
{
    spl__damage damage = {.offset = frame->offset, .has_id = true, .what = what};
    memcpy(damage.request_id, frame->request_id, sizeof damage.request_id);
    bad(v, name, &damage);
}

/* ---- blocks ---- */

static bool pending_room(verifier *v)
{
    if (v->n_pending < v->pending_cap) {
        return true;
    }
    const size_t more = v->pending_cap == 0 ? 64 : v->pending_cap * 2;
    sp_block_ref *refs = reallocarray(v->pending, more, sizeof *refs);
    if (refs != NULL) {
        v->pending = refs;
    }
    bool *erased = reallocarray(v->pending_erased, more, sizeof *erased);
    if (erased != NULL) {
        v->pending_erased = erased;
    }
    if (refs == NULL || erased == NULL) {
        v->is_out_of_memory = true;
        return false;
    }
    v->pending_cap = more;
    return true;
}

static void see_block(verifier *v, spl__scan *scan, const spl__frame *frame)
{
    const bool is_erased = (frame->flags & SPL_FLAG_ERASED) != 0;
    v->out->n_blocks++;
    v->out->n_erased += is_erased;
    if (!pending_room(v)) {
        return;
    }
    sp_block_ref *ref = &v->pending[v->n_pending];
    memset(ref, 0, sizeof *ref);
    if (is_erased) {
        memcpy(ref->id, frame->body.p + 1, sizeof ref->id);
    } else if (sp_block_ref_of(ref, frame->body) != SP_OK) {
        bad_record(v, scan->name, frame, "a block is not in the form of a sealed block");
        return;
    }
    v->pending_erased[v->n_pending++] = is_erased;
}

/* A block that lies further back in the segment: another record named it already. */
static const char *check_older(spl__scan *scan, const sp_block_ref *ref)
{
    sp_block_ref found;
    sp_bytes body;
    const spl__block *block = spl__scan_find(scan, ref->id);
    if (block == NULL) {
        return "a block of it is missing";
    }
    const sp_status status = spl__scan_block(scan, block->offset, &body);
    if (status == SP_ETRUNCATED) {
        return NULL; /* erased */
    }
    if (status != SP_OK || sp_block_ref_of(&found, body) != SP_OK || memcmp(found.hash, ref->hash, 32) != 0) {
        return "a block of it does not match its hash";
    }
    return NULL;
}

static const char *check_ref(const verifier *v, spl__scan *scan, const sp_block_ref *ref)
{
    for (size_t i = v->n_pending; i > 0; i--) {
        const sp_block_ref *p = &v->pending[i - 1];
        if (memcmp(p->id, ref->id, sizeof p->id) != 0) {
            continue;
        }
        if (v->pending_erased[i - 1]) {
            return NULL;
        }
        return memcmp(p->hash, ref->hash, sizeof p->hash) == 0 && p->bytes == ref->bytes
                   ? NULL
                   : "a block of it does not match its hash";
    }
    return check_older(scan, ref);
}

static void see_record(verifier *v, spl__scan *scan, const spl__frame *frame)
{
    sp_arena arena;
    sp_record record;
    v->out->n_records++;
    sp_arena_init(&arena, ARENA_BYTES);
    const sp_bytes leaf = sp_bytes_sub(frame->body, SPL_CHAIN_BYTES, frame->length);
    if (sp_record_decode(&record, leaf, &arena.mem) != SP_OK) {
        bad_record(v, scan->name, frame, "the record does not decode");
    }
    for (size_t i = 0; i < record.n_blocks; i++) {
        const char *wrong = check_ref(v, scan, &record.blocks[i]);
        if (wrong != NULL) {
            bad_record(v, scan->name, frame, wrong);
            break;
        }
    }
    v->n_pending = 0;
    sp_arena_fini(&arena);
}

/* ---- segments ---- */

static slot_end *slot_find(verifier *v, uint32_t slot)
{
    for (size_t i = 0; i < v->n_slots; i++) {
        if (v->slots[i].slot == slot) {
            return &v->slots[i];
        }
    }
    return NULL;
}

static void check_start(verifier *v, const spl__scan *scan)
{
    static const uint8_t none[16];
    const spl__header *h = &scan->header;
    const slot_end *before = slot_find(v, h->slot);
    spl__damage damage = {.offset = 0};
    if (scan->is_headless) {
        return; /* said when it is read */
    }
    if (memcmp(h->previous, before != NULL ? before->id : none, sizeof h->previous) != 0) {
        damage.what = "the segment before it is missing";
    } else if (before != NULL && before->is_exact &&
               (memcmp(h->chain, before->chain, sizeof h->chain) != 0 || h->n_before != before->n_records ||
                h->previous_end != before->end)) {
        damage.what = "it does not continue the segment before it";
    }
    if (damage.what != NULL) {
        bad(v, scan->name, &damage);
    }
}

static void note_end(verifier *v, const spl__scan *scan)
{
    slot_end *end = slot_find(v, scan->header.slot);
    if (end == NULL) {
        slot_end *grown = reallocarray(v->slots, v->n_slots + 1, sizeof *grown);
        if (grown == NULL) {
            v->is_out_of_memory = true;
            return;
        }
        v->slots = grown;
        end = &v->slots[v->n_slots++];
    }
    *end = (slot_end){
        .slot = scan->header.slot,
        .is_exact = scan->is_ended && !scan->has_gap,
        .end = scan->end_offset,
        .n_records = scan->header.n_before + scan->n_records,
    };
    memcpy(end->id, scan->header.id, sizeof end->id);
    memcpy(end->chain, scan->chain, sizeof end->chain);
}

/* @return false at the end. */
static bool see_step(verifier *v, spl__scan *scan)
{
    spl__frame frame;
    spl__damage damage;
    switch (spl__scan_next(scan, &frame, &damage)) {
    case SPL_STEP_FRAME:
        (frame.type == SPL_RECORD ? see_record : see_block)(v, scan, &frame);
        return true;
    case SPL_STEP_BAD:
        bad(v, scan->name, &damage);
        return true;
    case SPL_STEP_FAIL:
        damage = (spl__damage){.offset = scan->offset, .what = "it cannot be read"};
        bad(v, scan->name, &damage);
        return false;
    case SPL_STEP_WAIT:
        v->out->n_torn += scan->is_torn;
        return false;
    default:
        return false;
    }
}

static void verify_segment(verifier *v, size_t i)
{
    spl__scan scan;
    v->out->n_segments++;
    if (spl__scan_open(&scan, v->folder, v->names[i], NULL) != SP_OK) {
        const spl__damage damage = {.offset = 0, .what = "it cannot be opened"};
        bad(v, v->names[i], &damage);
        return;
    }
    const char *next = spl__next_of_slot(v->names, v->n_names, i);
    if (next != NULL) {
        spl__scan_bound(&scan, v->folder, next);
    }
    check_start(v, &scan);
    v->n_pending = 0;
    while (see_step(v, &scan)) {
        /* each step tells what it found */
    }
    note_end(v, &scan);
    spl__scan_close(&scan);
}

sp_status spl_verify(spl_verdict *out, const char *folder)
{
    verifier v = {.out = out, .folder = folder};
    memset(out, 0, sizeof *out);
    if (spl__list(folder, &v.names, &v.n_names) != 0) {
        return SP_ERECORD;
    }
    for (size_t i = 0; i < v.n_names && !v.is_out_of_memory; i++) {
        verify_segment(&v, i);
    }
    free(v.names);
    free(v.slots);
    free(v.pending);
    free(v.pending_erased);
    if (v.is_out_of_memory) {
        return SP_ENOMEM;
    }
    return out->n_bad == 0 ? SP_OK : SP_ECORRUPT;
}
