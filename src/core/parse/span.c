/* From decoded text back to the bytes of the body: through every level of escaping, and places as text. */
#include "parse/json.h"

/* One level: decoded offsets to offsets in the raw token; an escape is never cut, the span grows to hold
 * it. */
static sp_status map_level(sp_span *span, sp_bytes raw, bool is_verbatim)
{
    if (is_verbatim) return span->end <= raw.n ? SP_OK : SP_ERANGE;
    size_t start, end;
    SP_TRY(sp_json_raw_offset(&start, raw, span->start, false));
    SP_TRY(sp_json_raw_offset(&end, raw, span->end, span->end > span->start));
    *span = (sp_span){(uint32_t)start, (uint32_t)end};
    return SP_OK;
}

sp_status sp_segment_map(sp_span *out, const sp_request *request, const sp_segment *segment, uint32_t start,
                         uint32_t end)
{
    *out = (sp_span){0, 0};
    if (start > end || end > segment->text_end - segment->text_start) return SP_ERANGE;
    sp_span span = {start, end};
    for (const sp_segment *s = segment;;) {
        const sp_segment *parent = s->parent == 0 ? NULL : &request->segments[s->parent - 1];
        /* The token stands in the body, or in the decoded text of the segment around it. */
        const sp_bytes around = parent == NULL
                                    ? request->body
                                    : sp_bytes_sub(request->text, parent->text_start, parent->text_end);
        if (s->resolved) {
            SP_CHECK(parent != NULL);
            span = (sp_span){0, (uint32_t)around.n};
            s = parent;
            continue;
        }
        SP_TRY(map_level(&span, sp_bytes_sub(around, s->raw_start, s->raw_end), s->verbatim));
        span = (sp_span){span.start + s->raw_start, span.end + s->raw_start};
        if (parent == NULL) break;
        s = parent;
    }
    *out = span;
    return SP_OK;
}

const sp_segment *sp_segment_at(const sp_request *request, uint32_t at)
{
    /* Segments follow each other in the text, each with its newline. */
    size_t low = 0, high = request->n_segments;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (request->segments[middle].text_end < at) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < request->n_segments ? &request->segments[low] : NULL;
}

void sp_place_append(sp_buf *out, sp_place place)
{
    size_t n_index = 0;
    for (const char *c = place.path == NULL ? "" : place.path; *c != '\0'; c++) {
        sp_buf_append_byte(out, (uint8_t)*c);
        if (*c == '[' && n_index < SP_PATH_INDEX_MAX) sp_buf_append_u64(out, place.index[n_index++]);
    }
}
