/** Answers as test/policy/reference.py writes them, and what it is told of declassifiers. */
#include "exchange.h"
#include "json.h"

static void write_candidate(const exchange *x, const sp_candidate *c)
{
    json_open(NULL, '{');
    json_text("destination", x->purpose.snapshot->destinations[c->destination].name);
    json_text("reason", sp_bytes_of(sp_reason_name(c->reason)));
    if (c->reason == SP_REASON_FLOW) json_text("part", sp_bytes_of(sp_label_part_name(c->part)));
    if (c->missing) json_bits("missing", c->missing);
    if (c->reason == SP_REASON_PERMIT) json_text("capability", sp_bytes_of(json_use_name(c->field)));
    json_close('}');
}

void exchange_write_decision(const char *key, const exchange *x, const sp_decision *d)
{
    json_open(key, '{');
    json_text("outcome", sp_bytes_of(sp_outcome_name(d->outcome)));
    json_text("status", d->status == SP_OK ? SP_LIT("ok") : sp_bytes_of(sp_error_get(d->status)->name));
    if (d->outcome == SP_DENY) {
        json_null("destination");
    } else {
        json_text("destination", x->purpose.snapshot->destinations[d->destination].name);
    }
    json_flag("is_last", d->is_last);
    json_open("candidates", '[');
    for (size_t i = 0; i < d->n_candidates; i++) write_candidate(x, &d->candidates[i]);
    json_close(']');
    json_close('}');
}

static const second *first_helped_by(const exchange *x, size_t declassifier)
{
    for (size_t i = 0; i < x->plain.n_candidates; i++) {
        if (x->seconds[i].what.declassifier == &x->ask.world->declassifiers[declassifier])
            return &x->seconds[i];
    }
    return NULL;
}

void exchange_write_made(const exchange *x)
{
    json_open("transformed", '{');
    for (size_t i = 0; i < x->ask.world->snapshot.n_declassifiers; i++) {
        made m;
        const second *s = first_helped_by(x, i);
        if (s == NULL || !s->is_made || exchange_is_ideal(&x->ask, s)) continue;
        if (!exchange_make(&m, &x->ask, &s->what)) continue;
        world_open_row(x->ask.world->declassifiers[i].name);
        ask_write_findings("findings", m.findings, m.n_findings, 0);
        ask_write_uses(m.uses, m.request.n_uses);
        json_close('}');
    }
    json_close('}');
}
