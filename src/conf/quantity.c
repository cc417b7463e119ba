/* Quantities. Units are exact and case counts: "mb" might be anything, so it is refused. */
#include "conf/quantity.h"

static const spc_unit time_units[] = {{"ms", 1}, {"s", 1000}, {"min", 60000}, {"h", 3600000}, {NULL, 0}};
static const spc_unit size_units[] = {
    {"B", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {NULL, 0},
};

const spc_unit *spc_units(spc_unit_kind kind)
{
    return kind == SPC_UNIT_TIME ? time_units : size_units;
}

/* 0 for a unit that is not known; no unit has that factor. */
static uint64_t factor_of(sp_bytes unit, spc_unit_kind kind)
{
    for (const spc_unit *u = spc_units(kind); u->name != NULL; u++) {
        if (sp_bytes_eq(unit, sp_bytes_of(u->name))) {
            return u->factor;
        }
    }
    return 0;
}

spc_quantity_fault spc_quantity_parse(uint64_t *out, sp_bytes *unit, sp_bytes text, spc_unit_kind kind)
{
    size_t digits = 0;
    while (digits < text.n && text.p[digits] >= '0' && text.p[digits] <= '9') {
        digits++;
    }
    const sp_bytes rest = sp_bytes_sub(text, digits, text.n);
    if (unit != NULL) {
        *unit = rest;
    }
    if (digits == 0) {
        return SPC_QUANTITY_NUMBER;
    }
    if (rest.n == 0) {
        return SPC_QUANTITY_BARE;
    }
    const uint64_t factor = factor_of(rest, kind);
    if (factor == 0) {
        return SPC_QUANTITY_UNIT;
    }
    uint64_t number = 0;
    if (!sp_u64_parse(&number, sp_bytes_sub(text, 0, digits), UINT64_MAX / factor)) {
        return SPC_QUANTITY_RANGE;
    }
    *out = number * factor;
    return SPC_QUANTITY_OK;
}

void spc_quantity_append(sp_buf *out, uint64_t value, spc_unit_kind kind)
{
    const spc_unit *best = spc_units(kind);
    for (const spc_unit *u = best; u->name != NULL && value > 0; u++) {
        if (value % u->factor == 0) {
            best = u;
        }
    }
    sp_buf_append_u64(out, value / best->factor);
    sp_buf_append_str(out, best->name);
}
