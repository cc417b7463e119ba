/* One key after the other: read the file, change one place, read it again. A file is small, and so each
 * change sees the places as they are. */
#include "conf/edit.h"

#include <string.h>

#include "conf/edit_internal.h"

enum { STEP = 2 };

typedef struct editor {
    sp_bytes text;
    sp_mem *mem;
    const spc_change *change;
} editor;

/* ---- places ---- */

static bool is_inside(uint8_t c)
{
    return (c & 0xc0) == 0x80; /* of a character of UTF-8 */
}

/* Marks count lines and characters. */
size_t spc__edit_offset(sp_bytes text, spc_mark mark)
{
    size_t at = 0;
    for (uint32_t line = 1; line < mark.line && at < text.n; at++) {
        line += text.p[at] == '\n';
    }
    for (uint32_t column = 1; column < mark.column && at < text.n; column++) {
        at++;
        while (at < text.n && is_inside(text.p[at])) at++;
    }
    return at;
}

const spc_node *spc__edit_last(const spc_node *map)
{
    const spc_node *last = map->child;
    while (last != NULL && last->next != NULL) {
        last = last->next;
    }
    return last;
}

/* Behind a node's own text. What is written in lines ends with its last entry: the mark of its end is that of
 * whatever comes next. */
spc_mark spc__edit_end(const spc_node *node)
{
    const spc_node *last = node;
    while ((last->kind == SPC_NODE_MAP || last->kind == SPC_NODE_LIST) && !last->is_flow &&
           last->child != NULL) {
        last = spc__edit_last(last);
    }
    return last->kind == SPC_NODE_NULL ? last->at : last->end;
}

const spc_node *spc__edit_find(const spc_node *map, sp_bytes key)
{
    for (const spc_node *n = map->child; n != NULL; n = n->next) {
        if (sp_bytes_eq(n->key, key)) {
            return n;
        }
    }
    return NULL;
}

/* ---- pieces of text ---- */

static bool is_plain(sp_bytes text)
{
    bool is_null = false;
    if (text.n == 0 || spc_scalar_classify(text, &is_null) != SPC_SCALAR_TEXT || is_null) {
        return false;
    }
    for (size_t i = 0; i < text.n; i++) {
        const uint8_t c = text.p[i];
        const bool is_word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        const bool is_edge = i == 0 || i + 1 == text.n;
        if (!is_word && (c == 0 || is_edge || strchr(" ._@/+-", c) == NULL)) {
            return false;
        }
    }
    return true;
}

void spc_scalar_append(sp_buf *out, sp_bytes text)
{
    if (is_plain(text)) {
        sp_buf_append(out, text);
        return;
    }
    sp_buf_append_byte(out, '"');
    sp_buf_append_json(out, text); /* a JSON string is a quoted scalar too (YAML 1.2.2, 1.3) */
    sp_buf_append_byte(out, '"');
}

void spc__edit_blanks(sp_buf *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        sp_buf_append_byte(out, ' ');
    }
}

static void put_pair(sp_buf *out, const spc_pair *pair)
{
    sp_buf_append_str(out, pair->key);
    sp_buf_append_str(out, ": ");
    sp_buf_append(out, pair->value);
}

static void put_flow_pairs(sp_buf *out, const spc_change *c)
{
    sp_buf_append_byte(out, '{');
    for (size_t i = 0; i < c->n_pairs; i++) {
        sp_buf_append_str(out, i > 0 ? ", " : "");
        put_pair(out, &c->pairs[i]);
    }
    sp_buf_append_byte(out, '}');
}

/* KEY: {KEY: {PAIRS}}, from path[i] on. */
static void put_flow_entry(sp_buf *out, const spc_change *c, size_t i)
{
    for (size_t k = i; k < c->n_path; k++) {
        sp_buf_append_str(out, k > i ? "{" : "");
        sp_buf_append(out, c->path[k]);
        sp_buf_append_str(out, ": ");
    }
    put_flow_pairs(out, c);
    for (size_t k = i + 1; k < c->n_path; k++) {
        sp_buf_append_byte(out, '}');
    }
}

/* How entries beside a new one are written: columns of their keys, and of what is below them. */
typedef struct layout {
    size_t indent, step;
    bool is_flow; /* entries that are maps stand in brackets */
} layout;

/* Lines of an entry, the first one without its indent. Only what is nearest to the pairs is in brackets. */
static void put_block_entry(sp_buf *out, const spc_change *c, size_t i, const layout *l)
{
    const bool is_last_flow = l->is_flow || c->n_path - i > 1;
    for (size_t k = i; k < c->n_path; k++) {
        if (k > i) {
            sp_buf_append_byte(out, '\n');
            spc__edit_blanks(out, l->indent + (k - i) * l->step);
        }
        sp_buf_append(out, c->path[k]);
        sp_buf_append_byte(out, ':');
    }
    if (is_last_flow) {
        sp_buf_append_byte(out, ' ');
        put_flow_pairs(out, c);
        return;
    }
    for (size_t k = 0; k < c->n_pairs; k++) {
        sp_buf_append_byte(out, '\n');
        spc__edit_blanks(out, l->indent + (c->n_path - i) * l->step);
        put_pair(out, &c->pairs[k]);
    }
}

static layout layout_of(const spc_node *map)
{
    const spc_node *last = spc__edit_last(map);
    layout l = {map->child->key_at.column - 1, STEP, false};
    if (last->kind == SPC_NODE_MAP) {
        l.is_flow = last->is_flow;
        const bool has_lines = !last->is_flow && last->child != NULL;
        l.step = has_lines ? last->child->key_at.column - last->key_at.column : STEP;
    }
    return l;
}

/* ---- changes ---- */

static sp_status splice(editor *e, size_t start, size_t end, sp_bytes piece)
{
    sp_buf out = SP_BUF_IN(e->mem);
    sp_buf_append(&out, sp_bytes_sub(e->text, 0, start));
    sp_buf_append(&out, piece);
    sp_buf_append(&out, sp_bytes_sub(e->text, end, e->text.n));
    e->text = sp_buf_bytes(&out);
    return out.status;
}

/* The end of the line on which a node ends, behind its comment; of a text in lines, its last line's. */
size_t spc__edit_line_end(sp_bytes text, const spc_node *node)
{
    size_t at = spc__edit_offset(text, spc__edit_end(node));
    if (at > 0 && text.p[at - 1] == '\n') {
        return at - 1;
    }
    while (at < text.n && text.p[at] != '\n' && text.p[at] != '\r') at++;
    return at;
}

/* `entry` goes behind the last one of a map. */
static sp_status insert(editor *e, const spc_node *map, sp_bytes entry)
{
    sp_buf piece = SP_BUF_IN(e->mem);
    size_t at = spc__edit_offset(e->text, map->at) + 1; /* behind the bracket */
    if (map->is_flow && map->child != NULL) {
        at = spc__edit_offset(e->text, spc__edit_end(spc__edit_last(map)));
        sp_buf_append_str(&piece, ", ");
    } else if (!map->is_flow) {
        at = spc__edit_line_end(e->text, spc__edit_last(map));
        sp_buf_append_str(&piece, at < e->text.n && e->text.p[at] == '\r' ? "\r\n" : "\n");
        spc__edit_blanks(&piece, map->child->key_at.column - 1);
    }
    sp_buf_append(&piece, entry);
    return piece.status == SP_OK ? splice(e, at, at, sp_buf_bytes(&piece)) : piece.status;
}

static sp_status insert_entry(editor *e, const spc_node *map, size_t i)
{
    sp_buf entry = SP_BUF_IN(e->mem);
    if (map->is_flow) {
        put_flow_entry(&entry, e->change, i);
    } else {
        const layout l = layout_of(map);
        put_block_entry(&entry, e->change, i, &l);
    }
    return entry.status == SP_OK ? insert(e, map, sp_buf_bytes(&entry)) : entry.status;
}

/* `KEY:` with nothing behind it becomes `KEY: {…}`. */
static sp_status fill_empty(editor *e, const spc_node *node, size_t i)
{
    sp_buf value = SP_BUF_IN(e->mem);
    const size_t at = spc__edit_offset(e->text, node->key_at) + node->key.n + 1;
    sp_buf_append_byte(&value, ' ');
    if (i < e->change->n_path) {
        sp_buf_append_byte(&value, '{');
        put_flow_entry(&value, e->change, i);
        sp_buf_append_byte(&value, '}');
    } else {
        put_flow_pairs(&value, e->change);
    }
    return value.status == SP_OK ? splice(e, at, at, sp_buf_bytes(&value)) : value.status;
}

static sp_status set_pair(editor *e, const spc_node *map, const spc_pair *pair)
{
    sp_buf text = SP_BUF_IN(e->mem);
    const spc_node *node = spc__edit_find(map, sp_bytes_of(pair->key));
    if (node != NULL && node->kind != SPC_NODE_NULL) {
        return splice(e, spc__edit_offset(e->text, node->at), spc__edit_offset(e->text, spc__edit_end(node)),
                      pair->value);
    }
    if (node != NULL) {
        const size_t at = spc__edit_offset(e->text, node->key_at) + node->key.n + 1;
        sp_buf_append_byte(&text, ' ');
        sp_buf_append(&text, pair->value);
        return splice(e, at, at, sp_buf_bytes(&text));
    }
    put_pair(&text, pair);
    return text.status == SP_OK ? insert(e, map, sp_buf_bytes(&text)) : text.status;
}

static sp_status read_text(const spc_node **root, const editor *e)
{
    spc_problems problems = {.mem = e->mem};
    SP_TRY(spc_document_read(root, &problems, e->text));
    const bool is_good = *root != NULL && problems.n_errors == 0 && (*root)->kind == SPC_NODE_MAP;
    return is_good && (*root)->child != NULL ? SP_OK : SP_EFIELD;
}

/* One pass: the way as far as it is there, then what is missing of it, or pair `n`.
 * @param is_done  receives whether all pairs were set at once, with the map that was made for them. */
static sp_status step(editor *e, size_t n, bool *is_done)
{
    const spc_node *node = NULL;
    SP_TRY(read_text(&node, e));
    for (size_t i = 0; i < e->change->n_path; i++) {
        const spc_node *next = spc__edit_find(node, e->change->path[i]);
        *is_done = next == NULL || next->kind == SPC_NODE_NULL;
        if (next == NULL) {
            return insert_entry(e, node, i);
        }
        if (next->kind == SPC_NODE_NULL) {
            return fill_empty(e, next, i + 1);
        }
        if (next->kind != SPC_NODE_MAP) {
            return SP_EFIELD;
        }
        node = next;
    }
    return set_pair(e, node, &e->change->pairs[n]);
}

/* ---- the proof ---- */

bool spc__edit_is_equal(const spc_node *a, const spc_node *b)
{
    const spc_node *x = a->child, *y = b->child;
    const bool is_null = a->kind == SPC_NODE_NULL; /* however it is written */
    if (a->kind != b->kind || a->scalar != b->scalar || !sp_bytes_eq(a->key, b->key) ||
        (!is_null && !sp_bytes_eq(a->text, b->text))) {
        return false;
    }
    for (; x != NULL && y != NULL; x = x->next, y = y->next) {
        if (!spc__edit_is_equal(x, y)) {
            return false;
        }
    }
    return x == NULL && y == NULL;
}

/* Are they the same but for what is below the path, from its key `i` on? What was added stands at the end. */
static bool is_equal_but(const spc_node *a, const spc_node *b, const spc_change *c, size_t i)
{
    const spc_node *x = a->kind == SPC_NODE_MAP ? a->child : NULL;
    const spc_node *y = b->child;
    if (i == c->n_path) {
        return b->kind == SPC_NODE_MAP;
    }
    for (; x != NULL && y != NULL; x = x->next, y = y->next) {
        const bool is_way = sp_bytes_eq(x->key, c->path[i]) && sp_bytes_eq(y->key, x->key);
        if (!(is_way ? is_equal_but(x, y, c, i + 1) : spc__edit_is_equal(x, y))) {
            return false;
        }
    }
    return x == NULL && (y == NULL || (y->next == NULL && sp_bytes_eq(y->key, c->path[i])));
}

static sp_status prove(const editor *e, const spc_node *before)
{
    const spc_node *after = NULL;
    SP_TRY(read_text(&after, e));
    if (!is_equal_but(before, after, e->change, 0)) {
        return SP_EFIELD;
    }
    for (size_t i = 0; i < e->change->n_path; i++) {
        after = spc__edit_find(after, e->change->path[i]);
        if (after == NULL) {
            return SP_EFIELD;
        }
    }
    for (size_t i = 0; i < e->change->n_pairs; i++) {
        if (spc__edit_find(after, sp_bytes_of(e->change->pairs[i].key)) == NULL) {
            return SP_EFIELD;
        }
    }
    return SP_OK;
}

sp_status spc_edit(sp_bytes *out, sp_bytes file, const spc_change *change, sp_mem *mem)
{
    editor e = {file, mem, change};
    const spc_node *before = NULL;
    bool is_done = false;
    SP_TRY(read_text(&before, &e));
    for (size_t i = 0; i < change->n_pairs && !is_done; i++) {
        SP_TRY(step(&e, i, &is_done));
    }
    SP_TRY(prove(&e, before));
    *out = e.text;
    return SP_OK;
}
