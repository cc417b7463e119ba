/** What a body holds: parsed, compared with what was seen before, scanned, labelled. Four steps: the first
 * and the third take long and touch nothing but the exchange; the second and the fourth are short and use the
 * tables of what is known and of what was told. So the long ones can be done aside, with the same outcome.
 */
#include "ngx_http_sallyport_known.h"
#include "ngx_http_sallyport_told.h"

#include "sallyport/propose.h"

enum {
    WORK_KEPT = 1 << 20, /* memory that stays with the tools for the next body to be parsed */
    /* A byte that is labelled takes 120 ns at worst. One that is read takes 19 (numbers of one digit in a
     * string), one that is known less. */
    READ_FOR_ONE = 6,
    KNOWN_FOR_ONE = 8,
};

/** Trees and views are of no use behind a step: each takes the place of the one before. They may be as large
 * as what the request itself may still take. */
static void lend(const ngx_http_sallyport_exchange_t *x, sp_arena *work)
{
    work->mem.limit = x->arena.mem.limit - x->arena.mem.used;
}

static sp_status parse(ngx_http_sallyport_exchange_t *x, sp_arena *work)
{
    const sp_parse_in in = {x->route.dialect, x->route.operation, x->body, &work->mem};

    lend(x, work);
    const sp_status status = sp_request_parse_with(&x->request, &in, &x->arena.mem, &x->reading.diag);
    sp_arena_reset(work, WORK_KEPT);
    return status;
}

/** First, long: the text of the body, and its pieces. */
static void read_body(ngx_http_sallyport_exchange_t *x, ngx_http_sallyport_tools_t *tools)
{
    sp_pieces pieces;

    x->reading.status = parse(x, &tools->work);
    if (x->reading.status == SP_OK) {
        x->reading.status = sp_history_cut(&pieces, &x->request, &x->arena.mem);
    }
    if (x->reading.status == SP_OK) {
        x->pieces = pieces;
        sp_purpose_bind_model(&x->purpose, x->request.model);
    }
}

static sp_status find_known(ngx_http_sallyport_exchange_t *x)
{
    SP_TRY(ngx_http_sallyport_known_look(x));
    return ngx_http_sallyport_told_recall(x);
}

/** Second: what this caller's requests held before was scanned then; what its conversations were told before
 * has a label. */
static bool recall(ngx_http_sallyport_exchange_t *x)
{
    x->reading.now_s = ngx_http_sallyport_now_s(); /* here, since the clock is the loop's */
    if (x->reading.status == SP_OK) {
        x->reading.status = find_known(x);
        if (x->reading.status != SP_OK) {
            x->pieces = (sp_pieces){0}; /* a piece without its tag is none */
        }
    }
    return x->reading.status == SP_OK;
}

/** Values of headers that go on to the destination are content like any other. Their findings stand behind
 * the text of the body, where no segment is: they have a kind, but no place in it. */
static sp_status scan_headers(ngx_http_sallyport_exchange_t *x, sp_scan_in in)
{
    ngx_http_sallyport_fields_t at = {&x->r->headers_in.headers.part, 0};
    const ngx_table_elt_t *h;

    while ((h = ngx_http_sallyport_field(&at)) != NULL) {
        if (!sp_dialect_forwards_header(x->route.dialect, ngx_http_sallyport_bytes(h->key))) {
            continue;
        }
        const size_t before = x->findings.n;
        in.text = ngx_http_sallyport_bytes(h->value);
        SP_TRY(sp_scan_disguised(&x->findings, &in));
        for (size_t i = before; i < x->findings.n; i++) {
            x->findings.v[i].start += (uint32_t)x->request.text.n;
            x->findings.v[i].end += (uint32_t)x->request.text.n;
        }
    }
    return SP_OK;
}

static sp_status propose(ngx_http_sallyport_exchange_t *x, sp_scratch *scratch)
{
    const sp_propose_in in = {&x->purpose, &x->request, x->reading.parts};

    x->proposals = SP_FINDINGS_IN(&x->arena.mem, x->policy->snapshot.limits.findings);
    return sp_propose(&x->proposals, &in, x->policy->detectors->engine, scratch);
}

/** What a declassifier made of a body has what was told elsewhere than the original. */
static sp_recalled recalled_in(const ngx_http_sallyport_exchange_t *x, bool is_original)
{
    sp_recalled recalled = x->reading.recalled;

    if (!is_original) {
        recalled.start = recalled.end = 0;
    }
    return recalled;
}

static sp_status scan(ngx_http_sallyport_exchange_t *x, ngx_http_sallyport_tools_t *tools)
{
    sp_scan_in in = {x->policy->detectors->engine, tools->scratch, x->request.text, x->reading.parts,
                     &tools->work.mem};
    const sp_recalled recalled = recalled_in(x, !x->declassified.is_on);
    const sp_evidence evidence = {&x->purpose,      &x->request, &x->findings,
                                  x->reading.now_s, &recalled,   &x->proposals};

    x->findings = SP_FINDINGS_IN(&x->arena.mem, x->policy->snapshot.limits.findings);
    SP_TRY(sp_scan_disguised(&x->findings, &in));
    SP_TRY(propose(x, tools->scratch));
    in.parts = (sp_parts){0};
    SP_TRY(scan_headers(x, in));
    return sp_label_request(&x->labelling, &evidence, &x->arena.mem);
}

/** Third, long: the label. */
static void judge(ngx_http_sallyport_exchange_t *x, ngx_http_sallyport_tools_t *tools)
{
    lend(x, &tools->work);
    x->reading.status = scan(x, tools);
    sp_arena_reset(&tools->work, WORK_KEPT);
}

/** Fourth. */
static void learn(ngx_http_sallyport_exchange_t *x)
{
    if (x->reading.status == SP_OK) {
        ngx_http_sallyport_known_learn(x);
    }
}

/** One that has outlived its label: from what was found, nothing is scanned again. */
static sp_status renew(ngx_http_sallyport_exchange_t *x, sp_labelling *l, const sp_evidence *evidence)
{
    sp_labelling renewed;

    if (evidence->now_s < l->until_s) {
        return SP_OK;
    }
    SP_TRY(sp_label_request(&renewed, evidence, &x->arena.mem)); /* what is refused now keeps its label */
    *l = renewed;
    return SP_OK;
}

sp_status ngx_http_sallyport_label_renew(ngx_http_sallyport_exchange_t *x, uint64_t now_s)
{
    ngx_http_sallyport_view_t *kept = &x->declassified.original;
    const sp_recalled recalled = recalled_in(x, !x->declassified.is_on);
    const sp_evidence here = {&x->purpose, &x->request, &x->findings, now_s, &recalled, &x->proposals};
    const sp_evidence there = {&x->purpose, &kept->request,       &kept->findings,
                               now_s,       &x->reading.recalled, &kept->proposals};

    SP_TRY(renew(x, &x->labelling, &here));
    return x->declassified.is_on ? renew(x, &kept->labelling, &there) : SP_OK;
}

/* ---- aside ---- */

static void end_aside(ngx_http_sallyport_exchange_t *x)
{
    ngx_http_sallyport_aside_forget(x);
    x->reading.labelled(x);
}

static void judged_aside(ngx_http_sallyport_exchange_t *x)
{
    learn(x);
    end_aside(x);
}

/** What it takes to judge, in bytes that are new. A new part may have all of the text scanned as one
 * (sp_scan_parts): such a body is only taken for little while that is no more than a turn may take. */
static size_t left_to_judge(const ngx_http_sallyport_exchange_t *x)
{
    const sp_parts *parts = &x->reading.parts;
    const size_t all = x->request.text.n;
    size_t known = 0, at = 0;

    for (size_t i = 0; i < parts->n; i++) {
        known += parts->v[i].verdict.is_known ? parts->v[i].end - at : 0;
        at = parts->v[i].end;
    }
    return known < all && all > NGX_HTTP_SALLYPORT_A_TURN ? all : all - known + known / KNOWN_FOR_ONE;
}

static void read_aside(ngx_http_sallyport_exchange_t *x)
{
    if (recall(x)) {
        ngx_http_sallyport_aside_on(x, judge, judged_aside);
        return;
    }
    end_aside(x);
}

void ngx_http_sallyport_label(ngx_http_sallyport_exchange_t *x, ngx_http_sallyport_then_pt then)
{
    ngx_http_sallyport_tools_t *tools = &ngx_http_sallyport_worker.tools;

    x->reading.diag.at = SIZE_MAX;
    x->reading.labelled = then;
    if (ngx_http_sallyport_aside_is_due(x->body.n / READ_FOR_ONE)) {
        ngx_http_sallyport_aside(x, read_body, read_aside);
        return;
    }
    read_body(x, tools);
    if (!recall(x)) {
        then(x);
        return;
    }
    if (ngx_http_sallyport_aside_is_due(left_to_judge(x))) {
        ngx_http_sallyport_aside(x, judge, judged_aside);
        return;
    }
    judge(x, tools);
    learn(x);
    then(x);
}
