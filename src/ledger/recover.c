/* After a stop: open segments are closed, and an intent that has no outcome gets a loss record, so that every
 * request that may have left has an end in the log. The loss records go into a segment of their own slot,
 * which also marks how far recovery got: what was created before the last such segment is settled and not
 * read again. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/ledger_internal.h"

enum {
    BUCKETS = 4096,
    ARENA_BYTES = 4 << 20,
    LOSS_BYTES = 16 << 10, /* a loss record: at most four texts of 255 bytes, and what growing wastes */
};

/* A loss record that stands ready for an intent, until its outcome turns up. */
typedef struct open_intent {
    struct open_intent *next;
    spl_batch *batch;
    uint64_t order;
    uint8_t request_id[SP_REQUEST_ID_BYTES];
    uint8_t attempt;
} open_intent;

typedef struct recovery {
    const char *folder;
    uint64_t now_ns;
    sp_diag *diag;
    open_intent *buckets[BUCKETS];
    uint64_t n_seen;
    uint32_t n_open;
    sp_status damage; /* of closed segments: told at the end, does not stop recovery */
} recovery;

static open_intent **bucket_of(recovery *r, const uint8_t id[SP_REQUEST_ID_BYTES])
{
    /* The last bytes of an id are random. */
    const size_t n = (size_t)id[SP_REQUEST_ID_BYTES - 1] << 8 | id[SP_REQUEST_ID_BYTES - 2];
    return &r->buckets[n % BUCKETS];
}

static void intent_free(open_intent *intent)
{
    spl_batch_free(intent->batch);
    free(intent);
}

static sp_status intent_add(recovery *r, const sp_record *intent)
{
    const sp_record loss = {
        .kind = SP_RECORD_LOSS,
        .attempt = intent->attempt,
        .at_ns = r->now_ns,
        .generation = intent->generation,
        .application = intent->application,
        .model = intent->model,
        .destination = intent->destination,
        .status = SP_ELOST,
    };
    sp_record record = loss;
    memcpy(record.request_id, intent->request_id, sizeof record.request_id);
    open_intent *o = calloc(1, sizeof *o);
    if (o == NULL || (o->batch = spl_batch_new(LOSS_BYTES)) == NULL ||
        sp_record_encode(&o->batch->leaf, &record) != SP_OK) {
        if (o != NULL) {
            intent_free(o);
        }
        return sp_fail(r->diag, SP_ENOMEM, SIZE_MAX, "no memory for recovery");
    }
    memcpy(o->request_id, record.request_id, sizeof o->request_id);
    o->attempt = record.attempt;
    o->order = r->n_seen++;
    open_intent **bucket = bucket_of(r, o->request_id);
    o->next = *bucket;
    *bucket = o;
    r->n_open++;
    return SP_OK;
}

static void intent_settle(recovery *r, const sp_record *record)
{
    for (open_intent **at = bucket_of(r, record->request_id); *at != NULL; at = &(*at)->next) {
        open_intent *o = *at;
        if (o->attempt == record->attempt &&
            memcmp(o->request_id, record->request_id, sizeof o->request_id) == 0) {
            *at = o->next;
            intent_free(o);
            r->n_open--;
            return;
        }
    }
}

static sp_status see_record(recovery *r, const spl__scan *scan, const spl__frame *frame)
{
    sp_arena arena;
    sp_record record;
    sp_arena_init(&arena, ARENA_BYTES);
    sp_status status =
        sp_record_decode(&record, sp_bytes_sub(frame->body, SPL_CHAIN_BYTES, frame->length), &arena.mem);
    if (status != SP_OK) {
        spl__damage damage = {.offset = frame->offset, .has_id = true, .what = "the record does not decode"};
        char text[256];
        memcpy(damage.request_id, frame->request_id, sizeof damage.request_id);
        spl__damage_text(text, sizeof text, scan->name, &damage);
        (void)sp_fail(r->diag, SP_ECORRUPT, (size_t)frame->offset, text);
        status = SP_ECORRUPT;
    } else if (record.kind == SP_RECORD_INTENT) {
        status = intent_add(r, &record);
    } else if (record.kind != SP_RECORD_ANSWER) {
        intent_settle(r, &record);
    }
    sp_arena_fini(&arena);
    return status;
}

/* The first damage is the one that is told. */
static sp_status note_damage(recovery *r, const spl__scan *scan, const spl__damage *damage)
{
    if (r->damage == SP_OK) {
        char text[256];
        spl__damage_text(text, sizeof text, scan->name, damage);
        r->damage = sp_fail(r->diag, SP_ECORRUPT, (size_t)damage->offset, text);
    }
    /* An open segment with damage is left as it is: to close it would be to vouch for it. */
    return scan->is_closed || scan->limit != UINT64_MAX ? SP_OK : SP_ECORRUPT;
}

static sp_status read_all(recovery *r, spl__scan *scan)
{
    spl__frame frame;
    spl__damage damage;
    for (;;) {
        sp_status status = SP_OK;
        switch (spl__scan_next(scan, &frame, &damage)) {
        case SPL_STEP_FRAME:
            status = frame.type == SPL_RECORD ? see_record(r, scan, &frame) : SP_OK;
            break;
        case SPL_STEP_BAD:
            status = note_damage(r, scan, &damage);
            break;
        case SPL_STEP_FAIL:
            return spl__fail_errno(r->diag, SP_ERECORD, scan->name, "cannot read it");
        case SPL_STEP_WAIT:
            return spl__close_left(scan, r->folder, r->diag);
        case SPL_STEP_ENDED:
            return SP_OK;
        }
        if (status != SP_OK) {
            return status;
        }
    }
}

static bool is_settling(const recovery *r, const char *name)
{
    uint32_t slot;
    spl__scan scan;
    spl__slot_of(name, &slot);
    if (slot != SPL_SLOT_RECOVERY || spl__scan_open(&scan, r->folder, name, NULL) != SP_OK) {
        return false;
    }
    /* Without its end frame that recovery did not finish: what is older has to be read again. */
    const bool is_whole = scan.is_closed && spl__scan_end(&scan) == SP_OK;
    spl__scan_close(&scan);
    return is_whole;
}

/* ---- the loss records ---- */

static int by_order(const void *a, const void *b)
{
    const open_intent *const *x = a, *const *y = b;
    return ((*x)->order > (*y)->order) - ((*x)->order < (*y)->order);
}

/* Links the batches in the order of the intents. @return the first; the list stays owned by the recovery. */
static sp_status link_losses(recovery *r, spl_batch **first)
{
    size_t n = 0;
    *first = NULL;
    if (r->n_open == 0) {
        return SP_OK;
    }
    open_intent **all = calloc(r->n_open, sizeof(open_intent *));
    if (all == NULL) {
        return sp_fail(r->diag, SP_ENOMEM, SIZE_MAX, "no memory for recovery");
    }
    for (size_t i = 0; i < BUCKETS; i++) {
        for (open_intent *o = r->buckets[i]; o != NULL; o = o->next) {
            all[n++] = o;
        }
    }
    qsort(all, n, sizeof *all, by_order);
    for (size_t i = 0; i + 1 < n; i++) {
        all[i]->batch->next = all[i + 1]->batch;
    }
    *first = all[0]->batch;
    free(all);
    return SP_OK;
}

static sp_status write_losses(recovery *r, const uint8_t random[16], uint64_t created_ns)
{
    spl__tail tail;
    spl_batch *first;
    SP_TRY(link_losses(r, &first));
    SP_TRY(spl__tail_init(&tail, r->folder, SPL_SLOT_RECOVERY, random, r->diag));
    tail.want_bytes = SPL_SEGMENT_MIN;
    sp_status status = SP_OK;
    if (spl__tail_open_segment(&tail, created_ns, 0) != 0) {
        status = spl__fail_errno(r->diag, SP_ERECORD, r->folder, "cannot open a segment for loss records");
    } else {
        spl__tail_commit(&tail, first);
    }
    for (const spl_batch *b = first; status == SP_OK && b != NULL; b = b->next) {
        if (b->status != SP_OK) {
            status = sp_fail(r->diag, SP_ERECORD, SIZE_MAX, "a loss record could not be made durable");
        }
    }
    spl__tail_fini(&tail, SPL_REASON_RECOVERED);
    return status;
}

/* ---- the whole ---- */

/* `slot-<8 hexadecimal digits>.lock` */
static bool is_lock_name(const char *name, uint32_t *slot)
{
    enum { DIGITS_AT = 5, REST_AT = 13 };
    uint8_t bytes[4];
    const sp_bytes all = sp_bytes_of(name);
    if (!sp_bytes_starts(all, SP_LIT("slot-")) ||
        !sp_bytes_eq(sp_bytes_sub(all, REST_AT, all.n), SP_LIT(".lock")) ||
        sp_hex_decode(bytes, sizeof bytes, sp_bytes_sub(all, DIGITS_AT, REST_AT)) != SP_OK) {
        return false;
    }
    sp_reader in = sp_reader_of((sp_bytes){bytes, sizeof bytes});
    *slot = sp_read_u32(&in);
    return true;
}

/* Files that a stop left half made; readers never look at them. */
static bool is_leftover(const char *name)
{
    const size_t n = strlen(name);
    return n > 4 && strcmp(name + n - 4, ".tmp") == 0 &&
           (strncmp(name, "claim-", 6) == 0 || strncmp(name, "spare-", 6) == 0);
}

/* Is some writer alive? Its open segment would look as if it had been left. */
static sp_status check_idle(const recovery *r)
{
    sp_status status = SP_OK;
    DIR *dir = opendir(r->folder);
    if (dir == NULL) {
        return spl__fail_errno(r->diag, SP_ERECORD, r->folder, "cannot list the ledger folder");
    }
    for (const struct dirent *e; status == SP_OK && (e = readdir(dir)) != NULL;) {
        uint32_t slot;
        if (is_leftover(e->d_name)) {
            (void)unlinkat(dirfd(dir), e->d_name, 0); /* one that stays costs space, nothing else */
        }
        if (!is_lock_name(e->d_name, &slot) || slot == SPL_SLOT_RECOVERY) {
            continue;
        }
        const int fd = spl__lock_slot(r->folder, slot);
        if (fd < 0) {
            status = spl__fail_errno(r->diag, SP_EBUSY, e->d_name, "a ledger writer is still running");
        } else {
            (void)close(fd);
        }
    }
    (void)closedir(dir);
    return status;
}

static sp_status read_segments(recovery *r, char (*names)[SPL_NAME_BYTES], size_t first, size_t n)
{
    for (size_t i = first; i < n; i++) {
        spl__scan scan;
        SP_TRY(spl__scan_open(&scan, r->folder, names[i], r->diag));
        const char *next = spl__next_of_slot(names, n, i);
        if (next != NULL) {
            spl__scan_bound(&scan, r->folder, next);
        }
        const sp_status status = read_all(r, &scan);
        spl__scan_close(&scan);
        if (status != SP_OK) {
            return status;
        }
    }
    return SP_OK;
}

static sp_status recover(recovery *r, const uint8_t random[16], char (*names)[SPL_NAME_BYTES], size_t n)
{
    size_t first = n;
    while (first > 0 && !is_settling(r, names[first - 1])) {
        first--;
    }
    if (first == n) {
        return SP_OK; /* nothing since the last recovery */
    }
    SP_TRY(read_segments(r, names, first, n));
    const uint64_t newest = strtoull(names[n - 1], NULL, 16);
    return write_losses(r, random, r->now_ns > newest ? r->now_ns : newest + 1);
}

sp_status spl_recover(const char *folder, uint64_t now_ns, const uint8_t random[16], uint32_t *n_lost,
                      sp_diag *diag)
{
    char(*names)[SPL_NAME_BYTES] = NULL;
    size_t n = 0;
    *n_lost = 0;
    recovery *r = calloc(1, sizeof *r);
    if (r == NULL) {
        return sp_fail(diag, SP_ENOMEM, SIZE_MAX, "no memory for recovery");
    }
    *r = (recovery){.folder = folder, .now_ns = now_ns, .diag = diag};
    const int lock = spl__lock_slot(folder, SPL_SLOT_RECOVERY);
    sp_status status = SP_OK;
    if (lock < 0) {
        status = spl__fail_errno(diag, errno == EWOULDBLOCK ? SP_EBUSY : SP_ERECORD, folder,
                                 "cannot lock the ledger for recovery");
    }
    if (status == SP_OK) {
        status = check_idle(r);
    }
    if (status == SP_OK && spl__list(folder, &names, &n) != 0) {
        status = spl__fail_errno(diag, SP_ERECORD, folder, "cannot list the ledger folder");
    }
    if (status == SP_OK) {
        status = recover(r, random, names, n);
    }
    *n_lost = status == SP_OK ? r->n_open : 0;
    if (status == SP_OK) {
        status = r->damage;
    }
    for (size_t i = 0; i < BUCKETS; i++) {
        while (r->buckets[i] != NULL) {
            open_intent *next = r->buckets[i]->next;
            intent_free(r->buckets[i]);
            r->buckets[i] = next;
        }
    }
    free(names);
    free(r);
    if (lock >= 0) {
        (void)close(lock);
    }
    return status;
}
