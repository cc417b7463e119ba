/* The review of an answer. The first byte says what it is (dialect, stream, usage hidden, findings masked),
 * the second how large pieces are, the rest is what the destination sends. Laws: cut or not, the client gets
 * the same bytes, the record the same verdict, and the same is remembered of it; a text that passed holds no
 * finding that may not leave, in escapes neither, one that was cut ends before its finding does; nothing
 * leaves past a gate; memory is bounded. */
#include "parse/escape.h"
#include "parse/json.h"
#include "sallyport/label.h"
#include "sallyport/review.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

enum {
    HELD_MAX = 1 << 20,
    MEMORY = 256 << 20,
    TEXTS_MAX = 64,
    FINDINGS_MAX = 512,
    IS_ANTHROPIC = 1,
    IS_WHOLE = 2,
    HIDES_USAGE = 4,
    MASKS = 8,
    IS_OTHER = 16, /* an operation beside the conversation */
};
#define WITHHELD (SP_CAT_BIT(SP_CAT_PII) | SP_CAT_BIT(SP_CAT_PCI) | SP_CAT_BIT(SP_CAT_CREDENTIALS))

static sp_engine *engine;
static sp_scratch *scratch;
static sp_told told;
static sp_told_scope scope;
static uint64_t told_table[1024];

static void require(bool holds)
{
    if (!holds) abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    require(sp_engine_new(&engine, NULL) == SP_OK);
    require(sp_scratch_new(&scratch, engine) == SP_OK);
    const uint8_t key[SP_TOLD_KEY_BYTES] = {1};
    require(sp_told_init(&told, told_table, sizeof told_table, key) == SP_OK);
    require(sp_told_scope_of(&scope, &told, SP_LIT("desk")) == SP_OK);
    return 0;
}

typedef struct result {
    sp_review *review;
    sp_buf client;
    sp_status verdict;
    unsigned n_outcome;
    bool is_end;
    sp_bytes told; /* tags */
} result;

static void take(result *r, const sp_review_step *step)
{
    require(!r->is_end || step->release.n == 0);
    sp_buf_append(&r->client, step->release);
    r->verdict = step->verdict;
    r->is_end = step->is_end;
    r->n_outcome += step->gate == SP_GATE_OUTCOME;
}

static void feed(result *r, sp_bytes piece, bool is_last)
{
    sp_review_step step;
    require(sp_review_feed(r->review, scratch, piece, is_last, &step) == SP_OK);
    take(r, &step);
    while (step.gate != SP_GATE_NONE) {
        const sp_gate gate = step.gate;
        require(sp_review_feed(r->review, scratch, SP_BYTES_EMPTY, false, &step) == SP_OK);
        require(step.gate == gate && step.release.n == 0);
        (void)sp_review_take_answer(r->review);
        require(sp_review_pass(r->review, scratch, &step) == SP_OK);
        take(r, &step);
    }
}

static result run(const sp_review_options *options, sp_bytes stream, size_t step, sp_mem *mem)
{
    result r = {.client = SP_BUF_IN(mem)};
    require(sp_review_new(&r.review, options, mem) == SP_OK);
    for (size_t at = 0; at < stream.n || at == 0; at += step) {
        feed(&r, sp_bytes_sub(stream, at, at + step), at + step >= stream.n);
    }
    require(r.is_end && r.n_outcome == 1);
    require(sp_review_end_told(r.review) == SP_OK);
    r.told.p = (const uint8_t *)sp_review_take_told(r.review, &r.told.n);
    r.told.n *= sizeof(sp_told_tag);
    return r;
}

/* ---- the texts that a client puts together ---- */

typedef struct text {
    uint64_t index;
    const char *field;
    sp_buf bytes;
} text;

typedef struct texts {
    text v[TEXTS_MAX];
    size_t n;
    void (*read)(struct texts *t, const sp_node *root); /* one event, as a client of its operation does */
    sp_mem *mem;
} texts;

static uint64_t number_of(const sp_node *object)
{
    uint64_t n = 0;
    return sp_number_u64(&n, sp_json_bytes(sp_json_find(object, SP_LIT("index")))) ? n : 0;
}

static void add(texts *t, uint64_t index, const char *field, const sp_node *value)
{
    size_t i = 0;
    if (sp_json_type_of(value) != SP_JSON_STRING) return;
    while (i < t->n && (t->v[i].index != index || strcmp(t->v[i].field, field) != 0)) i++;
    if (i == TEXTS_MAX) return;
    if (i == t->n) t->v[t->n++] = (text){index, field, SP_BUF_IN(t->mem)};
    sp_buf_append(&t->v[i].bytes, sp_json_bytes(value));
}

/* Each dialect's clients know only its own fields: what stands elsewhere is joined by nobody. */
static void read_anthropic(texts *t, const sp_node *root)
{
    const sp_node *delta = sp_json_find(root, SP_LIT("delta"));
    add(t, number_of(root), "text", sp_json_find(delta, SP_LIT("text")));
    add(t, number_of(root), "thinking", sp_json_find(delta, SP_LIT("thinking")));
}

/* A choice that names no index is taken for the one at its position. */
static uint64_t index_of(const sp_node *choice, uint64_t position)
{
    const bool has_index = sp_json_type_of(sp_json_find(choice, SP_LIT("index"))) == SP_JSON_NUMBER;
    return has_index ? number_of(choice) : position;
}

static void read_completions(texts *t, const sp_node *root)
{
    uint64_t position = 0;
    for (sp_each it = sp_each_of(sp_json_find(root, SP_LIT("choices"))); sp_each_step(&it); position++) {
        add(t, index_of(it.value, position), "text", sp_json_find(it.value, SP_LIT("text")));
    }
}

static void read_openai(texts *t, const sp_node *root)
{
    static const char *const fields[] = {"content", "reasoning_content", "refusal"};
    uint64_t position = 0;
    for (sp_each it = sp_each_of(sp_json_find(root, SP_LIT("choices"))); sp_each_step(&it); position++) {
        for (size_t f = 0; f < 3; f++) {
            const sp_node *piece = sp_json_find2(it.value, SP_LIT("delta"), sp_bytes_of(fields[f]));
            add(t, index_of(it.value, position), fields[f], piece);
        }
    }
}

static void read_data(texts *t, sp_bytes data)
{
    sp_json json;
    if (sp_json_parse(&json, data, t->mem, NULL) != SP_OK) return;
    t->read(t, json.root);
}

/* Only lines of data that are whole events: enough for what the seeds hold. */
static void read_texts(texts *t, sp_bytes client)
{
    for (size_t start = 0; start < client.n;) {
        const uint8_t *end = memchr(client.p + start, '\n', client.n - start);
        const size_t stop = end != NULL ? (size_t)(end - client.p) : client.n;
        const sp_bytes line = sp_bytes_sub(client, start, stop);
        if (sp_bytes_starts(line, SP_LIT("data:"))) read_data(t, sp_bytes_sub(line, 5, line.n));
        start = stop + 1;
    }
}

static bool is_withheld(uint8_t kind)
{
    return (WITHHELD >> sp_kind_get((sp_kind)kind)->category & 1) != 0;
}

static void check_reading(const texts *t, sp_bytes reading)
{
    sp_findings found = {.mem = t->mem, .limit = FINDINGS_MAX};
    require(sp_scan(&found, engine, scratch, reading) == SP_OK);
    for (size_t k = 0; k < found.n; k++) require(!is_withheld(found.v[k].kind));
}

/* As it stands, and with each level of escapes resolved. */
static void check_passed(const texts *t)
{
    for (size_t i = 0; i < t->n; i++) {
        sp_bytes reading = sp_buf_bytes(&t->v[i].bytes);
        for (;;) {
            sp_buf resolved = SP_BUF_IN(t->mem);
            check_reading(t, reading);
            sp__escapes_resolve(&resolved, reading);
            if (resolved.n == reading.n) break;
            reading = sp_buf_bytes(&resolved);
        }
    }
}

static void check_cut(const texts *t, const result *r)
{
    sp_review_summary s;
    sp_review_summarise(r->review, &s);
    for (size_t k = 0; k < s.n_findings; k++) {
        const char *dot = strrchr(s.findings[k].place.path, '.');
        if (!is_withheld(s.findings[k].finding.kind) || dot == NULL) continue;
        for (size_t i = 0; i < t->n; i++) {
            if (t->v[i].index != s.findings[k].place.index[0] || strcmp(t->v[i].field, dot + 1) != 0)
                continue;
            require(t->v[i].bytes.n < s.findings[k].finding.end);
        }
    }
}

static void check_same(const result *a, const result *b)
{
    sp_review_summary s, t;
    sp_review_summarise(a->review, &s);
    sp_review_summarise(b->review, &t);
    require(a->verdict == b->verdict && s.n_findings == t.n_findings && s.n_events == t.n_events);
    require(s.tokens_in == t.tokens_in && s.tokens_out == t.tokens_out && s.n_tool_calls == t.n_tool_calls);
    require(sp_bytes_eq(s.finish, t.finish) && sp_bytes_eq(s.model, t.model));
    require(sp_bytes_eq(sp_buf_bytes(&a->client), sp_buf_bytes(&b->client)));
    require(sp_bytes_eq(a->told, b->told));
}

static sp_operation operation_of(uint8_t flags)
{
    if ((flags & IS_OTHER) == 0) return SP_OP_GENERATE;
    if (flags & IS_ANTHROPIC) return SP_OP_COUNT;
    return flags & IS_WHOLE ? SP_OP_EMBED : SP_OP_COMPLETE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) return 0;
    const sp_bytes stream = {data + 2, size - 2};
    const sp_operation operation = operation_of(data[0]);
    const sp_review_options options = {
        .dialect = sp_dialect_get(data[0] & IS_ANTHROPIC ? SP_DIALECT_ANTHROPIC : SP_DIALECT_OPENAI),
        .operation = operation,
        .engine = engine,
        .is_stream = (data[0] & IS_WHOLE) == 0 && sp_operation_streams(operation),
        .hide_usage = (data[0] & HIDES_USAGE) != 0,
        .withhold = data[0] & MASKS ? 0 : WITHHELD,
        .mask = data[0] & MASKS ? WITHHELD : 0,
        .held_max = HELD_MAX,
        .request_id = SP_LIT("0123456789abcdef"),
        .told = {&told, &scope, SP_LIT("What of it?")},
    };
    sp_arena arena;
    sp_arena_init(&arena, MEMORY);
    const result whole = run(&options, stream, stream.n + 1, &arena.mem);
    require(arena.mem.used < (1 << 20) + 512 * size);
    const result cut = run(&options, stream, 1 + data[1] % 64, &arena.mem);
    check_same(&whole, &cut);
    texts t = {.mem = &arena.mem, .read = read_openai};
    if (data[0] & IS_ANTHROPIC) t.read = read_anthropic;
    if (operation == SP_OP_COMPLETE) t.read = read_completions;
    if (options.is_stream) read_texts(&t, sp_buf_bytes(&whole.client));
    if (whole.verdict == SP_OK)
        check_passed(&t);
    else if (options.mask == 0) /* masks have other lengths than what they stand for */
        check_cut(&t, &whole);
    sp_arena_fini(&arena);
    return 0;
}
