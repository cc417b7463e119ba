/* Detectors for numbers that are told apart by who issues them: payment cards, bank accounts, US social
 * security numbers. */
#include "detect/check.h"
#include "detect/detect_internal.h"

#include <hs/hs.h>
#include <string.h>

/* ---- payment cards ---- */

enum {
    LEN_12_19 = 0xff000,
    LEN_13 = 1 << 13,
    LEN_14_19 = 0xfc000,
    LEN_15 = 1 << 15,
    LEN_16 = 1 << 16,
    LEN_16_19 = 0xf0000,
    LEN_19 = 1 << 19
};

/* Issuer ranges (ISO/IEC 7812, the schemes' published ranges, and one of what makes test data). `usual`:
 * lengths of cards in circulation; the others, and whole ranges of mixed use, need a word near by or the
 * familiar grouping. */
static const struct {
    uint32_t first, last; /* of the first six digits */
    uint32_t lengths, usual;
} issuers[] = {
    {180000, 180099, LEN_15, 0},                      /* JCB, the old form */
    {213100, 213199, LEN_15, 0},                      /* JCB, the old form */
    {220000, 220499, LEN_16_19, LEN_16},              /* Mir */
    {222100, 272099, LEN_16, LEN_16},                 /* Mastercard */
    {300000, 305999, LEN_14_19, LEN_14_19 & ~LEN_19}, /* Diners */
    {309500, 309599, LEN_14_19, LEN_14_19 & ~LEN_19}, /* Diners */
    {340000, 349999, LEN_15, LEN_15},                 /* American Express */
    {352800, 358999, LEN_16_19, LEN_16},              /* JCB */
    {350000, 359999, LEN_16, 0},                      /* beside JCB: nobody's, but of what makes test data */
    {360000, 369999, LEN_14_19, LEN_14_19 & ~LEN_19}, /* Diners */
    {370000, 379999, LEN_15, LEN_15},                 /* American Express */
    {380000, 399999, LEN_14_19, LEN_16},              /* Diners */
    {400000, 499999, LEN_13 | LEN_16 | LEN_19, LEN_16}, /* Visa */
    {500000, 509999, LEN_12_19, LEN_16},                /* Maestro, RuPay */
    {510000, 559999, LEN_16, LEN_16},                   /* Mastercard */
    {560000, 599999, LEN_12_19, LEN_16},                /* Maestro */
    {601100, 601199, LEN_16_19, LEN_16},                /* Discover */
    {620000, 629999, LEN_16_19, LEN_16_19},             /* UnionPay */
    {644000, 659999, LEN_16_19, LEN_16},                /* Discover, RuPay */
    {600000, 699999, LEN_12_19, LEN_16}, /* Maestro and national schemes; after the narrower ranges */
};

/* Lengths of cards whose number begins like this: all of them, or only the usual ones. */
static uint32_t card_lengths(const uint8_t *digits, bool usual)
{
    uint32_t prefix = 0;
    for (size_t i = 0; i < 6; i++) prefix = prefix * 10 + (uint32_t)(digits[i] - '0');
    for (size_t i = 0; i < sizeof issuers / sizeof issuers[0]; i++) {
        if (prefix >= issuers[i].first && prefix <= issuers[i].last)
            return usual ? issuers[i].usual : issuers[i].lengths;
    }
    return 0;
}

static bool is_usual_card(const uint8_t *digits, size_t n)
{
    return ((card_lengths(digits, true) >> n) & 1) != 0 && sp_luhn(digits, n);
}

static bool is_card(const uint8_t *digits, size_t n)
{
    return ((card_lengths(digits, false) >> n) & 1) != 0 && sp_luhn(digits, n);
}

/* ---- US social security numbers ---- */

/* Numbers that the Social Security Administration does not assign. */
static bool is_ssn(const uint8_t *d, size_t n)
{
    (void)n;
    const unsigned area = (unsigned)(d[0] - '0') * 100 + (unsigned)(d[1] - '0') * 10 + (unsigned)(d[2] - '0');
    if (area == 0 || area == 666 || area >= 900) return false;
    if (memcmp(d + 3, "00", 2) == 0 || memcmp(d + 5, "0000", 4) == 0) return false;
    for (size_t i = 1; i < 9; i++) {
        if (d[i] != d[0]) return true;
    }
    return false;
}

/* ---- IBAN (ISO 13616) ---- */

/* Country and length, from the registry of SWIFT, and countries that use the form without being in it. */
static const char iban_lengths[] = "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27D"
                                   "K18DO28EE20EG29ES24FI18FK18FO18FR27GB22GE22"
                                   "GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IR26IS26IT27JO30KW30KZ20LB28LC32L"
                                   "I21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27"
                                   "MT31MU30MZ25NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18S"
                                   "E24SI19SK24SM27SN28SO23ST25SV28TL23TN24TR26"
                                   "UA29VA22VG24XK20YE30";
enum { IBAN_MAX = 34 };

static bool is_separator(int c)
{
    return c == ' ' || c == '-';
}

/* Length of an IBAN that begins with these two letters, 0 if none does. */
static size_t iban_length(const uint8_t *p)
{
    for (const char *c = iban_lengths; *c != '\0'; c += 4) {
        if ((p[0] & 0xdf) == (uint8_t)c[0] && (p[1] & 0xdf) == (uint8_t)c[1]) {
            return (size_t)(c[2] - '0') * 10 + (size_t)(c[3] - '0');
        }
    }
    return 0;
}

/* Letters of one case only; lower case with spaces is prose far more often than an account. */
typedef struct iban_text {
    uint8_t chars[IBAN_MAX];
    size_t n, end;
    bool has_upper, has_lower, has_gap;
} iban_text;

/* Reads `n` letters and digits with single spaces or dashes between them. */
static void iban_read(iban_text *t, sp_window *w, size_t i, size_t n)
{
    memset(t, 0, sizeof *t);
    while (t->n < n) {
        int c = sp_peek(w, i);
        if (is_separator(c) && t->n > 0) {
            t->has_gap = true;
            c = sp_peek(w, ++i);
        }
        if (!sp_is_alnum(c)) return;
        t->has_upper = t->has_upper || sp_is_upper(c);
        t->has_lower = t->has_lower || (sp_is_alpha(c) && !sp_is_upper(c));
        t->chars[t->n++] = w->p[i++];
    }
    t->end = i;
}

static void iban(sp_window *w, size_t head_end, sp_match *m)
{
    m->start = head_end - 4;
    const size_t n = iban_length(w->p + m->start);
    if (n == 0) return;
    iban_text t;
    iban_read(&t, w, m->start, n);
    if (t.end == 0 || (t.has_upper && t.has_lower) || (t.has_lower && t.has_gap)) return;
    const int after = sp_peek(w, t.end);
    if (sp_is_alnum(after) || after == '_' || !sp_mod97(t.chars, t.n)) return;
    m->end = t.end;
    m->confidence = t.has_lower ? 80 : 95;
}

/* ---- rows ---- */

static const sp_example card_examples[] = {
    "card [4111 1111 1111 1111] exp 12/27",
    "[4111111111111111]",
    "[5500-0000-0000-0004]",
    "[3782 822463 10005].",
    "pay with [378282246310005]",
    "[6011000990139424], [2223003122003222]",
    "\"number\":\"[30569309025904]\"",
    "[4111 1111 1111 1111] 123",
    "4111111111111112",
    "41111111111111111",
    "id 4111-1111-1111-1111-1111-1111",
    "0.4111111111111111",
    "a4111111111111111",
    "4111 1111 11111111",
    NULL,
};

static const sp_example rare_card_examples[] = {
    "Maestro: [675911568607]",
    "card [180040493450520]",
    "order 675911568607",
    NULL,
};

static const sp_example ssn_examples[] = {
    "his number is [078-05-1120].",
    "SSN: [219 09 9999]",
    "social security number of Ms Doe is [536228145]",
    "[899-12-3456]",
    "SSN-[078-05-1120]",
    "000-12-3456, 666-12-3456, 900-12-3456",
    "123-00-4567 and 123-45-0000",
    "call 555 12 3456",
    "part 536228145",
    "1-078-05-1120",
    "078-05-1120-3",
    "078-05-11201",
    "111-11-1111",
    NULL,
};

static const sp_example iban_examples[] = {
    "to [DE89 3704 0044 0532 0130 00] please",
    "[GB82WEST12345698765432]",
    "[FR1420041010050500013M02606],",
    "iban=[de89370400440532013000]",
    "[NO93 8601 1117 947]",
    "[CH93-0076-2011-6238-5295-7]",
    "DE89370400440532013001",
    "DE8937040044053201300",
    "DE893704004405320130000",
    "XX89370400440532013000",
    "xDE89370400440532013000",
    "De89370400440532013000",
    NULL,
};

static const char card_words[] =
    "card|cards|visa|mastercard|maestro|amex|american express|diners|discover|jcb|unionpay|credit|debit|"
    "kreditkarte|karte|carte|tarjeta|carta|kaart|kort|karta|kart|kartu|pan|cc|payment|カード|卡|카드|карт|"
    "карта";

static const sp_row rows[] = {
    {
        .name = "payment-card",
        .kind = SP_KIND_CARD,
        .shapes = "dddd~dddd~dddd~dddd=90 dddddddddddddddd=70 dddd_dddddd_ddddd=90 dddd-dddddd-ddddd=90 "
                  "ddddddddddddddd=70 "
                  "dddd_dddddd_dddd=90 dddd-dddddd-dddd=90 dddddddddddddd=70 dddd~dddd~dddd~dddd~ddd=90 "
                  "ddddddddddddddddddd=70 dddddddddddddddddd=70 ddddddddddddddddd=70",
        .check = is_usual_card,
        .near = card_words,
        .source = "ISO/IEC 7812; ranges as the schemes publish them",
        .examples = card_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "payment-card-rare",
        .kind = SP_KIND_CARD,
        .shapes =
            "dddddddddddd dddddddddddddd dddddddddddddd ddddddddddddddd dddddddddddddddd ddddddddddddddddd "
            "dddddddddddddddddd ddddddddddddddddddd ddddddddddddd dddd~dddd~dddd dddd~dddd~dddd~dddd",
        .check = is_card,
        .near = card_words,
        .sure = 80,
        .source = "ISO/IEC 7812: lengths and ranges that are hardly in use",
        .examples = rare_card_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "us-ssn",
        .kind = SP_KIND_US_SSN,
        .shapes = "ddd-dd-dddd=85 ddd~dd~dddd",
        .check = is_ssn,
        .near = "ssn|ssns|ss#|social security|socialsecurity|soc sec|social sec",
        .sure = 88,
        .source = "SSA, EM-11035: what is not assigned",
        .examples = ssn_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "iban",
        .kind = SP_KIND_IBAN,
        .sign = SP_SIGN_IBAN,
        .validate = iban,
        .head_max = 4,
        .longest = 2 * IBAN_MAX,
        .least = 60,
        .examples = iban_examples,
    },
};

const sp_family sp_family_numbers = {rows, sizeof rows / sizeof rows[0]};
