/* What a decision costs, and what it costs to load the policy that it rests on.
 *   bench_decide [ROUNDS]
 * The largest model and the largest tables that a policy may have in practice: 32 candidates, 100
 * requirements of which half match, 32 transfers of which all apply, 8 phases each; none of the candidates
 * passes but the last, so that each is judged to its end. Then a snapshot of 1,000 destinations with all of
 * that. Prints the least and the median. */
#include "bench_help.h"

#include <string.h>

#include "sallyport/policy.h"

enum {
    REQUIREMENTS = 100,
    TRANSFERS = 32,
    PHASES = 8,
    DESTINATIONS = 1000,
    ROUNDS_MOST = 100000,
    BATCH = 100
};

static sp_requirement requirements[REQUIREMENTS];
static sp_transfer transfers[TRANSFERS];
static sp_phase phases[PHASES];
static sp_destination destinations[DESTINATIONS];
static sp_model model = {.name = SP_LIT("m"), .n_destinations = SP_CANDIDATES_MAX};
static const uint16_t models[] = {0};
static sp_use_case use_case = {.name = SP_LIT("u"), .label = SP_LABEL_BOTTOM};
static sp_application application = {.name = SP_LIT("a"), .n_models = 1, .models = models};

static sp_bits256 only(uint8_t bit)
{
    sp_bits256 set = SP_BITS256_NONE;
    sp_bits256_add(&set, bit);
    return set;
}

/* Facts 0 to 49 are those that the matching requirements ask for; a candidate has them, and touches what only
 * the transfers together cover, but for one place. The last candidate is without that. */
static void fill(void)
{
    for (size_t i = 0; i < REQUIREMENTS; i++)
        requirements[i] = (sp_requirement){i % 2 ? 1 : 1u << 20, UINT64_C(1) << i / 2, 1, 1 << SP_TIER_CLOUD};
    for (size_t i = 0; i < TRANSFERS; i++)
        transfers[i] = (sp_transfer){only(200), only((uint8_t)i), UINT64_C(1) << i};
    for (size_t i = 0; i < PHASES; i++) phases[i] = (sp_phase){i, (UINT64_C(1) << 50) - 1};
    for (size_t i = 0; i < DESTINATIONS; i++) {
        sp_bits256 touches = SP_BITS256_NONE;
        for (size_t k = 0; k < TRANSFERS; k++) sp_bits256_add(&touches, (uint8_t)k);
        if (i != SP_CANDIDATES_MAX - 1) sp_bits256_add(&touches, 100);
        destinations[i] = (sp_destination){.name = SP_LIT("d"),
                                           .clearance = {UINT64_MAX, touches, SP_LEVEL_MAX, SP_TRUSTED},
                                           .phases = phases,
                                           .n_phases = PHASES,
                                           .tier = SP_TIER_CLOUD,
                                           .dialect = SP_DIALECT_OPENAI,
                                           .n_addresses = 1,
                                           .addresses = {{.family = 4, .port = 1}}};
    }
    for (size_t i = 0; i < SP_CANDIDATES_MAX; i++) model.destinations[i] = (uint16_t)i;
    application.floor = SP_LABEL_BOTTOM;
    application.reader = (sp_label){.categories = UINT64_MAX, .level = SP_LEVEL_MAX};
}

static sp_snapshot snapshot_of(size_t n_destinations)
{
    return (sp_snapshot){.generation = 1,
                         .expires_s = UINT64_MAX,
                         .requirements = requirements,
                         .n_requirements = REQUIREMENTS,
                         .transfers = transfers,
                         .n_transfers = TRANSFERS,
                         .destinations = destinations,
                         .n_destinations = n_destinations,
                         .models = &model,
                         .n_models = 1,
                         .use_cases = &use_case,
                         .n_use_cases = 1,
                         .applications = &application,
                         .n_applications = 1};
}

static void print(const char *what, double *times, long n, double each)
{
    qsort(times, (size_t)n, sizeof *times, by_value);
    (void)printf("%-44s %8.2f us least, %8.2f us median\n", what, times[0] / each, times[n / 2] / each);
}

static void bench_decide(double *times, long rounds)
{
    const sp_snapshot snapshot = snapshot_of(DESTINATIONS);
    const sp_request request = {.dialect = sp_dialect_get(SP_DIALECT_OPENAI), .model = SP_LIT("m")};
    const sp_label label = {1, only(200), 2, SP_TRUSTED};
    sp_purpose purpose;
    sp_decision d;
    sp_purpose_init(&purpose, &snapshot, &application, NULL);
    const sp_question q = {.purpose = &purpose, .request = &request, .label = &label, .now_s = PHASES};
    for (long r = 0; r < rounds; r++) {
        const double start = now_us();
        for (int i = 0; i < BATCH; i++) sp_decide(&d, &q);
        times[r] = now_us() - start;
        must(d.outcome == SP_REROUTE && d.destination == SP_CANDIDATES_MAX - 1, "the decision");
    }
    print("decide: 32 candidates, 100 requirements", times, rounds, BATCH);
}

static void bench_load(double *times, long rounds)
{
    const sp_snapshot snapshot = snapshot_of(DESTINATIONS);
    sp_arena file;
    sp_arena_init(&file, 64 << 20);
    sp_buf out = SP_BUF_IN(&file.mem);
    must(sp_snapshot_encode(&out, &snapshot) == SP_OK, "encoding");
    for (long r = 0; r < rounds; r++) {
        sp_arena arena;
        sp_snapshot loaded;
        sp_arena_init(&arena, 64 << 20);
        const double start = now_us();
        must(sp_snapshot_decode(&loaded, sp_buf_bytes(&out), &arena.mem, NULL) == SP_OK, "decoding");
        times[r] = now_us() - start;
        sp_arena_fini(&arena);
    }
    print("load: 1,000 destinations", times, rounds, 1);
    sp_arena_fini(&file);
}

int main(int argc, char **argv)
{
    static double times[ROUNDS_MOST];
    long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 500;
    rounds = rounds < 1 ? 1 : rounds > ROUNDS_MOST ? ROUNDS_MOST : rounds;
    fill();
    bench_decide(times, rounds);
    bench_load(times, rounds);
    return EXIT_SUCCESS;
}
