/* Edits at spans, and what a destination of the same dialect needs changed. All other bytes stay as they
 * came. */
#include "sallyport/splice.h"

#include <string.h>

#include "sallyport/dialect.h"

/* ---- splice ---- */

static sp_status put_chunk(sp_chunks *out, sp_bytes s)
{
    if (s.n == 0) return SP_OK;
    if (out->n == SP_CHUNKS_MAX || !sp_size_add(&out->bytes, out->bytes, s.n)) return SP_ERANGE;
    out->v[out->n++] = s;
    return SP_OK;
}

static sp_status put_edited(sp_chunks *out, sp_bytes body, const sp_edit *edits, size_t n)
{
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        const sp_span span = edits[i].span;
        if (span.start < at || span.end < span.start || span.end > body.n) return SP_ERANGE;
        SP_TRY(put_chunk(out, sp_bytes_sub(body, at, span.start)));
        SP_TRY(put_chunk(out, edits[i].insert));
        at = span.end;
    }
    return put_chunk(out, sp_bytes_sub(body, at, body.n));
}

sp_status sp_splice(sp_chunks *out, sp_bytes body, const sp_edit *edits, size_t n)
{
    *out = (sp_chunks){.n = 0};
    const sp_status status = put_edited(out, body, edits, n);
    if (status != SP_OK) *out = (sp_chunks){.n = 0};
    return status;
}

/* ---- rewrite ---- */

/* Nothing but white space between the braces: then a member needs no comma before it. */
static bool is_empty_object(sp_bytes object)
{
    for (size_t i = 1; i + 1 < object.n; i++) {
        if (object.p[i] != ' ' && object.p[i] != '\t' && object.p[i] != '\n' && object.p[i] != '\r')
            return false;
    }
    return true;
}

/* Four states of the body: the member says false, the object lacks it, null stands for the object, or
 * there is none. */
static sp_edit edit_usage(const sp_request *r)
{
    static const sp_bytes whole = SP_LIT("{\"include_usage\":true}");
    const sp_span options = r->stream_options;
    if (r->include_usage.end > 0) return (sp_edit){r->include_usage, SP_LIT("true")};
    if (options.end == 0) {
        return (sp_edit){{r->object_end, r->object_end},
                         SP_LIT(",\"stream_options\":{\"include_usage\":true}")};
    }
    const sp_bytes value = sp_bytes_sub(r->body, options.start, options.end);
    if (value.p[0] != '{' || is_empty_object(value)) return (sp_edit){options, whole};
    return (sp_edit){{options.end - 1, options.end - 1}, SP_LIT(",\"include_usage\":true")};
}

/* The new name replaces the token with its quotes; it comes from the configuration, so it is escaped. */
static sp_status edit_model(sp_edit *out, const sp_request *r, sp_bytes model, sp_mem *mem)
{
    sp_buf quoted = SP_BUF_IN(mem);
    sp_buf_append_byte(&quoted, '"');
    sp_buf_append_json(&quoted, model);
    sp_buf_append_byte(&quoted, '"');
    *out = (sp_edit){r->model_span, sp_buf_bytes(&quoted)};
    return quoted.status;
}

/* The longest of the texts that the application wrote for the model; NULL: there is none. */
static const sp_segment *system_text(const sp_request *r)
{
    const sp_segment *longest = NULL;
    uint32_t most = 0;
    for (size_t i = 0; i < r->n_segments; i++) {
        const sp_segment *s = &r->segments[i];
        if (!sp_segment_is_system(s) || s->raw_end - s->raw_start <= most) continue;
        most = s->raw_end - s->raw_start;
        longest = s;
    }
    return longest;
}

/* Behind the text, in its string: letters, digits and signs that need no escape. */
static sp_status edit_mark(sp_edit *out, const sp_request *r, sp_bytes mark, sp_mem *mem)
{
    const sp_segment *s = mark.n > 0 ? system_text(r) : NULL;
    sp_buf text = SP_BUF_IN(mem);
    *out = (sp_edit){0};
    if (s == NULL) return SP_OK;
    sp_buf_append_str(&text, " (ref ");
    sp_buf_append_json(&text, mark);
    sp_buf_append_byte(&text, ')');
    *out = (sp_edit){{s->raw_end, s->raw_end}, sp_buf_bytes(&text)};
    return text.status;
}

/* By where they stand: three at most. */
static void sort_edits(sp_edit *edits, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        for (size_t k = i; k > 0 && edits[k].span.start < edits[k - 1].span.start; k--) {
            const sp_edit t = edits[k];
            edits[k] = edits[k - 1];
            edits[k - 1] = t;
        }
    }
}

/* OpenAI refuses stream_options without a stream; Anthropic tells usage without being asked. */
static bool needs_usage(const sp_request *r, const sp_rewrite *rewrite)
{
    return rewrite->ask_usage && r->is_stream && !r->asks_usage &&
           sp_dialect_id_of(r->dialect) == SP_DIALECT_OPENAI;
}

sp_status sp_request_rewrite(sp_chunks *out, const sp_request *request, const sp_rewrite *rewrite,
                             sp_mem *mem)
{
    sp_edit edits[3];
    size_t n = 0;
    *out = (sp_chunks){.n = 0};
    if (rewrite->model.n > 0 && !sp_bytes_eq(rewrite->model, request->model)) {
        SP_TRY(edit_model(&edits[n++], request, rewrite->model, mem));
    }
    if (needs_usage(request, rewrite)) edits[n++] = edit_usage(request);
    SP_TRY(edit_mark(&edits[n], request, rewrite->mark, mem));
    n += edits[n].insert.n > 0;
    sort_edits(edits, n);
    return sp_splice(out, request->body, edits, n);
}
