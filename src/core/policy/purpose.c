/** For what a request comes: the use cases and data sources that it is of, whoever says so. A name that the
 * application may not say is an error, never passed over: a request must not be labelled lower than its
 * sender believes. */
#include "policy_internal.h"

#include <string.h>

void sp_purpose_init(sp_purpose *out, const sp_snapshot *snapshot, const sp_application *application,
                     const sp_key *key)
{
    *out = (sp_purpose){.snapshot = snapshot, .application = application};
    sp_purpose_bind(out, SP_BINDS_APPLICATION, (uint16_t)(application->use_case + 1));
    if (key) sp_purpose_bind(out, SP_BINDS_KEY, key->binds);
}

static bool is_of_use_case(const sp_purpose *p, uint16_t row)
{
    for (size_t i = 0; i < p->n_use_cases; i++) {
        if (p->use_cases[i].row == row) return true;
    }
    return false;
}

void sp_purpose_bind(sp_purpose *p, sp_binding binding, uint16_t binds)
{
    const uint16_t row = (uint16_t)(binds - 1);
    if (binds == 0 || p->n_use_cases == SP_USE_CASES_MAX || is_of_use_case(p, row)) return;
    p->use_cases[p->n_use_cases++] = (sp_bound){.row = row, .binding = (uint8_t)binding};
}

void sp_purpose_bind_model(sp_purpose *p, sp_bytes model)
{
    const int row = sp_model_find(p->snapshot, model);
    if (row >= 0) sp_purpose_bind(p, SP_BINDS_MODEL, p->snapshot->models[row].binds);
}

/** One name of a list that commas separate, without the blanks around it; behind the last one `rest` is
 * nothing, not even empty. */
static sp_bytes next_name(sp_bytes *rest)
{
    const uint8_t *comma = rest->n ? memchr(rest->p, ',', rest->n) : NULL;
    const size_t end = comma ? (size_t)(comma - rest->p) : rest->n;
    sp_bytes name = sp_bytes_sub(*rest, 0, end);
    *rest = comma ? (sp_bytes){comma + 1, rest->n - end - 1} : SP_BYTES_EMPTY;
    while (name.n && (name.p[0] == ' ' || name.p[0] == '\t')) name = sp_bytes_sub(name, 1, name.n);
    while (name.n && (name.p[name.n - 1] == ' ' || name.p[name.n - 1] == '\t')) name.n--;
    return name;
}

/** One place is left for the use case of the model, which is not known yet. A name that is said twice takes
 * none. */
sp_status sp_purpose_declare(sp_purpose *p, sp_bytes names)
{
    const sp_application *a = p->application;
    do {
        const sp_bytes name = next_name(&names);
        size_t i = 0;
        while (i < a->n_declares && !sp_bytes_eq(p->snapshot->use_cases[a->declares[i]].name, name)) i++;
        if (i == a->n_declares) return SP_EUSECASE;
        if (p->n_use_cases == SP_USE_CASES_MAX - 1 && !is_of_use_case(p, a->declares[i])) return SP_EUSECASE;
        sp_purpose_bind(p, SP_BINDS_HEADER, (uint16_t)(a->declares[i] + 1));
    } while (names.p);
    return SP_OK;
}

static bool names_source(const sp_purpose *p, uint16_t row)
{
    for (size_t i = 0; i < p->n_sources; i++) {
        if (p->sources[i] == row) return true;
    }
    return false;
}

sp_status sp_purpose_draw_on(sp_purpose *p, sp_bytes names)
{
    const sp_application *a = p->application;
    do {
        const sp_bytes name = next_name(&names);
        size_t i = 0;
        while (i < a->n_sources && !sp_bytes_eq(p->snapshot->sources[a->sources[i]].name, name)) i++;
        if (i == a->n_sources) return SP_ESOURCE;
        if (names_source(p, a->sources[i])) continue;
        if (p->n_sources == SP_SOURCES_MAX) return SP_ESOURCE;
        p->sources[p->n_sources++] = a->sources[i];
    } while (names.p);
    return SP_OK;
}

void sp_purpose_serve(sp_purpose *p, sp_bytes subject)
{
    size_t low = 0;
    size_t high = p->snapshot->n_subjects;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = sp_bytes_cmp(p->snapshot->subjects[middle].name, subject);
        if (order == 0) {
            p->subject = &p->snapshot->subjects[middle];
            return;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
}

/** Application, model and destination are the same for each use case, so each is asked about with all of
 * them. */
const sp_stop *sp_purpose_stop(const sp_purpose *p, const sp_stops *stops, const sp_target *to, bool now_only)
{
    for (size_t i = 0; i < p->n_use_cases; i++) {
        const sp_stop_target target = {.application = p->application->name,
                                       .use_case = p->snapshot->use_cases[p->use_cases[i].row].name,
                                       .model = to->model,
                                       .destination = to->destination};
        const sp_stop *stop = sp_stops_find(stops, &target, now_only);
        if (stop) return stop;
    }
    return NULL;
}
