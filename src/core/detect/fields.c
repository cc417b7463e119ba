/* Detectors for what only its field tells: a birthday, the expiry date of a card and its verification value,
 * a PIN, the code of a bank. The word stands before the value and little in between: `CVV: 648`, `"pin":
 * "4711"`. */
#include "detect/check.h"

#include <hs/hs.h>
#include <string.h>

/* ---- values of a few digits behind their name ---- */

enum { FILLER_MAX = 12 };

static bool is_filler(int c)
{
    return c == ' ' || c == ':' || c == '=' || c == '"' || c == '\'' || c == '#' || c == '|' || c == '\t' ||
           c == '>';
}

/* What may stand between a name and its value, besides signs. */
static size_t skip_filler(sp_window *w, size_t i)
{
    static const char *const words[] = {"code", "number", "no.", "is", "nummer", "no"};
    const size_t limit = i + FILLER_MAX;
    i = sp_skip(w, i, limit, is_filler);
    for (size_t k = 0; k < sizeof words / sizeof words[0]; k++) {
        if (sp_goes_on(w, i, words[k], true)) {
            i += strlen(words[k]);
            break;
        }
    }
    i = sp_skip(w, i, limit + FILLER_MAX, is_filler);
    return sp_goes_on(w, i, "is ", true) ? i + 3 : i;
}

/* The digits that follow a name, between `min` and `max` of them, and nothing of a word around. */
static void digits_behind(sp_window *w, size_t head_end, sp_match *m, size_t min, size_t max)
{
    if (sp_is_alnum(sp_peek(w, head_end))) return;
    const size_t start = skip_filler(w, head_end);
    m->start = start;
    if (start == head_end) return;
    const size_t end = sp_skip(w, start, start + max + 1, sp_is_digit);
    const int after = sp_peek(w, end);
    if (end - start < min || end - start > max || sp_is_alnum(after) || after == '_' || after == '-') return;
    if (after == '.' && sp_is_digit(sp_peek(w, end + 1))) return;
    m->end = end;
    m->confidence = 80;
}

static void cvv(sp_window *w, size_t head_end, sp_match *m)
{
    digits_behind(w, head_end, m, 3, 4);
}

/* Pins are of boards too. */
static void pin(sp_window *w, size_t head_end, sp_match *m)
{
    static const char *const boards[] = {"gpio",   "board",   "connector", "chip",
                                         "header", "arduino", "socket",    NULL};
    digits_behind(w, head_end, m, 4, 6);
    if (m->confidence != 0 && sp_has_context(w, m->start, 64, boards)) m->confidence = 0;
}

/* ---- expiry of a card ---- */

static const char *const expiry_words[] = {
    "exp",    "expiry",   "expires",   "expiration", "valid thru", "valid",    "good thru", "gültig",
    "ablauf", "verfall",  "caducidad", "vence",      "expiration", "scadenza", "validade",  "vervaldatum",
    "geldig", "有効期限", "有效期",    "срок",       "expirydate", NULL};

static void card_expiry(sp_window *w, size_t head_end, sp_match *m)
{
    m->start = head_end - 3;
    if (sp_is_alnum(sp_before(w, m->start)) || sp_before(w, m->start) == '/') return;
    size_t i = m->start;
    const unsigned month = (unsigned)(w->p[i] - '0') * 10 + (unsigned)(w->p[i + 1] - '0');
    for (i += 2; !sp_is_digit(sp_peek(w, i)); i++) {
        if (i >= head_end + 2) return;
    }
    const size_t end = sp_skip(w, i, i + 5, sp_is_digit);
    const int after = sp_peek(w, end);
    if (month < 1 || month > 12 || (end - i != 2 && end - i != 4) || sp_is_alnum(after) || after == '/')
        return;
    m->end = end;
    if (sp_has_context(w, m->start, 24, expiry_words)) m->confidence = 75;
}

/* ---- BIC (ISO 9362): institution, country, place, branch ---- */

static bool is_country(const uint8_t *p)
{
    static const char countries[] = "ADAEAFAGAIALAMAOARATAUAWAZBABBBDBEBFBGBHBIBJBMBNBOBRBSBTBWBYBZCACDCFCGCH"
                                    "CICKCLCMCNCOCRCUCVCYCZDEDJDKDMDODZECEE"
                                    "EGERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGTGUGWGYHKHNHRHTHUIDIEIL"
                                    "IMINIQIRISITJEJMJOJPKEKGKHKIKMKNKPKRKWKYKZ"
                                    "LALBLCLILKLRLSLTLULVLYMAMCMDMEMGMKMLMMMNMOMQMRMSMTMUMVMWMXMYMZNANCNENGNI"
                                    "NLNONPNZOMPAPEPFPGPHPKPLPMPRPSPTPYQARERORS"
                                    "RURWSASBSCSDSESGSHSISKSLSMSNSOSRSTSVSYSZTCTDTGTHTJTLTMTNTOTRTTTVTWTZUAUG"
                                    "USUYUZVAVCVEVGVIVNVUWSXKYEYTZAZMZW";
    for (const char *c = countries; *c != '\0'; c += 2) {
        if (p[0] == (uint8_t)c[0] && p[1] == (uint8_t)c[1]) return true;
    }
    return false;
}

static bool is_capital_or_digit(int c)
{
    return sp_is_upper(c) || sp_is_digit(c);
}

static bool is_between(int c)
{
    return is_filler(c) || c == '(' || c == ')' || c == '/' || c == '-' || c == ',' || c == '.';
}

/* Eight capitals are a word more often than a bank, so it has to be named. */
static void bic(sp_window *w, size_t head_end, sp_match *m)
{
    static const char *const words[] = {"swift", "bic", "code", "number", "is"};
    size_t i = head_end;
    for (size_t n = 0; n < 3; n++) {
        i = sp_skip(w, i, i + FILLER_MAX, is_between);
        for (size_t k = 0; k < sizeof words / sizeof words[0]; k++) {
            const size_t length = strlen(words[k]);
            if (sp_goes_on(w, i, words[k], true) && !sp_is_alnum(sp_peek(w, i + length))) i += length;
        }
    }
    m->start = i;
    const size_t end = sp_skip(w, i, i + 12, is_capital_or_digit);
    const int after = sp_peek(w, end);
    if ((end - i != 8 && end - i != 11) || sp_is_alnum(after) || after == '_' || after == '-') return;
    m->end = end;
    if (is_country(w->p + i + 4)) m->confidence = 85;
}

/* ---- birthdays ---- */

/* "19500316", "16031950", "03161950": whichever order makes a day of the last 130 years. */
static bool is_birthday(const uint8_t *c, size_t n)
{
    if (n == 6)
        return sp_is_ddmmyy(c, 0) || sp_is_day(0, sp_digits(c, 0, 2), sp_digits(c, 2, 2)) ||
               sp_is_yymmdd(c, 0);
    const unsigned first = sp_digits(c, 0, 4), last = sp_digits(c, n - 4, 4);
    if (n == 8 && first >= 1900 && first <= 2035)
        return sp_is_day(first, sp_digits(c, 4, 2), sp_digits(c, 6, 2));
    if (last < 1900 || last > 2035) return false;
    if (n == 6 + 1) return sp_digit(c, 0) != 0 && sp_digits(c, 1, 2) <= 31;
    return n == 8 && (sp_is_day(last, sp_digits(c, 2, 2), sp_digits(c, 0, 2)) ||
                      sp_is_day(last, sp_digits(c, 0, 2), sp_digits(c, 2, 2)));
}

/* ---- rows ---- */

static const sp_example cvv_examples[] = {
    "cvv [648]", "CVC: [123],", "\"cvv2\":\"[4821]\"", "CVV code is [907].", "csc=[555]",
    "cvv 12",    "cvv 12345",   "cvv3.5 200",          "cvvs 123",           "cvc-1234-x",
    NULL,
};
static const sp_example pin_examples[] = {
    "PIN: [4711]",
    "my pin is [0815]",
    "\"pin\":\"[123456]\"",
    "PIN code [9182].",
    "pin=[5512];",
    "gpio pin: 4711",
    "pin 12",
    "pinned 4711",
    "spin 4711",
    "pin 1234567",
    NULL,
};
static const sp_example card_expiry_examples[] = {
    "exp [01/29]",
    "expires [12/2027].",
    "valid thru [06/ 28]",
    "\"expiry\":\"[06/28]\"",
    "gültig bis [11/26]",
    "page 01/29",
    "exp 13/29",
    "exp 01/291",
    "exp 01/02/29",
    "expenses rose in the quarter that ended 01/29",
    NULL,
};
static const sp_example bic_examples[] = {
    "BIC: [DEUTDEFF]",
    "SWIFT [NEDSZAJJXXX].",
    "\"bic\":\"[COBADEFFXXX]\"",
    "bank code (SWIFT): [BNPAFRPP]",
    "IBAN …, BIC [GENODEF1S02]",
    "BIC: DEUTXYFF",
    "THE DOCUMENT",
    "BIC: DEUTDEFFX",
    "PASSWORD swift",
    "BIC deutdeff",
    NULL,
};
static const sp_example birthday_examples[] = {
    "born [03/16/1950], MRN",
    "geboren am [28.05.1949]",
    "DOB: [1984-11-02]",
    "date de naissance : [02/11/1984]",
    "\"birthDate\":\"[1990-04-07]\"",
    "generated 03/16/1950",
    "born 33/16/1950",
    "dob 1850-01-01",
    "born 1.2.3.4",
    "date of birth: 99999999",
    NULL,
};

static const sp_row rows[] = {
    {
        .name = "cvv",
        .kind = SP_KIND_CVV,
        .head = "\\b(?:cvv|cvc|csc|cvn)2?\\b",
        .flags = HS_FLAG_CASELESS,
        .validate = cvv,
        .longest = 4,
        .least = 60,
        .source = "PCI DSS 3.3: never stored",
        .examples = cvv_examples,
    },
    {
        .name = "card-pin",
        .kind = SP_KIND_PIN,
        .head = "\\bpin\\b",
        .flags = HS_FLAG_CASELESS,
        .validate = pin,
        .longest = 6,
        .least = 60,
        .source = "ISO 9564: four digits and more",
        .examples = pin_examples,
    },
    {
        .name = "card-expiry",
        .kind = SP_KIND_CARD_EXPIRY,
        .sign = SP_SIGN_EXPIRY,
        .validate = card_expiry,
        .run = SP_RUN_NUMBER,
        .head_max = 3,
        .longest = 9,
        .least = 60,
        .source = "ISO/IEC 7813",
        .examples = card_expiry_examples,
    },
    {
        .name = "bic",
        .kind = SP_KIND_BIC,
        .head = "\\b(?:bic|swift)\\b",
        .flags = HS_FLAG_CASELESS,
        .validate = bic,
        .longest = 11,
        .least = 60,
        .source = "ISO 9362",
        .examples = bic_examples,
    },
    {
        .name = "date-of-birth",
        .kind = SP_KIND_DATE_OF_BIRTH,
        .shapes = "dd/dd/dddd dd.dd.dddd dd-dd-dddd dddd-dd-dd dddd/dd/dd dddd.dd.dd d/dd/dddd dd/d/dddd "
                  "d.dd.dddd dd.d.dddd "
                  "dd/dd/dd dd.dd.dd dd-dd-dd dddddddd",
        .check = is_birthday,
        .near =
            "born|dob|d o b|date of birth|birth date|birthdate|birthday|geboren|geboren "
            "am|geb|geburtsdatum|geburtstag|"
            "ne le|nee le|date de naissance|naissance|nacido|nacida|fecha de "
            "nacimiento|nacimiento|nato|nata|nato il|"
            "data di nascita|nascita|data de nascimento|nascimento|nascido|geboortedatum|geboren "
            "op|urodzony|urodzona|"
            "data urodzenia|ur|fodt|fodselsdato|fodd|fodelsedatum|syntynyt|syntymaaika|narozen|datum "
            "narozeni|szuletett|"
            "szuletesi datum|dogum tarihi|dogumlu|data nasterii|nascut|рожд|дата рождения|родился|родилась|"
            "дата народження|ημερομηνια γεννησης|γεννηθηκε|出生日期|出生|生日|生年月日|誕生日|생년월일|תאריך "
            "לידה|"
            "تاريخ الميلاد|जन्म तिथि|วันเกิด|ngay sinh|tanggal lahir|tarikh lahir",
        .sure = 85,
        .source = "a word that calls it so",
        .examples = birthday_examples,
        SP_NUMBER_ROW,
    },
};

const sp_family sp_family_fields = {rows, sizeof rows / sizeof rows[0]};
