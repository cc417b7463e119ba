/* After a stop: open segments are closed, and an intent that has no outcome gets a loss record, so that every
 * request that may have left has an end in the log. The loss records go into a segment of their own slot,
 * which also marks how far recovery got: what was created before the last such segment is settled and not
 * read again.
 *
 * While workers run (spl_recover_left) the same is done for those that are gone, and for nothing else. A
 * writer holds its slot's lock as long as it lives and ends what it leaves with a reason other than FULL; so
 * a segment is dead when its slot's lock is free, or when a segment of its slot that is not older ends with
 * STOPPED or RECOVERED. Intent and outcome of a try are written by one writer, so they are dead together. The
 * segment of such losses marks nothing: what was created before it may still be written. */
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
    const uint8_t *random;         /* 16 bytes */
    char (*names)[SPL_NAME_BYTES]; /* of all segments, oldest first */
    size_t n_names;
    uint64_t now_ns;
    sp_diag *diag;
    int lock; /* of recovery's slot */
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

/* The first damage is the one that is told. */
static void note_damage(recovery *r, const spl__scan *scan, const spl__damage *damage)
{
    if (r->damage == SP_OK) {
        char text[256];
        spl__damage_text(text, sizeof text, scan->name, damage);
        r->damage = sp_fail(r->diag, SP_ECORRUPT, (size_t)damage->offset, text);
    }
}

static sp_status see_record(recovery *r, const spl__scan *scan, const spl__frame *frame)
{
    sp_arena arena;
    sp_record record;
    sp_arena_init(&arena, ARENA_BYTES);
    sp_status status =
        sp_record_decode(&record, sp_bytes_sub(frame->body, SPL_CHAIN_BYTES, frame->length), &arena.mem);
    if (status != SP_OK && status != SP_ENOMEM) {
        spl__damage damage = {.offset = frame->offset, .has_id = true, .what = "the record does not decode"};
        memcpy(damage.request_id, frame->request_id, sizeof damage.request_id);
        note_damage(r, scan, &damage);
        status = SP_OK;
    } else if (status == SP_ENOMEM) {
        (void)sp_fail(r->diag, SP_ENOMEM, SIZE_MAX, "no memory for recovery");
    } else if (record.kind == SP_RECORD_INTENT) {
        status = intent_add(r, &record);
    } else if (record.kind != SP_RECORD_ANSWER && record.kind != SP_RECORD_ACT) {
        intent_settle(r, &record);
    }
    sp_arena_fini(&arena);
    return status;
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
            note_damage(r, scan, &damage);
            break;
        case SPL_STEP_FAIL:
            return spl__fail_errno(r->diag, SP_ERECORD, scan->name, "cannot read it");
        case SPL_STEP_WAIT:
            /* An open segment with damage is left as it is: to close it would be to vouch for it. */
            return scan->has_gap ? SP_OK : spl__close_left(scan, r->folder, r->diag);
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
    if (!spl__is_own_slot(slot) || spl__scan_open(&scan, r->folder, name, NULL) != SP_OK) {
        return false;
    }
    /* Without its end frame that recovery did not finish: what is older has to be read again. */
    const bool is_whole = scan.is_closed && spl__scan_end(&scan) == SP_OK;
    const bool is_marking = is_whole && scan.reason == SPL_REASON_RECOVERED;
    spl__scan_close(&scan);
    return is_marking;
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

static uint64_t created_of(const char *name)
{
    return strtoull(name, NULL, 16);
}

/* @param may_mark  settles the segment what is older? asked when it is durable; NULL: no. */
static sp_status write_losses(recovery *r, bool (*may_mark)(void *recovery))
{
    spl__own own = {.folder = r->folder,
                    .random = r->random,
                    .now_ns = r->now_ns,
                    .lock = r->lock,
                    .may_mark = may_mark,
                    .context = r};
    spl_batch *first;
    SP_TRY(link_losses(r, &first));
    const sp_status status = spl__own_commit(&own, first, r->diag);
    if (status == SP_OK && own.passed.code != SP_OK && r->damage == SP_OK) {
        r->damage = sp_fail(r->diag, own.passed.code, own.passed.at, own.passed.text);
    }
    return status;
}

/* ---- segments ---- */

/* Files that a stop left half made; readers never look at them. */
static bool is_leftover(const char *name)
{
    const size_t n = strlen(name);
    return n > 4 && strcmp(name + n - 4, ".tmp") == 0 &&
           (strncmp(name, "claim-", 6) == 0 || strncmp(name, "spare-", 6) == 0);
}

/* How many writers are alive? An open segment of theirs looks as if it had been left. */
static sp_status count_writers(const recovery *r, uint32_t *n)
{
    DIR *dir = opendir(r->folder);
    *n = 0;
    if (dir == NULL) {
        return spl__fail_errno(r->diag, SP_ERECORD, r->folder, "cannot list the ledger folder");
    }
    for (const struct dirent *e; (e = readdir(dir)) != NULL;) {
        uint32_t slot;
        if (!spl__is_lock_name(e->d_name, &slot) || spl__is_own_slot(slot)) {
            continue;
        }
        const int fd = spl__lock_slot(r->folder, slot);
        if (fd < 0) {
            ++*n;
        } else {
            (void)close(fd);
        }
    }
    (void)closedir(dir);
    return SP_OK;
}

static size_t count_of_workers(char (*names)[SPL_NAME_BYTES], size_t n)
{
    size_t found = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t slot;
        spl__slot_of(names[i], &slot);
        found += !spl__is_own_slot(slot);
    }
    return found;
}

/* Did no writer begin since the segments were listed, nor begin and die? Asked when the segment of the losses
 * has its name: a writer that takes its lock later opens one that is newer (spl__tail_init lists under the
 * lock). */
static bool is_still_idle(void *context)
{
    const recovery *r = context;
    char(*now)[SPL_NAME_BYTES] = NULL;
    size_t n = 0;
    uint32_t n_writers;
    const bool is_idle = count_writers(r, &n_writers) == SP_OK && n_writers == 0 &&
                         spl__list(r->folder, &now, &n) == 0 &&
                         count_of_workers(now, n) == count_of_workers(r->names, r->n_names);
    free(now);
    return is_idle;
}

/* Only while nobody writes: a claim under way is one of these files. */
static void remove_leftovers(const recovery *r)
{
    DIR *dir = opendir(r->folder);
    for (const struct dirent *e; dir != NULL && (e = readdir(dir)) != NULL;) {
        if (is_leftover(e->d_name)) {
            (void)unlinkat(dirfd(dir), e->d_name, 0); /* one that stays costs space, nothing else */
        }
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
}

static sp_status read_segment(recovery *r, size_t i)
{
    spl__scan scan;
    SP_TRY(spl__scan_open(&scan, r->folder, r->names[i], r->diag));
    const char *next = spl__next_of_slot(r->names, r->n_names, i);
    if (next != NULL) {
        spl__scan_bound(&scan, r->folder, next);
    }
    const sp_status status = read_all(r, &scan);
    spl__scan_close(&scan);
    return status;
}

/* Place of the oldest segment that is not settled. */
static size_t first_unsettled(const recovery *r)
{
    size_t first = r->n_names;
    while (first > 0 && !is_settling(r, r->names[first - 1])) {
        first--;
    }
    return first;
}

static sp_status recover_all(recovery *r)
{
    const size_t first = first_unsettled(r);
    if (first == r->n_names) {
        return SP_OK; /* nothing since the last recovery */
    }
    for (size_t i = first; i < r->n_names; i++) {
        SP_TRY(read_segment(r, i));
    }
    return write_losses(r, is_still_idle);
}

/* ---- what the dead left while others live ---- */

/* A slot's lock, held so that no writer starts there meanwhile: it would take another slot. */
typedef struct slot_lock {
    uint32_t slot;
    int fd;       /* -1: a writer has it */
    bool is_dead; /* walking back from the newest segment: is what comes now dead? */
} slot_lock;

typedef struct slot_locks {
    slot_lock all[2 * SPL_SLOT_TRIES];
    size_t n;
} slot_locks;

static void unlock_slots(slot_locks *locks)
{
    for (size_t i = 0; i < locks->n; i++) {
        if (locks->all[i].fd >= 0) {
            (void)close(locks->all[i].fd);
        }
    }
    locks->n = 0;
}

/* @return NULL: there is no room for more slots, or the lock cannot be tried; the slot counts as alive. */
static slot_lock *lock_of(slot_locks *locks, const char *folder, uint32_t slot)
{
    for (size_t i = 0; i < locks->n; i++) {
        if (locks->all[i].slot == slot) {
            return &locks->all[i];
        }
    }
    if (locks->n == sizeof locks->all / sizeof locks->all[0]) {
        return NULL;
    }
    slot_lock *lock = &locks->all[locks->n++];
    *lock = (slot_lock){.slot = slot, .fd = spl__lock_slot(folder, slot)};
    lock->is_dead = lock->fd >= 0;
    return lock;
}

/* Did its writer go, or one before it in the slot? What is damaged is for `verify` and the next start to
 * tell. */
static bool ends_for_good(const recovery *r, size_t i)
{
    spl__scan scan;
    if (spl__scan_open(&scan, r->folder, r->names[i], NULL) != SP_OK) {
        return false;
    }
    const bool is_ended = scan.is_closed && spl__scan_end(&scan) == SP_OK && scan.reason != SPL_REASON_FULL;
    spl__scan_close(&scan);
    return is_ended;
}

/* Marks what is dead, from `first` on, and the losses that were recorded before.
 * @return a checksum of the names of the segments of dead writers. */
static uint32_t mark_dead(bool *is_dead, const recovery *r, size_t first, slot_locks *locks)
{
    uint32_t sum = 0;
    for (size_t i = r->n_names; i > first; i--) {
        uint32_t slot;
        spl__slot_of(r->names[i - 1], &slot);
        slot_lock *lock = spl__is_own_slot(slot) ? NULL : lock_of(locks, r->folder, slot);
        if (lock == NULL) {
            is_dead[i - 1] = spl__is_own_slot(slot);
            continue;
        }
        lock->is_dead = lock->is_dead || ends_for_good(r, i - 1);
        is_dead[i - 1] = lock->is_dead;
        if (lock->is_dead) {
            sum = sp_crc32c(sum, sp_bytes_of(r->names[i - 1]));
        }
    }
    return sum;
}

/* Between the list and the locks a writer may have opened a segment and died: its outcomes would be missed.
 */
static bool is_listed(const recovery *r)
{
    char(*now)[SPL_NAME_BYTES] = NULL;
    size_t n = 0;
    const bool is_same = spl__list(r->folder, &now, &n) == 0 && n == r->n_names;
    free(now);
    return is_same;
}

static sp_status recover_dead(recovery *r, spl_left *left)
{
    const size_t first = first_unsettled(r);
    slot_locks locks = {.n = 0};
    sp_status status = SP_OK;
    bool *is_dead = calloc(r->n_names + 1, sizeof *is_dead);
    if (is_dead == NULL) {
        return sp_fail(r->diag, SP_ENOMEM, SIZE_MAX, "no memory for recovery");
    }
    const uint32_t dead = mark_dead(is_dead, r, first, &locks);
    if (!is_listed(r)) {
        status = sp_fail(r->diag, SP_EBUSY, SIZE_MAX, "segments were opened meanwhile");
    }
    for (size_t i = first; dead != left->dead && status == SP_OK && i < r->n_names; i++) {
        status = is_dead[i] ? read_segment(r, i) : SP_OK;
    }
    if (status == SP_OK && r->n_open > 0) {
        status = write_losses(r, NULL);
    }
    if (status == SP_OK) {
        left->dead = dead;
    }
    unlock_slots(&locks);
    free(is_dead);
    return status;
}

/* A writer that ends lets go of its lock; its successor opens a segment. Without either nothing was left. */
static sp_status recover_left(recovery *r, spl_left *left)
{
    uint32_t n_writers;
    SP_TRY(count_writers(r, &n_writers));
    const uint64_t newest_ns = r->n_names > 0 ? created_of(r->names[r->n_names - 1]) : 0;
    if (newest_ns == left->newest_ns && n_writers == left->n_writers) {
        return SP_OK;
    }
    SP_TRY(recover_dead(r, left));
    left->newest_ns = newest_ns;
    left->n_writers = n_writers;
    return SP_OK;
}

/* ---- the whole ---- */

static sp_status recover_idle(recovery *r)
{
    uint32_t n_writers;
    SP_TRY(count_writers(r, &n_writers));
    if (n_writers > 0) {
        return sp_fail(r->diag, SP_EBUSY, SIZE_MAX, "a ledger writer is still running");
    }
    remove_leftovers(r);
    return recover_all(r);
}

static void forget(recovery *r)
{
    for (size_t i = 0; i < BUCKETS; i++) {
        while (r->buckets[i] != NULL) {
            open_intent *next = r->buckets[i]->next;
            intent_free(r->buckets[i]);
            r->buckets[i] = next;
        }
    }
    free(r->names);
}

/* `left` NULL: nobody writes, everything is recovered. */
static sp_status run(recovery *r, spl_left *left)
{
    const int lock = spl__lock_slot(r->folder, SPL_SLOT_RECOVERY);
    if (lock < 0) {
        return spl__fail_errno(r->diag, errno == EWOULDBLOCK ? SP_EBUSY : SP_ERECORD, r->folder,
                               "cannot lock the ledger for recovery");
    }
    r->lock = lock;
    sp_status status = spl__list(r->folder, &r->names, &r->n_names) == 0
                           ? SP_OK
                           : spl__fail_errno(r->diag, SP_ERECORD, r->folder, "cannot list the ledger folder");
    if (status == SP_OK) {
        status = left == NULL ? recover_idle(r) : recover_left(r, left);
    }
    (void)close(lock);
    return status == SP_OK ? r->damage : status;
}

sp_status spl_recover(const char *folder, uint64_t now_ns, const uint8_t random[16], uint32_t *n_lost,
                      sp_diag *diag)
{
    *n_lost = 0;
    recovery *r = calloc(1, sizeof *r);
    if (r == NULL) {
        return sp_fail(diag, SP_ENOMEM, SIZE_MAX, "no memory for recovery");
    }
    *r = (recovery){.folder = folder, .now_ns = now_ns, .random = random, .diag = diag};
    const sp_status status = run(r, NULL);
    *n_lost = status == SP_OK || status == r->damage ? r->n_open : 0;
    forget(r);
    free(r);
    return status;
}

sp_status spl_recover_left(spl_left *left, const char *folder, uint64_t now_ns, const uint8_t random[16],
                           sp_diag *diag)
{
    left->n_lost = 0;
    recovery *r = calloc(1, sizeof *r);
    if (r == NULL) {
        return sp_fail(diag, SP_ENOMEM, SIZE_MAX, "no memory for recovery");
    }
    *r = (recovery){.folder = folder, .now_ns = now_ns, .random = random, .diag = diag};
    const sp_status status = run(r, left);
    left->n_lost = status == SP_OK || status == r->damage ? r->n_open : 0;
    forget(r);
    free(r);
    return status;
}
