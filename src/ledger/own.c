/* The slot that no worker has: losses that recovery records, and what is no request's (acts of operators).
 *
 * Each group of them is a segment that is opened, written, synced and ended under the slot's lock. A record
 * is known by its request id; who appends one that is there already has been stopped between the sync and the
 * note that he made of it. Two of one call with the same id are one record.
 *
 * A stop that leaves such a segment open, and damage in it, keep nothing from being recorded: as a worker's,
 * that chain stays as it is, evidence, and the slot below it is written. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "ledger/ledger_internal.h"

/* What is sought in the slot, and what is left of it. */
typedef struct sought {
    spl_batch *const *batches;
    size_t n, n_missing;
    const uint8_t *known; /* NULL: there is none */
    bool is_reached;      /* `known` was met: all that can be there lies in what was read */
} sought;

/* ---- the chain that is gone on with ---- */

/* The first of the slots whose end is sound. */
static sp_status chain_open(spl__tail *tail, spl__own *own, sp_diag *diag)
{
    sp_diag why = {0};
    sp_status status = SP_ECORRUPT;
    for (uint32_t i = 0; status == SP_ECORRUPT && i < SPL_SLOT_TRIES; i++) {
        status = spl__tail_init(tail, own->folder, SPL_SLOT_RECOVERY - i, own->random, &why);
        if (status == SP_ECORRUPT && own->passed.code == SP_OK) {
            own->passed = why;
        }
    }
    if (status != SP_OK) {
        return sp_fail(diag, status, why.at, why.text);
    }
    const uint32_t slot = tail->header.slot;
    /* Who holds the first lock holds them all: the others are taken for what is stated in their files. */
    spl__head_open(tail, slot == SPL_SLOT_RECOVERY ? own->lock : spl__lock_slot(own->folder, slot));
    tail->want_bytes = SPL_SEGMENT_MIN;
    return SP_OK;
}

static void chain_close(spl__tail *tail, const spl__own *own, spl__reason reason)
{
    spl__tail_fini(tail, reason);
    if (tail->head_fd >= 0 && tail->head_fd != own->lock) {
        (void)close(tail->head_fd);
    }
}

static sp_status write_all(spl__tail *tail, spl_batch *first, const spl__own *own, sp_diag *diag)
{
    if (spl__tail_open_segment(tail, own->now_ns, 0) != 0) {
        return spl__fail_errno(diag, SP_ERECORD, own->folder, "cannot open a segment for records");
    }
    spl__tail_commit(tail, first);
    for (const spl_batch *b = first; b != NULL; b = b->next) {
        if (b->status != SP_OK) {
            return sp_fail(diag, SP_ERECORD, SIZE_MAX, "a record could not be made durable");
        }
    }
    return SP_OK;
}

sp_status spl__own_commit(spl__own *own, spl_batch *first, sp_diag *diag)
{
    spl__tail tail;
    SP_TRY(chain_open(&tail, own, diag));
    const sp_status status = write_all(&tail, first, own, diag);
    const bool is_mark = status == SP_OK && own->may_mark != NULL && own->may_mark(own->context);
    chain_close(&tail, own, is_mark ? SPL_REASON_RECOVERED : SPL_REASON_STOPPED);
    return status;
}

/* ---- what is there already ---- */

static void see_id(sought *s, const uint8_t id[SP_REQUEST_ID_BYTES])
{
    uint8_t wanted[SP_REQUEST_ID_BYTES];
    s->is_reached = s->is_reached || (s->known != NULL && memcmp(id, s->known, sizeof wanted) == 0);
    for (size_t i = 0; i < s->n; i++) {
        spl_batch *b = s->batches[i];
        if (b->status != SP_OK && sp_leaf_request_id(wanted, sp_buf_bytes(&b->leaf)) &&
            memcmp(id, wanted, sizeof wanted) == 0) {
            b->status = SP_OK;
            s->n_missing--;
        }
    }
}

/* Was a slot's last segment left open, since it is damaged? What can be read of it may be in the kernel's
 * cache only: no reason to leave a record out of the chain that is sound. */
static bool is_left(const char *folder, const char *name)
{
    spl__scan scan;
    spl__frame frame;
    spl__damage damage;
    spl__step step;
    if (spl__scan_open(&scan, folder, name, NULL) != SP_OK) {
        return false; /* told when it is read */
    }
    do {
        step = spl__scan_next(&scan, &frame, &damage);
    } while (step == SPL_STEP_FRAME || step == SPL_STEP_BAD);
    spl__scan_close(&scan);
    return step == SPL_STEP_WAIT;
}

/* Damage is for `verify` to tell; what is readable counts. */
static sp_status search_segment(sought *s, const char *folder, const char *name, const char *next,
                                sp_diag *diag)
{
    spl__scan scan;
    spl__frame frame;
    spl__damage damage;
    spl__step step;
    if (next == NULL && is_left(folder, name)) {
        return SP_OK;
    }
    SP_TRY(spl__scan_open(&scan, folder, name, diag));
    if (next != NULL) {
        spl__scan_bound(&scan, folder, next);
    }
    do {
        step = spl__scan_next(&scan, &frame, &damage);
        if (step == SPL_STEP_FRAME && frame.type == SPL_RECORD) {
            see_id(s, frame.request_id);
        }
    } while (step == SPL_STEP_FRAME || step == SPL_STEP_BAD);
    const sp_status status =
        step == SPL_STEP_FAIL ? spl__fail_errno(diag, SP_ERECORD, name, "cannot read it") : SP_OK;
    spl__scan_close(&scan);
    return status;
}

static sp_status search_slot(sought *s, const char *folder, sp_diag *diag)
{
    char(*names)[SPL_NAME_BYTES] = NULL;
    size_t n = 0;
    sp_status status = SP_OK;
    if (spl__list(folder, &names, &n) != 0) {
        return spl__fail_errno(diag, SP_ERECORD, folder, "cannot list the ledger folder");
    }
    for (size_t i = n; i > 0 && status == SP_OK && s->n_missing > 0 && !s->is_reached; i--) {
        uint32_t slot;
        spl__slot_of(names[i - 1], &slot);
        if (spl__is_own_slot(slot)) {
            status = search_segment(s, folder, names[i - 1], spl__next_of_slot(names, n, i - 1), diag);
        }
    }
    free(names);
    return status;
}

/* ---- the whole ---- */

/* The first of the call with the id of batch `i`; NULL: it is itself the first. */
static const spl_batch *twin_of(const sought *s, size_t i)
{
    uint8_t id[SP_REQUEST_ID_BYTES], other[SP_REQUEST_ID_BYTES];
    if (!sp_leaf_request_id(id, sp_buf_bytes(&s->batches[i]->leaf))) {
        return NULL;
    }
    for (size_t j = 0; j < i; j++) {
        if (sp_leaf_request_id(other, sp_buf_bytes(&s->batches[j]->leaf)) &&
            memcmp(id, other, sizeof id) == 0) {
            return s->batches[j];
        }
    }
    return NULL;
}

static void settle_twins(const sought *s)
{
    for (size_t i = 0; i < s->n; i++) {
        const spl_batch *twin = twin_of(s, i);
        if (twin != NULL) {
            s->batches[i]->status = twin->status;
        }
    }
}

static spl_batch *link_missing(const sought *s)
{
    spl_batch *first = NULL, **at = &first;
    for (size_t i = 0; i < s->n; i++) {
        if (s->batches[i]->status != SP_OK && twin_of(s, i) == NULL) {
            *at = s->batches[i];
            at = &s->batches[i]->next;
        }
    }
    *at = NULL;
    return first;
}

/* What a stop left open is closed first, which syncs it: only then is what is found there durable. */
static sp_status append_locked(sought *s, spl__own *own, sp_diag *diag)
{
    spl__tail tail;
    SP_TRY(chain_open(&tail, own, diag));
    sp_status status = search_slot(s, own->folder, diag);
    if (status == SP_OK && s->n_missing > 0) {
        status = write_all(&tail, link_missing(s), own, diag);
        settle_twins(s);
    }
    chain_close(&tail, own, SPL_REASON_STOPPED);
    return status;
}

sp_status spl_own_append(const char *folder, spl_batch *const *batches, size_t n,
                         const uint8_t known[SP_REQUEST_ID_BYTES], sp_diag *diag)
{
    uint8_t random[16];
    sought s = {.batches = batches, .n = n, .n_missing = n, .known = known};
    for (size_t i = 0; i < n; i++) {
        batches[i]->status = SP_ERECORD;
    }
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random) {
        return sp_fail(diag, SP_ECRYPTO, SIZE_MAX, "the kernel gives no random bytes");
    }
    const int lock = spl__lock_slot(folder, SPL_SLOT_RECOVERY);
    if (lock < 0) {
        return spl__fail_errno(diag, errno == EWOULDBLOCK ? SP_EBUSY : SP_ERECORD, folder,
                               "cannot lock the ledger's own slot");
    }
    spl__own own = {.folder = folder, .random = random, .now_ns = spl__now_ns(), .lock = lock};
    const sp_status status = append_locked(&s, &own, diag);
    (void)close(lock);
    if (status == SP_OK && own.passed.code != SP_OK && diag != NULL) {
        *diag = own.passed;
    }
    return status;
}
