/* Numbers of devices and vehicles. */
#include "detect/check.h"

#include <string.h>

static bool is_imei(const uint8_t *c, size_t n)
{
    return n == 15 && sp_digits(c, 0, 2) != 0 && !sp_is_uniform(c, n) && sp_luhn(c, n);
}

/* Country codes lie between 200 and 799. */
static bool is_imsi(const uint8_t *c, size_t n)
{
    return n >= 14 && c[0] >= '2' && c[0] <= '7' && !sp_is_uniform(c, n);
}

/* The two digits of the software version stand where the check digit would. */
static bool is_imei_version(const uint8_t *c, size_t n)
{
    return n == 16 && sp_digits(c, 0, 2) != 0 && !sp_is_uniform(c, n);
}

/* In decimal the code of the maker has ten digits, of 32 bits, and the number eight, of 24. */
static bool is_decimal_meid(const uint8_t *c, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!sp_is_digit(c[i])) return false;
    }
    const uint64_t maker = (uint64_t)sp_digits(c, 0, 5) * 100000 + sp_digits(c, 5, 5);
    return maker >= 0x99000000 && maker <= UINT32_MAX && sp_digits(c, 10, 8) <= 0xffffff;
}

static bool is_meid(const uint8_t *c, size_t n)
{
    if (n >= 18) return is_decimal_meid(c, n);
    for (size_t i = 0; i < n; i++) {
        if (!sp_is_hex(c[i])) return false;
    }
    return c[0] >= '9';
}

static unsigned vin_value(uint8_t c)
{
    static const uint8_t letters[] = {1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 3, 4,
                                      5, 0, 7, 0, 9, 2, 3, 4, 5, 6, 7, 8, 9};
    return sp_is_digit(c) ? (unsigned)(c - '0') : letters[c - 'A'];
}

static bool is_vin_form(const uint8_t *c, size_t n)
{
    size_t n_digits = 0;
    for (size_t i = 0; i < n; i++) {
        if (strchr("IOQ", c[i]) != NULL) return false;
        n_digits += sp_is_digit(c[i]);
    }
    return n == 17 && n_digits >= 3 && n_digits < 17;
}

static bool is_vin(const uint8_t *c, size_t n)
{
    static const uint8_t weights[] = {8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2};
    unsigned sum = 0;
    if (!is_vin_form(c, n)) return false;
    for (size_t i = 0; i < 17; i++) sum += weights[i] * vin_value(c[i]);
    return c[8] == (sum % 11 == 10 ? 'X' : (uint8_t)('0' + sum % 11));
}

/* ---- rows ---- */

static const sp_example imei_examples[] = {
    "imei: [35-881466-045787-2]",
    "| imei number | [35-846419-563376-9] |",
    "{\"imei\":\"[35-374281-483255-6]\"}",
    "We received [35-785101-057281-1] (imei) by fax.",
    "imei=[35-539614-815340-9]; state=open",
    "imei: 35-881466-045787-3",
    "imei 35-846419-563376-4",
    "imei: 735-881466-045787-24",
    "imei x35-881466-045787-2y",
    "imei: 35-881466-045787-2-35-881466-045787-2",
    "sha imei 3f35-881466-045787-29ab",
    NULL,
};

static const sp_example imei_version_examples[] = {
    "imeisv: [3588146604578723]",
    "| IMEI/SV | [35-881466-045787-23] |",
    "{\"imeisv\":\"[3584641956337601]\"}",
    "We received [35 374281 483255 12] (imeisv) by fax.",
    "imei=[3578510105728178]; state=open",
    "imeisv: 0088146604578723",
    "imeisv: 735881466045787234",
    "imeisv x3588146604578723y",
    "sha imeisv 3f35881466045787239ab",
    "build 3588146604578723 finished",
    NULL,
};

static const sp_example imsi_examples[] = {
    "imsi: [310150123456789]",
    "| imsi number | [262019876543210] |",
    "{\"imsi\":\"[208011234567890]\"}",
    "We received [234150999999999] (imsi) by fax.",
    "imsi=[404685505601234]; state=open",
    "imsi: 810150123456789",
    "imsi: 73101501234567894",
    "imsi x310150123456789y",
    "imsi: 310150123456789-310150123456789",
    "sha imsi 3f3101501234567899ab",
    "build 310150123456789 finished",
    NULL,
};

static const sp_example meid_examples[] = {
    "meid: [AF0123450ABCDE]",
    "| meid number | [A00000049259B1] |",
    "{\"meid\":\"[99000512345678]\"}",
    "We received [A1000017BC4D21] (meid) by fax.",
    "meid=[AF0123450ABCDE]; state=open",
    "meid: 1F0123450ABCDE",
    "meid: 7AF0123450ABCDE4",
    "meid xAF0123450ABCDEy",
    "meid: AF0123450ABCDE-AF0123450ABCDE",
    "sha meid 3fAF0123450ABCDE9ab",
    "build AF0123450ABCDE finished",
    "MEID: [AF 01 23 45 0A BC DE]",
    "MEID: [99-000512-345678-1]",
    "MEID (dec): [29360 87365 0070 3710]",
    "meid: [293608736500703710]",
    "meid: 993608736500703710",
    "meid: 193608736500703710",
    NULL,
};

static const sp_example vin_unchecked_examples[] = {
    "vin: [WVWZZZ1JZXW000001]",
    "| fahrgestellnummer | [WBA3A5C58DF123456] |",
    "{\"vin\":\"[VF1RFB00X56789012]\"}",
    "We received [ZFA31200000123456] (vin) by fax.",
    "vin=[TMBJJ7NE5J0123456]; state=open",
    "vin: WVWZZZ1JZXWO00001",
    "vin: 7WVWZZZ1JZXW0000014",
    "vin xWVWZZZ1JZXW000001y",
    "vin: WVWZZZ1JZXW000001-WVWZZZ1JZXW000001",
    "sha vin 3fWVWZZZ1JZXW0000019ab",
    "build WVWZZZ1JZXW000001 finished",
    NULL,
};

static const sp_example vin_examples[] = {
    "vin: [1HGCM82633A004352]",
    "| vehicle identification | [1M8GDM9AXKP042788] |",
    "{\"vin\":\"[5YJSA1DG9DFP14705]\"}",
    "We received [JH4TB2H26CC000000] (vin) by fax.",
    "vin=[1HGCM82633A004352]; state=open",
    "vin: 1HGCM82633A004353",
    "vin 1M8GDM9AXKP042783",
    "vin: 71HGCM82633A0043524",
    "vin x1HGCM82633A004352y",
    "vin: 1HGCM82633A004352-1HGCM82633A004352",
    "sha vin 3f1HGCM82633A0043529ab",
    NULL,
};

static const sp_row rows[] = {
    {
        .name = "imei",
        .kind = SP_KIND_IMEI,
        .shapes =
            "dd-dddddd-dddddd-d=80 ddddddddddddddd dd_dddddd_dddddd_d=80 dddddddd-dddddd-d dddddddd_dddddd_d",
        .check = is_imei,
        .near = "imei|imei number|imei no|imei1|imei2|device id|handset|imei nr|serial",
        .source = "3GPP TS 23.003; Luhn",
        .examples = imei_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "imei-version",
        .kind = SP_KIND_IMEI,
        .shapes = "dddddddddddddddd dd~dddddd~dddddd~dd dddddddd~dddddd~dd",
        .check = is_imei_version,
        .near = "imeisv|imei sv|imei|imei software version|imei number|imei nr|imei no",
        .sure = 80,
        .source = "3GPP TS 23.003, 6.2.2",
        .examples = imei_version_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "imsi",
        .kind = SP_KIND_IMSI,
        .shapes = "ddddddddddddddd dddddddddddddd",
        .check = is_imsi,
        .near = "imsi|imsi number|subscriber identity|sim",
        .source = "ITU-T E.212; country codes",
        .examples = imsi_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "meid",
        .kind = SP_KIND_MEID,
        .shapes =
            "xxxxxxxxxxxxxx xxxxxxxxxxxxxxx xx~xx~xx~xx~xx~xx~xx xx~xx~xx~xx~xx~xx~xx~x xx~xxxxxx~xxxxxx "
            "xx~xxxxxx~xxxxxx~x dddddddddddddddddd ddddddddddddddddddd ddddd~ddddd~dddd~dddd "
            "ddddd~ddddd~dddd~dddd~d",
        .check = is_meid,
        .near = "meid|meid number|meid hex|meid dec|esn",
        .source = "3GPP2 S.R0048",
        .examples = meid_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "vin-unchecked",
        .kind = SP_KIND_VIN,
        .shapes = "xxxxxxxxxxxxxdddd",
        .check = is_vin_form,
        .near = "vin|fahrgestellnummer|fin|fahrzeug identifizierungsnummer|chassis number|numero de "
                "chasis|bastidor|telaio|vin number|vin no|chassis|fahrzeugidentifikationsnummer|vehicle "
                "identification",
        .sure = 84,
        .source = "ISO 3779: outside of North America no digit checks it",
        .examples = vin_unchecked_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "vin",
        .kind = SP_KIND_VIN,
        .shapes = "xxxxxxxxxxxxxdddd=72",
        .check = is_vin,
        .near = "vin|vehicle identification|chassis|fahrgestellnummer|fin|fahrzeug "
                "identifizierungsnummer|chassis number|numero de chasis|bastidor|numero de serie|telaio|vin "
                "number|vin no|vehicle|frame number|fahrzeugidentifikationsnummer",
        .source = "ISO 3779; weights of 49 CFR 565",
        .examples = vin_examples,
        SP_NUMBER_ROW,
    },
};

const sp_family sp_family_devices = {rows, sizeof rows / sizeof rows[0]};
