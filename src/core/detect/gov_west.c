/* National numbers of persons: western and northern Europe. */
#include "detect/check.h"

#include <string.h>

/* Of the first ten digits one occurs twice or three times, and not three times in a row. */
static bool is_de_tax_id(const uint8_t *c, size_t n)
{
    uint8_t count[10] = {0};
    unsigned repeated = 0;
    for (size_t i = 0; i + 1 < n; i++) count[sp_digit(c, i)]++;
    for (size_t d = 0; d < 10; d++) {
        if (count[d] > 3) return false;
        repeated += count[d] > 1;
    }
    return c[0] != '0' && repeated == 1 && sp_mod11_10(c, n);
}

/* Serial numbers know no vowels, so that no words arise; the check digit is often left out. */
static bool is_document(const uint8_t *c, size_t n, const char *first)
{
    if (strchr(first, c[0]) == NULL) return false;
    for (size_t i = 0; i < 9; i++) {
        if (strchr("ABDEIOQSU", c[i]) != NULL) return false;
    }
    return n == 9 || sp_weighted(c, "731731731", 10) == sp_digit(c, 9);
}

static bool is_de_document(const uint8_t *c, size_t n)
{
    return is_document(c, n, "LMNPRTVWXY");
}

static bool is_de_passport(const uint8_t *c, size_t n)
{
    return is_document(c, n, "CFGHJK");
}

static bool is_mixed(const uint8_t *c, size_t n)
{
    size_t n_digits = 0;
    for (size_t i = 0; i < n; i++) n_digits += sp_is_digit(c[i]);
    return n_digits >= 4 && n_digits < n;
}

/* Area, day of birth (from 50 on counted again where it was taken), letter, serial, check digit. */
static bool is_de_social_security(const uint8_t *c, size_t n)
{
    static const char weights[] = "212571212121";
    const unsigned day = sp_digits(c, 2, 2) > 50 ? sp_digits(c, 2, 2) - 50 : sp_digits(c, 2, 2);
    const unsigned letter = (unsigned)(c[8] - 'A') + 1;
    unsigned sum = 0, k = 0;
    if (n != 12 || c[0] == '9' || !sp_is_day(0, sp_digits(c, 4, 2), day)) return false;
    for (size_t i = 0; i < 11; i++) {
        const unsigned parts[2] = {i == 8 ? letter / 10 : sp_digit(c, i), letter % 10};
        for (size_t part = 0; part < (i == 8 ? 2 : 1); part++) {
            const unsigned product = parts[part] * (unsigned)(weights[k++] - '0');
            sum += product / 10 + product % 10;
        }
    }
    return sum % 10 == sp_digit(c, 11);
}

static bool is_at_vnr(const uint8_t *c, size_t n)
{
    (void)n;
    const unsigned month = sp_digits(c, 6, 2); /* up to 15 where a day was used up */
    if (c[0] == '0' || sp_digits(c, 4, 2) < 1 || sp_digits(c, 4, 2) > 31 || month < 1 || month > 15)
        return false;
    return sp_weighted(c, "3790584216", 11) == sp_digit(c, 3);
}

static bool is_ean13(const uint8_t *c, size_t n)
{
    return n == 13 && sp_weighted(c, "1313131313131", 10) == 0;
}

/* Of Corsica's departments A counts as 19 and B as 18. Months from 20 on stand for "unknown". */
static bool is_fr_nir(const uint8_t *c, size_t n)
{
    const unsigned month = sp_digits(c, 3, 2);
    uint64_t number = 0;
    if (n != 15 || (c[0] != '1' && c[0] != '2' && c[0] != '7' && c[0] != '8')) return false;
    if (month == 0 || (month > 12 && month < 20) || (month > 42 && month < 50)) return false;
    if (!sp_is_digit(c[6]) && (c[5] != '2' || (c[6] != 'A' && c[6] != 'B'))) return false;
    for (size_t i = 0; i < 13; i++) {
        if (i == 6 && !sp_is_digit(c[6]))
            number = number / 10 * 100 + (c[6] == 'A' ? 19 : 18);
        else
            number = number * 10 + sp_digit(c, i);
    }
    return 97 - number % 97 == sp_digits(c, 13, 2);
}

static bool is_fr_spi(const uint8_t *c, size_t n)
{
    uint64_t number = 0;
    for (size_t i = 0; i < 10; i++) number = number * 10 + sp_digit(c, i);
    return n == 13 && c[0] <= '3' && number % 511 == sp_digits(c, 10, 3);
}

static bool is_nl_bsn(const uint8_t *c, size_t n)
{
    return !sp_is_uniform(c, n) && sp_weighted(c, "98765432", 11) == sp_digit(c, 8);
}

/* Born from 2000 on, a 2 is put before the nine digits. */
static bool is_be_nn(const uint8_t *c, size_t n)
{
    uint64_t number = 0;
    const unsigned month = sp_digits(c, 2, 2) % 20; /* 20 or 40 more where the person is not Belgian */
    if (n != 11 || month > 12 || sp_digits(c, 4, 2) > 31) return false;
    for (size_t i = 0; i < 9; i++) number = number * 10 + sp_digit(c, i);
    const unsigned check = sp_digits(c, 9, 2);
    return 97 - number % 97 == check || 97 - (number + 2000000000u) % 97 == check;
}

static bool is_uk_nhs(const uint8_t *c, size_t n)
{
    const unsigned check = 11 - sp_weighted(c, "A98765432", 11);
    return !sp_is_uniform(c, n) && check != 10 && check % 11 == sp_digit(c, 9);
}

static bool is_uk_nino(const uint8_t *c, size_t n)
{
    static const char *const unused[] = {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"};
    if (n != 9 || strchr("DFIQUV", c[0]) != NULL || strchr("DFIOQUV", c[1]) != NULL || c[8] > 'D')
        return false;
    for (size_t i = 0; i < sizeof unused / sizeof unused[0]; i++) {
        if (memcmp(c, unused[i], 2) == 0) return false;
    }
    return true;
}

static bool is_uk_utr(const uint8_t *c, size_t n)
{
    static const char check[] = "21987654321";
    return n == 10 && sp_digit(c, 0) == (unsigned)(check[sp_weighted(c + 1, "6789A5432", 11)] - '0');
}

/* Five characters of the name, filled up with 9; decade, month (50 more for women), day, year; initials. */
static bool is_uk_driver(const uint8_t *c, size_t n)
{
    unsigned month = sp_digits(c, 6, 2);
    if (month > 50) month -= 50;
    size_t i = 0;
    while (i < 5 && sp_is_alpha(c[i])) i++;
    if (n != 16 || i < 1) return false;
    for (; i < 5; i++) {
        if (c[i] != '9') return false;
    }
    return sp_is_day(0, month, sp_digits(c, 8, 2)) && (sp_is_alpha(c[11]) || c[11] == '9') &&
           (sp_is_alpha(c[12]) || c[12] == '9');
}

static bool is_ie_pps(const uint8_t *c, size_t n)
{
    unsigned sum = sp_weighted(c, "8765432", 9999);
    if (n == 9 && c[8] != 'W') sum += 9 * (unsigned)(c[8] - 'A' + 1);
    return c[7] == (uint8_t) "WABCDEFGHIJKLMNOPQRSTUV"[sum % 23];
}

/* Coordination numbers have 60 added to the day. */
static bool is_se_person(const uint8_t *c, size_t n)
{
    const uint8_t *ten = c + (n - 10);
    const unsigned day = sp_digits(ten, 4, 2) > 60 ? sp_digits(ten, 4, 2) - 60 : sp_digits(ten, 4, 2);
    if (n == 12 && (sp_digits(c, 0, 2) < 18 || sp_digits(c, 0, 2) > 20)) return false;
    return sp_is_day(0, sp_digits(ten, 2, 2), day) && sp_luhn(ten, 10);
}

/* D numbers have 4 added to the first digit, others 4 or 8 to the third. */
static bool is_no_fnr(const uint8_t *c, size_t n)
{
    const unsigned day = sp_digits(c, 0, 2) % 40, month = sp_digits(c, 2, 2) % 40;
    if (n != 11 || !sp_is_day(0, month, day)) return false;
    return sp_weighted(c, "3761894521", 11) == 0 && sp_weighted(c, "54327654321", 11) == 0;
}

static bool is_ddmmyy_start(const uint8_t *c, size_t n)
{
    (void)n;
    return sp_is_ddmmyy(c, 0);
}

static bool is_fi_hetu(const uint8_t *c, size_t n)
{
    const size_t serial = n == 10 ? 6 : 7;
    const unsigned number = sp_digits(c, 0, 6) * 1000 + sp_digits(c, serial, 3);
    return sp_is_ddmmyy(c, 0) && c[n - 1] == (uint8_t) "0123456789ABCDEFHJKLMNPRSTUVWXY"[number % 31];
}

static bool is_is_kennitala(const uint8_t *c, size_t n)
{
    (void)n;
    const unsigned day = sp_digits(c, 0, 2) > 40 ? sp_digits(c, 0, 2) - 40 : sp_digits(c, 0, 2);
    return sp_is_day(0, sp_digits(c, 2, 2), day) && sp_weighted(c, "327654321", 11) == 0;
}

/* ---- rows ---- */

static const sp_example de_tax_id_examples[] = {
    "steuer id: [39142038568]",
    "| steuerid | [74326415082] |",
    "{\"steuer id\":\"[48701196218]\"}",
    "We received [91352869706] (steuer id) by fax.",
    "steuer id=[34909295672]; state=open",
    "steuer id: 39142038569",
    "steuer id 74326415087",
    "steuer id: 7391420385684",
    "steuer id x39142038568y",
    "steuer id: 39142038568-39142038568",
    "sha steuer id 3f391420385689ab",
    "build 39142038568 finished",
    NULL,
};

static const sp_example de_tax_number_examples[] = {
    "steuernummer: [18/815/08155]",
    "| steuer nr | [151/8150/8156] |",
    "{\"steuernummer\":\"[133/8150/8159]\"}",
    "We received [24/815/08151] (steuernummer) by fax.",
    "steuernummer=[2181508150123]; state=open",
    "steuernummer: 718/815/081554",
    "steuernummer x18/815/08155y",
    "steuernummer: 18/815/08155-18/815/08155",
    "sha steuernummer 3f18/815/081559ab",
    "build 18/815/08155 finished",
    NULL,
};

static const sp_example de_id_card_examples[] = {
    "personalausweis: [L01X00T471]",
    "| personalausweisnummer | [LZ6311T475] |",
    "{\"personalausweis\":\"[T220001293]\"}",
    "We received [L01X00T47] (personalausweis) by fax.",
    "personalausweis=[T22000129]; state=open",
    "personalausweis: L01X00T472",
    "personalausweis LZ6311T470",
    "personalausweis: 7L01X00T4714",
    "personalausweis xL01X00T471y",
    "personalausweis: L01X00T471-L01X00T471",
    "sha personalausweis 3fL01X00T4719ab",
    "build L01X00T471 finished",
    NULL,
};

static const sp_example de_passport_examples[] = {
    "reisepass: [C01X00T478]",
    "| reisepassnummer | [C01X0006H] |",
    "{\"reisepass\":\"[CF9K3ML41]\"}",
    "We received [G7RT5K219] (reisepass) by fax.",
    "reisepass=[H4K2T9L03]; state=open",
    "reisepass: 7C01X00T4784",
    "reisepass xC01X00T478y",
    "reisepass: C01X00T478-C01X00T478",
    "sha reisepass 3fC01X00T4789ab",
    "build C01X00T478 finished",
    NULL,
};

static const sp_example de_driver_license_examples[] = {
    "führerschein: [B072RRE2I55]",
    "| führerscheinnummer | [J010KL4GH81] |",
    "{\"führerschein\":\"[N0704IK5T19]\"}",
    "We received [E2140HG7K35] (führerschein) by fax.",
    "führerschein=[F0100B52T16]; state=open",
    "führerschein: 7B072RRE2I554",
    "führerschein xB072RRE2I55y",
    "führerschein: B072RRE2I55-B072RRE2I55",
    "sha führerschein 3fB072RRE2I559ab",
    "build B072RRE2I55 finished",
    NULL,
};

static const sp_example de_social_security_examples[] = {
    "rentenversicherungsnummer: [65070649C002]",
    "| versicherungsnummer | [15070649C103] |",
    "{\"rentenversicherungsnummer\":\"[12 120671 T 12 7]\"}",
    "We received [53240895M109] (rentenversicherungsnummer) by fax.",
    "rentenversicherungsnummer=[65 110567 K 00 3]; state=open",
    "rentenversicherungsnummer: 65070649C003",
    "rentenversicherungsnummer 15070649C108",
    "rentenversicherungsnummer: 765070649C0024",
    "rentenversicherungsnummer x65070649C002y",
    "rentenversicherungsnummer: 65070649C002-65070649C002",
    "sha rentenversicherungsnummer 3f65070649C0029ab",
    NULL,
};

static const sp_example at_vnr_examples[] = {
    "versicherungsnummer: [2755 081274]",
    "| sozialversicherungsnummer | [7379 060498] |",
    "{\"versicherungsnummer\":\"[6049 051068]\"}",
    "We received [4503 130892] (versicherungsnummer) by fax.",
    "versicherungsnummer=[3098 240371]; state=open",
    "versicherungsnummer: 2755 081275",
    "versicherungsnummer 7379 060493",
    "versicherungsnummer: 72755 0812744",
    "versicherungsnummer x2755 081274y",
    "versicherungsnummer: 2755 081274-2755 081274",
    "sha versicherungsnummer 3f27550812749ab",
    "build 2755 081274 finished",
    NULL,
};

static const sp_example ch_ssn_examples[] = {
    "ahv: [756.4575.5640.20]",
    "| ahv nummer | [756.2408.0429.43] |",
    "{\"ahv\":\"[756.3981.3428.02]\"}",
    "We received [756.7202.3402.19] (ahv) by fax.",
    "ahv=[756.7051.8494.13]; state=open",
    "ahv: 756.4575.5640.21",
    "ahv 756.2408.0429.48",
    "ahv: 7756.4575.5640.204",
    "ahv x756.4575.5640.20y",
    "ahv: 756.4575.5640.20-756.4575.5640.20",
    "sha ahv 3f756.4575.5640.209ab",
    NULL,
};

static const sp_example fr_nir_examples[] = {
    "numero de securite sociale: [199117501797708]",
    "| securite sociale | [183057514929240] |",
    "{\"numero de securite sociale\":\"[163017545358876]\"}",
    "We received [164077525878949] (numero de securite sociale) by fax.",
    "numero de securite sociale=[157067538370013]; state=open",
    "numero de securite sociale: 199117501797709",
    "numero de securite sociale 183057514929245",
    "numero de securite sociale: 71991175017977084",
    "numero de securite sociale x199117501797708y",
    "numero de securite sociale: 199117501797708-199117501797708",
    "sha numero de securite sociale 3f1991175017977089ab",
    NULL,
};

static const sp_example fr_spi_examples[] = {
    "numero fiscal: [0175877720207]",
    "| spi | [0176984521182] |",
    "{\"numero fiscal\":\"[0795937691003]\"}",
    "We received [0111337449258] (numero fiscal) by fax.",
    "numero fiscal=[0875906575453]; state=open",
    "numero fiscal: 0175877720208",
    "numero fiscal 0176984521187",
    "numero fiscal: 701758777202074",
    "numero fiscal x0175877720207y",
    "numero fiscal: 0175877720207-0175877720207",
    "sha numero fiscal 3f01758777202079ab",
    "build 0175877720207 finished",
    NULL,
};

static const sp_example nl_bsn_examples[] = {
    "bsn: [295473423]",
    "| burgerservicenummer | [275390512] |",
    "{\"bsn\":\"[858666662]\"}",
    "We received [132528794] (bsn) by fax.",
    "bsn=[665603599]; state=open",
    "bsn: 295473424",
    "bsn 275390517",
    "bsn: 72954734234",
    "bsn x295473423y",
    "bsn: 295473423-295473423",
    "sha bsn 3f2954734239ab",
    "build 295473423 finished",
    NULL,
};

static const sp_example be_nn_examples[] = {
    "rijksregisternummer: [81.11.22-828.96]",
    "| numero national | [82.05.22-968.32] |",
    "{\"rijksregisternummer\":\"[74.11.10-889.54]\"}",
    "We received [84.01.12-066.84] (rijksregisternummer) by fax.",
    "rijksregisternummer=[89.04.19-933.06]; state=open",
    "rijksregisternummer: 81.11.22-828.97",
    "rijksregisternummer 82.05.22-968.37",
    "rijksregisternummer: 781.11.22-828.964",
    "rijksregisternummer x81.11.22-828.96y",
    "rijksregisternummer: 81.11.22-828.96-81.11.22-828.96",
    "sha rijksregisternummer 3f81.11.22-828.969ab",
    NULL,
};

static const sp_example uk_nhs_examples[] = {
    "nhs: [636 993 3651]",
    "| nhs number | [744 833 9206] |",
    "{\"nhs\":\"[171 093 4026]\"}",
    "We received [464 718 3211] (nhs) by fax.",
    "nhs=[456 678 2603]; state=open",
    "nhs: 636 993 3652",
    "nhs 744 833 9201",
    "nhs: 7636 993 36514",
    "nhs x636 993 3651y",
    "nhs: 636 993 3651-636 993 3651",
    "sha nhs 3f63699336519ab",
    "build 636 993 3651 finished",
    NULL,
};

static const sp_example uk_nino_examples[] = {
    "national insurance: [AB123456C]",
    "| national insurance number | [JG 12 34 56 C] |",
    "{\"national insurance\":\"[JG103759A]\"}",
    "We received [SE 21 40 95 D] (national insurance) by fax.",
    "national insurance=[WK-44-18-23-B]; state=open",
    "national insurance: BG123456C",
    "national insurance: DA123456C",
    "nino AB123456E",
    "national insurance: 7AB123456C4",
    "national insurance xAB123456Cy",
    "national insurance: AB123456C-AB123456C",
    "sha national insurance 3fAB123456C9ab",
    NULL,
};

static const sp_example uk_utr_examples[] = {
    "utr: [4674458311]",
    "| unique taxpayer reference | [2974272088] |",
    "{\"utr\":\"[7227997211]\"}",
    "We received [2429547747] (utr) by fax.",
    "utr=[2741051097]; state=open",
    "utr: 4674458312",
    "utr 2974272083",
    "utr: 746744583114",
    "utr x4674458311y",
    "utr: 4674458311-4674458311",
    "sha utr 3f46744583119ab",
    "build 4674458311 finished",
    NULL,
};

static const sp_example uk_passport_examples[] = {
    "british passport: [533401372]",
    "| uk passport | [925076473] |",
    "{\"british passport\":\"[107185703]\"}",
    "We received [312194885] (british passport) by fax.",
    "british passport=[701229483]; state=open",
    "british passport: 75334013724",
    "british passport x533401372y",
    "british passport: 533401372-533401372",
    "sha british passport 3f5334013729ab",
    "build 533401372 finished",
    NULL,
};

static const sp_example uk_driver_license_examples[] = {
    "driving licence: [MORGA753116SM9IJ]",
    "| driver licence | [JONES709119D99AB] |",
    "{\"driving licence\":\"[SMITH711215JM9CR]\"}",
    "We received [WILLI802034K99DF] (driving licence) by fax.",
    "driving licence=[LE999612248AB9EX]; state=open",
    "driving licence: MORGA799116SM9IJ",
    "driving licence MORGA753326SM9IJ",
    "driving licence: 7MORGA753116SM9IJ4",
    "driving licence xMORGA753116SM9IJy",
    "driving licence: MORGA753116SM9IJ-MORGA753116SM9IJ",
    "sha driving licence 3fMORGA753116SM9IJ9ab",
    NULL,
};

static const sp_example ie_pps_examples[] = {
    "pps: [3307661I]",
    "| ppsn | [4220270R] |",
    "{\"pps\":\"[3811557B]\"}",
    "We received [0404228I] (pps) by fax.",
    "pps=[3546966R]; state=open",
    "pps: 3307662I",
    "pps 4220275R",
    "pps: 73307661I4",
    "pps x3307661Iy",
    "pps: 3307661I-3307661I",
    "sha pps 3f3307661I9ab",
    "build 3307661I finished",
    NULL,
};

static const sp_example se_personnummer_examples[] = {
    "personnummer: [920801-8524]",
    "| person nr | [820617-2499] |",
    "{\"personnummer\":\"[581225-8969]\"}",
    "We received [631103-9942] (personnummer) by fax.",
    "personnummer=[790912-4187]; state=open",
    "personnummer: 920801-8525",
    "personnummer 820617-2494",
    "personnummer: 7920801-85244",
    "personnummer x920801-8524y",
    "personnummer: 920801-8524-920801-8524",
    "sha personnummer 3f920801-85249ab",
    NULL,
};

static const sp_example no_fnr_examples[] = {
    "fødselsnummer: [251193 42891]",
    "| fodselsnummer | [050877 62884] |",
    "{\"fødselsnummer\":\"[050487 24398]\"}",
    "We received [011293 01615] (fødselsnummer) by fax.",
    "fødselsnummer=[021071 72257]; state=open",
    "fødselsnummer: 251193 42892",
    "fødselsnummer 050877 62889",
    "fødselsnummer: 7251193 428914",
    "fødselsnummer x251193 42891y",
    "fødselsnummer: 251193 42891-251193 42891",
    "sha fødselsnummer 3f251193428919ab",
    NULL,
};

static const sp_example dk_cpr_examples[] = {
    "cpr: [261275-0136]",
    "| cpr nummer | [150662-4328] |",
    "{\"cpr\":\"[170160-0535]\"}",
    "We received [070593-1169] (cpr) by fax.",
    "cpr=[040776-6864]; state=open",
    "cpr: 320254-0676",
    "cpr 101354-0676",
    "cpr: 7261275-01364",
    "cpr x261275-0136y",
    "cpr: 261275-0136-261275-0136",
    "sha cpr 3f261275-01369ab",
    "build 261275-0136 finished",
    NULL,
};

static const sp_example fi_hetu_examples[] = {
    "henkilotunnus: [220784-6970]",
    "| hetu | [240966-8761] |",
    "{\"henkilotunnus\":\"[211077-756V]\"}",
    "We received [280655-627A] (henkilotunnus) by fax.",
    "henkilotunnus=[201065-224Y]; state=open",
    "henkilotunnus: 220784-6971",
    "henkilotunnus 240966-8766",
    "henkilotunnus: 7220784-69704",
    "henkilotunnus x220784-6970y",
    "henkilotunnus: 220784-6970-220784-6970",
    "sha henkilotunnus 3f220784-69709ab",
    NULL,
};

static const sp_example is_kennitala_examples[] = {
    "kennitala: [250185-4489]",
    "| kt | [200274-7099] |",
    "{\"kennitala\":\"[030665-3090]\"}",
    "We received [110599-9789] (kennitala) by fax.",
    "kennitala=[040763-8640]; state=open",
    "kennitala: 220366-0829",
    "kennitala: 7250185-44894",
    "kennitala x250185-4489y",
    "kennitala: 250185-4489-250185-4489",
    "sha kennitala 3f250185-44899ab",
    "build 250185-4489 finished",
    NULL,
};

static const sp_row rows[] = {
    {
        .name = "de-tax-id",
        .kind = SP_KIND_DE_TAX_ID,
        .shapes = "dd~ddd~ddd~ddd ddddddddddd",
        .check = is_de_tax_id,
        .near = "steuer id|steuerid|steueridentifikationsnummer|steuer identifikationsnummer|steuer "
                "idnr|steueridnr|idnr|identifikationsnummer|steuerliche identifikationsnummer|persönliche "
                "identifikationsnummer|~tin|~tax id|german tax id|~tax identification number",
        .source = "AO section 139b; ISO/IEC 7064 MOD 11,10",
        .examples = de_tax_id_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "de-tax-number",
        .kind = SP_KIND_DE_TAX_NUMBER,
        .shapes = "dd/ddd/ddddd ddd/dddd/dddd ddd/ddd/ddddd ddd/ddd/dddd dddd/ddd/ddddd ddddddddddddd",
        .near = "steuernummer|steuer nr|steuernr|stnr|st nr|~tax number",
        .source = "AO; layouts of the Länder",
        .examples = de_tax_number_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "de-id-card",
        .kind = SP_KIND_DE_ID_CARD,
        .shapes = "axxxxxxxxd axxxxxxxx axxxxxxxx~d",
        .check = is_de_document,
        .near = "personalausweis|personalausweisnummer|ausweisnummer|perso nr|ausweis nr|ausweis|identity "
                "card|id card|personalausweisnr",
        .source = "PAuswG; ICAO 9303 weights",
        .examples = de_id_card_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "de-passport",
        .kind = SP_KIND_DE_PASSPORT,
        .shapes = "axxxxxxxxd axxxxxxxx",
        .check = is_de_passport,
        .near = "reisepass|reisepassnummer|passnummer|pass nr|deutscher pass|german "
                "passport|~passport|~passport number|reisepass nr",
        .source = "PassG; ICAO 9303 weights",
        .examples = de_passport_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "de-driver-license",
        .kind = SP_KIND_DE_DRIVER_LICENSE,
        .shapes = "xxxxxxxxxxx",
        .check = is_mixed,
        .near = "führerschein|führerscheinnummer|fuehrerschein|fuehrerscheinnummer|führerschein nr|driving "
                "licence|driver license|drivers license|fahrerlaubnis",
        .source = "FeV annex 8",
        .examples = de_driver_license_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "de-social-security",
        .kind = SP_KIND_DE_SOCIAL_SECURITY,
        .shapes = "dd~dddddd~a~ddd dd_dddddd_a_dd_d=85 ddddddddaddd=80",
        .check = is_de_social_security,
        .near = "rentenversicherungsnummer|versicherungsnummer|sozialversicherungsnummer|rvnr|sv nummer|rv "
                "nummer|rentenversicherung|sozialversicherung|svnr|sv nr",
        .source = "VKVV section 2",
        .examples = de_social_security_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "at-vnr",
        .kind = SP_KIND_AT_VNR,
        .shapes = "dddd~dddddd dddddddddd",
        .check = is_at_vnr,
        .near = "versicherungsnummer|sozialversicherungsnummer|svnr|sv nr|sv nummer|sozialversicherung|e "
                "card|vsnr|vnr|svnummer|austrian social security number",
        .source = "ASVG section 31; DVSV",
        .examples = at_vnr_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "ch-ssn",
        .kind = SP_KIND_CH_SSN,
        .shapes = "756.dddd.dddd.dd=92 756dddddddddd=80 756_dddd_dddd_dd=90",
        .check = is_ean13,
        .near = "ahv|ahv nummer|ahv nr|avs|numero avs|sozialversicherungsnummer|navs|navs13|ahvn13",
        .source = "AHVV; EAN-13",
        .examples = ch_ssn_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "fr-nir",
        .kind = SP_KIND_FR_NIR,
        .shapes = "d~dd~dd~dx~ddd~ddd~dd ddddddxdddddddd=80 d_dd_dd_dx_ddd_ddd_dd=90",
        .check = is_fr_nir,
        .near = "numero de securite sociale|securite sociale|secu|nir|insee|numero insee|assurance "
                "maladie|carte vitale|~social security number|no secu|n° secu|numero de secu|ssn",
        .source = "INSEE; key 97 - n mod 97",
        .examples = fr_nir_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "fr-spi",
        .kind = SP_KIND_FR_SPI,
        .shapes = "ddddddddddddd dd~dd~ddd~ddd~ddd",
        .check = is_fr_spi,
        .near = "numero fiscal|spi|numero spi|identifiant fiscal|numero fiscal de reference|reference "
                "fiscale|nif|avis d imposition|~tin",
        .source = "DGFiP; n mod 511",
        .examples = fr_spi_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "nl-bsn",
        .kind = SP_KIND_NL_BSN,
        .shapes = "ddddddddd dddd~dd~ddd ddd~ddd~ddd",
        .check = is_nl_bsn,
        .near = "bsn|burgerservicenummer|bsn nummer|sofinummer|sofi nummer|sofi|burger service "
                "nummer|citizen service number|bsn nr",
        .source = "Wabb; eleven test",
        .examples = nl_bsn_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "be-nn",
        .kind = SP_KIND_BE_NN,
        .shapes = "dd.dd.dd-ddd.dd=92 ddddddddddd=62 dddddd~ddd~dd=75",
        .check = is_be_nn,
        .near = "rijksregisternummer|numero national|numero de registre national|registre national|nationaal "
                "nummer|niss|insz|rijksregister|national register "
                "number|nn|rrn|nationalregisternummer|national number|bis|bis number|ssn|belgian social "
                "security number",
        .source = "RRN; 97 - n mod 97",
        .examples = be_nn_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "uk-nhs",
        .kind = SP_KIND_UK_NHS,
        .shapes = "ddd~ddd~dddd dddddddddd",
        .check = is_uk_nhs,
        .near = "nhs|nhs number|nhs no|nhs nr|nhs num|national health service|~patient number|health service "
                "number|nhs id",
        .source = "NHS data dictionary; modulus 11",
        .examples = uk_nhs_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "uk-nino",
        .kind = SP_KIND_UK_NINO,
        .shapes = "aa~dd~dd~dd~a=85 aadddddda=80",
        .check = is_uk_nino,
        .near = "national insurance|national insurance number|nino|ni number|ni no|nin|insurance number",
        .source = "HMRC NIM39110",
        .examples = uk_nino_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "uk-utr",
        .kind = SP_KIND_UK_UTR,
        .shapes = "dddddddddd ddddd~ddddd",
        .check = is_uk_utr,
        .near = "utr|unique taxpayer reference|taxpayer reference|tax reference|self "
                "assessment|uniquetaxpayerreference|~tax number|~hmrc",
        .source = "HMRC; weights 6 7 8 9 10 5 4 3 2",
        .examples = uk_utr_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "uk-passport",
        .kind = SP_KIND_UK_PASSPORT,
        .shapes = "ddddddddd",
        .near = "british passport|uk passport|hm passport|passport number gb|gbr passport",
        .sure = 84,
        .source = "HM Passport Office",
        .examples = uk_passport_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "uk-driver-license",
        .kind = SP_KIND_UK_DRIVER_LICENSE,
        .shapes = "xxxxxddddddxxxaa=85 xxxxx~dddddd~xxxaa=85",
        .check = is_uk_driver,
        .near = "driving licence|driver licence|dvla|driver number|driving license|licence number|licence "
                "no|drivers licence",
        .source = "DVLA INF45",
        .examples = uk_driver_license_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "ie-pps",
        .kind = SP_KIND_IE_PPS,
        .shapes = "ddddddda ddddddda~a dddddddaa",
        .check = is_ie_pps,
        .near = "pps|ppsn|pps number|pps no|personal public service|personal public service number|rsi "
                "number|uimhir psp",
        .source = "Social Welfare Act 2005; modulus 23",
        .examples = ie_pps_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "se-personnummer",
        .kind = SP_KIND_SE_PERSONNUMMER,
        .shapes = "dddddd-dddd dddddddd-dddd=82 dddddddddd dddddddddddd",
        .check = is_se_person,
        .near = "personnummer|person nr|personnr|pnr|samordningsnummer|svenskt personnummer|swedish personal "
                "number|personal identity number|fodelsenummer|personid|~id nummer",
        .source = "Skatteverket SKV 707; Luhn",
        .examples = se_personnummer_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "no-fnr",
        .kind = SP_KIND_NO_FNR,
        .shapes = "dddddd~ddddd=72 ddddddddddd=72",
        .check = is_no_fnr,
        .near =
            "fødselsnummer|fodselsnummer|personnummer|fnr|fødselsnr|d nummer|dnummer|norwegian id|person nr",
        .source = "Skatteetaten; two modulus 11",
        .examples = no_fnr_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "dk-cpr",
        .kind = SP_KIND_DK_CPR,
        .shapes = "dddddd-dddd dddddd_dddd dddddddddd",
        .check = is_ddmmyy_start,
        .near = "cpr|cpr nummer|cpr nr|cprnummer|personnummer|cpr number|cprnr",
        .source = "CPR-kontoret",
        .examples = dk_cpr_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "fi-hetu",
        .kind = SP_KIND_FI_HETU,
        .shapes = "dddddd-dddx=92 ddddddAdddx=90 ddddddYdddx=90 ddddddBdddx=90",
        .check = is_fi_hetu,
        .near = "henkilotunnus|hetu|sotu|henkilotunnuksesi|personbeteckning|personal identity "
                "code|sosiaaliturvatunnus",
        .source = "DVV; modulus 31",
        .examples = fi_hetu_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "is-kennitala",
        .kind = SP_KIND_IS_KENNITALA,
        .shapes = "dddddd-dddd dddddddddd",
        .check = is_is_kennitala,
        .near = "kennitala|kt|kennitolu|kennitalan|kennit",
        .source = "Þjóðskrá; modulus 11",
        .examples = is_kennitala_examples,
        SP_NUMBER_ROW,
    },
};

const sp_family sp_family_gov_west = {rows, sizeof rows / sizeof rows[0]};
