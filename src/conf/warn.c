/* Configurations that are valid and probably not meant. */
#include "conf/warn_internal.h"

void spc__warn(spc_problems *problems, const spc_warning *w)
{
    sp_buf path = SP_BUF_IN(problems->mem);
    sp_buf_append_str(&path, w->section);
    sp_buf_append_str(&path, w->section != NULL ? "." : "");
    sp_buf_append(&path, w->entry->v);
    sp_buf_append_str(&path, w->key != NULL ? "." : "");
    sp_buf_append_str(&path, w->key);
    if (path.status != SP_OK) {
        problems->status = SP_ENOMEM;
        return;
    }
    spc_problems_report(problems, &(spc_report){.severity = SPC_WARNING,
                                                .at = w->at.line > 0 ? w->at : w->entry->at,
                                                .path = sp_buf_bytes(&path),
                                                .before = w->what,
                                                .quoted = w->quoted,
                                                .after = w->after,
                                                .help = w->help});
}

static bool is_used(const spc_conf *conf, uint16_t destination)
{
    for (size_t i = 0; i < conf->models.n; i++) {
        if (spc_leads_to(&conf->models.v[i], destination)) {
            return true;
        }
    }
    return false;
}

bool spc__may_use(const spc_application *application, uint16_t model)
{
    for (size_t i = 0; i < application->model_names.n; i++) {
        if (application->models[i] == model) {
            return true;
        }
    }
    return false;
}

/* Judged by the use cases' labels alone: what a detector finds can only raise them. */
static void warn_of_model(const spc_outlook *o, uint16_t index)
{
    const spc_conf *conf = o->conf;
    spc_problems *problems = o->problems;
    const spc_model *model = &conf->models.v[index];
    size_t n_users = 0;
    size_t n_served = 0;
    for (size_t i = 0; i < conf->applications.n; i++) {
        const spc_application *application = &conf->applications.v[i];
        if (spc__may_use(application, index)) {
            n_users++;
            n_served += spc_reached(o, application, model) >= 0 ? 1 : 0;
        }
    }
    if (n_users == 0) {
        spc__warn(problems, &(spc_warning){.section = "models",
                                           .entry = &model->name,
                                           .what = "no application may use this model",
                                           .help = "list it under an application's models, or remove it"});
    } else if (n_served == 0) {
        spc__warn(problems,
                  &(spc_warning){.section = "models",
                                 .entry = &model->name,
                                 .what = "every request for this model will be refused: no destination of "
                                         "it is cleared for the label of a use "
                                         "case that may use it",
                                 .help = "add a destination with more clearance or fewer jurisdictions, or "
                                         "lower the use case's label"});
    }
}

/* Unused is suspicious because a destination is usually meant to take over from another. */
static void warn_of_destination(const spc_conf *conf, uint16_t index, spc_problems *problems)
{
    const spc_destination *d = &conf->destinations.v[index];
    if (spc_is_exposed(d)) {
        spc__warn(problems,
                  &(spc_warning){.section = "destinations",
                                 .entry = &d->name,
                                 .key = "base_url",
                                 .at = d->base_url.at,
                                 .what = "http:// without TLS: everything sent there, the credential "
                                         "included, can be read on the way",
                                 .help = "use https:// where you can"});
    }
    if (!is_used(conf, index)) {
        spc__warn(problems, &(spc_warning){.section = "destinations",
                                           .entry = &d->name,
                                           .what = "no model uses this destination",
                                           .help = "list it under a model's destinations, or remove it"});
    }
}

sp_status spc_warn(const spc_conf *conf, uint64_t now_s, spc_problems *problems)
{
    sp_snapshot snapshot;
    const spc_live live = {.generation = 1, .now_s = now_s};
    const spc_outlook o = {conf, &snapshot, problems, now_s};
    SP_TRY(spc_conf_to_snapshot(&snapshot, conf, &live, problems->mem));
    for (size_t i = 0; i < conf->destinations.n; i++) {
        warn_of_destination(conf, (uint16_t)i, problems);
        spc__warn_of_facts(&o, (uint16_t)i);
    }
    for (size_t i = 0; i < conf->models.n; i++) {
        warn_of_model(&o, (uint16_t)i);
    }
    spc__warn_of_policy(&o);
    spc__warn_of_rules(&o);
    return problems->status;
}
