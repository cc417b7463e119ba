/* What scanning costs: microseconds of CPU per KB for texts from prose to texts made of nothing but heads,
 * whole and through a tape in pieces. Prints a table; asserts nothing about time. */
#include "detect/detect_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TEXT = 1 << 20 };

static const char prose[] =
    "The committee met on the third of May and read the report of the treasurer aloud; nobody objected, "
    "although two members "
    "(who had come late) asked for the figures of 2024 and 2025 to be shown side by side. Section 4.2 says "
    "\"as soon as practical\", "
    "which is not a date. Further spending, e.g. 1,250.00 for chairs, was put off until the autumn.\n\n";
static const char json[] = "{\"id\": 48213, \"user\": \"svc-batch\", \"at\": \"2026-03-14T09:26:53Z\", "
                           "\"items\": [{\"sku\": \"A-1009\", \"n\": 3}, {\"sku\": "
                           "\"B-2210\", \"n\": 12}], \"total\": 117.50, \"hash\": "
                           "\"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"}\n";
static const char matches[] =
    "a.berg@example.org, +49 30 901820, DE89 3704 0044 0532 0130 00, 4111 1111 1111 1111, 078-05-1120\n";

typedef struct row {
    const char *name, *unit;
} row;

static const row rows[] = {
    {"prose", prose},
    {"JSON", json},
    {"matches only", matches},
    {"one letter", "a"},
    {"one digit", "4"},
    {"one space", " "},
    {"@a", "@a"},
    {"a@a.", "a@a."},
    {"a@b.de,", "a@b.de,"},
    {"+4", "+4"},
    {"+49 1 2 3", "+49 1 2 3 4 5 6 7 8 9 "},
    {"4111-", "4111-"},
    {"4111 ", "4111 "},
    {"123-45-", "123-45-"},
    {"de12", "de12 "},
    {"eyJ.", "eyJ."},
    {"JWT header.", "eyJhbGciOiJIUzI1NiJ9."},
    {"-eyJ", "-eyJ"},
    {"ghp_", "ghp_/"},
    {"ghs_1_eyJ.", "ghs_1_eyJ."},
    {"xoxb-/", "xoxb-/"},
    {"xoxb-1234/", "xoxb-1234567/"},
    {"-xoxb-1", "-xoxb-1"},
    {"sk-.", "sk-."},
    {"-sk-proj-", "-sk-proj-"},
    {"-sk-ant-api03-", "-sk-ant-api03-"},
    {"sk-ant-api03-.", "sk-ant-api03-."},
    {"hooks", "https://hooks.slack.com/services/T"},
    {"aws secret", "aws secret: "},
    {"secret key", "secret key"},
    {"-----BEGIN", "-----BEGIN"},
    {"BEGIN PRIVATE KEY", "-----BEGIN PRIVATE KEY-----\n"},
    {"BEGIN + long lines", "-----BEGIN PRIVATE KEY----- AAAAAAAAAAAAAAAAAAAAAAAAAAAAA "},
    {"LS0tLS1CRUdJTi=", "LS0tLS1CRUdJTi="},
    {"b3BlbnNzaC1rZXktdjE=", "b3BlbnNzaC1rZXktdjE= "},
    {"sp_0", "sp_0 "},
    {"a: (PEM fields)",
     "-----BEGIN PRIVATE KEY-----\na:\na:\na:\na:\na:\na:\na:\na:\na:\na:\na:\na:\na:\na:\na:\na:\na:\n"},
};

static double cpu_us(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void fill(uint8_t *text, const char *unit)
{
    const size_t n = strlen(unit);
    for (size_t i = 0; i < TEXT; i++) text[i] = (uint8_t)unit[i % n];
}

static double whole(const sp_engine *engine, sp_scratch *scratch, const uint8_t *text, size_t *n)
{
    sp_arena arena;
    sp_arena_init(&arena, 64 << 20);
    sp_findings found = SP_FINDINGS_IN(&arena.mem, 1000);
    const double start = cpu_us();
    if (sp_scan(&found, engine, scratch, (sp_bytes){text, TEXT}) != SP_OK) exit(EXIT_FAILURE);
    const double us = cpu_us() - start;
    *n = found.n;
    sp_arena_fini(&arena);
    return us / (TEXT / 1024.0);
}

static double taped(const sp_engine *engine, sp_scratch *scratch, const uint8_t *text, size_t piece,
                    size_t total)
{
    sp_arena arena;
    sp_arena_init(&arena, 64 << 20);
    sp_findings found = SP_FINDINGS_IN(&arena.mem, 1000);
    sp_tape *tape;
    uint64_t release;
    const double start = cpu_us();
    if (sp_tape_new(&tape, engine, scratch, &arena.mem) != SP_OK) exit(EXIT_FAILURE);
    for (size_t at = 0; at < total; at += piece) {
        const sp_bytes s = sp_bytes_sub((sp_bytes){text, total}, at, at + piece);
        if (sp_tape_feed(tape, s, at + piece >= total, &found, &release) != SP_OK) exit(EXIT_FAILURE);
    }
    const double us = cpu_us() - start;
    sp_arena_fini(&arena);
    return us / ((double)total / 1024.0);
}

int main(void)
{
    sp_engine *engine;
    sp_scratch *scratch;
    sp_diag diag;
    static uint8_t text[TEXT];
    const double start = cpu_us();
    if (sp_engine_new(&engine, &diag) != SP_OK || sp_scratch_new(&scratch, engine) != SP_OK)
        return EXIT_FAILURE;
    printf("compiling: %.1f ms\n\n| 1 MiB of | whole, us/KB | found | tape, 2 KB pieces | 200 B | 20 B "
           "|\n|---|---|---|---|---|---|\n",
           (cpu_us() - start) / 1000);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t n = 0;
        fill(text, rows[i].unit);
        const double us = whole(engine, scratch, text, &n);
        printf("| %s | %.2f | %zu | %.2f | %.2f | %.1f |\n", rows[i].name, us, n,
               taped(engine, scratch, text, 2048, TEXT), taped(engine, scratch, text, 200, TEXT / 4),
               taped(engine, scratch, text, 20, TEXT / 16));
        (void)fflush(stdout);
    }
    sp_scratch_free(scratch);
    sp_engine_free(engine);
    return EXIT_SUCCESS;
}
