/* A decision without a gateway: headers, body, label, decision, as src/nginx takes them. */
#include "cli/dry.h"

enum { GENERATION_FIRST = 1 };

/* Names are not resolved here. */
static spc_addresses *assume_addresses(const spc_conf *conf, sp_mem *mem)
{
    spc_addresses *list = sp_alloc(mem, conf->destinations.n, sizeof *list);
    for (size_t i = 0; list != NULL && i < conf->destinations.n; i++) {
        list[i].v[0] = (sp_address){.family = 4, .ip = {192, 0, 2, 1}, .port = 1}; /* RFC 5737: an example */
        list[i].n = 1;
    }
    return list;
}

sp_status cli_dry_snapshot(sp_snapshot *out, const spc_conf *conf, uint64_t now_s, sp_mem *mem)
{
    const spc_live live = {
        .generation = GENERATION_FIRST, .now_s = now_s, .addresses = assume_addresses(conf, mem)};
    if (live.addresses == NULL) {
        return SP_ENOMEM;
    }
    SP_TRY(spc_conf_to_snapshot(out, conf, &live, mem));
    out->expires_s = UINT64_MAX;
    return SP_OK;
}

int cli_dry_detectors(sp_engine **engine, sp_scratch **scratch)
{
    sp_diag diag = {0};
    *engine = NULL;
    *scratch = NULL;
    if (sp_engine_new(engine, &diag) != SP_OK || sp_scratch_new(scratch, *engine) != SP_OK) {
        return cli_fail("the detectors cannot be compiled", diag.text, NULL);
    }
    return CLI_OK;
}

/* What the headers say; what the model says comes with the body. */
static sp_status take_purpose(cli_dry *d)
{
    sp_purpose_init(&d->purpose, d->snapshot, d->application, NULL);
    if (d->use_cases.p != NULL) {
        SP_TRY(sp_purpose_declare(&d->purpose, d->use_cases));
    }
    if (d->subject.p != NULL) {
        sp_purpose_serve(&d->purpose, d->subject);
    }
    return d->sources.p != NULL ? sp_purpose_draw_on(&d->purpose, d->sources) : SP_OK;
}

static sp_status read_body(cli_dry *d)
{
    const sp_parse_in in = {d->dialect, d->operation, d->body, NULL};
    SP_TRY(sp_request_parse_with(&d->request, &in, d->mem, &d->diag));
    sp_purpose_bind_model(&d->purpose, d->request.model);
    return SP_OK;
}

static sp_status label(cli_dry *d)
{
    const sp_evidence evidence = {&d->purpose, &d->request, &d->findings, d->now_s, NULL};
    d->findings = SP_FINDINGS_IN(d->mem, d->snapshot->limits.findings);
    SP_TRY(sp_scan_whole(&d->findings, d->engine, d->scratch, d->request.text));
    return sp_label_request(&d->labelling, &evidence, d->mem);
}

sp_question cli_dry_question(const cli_dry *d)
{
    return (sp_question){
        .purpose = &d->purpose, .request = &d->request, .label = &d->labelling.label, .now_s = d->now_s};
}

/* The second question, as a worker asks it: of the new bytes, parsed and labelled like any other. A body that
 * cannot be read again is no better than one that does not flow. */
static bool declassify(void *context, const sp_question *question, const sp_declassification *what)
{
    cli_dry *d = context;
    cli_dry again = *d;
    sp_buf body = SP_BUF_IN(d->mem);
    if (sp_declassify(&body, &d->request, &d->findings, what) != SP_OK) {
        return false;
    }
    again.body = sp_buf_bytes(&body);
    if (read_body(&again) != SP_OK || label(&again) != SP_OK) {
        return false;
    }
    sp_question second = *question;
    second.declassified = (sp_declassified){&again.request, &again.labelling.label, what->candidate};
    sp_decide(&again.decision, &second);
    if (again.decision.outcome != SP_DECLASSIFY) {
        return false;
    }
    again.label_before = d->labelling.label;
    again.declassifier = what->declassifier->name;
    *d = again;
    return true;
}

bool cli_dry_declassify(const sp_question *question, const sp_labelling *labelling, cli_declassify_fn *try,
                        void *context)
{
    uint32_t refused = 0;
    sp_declassification what = sp_declassifier_next(question, labelling, refused);
    while (what.declassifier != NULL && !try(context, question, &what)) {
        refused |= UINT32_C(1) << what.candidate;
        what = sp_declassifier_next(question, labelling, refused);
    }
    return what.declassifier != NULL;
}

static void consider(cli_dry *d)
{
    const sp_question question = cli_dry_question(d);
    const sp_labelling original = d->labelling;
    if (!cli_dry_declassify(&question, &original, declassify, d)) {
        sp_decide(&d->decision, &question);
    }
}

sp_status cli_dry_decide(cli_dry *d)
{
    d->diag = (sp_diag){.at = SIZE_MAX};
    sp_status status = take_purpose(d);
    status = status == SP_OK ? read_body(d) : status;
    status = status == SP_OK ? label(d) : status;
    if (status != SP_OK) {
        d->decision = (sp_decision){.outcome = SP_DENY, .status = status};
        return status;
    }
    consider(d);
    return SP_OK;
}
