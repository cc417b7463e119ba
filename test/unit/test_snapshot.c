/** Snapshot and keys: what is encoded decodes to the same; every damaged byte is refused; keys are checked
 * without telling which part was wrong. */
#include "arena_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/sha.h>

#include "fixture_framework.h"

static sp_bytes encoded(const sp_snapshot *s)
{
    sp_buf out = SP_BUF_IN(&arena.mem);
    assert_int_equal(sp_snapshot_encode(&out, s), SP_OK);
    return sp_buf_bytes(&out);
}

static void decode_is_the_inverse_of_encode(void **state)
{
    (void)state;
    const sp_snapshot s = fixture_framework();
    const sp_bytes file = encoded(&s);
    sp_snapshot back;
    assert_int_equal(sp_snapshot_decode(&back, file, &arena.mem, NULL), SP_OK);
    assert_int_equal(back.generation, 7);
    assert_int_equal(back.n_keys, 3);
    assert_true(sp_label_eq(back.destinations[CLOUD_EU].clearance, s.destinations[CLOUD_EU].clearance));
    assert_true(sp_bytes_eq(back.applications[APP_CONTRACTS].name, SP_LIT("contracts")));
    const sp_bytes again = encoded(&back);
    assert_true(sp_bytes_eq(file, again));
}

static void every_flipped_byte_is_refused(void **state)
{
    (void)state;
    const sp_snapshot s = fixture_framework();
    const sp_bytes file = encoded(&s);
    uint8_t *copy = sp_alloc_bytes(&arena.mem, file.n);
    for (size_t i = 0; i < file.n; i++) {
        memcpy(copy, file.p, file.n);
        copy[i] ^= 0x20;
        sp_snapshot back;
        assert_int_not_equal(sp_snapshot_decode(&back, (sp_bytes){copy, file.n}, &arena.mem, NULL), SP_OK);
        assert_int_equal(back.expires_s, 0);
    }
    for (size_t n = 0; n < file.n; n++) {
        sp_snapshot back;
        assert_int_not_equal(sp_snapshot_decode(&back, sp_bytes_sub(file, 0, n), &arena.mem, NULL), SP_OK);
    }
}

/** With a right hash the content is still not trusted: no byte makes the decoder read or index out of bounds
 * (run under ASan). */
static void a_right_hash_does_not_make_content_trusted(void **state)
{
    (void)state;
    const sp_snapshot s = fixture_framework();
    const sp_bytes file = encoded(&s);
    uint8_t *copy = sp_alloc_bytes(&arena.mem, file.n);
    for (size_t i = 0; i + SHA256_DIGEST_LENGTH < file.n; i++) {
        memcpy(copy, file.p, file.n);
        copy[i] ^= 0xff;
        SHA256(copy, file.n - SHA256_DIGEST_LENGTH, copy + file.n - SHA256_DIGEST_LENGTH);
        sp_snapshot back;
        if (sp_snapshot_decode(&back, (sp_bytes){copy, file.n}, &arena.mem, NULL) != SP_OK) continue;
        for (size_t m = 0; m < back.n_models; m++) {
            for (size_t k = 0; k < back.models[m].n_destinations; k++)
                assert_true(back.models[m].destinations[k] < back.n_destinations);
        }
        for (size_t k = 0; k < back.n_keys; k++) assert_true(back.keys[k].application < back.n_applications);
    }
}

static void decoding_fails_cleanly_without_memory(void **state)
{
    (void)state;
    const sp_snapshot s = fixture_framework();
    const sp_bytes file = encoded(&s);
    for (size_t limit = 0;; limit += 64) {
        sp_arena small;
        sp_arena_init(&small, limit);
        sp_snapshot back;
        const sp_status status = sp_snapshot_decode(&back, file, &small.mem, NULL);
        sp_arena_fini(&small);
        if (status == SP_OK) break;
        assert_int_equal(status, SP_ENOMEM);
        assert_null(back.keys);
    }
}

static const uint8_t secret[SP_KEY_SECRET_BYTES] = {1, 2, 3, 250};

static sp_bytes key_text(const uint8_t id[SP_KEY_ID_BYTES])
{
    sp_buf out = SP_BUF_IN(&arena.mem);
    sp_key_text_append(&out, id, secret);
    return sp_buf_bytes(&out);
}

static void keys_identify_only_their_owner(void **state)
{
    (void)state;
    sp_snapshot s = fixture_framework();
    for (size_t i = 0; i < 3; i++) assert_int_equal(sp_key_hash(fixture_keys[i].hash, secret), SP_OK);
    fixture_keys[1].is_revoked = true;
    fixture_keys[2].expires_s = 1600;
    const sp_key *key;
    assert_int_equal(sp_key_identify(&key, &s, key_text(s.keys[0].id), 1500), SP_OK);
    assert_ptr_equal(key, &s.keys[0]);
    assert_int_equal(sp_key_identify(&key, &s, key_text(s.keys[1].id), 1500), SP_EBADKEY);
    assert_null(key);
    assert_int_equal(sp_key_identify(&key, &s, key_text(s.keys[2].id), 1599), SP_OK);
    assert_int_equal(sp_key_identify(&key, &s, key_text(s.keys[2].id), 1600), SP_EBADKEY);
    const uint8_t unknown[SP_KEY_ID_BYTES] = {9};
    assert_true(sp_key_serves(&s, s.keys[0].id, 1500) && sp_key_serves(&s, s.keys[2].id, 1599));
    assert_false(sp_key_serves(&s, s.keys[1].id, 1500));
    assert_false(sp_key_serves(&s, s.keys[2].id, 1600));
    assert_false(sp_key_serves(&s, unknown, 1500));
    assert_int_equal(sp_key_identify(&key, &s, key_text(unknown), 1500), SP_EBADKEY);
    assert_int_equal(sp_key_identify(&key, &s, key_text(s.keys[0].id), 2000), SP_ESNAPSHOT);
    s.n_keys = 0;
    assert_int_equal(sp_key_identify(&key, &s, key_text(s.keys[0].id), 1500), SP_EBADKEY);
}

static void a_key_with_any_changed_character_is_refused(void **state)
{
    (void)state;
    const sp_snapshot s = fixture_framework();
    assert_int_equal(sp_key_hash(fixture_keys[0].hash, secret), SP_OK);
    const sp_bytes text = key_text(s.keys[0].id);
    assert_int_equal(text.n, 72);
    uint8_t copy[80] = {0};
    const sp_key *key;
    for (size_t i = 0; i < text.n; i++) {
        memcpy(copy, text.p, text.n);
        copy[i] = copy[i] == 'b' ? 'c' : 'b';
        assert_int_equal(sp_key_identify(&key, &s, (sp_bytes){copy, text.n}, 1500), SP_EBADKEY);
        assert_int_equal(sp_key_identify(&key, &s, sp_bytes_sub(text, 0, i), 1500), SP_EBADKEY);
    }
    memcpy(copy, text.p, text.n);
    assert_int_equal(sp_key_identify(&key, &s, (sp_bytes){copy, text.n + 1}, 1500), SP_EBADKEY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(decode_is_the_inverse_of_encode, setup, teardown),
        cmocka_unit_test_setup_teardown(every_flipped_byte_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_right_hash_does_not_make_content_trusted, setup, teardown),
        cmocka_unit_test_setup_teardown(decoding_fails_cleanly_without_memory, setup, teardown),
        cmocka_unit_test_setup_teardown(keys_identify_only_their_owner, setup, teardown),
        cmocka_unit_test_setup_teardown(a_key_with_any_changed_character_is_refused, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
