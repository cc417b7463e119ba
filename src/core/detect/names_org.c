/* Organisations: words with capitals up to a legal form ("Berg & Sohn GmbH"), a legal form in front of them
 * ("ООО «Заря»"), words for organisations among them ("University of Leeds"), and what stands behind the name
 * of a field or a frame of a sentence. */
#include "detect/names.h"

#include <string.h>

/* "&", "and", ",": what joins partners. */
static bool joins(const sp_line *line, size_t i)
{
    if (sp_line_is(line, i, '&')) return true;
    if (i >= line->n || line->t[i].shape != SP_SHAPE_LOWER) return false;
    return sp_line_is_word(line, i, "and|und|et|e|y|en|och|og|i|a|και|и");
}

/* Does the word before end with word `i`, as in "OptionGroup Group"? */
static bool is_said_twice(const sp_line *line, size_t i)
{
    const size_t n = line->t[i].end - line->t[i].start;
    const uint32_t end = line->t[i - 1].end;
    return sp_line_has(line, i - 1, SP_WORD_CAMEL) && end - line->t[i - 1].start > n &&
           memcmp(line->p + end - n, line->p + line->t[i].start, n) == 0;
}

/* Words that are no legal form behind a comma, before the number of a group, or behind a name of a program:
 * "Console, Group", "CCITT Group 3", "OptionGroup Group". A year is no such number. */
static bool is_loose(const sp_line *line, size_t i)
{
    if (!sp_line_is_word(line, i, "group|holding|holdings|company")) return false;
    return sp_line_is(line, i - 1, ',') || is_said_twice(line, i) ||
           (sp_line_is_word(line, i, "group") && i + 1 < line->n && line->t[i + 1].shape == SP_SHAPE_NUMBER &&
            line->t[i + 1].letters == 1);
}

/* Goes a word on behind the mark at `i`? */
static bool joins_word(const sp_line *line, size_t i)
{
    return (sp_line_is(line, i, '~') || sp_line_is(line, i, '_')) && i + 1 < line->n &&
           !line->t[i + 1].is_apart && line->t[i + 1].shape != SP_SHAPE_MARK;
}

/* "AS400", "KS~C", "Writer OS;", but not "~~Berg GmbH~~" */
static bool is_part_of_word(const sp_line *line, size_t i)
{
    if (i + 1 < line->n && !line->t[i + 1].is_apart &&
        (line->t[i + 1].shape != SP_SHAPE_MARK || joins_word(line, i + 1)))
        return true;
    return line->t[i].shape == SP_SHAPE_UPPER && line->t[i].letters == 2 && sp_line_is_word(line, i, "os");
}

/* A legal form at `i`, written as one: short ones in capitals or with dots. */
static bool is_legal(const sp_line *line, size_t i)
{
    if (!sp_line_has(line, i, SP_WORD_LEGAL)) return false;
    const sp_tok *t = &line->t[i];
    const bool has_dots = memchr(line->p + t->start, '.', t->end - t->start) != NULL;
    if (!t->is_apart || (i > 0 && is_loose(line, i)) || is_part_of_word(line, i)) return false;
    if (t->letters <= 3 && t->shape == SP_SHAPE_CAP) /* not "As", "At", "Ops" */
        return has_dots || line->p[t->start] >= 0x80 ||
               sp_line_is_word(line, i, "ltd|inc|pty|pvt|pte|oyj|bhd|sdn|kft|zrt|srl|llc|plc|spa|co");
    return t->shape == SP_SHAPE_UPPER || has_dots || (t->shape == SP_SHAPE_CAP && t->letters > 3) ||
           (t->letters == 4 && line->p[t->start] == 'm');
}

static bool is_common(const sp_line *line, size_t i)
{
    return sp_line_has(line, i, SP_WORD_COMMON | SP_CUE_STRONG) &&
           !sp_line_has(line, i, SP_WORD_GIVEN | SP_WORD_FAMILY | SP_WORD_ORG);
}

/* The organisation as far as it is read. */
typedef struct org {
    size_t end;
    size_t n;       /* words with capitals */
    size_t n_upper; /* of them all capitals */
    bool has_legal, has_word, has_joint, has_tail;
} org;

static size_t take_legal(const sp_line *line, org *o, size_t i)
{
    o->has_legal = true;
    i++;
    if (sp_line_is(line, i, '.') && !line->t[i].is_apart) i++;
    o->end = i;
    return i;
}

/* "… & Co. KG", "Müller, Schmidt und Partner", "Noël et Fils". */
static bool take_joint(const sp_line *line, org *o, size_t *at)
{
    size_t i = *at;
    if (sp_line_is(line, i, ',')) i++;
    if (joins(line, i)) i++;
    if (i == *at || i >= line->n) return false;
    const bool is_tail =
        sp_line_has(line, i, SP_WORD_ORG) && line->t[i].shape == SP_SHAPE_LOWER && joins(line, i - 1);
    if (!is_tail && !sp_line_is_cap(line, i) && !sp_line_has(line, i, SP_WORD_LEGAL)) return false;
    if (is_tail) o->end = i + 1;
    o->has_tail = o->has_tail || is_tail;
    *at = i;
    return true;
}

static org read_org(const sp_line *line, size_t i)
{
    org o = {.end = i};
    size_t at = i;
    for (unsigned k = 0; k < 12 && at < line->n; k++) {
        if (at > i && is_legal(line, at) && o.n > 0) {
            at = take_legal(line, &o, at);
            continue;
        }
        if (o.has_legal) {
            if (!sp_line_is(line, at, '&')) break; /* "GmbH & Co. KG" */
            at++;
            continue;
        }
        if (sp_line_is_cap(line, at) && !is_common(line, at) && (at == i || line->t[at].is_apart)) {
            o.n++;
            o.n_upper += line->t[at].shape == SP_SHAPE_UPPER;
            o.has_word = o.has_word || sp_line_has(line, at, SP_WORD_ORG);
            o.end = ++at;
            continue;
        }
        if (sp_line_has(line, at, SP_WORD_PARTICLE) && line->t[at].shape == SP_SHAPE_LOWER &&
            (sp_line_is_cap(line, at + 1) || sp_line_has(line, at + 1, SP_WORD_PARTICLE)) && o.n > 0) {
            at++;
            continue;
        }
        if (o.n == 0 || !take_joint(line, &o, &at)) break;
        o.has_joint = true;
    }
    return o;
}

static sp_named found(const sp_line *line, size_t i, size_t end, uint8_t confidence)
{
    return (sp_named){end, line->t[i].start, line->t[end - 1].end, SP_KIND_ORGANIZATION, confidence};
}

/* Up to the quote that closes: «Заря», "Заря", 'x'. */
static size_t quoted_end(const sp_line *line, size_t i)
{
    for (size_t k = i + 1; k < i + 10 && k < line->n; k++) {
        const uint8_t c = line->t[k].c;
        if (line->t[k].shape != SP_SHAPE_MARK || (c != '"' && c != 0xc2 && c != 0xe2)) continue;
        return k + 1;
    }
    return 0;
}

/* "ООО «Заря»", "PT Sinar", "UAB Vilkas": the form comes first. */
static sp_named form_first(const sp_line *line, size_t i)
{
    const sp_named none = {0};
    if (line->t[i].shape != SP_SHAPE_UPPER || line->p[line->t[i].start] < 0x80) return none;
    if (!sp_line_has(line, i, SP_WORD_LEGAL) || i + 1 >= line->n || line->t[i + 1].shape != SP_SHAPE_MARK)
        return none;
    const uint8_t mark = line->t[i + 1].c;
    const size_t end = mark == 0xc2 || mark == '"' || mark == 0xe2 ? quoted_end(line, i + 1) : 0;
    return end != 0 ? found(line, i, end, 85) : none;
}

/* "at Berg Data in Graz", "sold to Meyer-Kaur": a frame, and no list that says otherwise. */
static uint8_t by_frame(const sp_line *line, size_t i, const org *o)
{
    const uint32_t before = sp_line_before(line, i, SP_CUE_ORG | SP_KEY_ORG);
    const bool is_other = sp_line_has(line, i, SP_WORD_GIVEN | SP_WORD_PLACE | SP_WORD_TITLE);
    if ((before & SP_KEY_ORG) != 0 && (o->n > 1 || !is_other)) return 80;
    if ((before & SP_CUE_ORG) == 0 || is_other) return 0;
    const bool is_weak = i > 0 && line->t[i - 1].letters == 2; /* "at", "by" */
    return is_weak && !line->has_mail ? 0 : 65;
}

/* "DW_AT_LLVM_root", "void f(AttributeList AS);": part of a name in a program, or a parameter. */
static bool is_program(const sp_line *line, size_t i, const org *o)
{
    const uint32_t start = line->t[i].start;
    const bool is_joined = (start > 1 && line->p[start - 1] == '_' && sp_is_alnum(line->p[start - 2])) ||
                           (joins_word(line, o->end) && !line->t[o->end].is_apart);
    const bool is_declared = o->has_legal && o->n == 1 && sp_line_has(line, i, SP_WORD_CAMEL) &&
                             sp_line_is(line, o->end, ')') &&
                             (sp_line_is(line, line->n - 1, ';') || sp_line_is(line, line->n - 1, '{'));
    return is_joined || is_declared;
}

sp_named sp_organization_at(const sp_line *line, size_t i)
{
    const sp_named none = {0};
    const sp_named first = form_first(line, i);
    if (first.confidence != 0) return first;
    if (!sp_line_is_cap(line, i) || is_common(line, i)) return none;
    const org o = read_org(line, i);
    if (o.n == 0 || is_program(line, i, &o)) return none;
    if (o.has_legal) return found(line, i, o.end, 85);
    if (o.has_tail) return found(line, i, o.end, 75);
    if (o.has_word && o.n > 1 && o.n_upper < 2) return found(line, i, o.end, 65);
    const uint8_t framed = by_frame(line, i, &o);
    return framed != 0 ? found(line, i, o.end, framed) : none;
}
