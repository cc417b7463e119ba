/** Which declassifier would let a label flow: asked of the atoms, before anything is changed. */
#include "sallyport/declassify.h"

/** A detector made it, and its categories are all the declassifier's. What has none, nothing was found to be
 * wrong with. */
static bool is_removed(const sp_atom *atom, const sp_declassifier *d)
{
    return atom->source == SP_ATOM_DETECTOR && atom->label.categories != 0 &&
           (atom->label.categories & ~d->categories) == 0;
}

/** The join of what would be left, and what the categories in it carry. */
static sp_label label_without(const sp_labelling *l, const sp_declassifier *d, const sp_snapshot *s)
{
    sp_label label = SP_LABEL_BOTTOM;
    for (size_t i = 0; i < l->n_atoms; i++) {
        if (l->atoms[i].source == SP_ATOM_HANDLING || is_removed(&l->atoms[i], d)) continue;
        label = sp_label_join(label, l->atoms[i].label);
    }
    for (uint64_t left = label.categories & s->handled; left != 0; left &= left - 1)
        label = sp_label_join(label, s->handling[__builtin_ctzll(left)]);
    return label;
}

static uint64_t removed_kinds(const sp_labelling *l, const sp_declassifier *d)
{
    uint64_t kinds = 0;
    for (size_t i = 0; i < l->n_atoms; i++) {
        if (is_removed(&l->atoms[i], d)) kinds |= UINT64_C(1) << l->atoms[i].kind;
    }
    return kinds;
}

static bool is_for(const sp_declassifier *d, uint16_t destination)
{
    for (size_t i = 0; i < d->n_destinations; i++) {
        if (d->destinations[i] == destination) return true;
    }
    return false;
}

sp_declassification sp_declassifier_find(const sp_question *q, const sp_labelling *l, uint16_t destination)
{
    const sp_snapshot *s = q->purpose->snapshot;
    for (size_t i = 0; i < s->n_declassifiers; i++) {
        const sp_declassifier *d = &s->declassifiers[i];
        const uint64_t kinds = is_for(d, destination) ? removed_kinds(l, d) : 0;
        if (kinds == 0) continue;
        sp_flow flow;
        const sp_label label = label_without(l, d, s);
        sp_flow_init(&flow, s, &label, q->now_s);
        if (sp_flow_reaches(&flow, &s->destinations[destination], NULL))
            return (sp_declassification){d, kinds, 0};
    }
    return (sp_declassification){NULL, 0, 0};
}

sp_declassification sp_declassifier_next(const sp_question *q, const sp_labelling *l, uint32_t refused)
{
    sp_decision d;
    if (q->purpose->snapshot->n_declassifiers == 0) return (sp_declassification){NULL, 0, 0};
    sp_decide(&d, q);
    for (uint8_t i = 0; i < d.n_candidates && d.candidates[i].reason != SP_REASON_TAKEN; i++) {
        if (d.candidates[i].reason != SP_REASON_FLOW || ((refused >> i) & 1)) continue;
        sp_declassification found = sp_declassifier_find(q, l, d.candidates[i].destination);
        found.candidate = i;
        if (found.declassifier) return found;
    }
    return (sp_declassification){NULL, 0, 0};
}
