/** Nothing that is added to a question, and nothing that is taken from a world, opens a destination: asked of
 * the policy core by itself (docs/reference/policy.md, theorems 4 to 8), for test_monotone.py.
 *
 *      policy_monotone SEED WORLDS [backwards]
 *
 * Prints what was asked, as one line of JSON: of each thing [cases, cases in which a destination was lost,
 * cases in which a declassifier that fails let one in]. The first case that does not hold is printed instead,
 * both questions as test/policy/reference.py reads them, and the exit status is 1. `backwards` takes more for
 * less, which has to fail. */
#include <stdio.h>

#include "exchange.h"
#include "json.h"

enum { CHAINS = 25, CHAIN_LENGTH = 4, MORE = 12, MEMORY_BYTES = 16 << 20 };

typedef struct tally {
    uint64_t cases, lost, excepted;
} tally;

typedef struct run {
    bool is_backwards;
    uint64_t seed;
    world worlds[WORLD_CHANGES];
    tally by_way[ASK_WAYS], by_change[WORLD_CHANGES];
} run;

static const char *const change_names[WORLD_CHANGES] = {"",          "lapse",  "review", "end", "requirement",
                                                        "clearance", "failure"};

/* ---- does it hold? ---- */

/** One that fails may be the first for less and not for more; then a later one opens, whose bytes flow by
 * themselves (docs/reference/policy.md, in front of theorem 1). */
static bool is_excepted(const exchange *less, const exchange *more, size_t candidate)
{
    const second *before = &less->seconds[candidate];
    const second *after = &more->seconds[candidate];
    if (before->what.declassifier == NULL || exchange_is_ideal(&less->ask, before)) return false;
    return after->passes && after->what.declassifier - more->ask.world->declassifiers >
                                before->what.declassifier - less->ask.world->declassifiers;
}

/** Of these destinations, those that are no exception. */
static uint32_t unexplained(const exchange *less, const exchange *more, uint32_t opened)
{
    for (size_t i = 0; i < more->plain.n_candidates && opened != 0; i++) {
        const uint32_t bit = UINT32_C(1) << more->plain.candidates[i].destination;
        if ((opened & bit) && is_excepted(less, more, i)) opened &= ~bit;
    }
    return opened;
}

/** The gateway goes to the first that passes, in the order of the model; to none only where none does. */
static bool ends_at_the_first(const exchange *x)
{
    const uint32_t reached = exchange_reached(x);
    const sp_decision *d = &x->decision;
    if (x->ask.is_retry_denied) return d->outcome == SP_DENY;
    for (size_t i = 0; i < x->plain.n_candidates; i++) {
        const uint16_t destination = x->plain.candidates[i].destination;
        if ((reached >> destination) & 1) return d->outcome != SP_DENY && d->destination == destination;
    }
    return d->outcome == SP_DENY;
}

/** @return what does not hold, or NULL. */
static const char *broken(tally *t, const exchange *less, const exchange *more)
{
    const uint32_t reached = exchange_reached(less);
    const uint32_t opened = exchange_reached(more) & ~reached;
    t->cases++;
    t->lost += (reached & ~exchange_reached(more)) != 0;
    t->excepted += opened != 0;
    if (unexplained(less, more, opened) != 0) return "it opens a destination";
    if (exchange_openable(more) & ~exchange_openable(less)) return "it opens a destination to a declassifier";
    if (less->has_label && more->has_label && !sp_label_leq(less->labelling.label, more->labelling.label))
        return "it lowers the label";
    return ends_at_the_first(more) ? NULL : "it does not end at the first that passes";
}

/* ---- what is printed ---- */

static void write_side(const char *key, const exchange *x)
{
    json_open(key, '{');
    world_write(x->ask.world);
    json_open("question", '{');
    ask_write(&x->ask);
    exchange_write_made(x);
    json_close('}');
    exchange_write_decision("plain", x, &x->plain);
    exchange_write_decision("decision", x, &x->decision);
    json_close('}');
}

static bool holds(const run *r, tally *t, const char *thing, const exchange *less, const exchange *more)
{
    const char *what = r->is_backwards ? broken(t, more, less) : broken(t, less, more);
    if (what == NULL) return true;
    json_open(NULL, '{');
    json_text("broken", sp_bytes_of(what));
    json_text("by", sp_bytes_of(thing));
    json_number("world", r->seed);
    write_side("less", r->is_backwards ? more : less);
    write_side("more", r->is_backwards ? less : more);
    json_close('}');
    json_line_end();
    return false;
}

static void write_tally(const char *name, const tally *t)
{
    json_open(name, '[');
    json_number(NULL, t->cases);
    json_number(NULL, t->lost);
    json_number(NULL, t->excepted);
    json_close(']');
}

static void write_run(const run *r)
{
    json_open(NULL, '{');
    for (size_t i = 0; i < ASK_WAYS; i++) write_tally(ask_way_name(i), &r->by_way[i]);
    for (size_t i = WORLD_AS_IT_IS + 1; i < WORLD_CHANGES; i++)
        write_tally(change_names[i], &r->by_change[i]);
    json_close('}');
    json_line_end();
}

/* ---- asking ---- */

static bool ask_changed_worlds(run *r, const exchange *x, sp_mem *mem)
{
    exchange changed;
    for (size_t i = WORLD_AS_IT_IS + 1; i < WORLD_CHANGES; i++) {
        changed.ask = x->ask;
        changed.ask.world = &r->worlds[i];
        exchange_put(&changed, mem);
        if (!holds(r, &r->by_change[i], change_names[i], x, &changed)) return false;
    }
    return true;
}

/** @param last  receives the last of them, with which the chain goes on. */
static bool ask_for_more(run *r, exchange *last, const exchange *x, sp_mem *mem)
{
    dice d = {~x->ask.dice.state};
    for (size_t i = 0; i < MORE; i++) {
        last->ask = x->ask;
        last->ask.dice.state = dice_any(&d);
        const size_t way = ask_more(&last->ask);
        exchange_put(last, mem);
        if (!holds(r, &r->by_way[way], ask_way_name(way), x, last)) return false;
    }
    return true;
}

static bool ask_chain(run *r, uint64_t seed, sp_mem *mem)
{
    exchange x, more;
    ask_make(&x.ask, &r->worlds[WORLD_AS_IT_IS], seed);
    exchange_put(&x, mem);
    for (size_t i = 0; i < CHAIN_LENGTH; i++) {
        if (!ask_changed_worlds(r, &x, mem) || !ask_for_more(r, &more, &x, mem)) return false;
        x.ask = more.ask;
        exchange_put(&x, mem);
    }
    return true;
}

static bool ask_world(run *r)
{
    bool all_hold = true;
    sp_arena arena;
    sp_arena_init(&arena, MEMORY_BYTES);
    for (size_t i = 0; i < WORLD_CHANGES; i++)
        world_make(&r->worlds[i], r->seed, (world_change)i, &arena.mem);
    for (uint64_t i = 0; all_hold && i < CHAINS; i++)
        all_hold = ask_chain(r, ~r->seed * 1000003 + i, &arena.mem);
    sp_arena_fini(&arena);
    return all_hold;
}

int main(int argc, char **argv)
{
    static run r;
    uint64_t seed, worlds;
    r.is_backwards = argc == 4 && strcmp(argv[3], "backwards") == 0;
    if (argc != 3 + r.is_backwards || !sp_u64_parse(&seed, sp_bytes_of(argv[1]), UINT32_MAX) ||
        !sp_u64_parse(&worlds, sp_bytes_of(argv[2]), UINT32_MAX)) {
        fputs("usage: policy_monotone SEED WORLDS [backwards]\n", stderr);
        return 2;
    }
    for (uint64_t i = 0; i < worlds; i++) {
        r.seed = (seed << 32) + i;
        if (!ask_world(&r)) return 1;
    }
    write_run(&r);
    return fflush(stdout) == 0 ? 0 : 1;
}
