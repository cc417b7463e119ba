/** What the policy core answers to random questions about random worlds, for test_differential.py to compare
 * with the reference evaluator. All that is printed of an answer comes from the functions that the gateway
 * calls.
 *
 *      policy_questions SEED WORLDS        a line of JSON for each world
 *
 * Questions come in chains: `is_more` says that a question is the one before and one thing more. Every fourth
 * world is the one before it with some facts lapsed, and asked the same (`is_lapsed`). */
#include <stdio.h>

#include "exchange.h"
#include "json.h"

enum { CHAINS = 25, CHAIN_LENGTH = 4, ANSWER_FINDINGS = 3, LAPSES_EVERY = 4, MEMORY_BYTES = 4 << 20 };

/* ---- writing ---- */

static void write_atom(const exchange *x, const sp_atom *atom)
{
    static const char *const origins[] = {"unknown", "application", "user", "model", "tool"};
    const sp_snapshot *s = x->purpose.snapshot;
    char text[64];
    switch ((sp_atom_source)atom->source) {
    case SP_ATOM_USE_CASE:
    case SP_ATOM_OVERDUE:
        snprintf(text, sizeof text, "%.3s", (const char *)s->use_cases[atom->row].name.p);
        break;
    case SP_ATOM_SOURCE:
        snprintf(text, sizeof text, "%.3s", (const char *)s->sources[atom->row].name.p);
        break;
    case SP_ATOM_ENDORSED:
        snprintf(text, sizeof text, "%.3s", (const char *)s->endorsers[atom->row].name.p);
        break;
    case SP_ATOM_ORIGIN:
        snprintf(text, sizeof text, "%s", origins[atom->kind]);
        break;
    case SP_ATOM_DETECTOR:
    case SP_ATOM_USE:
    case SP_ATOM_FLOOR:
    case SP_ATOM_HANDLING:
    case SP_ATOM_TOLD:
    case SP_ATOM_ECHO:
        snprintf(text, sizeof text, "%u", atom->kind);
        break;
    }
    json_open(NULL, '[');
    json_text(NULL, sp_bytes_of(sp_atom_source_name(atom->source)));
    json_text(NULL, sp_bytes_of(text));
    json_label(NULL, &atom->label);
    json_close(']');
}

static void write_label(const exchange *x)
{
    if (!x->has_label) {
        json_null("label");
        return;
    }
    json_label("label", &x->labelling.label);
    json_open("atoms", '[');
    for (size_t i = 0; i < x->labelling.n_atoms; i++) write_atom(x, &x->labelling.atoms[i]);
    json_close(']');
}

/** Of each candidate at which the flow refuses: who would help, of which kinds, and what came of it. */
static void write_seconds(const exchange *x)
{
    json_open("seconds", '[');
    for (size_t i = 0; i < x->plain.n_candidates; i++) {
        const second *s = &x->seconds[i];
        if (x->plain.candidates[i].reason != SP_REASON_FLOW) continue;
        json_open(NULL, '{');
        if (s->what.declassifier != NULL) {
            json_text("by", s->what.declassifier->name);
            json_bits("kinds", s->what.kinds.w[0]); /* world_kinds are below 64 */
            json_flag("passes", s->passes);
        }
        if (s->is_made) json_label("label", &s->label);
        if (s->passes) json_text("reason", sp_bytes_of(sp_reason_name(exchange_by_itself(s->reason))));
        json_close('}');
    }
    json_close(']');
}

static bool is_asked_again(const exchange *x)
{
    for (size_t i = 0; i < x->plain.n_candidates; i++) {
        if (x->seconds[i].what.declassifier != NULL) return true;
    }
    return false;
}

/** The label of an answer in which review found this and that. */
static void write_answer(exchange *x)
{
    sp_finding found[ANSWER_FINDINGS];
    sp_review_finding reviewed[ANSWER_FINDINGS];
    const sp_review_summary summary = {.findings = reviewed,
                                       .n_findings = dice_below(&x->ask.dice, ANSWER_FINDINGS + 1),
                                       .has_more = dice_chance(&x->ask.dice, 10)};
    for (size_t i = 0; i < summary.n_findings; i++) {
        found[i] = ask_finding(&x->ask.dice, WORLD_DETECTED);
        reviewed[i] = (sp_review_finding){.finding = found[i]};
    }
    const sp_label label = sp_label_answer(&x->purpose, &x->labelling.label, &summary);
    json_open("answer", '{');
    ask_write_findings("findings", found, summary.n_findings, 0);
    json_flag("is_full", summary.has_more);
    json_label("label", &label);
    json_close('}');
}

static void write_exchange(exchange *x, bool is_more)
{
    json_open(NULL, '{');
    json_flag("is_more", is_more);
    json_open("question", '{');
    ask_write(&x->ask);
    json_close('}');
    write_label(x);
    exchange_write_decision("decision", x, &x->decision);
    if (is_asked_again(x)) {
        exchange_write_decision("plain", x, &x->plain);
        exchange_write_made(x);
    }
    write_seconds(x);
    if (x->has_label && dice_chance(&x->ask.dice, 25)) write_answer(x);
    json_close('}');
}

/** What may not stand in an answer, by application and person ("" for nobody). */
static void write_withheld(const world *w)
{
    static const char *const names[WORLD_APPLICATIONS] = {"a00", "a01"};
    static const char *const persons[WORLD_SUBJECTS + 1] = {"p00", "p01", "p02", "p03", ""};
    json_open("withheld", '{');
    for (size_t i = 0; i < WORLD_APPLICATIONS; i++) {
        json_open(names[i], '{');
        for (size_t k = 0; k <= WORLD_SUBJECTS; k++) {
            sp_purpose purpose;
            sp_purpose_init(&purpose, &w->snapshot, &w->applications[i], NULL);
            sp_purpose_serve(&purpose, sp_bytes_of(persons[k]));
            const sp_lacks lacks = sp_reader_lacks(&purpose);
            json_open(persons[k], '{');
            json_bits("categories", lacks.categories);
            json_places("kinds", lacks.kinds);
            json_close('}');
        }
        json_close('}');
    }
    json_close('}');
}

static void write_chain(exchange *x, const world *w, uint64_t seed)
{
    sp_arena arena;
    sp_arena_init(&arena, MEMORY_BYTES);
    ask_make(&x->ask, w, seed);
    for (size_t i = 0; i < CHAIN_LENGTH; i++) {
        if (i > 0) (void)ask_more(&x->ask);
        exchange_put(x, &arena.mem);
        write_exchange(x, i > 0);
    }
    sp_arena_fini(&arena);
}

static void write_world(uint64_t seed, bool is_lapsed)
{
    static world w;
    static exchange x;
    sp_arena arena;
    sp_arena_init(&arena, MEMORY_BYTES);
    world_make(&w, seed, is_lapsed ? WORLD_LAPSED : WORLD_AS_IT_IS, &arena.mem);
    json_open(NULL, '{');
    json_number("seed", seed);
    json_flag("is_lapsed", is_lapsed);
    world_write(&w);
    write_withheld(&w);
    json_open("exchanges", '[');
    for (uint64_t i = 0; i < CHAINS; i++) write_chain(&x, &w, ~seed * 1000003 + i);
    json_close(']');
    json_close('}');
    json_line_end();
    sp_arena_fini(&arena);
}

int main(int argc, char **argv)
{
    uint64_t seed, worlds;
    if (argc != 3 || !sp_u64_parse(&seed, sp_bytes_of(argv[1]), UINT32_MAX) ||
        !sp_u64_parse(&worlds, sp_bytes_of(argv[2]), UINT32_MAX)) {
        fputs("usage: policy_questions SEED WORLDS\n", stderr);
        return 2;
    }
    for (uint64_t i = 0; i < worlds; i++) {
        const bool is_lapsed = i % LAPSES_EVERY == LAPSES_EVERY - 1;
        write_world((seed << 32) + i - is_lapsed, is_lapsed);
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
