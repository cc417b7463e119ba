/* sp_request_parse: JSON, then the walk along the dialect's table, then what the request needs by name,
 * then its blocks. */
#include "parse/dialect_internal.h"
#include "parse/walk.h"

enum {
    MODEL_MAX = 256,  /* bytes of a model's name */
    SMALL_BLOCK = 64, /* bytes that are not worth a block: a seal costs more */
};

/* ---- values by name ---- */

static sp_span span_of(const sp_json *json, const sp_node *v)
{
    return v == NULL ? (sp_span){0, 0} : sp_json_span(json, v);
}

/* The newer name wins where both stand, as at the provider. */
static uint64_t tokens_of(const sp_walk *w)
{
    uint64_t value = 0;
    const sp_node *v = w->marks[SP_MARK_MAX_COMPLETION];
    if (v == NULL) v = w->marks[SP_MARK_MAX_TOKENS];
    return v != NULL && sp_number_u64(&value, sp_json_bytes(v)) ? value : 0;
}

/* How many texts were given, each of which gets its answers: a list of tokens is one. */
static uint32_t texts_of(const sp_walk *w)
{
    const sp_node *texts = w->marks[SP_MARK_TEXTS];
    if (sp_json_type_of(texts) != SP_JSON_ARRAY) return 1;
    return sp_json_type_of(sp_json_first(texts)) == SP_JSON_NUMBER ? 1 : (uint32_t)sp_json_count(texts);
}

/* The table bounds the one factor, the size of a body the other: the product fits. */
static uint32_t choices_of(const sp_walk *w)
{
    uint64_t value = 1;
    const bool is_given = sp_number_u64(&value, sp_json_bytes(w->marks[SP_MARK_N]));
    return (is_given ? (uint32_t)value : 1) * texts_of(w);
}

/* The spans below are what splices work at (splice.h), so they are taken here, where the nodes are known. */
static sp_status take_values(sp_request *r, const sp_walk *w, const sp_json *json, sp_diag *diag)
{
    const sp_node *options = w->marks[SP_MARK_STREAM_OPTIONS];
    r->text = (sp_bytes){w->text.p, w->text.n};
    r->segments = w->segments.p;
    r->n_segments = w->segments.n;
    r->uses = w->uses.p;
    r->n_uses = w->uses.n;
    r->tool_parts = w->tool_parts.p;
    r->n_tool_parts = w->tool_parts.n;
    r->is_stream = sp_json_is_true(w->marks[SP_MARK_STREAM]);
    r->asks_usage = sp_json_is_true(w->marks[SP_MARK_INCLUDE_USAGE]);
    r->include_usage = span_of(json, sp_json_find(options, SP_LIT("include_usage")));
    r->stream_options = span_of(json, options != NULL ? options : w->null_options);
    r->object_end = sp_json_span(json, json->root).end - 1;
    r->has_tools = sp_json_count(w->marks[SP_MARK_TOOLS]) + sp_json_count(w->marks[SP_MARK_FUNCTIONS]) > 0;
    r->max_tokens = tokens_of(w);
    r->n_choices = choices_of(w);
    r->model_span = span_of(json, w->marks[SP_MARK_MODEL]);
    const sp_segment *model = &r->segments[w->model_segment - 1];
    r->model = sp_bytes_sub(r->text, model->text_start, model->text_end);
    if (r->model.n == 0 || r->model.n > MODEL_MAX) {
        return sp_fail(diag, SP_EFIELD, r->model_span.start, "model: a name of 1 to 256 bytes");
    }
    const sp_node *messages = w->marks[SP_MARK_MESSAGES]; /* required where the table has it */
    if (messages != NULL && sp_json_count(messages) == 0) {
        return sp_fail(diag, SP_EMISSING, span_of(json, messages).start, "messages: none");
    }
    return SP_OK;
}

/* ---- parameters as recorded: numbers and bools only, so no text of the client gets in ---- */

/* As the client spelled it: the token was checked to have one reading. */
static void append_parameter(sp_buf *out, const sp_json *json, const sp_field *f, const sp_node *v)
{
    const sp_json_type type = sp_json_type_of(v);
    if (f->kind != SP_FIELD_PARAMETER || (type != SP_JSON_NUMBER && type != SP_JSON_BOOL)) return;
    const sp_span raw = sp_json_span(json, v);
    sp_buf_append_str(out, f->path);
    sp_buf_append_byte(out, '=');
    sp_buf_append(out, sp_bytes_sub(json->text, raw.start, raw.end));
    sp_buf_append_byte(out, ';');
}

/* In the order of the table, whatever the order of the body, so that records compare; one level down,
 * since no parameter of a dialect lies deeper. */
static sp_status take_parameters(sp_request *r, const sp_walk *w, const sp_json *json, sp_mem *mem)
{
    const sp_table *table = sp__request_table(r->dialect, r->operation);
    sp_buf out = SP_BUF_IN(mem);
    for (size_t i = 0; i < table->n_fields; i++) {
        const sp_field *f = &table->fields[i];
        append_parameter(&out, json, f, w->top[i]);
        if (f->table == NULL || sp_json_type_of(w->top[i]) != SP_JSON_OBJECT) continue;
        for (size_t j = 0; j < f->table->n_fields; j++) {
            const sp_field *inner = &f->table->fields[j];
            append_parameter(&out, json, inner, sp_json_find(w->top[i], inner->name));
        }
    }
    r->parameters = sp_buf_bytes(&out);
    return out.status;
}

/* ---- blocks ---- */

/* Where a cut lies: all that a parser which goes on from there has to know of what stands before, since
 * bodies are cut nowhere else. */
typedef enum cut_kind {
    CUT_START = 0, /* of the body */
    CUT_MEMBER,    /* in the body's object, behind a value */
    CUT_VALUE,     /* in front of a value: which key it has matters */
    CUT_FIRST,     /* in front of the first message */
    CUT_MESSAGE,   /* behind a message */
    CUT_KINDS,
} cut_kind;

typedef struct cutter {
    sp_block *blocks;
    size_t n;
    uint32_t at; /* end of the last block */
    uint32_t state;
} cutter;

/* Row of the dialect's top table to which a value belongs: messages and tools are lists of different things.
 */
static uint32_t state_of(const sp_walk *w, cut_kind kind, const sp_node *value)
{
    uint32_t row = 0;
    while (row < SP_TOP_MAX && w->top[row] != value) row++;
    return row * CUT_KINDS + kind;
}

/* Ends a block at `at`; the next one starts in `state`. */
static void cut(cutter *c, uint32_t at, uint32_t state)
{
    c->blocks[c->n++] = (sp_block){c->at, at, c->state};
    c->at = at;
    c->state = state;
}

static bool is_behind_message(const cutter *c)
{
    return c->state % CUT_KINDS == CUT_MESSAGE;
}

/* A few bytes of punctuation go with the block before, unless that is a message: its bytes must be the
 * same in the next request. */
static void cut_rest(cutter *c, uint32_t at, uint32_t state)
{
    if (c->n == 0 || is_behind_message(c) || at - c->at >= SMALL_BLOCK) {
        cut(c, at, state);
        return;
    }
    c->blocks[c->n - 1].end = at;
    c->at = at;
    c->state = state;
}

/* Messages one by one, tools and system prompt whole: what stays the same from one request of a
 * conversation to the next is a block of its own. The comma before a message belongs to that message. */
static void cut_member(cutter *c, const sp_walk *w, const sp_json *json, const sp_node *value)
{
    const sp_span span = sp_json_span(json, value);
    if (value == w->marks[SP_MARK_MESSAGES]) {
        cut_rest(c, sp_json_span(json, sp_json_first(value)).start, state_of(w, CUT_FIRST, value));
        const uint32_t behind = state_of(w, CUT_MESSAGE, value);
        for (sp_each it = sp_each_of(value); sp_each_step(&it);)
            cut(c, sp_json_span(json, it.value).end, behind);
        return;
    }
    if (value != w->marks[SP_MARK_TOOLS] && value != w->marks[SP_MARK_SYSTEM] &&
        value != w->marks[SP_MARK_FUNCTIONS])
        return;
    if (c->n == 0 || span.start - c->at >= SMALL_BLOCK) cut(c, span.start, state_of(w, CUT_VALUE, value));
    cut(c, span.end, CUT_MEMBER);
}

/* Segments come in the order of the body, so blocks are assigned by one merge of two sorted lists. */
static sp_status take_blocks(sp_request *r, const sp_walk *w, const sp_json *json, sp_mem *mem)
{
    const size_t n_messages = sp_json_count(w->marks[SP_MARK_MESSAGES]);
    /* Each message, what stands before the first, and two for each of tools, functions, system, and the
     * rest. */
    cutter c = {.blocks = sp_alloc(mem, n_messages + 8, sizeof(sp_block))};
    if (c.blocks == NULL) return SP_ENOMEM;
    for (sp_each it = sp_each_of(json->root); sp_each_step(&it);) cut_member(&c, w, json, it.value);
    cut_rest(&c, (uint32_t)r->body.n, CUT_MEMBER);
    r->blocks = c.blocks;
    r->n_blocks = c.n;
    size_t block = 0;
    for (size_t i = 0; i < r->n_segments; i++) {
        sp_segment *s = &r->segments[i];
        if (s->parent == 0) {
            while (s->raw_start >= r->blocks[block].end && block + 1 < r->n_blocks) block++;
        }
        s->block = (uint32_t)block; /* nested ones follow the segment that holds them */
    }
    return SP_OK;
}

/* ---- parse ---- */

/* First sizes, so that ordinary bodies need no second round: half of the nodes are segments, and what is
 * decoded is about the body. Uses are few. */
static sp_status reserve(sp_walk *w, const sp_json *json)
{
    w->text = (sp_list){.cap = json->text.n + json->text.n / 8 + 256, .item = 1};
    w->segments = (sp_list){.cap = json->n_nodes / 8 * 5 + 16, .item = sizeof(sp_segment)};
    w->uses = (sp_list){.item = sizeof(sp_use)};
    w->tool_parts = (sp_list){.item = sizeof(sp_tool_part)};
    w->text.p = sp_alloc_bytes(w->mem, w->text.cap);
    w->segments.p = sp_alloc_bytes(w->mem, w->segments.cap * sizeof(sp_segment));
    return w->text.p != NULL && w->segments.p != NULL ? SP_OK : SP_ENOMEM;
}

static sp_status parse(sp_request *r, sp_mem *mem, sp_mem *work, sp_diag *diag)
{
    sp_json json;
    const sp_table *table = sp__request_table(r->dialect, r->operation);
    if (table == NULL) return sp_fail(diag, SP_EINTERNAL, SIZE_MAX, "an operation that the dialect lacks");
    SP_TRY(sp_json_parse(&json, r->body, work, diag));
    sp_walk walk = {.mem = mem, .work = work, .diag = diag};
    sp_status status = reserve(&walk, &json);
    if (status != SP_OK)
        return sp_fail(diag, status, SIZE_MAX, "no memory left for the segments of this request");
    SP_TRY(sp__walk(&walk, &json, table));
    SP_TRY(take_values(r, &walk, &json, diag));
    status = take_parameters(r, &walk, &json, mem);
    if (status == SP_OK) status = take_blocks(r, &walk, &json, mem);
    return status == SP_OK ? SP_OK
                           : sp_fail(diag, status, SIZE_MAX, "no memory left for the blocks of this request");
}

sp_status sp_request_parse_with(sp_request *out, const sp_parse_in *in, sp_mem *mem, sp_diag *diag)
{
    *out = (sp_request){.dialect = in->dialect, .operation = in->operation, .body = in->body};
    const sp_status status = parse(out, mem, in->work != NULL ? in->work : mem, diag);
    if (status != SP_OK) *out = (sp_request){0};
    return status;
}

sp_status sp_request_parse(sp_request *out, const struct sp_dialect *dialect, sp_bytes body, sp_mem *mem,
                           sp_diag *diag)
{
    return sp_request_parse_with(out, &(sp_parse_in){dialect, SP_OP_GENERATE, body, NULL}, mem, diag);
}
