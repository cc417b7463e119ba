/* Persons: words with capitals, and what speaks for them: a title, the name of a field, a frame of a
 * sentence, a mail address behind them, given and family names that lists hold. Two sorts of evidence, or one
 * that is strong, make a person; a name that is alone in a sentence does not. */
#include "detect/names.h"

enum { NO_NAME = SP_WORD_LEGAL | SP_WORD_ORG };
enum { ANY_NAME = SP_WORD_GIVEN | SP_WORD_NAME | SP_WORD_FAMILY };

/* A chain of words and what is known about them. */
typedef struct chain {
    size_t first, end, n; /* tokens [first, end), n of them words with capitals */
    bool has_title;
    bool is_given;  /* the first word is a given name */
    bool is_named;  /* the first word is one, or may be */
    bool is_family; /* the last word is a family name, or ends like one */
    bool is_turned; /* family name first */
    bool is_upper;  /* the last word is all capitals */
    bool is_place;  /* each word is in the name of a place */
} chain;

/* A word that stands with a capital in sentences, and is no name. */
static bool is_common(const sp_line *line, size_t i)
{
    if (sp_line_has(line, i, SP_WORD_GIVEN)) return false;
    if (sp_line_has(line, i, SP_WORD_COMMON | SP_CUE_STRONG)) return true;
    return false;
}

/* "MS" is none, nor is "ms". */
static bool is_title(const sp_line *line, size_t i)
{
    if (!sp_line_has(line, i, SP_WORD_TITLE) || line->t[i].shape == SP_SHAPE_UPPER) return false;
    return line->t[i].shape == SP_SHAPE_CAP || line->t[i].letters > 2;
}

/* Titles in front of a chain are passed over: "Frau Dr. Anna Berg". */
static size_t skip_titles(const sp_line *line, size_t i)
{
    const size_t first = i;
    while (i < first + 6 && is_title(line, i) &&
           !(sp_line_has(line, i, ANY_NAME) && line->t[i].letters > 4)) {
        i++;
        if (sp_line_is(line, i, '.')) i++;
    }
    return i < line->n && i > first && !line->t[i].is_apart && line->t[i - 1].c != '.' ? first : i;
}

static bool is_family(const sp_line *line, size_t i)
{
    if (sp_line_has(line, i, SP_WORD_FAMILY)) return true;
    return line->t[i].letters >= 5 && sp_line_ends(line, i, SP_END_FAMILY);
}

/* "Jean-Pierre" is given by its first part; so is a name that only some of its parts are known of. */
static bool has_part(const sp_line *line, size_t i, uint32_t flags)
{
    const sp_tok *t = &line->t[i];
    sp_line part;
    if (sp_line_has(line, i, flags)) return true;
    size_t end = t->start;
    while (end < t->end && line->p[end] != '-') end++;
    if (end == t->end) return false;
    sp_line_read(&part, line->words, (sp_bytes){line->p, end}, t->start, end);
    return sp_line_has(&part, 0, flags);
}

/* The chain at `i`, cut before the first word that is no name. */
static chain chain_at(const sp_line *line, size_t i)
{
    chain c = {.first = i, .is_place = true};
    const size_t end = sp_line_chain(line, i, 5);
    size_t last = i;
    for (size_t k = i; k < end; k++) {
        if (!sp_line_is_cap(line, k)) continue;
        if (sp_line_has(line, k, SP_WORD_CAMEL)) break;
        if (is_common(line, k) && (k == i || !sp_line_has(line, k, SP_WORD_FAMILY))) break;
        if (sp_line_has(line, k, SP_WORD_TITLE) && c.n > 0 && line->t[k].letters <= 4) break;
        c.n++;
        last = k;
        c.end = k + 1;
        c.is_place = c.is_place && sp_line_has(line, k, SP_WORD_PLACE | SP_WORD_MAYBE_PLACE);
    }
    if (c.n == 0) return c;
    c.is_given = has_part(line, i, SP_WORD_GIVEN);
    c.is_named = c.is_given || has_part(line, i, SP_WORD_NAME);
    c.is_family = c.n > 1 && (is_family(line, last) || has_part(line, last, SP_WORD_FAMILY));
    c.is_upper = line->t[last].shape == SP_SHAPE_UPPER;
    c.is_turned = c.n > 1 && is_family(line, i) && has_part(line, i + 1, SP_WORD_GIVEN);
    return c;
}

/* Does the name of an organisation or of a street go on here? */
static bool is_other(const sp_line *line, const chain *c)
{
    for (size_t k = c->first; k < c->end; k++) {
        if (sp_line_has(line, k, NO_NAME) && !sp_line_has(line, k, ANY_NAME | SP_WORD_PARTICLE)) return true;
    }
    return sp_line_has(line, c->end, SP_WORD_LEGAL) && line->t[c->end].is_apart &&
           (sp_line_is_cap(line, c->end) || line->t[c->end].letters > 4);
}

/* What stands behind: a mail address, or a verb that persons have for a subject. */
static bool is_followed(const sp_line *line, const chain *c)
{
    size_t i = c->end;
    while (sp_line_is(line, i, ',') || sp_line_is(line, i, '"') || sp_line_is(line, i, '(')) i++;
    if (sp_line_has(line, i, SP_CUE_AFTER) && line->t[i].shape == SP_SHAPE_LOWER) return true;
    if (!line->has_mail) return false;
    if (!sp_line_is(line, i, '<') && !sp_line_is(line, i, ';') && i == c->end) return false;
    for (size_t k = i; k < i + 10 && k < line->n; k++) {
        if (sp_line_is(line, k, '@')) return true;
    }
    return false;
}

/* The first field of a row that also holds a mail address. */
static bool is_in_table(const sp_line *line, const chain *c)
{
    const bool begins = c->first == 0 || line->t[c->first - 1].c == ';' || line->t[c->first - 1].c == '|';
    const bool ends = sp_line_is(line, c->end, ';') || sp_line_is(line, c->end, '|');
    return line->is_table && line->has_mail && begins && ends && c->first < 8;
}

/* Words that say whose name it is: "first_name", "customer name", `patient.name`, `<person name=`. */
static bool is_owner(const sp_line *line, size_t i)
{
    return sp_line_is_word(line, i,
                           "first|last|full|given|family|middle|customer|client|patient|person|people|user|"
                           "employee|contact|member|student|author|owner|applicant|guest|sender|recipient|"
                           "holder|doctor|nurse|parent|child");
}

/* `name` at `i`: whose it is stands before it, or around it. */
static bool has_owner(const sp_line *line, size_t i)
{
    if (i > 0 && is_owner(line, i - 1)) return true;
    const bool is_joined = sp_line_is(line, i - 1, '_') || sp_line_is(line, i - 1, '.') ||
                           sp_line_is(line, i - 1, '(') || sp_line_is(line, i - 1, '-');
    return i > 1 && is_joined && is_owner(line, i - 2);
}

/* The word of the tag that token `i` stands in; 0: in none. */
static size_t tag_of(const sp_line *line, size_t i)
{
    while (i > 0 && !sp_line_is(line, i - 1, '<') && !sp_line_is(line, i - 1, '>')) i--;
    return i > 0 && sp_line_is(line, i - 1, '<') ? i : 0;
}

/* `name = "Sophia"`, `name == 'Standard ML'`: in programs all things have a name. A member, an argument and
 * the attribute of a tag may be of a person, where a list knows it (`is_known`); so may what stands without
 * quotes, and two words without blanks around the sign that are all of a line. */
static bool is_assigned(const sp_line *line, const chain *c, bool is_known)
{
    size_t i = c->first;
    while (i > 0 && (sp_line_is(line, i - 1, '"') || sp_line_is(line, i - 1, '\''))) i--;
    const bool has_quote = i < c->first, has_blank = line->t[i].is_apart;
    const size_t sign = i;
    while (i > 0 && sp_line_is(line, i - 1, '=')) i--;
    if (i == sign || i == 0 || !sp_line_is_word(line, i - 1, "name|nom|nome")) return false;
    if (is_known && c->n > 1) return false;
    const size_t word = i - 1;
    const size_t tag = tag_of(line, word);
    if (has_owner(line, word) || (tag != 0 && is_owner(line, tag))) return false;
    if (tag != 0 && sp_line_is_word(line, tag, "input|meta|param|select|button|textarea|form|iframe|a|img"))
        return true;
    if (is_known && !has_quote) return false;
    const bool is_first = word == 0 || (line->t[word].is_apart && !sp_line_is(line, word - 1, ',') &&
                                        !sp_line_is(line, word - 1, '(') && line->t[word - 1].c != '"');
    if (is_known) return is_first && tag == 0;
    const bool is_all = (word == 0 || sp_line_is(line, word - 1, ':')) && c->end + 1 == line->n &&
                        !has_blank && sign - i == 1;
    return !(is_all && c->n > 1 && has_quote && line->t[word].shape == SP_SHAPE_LOWER);
}

static uint8_t by_frame(const sp_line *line, const chain *c)
{
    const uint32_t before = sp_line_before(line, c->first, SP_KEY_PERSON | SP_CUE_PERSON | SP_CUE_STRONG);
    const bool has_list = c->is_named || c->is_family || c->is_turned;
    if (is_assigned(line, c, has_list)) return 0;
    if ((before & SP_KEY_PERSON) != 0 && (c->n > 1 || has_list) && c->n < 5) return 85;
    if ((before & SP_CUE_STRONG) != 0 && (c->n > 1 || has_list)) return 80;
    if ((before & SP_CUE_PERSON) == 0) return 0;
    if (c->n == 1) return 0;
    return has_list ? 80 : 0;
}

static uint8_t by_lists(const chain *c)
{
    if (c->n < 2) return 0;
    if (c->is_upper && !(c->is_given && c->is_family)) return 0;
    if (c->is_given && c->is_family) return 75;
    if (c->is_turned) return 70;
    if (c->is_given) return 65;
    return c->is_named && c->is_family && c->n < 4 ? 65 : 0;
}

static uint8_t judge(const sp_line *line, const chain *c)
{
    if (c->has_title && c->n > 0) return 85;
    const uint8_t framed = by_frame(line, c);
    if (framed != 0) return framed;
    if (c->n > 1 && (is_followed(line, c) || is_in_table(line, c))) return 80;
    return by_lists(c);
}

static bool stands_free(const sp_line *line, size_t i)
{
    return i == 0 || line->t[i].is_apart ||
           (line->t[i - 1].shape == SP_SHAPE_MARK && line->t[i - 1].c != '_');
}

/* "SIG_MAX", "Optional[str]", "a.B()": programs go on where sentences do not. */
static bool ends_free(const sp_line *line, size_t i)
{
    if (i >= line->n || line->t[i].is_apart || line->t[i].shape != SP_SHAPE_MARK)
        return i >= line->n || line->t[i].is_apart;
    const uint8_t c = line->t[i].c;
    return c != '_' && c != '[' && c != '(' && c != '=' && c != '/' &&
           (c != '.' || i + 1 == line->n || line->t[i + 1].is_apart || line->t[i + 1].shape == SP_SHAPE_MARK);
}

sp_named sp_person_at(const sp_line *line, size_t i)
{
    const sp_named none = {0};
    if (!stands_free(line, i)) return none;
    const size_t first = skip_titles(line, i);
    const bool has_title = first != i;
    if (!sp_line_is_cap(line, first)) return none;
    chain c = chain_at(line, first);
    c.has_title = has_title;
    if (c.n == 0 || c.n > 4 || is_other(line, &c)) return none;
    if (!ends_free(line, c.end)) return none;
    if (c.is_place && !c.has_title && !c.is_family) return none;
    const uint8_t confidence = judge(line, &c);
    return (sp_named){c.end, line->t[first].start, line->t[c.end - 1].end, SP_KIND_PERSON, confidence};
}
