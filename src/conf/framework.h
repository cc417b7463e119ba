/** @file framework.h  The settings that labels, demands and clearances are made of: what conf.h holds beside
 * destinations, models, use cases and applications. docs/reference/policy.md says what they mean. */
#pragma once
#include "conf/problem.h"
#include "sallyport/snapshot.h"

/** A text of the file and its place; `v.p` is NULL when it was not given. */
typedef struct spc_text {
    sp_bytes v;
    spc_mark at;
} spc_text;

typedef struct spc_texts {
    spc_text *v;
    size_t n;
    spc_mark at;
} spc_texts;

/** Seconds since 1970, UTC, from `until` on it is over. */
typedef struct spc_span {
    uint64_t from_s, until_s;
} spc_span;

/** An own fact: plain, or one that follows from others. */
typedef struct spc_fact {
    spc_text name;
    uint64_t number; /**< 40 to 63 */
    spc_texts any_of, all_of;
    /* derived */
    sp_facts any, all;
} spc_fact;
typedef struct spc_facts {
    spc_fact *v;
    size_t n;
} spc_facts;

/** That a fact holds of a vendor or a destination for a time, and who says so. */
typedef struct spc_statement {
    spc_text name; /**< of the fact */
    spc_text evidence, source, signer, from, until;
    /* derived */
    uint8_t fact;
    spc_span span;
} spc_statement;
typedef struct spc_statements {
    spc_statement *v;
    size_t n;
} spc_statements;

typedef struct spc_vendor {
    spc_text name, legal_seat, assessed;
    spc_texts compelled_by;
    spc_statements facts;
    /* derived */
    sp_bits256 seat, law;
    spc_span assessment; /**< from the day of the assessment until it is too old; both 0: never assessed */
} spc_vendor;
/** Does the fact `assessed` hold of it at a second: assessed by then, not too long ago, and nothing that was
 * stated of it has lapsed? */
bool spc_vendor_is_assessed(const spc_vendor *vendor, uint64_t second);

typedef struct spc_vendors {
    spc_vendor *v;
    size_t n;
} spc_vendors;

/** What of a request is kept or seen besides being processed. */
typedef struct spc_copy {
    spc_text name; /**< log, cache, ... */
    spc_texts region, seen_by;
    spc_text retention;
    /* derived */
    sp_bits256 where;
} spc_copy;
typedef struct spc_copies {
    spc_copy *v;
    size_t n;
} spc_copies;

/** A level, categories and a residency, as they stand in several places. */
typedef struct spc_label {
    spc_text level;
    spc_texts categories, residency;
    uint8_t integrity; /**< sp_integrity */
    /* derived */
    sp_label label;
} spc_label;

typedef struct spc_clearance {
    spc_text level;
    spc_texts categories; /**< names, or `all` */
} spc_clearance;

/** A person whom applications name. */
typedef struct spc_subject {
    spc_text name;
    spc_clearance clearance; /**< what may be handed to him */
    spc_label floor;
    /* derived */
    sp_label reader;
} spc_subject;
typedef struct spc_subjects {
    spc_subject *v;
    size_t n;
} spc_subjects;

typedef struct spc_handling {
    spc_text name; /**< of the category */
    spc_label carries;
} spc_handling;
typedef struct spc_handlings {
    spc_handling *v;
    size_t n;
} spc_handlings;

/** A detector that the organisation wrote (detectors.h). */
typedef struct spc_detector {
    spc_text name, meaning;
    spc_text kind;            /**< a shipped one; else `category` and `level` of its own */
    spc_text category, level; /**< names */
    spc_text pattern, check;
    spc_texts shapes, terms, words;
    spc_texts examples, near_misses;
    uint64_t confidence; /**< 0: not said */
    bool is_exact;       /**< capitals of `terms` count */
    /* derived */
    uint8_t kind_number, category_number, level_number; /**< kind: SP_KIND_NONE where it has its own label */
} spc_detector;
/** In order of the file. */
typedef struct spc_detectors {
    spc_detector *v;
    size_t n;
} spc_detectors;

/** What is harmless though a detector finds it. */
typedef struct spc_allow {
    spc_text name, reason, pattern, until;
    spc_texts kinds, values, examples, near_misses;
    bool covers_credentials;
    /* derived */
    uint16_t *classes; /**< kinds.n sp_finding_class */
    uint64_t until_s;  /**< 0: it has no date */
} spc_allow;
/** In order of the file. */
typedef struct spc_allows {
    spc_allow *v;
    size_t n;
} spc_allows;

/** A rule about the findings of a kind. */
typedef struct spc_finding {
    spc_text at, kind; /**< `at`: where the rule begins; without text */
    uint64_t at_least, confidence;
    spc_label brings;
    /* derived */
    uint16_t number; /**< sp_finding_class */
} spc_finding;
typedef struct spc_findings {
    spc_finding *v;
    size_t n;
} spc_findings;

typedef struct spc_data_source {
    spc_text name;
    spc_label brings;
} spc_data_source;
typedef struct spc_data_sources {
    spc_data_source *v;
    size_t n;
} spc_data_sources;

typedef struct spc_group {
    spc_text name;
    spc_texts members;
    /* derived */
    sp_bits256 set;
} spc_group;
typedef struct spc_groups {
    spc_group *v;
    size_t n;
} spc_groups;

/** What of a destination counts as a place that it touches, a bit each. */
enum {
    SPC_COUNTS_PROCESSING = 1 << 0,
    SPC_COUNTS_LOG = 1 << 1,
    SPC_COUNTS_CACHE = 1 << 2,
    SPC_COUNTS_ABUSE_REVIEW = 1 << 3,
    SPC_COUNTS_TELEMETRY = 1 << 4,
    SPC_COUNTS_FAILOVER = 1 << 5,
    SPC_COUNTS_SUPPORT = 1 << 6,
    SPC_COUNTS_SEAT = 1 << 7,
    SPC_COUNTS_LAW = 1 << 8,
    SPC_COUNTS_ALL = (1 << 9) - 1,
};

typedef struct spc_residency {
    spc_groups groups;
    spc_texts transfer_texts;
    uint32_t counts; /**< SPC_COUNTS_*; 0: all */
} spc_residency;

typedef enum spc_criticality { SPC_CRITICALITY_LOW = 0, SPC_CRITICALITY_BUSINESS } spc_criticality;
typedef enum spc_tier_rule { SPC_TIER_RULE_CLOUD = 0, SPC_TIER_RULE_SELF_HOSTED } spc_tier_rule;

typedef struct spc_use_case {
    spc_text name, owner, purpose, level, review, approver;
    spc_texts categories, residency;
    uint8_t criticality, tier; /**< spc_criticality, spc_tier_rule */
    sp_permits permits;        /**< 0: it does not say, so all; text, which is always there, where it says */
    /* derived */
    sp_label label;
    uint64_t review_s; /**< 0: it has no date */
} spc_use_case;

typedef struct spc_declassifier {
    spc_text name;
    spc_texts category_names, destination_names;
    uint8_t does; /**< sp_does */
    /* derived */
    uint64_t categories;
    uint16_t *destinations; /**< destination_names.n rows */
} spc_declassifier;
typedef struct spc_declassifiers {
    spc_declassifier *v;
    size_t n;
} spc_declassifiers;

/** Who vouches for results of tools. */
typedef struct spc_endorser {
    spc_text name;
    spc_texts tools, words;
    uint8_t values; /**< sp_values; NONE: refused while reading */
} spc_endorser;
typedef struct spc_endorsers {
    spc_endorser *v;
    size_t n;
} spc_endorsers;

typedef struct spc_vigilance {
    uint64_t assessment_days, warn_days;
} spc_vigilance;

/** A requirement, shipped or of the file. */
typedef struct spc_requirement {
    sp_requirement rule;
    spc_text text; /**< its place; a shipped one has none */
    bool is_shipped;
    bool replaces; /**< a shipped one of the same condition */
} spc_requirement;

/** What the sentences and tables came to. */
typedef struct spc_framework {
    spc_requirement *requirements;
    size_t n_requirements;
    sp_transfer *transfers; /**< as many as residency.transfer_texts */
    size_t n_transfers;
    sp_label *handling; /**< 64, by category; NULL: none */
    uint64_t handled;
    sp_label overdue;
} spc_framework;
