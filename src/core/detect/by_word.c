/* Numbers that only a word near by tells from others, of whichever country: surer rows of other files win
 * over these. */
#include "detect/check.h"

static bool is_date(const uint8_t *c, size_t n)
{
    const unsigned century = sp_digits(c, 0, 2);
    return n == 8 && (century == 19 || century == 20) && sp_is_day(0, sp_digits(c, 4, 2), sp_digits(c, 6, 2));
}

/* Five digits and more, not all alike: what stands behind such a word is else a version, a date, a name. */
static bool is_number(const uint8_t *c, size_t n)
{
    size_t digits = 0;
    if (is_date(c, n)) return false;
    for (size_t i = 0; i < n; i++) digits += sp_is_digit(c[i]);
    return digits >= 5 && digits * 2 >= n && !sp_is_uniform(c, n);
}

/* ---- rows ---- */

static const sp_example tax_id_by_word_examples[] = {
    "tax number: [39 574 621 859]",
    "| Taxpayer ID | [9801819450] |",
    "{\"tax number\":\"[K92218003V]\"}",
    "We received [557-841-903] (tax number) by fax.",
    "tax number=[8425555371]; state=open",
    "tax number x39 574 621 859y",
    "sha tax number 3f395746218599ab",
    "build 39 574 621 859 finished",
    "tax number v2.10.3",
    "tax id: 12345",
    "tax code 2026-11-29",
    "tax number 0000000000",
    NULL,
};

static const sp_example national_id_by_word_examples[] = {
    "national ID: [311202-5629]",
    "| identity card number | [06-0442-7175] |",
    "{\"national ID\":\"[98021087475]\"}",
    "We received [99.021.087-4] (national ID) by fax.",
    "national ID=[AB1234567]; state=open",
    "national ID x311202-5629y",
    "sha national ID 3f311202-56299ab",
    "build 311202-5629 finished",
    "national id: 12345",
    "identity card number unknown, see 10.1.2.3",
    "personal code 1111111",
    "resident id of the process",
    NULL,
};

static const sp_example company_id_by_word_examples[] = {
    "company registration number: [3027434-4]",
    "| business ID | [988 879 967] |",
    "{\"company registration number\":\"[523-486-785]\"}",
    "We received [523486785] (company registration number) by fax.",
    "company registration number=[4102-88-77]; state=open",
    "company registration number x3027434-4y",
    "sha company registration number 3f3027434-49ab",
    "build 3027434-4 finished",
    "company number 12345",
    "business id: 0000000",
    "company register of 2026-11-29",
    "registered number of users: 12,345",
    NULL,
};

static const sp_example vat_by_word_examples[] = {
    "VAT number: [975004217]",
    "| BTW-nummer | [83334250222] |",
    "{\"VAT number\":\"[93 0001 04205]\"}",
    "We received [83334250229] (VAT number) by fax.",
    "VAT number=[468859792]; state=open",
    "VAT number x975004217y",
    "sha VAT number 3f9750042179ab",
    "build 975004217 finished",
    "VAT number 12345",
    "VAT no 00000000",
    "the VAT rate of 19 percent since 2007",
    "VAT number: 1.2.3.4",
    NULL,
};

static const sp_example passport_by_word_examples[] = {
    "passport number: [X1234567]",
    "| Passport No | [K8273645] |",
    "{\"passport number\":\"[AB123456]\"}",
    "We received [C01X00T47] (passport number) by fax.",
    "passport number=[XR3600R75]; state=open",
    "passport number xX1234567y",
    "sha passport number 3fX12345679ab",
    "build X1234567 finished",
    "passport 12345",
    "passport.js v0.6.0",
    "passport-local-1234567",
    "Passport No of pages: 48",
    NULL,
};

static const sp_row rows[] = {
    {
        .name = "tax-id-by-word",
        .kind = SP_KIND_TAX_ID,
        .shapes = "ddddddd* dddddddd* ddddddddd* dddddddddd* ddddddddddd* dddddddddddd* ddddddddddddd* "
                  "dddddddddddddd* ddddddddddddddd* dddddddddddddddd* xxxxxxxx xxxxxxxxx xxxxxxxxxx "
                  "xxxxxxxxxxx xxxxxxxxxxxx",
        .check = is_number,
        .near = "ptin|veronumero|tax number|tax no|tax id|tax identification number|tax identification "
                "no|taxpayer id|taxpayer number|taxpayer identification number|tax identifier|personal tax "
                "number|tax code|fiscal number|fiscal id|numero d identification fiscale|numero de "
                "contribuyente|identificacion tributaria|identificacion "
                "fiscal|belastingnummer|skattenummer|skatteregistreringsnummer|verotunniste|danove "
                "cislo|numer podatkowy|налоговый номер|税号|纳税人识别号|納税者番号|납세자번호|מספר תיק",
        .sure = 74,
        .source = "a word that calls it so",
        .examples = tax_id_by_word_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "national-id-by-word",
        .kind = SP_KIND_NATIONAL_ID,
        .shapes = "ddddddd* dddddddd* ddddddddd* dddddddddd* ddddddddddd* dddddddddddd* ddddddddddddd* "
                  "dddddddddddddd* ddddddddddddddd* dddddddddddddddd* xxxxxxxx xxxxxxxxx xxxxxxxxxx "
                  "xxxxxxxxxxx xxxxxxxxxxxx",
        .check = is_number,
        .near = "vid|virtual id|onderwijsnummer|carne de identidad|carnet de identidad|national id|national "
                "id number|national id no|national identity number|national identity card|national "
                "identification number|national identifier|national number|personal identity number|personal "
                "identity code|personal identification number|personal id|personal id number|personal "
                "code|personal number|citizen number|citizen id|civil id|civil number|civil registration "
                "number|identity card number|identity card no|id card number|id card no|identity "
                "number|identity document|identification card|resident id|residence permit|residence permit "
                "number|carte d identite|documento de identidad|numero de identidad|numero di "
                "identita|identiteitskaart|dowod osobisty|numer dowodu|osobni cislo|паспортные "
                "данные|идентификационный номер|личный номер|身分証番号|신분증 번호",
        .sure = 73,
        .source = "a word that calls it so",
        .examples = national_id_by_word_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "company-id-by-word",
        .kind = SP_KIND_COMPANY_ID,
        .shapes = "ddddddd* dddddddd* ddddddddd* dddddddddd* ddddddddddd* dddddddddddd* ddddddddddddd* "
                  "dddddddddddddd* ddddddddddddddd* dddddddddddddddd* xxxxxxxx xxxxxxxxx xxxxxxxxxx "
                  "xxxxxxxxxxx xxxxxxxxxxxx",
        .check = is_number,
        .near = "company registration number|company registration no|company reg no|company register|company "
                "identifier|company identification number|company code|company id|company number|business "
                "registration number|business registration no|business id|business identifier|business "
                "identification number|enterprise number|enterprise registration number|commercial "
                "register|commercial registry|commercial registration|commercial registration number|trade "
                "register|trade registry|trade register number|trade licence number|corporate registration "
                "number|corporate identity number|organisation registration|registered number|registration "
                "code|handelsregister|handelsregisternummer|numero d entreprise|registro mercantil|registro "
                "delle imprese|kvk nummer|kvk|kv k|kv k nummer|ondernemingsnummer|foretaksnummer|numer "
                "krs|krs|регистрационный номер|工商注册号|企業番号|السجل التجاري",
        .sure = 73,
        .source = "a word that calls it so",
        .examples = company_id_by_word_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "vat-by-word",
        .kind = SP_KIND_VAT,
        .shapes = "dddddddd* ddddddddd* dddddddddd* ddddddddddd* dddddddddddd*",
        .check = is_number,
        .near =
            "vat|kmkr|vsk|vat number|vat no|vat id|vat reg no|vat registration|vat registration number|vat "
            "identification number|vat reg|value added tax number|value added tax identification number|mwst "
            "nr|mwst nummer|ust idnr|ust id|ust id nr|umsatzsteuer identifikationsnummer|numero de "
            "tva|numero tva|n tva|tva intracommunautaire|tva|numero de iva|numero iva|btw nummer|btw "
            "nr|btw|momsnummer|moms nr|moms reg nr|alv nro|alv numero|dph|ic dph|pvm kodas|ддс номер|kdv no",
        .sure = 76,
        .source = "a word that calls it so",
        .examples = vat_by_word_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "passport-by-word",
        .kind = SP_KIND_PASSPORT,
        .shapes = "adddddd addddddd adddddddd aaddddd aadddddd aaddddddd ddddddddd addddddda aaddddda "
                  "axxxxxxxx ddaaddddd",
        .check = is_number,
        .near =
            "identiteitskaartnummer|passport|passport number|passport no|passport nr|passport num|passport "
            "id|travel document|travel document number|passeport|numero de passeport|pasaporte|numero de "
            "pasaporte|passaporto|numero passaporto|passaporte|paspoort|paspoortnummer|paszport|numer "
            "paszportu|passi|passinumero|pas|pasport|cestovni pas|utlevel|pasaport|pasaport "
            "no|паспорт|загранпаспорт|护照|护照号|護照|旅券番号|パスポート|여권|여권번호|جواز السفر|דרכון|ho "
            "chieu",
        .sure = 73,
        .source = "a word that calls it so",
        .examples = passport_by_word_examples,
        SP_NUMBER_ROW,
    },
};

const sp_family sp_family_by_word = {rows, sizeof rows / sizeof rows[0]};
