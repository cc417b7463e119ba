/** @file strategies.h  The ways to say up to where a stream may be released, side by side. */
#pragma once
#include "patterns.h"

#include <hs/hs.h>

enum { STATE_PATTERNS = 64 };

/** One stream under one strategy. `text` holds all that will arrive; a strategy reads text.p[0 .. fed). */
typedef struct stream {
    const uint8_t *p;
    size_t fed;
    size_t release;
    size_t pending;               /**< strategy (d): earliest live candidate of the pass */
    size_t busy[STATE_PATTERNS];  /**< strategy (d): end of the last match per pattern */
    nfa_run *run[STATE_PATTERNS]; /**< strategy (c): the threads of each pattern */
    uint64_t n_heads;             /**< what Hyperscan reported, so that nothing is optimised away */
} stream;

typedef struct strategy {
    const char *name;
    size_t window;  /**< of (a) */
    bool has_lines; /**< are the patterns of class LINE among those that it serves? */
    size_t (*feed)(const struct strategy *s, stream *st,
                   size_t from); /**< bytes [from, fed) are new; @return the release point */
} strategy;

extern const strategy strategies[];
extern const size_t n_strategies;

/** Compiles all patterns for all strategies. Exits on failure. */
void strategies_init(void);
void strategies_fini(void);
void stream_init(stream *st, const uint8_t *p);
void stream_reset(stream *st);
void stream_fini(stream *st);
/** The automaton of a pattern. */
const nfa *strategy_nfa(size_t i);
