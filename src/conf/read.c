/* The one interpreter of rows. Each type has a function that reads a node into a field, or says why not;
 * records and maps recurse over their tables. A field that was refused keeps its zero value: the load fails
 * anyway, reading goes on to find the rest. */
#include "conf/read.h"

#include <stdio.h>
#include <string.h>

#include "conf/nearest.h"

/* Where we are, for messages: a chain on the stack. */
typedef struct place {
    const struct place *up;
    sp_bytes key;
} place;

typedef struct reader {
    spc_problems *problems;
    sp_mem *mem;
} reader;

/* A value to be read: the row, what the file says, where it goes. */
typedef struct slot {
    const spc_row *row;
    const spc_node *node;
    void *field;
    const place *where;
} slot;

/* Lists and maps through one view; rows.c proves the layouts equal. */
typedef struct any_map {
    void *v;
    size_t n;
} any_map;

/* ---- messages ---- */

/* Reads as: BEFORE "QUOTED" AFTER. */
typedef struct complaint {
    const place *where;
    spc_mark at;
    const char *before;
    sp_bytes quoted;
    const char *after;
    const char *help;
    const spc_row *example; /* help ends in its example */
    sp_bytes nearest;       /* replaces the help */
} complaint;

static void append_place(sp_buf *out, const place *where)
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
static const char *join_help(reader *in, const complaint *c)
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

static void complain(reader *in, const complaint *c)
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

/* Complains of the node of a slot: `"TEXT" AFTER`, or without the text when nobody should read it again. */
static void complain_of(reader *in, const slot *s, const char *after, const char *help)
{
    const bool is_quoted = s->node->kind == SPC_NODE_SCALAR && !s->row->is_secret;
    complain(in, &(complaint){.where = s->where,
                              .at = s->node->at,
                              .before = is_quoted ? "" : "the value ",
                              .quoted = is_quoted ? s->node->text : SP_BYTES_EMPTY,
                              .after = after,
                              .help = help,
                              .example = s->row});
}

static bool want_kind(reader *in, const slot *s, spc_node_kind kind, const char *wanted)
{
    static const char *const found[] = {"there is no value", "a single value stands here",
                                        "a list stands here", "a map stands here"};
    if (s->node->kind == (uint8_t)kind) {
        return true;
    }
    complain(in, &(complaint){.where = s->where,
                              .at = s->node->at,
                              .before = found[s->node->kind],
                              .help = wanted,
                              .example = s->row});
    return false;
}

static void *allocate(reader *in, size_t n, size_t size)
{
    void *p = sp_alloc(in->mem, n, size);
    if (p == NULL && n > 0) {
        in->problems->status = SP_ENOMEM;
    }
    return p;
}

/* ---- single values ---- */

/* A check's sentence names the rule, so it follows a colon: `"Foo": a name is made of …`. */
static void complain_of_check(reader *in, const slot *s, const char *fault)
{
    const bool is_secret = s->row->is_secret;
    complain(in, &(complaint){.where = s->where,
                              .at = s->node->at,
                              .quoted = is_secret ? SP_BYTES_EMPTY : s->node->text,
                              .before = is_secret ? fault : "",
                              .after = is_secret          ? ""
                                       : fault[0] != '\0' ? ": "
                                                          : "",
                              .help = is_secret ? NULL : fault,
                              .example = s->row});
}

static bool want_text(reader *in, const slot *s)
{
    if (!want_kind(in, s, SPC_NODE_SCALAR, "write a text")) {
        return false;
    }
    if (s->node->scalar != SPC_SCALAR_TEXT) {
        complain_of(in, s,
                    s->node->scalar == SPC_SCALAR_BOOL ? " reads as true or false, not as a text"
                                                       : " reads as a number, not as a text",
                    "put it in quotes");
        return false;
    }
    const sp_bytes text = s->node->text;
    if (s->row->type == SPC_TYPE_TEXT && s->row->max > 0 && (text.n < s->row->min || text.n > s->row->max)) {
        complain_of(in, s, text.n < s->row->min ? " is empty" : " is too long",
                    "write a text of at most 200 bytes");
        return false;
    }
    const char *fault = s->row->check != NULL ? s->row->check(text) : NULL;
    if (fault != NULL) {
        complain_of_check(in, s, fault);
    }
    return fault == NULL;
}

static void read_text(reader *in, const slot *s)
{
    if (want_text(in, s)) {
        *(spc_text *)s->field = (spc_text){s->node->text, s->node->at};
    }
}

static void read_bool(reader *in, const slot *s)
{
    if (!want_kind(in, s, SPC_NODE_SCALAR, "write true or false")) {
        return;
    }
    if (s->node->scalar != SPC_SCALAR_BOOL) {
        complain_of(in, s, " is neither true nor false", "write true or false, without quotes");
        return;
    }
    *(bool *)s->field = s->node->text.p[0] == 't' || s->node->text.p[0] == 'T';
}

static void append_bound(sp_buf *out, const spc_row *row, uint64_t value)
{
    if (row->type == SPC_TYPE_TIME || row->type == SPC_TYPE_SIZE) {
        spc_quantity_append(out, value, spc_row_unit_kind(row));
    } else {
        sp_buf_append_u64(out, value);
    }
}

static bool want_range(reader *in, const slot *s, uint64_t value)
{
    const spc_row *row = s->row;
    if (value >= row->min && value <= row->max) {
        return true;
    }
    sp_buf help = SP_BUF_IN(in->mem);
    sp_buf_append_str(&help, "write something from ");
    append_bound(&help, row, row->min);
    sp_buf_append_str(&help, " to ");
    append_bound(&help, row, row->max);
    sp_buf_append_byte(&help, '\0');
    if (help.status != SP_OK) {
        in->problems->status = SP_ENOMEM;
        return false;
    }
    complain_of(in, s, value < row->min ? " is too small" : " is too large", (const char *)help.p);
    return false;
}

/* A plain decimal number; the core schema's 0o17, 0x1f and +1 are refused: one spelling per number. */
static bool want_number(reader *in, const slot *s, uint64_t *value)
{
    if (!want_kind(in, s, SPC_NODE_SCALAR, "write a whole number")) {
        return false;
    }
    const sp_bytes text = s->node->text;
    const bool is_padded = text.n > 1 && text.p[0] == '0';
    if (s->node->scalar != SPC_SCALAR_INT || is_padded || !sp_u64_parse(value, text, UINT64_MAX)) {
        complain_of(in, s, " is not a whole number", "write decimal digits without quotes");
        return false;
    }
    return want_range(in, s, *value);
}

static void read_count(reader *in, const slot *s)
{
    uint64_t value = 0;
    if (want_number(in, s, &value)) {
        *(uint64_t *)s->field = value;
    }
}

static sp_bytes nearest_unit(sp_bytes unit, spc_unit_kind kind)
{
    for (const spc_unit *u = spc_units(kind); u->name != NULL; u++) {
        if (sp_bytes_eq_nocase(unit, sp_bytes_of(u->name))) {
            return sp_bytes_of(u->name);
        }
    }
    return SP_BYTES_EMPTY;
}

static void complain_of_quantity(reader *in, const slot *s, spc_quantity_fault fault, sp_bytes unit)
{
    static const char *const what[] = {
        [SPC_QUANTITY_NUMBER] = " does not begin with a whole number",
        [SPC_QUANTITY_BARE] = " has no unit",
        [SPC_QUANTITY_UNIT] = " has a unit that is not known",
        [SPC_QUANTITY_RANGE] = " is too large",
    };
    const spc_unit_kind kind = spc_row_unit_kind(s->row);
    const char *help = kind == SPC_UNIT_TIME ? "write a whole number and ms, s, min or h"
                                             : "write a whole number and B, KiB, MiB or GiB";
    complain(in,
             &(complaint){.where = s->where,
                          .at = s->node->at,
                          .quoted = s->node->text,
                          .after = what[fault],
                          .help = help,
                          .example = s->row,
                          .nearest = fault == SPC_QUANTITY_UNIT ? nearest_unit(unit, kind) : SP_BYTES_EMPTY});
}

static void read_quantity(reader *in, const slot *s)
{
    const spc_unit_kind kind = spc_row_unit_kind(s->row);
    if (!want_kind(in, s, SPC_NODE_SCALAR, "write a number with its unit")) {
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
static const char *list_words(reader *in, const spc_word *words)
{
    sp_buf text = SP_BUF_IN(in->mem);
    for (const spc_word *w = words; w->name != NULL; w++) {
        sp_buf_append_str(&text, w == words ? "write " : w[1].name == NULL ? " or " : ", ");
        sp_buf_append_str(&text, w->name);
    }
    sp_buf_append_byte(&text, '\0');
    return text.status == SP_OK ? (const char *)text.p : NULL;
}

static const spc_word *want_word(reader *in, const slot *s)
{
    if (!want_kind(in, s, SPC_NODE_SCALAR, list_words(in, s->row->words))) {
        return NULL;
    }
    spc_nearest nearest = SPC_NEAREST_TO(s->node->text);
    for (const spc_word *w = s->row->words; w->name != NULL; w++) {
        if (sp_bytes_eq(s->node->text, sp_bytes_of(w->name))) {
            return w;
        }
        spc_nearest_offer(&nearest, sp_bytes_of(w->name));
    }
    complain(in, &(complaint){.where = s->where,
                              .at = s->node->at,
                              .quoted = s->node->text,
                              .after = " is not known here",
                              .help = list_words(in, s->row->words),
                              .nearest = nearest.best});
    return NULL;
}

static void read_word(reader *in, const slot *s)
{
    const spc_word *word = want_word(in, s);
    if (word != NULL) {
        *(uint8_t *)s->field = (uint8_t)word->value;
    }
}

/* ---- lists and maps ---- */

static size_t count(const spc_node *node)
{
    size_t n = 0;
    for (const spc_node *child = node->child; child != NULL; child = child->next) {
        n++;
    }
    return n;
}

static bool want_count(reader *in, const slot *s, size_t n, size_t min, size_t max)
{
    if (n >= min && n <= max) {
        return true;
    }
    complain(in, &(complaint){.where = s->where,
                              .at = s->node->at,
                              .before = n < min ? "nothing is listed" : "too many are listed",
                              .help = n < min ? "list at least one" : "list fewer",
                              .example = n < min ? s->row : NULL});
    return false;
}

static void read_flags(reader *in, const slot *s)
{
    if (!want_kind(in, s, SPC_NODE_LIST, "write a list")) {
        return;
    }
    for (const spc_node *item = s->node->child; item != NULL; item = item->next) {
        const slot one = {s->row, item, s->field, s->where};
        const spc_word *word = want_word(in, &one);
        if (word != NULL) {
            *(uint32_t *)s->field |= word->value;
        }
    }
}

static bool is_listed(const spc_texts *list, sp_bytes text)
{
    for (size_t i = 0; i < list->n; i++) {
        if (sp_bytes_eq(list->v[i].v, text)) {
            return true;
        }
    }
    return false;
}

static void read_text_into(reader *in, const slot *s, const spc_node *item)
{
    spc_texts *list = s->field;
    const slot one = {s->row, item, NULL, s->where};
    if (!want_text(in, &one)) {
        return;
    }
    if (is_listed(list, item->text)) {
        complain_of(in, &one, " is listed twice", "keep one of the two");
        return;
    }
    list->v[list->n++] = (spc_text){item->text, item->at};
}

static void read_texts(reader *in, const slot *s)
{
    spc_texts *list = s->field;
    const bool is_single = s->row->is_short && s->node->kind == SPC_NODE_SCALAR;
    if (!is_single && !want_kind(in, s, SPC_NODE_LIST, "write a list")) {
        return;
    }
    const size_t n = is_single ? 1 : count(s->node);
    list->at = s->node->at;
    if (!want_count(in, s, n, s->row->min, s->row->max) || n == 0) {
        return;
    }
    list->v = allocate(in, n, sizeof *list->v);
    if (list->v == NULL) {
        return;
    }
    if (is_single) {
        read_text_into(in, s, s->node);
        return;
    }
    for (const spc_node *item = s->node->child; item != NULL; item = item->next) {
        read_text_into(in, s, item);
    }
}

/* The name of an entry in a map, checked by the row. */
static bool want_name(reader *in, const slot *s, const spc_node *entry)
{
    const char *fault = s->row->check(entry->key);
    if (fault == NULL) {
        return true;
    }
    complain(in, &(complaint){.where = s->where,
                              .at = entry->key_at,
                              .quoted = entry->key,
                              .after = " cannot be a name here",
                              .help = fault});
    return false;
}

static void read_numbers(reader *in, const slot *s)
{
    spc_numbers *numbers = s->field;
    const size_t n = count(s->node);
    if (!want_kind(in, s, SPC_NODE_MAP, "write NAME: NUMBER") || n == 0) {
        return;
    }
    numbers->v = allocate(in, n, sizeof *numbers->v);
    for (const spc_node *entry = s->node->child; entry != NULL && numbers->v != NULL; entry = entry->next) {
        const place where = {s->where, entry->key};
        const slot one = {s->row, entry, NULL, &where};
        uint64_t value = 0;
        if (want_name(in, s, entry) && want_number(in, &one, &value)) {
            numbers->v[numbers->n++] = (spc_number){{entry->key, entry->key_at}, value};
        }
    }
}

static void read_record(reader *in, const slot *s, const spc_table *table);

static void read_map(reader *in, const slot *s)
{
    any_map *map = s->field;
    const size_t n = count(s->node);
    const size_t size = s->row->table->item_size;
    if (!want_kind(in, s, SPC_NODE_MAP, "write NAME: and its settings below") ||
        !want_count(in, s, n, s->row->min, s->row->max)) {
        return;
    }
    map->v = allocate(in, n, size);
    for (const spc_node *entry = s->node->child; entry != NULL && map->v != NULL; entry = entry->next) {
        void *item = (uint8_t *)map->v + map->n * size;
        const place where = {s->where, entry->key};
        const slot one = {s->row, entry, item, &where};
        if (want_name(in, s, entry)) {
            *(spc_text *)item = (spc_text){entry->key, entry->key_at};
            map->n++;
            read_record(in, &one, s->row->table);
        }
    }
}

/* ---- records ---- */

static void read_value(reader *in, const slot *s)
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
    case SPC_TYPE_FLAGS:
        read_flags(in, s);
        break;
    case SPC_TYPE_TEXTS:
        read_texts(in, s);
        break;
    case SPC_TYPE_NUMBERS:
        read_numbers(in, s);
        break;
    case SPC_TYPE_RECORD:
        read_record(in, s, s->row->table);
        break;
    case SPC_TYPE_MAP:
        read_map(in, s);
        break;
    }
}

/* A default is read like a text of the file, at the place of the record that lacks the key. */
static void read_default(reader *in, const slot *s)
{
    const bool is_record = s->row->type == SPC_TYPE_RECORD;
    if (s->row->def == NULL && !is_record) {
        return;
    }
    bool is_null = false;
    spc_node node = {.at = s->node->at, .kind = is_record ? SPC_NODE_NULL : SPC_NODE_SCALAR};
    node.text = sp_bytes_of(s->row->def);
    const bool is_text = s->row->type == SPC_TYPE_TEXT || s->row->type == SPC_TYPE_TEXTS;
    node.scalar = (uint8_t)(is_text ? SPC_SCALAR_TEXT : spc_scalar_classify(node.text, &is_null));
    const slot one = {s->row, &node, s->field, s->where};
    if (!is_record) {
        read_value(in, &one);
        return;
    }
    for (const spc_row *row = s->row->table->rows; row->key != NULL; row++) {
        read_default(in, &(slot){row, &node, (uint8_t *)s->field + row->offset, s->where});
    }
}

static const spc_node *find(const spc_node *map, const char *key)
{
    for (const spc_node *n = map->child; n != NULL; n = n->next) {
        if (sp_bytes_eq(n->key, sp_bytes_of(key))) {
            return n;
        }
    }
    return NULL;
}

static bool is_key_of(const spc_table *table, sp_bytes key, spc_nearest *nearest)
{
    for (const spc_row *row = table->rows; row->key != NULL; row++) {
        if (sp_bytes_eq(key, sp_bytes_of(row->key))) {
            return true;
        }
        spc_nearest_offer(nearest, sp_bytes_of(row->key));
    }
    return false;
}

static void refuse_unknown_keys(reader *in, const slot *s, const spc_table *table)
{
    for (const spc_node *entry = s->node->child; entry != NULL; entry = entry->next) {
        spc_nearest nearest = SPC_NEAREST_TO(entry->key);
        if (!is_key_of(table, entry->key, &nearest)) {
            complain(in, &(complaint){.where = s->where,
                                      .at = entry->key_at,
                                      .before = "unknown key ",
                                      .quoted = entry->key,
                                      .help = "remove it, or see docs/reference/configuration.md",
                                      .nearest = nearest.best});
        }
    }
}

static void read_record(reader *in, const slot *s, const spc_table *table)
{
    if (!want_kind(in, s, SPC_NODE_MAP, "write KEY: VALUE pairs")) {
        return;
    }
    refuse_unknown_keys(in, s, table);
    for (const spc_row *row = table->rows; row->key != NULL; row++) {
        const spc_node *value = find(s->node, row->key);
        void *field = (uint8_t *)s->field + row->offset;
        const place where = {s->where, sp_bytes_of(row->key)};
        if (value != NULL) {
            read_value(in, &(slot){row, value, field, &where});
        } else if (row->is_required) {
            const spc_mark at = s->node->key_at.line > 0 ? s->node->key_at : s->node->at;
            complain(in, &(complaint){.where = s->where,
                                      .at = at,
                                      .before = "missing key ",
                                      .quoted = sp_bytes_of(row->key),
                                      .help = "add it",
                                      .example = row});
        } else {
            read_default(in, &(slot){row, s->node, field, &where});
        }
    }
}

sp_status spc_table_read(void *out, const spc_table *table, const spc_node *node, spc_problems *problems)
{
    static const spc_row top = {.key = "version", .type = SPC_TYPE_RECORD, .example = "1"};
    reader in = {problems, problems->mem};
    read_record(&in, &(slot){&top, node, out, NULL}, table);
    return problems->status;
}
