/* The committer thread: takes whatever waits, makes it durable with one sync, reports through an eventfd.
 * While it syncs the next group gathers, so groups grow with the load by themselves; a window on top was
 * measured and only cost throughput (docs/adr/0006-storage.md). Two lists under one lock; the lock is never
 * held during I/O. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "ledger/ledger_internal.h"

enum { AGAIN_S = 1 }; /* between tries to get a slot and a segment from a disk that refuses */

typedef struct batch_list {
    spl_batch *head;
    spl_batch **tail;
} batch_list;

struct spl_writer {
    pthread_mutex_t lock;
    pthread_cond_t wakeup;
    pthread_t thread;
    batch_list waiting, done; /* under the lock */
    spl_writer_stats stats;   /* under the lock */
    bool is_closing;          /* under the lock */
    int event_fd;
    char *folder;
    spl_writer_options options; /* from here on the thread's, from start to join */
    int lock_fd;
    bool has_slot;
    spl__tail at;
};

/* ---- batches ---- */

spl_batch *spl_batch_new(size_t bytes_max)
{
    spl_batch *batch = calloc(1, sizeof *batch);
    if (batch == NULL) {
        return NULL;
    }
    sp_arena_init(&batch->arena, bytes_max);
    batch->leaf = SP_BUF_IN(&batch->arena.mem);
    batch->blocks = SP_BUF_IN(&batch->arena.mem);
    batch->status = SP_ERECORD; /* until it is known to be durable */
    return batch;
}

void spl_batch_free(spl_batch *batch)
{
    if (batch != NULL) {
        sp_arena_fini(&batch->arena);
        free(batch);
    }
}

static void list_init(batch_list *list)
{
    list->head = NULL;
    list->tail = &list->head;
}

static void list_append(batch_list *list, spl_batch *batches)
{
    *list->tail = batches;
    for (; batches != NULL; batches = batches->next) {
        list->tail = &batches->next;
    }
}

static spl_batch *list_take(batch_list *list)
{
    spl_batch *head = list->head;
    list_init(list);
    return head;
}

static void free_all(spl_batch *batches)
{
    while (batches != NULL) {
        spl_batch *next = batches->next;
        spl_batch_free(batches);
        batches = next;
    }
}

/* ---- the slot ---- */

/* The slot's lock, or that of a further slot: during a reload the workers of two generations live side by
 * side. */
static int take_slot(const char *folder, uint32_t *slot)
{
    for (uint32_t i = 0; i < SPL_SLOT_TRIES; i++) {
        const uint32_t wanted = *slot + i * SPL_SLOT_STRIDE;
        const int fd = spl__lock_slot(folder, wanted);
        if (fd >= 0) {
            *slot = wanted;
            return fd;
        }
        if (errno != EWOULDBLOCK) {
            return -1;
        }
    }
    return -1;
}

static sp_status continue_slot(spl_writer *writer, uint32_t slot, sp_diag *diag)
{
    const size_t wanted = writer->options.segment_bytes;
    SP_TRY(spl__tail_init(&writer->at, writer->folder, slot, writer->options.random, diag));
    writer->at.want_bytes = wanted < SPL_SEGMENT_MIN ? SPL_SEGMENT_MIN : wanted;
    spl__head_open(&writer->at, writer->lock_fd);
    if (spl__tail_open_segment(&writer->at, writer->options.created_ns, 0) != 0) {
        const sp_status failed = spl__fail_errno(diag, SP_ERECORD, writer->folder, "cannot open a segment");
        spl__tail_fini(&writer->at, SPL_REASON_STOPPED);
        return failed;
    }
    return SP_OK;
}

/* All or nothing, so that it can be tried again. @param slot  the least; receives which it is. */
static sp_status prepare_from(spl_writer *writer, uint32_t *slot, sp_diag *diag)
{
    writer->lock_fd = take_slot(writer->folder, slot);
    if (writer->lock_fd < 0) {
        return spl__fail_errno(diag, SP_ERECORD, writer->folder, "cannot lock a ledger slot");
    }
    const sp_status status = continue_slot(writer, *slot, diag);
    writer->has_slot = status == SP_OK;
    if (status != SP_OK) {
        (void)close(writer->lock_fd);
        writer->lock_fd = -1;
    }
    return status == SP_OK || status == SP_ECORRUPT ? status : SP_ERECORD;
}

/* A chain whose open end is damaged goes on nowhere: to write behind the damage would be to vouch for what
 * was there. It stays as evidence, and another slot's chain is written. @return SP_OK, with diag's text when
 * one was passed over; SP_ERECORD, SP_ECORRUPT. */
static sp_status prepare(spl_writer *writer, sp_diag *diag)
{
    uint32_t slot = writer->options.slot;
    sp_status status = SP_ECORRUPT;
    for (uint32_t i = 0; status == SP_ECORRUPT && i < SPL_SLOT_TRIES; i++) {
        status = prepare_from(writer, &slot, diag);
        slot += SPL_SLOT_STRIDE;
    }
    return status;
}

/* ---- the thread ---- */

/* Under the lock. @return false: nothing came, and it is time to try for a slot. */
static bool wait_for_work(spl_writer *writer)
{
    struct timespec end = {0};
    if (writer->has_slot) {
        (void)pthread_cond_wait(&writer->wakeup, &writer->lock);
        return true;
    }
    (void)clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += AGAIN_S;
    return pthread_cond_clockwait(&writer->wakeup, &writer->lock, CLOCK_MONOTONIC, &end) != ETIMEDOUT;
}

static void commit(spl_writer *writer, spl_batch *batches)
{
    if (!writer->has_slot) {
        sp_diag diag = {0}; /* was told when the writer was opened */
        writer->options.created_ns = spl__now_ns();
        (void)prepare(writer, &diag);
    }
    if (writer->has_slot) {
        spl__tail_commit(&writer->at, batches);
    }
    /* else they stay what they were made as: not durable */
}

/* Under the lock. */
static void finish(spl_writer *writer, spl_batch *batches)
{
    writer->stats.is_failing = !writer->has_slot;
    writer->stats.has_slot = writer->has_slot;
    for (const spl_batch *b = batches; b != NULL; b = b->next) {
        writer->stats.n_records += b->status == SP_OK;
        const bool has_failed = b->status != SP_OK && !b->has_moved;
        writer->stats.n_failed += has_failed;
        writer->stats.is_failing = has_failed;
    }
    writer->stats.n_syncs = writer->at.n_syncs;
    writer->stats.n_bytes = writer->at.n_bytes;
    writer->stats.sync_us = writer->at.sync_us;
    list_append(&writer->done, batches);
}

/* Not under the lock: the loop wakes up at once and would have to wait for it. */
static void report(const spl_writer *writer)
{
    const uint64_t one = 1;
    /* Fails only with the counter at its limit, and then the descriptor is readable anyway. */
    const ssize_t written = write(writer->event_fd, &one, sizeof one);
    (void)written;
}

static void *run(void *arg)
{
    spl_writer *writer = arg;
    (void)prctl(PR_SET_NAME, "committer"); /* for ps, perf and the bench */
    pthread_mutex_lock(&writer->lock);
    for (;;) {
        spl_batch *batches = list_take(&writer->waiting);
        if (batches == NULL && writer->is_closing) {
            break;
        }
        if (batches == NULL && wait_for_work(writer)) {
            continue;
        }
        pthread_mutex_unlock(&writer->lock);
        commit(writer, batches);
        pthread_mutex_lock(&writer->lock);
        finish(writer, batches);
        pthread_mutex_unlock(&writer->lock);
        report(writer);
        pthread_mutex_lock(&writer->lock);
    }
    pthread_mutex_unlock(&writer->lock);
    return NULL;
}

/* Signals belong to the event loop: the thread starts with all of them blocked but SIGSYS, by which a
 * confined process is told that a call was refused; blocked, it ends the process. */
static int start_thread(spl_writer *writer)
{
    sigset_t all, old;
    sigfillset(&all);
    sigdelset(&all, SIGSYS);
    int rc = pthread_sigmask(SIG_BLOCK, &all, &old);
    if (rc != 0) {
        return rc;
    }
    rc = pthread_create(&writer->thread, NULL, run, writer);
    (void)pthread_sigmask(SIG_SETMASK, &old, NULL);
    return rc;
}

/* ---- open, close ---- */

static void destroy(spl_writer *writer)
{
    if (writer->event_fd >= 0) {
        (void)close(writer->event_fd);
    }
    if (writer->lock_fd >= 0) {
        (void)close(writer->lock_fd);
    }
    (void)pthread_cond_destroy(&writer->wakeup);
    (void)pthread_mutex_destroy(&writer->lock);
    free(writer->folder);
    free(writer);
}

static sp_status open_all(spl_writer *writer, const spl_writer_options *options, sp_diag *diag)
{
    if (writer->folder == NULL || writer->event_fd < 0) {
        return spl__fail_errno(diag, SP_ERECORD, options->folder, "cannot set up a ledger writer");
    }
    const sp_status status = prepare(writer, diag);
    if (status != SP_OK && (status == SP_ECORRUPT || !options->may_wait)) {
        return SP_ERECORD;
    }
    writer->stats.has_slot = writer->has_slot;
    writer->stats.is_failing = !writer->has_slot;
    errno = start_thread(writer);
    if (errno != 0) {
        spl__tail_fini(&writer->at, SPL_REASON_STOPPED);
        return spl__fail_errno(diag, SP_ERECORD, options->folder, "cannot start the committer thread");
    }
    return SP_OK;
}

sp_status spl_writer_open(spl_writer **out, const spl_writer_options *options, sp_diag *diag)
{
    *out = NULL;
    spl_writer *writer = calloc(1, sizeof *writer);
    if (writer == NULL) {
        return sp_fail(diag, SP_ERECORD, SIZE_MAX, "no memory for a ledger writer");
    }
    (void)pthread_mutex_init(&writer->lock, NULL); /* cannot fail with default attributes on Linux */
    (void)pthread_cond_init(&writer->wakeup, NULL);
    list_init(&writer->waiting);
    list_init(&writer->done);
    writer->folder = strdup(options->folder);
    writer->options = *options;
    writer->options.folder = writer->folder;
    writer->at = (spl__tail){.fd = -1, .head_fd = -1};
    writer->lock_fd = -1;
    writer->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    sp_status status = open_all(writer, options, diag);
    if (status != SP_OK) {
        destroy(writer);
        return status;
    }
    *out = writer;
    return SP_OK;
}

void spl_writer_close(spl_writer *writer)
{
    if (writer == NULL) {
        return;
    }
    pthread_mutex_lock(&writer->lock);
    writer->is_closing = true;
    pthread_cond_signal(&writer->wakeup);
    pthread_mutex_unlock(&writer->lock);
    (void)pthread_join(writer->thread, NULL);
    spl__tail_fini(&writer->at, SPL_REASON_STOPPED);
    free_all(writer->waiting.head);
    free_all(writer->done.head);
    destroy(writer);
}

/* ---- the loop's side ---- */

void spl_writer_submit(spl_writer *writer, spl_batch *batches)
{
    pthread_mutex_lock(&writer->lock);
    list_append(&writer->waiting, batches);
    pthread_mutex_unlock(&writer->lock);
    pthread_cond_signal(&writer->wakeup); /* behind the unlock, for the same reason as in report() */
}

int spl_writer_fd(const spl_writer *writer)
{
    return writer->event_fd;
}

spl_batch *spl_writer_done(spl_writer *writer)
{
    uint64_t count;
    /* The descriptor first: what is finished after the list was taken makes it readable again. Nothing to
     * read is fine. */
    const ssize_t got = read(writer->event_fd, &count, sizeof count);
    (void)got;
    pthread_mutex_lock(&writer->lock);
    spl_batch *batches = list_take(&writer->done);
    pthread_mutex_unlock(&writer->lock);
    return batches;
}

void spl_writer_get_stats(spl_writer *writer, spl_writer_stats *out)
{
    pthread_mutex_lock(&writer->lock);
    *out = writer->stats;
    pthread_mutex_unlock(&writer->lock);
}
