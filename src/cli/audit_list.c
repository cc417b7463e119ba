/* `sallyport audit list`: one line per try of a request, put together from its intent and its end, and one
 * per act of an operator. Memory is bounded by the tries that have no end yet and by the lines that are asked
 * for, not by the length of the log. */
#include <stdlib.h>
#include <string.h>

#include "cli/audit_internal.h"

enum { BUCKETS = 4096, LIST_DEFAULT = 20 };

/* A try: the leaves that begin and end it, as they are; decoded when it is printed. */
typedef struct
try {
    struct try *next;
    uint8_t request_id[SP_REQUEST_ID_BYTES];
    uint8_t attempt;
    uint64_t at_ns;
    uint8_t *leaves; /* intent or refusal, then outcome or loss */
    size_t intent_bytes, end_bytes;
}
try;

typedef struct listing {
    try *open[BUCKETS];
    try **kept; /* ring of the last `cap` that ended and pass the filter */
    size_t n_kept, cap;
    bool is_all; /* grow instead */
    const char *app, *outcome;
    const sp_names *names;
} listing;

/* Both ends of a try, decoded; what is missing is zero. */
typedef struct view {
    sp_record intent, end;
    const char *outcome; /* "act": what an operator did, and no try */
} view;

static void try_free(try *t)
{
    if (t != NULL) {
        free(t->leaves);
        free(t);
    }
}

/* ---- what a try was ---- */

/* The one word by which tries are filtered. */
static const char *outcome_of(const sp_record *intent, const sp_record *end)
{
    if (intent->kind == SP_RECORD_REFUSAL) {
        return "deny";
    }
    if (end->kind == SP_RECORD_ACT) {
        return "act";
    }
    if (end->kind == SP_RECORD_NONE) {
        return "open";
    }
    if (end->kind == SP_RECORD_LOSS) {
        return "lost";
    }
    return end->status != SP_OK ? "failed" : sp_outcome_name((sp_outcome)intent->outcome);
}

static sp_status view_of(view *out, const try *t, sp_mem *mem)
{
    memset(out, 0, sizeof *out);
    if (t->intent_bytes > 0) {
        SP_TRY(sp_record_decode(&out->intent, (sp_bytes){t->leaves, t->intent_bytes}, mem));
    }
    if (t->end_bytes > 0) {
        SP_TRY(sp_record_decode(&out->end, (sp_bytes){t->leaves + t->intent_bytes, t->end_bytes}, mem));
    }
    out->outcome = outcome_of(&out->intent, &out->end);
    return SP_OK;
}

static bool passes(const listing *l, const view *v)
{
    const sp_bytes app = v->intent.application.n > 0 ? v->intent.application : v->end.application;
    return (l->app == NULL || sp_bytes_eq(app, sp_bytes_of(l->app))) &&
           (l->outcome == NULL || strcmp(l->outcome, v->outcome) == 0);
}

/* ---- collecting ---- */

static bool keep(listing *l, try *t)
{
    if (l->is_all && l->n_kept == l->cap) {
        const size_t more = l->cap == 0 ? 1024 : l->cap * 2;
        try **grown = reallocarray(l->kept, more, sizeof *grown);
        if (grown == NULL) {
            return false;
        }
        l->kept = grown;
        l->cap = more;
    }
    const size_t at = l->n_kept % l->cap;
    if (l->n_kept >= l->cap) {
        try_free(l->kept[at]);
    }
    l->kept[at] = t;
    l->n_kept++;
    return true;
}

/* A try that will not change any more: kept if it is wanted. Takes it. @return false without memory. */
static bool finish(listing *l, try *t)
{
    sp_arena arena;
    view v;
    sp_arena_init(&arena, (size_t)2 * AUDIT_RECORD_BYTES);
    const bool is_wanted = view_of(&v, t, &arena.mem) == SP_OK && passes(l, &v);
    sp_arena_fini(&arena);
    const bool is_kept = is_wanted && keep(l, t);
    if (!is_kept) {
        try_free(t);
    }
    return is_kept || !is_wanted;
}

static try **bucket_of(listing *l, const uint8_t id[SP_REQUEST_ID_BYTES])
{
    const size_t n = (size_t)id[SP_REQUEST_ID_BYTES - 1] << 8 | id[SP_REQUEST_ID_BYTES - 2];
    return &l->open[n % BUCKETS];
}

static try *take_open(listing *l, const sp_record *record)
{
    for (try **at = bucket_of(l, record->request_id); *at != NULL; at = &(*at)->next) {
        try *t = *at;
        if (t->attempt == record->attempt &&
            memcmp(t->request_id, record->request_id, sizeof t->request_id) == 0) {
            *at = t->next;
            return t;
        }
    }
    return NULL;
}

static bool append_leaf(try *t, sp_bytes leaf, size_t *bytes)
{
    const size_t have = t->intent_bytes + t->end_bytes;
    uint8_t *grown = realloc(t->leaves, have + leaf.n);
    if (grown == NULL) {
        return false;
    }
    memcpy(grown + have, leaf.p, leaf.n);
    t->leaves = grown;
    *bytes += leaf.n;
    return true;
}

static try *try_new(const sp_record *record)
{
    try *t = calloc(1, sizeof *t);
    if (t != NULL) {
        memcpy(t->request_id, record->request_id, sizeof t->request_id);
        t->attempt = record->attempt;
        t->at_ns = record->at_ns;
    }
    return t;
}

/* @return false without memory. */
static bool see(listing *l, const audit_walk *walk)
{
    const sp_record *r = &walk->record;
    const bool is_begin = r->kind == SP_RECORD_INTENT || r->kind == SP_RECORD_REFUSAL;
    if (r->kind == SP_RECORD_ANSWER) {
        return true;
    }
    /* An end without its beginning (an older part of the log is gone) is a line too. */
    try *t = is_begin ? NULL : take_open(l, r);
    if (t == NULL) {
        t = try_new(r);
    }
    if (t == NULL || !append_leaf(t, walk->entry.leaf, is_begin ? &t->intent_bytes : &t->end_bytes)) {
        try_free(t);
        return false;
    }
    if (r->kind != SP_RECORD_INTENT) {
        return finish(l, t);
    }
    try **bucket = bucket_of(l, t->request_id);
    t->next = *bucket;
    *bucket = t;
    return true;
}

static bool finish_open(listing *l)
{
    bool is_done = true;
    for (size_t i = 0; i < BUCKETS; i++) {
        while (l->open[i] != NULL) {
            try *t = l->open[i];
            l->open[i] = t->next;
            is_done = finish(l, t) && is_done;
        }
    }
    return is_done;
}

/* ---- printing ---- */

static int by_time(const void *a, const void *b)
{
    const try *const *x = a, *const *y = b;
    const int by_id = memcmp((*x)->request_id, (*y)->request_id, SP_REQUEST_ID_BYTES);
    if ((*x)->at_ns != (*y)->at_ns) {
        return (*x)->at_ns < (*y)->at_ns ? -1 : 1;
    }
    return by_id != 0 ? by_id : (*x)->attempt - (*y)->attempt;
}

static void put_pair(sp_buf *out, const char *name, sp_bytes s)
{
    sp_buf_append_byte(out, ',');
    cli__audit_put_text(out, name, s);
}

static void put_number(sp_buf *out, const char *name, uint64_t n)
{
    sp_buf_append_str(out, ",\"");
    sp_buf_append_str(out, name);
    sp_buf_append_str(out, "\":");
    sp_buf_append_u64(out, n);
}

static const sp_record *ended_by(const view *v)
{
    return v->intent.kind == SP_RECORD_REFUSAL ? &v->intent : &v->end;
}

static const char *status_of(const view *v)
{
    const sp_record *end = ended_by(v);
    if (end->kind == SP_RECORD_NONE || end->kind == SP_RECORD_ACT) {
        return "";
    }
    return end->status == SP_OK ? "ok" : sp_error_get((sp_status)end->status)->name;
}

/* Where it went: from the intent; from the end when the intent is gone. */
static sp_bytes either(sp_bytes a, sp_bytes b)
{
    return a.n > 0 ? a : b;
}

static void put_json(sp_buf *out, const try *t, const view *v, sp_bytes label)
{
    char id[2 * SP_REQUEST_ID_BYTES + 1];
    sp_hex_encode(id, (sp_bytes){t->request_id, sizeof t->request_id});
    sp_buf_append_byte(out, '{');
    cli__audit_put_text(out, "request_id", sp_bytes_of(id));
    put_number(out, "attempt", t->attempt);
    sp_buf_append_str(out, ",\"at\":\"");
    sp_time_append(out, t->at_ns);
    sp_buf_append_byte(out, '"');
    put_pair(out, "application", either(v->intent.application, v->end.application));
    put_pair(out, "use_case", v->intent.use_case);
    put_pair(out, "model", either(v->intent.model, v->end.model));
    put_pair(out, "destination", either(v->intent.destination, v->end.destination));
    put_pair(out, "tier",
             sp_bytes_of(sp_tier_name((sp_tier)(v->intent.tier != 0 ? v->intent.tier : v->end.tier))));
    put_pair(out, "label", label);
    put_pair(out, "outcome", sp_bytes_of(v->outcome));
    put_pair(out, "status", sp_bytes_of(status_of(v)));
    put_number(out, "http_status", ended_by(v)->http_status);
    put_number(out, "tokens_in", v->end.tokens_in);
    put_number(out, "tokens_out", v->end.tokens_out);
    put_number(out, "total_us", ended_by(v)->total_us);
    put_pair(out, "act", v->end.act);
    put_pair(out, "act_operator", v->end.act_operator);
    put_pair(out, "act_reason", v->end.kind == SP_RECORD_ACT ? v->end.stopped_reason : SP_BYTES_EMPTY);
    sp_buf_append_str(out, "}\n");
}

static void put_column(sp_buf *out, sp_bytes s, size_t width)
{
    sp_buf_append(out, s.n > 0 ? s : SP_LIT("-"));
    for (size_t i = s.n > 0 ? s.n : 1; i < width; i++) {
        sp_buf_append_byte(out, ' ');
    }
    sp_buf_append_byte(out, ' ');
}

static void put_outcome(sp_buf *out, const view *v)
{
    const bool is_good = strcmp(v->outcome, "allow") == 0 || strcmp(v->outcome, "reroute") == 0;
    const bool is_open = strcmp(v->outcome, "open") == 0 || strcmp(v->outcome, "act") == 0;
    sp_buf_append_str(out, cli_colour_code(stdout, is_good ? CLI_GREEN : (is_open ? CLI_DIM : CLI_RED)));
    put_column(out, sp_bytes_of(v->outcome), 7);
    sp_buf_append_str(out, cli_colour_code(stdout, CLI_PLAIN));
}

static void put_line(sp_buf *out, const try *t, const view *v, sp_bytes label)
{
    char id[2 * SP_REQUEST_ID_BYTES + 1];
    sp_hex_encode(id, (sp_bytes){t->request_id, sizeof t->request_id});
    sp_time_append(out, t->at_ns);
    sp_buf_append_byte(out, ' ');
    put_column(out, sp_bytes_of(id), 32);
    put_outcome(out, v);
    if (v->end.kind == SP_RECORD_ACT) {
        cli__audit_put_act(out, &v->end);
        sp_buf_append_byte(out, '\n');
        return;
    }
    put_column(out, either(v->intent.application, v->end.application), 12);
    put_column(out, either(v->intent.model, v->end.model), 12);
    put_column(out, either(v->intent.destination, v->end.destination), 12);
    put_column(out, label, 28);
    sp_buf_append_str(out, status_of(v));
    sp_buf_append_byte(out, '\n');
}

static int print_try(const listing *l, const try *t, bool is_json)
{
    sp_arena arena;
    view v;
    sp_arena_init(&arena, AUDIT_LINE_BYTES);
    sp_buf out = SP_BUF_IN(&arena.mem), label = SP_BUF_IN(&arena.mem);
    sp_status status = view_of(&v, t, &arena.mem);
    if (status == SP_OK && v.intent.kind != SP_RECORD_NONE) {
        sp_label_append(&label, v.intent.label, l->names);
        status = label.status;
    }
    if (status == SP_OK && is_json) {
        put_json(&out, t, &v, sp_buf_bytes(&label));
    } else if (status == SP_OK) {
        put_line(&out, t, &v, sp_buf_bytes(&label));
    }
    const int code = status == SP_OK ? cli_flush(stdout, &out) : cli_fail_status(status, NULL);
    sp_arena_fini(&arena);
    return code;
}

static int print_all(listing *l, bool is_json)
{
    const size_t n = l->n_kept < l->cap ? l->n_kept : l->cap;
    int code = CLI_OK;
    if (n > 0) {
        qsort(l->kept, n, sizeof *l->kept, by_time);
    }
    for (size_t i = 0; i < n && code == CLI_OK; i++) {
        code = print_try(l, l->kept[i], is_json);
    }
    return code;
}

static void listing_free(listing *l)
{
    const size_t n = l->n_kept < l->cap ? l->n_kept : l->cap;
    for (size_t i = 0; i < n; i++) {
        try_free(l->kept[i]);
    }
    for (size_t i = 0; i < BUCKETS; i++) {
        while (l->open[i] != NULL) {
            try *next = l->open[i]->next;
            try_free(l->open[i]);
            l->open[i] = next;
        }
    }
    free(l->kept);
    free(l);
}

/* ---- the command ---- */

static bool is_outcome(const char *word)
{
    static const char *const words[] = {"allow", "reroute", "deny", "failed", "open", "lost", "act"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(word, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

static int collect_and_print(listing *l, const cli_args *args, const cli_place *place)
{
    audit_walk walk;
    int code = cli__audit_open(&walk, place->ledger);
    if (code != CLI_OK) {
        return code;
    }
    bool is_done = true;
    while (is_done && cli__audit_next(&walk)) {
        is_done = see(l, &walk);
    }
    const int closed = cli__audit_close(&walk);
    is_done = is_done && finish_open(l);
    code = is_done ? print_all(l, cli_has(args, "json")) : cli_fail_status(SP_ENOMEM, NULL);
    return code != CLI_OK ? code : closed;
}

static listing *listing_new(const cli_args *args, uint64_t last)
{
    listing *l = calloc(1, sizeof *l);
    if (l == NULL) {
        return NULL;
    }
    l->app = cli_value(args, "app");
    l->outcome = cli_value(args, "outcome");
    l->is_all = last == 0;
    l->cap = (size_t)last;
    l->kept = last > 0 ? calloc((size_t)last, sizeof(try *)) : NULL;
    if (last > 0 && l->kept == NULL) {
        free(l);
        return NULL;
    }
    return l;
}

static int list(const cli_args *args, sp_mem *mem)
{
    cli_place place;
    uint64_t last;
    const char *outcome = cli_value(args, "outcome");
    int code = cli__audit_number(&last, args, "last", LIST_DEFAULT);
    if (code == CLI_OK && outcome != NULL && !is_outcome(outcome)) {
        code = cli_misuse(args->command, "unknown outcome (allow, reroute, deny, failed, open, lost, act)",
                          outcome);
    }
    code = code == CLI_OK ? cli_place_find(&place, args, mem) : code;
    if (code != CLI_OK) {
        return code;
    }
    listing *l = listing_new(args, last);
    if (l == NULL) {
        return cli_fail_status(SP_ENOMEM, NULL);
    }
    l->names = &place.names;
    code = collect_and_print(l, args, &place);
    listing_free(l);
    return code;
}

int cli__audit_list(const cli_args *args)
{
    return cli_with_memory(args, CLI_MEMORY_MAX, list);
}
