/* The engine: all heads in one Hyperscan database, validators called where one ends. Time is linear in the
 * text: a head costs its validator's reading, which is bounded, and token-like validators refuse heads
 * inside a longer token, so that no byte is read by more than a few of them. */
#include "detect/detect_internal.h"

#include <hs/hs.h>
#include <string.h>

static const sp_family *const families[] = {
    &sp_family_identifiers,
    &sp_family_numbers,
    &sp_family_cloud_keys,
    &sp_family_tokens,
};

struct sp_engine {
    sp_arena arena; /* holds this very object */
    hs_database_t *db;
    const sp_row **rows;
    size_t n_rows;
    size_t head_max[SP_RUN_LIMIT];
};

struct sp_scratch {
    sp_arena arena; /* holds this very object and the findings of a pass */
    sp_arena work;  /* lent (sp_scratch_work) */
    hs_scratch_t *hs;
    sp_findings raw;
    size_t *busy; /* per row: heads that end before it are not looked at */
    uint32_t count[SP_KIND_LIMIT];
};

enum { ENGINE_BYTES_MAX = 8 << 20, SCRATCH_BYTES_MAX = 64 << 20, WORK_KEPT = 256 << 10 };

const sp_row *sp_row_at(size_t i)
{
    for (size_t f = 0; f < sizeof families / sizeof families[0]; f++) {
        if (i < families[f]->n) return &families[f]->rows[i];
        i -= families[f]->n;
    }
    return NULL;
}

size_t sp_engine__head_max(const sp_engine *engine, sp_run run)
{
    return engine->head_max[run];
}

size_t sp_engine__n_rows(const sp_engine *engine)
{
    return engine->n_rows;
}

/* ---- building ---- */

/* An arena that holds the object of which it is a member is moved in when that exists, and out before it
 * goes. */
static void arena_move(sp_arena *to, const sp_arena *from)
{
    *to = *from;
    to->mem.ctx = to;
}

static sp_status compile_failed(sp_diag *diag, const hs_compile_error_t *error)
{
    const sp_row *row = error != NULL && error->expression >= 0 ? sp_row_at((size_t)error->expression) : NULL;
    return sp_fail(diag, SP_EINTERNAL, SIZE_MAX,
                   row != NULL ? row->name : "the detectors do not compile on this CPU");
}

static sp_status compile(sp_engine *e, sp_diag *diag)
{
    const char **heads = sp_alloc(&e->arena.mem, e->n_rows, sizeof *heads);
    unsigned *flags = sp_alloc(&e->arena.mem, e->n_rows, sizeof *flags);
    unsigned *ids = sp_alloc(&e->arena.mem, e->n_rows, sizeof *ids);
    if (heads == NULL || flags == NULL || ids == NULL)
        return sp_fail(diag, SP_ENOMEM, SIZE_MAX, "out of memory");
    for (size_t i = 0; i < e->n_rows; i++) {
        heads[i] = e->rows[i]->head;
        flags[i] = e->rows[i]->flags;
        ids[i] = (unsigned)i;
    }
    hs_compile_error_t *error = NULL;
    const hs_error_t rc =
        hs_compile_multi(heads, flags, ids, (unsigned)e->n_rows, HS_MODE_BLOCK, NULL, &e->db, &error);
    const sp_status status = rc == HS_SUCCESS ? SP_OK : compile_failed(diag, error);
    (void)hs_free_compile_error(error);
    return status;
}

static sp_status collect_rows(sp_engine *e)
{
    while (sp_row_at(e->n_rows) != NULL) e->n_rows++;
    e->rows = sp_alloc(&e->arena.mem, e->n_rows, sizeof *e->rows);
    if (e->rows == NULL) return SP_ENOMEM;
    for (size_t i = 0; i < e->n_rows; i++) {
        e->rows[i] = sp_row_at(i);
        size_t *max = &e->head_max[e->rows[i]->run];
        if (e->rows[i]->head_max > *max) *max = e->rows[i]->head_max;
    }
    return SP_OK;
}

sp_status sp_engine_new(sp_engine **out, sp_diag *diag)
{
    *out = NULL;
    if (hs_valid_platform() != HS_SUCCESS)
        return sp_fail(diag, SP_EINTERNAL, SIZE_MAX, "this CPU lacks SSSE3");
    sp_arena arena;
    sp_arena_init(&arena, ENGINE_BYTES_MAX);
    sp_engine *e = sp_alloc(&arena.mem, 1, sizeof *e);
    if (e == NULL) return sp_fail(diag, SP_ENOMEM, SIZE_MAX, "out of memory");
    arena_move(&e->arena, &arena);
    sp_status status = collect_rows(e);
    if (status == SP_OK) status = compile(e, diag);
    if (status == SP_OK)
        *out = e;
    else
        sp_engine_free(e);
    return status;
}

void sp_engine_free(sp_engine *engine)
{
    if (engine == NULL) return;
    (void)hs_free_database(engine->db);
    sp_arena arena;
    arena_move(&arena, &engine->arena);
    sp_arena_fini(&arena);
}

sp_status sp_scratch_new(sp_scratch **out, const sp_engine *engine)
{
    *out = NULL;
    sp_arena arena;
    sp_arena_init(&arena, SCRATCH_BYTES_MAX);
    sp_scratch *s = sp_alloc(&arena.mem, 1, sizeof *s);
    if (s == NULL) return SP_ENOMEM;
    arena_move(&s->arena, &arena);
    sp_arena_init(&s->work, 0);
    s->raw.mem = &s->arena.mem;
    s->busy = sp_alloc(&s->arena.mem, engine->n_rows, sizeof *s->busy);
    if (s->busy == NULL || hs_alloc_scratch(engine->db, &s->hs) != HS_SUCCESS) {
        sp_scratch_free(s);
        return SP_ENOMEM;
    }
    *out = s;
    return SP_OK;
}

void sp_scratch_free(sp_scratch *scratch)
{
    if (scratch == NULL) return;
    (void)hs_free_scratch(scratch->hs);
    sp_arena_fini(&scratch->work);
    sp_arena arena;
    arena_move(&arena, &scratch->arena);
    sp_arena_fini(&arena);
}

sp_mem *sp_scratch_work(sp_scratch *scratch, size_t limit)
{
    sp_arena_reset(&scratch->work, WORK_KEPT);
    scratch->work.mem.limit = limit;
    return &scratch->work.mem;
}

/* ---- a pass ---- */

/* What the callback of Hyperscan works on. */
typedef struct pass_state {
    const sp_engine *engine;
    sp_scratch *scratch;
    sp_pass *pass;
    sp_window window;
    size_t from;
    sp_status status;
} pass_state;

/* Keeps a confirmed match. A kind of which very many are there is cut off: its label is decided by the
 * first.
 * */
static sp_status keep(pass_state *s, const sp_row *row, unsigned id, sp_match m)
{
    s->scratch->busy[id] = m.end;
    if (s->scratch->count[row->kind] >= SP_PASS_MAX) {
        s->pass->full |= UINT64_C(1) << row->kind;
        return SP_OK;
    }
    s->scratch->count[row->kind]++;
    const sp_finding f = {(uint32_t)m.start, (uint32_t)m.end, row->kind, m.confidence, (uint16_t)id};
    return sp_findings__insert(&s->scratch->raw, f);
}

/* Heads of one row come in order. One inside the row's last match, or after its candidate that ran out, is
 * not looked at: that keeps a text that is nothing but heads linear. */
static int on_head(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *ctx)
{
    (void)from; /* start of match is not asked for: it is dear, and validators find it */
    (void)flags;
    pass_state *s = ctx;
    const sp_row *row = s->engine->rows[id];
    if (to <= s->scratch->busy[id]) return 0;
    sp_match m = {(size_t)to, (size_t)to, 0};
    s->window.ran_out = false;
    s->window.floor = s->scratch->busy[id];
    row->validate(&s->window, (size_t)to, &m);
    if (m.start < s->from || m.start < s->scratch->busy[id]) return 0;
    if (s->window.ran_out) {
        if (m.start < s->pass->pending) s->pass->pending = m.start;
        s->scratch->busy[id] = SIZE_MAX;
        return 0;
    }
    if (m.confidence == 0 || m.confidence < row->least) return 0;
    s->status = keep(s, row, id, m);
    return s->status == SP_OK ? 0 : 1;
}

/* Where the rows' last matches before this window ended, as offsets in it. */
static void pass_prepare(const sp_engine *engine, sp_scratch *scratch, const sp_pass_in *in)
{
    scratch->raw.n = 0;
    memset(scratch->count, 0, sizeof scratch->count);
    for (size_t i = 0; i < engine->n_rows; i++) {
        const uint64_t end = in->row_end != NULL ? in->row_end[i] : 0;
        scratch->busy[i] = end > in->base ? (size_t)(end - in->base) : 0;
    }
}

sp_status sp_engine__pass(sp_pass *out, const sp_engine *engine, sp_scratch *scratch, const sp_pass_in *in)
{
    *out = (sp_pass){NULL, 0, SIZE_MAX, 0};
    if (in->text.n == 0) return SP_OK;
    if (in->text.n > UINT32_MAX) return SP_ERANGE;
    pass_prepare(engine, scratch, in);
    pass_state s = {engine, scratch, out, {in->text.p, in->text.n, in->is_last, false, 0}, in->from, SP_OK};
    const hs_error_t rc =
        hs_scan(engine->db, (const char *)in->text.p, (unsigned)in->text.n, 0, scratch->hs, on_head, &s);
    if (s.status != SP_OK) return s.status;
    if (rc != HS_SUCCESS) return SP_EINTERNAL;
    out->v = scratch->raw.v;
    out->n = scratch->raw.n;
    return SP_OK;
}

sp_status sp_scan(sp_findings *out, const sp_engine *engine, sp_scratch *scratch, sp_bytes text)
{
    sp_pass pass;
    SP_TRY(sp_engine__pass(&pass, engine, scratch, &(sp_pass_in){text, 0, true, 0, NULL}));
    sp_chooser chooser;
    memset(&chooser, 0, sizeof chooser);
    for (size_t i = 0; i < pass.n; i++) SP_TRY(sp_chooser_offer(&chooser, out, pass.v[i], 0));
    out->is_full = out->is_full || pass.full != 0;
    return SP_OK;
}
