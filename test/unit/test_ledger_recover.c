/* After a stop of any kind: what was durable is there, what was torn is cut, every intent has an end. */
#include "ledger_help.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

enum { SMALL = 64 << 10, KILL_ROUNDS = 20 };

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

static sp_status try_recover(const folder *f, uint32_t *n_lost)
{
    static uint64_t round;
    uint8_t random[16] = {0xee};
    sp_diag diag = {0};
    round++;
    memcpy(random + 8, &round, sizeof round);
    const sp_status status = spl_recover(f->path, 5000, random, n_lost, &diag);
    if (status != SP_OK && status != SP_EBUSY) fail_msg("%s", diag.text);
    return status;
}

static uint32_t recover(const folder *f)
{
    uint32_t n_lost = 0;
    assert_int_equal(try_recover(f, &n_lost), SP_OK);
    return n_lost;
}

/* Writes batches in a process of its own that ends without closing anything. */
static void leave_open(const folder *f, uint32_t slot, uint64_t first, uint64_t n)
{
    int status = 0;
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        spl_writer *writer = help_writer(f, slot, SMALL);
        for (uint64_t i = first; i < first + n; i++) {
            if (help_commit(writer, help_batch(SP_RECORD_INTENT, i, SP_LIT("text"))) != SP_OK) _exit(1);
        }
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

/* Where frame `seq` of a segment starts. */
static uint64_t frame_at(const folder *f, const char *name, uint64_t seq)
{
    spl__scan scan;
    spl__frame frame = {0};
    spl__damage damage;
    assert_int_equal(spl__scan_open(&scan, f->path, name, NULL), SP_OK);
    while (frame.seq < seq) assert_int_equal(spl__scan_next(&scan, &frame, &damage), SPL_STEP_FRAME);
    spl__scan_close(&scan);
    return frame.offset;
}

/* ---- losses ---- */

static void each_intent_without_an_end_gets_a_loss_record(void **state)
{
    const folder *f = *state;
    spl_writer *writer = help_writer(f, 0, SMALL);
    assert_int_equal(help_commit(writer, help_batch(SP_RECORD_INTENT, 1, SP_LIT("x"))), SP_OK);
    assert_int_equal(help_commit(writer, help_batch(SP_RECORD_INTENT, 2, SP_LIT("x"))), SP_OK);
    assert_int_equal(help_commit(writer, help_batch(SP_RECORD_ANSWER, 2, SP_LIT("x"))), SP_OK);
    assert_int_equal(help_commit(writer, help_batch(SP_RECORD_OUTCOME, 1, SP_LIT("x"))), SP_OK);
    assert_int_equal(help_commit(writer, help_batch(SP_RECORD_REFUSAL, 3, SP_LIT("x"))), SP_OK);
    spl_writer_close(writer);
    leave_open(f, 1, 4, 1);
    assert_int_equal(recover(f), 2);
    spl_reader *reader;
    spl_entry entry;
    sp_arena arena;
    uint64_t losses = 0;
    sp_arena_init(&arena, 1 << 20);
    assert_int_equal(spl_reader_open(&reader, f->path, NULL), SP_OK);
    while (spl_reader_next(reader, &entry, NULL) == SP_OK) {
        sp_record record;
        assert_int_equal(sp_record_decode(&record, entry.leaf, &arena.mem), SP_OK);
        if (record.kind != SP_RECORD_LOSS) continue;
        assert_int_equal(help_number(record.request_id),
                         losses == 0 ? 2 : 4); /* in the order of their intents */
        assert_int_equal(record.status, SP_ELOST);
        assert_int_equal(record.attempt, 1);
        assert_int_equal(record.at_ns, 5000);
        assert_int_equal(record.generation, 3);
        assert_bytes(record.application, SP_LIT("intranet"));
        assert_bytes(record.model, SP_LIT("assistant"));
        assert_bytes(record.destination, SP_LIT("local"));
        losses++;
    }
    assert_int_equal(losses, 2);
    spl_reader_close(reader);
    sp_arena_fini(&arena);
    (void)help_verify(f);
}

static void what_is_settled_is_not_lost_again(void **state)
{
    const folder *f = *state;
    assert_int_equal(recover(f), 0); /* an empty folder */
    assert_int_equal(folder_count(f, ".seg"), 0);
    leave_open(f, 0, 1, 3);
    assert_int_equal(recover(f), 3);
    const size_t n = folder_count(f, ".seg");
    assert_int_equal(recover(f), 0);
    assert_int_equal(folder_count(f, ".seg"), n);
    leave_open(f, 0, 10, 2);
    assert_int_equal(recover(f), 2);
    assert_int_equal(help_verify(f).n_records, 3 + 3 + 2 + 2);
}

static void a_running_writer_keeps_recovery_away(void **state)
{
    const folder *f = *state;
    const uint8_t random[16] = {1};
    uint32_t n_lost;
    sp_diag diag;
    spl_writer *writer = help_writer(f, 0, SMALL);
    assert_int_equal(spl_recover(f->path, 1, random, &n_lost, &diag), SP_EBUSY);
    spl_writer_close(writer);
    assert_int_equal(recover(f), 0);
}

static void half_made_files_are_removed(void **state)
{
    const folder *f = *state;
    file_write(f, "claim-00.tmp", (const uint8_t *)"x", 1);
    file_write(f, "spare-00.tmp", (const uint8_t *)"x", 1);
    file_write(f, "spare-00.ready", (const uint8_t *)"x", 1);
    (void)recover(f);
    assert_int_equal(folder_count(f, ".tmp"), 0);
    assert_int_equal(folder_count(f, ".ready"), 1);
}

/* ---- torn tails ---- */

static void a_torn_tail_is_cut_wherever_it_was_torn(void **state)
{
    const folder *f = *state;
    char name[SPL_NAME_BYTES];
    size_t n;
    leave_open(f, 0, 1, 4);
    folder_segment(f, 0, name);
    uint8_t *whole = file_read(f, name, &n);
    const uint64_t last = frame_at(f, name, 7), end = frame_at(f, name, 8) + spl__frame_bytes(0);
    help_state(f, name, last); /* the power went before the last sync returned */
    static const uint8_t zeros[8192];
    for (uint64_t at = last; at < end; at += 13) {
        char seen[SPL_NAME_BYTES];
        while (folder_count(f, ".seg") > 0) {
            char path[SPL_PATH_MAX];
            folder_segment(f, 0, seen);
            assert_int_equal(spl__path(path, f->path, seen), 0);
            assert_int_equal(unlink(path), 0);
        }
        file_write(f, name, whole, n);
        file_patch(f, name, at, zeros, 2048);
        spl_verdict v;
        assert_int_equal(spl_verify(&v, f->path, SP_BYTES_EMPTY), SP_OK);
        assert_int_equal(v.n_records, 3);
        /* A cut inside zeros leaves a frame that is complete but for nothing: then it is no tear. */
        assert_true(v.n_torn <= 1);
        assert_int_equal(recover(f), 3);
        v = help_verify(f);
        assert_int_equal(v.n_records, 6);
        assert_int_equal(v.n_torn, 0);
        assert_int_equal(help_read(f), 6);
    }
    free(whole);
}

/* One sync, three batches: the disk wrote the second and third, the first is missing. Nobody was told that
 * any is durable. */
static void pages_written_out_of_order_are_torn_not_damaged(void **state)
{
    const folder *f = *state;
    char name[SPL_NAME_BYTES];
    int status = 0;
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        spl_writer *writer = help_writer(f, 0, SMALL);
        if (help_commit(writer, help_batch(SP_RECORD_INTENT, 1, SP_LIT("x"))) != SP_OK) _exit(1);
        spl_batch *list = help_batch(SP_RECORD_INTENT, 2, SP_LIT("x"));
        list->next = help_batch(SP_RECORD_INTENT, 3, SP_LIT("x"));
        list->next->next = help_batch(SP_RECORD_INTENT, 4, SP_LIT("x"));
        spl_writer_submit(writer, list);
        _exit(help_wait(writer, 3) == 3 ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    folder_segment(f, 0, name);
    static const uint8_t zeros[100];
    help_state(f, name, frame_at(f, name, 3));
    file_patch(f, name, frame_at(f, name, 3), zeros, sizeof zeros);
    spl_verdict v;
    assert_int_equal(spl_verify(&v, f->path, SP_BYTES_EMPTY), SP_OK);
    assert_int_equal(v.n_records, 1);
    assert_int_equal(v.n_torn, 1);
    assert_int_equal(recover(f), 1);
    assert_int_equal(help_verify(f).n_records, 2);
}

/* The same zeros, but a later sync says that the frame was durable: what is there stays for `verify` to tell,
 * what can be read of it gets its end, and the slot's writer goes on in another chain. */
static void damage_in_an_open_segment_is_never_cut(void **state)
{
    const folder *f = *state;
    char name[SPL_NAME_BYTES];
    size_t n, n_after;
    const uint8_t random[16] = {1};
    uint32_t n_lost;
    sp_diag diag = {0};
    leave_open(f, 0, 1, 4);
    folder_segment(f, 0, name);
    static const uint8_t zeros[100];
    file_patch(f, name, frame_at(f, name, 3), zeros, sizeof zeros);
    uint8_t *before = file_read(f, name, &n);
    assert_int_equal(spl_recover(f->path, 1, random, &n_lost, &diag), SP_ECORRUPT);
    assert_non_null(strstr(diag.text, name));
    assert_int_equal(n_lost, 4); /* a block was damaged: its record is read */
    for (int i = 0; i < 2; i++) {
        spl_writer *writer;
        const spl_writer_options options = {.folder = f->path, .segment_bytes = SMALL, .created_ns = 2};
        diag = (sp_diag){0};
        assert_int_equal(spl_writer_open(&writer, &options, &diag), SP_OK);
        assert_non_null(strstr(diag.text, name));
        assert_non_null(strstr(diag.text, "offset"));
        assert_int_equal(help_commit(writer, help_batch(SP_RECORD_OUTCOME, 9, SP_LIT("x"))), SP_OK);
        spl_writer_close(writer);
        assert_int_equal(spl_recover(f->path, 1, random, &n_lost, &diag), SP_OK);
        assert_int_equal(n_lost, 0);
    }
    uint8_t *after = file_read(f, name, &n_after);
    assert_int_equal(n, n_after);
    assert_memory_equal(before, after, n);
    spl_verdict v;
    assert_int_equal(spl_verify(&v, f->path, SP_BYTES_EMPTY), SP_ECORRUPT);
    assert_non_null(strstr(v.first_bad, name));
    free(before);
    free(after);
}

/* ---- what the writer stated ---- */

static uint32_t recover_damaged(const folder *f, const char *name)
{
    const uint8_t random[16] = {0xcc};
    uint32_t n_lost;
    sp_diag diag = {0};
    assert_int_equal(spl_recover(f->path, 5000, random, &n_lost, &diag), SP_ECORRUPT);
    if (strstr(diag.text, name) == NULL) fail_msg("%s is not named: %s", name, diag.text);
    return n_lost;
}

static void flip(const folder *f, const char *name, uint64_t at)
{
    size_t n;
    uint8_t *bytes = file_read(f, name, &n);
    const uint8_t changed = bytes[at] ^ 1;
    file_patch(f, name, at, &changed, 1);
    free(bytes);
}

/* In the group that was synced last, behind which nothing was written. */
static void damage_in_what_was_synced_last_is_never_cut(void **state)
{
    const folder *f = *state;
    char name[SPL_NAME_BYTES], other[SPL_NAME_BYTES];
    size_t n, n_after;
    leave_open(f, 0, 1, 4);
    folder_segment(f, 0, name);
    flip(f, name, frame_at(f, name, 8) + SPL_FRAME_BYTES + 40);
    uint8_t *before = file_read(f, name, &n);
    assert_int_equal(recover_damaged(f, name), 3); /* what is unreadable has no end either */
    leave_open(f, 0, 9, 1);
    uint8_t *after = file_read(f, name, &n_after);
    assert_int_equal(n, n_after);
    assert_memory_equal(before, after, n);
    free(before);
    free(after);
    folder_segment(f, 2, other); /* behind that of the losses: another chain */
    assert_non_null(strstr(other, "-00010000-"));
    spl_verdict v;
    assert_int_equal(spl_verify(&v, f->path, SP_BYTES_EMPTY), SP_ECORRUPT);
    assert_int_equal(v.n_bad, 1);
    assert_non_null(strstr(v.first_bad, name));
}

/* Killed between the sync and the statement: what is there counts, and nothing is damaged. */
static void a_group_that_was_not_yet_stated_counts(void **state)
{
    const folder *f = *state;
    char name[SPL_NAME_BYTES];
    leave_open(f, 0, 1, 4);
    folder_segment(f, 0, name);
    help_state(f, name, frame_at(f, name, 7));
    assert_int_equal(help_verify(f).n_records, 4);
    assert_int_equal(recover(f), 4);
    assert_int_equal(help_verify(f).n_records, 8);
}

/* The slot's next segment is shorter than the one that the statement is of, and its first group is torn. */
static void a_statement_convicts_no_later_segment(void **state)
{
    const folder *f = *state;
    static const uint8_t zeros[100];
    char name[SPL_NAME_BYTES];
    size_t n, n_now;
    leave_open(f, 0, 1, 6);
    uint8_t *stated = file_read(f, "slot-00000000.lock", &n);
    assert_int_equal(recover(f), 6);
    leave_open(f, 0, 10, 1);
    folder_segment(f, 2, name);
    free(file_read(f, "slot-00000000.lock", &n_now));
    assert_int_equal(n, n_now);
    file_patch(f, "slot-00000000.lock", 0, stated, n); /* not synced: a power cut brings it back */
    free(stated);
    file_patch(f, name, frame_at(f, name, 1), zeros, sizeof zeros);
    assert_int_equal(help_verify(f).n_torn, 1);
    assert_int_equal(recover(f), 0);
    assert_int_equal(help_verify(f).n_torn, 0);
}

/* ---- recovery's own slot ---- */

/* A closed segment as it was before its end frame: whoever wrote it was stopped in front of that. */
static void reopen(const folder *f, const char *name)
{
    spl__header header;
    size_t n;
    uint8_t *bytes = file_read(f, name, &n);
    assert_int_equal(spl__header_parse(&header, bytes), SP_OK);
    uint8_t *whole = calloc(1, (size_t)header.size_bytes);
    assert_non_null(whole);
    memcpy(whole, bytes, n - SPL_END_BYTES);
    file_write(f, name, whole, (size_t)header.size_bytes);
    free(whole);
    free(bytes);
}

static sp_status append_acts(const folder *f, uint64_t first, uint64_t n, sp_diag *diag)
{
    spl_batch *batches[4];
    assert_true(n <= 4);
    for (uint64_t i = 0; i < n; i++) batches[i] = help_batch(SP_RECORD_REFUSAL, first + i, SP_BYTES_EMPTY);
    *diag = (sp_diag){0};
    const sp_status status = spl_own_append(f->path, batches, n, NULL, diag);
    for (uint64_t i = 0; i < n; i++) spl_batch_free(batches[i]);
    return status;
}

/* How many records of that request can be read. */
static size_t count_of(const folder *f, uint64_t number)
{
    spl_reader *reader;
    spl_entry entry;
    sp_status status;
    uint8_t id[SP_REQUEST_ID_BYTES];
    size_t n = 0;
    assert_int_equal(spl_reader_open(&reader, f->path, NULL), SP_OK);
    while ((status = spl_reader_next(reader, &entry, NULL)) != SP_ETRUNCATED) {
        n += status == SP_OK && sp_leaf_request_id(id, entry.leaf) && help_number(id) == number;
    }
    spl_reader_close(reader);
    return n;
}

static void losses_go_on_beside_damage_in_recoverys_own_slot(void **state)
{
    const folder *f = *state;
    char name[SPL_NAME_BYTES], next[SPL_NAME_BYTES];
    size_t n, n_after;
    spl_left left = {0};
    sp_diag diag = {0};
    const uint8_t random[16] = {0xbb};
    leave_open(f, 0, 1, 2);
    assert_int_equal(recover(f), 2);
    folder_segment(f, 1, name);
    assert_non_null(strstr(name, "-ffffffff-"));
    reopen(f, name);
    flip(f, name, frame_at(f, name, 2) + SPL_FRAME_BYTES + 40);
    uint8_t *before = file_read(f, name, &n);
    leave_open(f, 1, 10, 3);
    assert_int_equal(recover_damaged(f, name), 3 + 1); /* a loss that cannot be read comes again */
    folder_segment(f, 3, next);
    assert_non_null(strstr(next, "-fffffffe-"));
    assert_int_equal(count_of(f, 1), 2);
    assert_int_equal(count_of(f, 2), 2);
    assert_int_equal(recover(f), 0);
    leave_open(f, 1, 20, 1);
    assert_int_equal(spl_recover_left(&left, f->path, 6000, random, &diag), SP_ECORRUPT); /* told each time */
    assert_int_equal(left.n_lost, 1);
    assert_non_null(strstr(diag.text, name));
    uint8_t *after = file_read(f, name, &n_after);
    assert_int_equal(n, n_after);
    assert_memory_equal(before, after, n);
    free(after);
    free(before);
    spl_verdict v;
    assert_int_equal(spl_verify(&v, f->path, SP_BYTES_EMPTY), SP_ECORRUPT);
    assert_int_equal(v.n_bad, 1);
    assert_non_null(strstr(v.first_bad, name));
}

static void acts_go_on_beside_damage_in_recoverys_own_slot(void **state)
{
    const folder *f = *state;
    char name[SPL_NAME_BYTES];
    size_t n;
    sp_diag diag;
    assert_int_equal(append_acts(f, 1, 2, &diag), SP_OK);
    assert_int_equal(diag.code, SP_OK);
    folder_segment(f, 0, name);
    uint8_t *whole = file_read(f, name, &n);
    reopen(f, name);
    flip(f, name, frame_at(f, name, 2) + SPL_FRAME_BYTES + 40);
    for (int i = 0; i < 2; i++) { /* the second time they are found */
        assert_int_equal(append_acts(f, 1, 3, &diag), SP_OK);
        assert_int_equal(diag.code, SP_ECORRUPT);
        assert_non_null(strstr(diag.text, name));
        assert_int_equal(count_of(f, 1), 2); /* what lies beside the damage may not be durable */
        assert_int_equal(count_of(f, 2), 1);
        assert_int_equal(count_of(f, 3), 1);
    }
    file_write(f, name, whole, n); /* put back: its chain is gone on with */
    free(whole);
    assert_int_equal(append_acts(f, 3, 2, &diag), SP_OK);
    assert_int_equal(diag.code, SP_OK);
    assert_int_equal(count_of(f, 3), 1);
    assert_int_equal(count_of(f, 4), 1);
    (void)help_verify(f);
}

static void damage_in_a_closed_segment_is_told_and_the_rest_recovered(void **state)
{
    const folder *f = *state;
    char name[SPL_NAME_BYTES];
    const uint8_t random[16] = {1}, wrong = 0xff;
    uint32_t n_lost;
    sp_diag diag = {0};
    spl_writer *writer = help_writer(f, 0, SMALL);
    assert_int_equal(help_commit(writer, help_batch(SP_RECORD_INTENT, 1, SP_LIT("x"))), SP_OK);
    spl_writer_close(writer);
    folder_segment(f, 0, name);
    file_patch(f, name, frame_at(f, name, 1) + 100, &wrong, 1);
    leave_open(f, 1, 2, 1);
    assert_int_equal(spl_recover(f->path, 1, random, &n_lost, &diag), SP_ECORRUPT);
    assert_non_null(strstr(diag.text, name));
    assert_int_equal(n_lost, 2);
    writer = help_writer(f, 0, SMALL); /* and recording goes on */
    assert_int_equal(help_commit(writer, help_batch(SP_RECORD_INTENT, 3, SP_LIT("x"))), SP_OK);
    spl_writer_close(writer);
    spl_verdict v;
    assert_int_equal(spl_verify(&v, f->path, SP_BYTES_EMPTY), SP_ECORRUPT);
    assert_int_equal(v.n_bad, 2); /* the frame, and the record whose block it is */
}

/* A worker dies, the next one of its slot starts, all without a restart of the whole. */
static void a_new_worker_closes_what_its_predecessor_left(void **state)
{
    const folder *f = *state;
    leave_open(f, 3, 1, 2);
    spl_writer *writer = help_writer(f, 3, SMALL);
    assert_int_equal(help_commit(writer, help_batch(SP_RECORD_INTENT, 9, SP_LIT("x"))), SP_OK);
    spl_writer_close(writer);
    const spl_verdict v = help_verify(f);
    assert_int_equal(v.n_records, 3);
    assert_int_equal(v.n_torn, 0);
    assert_int_equal(recover(f), 3);
}

/* ---- kill -9 ---- */

/* Writes until it is killed; says each record on the pipe once it is durable. */
static void write_until_killed(const folder *f, int out, uint64_t base)
{
    spl_writer *writer;
    const spl_writer_options options = {.folder = f->path,
                                        .segment_bytes = SMALL,
                                        .created_ns = 1000,
                                        .random = {(uint8_t)(base >> 8), 0x77}};
    uint64_t next = base, n_in_flight = 0;
    if (spl_writer_open(&writer, &options, NULL) != SP_OK) _exit(1);
    for (;;) {
        while (n_in_flight < 16) {
            const uint8_t kind = next % 2 ? SP_RECORD_OUTCOME : SP_RECORD_INTENT;
            spl_batch *batch = help_batch(kind, next / 2, SP_LIT("some text"));
            batch->owner =
                (void *)(uintptr_t)next++; // NOLINT(performance-no-int-to-ptr): a number rides along
            spl_writer_submit(writer, batch);
            n_in_flight++;
        }
        struct pollfd p = {.fd = spl_writer_fd(writer), .events = POLLIN};
        (void)poll(&p, 1, 1000);
        for (spl_batch *b = spl_writer_done(writer); b != NULL;) {
            spl_batch *following = b->next;
            const uint64_t number = (uintptr_t)b->owner;
            if (b->status != SP_OK || write(out, &number, sizeof number) != sizeof number) _exit(1);
            spl_batch_free(b);
            b = following;
            n_in_flight--;
        }
    }
}

/* Reads the whole log; every number in `durable` has to be there, every intent has to have an end. */
static void check_log(const folder *f, const bool *durable, uint64_t n)
{
    spl_reader *reader;
    spl_entry entry;
    sp_diag diag = {0};
    sp_status status;
    bool *seen = calloc(n, 1), *ended = calloc(n, 1);
    assert_int_equal(spl_reader_open(&reader, f->path, &diag), SP_OK);
    while ((status = spl_reader_next(reader, &entry, &diag)) == SP_OK) {
        uint8_t id[SP_REQUEST_ID_BYTES];
        assert_true(sp_leaf_request_id(id, entry.leaf));
        const uint64_t number = help_number(id) * 2;
        assert_true(number + 1 < n);
        if (entry.leaf.p[3] == SP_RECORD_INTENT) seen[number] = true;
        if (entry.leaf.p[3] == SP_RECORD_OUTCOME) seen[number + 1] = ended[number] = true;
        if (entry.leaf.p[3] == SP_RECORD_LOSS) {
            assert_false(ended[number]);
            ended[number] = true;
        }
    }
    if (status != SP_ETRUNCATED) fail_msg("%s", diag.text);
    for (uint64_t i = 0; i < n; i++) {
        if (durable[i] && !seen[i])
            fail_msg("record %llu was reported as durable and is gone", (unsigned long long)i);
        if (i % 2 == 0 && seen[i]) assert_true(ended[i]);
    }
    spl_reader_close(reader);
    free(seen);
    free(ended);
}

static void read_durable(int in, bool *durable, uint64_t n)
{
    for (uint64_t number; read(in, &number, sizeof number) == sizeof number;) {
        assert_true(number < n);
        durable[number] = true;
    }
    (void)close(in);
}

static void killed_at_random_moments_nothing_durable_is_lost(void **state)
{
    enum { NUMBERS = 400000, PER_ROUND = NUMBERS / KILL_ROUNDS };
    const folder *f = *state;
    bool *durable = calloc(NUMBERS, 1);
    uint64_t rng = 4711;
    assert_non_null(durable);
    for (uint64_t round = 0; round < KILL_ROUNDS; round++) {
        int pipe_fds[2], status = 0;
        assert_int_equal(pipe(pipe_fds), 0);
        const pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) write_until_killed(f, pipe_fds[1], round * PER_ROUND);
        (void)close(pipe_fds[1]);
        const struct timespec pause = {.tv_nsec = (long)(2000000 + next_random(&rng) % 60000000)};
        (void)nanosleep(&pause, NULL);
        assert_int_equal(kill(pid, SIGKILL), 0);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status));
        read_durable(pipe_fds[0], durable, NUMBERS);
        (void)recover(f);
        check_log(f, durable, NUMBERS);
    }
    (void)help_verify(f);
    free(durable);
}

/* A daemon that was killed starts again beside an nginx that goes on: its recovery meets workers that begin.
 * What it took for the last of the dead must not be marked as settled when a worker began meanwhile. */
static void a_recovery_beside_writers_that_begin_settles_nothing_of_theirs(void **state)
{
    enum { NUMBERS = 400000, PER_ROUND = NUMBERS / KILL_ROUNDS, DEAD = 6 };
    const folder *f = *state;
    bool *durable = calloc(NUMBERS, 1);
    uint64_t rng = 815;
    assert_non_null(durable);
    for (uint64_t round = 0; round < KILL_ROUNDS; round++) {
        int pipe_fds[2], status = 0;
        uint32_t n_lost;
        for (uint32_t i = 1; i <= DEAD; i++) leave_open(f, i, (round + 1) * PER_ROUND / 2 - i, 1);
        assert_int_equal(pipe(pipe_fds), 0);
        const pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) write_until_killed(f, pipe_fds[1], round * PER_ROUND);
        (void)close(pipe_fds[1]);
        for (uint64_t i = 0, n = 1 + next_random(&rng) % 40; i < n; i++) (void)try_recover(f, &n_lost);
        assert_int_equal(kill(pid, SIGKILL), 0);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status));
        read_durable(pipe_fds[0], durable, NUMBERS);
        (void)recover(f);
        check_log(f, durable, NUMBERS);
    }
    (void)help_verify(f);
    free(durable);
}

/* ---- while others write ---- */

static uint32_t recover_left(const folder *f, spl_left *left)
{
    static uint64_t round;
    uint8_t random[16] = {0xdd};
    sp_diag diag = {0};
    round++;
    memcpy(random + 8, &round, sizeof round);
    if (spl_recover_left(left, f->path, 6000, random, &diag) != SP_OK) fail_msg("%s", diag.text);
    return left->n_lost;
}

static void the_dead_are_recovered_and_the_living_left_alone(void **state)
{
    const folder *f = *state;
    spl_left left = {0};
    spl_writer *living = help_writer(f, 0, SMALL);
    assert_int_equal(help_commit(living, help_batch(SP_RECORD_INTENT, 1, SP_LIT("x"))), SP_OK);
    assert_int_equal(recover_left(f, &left), 0);
    leave_open(f, 1, 10, 3); /* its slot is free */
    assert_int_equal(recover_left(f, &left), 3);
    assert_int_equal(recover_left(f, &left), 0);
    left = (spl_left){0}; /* the daemon was started again: what is recorded is not recorded twice */
    assert_int_equal(recover_left(f, &left), 0);
    assert_int_equal(help_commit(living, help_batch(SP_RECORD_OUTCOME, 1, SP_LIT("x"))), SP_OK);
    spl_writer_close(living);
    assert_int_equal(recover(f), 0); /* and a start finds nothing to add */
    assert_int_equal(help_verify(f).n_records, 1 + 3 + 3 + 1);
}

static void a_successor_in_the_same_slot_is_told_from_the_dead(void **state)
{
    const folder *f = *state;
    spl_left left = {0};
    spl_writer *draining = help_writer(f, 1, SMALL);
    assert_int_equal(help_commit(draining, help_batch(SP_RECORD_INTENT, 90, SP_LIT("x"))), SP_OK);
    leave_open(f, 0, 10, 2);
    spl_writer *successor = help_writer(f, 0, SMALL); /* closes what was left, and goes on */
    assert_int_equal(help_commit(successor, help_batch(SP_RECORD_INTENT, 20, SP_LIT("x"))), SP_OK);
    assert_int_equal(recover_left(f, &left), 2);
    assert_int_equal(help_commit(successor, help_batch(SP_RECORD_OUTCOME, 20, SP_LIT("x"))), SP_OK);
    assert_int_equal(help_commit(draining, help_batch(SP_RECORD_OUTCOME, 90, SP_LIT("x"))), SP_OK);
    spl_writer_close(successor);
    spl_writer_close(draining);
    assert_int_equal(recover_left(f, &left), 0);
    assert_int_equal(recover(f), 0);
    assert_int_equal(help_verify(f).n_records, 1 + 2 + 1 + 2 + 2);
}

/* A worker whose segment is older than one that is settled dies, and its successor has closed what it left
 * before anybody looks. */
static void the_dead_of_an_older_segment_are_not_missed(void **state)
{
    const folder *f = *state;
    spl_left left = {0};
    int held[2], status = 0;
    uint8_t byte = 0;
    assert_int_equal(pipe(held), 0);
    const pid_t older = fork();
    assert_true(older >= 0);
    if (older == 0) {
        spl_writer *writer = help_writer(f, 0, SMALL);
        if (help_commit(writer, help_batch(SP_RECORD_INTENT, 1, SP_LIT("x"))) != SP_OK) _exit(1);
        if (write(held[1], &byte, 1) != 1) _exit(1);
        for (;;) (void)pause();
    }
    (void)close(held[1]); /* so that a child that fails ends the read */
    assert_int_equal(read(held[0], &byte, 1), 1);
    leave_open(f, 1, 10, 2);
    assert_int_equal(recover_left(f, &left), 2);
    assert_int_equal(kill(older, SIGKILL), 0);
    assert_int_equal(waitpid(older, &status, 0), older);
    spl_writer *successor = help_writer(f, 0, SMALL);
    assert_int_equal(recover_left(f, &left), 1);
    assert_int_equal(recover_left(f, &left), 0);
    spl_writer_close(successor);
    assert_int_equal(recover(f), 0);
    (void)close(held[0]);
}

/* Intent in one segment, outcome in a later one of the same writer: as long as it lives nothing is lost. */
static void a_living_writers_full_segments_are_not_dead(void **state)
{
    const folder *f = *state;
    static const uint8_t big[40 << 10];
    spl_left left = {0};
    spl_writer *writer = help_writer(f, 0, SMALL);
    for (uint64_t i = 1; i <= 4; i++) {
        assert_int_equal(help_commit(writer, help_batch(SP_RECORD_INTENT, i, (sp_bytes){big, sizeof big})),
                         SP_OK);
    }
    assert_true(folder_count(f, ".seg") > 2);
    assert_int_equal(recover_left(f, &left), 0);
    for (uint64_t i = 1; i <= 4; i++) {
        assert_int_equal(help_commit(writer, help_batch(SP_RECORD_OUTCOME, i, SP_LIT("x"))), SP_OK);
    }
    spl_writer_close(writer);
    assert_int_equal(recover_left(f, &left), 0);
    assert_int_equal(recover(f), 0);
}

/* What was recovered beside the living marks nothing as settled: a living writer's older segment is read at
 * the next start. */
static void losses_beside_the_living_settle_nothing_else(void **state)
{
    const folder *f = *state;
    spl_left left = {0};
    leave_open(f, 0, 1, 1);
    spl_writer *living = help_writer(f, 1, SMALL);
    assert_int_equal(help_commit(living, help_batch(SP_RECORD_INTENT, 2, SP_LIT("x"))), SP_OK);
    assert_int_equal(recover_left(f, &left), 1);
    spl_writer_close(living);
    assert_int_equal(recover(f), 1);
    assert_int_equal(recover(f), 0);
}

/* A segment of losses without its end frame, by a kill or a disk that fails, is closed by whoever writes the
 * slot next: not as the mark of a recovery that was finished, behind which nothing is read again. */
static void losses_that_were_cut_short_settle_nothing(void **state)
{
    const folder *f = *state;
    char name[SPL_NAME_BYTES];
    sp_diag diag;
    for (uint64_t i = 0; i < 2; i++) {
        spl_left left = {0};
        spl_writer *living = help_writer(f, 1, SMALL);
        assert_int_equal(help_commit(living, help_batch(SP_RECORD_INTENT, 10 * i + 2, SP_LIT("x"))), SP_OK);
        leave_open(f, 0, 10 * i + 1, 1);
        assert_int_equal(recover_left(f, &left), 1);
        folder_segment(f, folder_count(f, ".seg") - 1, name);
        assert_non_null(strstr(name, "-ffffffff-"));
        reopen(f, name);
        if (i == 0) {
            leave_open(f, 2, 3, 1);
            assert_int_equal(recover_left(f, &left), 1);
        } else {
            assert_int_equal(append_acts(f, 30, 1, &diag), SP_OK);
        }
        spl_writer_close(living);
        assert_int_equal(recover(f), 1);
        assert_int_equal(recover(f), 0);
    }
    (void)help_verify(f);
}

static void claims_of_the_living_stay(void **state)
{
    const folder *f = *state;
    const uint8_t random[16] = {1};
    uint32_t n_lost;
    spl_writer *writer = help_writer(f, 0, SMALL);
    file_write(f, "claim-00.tmp", (const uint8_t *)"x", 1);
    assert_int_equal(spl_recover(f->path, 1, random, &n_lost, NULL), SP_EBUSY);
    assert_int_equal(folder_count(f, ".tmp"), 1);
    spl_writer_close(writer);
}

int main(void)
{
#define ONE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        ONE(each_intent_without_an_end_gets_a_loss_record),
        ONE(what_is_settled_is_not_lost_again),
        ONE(a_running_writer_keeps_recovery_away),
        ONE(half_made_files_are_removed),
        ONE(the_dead_are_recovered_and_the_living_left_alone),
        ONE(a_successor_in_the_same_slot_is_told_from_the_dead),
        ONE(the_dead_of_an_older_segment_are_not_missed),
        ONE(a_living_writers_full_segments_are_not_dead),
        ONE(losses_beside_the_living_settle_nothing_else),
        ONE(losses_that_were_cut_short_settle_nothing),
        ONE(claims_of_the_living_stay),
        ONE(a_torn_tail_is_cut_wherever_it_was_torn),
        ONE(pages_written_out_of_order_are_torn_not_damaged),
        ONE(damage_in_an_open_segment_is_never_cut),
        ONE(damage_in_what_was_synced_last_is_never_cut),
        ONE(a_group_that_was_not_yet_stated_counts),
        ONE(a_statement_convicts_no_later_segment),
        ONE(losses_go_on_beside_damage_in_recoverys_own_slot),
        ONE(acts_go_on_beside_damage_in_recoverys_own_slot),
        ONE(damage_in_a_closed_segment_is_told_and_the_rest_recovered),
        ONE(a_new_worker_closes_what_its_predecessor_left),
        ONE(killed_at_random_moments_nothing_durable_is_lost),
        ONE(a_recovery_beside_writers_that_begin_settles_nothing_of_theirs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
