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

/* ---- findings ---- */

/* What was not asked for goes before the choice among those that overlap: it hides nothing. */
static void keep_asked(const scanner *s, sp_findings *found)
{
    size_t n = 0;
    for (size_t i = 0; i < found->n; i++) {
        const sp_finding f = found->v[i];
        if (f.confidence >= s->least && sp_bits256_has(s->kinds, f.kind)) {
            found->v[n++] = f;
        }
    }
    found->n = n;
}

int cli__scan_text(scanner *s, sp_findings *found, sp_bytes text, const char *where)
{
    *found = SP_FINDINGS_IN(&s->arena.mem, SCAN_FINDINGS_MAX);
    const sp_status status = sp_scan_whole(found, s->engine, s->scratch, text);
    if (status != SP_OK) {
        return cli_fail_status(status, where);
    }
    keep_asked(s, found);
    sp_findings_settle(found);
    s->counts.files++;
    s->counts.bytes += text.n;
    s->counts.findings += found->n;
    return CLI_OK;
}

sp_label cli__scan_label(const sp_findings *found)
{
    sp_label label = SP_LABEL_BOTTOM;
    for (size_t i = 0; i < found->n; i++) {
        const sp_kind_info *kind = sp_kind_get((sp_kind)found->v[i].kind);
        sp_label atom = SP_LABEL_BOTTOM;
        atom.level = kind->level;
        atom.categories = sp_kind_categories(kind);
        label = sp_label_join(label, atom);
    }
    return label;
}
