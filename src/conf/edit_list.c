/* A list of the top level gets another entry, or loses one. An entry keeps the words and comments that it was
 * written with, moved to the columns of its neighbours; in a list in brackets it is written anew. */
#include "conf/edit_internal.h"

#include <string.h>

enum { STEP = 2 };

typedef struct list_editor {
    sp_bytes text;
    const spc_node *root;
    sp_bytes key;
    sp_mem *mem;
} list_editor;

static sp_status read_root(const spc_node **out, sp_bytes text, sp_mem *mem)
{
    spc_problems problems = {.mem = mem};
    SP_TRY(spc_document_read(out, &problems, text));
    return *out != NULL && problems.n_errors == 0 && (*out)->kind == SPC_NODE_MAP && (*out)->child != NULL
               ? SP_OK
               : SP_EFIELD;
}

/* ---- an entry as text ---- */

static void put_flow(sp_buf *out, const spc_node *node)
{
    const bool is_map = node->kind == SPC_NODE_MAP;
    if (node->kind == SPC_NODE_NULL) {
        sp_buf_append_str(out, "null");
    } else if (node->kind == SPC_NODE_SCALAR && node->scalar != SPC_SCALAR_TEXT) {
        sp_buf_append(out, node->text);
    } else if (node->kind == SPC_NODE_SCALAR) {
        spc_scalar_append(out, node->text);
    } else {
        sp_buf_append_byte(out, is_map ? '{' : '[');
        for (const spc_node *n = node->child; n != NULL; n = n->next) {
            sp_buf_append_str(out, n != node->child ? ", " : "");
            sp_buf_append(out, is_map ? n->key : SP_BYTES_EMPTY);
            sp_buf_append_str(out, is_map ? ": " : "");
            put_flow(out, n);
        }
        sp_buf_append_byte(out, is_map ? '}' : ']');
    }
}

/* The lines of an entry, its first key at column `indent`: all move as the first one does. */
static void put_lines(sp_buf *out, const spc_item *item, size_t indent, sp_bytes newline)
{
    const spc_node *node = item->node;
    const size_t before = node->at.column - 1;
    size_t at = spc__edit_offset(item->file, node->at);
    const size_t end = node->is_flow ? spc__edit_offset(item->file, spc__edit_end(node))
                                     : spc__edit_line_end(item->file, node);
    while (at < end) {
        const uint8_t *feed = memchr(item->file.p + at, '\n', end - at);
        const size_t stop = feed != NULL ? (size_t)(feed - item->file.p) : end;
        const bool has_return = stop > at && item->file.p[stop - 1] == '\r';
        sp_buf_append(out, sp_bytes_sub(item->file, at, stop - has_return));
        at = stop + 1;
        if (at >= end) {
            break;
        }
        sp_buf_append(out, newline);
        size_t n = 0;
        while (n < before && at < end && item->file.p[at] == ' ') at++, n++;
        if (at < end && item->file.p[at] != '\n' && item->file.p[at] != '\r') {
            spc__edit_blanks(out, indent);
        }
    }
}

/* ---- one more ---- */

static sp_bytes newline_of(sp_bytes text)
{
    const uint8_t *feed = text.n > 0 ? memchr(text.p, '\n', text.n) : NULL;
    return feed != NULL && feed > text.p && feed[-1] == '\r' ? SP_LIT("\r\n") : SP_LIT("\n");
}

/* `- KEY: VALUE` and what follows, on lines of its own. */
static void put_block(sp_buf *out, const list_editor *e, const spc_item *item, size_t indent)
{
    sp_buf_append(out, newline_of(e->text));
    spc__edit_blanks(out, indent);
    sp_buf_append_str(out, "- ");
    put_lines(out, item, indent + STEP, newline_of(e->text));
}

/* What goes where: in the place of [start, end). */
typedef struct patch {
    size_t start, end;
    sp_buf piece;
} patch;

static void put_first(patch *p, const list_editor *e, const spc_item *item)
{
    const spc_node *last = spc__edit_last(e->root);
    if (e->root->is_flow) {
        sp_buf_append_str(&p->piece, ", ");
        sp_buf_append(&p->piece, e->key);
        sp_buf_append_str(&p->piece, ": [");
        put_flow(&p->piece, item->node);
        sp_buf_append_byte(&p->piece, ']');
        p->start = p->end = spc__edit_offset(e->text, spc__edit_end(last));
        return;
    }
    sp_buf_append(&p->piece, newline_of(e->text));
    sp_buf_append(&p->piece, e->key);
    sp_buf_append_byte(&p->piece, ':');
    put_block(&p->piece, e, item, STEP);
    p->start = p->end = spc__edit_line_end(e->text, last);
}

/* `KEY: []`, or nothing behind the key: lines below it; a comment on its line stays. */
static void put_below(patch *p, const list_editor *e, const spc_node *list, const spc_item *item)
{
    const size_t key_end = spc__edit_offset(e->text, list->key_at) + list->key.n + 1;
    const bool is_list = list->kind == SPC_NODE_LIST;
    const size_t rest = is_list ? spc__edit_offset(e->text, list->end) : key_end;
    p->start = key_end;
    p->end = rest;
    while (p->end < e->text.n && e->text.p[p->end] != '\n' && e->text.p[p->end] != '\r') p->end++;
    sp_buf_append(&p->piece, sp_bytes_sub(e->text, rest, p->end));
    put_block(&p->piece, e, item, STEP);
}

static void put_next(patch *p, const list_editor *e, const spc_node *list, const spc_item *item)
{
    const spc_node *last = list->kind == SPC_NODE_LIST ? spc__edit_last(list) : NULL;
    if (last == NULL && !e->root->is_flow) {
        put_below(p, e, list, item);
        return;
    }
    if (last != NULL && !list->is_flow) {
        put_block(&p->piece, e, item, list->at.column - 1);
        p->start = p->end = spc__edit_line_end(e->text, last);
        return;
    }
    sp_buf_append_str(&p->piece, last != NULL ? ", " : list->kind == SPC_NODE_LIST ? "" : " [");
    put_flow(&p->piece, item->node);
    sp_buf_append_str(&p->piece, list->kind == SPC_NODE_LIST ? "" : "]");
    p->start = p->end = last != NULL ? spc__edit_offset(e->text, spc__edit_end(last))
                        : list->kind == SPC_NODE_LIST
                            ? spc__edit_offset(e->text, list->at) + 1
                            : spc__edit_offset(e->text, list->key_at) + list->key.n + 1;
}

static sp_status cut(sp_bytes *out, const list_editor *e, size_t start, size_t end, const sp_buf *piece)
{
    sp_buf text = SP_BUF_IN(e->mem);
    SP_TRY(piece->status);
    sp_buf_append(&text, sp_bytes_sub(e->text, 0, start));
    sp_buf_append(&text, sp_buf_bytes(piece));
    sp_buf_append(&text, sp_bytes_sub(e->text, end, e->text.n));
    *out = sp_buf_bytes(&text);
    return text.status;
}

/* ---- the proof ---- */

/* Are they the same but for the list, in which `left` is one that `right` lacks? `left` may be NULL. */
static bool is_proved(const spc_node *more, const spc_node *less, sp_bytes key, const spc_node *left)
{
    const spc_node *with = spc__edit_find(more, key), *without = spc__edit_find(less, key);
    const spc_node *x = more->child, *y = less->child;
    for (; x != NULL; x = x->next) {
        if (x == with && without == NULL) {
            continue;
        }
        if (y == NULL || (x != with && !spc__edit_is_equal(x, y)) || (x == with && y != without)) {
            return false;
        }
        y = y->next;
    }
    if (y != NULL || with == NULL || with->kind != SPC_NODE_LIST) {
        return false;
    }
    x = with->child;
    y = without != NULL ? without->child : NULL;
    size_t n_more = 0;
    for (; x != NULL; x = x->next) {
        if (y != NULL && spc__edit_is_equal(x, y)) {
            y = y->next;
        } else if (n_more++ > 0 || !spc__edit_is_equal(x, left)) {
            return false;
        }
    }
    return y == NULL && n_more == 1;
}

sp_status spc_edit_append(sp_bytes *out, sp_bytes file, sp_bytes key, const spc_item *item, sp_mem *mem)
{
    list_editor e = {file, NULL, key, mem};
    const spc_node *after = NULL;
    patch p = {0, 0, SP_BUF_IN(mem)};
    SP_TRY(read_root(&e.root, file, mem));
    const spc_node *list = spc__edit_find(e.root, key);
    if (list != NULL && list->kind != SPC_NODE_LIST && list->kind != SPC_NODE_NULL) {
        return SP_EFIELD;
    }
    if (list != NULL) {
        put_next(&p, &e, list, item);
    } else {
        put_first(&p, &e, item);
    }
    SP_TRY(cut(out, &e, p.start, p.end, &p.piece));
    SP_TRY(read_root(&after, *out, mem));
    return is_proved(after, e.root, key, item->node) ? SP_OK : SP_EFIELD;
}

/* ---- one less ---- */

static const spc_node *find_named(const spc_node *list, sp_bytes name, const spc_node **before)
{
    *before = NULL;
    for (const spc_node *n = list->child; n != NULL; n = n->next) {
        const spc_node *its = n->kind == SPC_NODE_MAP ? spc__edit_find(n, SP_LIT("name")) : NULL;
        if (its != NULL && sp_bytes_eq(its->text, name)) {
            return n;
        }
        *before = n;
    }
    return NULL;
}

/* Between brackets: with the comma behind it, or the one before it. */
static sp_status remove_flow(sp_bytes *out, const list_editor *e, const spc_node *before,
                             const spc_node *node)
{
    const sp_buf nothing = SP_BUF_IN(e->mem);
    size_t start = spc__edit_offset(e->text, node->at), end = spc__edit_offset(e->text, spc__edit_end(node));
    if (before != NULL) {
        start = spc__edit_offset(e->text, spc__edit_end(before));
    } else if (node->next != NULL) {
        end = spc__edit_offset(e->text, node->next->at);
    }
    return cut(out, e, start, end, &nothing);
}

/* Whole lines, from its dash on. What is left of a list without entries is one in brackets. */
static sp_status remove_lines(sp_bytes *out, const list_editor *e, const spc_node *list, const spc_node *node)
{
    sp_buf nothing = SP_BUF_IN(e->mem);
    size_t start = spc__edit_offset(e->text, node->at), end = spc__edit_line_end(e->text, node);
    while (start > 0 && e->text.p[start - 1] == ' ') start--;
    if (start == 0 || e->text.p[start - 1] != '-') {
        return SP_EFIELD; /* its dash stands on a line before */
    }
    while (start > 0 && e->text.p[start - 1] != '\n') start--;
    while (end < e->text.n && e->text.p[end++] != '\n') continue;
    SP_TRY(cut(out, e, start, end, &nothing));
    if (list->child->next != NULL) {
        return SP_OK;
    }
    list_editor left = {*out, NULL, e->key, e->mem};
    const size_t at = spc__edit_offset(*out, list->key_at) + list->key.n + 1;
    sp_buf_append_str(&nothing, " []");
    return cut(out, &left, at, at, &nothing);
}

sp_status spc_edit_remove(sp_bytes *out, sp_bytes file, sp_bytes key, sp_bytes name, sp_mem *mem)
{
    list_editor e = {file, NULL, key, mem};
    const spc_node *after = NULL, *before = NULL;
    SP_TRY(read_root(&e.root, file, mem));
    const spc_node *list = spc__edit_find(e.root, key);
    const spc_node *node =
        list != NULL && list->kind == SPC_NODE_LIST ? find_named(list, name, &before) : NULL;
    if (node == NULL) {
        return SP_EFIELD;
    }
    SP_TRY(list->is_flow ? remove_flow(out, &e, before, node) : remove_lines(out, &e, list, node));
    SP_TRY(read_root(&after, *out, mem));
    return is_proved(e.root, after, key, node) ? SP_OK : SP_EFIELD;
}
