/* How a configuration stands at a second: judged by the labels that requests have at least, since what a
 * detector finds can only raise them. */
#include "conf/warn_internal.h"

/* Which tier a destination is of is no matter of evidence. */
#define NEVER_STATED (SP_FACT_BIT(SP_FACT_CLOUD) | SP_FACT_BIT(SP_FACT_SELF_HOSTED))

sp_status spc_outlook_init(spc_outlook *out, const spc_conf *conf, uint64_t now_s, sp_mem *mem)
{
    const spc_live live = {.generation = 1, .now_s = now_s};
    sp_snapshot *snapshot = sp_alloc(mem, 1, sizeof *snapshot);
    *out = (spc_outlook){.conf = conf, .snapshot = snapshot, .now_s = now_s};
    return snapshot != NULL ? spc_conf_to_snapshot(snapshot, conf, &live, mem) : SP_ENOMEM;
}

sp_label spc__least_label(const spc_outlook *o, const spc_application *application)
{
    const spc_framework *f = &o->conf->framework;
    const spc_use_case *use_case = &o->conf->use_cases.v[application->use_case_index];
    sp_label label = sp_label_join(use_case->label, application->floor.label);
    if (use_case->review_s != 0 && o->now_s >= use_case->review_s) {
        label = sp_label_join(label, f->overdue);
    }
    return sp_label_close(o->snapshot, label);
}

/* ---- who may use what ---- */

bool spc_leads_to(const spc_model *model, uint16_t destination)
{
    for (size_t i = 0; i < model->destination_names.n; i++) {
        if (model->destinations[i] == destination) {
            return true;
        }
    }
    return false;
}

static bool may_reach(const spc_conf *conf, const spc_application *application, uint16_t destination)
{
    for (size_t i = 0; i < application->model_names.n; i++) {
        if (spc_leads_to(&conf->models.v[application->models[i]], destination)) {
            return true;
        }
    }
    return false;
}

int spc_reached(const spc_outlook *o, const spc_application *application, const spc_model *model)
{
    sp_flow flow;
    const sp_label label = spc__least_label(o, application);
    sp_flow_init(&flow, o->snapshot, &label, o->now_s);
    for (size_t i = 0; i < model->destination_names.n; i++) {
        if (sp_flow_reaches(&flow, &o->snapshot->destinations[model->destinations[i]], NULL)) {
            return model->destinations[i];
        }
    }
    return -1;
}

/* ---- facts ---- */

sp_facts spc_lacking(const spc_outlook *o, const spc_application *application, uint16_t destination)
{
    sp_flow flow;
    sp_obstacle why;
    const sp_label label = spc__least_label(o, application);
    sp_flow_init(&flow, o->snapshot, &label, o->now_s);
    (void)sp_flow_reaches(&flow, &o->snapshot->destinations[destination], &why);
    return why.missing;
}

static sp_facts lacking_of_users(const spc_outlook *o, uint16_t destination)
{
    sp_facts lacking = 0;
    for (size_t i = 0; i < o->conf->applications.n; i++) {
        const spc_application *application = &o->conf->applications.v[i];
        lacking |=
            may_reach(o->conf, application, destination) ? spc_lacking(o, application, destination) : 0;
    }
    return lacking;
}

/* The first phase to come that knows less than the one before it. */
static void find_lapse(spc_posture *out, const sp_destination *d, uint64_t now_s)
{
    sp_facts before = out->known;
    for (size_t i = 0; i < d->n_phases; i++) {
        const sp_phase *phase = &d->phases[i];
        if (phase->from_s <= now_s) {
            continue;
        }
        out->lapsing = before & ~phase->facts;
        if (out->lapsing != 0) {
            out->lapse_s = phase->from_s;
            return;
        }
        before = phase->facts;
    }
}

void spc_posture_of(spc_posture *out, const spc_outlook *o, uint16_t destination)
{
    const sp_destination *d = &o->snapshot->destinations[destination];
    const sp_facts lacking = lacking_of_users(o, destination);
    *out = (spc_posture){.known = sp_destination_facts(d, o->now_s),
                         .lacking = lacking & ~NEVER_STATED,
                         .never = lacking & NEVER_STATED};
    find_lapse(out, d, o->now_s);
}
