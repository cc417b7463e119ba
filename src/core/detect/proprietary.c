/* Source code that says it is not public: headers ("Proprietary and confidential", "Unauthorized copying of
 * this file"), the licence field of a package, and addresses of hosts inside of an organisation
 * (`git.corp.example.com`, `ci.internal`). */
#include "detect/detect_internal.h"

#include <hs/hs.h>
#include <string.h>

enum { REACH = 96, HOST_MAX = 64 };

static uint8_t small(int c)
{
    return (uint8_t)(sp_is_upper(c) ? c | 0x20 : c);
}

static size_t head_start(const sp_window *w, size_t head_end)
{
    size_t start = head_end;
    while (start > 0 && head_end - start < HOST_MAX && sp_is_alpha(w->p[start - 1])) start--;
    return start;
}

/* Start of the line of `start`, at most REACH bytes before. */
static size_t line_start(const sp_window *w, size_t start)
{
    const size_t least = start > REACH ? start - REACH : 0;
    size_t from = start;
    while (from > least && w->p[from - 1] != '\n') from--;
    return from;
}

static bool is_comment(const sp_window *w, size_t from, size_t start)
{
    while (from < start && (w->p[from] == ' ' || w->p[from] == '\t')) from++;
    const uint8_t c = w->p[from], next = from + 1 < w->n ? w->p[from + 1] : 0;
    return c == '*' || c == '#' || c == '%' || (c == '/' && (next == '/' || next == '*')) ||
           (c == '-' && next == '-') || (c == ';' && next == ';') || (c == '<' && next == '!');
}

/* Does one of the words begin in [from, to), where words begin, and end there? */
static bool holds(const sp_window *w, size_t from, size_t to, const char *const *words)
{
    for (size_t i = from; i < to; i++) {
        if (i > from && sp_is_alnum(w->p[i - 1]) && sp_is_alnum(w->p[i])) continue;
        const uint8_t first = small(w->p[i]);
        for (const char *const *word = words; *word != NULL; word++) {
            if ((uint8_t)(*word)[0] != first) continue;
            const size_t n = strlen(*word);
            if (n <= to - i && sp_bytes_eq_nocase((sp_bytes){w->p + i, n}, sp_bytes_of(*word))) return true;
        }
    }
    return false;
}

/* Does one of the words stand in the `reach` bytes before `start`? */
static bool holds_before(const sp_window *w, size_t start, size_t reach, const char *const *words)
{
    return holds(w, start > reach ? start - reach : 0, start, words);
}

/* ---- headers ---- */

static void proprietary(sp_window *w, size_t head_end, sp_match *m)
{
    static const char *const said[] = {"this file",    "this code",        "this source", "this software",
                                       "this program", "this source code", "this script", NULL};
    static const char *const fields[] = {"license: ", "licence: ", "licenseref-", "license\": \"", NULL};
    m->start = head_start(w, head_end);
    const size_t from = line_start(w, m->start);
    if (holds_before(w, m->start, 12, fields)) {
        m->end = head_end;
        m->confidence = 80;
        return;
    }
    const bool is_code =
        sp_goes_on(w, head_end, " source code", true) || sp_goes_on(w, head_end, " and confidential", true) ||
        sp_goes_on(w, head_end, " code of", true) || sp_goes_on(w, head_end, " software of", true);
    if (!is_comment(w, from, m->start) || (!is_code && !holds(w, from, m->start, said))) return;
    m->end = head_end;
    m->confidence = 80;
}

/* "Unauthorized copying of this file, via any medium, is strictly prohibited". */
static void unauthorized(sp_window *w, size_t head_end, sp_match *m)
{
    static const char *const acts[] = {" copying of this ",      " use of this ",
                                       " reproduction of this ", " copying of the ",
                                       " distribution of this ", " disclosure of this "};
    static const char *const things[] = {"file", "code", "source", "software", "program"};
    m->start = head_start(w, head_end);
    for (size_t k = 0; k < sizeof acts / sizeof acts[0]; k++) {
        if (!sp_goes_on(w, head_end, acts[k], true)) continue;
        const size_t thing = head_end + strlen(acts[k]);
        for (size_t n = 0; n < sizeof things / sizeof things[0]; n++) {
            if (!sp_goes_on(w, thing, things[n], true)) continue;
            m->end = thing + strlen(things[n]);
            m->confidence = 85;
            return;
        }
    }
}

/* `"license": "UNLICENSED"` of npm: nobody may use it. */
static void unlicensed(sp_window *w, size_t head_end, sp_match *m)
{
    static const char *const fields[] = {"\"license\"", NULL};
    m->start = head_start(w, head_end);
    if (sp_before(w, m->start) != '"' || sp_peek(w, head_end) != '"') return;
    if (!holds_before(w, m->start, 14, fields)) return;
    m->end = head_end;
    m->confidence = 80;
}

/* ---- hosts ---- */

static bool is_host(int c)
{
    return sp_is_alnum(c) || c == '-' || c == '.';
}

/* "https://git.corp.example.com/x", "git@code.internal:x": an address, of a host that only an organisation
 * knows. */
static void host(sp_window *w, size_t head_end, sp_match *m)
{
    static const char *const well_known[] = {"metadata.google", "host.docker", "gateway.docker",
                                             "kubernetes",      "example",     NULL};
    size_t start = head_end;
    while (start > 0 && head_end - start < HOST_MAX && is_host(w->p[start - 1])) start--;
    m->start = start;
    const bool is_address =
        (start > 2 && w->p[start - 1] == '/' && w->p[start - 2] == '/' && w->p[start - 3] == ':') ||
        (start > 3 && w->p[start - 1] == '@' && sp_is_alnum(w->p[start - 2]));
    const size_t end = sp_skip(w, head_end, head_end + HOST_MAX, is_host);
    const int after = sp_peek(w, end);
    if (!is_address || head_end - start < 6 || after == '_' || after == '(') return;
    if (holds(w, start, head_end, well_known)) return;
    m->end = end;
    while (m->end > head_end && w->p[m->end - 1] == '.') m->end--;
    m->confidence = 70;
}

/* ---- rows ---- */

static const sp_example proprietary_examples[] = {
    "1.\n# [Proprietary] and confidential\n2.",
    "1.\n// This file is [proprietary] to Acme.\n2.",
    "1.\n/* [PROPRIETARY] SOURCE CODE of Hartl & Sohn */\n2.",
    "# SPDX-License-Identifier: LicenseRef-[Proprietary]",
    "license: [Proprietary]",
    "proprietary drivers are not free",
    "# needs a proprietary codec",
    "// works with proprietary formats",
    NULL,
};
static const sp_example unauthorized_examples[] = {
    "[Unauthorized copying of this file], via any medium, is strictly prohibited",
    "# [UNAUTHORIZED USE OF THIS SOFTWARE] IS FORBIDDEN",
    "// [Unauthorised distribution of this source] code",
    "401 Unauthorized",
    "unauthorized copying of books",
    "unauthorized use of the name",
    NULL,
};
static const sp_example unlicensed_examples[] = {
    "\"license\": \"[UNLICENSED]\"", "\"license\":\"[UNLICENSED]\",", "unlicensed spectrum",
    "\"name\": \"UNLICENSED\"",      "\"license\": \"Unlicense\"",    NULL,
};
static const sp_example host_examples[] = {
    "git clone https://[git.corp.acme.com]/tariff.git",
    "git clone git@[code.internal]:tariff.git",
    "url = \"http://[jenkins.intranet.acme.de]:8080/job\"",
    "see https://[wiki.intranet.acme.eu].",
    "http://metadata.google.internal/computeMetadata",
    "self.internal.run()",
    "https://example.com/internal",
    "import com.acme.internal.Tools;",
    "http://host.docker.internal:8080",
    NULL,
};

#define CODE_ROW                                                                                       \
    .kind = SP_KIND_PROPRIETARY_CODE, .flags = HS_FLAG_CASELESS, .head_max = HOST_MAX, .longest = 128, \
    .least = 60

static const sp_row rows[] = {
    {.name = "code-proprietary",
     .head = "\\bproprietary\\b",
     .validate = proprietary,
     .source = "headers of source files, SPDX LicenseRef",
     .examples = proprietary_examples,
     CODE_ROW},
    {.name = "code-unauthorized",
     .head = "\\bunauthori[sz]ed\\b",
     .validate = unauthorized,
     .source = "headers of source files",
     .examples = unauthorized_examples,
     CODE_ROW},
    {.name = "code-unlicensed",
     .head = "\\bunlicensed\\b",
     .validate = unlicensed,
     .source = "package.json of npm: nobody may use it",
     .examples = unlicensed_examples,
     CODE_ROW},
    {.name = "internal-host",
     .head = "\\.(?:internal|intranet)\\b|\\.corp\\.",
     .validate = host,
     .source = "addresses of hosts that only an organisation knows; RFC 6762, appendix G",
     .examples = host_examples,
     CODE_ROW},
};

const sp_family sp_family_proprietary = {rows, sizeof rows / sizeof rows[0]};
