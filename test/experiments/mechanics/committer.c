/* The committer thread. Two singly linked lists under one lock: what waits, what is finished. Knows nothing
 * of nginx. */
#include "committer.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

typedef struct mech_list {
    mech_op *head;
    mech_op **tail;
} mech_list;

struct mech_committer {
    pthread_mutex_t lock;
    pthread_cond_t wakeup;
    pthread_t thread;
    mech_list waiting;
    mech_list finished;
    int file;
    int event;
    unsigned delay_ms;
    int is_closing;
};

static void mech_list_init(mech_list *list)
{
    list->head = NULL;
    list->tail = &list->head;
}

static void mech_list_append(mech_list *list, mech_op *first, mech_op **tail)
{
    *list->tail = first;
    list->tail = tail;
}

static mech_op *mech_list_take(mech_list *list)
{
    mech_op *first = list->head;

    mech_list_init(list);
    return first;
}

static int mech_write_all(int file, const char *text, size_t len)
{
    while (len > 0) {
        const ssize_t n = write(file, text, len);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return -1;
        }
        text += n;
        len -= (size_t)n;
    }

    return 0;
}

/* Only what fdatasync has confirmed counts; the marker that follows is for the test's eyes. */
static int mech_commit(mech_committer *committer, const mech_op *batch)
{
    char marker[64];
    struct stat st;
    const struct timespec delay = {.tv_sec = committer->delay_ms / 1000,
                                   .tv_nsec = (long)(committer->delay_ms % 1000) * 1000000L};

    for (const mech_op *op = batch; op != NULL; op = op->next) {
        if (mech_write_all(committer->file, op->text, op->len) != 0) {
            return -1;
        }
    }

    nanosleep(&delay, NULL);

    if (fstat(committer->file, &st) != 0 || fdatasync(committer->file) != 0) {
        return -1;
    }

    const int n = snprintf(marker, sizeof(marker), "durable %jd\n", (intmax_t)st.st_size);

    return mech_write_all(committer->file, marker, (size_t)n);
}

static void mech_finish(mech_committer *committer, mech_op *batch, int is_durable)
{
    const uint64_t one = 1;
    mech_op **tail = &batch;

    for (mech_op *op = batch; op != NULL; op = op->next) {
        op->is_durable = is_durable;
        tail = &op->next;
    }

    mech_list_append(&committer->finished, batch, tail);

    /* Cannot fail but by a counter at its limit, and then the descriptor is readable anyway. */
    if (write(committer->event, &one, sizeof(one)) < 0) {
        return;
    }
}

static void *mech_thread(void *arg)
{
    mech_committer *committer = arg;

    pthread_mutex_lock(&committer->lock);

    for (;;) {
        mech_op *batch = mech_list_take(&committer->waiting);

        if (batch == NULL && committer->is_closing) {
            break;
        }
        if (batch == NULL) {
            pthread_cond_wait(&committer->wakeup, &committer->lock);
            continue;
        }

        pthread_mutex_unlock(&committer->lock);
        const int is_durable = mech_commit(committer, batch) == 0;
        pthread_mutex_lock(&committer->lock);

        mech_finish(committer, batch, is_durable);
    }

    pthread_mutex_unlock(&committer->lock);
    return NULL;
}

/* Signals belong to the event loop: the thread starts with all of them blocked. */
static int mech_thread_start(mech_committer *committer)
{
    sigset_t all, old;

    sigfillset(&all);
    if (pthread_sigmask(SIG_BLOCK, &all, &old) != 0) {
        return -1;
    }

    const int rc = pthread_create(&committer->thread, NULL, mech_thread, committer);

    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return rc;
}

mech_committer *mech_committer_open(const char *path, unsigned delay_ms)
{
    mech_committer *committer = calloc(1, sizeof(*committer));

    if (committer == NULL) {
        return NULL;
    }

    pthread_mutex_init(&committer->lock, NULL);
    pthread_cond_init(&committer->wakeup, NULL);
    mech_list_init(&committer->waiting);
    mech_list_init(&committer->finished);
    committer->delay_ms = delay_ms;

    /* O_APPEND: during a reload the workers of two generations write the same file. */
    committer->file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    committer->event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

    if (committer->file < 0 || committer->event < 0 || mech_thread_start(committer) != 0) {
        free(committer);
        return NULL;
    }

    return committer;
}

int mech_committer_fd(const mech_committer *committer)
{
    return committer->event;
}

void mech_committer_submit(mech_committer *committer, mech_op *op)
{
    op->next = NULL;

    pthread_mutex_lock(&committer->lock);
    mech_list_append(&committer->waiting, op, &op->next);
    pthread_cond_signal(&committer->wakeup);
    pthread_mutex_unlock(&committer->lock);
}

void mech_committer_reap(mech_committer *committer)
{
    uint64_t count;

    /* Reset the descriptor first: what finishes after the list was taken makes it readable again. */
    if (read(committer->event, &count, sizeof(count)) < 0 && errno != EAGAIN) {
        return;
    }

    pthread_mutex_lock(&committer->lock);
    mech_op *op = mech_list_take(&committer->finished);
    pthread_mutex_unlock(&committer->lock);

    while (op != NULL) {
        mech_op *next = op->next;

        /* `data` is read now and not earlier: the `done` before this one may have ended a neighbour's
         * request. */
        if (op->data != NULL) {
            op->done(op->data, op->is_durable);
        }

        free(op);
        op = next;
    }
}

void mech_committer_close(mech_committer *committer)
{
    pthread_mutex_lock(&committer->lock);
    committer->is_closing = 1;
    pthread_cond_signal(&committer->wakeup);
    pthread_mutex_unlock(&committer->lock);
    pthread_join(committer->thread, NULL);

    for (mech_op *op = committer->finished.head; op != NULL;) {
        mech_op *next = op->next;

        free(op);
        op = next;
    }

    close(committer->file);
    close(committer->event);
    free(committer);
}
