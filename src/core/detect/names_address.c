/* Postal addresses. A street with a number begins one: "12 Park Road", "Parkstraße 12", "rue du Parc 12";
 * then it goes on over commas: parts of the house, postcodes, places, states. Where nothing says "street", a
 * number and a postcode with a place behind it do, or words like "lives at" before it. */
#include "detect/names.h"

enum { PARTS_MAX = 7, BODY_MAX = 6, TAIL_MAX = 24, FREE_MAX = 28 };

/* An address as far as it is read. */
typedef struct address {
    size_t end;        /* token behind it */
    unsigned n_parts;  /* behind commas */
    bool has_postcode; /* a number of a postcode's length stands in its tail */
    bool has_place;    /* a word with a capital does */
} address;

static bool is_number(const sp_line *line, size_t i)
{
    return i < line->n && line->t[i].shape == SP_SHAPE_NUMBER;
}

static bool is_house(const sp_line *line, size_t i)
{
    return is_number(line, i) && line->t[i].letters <= 8;
}

static bool is_common(const sp_line *line, size_t i)
{
    if (sp_line_has(line, i, SP_WORD_STATE) && line->t[i].shape == SP_SHAPE_UPPER) return false;
    return sp_line_has(line, i, SP_WORD_COMMON | SP_CUE_STRONG) &&
           !sp_line_has(line, i, SP_WORD_PLACE_FIRST | SP_WORD_STREET_LAST | SP_WORD_STREET | SP_WORD_UNIT);
}

/* ---- the tail ---- */

/* "SW1A 1AA", "M4A", "K1A 0B1": capitals and digits without a blank between. */
static bool is_mixed(const sp_line *line, size_t i)
{
    return sp_line_is_cap(line, i) && line->t[i].letters <= 2 && is_number(line, i + 1) &&
           !line->t[i + 1].is_apart;
}

static bool is_abbreviated(const sp_line *line, size_t i)
{
    if (i == 0 || !sp_line_is(line, i, '.') || line->t[i].is_apart) return false;
    return line->t[i - 1].letters <= 4 &&
           sp_line_has(line, i - 1,
                       SP_WORD_UNIT | SP_WORD_STREET | SP_WORD_STREET_LAST | SP_WORD_PLACE_FIRST);
}

/* One token of the tail. @return the next one; `i`: the tail ends here. */
static size_t tail_step(const sp_line *line, address *a, size_t i)
{
    if (is_mixed(line, i)) {
        a->has_postcode = true;
        return a->end = i + 2;
    }
    if (is_number(line, i) && line->t[i].letters <= 10) {
        a->has_postcode = a->has_postcode || line->t[i].letters >= 4 || is_number(line, i + 1);
        return a->end = i + 1;
    }
    if (sp_line_is_cap(line, i) && !is_common(line, i)) {
        a->has_place = true;
        return a->end = i + 1;
    }
    const bool is_unit =
        sp_line_has(line, i, SP_WORD_UNIT) && (is_number(line, i + 1) || sp_line_is(line, i + 1, '.'));
    if (is_unit) return a->end = i + 1;
    const bool is_inner = sp_line_has(line, i, SP_WORD_PARTICLE) && sp_line_is_cap(line, i + 1);
    return is_inner ? i + 1 : i;
}

/* Goes on behind the street while there are parts. */
static void read_tail(const sp_line *line, address *a)
{
    const size_t most = a->end + TAIL_MAX < line->n ? a->end + TAIL_MAX : line->n;
    for (size_t i = a->end; i < most && a->n_parts < PARTS_MAX;) {
        const size_t next = tail_step(line, a, i);
        if (next != i) {
            i = next;
            continue;
        }
        const bool is_mark = sp_line_is(line, i, ',') || sp_line_is(line, i, '/') ||
                             sp_line_is(line, i, '-') || sp_line_is(line, i, '(') ||
                             sp_line_is(line, i, ')') || is_abbreviated(line, i);
        if (!is_mark) break;
        if (sp_line_is(line, i, ')') && a->end == i) a->end = i + 1;
        a->n_parts += sp_line_is(line, i, ',');
        i++;
    }
}

static sp_named found(const sp_line *line, size_t i, const address *a, uint8_t confidence)
{
    return (sp_named){a->end, line->t[i].start, line->t[a->end - 1].end, SP_KIND_ADDRESS, confidence};
}

/* ---- streets ---- */

/* Token behind words with capitals (and particles) from `i`, as a street's name has them. */
static size_t body_end(const sp_line *line, size_t i)
{
    size_t end = sp_line_chain(line, i, BODY_MAX);
    for (size_t k = i; k < end; k++) {
        if (is_common(line, k)) return k;
    }
    return end;
}

/* The last word of [i, end) that ends a street; 0: none. */
static size_t street_last(const sp_line *line, size_t i, size_t end)
{
    for (size_t k = end; k > i + 1; k--) {
        if (sp_line_has(line, k - 1, SP_WORD_STREET_LAST)) return k;
    }
    return 0;
}

/* "30759 Taylor Freeway Apt. 590", "312 Orchard Hill Suite 4": who names a part of the house need not say
 * "street".
 * @return the token behind it, 0: there is none. */
static size_t unit_end(const sp_line *line, size_t i)
{
    const size_t most = i + BODY_MAX < line->n ? i + BODY_MAX : line->n;
    for (size_t k = i; k < most && sp_line_is_cap(line, k) && !is_common(line, k); k++) {
        if (k == i || !sp_line_is_word(line, k, "apt|apartment|ste|suite")) continue;
        const size_t number = k + 1 + sp_line_is(line, k + 1, '.');
        return is_house(line, number) ? number + 1 : 0;
    }
    return 0;
}

static bool is_year(const sp_line *line, size_t i)
{
    const uint8_t *p = line->p + line->t[i].start;
    return line->t[i].letters == 4 && ((p[0] == '1' && p[1] == '9') || (p[0] == '2' && p[1] == '0'));
}

/* Suites are of programs and tests too, and packages are got by apt: an address stands alone on its line, or
 * has a place behind it; a flat does without where the house has a long number. */
static bool is_unit_address(const sp_line *line, size_t i, const address *a, size_t unit)
{
    if (a->has_place && a->has_postcode) return true;
    if (i == 0 && a->end == line->n) return true;
    const bool goes_on = sp_line_is(line, unit, '.') && is_number(line, unit + 1) && !line->t[unit].is_apart;
    return !goes_on && line->t[i].letters >= 3 && !is_year(line, i) &&
           !sp_line_is_word(line, unit - 2, "suite|ste") && !sp_line_is_word(line, unit - 3, "suite|ste");
}

/* "12 Park Road": unusual ends of streets need a place behind them. */
static sp_named number_first(const sp_line *line, size_t i)
{
    const sp_named none = {0};
    const sp_tok *before = i > 0 ? &line->t[i - 1] : NULL;
    if (!is_house(line, i)) return none;
    if (before != NULL && !line->t[i].is_apart && before->c != '"' && before->c != '(') return none;
    const size_t at = sp_line_is(line, i + 1, ',') ? i + 2 : i + 1;
    if (at >= line->n || !line->t[at].is_apart || !sp_line_is_cap(line, at)) return none;
    const size_t last = street_last(line, at, body_end(line, at));
    const size_t unit = unit_end(line, at);
    if (last == 0 && unit == 0) return none;
    address a = {.end = last != 0 ? last : unit};
    const bool is_plain =
        last != 0 &&
        sp_line_is_word(line, last - 1,
                        "street|st|road|rd|avenue|ave|lane|ln|drive|boulevard|blvd|court|terrace|"
                        "crescent|highway|close|square|nagar|marg");
    if (sp_line_is(line, a.end, '.') && !line->t[a.end].is_apart && last != 0) a.end++;
    read_tail(line, &a);
    const bool has_tail = last != 0 && a.has_place && a.has_postcode;
    const bool is_unit = unit != 0 && is_unit_address(line, i, &a, unit);
    return has_tail || is_plain || is_unit ? found(line, i, &a, has_tail ? 85 : 75) : none;
}

/* A street and then its number: "Parkstraße 12", "ul. Parkowa 12/3", "Park Caddesi No: 5". */
static bool is_street(const sp_line *line, size_t i, size_t end)
{
    if (sp_line_has(line, i, SP_WORD_STREET) && end > i + 1 && line->t[i].shape != SP_SHAPE_UPPER)
        return true;
    if (sp_line_has(line, end - 1, SP_WORD_STREET_LAST) && end > i + 1) return true;
    return line->t[end - 1].letters >= 6 && sp_line_ends(line, end - 1, SP_END_STREET);
}

static size_t skip_to_number(const sp_line *line, size_t i)
{
    if (sp_line_is(line, i, '.') || sp_line_is(line, i, ',')) i++;
    if (!is_number(line, i) && sp_line_is_word(line, i, "no|nr|n|num|nº|č|д")) {
        i++;
        while (sp_line_is(line, i, '.') || sp_line_is(line, i, ':') || (i < line->n && line->t[i].c == 0xc2))
            i++;
    }
    return i;
}

static sp_named number_last(const sp_line *line, size_t i)
{
    const sp_named none = {0};
    if (!sp_line_is_cap(line, i)) return none;
    const size_t end = body_end(line, i);
    if (end == i) return none;
    const size_t number = skip_to_number(line, end);
    if (!is_house(line, number) || !line->t[number].is_apart) return none;
    address a = {.end = number + 1};
    const bool has_word = is_street(line, i, end);
    read_tail(line, &a);
    if (has_word) return found(line, i, &a, 80);
    const bool is_whole = a.has_postcode && a.has_place && a.n_parts > 0 && a.n_parts < 5;
    return is_whole ? found(line, i, &a, 65) : none;
}

/* "26, boulevard de Pires, 30377 Besnard", "via Roma 3", "calle de Alcalá, 5": the word for the street first.
 */
static sp_named word_first(const sp_line *line, size_t i)
{
    const sp_named none = {0};
    size_t at = i;
    if (is_house(line, at)) at += sp_line_is(line, at + 1, ',') ? 2 : 1;
    if (!sp_line_has(line, at, SP_WORD_STREET)) return none;
    const size_t word = at++;
    if (sp_line_is(line, at, '.')) at++;
    while (sp_line_has(line, at, SP_WORD_PARTICLE) && line->t[at].shape == SP_SHAPE_LOWER) at++;
    if (at >= line->n || (!line->t[at].is_apart && line->t[at - 1].c != '.') || !sp_line_is_cap(line, at))
        return none;
    address a = {.end = body_end(line, at)};
    if (a.end <= at) return none;
    const size_t number = skip_to_number(line, a.end);
    const bool has_number = word != i || is_house(line, number);
    if (word == i && has_number) a.end = number + 1;
    read_tail(line, &a);
    if (!has_number && !(a.has_postcode && a.has_place && a.n_parts > 0)) return none;
    const bool is_short = line->t[word].letters <= 2 && !a.has_postcode && line->t[word + 1].c != '.';
    return is_short ? none : found(line, i, &a, 80);
}

/* "PO Box 12", "Unit 3265 Box 9644, DPO AE 83731". */
static sp_named box(const sp_line *line, size_t i)
{
    const sp_named none = {0};
    const bool is_box =
        sp_line_is_cap(line, i) && sp_line_is_word(line, i, "po|p.o|unit|psc|postfach|apartado|postbus");
    if (!is_box) return none;
    size_t at = i + 1;
    while (sp_line_is(line, at, '.') || sp_line_is_word(line, at, "box") ||
           (is_number(line, at) && at < i + 5))
        at++;
    if (at < i + 2 || !is_number(line, at - 1)) return none;
    address a = {.end = at};
    read_tail(line, &a);
    const bool is_enough = a.has_place || !sp_line_is_word(line, i, "unit|psc");
    return is_enough ? found(line, i, &a, 70) : none;
}

/* "USNS Carter, FPO AE 51932", "CMR 402 Box 11, APO AE 09180": the post offices of armed forces (USPS
 * Publication 28, section 238) and what stands in front of one. */
static sp_named overseas(const sp_line *line, size_t i)
{
    const sp_named none = {0};
    if (!sp_line_is_cap(line, i) || !sp_line_is_word(line, i, "uss|usns|usnv|uscgc|usav|psc|unit|cmr"))
        return none;
    size_t at = i + 1;
    while (at < i + BODY_MAX && (sp_line_is_cap(line, at) || is_number(line, at)) &&
           !sp_line_is_word(line, at, "apo|fpo|dpo"))
        at++;
    if (sp_line_is(line, at, ',')) at++;
    if (!sp_line_is_word(line, at, "apo|fpo|dpo")) return none;
    at += sp_line_is(line, at + 1, ',') ? 2 : 1;
    const bool is_whole =
        sp_line_is_word(line, at, "aa|ae|ap") && is_number(line, at + 1) && line->t[at + 1].letters == 5;
    const bool has_more =
        sp_line_is(line, at + 2, '-') && is_number(line, at + 3) && line->t[at + 3].letters == 4;
    const address a = {.end = at + 2 + (has_more ? 2 : 0)};
    return is_whole ? found(line, i, &a, 80) : none;
}

/* ---- what somebody calls an address ---- */

static bool ends_free(const sp_line *line, size_t i)
{
    const sp_tok *t = &line->t[i];
    if (t->shape != SP_SHAPE_MARK) return sp_line_has(line, i, SP_WORD_COMMON) && t->shape == SP_SHAPE_LOWER;
    if (t->c == '.') return i + 1 == line->n || (line->t[i + 1].is_apart && line->t[i - 1].letters > 3);
    return t->c == ';' || t->c == '"' || t->c == '<' || t->c == '|' || t->c == '}' || t->c == '@' ||
           t->c == '=';
}

/* "at Mon Jan 8 13:54 1998": a weekday or a month before a month or a number; "at May Street 15" is none. */
static bool is_date(const sp_line *line, size_t i)
{
    static const char days[] =
        "monday|tuesday|wednesday|thursday|friday|saturday|sunday|mon|tue|tues|wed|thu|"
        "thur|thurs|fri|sat|sun";
    static const char months[] =
        "january|february|march|april|may|june|july|august|september|october|november|"
        "december|jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec";
    enum { REACH = 4 };
    if (!sp_line_is_word(line, i, days) && !sp_line_is_word(line, i, months)) return false;
    for (size_t k = i + 1; k < i + REACH && k < line->n; k++) {
        const bool is_street = sp_line_has(line, k, SP_WORD_STREET_LAST) ||
                               (line->t[k].shape != SP_SHAPE_MARK && line->t[k].letters >= 6 &&
                                sp_line_ends(line, k, SP_END_STREET));
        if (is_street) return false;
    }
    const size_t next = sp_line_is(line, i + 1, ',') || sp_line_is(line, i + 1, '.') ? i + 2 : i + 1;
    return is_number(line, next) || sp_line_is_word(line, next, months);
}

/* Behind "lives at" or the name of a field: up to what ends it, if it holds a number and a word. */
static sp_named told(const sp_line *line, size_t i)
{
    const sp_named none = {0};
    const uint32_t before = sp_line_before(line, i, SP_CUE_ADDRESS | SP_KEY_ADDRESS);
    if (before == 0 || i == 0 ||
        (!is_number(line, i) && !sp_line_is_cap(line, i) && !sp_line_has(line, i, SP_WORD_STREET)))
        return none;
    if ((before & SP_KEY_ADDRESS) == 0 && is_date(line, i)) return none;
    bool has_number = false, has_cap = false;
    size_t end = i;
    while (end < line->n && end < i + FREE_MAX && !ends_free(line, end)) {
        has_number = has_number || is_number(line, end);
        has_cap = has_cap || sp_line_is_cap(line, end);
        end++;
    }
    while (end > i && line->t[end - 1].shape == SP_SHAPE_MARK && line->t[end - 1].c != ')') end--;
    const bool is_field = (before & SP_KEY_ADDRESS) != 0;
    const address a = {.end = end};
    if (!has_number || !has_cap || end < i + (is_field ? 2 : 3)) return none;
    const bool is_weak = !is_field && line->t[i - 1].letters <= 4 && end < i + 5; /* "at 5 Berlin" */
    return is_weak ? none : found(line, i, &a, 75);
}

sp_named sp_address_at(const sp_line *line, size_t i)
{
    static sp_named (*const sorts[])(const sp_line *, size_t) = {number_first, word_first, overseas,
                                                                 number_last,  box,        told};
    for (size_t k = 0; k < sizeof sorts / sizeof sorts[0]; k++) {
        const sp_named one = sorts[k](line, i);
        if (one.confidence != 0) return one;
    }
    return (sp_named){0};
}
