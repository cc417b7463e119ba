/* The rows as a JSON Schema (draft 2020-12), so that editors complete the file and mark errors while it is
 * written. It says what one place of the file may hold; references between places are the load's to check. */
#include <string.h>

#include "conf/row.h"

/* A JSON text with two spaces of indentation per level, written member by member. */
typedef struct json {
    sp_buf *out;
    unsigned depth;
    bool is_first; /* of its object or array */
} json;

static void new_line(json *j)
{
    sp_buf_append_byte(j->out, '\n');
    for (unsigned i = 0; i < j->depth; i++) {
        sp_buf_append_str(j->out, "  ");
    }
}

/* The comma comes before an item, never after: JSON has no trailing commas. */
static void begin_item(json *j)
{
    sp_buf_append_str(j->out, j->is_first ? "" : ",");
    new_line(j);
    j->is_first = false;
}

static void put_string(json *j, const char *text)
{
    sp_buf_append_byte(j->out, '"');
    sp_buf_append_json(j->out, sp_bytes_of(text));
    sp_buf_append_byte(j->out, '"');
}

static void begin_member(json *j, const char *name)
{
    begin_item(j);
    put_string(j, name);
    sp_buf_append_str(j->out, ": ");
}

static void open(json *j, char bracket)
{
    sp_buf_append_byte(j->out, (uint8_t)bracket);
    j->depth++;
    j->is_first = true;
}

/* An empty object or array closes on its own line. */
static void close(json *j, char bracket)
{
    const bool is_empty = j->is_first;
    j->depth--;
    if (!is_empty) {
        new_line(j);
    }
    sp_buf_append_byte(j->out, (uint8_t)bracket);
    j->is_first = false;
}

static void member_string(json *j, const char *name, const char *text)
{
    begin_member(j, name);
    put_string(j, text);
}

static void member_number(json *j, const char *name, uint64_t value)
{
    begin_member(j, name);
    sp_buf_append_u64(j->out, value);
}

static void member_false(json *j, const char *name)
{
    begin_member(j, name);
    sp_buf_append_str(j->out, "false");
}

/* ---- types ---- */

/* Lengths in the tables are bytes, in the schema characters: the schema is the laxer of the two, the load
 * decides. */
static void write_text(json *j, const spc_row *row)
{
    member_string(j, "type", "string");
    if (row->pattern != NULL) {
        member_string(j, "pattern", row->pattern);
    }
    if (row->type == SPC_TYPE_TEXT && row->max > 0) {
        member_number(j, "minLength", row->min);
        member_number(j, "maxLength", row->max);
    }
}

static void write_range(json *j, const spc_row *row)
{
    member_string(j, "type", "integer");
    member_number(j, "minimum", row->min);
    member_number(j, "maximum", row->max);
}

static void write_words(json *j, const spc_word *words)
{
    begin_member(j, "enum");
    open(j, '[');
    for (const spc_word *w = words; w->name != NULL; w++) {
        begin_item(j);
        put_string(j, w->name);
    }
    close(j, ']');
}

/* Repeated items are refused for texts; a repeated permission changes nothing. */
static void write_list(json *j, const spc_row *row)
{
    member_string(j, "type", "array");
    begin_member(j, "items");
    open(j, '{');
    if (row->words != NULL) {
        write_words(j, row->words);
    } else {
        write_text(j, row);
    }
    close(j, '}');
    if (row->type == SPC_TYPE_TEXTS) {
        member_number(j, "minItems", row->min);
        member_number(j, "maxItems", row->max);
        begin_member(j, "uniqueItems");
        sp_buf_append_str(j->out, "true");
    }
}

/* One text may stand for the list. */
static void write_short_list(json *j, const spc_row *row)
{
    begin_member(j, "oneOf");
    open(j, '[');
    begin_item(j);
    open(j, '{');
    write_text(j, row);
    close(j, '}');
    begin_item(j);
    open(j, '{');
    write_list(j, row);
    close(j, '}');
    close(j, ']');
}

static void write_names(json *j, const spc_row *row)
{
    begin_member(j, "propertyNames");
    open(j, '{');
    member_string(j, "pattern", row->pattern);
    close(j, '}');
}

static void write_numbers(json *j, const spc_row *row)
{
    member_string(j, "type", "object");
    write_names(j, row);
    begin_member(j, "additionalProperties");
    open(j, '{');
    write_range(j, row);
    close(j, '}');
}

static void write_table(json *j, const spc_table *table);
static void write_type(json *j, const spc_row *row);

static void write_map(json *j, const spc_row *row)
{
    member_string(j, "type", "object");
    write_names(j, row);
    member_number(j, "minProperties", row->min);
    member_number(j, "maxProperties", row->max);
    begin_member(j, "additionalProperties");
    open(j, '{');
    if (row->table->is_bare) {
        write_type(j, &row->table->rows[0]);
    } else {
        write_table(j, row->table);
    }
    close(j, '}');
}

static void write_records(json *j, const spc_row *row)
{
    member_string(j, "type", "array");
    member_number(j, "maxItems", row->max);
    begin_member(j, "items");
    open(j, '{');
    write_table(j, row->table);
    close(j, '}');
}

static void write_type(json *j, const spc_row *row)
{
    switch (row->type) {
    case SPC_TYPE_TEXT:
        write_text(j, row);
        break;
    case SPC_TYPE_BOOL:
        member_string(j, "type", "boolean");
        break;
    case SPC_TYPE_COUNT:
        write_range(j, row);
        break;
    case SPC_TYPE_TIME:
        member_string(j, "type", "string");
        member_string(j, "pattern", "^[0-9]+(ms|s|min|h)$");
        break;
    case SPC_TYPE_SIZE:
        member_string(j, "type", "string");
        member_string(j, "pattern", "^[0-9]+(B|KiB|MiB|GiB)$");
        break;
    case SPC_TYPE_WORD:
        write_words(j, row->words);
        break;
    case SPC_TYPE_FLAGS:
        write_list(j, row);
        break;
    case SPC_TYPE_TEXTS:
        row->is_short ? write_short_list(j, row) : write_list(j, row);
        break;
    case SPC_TYPE_NUMBERS:
        write_numbers(j, row);
        break;
    case SPC_TYPE_RECORD:
        write_table(j, row->table);
        break;
    case SPC_TYPE_MAP:
        write_map(j, row);
        break;
    case SPC_TYPE_LIST:
        write_records(j, row);
        break;
    case SPC_TYPE_TREE: /* anything */
        break;
    }
}

/* ---- rows and tables ---- */

/* Booleans and counts are bare in JSON, everything else is text, quantities included. */
static void write_default(json *j, const spc_row *row)
{
    if (row->def == NULL) {
        return;
    }
    const bool is_bare = row->type == SPC_TYPE_BOOL || row->type == SPC_TYPE_COUNT;
    begin_member(j, "default");
    if (is_bare) {
        sp_buf_append_str(j->out, row->def);
    } else {
        put_string(j, row->def);
    }
}

static void write_row(json *j, const spc_row *row)
{
    begin_member(j, row->key);
    open(j, '{');
    member_string(j, "description", row->doc);
    write_type(j, row);
    write_default(j, row);
    close(j, '}');
}

static bool has_required(const spc_table *table)
{
    for (const spc_row *row = table->rows; row->key != NULL; row++) {
        if (row->is_required) {
            return true;
        }
    }
    return false;
}

static void write_required(json *j, const spc_table *table)
{
    if (!has_required(table)) {
        return;
    }
    begin_member(j, "required");
    open(j, '[');
    for (const spc_row *row = table->rows; row->key != NULL; row++) {
        if (row->is_required) {
            begin_item(j);
            put_string(j, row->key);
        }
    }
    close(j, ']');
}

/* additionalProperties false is what makes editors mark a misspelt key. */
static void write_table(json *j, const spc_table *table)
{
    member_string(j, "type", "object");
    member_false(j, "additionalProperties");
    write_required(j, table);
    begin_member(j, "properties");
    open(j, '{');
    for (const spc_row *row = table->rows; row->key != NULL; row++) {
        write_row(j, row);
    }
    close(j, '}');
}

void spc_schema_append(sp_buf *out)
{
    json j = {.out = out, .is_first = true};
    open(&j, '{');
    member_string(&j, "$schema", "https://json-schema.org/draft/2020-12/schema");
    member_string(&j, "title", "Sallyport configuration");
    write_table(&j, &spc_table_conf);
    close(&j, '}');
    sp_buf_append_byte(out, '\n');
}
