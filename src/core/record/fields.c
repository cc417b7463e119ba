/* The rows of tbl/record_fields.h, and what counts as a text in a leaf. */
#include <assert.h>
#include <string.h>

#include "record/record_internal.h"

static const sp_record_field fields[] = {
#define X(number, TYPE, SHOW, member, kinds, max, meaning) \
    {(number), SP_TYPE_##TYPE, SP_SHOW_##SHOW, (kinds), (max), offsetof(sp_record, member), #member},
#include "tbl/record_fields.h"
};

/* Rows are found by number, so numbers run from 1 without gaps, and the loop over the table is the order of
 * the leaf. */
enum {
    SP_FIELD_COUNT_START = 0,
#define X(number, TYPE, SHOW, member, kinds, max, meaning) SP_FIELD_ROW_##member,
#include "tbl/record_fields.h"
};
#define X(number, TYPE, SHOW, member, kinds, max, meaning) \
    static_assert(SP_FIELD_ROW_##member == (number), "record fields are numbered in order");
#include "tbl/record_fields.h"

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
