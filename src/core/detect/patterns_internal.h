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
