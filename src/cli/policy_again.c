/* A recorded request, decided again. A record holds no content, but everything that a label was made of; so
 * the label is made anew, by the rules of the other policy. A kind's findings all count with the highest of
 * their confidences, as recorded: the label may come out higher than it would, never lower. */
#include "cli/policy_again.h"

#include "cli/dry.h"

enum { FINDINGS_MAX = 100000, USES_MAX = 64 };

/* ---- how it ended ---- */

/* Refusals by the policy; what circumstance or the caller's bytes did says nothing of it. What its headers
 * name is refused before a body is read, so nobody knows what else it would have been. */
static bool is_of_policy(sp_status status)
{
    switch (status) {
    case SP_EFORBIDDEN:
    case SP_EFLOW:
    case SP_EUNREADABLE:
    case SP_ESTATE:
    case SP_EEGRESS:
    case SP_EUNKNOWN:
    case SP_EREADER:
        return true;
    default:
        return false;
    }
}

bool cli_ending_of(cli_ending *out, const sp_record *r)
{
    *out = (cli_ending){.destination = r->destination, .status = (sp_status)r->status, .tier = r->tier};
    if (r->model.n == 0 || r->application.n == 0 || r->declassifier.n > 0) {
        return false;
    }
    if (r->kind == SP_RECORD_INTENT) {
        out->status = SP_OK;
        return r->attempt == 1;
    }
    return r->kind == SP_RECORD_REFUSAL && is_of_policy(out->status);
}

/* ---- what it was of ---- */

static int find_application(const sp_snapshot *s, sp_bytes name)
{
    for (size_t i = 0; i < s->n_applications; i++) {
        if (sp_bytes_eq(s->applications[i].name, name)) {
            return (int)i;
        }
    }
    return -1;
}

/* What a key is bound to stands in the state, and in the record. */
static sp_status bind_by_key(sp_purpose *p, sp_bytes name)
{
    for (size_t i = 0; i < p->snapshot->n_use_cases; i++) {
        if (sp_bytes_eq(p->snapshot->use_cases[i].name, name)) {
            sp_purpose_bind(p, SP_BINDS_KEY, (uint16_t)(i + 1));
            return SP_OK;
        }
    }
    return SP_EUSECASE;
}

/* Application and model are bound to what they are bound to now. */
static sp_status take_use_cases(sp_purpose *p, const sp_record *r)
{
    for (size_t i = 0; i < r->n_atoms; i++) {
        const sp_record_atom *a = &r->atoms[i];
        if (a->source == SP_ATOM_USE_CASE && a->kind == SP_BINDS_KEY) {
            SP_TRY(bind_by_key(p, a->place));
        }
    }
    for (size_t i = 0; i < r->n_atoms; i++) {
        const sp_record_atom *a = &r->atoms[i];
        if (a->source == SP_ATOM_USE_CASE && a->kind == SP_BINDS_HEADER) {
            SP_TRY(sp_purpose_declare(p, a->place));
        }
    }
    return SP_OK;
}

static sp_status take_purpose(sp_purpose *p, const sp_snapshot *s, const sp_record *r)
{
    const int application = find_application(s, r->application);
    if (application < 0) {
        return SP_EBADKEY; /* with its application its keys are gone */
    }
    sp_purpose_init(p, s, &s->applications[application], NULL);
    SP_TRY(take_use_cases(p, r));
    if (r->sources.n > 0) {
        SP_TRY(sp_purpose_draw_on(p, r->sources));
    }
    if (r->subject.n > 0) {
        sp_purpose_serve(p, r->subject);
    }
    sp_purpose_bind_model(p, r->model);
    return SP_OK;
}

/* ---- what it held ---- */

/* What a rule allowed that is there no more is a finding of its kind again, and sure. */
static bool without_rule(sp_finding *out, sp_bytes name, const sp_snapshot *s)
{
    const sp_kind_info *kind;
    out->confidence = 100;
    for (size_t i = 0; (kind = sp_kind_at(i)) != NULL; i++) {
        if (sp_bytes_eq(sp_bytes_of(kind->name), name)) {
            out->kind = (uint8_t)kind->kind;
            return true;
        }
    }
    for (size_t i = 0; i < s->n_detectors; i++) {
        if (sp_bytes_eq(sp_bytes_of(s->detectors[i].name), name)) {
            out->detector = (SP_DETECTOR_OWN + i) & (SP_DETECTORS_MAX - 1);
            return true;
        }
    }
    return false;
}

/* A finding like those that an atom counts. @return false: of no kind that this policy knows; a detector of
 * the organisation is looked up by its name. */
static bool finding_of(sp_finding *out, const sp_record_atom *a, const sp_snapshot *s)
{
    *out = (sp_finding){.kind = a->kind, .confidence = a->confidence};
    if (a->source != SP_ATOM_DETECTOR || a->kind != SP_KIND_OWN) {
        return a->source == SP_ATOM_DETECTOR && sp_kind_get((sp_kind)a->kind) != NULL;
    }
    sp_bytes place;
    sp_bytes name = sp_record_atom_name(a, &place);
    for (size_t i = 0; i < s->n_detectors; i++) {
        if (s->detectors[i].kind == SP_KIND_NONE && sp_bytes_eq(sp_bytes_of(s->detectors[i].name), name)) {
            out->detector = (SP_DETECTOR_OWN + i) & (SP_DETECTORS_MAX - 1);
            return true;
        }
    }
    return sp_record_atom_rule(&name).n > 0 && without_rule(out, name, s);
}

static sp_status take_findings(sp_findings *out, const sp_record *r, const sp_snapshot *s, sp_mem *mem)
{
    size_t n = 0;
    sp_finding one;
    for (size_t i = 0; i < r->n_atoms; i++) {
        const uint32_t count = r->atoms[i].count;
        n += finding_of(&one, &r->atoms[i], s) ? (count < FINDINGS_MAX ? count : FINDINGS_MAX) : 0;
    }
    *out = SP_FINDINGS_IN(mem, FINDINGS_MAX);
    out->v = sp_alloc(mem, n, sizeof *out->v);
    if (out->v == NULL && n > 0) {
        return SP_ENOMEM;
    }
    for (size_t i = 0; i < r->n_atoms; i++) {
        const bool is_known = finding_of(&one, &r->atoms[i], s);
        for (uint32_t k = 0; is_known && k < r->atoms[i].count && k < FINDINGS_MAX; k++) {
            out->v[out->n++] = one;
        }
    }
    out->cap = out->n;
    return SP_OK;
}

static void add_use(sp_request *request, uint8_t kind)
{
    for (size_t i = 0; i < request->n_uses; i++) {
        if (request->uses[i].kind == kind) {
            return;
        }
    }
    if (request->n_uses < USES_MAX) {
        request->uses[request->n_uses++] = (sp_use){.kind = kind};
    }
}

/* An application that may not do it was refused as a whole: the status says what. */
static void add_use_of_status(sp_request *request, sp_status status)
{
    if (status == SP_ESTATE) {
        add_use(request, SP_FIELD_STATE);
    } else if (status == SP_EEGRESS) {
        add_use(request, SP_FIELD_EGRESS);
    }
}

static void take_uses(sp_request *request, const sp_record *r)
{
    for (size_t i = 0; i < r->n_atoms; i++) {
        if (r->atoms[i].source == SP_ATOM_USE) {
            add_use(request, r->atoms[i].kind);
        }
    }
    for (size_t i = 0; i < r->n_candidates; i++) {
        if (r->candidates[i].reason == SP_REASON_PERMIT) {
            add_use(request, r->candidates[i].field);
        }
    }
    if (r->kind == SP_RECORD_REFUSAL) {
        add_use_of_status(request, (sp_status)r->status);
    }
}

/* The label of what was told before is in no record: but for its level it is taken to be that of the request,
 * which it cannot have been above. */
static sp_recalled recalled_of(const sp_record *r)
{
    sp_recalled recalled = {.label = r->label};
    for (size_t i = 0; i < r->n_atoms; i++) {
        if (r->atoms[i].source == SP_ATOM_TOLD) {
            recalled.count = r->atoms[i].count;
            recalled.label.level = r->atoms[i].level;
        }
    }
    return recalled;
}

/* ---- circumstances ---- */

static bool was_kept_away(const sp_record *r, sp_bytes destination)
{
    for (size_t i = 0; i < r->n_candidates; i++) {
        const sp_record_candidate *c = &r->candidates[i];
        const bool is_circumstance = c->reason == SP_REASON_TRIED || c->reason == SP_REASON_ADDRESS ||
                                     c->reason == SP_REASON_STOPPED || c->reason == SP_REASON_AWAY;
        if (is_circumstance && sp_bytes_eq(c->destination, destination)) {
            return true;
        }
    }
    return false;
}

/* Else a destination that was away that day would look like one that the policy closes. */
static uint32_t away(const sp_snapshot *s, const sp_record *r)
{
    const int model = sp_model_find(s, r->model);
    uint32_t set = 0;
    for (unsigned i = 0; model >= 0 && i < s->models[model].n_destinations; i++) {
        const sp_destination *d = &s->destinations[s->models[model].destinations[i]];
        set |= was_kept_away(r, d->name) ? UINT32_C(1) << i : 0;
    }
    return set;
}

/* ---- again ---- */

typedef struct again {
    const sp_request *request;
    const sp_findings *findings;
    const sp_recalled *recalled;
    sp_mem *mem;
    sp_decision *decision;
} again;

/* A declassifier is believed to do its work here: there are no bytes on which it could be tried. */
static bool declassify(void *context, const sp_question *question, const sp_declassification *what)
{
    const again *a = context;
    sp_labelling labelling;
    sp_findings left = *a->findings;
    left.v = sp_alloc(a->mem, left.n, sizeof *left.v);
    left.n = 0;
    for (size_t i = 0; i < a->findings->n && left.v != NULL; i++) {
        if (!sp_declassification_has(what, sp_finding_class(&a->findings->v[i]))) {
            left.v[left.n++] = a->findings->v[i];
        }
    }
    const sp_evidence evidence = {question->purpose, a->request, &left, question->now_s, a->recalled, NULL};
    if (sp_label_request(&labelling, &evidence, a->mem) != SP_OK) {
        return false;
    }
    sp_question second = *question;
    second.declassified = (sp_declassified){a->request, &labelling.label, what->candidate};
    sp_decide(a->decision, &second);
    return a->decision->outcome == SP_DECLASSIFY;
}

static sp_status decide(sp_decision *out, const sp_snapshot *s, const sp_record *r, uint64_t now_s,
                        sp_mem *mem)
{
    sp_purpose purpose;
    sp_findings findings;
    sp_labelling labelling;
    sp_use uses[USES_MAX];
    sp_request request = {.dialect = sp_dialect_get((sp_dialect_id)r->dialect),
                          .model = r->model,
                          .uses = uses,
                          .n_choices = 1};
    const sp_status status = take_purpose(&purpose, s, r);
    if (status != SP_OK) {
        *out = (sp_decision){.outcome = SP_DENY, .status = status};
        return SP_OK;
    }
    take_uses(&request, r);
    const sp_recalled recalled = recalled_of(r);
    SP_TRY(take_findings(&findings, r, s, mem));
    const sp_evidence evidence = {&purpose, &request, &findings, now_s, &recalled, NULL};
    SP_TRY(sp_label_request(&labelling, &evidence, mem));
    const sp_question question = {.purpose = &purpose,
                                  .request = &request,
                                  .label = &labelling.label,
                                  .away = away(s, r),
                                  .now_s = now_s};
    again a = {&request, &findings, &recalled, mem, out};
    if (!cli_dry_declassify(&question, &labelling, declassify, &a)) {
        sp_decide(out, &question);
    }
    return SP_OK;
}

sp_status cli_decide_again(cli_ending *out, const sp_snapshot *snapshot, const sp_record *record,
                           uint64_t now_s, sp_mem *mem)
{
    sp_decision decision;
    *out = (cli_ending){0};
    SP_TRY(decide(&decision, snapshot, record, now_s, mem));
    out->status = decision.status;
    if (decision.outcome != SP_DENY) {
        const sp_destination *d = &snapshot->destinations[decision.destination];
        *out = (cli_ending){d->name, SP_OK, d->tier};
    }
    return SP_OK;
}
