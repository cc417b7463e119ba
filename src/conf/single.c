/* Single values by row, and how a problem with a value reads. A value that was refused leaves its field zero:
 * the load fails anyway, reading goes on to find the rest. */
#include "conf/read_internal.h"

#include <string.h>

#include "conf/nearest.h"

/* ---- messages ---- */

/* destinations.cloud.base_url, from the top down. */
static void append_place(sp_buf *out, const spc_place *where)
{
    if (where == NULL) {
        return;
    }
    append_place(out, where->up);
    if (out->n > 0) {
        sp_buf_append_byte(out, '.');
    }
    const sp_bytes key = sp_bytes_sub(where->key, 0, 64); /* a key of the file: hostile until checked */
    sp_buf_append_json(out, sp_bytes_sub(key, 0, sp_utf8_valid_prefix(key)));
}

/* HELP; for example KEY: EXAMPLE */
static const char *join_help(spc_filler *in, const spc_complaint *c)
{
    if (c->example == NULL) {
        return c->help;
    }
    sp_buf text = SP_BUF_IN(in->mem);
    sp_buf_append_str(&text, c->help);
    sp_buf_append_str(&text, c->help != NULL ? "; for example " : "for example ");
    sp_buf_append_str(&text, c->example->key);
    sp_buf_append_str(&text, ": ");
    sp_buf_append_str(&text, c->example->example);
    sp_buf_append_byte(&text, '\0');
    if (text.status != SP_OK) {
        in->problems->status = SP_ENOMEM;
        return NULL;
    }
    return (const char *)text.p;
}

void spc__complain(spc_filler *in, const spc_complaint *c)
{
    sp_buf path = SP_BUF_IN(in->mem);
    append_place(&path, c->where);
    if (path.status != SP_OK) {
        in->problems->status = SP_ENOMEM;
        return;
    }
    spc_problems_report(in->problems, &(spc_report){.at = c->at,
                                                    .path = sp_buf_bytes(&path),
                                                    .before = c->before,
                                                    .quoted = c->quoted,
                                                    .after = c->after,
                                                    .help = join_help(in, c),
                                                    .nearest = c->nearest});
}

void spc__complain_of(spc_filler *in, const spc_slot *s, const char *after, const char *help)
{
    const bool is_quoted = s->node->kind == SPC_NODE_SCALAR && !s->row->is_secret;
    spc__complain(in, &(spc_complaint){.where = s->where,
                                       .at = s->node->at,
                                       .before = is_quoted ? "" : "the value ",
                                       .quoted = is_quoted ? s->node->text : SP_BYTES_EMPTY,
                                       .after = after,
                                       .help = help,
                                       .example = s->row});
}

/* A null is told apart from an empty text: `key:` with nothing behind it is nearly always forgotten, not
 * meant. */
bool spc__want_kind(spc_filler *in, const spc_slot *s, spc_node_kind kind, const char *wanted)
{
    static const char *const found[] = {"there is no value", "a single value stands here",
                                        "a list stands here", "a map stands here"};
    if (s->node->kind == (uint8_t)kind) {
        return true;
    }
    spc__complain(in, &(spc_complaint){.where = s->where,
                                       .at = s->node->at,
                                       .before = found[s->node->kind],
                                       .help = wanted,
                                       .example = s->row});
    return false;
}

void *spc__allocate(spc_filler *in, size_t n, size_t size)
{
    void *p = sp_alloc(in->mem, n, size);
    if (p == NULL && n > 0) {
        in->problems->status = SP_ENOMEM;
    }
    return p;
}

/* ---- single values ---- */

/* The check's sentence is the help, unless the text may not be quoted: then it has to say all. */
static void complain_of_check(spc_filler *in, const spc_slot *s, const char *fault)
{
    const bool is_secret = s->row->is_secret;
    spc__complain(in, &(spc_complaint){.where = s->where,
                                       .at = s->node->at,
                                       .before = is_secret ? fault : NULL,
                                       .quoted = is_secret ? SP_BYTES_EMPTY : s->node->text,
                                       .after = is_secret ? NULL : " is not valid here",
                                       .help = is_secret ? NULL : fault,
                                       .example = s->row});
}

/* A plain 12 or true where text belongs is refused, not turned into text: the next reader of the file would
 * see a number. */
bool spc__want_text(spc_filler *in, const spc_slot *s)
{
    if (!spc__want_kind(in, s, SPC_NODE_SCALAR, "write a text")) {
        return false;
    }
    if (s->node->scalar != SPC_SCALAR_TEXT) {
        spc__complain_of(in, s,
                         s->node->scalar == SPC_SCALAR_BOOL ? " reads as true or false, not as a text"
                                                            : " reads as a number, not as a text",
                         "put it in quotes");
        return false;
    }
    const sp_bytes text = s->node->text;
    if (s->row->type == SPC_TYPE_TEXT && s->row->max > 0 && (text.n < s->row->min || text.n > s->row->max)) {
        spc__complain_of(in, s, text.n < s->row->min ? " is empty" : " is too long",
                         "write a text of at most 200 bytes");
        return false;
    }
    const char *fault = s->row->check != NULL ? s->row->check(text) : NULL;
    if (fault != NULL) {
        complain_of_check(in, s, fault);
    }
    return fault == NULL;
}

static void read_text(spc_filler *in, const spc_slot *s)
{
    if (spc__want_text(in, s)) {
        *(spc_text *)s->field = (spc_text){s->node->text, s->node->at};
    }
}

/* `yes` and `"true"` are text in YAML 1.2, so they are no answer here. */
static void read_bool(spc_filler *in, const spc_slot *s)
{
    if (!spc__want_kind(in, s, SPC_NODE_SCALAR, "write true or false")) {
        return;
    }
    if (s->node->scalar != SPC_SCALAR_BOOL) {
        spc__complain_of(in, s, " is neither true nor false", "write true or false, without quotes");
        return;
    }
    *(bool *)s->field = s->node->text.p[0] == 't' || s->node->text.p[0] == 'T';
}

/* Bounds read as one would write them: 8MiB, not 8388608. */
static void append_bound(sp_buf *out, const spc_row *row, uint64_t value)
{
    if (row->type == SPC_TYPE_TIME || row->type == SPC_TYPE_SIZE) {
        spc_quantity_append(out, value, spc_row_unit_kind(row));
    } else {
        sp_buf_append_u64(out, value);
    }
}

static bool want_range(spc_filler *in, const spc_slot *s, uint64_t value)
{
    const spc_row *row = s->row;
    if (value >= row->min && value <= row->max) {
        return true;
    }
    sp_buf help = SP_BUF_IN(in->mem);
    sp_buf_append_str(&help, row->min == row->max ? "write " : "write something from ");
    if (row->min != row->max) {
        append_bound(&help, row, row->min);
        sp_buf_append_str(&help, " to ");
    }
    append_bound(&help, row, row->max);
    sp_buf_append_byte(&help, '\0');
    if (help.status != SP_OK) {
        in->problems->status = SP_ENOMEM;
        return false;
    }
    spc__complain_of(in, s, value < row->min ? " is too small" : " is too large", (const char *)help.p);
    return false;
}

/* A plain decimal number; the core schema's 0o17, 0x1f and +1 are refused: one spelling per number. */
bool spc__want_number(spc_filler *in, const spc_slot *s, uint64_t *value)
{
    if (!spc__want_kind(in, s, SPC_NODE_SCALAR, "write a whole number")) {
        return false;
    }
    const sp_bytes text = s->node->text;
    const bool is_padded = text.n > 1 && text.p[0] == '0';
    if (s->node->scalar != SPC_SCALAR_INT || is_padded || !sp_u64_parse(value, text, UINT64_MAX)) {
        spc__complain_of(in, s, " is not a whole number", "write decimal digits without quotes");
        return false;
    }
    return want_range(in, s, *value);
}

static void read_count(spc_filler *in, const spc_slot *s)
{
    uint64_t value = 0;
    if (spc__want_number(in, s, &value)) {
        *(uint64_t *)s->field = value;
    }
}

/* What people write for our units. A "MB" in a file of settings nearly always means 2^20; it is offered, not
 * assumed. */
static const struct {
    const char *written, *meant;
} unit_habits[] = {
    {"sec", "s"}, {"secs", "s"}, {"m", "min"},  {"mins", "min"}, {"hr", "h"},   {"msec", "ms"},
    {"k", "KiB"}, {"kb", "KiB"}, {"mb", "MiB"}, {"g", "GiB"},    {"gb", "GiB"},
};

static const char *nearest_unit(sp_bytes unit, spc_unit_kind kind)
{
    const char *meant = kind == SPC_UNIT_SIZE && sp_bytes_eq_nocase(unit, SP_LIT("m")) ? "MiB" : NULL;
    for (size_t i = 0; i < sizeof unit_habits / sizeof unit_habits[0] && meant == NULL; i++) {
        meant = sp_bytes_eq_nocase(unit, sp_bytes_of(unit_habits[i].written)) ? unit_habits[i].meant : NULL;
    }
    for (const spc_unit *u = spc_units(kind); u->name != NULL; u++) {
        if (sp_bytes_eq_nocase(unit, sp_bytes_of(u->name)) ||
            (meant != NULL && strcmp(meant, u->name) == 0)) {
            return u->name;
        }
    }
    return NULL;
}

/* The quantity with the unit that was meant; empty when nobody knows. */
static sp_bytes nearest_quantity(spc_filler *in, sp_bytes text, sp_bytes unit, spc_unit_kind kind)
{
    const char *meant = nearest_unit(unit, kind);
    sp_buf nearest = SP_BUF_IN(in->mem);
    if (meant == NULL) {
        return SP_BYTES_EMPTY;
    }
    sp_buf_append(&nearest, sp_bytes_sub(text, 0, text.n - unit.n));
    sp_buf_append_str(&nearest, meant);
    return nearest.status == SP_OK ? sp_buf_bytes(&nearest) : SP_BYTES_EMPTY;
}

static void complain_of_quantity(spc_filler *in, const spc_slot *s, spc_quantity_fault fault, sp_bytes unit)
{
    static const char *const what[] = {
        [SPC_QUANTITY_NUMBER] = " does not begin with a whole number",
        [SPC_QUANTITY_BARE] = " has no unit",
        [SPC_QUANTITY_UNIT] = " has a unit that is not known",
        [SPC_QUANTITY_RANGE] = " is too large",
    };
    const spc_unit_kind kind = spc_row_unit_kind(s->row);
    const sp_bytes text = s->node->text;
    const char *units = kind == SPC_UNIT_TIME ? "write a whole number and ms, s, min or h"
                                              : "write a whole number and B, KiB, MiB or GiB";
    const bool is_unit = fault == SPC_QUANTITY_UNIT;
    spc__complain(
        in, &(spc_complaint){.where = s->where,
                             .at = s->node->at,
                             .quoted = text,
                             .after = what[fault],
                             .help = units,
                             .example = s->row,
                             .nearest = is_unit ? nearest_quantity(in, text, unit, kind) : SP_BYTES_EMPTY});
}

/* The scalar's kind does not matter: a bare 30 is a number to YAML, and its missing unit is what has to be
 * said. */
static void read_quantity(spc_filler *in, const spc_slot *s)
{
    const spc_unit_kind kind = spc_row_unit_kind(s->row);
    if (!spc__want_kind(in, s, SPC_NODE_SCALAR, "write a number with its unit")) {
        return;
    }
    uint64_t value = 0;
    sp_bytes unit = SP_BYTES_EMPTY;
    const spc_quantity_fault fault = spc_quantity_parse(&value, &unit, s->node->text, kind);
    if (fault != SPC_QUANTITY_OK) {
        complain_of_quantity(in, s, fault, unit);
    } else if (want_range(in, s, value)) {
        *(uint64_t *)s->field = value;
    }
}

/* "write one of a, b or c" */
static const char *list_words(spc_filler *in, const spc_word *words)
{
    sp_buf text = SP_BUF_IN(in->mem);
    for (const spc_word *w = words; w->name != NULL; w++) {
        sp_buf_append_str(&text, w == words ? "write " : w[1].name == NULL ? " or " : ", ");
        sp_buf_append_str(&text, w->name);
    }
    sp_buf_append_byte(&text, '\0');
    return text.status == SP_OK ? (const char *)text.p : NULL;
}

/* The row's words are the only valid ones, so they are the help as well when nothing is near. */
const spc_word *spc__want_word(spc_filler *in, const spc_slot *s)
{
    if (!spc__want_kind(in, s, SPC_NODE_SCALAR, list_words(in, s->row->words))) {
        return NULL;
    }
    spc_nearest nearest = SPC_NEAREST_TO(s->node->text);
    for (const spc_word *w = s->row->words; w->name != NULL; w++) {
        if (sp_bytes_eq(s->node->text, sp_bytes_of(w->name))) {
            return w;
        }
        spc_nearest_offer(&nearest, sp_bytes_of(w->name));
    }
    spc__complain(in, &(spc_complaint){.where = s->where,
                                       .at = s->node->at,
                                       .quoted = s->node->text,
                                       .after = " is not known here",
                                       .help = list_words(in, s->row->words),
                                       .nearest = nearest.best});
    return NULL;
}

static void read_word(spc_filler *in, const spc_slot *s)
{
    const spc_word *word = spc__want_word(in, s);
    if (word != NULL) {
        *(uint8_t *)s->field = (uint8_t)word->value;
    }
}

void spc__single_read(spc_filler *in, const spc_slot *s)
{
    switch (s->row->type) {
    case SPC_TYPE_TEXT:
        read_text(in, s);
        break;
    case SPC_TYPE_BOOL:
        read_bool(in, s);
        break;
    case SPC_TYPE_COUNT:
        read_count(in, s);
        break;
    case SPC_TYPE_TIME:
    case SPC_TYPE_SIZE:
        read_quantity(in, s);
        break;
    case SPC_TYPE_WORD:
        read_word(in, s);
        break;
    default:
        spc__complain(in,
                      &(spc_complaint){.where = s->where, .at = s->node->at, .before = "not a single value"});
        break;
    }
}
