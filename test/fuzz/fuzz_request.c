/* Requests in every dialect. Laws on what is accepted: blocks cover the body; segments and uses lie in it
 * and in order; each segment's mapped span decodes to its text, through every level; a splice without
 * edits is the body; a rewritten body is accepted again and says what was asked. */
#include <stdlib.h>
#include <string.h>

#include "parse/json.h"
#include "sallyport/dialect.h"
#include "sallyport/declassify.h"
#include "sallyport/recall.h"
#include "sallyport/splice.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LAW(cond)             \
    do {                      \
        if (!(cond)) abort(); \
    } while (0)

static void check_blocks(const sp_request *r)
{
    uint32_t at = 0;
    for (size_t i = 0; i < r->n_blocks; i++) {
        LAW(r->blocks[i].start == at && r->blocks[i].end > at);
        at = r->blocks[i].end;
    }
    LAW(at == r->body.n);
}

static size_t level_of(const sp_request *r, const sp_segment *s)
{
    size_t level = 1;
    for (; s->parent != 0; s = &r->segments[s->parent - 1]) level++;
    LAW(level <= SP_NEST_MAX + 1);
    return level;
}

/* Decodes the inside of a string once per level. */
static sp_bytes decode(sp_mem *mem, sp_bytes raw, size_t levels)
{
    for (size_t i = 0; i < levels; i++) {
        sp_buf quoted = SP_BUF_IN(mem);
        sp_buf_append_byte(&quoted, '"');
        sp_buf_append(&quoted, raw);
        sp_buf_append_byte(&quoted, '"');
        sp_json json;
        LAW(sp_json_parse(&json, sp_buf_bytes(&quoted), mem, NULL) == SP_OK);
        raw = sp_json_bytes(json.root);
    }
    return raw;
}

static void check_segment(const sp_request *r, size_t i, sp_mem *mem)
{
    const sp_segment *s = &r->segments[i];
    LAW(s->text_start == (i == 0 ? 0 : s[-1].text_end + 1) && s->text_end < r->text.n &&
        r->text.p[s->text_end] == '\n');
    LAW(s->parent <= i && s->block < r->n_blocks);
    LAW(sp_segment_at(r, s->text_start) == s);
    sp_span span;
    LAW(sp_segment_map(&span, r, s, 0, s->text_end - s->text_start) == SP_OK);
    LAW(span.start >= r->blocks[s->block].start && span.end <= r->blocks[s->block].end);
    if (s->resolved) { /* leads to the whole of its parent, not to single bytes; a joint to its first part */
        LAW(s->parent > 0 && s->text_end - s->text_start <= r->body.n);
        return;
    }
    const sp_bytes raw = sp_bytes_sub(r->body, span.start, span.end);
    const size_t levels = level_of(r, s) - (s->form == SP_FORM_NUMBER ? 1 : 0);
    const sp_bytes text = sp_bytes_sub(r->text, s->text_start, s->text_end);
    /* A long string inside of a string is decoded once by each of its segments: enough of them. */
    if (i < 200) LAW(sp_bytes_eq(decode(mem, raw, levels), text));
}

static void check_rewrite(const sp_request *r, sp_mem *mem)
{
    sp_chunks chunks;
    sp_buf out = SP_BUF_IN(mem);
    LAW(sp_splice(&chunks, r->body, NULL, 0) == SP_OK && chunks.n == 1 && sp_bytes_eq(chunks.v[0], r->body));
    const sp_rewrite rewrite = {.model = SP_LIT("another \"model\""), .ask_usage = true};
    LAW(sp_request_rewrite(&chunks, r, &rewrite, mem) == SP_OK);
    for (size_t i = 0; i < chunks.n; i++) sp_buf_append(&out, chunks.v[i]);
    sp_request after;
    const sp_parse_in in = {r->dialect, r->operation, sp_buf_bytes(&out), NULL};
    LAW(out.status == SP_OK && sp_request_parse_with(&after, &in, mem, NULL) == SP_OK);
    LAW(sp_bytes_eq(after.model, rewrite.model) && after.n_uses <= r->n_uses);
    LAW(after.asks_usage || !r->is_stream || sp_dialect_id_of(r->dialect) != SP_DIALECT_OPENAI);
}

/* As if something had been found in the first half of each text: JSON stays JSON, whatever is taken out. */
static void check_declassify(const sp_request *r, sp_does does, sp_mem *mem)
{
    const sp_declassifier declassifier = {.does = (uint8_t)does};
    sp_declassification what = {.declassifier = &declassifier};
    sp_bits256_add(&what.kinds, SP_KIND_EMAIL);
    sp_findings found = {.v = sp_alloc(mem, r->n_segments, sizeof *found.v)};
    sp_buf out = SP_BUF_IN(mem);
    sp_json json;
    for (size_t i = 0; i < r->n_segments; i++) {
        const sp_segment *s = &r->segments[i];
        uint32_t end = s->text_start + (s->text_end - s->text_start) / 2 + 1;
        if (s->text_end == s->text_start || i > 200) continue;
        while (end < s->text_end && (r->text.p[end] & 0xc0) == 0x80) end++; /* a character is not cut */
        found.v[found.n++] = (sp_finding){.start = s->text_start, .end = end, .kind = SP_KIND_EMAIL};
    }
    if (sp_declassify(&out, r, &found, &what) != SP_OK) return;
    LAW(sp_json_parse(&json, sp_buf_bytes(&out), mem, NULL) == SP_OK);
}

static void check_uses(const sp_request *r)
{
    for (size_t i = 0; i < r->n_uses; i++) {
        LAW(r->uses[i].raw_start <= r->uses[i].raw_end && r->uses[i].raw_end <= r->body.n);
        LAW(r->uses[i].kind != SP_FIELD_TEXT);
        LAW(r->uses[i].place.path != NULL);
    }
}

/* A result that is endorsed vouches for all of its segments: so these lie in a row, in none of another, and
 * nobody but a tool is their origin. */
static void check_tool_parts(const sp_request *r)
{
    uint32_t end = 0;
    for (size_t i = 0; i < r->n_tool_parts; i++) {
        const sp_tool_part *t = &r->tool_parts[i];
        const uint32_t said[] = {t->id, t->name, t->text};
        LAW(t->first <= t->end && t->end <= r->n_segments);
        for (size_t k = 0; k < sizeof said / sizeof said[0]; k++)
            LAW(said[k] == 0 || said[k] == SP_SEVERAL || (said[k] > t->first && said[k] <= t->end));
        if (!t->is_result) continue;
        LAW(t->first >= end);
        end = t->end;
        for (uint32_t s = t->first; s < t->end; s++)
            LAW(r->segments[s].origin == SP_ORIGIN_TOOL || r->segments[s].origin == SP_ORIGIN_UNKNOWN);
    }
}

/* What was told before is known again: the first text that stands alone. */
static void check_recall(const sp_request *r, sp_mem *mem)
{
    static uint64_t table[1024];
    const uint8_t key[SP_TOLD_KEY_BYTES] = {1};
    const sp_label label = SP_LABEL_BOTTOM;
    sp_told told;
    sp_told_scope scope;
    sp_told_text text;
    sp_recall recall;
    sp_recalled recalled = {.count = 0};
    sp_buf tags = SP_BUF_IN(mem);
    memset(table, 0, sizeof table);
    LAW(sp_told_init(&told, table, sizeof table, key) == SP_OK);
    LAW(sp_told_scope_of(&scope, &told, SP_LIT("desk")) == SP_OK);
    sp_told_text_init(&text, &told, &scope, mem);
    for (size_t i = 0; i < r->n_segments && text.n < SP_TOLD_ALONE; i++) {
        const sp_segment *s = &r->segments[i];
        sp_told_text_init(&text, &told, &scope, mem);
        if (s->form == SP_FORM_STRING && !s->resolved && !s->joined)
            LAW(sp_told_text_add(&text, sp_bytes_sub(r->text, s->text_start, s->text_end), NULL) == SP_OK);
    }
    LAW(sp_recall_look(&recall, &told, &scope, r, mem) == SP_OK);
    sp_told_question question = sp_told_question_of(recall.before);
    LAW(sp_told_text_end(&text, &question, &tags) == SP_OK);
    for (size_t i = 0; i < tags.n; i += sizeof(sp_told_tag))
        sp_told_keep(&told, (const sp_told_tag *)(const void *)(tags.p + i), &label);
    LAW(sp_recall_look(&recall, &told, &scope, r, mem) == SP_OK);
    while (sp_recall_find(&recalled, &told, &recall)) continue;
    LAW(text.n < SP_TOLD_ALONE || recalled.count > 0);
    sp_told_fini(&told);
}

static void run(sp_dialect_id id, sp_operation operation, sp_bytes body)
{
    const sp_parse_in in = {sp_dialect_get(id), operation, body, NULL};
    sp_arena arena;
    sp_arena_init(&arena, (size_t)256 << 20);
    sp_request r;
    sp_diag diag = {0};
    const sp_status status = sp_request_parse_with(&r, &in, &arena.mem, &diag);
    if (status == SP_OK) {
        check_blocks(&r);
        check_uses(&r);
        check_tool_parts(&r);
        for (size_t i = 0; i < r.n_segments; i++) check_segment(&r, i, &arena.mem);
        check_rewrite(&r, &arena.mem);
        check_recall(&r, &arena.mem);
        check_declassify(&r, SP_DOES_MASK, &arena.mem);
        check_declassify(&r, SP_DOES_DROP, &arena.mem);
        LAW(r.model.n > 0 && body.p[r.object_end] == '}');
    } else {
        LAW(r.segments == NULL && diag.code == status && (diag.at <= body.n || diag.at == SIZE_MAX));
    }
    sp_arena_fini(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (sp_dialect_id id = SP_DIALECT_OPENAI; id <= SP_DIALECT_ANTHROPIC; id++) {
        for (sp_operation op = SP_OP_NONE; op < SP_OP_CALLS_END; op++) {
            if (sp_dialect_has(sp_dialect_get(id), op)) run(id, op, (sp_bytes){data, size});
        }
    }
    return 0;
}
