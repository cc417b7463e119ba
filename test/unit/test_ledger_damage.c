/* Nothing can be changed, cut or taken away without `verify` saying so and naming the record. */
#include "ledger_help.h"

enum { SMALL = 64 << 10, FRAMES_MAX = 64 };

/* A closed segment of a few records with blocks, in a folder of its own, and where its frames are. */
typedef struct sample {
    folder f;
    char name[SPL_NAME_BYTES];
    uint8_t *bytes;
    size_t n;
    spl__frame frames[FRAMES_MAX];
    size_t n_frames;
} sample;

static void find_frames(sample *s)
{
    spl__scan scan;
    spl__damage damage;
    assert_int_equal(spl__scan_open(&scan, s->f.path, s->name, NULL), SP_OK);
    s->n_frames = 0;
    while (spl__scan_next(&scan, &s->frames[s->n_frames], &damage) == SPL_STEP_FRAME) {
        s->frames[s->n_frames++].body = SP_BYTES_EMPTY;
        assert_true(s->n_frames < FRAMES_MAX);
    }
    spl__scan_close(&scan);
}

static int setup(void **state)
{
    static sample s;
    folder_make(&s.f);
    spl_writer *writer = help_writer(&s.f, 0, SMALL);
    for (uint64_t i = 1; i <= 3; i++) {
        assert_int_equal(help_commit(writer, help_batch(SP_RECORD_INTENT, i, SP_LIT("the question"))), SP_OK);
        assert_int_equal(help_commit(writer, help_batch(SP_RECORD_OUTCOME, i, SP_LIT("the answer"))), SP_OK);
    }
    spl_writer_close(writer);
    folder_segment(&s.f, 0, s.name);
    s.bytes = file_read(&s.f, s.name, &s.n);
    find_frames(&s);
    assert_int_equal(s.n_frames, 12);
    *state = &s;
    return 0;
}

static int teardown(void **state)
{
    sample *s = *state;
    folder_remove(&s->f);
    free(s->bytes);
    return 0;
}

static void restore(const sample *s)
{
    file_write(&s->f, s->name, s->bytes, s->n);
}

/* The frame that holds the byte at `offset`, or NULL: header of the segment, end frame. */
static const spl__frame *frame_of(const sample *s, uint64_t offset)
{
    for (size_t i = 0; i < s->n_frames; i++) {
        const spl__frame *f = &s->frames[i];
        if (offset >= f->offset && offset < f->offset + spl__frame_bytes(f->length)) return f;
    }
    return NULL;
}

static void assert_names(const spl_verdict *v, const sample *s, const spl__frame *frame, uint64_t at)
{
    char id[2 * SP_REQUEST_ID_BYTES + 1];
    if (strstr(v->first_bad, s->name) == NULL)
        fail_msg("byte %llu: %s", (unsigned long long)at, v->first_bad);
    if (frame == NULL) return;
    sp_hex_encode(id, (sp_bytes){frame->request_id, sizeof frame->request_id});
    if (strstr(v->first_bad, id) == NULL) {
        fail_msg("byte %llu, frame of %s: %s", (unsigned long long)at, id, v->first_bad);
    }
}

/* ---- flips ---- */

static void check_flips(const sample *s, uint8_t mask)
{
    for (size_t i = 0; i < s->n; i++) {
        const uint8_t changed = s->bytes[i] ^ mask;
        spl_verdict v;
        file_patch(&s->f, s->name, i, &changed, 1);
        const sp_status status = spl_verify(&v, s->f.path, SP_BYTES_EMPTY);
        if (status != SP_ECORRUPT || v.n_bad == 0) fail_msg("byte %zu ^ %02x: %d", i, (unsigned)mask, status);
        assert_names(&v, s, frame_of(s, i), i);
        file_patch(&s->f, s->name, i, &s->bytes[i], 1);
    }
    (void)help_verify(&s->f);
}

static void every_flipped_byte_is_told_with_its_record(void **state)
{
    check_flips(*state, 0x01);
    check_flips(*state, 0xff);
}

/* With the byte at `at` changed a reader tells one damage and gives `n_left` records. */
static void check_reader(const sample *s, uint64_t at, size_t n_left)
{
    const uint8_t changed = s->bytes[at] ^ 0x10;
    spl_reader *reader;
    spl_entry entry;
    sp_diag diag;
    sp_status status;
    size_t n_records = 0, n_bad = 0;
    file_patch(&s->f, s->name, at, &changed, 1);
    assert_int_equal(spl_reader_open(&reader, s->f.path, &diag), SP_OK);
    while ((status = spl_reader_next(reader, &entry, &diag)) != SP_ETRUNCATED) {
        n_records += status == SP_OK;
        n_bad += status == SP_ECORRUPT;
    }
    assert_int_equal(n_bad, 1);
    assert_int_equal(n_records, n_left);
    spl_reader_close(reader);
    file_patch(&s->f, s->name, at, &s->bytes[at], 1);
}

static void a_reader_goes_on_behind_damage(void **state)
{
    const sample *s = *state;
    for (size_t k = 0; k < s->n_frames; k++) {
        for (uint64_t in = 0; in < SPL_FRAME_BYTES + 40; in += 9) {
            check_reader(s, s->frames[k].offset + in, s->frames[k].type == SPL_RECORD ? 5 : 6);
        }
    }
}

/* ---- a segment that is still open ---- */

static const char lock_name[] = "slot-00000000.lock";

static uint64_t end_of(const sample *s)
{
    const spl__frame *last = &s->frames[s->n_frames - 1];
    return last->offset + spl__frame_bytes(last->length);
}

/* Where the frames of the last sync begin: a block and its record. */
static uint64_t last_sync_of(const sample *s)
{
    return s->frames[s->n_frames - 2].offset;
}

/* The sample as it was before its end frame; its writer stated that all of it is durable. */
static void reopen(sample *s)
{
    uint8_t *bytes = calloc(1, SMALL);
    assert_non_null(bytes);
    memcpy(bytes, s->bytes, end_of(s));
    free(s->bytes);
    s->bytes = bytes;
    s->n = SMALL;
    restore(s);
    assert_int_equal(help_verify(&s->f).n_torn, 0);
}

/* Each byte in front of `torn_from` that is changed is damage, each one behind it is in a torn tail. */
static void check_open(const sample *s, uint64_t torn_from)
{
    for (uint64_t i = 0; i < end_of(s); i++) {
        const uint8_t changed = s->bytes[i] ^ 0x04;
        spl_verdict v;
        file_patch(&s->f, s->name, i, &changed, 1);
        const sp_status status = spl_verify(&v, s->f.path, SP_BYTES_EMPTY);
        if (i < torn_from) {
            if (status != SP_ECORRUPT) fail_msg("byte %llu: %d", (unsigned long long)i, status);
            assert_names(&v, s, frame_of(s, i), i);
        } else if (status != SP_OK || v.n_torn != 1) {
            fail_msg("byte %llu: %s", (unsigned long long)i, v.first_bad);
        }
        file_patch(&s->f, s->name, i, &s->bytes[i], 1);
    }
    /* What lies in unused space is nobody's record. */
    const uint8_t noise = 0x77;
    file_patch(&s->f, s->name, end_of(s) + 5000, &noise, 1);
    (void)help_verify(&s->f);
    restore(s);
}

static void in_an_open_segment_what_was_stated_is_no_torn_tail(void **state)
{
    sample *s = *state;
    reopen(s);
    check_open(s, end_of(s));
}

/* Without a word of its writer only what the last sync wrote can be taken for a torn tail. */
static void in_an_open_segment_only_the_last_sync_can_look_torn(void **state)
{
    sample *s = *state;
    reopen(s);
    help_unstate(&s->f, 0);
    check_open(s, last_sync_of(s));
    help_state(&s->f, s->name, last_sync_of(s)); /* stopped between the sync and the statement */
    check_open(s, last_sync_of(s));
}

static void a_statement_that_is_torn_or_of_another_segment_convicts_nothing(void **state)
{
    sample *s = *state;
    size_t n;
    reopen(s);
    uint8_t *stated = file_read(&s->f, lock_name, &n);
    assert_int_equal(n, SPL_STATED_BYTES);
    for (size_t i = 0; i < n; i++) {
        const uint8_t changed = stated[i] ^ 1;
        file_patch(&s->f, lock_name, i, &changed, 1);
        assert_int_equal(spl__stated_end(s->f.path, s->name), 0);
        file_patch(&s->f, lock_name, i, &stated[i], 1);
    }
    file_patch(&s->f, lock_name, SPL_HEAD_BYTES, "zz", 2);
    check_open(s, last_sync_of(s));
    free(stated);
    spl__tail other = {.durable_end = end_of(s)};
    assert_int_equal(spl__header_parse(&other.header, s->bytes), SP_OK);
    other.header.created_ns++;
    const int fd = help_lock(&s->f, 0);
    spl__head_open(&other, fd);
    spl__head_state(&other);
    (void)close(fd);
    check_open(s, last_sync_of(s));
}

/* A copy takes the lock's file after the segment, and its writer went on in between. */
static void in_a_copy_a_statement_convicts_nothing(void **state)
{
    sample *s = *state;
    char path[SPL_PATH_MAX], copy[SPL_PATH_MAX];
    size_t n;
    reopen(s);
    uint8_t *stated = file_read(&s->f, lock_name, &n);
    assert_int_equal(spl__stated_end(s->f.path, s->name), end_of(s));
    file_write(&s->f, "copy", stated, n);
    free(stated);
    assert_int_equal(spl__path(path, s->f.path, lock_name), 0);
    assert_int_equal(spl__path(copy, s->f.path, "copy"), 0);
    assert_int_equal(rename(copy, path), 0);
    assert_int_equal(spl__stated_end(s->f.path, s->name), 0);
    check_open(s, last_sync_of(s));
}

/* Two syncs behind what was stated: nothing of the last, of the one before it the second frame. */
static void behind_damage_that_was_stated_a_torn_tail_is_one(void **state)
{
    sample *s = *state;
    static const uint8_t zeros[SPL_FRAME_BYTES];
    spl_verdict v;
    reopen(s);
    help_state(&s->f, s->name, s->frames[8].offset);
    for (size_t k = 6; k < s->n_frames; k++) {
        if (k != 9) file_patch(&s->f, s->name, s->frames[k].offset, zeros, sizeof zeros);
    }
    assert_int_equal(spl_verify(&v, s->f.path, SP_BYTES_EMPTY), SP_ECORRUPT);
    assert_int_equal(v.n_bad, 1);
    assert_int_equal(v.n_torn, 1);
    assert_int_equal(v.n_records, 3);
    assert_names(&v, s, NULL, s->frames[6].offset);
}

static void a_reader_goes_on_behind_damage_that_was_stated(void **state)
{
    sample *s = *state;
    static const uint8_t zeros[SPL_FRAME_BYTES];
    char name[SPL_NAME_BYTES];
    spl_reader *reader;
    spl_entry entry;
    sp_diag diag;
    spl_writer *writer = help_writer(&s->f, 1, SMALL);
    assert_int_equal(help_commit(writer, help_batch(SP_RECORD_INTENT, 7, SP_BYTES_EMPTY)), SP_OK);
    assert_int_equal(help_commit(writer, help_batch(SP_RECORD_INTENT, 8, SP_BYTES_EMPTY)), SP_OK);
    folder_segment(&s->f, 1, name);
    const uint64_t first = SPL_HEADER_BYTES, bytes = spl__stated_end(s->f.path, name) - first;
    file_patch(&s->f, name, first + bytes / 2, zeros, sizeof zeros); /* the frames are of one size */
    assert_int_equal(spl_reader_open(&reader, s->f.path, &diag), SP_OK);
    for (size_t i = 0; i < 6 + 1; i++) assert_int_equal(spl_reader_next(reader, &entry, &diag), SP_OK);
    assert_int_equal(spl_reader_next(reader, &entry, &diag), SP_ECORRUPT);
    assert_non_null(strstr(diag.text, name));
    assert_int_equal(spl_reader_next(reader, &entry, &diag), SP_ETRUNCATED);
    assert_int_equal(help_commit(writer, help_batch(SP_RECORD_INTENT, 9, SP_BYTES_EMPTY)), SP_OK);
    assert_int_equal(spl_reader_next(reader, &entry, &diag), SP_OK);
    assert_int_equal(entry.seq, 3);
    assert_int_equal(spl_reader_next(reader, &entry, &diag), SP_ETRUNCATED);
    spl_reader_close(reader);
    spl_writer_close(writer);
}

/* ---- cuts ---- */

static void every_cut_is_told(void **state)
{
    const sample *s = *state;
    for (size_t n = 0; n < s->n; n++) {
        spl_verdict v;
        file_write(&s->f, s->name, s->bytes, n);
        const sp_status status = spl_verify(&v, s->f.path, SP_BYTES_EMPTY);
        if (status != SP_ECORRUPT) fail_msg("cut at %zu: %d", n, status);
        assert_names(&v, s, NULL, n);
    }
}

static void missing_and_foreign_segments_are_told(void **state)
{
    const sample *s = *state;
    char path[SPL_PATH_MAX], other[SPL_PATH_MAX];
    spl_verdict v;
    spl_writer *writer = help_writer(&s->f, 0, SMALL);
    assert_int_equal(help_commit(writer, help_batch(SP_RECORD_INTENT, 9, SP_LIT("x"))), SP_OK);
    spl_writer_close(writer);
    (void)help_verify(&s->f);
    assert_int_equal(spl__path(path, s->f.path, s->name), 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(spl_verify(&v, s->f.path, SP_BYTES_EMPTY), SP_ECORRUPT); /* the first one is gone */
    restore(s);
    (void)help_verify(&s->f);
    /* Under another name it would stand elsewhere in the order. */
    assert_int_equal(spl__path(other, s->f.path, "0000000000000001-00000000-00000000.seg"), 0);
    assert_int_equal(rename(path, other), 0);
    assert_int_equal(spl_verify(&v, s->f.path, SP_BYTES_EMPTY), SP_ECORRUPT);
    assert_non_null(strstr(v.first_bad, "header"));
}

/* ---- somebody who knows the format ---- */

/* Writes a changed body with checksums that fit. */
static void forge(const sample *s, const spl__frame *frame, uint8_t *body, uint8_t flags)
{
    spl__header header;
    uint8_t head[SPL_FRAME_BYTES];
    spl__frame forged = *frame;
    assert_int_equal(spl__header_parse(&header, s->bytes), SP_OK);
    forged.flags = flags;
    forged.body_crc = sp_crc32c(0, (sp_bytes){body, frame->length});
    spl__frame_encode(head, &forged, header.id);
    file_patch(&s->f, s->name, frame->offset, head, sizeof head);
    file_patch(&s->f, s->name, frame->offset + SPL_FRAME_BYTES, body, frame->length);
}

static uint8_t *body_of(const sample *s, const spl__frame *frame)
{
    uint8_t *body = malloc(frame->length);
    assert_non_null(body);
    memcpy(body, s->bytes + frame->offset + SPL_FRAME_BYTES, frame->length);
    return body;
}

static void a_forged_record_breaks_the_chain(void **state)
{
    const sample *s = *state;
    for (size_t k = 1; k < s->n_frames; k += 2) {
        spl_verdict v;
        uint8_t *body = body_of(s, &s->frames[k]);
        body[SPL_CHAIN_BYTES + 30] ^= 1; /* within at_ns */
        forge(s, &s->frames[k], body, 0);
        free(body);
        assert_int_equal(spl_verify(&v, s->f.path, SP_BYTES_EMPTY), SP_ECORRUPT);
        assert_names(&v, s, &s->frames[k], s->frames[k].offset);
        assert_non_null(strstr(v.first_bad, "chain"));
        restore(s);
    }
}

static void a_forged_block_does_not_match_its_record(void **state)
{
    const sample *s = *state;
    for (size_t k = 0; k < s->n_frames; k += 2) {
        for (size_t at = 0; at < s->frames[k].length; at += 5) {
            spl_verdict v;
            uint8_t *body = body_of(s, &s->frames[k]);
            body[at] ^= 1;
            forge(s, &s->frames[k], body, 0);
            free(body);
            assert_int_equal(spl_verify(&v, s->f.path, SP_BYTES_EMPTY), SP_ECORRUPT);
            assert_names(&v, s, &s->frames[k], s->frames[k].offset);
            restore(s);
        }
    }
}

/* Frames are numbered, so that one which is left out or comes twice shows even if it is a block that no
 * record names. */
static void a_frame_with_another_number_is_told(void **state)
{
    const sample *s = *state;
    for (size_t k = 0; k < s->n_frames; k++) {
        spl_verdict v;
        spl__frame frame = s->frames[k];
        uint8_t *body = body_of(s, &frame);
        frame.seq++;
        forge(s, &frame, body, 0);
        free(body);
        assert_int_equal(spl_verify(&v, s->f.path, SP_BYTES_EMPTY), SP_ECORRUPT);
        assert_names(&v, s, &s->frames[k], frame.offset);
        restore(s);
    }
}

static void a_record_taken_out_is_missed(void **state)
{
    const sample *s = *state;
    spl_verdict v;
    /* The second request's frames 5 to 8 are overwritten by the third's, numbered anew. */
    for (size_t k = 4; k < 8; k++) {
        spl__frame frame = s->frames[k + 4];
        uint8_t *body = body_of(s, &frame);
        frame.offset = s->frames[k].offset;
        frame.seq = s->frames[k].seq;
        frame.durable = s->frames[k].durable;
        forge(s, &frame, body, 0);
        free(body);
    }
    assert_int_equal(spl_verify(&v, s->f.path, SP_BYTES_EMPTY), SP_ECORRUPT);
    assert_non_null(strstr(v.first_bad, "chain"));
}

/* ---- erasure ---- */

static void an_erased_block_is_counted_and_no_error(void **state)
{
    const sample *s = *state;
    enum { KEPT = 17 };
    const spl__frame *frame = &s->frames[4];
    uint8_t *body = body_of(s, frame);
    sp_block_ref ref;
    assert_int_equal(sp_block_ref_of(&ref, (sp_bytes){body, frame->length}), SP_OK);
    memset(body + KEPT, 0, frame->length - KEPT);
    forge(s, frame, body, SPL_FLAG_ERASED);
    const spl_verdict v = help_verify(&s->f);
    assert_int_equal(v.n_blocks, 6);
    assert_int_equal(v.n_erased, 1);
    assert_int_equal(v.n_records, 6);

    spl_reader *reader;
    spl_entry entry;
    sp_bytes got;
    assert_int_equal(spl_reader_open(&reader, s->f.path, NULL), SP_OK);
    for (size_t i = 0; i < 3; i++) assert_int_equal(spl_reader_next(reader, &entry, NULL), SP_OK);
    assert_int_equal(spl_reader_block(reader, ref.id, &got), SP_ETRUNCATED);
    spl_reader_close(reader);

    spl_verdict bad;
    body[KEPT] = 1; /* marked as erased, and something is left */
    forge(s, frame, body, SPL_FLAG_ERASED);
    assert_int_equal(spl_verify(&bad, s->f.path, SP_BYTES_EMPTY), SP_ECORRUPT);
    free(body);
}

int main(void)
{
#define ONE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        ONE(every_flipped_byte_is_told_with_its_record),
        ONE(a_reader_goes_on_behind_damage),
        ONE(in_an_open_segment_what_was_stated_is_no_torn_tail),
        ONE(in_an_open_segment_only_the_last_sync_can_look_torn),
        ONE(a_statement_that_is_torn_or_of_another_segment_convicts_nothing),
        ONE(in_a_copy_a_statement_convicts_nothing),
        ONE(behind_damage_that_was_stated_a_torn_tail_is_one),
        ONE(a_reader_goes_on_behind_damage_that_was_stated),
        ONE(every_cut_is_told),
        ONE(missing_and_foreign_segments_are_told),
        ONE(a_forged_record_breaks_the_chain),
        ONE(a_forged_block_does_not_match_its_record),
        ONE(a_frame_with_another_number_is_told),
        ONE(a_record_taken_out_is_missed),
        ONE(an_erased_block_is_counted_and_no_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
