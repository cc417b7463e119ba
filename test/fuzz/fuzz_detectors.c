/* Any bytes as a file of detectors: what is refused says why; what is accepted compiles, does not change what
 * a text holds however it is cut, and finds inside of it. The text is the file itself. */
#include "conf/detectors.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

enum { MOST = 1000, DETECTORS_MAX = 16 };

static void must(bool is_true)
{
    if (!is_true) {
        abort();
    }
}

static sp_engine *built_in;
static sp_scratch *scratch;

/* The same findings whether the text comes whole or in two pieces. */
static void check_cut(const sp_engine *engine, sp_bytes text, const sp_findings *whole, sp_mem *mem)
{
    sp_tape *tape;
    uint64_t release;
    sp_findings cut = SP_FINDINGS_IN(mem, MOST);
    const size_t at = text.n > 0 ? text.p[0] * text.n / 256 : 0;
    must(sp_tape_new(&tape, engine, scratch, mem) == SP_OK);
    must(sp_tape_feed(tape, sp_bytes_sub(text, 0, at), false, &cut, &release) == SP_OK);
    must(release <= at);
    must(sp_tape_feed(tape, sp_bytes_sub(text, at, text.n), true, &cut, &release) == SP_OK);
    must(cut.n == whole->n && release == text.n);
    for (size_t i = 0; i < cut.n; i++) {
        must(cut.v[i].start == whole->v[i].start && cut.v[i].end == whole->v[i].end);
        must(cut.v[i].detector == whole->v[i].detector && cut.v[i].confidence == whole->v[i].confidence);
    }
}

static void check_scan(const sp_custom *custom, sp_bytes text, sp_mem *mem)
{
    sp_engine *engine;
    sp_findings found = SP_FINDINGS_IN(mem, MOST);
    must(sp_engine_with(&engine, built_in, custom) == SP_OK);
    must(sp_scan(&found, engine, scratch, text) == SP_OK);
    for (size_t i = 0; i < found.n; i++) {
        must(found.v[i].start < found.v[i].end && found.v[i].end <= text.n);
        must(sp_engine_class(engine, sp_finding_class(&found.v[i])) != NULL);
    }
    check_cut(engine, text, &found, mem);
    sp_engine_free(engine);
}

/* Not with the first input, which would take longer than any. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    must(sp_engine_new(&built_in, NULL) == SP_OK);
    must(sp_scratch_new(&scratch, built_in) == SP_OK);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sp_arena arena;
    sp_arena_init(&arena, (size_t)256 << 20);
    const sp_bytes file = {data, size};
    spc_problems problems = {.mem = &arena.mem};
    spc_detectors detectors;
    sp_custom *custom = NULL;
    must(spc_detectors_read(&detectors, &problems, file, NULL) == SP_OK);
    if (problems.n_errors == 0 && detectors.n <= DETECTORS_MAX) {
        must(spc_detectors_compile(&custom, &detectors, &problems) == SP_OK);
        must((custom != NULL) == (problems.n_errors == 0 && detectors.n > 0));
    }
    if (custom != NULL) {
        check_scan(custom, file, &arena.mem);
    }
    for (size_t i = 0; i < problems.n; i++) {
        must(problems.v[i].what.n > 0);
    }
    sp_custom_free(custom);
    sp_arena_fini(&arena);
    return 0;
}
