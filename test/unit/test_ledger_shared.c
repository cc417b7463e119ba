/* A record that names a block of an earlier record instead of bringing it: found where it lies, checked like
 * any other, and only inside of one segment. */
#include "ledger_help.h"

enum { SMALL = 64 << 10 };

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

/* What request `number` sealed, once more, as a leaf names it. */
static sp_block_ref ref_of(uint64_t number, sp_bytes text)
{
    spl_batch *batch = spl_batch_new(text.n * 8 + (64 << 10));
    sp_block_ref ref;
    help_seal(batch, &ref, number * 8 + SP_RECORD_INTENT, text);
    spl_batch_free(batch);
    return ref;
}

/* An intent that names `ref` and brings nothing. `segment`: where it believes the block to lie. */
static spl_batch *naming(uint64_t number, sp_block_ref ref, uint32_t segment)
{
    spl_batch *batch = spl_batch_new(64 << 10);
    sp_record record = {
        .kind = SP_RECORD_INTENT, .attempt = 1, .at_ns = number + 1, .blocks = &ref, .n_blocks = 1};
    help_id(record.request_id, number);
    assert_int_equal(sp_record_encode(&batch->leaf, &record), SP_OK);
    batch->segment = segment;
    return batch;
}

typedef struct result {
    sp_status status;
    uint32_t segment;
    bool has_moved;
} result;

static result commit(spl_writer *writer, spl_batch *batch)
{
    spl_writer_submit(writer, batch);
    struct pollfd p = {.fd = spl_writer_fd(writer), .events = POLLIN};
    spl_batch *done = NULL;
    while (done == NULL) {
        assert_int_equal(poll(&p, 1, 20000), 1);
        done = spl_writer_done(writer);
    }
    assert_null(done->next);
    const result r = {done->status, done->segment, done->has_moved};
    spl_batch_free(done);
    return r;
}

/* The plaintext of the last record's only block. */
static void assert_last_opens(const folder *f, sp_bytes text)
{
    spl_reader *reader;
    spl_entry entry;
    sp_arena arena;
    sp_arena_init(&arena, 1 << 20);
    sp_buf plain = SP_BUF_IN(&arena.mem);
    assert_int_equal(spl_reader_open(&reader, f->path, NULL), SP_OK);
    while (spl_reader_next(reader, &entry, NULL) == SP_OK) {
        sp_record record;
        sp_bytes body;
        plain.n = 0;
        assert_int_equal(sp_record_decode(&record, entry.leaf, &arena.mem), SP_OK);
        assert_int_equal(spl_reader_block(reader, record.blocks[0].id, &body), SP_OK);
        assert_int_equal(sp_block_open(&plain, body, help_recipient_secret), SP_OK);
    }
    assert_bytes(sp_buf_bytes(&plain), text);
    spl_reader_close(reader);
    sp_arena_fini(&arena);
}

static void a_block_that_an_earlier_record_brought_is_found_and_checked(void **state)
{
    const folder *f = *state;
    const sp_bytes text = SP_LIT("said before");
    spl_writer *writer = help_writer(f, 0, 1 << 20);
    const result first = commit(writer, help_batch(SP_RECORD_INTENT, 1, text));
    assert_int_equal(first.segment, 1);
    assert_int_equal(commit(writer, help_batch(SP_RECORD_INTENT, 2, SP_LIT("other"))).status, SP_OK);
    const result later = commit(writer, naming(3, ref_of(1, text), first.segment));
    assert_int_equal(later.status, SP_OK);
    assert_int_equal(later.segment, 1);
    spl_writer_close(writer);
    const spl_verdict v = help_verify(f);
    assert_int_equal(v.n_records, 3);
    assert_int_equal(v.n_blocks, 2);
    assert_last_opens(f, text);
}

static void a_commitment_to_another_content_is_damage(void **state)
{
    const folder *f = *state;
    spl_verdict v;
    spl_writer *writer = help_writer(f, 0, 1 << 20);
    assert_int_equal(commit(writer, help_batch(SP_RECORD_INTENT, 1, SP_LIT("said before"))).status, SP_OK);
    sp_block_ref ref = ref_of(1, SP_LIT("said before"));
    ref.hash[5] ^= 1;
    assert_int_equal(commit(writer, naming(2, ref, 1)).status, SP_OK);
    spl_writer_close(writer);
    assert_int_equal(spl_verify(&v, f->path, SP_BYTES_EMPTY), SP_ECORRUPT);
    assert_int_equal(v.n_bad, 1);
    assert_non_null(strstr(v.first_bad, "a block of it does not match its hash"));
}

static void a_record_whose_segment_was_closed_is_given_back_unwritten(void **state)
{
    const folder *f = *state;
    const sp_bytes text = SP_LIT("said before");
    spl_writer_stats stats;
    spl_writer *writer = help_writer(f, 0, SMALL);
    assert_int_equal(commit(writer, help_batch(SP_RECORD_INTENT, 1, text)).segment, 1);
    uint64_t n = 2;
    while (commit(writer, help_batch(SP_RECORD_INTENT, n, SP_LIT("filler"))).segment == 1) n++;
    const result moved = commit(writer, naming(n + 1, ref_of(1, text), 1));
    assert_true(moved.status == SP_ERECORD && moved.has_moved);
    spl_writer_get_stats(writer, &stats);
    assert_false(stats.is_failing);
    assert_int_equal(stats.n_failed, 0);
    assert_int_equal(commit(writer, help_batch(SP_RECORD_INTENT, n + 1, text)).status, SP_OK);
    spl_writer_close(writer);
    assert_int_equal(help_verify(f).n_records, n + 1);
}

/* Even its own last record: the one that closes a segment is not its own. */
static void a_record_that_does_not_fit_its_segment_any_more_is_given_back(void **state)
{
    const folder *f = *state;
    const sp_bytes text = SP_LIT("said before");
    spl_writer *writer = help_writer(f, 0, SMALL);
    assert_int_equal(commit(writer, help_batch(SP_RECORD_INTENT, 1, text)).segment, 1);
    uint64_t n = 1;
    result r;
    do {
        r = commit(writer, naming(++n, ref_of(1, text), 1));
    } while (r.status == SP_OK && n < 2000);
    assert_true(r.has_moved);
    assert_int_equal(commit(writer, help_batch(SP_RECORD_INTENT, n, text)).segment, 2);
    spl_writer_close(writer);
    assert_int_equal(help_verify(f).n_records, n);
}

/* Whoever writes such a record by other means: the reader of one segment would not find the block. */
static void a_block_of_another_segment_counts_as_missing(void **state)
{
    const folder *f = *state;
    spl_verdict v;
    const sp_bytes text = SP_LIT("said before");
    spl_writer *writer = help_writer(f, 0, 1 << 20);
    assert_int_equal(commit(writer, help_batch(SP_RECORD_INTENT, 1, text)).status, SP_OK);
    spl_writer_close(writer);
    writer = help_writer(f, 0, 1 << 20);
    assert_int_equal(commit(writer, naming(2, ref_of(1, text), 0)).status, SP_OK);
    spl_writer_close(writer);
    assert_int_equal(spl_verify(&v, f->path, SP_BYTES_EMPTY), SP_ECORRUPT);
    assert_non_null(strstr(v.first_bad, "a block of it is missing"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_block_that_an_earlier_record_brought_is_found_and_checked, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_commitment_to_another_content_is_damage, setup, teardown),
        cmocka_unit_test_setup_teardown(a_record_whose_segment_was_closed_is_given_back_unwritten, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_record_that_does_not_fit_its_segment_any_more_is_given_back, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_block_of_another_segment_counts_as_missing, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
