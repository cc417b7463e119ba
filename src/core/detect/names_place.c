/* Places: names that lists hold; other names behind "in", the name of a field, or in the row of a table. */
#include "detect/names.h"

enum { LONGEST = 4 };

/* Tokens of the longest phrase at `i` that is a place; 0: none. */
static size_t known(const sp_line *line, size_t i, uint32_t flags)
{
    size_t n = sp_line_has(line, i, flags) ? 1 : 0;
    if (!sp_line_has(line, i, SP_WORD_PHRASE)) return n;
    const size_t most = i + LONGEST < line->n ? LONGEST : line->n - i;
    for (size_t k = 2; k <= most; k++) {
        if ((sp_line_phrase(line, i, i + k - 1) & flags) != 0) n = k;
    }
    return n;
}

static sp_named found(const sp_line *line, size_t i, size_t n, uint8_t confidence)
{
    return (sp_named){i + n, line->t[i].start, line->t[i + n - 1].end, SP_KIND_LOCATION, confidence};
}

/* "Bad Homburg", "San Pedro", "Stadt am Fluss". */
static size_t unknown(const sp_line *line, size_t i)
{
    if (sp_line_has(line, i, SP_WORD_CAMEL)) return 0;
    if (sp_line_has(line, i, SP_WORD_COMMON) && !sp_line_has(line, i, SP_WORD_PLACE_FIRST)) return 0;
    const size_t end = sp_line_chain(line, i, 3);
    for (size_t k = i + 1; k < end; k++) {
        if (sp_line_has(line, k, SP_WORD_COMMON | SP_WORD_LEGAL)) return k - i;
    }
    return end - i;
}

/* A field of a table row with a mail address: what is no name and no number is where somebody lives. */
static bool is_in_table(const sp_line *line, size_t i, size_t n)
{
    const bool begins = i > 0 && (line->t[i - 1].c == ';' || line->t[i - 1].c == '|');
    const bool ends = i + n == line->n || line->t[i + n].c == ';' || line->t[i + n].c == '|';
    return line->is_table && line->has_mail && begins && ends;
}

static bool ends_like_place(const sp_line *line, size_t i)
{
    return line->t[i].letters >= 6 && sp_line_ends(line, i, SP_END_PLACE);
}

static sp_named guess(const sp_line *line, size_t i)
{
    const sp_named none = {0};
    const size_t n = unknown(line, i);
    if (n == 0) return none;
    if (is_in_table(line, i, n)) return found(line, i, n, 65);
    const uint32_t before = sp_line_before(line, i, SP_KEY_PLACE | SP_CUE_PLACE);
    const bool is_code = i + n < line->n && !line->t[i + n].is_apart &&
                         (line->t[i + n].c == '[' || line->t[i + n].c == '(' || line->t[i + n].c == '_');
    if (is_code) return none;
    if ((before & SP_KEY_PLACE) != 0) return found(line, i, n, 80);
    if ((before & SP_CUE_PLACE) == 0 || sp_line_has(line, i, SP_WORD_GIVEN | SP_WORD_TITLE)) return none;
    const bool is_end = i + n == line->n || line->t[i + n].shape == SP_SHAPE_MARK;
    if (line->has_mail && is_end) return found(line, i, n, 65);
    const bool is_like = sp_line_has(line, i, SP_WORD_PLACE_FIRST) ? n > 1 : ends_like_place(line, i + n - 1);
    return is_like ? found(line, i, n, 60) : none;
}

/* "created by: Name": the name of no field, though "by" is a town in Denmark. */
static bool is_agent(const sp_line *line, size_t i)
{
    return i > 2 && sp_line_is_word(line, i - 2, "by") && line->t[i - 3].shape == SP_SHAPE_LOWER;
}

sp_named sp_location_at(const sp_line *line, size_t i)
{
    if (!sp_line_is_cap(line, i) || (i > 0 && !line->t[i].is_apart && line->t[i - 1].shape != SP_SHAPE_MARK))
        return (sp_named){0};
    if (is_agent(line, i)) return (sp_named){0};
    const size_t n = known(line, i, SP_WORD_PLACE);
    const uint32_t before = sp_line_before(line, i, SP_KEY_PLACE | SP_CUE_PLACE);
    const bool is_sure = n > 0 && !sp_line_has(line, i, SP_WORD_MAYBE_PLACE);
    if (is_sure) return found(line, i, n, before != 0 ? 75 : 60);
    const size_t m = known(line, i, SP_WORD_MAYBE_PLACE | SP_WORD_PLACE);
    if (m > 0 && before != 0) return found(line, i, m, 70);
    return guess(line, i);
}
