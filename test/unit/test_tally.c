/* Connections of each address: as many as were let in and have not left, whoever else comes and goes. */
#include "parse_help.h"

#include "sallyport/tally.h"

enum { ROWS = 64, ADDRESSES = 40, MOST = 3 };

typedef struct fixture {
    sp_arena arena;
    sp_tally tally;
} fixture;

static int set_up(void **state)
{
    static fixture f;
    sp_arena_init(&f.arena, 1 << 20);
    *state = &f;
    return sp_tally_init(&f.tally, ROWS, 77, &f.arena.mem) == SP_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    sp_arena_fini(&((fixture *)*state)->arena);
    return 0;
}

static void id_v4(uint8_t id[SP_TALLY_ID_BYTES], uint8_t last)
{
    const uint8_t address[4] = {127, 0, 0, last};
    sp_tally_id(id, 4, (sp_bytes){address, 4});
}

static void an_address_has_its_bound_and_others_theirs(void **state)
{
    fixture *f = *state;
    uint8_t one[SP_TALLY_ID_BYTES], two[SP_TALLY_ID_BYTES];
    id_v4(one, 1);
    id_v4(two, 2);
    const uint32_t row = sp_tally_enter(&f->tally, one, 2);
    assert_int_not_equal(row, 0);
    assert_int_equal(sp_tally_enter(&f->tally, one, 2), row);
    assert_int_equal(sp_tally_enter(&f->tally, one, 2), 0);
    assert_int_not_equal(sp_tally_enter(&f->tally, two, 2), 0);
    sp_tally_leave(&f->tally, row);
    assert_int_equal(sp_tally_enter(&f->tally, one, 2), row);
    assert_int_equal(sp_tally_enter(&f->tally, one, 0), 0);
}

static void a_network_of_64_bits_is_one_address(void **state)
{
    (void)state;
    static const uint8_t hosts[3][16] = {{0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8},
                                         {0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 8, 7, 6, 5, 4, 3, 2, 1},
                                         {0x20, 1, 0xd, 0xb8, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8}};
    uint8_t id[4][SP_TALLY_ID_BYTES];
    for (size_t i = 0; i < 3; i++) sp_tally_id(id[i], 6, (sp_bytes){hosts[i], 16});
    sp_tally_id(id[3], 0, SP_LIT("/run/socket"));
    assert_memory_equal(id[0], id[1], SP_TALLY_ID_BYTES);
    assert_memory_not_equal(id[0], id[2], SP_TALLY_ID_BYTES);
    assert_memory_not_equal(id[0], id[3], SP_TALLY_ID_BYTES);
}

/* Against plain counters, through all of its states: full, empty, and back. */
static void it_counts_what_is_there(void **state)
{
    fixture *f = *state;
    uint32_t rows[ADDRESSES][MOST], count[ADDRESSES] = {0};
    uint64_t rng = 5;
    for (size_t step = 0; step < 20000; step++) {
        const size_t who = next_random(&rng) % ADDRESSES;
        uint8_t id[SP_TALLY_ID_BYTES];
        id_v4(id, (uint8_t)who);
        if (next_random(&rng) % 5 < (step / 2000 % 2 ? 2U : 3U)) {
            const uint32_t row = sp_tally_enter(&f->tally, id, MOST);
            assert_int_equal(row != 0, count[who] < MOST);
            if (row != 0) rows[who][count[who]++] = row;
        } else if (count[who] > 0) {
            sp_tally_leave(&f->tally, rows[who][--count[who]]);
        }
    }
}

static void without_a_row_nobody_enters(void **state)
{
    fixture *f = *state;
    uint8_t id[SP_TALLY_ID_BYTES];
    uint32_t first = 0;
    for (size_t i = 0; i < ROWS; i++) {
        id_v4(id, (uint8_t)i);
        const uint32_t row = sp_tally_enter(&f->tally, id, 9);
        assert_int_not_equal(row, 0);
        if (i == 0) first = row;
    }
    id_v4(id, 200);
    assert_int_equal(sp_tally_enter(&f->tally, id, 9), 0);
    sp_tally_leave(&f->tally, first);
    sp_tally_leave(&f->tally, first); /* once is enough */
    sp_tally_leave(&f->tally, ROWS + 1);
    assert_int_equal(sp_tally_enter(&f->tally, id, 9), first);
    assert_int_equal(sp_tally_enter(&f->tally, (uint8_t[SP_TALLY_ID_BYTES]){9}, 9), 0);
}

static void its_memory_is_bounded(void **state)
{
    (void)state;
    sp_arena arena;
    sp_tally tally;
    sp_arena_init(&arena, 1000);
    assert_int_equal(sp_tally_init(&tally, 0, 1, &arena.mem), SP_ERANGE);
    assert_int_equal(sp_tally_init(&tally, (1 << 24) + 1, 1, &arena.mem), SP_ERANGE);
    assert_int_equal(sp_tally_init(&tally, 1000, 1, &arena.mem), SP_ENOMEM);
    assert_int_equal(sp_tally_enter(&tally, (uint8_t[SP_TALLY_ID_BYTES]){1}, 9), 0);
    sp_arena_fini(&arena);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_address_has_its_bound_and_others_theirs),
        TEST(a_network_of_64_bits_is_one_address),
        TEST(it_counts_what_is_there),
        TEST(without_a_row_nobody_enters),
        TEST(its_memory_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
