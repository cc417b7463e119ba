/** May this label reach that destination now? Stated clearance, requirements, residency: three conjunctions,
 * each monotone in the label, so no join ever opens a destination (Denning 1976; docs/reference/policy.md).
 */
#include "policy_internal.h"

void sp_flow_init(sp_flow *out, const sp_snapshot *snapshot, const sp_label *label, uint64_t now_s)
{
    *out = (sp_flow){.snapshot = snapshot, .label = *label, .now_s = now_s};
    for (size_t i = 0; i < snapshot->n_requirements; i++) {
        const sp_requirement *r = &snapshot->requirements[i];
        if (r->level > label->level || (r->categories & ~label->categories)) continue;
        for (size_t tier = 0; tier < SP_TIERS; tier++) {
            if ((r->tiers >> tier) & 1) out->needs[tier] |= r->facts;
        }
    }
    for (size_t i = 0; i < snapshot->n_transfers; i++) {
        if (sp_bits256_subset(snapshot->transfers[i].from, label->residency))
            out->transfers |= UINT32_C(1) << i;
    }
}

sp_facts sp_destination_facts(const sp_destination *d, uint64_t now_s)
{
    for (size_t i = d->n_phases; i-- > 0;) {
        if (d->phases[i].from_s <= now_s) return d->phases[i].facts;
    }
    return 0;
}

/** What the destination touches outside of what the label allows, itself or by a transfer. */
static sp_bits256 outside(const sp_flow *flow, const sp_destination *d, sp_facts facts)
{
    sp_bits256 allowed = flow->label.residency;
    if (sp_bits256_subset(d->clearance.residency, allowed)) return SP_BITS256_NONE;
    for (uint32_t open = flow->transfers; open != 0; open &= open - 1) {
        const sp_transfer *t = &flow->snapshot->transfers[__builtin_ctz(open)];
        if ((t->facts & ~facts) == 0) allowed = sp_bits256_or(allowed, t->to);
    }
    return sp_bits256_and_not(d->clearance.residency, allowed);
}

/** Nowhere is no place to be: neither a label that allows nothing nor a destination that says nothing of
 * where it is. */
static bool is_nowhere(const sp_flow *flow, const sp_destination *d)
{
    return sp_bits256_is_empty(flow->label.residency) || sp_bits256_is_empty(d->clearance.residency);
}

static sp_label_part obstacle(const sp_flow *flow, const sp_destination *d, sp_facts facts, sp_facts *missing)
{
    const sp_label *label = &flow->label;
    if (label->level > d->clearance.level) return SP_PART_LEVEL;
    if (label->categories & ~d->clearance.categories) return SP_PART_CATEGORIES;
    *missing = d->tier < SP_TIERS ? flow->needs[d->tier] & ~facts : ~UINT64_C(0);
    if (*missing) return SP_PART_REQUIREMENT;
    if (is_nowhere(flow, d) || !sp_bits256_is_empty(outside(flow, d, facts))) return SP_PART_RESIDENCY;
    return SP_PART_NONE;
}

bool sp_flow_reaches(const sp_flow *flow, const sp_destination *d, sp_obstacle *why)
{
    sp_facts missing = 0;
    const sp_label_part part = obstacle(flow, d, sp_destination_facts(d, flow->now_s), &missing);
    if (why) *why = (sp_obstacle){.part = (uint8_t)part, .missing = missing};
    return part == SP_PART_NONE;
}

void sp_facts_append(sp_buf *out, sp_facts facts, const sp_names *names)
{
    for (sp_facts left = facts; left != 0; left &= left - 1) {
        const sp_bytes name = names->fact[__builtin_ctzll(left)];
        if (left != facts) sp_buf_append_str(out, ", ");
        if (name.n) {
            sp_buf_append(out, name);
        } else {
            sp_buf_append_u64(out, (uint64_t)__builtin_ctzll(left));
        }
    }
}
