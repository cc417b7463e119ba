/* Is everything that the ledger says still what was written? Frames, chain within and across segments, and
 * each block against the salted hash that its record commits to. No key is needed. That the newest records of
 * a slot were cut off cleanly, or its newest segments removed, the ledger itself cannot tell: heads that are
 * kept elsewhere do (docs/adr/0020-heads.md). */
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

/* A block of the segment that is being read. */
typedef struct seen_block {
    sp_block_ref ref;
    bool is_erased; /* then only the id says something */
} seen_block;

/* What is known of a slot's end, and whether it was found. */
typedef struct known_head {
    spl__head head;
    bool is_listed, is_judged;
} known_head;

typedef struct verifier {
    spl_verdict *out;
    const char *folder;
    char (*names)[SPL_NAME_BYTES];
    size_t n_names;
    slot_end *slots;
    size_t n_slots;
    known_head *heads;
    size_t n_heads;
    /* Blocks of the segment so far, as their frames say, and a table of their places by id. */
    seen_block *seen;
    size_t n_seen, seen_cap;
    uint32_t *table; /* 1 + place in `seen`; 0: free. Twice as many slots as `seen` has room, a power of 2 */
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

/* Ids are random, so their first bytes spread well. Linear probing; a later block of the same id wins. */
static uint32_t *slot_of(const verifier *v, const uint8_t id[16])
{
    const size_t mask = 2 * v->seen_cap - 1;
    size_t at;
    memcpy(&at, id, sizeof at);
    for (at &= mask; v->table[at] != 0; at = (at + 1) & mask) {
        if (memcmp(v->seen[v->table[at] - 1].ref.id, id, 16) == 0) {
            break;
        }
    }
    return &v->table[at];
}

static bool seen_grow(verifier *v)
{
    const size_t cap = v->seen_cap == 0 ? 1024 : v->seen_cap * 2;
    seen_block *seen = cap < UINT32_MAX ? reallocarray(v->seen, cap, sizeof *seen) : NULL;
    uint32_t *table = calloc(2 * cap, sizeof *table);
    if (seen != NULL) {
        v->seen = seen;
    }
    if (seen == NULL || table == NULL) {
        free(table);
        v->is_out_of_memory = true;
        return false;
    }
    free(v->table);
    v->table = table;
    v->seen_cap = cap;
    for (size_t i = 0; i < v->n_seen; i++) {
        *slot_of(v, v->seen[i].ref.id) = (uint32_t)(i + 1);
    }
    return true;
}

static void see_block(verifier *v, spl__scan *scan, const spl__frame *frame)
{
    seen_block block = {.is_erased = (frame->flags & SPL_FLAG_ERASED) != 0};
    v->out->n_blocks++;
    v->out->n_erased += block.is_erased;
    if (block.is_erased) {
        memcpy(block.ref.id, frame->body.p + 1, sizeof block.ref.id);
    } else if (sp_block_ref_of(&block.ref, frame->body) != SP_OK) {
        bad_record(v, scan->name, frame, "a block is not in the form of a sealed block");
        return;
    }
    if (v->n_seen == v->seen_cap && !seen_grow(v)) {
        return;
    }
    v->seen[v->n_seen++] = block;
    *slot_of(v, block.ref.id) = (uint32_t)v->n_seen;
}

/* A record's blocks lie in front of it in the same segment, be it that an earlier record brought them. */
static const char *check_ref(const verifier *v, const sp_block_ref *ref)
{
    const uint32_t place = v->n_seen > 0 ? *slot_of(v, ref->id) : 0;
    if (place == 0) {
        return "a block of it is missing";
    }
    const seen_block *found = &v->seen[place - 1];
    if (found->is_erased) {
        return NULL;
    }
    return memcmp(found->ref.hash, ref->hash, sizeof ref->hash) == 0 && found->ref.bytes == ref->bytes
               ? NULL
               : "a block of it does not match its hash";
}

static void seen_clear(verifier *v)
{
    if (v->n_seen > 0) {
        memset(v->table, 0, 2 * v->seen_cap * sizeof *v->table);
    }
    v->n_seen = 0;
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
        const char *wrong = check_ref(v, &record.blocks[i]);
        if (wrong != NULL) {
            bad_record(v, scan->name, frame, wrong);
            break;
        }
    }
    sp_arena_fini(&arena);
}

/* ---- heads ---- */

static sp_status heads_of(verifier *v, sp_bytes text)
{
    spl__head *rows;
    const spl__damage damage = {.offset = 0, .what = "what is kept outside of the ledger is damaged"};
    const sp_status status = spl__heads_parse(&rows, &v->n_heads, text);
    v->heads = calloc(v->n_heads + 1, sizeof *v->heads);
    for (size_t i = 0; rows != NULL && v->heads != NULL && i < v->n_heads; i++) {
        v->heads[i].head = rows[i];
    }
    free(rows);
    if (status == SP_ECORRUPT) {
        bad(v, "heads", &damage);
    }
    v->out->n_heads = v->n_heads;
    return status == SP_ENOMEM || v->heads == NULL ? SP_ENOMEM : SP_OK;
}

static known_head *head_of(const verifier *v, const char *name)
{
    for (size_t i = 0; i < v->n_heads; i++) {
        if (strcmp(v->heads[i].head.name, name) == 0) {
            v->heads[i].is_listed = true;
            return &v->heads[i];
        }
    }
    return NULL;
}

static void put_cut(char *out, size_t n, const spl_cut *cut, bool is_listed)
{
    static const char help[] = "put back a copy; if it was meant, see \"Heads\" in docs/reference/record.md";
    if (!is_listed) {
        (void)snprintf(out, n,
                       "%s: the newest segment of slot %u is missing, with records up to number %llu: %s",
                       cut->segment, (unsigned)cut->slot, (unsigned long long)cut->n_records, help);
    } else if (cut->found_records < cut->n_records) {
        (void)snprintf(out, n, "%s, offset %llu: slot %u misses its last %llu records, up to offset %llu: %s",
                       cut->segment, (unsigned long long)cut->found_offset, (unsigned)cut->slot,
                       (unsigned long long)(cut->n_records - cut->found_records),
                       (unsigned long long)cut->offset, help);
    } else {
        (void)snprintf(out, n, "%s, offset %llu: slot %u was written anew up to here, with other records: %s",
                       cut->segment, (unsigned long long)cut->offset, (unsigned)cut->slot, help);
    }
}

static void head_fails(verifier *v, known_head *known, const spl__scan *scan)
{
    spl_cut cut = {
        .slot = known->head.slot, .offset = known->head.offset, .n_records = known->head.n_records};
    memcpy(cut.segment, known->head.name, sizeof cut.segment);
    known->is_judged = true;
    if (scan != NULL) {
        cut.found_offset = scan->is_ended ? scan->end_offset : scan->offset;
        cut.found_records = scan->header.n_before + scan->n_records;
    }
    if (v->out->n_cut++ == 0) {
        v->out->first_cut = cut;
    }
    if (v->out->n_bad++ == 0) {
        put_cut(v->out->first_bad, sizeof v->out->first_bad, &cut, known->is_listed);
    }
}

/* Between two frames. Behind damage, which was told, only that the end is missing can still be seen. */
static void head_meet(verifier *v, known_head *known, const spl__scan *scan)
{
    if (known == NULL || known->is_judged || scan->offset < known->head.offset) {
        return;
    }
    const bool is_same = scan->offset == known->head.offset &&
                         scan->header.n_before + scan->n_records == known->head.n_records &&
                         memcmp(scan->chain, known->head.chain, sizeof scan->chain) == 0;
    if (is_same || scan->has_gap) {
        known->is_judged = true;
    } else {
        head_fails(v, known, scan);
    }
}

static void heads_settle(verifier *v)
{
    for (size_t i = 0; i < v->n_heads; i++) {
        if (!v->heads[i].is_listed) {
            head_fails(v, &v->heads[i], NULL);
        }
    }
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

/* A closed segment ends with its end frame. In an open one what lies behind the last frame may be on its way.
 */
static void check_end(verifier *v, const spl__scan *scan)
{
    const spl__damage damage = {.offset = scan->end_offset + SPL_END_BYTES,
                                .what = "something was appended behind the end of the segment"};
    if (scan->is_closed && scan->is_ended && !scan->has_gap && scan->file_bytes != damage.offset) {
        bad(v, scan->name, &damage);
    }
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
    known_head *known = head_of(v, v->names[i]);
    if (next != NULL) {
        spl__scan_bound(&scan, v->folder, next);
    }
    check_start(v, &scan);
    seen_clear(v);
    while (see_step(v, &scan)) {
        head_meet(v, known, &scan);
    }
    if (known != NULL && !known->is_judged) {
        head_fails(v, known, &scan);
    }
    check_end(v, &scan);
    note_end(v, &scan);
    spl__scan_close(&scan);
}

sp_status spl_verify(spl_verdict *out, const char *folder, sp_bytes heads)
{
    verifier v = {.out = out, .folder = folder};
    memset(out, 0, sizeof *out);
    if (spl__list(folder, &v.names, &v.n_names) != 0) {
        return SP_ERECORD;
    }
    v.is_out_of_memory = heads_of(&v, heads) != SP_OK;
    for (size_t i = 0; i < v.n_names && !v.is_out_of_memory; i++) {
        verify_segment(&v, i);
    }
    if (!v.is_out_of_memory) {
        heads_settle(&v);
    }
    free(v.names);
    free(v.heads);
    free(v.slots);
    free(v.seen);
    free(v.table);
    if (v.is_out_of_memory) {
        return SP_ENOMEM;
    }
    return out->n_bad == 0 ? SP_OK : SP_ECORRUPT;
}
