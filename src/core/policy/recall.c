/** Texts of a request that are answers which were given before. Who speaks is not asked of a long one: agents
 * hand answers on as their own words, as results of tools, as instructions. A short one is looked for only
 * where it is an answer, and behind the text that it answered: "Yes." is nobody's. */
#include "sallyport/recall.h"

enum {
    FIND_AT_ONCE = 256, /* some ten microseconds */
    AHEAD = 16,         /* segments, of which a third are texts */
};

static sp_bytes text_of(const sp_request *request, const sp_segment *s)
{
    return sp_bytes_sub(request->text, s->text_start, s->text_end);
}

/** A text as it stands; further readings of it are no texts of their own. */
static bool is_text(const sp_segment *s)
{
    return s->form == SP_FORM_STRING && !s->resolved && !s->joined;
}

/** Is it looked for at all? Most of the texts of an agent's request are names and types in definitions. */
static bool is_looked_for(const sp_segment *s)
{
    return (s->text_end - s->text_start >= SP_TOLD_ALONE || s->origin == SP_ORIGIN_MODEL) && is_text(s);
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
    sp_told_question question;
    size_t n; /* as it stands */
    uint32_t block;
} said;

static const said nothing_said = {.block = UINT32_MAX};

static void note_said(said *last, const sp_request *request, const sp_segment *s)
{
    const size_t n = s->text_end - s->text_start;
    if (!is_answered(s) || (s->block == last->block && n <= last->n)) return;
    *last = (said){sp_told_question_of(text_of(request, s)), n, s->block};
}

/** Where somebody looks. */
typedef struct view {
    sp_told *told;
    const sp_told_scope *scope;
    said last;
} view;

static sp_status look(sp_recall *out, view *v, uint32_t number)
{
    const sp_segment *s = &out->request->segments[number];
    sp_told_question *question = s->origin == SP_ORIGIN_MODEL ? &v->last.question : NULL;
    const size_t before = out->tags.n;
    SP_TRY(sp_told_look(&out->tags, v->told, v->scope, text_of(out->request, s), question));
    for (size_t n = before; n < out->tags.n; n += sizeof(sp_told_tag))
        sp_buf_append(&out->segments, (sp_bytes){(const uint8_t *)&number, sizeof number});
    return out->segments.status;
}

sp_status sp_recall_look(sp_recall *out, sp_told *told, const sp_told_scope *scope, const sp_request *request,
                         sp_mem *mem)
{
    view v = {told, scope, nothing_said};
    *out = (sp_recall){.request = request, .tags = SP_BUF_IN(mem), .segments = SP_BUF_IN(mem)};
    for (size_t i = 0; i < request->n_segments; i++) {
        const sp_segment *s = &request->segments[i];
        if (i + AHEAD < request->n_segments && is_looked_for(s + AHEAD))
            sp_told_expect(told, scope, text_of(request, s + AHEAD));
        if (is_looked_for(s)) SP_TRY(look(out, &v, (uint32_t)i));
        note_said(&v.last, request, s);
    }
    out->before = v.last.question.text;
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

static void note_found(sp_recalled *out, const sp_recall *recall, size_t i, sp_label label)
{
    const uint32_t *segments = (const uint32_t *)(const void *)recall->segments.p;
    if (out->count == 0) {
        out->label = SP_LABEL_BOTTOM;
        place_first(out, recall->request, &recall->request->segments[segments[i]]);
    }
    out->label = sp_label_join(out->label, label);
    out->count++;
}

bool sp_recall_find(sp_recalled *out, sp_told *told, sp_recall *recall)
{
    const sp_told_tag *tags = (const sp_told_tag *)(const void *)recall->tags.p;
    const size_t n = recall->tags.n / sizeof *tags;
    const size_t end = n - recall->at < FIND_AT_ONCE ? n : recall->at + FIND_AT_ONCE;
    sp_label label;
    for (; recall->at < end; recall->at++) {
        if (sp_told_find(&label, told, &tags[recall->at])) note_found(out, recall, recall->at, label);
    }
    return recall->at < n;
}
