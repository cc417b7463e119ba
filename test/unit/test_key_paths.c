/* What the check of an API key does is the same whatever is wrong with the key: one hash, one compare of
 * equal length. Counted, not timed (the linker puts counters around both). The times are printed for the
 * reader, with the t-value of each kind against a good key, as in Reparaz et al., Dude, is my code constant
 * time? (2017): up to 8 ns of 1,350 were seen, with t up to 7, from the steps of the bisection over ids,
 * which are no secret. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "sallyport/policy.h"

enum { N_KEYS = 3, ROUNDS = 40000, KINDS = 5, LONGEST_NS = 5000 };

static unsigned n_hashes, n_compares;
static size_t hashed_bytes, compared_bytes;

unsigned char *__real_SHA256(const unsigned char *p, size_t n, unsigned char *out);
unsigned char *__wrap_SHA256(const unsigned char *p, size_t n, unsigned char *out);
bool __real_sp_equal_secret(const uint8_t *a, const uint8_t *b, size_t n);
bool __wrap_sp_equal_secret(const uint8_t *a, const uint8_t *b, size_t n);

unsigned char *__wrap_SHA256(const unsigned char *p, size_t n, unsigned char *out)
{
    n_hashes++;
    hashed_bytes += n;
    return __real_SHA256(p, n, out);
}

bool __wrap_sp_equal_secret(const uint8_t *a, const uint8_t *b, size_t n)
{
    n_compares++;
    compared_bytes += n;
    return __real_sp_equal_secret(a, b, n);
}

/* ---- keys ---- */

static sp_key keys[N_KEYS];
static sp_snapshot snapshot;
static sp_arena arena;

typedef struct kind {
    const char *name;
    uint8_t id, secret; /* which id it names, which secret it shows */
    sp_status status;
    sp_bytes text;
} kind;

static kind kinds[KINDS] = {
    {"good", 1, 1, SP_OK, {0}},         {"wrong", 1, 9, SP_EBADKEY, {0}},
    {"unknown", 9, 1, SP_EBADKEY, {0}}, {"revoked", 2, 2, SP_EBADKEY, {0}},
    {"expired", 3, 3, SP_EBADKEY, {0}},
};

static int set_up(void **state)
{
    (void)state;
    sp_arena_init(&arena, 1 << 20);
    for (int i = 0; i < N_KEYS; i++) {
        uint8_t secret[SP_KEY_SECRET_BYTES];
        memset(keys[i].id, i + 1, sizeof keys[i].id);
        memset(secret, i + 1, sizeof secret);
        if (sp_key_hash(keys[i].hash, secret) != SP_OK) {
            return -1;
        }
    }
    keys[1].is_revoked = true;
    keys[2].expires_s = 50;
    snapshot = (sp_snapshot){.keys = keys, .n_keys = N_KEYS, .expires_s = 1000};
    for (size_t i = 0; i < KINDS; i++) {
        uint8_t id[SP_KEY_ID_BYTES], secret[SP_KEY_SECRET_BYTES];
        sp_buf text = SP_BUF_IN(&arena.mem);
        memset(id, kinds[i].id, sizeof id);
        memset(secret, kinds[i].secret, sizeof secret);
        sp_key_text_append(&text, id, secret);
        kinds[i].text = sp_buf_bytes(&text);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sp_arena_fini(&arena);
    return 0;
}

static sp_status identify(size_t i)
{
    const sp_key *found;
    return sp_key_identify(&found, &snapshot, kinds[i].text, 100);
}

static void each_kind_of_key_costs_one_hash_and_one_compare(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        n_hashes = n_compares = 0;
        hashed_bytes = compared_bytes = 0;
        assert_int_equal(identify(i), kinds[i].status);
        assert_int_equal(n_hashes, 1);
        assert_int_equal(n_compares, 1);
        assert_int_equal(hashed_bytes, SP_KEY_SECRET_BYTES);
        assert_int_equal(compared_bytes, 32);
    }
}

/* ---- times, for the reader ---- */

typedef struct moments {
    double n, sum, squares;
} moments;

static uint64_t now_ns(void)
{
    struct timespec t = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static double welch(const moments *a, const moments *b)
{
    const double mean_a = a->sum / a->n, mean_b = b->sum / b->n;
    const double var_a = a->squares / a->n - mean_a * mean_a, var_b = b->squares / b->n - mean_b * mean_b;
    return (mean_a - mean_b) / sqrt(var_a / a->n + var_b / b->n);
}

/* xorshift: which kind is next must not be what the processor has learned. */
static size_t next_kind(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (size_t)(*state % KINDS);
}

/* Kinds in mixed order, so that what else the machine does falls on all; what an interrupt hit is left out.
 */
static void times_are_printed(void **state)
{
    moments of[KINDS] = {{0}};
    (void)state;
    uint64_t random = UINT64_C(0x9e3779b97f4a7c15);
    for (int round = 0; round < ROUNDS * KINDS; round++) {
        const size_t i = next_kind(&random);
        const uint64_t begin = now_ns();
        (void)identify(i);
        const double ns = (double)(now_ns() - begin);
        if (ns < LONGEST_NS) {
            of[i].n++;
            of[i].sum += ns;
            of[i].squares += ns * ns;
        }
    }
    for (size_t i = 1; i < KINDS; i++) {
        if (of[i].n < 2 || of[0].n < 2) {
            print_message("%s: too slow here to be told from an interrupt\n", kinds[i].name);
            continue; /* under a sanitizer, or on a busy machine */
        }
        print_message("%s: %.0f ns, good: %.0f ns, t = %.1f over %.0f\n", kinds[i].name, of[i].sum / of[i].n,
                      of[0].sum / of[0].n, welch(&of[i], &of[0]), of[i].n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_of_key_costs_one_hash_and_one_compare),
        cmocka_unit_test(times_are_printed),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
