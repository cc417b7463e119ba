/** @file fixture_framework.h  The small organisation with the tables of the framework: what is known of its
 * clouds changes at 1100, 1400 and 1600 seconds. */
#pragma once
#include "fixture_policy.h"

enum { BAA_FROM = 1100, BAA_UNTIL = 1600, SCC_FROM = 1400, REVIEW = 1700 };
#define F(fact) SP_FACT_BIT(SP_FACT_##fact)
#define C(category) SP_CAT_BIT(SP_CAT_##category)

static const sp_phase fixture_cloud_phases[] = {{0, F(CLOUD)},
                                                {BAA_FROM, F(CLOUD) | F(BAA)},
                                                {SCC_FROM, F(CLOUD) | F(BAA) | F(SCC)},
                                                {BAA_UNTIL, F(CLOUD) | F(SCC)}};
static const sp_phase fixture_local_phases[] = {{0, F(SELF_HOSTED)}};
static const sp_requirement fixture_requirements[] = {
    {C(PHI), F(BAA), 0, 1 << SP_TIER_CLOUD},
    {C(PII), F(SCC), 2, 1 << SP_TIER_CLOUD},
    {C(IN_HOUSE), F(SELF_HOSTED), 0, 1 << SP_TIER_CLOUD | 1 << SP_TIER_SELF_HOSTED},
};
static const sp_finding_rule fixture_rules[] = {
    {SP_KIND_EMAIL, 0, 1, {0, SP_BITS256_ALL, 1, SP_TRUSTED}},
    {SP_KIND_EMAIL, 50, 3, {C(PII), SP_BITS256_ALL, 2, SP_TRUSTED}},
};
static const sp_source fixture_sources[] = {
    {SP_LIT("crm"), {C(PII), SP_BITS256_ALL, 2, SP_UNTRUSTED}},
    {SP_LIT("wiki"), {0, SP_BITS256_ALL, 1, SP_TRUSTED}},
};
static const uint16_t fixture_rows[] = {0, 1};
static const uint16_t fixture_clouds[] = {CLOUD, CLOUD_EU};
static const sp_declassifier fixture_declassifiers[] = {
    {SP_LIT("mask-pii"), C(PII), SP_DOES_MASK, 2, fixture_clouds},
    {SP_LIT("drop-cards"), C(PCI), SP_DOES_DROP, 1, fixture_clouds},
};
static sp_transfer fixture_transfers[1];
static sp_label fixture_handling[64];

static sp_snapshot fixture_framework(void)
{
    sp_snapshot s = fixture_snapshot();
    for (size_t i = 0; i < s.n_destinations; i++) {
        sp_destination *d = &fixture_destinations[i];
        const bool is_cloud = d->tier == SP_TIER_CLOUD;
        d->phases = is_cloud ? fixture_cloud_phases : fixture_local_phases;
        d->n_phases = is_cloud ? 4 : 1;
        d->clearance.categories |= C(PHI) | SP_CATEGORIES_REQUIRED;
        d->clearance.level = SP_LEVEL_MAX;
    }
    for (size_t i = 0; i < 64; i++) fixture_handling[i] = SP_LABEL_BOTTOM;
    fixture_handling[SP_CAT_HR].level = 2;
    fixture_handling[SP_CAT_HR].residency = fixture_only("DE");
    fixture_transfers[0] = (sp_transfer){fixture_only("DE"), fixture_only("US"), F(SCC)};
    fixture_use_cases[1].review_s = REVIEW;
    fixture_applications[APP_INTRANET].declares = fixture_rows,
    fixture_applications[APP_INTRANET].n_declares = 2;
    fixture_applications[APP_INTRANET].sources = fixture_rows,
    fixture_applications[APP_INTRANET].n_sources = 2;
    fixture_models[M_CLOUD_ONLY].binds = 2;
    s.requirements = fixture_requirements, s.n_requirements = 3;
    s.transfers = fixture_transfers, s.n_transfers = 1;
    s.finding_rules = fixture_rules, s.n_finding_rules = 2;
    s.sources = fixture_sources, s.n_sources = 2;
    s.declassifiers = fixture_declassifiers, s.n_declassifiers = 2;
    s.handled = C(HR), s.handling = fixture_handling;
    s.overdue = (sp_label){C(IN_HOUSE), SP_BITS256_ALL, 3, SP_TRUSTED};
    return s;
}
