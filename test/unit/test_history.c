/* What is remembered changes the time that a request takes and nothing else: findings, labels and the bytes
 * that a record's blocks hold are those of a worker that remembers nothing. What several workers remember in
 * one table: test_verdicts. */
#include "engine_help.h"
#include "fixture_policy.h"
#include "parse_help.h"

#include "sallyport/verdicts.h"

#include <stdio.h>
#include <stdlib.h>

enum { TABLE_BYTES = 1 << 20, LIMIT = 40 };

static const uint8_t mac_key[32] = {7, 7, 7};
static const uint8_t scope_a[SP_KEY_ID_BYTES] = {1}, scope_b[SP_KEY_ID_BYTES] = {2};

static sp_verdicts verdicts;

static int set_up(void **state)
{
    static sp_history history;
    static uint64_t table[TABLE_BYTES / 8], said[TABLE_BYTES / 8];
    memset(table, 0, sizeof table);
    memset(said, 0, sizeof said);
    *state = &history;
    if (sp_history_init(&history, table, sizeof table, mac_key) != SP_OK) return -1;
    return sp_verdicts_init(&verdicts, said, sizeof said) == SP_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    sp_history_fini(*state);
    return 0;
}

/* ---- a request, its pieces and their tags ---- */

typedef struct view {
    sp_arena arena;
    sp_request request;
    sp_pieces pieces;
} view;

static void view_init(view *v, sp_history *history, sp_dialect_id dialect, sp_bytes body,
                      const uint8_t *scope)
{
    sp_diag diag = {0};
    sp_arena_init(&v->arena, 64 << 20);
    if (sp_request_parse(&v->request, sp_dialect_get(dialect), body, &v->arena.mem, &diag) != SP_OK)
        fail_msg("%s at %zu", diag.text, diag.at);
    assert_int_equal(sp_history_cut(&v->pieces, &v->request, &v->arena.mem), SP_OK);
    assert_int_equal(sp_history_tag(history, &v->pieces, &(sp_seen_by){scope, 1}), SP_OK);
}

static sp_bytes piece_bytes(const view *v, size_t i)
{
    return sp_bytes_sub(v->request.body, v->pieces.v[i].start, v->pieces.v[i].end);
}

static bool has_tag(const view *v, const uint8_t *tag)
{
    for (size_t i = 0; i < v->pieces.n; i++) {
        if (memcmp(v->pieces.v[i].tag, tag, SP_TAG_BYTES) == 0) return true;
    }
    return false;
}

/* How many pieces of `b` have the tag of one of `a`. */
static size_t shared(const view *a, const view *b)
{
    size_t n = 0;
    for (size_t i = 0; i < b->pieces.n; i++) n += has_tag(a, b->pieces.v[i].tag);
    return n;
}

/* ---- cutting ---- */

static void check_cover(const view *v)
{
    uint32_t at = 0, text = 0, segments = 0;
    for (size_t i = 0; i < v->pieces.n; i++) {
        assert_int_equal(v->pieces.v[i].start, at);
        assert_int_equal(v->pieces.v[i].text_start, text);
        assert_true(v->pieces.v[i].end > at && v->pieces.v[i].text_end >= text);
        at = v->pieces.v[i].end;
        text = v->pieces.v[i].text_end;
        segments += v->pieces.v[i].n_segments;
    }
    assert_int_equal(at, v->request.body.n);
    assert_int_equal(text, v->request.text.n);
    assert_int_equal(segments, v->request.n_segments);
    assert_true(v->pieces.n <= SP_PIECES_MAX);
}

/* A body with messages of the given sizes. */
static sp_bytes body_of(sp_mem *mem, const size_t *sizes, size_t n)
{
    sp_buf b = SP_BUF_IN(mem);
    sp_buf_append_str(&b, "{\"model\":\"assistant\",\"messages\":[");
    for (size_t i = 0; i < n; i++) {
        sp_buf_append_str(&b,
                          i > 0 ? ",{\"role\":\"user\",\"content\":\"" : "{\"role\":\"user\",\"content\":\"");
        sp_buf_append_u64(&b, i);
        for (size_t k = 0; k < sizes[i]; k++) sp_buf_append_byte(&b, (uint8_t)('a' + k % 20));
        sp_buf_append_str(&b, "\"}");
    }
    sp_buf_append_str(&b, "],\"temperature\":0.5}");
    assert_int_equal(b.status, SP_OK);
    return sp_buf_bytes(&b);
}

static void small_messages_are_joined_and_large_ones_stand_alone(void **state)
{
    sp_arena arena;
    view v;
    sp_arena_init(&arena, 8 << 20);
    const size_t sizes[] = {100, 100, 9000, 100, 100, 3000, 3000, 3000, 9000, 9000, 10};
    view_init(&v, *state, SP_DIALECT_OPENAI, body_of(&arena.mem, sizes, 11), scope_a);
    check_cover(&v);
    const uint32_t least[] = {0, 9000, 4096, 3000, 9000, 9000, 0};
    assert_int_equal(v.pieces.n, 7);
    for (size_t i = 0; i < v.pieces.n; i++) assert_true(v.pieces.v[i].end - v.pieces.v[i].start >= least[i]);
    sp_arena_fini(&v.arena);
    sp_arena_fini(&arena);
}

static void thousands_of_messages_share_the_last_piece(void **state)
{
    enum { N = 2000 };
    static size_t sizes[N];
    sp_arena arena;
    view v;
    sp_arena_init(&arena, 64 << 20);
    for (size_t i = 0; i < N; i++) sizes[i] = 4200;
    view_init(&v, *state, SP_DIALECT_OPENAI, body_of(&arena.mem, sizes, N), scope_a);
    check_cover(&v);
    assert_int_equal(v.pieces.n, SP_PIECES_MAX);
    sp_arena_fini(&v.arena);
    sp_arena_fini(&arena);
}

/* ---- tags ---- */

typedef struct pair {
    const char *name;
    sp_dialect_id dialects[2];
    const char *bodies[2];
    const uint8_t *scopes[2];
    bool are_shared;
} pair;

#define CHAT(MESSAGES, REST) "{\"model\":\"assistant\",\"messages\":[" MESSAGES "]" REST "}"
#define SAYS(TEXT) "{\"role\":\"user\",\"content\":\"" TEXT "\"}"

static const pair pairs[] = {
    {"the same again",
     {SP_DIALECT_OPENAI, SP_DIALECT_OPENAI},
     {CHAT(SAYS("x"), ""), CHAT(SAYS("x"), "")},
     {scope_a, scope_a},
     true},
    {"another key",
     {SP_DIALECT_OPENAI, SP_DIALECT_OPENAI},
     {CHAT(SAYS("x"), ""), CHAT(SAYS("x"), "")},
     {scope_a, scope_b},
     false},
    {"another dialect",
     {SP_DIALECT_OPENAI, SP_DIALECT_ANTHROPIC},
     {CHAT(SAYS("x"), ",\"max_tokens\":1"), CHAT(SAYS("x"), ",\"max_tokens\":1")},
     {scope_a, scope_a},
     false},
    {"one byte else",
     {SP_DIALECT_OPENAI, SP_DIALECT_OPENAI},
     {CHAT(SAYS("x"), ""), CHAT(SAYS("y"), "")},
     {scope_a, scope_a},
     false},
};

static void equal_tags_mean_equal_bytes_read_equally_by_the_same_caller(void **state)
{
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        const pair *p = &pairs[i];
        view v[2];
        print_message("# %s\n", p->name);
        for (size_t k = 0; k < 2; k++)
            view_init(&v[k], *state, p->dialects[k], sp_bytes_of(p->bodies[k]), p->scopes[k]);
        assert_int_equal(shared(&v[0], &v[1]), p->are_shared ? v[1].pieces.n : 0);
        sp_arena_fini(&v[0].arena);
        sp_arena_fini(&v[1].arena);
    }
}

/* The list of tools and that of messages hold different things: in the one an object of unknown form is read
 * freely, in the other by rows. The same bytes in both are not the same piece. */
static void the_same_bytes_elsewhere_are_another_piece(void **state)
{
    enum { FILL = 5000 };
    sp_arena arena;
    view v[2];
    sp_arena_init(&arena, 8 << 20);
    for (size_t k = 0; k < 2; k++) {
        static const char *const heads[2] = {"{\"model\":\"a\",\"tools\":",
                                             "{\"model\":\"a\",\"functions\":"};
        sp_buf b = SP_BUF_IN(&arena.mem);
        sp_buf_append_str(&b, heads[k]);
        sp_buf_append_str(&b, "[{\"name\":\"n\",\"description\":\"");
        for (size_t i = 0; i < FILL; i++) sp_buf_append_byte(&b, (uint8_t)('a' + i % 23));
        sp_buf_append_str(&b, "\"}],\"messages\":[" SAYS("x") "]}");
        view_init(&v[k], *state, SP_DIALECT_OPENAI, sp_buf_bytes(&b), scope_a);
    }
    assert_bytes(piece_bytes(&v[0], 1), piece_bytes(&v[1], 1));
    assert_memory_not_equal(v[0].pieces.v[1].tag, v[1].pieces.v[1].tag, SP_TAG_BYTES);
    sp_arena_fini(&v[0].arena);
    sp_arena_fini(&v[1].arena);
    sp_arena_fini(&arena);
}

static void another_worker_has_other_tags(void **state)
{
    sp_history other;
    uint8_t key[32] = {8};
    void *table = calloc(1, TABLE_BYTES);
    view v[2];
    assert_int_equal(sp_history_init(&other, table, TABLE_BYTES, key), SP_OK);
    view_init(&v[0], *state, SP_DIALECT_OPENAI, sp_bytes_of(pairs[0].bodies[0]), scope_a);
    view_init(&v[1], &other, SP_DIALECT_OPENAI, sp_bytes_of(pairs[0].bodies[0]), scope_a);
    assert_int_equal(shared(&v[0], &v[1]), 0);
    sp_arena_fini(&v[0].arena);
    sp_arena_fini(&v[1].arena);
    sp_history_fini(&other);
    free(table);
}

/* ---- the table against a model ---- */

static sp_block_ref ref_of(uint32_t number)
{
    sp_block_ref ref = {.bytes = number};
    memcpy(ref.id, &number, sizeof number);
    return ref;
}

static void tag_of(uint8_t tag[SP_TAG_BYTES], uint32_t number)
{
    uint64_t state = number * UINT64_C(0x9e3779b97f4a7c15) + 1;
    for (size_t i = 0; i < SP_TAG_BYTES; i++) tag[i] = (uint8_t)next_random(&state);
}

static void a_table_never_says_what_was_not_said_last(void **state)
{
    enum { TAGS = 40000, STEPS = 200000 };
    sp_history *history = *state;
    static uint32_t ref_model[TAGS], segment_model[TAGS]; /* 0: never kept */
    uint64_t rng = 99;
    size_t hits = 0, misses = 0;
    memset(ref_model, 0, sizeof ref_model);
    memset(segment_model, 0, sizeof segment_model);
    for (uint32_t step = 1; step <= STEPS; step++) {
        const uint32_t i = (uint32_t)(next_random(&rng) % TAGS), segment = 1 + step / 50000;
        uint8_t tag[SP_TAG_BYTES];
        tag_of(tag, i);
        const sp_block_ref *found = sp_history_find(history, tag, segment);
        if (found != NULL) {
            assert_int_equal(found->bytes, ref_model[i]);
            assert_int_equal(segment_model[i], segment);
        }
        hits += found != NULL;
        misses += found == NULL && segment_model[i] == segment;
        const sp_block_ref ref = ref_of(step);
        if (next_random(&rng) % 2 == 0) {
            sp_history_keep(history, tag, &ref, segment);
            ref_model[i] = step;
            segment_model[i] = segment;
        }
    }
    assert_true(hits > 1000);   /* it remembers */
    assert_true(misses > 1000); /* and is bounded: more was kept than has room */
}

static void what_comes_often_outlives_what_comes_once(void **state)
{
    sp_history *history = *state;
    uint8_t often[SP_TAG_BYTES], once[SP_TAG_BYTES];
    const sp_block_ref ref = ref_of(1);
    tag_of(often, 0);
    sp_history_keep(history, often, &ref, 1);
    for (uint32_t i = 1; i < 100000; i++) {
        tag_of(once, i);
        sp_history_keep(history, once, &ref, 1);
        assert_non_null(sp_history_find(history, often, 1));
    }
}

static void what_was_forgotten_is_new(void **state)
{
    sp_history *history = *state;
    uint8_t tag[SP_TAG_BYTES];
    const sp_block_ref ref = ref_of(1);
    tag_of(tag, 1);
    sp_history_keep(history, tag, &ref, 1);
    assert_non_null(sp_history_find(history, tag, 1));
    assert_null(sp_history_find(history, tag, 2)); /* it lies in another segment */
    assert_null(sp_history_find(history, tag, 0)); /* nothing is durable yet */
    sp_history_forget(history);
    assert_null(sp_history_find(history, tag, 1));
}

static void a_table_of_nothing_is_refused(void **state)
{
    (void)state;
    sp_history history;
    uint8_t little[64] = {0};
    assert_int_equal(sp_history_init(&history, little, sizeof little, mac_key), SP_ERANGE);
    assert_null(history.entries);
    sp_history_fini(&history);
}

/* ---- conversations, with and without ---- */

static const char *const words[] = {
    "report ",
    "meeting ",
    "\\n",
    "a.b@example.com ",
    "DE89 3704 0044 0532 0130 00 ",
    "ssn ",
    "card number ",
    "536221234 ",
    "4111 1111 1111 1111",
    "\\u0041KIAQYLPMN5HFIQR7XYA ",
    "caf\\u00e9 ",
    "\\\\n ",
    "{\\\"k\\\":",
    "{\\\"k\\\":\\\"v\\\"}",
    "ssn 078-05-1120 ",
    "-----BEGIN RSA PRIVATE KEY-----\\nMIIEowIBAAKCAQEA1234567890abcdefghijkl",
    "\\n-----END RSA PRIVATE KEY-----",
};

enum { MESSAGES_MAX = 40, MESSAGE_MAX = 9000 };

typedef struct conversation {
    char *messages[MESSAGES_MAX];
    size_t n;
    unsigned tail; /* which members follow the messages */
} conversation;

static char *random_message(uint64_t *rng)
{
    static const char *const forms[] = {
        "{\"role\":\"user\",\"content\":\"%s\"}",
        "{\"role\":\"assistant\",\"content\":\"%s\"}",
        "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"%s\"}]}",
        "{\"role\":\"tool\",\"tool_call_id\":\"c\",\"content\":\"%s\"}",
        "{\"role\":\"tool\",\"content\":[{\"type\":\"text\",\"text\":\"%s\"}],\"name\":\"f\"}",
    };
    static char text[MESSAGE_MAX];
    size_t n = 0;
    const size_t want = next_random(rng) % 7 == 0 ? 8000 : next_random(rng) % 900;
    text[0] = '\0';
    do {
        const size_t among = next_random(rng) % 8 != 0 ? 2 : sizeof words / sizeof *words;
        n += (size_t)sprintf(text + n, "%s", words[next_random(rng) % among]);
    } while (n < want);
    char *message = malloc(n + 300);
    assert_non_null(message);
    const char *form = forms[next_random(rng) % (sizeof forms / sizeof *forms)];
    const char *hole = strstr(form, "%s");
    (void)sprintf(message, "%.*s%s%s", (int)(hole - form), form, text, hole + 2);
    return message;
}

static sp_bytes conversation_body(const conversation *c, sp_mem *mem)
{
    static const char *const tails[] = {
        "],\"temperature\":0.5}",
        "],\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"x@example.com\"}}]}",
        "],\"user\":\"y@example.com\",\"max_tokens\":5}",
    };
    sp_buf b = SP_BUF_IN(mem);
    sp_buf_append_str(&b, "{\"model\":\"assistant\",\"messages\":[");
    for (size_t i = 0; i < c->n; i++) {
        sp_buf_append_str(&b, i > 0 ? "," : "");
        sp_buf_append_str(&b, c->messages[i]);
    }
    sp_buf_append_str(&b, tails[c->tail % 3]);
    return sp_buf_bytes(&b);
}

static void conversation_drop(conversation *c, size_t i)
{
    free(c->messages[i]);
    memmove(&c->messages[i], &c->messages[i + 1], (--c->n - i) * sizeof c->messages[0]);
}

/* Grows most of the time; now and then it is cut, edited in the middle, or two messages change places. */
static void conversation_step(conversation *c, uint64_t *rng)
{
    const size_t what = next_random(rng) % 10, i = c->n > 0 ? next_random(rng) % c->n : 0;
    if (what == 0) c->tail++;
    if (what == 1 && c->n > 1) conversation_drop(c, c->n - 1);
    if (what == 2 && c->n > 2) conversation_drop(c, i);
    if (what == 3 && c->n > 1) {
        char *other = c->messages[i];
        c->messages[i] = c->messages[0];
        c->messages[0] = other;
    }
    if (what == 4 && c->n > 0) {
        free(c->messages[i]);
        c->messages[i] = random_message(rng);
    }
    while (c->n < 1 || (what > 4 && c->n < MESSAGES_MAX && next_random(rng) % 2 == 0))
        c->messages[c->n++] = random_message(rng);
    if (c->n == MESSAGES_MAX) {
        while (c->n > 3) conversation_drop(c, c->n - 1);
    }
}

static sp_labelling label(const view *v, const sp_findings *findings, sp_mem *mem)
{
    static sp_snapshot snapshot;
    sp_labelling labelling;
    snapshot = fixture_snapshot();
    const sp_purpose purpose = fixture_purpose(&snapshot, &snapshot.applications[APP_INTRANET]);
    const sp_evidence evidence = {&purpose, &v->request, findings, 1500, NULL, NULL};
    assert_int_equal(sp_label_request(&labelling, &evidence, mem), SP_OK);
    return labelling;
}

static void check_equal_labels(sp_label a, sp_label b)
{
    assert_true(sp_label_leq(a, b) && sp_label_leq(b, a) && a.integrity == b.integrity);
}

static void check_label(const view *v, const sp_findings *a, const sp_findings *b, sp_mem *mem)
{
    const sp_labelling with = label(v, a, mem), without = label(v, b, mem);
    check_equal_labels(with.label, without.label);
    assert_int_equal(with.n_atoms, without.n_atoms);
    for (size_t i = 0; i < with.n_atoms; i++) {
        const sp_atom *x = &with.atoms[i], *y = &without.atoms[i];
        check_equal_labels(x->label, y->label);
        assert_true(x->source == y->source && x->kind == y->kind && x->confidence == y->confidence);
        assert_true(x->count == y->count && x->start == y->start && x->end == y->end);
        assert_ptr_equal(x->place.path, y->place.path);
        assert_memory_equal(x->place.index, y->place.index, sizeof x->place.index);
    }
}

/* What the ledger would hold: content by the number in a reference. */
typedef struct store {
    sp_arena arena;
    sp_bytes content[1 << 16];
    uint32_t n;
    size_t n_known, n_new;
} store;

/* Stores what is new; what is known has to be what was stored under its reference. */
static void store_pieces(store *s, sp_history *history, const view *v, uint32_t segment)
{
    for (size_t i = 0; i < v->pieces.n; i++) {
        const sp_bytes bytes = piece_bytes(v, i);
        const sp_block_ref *known = sp_history_find(history, v->pieces.v[i].tag, segment);
        if (known != NULL) {
            assert_bytes(s->content[known->bytes], bytes);
            s->n_known++;
            continue;
        }
        assert_int_equal(sp_bytes_copy(&s->content[++s->n], bytes, &s->arena.mem), SP_OK);
        const sp_block_ref ref = ref_of(s->n);
        sp_history_keep(history, v->pieces.v[i].tag, &ref, segment);
        s->n_new++;
    }
}

/* What the data plane does, in its steps. */
static sp_status scan_known(sp_findings *out, const sp_pieces *pieces)
{
    sp_parts parts;
    SP_TRY(sp_verdicts_look(&parts, &verdicts, pieces, out->mem));
    SP_TRY(sp_scan_parts(out, engine, scratch, pieces->request->text, parts));
    sp_verdicts_learn(&verdicts, pieces, &parts);
    return SP_OK;
}

static void check_request(sp_history *history, store *s, sp_bytes body, const uint8_t *scope,
                          uint32_t segment)
{
    view v;
    view_init(&v, history, SP_DIALECT_OPENAI, body, scope);
    check_cover(&v);
    sp_findings with = SP_FINDINGS_IN(&v.arena.mem, LIMIT), without = SP_FINDINGS_IN(&v.arena.mem, LIMIT);
    assert_int_equal(scan_known(&with, &v.pieces), SP_OK);
    assert_int_equal(sp_scan_whole(&without, engine, scratch, v.request.text), SP_OK);
    assert_int_equal(with.n, without.n);
    assert_int_equal(with.is_full, without.is_full);
    for (size_t i = 0; i < with.n; i++) assert_memory_equal(&with.v[i], &without.v[i], sizeof with.v[i]);
    check_label(&v, &with, &without, &v.arena.mem);
    store_pieces(s, history, &v, segment);
    sp_arena_fini(&v.arena);
}

static void conversations_are_labelled_and_stored_as_without_a_memory(void **state)
{
    sp_history *history = *state;
    store *s = calloc(1, sizeof *s);
    conversation c[3] = {{.n = 0}};
    uint64_t rng = 14;
    assert_non_null(s);
    sp_arena_init(&s->arena, (size_t)1 << 30);
    for (uint32_t round = 0; round < 1500; round++) {
        sp_arena arena;
        const size_t which = round % 3;
        sp_arena_init(&arena, 16 << 20);
        conversation_step(&c[which], &rng);
        check_request(history, s, conversation_body(&c[which], &arena.mem), which == 0 ? scope_a : scope_b,
                      1 + round / 500);
        sp_arena_fini(&arena);
    }
    assert_true(s->n_known > 3 * s->n_new); /* or nothing was tested */
    for (size_t i = 0; i < 3; i++) {
        while (c[i].n > 0) conversation_drop(&c[i], c[i].n - 1);
    }
    sp_arena_fini(&s->arena);
    free(s);
}

/* A finding decided by a word in the message before it stays one when only that message changes. */
static void a_word_in_the_message_before_counts(void **state)
{
    sp_history *history = *state;
    store *s = calloc(1, sizeof *s);
    assert_non_null(s);
    sp_arena_init(&s->arena, 16 << 20);
    static const char *const before[] = {"your ssn?", "the part?", "your ssn?"};
    for (size_t i = 0; i < 3; i++) {
        static char body[20000];
        int n = sprintf(
            body, "{\"model\":\"assistant\",\"messages\":[{\"role\":\"user\",\"content\":\"%04600d %s\"}", 7,
            before[i]);
        n += sprintf(body + n, ",{\"role\":\"user\",\"content\":\"536221234 %04600d\"}]}", 8);
        check_request(history, s, (sp_bytes){(const uint8_t *)body, (size_t)n}, scope_a, 1);
    }
    sp_arena_fini(&s->arena);
    free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        T(small_messages_are_joined_and_large_ones_stand_alone),
        T(thousands_of_messages_share_the_last_piece),
        T(equal_tags_mean_equal_bytes_read_equally_by_the_same_caller),
        T(the_same_bytes_elsewhere_are_another_piece),
        T(another_worker_has_other_tags),
        T(a_table_never_says_what_was_not_said_last),
        T(what_comes_often_outlives_what_comes_once),
        T(what_was_forgotten_is_new),
        T(a_table_of_nothing_is_refused),
        T(conversations_are_labelled_and_stored_as_without_a_memory),
        T(a_word_in_the_message_before_counts),
#undef T
    };
    return cmocka_run_group_tests(tests, engine_set_up, engine_tear_down);
}
