/** @file document.h  A YAML file as a tree with places: the part of YAML 1.2 that reads one way only.
 *  Refused, with their place: tags, anchors, aliases, merge keys, several documents, keys that are not plain
 * words, repeated keys. */
#pragma once
#include "conf/problem.h"

enum {
    SPC_FILE_MAX = 4 << 20, /**< bytes of a configuration file */
    SPC_NESTING_MAX = 12,   /**< the deepest row of the tables is at 5 */
    SPC_NODES_MAX = 200000,
    SPC_KEYS_MAX = 8192, /**< of one map: repeated keys are found by comparing each with all before it */
};

typedef enum spc_node_kind { SPC_NODE_NULL = 0, SPC_NODE_SCALAR, SPC_NODE_LIST, SPC_NODE_MAP } spc_node_kind;

/** What a plain scalar is by the core schema (YAML 1.2.2, 10.3.2); anything quoted is text. `NO`, `yes`, `on`
 * are text. */
typedef enum spc_scalar_kind {
    SPC_SCALAR_TEXT = 0,
    SPC_SCALAR_BOOL,
    SPC_SCALAR_INT,
    SPC_SCALAR_FLOAT
} spc_scalar_kind;

typedef struct spc_node {
    struct spc_node *next;  /**< in its list or map */
    struct spc_node *child; /**< first one of a LIST or MAP */
    sp_bytes key;           /**< in a map */
    sp_bytes text;          /**< of a SCALAR */
    spc_mark at, key_at;    /**< of the value, of its key */
    spc_mark end;           /**< behind a SCALAR, or behind the bracket of one that `is_flow` */
    uint8_t kind;           /**< spc_node_kind */
    uint8_t scalar;         /**< spc_scalar_kind */
    bool is_flow;           /**< a LIST or MAP in brackets */
} spc_node;

/** Reads a file into a tree that lives in problems->mem.
 *  @param out  the root, also when there were problems but the rest could be read; NULL when it could not.
 *  @return SP_OK (look at problems->n_errors), SP_ENOMEM. */
SP_NODISCARD sp_status spc_document_read(const spc_node **out, spc_problems *problems, sp_bytes file);

/** The core schema's verdict on a plain scalar; `is_null` receives whether it is null. */
spc_scalar_kind spc_scalar_classify(sp_bytes text, bool *is_null);
