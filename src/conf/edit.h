/** @file edit.h  Changes to the text of a configuration: as little of it as can be, at the places of the
 * parsed document; comments, order and layout stay. */
#pragma once
#include "conf/conf.h"
#include "conf/document.h"

enum { SPC_PATH_MAX = 4, SPC_PAIRS_MAX = 16 };

/** KEY: VALUE; `value` as it is to stand in the file. */
typedef struct spc_pair {
    const char *key;
    sp_bytes value;
} spc_pair;

/** What is to stand in the map at a path of keys; the map is made where it is missing. */
typedef struct spc_change {
    sp_bytes path[SPC_PATH_MAX];
    size_t n_path;
    spc_pair pairs[SPC_PAIRS_MAX];
    size_t n_pairs;
} spc_change;

/** Appends `text` as a scalar that reads as this text, quoted where it has to be. */
void spc_scalar_append(sp_buf *out, sp_bytes text);

/** The file with the change. Proved by reading it again: nothing but what is below the path differs.
 *  @param out  a text of its own in `mem`. @return SP_OK; SP_EFIELD: the file is written in a way that cannot
 * be changed so, or is no YAML; SP_ENOMEM. */
SP_NODISCARD sp_status spc_edit(sp_bytes *out, sp_bytes file, const spc_change *change, sp_mem *mem);

/** An entry of a list, a map, as it was read from `file`. */
typedef struct spc_item {
    sp_bytes file;
    const spc_node *node;
} spc_item;

/** The file with one more entry behind the last one of the list at `key` of its top, which is made where it
 * is missing. The entry keeps its words and comments, except in a list in brackets. Proved as spc_edit is.
 *  @return as spc_edit. */
SP_NODISCARD sp_status spc_edit_append(sp_bytes *out, sp_bytes file, sp_bytes key, const spc_item *item,
                                       sp_mem *mem);
/** The file without the entry of that list whose `name` this is; comments on lines of their own stay.
 *  @return as spc_edit; SP_EFIELD also where there is none. */
SP_NODISCARD sp_status spc_edit_remove(sp_bytes *out, sp_bytes file, sp_bytes key, sp_bytes name,
                                       sp_mem *mem);
