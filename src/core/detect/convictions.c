/* Where somebody comes from and what he believes: nationality, religion, ethnic group, political and other
 * convictions (what GDPR, article 9, protects, and nationality). A value stands behind a word that names it
 * (`Nationality: German`), or is said of a person in a sentence ("she is Catholic", "a Syrian refugee").
 * Peoples and beliefs that are only mentioned are none: "the German market", "Jewish history". */
#include "detect/check.h"

#include <hs/hs.h>
#include <string.h>

enum { VALUE_MAX = 40, NAME_MAX = 24, FILLER_MAX = 8 };

/* ---- values behind their names ---- */

static bool is_filler(int c)
{
    return c == ' ' || c == ':' || c == '=' || c == '"' || c == '\'' || c == '|' || c == '\t' || c == '>';
}

static bool ends_value(int c)
{
    return c < 0 || c == '"' || c == '\'' || c == ',' || c == ';' || c == '\n' || c == '\r' || c == '<' ||
           c == '|' || c == ')' || c == '}' || c == '(' || c == '.' || c == '\t';
}

static bool is_one_of(const sp_window *w, size_t start, size_t end, const char *words)
{
    const sp_bytes value = {w->p + start, end - start};
    for (;;) {
        const size_t n = strcspn(words, "|");
        if (sp_bytes_eq_nocase(value, (sp_bytes){(const uint8_t *)words, n})) return true;
        if (words[n] == '\0') return false;
        words += n + 1;
    }
}

/* What stands there in programs, forms that nobody filled in, and manuals. */
static const char no_values[] =
    "string|str|text|none|null|nil|true|false|unknown|n/a|na|other|any|all|varchar|"
    "optional|required|select|choose|not specified|unspecified|yes|no|ja|nein|"
    "value|country|the|this|undefined|prefer not to say|code|list|integer|int";

/* The words of a value: at most four, each of letters. */
static size_t value_end(sp_window *w, size_t start)
{
    size_t end = start, n_words = 1;
    for (int c; end < start + VALUE_MAX && !ends_value(c = sp_peek(w, end)); end++) {
        const bool is_word = sp_is_alpha(c) || c >= 0x80 || c == '-' || c == '/' || c == '&';
        if (!is_word && c != ' ') return start;
        n_words += c == ' ';
    }
    while (end > start && w->p[end - 1] == ' ') end--;
    return end < start + VALUE_MAX && n_words <= 4 ? end : start;
}

static void told(sp_window *w, size_t head_end, sp_match *m)
{
    bool has_sign = false, has_quote = false;
    size_t start = head_end;
    for (int c; start < head_end + FILLER_MAX && is_filler(c = sp_peek(w, start)); start++) {
        has_quote = has_quote || (has_sign && (c == '"' || c == '\''));
        has_sign = has_sign || c == ':' || c == '=' || c == '|' || c == '>';
    }
    m->start = start;
    if (!has_sign) return;
    const size_t end = value_end(w, start);
    const uint8_t first = end > start ? w->p[start] : 0;
    if (end < start + 3 || is_one_of(w, start, end, no_values)) return;
    const bool is_small = first >= 'a' && first <= 'z';
    const int before = sp_before(w, start);
    const bool is_assigned = before == '=' || (before == ' ' && sp_before(w, start - 1) == '=');
    if (is_assigned && !has_quote) return;
    const bool has_mark = memchr(w->p + start, '/', end - start) != NULL;
    m->end = end;
    m->confidence = has_mark && is_small ? 0 : is_small ? 70 : 85;
}

/* ---- said of somebody ---- */

static const char *const subjects[] = {
    "i am",          "i'm",          "he is",      "she is",      "he's",         "she's",
    "who is",        "they are",     "husband is", "wife is",     "mother is",    "father is",
    "patient is",    "employee is",  "client is",  "customer is", "applicant is", "candidate is",
    "identifies as", "converted to", "raised",     "born",        "ich bin",      "er ist",
    "sie ist",       "je suis",      "il est",     "elle est",    "devout",       "practicing",
    "practising",    "observant",    "ethnic",     NULL};

static size_t skip_back(const sp_window *w, size_t end, const char *word)
{
    const size_t n = strlen(word);
    if (end < n || (end > n && sp_is_alnum(w->p[end - n - 1]))) return end;
    if (!sp_bytes_eq_nocase((sp_bytes){w->p + end - n, n}, sp_bytes_of(word))) return end;
    end -= n;
    while (end > 0 && w->p[end - 1] == ' ') end--;
    return end;
}

/* "she is", "I am a very": what says that a person is what follows. */
static bool has_subject(const sp_window *w, size_t start)
{
    static const char *const between[] = {"a", "an", "very", "also", "deeply", "not"};
    size_t end = start;
    while (end > 0 && w->p[end - 1] == ' ') end--;
    if (end == start) return false;
    for (size_t k = 0; k < sizeof between / sizeof between[0]; k++) end = skip_back(w, end, between[k]);
    for (const char *const *s = subjects; *s != NULL; s++) {
        if (skip_back(w, end, *s) != end) return true;
    }
    return false;
}

/* "… citizen", "… refugee": one of them, behind the word. */
static bool is_followed(sp_window *w, size_t end)
{
    static const char *const nouns[] = {"citizen",         "national",     "immigrant",   "refugee",
                                        "descent",         "origin",       "citizenship", "nationality",
                                        "passport holder", "asylum seeker"};
    if (sp_peek(w, end) != ' ') return false;
    for (size_t k = 0; k < sizeof nouns / sizeof nouns[0]; k++) {
        if (sp_goes_on(w, end + 1, nouns[k], true) && !sp_is_alnum(sp_peek(w, end + 1 + strlen(nouns[k]))))
            return true;
    }
    return false;
}

static void said(sp_window *w, size_t head_end, sp_match *m)
{
    size_t start = head_end;
    while (start > 0 && head_end - start < NAME_MAX && sp_is_alpha(w->p[start - 1])) start--;
    m->start = start;
    const int after = sp_peek(w, head_end);
    if (after == '-' || after == '_' || after >= 0xc3) return;
    if (!has_subject(w, start) && !is_followed(w, head_end)) return;
    m->end = head_end;
    m->confidence = 70;
}

/* ---- rows ---- */

static const sp_example told_examples[] = {
    "Nationality: [German]",
    "\"nationality\": \"[Sri Lankan]\"",
    "Religion: [katholisch]",
    "Staatsangeh\xc3\xb6rigkeit: [t\xc3\xbcrkisch]",
    "nationalit\xc3\xa9 : [fran\xc3\xa7"
    "aise]",
    "Ethnicity: [Hispanic], age: 31",
    "political affiliation: [Green Party]",
    "sexual orientation: [gay]",
    "Trade union: [United Steelworkers]",
    "nationality: string",
    "religion = get_religion()",
    "\"nationality\": \"unknown\"",
    "the nationality of the ship",
    "nationality: please enter the country of which you hold a passport",
    "religion is a matter of taste",
    "ethnicity: n/a",
    NULL,
};
static const sp_example said_examples[] = {
    "She is a practising [Catholic] and sings.",
    "He is [Nigerian].",
    "I am a [Muslim], so no pork please",
    "a [Syrian] refugee of 32",
    "my wife is [Jewish]",
    "Ich bin [evangelisch]",
    "the German market",
    "Jewish history",
    "It is American English",
    "French-speaking regions",
    "he is in German class",
    "Polish the surface",
    NULL,
};

/* Peoples and beliefs that are written as one word. */
#define PEOPLES                                                                                              \
    "afghan|albanian|algerian|american|argentinian|armenian|australian|austrian|bangladeshi|belarusian|"     \
    "belgian|bolivian|bosnian|brazilian|british|bulgarian|cambodian|cameroonian|canadian|chilean|chinese|"   \
    "colombian|congolese|croatian|cuban|czech|danish|dutch|ecuadorian|egyptian|eritrean|estonian|ethiopian|" \
    "filipino|finnish|french|georgian|german|ghanaian|greek|guatemalan|haitian|honduran|hungarian|"          \
    "icelandic|indian|indonesian|iranian|iraqi|irish|israeli|italian|jamaican|japanese|jordanian|kazakh|"    \
    "kenyan|korean|kurdish|kuwaiti|latvian|lebanese|libyan|lithuanian|malaysian|mexican|moldovan|"           \
    "mongolian|moroccan|nepalese|nepali|nigerian|norwegian|pakistani|palestinian|peruvian|polish|"           \
    "portuguese|romanian|roma|russian|rwandan|saudi|scottish|senegalese|serbian|singaporean|slovak|"         \
    "slovenian|somali|spanish|sudanese|swedish|swiss|syrian|taiwanese|tanzanian|thai|tunisian|turkish|"      \
    "ugandan|ukrainian|uyghur|uzbek|venezuelan|vietnamese|welsh|yemeni|zambian|zimbabwean"
#define BELIEFS                                                                                          \
    "catholic|protestant|lutheran|evangelical|orthodox|baptist|methodist|mormon|christian|muslim|sunni|" \
    "shiite|shia|jewish|jew|hindu|sikh|buddhist|jain|atheist|agnostic|quaker|gay|lesbian|bisexual|"      \
    "transgender|communist|socialist|katholisch|evangelisch|muslimisch|catholique|musulman"

static const sp_row rows[] = {
    {.name = "nrp",
     .kind = SP_KIND_NRP,
     .head =
         "\\b(?:nationality|citizenship|religion|religious affiliation|denomination|faith|ethnicity|"
         "ethnic origin|ethnic group|race|political affiliation|political party|party "
         "membership|trade union|union membership|sexual orientation|staatsangeh\\xc3\\xb6rigkeit|"
         "nationalit\\xc3\\xa4t|religionszugeh\\xc3\\xb6rigkeit|konfession|nationalit\\xc3\\xa9|nacionalidad|"
         "religi\\xc3\\xb3n|nazionalit\\xc3\\xa0|religione|nacionalidade|religi\\xc3\\xa3o|nationaliteit|"
         "nationalitet|narodowo\\xc5\\x9b\\xc4\\x87|obywatelstwo|wyznanie)",
     .validate = told,
     .longest = VALUE_MAX,
     .source = "GDPR, article 9: behind a word that names it",
     .examples = told_examples,
     .flags = HS_FLAG_CASELESS,
     .least = 60},
    {.name = "nrp-said",
     .kind = SP_KIND_NRP,
     .head = "\\b(?:" PEOPLES "|" BELIEFS ")\\b",
     .validate = said,
     .head_max = NAME_MAX,
     .longest = NAME_MAX,
     .source = "peoples and beliefs, said of a person",
     .examples = said_examples,
     .flags = HS_FLAG_CASELESS,
     .least = 60},
};

const sp_family sp_family_convictions = {rows, sizeof rows / sizeof rows[0]};
