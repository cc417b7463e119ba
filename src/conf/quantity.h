/** @file quantity.h  Numbers with units: "30s", "250ms", "10min", "8MiB", "64KiB". Pure; no allocation. */
#pragma once
#include "sallyport/base.h"

typedef enum spc_unit_kind { SPC_UNIT_TIME = 0, SPC_UNIT_SIZE } spc_unit_kind;

typedef struct spc_unit {
    const char *name;
    uint64_t factor; /**< in milliseconds or bytes */
} spc_unit;

/** The units of a kind, smallest first, ended by a NULL name. */
const spc_unit *spc_units(spc_unit_kind kind);

typedef enum spc_quantity_fault {
    SPC_QUANTITY_OK = 0,
    SPC_QUANTITY_NUMBER, /**< does not begin with a whole number in decimal digits */
    SPC_QUANTITY_BARE,   /**< has no unit */
    SPC_QUANTITY_UNIT,   /**< has a unit that is not known */
    SPC_QUANTITY_RANGE,  /**< does not fit 64 bits */
} spc_quantity_fault;

/** Digits directly followed by a unit; no sign, space, fraction or exponent.
 *  @param out   milliseconds or bytes; untouched on failure
 *  @param unit  NULL, or receives the part behind the digits */
spc_quantity_fault spc_quantity_parse(uint64_t *out, sp_bytes *unit, sp_bytes text, spc_unit_kind kind);

/** Appends with the largest unit that divides it: 600000 ms is "10min". 0 gets the smallest unit. */
void spc_quantity_append(sp_buf *out, uint64_t value, spc_unit_kind kind);
