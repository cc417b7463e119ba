/* What looking for personal data and credentials costs, on one core.
 *   bench_scan FILE...
 * Each file is a text. Prints how fast they are scanned as a whole and in pieces of 1 KB, each with its
 * findings, and how fast a stream of their first megabyte goes through a tape in pieces of 20 bytes; best and
 * median of 15 rounds. */
#include "bench_help.h"

#include "sallyport/detect.h"

enum { ROUNDS = 15, FILES_MAX = 4096, CHAT = 1024, EVENT = 20, STREAM = 1 << 20 };

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

/* Scans all texts in pieces of at most `most` bytes. @return how many pieces there were. */
static size_t scan_all(bench *b, size_t most)
{
    size_t n = 0;
    for (size_t i = 0; i < b->n; i++) {
        for (size_t at = 0; at < b->text[i].n; at += most, n++) {
            const size_t end = b->text[i].n - at < most ? b->text[i].n : at + most;
            sp_findings found = nothing_found(b);
            must(sp_scan(&found, b->engine, b->scratch, sp_bytes_sub(b->text[i], at, end)) == SP_OK, "scan");
        }
    }
    return n;
}

static size_t scan_whole(bench *b)
{
    return scan_all(b, BENCH_FILE_MAX);
}

static size_t scan_chats(bench *b)
{
    return scan_all(b, CHAT);
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

int main(int argc, char **argv)
{
    static bench b;
    must(argc >= 2 && argc <= FILES_MAX, "usage: bench_scan FILE...");
    for (int i = 1; i < argc; i++) {
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
    measure(&b, "whole", scan_whole, b.bytes);
    measure(&b, "pieces 1 KB", scan_chats, b.bytes);
    measure(&b, "stream 20 B", feed, 0);
    return 0;
}
