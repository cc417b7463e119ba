/* Is a line part of a comment of a program? A line that begins with '*' may be a bullet, one that begins with
 * '#' a heading: what makes it a comment stands above, where it was opened, and that may be far. It is
 * unmistakable only when all lines between go on alike. Walks up from line to line, no further than
 * FAR_MAX, and not over lines that were walked over before. */
#include "detect/names.h"

#include <string.h>

enum { FAR_MAX = 16384 };

/* Start of the line that ends before `end`, where its newline is; `least`: it begins there or before. */
static size_t line_above(sp_bytes t, size_t end, size_t least)
{
    size_t i = end - 1;
    while (i > least && t.p[i - 1] != '\n') i--;
    return i;
}

size_t sp_look_least(size_t from)
{
    return from > FAR_MAX ? from - FAR_MAX : 0;
}

bool sp_look_saw(sp_look_back *look, sp_look_memo *memo, size_t line, size_t at, bool is_so)
{
    look->is_far = look->is_far || at < look->near;
    *memo = (sp_look_memo){line, at, true, is_so};
    return is_so;
}

bool sp_look_knows(const sp_look_memo *memo, size_t from, size_t line, bool *is_so)
{
    if (!memo->is_known || memo->line != line) return false;
    *is_so = memo->is_so && memo->at >= sp_look_least(from);
    return true;
}

/* How a line stands in a block of "/" "*": it opens it, goes on, or is none of it. */
typedef enum block_line { BLOCK_NONE, BLOCK_GOES_ON, BLOCK_OPENS } block_line;

static block_line block_line_at(sp_bytes t, size_t i, size_t end)
{
    while (i < end && (t.p[i] == ' ' || t.p[i] == '\t')) i++;
    if (end - i < 1) return BLOCK_NONE;
    const bool opens = t.p[i] == '/' && end - i > 1 && t.p[i + 1] == '*';
    if (!opens && t.p[i] != '*') return BLOCK_NONE;
    for (size_t k = i; k + 1 < end; k++) {
        if (t.p[k] == '*' && t.p[k + 1] == '/') return BLOCK_NONE;
    }
    return opens ? BLOCK_OPENS : BLOCK_GOES_ON;
}

bool sp_comment_block(sp_look_back *look, size_t from)
{
    const sp_bytes t = look->text;
    const size_t least = sp_look_least(from);
    size_t line = from;
    bool is_so = false;
    if (look->block.is_known && look->block.at < from && from <= look->block.line) return look->block.is_so;
    while (line > least) {
        const size_t end = line - 1;
        line = line_above(t, line, least);
        if (line == least && least > 0) break; /* who knows how it begins */
        sp_meter_charge(look->meter, end - line + 1);
        if (sp_look_knows(&look->block, from, line, &is_so)) {
            line = look->block.at;
            break;
        }
        const block_line is = block_line_at(t, line, end);
        is_so = is == BLOCK_OPENS;
        if (is != BLOCK_GOES_ON) break;
    }
    return sp_look_saw(look, &look->block, from, line, is_so);
}

/* Three lines of comments with '#', or one that is empty or tells the program that runs it: headings do not
 * stand so. */
bool sp_comment_hashes(sp_look_back *look, size_t from)
{
    enum { RUN = 2, NEAR = 400 };
    const sp_bytes t = look->text;
    const size_t least = from > NEAR ? from - NEAR : 0;
    size_t line = from;
    bool is_so = false;
    for (unsigned n = 0; n < RUN && line > least && !is_so; n++) {
        const size_t end = line - 1;
        line = line_above(t, line, least);
        if (line == least && least > 0) break;
        size_t i = line;
        while (i < end && (t.p[i] == ' ' || t.p[i] == '\t')) i++;
        if (i == end || t.p[i] != '#') break;
        is_so = n + 1 == RUN || i + 1 == end || t.p[i + 1] == '!';
    }
    look->is_far = look->is_far || line < look->near;
    return is_so;
}
