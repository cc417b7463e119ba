/* Lines of `scan --jsonl`. What is accepted is a text of whole characters with an id that is written again as
 * JSON; what is refused says why. Mending halves of surrogate pairs changes nothing else: a line that is JSON
 * stays as it is byte for byte, a mended one is not mended again, and no quote comes or goes. */
#include "cli/scan_question.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LAW(cond)             \
    do {                      \
        if (!(cond)) abort(); \
    } while (0)

static bool is_json(sp_bytes line)
{
    yyjson_doc *doc = yyjson_read((const char *)line.p, line.n, 0);
    yyjson_doc_free(doc);
    return doc != NULL;
}

static size_t count_quotes(sp_bytes s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) n += s.p[i] == '"';
    return n;
}

static void check_mended(sp_bytes line, sp_mem *mem)
{
    sp_buf once = SP_BUF_IN(mem), twice = SP_BUF_IN(mem);
    cli__scan_mend(&once, line);
    LAW(once.status == SP_OK && once.n >= line.n && once.n <= 2 * line.n);
    LAW(count_quotes(sp_buf_bytes(&once)) == count_quotes(line));
    cli__scan_mend(&twice, sp_buf_bytes(&once));
    LAW(sp_bytes_eq(sp_buf_bytes(&once), sp_buf_bytes(&twice)));
    if (line.n > 0 && is_json(line)) LAW(sp_bytes_eq(sp_buf_bytes(&once), line));
}

static void check_question(const scan_question *q)
{
    size_t n = 0;
    LAW(q->doc != NULL && (q->text.p != NULL || q->text.n == 0));
    LAW(sp_utf8_valid_prefix(q->text) == q->text.n);
    if (q->id == NULL) return;
    char *id = yyjson_val_write(q->id, 0, &n);
    LAW(id != NULL && memchr(id, '\n', n) == NULL && is_json((sp_bytes){(const uint8_t *)id, n}));
    free(id);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sp_arena arena;
    scan_question question;
    scan_refusal why;
    const sp_bytes line = {data, size};
    sp_arena_init(&arena, 64 * size + (64 << 10));
    check_mended(line, &arena.mem);
    if (cli__scan_question_read(&question, &why, line, &arena.mem))
        check_question(&question);
    else
        LAW(why.what != NULL && why.at <= size);
    cli__scan_question_free(&question);
    LAW(question.doc == NULL);
    sp_arena_fini(&arena);
    return 0;
}
