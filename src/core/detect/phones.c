/* Detectors for telephone numbers: with their calling code, as one writes them in North America, and any
 * digits that a word calls one. */
#include "detect/check.h"
#include "detect/phone_plan.h"

#include <hs/hs.h>
#include <string.h>

/* ---- telephone, E.164 ---- */

enum { PHONE_DIGITS_MAX = 15, PHONE_BYTES_MAX = 40 };

/* Digits so far, and where each group of them ended. */
typedef struct phone {
    uint8_t digits[PHONE_DIGITS_MAX];
    size_t n;
    size_t end[PHONE_DIGITS_MAX]; /* end[k]: offset after digit k if a group ends there, else 0 */
    bool is_too_long;
} phone;

/* Length of what separates two groups at `i`, 0 if the number ends there. "(0)" is the trunk digit, which
 * is not dialled. */
static size_t phone_gap(sp_window *w, size_t i)
{
    static const char *const gaps[] = {" (0) ", " (0)", "(0) ", "(0)", ") ", " (", ")-",
                                       "-",     " ",    ".",    "/",   "(",  ")"};
    for (size_t k = 0; k < sizeof gaps / sizeof gaps[0]; k++) {
        if (!sp_goes_on(w, i, gaps[k], false)) continue;
        const size_t n = sp_bytes_of(gaps[k]).n;
        if (sp_is_digit(sp_peek(w, i + n))) return n;
    }
    return 0;
}

/* Reads the digits of one group; @return where they end. A sixteenth digit is no telephone number any
 * more.
 * */
static size_t phone_group(phone *ph, sp_window *w, size_t i)
{
    for (; sp_is_digit(sp_peek(w, i)); i++) {
        if (ph->n == PHONE_DIGITS_MAX) {
            ph->is_too_long = true;
            return i;
        }
        ph->digits[ph->n++] = w->p[i];
    }
    ph->end[ph->n - 1] = i;
    return i;
}

static void phone_read(phone *ph, sp_window *w, size_t i)
{
    const size_t limit = i + PHONE_BYTES_MAX;
    while (i < limit) {
        i = phone_group(ph, w, i);
        const size_t gap = ph->is_too_long ? 0 : phone_gap(w, i);
        if (gap == 0) return;
        i += gap;
    }
}

/* The longest run of whole groups that a numbering plan admits: the number of its digits, 0 if there is
 * none.
 * */
static size_t phone_choose(const phone *ph)
{
    for (size_t n = ph->n; n >= SP_PHONE_DIGITS_MIN; n--) {
        if (ph->end[n - 1] != 0 && sp_phone_plausible((sp_bytes){ph->digits, n})) return n;
    }
    return 0;
}

/* "x7463" behind a number is its extension. */
static size_t phone_extension(sp_window *w, size_t end)
{
    if (sp_peek(w, end) != 'x') return end;
    const size_t last = sp_skip(w, end + 1, end + 7, sp_is_digit);
    return last > end + 1 ? last : end;
}

static void telephone(sp_window *w, size_t head_end, sp_match *m)
{
    m->start = head_end - 2;
    const int before = sp_before(w, m->start);
    if (sp_is_alnum(before) || before == '+' || before == '_' || before == ')' || before == ']')
        return; /* a sum */
    phone ph = {{0}, 0, {0}, false};
    phone_read(&ph, w, m->start + 1);
    const size_t n = phone_choose(&ph);
    if (n == 0) return;
    m->end = phone_extension(w, ph.end[n - 1]);
    const int after = sp_peek(w, m->end);
    if (sp_is_alnum(after) || after == '_') return;
    m->confidence = ph.end[n - 1] == m->start + 1 + n ? 80 : 90; /* grouped digits are rarely anything else */
}

/* ---- without a code ---- */

/* The code of the country as one dials it in front of "-415-555-2671": "1-", "001-", "011-1-".
 * @return its bytes, 0: there is none. */
static size_t dialled_code(const sp_window *w, size_t at)
{
    static const char *const codes[] = {"011-1-", "001-", "1-"};
    for (size_t k = 0; k < sizeof codes / sizeof codes[0]; k++) {
        const sp_bytes code = sp_bytes_of(codes[k]);
        if (at < code.n || memcmp(w->p + at - code.n, code.p, code.n) != 0) continue;
        const int before = sp_before(w, at - code.n);
        return sp_is_alnum(before) || before == '-' || before == '.' || before == '_' ? 0 : code.n;
    }
    return 0;
}

/* "(415) 555-2671", "415-555-2671", "415.555.2671": area and exchange begin with 2 to 9, and 11 is no
 * exchange. */
static void north_american(sp_window *w, size_t head_end, sp_match *m)
{
    const bool is_bracketed = w->p[head_end - 1] == ')';
    if (is_bracketed && (head_end < 5 || w->p[head_end - 5] != '(')) return;
    m->start = head_end - (is_bracketed ? 5 : 4);
    if (!is_bracketed && w->p[head_end - 1] == '-') m->start -= dialled_code(w, m->start);
    const int before = sp_before(w, m->start);
    if (sp_is_alnum(before) || before == '_' || before == '-' || before == '.' || before == '+') return;
    size_t i = head_end + (is_bracketed && sp_peek(w, head_end) == ' ');
    const int exchange = sp_peek(w, i);
    if (exchange < '2' || exchange > '9' || (sp_peek(w, i + 1) == '1' && sp_peek(w, i + 2) == '1')) return;
    if (sp_skip(w, i, i + 4, sp_is_digit) != i + 3) return;
    const int gap = sp_peek(w, i + 3);
    if (gap != '-' && gap != '.' && gap != ' ') return;
    if (!is_bracketed && gap != w->p[head_end - 1]) return;
    if (sp_skip(w, i + 4, i + 9, sp_is_digit) != i + 8) return;
    m->end = phone_extension(w, i + 8);
    const int after = sp_peek(w, m->end);
    if (!sp_is_alnum(after) && after != '_' && after != '-') m->confidence = 70;
}

/* ---- behind a mail address, in a table ---- */

enum { MAIL_MAX = 48 };

static bool is_separator(int c)
{
    return c == ';' || c == ',' || c == '|' || c == '\t';
}

static bool is_host_char(int c)
{
    return sp_is_alnum(c) || c == '.' || c == '-';
}

/* "2026-11-29", "29.11.2026" */
static bool is_written_day(const sp_window *w, size_t at)
{
    if (at + 8 > w->n) return false;
    return (w->p[at + 4] == '-' && w->p[at + 7] == '-') || (w->p[at + 2] == '.' && w->p[at + 5] == '.');
}

/* "ana@example.org;0916602860;Hospet": the field before is a mail address. */
static uint8_t beside_mail(const sp_window *w, size_t start)
{
    size_t i = start;
    while (i > 0 && start - i < 3 && (w->p[i - 1] == '(' || w->p[i - 1] == ' ' || w->p[i - 1] == '"')) i--;
    if (i == 0 || !is_separator(w->p[i - 1])) return 0;
    i -= i > 1 && w->p[i - 2] == '"' ? 2 : 1;
    const size_t end = i;
    while (i > 0 && end - i < MAIL_MAX && is_host_char(w->p[i - 1])) i--;
    const bool is_mail = end - i >= 4 && i > 1 && w->p[i - 1] == '@' && sp_is_alnum(w->p[i - 2]);
    return is_mail && !is_written_day(w, start) ? 65 : 0;
}

static bool is_dialled(const uint8_t *digits, size_t n)
{
    return !sp_is_uniform(digits, n);
}

/* ---- rows ---- */

static const sp_example phone_examples[] = {
    "call [+49 30 901820] now",
    "[+4930901820]",
    "tel [+1 (415) 555-2671], office",
    "([+44 (0)20 7946 0958])",
    "[+90(181)572-7170x7463]",
    "Fax:[+33 1 73 83 07 33]",
    "[+420 601 123 456]",
    "Tel.[+4930901820]",
    "x+12345678",
    "+1 115 555 2671",
    "+999 123 456 789",
    "+1234567890123456789",
    "a number like +12345",
    "+49 30 9018ab20",
    "1 + 4930901820",
    NULL,
};

static const sp_example north_american_examples[] = {
    "call [(415) 555-2671] now",
    "[415-555-2671]",
    "[212.555.0143].",
    "at [(212)555-0143x12]",
    "office [646 555 0199]",
    "at [001-212-555-0143x0244] all day",
    "[1-212-555-0143]",
    "[011-1-212-555-0143]",
    "21-212-555-0143",
    "v001.212.555.0143",
    "a1-212-555-0143",
    "2-001-212-555-0143",
    "415) 555-2671",
    "115-555-2671",
    "415-155-2671",
    "415-911-2671",
    "415-555-26715",
    "1.415.555.2671",
    "415-555.2671",
    NULL,
};

static const sp_example by_word_examples[] = {
    "Phone: [067 212 3456]",
    "Tel. [030 901820]",
    "mobile [0171/2345678], office",
    "Call me at [01 23 45 67 89] tomorrow.",
    "My number is [061 123 475], thanks",
    "Reach our office: [067 212 3455]",
    "WhatsApp [8312 3457] or write",
    "Can someone call me on ([0121) 4960142] today?",
    "They're not answering at [05 94 99 38 11].",
    "{\"phone\":\"[053-892 59 13]\"}",
    "тел. [8 912 345-67-89]",
    "电话：[138 0013 8000]",
    "Fax ([02) 3234 5678]",
    "Ana Silva;ana@example.org;[0916602860];Hospet",
    "ana@example.org,([0515) 658379],Edam",
    "\"ana@example.org\",\"[090-5246-2173]\",",
    "ana@example.org\t[791 821 621]\tOpole",
    "ana@example.org;12.50;Hospet",
    "ana@example.org;2026-11-29;Hospet",
    "ana@example.org 0916602860",
    "git@example.org:1234567/repo",
    "telephone 10.1.2.3",
    "my number is up",
    "phone 12345",
    "the phone is on the table where we left it, and there are 1234567 of them",
    "mobile build 12345678901234567890",
    "phone 000000000",
    NULL,
};

static const sp_row rows[] = {
    {
        .name = "phone-e164",
        .kind = SP_KIND_PHONE,
        .sign = SP_SIGN_E164,
        .validate = telephone,
        .head_max = 2,
        .longest = 64,
        .least = 50,
        .examples = phone_examples,
    },
    {
        .name = "phone-north-america",
        .kind = SP_KIND_PHONE,
        .sign = SP_SIGN_NORTH_AMERICAN,
        .validate = north_american,
        .run = SP_RUN_NUMBER,
        .head_max = 10,
        .longest = 32,
        .least = 60,
        .source = "NANPA: area codes and exchanges",
        .examples = north_american_examples,
    },
    {
        .name = "phone-by-word",
        .kind = SP_KIND_PHONE,
        .shapes =
            "dddddd* ddddddd* dddddddd* ddddddddd* dddddddddd* ddddddddddd* dddddddddddd* ddddddddddddd*",
        .check = is_dialled,
        .beside = beside_mail,
        .near =
            "phone|phones|tel|telephone|mobile|mobile number|cell|cell "
            "phone|cellphone|fax|telefax|whatsapp|whats app|sms|"
            "my number|our number|direct line|landline|hotline number|"
            "telefon|telefonnummer|handy|handynummer|mobil|mobilnummer|rufnummer|durchwahl|telefono|movil|"
            "celular|"
            "telephone portable|portable|numero de telephone|gsm|telefone|telemovel|cellulare|telefoonnummer|"
            "telefoon|mobiel|telefonszam|telefon "
            "szam|puhelin|puhelinnumero|telefonnumer|mobilnr|tlf|telefonnr|"
            "numer telefonu|komorka|telefon komorkowy|cep|cep telefonu|gsm no|phone number|phone no|contact "
            "number|"
            "hotline|helpline|тел|телефон|моб|мобильный|факс|номер "
            "телефона|电话|手机|手机号|電話|電話番号|携帯|"
            "携帯電話|전화|전화번호|휴대폰|연락처|τηλ|τηλεφωνο|κινητο|هاتف|جوال|رقم الهاتف|טלפון|נייד|फोन|"
            "मोबाइल|โทร|โทรศัพท์|dien thoai|so dien thoai|telepon|no hp|nomor "
            "telepon|~call|~dial|~ring|~contact|"
            "~answering at|~call me on|~call me at|~call him at|~call her at|~reach me|~reach "
            "us|~reach our office|~text me|~text us|~give me a call|~office|"
            "~anrufen|~appeler|~llamar|~chiama",
        .sure = 78,
        .source = "a word that calls it so",
        .examples = by_word_examples,
        SP_NUMBER_ROW,
    },
};

const sp_family sp_family_phones = {rows, sizeof rows / sizeof rows[0]};
