/** Jurisdictions: ISO 3166-1 alpha-2 codes with a fixed bit each, and the shipped groups. */
#include "sallyport/label.h"

#include <string.h>

static const struct {
    char code[3];
    uint8_t bit;
    uint8_t groups;
} jurisdictions[] = {
#define X(CODE, bit, groups) {#CODE, bit, groups},
#include "tbl/jurisdictions.h"
};
enum { N_JURISDICTIONS = sizeof jurisdictions / sizeof jurisdictions[0] };
_Static_assert(N_JURISDICTIONS <= 256, "a jurisdiction is a bit of sp_bits256");

static const struct {
    const char *name;
    uint8_t bit;
} groups[] = {{"EU", 1}, {"EEA", 2}, {"ADEQUATE", 4}};

int sp_jurisdiction_find(sp_bytes code)
{
    if (code.n != 2) return -1;
    for (size_t i = 0; i < N_JURISDICTIONS; i++) {
        if (memcmp(jurisdictions[i].code, code.p, 2) == 0) return jurisdictions[i].bit;
    }
    return -1;
}

const char *sp_jurisdiction_code(uint8_t bit)
{
    for (size_t i = 0; i < N_JURISDICTIONS; i++) {
        if (jurisdictions[i].bit == bit) return jurisdictions[i].code;
    }
    return "";
}

static sp_bits256 members(uint8_t group)
{
    sp_bits256 set = SP_BITS256_NONE;
    for (size_t i = 0; i < N_JURISDICTIONS; i++) {
        if (jurisdictions[i].groups & group) sp_bits256_add(&set, jurisdictions[i].bit);
    }
    return set;
}

bool sp_jurisdiction_group(sp_bits256 *out, sp_bytes name)
{
    if (sp_bytes_eq(name, SP_LIT("*"))) {
        *out = SP_BITS256_ALL;
        return true;
    }
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        if (!sp_bytes_eq(name, sp_bytes_of(groups[i].name))) continue;
        *out = members(groups[i].bit);
        return true;
    }
    return false;
}
