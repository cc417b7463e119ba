/** @file json_read.h  One pass that reads nearly all JSON there is: nodes, spans and depth together, strings
 *  without escapes left where they stand. It may give up, and then yyjson decides; what it accepts yyjson
 * accepts too, as the same nodes (fuzz_json, test_json). Private to json.c. */
#pragma once
#include "parse/json.h"

/** What was read. Memory is that of the reader. */
typedef struct sp_read {
    sp_node *nodes;
    sp_span *spans; /**< per node */
    uint32_t n, cap;
    size_t most; /**< members of the largest object */
} sp_read;

/** @param text  1..SP_BODY_MAX bytes; borrowed by the nodes: it has to stay as long as they do.
 *  @param mem   takes at least 24 bytes per 8 of the text; more where there are more values than that, and
 * where strings have escapes.
 *  @return SP_OK; SP_ESYNTAX: not read here, ask yyjson (errors, scalars alone, nesting above SP_DEPTH_MAX);
 *          SP_ENOMEM. Time linear in the text, no recursion. */
SP_NODISCARD sp_status sp__json_read(sp_read *out, sp_bytes text, sp_mem *mem);
