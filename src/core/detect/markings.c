/* Markings: what a document says of itself. "CONFIDENTIAL" as a banner, `Classification: internal use only`,
 * "[TLP:RED]", "This message is privileged and confidential", in several languages; and what export control
 * law knows goods by. A word that is being talked about is none ("what does TLP:RED mean?", "confidential
 * information is defined as"), nor is a constant of a program or an entry of a list of levels.
 *
 * A phrase is read forward from its first word; the line around it decides: it is a banner, the value of a
 * field, the lead of a subject, or a sentence that says so of a document. */
#include "detect/markings.h"

#include <hs/hs.h>
#include <string.h>

enum { REACH = 96, PHRASE_MAX = 48, WORD_MAX = 24, GAP_MAX = 8, LINE_COSTS = 8 };

/* ---- phrases ---- */

typedef struct phrase {
    const char *text;   /* small ASCII letters; a blank fits any of blanks, hyphens and dashes */
    const char *before; /* NULL, or what has to stand right before it, likewise */
    uint8_t kind;
    bool is_sign;  /* means nothing else: a mark that stands free in a sentence counts, too */
    bool is_apart; /* counts only as all of a line, in capitals, beside an empty line or an end of the text */
} phrase;

enum {
    INTERNAL = SP_KIND_MARKING_INTERNAL,
    CONFIDENTIAL = SP_KIND_MARKING_CONFIDENTIAL,
    RESTRICTED = SP_KIND_MARKING_RESTRICTED,
    PRIVILEGE = SP_KIND_LEGAL_PRIVILEGE,
    EXPORT = SP_KIND_EXPORT_CONTROL,
};

/* The longest that fits decides, of two as long the one that says what stands before it. */
static const phrase phrases[] = {
    {"internal use only", NULL, INTERNAL, false, false},
    {"internal only", NULL, INTERNAL, false, false},
    {"internal", "company", INTERNAL, false, false},
    {"tlp:green", NULL, INTERNAL, true, false},
    {"green", "tlp:", INTERNAL, true, false},
    {"internen gebrauch", NULL, INTERNAL, false, false},
    {"interne", "usage", INTERNAL, false, false},
    {"interne", "diffusion", INTERNAL, false, false},
    {"interno", "uso", INTERNAL, false, false},
    {"distribute", "do not", INTERNAL, false, false},

    {"confidential", NULL, CONFIDENTIAL, false, false},
    {"sensitive", "official", CONFIDENTIAL, false, false},
    {"proprietary and confidential", NULL, CONFIDENTIAL, false, false},
    {"proprietary & confidential", NULL, CONFIDENTIAL, false, false},
    {"tlp:amber", NULL, CONFIDENTIAL, true, false},
    {"amber", "tlp:", CONFIDENTIAL, true, false},
    {"amber+strict", "tlp:", CONFIDENTIAL, true, false},
    {"tlp:amber+strict", NULL, CONFIDENTIAL, true, false},
    {"vertraulich", NULL, CONFIDENTIAL, false, false},
    {"vs nfd", NULL, CONFIDENTIAL, true, false},
    {"dienstgebrauch", "f\xc3\xbcr den", CONFIDENTIAL, false, false},
    {"confidentiel", NULL, CONFIDENTIAL, false, false},
    {"restreinte", "diffusion", CONFIDENTIAL, false, false},
    {"confidencial", NULL, CONFIDENTIAL, false, false},
    {"confidenziale", NULL, CONFIDENTIAL, false, false},
    {"riservato", NULL, CONFIDENTIAL, false, false},
    {"vertrouwelijk", NULL, CONFIDENTIAL, false, false},
    {"konfidentiell", NULL, CONFIDENTIAL, false, false},
    {"fortroligt", NULL, CONFIDENTIAL, false, false},
    {"fortrolig", NULL, CONFIDENTIAL, false, false},
    {"poufne", NULL, CONFIDENTIAL, false, false},

    {"confidential", "strictly", RESTRICTED, false, false},
    {"confidential", "strictly private and", RESTRICTED, false, false},
    {"confidential", "highly", RESTRICTED, false, false},
    {"vertraulich", "streng", RESTRICTED, false, false},
    {"confidentiel", "strictement", RESTRICTED, false, false},
    {"confidencial", "estrictamente", RESTRICTED, false, false},
    {"confidencial", "estritamente", RESTRICTED, false, false},
    {"riservato", "strettamente", RESTRICTED, false, false},
    {"confidenziale", "strettamente", RESTRICTED, false, false},
    {"vertrouwelijk", "strikt", RESTRICTED, false, false},
    {"noforn", NULL, RESTRICTED, true, false},
    {"secret//", NULL, RESTRICTED, true, false},
    {"tlp:red", NULL, RESTRICTED, true, false},

    {"secret", "top", RESTRICTED, false, false},
    {"secret", NULL, RESTRICTED, false, true},
    {"red", "tlp:", RESTRICTED, true, false},
    {"attorney client privileged", NULL, PRIVILEGE, true, false},
    {"attorney client privilege", NULL, PRIVILEGE, false, false},
    {"attorney client communication", NULL, PRIVILEGE, false, false},
    {"attorney work product", NULL, PRIVILEGE, false, false},
    {"privileged and confidential", NULL, PRIVILEGE, false, false},
    {"privileged & confidential", NULL, PRIVILEGE, false, false},
    {"privileged", "legally", PRIVILEGE, false, false},

    {"controlled", "itar", EXPORT, true, false},
    {"controlled", "export", EXPORT, false, false},

};

static uint8_t small(int c)
{
    return (uint8_t)(sp_is_upper(c) ? c | 0x20 : c);
}

static bool is_letter(int c)
{
    return sp_is_alpha(c) || c >= 0x80;
}

/* Bytes of the blank, hyphen or dash at `i`; 0: none. */
static size_t gap_at(sp_window *w, size_t i)
{
    const int c = sp_peek(w, i);
    if (c == ' ' || c == '-' || c == '_') return 1;
    if (c == 0xc2 && sp_peek(w, i + 1) == 0xa0) return 2;
    const bool is_dash = c == 0xe2 && sp_peek(w, i + 1) == 0x80;
    return is_dash && sp_peek(w, i + 2) >= 0x90 && sp_peek(w, i + 2) <= 0x95 ? 3 : 0;
}

/* Behind the phrase if the text at `i` goes on so; 0. */
static size_t phrase_end(sp_window *w, size_t i, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == ' ') {
            size_t n = gap_at(w, i);
            if (n == 0) return 0;
            for (unsigned k = 0; k < 2 && n != 0; k++, n = gap_at(w, i)) i += n;
            continue;
        }
        if (small(sp_peek(w, i)) != (uint8_t)*text) return 0;
        i++;
        if (*text == ':' && sp_peek(w, i) == ' ') i++;
    }
    return i;
}

/* Back from `i` over bytes of a class: few, or a stream, which holds no more than SP_CONTEXT_MAX bytes, would
 * say something else than the whole text. */
static size_t back_over(const sp_window *w, size_t i, bool (*is_class)(int c))
{
    const size_t floor = i > GAP_MAX ? i - GAP_MAX : 0;
    while (i > floor && is_class(w->p[i - 1])) i--;
    return i;
}

static bool is_gap(int c)
{
    return c == ' ' || c == '-';
}

/* Does `text` end right before `end`, but for blanks? */
static bool stands_before(const sp_window *w, size_t end, const char *text)
{
    size_t n = strlen(text);
    end = back_over(w, end, is_gap);
    if (end < n) return false;
    while (n > 0 && small(w->p[end - 1]) == (uint8_t)text[n - 1]) {
        end--;
        n--;
    }
    return n == 0 && !sp_is_alnum(sp_before(w, end));
}

/* Where `text` begins, which stands before `end`. */
static size_t before_start(const sp_window *w, size_t end, const char *text)
{
    return back_over(w, end, is_gap) - strlen(text);
}

static bool is_word_end(sp_window *w, size_t end)
{
    const int after = sp_peek(w, end);
    return !sp_is_alpha(w->p[end - 1]) || (!sp_is_alnum(after) && after != '_' && after < 0xc3);
}

/* The longest phrase at `start`. @param end  receives its end. NULL: there is none. */
static const phrase *phrase_at(sp_window *w, size_t start, size_t *end)
{
    const phrase *best = NULL;
    const uint8_t first = small(w->p[start]);
    for (size_t k = 0; k < sizeof phrases / sizeof phrases[0]; k++) {
        const phrase *p = &phrases[k];
        if ((uint8_t)p->text[0] != first) continue;
        const size_t stop = phrase_end(w, start, p->text);
        if (stop == 0 || !is_word_end(w, stop)) continue;
        if (p->before != NULL && !stands_before(w, start, p->before)) continue;
        const bool is_more = best != NULL && stop == *end && p->before != NULL;
        if (best != NULL && stop <= *end && !is_more) continue;
        best = p;
        *end = stop;
    }
    return best;
}

/* ---- the line around it ---- */

/* What stands on a line besides the phrase. */
typedef struct around {
    size_t from, to;              /* the line, as far as it is looked at */
    bool is_whole;                /* it begins and ends within reach */
    bool is_asked;                /* a question mark stands on it, or a word of talk */
    bool is_level;                /* another level stands on it by itself: a list of them */
    bool is_lead;                 /* nothing but what leads a subject stands before */
    unsigned n_small, n_capitals; /* words that no banner has, as they are written */
    unsigned n_behind;            /* of them those that follow without a mark between */
} around;

static unsigned word_of(const sp_window *w, size_t start, size_t end)
{
    return sp_marking_word((sp_bytes){w->p + start, end - start});
}

static void take_word(around *a, const sp_window *w, size_t start, size_t end, bool is_behind)
{
    const unsigned is = word_of(w, start, end);
    if ((is & SP_MARK_TALK) != 0) a->is_asked = true;
    if ((is & SP_MARK_LEVEL) != 0) a->is_level = true;
    if (is_behind && (is & SP_MARK_DESCRIBED) != 0) a->n_behind++;
    if ((is & SP_MARK_BESIDE) != 0) return;
    if (is_behind) a->n_behind++;
    if (w->p[start] >= 'a' && w->p[start] <= 'z')
        a->n_small++;
    else
        a->n_capitals++;
}

/* Behind the tag of a page at `i`; `i`: there is none. */
static size_t tag_end(const sp_window *w, size_t i, size_t end)
{
    enum { TAG_MAX = 32 };
    for (size_t k = i + 1; k < end && k < i + TAG_MAX; k++) {
        if (w->p[k] == '>') return k + 1;
    }
    return i;
}

static void take_words(around *a, const sp_window *w, size_t from, size_t to, bool is_behind)
{
    for (size_t i = from; i < to;) {
        const uint8_t c = w->p[i];
        const size_t behind = c == '<' ? tag_end(w, i, to) : i;
        if (behind != i) {
            i = behind;
            continue;
        }
        if (!is_letter(c)) {
            a->is_asked = a->is_asked || c == '?';
            is_behind = is_behind && c == ' ';
            i++;
            continue;
        }
        const size_t start = i;
        while (i < to && (is_letter(w->p[i]) || sp_is_digit(w->p[i]))) i++;
        if (c == 0xe2) continue; /* dashes, bullets */
        take_word(a, w, start, i, is_behind);
    }
}

/* Does nothing but words like "Subject" and marks stand in [from, start)? */
static bool is_lead(const sp_window *w, size_t from, size_t start)
{
    for (size_t i = from; i < start;) {
        if (!is_letter(w->p[i])) {
            i++;
            continue;
        }
        const size_t word = i;
        while (i < start && is_letter(w->p[i])) i++;
        if (w->p[word] < 0x80 && (word_of(w, word, i) & SP_MARK_LEAD) == 0) return false;
    }
    return true;
}

static around look_around(sp_window *w, size_t start, size_t end)
{
    around a = {.from = start, .to = end};
    const size_t least = start > REACH ? start - REACH : 0;
    while (a.from > least && w->p[a.from - 1] != '\n') a.from--;
    int c = 0;
    while (a.to < end + REACH && (c = sp_peek(w, a.to)) >= 0 && c != '\n') a.to++;
    a.is_whole = (a.from == 0 || w->p[a.from - 1] == '\n') && (c < 0 || c == '\n');
    a.is_lead = (a.from == 0 || w->p[a.from - 1] == '\n') && is_lead(w, a.from, start);
    sp_charge(w, (a.to - a.from) * LINE_COSTS);
    take_words(&a, w, a.from, start, false);
    take_words(&a, w, end, a.to, true);
    return a;
}

/* ---- what it is ---- */

/* What joins a name of a program, an entry of a list, a member of something. */
static bool is_program(sp_window *w, size_t start, size_t end)
{
    const int before = sp_before(w, start), after = sp_peek(w, end);
    if (before == '_' || before == '.' || before == '$' || before == '@' || before == '"' || before == '\'' ||
        before == '`' || before == '(' || before == ',' || before == '=')
        return before != '(' || after != ')';
    if (after == '"' || after == '\'' || after == '`' || after == '=' || after == ',' || after == ';' ||
        after == '(')
        return true;
    return after == ' ' && sp_peek(w, end + 1) == '=';
}

/* All capitals; scripts that have none count. */
static bool is_upper(const sp_window *w, size_t start, size_t end)
{
    for (size_t i = start; i < end; i++) {
        if (w->p[i] >= 'a' && w->p[i] <= 'z') return false;
    }
    return true;
}

static bool has_capital(const sp_window *w, size_t start, size_t end)
{
    while (start < end && !sp_is_upper(w->p[start]) && w->p[start] < 0xe3) start++;
    return start < end;
}

static const char *const keys[] = {"classification",  "sensitivity",   "marking",       "confidentiality",
                                   "security level",  "handling",      "security",      "vertraulichkeit",
                                   "klassifizierung", "einstufung",    "schutzklasse",  "confidentialité",
                                   "niveau",          "clasificación", "clasificacion", "classificazione",
                                   "riservatezza",    "classificatie", "label",         NULL};

static bool is_before_value(int c)
{
    return c == ' ' || c == '"' || c == '\'' || c == '*';
}

static bool is_behind_key(int c)
{
    return c == ' ' || c == '"' || c == '*';
}

/* `Classification: confidential`, `"sensitivity": "Internal use only"`. */
static bool is_field(sp_window *w, const phrase *p, size_t start, size_t end)
{
    size_t i = start;
    if (p->before != NULL && stands_before(w, i, p->before)) i = before_start(w, i, p->before);
    i = back_over(w, i, is_before_value);
    if (i == 0 || (w->p[i - 1] != ':' && w->p[i - 1] != '=')) return false;
    i = back_over(w, i - 1, is_behind_key);
    const int after = sp_peek(w, end);
    const bool is_end = after < 0 || after == '\n' || after == '\r' || after == '"' || after == '\'' ||
                        after == '<' || after == '.' || after == '*' || after == '/' || after == ',';
    for (const char *const *key = keys; is_end && *key != NULL; key++) {
        if (stands_before(w, i, *key)) return true;
    }
    return false;
}

/* "This document is confidential": a word that points, a verb, no denial. */
static bool is_sentence(const sp_window *w, const around *a, size_t start)
{
    bool is_pointed = false, is_said = false, is_named = false;
    for (size_t i = a->from; i < start;) {
        const size_t word = i;
        while (i < start && is_letter(w->p[i])) i++;
        if (i == word) {
            if (w->p[i] == '.' && i + 1 < start && w->p[i + 1] == ' ')
                is_pointed = is_said = is_named = false;
            i++;
            continue;
        }
        const unsigned is = word_of(w, word, i);
        if ((is & SP_MARK_DENIAL) != 0) return false;
        is_pointed = is_pointed || (is & SP_MARK_POINT) != 0;
        is_named = is_named || (is_pointed && (is & SP_MARK_NOUN) != 0);
        is_said = is_said || (is_named && (is & SP_MARK_VERB) != 0);
    }
    return is_said;
}

/* Is the line that begins at `from` and ends at `to` the first or the last, or is one beside it empty? */
static bool is_apart(sp_window *w, size_t from, size_t to)
{
    if (from < 2 || w->p[from - 2] == '\n' || (w->p[from - 2] == '\r' && from > 2 && w->p[from - 3] == '\n'))
        return true;
    if (sp_peek(w, to) == '\r') to++;
    const int next = sp_peek(w, to + 1);
    return sp_peek(w, to) < 0 || next < 0 || next == '\n' || next == '\r';
}

/* Has [from, to) nothing but what frames a banner? */
static bool is_frame(const sp_window *w, size_t from, size_t to)
{
    while (from < to && w->p[from] != 0 && strchr(" \t\r*-/[]()", w->p[from]) != NULL) from++;
    return from == to;
}

/* "SECRET", "*** SECRET ***" as all of its line; not "- SECRET", which is of a list. */
static bool is_bare(sp_window *w, const around *a, size_t start, size_t end)
{
    size_t to = a->to;
    while (to > end && (w->p[to - 1] == ' ' || w->p[to - 1] == '\r')) to--;
    return a->is_whole && (a->from == start) == (to == end) && is_frame(w, a->from, start) &&
           is_frame(w, end, to) && is_upper(w, start, end) && is_apart(w, a->from, a->to);
}

static uint8_t judge(sp_window *w, const phrase *p, size_t start, size_t end)
{
    const around a = look_around(w, start, end);
    if (p->is_apart) return is_bare(w, &a, start, end) ? 80 : 0;
    const bool is_capital = is_upper(w, start, end);
    if (a.is_asked) return 0;
    if (is_field(w, p, start, end)) return a.is_level ? 0 : 85;
    const bool is_own = is_program(w, start, end);
    const int before = sp_before(w, start), after = sp_peek(w, end);
    const bool is_boxed = (before == '[' && after == ']') || (before == '(' && after == ')');
    if (p->is_sign && is_capital && !is_own) return 80;
    if (a.is_level || is_own) return 0;
    const bool is_headed = is_boxed || after == ':' || (after == ' ' && gap_at(w, end + 1) != 0);
    if (a.is_lead && is_capital && is_headed) return 80;
    const bool is_title = has_capital(w, start, end) || (p->before != NULL && has_capital(w, a.from, start));
    const bool is_banner = a.is_whole && a.n_small == 0 && a.n_behind == 0 && is_title;
    if (is_banner && a.n_capitals <= (is_capital ? 8 : 4)) return is_capital ? 90 : 75;
    return is_sentence(w, &a, start) ? 75 : 0;
}

/* Where the word that ends at `end` begins. */
static size_t word_start(const sp_window *w, size_t end)
{
    size_t start = end;
    while (start > 0 && end - start < WORD_MAX && sp_is_alpha(w->p[start - 1])) start--;
    return start;
}

/* The validator of all rows with phrases: a phrase counts for the row of its kind. */
static void marking(sp_window *w, size_t head_end, sp_match *m)
{
    size_t end = head_end;
    const phrase *p = NULL;
    m->start = word_start(w, head_end);
    const int before = sp_before(w, m->start);
    if (before == ':' || before == '-') { /* "TLP:RED", "VS-NfD" */
        const size_t start = word_start(w, m->start - 1);
        p = phrase_at(w, start, &end);
        if (p != NULL) m->start = start;
    }
    if (p == NULL) p = phrase_at(w, m->start, &end);
    if (p == NULL || p->kind != sp_row_at(m->row)->kind) return;
    m->end = end;
    m->confidence = judge(w, p, m->start, end);
}

/* "ECCN: 5A002.a.1": category, product group and three digits (15 CFR 774, supplement 1). */
static void eccn(sp_window *w, size_t head_end, sp_match *m)
{
    size_t i = head_end;
    while (i < head_end + 6 && (sp_peek(w, i) == ' ' || sp_peek(w, i) == ':' || sp_peek(w, i) == '#')) i++;
    m->start = i;
    const int group = sp_peek(w, i + 1);
    const bool is_number = sp_is_digit(sp_peek(w, i)) && group >= 'A' && group <= 'E' &&
                           sp_is_digit(sp_peek(w, i + 2)) && sp_is_digit(sp_peek(w, i + 3)) &&
                           sp_is_digit(sp_peek(w, i + 4));
    if (i == head_end || !is_number) return;
    for (i += 5; i < m->start + 16 && sp_peek(w, i) == '.' && sp_is_alnum(sp_peek(w, i + 1));) i += 2;
    if (sp_is_alnum(sp_peek(w, i))) return;
    m->end = i;
    m->confidence = 85;
}

/* ---- rows ---- */

static const sp_example internal_examples[] = {
    "1.\n[INTERNAL USE ONLY]\n2.",
    "1.\nAcme Corp. - For [INTERNAL USE ONLY]\n2.",
    "1.\nClassification: [Internal use only]\n2.",
    "Shared as [TLP:GREEN] with the community.",
    "Shared as TLP: [GREEN] with the community.",
    "GREEN energy",
    "1.\n*** COMPANY [INTERNAL] ***\n2.",
    "1.\nNur f\xc3\xbcr den [internen Gebrauch]\n2.",
    "1.\nUSAGE [INTERNE]\n2.",
    "1.\nUSO [INTERNO]\n2.",
    "1.\nDRAFT - DO NOT [DISTRIBUTE]\n2.",
    "this function is for internal use only",
    "# This file is for internal use by the core only.",
    "internal only = true",
    "What does TLP:GREEN mean?",
    "INTERNAL_USE_ONLY = 3",
    "levels: public, internal use only, secret",
    "TLP:CLEAR",
    "an internal error",
    NULL,
};
static const sp_example confidential_examples[] = {
    "1.\n[CONFIDENTIAL]\n2.",
    "1.\nAcme Widgets [Confidential]\n2.",
    "1.\nPage 3 of 12 | [Confidential]\n2.",
    "{\"classification\": \"[confidential]\"}",
    "1.\nSubject: ([CONFIDENTIAL]) numbers of the third quarter\n2.",
    "This document is [confidential].",
    "This e-mail and its attachments contain [confidential] information.",
    "shared under [TLP:AMBER+STRICT] today",
    "shared under TLP: [AMBER] today",
    "an AMBER light",
    "1.\n[VS-NfD]\n2.",
    "1.\n[VERTRAULICH] - Projekt Falke\n2.",
    "1.\n[Confidentiel] - ne pas diffuser\n2.",
    "1.\nDIFFUSION [RESTREINTE]\n2.",
    "1.\nOFFICIAL-[SENSITIVE]\n2.",
    "1.\n<h1>[CONFIDENTIAL]</h1>\n2.",
    "\"Confidential Information\" is defined as what either party discloses.",
    "confidential information is defined as follows",
    "1.\n7. Confidential Information\n2.",
    "What does confidential mean?",
    "Keep your password confidential.",
    "1.\n    CONFIDENTIAL = 2,\n2.",
    "1.\n- confidential\n2.",
    "public | internal | confidential | restricted",
    "This document is not confidential.",
    "Does TLP:AMBER stand for something?",
    "SP_LEVEL_CONFIDENTIAL",
    "oauth has confidential clients",
    NULL,
};
static const sp_example restricted_examples[] = {
    "1.\nSTRICTLY [CONFIDENTIAL]\n2.",
    "1.\nStrictly Private and [Confidential]\n2.",
    "1.\nSECRET//[NOFORN]\n2.",
    "1.\nTOP [SECRET]\n2.",
    "([TLP:RED]) findings of the week",
    "1.\nSTRENG [VERTRAULICH]\n2.",
    "This memo is highly [confidential].",
    "1.\nSTRICTEMENT [CONFIDENTIEL]\n2.",
    "classification: strictly [confidential]",
    "what does TLP:RED mean?",
    "1.\n[SECRET]\n\nThe plan of the north",
    "1.\n\n// [SECRET] //\n2.",
    "1.\n\n[SECRET]\n2.",
    "TLP: [RED]\nfindings",
    "1.\nPUBLIC\nSECRET\nTOP\n",
    "\nSecret\n\nThe plan",
    "\nSECRET = 4\n",
    "\n- SECRET\n\n",
    "\nSECRET=\n\n",
    "\nSECRET GARDEN\n",
    "\nThe SECRET\n",
    "TLP: red",
    "the RED one",
    "a top secret recipe",
    "TOP_SECRET = 4",
    "for your eyes only they said",
    "the difference between TLP:RED and TLP:AMBER",
    "strictly confidential is a level of ours",
    NULL,
};
static const sp_example privilege_examples[] = {
    "1.\n[ATTORNEY-CLIENT PRIVILEGED]\n2.",
    "1.\n[Attorney\342\200\223Client Privileged] Communication\n2.",
    "1.\n[PRIVILEGED AND CONFIDENTIAL]\n2.",
    "1.\n[Attorney Work Product]\n2.",
    "This message is [privileged and confidential].",
    "1.\nSubject: [PRIVILEGED & CONFIDENTIAL]: advice on the merger\n2.",
    "What is attorney-client privilege?",
    "the attorney-client privilege protects what is said",
    "a privileged container",
    "privileged and unprivileged ports",
    "when is a document attorney work product?",
    NULL,
};
static const sp_example export_examples[] = {
    "1.\nITAR [CONTROLLED]\n2.",
    "1.\nEXPORT [CONTROLLED] - ITAR\n2.",
    "This document is export [controlled].",
    "ITAR-[CONTROLLED] drawing 17",
    "1.\nExport [Controlled]\n2.",
    "what is ITAR?",
    "guitar controlled by foot",
    "the export control office",
    "export controlled vocabulary as CSV",
    "itar = 5",
    NULL,
};
static const sp_example eccn_examples[] = {
    "ECCN: [5A002.a.1]",
    "ECCN [3A001]",
    "(ECCN [5D002])",
    "ECCN #[9E003.h]",
    "eccn: [1C351].",
    "ECCN: none",
    "5A002",
    "ECCN 12345",
    "ECCN: 5X002",
    "ECCNs 3A001",
    NULL,
};

#define MARKING_ROW .flags = HS_FLAG_CASELESS, .head_max = WORD_MAX, .longest = PHRASE_MAX, .least = 60

static const sp_row rows[] = {
    {.name = "marking-internal",
     .kind = INTERNAL,
     .head = "\\b(?:internal|internen|interne|interno|distribute)\\b|tlp:green|(?-i:\\bGREEN\\b)",
     .validate = marking,
     .source = "banners, fields and sentences of documents; FIRST TLP 2.0",
     .examples = internal_examples,
     MARKING_ROW},
    {.name = "marking-confidential",
     .kind = CONFIDENTIAL,
     .head = "\\b(?:confidential|proprietary|sensitive|vertraulich|confidentiel|restreinte|confidencial|"
             "confidenziale|riservato|vertrouwelijk|konfidentiell|fortroligt?|poufne|dienstgebrauch)\\b|"
             "tlp:amber|vs-nfd|(?-i:\\bAMBER\\b)",
     .validate = marking,
     .source = "banners, fields and sentences of documents; FIRST TLP 2.0; VSA (Germany), IGI 1300 (France)",
     .examples = confidential_examples,
     MARKING_ROW},
    {.name = "marking-restricted",
     .kind = RESTRICTED,
     .head = "\\b(?:confidential|vertraulich|confidentiel|confidencial|confidenziale|riservato|"
             "vertrouwelijk|noforn|secret)\\b|tlp:red|(?-i:\\bRED\\b)",
     .validate = marking,
     .source = "banners, fields and sentences of documents; FIRST TLP 2.0; EO 13526",
     .examples = restricted_examples,
     MARKING_ROW},
    {.name = "legal-privilege",
     .kind = PRIVILEGE,
     .head = "\\b(?:attorney|privileged)\\b",
     .validate = marking,
     .source = "banners, fields and sentences of documents",
     .examples = privilege_examples,
     MARKING_ROW},
    {.name = "export-control",
     .kind = EXPORT,
     .head = "\\bcontrolled\\b",
     .validate = marking,
     .source = "22 CFR 120 to 130 (ITAR), 15 CFR 730 to 774 (EAR)",
     .examples = export_examples,
     MARKING_ROW},
    {.name = "eccn",
     .kind = EXPORT,
     .head = "\\beccn\\b",
     .validate = eccn,
     .source = "15 CFR 774, supplement 1",
     .examples = eccn_examples,
     MARKING_ROW},
};

const sp_family sp_family_markings = {rows, sizeof rows / sizeof rows[0]};
