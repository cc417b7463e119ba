/* A text that arrives in pieces. The tape keeps what is held and SP_CONTEXT_MAX bytes before it, and runs
 * the detectors over that and the new piece. `open` is where everything is still undecided: the earliest
 * start of a candidate that ran out of text, of a head that may be cut, or of a cut UTF-8 sequence.
 * Findings that start before it are certain and go out once; those behind it are found again next time.
 * Invariant: p[0] is at `base`, base <= open <= base + n, and open - base is SP_CONTEXT_MAX or base is 0. */
#include "detect/detect_internal.h"

#include <string.h>

/* What one pass takes in: bounds the buffer, however large a piece is. */
enum { STEP = 16384, CAP_FIRST = 512, CAP_MAX = SP_CONTEXT_MAX + SP_TAPE_HOLD_MAX + STEP };

/* What findings that went out mean for the next ones. */
typedef struct past {
    sp_chooser chooser;
    uint64_t lane_end[]; /* per lane: where its last match before `open` ended */
} past;

struct sp_tape {
    const sp_engine *engine;
    sp_scratch *scratch;
    sp_mem *mem;
    uint8_t *p;
    size_t n, cap;
    uint64_t base;  /* offset of p[0] in the channel */
    uint64_t open;  /* the release point */
    sp_meter meter; /* over all passes */
    past *past;     /* NULL until something is found, which it seldom is */
    bool tells_addresses;
    bool is_done;
};

sp_status sp_tape_new(sp_tape **out, const sp_engine *engine, sp_scratch *scratch, sp_mem *mem)
{
    *out = NULL;
    sp_tape *t = sp_alloc(mem, 1, sizeof *t);
    if (t == NULL) return SP_ENOMEM;
    t->engine = engine;
    t->scratch = scratch;
    t->mem = mem;
    t->meter = SP_METER_NEW;
    *out = t;
    return SP_OK;
}

void sp_tape_tell_addresses(sp_tape *tape)
{
    tape->tells_addresses = true;
}

/* Doubling, since an arena does not take storage back; CAP_MAX ends it. */
static sp_status tape_reserve(sp_tape *t, size_t n)
{
    if (t->cap - t->n >= n) return SP_OK;
    size_t cap = t->cap == 0 ? CAP_FIRST : t->cap;
    while (cap - t->n < n) cap *= 2;
    if (cap > CAP_MAX) cap = CAP_MAX;
    SP_CHECK(cap - t->n >= n);
    uint8_t *p = sp_alloc_bytes(t->mem, cap);
    if (p == NULL) return SP_ENOMEM;
    if (t->n > 0) memcpy(p, t->p, t->n);
    t->p = p;
    t->cap = cap;
    return SP_OK;
}

/* Where the undecided begins, as an offset in the buffer. */
static size_t tape_open(const sp_tape *t, size_t pending, bool is_last)
{
    const sp_bytes text = {t->p, t->n};
    if (is_last) return t->n;
    size_t open = sp_utf8_open(text);
    if (pending < open) open = pending;
    for (sp_run run = 0; run < SP_RUN_LIMIT; run++) {
        const size_t start = sp_run_open(run, text, sp_engine__head_max(t->engine, run));
        if (start < open) open = start;
    }
    const size_t before = (size_t)(t->open - t->base);
    return open > before ? sp_utf8_align(text, open) : before;
}

static sp_status past_begin(sp_tape *t)
{
    const size_t n = sp_engine__n_lanes(t->engine);
    if (t->past == NULL) t->past = sp_alloc(t->mem, 1, sizeof *t->past + n * sizeof t->past->lane_end[0]);
    if (t->past == NULL) return SP_ENOMEM;
    return SP_OK;
}

/* Hands out what is certain and remembers where the matches of each lane ended. */
static sp_status tape_report(sp_tape *t, const sp_pass *pass, size_t open, sp_findings *found)
{
    const sp_bytes text = {t->p, t->n};
    size_t n = 0;
    sp_cut cut;
    while (n < pass->n && pass->v[n].start < open) n++;
    found->is_full = found->is_full || pass->is_full;
    if (n > 0) sp_cut__begin(&cut, pass, n);
    for (size_t i = 0; i < n; i++) {
        const sp_finding f = pass->v[i];
        const sp_finding weighed = sp_engine__weigh(t->engine, t->scratch, text, f);
        SP_TRY(past_begin(t));
        SP_TRY(sp_chooser_offer(&t->past->chooser, found, sp_cut__next(&cut, f, weighed), t->base));
        uint64_t *end = &t->past->lane_end[sp_engine__lane_of(t->engine, f.detector)];
        if (t->base + f.end > *end) *end = t->base + f.end;
    }
    return SP_OK;
}

/* Drops what is released but for the context. */
static void tape_slide(sp_tape *t, size_t open)
{
    const size_t drop = open > SP_CONTEXT_MAX ? open - SP_CONTEXT_MAX : 0;
    t->open = t->base + open;
    t->base += drop;
    t->n -= drop;
    if (drop > 0) memmove(t->p, t->p + drop, t->n);
}

static sp_status tape_step(sp_tape *t, sp_bytes piece, bool is_last, sp_findings *found)
{
    SP_TRY(tape_reserve(t, piece.n));
    if (piece.n > 0) memcpy(t->p + t->n, piece.p, piece.n);
    t->n += piece.n;
    sp_pass pass;
    const sp_pass_in in = {{t->p, t->n},
                           (size_t)(t->open - t->base),
                           is_last,
                           t->base,
                           t->past != NULL ? t->past->lane_end : NULL,
                           &t->meter,
                           NULL};
    SP_TRY(t->tells_addresses ? sp_engine__pass_addresses(&pass, t->engine, t->scratch, &in)
                              : sp_engine__pass(&pass, t->engine, t->scratch, &in));
    const size_t open = tape_open(t, pass.pending, is_last);
    SP_CHECK(t->n - open <=
             SP_TAPE_HOLD_MAX); /* a validator that reads too far would make us leak or grow: refuse */
    SP_TRY(tape_report(t, &pass, open, found));
    tape_slide(t, open);
    return SP_OK;
}

sp_status sp_tape_feed(sp_tape *tape, sp_bytes piece, bool is_last, sp_findings *found, uint64_t *release)
{
    if (tape->is_done) return SP_EINTERNAL;
    tape->is_done = is_last;
    while (piece.n > STEP) {
        SP_TRY(tape_step(tape, sp_bytes_sub(piece, 0, STEP), false, found));
        piece = sp_bytes_sub(piece, STEP, piece.n);
    }
    if (piece.n > 0 || is_last) SP_TRY(tape_step(tape, piece, is_last, found));
    *release = tape->open;
    return SP_OK;
}
