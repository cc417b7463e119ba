/* Folding: what a reader takes for ASCII becomes ASCII, what is invisible goes, what else there is stays. */
#include "parse/fold.h"
#include "parse_help.h"

static const struct {
    const char *name, *text, *want;
} rows[] = {
    {"ASCII is left alone", "ada@canary-mail.org", ""},
    {"so are accents", "Müller, façade, Łódź", ""},
    {"so are scripts of which nothing folds", "Привет 你好 안녕 שלום", ""},
    {"an empty text", "", ""},
    {"full width", "ａｄａ＠ｃ－ｍ．ｏｒｇ １２３", "ada@c-m.org 123"},
    {"one letter is enough", "ada＠canary.org", "ada@canary.org"},
    {"zero width", "ad\u200ba@\u2060ca\ufeffn\u00adary.org", "ada@canary.org"},
    {"marks of direction", "a\u202eda\u202c@x\u2066.org\u2069", "ada@x.org"},
    {"selectors", "a\ufe0fda\U000e0101", "ada"},
    {"blanks", "DE89\u00a03704\u2009 \u202f0044\u3000", "DE89 3704   0044 "},
    {"hyphens", "4111\u20101111\u20131111\u22121111", "4111-1111-1111-1111"},
    {"mathematical letters", "𝐚𝐙𝑎𝒶ℎℬ𝔞𝕒𝖆𝗮𝘢𝙖𝚊", "aZaahBaaaaaaa"},
    {"mathematical digits", "𝟎𝟗𝟘𝟡𝟢𝟿", "090909"},
    {"circled and raised", "①⑨⓪ⒶⓏⓐⓩ ¹²³⁰⁴⁹₀₉", "190AZaz 12304909"},
    {"digits of other scripts", "٠٩ ۰۹ ०९ ০৯", "09 09 09 09"},
    {"letterlike", "ℂℊℋℍℑℒℓℕℙℚℝℜℤℨKℭℯℰℱℳℴſ", "CgHHILlNPQRRZZKCeEFMos"},
    {"small forms", "a﹫b﹒c﹣d", "a@b.c-d"},
    {"tags", "hi \U000e0061\U000e0040\U000e007a\U000e0001\U000e007f", "hi a@z"},
    {"other letters around stay", "Ж１é", "Ж1é"},
    {"broken bytes are bytes", "\xff\xef\xbc\xf0\x9d\x90 １\xe2\x80", "\xff\xef\xbc\xf0\x9d\x90 1\xe2\x80"},
};

static sp_bytes folded(sp_mem *mem, sp_bytes text)
{
    sp_buf out = SP_BUF_IN(mem);
    sp__fold(&out, exact(mem, text));
    assert_int_equal(out.status, SP_OK);
    assert_true(out.n <= text.n + text.n / SP_FOLD_AROUND);
    return sp_buf_bytes(&out);
}

static void folds_what_a_reader_takes_for_ascii(void **state)
{
    (void)state;
    sp_arena arena;
    sp_arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const sp_bytes got = folded(&arena.mem, sp_bytes_of(rows[i].text));
        if (!sp_bytes_eq(got, sp_bytes_of(rows[i].want)))
            fail_msg("%s: %.*s", rows[i].name, (int)got.n, (const char *)got.p);
    }
    sp_arena_fini(&arena);
}

/* Words of seven letters, and one that folds every `every` words. */
static sp_bytes prose(sp_mem *mem, size_t n_words, size_t every)
{
    sp_buf out = SP_BUF_IN(mem);
    for (size_t i = 0; i < n_words; i++) {
        sp_buf_append_str(&out, every > 0 && i % every == every / 2 ? "１bcdefg " : "abcdefg ");
    }
    return sp_buf_bytes(&out);
}

static void only_the_surroundings_stand_once_more(void **state)
{
    (void)state;
    sp_arena arena;
    sp_arena_init(&arena, 64 << 20);
    const sp_bytes one = folded(&arena.mem, prose(&arena.mem, 10000, 10000));
    assert_in_range(one.n, 2 * SP_FOLD_AROUND - 8, 2 * SP_FOLD_AROUND + 32);
    assert_int_equal(one.p[0], 'a');
    assert_int_equal(one.p[one.n - 1], 'g');
    const sp_bytes two = folded(&arena.mem, prose(&arena.mem, 10000, 5000));
    assert_non_null(memchr(two.p, '\n', two.n));
    const sp_bytes dense = prose(&arena.mem, 10000, 2), all = folded(&arena.mem, dense);
    assert_int_equal(all.n, 80000);
    sp_arena_fini(&arena);
}

/* However long the words are, a piece is bounded, and no sequence is cut. */
static void a_text_without_blanks_is_cut_between_characters(void **state)
{
    (void)state;
    sp_arena arena;
    sp_arena_init(&arena, 1 << 20);
    sp_buf text = SP_BUF_IN(&arena.mem);
    for (size_t i = 0; i < 3000; i++) sp_buf_append_str(&text, i == 1500 ? "１" : "你");
    const sp_bytes got = folded(&arena.mem, sp_buf_bytes(&text));
    assert_in_range(got.n, 2 * SP_FOLD_AROUND, 4 * SP_FOLD_AROUND + 8);
    assert_int_equal(sp_utf8_valid_prefix(got), got.n);
    sp_arena_fini(&arena);
}

static void parts_are_joined_at_their_ends(void **state)
{
    (void)state;
    sp_arena arena;
    sp_arena_init(&arena, 1 << 20);
    sp_buf out = SP_BUF_IN(&arena.mem);
    const sp_bytes large = prose(&arena.mem, 1000, 0);
    sp__fold_join(&out, SP_LIT("ada@"), true);
    sp__fold_join(&out, SP_LIT(""), false);
    sp__fold_join(&out, SP_LIT("canary"), false);
    assert_bytes(sp_buf_bytes(&out), SP_LIT("ada@canary"));
    sp__fold_join(&out, large, false);
    sp__fold_join(&out, SP_LIT(".org"), false);
    assert_true(out.n < 4 * (size_t)SP_FOLD_AROUND);
    assert_true(sp_bytes_starts(sp_buf_bytes(&out), SP_LIT("ada@canaryabcdefg ")));
    assert_bytes(sp_bytes_sub(sp_buf_bytes(&out), out.n - 13, out.n), SP_LIT(" abcdefg .org"));
    sp_arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folds_what_a_reader_takes_for_ascii),
        cmocka_unit_test(only_the_surroundings_stand_once_more),
        cmocka_unit_test(a_text_without_blanks_is_cut_between_characters),
        cmocka_unit_test(parts_are_joined_at_their_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
