/* Where somebody comes from and what he believes: nationality, religion, ethnic group, political and other
 * convictions (GDPR, article 9, protects all but the first). What stands behind the name of a field
 * (`Nationality: German`), and peoples and beliefs that a sentence says of a person ("she is Catholic", "a
 * Syrian refugee"). Such that are only mentioned are none: "the German market", "Jewish history". */
#include "detect/names.h"

enum { VALUE_TOKS = 4 };

static sp_named found(const sp_line *line, size_t i, size_t end, uint8_t confidence)
{
    return (sp_named){end, line->t[i].start, line->t[end - 1].end, SP_KIND_NRP, confidence};
}

/* What stands there in programs, and in forms that nobody filled in. */
static bool is_no_value(const sp_line *line, size_t i)
{
    return sp_line_is_word(
        line, i,
        "string|str|text|none|null|nil|true|false|unknown|na|n|other|any|all|varchar|optional|"
        "required|select|choose|not|unspecified|yes|no|ja|nein|value|country|the|this|please|"
        "undefined|prefer|code|list|integer|int|is|get");
}

static bool is_word(const sp_line *line, size_t i)
{
    return i < line->n && line->t[i].shape != SP_SHAPE_MARK && line->t[i].shape != SP_SHAPE_NUMBER;
}

/* Up to four words, and then the end of a field. */
static sp_named told(const sp_line *line, size_t i)
{
    const sp_named none = {0};
    if (sp_line_before(line, i, SP_KEY_NRP) == 0 || is_no_value(line, i)) return none;
    if (i > 0 && (sp_line_is(line, i - 1, '=') || sp_line_is(line, i - 1, '|'))) return none; /* headings */
    size_t end = i + 1;
    while (end < i + VALUE_TOKS && is_word(line, end) && line->t[end].is_apart) end++;
    const bool is_open = is_word(line, end) || sp_line_is(line, end, '(') || sp_line_is(line, end, '_') ||
                         sp_line_is(line, end, '[') || line->t[end - 1].letters < 2;
    return is_open ? none : found(line, i, end, 88);
}

/* "she is", "my wife is", "I'm", "a devout": token `i` is what a person is. */
static bool has_subject(const sp_line *line, size_t i)
{
    size_t k = i;
    while (k > 0 && sp_line_is_word(line, k - 1, "a|an|very|also|deeply|practicing|practising|devout")) k--;
    if (k < i && sp_line_is_word(line, i - 1, "devout|practicing|practising")) return true;
    if (k == 0 || sp_line_is_word(line, k - 1, "i'm|he's|she's")) return k > 0;
    if (k < 2 || !sp_line_is_word(line, k - 1, "is|am|are|was|bin|ist|suis|est")) return false;
    return sp_line_is_word(line, k - 2,
                           "i|he|she|they|who|husband|wife|mother|father|patient|employee|client|customer|"
                           "applicant|candidate|ich|er|sie|je|il|elle|neighbour|neighbor|tenant|boss");
}

static bool is_followed(const sp_line *line, size_t i)
{
    return sp_line_is_word(line, i, "citizen|national|immigrant|refugee|descent|citizenship|nationality") &&
           line->t[i].is_apart && line->t[i].shape == SP_SHAPE_LOWER; /* "Australian National University" */
}

sp_named sp_conviction_at(const sp_line *line, size_t i)
{
    const sp_named none = {0};
    const sp_named value = told(line, i);
    if (value.confidence != 0) return value;
    if (!sp_line_has(line, i, SP_WORD_PEOPLE)) return none;
    const bool is_joined = i + 1 < line->n && !line->t[i + 1].is_apart &&
                           (sp_line_is(line, i + 1, '-') || sp_line_is(line, i + 1, '_'));
    if (is_joined || (!has_subject(line, i) && !is_followed(line, i + 1))) return none;
    return found(line, i, i + 1, 70);
}
