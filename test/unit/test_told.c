/* What was told comes back by its text alone: whatever pieces it came in, whatever stands around it, however
 * its answer was reviewed and masked. Nothing else comes back, and what is forgotten is the oldest. */
#include "review_help.h"
#include "review_streams.h"

#include "sallyport/recall.h"

#include <time.h>

enum { TABLE_BYTES = 1 << 20, SMALL_BYTES = 4096, LONG = 1500 };

static const uint8_t told_key[SP_TOLD_KEY_BYTES] = {3, 1, 4};

/* Two texts that are long enough to stand alone, of which the second begins as the first. */
#define SENTENCE \
    "The works council was told on Monday that the plant in the north is to be closed next spring"
#define LONG_A SENTENCE ", and that nobody outside of the board knows of it yet."
#define LONG_B SENTENCE ", and that all of the staff will be asked for what they think."

typedef struct memory {
    sp_told told;
    sp_told_scope scope;
    sp_arena arena;
    void *table;
    const fixture *fixture;
} memory;

static void memory_init(memory *m, size_t bytes, const uint8_t *key)
{
    m->table = calloc(1, bytes);
    assert_non_null(m->table);
    sp_arena_init(&m->arena, MEMORY);
    assert_int_equal(sp_told_init(&m->told, m->table, bytes, key), SP_OK);
    assert_int_equal(sp_told_scope_of(&m->scope, &m->told, SP_LIT("desk")), SP_OK);
}

static void memory_fini(memory *m)
{
    sp_told_fini(&m->told);
    sp_arena_fini(&m->arena);
    free(m->table);
}

static sp_label label_at(uint8_t level)
{
    sp_label label = SP_LABEL_BOTTOM;
    label.level = level;
    return label;
}

static void keep_tags(memory *m, const sp_buf *tags, sp_label label)
{
    const sp_told_tag *tag = (const sp_told_tag *)(const void *)tags->p;
    for (size_t i = 0; i < tags->n / sizeof *tag; i++) sp_told_keep(&m->told, &tag[i], &label);
}

static void tell(memory *m, sp_bytes text, size_t piece, sp_bytes before, sp_label label)
{
    sp_told_text t;
    sp_buf tags = SP_BUF_IN(&m->arena.mem);
    sp_told_text_init(&t, &m->told, &m->scope, &m->arena.mem);
    for (size_t at = 0; at < text.n; at += piece)
        assert_int_equal(sp_told_text_add(&t, sp_bytes_sub(text, at, at + piece), &tags), SP_OK);
    sp_told_question question = sp_told_question_of(before);
    assert_int_equal(sp_told_text_end(&t, &question, &tags), SP_OK);
    keep_tags(m, &tags, label);
}

/* The level that comes back with a text; -1: it was not told. */
static int level_of(memory *m, const sp_told_scope *scope, sp_bytes text, const sp_bytes *before)
{
    sp_buf tags = SP_BUF_IN(&m->arena.mem);
    sp_told_question question = sp_told_question_of(before ? *before : SP_BYTES_EMPTY);
    sp_label label, all = SP_LABEL_BOTTOM;
    bool is_known = false;
    assert_int_equal(sp_told_look(&tags, &m->told, scope, text, before ? &question : NULL), SP_OK);
    const sp_told_tag *tag = (const sp_told_tag *)(const void *)tags.p;
    for (size_t i = 0; i < tags.n / sizeof *tag; i++) {
        if (!sp_told_find(&label, &m->told, &tag[i])) continue;
        is_known = true;
        all = sp_label_join(all, label);
    }
    return is_known ? all.level : -1;
}

static int level_alone(memory *m, const char *text)
{
    return level_of(m, &m->scope, sp_bytes_of(text), NULL);
}

static int level_behind(memory *m, const char *text, const char *before)
{
    const sp_bytes question = sp_bytes_of(before);
    return level_of(m, &m->scope, sp_bytes_of(text), &question);
}

/* ---- texts ---- */

static void test_a_text_comes_back_whatever_pieces_it_came_in(void **state)
{
    (void)state;
    char text[LONG];
    for (size_t i = 0; i < LONG; i++) text[i] = (char)(i % 17 == 5 ? ' ' : i % 61 == 7 ? '\n' : 'a' + i % 23);
    for (size_t n = 1; n < LONG; n += n < 140 ? 1 : 97) {
        for (size_t piece = 1; piece <= n; piece += 1 + piece) {
            memory m;
            memory_init(&m, SMALL_BYTES, told_key);
            const sp_bytes all = {(const uint8_t *)text, n}, none = SP_BYTES_EMPTY;
            tell(&m, all, piece, none, label_at(2));
            if (level_of(&m, &m.scope, all, &none) != 2) fail_msg("%zu bytes in pieces of %zu", n, piece);
            memory_fini(&m);
        }
    }
}

static void test_white_space_around_a_text_does_not_count(void **state)
{
    (void)state;
    memory m;
    memory_init(&m, TABLE_BYTES, told_key);
    tell(&m, SP_LIT("\n\n  " LONG_A " \n"), 3, SP_BYTES_EMPTY, label_at(2));
    assert_int_equal(level_alone(&m, LONG_A), 2);
    assert_int_equal(level_alone(&m, "\t" LONG_A "\r\n"), 2);
    assert_int_equal(level_alone(&m, "   "), -1);
    memory_fini(&m);
}

static void test_another_text_does_not_come_back(void **state)
{
    (void)state;
    memory m;
    memory_init(&m, TABLE_BYTES, told_key);
    tell(&m, SP_LIT(LONG_A), 7, SP_BYTES_EMPTY, label_at(2));
    assert_int_equal(level_alone(&m, SENTENCE), -1);
    assert_int_equal(level_alone(&m, "x" LONG_A), -1);
    assert_int_equal(level_alone(&m, LONG_B), -1);
    memory_fini(&m);
}

/* The same ends and the same length, so that the hint says nothing: the proof has to. */
static void test_a_text_is_proved_and_not_guessed(void **state)
{
    (void)state;
    memory m;
    char other[] = LONG_A;
    memory_init(&m, TABLE_BYTES, told_key);
    tell(&m, SP_LIT(LONG_A), 7, SP_BYTES_EMPTY, label_at(2));
    other[60]++;
    assert_int_equal(level_alone(&m, other), -1);
    memory_fini(&m);
}

static void test_labels_of_one_text_are_joined(void **state)
{
    (void)state;
    memory m;
    sp_label pii = label_at(1);
    pii.categories = SP_CAT_BIT(SP_CAT_PII);
    memory_init(&m, TABLE_BYTES, told_key);
    tell(&m, SP_LIT(LONG_A), 9, SP_BYTES_EMPTY, label_at(2));
    tell(&m, SP_LIT(LONG_A), 4, SP_BYTES_EMPTY, pii);
    tell(&m, SP_LIT(LONG_A), 4, SP_BYTES_EMPTY, SP_LABEL_BOTTOM);
    sp_buf tags = SP_BUF_IN(&m.arena.mem);
    sp_label label;
    assert_int_equal(sp_told_look(&tags, &m.told, &m.scope, SP_LIT(LONG_A), NULL), SP_OK);
    assert_true(sp_told_find(&label, &m.told, (const sp_told_tag *)(const void *)tags.p));
    assert_true(sp_label_eq(label, sp_label_join(label_at(2), pii)));
    memory_fini(&m);
}

static void test_scopes_and_keys_keep_texts_apart(void **state)
{
    (void)state;
    memory m;
    sp_told other;
    sp_told_scope legal;
    const uint8_t other_key[SP_TOLD_KEY_BYTES] = {4};
    memory_init(&m, TABLE_BYTES, told_key);
    tell(&m, SP_LIT(LONG_A), 9, SP_BYTES_EMPTY, label_at(2));
    assert_int_equal(sp_told_scope_of(&legal, &m.told, SP_LIT("legal")), SP_OK);
    assert_int_equal(level_of(&m, &legal, SP_LIT(LONG_A), NULL), -1);
    assert_int_equal(sp_told_init(&other, m.table, TABLE_BYTES, other_key), SP_OK);
    const sp_told own = m.told;
    m.told = other;
    assert_int_equal(level_alone(&m, LONG_A), -1);
    m.told = own;
    assert_int_equal(level_alone(&m, LONG_A), 2);
    sp_told_fini(&other);
    memory_fini(&m);
}

static void test_another_process_finds_it(void **state)
{
    (void)state;
    memory m;
    sp_told other;
    memory_init(&m, TABLE_BYTES, told_key);
    tell(&m, SP_LIT(LONG_A), 9, SP_BYTES_EMPTY, label_at(2));
    assert_int_equal(sp_told_init(&other, m.table, TABLE_BYTES, told_key), SP_OK);
    sp_told_fini(&m.told);
    m.told = other;
    assert_int_equal(level_alone(&m, LONG_A), 2);
    memory_fini(&m);
}

/* ---- beginnings ---- */

static void test_a_text_that_was_cut_or_goes_on_is_known_by_its_beginning(void **state)
{
    (void)state;
    memory m;
    char text[LONG + 1] = "";
    memory_init(&m, TABLE_BYTES, told_key);
    for (size_t i = 0; i < LONG; i++) text[i] = (char)('a' + i % 23);
    sp_told_text t;
    sp_buf tags = SP_BUF_IN(&m.arena.mem);
    sp_told_text_init(&t, &m.told, &m.scope, &m.arena.mem);
    assert_int_equal(sp_told_text_add(&t, (sp_bytes){(const uint8_t *)text, LONG}, &tags), SP_OK);
    keep_tags(&m, &tags, label_at(2)); /* of a stream whose client left: it has no end */
    for (size_t n = 0; n < LONG; n++) {
        const int expected = n >= SP_TOLD_PREFIX_LEAST ? 2 : -1;
        if (level_of(&m, &m.scope, (sp_bytes){(const uint8_t *)text, n}, NULL) != expected)
            fail_msg("cut after %zu bytes", n);
    }
    memset(text + 1030, 'z', LONG - 1030);
    assert_int_equal(level_alone(&m, text), 2);
    memset(text + 1000, 'z', 30);
    assert_int_equal(level_alone(&m, text), -1);
    memory_fini(&m);
}

/* ---- short ones ---- */

static void test_a_short_text_comes_back_behind_its_question_only(void **state)
{
    (void)state;
    memory m;
    memory_init(&m, TABLE_BYTES, told_key);
    tell(&m, SP_LIT("Yes."), 1, SP_LIT("Is the plant closed?\n"), label_at(2));
    assert_int_equal(level_behind(&m, " Yes.\n", "Is the plant closed?"), 2);
    assert_int_equal(level_behind(&m, "Yes.", "Is the plant open?"), -1);
    assert_int_equal(level_behind(&m, "Yes.", ""), -1);
    assert_int_equal(level_behind(&m, "No.", "Is the plant closed?"), -1);
    assert_int_equal(level_alone(&m, "Yes."), -1);
    memory_fini(&m);
}

/* ---- a table that is full ---- */

static sp_bytes numbered(char *out, size_t size, unsigned number)
{
    const int n = snprintf(out, size, "Answer %06u: " LONG_A, number);
    return (sp_bytes){(const uint8_t *)out, (size_t)n};
}

static void test_what_is_forgotten_was_not_needed_for_longest(void **state)
{
    (void)state;
    enum { MANY = 3000, STEP = 8 };
    memory m;
    char text[256];
    unsigned n_new = 0, n_old = 0;
    memory_init(&m, 64 << 10, told_key); /* 960 entries, two for each text */
    for (unsigned i = 0; i < MANY; i++) {
        tell(&m, numbered(text, sizeof text, i), 50, SP_BYTES_EMPTY, label_at(2));
        if (i % STEP == 0) (void)level_of(&m, &m.scope, numbered(text, sizeof text, 0), NULL);
    }
    assert_int_equal(level_of(&m, &m.scope, numbered(text, sizeof text, 0), NULL), 2);
    for (unsigned i = MANY - 100; i < MANY; i++)
        n_new += level_of(&m, &m.scope, numbered(text, sizeof text, i), NULL) == 2;
    for (unsigned i = 1; i < 101; i++)
        n_old += level_of(&m, &m.scope, numbered(text, sizeof text, i), NULL) == 2;
    assert_int_equal(n_new, 100);
    assert_int_equal(n_old, 0);
    memory_fini(&m);
}

static void test_a_table_that_is_too_small_is_refused(void **state)
{
    (void)state;
    sp_told told;
    uint8_t table[64];
    assert_int_equal(sp_told_init(&told, table, sizeof table, told_key), SP_ERANGE);
    sp_told_fini(&told);
}

/* ---- answers, as the client gets them ---- */

static void keep_taken(memory *m, play *p)
{
    size_t n;
    const sp_told_tag *tags = sp_review_take_told(p->review, &n);
    const sp_label label = label_at(2);
    for (size_t i = 0; i < n; i++) sp_told_keep(&m->told, &tags[i], &label);
}

/* Feeds an answer in pieces; what is told is kept before it leaves. */
static void play_told(memory *m, play *p, const sp_review_options *options, sp_bytes all, size_t piece)
{
    play_begin(p, options);
    for (size_t at = 0; at < all.n; at += piece) {
        sp_review_step step;
        const bool is_last = at + piece >= all.n;
        assert_int_equal(
            sp_review_feed(p->review, m->fixture->scratch, sp_bytes_sub(all, at, at + piece), is_last, &step),
            SP_OK);
        keep_taken(m, p);
        play_pass(p, m->fixture, step);
    }
    assert_int_equal(sp_review_end_told(p->review), SP_OK);
    keep_taken(m, p);
}

static sp_review_options told_options(const fixture *f, memory *m, sp_dialect_id dialect, bool is_stream)
{
    sp_review_options options = options_of(f, dialect, is_stream);
    m->fixture = f;
    options.told = (sp_review_told){&m->told, &m->scope, SP_LIT("What of the plant?")};
    return options;
}

/* Texts of the client that are none of the answer's own. */
static bool is_own(const char *name)
{
    const char *const field = strchr(name, '.') + 1;
    return strcmp(field, "role") != 0 && strcmp(field, "partial_json") != 0;
}

/* Each text that a client puts together of what it got. @return how many there are. */
static unsigned check_texts(memory *m, play *p, const recorded *r, size_t piece)
{
    const sp_bytes question = SP_LIT("What of the plant?");
    unsigned n = 0;
    texts t;
    texts_read(&t, sp_buf_bytes(&p->client), &p->arena.mem);
    for (size_t k = 0; k < t.n && p->verdict == SP_OK; k++) {
        const sp_bytes text = sp_bytes_of(texts_get(&t, t.name[k]));
        if (text.n == 0 || !is_own(t.name[k])) continue;
        n++;
        if (level_of(m, &m->scope, text, &question) != 2)
            fail_msg("%s, pieces of %zu: %s: %s", r->name, piece, t.name[k], (const char *)text.p);
    }
    return n;
}

static unsigned tell_and_check(const fixture *f, const recorded *r, size_t piece)
{
    memory m;
    play p;
    memory_init(&m, TABLE_BYTES, told_key);
    sp_review_options options = told_options(f, &m, r->dialect, true);
    options.mask = SP_CAT_BIT(SP_CAT_PII) | SP_CAT_BIT(SP_CAT_PCI);
    play_told(&m, &p, &options, sp_bytes_of(r->stream), piece);
    const unsigned n = check_texts(&m, &p, r, piece);
    play_end(&p);
    memory_fini(&m);
    return n;
}

static void test_what_a_client_reads_of_a_stream_comes_back(void **state)
{
    unsigned n = 0;
    for (size_t i = 0; i < sizeof recorded_streams / sizeof recorded_streams[0]; i++) {
        const recorded *r = &recorded_streams[i];
        for (size_t piece = 1; piece < strlen(r->stream) + 100; piece += 1 + piece * 2)
            n += tell_and_check(*state, r, piece);
    }
    assert_true(n > 100);
}

typedef struct row {
    const char *name;
    sp_dialect_id dialect;
    bool is_stream;
    const char *answer;
    const char *back; /* comes back alone */
} row;

#define TO "\\\"to\\\":\\\"" SENTENCE " and beyond\\\""
#define INPUT_HEAD                                                                             \
    "{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"n\",\"input\":{\"n\":1,\"to\":\"" SENTENCE \
    " and beyond\"}}"

static const row rows[] = {
    {"content", SP_DIALECT_OPENAI, false,
     "{\"choices\":[{\"index\":0,\"message\":{\"content\":\"" LONG_A "\"}}]}", LONG_A},
    {"reasoning", SP_DIALECT_OPENAI, false,
     "{\"choices\":[{\"index\":0,\"message\":{\"reasoning_content\":\"" LONG_A "\"}}]}", LONG_A},
    {"arguments", SP_DIALECT_OPENAI, false,
     "{\"choices\":[{\"index\":0,\"message\":{\"tool_calls\":[{\"id\":\"c\",\"function\":{\"name\":\"f\","
     "\"arguments\":\"{" TO "}\"}}]}}]}",
     "{\"to\":\"" SENTENCE " and beyond\"}"},
    {"a string of arguments", SP_DIALECT_OPENAI, true,
     CALL_BEGIN(0, 0, "call_1", "f") CALL_MORE(0, 0, "{\\\"n\\\": [1, ") CALL_MORE(0, 0, "\\\"" SENTENCE)
         CALL_MORE(0, 0, " and beyond\\\"]}") FINISH(0, "tool_calls") DONE,
     SENTENCE " and beyond"},
    {"text", SP_DIALECT_ANTHROPIC, false, "{\"content\":[{\"type\":\"text\",\"text\":\"" LONG_A "\"}]}",
     LONG_A},
    {"thinking", SP_DIALECT_ANTHROPIC, false,
     "{\"content\":[{\"type\":\"thinking\",\"thinking\":\"" LONG_A "\",\"signature\":\"s\"}]}", LONG_A},
    {"a string of an input", SP_DIALECT_ANTHROPIC, false, "{\"content\":[" INPUT_HEAD "]}",
     SENTENCE " and beyond"},
    {"a string of an input in a stream", SP_DIALECT_ANTHROPIC, true,
     MESSAGE_START TOOL_START(0, "n") INPUT(0, "{\\\"n\\\":1,\\\"to\\\":\\\"" SENTENCE)
         INPUT(0, " and beyond\\\"}") BLOCK_STOP(0) MESSAGE_DELTA("tool_use") MESSAGE_STOP,
     SENTENCE " and beyond"},
    {"blocks that a client joins", SP_DIALECT_ANTHROPIC, false,
     "{\"content\":[{\"type\":\"text\",\"text\":\"" SENTENCE
     "\"},{\"type\":\"text\",\"text\":\" and beyond\"}]}",
     SENTENCE " and beyond"},
    {"blocks of a stream that a client joins", SP_DIALECT_ANTHROPIC, true,
     MESSAGE_START TEXT_START(0) TEXT(0, "The works council was told ") BLOCK_STOP(0) TEXT_START(1)
         TEXT(1, "on Monday that the plant in the north is to be closed next spring, before the holidays.")
             BLOCK_STOP(1) MESSAGE_DELTA("end_turn") MESSAGE_STOP,
     SENTENCE ", before the holidays."},
};

static void test_each_part_of_an_answer_comes_back(void **state)
{
    const fixture *f = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        memory m;
        play p;
        memory_init(&m, TABLE_BYTES, told_key);
        const sp_review_options options = told_options(f, &m, rows[i].dialect, rows[i].is_stream);
        play_told(&m, &p, &options, sp_bytes_of(rows[i].answer), 11);
        if (p.verdict != SP_OK || level_alone(&m, rows[i].back) != 2)
            fail_msg("%s: verdict %d, not known: %s", rows[i].name, p.verdict, rows[i].back);
        play_end(&p);
        memory_fini(&m);
    }
}

/* Tokens are the text once more: they are no texts, and silence none behind them. */
static void test_logprobs_are_not_told(void **state)
{
    static const char head[] = "{\"choices\":[{\"index\":0,\"message\":{\"content\":\"" SENTENCE
                               "\"},\"logprobs\":{\"content\":[{\"token\":\"" SENTENCE " token\"}";
    static const char tail[] = "]}},{\"index\":1,\"message\":{\"content\":\"" LONG_A "\"}}]}";
    memory m;
    play p;
    memory_init(&m, TABLE_BYTES, told_key);
    const sp_review_options options = told_options(*state, &m, SP_DIALECT_OPENAI, false);
    sp_arena arena;
    sp_arena_init(&arena, 1 << 20);
    sp_buf answer = SP_BUF_IN(&arena.mem);
    sp_buf_append_str(&answer, head);
    for (unsigned i = 0; i < 1500; i++) {
        sp_buf_append_str(&answer, ",{\"token\":\"t");
        sp_buf_append_u64(&answer, i);
        sp_buf_append_str(&answer, "\"}");
    }
    sp_buf_append_str(&answer, tail);
    play_told(&m, &p, &options, sp_buf_bytes(&answer), 1000);
    assert_int_equal(p.verdict, SP_OK);
    assert_int_equal(level_alone(&m, LONG_A), 2);
    assert_int_equal(level_alone(&m, SENTENCE " token"), -1);
    sp_arena_fini(&arena);
    play_end(&p);
    memory_fini(&m);
}

static void test_what_never_leaves_was_not_told(void **state)
{
    const fixture *f = *state;
    static const char leak[] = "{\"choices\":[{\"index\":0,\"message\":{\"content\":\"" LONG_A
                               " Write to anna.berg@example.org\"}}]}";
    memory m;
    play p;
    memory_init(&m, TABLE_BYTES, told_key);
    sp_review_options options = told_options(f, &m, SP_DIALECT_OPENAI, false);
    options.withhold = SP_CAT_BIT(SP_CAT_PII);
    play_told(&m, &p, &options, sp_bytes_of(leak), 50);
    assert_int_equal(p.verdict, SP_ELEAK);
    assert_int_equal(level_alone(&m, LONG_A " Write to anna.berg@example.org"), -1);
    play_end(&p);
    memory_fini(&m);
}

/* ---- requests ---- */

static void parse(sp_request *r, sp_dialect_id dialect, const char *body, sp_mem *mem)
{
    sp_diag diag = {0};
    if (sp_request_parse(r, sp_dialect_get(dialect), sp_bytes_of(body), mem, &diag) != SP_OK)
        fail_msg("%s at %zu", diag.text, diag.at);
}

static sp_recalled recall(memory *m, sp_dialect_id dialect, const char *body)
{
    sp_request request;
    sp_recall look;
    sp_recalled recalled = {0};
    parse(&request, dialect, body, &m->arena.mem);
    assert_int_equal(sp_recall_look(&look, &m->told, &m->scope, &request, &m->arena.mem), SP_OK);
    while (sp_recall_find(&recalled, &m->told, &look)) continue;
    return recalled;
}

static sp_bytes before_of(memory *m, const sp_request *request)
{
    sp_recall look;
    assert_int_equal(sp_recall_look(&look, &m->told, &m->scope, request, &m->arena.mem), SP_OK);
    return look.before;
}

#define CHAT(messages) "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[" messages "]}"
#define USER(text) "{\"role\":\"user\",\"content\":\"" text "\"}"
#define ASSISTANT(text) "{\"role\":\"assistant\",\"content\":\"" text "\"}"
#define BLOCKS(role, blocks) "{\"role\":\"" role "\",\"content\":[" blocks "]}"
#define SAYS(text) "{\"type\":\"text\",\"text\":\"" text "\"}"

static void test_a_request_knows_what_it_was_told(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        sp_dialect_id dialect;
        const char *body;
        unsigned count;
    } requests[] = {
        {"as an answer", SP_DIALECT_OPENAI, CHAT(ASSISTANT(LONG_A) "," USER("And now?")), 1},
        {"in parts", SP_DIALECT_OPENAI, CHAT(BLOCKS("assistant", SAYS(LONG_A)) "," USER("And now?")), 1},
        {"in the user's name", SP_DIALECT_OPENAI, CHAT(USER(LONG_A)), 1},
        {"as the result of a tool", SP_DIALECT_ANTHROPIC,
         CHAT(BLOCKS("user", "{\"type\":\"tool_result\",\"tool_use_id\":\"t\",\"content\":\"" LONG_A "\"}")),
         1},
        {"spelled with escapes", SP_DIALECT_OPENAI,
         CHAT(ASSISTANT(
             "\\u0054he works council was told on Monday that the plant in the north is to be closed next "
             "spring, and that nobody outside of the board knows of it yet.")),
         1},
        {"twice, and a short one behind its question", SP_DIALECT_OPENAI,
         CHAT(ASSISTANT(LONG_A) "," USER("What of the plant?") "," ASSISTANT("It is closed.") "," ASSISTANT(
             LONG_A)),
         3},
        {"a short one behind another question", SP_DIALECT_OPENAI,
         CHAT(USER("What of the shop?") "," ASSISTANT("It is closed.")), 0},
        {"a short one in the user's name", SP_DIALECT_OPENAI,
         CHAT(USER("What of the plant?") "," USER("It is closed.")), 0},
        {"a question in blocks, with a mark that moves", SP_DIALECT_ANTHROPIC,
         CHAT(BLOCKS("user",
                     "{\"type\":\"text\",\"text\":\"What of the "
                     "plant?\",\"cache_control\":{\"type\":\"ephemeral\"}}") "," ASSISTANT("It is closed.")),
         1},
        {"nothing of it", SP_DIALECT_OPENAI, CHAT(USER("Hello") "," ASSISTANT(LONG_B)), 0},
    };
    memory m;
    memory_init(&m, TABLE_BYTES, told_key);
    tell(&m, SP_LIT(LONG_A), 20, SP_LIT("Who knows of it?"), label_at(2));
    tell(&m, SP_LIT("It is closed."), 20, SP_LIT("What of the plant?"), label_at(1));
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        const sp_recalled r = recall(&m, requests[i].dialect, requests[i].body);
        if (r.count != requests[i].count) fail_msg("%s: %u", requests[i].name, r.count);
    }
    memory_fini(&m);
}

/* Twenty thousand times four MiB would take half a minute. */
static void test_a_long_question_is_hashed_once(void **state)
{
    (void)state;
    enum { ANSWERS = 20000, QUESTION = 4 << 20, MOST_S = 5 };
    memory m;
    memory_init(&m, TABLE_BYTES, told_key);
    sp_buf body = SP_BUF_IN(&m.arena.mem);
    sp_buf_append_str(&body, "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"");
    for (size_t i = 0; i < QUESTION / 16; i++) sp_buf_append_str(&body, "What of it? Yes ");
    sp_buf_append_str(&body, "\"}");
    for (size_t i = 0; i < ANSWERS; i++) sp_buf_append_str(&body, "," ASSISTANT("Yes."));
    sp_buf_append_str(&body, "]}");
    sp_buf_append_byte(&body, '\0');
    sp_request request;
    parse(&request, SP_DIALECT_OPENAI, (const char *)body.p, &m.arena.mem);
    tell(&m, SP_LIT("Yes."), 4, before_of(&m, &request), label_at(2));
    sp_recall look;
    sp_recalled recalled = {0};
    const clock_t start = clock();
    assert_int_equal(sp_recall_look(&look, &m.told, &m.scope, &request, &m.arena.mem), SP_OK);
    while (sp_recall_find(&recalled, &m.told, &look)) continue;
    assert_int_equal(recalled.count, ANSWERS);
    assert_true((clock() - start) / CLOCKS_PER_SEC < MOST_S);
    memory_fini(&m);
}

static void test_it_says_where_and_how_often(void **state)
{
    (void)state;
    static const char body[] = CHAT(USER("Hello") "," ASSISTANT(LONG_A) "," ASSISTANT(LONG_A));
    memory m;
    memory_init(&m, TABLE_BYTES, told_key);
    tell(&m, SP_LIT(LONG_A), 20, SP_BYTES_EMPTY, label_at(2));
    const sp_recalled r = recall(&m, SP_DIALECT_OPENAI, body);
    const char *const at = strstr(body, LONG_A);
    assert_int_equal(r.count, 2);
    assert_int_equal(r.label.level, 2);
    assert_string_equal(r.place.path, "messages[].content");
    assert_int_equal(r.place.index[0], 1);
    assert_int_equal(r.start, at - body);
    assert_int_equal(r.end - r.start, strlen(LONG_A));
    memory_fini(&m);
}

static void test_the_question_is_the_longest_text_of_the_last_message(void **state)
{
    (void)state;
    memory m;
    sp_request r;
    memory_init(&m, SMALL_BYTES, told_key);
    parse(&r, SP_DIALECT_OPENAI,
          CHAT(USER("a much longer text of an earlier message") ","
                                                                "{\"role\":\"user\",\"name\":\"bob\","
                                                                "\"content\":\"What of it?\"}"),
          &m.arena.mem);
    assert_true(sp_bytes_eq(before_of(&m, &r), SP_LIT("What of it?")));
    parse(&r, SP_DIALECT_OPENAI, CHAT("{\"role\":\"system\",\"content\":\"Be brief.\"}"), &m.arena.mem);
    assert_int_equal(before_of(&m, &r).n, 0);
    memory_fini(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_text_comes_back_whatever_pieces_it_came_in),
        cmocka_unit_test(test_white_space_around_a_text_does_not_count),
        cmocka_unit_test(test_another_text_does_not_come_back),
        cmocka_unit_test(test_a_text_is_proved_and_not_guessed),
        cmocka_unit_test(test_labels_of_one_text_are_joined),
        cmocka_unit_test(test_scopes_and_keys_keep_texts_apart),
        cmocka_unit_test(test_another_process_finds_it),
        cmocka_unit_test(test_a_text_that_was_cut_or_goes_on_is_known_by_its_beginning),
        cmocka_unit_test(test_a_short_text_comes_back_behind_its_question_only),
        cmocka_unit_test(test_what_is_forgotten_was_not_needed_for_longest),
        cmocka_unit_test(test_a_table_that_is_too_small_is_refused),
        cmocka_unit_test(test_what_a_client_reads_of_a_stream_comes_back),
        cmocka_unit_test(test_each_part_of_an_answer_comes_back),
        cmocka_unit_test(test_logprobs_are_not_told),
        cmocka_unit_test(test_what_never_leaves_was_not_told),
        cmocka_unit_test(test_a_request_knows_what_it_was_told),
        cmocka_unit_test(test_a_long_question_is_hashed_once),
        cmocka_unit_test(test_it_says_where_and_how_often),
        cmocka_unit_test(test_the_question_is_the_longest_text_of_the_last_message),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
