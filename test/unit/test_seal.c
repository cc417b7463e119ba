/* Sealed blocks: only the holder of the private key opens them, anyone can check them, no change goes
 * unnoticed. */
#include "record_help.h"

static void fill(sp_block_random *random, uint64_t *rng)
{
    uint8_t *p = (uint8_t *)random;
    for (size_t i = 0; i < sizeof *random; i++) p[i] = (uint8_t)next_random(rng);
}

static void sealer_for_test(sp_sealer *sealer)
{
    uint8_t ephemeral_secret[32];
    for (size_t i = 0; i < 32; i++) ephemeral_secret[i] = (uint8_t)(64 + i);
    assert_int_equal(sp_sealer_init(sealer, help_recipient, ephemeral_secret), SP_OK);
}

static void seals_and_opens_every_size(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 15, 16, 17, 200, 1024, 100 << 10};
    static uint8_t text[100 << 10];
    uint64_t rng = 7;
    sp_sealer sealer;
    sealer_for_test(&sealer);
    for (size_t i = 0; i < sizeof text; i++) text[i] = (uint8_t)next_random(&rng);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        sp_arena arena;
        sp_block_random random;
        sp_block_ref ref, again;
        sp_arena_init(&arena, 4 << 20);
        fill(&random, &rng);
        sp_buf body = SP_BUF_IN(&arena.mem), plain = SP_BUF_IN(&arena.mem);
        assert_int_equal(sp_block_seal(&body, &ref, &sealer, &random, (sp_bytes){text, sizes[i]}), SP_OK);
        assert_true(sp_record__is_zero(random.key, sizeof random.key));
        assert_int_equal(ref.bytes, sizes[i]);
        assert_memory_equal(ref.id, random.id, sizeof ref.id);
        assert_int_equal(sp_block_open(&plain, sp_buf_bytes(&body), help_recipient_secret), SP_OK);
        assert_bytes(sp_buf_bytes(&plain), (sp_bytes){text, sizes[i]});
        assert_int_equal(sp_block_ref_of(&again, sp_buf_bytes(&body)), SP_OK);
        assert_memory_equal(&again, &ref, sizeof ref);
        sp_arena_fini(&arena);
    }
    sp_sealer_fini(&sealer);
    assert_true(sp_record__is_zero(&sealer, sizeof sealer));
}

/* Made with python-cryptography 48 from docs/reference/record.md alone: a second opinion on the format. */
static const char vector_body[] = "01b0b1b2b3b4b5b6b7b8b9babbbcbdbebfa0a1a2a3a4a5a6a7a8a9aaabacadaeaf79a631ee"
                                  "de1bf9c98f12032cdeadd0e7a079398fc786b88cc8"
                                  "46ec89af85a51a000000000000000000000008463c416b7eeb6aa84f40874896890aef9cd5"
                                  "03ff1537b02ff6c5820b56399e9a45e77555e53b35"
                                  "ba33f346f43ef5aa11166586932946842353d373cf0ad51bab67abcb287df36efa";
static const char vector_hash[] = "86d361f5c01a554ee3ba7f93678b5b468f9a1be8646132ff8d364cda08377e27";

static void agrees_with_an_independent_implementation(void **state)
{
    (void)state;
    uint8_t want[sizeof vector_body / 2], hash[32];
    sp_block_random random;
    sp_block_ref ref;
    sp_sealer sealer;
    sp_arena arena;
    sp_arena_init(&arena, 1 << 20);
    sealer_for_test(&sealer);
    for (size_t i = 0; i < 32; i++) random.key[i] = (uint8_t)(128 + i);
    for (size_t i = 0; i < 16; i++) random.salt[i] = (uint8_t)(160 + i), random.id[i] = (uint8_t)(176 + i);
    sp_buf body = SP_BUF_IN(&arena.mem);
    assert_int_equal(sp_block_seal(&body, &ref, &sealer, &random, SP_LIT("a prompt")), SP_OK);
    assert_int_equal(sp_hex_decode(want, sizeof want, sp_bytes_of(vector_body)), SP_OK);
    assert_int_equal(sp_hex_decode(hash, sizeof hash, sp_bytes_of(vector_hash)), SP_OK);
    assert_bytes(sp_buf_bytes(&body), (sp_bytes){want, sizeof want});
    assert_memory_equal(ref.hash, hash, sizeof hash);
    sp_sealer_fini(&sealer);
    sp_arena_fini(&arena);
}

static void every_flip_is_noticed_with_and_without_the_key(void **state)
{
    (void)state;
    uint64_t rng = 11;
    sp_sealer sealer;
    sp_block_random random;
    sp_block_ref ref, changed_ref;
    sp_arena arena;
    sp_arena_init(&arena, 16 << 20);
    sealer_for_test(&sealer);
    fill(&random, &rng);
    sp_buf body = SP_BUF_IN(&arena.mem);
    assert_int_equal(sp_block_seal(&body, &ref, &sealer, &random, SP_LIT("who may read this?")), SP_OK);
    for (size_t i = 0; i < body.n; i++) {
        sp_buf plain = SP_BUF_IN(&arena.mem);
        body.p[i] ^= 1;
        assert_int_not_equal(sp_block_open(&plain, sp_buf_bytes(&body), help_recipient_secret), SP_OK);
        assert_int_equal(plain.n, 0);
        const sp_status status = sp_block_ref_of(&changed_ref, sp_buf_bytes(&body));
        assert_true(status != SP_OK || memcmp(&changed_ref, &ref, sizeof ref) != 0);
        body.p[i] ^= 1;
    }
    for (size_t n = 0; n < body.n; n++) {
        sp_buf plain = SP_BUF_IN(&arena.mem);
        const sp_bytes cut = exact(&arena.mem, sp_bytes_sub(sp_buf_bytes(&body), 0, n));
        assert_int_not_equal(sp_block_open(&plain, cut, help_recipient_secret), SP_OK);
        assert_int_not_equal(sp_block_ref_of(&changed_ref, cut), SP_OK);
    }
    sp_sealer_fini(&sealer);
    sp_arena_fini(&arena);
}

static void another_key_does_not_open(void **state)
{
    (void)state;
    uint64_t rng = 13;
    uint8_t other[32] = {1};
    sp_sealer sealer;
    sp_block_random random;
    sp_block_ref ref;
    sp_arena arena;
    sp_arena_init(&arena, 1 << 20);
    sealer_for_test(&sealer);
    fill(&random, &rng);
    sp_buf body = SP_BUF_IN(&arena.mem), plain = SP_BUF_IN(&arena.mem);
    assert_int_equal(sp_block_seal(&body, &ref, &sealer, &random, SP_LIT("secret")), SP_OK);
    assert_int_equal(sp_block_open(&plain, sp_buf_bytes(&body), other), SP_ECRYPTO);
    sp_sealer_fini(&sealer);
    sp_arena_fini(&arena);
}

/* One sealer, two blocks of the same text: nothing that shows is the same but the ephemeral key. */
static void equal_texts_look_different_and_nonces_do_not_repeat(void **state)
{
    (void)state;
    enum { COUNTER_AT = 65 };
    uint64_t rng = 17;
    sp_sealer sealer;
    sp_block_ref refs[2];
    sp_arena arena;
    sp_arena_init(&arena, 1 << 20);
    sealer_for_test(&sealer);
    sp_buf bodies[2] = {SP_BUF_IN(&arena.mem), SP_BUF_IN(&arena.mem)};
    for (size_t i = 0; i < 2; i++) {
        sp_block_random random;
        fill(&random, &rng);
        assert_int_equal(sp_block_seal(&bodies[i], &refs[i], &sealer, &random, SP_LIT("the same text")),
                         SP_OK);
        sp_reader in = sp_reader_of(sp_bytes_sub(sp_buf_bytes(&bodies[i]), COUNTER_AT, bodies[i].n));
        assert_int_equal(sp_read_u64(&in), i);
    }
    assert_memory_not_equal(refs[0].hash, refs[1].hash, 32);
    assert_memory_not_equal(bodies[0].p + COUNTER_AT + 12, bodies[1].p + COUNTER_AT + 12,
                            bodies[0].n - COUNTER_AT - 12);
    sealer.counter = UINT64_MAX;
    sp_block_random random;
    fill(&random, &rng);
    assert_int_equal(sp_block_seal(&bodies[0], &refs[0], &sealer, &random, SP_LIT("x")), SP_ERANGE);
    sp_sealer_fini(&sealer);
    sp_arena_fini(&arena);
}

/* A peer of small order would make the shared secret zero, whoever holds the other half (RFC 7748
 * section 6.1). */
static void a_recipient_of_small_order_is_refused(void **state)
{
    (void)state;
    const uint8_t zero[32] = {0}, secret[32] = {9};
    sp_sealer sealer;
    assert_int_equal(sp_sealer_init(&sealer, zero, secret), SP_ECRYPTO);
    assert_true(sp_record__is_zero(&sealer, sizeof sealer));
    sp_sealer_fini(&sealer);
}

static void each_failing_allocation_is_told(void **state)
{
    (void)state;
    uint64_t rng = 19;
    sp_sealer sealer;
    sealer_for_test(&sealer);
    sp_status status = SP_ENOMEM;
    for (size_t at = 1; status != SP_OK; at++) {
        failing f;
        sp_block_random random;
        sp_block_ref ref;
        failing_init(&f, at);
        fill(&random, &rng);
        sp_buf body = SP_BUF_IN(&f.mem), plain = SP_BUF_IN(&f.mem);
        status = sp_block_seal(&body, &ref, &sealer, &random, SP_LIT("text"));
        assert_true(sp_record__is_zero(random.key, sizeof random.key));
        if (status == SP_OK) status = sp_block_open(&plain, sp_buf_bytes(&body), help_recipient_secret);
        assert_true(status == SP_OK || status == SP_ENOMEM);
        sp_arena_fini(&f.arena);
        assert_true(at < 10);
    }
    sp_sealer_fini(&sealer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seals_and_opens_every_size),
        cmocka_unit_test(agrees_with_an_independent_implementation),
        cmocka_unit_test(every_flip_is_noticed_with_and_without_the_key),
        cmocka_unit_test(another_key_does_not_open),
        cmocka_unit_test(equal_texts_look_different_and_nonces_do_not_repeat),
        cmocka_unit_test(a_recipient_of_small_order_is_refused),
        cmocka_unit_test(each_failing_allocation_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
