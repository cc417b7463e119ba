/* National numbers of persons: the Americas. */
#include "detect/check.h"

#include <string.h>

static bool is_us_itin(const uint8_t *c, size_t n)
{
    const unsigned group = sp_digits(c, 3, 2);
    return n == 9 && ((group >= 50 && group <= 65) || (group >= 70 && group <= 88) ||
                      (group >= 90 && group <= 92) || group >= 94);
}

static bool is_ca_sin(const uint8_t *c, size_t n)
{
    return n == 9 && c[0] != '0' && c[0] != '8' && !sp_is_uniform(c, n) && sp_luhn(c, n);
}

static bool is_mx_curp(const uint8_t *c, size_t n)
{
    unsigned sum = 0;
    if (n != 18 || (c[10] != 'H' && c[10] != 'M' && c[10] != 'X') || !sp_is_yymmdd(c, 4)) return false;
    /* The order of the letters counts Ñ between N and O. */
    for (size_t i = 0; i < 17; i++) {
        const unsigned value = sp_alnum_value(c[i]) + (c[i] > 'N' && sp_is_alpha(c[i]));
        sum += value * (unsigned)(18 - i);
    }
    return (10 - sum % 10) % 10 == sp_digit(c, 17);
}

static bool is_mx_rfc(const uint8_t *c, size_t n)
{
    return sp_is_yymmdd(c, n - 9);
}

static bool is_br_cpf(const uint8_t *c, size_t n)
{
    if (n != 11 || sp_is_uniform(c, n)) return false;
    return sp_weighted(c, "A98765432", 11) * 10 % 11 % 10 == sp_digit(c, 9) &&
           sp_weighted(c, "BA98765432", 11) * 10 % 11 % 10 == sp_digit(c, 10);
}

static bool is_ar_cuit(const uint8_t *c, size_t n)
{
    static const char *const kinds[] = {"20", "23", "24", "25", "26", "27",
                                        "30", "33", "34", "50", "51", "55"};
    const unsigned rest = (11 - sp_weighted(c, "5432765432", 11)) % 11;
    bool is_kind = false;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        is_kind = is_kind || memcmp(c, kinds[i], 2) == 0;
    return n == 11 && is_kind && (rest == 10 ? 9 : rest) == sp_digit(c, 10);
}

static bool is_cl_rut(const uint8_t *c, size_t n)
{
    const unsigned rest = n == 9 ? sp_weighted(c, "32765432", 11) : sp_weighted(c, "2765432", 11);
    const unsigned check = (11 - rest) % 11;
    return !sp_is_uniform(c, n - 1) && c[n - 1] == (check == 10 ? 'K' : (uint8_t)('0' + check));
}

static bool is_co_nit(const uint8_t *c, size_t n)
{
    static const uint8_t weights[] = {41, 37, 29, 23, 19, 17, 13, 7, 3};
    unsigned sum = 0;
    for (size_t i = 0; i < 9; i++) sum += weights[i] * sp_digit(c, i);
    return n == 10 && (sum % 11 < 2 ? sum % 11 : 11 - sum % 11) == sp_digit(c, 9);
}

static bool is_pe_ruc(const uint8_t *c, size_t n)
{
    const unsigned type = sp_digits(c, 0, 2);
    return n == 11 && (type == 10 || type == 15 || type == 16 || type == 17 || type == 20) &&
           (11 - sp_weighted(c, "5432765432", 11)) % 10 == sp_digit(c, 10);
}

static bool is_uy_rut(const uint8_t *c, size_t n)
{
    const unsigned office = sp_digits(c, 0, 2), check = (11 - sp_weighted(c, "43298765432", 11)) % 11;
    return n == 12 && office >= 1 && office <= 22 && memcmp(c + 8, "001", 3) == 0 && check == sp_digit(c, 11);
}

static bool is_uy_cedula(const uint8_t *c, size_t n)
{
    return n == 8 && (10 - sp_weighted(c, "2987634", 10)) % 10 == sp_digit(c, 7);
}

static bool is_ec_ci(const uint8_t *c, size_t n)
{
    const unsigned province = sp_digits(c, 0, 2);
    return n == 10 && province >= 1 && (province <= 24 || province == 30) && c[2] <= '6' && sp_luhn(c, n);
}

static bool is_luhn11(const uint8_t *c, size_t n)
{
    return n == 11 && sp_is_luhn(c, n);
}

static bool is_ve_rif(const uint8_t *c, size_t n)
{
    static const char types[] = "VEJPG";
    static const uint8_t value[] = {4, 8, 12, 16, 20};
    const char *type = strchr(types, c[0]);
    if (n != 10 || type == NULL) return false;
    const unsigned rest = (value[type - types] + sp_weighted(c + 1, "32765432", 100000)) % 11;
    return (rest < 2 ? 0 : 11 - rest) == sp_digit(c, 9);
}

/* ---- rows ---- */

static const sp_example us_itin_examples[] = {
    "itin: [993-84-3496]",
    "| individual taxpayer identification | [962-83-4579] |",
    "{\"itin\":\"[947-81-2674]\"}",
    "We received [959-85-1811] (itin) by fax.",
    "itin=[987-86-6172]; state=open",
    "itin: 900-30-1234",
    "itin 900-66-1234",
    "itin: 7993-84-34964",
    "itin x993-84-3496y",
    "itin: 993-84-3496-993-84-3496",
    "sha itin 3f993-84-34969ab",
    NULL,
};

static const sp_example us_passport_examples[] = {
    "us passport: [340020013]",
    "| passport | [A12345678] |",
    "{\"us passport\":\"[C03004786]\"}",
    "We received [561803924] (us passport) by fax.",
    "us passport=[Z90871234]; state=open",
    "us passport: 73400200134",
    "us passport x340020013y",
    "us passport: 340020013-340020013",
    "sha us passport 3f3400200139ab",
    "build 340020013 finished",
    NULL,
};

static const sp_example us_driver_license_examples[] = {
    "driver license: [D1234562]",
    "| drivers license | [S530-4601-2255] |",
    "{\"driver license\":\"[B12345678]\"}",
    "We received [A1234567] (driver license) by fax.",
    "driver license=[W426545307610]; state=open",
    "driver license: 7D12345624",
    "driver license xD1234562y",
    "driver license: D1234562-D1234562",
    "sha driver license 3fD12345629ab",
    "build D1234562 finished",
    NULL,
};

static const sp_example ca_sin_examples[] = {
    "sin: [347-211-179]",
    "| social insurance | [424-966-893] |",
    "{\"sin\":\"[674-519-376]\"}",
    "We received [109-821-967] (sin) by fax.",
    "sin=[335-140-992]; state=open",
    "sin: 347-211-170",
    "sin 424-966-898",
    "sin: 7347-211-1794",
    "sin x347-211-179y",
    "sin: 347-211-179-347-211-179",
    "sha sin 3f347-211-1799ab",
    NULL,
};

static const sp_example mx_curp_examples[] = {
    "curp: [BOXW310820HNERXN09]",
    "| clave unica | [BOXW310820HNERXN09] |",
    "{\"curp\":\"[BOXW310820HNERXN09]\"}",
    "We received [BOXW310820HNERXN09] (curp) by fax.",
    "curp=[BOXW310820HNERXN09]; state=open",
    "curp: BOXW310820HNERXN00",
    "curp BOXW310820HNERXN04",
    "curp: 7BOXW310820HNERXN094",
    "curp xBOXW310820HNERXN09y",
    "curp: BOXW310820HNERXN09-BOXW310820HNERXN09",
    "sha curp 3fBOXW310820HNERXN099ab",
    NULL,
};

static const sp_example mx_rfc_examples[] = {
    "rfc: [GODE561231GR8]",
    "| r f c | [MAB9307148T4] |",
    "{\"rfc\":\"[GODE561231GR8]\"}",
    "We received [MAB9307148T4] (rfc) by fax.",
    "rfc=[GODE561231GR8]; state=open",
    "rfc: GODE561331GR8",
    "rfc GODE560031GR8",
    "rfc: 7GODE561231GR84",
    "rfc xGODE561231GR8y",
    "rfc: GODE561231GR8-GODE561231GR8",
    "sha rfc 3fGODE561231GR89ab",
    NULL,
};

static const sp_example br_cpf_examples[] = {
    "cpf: [036.233.804-31]",
    "| c p f | [455.245.715-24] |",
    "{\"cpf\":\"[480.682.522-07]\"}",
    "We received [587.840.337-46] (cpf) by fax.",
    "cpf=[341.430.722-70]; state=open",
    "cpf: 036.233.804-32",
    "cpf 455.245.715-29",
    "cpf: 7036.233.804-314",
    "cpf x036.233.804-31y",
    "cpf: 036.233.804-31-036.233.804-31",
    "sha cpf 3f036.233.804-319ab",
    NULL,
};

static const sp_example ar_dni_examples[] = {
    "dni: [36.339.335]",
    "| documento nacional | [95.221.427] |",
    "{\"dni\":\"[27814903]\"}",
    "We received [8.412.907] (dni) by fax.",
    "dni=[30.551.882]; state=open",
    "dni: 736.339.3354",
    "dni x36.339.335y",
    "dni: 36.339.335-36.339.335",
    "sha dni 3f36.339.3359ab",
    "build 36.339.335 finished",
    NULL,
};

static const sp_example ar_cuit_examples[] = {
    "cuit: [20-90857666-8]",
    "| cuil | [20-91646931-5] |",
    "{\"cuit\":\"[20-33184412-9]\"}",
    "We received [20-63524813-1] (cuit) by fax.",
    "cuit=[20-08481203-0]; state=open",
    "cuit: 20-90857666-9",
    "cuit 20-91646931-0",
    "cuit: 720-90857666-84",
    "cuit x20-90857666-8y",
    "cuit: 20-90857666-8-20-90857666-8",
    "sha cuit 3f20-90857666-89ab",
    NULL,
};

static const sp_example cl_rut_examples[] = {
    "rut: [03.032.484-6]",
    "| run | [15.455.536-6] |",
    "{\"rut\":\"[56.916.135-5]\"}",
    "We received [96.640.984-3] (rut) by fax.",
    "rut=[25.714.857-2]; state=open",
    "rut: 03.032.484-7",
    "rut 15.455.536-1",
    "rut: 703.032.484-64",
    "rut x03.032.484-6y",
    "rut: 03.032.484-6-03.032.484-6",
    "sha rut 3f03.032.484-69ab",
    NULL,
};

static const sp_example co_nit_examples[] = {
    "nit: [483.097.544-4]",
    "| numero de identificacion tributaria | [129.955.842-1] |",
    "{\"nit\":\"[239.918.201-2]\"}",
    "We received [122.870.494-1] (nit) by fax.",
    "nit=[135.624.457-0]; state=open",
    "nit: 483.097.544-5",
    "nit 129.955.842-6",
    "nit: 7483.097.544-44",
    "nit x483.097.544-4y",
    "nit: 483.097.544-4-483.097.544-4",
    "sha nit 3f483.097.544-49ab",
    NULL,
};

static const sp_example co_cedula_examples[] = {
    "cedula de ciudadania: [1.020.304.050]",
    "| cedula | [52.417.883] |",
    "{\"cedula de ciudadania\":\"[1032456789]\"}",
    "We received [79854213] (cedula de ciudadania) by fax.",
    "cedula de ciudadania=[1.144.092.377]; state=open",
    "cedula de ciudadania: 71.020.304.0504",
    "cedula de ciudadania x1.020.304.050y",
    "cedula de ciudadania: 1.020.304.050-1.020.304.050",
    "sha cedula de ciudadania 3f1.020.304.0509ab",
    "build 1.020.304.050 finished",
    NULL,
};

static const sp_example pe_ruc_examples[] = {
    "ruc: [10688121057]",
    "| r u c | [10006490480] |",
    "{\"ruc\":\"[10951335466]\"}",
    "We received [10236287675] (ruc) by fax.",
    "ruc=[10394415907]; state=open",
    "ruc: 10688121058",
    "ruc 10006490485",
    "ruc: 7106881210574",
    "ruc x10688121057y",
    "ruc: 10688121057-10688121057",
    "sha ruc 3f106881210579ab",
    NULL,
};

static const sp_example pe_dni_examples[] = {
    "dni peru: [10117410-2]",
    "| cui | [45678912] |",
    "{\"dni peru\":\"[08172634]\"}",
    "We received [70913355] (dni peru) by fax.",
    "dni peru=[41208876]; state=open",
    "dni peru: 710117410-24",
    "dni peru x10117410-2y",
    "dni peru: 10117410-2-10117410-2",
    "sha dni peru 3f10117410-29ab",
    "build 10117410-2 finished",
    NULL,
};

static const sp_example uy_rut_examples[] = {
    "rut: [210693070013]",
    "| ruc | [214927280011] |",
    "{\"rut\":\"[216506410012]\"}",
    "We received [213913150015] (rut) by fax.",
    "rut=[219303840017]; state=open",
    "rut: 239547220018",
    "rut: 72106930700134",
    "rut x210693070013y",
    "rut: 210693070013-210693070013",
    "sha rut 3f2106930700139ab",
    "build 210693070013 finished",
    NULL,
};

static const sp_example uy_cedula_examples[] = {
    "cedula: [1.234.567-2]",
    "| cedula de identidad | [3.456.789-4] |",
    "{\"cedula\":\"[4.789.123-8]\"}",
    "We received [12345672] (cedula) by fax.",
    "cedula=[2.919.458-3]; state=open",
    "cedula: 1.234.567-3",
    "cedula 3.456.789-9",
    "cedula: 71.234.567-24",
    "cedula x1.234.567-2y",
    "cedula: 1.234.567-2-1.234.567-2",
    "sha cedula 3f1.234.567-29ab",
    NULL,
};

static const sp_example ec_ci_examples[] = {
    "cedula: [176425335-5]",
    "| cedula de identidad | [173631474-9] |",
    "{\"cedula\":\"[171200678-0]\"}",
    "We received [173403593-2] (cedula) by fax.",
    "cedula=[171879944-6]; state=open",
    "cedula: 176425335-6",
    "cedula 173631474-4",
    "cedula: 7176425335-54",
    "cedula x176425335-5y",
    "cedula: 176425335-5-176425335-5",
    "sha cedula 3f176425335-59ab",
    NULL,
};

static const sp_example do_cedula_examples[] = {
    "cedula: [001-7371835-4]",
    "| cedula de identidad | [001-8282704-8] |",
    "{\"cedula\":\"[001-4440180-9]\"}",
    "We received [001-5526331-2] (cedula) by fax.",
    "cedula=[001-8647305-4]; state=open",
    "cedula: 001-7371835-5",
    "cedula 001-8282704-3",
    "cedula: 7001-7371835-44",
    "cedula x001-7371835-4y",
    "cedula: 001-7371835-4-001-7371835-4",
    "sha cedula 3f001-7371835-49ab",
    NULL,
};

static const sp_example ve_rif_examples[] = {
    "rif: [V-05277088-9]",
    "| r i f | [V-94464316-4] |",
    "{\"rif\":\"[V-58024613-0]\"}",
    "We received [V-76068497-6] (rif) by fax.",
    "rif=[V-98717048-0]; state=open",
    "rif: V-05277088-0",
    "rif V-94464316-9",
    "rif: 7V-05277088-94",
    "rif xV-05277088-9y",
    "rif: V-05277088-9-V-05277088-9",
    "sha rif 3fV-05277088-99ab",
    NULL,
};

static const sp_row rows[] = {
    {
        .name = "us-itin",
        .kind = SP_KIND_US_ITIN,
        .shapes = "9dd-dd-dddd=80 9dd~dd~dddd 9dddddddd",
        .check = is_us_itin,
        .near = "itin|individual taxpayer identification|individual taxpayer identification number|taxpayer "
                "id|~tin|~tax id|taxpayer identification number",
        .source = "IRS; ranges of the fourth and fifth digit",
        .examples = us_itin_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "us-passport",
        .kind = SP_KIND_US_PASSPORT,
        .shapes = "ddddddddd adddddddd",
        .near = "us passport|passport|passport number|passport no|passport nr|passport num|american "
                "passport|travel document|passport card|passportnumber|passports",
        .sure = 80,
        .source = "State Department",
        .examples = us_passport_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "us-driver-license",
        .kind = SP_KIND_US_DRIVER_LICENSE,
        .shapes =
            "adddddddd addddddd addddddddddddd adddddddddddd dddddddd ddddddd ddddddddd a~ddd~ddd~ddd~ddd "
            "a~ddd~dddd~dddd~ddd addd~dddd~dddd a~ddd~dddd~dddd dd~ddd~dddd aaddddddd addddd~ddddd~ddddd",
        .near = "driver license|drivers license|driver's license|driver licence|drivers licence|driver's "
                "licence|driving license|license number|license no|dl number|dl no|driver "
                "lic|dln|dl|driverslicense|driver license number|lic no|license num|driver s license",
        .sure = 76,
        .source = "AAMVA; layouts of the states",
        .examples = us_driver_license_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "ca-sin",
        .kind = SP_KIND_CA_SIN,
        .shapes = "ddd-ddd-ddd=66 ddd~ddd~ddd ddddddddd",
        .check = is_ca_sin,
        .near = "sin|social insurance|social insurance number|nas|numero d assurance sociale|assurance "
                "sociale|canadian sin|sin number|sin no",
        .source = "ESDC; Luhn",
        .examples = ca_sin_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "mx-curp",
        .kind = SP_KIND_MX_CURP,
        .shapes = "aaaadddddXaaaaaaxd aaaaddddddaaaaaaxd=92",
        .check = is_mx_curp,
        .near = "curp|clave unica|clave unica de registro de poblacion|c u r p",
        .source = "RENAPO; weights 18 to 2",
        .examples = mx_curp_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "mx-rfc",
        .kind = SP_KIND_MX_RFC,
        .shapes = "aaaaddddddxxx=78 aaaddddddxxx=74 aaaa-dddddd-xxx=85 aaaa_dddddd_xxx=80 aaa_dddddd_xxx=76 "
                  "aaa-dddddd-xxx=80",
        .check = is_mx_rfc,
        .near = "rfc|r f c|registro federal de contribuyentes|registro federal",
        .source = "SAT; date and weights",
        .examples = mx_rfc_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "br-cpf",
        .kind = SP_KIND_BR_CPF,
        .shapes = "ddd.ddd.ddd-dd=92 ddddddddddd=62",
        .check = is_br_cpf,
        .near =
            "cpf|c p f|cadastro de pessoas fisicas|cadastro de pessoa fisica|cpf mf|cpf do titular|cpf nr",
        .source = "Receita Federal; two modulus 11",
        .examples = br_cpf_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "ar-dni",
        .kind = SP_KIND_AR_DNI,
        .shapes = "dd.ddd.ddd d.ddd.ddd dddddddd ddddddd",
        .near = "dni|documento nacional|documento nacional de identidad|d n i|~documento|dni nro|dni n",
        .sure = 80,
        .source = "RENAPER",
        .examples = ar_dni_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "ar-cuit",
        .kind = SP_KIND_AR_CUIT,
        .shapes = "dd-dddddddd-d=82 ddddddddddd",
        .check = is_ar_cuit,
        .near = "cuit|cuil|c u i t|clave unica de identificacion tributaria|c u i l|clave unica de "
                "identificacion laboral",
        .source = "AFIP; modulus 11",
        .examples = ar_cuit_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "cl-rut",
        .kind = SP_KIND_CL_RUT,
        .shapes = "dd.ddd.ddd-x=92 d.ddd.ddd-x=88 dddddddd-x=75 ddddddd-x",
        .check = is_cl_rut,
        .near = "rut|run|rol unico tributario|rol unico nacional|r u t|rut nro|rol",
        .source = "SII; modulus 11",
        .examples = cl_rut_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "co-nit",
        .kind = SP_KIND_CO_NIT,
        .shapes = "ddd.ddd.ddd-d=85 ddddddddd-d=66 dddddddddd",
        .check = is_co_nit,
        .near = "nit|numero de identificacion tributaria|n i t|rut colombia",
        .source = "DIAN; weights 41 37 29 …",
        .examples = co_nit_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "co-cedula",
        .kind = SP_KIND_NATIONAL_ID,
        .shapes = "d.ddd.ddd.ddd dd.ddd.ddd dddddddddd dddddddd",
        .near = "cedula de ciudadania|cedula|c c|cedula colombiana|~documento de identidad",
        .sure = 76,
        .source = "Registraduría",
        .examples = co_cedula_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "pe-ruc",
        .kind = SP_KIND_PE_RUC,
        .shapes = "ddddddddddd=62",
        .check = is_pe_ruc,
        .near = "ruc|r u c|registro unico de contribuyentes|ruc nro",
        .source = "SUNAT; modulus 11",
        .examples = pe_ruc_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "pe-dni",
        .kind = SP_KIND_NATIONAL_ID,
        .shapes = "dddddddd dddddddd-d",
        .near =
            "dni peru|cui|codigo unico de identificacion|documento nacional de identidad peru|dni peruano",
        .sure = 88,
        .source = "RENIEC",
        .examples = pe_dni_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "uy-rut",
        .kind = SP_KIND_UY_RUT,
        .shapes = "dddddddddddd dd-dddddd-dddd",
        .check = is_uy_rut,
        .near = "rut|ruc|registro unico tributario",
        .source = "DGI; modulus 11",
        .examples = uy_rut_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "uy-cedula",
        .kind = SP_KIND_NATIONAL_ID,
        .shapes = "d.ddd.ddd-d=82 ddddddd-d dddddddd",
        .check = is_uy_cedula,
        .near = "cedula|cedula de identidad|c i|ci|documento de identidad uruguay",
        .source = "DNIC; weights 2987634",
        .examples = uy_cedula_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "ec-ci",
        .kind = SP_KIND_EC_CI,
        .shapes = "dddddddddd ddddddddd-d=66",
        .check = is_ec_ci,
        .near = "cedula|cedula de identidad|cedula de ciudadania|c i|ci|ecuadorian id",
        .source = "Registro Civil; Luhn and province",
        .examples = ec_ci_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "do-cedula",
        .kind = SP_KIND_DO_CEDULA,
        .shapes = "ddd-ddddddd-d=82 ddddddddddd",
        .check = is_luhn11,
        .near = "cedula|cedula de identidad|cedula dominicana",
        .source = "JCE; Luhn",
        .examples = do_cedula_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "ve-rif",
        .kind = SP_KIND_TAX_ID,
        .shapes = "a-dddddddd-d=88 adddddddd-d=80 addddddddd",
        .check = is_ve_rif,
        .near = "rif|r i f|registro de informacion fiscal|registro unico de informacion fiscal",
        .source = "SENIAT; modulus 11",
        .examples = ve_rif_examples,
        SP_NUMBER_ROW,
    },
};

const sp_family sp_family_gov_americas = {rows, sizeof rows / sizeof rows[0]};
