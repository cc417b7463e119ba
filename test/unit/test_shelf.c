/* System texts that came before: the same table as if the text were new, for as long as an exchange lives;
 * nothing of another text, another cut or another caller; and bounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "review/passages.h"

enum { MEMORY = 256 << 20, WORDS = 400 };

static const uint8_t one[8] = {1}, another[8] = {2};

typedef struct setting {
    sp_shelf shelf;
    sp_arena arena;
} setting;

static void begin(setting *s)
{
    sp_shelf_init(&s->shelf, 0x1234567890abcdef);
    sp_arena_init(&s->arena, MEMORY);
}

static void end(setting *s)
{
    sp_shelf_fini(&s->shelf);
    sp_arena_fini(&s->arena);
}

static void put_message(sp_buf *out, const char *role, unsigned seed, size_t n_words)
{
    sp_buf_append_str(out, "{\"role\":\"");
    sp_buf_append_str(out, role);
    sp_buf_append_str(out, "\",\"content\":\"");
    for (size_t i = 0; i < n_words; i++) {
        sp_buf_append_str(out, i > 0 ? " w" : "w");
        sp_buf_append_u64(out, (uint64_t)seed * 10000 + i);
    }
    sp_buf_append_str(out, "\"}");
}

/* A request of system texts of so many words each, 0 after the last, and of what a user says. */
static sp_request *request_of(setting *s, unsigned seed, const size_t *n_words)
{
    sp_buf body = SP_BUF_IN(&s->arena.mem);
    sp_request *request = sp_alloc(&s->arena.mem, 1, sizeof *request);
    sp_diag diag;
    assert_non_null(request);
    sp_buf_append_str(&body, "{\"model\":\"m\",\"messages\":[");
    for (unsigned i = 0; n_words[i] > 0; i++) {
        put_message(&body, "system", seed + i, n_words[i]);
        sp_buf_append_byte(&body, ',');
    }
    put_message(&body, "user", seed + 1000, 30);
    sp_buf_append_str(&body, "]}");
    assert_int_equal(sp_request_parse(request, sp_dialect_get(SP_DIALECT_OPENAI), sp_buf_bytes(&body),
                                      &s->arena.mem, &diag),
                     SP_OK);
    return request;
}

static sp_request *request_with(setting *s, unsigned seed)
{
    return request_of(s, seed, (const size_t[]){WORDS, 0});
}

static size_t count_filled(const setting *s)
{
    size_t n = 0;
    for (size_t i = 0; i < SP_SHELF_PLACES; i++) n += s->shelf.v[i].text.n > 0;
    return n;
}

/* Was any found again? */
static bool any_is_recent(const setting *s)
{
    bool is_any = false;
    for (size_t i = 0; i < SP_SHELF_PLACES; i++) is_any = is_any || s->shelf.v[i].is_recent;
    return is_any;
}

static void check_table(setting *s, const sp_passages *got, const sp_request *request)
{
    sp_passages *fresh;
    assert_int_equal(sp_passages_new(&fresh, request, s->shelf.key, &s->arena.mem), SP_OK);
    assert_true((got == NULL) == (fresh == NULL));
    if (fresh == NULL) return;
    assert_int_equal(got->n, fresh->n);
    assert_int_equal(got->mask, fresh->mask);
    assert_true(got->key == fresh->key && got->last_power == fresh->last_power);
    assert_memory_equal(got->table, fresh->table, (fresh->mask + 1) * sizeof *fresh->table);
}

static sp_passages *take(setting *s, const uint8_t scope[8], const sp_request *request)
{
    sp_passages *passages;
    assert_int_equal(sp_shelf_passages(&passages, &s->shelf, scope, request, &s->arena.mem), SP_OK);
    check_table(s, passages, request);
    return passages;
}

static void the_same_text_is_read_once(void **state)
{
    setting s;
    (void)state;
    begin(&s);
    sp_passages *const first = take(&s, one, request_with(&s, 1));
    assert_false(s.shelf.v[0].is_recent);
    const sp_passages *const kept = s.shelf.v[0].passages;
    sp_passages *const second = take(&s, one, request_with(&s, 1));
    assert_true(s.shelf.v[0].is_recent && s.shelf.v[0].passages == kept);
    assert_int_equal(count_filled(&s), 1);
    assert_true(first != kept && second != kept && second->table != kept->table);
    sp_shelf_fini(&s.shelf); /* which the exchanges outlive */
    check_table(&s, second, request_with(&s, 1));
    end(&s);
}

static void others_have_places_of_their_own(void **state)
{
    static const size_t cuts[][3] = {
        {WORDS, 0}, {WORDS / 2, WORDS / 2, 0}, {WORDS / 4, WORDS - WORDS / 4, 0}};
    setting s;
    (void)state;
    begin(&s);
    (void)take(&s, one, request_with(&s, 1));
    (void)take(&s, another, request_with(&s, 1));
    (void)take(&s, one, request_with(&s, 2));
    for (size_t i = 1; i < sizeof cuts / sizeof cuts[0]; i++) (void)take(&s, one, request_of(&s, 1, cuts[i]));
    assert_int_equal(count_filled(&s), 5);
    assert_false(any_is_recent(&s));
    end(&s);
}

/* Of one length, and with another letter at each place in turn. */
static void each_byte_counts(void **state)
{
    setting s;
    (void)state;
    begin(&s);
    sp_request *const request = request_with(&s, 1);
    (void)take(&s, one, request);
    const sp_segment *text = request->segments;
    while (!sp_segment_is_system(text)) text++;
    uint8_t *const bytes = (uint8_t *)(uintptr_t)request->text.p;
    for (uint32_t at = text->text_start; at < text->text_end; at++) {
        bytes[at] ^= 1;
        sp_passages *other;
        assert_int_equal(sp_shelf_passages(&other, &s.shelf, one, request, &s.arena.mem), SP_OK);
        bytes[at] ^= 1;
    }
    assert_false(any_is_recent(&s));
    end(&s);
}

static void what_comes_often_stays(void **state)
{
    setting s;
    (void)state;
    begin(&s);
    (void)take(&s, one, request_with(&s, 1));
    const sp_passages *const kept = s.shelf.v[0].passages;
    for (unsigned i = 0; i < 4 * SP_SHELF_PLACES; i++) {
        (void)take(&s, one, request_with(&s, 1));
        (void)take(&s, one, request_with(&s, 10 + i));
    }
    assert_ptr_equal(s.shelf.v[0].passages, kept);
    assert_int_equal(count_filled(&s), SP_SHELF_PLACES);
    end(&s);
}

static void what_is_too_much_has_no_place(void **state)
{
    enum { LONG_WORDS = SP_SHELF_TEXT_MAX / 8 + 1 };
    size_t many[SP_SHELF_TEXTS + 2] = {0};
    setting s;
    (void)state;
    begin(&s);
    for (size_t i = 0; i <= SP_SHELF_TEXTS; i++) many[i] = 30;
    assert_non_null(take(&s, one, request_of(&s, 10000, (const size_t[]){LONG_WORDS, 0})));
    assert_non_null(take(&s, one, request_of(&s, 1, many)));
    assert_int_equal(count_filled(&s), 0);
    assert_null(take(&s, one, request_of(&s, 1, (const size_t[]){0})));
    assert_int_equal(count_filled(&s), 0);
    many[SP_SHELF_TEXTS] = 0;
    assert_non_null(take(&s, one, request_of(&s, 1, many)));
    assert_int_equal(count_filled(&s), 1);
    end(&s);
}

/* Nothing is half there. */
static void without_memory_there_is_none(void **state)
{
    setting s;
    (void)state;
    begin(&s);
    const sp_request *const request = request_with(&s, 1);
    for (unsigned round = 0; round < 2; round++) {
        sp_arena small;
        sp_passages *passages;
        sp_arena_init(&small, 64);
        assert_int_equal(sp_shelf_passages(&passages, &s.shelf, one, request, &small.mem), SP_ENOMEM);
        assert_null(passages);
        sp_arena_fini(&small);
    }
    (void)take(&s, one, request);
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_text_is_read_once),
        cmocka_unit_test(others_have_places_of_their_own),
        cmocka_unit_test(each_byte_counts),
        cmocka_unit_test(what_comes_often_stays),
        cmocka_unit_test(what_is_too_much_has_no_place),
        cmocka_unit_test(without_memory_there_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
