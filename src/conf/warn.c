/* Configurations that are valid and probably not meant. */
#include "conf/resolve.h"

typedef struct warning {
    const char *section;
    const spc_text *entry; /* whose place it is */
    const char *key;
    spc_mark at; /* of the key; of the entry when 0 */
    const char *what, *help;
} warning;

static void warn(spc_problems *problems, const warning *w)
{
    sp_buf path = SP_BUF_IN(problems->mem);
    sp_buf_append_str(&path, w->section);
    sp_buf_append_byte(&path, '.');
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
                                                .help = w->help});
}

static bool leads_to(const spc_model *model, uint16_t destination)
{
    for (size_t i = 0; i < model->destination_names.n; i++) {
        if (model->destinations[i] == destination) {
            return true;
        }
    }
    return false;
}

static bool is_used(const spc_conf *conf, uint16_t destination)
{
    for (size_t i = 0; i < conf->models.n; i++) {
        if (leads_to(&conf->models.v[i], destination)) {
            return true;
        }
    }
    return false;
}

static bool may_use(const spc_application *application, uint16_t model)
{
    for (size_t i = 0; i < application->model_names.n; i++) {
        if (application->models[i] == model) {
            return true;
        }
    }
    return false;
}

/* Can a request that holds nothing but its use case's label reach any destination of the model? */
static bool is_reachable(const spc_conf *conf, const spc_model *model, const spc_application *application)
{
    const sp_label label = conf->use_cases.v[application->use_case_index].label;
    for (size_t i = 0; i < model->destination_names.n; i++) {
        if (sp_label_flows(label, conf->destinations.v[model->destinations[i]].label, NULL)) {
            return true;
        }
    }
    return false;
}

/* Judged by the use cases' labels alone: what a detector finds can only raise them. */
static void warn_of_model(const spc_conf *conf, uint16_t index, spc_problems *problems)
{
    const spc_model *model = &conf->models.v[index];
    size_t n_users = 0;
    size_t n_served = 0;
    for (size_t i = 0; i < conf->applications.n; i++) {
        const spc_application *application = &conf->applications.v[i];
        if (may_use(application, index)) {
            n_users++;
            n_served += is_reachable(conf, model, application) ? 1 : 0;
        }
    }
    if (n_users == 0) {
        warn(problems, &(warning){.section = "models",
                                  .entry = &model->name,
                                  .what = "no application may use this model",
                                  .help = "list it under an application's models, or remove it"});
    } else if (n_served == 0) {
        warn(problems, &(warning){.section = "models",
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
        warn(problems, &(warning){.section = "destinations",
                                  .entry = &d->name,
                                  .key = "base_url",
                                  .at = d->base_url.at,
                                  .what = "http:// without TLS: everything sent there, the credential "
                                          "included, can be read on the way",
                                  .help = "use https:// where you can"});
    }
    if (!is_used(conf, index)) {
        warn(problems, &(warning){.section = "destinations",
                                  .entry = &d->name,
                                  .what = "no model uses this destination",
                                  .help = "list it under a model's destinations, or remove it"});
    }
}

void spc_warn(const spc_conf *conf, spc_problems *problems)
{
    for (size_t i = 0; i < conf->destinations.n; i++) {
        warn_of_destination(conf, (uint16_t)i, problems);
    }
    for (size_t i = 0; i < conf->models.n; i++) {
        warn_of_model(conf, (uint16_t)i, problems);
    }
}
