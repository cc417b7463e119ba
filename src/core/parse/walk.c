/* The walk along the field table. It visits every node of the body exactly once and leaves nothing out:
 * what is not a key named by a row, a bool or a null becomes a segment, or the bytes of a use that says
 * that nobody can read them. */
#include "parse/walk.h"
#include "parse/escape.h"
#include "parse/fold.h"
#include "parse/twin.h"

#include <string.h>

/* A run of backslashes halves at each level: what needs more levels was made to be unreadable. */
enum { ESCAPE_LEVELS_MAX = 16 };

/* Where the walk stands; each step down makes a copy, so that going back up needs no undoing. */
typedef struct place {
    const sp_json *json;
    uint32_t parent; /* 0, or 1 + index of the segment whose text holds this JSON */
    uint32_t base;   /* where this JSON starts in that text */
    uint32_t level;  /* of JSON inside of strings */
    uint32_t part;   /* 0, or 1 + index of the call or result of a tool that it is in */
    sp_place at;
    uint8_t n_index;
    uint8_t kind, role, origin;
} place;

/* ---- errors: position, and the place by its static path ---- */

static sp_status fail_at(const sp_walk *w, const place *p, const sp_node *v, sp_status code, const char *what)
{
    char text[SP_DIAG_TEXT_MAX] = "";
    const char *parts[] = {p->at.path, p->at.path[0] != '\0' ? ": " : "", what};
    size_t n = 0;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        for (const char *c = parts[i]; *c != '\0' && n + 1 < sizeof text; c++) text[n++] = *c;
    }
    text[n] = '\0';
    return sp_fail(w->diag, code, p->parent == 0 ? sp_json_span(p->json, v).start : SIZE_MAX, text);
}

static sp_status fail_memory(const sp_walk *w)
{
    return sp_fail(w->diag, SP_ENOMEM, SIZE_MAX, "no memory left for the segments of this request");
}

/* ---- growing results ---- */

/* Grows to twice at least, so that the bytes copied stay within twice the bytes kept. */
static bool make_room(sp_mem *mem, sp_list *list, size_t more)
{
    size_t want = list->cap, bytes;
    if (!sp_size_mul(&want, want, 2) || !sp_size_add(&want, want, more)) return false;
    if (!sp_size_mul(&bytes, want, list->item)) return false;
    void *p = sp_alloc_bytes(mem, bytes);
    if (p == NULL) return false;
    if (list->n > 0) memcpy(p, list->p, list->n * list->item);
    list->p = p;
    list->cap = want;
    return true;
}

/* Room for `more` items behind the last: where they go, or NULL when memory is out. */
static inline void *take_room(sp_mem *mem, sp_list *list, size_t more)
{
    if (list->cap - list->n < more && !make_room(mem, list, more)) return NULL;
    uint8_t *room = (uint8_t *)list->p + list->n * list->item;
    list->n += more;
    return room;
}

/* The decoded bytes with a newline behind, so that no match of a detector spans two segments by accident. */
static bool add_text(sp_walk *w, sp_bytes s)
{
    uint8_t *room = take_room(w->mem, &w->text, s.n + 1);
    if (room == NULL) return false;
    if (s.n > 0) memcpy(room, s.p, s.n);
    room[s.n] = '\n';
    return true;
}

/* Offsets fit 32 bits: a body is at most SP_BODY_MAX, and each level of nesting adds at most as much
 * again. */
static sp_status add_segment(sp_walk *w, const place *p, const sp_node *v, sp_form form)
{
    const sp_bytes bytes = sp_json_bytes(v);
    const size_t start = w->text.n;
    sp_segment *segment = take_room(w->mem, &w->segments, 1);
    if (segment == NULL || !add_text(w, bytes)) return fail_memory(w);
    const sp_span raw = sp_json_inner(p->json, v);
    *segment = (sp_segment){
        .text_start = (uint32_t)start,
        .text_end = (uint32_t)(start + bytes.n),
        .raw_start = p->base + raw.start,
        .raw_end = p->base + raw.end,
        .parent = p->parent,
        .place = p->at,
        .kind = p->kind,
        .role = p->role,
        .origin = p->origin,
        .form = (uint8_t)form,
        .verbatim = form == SP_FORM_NUMBER || sp_json_is_verbatim(v),
    };
    return SP_OK;
}

/* A use inside of a string has no span in the body of its own; its place says where. */
static sp_status add_use(sp_walk *w, const place *p, const sp_node *v, uint8_t kind)
{
    sp_use *use = take_room(w->mem, &w->uses, 1);
    if (use == NULL) return fail_memory(w);
    const sp_span raw = p->parent == 0 ? sp_json_span(p->json, v) : (sp_span){0, 0};
    *use = (sp_use){.kind = kind, .place = p->at, .raw_start = raw.start, .raw_end = raw.end};
    return SP_OK;
}

/* ---- free form: everything below is a segment ---- */

static sp_status walk_free(sp_walk *w, const place *p, const sp_node *v);

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Cheap look before the parser is asked. */
static bool looks_like_json(sp_bytes s)
{
    size_t start = 0, end = s.n;
    while (start < end && is_space(s.p[start])) start++;
    while (end > start && is_space(s.p[end - 1])) end--;
    if (end - start < 2) return false;
    const uint8_t first = s.p[start], last = s.p[end - 1];
    return (first == '{' && last == '}') || (first == '[' && last == ']');
}

/* One JSON value inside of a string, [start, end) of its decoded text. `*status` tells whether it was one. */
static sp_status walk_inner(sp_walk *w, const place *outer, sp_bytes text, size_t start, sp_status *status)
{
    sp_json inner;
    *status = SP_EDEPTH;
    if (outer->level < SP_NEST_MAX) {
        *status = sp_json_parse_with(&inner, text, SP_JSON_DUPLICATES, w->work, NULL);
    }
    if (*status == SP_ENOMEM) return fail_memory(w);
    if (*status != SP_OK) return SP_OK;
    place q = *outer;
    q.json = &inner;
    q.base = (uint32_t)start;
    q.level++;
    return walk_free(w, &q, inner.root);
}

/* JSON lines: each line that is a value is read as one. `*status` becomes what refused a line for its
 * form. */
static sp_status walk_lines(sp_walk *w, const place *outer, sp_bytes text, sp_status *status)
{
    for (size_t start = 0; start < text.n;) {
        const uint8_t *newline = memchr(text.p + start, '\n', text.n - start);
        const size_t end = newline == NULL ? text.n : (size_t)(newline - text.p);
        const sp_bytes line = sp_bytes_sub(text, start, end);
        sp_status of_line = SP_OK;
        if (looks_like_json(line)) SP_TRY(walk_inner(w, outer, line, start, &of_line));
        if (of_line == SP_EDEPTH || of_line == SP_EUTF8) *status = of_line;
        start = end + 1;
    }
    return SP_OK;
}

static sp_status add_resolved(sp_walk *w, const place *p, uint32_t outer, sp_bytes text)
{
    const size_t start = w->text.n;
    sp_segment *segment = take_room(w->mem, &w->segments, 1);
    if (segment == NULL || !add_text(w, text)) return fail_memory(w);
    *segment = (sp_segment){
        .text_start = (uint32_t)start,
        .text_end = (uint32_t)(start + text.n),
        .parent = outer,
        .place = p->at,
        .kind = p->kind,
        .role = p->role,
        .origin = p->origin,
        .form = SP_FORM_STRING,
        .resolved = true,
    };
    return SP_OK;
}

/* A value that is spelled in full-width letters, or with something invisible in it, is the same to a model:
 * text around such characters stands once more, folded. */
static sp_status walk_folded(sp_walk *w, const place *p, sp_bytes text, uint32_t outer)
{
    sp_buf folded = SP_BUF_IN(w->mem);
    sp__fold(&folded, text);
    if (folded.status != SP_OK) return fail_memory(w);
    return folded.n == 0 ? SP_OK : add_resolved(w, p, outer, sp_buf_bytes(&folded));
}

/* Escapes in prose: a model, or a client that cuts the JSON out of it, reads them. Each level of them that
 * can be resolved stands once more as a segment. Code is full of backslashes; where it resolves to something
 * else than it says, it is only looked at once more. */
static sp_status walk_escapes(sp_walk *w, const place *p, const sp_node *v, uint32_t outer)
{
    if (sp_json_is_verbatim(v)) return SP_OK; /* a backslash can only stand there by an escape */
    sp_bytes from = sp_json_bytes(v);
    for (unsigned level = 0; level < ESCAPE_LEVELS_MAX; level++) {
        if (from.n == 0 || memchr(from.p, '\\', from.n) == NULL) return SP_OK;
        sp_buf to = SP_BUF_IN(w->work);
        if (sp_buf_reserve(&to, from.n) == NULL) return fail_memory(w);
        sp__escapes_resolve(&to, from);
        if (to.status != SP_OK) return fail_memory(w);
        if (to.n == from.n) return SP_OK;
        from = sp_buf_bytes(&to);
        SP_TRY(add_resolved(w, p, outer, from));
        SP_TRY(walk_folded(w, p, from, outer));
    }
    return add_use(w, p, v, SP_FIELD_UNREADABLE);
}

/* JSON inside of a string (tool arguments, an id that is an object, lines of a log): its strings stand
 * once more as segments of their own, since an escape in there hides text from whoever looks at the outer
 * string alone. Where nothing is escaped nothing is hidden, and lines are not looked for. What is nested
 * too deeply, or holds half a surrogate that others read somehow, counts as unreadable. Anything else is
 * text, a segment already. */
static sp_status walk_nested(sp_walk *w, const place *p, const sp_node *v, uint32_t own)
{
    const sp_bytes text = sp_json_bytes(v);
    if (!looks_like_json(text)) return walk_escapes(w, p, v, own);
    place outer = *p;
    outer.parent = own;
    sp_status status;
    SP_TRY(walk_inner(w, &outer, text, 0, &status));
    if (status == SP_OK || text.p == NULL || memchr(text.p, '\\', text.n) == NULL) return SP_OK;
    if (status == SP_ESYNTAX) SP_TRY(walk_lines(w, &outer, text, &status));
    if (status != SP_ESYNTAX) return add_use(w, p, v, SP_FIELD_UNREADABLE);
    return walk_escapes(w, p, v, own);
}

/* What the text of the last segment holds besides itself. */
static sp_status walk_text(sp_walk *w, const place *p, const sp_node *v)
{
    const uint32_t own = (uint32_t)w->segments.n;
    if (!sp_json_is_ascii(v)) SP_TRY(walk_folded(w, p, sp_json_bytes(v), own));
    return walk_nested(w, p, v, own);
}

static sp_status walk_string(sp_walk *w, const place *p, const sp_node *v)
{
    SP_TRY(add_segment(w, p, v, SP_FORM_STRING));
    return walk_text(w, p, v);
}

/* A key can hold anything that a string can. */
static sp_status walk_key(sp_walk *w, const place *p, const sp_node *key)
{
    SP_TRY(add_segment(w, p, key, SP_FORM_KEY));
    return walk_text(w, p, key);
}

/* In the body itself every number must have a value for every reader; in a string it is text. */
static sp_status walk_number(sp_walk *w, const place *p, const sp_node *v)
{
    if (p->parent == 0 && !sp_number_is_finite(sp_json_bytes(v)))
        return fail_at(w, p, v, SP_ENUMBER, "a number that parsers read differently");
    return add_segment(w, p, v, SP_FORM_NUMBER);
}

/* Recursion: at most SP_DEPTH_MAX deep per level of nesting, the parser saw to that. */
static sp_status walk_free(sp_walk *w, const place *p, const sp_node *v)
{
    switch (sp_json_type_of(v)) {
    case SP_JSON_STRING:
        return walk_string(w, p, v);
    case SP_JSON_NUMBER:
        return walk_number(w, p, v);
    case SP_JSON_ARRAY:
    case SP_JSON_OBJECT:
        for (sp_each it = sp_each_of(v); sp_each_step(&it);) {
            if (it.key != NULL) SP_TRY(walk_key(w, p, it.key));
            SP_TRY(walk_free(w, p, it.value));
        }
        return SP_OK;
    default:
        return SP_OK;
    }
}

/* ---- by the table ---- */

static sp_status walk_object(sp_walk *w, const place *p, const sp_table *table, const sp_node *object);

/* A document keeps the role of whoever handed it in, but not the trust. What stands in something that nobody
 * vouches for is no better than that, whoever it says that it is of: a tool may give back what reads like a
 * model's turn. */
static void set_who(place *p, uint8_t who)
{
    static const struct {
        uint8_t role, origin;
        bool keeps_role;
    } whos[] = {
        [SP_WHO_REQUEST] = {SP_ROLE_NONE, SP_ORIGIN_APPLICATION, false},
        [SP_WHO_SYSTEM] = {SP_ROLE_SYSTEM, SP_ORIGIN_APPLICATION, false},
        [SP_WHO_USER] = {SP_ROLE_USER, SP_ORIGIN_USER, false},
        [SP_WHO_MODEL] = {SP_ROLE_ASSISTANT, SP_ORIGIN_MODEL, false},
        [SP_WHO_TOOL] = {SP_ROLE_TOOL, SP_ORIGIN_TOOL, false},
        [SP_WHO_FOUND] = {SP_ROLE_NONE, SP_ORIGIN_TOOL, true},
        [SP_WHO_UNKNOWN] = {SP_ROLE_NONE, SP_ORIGIN_UNKNOWN, true},
    };
    if (who == SP_WHO_SAME) return;
    if (!whos[who].keeps_role) p->role = whos[who].role;
    if (p->origin == SP_ORIGIN_TOOL && whos[who].origin != SP_ORIGIN_UNKNOWN) return;
    p->origin = whos[who].origin;
}

/* ---- calls of tools and their results ---- */

/* A call stands in a model's turn, a result in the list of messages or in a turn of the caller. What looks
 * like one elsewhere, in a document or in what a tool gave back, was written by whoever wrote that: as a call
 * it only keeps others from being sure whose id it is. */
static uint8_t part_at(const place *p, uint8_t part)
{
    const bool is_models = p->role == SP_ROLE_ASSISTANT && p->origin == SP_ORIGIN_MODEL;
    const bool is_callers = (p->role == SP_ROLE_NONE && p->origin == SP_ORIGIN_APPLICATION) ||
                            (p->role == SP_ROLE_USER && p->origin == SP_ORIGIN_USER);
    if (part == SP_PART_CALL && !is_models) return SP_PART_SERVED;
    return part == SP_PART_RESULT && !is_callers ? SP_PART_NONE : part;
}

static sp_tool_part *part_of(const sp_walk *w, uint32_t part)
{
    return (sp_tool_part *)w->tool_parts.p + part - 1;
}

static sp_status begin_part(sp_walk *w, place *p, uint8_t part)
{
    sp_tool_part *t = take_room(w->mem, &w->tool_parts, 1);
    if (t == NULL) return fail_memory(w);
    *t = (sp_tool_part){.first = (uint32_t)w->segments.n,
                        .name = part == SP_PART_SERVED ? SP_SEVERAL : 0,
                        .is_result = part == SP_PART_RESULT};
    p->part = (uint32_t)w->tool_parts.n;
    return SP_OK;
}

/* The string that comes next is one of what tells. */
static void take_part(sp_walk *w, const place *p, uint8_t what)
{
    if (p->part == 0 || what == SP_PART_NONE) return;
    sp_tool_part *t = part_of(w, p->part);
    uint32_t *said = what == SP_PART_ID ? &t->id : what == SP_PART_NAME ? &t->name : &t->text;
    *said = *said == 0 ? (uint32_t)w->segments.n + 1 : SP_SEVERAL;
}

static bool is_one(uint32_t said)
{
    return said != 0 && said != SP_SEVERAL;
}

/* One without an id answers nothing and is answered by nothing. */
static void end_part(sp_walk *w, uint32_t part, size_t n_uses)
{
    sp_tool_part *t = part_of(w, part);
    t->end = (uint32_t)w->segments.n;
    t->is_plain = is_one(t->id) && is_one(t->text) && t->name != SP_SEVERAL && w->uses.n == n_uses &&
                  t->end - t->first == (t->name == 0 ? 2 : 3);
    if (t->id == 0 && part == w->tool_parts.n) w->tool_parts.n--;
}

/* More [] than a place has room for: the outer ones stay, which is where a reader looks first. */
static place place_element(const place *p, uint32_t index)
{
    place q = *p;
    if (q.n_index < SP_PATH_INDEX_MAX) q.at.index[q.n_index++] = index;
    return q;
}

/* What nobody described: scanned as untrusted text, and a use. */
static sp_status walk_unknown(sp_walk *w, const place *p, const char *path, const sp_node *v)
{
    place q = *p;
    q.at.path = path;
    q.kind = SP_FIELD_UNKNOWN;
    set_who(&q, SP_WHO_UNKNOWN);
    SP_TRY(add_use(w, &q, v, SP_FIELD_UNKNOWN));
    return walk_free(w, &q, v);
}

static bool has_fraction(sp_bytes token)
{
    return token.n > 0 && memchr(token.p, '.', token.n) != NULL;
}

/* 1.0 is a number but no integer: some parsers make it a float and refuse it where an integer belongs. */
static unsigned type_bit(const sp_node *v)
{
    switch (sp_json_type_of(v)) {
    case SP_JSON_STRING:
        return SP_T_STRING;
    case SP_JSON_NUMBER:
        return has_fraction(sp_json_bytes(v)) ? SP_T_NUMBER : SP_T_NUMBER | SP_T_INT;
    case SP_JSON_BOOL:
        return SP_T_BOOL;
    case SP_JSON_ARRAY:
        return SP_T_ARRAY;
    case SP_JSON_OBJECT:
        return SP_T_OBJECT;
    default:
        return 0;
    }
}

/* The value of a plain decimal (sp_number_is_plain), near enough for a bound. */
static double number_of(sp_bytes token)
{
    double value = 0, scale = 1;
    bool in_fraction = false;
    for (size_t i = 0; i < token.n; i++) {
        const uint8_t c = token.p[i];
        in_fraction = in_fraction || c == '.';
        if (c < '0' || c > '9') continue;
        value = value * 10 + (c - '0');
        if (in_fraction) scale *= 10;
    }
    return (token.n > 0 && token.p[0] == '-' ? -value : value) / scale;
}

/* min and max both 0: a row without bounds. */
static sp_status check_number(const sp_walk *w, const place *p, const sp_field *f, const sp_node *v)
{
    const sp_bytes token = sp_json_bytes(v);
    if (!sp_number_is_plain(token))
        return fail_at(w, p, v, SP_ENUMBER, "a number that parsers read differently");
    if ((f->min == 0 && f->max == 0) || f->max < f->min) return SP_OK;
    const double value = number_of(token);
    return value < f->min || value > f->max ? fail_at(w, p, v, SP_EFIELD, "out of range") : SP_OK;
}

/* The numbers anywhere below a parameter without a table. */
static sp_status check_numbers_below(const sp_walk *w, const place *p, const sp_field *f, const sp_node *v)
{
    if (sp_json_type_of(v) == SP_JSON_NUMBER) return check_number(w, p, f, v);
    for (sp_each it = sp_each_of(v); sp_each_step(&it);) SP_TRY(check_numbers_below(w, p, f, it.value));
    return SP_OK;
}

/* A wrong type is refused, not read as something else: a server that is more lenient than this table would
 * act on a request that was judged as another. */
static sp_status check_value(const sp_walk *w, const place *p, const sp_field *f, const sp_node *v)
{
    if ((type_bit(v) & f->types) == 0) return fail_at(w, p, v, SP_EFIELD, "wrong type");
    if (f->kind != SP_FIELD_PARAMETER || f->table != NULL) return SP_OK;
    return check_numbers_below(w, p, f, v);
}

/* RFC 2397; schemes do not mind case (RFC 3986, section 3.1). */
static bool is_data_url(sp_bytes s)
{
    return s.n >= 5 && sp_bytes_eq_nocase(sp_bytes_sub(s, 0, 5), SP_LIT("data:"));
}

/* Says what has to be agreed to. `*is_bytes`: the value is encoded bytes and no segment. */
static sp_status add_uses(sp_walk *w, const place *p, const sp_field *f, const sp_node *v, bool *is_bytes)
{
    *is_bytes = f->rule == SP_RULE_BYTES;
    if (f->rule == SP_RULE_QUIET) return SP_OK;
    if (f->kind == SP_FIELD_TEXT) return f->also != 0 ? add_use(w, p, v, f->also) : SP_OK;
    /* What the request needs by name (its stream, the length of an answer) is no choice of its own. */
    if (f->kind == SP_FIELD_PARAMETER)
        return f->mark == SP_MARK_NONE ? add_use(w, p, v, SP_FIELD_PARAMETER) : SP_OK;
    if (f->rule == SP_RULE_IF_TRUE && !sp_json_is_true(v)) return SP_OK;
    if (f->rule == SP_RULE_URL && is_data_url(sp_json_bytes(v))) {
        *is_bytes = true;
        return add_use(w, p, v, SP_FIELD_UNREADABLE);
    }
    SP_TRY(add_use(w, p, v, f->kind));
    return f->also != 0 ? add_use(w, p, v, f->also) : SP_OK;
}

/* Elements of a described list are objects; strings in there (old forms of a prompt) are no form of these
 * dialects. */
static sp_status walk_elements(sp_walk *w, const place *p, const sp_table *table, const sp_node *array)
{
    for (sp_each it = sp_each_of(array); sp_each_step(&it);) {
        place q = place_element(p, it.index);
        q.at.path = table->path;
        if (sp_json_type_of(it.value) != SP_JSON_OBJECT)
            return fail_at(w, &q, it.value, SP_EFIELD, "not an object");
        SP_TRY(walk_object(w, &q, table, it.value));
    }
    return SP_OK;
}

static void mark_joined(sp_walk *w, size_t first)
{
    sp_segment *segments = w->segments.p;
    for (size_t i = first; i < w->segments.n; i++) segments[i].joined = true;
}

/* A model reads the parts of a message one behind the other: the text around their joints stands once more,
 * without them. `outer` is the first segment of the list. */
static sp_status walk_joints(sp_walk *w, const place *p, const sp_node *array, uint32_t outer)
{
    sp_buf joined = SP_BUF_IN(w->mem);
    unsigned n_texts = 0;
    if (sp_json_count(array) < 2 || w->segments.n < outer) return SP_OK;
    for (sp_each it = sp_each_of(array); sp_each_step(&it);) {
        const sp_node *text = sp_json_find(it.value, SP_LIT("text"));
        if (sp_json_type_of(text) != SP_JSON_STRING || sp_json_bytes(text).n == 0) continue;
        sp__fold_join(&joined, sp_json_bytes(text), n_texts++ == 0);
    }
    if (joined.status != SP_OK) return fail_memory(w);
    if (n_texts < 2) return SP_OK;
    const size_t first = w->segments.n;
    SP_TRY(add_resolved(w, p, outer, sp_buf_bytes(&joined)));
    SP_TRY(walk_folded(w, p, sp_buf_bytes(&joined), outer));
    mark_joined(w, first);
    return SP_OK;
}

/* ---- texts, or the numbers that stand for them ---- */

static sp_status check_tokens(const sp_walk *w, const place *p, const sp_field *f, const sp_node *list)
{
    if (sp_json_count(list) == 0) return fail_at(w, p, list, SP_EFIELD, "an empty list");
    for (sp_each it = sp_each_of(list); sp_each_step(&it);) {
        if ((type_bit(it.value) & SP_T_INT) == 0)
            return fail_at(w, p, it.value, SP_EFIELD, "not a token as those before it");
        SP_TRY(check_number(w, p, f, it.value));
    }
    return SP_OK;
}

/* An element of a list whose first one has `type`: a text, or a list of tokens. */
static sp_status walk_text_or_tokens(sp_walk *w, const place *p, const sp_field *f, const sp_node *v,
                                     sp_json_type type)
{
    if (sp_json_type_of(v) != type || type == SP_JSON_OBJECT)
        return fail_at(w, p, v, SP_EFIELD, "neither a text nor a list of tokens, or both in one list");
    return type == SP_JSON_STRING ? walk_string(w, p, v) : check_tokens(w, p, f, v);
}

static sp_status walk_texts(sp_walk *w, const place *p, const sp_field *f, const sp_node *v)
{
    if (sp_json_type_of(v) == SP_JSON_STRING) return walk_string(w, p, v);
    const sp_json_type type = sp_json_type_of(sp_json_first(v));
    if (sp_json_count(v) == 0 || type == SP_JSON_NUMBER) {
        SP_TRY(check_tokens(w, p, f, v));
        return add_use(w, p, v, SP_FIELD_UNREADABLE);
    }
    for (sp_each it = sp_each_of(v); sp_each_step(&it);) {
        place q = place_element(p, it.index);
        q.at.path = f->table->path;
        SP_TRY(walk_text_or_tokens(w, &q, f, it.value, type));
    }
    return type == SP_JSON_STRING ? SP_OK : add_use(w, p, v, SP_FIELD_UNREADABLE);
}

/* By the table where there is one for this type; a string in place of the list, or a member that is described
 * by no table, is read freely. */
static sp_status walk_value(sp_walk *w, const place *p, const sp_field *f, const sp_node *v)
{
    bool is_bytes;
    SP_TRY(check_value(w, p, f, v));
    SP_TRY(add_uses(w, p, f, v, &is_bytes));
    if (is_bytes) return SP_OK;
    if (f->rule == SP_RULE_TEXTS) return walk_texts(w, p, f, v);
    if (f->table != NULL && sp_json_type_of(v) == SP_JSON_ARRAY) {
        const uint32_t outer = (uint32_t)w->segments.n + 1;
        SP_TRY(walk_elements(w, p, f->table, v));
        return f->joins ? walk_joints(w, p, v, outer) : SP_OK;
    }
    if (f->table != NULL && sp_json_type_of(v) == SP_JSON_OBJECT) return walk_object(w, p, f->table, v);
    return walk_free(w, p, v);
}

/* One row. null is "not given", and no value: neither a segment nor a use. */
static sp_status walk_field(sp_walk *w, const place *p, const sp_field *f, const sp_node *v)
{
    place q = *p;
    q.at.path = f->path;
    q.kind = f->kind;
    set_who(&q, f->who);
    if (sp_json_type_of(v) == SP_JSON_NULL) {
        if (f->mark == SP_MARK_STREAM_OPTIONS) w->null_options = v;
        return f->is_required ? fail_at(w, &q, v, SP_EMISSING, "required") : SP_OK;
    }
    if (f->mark != SP_MARK_NONE) w->marks[f->mark] = v;
    if (f->mark == SP_MARK_MODEL) w->model_segment = (uint32_t)w->segments.n + 1;
    if (sp_json_type_of(v) == SP_JSON_STRING) take_part(w, p, f->part);
    return walk_value(w, &q, f, v);
}

/* Rows are few and told apart by length most of the time; no hash pays here. */
static const sp_field *find_field(const sp_table *table, sp_bytes name)
{
    for (size_t i = 0; i < table->n_fields; i++) {
        const sp_bytes row = table->fields[i].name;
        if (row.n == name.n && sp_bytes_eq(row, name)) return &table->fields[i];
    }
    return NULL;
}

/* `*is_exact`: the tag is a word of the table, not text of the client. */
static const sp_variant *find_variant(const sp_table *table, sp_bytes tag, bool *is_exact)
{
    for (size_t i = 0; i < table->n_variants; i++) {
        const sp_variant *form = &table->variants[i];
        const bool is_prefix = form->name.n > 0 && form->name.p[form->name.n - 1] == '*';
        *is_exact = !is_prefix;
        if (is_prefix ? sp_bytes_starts(tag, sp_bytes_sub(form->name, 0, form->name.n - 1))
                      : sp_bytes_eq(tag, form->name)) {
            return form;
        }
    }
    return NULL;
}

static sp_status walk_unknown_member(sp_walk *w, const place *p, const sp_table *table, const sp_each *it)
{
    place q = *p;
    q.at.path = table->unknown;
    q.kind = SP_FIELD_UNKNOWN;
    set_who(&q, SP_WHO_UNKNOWN);
    SP_TRY(walk_key(w, &q, it->key));
    return walk_unknown(w, p, table->unknown, it->value);
}

/* The members of an object by rows. `tag` names a member that was read already and is skipped. */
static sp_status walk_members(sp_walk *w, const place *p, const sp_table *table, sp_bytes tag,
                              const sp_node *object)
{
    for (sp_each it = sp_each_of(object); sp_each_step(&it);) {
        const sp_bytes name = sp_json_bytes(it.key);
        if (tag.n > 0 && sp_bytes_eq(name, tag)) continue;
        const sp_field *f = find_field(table, name);
        if (f != NULL) {
            SP_TRY(walk_field(w, p, f, it.value));
            if (table->path[0] == '\0') w->top[f - table->fields] = it.value;
            continue;
        }
        if (sp__is_twin(table, tag, name))
            return fail_at(w, p, it.key, SP_EFIELD, "a key that some parsers take for another");
        SP_TRY(walk_unknown_member(w, p, table, &it));
    }
    return SP_OK;
}

/* One of several forms. The tag is read before the rest, wherever it stands: who speaks depends on it. A form
 * that nobody listed, a tag that is missing or no string: unknown as a whole. */
static sp_status walk_variant(sp_walk *w, const place *p, const sp_table *table, const sp_node *object)
{
    const sp_node *tag = sp_json_find(object, table->tag);
    if (sp_json_type_of(tag) == SP_JSON_NULL) tag = NULL;
    const bool is_string = tag == NULL || sp_json_type_of(tag) == SP_JSON_STRING;
    bool is_exact = false;
    const sp_variant *form = is_string ? find_variant(table, sp_json_bytes(tag), &is_exact) : NULL;
    /* An empty tag is not an absent one. */
    if (form != NULL && form->name.n == 0 && tag != NULL) form = NULL;
    if (form == NULL) return walk_unknown(w, p, table->unknown, object);
    place q = *p;
    q.at.path = table->path;
    set_who(&q, form->who);
    if (form->kind != SP_FIELD_TEXT) {
        q.kind = form->kind;
        SP_TRY(add_use(w, &q, object, form->kind));
    }
    if (form->table == NULL) return walk_free(w, &q, object);
    if (!is_exact) SP_TRY(walk_string(w, &q, tag));
    const uint8_t part = part_at(p, form->part);
    if (part == SP_PART_NONE) return walk_members(w, &q, form->table, table->tag, object);
    const size_t n_uses = w->uses.n;
    SP_TRY(begin_part(w, &q, part));
    SP_TRY(walk_members(w, &q, form->table, table->tag, object));
    end_part(w, q.part, n_uses);
    return SP_OK;
}

static sp_status walk_object(sp_walk *w, const place *p, const sp_table *table, const sp_node *object)
{
    if (table->n_variants > 0) return walk_variant(w, p, table, object);
    return walk_members(w, p, table, SP_BYTES_EMPTY, object);
}

sp_status sp__walk(sp_walk *walk, const sp_json *json, const sp_table *table)
{
    SP_CHECK(table->n_fields <= SP_TOP_MAX);
    place p = {.json = json, .at = {.path = table->path}, .kind = SP_FIELD_TEXT};
    set_who(&p, SP_WHO_REQUEST);
    if (sp_json_type_of(json->root) != SP_JSON_OBJECT) {
        return fail_at(walk, &p, json->root, SP_EFIELD, "the body is not an object");
    }
    SP_TRY(walk_members(walk, &p, table, SP_BYTES_EMPTY, json->root));
    for (size_t i = 0; i < table->n_fields; i++) {
        p.at.path = table->fields[i].path;
        if (!table->fields[i].is_required || walk->top[i] != NULL) continue;
        return sp_fail(walk->diag, SP_EMISSING, SIZE_MAX, table->fields[i].path);
    }
    return SP_OK;
}
