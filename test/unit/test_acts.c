/* Acts of operators become records of the chain: each line of the log once, whoever is stopped in between and
 * whatever happens to the mark; what is no line of ours is told, not passed over. */
#include "ledger_help.h"

#include <sys/file.h>
#include <sys/syscall.h>

#include "control/acts.h"
#include "control/stops.h"

enum { ACTS_MAX = 600, TEXT_MAX = 400, ENDLESS = 256 << 10 };

/* A file system without locks: this definition takes the place of libc's in this program. */
static int lock_error;

int flock(int fd, int operation)
{
    if (lock_error != 0) {
        errno = lock_error;
        return -1;
    }
    return (int)syscall(SYS_flock, fd, operation);
}

typedef struct place {
    char state[64], ledger[80];
} place;

static int setup(void **state)
{
    static place p;
    (void)snprintf(p.state, sizeof p.state, "/tmp/test_acts.XXXXXX");
    if (mkdtemp(p.state) == NULL) return -1;
    (void)snprintf(p.ledger, sizeof p.ledger, "%s/ledger", p.state);
    *state = &p;
    return mkdir(p.ledger, 0700);
}

static int teardown(void **state)
{
    place *p = *state;
    char command[128];
    (void)snprintf(command, sizeof command, "rm -rf '%s'", p->state);
    return system(command); /* NOLINT(cert-env33-c): a folder of ours */
}

static void log_act(const place *p, const char *act)
{
    sp_diag diag = {0};
    const sp_record record = {.at_ns = UINT64_C(1795537200000000000),
                              .generation = 3,
                              .act = sp_bytes_of(act),
                              .act_operator = SP_LIT("alice"),
                              .stopped_reason = SP_LIT("incident \"17\"")};
    if (spd_act_log(p->state, &record, &diag) != SP_OK) fail_msg("%s", diag.text);
}

/* Records until nothing is left. @return how many lines. */
static unsigned record_all(const place *p)
{
    unsigned all = 0, n = 1;
    while (n > 0 && all <= ACTS_MAX) {
        sp_diag diag = {0};
        if (spd_acts_record(p->state, &n, &diag) != SP_OK) fail_msg("%s", diag.text);
        all += n;
    }
    return all;
}

/* The acts of the ledger, in order, a line each. */
static size_t acts_of(const place *p, char (*out)[TEXT_MAX])
{
    spl_reader *reader;
    spl_entry entry;
    sp_diag diag = {0};
    size_t n = 0;
    sp_status status;
    assert_int_equal(spl_reader_open(&reader, p->ledger, &diag), SP_OK);
    while ((status = spl_reader_next(reader, &entry, &diag)) == SP_OK) {
        sp_arena arena;
        sp_record r;
        sp_arena_init(&arena, 1 << 20);
        assert_true(n < ACTS_MAX);
        assert_int_equal(sp_record_decode(&r, entry.leaf, &arena.mem), SP_OK);
        assert_int_equal(r.kind, SP_RECORD_ACT);
        (void)snprintf(out[n++], TEXT_MAX, "%.*s by %.*s: %.*s", (int)r.act.n, (const char *)r.act.p,
                       (int)r.act_operator.n, (const char *)r.act_operator.p, (int)r.stopped_reason.n,
                       (const char *)r.stopped_reason.p);
        sp_arena_fini(&arena);
    }
    assert_int_equal(status, SP_ETRUNCATED);
    spl_reader_close(reader);
    return n;
}

static char (*listed(void))[TEXT_MAX]
{
    static char acts[ACTS_MAX][TEXT_MAX];
    return acts;
}

static void at(const place *p, char out[128], const char *name)
{
    (void)snprintf(out, 128, "%s/%s", p->state, name);
}

static void append(const place *p, const char *text)
{
    char path[128];
    at(p, path, "acts.log");
    FILE *file = fopen(path, "ae");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* A line of `n` letters, without its end. */
static void append_letters(const place *p, size_t n)
{
    static char text[ENDLESS + 1];
    assert_true(n < sizeof text);
    memset(text, 'x', n);
    text[n] = '\0';
    append(p, text);
}

/* The log of another day, behind what is in the log now. */
static void append_log(const place *p, const char *name)
{
    char path[128], line[TEXT_MAX * 4];
    at(p, path, name);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) append(p, line);
    assert_int_equal(fclose(file), 0);
}

static void forget_mark(const place *p)
{
    char path[128];
    at(p, path, "acts.mark");
    assert_int_equal(unlink(path), 0);
}

/* As another process holds it. @return to be closed. */
static int hold_log(const place *p)
{
    char path[128];
    at(p, path, "acts.log");
    const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
    return fd;
}

static void move(const place *p, const char *from, const char *to)
{
    char a[128], b[128];
    at(p, a, from);
    at(p, b, to);
    assert_int_equal(rename(a, b), 0);
}

/* ---- tests ---- */

static void each_line_is_recorded_once_and_in_order(void **state)
{
    const place *p = *state;
    assert_int_equal(record_all(p), 0);
    log_act(p, "pause destination cloud");
    log_act(p, "resume destination cloud");
    assert_int_equal(record_all(p), 2);
    log_act(p, "pause everything --now");
    assert_int_equal(record_all(p), 1);
    assert_int_equal(record_all(p), 0);
    assert_int_equal(acts_of(p, listed()), 3);
    assert_string_equal(listed()[0], "pause destination cloud by alice: incident \"17\"");
    assert_string_equal(listed()[1], "resume destination cloud by alice: incident \"17\"");
    assert_string_equal(listed()[2], "pause everything --now by alice: incident \"17\"");
}

/* The mark of before: what a daemon finds that was stopped after the records and before the mark. */
static void a_daemon_that_was_stopped_before_the_mark_records_nothing_twice(void **state)
{
    const place *p = *state;
    log_act(p, "pause model a");
    assert_int_equal(record_all(p), 1);
    move(p, "acts.mark", "old");
    log_act(p, "pause model b");
    log_act(p, "pause model c");
    move(p, "old", "acts.mark");
    assert_int_equal(record_all(p), 2);
    log_act(p, "pause model d");
    forget_mark(p); /* or lost altogether */
    assert_int_equal(record_all(p), 4);
    assert_int_equal(acts_of(p, listed()), 4);
    assert_string_equal(listed()[3], "pause model d by alice: incident \"17\"");
}

static void many_lines_take_several_rounds(void **state)
{
    const place *p = *state;
    for (unsigned i = 0; i < 300; i++) {
        char act[32];
        (void)snprintf(act, sizeof act, "pause model m%u", i);
        log_act(p, act);
    }
    assert_int_equal(record_all(p), 300);
    assert_int_equal(acts_of(p, listed()), 300);
    assert_string_equal(listed()[299], "pause model m299 by alice: incident \"17\"");
}

static void what_is_no_line_of_ours_is_recorded_as_such(void **state)
{
    const place *p = *state;
    static const char *const lines[] = {
        "not a line\n",
        "\n",
        "{\"kind\":\"act\",\"leaf\":\"\"}\n",
        "{\"leaf\":\"U0wBBg\"}\n",                                        /* no such key in front of it */
        "{\"kind\":\"act\",\"leaf\":\"U0wBAQ\"}\n",                       /* the leaf of an intent */
        "{\"kind\":\"act\",\"leaf\":\"U0wBBgEAAAAAAAAAAAAAAAAAAAAA\"}\n", /* its id is zero */
    };
    const size_t n = sizeof lines / sizeof lines[0];
    for (size_t i = 0; i < n; i++) append(p, lines[i]);
    append(p, "{\"kind\":\"act\",\"request_id\""); /* cut off, and ended by whoever comes next */
    assert_int_equal(record_all(p), n);
    log_act(p, "pause everything");
    assert_int_equal(record_all(p), 2);
    assert_int_equal(acts_of(p, listed()), n + 2);
    for (size_t i = 0; i <= n; i++) assert_string_equal(listed()[i], "unreadable line in acts.log by : ");
    assert_string_equal(listed()[n + 1], "pause everything by alice: incident \"17\"");
}

static void a_log_that_is_begun_anew_is_read_from_its_start(void **state)
{
    const place *p = *state;
    log_act(p, "pause model a");
    log_act(p, "pause model b");
    assert_int_equal(record_all(p), 2);
    move(p, "acts.log", "acts.log.1");
    log_act(p, "pause model c");
    assert_int_equal(record_all(p), 1);
    move(p, "acts.log", "acts.log.2");
    move(p, "acts.log.1", "acts.log"); /* what was there before is known */
    assert_int_equal(record_all(p), 2);
    assert_int_equal(acts_of(p, listed()), 3);
    assert_string_equal(listed()[2], "pause model c by alice: incident \"17\"");
}

static void a_log_begun_anew_at_the_same_length_is_read(void **state)
{
    const place *p = *state;
    log_act(p, "pause model a");
    assert_int_equal(record_all(p), 1);
    move(p, "acts.log", "acts.log.1");
    log_act(p, "pause model b");
    assert_int_equal(record_all(p), 1);
    assert_int_equal(record_all(p), 0);
    assert_int_equal(acts_of(p, listed()), 2);
}

static void a_mark_beyond_any_log_counts_for_nothing(void **state)
{
    const place *p = *state;
    static const char *const offsets[] = {"09223372036854775807", "04611686018427387903",
                                          "00000000000000100000", "18446744073709551615"};
    log_act(p, "pause model a");
    for (size_t i = 0; i < sizeof offsets / sizeof offsets[0]; i++) {
        char path[128];
        at(p, path, "acts.mark");
        FILE *file = fopen(path, "we");
        assert_non_null(file);
        assert_true(fprintf(file, "%s %032d %08d\n", offsets[i], 7, 0) > 0);
        assert_int_equal(fclose(file), 0);
        assert_int_equal(record_all(p), 1);
    }
    assert_int_equal(acts_of(p, listed()), 1);
}

/* A mark stands behind each of them, and holds. */
static void after_a_line_that_is_too_long_it_goes_on(void **state)
{
    const place *p = *state;
    append_letters(p, 5000);
    append(p, "\n");
    assert_int_equal(record_all(p), 1);
    log_act(p, "pause model a");
    assert_int_equal(record_all(p), 1);
    append_letters(p, ENDLESS);
    assert_int_equal(record_all(p), 1);
    log_act(p, "pause model b"); /* it ends the line first */
    assert_int_equal(record_all(p), 2);
    assert_int_equal(record_all(p), 0);
    assert_int_equal(acts_of(p, listed()), 5);
    assert_string_equal(listed()[1], "pause model a by alice: incident \"17\"");
    assert_string_equal(listed()[4], "pause model b by alice: incident \"17\"");
}

static void a_line_that_stands_there_twice_is_one_record(void **state)
{
    const place *p = *state;
    log_act(p, "pause model a");
    log_act(p, "pause model b");
    move(p, "acts.log", "acts.log.1");
    append_log(p, "acts.log.1");
    append_log(p, "acts.log.1");
    log_act(p, "pause model c");
    assert_int_equal(record_all(p), 5);
    assert_int_equal(acts_of(p, listed()), 3);
    assert_string_equal(listed()[1], "pause model b by alice: incident \"17\"");
    assert_string_equal(listed()[2], "pause model c by alice: incident \"17\"");
}

/* Older records lie in front of those of the first pass: it bounds no search of the next. */
static void logs_in_another_order_and_no_mark_are_recorded_once(void **state)
{
    const place *p = *state;
    char act[32];
    log_act(p, "pause model a");
    assert_int_equal(record_all(p), 1);
    move(p, "acts.log", "acts.log.1");
    for (unsigned i = 0; i < 257; i++) {
        (void)snprintf(act, sizeof act, "pause model m%u", i);
        log_act(p, act);
    }
    assert_int_equal(record_all(p), 257);
    append_log(p, "acts.log.1");
    forget_mark(p);
    assert_int_equal(record_all(p), 258);
    assert_int_equal(acts_of(p, listed()), 258);
    log_act(p, "pause model b");
    assert_int_equal(record_all(p), 1);
    assert_int_equal(acts_of(p, listed()), 259);
}

static void append_leaf_of(const place *p, const sp_record *record)
{
    sp_arena arena;
    sp_arena_init(&arena, 1 << 20);
    sp_buf leaf = SP_BUF_IN(&arena.mem), line = SP_BUF_IN(&arena.mem);
    assert_int_equal(sp_record_encode(&leaf, record), SP_OK);
    sp_buf_append_str(&line, "{\"kind\":\"act\",\"leaf\":\"");
    sp_base64url_append(&line, sp_buf_bytes(&leaf));
    sp_buf_append_str(&line, "\"}\n");
    sp_buf_append_byte(&line, '\0');
    append(p, (const char *)line.p);
    sp_arena_fini(&arena);
}

/* Whoever prints a record prints these texts. */
static void texts_that_a_terminal_obeys_are_neither_logged_nor_recorded(void **state)
{
    const place *p = *state;
    const sp_record good = {.kind = SP_RECORD_ACT,
                            .request_id = {1},
                            .at_ns = 1,
                            .act = SP_LIT("pause everything"),
                            .act_operator = SP_LIT("alice"),
                            .stopped_reason = SP_LIT("fire")};
    sp_record bad[] = {good, good, good, good};
    bad[0].act = SP_LIT("pause \x1b[2J");
    bad[1].act_operator = SP_LIT("alice\n");
    bad[2].stopped_reason = SP_LIT("\xc2\x9b");
    bad[3].stopped_reason = SP_BYTES_EMPTY;
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(spd_act_log(p->state, &bad[i], NULL), SP_ERANGE);
        bad[i].request_id[0] = (uint8_t)(i + 2);
        append_leaf_of(p, &bad[i]);
    }
    append_leaf_of(p, &good);
    assert_int_equal(record_all(p), 5);
    assert_int_equal(acts_of(p, listed()), 5);
    for (size_t i = 0; i < 4; i++) assert_string_equal(listed()[i], "unreadable line in acts.log by : ");
    assert_string_equal(listed()[4], "pause everything by alice: fire");
}

static void without_a_ledger_the_record_follows_later(void **state)
{
    const place *p = *state;
    sp_diag diag = {0};
    unsigned n = 7;
    log_act(p, "pause everything");
    move(p, "ledger", "gone");
    assert_int_equal(spd_acts_record(p->state, &n, &diag), SP_ERECORD);
    assert_int_equal(n, 0);
    move(p, "gone", "ledger");
    assert_int_equal(record_all(p), 1);
    assert_int_equal(acts_of(p, listed()), 1);
}

static void while_somebody_logs_or_recovers_it_waits(void **state)
{
    const place *p = *state;
    sp_diag diag = {0};
    unsigned n;
    log_act(p, "pause everything");
    const int lock = spl__lock_slot(p->ledger, SPL_SLOT_RECOVERY);
    assert_true(lock >= 0);
    assert_int_equal(spd_acts_record(p->state, &n, &diag), SP_EBUSY);
    (void)close(lock);
    const int log = hold_log(p);
    assert_int_equal(spd_acts_record(p->state, &n, &diag), SP_EBUSY);
    assert_int_equal(n, 0);
    (void)close(log);
    assert_int_equal(record_all(p), 1);
}

static void a_log_that_cannot_be_locked_at_all_is_a_failure(void **state)
{
    const place *p = *state;
    sp_diag diag = {0};
    unsigned n;
    const sp_record act = {.act = SP_LIT("a"), .act_operator = SP_LIT("b"), .stopped_reason = SP_LIT("c")};
    log_act(p, "pause everything");
    lock_error = ENOLCK;
    const sp_status recorded = spd_acts_record(p->state, &n, &diag);
    const sp_status logged = spd_act_log(p->state, &act, NULL);
    lock_error = 0;
    assert_int_equal(recorded, SP_EINTERNAL);
    assert_non_null(strstr(diag.text, "cannot lock: acts.log: No locks available"));
    assert_int_equal(logged, SP_EINTERNAL);
    assert_int_equal(record_all(p), 1);
}

/* Whoever hangs with the log in his hands keeps no pause from its effect. */
static void while_the_log_is_held_a_pause_holds_without_a_record(void **state)
{
    const place *p = *state;
    sp_arena arena;
    sp_stops stops;
    sp_diag diag = {0};
    spd_stop_change change = {
        SPD_STOP_PAUSE, {.kind = SP_STOP_ALL, .since_s = 6, .by = SP_LIT("alice"), .reason = SP_LIT("fire")}};
    sp_arena_init(&arena, 16 << 20);
    const int log = hold_log(p);
    (void)alarm(60); /* one that waits for ever is ended */
    assert_int_equal(spd_stops_change(&stops, p->state, &change, &arena.mem, &diag), SP_EBUSY);
    assert_non_null(strstr(diag.text, "cannot log the act, its log cannot be locked"));
    change.action = SPD_STOP_RESUME;
    assert_int_equal(spd_stops_change(&stops, p->state, &change, &arena.mem, &diag), SP_EINTERNAL);
    (void)alarm(0);
    (void)close(log);
    assert_int_equal(spd_stops_read(&stops, p->state, &arena.mem, &diag), SP_OK);
    assert_int_equal(stops.n, 1);
    assert_int_equal(record_all(p), 0);
    sp_arena_fini(&arena);
}

static void a_failure_is_told_once_and_a_lock_only_when_it_lasts(void **state)
{
    static const struct {
        sp_status status;
        uint64_t at_ms;
        spd_acts_news news;
    } rounds[] = {
        {SP_OK, 500, SPD_ACTS_NO_NEWS},         {SP_ERECORD, 1000, SPD_ACTS_FAIL},
        {SP_ERECORD, 2000, SPD_ACTS_NO_NEWS},   {SP_EBUSY, 3000, SPD_ACTS_NO_NEWS},
        {SP_OK, 4000, SPD_ACTS_AGAIN},          {SP_OK, 5000, SPD_ACTS_NO_NEWS},
        {SP_EBUSY, 6000, SPD_ACTS_NO_NEWS},     {SP_EBUSY, 35999, SPD_ACTS_NO_NEWS},
        {SP_OK, 36000, SPD_ACTS_NO_NEWS},       {SP_EBUSY, 37000, SPD_ACTS_NO_NEWS},
        {SP_EBUSY, 66999, SPD_ACTS_NO_NEWS},    {SP_EBUSY, 67000, SPD_ACTS_FAIL},
        {SP_EBUSY, 1000000, SPD_ACTS_NO_NEWS},  {SP_ERECORD, 1001000, SPD_ACTS_NO_NEWS},
        {SP_EBUSY, 1002000, SPD_ACTS_NO_NEWS},  {SP_OK, 1003000, SPD_ACTS_AGAIN},
        {SP_EINTERNAL, 1004000, SPD_ACTS_FAIL},
    };
    spd_acts_seen seen = {0};
    (void)state;
    for (size_t i = 0; i < sizeof rounds / sizeof rounds[0]; i++) {
        if (spd_acts_judge(&seen, rounds[i].status, rounds[i].at_ms) != rounds[i].news) fail_msg("%zu", i);
    }
}

/* Losses go into the same slot, and recovery reads acts like any record. */
static void recovery_and_acts_share_their_slot(void **state)
{
    const place *p = *state;
    const uint8_t random[16] = {9};
    sp_diag diag = {0};
    spl_verdict verdict;
    uint32_t n_lost;
    log_act(p, "pause model a");
    assert_int_equal(record_all(p), 1);
    assert_int_equal(spl_recover(p->ledger, 5, random, &n_lost, &diag), SP_OK);
    assert_int_equal(n_lost, 0);
    log_act(p, "pause model b");
    assert_int_equal(record_all(p), 1);
    assert_int_equal(spl_recover(p->ledger, 5, random, &n_lost, &diag), SP_OK);
    assert_int_equal(spl_verify(&verdict, p->ledger, SP_BYTES_EMPTY), SP_OK);
    assert_int_equal(verdict.n_records, 2);
}

static void a_text_that_no_record_can_hold_is_refused(void **state)
{
    const place *p = *state;
    static char text[400];
    sp_diag diag = {0};
    memset(text, 'x', sizeof text);
    sp_record record = {.act = {(const uint8_t *)text, 321},
                        .act_operator = SP_LIT("alice"),
                        .stopped_reason = SP_LIT("fire")};
    assert_int_equal(spd_act_log(p->state, &record, &diag), SP_ERANGE);
    record.act = SP_LIT("pause \xff");
    assert_int_equal(spd_act_log(p->state, &record, &diag), SP_ERANGE);
    assert_int_equal(record_all(p), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(each_line_is_recorded_once_and_in_order),
        TEST(a_daemon_that_was_stopped_before_the_mark_records_nothing_twice),
        TEST(many_lines_take_several_rounds),
        TEST(what_is_no_line_of_ours_is_recorded_as_such),
        TEST(a_log_that_is_begun_anew_is_read_from_its_start),
        TEST(a_log_begun_anew_at_the_same_length_is_read),
        TEST(a_mark_beyond_any_log_counts_for_nothing),
        TEST(after_a_line_that_is_too_long_it_goes_on),
        TEST(a_line_that_stands_there_twice_is_one_record),
        TEST(logs_in_another_order_and_no_mark_are_recorded_once),
        TEST(texts_that_a_terminal_obeys_are_neither_logged_nor_recorded),
        TEST(without_a_ledger_the_record_follows_later),
        TEST(while_somebody_logs_or_recovers_it_waits),
        TEST(a_log_that_cannot_be_locked_at_all_is_a_failure),
        TEST(while_the_log_is_held_a_pause_holds_without_a_record),
        TEST(a_failure_is_told_once_and_a_lock_only_when_it_lasts),
        TEST(recovery_and_acts_share_their_slot),
        TEST(a_text_that_no_record_can_hold_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
