/* Public authorship: who wrote, keeps or owns a work says so in it, for everybody. Names on such lines are
 * published with the work and are not told (docs/adr/0045-public-authorship.md). One table of what such lines
 * are known by; it is read once for a line in which a name was found, so that lines without one cost nothing.
 * Numbers, mail addresses and all else on the line are found as ever. */
#include "detect/names.h"

#include <string.h>

/* Where a mark makes the names behind it public. */
typedef enum mark_place {
    MARK_ANYWHERE, /* on any line */
    MARK_COMMENT,  /* in a comment of a program: elsewhere it is a field or a sentence about somebody */
    MARK_MAIL,     /* at the head of a line that also holds `<mail>`: of a log, of a package */
    MARK_HEADING,  /* at the head of a line above: the section of a manual page */
} mark_place;

typedef struct mark {
    const char *text; /* small letters; begins a word */
    uint8_t place;
    bool wants_year; /* the year, or another sign of a notice, follows */
} mark;

static const mark marks[] = {
    /* notices, and the text of licences that name whom they protect */
    {"copyright", MARK_ANYWHERE, true},
    {"copyright notice", MARK_ANYWHERE, false},
    {"copyright holder", MARK_ANYWHERE, false},
    {"\xc2\xa9", MARK_ANYWHERE, true},
    {"(c)", MARK_ANYWHERE, true},
    {"spdx-filecopyrighttext", MARK_ANYWHERE, false},
    {"spdx-filecontributor", MARK_ANYWHERE, false},
    {"neither the name of", MARK_ANYWHERE, false},
    {"contained in this notice, the name of", MARK_ANYWHERE, false},
    {"supporting documentation", MARK_ANYWHERE, false},
    {"of the above authors", MARK_ANYWHERE, false},
    {"write to the free software", MARK_ANYWHERE, false},
    {"free software foundation", MARK_ANYWHERE, false},
    /* trailers of commits */
    {"signed-off-by:", MARK_ANYWHERE, false},
    {"co-authored-by:", MARK_ANYWHERE, false},
    {"co-developed-by:", MARK_ANYWHERE, false},
    {"reviewed-by:", MARK_ANYWHERE, false},
    {"acked-by:", MARK_ANYWHERE, false},
    {"tested-by:", MARK_ANYWHERE, false},
    {"reported-by:", MARK_ANYWHERE, false},
    {"suggested-by:", MARK_ANYWHERE, false},
    {"helped-by:", MARK_ANYWHERE, false},
    {"changed-by:", MARK_ANYWHERE, false},
    /* tags of documentation, and what modules say of themselves */
    {"@author", MARK_ANYWHERE, false},
    {"\\author", MARK_ANYWHERE, false},
    {"@maintainer", MARK_ANYWHERE, false},
    {"__author__", MARK_ANYWHERE, false},
    {"__copyright__", MARK_ANYWHERE, false},
    {"__maintainer__", MARK_ANYWHERE, false},
    {"__credits__", MARK_ANYWHERE, false},
    {"moduleauthor::", MARK_ANYWHERE, false},
    {"sectionauthor::", MARK_ANYWHERE, false},
    /* packages, logs and keys: `Maintainer: Name <mail>` */
    {"maintainer:", MARK_MAIL, false},
    {"original-maintainer:", MARK_MAIL, false},
    {"xsbc-original-maintainer:", MARK_MAIL, false},
    {"uploaders:", MARK_MAIL, false},
    {"packager:", MARK_MAIL, false},
    {"author:", MARK_MAIL, false},
    {"authors:", MARK_MAIL, false},
    {"author-email:", MARK_MAIL, false},
    {"\"author\":", MARK_MAIL, false},
    {"debianized by", MARK_ANYWHERE, false},
    {"packaged for debian by", MARK_ANYWHERE, false},
    {"commit:", MARK_MAIL, false},
    {"committer", MARK_MAIL, false},
    {"tagger", MARK_MAIL, false},
    {"last-translator:", MARK_MAIL, false},
    {"\"last-translator:", MARK_MAIL, false},
    {"uid ", MARK_MAIL, false},
    {"gpg:", MARK_MAIL, false},
    /* credits in comments */
    {"author", MARK_COMMENT, false},
    {"authors", MARK_COMMENT, false},
    {"written", MARK_COMMENT, false},
    {"rewritten", MARK_COMMENT, false},
    {"created by", MARK_COMMENT, false},
    {"created:", MARK_COMMENT, false},
    {"contributed by", MARK_COMMENT, false},
    {"contributor", MARK_COMMENT, false},
    {"contributors", MARK_COMMENT, false},
    {"maintained by", MARK_COMMENT, false},
    {"maintainer", MARK_COMMENT, false},
    {"maintainers", MARK_COMMENT, false},
    {"developed by", MARK_COMMENT, false},
    {"implemented by", MARK_COMMENT, false},
    {"implementation by", MARK_COMMENT, false},
    {"designed by", MARK_COMMENT, false},
    {"modified by", MARK_COMMENT, false},
    {"modifications by", MARK_COMMENT, false},
    {"adapted by", MARK_COMMENT, false},
    {"adapted from", MARK_COMMENT, false},
    {"ported by", MARK_COMMENT, false},
    {"port by", MARK_COMMENT, false},
    {"translated by", MARK_COMMENT, false},
    {"based on", MARK_COMMENT, false},
    {"derived from", MARK_COMMENT, false},
    {"thanks to", MARK_COMMENT, false},
    {"credits", MARK_COMMENT, false},
    {"original code", MARK_COMMENT, false},
    {"foundation, inc.", MARK_COMMENT, false}, /* the postal address in older texts of the GPL */
    /* sections of manual pages and readme files */
    {"author", MARK_HEADING, false},
    {"authors", MARK_HEADING, false},
    {"contributors", MARK_HEADING, false},
    {"maintainers", MARK_HEADING, false},
    {"credits", MARK_HEADING, false},
    {"acknowledgments", MARK_HEADING, false},
    {"acknowledgements", MARK_HEADING, false},
};

/* ---- lines ---- */

static size_t skip_blanks(sp_bytes t, size_t i, size_t end)
{
    while (i < end && (t.p[i] == ' ' || t.p[i] == '\t')) i++;
    return i;
}

static bool begins_with(sp_bytes t, size_t i, size_t end, const char *word)
{
    const size_t n = strlen(word);
    return end - i >= n && memcmp(t.p + i, word, n) == 0;
}

/* Behind what makes a line a comment: that of C, of shells, of assemblers, of troff. 0: it is none. */
static size_t comment_end(sp_bytes t, size_t i, size_t end)
{
    static const char *const leaders[] = {"/*",    "//",   "*",    "#",    ";;",  "%",
                                          ".\\\"", "dnl ", "--[[", "<!--", "\" ", "\"\t"};
    i = skip_blanks(t, i, end);
    for (size_t k = 0; k < sizeof leaders / sizeof leaders[0]; k++) {
        if (!begins_with(t, i, end, leaders[k])) continue;
        i += strlen(leaders[k]);
        while (i < end && (t.p[i] == '*' || t.p[i] == '/' || t.p[i] == '#' || t.p[i] == '!')) i++;
        return skip_blanks(t, i, end);
    }
    return 0;
}

static size_t line_end(sp_bytes t, size_t i, size_t end)
{
    const uint8_t *newline = memchr(t.p + i, '\n', end - i);
    return newline != NULL ? (size_t)(newline - t.p) : end;
}

static bool has_mail(sp_bytes t, size_t i, size_t end)
{
    const uint8_t *open = memchr(t.p + i, '<', end - i);
    return open != NULL && memchr(open, '@', (size_t)(t.p + end - open)) != NULL;
}

/* ---- marks ---- */

static uint8_t small(uint8_t c)
{
    return sp_is_upper(c) ? c | 0x20 : c;
}

static bool is_mark(sp_bytes t, size_t i, size_t end, const char *text)
{
    const size_t n = strlen(text);
    if (end - i < n) return false;
    for (size_t k = 1; k < n; k++) {
        if (small(t.p[i + k]) != (uint8_t)text[k]) return false;
    }
    return !sp_is_alpha(text[n - 1]) || i + n == end || !sp_is_alnum(t.p[i + n]);
}

/* "Copyright (C) 2004", "Copyright: 2004", "© by", "Copyright the authors" at the end of a line. */
static bool has_year(sp_bytes t, size_t i, size_t end)
{
    enum { REACH = 12 };
    const size_t most = end - i < REACH ? end : i + REACH;
    for (size_t k = i; k < most; k++) {
        const uint8_t c = t.p[k];
        if (sp_is_digit(c) || c == 0xa9) return true;
        if (c == 'b' && k + 2 < most && t.p[k + 1] == 'y' && t.p[k + 2] == ' ') return true;
        if (sp_is_alpha(c) && c != 'c' && c != 'C') return false;
        if (c == '(' && k + 2 < most && small(t.p[k + 1]) == 'c' && t.p[k + 2] == ')') return true;
    }
    return false;
}

/* A line of which marks are asked. */
typedef struct notice_line {
    sp_bytes t;
    size_t head, end; /* [head, end) behind blanks and what makes it a comment */
    bool is_comment;
} notice_line;

/* May a mark of this sort count at `i`? */
static bool counts(const notice_line *line, const mark *m, size_t i)
{
    switch ((mark_place)m->place) {
    case MARK_ANYWHERE: {
        const bool is_head = i == line->head && m->text[0] == 'c';
        return !m->wants_year || is_head || has_year(line->t, i + strlen(m->text), line->end);
    }
    case MARK_COMMENT:
        return line->is_comment;
    case MARK_MAIL:
        return i == line->head && has_mail(line->t, i, line->end);
    case MARK_HEADING:
        break;
    }
    return false;
}

static bool has_mark(const notice_line *line, size_t i)
{
    const uint8_t first = small(line->t.p[i]);
    for (size_t k = 0; k < sizeof marks / sizeof marks[0]; k++) {
        const mark *m = &marks[k];
        if ((uint8_t)m->text[0] != first || !is_mark(line->t, i, line->end, m->text)) continue;
        if (counts(line, m, i)) return true;
    }
    return false;
}

/* The first mark of the line [from, end); `end`: there is none. */
static size_t mark_at(sp_bytes t, size_t from, size_t end)
{
    const size_t comment = comment_end(t, from, end);
    const notice_line line = {t, comment != 0 ? comment : skip_blanks(t, from, end), end, comment != 0};
    for (size_t i = line.head; i < end; i++) {
        const bool is_first = i == line.head || !sp_is_alnum(t.p[i - 1]);
        if (is_first && has_mark(&line, i)) return i;
    }
    return end;
}

/* "AUTHORS", ".SH AUTHOR", "## Contributors": nothing else stands on the line. */
static bool is_heading(sp_bytes t, size_t from, size_t end)
{
    size_t i = from, stop = end;
    if (begins_with(t, i, end, ".SH ") || begins_with(t, i, end, ".Sh ")) i += 4;
    if (begins_with(t, i, end, "=head1 ")) i += 7;
    while (i < end && (t.p[i] == '#' || t.p[i] == ' ' || t.p[i] == '"')) i++;
    const bool is_marked = i > from;
    while (stop > i && (t.p[stop - 1] == '"' || t.p[stop - 1] == '\r' || t.p[stop - 1] == ' ')) stop--;
    if (i == stop || (!is_marked && !sp_is_upper(t.p[stop - 1]))) return false;
    for (size_t k = 0; k < sizeof marks / sizeof marks[0]; k++) {
        const mark *m = &marks[k];
        if (m->place != MARK_HEADING || strlen(m->text) != stop - i) continue;
        if (small(t.p[i]) == (uint8_t)m->text[0] && is_mark(t, i, stop, m->text)) return true;
    }
    return false;
}

/* ---- logs of changes ---- */

static bool is_one_of(sp_bytes t, size_t i, size_t end, const char *names)
{
    for (; *names != '\0'; names += 3) {
        if (end - i >= 3 && memcmp(t.p + i, names, 3) == 0) return true;
    }
    return false;
}

/* " -- Name <mail>  Mon, 02 Jan 2006", "* Mon Jan 02 2006 Name <mail>", "2006-01-02  Name  <mail>". */
static bool is_of_log(sp_bytes t, size_t from, size_t end)
{
    static const char days[] = "MonTueWedThuFriSatSun";
    const size_t i = skip_blanks(t, from, end);
    if (!has_mail(t, i, end)) return false;
    if (begins_with(t, i, end, "-- ")) {
        const uint8_t *close = memchr(t.p + i, '>', end - i);
        return close != NULL && end - (size_t)(close - t.p) > 6 && close[1] == ' ' &&
               is_one_of(t, skip_blanks(t, (size_t)(close - t.p) + 1, end), end, days);
    }
    if (begins_with(t, i, end, "* ")) return is_one_of(t, i + 2, end, days);
    const bool is_date = end - i > 12 && sp_is_digit(t.p[i]) && t.p[i + 4] == '-' && t.p[i + 7] == '-';
    return is_date && t.p[i + 10] == ' ' && t.p[i + 11] == ' ';
}

/* Behind the years that begin a line: "2004, 2006-2008 Name". `from`: none do. */
static size_t years_end(sp_bytes t, size_t from, size_t end)
{
    enum { YEAR = 4 };
    size_t i = skip_blanks(t, from, end), last = from;
    while (end - i > YEAR) {
        const bool is_century = begins_with(t, i, end, "19") || begins_with(t, i, end, "20");
        if (!is_century || !sp_is_digit(t.p[i + 2]) || !sp_is_digit(t.p[i + 3])) break;
        i += YEAR;
        while (i < end && (t.p[i] == ',' || t.p[i] == '-' || t.p[i] == ' ')) i++;
        last = i;
    }
    return last;
}

/* "fix the parser (Name) [#123](…)": where the parenthesis before the number of a change opens. `end`: there
 * is none. */
static size_t change_at(sp_bytes t, size_t from, size_t end)
{
    for (size_t i = from; i + 5 < end; i++) {
        if (t.p[i] != ')' || t.p[i + 1] != ' ') continue;
        const bool is_change = (t.p[i + 2] == '[' || t.p[i + 2] == '(') && t.p[i + 3] == '#';
        if (!is_change || !sp_is_digit(t.p[i + 4])) continue;
        while (i > from && t.p[i] != '(') i--;
        return i;
    }
    return end;
}

/* ---- the question ---- */

/* A notice goes on over lines of comments, and of years. */
static bool is_notice_line(sp_bytes t, size_t from, size_t end)
{
    return comment_end(t, from, end) != 0 || years_end(t, from, end) != from;
}

/* Does one of the lines right above, as far as a part of a text may look back, make this one public? A
 * notice or a credit goes on over comment lines, a section over any. */
static bool goes_on(sp_bytes t, size_t from, bool is_comment)
{
    const size_t least = from > SP_CONTEXT_MAX ? from - SP_CONTEXT_MAX : 0;
    for (size_t end = from; end > least + 1;) {
        size_t i = end - 1;
        while (i > least && t.p[i - 1] != '\n') i--;
        if (is_heading(t, i, end - 1)) return true;
        const bool is_whole = i > least || i == 0;
        if (is_comment && mark_at(t, i, end - 1) < end - 1) return true;
        if (is_comment && is_whole) is_comment = is_notice_line(t, i, end - 1);
        is_comment = is_comment && i + 1 < end; /* an empty line ends a notice */
        end = i;
    }
    return false;
}

size_t sp_names_public_from(sp_bytes text, size_t from)
{
    enum { LINE_MAX = 512 };
    if (from > 0 && text.p[from - 1] != '\n') return SIZE_MAX; /* within a line too long for a notice */
    const size_t end = line_end(text, from, text.n - from < LINE_MAX ? text.n : from + LINE_MAX);
    if (is_of_log(text, from, end)) return from;
    if (years_end(text, from, end) != from && has_mail(text, from, end)) return from;
    if (goes_on(text, from, is_notice_line(text, from, end))) return from;
    const size_t at = mark_at(text, from, end), change = change_at(text, from, end);
    if (change < end && change < at) return change;
    return at < end ? at : SIZE_MAX;
}
