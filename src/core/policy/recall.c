/** Texts of a request that are answers which were given before. Who speaks is not asked of a long one: agents
 * hand answers on as their own words, as results of tools, as instructions. A short one is looked for only
 * where it is an answer, and behind the text that it answered: "Yes." is nobody's. */
#include "sallyport/recall.h"

static sp_bytes text_of(const sp_request *request, const sp_segment *s)
{
    return sp_bytes_sub(request->text, s->text_start, s->text_end);
}

/** A text as it stands; further readings of it are no texts of their own. */
static bool is_text(const sp_segment *s)
{
    return s->form == SP_FORM_STRING && !s->resolved && !s->joined;
}

/** What may be answered. Marks for the provider's cache move from one request to the next, and are no text.
 */
static bool is_answered(const sp_segment *s)
{
    const bool is_said = s->origin == SP_ORIGIN_USER || s->origin == SP_ORIGIN_TOOL;
    return is_said && is_text(s) && s->parent == 0 && s->kind == SP_FIELD_TEXT;
}

/** The longest of the last message so far. */
typedef struct said {
    sp_bytes text;
    uint32_t block;
} said;

static void note_said(said *last, const sp_request *request, const sp_segment *s)
{
    const sp_bytes text = text_of(request, s);
    if (!is_answered(s) || (s->block == last->block && text.n <= last->text.n)) return;
    *last = (said){text, s->block};
}

sp_bytes sp_recall_before(const sp_request *request)
{
    said last = {SP_BYTES_EMPTY, UINT32_MAX};
    for (size_t i = 0; i < request->n_segments; i++) note_said(&last, request, &request->segments[i]);
    return last.text;
}

static sp_status look(sp_recall *out, sp_told *told, const sp_told_scope *scope, uint32_t number,
                      const said *last)
{
    const sp_segment *s = &out->request->segments[number];
    const bool is_answer = s->origin == SP_ORIGIN_MODEL;
    const size_t before = out->tags.n;
    SP_TRY(sp_told_look(&out->tags, told, scope, text_of(out->request, s), is_answer ? &last->text : NULL));
    for (size_t n = before; n < out->tags.n; n += sizeof(sp_told_tag))
        sp_buf_append(&out->segments, (sp_bytes){(const uint8_t *)&number, sizeof number});
    return out->segments.status;
}

sp_status sp_recall_look(sp_recall *out, sp_told *told, const sp_told_scope *scope, const sp_request *request,
                         sp_mem *mem)
{
    said last = {SP_BYTES_EMPTY, UINT32_MAX};
    *out = (sp_recall){request, SP_BUF_IN(mem), SP_BUF_IN(mem)};
    for (size_t i = 0; i < request->n_segments; i++) {
        const sp_segment *s = &request->segments[i];
        if (is_text(s)) SP_TRY(look(out, told, scope, (uint32_t)i, &last));
        note_said(&last, request, s);
    }
    return SP_OK;
}

static void place_first(sp_recalled *out, const sp_request *request, const sp_segment *s)
{
    sp_span span = {0, 0};
    out->place = s->place;
    if (sp_segment_map(&span, request, s, 0, s->text_end - s->text_start) != SP_OK) return;
    out->start = span.start;
    out->end = span.end;
}

void sp_recall_find(sp_recalled *out, sp_told *told, const sp_recall *recall)
{
    const sp_told_tag *tags = (const sp_told_tag *)(const void *)recall->tags.p;
    const uint32_t *segments = (const uint32_t *)(const void *)recall->segments.p;
    uint32_t last = UINT32_MAX; /* tags of one segment follow each other */
    sp_label label;
    *out = (sp_recalled){.label = SP_LABEL_BOTTOM};
    for (size_t i = 0; i < recall->tags.n / sizeof *tags; i++) {
        if (!sp_told_find(&label, told, &tags[i])) continue;
        out->label = sp_label_join(out->label, label);
        if (out->count == 0) place_first(out, recall->request, &recall->request->segments[segments[i]]);
        out->count += segments[i] != last;
        last = segments[i];
    }
}
