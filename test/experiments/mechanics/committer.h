/** @file committer.h  Makes lines of text durable, in order, off the event loop.
 *
 *  A simulated ledger: one thread takes whatever waits, appends it to one file, fdatasyncs and reports
 * through an eventfd. After each fdatasync it appends a line "durable N": the first N bytes of the file are
 * on disk. A reader can so tell what was durable at any moment from what had merely been written. */
#pragma once
#include <stddef.h>

/** One piece of work. From submit until `done` it belongs to the committer, but for `data`, which only the
 * loop thread reads or writes: set it to NULL when whoever waits is gone, and `done` is not called. */
typedef struct mech_op {
    struct mech_op *next;
    void (*done)(void *data, int is_durable); /**< on the loop thread, from mech_committer_reap */
    void *data;
    int is_durable;
    size_t len;
    char text[1024]; /**< whole lines */
} mech_op;

typedef struct mech_committer mech_committer;

/** Starts the thread. @param delay_ms  pause between write and fdatasync, so that a test can act in between.
 *  @return NULL when the file, the eventfd or the thread cannot be had. */
mech_committer *mech_committer_open(const char *path, unsigned delay_ms);

/** Becomes readable when something is finished. */
int mech_committer_fd(const mech_committer *committer);

/** Takes the op (from malloc). Never blocks on the disk. */
void mech_committer_submit(mech_committer *committer, mech_op *op);

/** Calls `done` of all that is finished and frees the ops. `done` may submit. */
void mech_committer_reap(mech_committer *committer);

/** Makes durable what still waits, stops the thread, frees everything; calls no `done`. */
void mech_committer_close(mech_committer *committer);
