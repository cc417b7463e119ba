/** @file edit_internal.h  What changes to maps (edit.c) and to lists (edit_list.c) share: places of nodes in
 * the text that they were read from. */
#pragma once
#include "conf/document.h"
#include "conf/edit.h"

/** Where a mark is, in bytes. */
size_t spc__edit_offset(sp_bytes text, spc_mark mark);
/** Behind a node's own text: of one that is written in lines, behind its last entry. */
spc_mark spc__edit_end(const spc_node *node);
/** The end of the line on which a node ends, behind its comment; of a text in lines, its last line's. */
size_t spc__edit_line_end(sp_bytes text, const spc_node *node);
/** The last entry of a map or a list, or NULL. */
const spc_node *spc__edit_last(const spc_node *map);
/** The entry of a map, or NULL. */
const spc_node *spc__edit_find(const spc_node *map, sp_bytes key);
/** Whether two trees say the same. */
bool spc__edit_is_equal(const spc_node *a, const spc_node *b);
/** Appends `n` blanks. */
void spc__edit_blanks(sp_buf *out, size_t n);
