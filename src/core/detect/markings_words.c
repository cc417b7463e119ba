/* The words that stand beside a marking, and what each says of it. Sorted by their bytes, so that a line of
 * words costs a few comparisons a word. */
#include "detect/markings.h"

#include <string.h>

#define BESIDE SP_MARK_BESIDE
#define LEAD SP_MARK_LEAD
#define TALK SP_MARK_TALK
#define LEVEL SP_MARK_LEVEL
#define DESCRIBED SP_MARK_DESCRIBED
#define POINT SP_MARK_POINT
#define NOUN SP_MARK_NOUN
#define VERB SP_MARK_VERB
#define DENIAL SP_MARK_DENIAL

typedef struct marking_word {
    const char *word; /* small ASCII letters; other letters as they are written small */
    unsigned is;
} marking_word;

static const marking_word words[] = {
    {"ag", BESIDE},
    {"all", BESIDE},
    {"amber", BESIDE},
    {"analysis", NOUN},
    {"and", BESIDE},
    {"are", VERB},
    {"asunto", BESIDE | LEAD},
    {"attached", POINT},
    {"attachment", NOUN},
    {"attachments", NOUN},
    {"attorney", BESIDE},
    {"aw", BESIDE | LEAD},
    {"bedeutet", TALK},
    {"bericht", NOUN},
    {"betreff", BESIDE | LEAD},
    {"between", TALK},
    {"brief", NOUN},
    {"business", BESIDE},
    {"ce", POINT},
    {"cet", POINT},
    {"cette", POINT},
    {"classified", VERB},
    {"clear", LEVEL},
    {"client", BESIDE | DESCRIBED},
    {"clients", DESCRIBED},
    {"commercial", BESIDE},
    {"communication", BESIDE | NOUN},
    {"company", BESIDE},
    {"computing", DESCRIBED},
    {"confidential", BESIDE},
    {"contain", VERB},
    {"contains", BESIDE | VERB},
    {"contiene", VERB},
    {"contient", VERB},
    {"controlled", BESIDE},
    {"copy", BESIDE},
    {"copyright", BESIDE},
    {"corp", BESIDE},
    {"correo", NOUN},
    {"courriel", NOUN},
    {"data", BESIDE | DESCRIBED},
    {"deck", NOUN},
    {"define", TALK},
    {"defined", TALK},
    {"defines", TALK},
    {"definiert", TALK},
    {"definition", TALK},
    {"den", BESIDE},
    {"deze", POINT},
    {"diese", POINT},
    {"dieser", POINT},
    {"dieses", POINT},
    {"difference", TALK},
    {"diffuser", BESIDE},
    {"diffusion", BESIDE},
    {"difundir", BESIDE},
    {"disclose", BESIDE},
    {"distribute", BESIDE},
    {"distribution", BESIDE},
    {"dit", POINT},
    {"divulguer", BESIDE},
    {"do", BESIDE},
    {"document", BESIDE | NOUN},
    {"documento", NOUN},
    {"documents", NOUN},
    {"dokument", NOUN},
    {"draft", BESIDE},
    {"e", BESIDE},
    {"email", NOUN},
    {"enclosed", POINT},
    {"entwurf", BESIDE},
    {"es", VERB},
    {"est", VERB},
    {"esta", POINT},
    {"este", POINT},
    {"estrictamente", BESIDE},
    {"estritamente", BESIDE},
    {"et", BESIDE},
    {"example", TALK},
    {"explain", TALK},
    {"export", BESIDE},
    {"eyes", BESIDE},
    {"following", POINT},
    {"for", BESIDE},
    {"fw", BESIDE | LEAD},
    {"fwd", BESIDE | LEAD},
    {"f\xc3\xbcr", BESIDE},
    {"gebrauch", BESIDE},
    {"gmbh", BESIDE},
    {"green", LEVEL},
    {"handle", VERB},
    {"highly", BESIDE},
    {"how", TALK},
    {"if", TALK},
    {"inc", BESIDE},
    {"information", BESIDE | DESCRIBED},
    {"internal", LEVEL},
    {"is", VERB},
    {"issue", DESCRIBED},
    {"ist", VERB},
    {"itar", BESIDE},
    {"keep", VERB},
    {"know", BESIDE},
    {"letter", NOUN},
    {"llc", BESIDE},
    {"longer", DENIAL},
    {"ltd", BESIDE},
    {"mail", NOUN},
    {"marked", VERB},
    {"material", NOUN},
    {"materials", NOUN},
    {"mean", TALK},
    {"meaning", TALK},
    {"means", TALK},
    {"memo", NOUN},
    {"memorandum", NOUN},
    {"mensaje", NOUN},
    {"message", NOUN},
    {"messaggio", NOUN},
    {"mode", DESCRIBED},
    {"nachricht", NOUN},
    {"nda", BESIDE},
    {"ne", BESIDE},
    {"need", BESIDE},
    {"never", DENIAL},
    {"nicht", DENIAL},
    {"niet", DENIAL},
    {"no", BESIDE | DENIAL},
    {"noforn", BESIDE},
    {"non", BESIDE | DENIAL},
    {"not", BESIDE | DENIAL},
    {"nothing", DENIAL},
    {"nur", BESIDE},
    {"objet", BESIDE | LEAD},
    {"of", BESIDE},
    {"official", BESIDE},
    {"oggetto", BESIDE | LEAD},
    {"onderwerp", LEAD},
    {"only", BESIDE},
    {"or", BESIDE},
    {"page", BESIDE | NOUN},
    {"pas", BESIDE | DENIAL},
    {"personal", BESIDE},
    {"presentation", NOUN},
    {"private", BESIDE},
    {"privileged", BESIDE},
    {"product", BESIDE},
    {"proposal", NOUN},
    {"proprietary", BESIDE},
    {"public", LEVEL},
    {"questa", POINT},
    {"questo", POINT},
    {"re", BESIDE | LEAD},
    {"red", BESIDE},
    {"remains", VERB},
    {"report", NOUN},
    {"reserved", BESIDE},
    {"restricted", LEVEL | VERB},
    {"rights", BESIDE},
    {"schreiben", NOUN},
    {"secret", BESIDE | LEVEL},
    {"seite", BESIDE},
    {"sensitive", BESIDE | LEVEL},
    {"significa", TALK},
    {"signifie", TALK},
    {"sind", VERB},
    {"slides", NOUN},
    {"sont", VERB},
    {"space", DESCRIBED},
    {"stands", TALK},
    {"streng", BESIDE},
    {"strettamente", BESIDE},
    {"strict", BESIDE},
    {"strictement", BESIDE},
    {"strictly", BESIDE},
    {"strikt", BESIDE},
    {"subject", BESIDE | LEAD},
    {"term", TALK},
    {"terms", TALK},
    {"the", POINT},
    {"these", POINT},
    {"this", POINT},
    {"titel", LEAD},
    {"title", LEAD},
    {"tlp", BESIDE},
    {"top", BESIDE},
    {"transaction", DESCRIBED},
    {"transmission", NOUN},
    {"treat", VERB},
    {"unclassified", LEVEL},
    {"und", BESIDE},
    {"under", BESIDE},
    {"usage", BESIDE},
    {"use", BESIDE},
    {"uso", BESIDE},
    {"u\xc5\xbcytku", BESIDE},
    {"versus", TALK},
    {"vm", DESCRIBED},
    {"vms", DESCRIBED},
    {"von", BESIDE},
    {"vs", TALK},
    {"warning", BESIDE},
    {"was", TALK},
    {"wat", TALK},
    {"wg", BESIDE | LEAD},
    {"what", TALK},
    {"when", TALK},
    {"whether", TALK},
    {"white", LEVEL},
    {"why", TALK},
    {"word", TALK},
    {"work", BESIDE},
    {"y", BESIDE},
};

enum { N_WORDS = sizeof words / sizeof words[0] };

static uint8_t small(uint8_t c)
{
    return sp_is_upper(c) ? c | 0x20 : c;
}

/* Order of the word in the text and one of the table, as strcmp has it. */
static int order(sp_bytes text, const char *word)
{
    for (size_t i = 0; i < text.n; i++) {
        const uint8_t have = small(text.p[i]), want = (uint8_t)word[i];
        if (have != want) return have < want ? -1 : 1;
    }
    return word[text.n] == '\0' ? 0 : -1;
}

unsigned sp_marking_word(sp_bytes text)
{
    size_t from = 0, to = N_WORDS;
    while (from < to) {
        const size_t middle = from + (to - from) / 2;
        const int at = order(text, words[middle].word);
        if (at == 0) return words[middle].is;
        if (at < 0)
            to = middle;
        else
            from = middle + 1;
    }
    return 0;
}

bool sp_marking_words_are_sorted(void)
{
    for (size_t i = 1; i < N_WORDS; i++) {
        if (strcmp(words[i - 1].word, words[i].word) >= 0) return false;
    }
    return true;
}
