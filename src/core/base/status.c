/** The error table as data. Everything else about errors is derived from it. */
#include "sallyport/status.h"

#include <string.h>

#define CLASS_CALLER SP_CLASS_CALLER
#define CLASS_POLICY SP_CLASS_POLICY
#define CLASS_UPSTREAM SP_CLASS_UPSTREAM
#define CLASS_INTERNAL SP_CLASS_INTERNAL

static const sp_error_info errors[] = {
#define X(ID, number, name, http, cls, sentence) {SP_##ID, name, http, CLASS_##cls, sentence},
#include "tbl/errors.h"
};
enum { N_ERRORS = sizeof errors / sizeof errors[0] };

const sp_error_info *sp_error_get(sp_status status)
{
    const sp_error_info *internal = &errors[0];
    for (size_t i = 0; i < N_ERRORS; i++) {
        if (errors[i].status == status) return &errors[i];
        if (errors[i].status == SP_EINTERNAL) internal = &errors[i];
    }
    return internal;
}

const sp_error_info *sp_error_at(size_t i)
{
    return i < N_ERRORS ? &errors[i] : NULL;
}

sp_status sp_fail(sp_diag *diag, sp_status code, size_t at, const char *text)
{
    if (diag) {
        const size_t n = strnlen(text, SP_DIAG_TEXT_MAX - 1);
        diag->code = code;
        diag->at = at;
        memcpy(diag->text, text, n);
        diag->text[n] = '\0';
    }
    return code;
}
