/* What looking for personal data and credentials costs, on one core.
 *   bench_scan [--only ROW] FILE...
 * Each file is a text. Prints how fast they are scanned as a whole and in pieces of 1 KB, each with its
 * findings; the same with names; how fast the hint says which views are worth making, in pieces as long as
 * those that requests are read in; and how fast a stream of their first megabyte goes through a tape in
 * pieces of 20 bytes. Best and median of 15 rounds. */
#include "bench_help.h"

#include "sallyport/detect.h"
#include "sallyport/normalise.h"

#include <string.h>

enum { ROUNDS = 15, FILES_MAX = 4096, CHAT = 1024, PIECE = 448, EVENT = 20, STREAM = 1 << 20 };

typedef struct bench {
    sp_engine *engine;
    sp_scratch *scratch;
    sp_arena arena;
    sp_bytes text[FILES_MAX];
    size_t n, bytes;
} bench;

static sp_findings nothing_found(bench *b)
{
    sp_arena_reset(&b->arena, 1 << 20);
    return SP_FINDINGS_IN(&b->arena.mem, 1000);
}

typedef sp_status scan_fn(sp_findings *, const sp_engine *, sp_scratch *, sp_bytes);

/* Scans all texts in pieces of at most `most` bytes. @return how many pieces there were. */
static size_t scan_all(bench *b, scan_fn *scan, size_t most)
{
    size_t n = 0;
    for (size_t i = 0; i < b->n; i++) {
        for (size_t at = 0; at < b->text[i].n; at += most, n++) {
            const size_t end = b->text[i].n - at < most ? b->text[i].n : at + most;
            sp_findings found = nothing_found(b);
            must(scan(&found, b->engine, b->scratch, sp_bytes_sub(b->text[i], at, end)) == SP_OK, "scan");
        }
    }
    return n;
}

static size_t scan_whole(bench *b)
{
    return scan_all(b, sp_scan, BENCH_FILE_MAX);
}

static size_t scan_chats(bench *b)
{
    return scan_all(b, sp_scan, CHAT);
}

static size_t scan_whole_names(bench *b)
{
    return scan_all(b, sp_scan_whole, BENCH_FILE_MAX);
}

static size_t scan_chats_names(bench *b)
{
    return scan_all(b, sp_scan_whole, CHAT);
}

static size_t hint_all(bench *b)
{
    static volatile uint32_t seen;
    size_t n = 0;
    for (size_t i = 0; i < b->n; i++) {
        for (size_t at = 0; at < b->text[i].n; at += PIECE, n++) {
            const size_t end = b->text[i].n - at < PIECE ? b->text[i].n : at + PIECE;
            seen = sp_normalise_hint(sp_bytes_sub(b->text[i], at, end));
        }
    }
    (void)seen;
    return n;
}

/* A stream for each text, all of one megabyte. */
static size_t feed(bench *b)
{
    size_t n = 0;
    for (size_t i = 0; i < b->n && n * EVENT < STREAM; i++) {
        sp_findings found = nothing_found(b);
        sp_tape *tape;
        must(sp_tape_new(&tape, b->engine, b->scratch, &b->arena.mem) == SP_OK, "tape");
        for (size_t at = 0; at < b->text[i].n && n * EVENT < STREAM; at += EVENT, n++) {
            const bool is_last = b->text[i].n - at <= EVENT;
            uint64_t release = 0;
            const sp_bytes piece = sp_bytes_sub(b->text[i], at, is_last ? b->text[i].n : at + EVENT);
            must(sp_tape_feed(tape, piece, is_last, &found, &release) == SP_OK, "feed");
        }
    }
    return n;
}

/* @param bytes  that one round goes through; 0: not asked for. */
static void measure(bench *b, const char *name, size_t (*round)(bench *b), size_t bytes)
{
    double took[ROUNDS];
    size_t n = 0;
    for (size_t i = 0; i < ROUNDS; i++) {
        const double from = now_us();
        n = round(b);
        took[i] = now_us() - from;
    }
    qsort(took, ROUNDS, sizeof took[0], by_value);
    const double best = took[0], median = took[ROUNDS / 2];
    must(n > 0, "the files are empty");
    printf("scan: %-12s %8.3f us a piece least, %8.3f us median", name, best / (double)n, median / (double)n);
    if (bytes != 0) printf("; %.0f MB/s best, %.0f median", (double)bytes / best, (double)bytes / median);
    printf("\n");
}

typedef struct row {
    const char *name;
    size_t (*round)(bench *b);
    bool is_of_all; /* goes through every byte of the texts */
} row;

static const row rows[] = {
    {"whole", scan_whole, true},           {"pieces 1 KB", scan_chats, true},
    {"and names", scan_whole_names, true}, {"names 1 KB", scan_chats_names, true},
    {"hint 448 B", hint_all, true},        {"stream 20 B", feed, false},
};

int main(int argc, char **argv)
{
    static bench b;
    const bool is_one = argc > 2 && strcmp(argv[1], "--only") == 0;
    const char *only = is_one ? argv[2] : NULL;
    const int first = is_one ? 3 : 1;
    must(argc > first && argc <= FILES_MAX, "usage: bench_scan [--only ROW] FILE...");
    for (int i = first; i < argc; i++) {
        b.text[b.n] = read_file(argv[i]);
        b.bytes += b.text[b.n++].n;
    }
    sp_diag diag;
    const double from = now_us();
    must(sp_engine_new(&b.engine, &diag) == SP_OK, "the engine does not compile");
    printf("scan: engine compiled in %.0f ms; %zu files, %.1f MB\n", (now_us() - from) / 1e3, b.n,
           (double)b.bytes / 1e6);
    must(sp_scratch_new(&b.scratch, b.engine) == SP_OK, "out of memory");
    sp_arena_init(&b.arena, 1 << 30);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const row *r = &rows[i];
        if (only == NULL || strcmp(only, r->name) == 0)
            measure(&b, r->name, r->round, r->is_of_all ? b.bytes : 0);
    }
    return 0;
}
