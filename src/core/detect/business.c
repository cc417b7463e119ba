/* Numbers of companies and organisations. */
#include "detect/check.h"

#include <string.h>

/* Prefixes that the campuses of the IRS give out. */
static bool is_us_ein(const uint8_t *c, size_t n)
{
    static const char unused[] = "00 07 08 09 17 18 19 28 29 49 69 70 78 79 89 96 97 ";
    for (const char *p = unused; *p != '\0'; p += 3) {
        if (memcmp(p, c, 2) == 0) return false;
    }
    return n == 9;
}

static bool is_au_abn(const uint8_t *c, size_t n)
{
    static const uint8_t weights[] = {10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19};
    unsigned sum = 0;
    for (size_t i = 0; i < 11; i++) sum += weights[i] * (sp_digit(c, i) - (i == 0));
    return n == 11 && c[0] != '0' && sum % 89 == 0;
}

static bool is_au_acn(const uint8_t *c, size_t n)
{
    return n == 9 && (10 - sp_weighted(c, "87654321", 10)) % 10 == sp_digit(c, 8);
}

static bool is_in_gstin(const uint8_t *c, size_t n)
{
    unsigned sum = 0;
    for (size_t i = 0; i < 14; i++) {
        const unsigned product = sp_alnum_value(c[i]) * (i % 2 == 0 ? 1 : 2);
        sum += product / 36 + product % 36;
    }
    const unsigned state = sp_digits(c, 0, 2);
    return n == 15 && state >= 1 && (state <= 38 || state >= 96) &&
           sp_alnum_value(c[14]) == (36 - sum % 36) % 36;
}

static bool is_br_cnpj(const uint8_t *c, size_t n)
{
    if (n != 14 || sp_is_uniform(c, n)) return false;
    return sp_weighted(c, "678923456789", 11) % 10 == sp_digit(c, 12) &&
           sp_weighted(c, "5678923456789", 11) % 10 == sp_digit(c, 13);
}

/* Businesses, local companies, and all others, each with its own weights. */
static bool is_sg_uen(const uint8_t *c, size_t n)
{
    if (sp_is_alpha(c[0])) return c[n - 1] >= 'A' && n == 10;
    if (n == 9) return c[8] == (uint8_t) "XMKECAWLJDB"[sp_weighted(c, "A4938271", 11)];
    if (n == 10 && sp_is_digit(c[8])) return c[9] == (uint8_t) "ZKCMDNERGWH"[sp_weighted(c, "A86497531", 11)];
    return false;
}

/* Its check digit is left out: numbers in use fail it. */
static bool is_kr_brn(const uint8_t *c, size_t n)
{
    return n == 10 && sp_digits(c, 0, 3) >= 101 && sp_digits(c, 3, 2) != 0;
}

static bool is_se_org(const uint8_t *c, size_t n)
{
    return n == 10 && c[2] >= '2' && sp_luhn(c, n);
}

static bool is_cn_uscc(const uint8_t *c, size_t n)
{
    static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    static const uint8_t weights[] = {1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
    unsigned sum = 0;
    for (size_t i = 0; i < 17; i++) {
        const char *at = strchr(alphabet, c[i]);
        if (at == NULL) return false;
        sum += (unsigned)(at - alphabet) * weights[i];
    }
    return n == 18 && c[17] == (uint8_t)alphabet[(31 - sum % 31) % 31];
}

static bool is_ru_ogrn(const uint8_t *c, size_t n)
{
    uint64_t number = 0;
    for (size_t i = 0; i + 1 < n; i++) number = number * 10 + sp_digit(c, i);
    if (n == 15) return (c[0] == '3' || c[0] == '4') && number % 13 % 10 == sp_digit(c, 14);
    return (c[0] == '1' || c[0] == '5') && number % 11 % 10 == sp_digit(c, 12);
}

static bool is_jp_corporate(const uint8_t *c, size_t n)
{
    return n == 13 && c[0] != '0' && 9 - sp_weighted(c + 1, "212121212121", 9) == sp_digit(c, 0);
}

static bool is_fi_business(const uint8_t *c, size_t n)
{
    return n == 8 && sp_weighted(c, "79A58421", 11) == 0;
}

static bool is_ch_digits(const uint8_t *c)
{
    return sp_weighted(c, "543276541", 11) == 0;
}

static bool is_ch_uid(const uint8_t *c, size_t n)
{
    return n == 12 && is_ch_digits(c + 3);
}

static bool is_pl_regon(const uint8_t *c, size_t n)
{
    if (n == 9) return !sp_is_uniform(c, n) && sp_weighted(c, "89234567", 11) % 10 == sp_digit(c, 8);
    return sp_weighted(c, "2485097361248", 11) % 10 == sp_digit(c, 13);
}

static bool is_tr_vkn(const uint8_t *c, size_t n)
{
    unsigned sum = 0;
    for (size_t i = 0; i < 9; i++) {
        const unsigned shifted = (sp_digit(c, i) + 9 - (unsigned)i) % 10;
        unsigned power = 1;
        for (size_t k = i; k < 9; k++) power = power * 2 % 9;
        sum += shifted == 9 ? 9 : shifted * power % 9;
    }
    return n == 10 && !sp_is_uniform(c, n) && (10 - sum % 10) % 10 == sp_digit(c, 9);
}

static bool is_tw_ubn(const uint8_t *c, size_t n)
{
    static const char weights[] = "12121241";
    unsigned sum = 0;
    for (size_t i = 0; i < 8; i++) {
        const unsigned value = sp_digit(c, i) * (unsigned)(weights[i] - '0');
        sum += value / 10 + value % 10;
    }
    return n == 8 && (sum % 5 == 0 || (c[6] == '7' && (sum + 1) % 5 == 0));
}

static bool is_at_tin(const uint8_t *c, size_t n)
{
    unsigned sum = 0;
    for (size_t i = 0; i < 8; i++) {
        const unsigned value = sp_digit(c, i) * (i % 2 == 0 ? 1 : 2);
        sum += value / 10 + value % 10;
    }
    return n == 9 && (10 - sum % 10) % 10 == sp_digit(c, 8);
}

/* ---- rows ---- */

static const sp_example us_ein_examples[] = {
    "ein: [14-4390644]",
    "| employer identification | [86-6231805] |",
    "{\"ein\":\"[95-9734712]\"}",
    "We received [20-2912798] (ein) by fax.",
    "ein=[11-2660229]; state=open",
    "ein: 07-4570921",
    "ein 00-4570921",
    "ein: 714-43906444",
    "ein x14-4390644y",
    "ein: 14-4390644-14-4390644",
    "sha ein 3f14-43906449ab",
    "build 14-4390644 finished",
    NULL,
};

static const sp_example uk_company_examples[] = {
    "company number: [03033634]",
    "| company no | [SC123456] |",
    "{\"company number\":\"[09446231]\"}",
    "We received [OC305357] (company number) by fax.",
    "company number=[12004478]; state=open",
    "company number: 7030336344",
    "company number x03033634y",
    "company number: 03033634-03033634",
    "sha company number 3f030336349ab",
    "build 03033634 finished",
    NULL,
};

static const sp_example fr_siren_examples[] = {
    "siren: [955 697 511]",
    "| siret | [487 272 874] |",
    "{\"siren\":\"[491 902 631]\"}",
    "We received [742 937 246] (siren) by fax.",
    "siren=[957 258 254]; state=open",
    "siren: 955 697 512",
    "siren 487 272 879",
    "siren: 7955 697 5114",
    "siren x955 697 511y",
    "siren: 955 697 511-955 697 511",
    "sha siren 3f9556975119ab",
    "build 955 697 511 finished",
    NULL,
};

static const sp_example de_handelsregister_examples[] = {
    "handelsregister: [HRB 12345]",
    "| amtsgericht | [HRA 98765] |",
    "{\"handelsregister\":\"[HRB 6684]\"}",
    "We received [HRB 210417] (handelsregister) by fax.",
    "handelsregister=[HRB 158855]; state=open",
    "handelsregister: 7HRB 123454",
    "handelsregister xHRB 12345y",
    "handelsregister: HRB 12345-HRB 12345",
    "sha handelsregister 3fHRB123459ab",
    "handelsregister: HRC 12345",
    NULL,
};

static const sp_example au_abn_examples[] = {
    "abn: [33 326 618 773]",
    "| australian business number | [59 615 548 919] |",
    "{\"abn\":\"[63 667 977 883]\"}",
    "We received [45 044 011 744] (abn) by fax.",
    "abn=[22 193 126 555]; state=open",
    "abn: 33 326 618 774",
    "abn 59 615 548 914",
    "abn: 733 326 618 7734",
    "abn x33 326 618 773y",
    "abn: 33 326 618 773-33 326 618 773",
    "sha abn 3f333266187739ab",
    NULL,
};

static const sp_example au_acn_examples[] = {
    "acn: [244 611 818]",
    "| australian company number | [892 003 057] |",
    "{\"acn\":\"[518 470 267]\"}",
    "We received [199 446 547] (acn) by fax.",
    "acn=[658 782 784]; state=open",
    "acn: 244 611 819",
    "acn 892 003 052",
    "acn: 7244 611 8184",
    "acn x244 611 818y",
    "acn: 244 611 818-244 611 818",
    "sha acn 3f2446118189ab",
    "build 244 611 818 finished",
    NULL,
};

static const sp_example in_gstin_examples[] = {
    "gstin: [27AAPFU0939F1ZV]",
    "| gst | [27AAPFU0939F1ZV] |",
    "{\"gstin\":\"[27AAPFU0939F1ZV]\"}",
    "We received [27AAPFU0939F1ZV] (gstin) by fax.",
    "gstin=[27AAPFU0939F1ZV]; state=open",
    "gstin: 27AAPFU0939F2ZV",
    "gstin 27AAPFU0939F6ZV",
    "gstin: 727AAPFU0939F1ZV4",
    "gstin x27AAPFU0939F1ZVy",
    "gstin: 27AAPFU0939F1ZV-27AAPFU0939F1ZV",
    "sha gstin 3f27AAPFU0939F1ZV9ab",
    NULL,
};

static const sp_example br_cnpj_examples[] = {
    "cnpj: [34.083.627/0001-75]",
    "| c n p j | [91.430.747/0001-35] |",
    "{\"cnpj\":\"[01.967.931/0001-26]\"}",
    "We received [65.495.706/0001-17] (cnpj) by fax.",
    "cnpj=[45.149.248/0001-57]; state=open",
    "cnpj: 34.083.627/0001-76",
    "cnpj 91.430.747/0001-30",
    "cnpj: 734.083.627/0001-754",
    "cnpj x34.083.627/0001-75y",
    "cnpj: 34.083.627/0001-75-34.083.627/0001-75",
    "sha cnpj 3f34.083.627/0001-759ab",
    NULL,
};

static const sp_example sg_uen_examples[] = {
    "uen: [199017522R]",
    "| unique entity number | [199094510W] |",
    "{\"uen\":\"[199099071N]\"}",
    "We received [199063281D] (uen) by fax.",
    "uen=[199066683M]; state=open",
    "uen: 199017523R",
    "uen 199094515W",
    "uen: 7199017522R4",
    "uen x199017522Ry",
    "uen: 199017522R-199017522R",
    "sha uen 3f199017522R9ab",
    "build 199017522R finished",
    NULL,
};

static const sp_example kr_brn_examples[] = {
    "사업자등록번호: [850-13-08750]",
    "| 사업자 등록번호 | [847-60-01607] |",
    "{\"사업자등록번호\":\"[362-49-50233]\"}",
    "We received [214-60-26304] (사업자등록번호) by fax.",
    "사업자등록번호=[450-63-30331]; state=open",
    "사업자등록번호: 100-48-11689",
    "사업자등록번호: 7850-13-087504",
    "사업자등록번호 x850-13-08750y",
    "사업자등록번호: 850-13-08750-850-13-08750",
    "sha 사업자등록번호 3f850-13-087509ab",
    "build 850-13-08750 finished",
    NULL,
};

static const sp_example se_orgnr_examples[] = {
    "organisationsnummer: [556611-3394]",
    "| org nr | [556947-1518] |",
    "{\"organisationsnummer\":\"[556325-4522]\"}",
    "We received [556021-2622] (organisationsnummer) by fax.",
    "organisationsnummer=[556293-4736]; state=open",
    "organisationsnummer: 556611-3395",
    "organisationsnummer 556947-1513",
    "organisationsnummer: 7556611-33944",
    "organisationsnummer x556611-3394y",
    "organisationsnummer: 556611-3394-556611-3394",
    "sha organisationsnummer 3f556611-33949ab",
    "build 556611-3394 finished",
    NULL,
};

static const sp_example cn_uscc_examples[] = {
    "统一社会信用代码: [91110000772016968X]",
    "| 社会信用代码 | [911100003828233889] |",
    "{\"统一社会信用代码\":\"[91110000896132510N]\"}",
    "We received [911100005480400909] (统一社会信用代码) by fax.",
    "统一社会信用代码=[911100000746494237]; state=open",
    "统一社会信用代码: 91110000772016969X",
    "统一社会信用代码 911100003828233884",
    "统一社会信用代码: 791110000772016968X4",
    "统一社会信用代码 x91110000772016968Xy",
    "统一社会信用代码: 91110000772016968X-91110000772016968X",
    "sha 统一社会信用代码 3f91110000772016968X9ab",
    NULL,
};

static const sp_example ru_ogrn_examples[] = {
    "огрн: [1987750397776]",
    "| огрнип | [1536810183381] |",
    "{\"огрн\":\"[1271352993273]\"}",
    "We received [1800479110320] (огрн) by fax.",
    "огрн=[1236636415509]; state=open",
    "огрн: 1987750397777",
    "огрн 1536810183386",
    "огрн: 719877503977764",
    "огрн x1987750397776y",
    "огрн: 1987750397776-1987750397776",
    "sha огрн 3f19877503977769ab",
    "build 1987750397776 finished",
    NULL,
};

static const sp_example duns_examples[] = {
    "duns: [15-048-3782]",
    "| d u n s | [804735132] |",
    "{\"duns\":\"[09-177-4562]\"}",
    "We received [31-440-2278] (duns) by fax.",
    "duns=[60-902-5541]; state=open",
    "duns: 715-048-37824",
    "duns x15-048-3782y",
    "duns: 15-048-3782-15-048-3782",
    "sha duns 3f15-048-37829ab",
    "build 15-048-3782 finished",
    NULL,
};

static const sp_example jp_corporate_examples[] = {
    "法人番号: [9272930058374]",
    "| corporate number | [1483405308644] |",
    "{\"法人番号\":\"[5944011749865]\"}",
    "We received [4764684869728] (法人番号) by fax.",
    "法人番号=[5054899126432]; state=open",
    "法人番号: 9272930058375",
    "法人番号 1483405308649",
    "法人番号: 792729300583744",
    "法人番号 x9272930058374y",
    "法人番号: 9272930058374-9272930058374",
    "sha 法人番号 3f92729300583749ab",
    NULL,
};

static const sp_example fi_ytunnus_examples[] = {
    "y tunnus: [5343751-3]",
    "| ytunnus | [0248179-2] |",
    "{\"y tunnus\":\"[4307213-5]\"}",
    "We received [1897086-5] (y tunnus) by fax.",
    "y tunnus=[9760839-6]; state=open",
    "y tunnus: 5343751-4",
    "y tunnus 0248179-7",
    "y tunnus: 75343751-34",
    "y tunnus x5343751-3y",
    "y tunnus: 5343751-3-5343751-3",
    "sha y tunnus 3f5343751-39ab",
    "build 5343751-3 finished",
    NULL,
};

static const sp_example ch_uid_examples[] = {
    "uid: [CHE-132.689.653]",
    "| ide | [CHE-781.627.198] |",
    "{\"uid\":\"[CHE-465.924.377]\"}",
    "We received [CHE-295.136.998] (uid) by fax.",
    "uid=[CHE-413.092.574]; state=open",
    "uid: CHE-132.689.654",
    "uid CHE-781.627.193",
    "uid: 7CHE-132.689.6534",
    "uid xCHE-132.689.653y",
    "uid: CHE-132.689.653-CHE-132.689.653",
    "sha uid 3fCHE-132.689.6539ab",
    NULL,
};

static const sp_example pl_regon_examples[] = {
    "regon: [929472228]",
    "| numer regon | [184444352] |",
    "{\"regon\":\"[131289625]\"}",
    "We received [052631065] (regon) by fax.",
    "regon=[957905102]; state=open",
    "regon: 929472229",
    "regon 184444357",
    "regon: 79294722284",
    "regon x929472228y",
    "regon: 929472228-929472228",
    "sha regon 3f9294722289ab",
    "build 929472228 finished",
    NULL,
};

static const sp_example tr_vkn_examples[] = {
    "vergi no: [7702753476]",
    "| vergi kimlik | [5659378284] |",
    "{\"vergi no\":\"[1434430868]\"}",
    "We received [9042806505] (vergi no) by fax.",
    "vergi no=[6141108481]; state=open",
    "vergi no: 7702753477",
    "vergi no 5659378289",
    "vergi no: 777027534764",
    "vergi no x7702753476y",
    "vergi no: 7702753476-7702753476",
    "sha vergi no 3f77027534769ab",
    "build 7702753476 finished",
    NULL,
};

static const sp_example tw_ubn_examples[] = {
    "統一編號: [65567507]",
    "| 統編 | [26074478] |",
    "{\"統一編號\":\"[14346216]\"}",
    "We received [31639948] (統一編號) by fax.",
    "統一編號=[81492321]; state=open",
    "統一編號: 26074476",
    "統一編號: 7655675074",
    "統一編號 x65567507y",
    "統一編號: 65567507-65567507",
    "sha 統一編號 3f655675079ab",
    "build 65567507 finished",
    NULL,
};

static const sp_example at_tin_examples[] = {
    "steuernummer: [23-343/3390]",
    "| abgabenkontonummer | [91-613/1410] |",
    "{\"steuernummer\":\"[65-289/4585]\"}",
    "We received [61-542/0197] (steuernummer) by fax.",
    "steuernummer=[15-277/3305]; state=open",
    "steuernummer: 23-343/3391",
    "steuernummer 91-613/1415",
    "steuernummer: 723-343/33904",
    "steuernummer x23-343/3390y",
    "steuernummer: 23-343/3390-23-343/3390",
    "sha steuernummer 3f23-343/33909ab",
    NULL,
};

static const sp_example eori_examples[] = {
    "eori: [DE123456789012345]",
    "| eori number | [FR12345678901234] |",
    "{\"eori\":\"[GB205672212000]\"}",
    "We received [NL123456789] (eori) by fax.",
    "eori=[PL1234567890123456]; state=open",
    "eori: 7DE1234567890123454",
    "eori xDE123456789012345y",
    "eori: DE123456789012345-DE123456789012345",
    "sha eori 3fDE1234567890123459ab",
    "build DE123456789012345 finished",
    NULL,
};

static const sp_row rows[] = {
    {
        .name = "us-ein",
        .kind = SP_KIND_US_EIN,
        .shapes = "dd-ddddddd ddddddddd",
        .check = is_us_ein,
        .near = "ein|employer identification|employer identification number|fein|federal tax id|federal "
                "tax|fein number|tax id|employer id|irs number|federal ein",
        .source = "IRS; prefixes in use",
        .examples = us_ein_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "uk-company",
        .kind = SP_KIND_UK_COMPANY,
        .shapes = "dddddddd SCdddddd NIdddddd OCdddddd LPdddddd",
        .near = "company number|company no|companies house|registered number|registration number|company "
                "reg|crn|registered in england|company registration number|registered in england and "
                "wales|company registration",
        .sure = 74,
        .source = "Companies House",
        .examples = uk_company_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "fr-siren",
        .kind = SP_KIND_FR_SIREN,
        .shapes = "ddd~ddd~ddd ddddddddd ddd~ddd~ddd~ddddd ddddddddddddddd dddddddddddddd",
        .check = sp_is_luhn,
        .near = "siren|siret|rcs|n siren|n siret|numero siren|numero siret|registre du commerce|siege social",
        .source = "INSEE; Luhn",
        .examples = fr_siren_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "de-handelsregister",
        .kind = SP_KIND_DE_HANDELSREGISTER,
        .shapes =
            "HRB~dddd=80 HRB~ddddd=85 HRB~dddddd=85 HRA~dddd=80 HRA~ddddd=85 HRA~dddddd=85 HRB_ddd HRA_ddd",
        .near = "handelsregister|amtsgericht|hrb|hra|registergericht|ag",
        .sure = 88,
        .source = "HGB section 8",
        .examples = de_handelsregister_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "au-abn",
        .kind = SP_KIND_AU_ABN,
        .shapes = "dd~ddd~ddd~ddd ddddddddddd dd_ddd_ddd_ddd=75",
        .check = is_au_abn,
        .near = "abn|australian business number|abn number|a b n",
        .source = "ABR; modulus 89",
        .examples = au_abn_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "au-acn",
        .kind = SP_KIND_AU_ACN,
        .shapes = "ddd~ddd~ddd ddddddddd",
        .check = is_au_acn,
        .near = "acn|australian company number|a c n|acn number|arbn",
        .source = "ASIC; weights 8 to 1",
        .examples = au_acn_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "in-gstin",
        .kind = SP_KIND_IN_GSTIN,
        .shapes = "ddaaaaaddddaxZx=92",
        .check = is_in_gstin,
        .near = "gstin|gst|gst number|gst no|gst registration|goods and services tax",
        .source = "GSTN; modulus 36",
        .examples = in_gstin_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "br-cnpj",
        .kind = SP_KIND_BR_CNPJ,
        .shapes = "dd.ddd.ddd/dddd-dd=95 dddddddddddddd=66",
        .check = is_br_cnpj,
        .near = "cnpj|c n p j|cadastro nacional da pessoa juridica|cnpj mf|cgc",
        .source = "Receita Federal; two modulus 11",
        .examples = br_cnpj_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "sg-uen",
        .kind = SP_KIND_SG_UEN,
        .shapes = "dddddddda ddddddddda Tddaaddddax addaaddddax Sddaadddda Tddaadddda Rddaadddda",
        .check = is_sg_uen,
        .near = "uen|unique entity number|acra|roc number|company registration|uen no",
        .source = "ACRA; three layouts",
        .examples = sg_uen_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "kr-brn",
        .kind = SP_KIND_KR_BRN,
        .shapes = "ddd-dd-ddddd dddddddddd",
        .check = is_kr_brn,
        .near = "사업자등록번호|사업자 등록번호|사업자번호|사업자등록|brn|business registration|business "
                "registration number",
        .source = "국세청; weights 137137135",
        .examples = kr_brn_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "se-orgnr",
        .kind = SP_KIND_SE_ORGNR,
        .shapes = "dddddd-dddd dddddddddd",
        .check = is_se_org,
        .near = "organisationsnummer|org nr|orgnr|organisationsnr|org "
                "nummer|bolagsnummer|orgnummer|organisation number|~corporate identity",
        .source = "Bolagsverket; Luhn",
        .examples = se_orgnr_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "cn-uscc",
        .kind = SP_KIND_CN_USCC,
        .shapes = "dxddddddxxxxxxxxxx=85",
        .check = is_cn_uscc,
        .near = "统一社会信用代码|社会信用代码|信用代码|uscc|unified social credit|信用代碼|unified social "
                "credit code",
        .source = "GB 32100; modulus 31",
        .examples = cn_uscc_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "ru-ogrn",
        .kind = SP_KIND_RU_OGRN,
        .shapes = "ddddddddddddd ddddddddddddddd",
        .check = is_ru_ogrn,
        .near = "огрн|огрнип|ogrn|основной государственный регистрационный номер|ogrnip",
        .source = "ФНС; modulus 11 and 13",
        .examples = ru_ogrn_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "duns",
        .kind = SP_KIND_DUNS,
        .shapes = "dd~ddd~dddd ddddddddd",
        .near = "duns|d u n s|duns number|dun bradstreet|dun and bradstreet|d u n s number|d u n s "
                "nummer|duns no",
        .sure = 82,
        .source = "Dun & Bradstreet",
        .examples = duns_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "jp-corporate",
        .kind = SP_KIND_COMPANY_ID,
        .shapes = "ddddddddddddd d-dddd-dddd-dddd=82",
        .check = is_jp_corporate,
        .near = "法人番号|corporate number|houjin|hojin bango",
        .source = "国税庁; modulus 9",
        .examples = jp_corporate_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "fi-ytunnus",
        .kind = SP_KIND_COMPANY_ID,
        .shapes = "ddddddd-d",
        .check = is_fi_business,
        .near = "y tunnus|ytunnus|business id|fo nummer|y tunnuksesi|lyhyt tunnus",
        .source = "PRH; weights 7 9 10 5 8 4 2",
        .examples = fi_ytunnus_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "ch-uid",
        .kind = SP_KIND_COMPANY_ID,
        .shapes = "CHE-ddd.ddd.ddd=95 CHEddddddddd=88 CHE-ddddddddd=90",
        .check = is_ch_uid,
        .near = "uid|ide|idi|unternehmens identifikationsnummer|mwst|tva|iva",
        .source = "UIDG; weights 5 4 3 2 7 6 5 4",
        .examples = ch_uid_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "pl-regon",
        .kind = SP_KIND_COMPANY_ID,
        .shapes = "ddddddddd dddddddddddddd",
        .check = is_pl_regon,
        .near = "regon|numer regon|nr regon",
        .source = "GUS; weights 8 9 2 3 4 5 6 7",
        .examples = pl_regon_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "tr-vkn",
        .kind = SP_KIND_TAX_ID,
        .shapes = "dddddddddd",
        .check = is_tr_vkn,
        .near =
            "vergi no|vergi kimlik|vkn|vergi numarasi|vergi kimlik no|vergi kimlik numarasi|vergi dairesi",
        .source = "GİB",
        .examples = tr_vkn_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "tw-ubn",
        .kind = SP_KIND_COMPANY_ID,
        .shapes = "dddddddd",
        .check = is_tw_ubn,
        .near = "統一編號|統編|公司統一編號|ubn|unified business number|gui number",
        .source = "MOF; weights 12121241",
        .examples = tw_ubn_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "at-tin",
        .kind = SP_KIND_TAX_ID,
        .shapes = "dd~ddd/dddd dd-ddd/dddd=75 ddddddddd",
        .check = is_at_tin,
        .near = "steuernummer|abgabenkontonummer|steuer nr|stnr|tin|finanzamt",
        .source = "BMF; Luhn variant",
        .examples = at_tin_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "eori",
        .kind = SP_KIND_EORI,
        .shapes = "DEddddddddddddddd FRdddddddddddddd GBdddddddddddd GBddddddddddddddd NLddddddddd "
                  "PLdddddddddddddddd ITdddddddddddd ITddddddddddd ESxddddddddd BEdddddddddd XIdddddddddddd "
                  "IEdddddddaa SEdddddddddd ATdddddddddddddd",
        .near = "eori|eori number|eori no|eori nummer|economic operators|zollnummer",
        .sure = 90,
        .source = "Regulation (EU) 952/2013",
        .examples = eori_examples,
        SP_NUMBER_ROW,
    },
};

const sp_family sp_family_business = {rows, sizeof rows / sizeof rows[0]};
