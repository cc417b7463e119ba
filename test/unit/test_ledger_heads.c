/* What was cut off the end of the ledger is missed, and nothing else is: heads are never ahead of what is
 * durable, and follow only what continues them. */
#include "ledger_help.h"

enum { SMALL = 64 << 10 };

/* What the daemon keeps. */
typedef struct keeper {
    folder f;
    sp_arena arena;
    sp_buf heads;
    sp_diag diag;
} keeper;

static void keeper_init(keeper *k)
{
    folder_make(&k->f);
    sp_arena_init(&k->arena, 1 << 20);
    k->heads = SP_BUF_IN(&k->arena.mem);
    k->diag = (sp_diag){0};
}

static void keeper_fini(keeper *k)
{
    sp_arena_fini(&k->arena);
    folder_remove(&k->f);
}

static sp_status keep(keeper *k)
{
    sp_buf now = SP_BUF_IN(&k->arena.mem);
    const sp_status status = spl_heads_collect(&now, k->f.path, sp_buf_bytes(&k->heads), &k->diag);
    if (status == SP_OK) k->heads = now;
    if (status == SP_ECORRUPT && now.n > 0) assert_int_equal(now.n, k->heads.n);
    return status;
}

static spl_verdict verified(const keeper *k, sp_status wanted)
{
    spl_verdict v;
    const sp_status status = spl_verify(&v, k->f.path, sp_buf_bytes(&k->heads));
    if (status != wanted) fail_msg("%d: %s", status, v.first_bad);
    return v;
}

static void record(spl_writer *writer, uint64_t from, uint64_t to)
{
    for (uint64_t i = from; i <= to; i++) {
        assert_int_equal(help_commit(writer, help_batch(SP_RECORD_OUTCOME, i, SP_LIT("an answer"))), SP_OK);
    }
}

/* n records of slot 2, the writer gone: closed, or as a kill leaves it (`is_open`), and kept. */
static void recorded(keeper *k, uint64_t n, bool is_open, char name[SPL_NAME_BYTES])
{
    spl_writer *writer = help_writer(&k->f, 2, SMALL);
    uint8_t *bytes = NULL;
    size_t length = 0;
    record(writer, 1, n);
    assert_int_equal(keep(k), SP_OK);
    folder_segment(&k->f, folder_count(&k->f, ".seg") - 1, name);
    if (is_open) bytes = file_read(&k->f, name, &length);
    spl_writer_close(writer);
    if (is_open) file_write(&k->f, name, bytes, length);
    free(bytes);
}

/* Offsets where the frames of a segment start; the last is the end of the last one. */
static size_t frame_starts(const keeper *k, const char *name, uint64_t starts[64])
{
    spl__scan scan;
    spl__frame frame;
    spl__damage damage;
    size_t n = 0;
    assert_int_equal(spl__scan_open(&scan, k->f.path, name, NULL), SP_OK);
    while (spl__scan_next(&scan, &frame, &damage) == SPL_STEP_FRAME && n < 62) starts[n++] = frame.offset;
    starts[n++] = scan.is_ended ? scan.end_offset : scan.offset;
    spl__scan_close(&scan);
    return n;
}

/* ---- rows ---- */

static void a_row_reads_back_and_no_changed_one_does(void **state)
{
    (void)state;
    char row[SPL_HEAD_BYTES + 1];
    spl__head back;
    const spl__header header = {.slot = 0x10002, .id = {0xf0, 0x0d, 1, 2}, .created_ns = 77};
    spl__head head = {.slot = 0x10002, .offset = 4096 + 88, .n_records = UINT64_MAX, .chain = {9, 8, 7}};
    spl__name(head.name, &header);
    spl__head_encode(row, &head);
    assert_int_equal(strlen(row), SPL_HEAD_BYTES);
    const sp_bytes whole = {(const uint8_t *)row, SPL_HEAD_BYTES};
    assert_true(spl__head_parse(&back, whole));
    assert_string_equal(back.name, head.name);
    assert_int_equal(back.slot, head.slot);
    assert_int_equal(back.offset, head.offset);
    assert_int_equal(back.n_records, head.n_records);
    assert_memory_equal(back.chain, head.chain, sizeof head.chain);
    for (size_t i = 0; i < SPL_HEAD_BYTES; i++) {
        row[i] ^= 1;
        assert_false(spl__head_parse(&back, whole));
        row[i] ^= 1;
        assert_false(spl__head_parse(&back, sp_bytes_sub(whole, 0, i)));
    }
}

static void a_statement_reads_back_in_its_own_file_only(void **state)
{
    (void)state;
    char text[SPL_STATED_BYTES + 1];
    spl__head back;
    const spl__header header = {.slot = 2, .id = {0xf0}, .created_ns = 77};
    const spl__place place = {.inode = 7, .born_ns = 9}, later = {.inode = 7, .born_ns = 10},
                     other = {.inode = 8, .born_ns = 9};
    spl__head head = {.slot = 2, .offset = 5000, .n_records = 3};
    spl__name(head.name, &header);
    spl__stated_encode(text, &head, &place);
    assert_int_equal(strlen(text), SPL_STATED_BYTES);
    const sp_bytes whole = {(const uint8_t *)text, SPL_STATED_BYTES};
    assert_true(spl__stated_parse(&back, whole, &place));
    assert_int_equal(back.offset, 5000);
    assert_false(spl__stated_parse(&back, whole, &later));
    assert_false(spl__stated_parse(&back, whole, &other));
    for (size_t i = 0; i < SPL_STATED_BYTES; i++) {
        text[i] ^= 1;
        assert_false(spl__stated_parse(&back, whole, &place));
        text[i] ^= 1;
        assert_false(spl__stated_parse(&back, sp_bytes_sub(whole, 0, i), &place));
    }
}

/* ---- what is missed ---- */

static void a_newest_segment_that_is_removed_is_missed(void **state)
{
    (void)state;
    keeper k;
    char name[SPL_NAME_BYTES], path[SPL_PATH_MAX];
    keeper_init(&k);
    recorded(&k, 3, false, name);
    recorded(&k, 2, false, name);
    assert_int_equal(verified(&k, SP_OK).n_heads, 1);
    assert_int_equal(spl__path(path, k.f.path, name), 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(help_verify(&k.f).n_bad, 0); /* the ledger alone does not tell */
    const spl_verdict v = verified(&k, SP_ECORRUPT);
    assert_int_equal(v.n_cut, 1);
    assert_string_equal(v.first_cut.segment, name);
    assert_int_equal(v.first_cut.slot, 2);
    assert_int_equal(v.first_cut.n_records, 5);
    assert_non_null(strstr(v.first_bad, "slot 2 is missing, with records up to number 5: put back a copy"));
    /* A gateway that goes on without it does not make it forgotten. */
    spl_writer *writer = help_writer(&k.f, 2, SMALL);
    record(writer, 11, 19);
    assert_int_equal(keep(&k), SP_ECORRUPT);
    assert_non_null(strstr(k.diag.text, "slot 2 goes on without records that it held"));
    spl_writer_close(writer);
    assert_int_equal(verified(&k, SP_ECORRUPT).n_cut, 1);
    keeper_fini(&k);
}

static void a_tail_that_is_cut_off_at_any_frame_is_missed(void **state)
{
    (void)state;
    keeper k;
    char name[SPL_NAME_BYTES];
    uint64_t starts[64];
    size_t length;
    keeper_init(&k);
    recorded(&k, 4, true, name);
    uint8_t *bytes = file_read(&k.f, name, &length);
    const size_t n = frame_starts(&k, name, starts);
    assert_int_equal(n, 2 * 4 + 1);
    help_unstate(&k.f, 2); /* whoever cuts it takes that out as well */
    for (size_t i = 0; i < n; i++) {
        const uint64_t at = starts[i];
        file_write(&k.f, name, bytes, length);
        uint8_t *zeros = calloc(1, length - at);
        assert_non_null(zeros);
        file_patch(&k.f, name, at, zeros, length - at);
        assert_int_equal(help_verify(&k.f).n_bad, 0);
        const spl_verdict v = verified(&k, i + 1 < n ? SP_ECORRUPT : SP_OK);
        assert_int_equal(v.n_cut, i + 1 < n);
        if (i + 1 < n) {
            assert_int_equal(v.first_cut.found_offset, at);
            assert_int_equal(v.first_cut.found_records, i / 2);
            assert_int_equal(v.first_cut.n_records, 4);
            assert_non_null(strstr(v.first_bad, "slot 2 misses its last "));
        }
        /* Trailing junk where recovery would cut makes it no better. */
        if (i + 1 < n) {
            file_patch(&k.f, name, at, "SPLF junk", 9);
            assert_int_equal(verified(&k, SP_ECORRUPT).n_cut, 1);
        }
        free(zeros);
    }
    free(bytes);
    keeper_fini(&k);
}

/* With what its writer stated beside it the ledger itself tells where the hole begins. */
static void a_tail_that_is_cut_off_below_what_was_stated_is_damage(void **state)
{
    (void)state;
    keeper k;
    char name[SPL_NAME_BYTES];
    uint64_t starts[64];
    size_t length;
    keeper_init(&k);
    recorded(&k, 4, true, name);
    uint8_t *bytes = file_read(&k.f, name, &length);
    const size_t n = frame_starts(&k, name, starts);
    for (size_t i = 0; i + 1 < n; i++) {
        spl_verdict v;
        char place[32];
        uint8_t *zeros = calloc(1, length - starts[i]);
        assert_non_null(zeros);
        file_write(&k.f, name, bytes, length);
        file_patch(&k.f, name, starts[i], zeros, length - starts[i]);
        assert_int_equal(spl_verify(&v, k.f.path, SP_BYTES_EMPTY), SP_ECORRUPT);
        (void)snprintf(place, sizeof place, "offset %llu, ", (unsigned long long)starts[i]);
        assert_non_null(strstr(v.first_bad, name));
        assert_non_null(strstr(v.first_bad, place));
        assert_int_equal(v.n_bad, 1);
        v = verified(&k, SP_ECORRUPT);
        assert_int_equal(v.n_cut, 0); /* it was told as damage */
        free(zeros);
    }
    free(bytes);
    keeper_fini(&k);
}

/* The whole segment made anew, as somebody can who may write the files: all in itself right. */
static void a_segment_with_other_records_is_not_taken_for_it(void **state)
{
    (void)state;
    keeper k;
    char name[SPL_NAME_BYTES];
    spl__tail tail;
    const uint8_t random[16] = {1};
    keeper_init(&k);
    recorded(&k, 3, false, name);
    uint8_t head[SPL_HEADER_BYTES];
    size_t length;
    uint8_t *old = file_read(&k.f, name, &length);
    memcpy(head, old, sizeof head);
    free(old);
    spl__header header;
    assert_int_equal(spl__header_parse(&header, head), SP_OK);
    char path[SPL_PATH_MAX];
    assert_int_equal(spl__path(path, k.f.path, name), 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(spl__tail_init(&tail, k.f.path, 2, random, NULL), SP_OK);
    assert_int_equal(spl__tail_open_segment(&tail, header.created_ns, 0), 0);
    memcpy(tail.header.id, header.id,
           sizeof header.id); /* frames under the old id, then its header and name */
    for (uint64_t i = 21; i <= 23; i++) {
        spl_batch *batch = help_batch(SP_RECORD_OUTCOME, i, SP_LIT("an answer"));
        spl__tail_commit(&tail, batch);
        assert_int_equal(batch->status, SP_OK);
        spl_batch_free(batch);
    }
    spl__tail_fini(&tail, SPL_REASON_STOPPED);
    char made[SPL_NAME_BYTES], from[SPL_PATH_MAX];
    folder_segment(&k.f, 0, made);
    header.size_bytes = SMALL;
    spl__header_encode(head, &header);
    file_patch(&k.f, made, 0, head, sizeof head);
    assert_int_equal(spl__path(from, k.f.path, made), 0);
    assert_int_equal(rename(from, path), 0);
    assert_int_equal(help_verify(&k.f).n_bad, 0);
    const spl_verdict v = verified(&k, SP_ECORRUPT);
    assert_int_equal(v.n_cut, 1);
    assert_non_null(strstr(v.first_bad, "was written anew up to here, with other records"));
    keeper_fini(&k);
}

static void what_is_appended_to_a_closed_segment_is_damage(void **state)
{
    (void)state;
    keeper k;
    char name[SPL_NAME_BYTES];
    keeper_init(&k);
    recorded(&k, 2, false, name);
    size_t n;
    uint8_t *bytes = file_read(&k.f, name, &n);
    free(bytes);
    file_patch(&k.f, name, n, "junk", 4);
    const spl_verdict v = verified(&k, SP_ECORRUPT);
    assert_non_null(strstr(v.first_bad, "something was appended behind the end of the segment"));
    assert_int_equal(v.n_cut, 0);
    keeper_fini(&k);
}

static void heads_that_are_damaged_are_told(void **state)
{
    (void)state;
    keeper k;
    char name[SPL_NAME_BYTES];
    keeper_init(&k);
    recorded(&k, 2, false, name);
    k.heads.p[50] ^= 1;
    assert_non_null(strstr(verified(&k, SP_ECORRUPT).first_bad, "heads, offset 0"));
    assert_int_equal(keep(&k), SP_ECORRUPT);
    assert_non_null(strstr(k.diag.text, "are damaged"));
    keeper_fini(&k);
}

/* ---- what is no loss ---- */

static void heads_follow_a_slot_from_segment_to_segment(void **state)
{
    (void)state;
    keeper k;
    uint8_t text[9000];
    keeper_init(&k);
    memset(text, 'a', sizeof text);
    spl_writer *writer = help_writer(&k.f, 2, SMALL);
    for (uint64_t i = 1; i <= 60; i++) {
        spl_batch *batch = help_batch(SP_RECORD_OUTCOME, i, (sp_bytes){text, sizeof text});
        assert_int_equal(help_commit(writer, batch), SP_OK);
        if (i % 7 == 0) assert_int_equal(keep(&k), SP_OK); /* not at each: several segments may lie between */
        if (i % 7 == 0) assert_int_equal(verified(&k, SP_OK).n_heads, 1);
    }
    assert_true(folder_count(&k.f, ".seg") > 4);
    spl_writer_close(writer);
    assert_int_equal(keep(&k), SP_OK);
    spl__head *heads;
    size_t n;
    assert_int_equal(spl__heads_parse(&heads, &n, sp_buf_bytes(&k.heads)), SP_OK);
    assert_int_equal(n, 1);
    assert_int_equal(heads[0].n_records, 60);
    free(heads);
    keeper_fini(&k);
}

static void a_statement_that_is_older_or_torn_changes_nothing(void **state)
{
    (void)state;
    keeper k;
    char name[SPL_NAME_BYTES];
    size_t n;
    keeper_init(&k);
    recorded(&k, 1, false, name);
    uint8_t *older = file_read(&k.f, "slot-00000002.lock", &n);
    recorded(&k, 2, false, name);
    const sp_bytes known = sp_buf_bytes(&k.heads);
    file_patch(&k.f, "slot-00000002.lock", 0, older, n); /* not synced: a power cut may bring it back */
    assert_int_equal(keep(&k), SP_OK);
    assert_true(sp_bytes_eq(known, sp_buf_bytes(&k.heads)));
    file_patch(&k.f, "slot-00000002.lock", 60, "zzzz", 4);
    assert_int_equal(keep(&k), SP_OK);
    assert_true(sp_bytes_eq(known, sp_buf_bytes(&k.heads)));
    assert_int_equal(verified(&k, SP_OK).n_cut, 0);
    free(older);
    keeper_fini(&k);
}

static void what_recovery_closes_and_writes_continues_the_heads(void **state)
{
    (void)state;
    keeper k;
    char name[SPL_NAME_BYTES];
    const uint8_t random[16] = {3};
    uint32_t n_lost;
    keeper_init(&k);
    spl_writer *writer = help_writer(&k.f, 2, SMALL);
    assert_int_equal(help_commit(writer, help_batch(SP_RECORD_INTENT, 1, SP_LIT("a question"))), SP_OK);
    assert_int_equal(keep(&k), SP_OK);
    folder_segment(&k.f, 0, name);
    size_t n;
    uint8_t *bytes = file_read(&k.f, name, &n);
    spl_writer_close(writer);
    file_write(&k.f, name, bytes, n);
    free(bytes);
    assert_int_equal(spl_recover(k.f.path, spl__now_ns(), random, &n_lost, &k.diag), SP_OK);
    assert_int_equal(n_lost, 1);
    assert_int_equal(keep(&k), SP_OK);
    assert_int_equal(verified(&k, SP_OK).n_heads, 2); /* recovery's own slot as well */
    keeper_fini(&k);
}

/* The moment between a sync that failed and its head: what was abandoned never counts. */
static void an_abandoned_group_is_in_no_head(void **state)
{
    (void)state;
    keeper k;
    spl__tail tail;
    const uint8_t random[16] = {5};
    keeper_init(&k);
    assert_int_equal(spl__tail_init(&tail, k.f.path, 2, random, NULL), SP_OK);
    spl__head_open(&tail, help_lock(&k.f, 2));
    assert_int_equal(spl__tail_open_segment(&tail, 1000, 0), 0);
    spl_batch *good = help_batch(SP_RECORD_OUTCOME, 1, SP_LIT("an answer"));
    spl__tail_commit(&tail, good);
    const int fd = tail.fd;
    tail.fd = open("/dev/full", O_WRONLY);
    spl_batch *lost = help_batch(SP_RECORD_OUTCOME, 2, SP_LIT("an answer"));
    spl__tail_commit(&tail, lost);
    assert_int_equal(lost->status, SP_ERECORD);
    assert_int_equal(keep(&k), SP_OK);
    assert_int_equal(verified(&k, SP_OK).n_heads, 1);
    spl_batch *next = help_batch(SP_RECORD_OUTCOME, 3, SP_LIT("an answer"));
    spl__tail_commit(&tail, next);
    assert_int_equal(next->status, SP_OK);
    assert_int_equal(keep(&k), SP_OK);
    assert_int_equal(verified(&k, SP_OK).n_records, 2);
    (void)close(fd);
    (void)close(tail.head_fd);
    spl__tail_fini(&tail, SPL_REASON_STOPPED);
    spl_batch_free(good);
    spl_batch_free(lost);
    spl_batch_free(next);
    keeper_fini(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_reads_back_and_no_changed_one_does),
        cmocka_unit_test(a_statement_reads_back_in_its_own_file_only),
        cmocka_unit_test(a_newest_segment_that_is_removed_is_missed),
        cmocka_unit_test(a_tail_that_is_cut_off_at_any_frame_is_missed),
        cmocka_unit_test(a_tail_that_is_cut_off_below_what_was_stated_is_damage),
        cmocka_unit_test(a_segment_with_other_records_is_not_taken_for_it),
        cmocka_unit_test(what_is_appended_to_a_closed_segment_is_damage),
        cmocka_unit_test(heads_that_are_damaged_are_told),
        cmocka_unit_test(heads_follow_a_slot_from_segment_to_segment),
        cmocka_unit_test(a_statement_that_is_older_or_torn_changes_nothing),
        cmocka_unit_test(what_recovery_closes_and_writes_continues_the_heads),
        cmocka_unit_test(an_abandoned_group_is_in_no_head),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
