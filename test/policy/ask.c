/** Random questions. A request is its findings, uses and origins: what parsing and scanning would have made.
 */
#include "ask.h"

#include <stdio.h>

#include "json.h"

/* ---- one thing more ---- */

/* Spellings that are nobody's name. */
static const char *const wrong_names[] = {"", "x00", "U00", "u0", "s00 s01", "u00;u01", "99"};

static void header_append(header *h, sp_bytes s)
{
    if (s.n == 0 || h->n + s.n > sizeof h->text) return;
    memcpy(h->text + h->n, s.p, s.n);
    h->n += s.n;
}

static void header_name(header *h, ask *q, sp_bytes name)
{
    static const char *const between[] = {",", ", ", " ,\t"};
    if (h->is_there) header_append(h, sp_bytes_of(between[dice_below(&q->dice, 3)]));
    h->is_there = true;
    header_append(h, name);
}

/** Nearly always the name of a row; whether the application may say it is another matter. */
static sp_bytes some_name(ask *q, char letter, size_t rows)
{
    dice *d = &q->dice;
    if (dice_chance(d, 4))
        return sp_bytes_of(wrong_names[dice_below(d, sizeof wrong_names / sizeof wrong_names[0])]);
    return world_name(q->world->mem, letter, dice_below(d, (uint32_t)rows));
}

static void add_use_case(ask *q)
{
    header_name(&q->use_cases, q, some_name(q, 'u', q->world->snapshot.n_use_cases));
}

static void add_source(ask *q)
{
    header_name(&q->sources, q, some_name(q, 's', q->world->snapshot.n_sources));
}

sp_finding ask_finding(dice *d, uint32_t n_kinds)
{
    return (sp_finding){.kind = world_kinds[dice_below(d, n_kinds)],
                        .confidence = dice_chance(d, 70) ? 60 + (uint8_t)dice_below(d, 41) : 59};
}

static void add_finding(ask *q)
{
    if (q->n_findings == ASK_FINDINGS) return;
    if (dice_chance(&q->dice, 8)) q->unplaced |= UINT32_C(1) << q->n_findings;
    const uint32_t n_kinds = dice_chance(&q->dice, 15) ? WORLD_KINDS : WORLD_DETECTED;
    q->findings[q->n_findings++] = ask_finding(&q->dice, n_kinds);
}

static void add_findings(ask *q)
{
    for (uint32_t i = dice_below(&q->dice, 4); i > 0; i--) add_finding(q);
}

static void find_too_much(ask *q)
{
    q->is_full |= dice_chance(&q->dice, 20);
}

/** Who is named stays named: another one instead would be another question. */
static void name_person(ask *q)
{
    const uint32_t row = dice_below(&q->dice, WORLD_SUBJECTS + 1);
    if (q->subject.n == 0) q->subject = world_name(q->world->mem, 'p', row);
}

static void add_use(ask *q)
{
    if (q->request.n_uses == ASK_USES) return;
    q->uses[q->request.n_uses++] = (sp_use){.kind = world_uses[dice_below(&q->dice, WORLD_USES)]};
}

/* ---- texts, calls and results: the request that a parser would have made of them ---- */

/** The segment of a text in the last turn. @return 1 + its index. */
static uint32_t put_text(ask *q, uint8_t origin, sp_bytes text)
{
    const size_t start = q->request.text.n;
    sp_segment *s = &q->texts[q->request.n_segments++];
    *s = (sp_segment){.text_start = (uint32_t)start,
                      .text_end = (uint32_t)(start + text.n),
                      .place = {.path = "messages[]", .index = {(uint32_t)q->n_turns - 1}},
                      .origin = origin};
    if (text.n) memcpy(q->bytes + start, text.p, text.n);
    q->request.text.n += text.n;
    return (uint32_t)q->request.n_segments;
}

/** An answer that came back; its label is joined with those of others, as sp_recall_find does. */
static void add_told(ask *q)
{
    if (q->recalled.count == ASK_TOLD) return;
    const sp_label label = world_label(&q->dice);
    q->told[q->recalled.count] = label;
    q->recalled.label = q->recalled.count == 0 ? label : sp_label_join(q->recalled.label, label);
    q->recalled.count++;
}

static void put_part(ask *q, const turn *t)
{
    const bool is_result = t->kind == TURN_RESULT;
    const uint8_t origin = is_result ? SP_ORIGIN_TOOL : SP_ORIGIN_MODEL;
    sp_tool_part *p = &q->parts[q->request.n_tool_parts++];
    *p = (sp_tool_part){.first = (uint32_t)q->request.n_segments, .is_result = is_result};
    p->id = put_text(q, origin, t->id);
    p->name = t->tool.n ? put_text(q, origin, t->tool) : 0;
    p->text = is_result ? put_text(q, origin, t->text) : 0;
    if (t->has_beside) put_text(q, t->origin, SP_LIT("x"));
    p->end = (uint32_t)q->request.n_segments;
    p->is_plain = is_result && !t->has_beside;
}

static void add_turn(ask *q, const turn *t)
{
    if (q->n_turns == ASK_TURNS) return;
    q->turns[q->n_turns++] = *t;
    if (t->kind == TURN_TEXT) {
        put_text(q, t->origin, SP_LIT("x"));
    } else {
        put_part(q, t);
    }
}

static const sp_bytes ids[] = {SP_LIT("c1"), SP_LIT("c2"), SP_LIT("c3"), SP_LIT("c4")};

static turn some_call(dice *d)
{
    return (turn){.kind = TURN_CALL,
                  .id = ids[dice_below(d, 4)],
                  .tool = dice_chance(d, 97) ? world_tools[dice_below(d, WORLD_TOOLS)] : SP_BYTES_EMPTY};
}

/** Of a call that may have been made; mostly a value, and mostly nothing else. */
static turn some_result(dice *d, const turn *call)
{
    static const sp_bytes values[] = {SP_LIT("3"),          SP_LIT(" -1.5e3 "),   SP_LIT("12"),
                                      SP_LIT("true"),       SP_LIT("open"),       SP_LIT("in transit"),
                                      SP_LIT("2024-02-29"), SP_LIT("2026-02-29"), SP_LIT("03"),
                                      SP_LIT("Open"),       SP_LIT("3 and more"), SP_LIT("")};
    turn t = {.kind = TURN_RESULT, .id = call->id, .text = values[dice_below(d, 12)]};
    if (dice_chance(d, 15))
        t.tool = dice_chance(d, 70) ? call->tool : world_tools[dice_below(d, WORLD_TOOLS)];
    t.has_beside = dice_chance(d, 15);
    if (t.has_beside) t.origin = dice_chance(d, 50) ? SP_ORIGIN_TOOL : SP_ORIGIN_UNKNOWN;
    return t;
}

static void add_text(ask *q)
{
    dice *d = &q->dice;
    const turn call = some_call(d);
    const turn result = some_result(d, &call);
    const turn text = {.origin = (uint8_t)dice_below(d, SP_ORIGIN_TOOL + 1)};
    const uint32_t which = dice_below(d, 10);
    if (which < 3) add_turn(q, &text);
    if (which >= 3 && which != 4) add_turn(q, &call);
    if (which >= 4) add_turn(q, &result);
}

static uint32_t some_candidate(dice *d)
{
    return UINT32_C(1) << dice_below(d, dice_chance(d, 80) ? 4 : SP_CANDIDATES_MAX);
}

static void add_tried(ask *q)
{
    q->tried |= some_candidate(&q->dice);
}

static void add_away(ask *q)
{
    q->away |= some_candidate(&q->dice);
}

static void add_stop(ask *q)
{
    static const char letters[] = {[SP_STOP_APPLICATION] = 'a',
                                   [SP_STOP_USE_CASE] = 'u',
                                   [SP_STOP_MODEL] = 'm',
                                   [SP_STOP_DESTINATION] = 'd'};
    dice *d = &q->dice;
    if (q->stops.n == ASK_STOPS) return;
    const uint8_t kind = dice_chance(d, 2)    ? SP_STOP_ALL
                         : dice_chance(d, 60) ? SP_STOP_DESTINATION
                                              : (uint8_t)(SP_STOP_APPLICATION + dice_below(d, 3));
    const sp_bytes name =
        kind == SP_STOP_ALL ? SP_BYTES_EMPTY : world_name(q->world->mem, letters[kind], dice_below(d, 4));
    q->paused[q->stops.n++] = (sp_stop){.kind = kind, .is_now = dice_chance(d, 50), .name = name};
}

/** What it binds stays bound. */
static void bind_key(ask *q)
{
    const uint16_t binds = (uint16_t)(1 + dice_below(&q->dice, (uint32_t)q->world->snapshot.n_use_cases));
    if (q->key.binds == 0 && dice_chance(&q->dice, 50)) q->key.binds = binds;
}

static void lose_key(ask *q)
{
    q->is_key_gone |= dice_chance(&q->dice, 10);
}

static const struct way {
    void (*add)(ask *);
    const char *name;
} ways[ASK_WAYS] = {
    {add_use_case, "use case"}, {add_source, "source"},
    {add_finding, "finding"},   {add_findings, "findings"},
    {add_use, "use"},           {add_text, "text"},
    {add_tried, "tried"},       {add_away, "away"},
    {add_stop, "stop"},         {add_told, "told"},
    {name_person, "person"},    {bind_key, "bound key"},
    {lose_key, "key"},          {find_too_much, "full list"},
};

size_t ask_more(ask *q)
{
    const size_t way = dice_below(&q->dice, ASK_WAYS);
    ways[way].add(q);
    return way;
}

const char *ask_way_name(size_t way)
{
    return ways[way].name;
}

/* ---- a question ---- */

/** Different names from some row on. */
static void name_rows(header *h, ask *q, char letter, size_t n)
{
    const size_t rows = letter == 'u' ? WORLD_USE_CASES : WORLD_SOURCES;
    const size_t first = dice_below(&q->dice, (uint32_t)rows);
    for (size_t i = 0; i < n; i++) header_name(h, q, world_name(q->world->mem, letter, (first + i) % rows));
}

/** Headers that name about as much as a request may have. */
static void name_many(ask *q)
{
    if (q->world->snapshot.n_sources < WORLD_SOURCES || !dice_chance(&q->dice, 50)) return;
    if (dice_chance(&q->dice, 50)) {
        name_rows(&q->use_cases, q, 'u', 4 + dice_below(&q->dice, 4));
    } else {
        name_rows(&q->sources, q, 's', SP_SOURCES_MAX - 2 + dice_below(&q->dice, 4));
    }
}

/** Most declassifiers do what they are for. */
static work some_work(dice *d)
{
    const uint32_t half = (uint32_t)dice_any(d);
    const uint8_t use = world_uses[dice_below(d, WORLD_USES)];
    return (work){.leaves = dice_chance(d, 70)   ? 0
                            : dice_chance(d, 60) ? half
                                                 : UINT32_MAX,
                  .adds_use = dice_chance(d, 90) ? 0 : (uint8_t)(use + 1)};
}

void ask_make(ask *q, const world *w, uint64_t seed)
{
    dice d = {seed};
    *q = (ask){.world = w, .now_s = dice_below(&d, WORLD_END_S), .stops = {.is_known = true}};
    if (dice_chance(&d, 1)) q->now_s = WORLD_END_S + dice_below(&d, 2);
    q->application = (uint16_t)dice_below(&d, WORLD_APPLICATIONS);
    if (dice_chance(&d, 20)) q->key.binds = (uint16_t)(1 + dice_below(&d, (uint32_t)w->snapshot.n_use_cases));
    q->model = world_name(w->mem, 'm', dice_chance(&d, 70) ? 0 : dice_below(&d, WORLD_MODELS));
    if (dice_chance(&d, 1)) q->model = SP_LIT("m9");
    q->request.dialect = sp_dialect_get(dice_chance(&d, 95) ? SP_DIALECT_OPENAI : SP_DIALECT_ANTHROPIC);
    q->is_retry_denied = dice_chance(&d, 3);
    if (dice_chance(&d, 1)) q->stops.is_known = false;
    for (size_t i = 0; i < WORLD_DECLASSIFIERS; i++) q->works[i] = some_work(&d);
    const uint32_t more = dice_below(&d, 5);
    q->dice = d;
    if (dice_chance(&q->dice, 20)) name_person(q);
    for (uint32_t i = 0; i < more; i++) (void)ask_more(q);
    for (uint32_t i = dice_chance(&q->dice, 35) ? dice_below(&q->dice, 4) : 0; i > 0; i--) add_finding(q);
    name_many(q);
}

/* ---- as the reference reads it ---- */

static sp_bytes candidate_name(const ask *q, size_t i)
{
    const int row = sp_model_find(&q->world->snapshot, q->model);
    if (row < 0 || i >= q->world->models[row].n_destinations) return SP_BYTES_EMPTY;
    return q->world->destinations[q->world->models[row].destinations[i]].name;
}

static void write_candidates(const char *key, const ask *q, uint32_t bits)
{
    json_open(key, '[');
    for (; bits != 0; bits &= bits - 1) {
        const sp_bytes name = candidate_name(q, (size_t)__builtin_ctz(bits));
        if (name.n) json_text(NULL, name);
    }
    json_close(']');
}

static void write_paused(const char *key, const ask *q, uint8_t kind)
{
    json_open(key, '[');
    for (size_t i = 0; i < q->stops.n; i++) {
        if (q->paused[i].kind == kind) json_text(NULL, q->paused[i].name);
    }
    json_close(']');
}

static void write_stops(const ask *q)
{
    bool is_all = !q->stops.is_known;
    for (size_t i = 0; i < q->stops.n; i++) is_all |= q->paused[i].kind == SP_STOP_ALL;
    json_open("stops", '{');
    json_flag("all", is_all);
    write_paused("applications", q, SP_STOP_APPLICATION);
    write_paused("use_cases", q, SP_STOP_USE_CASE);
    write_paused("models", q, SP_STOP_MODEL);
    write_paused("destinations", q, SP_STOP_DESTINATION);
    json_close('}');
}

void ask_write_findings(const char *key, const sp_finding *v, size_t n, uint32_t unplaced)
{
    json_open(key, '[');
    for (size_t i = 0; i < n; i++) {
        json_open(NULL, '{');
        json_number("kind", v[i].kind);
        json_number("confidence", v[i].confidence);
        if ((unplaced >> i) & 1) json_flag("is_placed", false);
        json_close('}');
    }
    json_close(']');
}

void ask_write_uses(const sp_use *v, size_t n)
{
    json_open("uses", '[');
    for (size_t i = 0; i < n; i++) json_text(NULL, sp_bytes_of(json_use_name(v[i].kind)));
    json_close(']');
}

static void write_turn(const turn *t)
{
    static const char *const origins[] = {"unknown", "application", "user", "model", "tool"};
    const bool is_result = t->kind == TURN_RESULT;
    if (t->kind == TURN_TEXT) {
        json_text(NULL, sp_bytes_of(origins[t->origin]));
        return;
    }
    json_open(NULL, '{');
    json_text("origin", is_result ? SP_LIT("tool") : SP_LIT("model"));
    json_text(is_result ? "answers" : "call", t->id);
    if (t->tool.n) json_text(is_result ? "name" : "tool", t->tool);
    if (is_result) json_text("text", t->text);
    if (t->has_beside) {
        json_open("beside", '[');
        json_text(NULL, sp_bytes_of(origins[t->origin]));
        json_close(']');
    }
    json_close('}');
}

static void write_request(const ask *q)
{
    ask_write_uses(q->uses, q->request.n_uses);
    json_open("origins", '[');
    for (size_t i = 0; i < q->n_turns; i++) write_turn(&q->turns[i]);
    json_close(']');
    ask_write_findings("findings", q->findings, q->n_findings, q->unplaced);
    if (q->is_full) json_flag("is_full", true);
    json_open("told", '[');
    for (size_t i = 0; i < q->recalled.count; i++) json_label(NULL, &q->told[i]);
    json_close(']');
}

void ask_write(const ask *q)
{
    json_number("now", q->now_s);
    json_text("application", q->world->applications[q->application].name);
    json_text("model", q->model);
    json_text("dialect", sp_bytes_of(sp_dialect_name(q->request.dialect)));
    json_open("key", '{');
    if (q->key.binds) json_text("use_case", q->world->use_cases[q->key.binds - 1].name);
    json_close('}');
    if (q->subject.n) json_text("subject", q->subject);
    if (q->use_cases.is_there) json_text("use_cases", (sp_bytes){q->use_cases.text, q->use_cases.n});
    if (q->sources.is_there) json_text("sources", (sp_bytes){q->sources.text, q->sources.n});
    write_request(q);
    write_candidates("tried", q, q->tried);
    write_candidates("away", q, q->away);
    write_stops(q);
    json_flag("is_key_gone", q->is_key_gone);
    json_flag("is_retry_denied", q->is_retry_denied);
}
