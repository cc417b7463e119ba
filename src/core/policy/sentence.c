/** One sentence for the caller: what was refused, why, what would be allowed. Names of the configuration
 * only, never content of the request. */
#include "policy_internal.h"

enum { SUGGESTIONS_MAX = 5 };

static void append_names_of_models(sp_buf *out, const sp_question *q,
                                   bool (*fits)(const sp_question *, const sp_model *))
{
    unsigned n = 0;
    for (size_t i = 0; i < q->purpose->application->n_models; i++) {
        const sp_model *m = &q->purpose->snapshot->models[q->purpose->application->models[i]];
        if (!fits(q, m)) continue;
        if (n == SUGGESTIONS_MAX) {
            sp_buf_append_str(out, ", ...");
            return;
        }
        if (n++) sp_buf_append_str(out, ", ");
        sp_buf_append(out, m->name);
    }
    if (n == 0) sp_buf_append_str(out, "none");
}

static bool any_model(const sp_question *q, const sp_model *m)
{
    (void)q;
    (void)m;
    return true;
}

/** Is it of the use case that `m` brings, or does `m` bring none? Else its label would be another there. */
static bool is_labelled_alike(const sp_purpose *p, const sp_model *m)
{
    for (size_t i = 0; m->binds != 0 && i < p->n_use_cases; i++) {
        if (p->use_cases[i].row == m->binds - 1) return true;
    }
    return m->binds == 0;
}

/** Would this request be allowed, were it sent to `m`? */
static bool allowed_model(const sp_question *q, const sp_model *m)
{
    sp_decision d;
    if (!is_labelled_alike(q->purpose, m)) return false;
    sp_question fresh = *q;
    fresh.tried = 0;
    fresh.away = 0;
    fresh.is_retry_denied = false;
    sp_decide__model(&d, &fresh, m);
    return d.outcome != SP_DENY;
}

/** Behind the name of what is paused. */
static void append_stop(sp_buf *out, const sp_stop *stop)
{
    sp_buf_append_str(out, ": ");
    if (stop) sp_stop_append(out, stop);
}

/** Why the label does not flow there. */
static void append_obstacle(sp_buf *out, const sp_candidate *c, const sp_question *q)
{
    const sp_names *names = &q->purpose->snapshot->names;
    if (c->part == SP_PART_REQUIREMENT) {
        sp_buf_append_str(out, " lacks what the label requires (");
        sp_facts_append(out, c->missing, names);
    } else {
        sp_buf_append_str(out, " is not cleared for its ");
        sp_buf_append_str(out, sp_label_part_name((sp_label_part)c->part));
        sp_buf_append_str(out, " (cleared for ");
        sp_label_append(out, q->purpose->snapshot->destinations[c->destination].clearance, names);
    }
    sp_buf_append_str(out, ")");
}

static void append_candidate(sp_buf *out, const sp_candidate *c, const sp_question *q)
{
    const sp_destination *d = &q->purpose->snapshot->destinations[c->destination];
    sp_buf_append(out, d->name);
    switch ((sp_reason)c->reason) {
    case SP_REASON_STOPPED:
        append_stop(out, sp_decide__stop(q, SP_BYTES_EMPTY, d->name));
        return;
    case SP_REASON_FLOW:
        append_obstacle(out, c, q);
        return;
    case SP_REASON_PERMIT:
        sp_buf_append_str(out, " lacks the permission for a field of this request");
        return;
    case SP_REASON_DIALECT:
        sp_buf_append_str(out, " speaks another dialect");
        return;
    case SP_REASON_TRIED:
        sp_buf_append_str(out, " failed");
        return;
    case SP_REASON_ADDRESS:
        sp_buf_append_str(out, " has no address");
        return;
    case SP_REASON_AWAY:
        sp_buf_append_str(out, " failed too often lately or asked to wait");
        return;
    case SP_REASON_NONE:
    case SP_REASON_TAKEN:
    case SP_REASON_NOT_REACHED:
        break;
    }
    sp_buf_append_str(out, " was not considered");
}

static void append_candidates(sp_buf *out, const sp_decision *d, const sp_question *q)
{
    sp_buf_append_str(out, ". The request is labelled ");
    sp_label_append(out, *q->label, &q->purpose->snapshot->names);
    for (size_t i = 0; i < d->n_candidates; i++) {
        sp_buf_append_str(out, "; ");
        append_candidate(out, &d->candidates[i], q);
    }
    sp_buf_append_str(out, ". Models that could take it: ");
    append_names_of_models(out, q, allowed_model);
    sp_buf_append_byte(out, '.');
}

void sp_decision_sentence(sp_buf *out, const sp_decision *d, const sp_question *q)
{
    sp_buf_append_str(out, sp_error_get(d->status)->sentence);
    const sp_stop *stop = sp_decision_stop(d, q);
    if (stop && d->n_candidates == 0) {
        append_stop(out, stop);
    } else if (d->n_candidates) {
        append_candidates(out, d, q);
    } else if (d->status == SP_EMODEL || d->status == SP_EFORBIDDEN) {
        sp_buf_append_str(out, ". Models that it may use: ");
        append_names_of_models(out, q, any_model);
        sp_buf_append_byte(out, '.');
    }
}
