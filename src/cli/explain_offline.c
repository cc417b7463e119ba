/* A decision without a gateway: the configuration's snapshot, the request from standard input, and the same
 * functions that the workers call. */
#include <string.h>

#include "cli/explain.h"
#include "control/process.h"

enum { GENERATION_NONE = 1 };

typedef struct dry {
    const cli_args *args;
    sp_mem *mem;
    const spc_conf *conf;
    sp_snapshot snapshot;
    sp_purpose purpose;
    const sp_dialect *dialect;
    sp_operation operation;
    sp_engine *engine;
    sp_scratch *scratch;
    sp_bytes body;
    sp_request request;
    sp_findings findings;
    sp_labelling labelling;
    sp_decision decision;
} dry;

/* Names are not resolved here: every destination counts as one that has an address. */
static spc_addresses *assume_addresses(const spc_conf *conf, sp_mem *mem)
{
    spc_addresses *list = sp_alloc(mem, conf->destinations.n, sizeof *list);
    for (size_t i = 0; list != NULL && i < conf->destinations.n; i++) {
        list[i].v[0] = (sp_address){.family = 4, .ip = {192, 0, 2, 1}, .port = 1}; /* RFC 5737: an example */
        list[i].n = 1;
    }
    return list;
}

static int load(dry *d)
{
    const char *name = cli_value(d->args, "as");
    const int code = cli_conf(&d->conf, d->args, d->mem, false);
    if (code != CLI_OK) {
        return code;
    }
    const int index = spc_application_find(d->conf, sp_bytes_of(name));
    if (index < 0) {
        return cli_fail("no such application in the configuration", name, NULL);
    }
    const spc_live live = {
        .generation = GENERATION_NONE, .now_s = spd_wall_s(), .addresses = assume_addresses(d->conf, d->mem)};
    const sp_status status = spc_conf_to_snapshot(&d->snapshot, d->conf, &live, d->mem);
    if (status != SP_OK) {
        return cli_fail_status(status, cli_conf_path(d->args));
    }
    sp_purpose_init(&d->purpose, &d->snapshot, &d->snapshot.applications[index], NULL);
    return CLI_OK;
}

/* What the headers of a request would say, and what its model says. */
static int take_purpose(dry *d)
{
    const char *use_cases = cli_value(d->args, "use-case");
    const char *sources = cli_value(d->args, "sources");
    const int model = sp_model_find(&d->snapshot, d->request.model);
    if (use_cases != NULL && sp_purpose_declare(&d->purpose, sp_bytes_of(use_cases)) != SP_OK) {
        return cli_fail(sp_error_get(SP_EUSECASE)->sentence, use_cases, "see `declares` of the application");
    }
    if (sources != NULL && sp_purpose_draw_on(&d->purpose, sp_bytes_of(sources)) != SP_OK) {
        return cli_fail(sp_error_get(SP_ESOURCE)->sentence, sources, "see `sources` of the application");
    }
    if (model >= 0) {
        sp_purpose_bind(&d->purpose, SP_BINDS_MODEL, d->snapshot.models[model].binds);
    }
    return CLI_OK;
}

static int choose_form(dry *d)
{
    const char *name = cli_value(d->args, "dialect");
    d->dialect = sp_dialect_find(sp_bytes_of(name != NULL ? name : "openai"));
    if (d->dialect == NULL) {
        return cli_misuse(d->args->command, "no such dialect: openai or anthropic", name);
    }
    const char *operation = cli_value(d->args, "operation");
    d->operation = operation != NULL ? sp_operation_find(sp_bytes_of(operation)) : SP_OP_GENERATE;
    return sp_dialect_has(d->dialect, d->operation)
               ? CLI_OK
               : cli_misuse(d->args->command, "no such operation in that dialect", operation);
}

static int read_body(dry *d)
{
    sp_buf text = SP_BUF_IN(d->mem);
    const int code = cli_read_file(&text, "-", d->snapshot.limits.body_bytes);
    d->body = sp_buf_bytes(&text);
    return code == CLI_OK && d->body.n == 0
               ? cli_fail("no request on standard input", NULL, "give its JSON body: ... < request.json")
               : code;
}

static int parse(dry *d)
{
    char where[64];
    sp_diag diag = {.at = SIZE_MAX};
    const sp_parse_in in = {d->dialect, d->operation, d->body, NULL};
    const sp_status status = sp_request_parse_with(&d->request, &in, d->mem, &diag);
    if (status == SP_OK) {
        return CLI_OK;
    }
    (void)snprintf(where, sizeof where, "at byte %zu", diag.at == SIZE_MAX ? 0 : diag.at);
    return cli_fail(sp_error_get(status)->sentence, diag.at == SIZE_MAX ? NULL : where,
                    diag.text[0] != '\0' ? diag.text : NULL);
}

static int label(dry *d)
{
    sp_diag diag = {0};
    if (sp_engine_new(&d->engine, &diag) != SP_OK || sp_scratch_new(&d->scratch, d->engine) != SP_OK) {
        return cli_fail("the detectors cannot be compiled", diag.text, NULL);
    }
    d->findings = SP_FINDINGS_IN(d->mem, d->snapshot.limits.findings);
    sp_status status = sp_scan(&d->findings, d->engine, d->scratch, d->request.text);
    if (status == SP_OK) {
        const sp_evidence evidence = {&d->purpose, &d->request, &d->findings, spd_wall_s()};
        status = sp_label_request(&d->labelling, &evidence, d->mem);
    }
    return status == SP_OK ? CLI_OK : cli_fail_status(status, NULL);
}

/* ---- as a record ---- */

static sp_status fill_record(sp_record *r, const dry *d)
{
    const sp_decided decided = {
        .snapshot = &d->snapshot,
        .purpose = &d->purpose,
        .dialect = d->dialect,
        .operation = d->operation,
        .request = &d->request,
        .labelling = &d->labelling,
        .decision = &d->decision,
    };
    *r = (sp_record){
        .kind = d->decision.outcome == SP_DENY ? SP_RECORD_REFUSAL : SP_RECORD_INTENT,
        .attempt = 1,
        .at_ns = spd_wall_ns(),
        .bytes_in = d->body.n,
    };
    const sp_status status = sp_record_of_decision(r, &decided, d->mem);
    r->generation = 0; /* no generation of a gateway decided this */
    return status;
}

static int decide(dry *d)
{
    sp_record record;
    const sp_question question = {
        .purpose = &d->purpose, .request = &d->request, .label = &d->labelling.label, .now_s = spd_wall_s()};
    sp_decide(&d->decision, &question);
    const sp_status status = fill_record(&record, d);
    if (status != SP_OK) {
        return cli_fail_status(status, NULL);
    }
    const cli_story story = {&record, 1, &d->snapshot.names, true};
    const int code = cli_story_print(d->args, &story, d->mem);
    if (code == CLI_OK && d->decision.outcome == SP_DENY && !cli_has(d->args, "json")) {
        sp_buf sentence = SP_BUF_IN(d->mem);
        sp_decision_sentence(&sentence, &d->decision, &question);
        (void)fputs("  told         ", stdout);
        cli_write_safe(stdout, sp_buf_bytes(&sentence), false);
        (void)putchar('\n');
    }
    return code == CLI_OK && d->decision.outcome == SP_DENY ? CLI_FAILED : code;
}

int cli_explain_offline(const cli_args *args, sp_mem *mem)
{
    dry d = {.args = args, .mem = mem};
    int code = choose_form(&d);
    code = code == CLI_OK ? load(&d) : code;
    code = code == CLI_OK ? read_body(&d) : code;
    code = code == CLI_OK ? parse(&d) : code;
    code = code == CLI_OK ? take_purpose(&d) : code;
    code = code == CLI_OK ? label(&d) : code;
    code = code == CLI_OK ? decide(&d) : code;
    sp_scratch_free(d.scratch);
    sp_engine_free(d.engine);
    return code;
}
