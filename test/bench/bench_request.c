/* What the core does with one request, step by step, on one core and without a network.
 *   bench_request BODY [ROUNDS]    a file of JSON in OpenAI's dialect
 * Prints for each step the least and the median time of all rounds: the least is what it costs where nothing
 * else runs. Instructions, which do not depend on the machine's load: valgrind --tool=callgrind
 * --toggle-collect='step_*' bench_request BODY 1 */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sallyport/propose.h"
#include "sallyport/recall.h"
#include "sallyport/splice.h"
#include "sallyport/verdicts.h"

enum { ROUNDS_MOST = 4096, TABLE_BYTES = SP_HISTORY_BYTES, ARENA_BYTES = 256 << 20, KEPT = 1 << 20 };

/* What the steps of one round work on. */
typedef struct bench {
    sp_bytes body;
    sp_arena arena, work;
    sp_request request;
    sp_pieces pieces;
    sp_findings findings;
    sp_history history;
    sp_verdicts verdicts;
    uint64_t detectors; /* other ones each round: everything is new again */
    sp_told told;
    sp_told_scope scope;
    sp_engine *engine;
    sp_scratch *scratch;
    sp_sealer sealer;
    bool asks_topics;
} bench;

static void must(int holds, const char *what)
{
    if (holds) return;
    (void)fprintf(stderr, "bench_request: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

static double now_us(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* ---- steps ---- */

static void step_parse(bench *b)
{
    sp_diag diag = {0};
    const sp_parse_in in = {sp_dialect_get(SP_DIALECT_OPENAI), SP_OP_GENERATE, b->body, &b->work.mem};
    must(sp_request_parse_with(&b->request, &in, &b->arena.mem, &diag) == SP_OK, diag.text);
    sp_arena_reset(&b->work, KEPT);
}

static void step_tag(bench *b)
{
    static const uint8_t scope[SP_KEY_ID_BYTES] = {1};
    must(sp_history_cut(&b->pieces, &b->request, &b->arena.mem) == SP_OK, "cut");
    must(sp_history_tag(&b->history, &b->pieces, &(sp_seen_by){scope, b->detectors}) == SP_OK, "tag");
}

static void scan(bench *b)
{
    b->findings = SP_FINDINGS_IN(&b->arena.mem, 100);
    sp_parts parts;
    must(sp_verdicts_look(&parts, &b->verdicts, &b->pieces, &b->arena.mem) == SP_OK, "look");
    must(sp_scan_parts(&b->findings, b->engine, b->scratch, b->request.text, parts) == SP_OK, "scan");
    sp_verdicts_learn(&b->verdicts, &b->pieces, &parts);
}

/* As of an application whose users nobody vouches for: all that the models may be asked of each text. */
static void propose(bench *b)
{
    static const sp_application application = {.user_text = SP_UNTRUSTED};
    static const sp_finding_rule rule = {.kind = SP_KIND_TOPIC_HR, .at_least = 1};
    static const sp_snapshot asking = {.finding_rules = &rule, .n_finding_rules = 1}, not_asking;
    const sp_purpose purpose = {.snapshot = b->asks_topics ? &asking : &not_asking,
                                .application = &application};
    sp_findings said = SP_FINDINGS_IN(&b->arena.mem, 100);
    sp_parts parts;
    must(sp_verdicts_look(&parts, &b->verdicts, &b->pieces, &b->arena.mem) == SP_OK, "look");
    const sp_propose_in in = {&purpose, &b->request, parts};
    must(sp_propose(&said, &in, b->engine, b->scratch) == SP_OK, "propose");
    sp_verdicts_learn(&b->verdicts, &b->pieces, &parts);
}

static void step_orders_new(bench *b)
{
    b->asks_topics = false;
    propose(b);
}

static void step_orders_known(bench *b)
{
    propose(b);
}

static void step_topics(bench *b)
{
    b->asks_topics = true;
    propose(b);
}

static void step_scan_new(bench *b)
{
    scan(b);
}

static void step_scan_known(bench *b)
{
    scan(b);
}

/* What the answers in it were told as, kept by the step between these two. */
static void recall(bench *b)
{
    sp_recall recall;
    sp_recalled recalled = {.count = 0};
    must(sp_recall_look(&recall, &b->told, &b->scope, &b->request, &b->arena.mem) == SP_OK, "look");
    while (sp_recall_find(&recalled, &b->told, &recall)) continue;
}

static void step_recall_nothing(bench *b)
{
    recall(b);
}

static void keep_segment(bench *b, const sp_segment *s)
{
    const sp_label label = SP_LABEL_BOTTOM;
    sp_told_text text;
    sp_told_question question = sp_told_question_of(SP_BYTES_EMPTY);
    sp_buf tags = SP_BUF_IN(&b->arena.mem);
    sp_told_text_init(&text, &b->told, &b->scope, &b->arena.mem);
    must(sp_told_text_add(&text, sp_bytes_sub(b->request.text, s->text_start, s->text_end), &tags) == SP_OK &&
             sp_told_text_end(&text, &question, &tags) == SP_OK,
         "tell");
    for (size_t i = 0; i < tags.n; i += sizeof(sp_told_tag))
        sp_told_keep(&b->told, (const sp_told_tag *)(const void *)(tags.p + i), &label);
}

static void step_tell(bench *b)
{
    for (size_t i = 0; i < b->request.n_segments; i++) {
        if (b->request.segments[i].origin == SP_ORIGIN_MODEL) keep_segment(b, &b->request.segments[i]);
    }
}

static void step_recall_all(bench *b)
{
    recall(b);
}

static void step_seal_new(bench *b)
{
    sp_buf out = SP_BUF_IN(&b->arena.mem);
    must(sp_buf_reserve(&out, b->body.n + b->pieces.n * 512) != NULL, "memory");
    for (size_t i = 0; i < b->pieces.n; i++) {
        const sp_bytes plain = sp_bytes_sub(b->body, b->pieces.v[i].start, b->pieces.v[i].end);
        sp_block_random random = {.id = {(uint8_t)i}};
        sp_block_ref ref;
        must(sp_block_seal(&out, &ref, &b->sealer, &random, plain) == SP_OK, "seal");
    }
}

static void step_rewrite(bench *b)
{
    sp_chunks out;
    const sp_rewrite rewrite = {.model = SP_LIT("another"), .ask_usage = false};
    must(sp_request_rewrite(&out, &b->request, &rewrite, &b->arena.mem) == SP_OK, "rewrite");
}

/* In the order of a request; what is new is forgotten before each round. Behind the first one something was
 * told already, but nothing of this request. */
static const struct {
    const char *name;
    void (*run)(bench *b);
} steps[] = {
    {"parse", step_parse},
    {"cut, tag", step_tag},
    {"scan, new", step_scan_new},
    {"scan, known", step_scan_known},
    {"orders, new", step_orders_new},
    {"orders, known", step_orders_known},
    {"topics", step_topics},
    {"recall, new", step_recall_nothing},
    {"tell", step_tell},
    {"recall, all", step_recall_all},
    {"seal, new", step_seal_new},
    {"rewrite", step_rewrite},
};
enum { STEPS = sizeof steps / sizeof steps[0] };

/* ---- rounds ---- */

static void set_up(bench *b, const char *path)
{
    static const uint8_t key[32] = {9};
    (void)mallopt(M_MMAP_THRESHOLD, 64 << 20); /* as in a worker: what was freed is used again */
    (void)mallopt(M_TRIM_THRESHOLD, 64 << 20);
    FILE *f = fopen(path, "rb");
    must(f != NULL, path);
    uint8_t *body = malloc(SP_BODY_MAX);
    void *table = calloc(1, TABLE_BYTES), *said = calloc(1, SP_VERDICTS_BYTES);
    must(body != NULL && table != NULL && said != NULL, "memory");
    must(sp_verdicts_init(&b->verdicts, said, SP_VERDICTS_BYTES) == SP_OK, "verdicts");
    b->body = (sp_bytes){body, fread(body, 1, SP_BODY_MAX, f)};
    (void)fclose(f);
    sp_arena_init(&b->work, ARENA_BYTES);
    must(sp_history_init(&b->history, table, TABLE_BYTES, key) == SP_OK, "history");
    void *told = calloc(1, SP_TOLD_BYTES);
    must(told != NULL && sp_told_init(&b->told, told, SP_TOLD_BYTES, key) == SP_OK, "told");
    must(sp_engine_new(&b->engine, NULL) == SP_OK && sp_scratch_new(&b->scratch, b->engine) == SP_OK,
         "engine");
    must(sp_sealer_init(&b->sealer, key, key) == SP_OK, "sealer");
}

static void tear_down(bench *b)
{
    void *table = b->history.entries, *told = b->told.head;
    sp_sealer_fini(&b->sealer);
    sp_scratch_free(b->scratch);
    sp_engine_free(b->engine);
    sp_history_fini(&b->history);
    sp_told_fini(&b->told);
    sp_arena_fini(&b->work);
    free(b->verdicts.entries);
    free(table);
    free(told);
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    static double times[STEPS][ROUNDS_MOST];
    static bench b;
    must(argc >= 2, "usage: bench_request BODY [ROUNDS]");
    long rounds = argc > 2 ? strtol(argv[2], NULL, 10) : 400;
    rounds = rounds < 1 ? 1 : rounds > ROUNDS_MOST ? ROUNDS_MOST : rounds;
    set_up(&b, argv[1]);
    for (long r = 0; r < rounds; r++) {
        char scope[16];
        const int n = snprintf(scope, sizeof scope, "%ld", r);
        must(sp_told_scope_of(&b.scope, &b.told, (sp_bytes){(const uint8_t *)scope, (size_t)n}) == SP_OK,
             "scope");
        sp_arena_init(&b.arena, ARENA_BYTES);
        sp_history_forget(&b.history);
        b.detectors++;
        for (size_t i = 0; i < STEPS; i++) {
            const double start = now_us();
            steps[i].run(&b);
            times[i][r] = now_us() - start;
        }
        sp_arena_fini(&b.arena);
    }
    (void)printf("%zu bytes, %zu pieces, %zu segments; us:    least  median\n", b.body.n, b.pieces.n,
                 b.request.n_segments);
    for (size_t i = 0; i < STEPS; i++) {
        qsort(times[i], (size_t)rounds, sizeof times[i][0], by_value);
        (void)printf("  %-12s %40.1f %7.1f\n", steps[i].name, times[i][0], times[i][rounds / 2]);
    }
    tear_down(&b);
    return EXIT_SUCCESS;
}
