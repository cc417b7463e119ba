/** @file dialect_internal.h  What a dialect is made of. Shared by the files of src/core/parse only. */
#pragma once
#include "parse/fields.h"
#include "sallyport/dialect.h"

/** An error in the dialect's terms. */
typedef struct sp_dialect_error {
    const sp_error_info *info;
    sp_bytes message, request_id;
} sp_dialect_error;

struct sp_dialect {
    sp_dialect_id id;
    const char *name;
    /** Table of the fields of a request, by operation; NULL: the dialect does not have it. */
    const sp_table *requests[SP_OP_CALLS_END];
    /** Allow-lists of header names in lower case; a final '*' stands for any rest. */
    const sp_bytes *forwards;
    const sp_bytes *returns;
    size_t n_forwards, n_returns;
    const char *event_prefix; /**< what stands before the JSON of an error event */
    void (*error_append)(sp_buf *out, const sp_dialect_error *error);
    void (*models_append)(sp_buf *out, const sp_bytes *names, size_t n, uint64_t created_s);
};

#define X(ID, number, name, symbol) extern const sp_dialect symbol;
#include "tbl/dialects.h"

/** The table of fields of a call, or NULL. */
const sp_table *sp__request_table(const sp_dialect *dialect, sp_operation operation);

/** Whether `name` is a word of the list; compared without case, a final '*' of the list stands for any
 * rest. */
bool sp__list_has(const sp_bytes *list, size_t n, sp_bytes name);
