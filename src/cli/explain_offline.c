/* `explain --as`: a request of standard input, decided without a gateway and told like a recorded one. */
#include "cli/dry.h"
#include "cli/explain.h"
#include "control/process.h"

static int load(cli_dry *d, sp_snapshot *snapshot, const cli_args *args)
{
    const char *name = cli_value(args, "as");
    const spc_conf *conf = NULL;
    const int code = cli_conf(&conf, args, d->mem, false);
    if (code != CLI_OK) {
        return code;
    }
    const int index = spc_application_find(conf, sp_bytes_of(name));
    if (index < 0) {
        return cli_fail("no such application in the configuration", name, NULL);
    }
    const sp_status status = cli_dry_snapshot(snapshot, conf, d->now_s, d->mem);
    d->application = &snapshot->applications[index];
    return status == SP_OK ? CLI_OK : cli_fail_status(status, cli_conf_path(args));
}

static int choose_form(cli_dry *d, const cli_args *args)
{
    const char *name = cli_value(args, "dialect");
    d->dialect = sp_dialect_find(sp_bytes_of(name != NULL ? name : "openai"));
    if (d->dialect == NULL) {
        return cli_misuse(args->command, "no such dialect: openai or anthropic", name);
    }
    const char *operation = cli_value(args, "operation");
    d->operation = operation != NULL ? sp_operation_find(sp_bytes_of(operation)) : SP_OP_GENERATE;
    return sp_dialect_has(d->dialect, d->operation)
               ? CLI_OK
               : cli_misuse(args->command, "no such operation in that dialect", operation);
}

static int read_body(cli_dry *d)
{
    sp_buf text = SP_BUF_IN(d->mem);
    const int code = cli_read_file(&text, "-", d->snapshot->limits.body_bytes);
    d->body = sp_buf_bytes(&text);
    return code == CLI_OK && d->body.n == 0
               ? cli_fail("no request on standard input", NULL, "give its JSON body: ... < request.json")
               : code;
}

/* Why there was nothing to decide. */
static int tell_refusal(const cli_dry *d, const cli_args *args)
{
    const sp_status status = d->decision.status;
    char where[64];
    if (status == SP_EUSECASE) {
        return cli_fail(sp_error_get(status)->sentence, cli_value(args, "use-case"),
                        "see `declares` of the application");
    }
    if (status == SP_ESOURCE) {
        return cli_fail(sp_error_get(status)->sentence, cli_value(args, "sources"),
                        "see `sources` of the application");
    }
    const bool has_place = d->diag.at != SIZE_MAX;
    (void)snprintf(where, sizeof where, "at byte %zu", has_place ? d->diag.at : 0);
    return cli_fail(sp_error_get(status)->sentence, has_place ? where : NULL,
                    d->diag.text[0] != '\0' ? d->diag.text : NULL);
}

/* ---- as a record ---- */

static sp_status fill_record(sp_record *r, const cli_dry *d)
{
    const sp_decided decided = {
        .snapshot = d->snapshot,
        .purpose = &d->purpose,
        .dialect = d->dialect,
        .operation = d->operation,
        .request = &d->request,
        .labelling = &d->labelling,
        .decision = &d->decision,
        .declassifier = d->declassifier,
        .label_before = d->declassifier.n > 0 ? &d->label_before : NULL,
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

static int tell(const cli_dry *d, const cli_args *args)
{
    sp_record record;
    const sp_status status = fill_record(&record, d);
    if (status != SP_OK) {
        return cli_fail_status(status, NULL);
    }
    const bool is_denied = d->decision.outcome == SP_DENY;
    const cli_story story = {&record, 1, &d->snapshot->names, true};
    const int code = cli_story_print(args, &story, d->mem);
    if (code == CLI_OK && is_denied && !cli_has(args, "json")) {
        sp_buf sentence = SP_BUF_IN(d->mem);
        const sp_question question = cli_dry_question(d);
        sp_decision_sentence(&sentence, &d->decision, &question);
        (void)fputs("  told         ", stdout);
        cli_write_safe(stdout, sp_buf_bytes(&sentence), false);
        (void)putchar('\n');
    }
    return code == CLI_OK && is_denied ? CLI_FAILED : code;
}

int cli_explain_offline(const cli_args *args, sp_mem *mem)
{
    sp_snapshot snapshot = {0};
    cli_detectors detectors = {0};
    cli_dry d = {.mem = mem,
                 .snapshot = &snapshot,
                 .now_s = spd_wall_s(),
                 .use_cases = sp_bytes_of(cli_value(args, "use-case")),
                 .sources = sp_bytes_of(cli_value(args, "sources")),
                 .subject = sp_bytes_of(cli_value(args, "subject"))};
    int code = choose_form(&d, args);
    code = code == CLI_OK ? load(&d, &snapshot, args) : code;
    code = code == CLI_OK ? read_body(&d) : code;
    code = code == CLI_OK ? cli_detectors_new(&detectors, snapshot.detectors, snapshot.n_detectors) : code;
    d.engine = detectors.engine;
    d.scratch = detectors.scratch;
    if (code == CLI_OK) {
        code = cli_dry_decide(&d) == SP_OK ? tell(&d, args) : tell_refusal(&d, args);
    }
    cli_detectors_free(&detectors);
    return code;
}
