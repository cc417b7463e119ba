/* A text of which parts were scanned before. A part is judged by itself when nothing can tell it from the
 * same part in another text: it starts behind a newline and ends with one, so that no head lies on its edge
 * (heads lie in one run, and a newline ends runs of all classes); validators look back no further than its
 * context; and none of them asked for a byte behind its end. Then no finding crosses an edge either, and the
 * choice among those that overlap starts afresh at each. */
#include "detect/detect_internal.h"

#include <string.h>

_Static_assert((int)SP_PART_CONTEXT == (int)SP_CONTEXT_MAX,
               "what a part depends on is what validators may look back");

/* A scan under way. */
typedef struct scan_state {
    const sp_engine *engine;
    sp_scratch *scratch;
    sp_bytes text;
    sp_findings *out;
    sp_chooser all;    /* over the whole text: limits */
    sp_meter meter;    /* over all parts */
    size_t n_raw;      /* confirmed matches of the parts that were scanned */
    bool is_whole_due; /* the text has to be scanned as one */
} scan_state;

/* Findings before the choice are bounded per scan; near that bound only a scan of the whole knows which are
 * lost. */
static bool is_crowded(const scan_state *s, const sp_pass *pass)
{
    return pass->is_full || s->n_raw >= SP_PASS_MAX;
}

static sp_status offer_known(scan_state *s, const sp_verdict *known, size_t start)
{
    s->n_raw += known->n;
    const sp_bytes text = sp_bytes_sub(s->text, start, s->text.n);
    for (size_t i = 0; i < known->n; i++) {
        const sp_finding f = sp_engine__weigh(s->engine, s->scratch, text, known->v[i]);
        SP_TRY(sp_chooser_offer(&s->all, s->out, f, start));
    }
    return SP_OK;
}

/* Offers what was found, moved by `shift`, and keeps it if it is little. */
static sp_status offer_found(scan_state *s, sp_verdict *verdict, const sp_pass *pass, size_t shift,
                             size_t start)
{
    const sp_bytes text = sp_bytes_sub(s->text, shift, s->text.n);
    verdict->is_known = pass->n <= SP_PART_FINDINGS_MAX;
    for (size_t i = 0; i < pass->n; i++) {
        const sp_finding weighed = sp_engine__weigh(s->engine, s->scratch, text, pass->v[i]);
        SP_TRY(sp_chooser_offer(&s->all, s->out, weighed, shift));
        if (!verdict->is_known) continue;
        sp_finding f = pass->v[i];
        f.start -= (uint32_t)(start - shift);
        f.end -= (uint32_t)(start - shift);
        verdict->v[verdict->n++] = f;
    }
    return SP_OK;
}

static sp_status scan_part(scan_state *s, sp_part *part, size_t start)
{
    sp_pass pass;
    const size_t context = start < SP_CONTEXT_MAX ? start : SP_CONTEXT_MAX;
    sp_around around = {{s->text.p, part->end}, false};
    const sp_pass_in in = {
        sp_bytes_sub(s->text, start - context, part->end), context, false, 0, NULL, &s->meter, &around};
    SP_TRY(sp_engine__pass_whole(&pass, s->engine, s->scratch, &in));
    s->n_raw += pass.n;
    if (pass.pending != SIZE_MAX || is_crowded(s, &pass)) {
        s->is_whole_due = true;
        return SP_OK;
    }
    SP_TRY(offer_found(s, &part->verdict, &pass, start - context, start));
    if (around.is_needed) { /* elsewhere other lines stand above */
        part->verdict.is_known = false;
        part->verdict.n = 0;
    }
    return SP_OK;
}

static sp_status scan_all(scan_state *s, sp_parts parts)
{
    size_t start = 0;
    for (size_t i = 0; i < parts.n && !s->is_whole_due; i++) {
        sp_part *part = &parts.v[i];
        SP_CHECK(part->end >= start && part->end <= s->text.n);
        SP_CHECK(part->end == start || s->text.p[part->end - 1] == '\n');
        if (part->verdict.is_known) {
            SP_TRY(offer_known(s, &part->verdict, start));
        } else if (part->end > start) {
            SP_TRY(scan_part(s, part, start));
        }
        start = part->end;
    }
    SP_CHECK(s->is_whole_due || start == s->text.n);
    return SP_OK;
}

sp_status sp_scan_parts(sp_findings *out, const sp_engine *engine, sp_scratch *scratch, sp_bytes text,
                        sp_parts parts)
{
    const size_t before = out->n;
    const bool was_full = out->is_full;
    scan_state s = {.engine = engine, .scratch = scratch, .text = text, .out = out, .meter = SP_METER_NEW};
    if (text.n > UINT32_MAX) return SP_ERANGE;
    SP_TRY(scan_all(&s, parts));
    if (!s.is_whole_due && s.n_raw < SP_PASS_MAX) return SP_OK;
    out->n = before;
    out->is_full = was_full;
    return sp_scan_whole(out, engine, scratch, text);
}
