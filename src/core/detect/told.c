/* Detectors for what only a word before it tells, and that is no number: user names, ages, number plates,
 * postcodes, coordinates, what somebody suffers from. The word is the head; the value follows behind a colon,
 * an equals sign or little else, so that a stream holds no more than the value. */
#include "detect/check.h"

#include <hs/hs.h>
#include <string.h>

enum { FILLER_MAX = 8, USER_MAX = 40, PLATE_MAX = 12, PLACE_MAX = 48, CONDITION_MAX = 64 };

static bool is_filler(int c)
{
    return c == ' ' || c == ':' || c == '=' || c == '"' || c == '\'' || c == '#' || c == '|' || c == '\t' ||
           c == '>';
}

/* What stands between a word and its value. */
typedef struct between {
    size_t end;
    bool has_colon, has_equals, has_quote;
    bool has_is; /* and so a colon */
} between;

static between skip_between(sp_window *w, size_t head_end)
{
    between b = {.end = head_end};
    const size_t limit = head_end + FILLER_MAX;
    for (int c; b.end < limit && is_filler(c = sp_peek(w, b.end)); b.end++) {
        b.has_colon = b.has_colon || c == ':' || c == '|' || c == '>';
        b.has_equals = b.has_equals || c == '=';
        b.has_quote = b.has_quote || ((c == '"' || c == '\'') && (b.has_colon || b.has_equals));
    }
    if (b.end > head_end && sp_goes_on(w, b.end, "is ", true)) {
        b.has_colon = b.has_is = true;
        b.end += 3;
    }
    return b;
}

static bool is_listed(const sp_window *w, size_t start, size_t end, const char *const *words)
{
    const sp_bytes value = {w->p + start, end - start};
    for (; *words != NULL; words++) {
        if (sp_bytes_eq_nocase(value, sp_bytes_of(*words))) return true;
    }
    return false;
}

/* Behind a value: what goes on with a word, a call or a member is part of a program. */
static bool ends_value(int c)
{
    return c < 0 || c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '"' || c == '\'' || c == ',' ||
           c == ';' || c == '<' || c == '|' || c == '}' || c == ')' || c == '.' || c == '?' || c == '!';
}

/* ---- user names ---- */

static bool is_user(int c)
{
    return sp_is_alnum(c) || c == '.' || c == '_' || c == '-';
}

/* What stands there in programs and manuals. */
static const char *const no_users[] = {
    "str",   "string",   "text",     "none",  "null",          "nil",   "true",     "false",     "varchar",
    "char",  "required", "optional", "user",  "username",      "login", "password", "name",      "your",
    "self",  "this",     "the",      "and",   "self.username", "int",   "integer",  "undefined", "unknown",
    "not",   "invalid",  "is",       "or",    "for",           "a",     "an",       "must",      "foo",
    "bar",   "example",  "test",     "admin", "root",          "const", "value",    "default",   "email",
    "empty", "new",      NULL};

/* "Login is broken" says how it is, "my user name is carlos" who. */
static bool is_of_name(const sp_window *w, size_t head_end)
{
    return head_end >= 4 && sp_bytes_eq_nocase((sp_bytes){w->p + head_end - 4, 4}, SP_LIT("name"));
}

/* Without a digit or a sign it may be a word: then only where a colon or a quote says that it is a value. */
static void username(sp_window *w, size_t head_end, sp_match *m)
{
    const between b = skip_between(w, head_end);
    m->start = b.end;
    if (!b.has_colon && !b.has_equals) return;
    size_t end = sp_skip(w, b.end, b.end + USER_MAX, is_user);
    const int after = sp_peek(w, end);
    while (end > b.end && w->p[end - 1] == '.') end--;
    if (end < b.end + 3 || !ends_value(after) || !sp_is_alnum(w->p[b.end])) return;
    if (is_listed(w, b.end, end, no_users)) return;
    bool has_digit = false, has_sign = false, has_letter = false;
    for (size_t i = b.end; i < end; i++) {
        has_digit = has_digit || sp_is_digit(w->p[i]);
        has_letter = has_letter || sp_is_alpha(w->p[i]);
        has_sign = has_sign || w->p[i] == '.' || w->p[i] == '_';
    }
    const bool is_value = b.has_quote || (b.has_colon && !b.has_equals);
    if (!has_letter || (has_sign && !has_digit && !b.has_quote) || (!has_digit && !is_value)) return;
    if (b.has_is && !has_digit && !is_of_name(w, head_end)) return;
    m->end = end;
    m->confidence = has_digit ? 75 : 65;
}

/* Who is none, and what goes on with a sentence: "logged in as well". */
static const char *const no_accounts[] = {
    "well",      "soon",          "usual",  "long",      "many",      "follows", "such",      "guest",
    "anonymous", "administrator", "owner",  "user",      "users",     "admin",   "root",      "the",
    "this",      "that",          "your",   "his",       "her",       "you",     "one",       "any",
    "another",   "someone",       "nobody", "both",      "superuser", "system",  "from",      "with",
    "and",       "part",          "above",  "below",     "expected",  "shown",   "described", "planned",
    "scheduled", "required",      "needed", "requested", "agreed",    "before",  "always",    NULL};

/* "session opened for user jdoe", "Accepted publickey for m.keller from": a log says who it was. A word of
 * letters alone has to be all, or a clause of the log to follow. */
static void account(sp_window *w, size_t head_end, sp_match *m)
{
    static const char *const clauses[] = {" from ", " by ", " on ", " via ", " port ", "(", NULL};
    m->start = head_end + 1;
    if (sp_peek(w, head_end) != ' ') return;
    size_t end = sp_skip(w, m->start, m->start + USER_MAX, is_user);
    const int after = sp_peek(w, end);
    while (end > m->start && w->p[end - 1] == '.') end--;
    if (end < m->start + 3 || !(ends_value(after) || after == '(') || !sp_is_alpha(w->p[m->start])) return;
    if (is_listed(w, m->start, end, no_users) || is_listed(w, m->start, end, no_accounts)) return;
    bool has_sign = false, is_said = after != ' ';
    for (size_t i = m->start; i < end; i++) has_sign = has_sign || !sp_is_alpha(w->p[i]);
    for (const char *const *c = clauses; *c != NULL && !is_said; c++) is_said = sp_goes_on(w, end, *c, false);
    if (!has_sign && !is_said) return;
    m->end = end;
    m->confidence = has_sign ? 75 : 65;
}

/* "login from 10.0.0.7 (web) as jdoe": an address first. */
static void account_behind_address(sp_window *w, size_t head_end, sp_match *m)
{
    enum { ADDRESS_MAX = 64 };
    size_t i = head_end;
    m->start = i;
    if (!sp_is_hex(sp_peek(w, i)) && sp_peek(w, i) != ':') return;
    for (const size_t limit = i + ADDRESS_MAX; !sp_goes_on(w, i, " as ", true); i++) {
        m->start = i;
        if (i == limit || sp_peek(w, i) < ' ') return;
        sp_charge(w, 1);
    }
    const bool has_digit = sp_is_digit(w->p[head_end]) || sp_is_digit(w->p[head_end + 1]);
    if (has_digit || memchr(w->p + head_end, ':', i - head_end) != NULL) account(w, i + 3, m);
}

/* ---- ages ---- */

static void age(sp_window *w, size_t head_end, sp_match *m)
{
    const between b = skip_between(w, head_end);
    m->start = b.end;
    const bool is_aged = sp_before(w, head_end) == 'd';
    if (b.end == head_end || (!b.has_colon && !is_aged)) return;
    const size_t end = sp_skip(w, b.end, b.end + 4, sp_is_digit);
    const int after = sp_peek(w, end);
    unsigned years = 0;
    for (size_t i = b.end; i < end; i++) years = years * 10 + (unsigned)(w->p[i] - '0');
    if (end == b.end || years == 0 || years > 115 || sp_is_alnum(after) || after == '.' || after == '-')
        return;
    m->end = end;
    m->confidence = 70;
}

/* ---- number plates ---- */

/* Groups of capitals and digits: "B-AB 1234", "AB12 CDE", "1234 BCD". */
static void plate(sp_window *w, size_t head_end, sp_match *m)
{
    const between b = skip_between(w, head_end);
    m->start = b.end;
    if (b.end == head_end) return;
    unsigned n_letters = 0, n_digits = 0, n_groups = 1;
    size_t i = b.end, end = b.end;
    for (int c; i < b.end + PLATE_MAX; i++) {
        c = sp_peek(w, i);
        const bool is_gap = (c == ' ' || c == '-') && i > b.end && sp_is_alnum(w->p[i - 1]) && n_groups < 3;
        if (sp_is_upper(c))
            n_letters++;
        else if (sp_is_digit(c))
            n_digits++;
        else if (is_gap)
            n_groups++;
        else
            break;
        if (!is_gap) end = i + 1;
    }
    const int after = sp_peek(w, end);
    if (sp_is_alnum(after) || after == '_' || after >= 0x80) return;
    if (n_letters == 0 || n_digits < 2 || n_letters + n_digits < 5 || n_letters + n_digits > 10 ||
        n_letters > 5)
        return;
    m->end = end;
    m->confidence = b.has_colon ? 80 : 70;
}

/* ---- postcodes ---- */

static bool is_postcode(int c)
{
    return sp_is_digit(c) || sp_is_upper(c) || c == ' ' || c == '-';
}

/* Shapes of postcodes: `d` a digit, `a` a capital, else itself. */
static const char *const postcodes[] = {
    "ddddd-dddd", "ddddd",   "dddddd",  "ddd-dddd", "ddddd-ddd", "dd-ddd",  "ddd dd",  "dddd aa",
    "ad daa",     "add daa", "aad daa", "aadd daa", "aada daa",  "ada daa", "ada dad", "dddd"};

static bool has_shape(const uint8_t *p, size_t n, const char *shape)
{
    if (strlen(shape) != n) return false;
    for (size_t i = 0; i < n; i++) {
        const bool fits = shape[i] == 'd'   ? sp_is_digit(p[i])
                          : shape[i] == 'a' ? sp_is_upper(p[i])
                                            : p[i] == (uint8_t)shape[i];
        if (!fits) return false;
    }
    return true;
}

static void postcode(sp_window *w, size_t head_end, sp_match *m)
{
    const between b = skip_between(w, head_end);
    m->start = b.end;
    if (b.end == head_end) return;
    const size_t most = sp_skip(w, b.end, b.end + 11, is_postcode);
    for (size_t end = most; end >= b.end + 4; end--) {
        const int after = sp_peek(w, end);
        if (sp_is_alnum(after) || after == '.' || after == '-') continue;
        for (size_t k = 0; k < sizeof postcodes / sizeof postcodes[0]; k++) {
            if (!has_shape(w->p + b.end, end - b.end, postcodes[k])) continue;
            m->end = end;
            m->confidence = 80;
            return;
        }
    }
}

/* ---- coordinates ---- */

/* A number with three decimals and more, of at most `most` degrees; `i` if there is none. */
static size_t degrees(sp_window *w, size_t i, unsigned most)
{
    size_t at = i;
    unsigned whole = 0;
    if (sp_peek(w, at) == '-' || sp_peek(w, at) == '+') at++;
    const size_t digits = at;
    for (; at < digits + 4 && sp_is_digit(sp_peek(w, at)); at++)
        whole = whole * 10 + (unsigned)(w->p[at] - '0');
    if (at == digits || whole > most || sp_peek(w, at) != '.') return i;
    const size_t end = sp_skip(w, at + 1, at + 12, sp_is_digit);
    return end < at + 4 ? i : end;
}

static bool is_between_degrees(int c)
{
    return is_filler(c) || c == ',' || c == ';' || c == '(' || c == '[' || c == 0xc2 || c == 0xb0 ||
           (c >= 'a' && c <= 'z') || sp_is_upper(c) || c == '_';
}

static void coordinates(sp_window *w, size_t head_end, sp_match *m)
{
    m->start = sp_skip(w, head_end, head_end + FILLER_MAX, is_between_degrees);
    const size_t first = degrees(w, m->start, 90);
    if (m->start == head_end || first == m->start) return;
    const size_t second = sp_skip(w, first, first + 20, is_between_degrees);
    const size_t end = degrees(w, second, 180);
    if (second == first || end == second) return;
    m->end = end;
    m->confidence = 85;
}

/* ---- what somebody suffers from ---- */

/* Words and endings that name it, in several languages. */
static const char *const conditions[] = {
    "itis",      "osis",      "emia",     "aemia",      "oma",       "pathy",    "algia",     "plegia",
    "tension",   "diabetes",  "asthm",    "cancer",     "depress",   "disorder", "syndrom",   "disease",
    "infection", "failure",   "fracture", "deficien",   "psoriasis", "migraine", "stroke",    "epileps",
    "hiv",       "aids",      "covid",    "anxiety",    "autism",    "dementia", "alzheimer", "parkinson",
    "schizo",    "bipolar",   "tumor",    "tumour",     "leuk",      "lymph",    "hernia",    "angina",
    "infarct",   "apnea",     "eczema",   "allerg",     "obes",      "insomnia", "ulcer",     "pneumon",
    "tubercul",  "influenza", "copd",     "adhd",       "ptsd",      "krebs",    "krankheit", "entz",
    "bruch",     "insuffi",   "maladie",  "enfermedad", "malattia",  "ziekte",   "choroba",   "asma",
    "hipertens", "ipertens",  "diabet",   "cirrhos",    "sclero",    "gout",     "lupus",     "fibro",
    "arrhythm",  "embol",     "thromb",   "sepsis",     "malaria",   "hepat",    "pregnan",   NULL};

static bool ends_condition(int c)
{
    return c < 0 || c == ',' || c == ';' || c == '.' || c == '\n' || c == '\r' || c == '"' || c == '<' ||
           c == ')' || c == '(' || c == '|' || c == '}';
}

static bool names_condition(const sp_window *w, size_t start, size_t end)
{
    for (const char *const *word = conditions; *word != NULL; word++) {
        const size_t n = strlen(*word);
        for (size_t i = start; i + n <= end; i++) {
            if (sp_bytes_eq_nocase((sp_bytes){w->p + i, n}, sp_bytes_of(*word))) return true;
        }
    }
    return false;
}

static void condition(sp_window *w, size_t head_end, sp_match *m)
{
    const between b = skip_between(w, head_end);
    m->start = b.end;
    if (b.end == head_end) return;
    size_t end = b.end;
    while (end < b.end + CONDITION_MAX && !ends_condition(sp_peek(w, end))) end++;
    if (end == b.end + CONDITION_MAX || end < b.end + 3) return;
    while (end > b.end && w->p[end - 1] == ' ') end--;
    if (!names_condition(w, b.end, end)) return;
    m->end = end;
    m->confidence = 75;
}

/* ---- rows ---- */

static const sp_example username_examples[] = {"username: [jdoe85]",
                                               "\"username\": \"[m.keller]\"",
                                               "login: [pkowalski]",
                                               "Benutzername: [hschmidt]",
                                               "my user name is [blue_fox22]",
                                               "usuario: [carlos77]",
                                               "username: string",
                                               "username = get_user()",
                                               "login as root",
                                               "\"username\": \"admin\"",
                                               "username: your name here, please",
                                               "the username is not valid",
                                               "Login is broken",
                                               "the user name is [carlos], she says",
                                               NULL};
static const sp_example account_examples[] = {"session opened for user [jdoe] by (uid=0)",
                                              "Accepted publickey for [m.keller] from 10.0.0.7 port 51022",
                                              "Failed password for invalid user [pkowalski] from 10.0.0.7",
                                              "She was logged in as [hschmidt85] at noon",
                                              "signed in as [anna_b].",
                                              "log in as [carlos]",
                                              "logged in as well as before",
                                              "log in as root",
                                              "signed in as usual.",
                                              "logged in as a user",
                                              "session opened for user root by (uid=0)",
                                              "logged on as soon as it started",
                                              NULL};
static const sp_example address_examples[] = {"login from 10.0.0.7 as [jdoe]",
                                              "login from 203.0.113.9 (0a:1b:2c:3d:4e:5f) as [m.keller]\n",
                                              "Logged in from 2001:db8::7 as [pkowalski]\"",
                                              "logon from 10.0.0.7:51022 as [hschmidt85], at noon",
                                              "signed in from 10.1.2.3 as [anna_b] via web",
                                              "login from 10.0.0.7 as root",
                                              "signed in from 10.1.2.3 as planned.",
                                              "logged in from 10.1.2.3 as always",
                                              "login from 10.0.0.7 as soon as it is up",
                                              "logged in from a hotel as planned.",
                                              "login from 10.0.0.7\nas carlos85",
                                              "logged in from: as jdoe85",
                                              NULL};
static const sp_example age_examples[] = {"age: [42]",     "\"age\": [7],", "a man aged [63] from here",
                                          "Alter: [35]",   "Edad: [28]",    "age: 420",
                                          "max-age: 3600", "age = 5",       "age of 2.5",
                                          "page: 42",      "ages ago",      NULL};
static const sp_example plate_examples[] = {"license plate [7ABC123]",
                                            "Kennzeichen: [B-AB 1234]",
                                            "plate number: [AB12 CDE]",
                                            "matricula: [1234 BCD]",
                                            "vehicle [KA01AB1234]",
                                            "Kenteken: [16-RS-VL]",
                                            "targa [AB 123 CD]",
                                            "license plate number",
                                            "plate 12345",
                                            "vehicle ABCDEF",
                                            "registration: 2024-01-05",
                                            "car A1",
                                            "number plate: none",
                                            NULL};
static const sp_example postcode_examples[] = {"postcode: [SW1A 1AA]",
                                               "ZIP code [90210]",
                                               "PLZ: [10115]",
                                               "code postal : [75008]",
                                               "\"postal_code\": \"[K1A 0B1]\"",
                                               "Postcode [1012 AB]",
                                               "zip: 12",
                                               "postcode: unknown",
                                               "postcode 1234567890",
                                               "zip file 2024.zip",
                                               "postal code 12.50",
                                               NULL};
static const sp_example coordinate_examples[] = {"latitude: [48.85661, longitude: 2.35222]",
                                                 "GPS [52.5200, 13.4050]",
                                                 "coordinates: [-33.8688, 151.2093]",
                                                 "Koordinaten: [47.3769, 8.5417]",
                                                 "\"lat\": [40.7128, \"lng\": -74.0060]",
                                                 "lat 1.5, 2.5",
                                                 "gps 12",
                                                 "coordinates: x, y",
                                                 "latitude 99.1234, 10.1234",
                                                 "lat: 12.3456",
                                                 NULL};
static const sp_example condition_examples[] = {"diagnosis: [type 2 diabetes]",
                                                "she was diagnosed with [rheumatoid arthritis].",
                                                "he suffers from [chronic migraine],",
                                                "Diagnose: [Lungenentz\xc3\xbcndung]",
                                                "\"diagnosis\": \"[bipolar disorder]\"",
                                                "diagnostic: [asthme]",
                                                "diagnosis: loose cable",
                                                "diagnosis of the network",
                                                "he suffers from a lack of time.",
                                                "diagnosed with a tool",
                                                "diagnosis:",
                                                NULL};

#define TOLD_ROW .flags = HS_FLAG_CASELESS, .least = 50

static const sp_row rows[] = {
    {.name = "username",
     .kind = SP_KIND_USERNAME,
     .head = "\\b(?:user_?name|user "
             "name|userid|user_id|login|benutzername|nutzername|anmeldename|identifiant|usuario|nome "
             "utente|gebruikersnaam|brukernavn|brugernavn)\\b",
     .validate = username,
     .longest = USER_MAX,
     .source = "a word that calls it so",
     .examples = username_examples,
     TOLD_ROW},
    {.name = "account-in-log",
     .kind = SP_KIND_USERNAME,
     .head = "\\b(?:log(?:ged)? ?(?:in|on) as|signed in as|authenticated as|session (?:opened|closed) for "
             "user|(?:accepted|failed) (?:password|publickey) for|invalid user)\\b",
     .validate = account,
     .longest = USER_MAX,
     .source = "what logs of systems say; sshd, PAM",
     .examples = account_examples,
     TOLD_ROW},
    {.name = "account-behind-address",
     .kind = SP_KIND_USERNAME,
     .head = "\\b(?:log(?:ged )?(?:in|on)|signed in) from ",
     .validate = account_behind_address,
     .longest = USER_MAX,
     .source = "what logs of applications say",
     .examples = address_examples,
     TOLD_ROW},
    {.name = "age",
     .kind = SP_KIND_AGE,
     .head = "\\b(?:age|aged|alter|edad|idade|leeftijd|wiek)\\b",
     .validate = age,
     .longest = 3,
     .source = "a word that calls it so",
     .examples = age_examples,
     TOLD_ROW},
    {.name = "license-plate",
     .kind = SP_KIND_LICENSE_PLATE,
     .head = "\\b(?:plate|plate number|plate no|registration|registration "
             "number|vehicle|car|kennzeichen|immatriculation|"
             "matricula|targa|kenteken|placa|plaka)\\b",
     .validate = plate,
     .longest = PLATE_MAX,
     .source = "a word that calls it so",
     .examples = plate_examples,
     TOLD_ROW},
    {.name = "postcode",
     .kind = SP_KIND_POSTCODE,
     .head = "\\b(?:zip|zip ?code|zip_code|post ?code|postal "
             "code|postal_code|postalcode|plz|postleitzahl|code postal|codigo "
             "postal|cep|postnummer|kod pocztowy)\\b",
     .validate = postcode,
     .longest = 11,
     .source = "a word that calls it so",
     .examples = postcode_examples,
     TOLD_ROW},
    {.name = "geo-coordinates",
     .kind = SP_KIND_GEO_COORDINATES,
     .head =
         "\\b(?:lat|latitude|gps|coordinates|coordinate|koordinaten|coordonnees|coordenadas|coordinate)\\b",
     .validate = coordinates,
     .longest = PLACE_MAX,
     .source = "ISO 6709: a latitude and a longitude behind such a word",
     .examples = coordinate_examples,
     TOLD_ROW},
    {.name = "medical-condition",
     .kind = SP_KIND_MEDICAL_CONDITION,
     .head = "\\b(?:diagnosis|diagnosed with|diagnose|diagnoses|diagnostic|diagnostico|diagnosi|suffers "
             "from|suffering from|"
             "history of|leidet an|souffre de|padece|soffre di|sofre de|lijdt aan|rozpoznanie)\\b",
     .validate = condition,
     .longest = CONDITION_MAX,
     .source = "words for illnesses behind such a word",
     .examples = condition_examples,
     TOLD_ROW},
};

const sp_family sp_family_told = {rows, sizeof rows / sizeof rows[0]};
