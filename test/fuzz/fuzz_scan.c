/* sp_scan and sp_scan_disguised over any bytes: findings are in order, inside the text, of known kinds, do
 * not overlap within a kind, and are the same when the text is scanned again or stands between line feeds. */
#include "engine_help.h"

#include <string.h>

enum { LIMIT = 512 };

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

/* What is disguised lies between characters of the text too, in order, of a kind that its row has, and of one
 * kind nothing overlaps; all that the text itself says is in it. A text that hides too much is refused. */
static void check_disguised(const sp_findings *plain, sp_bytes text, sp_mem *mem)
{
    sp_findings found = SP_FINDINGS_IN(mem, LIMIT);
    const sp_scan_in in = {engine, scratch, text, {NULL, 0}, mem};
    const sp_status status = sp_scan_disguised(&found, &in);
    const bool is_utf8 = sp_utf8_valid_prefix(text) == text.n;
    uint32_t end[SP_KIND_LIMIT] = {0}, last = 0;
    require(status == SP_OK || status == SP_EHIDDEN || status == SP_EWORK);
    for (size_t i = 0; i < found.n; i++) {
        const sp_finding f = found.v[i];
        require(f.start < f.end && f.end <= text.n && f.start >= last && f.start >= end[f.kind]);
        require(f.confidence > 0 && f.confidence <= 100 && sp_row_at(f.detector)->kind == f.kind);
        require(!is_utf8 ||
                ((text.p[f.start] & 0xc0) != 0x80 && (f.end == text.n || (text.p[f.end] & 0xc0) != 0x80)));
        end[f.kind] = f.end;
        last = f.start;
    }
    for (size_t i = 0, k = 0; i < plain->n && !found.is_full; i++) {
        const sp_finding *f = &plain->v[i];
        for (k = 0; k < found.n && found.v[k].start <= f->start; k++) {
            if (found.v[k].kind == f->kind && found.v[k].end >= f->end) break;
        }
        require(k < found.n && found.v[k].start <= f->start);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sp_arena arena;
    sp_arena_init(&arena, 64 << 20);
    sp_findings found = SP_FINDINGS_IN(&arena.mem, LIMIT), again = SP_FINDINGS_IN(&arena.mem, LIMIT);
    require(sp_scan_whole(&found, engine, scratch, (sp_bytes){data, size}) == SP_OK);
    check_list(&found, size);
    require(sp_scan_whole(&again, engine, scratch, (sp_bytes){data, size}) == SP_OK);
    require(again.n == found.n && (found.n == 0 || memcmp(again.v, found.v, found.n * sizeof *found.v) == 0));
    check_framed(&found, data, size, &arena.mem);
    check_disguised(&found, (sp_bytes){data, size}, &arena.mem);
    sp_arena_fini(&arena);
    return 0;
}
