/* The rows as the reference manual in Markdown: one section per table, one table row per setting, in the
 * order of the rows. */
#include <string.h>

#include "conf/row.h"

typedef struct page {
    sp_buf *out;
    const char *path[4]; /* keys down to the section that is written; a map's key is followed by NAME */
    unsigned depth;
} page;

static void put(page *p, const char *text)
{
    sp_buf_append_str(p->out, text);
}

/* Inside a table of Markdown a bar ends the cell. */
static void put_cell(page *p, const char *text)
{
    for (const char *c = text; c != NULL && *c != '\0'; c++) {
        put(p, *c == '|' ? "\\" : "");
        sp_buf_append_byte(p->out, (uint8_t)*c);
    }
}

/* ---- one setting ---- */

static void put_bound(page *p, const spc_row *row, uint64_t value)
{
    if (row->type == SPC_TYPE_TIME || row->type == SPC_TYPE_SIZE) {
        spc_quantity_append(p->out, value, spc_row_unit_kind(row));
    } else {
        sp_buf_append_u64(p->out, value);
    }
}

/* A single possible value is no range. */
static void put_range(page *p, const spc_row *row)
{
    put_bound(p, row, row->min);
    if (row->min != row->max) {
        put(p, " to ");
        put_bound(p, row, row->max);
    }
    if (row->unit != NULL) {
        put(p, " ");
        put(p, row->unit);
    }
}

static void put_words(page *p, const spc_row *row)
{
    for (const spc_word *w = row->words; w->name != NULL; w++) {
        put(p, w == row->words ? "`" : ", `");
        put(p, w->name);
        put(p, "`");
    }
}

static void put_type(page *p, const spc_row *row)
{
    switch (row->type) {
    case SPC_TYPE_TEXT:
        put(p, "text");
        break;
    case SPC_TYPE_BOOL:
        put(p, "`true` or `false`");
        break;
    case SPC_TYPE_COUNT:
    case SPC_TYPE_TIME:
    case SPC_TYPE_SIZE:
        put_range(p, row);
        break;
    case SPC_TYPE_WORD:
        put(p, "one of ");
        put_words(p, row);
        break;
    case SPC_TYPE_FLAGS:
        put(p, "list of ");
        put_words(p, row);
        break;
    case SPC_TYPE_TEXTS:
        put(p, row->is_short ? "text, or list of texts" : "list of texts");
        break;
    case SPC_TYPE_NUMBERS:
        put(p, "NAME: number, ");
        put_range(p, row);
        break;
    case SPC_TYPE_RECORD:
        put(p, "section");
        break;
    case SPC_TYPE_MAP:
        put(p, row->table->is_bare ? "NAME: " : "NAME: section");
        if (row->table->is_bare) {
            put_type(p, &row->table->rows[0]);
        }
        break;
    case SPC_TYPE_LIST:
        put(p, "list of sections");
        break;
    case SPC_TYPE_TREE:
        put(p, "anything");
        break;
    }
}

/* A required key has no default, even where zero would do. */
static void put_default(page *p, const spc_row *row)
{
    if (row->is_required) {
        put(p, "**required**");
    } else if (row->def == NULL || row->def[0] == '\0') {
        put(p, "none");
    } else {
        put(p, "`");
        put_cell(p, row->def);
        put(p, "`");
    }
}

static void put_word_docs(page *p, const spc_row *row)
{
    for (const spc_word *w = row->words; w != NULL && w->name != NULL; w++) {
        put(p, " `");
        put(p, w->name);
        put(p, "`: ");
        put_cell(p, w->doc);
        put(p, w[1].name != NULL ? ";" : ".");
    }
}

static void put_row(page *p, const spc_row *row)
{
    put(p, "| `");
    put(p, row->key);
    put(p, "` | ");
    put_type(p, row);
    put(p, " | ");
    put_default(p, row);
    put(p, " | ");
    put_cell(p, row->doc);
    put_word_docs(p, row);
    put(p, " | `");
    put_cell(p, row->key);
    put(p, ": ");
    put_cell(p, row->example);
    put(p, "` |\n");
}

/* ---- sections ---- */

static void put_heading(page *p)
{
    put(p, "\n## ");
    for (unsigned i = 0; i < p->depth; i++) {
        put(p, i > 0 ? "." : "");
        put(p, p->path[i]);
    }
    put(p, p->depth == 0 ? "The file\n\n" : "\n\n");
}

static void put_table(page *p, const spc_table *table);

/* The path is a stack that is cut back after the section. */
static void put_below(page *p, const spc_row *row)
{
    const unsigned depth = p->depth;
    p->path[p->depth++] = row->key;
    if (row->type == SPC_TYPE_MAP || row->type == SPC_TYPE_LIST) {
        p->path[p->depth++] = row->type == SPC_TYPE_MAP ? "NAME" : "[]";
    }
    put_table(p, row->table);
    p->depth = depth;
}

/* All settings of a section first, then the sections below it, so that a table is not torn apart. */
static void put_table(page *p, const spc_table *table)
{
    put_heading(p);
    put(p, "| key | value | default | meaning | example |\n| --- | --- | --- | --- | --- |\n");
    for (const spc_row *row = table->rows; row->key != NULL; row++) {
        put_row(p, row);
    }
    for (const spc_row *row = table->rows; row->key != NULL; row++) {
        if (row->table != NULL && !row->table->is_bare) {
            put_below(p, row);
        }
    }
}

void spc_manual_append(sp_buf *out)
{
    page p = {.out = out};
    put(&p,
        "# Configuration\n\n"
        "Generated from the tables in `src/conf/rows*.c` by `sallyport check --print-manual`; do not "
        "edit.\n\n"
        "One file, `sallyport.yaml`: YAML 1.2 with the core schema, in UTF-8, without tags, anchors, aliases "
        "and merge "
        "keys. `NO` is a text, `true` is not. Unknown and repeated keys are errors. Times and sizes carry a "
        "unit, "
        "directly behind the number: `ms`, `s`, `min`, `h`; `B`, `KiB`, `MiB`, `GiB`. Relative paths start "
        "at the "
        "file's folder. Names are made of `a-z`, `0-9`, `.`, `_`, `-`, at most 63, and begin with a letter "
        "or digit; "
        "names of models may also hold capitals and `:/@`, up to 127.\n\n"
        "`sallyport check` prints every error with file, line and column; `share/sallyport.schema.json` lets "
        "an editor "
        "do it while you type. A commented file to start from is `examples/sallyport.yaml`.\n");
    put_table(&p, &spc_table_conf);
}
