/* Accounts, securities and what pays. */
#include "detect/check.h"

#include <string.h>

static bool is_us_aba(const uint8_t *c, size_t n)
{
    return n == 9 && !sp_is_uniform(c, n) && sp_weighted(c, "371371371", 10) == 0;
}

static bool is_mx_clabe(const uint8_t *c, size_t n)
{
    unsigned sum = 0;
    for (size_t i = 0; i < 17; i++) sum += sp_digit(c, i) * (i % 3 == 0 ? 3u : i % 3 == 1 ? 7u : 1u) % 10;
    return n == 18 && (10 - sum % 10) % 10 == sp_digit(c, 17);
}

/* Bank, branch, account, suffix. Most banks use modulus 11 over branch and account. */
static bool is_nz_bank(const uint8_t *c, size_t n)
{
    const unsigned bank = sp_digits(c, 0, 2);
    return n >= 15 && ((bank >= 1 && bank <= 38) || bank == 88);
}

static bool is_es_ccc(const uint8_t *c, size_t n)
{
    static const uint8_t weights[] = {1, 2, 4, 8, 5, 10, 9, 7, 3, 6};
    unsigned bank = 0, account = 0;
    if (n != 20 || sp_is_uniform(c, n)) return false;
    for (size_t i = 0; i < 8; i++) bank += weights[i + 2] * sp_digit(c, i);
    for (size_t i = 0; i < 10; i++) account += weights[i] * sp_digit(c, i + 10);
    const unsigned first = 11 - bank % 11, second = 11 - account % 11;
    return (first == 10 ? 1 : first % 11) == sp_digit(c, 8) &&
           (second == 10 ? 1 : second % 11) == sp_digit(c, 9);
}

static bool is_no_konto(const uint8_t *c, size_t n)
{
    return n == 11 && sp_weighted(c, "54327654321", 11) == 0;
}

/* Prefix of up to six digits, number of up to ten, bank. */
static bool is_cz_bank(const uint8_t *c, size_t n)
{
    static const uint8_t weights[] = {6, 3, 7, 9, 10, 5, 8, 4, 2, 1};
    const size_t end = n - 4, begin = n == 20 ? 6 : 0, width = end - begin;
    unsigned sum = 0, prefix = 0;
    for (size_t i = 0; i < width; i++) sum += weights[10 - width + i] * sp_digit(c, begin + i);
    for (size_t i = 0; i < begin; i++) prefix += weights[4 + i] * sp_digit(c, i);
    return sum % 11 == 0 && prefix % 11 == 0;
}

/* ISO 6166: letters become two digits, then Luhn. */
static bool is_isin(const uint8_t *c, size_t n)
{
    uint8_t digits[24];
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        const unsigned value = sp_alnum_value(c[i]);
        if (value > 9) digits[k++] = (uint8_t)('0' + value / 10);
        digits[k++] = (uint8_t)('0' + value % 10);
    }
    return n == 12 && sp_luhn(digits, k);
}

static unsigned doubled_sum(const uint8_t *c, size_t n)
{
    unsigned sum = 0;
    for (size_t i = 0; i < n; i++) {
        const unsigned value = sp_alnum_value(c[i]) * (i % 2 == 0 ? 1 : 2);
        sum += value / 10 + value % 10;
    }
    return sum;
}

static bool has_digits(const uint8_t *c, size_t n, size_t least)
{
    size_t found = 0;
    for (size_t i = 0; i < n; i++) found += sp_is_digit(c[i]);
    return found >= least;
}

static bool is_cusip(const uint8_t *c, size_t n)
{
    return n == 9 && has_digits(c, n, 4) && (10 - doubled_sum(c, 8) % 10) % 10 == sp_digit(c, 8);
}

static bool is_sedol(const uint8_t *c, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strchr("AEIOU", c[i]) != NULL) return false;
    }
    return n == 7 && has_digits(c, n, 2) && sp_weighted(c, "1317391", 10) == 0;
}

static bool is_lei(const uint8_t *c, size_t n)
{
    unsigned rest = 0;
    for (size_t i = 0; i < n; i++) {
        const unsigned value = sp_alnum_value(c[i]);
        rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
    }
    return n == 20 && has_digits(c, n, 4) && rest == 1;
}

static bool is_figi(const uint8_t *c, size_t n)
{
    for (size_t i = 0; i < 11; i++) {
        if (strchr("AEIOU", c[i]) != NULL) return false;
    }
    return n == 12 && (10 - doubled_sum(c, 11) % 10) % 10 == sp_digit(c, 11);
}

/* ---- rows ---- */

static const sp_example us_aba_routing_examples[] = {
    "routing: [256832983]",
    "| routing number | [919467145] |",
    "{\"routing\":\"[890576760]\"}",
    "We received [366431067] (routing) by fax.",
    "routing=[161042787]; state=open",
    "routing: 256832984",
    "routing 919467140",
    "routing: 72568329834",
    "routing x256832983y",
    "routing: 256832983-256832983",
    "sha routing 3f2568329839ab",
    "build 256832983 finished",
    NULL,
};

static const sp_example us_bank_account_examples[] = {
    "account number: [945456787654]",
    "| account no | [12345678901] |",
    "{\"account number\":\"[4829305512]\"}",
    "We received [000123456789] (account number) by fax.",
    "account number=[87441209]; state=open",
    "account number: 1.945456787654",
    "account number x945456787654y",
    "account number: 945456787654-945456787654",
    "sha account number 3f9454567876549ab",
    "build 945456787654 finished",
    NULL,
};

static const sp_example bank_account_examples[] = {
    "kontonummer: [0648489890]",
    "| konto nr | [1210288820] |",
    "{\"kontonummer\":\"[532013000]\"}",
    "We received [48291034] (kontonummer) by fax.",
    "kontonummer=[7730041288]; state=open",
    "kontonummer: 1.0648489890",
    "kontonummer x0648489890y",
    "kontonummer: 0648489890-0648489890",
    "sha kontonummer 3f06484898909ab",
    "build 0648489890 finished",
    NULL,
};

static const sp_example uk_sort_code_examples[] = {
    "sort code: [20-00-00]",
    "| sortcode | [60-83-71] |",
    "{\"sort code\":\"[040004]\"}",
    "We received [11-22-33] (sort code) by fax.",
    "sort code=[30 96 34]; state=open",
    "sort code: 720-00-004",
    "sort code x20-00-00y",
    "sort code: 20-00-00-20-00-00",
    "sha sort code 3f20-00-009ab",
    "build 20-00-00 finished",
    NULL,
};

static const sp_example ca_transit_examples[] = {
    "transit: [12345-001]",
    "| transit number | [00022-003] |",
    "{\"transit\":\"[08061-010]\"}",
    "We received [05812-004] (transit) by fax.",
    "transit=[61242-006]; state=open",
    "transit: 712345-0014",
    "transit x12345-001y",
    "transit: 12345-001-12345-001",
    "sha transit 3f12345-0019ab",
    "build 12345-001 finished",
    NULL,
};

static const sp_example au_bsb_examples[] = {
    "bsb: [062-000]",
    "| bsb number | [033-547] |",
    "{\"bsb\":\"[732-001]\"}",
    "We received [484799] (bsb) by fax.",
    "bsb=[083-004]; state=open",
    "bsb: 7062-0004",
    "bsb x062-000y",
    "bsb: 062-000-062-000",
    "sha bsb 3f062-0009ab",
    "build 062-000 finished",
    NULL,
};

static const sp_example in_ifsc_examples[] = {
    "ifsc: [HDFC0000123]",
    "| ifsc code | [SBIN0005943] |",
    "{\"ifsc\":\"[ICIC0001207]\"}",
    "We received [UTIB0000373] (ifsc) by fax.",
    "ifsc=[KKBK0000958]; state=open",
    "ifsc: 7HDFC00001234",
    "ifsc xHDFC0000123y",
    "ifsc: HDFC0000123-HDFC0000123",
    "sha ifsc 3fHDFC00001239ab",
    "ifsc: HDFC1000123",
    NULL,
};

static const sp_example mx_clabe_examples[] = {
    "clabe: [032180000118359719]",
    "| clabe interbancaria | [002115016003269411] |",
    "{\"clabe\":\"[012180015432198768]\"}",
    "We received [646180157048213905] (clabe) by fax.",
    "clabe=[014320567890123458]; state=open",
    "clabe: 032180000118359710",
    "clabe 002115016003269416",
    "clabe: 70321800001183597194",
    "clabe x032180000118359719y",
    "clabe: 032180000118359719-032180000118359719",
    "sha clabe 3f0321800001183597199ab",
    NULL,
};

static const sp_example nz_bankaccount_examples[] = {
    "bank account: [01-0242-0100194-00]",
    "| account number | [01-0902-0068389-00] |",
    "{\"bank account\":\"[08-6523-1954512-001]\"}",
    "We received [26-2600-0320871-032] (bank account) by fax.",
    "bank account=[01-0242-0100194-000]; state=open",
    "bank account: 701-0242-0100194-004",
    "bank account x01-0242-0100194-00y",
    "bank account: 01-0242-0100194-00-01-0242-0100194-00",
    "sha bank account 3f01-0242-0100194-009ab",
    "bank account: 01-0242-010019-00",
    NULL,
};

static const sp_example es_ccc_examples[] = {
    "ccc: [86162395150887770170]",
    "| cuenta | [34762397636372684557] |",
    "{\"ccc\":\"[35488533012722417370]\"}",
    "We received [47836651566120386939] (ccc) by fax.",
    "ccc=[93045006695444767593]; state=open",
    "ccc: 86162395150887770171",
    "ccc 34762397636372684552",
    "ccc: 7861623951508877701704",
    "ccc x86162395150887770170y",
    "ccc: 86162395150887770170-86162395150887770170",
    "sha ccc 3f861623951508877701709ab",
    NULL,
};

static const sp_example no_kontonr_examples[] = {
    "kontonummer: [7235.75.37615]",
    "| kontonr | [2743.19.92723] |",
    "{\"kontonummer\":\"[7117.41.69785]\"}",
    "We received [4063.04.58953] (kontonummer) by fax.",
    "kontonummer=[9383.36.58636]; state=open",
    "kontonummer: 7235.75.37616",
    "kontonummer 2743.19.92728",
    "kontonummer: 77235.75.376154",
    "kontonummer x7235.75.37615y",
    "kontonummer: 7235.75.37615-7235.75.37615",
    "sha kontonummer 3f7235.75.376159ab",
    NULL,
};

static const sp_example se_bankgiro_examples[] = {
    "bankgiro: [5050-1055]",
    "| bg | [991-2346] |",
    "{\"bankgiro\":\"[5805-6201]\"}",
    "We received [640-2341] (bankgiro) by fax.",
    "bankgiro=[5050-1055]; state=open",
    "bankgiro: 5050-1056",
    "bankgiro 991-2341",
    "bankgiro: 75050-10554",
    "bankgiro x5050-1055y",
    "bankgiro: 5050-1055-5050-1055",
    "sha bankgiro 3f5050-10559ab",
    "build 5050-1055 finished",
    NULL,
};

static const sp_example cz_bankaccount_examples[] = {
    "cislo uctu: [2000145399/0800]",
    "| ucet | [2501277007/2010] |",
    "{\"cislo uctu\":\"[1234567899/0800]\"}",
    "We received [2000145399/0800] (cislo uctu) by fax.",
    "cislo uctu=[4200140014/6800]; state=open",
    "cislo uctu: 2000145398/0800",
    "cislo uctu: 72000145399/08004",
    "cislo uctu x2000145399/0800y",
    "cislo uctu: 2000145399/0800-2000145399/0800",
    "sha cislo uctu 3f2000145399/08009ab",
    NULL,
};

static const sp_example isin_examples[] = {
    "isin: [US0082569098]",
    "| isin code | [US0451565008] |",
    "{\"isin\":\"[US0127065573]\"}",
    "We received [US0529140768] (isin) by fax.",
    "isin=[US0616810687]; state=open",
    "isin: US0082569099",
    "isin US0451565003",
    "isin: 7US00825690984",
    "isin xUS0082569098y",
    "isin: US0082569098-US0082569098",
    "sha isin 3fUS00825690989ab",
    NULL,
};

static const sp_example cusip_examples[] = {
    "cusip: [792840159]",
    "| cusip number | [805000502] |",
    "{\"cusip\":\"[609151568]\"}",
    "We received [821120508] (cusip) by fax.",
    "cusip=[232075077]; state=open",
    "cusip: 792840150",
    "cusip 805000507",
    "cusip: 77928401594",
    "cusip x792840159y",
    "cusip: 792840159-792840159",
    "sha cusip 3f7928401599ab",
    "build 792840159 finished",
    NULL,
};

static const sp_example sedol_examples[] = {
    "sedol: [9414486]",
    "| sedol code | [2838577] |",
    "{\"sedol\":\"[1540839]\"}",
    "We received [4818168] (sedol) by fax.",
    "sedol=[0075600]; state=open",
    "sedol: 9414487",
    "sedol 2838572",
    "sedol: 794144864",
    "sedol x9414486y",
    "sedol: 9414486-9414486",
    "sha sedol 3f94144869ab",
    "build 9414486 finished",
    NULL,
};

static const sp_example lei_examples[] = {
    "lei: [52992705264300233639]",
    "| legal entity identifier | [52993842114353883223] |",
    "{\"lei\":\"[52992737964443604697]\"}",
    "We received [52994468907410052369] (lei) by fax.",
    "lei=[52992774576056452955]; state=open",
    "lei: 52992705264300233630",
    "lei 52993842114353883228",
    "lei: 7529927052643002336394",
    "lei x52992705264300233639y",
    "lei: 52992705264300233639-52992705264300233639",
    "sha lei 3f529927052643002336399ab",
    NULL,
};

static const sp_example figi_examples[] = {
    "figi: [BBG000BLNNH6]",
    "| bloomberg | [BBG000B9XRY4] |",
    "{\"figi\":\"[BBG000BVPV84]\"}",
    "We received [BBG000BPH459] (figi) by fax.",
    "figi=[BBG000BMHYD1]; state=open",
    "figi: BBG000BLNNH7",
    "figi BBG000B9XRY9",
    "figi: 7BBG000BLNNH64",
    "figi xBBG000BLNNH6y",
    "figi: BBG000BLNNH6-BBG000BLNNH6",
    "sha figi 3fBBG000BLNNH69ab",
    NULL,
};

static const sp_example wkn_examples[] = {
    "wkn: [840400]",
    "| wertpapierkennnummer | [A1EWWW] |",
    "{\"wkn\":\"[BASF11]\"}",
    "We received [716460] (wkn) by fax.",
    "wkn=[766403]; state=open",
    "wkn: 78404004",
    "wkn x840400y",
    "wkn: 840400-840400",
    "sha wkn 3f8404009ab",
    "build 840400 finished",
    NULL,
};

static const sp_row rows[] = {
    {
        .name = "us-aba-routing",
        .kind = SP_KIND_US_ABA_ROUTING,
        .shapes = "ddddddddd",
        .check = is_us_aba,
        .near = "routing|routing number|aba|aba number|rtn|routing no|aba routing|routing transit|transit "
                "number|bank routing|wire routing|ach|routing nr|abarouting",
        .source = "ABA; weights 3 7 1",
        .examples = us_aba_routing_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "us-bank-account",
        .kind = SP_KIND_US_BANK_ACCOUNT,
        .shapes = "dddddddd ddddddddd dddddddddd ddddddddddd dddddddddddd ddddddddddddd dddddddddddddd "
                  "dddddd ddddddd dddd~dddd~dddd dddd-ddddddd",
        .near = "account number|account no|acct|acct no|bank account|checking account|savings "
                "account|account|checking|savings|acc no|acct number|account num|account nr|direct "
                "deposit|beneficiary account|a c no|a c",
        .sure = 76,
        .source = "context alone",
        .examples = us_bank_account_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "bank-account",
        .kind = SP_KIND_BANK_ACCOUNT,
        .shapes = "ddddddd dddddddd ddddddddd dddddddddd ddddddddddd dddddddddddd",
        .near = "kontonummer|konto nr|kontonr|konto|numero de compte|compte bancaire|numero de cuenta|cuenta "
                "bancaria|conto corrente|numero di conto|rekeningnummer|rekening|numer konta|numero da "
                "conta|conta corrente|口座番号|账号|银行账号|계좌번호|номер счета|расчетный счет|счет|hesap "
                "no|hesap numarasi|bankkonto|cislo uctu",
        .sure = 76,
        .source = "context alone",
        .examples = bank_account_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "uk-sort-code",
        .kind = SP_KIND_UK_SORT_CODE,
        .shapes = "dd-dd-dd dddddd dd_dd_dd",
        .near = "sort code|sortcode|sort codes|sort",
        .sure = 84,
        .source = "Vocalink",
        .examples = uk_sort_code_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "ca-transit",
        .kind = SP_KIND_CA_TRANSIT,
        .shapes = "ddddd-ddd 0ddddddddd",
        .near = "transit|transit number|institution number|branch transit|transit no",
        .sure = 82,
        .source = "Payments Canada",
        .examples = ca_transit_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "au-bsb",
        .kind = SP_KIND_AU_BSB,
        .shapes = "ddd-ddd dddddd",
        .near = "bsb|bsb number|bsb no|bank state branch",
        .sure = 84,
        .source = "AusPayNet",
        .examples = au_bsb_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "in-ifsc",
        .kind = SP_KIND_IN_IFSC,
        .shapes = "aaaa0xxxxxx=66",
        .near = "ifsc|ifsc code|ifs code|neft|rtgs|ifsc no",
        .sure = 92,
        .source = "RBI",
        .examples = in_ifsc_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "mx-clabe",
        .kind = SP_KIND_MX_CLABE,
        .shapes = "dddddddddddddddddd=62 ddd~ddd~ddddddddddd~d",
        .check = is_mx_clabe,
        .near = "clabe|clabe interbancaria|cuenta clabe|c l a b e|spei",
        .source = "ABM; weights 3 7 1",
        .examples = mx_clabe_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "nz-bankaccount",
        .kind = SP_KIND_NZ_BANKACCOUNT,
        .shapes = "dd-dddd-ddddddd-dd=78 dd-dddd-ddddddd-ddd=78 ddddddddddddddd",
        .check = is_nz_bank,
        .near = "bank account|account number|account|acc|nz bank|account no",
        .source = "Payments NZ; weights by bank",
        .examples = nz_bankaccount_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "es-ccc",
        .kind = SP_KIND_ES_CCC,
        .shapes = "dddddddddddddddddddd=66 dddd-dddd-dd-dddddddddd=88 dddd_dddd_dd_dddddddddd=88",
        .check = is_es_ccc,
        .near = "ccc|cuenta|codigo cuenta cliente|numero de cuenta|cuenta corriente|cuenta bancaria",
        .source = "AEB; two modulus 11",
        .examples = es_ccc_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "no-kontonr",
        .kind = SP_KIND_NO_KONTONR,
        .shapes = "dddd.dd.ddddd=78 dddd_dd_ddddd ddddddddddd",
        .check = is_no_konto,
        .near = "kontonummer|kontonr|konto|bankkonto|konto nr|bankkontonummer",
        .source = "Bits; modulus 11",
        .examples = no_kontonr_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "se-bankgiro",
        .kind = SP_KIND_SE_BANKGIRO,
        .shapes = "ddd-dddd dddd-dddd ddddddd dddddddd",
        .check = sp_is_luhn,
        .near = "bankgiro|bg|bankgironummer|bankgironr|bg nr|bankgirot",
        .source = "Bankgirot; Luhn",
        .examples = se_bankgiro_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "cz-bankaccount",
        .kind = SP_KIND_CZ_BANKACCOUNT,
        .shapes = "dddddddddd/dddd=75 dddddd-dddddddddd/dddd=85 ddddddddd/dddd",
        .check = is_cz_bank,
        .near = "cislo uctu|ucet|bankovni ucet|c u|cisla uctu|account|bank account",
        .source = "ČNB decree 169/2011; weights",
        .examples = cz_bankaccount_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "isin",
        .kind = SP_KIND_ISIN,
        .shapes = "aaxxxxxxxxxd=82",
        .check = is_isin,
        .near = "isin|isin code|isin number|isin nr|wertpapier|wertpapierkennnummer|securities",
        .source = "ISO 6166; Luhn",
        .examples = isin_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "cusip",
        .kind = SP_KIND_CUSIP,
        .shapes = "xxxxxxxxd",
        .check = is_cusip,
        .near = "cusip|cusip number|cusip no|cusip code|cusips",
        .source = "CGS; modulus 10",
        .examples = cusip_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "sedol",
        .kind = SP_KIND_SEDOL,
        .shapes = "xxxxxxd",
        .check = is_sedol,
        .near = "sedol|sedol code|sedol number|sedols",
        .source = "LSE; weights 1 3 1 7 3 9",
        .examples = sedol_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "lei",
        .kind = SP_KIND_LEI,
        .shapes = "xxxxxxxxxxxxxxxxxxdd=88",
        .check = is_lei,
        .near = "lei|legal entity identifier|lei code|lei number",
        .source = "ISO 17442; MOD 97-10",
        .examples = lei_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "figi",
        .kind = SP_KIND_FIGI,
        .shapes = "aaGxxxxxxxxd=85",
        .check = is_figi,
        .near = "figi|bloomberg|open figi|global identifier",
        .source = "OMG FIGI 1.0; modulus 10",
        .examples = figi_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "wkn",
        .kind = SP_KIND_WKN,
        .shapes = "xxxxxx",
        .near = "wkn|wertpapierkennnummer|wertpapierkenn nummer|wkn nr",
        .sure = 85,
        .source = "WM Datenservice",
        .examples = wkn_examples,
        SP_NUMBER_ROW,
    },
};

const sp_family sp_family_bank = {rows, sizeof rows / sizeof rows[0]};
