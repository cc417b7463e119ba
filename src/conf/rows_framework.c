/* The settings of the classification framework: facts, vendors, requirements, labels; see row.h for the
 * columns and docs/reference/policy.md for what they mean. */
#include "conf/checks.h"
#include "conf/rows_internal.h"

IS_MAP(spc_facts);
IS_MAP(spc_statements);
IS_MAP(spc_vendors);
IS_MAP(spc_copies);
IS_MAP(spc_handlings);
IS_MAP(spc_findings);
IS_MAP(spc_data_sources);
IS_MAP(spc_groups);
IS_MAP(spc_declassifiers);
IS_MAP(spc_endorsers);
IS_MAP(spc_subjects);

enum {
    COUNTRIES_MAX = 256,
    DAYS_MAX = 3650,
    AT_LEAST_MAX = 4096, /* one pass of the detectors lists no more of a kind */
};

#define PLACES "ISO 3166-1 alpha-2 codes, `EU`, `EEA`, `ADEQUATE`, a group of `residency.groups`, or \"*\""

/* level, categories and residency of a label, at fields `f` of struct `s` */
#define LEVEL_ROW(s, f, text)                                                         \
    {                                                                                 \
        "level", TEXT_AT(s, f), .check = spc_check_name, .pattern = SPC_PATTERN_NAME, \
                                .example = "confidential", .doc = text                \
    }
#define CATEGORIES_ROW(s, f, text)                                                                 \
    {                                                                                              \
        "categories", TEXTS_AT(s, f), .is_short = true, .max = 64, .check = spc_check_name,        \
                                      .pattern = SPC_PATTERN_NAME, .example = "[pii]", .doc = text \
    }
#define RESIDENCY_ROW(s, f, text)                                                                  \
    {                                                                                              \
        "residency", TEXTS_AT(s, f), .is_short = true, .min = 1, .max = COUNTRIES_MAX, .def = "*", \
                                     .example = "[EEA, CH]", .doc = text                           \
    }

/* ---- facts and vendors ---- */

static const spc_row fact_rows[] = {
    {"number", COUNT_AT(spc_fact, number), .is_required = true, .min = SP_FACTS_OWN, .max = 63,
     .unit = "its number", .example = "40",
     .doc = "40 to 63. Numbers stand in records: never give one a new meaning."},
    {"any_of", TEXTS_AT(spc_fact, any_of), .is_short = true, .max = 64, .check = spc_check_name,
     .pattern = SPC_PATTERN_NAME, .example = "[scc, dpf]", .doc = "It holds where one of these does."},
    {"all_of", TEXTS_AT(spc_fact, all_of), .is_short = true, .max = 64, .check = spc_check_name,
     .pattern = SPC_PATTERN_NAME, .example = "[soc2-type2, no-training]",
     .doc = "It holds where all of these do."},
    {0},
};
const spc_table spc__fact_table = {fact_rows, sizeof(spc_fact), "fact", false};

static const spc_row statement_rows[] = {
    {"evidence", TEXT_AT(spc_statement, evidence), .is_required = true, .min = 1, .max = LINE_MAX_BYTES,
     .check = spc_check_line, .example = "\"contract 17, annex 2\"", .doc = "What it rests on."},
    {"source", TEXT_AT(spc_statement, source), .is_required = true, .min = 1, .max = LINE_MAX_BYTES,
     .check = spc_check_line, .example = "legal", .doc = "Where the evidence comes from."},
    {"signer", TEXT_AT(spc_statement, signer), .is_required = true, .min = 1, .max = LINE_MAX_BYTES,
     .check = spc_check_line, .example = "j.doe@corp.example", .doc = "Who answers for it."},
    {"from", TEXT_AT(spc_statement, from), .is_required = true, .check = spc_check_date,
     .pattern = SPC_PATTERN_DATE, .example = "2026-01-01",
     .doc = "The first day on which it holds, or second: 2026-01-01T12:00:00Z. UTC."},
    {"until", TEXT_AT(spc_statement, until), .is_required = true, .check = spc_check_date,
     .pattern = SPC_PATTERN_DATE, .example = "2027-01-01",
     .doc = "The day, or second, from which on it no longer holds, UTC. The clearance falls at that second, "
            "in every worker, without a reload."},
    {0},
};
const spc_table spc__statement_table = {statement_rows, sizeof(spc_statement), "fact", false};

static const spc_row vendor_rows[] = {
    {"legal_seat", TEXT_AT(spc_vendor, legal_seat), .is_required = true, .example = "US",
     .doc = "The jurisdiction of its seat: an ISO 3166-1 alpha-2 code."},
    {"compelled_by", TEXTS_AT(spc_vendor, compelled_by), .is_short = true, .max = COUNTRIES_MAX,
     .example = "[US]", .doc = "Jurisdictions whose authorities can compel it to disclose: " PLACES "."},
    {"assessed", TEXT_AT(spc_vendor, assessed), .check = spc_check_date, .pattern = SPC_PATTERN_DATE,
     .example = "2026-05-01",
     .doc = "When its risk was assessed. The fact `assessed` holds from then on for "
            "`vigilance.assessment_days`."},
    {"facts", MAP_AT(spc_vendor, facts), .max = 64, .table = &spc__statement_table, .check = spc_check_name,
     .pattern = SPC_PATTERN_NAME, .example = "{dpa: {…}}",
     .doc = "What holds of it, each with its evidence and its time. What is not stated is unknown, and "
            "unknown is no."},
    {0},
};
const spc_table spc__vendor_table = {vendor_rows, sizeof(spc_vendor), "vendor", false};

static const spc_row copy_rows[] = {
    {"region", TEXTS_AT(spc_copy, region), .is_required = true, .is_short = true, .min = 1,
     .max = COUNTRIES_MAX, .example = "[US]", .doc = "Where it is: " PLACES "."},
    {"retention", TEXT_AT(spc_copy, retention), .min = 1, .max = LINE_MAX_BYTES, .check = spc_check_line,
     .example = "30d", .doc = "How long it is kept, in words; left out where nothing is."},
    {"seen_by", TEXTS_AT(spc_copy, seen_by), .is_short = true, .max = 64, .check = spc_check_line,
     .example = "[vendor staff]", .doc = "Who may look at it."},
    {0},
};
const spc_table spc__copy_table = {copy_rows, sizeof(spc_copy), "copy", false};

/* ---- labels ---- */

static const spc_row handling_rows[] = {
    LEVEL_ROW(spc_handling, carries.level, "The level that it brings."),
    RESIDENCY_ROW(spc_handling, carries.residency, "Where it may be processed: " PLACES "."),
    {0},
};
const spc_table spc__handling_table = {handling_rows, sizeof(spc_handling), "category", false};

static const spc_word trust_words[] = {
    {"untrusted", SP_UNTRUSTED, "it may hold what somebody outside wrote"},
    {"trusted", SP_TRUSTED, "somebody in the organisation vouches for it"},
    {0},
};
static const spc_row data_source_rows[] = {
    LEVEL_ROW(spc_data_source, brings.level, "The level that data from it has at least."),
    CATEGORIES_ROW(spc_data_source, brings.categories, "The categories that it has."),
    RESIDENCY_ROW(spc_data_source, brings.residency, "Where it may be processed: " PLACES "."),
    {"integrity", WORD_AT(spc_data_source, brings.integrity), .words = trust_words, .def = "untrusted",
     .example = "trusted", .doc = "Whether its content is vouched for."},
    {0},
};
const spc_table spc__data_source_table = {data_source_rows, sizeof(spc_data_source), "data source", false};

static const spc_row finding_rows[] = {
    {"kind", TEXT_AT(spc_finding, kind), .is_required = true, .check = spc_check_name,
     .pattern = SPC_PATTERN_NAME, .example = "email",
     .doc = "What is found: a kind of `sallyport detector list`."},
    {"at_least", COUNT_AT(spc_finding, at_least), .min = 1, .max = AT_LEAST_MAX, .def = "1",
     .unit = "findings", .example = "50", .doc = "So many of them; not more than `limits.findings`."},
    {"confidence", COUNT_AT(spc_finding, confidence), .max = 100, .def = "0", .unit = "of 100",
     .example = "60", .doc = "Findings below it are not counted."},
    LEVEL_ROW(spc_finding, brings.level, "The level that this brings."),
    CATEGORIES_ROW(spc_finding, brings.categories, "The categories that this brings."),
    RESIDENCY_ROW(spc_finding, brings.residency, "Where it may be processed: " PLACES "."),
    {0},
};
const spc_table spc__finding_table = {finding_rows, sizeof(spc_finding), "rule", false};

static const spc_row overdue_rows[] = {
    LEVEL_ROW(spc_label, level, "The level. Without it, the highest."),
    CATEGORIES_ROW(spc_label, categories, "The categories. Without them, `in-house`."),
    {0},
};
const spc_table spc__overdue_table = {overdue_rows, sizeof(spc_label), NULL, false};

static const spc_row floor_rows[] = {
    LEVEL_ROW(spc_label, level, "The level."),
    CATEGORIES_ROW(spc_label, categories, "The categories."),
    RESIDENCY_ROW(spc_label, residency, "Where its data may be processed: " PLACES "."),
    {0},
};
const spc_table spc__floor_table = {floor_rows, sizeof(spc_label), NULL, false};

static const spc_row vigilance_rows[] = {
    {"assessment_days", COUNT_AT(spc_vigilance, assessment_days), .min = 1, .max = DAYS_MAX, .def = "365",
     .unit = "days", .example = "365", .doc = "How long the assessment of a vendor counts."},
    {"warn_days", COUNT_AT(spc_vigilance, warn_days), .max = DAYS_MAX, .def = "30", .unit = "days",
     .example = "30", .doc = "How long ahead `check` says that a fact lapses or a review is due."},
    {0},
};
const spc_table spc__vigilance_table = {vigilance_rows, sizeof(spc_vigilance), NULL, false};

/* ---- persons ---- */

static const spc_row clearance_rows[] = {
    {"level", TEXT_AT(spc_clearance, level), .is_required = true, .check = spc_check_name,
     .pattern = SPC_PATTERN_NAME, .example = "internal",
     .doc = "The highest level: a shipped name or one of `levels`."},
    {"categories", TEXTS_AT(spc_clearance, categories), .is_required = true, .is_short = true, .max = 64,
     .check = spc_check_name, .pattern = SPC_PATTERN_NAME, .example = "[source-code]",
     .doc = "The categories, or `all`. An empty list admits only data of no category."},
    {0},
};
const spc_table spc__clearance_table = {clearance_rows, sizeof(spc_clearance), NULL, false};

static const spc_row subject_rows[] = {
    {"clearance", RECORD_AT(spc_subject, clearance), .table = &spc__clearance_table,
     .example = "{level: internal, categories: [pii]}",
     .doc = "The highest label that may be handed to him. Without it there is no bound."},
    {"floor", RECORD_AT(spc_subject, floor), .table = &spc__floor_table, .example = "{level: internal}",
     .doc = "The label that each of his requests has at least."},
    {0},
};
const spc_table spc__subject_table = {subject_rows, sizeof(spc_subject), "subject", false};

/* ---- declassifiers ---- */

static const spc_word does_words[] = {
    {"mask", SP_DOES_MASK, "each finding gives way to a text such as `[masked: email]`"},
    {"drop", SP_DOES_DROP,
     "each text that holds a finding gives way to one such as `[removed: card]`; none does where a finding "
     "stands at the end or the beginning of one of several texts of a message"},
    {0},
};
static const spc_row declassifier_rows[] = {
    {"does", WORD_AT(spc_declassifier, does), .is_required = true, .words = does_words, .example = "mask",
     .doc = "What is done with what was found."},
    {"categories", TEXTS_AT(spc_declassifier, category_names), .is_required = true, .is_short = true,
     .min = 1, .max = 64, .check = spc_check_name, .pattern = SPC_PATTERN_NAME, .example = "[pii]",
     .doc = "The categories that it takes out: findings all of whose categories are among these."},
    {"destinations", TEXTS_AT(spc_declassifier, destination_names), .is_required = true, .is_short = true,
     .min = 1, .max = SP_DESTINATIONS_MAX, .check = spc_check_name, .pattern = SPC_PATTERN_NAME,
     .example = "[cloud]",
     .doc =
         "Where it is applied, when only the label keeps a request away. What it made is parsed, scanned and "
         "labelled again, and that label has to flow."},
    {0},
};
const spc_table spc__declassifier_table = {declassifier_rows, sizeof(spc_declassifier), "declassifier",
                                           false};

/* ---- endorsers ---- */

static const spc_word value_words[] = {
    {"any", SP_VALUES_ANY,
     "whatever the tool gives back, so this vouches for the tool and all that it reads"},
    {"number", SP_VALUES_NUMBER, "a number as JSON writes it"},
    {"integer", SP_VALUES_INTEGER, "the same without fraction and exponent"},
    {"boolean", SP_VALUES_BOOLEAN, "`true` or `false`"},
    {"date", SP_VALUES_DATE, "a day: 2027-01-31"},
    {"words", SP_VALUES_WORDS, "one of `words`"},
    {0},
};
static const spc_row endorser_rows[] = {
    {"tools", TEXTS_AT(spc_endorser, tools), .is_required = true, .is_short = true, .min = 1,
     .max = SP_ENDORSER_WORDS_MAX, .check = spc_check_tool, .pattern = SPC_PATTERN_TOOL,
     .example = "[order_status]", .doc = "The tools, as the calls of them name them."},
    {"values", WORD_AT(spc_endorser, values), .words = value_words, .def = "words", .example = "number",
     .doc = "What all of a result has to be, blanks around it aside; but for `any`, 64 bytes at most."},
    {"words", TEXTS_AT(spc_endorser, words), .is_short = true, .min = 1, .max = SP_ENDORSER_WORDS_MAX,
     .check = spc_check_value, .example = "[open, shipped, returned]",
     .doc = "What it may be, letter by letter; only where `values` is `words`."},
    {0},
};
const spc_table spc__endorser_table = {endorser_rows, sizeof(spc_endorser), "endorser", false};

/* ---- residency ---- */

static const spc_word place_words[] = {
    {"processing", SPC_COUNTS_PROCESSING, "where it answers: `jurisdictions`"},
    {"log", SPC_COUNTS_LOG, "the copy `log`"},
    {"cache", SPC_COUNTS_CACHE, "the copy `cache`"},
    {"abuse-review", SPC_COUNTS_ABUSE_REVIEW, "the copy `abuse-review`"},
    {"telemetry", SPC_COUNTS_TELEMETRY, "the copy `telemetry`"},
    {"failover", SPC_COUNTS_FAILOVER, "the copy `failover`"},
    {"support", SPC_COUNTS_SUPPORT, "the copy `support`"},
    {"seat", SPC_COUNTS_SEAT, "the vendor's legal seat"},
    {"law", SPC_COUNTS_LAW, "the vendor's `compelled_by`"},
    {0},
};
static const spc_row group_rows[] = {
    {"members", TEXTS_AT(spc_group, members), .is_required = true, .is_short = true, .min = 1,
     .max = COUNTRIES_MAX, .example = "[DE, AT, CH]",
     .doc = "ISO 3166-1 alpha-2 codes, `EU`, `EEA`, `ADEQUATE`, or \"*\"."},
    {0},
};
static const spc_table group_table = {group_rows, sizeof(spc_group), "group", true};

static const spc_row residency_rows[] = {
    {"groups", MAP_AT(spc_residency, groups), .max = 64, .table = &group_table, .check = spc_check_name,
     .pattern = SPC_PATTERN_NAME, .example = "{dach: [DE, AT, CH]}",
     .doc = "Own names of sets of countries."},
    {"counts", FLAGS_AT(spc_residency, counts), .words = place_words, .example = "[processing, log, law]",
     .doc = "What of a destination counts as a place that data touches. All of it, unless this is given; "
            "`processing` always counts."},
    {"transfers", TEXTS_AT(spc_residency, transfer_texts), .is_short = true, .max = SP_TRANSFERS_MAX,
     .check = spc_check_line, .example = "[\"EEA to US with scc and transfer-assessment\"]",
     .doc = "Sentences `PLACES to PLACES [with FACT and FACT]`: data that may be in all of the first may be "
            "in the second too, at a destination of which the facts hold. They do not chain."},
    {0},
};
const spc_table spc__residency_table = {residency_rows, sizeof(spc_residency), NULL, false};

/* ---- use cases ---- */

static const spc_word criticality_words[] = {
    {"low", SPC_CRITICALITY_LOW, "somebody looks at what the model says"},
    {"business-critical", SPC_CRITICALITY_BUSINESS,
     "the business relies on what the model says: brings the category `critical-output`"},
    {0},
};
static const spc_word tier_rule_words[] = {
    {"cloud-allowed", SPC_TIER_RULE_CLOUD, "the label alone decides"},
    {"self-hosted-only", SPC_TIER_RULE_SELF_HOSTED, "brings the category `in-house`"},
    {0},
};
static const spc_word use_words[] = {
    {"state", SP_PERMIT(SP_FIELD_STATE), "content that lives on at the provider"},
    {"egress", SP_PERMIT(SP_FIELD_EGRESS) | SP_PERMIT(SP_FIELD_SERVER_TOOLS),
     "the provider fetches or calls something, tools that it runs included"},
    {"server-tools", SP_PERMIT(SP_FIELD_SERVER_TOOLS), "tools that the provider runs"},
    {"unknown", SP_PERMIT(SP_FIELD_UNKNOWN), "fields that the gateway does not know"},
    {"unreadable", SP_PERMIT(SP_FIELD_UNREADABLE), "audio, files, token arrays"},
    {"opaque", SP_PERMIT(SP_FIELD_OPAQUE), "content that the provider signed or encrypted"},
    {"tools", SP_PERMIT(SP_FIELD_TOOLS), "tools that the caller offers"},
    {"images", SP_PERMIT(SP_FIELD_IMAGES) | SP_PERMIT(SP_FIELD_UNREADABLE), "images"},
    {"parameters", SP_PERMIT(SP_FIELD_PARAMETER), "temperature and the like"},
    {0},
};
static const spc_row use_case_rows[] = {
    {"owner", TEXT_AT(spc_use_case, owner), .is_required = true, .min = 1, .max = LINE_MAX_BYTES,
     .check = spc_check_line, .example = "support@example.com", .doc = "Who answers for it."},
    {"purpose", TEXT_AT(spc_use_case, purpose), .is_required = true, .min = 1, .max = LINE_MAX_BYTES,
     .check = spc_check_line, .example = "Draft answers to customers",
     .doc = "What it is for, in a sentence."},
    {"level", TEXT_AT(spc_use_case, level), .is_required = true, .check = spc_check_name,
     .pattern = SPC_PATTERN_NAME, .example = "public",
     .doc = "The level that every request of it has at least."},
    {"categories", TEXTS_AT(spc_use_case, categories), .is_short = true, .max = 64, .check = spc_check_name,
     .pattern = SPC_PATTERN_NAME, .example = "[legal]",
     .doc = "The categories that every request of it has."},
    {"residency", TEXTS_AT(spc_use_case, residency), .is_short = true, .min = 1, .max = COUNTRIES_MAX,
     .def = "*", .example = "[EEA, CH]", .doc = "Where its data may be processed: " PLACES "."},
    {"criticality", WORD_AT(spc_use_case, criticality), .words = criticality_words, .def = "low",
     .example = "business-critical", .doc = "What depends on its answers."},
    {"tier", WORD_AT(spc_use_case, tier), .words = tier_rule_words, .def = "cloud-allowed",
     .example = "self-hosted-only", .doc = "Where it may run at all."},
    {"permits", FLAGS_AT(spc_use_case, permits), .words = use_words, .stated = SP_PERMIT(SP_FIELD_TEXT),
     .example = "[parameters, tools]",
     .doc = "What its requests may hold beside text. Without it, all; with it, nothing else."},
    {"review", TEXT_AT(spc_use_case, review), .check = spc_check_date, .pattern = SPC_PATTERN_DATE,
     .example = "2027-01-31",
     .doc = "The day from which on its review is overdue: the label `overdue` joins in."},
    {"approver", TEXT_AT(spc_use_case, approver), .max = LINE_MAX_BYTES, .check = spc_check_line,
     .example = "ciso@example.com", .doc = "Who approved it."},
    {0},
};
const spc_table spc__use_case_table = {use_case_rows, sizeof(spc_use_case), "use case", false};
