/** What the policy core answers to random questions about random worlds, for test_differential.py to compare
 * with the reference evaluator. All that is printed of an answer comes from the functions that the gateway
 * calls.
 *
 *      policy_questions SEED WORLDS        a line of JSON for each world
 *
 * Questions come in chains: `is_more` says that a question is the one before and one thing more. Every fourth
 * world is the one before it with some facts lapsed, and asked the same (`is_lapsed`). */
#include <stdio.h>
#include <stdlib.h>

#include "ask.h"
#include "json.h"
#include "sallyport/declassify.h"

enum { CHAINS = 25, CHAIN_LENGTH = 4, ANSWER_FINDINGS = 3, LAPSES_EVERY = 4, MEMORY_BYTES = 4 << 20 };

/** All of a question, and what was answered. */
typedef struct exchange {
    ask ask;
    sp_purpose purpose;
    sp_labelling labelling;
    sp_decision decision;
    sp_bytes
        helps[SP_CANDIDATES_MAX]; /**< by candidate: the declassifier that would let the label flow there */
    bool has_label;
} exchange;

static void must(sp_status status)
{
    if (status == SP_OK) return;
    fprintf(stderr, "policy_questions: %s\n", sp_error_get(status)->name);
    exit(1);
}

/* ---- asking ---- */

static sp_status read_headers(sp_purpose *p, const ask *q)
{
    sp_status status = SP_OK;
    if (q->use_cases.is_there) status = sp_purpose_declare(p, (sp_bytes){q->use_cases.text, q->use_cases.n});
    if (status == SP_OK && q->sources.is_there)
        status = sp_purpose_draw_on(p, (sp_bytes){q->sources.text, q->sources.n});
    return status;
}

static void label_and_decide(exchange *x, sp_mem *mem)
{
    ask *q = &x->ask;
    q->request.model = q->model;
    q->request.segments = q->texts;
    q->request.uses = q->uses;
    q->stops.v = q->paused;
    const sp_findings findings = {.v = q->findings, .n = q->n_findings};
    const sp_evidence evidence = {&x->purpose, &q->request, &findings, q->now_s, &q->recalled};
    must(sp_label_request(&x->labelling, &evidence, mem));
    const sp_question question = {.purpose = &x->purpose,
                                  .request = &q->request,
                                  .label = &x->labelling.label,
                                  .stops = q->stops.is_known && q->stops.n == 0 ? NULL : &q->stops,
                                  .tried = q->tried,
                                  .away = q->away,
                                  .is_key_gone = q->is_key_gone,
                                  .is_retry_denied = q->is_retry_denied,
                                  .now_s = q->now_s};
    sp_decide(&x->decision, &question);
    for (size_t i = 0; i < x->decision.n_candidates; i++) {
        const sp_declassifier *d =
            sp_declassifier_find(&question, &x->labelling, x->decision.candidates[i].destination)
                .declassifier;
        x->helps[i] = d ? d->name : SP_BYTES_EMPTY;
    }
    x->has_label = x->decision.status != SP_ESNAPSHOT && x->decision.status != SP_EBADKEY;
}

/** As the gateway does: names are read once the key and the policy are known to serve. */
static void put_question(exchange *x, sp_mem *mem)
{
    const ask *q = &x->ask;
    const sp_snapshot *s = &q->world->snapshot;
    sp_purpose_init(&x->purpose, s, &s->applications[q->application], &q->key);
    const sp_status status = read_headers(&x->purpose, q);
    const int model = sp_model_find(s, q->model);
    if (model >= 0) sp_purpose_bind(&x->purpose, SP_BINDS_MODEL, s->models[model].binds);
    if (status == SP_OK || q->is_key_gone || q->now_s >= s->expires_s) {
        label_and_decide(x, mem);
        return;
    }
    x->has_label = false;
    x->decision = (sp_decision){.status = status, .is_last = true};
}

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
    case SP_ATOM_ORIGIN:
        snprintf(text, sizeof text, "%s", origins[atom->kind]);
        break;
    case SP_ATOM_DETECTOR:
    case SP_ATOM_USE:
    case SP_ATOM_FLOOR:
    case SP_ATOM_HANDLING:
    case SP_ATOM_TOLD:
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

static void write_candidate(const exchange *x, const sp_candidate *c)
{
    json_open(NULL, '{');
    json_text("destination", x->purpose.snapshot->destinations[c->destination].name);
    json_text("reason", sp_bytes_of(sp_reason_name(c->reason)));
    if (c->reason == SP_REASON_FLOW) json_text("part", sp_bytes_of(sp_label_part_name(c->part)));
    if (c->missing) json_bits("missing", c->missing);
    if (c->reason == SP_REASON_PERMIT) json_text("capability", sp_bytes_of(json_use_name(c->field)));
    json_close('}');
}

static void write_decision(const exchange *x)
{
    const sp_decision *d = &x->decision;
    json_open("decision", '{');
    json_text("outcome", sp_bytes_of(sp_outcome_name(d->outcome)));
    json_text("status", d->status == SP_OK ? SP_LIT("ok") : sp_bytes_of(sp_error_get(d->status)->name));
    if (d->outcome == SP_DENY) {
        json_null("destination");
    } else {
        json_text("destination", x->purpose.snapshot->destinations[d->destination].name);
    }
    json_flag("is_last", d->is_last);
    json_open("candidates", '[');
    for (size_t i = 0; i < d->n_candidates; i++) write_candidate(x, &d->candidates[i]);
    json_close(']');
    json_close('}');
}

/** The first question of the candidates at which the flow alone refuses. */
static void write_helps(const exchange *x)
{
    json_open("helps", '[');
    for (size_t i = 0; i < x->decision.n_candidates; i++) {
        if (x->decision.candidates[i].reason == SP_REASON_FLOW) json_text(NULL, x->helps[i]);
    }
    json_close(']');
}

/** The label of an answer in which review found this and that. */
static void write_answer(exchange *x)
{
    sp_finding found[ANSWER_FINDINGS];
    sp_review_finding reviewed[ANSWER_FINDINGS];
    const sp_review_summary summary = {.findings = reviewed,
                                       .n_findings = dice_below(&x->ask.dice, ANSWER_FINDINGS + 1)};
    for (size_t i = 0; i < summary.n_findings; i++) {
        found[i] = ask_finding(&x->ask.dice);
        reviewed[i] = (sp_review_finding){.finding = found[i]};
    }
    const sp_label label = sp_label_answer(&x->purpose, &x->labelling.label, &summary);
    json_open("answer", '{');
    ask_write_findings("findings", found, summary.n_findings);
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
    write_decision(x);
    write_helps(x);
    if (x->has_label && dice_chance(&x->ask.dice, 25)) write_answer(x);
    json_close('}');
}

/** What may not stand in an answer to an application. */
static void write_withheld(const world *w)
{
    static const char *const names[WORLD_APPLICATIONS] = {"a00", "a01"};
    json_open("withheld", '{');
    for (size_t i = 0; i < WORLD_APPLICATIONS; i++) {
        sp_purpose purpose;
        sp_purpose_init(&purpose, &w->snapshot, &w->applications[i], NULL);
        json_bits(names[i], sp_reader_lacks(&purpose));
    }
    json_close('}');
}

static void write_chain(exchange *x, const world *w, uint64_t seed)
{
    sp_arena arena;
    sp_arena_init(&arena, MEMORY_BYTES);
    ask_make(&x->ask, w, seed);
    for (size_t i = 0; i < CHAIN_LENGTH; i++) {
        if (i > 0) ask_more(&x->ask);
        put_question(x, &arena.mem);
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
    world_make(&w, seed, is_lapsed, &arena.mem);
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
