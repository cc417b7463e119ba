/* What is asked of a dialect: by id and name, headers, answers of the gateway in its shape. The dialects
 * themselves are tables. */
#include "parse/dialect_internal.h"

static const sp_dialect *const dialects[] = {
#define X(ID, number, name, symbol) &symbol,
#include "tbl/dialects.h"
};
enum { N_DIALECTS = sizeof dialects / sizeof dialects[0] };

#define X(ID, number, name, symbol) \
    _Static_assert(SP_DIALECT_##ID == (number), "the public id is the number of the row");
#include "tbl/dialects.h"

/* Linear: there are two, and a request looks once. */
const sp_dialect *sp_dialect_get(sp_dialect_id id)
{
    for (size_t i = 0; i < N_DIALECTS; i++) {
        if (dialects[i]->id == id) return dialects[i];
    }
    return NULL;
}

const sp_dialect *sp_dialect_find(sp_bytes name)
{
    for (size_t i = 0; i < N_DIALECTS; i++) {
        if (sp_bytes_eq(sp_bytes_of(dialects[i]->name), name)) return dialects[i];
    }
    return NULL;
}

const char *sp_dialect_name(const sp_dialect *dialect)
{
    return dialect == NULL ? "" : dialect->name;
}

sp_dialect_id sp_dialect_id_of(const sp_dialect *dialect)
{
    return dialect == NULL ? SP_DIALECT_NONE : dialect->id;
}

const sp_table *sp__request_table(const sp_dialect *dialect, sp_operation operation)
{
    return operation < SP_OP_CALLS_END ? dialect->requests[operation] : NULL;
}

bool sp_dialect_has(const sp_dialect *dialect, sp_operation operation)
{
    return sp__request_table(dialect, operation) != NULL;
}

/* ---- operations ---- */

typedef struct operation_row {
    const char *name;
    bool streams;
} operation_row;

static const operation_row operations[SP_OP_CALLS_END] = {
#define X(ID, number, name, streams, meaning) [number] = {(name), (streams)},
#include "tbl/operations.h"
};

bool sp_operation_is_call(sp_operation operation)
{
    return operation < SP_OP_CALLS_END && operations[operation].name != NULL;
}

const char *sp_operation_name(sp_operation operation)
{
    return sp_operation_is_call(operation) ? operations[operation].name : "unknown";
}

sp_operation sp_operation_find(sp_bytes name)
{
    for (size_t i = 0; i < SP_OP_CALLS_END; i++) {
        if (operations[i].name != NULL && sp_bytes_eq(sp_bytes_of(operations[i].name), name))
            return (sp_operation)i;
    }
    return SP_OP_NONE;
}

bool sp_operation_streams(sp_operation operation)
{
    return sp_operation_is_call(operation) && operations[operation].streams;
}

/* ---- headers ---- */

/* Field names do not mind case (RFC 9110, section 5.1). */
bool sp__list_has(const sp_bytes *list, size_t n, sp_bytes name)
{
    for (size_t i = 0; i < n; i++) {
        const bool is_prefix = list[i].p[list[i].n - 1] == '*';
        const size_t head = list[i].n - (is_prefix ? 1 : 0);
        if (is_prefix ? name.n < head : name.n != head) continue;
        if (sp_bytes_eq_nocase(sp_bytes_sub(name, 0, head), sp_bytes_sub(list[i], 0, head))) return true;
    }
    return false;
}

bool sp_dialect_forwards_header(const sp_dialect *dialect, sp_bytes name)
{
    return sp__list_has(dialect->forwards, dialect->n_forwards, name);
}

bool sp_dialect_returns_header(const sp_dialect *dialect, sp_bytes name)
{
    return sp__list_has(dialect->returns, dialect->n_returns, name);
}

/* The message is ours and says what happened; the wire name is what programs compare, so both dialects
 * carry it. */
void sp_dialect_error_append(sp_buf *out, const sp_dialect *dialect, sp_status status, sp_bytes message,
                             sp_bytes request_id)
{
    const sp_dialect_error error = {
        .info = sp_error_get(status), .message = message, .request_id = request_id};
    dialect->error_append(out, &error);
}

/* An event ends at an empty line; JSON escapes newlines, so the data is one line. */
void sp_dialect_error_event_append(sp_buf *out, const sp_dialect *dialect, sp_status status, sp_bytes message,
                                   sp_bytes request_id)
{
    sp_buf_append_str(out, dialect->event_prefix);
    sp_dialect_error_append(out, dialect, status, message, request_id);
    sp_buf_append_str(out, "\n\n");
}

void sp_dialect_models_append(sp_buf *out, const sp_dialect *dialect, const sp_bytes *names, size_t n,
                              uint64_t created_s)
{
    dialect->models_append(out, names, n, created_s);
}
