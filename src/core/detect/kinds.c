/* What detectors find, as values: the list of tbl/kinds.h. */
#include "sallyport/detect.h"
#include "sallyport/label.h"

static const sp_kind_info kinds[] = {
#define X(ID, number, name, category, level, meaning) {SP_KIND_##ID, name, SP_CAT_##category, level, meaning},
#include "tbl/kinds.h"
};
enum { N_KINDS = sizeof kinds / sizeof kinds[0] };

/* sp_finding.kind and the sets of kinds are that wide. */
#define X(ID, number, name, category, level, meaning) \
    _Static_assert((number) > 0 && (number) < SP_KIND_LIMIT, name);
#include "tbl/kinds.h"

const sp_kind_info *sp_kind_at(size_t i)
{
    return i < N_KINDS ? &kinds[i] : NULL;
}

const sp_kind_info *sp_kind_get(sp_kind kind)
{
    for (size_t i = 0; i < N_KINDS; i++) {
        if (kinds[i].kind == kind) return &kinds[i];
    }
    return NULL;
}
