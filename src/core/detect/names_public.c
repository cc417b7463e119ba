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
    MARK_COMMENT, /* at the head of a comment of a program, or of a line in the section AUTHORS */
    MARK_LICENCE, /* on any line: a phrase of licences, for the organisation that is named right behind it */
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
    /* packages and keys */
    {"maintainer:", MARK_MAIL},
    {"original-maintainer:", MARK_MAIL},
    {"xsbc-original-maintainer:", MARK_MAIL},
    {"uploaders:", MARK_MAIL},
    {"packager:", MARK_MAIL},
    {"author:", MARK_MAIL},
    {"authors:", MARK_MAIL},
    {"last-translator:", MARK_MAIL},
    {"\"last-translator:", MARK_MAIL},
    /* credits in comments */
    {"author:", MARK_COMMENT},
    {"authors:", MARK_COMMENT},
    {"original author:", MARK_COMMENT},
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
    "others|contributors|authors|";

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

/* Does only blank space stand before `i` on its line? */
static bool is_line_head(sp_bytes t, size_t i, size_t least)
{
    while (i > least && (t.p[i - 1] == ' ' || t.p[i - 1] == '\t')) i--;
    return i == 0 || (i > least && t.p[i - 1] == '\n');
}

/* Was a comment opened right before this line, from `least` on, that is not closed yet? Bullets look like its
 * lines. */
static bool is_in_block(sp_bytes t, size_t least, size_t from)
{
    for (size_t i = from; i > least + 1; i--) {
        if (t.p[i - 1] == '/' && t.p[i - 2] == '*') return false;
        if (t.p[i - 1] == '*' && t.p[i - 2] == '/') return is_line_head(t, i - 2, least);
    }
    return false;
}

static size_t skip_leader(sp_bytes t, size_t i, size_t end)
{
    while (i < end && (t.p[i] == '*' || t.p[i] == '/' || t.p[i] == '#' || t.p[i] == ';' || t.p[i] == '!'))
        i++;
    return skip_blanks(t, i, end);
}

/* Behind what makes the line at `from` a comment of a program. 0: it is none. `#` may be a heading: only the
 * mark behind it, with its colon or "by", says that it is none. */
static size_t comment_end(sp_bytes t, size_t least, size_t from, size_t end)
{
    static const char *const leaders[] = {"/*", "//", "# ", ";;", ".\\\"", "dnl "};
    const size_t i = skip_blanks(t, from, end);
    for (size_t k = 0; k < sizeof leaders / sizeof leaders[0]; k++) {
        if (begins_with(t, i, end, leaders[k])) return skip_leader(t, i + strlen(leaders[k]), end);
    }
    const bool is_star = begins_with(t, i, end, "* ") || begins_with(t, i, end, "** ");
    return is_star && is_in_block(t, least, from) ? skip_leader(t, i, end) : 0;
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
    for (const char *w = words; *w != '\0' && w[1] != '\0';) {
        const char *const bar = strchr(w + 1, '|');
        const size_t n = (size_t)(bar - w) - 1;
        size_t k = 0;
        if (n == stop - i) {
            while (k < n && small(t.p[i + k]) == (uint8_t)w[k + 1]) k++;
            if (k == n) return true;
        }
        w = bar;
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

static bool is_year(sp_bytes t, size_t i, size_t end)
{
    const bool is_century = begins_with(t, i, end, "19") || begins_with(t, i, end, "20");
    return is_century && end - i >= 4 && sp_is_digit((char)t.p[i + 2]) && sp_is_digit((char)t.p[i + 3]) &&
           (end - i == 4 || !is_word_byte(t.p[i + 4]));
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
    const size_t stop = word_end(t, i, end);
    const bool is_of_list =
        is_year(t, i, end) || is_capital(t, i, end) || is_listed(t, i, stop, joining_words);
    return is_of_list ? stop : i;
}

/* Ends a sentence: a dot behind a year or what is no abbreviation. */
static bool is_full_stop(sp_bytes t, size_t i, size_t end, size_t word)
{
    enum { SHORT = 4 };
    const bool is_stop = t.p[i] == '.' && i + 1 < end && t.p[i + 1] == ' ';
    return is_stop && (word > SHORT || (word == SHORT && sp_is_digit((char)t.p[i - 1])));
}

/* Behind the list of names that begins at `i`. `i`: what stands here says something of whom it names, with a
 * colon or an amount. */
static size_t list_end(sp_bytes t, size_t from, size_t end)
{
    size_t i = from, word = 0;
    while (i < end) {
        const uint8_t c = t.p[i];
        if (is_word_byte(c) || c == '<') {
            const bool is_joined = i > from && t.p[i - 1] == '-' && word > 0 && sp_is_alpha((char)c);
            const size_t stop = is_joined ? word_end(t, i, end) : listed_end(t, i, end);
            if (stop == i) return sp_is_digit((char)c) ? from : i;
            word = stop - i;
            i = stop;
            continue;
        }
        if (c == ':') return from;
        if (strchr(" \t,&.-'\"()*/\r[]", c) == NULL) return i;
        if (is_full_stop(t, i++, end, word)) return i;
        if (c != '-') word = 0;
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

static bool is_mark(sp_bytes t, size_t i, size_t end, const char *text)
{
    const size_t n = strlen(text);
    if (end - i < n) return false;
    for (size_t k = 0; k < n; k++) {
        if (small(t.p[i + k]) != (uint8_t)text[k]) return false;
    }
    return !sp_is_alpha(text[n - 1]) || i + n == end || !is_word_byte(t.p[i + n]);
}

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
    size_t head, end; /* [head, end) behind blanks and what makes it a comment */
    size_t tag;       /* behind marks, too, that may be bullets: a notice or a tag says itself what it is */
    bool is_comment;
    bool is_section;
    bool is_licence; /* what was found last is a phrase of licences */
} notice_line;

/* Where the list behind a mark at `i` begins. `end`: the mark does not count here. */
static size_t list_of(const notice_line *line, const mark *m, size_t i)
{
    const size_t end = line->end, behind = i + strlen(m->text);
    const bool is_head = i == line->head, is_tag = i == line->tag;
    bool sign = (uint8_t)m->text[0] >= 0x80;
    switch ((mark_place)m->place) {
    case MARK_NOTICE: {
        const size_t year = notice_year(line->t, behind, end, &sign);
        if (year < end) return is_tag || sign ? year : end;
        return is_tag && has_year_or_mail(line->t, behind, end) ? behind : end;
    }
    case MARK_SIGN:
        return line->is_comment ? notice_year(line->t, behind, end, &sign) : end;
    case MARK_TAG:
        break;
    case MARK_MAIL:
        return is_head && is_name_and_mail(line->t, behind, end) ? behind : end;
    case MARK_COMMENT:
        if (!line->is_comment && !line->is_section) return end;
        break;
    case MARK_LICENCE:
        return i;
    }
    if (m->place == MARK_TAG ? !is_tag : !is_head) return end;
    size_t list = skip_blanks(line->t, behind, end);
    while (list < end && (line->t.p[list] == ':' || line->t.p[list] == '=')) list++;
    return list;
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
            line->is_licence = marks[k].place == MARK_LICENCE;
            if (list < line->end) return list;
        }
    }
    return line->end;
}

static notice_line read_line(sp_bytes t, size_t least, size_t from, size_t end)
{
    const size_t comment = comment_end(t, least, from, end);
    const size_t head = comment != 0 ? comment : skip_blanks(t, from, end);
    notice_line line = {t, head, end, head, comment != 0, false, false};
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

/* Does a line bear a mark whose list goes on to its end? */
static bool opens_list(sp_bytes t, size_t least, size_t from, size_t end)
{
    notice_line line = read_line(t, least, from, end);
    if (line.is_comment && end > line.head && t.p[end - 1] == ':') { /* "# Authors:" */
        return is_mark(t, line.head, end, "authors:") || is_mark(t, line.head, end, "contributors:") ||
               is_mark(t, line.head, end, "author:");
    }
    const size_t list = next_list(&line, line.head);
    return list < end && is_list(t, list, end);
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

/* Does a list of the lines right above go on to this one? In the comment of a mark over comment lines, in a
 * section over any, and all of them nothing but lists. */
static bool goes_on(sp_bytes t, size_t from, bool is_listing, bool *is_in_section)
{
    const size_t least = look_back(from);
    for (size_t end = from; end > least + 1;) {
        size_t i = end - 1;
        while (i > least && t.p[i - 1] != '\n') i--;
        if (i == least && i > 0) return false; /* who knows how it begins */
        if (is_section(t, i, end - 1)) return *is_in_section = true;
        const bool is_open = end == from && is_left_open(t, i, end - 1);
        if ((is_listing || is_open) && opens_list(t, least, i, end - 1)) return true;
        const size_t comment = comment_end(t, least, i, end - 1), head = comment != 0 ? comment : i;
        if (!is_list(t, head, end - 1)) return false;
        /* an empty line ends a notice, and so does what is no comment */
        is_listing = is_listing && head + 1 < end && (comment != 0 || is_year_line(t, i, end - 1));
        end = i;
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

static sp_public_names span(sp_bytes t, size_t list, size_t end)
{
    return (sp_public_names){list, list_end(t, list, end), false};
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
            return span(t, name, (size_t)(mail - t.p));
        }
    }
    const size_t list = next_list(line, i > line->head ? i : line->head);
    if (list < end) {
        if (!line->is_licence) return span(t, list, end);
        return (sp_public_names){list, end - list > LICENCE_REACH ? list + LICENCE_REACH : end, true};
    }
    const size_t change = change_name(t, i, end);
    if (change < end) return span(t, change, end);
    return (sp_public_names){SIZE_MAX, SIZE_MAX, false};
}

sp_public_names sp_names_public(sp_bytes text, size_t from, size_t i)
{
    enum { LINE_MAX = 512 };
    const sp_public_names none = {SIZE_MAX, SIZE_MAX, false};
    if (from > 0 && text.p[from - 1] != '\n') return none; /* within a line too long for a notice */
    const size_t end = line_end(text, from, text.n - from < LINE_MAX ? text.n : from + LINE_MAX);
    if (i == from && is_private(text, from, end)) return none;
    notice_line line = read_line(text, look_back(from), from, end);
    if (i == from && is_list(text, line.tag, end)) {
        const bool is_listing = line.is_comment || is_year_line(text, from, end);
        if (goes_on(text, from, is_listing, &line.is_section)) return (sp_public_names){from, end, false};
    }
    return of_line(&line, from, i);
}
