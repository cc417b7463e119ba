/** @file label.h  Labels: what a piece of data is; clearances: what a destination may see.
 *  The lattice of secure information flow (Denning, CACM 19(5), 1976) in four components; `integrity` is
 * Biba's half (1977). Pure values: no allocation, no global state, safe from any thread. */
#pragma once
#include "sallyport/base.h"

enum { SP_LEVEL_MAX = 15 }; /**< levels are 0..15, ordered; their names come from the configuration */

/** Bits of sp_label.categories that are shipped; the configuration names more. */
enum sp_category {
#define X(ID, bit, name, meaning) SP_CAT_##ID = (bit),
#include "tbl/categories.h"
    SP_CAT_NONE = 255, /**< of a kind that brings no category: no bit */
};
#define SP_CAT_BIT(cat) (UINT64_C(1) << (cat))

/** Zero is the strict value: a label that nobody filled in is untrusted. */
typedef enum sp_integrity { SP_UNTRUSTED = 0, SP_TRUSTED = 1 } sp_integrity;

/** A point in the lattice. A zeroed label is the strictest in residency (nowhere) and integrity, so a
 * forgotten one cannot leak; start from SP_LABEL_BOTTOM to join. As a clearance: `level` and `categories` are
 * the most that may arrive, `residency` is the set of jurisdictions that the destination touches. */
typedef struct sp_label {
    uint64_t categories;  /**< set of bits; join = union */
    sp_bits256 residency; /**< data: where processing is allowed; join = intersection; empty = nowhere */
    uint8_t level;        /**< 0..SP_LEVEL_MAX; join = maximum */
    uint8_t integrity;    /**< enum sp_integrity; join = untrusted wins */
} sp_label;

/** Neutral element of join: public, no category, anywhere, trusted. */
#define SP_LABEL_BOTTOM ((sp_label){0, {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}}, 0, SP_TRUSTED})

/** The component that refused a flow. */
typedef enum sp_label_part {
    SP_PART_NONE = 0,
    SP_PART_LEVEL,
    SP_PART_CATEGORIES,
    SP_PART_RESIDENCY,
    SP_PART_REQUIREMENT, /**< a requirement that the label falls under asks for a fact that is not known */
} sp_label_part;

/** Least upper bound. Commutative, associative, idempotent (test/unit/test_label.c proves it over all atoms).
 */
sp_label sp_label_join(sp_label a, sp_label b);

/** Is `a` at or below `b` in the lattice? The order that belongs to the join: leq(a, b) exactly when join(a,
 * b) == b. */
bool sp_label_leq(sp_label a, sp_label b);

bool sp_label_eq(sp_label a, sp_label b);

/** May data labelled `data` reach a destination cleared for `clearance`? Level and categories at or below,
 * and everything that the destination touches inside what the data allows. Integrity never blocks a
 * destination; it bounds capabilities.
 *  @param why  NULL, or receives the first component that refuses; left alone when the answer is yes.
 *  @return false also when either residency set is empty. No allocation. */
bool sp_label_flows(sp_label data, sp_label clearance, sp_label_part *why);

/** "level", "categories", "residency", "requirement" or "". Static. */
const char *sp_label_part_name(sp_label_part part);

/** Names for levels, categories and facts, as the configuration gave them. An empty name is an unused number.
 */
typedef struct sp_names {
    sp_bytes level[SP_LEVEL_MAX + 1];
    sp_bytes category[64];
    sp_bytes fact[64];
} sp_names;

/** public, internal, confidential, restricted, the shipped categories and facts. */
void sp_names_init(sp_names *names);

/** Appends `level;categories;residency;integrity`: categories in bit order joined by `,` (`-` when none),
 * residency `*` for everywhere, `-` for nowhere, else ISO 3166 alpha-2 codes joined by `,` when up to 16,
 * otherwise the count as `#n`; integrity `trusted` or `untrusted`. */
void sp_label_append(sp_buf *out, sp_label label, const sp_names *names);

/* ---- jurisdictions: ISO 3166-1 alpha-2, a fixed bit each (tbl/jurisdictions.h) ---- */

/** Bit of an upper-case two-letter code, or -1. */
int sp_jurisdiction_find(sp_bytes code);
/** Two-letter code of a bit, or "" for a bit without one. Static. */
const char *sp_jurisdiction_code(uint8_t bit);
/** The set of a shipped group name ("EEA", "EU", "*"), or false. */
SP_NODISCARD bool sp_jurisdiction_group(sp_bits256 *out, sp_bytes name);
