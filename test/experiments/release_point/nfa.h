/** @file nfa.h  A small automaton for simple regular expressions that knows from where on it is alive
 *  (Thompson 1968, simulated as in Cox 2007). It is option (c) of the experiment, the reference that says
 *  what a match is, and the validator of option (d). Syntax: literals, `\` before a special character,
 *  `\d`, classes, groups with `|`, `? * + {m} {m,n}`. */
#pragma once
#include "sallyport/base.h"

enum { NFA_MAX = 2048, NFA_SETS = 64 };

typedef enum nfa_op { NFA_SET, NFA_SPLIT, NFA_JUMP, NFA_MATCH } nfa_op;
typedef struct nfa_step {
    uint8_t op;
    uint8_t set;
    uint16_t x, y;
} nfa_step;

typedef struct nfa {
    nfa_step step[NFA_MAX];
    size_t n;
    sp_bits256 set[NFA_SETS];
    size_t n_sets;
    sp_bits256 first;    /**< bytes with which a match can begin */
    bool needs_boundary; /**< a match begins where no word character stands before */
    size_t longest;      /**< matches end there */
} nfa;

/** Where the simulation is: states with the earliest start of a thread in each. */
typedef struct nfa_run {
    uint16_t state[2 * NFA_MAX]; /* a state twice when a thread begins where another one is */
    uint64_t start[2 * NFA_MAX];
    size_t n;
    uint32_t mark[NFA_MAX]; /**< generation in which a state was added */
    uint32_t generation;
    bool has_matched;
} nfa_run;

/** Exits with a message when the pattern is not of the syntax: patterns are constants of the experiment. */
void nfa_compile(nfa *out, const char *pattern, size_t longest);
/** Feeds a byte at offset `at`; `before` is the byte before it or -1. With `can_start` a new thread may
 *  begin there. */
void nfa_feed(const nfa *m, nfa_run *run, uint8_t byte, int before, uint64_t at, bool can_start);
/** Earliest start of a thread that is alive; UINT64_MAX if none is. */
uint64_t nfa_alive(const nfa_run *run);

/** The longest match that starts at `start`: its end, or 0 if there is none. `*ran_out`: the text ended
 *  while it could go on. */
size_t nfa_longest(const nfa *m, nfa_run *run, sp_bytes text, size_t start, bool *ran_out);
