/** @file patterns.h  The patterns of the experiment: of every sort that a gateway looks for, each
 *  described
 *  for all strategies. */
#pragma once
#include "nfa.h"

/** Classes of runs that strategy (b) knows. */
typedef enum run_class {
    RUN_WORD,   /**< no space */
    RUN_DIGITS, /**< digits with single separators */
    RUN_GROUPS, /**< capitals and digits with single spaces */
    RUN_LINE,   /**< up to a line feed */
    RUN_BLOCK,  /**< from "-----BEGIN" to "-----END …-----" */
    RUN_LIMIT,
} run_class;

/** How strategy (d) finds where a match starts, from where its head ended. */
typedef enum head_start {
    HEAD_FIXED, /**< the head has a fixed length */
    HEAD_LOCAL, /**< the local part of an address stands before the head's first byte */
} head_start;

typedef struct pattern {
    const char *name;
    const char *whole; /**< the regular expression, for the automaton and for Hyperscan */
    const char *head;  /**< what makes a match possible, for Hyperscan */
    size_t head_bytes; /**< length of a fixed head; of the head without what HEAD_LOCAL adds */
    size_t longest;
    run_class run;
    head_start start;
    const char *example; /**< one match; put into the texts that are dense in matches */
} pattern;

extern const pattern patterns[];
extern const size_t n_patterns;
