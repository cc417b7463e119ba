/* Reads {"id","text"} per line from stdin, writes {"id","spans":[{"start","end","category"}]} per line,
 * offsets in code points: what a scoring of detectors expects. A measuring tool, not the command that
 * users have. Built with: cc -O2 -D_GNU_SOURCE -Iinclude -Isrc/core -Ibuild/deps/yyjson THIS
 * src/core/{base,detect}/(all .c) build/deps/yyjson/yyjson.c -lhs */
#include "sallyport/detect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

/* Code points before byte `at`. */
static size_t code_points(const char *text, size_t at)
{
    size_t n = 0;
    for (size_t i = 0; i < at; i++) n += ((uint8_t)text[i] & 0xc0) != 0x80;
    return n;
}

static void print_findings(const sp_findings *found, const char *text)
{
    for (size_t i = 0; i < found->n; i++) {
        const sp_finding *f = &found->v[i];
        printf("%s{\"start\":%zu,\"end\":%zu,\"category\":\"%s\",\"confidence\":%u}", i > 0 ? "," : "",
               code_points(text, f->start), code_points(text, f->end), sp_kind_get((sp_kind)f->kind)->name,
               (unsigned)f->confidence);
    }
}

static int scan_line(const sp_engine *engine, sp_scratch *scratch, const char *line, size_t n)
{
    yyjson_doc *doc = yyjson_read(line, n, 0);
    const char *id = yyjson_get_str(yyjson_obj_get(yyjson_doc_get_root(doc), "id"));
    yyjson_val *text = yyjson_obj_get(yyjson_doc_get_root(doc), "text");
    if (id == NULL || yyjson_get_str(text) == NULL) return -1;
    sp_arena arena;
    sp_arena_init(&arena, 64 << 20);
    sp_findings found = SP_FINDINGS_IN(&arena.mem, 4096);
    const sp_bytes s = {(const uint8_t *)yyjson_get_str(text), yyjson_get_len(text)};
    const sp_status status = sp_scan(&found, engine, scratch, s);
    printf("{\"id\":\"%s\",\"spans\":[", id);
    print_findings(&found, yyjson_get_str(text));
    printf("]}\n");
    sp_arena_fini(&arena);
    yyjson_doc_free(doc);
    return status == SP_OK ? 0 : -1;
}

int main(void)
{
    sp_engine *engine;
    sp_scratch *scratch;
    sp_diag diag;
    if (sp_engine_new(&engine, &diag) != SP_OK || sp_scratch_new(&scratch, engine) != SP_OK)
        return EXIT_FAILURE;
    char *line = NULL;
    size_t cap = 0;
    int rc = EXIT_SUCCESS;
    for (ssize_t n = getline(&line, &cap, stdin); n >= 0 && rc == EXIT_SUCCESS;
         n = getline(&line, &cap, stdin)) {
        if (scan_line(engine, scratch, line, (size_t)n) != 0) rc = EXIT_FAILURE;
    }
    free(line);
    sp_scratch_free(scratch);
    sp_engine_free(engine);
    return rc;
}
