/* Public authorship: who wrote, keeps or owns a work says so in it, for everybody. Names in such lists are
 * published with the work and are not told (docs/adr/0045-public-authorship.md). What is not unmistakable is
 * told: a mark counts only where works have it, and only for the list of names right behind it. Asked once
 * for a line in which a name was found, so that lines without one cost nothing. */
#include "detect/names.h"

#include <string.h>

/* Where a mark makes the names behind it public. */
typedef enum mark_place {
    MARK_NOTICE,  /* with its year, at the head of a line; with a sign, too, on any part of it */
    MARK_SIGN,    /* with its year, in a comment: elsewhere "(c)" is an item of a list */
    MARK_TAG,     /* at the head of a line or comment */
    MARK_MAIL,    /* at the head of a line that goes on with `Name <mail>`: of a package, of a commit */
    MARK_COMMENT, /* at the head of a comment of a program, or of a line in the section AUTHORS; anywhere in a
                     comment that nothing else looks like */
    MARK_COLON,   /* the same, with a colon or a dash behind it */
    MARK_DATE, /* the same, with a date behind it: "created 2002/10/21, Name", "Written 1995-1999 by Name" */
    MARK_PACKAGE,  /* a field of the metadata of a package, below its other fields */
    MARK_LICENCE,  /* on any line: a phrase of licences, for the organisation that is named right behind it */
    MARK_WARRANTY, /* the same, for organisations anywhere on the line */
} mark_place;

typedef struct mark {
    const char *text; /* small letters */
    uint8_t place;
} mark;

static const mark marks[] = {
    {"copyright", MARK_NOTICE},
    {"\xc2\xa9", MARK_NOTICE},
    {"(c)", MARK_SIGN},
    {"spdx-filecopyrighttext:", MARK_TAG},
    {"spdx-filecontributor:", MARK_TAG},
    {"free software foundation", MARK_LICENCE},
    {"foundation, inc.", MARK_LICENCE}, /* the postal address in older texts of the GPL */
    {"neither the name of", MARK_LICENCE},
    {"of the above authors, nor", MARK_LICENCE},
    {"contained in this notice, the name of", MARK_LICENCE},
    {"in supporting documentation", MARK_WARRANTY},
    {"used in advertising or publicity", MARK_WARRANTY},
    {"makes no representations", MARK_WARRANTY},
    {"nor the names of its contributors", MARK_WARRANTY},
    {"is a trademark of", MARK_WARRANTY},
    {"are trademarks of", MARK_WARRANTY},
    /* trailers of commits */
    {"signed-off-by:", MARK_MAIL},
    {"co-authored-by:", MARK_MAIL},
    {"co-developed-by:", MARK_MAIL},
    {"reviewed-by:", MARK_MAIL},
    {"acked-by:", MARK_MAIL},
    {"tested-by:", MARK_MAIL},
    {"reported-by:", MARK_MAIL},
    {"suggested-by:", MARK_MAIL},
    {"helped-by:", MARK_MAIL},
    {"changed-by:", MARK_MAIL},
    /* tags of documentation, and what modules say of themselves */
    {"@author", MARK_TAG},
    {"\\author", MARK_TAG},
    {"@maintainer", MARK_TAG},
    {"__author__", MARK_TAG},
    {"__copyright__", MARK_TAG},
    {"__maintainer__", MARK_TAG},
    {".. moduleauthor::", MARK_TAG},
    {".. sectionauthor::", MARK_TAG},
    {":author:", MARK_TAG},
    {":copyright:", MARK_TAG},
    /* packages and keys */
    {"maintainer:", MARK_MAIL},
    {"original-maintainer:", MARK_MAIL},
    {"xsbc-original-maintainer:", MARK_MAIL},
    {"uploaders:", MARK_MAIL},
    {"packager:", MARK_MAIL},
    {"author:", MARK_PACKAGE},
    {"maintainer:", MARK_PACKAGE},
    {"author:", MARK_MAIL},
    {"authors:", MARK_MAIL},
    {"last-translator:", MARK_MAIL},
    {"\"last-translator:", MARK_MAIL},
    /* credits in comments */
    {"author", MARK_COLON},
    {"authors", MARK_COLON},
    {"author(s)", MARK_COLON},
    {"original author", MARK_COLON},
    {"written", MARK_DATE},
    {"created", MARK_DATE},
    {"written by", MARK_COMMENT},
    {"originally written by", MARK_COMMENT},
    {"rewritten by", MARK_COMMENT},
    {"created by", MARK_COMMENT},
    {"contributed by", MARK_COMMENT},
    {"contributor:", MARK_COMMENT},
    {"contributors:", MARK_COMMENT},
    {"maintained by", MARK_COMMENT},
    {"maintainer:", MARK_COMMENT},
    {"maintainers:", MARK_COMMENT},
    {"developed by", MARK_COMMENT},
    {"implemented by", MARK_COMMENT},
    {"designed by", MARK_COMMENT},
    {"modified by", MARK_COMMENT},
    {"adapted by", MARK_COMMENT},
    {"ported by", MARK_COMMENT},
    {"translated by", MARK_COMMENT},
    {"updated by", MARK_COMMENT},
    {"hacked by", MARK_COMMENT},
    {"implementation by", MARK_COMMENT},
    {"module by", MARK_COMMENT},
    {"code by", MARK_COMMENT},
    {"patch by", MARK_COMMENT},
    {"patch from", MARK_COMMENT},
    {"work by", MARK_COMMENT},
    {"thanks to", MARK_COMMENT},
    {"credited to", MARK_COMMENT},
    {"courtesy of", MARK_COMMENT},
};

/* Behind these stands whom others write about: nothing on their line is public. */
static const char private_words[] =
    "|patient|patients|patientin|patientinnen|patienten|client|customer|kunde|kundin|klient|klientin|mr|mrs|"
    "ms|"
    "miss|mx|dr|prof|herr|herrn|frau|fr|hr|mme|monsieur|madame|sr|sra|employee|mitarbeiter|mitarbeiterin|"
    "witness|zeuge|zeugin|zeugen|nurse|religion|diagnosis|diagnose|salary|gehalt|adresse|anschrift|complaint|"
    "beschwerde|dismissed|insulted|hiv|";

/* What joins names in a list, or belongs to them. */
static const char joining_words[] =
    "|and|by|the|of|und|et|van|von|der|den|de|la|le|del|della|da|di|do|dos|du|ten|ter|zu|y|e|c|its|present|"
    "others|other|contributors|authors|affiliates|rights|reserved|";

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

static size_t line_end(sp_bytes t, size_t i, size_t end)
{
    const uint8_t *newline = memchr(t.p + i, '\n', end - i);
    return newline != NULL ? (size_t)(newline - t.p) : end;
}

static uint8_t small(uint8_t c)
{
    return sp_is_upper(c) ? c | 0x20 : c;
}

/* ---- comments ---- */

/* How far back a part of a text may look, so that it says what the whole says: a byte less than a part is
 * given, since what begins there looks like the beginning of the text. */
static size_t look_back(size_t i)
{
    return i >= SP_CONTEXT_MAX ? i - (SP_CONTEXT_MAX - 1) : 0;
}

static size_t skip_leader(sp_bytes t, size_t i, size_t end)
{
    while (i < end && (t.p[i] == '*' || t.p[i] == '/' || t.p[i] == '#' || t.p[i] == ';' || t.p[i] == '!'))
        i++;
    return skip_blanks(t, i, end);
}

/* Behind what makes the line at `from` a comment of a program. 0: it is none. `#` may be a heading: only the
 * mark behind it, with its colon or "by", says that it is none. */
static size_t comment_end(sp_look_back *look, size_t from, size_t end, bool *is_sure)
{
    static const char *const leaders[] = {"/*", "//", ";;", ".\\\"", "dnl "};
    const sp_bytes t = look->text;
    const size_t i = skip_blanks(t, from, end);
    *is_sure = true;
    for (size_t k = 0; k < sizeof leaders / sizeof leaders[0]; k++) {
        if (begins_with(t, i, end, leaders[k])) return skip_leader(t, i + strlen(leaders[k]), end);
    }
    if (begins_with(t, i, end, "*") && sp_comment_block(look, from)) return skip_leader(t, i, end);
    *is_sure = begins_with(t, i, end, "#") && sp_comment_hashes(look, from);
    return *is_sure || begins_with(t, i, end, "# ") ? skip_leader(t, i, end) : 0;
}

/* ---- words ---- */

static bool is_word_byte(uint8_t c)
{
    return sp_is_alnum((char)c) || c >= 0x80 || c == '_';
}

static size_t word_end(sp_bytes t, size_t i, size_t end)
{
    while (i < end && is_word_byte(t.p[i])) i++;
    return i;
}

/* Is the word [i, stop) one of those between '|'? */
static bool is_listed(sp_bytes t, size_t i, size_t stop, const char *words)
{
    for (const char *w = words + 1; *w != '\0'; w++) {
        size_t k = 0;
        while (i + k < stop && small(t.p[i + k]) == (uint8_t)w[k]) k++;
        if (w[k] == '|' && i + k == stop) return true;
        while (*w != '|') w++;
    }
    return false;
}

static bool is_private(sp_bytes t, size_t i, size_t end)
{
    while (i < end) {
        const size_t stop = word_end(t, i, end);
        if (stop > i && is_listed(t, i, stop, private_words)) return true;
        i = stop > i ? stop : i + 1;
    }
    return false;
}

#define DASH "\xe2\x80\x93"

static bool is_year(sp_bytes t, size_t i, size_t end)
{
    const bool is_century = begins_with(t, i, end, "19") || begins_with(t, i, end, "20");
    return is_century && end - i >= 4 && sp_is_digit((char)t.p[i + 2]) && sp_is_digit((char)t.p[i + 3]) &&
           (end - i == 4 || !is_word_byte(t.p[i + 4]) || begins_with(t, i + 4, end, DASH));
}

/* "-98" behind a year: the year up to which. */
static bool is_year_part(sp_bytes t, size_t from, size_t i, size_t end)
{
    if (i < from + 5 || t.p[i - 1] != '-' || !is_year(t, i - 5, end)) return false;
    return i + 2 >= end || !is_word_byte(t.p[i + 2]) || !is_word_byte(t.p[i + 1]);
}

/* Does a capital of a script of names begin here? Scripts without capitals do not say where a list ends. */
static bool is_capital(sp_bytes t, size_t i, size_t end)
{
    const uint8_t c = t.p[i], next = i + 1 < end ? t.p[i + 1] : 0;
    if (c < 0x80) return sp_is_upper((char)c);
    return (c == 0xc3 && next < 0x9f) || c == 0xc4 || c == 0xc5 || (c == 0xce && next < 0xac) ||
           (c == 0xd0 && next < 0xb0);
}

/* ---- lists of names ---- */

/* Behind `<mail>` or a word that is a mail address; `i`: there is none. */
static size_t mail_end(sp_bytes t, size_t i, size_t end)
{
    const bool is_angled = t.p[i] == '<';
    bool has_at = false;
    size_t k = is_angled ? i + 1 : i;
    for (; k < end && t.p[k] != ' ' && t.p[k] != '>' && t.p[k] != ',' && t.p[k] != ')'; k++) {
        has_at = has_at || t.p[k] == '@' || (is_angled && t.p[k] == '/');
    }
    if (!has_at) return i;
    return is_angled && k < end && t.p[k] == '>' ? k + 1 : k;
}

/* A word of a list: a name, a year, a mail address, what joins them. `i`: it is none. */
static size_t listed_end(sp_bytes t, size_t i, size_t end)
{
    const size_t mail = mail_end(t, i, end);
    if (mail > i) return mail;
    const bool is_before = is_year(t, i, end); /* a dash may join it to another */
    const size_t stop = is_before ? i + 4 : word_end(t, i, end);
    const bool is_of_list = is_before || is_capital(t, i, end) || is_listed(t, i, stop, joining_words);
    return is_of_list ? stop : i;
}

static bool is_mark(sp_bytes t, size_t i, size_t end, const char *text)
{
    const size_t n = strlen(text);
    if (end - i < n) return false;
    for (size_t k = 0; k < n; k++) {
        if (small(t.p[i + k]) != (uint8_t)text[k]) return false;
    }
    return !sp_is_alpha(text[n - 1]) || i + n == end || !is_word_byte(t.p[i + n]);
}

/* "Copyright Hartl & Sohn, Inc. All rights reserved." */
static bool is_reserved(sp_bytes t, size_t i, size_t end)
{
    for (; i < end; i++) {
        if (small(t.p[i]) == 'r' && is_mark(t, i, end, "rights reserved")) return true;
    }
    return false;
}

/* Ends a sentence: a dot behind a year or what is no abbreviation. */
static bool is_full_stop(sp_bytes t, size_t i, size_t end, size_t word)
{
    enum { SHORT = 4 };
    const bool is_stop = t.p[i] == '.' && i + 1 < end && t.p[i + 1] == ' ';
    if (is_stop && is_reserved(t, i, end)) return false;
    return is_stop && (word > SHORT || (word == SHORT && sp_is_digit((char)t.p[i - 1])));
}

/* What stands between the names of a list. */
static bool is_between(uint8_t c)
{
    static const bool is_sign[128] = {
        [' '] = true, ['\t'] = true, [','] = true, ['&'] = true, ['.'] = true, ['-'] = true,
        ['+'] = true, ['\''] = true, ['"'] = true, ['('] = true, [')'] = true, ['*'] = true,
        ['/'] = true, ['\r'] = true, ['['] = true, [']'] = true};
    return c < 0x80 && is_sign[c];
}

/* Behind the list of names that begins at `i`. `i`: what stands here says something of whom it names, with a
 * colon or an amount. */
static size_t list_end(sp_bytes t, size_t from, size_t end)
{
    size_t i = from, word = 0;
    while (i < end) {
        const uint8_t c = t.p[i];
        if (begins_with(t, i, end, DASH)) {
            i += sizeof DASH - 1;
            continue;
        }
        if (is_word_byte(c) || c == '<') {
            const bool is_joined =
                i > from && (t.p[i - 1] == '-' || t.p[i - 1] == '\'') && word > 0 && sp_is_alpha((char)c);
            const bool is_whole = is_joined || is_year_part(t, from, i, end);
            const size_t stop = is_whole ? word_end(t, i, end) : listed_end(t, i, end);
            if (stop == i) return sp_is_digit((char)c) ? from : i;
            word = stop - i;
            i = stop;
            continue;
        }
        if (c == ':') return from;
        if (!is_between(c)) return i;
        if (is_full_stop(t, i++, end, word)) return i;
        if (c != '-' && c != '\'') word = 0;
    }
    return end;
}

/* Does `Name <mail>` stand here? */
static bool is_name_and_mail(sp_bytes t, size_t i, size_t end)
{
    const uint8_t *open = memchr(t.p + i, '<', end - i);
    if (open == NULL) return false;
    const size_t at = (size_t)(open - t.p);
    return list_end(t, i, at) == at && mail_end(t, at, end) > at;
}

/* ---- marks ---- */

/* The year of a notice: "Copyright (C) 2004", "Copyright: 2004". @param sign  receives whether "(c)" or its
 * sign stands before. `end`: there is none. */
static size_t notice_year(sp_bytes t, size_t i, size_t end, bool *sign)
{
    for (; i < end; i++) {
        if (sp_is_digit((char)t.p[i])) return is_year(t, i, end) ? i : end;
        const bool is_c = is_mark(t, i, end, "(c)"), is_sign = begins_with(t, i, end, "\xc2\xa9");
        *sign = *sign || is_c || is_sign;
        if (is_c || is_sign)
            i += is_c ? 2 : 1;
        else if (strchr(" \t:,.", t.p[i]) == NULL)
            return end;
    }
    return end;
}

/* "Copyright Maria Gonzalez 2004", "Copyright (c) Maria Gonzalez <mail>": a list that has them itself. */
static bool has_year_or_mail(sp_bytes t, size_t i, size_t end)
{
    const size_t stop = list_end(t, i, end);
    for (; i < stop; i++) {
        if (!is_word_byte(t.p[i - 1]) && is_year(t, i, stop)) return true;
        if (t.p[i] == '<' && mail_end(t, i, stop) > i) return true;
    }
    return false;
}

/* A line of which marks are asked. */
typedef struct notice_line {
    sp_bytes t;
    size_t from;
    size_t head, end; /* [head, end) behind blanks and what makes it a comment */
    size_t tag;       /* behind marks, too, that may be bullets: a notice or a tag says itself what it is */
    bool is_comment;
    bool is_sure; /* of a program, whatever it says */
    bool is_section;
    uint8_t place; /* mark_place of what was found last */
} notice_line;

static size_t skip_colons(sp_bytes t, size_t i, size_t end)
{
    i = skip_blanks(t, i, end);
    while (i < end && (t.p[i] == ':' || t.p[i] == '=')) i++;
    return i;
}

/* A notice has its year; or its sign and stands at the head of a line, or reserves all rights there. */
static size_t notice_list(const notice_line *line, size_t i, size_t behind)
{
    const sp_bytes t = line->t;
    const size_t end = line->end;
    const bool has_sign_before = i >= line->tag + 4 && is_mark(t, i - 4, end, "(c)");
    const bool is_tag = i == line->tag || (has_sign_before && i == line->tag + 4);
    bool sign = (uint8_t)t.p[i] >= 0x80 || has_sign_before;
    const size_t year = notice_year(t, behind, end, &sign);
    if (year < end) return is_tag || sign ? year : end;
    const size_t list = skip_colons(t, behind, end);
    const bool is_whole = has_year_or_mail(t, list, end) || line->is_sure ||
                          begins_with(t, list, end, "by ") ||
                          (line->is_comment && is_reserved(t, behind, end));
    return is_tag && is_whole ? list : end;
}

/* Is the line above an item "(b)" of a list, which this one goes on with "(c)"? */
static bool is_item(sp_bytes t, size_t from)
{
    const size_t least = look_back(from);
    size_t i = from > least ? from - 1 : from;
    while (i > least && t.p[i - 1] != '\n') i--;
    i = skip_blanks(t, i, from);
    return from - i > 2 && t.p[i] == '(' && small(t.p[i + 1]) == 'b';
}

/* "(c) 2012, Name": in a comment, or all of a line. */
static size_t signed_list(const notice_line *line, size_t i, size_t behind)
{
    bool sign = false;
    const size_t year = notice_year(line->t, behind, line->end, &sign);
    if (line->is_comment || year == line->end) return year;
    const bool is_all = i == line->head && list_end(line->t, year, line->end) == line->end;
    return is_all && !is_item(line->t, line->from) ? year : line->end;
}

/* Behind the dates at `i`: words that begin with a digit. `i`: there are none, or none with a year. */
static size_t dates_end(sp_bytes t, size_t i, size_t end)
{
    size_t at = i, done = i;
    bool has_year = false;
    while (at < end) {
        at = skip_blanks(t, at, end);
        if (at == end || !sp_is_digit((char)t.p[at])) break;
        has_year = has_year || begins_with(t, at, end, "19") || begins_with(t, at, end, "20");
        while (at < end && t.p[at] != ' ' && t.p[at] != ',' && t.p[at] != '\t') at++;
        if (at < end && t.p[at] == ',') at++;
        done = at;
    }
    return has_year ? done : i;
}

/* "created: 2018sep03 Name", "Written 1995-1999 by Name". */
static size_t dated_list(const notice_line *line, size_t behind)
{
    const sp_bytes t = line->t;
    size_t i = behind < line->end && t.p[behind] == ':' ? behind + 1 : behind;
    const size_t dates = dates_end(t, skip_blanks(t, i, line->end), line->end);
    if (dates == skip_blanks(t, i, line->end)) return line->end;
    i = skip_blanks(t, dates, line->end);
    return begins_with(t, i, line->end, "by ") ? i + 3 : i;
}

/* Behind the colon or the dash of a field. `end`: there is none. */
static size_t behind_colon(sp_bytes t, size_t i, size_t end)
{
    i = skip_blanks(t, i, end);
    const bool is_dash = i + 1 < end && t.p[i] == '-' && t.p[i + 1] == ' ';
    return i < end && (t.p[i] == ':' || is_dash) ? i + 1 : end;
}

/* Is the line above one of a package's fields? */
static bool is_below_field(sp_bytes t, size_t from)
{
    static const char *const fields[] = {"Home-page: ", "Download-URL: ", "Project-URL: "};
    const size_t least = look_back(from);
    size_t i = from > least ? from - 1 : from;
    while (i > least && t.p[i - 1] != '\n') i--;
    for (size_t k = 0; k < sizeof fields / sizeof fields[0]; k++) {
        if ((i > least || i == 0) && begins_with(t, i, from, fields[k])) return true;
    }
    return false;
}

/* Where the list behind a mark at `i` begins. `end`: the mark does not count here. */
static size_t list_of(const notice_line *line, const mark *m, size_t i)
{
    const size_t end = line->end, behind = i + strlen(m->text);
    const bool is_head = i == line->head;
    const bool is_credit = (is_head && (line->is_comment || line->is_section)) || line->is_sure;
    switch ((mark_place)m->place) {
    case MARK_NOTICE:
        return notice_list(line, i, behind);
    case MARK_SIGN:
        return signed_list(line, i, behind);
    case MARK_TAG:
        return i == line->tag ? skip_colons(line->t, behind, end) : end;
    case MARK_MAIL:
        return is_head && is_name_and_mail(line->t, behind, end) ? behind : end;
    case MARK_PACKAGE:
        return is_head && is_below_field(line->t, line->from) ? behind : end;
    case MARK_COMMENT:
        return is_credit ? skip_colons(line->t, behind, end) : end;
    case MARK_COLON:
        return is_credit ? behind_colon(line->t, behind, end) : end;
    case MARK_DATE:
        return is_credit ? dated_list(line, behind) : end;
    case MARK_LICENCE:
        return i;
    case MARK_WARRANTY:
        return line->from;
    }
    return end;
}

/* Where the list behind the first mark at or after `i` begins. `end`: there is none, or nothing behind it. */
static size_t next_list(notice_line *line, size_t i)
{
    for (; i < line->end; i++) {
        if (i > line->head && is_word_byte(line->t.p[i - 1])) continue;
        const uint8_t first = small(line->t.p[i]);
        for (size_t k = 0; k < sizeof marks / sizeof marks[0]; k++) {
            if ((uint8_t)marks[k].text[0] != first || !is_mark(line->t, i, line->end, marks[k].text))
                continue;
            const size_t list = list_of(line, &marks[k], i);
            line->place = marks[k].place;
            if (list < line->end) return list;
        }
    }
    return line->end;
}

static notice_line read_line(sp_look_back *look, size_t from, size_t end)
{
    bool is_sure;
    const sp_bytes t = look->text;
    const size_t comment = comment_end(look, from, end, &is_sure);
    const size_t head = comment != 0 ? comment : skip_blanks(t, from, end);
    notice_line line = {t, from, head, end, head, comment != 0, is_sure, false, MARK_NOTICE};
    while (line.tag < end && (t.p[line.tag] == '*' || t.p[line.tag] == '#')) {
        line.tag = skip_blanks(t, line.tag + 1, end);
    }
    return line;
}

/* ---- what goes on ---- */

/* ".SH AUTHOR", "=head1 AUTHORS", "AUTHORS": nothing else stands on the line. */
static bool is_section(sp_bytes t, size_t i, size_t end)
{
    if (begins_with(t, i, end, ".SH ") || begins_with(t, i, end, ".Sh ")) i += 4;
    if (begins_with(t, i, end, "=head1 ")) i += 7;
    while (i < end && t.p[i] == '"') i++;
    while (end > i && (t.p[end - 1] == '"' || t.p[end - 1] == '\r' || t.p[end - 1] == ' ')) end--;
    const size_t n = end - i;
    return (n == 6 && memcmp(t.p + i, "AUTHOR", n) == 0) || (n == 7 && memcmp(t.p + i, "AUTHORS", n) == 0);
}

/* Is the rest of a line from `i` on nothing but a list of names? */
static bool is_list(sp_bytes t, size_t i, size_t end)
{
    return i == end || (list_end(t, i, end) == end && !is_private(t, i, end));
}

/* "# Authors:", " * ... added to the list of Contributing Authors:" */
static bool is_heading_of_list(const notice_line *line)
{
    static const char *const words[] = {"authors:", "contributors:", "author:", "maintainers:", "author(s):"};
    for (size_t k = 0; k < sizeof words / sizeof words[0]; k++) {
        const size_t n = strlen(words[k]);
        if (line->end - line->head < n || !is_mark(line->t, line->end - n, line->end, words[k])) continue;
        if (line->end - line->head == n) return true;
        return line->is_sure && !is_word_byte(line->t.p[line->end - n - 1]);
    }
    return false;
}

/* "The Initial Developer of the Original Code is": the next line says who. */
static bool is_left_to_say(const notice_line *line)
{
    static const char phrase[] = "developer of the original code is";
    const size_t n = sizeof phrase - 1;
    return line->end - line->head > n && is_mark(line->t, line->end - n, line->end, phrase);
}

/* Does a line bear a mark whose list goes on to its end? */
static bool opens_list(sp_look_back *look, size_t from, size_t end)
{
    notice_line line = read_line(look, from, end);
    if (line.is_comment && end > line.head && look->text.p[end - 1] == ':') return is_heading_of_list(&line);
    if (line.is_sure && is_left_to_say(&line)) return true;
    const size_t list = next_list(&line, line.head);
    return list < end && line.place < MARK_LICENCE && is_list(look->text, list, end);
}

/* Does the line begin with a year, as further lines of a notice do? */
static bool is_year_line(sp_bytes t, size_t i, size_t end)
{
    return is_year(t, skip_blanks(t, i, end), end);
}

/* "Copyright (C) 2004 by", "Copyright (C) 2004 Maria Gonzalez,": does the line say that its list goes on? */
static bool is_left_open(sp_bytes t, size_t from, size_t end)
{
    while (end > from && (t.p[end - 1] == ' ' || t.p[end - 1] == '\r')) end--;
    if (end - from < 4) return false;
    return t.p[end - 1] == ',' || begins_with(t, end - 3, end, " by") || begins_with(t, end - 4, end, " and");
}

/* A byte of a line above that is read for marks. */
enum { LIST_COSTS = 8 };

/* Does a list of the lines right above go on to this one? In the comment of a mark over comment lines, in a
 * section over any, and all of them nothing but lists. In what is surely a comment lists may be long. */
static bool goes_on(sp_look_back *look, notice_line *line, bool is_listing)
{
    const sp_bytes t = look->text;
    const size_t from = line->from, least = line->is_sure ? sp_look_least(from) : look_back(from);
    bool is_so = false;
    size_t end = from;
    while (end > least + 1) {
        size_t i = end - 1;
        while (i > least && t.p[i - 1] != '\n') i--;
        const bool is_above = end == from;
        const size_t stop = end - 1;
        end = i;
        sp_meter_charge(look->meter, (stop - i + 1) * LIST_COSTS);
        if (i == least && i > 0) break; /* who knows how it begins */
        if (is_section(t, i, stop)) {
            is_so = line->is_section = true;
            break;
        }
        is_so = (is_listing || (is_above && is_left_open(t, i, stop))) && opens_list(look, i, stop);
        if (is_so) break;
        if (line->is_sure && sp_look_knows(&look->list, from, i, &is_so)) {
            end = look->list.at;
            break;
        }
        bool is_sure;
        const size_t comment = comment_end(look, i, stop, &is_sure), head = comment != 0 ? comment : i;
        if (!is_list(t, head, stop)) break;
        /* an empty line ends a notice, and so does what is no comment */
        const bool is_empty = head + 1 >= stop + 1;
        is_listing = is_listing && (!is_empty || line->is_sure) && (comment != 0 || is_year_line(t, i, stop));
    }
    return line->is_sure ? sp_look_saw(look, &look->list, from, end, is_so) : is_so;
}

/* Is the line, which is indented, part of a field `Copyright:` as packages of Debian have them? */
static bool is_in_field(sp_look_back *look, size_t from)
{
    const sp_bytes t = look->text;
    const size_t least = sp_look_least(from);
    size_t line = from;
    bool is_so = false;
    while (!is_so && line < t.n && (t.p[line] == ' ' || t.p[line] == '\t') && line > least) {
        const size_t end = line - 1;
        size_t i = end;
        while (i > least && t.p[i - 1] != '\n') i--;
        line = i;
        if ((i == least && i > 0) || i == end) break;
        sp_meter_charge(look->meter, end - i + 1);
        if (sp_look_knows(&look->list, from, i, &is_so)) {
            line = look->list.at;
            break;
        }
        is_so = begins_with(t, i, end, "Copyright:");
    }
    return sp_look_saw(look, &look->list, from, line, is_so);
}

/* ---- logs of changes ---- */

static bool is_one_of(sp_bytes t, size_t i, size_t end, const char *names)
{
    for (; *names != '\0'; names += 3) {
        if (end - i >= 3 && memcmp(t.p + i, names, 3) == 0) return true;
    }
    return false;
}

static const char days[] = "MonTueWedThuFriSatSun";
static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

/* An entry of a log that begins with its date ends with the mail address: what goes on is a sentence. */
static bool is_nothing_behind_mail(sp_bytes t, size_t i, size_t end)
{
    while (end > i && (t.p[end - 1] == ' ' || t.p[end - 1] == '\r')) end--;
    return end > i && t.p[end - 1] == '>';
}

/* Where the name begins of " -- Name <mail>  Mon, 02 Jan 2006", "* Mon Jan 02 2006 Name <mail>",
 * "2006-01-02  Name  <mail>". `end`: the line is none of a log. */
static size_t log_name(sp_bytes t, size_t from, size_t end)
{
    enum { RPM_DATE = 17, ISO_DATE = 10 };
    const size_t i = skip_blanks(t, from, end);
    if (begins_with(t, i, end, "-- ")) {
        const uint8_t *close = memchr(t.p + i, '>', end - i);
        if (close == NULL || !is_one_of(t, skip_blanks(t, (size_t)(close - t.p) + 1, end), end, days))
            return end;
        return i + 3;
    }
    if (begins_with(t, i, end, "* ") && end - i > RPM_DATE + 1) {
        const bool is_date =
            is_one_of(t, i + 2, end, days) && is_one_of(t, i + 6, end, months) && is_year(t, i + 2 + 11, end);
        return is_date ? i + RPM_DATE : end;
    }
    const bool is_date = end - i > ISO_DATE + 2 && sp_is_digit((char)t.p[i]) && t.p[i + 4] == '-' &&
                         t.p[i + 7] == '-' && t.p[i + 10] == ' ' && t.p[i + 11] == ' ' &&
                         is_nothing_behind_mail(t, i, end);
    return is_date ? i + ISO_DATE + 2 : end;
}

/* "fix the parser (Name) [#123](https://…)": where the name begins before the link to a change. `end`: there
 * is none. */
static size_t change_name(sp_bytes t, size_t from, size_t end)
{
    for (size_t i = from; i + 5 < end; i++) {
        if (!begins_with(t, i, end, ") [#") || !sp_is_digit((char)t.p[i + 4])) continue;
        size_t k = i + 4;
        while (k < end && sp_is_digit((char)t.p[k])) k++;
        if (!begins_with(t, k, end, "](http")) continue;
        while (i > from && t.p[i] != '(') i--;
        return i + 1;
    }
    return end;
}

/* ---- the question ---- */

/* How far from the start of a phrase of licences the organisation ends that it names. */
enum { LICENCE_REACH = 64 };

static sp_public_names span(sp_bytes t, size_t list, size_t end, sp_public_kinds kinds)
{
    return (sp_public_names){list, list_end(t, list, end), kinds};
}

/* Behind a mark. */
static sp_public_names of_mark(const notice_line *line, size_t list)
{
    const size_t end = line->end;
    switch ((mark_place)line->place) {
    case MARK_NOTICE:
    case MARK_SIGN:
        return span(line->t, list, end, SP_PUBLIC_OWNERS);
    case MARK_LICENCE:
        return (sp_public_names){list, end - list > LICENCE_REACH ? list + LICENCE_REACH : end,
                                 SP_PUBLIC_LICENCE};
    case MARK_WARRANTY:
        return (sp_public_names){list, end, SP_PUBLIC_LICENCE};
    default:
        return span(line->t, list, end, SP_PUBLIC_AUTHORS);
    }
}

/* What makes a line public by itself, from `i` on. */
static sp_public_names of_line(notice_line *line, size_t from, size_t i)
{
    const sp_bytes t = line->t;
    const size_t end = line->end;
    if (i == from) {
        const size_t name = log_name(t, from, end);
        if (name < end && is_name_and_mail(t, name, end)) {
            const uint8_t *mail = memchr(t.p + name, '<', end - name); /* behind it stands the date */
            return span(t, name, (size_t)(mail - t.p), SP_PUBLIC_AUTHORS);
        }
    }
    const size_t list = next_list(line, i > line->head ? i : line->head);
    if (list < end) return of_mark(line, list);
    const size_t change = change_name(t, i, end);
    if (change < end) return span(t, change, end, SP_PUBLIC_AUTHORS);
    return (sp_public_names){SIZE_MAX, SIZE_MAX, SP_PUBLIC_AUTHORS};
}

sp_public_names sp_names_public(sp_look_back *look, size_t from, size_t i)
{
    enum { LINE_MAX = 512 };
    const sp_bytes text = look->text;
    const sp_public_names none = {SIZE_MAX, SIZE_MAX, SP_PUBLIC_AUTHORS};
    if (from > 0 && text.p[from - 1] != '\n') return none; /* within a line too long for a notice */
    const size_t end = line_end(text, from, text.n - from < LINE_MAX ? text.n : from + LINE_MAX);
    if (i == from && is_private(text, from, end)) return none;
    notice_line line = read_line(look, from, end);
    if (i == from && is_list(text, line.tag, end)) {
        const bool is_listing = line.is_comment || is_year_line(text, from, end);
        if (goes_on(look, &line, is_listing)) return (sp_public_names){from, end, SP_PUBLIC_OWNERS};
    }
    if (i == from && line.head > from && !line.is_comment && is_in_field(look, from))
        return span(text, line.head, end, SP_PUBLIC_OWNERS);
    return of_line(&line, from, i);
}

/* @param words  small ones. */
static bool begins_small(sp_bytes t, size_t i, size_t end, const char *words)
{
    while (i < end && *words != '\0' && small(t.p[i]) == (uint8_t)*words) {
        i++;
        words++;
    }
    return *words == '\0';
}

/* Says the line of `i`, or the one above it, that the Free Software Foundation is written to? */
static bool is_foundation(sp_look_back *look, size_t i)
{
    enum { REACH = 240 };
    const sp_bytes t = look->text;
    const size_t least = i > REACH ? i - REACH : 0;
    size_t at = i;
    bool is_so = false;
    sp_meter_charge(look->meter, REACH);
    for (unsigned n_lines = 0; at > least && !is_so; at--) {
        if (t.p[at - 1] == '\n' && n_lines++ == 1) break;
        is_so = begins_small(t, at - 1, i, "free software") ||
                begins_small(t, at - 1, i, "software foundation") ||
                begins_small(t, at - 1, i, "write to the");
    }
    look->is_far = look->is_far || at < look->near;
    return is_so;
}

bool sp_address_is_printed(sp_look_back *look, size_t i)
{
    /* of the Free Software Foundation over the years, in the GPL and its notices */
    static const char *const addresses[] = {"51 franklin st", "59 temple place", "675 mass ave",
                                            "31 milk street"};
    for (size_t k = 0; k < sizeof addresses / sizeof addresses[0]; k++) {
        if (begins_small(look->text, i, look->text.n, addresses[k])) return is_foundation(look, i);
    }
    return false;
}
