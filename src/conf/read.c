/* The interpreter of rows: records and maps recurse over their tables, lists gather their items, single
 * values are single.c's. */
#include "conf/read.h"

#include "conf/nearest.h"
#include "conf/read_internal.h"

/* Lists and maps through one view; rows.c proves the layouts equal. */
typedef struct any_map {
    void *v;
    size_t n;
} any_map;

/* ---- lists and maps ---- */

static size_t count(const spc_node *node)
{
    size_t n = 0;
    for (const spc_node *child = node->child; child != NULL; child = child->next) {
        n++;
    }
    return n;
}

/* An empty list where one entry is needed gets an example; a list that is too long needs none. */
static bool want_count(spc_filler *in, const spc_slot *s, size_t n, size_t min, size_t max)
{
    if (n >= min && n <= max) {
        return true;
    }
    spc__complain(in, &(spc_complaint){.where = s->where,
                                       .at = s->node->at,
                                       .before = n < min ? "nothing is listed" : "too many are listed",
                                       .help = n < min ? "list at least one" : "list fewer",
                                       .example = n < min ? s->row : NULL});
    return false;
}

static void read_flags(spc_filler *in, const spc_slot *s)
{
    if (!spc__want_kind(in, s, SPC_NODE_LIST, "write a list")) {
        return;
    }
    *(uint32_t *)s->field |= s->row->stated;
    for (const spc_node *item = s->node->child; item != NULL; item = item->next) {
        const spc_slot one = {s->row, item, s->field, s->where};
        const spc_word *word = spc__want_word(in, &one);
        if (word != NULL) {
            *(uint32_t *)s->field |= word->value;
        }
    }
}

/* Lists are short (at most some thousand keys of an application), so each is compared with all before it. */
static bool is_listed(const spc_texts *list, sp_bytes text)
{
    for (size_t i = 0; i < list->n; i++) {
        if (sp_bytes_eq(list->v[i].v, text)) {
            return true;
        }
    }
    return false;
}

static void read_text_into(spc_filler *in, const spc_slot *s, const spc_node *item)
{
    spc_texts *list = s->field;
    const spc_slot one = {s->row, item, NULL, s->where};
    if (!spc__want_text(in, &one)) {
        return;
    }
    if (is_listed(list, item->text)) {
        spc__complain_of(in, &one, " is listed twice", "keep one of the two");
        return;
    }
    list->v[list->n++] = (spc_text){item->text, item->at};
}

/* The list keeps room for all items and holds those that were valid. */
static void read_texts(spc_filler *in, const spc_slot *s)
{
    spc_texts *list = s->field;
    const bool is_single = s->row->is_short && s->node->kind == SPC_NODE_SCALAR;
    if (!is_single && !spc__want_kind(in, s, SPC_NODE_LIST, "write a list")) {
        return;
    }
    const size_t n = is_single ? 1 : count(s->node);
    list->at = s->node->at;
    if (!want_count(in, s, n, s->row->min, s->row->max) || n == 0) {
        return;
    }
    list->v = spc__allocate(in, n, sizeof *list->v);
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
static bool want_name(spc_filler *in, const spc_slot *s, const spc_node *entry)
{
    const char *fault = s->row->check(entry->key);
    if (fault == NULL) {
        return true;
    }
    spc__complain(in, &(spc_complaint){.where = s->where,
                                       .at = entry->key_at,
                                       .quoted = entry->key,
                                       .after = " cannot be a name here",
                                       .help = fault});
    return false;
}

static void read_number_into(spc_filler *in, const spc_slot *s, const spc_node *entry)
{
    spc_numbers *numbers = s->field;
    const spc_place where = {s->where, entry->key};
    const spc_slot one = {s->row, entry, NULL, &where};
    uint64_t value = 0;
    if (want_name(in, s, entry) && spc__want_number(in, &one, &value)) {
        numbers->v[numbers->n++] = (spc_number){{entry->key, entry->key_at}, value};
    }
}

static void read_numbers(spc_filler *in, const spc_slot *s)
{
    spc_numbers *numbers = s->field;
    const size_t n = count(s->node);
    if (!spc__want_kind(in, s, SPC_NODE_MAP, "write NAME: NUMBER") || n == 0) {
        return;
    }
    numbers->v = spc__allocate(in, n, sizeof *numbers->v);
    for (const spc_node *entry = s->node->child; entry != NULL && numbers->v != NULL; entry = entry->next) {
        read_number_into(in, s, entry);
    }
}

static void read_record(spc_filler *in, const spc_slot *s, const spc_table *table);
static void read_value(spc_filler *in, const spc_slot *s);

/* What stands behind the name of an entry: its keys, or the value of its one key. */
static void read_entry(spc_filler *in, const spc_slot *s)
{
    const spc_table *table = s->row->table;
    if (table->is_bare) {
        const spc_row *row = &table->rows[0];
        read_value(in, &(spc_slot){row, s->node, (uint8_t *)s->field + row->offset, s->where});
        return;
    }
    read_record(in, s, table);
}

/* Entries with an impossible name are left out, so their settings are not read: what they refer to would only
 * repeat the problem. */
static void read_map(spc_filler *in, const spc_slot *s)
{
    any_map *map = s->field;
    const size_t n = count(s->node);
    const size_t size = s->row->table->item_size;
    if (!spc__want_kind(in, s, SPC_NODE_MAP, "write NAME: and its settings below") ||
        !want_count(in, s, n, s->row->min, s->row->max)) {
        return;
    }
    map->v = spc__allocate(in, n, size);
    for (const spc_node *entry = s->node->child; entry != NULL && map->v != NULL; entry = entry->next) {
        void *item = (uint8_t *)map->v + map->n * size;
        const spc_place where = {s->where, entry->key};
        const spc_slot one = {s->row, entry, item, &where};
        if (want_name(in, s, entry)) {
            *(spc_text *)item = (spc_text){entry->key, entry->key_at};
            map->n++;
            read_entry(in, &one);
        }
    }
}

/* Records without names; each keeps its place in the spc_text that it begins with. */
static void read_list(spc_filler *in, const spc_slot *s)
{
    any_map *list = s->field;
    const size_t n = count(s->node);
    const size_t size = s->row->table->item_size;
    if (!spc__want_kind(in, s, SPC_NODE_LIST, "write a list") ||
        !want_count(in, s, n, s->row->min, s->row->max)) {
        return;
    }
    list->v = spc__allocate(in, n, size);
    for (const spc_node *item = s->node->child; item != NULL && list->v != NULL; item = item->next) {
        void *field = (uint8_t *)list->v + list->n++ * size;
        *(spc_text *)field = (spc_text){.at = item->at};
        read_record(in, &(spc_slot){s->row, item, field, s->where}, s->row->table);
    }
}

/* ---- records ---- */

static void read_value(spc_filler *in, const spc_slot *s)
{
    switch (s->row->type) {
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
    case SPC_TYPE_LIST:
        read_list(in, s);
        break;
    case SPC_TYPE_TREE:
        *(const spc_node **)s->field = s->node;
        break;
    default:
        spc__single_read(in, s);
        break;
    }
}

/* A default is read like a text of the file, at the place of the record that lacks the key. */
static void read_default(spc_filler *in, const spc_slot *s)
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
    const spc_slot one = {s->row, &node, s->field, s->where};
    if (!is_record) {
        read_value(in, &one);
        return;
    }
    for (const spc_row *row = s->row->table->rows; row->key != NULL; row++) {
        read_default(in, &(spc_slot){row, &node, (uint8_t *)s->field + row->offset, s->where});
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

/* Offers every key of the table on the way, so that the nearest is known when none fits. */
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

static void refuse_unknown_keys(spc_filler *in, const spc_slot *s, const spc_table *table)
{
    for (const spc_node *entry = s->node->child; entry != NULL; entry = entry->next) {
        spc_nearest nearest = SPC_NEAREST_TO(entry->key);
        if (!is_key_of(table, entry->key, &nearest)) {
            spc__complain(in, &(spc_complaint){.where = s->where,
                                               .at = entry->key_at,
                                               .before = "unknown key ",
                                               .quoted = entry->key,
                                               .help = "remove it, or see docs/reference/configuration.md",
                                               .nearest = nearest.best});
        }
    }
}

/* A missing key is reported at the name of the entry that lacks it: there is no better place. */
static void read_record(spc_filler *in, const spc_slot *s, const spc_table *table)
{
    if (!spc__want_kind(in, s, SPC_NODE_MAP, "write KEY: VALUE pairs")) {
        return;
    }
    refuse_unknown_keys(in, s, table);
    for (const spc_row *row = table->rows; row->key != NULL; row++) {
        const spc_node *value = find(s->node, row->key);
        void *field = (uint8_t *)s->field + row->offset;
        const spc_place where = {s->where, sp_bytes_of(row->key)};
        if (value != NULL) {
            read_value(in, &(spc_slot){row, value, field, &where});
        } else if (row->is_required) {
            const spc_mark at = s->node->key_at.line > 0 ? s->node->key_at : s->node->at;
            spc__complain(in, &(spc_complaint){.where = s->where,
                                               .at = at,
                                               .before = "missing key ",
                                               .quoted = sp_bytes_of(row->key),
                                               .help = "add it",
                                               .example = row});
        } else {
            read_default(in, &(spc_slot){row, s->node, field, &where});
        }
    }
}

sp_status spc_table_read(void *out, const spc_table *table, const spc_node *node, spc_problems *problems)
{
    static const spc_row top = {.key = "version", .type = SPC_TYPE_RECORD, .example = "1"};
    spc_filler in = {problems, problems->mem};
    read_record(&in, &(spc_slot){&top, node, out, NULL}, table);
    return problems->status;
}
