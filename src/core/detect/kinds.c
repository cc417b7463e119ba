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

/* Place of each number in the list, from 1. */
enum {
    SP_KIND_PLACE_NONE,
#define X(ID, number, name, category, level, meaning) SP_KIND_PLACE_##ID,
#include "tbl/kinds.h"
};
static const uint8_t place[SP_KIND_LIMIT] = {
#define X(ID, number, name, category, level, meaning) [number] = SP_KIND_PLACE_##ID,
#include "tbl/kinds.h"
};

const sp_kind_info *sp_kind_get(sp_kind kind)
{
    return kind < SP_KIND_LIMIT && place[kind] != 0 ? &kinds[place[kind] - 1] : NULL;
}

uint64_t sp_kind_categories(const sp_kind_info *kind)
{
    return kind->category == SP_CAT_NONE ? 0 : SP_CAT_BIT(kind->category);
}
