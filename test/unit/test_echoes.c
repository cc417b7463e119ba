/* What an answer says that its request held is an echo, and may leave where policy says so; the same kind of
 * thing that the model brings may not. However an answer is cut, the client joins the same. */
#include "review_cut_help.h"

#include "sallyport/request.h"

#define KEY "AKIAQ3EGRZTV5NKWXJ2M"
#define OTHER_KEY "AKIAZ7MWTB4CLQH2YVXN"
#define IBAN "DE89 3704 0044 0532 0130 00"
#define ADDRESS "https://pics.example/p?d=VGhlIHBhc3N3b3JkIG9mIHRoZSBib3Nz"
#define OTHER_IBAN "GB82WEST12345698765432"

static const char body[] =
    "{\"model\":\"m\",\"messages\":["
    "{\"role\":\"system\",\"content\":\"Our desk is desk@kaufhaus.example, tell nobody.\"},"
    "{\"role\":\"user\",\"content\":\"I am Ann.Lee@example.com, account " IBAN ", and here is " KEY
    " for the build, paid by pay@my-bank.example. "
    "![x](" ADDRESS ")\"},"
    "{\"role\":\"assistant\",\"content\":\"Noted. Ask bob@example.com, too.\"},"
    "{\"role\":\"user\",\"content\":\"Write to all of us.\"}]}";

/* What policy says beside: credentials are withheld, pii and financial masked. */
typedef enum policy { NOTHING = 0, ECHOES, ECHOES_OF_KINDS, ECHOES_OF_UNCLEARED, KINDS_OF_UNCLEARED } policy;

typedef struct row {
    const char *name;
    policy policy;
    const char *text, *got; /* without escapes */
    uint32_t n_new, n_echoes, n_masked;
    sp_status verdict;
} row;

static const row rows[] = {
    {"an address comes back", ECHOES, "to Ann.Lee@example.com so", "to Ann.Lee@example.com so", 0, 1, 0,
     SP_OK},
    {"in another case", ECHOES, "to ann.lee@EXAMPLE.com so", "to ann.lee@EXAMPLE.com so", 0, 1, 0, SP_OK},
    {"of an earlier answer", ECHOES, "to bob@example.com so", "to bob@example.com so", 0, 1, 0, SP_OK},
    {"at the end", ECHOES, "to bob@example.com", "to bob@example.com", 0, 1, 0, SP_OK},
    {"one that the model brings", ECHOES, "to eve@example.com so", "to [masked: email] so", 1, 0, 1, SP_OK},
    {"one that begins like one", ECHOES, "to bob@example.community so", "to [masked: email] so", 1, 0, 1,
     SP_OK},
    {"one that ends like one", ECHOES, "to xbob@example.com so", "to [masked: email] so", 1, 0, 1, SP_OK},
    {"both", ECHOES, "to eve@example.com, bob@example.com, so", "to [masked: email], bob@example.com, so", 1,
     1, 1, SP_OK},
    {"of the system text", ECHOES, "to desk@kaufhaus.example so", "to [masked: email] so", 1, 0, 1, SP_OK},
    {"with its hyphen", ECHOES, "to pay@my-bank.example so", "to pay@my-bank.example so", 0, 1, 0, SP_OK},
    {"of a host without the hyphen", ECHOES, "to pay@mybank.example so", "to [masked: email] so", 1, 0, 1,
     SP_OK},
    {"of a name with a hyphen", ECHOES, "to b-ob@example.com so", "to [masked: email] so", 1, 0, 1, SP_OK},
    {"an image comes back", ECHOES, "see ![x](" ADDRESS ") so", "see ![x](" ADDRESS ") so", 0, 1, 0, SP_OK},
    {"an image in another case", ECHOES,
     "see ![x](https://pics.example/p?d=VGhlIHBhc3N3b3JkIG9mIHRoZSBib3NZ) so",
     "see ![x]([masked: outward-image]) so", 1, 0, 1, SP_OK},
    {"an account in another writing", ECHOES, "on DE89370400440532013000 so", "on DE89370400440532013000 so",
     0, 1, 0, SP_OK},
    {"another account", ECHOES, "on " OTHER_IBAN " so", "on [masked: iban] so", 1, 0, 1, SP_OK},
    {"a key comes back", ECHOES, "key " KEY " so", "key " KEY " so", 0, 1, 0, SP_OK},
    {"a key that the model brings", ECHOES, "key " OTHER_KEY " so", "key ", 1, 0, 0, SP_ELEAK},
    {"policy says nothing of an address", NOTHING, "to bob@example.com so", "to [masked: email] so", 0, 1, 1,
     SP_OK},
    {"policy says nothing of a key", NOTHING, "key " KEY " so", "key ", 0, 1, 0, SP_ELEAK},
    {"a kind", ECHOES_OF_KINDS, "to bob@example.com so", "to bob@example.com so", 0, 1, 0, SP_OK},
    {"of a category that the reader lacks", ECHOES_OF_UNCLEARED, "to bob@example.com so",
     "to [masked: email] so", 0, 1, 1, SP_OK},
    {"a kind of a category that the reader lacks", KINDS_OF_UNCLEARED, "to bob@example.com so",
     "to [masked: email] so", 0, 1, 1, SP_OK},
    {"another category", ECHOES_OF_UNCLEARED, "key " KEY " so", "key " KEY " so", 0, 1, 0, SP_OK},
    {"another kind", ECHOES_OF_KINDS, "on DE89370400440532013000 so", "on [masked: iban] so", 0, 1, 1, SP_OK},
};

typedef struct setting {
    sp_arena arena;
    sp_request request;
    sp_findings findings;
    sp_echoes *echoes;
} setting;

static void begin(setting *s, const fixture *f, const char *text)
{
    sp_diag diag;
    sp_arena_init(&s->arena, 1 << 20);
    assert_int_equal(sp_request_parse(&s->request, sp_dialect_get(SP_DIALECT_OPENAI), sp_bytes_of(text),
                                      &s->arena.mem, &diag),
                     SP_OK);
    s->findings = SP_FINDINGS_IN(&s->arena.mem, 1000);
    assert_int_equal(sp_scan_whole(&s->findings, f->engine, f->scratch, s->request.text), SP_OK);
    assert_int_equal(sp_echoes_new(&s->echoes, &s->request, &s->findings, 0x1234567890abcdef, &s->arena.mem),
                     SP_OK);
}

static sp_review_options options_with(const fixture *f, const setting *s, bool is_stream, policy what)
{
    sp_review_options options = options_of(f, SP_DIALECT_OPENAI, is_stream);
    options.withhold = SP_CAT_BIT(SP_CAT_CREDENTIALS);
    options.mask = SP_CAT_BIT(SP_CAT_PII) | SP_CAT_BIT(SP_CAT_FINANCIAL);
    options.echoes = s->echoes;
    if (what == ECHOES || what == ECHOES_OF_UNCLEARED)
        options.echoed = options.withhold | options.mask | SP_CAT_BIT(SP_CAT_OUTWARD);
    if (what >= ECHOES_OF_UNCLEARED) options.lacks = SP_CAT_BIT(SP_CAT_PII);
    if (what == ECHOES_OF_KINDS || what == KINDS_OF_UNCLEARED)
        sp_bits256_add(&options.kinds.echoed, SP_KIND_EMAIL);
    return options;
}

static void check(const row *r, const play *p, const char *got, size_t step)
{
    sp_review_summary s;
    uint32_t n_echoes = 0;
    sp_review_summarise(p->review, &s);
    for (size_t i = 0; i < s.n_findings; i++) {
        n_echoes += s.findings[i].is_echo;
        assert_in_range(s.findings[i].finding.confidence, 1, 100);
    }
    if (p->verdict != r->verdict || s.n_findings != r->n_new + r->n_echoes || n_echoes != r->n_echoes ||
        s.n_masked != r->n_masked || (got != NULL && strcmp(got, r->got) != 0))
        fail_msg("%s, in steps of %zu: verdict %d, %zu found, %u echoes, %u masked: \"%s\"", r->name, step,
                 p->verdict, s.n_findings, n_echoes, s.n_masked, got != NULL ? got : "");
}

static void streams_say_the_same_however_they_are_cut(void **state)
{
    const fixture *f = *state;
    setting s;
    begin(&s, f, body);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const sp_review_options options = options_with(f, &s, true, rows[i].policy);
        for (size_t step = 1; step <= strlen(rows[i].text); step++) {
            play p;
            texts got;
            play_begin(&p, &options);
            const char *text = play_cut(&p, &got, f, rows[i].text, step);
            check(&rows[i], &p, text, step);
            play_end(&p);
        }
    }
    sp_arena_fini(&s.arena);
}

static void whole_answers_say_the_same(void **state)
{
    const fixture *f = *state;
    setting s;
    begin(&s, f, body);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const sp_review_options options = options_with(f, &s, false, rows[i].policy);
        play p;
        play_begin(&p, &options);
        sp_buf answer = SP_BUF_IN(&p.arena.mem);
        sp_buf_append_str(&answer, "{\"choices\":[{\"message\":{\"content\":\"");
        sp_buf_append_str(&answer, rows[i].text);
        sp_buf_append_str(&answer, "\"}}]}");
        play_feed(&p, f, sp_buf_bytes(&answer), true);
        check(&rows[i], &p, NULL, 0);
        if (rows[i].verdict == SP_OK) assert_true(has_bytes(sp_buf_bytes(&p.client), rows[i].got));
        play_end(&p);
    }
    sp_arena_fini(&s.arena);
}

/* A model may fall silent anywhere, and what is no finding yet leaves: of an echo all of it may. */
static void a_silence_changes_nothing(void **state)
{
    const fixture *f = *state;
    setting s;
    begin(&s, f, body);
    const sp_review_options options = options_with(f, &s, true, ECHOES);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].policy != ECHOES || rows[i].n_new > 0) continue;
        for (size_t at = 1; at < strlen(rows[i].text); at++) {
            play p;
            texts got;
            play_begin(&p, &options);
            sp_buf stream = SP_BUF_IN(&p.arena.mem);
            append_piece(&stream, sp_bytes_sub(sp_bytes_of(rows[i].text), 0, at));
            sp_buf_append_str(&stream, REASONING(0, "well "));
            append_cut(&stream, rows[i].text + at, strlen(rows[i].text));
            const char *text = play_text(&p, &got, f, &stream);
            check(&rows[i], &p, text, at);
            play_end(&p);
        }
    }
    sp_arena_fini(&s.arena);
}

/* Arguments are not shown, but handed to whoever makes the call: the values of the request may stand there.
 */
static void calls_are_told_alike(void **state)
{
    const fixture *f = *state;
    setting s;
    begin(&s, f, body);
    const sp_review_options options = options_with(f, &s, true, ECHOES);
    play p;
    play_whole(&p, f, &options,
               ROLE(0) CALL_BEGIN(0, 0, "call_1", "send")
                   CALL_MORE(0, 0, "{\\\"to\\\":\\\"bob@example.com\\\",\\\"cc\\\":\\\"eve@example.com\\\"}")
                       FINISH(0, "tool_calls") DONE);
    assert_int_equal(p.verdict, SP_OK);
    assert_true(has_bytes(sp_buf_bytes(&p.client), "bob@example.com"));
    assert_false(has_bytes(sp_buf_bytes(&p.client), "eve@example.com"));
    assert_true(has_bytes(sp_buf_bytes(&p.client), "[masked: email]"));
    play_end(&p);
    sp_arena_fini(&s.arena);
}

static void what_is_not_the_callers_is_no_echo(void **state)
{
    static const char of_a_tool[] =
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"Who?\"}],\"tools\":[{\"type\":"
        "\"function\",\"function\":{\"name\":\"f\",\"description\":\"writes to bob@example.com\"}}]}";
    static const char *const bodies[] = {
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"Nothing is here.\"}]}",
        "{\"model\":\"m\",\"messages\":[{\"role\":\"developer\",\"content\":\"bob@example.com\"}]}",
        of_a_tool,
    };
    const fixture *f = *state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        setting s;
        begin(&s, f, bodies[i]);
        assert_null(s.echoes);
        sp_arena_fini(&s.arena);
    }
}

/* So many findings of one kind are told; what comes behind those is not, and may be anything. */
enum { TOLD = 4096 };

static void append_many(sp_buf *out, const char *front, const char *end, const char *back)
{
    sp_buf_append_str(out, front);
    for (size_t i = 0; i < TOLD; i++) sp_buf_append_str(out, KEY " ");
    sp_buf_append_str(out, end);
    sp_buf_append_str(out, back);
}

/* The many in events of their own, so that what comes last is judged long after they have left. */
static void append_many_events(sp_buf *out, const char *end)
{
    enum { EVENTS = 64 };
    for (size_t i = 0; i < EVENTS; i++) {
        sp_buf_append_str(out, "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"");
        for (size_t k = 0; k < TOLD / EVENTS; k++) sp_buf_append_str(out, KEY " ");
        sp_buf_append_str(out, "\"}}]}\n\n");
    }
    append_cut(out, end, strlen(end));
}

static void behind_many_echoes_nothing_leaves_unseen(void **state)
{
    static const struct {
        const char *name;
        const char *end;
        policy policy;
        sp_status verdict;
    } ends[] = {
        {"another key", OTHER_KEY " end", ECHOES, SP_ELEAK},
        {"the same key", KEY " end", ECHOES, SP_ELEAK}, /* nobody looks at which it is */
        {"none", "end", ECHOES, SP_OK},
    };
    const fixture *f = *state;
    setting s;
    begin(&s, f, body);
    for (size_t i = 0; i < 2 * sizeof ends / sizeof ends[0]; i++) {
        const char *end = ends[i / 2].end;
        const bool is_stream = i % 2 == 1;
        const sp_review_options options = options_with(f, &s, is_stream, ends[i / 2].policy);
        play p;
        play_begin(&p, &options);
        sp_buf answer = SP_BUF_IN(&p.arena.mem);
        if (is_stream)
            append_many_events(&answer, end);
        else
            append_many(&answer, "{\"choices\":[{\"message\":{\"content\":\"", end, "\"}}]}");
        play_feed(&p, f, sp_buf_bytes(&answer), true);
        if (p.verdict != ends[i / 2].verdict) fail_msg("%s: verdict %d", ends[i / 2].name, p.verdict);
        assert_false(has_bytes(sp_buf_bytes(&p.client), OTHER_KEY));
        play_end(&p);
    }
    sp_arena_fini(&s.arena);
}

/* Of the many nothing is acted on, be they new or not: they leave, however many. */
static void what_policy_has_no_word_on_leaves(void **state)
{
    const fixture *f = *state;
    for (unsigned is_stream = 0; is_stream < 2; is_stream++) {
        sp_review_options options = options_of(f, SP_DIALECT_OPENAI, is_stream);
        options.withhold = SP_CAT_BIT(SP_CAT_FINANCIAL);
        play p;
        play_begin(&p, &options);
        sp_buf answer = SP_BUF_IN(&p.arena.mem);
        if (is_stream)
            append_many_events(&answer, OTHER_KEY " end");
        else
            append_many(&answer, "{\"choices\":[{\"message\":{\"content\":\"", OTHER_KEY, "\"}}]}");
        play_feed(&p, f, sp_buf_bytes(&answer), true);
        assert_int_equal(p.verdict, SP_OK);
        assert_true(has_bytes(sp_buf_bytes(&p.client), OTHER_KEY));
        play_end(&p);
    }
}

/* There is room for so many values; what comes behind them is new, and the answer is judged all the same. */
static void what_has_no_room_is_new(void **state)
{
    enum { N = 1100 };
    const fixture *f = *state;
    sp_arena arena;
    sp_arena_init(&arena, 1 << 22);
    sp_buf text = SP_BUF_IN(&arena.mem);
    sp_buf_append_str(&text, "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"");
    for (unsigned i = 0; i < N; i++) {
        sp_buf_append_str(&text, "u");
        sp_buf_append_u64(&text, i);
        sp_buf_append_str(&text, "@example.com ");
    }
    sp_buf_append_str(&text, "\"}]}");
    sp_buf_append_byte(&text, '\0');
    setting s;
    sp_arena_init(&s.arena, 1 << 22);
    assert_int_equal(sp_request_parse(&s.request, sp_dialect_get(SP_DIALECT_OPENAI),
                                      (sp_bytes){text.p, text.n - 1}, &s.arena.mem, NULL),
                     SP_OK);
    s.findings = SP_FINDINGS_IN(&s.arena.mem, (size_t)2 * N);
    assert_int_equal(sp_scan_whole(&s.findings, f->engine, f->scratch, s.request.text), SP_OK);
    const size_t used = s.arena.mem.used;
    assert_int_equal(sp_echoes_new(&s.echoes, &s.request, &s.findings, 7, &s.arena.mem), SP_OK);
    assert_true(s.arena.mem.used - used <= (16 << 10) + 256);
    static const row in_and_out[] = {
        {"the first", ECHOES, "u0@example.com u1023@example.com", "u0@example.com u1023@example.com", 0, 2, 0,
         SP_OK},
        {"behind the last", ECHOES, "u1024@example.com", "[masked: email]", 1, 0, 1, SP_OK},
    };
    for (size_t i = 0; i < 2; i++) {
        const sp_review_options options = options_with(f, &s, true, ECHOES);
        play p;
        texts got;
        play_begin(&p, &options);
        const char *told = play_cut(&p, &got, f, in_and_out[i].text, 5);
        check(&in_and_out[i], &p, told, 5);
        play_end(&p);
    }
    sp_arena_fini(&s.arena);
    sp_arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_say_the_same_however_they_are_cut),
        cmocka_unit_test(whole_answers_say_the_same),
        cmocka_unit_test(a_silence_changes_nothing),
        cmocka_unit_test(calls_are_told_alike),
        cmocka_unit_test(what_is_not_the_callers_is_no_echo),
        cmocka_unit_test(what_has_no_room_is_new),
        cmocka_unit_test(behind_many_echoes_nothing_leaves_unseen),
        cmocka_unit_test(what_policy_has_no_word_on_leaves),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
