/* Numbers of health care. */
#include "detect/check.h"

#include <string.h>

/* Luhn over the number behind the prefix of health applications in the US. */
static bool is_us_npi(const uint8_t *c, size_t n)
{
    uint8_t digits[15] = {'8', '0', '8', '4', '0'};
    memcpy(digits + 5, c, 10);
    return n == 10 && (c[0] == '1' || c[0] == '2') && sp_luhn(digits, sizeof digits);
}

static bool is_us_mbi(const uint8_t *c, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strchr("SLOIBZ", c[i]) != NULL) return false;
    }
    return n == 11 && c[0] != '0';
}

static bool is_us_dea(const uint8_t *c, size_t n)
{
    const unsigned odd = sp_digit(c, 2) + sp_digit(c, 4) + sp_digit(c, 6);
    const unsigned even = sp_digit(c, 3) + sp_digit(c, 5) + sp_digit(c, 7);
    return n == 9 && strchr("ABCDEFGHJKLMPRSTUX", c[0]) != NULL && (odd + 2 * even) % 10 == sp_digit(c, 8);
}

static bool is_au_medicare(const uint8_t *c, size_t n)
{
    return n >= 10 && c[0] >= '2' && c[0] <= '6' && sp_weighted(c, "13791379", 10) == sp_digit(c, 8);
}

/* The letter becomes its place in the alphabet, two digits. */
static bool is_de_kvnr(const uint8_t *c, size_t n)
{
    uint8_t digits[10];
    unsigned sum = 0;
    const unsigned letter = (unsigned)(c[0] - 'A') + 1;
    digits[0] = (uint8_t)('0' + letter / 10);
    digits[1] = (uint8_t)('0' + letter % 10);
    memcpy(digits + 2, c + 1, 8);
    for (size_t i = 0; i < 10; i++) {
        const unsigned value = sp_digit(digits, i) * (i % 2 == 0 ? 1 : 2);
        sum += value / 10 + value % 10;
    }
    return n == 10 && sum % 10 == sp_digit(c, 9);
}

static bool is_de_lanr(const uint8_t *c, size_t n)
{
    return n == 9 && (10 - sp_weighted(c, "494949", 10)) % 10 == sp_digit(c, 6);
}

/* ---- rows ---- */

static const sp_example us_npi_examples[] = {
    "npi: [1234567893]",
    "| national provider identifier | [1245319599] |",
    "{\"npi\":\"[1679576722]\"}",
    "We received [1003000126] (npi) by fax.",
    "npi=[1588656870]; state=open",
    "npi: 1234567894",
    "npi 1245319594",
    "npi: 712345678934",
    "npi x1234567893y",
    "npi: 1234567893-1234567893",
    "sha npi 3f12345678939ab",
    "build 1234567893 finished",
    NULL,
};

static const sp_example us_mbi_examples[] = {
    "mbi: [1EG4TE5MK73]",
    "| medicare | [1EG4-TE5-MK72] |",
    "{\"mbi\":\"[2W91-CC3-RE44]\"}",
    "We received [7A40FT4GH17] (mbi) by fax.",
    "mbi=[9RN6-QW2-DK08]; state=open",
    "mbi: 1SG4-TE5-MK72",
    "mbi 0EG4-TE5-MK72",
    "mbi: 71EG4TE5MK734",
    "mbi x1EG4TE5MK73y",
    "mbi: 1EG4TE5MK73-1EG4TE5MK73",
    "sha mbi 3f1EG4TE5MK739ab",
    NULL,
};

static const sp_example us_dea_examples[] = {
    "dea: [AB1234563]",
    "| dea number | [FM1234563] |",
    "{\"dea\":\"[BJ6125341]\"}",
    "We received [MG3452175] (dea) by fax.",
    "dea=[AR9876547]; state=open",
    "dea: AB1234564",
    "dea FM1234568",
    "dea: 7AB12345634",
    "dea xAB1234563y",
    "dea: AB1234563-AB1234563",
    "sha dea 3fAB12345639ab",
    NULL,
};

static const sp_example medical_record_examples[] = {
    "mrn: [11042639]",
    "| medical record | [4829105] |",
    "{\"mrn\":\"[00381742]\"}",
    "We received [A482910] (mrn) by fax.",
    "mrn=[7719304852]; state=open",
    "mrn: 1.11042639",
    "mrn x11042639y",
    "mrn: 11042639-11042639",
    "sha mrn 3f110426399ab",
    "build 11042639 finished",
    NULL,
};

static const sp_example medical_license_examples[] = {
    "medical license: [A123456]",
    "| medical licence | [G4829105] |",
    "{\"medical license\":\"[MD482910]\"}",
    "We received [7042881] (medical license) by fax.",
    "medical license=[C0918273]; state=open",
    "medical license: 7A1234564",
    "medical license xA123456y",
    "medical license: A123456-A123456",
    "sha medical license 3fA1234569ab",
    "build A123456 finished",
    NULL,
};

static const sp_example au_medicare_examples[] = {
    "medicare: [2123 45670 1]",
    "| medicare number | [2428 77813 2] |",
    "{\"medicare\":\"[3501 44890 1]\"}",
    "We received [4951 52565 1] (medicare) by fax.",
    "medicare=[5298 66134 2]; state=open",
    "medicare: 7123 45671 1",
    "medicare: 72123 45670 14",
    "medicare x2123 45670 1y",
    "medicare: 2123 45670 1-2123 45670 1",
    "sha medicare 3f21234567019ab",
    NULL,
};

static const sp_example de_health_insurance_examples[] = {
    "krankenversichertennummer: [A123456780]",
    "| kvnr | [T555558879] |",
    "{\"krankenversichertennummer\":\"[B772345668]\"}",
    "We received [X110412665] (krankenversichertennummer) by fax.",
    "krankenversichertennummer=[M406170828]; state=open",
    "krankenversichertennummer: A123456781",
    "krankenversichertennummer T555558874",
    "krankenversichertennummer: 7A1234567804",
    "krankenversichertennummer xA123456780y",
    "krankenversichertennummer: A123456780-A123456780",
    "sha krankenversichertennummer 3fA1234567809ab",
    "build A123456780 finished",
    NULL,
};

static const sp_example de_lanr_examples[] = {
    "lanr: [123456601]",
    "| arztnummer | [838382202] |",
    "{\"lanr\":\"[729485501]\"}",
    "We received [555555501] (lanr) by fax.",
    "lanr=[164078601]; state=open",
    "lanr: 123456701",
    "lanr: 71234566014",
    "lanr x123456601y",
    "lanr: 123456601-123456601",
    "sha lanr 3f1234566019ab",
    "build 123456601 finished",
    NULL,
};

static const sp_example de_bsnr_examples[] = {
    "bsnr: [721234500]",
    "| betriebsstättennummer | [021112400] |",
    "{\"bsnr\":\"[381102700]\"}",
    "We received [522200100] (bsnr) by fax.",
    "bsnr=[729000100]; state=open",
    "bsnr: 77212345004",
    "bsnr x721234500y",
    "bsnr: 721234500-721234500",
    "sha bsnr 3f7212345009ab",
    "build 721234500 finished",
    NULL,
};

static const sp_row rows[] = {
    {
        .name = "us-npi",
        .kind = SP_KIND_US_NPI,
        .shapes = "dddddddddd",
        .check = is_us_npi,
        .near = "npi|national provider identifier|national provider|npi number|provider number|provider "
                "id|npi no|provider npi",
        .source = "CMS; Luhn with 80840",
        .examples = us_npi_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "us-mbi",
        .kind = SP_KIND_US_MBI,
        .shapes = "daxdaxdaadd=80 daxd-axd-aadd=92",
        .check = is_us_mbi,
        .near = "mbi|medicare|medicare number|medicare beneficiary|beneficiary identifier|medicare "
                "id|medicare beneficiary identifier",
        .source = "CMS; positions of letters",
        .examples = us_mbi_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "us-dea",
        .kind = SP_KIND_US_DEA,
        .shapes = "aaddddddd=78",
        .check = is_us_dea,
        .near = "dea|dea number|dea no|dea registration|dea nr|drug enforcement",
        .source = "DEA; sum check",
        .examples = us_dea_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "medical-record",
        .kind = SP_KIND_MEDICAL_RECORD,
        .shapes =
            "dddddd ddddddd dddddddd ddddddddd dddddddddd adddddd addddddd ddd-ddd-ddd dd-dd-dd dddd_ddd_ddd "
            "ddd-dd-dddd aadddddd",
        .near = "mrn|medical record|medical record number|patient id|patient number|patient no|chart "
                "number|health record|hospital number|patientennummer|fallnummer|patienten id|hospital "
                "no|unit number|medical rec|chart no|record number|dossier patient|historia clinica|cartella "
                "clinica|patientid|phn|personal health number|health card number|health insurance "
                "number|health number",
        .sure = 78,
        .source = "context alone",
        .examples = medical_record_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "medical-license",
        .kind = SP_KIND_MEDICAL_LICENSE,
        .shapes = "adddddd addddddd aadddddd ddddddd",
        .near = "medical license|medical licence|physician license|medical license number|license to "
                "practice|gmc|gmc number|gmc no|state medical license|physician licence",
        .sure = 78,
        .source = "context alone",
        .examples = medical_license_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "au-medicare",
        .kind = SP_KIND_AU_MEDICARE,
        .shapes = "dddd~ddddd~d=62 dddddddddd dddd~ddddd~d/d ddddddddddd",
        .check = is_au_medicare,
        .near = "medicare|medicare number|medicare no|medicare card|medicare card number",
        .source = "Services Australia; weights 1 3 7 9",
        .examples = au_medicare_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "de-health-insurance",
        .kind = SP_KIND_DE_HEALTH_INSURANCE,
        .shapes = "addddddddd",
        .check = is_de_kvnr,
        .near = "krankenversichertennummer|kvnr|versichertennummer|krankenkasse|gesundheitskarte|"
                "krankenversicherung|versicherten nr|krankenversicherungsnummer|egk|versicherungsnummer",
        .source = "SGB V section 290; Luhn variant",
        .examples = de_health_insurance_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "de-lanr",
        .kind = SP_KIND_DE_LANR,
        .shapes = "ddddddddd",
        .check = is_de_lanr,
        .near = "lanr|arztnummer|lebenslange arztnummer|arzt nr",
        .source = "KBV; weights 4 9",
        .examples = de_lanr_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "de-bsnr",
        .kind = SP_KIND_DE_BSNR,
        .shapes = "ddddddddd",
        .near = "bsnr|betriebsstättennummer|betriebsstaettennummer|betriebsstätte|betriebsstättennr",
        .sure = 82,
        .source = "KBV",
        .examples = de_bsnr_examples,
        SP_NUMBER_ROW,
    },
};

const sp_family sp_family_health = {rows, sizeof rows / sizeof rows[0]};
