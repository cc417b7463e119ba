/* sp_scan over any bytes: findings are in order, inside the text, of known kinds, do not overlap within a
 * kind, and are the same when the text is scanned again or stands between line feeds. */
#include "detect/detect_internal.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

enum { LIMIT = 512 };

static sp_engine *engine;
static sp_scratch *scratch;

static void require(bool holds)
{
    if (!holds) abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    sp_diag diag;
    require(sp_engine_new(&engine, &diag) == SP_OK);
    require(sp_scratch_new(&scratch, engine) == SP_OK);
    return 0;
}

static void check_list(const sp_findings *found, size_t size)
{
    size_t end[SP_KIND_LIMIT] = {0}, count[SP_KIND_LIMIT] = {0}, last = 0;
    for (size_t i = 0; i < found->n; i++) {
        const sp_finding f = found->v[i];
        require(f.start < f.end && f.end <= size && f.start >= last);
        require(sp_kind_get((sp_kind)f.kind) != NULL && f.confidence > 0 && f.confidence <= 100);
        const sp_row *row = sp_row_at(f.detector);
        require(row != NULL && row->kind == f.kind && f.end - f.start <= row->longest &&
                f.confidence >= row->least);
        require(f.start >= end[f.kind] && ++count[f.kind] <= LIMIT);
        end[f.kind] = f.end;
        last = f.start;
    }
}

/* No validator looks across a line feed for what begins or ends a word, so line feeds around the text
 * change nothing but offsets. */
static void check_framed(const sp_findings *found, const uint8_t *data, size_t size, sp_mem *mem)
{
    uint8_t *framed = malloc(size + 2);
    require(framed != NULL);
    framed[0] = framed[size + 1] = '\n';
    if (size > 0) memcpy(framed + 1, data, size);
    sp_findings again = SP_FINDINGS_IN(mem, LIMIT);
    require(sp_scan_whole(&again, engine, scratch, (sp_bytes){framed, size + 2}) == SP_OK);
    require(again.n == found->n);
    for (size_t i = 0; i < found->n; i++) {
        require(again.v[i].start == found->v[i].start + 1 && again.v[i].kind == found->v[i].kind);
    }
    free(framed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sp_arena arena;
    sp_arena_init(&arena, 8 << 20);
    sp_findings found = SP_FINDINGS_IN(&arena.mem, LIMIT), again = SP_FINDINGS_IN(&arena.mem, LIMIT);
    require(sp_scan_whole(&found, engine, scratch, (sp_bytes){data, size}) == SP_OK);
    check_list(&found, size);
    require(sp_scan_whole(&again, engine, scratch, (sp_bytes){data, size}) == SP_OK);
    require(again.n == found.n && (found.n == 0 || memcmp(again.v, found.v, found.n * sizeof *found.v) == 0));
    check_framed(&found, data, size, &arena.mem);
    sp_arena_fini(&arena);
    return 0;
}
