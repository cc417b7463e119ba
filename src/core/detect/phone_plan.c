/* Calling codes and how many digits follow them. */
#include "detect/phone_plan.h"

typedef struct plan {
    uint16_t code;
    uint8_t min, max; /* digits after the code */
} plan;

/* Codes of one and two digits; by code. */
static const plan plans[] = {
    {1, 10, 10},  {7, 10, 10}, {20, 8, 10},  {27, 9, 9},   {30, 10, 10}, {31, 8, 9},   {32, 8, 9},
    {33, 9, 9},   {34, 9, 9},  {36, 8, 9},   {39, 6, 11},  {40, 9, 9},   {41, 9, 9},   {43, 6, 13},
    {44, 9, 10},  {45, 8, 8},  {46, 7, 10},  {47, 8, 8},   {48, 9, 9},   {49, 6, 12},  {51, 8, 9},
    {52, 10, 11}, {53, 6, 8},  {54, 10, 11}, {55, 10, 11}, {56, 8, 9},   {57, 8, 10},  {58, 10, 10},
    {60, 7, 10},  {61, 9, 9},  {62, 7, 12},  {63, 8, 10},  {64, 8, 10},  {65, 8, 8},   {66, 8, 9},
    {81, 9, 10},  {82, 7, 11}, {84, 9, 10},  {86, 10, 12}, {90, 10, 10}, {91, 10, 10}, {92, 9, 10},
    {93, 9, 9},   {94, 9, 9},  {95, 7, 10},  {98, 10, 10},
};

/* Codes of three digits by their first two: which third digits are assigned, one bit each. Their plans
 * have 4 to 12 digits, of which 6 are asked for: what is shorter is not told from other numbers. */
static const struct {
    uint8_t zone;
    uint16_t thirds;
} zones[] = {
    {21, 0x14e}, {22, 0x3ff}, {23, 0x3ff}, {24, 0x3ff}, {25, 0x1ff}, {26, 0x3ff}, {29, 0x383}, {35, 0x3ff},
    {37, 0x3ff}, {38, 0x2ef}, {42, 0x00b}, {50, 0x3ff}, {59, 0x3ff}, {67, 0x3fd}, {68, 0x3ef}, {69, 0x007},
    {80, 0x101}, {85, 0x06d}, {87, 0x101}, {88, 0x14f}, {96, 0x1ff}, {97, 0x2ff}, {99, 0x17c},
};

static unsigned number_of(sp_bytes digits, size_t n)
{
    unsigned v = 0;
    for (size_t i = 0; i < n; i++) v = v * 10 + (unsigned)(digits.p[i] - '0');
    return v;
}

static bool is_zone_assigned(unsigned code)
{
    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
        if (zones[i].zone == code / 10) return (zones[i].thirds >> (code % 10)) & 1;
    }
    return false;
}

bool sp_phone_plausible(sp_bytes digits)
{
    if (digits.n < 8 || digits.n > 15) return false;
    for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++) {
        const size_t n_code = plans[i].code < 10 ? 1 : 2;
        if (number_of(digits, n_code) != plans[i].code) continue;
        const size_t rest = digits.n - n_code;
        if (plans[i].code == 1 && (digits.p[1] < '2' || digits.n < 5 || digits.p[4] < '2')) return false;
        return rest >= plans[i].min && rest <= plans[i].max;
    }
    return digits.n >= 9 && is_zone_assigned(number_of(digits, 3));
}
