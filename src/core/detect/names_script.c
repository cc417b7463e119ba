/* Names in writing that has no capitals but stands in words: Arabic, Hebrew, Devanagari, and Thai, which puts
 * a title and a given name into one. A word of such a script may be anything, so that nothing is a name but
 * by a title, a salutation, the name of a field, or two names of the lists side by side. */
#include "detect/names_words.h"

#include <string.h>

enum { WORDS_MAX = 4, FREE_MAX = 28, STREET_MAX = 16 };
enum { LISTED = SP_WORD_GIVEN | SP_WORD_FAMILY };

bool sp_line_is_script(const sp_line *line, size_t i)
{
    if (i >= line->n || line->t[i].shape != SP_SHAPE_LOWER) return false;
    const uint32_t c = sp_glyph_at(line->p, line->t[i].start, line->t[i].end).code;
    return (c >= 0x590 && c < 0x780) || (c >= 0x900 && c < 0x980) || (c >= 0xe00 && c < 0xe80);
}

static bool is_thai(const sp_line *line, size_t i)
{
    return sp_line_is_script(line, i) && line->p[line->t[i].start] == 0xe0 &&
           line->p[line->t[i].start + 1] >= 0xb8;
}

static sp_named found(const sp_line *line, size_t i, size_t end, sp_kind kind, uint8_t confidence)
{
    return (sp_named){end, line->t[i].start, line->t[end - 1].end, (uint8_t)kind, confidence};
}

/* Words of the script from `i` on, at most `most`, up to one of those that sentences are made of. */
static size_t words_end(const sp_line *line, size_t i, size_t most)
{
    size_t end = i;
    while (end < i + most && sp_line_is_script(line, end) && !sp_line_has(line, end, SP_WORD_COMMON) &&
           (end == i || line->t[end].is_apart))
        end++;
    return end;
}

/* ---- persons ---- */

/* "المنصوري": with an article in front and the ending of an origin, as families have them. */
static bool is_origin(const sp_line *line, size_t i)
{
    const uint8_t *p = line->p + line->t[i].start;
    const size_t n = line->t[i].end - line->t[i].start;
    return line->t[i].letters >= 6 && memcmp(p, "ال", 4) == 0 && memcmp(p + n - 2, "ي", 2) == 0;
}

static bool is_name_word(const sp_line *line, size_t i)
{
    return sp_line_has(line, i, LISTED | SP_WORD_PARTICLE) || sp_line_has(line, i - 1, SP_WORD_PARTICLE) ||
           is_origin(line, i);
}

/* Behind a title or a salutation: one word, those of the lists that follow, and one before the end of what is
 * said. */
static size_t name_end(const sp_line *line, size_t i)
{
    const size_t all = words_end(line, i, WORDS_MAX + 1);
    size_t end = i + 1;
    while (end < all && end < i + WORDS_MAX && is_name_word(line, end)) end++;
    const bool is_last = end + 1 == all && all <= i + WORDS_MAX && end < i + 3;
    return is_last ? all : end;
}

/* Behind a title: may this be a name? One of the lists is, but for a feast of a god ("श्री गणेश चतुर्थी"). Of
 * others no word with an article is, but for an origin, and no verb of what will be ("سيعود"). */
static bool may_be_name(const sp_line *line, size_t i)
{
    static const char *const heads[] = {"ال", "سي", "ست", "سن", "سأ"};
    if (sp_line_is_word(line, i + 1, "चतुर्थी|जयंती|मंदिर|उत्सव|विसर्जन")) return false;
    if (sp_line_has(line, i, LISTED)) return true;
    if (sp_line_has(line, i, SP_WORD_COMMON)) return false;
    if (is_origin(line, i)) return true;
    const size_t n = line->t[i].end - line->t[i].start;
    for (size_t k = 0; k < sizeof heads / sizeof heads[0]; k++) {
        if (n > 4 && memcmp(line->p + line->t[i].start, heads[k], 4) == 0) {
            return k > 0 && sp_line_has(line, i + 1, LISTED);
        }
    }
    return true;
}

/* Titles, each with its dot or its stroke: "د. ", "גב' ". */
static size_t skip_titles(const sp_line *line, size_t i)
{
    while (sp_line_is_script(line, i) && sp_line_has(line, i, SP_WORD_TITLE)) {
        i++;
        while (sp_line_is(line, i, '.') || sp_line_is(line, i, '\'') || sp_line_is(line, i, '/')) i++;
        if (sp_line_is(line, i, (char)0xd7) || sp_line_is(line, i, '"')) i++; /* a geresh of its own */
    }
    return i;
}

static sp_named person(const sp_line *line, size_t i)
{
    const size_t first = skip_titles(line, i);
    if (!sp_line_is_script(line, first) || line->t[first].letters < 2) return (sp_named){0};
    if (first != i)
        return may_be_name(line, first) ? found(line, first, name_end(line, first), SP_KIND_PERSON, 85)
                                        : (sp_named){0};
    const uint32_t before = sp_line_before(line, i, SP_KEY_PERSON | SP_CUE_STRONG);
    const size_t all = words_end(line, i, WORDS_MAX + 1);
    const bool is_named = sp_line_has(line, i, LISTED);
    if ((before & SP_KEY_PERSON) != 0 && all <= i + WORDS_MAX && (all > i + 1 || is_named))
        return found(line, i, all, SP_KIND_PERSON, 85);
    if ((before & SP_CUE_STRONG) != 0 && is_named)
        return found(line, i, name_end(line, i), SP_KIND_PERSON, 80);
    if (!sp_line_has(line, i, SP_WORD_GIVEN)) return (sp_named){0};
    size_t end = i + 1;
    while (end < all && is_name_word(line, end)) end++;
    while (end > i && sp_line_has(line, end - 1, SP_WORD_PARTICLE)) end--;
    return end > i + 1 ? found(line, i, end, SP_KIND_PERSON, 70) : (sp_named){0};
}

/* Bytes of the word of the list that token `i` begins with; 0: none. */
static size_t prefix(const sp_line *line, size_t i, const char *words)
{
    const sp_bytes text = {line->p + line->t[i].start, line->t[i].end - line->t[i].start};
    for (;;) {
        const size_t n = strcspn(words, "|");
        if (n <= text.n && memcmp(text.p, words, n) == 0) return n;
        if (words[n] == '\0') return 0;
        words += n + 1;
    }
}

/* "นายสมชาย ใจดี": what else begins like a title is told by what stands behind it. */
static sp_named thai_person(const sp_line *line, size_t i)
{
    static const char titles[] = "นางสาว|นาย|นาง|ด.ช.|ด.ญ.|น.ส.|ดร.|คุณ";
    static const char others[] = "กรัฐมนตรี|กเทศมนตรี|กสมาคม|กองค์|แพทย์|จ้าง|หน้า|ทุน|"
                                 "ทหาร|ตำรวจ|ฟ้า|แบบ|งาม|เอก|รอง|สามารถ|ภาพ|สมบัติ|"
                                 "ค่า|ลักษณะ";
    enum { GIVEN_MAX = 20 };
    const size_t n = prefix(line, i, titles);
    const uint32_t start = line->t[i].start + (uint32_t)n;
    if (n == 0 || line->t[i].letters > GIVEN_MAX) return (sp_named){0};
    size_t given = i, end = i + 1;
    uint32_t from = start;
    if (start == line->t[i].end) { /* a blank stands between */
        given = i + 1;
        end = i + 2;
        if (!is_thai(line, given) || line->t[given].letters > GIVEN_MAX) return (sp_named){0};
        from = line->t[given].start;
    }
    sp_line rest;
    sp_line_read(&rest, line->words, (sp_bytes){line->p, line->t[given].end}, from, line->t[given].end);
    if (rest.n != 1 || rest.t[0].letters < 2 || prefix(&rest, 0, others) != 0) return (sp_named){0};
    const bool has_family = is_thai(line, end) && line->t[end].is_apart && line->t[end].letters <= GIVEN_MAX;
    const bool is_you = prefix(line, i, "คุณ") != 0;
    if (!sp_line_has(&rest, 0, SP_WORD_GIVEN) && (is_you || !has_family)) return (sp_named){0};
    if (has_family) end++;
    return (sp_named){end, from, line->t[end - 1].end, SP_KIND_PERSON, 85};
}

/* ---- addresses, places, organisations ---- */

static bool is_number(const sp_line *line, size_t i)
{
    if (i >= line->n) return false;
    if (line->t[i].shape == SP_SHAPE_NUMBER) return true;
    const uint32_t c = sp_glyph_at(line->p, line->t[i].start, line->t[i].end).code;
    return (c >= 0x660 && c < 0x66a) || (c >= 0x6f0 && c < 0x6fa) || (c >= 0x966 && c < 0x970) ||
           (c >= 0xe50 && c < 0xe5a);
}

static bool ends_address(const sp_line *line, size_t i)
{
    const sp_tok *t = &line->t[i];
    if (t->shape != SP_SHAPE_MARK) return !sp_line_is_script(line, i) && t->shape != SP_SHAPE_NUMBER;
    return t->c != ',' && t->c != '-' && t->c != '/' && t->c != 0xd8 && t->c != '\'' &&
           !(t->c == '.' && i + 1 < line->n && !line->t[i + 1].is_apart);
}

/* Behind the name of a field, or a word for a street: up to what ends it, with a number. */
static sp_named address(const sp_line *line, size_t i)
{
    const bool is_field = sp_line_before(line, i, SP_KEY_ADDRESS) != 0;
    const bool is_street = sp_line_has(line, i, SP_WORD_STREET) && sp_line_is_script(line, i + 1);
    if (!is_field && !is_street) return (sp_named){0};
    const size_t most = i + (is_field ? FREE_MAX : STREET_MAX);
    size_t end = i, number = 0;
    while (end < line->n && end < most && !ends_address(line, end)) {
        if (number == 0 && is_number(line, end)) number = end;
        end++;
    }
    while (end > i && line->t[end - 1].shape == SP_SHAPE_MARK) end--;
    const bool is_near = is_field || number <= i + 5;
    return number != 0 && is_near && end > i + 1 ? found(line, i, end, SP_KIND_ADDRESS, is_field ? 80 : 75)
                                                 : (sp_named){0};
}

static sp_named place(const sp_line *line, size_t i)
{
    enum { PLACE_MAX = 3 };
    const size_t all = words_end(line, i, PLACE_MAX + 1);
    if (sp_line_before(line, i, SP_KEY_PLACE) != 0 && all <= i + PLACE_MAX)
        return found(line, i, all, SP_KIND_LOCATION, 75);
    size_t end = sp_line_has(line, i, SP_WORD_PLACE) ? i + 1 : i;
    if (i + 1 < all && sp_line_has(line, i, SP_WORD_PHRASE) &&
        (sp_line_phrase(line, i, i + 1) & SP_WORD_PLACE) != 0)
        end = i + 2;
    return end > i ? found(line, i, end, SP_KIND_LOCATION, 60) : (sp_named){0};
}

/* Up to a legal form: "شركة النور المحدودة", "אור בע\"מ", "बिजली लिमिटेड", "บริษัท แสง จำกัด". */
static sp_named organization(const sp_line *line, size_t i)
{
    enum { ORG_MAX = 6 };
    const size_t all = words_end(line, i, ORG_MAX);
    if (sp_line_before(line, i, SP_KEY_ORG) != 0 && all <= i + WORDS_MAX)
        return found(line, i, all, SP_KIND_ORGANIZATION, 75);
    const bool is_first =
        sp_line_has(line, i, SP_WORD_ORG) || (is_thai(line, i) && prefix(line, i, "บริษัท") != 0);
    for (size_t k = i; k < all; k++) {
        const bool is_hebrew = sp_line_is_word(line, k, "בע") && sp_line_is_word(line, k + 2, "מ") &&
                               !line->t[k + 1].is_apart && !line->t[k + 2].is_apart;
        if (is_hebrew && k > i) return found(line, i, k + 3, SP_KIND_ORGANIZATION, 80);
        const bool is_form = (sp_line_has(line, k, SP_WORD_LEGAL) && k > i) ||
                             (is_thai(line, k) && is_first && prefix(line, k, "จำกัด") != 0);
        if (is_form && (is_first || k <= i + 2)) {
            while (k + 1 < all && sp_line_has(line, k + 1, SP_WORD_LEGAL)) k++;
            return found(line, i, k + 1, SP_KIND_ORGANIZATION, 80);
        }
    }
    return (sp_named){0};
}

sp_named sp_name_of_script_at(const sp_line *line, size_t i)
{
    static sp_named (*const sorts[])(const sp_line *, size_t) = {address, organization, thai_person, person,
                                                                 place};
    const bool is_field = sp_line_before(line, i, SP_KEY_ADDRESS) != 0 && is_number(line, i);
    if (!sp_line_is_script(line, i) && !is_field) return (sp_named){0};
    for (size_t k = 0; k < sizeof sorts / sizeof sorts[0]; k++) {
        const sp_named one = sorts[k](line, i);
        if (one.confidence != 0) return one;
    }
    return (sp_named){0};
}
