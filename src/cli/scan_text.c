/* A text under the detectors, and places in it. */
#include <string.h>

#include "cli/scan_internal.h"

/* ---- places ---- */

static size_t count_points(const uint8_t *p, size_t n)
{
    size_t points = 0;
    for (size_t i = 0; i < n; i++) {
        points += (p[i] & 0xc0) != 0x80;
    }
    return points;
}

/* Line and column in one piece of text, which begins where the place is. */
static void count_lines(scan_place *place, const uint8_t *p, size_t n, size_t points)
{
    const uint8_t *line = NULL, *at = p;
    while ((at = memchr(at, '\n', (size_t)(p + n - at))) != NULL) {
        line = ++at;
        place->line++;
    }
    place->column = line == NULL ? place->column + points : count_points(line, (size_t)(p + n - line));
}

void cli__scan_advance(scan_place *place, size_t to)
{
    const size_t end = to < place->text.n ? to : place->text.n;
    if (end <= place->at) {
        return;
    }
    const uint8_t *p = place->text.p + place->at;
    const size_t points = count_points(p, end - place->at);
    count_lines(place, p, end - place->at, points);
    place->points += points;
    place->at = end;
}

scan_place cli__scan_ahead(const scan_place *place, size_t to)
{
    scan_place ahead = *place;
    cli__scan_advance(&ahead, to);
    return ahead;
}

/* ---- findings ---- */

const sp_kind_info *cli__scan_kind(const scanner *s, const sp_finding *f)
{
    return sp_engine_class(s->detectors.engine, sp_finding_class(f));
}

/* What a rule allows is of the class that it was found as. */
static unsigned found_class(const scanner *s, const sp_finding *f)
{
    const unsigned class = sp_finding_class(f);
    return sp_finding_is_allowed(f) ? s->custom[class - SP_CLASS_OWN].allows : class;
}

static bool is_asked(const scanner *s, const sp_finding *f)
{
    const unsigned class = found_class(s, f);
    return class < SP_CLASS_OWN ? sp_bits256_has(s->kinds, (uint8_t) class)
                                : sp_bits256_has(s->own, (uint8_t)(class - SP_CLASS_OWN));
}

/* What the configuration allows is no finding: it is told apart from them. */
static int set_allowed_apart(scanner *s, sp_findings *found)
{
    size_t n = 0;
    s->allowed = SP_FINDINGS_IN(&s->arena.mem, SCAN_FINDINGS_MAX);
    s->allowed.v = sp_alloc_bytes(&s->arena.mem, (found->n + 1) * sizeof *found->v);
    if (s->allowed.v == NULL) {
        return cli_fail_status(SP_ENOMEM, NULL);
    }
    for (size_t i = 0; i < found->n; i++) {
        if (!sp_finding_is_allowed(&found->v[i])) {
            found->v[n++] = found->v[i];
        } else if (is_asked(s, &found->v[i])) {
            s->allowed.v[s->allowed.n++] = found->v[i];
        }
    }
    found->n = n;
    return CLI_OK;
}

/* What was not asked for goes before the choice among those that overlap: it hides nothing. */
static void keep_asked(const scanner *s, sp_findings *found)
{
    size_t n = 0;
    for (size_t i = 0; i < found->n; i++) {
        const sp_finding f = found->v[i];
        if (f.confidence >= s->least && is_asked(s, &f)) {
            found->v[n++] = f;
        }
    }
    found->n = n;
}

/* Only what is printed is looked for. */
static bool is_code_asked(const scanner *s)
{
    return s->tells_code || sp_bits256_has(s->kinds, SP_KIND_PROGRAM_CODE);
}

int cli__scan_text(scanner *s, sp_findings *found, sp_bytes text, const char *where)
{
    *found = SP_FINDINGS_IN(&s->arena.mem, SCAN_FINDINGS_MAX);
    const sp_scan_in in = {s->detectors.engine, s->detectors.scratch, text, {NULL, 0}, &s->arena.mem};
    sp_status status = sp_scan_disguised(found, &in);
    s->hides = status == SP_EHIDDEN;
    s->is_costly = status == SP_EWORK;
    if (status == SP_OK || s->hides || s->is_costly) {
        status = sp_judge_injection(&s->judged, in.engine, in.scratch, text, SP_TEXT_UNKNOWN);
    }
    if (status != SP_OK) {
        return cli_fail_status(status, where);
    }
    if (s->n_custom > 0 && set_allowed_apart(s, found) != CLI_OK) {
        return CLI_FAILED;
    }
    s->code = (sp_code){0};
    if (is_code_asked(s)) {
        sp_code_look(&s->code, in.engine, text);
    }
    keep_asked(s, found);
    sp_findings_settle(found);
    s->counts.files++;
    s->counts.bytes += text.n;
    s->counts.findings += found->n;
    s->counts.hiding += s->hides;
    s->counts.costly += s->is_costly;
    return CLI_OK;
}

static uint8_t highest_level(const sp_names *names)
{
    uint8_t level = SP_LEVEL_MAX;
    while (level > 0 && names->level[level].n == 0) {
        level--;
    }
    return level;
}

static bool is_judged_asked(const scanner *s)
{
    return s->judged.score >= SP_SCORE_ONE / 2 && s->judged.score / 10 >= s->least &&
           sp_bits256_has(s->kinds, SP_KIND_INJECTION);
}

/* In order of start. What was found is settled already: what lies in it stays. */
static int add_said(scanner *s, sp_findings *found, sp_finding said)
{
    sp_finding *v = sp_alloc_bytes(&s->arena.mem, (found->n + 1) * sizeof *v);
    if (v == NULL) {
        return cli_fail_status(SP_ENOMEM, NULL);
    }
    size_t at = 0;
    for (; at < found->n && found->v[at].start < said.start; at++) {
        v[at] = found->v[at];
    }
    said.detector = SP_DETECTOR_NONE;
    v[at] = said;
    for (size_t i = at; i < found->n; i++) {
        v[i + 1] = found->v[i];
    }
    found->v = v;
    found->cap = ++found->n;
    s->counts.findings++;
    return CLI_OK;
}

int cli__scan_add_judged(scanner *s, sp_findings *found)
{
    int code = CLI_OK;
    if (s->code.language != NULL && s->code.confidence >= s->least &&
        sp_bits256_has(s->kinds, SP_KIND_PROGRAM_CODE)) {
        code = add_said(s, found,
                        (sp_finding){.start = (uint32_t)s->code.start,
                                     .end = (uint32_t)s->code.end,
                                     .kind = SP_KIND_PROGRAM_CODE,
                                     .confidence = s->code.confidence});
    }
    if (code != CLI_OK || !is_judged_asked(s)) {
        return code;
    }
    return add_said(s, found,
                    (sp_finding){.start = (uint32_t)s->judged.start,
                                 .end = (uint32_t)s->judged.end,
                                 .kind = SP_KIND_INJECTION,
                                 .confidence = (uint8_t)(s->judged.score / 10)});
}

sp_label cli__scan_label(const scanner *s, const sp_findings *found)
{
    sp_label label = SP_LABEL_BOTTOM;
    for (size_t i = 0; i < found->n; i++) {
        const sp_kind_info *kind = cli__scan_kind(s, &found->v[i]);
        sp_label atom = SP_LABEL_BOTTOM;
        if (kind->category == SP_CAT_OUTWARD) continue; /* the gateway gives it none either */
        atom.level = kind->level;
        atom.categories = sp_kind_categories(kind);
        label = sp_label_join(label, atom);
    }
    if (s->hides || s->is_costly) {
        label.level = highest_level(&s->names);
    }
    return label;
}
