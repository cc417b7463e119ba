/** @file patterns_internal.h  The rows of patterns.h. Private to the core and its tests. */
#pragma once
#include "sallyport/patterns.h"

/** A wording of attacks. */
typedef struct sp_pattern_row {
    const char *name;      /**< unique, kebab-case */
    const char *languages; /**< ISO 639-1, or "any" */
    const char *pattern;   /**< Hyperscan, over bytes: case is ignored in ASCII only */
    const char *hit;       /**< a text that it finds */
    const char *near_miss; /**< one that it does not, with the same words */
    uint16_t score;        /**< per mille: from 500 on it is sure by itself */
    uint8_t family;        /**< sp_attack_family */
} sp_pattern_row;

/** Row `i`, or NULL past the end. */
const sp_pattern_row *sp_pattern_row_at(size_t i);

enum { SP_PATTERN_ROWS_MAX = 64 };

/** All rows as Hyperscan takes them; the number of a pattern is that of its row. Room for SP_PATTERN_ROWS_MAX
 * each.
 *  @return how many there are. */
unsigned sp_patterns__collect(const char **patterns, unsigned *flags, unsigned *ids);

/** The rows as a database that the build made (tools/compile_patterns.c), for any processor. */
extern const uint8_t sp_patterns__made[];
extern const size_t sp_patterns__made_n;

/** Like sp_patterns_new. @param made  the rows as a database; another Hyperscan than the one that made it
 * does not take it, and then they are compiled. Borrowed for the call. */
SP_NODISCARD sp_status sp_patterns__new_of(sp_patterns **out, sp_diag *diag, sp_bytes made);
