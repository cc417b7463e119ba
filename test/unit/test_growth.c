/* Work grows with the size of a body and with nothing else: twice the body is at most 2.4 times the steps and
 * the memory, whatever it holds. Steps are counted, not timed: the core is compiled with a call at each basic
 * block (-fsanitize-coverage=trace-pc), and what the C library searches, compares and copies counts by 16
 * bytes. yyjson, Hyperscan and libcrypto are not counted; each reads what it gets once.
 *
 * SALLYPORT_GROWTH_KIB sets the largest size (512 unless told): 8192 for a body at its limit. */
#include "parse_help.h"

#include <stdio.h>
#include <stdlib.h>

#include "counted_help.h"
#include "token_help.h"
#include "fixture_policy.h"
#include "sallyport/history.h"

enum { DOUBLINGS = 3, KIB_MAX = 512, EDGE = 64 };

/* ---- inputs ---- */

#define SAID "{\"model\":\"assistant\",\"messages\":[{\"role\":\"user\",\"content\":\""
#define SAID_END "\"}]}"
#define MESSAGES "{\"model\":\"assistant\",\"messages\":["
#define MESSAGES_END "{\"role\":\"user\",\"content\":\"a\"}]}"
#define PARTS "{\"model\":\"assistant\",\"messages\":[{\"role\":\"user\",\"content\":["
#define PARTS_END "{\"type\":\"text\",\"text\":\"a\"}]}]}"
#define UNKNOWN "{\"model\":\"assistant\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"x\":["
#define UNKNOWN_END "1]}"

static const struct {
    const char *name, *head, *unit, *tail;
} bodies[] = {
    {"one character", SAID, "a", SAID_END},
    {"digits", SAID, "4", SAID_END},
    {"prose", SAID, "the quick brown fox jumps over the lazy dog and runs. ", SAID_END},
    {"cards that fail Luhn", SAID, "4111 1111 1111 1112 ", SAID_END},
    {"IBANs that fail mod 97", SAID, "DE89370400440532013001 ", SAID_END},
    {"more addresses than are listed", SAID, "a@b.de, ", SAID_END},
    {"@a", SAID, "@a", SAID_END},
    {"a@a.", SAID, "a@a.", SAID_END},
    {"numbers behind a word", SAID, "ssn 123456789 ", SAID_END},
    {"keys one character short", SAID, "ghp_aB3aB3aB3aB3aB3aB3aB3aB3aB3aB3aB3aB ", SAID_END},
    {"sk-", SAID, "sk-", SAID_END},
    {"eyJ.", SAID, "eyJ.", SAID_END},
    {"heads of tokens", SAID, "eyJhbGciOiJIUzI1NiJ9.", SAID_END},
    {"PEM heads", SAID, "-----BEGIN PRIVATE KEY-----\\n", SAID_END},
    {"PEM heads in base64", SAID, "LS0tLS1CRUdJTi", SAID_END},
    {"telephone", SAID, "+49 1 2 3 4 5 6 7 8 9 ", SAID_END},
    {"hooks", SAID, "https://hooks.slack.com/services/T", SAID_END},
    {"secret words", SAID, "aws secret: ", SAID_END},
    {"base64 of base64", SAID, "TFMwdExTMUNSVWRKVGlCUVVrbFdRVlJGSUV0RldTMHRMUzB0", SAID_END},
    {"line ends", SAID, "\\n", SAID_END},
    {"backslashes", SAID, "\\\\", SAID_END},
    {"escaped letters", SAID, "\\u0061", SAID_END},
    {"escaped twice", SAID, "\\\\u0061", SAID_END},
    {"escaped four times", SAID, "\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\u0061", SAID_END},
    {"64 backslashes each", SAID,
     "\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\"
     "\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\"
     "\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\n",
     SAID_END},
    {"all invisible", SAID, "\xe2\x80\x8b", SAID_END},
    {"every second invisible", SAID, "a\xe2\x80\x8b", SAID_END},
    {"full width", SAID, "\xef\xbc\x94", SAID_END},
    {"mathematical digits", SAID, "\xf0\x9d\x9f\x8e", SAID_END},
    {"addresses in full width", SAID,
     "a\xef\xbc\xa0"
     "b.de ",
     SAID_END},
    {"an invisible one now and then", SAID,
     "and so on and so on and so on and so on and so on and so on and so on and so on and so on and so on "
     "and so on and so on and so on and so on and so on and so on and so on and so on and so on and so on "
     "and so on and so on and so on and so on and so on and so on and so on and so on and so on and so on "
     "and so on and so on and so on and so on and so on and so on and so on and so on and so on and so on "
     "\xe2\x80\x8b ",
     SAID_END},
    {"Han", SAID, "\xe4\xb8\xad", SAID_END},
    {"numbers in a string", SAID "[", "1,", "1]" SAID_END},
    {"strings in a string", SAID "[", "\\\"\\\",", "1]" SAID_END},
    {"lines of JSON", SAID, "{}\\n", SAID_END},
    {"lines with escapes", SAID, "{\\\"a\\\":\\\"\\\\n\\\"}\\n", SAID_END},
    {"tiny messages", MESSAGES, "{\"role\":\"user\",\"content\":\"a\"},", MESSAGES_END},
    {"tiny parts", PARTS, "{\"type\":\"text\",\"text\":\"a\"},", PARTS_END},
    {"parts that nobody knows", PARTS, "{\"type\":\"z\"},", PARTS_END},
    {"calls and results of one id", MESSAGES,
     "{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"c\",\"function\":{\"name\":\"get_number\"}}]},"
     "{\"role\":\"tool\",\"tool_call_id\":\"c\",\"content\":\"3\"},",
     MESSAGES_END},
    {"results without end", MESSAGES, "{\"role\":\"tool\",\"tool_call_id\":\"c\",\"content\":\"3\"},",
     MESSAGES_END},
    {"deep", UNKNOWN,
     "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]],",
     UNKNOWN_END},
    {"numbers", UNKNOWN, "1,", UNKNOWN_END},
    {"empty strings", UNKNOWN, "\"\",", UNKNOWN_END},
    {"words", UNKNOWN, "true,", UNKNOWN_END},
    {"empty objects", UNKNOWN, "{},", UNKNOWN_END},
};

static sp_engine *engine;
static sp_scratch *scratch;
static uint8_t *text;
static size_t largest;

static int group_set_up(void **state)
{
    (void)state;
    const char *kib = getenv("SALLYPORT_GROWTH_KIB");
    largest = (kib != NULL ? strtoul(kib, NULL, 10) : KIB_MAX) << 10;
    text = malloc(largest);
    if (text == NULL || sp_engine_new(&engine, NULL) != SP_OK) return -1;
    return sp_scratch_new(&scratch, engine) == SP_OK ? 0 : -1;
}

static int group_tear_down(void **state)
{
    (void)state;
    sp_scratch_free(scratch);
    sp_engine_free(engine);
    free(text);
    return 0;
}

static size_t put(size_t at, const char *s)
{
    for (; *s != '\0'; s++) text[at++] = (uint8_t)*s;
    return at;
}

static size_t fill(size_t at, const char *unit, size_t end)
{
    for (const size_t n = strlen(unit); at + n <= end;) at = put(at, unit);
    return at;
}

/* ---- what is measured ---- */

typedef struct cost {
    uint64_t steps, bytes;
} cost;

static cost label_body(size_t n)
{
    static sp_snapshot snapshot;
    snapshot = fixture_snapshot();
    sp_arena arena;
    sp_request request;
    sp_pieces pieces;
    sp_labelling labelling;
    sp_diag diag = {0};
    sp_arena_init(&arena, SIZE_MAX / 2);
    sp_findings findings = SP_FINDINGS_IN(&arena.mem, 1000);
    steps = 0;
    if (sp_request_parse(&request, sp_dialect_get(SP_DIALECT_OPENAI), (sp_bytes){text, n}, &arena.mem,
                         &diag) != SP_OK)
        fail_msg("%s at %zu", diag.text, diag.at);
    assert_int_equal(sp_history_cut(&pieces, &request, &arena.mem), SP_OK);
    assert_int_equal(sp_scan(&findings, engine, scratch, request.text), SP_OK);
    const sp_purpose purpose = fixture_purpose(&snapshot, &snapshot.applications[APP_INTRANET]);
    const sp_evidence evidence = {&purpose, &request, &findings, 1500, NULL, NULL};
    assert_int_equal(sp_label_request(&labelling, &evidence, &arena.mem), SP_OK);
    const cost c = {steps, arena.mem.used};
    sp_arena_fini(&arena);
    return c;
}

static cost scan_text(size_t n)
{
    sp_arena arena;
    sp_arena_init(&arena, SIZE_MAX / 2);
    sp_findings findings = SP_FINDINGS_IN(&arena.mem, 1000);
    steps = 0;
    assert_int_equal(sp_scan(&findings, engine, scratch, (sp_bytes){text, n}), SP_OK);
    const cost c = {steps, arena.mem.used};
    sp_arena_fini(&arena);
    return c;
}

/* What does not depend on the size is left aside: a few thousand steps, a few KiB. */
static void check_growth(const char *name, const cost *c)
{
    for (size_t i = 1; i <= DOUBLINGS; i++) {
        if (c[i].steps > 2 * c[i - 1].steps * 12 / 10 + 10000)
            fail_msg("%s: %zu steps, and %zu of twice the size", name, (size_t)c[i - 1].steps,
                     (size_t)c[i].steps);
        if (c[i].bytes > 2 * c[i - 1].bytes * 12 / 10 + 16384)
            fail_msg("%s: %zu bytes, and %zu of twice the size", name, (size_t)c[i - 1].bytes,
                     (size_t)c[i].bytes);
    }
}

static void twice_the_body_is_twice_the_work(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        cost c[DOUBLINGS + 1];
        for (size_t k = 0; k <= DOUBLINGS; k++) {
            const size_t end = (largest >> (DOUBLINGS - k)) - EDGE;
            c[k] = label_body(put(fill(put(0, bodies[i].head), bodies[i].unit, end), bodies[i].tail));
        }
        check_growth(bodies[i].name, c);
    }
}

/* Keys of one object, all different, which are sorted. */
static void many_keys_are_nearly_linear(void **state)
{
    (void)state;
    cost c[DOUBLINGS + 1];
    for (size_t k = 0; k <= DOUBLINGS; k++) {
        const size_t end = (largest >> (DOUBLINGS - k)) - EDGE;
        size_t at = put(0, SAID "a\"}],\"x\":{\"\":0");
        for (unsigned i = 0; at + 24 < end; i++) {
            char member[24];
            (void)snprintf(member, sizeof member, ",\"%x\":0", i);
            at = put(at, member);
        }
        c[k] = label_body(put(at, "}}"));
    }
    check_growth("keys", c);
}

/* Calls and their results, all of different ids, which are sorted; beyond some thousands nobody looks. */
static void many_calls_are_nearly_linear(void **state)
{
    (void)state;
    cost c[DOUBLINGS + 1];
    for (size_t k = 0; k <= DOUBLINGS; k++) {
        const size_t end = (largest >> (DOUBLINGS - k)) - EDGE;
        size_t at = put(0, MESSAGES);
        for (unsigned i = 0; at + 256 < end; i++) {
            char pair[256];
            (void)snprintf(
                pair, sizeof pair,
                "{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"%x\",\"function\":{\"name\":"
                "\"get_number\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"%x\",\"content\":\"3\"},",
                i * 2654435761U, i * 2654435761U); /* Knuth's: in no order */
            at = put(at, pair);
        }
        c[k] = label_body(put(at, MESSAGES_END));
    }
    check_growth("calls", c);
}

/* ---- near misses of each detector ---- */

/* One short, one changed at the end, one changed in the middle. */
static size_t put_near_misses(char *to, size_t room, const char *example)
{
    const size_t n = strlen(example);
    if (n < 2 || 3 * (n + 1) >= room) return 0;
    for (size_t i = 0; i < 3; i++) {
        char *v = to + i * (n + 1);
        for (size_t k = 0; k < n; k++) v[k] = example[k];
        v[n] = '\n';
        char *c = i == 1 ? &v[n - 1] : &v[n / 2];
        if (i == 0)
            v[n - 1] = ' ';
        else
            *c = *c == '9' ? '8' : *c >= '0' && *c < '9' ? (char)(*c + 1) : '_';
    }
    return 3 * (n + 1);
}

static void near_misses_of_each_detector_are_linear(void **state)
{
    (void)state;
    for (size_t row = 0; sp_row_at(row) != NULL; row++) {
        char unit[8192];
        size_t n = 0;
        for (const sp_example *e = examples_of(sp_row_at(row)); *e != NULL; e++)
            n += put_near_misses(unit + n, sizeof unit - n - 1, *e);
        unit[n] = '\0';
        cost c[DOUBLINGS + 1];
        for (size_t k = 0; k <= DOUBLINGS && n > 0; k++)
            c[k] = scan_text(fill(0, unit, largest >> (DOUBLINGS - k)));
        if (n > 0) check_growth(sp_row_at(row)->name, c);
    }
}

/* How many findings the atom of addresses counts in a body of n addresses whose text is read once more, with
 * its escape resolved. */
static uint32_t addresses_counted(size_t n)
{
    static sp_snapshot snapshot;
    snapshot = fixture_snapshot();
    sp_arena arena;
    sp_request request;
    sp_labelling labelling;
    sp_arena_init(&arena, SIZE_MAX / 2);
    sp_findings findings = SP_FINDINGS_IN(&arena.mem, 10000);
    sp_buf body = SP_BUF_IN(&arena.mem);
    sp_buf_append_str(&body, SAID);
    for (size_t i = 0; i < n; i++) {
        sp_buf_append_str(&body, "a");
        sp_buf_append_u64(&body, i);
        sp_buf_append_str(&body, "@example.de ");
    }
    sp_buf_append_str(&body, "\\\\u0041" SAID_END);
    assert_int_equal(
        sp_request_parse(&request, sp_dialect_get(SP_DIALECT_OPENAI), sp_buf_bytes(&body), &arena.mem, NULL),
        SP_OK);
    assert_int_equal(sp_scan(&findings, engine, scratch, request.text), SP_OK);
    assert_int_equal(findings.n, 2 * n);
    const sp_purpose purpose = fixture_purpose(&snapshot, &snapshot.applications[APP_INTRANET]);
    const sp_evidence evidence = {&purpose, &request, &findings, 1500, NULL, NULL};
    assert_int_equal(sp_label_request(&labelling, &evidence, &arena.mem), SP_OK);
    uint32_t count = 0;
    for (size_t i = 0; i < labelling.n_atoms; i++) {
        if (labelling.atoms[i].source == SP_ATOM_DETECTOR) count += labelling.atoms[i].count;
    }
    sp_arena_fini(&arena);
    return count;
}

/* A reading's findings repeat those of its text, which is looked for 1024 findings back and no farther: so
 * each costs the same, however many there are. */
static void what_a_reading_repeats_is_looked_for_near_by(void **state)
{
    (void)state;
    assert_int_equal(addresses_counted(10), 10);
    assert_int_equal(addresses_counted(1024), 1024);
    assert_int_equal(addresses_counted(1025), 2 * 1025);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_reading_repeats_is_looked_for_near_by),
        cmocka_unit_test(twice_the_body_is_twice_the_work),
        cmocka_unit_test(many_keys_are_nearly_linear),
        cmocka_unit_test(many_calls_are_nearly_linear),
        cmocka_unit_test(near_misses_of_each_detector_are_linear),
    };
    return cmocka_run_group_tests(tests, group_set_up, group_tear_down);
}
