/* VAT numbers: with the state in front of them, and as each state writes its own. */
#include "detect/check.h"

#include <string.h>

static bool is_no_org(const uint8_t *c, size_t n)
{
    return n == 9 && (c[0] == '8' || c[0] == '9') && sp_weighted(c, "327654321", 11) == 0;
}

static bool is_pl_nip(const uint8_t *c, size_t n)
{
    return n == 10 && !sp_is_uniform(c, n) && sp_weighted(c, "657234567", 11) == sp_digit(c, 9);
}

/* The check is a digit for companies and a letter for public bodies. */
static bool is_es_cif(const uint8_t *c, size_t n)
{
    unsigned sum = 0;
    if (n != 9 || strchr("ABCDEFGHJNPQRSUVW", c[0]) == NULL) return false;
    for (size_t i = 1; i < 8; i++) {
        const unsigned value = sp_digit(c, i) * (i % 2 == 1 ? 2 : 1);
        sum += value / 10 + value % 10;
    }
    const unsigned check = (10 - sum % 10) % 10;
    return c[8] == (uint8_t)('0' + check) || c[8] == (uint8_t) "JABCDEFGHI"[check];
}

static bool is_gr_afm(const uint8_t *c, size_t n)
{
    unsigned sum = 0;
    for (size_t i = 0; i < 8; i++) sum = sum * 2 + sp_digit(c, i);
    return n == 9 && !sp_is_uniform(c, n) && sum * 2 % 11 % 10 == sp_digit(c, 8);
}

static bool is_dk_cvr(const uint8_t *c, size_t n)
{
    return n == 8 && c[0] != '0' && sp_weighted(c, "27654321", 11) == 0;
}

static bool is_hu_digits(const uint8_t *c)
{
    return sp_weighted(c, "97319731", 10) == 0;
}

static bool is_hu_anum(const uint8_t *c, size_t n)
{
    return n >= 8 && is_hu_digits(c);
}

/* From two to ten digits; the weights belong to the last nine before the check digit. */
static bool is_ro_digits(const uint8_t *c, size_t n)
{
    static const char weights[] = "753217532";
    if (n < 2 || n > 10 || c[0] == '0') return false;
    return sp_weighted(c, weights + (10 - n), 11) * 10 % 11 % 10 == sp_digit(c, n - 1);
}

static bool is_ro_cui(const uint8_t *c, size_t n)
{
    return c[0] == 'R' ? is_ro_digits(c + 2, n - 2) : is_ro_digits(c, n);
}

/* ---- the state, then a check of its own ---- */

static bool vat_at(const uint8_t *c, size_t n)
{
    unsigned sum = 0;
    for (size_t i = 1; i < 8; i++) {
        const unsigned value = sp_digit(c, i) * (i % 2 == 0 ? 2 : 1);
        sum += value / 10 + value % 10;
    }
    return n == 9 && (16 - sum % 10) % 10 == sp_digit(c, 8);
}

static bool vat_be(const uint8_t *c, size_t n)
{
    return n == 10 && c[0] <= '1' && 97 - sp_digits(c, 0, 8) % 97 == sp_digits(c, 8, 2);
}

static bool vat_fr(const uint8_t *c, size_t n)
{
    const unsigned siren = sp_digits(c, 2, 9);
    if (n != 11 || !sp_luhn(c + 2, 9)) return false;
    return !sp_is_digit(c[0]) || !sp_is_digit(c[1]) || (12 + 3 * (siren % 97)) % 97 == sp_digits(c, 0, 2);
}

/* Monaco's are French ones whose number is no SIREN. */
static bool vat_mc(const uint8_t *c, size_t n)
{
    return n == 11 && memcmp(c + 2, "000", 3) == 0;
}

static bool vat_gb(const uint8_t *c, size_t n)
{
    if (n != 9 && n != 12) return false;
    const unsigned sum = sp_weighted(c, "8765432", 97) + sp_digits(c, 7, 2);
    return sum % 97 == 0 || (sum + 55) % 97 == 0;
}

static bool vat_ie(const uint8_t *c, size_t n)
{
    return n >= 8 &&
           (!sp_is_digit(c[1]) ||
            c[7] ==
                (uint8_t) "WABCDEFGHIJKLMNOPQRSTUV"[(sp_weighted(c, "8765432", 9999) +
                                                     (n == 9 && c[8] != 'W' ? 9 * (unsigned)(c[8] - 'A' + 1)
                                                                            : 0)) %
                                                    23]);
}

static bool vat_nl(const uint8_t *c, size_t n)
{
    return n == 12 && c[9] == 'B';
}

static bool vat_se(const uint8_t *c, size_t n)
{
    return n == 12 && sp_luhn(c, 10);
}

static bool vat_sk(const uint8_t *c, size_t n)
{
    uint64_t number = 0;
    for (size_t i = 0; i < n; i++) number = number * 10 + sp_digit(c, i);
    return n == 10 && number % 11 == 0;
}

static bool vat_es(const uint8_t *c, size_t n)
{
    return is_es_cif(c, n) || (n == 9 && sp_is_alpha(c[8]));
}

static bool vat_lu(const uint8_t *c, size_t n)
{
    return n == 8 && sp_digits(c, 0, 6) % 89 == sp_digits(c, 6, 2);
}

static bool vat_fi(const uint8_t *c, size_t n)
{
    return n == 8 && sp_weighted(c, "79A58421", 11) == 0;
}

static bool vat_pt(const uint8_t *c, size_t n)
{
    return n == 9 && (11 - sp_weighted(c, "98765432", 11)) % 11 % 10 == sp_digit(c, 8);
}

static bool vat_no(const uint8_t *c, size_t n)
{
    return n == 12 && is_no_org(c, 9);
}

static bool vat_hu(const uint8_t *c, size_t n)
{
    return n == 8 && is_hu_digits(c);
}

static bool vat_el(const uint8_t *c, size_t n)
{
    return is_gr_afm(c, n);
}

static bool vat_ee(const uint8_t *c, size_t n)
{
    return n == 9 && sp_weighted(c, "371371371", 10) == 0;
}

static bool vat_mt(const uint8_t *c, size_t n)
{
    return n == 8 && (37 - sp_weighted(c, "346789", 37)) % 37 == sp_digits(c, 6, 2) % 37;
}

static bool vat_si(const uint8_t *c, size_t n)
{
    const unsigned check = 11 - sp_weighted(c, "8765432", 11);
    return n == 8 && c[0] != '0' && check != 11 && check % 10 == sp_digit(c, 7);
}

/* Odd places count by a table, the letter says what the sum is. */
static bool vat_cy(const uint8_t *c, size_t n)
{
    static const unsigned odd[] = {1, 0, 5, 7, 9, 13, 15, 17, 19, 21};
    unsigned sum = 0;
    if (n != 9) return false;
    for (size_t i = 0; i < 8; i++) sum += i % 2 == 0 ? odd[sp_digit(c, i)] : sp_digit(c, i);
    return c[8] == 'A' + sum % 26;
}

static bool is_vat(const uint8_t *c, size_t n)
{
    if (sp_is_digit(c[1])) return vat_at(c, n); /* "AT U12345678": a blank before the letter */
    static const struct {
        char state[3];
        sp_check *check;
    } states[] = {
        {"AT", vat_at},    {"BE", vat_be},      {"CY", vat_cy},       {"DE", sp_mod11_10}, {"DK", is_dk_cvr},
        {"EE", vat_ee},    {"EL", vat_el},      {"ES", vat_es},       {"FI", vat_fi},      {"FR", vat_fr},
        {"GB", vat_gb},    {"HR", sp_mod11_10}, {"HU", vat_hu},       {"IE", vat_ie},      {"IT", sp_is_luhn},
        {"LU", vat_lu},    {"MC", vat_mc},      {"MT", vat_mt},       {"NL", vat_nl},      {"NO", vat_no},
        {"PL", is_pl_nip}, {"PT", vat_pt},      {"RO", is_ro_digits}, {"SE", vat_se},      {"SI", vat_si},
        {"SK", vat_sk},    {"XI", vat_gb},
    };
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        if (memcmp(c, states[i].state, 2) == 0) return states[i].check(c + 2, n - 2);
    }
    return true; /* the others are taken by their form */
}

/* ---- rows ---- */

static const sp_example pl_nip_examples[] = {
    "nip: [806-101-61-69]",
    "| numer nip | [068-014-54-69] |",
    "{\"nip\":\"[076-714-26-19]\"}",
    "We received [713-330-17-15] (nip) by fax.",
    "nip=[930-174-09-66]; state=open",
    "nip: 806-101-61-60",
    "nip 068-014-54-64",
    "nip: 7806-101-61-694",
    "nip x806-101-61-69y",
    "nip: 806-101-61-69-806-101-61-69",
    "sha nip 3f806-101-61-699ab",
    NULL,
};

static const sp_example it_iva_examples[] = {
    "partita iva: [73767980128]",
    "| p iva | [42264850787] |",
    "{\"partita iva\":\"[99750370951]\"}",
    "We received [73331270428] (partita iva) by fax.",
    "partita iva=[29073900440]; state=open",
    "partita iva: 73767980129",
    "partita iva 42264850782",
    "partita iva: 7737679801284",
    "partita iva x73767980128y",
    "partita iva: 73767980128-73767980128",
    "sha partita iva 3f737679801289ab",
    "build 73767980128 finished",
    NULL,
};

static const sp_example es_cif_examples[] = {
    "cif: [U5617501A]",
    "| c i f | [S7304501E] |",
    "{\"cif\":\"[V4835775J]\"}",
    "We received [S10016467] (cif) by fax.",
    "cif=[W5176581F]; state=open",
    "cif: U5617502A",
    "cif S7304506E",
    "cif: 7U5617501A4",
    "cif xU5617501Ay",
    "cif: U5617501A-U5617501A",
    "sha cif 3fU5617501A9ab",
    NULL,
};

static const sp_example gr_afm_examples[] = {
    "αφμ: [944534295]",
    "| α φ μ | [824489670] |",
    "{\"αφμ\":\"[744537150]\"}",
    "We received [541015704] (αφμ) by fax.",
    "αφμ=[259812666]; state=open",
    "αφμ: 944534296",
    "αφμ 824489675",
    "αφμ: 79445342954",
    "αφμ x944534295y",
    "αφμ: 944534295-944534295",
    "sha αφμ 3f9445342959ab",
    "build 944534295 finished",
    NULL,
};

static const sp_example dk_cvr_examples[] = {
    "cvr: [39840383]",
    "| cvr nr | [74608558] |",
    "{\"cvr\":\"[67128095]\"}",
    "We received [28389159] (cvr) by fax.",
    "cvr=[91035979]; state=open",
    "cvr: 39840384",
    "cvr 74608553",
    "cvr: 7398403834",
    "cvr x39840383y",
    "cvr: 39840383-39840383",
    "sha cvr 3f398403839ab",
    "build 39840383 finished",
    NULL,
};

static const sp_example hu_anum_examples[] = {
    "adoszam: [23147393]",
    "| ado szam | [63002014] |",
    "{\"adoszam\":\"[94254963]\"}",
    "We received [48587394] (adoszam) by fax.",
    "adoszam=[65852592]; state=open",
    "adoszam: 23147394",
    "adoszam 63002019",
    "adoszam: 7231473934",
    "adoszam x23147393y",
    "adoszam: 23147393-23147393",
    "sha adoszam 3f231473939ab",
    NULL,
};

static const sp_example ro_cui_examples[] = {
    "cui: [32341510]",
    "| cod unic | [75218075] |",
    "{\"cui\":\"[16848377]\"}",
    "We received [84105083] (cui) by fax.",
    "cui=[55283877]; state=open",
    "cui: 32341511",
    "cui 75218070",
    "cui: 7323415104",
    "cui x32341510y",
    "cui: 32341510-32341510",
    "sha cui 3f323415109ab",
    "build 32341510 finished",
    NULL,
};

static const sp_example vat_examples[] = {
    "vat: [ATU13585627]",
    "| ust id | [BE0428759497] |",
    "{\"vat\":\"[DE136695976]\"}",
    "We received [FR40303265045] (vat) by fax.",
    "vat=[IT00743110157]; state=open",
    "vat: ATU13585628",
    "vat BE0428759492",
    "vat: 7ATU135856274",
    "vat xATU13585627y",
    "vat: ATU13585627-ATU13585627",
    "sha vat 3fATU135856279ab",
    NULL,
};

static const sp_example no_orgnr_examples[] = {
    "organisasjonsnummer: [970905081]",
    "| org nr | [995304147] |",
    "{\"organisasjonsnummer\":\"[908647017]\"}",
    "We received [953711850] (organisasjonsnummer) by fax.",
    "organisasjonsnummer=[949885089]; state=open",
    "organisasjonsnummer: 970905082",
    "organisasjonsnummer 995304142",
    "organisasjonsnummer: 79709050814",
    "organisasjonsnummer x970905081y",
    "organisasjonsnummer: 970905081-970905081",
    "sha organisasjonsnummer 3f9709050819ab",
    "build 970905081 finished",
    NULL,
};

static const sp_row rows[] = {
    {
        .name = "no-orgnr",
        .kind = SP_KIND_COMPANY_ID,
        .shapes = "ddd~ddd~ddd ddddddddd",
        .check = is_no_org,
        .near = "organisasjonsnummer|org nr|orgnr|organisasjonsnr|foretaksregisteret|org nummer|mva",
        .source = "Brønnøysund; modulus 11",
        .examples = no_orgnr_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "pl-nip",
        .kind = SP_KIND_VAT,
        .shapes = "ddd-ddd-dd-dd=75 ddd-dd-dd-ddd=75 dddddddddd",
        .check = is_pl_nip,
        .near = "nip|numer nip|nr nip|numer identyfikacji podatkowej|nip nr|n i p",
        .source = "KAS; weights 657234567",
        .examples = pl_nip_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "it-iva",
        .kind = SP_KIND_VAT,
        .shapes = "ddddddddddd",
        .check = sp_is_luhn,
        .near = "partita iva|p iva|piva|p i|iva|partitaiva|vat number",
        .source = "Agenzia delle Entrate; Luhn",
        .examples = it_iva_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "es-cif",
        .kind = SP_KIND_VAT,
        .shapes = "adddddddx a-dddddddx=70 a-ddddddd-x=75",
        .check = is_es_cif,
        .near = "cif|c i f|nif empresa|codigo de identificacion fiscal|nif",
        .source = "AEAT; weights",
        .examples = es_cif_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "gr-afm",
        .kind = SP_KIND_VAT,
        .shapes = "ddddddddd",
        .check = is_gr_afm,
        .near = "αφμ|α φ μ|afm|αριθμος φορολογικου μητρωου|a f m",
        .source = "ΑΑΔΕ; powers of two",
        .examples = gr_afm_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "dk-cvr",
        .kind = SP_KIND_VAT,
        .shapes = "dddddddd dd~dd~dd~dd",
        .check = is_dk_cvr,
        .near = "cvr|cvr nr|cvr nummer|cvrnr|se nr|virksomhedsnummer",
        .source = "CVR; weights 2 7 6 5 4 3 2 1",
        .examples = dk_cvr_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "hu-anum",
        .kind = SP_KIND_VAT,
        .shapes = "dddddddd-d-dd=75 dddddddd",
        .check = is_hu_anum,
        .near = "adoszam|ado szam|adoszama|hungarian tax number|kozossegi adoszam",
        .source = "NAV; weights 9 7 3 1",
        .examples = hu_anum_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "ro-cui",
        .kind = SP_KIND_VAT,
        .shapes = "dddddddd ddddddd dddddd dddddddddd ddddddddd ROdddddddd ROddddddd",
        .check = is_ro_cui,
        .near = "cui|cod unic|cod fiscal|c u i|cif|cod unic de inregistrare|c i f",
        .source = "ONRC; weights 753217532",
        .examples = ro_cui_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "vat",
        .kind = SP_KIND_VAT,
        .shapes =
            "ATUdddddddd*=85 Udddddddd BEdddddddddd*=85 BGddddddddd* BGdddddddddd* CYdddddddda*=80 "
            "CZdddddddd* "
            "CZddddddddd* CZdddddddddd* DEddddddddd*=80 DKdddddddd*=80 EEddddddddd*=80 ELddddddddd*=85 "
            "ESxdddddddx*=85 FIdddddddd*=80 FRxxddddddddd*=88 GBddddddddd*=80 GBdddddddddddd* "
            "HRddddddddddd*=85 HUdddddddd*=80 IEdxddddda*=85 IEdddddddaa*=85 ITddddddddddd*=88 LTddddddddd* "
            "LTdddddddddddd* LUdddddddd*=85 LVddddddddddd* MCxxddddddddd*=85 MTdddddddd*=80 "
            "NLdddddddddBdd*=92 PLdddddddddd*=85 PTddddddddd*=82 ROddddddddd* ROdddddddd* SEdddddddddddd*=85 "
            "SIdddddddd*=80 SKdddddddddd*=85 XIddddddddd*=80 NOdddddddddMVA*=90 ISddddd* ISdddddd* "
            "EUddddddddd* "
            "IMdddddddddd*",
        .check = is_vat,
        .near = "vat|uid|uid nr|oss|ioss|vsk|btw identificatienummer|ust id|ustid|umsatzsteuer|umsatzsteuer "
                "identifikationsnummer|ust idnr|tva|numero de "
                "tva|iva|partita iva|btw|btw nummer|moms|momsnummer|vat number|vat no|vat id|vat reg|nip "
                "ue|dph|dic|pvn|pvm|alv|km|kmkr|afm|αφμ|mva|eu vat|tva intracommunautaire|n "
                "tva|vatin|ddv|pdv|ддс",
        .source = "Council Directive 2006/112/EC article 215; checks of the states",
        .examples = vat_examples,
        SP_NUMBER_ROW,
    },
};

const sp_family sp_family_vat = {rows, sizeof rows / sizeof rows[0]};
