/** @file ask.h  A random question to a world, and the same with one thing more: a name, a finding, a use, a
 * text of whatever origin, a failure, a stop. Nothing of that may open a destination. */
#pragma once
#include "world.h"

enum { ASK_FINDINGS = 12, ASK_USES = 8, ASK_TEXTS = 8, ASK_TOLD = 4, ASK_STOPS = 6, ASK_HEADER_BYTES = 256 };

/** The text of a header, names with commas between. */
typedef struct header {
    bool is_there;
    uint8_t text[ASK_HEADER_BYTES];
    size_t n;
} header;

typedef struct ask {
    const world *world;
    dice dice;
    uint64_t now_s;
    uint16_t application;
    sp_key key; /**< `binds` alone counts */
    sp_bytes model;
    header use_cases, sources;
    sp_request request;
    sp_segment texts[ASK_TEXTS];
    sp_use uses[ASK_USES];
    sp_finding findings[ASK_FINDINGS];
    size_t n_findings;
    sp_label told[ASK_TOLD]; /**< of answers that came back, `recalled.count` of them */
    sp_recalled recalled;
    uint32_t tried, away;
    sp_stop paused[ASK_STOPS];
    sp_stops stops;
    bool is_key_gone, is_retry_denied;
} ask;

void ask_make(ask *q, const world *w, uint64_t seed);
/** Adds one thing to the question. */
void ask_more(ask *q);
sp_finding ask_finding(dice *d);
/** Writes the members of `question`, but for what review found. */
void ask_write(const ask *q);
void ask_write_findings(const char *key, const sp_finding *v, size_t n);
