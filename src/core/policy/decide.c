/** The decision: which destination may have this request. The one place that decides; everything else asks
 * it. Candidates are judged one by one, in the order of preference, by facts of the candidate alone; the
 * first that passes is taken. So failover, which only marks candidates as tried, can never reach one that the
 * first decision would not have allowed. */
#include "policy_internal.h"

#include "tbl/names.h"

int sp_model_find(const sp_snapshot *snapshot, sp_bytes name)
{
    size_t low = 0;
    size_t high = snapshot->n_models;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = sp_bytes_cmp(snapshot->models[middle].name, name);
        if (order == 0) return (int)middle;
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return -1;
}

static bool application_may_use(const sp_application *a, int model)
{
    for (size_t i = 0; i < a->n_models; i++) {
        if (a->models[i] == model) return true;
    }
    return false;
}

/** Kinds of use that need a permission of the destination; and those that need one of the application too,
 * since they act beyond this request. A use case permits every kind unless it says which. */
static const sp_permits destination_grants = SP_PERMIT(SP_FIELD_STATE) | SP_PERMIT(SP_FIELD_EGRESS) |
                                             SP_PERMIT(SP_FIELD_UNKNOWN) | SP_PERMIT(SP_FIELD_OPAQUE) |
                                             SP_PERMIT(SP_FIELD_SERVER_TOOLS);
static const sp_permits application_grants =
    SP_PERMIT(SP_FIELD_STATE) | SP_PERMIT(SP_FIELD_EGRESS) | SP_PERMIT(SP_FIELD_SERVER_TOOLS);

/** Does the request hold a use among `needed` that `permits` lacks? `*kind` receives the first; left alone
 * otherwise. */
static bool is_missing(const sp_request *request, sp_permits needed, sp_permits permits, uint8_t *kind)
{
    for (size_t i = 0; i < request->n_uses; i++) {
        const sp_permits bit = SP_PERMIT(request->uses[i].kind);
        if (!(needed & bit) || (permits & bit)) continue;
        *kind = request->uses[i].kind;
        return true;
    }
    return false;
}

/** The application is asked first, then the use cases in their order. */
static bool is_refused_to_caller(const sp_purpose *p, const sp_request *request, uint8_t *kind)
{
    if (is_missing(request, application_grants, p->application->permits, kind)) return true;
    for (size_t i = 0; i < p->n_use_cases; i++) {
        const sp_permits permits = p->snapshot->use_cases[p->use_cases[i].row].permits;
        if (permits != 0 && is_missing(request, ~UINT32_C(0), permits, kind)) return true;
    }
    return false;
}

static sp_status status_of_use(uint8_t kind)
{
    switch ((sp_field_kind)kind) {
    case SP_FIELD_STATE:
        return SP_ESTATE;
    case SP_FIELD_EGRESS:
    case SP_FIELD_SERVER_TOOLS:
        return SP_EEGRESS;
    case SP_FIELD_UNREADABLE:
    case SP_FIELD_OPAQUE:
    case SP_FIELD_IMAGES:
        return SP_EUNREADABLE;
    case SP_FIELD_TOOLS:
    case SP_FIELD_PARAMETER:
        return SP_EFORBIDDEN;
    case SP_FIELD_UNKNOWN:
    case SP_FIELD_TEXT:
        break;
    }
    return SP_EUNKNOWN;
}

const sp_stop *sp_decide__stop(const sp_question *q, sp_bytes model, sp_bytes destination)
{
    return q->stops ? sp_purpose_stop(q->purpose, q->stops, &(sp_target){model, destination}, false) : NULL;
}

const sp_stop *sp_decision_stop(const sp_decision *d, const sp_question *q)
{
    if (d->status != SP_ESTOPPED) return NULL;
    const int model = sp_model_find(q->purpose->snapshot, q->request->model);
    const sp_bytes name = model < 0 ? SP_BYTES_EMPTY : q->purpose->snapshot->models[model].name;
    for (size_t i = 0; i < d->n_candidates; i++) {
        if (d->candidates[i].reason == SP_REASON_STOPPED)
            return sp_decide__stop(q, name,
                                   q->purpose->snapshot->destinations[d->candidates[i].destination].name);
    }
    return sp_decide__stop(q, name, SP_BYTES_EMPTY);
}

/** Rules: what of the request refuses this destination. */
static void judge_request(sp_candidate *c, const sp_question *q, const sp_request *request,
                          const sp_flow *flow)
{
    const sp_destination *d = &q->purpose->snapshot->destinations[c->destination];
    sp_obstacle why;
    uint8_t kind = 0;
    if (d->dialect != sp_dialect_id_of(request->dialect)) {
        c->reason = SP_REASON_DIALECT;
    } else if (!sp_flow_reaches(flow, d, &why)) {
        c->reason = SP_REASON_FLOW;
        c->part = why.part;
        c->missing = why.missing;
    } else if (is_missing(request, destination_grants, d->permits, &kind)) {
        c->reason = SP_REASON_PERMIT;
        c->field = kind;
    }
}

/** The second question: the plain one, of what a declassifier made, and so of the caller too. Where it is
 * refused the first reason stands. */
static void judge_declassified(sp_candidate *c, const sp_question *q)
{
    sp_flow flow;
    uint8_t kind = 0;
    sp_candidate again = {.destination = c->destination};
    if (is_refused_to_caller(q->purpose, q->declassified.request, &kind)) return;
    if (!sp_reader_may_read(q->purpose, q->declassified.label)) return;
    sp_flow_init(&flow, q->purpose->snapshot, q->declassified.label, q->now_s);
    judge_request(&again, q, q->declassified.request, &flow);
    if (again.reason == SP_REASON_NONE) *c = again;
}

/** What of the moment keeps a candidate away: paused, tried, no address, away; NONE. */
static uint8_t circumstance(const sp_question *q, const sp_destination *d, size_t i)
{
    if (sp_decide__stop(q, SP_BYTES_EMPTY, d->name) != NULL) return SP_REASON_STOPPED;
    if ((q->tried >> i) & 1) return SP_REASON_TRIED;
    if (d->n_addresses == 0) return SP_REASON_ADDRESS;
    return d->is_down || ((q->away >> i) & 1) ? SP_REASON_AWAY : SP_REASON_NONE;
}

/** Judges one candidate by itself. Rules first, circumstances last, so that the reason shown is the one that
 * binds. */
static void judge(sp_candidate *c, const sp_question *q, const sp_flow *flow, size_t i)
{
    const uint8_t moment = circumstance(q, &q->purpose->snapshot->destinations[c->destination], i);
    const bool is_declassified = q->declassified.request != NULL && q->declassified.candidate == i;
    c->reason = SP_REASON_NONE;
    judge_request(c, q, q->request, flow);
    if (c->reason == SP_REASON_FLOW && is_declassified) judge_declassified(c, q);
    const bool is_opened = c->reason == SP_REASON_FLOW && ((q->opened >> i) & 1) && moment != SP_REASON_NONE;
    if (c->reason == SP_REASON_NONE || is_opened)
        *c = (sp_candidate){.destination = c->destination, .reason = moment};
}

/** Would the label flow if it held no unreadable content? Then that is what to tell the caller. */
static bool only_unreadable_refuses(const sp_question *q, const sp_candidate *c)
{
    const uint64_t unreadable = SP_CAT_BIT(SP_CAT_UNREADABLE);
    if (c->reason != SP_REASON_FLOW || !(q->label->categories & unreadable)) return false;
    sp_label readable = *q->label;
    readable.categories &= ~unreadable;
    sp_flow flow;
    sp_flow_init(&flow, q->purpose->snapshot, &readable, q->now_s);
    return sp_flow_reaches(&flow, &q->purpose->snapshot->destinations[c->destination], NULL);
}

/** How close a candidate came: a failed try, one that is kept away from, no address, a pause, a missing
 * permission, unreadable content, the label, another dialect. */
static int closeness(const sp_question *q, const sp_candidate *c)
{
    switch ((sp_reason)c->reason) {
    case SP_REASON_TRIED:
        return 8;
    case SP_REASON_AWAY:
        return 7;
    case SP_REASON_ADDRESS:
        return 6;
    case SP_REASON_STOPPED: /* behind what may have passed when the caller tries again */
        return 5;
    case SP_REASON_PERMIT:
        return 4;
    case SP_REASON_FLOW:
        return only_unreadable_refuses(q, c) ? 3 : 2;
    case SP_REASON_DIALECT:
        return 1;
    case SP_REASON_NONE:
    case SP_REASON_TAKEN:
    case SP_REASON_NOT_REACHED:
        break;
    }
    return 0;
}

static sp_status status_of_candidate(const sp_question *q, const sp_candidate *c)
{
    switch ((sp_reason)c->reason) {
    case SP_REASON_TRIED:
    case SP_REASON_ADDRESS:
        return SP_EUPSTREAM;
    case SP_REASON_STOPPED:
        return SP_ESTOPPED;
    case SP_REASON_AWAY:
        return SP_EAWAY;
    case SP_REASON_PERMIT:
        return status_of_use(c->field);
    case SP_REASON_FLOW:
        return only_unreadable_refuses(q, c) ? SP_EUNREADABLE : SP_EFLOW;
    case SP_REASON_NONE:
    case SP_REASON_TAKEN:
    case SP_REASON_NOT_REACHED:
    case SP_REASON_DIALECT:
        break;
    }
    return SP_EMODEL;
}

/** What refused, if no candidate is left: the reason of the one that came closest. A model without candidates
 * is not served. */
static sp_status refusal(const sp_decision *d, const sp_question *q)
{
    const sp_candidate *closest = NULL;
    for (size_t i = 0; i < d->n_candidates; i++) {
        const sp_candidate *c = &d->candidates[i];
        if (!closest || closeness(q, c) > closeness(q, closest)) closest = c;
    }
    return closest ? status_of_candidate(q, closest) : SP_EMODEL;
}

/** REROUTE: somewhere else than preferred because a rule or an operator, not a failure, passed the preferred
 * one over. */
static bool is_reroute(const sp_decision *d, size_t taken)
{
    for (size_t i = 0; i < taken; i++) {
        const uint8_t reason = d->candidates[i].reason;
        if (reason == SP_REASON_FLOW || reason == SP_REASON_PERMIT || reason == SP_REASON_STOPPED)
            return true;
    }
    return false;
}

/** A candidate that was declassified and would have been taken as it was is none: judge() asks the second
 * question only where the first reason is the flow. */
static uint8_t outcome_of(const sp_decision *d, const sp_question *q, size_t taken)
{
    sp_flow flow;
    if (q->declassified.request != NULL && q->declassified.candidate == taken) {
        sp_flow_init(&flow, q->purpose->snapshot, q->label, q->now_s);
        if (!sp_flow_reaches(&flow, &q->purpose->snapshot->destinations[d->candidates[taken].destination],
                             NULL))
            return SP_DECLASSIFY;
    }
    return is_reroute(d, taken) ? SP_REROUTE : SP_ALLOW;
}

void sp_decide__model(sp_decision *out, const sp_question *q, const sp_model *model)
{
    *out = (sp_decision){
        .outcome = SP_DENY, .status = SP_EINTERNAL, .is_last = true, .n_candidates = model->n_destinations};
    size_t taken = SIZE_MAX;
    if (sp_decide__stop(q, model->name, SP_BYTES_EMPTY) != NULL) {
        *out = (sp_decision){.outcome = SP_DENY, .status = SP_ESTOPPED, .is_last = true};
        return;
    }
    sp_flow flow;
    sp_flow_init(&flow, q->purpose->snapshot, q->label, q->now_s);
    for (size_t i = 0; i < model->n_destinations; i++) {
        sp_candidate *c = &out->candidates[i];
        c->destination = model->destinations[i];
        judge(c, q, &flow, i);
        if (c->reason != SP_REASON_NONE) continue;
        c->reason = taken == SIZE_MAX ? SP_REASON_TAKEN : SP_REASON_NOT_REACHED;
        if (taken == SIZE_MAX) {
            taken = i;
        } else {
            out->is_last = false;
        }
    }
    if (taken == SIZE_MAX) {
        out->status = refusal(out, q);
        return;
    }
    if (q->is_retry_denied) {
        out->candidates[taken].reason = SP_REASON_NOT_REACHED;
        out->is_last = true;
        out->status = SP_ERETRY;
        return;
    }
    out->status = SP_OK;
    out->destination = model->destinations[taken];
    out->outcome = outcome_of(out, q, taken);
}

static void deny(sp_decision *out, sp_status status)
{
    *out = (sp_decision){.outcome = SP_DENY, .status = status, .is_last = true};
}

void sp_decide(sp_decision *out, const sp_question *q)
{
    uint8_t kind = 0;
    if (q->now_s >= q->purpose->snapshot->expires_s) {
        deny(out, SP_ESNAPSHOT);
        return;
    }
    if (q->is_key_gone) {
        deny(out, SP_EBADKEY);
        return;
    }
    if (sp_decide__stop(q, SP_BYTES_EMPTY, SP_BYTES_EMPTY) != NULL) {
        deny(out, SP_ESTOPPED); /* all, the application or its use case: whatever it asks for */
        return;
    }
    const int model = sp_model_find(q->purpose->snapshot, q->request->model);
    if (model < 0) {
        deny(out, SP_EMODEL);
    } else if (!application_may_use(q->purpose->application, model)) {
        deny(out, SP_EFORBIDDEN);
    } else if (is_refused_to_caller(q->purpose, q->request, &kind)) {
        deny(out, status_of_use(kind));
    } else if (!sp_reader_may_read(q->purpose, q->label)) {
        deny(out, SP_EREADER); /* its answer will have the label too, at least */
    } else {
        sp_decide__model(out, q, &q->purpose->snapshot->models[model]);
    }
}

const char *sp_reason_name(sp_reason reason)
{
    static const char *const names[] = {
        [SP_REASON_NONE] = "none",   [SP_REASON_TAKEN] = "taken",     [SP_REASON_NOT_REACHED] = "not-reached",
        [SP_REASON_FLOW] = "flow",   [SP_REASON_PERMIT] = "permit",   [SP_REASON_DIALECT] = "dialect",
        [SP_REASON_TRIED] = "tried", [SP_REASON_ADDRESS] = "address", [SP_REASON_STOPPED] = "stopped",
        [SP_REASON_AWAY] = "away",
    };
    return SP_NAME_AT(names, reason);
}

const char *sp_outcome_name(sp_outcome outcome)
{
    static const char *const names[] = {"deny", "allow", "reroute", "declassify"};
    return SP_NAME_AT(names, outcome);
}
