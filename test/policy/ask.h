/** @file ask.h  A random question to a world, and the same with one thing more: a name, a person, a finding,
 * a use, a text of whatever origin, a failure, a stop. Nothing of that may open a destination. */
#pragma once
#include "world.h"

enum {
    ASK_FINDINGS = 12,
    ASK_USES = 8,
    ASK_TURNS = 12,
    ASK_TEXTS = 4 * ASK_TURNS, /**< of a result: id, name, value, something beside it */
    ASK_BYTES = 64 * ASK_TURNS,
    ASK_TOLD = 4,
    ASK_STOPS = 6,
    ASK_HEADER_BYTES = 256
};

/** A text of some origin, a call of a tool, or a result. */
typedef enum turn_kind { TURN_TEXT = 0, TURN_CALL, TURN_RESULT } turn_kind;
typedef struct turn {
    turn_kind kind;
    uint8_t origin;          /**< TEXT: its own; RESULT: of a text beside the value, if there is one */
    sp_bytes id, tool, text; /**< tool: empty, not named */
    bool has_beside;
} turn;

/** The text of a header, names with commas between. */
typedef struct header {
    bool is_there;
    uint8_t text[ASK_HEADER_BYTES];
    size_t n;
} header;

/** How a declassifier does its work on a question: the same, whatever else the question holds. */
typedef struct work {
    uint32_t leaves;  /**< bit i: finding i, though it is one to take out */
    uint8_t adds_use; /**< a kind of use + 1 that its bytes hold beside; 0: none */
} work;

typedef struct ask {
    const world *world;
    dice dice;
    uint64_t now_s;
    uint16_t application;
    sp_key key; /**< `binds` alone counts */
    sp_bytes model;
    sp_bytes subject; /**< empty: nobody is named */
    header use_cases, sources;
    sp_request request;
    turn turns[ASK_TURNS]; /**< a message each */
    size_t n_turns;
    sp_segment texts[ASK_TEXTS];
    sp_tool_part parts[ASK_TURNS];
    uint8_t bytes[ASK_BYTES]; /**< of the texts */
    sp_use uses[ASK_USES];
    sp_finding findings[ASK_FINDINGS];
    size_t n_findings;
    bool is_full;      /**< more was found than is listed */
    uint32_t unplaced; /**< bit i: finding i stands where nothing can be taken out */
    work works[WORLD_DECLASSIFIERS];
    sp_label told[ASK_TOLD]; /**< of answers that came back, `recalled.count` of them */
    sp_recalled recalled;
    uint32_t tried, away;
    sp_stop paused[ASK_STOPS];
    sp_stops stops;
    bool is_key_gone, is_retry_denied;
} ask;

void ask_make(ask *q, const world *w, uint64_t seed);
enum { ASK_WAYS = 14 };
/** Adds one thing to the question. @return which way of it: below ASK_WAYS. */
size_t ask_more(ask *q);
const char *ask_way_name(size_t way);
sp_finding ask_finding(dice *d, uint32_t n_kinds);
/** Writes the members of `question`, but for what review found and what declassifiers make. */
void ask_write(const ask *q);
/** @param unplaced  bit i: finding i is. */
void ask_write_findings(const char *key, const sp_finding *v, size_t n, uint32_t unplaced);
void ask_write_uses(const sp_use *v, size_t n);
