/** @file read.h  A tree and a table give a filled struct; everything that does not fit becomes a problem. */
#pragma once
#include "conf/document.h"
#include "conf/row.h"

/** Fills `out` (zeroed, table->item_size bytes) from `node` as the rows say; absent keys get their default.
 *  Memory and problems: problems->mem. @return SP_OK (look at problems->n_errors), SP_ENOMEM. */
SP_NODISCARD sp_status spc_table_read(void *out, const spc_table *table, const spc_node *node,
                                      spc_problems *problems);
