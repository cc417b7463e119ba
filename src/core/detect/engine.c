/* The engine: heads that are words in one Hyperscan database (heads.h), validators called where one ends.
 * Time is linear in the text: a head costs its validator's reading, which is bounded, and token-like
 * validators refuse heads inside a longer token, so that no byte is read by more than a few of them. */
#include "detect/code_internal.h"
#include "detect/custom_internal.h"
#include "detect/families.h"
#include "detect/heads.h"
#include "detect/judge.h"
#include "detect/names.h"
#include "detect/number.h"
#include "detect/token.h"

#include <string.h>

static const sp_family *const families[] = {
    &sp_family_network,         &sp_family_fields,
    &sp_family_identifiers,     &sp_family_phones,
    &sp_family_numbers,         &sp_family_gov_west,
    &sp_family_gov_south,       &sp_family_gov_americas,
    &sp_family_gov_asia,        &sp_family_gov_south_hemisphere,
    &sp_family_business,        &sp_family_vat,
    &sp_family_tax_europe,      &sp_family_tax_world,
    &sp_family_by_word,         &sp_family_bank,
    &sp_family_health,          &sp_family_devices,
    &sp_family_cloud_keys,      &sp_family_tokens,
    &sp_family_provider_tokens, &sp_family_secrets,
    &sp_family_written,         &sp_family_held,
    &sp_family_pairs,           &sp_family_words_for_secrets,
    &sp_family_routers,         &sp_family_secret_columns,
    &sp_family_commands,        &sp_family_outward,
    &sp_family_unseen,          &sp_family_told,
    &sp_family_plates_east,     &sp_family_markings,
    &sp_family_proprietary,     &sp_family_names,
};

struct sp_engine {
    sp_arena arena; /* holds this very object */
    sp_heads heads;
    const sp_row **rows;
    size_t n_rows;
    sp_number_index numbers; /* the lane n_rows */
    sp_token_index tokens;
    sp_words *words;               /* of names */
    uint16_t first_name;           /* number of their first row */
    uint16_t first_asked, n_asked; /* rows that not every pass looks for */
    size_t head_max[SP_RUN_LIMIT];
    sp_judge judge;
    sp_code_index *code;
    uint16_t *signed_lanes; /* those of a sign stand together */
    uint16_t first_signed[SP_SIGN_LIMIT + 1];
    const sp_custom *custom; /* NULL: none; its lanes follow */
    bool is_borrowed;        /* all but `custom` is another engine's */
};

struct sp_scratch {
    sp_arena arena; /* holds this very object and the findings of a pass */
    sp_arena work;  /* lent (sp_scratch_work) */
    hs_scratch_t *hs;
    sp_patterns_scratch *patterns;
    sp_findings raw, names;
    sp_findings raw_custom;
    sp_custom_work custom;
    sp_number_memo *numbers;
    size_t *busy; /* per lane: heads that end before it are not looked at */
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

size_t sp_engine__n_lanes(const sp_engine *engine)
{
    return engine->n_rows + 1 + (engine->custom != NULL ? engine->custom->n + 1 : 0);
}

size_t sp_engine__lane_of(const sp_engine *engine, uint16_t row)
{
    if (row >= SP_DETECTOR_OWN)
        return engine->n_rows + 1 + sp_custom__lane(engine->custom, row - SP_DETECTOR_OWN);
    return engine->rows[row]->shapes != NULL ? engine->n_rows : row;
}

/* ---- building ---- */

/* An arena that holds the object of which it is a member is moved in when that exists, and out before it
 * goes. */
static void arena_move(sp_arena *to, const sp_arena *from)
{
    *to = *from;
    to->mem.ctx = to;
}

/* Heads of rows. */
typedef struct sources {
    sp_head_source *v;
    size_t n;
} sources;

static void sources_add(sources *s, const char *pattern, unsigned flags, size_t lane)
{
    s->v[s->n++] = (sp_head_source){pattern, flags, (uint16_t)lane};
}

/* The word of each form of a row, once. */
static sp_status sources_add_forms(sources *s, sp_engine *e, size_t row)
{
    const size_t begin = s->n;
    for (size_t i = e->tokens.first[row]; i < e->tokens.first[row + 1]; i++) {
        const char *head = sp_token_head(&e->tokens.v[i], &e->arena.mem);
        if (head == NULL) return SP_ENOMEM;
        bool is_new = true;
        for (size_t k = begin; k < s->n; k++) is_new = is_new && strcmp(s->v[k].pattern, head) != 0;
        if (is_new) sources_add(s, head, 0, row);
    }
    return SP_OK;
}

static sp_status sources_collect(sources *s, sp_engine *e)
{
    s->v = sp_alloc(&e->arena.mem, e->n_rows + e->tokens.n, sizeof *s->v);
    if (s->v == NULL) return SP_ENOMEM;
    for (size_t i = 0; i < e->n_rows; i++) {
        if (e->rows[i]->head != NULL) sources_add(s, e->rows[i]->head, e->rows[i]->flags, i);
        SP_TRY(sources_add_forms(s, e, i));
    }
    return SP_OK;
}

static sp_status index_heads(sp_engine *e, sp_diag *diag)
{
    sources s = {0};
    size_t bad = 0;
    if (sources_collect(&s, e) != SP_OK) return sp_fail(diag, SP_ENOMEM, SIZE_MAX, "out of memory");
    const sp_status status = sp_heads_init(&e->heads, s.v, s.n, &e->arena.mem, &bad);
    if (status == SP_OK) return SP_OK;
    return sp_fail(diag, status, SIZE_MAX,
                   bad < s.n ? e->rows[s.v[bad].lane]->name : "the detectors do not compile on this CPU");
}

static sp_status index_numbers(sp_engine *e, sp_diag *diag)
{
    const sp_row *bad = NULL;
    const sp_status status = sp_number_index_init(&e->numbers, e->rows, e->n_rows, &e->arena.mem, &bad);
    return status == SP_OK ? SP_OK : sp_fail(diag, status, SIZE_MAX, bad != NULL ? bad->name : "numbers");
}

static sp_status index_tokens(sp_engine *e, sp_diag *diag)
{
    const sp_row *bad = NULL;
    const sp_status status = sp_token_index_init(&e->tokens, e->rows, e->n_rows, &e->arena.mem, &bad);
    return status == SP_OK ? SP_OK : sp_fail(diag, status, SIZE_MAX, bad != NULL ? bad->name : "tokens");
}

/* Lanes by sign; all numbers are one. */
static sp_status index_signs(sp_engine *e, sp_diag *diag)
{
    e->signed_lanes = sp_alloc(&e->arena.mem, e->n_rows + 1, sizeof *e->signed_lanes);
    if (e->signed_lanes == NULL) return sp_fail(diag, SP_ENOMEM, SIZE_MAX, "out of memory");
    uint16_t n = 0;
    for (sp_sign sign = SP_SIGN_NONE + 1; sign < SP_SIGN_LIMIT; sign++) {
        e->first_signed[sign] = n;
        for (size_t i = 0; i < e->n_rows; i++) {
            if (e->rows[i]->sign == sign) e->signed_lanes[n++] = (uint16_t)i;
        }
        if (sign == SP_SIGN_NUMBER) e->signed_lanes[n++] = (uint16_t)e->n_rows;
    }
    e->first_signed[SP_SIGN_LIMIT] = n;
    return SP_OK;
}

static sp_status index_words(sp_engine *e, sp_diag *diag)
{
    const sp_status status = sp_words_new(&e->words, &e->arena.mem);
    return status == SP_OK ? SP_OK : sp_fail(diag, status, SIZE_MAX, "names");
}

static sp_status index_code(sp_engine *e, sp_diag *diag)
{
    e->code = sp_alloc(&e->arena.mem, 1, sizeof *e->code);
    if (e->code == NULL) return sp_fail(diag, SP_ENOMEM, SIZE_MAX, "source code");
    sp_code__index(e->code);
    return SP_OK;
}

void sp_code_look(sp_code *out, const sp_engine *engine, sp_bytes text)
{
    sp_code__look(out, engine->code, text);
}

static sp_status collect_rows(sp_engine *e)
{
    while (sp_row_at(e->n_rows) != NULL) e->n_rows++;
    SP_CHECK(e->n_rows <= SP_DETECTOR_OWN);
    e->rows = sp_alloc(&e->arena.mem, e->n_rows, sizeof *e->rows);
    if (e->rows == NULL) return SP_ENOMEM;
    for (size_t i = 0; i < e->n_rows; i++) {
        e->rows[i] = sp_row_at(i);
        if (e->rows[i] == sp_family_names.rows) e->first_name = (uint16_t)i;
        if (e->rows[i]->is_asked && e->n_asked++ == 0) e->first_asked = (uint16_t)i;
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
    if (status == SP_OK) status = index_numbers(e, diag);
    if (status == SP_OK) status = index_tokens(e, diag);
    if (status == SP_OK) status = index_signs(e, diag);
    if (status == SP_OK) status = index_words(e, diag);
    if (status == SP_OK) status = index_code(e, diag);
    if (status == SP_OK) status = index_heads(e, diag);
    if (status == SP_OK) status = sp_judge__init(&e->judge, diag);
    if (status == SP_OK)
        *out = e;
    else
        sp_engine_free(e);
    return status;
}

void sp_engine_free(sp_engine *engine)
{
    if (engine == NULL) return;
    if (!engine->is_borrowed) {
        sp_heads_fini(&engine->heads);
        sp_judge__fini(&engine->judge);
    }
    sp_arena arena;
    arena_move(&arena, &engine->arena);
    sp_arena_fini(&arena);
}

sp_status sp_engine_with(sp_engine **out, const sp_engine *base, const sp_custom *custom)
{
    *out = NULL;
    sp_arena arena;
    sp_arena_init(&arena, ENGINE_BYTES_MAX);
    sp_engine *e = sp_alloc(&arena.mem, 1, sizeof *e);
    if (e == NULL) return SP_ENOMEM;
    *e = *base;
    arena_move(&e->arena, &arena);
    e->custom = custom;
    e->is_borrowed = true;
    *out = e;
    return SP_OK;
}

uint64_t sp_engine_serial(const sp_engine *engine)
{
    return engine->custom != NULL ? engine->custom->serial : 0;
}

const sp_kind_info *sp_engine_class(const sp_engine *engine, unsigned class)
{
    if (class < SP_CLASS_OWN) return sp_kind_get((sp_kind) class);
    const sp_custom *custom = engine->custom;
    return custom != NULL && class - SP_CLASS_OWN < custom->n ? &custom->kinds[class - SP_CLASS_OWN] : NULL;
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
    s->raw.mem = s->raw_custom.mem = s->names.mem = &s->arena.mem;
    s->busy = sp_alloc(&s->arena.mem, engine->n_rows + 1, sizeof *s->busy);
    s->numbers = sp_number_memo_new(&s->arena.mem);
    if (s->busy == NULL || s->numbers == NULL || hs_alloc_scratch(engine->heads.db, &s->hs) != HS_SUCCESS ||
        sp_patterns_scratch_new(&s->patterns, engine->judge.patterns) != SP_OK) {
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
    sp_patterns_scratch_free(scratch->patterns);
    sp_custom__work_fini(&scratch->custom);
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

/* What the callbacks work on. */
typedef struct pass_state {
    const sp_engine *engine;
    sp_scratch *scratch;
    sp_pass *pass;
    sp_window window;
    size_t from;
    sp_status status;
    sp_signs signs;
} pass_state;

/* Keeps a confirmed match. A kind of which very many are there is cut off: its label is decided by the
 * first. */
static sp_status keep(pass_state *s, const sp_row *row, sp_match m)
{
    if (s->scratch->count[row->kind] >= SP_PASS_MAX) {
        s->pass->is_full = true;
        return SP_OK;
    }
    s->scratch->count[row->kind]++;
    const sp_finding f = {
        (uint32_t)m.start, (uint32_t)m.end, row->kind, m.confidence, m.row & (SP_DETECTORS_MAX - 1U), 0};
    return sp_findings__insert(&s->scratch->raw, f);
}

static void validate(pass_state *s, unsigned lane, size_t head_end, sp_match *m)
{
    m->row = (uint16_t)lane;
    if (lane == s->engine->n_rows)
        sp_number_find(&s->engine->numbers, s->scratch->numbers, &s->window, head_end, m);
    else if (s->engine->rows[lane]->forms != NULL)
        sp_token_find(&s->engine->tokens, m->row, &s->window, head_end, m);
    else
        s->engine->rows[lane]->validate(&s->window, head_end, m);
}

/* A candidate is alive: nothing from `start` on is certain. Where a match stands behind its head, that is
 * from the head's end on: heads that follow are not looked at any more, and what they lead to may begin
 * before it. */
static void hold(sp_pass *pass, size_t start)
{
    if (start < pass->pending) pass->pending = start;
}

/* A head that is seen, and a validator that reads a few bytes around it. */
enum { HEAD_COSTS = 8 };

/* Heads of one lane come in order. One inside the lane's last match, or after its candidate that ran out, is
 * not looked at: that keeps a text that is nothing but heads linear. */
static void look_at_head(pass_state *s, unsigned lane, size_t to)
{
    size_t *busy = &s->scratch->busy[lane];
    sp_charge(&s->window, HEAD_COSTS);
    if (to <= *busy || s->status != SP_OK) return;
    sp_match m = {to, to, 0, 0};
    s->window.ran_out = false;
    s->window.floor = *busy;
    validate(s, lane, to, &m);
    if (sp_meter_is_over(s->window.meter)) s->status = SP_EWORK;
    if (m.start < s->from || m.start < *busy) return;
    if (s->window.ran_out) {
        hold(s->pass, m.start < to ? m.start : to);
        *busy = SIZE_MAX;
        return;
    }
    if (m.confidence == 0) return;
    const sp_row *row = s->engine->rows[m.row];
    if (m.confidence < row->least || s->status != SP_OK) return;
    *busy = m.end;
    s->status = keep(s, row, m);
}

/* sp_sign_seen */
static void on_sign(void *ctx, sp_sign sign, size_t end)
{
    pass_state *s = ctx;
    const sp_engine *e = s->engine;
    for (size_t i = e->first_signed[sign]; i < e->first_signed[sign + 1]; i++)
        look_at_head(s, e->signed_lanes[i], end);
}

/* sp_head_seen. Signs before it come first: a lane may have heads of both, and findings are put in order as
 * they come. */
static bool on_head(void *ctx, uint16_t lane, size_t end)
{
    pass_state *s = ctx;
    sp_signs_upto(&s->signs, end);
    look_at_head(s, lane, end);
    return s->status == SP_OK;
}

/* Where the lanes' last matches before this window ended, as offsets in it. What nobody asks for is not
 * looked at. */
static void pass_prepare(const sp_engine *engine, sp_scratch *scratch, const sp_pass_in *in, sp_asks asks)
{
    scratch->raw.n = scratch->names.n = 0;
    sp_number_forget(scratch->numbers, (asks & SP_ASK_LINES) != 0 ? in->from : SIZE_MAX);
    memset(scratch->count, 0, sizeof scratch->count);
    memset(scratch->busy, 0, (engine->n_rows + 1) * sizeof *scratch->busy);
    for (size_t i = 0; in->lane_end != NULL && i <= engine->n_rows; i++) {
        if (in->lane_end[i] > in->base) scratch->busy[i] = (size_t)(in->lane_end[i] - in->base);
    }
    for (size_t i = 0; (asks & SP_ASK_ADDRESSES) == 0 && i < engine->n_asked; i++)
        scratch->busy[engine->first_asked + i] = SIZE_MAX;
}

/* What detectors of the organisation find, among the others. */
static sp_status pass_custom(sp_pass *out, const sp_engine *engine, sp_scratch *scratch, const sp_pass_in *in,
                             bool is_whole)
{
    sp_findings *found = &scratch->raw_custom;
    sp_pass_in own = *in;
    if (engine->custom == NULL) return SP_OK;
    scratch->custom.tables_from = is_whole ? in->from : SIZE_MAX;
    if (in->lane_end != NULL) own.lane_end = in->lane_end + engine->n_rows + 1;
    found->n = 0;
    SP_TRY(sp_custom__pass(found, out, engine->custom, &scratch->custom, &own));
    for (size_t i = 0; i < found->n; i++) {
        found->v[i].kind = (uint8_t)engine->custom->kinds[found->v[i].detector].kind;
        found->v[i].detector += SP_DETECTOR_OWN;
    }
    return sp_findings__merge(&scratch->raw, found);
}

static sp_status pass_over_heads(sp_pass *out, const sp_engine *engine, sp_scratch *scratch,
                                 const sp_pass_in *in, sp_asks asks)
{
    *out = (sp_pass){NULL, 0, SIZE_MAX, false};
    if (in->text.n == 0) return SP_OK;
    if (in->text.n > UINT32_MAX) return SP_ERANGE;
    pass_prepare(engine, scratch, in, asks);
    sp_meter own = SP_METER_NEW;
    sp_value_memo values = {0};
    sp_pass_in metered = *in;
    if (in->meter == NULL) metered.meter = &own;
    sp_meter_allow(metered.meter, in->text.n);
    pass_state s = {
        .engine = engine,
        .scratch = scratch,
        .pass = out,
        .window = {in->text.p, in->text.n, in->is_last, false, 0, metered.meter, &values},
        .from = in->from,
    };
    sp_signs_init(&s.signs, in->text, on_sign, &s);
    SP_TRY(sp_heads_scan(&engine->heads, scratch->hs, in->text, on_head, &s));
    if (s.status != SP_OK) return s.status;
    sp_signs_upto(&s.signs, in->text.n);
    if (s.status != SP_OK) return s.status;
    SP_TRY(pass_custom(out, engine, scratch, &metered, (asks & SP_ASK_LINES) != 0));
    out->v = scratch->raw.v;
    out->n = scratch->raw.n;
    return SP_OK;
}

sp_status sp_engine__pass(sp_pass *out, const sp_engine *engine, sp_scratch *scratch, const sp_pass_in *in)
{
    return pass_over_heads(out, engine, scratch, in, SP_ASK_NO_MORE);
}

sp_status sp_engine__pass_addresses(sp_pass *out, const sp_engine *engine, sp_scratch *scratch,
                                    const sp_pass_in *in)
{
    return pass_over_heads(out, engine, scratch, in, SP_ASK_ADDRESSES);
}

/* Names, of each kind no more than of others. */
static sp_status find_names(sp_pass *pass, const sp_engine *engine, sp_scratch *scratch, const sp_pass_in *in)
{
    sp_findings *names = &scratch->names;
    SP_TRY(sp_names_scan(names, engine->words, in, engine->first_name));
    size_t n = 0;
    for (size_t i = 0; i < names->n; i++) {
        uint32_t *count = &scratch->count[names->v[i].kind];
        pass->is_full = pass->is_full || *count >= SP_PASS_MAX;
        if ((*count)++ < SP_PASS_MAX) names->v[n++] = names->v[i];
    }
    names->n = n;
    return n > 0 ? sp_findings__merge(&scratch->raw, names) : SP_OK;
}

static sp_status pass_for(sp_pass *out, const sp_engine *engine, sp_scratch *scratch, const sp_pass_in *in,
                          sp_asks asks)
{
    sp_meter own = SP_METER_NEW;
    sp_pass_in metered = *in;
    if (in->meter == NULL) metered.meter = &own;
    SP_TRY(pass_over_heads(out, engine, scratch, &metered, asks));
    if (in->text.n == 0 || (asks & SP_ASK_LINES) == 0) return SP_OK;
    SP_TRY(find_names(out, engine, scratch, &metered));
    out->v = scratch->raw.v;
    out->n = scratch->raw.n;
    return SP_OK;
}

sp_status sp_engine__pass_whole(sp_pass *out, const sp_engine *engine, sp_scratch *scratch,
                                const sp_pass_in *in)
{
    return pass_for(out, engine, scratch, in, SP_ASK_LINES);
}

sp_finding sp_engine__weigh(const sp_engine *engine, sp_scratch *scratch, sp_bytes text, sp_finding f)
{
    const sp_custom *custom = engine->custom;
    if (custom == NULL || sp_finding_is_allowed(&f)) return f;
    const sp_bytes value = sp_bytes_sub(text, f.start, f.end);
    const size_t row = sp_custom__allowed_by(custom, &scratch->custom, sp_finding_class(&f), value);
    if (row == custom->n) return f;
    f.kind = SP_KIND_OWN;
    f.confidence = SP_CONFIDENCE_ALLOWED;
    f.detector = (SP_DETECTOR_OWN + row) & (SP_DETECTORS_MAX - 1);
    return f;
}

sp_status sp_scan_for(sp_findings *out, const sp_engine *engine, sp_scratch *scratch, sp_bytes text,
                      sp_asks asks)
{
    sp_pass pass;
    SP_TRY(pass_for(&pass, engine, scratch, &(sp_pass_in){text, 0, true, 0, NULL, NULL, NULL}, asks));
    out->is_full = out->is_full || pass.is_full;
    if (pass.n == 0) return SP_OK;
    sp_chooser chooser;
    sp_cut cut;
    memset(&chooser, 0, sizeof chooser);
    sp_cut__begin(&cut, &pass, pass.n);
    for (size_t i = 0; i < pass.n; i++) {
        const sp_finding weighed = sp_engine__weigh(engine, scratch, text, pass.v[i]);
        SP_TRY(sp_chooser_offer(&chooser, out, sp_cut__next(&cut, pass.v[i], weighed), 0));
    }
    return SP_OK;
}

sp_status sp_scan(sp_findings *out, const sp_engine *engine, sp_scratch *scratch, sp_bytes text)
{
    return sp_scan_for(out, engine, scratch, text, SP_ASK_NO_MORE);
}

sp_status sp_scan_whole(sp_findings *out, const sp_engine *engine, sp_scratch *scratch, sp_bytes text)
{
    return sp_scan_for(out, engine, scratch, text, SP_ASK_LINES);
}

/* ---- the small models ---- */

sp_status sp_judge_injection(sp_judgement *out, const sp_engine *engine, sp_scratch *scratch, sp_bytes text,
                             sp_text_origin origin)
{
    const sp_judge_in in = {origin, scratch->patterns, scratch};
    return sp_judge__injection(out, &engine->judge, &in, text);
}

sp_status sp_judge_use_case(sp_proposal *out, const sp_engine *engine, sp_bytes text)
{
    return sp_model_propose(out, &engine->judge.use_case, text);
}

/* ---- for people ---- */

bool sp_detector_at(sp_detector *out, size_t i)
{
    static const char *const runs[] = {
        [SP_RUN_WORD] = "word", [SP_RUN_LINE] = "line", [SP_RUN_NUMBER] = "number"};
    _Static_assert(sizeof runs / sizeof runs[0] == SP_RUN_LIMIT, "a name for each class of run");
    static const sp_example none[] = {NULL};
    const sp_row *row = sp_row_at(i);
    if (row == NULL) return false;
    *out = (sp_detector){
        .name = row->name,
        .kind = (sp_kind)row->kind,
        .head = row->head != NULL ? row->head : sp_sign_pattern((sp_sign)row->sign),
        .shapes = row->shapes,
        .forms = row->forms,
        .words = row->near,
        .source = row->source,
        .run = runs[row->run],
        .examples = row->examples != NULL ? row->examples : none,
        .longest = row->longest,
        .sure = row->sure,
        .least = row->least,
        .is_whole = row->is_whole,
        .is_asked = row->is_asked,
        .is_checked = row->check != NULL,
    };
    return true;
}

bool sp_engine_detector(sp_detector *out, const sp_engine *engine, uint16_t detector)
{
    static const sp_example none[] = {NULL};
    const sp_custom *custom = engine->custom;
    const size_t row = (size_t)detector - SP_DETECTOR_OWN;
    if (detector < SP_DETECTOR_OWN) return sp_detector_at(out, detector);
    if (custom == NULL || row >= custom->n) return false;
    const sp_custom_detector *d = &custom->v[row];
    *out = (sp_detector){
        .name = d->name,
        .kind = custom->kinds[row].kind,
        .head = d->pattern,
        .shapes = d->shapes,
        .words = d->words,
        .run = "line",
        .examples = none,
        .longest = SP_CUSTOM_WIDTH_MAX,
        .sure = d->sure,
        .least = custom->rows[row].least,
        .is_checked = custom->rows[row].check != NULL,
    };
    return true;
}

static bool supported(sp_support *out, const sp_engine *engine, sp_window *w, const sp_match *m)
{
    sp_match own = *m;
    own.row = (uint16_t)(m->row - SP_DETECTOR_OWN);
    if (m->row >= SP_DETECTOR_OWN)
        return engine->custom != NULL && own.row < engine->custom->n &&
               sp_custom__support(out, engine->custom, w, &own);
    return m->row < engine->n_rows && engine->rows[m->row]->shapes != NULL &&
           (sp_number_support(out, &engine->numbers, w, m) || sp_number_heading(out, &engine->numbers, w, m));
}

void sp_finding_explain(sp_named_by *out, const sp_engine *engine, sp_bytes text, const sp_finding *f)
{
    sp_window w = {text.p, text.n, true, false, 0, NULL, NULL};
    const sp_match m = {f->start, f->end, f->confidence, f->detector};
    sp_support found;
    *out = (sp_named_by){0};
    if (f->view != 0 || !supported(&found, engine, &w, &m)) return;
    const bool is_behind = found.start >= f->end;
    out->start = found.start;
    out->end = found.end;
    out->distance = (uint8_t)(found.distance - (is_behind ? SP_EVIDENCE_BEHIND : 0));
    out->is_weak = found.weight == SP_WEIGHT_WEAK;
}
