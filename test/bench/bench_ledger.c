/* What records cost: sealing and encoding by size, and the committer at 1, 8 and 64 records in flight.
 *   bench_ledger FOLDER [SECONDS]    writes segments into FOLDER (must exist, be empty and lie on a real
 * disk) Prints records/s, records per sync, microseconds of CPU of the committer thread per record, and the
 * time to durable. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "sallyport/ledger.h"

enum { BATCH_BYTES = 16 << 10, SEGMENT_BYTES = 16 << 20, LATENCIES = 1 << 20 };

static double now_us(clockid_t clock)
{
    struct timespec t;
    (void)clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void must(int holds, const char *what)
{
    if (!holds) {
        (void)fprintf(stderr, "bench_ledger: %s: %s\n", what, strerror(errno));
        exit(EXIT_FAILURE);
    }
}

static void fill(void *p, size_t n)
{
    must(getrandom(p, n, 0) == (ssize_t)n, "getrandom");
}

/* ---- seal and encode ---- */

static void bench_seal(sp_sealer *sealer, size_t bytes, int rounds)
{
    static uint8_t plain[100 << 10];
    double seal_us = 0, hash_us = 0;
    for (int i = 0; i < rounds; i++) {
        sp_arena arena;
        sp_block_random random;
        sp_block_ref ref;
        sp_arena_init(&arena, 1 << 20);
        sp_buf out = SP_BUF_IN(&arena.mem);
        must(sp_buf_reserve(&out, bytes + 512) != NULL, "memory");
        fill(&random, sizeof random);
        const double start = now_us(CLOCK_THREAD_CPUTIME_ID);
        must(sp_block_seal(&out, &ref, sealer, &random, (sp_bytes){plain, bytes}) == SP_OK, "seal");
        const double sealed = now_us(CLOCK_THREAD_CPUTIME_ID);
        must(sp_block_ref_of(&ref, sp_buf_bytes(&out)) == SP_OK, "hash");
        seal_us += sealed - start;
        hash_us += now_us(CLOCK_THREAD_CPUTIME_ID) - sealed;
        sp_arena_fini(&arena);
    }
    (void)printf("seal %6zu B: %7.2f us   check %7.2f us\n", bytes, seal_us / rounds, hash_us / rounds);
}

static void bench_init(const uint8_t recipient[32])
{
    enum { ROUNDS = 200 };
    uint8_t secret[32];
    sp_sealer sealer;
    const double start = now_us(CLOCK_THREAD_CPUTIME_ID);
    for (int i = 0; i < ROUNDS; i++) {
        fill(secret, sizeof secret);
        must(sp_sealer_init(&sealer, recipient, secret) == SP_OK, "sealer");
        sp_sealer_fini(&sealer);
    }
    (void)printf("key exchange:  %7.2f us\n", (now_us(CLOCK_THREAD_CPUTIME_ID) - start) / ROUNDS);
}

/* ---- commit ---- */

/* An intent of a small request: a few fields and one block of 300 bytes. */
static spl_batch *batch_new(sp_sealer *sealer)
{
    static const uint8_t plain[300];
    static const sp_record_candidate candidates[2] = {{.tier = 1}, {.tier = 2}};
    sp_block_random random;
    sp_block_ref ref;
    spl_batch *batch = spl_batch_new(BATCH_BYTES);
    must(batch != NULL, "memory");
    sp_buf body = SP_BUF_IN(&batch->arena.mem);
    fill(&random, sizeof random);
    must(sp_block_seal(&body, &ref, sealer, &random, (sp_bytes){plain, sizeof plain}) == SP_OK, "seal");
    sp_write_bytes32(&batch->blocks, sp_buf_bytes(&body));
    sp_record record = {
        .kind = SP_RECORD_INTENT,
        .attempt = 1,
        .at_ns = 1,
        .generation = 7,
        .application = SP_LIT("intranet"),
        .use_case = SP_LIT("contracts"),
        .model = SP_LIT("assistant"),
        .destination = SP_LIT("local"),
        .candidates = candidates,
        .n_candidates = 2,
        .blocks = &ref,
        .n_blocks = 1,
    };
    fill(record.request_id, sizeof record.request_id);
    must(sp_record_encode(&batch->leaf, &record) == SP_OK, "encode");
    return batch;
}

/* CPU of the process but for this thread: the committer's. */
static double committer_us(void)
{
    return now_us(CLOCK_PROCESS_CPUTIME_ID) - now_us(CLOCK_THREAD_CPUTIME_ID);
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Closed loop: what comes back is submitted anew, all of one turn together, as an event loop does. */
static void bench_commit(const char *folder, sp_sealer *sealer, int in_flight, double seconds)
{
    static double latencies[LATENCIES];
    spl_writer *writer;
    spl_writer_stats stats;
    sp_diag diag;
    spl_writer_options options = {.folder = folder, .segment_bytes = SEGMENT_BYTES};
    size_t n = 0;
    fill(options.random, sizeof options.random);
    must(spl_writer_open(&writer, &options, &diag) == SP_OK, diag.text);
    double *sent = calloc((size_t)in_flight, sizeof *sent);
    must(sent != NULL, "memory");
    const double start = now_us(CLOCK_MONOTONIC), cpu = committer_us();
    spl_batch *list = NULL;
    for (int i = 0; i < in_flight; i++) {
        spl_batch *b = batch_new(sealer);
        b->owner = &sent[i];
        b->next = list;
        list = b;
        sent[i] = start;
    }
    spl_writer_submit(writer, list);
    for (double now = start; now - start < seconds * 1e6;) {
        struct pollfd p = {.fd = spl_writer_fd(writer), .events = POLLIN};
        must(poll(&p, 1, 10000) == 1, "no record came back");
        now = now_us(CLOCK_MONOTONIC);
        list = NULL;
        for (spl_batch *b = spl_writer_done(writer), *next; b != NULL; b = next) {
            next = b->next;
            must(b->status == SP_OK, "not durable");
            double *slot = b->owner;
            if (n < LATENCIES) latencies[n++] = now - *slot;
            spl_batch_free(b);
            b = batch_new(sealer);
            b->owner = slot;
            b->next = list;
            list = b;
            *slot = now_us(CLOCK_MONOTONIC);
        }
        spl_writer_submit(writer, list);
    }
    const double wall = now_us(CLOCK_MONOTONIC) - start, used = committer_us() - cpu;
    spl_writer_get_stats(writer, &stats);
    spl_writer_close(writer);
    qsort(latencies, n, sizeof *latencies, by_value);
    (void)printf("%3d in flight: %7.0f records/s  %5.1f records/sync  committer %6.1f us/record  durable p50 "
                 "%6.0f us  p99 %6.0f us\n",
                 in_flight, (double)stats.n_records * 1e6 / wall,
                 (double)stats.n_records / (double)stats.n_syncs, used / (double)stats.n_records,
                 latencies[n / 2], latencies[n - n / 100 - 1]);
    free(sent);
}

int main(int argc, char **argv)
{
    static const int in_flight[] = {1, 8, 64};
    uint8_t recipient[32] = {9}, secret[32];
    sp_sealer sealer;
    if (argc < 2) {
        (void)fprintf(stderr, "usage: bench_ledger FOLDER [SECONDS]\n");
        return EXIT_FAILURE;
    }
    const double seconds = argc > 2 ? strtod(argv[2], NULL) : 2;
    fill(secret, sizeof secret);
    must(sp_sealer_init(&sealer, recipient, secret) == SP_OK, "sealer");
    bench_init(recipient);
    bench_seal(&sealer, 200, 20000);
    bench_seal(&sealer, 1024, 20000);
    bench_seal(&sealer, 100 << 10, 1000);
    for (size_t i = 0; i < sizeof in_flight / sizeof in_flight[0]; i++) {
        bench_commit(argv[1], &sealer, in_flight[i], seconds);
    }
    sp_sealer_fini(&sealer);
    return EXIT_SUCCESS;
}
