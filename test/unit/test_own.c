/* Detectors of an organisation inside the engine: whatever the cuts a stream finds what the whole finds and
 * lets nothing out too early; parts that were scanned before say the same; each has a class of its own. */
#include "sallyport/custom.h"

#include "detect/detect_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const char *const names[] = {"Nordlicht", "Project Falcon", "Falcon", "été", "C++"};
static const char *const exact[] = {"Ada"};
static const char *const known[] = {"PROJ-99", "PROJ-1212", "PROJ-99 "};
static const char *const cards[] = {"4111 1111 1111 1111"};
static const sp_custom_detector own[] = {
    {.name = "ticket", .pattern = "\\bPROJ-[0-9]{2,6}\\b", .category = 3, .level = 2},
    {.name = "code-name", .terms = names, .n_terms = 5, .sure = 90, .category = 4, .level = 3},
    {.name = "exact", .terms = exact, .n_terms = 1, .is_exact = true},
    {.name = "any-a", .pattern = "a{2,60}"},
    {.name = "nested", .pattern = "bc|abcde|c.{3,9}f"},
    {.name = "member", .shapes = "ddd~ddd~ddd~d", .check = "luhn", .words = "member no|~member"},
    {.name = "near", .pattern = "[A-Z]{2}[0-9]{2}", .words = "plate"},
    {.name = "mail", .pattern = "[a-z]{3,9} at corp", .kind = SP_KIND_EMAIL},
    {.name = "lines", .pattern = "x[\\s\\S]{1,8}y"},
    {.name = "ticket:known", .terms = known, .n_terms = 3, .allows = SP_CLASS_OWN + 0},
    {.name = "any-a:short", .pattern = "a{4}|a{9}", .allows = SP_CLASS_OWN + 3},
    {.name = "card:test", .terms = cards, .n_terms = 1, .allows = SP_KIND_CARD},
    {.name = "email:desk", .pattern = "desk at corp|w[a-z]{1,9}@y\\.example", .allows = SP_KIND_EMAIL},
};
enum { N_OWN = sizeof own / sizeof own[0], MOST = 1000 };

typedef struct fixture {
    sp_engine *built_in, *engine;
    sp_custom *custom;
    sp_scratch *scratch;
} fixture;
static fixture f;

static int set_up(void **state)
{
    size_t bad;
    sp_diag diag = {0};
    *state = &f;
    if (sp_engine_new(&f.built_in, &diag) != SP_OK) return -1;
    if (sp_custom_new(&f.custom, own, N_OWN, &bad, &diag) != SP_OK) {
        printf("%zu: %s\n", bad, diag.text);
        return -1;
    }
    if (sp_engine_with(&f.engine, f.built_in, f.custom) != SP_OK) return -1;
    return sp_scratch_new(&f.scratch, f.built_in) == SP_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    sp_scratch_free(f.scratch);
    sp_engine_free(f.engine);
    sp_custom_free(f.custom);
    sp_engine_free(f.built_in);
    return 0;
}

/* ---- what is found ---- */

typedef struct scan_case {
    const char *text;
    int row;           /* of `own` */
    const char *found; /* all of them, '|' between; NULL: nothing */
} scan_case;
static const scan_case cases[] = {
    {"fix PROJ-12, PROJ-3 and PROJ-1234567", 0, "PROJ-12"},
    {"NORDLICHT and nordlicht, not Nordlichter or xnordlicht", 1, "NORDLICHT|nordlicht"},
    {"the Project Falcon, falcon; falcon_1 falcons", 1, "Project Falcon|falcon"},
    {"l'été; étés, C++, C+++", 1, "été|C++|C++"},
    {"Ada ADA ada Adas", 2, "Ada"},
    {"abcde bc", 4, "abcde|bc"},
    {"bcxxxf", 4, "bc"},
    {"member no 798-765-432-9 and 798-765-432-9", 5, "798-765-432-9|798-765-432-9"},
    {"member no 798-765-432-0", 5, NULL},
    {"plate AB12", 6, "AB12"},
    {"AB12", 6, NULL},
    {"jane at corp", 7, "jane at corp"},
    {"x1y x\ny x\n1y xx11yy", 8, "x1y|xx11yy"},
};

static void append_found(char *out, size_t room, const sp_findings *found, unsigned detector,
                         const char *text)
{
    for (size_t i = 0; i < found->n; i++) {
        const sp_finding *x = &found->v[i];
        const size_t n = strlen(out);
        if (x->detector != detector) continue;
        snprintf(out + n, room - n, "%s%.*s", n > 0 ? "|" : "", (int)(x->end - x->start), text + x->start);
    }
}

static void texts_are_found_as_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char said[200] = "";
        sp_arena arena;
        sp_arena_init(&arena, 1 << 20);
        sp_findings found = SP_FINDINGS_IN(&arena.mem, MOST);
        assert_int_equal(sp_scan(&found, f.engine, f.scratch, sp_bytes_of(cases[i].text)), SP_OK);
        append_found(said, sizeof said, &found, SP_DETECTOR_OWN + (unsigned)cases[i].row, cases[i].text);
        if (strcmp(said, cases[i].found != NULL ? cases[i].found : "") != 0)
            fail_msg("%s: %s", cases[i].text, said);
        sp_arena_fini(&arena);
    }
}

/* Two that overlap both stand; a shipped kind is one; the built-in engine knows none of it. */
static void each_has_a_class_of_its_own(void **state)
{
    (void)state;
    const char *text = "PROJ-77 aa Nordlicht jane at corp";
    sp_arena arena;
    sp_arena_init(&arena, 1 << 20);
    sp_findings found = SP_FINDINGS_IN(&arena.mem, MOST);
    assert_int_equal(sp_scan(&found, f.engine, f.scratch, sp_bytes_of(text)), SP_OK);
    assert_int_equal(found.n, 4);
    const unsigned classes[] = {SP_CLASS_OWN + 0, SP_CLASS_OWN + 3, SP_CLASS_OWN + 1, SP_KIND_EMAIL};
    for (size_t i = 0; i < 4; i++) assert_int_equal(sp_finding_class(&found.v[i]), classes[i]);
    const sp_kind_info *info = sp_engine_class(f.engine, classes[2]);
    assert_string_equal(info->name, "code-name");
    assert_int_equal(info->category, 4);
    assert_int_equal(info->level, 3);
    assert_int_equal(sp_engine_class(f.engine, SP_KIND_EMAIL)->kind, SP_KIND_EMAIL);
    assert_null(sp_engine_class(f.engine, SP_CLASS_OWN + N_OWN));
    assert_null(sp_engine_class(f.built_in, SP_CLASS_OWN));
    assert_int_equal(sp_engine_serial(f.built_in), 0);
    assert_int_not_equal(sp_engine_serial(f.engine), 0);
    found.n = 0;
    assert_int_equal(sp_scan(&found, f.built_in, f.scratch, sp_bytes_of(text)), SP_OK);
    assert_int_equal(found.n, 0);
    sp_arena_fini(&arena);
}

/* A scratch goes from one set to the next. */
static void working_memory_fits_every_set(void **state)
{
    (void)state;
    for (size_t n = 1; n <= N_OWN; n++) {
        size_t bad;
        sp_custom *custom;
        sp_engine *engine;
        sp_arena arena;
        sp_arena_init(&arena, 1 << 20);
        sp_findings found = SP_FINDINGS_IN(&arena.mem, MOST);
        assert_int_equal(sp_custom_new(&custom, own, n, &bad, NULL), SP_OK);
        assert_int_equal(sp_engine_with(&engine, f.built_in, custom), SP_OK);
        assert_int_equal(sp_scan(&found, engine, f.scratch, SP_LIT("PROJ-11 nordlicht")), SP_OK);
        assert_int_equal(found.n, n == 1 ? 1 : 2);
        sp_engine_free(engine);
        sp_custom_free(custom);
        sp_arena_fini(&arena);
    }
}

/* `RULE VALUE` for each that is allowed, `KIND VALUE` for the others. */
static void append_all(char *out, size_t room, const sp_findings *found, const char *text)
{
    for (size_t i = 0; i < found->n; i++) {
        const sp_finding *x = &found->v[i];
        const sp_kind_info *info = sp_engine_class(f.engine, sp_finding_class(x));
        const size_t n = strlen(out);
        assert_int_equal(sp_finding_is_allowed(x), strchr(info->name, ':') != NULL);
        snprintf(out + n, room - n, "%s%s %.*s", n > 0 ? "|" : "", info->name, (int)(x->end - x->start),
                 text + x->start);
    }
}

typedef struct allow_case {
    const char *text, *all, *settled;
} allow_case;
static const allow_case allow_cases[] = {
    {"PROJ-99, PROJ-98 PROJ-999", "ticket:known PROJ-99|ticket PROJ-98|ticket PROJ-999",
     "ticket:known PROJ-99|ticket PROJ-98|ticket PROJ-999"},
    {"aaaa aaa aaaaa", "any-a:short aaaa|any-a aaa|any-a aaaaa", "any-a:short aaaa|any-a aaa|any-a aaaaa"},
    {"desk at corp, jane at corp", "email:desk desk at corp|email jane at corp",
     "email:desk desk at corp|email jane at corp"},
    /* what else is found at the place stays, however short, and whoever was surer before */
    {"to waaa@y.example", "email:desk waaa@y.example|any-a aaa", "any-a aaa"},
    {"to zaaaa@y.example", "email zaaaa@y.example|any-a:short aaaa", "email zaaaa@y.example"},
    /* nor does a view find it again, in which it is written otherwise */
    {"mails: des\xe2\x80\x8bk at corp, desk at corp",
     "email:desk des\xe2\x80\x8bk at corp|email:desk desk at corp",
     "email:desk des\xe2\x80\x8bk at corp|email:desk desk at corp"},
    {"card 4111 1111 1111 1111, 4111-1111-1111-1111",
     "card:test 4111 1111 1111 1111|card 4111-1111-1111-1111",
     "card:test 4111 1111 1111 1111|card 4111-1111-1111-1111"},
    /* a rule speaks of the text as it is read, also in a view */
    {"PROJ\xe2\x80\x8b-99 PROJ\xe2\x80\x8b-98", "ticket:known PROJ\xe2\x80\x8b-99|ticket PROJ\xe2\x80\x8b-98",
     "ticket:known PROJ\xe2\x80\x8b-99|ticket PROJ\xe2\x80\x8b-98"},
};

static void what_is_allowed_is_told_and_hides_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof allow_cases / sizeof allow_cases[0]; i++) {
        const allow_case *c = &allow_cases[i];
        char all[300] = "", settled[300] = "";
        sp_arena arena;
        sp_arena_init(&arena, 1 << 22);
        sp_findings found = SP_FINDINGS_IN(&arena.mem, MOST);
        const sp_scan_in in = {f.engine, f.scratch, sp_bytes_of(c->text), {NULL, 0}, &arena.mem};
        assert_int_equal(sp_scan_disguised(&found, &in), SP_OK);
        append_all(all, sizeof all, &found, c->text);
        sp_findings_settle(&found);
        append_all(settled, sizeof settled, &found, c->text);
        if (strcmp(all, c->all) != 0 || strcmp(settled, c->settled) != 0)
            fail_msg("%s: %s; %s", c->text, all, settled);
        sp_arena_fini(&arena);
    }
}

static void a_rule_is_of_its_class_and_of_whole_values(void **state)
{
    (void)state;
    assert_true(sp_custom_allows(f.custom, SP_CLASS_OWN + 0, SP_LIT("PROJ-99")));
    assert_false(sp_custom_allows(f.custom, SP_CLASS_OWN + 1, SP_LIT("PROJ-99")));
    assert_false(sp_custom_allows(f.custom, SP_KIND_EMAIL, SP_LIT("PROJ-99")));
    assert_false(sp_custom_allows(f.custom, SP_CLASS_OWN + 0, SP_LIT("proj-99")));
    assert_false(sp_custom_allows(f.custom, SP_CLASS_OWN + 0, SP_LIT("PROJ-9")));
    assert_true(sp_custom_allows(f.custom, SP_KIND_EMAIL, SP_LIT("desk at corp")));
    assert_false(sp_custom_allows(f.custom, SP_KIND_EMAIL, SP_LIT("desk at corp\n")));
    assert_false(sp_custom_allows(f.custom, SP_KIND_EMAIL, SP_LIT("a desk at corp")));
    assert_false(sp_custom_allows(f.custom, SP_KIND_EMAIL, SP_BYTES_EMPTY));
    assert_false(sp_custom_allows(f.custom, SP_CLASS_LIMIT, SP_LIT("PROJ-99")));
}

/* Who is told of a value does not depend on how many other rules there are. */
static void of_several_rules_the_first_is_told(void **state)
{
    (void)state;
    static const char *const one[] = {"10.1.2.3"};
    static sp_custom_detector v[8];
    for (size_t n = 1; n <= sizeof v / sizeof v[0]; n++) {
        size_t bad;
        sp_custom *custom;
        sp_engine *engine;
        sp_arena arena;
        v[n - 1] = (sp_custom_detector){
            .name = n == 1 ? "ip:first" : "ip:other", .terms = one, .n_terms = 1, .allows = SP_KIND_IP};
        sp_arena_init(&arena, 1 << 20);
        assert_int_equal(sp_custom_new(&custom, v, n, &bad, NULL), SP_OK);
        assert_int_equal(sp_engine_with(&engine, f.built_in, custom), SP_OK);
        sp_findings found = SP_FINDINGS_IN(&arena.mem, MOST);
        assert_int_equal(sp_scan(&found, engine, f.scratch, SP_LIT("at 10.1.2.3 now")), SP_OK);
        assert_int_equal(found.n, 1);
        assert_string_equal(sp_engine_class(engine, sp_finding_class(&found.v[0]))->name, "ip:first");
        sp_engine_free(engine);
        sp_custom_free(custom);
        sp_arena_fini(&arena);
    }
}

/* ---- more than a pass keeps ---- */

static const char *const flood_cards[] = {"4111 1111 1111 1111", "4012 8888\342\200\213 8888 1881"};
static const char *const flood_letter[] = {"q"};
static const char *const flood_address[] = {"10.1.2.3"};
static const char *const flood_person[] = {"Anna Berg"};
static const sp_custom_detector flooded[] = {
    {.name = "letter", .pattern = "\\b[qr]\\b", .category = 3, .level = 2},
    {.name = "letter:known", .terms = flood_letter, .n_terms = 1, .allows = SP_CLASS_OWN + 0},
    {.name = "card:test", .terms = flood_cards, .n_terms = 2, .allows = SP_KIND_CARD},
    {.name = "ip:inside", .terms = flood_address, .n_terms = 1, .allows = SP_KIND_IP},
    {.name = "person:known", .terms = flood_person, .n_terms = 1, .allows = SP_KIND_PERSON},
};

typedef enum looked_at { AS_ONE, IN_PARTS, DISGUISED, STREAMED } looked_at;

typedef struct flood_case {
    const char *allowed;
    size_t n;
    const char *other; /* behind them */
    unsigned class;
    looked_at way;
    bool is_told;
} flood_case;
static const flood_case flood_cases[] = {
    {"4111 1111 1111 1111\n", SP_PASS_MAX, "5500 0000 0000 0004\n", SP_KIND_CARD, AS_ONE, true},
    {"4111 1111 1111 1111\n", SP_PASS_MAX - 1, "5500 0000 0000 0004\n", SP_KIND_CARD, AS_ONE, true},
    {"4111 1111 1111 1111\n", SP_PASS_MAX, "10.9.8.7\n", SP_KIND_CARD, AS_ONE, false},
    {"4111 1111 1111 1111\n", SP_PASS_MAX, "5500 0000 0000 0004\n", SP_KIND_CARD, IN_PARTS, true},
    {"10.1.2.3\n", SP_PASS_MAX, "10.9.8.7\n", SP_KIND_IP, AS_ONE, true},
    {"Dear Anna Berg,\n", SP_PASS_MAX, "Dear Maria Keller,\n", SP_KIND_PERSON, AS_ONE, true},
    {"q\n", SP_PASS_MAX, "r\n", SP_CLASS_OWN + 0, AS_ONE, true},
    {"q\n", SP_PASS_MAX, "10.9.8.7\n", SP_CLASS_OWN + 0, AS_ONE, false},
    {"q\n", SP_PASS_MAX, "r\n", SP_CLASS_OWN + 0, STREAMED, true},
    /* allowed as it is read in the view, and as it stands */
    {"4111 1111\xe2\x80\x8b 1111 1111\n", SP_PASS_MAX, "5500 0000\xe2\x80\x8b 0000 0004\n", SP_KIND_CARD,
     DISGUISED, true},
    {"4012 8888\342\200\213 8888 1881\n", MOST, "10.9.8.7\n", SP_KIND_CARD, DISGUISED, false},
    {"4012 8888\342\200\213 8888 1881\n", SP_PASS_MAX, "5500 0000\xe2\x80\x8b 0000 0004\n", SP_KIND_CARD,
     DISGUISED, true},
    {"4012 8888\342\200\213 8888 1881\n", MOST, "5500 0000\xe2\x80\x8b 0000 0004\n", SP_KIND_CARD, DISGUISED,
     true},
    {"4111 1111\xe2\x80\x8b 1111 1111\n", SP_PASS_MAX, "10.9.8.7\n", SP_KIND_CARD, DISGUISED, false},
};

static sp_status look_at(looked_at way, sp_findings *found, const sp_engine *engine, sp_bytes text)
{
    const sp_scan_in in = {engine, f.scratch, text, {NULL, 0}, found->mem};
    const uint8_t *newline = memchr(text.p + text.n / 2, '\n', text.n - text.n / 2);
    sp_part parts[2] = {{.end = (uint32_t)(newline - text.p) + 1}, {.end = (uint32_t)text.n}};
    sp_tape *tape;
    uint64_t release;
    if (way == DISGUISED) return sp_scan_disguised(found, &in);
    if (way == IN_PARTS) return sp_scan_parts(found, engine, f.scratch, text, (sp_parts){parts, 2});
    if (way == AS_ONE) return sp_scan_whole(found, engine, f.scratch, text);
    SP_TRY(sp_tape_new(&tape, engine, f.scratch, found->mem));
    return sp_tape_feed(tape, text, true, found, &release);
}

static void run_flood(const sp_engine *engine, const flood_case *c)
{
    sp_arena arena;
    sp_arena_init(&arena, 256 << 20);
    sp_buf text = SP_BUF_IN(&arena.mem);
    for (size_t i = 0; i < c->n; i++) sp_buf_append_str(&text, c->allowed);
    sp_buf_append_str(&text, c->other);
    sp_findings found = SP_FINDINGS_IN(&arena.mem, MOST);
    assert_int_equal(look_at(c->way, &found, engine, sp_buf_bytes(&text)), SP_OK);
    bool is_told = false;
    for (size_t i = 0; i < found.n; i++) {
        is_told = is_told || sp_finding_class(&found.v[i]) == c->class;
        assert_true(i == 0 || found.v[i].start >= found.v[i - 1].start);
    }
    if (is_told != c->is_told)
        fail_msg("%zu times %s, then %s (%d): %zu found", c->n, c->allowed, c->other, c->way, found.n);
    sp_arena_fini(&arena);
}

/* Of a kind of which more are there than a pass keeps something is told, unless all of it was seen. */
static void what_is_allowed_crowds_out_nothing(void **state)
{
    (void)state;
    size_t bad;
    sp_custom *custom;
    sp_engine *engine;
    assert_int_equal(sp_custom_new(&custom, flooded, sizeof flooded / sizeof flooded[0], &bad, NULL), SP_OK);
    assert_int_equal(sp_engine_with(&engine, f.built_in, custom), SP_OK);
    for (size_t i = 0; i < sizeof flood_cases / sizeof flood_cases[0]; i++)
        run_flood(engine, &flood_cases[i]);
    sp_engine_free(engine);
    sp_custom_free(custom);
}

static void the_word_that_made_it_one_is_told(void **state)
{
    (void)state;
    const sp_bytes text = SP_LIT("the plate is AB12");
    sp_arena arena;
    sp_named_by by;
    sp_arena_init(&arena, 1 << 20);
    sp_findings found = SP_FINDINGS_IN(&arena.mem, MOST);
    assert_int_equal(sp_scan(&found, f.engine, f.scratch, text), SP_OK);
    assert_int_equal(found.n, 1);
    sp_finding_explain(&by, f.engine, text, &found.v[0]);
    assert_int_equal(by.start, 4);
    assert_int_equal(by.end, 9);
    sp_arena_fini(&arena);
}

/* ---- cuts ---- */

static uint64_t seed = 88172645463325252;
static size_t below(size_t n)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (size_t)((seed >> 33) % n);
}

/* Texts of what detectors look for, and of what almost is. */
static size_t make_text(char *out, size_t room)
{
    static const char *const pieces[] = {
        "PROJ-12",
        "PROJ-99",
        "desk at corp",
        "PROJ-1",
        "PROJ-",
        "Nordlicht",
        "nordlich",
        "t",
        "Project ",
        "Falcon",
        "été",
        "\xc3",
        "aaaa",
        "aaaaaaaaa",
        "abcde",
        "bc",
        "c1234f",
        "x",
        "y",
        "\n",
        " ",
        "member no",
        "plate ",
        "AB12",
        "798-765-432-9",
        "jane at corp",
        "+49 30 901820",
        "C++",
        "Ada",
        "4111 1111 1111 1111",
        ".",
        "-",
        "\r\n",
        "5",
    };
    size_t n = 0;
    while (n + 24 < room && below(60) != 0) {
        const char *piece = pieces[below(sizeof pieces / sizeof pieces[0])];
        for (; *piece != '\0'; piece++) out[n++] = *piece;
        if (below(3) == 0) out[n++] = ' ';
        if (below(90) == 0 && n + 200 < room) { /* a long line of one pattern */
            memset(out + n, 'a', 160);
            n += 160;
        }
    }
    return n;
}

/* Feeds it in pieces. What is released lies before whatever has not been told. */
static void feed(sp_findings *found, sp_bytes text, size_t longest, sp_mem *mem)
{
    sp_tape *tape;
    uint64_t release = 0;
    assert_int_equal(sp_tape_new(&tape, f.engine, f.scratch, mem), SP_OK);
    for (size_t at = 0; at < text.n || at == 0;) {
        size_t n = 1 + below(longest);
        if (n > text.n - at) n = text.n - at;
        const size_t before = found->n;
        const uint64_t was = release;
        assert_int_equal(
            sp_tape_feed(tape, sp_bytes_sub(text, at, at + n), at + n == text.n, found, &release), SP_OK);
        assert_true(release >= was && release <= at + n);
        for (size_t i = before; i < found->n; i++) assert_true(found->v[i].start >= was);
        at += n;
        if (text.n == 0) return;
    }
    assert_int_equal(release, text.n);
}

static void a_stream_finds_what_the_whole_finds(void **state)
{
    (void)state;
    static char text[4096];
    for (int round = 0; round < 3000; round++) {
        const size_t n = make_text(text, sizeof text);
        const sp_bytes all = {(const uint8_t *)text, n};
        sp_arena arena;
        sp_arena_init(&arena, 8 << 20);
        sp_findings whole = SP_FINDINGS_IN(&arena.mem, MOST), pieces = SP_FINDINGS_IN(&arena.mem, MOST);
        assert_int_equal(sp_scan(&whole, f.engine, f.scratch, all), SP_OK);
        feed(&pieces, all, 1 + below(round % 3 == 0 ? 3 : 300), &arena.mem);
        const bool is_same =
            whole.n == pieces.n &&
            (n == 0 || whole.n == 0 || memcmp(whole.v, pieces.v, whole.n * sizeof *whole.v) == 0);
        if (!is_same)
            fail_msg("round %d: %zu and %zu findings of %.*s", round, whole.n, pieces.n, (int)n, text);
        sp_arena_fini(&arena);
    }
}

static void parts_say_what_the_whole_says(void **state)
{
    (void)state;
    static char text[4096];
    for (int round = 0; round < 500; round++) {
        size_t n = make_text(text, sizeof text - 1);
        text[n++] = '\n';
        const sp_bytes all = {(const uint8_t *)text, n};
        sp_part parts[64] = {{0}};
        size_t n_parts = 0;
        for (size_t i = 0; i < n && n_parts < 63; i++) {
            if (text[i] == '\n' && below(2) == 0) parts[n_parts++].end = (uint32_t)i + 1;
        }
        if (n_parts == 0 || parts[n_parts - 1].end < n) parts[n_parts++].end = (uint32_t)n;
        sp_arena arena;
        sp_arena_init(&arena, 8 << 20);
        sp_findings whole = SP_FINDINGS_IN(&arena.mem, MOST);
        assert_int_equal(sp_scan_whole(&whole, f.engine, f.scratch, all), SP_OK);
        for (int again = 0; again < 2; again++) { /* the second time much of it is known */
            sp_findings found = SP_FINDINGS_IN(&arena.mem, MOST);
            assert_int_equal(sp_scan_parts(&found, f.engine, f.scratch, all, (sp_parts){parts, n_parts}),
                             SP_OK);
            assert_int_equal(found.n, whole.n);
            if (whole.n > 0) assert_memory_equal(found.v, whole.v, whole.n * sizeof *whole.v);
        }
        sp_arena_fini(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_found_as_the_table_says),
        cmocka_unit_test(each_has_a_class_of_its_own),
        cmocka_unit_test(working_memory_fits_every_set),
        cmocka_unit_test(what_is_allowed_is_told_and_hides_nothing),
        cmocka_unit_test(what_is_allowed_crowds_out_nothing),
        cmocka_unit_test(a_rule_is_of_its_class_and_of_whole_values),
        cmocka_unit_test(of_several_rules_the_first_is_told),
        cmocka_unit_test(the_word_that_made_it_one_is_told),
        cmocka_unit_test(a_stream_finds_what_the_whole_finds),
        cmocka_unit_test(parts_say_what_the_whole_says),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
