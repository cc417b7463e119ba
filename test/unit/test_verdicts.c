/* Verdicts that several processes share: what one learnt the others know, and nobody ever reads what nobody
 * wrote. */
#include "parse_help.h"

#include "sallyport/verdicts.h"

#include <pthread.h>
#include <stdlib.h>

enum { TABLE_BYTES = 1 << 16 };

static int set_up(void **state)
{
    sp_verdicts *verdicts = malloc(sizeof *verdicts);
    void *table = calloc(1, TABLE_BYTES);
    if (verdicts == NULL || table == NULL || sp_verdicts_init(verdicts, table, TABLE_BYTES) != SP_OK)
        return -1;
    *state = verdicts;
    return 0;
}

static int tear_down(void **state)
{
    sp_verdicts *verdicts = *state;
    free(verdicts->entries);
    free(verdicts);
    return 0;
}

static void tag_of(uint8_t tag[SP_TAG_BYTES], uint32_t number)
{
    uint64_t state = number * UINT64_C(0x9e3779b97f4a7c15) + 1;
    for (size_t i = 0; i < SP_TAG_BYTES; i++) tag[i] = (uint8_t)next_random(&state);
}

/* A verdict that says of itself what it is: each of its words holds `number`, or what follows from it. */
static sp_verdict verdict_of(uint32_t number)
{
    sp_verdict v = {.is_known = true, .n = SP_PART_FINDINGS_MAX};
    for (uint32_t i = 0; i < SP_PART_FINDINGS_MAX; i++)
        v.v[i] = (sp_finding){.start = number,
                              .end = number + i,
                              .kind = number & 0xff,
                              .confidence = number >> 8 & 0xff,
                              .detector = number & 0xfff};
    return v;
}

static bool is_of(const sp_verdict *v, uint32_t number)
{
    const sp_verdict want = verdict_of(number);
    bool is_same = v->is_known && v->n == want.n;
    for (size_t i = 0; i < SP_PART_FINDINGS_MAX; i++)
        is_same = is_same && memcmp(&v->v[i], &want.v[i], sizeof want.v[i]) == 0;
    return is_same;
}

static void what_was_kept_is_found(void **state)
{
    uint8_t tag[SP_TAG_BYTES];
    sp_verdict found;
    for (uint32_t i = 0; i < 3; i++) {
        tag_of(tag, 1);
        const sp_verdict said = verdict_of(i);
        sp_verdicts_keep(*state, tag, &said);
        assert_true(sp_verdicts_find(&found, *state, tag));
        assert_true(is_of(&found, i)); /* the last */
    }
    tag_of(tag, 2);
    memset(&found, 0xff, sizeof found);
    assert_false(sp_verdicts_find(&found, *state, tag));
    assert_false(found.is_known);
}

static void another_process_finds_it(void **state)
{
    const sp_verdicts *one = *state;
    sp_verdicts other;
    sp_verdict found;
    uint8_t tag[SP_TAG_BYTES];
    const sp_verdict said = verdict_of(5);
    tag_of(tag, 1);
    sp_verdicts_keep(one, tag, &said);
    assert_int_equal(sp_verdicts_init(&other, one->entries, TABLE_BYTES), SP_OK);
    assert_true(sp_verdicts_find(&found, &other, tag) && is_of(&found, 5));
}

static void a_table_of_nothing_is_refused(void **state)
{
    (void)state;
    uint8_t little[64] = {0};
    sp_verdicts verdicts;
    assert_int_equal(sp_verdicts_init(&verdicts, little, sizeof little), SP_ERANGE);
    assert_null(verdicts.entries);
}

static void what_comes_often_outlives_what_comes_once(void **state)
{
    uint8_t often[SP_TAG_BYTES], once[SP_TAG_BYTES];
    sp_verdict found, said = verdict_of(0);
    tag_of(often, 0);
    sp_verdicts_keep(*state, often, &said);
    for (uint32_t i = 1; i < 50000; i++) {
        said = verdict_of(i);
        tag_of(once, i);
        sp_verdicts_keep(*state, once, &said);
        assert_true(sp_verdicts_find(&found, *state, often) && is_of(&found, 0));
    }
}

/* A process that died in the middle of writing: whatever byte it got to, its entry says nothing. */
static void an_entry_half_written_says_nothing(void **state)
{
    const sp_verdicts *verdicts = *state;
    uint8_t tag[SP_TAG_BYTES];
    sp_verdict found;
    const sp_verdict said = verdict_of(7), next = verdict_of(8);
    tag_of(tag, 1);
    sp_verdicts_keep(verdicts, tag, &said);
    uint32_t *words = (uint32_t *)verdicts->entries;
    size_t at = 0;
    while (words[at] == 0) at++; /* the counter of the one entry */
    assert_int_equal(words[at], 2);
    words[at] = 3;
    assert_false(sp_verdicts_find(&found, verdicts, tag));
    sp_verdicts_keep(verdicts, tag, &next); /* nobody takes it over */
    assert_int_equal(words[at], 3);
    assert_false(sp_verdicts_find(&found, verdicts, tag));
}

/* ... and takes no other piece's place: each that comes later is kept. */
static void an_entry_half_written_costs_one_place(void **state)
{
    const sp_verdicts *verdicts = *state;
    uint32_t *words = (uint32_t *)verdicts->entries;
    uint8_t tag[SP_TAG_BYTES];
    sp_verdict found;
    for (uint32_t i = 0; i < 20000; i++) { /* fills the table */
        const sp_verdict said = verdict_of(i);
        tag_of(tag, i);
        sp_verdicts_keep(verdicts, tag, &said);
    }
    assert_true(words[0] % 2 == 0 && words[0] != 0);
    words[0]++; /* the counter of the first entry of all */
    for (uint32_t i = 20000; i < 40000; i++) {
        const sp_verdict said = verdict_of(i);
        tag_of(tag, i);
        sp_verdicts_keep(verdicts, tag, &said);
        assert_true(sp_verdicts_find(&found, verdicts, tag) && is_of(&found, i));
    }
}

static void a_counter_that_goes_round_is_not_free(void **state)
{
    const sp_verdicts *verdicts = *state;
    uint8_t tag[SP_TAG_BYTES];
    sp_verdict found;
    const sp_verdict said = verdict_of(7), next = verdict_of(8);
    tag_of(tag, 1);
    sp_verdicts_keep(verdicts, tag, &said);
    uint32_t *words = (uint32_t *)verdicts->entries;
    size_t at = 0;
    while (words[at] == 0) at++;
    words[at] = UINT32_MAX - 1;
    sp_verdicts_keep(verdicts, tag, &next);
    assert_int_not_equal(words[at], 0);
    assert_true(sp_verdicts_find(&found, verdicts, tag) && is_of(&found, 8));
}

/* ---- at once ---- */

/* All of it in one set, so that everybody meets everybody. */
enum { THREADS = 4, TAGS = 16, STEPS = 40000 };

typedef struct worker {
    const sp_verdicts *verdicts;
    uint64_t seed;
    size_t hits, wrong;
} worker;

static void *work(void *arg)
{
    worker *w = arg;
    for (size_t i = 0; i < STEPS; i++) {
        const uint32_t number = (uint32_t)(next_random(&w->seed) % TAGS);
        uint8_t tag[SP_TAG_BYTES];
        sp_verdict found;
        tag_of(tag, number);
        memset(tag, 0, sizeof(size_t)); /* the set */
        if (sp_verdicts_find(&found, w->verdicts, tag)) {
            w->hits++;
            w->wrong += !is_of(&found, number);
        } else {
            const sp_verdict said = verdict_of(number);
            sp_verdicts_keep(w->verdicts, tag, &said);
        }
    }
    return NULL;
}

static void nobody_reads_what_nobody_wrote(void **state)
{
    pthread_t threads[THREADS];
    worker workers[THREADS];
    size_t hits = 0;
    for (size_t i = 0; i < THREADS; i++) {
        workers[i] = (worker){*state, i + 1, 0, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(workers[i].wrong, 0);
        hits += workers[i].hits;
    }
    assert_true(hits > STEPS / 4); /* or nothing was tested */
}

/* ---- the detectors that looked ---- */

static void tag_by(uint8_t tag[SP_TAG_BYTES], sp_history *history, uint64_t detectors)
{
    static const uint8_t scope[SP_KEY_ID_BYTES] = {1};
    sp_arena arena;
    sp_request request;
    sp_pieces pieces;
    const sp_bytes body = SP_LIT("{\"model\":\"a\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}");
    sp_arena_init(&arena, 1 << 20);
    assert_int_equal(sp_request_parse(&request, sp_dialect_get(SP_DIALECT_OPENAI), body, &arena.mem, NULL),
                     SP_OK);
    assert_int_equal(sp_history_cut(&pieces, &request, &arena.mem), SP_OK);
    assert_int_equal(sp_history_tag(history, &pieces, &(sp_seen_by){scope, detectors}), SP_OK);
    memcpy(tag, pieces.v[0].tag, SP_TAG_BYTES);
    sp_arena_fini(&arena);
}

static void other_detectors_know_nothing(void **state)
{
    static const uint8_t key[32] = {7};
    void *table = calloc(1, TABLE_BYTES);
    sp_history history;
    sp_verdict found;
    uint8_t tag[SP_TAG_BYTES];
    const sp_verdict said = verdict_of(1);
    assert_int_equal(sp_history_init(&history, table, TABLE_BYTES, key), SP_OK);
    tag_by(tag, &history, 1);
    sp_verdicts_keep(*state, tag, &said);
    tag_by(tag, &history, 1);
    assert_true(sp_verdicts_find(&found, *state, tag));
    tag_by(tag, &history, 2);
    assert_false(sp_verdicts_find(&found, *state, tag));
    sp_history_fini(&history);
    free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        T(what_was_kept_is_found),
        T(another_process_finds_it),
        T(a_table_of_nothing_is_refused),
        T(what_comes_often_outlives_what_comes_once),
        T(an_entry_half_written_says_nothing),
        T(an_entry_half_written_costs_one_place),
        T(a_counter_that_goes_round_is_not_free),
        T(nobody_reads_what_nobody_wrote),
        T(other_detectors_know_nothing),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
