/* Markings where their rows' examples say nothing: the table of words, and lines on which a word stands far
 * from the one that it belongs to. However a stream is cut, it finds what the whole text holds. */
#include "engine_help.h"

#include "detect/markings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

enum { LIMIT = 50, TEXT_MAX = 1024 };

static void words_are_in_order(void **state)
{
    (void)state;
    assert_true(sp_marking_words_are_sorted());
    assert_int_equal(sp_marking_word(SP_LIT("ag")), SP_MARK_BESIDE);
    assert_int_equal(sp_marking_word(SP_LIT("Y")), SP_MARK_BESIDE);
    assert_int_equal(sp_marking_word(SP_LIT("Restricted")), SP_MARK_LEVEL | SP_MARK_VERB);
    assert_int_equal(sp_marking_word(SP_LIT("restricte")), 0);
    assert_int_equal(sp_marking_word(SP_BYTES_EMPTY), 0);
}

static sp_findings streamed(sp_bytes text, size_t piece, sp_mem *mem)
{
    sp_findings found = SP_FINDINGS_IN(mem, LIMIT);
    sp_tape *tape;
    uint64_t release;
    assert_int_equal(sp_tape_new(&tape, engine, scratch, mem), SP_OK);
    for (size_t at = 0; at < text.n; at += piece) {
        const size_t end = text.n - at < piece ? text.n : at + piece;
        assert_int_equal(sp_tape_feed(tape, sp_bytes_sub(text, at, end), end == text.n, &found, &release),
                         SP_OK);
    }
    return found;
}

static void check_streams(sp_bytes text)
{
    for (size_t piece = 1; piece < text.n; piece += piece / 4 + 1) {
        sp_arena arena;
        sp_arena_init(&arena, 1 << 20);
        sp_findings whole = SP_FINDINGS_IN(&arena.mem, LIMIT);
        assert_int_equal(sp_scan(&whole, engine, scratch, text), SP_OK);
        const sp_findings found = streamed(text, piece, &arena.mem);
        assert_int_equal(found.n, whole.n);
        for (size_t i = 0; i < found.n; i++) {
            assert_int_equal(found.v[i].kind, whole.v[i].kind);
            assert_int_equal(found.v[i].start, whole.v[i].start);
            assert_int_equal(found.v[i].end, whole.v[i].end);
        }
        sp_arena_fini(&arena);
    }
}

/* Blanks and hyphens between two words of a marking, or a field and its value: some, or more than anybody
 * looks back. */
static void a_gap_is_read_alike_in_streams(void **state)
{
    static const struct {
        const char *before, *behind;
        char gap;
    } rows[] = {
        {"Here it is.\nClassification: strictly", "confidential\n", ' '},
        {"Here it is.\nClassification:", "confidential\n", ' '},
        {"Here it is.\nClassification", ": confidential\n", ' '},
        {"STRICTLY", "CONFIDENTIAL\n", '-'},
        {"This memo is highly", "confidential.\n", ' '},
        {"TOP", "SECRET\n", '-'},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (size_t gap = 1; gap < 300; gap = gap * 2 + 1) {
            char text[TEXT_MAX];
            size_t n = (size_t)snprintf(text, sizeof text, "%s", rows[i].before);
            memset(text + n, rows[i].gap, gap);
            n += gap;
            n += (size_t)snprintf(text + n, sizeof text - n, "%s", rows[i].behind);
            check_streams((sp_bytes){(const uint8_t *)text, n});
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_in_order),
        cmocka_unit_test(a_gap_is_read_alike_in_streams),
    };
    return cmocka_run_group_tests(tests, engine_set_up, engine_tear_down);
}
