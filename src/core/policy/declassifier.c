/** Which declassifier would let a label flow: asked of the atoms, before anything is changed. */
#include "sallyport/declassify.h"

#include "sallyport/propose.h"

/** Its categories are all the declassifier's. What has none, nothing was found to be wrong with. */
static bool is_removable(const sp_label *label, const sp_declassifier *d)
{
    return label->categories != 0 && (label->categories & ~d->categories) == 0;
}

/** Splits what a detector found into what can be taken out and what is left: each rule by itself, or else
 * more findings, which make another rule fire, could open what fewer do not.
 *  @return whether there is anything to take out. */
static bool take_out(sp_label *left, const sp_atom *atom, const sp_declassifier *d, const sp_snapshot *s)
{
    bool is_any = false;
    *left = atom->label;
    if (sp_kind_is_proposal((sp_kind)atom->kind))
        return false; /* a sentence has no value to put a mask for */
    *left = SP_LABEL_BOTTOM;
    for (size_t i = 0; i < s->n_finding_rules; i++) {
        if (!sp_bits256_has(atom->rules, (uint8_t)i)) continue;
        const sp_label *label = &s->finding_rules[i].label;
        if (is_removable(label, d)) {
            is_any = true;
        } else {
            *left = sp_label_join(*left, *label);
        }
    }
    if (!sp_bits256_is_empty(atom->rules)) return is_any;
    is_any = is_removable(&atom->label, d);
    if (!is_any) *left = atom->label;
    return is_any;
}

static void mark(sp_declassification *what, unsigned class)
{
    if (class < SP_CLASS_OWN) {
        sp_bits256_add(&what->kinds, (uint8_t) class);
    } else {
        sp_bits256_add(&what->own, (uint8_t)(class - SP_CLASS_OWN));
    }
}

static const sp_declassification nothing = {NULL, SP_BITS256_NONE, SP_BITS256_NONE, NULL, 0};

/** The join of what would be left, and what the categories in it carry.
 *  @param what  receives the kinds of which something is taken out. */
static sp_label label_without(sp_declassification *what, const sp_labelling *l, const sp_declassifier *d,
                              const sp_snapshot *s)
{
    sp_label label = SP_LABEL_BOTTOM;
    *what = nothing;
    what->declassifier = d;
    what->snapshot = s;
    for (size_t i = 0; i < l->n_atoms; i++) {
        const sp_atom *atom = &l->atoms[i];
        sp_label left = atom->label;
        if (atom->source == SP_ATOM_HANDLING) continue;
        if (atom->source == SP_ATOM_DETECTOR && take_out(&left, atom, d, s)) mark(what, sp_atom_class(atom));
        label = sp_label_join(label, left);
    }
    return sp_label_close(s, label);
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
        sp_declassification what;
        if (!is_for(d, destination)) continue;
        const sp_label label = label_without(&what, l, d, s);
        if (sp_bits256_is_empty(what.kinds) && sp_bits256_is_empty(what.own)) continue;
        sp_flow flow;
        sp_flow_init(&flow, s, &label, q->now_s);
        if (sp_flow_reaches(&flow, &s->destinations[destination], NULL)) return what;
    }
    return nothing;
}

sp_declassification sp_declassifier_next(const sp_question *q, const sp_labelling *l, uint32_t refused)
{
    sp_decision d;
    if (q->purpose->snapshot->n_declassifiers == 0 || q->is_retry_denied) return nothing;
    sp_decide(&d, q);
    for (uint8_t i = 0; i < d.n_candidates && d.candidates[i].reason != SP_REASON_TAKEN; i++) {
        if (d.candidates[i].reason != SP_REASON_FLOW || (((refused | q->tried) >> i) & 1)) continue;
        sp_declassification found = sp_declassifier_find(q, l, d.candidates[i].destination);
        found.candidate = i;
        if (found.declassifier) return found;
    }
    return nothing;
}

/** Asked as if the taken one had failed. What would pass the second question and is kept away for now is
 * shown as that (`opened`), so what the flow still refuses has nothing else in its way. */
bool sp_declassifier_is_left(const sp_decision *d, const sp_question *q, const sp_labelling *l,
                             uint32_t refused)
{
    sp_question after = *q;
    after.opened = UINT32_MAX;
    after.declassified = (sp_declassified){0};
    for (uint8_t i = 0; i < d->n_candidates; i++) {
        if (d->candidates[i].reason == SP_REASON_TAKEN) after.tried |= UINT32_C(1) << i;
    }
    return sp_declassifier_next(&after, l, refused).declassifier != NULL;
}
