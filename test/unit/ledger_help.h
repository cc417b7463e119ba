/** @file ledger_help.h  What the tests of the ledger share: a folder of their own, batches with sealed
 * blocks, waiting for a writer, and the bytes of segment files. */
#pragma once
#include "record_help.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/ledger_internal.h"

/** A folder for one test. */
typedef struct folder {
    char path[256];
} folder;

static inline void folder_make(folder *f)
{
    const char *base = getenv("TMPDIR");
    (void)snprintf(f->path, sizeof f->path, "%s/sallyport-test-XXXXXX", base != NULL ? base : "/tmp");
    assert_non_null(mkdtemp(f->path));
}

static inline void folder_remove(const folder *f)
{
    char path[SPL_PATH_MAX];
    DIR *dir = opendir(f->path);
    assert_non_null(dir);
    for (const struct dirent *e; (e = readdir(dir)) != NULL;) {
        if (spl__path(path, f->path, e->d_name) == 0) (void)unlink(path);
    }
    (void)closedir(dir);
    assert_int_equal(rmdir(f->path), 0);
}

/** Number of names that end in `suffix`. */
static inline size_t folder_count(const folder *f, const char *suffix)
{
    size_t n = 0;
    DIR *dir = opendir(f->path);
    assert_non_null(dir);
    for (const struct dirent *e; (e = readdir(dir)) != NULL;) {
        const size_t len = strlen(e->d_name), want = strlen(suffix);
        n += len > want && strcmp(e->d_name + len - want, suffix) == 0;
    }
    (void)closedir(dir);
    return n;
}

/** Name of the i-th segment in order of creation. */
static inline void folder_segment(const folder *f, size_t i, char name[SPL_NAME_BYTES])
{
    char(*names)[SPL_NAME_BYTES];
    size_t n;
    assert_int_equal(spl__list(f->path, &names, &n), 0);
    assert_true(i < n);
    memcpy(name, names[i], SPL_NAME_BYTES);
    free(names);
}

/** Whole file (malloc). */
static inline uint8_t *file_read(const folder *f, const char *name, size_t *n)
{
    char path[SPL_PATH_MAX];
    struct stat st;
    assert_int_equal(spl__path(path, f->path, name), 0);
    const int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &st), 0);
    uint8_t *bytes = malloc((size_t)st.st_size + 1);
    assert_non_null(bytes);
    assert_int_equal(spl__read_at(fd, bytes, (size_t)st.st_size, 0, n), 0);
    (void)close(fd);
    return bytes;
}

static inline void file_write(const folder *f, const char *name, const uint8_t *bytes, size_t n)
{
    char path[SPL_PATH_MAX];
    assert_int_equal(spl__path(path, f->path, name), 0);
    /* Not O_TRUNC: ext4 then writes the file out at close, which takes the time of a sync. */
    const int fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    assert_int_equal(spl__write_at(fd, bytes, n, 0), 0);
    assert_int_equal(ftruncate(fd, (off_t)n), 0);
    (void)close(fd);
}

static inline void file_patch(const folder *f, const char *name, uint64_t offset, const void *p, size_t n)
{
    char path[SPL_PATH_MAX];
    assert_int_equal(spl__path(path, f->path, name), 0);
    const int fd = open(path, O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(spl__write_at(fd, p, n, offset), 0);
    (void)close(fd);
}

/* ---- what the writer of a slot states ---- */

static inline int help_lock(const folder *f, uint32_t slot)
{
    const int fd = spl__lock_slot(f->path, slot);
    assert_true(fd >= 0);
    return fd;
}

/** As if the power had been cut before anything that was stated reached the disk. */
static inline void help_unstate(const folder *f, uint32_t slot)
{
    const int fd = help_lock(f, slot);
    assert_int_equal(ftruncate(fd, 0), 0);
    (void)close(fd);
}

/** As if the writer of that segment, which is gone, had stated this and no more. */
static inline void help_state(const folder *f, const char *segment, uint64_t offset)
{
    spl__tail tail = {.durable_end = offset};
    spl__scan scan;
    assert_int_equal(spl__scan_open(&scan, f->path, segment, NULL), SP_OK);
    tail.header = scan.header;
    spl__scan_close(&scan);
    const int fd = help_lock(f, tail.header.slot);
    spl__head_open(&tail, fd);
    spl__head_state(&tail);
    (void)close(fd);
    assert_int_equal(spl__stated_end(f->path, segment), offset);
}

/* ---- batches ---- */

static inline void help_id(uint8_t id[SP_REQUEST_ID_BYTES], uint64_t number)
{
    memset(id, 0x55, SP_REQUEST_ID_BYTES);
    for (size_t i = 0; i < 8; i++) id[SP_REQUEST_ID_BYTES - 1 - i] = (uint8_t)(number >> (8 * i));
}

static inline uint64_t help_number(const uint8_t id[SP_REQUEST_ID_BYTES])
{
    sp_reader in = sp_reader_of((sp_bytes){id + 8, 8});
    return sp_read_u64(&in);
}

/** Seals `text` and adds it to the batch. Deterministic in `number`. */
static inline void help_seal(spl_batch *batch, sp_block_ref *ref, uint64_t number, sp_bytes text)
{
    uint8_t ephemeral_secret[32] = {1};
    uint64_t rng = number * 2654435761u + 1;
    sp_sealer sealer;
    sp_block_random random;
    for (size_t i = 0; i < sizeof random; i++) ((uint8_t *)&random)[i] = (uint8_t)next_random(&rng);
    memcpy(ephemeral_secret + 8, &number, sizeof number);
    assert_int_equal(sp_sealer_init(&sealer, help_recipient, ephemeral_secret), SP_OK);
    sp_buf body = SP_BUF_IN(&batch->arena.mem);
    assert_int_equal(sp_block_seal(&body, ref, &sealer, &random, text), SP_OK);
    sp_write_bytes32(&batch->blocks, sp_buf_bytes(&body));
    assert_int_equal(batch->blocks.status, SP_OK);
    sp_sealer_fini(&sealer);
}

/** A record of that kind for request `number`, with a block that holds `text` (none when it is empty). */
static inline spl_batch *help_batch(uint8_t kind, uint64_t number, sp_bytes text)
{
    spl_batch *batch = spl_batch_new(text.n * 8 + (64 << 10));
    sp_block_ref ref;
    assert_non_null(batch);
    sp_record record = {.kind = kind,
                        .attempt = 1,
                        .at_ns = number + 1,
                        .generation = 3,
                        .application = SP_LIT("intranet"),
                        .model = SP_LIT("assistant"),
                        .destination = SP_LIT("local")};
    help_id(record.request_id, number);
    if (text.n > 0) {
        help_seal(batch, &ref, number * 8 + kind, text);
        record.blocks = &ref;
        record.n_blocks = 1;
    }
    assert_int_equal(sp_record_encode(&batch->leaf, &record), SP_OK);
    return batch;
}

/* ---- writers ---- */

static inline spl_writer *help_writer(const folder *f, uint32_t slot, size_t segment_bytes)
{
    spl_writer *writer;
    sp_diag diag = {0};
    spl_writer_options options = {
        .folder = f->path, .slot = slot, .segment_bytes = segment_bytes, .created_ns = 1000};
    const uint64_t now = spl__now_ns();
    memcpy(options.random, &now, sizeof now);
    options.random[15] = (uint8_t)slot;
    if (spl_writer_open(&writer, &options, &diag) != SP_OK) fail_msg("%s", diag.text);
    return writer;
}

/** Waits until the writer has given back `n` batches. @return how many of them are durable. Frees them. */
static inline size_t help_wait(spl_writer *writer, size_t n)
{
    size_t n_durable = 0;
    while (n > 0) {
        struct pollfd p = {.fd = spl_writer_fd(writer), .events = POLLIN};
        assert_true(poll(&p, 1, 20000) == 1);
        for (spl_batch *b = spl_writer_done(writer); b != NULL;) {
            spl_batch *next = b->next;
            assert_true(b->status == SP_OK || b->status == SP_ERECORD);
            n_durable += b->status == SP_OK;
            spl_batch_free(b);
            b = next;
            n--;
        }
    }
    return n_durable;
}

/** Submits one batch and waits. @return its status. */
static inline sp_status help_commit(spl_writer *writer, spl_batch *batch)
{
    spl_writer_submit(writer, batch);
    return help_wait(writer, 1) == 1 ? SP_OK : SP_ERECORD;
}

/** Verifies and says why not. */
static inline spl_verdict help_verify(const folder *f)
{
    spl_verdict verdict;
    const sp_status status = spl_verify(&verdict, f->path, SP_BYTES_EMPTY);
    if (status != SP_OK) fail_msg("%d: %s", status, verdict.first_bad);
    return verdict;
}

/** Number of records that a reader gives; fails on damage. */
static inline size_t help_read(const folder *f)
{
    spl_reader *reader;
    spl_entry entry;
    sp_diag diag = {0};
    size_t n = 0;
    sp_status status;
    assert_int_equal(spl_reader_open(&reader, f->path, &diag), SP_OK);
    while ((status = spl_reader_next(reader, &entry, &diag)) == SP_OK) n++;
    if (status != SP_ETRUNCATED) fail_msg("%s", diag.text);
    spl_reader_close(reader);
    return n;
}
