/* The writer and the reader: what was reported as durable is there, in order, chained; what was not is never
 * read. */
#include "ledger_help.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { SMALL = 64 << 10 };

/* A disk that fails: this definition takes the place of libc's in this program. */
static _Atomic int sync_failures;

int fdatasync(int fd)
{
    if (sync_failures > 0) {
        sync_failures--;
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fdatasync, fd);
}

static int setup(void **state)
{
    static folder f;
    folder_make(&f);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    folder_remove(*state);
    return 0;
}

/* ---- writing and reading ---- */

static void what_is_written_is_read_in_order_with_its_hash(void **state)
{
    const folder *f = *state;
    spl_writer *writer = help_writer(f, 0, 1 << 20);
    spl_batch *list = NULL, **tail = &list;
    for (uint64_t i = 0; i < 100; i++) {
        *tail = help_batch(i % 2 ? SP_RECORD_OUTCOME : SP_RECORD_INTENT, i / 2, SP_LIT("a message"));
        tail = &(*tail)->next;
    }
    spl_writer_submit(writer, list);
    assert_int_equal(help_wait(writer, 100), 100);
    spl_writer_close(writer);

    spl_reader *reader;
    sp_diag diag;
    assert_int_equal(spl_reader_open(&reader, f->path, &diag), SP_OK);
    for (uint64_t i = 0; i < 100; i++) {
        spl_entry entry;
        uint8_t hash[32], id[SP_REQUEST_ID_BYTES];
        assert_int_equal(spl_reader_next(reader, &entry, &diag), SP_OK);
        assert_true(sp_leaf_request_id(id, entry.leaf));
        assert_int_equal(help_number(id), i / 2);
        assert_int_equal(entry.seq, 2 * i + 2); /* a block in front of each */
        assert_int_equal(sp_leaf_hash(hash, entry.leaf), SP_OK);
        assert_memory_equal(entry.leaf_hash, hash, sizeof hash);
    }
    spl_reader_close(reader);
    const spl_verdict v = help_verify(f);
    assert_int_equal(v.n_records, 100);
    assert_int_equal(v.n_blocks, 100);
    assert_int_equal(v.n_torn, 0);
}

static void blocks_of_an_entry_open_and_leave_the_entry_valid(void **state)
{
    const folder *f = *state;
    spl_writer *writer = help_writer(f, 0, 1 << 20);
    assert_int_equal(help_commit(writer, help_batch(SP_RECORD_INTENT, 1, SP_LIT("the prompt"))), SP_OK);
    spl_writer_close(writer);
    spl_reader *reader;
    spl_entry entry;
    sp_record record;
    sp_bytes body;
    sp_arena arena;
    sp_arena_init(&arena, 1 << 20);
    assert_int_equal(spl_reader_open(&reader, f->path, NULL), SP_OK);
    assert_int_equal(spl_reader_next(reader, &entry, NULL), SP_OK);
    assert_int_equal(sp_record_decode(&record, entry.leaf, &arena.mem), SP_OK);
    assert_int_equal(spl_reader_block(reader, record.blocks[0].id, &body), SP_OK);
    sp_buf plain = SP_BUF_IN(&arena.mem);
    assert_int_equal(sp_block_open(&plain, body, help_recipient_secret), SP_OK);
    assert_bytes(sp_buf_bytes(&plain), SP_LIT("the prompt"));
    assert_bytes(record.application, SP_LIT("intranet")); /* borrowed from the entry */
    const uint8_t other[16] = {1};
    assert_int_equal(spl_reader_block(reader, other, &body), SP_ERANGE);
    spl_reader_close(reader);
    sp_arena_fini(&arena);
}

static void no_plaintext_is_in_the_files(void **state)
{
    const folder *f = *state;
    char name[SPL_NAME_BYTES];
    size_t n;
    spl_writer *writer = help_writer(f, 0, 1 << 20);
    assert_int_equal(help_commit(writer, help_batch(SP_RECORD_INTENT, 1, SP_LIT("DE89370400440532013000"))),
                     SP_OK);
    spl_writer_close(writer);
    folder_segment(f, 0, name);
    uint8_t *bytes = file_read(f, name, &n);
    assert_non_null(memmem(bytes, n, "intranet", 8));
    assert_null(memmem(bytes, n, "DE8937", 6));
    free(bytes);
}

static void a_full_segment_is_followed_by_the_next(void **state)
{
    const folder *f = *state;
    spl_writer *writer = help_writer(f, 0, SMALL);
    for (uint64_t i = 0; i < 600; i++)
        spl_writer_submit(writer, help_batch(SP_RECORD_INTENT, i, SP_LIT("text")));
    assert_int_equal(help_wait(writer, 600), 600);
    spl_writer_close(writer);
    const spl_verdict v = help_verify(f);
    assert_int_equal(v.n_records, 600);
    assert_true(v.n_segments > 3);
    assert_int_equal(help_read(f), 600);
}

static void a_batch_larger_than_a_segment_gets_one_of_its_size(void **state)
{
    const folder *f = *state;
    static uint8_t big[300 << 10];
    spl_writer *writer = help_writer(f, 0, SMALL);
    assert_int_equal(help_commit(writer, help_batch(SP_RECORD_INTENT, 1, SP_LIT("small"))), SP_OK);
    assert_int_equal(help_commit(writer, help_batch(SP_RECORD_INTENT, 2, (sp_bytes){big, sizeof big})),
                     SP_OK);
    assert_int_equal(help_commit(writer, help_batch(SP_RECORD_INTENT, 3, SP_LIT("small"))), SP_OK);
    spl_writer_close(writer);
    assert_int_equal(help_verify(f).n_records, 3);
}

static void a_restarted_writer_continues_the_chain(void **state)
{
    const folder *f = *state;
    for (uint64_t i = 0; i < 3; i++) {
        spl_writer *writer = help_writer(f, 5, SMALL);
        assert_int_equal(help_commit(writer, help_batch(SP_RECORD_INTENT, i, SP_LIT("x"))), SP_OK);
        spl_writer_close(writer);
    }
    assert_int_equal(help_verify(f).n_segments, 3);
    char name[SPL_NAME_BYTES], path[SPL_PATH_MAX];
    folder_segment(f, 1, name);
    assert_int_equal(spl__path(path, f->path, name), 0);
    assert_int_equal(unlink(path), 0);
    spl_verdict v;
    assert_int_equal(spl_verify(&v, f->path, SP_BYTES_EMPTY), SP_ECORRUPT);
    assert_non_null(strstr(v.first_bad, "the segment before it is missing"));
}

static void spares_are_used_up_first(void **state)
{
    const folder *f = *state;
    assert_int_equal(spl_spares(f->path, SMALL, 2, NULL), SP_OK);
    assert_int_equal(folder_count(f, ".ready"), 2);
    spl_writer *writer = help_writer(f, 0, SMALL);
    assert_int_equal(folder_count(f, ".ready"), 1);
    assert_int_equal(help_commit(writer, help_batch(SP_RECORD_INTENT, 1, SP_LIT("x"))), SP_OK);
    spl_writer_close(writer);
    assert_int_equal(spl_spares(f->path, SMALL, 2, NULL), SP_OK);
    assert_int_equal(folder_count(f, ".ready"), 2);
    assert_int_equal(help_verify(f).n_records, 1);
}

/* During a reload the workers of two generations write at the same time. */
static void a_busy_slot_is_left_to_its_writer(void **state)
{
    const folder *f = *state;
    spl_writer *older = help_writer(f, 1, SMALL), *newer = help_writer(f, 1, SMALL);
    assert_int_equal(help_commit(older, help_batch(SP_RECORD_INTENT, 1, SP_LIT("x"))), SP_OK);
    assert_int_equal(help_commit(newer, help_batch(SP_RECORD_INTENT, 2, SP_LIT("x"))), SP_OK);
    assert_int_equal(help_commit(older, help_batch(SP_RECORD_OUTCOME, 1, SP_LIT("x"))), SP_OK);
    spl_writer_close(older);
    spl_writer_close(newer);
    assert_int_equal(help_verify(f).n_records, 3);
    assert_int_equal(help_verify(f).n_segments, 2);
}

static void a_live_log_can_be_followed(void **state)
{
    const folder *f = *state;
    spl_reader *reader;
    spl_entry entry;
    sp_diag diag = {0};
    uint64_t seen = 0;
    spl_writer *writer = help_writer(f, 0, SMALL), *second = NULL;
    assert_int_equal(spl_reader_open(&reader, f->path, &diag), SP_OK);
    for (uint64_t i = 0; i < 400; i++) {
        if (i == 200) second = help_writer(f, 1, SMALL);
        spl_writer *to = i > 200 && i % 2 ? second : writer;
        assert_int_equal(help_commit(to, help_batch(SP_RECORD_INTENT, i, SP_LIT("text"))), SP_OK);
        if (i % 7 != 0) continue;
        sp_status status;
        while ((status = spl_reader_next(reader, &entry, &diag)) == SP_OK) seen++;
        if (status != SP_ETRUNCATED) fail_msg("%s", diag.text);
        /* A segment that came up since is found by the next round at the latest. */
        while ((status = spl_reader_next(reader, &entry, &diag)) == SP_OK) seen++;
        assert_int_equal(status, SP_ETRUNCATED);
        assert_int_equal(seen, i + 1);
        assert_int_equal(help_verify(f).n_records, i + 1);
    }
    spl_writer_close(writer);
    spl_writer_close(second);
    while (spl_reader_next(reader, &entry, &diag) == SP_OK) seen++;
    assert_int_equal(seen, 400);
    spl_reader_close(reader);
}

/* ---- many threads ---- */

enum { THREADS = 4, PER_THREAD = 300, SUBMITTED = THREADS * PER_THREAD };

typedef struct submitter {
    pthread_t thread;
    spl_writer *writer;
    uint64_t first;
} submitter;

static void *submit_many(void *arg)
{
    const submitter *s = arg;
    for (uint64_t i = 0; i < PER_THREAD; i++) {
        spl_writer_submit(s->writer, help_batch(SP_RECORD_INTENT, s->first + i, SP_LIT("t")));
    }
    return NULL;
}

static void four_threads_submit_and_each_keeps_its_order(void **state)
{
    const folder *f = *state;
    submitter s[THREADS];
    uint64_t next[THREADS];
    spl_writer *writer = help_writer(f, 0, 256 << 10);
    for (size_t i = 0; i < THREADS; i++) {
        s[i] = (submitter){.writer = writer, .first = i * 1000};
        next[i] = s[i].first;
        assert_int_equal(pthread_create(&s[i].thread, NULL, submit_many, &s[i]), 0);
    }
    assert_int_equal(help_wait(writer, SUBMITTED), SUBMITTED);
    for (size_t i = 0; i < THREADS; i++) assert_int_equal(pthread_join(s[i].thread, NULL), 0);
    spl_writer_stats stats;
    spl_writer_get_stats(writer, &stats);
    assert_int_equal(stats.n_records, SUBMITTED);
    assert_true(stats.n_syncs <= stats.n_records);
    assert_true(stats.n_bytes > 0);
    spl_writer_close(writer);
    spl_reader *reader;
    spl_entry entry;
    assert_int_equal(spl_reader_open(&reader, f->path, NULL), SP_OK);
    while (spl_reader_next(reader, &entry, NULL) == SP_OK) {
        uint8_t id[SP_REQUEST_ID_BYTES];
        assert_true(sp_leaf_request_id(id, entry.leaf));
        const uint64_t number = help_number(id);
        assert_int_equal(number, next[number / 1000]++);
    }
    for (size_t i = 0; i < THREADS; i++) assert_int_equal(next[i], s[i].first + PER_THREAD);
    spl_reader_close(reader);
}

static void closing_commits_what_waits(void **state)
{
    const folder *f = *state;
    spl_writer *writer = help_writer(f, 0, SMALL);
    for (uint64_t i = 0; i < 50; i++) spl_writer_submit(writer, help_batch(SP_RECORD_INTENT, i, SP_LIT("x")));
    spl_writer_close(writer);
    assert_int_equal(help_verify(f).n_records, 50);
    spl_writer_close(NULL);
    spl_batch_free(NULL);
}

/* ---- failures ---- */

static void a_malformed_batch_fails_alone(void **state)
{
    const folder *f = *state;
    spl_writer *writer = help_writer(f, 0, SMALL);
    spl_batch *cut = help_batch(SP_RECORD_INTENT, 1, SP_LIT("text")), *empty = spl_batch_new(1000);
    cut->blocks.n--;
    spl_batch *no_memory = spl_batch_new(64);
    sp_write_bytes32(&no_memory->blocks, (sp_bytes){help_recipient, 32});
    sp_write_bytes32(&no_memory->blocks, (sp_bytes){help_recipient, 32});
    assert_int_equal(no_memory->blocks.status, SP_ENOMEM);
    spl_batch *good = help_batch(SP_RECORD_INTENT, 2, SP_LIT("text"));
    cut->next = empty;
    empty->next = no_memory;
    no_memory->next = good;
    spl_writer_submit(writer, cut);
    assert_int_equal(help_wait(writer, 4), 1);
    spl_writer_close(writer);
    assert_int_equal(help_verify(f).n_records, 1);
}

static void after_a_failed_sync_the_file_is_not_trusted(void **state)
{
    const folder *f = *state;
    spl_writer_stats stats;
    spl_writer *writer = help_writer(f, 0, SMALL);
    assert_int_equal(help_commit(writer, help_batch(SP_RECORD_INTENT, 1, SP_LIT("x"))), SP_OK);
    sync_failures = 1;
    assert_int_equal(help_commit(writer, help_batch(SP_RECORD_INTENT, 2, SP_LIT("x"))), SP_ERECORD);
    spl_writer_get_stats(writer, &stats);
    assert_true(stats.is_failing);
    assert_int_equal(stats.n_failed, 1);
    assert_int_equal(help_commit(writer, help_batch(SP_RECORD_INTENT, 3, SP_LIT("x"))), SP_OK);
    spl_writer_get_stats(writer, &stats);
    assert_false(stats.is_failing);
    spl_writer_close(writer);
    /* The bytes of the second one are in the first file, whole; nobody was told so, and nobody reads them. */
    assert_int_equal(help_read(f), 2);
    const spl_verdict v = help_verify(f);
    assert_int_equal(v.n_records, 2);
    assert_int_equal(v.n_segments, 2);
}

static void while_no_segment_can_be_opened_every_batch_fails(void **state)
{
    const folder *f = *state;
    spl_writer *writer = help_writer(f, 0, SMALL);
    sync_failures = 1;
    assert_int_equal(help_commit(writer, help_batch(SP_RECORD_INTENT, 1, SP_LIT("x"))), SP_ERECORD);
    assert_int_equal(chmod(f->path, 0500), 0);
    const bool is_root = geteuid() == 0; /* whom a mode does not stop: fail its header's sync instead */
    sync_failures = is_root ? 1 : 0;
    assert_int_equal(help_commit(writer, help_batch(SP_RECORD_INTENT, 2, SP_LIT("x"))), SP_ERECORD);
    assert_int_equal(chmod(f->path, 0700), 0);
    assert_int_equal(help_commit(writer, help_batch(SP_RECORD_INTENT, 3, SP_LIT("x"))), SP_OK);
    spl_writer_close(writer);
    assert_int_equal(help_verify(f).n_records, 1);
    assert_int_equal(folder_count(f, ".tmp"), 0);
}

/* In a process of its own, since the limit cannot be raised again for good: no file may grow or be written
 * beyond `bytes`. */
static void full_disk_child(const folder *f)
{
    struct rlimit limit = {.rlim_cur = 5000, .rlim_max = RLIM_INFINITY};
    static uint8_t big[3000];
    (void)signal(SIGXFSZ, SIG_IGN);
    spl_writer *writer = help_writer(f, 0, SMALL);
    int bad = help_commit(writer, help_batch(SP_RECORD_INTENT, 1, SP_LIT("x"))) != SP_OK;
    bad |= setrlimit(RLIMIT_FSIZE, &limit) != 0;
    bad |= help_commit(writer, help_batch(SP_RECORD_INTENT, 2, (sp_bytes){big, sizeof big})) != SP_ERECORD;
    bad |= help_commit(writer, help_batch(SP_RECORD_INTENT, 3, SP_LIT("x"))) != SP_ERECORD;
    limit.rlim_cur = RLIM_INFINITY;
    bad |= setrlimit(RLIMIT_FSIZE, &limit) != 0;
    bad |= help_commit(writer, help_batch(SP_RECORD_INTENT, 4, SP_LIT("x"))) != SP_OK;
    spl_writer_close(writer);
    _exit(bad);
}

static void a_full_disk_fails_batches_until_there_is_room(void **state)
{
    const folder *f = *state;
    int status = 0;
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) full_disk_child(f);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_int_equal(help_verify(f).n_records, 2);
    assert_int_equal(help_read(f), 2);
    assert_int_equal(folder_count(f, ".tmp"), 0);
}

/* It would be a worker that nginx does not start again. */
static void a_writer_that_may_wait_gets_its_slot_when_the_disk_lets_it(void **state)
{
    const folder *f = *state;
    char path[SPL_PATH_MAX], away[SPL_PATH_MAX];
    sp_diag diag = {0};
    spl_writer *writer;
    spl_writer_stats stats;
    const spl_writer_options options = {.folder = f->path, .segment_bytes = SMALL, .may_wait = true};
    assert_int_equal(spl__path(path, f->path, "slot-00000000.lock"), 0);
    assert_int_equal(spl__path(away, f->path, "away"), 0);
    assert_int_equal(mkdir(path, 0700), 0); /* whoever the tests run as: no file of that name can be opened */
    assert_int_equal(spl_writer_open(&writer, &options, &diag), SP_OK);
    assert_non_null(strstr(diag.text, "cannot lock a ledger slot"));
    spl_writer_get_stats(writer, &stats);
    assert_false(stats.has_slot);
    assert_true(stats.is_failing);
    assert_int_equal(help_commit(writer, help_batch(SP_RECORD_INTENT, 1, SP_LIT("x"))), SP_ERECORD);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(help_commit(writer, help_batch(SP_RECORD_INTENT, 2, SP_LIT("x"))), SP_OK);
    spl_writer_get_stats(writer, &stats);
    assert_true(stats.has_slot);
    assert_false(stats.is_failing);
    spl_writer_close(writer);
    assert_int_equal(help_verify(f).n_records, 1);
    /* By itself, when nobody asks: who routes by readiness sends nothing to a worker that is not ready. */
    assert_int_equal(rename(path, away), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(spl_writer_open(&writer, &options, &diag), SP_OK);
    spl_writer_get_stats(writer, &stats);
    assert_false(stats.has_slot);
    assert_int_equal(rmdir(path), 0);
    for (int i = 0; i < 1000 && !stats.has_slot; i++) {
        (void)usleep(10000);
        spl_writer_get_stats(writer, &stats);
    }
    assert_true(stats.has_slot);
    spl_writer_close(writer);
}

static void a_missing_folder_is_told(void **state)
{
    (void)state;
    sp_diag diag = {0};
    spl_writer *writer;
    spl_reader *reader;
    spl_verdict v;
    uint32_t n_lost;
    const uint8_t random[16] = {1};
    const spl_writer_options options = {.folder = "/nonexistent/ledger", .segment_bytes = SMALL};
    assert_int_equal(spl_writer_open(&writer, &options, &diag), SP_ERECORD);
    assert_null(writer);
    assert_non_null(strstr(diag.text, "No such file"));
    assert_int_equal(spl_reader_open(&reader, "/nonexistent/ledger", &diag), SP_ERECORD);
    assert_int_equal(spl_verify(&v, "/nonexistent/ledger", SP_BYTES_EMPTY), SP_ERECORD);
    assert_int_equal(spl_recover("/nonexistent/ledger", 1, random, &n_lost, &diag), SP_ERECORD);
    assert_int_equal(spl_spares("/nonexistent/ledger", SMALL, 1, &diag), SP_ERECORD);
}

int main(void)
{
#define ONE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        ONE(what_is_written_is_read_in_order_with_its_hash),
        ONE(blocks_of_an_entry_open_and_leave_the_entry_valid),
        ONE(no_plaintext_is_in_the_files),
        ONE(a_full_segment_is_followed_by_the_next),
        ONE(a_batch_larger_than_a_segment_gets_one_of_its_size),
        ONE(a_restarted_writer_continues_the_chain),
        ONE(spares_are_used_up_first),
        ONE(a_busy_slot_is_left_to_its_writer),
        ONE(a_live_log_can_be_followed),
        ONE(four_threads_submit_and_each_keeps_its_order),
        ONE(closing_commits_what_waits),
        ONE(a_malformed_batch_fails_alone),
        ONE(after_a_failed_sync_the_file_is_not_trusted),
        ONE(while_no_segment_can_be_opened_every_batch_fails),
        ONE(a_full_disk_fails_batches_until_there_is_room),
        ONE(a_writer_that_may_wait_gets_its_slot_when_the_disk_lets_it),
        ONE(a_missing_folder_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
