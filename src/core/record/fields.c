/* The rows of tbl/record_fields.h, and what counts as a text in a leaf. */
#include <assert.h>
#include <string.h>

#include "record/record_internal.h"

static const sp_record_field fields[] = {
#define X(number, TYPE, SHOW, member, kinds, max, meaning) \
    {(number), SP_TYPE_##TYPE, SP_SHOW_##SHOW, (kinds), (max), offsetof(sp_record, member), #member},
#include "tbl/record_fields.h"
};

enum {
#define X(number, TYPE, SHOW, member, kinds, max, meaning) SP_FIELD_ROW_##member,
#include "tbl/record_fields.h"
    SP_FIELD_ROWS
};

/* Row + 1 by number; 0: no such field. A number that stands twice does not compile (-Woverride-init). */
static const uint8_t row_of[UINT8_MAX + 1] = {
#define X(number, TYPE, SHOW, member, kinds, max, meaning) [number] = SP_FIELD_ROW_##member + 1,
#include "tbl/record_fields.h"
};
static_assert(SP_FIELD_ROWS < UINT8_MAX, "rows have a number of one byte");

const sp_record_field *sp_record__field_numbered(uint8_t number)
{
    return row_of[number] ? &fields[row_of[number] - 1] : NULL;
}

const sp_record_field *sp_record__field(size_t i)
{
    return i < sizeof fields / sizeof fields[0] ? &fields[i] : NULL;
}

bool sp_record__is_text(sp_bytes s, size_t max)
{
    return s.n <= max && sp_utf8_valid_prefix(s) == s.n;
}

bool sp_record__is_visible(sp_bytes s, size_t max)
{
    if (s.n > max) {
        return false;
    }
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < 0x20 || s.p[i] > 0x7e) {
            return false;
        }
    }
    return true;
}

bool sp_record__is_zero(const void *p, size_t n)
{
    const uint8_t *bytes = p;
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}
