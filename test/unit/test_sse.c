/* The reader of event streams: blocks as the standard cuts them, no byte lost, the same whatever the pieces.
 */
#include "review/sse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { EVENT_MAX = 4096 };

typedef struct row {
    const char *name;
    const char *stream;
    const char *blocks; /* name|data|other; one block after the other; '-' for no data */
} row;

/* After the event stream tests of the web platform, and what providers send. */
static const row rows[] = {
    {"a line with data and a blank line", "data: a\n\n", "|a|;"},
    {"no space after the colon", "data:a\n\n", "|a|;"},
    {"only the first space goes", "data:  a \n\n", "| a |;"},
    {"two lines of data are joined by a newline", "data: a\ndata: b\n\n", "|a\nb|;"},
    {"data without a colon is an empty line of data", "data\n\n", "||;"},
    {"two empty lines of data are a newline", "data\ndata\n\n", "|\n|;"},
    {"a colon in the value stays", "data: a: b\n\n", "|a: b|;"},
    {"a name", "event: ping\ndata: {}\n\n", "ping|{}|;"},
    {"the last of two names counts, the first is not forgotten", "event: a\nevent: b\ndata: c\n\n",
     "b|c|event: a\n;"},
    {"names around a comment stay in order", "event: a\n: x\nevent: b\ndata: c\n\n", "b|c|event: a\n: x\n;"},
    {"a name without data is no event", "event: a\n\ndata: b\n\n", "a|-|;|b|;"},
    {"a comment", ": hello\n\n", "|-|: hello\n;"},
    {"a comment amid data", "data: a\n:x\ndata: b\n\n", "|a\nb|:x\n;"},
    {"id and retry", "id: 7\nretry: 10\ndata: a\n\n", "|a|id: 7\nretry: 10\n;"},
    {"an unknown field", "datas: x\ndata: a\n\n", "|a|datas: x\n;"},
    {"field names are exact", "Data: a\n data: b\n\n", "|-|Data: a\n data: b\n;"},
    {"CR LF", "event: e\r\ndata: a\r\n\r\ndata: b\r\n\r\n", "e|a|;|b|;"},
    {"CR", "event: e\rdata: a\r\rdata: b\r\r", "e|a|;|b|;"},
    {"all line ends mixed", "data: a\r\ndata: b\rdata: c\n\r\ndata: d\n\n", "|a\nb\nc|;|d|;"},
    {"a byte order mark at the start",
     "\xef\xbb\xbf"
     "data: a\n\n",
     "|a|;"},
    {"a byte order mark later is part of a name",
     "data: a\n\n\xef\xbb\xbf"
     "data: b\n\n",
     "|a|;|-|\xef\xbb\xbf"
     "data: b\n;"},
    {"two byte order marks",
     "\xef\xbb\xbf\xef\xbb\xbf"
     "data: a\n\n",
     "|-|\xef\xbb\xbf\xef\xbb\xbf"
     "data: a\n;"},
    {"blank lines", "\n\ndata: a\n\n\n", "|-|;|-|;|a|;|-|;"},
    {"a rest without a blank line", "data: a\n\ndata: b", "|a|;|b|;"},
    {"a rest that ends with a line", "data: a\n\ndata: b\n", "|a|;|b|;"},
    {"nothing", "", ""},
};

typedef struct fixture {
    sp_arena arena;
    sp_sse sse;
    sp_buf blocks, raw;
} fixture;

static void begin(fixture *f, size_t event_max)
{
    sp_arena_init(&f->arena, 1 << 22);
    sp_sse_init(&f->sse, &f->arena.mem, event_max);
    f->blocks = SP_BUF_IN(&f->arena.mem);
    f->raw = SP_BUF_IN(&f->arena.mem);
}

static void note(fixture *f, const sp_sse_event *event)
{
    sp_buf_append(&f->raw, event->raw);
    sp_buf_append(&f->blocks, event->name);
    sp_buf_append_byte(&f->blocks, '|');
    sp_buf_append(&f->blocks, event->has_data ? event->data : SP_LIT("-"));
    sp_buf_append_byte(&f->blocks, '|');
    for (size_t i = 0; i < event->n_others; i++) {
        sp_bytes line = sp_bytes_sub(event->raw, event->others[i].start, event->others[i].end);
        while (line.n > 0 && (line.p[line.n - 1] == '\n' || line.p[line.n - 1] == '\r')) line.n--;
        sp_buf_append(&f->blocks, line);
        sp_buf_append_byte(&f->blocks, '\n');
    }
    sp_buf_append_byte(&f->blocks, ';');
}

/* Each byte of data stands where the runs say. */
static void check_runs(const sp_sse_event *event)
{
    for (size_t at = 0; at < event->data.n; at++) {
        if (event->data.p[at] == '\n') continue; /* joins two runs */
        assert_int_equal(event->raw.p[sp_sse_raw_offset(event, at)], event->data.p[at]);
    }
}

static sp_status feed(fixture *f, sp_bytes piece, bool is_last)
{
    SP_TRY(sp_sse_feed(&f->sse, piece));
    for (;;) {
        sp_sse_event event;
        bool found;
        SP_TRY(sp_sse_next(&f->sse, is_last, &event, &found));
        if (!found) return SP_OK;
        note(f, &event);
        check_runs(&event);
    }
}

/* A CR LF that is cut ends its block at the CR; the LF is then a block without anything. Such blocks do not
 * count. */
static void drop_silent(sp_buf *blocks)
{
    size_t n = 0;
    for (size_t i = 0; i < blocks->n;) {
        const bool is_silent = blocks->n - i >= 4 && memcmp(blocks->p + i, "|-|;", 4) == 0 &&
                               (i == 0 || blocks->p[i - 1] == ';');
        if (is_silent)
            i += 4;
        else
            blocks->p[n++] = blocks->p[i++];
    }
    blocks->n = n;
}

static void assert_blocks(fixture *f, const row *r, bool is_whole)
{
    sp_buf expected = SP_BUF_IN(&f->arena.mem);
    sp_buf_append_str(&expected, r->blocks);
    if (!is_whole) drop_silent(&expected);
    if (!is_whole) drop_silent(&f->blocks);
    if (!sp_bytes_eq(sp_buf_bytes(&f->blocks), sp_buf_bytes(&expected))) {
        fail_msg("%s: %.*s", r->name, (int)f->blocks.n, (const char *)f->blocks.p);
    }
    assert_true(sp_bytes_eq(sp_buf_bytes(&f->raw), sp_bytes_of(r->stream)));
}

static void test_blocks(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        fixture f;
        begin(&f, EVENT_MAX);
        assert_int_equal(feed(&f, sp_bytes_of(rows[i].stream), true), SP_OK);
        assert_blocks(&f, &rows[i], true);
        sp_arena_fini(&f.arena);
    }
}

static void run_cut_twice(const row *r, size_t a, size_t b)
{
    const sp_bytes all = sp_bytes_of(r->stream);
    fixture f;
    begin(&f, EVENT_MAX);
    assert_int_equal(feed(&f, sp_bytes_sub(all, 0, a), false), SP_OK);
    assert_int_equal(feed(&f, sp_bytes_sub(all, a, b), false), SP_OK);
    assert_int_equal(feed(&f, sp_bytes_sub(all, b, all.n), true), SP_OK);
    assert_blocks(&f, r, false);
    sp_arena_fini(&f.arena);
}

static void test_every_cut_gives_the_same_blocks(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const size_t n = strlen(rows[i].stream);
        /* Both cuts in one number: a <= b. */
        for (size_t cut = 0; cut < (n + 1) * (n + 1); cut++) {
            const size_t a = cut / (n + 1), b = cut % (n + 1);
            if (a <= b) run_cut_twice(&rows[i], a, b);
        }
    }
}

/* Waiting for an LF that may never come would hold back an event that is complete. */
static void test_a_block_is_handed_out_at_its_last_byte(void **state)
{
    static const char *streams[] = {"data: a\n\n", "data: a\r\r", "data: a\r\n\r\n"};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        fixture f;
        begin(&f, EVENT_MAX);
        assert_int_equal(feed(&f, sp_bytes_of(streams[i]), false), SP_OK);
        assert_true(sp_bytes_eq(sp_buf_bytes(&f.blocks), SP_LIT("|a|;")));
        assert_int_equal(f.raw.n, strlen(streams[i]));
        assert_int_equal(sp_sse_waiting(&f.sse), 0);
        sp_arena_fini(&f.arena);
    }
}

static void test_a_block_has_a_bound(void **state)
{
    (void)state;
    fixture f;
    begin(&f, 16);
    assert_int_equal(feed(&f, SP_LIT("data: 12345678\n\n"), false), SP_OK);
    assert_int_equal(feed(&f, SP_LIT("data: 123456789\n\n"), false), SP_EUPSIZE);
    sp_arena_fini(&f.arena);
    begin(&f, 16);
    assert_int_equal(feed(&f, SP_LIT("data: 1234"), false), SP_OK);
    assert_int_equal(feed(&f, SP_LIT("567890"), false), SP_OK);
    assert_int_equal(feed(&f, SP_LIT("1"), false), SP_EUPSIZE);
    sp_arena_fini(&f.arena);
}

static void test_buffers_are_used_again(void **state)
{
    (void)state;
    fixture f;
    begin(&f, EVENT_MAX);
    size_t used = 0;
    for (size_t i = 0; i < 10000; i++) {
        f.raw.n = f.blocks.n = 0;
        assert_int_equal(feed(&f, SP_LIT("event: e\ndata: some text\ndata: more\n: c\n\ndata: a"), false),
                         SP_OK);
        assert_int_equal(feed(&f, SP_LIT("b\n\n"), false), SP_OK);
        if (i == 10) used = f.arena.mem.used;
    }
    assert_int_equal(f.arena.mem.used, used);
    sp_arena_fini(&f.arena);
}

static void test_no_memory_is_said_so(void **state)
{
    (void)state;
    for (size_t limit = 0;; limit += 16) {
        fixture f;
        sp_arena_init(&f.arena, limit);
        sp_sse_init(&f.sse, &f.arena.mem, EVENT_MAX);
        sp_sse_event event;
        bool found = false;
        sp_status status = sp_sse_feed(&f.sse, SP_LIT("event: e\ndata: a\n: c\ndata: b\n\n"));
        if (status == SP_OK) status = sp_sse_next(&f.sse, true, &event, &found);
        sp_arena_fini(&f.arena);
        if (status == SP_OK) break;
        assert_int_equal(status, SP_ENOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_every_cut_gives_the_same_blocks),
        cmocka_unit_test(test_a_block_is_handed_out_at_its_last_byte),
        cmocka_unit_test(test_a_block_has_a_bound),
        cmocka_unit_test(test_buffers_are_used_again),
        cmocka_unit_test(test_no_memory_is_said_so),
    };
    return cmocka_run_group_tests_name("sse", tests, NULL, NULL);
}
