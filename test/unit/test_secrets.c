/* Credentials as laws over their tables: every form of every row, every service, every proof. Examples of
 * rows are in test_detectors. */
#include "engine_help.h"
#include "token_help.h"

#include "detect/services.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

/* Confidence of the row's match that covers `value` in `text`; 0: none. */
static unsigned found(fixture *f, const char *row, const char *text, const char *value)
{
    sp_pass pass;
    const sp_pass_in in = {sp_bytes_of(text), 0, true, 0, NULL, NULL, NULL};
    assert_int_equal(sp_engine__pass(&pass, f->engine, f->scratch, &in), SP_OK);
    const char *at = value != NULL ? strstr(text, value) : NULL;
    for (size_t i = 0; i < pass.n; i++) {
        if (strcmp(sp_row_at(pass.v[i].detector)->name, row) != 0) continue;
        if (at == NULL ||
            (pass.v[i].start <= (size_t)(at - text) && pass.v[i].end >= (size_t)(at - text) + strlen(value)))
            return pass.v[i].confidence;
    }
    return 0;
}

/* ---- forms ---- */

static void every_form_of_a_row_is_found(void **state)
{
    for (size_t row = 0; sp_row_at(row) != NULL; row++) {
        const sp_row *r = sp_row_at(row);
        unsigned seed = 7;
        for (const char *form = r->forms; form != NULL && *form != '\0';) {
            sp_token t;
            form = sp_token_parse(&t, form);
            assert_non_null(form);
            char token[TOKEN_MAX], text[MADE_MAX];
            size_t longest = 0;
            made_token(token, &t, &seed, false, &longest);
            made_digit(token, &t, longest);
            snprintf(text, sizeof text, "value = \"%s\";", token);
            if (found(*state, r->name, text, token) == 0) fail_msg("row %s: %s", r->name, text);
        }
    }
}

static void forms_that_are_written_wrong_are_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"abc",        "{w10}",         "abc{w}",   "abc{w3",   "abc{q3}",
                                        "abc{w5-3}",  "abc{w0}",       "abc()",    "abc(a|b",  "a{w10}",
                                        "<abc>{w10}", "abc{w9999999}", "abc{w3-}", "abc{w3}<d"};
    sp_token t;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        if (sp_token_parse(&t, wrong[i]) != NULL) fail_msg("taken: %s", wrong[i]);
    }
}

/* Made for this test with the checksums that the services document; altered by one character each. */
static void a_checksum_makes_certain(void **state)
{
    static const struct {
        const char *row, *right, *wrong;
    } cases[] = {
        {"npm-token",
         "npm_"
         "0123456789ABCDEFGHIJabcdefghij"
         "4Us3aw",
         "npm_"
         "0123456789ABCDEFGHIJabcdefghij"
         "4Us3a0"},
        {"cloudflare-token",
         "cfat_"
         "aAbBcCdDeEfFgGhHiIjJkKlLmMnNoOpPqQrRsStT"
         "03fa099b",
         "cfat_"
         "aAbBcCdDeEfFgGhHiIjJkKlLmMnNoOpPqQrRsStT"
         "03fa099c"},
        {"gitlab-routable-token",
         "glpat-"
         "BwgJCgsMDQ4PEBESExQVFm86MQp1OjJzCA.01.0y"
         "0f24z51",
         "glpat-"
         "BwgJCgsMDQ4PEBESExQVFm86MQp1OjJzCA.01.0y"
         "0f24z50"},
        {"age-secret-key",
         "AGE-SECRET-KEY-1"
         "R23CLXD5MZFSH79VN6PG0KAYTJEQ8W4UR23CLXD5MZFSH79VN6PGP5X68K",
         "AGE-SECRET-KEY-1"
         "R23CLXD5MZFSH79VN6PG0KAYTJEQ8W4UR23CLXD5MZFSH79VN6PGP5X68Q"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(found(*state, cases[i].row, cases[i].right, NULL), 99);
        assert_int_equal(found(*state, cases[i].row, cases[i].wrong, NULL), 65);
    }
}

/* What stands right before a token may be an escape. */
static void an_escape_is_no_letter(void **state)
{
    assert_int_not_equal(found(*state, "digitalocean-token",
                               "\\ndop_v1_"
                               "7d3f0c2b9e5a48d1b6f07c3e2a914d587d3f0c2b9e5a48d1b6f07c3e2a914d58",
                               NULL),
                         0);
    assert_int_not_equal(found(*state, "digitalocean-token",
                               "k%3Ddop_v1_"
                               "7d3f0c2b9e5a48d1b6f07c3e2a914d587d3f0c2b9e5a48d1b6f07c3e2a914d58",
                               NULL),
                         0);
    assert_int_equal(found(*state, "digitalocean-token",
                           "ndop_v1_"
                           "7d3f0c2b9e5a48d1b6f07c3e2a914d587d3f0c2b9e5a48d1b6f07c3e2a914d58",
                           NULL),
                     0);
}

/* ---- services ---- */

static const char *const random_values[] = {"4f8a2c91d07b4e3f9a6c5d18e2b7f034", "Xk28dLmQpz71JvR0tW93",
                                            "k29dj3md8shq7wbz4x0n", "a8f5f167-f44f-4964-e6c9-98dee827110c",
                                            "Zq8-w3Lx_91kVbN7tY2p"};

enum { NAME_MAX_BYTES = 40 };

static void name_of(char *out, size_t n, const sp_service *service, bool upper)
{
    size_t at = 0;
    for (const char *c = service->word; *c != '\0' && at + 1 < n; c++) {
        if (*c != '~') out[at++] = *c;
    }
    out[at] = '\0';
    for (char *c = out; upper && *c != '\0'; c++) *c = (char)toupper((unsigned char)*c);
}

/* A text around a name, and the value if there is one. */
typedef struct way {
    const char *before, *between, *after;
} way;

static void write_text(char *out, size_t n, const way *as, const char *name, const char *value)
{
    snprintf(out, n, "%s%s%s%s%s", as->before, name, as->between, value, as->after);
}

static void every_service_is_found_as_it_is_written(void **state)
{
    static const way ways[] = {{"", "_API_KEY=", "\n"},
                               {"", " token: '", "'"},
                               {"", "_SECRET = \"", "\""},
                               {"", " access key ", ""},
                               {"--", "-token ", " --x"}};
    for (size_t s = 0; sp_service_at(s) != NULL; s++) {
        for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
            char name[NAME_MAX_BYTES], text[200];
            name_of(name, sizeof name, sp_service_at(s), i % 2 == 0);
            write_text(text, sizeof text, &ways[i], name, random_values[i]);
            if (found(*state, "service-key", text, random_values[i]) == 0) fail_msg("%s", text);
        }
    }
}

static void near_misses_of_services_are_not(void **state)
{
    static const way ways[] = {{"", "_API_KEY=<your-api-key-here>", ""},
                               {"", "_token = get_token(request)", ""},
                               {"", " secret: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", ""},
                               {"the ",
                                " of which nobody has said that there is one that might be meant by "
                                "4f8a2c91d07b4e3f9a6c5d18e2b7f034",
                                ""},
                               {"https://example.com/", "/image-2024-01-02.png", ""}};
    for (size_t s = 0; sp_service_at(s) != NULL; s++) {
        for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
            char name[NAME_MAX_BYTES], text[200];
            name_of(name, sizeof name, sp_service_at(s), false);
            write_text(text, sizeof text, &ways[i], name, "");
            if (found(*state, "service-key", text, NULL) != 0) fail_msg("%s", text);
        }
    }
}

/* How often a key is found whatever stands between it and its word: the same with 64 bytes behind the word,
 * which bits look at, and with fewer, which are read. */
static unsigned found_at_any_distance(fixture *f, const char *key, const char *behind)
{
    unsigned n_found = 0;
    for (int apart = 1; apart <= 38; apart++) {
        char read[256], passed[512];
        snprintf(read, sizeof read, "codacy token%*s%s%s", apart, " ", key, behind);
        snprintf(passed, sizeof passed, "%s%100s", read, " ");
        const unsigned wanted = found(f, "service-key", read, key);
        if (found(f, "service-key", passed, key) != wanted) fail_msg("%s", passed);
        n_found += wanted != 0;
    }
    return n_found;
}

static void a_key_is_found_wherever_it_begins(void **state)
{
    static const char *const keys[] = {
        "Xk28dLmQpz71JvR0tW93", "XkwYdLmQpzhzJvRGtWqb", "Xk28dLmQ",
        "XkwYdLmQpzhzJvRGtW==", "image_of_a_long_name", "Xk2/dLm+pz71.JvR0tW93"};
    static const char *const behind[] = {" ", "\n", ") ", "; ", "\"}, ", " 7 "};
    unsigned n_found = 0;
    for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++) {
        for (size_t b = 0; b < sizeof behind / sizeof behind[0]; b++)
            n_found += found_at_any_distance(*state, keys[k], behind[b]);
    }
    assert_true(n_found > 400); /* three of the keys are some */
}

static void services_are_sorted_and_of_one_kind_of_letters(void **state)
{
    (void)state;
    for (size_t s = 0; sp_service_at(s) != NULL; s++) {
        const char *word = sp_service_at(s)->word;
        for (size_t k = 0; k < 3; k++) assert_int_not_equal(word[k], '~');
        assert_in_range(strlen(word), 3, NAME_MAX_BYTES - 1);
        for (const char *c = word; *c != '\0'; c++)
            assert_true(islower((unsigned char)*c) || isdigit((unsigned char)*c) || *c == '~');
        if (s > 0) assert_true(strcmp(sp_service_at(s - 1)->word, word) < 0);
    }
}

/* ---- how values look ---- */

static void random_values_are_told_from_words(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        bool is_random, is_named;
    } cases[] = {
        {"4f8a2c91d07b4e3f9a6c5d18e2b7f034", true, true},
        {"Xk28dLmQpz71JvR0tW93", true, true},
        {"abcdef1234567890abcdef1234567890", false, true},
        {"getPasswordFromConfig", false, false},
        {"my-production-bucket-2", false, false},
        {"release-2024-01-02", false, false},
        {"internationalization", false, false},
        {"AAAAAAAAAAAAAAAAAAAAAAAA", false, false},
        {"sha256_digest_v2_final", false, false},
        {"1234567890123456", false, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const sp_bytes v = sp_bytes_of(cases[i].value);
        const sp_window w = {v.p, v.n, true, false, 0, NULL, NULL};
        const sp_look look = sp_look_at(&w, 0, v.n);
        if (sp_is_opaque(&look, SP_REASON_NONE) != cases[i].is_random ||
            sp_is_opaque(&look, SP_REASON_NAMED) != cases[i].is_named)
            fail_msg("%s", cases[i].value);
    }
}

static void what_stands_for_a_secret_is_none(void **state)
{
    (void)state;
    static const char *const cases[] = {"your-api-key", "<token>", "${TOKEN}",   "{{ token }}", "changeme",
                                        "xxxxxxxx",     "EXAMPLE", "$(cat key)", "os.environ",  "%TOKEN%"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const sp_bytes v = sp_bytes_of(cases[i]);
        const sp_window w = {v.p, v.n, true, false, 0, NULL, NULL};
        if (!sp_is_stand_in(&w, 0, v.n)) fail_msg("%s", cases[i]);
    }
}

/* ---- passwords with signs ---- */

/* The text that is found as a password: "" if none is. */
static void password_in(fixture *f, const char *text, char *out, size_t room)
{
    sp_pass pass;
    const sp_pass_in in = {sp_bytes_of(text), 0, true, 0, NULL, NULL, NULL};
    assert_int_equal(sp_engine__pass(&pass, f->engine, f->scratch, &in), SP_OK);
    out[0] = '\0';
    for (size_t i = 0; i < pass.n; i++) {
        if (sp_row_at(pass.v[i].detector)->kind != SP_KIND_PASSWORD) continue;
        snprintf(out, room, "%.*s", (int)(pass.v[i].end - pass.v[i].start), text + pass.v[i].start);
    }
}

/* Streamed with one cut, does the same leave, and none of it before it is told? */
static void check_stream(fixture *f, sp_bytes text, size_t cut)
{
    sp_arena arena;
    sp_tape *tape;
    uint64_t released = 0, before = 0;
    sp_arena_init(&arena, 1 << 24);
    sp_findings told = SP_FINDINGS_IN(&arena.mem, 100), whole = SP_FINDINGS_IN(&arena.mem, 100);
    assert_int_equal(sp_scan(&whole, f->engine, f->scratch, text), SP_OK);
    assert_int_equal(sp_tape_new(&tape, f->engine, f->scratch, &arena.mem), SP_OK);
    assert_int_equal(sp_tape_feed(tape, sp_bytes_sub(text, 0, cut), false, &told, &before), SP_OK);
    const size_t n = told.n;
    assert_int_equal(sp_tape_feed(tape, sp_bytes_sub(text, cut, text.n), true, &told, &released), SP_OK);
    assert_int_equal(told.n, whole.n);
    for (size_t i = 0; i < told.n; i++) {
        assert_int_equal(told.v[i].start, whole.v[i].start);
        assert_int_equal(told.v[i].end, whole.v[i].end);
        assert_true(i < n || told.v[i].start >= before);
    }
    sp_arena_fini(&arena);
}

typedef struct whole {
    const char *text, *password;
} whole;

static void no_tail_of_a_password_is_left(void **state)
{
    static const whole texts[] = {
        {"password: Tr0ub4dor&3", "Tr0ub4dor&3"},
        {"PASSWORD=Tr0ub4dor&3\n", "Tr0ub4dor&3"},
        {"export DB_PASSWORD=Tr0ub;dor3\n", "Tr0ub;dor3"},
        {"db.password=Tr0ub4dor&3\n", "Tr0ub4dor&3"},
        {"password: R&Dteam2024!", "R&Dteam2024!"},
        {"password = R&Dteam2024!\n", "R&Dteam2024!"},
        {"password: abc&def123!", "abc&def123!"},
        {"password: p,assW0rd9", "p,assW0rd9"},
        {"password: Xy7;kk29Q", "Xy7;kk29Q"},
        {"Passwort: Abc1<2def", "Abc1<2def"},
        {"password: Tr0ub4dor3)x, y", "Tr0ub4dor3)x"},
        {"- password: it's4Me&you\n", "it's4Me&you"},
        {"password: |\n  Tr0ub&dor3\n", "Tr0ub&dor3"},
        {"pw: Tr0ub4dor&3", "Tr0ub4dor&3"},
        {"my password is Tr0ub4dor&3, ok?", "Tr0ub4dor&3"},
        {"the password is Tr0ub4dor&3.", "Tr0ub4dor&3"},
        {"- name: DB_PASSWORD\n  value: Tr0ub4dor&3\n", "Tr0ub4dor&3"},
        {"Password: **Tr0ub4dor3**", "Tr0ub4dor3"},
        /* signs that part it from what follows */
        {"GET /x?password=Tr0ub4dor3&user=anna", "Tr0ub4dor3"},
        {"password=Tr0ub4dor3&user=anna", "Tr0ub4dor3"},
        {"Password=Gr8tWall99;User Id=sa;Server=x", "Gr8tWall99"},
        {"PASSWORD=hunter22&&run x", "hunter22"},
        {"<li>Password: Tr0ub4dor3</li>", "Tr0ub4dor3"},
        {"password: Tr0ub4dor3<br>next", "Tr0ub4dor3"},
        {"password: Tr0ub4dor3, user: x", "Tr0ub4dor3"},
        {"{user: a, password: Tr0ub4dor3,port: 5}", "Tr0ub4dor3"},
        {"&quot;password: hunter22&quot;", "hunter22"},
        /* none */
        {"  password: form.password,\n", ""},
        {"password: string,port1: number\n", ""},
        {"  pass = x&mask123;\n", ""},
        {"POSTGRES_PASSWORD: ${POSTGRES_PASSWORD:?required}", ""},
        {"POSTGRES_PASSWORD: ${POSTGRES_PASSWORD:?required12}", ""},
        {"POSTGRES_PASSWORD: ${POSTGRES_PASSWORD:+required12}", ""},
    };
    char found_one[256];
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        password_in(*state, texts[i].text, found_one, sizeof found_one);
        if (strcmp(found_one, texts[i].password) != 0) fail_msg("%s: %s", texts[i].text, found_one);
        const sp_bytes text = sp_bytes_of(texts[i].text);
        for (size_t cut = 0; cut <= text.n; cut++) check_stream(*state, text, cut);
    }
}

/* A list of checksums, whose head stands as far before a value as anybody looks back, or farther. */
static void a_list_of_digests_is_one_in_streams(void **state)
{
    for (int gap = 60; gap < 120; gap += 4) {
        char text[300];
        const int n =
            snprintf(text, sizeof text, "CHECKSUMS%*s\n%*s- codacy: Xk28dLmQpz71JvR0tW93\n", gap, "", 24, "");
        const sp_bytes all = {(const uint8_t *)text, (size_t)n};
        for (size_t cut = 0; cut <= all.n; cut++) check_stream(*state, all, cut);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_of_a_row_is_found),
        cmocka_unit_test(forms_that_are_written_wrong_are_refused),
        cmocka_unit_test(a_checksum_makes_certain),
        cmocka_unit_test(an_escape_is_no_letter),
        cmocka_unit_test(every_service_is_found_as_it_is_written),
        cmocka_unit_test(near_misses_of_services_are_not),
        cmocka_unit_test(a_key_is_found_wherever_it_begins),
        cmocka_unit_test(services_are_sorted_and_of_one_kind_of_letters),
        cmocka_unit_test(random_values_are_told_from_words),
        cmocka_unit_test(what_stands_for_a_secret_is_none),
        cmocka_unit_test(no_tail_of_a_password_is_left),
        cmocka_unit_test(a_list_of_digests_is_one_in_streams),
    };
    return cmocka_run_group_tests(tests, engine_set_up, engine_tear_down);
}
