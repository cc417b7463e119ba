/** Asking. The bytes of a request are not there: what a declassifier makes of them is what `work` says. */
#include "exchange.h"

#include <stdio.h>
#include <stdlib.h>

static void must(sp_status status)
{
    if (status == SP_OK) return;
    fprintf(stderr, "the policy core: %s\n", sp_error_get(status)->name);
    exit(1);
}

static const work *work_of(const ask *q, const sp_declassification *what)
{
    return &q->works[what->declassifier - q->world->declassifiers];
}

bool exchange_make(made *out, const ask *q, const sp_declassification *what)
{
    const work *w = work_of(q, what);
    if (q->is_full) return false;
    out->n_findings = 0;
    for (size_t i = 0; i < q->n_findings; i++) {
        const bool is_to_go = sp_bits256_has(what->kinds, q->findings[i].kind);
        if (is_to_go && ((q->unplaced >> i) & 1)) return false;
        if (!is_to_go || ((w->leaves >> i) & 1)) out->findings[out->n_findings++] = q->findings[i];
    }
    out->request = q->request;
    memcpy(out->uses, q->uses, sizeof q->uses);
    if (w->adds_use) out->uses[out->request.n_uses++] = (sp_use){.kind = (uint8_t)(w->adds_use - 1)};
    out->request.uses = out->uses;
    return true;
}

bool exchange_is_ideal(const ask *q, const second *s)
{
    const work *w = work_of(q, &s->what);
    return s->is_made && w->leaves == 0 && w->adds_use == 0;
}

static void label(sp_labelling *out, const exchange *x, const sp_request *request,
                  const sp_findings *findings, sp_mem *mem)
{
    const sp_evidence evidence = {&x->purpose, request, findings, x->ask.now_s, &x->ask.recalled, NULL};
    must(sp_label_request(out, &evidence, mem));
}

/** A second question, and its answer. */
typedef struct again {
    sp_labelling labelling;
    sp_decision decision;
} again;

/** @return false: there is none. */
static bool ask_again(again *out, const exchange *x, const sp_question *first,
                      const sp_declassification *what, sp_mem *mem)
{
    made m;
    sp_question q = *first;
    if (!exchange_make(&m, &x->ask, what)) return false;
    const sp_findings findings = {.v = m.findings, .n = m.n_findings};
    label(&out->labelling, x, &m.request, &findings, mem);
    q.declassified = (sp_declassified){&m.request, &out->labelling.label, what->candidate};
    sp_decide(&out->decision, &q);
    return true;
}

/** Both questions for a candidate, whatever becomes of the others. */
static void ask_of(exchange *x, const sp_question *first, uint8_t candidate, sp_mem *mem)
{
    again a;
    second *s = &x->seconds[candidate];
    sp_question q = *first;
    q.is_retry_denied = false;
    s->what = sp_declassifier_find(&q, &x->labelling, x->plain.candidates[candidate].destination);
    s->what.candidate = candidate;
    if (s->what.declassifier == NULL || !ask_again(&a, x, &q, &s->what, mem)) return;
    s->is_made = true;
    s->label = a.labelling.label;
    s->reason = a.decision.candidates[candidate].reason;
    s->passes = s->reason != SP_REASON_FLOW;
}

/** One after the other until one may be sent. What failed before had been opened, or it would not have been
 * tried. */
static void walk(exchange *x, const sp_question *first, sp_mem *mem)
{
    sp_question q = *first;
    uint32_t refused = 0;
    for (uint8_t i = 0; i < x->plain.n_candidates; i++)
        q.opened |= x->seconds[i].passes ? q.tried & (UINT32_C(1) << i) : 0;
    for (;;) {
        const sp_declassification what = sp_declassifier_next(&q, &x->labelling, refused);
        if (what.declassifier == NULL) break;
        refused |= UINT32_C(1) << what.candidate;
        again a;
        if (!ask_again(&a, x, &q, &what, mem)) continue;
        x->decision = a.decision;
        if (x->decision.outcome == SP_DECLASSIFY) return;
        if (x->decision.candidates[what.candidate].reason != SP_REASON_FLOW)
            q.opened |= UINT32_C(1) << what.candidate;
    }
    sp_decide(&x->decision, &q);
}

static void label_and_decide(exchange *x, sp_mem *mem)
{
    ask *q = &x->ask;
    const sp_findings findings = {.v = q->findings, .n = q->n_findings, .is_full = q->is_full};
    q->request.model = q->model;
    q->request.segments = q->texts;
    q->request.tool_parts = q->parts;
    q->request.text.p = q->bytes;
    q->request.uses = q->uses;
    q->stops.v = q->paused;
    label(&x->labelling, x, &q->request, &findings, mem);
    const sp_question question = {.purpose = &x->purpose,
                                  .request = &q->request,
                                  .label = &x->labelling.label,
                                  .stops = q->stops.is_known && q->stops.n == 0 ? NULL : &q->stops,
                                  .tried = q->tried,
                                  .away = q->away,
                                  .is_key_gone = q->is_key_gone,
                                  .is_retry_denied = q->is_retry_denied,
                                  .now_s = q->now_s};
    sp_decide(&x->plain, &question);
    for (uint8_t i = 0; i < x->plain.n_candidates; i++) {
        x->seconds[i] = (second){.what = {.declassifier = NULL}};
        if (x->plain.candidates[i].reason == SP_REASON_FLOW) ask_of(x, &question, i, mem);
    }
    walk(x, &question, mem);
    x->has_label = x->decision.status != SP_ESNAPSHOT && x->decision.status != SP_EBADKEY;
}

static sp_status read_headers(sp_purpose *p, const ask *q)
{
    sp_status status = SP_OK;
    if (q->use_cases.is_there) status = sp_purpose_declare(p, (sp_bytes){q->use_cases.text, q->use_cases.n});
    if (status == SP_OK && q->sources.is_there)
        status = sp_purpose_draw_on(p, (sp_bytes){q->sources.text, q->sources.n});
    if (q->subject.n) sp_purpose_serve(p, q->subject);
    return status;
}

/** As the gateway does: names are read once the key and the policy are known to serve. */
void exchange_put(exchange *x, sp_mem *mem)
{
    const ask *q = &x->ask;
    const sp_snapshot *s = &q->world->snapshot;
    sp_purpose_init(&x->purpose, s, &s->applications[q->application], &q->key);
    const sp_status status = read_headers(&x->purpose, q);
    sp_purpose_bind_model(&x->purpose, q->model);
    if (status == SP_OK || q->is_key_gone || q->now_s >= s->expires_s) {
        label_and_decide(x, mem);
        return;
    }
    x->has_label = false;
    x->plain = x->decision = (sp_decision){.status = status, .is_last = true};
}

uint8_t exchange_by_itself(uint8_t reason)
{
    return reason == SP_REASON_TAKEN || reason == SP_REASON_NOT_REACHED ? (uint8_t)SP_REASON_NONE : reason;
}

uint32_t exchange_reached(const exchange *x)
{
    uint32_t rows = 0;
    for (size_t i = 0; i < x->plain.n_candidates; i++) {
        const sp_candidate *c = &x->plain.candidates[i];
        const uint8_t reason = x->seconds[i].passes ? x->seconds[i].reason : c->reason;
        rows |= exchange_by_itself(reason) == SP_REASON_NONE ? UINT32_C(1) << c->destination : 0;
    }
    return rows;
}

uint32_t exchange_openable(const exchange *x)
{
    uint32_t rows = 0;
    for (size_t i = 0; i < x->plain.n_candidates; i++) {
        const sp_candidate *c = &x->plain.candidates[i];
        const bool flows = c->reason != SP_REASON_DIALECT && c->reason != SP_REASON_FLOW;
        rows |= flows || x->seconds[i].what.declassifier ? UINT32_C(1) << c->destination : 0;
    }
    return rows;
}
