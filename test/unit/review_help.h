/* What the tests of the review share: a driver that plays destination and client, and a reader of event
 * streams of its own. */
#pragma once
#include "parse/json.h"
#include "sallyport/label.h"
#include "sallyport/review.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { HELD_MAX = 1 << 20, TEXTS_MAX = 48, MEMORY = 256 << 20 };

typedef struct fixture {
    sp_engine *engine;
    sp_scratch *scratch;
} fixture;

static inline int set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    if (f == NULL || sp_engine_new(&f->engine, NULL) != SP_OK ||
        sp_scratch_new(&f->scratch, f->engine) != SP_OK)
        return -1;
    *state = f;
    return 0;
}

static inline int tear_down(void **state)
{
    fixture *f = *state;
    sp_scratch_free(f->scratch);
    sp_engine_free(f->engine);
    free(f);
    return 0;
}

/* xorshift64*: the same numbers in each run. */
static inline uint64_t random_next(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(0x2545f4914f6cdd1d);
}

static inline sp_review_options options_of(const fixture *f, sp_dialect_id dialect, bool is_stream)
{
    return (sp_review_options){.dialect = sp_dialect_get(dialect),
                               .operation = SP_OP_GENERATE,
                               .engine = f->engine,
                               .is_stream = is_stream,
                               .held_max = HELD_MAX,
                               .request_id = SP_LIT("0123456789abcdef0123456789abcdef")};
}

/* ---- destination and client ---- */

typedef struct play {
    sp_arena arena;
    sp_review *review;
    sp_buf client, record; /* what the client got; what went into the record */
    unsigned n_answer, n_outcome;
    size_t at_answer,
        at_outcome; /* bytes that the client had when the gate (the last one of its kind) opened */
    size_t recorded_at_answer;
    sp_status verdict;
    bool is_end;
} play;

static inline void play_begin(play *p, const sp_review_options *options)
{
    *p = (play){0};
    sp_arena_init(&p->arena, MEMORY);
    p->client = SP_BUF_IN(&p->arena.mem);
    p->record = SP_BUF_IN(&p->arena.mem);
    assert_int_equal(sp_review_new(&p->review, options, &p->arena.mem), SP_OK);
}

static inline void play_end(play *p)
{
    sp_arena_fini(&p->arena);
}

static inline void play_take(play *p, const sp_review_step *step)
{
    sp_buf_append(&p->client, step->release);
    if (step->verdict != SP_OK) p->verdict = step->verdict;
    p->is_end = step->is_end;
}

/* Takes steps until no gate is closed: a record that is durable at once. */
static inline void play_pass(play *p, const fixture *f, sp_review_step step)
{
    play_take(p, &step);
    while (step.gate != SP_GATE_NONE) {
        sp_buf_append(&p->record, sp_review_take_answer(p->review));
        if (step.gate == SP_GATE_ANSWER)
            p->n_answer++, p->at_answer = p->client.n, p->recorded_at_answer = p->record.n;
        if (step.gate == SP_GATE_OUTCOME) p->n_outcome++, p->at_outcome = p->client.n;
        assert_int_equal(sp_review_pass(p->review, f->scratch, &step), SP_OK);
        play_take(p, &step);
    }
}

static inline void play_feed(play *p, const fixture *f, sp_bytes piece, bool is_last)
{
    sp_review_step step;
    assert_int_equal(sp_review_feed(p->review, f->scratch, piece, is_last, &step), SP_OK);
    play_pass(p, f, step);
}

static inline void play_whole(play *p, const fixture *f, const sp_review_options *options, const char *stream)
{
    play_begin(p, options);
    play_feed(p, f, sp_bytes_of(stream), true);
}

/* The summary and the verdict as text, to compare. */
static inline void play_describe(const play *p, sp_buf *out)
{
    sp_review_summary s;
    char line[256];
    sp_review_summarise(p->review, &s);
    snprintf(line, sizeof line, "verdict %d end %d events %u calls %u tokens %llu/%llu/%llu usage %d ",
             p->verdict, p->is_end, s.n_events, s.n_tool_calls, (unsigned long long)s.tokens_in,
             (unsigned long long)s.tokens_out, (unsigned long long)s.tokens_cached, s.has_usage);
    sp_buf_append_str(out, line);
    const sp_bytes names[] = {s.model, s.answer_id, s.version, s.finish};
    for (size_t i = 0; i < 4; i++) {
        sp_buf_append(out, names[i]);
        sp_buf_append_byte(out, ' ');
    }
    for (size_t i = 0; i < s.n_findings; i++) {
        const sp_review_finding *x = &s.findings[i];
        snprintf(line, sizeof line, "%s@", sp_kind_get((sp_kind)x->finding.kind)->name);
        sp_buf_append_str(out, line);
        sp_place_append(out, x->place);
        snprintf(line, sizeof line, ":%u-%u ", x->finding.start, x->finding.end);
        sp_buf_append_str(out, line);
    }
}

static inline bool has_bytes(sp_bytes s, const char *part)
{
    return s.n > 0 && memmem(s.p, s.n, part, strlen(part)) != NULL;
}

/* ---- an event stream reader that shares nothing with the one under test: line by line, as the standard
 * words it ---- */

typedef struct texts {
    char name[TEXTS_MAX][64];
    sp_buf text[TEXTS_MAX];
    size_t n;
    sp_buf order; /* types and fields of the events, one after the other */
    unsigned n_events, n_bad;
    sp_mem *mem;
} texts;

static inline void texts_add(texts *t, const char *name, sp_bytes text)
{
    size_t i = 0;
    while (i < t->n && strcmp(t->name[i], name) != 0) i++;
    if (i == t->n) {
        assert_true(t->n < TEXTS_MAX);
        snprintf(t->name[i], sizeof t->name[i], "%s", name);
        t->text[i] = SP_BUF_IN(t->mem);
        t->n++;
    }
    sp_buf_append(&t->text[i], text);
}

static inline const char *texts_get(texts *t, const char *name)
{
    for (size_t i = 0; i < t->n; i++) {
        if (strcmp(t->name[i], name) != 0) continue;
        sp_buf_append_byte(&t->text[i], '\0');
        t->text[i].n--;
        return (const char *)t->text[i].p;
    }
    return "";
}

static inline uint64_t number_of(const sp_node *node)
{
    uint64_t n = 0;
    return sp_number_u64(&n, sp_json_bytes(node)) ? n : 0;
}

static inline void read_calls(texts *t, uint64_t choice, const sp_node *calls)
{
    for (sp_each it = sp_each_of(calls); sp_each_step(&it);) {
        char name[64];
        const uint64_t index = number_of(sp_json_find(it.value, SP_LIT("index")));
        snprintf(name, sizeof name, "%llu.call%llu", (unsigned long long)choice, (unsigned long long)index);
        texts_add(t, name, sp_json_bytes(sp_json_find2(it.value, SP_LIT("function"), SP_LIT("arguments"))));
    }
}

static inline void read_choice(texts *t, const sp_node *choice)
{
    const uint64_t index = number_of(sp_json_find(choice, SP_LIT("index")));
    const sp_node *delta = sp_json_find(choice, SP_LIT("delta"));
    for (sp_each it = sp_each_of(delta); sp_each_step(&it);) {
        char name[64];
        const sp_bytes key = sp_json_bytes(it.key);
        snprintf(name, sizeof name, "%llu.%.*s", (unsigned long long)index, (int)key.n,
                 key.n ? (const char *)key.p : "");
        if (sp_json_type_of(it.value) == SP_JSON_STRING) texts_add(t, name, sp_json_bytes(it.value));
    }
    const sp_node *text = sp_json_find(choice, SP_LIT("text")); /* of a completion */
    if (text != NULL) {
        char name[64];
        snprintf(name, sizeof name, "%llu.text", (unsigned long long)index);
        texts_add(t, name, sp_json_bytes(text));
    }
    read_calls(t, index, sp_json_find(delta, SP_LIT("tool_calls")));
    if (sp_json_type_of(sp_json_find(choice, SP_LIT("finish_reason"))) == SP_JSON_STRING)
        sp_buf_append_str(&t->order, "finish ");
}

static inline void read_block(texts *t, const sp_node *root)
{
    static const char *fields[] = {"text", "thinking", "partial_json", "signature"};
    const sp_node *delta = sp_json_find(root, SP_LIT("delta"));
    for (size_t i = 0; i < 4; i++) {
        char name[64];
        const uint64_t index = number_of(sp_json_find(root, SP_LIT("index")));
        snprintf(name, sizeof name, "%llu.%s", (unsigned long long)index, fields[i]);
        texts_add(t, name, sp_json_bytes(sp_json_find(delta, sp_bytes_of(fields[i]))));
    }
}

static inline void read_event(texts *t, sp_bytes name, sp_bytes data)
{
    sp_json json;
    t->n_events++;
    if (sp_bytes_eq(data, SP_LIT("[DONE]"))) {
        sp_buf_append_str(&t->order, "[DONE] ");
        return;
    }
    if (sp_json_parse(&json, data, t->mem, NULL) != SP_OK) {
        t->n_bad++;
        return;
    }
    const sp_bytes type = sp_json_bytes(sp_json_find(json.root, SP_LIT("type")));
    assert_true(name.n == 0 || sp_json_find(json.root, SP_LIT("error")) != NULL || sp_bytes_eq(name, type));
    /* Texts may be spread over events in other ways, so only what is no delta tells the order. */
    if (!sp_bytes_eq(type, SP_LIT("content_block_delta"))) sp_buf_append(&t->order, type);
    if (sp_json_find(json.root, SP_LIT("error")) != NULL) sp_buf_append_str(&t->order, "error ");
    for (sp_each it = sp_each_of(sp_json_find(json.root, SP_LIT("choices"))); sp_each_step(&it);)
        read_choice(t, it.value);
    if (sp_bytes_eq(type, SP_LIT("content_block_delta"))) read_block(t, json.root);
}

/* Reads one line; an empty one dispatches. State: name and data of the event so far. */
static inline void read_line(texts *t, sp_bytes line, sp_buf *name, sp_buf *data)
{
    if (line.n == 0) {
        if (data->n > 0) read_event(t, sp_buf_bytes(name), (sp_bytes){data->p, data->n - 1});
        name->n = data->n = 0;
        return;
    }
    const sp_bytes data_field = SP_LIT("data:"), name_field = SP_LIT("event:");
    const bool is_data = sp_bytes_starts(line, data_field), is_name = sp_bytes_starts(line, name_field);
    if (!is_data && !is_name) return;
    sp_bytes value = sp_bytes_sub(line, is_data ? data_field.n : name_field.n, line.n);
    if (value.n > 0 && value.p[0] == ' ') value = sp_bytes_sub(value, 1, value.n);
    if (is_name) name->n = 0;
    sp_buf_append(is_data ? data : name, value);
    if (is_data) sp_buf_append_byte(data, '\n');
}

static inline void texts_read(texts *t, sp_bytes stream, sp_mem *mem)
{
    *t = (texts){.mem = mem, .order = SP_BUF_IN(mem)};
    sp_buf name = SP_BUF_IN(mem), data = SP_BUF_IN(mem);
    if (stream.n >= 3 && memcmp(stream.p, "\xef\xbb\xbf", 3) == 0) stream = sp_bytes_sub(stream, 3, stream.n);
    size_t start = 0;
    for (size_t i = 0; i < stream.n; i++) {
        if (stream.p[i] != '\n' && stream.p[i] != '\r') continue;
        read_line(t, sp_bytes_sub(stream, start, i), &name, &data);
        if (stream.p[i] == '\r' && i + 1 < stream.n && stream.p[i + 1] == '\n') i++;
        start = i + 1;
    }
    sp_buf_append_byte(&t->order, '\0');
}
