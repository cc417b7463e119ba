/** @file status.h  Status codes of the core, and the diagnostic that goes with them.
 *  All codes are rows of src/core/tbl/errors.h. Pure values; safe from any thread. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define SP_NODISCARD __attribute__((warn_unused_result))

/** 0 is success, every failure is negative: `-number` of its row. */
typedef enum sp_status {
    SP_OK = 0,
#define X(ID, number, name, http, cls, sentence) SP_##ID = -(number),
#include "tbl/errors.h"
} sp_status;

/** Who can mend a failure. */
typedef enum sp_error_class {
    SP_CLASS_INTERNAL = 0,
    SP_CLASS_CALLER,
    SP_CLASS_POLICY,
    SP_CLASS_UPSTREAM
} sp_error_class;

/** One row of the error table. All strings are static. */
typedef struct sp_error_info {
    sp_status status;
    const char *name; /**< wire name, snake_case, stable */
    uint16_t http;    /**< status of the HTTP answer */
    sp_error_class cls;
    const char *sentence; /**< what happened, for people; holds no data of the request */
} sp_error_info;

/** The row of a status; for SP_OK or a number without row: the row of SP_EINTERNAL. Never NULL. */
const sp_error_info *sp_error_get(sp_status status);

/** Row `i` of the table in order, or NULL past its end. For manuals and completeness tests. */
const sp_error_info *sp_error_at(size_t i);

enum { SP_DIAG_TEXT_MAX = 160 };

/** Detail of a failure, owned by the caller. `text` is NUL-terminated, static in content: it never quotes the
 * input. */
typedef struct sp_diag {
    sp_status code;
    size_t at; /**< byte offset in the input where it went wrong; SIZE_MAX when there is no such place */
    char text[SP_DIAG_TEXT_MAX];
} sp_diag;

/** Fills `diag` (NULL allowed) and returns `code`, so that `return sp_fail(diag, SP_EDEPTH, at, "...")` reads
 * as one step. */
sp_status sp_fail(sp_diag *diag, sp_status code, size_t at, const char *text);

/** Returns the status of a failed call to the caller. The only macro with hidden control flow; not for
 * functions that hold an unguarded resource. */
#define SP_TRY(expr)                                        \
    do {                                                    \
        const sp_status sp_try_status_ = (expr);            \
        if (sp_try_status_ != SP_OK) return sp_try_status_; \
    } while (0)

/** Cannot happen. Debug builds abort; release builds return SP_EINTERNAL, which refuses the request. */
#ifdef SP_DEBUG
#define SP_CHECK(cond)                 \
    do {                               \
        if (!(cond)) __builtin_trap(); \
    } while (0)
#else
#define SP_CHECK(cond)                    \
    do {                                  \
        if (!(cond)) return SP_EINTERNAL; \
    } while (0)
#endif
