/* `sallyport policy try`: what another configuration would have made of the requests that are recorded. Reads
 * the ledger, changes nothing. */
#include <stdlib.h>
#include <string.h>

#include "cli/audit_internal.h"
#include "cli/dry.h"
#include "cli/policy.h"
#include "cli/policy_again.h"
#include "cli/table.h"
#include "conf/date.h"
#include "control/process.h"

enum { BUCKETS = 1024, RECORD_BYTES = 64 << 20, NS_PER_S = 1000000000, COUNT_COLUMN = 7, NAME_COLUMN = 16 };

/* Requests that change alike. */
typedef struct change {
    struct change *next; /* in its bucket */
    sp_bytes application, model;
    cli_ending from, to;
    uint64_t n;
} change;

typedef struct trial {
    const sp_snapshot *snapshot;
    uint64_t now_s, since_ns;
    sp_mem *mem; /* what is kept */
    change *buckets[BUCKETS];
    uint64_t n_requests, n_changed, n_changes;
} trial;

/* ---- counting ---- */

static bool is_same_ending(const cli_ending *a, const cli_ending *b)
{
    return a->status == b->status && sp_bytes_eq(a->destination, b->destination);
}

static bool is_same(const change *a, const change *b)
{
    return sp_bytes_eq(a->application, b->application) && sp_bytes_eq(a->model, b->model) &&
           is_same_ending(&a->from, &b->from) && is_same_ending(&a->to, &b->to);
}

/* FNV-1a: names are no secret and come from the ledger's own configuration. */
static uint32_t hash(uint32_t h, sp_bytes s)
{
    for (size_t i = 0; i < s.n; i++) h = (h ^ s.p[i]) * 16777619;
    return h;
}

static change **bucket_of(trial *t, const change *c)
{
    uint32_t h = hash(2166136261, c->application);
    h = hash(h, c->model);
    h = hash(h, c->from.destination);
    h = hash(h, c->to.destination);
    return &t->buckets[(h ^ (uint32_t)c->from.status ^ (uint32_t)c->to.status) % BUCKETS];
}

/* The record's memory goes with the next one; names of the snapshot stay. */
static sp_status keep(change **out, const change *c, sp_mem *mem)
{
    change *kept = sp_alloc(mem, 1, sizeof *kept);
    if (kept == NULL) {
        return SP_ENOMEM;
    }
    *kept = *c;
    SP_TRY(sp_bytes_copy(&kept->application, c->application, mem));
    SP_TRY(sp_bytes_copy(&kept->model, c->model, mem));
    SP_TRY(sp_bytes_copy(&kept->from.destination, c->from.destination, mem));
    *out = kept;
    return SP_OK;
}

static sp_status count(trial *t, const change *c)
{
    change **bucket = bucket_of(t, c);
    t->n_changed++;
    for (change *at = *bucket; at != NULL; at = at->next) {
        if (is_same(at, c)) {
            at->n++;
            return SP_OK;
        }
    }
    change *kept = NULL;
    SP_TRY(keep(&kept, c, t->mem));
    kept->n = 1;
    kept->next = *bucket;
    *bucket = kept;
    t->n_changes++;
    return SP_OK;
}

static sp_status see(trial *t, const sp_record *r)
{
    sp_arena arena;
    change c = {.application = r->application, .model = r->model};
    if (r->at_ns < t->since_ns || !cli_ending_of(&c.from, r)) {
        return SP_OK;
    }
    sp_arena_init(&arena, RECORD_BYTES);
    const sp_status status = cli_decide_again(&c.to, t->snapshot, r, t->now_s, &arena.mem);
    sp_arena_fini(&arena);
    SP_TRY(status);
    t->n_requests++;
    return is_same_ending(&c.from, &c.to) ? SP_OK : count(t, &c);
}

/* ---- order ---- */

/* What stops somebody's work first, then what opens a door, then what moves, to the cloud before all else. */
static unsigned rank(const change *c)
{
    const bool was_sent = c->from.status == SP_OK, is_sent = c->to.status == SP_OK;
    if (was_sent != is_sent) {
        return was_sent ? 0 : 1;
    }
    if (!was_sent) {
        return 4;
    }
    return c->from.tier != SP_TIER_CLOUD && c->to.tier == SP_TIER_CLOUD ? 2 : 3;
}

static int by_weight(const void *a, const void *b)
{
    const change *x = *(change *const *)a, *y = *(change *const *)b;
    if (rank(x) != rank(y)) {
        return rank(x) < rank(y) ? -1 : 1;
    }
    if (x->n != y->n) {
        return x->n > y->n ? -1 : 1;
    }
    const int order = sp_bytes_cmp(x->application, y->application);
    return order != 0 ? order : sp_bytes_cmp(x->model, y->model);
}

static change **in_order(trial *t)
{
    change **list = sp_alloc(t->mem, t->n_changes, sizeof *list);
    size_t n = 0;
    for (size_t i = 0; i < BUCKETS && list != NULL; i++) {
        for (change *c = t->buckets[i]; c != NULL; c = c->next) {
            list[n++] = c;
        }
    }
    if (n > 0) {
        qsort(list, n, sizeof *list, by_weight);
    }
    return list;
}

/* ---- printing ---- */

static void put_ending(sp_buf *out, const cli_ending *e)
{
    if (e->status == SP_OK) {
        sp_buf_append(out, e->destination);
        return;
    }
    sp_buf_append_str(out, "refused (");
    sp_buf_append_str(out, sp_error_get(e->status)->name);
    sp_buf_append_byte(out, ')');
}

static void put_change(sp_buf *out, const change *c)
{
    sp_buf number = SP_BUF_IN(out->mem);
    sp_buf_append_u64(&number, c->n);
    cli_put_column(out, sp_buf_bytes(&number), COUNT_COLUMN);
    cli_put_column(out, c->application, NAME_COLUMN);
    cli_put_column(out, c->model, NAME_COLUMN);
    put_ending(out, &c->from);
    sp_buf_append_str(out, " -> ");
    put_ending(out, &c->to);
    sp_buf_append_byte(out, '\n');
}

static void put_json_ending(sp_buf *out, const char *name, const cli_ending *e)
{
    const bool is_sent = e->status == SP_OK;
    cli_json_open(out, name, '{');
    cli_json_text(out, is_sent ? "destination" : "refused",
                  is_sent ? e->destination : sp_bytes_of(sp_error_get(e->status)->name));
    sp_buf_append_byte(out, '}');
}

static void put_json_change(sp_buf *out, const change *c)
{
    cli_json_open(out, NULL, '{');
    cli_json_number(out, "requests", c->n);
    cli_json_text(out, "application", c->application);
    cli_json_text(out, "model", c->model);
    put_json_ending(out, "from", &c->from);
    put_json_ending(out, "to", &c->to);
    sp_buf_append_byte(out, '}');
}

static void put_json(sp_buf *out, const trial *t, change *const *list)
{
    cli_json_open(out, NULL, '{');
    cli_json_number(out, "requests", t->n_requests);
    cli_json_number(out, "changed", t->n_changed);
    cli_json_open(out, "changes", '[');
    for (size_t i = 0; i < t->n_changes; i++) {
        put_json_change(out, list[i]);
    }
    sp_buf_append_str(out, "]}\n");
}

static void put_text(sp_buf *out, const trial *t, change *const *list)
{
    for (size_t i = 0; i < t->n_changes; i++) {
        put_change(out, list[i]);
    }
    sp_buf_append_u64(out, t->n_changed);
    sp_buf_append_str(out, " of ");
    sp_buf_append_u64(out, t->n_requests);
    sp_buf_append_str(out, t->n_requests == 1 ? " request would end elsewhere\n"
                                              : " requests would end elsewhere\n");
}

/* ---- the command ---- */

static int walk(trial *t, const cli_place *place)
{
    audit_walk walk;
    sp_status status = SP_OK;
    const int code = cli__audit_open(&walk, place->ledger);
    if (code != CLI_OK) {
        return code;
    }
    while (status == SP_OK && cli__audit_next(&walk)) {
        status = see(t, &walk.record);
    }
    const int closed = cli__audit_close(&walk);
    return status == SP_OK ? closed : cli_fail_status(status, NULL);
}

static int take_time(uint64_t *out, const cli_args *args, const char *name)
{
    const char *text = cli_value(args, name);
    if (text != NULL && !spc_date_parse(out, sp_bytes_of(text))) {
        return cli_misuse(args->command, "write a day or a second in UTC: 2027-01-31, 2027-01-31T18:00:00Z",
                          text);
    }
    return CLI_OK;
}

static int show(trial *t, const cli_args *args)
{
    sp_buf out = SP_BUF_IN(t->mem);
    change **list = in_order(t);
    if (list == NULL && t->n_changes > 0) {
        return cli_fail_status(SP_ENOMEM, NULL);
    }
    if (cli_has(args, "json")) {
        put_json(&out, t, list);
        return cli_flush(stdout, &out);
    }
    put_text(&out, t, list);
    return cli_flush_safe(stdout, &out);
}

static int try(const cli_args *args, sp_mem *mem)
{
    cli_place place;
    sp_snapshot snapshot;
    uint64_t since_s = 0;
    trial t = {.snapshot = &snapshot, .now_s = spd_wall_s(), .mem = mem};
    if (!cli_has(args, "config")) {
        return cli_misuse(args->command, "say which configuration is to be tried", "-c FILE");
    }
    int code = take_time(&since_s, args, "since");
    code = code == CLI_OK ? take_time(&t.now_s, args, "at") : code;
    code = code == CLI_OK ? cli_place_find(&place, args, mem) : code;
    if (code != CLI_OK) {
        return code;
    }
    t.since_ns = since_s < UINT64_MAX / NS_PER_S ? since_s * NS_PER_S : UINT64_MAX;
    const sp_status status = cli_dry_snapshot(&snapshot, place.conf, t.now_s, mem);
    if (status != SP_OK) {
        return cli_fail_status(status, cli_conf_path(args));
    }
    const int walked = walk(&t, &place);
    code = show(&t, args);
    return code == CLI_OK ? walked : code;
}

int cli__policy_try(const cli_args *args)
{
    return cli_with_memory(args, CLI_MEMORY_MAX, try);
}
