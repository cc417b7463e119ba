/** @file walk.h  The walk over a request along its field table: segments, uses and the values that the
 * request needs by name. Private to src/core/parse. */
#pragma once
#include "parse/fields.h"

enum {
    SP_TOP_MAX = 64, /**< rows of a dialect's top table at most */
};

/** Items that grow in the memory of a walk; what is outgrown stays there until the arena goes. */
typedef struct sp_list {
    void *p;
    size_t n, cap;
    size_t item; /**< bytes of one */
} sp_list;

/** What a walk yields, and what it needs on the way. Starts with `mem`, `work`, `diag` and the four lists
 * set. */
typedef struct sp_walk {
    sp_mem *mem;  /**< of the results */
    sp_mem *work; /**< of what is needed on the way only */
    sp_diag *diag;
    sp_list text;                        /**< uint8_t: what becomes sp_request.text */
    sp_list segments;                    /**< sp_segment, in the order of their texts */
    sp_list uses;                        /**< sp_use */
    sp_list tool_parts;                  /**< sp_tool_part, in the order of their beginnings */
    const sp_node *marks[SP_MARK_COUNT]; /**< value of each row with that mark, NULL when absent or null */
    const sp_node *null_options;         /**< stream_options given as null */
    const sp_node *top[SP_TOP_MAX];      /**< value of each row of the top table */
    uint32_t model_segment;              /**< 1 + index of the segment that holds the model, 0 = none */
} sp_walk;

/** Walks `json` (an object) along `table`.
 *  @return SP_OK, SP_EFIELD, SP_ENUMBER, SP_EMISSING (a required row), SP_ENOMEM; diag as given in `walk`. */
SP_NODISCARD sp_status sp__walk(sp_walk *walk, const sp_json *json, const sp_table *table);
