/** @file world.h  A small random organisation, twice: as the snapshot that the core decides by, and as what
 * was stated, from which that snapshot comes. Few levels, categories, places and facts, so that everything
 * meets everything. */
#pragma once
#include "sallyport/policy.h"

enum {
    WORLD_DESTINATIONS = SP_CANDIDATES_MAX,
    WORLD_USE_CASES = 10, /**< more than a request may be of */
    WORLD_SOURCES = 20,   /**< more than a request may name */
    WORLD_MODELS = 3,
    WORLD_APPLICATIONS = 2,
    WORLD_SUBJECTS = 4, /**< with a floor, with a clearance, the others with both */
    WORLD_VENDORS = 2,
    WORLD_DECLASSIFIERS = 3,
    WORLD_ENDORSERS = 4,
    WORLD_TOOLS = 3,
    WORLD_STATEMENTS = 4, /**< of a vendor or a destination, at most */
    WORLD_COPIES = 3,     /**< kinds of places that a destination touches: world_copies */
    WORLD_ROWS = 6,       /**< requirements, transfers, rows of findings: at most */
    WORLD_END_S = 40,     /**< times lie below */
};

extern const char *const world_copies[WORLD_COPIES];
/** Tools that are called: some of them have endorsers. */
extern const sp_bytes world_tools[WORLD_TOOLS];
/** Kinds that are found, and uses that are made. */
extern const uint8_t world_kinds[], world_uses[];
enum {
    WORLD_DETECTED = 4, /**< kinds of detectors; those of the small models follow */
    WORLD_KINDS = WORLD_DETECTED + 2,
    WORLD_USES = 9
};

/** splitmix64; any state will do. */
typedef struct dice {
    uint64_t state;
} dice;
uint64_t dice_any(dice *d);
/** 0..n-1. */
uint32_t dice_below(dice *d, uint32_t n);
bool dice_chance(dice *d, uint32_t percent);
/** Of few levels, categories and places. */
sp_label world_label(dice *d);

typedef struct statement {
    uint8_t fact;
    uint64_t from_s, until_s; /**< half open */
} statement;

typedef struct statements {
    statement v[WORLD_STATEMENTS];
    size_t n;
} statements;

typedef struct vendor {
    statements stated;
    bool is_assessed;
    uint64_t assessed_s;
} vendor;

/** What a row of the snapshot was made from. */
typedef struct stated_destination {
    statements stated;
    uint8_t vendor;
    sp_bits256 touches[WORLD_COPIES];
    sp_phase phases[2 * (2 * WORLD_STATEMENTS + 2)];
} stated_destination;

typedef struct stated_use_case {
    sp_label label; /**< without the marks */
    bool is_critical, is_self_hosted_only;
} stated_use_case;

typedef struct world {
    dice dice;
    sp_mem *mem; /**< of names */
    sp_snapshot snapshot;
    uint64_t assessment_life_s;
    uint8_t counts;          /**< bit i: copies of kind i count */
    sp_facts any_of, all_of; /**< of the composite facts 40 and 41 */
    vendor vendors[WORLD_VENDORS];
    stated_destination stated_destinations[WORLD_DESTINATIONS];
    stated_use_case stated_use_cases[WORLD_USE_CASES];
    bool has_reader[WORLD_APPLICATIONS];
    sp_subject subjects[WORLD_SUBJECTS];
    bool has_personal_reader[WORLD_SUBJECTS];
    sp_destination destinations[WORLD_DESTINATIONS];
    sp_model models[WORLD_MODELS];
    sp_use_case use_cases[WORLD_USE_CASES];
    sp_source sources[WORLD_SOURCES];
    sp_application applications[WORLD_APPLICATIONS];
    uint16_t app_models[WORLD_APPLICATIONS][WORLD_MODELS];
    uint16_t app_declares[WORLD_APPLICATIONS][WORLD_USE_CASES];
    uint16_t app_sources[WORLD_APPLICATIONS][WORLD_SOURCES];
    uint16_t app_endorsers[WORLD_APPLICATIONS][WORLD_ENDORSERS];
    sp_requirement requirements[WORLD_ROWS];
    sp_transfer transfers[WORLD_ROWS];
    sp_finding_rule finding_rules[3 * WORLD_KINDS];
    sp_label handling[64];
    sp_declassifier declassifiers[WORLD_DECLASSIFIERS];
    uint16_t declassified_for[WORLD_DECLASSIFIERS][WORLD_DESTINATIONS];
    sp_endorser endorsers[WORLD_ENDORSERS];
} world;

/** What is taken from a world; all else is the same. None of that may open a destination. */
typedef enum world_change {
    WORLD_AS_IT_IS,
    WORLD_LAPSED,  /**< some of what is stated ends earlier */
    WORLD_OVERDUE, /**< some reviews fall due earlier */
    WORLD_ENDING,  /**< the snapshot ends earlier */
    WORLD_ASKING,  /**< a requirement more */
    WORLD_GUARDED, /**< some destinations are cleared for less, some callers may read less */
    WORLD_FAILING, /**< some destinations are down or have no address */
    WORLD_CHANGES
} world_change;

/** The world of a seed. @param mem  as long as the world is used. */
void world_make(world *w, uint64_t seed, world_change change, sp_mem *mem);
/** A name of a letter and two digits: in the order of the rows. */
sp_bytes world_name(sp_mem *mem, char letter, size_t row);
/** Writes `"snapshot":{…}` as test/policy/README.md says, but for the rows of findings that are shipped. */
void world_write(const world *w);
/** Opens an object that has the name of a row. */
void world_open_row(sp_bytes name);
