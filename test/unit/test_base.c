/** Bytes, memory, buffers, cursors, encodings. Vectors: RFC 4648, RFC 3629, the "check" values of CRC-32 and
 * CRC-32C. */
#include <stdlib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sallyport/base.h"

static void crc_check_values(void **state)
{
    (void)state;
    assert_int_equal(sp_crc32(0, SP_LIT("123456789")), 0xcbf43926);
    assert_int_equal(sp_crc32c(0, SP_LIT("123456789")), 0xe3069283);
    assert_int_equal(sp_crc32c(sp_crc32c(0, SP_LIT("12345")), SP_LIT("6789")), 0xe3069283);
}

static void base64url_round_trip_and_strictness(void **state)
{
    (void)state;
    static const struct {
        const char *plain, *text;
    } rows[] = {{"", ""},           {"f", "Zg"},          {"fo", "Zm8"},         {"foo", "Zm9v"},
                {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}};
    sp_arena arena;
    sp_arena_init(&arena, 1 << 16);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sp_buf b = SP_BUF_IN(&arena.mem);
        const sp_bytes plain = sp_bytes_of(rows[i].plain);
        sp_base64url_append(&b, plain);
        assert_true(sp_bytes_eq(sp_buf_bytes(&b), sp_bytes_of(rows[i].text)));
        uint8_t back[8];
        assert_int_equal(sp_base64url_decode(back, plain.n, sp_bytes_of(rows[i].text)), SP_OK);
        assert_memory_equal(back, plain.p, plain.n);
    }
    uint8_t out[8];
    assert_int_equal(sp_base64url_decode(out, 1, SP_LIT("Zh")), SP_ERANGE); /* unused bits set */
    assert_int_equal(sp_base64url_decode(out, 1, SP_LIT("Zg==")), SP_ERANGE);
    assert_int_equal(sp_base64url_decode(out, 2, SP_LIT("Zm+")), SP_ERANGE);
    sp_arena_fini(&arena);
}

static void hex_round_trip(void **state)
{
    (void)state;
    char text[9];
    sp_hex_encode(text, SP_LIT("\x00\xff\x1a\xb2"));
    assert_string_equal(text, "00ff1ab2");
    uint8_t back[4];
    assert_int_equal(sp_hex_decode(back, 4, SP_LIT("00FF1aB2")), SP_OK);
    assert_memory_equal(back, "\x00\xff\x1a\xb2", 4);
    assert_int_equal(sp_hex_decode(back, 4, SP_LIT("00ff1ab")), SP_ERANGE);
    assert_int_equal(sp_hex_decode(back, 4, SP_LIT("00ff1abg")), SP_ERANGE);
}

static void utf8_prefixes(void **state)
{
    (void)state;
    static const struct {
        sp_bytes text;
        size_t valid;
    } rows[] = {
        {{(const uint8_t *)"plain", 5}, 5},
        {{(const uint8_t *)"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 9}, 9},
        {{(const uint8_t *)"a\xc0\xaf", 3}, 1},        /* overlong slash */
        {{(const uint8_t *)"a\xe0\x80\xaf", 4}, 1},    /* overlong */
        {{(const uint8_t *)"\xed\xa0\x80", 3}, 0},     /* surrogate */
        {{(const uint8_t *)"\xf4\x90\x80\x80", 4}, 0}, /* above U+10FFFF */
        {{(const uint8_t *)"\xf5\x80\x80\x80", 4}, 0},
        {{(const uint8_t *)"ab\xe2\x82", 4}, 2}, /* cut off */
        {{(const uint8_t *)"\x80", 1}, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(sp_utf8_valid_prefix(rows[i].text), rows[i].valid);
}

static void cursors_stick_after_the_first_error(void **state)
{
    (void)state;
    sp_arena arena;
    sp_arena_init(&arena, 1 << 16);
    sp_buf b = SP_BUF_IN(&arena.mem);
    sp_write_u8(&b, 7);
    sp_write_u16(&b, 0x1234);
    sp_write_u32(&b, 0xdeadbeef);
    sp_write_u64(&b, UINT64_C(0x0102030405060708));
    sp_write_bytes16(&b, SP_LIT("name"));
    sp_write_bytes32(&b, SP_LIT(""));
    assert_int_equal(b.status, SP_OK);
    sp_reader in = sp_reader_of(sp_buf_bytes(&b));
    assert_int_equal(sp_read_u8(&in), 7);
    assert_int_equal(sp_read_u16(&in), 0x1234);
    assert_int_equal(sp_read_u32(&in), 0xdeadbeef);
    assert_true(sp_read_u64(&in) == UINT64_C(0x0102030405060708));
    assert_true(sp_bytes_eq(sp_read_bytes16(&in, 4), SP_LIT("name")));
    assert_int_equal(sp_read_bytes32(&in, 0).n, 0);
    assert_int_equal(sp_reader_end(&in), SP_OK);
    assert_int_equal(sp_read_u8(&in), 0);
    assert_int_equal(sp_reader_end(&in), SP_ETRUNCATED);
    in = sp_reader_of(SP_LIT("\x00\x05hello"));
    assert_int_equal(sp_read_bytes16(&in, 4).n, 0);
    assert_int_equal(sp_read_u8(&in), 0);
    assert_int_equal(sp_reader_end(&in), SP_ERANGE);
    sp_arena_fini(&arena);
}

static void buffers_stop_at_the_limit(void **state)
{
    (void)state;
    sp_arena arena;
    sp_arena_init(&arena, 200);
    sp_buf b = SP_BUF_IN(&arena.mem);
    for (int i = 0; i < 1000; i++) sp_buf_append_byte(&b, 'x');
    assert_int_equal(b.status, SP_ENOMEM);
    assert_true(b.n <= 200);
    assert_null(sp_alloc(&arena.mem, SIZE_MAX, 2));
    assert_null(sp_alloc(&arena.mem, 0, 8));
    sp_arena_fini(&arena);
}

static void json_text_is_escaped(void **state)
{
    (void)state;
    sp_arena arena;
    sp_arena_init(&arena, 1 << 12);
    sp_buf b = SP_BUF_IN(&arena.mem);
    sp_buf_append_json(&b, SP_LIT("a\"b\\c\n\x01 \xc3\xa4"));
    assert_true(sp_bytes_eq(sp_buf_bytes(&b), SP_LIT("a\\\"b\\\\c\\n\\u0001 \xc3\xa4")));
    sp_arena_fini(&arena);
}

static void numbers_parse_strictly(void **state)
{
    (void)state;
    uint64_t v = 9;
    assert_true(sp_u64_parse(&v, SP_LIT("18446744073709551615"), UINT64_MAX));
    assert_true(v == UINT64_MAX);
    assert_false(sp_u64_parse(&v, SP_LIT("18446744073709551616"), UINT64_MAX));
    assert_false(sp_u64_parse(&v, SP_LIT(""), UINT64_MAX));
    assert_false(sp_u64_parse(&v, SP_LIT("+1"), UINT64_MAX));
    assert_false(sp_u64_parse(&v, SP_LIT("11"), 10));
    assert_true(v == UINT64_MAX);
}

static void bytes_compare(void **state)
{
    (void)state;
    assert_true(sp_bytes_eq_nocase(SP_LIT("Content-Type"), SP_LIT("content-type")));
    assert_false(sp_bytes_eq_nocase(SP_LIT("a["), SP_LIT("a{")));
    assert_true(sp_bytes_cmp(SP_LIT("ab"), SP_LIT("abc")) < 0);
    assert_true(sp_bytes_cmp(SP_LIT("b"), SP_LIT("abc")) > 0);
    assert_int_equal(sp_bytes_cmp(SP_BYTES_EMPTY, SP_BYTES_EMPTY), 0);
    assert_true(sp_equal_secret((const uint8_t *)"same", (const uint8_t *)"same", 4));
    assert_false(sp_equal_secret((const uint8_t *)"same", (const uint8_t *)"sane", 4));
    assert_int_equal(sp_bytes_sub(SP_LIT("hello"), 3, 99).n, 2);
    assert_int_equal(sp_bytes_sub(SP_LIT("hello"), 4, 2).n, 0);
}

static void every_error_row_is_distinct(void **state)
{
    (void)state;
    for (size_t i = 0; sp_error_at(i); i++) {
        assert_ptr_equal(sp_error_get(sp_error_at(i)->status), sp_error_at(i));
        for (size_t k = 0; k < i; k++) assert_string_not_equal(sp_error_at(i)->name, sp_error_at(k)->name);
    }
    assert_int_equal(sp_error_get((sp_status)-9999)->status, SP_EINTERNAL);
}

static void a_reset_arena_gives_the_same_memory_again(void **state)
{
    (void)state;
    sp_arena arena;
    sp_arena_init(&arena, 1 << 20);
    sp_arena_reset(&arena, 1 << 16); /* nothing was taken */
    for (size_t round = 0; round < 5; round++) {
        for (size_t i = 0; i < 100; i++) assert_non_null(sp_alloc(&arena.mem, 1, 300));
        assert_int_equal(arena.mem.used, 30000);
        sp_arena_reset(&arena, 1 << 16);
        assert_int_equal(arena.mem.used, 0);
    }
    sp_arena_fini(&arena);
    assert_non_null(sp_alloc(&arena.mem, 1, 1 << 17));
    sp_arena_reset(&arena, 1 << 16);
    assert_null(arena.head); /* too large to be kept */
    sp_arena_fini(&arena);
}

static void skips_plain_text_to_any_place(void **state)
{
    (void)state;
    enum { MOST = 100 };
    static const uint8_t stops[] = {'"', '\\', 0, 0x1f, '\n', 0x80, 0xc3, 0xff};
    static const uint8_t plain[] = {' ', '!', '#', '[', ']', 'a', 0x7f};
    for (size_t n = 0; n < MOST; n++) {
        uint8_t *text = malloc(n + 1); /* of its very size, so that a byte too far is seen */
        assert_non_null(text);
        for (size_t i = 0; i < n; i++) text[i] = plain[i % sizeof plain];
        for (size_t at = 0; at < n; at++) {
            text[at] = stops[at % sizeof stops];
            for (size_t from = 0; from <= n; from += 7)
                assert_int_equal(sp_skip_plain((sp_bytes){text, n}, from), from <= at ? at : n);
            text[at] = plain[at % sizeof plain];
        }
        free(text);
    }
    assert_int_equal(sp_skip_plain(SP_BYTES_EMPTY, 0), 0);
}

static void skips_a_line_to_any_place(void **state)
{
    (void)state;
    for (size_t n = 0; n <= 70; n++) {
        uint8_t *text = malloc(n > 0 ? n : 1); /* of its very size, so that a byte too far is seen */
        assert_non_null(text);
        memset(text, 'x', n);
        for (size_t at = 0; at < n; at++) {
            text[at] = at % 2 ? '\n' : '\r';
            for (size_t from = 0; from <= n; from += 7)
                assert_int_equal(sp_skip_line((sp_bytes){text, n}, from), from <= at ? at : n);
            text[at] = 'x';
        }
        free(text);
    }
    assert_int_equal(sp_skip_line(SP_BYTES_EMPTY, 0), 0);
}

/* One letter beyond ASCII, whole or broken, wherever it stands to the steps of eight. */
static void judges_utf8_at_any_place(void **state)
{
    (void)state;
    for (size_t at = 0; at < 40; at++) {
        uint8_t text[44];
        memset(text, 'x', sizeof text);
        text[at] = 0xc3;
        text[at + 1] = 0xa4;
        assert_int_equal(sp_utf8_valid_prefix((sp_bytes){text, sizeof text}), sizeof text);
        assert_int_equal(sp_utf8_valid_prefix((sp_bytes){text, at + 1}), at);
        text[at + 1] = 'x';
        assert_int_equal(sp_utf8_valid_prefix((sp_bytes){text, sizeof text}), at);
    }
}

static void key_characters_are_those_of_each_byte(void **state)
{
    static const char others[] = "!#$%&*+-./^_~";
    (void)state;
    uint8_t bytes[SP_BLOCK];
    for (unsigned first = 0; first < 256; first += 32) {
        for (unsigned i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(first + i * 5);
        sp_key_chars c;
        sp_key_chars_64(&c, bytes);
        for (unsigned i = 0; i < sizeof bytes; i++) {
            const uint8_t b = bytes[i], lower = b | 0x20;
            const bool is_digit = b >= '0' && b <= '9', is_letter = lower >= 'a' && lower <= 'z';
            const bool is_other = b != 0 && strchr(others, b) != NULL;
            assert_int_equal(c.key >> i & 1, is_digit || is_letter || is_other);
            assert_int_equal(c.digit >> i & 1, is_digit);
            assert_int_equal(c.stop >> i & 1, b == ';' || b == '}' || b == ')' || b == '\n' || b >= 0x80);
        }
    }
}

static void classes_are_those_of_each_byte(void **state)
{
    (void)state;
    uint8_t bytes[2 * SP_BLOCK];
    for (unsigned first = 0; first < 256; first += 32) {
        for (unsigned i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(first + i * 5);
        sp_classes blocks[2];
        sp_classes_64(blocks, bytes, 2);
        for (unsigned at = 0; at < sizeof bytes; at++) {
            const sp_classes c = blocks[at / SP_BLOCK];
            const unsigned i = at % SP_BLOCK;
            const uint8_t b = bytes[at], lower = b | 0x20;
            assert_int_equal(c.alpha >> i & 1, lower >= 'a' && lower <= 'z');
            assert_int_equal(c.digit >> i & 1, b >= '0' && b <= '9');
            assert_int_equal(c.high >> i & 1, b >= 0x80);
            assert_int_equal(c.line >> i & 1, b == '\n');
            assert_int_equal(c.escape >> i & 1, b == '&' || b == '%' || b == '\\' || b == '=');
            assert_int_equal(c.bracket >> i & 1, b == '(' || b == '[' || b == '{' || b == '<');
            assert_int_equal(c.blank >> i & 1, b == ' ');
            assert_int_equal(c.d >> i & 1, lower == 'd');
            assert_int_equal(c.o >> i & 1, lower == 'o');
            assert_int_equal(c.t >> i & 1, lower == 't');
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_are_those_of_each_byte),
        cmocka_unit_test(key_characters_are_those_of_each_byte),
        cmocka_unit_test(skips_plain_text_to_any_place),
        cmocka_unit_test(skips_a_line_to_any_place),
        cmocka_unit_test(judges_utf8_at_any_place),
        cmocka_unit_test(crc_check_values),
        cmocka_unit_test(a_reset_arena_gives_the_same_memory_again),
        cmocka_unit_test(base64url_round_trip_and_strictness),
        cmocka_unit_test(hex_round_trip),
        cmocka_unit_test(utf8_prefixes),
        cmocka_unit_test(cursors_stick_after_the_first_error),
        cmocka_unit_test(buffers_stop_at_the_limit),
        cmocka_unit_test(json_text_is_escaped),
        cmocka_unit_test(numbers_parse_strictly),
        cmocka_unit_test(bytes_compare),
        cmocka_unit_test(every_error_row_is_distinct),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
