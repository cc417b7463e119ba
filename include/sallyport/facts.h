/** @file facts.h  What is known of a destination, and what the organisation asks for: the tables that
 *  clearances are derived from (docs/reference/policy.md). Plain data, immutable once loaded. */
#pragma once
#include "sallyport/label.h"

/** A set of facts, a bit each. What is not in it is unknown, and unknown is no. */
typedef uint64_t sp_facts;

enum sp_fact {
#define X(ID, number, name, meaning) SP_FACT_##ID = (number),
#include "tbl/facts.h"
};
#define SP_FACT_BIT(fact) (UINT64_C(1) << (fact))

enum {
    SP_FACTS_OWN = 40, /**< from here on facts are the configuration's */
    SP_REQUIREMENTS_MAX = 128,
    SP_TRANSFERS_MAX = 32,
    SP_PHASES_MAX = 128,
    SP_FINDING_RULES_MAX = 256,
    SP_DECLASSIFIERS_MAX = 64,
    SP_HOSTS_MAX = 1024, /**< at which images and links of answers may point */
    SP_ENDORSERS_MAX = 64,
};

/** Facts that the gateway states itself and no file may. */
#define SP_FACTS_OURS                                                                           \
    (SP_FACT_BIT(SP_FACT_CLOUD) | SP_FACT_BIT(SP_FACT_SELF_HOSTED) | SP_FACT_BIT(SP_FACT_TLS) | \
     SP_FACT_BIT(SP_FACT_ASSESSED))

/** Categories that requirements alone decide, since no old list of categories can know them. */
#define SP_CATEGORIES_REQUIRED (SP_CAT_BIT(SP_CAT_IN_HOUSE) | SP_CAT_BIT(SP_CAT_CRITICAL_OUTPUT))

/** Appends the names of facts in order of their numbers, `, ` between. */
void sp_facts_append(sp_buf *out, sp_facts facts, const sp_names *names);

/** Facts of a destination from a second on, until the next phase begins. Before its first phase a destination
 * has no facts. */
typedef struct sp_phase {
    uint64_t from_s; /**< since 1970, UTC */
    sp_facts facts;
} sp_phase;

/** A label with at least this level and all of these categories needs all of these facts of a destination.
 * Upward closed in the label by its form, so a join never frees a label from a requirement. */
typedef struct sp_requirement {
    uint64_t categories;
    sp_facts facts;
    uint8_t level;
    uint8_t tiers; /**< bit (1 << sp_tier) for each tier that it covers */
} sp_requirement;

/** Data that may be in all of `from` may be in `to` too, at a destination with these facts. */
typedef struct sp_transfer {
    sp_bits256 from, to; /**< not empty */
    sp_facts facts;
} sp_transfer;
