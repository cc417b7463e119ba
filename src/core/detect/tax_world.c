/* Numbers of companies and taxpayers in the Americas, Africa and Asia that other files do not have. */
#include "detect/check.h"

#include <string.h>

/* ---- America ---- */

static bool is_do_rnc(const uint8_t *c, size_t n)
{
    return n == 9 && (10 - sp_weighted(c, "79865432", 11)) % 9 + 1 == sp_digit(c, 8);
}

static bool is_ec_ruc(const uint8_t *c, size_t n)
{
    const unsigned province = sp_digits(c, 0, 2);
    return n == 13 && ((province >= 1 && province <= 24) || province == 30) && sp_digits(c, 10, 3) >= 1;
}

static bool is_gt_nit(const uint8_t *c, size_t n)
{
    unsigned sum = 0;
    for (size_t i = 0; i + 1 < n; i++) sum += sp_digit(c, i) * (unsigned)(n - i);
    return c[n - 1] == (uint8_t) "0123456789K"[(11 - sum % 11) % 11];
}

static bool is_py_ruc(const uint8_t *c, size_t n)
{
    unsigned sum = 0;
    for (size_t i = 0; i + 1 < n; i++) sum += sp_digit(c, i) * (unsigned)(n - i);
    return (11 - sum % 11) % 11 % 10 == sp_digit(c, n - 1);
}

static bool is_ca_bn(const uint8_t *c, size_t n)
{
    return sp_is_luhn(c, n < 9 ? n : 9);
}

/* Two blocks: bank and branch, account. */
static bool is_ar_cbu(const uint8_t *c, size_t n)
{
    return n == 22 && (10 - sp_weighted(c, "7139713", 10)) % 10 == sp_digit(c, 7) &&
           (10 - sp_weighted(c + 8, "3971397139713", 10)) % 10 == sp_digit(c, 21);
}

/* ---- Africa, Asia ---- */

static bool is_ma_ice(const uint8_t *c, size_t n)
{
    unsigned rest = 0;
    for (size_t i = 0; i < n; i++) rest = (rest * 10 + sp_digit(c, i)) % 97;
    return n == 15 && rest == 0 && !sp_is_uniform(c, n);
}

static bool is_mz_nuit(const uint8_t *c, size_t n)
{
    return n == 9 && (unsigned)"0123456789A"[sp_weighted(c, "89456789", 11)] == c[8];
}

static bool is_gh_tin(const uint8_t *c, size_t n)
{
    unsigned sum = 0;
    if (n != 11 || strchr("PCGQV", c[0]) == NULL) return false;
    for (size_t i = 1; i < 10; i++) sum += sp_digit(c, i) * (unsigned)i;
    return c[10] == (uint8_t) "0123456789X"[sum % 11];
}

static bool is_ke_pin(const uint8_t *c, size_t n)
{
    return n == 11 && (c[0] == 'A' || c[0] == 'P');
}

static bool is_za_tin(const uint8_t *c, size_t n)
{
    return (c[0] <= '3' || c[0] == '9') && sp_is_luhn(c, n);
}

static bool is_il_company(const uint8_t *c, size_t n)
{
    return c[0] == '5' && sp_is_luhn(c, n);
}

static bool is_vn_mst(const uint8_t *c, size_t n)
{
    static const unsigned weights[] = {31, 29, 23, 19, 17, 13, 7, 5, 3};
    unsigned sum = 0;
    for (size_t i = 0; i < 9; i++) sum += weights[i] * sp_digit(c, i);
    return (n == 10 || n == 13) && 10 - sum % 11 == sp_digit(c, 9);
}

/* As of persons (13 digits); those of companies begin with 0. */
static bool is_th_company(const uint8_t *c, size_t n)
{
    return n == 13 && c[0] == '0' && (11 - sp_weighted(c, "DCBA98765432", 11)) % 10 == sp_digit(c, 12);
}

static bool is_az_voen(const uint8_t *c, size_t n)
{
    return n == 10 && (c[9] == '1' || c[9] == '2') && !sp_is_uniform(c, n);
}

/* ---- rows ---- */

static const sp_example do_rnc_examples[] = {
    "RNC: [184895449]",
    "| registro nacional del contribuyente | [190138411] |",
    "{\"RNC\":\"[197740143]\"}",
    "We received [196395682] (RNC) by fax.",
    "RNC=[114151021]; state=open",
    "RNC: 184895446",
    "RNC: 190138413",
    "RNC: 71848954494",
    "RNC x184895449y",
    "sha RNC 3f1848954499ab",
    "build 184895449 finished",
    NULL,
};

static const sp_example ec_ruc_examples[] = {
    "RUC: [1192860346-001]",
    "| registro único de contribuyentes | [1792060346-001] |",
    "{\"RUC\":\"[1792060346-006]\"}",
    "We received [1792060346-041] (RUC) by fax.",
    "RUC=[1792060346-161]; state=open",
    "RUC: 71192860346-0014",
    "RUC x1192860346-001y",
    "sha RUC 3f1192860346-0019ab",
    "build 1192860346-001 finished",
    NULL,
};

static const sp_example gt_nit_examples[] = {
    "NIT: [473937-K]",
    "| número de identificación tributaria | [506631-K] |",
    "{\"NIT\":\"[534901-K]\"}",
    "We received [576937-K] (NIT) by fax.",
    "NIT=[776989-K]; state=open",
    "NIT: 473933-K",
    "NIT: 506637-K",
    "NIT: 7473937-K4",
    "NIT x473937-Ky",
    "sha NIT 3f473937-K9ab",
    "build 473937-K finished",
    NULL,
};

static const sp_example py_ruc_examples[] = {
    "RUC: [197160-3]",
    "| registro único de contribuyentes | [80028061-0] |",
    "{\"RUC\":\"[84828061-0]\"}",
    "We received [879560-6] (RUC) by fax.",
    "RUC=[939440-0]; state=open",
    "RUC: 197160-8",
    "RUC: 80028061-5",
    "RUC: 7197160-34",
    "RUC x197160-3y",
    "sha RUC 3f197160-39ab",
    "build 197160-3 finished",
    NULL,
};

static const sp_example sv_nit_examples[] = {
    "NIT: [0614-050707-104-8]",
    "| número de identificación tributaria | [0616-052737-164-2] |",
    "{\"NIT\":\"[0628-050792-104-8]\"}",
    "We received [0644-040707-164-8] (NIT) by fax.",
    "NIT=[0684-050707-104-0]; state=open",
    "NIT: 70614-050707-104-84",
    "NIT x0614-050707-104-8y",
    "sha NIT 3f0614-050707-104-89ab",
    NULL,
};

static const sp_example cr_cedula_examples[] = {
    "cédula: [03-0435-0174]",
    "| cédula de identidad | [3-0435-0174] |",
    "{\"cédula\":\"[03-0435-5105]\"}",
    "We received [3-0435-5105] (cédula) by fax.",
    "cédula=[3-0455-0165]; state=open",
    "cédula: 703-0435-01744",
    "cédula x03-0435-0174y",
    "sha cédula 3f03-0435-01749ab",
    "build 03-0435-0174 finished",
    NULL,
};

static const sp_example cr_juridica_examples[] = {
    "cédula jurídica: [3-101-499969]",
    "| CPJ | [3-101-618299] |",
    "{\"cédula jurídica\":\"[3-101-919999]\"}",
    "We received [3-101-979999] (cédula jurídica) by fax.",
    "cédula jurídica=[3-101-995899]; state=open",
    "cédula jurídica: 73-101-4999694",
    "cédula jurídica x3-101-499969y",
    "sha cédula jurídica 3f3-101-4999699ab",
    "build 3-101-499969 finished",
    NULL,
};

static const sp_example cr_dimex_examples[] = {
    "DIMEX: [145812994816]",
    "| cédula de residencia | [155812914816] |",
    "{\"DIMEX\":\"[155812916916]\"}",
    "We received [155812924816] (DIMEX) by fax.",
    "DIMEX=[155812992816]; state=open",
    "DIMEX: 71458129948164",
    "DIMEX x145812994816y",
    "sha DIMEX 3f1458129948169ab",
    "build 145812994816 finished",
    NULL,
};

static const sp_example ca_business_examples[] = {
    "business number: [12302 6635]",
    "| BN | [12312 9645] |",
    "{\"business number\":\"[15342 9535]\"}",
    "We received [12302 6635] (business number) by fax.",
    "business number=[12312 9645]; state=open",
    "business number: 12302 6637",
    "business number: 12312 9646",
    "business number: 712302 66354",
    "business number x12302 6635y",
    "sha business number 3f1230266359ab",
    "build 12302 6635 finished",
    NULL,
};

static const sp_example ar_cbu_examples[] = {
    "CBU: [2250520240090417125201]",
    "| clave bancaria uniforme | [22505202 40090417125201] |",
    "{\"CBU\":\"[28205939 30990418135201]\"}",
    "We received [2820593930990418135201] (CBU) by fax.",
    "CBU=[2850590940090418135201]; state=open",
    "CBU: 2250520240090417125205",
    "CBU: 22505202 40090417125205",
    "CBU: 722505202400904171252014",
    "CBU x2250520240090417125201y",
    "sha CBU 3f22505202400904171252019ab",
    NULL,
};

static const sp_example ma_ice_examples[] = {
    "ICE: [002136093000040]",
    "| identifiant commun | [002136095100090] |",
    "{\"ICE\":\"[001551191900566]\"}",
    "We received [001561191000066] (ICE) by fax.",
    "ICE=[008761191000967]; state=open",
    "ICE: 002136093000045",
    "ICE: 002136095100092",
    "ICE: 70021360930000404",
    "ICE x002136093000040y",
    "sha ICE 3f0021360930000409ab",
    "build 002136093000040 finished",
    NULL,
};

static const sp_example mz_nuit_examples[] = {
    "NUIT: [008 349 940]",
    "| número único de identificação tributária | [008349940] |",
    "{\"NUIT\":\"[080 309 910]\"}",
    "We received [080309910] (NUIT) by fax.",
    "NUIT=[400 005 834]; state=open",
    "NUIT: 008 349 947",
    "NUIT: 008349947",
    "NUIT: 7008 349 9404",
    "NUIT x008 349 940y",
    "sha NUIT 3f0083499409ab",
    "build 008 349 940 finished",
    NULL,
};

static const sp_example gh_tin_examples[] = {
    "TIN: [C0000403261]",
    "| Ghana TIN | [C0000803561] |",
    "{\"TIN\":\"[C0000863564]\"}",
    "We received [C0002407221] (TIN) by fax.",
    "TIN=[C0007333560]; state=open",
    "TIN: C0000403268",
    "TIN: C0000803569",
    "TIN: 7C00004032614",
    "TIN xC0000403261y",
    "sha TIN 3fC00004032619ab",
    "build C0000403261 finished",
    NULL,
};

static const sp_example ke_pin_examples[] = {
    "KRA PIN: [A004016131M]",
    "| PIN | [A004416331M] |",
    "{\"KRA PIN\":\"[A005936331M]\"}",
    "We received [A904456380M] (KRA PIN) by fax.",
    "KRA PIN=[A904476331M]; state=open",
    "KRA PIN: 7A004016131M4",
    "KRA PIN xA004016131My",
    "sha KRA PIN 3fA004016131M9ab",
    NULL,
};

static const sp_example dz_nif_examples[] = {
    "NIF: [00021600140833913910]",
    "| numéro d'identification fiscale | [00021600180833713010] |",
    "{\"NIF\":\"[00054600180433713010]\"}",
    "We received [408020000150039] (NIF) by fax.",
    "NIF=[41201600000606600001]; state=open",
    "NIF: 7000216001408339139104",
    "NIF x00021600140833913910y",
    "sha NIF 3f000216001408339139109ab",
    "build 00021600140833913910 finished",
    NULL,
};

static const sp_example tn_fiscal_examples[] = {
    "matricule fiscal: [1134497/M/A/E/706]",
    "| MF | [1182182/W] |",
    "{\"matricule fiscal\":\"[0000121/J]\"}",
    "We received [1234567/M/A/E/001] (matricule fiscal) by fax.",
    "matricule fiscal=[1282182/W]; state=open",
    "matricule fiscal: 71134497/M/A/E/7064",
    "matricule fiscal x1134497/M/A/E/706y",
    "sha matricule fiscal 3f1134497/M/A/E/7069ab",
    NULL,
};

static const sp_example sn_ninea_examples[] = {
    "NINEA: [3067221]",
    "| numéro d'identification nationale des entreprises | [5728201] |",
    "{\"NINEA\":\"[9060021]\"}",
    "We received [9460297] (NINEA) by fax.",
    "NINEA=[3067221]; state=open",
    "NINEA x3067221y",
    "sha NINEA 3f30672219ab",
    "build 3067221 finished",
    NULL,
};

static const sp_example gn_nifp_examples[] = {
    "NIFp: [135-770-865]",
    "| NIF permanent | [293770285] |",
    "{\"NIFp\":\"[293-770-285]\"}",
    "We received [343-178-885] (NIFp) by fax.",
    "NIFp=[623-479-805]; state=open",
    "NIFp: 135-770-860",
    "NIFp: 293770286",
    "NIFp: 7135-770-8654",
    "NIFp x135-770-865y",
    "sha NIFp 3f135-770-8659ab",
    "build 135-770-865 finished",
    NULL,
};

static const sp_example za_tax_examples[] = {
    "tax reference number: [0001339050]",
    "| income tax number | [0007339070] |",
    "{\"tax reference number\":\"[0008039000]\"}",
    "We received [0021669254] (tax reference number) by fax.",
    "tax reference number=[0301333050]; state=open",
    "tax reference number: 0001339055",
    "tax reference number: 0007339076",
    "tax reference number: 700013390504",
    "tax reference number x0001339050y",
    "sha tax reference number 3f00013390509ab",
    "build 0001339050 finished",
    NULL,
};

static const sp_example eg_tax_examples[] = {
    "الرقم الضريبي: [038-105-976]",
    "| tax registration number | [100-531-385] |",
    "{\"الرقم الضريبي\":\"[501-591-381]\"}",
    "We received [315-185-256] (الرقم الضريبي) by fax.",
    "الرقم الضريبي=[334-355-262]; state=open",
    "الرقم الضريبي: 7038-105-9764",
    "الرقم الضريبي x038-105-976y",
    "sha الرقم الضريبي 3f038-105-9769ab",
    "build 038-105-976 finished",
    NULL,
};

static const sp_example il_company_examples[] = {
    "מספר חברה: [516159555]",
    "| company number | [516179124] |",
    "{\"מספר חברה\":\"[516179157]\"}",
    "We received [516671757] (מספר חברה) by fax.",
    "מספר חברה=[517199907]; state=open",
    "מספר חברה: 516159551",
    "מספר חברה: 516179127",
    "מספר חברה: 75161595554",
    "מספר חברה x516159555y",
    "sha מספר חברה 3f5161595559ab",
    "build 516159555 finished",
    NULL,
};

static const sp_example vn_tax_examples[] = {
    "mã số thuế: [4075736926]",
    "| MST | [3524829488] |",
    "{\"mã số thuế\":\"[3469902367]\"}",
    "We received [2342384458] (mã số thuế) by fax.",
    "mã số thuế=[8178180099]; state=open",
    "mã số thuế: 4075736924",
    "mã số thuế: 3524829484",
    "mã số thuế: 740757369264",
    "mã số thuế x4075736926y",
    "sha mã số thuế 3f40757369269ab",
    "build 4075736926 finished",
    NULL,
};

static const sp_example th_company_examples[] = {
    "MOA: [0994000617721]",
    "| เลขทะเบียนนิติบุคคล | [0994007617726] |",
    "{\"MOA\":\"[0994000617721]\"}",
    "We received [0994007617726] (MOA) by fax.",
    "MOA=[0994000617721]; state=open",
    "MOA: 0994000617726",
    "MOA: 0994007617729",
    "MOA: 709940006177214",
    "MOA x0994000617721y",
    "sha MOA 3f09940006177219ab",
    "build 0994000617721 finished",
    NULL,
};

static const sp_example az_voen_examples[] = {
    "VÖEN: [2650872511]",
    "| VOEN | [9026039951] |",
    "{\"VÖEN\":\"[9087749091]\"}",
    "We received [1548573801] (VÖEN) by fax.",
    "VÖEN=[4853866051]; state=open",
    "VÖEN: 726508725114",
    "VÖEN x2650872511y",
    "sha VÖEN 3f26508725119ab",
    "build 2650872511 finished",
    NULL,
};

static const sp_example ad_nrt_examples[] = {
    "NRT: [U-119097-X]",
    "| número de registre tributari | [U-132950-X] |",
    "{\"NRT\":\"[U-132951-X]\"}",
    "We received [U-134650-X] (NRT) by fax.",
    "NRT=[U-162382-X]; state=open",
    "NRT: 7U-119097-X4",
    "NRT xU-119097-Xy",
    "sha NRT 3fU-119097-X9ab",
    NULL,
};

static const sp_example al_nipt_examples[] = {
    "NIPT: [K22218003V]",
    "| NUIS | [K24718117V] |",
    "{\"NIPT\":\"[K25210503V]\"}",
    "We received [K92218003V] (NIPT) by fax.",
    "NIPT=[K22218003V]; state=open",
    "NIPT: 7K22218003V4",
    "NIPT xK22218003Vy",
    "sha NIPT 3fK22218003V9ab",
    NULL,
};

static const sp_example li_peid_examples[] = {
    "PEID: [64933222]",
    "| Personenidentifikationsnummer | [80241459] |",
    "{\"PEID\":\"[64301354]\"}",
    "We received [73214659] (PEID) by fax.",
    "PEID=[74728115]; state=open",
    "PEID x64933222y",
    "sha PEID 3f649332229ab",
    "build 64933222 finished",
    NULL,
};

static const sp_row rows[] = {
    {
        .name = "do-rnc",
        .kind = SP_KIND_TAX_ID,
        .shapes = "ddddddddd d-dd-ddddd-d=75",
        .check = is_do_rnc,
        .near = "rnc|registro nacional del contribuyente|rnc no",
        .source = "DGII; weights 7 9 8 6 5 4 3 2",
        .examples = do_rnc_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "ec-ruc",
        .kind = SP_KIND_TAX_ID,
        .shapes = "ddddddddddddd dddddddddd-ddd",
        .check = is_ec_ruc,
        .near = "ruc|registro unico de contribuyentes|ruc no",
        .source = "SRI; province and establishment",
        .examples = ec_ruc_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "gt-nit",
        .kind = SP_KIND_TAX_ID,
        .shapes = "ddddddd-x ddddddx dddddddx ddddddddx dddddd-x dddddddd-x",
        .check = is_gt_nit,
        .near = "nit|numero de identificacion tributaria|nit guatemala",
        .source = "SAT; weights by place",
        .examples = gt_nit_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "py-ruc",
        .kind = SP_KIND_TAX_ID,
        .shapes = "ddddddd-d dddddd-d dddddddd-d",
        .check = is_py_ruc,
        .near = "ruc|registro unico de contribuyentes|ruc no|cedula tributaria",
        .source = "DNIT; weights by place",
        .examples = py_ruc_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "sv-nit",
        .kind = SP_KIND_TAX_ID,
        .shapes = "dddd-dddddd-ddd-d=76 dddddddddddddd",
        .near = "nit|numero de identificacion tributaria|nit salvador",
        .sure = 80,
        .source = "MH; form",
        .examples = sv_nit_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "cr-cedula",
        .kind = SP_KIND_NATIONAL_ID,
        .shapes = "d-dddd-dddd dd-dddd-dddd",
        .near = "cedula|cedula de identidad|cedula fisica|cpf|n cedula|physical person id",
        .sure = 78,
        .source = "TSE; form",
        .examples = cr_cedula_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "cr-juridica",
        .kind = SP_KIND_COMPANY_ID,
        .shapes = "d-ddd-dddddd dddddddddd",
        .near = "cedula juridica|cpj|cedula de persona juridica",
        .sure = 78,
        .source = "Registro Nacional; form",
        .examples = cr_juridica_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "cr-dimex",
        .kind = SP_KIND_NATIONAL_ID,
        .shapes = "ddddddddddd dddddddddddd",
        .near = "dimex|cedula de residencia|cr numero|foreigners id",
        .sure = 78,
        .source = "DGME; form",
        .examples = cr_dimex_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "ca-business",
        .kind = SP_KIND_COMPANY_ID,
        .shapes = "ddddddddd ddddd_dddd ddddd_dddd_RC_dddd=90 ddddd_dddd_RT_dddd=90 dddddddddRTdddd=90 "
                  "dddddddddRCdddd=90 dddddddddRPdddd=90",
        .check = is_ca_bn,
        .near = "business number|bn|canadian business number|gst|gst number|gst hst|cra business number",
        .source = "CRA; Luhn",
        .examples = ca_business_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "ar-cbu",
        .kind = SP_KIND_BANK_ACCOUNT,
        .shapes = "dddddddddddddddddddddd=85 dddddddd_dddddddddddddd=88 dddddddd-dddddddddddddd=88",
        .check = is_ar_cbu,
        .near = "cbu|clave bancaria uniforme|cvu",
        .source = "BCRA A 2622; weights 7 1 3 9",
        .examples = ar_cbu_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "ma-ice",
        .kind = SP_KIND_COMPANY_ID,
        .shapes = "ddddddddddddddd ddddddddd_dddd_dd",
        .check = is_ma_ice,
        .near = "ice|identifiant commun|identifiant commun de l entreprise|التعريف الموحد للمقاولة",
        .source = "ICE, Morocco; modulus 97",
        .examples = ma_ice_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "mz-nuit",
        .kind = SP_KIND_TAX_ID,
        .shapes = "ddddddddd ddd~ddd~ddd",
        .check = is_mz_nuit,
        .near = "nuit|numero unico de identificacao tributaria",
        .source = "AT Moçambique; weights",
        .examples = mz_nuit_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "gh-tin",
        .kind = SP_KIND_TAX_ID,
        .shapes = "addddddddda adddddddddd",
        .check = is_gh_tin,
        .near = "tin|ghana tin|taxpayer identification number|gra",
        .source = "GRA; weights 1 to 9",
        .examples = gh_tin_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "ke-pin",
        .kind = SP_KIND_TAX_ID,
        .shapes = "addddddddda=65",
        .check = is_ke_pin,
        .near = "kra pin|pin|kra|pin number|personal identification number",
        .sure = 80,
        .source = "KRA; form",
        .examples = ke_pin_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "dz-nif",
        .kind = SP_KIND_TAX_ID,
        .shapes = "ddddddddddddddd dddddddddddddddddddd",
        .near = "nif|numero d identification fiscale|numero identification fiscale",
        .sure = 78,
        .source = "DGI, Algeria; form",
        .examples = dz_nif_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "tn-fiscal",
        .kind = SP_KIND_TAX_ID,
        .shapes = "ddddddd/a ddddddda ddddddd/a/a/a/ddd=85 ddddddda/a/a/ddd=85 dddddddaaaddd=70",
        .near = "matricule fiscal|matricule fiscale|mf|tunisian tax",
        .sure = 80,
        .source = "DGI, Tunisia; form",
        .examples = tn_fiscal_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "sn-ninea",
        .kind = SP_KIND_COMPANY_ID,
        .shapes = "ddddddd ddd_dddd ddddddddd ddddddd_dxd dddddddddxd",
        .near = "ninea|numero d identification nationale des entreprises",
        .sure = 78,
        .source = "ANSD; form",
        .examples = sn_ninea_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "gn-nifp",
        .kind = SP_KIND_TAX_ID,
        .shapes = "ddddddddd ddd~ddd~ddd",
        .check = sp_is_luhn,
        .near = "nifp|ni fp|nif p|nif permanent|numero d identification fiscale permanent",
        .source = "DNI, Guinea; Luhn",
        .examples = gn_nifp_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "za-tax",
        .kind = SP_KIND_TAX_ID,
        .shapes = "dddddddddd",
        .check = is_za_tin,
        .near = "tax reference|tax reference number|income tax number|tax number|sars|tin|tax ref",
        .source = "SARS; Luhn",
        .examples = za_tax_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "eg-tax",
        .kind = SP_KIND_TAX_ID,
        .shapes = "ddddddddd ddd-ddd-ddd ddd_ddd_ddd",
        .near = "الرقم الضريبي|رقم ضريبي|tax registration number|رقم التسجيل الضريبي|egyptian tax",
        .sure = 78,
        .source = "ETA; form",
        .examples = eg_tax_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "il-company",
        .kind = SP_KIND_COMPANY_ID,
        .shapes = "ddddddddd dd-ddddddd-d",
        .check = is_il_company,
        .near = "ח פ|חפ|מספר חברה|ע מ|חברה|company number|israeli company|h p",
        .source = "רשם החברות; Luhn",
        .examples = il_company_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "vn-tax",
        .kind = SP_KIND_TAX_ID,
        .shapes = "dddddddddd dddddddddd-ddd",
        .check = is_vn_mst,
        .near = "mst|ma so thue|mã số thuế|tax code|ma so doanh nghiep",
        .source = "GDT; weights 31 to 3",
        .examples = vn_tax_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "th-company",
        .kind = SP_KIND_COMPANY_ID,
        .shapes = "ddddddddddddd d-dd-d-ddd-ddddd-d=75 d-dddd-ddddd-dd-d=70",
        .check = is_th_company,
        .near = "เลขทะเบียนนิติบุคคล|เลขประจำตัวผู้เสียภาษี|moa|memorandum of "
                "association|registration no|thai company",
        .source = "DBD; weights 13 to 2",
        .examples = th_company_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "az-voen",
        .kind = SP_KIND_TAX_ID,
        .shapes = "dddddddddd ddd_ddd_dddd",
        .check = is_az_voen,
        .near = "voen|vöen|vergi|vergi odeyicisinin eynilesdirme nomresi",
        .source = "DVX; form",
        .examples = az_voen_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "ad-nrt",
        .kind = SP_KIND_TAX_ID,
        .shapes = "a-dddddd-a=78 adddddda",
        .near = "nrt|numero de registre tributari|registre tributari|andorra",
        .sure = 82,
        .source = "Govern d’Andorra; form",
        .examples = ad_nrt_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "al-nipt",
        .kind = SP_KIND_TAX_ID,
        .shapes = "adddddddda=65 a_dddddddd_a=70 ALadddddddda=80",
        .near = "nipt|nuis|numri i identifikimit|albanian tax",
        .sure = 84,
        .source = "QKB; form",
        .examples = al_nipt_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "li-peid",
        .kind = SP_KIND_TAX_ID,
        .shapes = "ddddddd dddddddd dddddddddd ddddddddddd dddddddddddd",
        .near = "peid|personenidentifikationsnummer|pei d|steuernummer liechtenstein",
        .sure = 76,
        .source = "Steuerverwaltung; form",
        .examples = li_peid_examples,
        SP_NUMBER_ROW,
    },
};

const sp_family sp_family_tax_world = {rows, sizeof rows / sizeof rows[0]};
